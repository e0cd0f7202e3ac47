//! Every single change that somebody with the file can make to a journal, and whether an audit finds
//! it. A sample runs with the tests; `cargo bench --bench journal -- sweep` makes all of them.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::Connection;
use warroom::journal::audit::{self, Audit, Fault};
use warroom::journal::{How, Meta, SqliteStore, Store as _, chain};

const PLAN: &[u8] = b"# Launch\n\n- [ ] Back up\n";

/// A change: what it does, the statements, and the first bad place that must be named.
type Change = (&'static str, String, Option<u64>);

/// A whole journal of `events`, with a plan, and a sign-off in its last event for the head in its middle.
struct Whole {
    folder: tempfile::TempDir,
    events: u64,
}

impl Whole {
    fn of(events: u64) -> Self {
        let whole = Self { folder: tempfile::tempdir().expect("a folder"), events };
        let meta = Meta {
            id: "0198-room".into(),
            plan: "/p/launch.md".into(),
            environment: "production".into(),
            created_ms: 1,
            closed_ms: None,
        };
        let made = SqliteStore::create(&whole.file(), &How::default(), &meta);
        let mut store = made.expect("made").expect("nothing stood there");
        store.keep_plan(&chain::digest(PLAN), PLAN).expect("kept");
        let texts: Vec<String> = (1..events).map(text).collect();
        let records = store.append(0, &texts).expect("stored");
        let middle = &records[records.len() / 2];
        let statement =
            format!("warroom-signoff v1\njournal-head: {}:{}\n", middle.seq, chain::hex(&middle.hash));
        let signed =
            serde_json::json!({ "v": 1, "type": "signed_off", "role": "CTO", "statement": statement });
        store.append(events - 1, &[signed.to_string()]).expect("stored");
        drop(store);
        let conn = Connection::open(whole.file()).expect("opened");
        let bare = "DROP TRIGGER event_stays; DROP TRIGGER event_kept; PRAGMA journal_mode = DELETE";
        conn.execute_batch(bare).expect("as somebody with a shell");
        whole
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("launch.db")
    }

    /// A copy with a change in it, audited.
    fn changed(&self, sql: &str) -> Audit {
        let folder = tempfile::tempdir().expect("a folder");
        let copy = folder.path().join("launch.db");
        std::fs::copy(self.file(), &copy).expect("copied");
        std::fs::copy(self.file().with_extension("head"), copy.with_extension("head")).expect("copied");
        let conn = Connection::open(&copy).expect("opened");
        conn.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY").expect("faster");
        conn.execute_batch(&format!("BEGIN; {sql}; COMMIT")).unwrap_or_else(|why| panic!("{sql}: {why}"));
        drop(conn);
        audited(&copy)
    }

    /// What can be done at one place. Where nothing follows, the remembered head tells.
    fn changes_at(&self, n: u64) -> Vec<Change> {
        let last = self.events;
        let next = |bad: u64| Some(bad).filter(|bad| *bad <= last);
        let renumber = |from: u64, by: i64| {
            let far = 10 * last as i64;
            format!(
                "UPDATE event SET seq = seq + {far} WHERE seq >= {from};
                 UPDATE event SET seq = seq - {far} + ({by}) WHERE seq > {far}"
            )
        };
        let mut changes: Vec<Change> = vec![
            (
                "a letter of the text",
                format!("UPDATE event SET text = replace(text, '\"v\":1', '\"v\":2') WHERE seq = {n}"),
                Some(n),
            ),
            ("an empty text", format!("UPDATE event SET text = '' WHERE seq = {n}"), Some(n)),
            (
                "a text that is none",
                format!("UPDATE event SET text = CAST(x'ff' AS TEXT) WHERE seq = {n}"),
                Some(n),
            ),
            ("another hash", format!("UPDATE event SET hash = zeroblob(32) WHERE seq = {n}"), Some(n)),
            ("a short hash", format!("UPDATE event SET hash = substr(hash, 2) WHERE seq = {n}"), Some(n)),
            (
                "a place after the end",
                format!("UPDATE event SET seq = {} WHERE seq = {n}", last + 5),
                Some(n),
            ),
            ("a place before the first", format!("UPDATE event SET seq = -{n} WHERE seq = {n}"), None),
            ("deleted", format!("DELETE FROM event WHERE seq = {n}"), None),
            (
                "deleted and closed up",
                format!("DELETE FROM event WHERE seq = {n}; {}", renumber(n, -1)),
                next(n).filter(|n| *n < last),
            ),
            (
                "put in twice",
                format!(
                    "{}; INSERT INTO event SELECT {}, hash, text FROM event WHERE seq = {n}",
                    renumber(n + 1, 1),
                    n + 1
                ),
                Some(n + 1),
            ),
            (
                "an event of one's own put in",
                format!("{}; INSERT INTO event VALUES ({}, zeroblob(32), 'mine')", renumber(n + 1, 1), n + 1),
                Some(n + 1),
            ),
            ("the tail cut off", format!("DELETE FROM event WHERE seq > {}", n - 1), None),
        ];
        if n < last {
            let (m, far) = (n + 1, 10 * last);
            let swapped = format!(
                "UPDATE event SET seq = {far} WHERE seq = {n}; UPDATE event SET seq = {n} WHERE seq = {m};
                 UPDATE event SET seq = {m} WHERE seq = {far}"
            );
            changes.push(("swapped with the next", swapped, Some(n)));
            let texts =
                format!("UPDATE event SET text = (SELECT text FROM event WHERE seq = {m}) WHERE seq = {n}");
            changes.push(("the text of the next", texts, Some(n)));
        }
        changes
    }

    fn changes_beside(&self) -> Vec<Change> {
        [
            ("the plan's bytes", "UPDATE plan SET bytes = x'20'"),
            ("the plan's digest", "UPDATE plan SET digest = digest || '0'"),
            ("the plan deleted", "DELETE FROM plan"),
            ("a plan put in", "INSERT INTO plan VALUES ('sha256:00', x'00')"),
            ("the room's id", "UPDATE room SET id = 'other'"),
            ("the room's plan", "UPDATE room SET plan = CAST('/q/launch.md' AS BLOB)"),
            ("the room's environment", "UPDATE room SET environment = 'staging'"),
            ("a row at place 0", "INSERT INTO event VALUES (0, zeroblob(32), 'mine')"),
        ]
        .map(|(what, sql)| (what, sql.to_owned(), None))
        .into()
    }
}

fn text(n: u64) -> String {
    match n {
        1 => r#"{"v":1,"id":"00000000-0000-0000-0000-000000000001","at":"2027-01-15T08:00:00Z","by":"ana","type":"room_opened","room":"launch","plan_path":"/p/launch.md","environment":"production","version":"0"}"#.to_owned(),
        2 => format!(
            r#"{{"v":1,"id":"00000000-0000-0000-0000-000000000002","at":"2027-01-15T08:00:00Z","by":"ana","type":"plan_adopted","digest":"{}","title":"Launch"}}"#,
            chain::digest(PLAN)
        ),
        n => format!(
            r#"{{"v":1,"id":"00000000-0000-0000-0000-{n:012}","at":"2027-01-15T08:00:00Z","by":"ana","type":"note_added","on":"room","text":"note {n}"}}"#
        ),
    }
}

fn audited(file: &Path) -> Audit {
    audit::audit(file, &[], &[], &mut |_| ()).unwrap_or_else(|why| panic!("{why}"))
}

/// Makes every change at these places, and says how many there were and which were not found, or not
/// at their place.
pub fn sweep(events: u64, places: impl IntoIterator<Item = u64>) -> (usize, Vec<String>) {
    let whole = Whole::of(events);
    assert!(audited(&whole.file()).is_sound(), "it is whole before: {:?}", audited(&whole.file()).faults);
    let mut changes = whole.changes_beside();
    changes.extend(places.into_iter().flat_map(|n| whole.changes_at(n)));
    let (tried, missed) = (changes.len(), Mutex::new(vec![]));
    let hands = std::thread::available_parallelism().map_or(1, usize::from);
    let (changes, whole, missed_by) = (&changes, &whole, &missed);
    std::thread::scope(|scope| {
        for hand in 0..hands {
            scope.spawn(move || {
                for (what, sql, bad) in changes.iter().skip(hand).step_by(hands) {
                    if let Some(why) = overlooked(&whole.changed(sql), *bad) {
                        missed_by.lock().expect("nobody panics").push(format!("{what}: {why}: {sql}"));
                    }
                }
            });
        }
    });
    (tried, missed.into_inner().expect("nobody panics"))
}

fn overlooked(audit: &Audit, bad: Option<u64>) -> Option<String> {
    let broken = audit.faults.iter().find(|fault| fault.is_break()).and_then(Fault::seq);
    match bad {
        _ if audit.is_sound() => Some("nothing is found".to_owned()),
        Some(bad) if broken != Some(bad) => Some(format!("named {broken:?} and not {bad}")),
        _ => None,
    }
}

#[test]
fn every_single_change_of_a_short_journal_is_found_at_its_place() {
    let (tried, missed) = sweep(24, 1..=24);
    assert!(tried > 300, "{tried}");
    assert_eq!(missed, Vec::<String>::new());
}

#[test]
fn changes_here_and_there_in_10_000_events_are_found_at_their_place() {
    let (_, missed) = sweep(10_000, [1, 5_003, 9_999, 10_000]);
    assert_eq!(missed, Vec::<String>::new());
}

/// Somebody who knows the program computes the whole chain anew (K3): only what is outside of the
/// file, or was signed inside of it, tells.
#[test]
fn a_history_computed_anew_is_found_by_what_was_signed_or_remembered_or_said() {
    let whole = Whole::of(60);
    let genuine = audited(&whole.file());
    let kept = audit::heads::Kept { room: Some(genuine.meta.id.clone()), head: genuine.head };
    let conn = Connection::open(whole.file()).unwrap();
    let mut texts: Vec<String> = conn
        .prepare("SELECT text FROM event ORDER BY seq")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    texts[9] = texts[9].replace("note 10", "note of mine");
    for record in chain::extend(chain::Head::default(), &texts) {
        let row = (record.text, record.hash, record.seq as i64);
        conn.execute("UPDATE event SET text = ?1, hash = ?2 WHERE seq = ?3", row).unwrap();
    }
    drop(conn);
    let faults = |said: &[audit::heads::Kept]| {
        let audit = audit::audit(&whole.file(), said, &[], &mut |_| ()).unwrap();
        assert_eq!(audit.head.seq, 60, "the chain itself holds");
        audit.faults.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let found = faults(&[]);
    assert!(found.iter().any(|f| f.starts_with("this computer remembers")), "{found:?}");
    assert!(found.iter().any(|f| f.starts_with("the sign-off of event 60")), "{found:?}");
    std::fs::remove_file(whole.file().with_extension("head")).unwrap();
    let early = {
        let records = chain::extend(chain::Head::default(), &texts);
        audit::heads::Kept { room: Some("0198-room".into()), head: records[4].head() }
    };
    let found = faults(&[kept, early]);
    assert!(found.iter().any(|f| f.contains("it forked between event 6 and 60")), "{found:?}");
}
