//! Flags that were changed and procedures that were run, with how long each took.

use super::account::{FlagTold, RunTold, StepTold};
use super::decisions;
use super::ledger::Ledger;
use crate::plan::ProcedureKind;
use crate::room::{Change, Ended, Run, StepState};

/// Flags that were changed, from here and by hand, in the order of time.
pub(super) fn flags(ledger: &Ledger<'_>) -> Vec<FlagTold> {
    let mut all: Vec<_> = ledger.room.changes().iter().map(change).collect();
    all.extend(ledger.by_hand.iter().map(|f| FlagTold {
        flag: f.flag.clone(),
        from: None,
        to: f.value.clone(),
        by: f.who.by.clone(),
        at: f.who.at,
        outcome: "by hand".to_owned(),
        detail: "recorded, not applied from here".to_owned(),
        seconds: None,
    }));
    all.sort_by_key(|f| f.at);
    all
}

fn change(change: &Change) -> FlagTold {
    let ended = change.ended.as_ref();
    FlagTold {
        flag: change.flag.clone(),
        from: change.from.clone(),
        to: change.to.clone(),
        by: change.by.clone(),
        at: change.at,
        outcome: ended.map_or("unknown", |e| e.outcome.as_str()).to_owned(),
        detail: ended.map_or("it has no end", |e| e.detail.as_str()).to_owned(),
        seconds: ended.map(|e| (e.at - change.at).num_milliseconds() as f64 / 1e3),
    }
}

/// A run with its steps, those too that were never begun.
pub(super) fn run(ledger: &Ledger<'_>, run: &Run) -> RunTold {
    let procedure = ledger.room.plan.procedures.iter().find(|p| p.id == run.procedure);
    let planned = procedure.map(|p| p.in_order()).unwrap_or_default();
    let words = |n: usize| {
        let said = ledger.steps.get(&(run.id, n)).cloned();
        said.or_else(|| planned.get(n).map(|s| s.text.clone()))
            .unwrap_or_else(|| "the plan does not say any more".to_owned())
    };
    let steps = run.steps.len().max(planned.len());
    let (outcome, detail) = match (&run.ended, run.unsettled_step()) {
        (Some(ended), _) => (ended.outcome.as_str(), ended.detail.clone()),
        (None, Some(step)) if run.step(step).ended.is_some() => {
            ("unknown", format!("nobody knows what became of step {}", step + 1))
        }
        (None, _) => ("under way", String::new()),
    };
    RunTold {
        title: run.title.clone(),
        way_back: procedure.is_some_and(|p| p.kind == ProcedureKind::Rollback),
        by: run.by.clone(),
        at: run.at,
        ended: run.ended.as_ref().map(|e| e.at),
        outcome: outcome.to_owned(),
        detail,
        seconds: run.ended.as_ref().map(|e| (e.at - run.at).num_milliseconds() as f64 / 1e3),
        target: procedure.and_then(|p| p.target),
        steps: (0..steps).map(|n| step(words(n), &run.step(n))).collect(),
    }
}

fn step(text: String, state: &StepState) -> StepTold {
    let took = |ended: &Ended| Some((ended.at - state.started?).num_milliseconds() as f64 / 1e3);
    let (outcome, detail) = match (&state.ended, state.started) {
        (Some(ended), _) => (ended.outcome.as_str(), ended.detail.clone()),
        (None, Some(_)) => ("unknown", "it was started and has no end".to_owned()),
        (None, None) => ("not begun", String::new()),
    };
    let seconds = state.ended.as_ref().and_then(took);
    let end = state.ended.as_ref().and_then(|e| e.end).map(decisions::end);
    StepTold { text, outcome: outcome.to_owned(), detail, end, seconds }
}
