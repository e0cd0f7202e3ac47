//! Writing samples: a row every few seconds, gathered into chunks, forgotten in small steps. On a
//! connection of its own, so that nothing that goes wrong here touches the events.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use super::Asked;
use super::chunk::{self, Point};
use crate::journal::sqlite::fault;
use crate::journal::{JournalError, disk, opening};

/// So much of the disk is left for events.
const FLOOR: u64 = 64 << 20;

/// Rows become chunks when there are so many of them, or so many bytes in them.
const ROWS: usize = 120;
const BYTES: i64 = 256 << 10;

/// So many of the newest rows stay, for those who read on.
const YOUNG: usize = 12;

/// So many series are looked through at once for what is old enough, and so many chunks of each go.
const SERIES: usize = 16;
const CHUNKS: usize = 64;

/// Clocks may differ by this much before a time is not believed.
const SKEW: TimeDelta = TimeDelta::seconds(30);

/// The writing end of a room's samples.
#[derive(Debug)]
pub struct SampleLog {
    path: PathBuf,
    conn: Connection,
    known: HashMap<Asked, Known>,
    keep: TimeDelta,
    /// The last series that was looked through for what is old.
    pruned: i64,
}

/// A series as far as it is written.
#[derive(Clone, Copy, Debug)]
struct Known {
    id: i64,
    /// Milliseconds since 1970.
    newest: i64,
}

impl SampleLog {
    /// On the journal at `path`, which takes writes; what is older than `keep` is forgotten.
    ///
    /// # Errors
    /// The file cannot be written, or is on a disk where one connection has it for itself.
    pub fn open(path: &Path, keep: TimeDelta) -> Result<Self, JournalError> {
        if disk::is_network(path) {
            let detail = "no samples are kept on a disk that other computers share".to_owned();
            return Err(JournalError::Sqlite { file: path.to_owned(), detail });
        }
        let conn = opening::connect_unsynced(path).map_err(|error| fault(path, &error))?;
        Ok(Self { path: path.to_owned(), conn, known: HashMap::new(), keep, pruned: 0 })
    }

    /// Keeps what was measured, all of it or nothing. Of a series only what is newer than the newest
    /// kept: a history that is asked for again is not kept twice.
    ///
    /// # Errors
    /// Nothing was kept: the disk is nearly full, fails, or is locked.
    pub fn append(&mut self, batch: &[(&Asked, &[Point])], now: DateTime<Utc>) -> Result<(), JournalError> {
        self.room_left()?;
        let known = &mut self.known;
        let done = write(&mut self.conn, |tx| {
            let mut row = Row { base: now.timestamp_millis(), bytes: vec![] };
            if batch.iter().any(|(asked, _)| !known.contains_key(*asked)) {
                look_up(tx, known, batch)?;
            }
            batch.iter().for_each(|(asked, points)| row.add(known, asked, points));
            row.insert(tx)
        });
        if done.is_err() {
            // What it knows may have been rolled back.
            self.known.clear();
        }
        done.map_err(|error| fault(&self.path, &error))
    }

    /// Keeps a text under a name instead of the one before.
    ///
    /// # Errors
    /// As [`SampleLog::append`].
    pub fn remember(&mut self, name: &str, text: &str) -> Result<(), JournalError> {
        self.room_left()?;
        let sql = "REPLACE INTO cache (name, text) VALUES (?1, ?2)";
        let done = write(&mut self.conn, |tx| tx.prepare_cached(sql)?.execute((name, text)));
        done.map(drop).map_err(|error| fault(&self.path, &error))
    }

    /// A small step of what is to be done now and then: gathers rows into chunks, forgets old ones.
    ///
    /// # Errors
    /// The disk fails or is locked; everything is as before.
    pub fn tidy(&mut self, now: DateTime<Utc>) -> Result<(), JournalError> {
        let limit = (now - self.keep).timestamp_millis();
        let from = self.pruned;
        let done = write(&mut self.conn, |tx| {
            gather(tx)?;
            forget(tx, from, limit)
        });
        self.pruned = done.map_err(|error| fault(&self.path, &error))?;
        Ok(())
    }

    /// Samples never take the last of a disk.
    fn room_left(&self) -> Result<(), JournalError> {
        match disk::free(&self.path) {
            Some(free) if free < FLOOR => Err(JournalError::Full { file: self.path.clone() }),
            _ => Ok(()),
        }
    }

    #[cfg(test)]
    pub(super) fn limit_pages(&self, pages: u32) {
        self.conn.execute_batch(&format!("PRAGMA max_page_count = {pages}")).unwrap();
    }
}

/// What one row holds: of each series its number and its points.
struct Row {
    /// When it is written, which the times in it are near to.
    base: i64,
    bytes: Vec<u8>,
}

impl Row {
    fn add(&mut self, known: &mut HashMap<Asked, Known>, asked: &Asked, points: &[Point]) {
        let series = known.get_mut(asked).expect("all of a batch are looked up first");
        let end = self.base + SKEW.num_milliseconds();
        // A clock that was set back begins anew.
        let newest = if series.newest > end { i64::MIN } else { series.newest };
        let mut points: Vec<Point> =
            points.iter().filter(|(at, _)| *at > newest && *at <= end).copied().collect();
        points.sort_by_key(|(at, _)| *at);
        points.dedup_by_key(|(at, _)| *at);
        if let Some((last, _)) = points.last() {
            series.newest = *last;
            chunk::put(&mut self.bytes, series.id as u64);
            chunk::encode(&mut self.bytes, self.base, &points);
        }
    }

    fn insert(self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO sample_row (written_ms, bytes) VALUES (?1, ?2)";
        tx.prepare_cached(sql)?.execute((self.base, &self.bytes)).map(drop)
    }
}

/// The points of a row by series, as far as they can be read.
pub(super) fn row_points(mut bytes: &[u8], base: i64) -> Vec<(i64, Vec<Point>)> {
    let mut all = vec![];
    while !bytes.is_empty() {
        let id = chunk::take(&mut bytes).and_then(|id| i64::try_from(id).ok());
        let (Some(id), Some(points)) = (id, chunk::decode(&mut bytes, base)) else { break };
        all.push((id, points));
    }
    all
}

/// What is written of those of a batch that are not known yet. The rows are read once for all.
fn look_up(
    tx: &Transaction<'_>,
    known: &mut HashMap<Asked, Known>,
    batch: &[(&Asked, &[Point])],
) -> rusqlite::Result<()> {
    let mut young: HashMap<i64, i64> = HashMap::new();
    for row in rows(tx)? {
        for (id, points) in row_points(&row.bytes, row.base) {
            let newest = young.entry(id).or_insert(i64::MIN);
            *newest = points.last().map_or(*newest, |(at, _)| (*newest).max(*at));
        }
    }
    for (asked, _) in batch {
        if !known.contains_key(*asked) {
            known.insert((*asked).clone(), look_up_one(tx, &young, asked)?);
        }
    }
    Ok(())
}

/// The number of a series, a new one where it has none, and how far it is written.
fn look_up_one(tx: &Transaction<'_>, young: &HashMap<i64, i64>, asked: &Asked) -> rusqlite::Result<Known> {
    let sql = "SELECT id FROM series WHERE name = ?1 AND question = ?2";
    let found = tx.prepare_cached(sql)?.query_row((&asked.name, &asked.question), |row| row.get(0));
    let Some(id) = found.optional()? else {
        let sql = "INSERT INTO series (name, question) VALUES (?1, ?2)";
        tx.prepare_cached(sql)?.execute((&asked.name, &asked.question))?;
        return Ok(Known { id: tx.last_insert_rowid(), newest: i64::MIN });
    };
    let sql = "SELECT max(last_ms) FROM sample_chunk WHERE series = ?1";
    let chunks: Option<i64> = tx.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    let newest = young.get(&id).copied().into_iter().chain(chunks).max();
    Ok(Known { id, newest: newest.unwrap_or(i64::MIN) })
}

/// A row as it was written.
pub(super) struct Written {
    pub id: i64,
    pub base: i64,
    pub bytes: Vec<u8>,
}

/// Every row that has not become chunks, oldest first.
pub(super) fn rows(conn: &Connection) -> rusqlite::Result<Vec<Written>> {
    rows_after(conn, 0)
}

/// Those that were written after row `id`.
pub(super) fn rows_after(conn: &Connection, id: i64) -> rusqlite::Result<Vec<Written>> {
    let sql = "SELECT id, written_ms, bytes FROM sample_row WHERE id > ?1 ORDER BY id";
    let mut statement = conn.prepare_cached(sql)?;
    let written =
        |row: &rusqlite::Row<'_>| Ok(Written { id: row.get(0)?, base: row.get(1)?, bytes: row.get(2)? });
    statement.query_map([id], written)?.collect()
}

/// The oldest rows, so many that they are worth it, become a chunk a series.
fn gather(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    let Some(last) = ripe(tx)? else { return Ok(()) };
    let mut series: HashMap<i64, Vec<Point>> = HashMap::new();
    for row in rows(tx)?.into_iter().take_while(|row| row.id <= last) {
        for (id, points) in row_points(&row.bytes, row.base) {
            series.entry(id).or_default().extend(points);
        }
    }
    series.into_iter().try_for_each(|(id, points)| store(tx, id, points))?;
    tx.prepare_cached("DELETE FROM sample_row WHERE id <= ?1")?.execute([last]).map(drop)
}

/// The last row that is to be gathered now.
fn ripe(tx: &Transaction<'_>) -> rusqlite::Result<Option<i64>> {
    let mut statement = tx.prepare_cached("SELECT id, length(bytes) FROM sample_row ORDER BY id")?;
    let mut sizes: Vec<(i64, i64)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    sizes.truncate(sizes.len().saturating_sub(YOUNG));
    let all: i64 = sizes.iter().map(|(_, bytes)| bytes).sum();
    if sizes.len() < ROWS && all < BYTES {
        return Ok(None);
    }
    let mut taken = 0;
    let fits = |(_, bytes): &&(i64, i64)| {
        let first = taken == 0;
        taken += bytes;
        first || taken <= BYTES
    };
    Ok(sizes.iter().take_while(fits).last().map(|(id, _)| *id))
}

fn store(tx: &Transaction<'_>, series: i64, mut points: Vec<Point>) -> rusqlite::Result<()> {
    points.sort_by_key(|(at, _)| *at);
    let [(first, _), ..] = points[..] else { return Ok(()) };
    let last = points.last().map_or(first, |(at, _)| *at);
    let mut bytes = vec![];
    chunk::encode(&mut bytes, first, &points);
    let sql = "REPLACE INTO sample_chunk (series, last_ms, first_ms, bytes) VALUES (?1, ?2, ?3, ?4)";
    tx.prepare_cached(sql)?.execute((series, last, first, bytes)).map(drop)
}

/// Forgets what ended before `limit` of the series behind `from`; gives the last of them.
fn forget(tx: &Transaction<'_>, from: i64, limit: i64) -> rusqlite::Result<i64> {
    tx.prepare_cached("DELETE FROM sample_row WHERE written_ms < ?1")?.execute([limit])?;
    let mut statement = tx.prepare_cached("SELECT id FROM series WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let ids: Vec<i64> =
        statement.query_map((from, SERIES as i64), |row| row.get(0))?.collect::<Result<_, _>>()?;
    let sql = "DELETE FROM sample_chunk WHERE series = ?1 AND last_ms IN
               (SELECT last_ms FROM sample_chunk WHERE series = ?1 AND last_ms < ?2 ORDER BY last_ms LIMIT ?3)";
    let mut delete = tx.prepare_cached(sql)?;
    for id in &ids {
        delete.execute((id, limit, CHUNKS as i64))?;
    }
    Ok(if ids.len() < SERIES { 0 } else { ids.last().copied().unwrap_or(0) })
}

fn write<T>(
    conn: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&tx)?;
    tx.commit()?;
    Ok(done)
}
