//! Who may run a step: the first who makes its claim, and nobody after. A step that must not run any
//! more is claimed as void.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::process::Process;
use super::sealed;

/// The one claim of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claim {
    /// Who made it.
    pub by: Process,
    /// Whether it was made so that the step never runs.
    pub void: bool,
}

/// Claims a step; false where somebody else has.
pub(super) fn make(folder: &Path, void: bool) -> io::Result<bool> {
    sealed::put_once(&folder.join("claim"), &Claim { by: Process::this(), void })
}

/// The claim of a step.
pub(super) fn read(folder: &Path) -> io::Result<Option<Claim>> {
    sealed::get(&folder.join("claim"))
}

/// Notes whom the supervisor started.
pub(super) fn note_child(folder: &Path, pid: u32) -> io::Result<()> {
    sealed::put(&folder.join("child"), &Process::of(pid))
}

/// Whom the supervisor started.
pub(super) fn child(folder: &Path) -> Option<Process> {
    sealed::get(&folder.join("child")).ok().flatten()
}
