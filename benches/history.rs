//! What history costs: 1,000 signals for 24 h at 5 s, in memory and on the disk.
//! `cargo bench --bench history` prints memory, CPU a simulated second, bytes a sample on the disk,
//! and how long an event's commit takes between batches of samples.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;
use warroom::journal::{Asked, How, KEPT, Meta, Past, SampleLog, SqliteStore, Store as _};
use warroom::plan::binding::Binding;
use warroom::plan::{Plan, Threshold, Value, spoken};
use warroom::signal::{Sample, Series, Signals};

const SIGNALS: usize = 1_000;
const EVERY: i64 = 5;
const START: i64 = 1_800_000_000;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(START + second, 0).expect("a time of this century")
}

/// Noise from two numbers, 0 to 1.
fn noise(signal: usize, turn: i64) -> f64 {
    let mut x = (signal as u64) << 32 ^ turn as u64 ^ 0x9e37_79b9_7f4a_7c15;
    for _ in 0..3 {
        x = (x ^ x >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (x >> 11) as f64 / (1u64 << 53) as f64
}

/// A third of the signals are counts, a third rates of any value, a third hardly change.
fn value(signal: usize, turn: i64) -> f64 {
    match signal % 3 {
        0 => (noise(signal, turn) * 200.0).round(),
        1 => 50.0 + noise(signal, turn),
        _ => {
            if noise(signal, turn / 60) < 0.1 {
                0.0
            } else {
                1.0
            }
        }
    }
}

fn rss() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}

/// User and system time of this process.
fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<u64> = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace().skip(11).take(2).filter_map(|f| f.parse().ok()).collect())
        .unwrap_or_default();
    Duration::from_millis(fields.iter().sum::<u64>() * 10)
}

fn plan() -> Plan {
    let said = spoken::limit("m > 500% for 1m").expect("it is a limit");
    let limit = |n: usize| Threshold {
        id: format!("r{n}").as_str().into(),
        metric: format!("metric {n}x"),
        value: Some(Value::One(500.0)),
        severity: Some("P1".to_owned()),
        text: format!("r{n}"),
        ..said.clone()
    };
    Plan { thresholds: (0..SIGNALS).map(limit).collect(), ..Plan::default() }
}

fn binding() -> Binding {
    let mut text = "[[source]]\nname = 'p'\nkind = 'prometheus'\nurl = 'http://x'\nevery = 5.0\n".to_owned();
    for signal in 0..SIGNALS {
        text += &format!("[[signal]]\nname = 'metric {signal}x'\nsource = 'p'\nquery = 'm'\n");
    }
    toml::from_str(&text).expect("it is a binding")
}

/// `seconds` of all signals, judged once a second.
fn in_memory(name: &str, seconds: i64, every: i64) {
    let (plan, binding) = (plan(), binding());
    let (before, began) = (rss(), cpu());
    let mut signals = Signals::new(&plan, &binding);
    let mut crossed = 0;
    for second in 0..seconds {
        if second % every == 0 {
            let turn = second / every;
            (0..SIGNALS).for_each(|s| signals.take(s, &[Sample { at: at(second), value: value(s, turn) }]));
        }
        crossed += signals.evaluate(at(second), &|_| true).len();
    }
    let spent = (cpu() - began).as_secs_f64() / seconds as f64;
    println!("{name}");
    println!("{:>9.1} MB  more memory ({:.1} MB in all)", rss() - before, rss());
    println!(
        "{:>9.3} ms  of CPU a simulated second ({:.2} % of a core), {crossed} crossings",
        spent * 1e3,
        spent * 100.0
    );
    for (window, word) in [(300, "5 m"), (3_600, "1 h"), (21_600, "6 h"), (86_400, "24 h")] {
        let series = signals.series(1).expect("it is bound");
        let began = Instant::now();
        for _ in 0..1_000 {
            std::hint::black_box(series.columns(at(seconds - window), at(seconds), 240));
        }
        println!("{:>9.1} us  for a chart of {word}", began.elapsed().as_secs_f64() * 1e3);
    }
}

fn size(path: &Path) -> f64 {
    fs::metadata(path).map_or(0.0, |m| m.len() as f64)
}

fn on_disk(hours: i64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.db");
    let meta = Meta {
        id: "r".into(),
        plan: "/p".into(),
        environment: String::new(),
        created_ms: 0,
        closed_ms: None,
    };
    let mut store = SqliteStore::create(&path, &How::default(), &meta).expect("made").expect("new");
    let mut log = SampleLog::open(&path, KEPT).expect("opened");
    let asked: Vec<_> =
        (0..SIGNALS).map(|n| Asked { name: format!("metric {n}"), question: "q".into() }).collect();
    let (turns, mut longest, mut events) = (hours * 3_600 / EVERY, vec![], vec![]);
    let began = cpu();
    for turn in 0..turns {
        let now = at(turn * EVERY);
        // Asked a little early or late, as a poll is.
        let ms = |s: usize| now.timestamp_millis() + (noise(s + 7, turn) * 400.0) as i64 - 400;
        let points: Vec<[(i64, f64); 1]> = (0..SIGNALS).map(|s| [(ms(s), value(s, turn))]).collect();
        let batch: Vec<_> = asked.iter().zip(&points).map(|(a, p)| (a, &p[..])).collect();
        let began = Instant::now();
        log.append(&batch, now).expect("kept");
        log.tidy(now).expect("tidied");
        longest.push(began.elapsed());
        if turn % 50 == 0 {
            let began = Instant::now();
            store.append(store.head().seq, &["{}".repeat(100)]).expect("stored");
            events.push(began.elapsed());
        }
    }
    let spent = (cpu() - began).as_secs_f64() / (hours * 3_600) as f64;
    let samples = (turns as usize * SIGNALS) as f64;
    let bytes = size(&path) + size(&path.with_extension("db-wal"));
    println!("on the disk, {hours} h of 1,000 signals at 5 s");
    println!(
        "{:>9.2} B   a sample ({:.0} MB, {:.0} MB in 48 h)",
        bytes / samples,
        bytes / 1e6,
        bytes / 1e6 * 48.0 / hours as f64
    );
    println!("{:>9.3} ms  of CPU a simulated second ({:.2} % of a core)", spent * 1e3, spent * 100.0);
    spread("a batch of 1,000 samples", longest);
    spread("an event's commit between them", events);
    drop(log);
    let mut log = SampleLog::open(&path, KEPT).expect("opened");
    let end = at(hours * 3_600);
    let points: Vec<[(i64, f64); 1]> =
        (0..SIGNALS).map(|s| [(end.timestamp_millis(), value(s, turns))]).collect();
    let batch: Vec<_> = asked.iter().zip(&points).map(|(a, p)| (a, &p[..])).collect();
    let began = Instant::now();
    log.append(&batch, end).expect("kept");
    println!("{:>9.1} ms  for the first batch after a start", began.elapsed().as_secs_f64() * 1e3);
    let began = Instant::now();
    let reader = Past::at(&path).open().expect("opened").expect("there");
    println!("{:>9.1} ms  to open it", began.elapsed().as_secs_f64() * 1e3);
    let began = Instant::now();
    let mut count = 0;
    for (id, _) in reader.series().expect("read") {
        let mut series = Series::default();
        let end = at(hours * 3_600);
        for sample in reader.samples(id, end - TimeDelta::hours(24), end).expect("read") {
            count += usize::from(series.push(sample));
        }
    }
    println!("{:>9.2} s   to read {count} samples into charts", began.elapsed().as_secs_f64());
}

fn spread(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{:>9.2} ms  p50, {:.2} ms p99, {:.2} ms at most: {what}", at(0.5), at(0.99), at(1.0));
}

/// A row a sample, for comparison.
fn as_rows(hours: i64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.db");
    let mut conn = Connection::open(&path).expect("opened");
    let sql = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        CREATE TABLE sample (series INTEGER, at INTEGER, value REAL, PRIMARY KEY (series, at)) WITHOUT ROWID";
    conn.execute_batch(sql).expect("made");
    let (turns, mut times) = (hours * 3_600 / EVERY, vec![]);
    for turn in 0..turns {
        let began = Instant::now();
        let tx = conn.transaction().expect("begun");
        let mut insert = tx.prepare_cached("INSERT INTO sample VALUES (?1, ?2, ?3)").expect("prepared");
        for signal in 0..SIGNALS {
            insert
                .execute((signal as i64, at(turn * EVERY).timestamp_millis(), value(signal, turn)))
                .expect("kept");
        }
        drop(insert);
        tx.commit().expect("committed");
        times.push(began.elapsed());
    }
    println!("a row a sample instead, {hours} h");
    println!("{:>9.2} B   a sample", size(&path) / (turns as usize * SIGNALS) as f64);
    spread("a batch of 1,000 samples", times);
}

fn main() {
    in_memory("in memory, 3,600 points each at 1 s", 3_600, 1);
    in_memory("in memory, 24 h at 5 s", 24 * 3_600, EVERY);
    as_rows(1);
    on_disk(6);
}
