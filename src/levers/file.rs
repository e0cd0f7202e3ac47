//! The file of a binding: read as far as a settings file goes, replaced whole or not at all. Knows
//! nothing of what is in it. Who calls it: `cli` for `init`, `runtime` for what is bound on a screen.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::plan::MAX_BYTES;

/// The text of a file that need not be there.
///
/// # Errors
/// A sentence with the path: it is no file, is too large, or cannot be read.
pub fn text(path: &Path) -> Result<Option<String>, String> {
    let shown = path.display();
    match opened(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(format!("{shown}: cannot be read: {e}")),
        Ok(None) => Err(format!("{shown}: is no file of settings")),
        Ok(Some(file)) => {
            let mut text = String::new();
            let read = file.take(MAX_BYTES as u64).read_to_string(&mut text);
            read.map(|_| Some(text)).map_err(|e| format!("{shown}: cannot be read: {e}"))
        }
    }
}

/// The file that a path leads to now, without waiting for the other end of a pipe and through no link
/// that is put there meanwhile; none for what is no regular file of that size.
fn opened(path: &Path) -> io::Result<Option<File>> {
    let path = path.canonicalize()?;
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let about = file.metadata()?;
    Ok((about.is_file() && about.len() <= MAX_BYTES as u64).then_some(file))
}

/// Puts a text in the place of a file, whole or not at all, with the mode it had; a link stays one.
///
/// # Errors
/// What the system says; the file is then as it was.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = real(path)?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = fs::metadata(&path).map(|about| about.permissions().mode() & 0o777).ok();
    let draft = draft_of(&path);
    let written = || -> io::Result<()> {
        let mut out =
            OpenOptions::new().write(true).create_new(true).mode(mode.unwrap_or(0o666)).open(&draft)?;
        if let Some(mode) = mode {
            out.set_permissions(fs::Permissions::from_mode(mode))?;
        }
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&draft, &path)?;
        File::open(folder)?.sync_all()
    };
    let done = written();
    if done.is_err() {
        let _ = fs::remove_file(&draft);
    }
    done
}

/// Where a path leads. A link that leads nowhere is not replaced by a file.
fn real(path: &Path) -> io::Result<PathBuf> {
    match (path.canonicalize(), fs::symlink_metadata(path)) {
        (Ok(real), _) => Ok(real),
        (Err(e), Ok(_)) => Err(io::Error::new(e.kind(), "it is a link that leads nowhere")),
        (Err(_), Err(_)) => Ok(path.to_owned()),
    }
}

/// A file beside it that nobody else writes.
fn draft_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.new", uuid::Uuid::now_v7()))
}
