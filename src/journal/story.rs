//! Reading events again, by whoever looks back, while the scribe writes: on a connection that cannot
//! write. It verifies nothing: ask only for places up to the end that a store has verified. Called by
//! `runtime`'s reader of the past.

use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension as _};

use super::sqlite::fault;
use super::{JournalError, Past, Record, chain, opening, rows};

/// A look at a room's events.
#[derive(Debug)]
pub struct Story {
    path: PathBuf,
    conn: Connection,
}

impl Past {
    /// Opens the events beside these samples.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn story(&self) -> Result<Story, JournalError> {
        let (path, frozen) = self.place();
        let conn = opening::connect_reading(path, frozen)?;
        Ok(Story { path: path.to_owned(), conn })
    }
}

impl Story {
    /// The events behind place `after` up to place `to`, at most `most`. What is no event is left out.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn events(&self, after: u64, to: u64, most: usize) -> Result<Vec<Record>, JournalError> {
        let read = || -> rusqlite::Result<Vec<_>> {
            let sql = "SELECT seq, text, hash FROM event WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
            let mut statement = self.conn.prepare_cached(sql)?;
            let mut rows = statement.query((rows::int(after), rows::int(to), rows::int(most as u64)))?;
            let mut events = vec![];
            while let Some(row) = rows.next()? {
                events.extend(rows::record(row));
            }
            Ok(events)
        };
        read().map_err(|error| fault(&self.path, &error))
    }

    /// A plan's bytes, where the journal has them as they were.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn plan(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let sql = "SELECT bytes FROM plan WHERE digest = ?1";
        let bytes = self.conn.query_row(sql, [digest], |row| row.get::<_, Vec<u8>>(0)).optional();
        let bytes = bytes.map_err(|error| fault(&self.path, &error))?;
        Ok(bytes.filter(|bytes| chain::digest(bytes) == digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{How, Meta, SqliteStore, Store as _};

    #[test]
    fn it_reads_what_was_stored_and_no_further_than_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let meta = Meta {
            id: "r".into(),
            plan: "/p".into(),
            environment: String::new(),
            created_ms: 0,
            closed_ms: None,
        };
        let mut store = SqliteStore::create(&path, &How::default(), &meta).unwrap().unwrap();
        let digest = chain::digest(b"# P");
        store.keep_plan(&digest, b"# P").unwrap();
        store.append(0, &["a".to_owned(), "b".to_owned(), "c".to_owned()]).unwrap();
        let story = Past::at(&path).story().unwrap();
        let told = |after, to, most| -> Vec<(u64, String)> {
            story.events(after, to, most).unwrap().into_iter().map(|r| (r.seq, r.text)).collect()
        };
        assert_eq!(told(0, 2, 9), [(1, "a".to_owned()), (2, "b".to_owned())]);
        assert_eq!(told(1, 9, 1), [(2, "b".to_owned())]);
        store.append(3, &["d".to_owned()]).unwrap();
        assert_eq!(told(3, 4, 9), [(4, "d".to_owned())], "also what was stored since");
        assert_eq!(story.plan(&digest).unwrap().as_deref(), Some(&b"# P"[..]));
        assert_eq!(story.plan("sha256:other").unwrap(), None);
    }
}
