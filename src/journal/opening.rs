//! Opening a journal file, whatever its surroundings: writable, on a read-only disk, made by a
//! newer program, left unclean, or damaged. Says which of these it was; the store goes on from
//! there. Nothing is repaired or moved here.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::disk::{self, beside};
use super::remembered::Remembered;
use super::rows;
use super::schema::{self, Kind, STEPS};
use super::sqlite::fault;
use super::{Head, JournalError, Meta, OpenedAs, Why};

/// A database that was left unclean is checked page by page up to this size, in bytes; beyond it
/// the chain, which is always verified, has to do.
const CHECKED: u64 = 4 << 20;

/// How a journal is to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct How {
    /// Never write, never take the watch.
    pub read_only: bool,
    /// With `read_only`, of a copy that nobody writes: nothing is touched beside it. Heeded only where
    /// nothing lies beside it, as it does while somebody has it open.
    pub frozen: bool,
    /// How long to wait for another process's write lock.
    pub patience: Duration,
}

impl Default for How {
    fn default() -> Self {
        Self { read_only: false, frozen: false, patience: Duration::from_secs(5) }
    }
}

/// An opened connection and what is known of it before any event is read.
pub(super) struct Opened {
    pub conn: Connection,
    pub opened_as: OpenedAs,
    pub meta: Meta,
}

/// Opens an existing journal; `remembered` must have been read before this call, so that an
/// append in between cannot look like a history that went backwards.
pub(super) fn open(path: &Path, how: &How, remembered: Option<&Remembered>) -> Result<Opened, JournalError> {
    let unclean = disk::length(&beside(path, "-wal")) > 0;
    refuse_emptied(path, unclean)?;
    let (mut conn, mut why) = connect_somehow(path, how)?;
    let fault = |error| fault(path, &error);
    let version = version(&conn, path)?;
    why = why.or_else(|| newer(version));
    if why.is_none() && version < known_version() {
        migrate(&mut conn, path, version, STEPS)?;
    }
    if unclean && disk::length(path) <= CHECKED {
        check_pages(&conn, path)?;
    }
    let meta = rows::read_meta(&conn).map_err(fault)?;
    if let Some(remembered) = remembered {
        // What is wrong with the history comes before any other reason, also for whoever only looks.
        why = compare(&conn, &meta, remembered).map_err(fault)?.or(why);
    }
    let opened_as = why.map_or(OpenedAs::Writable, OpenedAs::ReadOnly);
    if opened_as != OpenedAs::Writable {
        conn.execute_batch("PRAGMA query_only = ON").map_err(fault)?;
    }
    Ok(Opened { conn, opened_as, meta })
}

/// Creates a journal; `None` when something stands there already. Two processes that create the
/// same one at once get one journal and one `None`.
pub(super) fn create(path: &Path, how: &How, meta: &Meta) -> Result<Option<Connection>, JournalError> {
    disk::create_private_file(path)?;
    let made = || -> rusqlite::Result<Option<Connection>> {
        let mut conn = connect(path, how, Access::Write)?;
        if schema::kind(&conn)? != Kind::Empty {
            return Ok(None);
        }
        conn.execute_batch("PRAGMA journal_mode = WAL")?;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if schema::kind(&tx)? != Kind::Empty {
            return Ok(None);
        }
        schema::create(&tx)?;
        rows::write_meta(&tx, meta)?;
        tx.commit()?;
        Ok(Some(conn))
    };
    match made() {
        Err(error) if code(&error) == Some(ErrorCode::NotADatabase) => Ok(None),
        made => made.map_err(|error| fault(path, &error)),
    }
}

/// The room's own row and its last event as stored; migrates and checks nothing.
pub(super) fn glance(path: &Path, how: &How) -> Result<(Meta, Head), JournalError> {
    refuse_emptied(path, disk::length(&beside(path, "-wal")) > 0)?;
    let (conn, _) = connect_somehow(path, how)?;
    let fault = |error| fault(path, &error);
    version(&conn, path)?;
    Ok((rows::read_meta(&conn).map_err(fault)?, rows::top(&conn).map_err(fault)?))
}

fn version(conn: &Connection, path: &Path) -> Result<i64, JournalError> {
    match schema::kind(conn).map_err(|error| fault(path, &error))? {
        Kind::Journal(version) => Ok(version),
        Kind::Empty => Err(JournalError::Unfinished { file: path.to_owned() }),
        Kind::Foreign => Err(JournalError::Foreign { file: path.to_owned() }),
    }
}

/// What SQLite calls an error, where it was SQLite's.
pub(super) fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    error.sqlite_error_code()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Write,
    Read,
    /// Read, while nobody at all may write: needs neither locks nor shared memory.
    Frozen,
}

/// SQLite deletes the `-wal` of a database of no bytes, and with it the events in there.
fn refuse_emptied(path: &Path, unclean: bool) -> Result<(), JournalError> {
    disk::identity(path)?;
    if unclean && disk::length(path) == 0 {
        let detail = "the file is empty while its -wal is not".to_owned();
        return Err(JournalError::Corrupt { file: path.to_owned(), detail });
    }
    Ok(())
}

/// Writes if it can, else reads, else reads as a frozen file; with the reason for less.
fn connect_somehow(path: &Path, how: &How) -> Result<(Connection, Option<Why>), JournalError> {
    if how.read_only {
        return Ok((connect_to_read(path, how)?, Some(Why::Asked)));
    }
    match connect_to_write(path, how) {
        Ok(conn) => Ok((conn, None)),
        Err(error) if is_about_place(&error) => Ok((connect_to_read(path, how)?, Some(Why::Place))),
        Err(error) => Err(fault(path, &error)),
    }
}

fn is_about_place(error: &rusqlite::Error) -> bool {
    use ErrorCode::{CannotOpen, PermissionDenied, ReadOnly};
    matches!(code(error), Some(CannotOpen | PermissionDenied | ReadOnly))
}

/// Opens and makes sure that the file, its folder and its `-wal` take writes.
fn connect_to_write(path: &Path, how: &How) -> rusqlite::Result<Connection> {
    let conn = connect(path, how, Access::Write)?;
    if conn.is_readonly("main")? {
        let read_only = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
        return Err(rusqlite::Error::SqliteFailure(read_only, None));
    }
    if schema::kind(&conn)? == Kind::Journal(known_version()) {
        conn.execute_batch("PRAGMA journal_mode = WAL")?;
    }
    Ok(conn)
}

/// A read-only disk has no place for shared memory: without a `-wal` the file alone is the truth.
fn connect_to_read(path: &Path, how: &How) -> Result<Connection, JournalError> {
    let read = |access| {
        let conn = connect(path, how, access)?;
        schema::kind(&conn).map(|_| conn)
    };
    let wal = disk::length(&beside(path, "-wal"));
    if how.frozen && !["-wal", "-shm"].iter().any(|end| beside(path, end).exists()) {
        return read(Access::Frozen).map_err(|error| fault(path, &error));
    }
    match read(Access::Read) {
        Err(error) if is_about_place(&error) && wal > 0 => {
            Err(JournalError::Sealed { file: path.to_owned() })
        }
        Err(error) if is_about_place(&error) => read(Access::Frozen).map_err(|error| fault(path, &error)),
        other => other.map_err(|error| fault(path, &error)),
    }
}

/// So long what may be lost waits for another process's write lock.
const SHORT: Duration = Duration::from_millis(200);

/// One more connection on a journal that takes writes, for what a power cut may take.
pub(super) fn connect_unsynced(path: &Path) -> rusqlite::Result<Connection> {
    let conn = connect(path, &How { patience: SHORT, ..How::default() }, Access::Write)?;
    conn.execute_batch("PRAGMA synchronous = NORMAL")?;
    Ok(conn)
}

/// A connection that can only read, on a journal of whatever age.
pub(super) fn connect_reading(path: &Path, frozen: bool) -> Result<Connection, JournalError> {
    disk::identity(path)?;
    let conn = connect_to_read(path, &How { frozen, ..How::default() })?;
    version(&conn, path)?;
    Ok(conn)
}

/// A connection that takes the file for unchangeable, and so touches nothing beside it.
pub(super) fn connect_frozen(path: &Path) -> Result<Connection, JournalError> {
    let conn = connect(path, &How::default(), Access::Frozen).map_err(|error| fault(path, &error))?;
    version(&conn, path)?;
    Ok(conn)
}

fn connect(path: &Path, how: &How, access: Access) -> rusqlite::Result<Connection> {
    use OpenFlags as F;
    let flags = match access {
        Access::Write => F::SQLITE_OPEN_READ_WRITE,
        Access::Read => F::SQLITE_OPEN_READ_ONLY,
        Access::Frozen => F::SQLITE_OPEN_READ_ONLY | F::SQLITE_OPEN_URI,
    } | F::SQLITE_OPEN_NO_MUTEX;
    let conn = match access {
        Access::Frozen => Connection::open_with_flags(frozen_uri(path), flags)?,
        _ => Connection::open_with_flags(path, flags)?,
    };
    conn.busy_timeout(how.patience)?;
    if access == Access::Write && disk::is_network(path) {
        conn.execute_batch("PRAGMA locking_mode = EXCLUSIVE")?;
    }
    schema::set_up(&conn)?;
    Ok(conn)
}

/// The path as a `file:` URI with `immutable=1`, every unusual byte escaped.
fn frozen_uri(path: &Path) -> String {
    let escape = |byte: &u8| match byte {
        b'/' | b'-' | b'_' | b'.' | b'~' => char::from(*byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    let path: String = path.as_os_str().as_bytes().iter().map(escape).collect();
    format!("file:{path}?immutable=1")
}

fn known_version() -> i64 {
    i64::try_from(STEPS.len()).expect("a handful of steps")
}

fn newer(found: i64) -> Option<Why> {
    let known = known_version();
    (found > known).then_some(Why::Newer { found, known })
}

/// Keeps a whole copy as `room.db.v<version>`, then takes the missing steps.
fn migrate(conn: &mut Connection, path: &Path, version: i64, steps: &[&str]) -> Result<(), JournalError> {
    let copy = beside(path, &format!(".v{version}"));
    let mut migrated = || -> rusqlite::Result<()> {
        if !copy.exists() {
            conn.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
        }
        schema::migrate(conn, steps)
    };
    migrated().map_err(|error| fault(path, &error))
}

fn check_pages(conn: &Connection, path: &Path) -> Result<(), JournalError> {
    let answer = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    match answer {
        Ok(answer) if answer == "ok" => Ok(()),
        Ok(detail) => Err(JournalError::Corrupt { file: path.to_owned(), detail }),
        Err(error) => Err(fault(path, &error)),
    }
}

/// Whether the file still holds the end that was seen last.
fn compare(conn: &Connection, meta: &Meta, seen: &Remembered) -> rusqlite::Result<Option<Why>> {
    let (found, Head { seq, hash }) = (rows::top(conn)?, seen.head);
    Ok(if meta.id != seen.id {
        Some(Why::OtherRoom)
    } else if found.seq < seq {
        Some(Why::Backwards { remembered: seq, found: found.seq })
    } else if rows::hash_at(conn, seq)? != Some(hash) {
        Some(Why::Forked { seq })
    } else {
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_uri_escapes_what_a_uri_would_eat() {
        let uri = frozen_uri(Path::new("/data/a b?c#d%e/ü.db"));
        assert_eq!(uri, "file:/data/a%20b%3Fc%23d%25e/%C3%BC.db?immutable=1");
    }

    #[test]
    fn a_migration_keeps_the_file_it_started_from() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let mut conn = Connection::open(&path).unwrap();
        schema::migrate(&mut conn, &["CREATE TABLE a (x)"]).unwrap();
        migrate(&mut conn, &path, 1, &["", "CREATE TABLE b (x)"]).unwrap();
        let kept = Connection::open(beside(&path, ".v1")).unwrap();
        assert_eq!(schema::kind(&conn).unwrap(), Kind::Journal(2));
        assert_eq!(schema::kind(&kept).unwrap(), Kind::Journal(1));
    }
}
