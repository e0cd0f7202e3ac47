//! Flag changes and procedure runs of a room. What is started outside is bracketed by events: a
//! start that has no end is *unknown*, stays so until a person says what became of it, and is never
//! started again by itself.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::approval::{self, About};
use super::decide::Refusal;
use super::end::End;
use super::event::{Entry, Event, Outcome};
use super::fold::Room;
use super::intent::{Actor, Intent};
use crate::plan::{Procedure, ProcedureId};

/// How something ended, what was seen of it, and when.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Ended {
    /// How.
    pub outcome: Outcome,
    /// What was seen.
    pub detail: String,
    /// When.
    pub at: DateTime<Utc>,
    /// How it came to its end, where it was run from here.
    pub end: Option<End>,
}

/// A flag's change.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Change {
    /// Its id.
    pub id: Uuid,
    /// The flag.
    pub flag: String,
    /// What it was read as before.
    pub from: Option<String>,
    /// What it is to be.
    pub to: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// None while it is under way, or unknown.
    pub ended: Option<Ended>,
}

/// A step of a run.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StepState {
    /// When it was started.
    pub started: Option<DateTime<Utc>>,
    /// How it ended.
    pub ended: Option<Ended>,
    /// Its words when it was started: the plan may have others by the time it ends.
    #[serde(default)]
    pub text: String,
}

/// One execution of a procedure.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Run {
    /// Its id.
    pub id: Uuid,
    /// The procedure.
    pub procedure: ProcedureId,
    /// Its title then.
    pub title: String,
    /// Who began it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// One a step, as far as anything was said of it.
    pub steps: Vec<StepState>,
    /// None while it is under way.
    pub ended: Option<Ended>,
    /// Whether the plan's steps became others while it was under way: it does not go on with those.
    #[serde(default)]
    pub edited: bool,
}

impl Change {
    /// Whether nobody knows what became of it.
    pub fn is_open(&self) -> bool {
        unsettled(&self.ended)
    }
}

/// Whether nobody knows how it ended. An end that is *unknown* waits for a person like none at all.
fn unsettled(ended: &Option<Ended>) -> bool {
    ended.as_ref().is_none_or(|e| e.outcome == Outcome::Unknown)
}

impl Run {
    /// The state of a step.
    pub fn step(&self, step: usize) -> StepState {
        self.steps.get(step).cloned().unwrap_or_default()
    }

    /// The first step that has no end anybody knows of.
    pub fn next_step(&self) -> usize {
        self.steps.iter().position(|s| unsettled(&s.ended)).unwrap_or(self.steps.len())
    }

    /// The step that was started and has no end anybody knows of: it runs, or a person has to say what
    /// became of it.
    pub fn unsettled_step(&self) -> Option<usize> {
        let open = |s: &StepState| s.started.is_some() && unsettled(&s.ended);
        self.steps.iter().position(open).filter(|_| self.ended.is_none())
    }
}

impl Room {
    /// Flag changes, oldest first.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Runs, oldest first.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The run of an id.
    pub fn run(&self, id: Uuid) -> Option<&Run> {
        self.runs.iter().find(|r| r.id == id)
    }

    /// The run under way of a procedure.
    pub fn open_run(&self, procedure: &ProcedureId) -> Option<&Run> {
        self.runs.iter().rev().find(|r| &r.procedure == procedure && r.ended.is_none())
    }

    /// Steps that were started and have no end: run, step, since when.
    pub fn open_steps(&self) -> Vec<(Uuid, usize, DateTime<Utc>)> {
        let open = |run: &Run| {
            let id = run.id;
            let steps = run.steps.iter().enumerate();
            let open = steps.filter(|(_, s)| s.ended.is_none());
            open.filter_map(|(n, s)| Some((id, n, s.started?))).collect::<Vec<_>>()
        };
        self.runs.iter().filter(|r| r.ended.is_none()).flat_map(open).collect()
    }

    /// Whatever was started outside and has no end: its id, the step where it is one's, since when.
    pub fn open_deeds(&self) -> Vec<(Uuid, Option<usize>, DateTime<Utc>)> {
        let steps = self.open_steps().into_iter().map(|(run, step, since)| (run, Some(step), since));
        let changes = self.changes.iter().filter(|c| c.ended.is_none()).map(|c| (c.id, None, c.at));
        steps.chain(changes).collect()
    }

    /// What was started outside and ended before `then`, oldest first: its id, and its step where it is
    /// one's. Nothing that is unknown, or part of a run under way.
    pub fn settled_before(&self, then: DateTime<Utc>) -> Vec<(Uuid, Option<usize>)> {
        let old = |ended: &Option<Ended>| {
            ended.as_ref().is_some_and(|e| e.outcome != Outcome::Unknown && e.at < then)
        };
        let steps = self.runs.iter().filter(|r| old(&r.ended)).flat_map(|run| {
            let ended = run.steps.iter().enumerate().filter(|(_, s)| s.started.is_some() && old(&s.ended));
            ended.map(|(step, _)| (run.id, Some(step)))
        });
        let changes = self.changes.iter().filter(|c| old(&c.ended)).map(|c| (c.id, None));
        steps.chain(changes).collect()
    }

    /// What has to be typed before a step runs: the plan's file without folder and ending, and the step.
    pub fn step_phrase(&self, step: usize) -> String {
        format!("{}-{}", self.stem(), step + 1)
    }

    /// The plan's file without folder and ending: short enough to type.
    pub fn stem(&self) -> String {
        let file = self.plan_path.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = file.split('.').next().unwrap_or_default();
        let plain = !stem.is_empty() && stem.chars().all(|c| c.is_ascii_graphic());
        if plain { stem.to_owned() } else { "run".to_owned() }
    }

    /// The change of a flag of which nobody knows the end.
    pub fn open_change(&self, flag: &str) -> Option<&Change> {
        self.changes.iter().rev().find(|c| c.flag == flag && c.is_open())
    }

    pub(super) fn apply_lever(&mut self, entry: &Entry) {
        let ended = |outcome: &Outcome, detail: &String| {
            Some(Ended { outcome: *outcome, detail: detail.clone(), at: entry.at, end: None })
        };
        match &entry.event {
            Event::FlagChangeStarted { change, flag, from, to, approval, .. } => {
                self.use_up(*approval, entry.at);
                self.changes.push(Change {
                    id: *change,
                    flag: flag.clone(),
                    from: from.clone(),
                    to: to.clone(),
                    by: entry.by.clone(),
                    at: entry.at,
                    ended: None,
                });
            }
            Event::FlagChangeEnded { change, outcome, detail, .. } => {
                let takes = |c: &&mut Change| c.id == *change && takes(&c.ended, *outcome);
                let Some(change) = self.changes.iter_mut().find(takes) else { return };
                change.ended = ended(outcome, detail);
            }
            Event::RunStarted { run, procedure, title } => self.runs.push(Run {
                id: *run,
                procedure: procedure.clone(),
                title: title.clone(),
                by: entry.by.clone(),
                at: entry.at,
                steps: vec![],
                ended: None,
                edited: false,
            }),
            Event::StepStarted { run, step, approval, text, .. } => {
                self.use_up(*approval, entry.at);
                if let Some(step) = self.step_mut(*run, *step).filter(|s| s.started.is_none()) {
                    step.started = Some(entry.at);
                    step.text.clone_from(text);
                }
            }
            Event::StepEnded { run, step, outcome, detail, end, .. } => {
                if !self.run(*run).is_some_and(|r| r.takes_end(*step, *outcome, end.is_some())) {
                    return;
                }
                self.use_up(self.agreed_by_hand(*run, *step), entry.at);
                if let Some(step) = self.step_mut(*run, *step) {
                    // An end that says something else than its outcome is nobody's.
                    let end = end.filter(|end| end.outcome() == *outcome);
                    step.ended = ended(outcome, detail).map(|ended| Ended { end, ..ended });
                }
            }
            Event::RunEnded { run, outcome, detail, .. } => {
                let fits = |r: &&mut Run| r.id == *run && r.may_be_over(*outcome);
                if let Some(run) = self.runs.iter_mut().find(fits) {
                    run.ended = ended(outcome, detail);
                }
            }
            Event::RunResolved { run, step, outcome, reason, goes_on, .. } => {
                let goes_on = *goes_on && *outcome == Outcome::Done && !self.has_other_run(*run);
                let said = ended(outcome, reason).filter(|_| is_word(*outcome));
                let known = self.run(*run).is_none_or(|r| !r.takes_word(*step));
                let Some(step) = self.step_mut(*run, *step).filter(|_| said.is_some() && !known) else {
                    return;
                };
                step.ended.clone_from(&said);
                if let Some(run) = self.runs.iter_mut().find(|r| r.id == *run) {
                    run.ended = said.filter(|_| !goes_on);
                }
            }
            Event::FlagResolved { change, outcome, reason, .. } => {
                let fits = |c: &&mut Change| c.id == *change && is_word(*outcome) && c.is_unknown(entry.at);
                let Some(change) = self.changes.iter_mut().find(fits) else { return };
                change.ended = ended(outcome, reason);
            }
            _ => {}
        }
        self.apply_ladder(entry);
    }

    /// The approval that a step done by hand uses up.
    fn agreed_by_hand(&self, run: Uuid, step: usize) -> Option<Uuid> {
        self.run(run).filter(|r| r.step(step).started.is_none())?;
        let agreed = self.proposal(&About::Step { run, step });
        agreed.filter(|p| p.approved.is_some()).map(|p| p.id)
    }

    /// A step's state; a place no procedure can have is ignored.
    fn step_mut(&mut self, run: Uuid, step: usize) -> Option<&mut StepState> {
        const MOST: usize = 10_000;
        let run = self.runs.iter_mut().find(|r| r.id == run).filter(|_| step < MOST)?;
        if run.steps.len() <= step {
            run.steps.resize(step + 1, StepState::default());
        }
        run.steps.get_mut(step)
    }
}

/// Judges what is to be started or was seen to end.
pub(super) fn judge(
    room: &Room,
    intent: &Intent,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    match intent {
        Intent::StartFlagChange { change, flag, from, to, request } => {
            room.guard((flag, from.as_deref(), to), now)?;
            start_change(room, *change, (flag, from.as_ref(), to), request, (actor, now))
        }
        Intent::EndFlagChange { change, outcome, detail } => end_change(room, *change, *outcome, detail),
        Intent::RecordFlag { flag, value } => {
            named_flag(room, flag)?;
            Ok(Event::FlagRecorded { flag: flag.clone(), value: value.clone() })
        }
        Intent::StartRun { run, procedure } => start_run(room, *run, procedure),
        Intent::StartStep { run, step, bytes } => start_step(room, *run, *step, bytes, (actor, now)),
        Intent::EndStep { run, step, outcome, detail } => {
            end_step(room, *run, *step, (*outcome, None), detail)
        }
        Intent::CloseStep { run, step, end, detail } => {
            end_step(room, *run, *step, (end.outcome(), Some(*end)), detail)
        }
        Intent::EndRun { run, outcome, detail } => {
            let run = open(room, *run)?;
            if let Some(step) = run.unsettled_step() {
                return Err(Refusal::NotYet(format!(
                    "step {} still runs, or nobody knows what became of it: stop it, or say so, first",
                    step + 1
                )));
            }
            Ok(Event::RunEnded {
                run: run.id,
                title: run.title.clone(),
                outcome: *outcome,
                detail: detail.clone(),
            })
        }
        _ => Err(Refusal::Already("that is no lever".into())),
    }
}

fn named_flag(room: &Room, flag: &str) -> Result<(), Refusal> {
    let known = room.plan.flags.iter().any(|f| f.name == flag);
    known.then_some(()).ok_or_else(|| Refusal::Unknown { what: "flag", id: flag.to_owned() })
}

fn start_change(
    room: &Room,
    change: Uuid,
    (flag, from, to): (&String, Option<&String>, &String),
    request: &str,
    (actor, now): (&Actor, DateTime<Utc>),
) -> Result<Event, Refusal> {
    if room.changes.iter().any(|c| c.id == change) {
        return Err(Refusal::Already("that change was started already".into()));
    }
    may_change(room, flag)?;
    let about = About::Flag { flag: flag.clone(), from: from.cloned(), to: to.clone() };
    let approval = approval::granted(room, &about, request, actor, now)?;
    let (flag, to, request) = (flag.clone(), to.clone(), request.to_owned());
    Ok(Event::FlagChangeStarted { change, flag, from: from.cloned(), to, request, approval })
}

/// Whether a flag could be changed now, by whomever.
pub(super) fn may_change(room: &Room, flag: &str) -> Result<(), Refusal> {
    named_flag(room, flag)?;
    if let Some(open) = room.open_change(flag) {
        return Err(Refusal::NotYet(format!(
            "what became of {flag} → {} is unknown: read it again and say so first",
            open.to
        )));
    }
    Ok(())
}

fn end_change(room: &Room, change: Uuid, outcome: Outcome, detail: &str) -> Result<Event, Refusal> {
    let found = room.changes.iter().find(|c| c.id == change);
    match found {
        Some(Change { ended: Some(_), .. }) if outcome == Outcome::Unknown => {
            Err(Refusal::Already("that is not known already".into()))
        }
        Some(found @ Change { flag, to, .. }) if found.is_open() => Ok(Event::FlagChangeEnded {
            change,
            flag: flag.clone(),
            to: to.clone(),
            outcome,
            detail: detail.to_owned(),
        }),
        _ => Err(Refusal::Already("that change has ended already".into())),
    }
}

fn start_run(room: &Room, run: Uuid, id: &ProcedureId) -> Result<Event, Refusal> {
    let procedure = procedure(room, id)?;
    if room.run(run).is_some() {
        return Err(Refusal::Already("that run was begun already".into()));
    }
    if room.open_run(id).is_some() {
        return Err(Refusal::Already(format!("{} is under way already", procedure.title)));
    }
    if procedure.steps.is_empty() && procedure.commands.is_empty() {
        return Err(Refusal::NotYet(format!("{} has no steps", procedure.title)));
    }
    Ok(Event::RunStarted { run, procedure: id.clone(), title: procedure.title.clone() })
}

fn start_step(
    room: &Room,
    run: Uuid,
    step: usize,
    bytes: &str,
    (actor, now): (&Actor, DateTime<Utc>),
) -> Result<Event, Refusal> {
    let text = may_start(room, run, step)?;
    let approval = approval::granted(room, &About::Step { run, step }, bytes, actor, now)?;
    Ok(Event::StepStarted { run, step, text, bytes: bytes.to_owned(), approval })
}

/// The words of a step that could start now, by whomever.
pub(super) fn may_start(room: &Room, run: Uuid, step: usize) -> Result<String, Refusal> {
    let run = open(room, run)?;
    let text = step_text(room, run, step)?;
    let state = run.step(step);
    if state.started.is_some() || state.ended.is_some() {
        return Err(Refusal::Already(format!("step {} was started already", step + 1)));
    }
    if run.next_step() < step {
        return Err(Refusal::NotYet(format!("step {} comes first", run.next_step() + 1)));
    }
    if let Some(bad) = run.failed_step() {
        let bad = bad + 1;
        return Err(Refusal::NotYet(format!("step {bad} was not done: end this run and begin anew")));
    }
    if run.edited {
        let title = &run.title;
        return Err(Refusal::NotYet(format!(
            "the steps of {title} were edited since this run began: end it and begin anew"
        )));
    }
    Ok(text)
}

fn end_step(
    room: &Room,
    run: Uuid,
    step: usize,
    (outcome, end): (Outcome, Option<End>),
    detail: &str,
) -> Result<Event, Refusal> {
    let run = open(room, run)?;
    let StepState { started, ended: known, text } = run.step(step);
    if started.is_none() {
        return Err(Refusal::NotYet(format!("step {} was not started: nobody saw it end", step + 1)));
    }
    // What really ended is recorded, whatever the plan has by now.
    let text = if text.is_empty() { step_text(room, run, step)? } else { text };
    if !unsettled(&known) || known.is_some() && outcome == Outcome::Unknown {
        return Err(Refusal::Already(format!("step {} has ended already", step + 1)));
    }
    if run.next_step() < step {
        return Err(Refusal::NotYet(format!("step {} comes first", run.next_step() + 1)));
    }
    Ok(Event::StepEnded { run: run.id, step, text, outcome, detail: detail.to_owned(), end })
}

/// Whether what has this end may be given another.
pub(super) fn takes(known: &Option<Ended>, outcome: Outcome) -> bool {
    unsettled(known) && (known.is_none() || outcome != Outcome::Unknown)
}

/// Whether a person's word can be this.
pub(super) fn is_word(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Done | Outcome::Failed)
}

fn open(room: &Room, run: Uuid) -> Result<&Run, Refusal> {
    match room.run(run) {
        Some(run) if run.ended.is_none() => Ok(run),
        Some(run) => Err(Refusal::Already(format!("{} is over", run.title))),
        None => Err(Refusal::Unknown { what: "run", id: run.to_string() }),
    }
}

fn procedure<'a>(room: &'a Room, id: &ProcedureId) -> Result<&'a Procedure, Refusal> {
    let found = room.plan.procedures.iter().find(|p| &p.id == id);
    found.ok_or_else(|| Refusal::Unknown { what: "procedure", id: id.to_string() })
}

/// A step's words.
pub(super) fn step_text(room: &Room, run: &Run, step: usize) -> Result<String, Refusal> {
    let procedure = procedure(room, &run.procedure)?;
    let text = procedure.in_order().into_iter().nth(step).map(|s| s.text);
    text.ok_or_else(|| Refusal::Unknown { what: "step", id: (step + 1).to_string() })
}
