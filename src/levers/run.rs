//! One execution of a procedure: its steps, which is next, and what came of the whole. Pure.
//!
//! A step is started at most once, whatever happens; nothing here goes on by itself. The journal's
//! events drive it; executors report what becomes of a step.

use serde::{Deserialize, Serialize};

pub use super::step::{Shown, Step, steps};
use crate::plan::Procedure;
use crate::text;

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
    /// A rehearsal showed it; nothing ran.
    Rehearsed,
}

impl Ending {
    /// Whether the run may count the step as done.
    pub fn is_success(&self) -> bool {
        matches!(self, Ending::Exit(0) | Ending::Rehearsed)
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

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Begun, and not heard of since.
    Started,
    /// It came to its end.
    Finished(Ending),
    /// A person says it is done.
    Ticked,
    /// A person says it is not needed.
    Skipped,
    /// It took too long and was ended.
    TimedOut,
    /// A person stopped it, or the run before it began.
    Aborted,
    /// Nobody knows; a person has to look, then tick or skip it.
    Unknown(String),
}

impl From<StepOutcome> for StepState {
    fn from(outcome: StepOutcome) -> Self {
        match outcome {
            StepOutcome::Finished(ending) => StepState::Finished(ending),
            StepOutcome::TimedOut => StepState::TimedOut,
            StepOutcome::Aborted => StepState::Aborted,
            StepOutcome::Unknown(why) => StepState::Unknown(why),
        }
    }
}

/// Where a run as a whole stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whole {
    /// A step is at work.
    Running,
    /// Nobody knows what became of a step.
    Unknown,
    /// A step waits for a person.
    Open,
    /// Every step was done or, with a person's word, left out.
    Succeeded,
    /// A step failed or took too long.
    Failed,
    /// It was stopped, or every step was left out.
    Aborted,
}

/// Why a step cannot be started, ticked, skipped or finished now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// The run has no such step.
    #[error("the run has no step {}", .0 + 1)]
    NoStep(usize),
    /// Another one comes first.
    #[error("step {} comes first", .0 + 1)]
    NotNext(usize),
    /// It has no command.
    #[error("step {} has nothing to run; do it and tick it", .0 + 1)]
    ByHand(usize),
    /// It was begun before; a second time needs a run of its own.
    #[error("step {} was started already; it is never run again by itself", .0 + 1)]
    Begun(usize),
    /// Its end is known.
    #[error("step {} is over", .0 + 1)]
    Over(usize),
    /// It was not begun.
    #[error("step {} was not started", .0 + 1)]
    NotBegun(usize),
    /// A step before is at work or unknown.
    #[error("first it must be known what became of step {}", .0 + 1)]
    Unsettled(usize),
}

/// One execution of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    title: String,
    steps: Vec<(Step, StepState)>,
}

impl Run {
    /// A run that has not begun; none where the procedure has neither step nor command.
    pub fn of(procedure: &Procedure) -> Option<Self> {
        let steps: Vec<_> = steps(procedure).into_iter().map(|s| (s, StepState::Waiting)).collect();
        let title = text::clean(&procedure.title).into_owned();
        (!steps.is_empty()).then_some(Self { title, steps })
    }

    /// The procedure's heading, cleaned.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The steps and where each stands.
    pub fn steps(&self) -> &[(Step, StepState)] {
        &self.steps
    }

    /// The step that a person is asked for next; none while one is at work or unknown, and at the end.
    pub fn next(&self) -> Option<&Step> {
        if self.unsettled().is_some() {
            return None;
        }
        self.steps.iter().find(|(_, state)| *state == StepState::Waiting).map(|(step, _)| step)
    }

    /// Begins the next step. Before it is handed to an executor this must be stored.
    ///
    /// # Errors
    /// It is not its turn, has no command or was begun before.
    pub fn start(&mut self, step: usize) -> Result<(), NotNow> {
        match self.state(step)? {
            StepState::Waiting => {}
            StepState::Started | StepState::Unknown(_) => return Err(NotNow::Begun(step)),
            _ => return Err(NotNow::Over(step)),
        }
        if let Some(other) = self.unsettled() {
            return Err(NotNow::Unsettled(other));
        }
        match self.next().map(Step::number) {
            Some(next) if next != step => return Err(NotNow::NotNext(next)),
            _ if self.steps[step].0.commands().is_empty() => return Err(NotNow::ByHand(step)),
            _ => self.steps[step].1 = StepState::Started,
        }
        Ok(())
    }

    /// Takes in what became of a step at work.
    ///
    /// # Errors
    /// It was not at work.
    pub fn finish(&mut self, step: usize, outcome: StepOutcome) -> Result<(), NotNow> {
        match self.state(step)? {
            StepState::Started => self.steps[step].1 = outcome.into(),
            StepState::Waiting => return Err(NotNow::NotBegun(step)),
            _ => return Err(NotNow::Over(step)),
        }
        Ok(())
    }

    /// A person says a step is done: one without command, one done by hand, or one that is unknown.
    ///
    /// # Errors
    /// It is at work or over.
    pub fn tick(&mut self, step: usize) -> Result<(), NotNow> {
        self.decide(step, StepState::Ticked)
    }

    /// A person says a step is not needed, or that an unknown one has not happened.
    ///
    /// # Errors
    /// It is at work or over.
    pub fn skip(&mut self, step: usize) -> Result<(), NotNow> {
        self.decide(step, StepState::Skipped)
    }

    /// Ends the run: what waits will not begin. A step at work stays so until its executor says more.
    pub fn stop(&mut self) {
        let waiting = self.steps.iter_mut().filter(|(_, state)| *state == StepState::Waiting);
        waiting.for_each(|(_, state)| *state = StepState::Aborted);
    }

    /// After a crash: what was at work is unknown.
    pub fn lose(&mut self) {
        for (_, state) in self.steps.iter_mut().filter(|(_, state)| *state == StepState::Started) {
            *state = StepState::Unknown("the program ended while the step was at work".to_owned());
        }
    }

    /// Where the run as a whole stands.
    pub fn whole(&self) -> Whole {
        let any = |wanted: fn(&StepState) -> bool| self.steps.iter().any(|(_, state)| wanted(state));
        match () {
            () if any(|s| *s == StepState::Started) => Whole::Running,
            () if any(|s| matches!(s, StepState::Unknown(_))) => Whole::Unknown,
            () if any(|s| *s == StepState::Waiting) => Whole::Open,
            () if any(failed) => Whole::Failed,
            () if any(|s| *s == StepState::Aborted) || !any(done) => Whole::Aborted,
            () => Whole::Succeeded,
        }
    }

    fn decide(&mut self, step: usize, into: StepState) -> Result<(), NotNow> {
        match self.state(step)? {
            StepState::Waiting | StepState::Unknown(_) => self.steps[step].1 = into,
            StepState::Started => return Err(NotNow::Unsettled(step)),
            _ => return Err(NotNow::Over(step)),
        }
        Ok(())
    }

    fn state(&self, step: usize) -> Result<&StepState, NotNow> {
        self.steps.get(step).map(|(_, state)| state).ok_or(NotNow::NoStep(step))
    }

    fn unsettled(&self) -> Option<usize> {
        self.steps.iter().position(|(_, s)| matches!(s, StepState::Started | StepState::Unknown(_)))
    }
}

fn failed(state: &StepState) -> bool {
    match state {
        StepState::Finished(ending) => !ending.is_success(),
        state => *state == StepState::TimedOut,
    }
}

fn done(state: &StepState) -> bool {
    match state {
        StepState::Finished(ending) => ending.is_success(),
        state => *state == StepState::Ticked,
    }
}
