//! What somebody allowed: one private file a digest under `allowed/` of the state folder.
//!
//! The file holds the whole set, so that a later change can be shown as a difference, and counts only
//! while it yields the digest it is named by, belongs to this user and nobody else can write it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::allow::ExecutableSet;

/// Larger than any set of a plan of 4 MiB with its binding.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What was allowed, by whom, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// The plan's file at that time.
    pub plan: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// What.
    pub set: ExecutableSet,
}

/// Why it could not be remembered.
#[derive(Debug, thiserror::Error)]
#[error("{}: what was allowed cannot be remembered: {source}", file.display())]
pub struct StoreError {
    file: PathBuf,
    source: io::Error,
}

/// Whether this very set was allowed. A set without parts needs nobody's word. Whatever is wrong with
/// the file is a no.
pub fn allowed(state: &Path, set: &ExecutableSet) -> bool {
    set.parts().is_empty() || read(&file_of(state, set)).is_some()
}

/// What was allowed last for a plan's file.
pub fn last(state: &Path, plan: &str) -> Option<Allowed> {
    let files = fs::read_dir(state.join("allowed")).ok()?.flatten();
    let of_plan = files.filter_map(|f| read(&f.path())).filter(|a| a.plan == plan);
    of_plan.max_by_key(|a| a.at)
}

/// Remembers what was allowed; the file comes back. It is there whole or not at all, also after a
/// power cut.
///
/// # Errors
/// The folder or file cannot be made.
pub fn remember(state: &Path, allowed: &Allowed) -> Result<PathBuf, StoreError> {
    let file = file_of(state, &allowed.set);
    let text = serde_json::to_string_pretty(allowed).expect("plain data always becomes JSON");
    match write(&file, &text) {
        Ok(()) => Ok(file),
        Err(source) => Err(StoreError { file, source }),
    }
}

fn file_of(state: &Path, set: &ExecutableSet) -> PathBuf {
    let digest = set.digest();
    state.join("allowed").join(format!("{}.json", digest.trim_start_matches("sha256:")))
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let draft = file.with_extension(format!("{}.new", uuid::Uuid::now_v7()));
    let written = || -> io::Result<()> {
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&draft, file)?;
        File::open(folder)?.sync_all()
    };
    let done = written();
    if done.is_err() {
        let _ = fs::remove_file(&draft);
    }
    done
}

fn read(file: &Path) -> Option<Allowed> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let open = OpenOptions::new().read(true).custom_flags(flags).open(file).ok()?;
    let about = open.metadata().ok()?;
    let mine = about.uid() == rustix::process::geteuid().as_raw() && about.mode() & 0o022 == 0;
    if !about.is_file() || !mine {
        return None;
    }
    let mut text = String::new();
    open.take(LARGEST).read_to_string(&mut text).ok()?;
    let allowed: Allowed = serde_json::from_str(&text).ok()?;
    let named = file.file_stem()?.to_str()? == allowed.set.digest().trim_start_matches("sha256:");
    named.then_some(allowed)
}
