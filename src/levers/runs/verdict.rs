//! What became of a step: one file, written once, synced and then renamed, checked when it is read.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::intent::Intent;
use super::process::Survivor;
use super::{fail, sealed};
use crate::levers::run::{Ending, StepOutcome};

/// Why a step is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It came to its own end.
    Finished,
    /// It took too long and was ended.
    TimedOut,
    /// A person stopped it.
    Aborted,
    /// Something was sent, and no answer came.
    Unanswered,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    ticket: Uuid,
    step: usize,
    digest: String,
    /// Why it is over.
    pub how: How,
    /// How its process or request ended; none where it was stopped before there was one.
    pub ending: Option<Ending>,
    /// Why nobody knows what came of it; empty where that is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Bytes that it printed.
    pub printed: u64,
    /// Processes that are left of it.
    pub survivors: Vec<Survivor>,
}

impl Verdict {
    pub(super) fn of(intent: &Intent, how: How, ending: Option<Ending>) -> Self {
        let digest = intent.digest.clone();
        let (ticket, step, why) = (intent.ticket, intent.step, String::new());
        Self { ticket, step, digest, how, ending, why, printed: 0, survivors: vec![] }
    }

    /// Whether anybody knows what came of it.
    pub(super) fn is_known(&self) -> bool {
        !matches!(self.outcome(), StepOutcome::Unknown(_))
    }

    /// What every process of its step has in its environment.
    pub(super) fn mark(&self) -> String {
        let (name, value) = super::intent::mark(self.ticket, self.step);
        format!("{name}={value}")
    }

    /// As executors report it.
    pub fn outcome(&self) -> StepOutcome {
        match (self.how, &self.ending) {
            (How::Aborted, _) => StepOutcome::Aborted,
            (How::TimedOut, _) => StepOutcome::TimedOut,
            (How::Unanswered, _) => StepOutcome::Unknown(self.why.clone()),
            (How::Finished, Some(ending)) => StepOutcome::Finished(ending.clone()),
            (How::Finished, None) => StepOutcome::Unknown("its result does not say how it ended".to_owned()),
        }
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        fail::point("before-result");
        sealed::put(&folder.join("result.json"), self)?;
        fail::point("after-result");
        Ok(())
    }

    /// The verdict on a step; none where there is none yet.
    ///
    /// # Errors
    /// It is torn, somebody else's, or another step's.
    pub(super) fn read(folder: &Path, intent: &Intent) -> io::Result<Option<Self>> {
        let found: Option<Self> = sealed::get(&folder.join("result.json"))?;
        let fits = |v: &Self| (v.ticket, v.step, &v.digest) == (intent.ticket, intent.step, &intent.digest);
        match found {
            Some(verdict) if !fits(&verdict) => Err(io::Error::other("it is another step's")),
            found => Ok(found),
        }
    }
}
