//! The file that a report goes into: written whole or not at all, and never over what somebody else
//! wrote. What was written is remembered by its digest, so that a file that a person changed since is
//! somebody else's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::args::Hand;
use super::super::failure::Failure;
use super::super::surroundings::Surroundings;
use super::shown;
use crate::journal::chain;
use crate::levers::file::replace;

/// So many files are remembered.
const MOST: usize = 500;
/// A file that is larger was not written by this.
const LARGEST: u64 = 1 << 30;

/// A file that may be written.
pub(super) struct Place {
    path: PathBuf,
    /// Where what was written is remembered; none where the system gives no home.
    memory: Option<PathBuf>,
}

impl Place {
    /// The file, if it may be written.
    ///
    /// # Errors
    /// Something is there that was not written by this, or was changed since.
    pub fn find(path: &Path, hand: &Hand, force: bool) -> Result<Self, Failure> {
        let state = Surroundings::find(hand.state.as_deref())?.state;
        let memory = state.map(|state| state.join("reports").join("written.json"));
        let place = Self { path: path.to_owned(), memory };
        match fs::symlink_metadata(path) {
            Err(_) => Ok(place),
            Ok(about) if about.is_dir() => {
                Err(Failure::usage(format!("{}: is a folder; name a file in it", shown(path))))
            }
            Ok(_) if force || place.is_ours() => Ok(place),
            Ok(_) => {
                let why = format!("{}: is there, and is not as a report left it", shown(path));
                Err(Failure::new(why).hint("name another file, or replace it with --force"))
            }
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether what is there is, byte for byte, what was written last.
    fn is_ours(&self) -> bool {
        let Ok(about) = fs::metadata(&self.path) else { return false };
        let Ok(real) = self.path.canonicalize() else { return false };
        let known = self.known();
        let Some(digest) = known.get(&real.display().to_string()) else { return false };
        let whole = about.is_file() && about.len() < LARGEST;
        whole && fs::read(&self.path).is_ok_and(|bytes| chain::digest(&bytes) == *digest)
    }

    /// Puts a report into it.
    ///
    /// # Errors
    /// The system does not take it; the file is then as it was.
    pub fn keep(&self, written: &str) -> Result<(), Failure> {
        let failed = |e| Failure::new(format!("{}: cannot be written: {e}", shown(&self.path)));
        replace(&self.path, written).map_err(failed)?;
        // Forgotten, it only takes --force the next time.
        if let (Some(memory), Ok(real)) = (&self.memory, self.path.canonicalize()) {
            let mut known = self.known();
            known.insert(real.display().to_string(), chain::digest(written.as_bytes()));
            while known.len() > MOST {
                known.pop_first();
            }
            let folder = memory.parent().expect("it lies in a folder of its own");
            let text = serde_json::to_string(&known).expect("texts become JSON");
            let _ = fs::create_dir_all(folder).and_then(|()| replace(memory, &text));
        }
        Ok(())
    }

    fn known(&self) -> BTreeMap<String, String> {
        let text = self.memory.as_ref().and_then(|path| fs::read_to_string(path).ok());
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }
}
