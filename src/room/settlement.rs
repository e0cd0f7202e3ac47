//! How what began comes to an end that nobody saw: a person does a step by hand, a step ends with the
//! flag's change that it was, and a person says what became of what is unknown. Never makes anything run.
//!
//! The end of what was started is said by whoever runs it (`EndStep`, `EndFlagChange`); no key and no
//! subcommand does that for them.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::approval::{self, About};
use super::decide::{Refusal, worded};
use super::event::{Event, Outcome};
use super::fold::Room;
use super::intent::{Actor, Intent};
use super::levers::{self, Change, Run, StepState};
use super::setting::{same_value, value_behind};

/// A flag's change takes no longer: without an end after that, whoever made it is gone.
pub const LOST: TimeDelta = TimeDelta::seconds(60);

/// So long after its start was stored nothing begins any more, and no request of it is still to arrive:
/// what left no trace by then did not happen here.
pub const SETTLED: TimeDelta = TimeDelta::seconds(15);

impl Change {
    /// Whether nobody knows what became of it and nobody is about to.
    pub fn is_unknown(&self, now: DateTime<Utc>) -> bool {
        match &self.ended {
            Some(ended) => ended.outcome == Outcome::Unknown,
            None => now - self.at >= LOST,
        }
    }
}

impl Run {
    /// The step whose end was looked for and not found.
    pub fn unknown_step(&self) -> Option<usize> {
        let unknown = |s: &StepState| s.ended.as_ref().is_some_and(|e| e.outcome == Outcome::Unknown);
        self.steps.iter().position(unknown)
    }

    /// The step that was started and of which nobody has looked what became: it runs, or whoever ran it
    /// is gone.
    pub fn unseen_step(&self) -> Option<usize> {
        let unseen = |s: &StepState| s.started.is_some() && s.ended.is_none();
        self.steps.iter().position(unseen).filter(|_| self.ended.is_none())
    }

    /// The first step of which it is known that it was not done: a run does not go past it.
    pub fn failed_step(&self) -> Option<usize> {
        let failed = |s: &StepState| {
            let ended = s.ended.as_ref();
            ended.is_some_and(|e| !matches!(e.outcome, Outcome::Done | Outcome::Unknown))
        };
        self.steps.iter().position(failed)
    }

    /// Whether a step can be said to end so. Without a start only what a person does ends, in its turn and
    /// never with the end of a process.
    pub(super) fn takes_end(&self, step: usize, outcome: Outcome, by_process: bool) -> bool {
        let state = self.step(step);
        let begun = state.started.is_some() || !by_process && self.next_step() >= step;
        self.ended.is_none() && begun && levers::takes(&state.ended, outcome)
    }

    /// Whether it can be over now. Older programs ended a run whose step is unknown as unknown.
    pub(super) fn may_be_over(&self, outcome: Outcome) -> bool {
        let settled = self.unsettled_step().is_none();
        self.ended.is_none() && (settled || outcome == Outcome::Unknown && self.unseen_step().is_none())
    }

    /// Whether a person may say what became of this step.
    pub(super) fn takes_word(&self, step: usize) -> bool {
        self.unknown_step() == Some(step) || self.unseen_step() == Some(step)
    }
}

impl Room {
    /// A flag's change, by its id.
    pub fn change(&self, id: Uuid) -> Option<&Change> {
        self.changes.iter().find(|c| c.id == id)
    }

    /// Whether another run of the same procedure is under way.
    pub(super) fn has_other_run(&self, id: Uuid) -> bool {
        let run = self.run(id);
        run.and_then(|r| self.open_run(&r.procedure)).is_some_and(|open| open.id != id)
    }

    /// The guarded procedure under way whose next step is this flag's: its change takes two people too.
    pub(super) fn guards_by_step(&self, flag: &str) -> bool {
        let guarded = |r: &&Run| r.ended.is_none() && self.plan.guarded.procedures.contains(&r.procedure);
        self.runs.iter().filter(guarded).any(|run| {
            let text = levers::step_text(self, run, run.next_step()).unwrap_or_default();
            names(&text, flag)
        })
    }

    /// Whether a run's step takes two people: any of a guarded procedure, and under the room's rule those
    /// that have a command.
    pub(super) fn guards_step(&self, run: &Run, step: usize) -> bool {
        let guarded = &self.plan.guarded;
        if guarded.procedures.contains(&run.procedure) {
            return true;
        }
        let procedure = self.plan.procedures.iter().find(|p| p.id == run.procedure);
        let commands = procedure.and_then(|p| p.in_order().into_iter().nth(step)).map(|s| s.commands);
        guarded.commands.contains(&run.procedure) && commands.is_some_and(|c| !c.is_empty())
    }
}

/// Whether words have a name in them, whole.
fn names(words: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let whole =
        |(at, _): (usize, &str)| !words[..at].ends_with(word) && !words[at + name.len()..].starts_with(word);
    !name.is_empty() && words.match_indices(name).any(whole)
}

/// Judges what a person says of a step or change, and the end of a step that was a flag's change.
pub(super) fn judge(
    room: &Room,
    intent: &Intent,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    match intent {
        Intent::TickStep { run, step, shown } => tick(room, *run, *step, shown, (actor, now)),
        Intent::EndFlagStep { run, step, change } => end_with(room, *run, *step, *change),
        Intent::Resolve { id, outcome, reason } => resolve(room, *id, *outcome, reason, now),
        _ => Err(Refusal::Already("that settles nothing".into())),
    }
}

/// A step that a person did. What was started has an end of its own, and what takes two people takes
/// them here too.
fn tick(
    room: &Room,
    run: Uuid,
    step: usize,
    shown: &str,
    (actor, now): (&Actor, DateTime<Utc>),
) -> Result<Event, Refusal> {
    let text = levers::may_start(room, run, step)?;
    approval::granted(room, &About::Step { run, step }, shown, actor, now)?;
    Ok(Event::StepEnded { run, step, text, outcome: Outcome::Done, detail: "by hand".to_owned(), end: None })
}

/// A step that was a flag's change ends as the change did.
fn end_with(room: &Room, run: Uuid, step: usize, change: Uuid) -> Result<Event, Refusal> {
    let text = levers::may_start(room, run, step)?;
    let unknown = || Refusal::Unknown { what: "flag change", id: change.to_string() };
    let change = room.change(change).ok_or_else(unknown)?;
    let began = room.run(run).map(|r| r.at);
    let set = value_behind(&text, &change.flag).is_some_and(|value| same_value(value, &change.to));
    if !set || began.is_none_or(|began| change.at < began) {
        return Err(Refusal::NotYet(format!("step {} is not {} → {}", step + 1, change.flag, change.to)));
    }
    match &change.ended {
        Some(ended) if ended.outcome != Outcome::Unknown => Ok(Event::StepEnded {
            run,
            step,
            text,
            outcome: ended.outcome,
            detail: ended.detail.clone(),
            end: None,
        }),
        _ => Err(Refusal::NotYet(format!("what became of {} → {} is unknown", change.flag, change.to))),
    }
}

/// A person's word for what nobody could know.
fn resolve(
    room: &Room,
    id: Uuid,
    outcome: Outcome,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    if !levers::is_word(outcome) {
        return Err(Refusal::Text("say whether it was done or not".into()));
    }
    match (room.run(id), room.change(id)) {
        (Some(run), _) => resolve_run(room, run, outcome, worded("reason", reason)?),
        (None, Some(change)) => resolve_change(change, outcome, worded("reason", reason)?, now),
        (None, None) => Err(Refusal::Unknown { what: "run or flag change", id: id.to_string() }),
    }
}

fn resolve_run(room: &Room, run: &Run, outcome: Outcome, reason: String) -> Result<Event, Refusal> {
    let Some(step) = run.unknown_step() else {
        return Err(match run.unseen_step() {
            Some(step) => Refusal::NotYet(format!("step {} may still run: nobody has looked yet", step + 1)),
            None => Refusal::Already(format!("nothing of {} is unknown", run.title)),
        });
    };
    let found = room.plan.procedures.iter().find(|p| p.id == run.procedure);
    let more = found.is_some_and(|p| p.in_order().len() > step + 1);
    let goes_on = outcome == Outcome::Done && more && !room.has_other_run(run.id);
    Ok(Event::RunResolved { run: run.id, title: run.title.clone(), step, outcome, reason, goes_on })
}

fn resolve_change(
    change: &Change,
    outcome: Outcome,
    reason: String,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    let (id, flag, to) = (change.id, change.flag.clone(), change.to.clone());
    match (change.is_unknown(now), change.is_open()) {
        (true, _) => Ok(Event::FlagResolved { change: id, flag, to, outcome, reason }),
        (false, true) => {
            Err(Refusal::NotYet(format!("{} is still changing {flag}: wait a minute, or read it", change.by)))
        }
        (false, false) => Err(Refusal::Already(format!("what became of {flag} → {to} is known"))),
    }
}
