//! What is done about a damaged journal: it is moved aside, never deleted, and the longest
//! verified run of its events goes into a fresh journal under the old name. All reading is done on
//! a scratch copy, so that the evidence stays as it was found.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use chrono::Utc;
use rusqlite::{Connection, OpenFlags};

use super::chain::{self, Head};
use super::disk::{self, beside};
use super::opening::How;
use super::{AppendError, JournalError, Meta, PAGE, SqliteStore, Store as _, remembered, rows, schema};

/// What became of a damaged journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Where the damaged file lies now; its `-wal` and `-shm` lie beside it.
    pub moved_to: PathBuf,
    /// How many events verified from the first on and live on under the old name.
    pub salvaged: u64,
    /// The first event known to be lost; `None` where nothing is missing as far as can be told.
    pub lost_from: Option<u64>,
}

/// Moves the damaged journal at `path` aside as `<name>.db.corrupt-<UTC time>` and leaves there a
/// fresh one with what verified. Where the row about the room is lost, `room_of` says what the first
/// event (none: there is no event either) tells of the room: plan and environment.
///
/// # Errors
/// The copy or the fresh journal cannot be written; then the damaged file stays where it was.
pub fn recover(path: &Path, room_of: RoomOf<'_>) -> Result<Recovery, JournalError> {
    let mut found = read_copies(path)?;
    if found.meta.is_none() {
        let (plan, environment) = room_of(found.texts.first().map(String::as_str)).unwrap_or_default();
        found.meta = Some(Meta { plan, environment, ..unknown_room() });
    }
    let fresh = write_fresh(path, &found)?;
    let moved_to = move_aside(path)?;
    rename(&fresh, path)?;
    rename_if_there(&remembered::path(&fresh), &remembered::path(path))?;
    disk::sync_folder(path)?;
    Ok(Recovery { moved_to, salvaged: found.head.seq, lost_from: found.lost_from })
}

/// See [`recover`].
pub type RoomOf<'a> = &'a dyn Fn(Option<&str>) -> Option<(PathBuf, String)>;

/// What could be read of a damaged journal.
#[derive(Default)]
struct Found {
    texts: Vec<String>,
    head: Head,
    /// Reading ended where the events ended, not at damage.
    to_the_end: bool,
    plans: Vec<(String, Vec<u8>)>,
    meta: Option<Meta>,
    lost_from: Option<u64>,
}

/// Reads a copy as it is and one with its header written anew, and keeps what gave more.
fn read_copies(path: &Path) -> Result<Found, JournalError> {
    let scratch = beside(path, &format!(".salvage-{}", std::process::id()));
    disk::create_private_folder(&scratch)?;
    let as_it_is = read_copy(path, &scratch, false);
    let mended = read_copy(path, &scratch, true);
    let _ = fs::remove_dir_all(&scratch);
    let (as_it_is, mended) = (as_it_is?, mended?);
    let mut found = if mended.head.seq > as_it_is.head.seq { mended } else { as_it_is };
    let seen = remembered::read(path).map_or(0, |seen| seen.head.seq);
    let lost = !found.to_the_end || seen > found.head.seq;
    found.lost_from = lost.then_some(found.head.seq + 1);
    Ok(found)
}

fn read_copy(path: &Path, scratch: &Path, mend: bool) -> Result<Found, JournalError> {
    let copy = scratch.join(if mend { "mended.db" } else { "copy.db" });
    for ending in ["", "-wal"] {
        let (from, to) = (beside(path, ending), beside(&copy, ending));
        if from.exists() {
            fs::copy(&from, &to).map_err(disk::failed(&to, "copying to"))?;
        }
    }
    if mend {
        mend_header(&copy).map_err(disk::failed(&copy, "writing"))?;
    }
    Ok(read(&copy))
}

/// Writes the header anew with what is the same in every journal, which leaves pages and `-wal` to be read.
fn mend_header(file: &Path) -> io::Result<()> {
    const PAGE_BYTES: u64 = 4096;
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(file)?;
    let pages = file.metadata()?.len().div_ceil(PAGE_BYTES).max(1);
    file.set_len(pages * PAGE_BYTES)?;
    let mut header = [0u8; 100];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"SQLite format 3\0\x10\0\x02\x02\0\x40\x20\x20");
    put(28, &u32::try_from(pages).unwrap_or(u32::MAX).to_be_bytes());
    put(44, &4u32.to_be_bytes());
    put(56, &1u32.to_be_bytes());
    put(60, &(schema::STEPS.len() as u32).to_be_bytes());
    put(68, &schema::APPLICATION_ID.to_be_bytes());
    file.write_all_at(&header, 0)
}

/// Reads until something stops it; no error is worth more here than what came before it.
fn read(copy: &Path) -> Found {
    let mut found = Found::default();
    let Ok(conn) = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_WRITE) else {
        return found;
    };
    if schema::set_up(&conn).is_ok() {
        found.meta = rows::read_meta(&conn).ok();
        found.to_the_end = read_events(&conn, &mut found).unwrap_or(false);
        let _ = read_plans(&conn, &mut found);
    }
    found
}

/// The verified run from the first event on; `false` where a link failed.
fn read_events(conn: &Connection, found: &mut Found) -> rusqlite::Result<bool> {
    let mut statement = conn.prepare("SELECT seq, text, hash FROM event WHERE seq > 0 ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let Some(record) = rows::record(row).filter(|record| found.head.admits(record)) else {
            return Ok(false);
        };
        found.head = record.head();
        found.texts.push(record.text);
    }
    Ok(true)
}

fn read_plans(conn: &Connection, found: &mut Found) -> rusqlite::Result<()> {
    let mut statement = conn.prepare("SELECT digest, bytes FROM plan")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (Ok(digest), Ok(bytes)) = (row.get::<_, String>(0), row.get::<_, Vec<u8>>(1)) else { continue };
        if chain::digest(&bytes) == digest {
            found.plans.push((digest, bytes));
        }
    }
    Ok(())
}

/// Writes what was found as a closed journal beside the damaged one, under a name no room has.
fn write_fresh(path: &Path, found: &Found) -> Result<PathBuf, JournalError> {
    let fresh = path.with_extension(format!("fresh-{}.db.new", std::process::id()));
    for leftover in [fresh.clone(), beside(&fresh, "-wal"), beside(&fresh, "-shm")] {
        let _ = fs::remove_file(leftover);
    }
    let meta = found.meta.clone().unwrap_or_else(unknown_room);
    let taken = || JournalError::Foreign { file: fresh.clone() };
    let mut store = SqliteStore::create(&fresh, &How::default(), &meta)?.ok_or_else(taken)?;
    for texts in found.texts.chunks(PAGE) {
        store.append(store.head().seq, texts).map_err(|error| match error {
            AppendError::Failed(error) => error,
            AppendError::Moved { .. } => taken(),
        })?;
    }
    for (digest, bytes) in &found.plans {
        store.keep_plan(digest, bytes)?;
    }
    Ok(fresh)
}

/// The row of a room whose own could not be read.
fn unknown_room() -> Meta {
    Meta {
        id: uuid::Uuid::now_v7().to_string(),
        plan: PathBuf::new(),
        environment: String::new(),
        created_ms: Utc::now().timestamp_millis(),
        closed_ms: None,
    }
}

/// Moves the `-wal` before the database, which SQLite would delete beside a newly made one, and
/// the remembered end last: after a crash in between, it still tells that something is missing.
fn move_aside(path: &Path) -> Result<PathBuf, JournalError> {
    let moved = free_name(path);
    rename_if_there(&beside(path, "-shm"), &beside(&moved, "-shm"))?;
    rename_if_there(&beside(path, "-wal"), &beside(&moved, "-wal"))?;
    rename(path, &moved)?;
    rename_if_there(&remembered::path(path), &beside(&moved, "-head"))?;
    Ok(moved)
}

fn free_name(path: &Path) -> PathBuf {
    let time = Utc::now().format("%Y%m%dT%H%M%SZ");
    let names = (2..).map(|n| beside(path, &format!(".corrupt-{time}-{n}")));
    let mut names = std::iter::once(beside(path, &format!(".corrupt-{time}"))).chain(names);
    names.find(|name| !name.exists()).expect("one of endlessly many names is free")
}

fn rename(from: &Path, to: &Path) -> Result<(), JournalError> {
    fs::rename(from, to).map_err(disk::failed(from, "moving"))
}

fn rename_if_there(from: &Path, to: &Path) -> Result<(), JournalError> {
    if from.exists() { rename(from, to) } else { Ok(()) }
}
