//! Where a step stands, read from its folder alone: what a later process finds after any crash.

use std::io;
use std::path::Path;

use super::claim;
use super::intent::Intent;
use super::process::{Survivor, survivors};
use super::verdict::Verdict;
use crate::levers::run::StepOutcome;

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was never begun here.
    Absent,
    /// Whoever wants it is about to have it started.
    Waiting,
    /// A supervisor owns it.
    Running,
    /// It is over.
    Over(Box<Verdict>),
    /// Begun, never claimed, and nobody is left to have it started. [`void`] makes that final.
    Abandoned,
    /// It did not run and never will.
    Void,
    /// Its supervisor is gone without a result; what is left of it may be at work.
    Lost(Vec<Survivor>),
    /// Its files cannot be read, or are not what they should be.
    Damaged(String),
}

impl Standing {
    /// What is to be reported of it; none while it may still end by itself.
    pub fn outcome(&self) -> Option<StepOutcome> {
        let unknown = |why: &str| Some(StepOutcome::Unknown(why.to_owned()));
        match self {
            Standing::Waiting | Standing::Running | Standing::Abandoned => None,
            Standing::Over(verdict) => Some(verdict.outcome()),
            Standing::Absent => unknown("there is no trace of it on this computer; it was not started here"),
            Standing::Void => unknown("it was asked for and not started; it cannot start any more"),
            Standing::Lost(left) if left.is_empty() => {
                unknown("its supervisor is gone, and so is the command")
            }
            Standing::Lost(left) => {
                unknown(&format!("its supervisor is gone; still running: {}", listed(left)))
            }
            Standing::Damaged(why) => unknown(&format!("what became of it cannot be read: {why}")),
        }
    }
}

/// Processes as a sentence names them.
pub(super) fn listed(left: &[Survivor]) -> String {
    let one = |s: &Survivor| format!("pid {} ({})", s.pid, s.command);
    left.iter().take(5).map(one).collect::<Vec<_>>().join(", ")
}

/// Where the step of a folder stands. Changes nothing.
pub fn look(folder: &Path) -> Standing {
    read(folder).unwrap_or_else(|e| Standing::Damaged(crate::text::clean(&e.to_string()).into_owned()))
}

fn read(folder: &Path) -> io::Result<Standing> {
    let Some(intent) = Intent::read(folder)? else {
        let void = claim::read(folder)?.is_some_and(|claim| claim.void);
        return Ok(if void { Standing::Void } else { Standing::Absent });
    };
    let over = || Ok::<_, io::Error>(Verdict::read(folder, &intent)?.map(|v| Standing::Over(Box::new(v))));
    if let Some(over) = over()? {
        return Ok(over);
    }
    let Some(claim) = claim::read(folder)? else {
        // Looked at once more: it may have been claimed by one who has since ended.
        let waits = intent.author.lives();
        return match claim::read(folder)? {
            Some(_) => Ok(over()?.unwrap_or(Standing::Running)),
            None if waits => Ok(Standing::Waiting),
            None => Ok(Standing::Abandoned),
        };
    };
    if claim.void {
        return Ok(Standing::Void);
    }
    if claim.by.lives() {
        return Ok(Standing::Running);
    }
    Ok(over()?.unwrap_or_else(|| Standing::Lost(left(folder, &intent))))
}

/// What may be left of a step whose supervisor is gone.
fn left(folder: &Path, intent: &Intent) -> Vec<Survivor> {
    let (name, value) = intent.mark();
    let mut all = survivors(&format!("{name}={value}"), None);
    let child = claim::child(folder).filter(|child| child.lives());
    if let Some(child) = child.filter(|child| all.iter().all(|s| s.pid != child.pid)) {
        all.push(Survivor { pid: child.pid, command: "its shell".to_owned() });
    }
    all
}

/// Sees to it that an unclaimed step never runs; false where it was claimed meanwhile.
///
/// # Errors
/// The claim cannot be written.
pub fn void(folder: &Path) -> io::Result<bool> {
    claim::make(folder, true)
}
