//! A long journal opened by scribes that show first what was kept: true, false, and over a broken chain.

use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

use chrono::DateTime;
use rusqlite::Connection;

use super::glimpse::STEP;
use super::*;
use crate::plan;
use crate::room::{Event, Fact, Room, Subject};

const PLAN: &[u8] = b"# Launch\n\n## Pre-flight\n\n- [ ] Back up\n";
const GENEROUS: Duration = Duration::from_secs(60);

fn texts(from: usize, count: usize) -> Vec<String> {
    let event = |n: usize| match n {
        0 => Event::RoomOpened {
            room: "long".into(),
            plan_path: "/p.md".into(),
            environment: "production".into(),
            version: "0".into(),
        },
        1 => Event::PlanAdopted { digest: chain::digest(PLAN), title: "Launch".into(), carried: None },
        n if n % 2 == 0 => Event::NoteAdded { on: Subject::Room, text: format!("note {n}") },
        n => Event::ValueTyped { signal: "Error rate".into(), value: 100.0 / n as f64 },
    };
    let at = |n: usize| DateTime::from_timestamp(1_800_000_000 + n as i64, 0).unwrap_or_default();
    let text = |n| Fact::new(uuid::Uuid::from_u128(n as u128), at(n), "ana", event(n)).to_text();
    (from..from + count).map(text).collect()
}

fn journal() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.db");
    let meta = Meta {
        id: "r".into(),
        plan: "/p.md".into(),
        environment: "production".into(),
        created_ms: 0,
        closed_ms: None,
    };
    let mut store = SqliteStore::create(&path, &How::default(), &meta).unwrap().unwrap();
    store.keep_plan(&chain::digest(PLAN), PLAN).unwrap();
    store.append(0, &texts(0, STEP as usize + 100)).unwrap();
    drop(store);
    (folder, path)
}

/// What a screen's scribe shows first, the room once it is open, and why it can only be looked at.
fn open(path: &Path) -> (Option<Box<Room>>, Box<Room>, Option<Trouble>) {
    let (sender, reports) = channel();
    let file = path.to_owned();
    let opener: Open =
        Box::new(move || Ok((Box::new(SqliteStore::open(&file, &How::default())?), "long".to_owned())));
    let options = Options { glimpse: true, watch: false, recover: false, ..Options::new("ana") };
    let read: Read = Box::new(|bytes| plan::read(bytes, "p"));
    let scribe = Scribe::start(opener, read, options, move |report| drop(sender.send(report)));
    let (mut first, mut why) = (None, None);
    let room = loop {
        match reports.recv_timeout(GENEROUS).expect("it opens") {
            Report::Glimpsed(room) => first = Some(room),
            Report::Health(Health::ViewOnly(trouble)) => why = Some(trouble),
            Report::Opened { room, .. } => break room,
            Report::NotOpened(trouble) => panic!("{}", trouble.why),
            _ => {}
        }
    };
    assert!(scribe.close(GENEROUS));
    (first, room, why)
}

fn notes(room: &Room) -> usize {
    room.notes.len()
}

#[test]
fn a_long_journal_is_seen_at_once_and_verified_behind() {
    let (_folder, path) = journal();
    let (first, room, _) = open(&path);
    assert!(first.is_none(), "nothing was kept yet");
    let mut store = SqliteStore::open(&path, &How::default()).unwrap();
    while !store.after(store.head().seq).unwrap().is_empty() {}
    store.append(store.head().seq, &texts(STEP as usize + 100, 10)).unwrap();
    drop(store);
    let (first, later, why) = open(&path);
    let first = first.expect("it was kept");
    assert_eq!((first.seq, notes(&first)), (room.seq + 10, notes(&room) + 5), "with what came since");
    assert_eq!((later.seq, notes(&later), why), (first.seq, notes(&first), None));
    assert_eq!(first.plan.items.len(), 1);
    assert_eq!((first.recent.len(), &first.recent), (later.recent.len(), &later.recent));
}

#[test]
fn a_false_glimpse_is_said_and_nothing_is_taken_after_it() {
    let (_folder, path) = journal();
    open(&path);
    let conn = Connection::open(&path).unwrap();
    let changed = conn.execute("UPDATE cache SET text = replace(text, 'note 500', 'note x')", []).unwrap();
    assert_eq!(changed, 1);
    let (first, room, why) = open(&path);
    assert!(first.unwrap().notes.iter().any(|note| note.remark.text == "note x"), "it was shown");
    assert!(room.notes.iter().all(|note| note.remark.text != "note x"), "and taken back");
    assert!(why.expect("view-only").why.contains("is not what it says"));
    let (first, _, why) = open(&path);
    assert!(first.is_none() && why.is_none(), "the false one is forgotten");
}

#[test]
fn a_glimpse_hides_no_broken_chain() {
    let (_folder, path) = journal();
    open(&path);
    let conn = Connection::open(&path).unwrap();
    let sql =
        "DROP TRIGGER event_stays; UPDATE event SET text = replace(text, 'note 4', 'note 5') WHERE seq = 5";
    conn.execute_batch(sql).unwrap();
    let (first, room, why) = open(&path);
    assert!(first.is_some(), "it is only seen later");
    assert_eq!(room.seq, 4);
    assert!(why.expect("view-only").why.contains("event 5"));
}

#[test]
fn a_kept_room_does_not_outlive_its_end() {
    let (_folder, path) = journal();
    open(&path);
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("DROP TRIGGER event_kept; DELETE FROM event WHERE seq > 2050").unwrap();
    let (first, _, why) = open(&path);
    assert!(first.is_none());
    assert!(why.expect("view-only").why.contains("went backwards"));
}
