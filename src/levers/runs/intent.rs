//! What is to run, written and synced before anybody can run it. The folder appears with it inside, in
//! one step, so a step is begun by exactly one.

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::process::Process;
use super::{claim, fail, sealed};
use crate::levers::script::Script;

/// A step that is to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intent {
    /// The run.
    pub ticket: Uuid,
    /// Its step, from 0.
    pub step: usize,
    /// What was confirmed.
    pub digest: String,
    /// What it confirmed.
    pub script: Script,
    /// How long after TERM follows KILL.
    pub grace_ms: u64,
    /// Who wants it; dead, nobody starts it any more.
    pub author: Process,
}

impl Intent {
    /// What every process of the step has in its environment.
    pub fn mark(&self) -> (&'static str, String) {
        mark(self.ticket, self.step)
    }

    /// Writes it; false where the step was begun before.
    pub fn write(&self, folder: &Path) -> io::Result<bool> {
        let root = folder.parent().ok_or_else(|| io::Error::other("a run has no folder"))?;
        own(root)?;
        let beside = root.join(format!(".{}", Uuid::now_v7()));
        DirBuilder::new().mode(0o700).create(&beside)?;
        let file = sealed::put_new(&beside.join("intent.json"), self)?;
        fail::point("intent-beside");
        // A folder that is not empty is never replaced, and this one never is. All of it is synced before
        // anybody is started; one sync behind the other, so that a journalling disk writes them together.
        match std::fs::rename(&beside, folder) {
            Ok(()) => {
                fail::point("intent-unsynced");
                let synced = file.sync_all().and_then(|()| sealed::sync(folder));
                let synced = synced.and_then(|()| sealed::sync(root)).map(|()| true);
                // Nobody is started for it any more.
                synced.inspect_err(|_| drop(claim::make(folder, true)))
            }
            Err(e) => {
                let _ = std::fs::remove_dir_all(&beside);
                if folder.is_dir() { Ok(false) } else { Err(e) }
            }
        }
    }

    /// Reads it; none where the step was never begun.
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        sealed::get(&folder.join("intent.json"))
    }
}

/// Takes the place of a step that nobody has begun, so that nobody can; false where somebody has.
pub(super) fn preclude(folder: &Path) -> io::Result<bool> {
    let root = folder.parent().ok_or_else(|| io::Error::other("a run has no folder"))?;
    own(root)?;
    let beside = root.join(format!(".{}", Uuid::now_v7()));
    DirBuilder::new().mode(0o700).create(&beside)?;
    claim::make(&beside, true)?;
    match std::fs::rename(&beside, folder) {
        Ok(()) => sealed::sync(root).map(|()| true),
        Err(e) => {
            let _ = std::fs::remove_dir_all(&beside);
            if folder.is_dir() { Ok(false) } else { Err(e) }
        }
    }
}

/// The variable that all of a step carry.
pub(super) fn mark(ticket: Uuid, step: usize) -> (&'static str, String) {
    ("WARROOM_RUN", format!("{ticket}/{step}"))
}

/// Makes a folder that is ours alone, or sees that it is.
fn own(root: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).recursive(true).create(root)?;
    let about = std::fs::metadata(root)?;
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other(format!("{} belongs to somebody else", root.display())));
    }
    if about.mode() & 0o077 != 0 {
        std::fs::set_permissions(root, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// The folder of a step.
pub(super) fn folder(root: &Path, ticket: Uuid, step: usize) -> PathBuf {
    root.join(format!("{ticket}-{step}"))
}
