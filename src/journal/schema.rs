//! The tables of a journal file, and how an older file becomes a newer one. Steps are only ever
//! added, never edited: a file tells by `user_version` how many it has behind it. Knows nothing of
//! what the rows mean.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};

/// "WarR" in the header of every journal, so that no other program's database is taken for one.
pub(super) const APPLICATION_ID: i32 = 0x5761_7252;

/// The first SQLite without the reset of a WAL that could lose committed pages.
const OLDEST_SQLITE: i32 = 3_051_003;

/// One step a version. Append only.
pub(super) const STEPS: &[&str] = &[
    "
    CREATE TABLE room (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        id TEXT NOT NULL,
        plan BLOB NOT NULL,
        environment TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        closed_ms INTEGER
    ) STRICT;
    CREATE TABLE event (
        seq INTEGER PRIMARY KEY,
        hash BLOB NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
    CREATE TABLE plan (
        digest TEXT PRIMARY KEY,
        bytes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE lease (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        pid INTEGER NOT NULL,
        started INTEGER NOT NULL,
        boot TEXT NOT NULL,
        host TEXT NOT NULL,
        name TEXT NOT NULL,
        renewed_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER event_stays BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
    CREATE TRIGGER event_kept BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
",
    "
    CREATE TABLE series (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        question TEXT NOT NULL,
        UNIQUE (name, question)
    ) STRICT;
    CREATE TABLE sample_row (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        written_ms INTEGER NOT NULL,
        bytes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE sample_chunk (
        series INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        first_ms INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (series, last_ms, first_ms)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE cache (
        name TEXT PRIMARY KEY,
        text TEXT NOT NULL
    ) STRICT;
",
    "ALTER TABLE lease ADD COLUMN measures INTEGER NOT NULL DEFAULT 1;",
];

/// What stands in a database file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing yet: a creation that was never finished.
    Empty,
    /// A journal, with the number of steps behind it.
    Journal(i64),
    /// Another program's tables.
    Foreign,
}

/// Sets what every connection needs, whether it reads or writes.
pub(super) fn set_up(conn: &Connection) -> rusqlite::Result<()> {
    assert!(rusqlite::version_number() >= OLDEST_SQLITE, "this SQLite can lose committed pages");
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON;
         PRAGMA temp_store = MEMORY;",
    )
}

/// Reads the header: the first touch of the file, where damage shows.
pub(super) fn kind(conn: &Connection) -> rusqlite::Result<Kind> {
    let application: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (application, tables) {
        (APPLICATION_ID, 1..) => Kind::Journal(version),
        (0, 0) => Kind::Empty,
        _ => Kind::Foreign,
    })
}

/// Takes the remaining `steps`, each in a transaction of its own that also counts it: after a
/// crash the file has the old tables or the new, never something between.
pub(super) fn migrate(conn: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    loop {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let behind: u32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let Some(step) = steps.get(behind as usize) else { return tx.rollback() };
        take(&tx, behind as usize, step)?;
        tx.commit()?;
    }
}

/// Takes every step at once, inside the transaction that creates a journal.
pub(super) fn create(tx: &Connection) -> rusqlite::Result<()> {
    STEPS.iter().enumerate().try_for_each(|(behind, step)| take(tx, behind, step))
}

fn take(tx: &Connection, behind: usize, step: &str) -> rusqlite::Result<()> {
    let version = behind + 1;
    tx.execute_batch(step)?;
    tx.execute_batch(&format!("PRAGMA user_version = {version}; PRAGMA application_id = {APPLICATION_ID};"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(conn: &Connection) -> i64 {
        conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn steps_are_taken_once_and_in_order() {
        let mut conn = Connection::open_in_memory().unwrap();
        assert_eq!(kind(&conn).unwrap(), Kind::Empty);
        let steps = ["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y"];
        migrate(&mut conn, &steps[..1]).unwrap();
        assert_eq!(kind(&conn).unwrap(), Kind::Journal(1));
        migrate(&mut conn, &steps).unwrap();
        migrate(&mut conn, &steps).unwrap();
        conn.execute("INSERT INTO a (x, y) VALUES (1, 2)", []).unwrap();
        assert_eq!(kind(&conn).unwrap(), Kind::Journal(2));
    }

    #[test]
    fn a_step_that_fails_leaves_the_version_before_it() {
        let mut conn = Connection::open_in_memory().unwrap();
        let steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"];
        migrate(&mut conn, &steps).unwrap_err();
        assert_eq!(version(&conn), 1);
        let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 1, "the half step is gone");
    }

    #[test]
    fn another_programs_tables_are_foreign() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE contacts (name)").unwrap();
        assert_eq!(kind(&conn).unwrap(), Kind::Foreign);
    }

    #[test]
    fn a_recorded_event_resists_a_shell() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn, STEPS).unwrap();
        conn.execute("INSERT INTO event VALUES (1, x'00', 'x')", []).unwrap();
        conn.execute("UPDATE event SET text = 'y'", []).unwrap_err();
        conn.execute("DELETE FROM event", []).unwrap_err();
    }
}
