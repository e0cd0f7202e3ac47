//! Small files that are there whole or not at all, readable by their owner only.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A small file is no larger; a plan may have 4 MiB.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Replaces a file by one with this in it, synced before it gets its name.
pub(super) fn put(at: &Path, value: &impl Serialize) -> io::Result<()> {
    let (beside, file) = write_beside(at, value)?;
    file.sync_all()?;
    super::fail::point(&format!("beside-{}", name(at)));
    std::fs::rename(&beside, at)?;
    sync_folder_of(at)
}

/// Makes a file with this in it; false where there is one already, whoever made it. Content and name are
/// synced when it returns, and one behind the other, so that a journalling disk writes them together.
pub(super) fn put_once(at: &Path, value: &impl Serialize) -> io::Result<bool> {
    let (beside, file) = write_beside(at, value)?;
    // A link, unlike a rename, fails where the name is taken.
    let linked = std::fs::hard_link(&beside, at);
    let _ = std::fs::remove_file(&beside);
    match linked {
        Ok(()) => file.sync_all().and_then(|()| sync_folder_of(at)).map(|()| true),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(e),
    }
}

/// A new file with this in it, in a folder that nobody knows yet; not synced.
pub(super) fn put_new(at: &Path, value: &impl Serialize) -> io::Result<File> {
    let mut file = create(at)?;
    file.write_all(&serde_json::to_vec(value)?)?;
    Ok(file)
}

/// What such a file holds; none where it is not there.
///
/// # Errors
/// It is not ours, no plain file, or not what is expected.
pub(super) fn get<T: DeserializeOwned>(at: &Path) -> io::Result<Option<T>> {
    let file = match OpenOptions::new().read(true).custom_flags(nofollow()).open(at) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let about = file.metadata()?;
    if !about.is_file() || about.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other(format!("{} is somebody else's", name(at))));
    }
    let mut text = vec![];
    file.take(LONGEST).read_to_end(&mut text)?;
    serde_json::from_slice(&text).map(Some).map_err(io::Error::other)
}

/// A new file that only its owner may read.
pub(super) fn create(at: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(at)
}

/// What was created or renamed in a folder is there after a power cut.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn write_beside(at: &Path, value: &impl Serialize) -> io::Result<(PathBuf, File)> {
    let beside = at.with_file_name(format!(".{}.{}", name(at), uuid::Uuid::now_v7()));
    let file = put_new(&beside, value)?;
    Ok((beside, file))
}

fn sync_folder_of(at: &Path) -> io::Result<()> {
    at.parent().map_or(Ok(()), sync)
}

fn name(at: &Path) -> std::borrow::Cow<'_, str> {
    at.file_name().unwrap_or_default().to_string_lossy()
}

fn nofollow() -> i32 {
    (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed()
}
