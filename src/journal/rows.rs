//! The rows of a journal file, read and written one statement at a time. No transactions, no
//! judgement, no state: `sqlite` and `opening` decide when each is called.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

use super::chain::{Head, Record};
use super::lease::{self, Kept};
use super::{Holder, Lease, Meta};

/// Changes when another connection commits; asking costs no more than a look at shared memory.
pub(super) fn data_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

/// The end of the journal as stored, unverified. A row that is none at all counts as a place
/// without a hash, so that it is never taken for the known end.
pub(super) fn top(conn: &Connection) -> rusqlite::Result<Head> {
    let sql = "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1";
    let end = |row: &Row<'_>| Ok(Head { seq: seq(row)?, hash: hash(row, 1).unwrap_or_default() });
    conn.prepare_cached(sql)?.query_row([], end).optional().map(Option::unwrap_or_default)
}

/// The stored hash of a place; of place 0, that of the empty journal.
pub(super) fn hash_at(conn: &Connection, seq: u64) -> rusqlite::Result<Option<[u8; 32]>> {
    if seq == 0 {
        return Ok(Some(Head::default().hash));
    }
    let sql = "SELECT hash FROM event WHERE seq = ?1";
    let found = conn.prepare_cached(sql)?.query_row([int(seq)], |row| Ok(hash(row, 0))).optional();
    found.map(Option::flatten)
}

/// A row of `seq, text, hash`; `None` where a field is not of its kind.
pub(super) fn record(row: &Row<'_>) -> Option<Record> {
    Some(Record { seq: seq(row).ok()?, text: text(row)?, hash: hash(row, 2)? })
}

/// The text of a row of `seq, text, hash`.
pub(super) fn text(row: &Row<'_>) -> Option<String> {
    Some(row.get_ref(1).ok()?.as_str().ok()?.to_owned())
}

/// A place before the first that is taken all the same.
pub(super) fn before_first(conn: &Connection) -> rusqlite::Result<Option<i64>> {
    conn.query_row("SELECT min(seq) FROM event WHERE seq < 1", [], |row| row.get(0))
}

/// The place of a row that begins with it; 0 for none that can be.
pub(super) fn seq(row: &Row<'_>) -> rusqlite::Result<u64> {
    row.get::<_, i64>(0).map(|seq| u64::try_from(seq).unwrap_or(0))
}

/// A hash in a column.
pub(super) fn hash(row: &Row<'_>, column: usize) -> Option<[u8; 32]> {
    row.get_ref(column).ok()?.as_blob().ok()?.try_into().ok()
}

/// SQLite's integers are signed; no place or clock tick comes near the difference.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads the room's own row.
pub(super) fn read_meta(conn: &Connection) -> rusqlite::Result<Meta> {
    let sql = "SELECT id, plan, environment, created_ms, closed_ms FROM room";
    conn.query_row(sql, [], |row| {
        Ok(Meta {
            id: row.get(0)?,
            plan: OsString::from_vec(row.get(1)?).into(),
            environment: row.get(2)?,
            created_ms: row.get(3)?,
            closed_ms: row.get(4)?,
        })
    })
}

/// Writes the room's own row, once.
pub(super) fn write_meta(conn: &Connection, meta: &Meta) -> rusqlite::Result<()> {
    let sql = "INSERT INTO room (one, id, plan, environment, created_ms, closed_ms)
               VALUES (1, ?1, ?2, ?3, ?4, ?5)";
    let plan = meta.plan.as_os_str().as_bytes();
    conn.execute(sql, (&meta.id, plan, &meta.environment, meta.created_ms, meta.closed_ms)).map(drop)
}

/// The row of the cache that a room is kept in.
const ROOM: &str = "room";

/// The text of a kept room.
pub(super) fn kept_room(conn: &Connection) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT text FROM cache WHERE name = ?1";
    conn.query_row(sql, [ROOM], |row| row.get(0)).optional()
}

/// Keeps the text of a room; an empty one takes it away.
pub(super) fn keep_room(conn: &Connection, text: &str) -> rusqlite::Result<()> {
    if text.is_empty() {
        return conn.execute("DELETE FROM cache WHERE name = ?1", [ROOM]).map(drop);
    }
    conn.execute("REPLACE INTO cache (name, text) VALUES (?1, ?2)", (ROOM, text)).map(drop)
}

/// Reads the lease row.
pub(super) fn kept_lease(conn: &Connection) -> rusqlite::Result<Option<Kept>> {
    let sql = "SELECT pid, started, boot, host, name, renewed_ms, measures FROM lease";
    // A file that may only be looked at can be of before there was a word for it.
    let older = "SELECT pid, started, boot, host, name, renewed_ms, 1 FROM lease";
    let kept = |row: &Row<'_>| {
        let started = u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
        let (pid, boot, host, name) = (row.get(0)?, row.get(2)?, row.get(3)?, row.get(4)?);
        Ok((Holder { pid, started, boot, host, name, measures: row.get(6)? }, row.get(5)?))
    };
    let mut statement = conn.prepare_cached(sql).or_else(|_| conn.prepare_cached(older))?;
    statement.query_row([], kept).optional()
}

/// Judges the lease again inside a transaction, and writes it if it is ours.
pub(super) fn take_lease(tx: &Transaction<'_>, me: &Holder, now_ms: i64) -> rusqlite::Result<Lease> {
    let lease = lease::judge(kept_lease(tx)?, me, now_ms);
    if matches!(lease, Lease::Mine { .. }) {
        let sql = "REPLACE INTO lease (one, pid, started, boot, host, name, renewed_ms, measures)
                   VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let row = (me.pid, int(me.started), &me.boot, &me.host, &me.name, now_ms, me.measures);
        tx.prepare_cached(sql)?.execute(row)?;
    }
    Ok(lease)
}
