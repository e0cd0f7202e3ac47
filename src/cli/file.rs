//! Reading a plan's file: a regular file, not too large, never a hang.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::plan::MAX_BYTES;

/// A plan's bytes and where they came from.
#[derive(Clone, Debug)]
pub struct PlanFile {
    /// The path as the system knows it.
    pub path: PathBuf,
    /// The raw bytes.
    pub bytes: Vec<u8>,
}

impl PlanFile {
    /// The file's stem, the room's first name and the plan's last title.
    pub fn stem(&self) -> String {
        self.path.file_stem().map_or_else(|| "plan".to_owned(), |s| s.to_string_lossy().into_owned())
    }
}

/// Reads a plan's file.
///
/// # Errors
/// A sentence with the path: missing, a directory, a pipe or device, too large, unreadable.
pub fn read(path: &Path) -> Result<PlanFile, Failure> {
    let shown = path.display();
    // What is opened is what is named from here on: no link can be put into its place.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let file = open(path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => Failure::new(format!("{shown}: there is no such file")),
        ErrorKind::PermissionDenied => Failure::new(format!("{shown}: you may not read this file")),
        _ => Failure::new(format!("{shown}: cannot be opened: {e}")),
    })?;
    let about = file.metadata().map_err(|e| Failure::new(format!("{shown}: cannot be looked at: {e}")))?;
    if about.is_dir() {
        let hint = "name the Markdown file of the plan inside it";
        return Err(Failure::new(format!("{shown}: is a directory, not a plan")).hint(hint));
    }
    if !about.is_file() {
        let hint = "save the plan as a regular file first";
        return Err(Failure::new(format!("{shown}: is a pipe or a device, not a file")).hint(hint));
    }
    let bytes = take(file, path)?;
    Ok(PlanFile { path: path.clone(), bytes })
}

/// Without waiting for the other end of a pipe, and never through a link.
fn open(path: &Path) -> std::io::Result<File> {
    let nonblocking = (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW).bits();
    OpenOptions::new().read(true).custom_flags(nonblocking.cast_signed()).open(path)
}

fn take(file: File, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![];
    let limit = MAX_BYTES as u64 + 1;
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::new(format!("{}: cannot be read: {e}", path.display())))?;
    if bytes.len() > MAX_BYTES {
        let sentence = format!("{}: is larger than {} MiB", path.display(), MAX_BYTES / (1024 * 1024));
        return Err(Failure::new(sentence)
            .hint("a plan is a text that people read; split it, or cut what is no plan"));
    }
    Ok(bytes)
}
