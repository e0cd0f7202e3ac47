//! What was not measured between two sessions comes from the source's own history.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::session::{session, until};
use crate::app::{App, Keymap};
use crate::journal::{Asked, SampleLog};
use crate::journal::{How, KEPT, Meta, Past, SqliteStore};
use crate::plan::binding::Binding;

const PLAN: &str = "\
# Launch

## Alerts

| Severity | Condition |
|---|---|
| P1 | Error rate > 5% |
";

/// The source has a point a minute.
const MINUTE: i64 = 60_000;

/// A Prometheus that knows everything, and what it was asked.
fn prometheus() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(vec![])));
    let heard = asked.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let heard = heard.clone();
            thread::spawn(move || answer(stream, &heard));
        }
    });
    (address, asked)
}

fn answer(mut stream: TcpStream, heard: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        match reader.read_line(&mut head) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    let line = head.lines().next().unwrap().to_owned();
    let body = match line.contains("query_range") {
        true => range(parameter(&line, "start"), parameter(&line, "end")),
        false => vector(),
    };
    heard.lock().unwrap().push(line);
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
}

fn parameter(line: &str, name: &str) -> f64 {
    let after = line.split(&format!("&{name}=")).nth(1).unwrap();
    after.split(['&', ' ']).next().unwrap().parse().unwrap()
}

fn vector() -> String {
    let now = Utc::now().timestamp_millis() as f64 / 1e3;
    format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[{now},"1"]}}]}}}}"#
    )
}

/// As the real one: points from the very start on.
fn range(start: f64, end: f64) -> String {
    let count = ((end - start) * 1e3 / MINUTE as f64) as i64;
    let points: Vec<String> =
        (0..=count).map(|n| format!("[{:.3},\"2\"]", start + (n * 60) as f64)).collect();
    let points = points.join(",");
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{points}]}}]}}}}"#
    )
}

fn binding(address: SocketAddr) -> Binding {
    toml::from_str(&format!(
        r#"
        source = [{{ name = "p", kind = "prometheus", url = "http://{address}", every = 1 }}]
        signal = [{{ name = "Error rate", source = "p", query = "e" }}]"#
    ))
    .unwrap()
}

/// The longest time between two of these, and whether a time is there twice.
fn gaps(times: &[DateTime<Utc>]) -> (TimeDelta, bool) {
    let steps: Vec<TimeDelta> = times.windows(2).map(|two| two[1] - two[0]).collect();
    let twice = steps.iter().any(|step| *step <= TimeDelta::zero());
    (steps.into_iter().max().unwrap_or(TimeDelta::MAX), twice)
}

#[test]
fn two_hours_without_anybody_are_filled_from_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("room.db");
    let (address, heard) = prometheus();
    let bound = binding(address);
    let meta = Meta {
        id: "r".into(),
        plan: "/launch.md".into(),
        environment: String::new(),
        created_ms: 0,
        closed_ms: None,
    };
    drop(SqliteStore::create(&path, &How::default(), &meta).unwrap());
    let (asked, began) = (Asked::of(&bound.signals[0]), Utc::now());
    let left = began - TimeDelta::hours(2);
    let before: Vec<(i64, f64)> =
        (0..30).rev().map(|n| (left.timestamp_millis() - n * MINUTE, 3.0)).collect();
    SampleLog::open(&path, KEPT).unwrap().append(&[(&asked, &before)], began).unwrap();

    let mut engine = session(folder.path(), PLAN, bound);
    let filled = |times: &[DateTime<Utc>]| {
        times.len() >= 30 + 119 + 2 && gaps(times).0 <= TimeDelta::milliseconds(MINUTE + 2_000)
    };
    until(&mut engine, "the gap is filled in memory", |e| {
        let times: Vec<_> =
            e.app.gauges.series(0).into_iter().flat_map(|s| s.samples()).map(|s| s.at).collect();
        filled(&times)
    });
    let started = Instant::now();
    let mut kept = vec![];
    until(&mut engine, "and on the disk", |_| {
        if started.elapsed() < Duration::from_millis(500) {
            return false;
        }
        let reader = Past::at(&path).open().unwrap().unwrap();
        let series = reader.series().unwrap()[0].0;
        kept = reader.samples(series, began - TimeDelta::hours(24), Utc::now()).unwrap();
        filled(&kept.iter().map(|s| s.at).collect::<Vec<_>>())
    });
    let times: Vec<_> = kept.iter().map(|s| s.at).collect();
    assert!(!gaps(&times).1, "nothing is there twice: {times:?}");
    assert_eq!(kept.iter().filter(|s| s.value == 3.0).count(), 30, "what was measured stays");
    let heard = heard.lock().unwrap();
    let range: Vec<_> = heard.iter().filter(|line| line.contains("query_range")).collect();
    assert_eq!(range.len(), 1, "{range:?}");
    let from = left.timestamp_millis() as f64 / 1e3;
    assert!((parameter(range[0], "start") - from).abs() < 0.002, "{}", range[0]);
}

#[test]
fn samples_that_cannot_be_looked_up_delay_nothing_for_long() {
    let (address, heard) = prometheus();
    let mut outside =
        super::outside::Outside::new(Some(super::Reach { binding: binding(address), ..Default::default() }));
    let plan = Arc::new(crate::plan::read(PLAN.as_bytes(), "launch"));
    let app = App::new(plan, super::session::ana(), Keymap::default(), chrono_tz::UTC, Utc::now());
    let began = Instant::now();
    assert!(outside.start().is_some());
    assert!(outside.ask(&app).is_empty());
    while heard.lock().unwrap().is_empty() {
        assert!(began.elapsed() < super::session::LONG, "nobody says what is known, and it starts");
        match outside.try_recv() {
            Some(came) => drop(outside.message(came)),
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
}
