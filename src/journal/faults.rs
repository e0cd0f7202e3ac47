//! What a journal file must survive, each fault made on purpose: changed rows, lost tails, damaged
//! pages, newer tables, full disks, locks, exchanged files, and folders that cannot be written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;

use super::disk::beside;
use super::*;

fn room() -> Meta {
    Meta {
        id: uuid::Uuid::now_v7().to_string(),
        plan: PathBuf::from("/plans/checkout.md"),
        environment: String::new(),
        created_ms: 1,
        closed_ms: None,
    }
}

fn texts(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("event {n} {}", "x".repeat(n % 50))).collect()
}

/// A closed journal of `count` events and one kept plan.
fn journal(count: usize) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkout.db");
    fill(&path, count);
    (folder, path)
}

fn fill(path: &Path, count: usize) {
    let mut store = SqliteStore::create(path, &How::default(), &room()).unwrap().unwrap();
    store.append(0, &texts(count)).unwrap();
    store.keep_plan(&chain::digest(b"# plan"), b"# plan").unwrap();
}

fn open(path: &Path) -> Result<SqliteStore, JournalError> {
    SqliteStore::open(path, &How::default())
}

/// Changes a file the way somebody with a shell would.
fn tamper(path: &Path, sql: &str) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch("DROP TRIGGER event_stays; DROP TRIGGER event_kept;").unwrap();
    conn.execute_batch(sql).unwrap();
}

/// Reads on until the end or an error.
fn read(store: &mut SqliteStore) -> Result<u64, JournalError> {
    loop {
        let seq = store.head().seq;
        if store.after(seq)?.is_empty() {
            return Ok(seq);
        }
    }
}

#[test]
fn every_changed_field_is_named_and_makes_the_room_view_only() {
    let changes = [
        ("UPDATE event SET text = text || ' ' WHERE seq = 3", 3),
        ("UPDATE event SET text = CAST(x'ff' AS TEXT) WHERE seq = 3", 3),
        ("UPDATE event SET hash = zeroblob(32) WHERE seq = 3", 3),
        ("UPDATE event SET hash = x'00' WHERE seq = 3", 3),
        ("UPDATE event SET seq = -3 WHERE seq = 3", 3),
        ("DELETE FROM event WHERE seq = 3", 3),
        (
            "UPDATE event SET seq = 100 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 3;
          UPDATE event SET seq = 3 WHERE seq = 100",
            2,
        ),
        (
            "UPDATE event SET seq = seq + 100 WHERE seq > 2; UPDATE event SET seq = seq - 99 WHERE seq > 2;
          INSERT INTO event SELECT 3, hash, text FROM event WHERE seq = 2",
            3,
        ),
    ];
    for (sql, bad) in changes {
        let (_folder, path) = journal(6);
        tamper(&path, sql);
        let mut store = open(&path).unwrap();
        let error = read(&mut store).unwrap_err();
        assert!(matches!(error, JournalError::Broken { seq, .. } if seq == bad), "{sql}: {error}");
        assert_eq!(store.head().seq, bad - 1, "{sql}: what comes before it is shown");
        assert_eq!(store.opened_as(), &OpenedAs::ReadOnly(Why::Broken { seq: bad }));
        let refused = store.append(bad - 1, &texts(1)).unwrap_err();
        assert!(matches!(refused, AppendError::Failed(JournalError::ViewOnly { .. })), "{sql}: {refused}");
        assert!(path.exists(), "a readable file stays where it is");
    }
}

#[test]
fn a_tail_that_was_seen_cannot_vanish() {
    let (_folder, path) = journal(6);
    tamper(&path, "DELETE FROM event WHERE seq > 4");
    let mut store = open(&path).unwrap();
    let why = Why::Backwards { remembered: 6, found: 4 };
    assert_eq!(store.opened_as(), &OpenedAs::ReadOnly(why));
    assert_eq!(read(&mut store).unwrap(), 4, "it can still be viewed");
    assert!(store.append(4, &texts(1)).is_err());
    store.accept().unwrap();
    store.append(4, &texts(1)).unwrap();
    assert_eq!(open(&path).unwrap().opened_as(), &OpenedAs::Writable);
}

#[test]
fn a_lost_wal_is_noticed() {
    let (folder, path) = journal(3);
    let mut store = open(&path).unwrap();
    read(&mut store).unwrap();
    store.append(3, &texts(2)).unwrap();
    let copy = folder.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    fs::copy(remembered::path(&path), remembered::path(&copy)).unwrap();
    let why = Why::Backwards { remembered: 5, found: 3 };
    assert_eq!(open(&copy).unwrap().opened_as(), &OpenedAs::ReadOnly(why));
    fs::copy(beside(&path, "-wal"), beside(&copy, "-wal")).unwrap();
    assert_eq!(open(&copy).unwrap().opened_as(), &OpenedAs::Writable);
}

#[test]
fn a_history_computed_anew_is_a_fork() {
    let (_folder, path) = journal(3);
    let forged = chain::extend(Head::default(), &["a".into(), "b".into(), "c".into(), "d".into()]);
    let rows: String = forged
        .iter()
        .map(|r| format!("REPLACE INTO event VALUES ({}, x'{}', '{}');", r.seq, chain::hex(&r.hash), r.text))
        .collect();
    tamper(&path, &rows);
    let store = open(&path).unwrap();
    assert_eq!(store.opened_as(), &OpenedAs::ReadOnly(Why::Forked { seq: 3 }));
}

#[test]
fn another_rooms_file_is_not_taken_for_this_one() {
    let (folder, path) = journal(3);
    let other = folder.path().join("other.db");
    fill(&other, 9);
    fs::copy(&other, &path).unwrap();
    assert_eq!(open(&path).unwrap().opened_as(), &OpenedAs::ReadOnly(Why::OtherRoom));
}

#[test]
fn a_tail_cut_while_open_is_refused() {
    let (_folder, path) = journal(6);
    let mut store = open(&path).unwrap();
    read(&mut store).unwrap();
    tamper(&path, "DELETE FROM event WHERE seq > 4");
    assert!(store.changed().unwrap());
    assert!(matches!(store.after(6), Err(JournalError::Backwards { seq: 6, .. })));
    let refused = store.append(6, &texts(1)).unwrap_err();
    assert!(matches!(refused, AppendError::Failed(JournalError::Backwards { .. })), "{refused}");
}

#[test]
fn a_file_put_in_its_place_is_not_written() {
    let (folder, path) = journal(3);
    let mut store = open(&path).unwrap();
    read(&mut store).unwrap();
    fs::rename(&path, folder.path().join("away.db")).unwrap();
    let gone = store.append(3, &texts(1)).unwrap_err();
    assert!(matches!(gone, AppendError::Failed(JournalError::Gone { .. })), "{gone}");
    fill(&path, 3);
    let replaced = store.append(3, &texts(1)).unwrap_err();
    assert!(matches!(replaced, AppendError::Failed(JournalError::Replaced { .. })), "{replaced}");
    assert_eq!(store.after(0).unwrap().len(), 3, "what was read can be read on");
}

#[test]
fn newer_tables_are_viewed_and_never_changed() {
    let (_folder, path) = journal(3);
    tamper(&path, "PRAGMA user_version = 99");
    let before = fs::read(&path).unwrap();
    let mut store = open(&path).unwrap();
    assert!(matches!(store.opened_as(), OpenedAs::ReadOnly(Why::Newer { found: 99, .. })));
    assert_eq!(read(&mut store).unwrap(), 3);
    assert!(store.append(3, &texts(1)).is_err());
    drop(store);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn another_programs_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("contacts.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE contacts (name)").unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(open(&path), Err(JournalError::Foreign { .. })));
    assert!(SqliteStore::create(&path, &How::default(), &room()).unwrap().is_none(), "taken");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_kept_plan_with_other_bytes_is_refused() {
    let (_folder, path) = journal(1);
    tamper(&path, "UPDATE plan SET bytes = x'00'");
    let mut store = open(&path).unwrap();
    let digest = chain::digest(b"# plan");
    assert!(matches!(store.plan(&digest), Err(JournalError::PlanBytes { .. })));
    store.keep_plan(&digest, b"# plan").unwrap();
    assert_eq!(store.plan(&digest).unwrap().unwrap(), b"# plan", "kept anew");
}

#[test]
fn a_full_disk_refuses_and_recovers_by_itself() {
    let (_folder, path) = journal(3);
    let mut store = open(&path).unwrap();
    read(&mut store).unwrap();
    store.limit_pages(8);
    let long = ["x".repeat(100_000)];
    for _ in 0..3 {
        let full = store.append(3, &long).unwrap_err();
        assert!(matches!(full, AppendError::Failed(JournalError::Full { .. })), "{full}");
        assert_eq!(store.after(0).unwrap().len(), 3, "reading goes on");
    }
    store.limit_pages(1 << 20);
    store.append(3, &long).unwrap();
    drop(store);
    assert_eq!(read(&mut open(&path).unwrap()).unwrap(), 4);
}

#[test]
fn a_lock_held_too_long_is_its_own_sentence() {
    let (_folder, path) = journal(3);
    let how = How { patience: Duration::from_millis(20), ..How::default() };
    let mut store = SqliteStore::open(&path, &how).unwrap();
    read(&mut store).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = store.append(3, &texts(1)).unwrap_err();
    assert!(matches!(busy, AppendError::Failed(JournalError::Busy { .. })), "{busy}");
    if cfg!(target_os = "linux") {
        assert!(busy.to_string().ends_with(&format!("process {}", std::process::id())), "{busy}");
    }
    other.execute_batch("ROLLBACK").unwrap();
    store.append(3, &texts(1)).unwrap();
}

/// Overwrites bytes of the closed file.
fn scribble(path: &Path, at: usize, bytes: &[u8]) {
    let mut whole = fs::read(path).unwrap();
    whole[at..at + bytes.len()].copy_from_slice(bytes);
    fs::write(path, whole).unwrap();
}

fn corrupt_files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.contains(".corrupt-")).collect();
    names.sort();
    names
}

#[test]
fn a_damaged_header_is_moved_aside_and_everything_salvaged() {
    let (folder, path) = journal(500);
    scribble(&path, 0, &[0xab; 100]);
    let damaged = fs::read(&path).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, JournalError::Corrupt { .. }), "{error}");
    let recovery = recover(&path, &|_| None).unwrap();
    assert_eq!((recovery.salvaged, recovery.lost_from), (500, None));
    assert_eq!(fs::read(&recovery.moved_to).unwrap(), damaged, "not a byte is touched");
    assert_eq!(corrupt_files(folder.path()).len(), 2, "the file and its remembered end");
    let mut store = open(&path).unwrap();
    assert_eq!(store.opened_as(), &OpenedAs::Writable);
    assert_eq!(read(&mut store).unwrap(), 500);
    assert_eq!(store.plan(&chain::digest(b"# plan")).unwrap().unwrap(), b"# plan");
    assert_eq!(store.meta().unwrap().plan, Path::new("/plans/checkout.md"));
    store.append(500, &texts(1)).unwrap();
}

#[test]
fn a_damaged_page_costs_only_what_follows_it() {
    let (_folder, path) = journal(2_000);
    let whole = fs::read(&path).unwrap();
    let at = whole.windows(11).position(|window| window == b"event 1200 ").unwrap();
    scribble(&path, at / 4096 * 4096, &[0xff; 4096]);
    let mut store = open(&path).unwrap();
    let error = read(&mut store).unwrap_err();
    assert!(matches!(error, JournalError::Corrupt { .. }), "{error}");
    drop(store);
    let recovery = recover(&path, &|_| None).unwrap();
    assert!((1..1_200).contains(&recovery.salvaged), "{recovery:?}");
    assert_eq!(recovery.lost_from, Some(recovery.salvaged + 1));
    assert_eq!(read(&mut open(&path).unwrap()).unwrap(), recovery.salvaged);
}

#[test]
fn a_wal_is_salvaged_with_its_database_and_moved_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, emptied) = (folder.path().join("x.db"), folder.path().join("emptied.db"));
    let mut store = SqliteStore::create(&path, &How::default(), &room()).unwrap().unwrap();
    store.append(0, &texts(15)).unwrap();
    fs::write(&emptied, b"").unwrap();
    fs::copy(beside(&path, "-wal"), beside(&emptied, "-wal")).unwrap();
    let error = open(&emptied).unwrap_err();
    assert!(matches!(error, JournalError::Corrupt { .. }), "{error}");
    assert!(fs::metadata(beside(&emptied, "-wal")).unwrap().len() > 0, "opening it deletes nothing");
    let recovery = recover(&emptied, &|_| None).unwrap();
    assert_eq!((recovery.salvaged, recovery.lost_from), (15, None));
    assert!(beside(&recovery.moved_to, "-wal").exists());
    assert_eq!(read(&mut open(&emptied).unwrap()).unwrap(), 15);
}

#[test]
fn junk_in_place_of_a_journal_salvages_nothing_and_is_kept() {
    let (folder, path) = journal(10);
    fs::write(&path, b"not a database at all").unwrap();
    assert!(matches!(open(&path), Err(JournalError::Corrupt { .. })));
    let recovery = recover(&path, &|first| {
        assert_eq!(first, None);
        Some(("/plans/checkout.md".into(), "staging".into()))
    });
    let recovery = recovery.unwrap();
    assert_eq!((recovery.salvaged, recovery.lost_from), (0, Some(1)));
    let meta = open(&path).unwrap().meta().unwrap();
    assert_eq!((meta.plan.to_str(), meta.environment.as_str()), (Some("/plans/checkout.md"), "staging"));
    assert_eq!(fs::read(&recovery.moved_to).unwrap(), b"not a database at all");
    assert_eq!(read(&mut open(&path).unwrap()).unwrap(), 0);
    fs::write(&path, b"again, within the same second perhaps").unwrap();
    let again = recover(&path, &|_| None).unwrap();
    assert_ne!(again.moved_to, recovery.moved_to);
    assert!(recovery.moved_to.exists());
    drop(folder);
}

#[test]
fn single_flipped_bits_are_never_believed() {
    let (_folder, path) = journal(120);
    let clean = fs::read(&path).unwrap();
    let known: Vec<Record> = open(&path).unwrap().after(0).unwrap();
    for at in (0..clean.len()).step_by(31) {
        let mut flipped = clean.clone();
        flipped[at] ^= 0x10;
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(beside(&path, ending));
        }
        fs::write(&path, &flipped).unwrap();
        let Ok(mut store) = open(&path) else { continue };
        let shown = store.after(0).unwrap_or_default();
        assert!(known.starts_with(&shown), "byte {at}: an event was shown that never was");
        let silent = store.opened_as() == &OpenedAs::Writable && read(&mut store).is_ok();
        assert!(!silent || shown == known, "byte {at}: events vanished silently");
    }
}

#[test]
fn a_folder_that_cannot_be_made_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Rooms::at(&file).create("x", Path::new("/p.md"), "", 0).unwrap_err();
    assert!(matches!(error, JournalError::File { doing: "creating the folder", .. }), "{error}");
    assert!(error.to_string().contains(&file.display().to_string()), "{error}");
    assert!(!error.hint().is_empty());
}

/// Runs one ignored test of this file again inside a private mount table, with `prepare` run first.
fn in_private_mounts(test: &str, prepare: &str) {
    let myself = std::env::current_exe().unwrap();
    let script = format!("{prepare} && exec \"$MYSELF\" --exact journal::faults::{test}");
    let probe = Command::new("unshare").args(["-Urm", "true"]).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        eprintln!("SKIPPED {test}: this system allows no private mounts");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    command.args(["-Urm", "sh", "-ec", &script]);
    command.env("MYSELF", myself).env("PLACE", folder.path());
    let run = command.output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&run.stderr)
    );
}

/// Where the disk made for this test is; none outside [`in_private_mounts`].
fn place() -> Option<PathBuf> {
    std::env::var_os("PLACE").map(PathBuf::from)
}

#[test]
fn a_small_disk_fills_up_and_empties() {
    let Some(place) = place() else {
        let disk = "mount -t tmpfs -o size=512k none \"$PLACE\"";
        return in_private_mounts("a_small_disk_fills_up_and_empties", disk);
    };
    let path = place.join("x.db");
    fs::write(place.join("ballast"), vec![0; 100_000]).unwrap();
    fill(&path, 1);
    let mut store = open(&path).unwrap();
    read(&mut store).unwrap();
    let text = ["y".repeat(2_000)];
    let error = loop {
        if let Err(error) = store.append(store.head().seq, &text) {
            break error;
        }
    };
    let saved = store.head();
    assert!(matches!(error, AppendError::Failed(JournalError::Full { .. })), "{error}");
    assert_eq!(store.after(0).unwrap().len() as u64, saved.seq, "reading goes on");
    fs::remove_file(place.join("ballast")).unwrap();
    store.append(saved.seq, &text).unwrap();
    drop(store);
    assert_eq!(read(&mut open(&path).unwrap()).unwrap(), saved.seq + 1);
}

#[test]
fn a_read_only_disk_is_for_viewing() {
    let Some(place) = place() else {
        return in_private_mounts("a_read_only_disk_is_for_viewing", "mount -t tmpfs none \"$PLACE\"");
    };
    let (clean, unclean) = (place.join("clean.db"), place.join("unclean.db"));
    fill(&clean, 7);
    fill(&unclean, 7);
    let mut store = open(&unclean).unwrap();
    read(&mut store).unwrap();
    store.append(7, &texts(1)).unwrap();
    let copy = place.join("copy.db");
    for ending in ["", "-wal"] {
        fs::copy(beside(&unclean, ending), beside(&copy, ending)).unwrap();
    }
    drop(store);
    let mount = Command::new("mount").args(["-o", "remount,ro"]).arg(&place).status().unwrap();
    assert!(mount.success());
    let mut store = open(&clean).unwrap();
    assert_eq!(store.opened_as(), &OpenedAs::ReadOnly(Why::Place));
    assert_eq!(read(&mut store).unwrap(), 7);
    assert!(store.append(7, &texts(1)).is_err());
    let error = open(&copy).unwrap_err();
    assert!(matches!(error, JournalError::Sealed { .. }), "{error}");
    assert!(Rooms::at(&place).create("x", Path::new("/p"), "", 0).is_err());
}
