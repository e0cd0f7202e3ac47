//! What can become of a step of a run. Pure. Which step is next, and that none is started twice, is the
//! room's to judge (`room::levers`); executors report what becomes of it.

use serde::{Deserialize, Serialize};

pub use super::step::{Shown, Step, steps};

/// How something that was started came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The process ended with this code.
    Exit(i32),
    /// The process was ended by this signal.
    Signal(i32),
    /// It could not be started; nothing ran.
    NotStarted(String),
    /// It was one request, and the answer had this status.
    Answered(u16),
    /// A rehearsal showed it; nothing ran.
    Rehearsed,
}

impl Ending {
    /// Whether the run may count the step as done.
    pub fn is_success(&self) -> bool {
        matches!(self, Ending::Exit(0) | Ending::Answered(200..=299) | Ending::Rehearsed)
    }
}

/// What an executor reports of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It came to its end.
    Finished(Ending),
    /// It took too long and was ended.
    TimedOut,
    /// A person stopped it.
    Aborted,
    /// Nobody knows; it may still be running.
    Unknown(String),
}
