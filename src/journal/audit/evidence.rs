//! A journal file as evidence: opened so that nothing of it or beside it is written, not even the
//! shared memory that SQLite would make for a reader.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::journal::disk::{self, beside};
use crate::journal::{JournalError, opening};

/// A connection that reads one state of a file.
pub(super) struct Evidence {
    pub conn: Connection,
    /// A copy to be removed at the end.
    _scratch: Option<Scratch>,
}

/// Opens the file for nothing but reading.
///
/// With shared memory beside it, some process has the journal open and is joined as any reader. A
/// `-wal` without one was copied or left by a crash: reading it would write, so a copy is read. Without
/// either, the file alone is the truth and is read as if nothing could change it.
pub(super) fn open(path: &Path) -> Result<Evidence, JournalError> {
    disk::identity(path)?;
    let shared = beside(path, "-shm").exists();
    let wal = disk::length(&beside(path, "-wal")) > 0;
    let (conn, scratch) = match (shared, wal) {
        (true, _) => (opening::connect_reading(path, false)?, None),
        (false, false) => (opening::connect_frozen(path)?, None),
        (false, true) => {
            let scratch = Scratch::of(path)?;
            (opening::connect_reading(&scratch.file(), false)?, Some(scratch))
        }
    };
    Ok(Evidence { conn, _scratch: scratch })
}

/// A private folder with a copy of a database and its `-wal`.
struct Scratch(PathBuf);

impl Scratch {
    fn of(path: &Path) -> Result<Self, JournalError> {
        let name = format!("warroom-verify-{}", uuid::Uuid::now_v7());
        let scratch = Self(std::env::temp_dir().join(name));
        disk::create_private_folder(&scratch.0)?;
        for ending in ["", "-wal"] {
            let (from, to) = (beside(path, ending), beside(&scratch.file(), ending));
            fs::copy(&from, &to).map_err(disk::failed(&from, "copying"))?;
        }
        Ok(scratch)
    }

    fn file(&self) -> PathBuf {
        self.0.join("copy.db")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed from the folder for temporary files is left to the system.
        let _ = fs::remove_dir_all(&self.0);
    }
}
