//! When a box before something dangerous is not wanted any more, and when another one must not open:
//! the step was started meanwhile, by anybody, or its bytes or its start are on their way.

use chrono::Duration;

use super::levers::{Confirm, Deed};
use super::{App, Dialog, Effect, Tone};
use crate::plan::ProcedureId;
use crate::room::{Entry, Event, Intent};

/// Bytes that take longer than this to make are asked for anew by the next key.
const PATIENCE: Duration = Duration::seconds(5);

impl App {
    /// Asks for the bytes of a deed; not while they are on their way already.
    pub(super) fn ask_bytes(&mut self, deed: Deed) -> Vec<Effect> {
        let since = self.levers.preparing.as_ref().map(|(_, since)| *since);
        if since.is_some_and(|since| self.now - since < PATIENCE) {
            return vec![];
        }
        self.levers.preparing = Some((deed.clone(), self.now));
        vec![Effect::Prepare(deed)]
    }

    /// Whether a box for this deed may open now: somebody waits for it, and it can still be done.
    pub(super) fn may_ask(&mut self, deed: &Deed) -> bool {
        let awaited = self.levers.preparing.take().is_some_and(|(asked, _)| asked == *deed);
        let free = match &self.dialog {
            Dialog::None => true,
            Dialog::Procedure(id) => match deed {
                Deed::Step { procedure, .. } => procedure == id,
                Deed::Flag { .. } => self.levers.for_step.as_ref().is_some_and(|s| s.procedure == *id),
            },
            _ => false,
        };
        awaited && free && self.over(deed).is_none()
    }

    /// Whether a start or an end of this procedure's run is on its way to the disk.
    pub(super) fn run_is_saving(&self, id: &ProcedureId) -> bool {
        let mine = self.room.open_run(id).map(|r| r.id);
        self.saving.values().any(|intent| match intent {
            Intent::StartRun { procedure, .. } => procedure == id,
            Intent::StartStep { run, .. }
            | Intent::EndStep { run, .. }
            | Intent::CloseStep { run, .. }
            | Intent::TickStep { run, .. }
            | Intent::EndFlagStep { run, .. }
            | Intent::Resolve { id: run, .. }
            | Intent::EndRun { run, .. } => Some(*run) == mine,
            _ => false,
        })
    }

    /// Whether a change of this flag is on its way to the disk.
    pub(super) fn flag_is_saving(&self, name: &str) -> bool {
        let about = |i: &Intent| matches!(i, Intent::StartFlagChange { flag, .. } if flag == name);
        self.saving.values().any(about)
    }

    /// Closes the box that became moot by what was just recorded, with a sentence.
    pub(super) fn close_moot(&mut self, entries: &[Entry], edited: bool) {
        let Dialog::Confirm(confirm) = &self.dialog else { return };
        let Some(why) = self.moot(confirm, entries, edited) else { return };
        let deed = confirm.prepared.deed.clone();
        self.behind(&deed);
        self.say(Tone::Bad, format!("closed, nothing was done from here: {why}"));
    }

    fn moot(&self, confirm: &Confirm, entries: &[Entry], edited: bool) -> Option<String> {
        let deed = &confirm.prepared.deed;
        let by = entries.iter().rev().find(|e| about(e, deed, self)).map(|e| e.by.clone());
        let by = by.map(|who| format!("{who} was faster: ")).unwrap_or_default();
        if edited && matches!(deed, Deed::Step { .. }) {
            return Some("the plan has changed, look at the step again".to_owned());
        }
        let over = self.over(deed);
        let other = || match deed {
            Deed::Flag { flag, .. } => entries.iter().find_map(|e| changed(e, flag)),
            Deed::Step { .. } => None,
        };
        over.or_else(other).map(|why| format!("{by}{why}"))
    }

    /// Why a deed cannot be done any more.
    fn over(&self, deed: &Deed) -> Option<String> {
        match deed {
            Deed::Flag { flag, .. } => {
                self.room.open_change(flag).map(|c| format!("{flag} → {} is under way or unknown", c.to))
            }
            Deed::Step { procedure, step } => {
                let Some(run) = self.room.open_run(procedure) else {
                    return Some("the run is over".to_owned());
                };
                let state = run.step(*step);
                match (&state.ended, state.started) {
                    (Some(ended), _) => Some(format!("step {} is {}", step + 1, ended.outcome.as_str())),
                    (None, Some(_)) => Some(format!("step {} was started", step + 1)),
                    _ => None,
                }
            }
        }
    }
}

/// What somebody did to a flag.
fn changed(entry: &Entry, name: &str) -> Option<String> {
    match &entry.event {
        Event::FlagChangeEnded { flag, to, .. } if flag == name => Some(format!("{flag} → {to}")),
        Event::FlagRecorded { flag, value } if flag == name => Some(format!("{flag} → {value}")),
        _ => None,
    }
}

/// Whether an entry is about the same flag, or the same procedure's run.
fn about(entry: &Entry, deed: &Deed, app: &App) -> bool {
    let of = |run: &uuid::Uuid, id: &ProcedureId| app.room.run(*run).is_some_and(|r| r.procedure == *id);
    match (&entry.event, deed) {
        (Event::FlagChangeStarted { flag: one, .. }, Deed::Flag { flag, .. })
        | (Event::FlagChangeEnded { flag: one, .. }, Deed::Flag { flag, .. })
        | (Event::FlagResolved { flag: one, .. }, Deed::Flag { flag, .. })
        | (Event::FlagRecorded { flag: one, .. }, Deed::Flag { flag, .. }) => one == flag,
        (
            Event::StepStarted { run, .. }
            | Event::StepEnded { run, .. }
            | Event::RunResolved { run, .. }
            | Event::RunEnded { run, .. },
            Deed::Step { procedure, .. },
        ) => of(run, procedure),
        _ => false,
    }
}
