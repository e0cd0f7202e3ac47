//! Eyes on the plan's file: a thread that wakes up when its folder changes, waits until the writing
//! is over, reads, and says what it saw. It adopts nothing and judges nothing; the loop does.
//!
//! A slow look at time and length stands behind the system's notices, for folders that give none.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::journal::{self, Edition};
use crate::plan::MAX_BYTES;

/// The pause that ends a burst of writes.
const QUIET: Duration = Duration::from_millis(150);
/// A burst is not waited out longer than this, nor a file that is briefly missing.
const RESTLESS: Duration = Duration::from_secs(2);
/// How often time and length are looked at, where the system gives notices and where it gives none.
const SLOW: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_secs(5);

/// What is read beside the plan, and only looked at here.
const BINDING: &str = "warroom.toml";

/// What was seen.
#[derive(Debug)]
pub enum Seen {
    /// The file holds these bytes now.
    Edition(Edition),
    /// The file cannot be read, in a sentence.
    Broken(String),
    /// `warroom.toml` beside it changed.
    Binding,
}

enum Wake {
    Changed,
    Stop,
}

/// The handle; dropping it closes the eyes.
#[derive(Debug)]
pub struct Eyes {
    wake: Sender<Wake>,
}

impl Eyes {
    /// Watches `path`, which held the bytes of `digest` when it was last read; `reader` reads it again.
    pub fn open(
        path: &Path,
        digest: &str,
        reader: journal::Read,
        see: impl Fn(Seen) + Send + 'static,
    ) -> Self {
        let (wake, woken) = channel();
        let (path, known, notices) = (path.to_owned(), digest.to_owned(), wake.clone());
        let work = move || Watch::new(path, known, reader, see).work(&notices, &woken);
        // Without a thread to spare the plan is followed as it was opened.
        drop(thread::Builder::new().name("plan-watch".to_owned()).spawn(work));
        Self { wake }
    }
}

impl Drop for Eyes {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.wake.send(Wake::Stop);
    }
}

/// What tells one state of a file from another without reading it.
type Stamp = Option<(u64, u64, i64, i64)>;

struct Watch<F> {
    path: PathBuf,
    /// The digest of what was last told, or empty after trouble.
    known: String,
    stamp: Stamp,
    beside: Stamp,
    reader: journal::Read,
    see: F,
}

impl<F: Fn(Seen)> Watch<F> {
    fn new(path: PathBuf, known: String, reader: journal::Read, see: F) -> Self {
        let beside = stamp(&path.with_file_name(BINDING));
        Self { path, known, stamp: None, beside, reader, see }
    }

    fn work(mut self, notices: &Sender<Wake>, woken: &Receiver<Wake>) {
        let mut watcher = self.listen(notices.clone());
        self.look(woken);
        loop {
            let pause = if watcher.is_some() { SLOW } else { POLL };
            match woken.recv_timeout(pause) {
                Ok(Wake::Changed) => {
                    if !settle(woken) {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) if stamp(&self.path) == self.stamp => {
                    self.look_beside();
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => {
                    // It changed without a notice: the folder may be another one by now.
                    watcher = self.listen(notices.clone());
                }
                Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
            self.look_beside();
            if !self.look(woken) {
                return;
            }
        }
    }

    /// Asks for notices about the folder of the file, and of the file that a link points to.
    fn listen(&self, notices: Sender<Wake>) -> Option<RecommendedWatcher> {
        let real = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        let names: Vec<_> = [self.path.file_name(), real.file_name(), Some(BINDING.as_ref())]
            .into_iter()
            .flatten()
            .map(std::ffi::OsStr::to_owned)
            .collect();
        let hear = move |event: notify::Result<Event>| {
            let ours = event.as_ref().is_ok_and(|e| {
                let named = |p: &PathBuf| p.file_name().is_some_and(|n| names.iter().any(|m| m == n));
                writes(&e.kind) && (e.paths.is_empty() || e.paths.iter().any(named))
            });
            if ours || event.is_err() {
                // Nobody listens any more once the room is left.
                let _ = notices.send(Wake::Changed);
            }
        };
        let mut watcher = notify::recommended_watcher(hear).ok()?;
        let folder = |path: &Path| path.parent().map(Path::to_owned);
        let mut folders: Vec<_> = [folder(&self.path), folder(&real)].into_iter().flatten().collect();
        folders.dedup();
        let all = folders.iter().all(|f| watcher.watch(f, RecursiveMode::NonRecursive).is_ok());
        all.then_some(watcher)
    }

    /// Reads the file and tells what is new of it; `false` once nobody wants to know.
    fn look(&mut self, woken: &Receiver<Wake>) -> bool {
        let end = Instant::now() + RESTLESS;
        loop {
            let before = stamp(&self.path);
            let read = read(&self.path);
            let restless = before != stamp(&self.path) || matches!(&read, Err((ErrorKind::NotFound, _)));
            if restless && Instant::now() < end {
                if !settle(woken) {
                    return false;
                }
                continue;
            }
            self.stamp = before;
            self.tell(read);
            return true;
        }
    }

    fn tell(&mut self, read: Result<Vec<u8>, (ErrorKind, String)>) {
        match read {
            Ok(bytes) => {
                let digest = crate::journal::chain::digest(&bytes);
                if digest != self.known {
                    let plan = Arc::new((self.reader)(&bytes));
                    (self.see)(Seen::Edition(Edition { bytes: bytes.into(), plan }));
                    self.known = digest;
                }
            }
            Err((_, why)) => {
                self.known = String::new();
                (self.see)(Seen::Broken(why));
            }
        }
    }

    fn look_beside(&mut self) {
        let now = stamp(&self.path.with_file_name(BINDING));
        if now != self.beside {
            self.beside = now;
            (self.see)(Seen::Binding);
        }
    }
}

/// Whether something may have been written, not only looked at.
fn writes(kind: &EventKind) -> bool {
    !matches!(kind, EventKind::Access(access) if *access != AccessKind::Close(AccessMode::Write))
}

/// Waits until nothing has happened for a while; `false` once nobody wants to know.
fn settle(woken: &Receiver<Wake>) -> bool {
    let end = Instant::now() + RESTLESS;
    while Instant::now() < end {
        match woken.recv_timeout(QUIET) {
            Ok(Wake::Changed) => {}
            Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => return true,
        }
    }
    true
}

fn stamp(path: &Path) -> Stamp {
    let of = |m: Metadata| (m.ino(), m.len(), m.mtime(), m.mtime_nsec());
    std::fs::metadata(path).ok().map(of)
}

/// The bytes of a regular file, or a sentence.
fn read(path: &Path) -> Result<Vec<u8>, (ErrorKind, String)> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let failed = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound => (ErrorKind::NotFound, format!("{name} is not there any more")),
        kind => (kind, format!("{name} changed but cannot be read: {e}")),
    };
    let other =
        |why: &str| Err((ErrorKind::InvalidInput, format!("{name} changed but cannot be read: {why}")));
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file: File = OpenOptions::new().read(true).custom_flags(nonblocking).open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return other("it is no regular file");
    }
    let mut bytes = vec![];
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MAX_BYTES { other("it is too large for a plan") } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENEROUS: Duration = Duration::from_secs(30);

    fn eyes(path: &Path) -> (Eyes, Receiver<Seen>) {
        let (sender, seen) = channel();
        let digest = crate::journal::chain::digest(&std::fs::read(path).unwrap());
        (
            Eyes::open(path, &digest, Box::new(|bytes| crate::plan::read(bytes, "p")), move |s| {
                drop(sender.send(s))
            }),
            seen,
        )
    }

    /// What is seen next: the number of items, or the sentence.
    fn next(seen: &Receiver<Seen>) -> Result<usize, String> {
        match seen.recv_timeout(GENEROUS).expect("it is seen") {
            Seen::Edition(edition) => Ok(edition.plan.items.len()),
            Seen::Broken(why) => Err(why),
            Seen::Binding => Err("binding".to_owned()),
        }
    }

    #[test]
    fn every_way_of_saving_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.md");
        std::fs::write(&path, "# L\n- [ ] a\n").unwrap();
        let (_eyes, seen) = eyes(&path);
        std::fs::write(&path, "# L\n## Before\n- [ ] a\n- [ ] b\n").unwrap();
        assert_eq!(next(&seen), Ok(2), "written in place");
        let beside = folder.path().join(".plan.md.swp");
        std::fs::write(&beside, "# L\n## Before\n- [ ] a\n- [ ] b\n- [ ] c\n").unwrap();
        std::fs::rename(&beside, &path).unwrap();
        assert_eq!(next(&seen), Ok(3), "replaced by another file");
        std::fs::rename(&path, folder.path().join("plan.md~")).unwrap();
        std::fs::write(&path, "# L\n## Before\n- [ ] a\n").unwrap();
        assert_eq!(next(&seen), Ok(1), "moved away as a backup and written anew");
        std::fs::write(folder.path().join("warroom.toml"), "").unwrap();
        assert_eq!(next(&seen), Err("binding".to_owned()));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(next(&seen), Err("plan.md is not there any more".to_owned()));
        std::fs::write(&path, "# L\n## Before\n- [ ] a\n").unwrap();
        assert_eq!(next(&seen), Ok(1), "back again");
    }

    #[test]
    fn the_file_behind_a_link_is_seen() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (link, real) = (folder.path().join("plan.md"), elsewhere.path().join("real.md"));
        std::fs::write(&real, "# L\n## Before\n- [ ] a\n").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let (_eyes, seen) = eyes(&link);
        std::fs::write(&real, "# L\n## Before\n- [ ] a\n- [ ] b\n").unwrap();
        assert_eq!(next(&seen), Ok(2));
    }
}
