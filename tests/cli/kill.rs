//! `kill -9` at any instant: what was acknowledged is there, and the chain holds.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::DateTime;
use serde_json::Value;
use warroom::journal::{Asked, How, KEPT, Meta, Past, SampleLog, SqliteStore, Store as _};

use super::stage::Stage;

/// Cycles in the test suite; more with `WARROOM_KILL_CYCLES=5000 cargo test --test cli kill`.
const CYCLES: usize = 300;

/// A plan of so many items.
fn plan(items: usize) -> String {
    let lines: String = (0..items).map(|n| format!("- [ ] Item number {n:04}\n")).collect();
    format!("# Launch\n\n## Pre-flight\n\n{lines}")
}

#[test]
fn no_acknowledged_tick_is_lost_and_no_chain_breaks() {
    let cycles = std::env::var("WARROOM_KILL_CYCLES").ok().and_then(|n| n.parse().ok()).unwrap_or(CYCLES);
    let stage = Stage::new();
    stage.write(&plan(40));
    stage.ok(&["note", "PLAN", "made"]);
    let mut acknowledged: HashSet<(u64, String)> = HashSet::new();
    for cycle in 0..cycles {
        let verb = if cycle % 2 == 0 { "tick" } else { "untick" };
        acknowledged.extend(killed(&stage, verb, cycle));
    }
    assert!(acknowledged.len() > cycles, "the kills left time for ticks: {}", acknowledged.len());
    let log = stage.ok(&["log", "PLAN", "--json"]);
    let entries: Vec<Value> = log.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let on_disk: HashSet<(u64, String)> = entries
        .iter()
        .filter_map(|e| Some((e["seq"].as_u64()?, e["text"].as_str().unwrap_or_default().to_owned())))
        .collect();
    let lost: Vec<_> = acknowledged.difference(&on_disk).collect();
    assert!(lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), acknowledged.len());
    let seqs: Vec<_> = entries.iter().map(|e| e["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    stage.ok(&["note", "PLAN", "and it goes on"]);
}

/// Ticks everything in one process that is killed somewhere on the way; what it acknowledged.
fn killed(stage: &Stage, verb: &str, cycle: usize) -> Vec<(u64, String)> {
    let items: Vec<String> = (0..40).map(|n| format!("Item number {n:04}")).collect();
    let mut args = vec![verb, "PLAN"];
    // Starts at another item each time; those that stand so already are refused and passed over.
    args.extend(items.iter().map(String::as_str).cycle().skip(cycle * 7 % 40).take(40));
    let mut child = stage.command(&args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut told = String::new();
    // Somewhere between before the first commit and after the last. How far it comes on a slow machine
    // is known by what it says; from there on the instant itself is what is tried.
    for _ in 0..cycle % 12 {
        out.read_line(&mut told).unwrap();
    }
    let before_the_first = if cycle.is_multiple_of(12) { 24_000 } else { 3_000 };
    std::thread::sleep(Duration::from_micros((cycle as u64 * 7_919) % before_the_first));
    child.kill().unwrap();
    child.wait().unwrap();
    out.read_to_string(&mut told).unwrap();
    told.lines().filter_map(acknowledged).collect()
}

/// `    12  1e08ba6d  ticked Item number 0007` as place and text; a line cut off is none.
fn acknowledged(line: &str) -> Option<(u64, String)> {
    let (seq, rest) = line.trim_start().split_once("  ")?;
    let (_, text) = rest.split_once("ticked ")?;
    if text.len() < "Item number 0000".len() {
        return None;
    }
    Some((seq.parse().ok()?, text.to_owned()))
}

/// Not a test: what [`no_event_is_lost_and_samples_only_the_last`] kills. Writes a row of samples,
/// then an event, and says both.
#[test]
#[ignore = "runs until it is killed"]
fn keeps_samples_until_killed() {
    let Some(path) = std::env::var_os("WARROOM_KILL_FILE") else { return };
    let mut store = SqliteStore::open(path.as_ref(), &How::default()).unwrap();
    let mut log = SampleLog::open(path.as_ref(), KEPT).unwrap();
    while !store.after(store.head().seq).unwrap().is_empty() {}
    let asked: Vec<_> = (0..50).map(|n| Asked { name: format!("s{n}"), question: "q".to_owned() }).collect();
    loop {
        let turn = store.head().seq as i64;
        let points = [(turn * 1_000, turn as f64)];
        let now = DateTime::from_timestamp(turn, 0).unwrap();
        log.append(&asked.iter().map(|a| (a, &points[..])).collect::<Vec<_>>(), now).unwrap();
        log.tidy(now).unwrap();
        store.append(turn as u64, &[format!("{{\"turn\":{turn}}}")]).unwrap();
        println!("kept {turn}");
    }
}

#[test]
fn no_event_is_lost_and_samples_only_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let meta = Meta {
        id: "r".into(),
        plan: "/p".into(),
        environment: String::new(),
        created_ms: 0,
        closed_ms: None,
    };
    drop(SqliteStore::create(&path, &How::default(), &meta).unwrap().unwrap());
    let mut said = 0;
    for cycle in 0..30u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::keeps_samples_until_killed", "--ignored", "--nocapture"])
            .env("WARROOM_KILL_FILE", &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut told = String::new();
        // Past the first event, so that every cycle adds something; then any instant.
        while !told.contains("kept ") && out.read_line(&mut told).unwrap() > 0 {}
        std::thread::sleep(Duration::from_micros(cycle * 7_919 % 60_000));
        child.kill().unwrap();
        child.wait().unwrap();
        out.read_to_string(&mut told).unwrap();
        let whole = told.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let last = whole.lines().filter_map(|l| l.split_once("kept ")?.1.parse::<i64>().ok()).max();
        said = last.unwrap_or_else(|| panic!("it wrote nothing: {told}")).max(said);
        let mut store = SqliteStore::open(&path, &How::default()).unwrap();
        while !store.after(store.head().seq).unwrap().is_empty() {}
        assert!(store.head().seq as i64 > said, "cycle {cycle}: event {said} was acknowledged");
        let reader = Past::at(&path).open().unwrap().unwrap();
        let (from, to) = (DateTime::UNIX_EPOCH, DateTime::from_timestamp(1_000_000, 0).unwrap());
        for (id, asked) in reader.series().unwrap() {
            let kept: Vec<i64> =
                reader.samples(id, from, to).unwrap().iter().map(|s| s.at.timestamp()).collect();
            let all: Vec<i64> = (0..kept.len() as i64).collect();
            assert!(
                kept == all && kept.len() as i64 > said,
                "cycle {cycle}, {}: {} of {said}",
                asked.name,
                kept.len()
            );
        }
    }
    assert!(said > 200, "enough was gathered into chunks: {said}");
}
