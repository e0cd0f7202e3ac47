//! The end of a journal, remembered outside it in `<name>.head`: so that a database whose `-wal`
//! was deleted, or an older copy put in its place, is noticed. Written over in place after each
//! append without a sync, which costs microseconds; it may lag behind but never run ahead of what
//! is on the disk. A file that is missing or torn remembers nothing.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::audit::heads::Kept;
use super::chain::{self, Head};

const MAGIC: &str = "warroom-head-v1";

/// The remembered end of one room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remembered {
    /// [`super::Meta::id`] of the room.
    pub id: String,
    /// Its end when last seen.
    pub head: Head,
}

/// `room.head` for `room.db`.
pub(super) fn path(database: &Path) -> PathBuf {
    database.with_extension("head")
}

/// What is remembered of a database. A line caught in the middle of being rewritten is read again.
pub(super) fn read(database: &Path) -> Option<Remembered> {
    let file = path(database);
    (0..3).find_map(|_| parse(&fs::read_to_string(&file).ok()?))
}

/// What is remembered beside a database, as a head to compare with, and where it stands.
pub(super) fn kept(database: &Path) -> Option<(PathBuf, Kept)> {
    read(database).map(|seen| (path(database), Kept { room: Some(seen.id), head: seen.head }))
}

/// Everything that is remembered in these folders.
pub(super) fn all(folders: &[PathBuf]) -> Vec<(PathBuf, Kept)> {
    let files = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "head"));
    files.sort();
    files.iter().filter_map(|file| kept(&file.with_extension("db"))).collect()
}

/// Opens the file to write to, private to this user; `None` where that is not possible, which
/// costs the notice and nothing else.
pub(super) fn open(database: &Path) -> Option<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600).open(path(database)).ok()
}

/// Remembers an end.
pub(super) fn write(file: &File, remembered: &Remembered) {
    // Failing to remember weakens a later check and must not fail what was saved.
    let _ = file.write_all_at(line(remembered).as_bytes(), 0);
}

/// Of fixed length for one room, so that it can be written over in place; the last field shows a torn line.
fn line(remembered: &Remembered) -> String {
    let Remembered { id, head } = remembered;
    let text = format!("{MAGIC} {id} {:020} {}", head.seq, chain::hex(&head.hash));
    let check = chain::digest(text.as_bytes());
    format!("{text} {check}\n")
}

fn parse(text: &str) -> Option<Remembered> {
    let (text, check) = text.lines().next()?.rsplit_once(' ')?;
    let fields: Vec<&str> = text.split(' ').collect();
    let [MAGIC, id, seq, hash] = fields[..] else { return None };
    let head = Head { seq: seq.parse().ok()?, hash: chain::unhex(hash)? };
    (chain::digest(text.as_bytes()) == check).then(|| Remembered { id: id.to_owned(), head })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(seq: u64) -> Remembered {
        Remembered { id: "0198".into(), head: Head { seq, hash: [7; 32] } }
    }

    #[test]
    fn the_last_end_written_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("launch.v2.db");
        assert_eq!(read(&database), None);
        let file = open(&database).unwrap();
        for seq in [9, 10, 1_000_000] {
            write(&file, &sample(seq));
            assert_eq!(read(&database), Some(sample(seq)));
        }
        assert!(folder.path().join("launch.v2.head").exists());
    }

    #[test]
    fn a_torn_line_remembers_nothing() {
        let whole = line(&sample(41));
        assert_eq!(parse(&whole), Some(sample(41)));
        for cut in 0..whole.len() - 1 {
            assert_eq!(parse(&whole[..cut]), None, "cut at {cut}");
        }
        assert_eq!(parse(&whole.replace("41", "42")), None);
        assert_eq!(parse(&"\0".repeat(200)), None);
    }
}
