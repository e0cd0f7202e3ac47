//! The journal in one SQLite file a room. Every append is one synced transaction, judged against
//! the end this handle has verified; the lease alone is written without a sync. Opening is in
//! `opening`, naming in `rooms`, salvage in `salvage`; errors become sentences in [`fault`].

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior};

use super::audit::heads::{Claim, heads_claimed};
use super::chain::{self, Head, Record};
use super::disk::{self, Identity, beside};
use super::glimpse::{self, Glimpse};
use super::lease;
use super::opening::{self, How, Opened};
use super::remembered::{self, Remembered};
use super::rows;
use super::{AppendError, Holder, JournalError, Lease, Meta, OpenedAs, PAGE, Past, SampleLog, Store, Why};
use crate::room::RECENT;

/// A failure that left a connection in doubt: nothing but [`Store::reopen`] helps.
#[derive(Clone, Copy, Debug)]
enum Doubt {
    Storage,
    Damage,
}

/// One handle on a journal file.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    how: How,
    conn: Connection,
    identity: Identity,
    opened: OpenedAs,
    id: String,
    /// As far as the chain is verified.
    head: Head,
    /// SQLite's `data_version` when the verified end was last found to be the end.
    level_at: Option<i64>,
    /// Where the end is remembered outside the database.
    outside: Option<File>,
    doubt: Option<Doubt>,
}

impl SqliteStore {
    /// Opens an existing journal. Verifies nothing yet: [`Store::after`] does while it reads.
    ///
    /// # Errors
    /// The file is gone, foreign, damaged, locked, or cannot even be read.
    pub fn open(path: &Path, how: &How) -> Result<Self, JournalError> {
        let seen = remembered::read(path);
        let identity = disk::identity(path)?;
        let Opened { conn, opened_as, meta } = opening::open(path, how, seen.as_ref())?;
        Ok(Self::assemble(path, how, conn, identity, opened_as, meta.id))
    }

    /// Creates the journal of a new room; `None` when the path is taken.
    ///
    /// # Errors
    /// The folder or disk does not take it.
    pub fn create(path: &Path, how: &How, meta: &Meta) -> Result<Option<Self>, JournalError> {
        let Some(conn) = opening::create(path, how, meta)? else { return Ok(None) };
        let identity = disk::identity(path)?;
        let store = Self::assemble(path, how, conn, identity, OpenedAs::Writable, meta.id.clone());
        store.remember();
        Ok(Some(store))
    }

    /// Accepts the history as it stands after it went backwards, was exchanged, or lost its room:
    /// from now on this end is the remembered one. Other reasons for being view-only stay.
    ///
    /// # Errors
    /// The file cannot be opened again.
    pub fn accept(&mut self) -> Result<(), JournalError> {
        let OpenedAs::ReadOnly(Why::Backwards { .. } | Why::Forked { .. } | Why::OtherRoom) = self.opened
        else {
            return Ok(());
        };
        let head = rows::top(&self.conn).map_err(|error| fault(&self.path, &error))?;
        if let Some(outside) = remembered::open(&self.path) {
            remembered::write(&outside, &Remembered { id: self.id.clone(), head });
        }
        let known = self.head;
        *self = Self::open(&self.path, &self.how)?;
        self.head = known;
        Ok(())
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn assemble(
        path: &Path,
        how: &How,
        conn: Connection,
        identity: Identity,
        opened: OpenedAs,
        id: String,
    ) -> Self {
        let outside = if opened == OpenedAs::Writable { remembered::open(path) } else { None };
        Self {
            path: path.to_owned(),
            how: how.clone(),
            conn,
            identity,
            opened,
            id,
            head: Head::default(),
            level_at: None,
            outside,
            doubt: None,
        }
    }

    fn remember(&self) {
        if let Some(outside) = &self.outside {
            remembered::write(outside, &Remembered { id: self.id.clone(), head: self.head });
        }
    }

    /// Refuses everything on a connection whose last failure left it in doubt. After damage SQLite
    /// may take the same page for whole on the second look.
    fn sound(&self) -> Result<(), JournalError> {
        let file = || self.path.clone();
        match self.doubt {
            None => Ok(()),
            Some(Doubt::Storage) => {
                Err(JournalError::Storage { file: file(), detail: "an earlier access failed".to_owned() })
            }
            Some(Doubt::Damage) => {
                Err(JournalError::Corrupt { file: file(), detail: "an earlier read found it".to_owned() })
            }
        }
    }

    fn writable(&self) -> Result<(), JournalError> {
        self.sound()?;
        match &self.opened {
            OpenedAs::Writable => Ok(()),
            OpenedAs::ReadOnly(why) => {
                Err(JournalError::ViewOnly { file: self.path.clone(), why: why.clone() })
            }
        }
    }

    /// Refuses to write into a file that the path no longer leads to.
    fn same_file(&self) -> Result<(), JournalError> {
        if disk::identity(&self.path)? == self.identity {
            return Ok(());
        }
        Err(JournalError::Replaced { file: self.path.clone() })
    }

    /// The sentence for an error of this connection, which is in doubt after some of them.
    fn failed(&mut self, error: rusqlite::Error) -> JournalError {
        let fault = fault(&self.path, &error);
        match fault {
            JournalError::Storage { .. } => self.doubt = Some(Doubt::Storage),
            JournalError::Corrupt { .. } => self.doubt = Some(Doubt::Damage),
            _ => {}
        }
        fault
    }

    /// The verified place to read on from.
    fn anchor(&mut self, seq: u64) -> Result<Head, JournalError> {
        let kept = rows::hash_at(&self.conn, seq).map_err(|error| self.failed(error))?;
        match kept {
            Some(hash) if seq < self.head.seq || (Head { seq, hash }) == self.head => Ok(Head { seq, hash }),
            _ => Err(JournalError::Backwards { file: self.path.clone(), seq }),
        }
    }

    /// Reads a page after `from` as far as it verifies; an empty page may mean a broken chain.
    fn page(&mut self, from: Head) -> rusqlite::Result<(Vec<Record>, bool)> {
        let sql = "SELECT seq, text, hash FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query((rows::int(from.seq), PAGE as i64))?;
        let (mut head, mut page) = (from, Vec::new());
        while let Some(row) = rows.next()? {
            let Some(record) = rows::record(row).filter(|record| head.admits(record)) else {
                return Ok((page, true));
            };
            head = record.head();
            page.push(record);
        }
        Ok((page, false))
    }

    /// Moves the verified end forwards; a page that crosses it must agree with it.
    fn advance(&mut self, page: &[Record]) -> Result<(), JournalError> {
        let at_head = page.iter().find(|record| record.seq == self.head.seq);
        if at_head.is_some_and(|record| record.hash != self.head.hash) {
            return Err(JournalError::Backwards { file: self.path.clone(), seq: self.head.seq });
        }
        if let Some(last) = page.last().filter(|last| last.seq > self.head.seq) {
            self.head = last.head();
        }
        Ok(())
    }

    /// The first sign-off among `records` that was given for another history than the one before it.
    fn estranged(&self, records: &[Record]) -> rusqlite::Result<Option<Claim>> {
        for claim in heads_claimed(records) {
            let here = rows::hash_at(&self.conn, claim.head.seq)?;
            if claim.head.seq >= claim.by || here != Some(claim.head.hash) {
                return Ok(Some(claim));
            }
        }
        Ok(None)
    }

    /// A history that is not the one somebody signed for can only be looked at.
    fn heed_claims(&mut self, page: &[Record]) -> Result<(), JournalError> {
        let estranged = self.estranged(page).map_err(|error| self.failed(error))?;
        let known = matches!(&self.opened, OpenedAs::ReadOnly(why) if why.is_of_history());
        if let Some(Claim { by, head }) = estranged.filter(|_| !known) {
            self.opened = OpenedAs::ReadOnly(Why::Estranged { by, seq: head.seq });
        }
        Ok(())
    }

    fn broken(&mut self, seq: u64) -> JournalError {
        self.opened = OpenedAs::ReadOnly(Why::Broken { seq });
        JournalError::Broken { file: self.path.clone(), seq }
    }

    /// Inserts in one immediate transaction, if the end is still where it was verified.
    fn insert(&mut self, records: &[Record]) -> rusqlite::Result<Result<(), Head>> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let end = rows::top(&tx)?;
        if end != self.head {
            return Ok(Err(end));
        }
        let mut statement = tx.prepare_cached("INSERT INTO event (seq, text, hash) VALUES (?1, ?2, ?3)")?;
        for record in records {
            statement.execute((rows::int(record.seq), &record.text, record.hash))?;
        }
        drop(statement);
        tx.commit().map(Ok)
    }

    /// Writes what may be lost in a power cut without waiting for the disk.
    fn unsynced<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.conn.execute_batch("PRAGMA synchronous = NORMAL")?;
        let done = write(&mut self.conn, work);
        let back = self.conn.execute_batch("PRAGMA synchronous = FULL");
        if back.is_err() {
            self.doubt = Some(Doubt::Storage);
        }
        back.and(done)
    }
}

impl Store for SqliteStore {
    fn after(&mut self, seq: u64) -> Result<Vec<Record>, JournalError> {
        self.sound()?;
        let from = self.anchor(seq)?;
        let (page, broken) = self.page(from).map_err(|error| self.failed(error))?;
        if broken && page.is_empty() {
            return Err(self.broken(seq + 1));
        }
        self.advance(&page)?;
        self.heed_claims(&page)?;
        Ok(page)
    }

    fn append(&mut self, after: u64, texts: &[String]) -> Result<Vec<Record>, AppendError> {
        self.writable()?;
        self.same_file()?;
        if after != self.head.seq {
            return Err(AppendError::Moved { known: self.head });
        }
        let records = chain::extend(self.head, texts);
        if let Some(Claim { head, .. }) = self.estranged(&records).map_err(|error| self.failed(error))? {
            return Err(JournalError::Estranged { file: self.path.clone(), seq: head.seq }.into());
        }
        match self.insert(&records).map_err(|error| self.failed(error))? {
            Ok(()) => self.head = records.last().map_or(self.head, Record::head),
            Err(end) if end.seq > self.head.seq => return Err(AppendError::Moved { known: self.head }),
            Err(_) => return Err(JournalError::Backwards { file: self.path.clone(), seq: after }.into()),
        }
        self.remember();
        Ok(records)
    }

    fn changed(&mut self) -> Result<bool, JournalError> {
        self.sound()?;
        let version = rows::data_version(&self.conn).map_err(|error| self.failed(error))?;
        if self.level_at == Some(version) {
            return Ok(false);
        }
        let level = rows::top(&self.conn).map_err(|error| self.failed(error))? == self.head;
        self.level_at = level.then_some(version);
        Ok(!level)
    }

    fn head(&self) -> Head {
        self.head
    }

    fn opened_as(&self) -> &OpenedAs {
        &self.opened
    }

    fn keep_plan(&mut self, digest: &str, bytes: &[u8]) -> Result<(), JournalError> {
        self.writable()?;
        if chain::digest(bytes) != digest {
            return Err(JournalError::PlanBytes { file: self.path.clone(), digest: digest.to_owned() });
        }
        let sql = "INSERT INTO plan (digest, bytes) VALUES (?1, ?2)
                   ON CONFLICT DO UPDATE SET bytes = excluded.bytes WHERE bytes <> excluded.bytes";
        let kept = write(&mut self.conn, |tx| tx.execute(sql, (digest, bytes)));
        kept.map(drop).map_err(|error| self.failed(error))
    }

    fn plan(&mut self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.sound()?;
        let sql = "SELECT bytes FROM plan WHERE digest = ?1";
        let bytes = self.conn.query_row(sql, [digest], |row| row.get::<_, Vec<u8>>(0)).optional();
        match bytes.map_err(|error| self.failed(error))? {
            Some(bytes) if chain::digest(&bytes) != digest => {
                Err(JournalError::PlanBytes { file: self.path.clone(), digest: digest.to_owned() })
            }
            bytes => Ok(bytes),
        }
    }

    fn renew_lease(&mut self, me: &Holder, now_ms: i64) -> Result<Lease, JournalError> {
        self.sound()?;
        let kept = rows::kept_lease(&self.conn).map_err(|error| self.failed(error))?;
        if self.opened != OpenedAs::Writable {
            return Ok(lease::watch(kept, me, now_ms));
        }
        if let theirs @ Lease::Theirs { .. } = lease::judge(kept, me, now_ms) {
            return Ok(theirs);
        }
        self.unsynced(|tx| rows::take_lease(tx, me, now_ms)).map_err(|error| self.failed(error))
    }

    fn release_lease(&mut self, me: &Holder) -> Result<(), JournalError> {
        if self.opened != OpenedAs::Writable {
            return Ok(());
        }
        let sql = "DELETE FROM lease WHERE pid = ?1 AND started = ?2 AND boot = ?3";
        let released = self.unsynced(|tx| tx.execute(sql, (me.pid, rows::int(me.started), &me.boot)));
        released.map(drop).map_err(|error| self.failed(error))
    }

    fn meta(&mut self) -> Result<Meta, JournalError> {
        self.sound()?;
        rows::read_meta(&self.conn).map_err(|error| self.failed(error))
    }

    fn mark_closed(&mut self, at_ms: Option<i64>) -> Result<(), JournalError> {
        self.writable()?;
        let sql = "UPDATE room SET closed_ms = ?1";
        let marked = write(&mut self.conn, |tx| tx.execute(sql, [at_ms]));
        marked.map(drop).map_err(|error| self.failed(error))
    }

    fn past(&self) -> Option<Past> {
        Some(Past::at(&self.path).frozen(self.how.frozen))
    }

    fn samples(&self, keep: chrono::TimeDelta) -> Result<Option<SampleLog>, JournalError> {
        match self.opened {
            OpenedAs::Writable => SampleLog::open(&self.path, keep).map(Some),
            OpenedAs::ReadOnly(_) => Ok(None),
        }
    }

    fn glimpse(&mut self) -> Option<Glimpse> {
        // What cannot be read is made anew.
        let text = rows::kept_room(&self.conn).ok().flatten()?;
        let head = glimpse::head(&text)?;
        let before = head.seq.saturating_sub(RECENT as u64);
        let mut end = Head { seq: before, hash: rows::hash_at(&self.conn, before).ok().flatten()? };
        let mut records = vec![];
        loop {
            let (page, broken) = self.page(end).ok()?;
            end = match page.last() {
                _ if broken => return None,
                None => return Some(Glimpse { text, records }),
                Some(last) => last.head(),
            };
            records.extend(page);
        }
    }

    fn keep_glimpse(&mut self, text: &str) -> Result<(), JournalError> {
        self.writable()?;
        let kept = self.unsynced(|tx| rows::keep_room(tx, text));
        kept.map_err(|error| self.failed(error))
    }

    fn reopen(&mut self) -> Result<(), JournalError> {
        // The old connection must not touch the file once more on its way out.
        let _ = self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        let fresh = Self::open(&self.path, &self.how)?;
        let known = std::mem::replace(self, fresh).head;
        self.anchor_to(known)
    }
}

#[cfg(test)]
impl SqliteStore {
    /// Makes the disk look as if it had this many pages.
    pub(super) fn limit_pages(&self, pages: u32) {
        self.conn.execute_batch(&format!("PRAGMA max_page_count = {pages}")).unwrap();
    }
}

impl SqliteStore {
    /// Keeps the end verified before on a fresh connection, which must still hold it.
    fn anchor_to(&mut self, known: Head) -> Result<(), JournalError> {
        self.head = known;
        self.anchor(known.seq).map(drop)
    }
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

/// SQLite's error as a sentence about `file`.
pub(super) fn fault(file: &Path, error: &rusqlite::Error) -> JournalError {
    let (file, detail) = (file.to_owned(), error.to_string());
    match opening::code(error) {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => JournalError::Corrupt { file, detail },
        Some(ErrorCode::DiskFull) => JournalError::Full { file },
        Some(ErrorCode::SystemIoFailure) if disk::is_full(&file) => JournalError::Full { file },
        Some(ErrorCode::SystemIoFailure) => JournalError::Storage { file, detail },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            let by = disk::lock_holder(&[file.clone(), beside(&file, "-shm")]);
            JournalError::Busy { file, by }
        }
        Some(ErrorCode::ReadOnly) => JournalError::ViewOnly { file, why: Why::Place },
        _ => JournalError::Sqlite { file, detail },
    }
}
