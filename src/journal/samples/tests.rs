//! Samples on the disk: kept once, gathered, forgotten, read by others while they are written.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;

use super::*;
use crate::journal::{
    How, JournalError, Lease, Meta, Open, OpenedAs, Options, Report, Scribe, SqliteStore, Store, chain,
    schema,
};
use crate::plan::Plan;
use crate::signal::Sample;

const START: i64 = 1_800_000_000;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(START + second, 0).unwrap()
}

fn point(second: i64, value: f64) -> (i64, f64) {
    (at(second).timestamp_millis(), value)
}

fn asked(name: &str) -> Asked {
    Asked { name: name.to_owned(), question: "q".to_owned() }
}

fn meta() -> Meta {
    Meta { id: "r".into(), plan: "/p.md".into(), environment: String::new(), created_ms: 0, closed_ms: None }
}

struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    fn new() -> Self {
        let ground = Self { folder: tempfile::tempdir().unwrap() };
        SqliteStore::create(&ground.path(), &How::default(), &meta()).unwrap().unwrap();
        ground
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("x.db")
    }

    fn log(&self) -> SampleLog {
        SampleLog::open(&self.path(), KEPT).unwrap()
    }

    fn reader(&self) -> Reader {
        Past::at(&self.path()).open().unwrap().unwrap()
    }

    fn count(&self, table: &str) -> i64 {
        let conn = Connection::open(self.path()).unwrap();
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }
}

/// What a reader has of a series, in seconds since the start.
fn read(reader: &Reader, name: &str) -> Vec<(i64, f64)> {
    let series = reader.series().unwrap();
    let Some((id, _)) = series.iter().find(|(_, a)| a.name == name) else { return vec![] };
    let samples = reader.samples(*id, at(-1_000_000), at(1_000_000)).unwrap();
    samples.iter().map(|s: &Sample| (s.at.timestamp() - START, s.value)).collect()
}

#[test]
fn rows_become_chunks_and_nothing_is_lost_or_doubled() {
    let ground = Ground::new();
    let (mut log, (a, b)) = (ground.log(), (asked("a"), asked("b")));
    let mut want = vec![];
    for turn in 0..500 {
        let second = turn * 5;
        want.push((second, turn as f64 / 7.0));
        let mine = [point(second, turn as f64 / 7.0)];
        log.append(&[(&a, &mine), (&b, &[point(second, 1.0), point(second + 1, f64::NAN)])], at(second + 2))
            .unwrap();
        log.tidy(at(second + 2)).unwrap();
    }
    assert_eq!(read(&ground.reader(), "a"), want);
    assert_eq!(read(&ground.reader(), "b").len(), 1_000);
    assert!(ground.count("sample_chunk") >= 6 && ground.count("sample_row") < 140, "they were gathered");
    // A history that is asked for again is not kept again, whatever its times.
    let again: Vec<_> = (0..200).map(|s| point(s * 11 + 3, 5.0)).collect();
    log.append(&[(&a, &again)], at(2_500)).unwrap();
    assert_eq!(read(&ground.reader(), "a"), want);
    // Nor by another process, which has to look.
    ground.log().append(&[(&a, &again), (&a, &[point(2_501, 9.0)])], at(2_502)).unwrap();
    want.push((2_501, 9.0));
    assert_eq!(read(&ground.reader(), "a"), want);
}

#[test]
fn another_question_is_another_series() {
    let ground = Ground::new();
    let other = Asked { question: "p".to_owned(), ..asked("a") };
    ground.log().append(&[(&asked("a"), &[point(0, 1.0)]), (&other, &[point(0, 2.0)])], at(1)).unwrap();
    let series = ground.reader().series().unwrap();
    assert_eq!(series.iter().map(|(_, a)| a.question.as_str()).collect::<Vec<_>>(), ["q", "p"]);
}

#[test]
fn what_is_old_is_forgotten_step_by_step() {
    let ground = Ground::new();
    let mut log = SampleLog::open(&ground.path(), TimeDelta::hours(1)).unwrap();
    for turn in 0..400 {
        let all: Vec<_> = (0..40).map(|n| asked(&format!("s{n}"))).collect();
        let mine = [point(turn * 30, 1.0)];
        let batch: Vec<_> = all.iter().map(|a| (a, &mine[..])).collect();
        log.append(&batch, at(turn * 30)).unwrap();
        log.tidy(at(turn * 30)).unwrap();
    }
    for _ in 0..10 {
        log.tidy(at(12_000)).unwrap();
    }
    for name in ["s0", "s17", "s39"] {
        let kept = read(&ground.reader(), name);
        // A chunk goes as a whole, so some are older.
        assert!(kept[0].0 > 12_000 - 3_600 - 150 * 30 && kept[0].0 <= 8_400, "{name}: from {}", kept[0].0);
        assert_eq!(kept.last().unwrap().0, 399 * 30);
    }
    for _ in 0..10 {
        log.tidy(at(100_000)).unwrap();
    }
    assert_eq!((ground.count("sample_chunk"), ground.count("sample_row")), (0, 0));
}

#[test]
fn others_read_on_while_it_is_written() {
    let ground = Ground::new();
    let mut log = ground.log();
    log.append(&[(&asked("a"), &[point(0, 1.0)])], at(1)).unwrap();
    let mut reader = ground.reader();
    assert_eq!(read(&reader, "a"), [(0, 1.0)]);
    assert_eq!(reader.tail().unwrap(), []);
    for turn in 1..300 {
        log.append(&[(&asked("a"), &[point(turn * 5, 1.0)])], at(turn * 5)).unwrap();
        log.tidy(at(turn * 5)).unwrap();
        let new = reader.tail().unwrap();
        assert_eq!((new.len(), new[0].1[0].at), (1, at(turn * 5)), "turn {turn}");
    }
    assert_eq!(read(&reader, "a").len(), 300, "also what became chunks behind its back");
}

#[test]
fn whoever_only_reads_on_holds_nothing_of_it() {
    let ground = Ground::new();
    let mut log = ground.log();
    log.append(&[(&asked("a"), &[point(0, 1.0), point(5, 2.0)])], at(6)).unwrap();
    let mut reader = ground.reader();
    let lately = reader.newest(at(3));
    assert_eq!(lately.iter().map(|(_, s)| (s.len(), s[0].at)).collect::<Vec<_>>(), [(1, at(5))]);
    assert_eq!(reader.news().unwrap(), [], "that was read at the opening");
    for turn in 2..300 {
        log.append(&[(&asked("a"), &[point(turn * 5, 1.0)])], at(turn * 5)).unwrap();
        log.tidy(at(turn * 5)).unwrap();
        let new = reader.news().unwrap();
        assert_eq!((new.len(), new[0].1[0].at), (1, at(turn * 5)), "turn {turn}");
        assert_eq!(reader.newest(at(0)), [], "turn {turn}");
    }
}

#[test]
fn a_clock_that_was_wrong_does_not_stop_it() {
    let ground = Ground::new();
    let mut log = ground.log();
    log.append(&[(&asked("a"), &[point(0, 1.0), point(9_000, 2.0)])], at(1)).unwrap();
    assert_eq!(read(&ground.reader(), "a"), [(0, 1.0)], "what claims to come from the future is refused");
    log.append(&[(&asked("a"), &[point(7_200, 3.0)])], at(7_200)).unwrap();
    log.append(&[(&asked("a"), &[point(60, 4.0)])], at(60)).unwrap();
    assert_eq!(read(&ground.reader(), "a"), [(0, 1.0), (60, 4.0), (7_200, 3.0)], "the clock was set back");
}

#[test]
fn a_full_disk_takes_samples_and_leaves_events() {
    let ground = Ground::new();
    let mut store = SqliteStore::open(&ground.path(), &How::default()).unwrap();
    let mut log = ground.log();
    log.limit_pages(16);
    let lot: Vec<_> = (0..200_000).map(|s| point(s - 200_000, (s as f64).sqrt())).collect();
    let error = log.append(&[(&asked("a"), &lot)], at(1)).unwrap_err();
    assert!(matches!(error, JournalError::Full { .. }), "{error}");
    store.append(0, &["{}".to_owned()]).unwrap();
    log.append(&[(&asked("a"), &[point(0, 1.0)])], at(1)).unwrap();
    assert_eq!(read(&ground.reader(), "a"), [(0, 1.0)], "all of it or nothing");
}

#[test]
fn a_damaged_chunk_is_a_gap() {
    let ground = Ground::new();
    let mut log = ground.log();
    for turn in 0..300 {
        log.append(&[(&asked("a"), &[point(turn, 1.0)])], at(turn)).unwrap();
        log.tidy(at(turn)).unwrap();
    }
    let conn = Connection::open(ground.path()).unwrap();
    conn.execute(
        "UPDATE sample_chunk SET bytes = x'ffffffffffffffff' WHERE last_ms < ?1",
        [point(140, 0.0).0],
    )
    .unwrap();
    let kept = read(&ground.reader(), "a");
    assert!(kept.len() > 100 && kept.len() < 300 && kept[0].0 > 0, "{}", kept.len());
}

/// A journal as the program before samples made it, with an event.
fn old(path: &Path) {
    let mut conn = Connection::open(path).unwrap();
    schema::set_up(&conn).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    schema::migrate(&mut conn, &schema::STEPS[..1]).unwrap();
    let records = chain::extend(chain::Head::default(), &["{\"a\":1}".to_owned()]);
    conn.execute("INSERT INTO room VALUES (1, 'r', x'2f', '', 0, NULL)", []).unwrap();
    let sql = "INSERT INTO event (seq, text, hash) VALUES (1, ?1, ?2)";
    conn.execute(sql, (&records[0].text, records[0].hash)).unwrap();
}

#[test]
fn an_older_journal_gets_its_tables_and_keeps_its_events() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    old(&path);
    assert!(Past::at(&path).open().unwrap().is_none(), "looking at it changes nothing");
    let mut store = SqliteStore::open(&path, &How::default()).unwrap();
    assert_eq!(store.opened_as(), &OpenedAs::Writable);
    assert_eq!(store.after(0).unwrap().len(), 1);
    store.append(1, &["{}".to_owned()]).unwrap();
    let mut log = store.samples(KEPT).unwrap().unwrap();
    log.append(&[(&asked("a"), &[point(0, 1.0)])], at(1)).unwrap();
    assert_eq!(read(&Past::at(&path).open().unwrap().unwrap(), "a"), [(0, 1.0)]);
    assert!(path.with_extension("db.v1").exists(), "the file it started from is kept");
}

#[test]
fn a_text_is_remembered_under_its_name() {
    let ground = Ground::new();
    let mut log = ground.log();
    log.remember("rules", "one").unwrap();
    log.remember("rules", "two").unwrap();
    assert_eq!(ground.reader().remembered("rules").unwrap().as_deref(), Some("two"));
    assert_eq!(ground.reader().remembered("other").unwrap(), None);
}

/// A scribe over the ground's journal that has the watch, and what it reports.
fn scribe(ground: &Ground, watch: bool) -> (Scribe, Receiver<Report>) {
    let (path, (sender, reports)) = (ground.path(), channel());
    let open: Open =
        Box::new(move || Ok((Box::new(SqliteStore::open(&path, &How::default())?), "x".to_owned())));
    let options = Options { watch, ..Options::new("ana") };
    let read = Box::new(|_: &[u8]| Plan::default());
    (Scribe::start(open, read, options, move |report| drop(sender.send(report))), reports)
}

fn await_<T>(reports: &Receiver<Report>, pick: impl Fn(Report) -> Option<T>) -> T {
    loop {
        let report = reports.recv_timeout(Duration::from_secs(20)).expect("the report comes");
        if let Some(found) = pick(report) {
            return found;
        }
    }
}

#[test]
fn who_has_the_watch_keeps_what_is_measured_and_says_where() {
    let ground = Ground::new();
    let text = "[[source]]\nname = 'p'\nkind = 'prometheus'\nurl = 'http://x'\n\
        [[signal]]\nname = 'a'\nsource = 'p'\nquery = 'e'\n";
    let binding: Binding = toml::from_str(text).unwrap();
    let now = Utc::now();
    let samples = [Sample { at: now, value: 4.0 }];
    for watch in [false, true] {
        let (scribe, reports) = scribe(&ground, watch);
        let past = await_(&reports, |r| if let Report::Past { past, .. } = r { Some(past) } else { None });
        assert_eq!(past, Past::at(&ground.path()));
        if watch {
            await_(&reports, |r| matches!(r, Report::Watch(Lease::Mine { .. })).then_some(()));
        }
        scribe.measured(&binding);
        scribe.keep(0, &samples);
        assert!(scribe.close(Duration::from_secs(20)));
        assert_eq!(ground.count("sample_row"), i64::from(watch));
    }
    let reader = ground.reader();
    let (id, asked) = reader.series().unwrap().remove(0);
    assert_eq!(asked, Asked::of(&binding.signals[0]));
    let kept = reader.samples(id, now - TimeDelta::seconds(1), now).unwrap();
    assert_eq!(kept.iter().map(|s| s.value).collect::<Vec<_>>(), [4.0]);
}
