//! Takes away what old steps left on the disk. Only what is over and has nothing alive: whatever is open,
//! unknown or still printing stays, since its folder is all that is known of it.

use std::fs;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::claim;
use super::process::survivors;
use super::standing::{Standing, look};

/// No more folders are taken away at once; the rest goes another time.
const AT_ONCE: usize = 200;

/// What a folder is called while it is taken away, so that half of one is never taken for a step.
const LEAVING: &str = ".over-";

/// Removes those of the folders that may go; how many.
pub(super) fn remove(root: &Path, folders: impl Iterator<Item = PathBuf>) -> usize {
    swept(root);
    let may_go = folders.filter(|folder| folder.is_dir() && is_quiet(folder));
    let gone = may_go.take(AT_ONCE).filter(|folder| {
        let aside = root.join(format!("{LEAVING}{}", Uuid::now_v7()));
        // What cannot be removed is tried again with the next one who tidies up.
        fs::rename(folder, &aside).map(|()| drop(fs::remove_dir_all(aside))).is_ok()
    });
    gone.count()
}

/// Takes away what an earlier process began to take away.
fn swept(root: &Path) {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let leaving = entries.filter(|e| e.file_name().to_string_lossy().starts_with(LEAVING));
    leaving.take(AT_ONCE).for_each(|e| drop(fs::remove_dir_all(e.path())));
}

/// Whether it is over and nobody is at work on it.
fn is_quiet(folder: &Path) -> bool {
    let lives = || claim::read(folder).is_ok_and(|claim| claim.is_some_and(|c| !c.void && c.by.lives()));
    match look(folder) {
        Standing::Over(verdict) if verdict.is_known() => {
            let left = || verdict.survivors.is_empty() || survivors(&verdict.mark(), None).is_empty();
            !lives() && left()
        }
        Standing::Void => true,
        _ => false,
    }
}
