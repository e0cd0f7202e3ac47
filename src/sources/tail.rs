//! The end of a file that is written to, rotated, truncated or not there yet. Blocking; `log` gives it
//! a thread.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// So much is read at a time; what is beyond comes with the next.
const PIECE: u64 = 8 * 1024 * 1024;

/// A followed file.
pub(super) struct Tail {
    path: PathBuf,
    open: Option<Open>,
    /// Whether it was looked for before: a file that appears later is read from its start.
    looked: bool,
}

struct Open {
    file: File,
    /// Device and inode.
    id: (u64, u64),
    offset: u64,
}

/// What came since the last time.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Read {
    pub bytes: Vec<u8>,
    /// The end of a sentence that begins with the source.
    pub trouble: Option<String>,
}

impl Tail {
    /// Follows a file from its present end on.
    pub fn new(path: PathBuf) -> Self {
        Self { path, open: None, looked: false }
    }

    /// What was written since the last time: the rest of the file that was open, then the start of one
    /// that took its place.
    pub fn read(&mut self) -> Read {
        let mut read = Read::default();
        let told = self.rest(&mut read.bytes).and_then(|()| self.turn(&mut read.bytes));
        self.looked = true;
        read.trouble = told.err().map(|e| match e.kind() {
            io::ErrorKind::NotFound => format!("is not there: {}", self.path.display()),
            _ => format!("cannot be read: {e}"),
        });
        read
    }

    fn rest(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        if open.file.metadata()?.len() < open.offset {
            open.offset = 0;
        }
        open.file.seek(SeekFrom::Start(open.offset))?;
        open.offset += (&mut open.file).take(PIECE).read_to_end(bytes)? as u64;
        Ok(())
    }

    /// Looks whether another file has the name by now.
    fn turn(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let about = std::fs::metadata(&self.path)?;
        if !about.is_file() {
            // Opening a pipe would wait for somebody to write to it.
            return Err(io::Error::other(format!("{} is no file", self.path.display())));
        }
        if self.open.as_ref().is_some_and(|open| open.id == (about.dev(), about.ino())) {
            return Ok(());
        }
        let behind = self.open.as_mut().is_some_and(|o| o.file.metadata().is_ok_and(|m| m.len() > o.offset));
        if behind {
            return Ok(());
        }
        let file = File::open(&self.path)?;
        let about = file.metadata()?;
        let offset = if self.looked { 0 } else { about.len() };
        self.open = Some(Open { file, id: (about.dev(), about.ino()), offset });
        self.rest(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{OpenOptions, remove_file, rename, write};
    use std::io::Write as _;
    use std::path::Path;

    use super::*;

    fn append(path: &Path, text: &str) {
        let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn text(tail: &mut Tail) -> String {
        let read = tail.read();
        assert_eq!(read.trouble, None);
        String::from_utf8(read.bytes).unwrap()
    }

    #[test]
    fn what_was_written_before_is_history() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        append(&path, "old\n");
        let mut tail = Tail::new(path.clone());
        assert_eq!(text(&mut tail), "");
        append(&path, "new\n");
        assert_eq!((text(&mut tail), text(&mut tail)), ("new\n".into(), String::new()));
    }

    #[test]
    fn nothing_is_lost_or_read_twice_when_it_is_rotated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        append(&path, "0\n");
        let mut tail = Tail::new(path.clone());
        text(&mut tail);
        append(&path, "1\n");
        rename(&path, folder.path().join("app.log.1")).unwrap();
        append(&folder.path().join("app.log.1"), "2\n");
        append(&path, "3\n");
        assert_eq!(text(&mut tail), "1\n2\n3\n");
        append(&path, "4\n");
        assert_eq!(text(&mut tail), "4\n");
    }

    #[test]
    fn a_truncated_file_is_read_from_its_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        append(&path, "a long line that was there\n");
        let mut tail = Tail::new(path.clone());
        text(&mut tail);
        write(&path, "new\n").unwrap();
        assert_eq!(text(&mut tail), "new\n");
    }

    #[test]
    fn a_missing_file_is_said_and_read_whole_when_it_appears() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        let mut tail = Tail::new(path.clone());
        let read = tail.read();
        assert!(read.trouble.unwrap().starts_with("is not there"));
        append(&path, "first\n");
        assert_eq!(text(&mut tail), "first\n");
        append(&path, "last\n");
        remove_file(&path).unwrap();
        let read = tail.read();
        assert_eq!((read.bytes.as_slice(), read.trouble.is_some()), (&b"last\n"[..], true));
    }

    #[test]
    fn a_folder_or_pipe_is_no_log() {
        let folder = tempfile::tempdir().unwrap();
        let read = Tail::new(folder.path().to_owned()).read();
        assert!(read.trouble.unwrap().contains("is no file"));
    }
}
