//! A step's output on the disk: the first and the last MiB and how much it was in all. The writer never
//! waits for a reader; a reader that is too slow misses bytes and knows how many.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::sealed;

/// Kept of the beginning.
const HEAD: u64 = 1024 * 1024;
/// Kept of the end.
const TAIL: u64 = 1024 * 1024;
/// So far behind the writer nothing is read any more: it may be writing there.
const MARGIN: u64 = 128 * 1024;
/// Read at once.
const PIECE: u64 = 32 * 1024;

/// What the disk holds of an output at most.
pub const WHOLE: u64 = HEAD + TAIL;

/// Writes an output. A disk that fails costs output, never the step.
pub(super) struct Ring {
    files: Option<(File, File)>,
    total: u64,
}

impl Ring {
    pub fn create(folder: &Path) -> Self {
        let files = sealed::create(&folder.join("output")).and_then(|output| {
            let count = sealed::create(&folder.join("count"))?;
            Ok((output, count))
        });
        Self { files: files.ok(), total: 0 }
    }

    /// How much came.
    pub fn total(&self) -> u64 {
        self.total
    }

    pub fn append(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(PIECE as usize) {
            if self.write(piece).is_err() {
                self.files = None;
            }
            self.total += piece.len() as u64;
        }
    }

    fn write(&self, mut piece: &[u8]) -> io::Result<()> {
        let Some((output, count)) = &self.files else { return Ok(()) };
        let mut at = self.total;
        while !piece.is_empty() {
            let (place, room) = place(at);
            let length = piece.len().min(usize::try_from(room).unwrap_or(usize::MAX));
            output.write_all_at(&piece[..length], place)?;
            at += length as u64;
            piece = &piece[length..];
        }
        count.write_all_at(&at.to_le_bytes(), 0)
    }
}

/// Where a byte lies, and how many may follow it there.
fn place(at: u64) -> (u64, u64) {
    match at.checked_sub(HEAD) {
        None => (at, HEAD - at),
        Some(behind) => (HEAD + behind % TAIL, TAIL - behind % TAIL),
    }
}

/// Reads an output from its beginning, while it is written or afterwards.
#[derive(Debug)]
pub struct Tail {
    folder: PathBuf,
    at: u64,
}

impl Tail {
    /// The output of a step's folder.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), at: 0 }
    }

    /// How far it has read.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// What came next: how many bytes were missed before it, and at most 32 KiB; empty where nothing came.
    pub fn read(&mut self) -> (u64, Vec<u8>) {
        self.try_read().unwrap_or_default()
    }

    fn try_read(&mut self) -> io::Result<(u64, Vec<u8>)> {
        let (output, count) =
            (File::open(self.folder.join("output"))?, File::open(self.folder.join("count"))?);
        let mut missed = 0;
        loop {
            let total = written(&count)?;
            if self.at >= total {
                return Ok((missed, vec![]));
            }
            if self.is_lost(total) {
                let next = total - PIECE;
                missed += next - self.at;
                self.at = next;
            }
            let (place, room) = place(self.at);
            let mut piece =
                vec![0; usize::try_from(room.min(PIECE).min(total - self.at)).unwrap_or_default()];
            output.read_exact_at(&mut piece, place)?;
            if !self.is_lost(written(&count)?) {
                self.at += piece.len() as u64;
                return Ok((missed, piece));
            }
        }
    }

    /// Whether what comes next was overwritten, or may be while it is read.
    fn is_lost(&self, total: u64) -> bool {
        self.at >= HEAD && total - self.at > TAIL - MARGIN
    }
}

fn written(count: &File) -> io::Result<u64> {
    let mut bytes = [0; 8];
    match count.read_exact_at(&mut bytes, 0) {
        Ok(()) => Ok(u64::from_le_bytes(bytes)),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything there is to read, and how much was missed.
    fn read(tail: &mut Tail) -> (u64, Vec<u8>) {
        let (mut missed, mut all) = (0, vec![]);
        loop {
            let (more, piece) = tail.read();
            missed += more;
            if piece.is_empty() {
                return (missed, all);
            }
            all.extend(piece);
        }
    }

    /// The bytes of a stream, each to be told from its neighbours.
    fn stream(from: u64, length: u64) -> Vec<u8> {
        (from..from + length).map(|n| (n % 251) as u8).collect()
    }

    #[test]
    fn a_reader_that_keeps_up_misses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (mut ring, mut tail) = (Ring::create(folder.path()), Tail::of(folder.path()));
        let (mut at, mut size) = (0, 1);
        while at < 3 * WHOLE {
            ring.append(&stream(at, size));
            assert_eq!(read(&mut tail), (0, stream(at, size)), "{at}");
            (at, size) = (at + size, (size * 7 + 3) % 300_000 + 1);
        }
    }

    #[test]
    fn who_comes_late_reads_the_first_and_the_last_and_knows_what_is_between() {
        let folder = tempfile::tempdir().unwrap();
        let mut ring = Ring::create(folder.path());
        ring.append(&stream(0, 10 * WHOLE));
        let (missed, all) = read(&mut Tail::of(folder.path()));
        assert_eq!(missed + all.len() as u64, 10 * WHOLE);
        assert_eq!(all[..HEAD as usize], stream(0, HEAD));
        let end = all.len() as u64 - HEAD;
        assert_eq!(all[HEAD as usize..], stream(10 * WHOLE - end, end));
        assert_eq!(std::fs::metadata(folder.path().join("output")).unwrap().len(), WHOLE);
    }
}
