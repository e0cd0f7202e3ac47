//! The one thing to do next: a ranking table over the room. What burns comes before what waits, what
//! is unknown before what is planned.

use super::alerts::Alert;
use super::event::Outcome;
use super::fold::{Mark, PhaseProgress, Room};
use super::gate::Verdict;
use super::happenings::Happening;
use super::levers::{Change, Run};
use super::poll::{Chair, Poll};
use super::suggestion::Stand;
use crate::plan::{Item, ItemKind, Phase, Procedure, ProcedureKind, SignOff, ThresholdId};

/// What is to be done next, and about what.
#[derive(Clone, Debug, PartialEq)]
pub enum Move<'a> {
    /// A step was started and has no end: it runs, or a person says what became of it.
    Resolve(&'a Run, usize),
    /// A procedure is under way: its next step.
    GoOn(&'a Run, usize),
    /// A flag's change has no end: say what became of it.
    Settle(&'a Change),
    /// An alert fires and nobody has it.
    Acknowledge(&'a Alert),
    /// An alert fires: the way back it calls for, where the plan has one.
    TurnBack(&'a Alert, Option<&'a Procedure>),
    /// Somebody said that a condition happened: the way back it calls for, and whether that was answered.
    Happened(&'a Happening, Option<&'a Procedure>, bool),
    /// A percentage's time is over: how it goes on, of this flag at this rung.
    Review(String, f64),
    /// Somebody asks for a second person: who, and for what.
    Approve(String, String),
    /// Nothing falls due until the launch instant is set.
    SetT0,
    /// A poll is under way: the role whose turn it is, none where all have answered.
    Poll(&'a Poll, Option<&'a Chair>),
    /// T stands until somebody lets it go on.
    ResumeClock(String),
    /// A phase waits for its start.
    Start(&'a Phase),
    /// A held phase waits to go on.
    Resume(&'a Phase, String),
    /// An item cannot go on.
    Unblock(&'a Item),
    /// An item is next.
    Tick(&'a Item),
    /// A criterion has to be judged.
    Judge(&'a Item),
    /// A role has not signed.
    Sign(&'a SignOff),
    /// A phase's gate says GO.
    Complete(&'a Phase),
    /// Something else keeps the gate shut.
    Wait(&'a Phase, Vec<String>),
    /// Every phase is complete.
    Over,
    /// The plan has no phases and no open items.
    Nothing,
}

impl Room {
    /// The one thing to do next.
    pub fn next_action(&self) -> Move<'_> {
        self.burning().unwrap_or_else(|| self.planned_next())
    }

    fn burning(&self) -> Option<Move<'_>> {
        let run = self.runs().iter().rev().find(|r| r.ended.is_none());
        let change = self.changes().iter().rev().find(|c| c.is_open());
        let started = self.runs().iter().rev().find_map(|r| Some((r, r.unsettled_step()?)));
        let firing = self.firing();
        let nobody = firing.iter().find(|a| a.acknowledged.is_none());
        let worse = |m: &Move<'_>| match m {
            Move::Happened(h, _, answered) => !answered && nobody.is_none_or(|a| h.rank <= a.rank),
            _ => false,
        };
        None.or(started.map(|(run, step)| Move::Resolve(run, step)))
            .or(change.map(Move::Settle))
            .or(run.map(|r| Move::GoOn(r, r.next_step())))
            .or(self.happened().filter(|m| worse(m)))
            .or(nobody.map(|a| Move::Acknowledge(a)))
            .or(firing.first().map(|a| Move::TurnBack(a, self.way_back(&a.rule))))
            .or(self.happened())
    }

    /// The worst of what people saw, and whether somebody has answered it: its way back was run, or
    /// declined.
    fn happened(&self) -> Option<Move<'_>> {
        let worst = self.happenings().into_iter().next()?;
        let called = self.suggestions().find(|s| s.id == worst.id);
        let way = called.and_then(|s| self.plan.procedures.iter().find(|p| p.id == s.procedure));
        let since =
            |r: &Run| r.ended.as_ref().is_some_and(|e| e.outcome == Outcome::Done && e.at >= worst.at);
        let run = way.is_some_and(|p| self.runs().iter().any(|r| r.procedure == p.id && since(r)));
        let declined = called.is_some_and(|s| matches!(s.end, Some(Stand::Dismissed { .. })));
        Some(Move::Happened(worst, way, run || declined))
    }

    /// The procedure that a limit calls for: its own, else the first way back of the plan.
    pub fn way_back(&self, rule: &ThresholdId) -> Option<&Procedure> {
        let limit = self.plan.thresholds.iter().find(|t| &t.id == rule);
        let own = limit.and_then(|t| t.procedure.as_ref());
        let named = own.and_then(|id| self.plan.procedures.iter().find(|p| &p.id == id));
        named.or_else(|| self.plan.procedures.iter().find(|p| p.kind == ProcedureKind::Rollback))
    }

    fn planned_next(&self) -> Move<'_> {
        if self.t0.is_none() && self.plan.top_phases().next().is_some() {
            return Move::SetT0;
        }
        if let Some(poll) = self.open_polls().next() {
            return Move::Poll(poll, poll.turn(&self.evidence_of(poll)));
        }
        if let Some(pause) = self.pauses().iter().find(|p| p.lasts.is_none()) {
            return Move::ResumeClock(pause.reason.clone());
        }
        let Some(phase) = self.current_phase() else {
            let open = self.plan.items.iter().find(|i| self.mark(i) == Mark::Open);
            return open.map_or(Move::Nothing, Move::Tick);
        };
        match self.phase_state(&phase.id).progress {
            PhaseProgress::Held { reason, .. } => Move::Resume(phase, reason),
            PhaseProgress::Completed { .. } => Move::Over,
            PhaseProgress::Waiting => self.before(phase).unwrap_or(Move::Start(phase)),
            PhaseProgress::Running => self.within_phase(phase),
        }
    }

    /// What of "Before" is open ahead of the first rollout.
    fn before(&self, phase: &Phase) -> Option<Move<'_>> {
        let waits = self.gate(phase).causes.iter().any(|c| c.subject == "before");
        let mine = || self.plan.items.iter().filter(|i| i.owner == crate::plan::Owner::Before);
        waits.then(|| self.work(mine)).flatten()
    }

    fn within_phase(&self, phase: &Phase) -> Move<'_> {
        let phase = self.plan.phase(&phase.id).expect("the current phase is one of the plan");
        let mine = || self.plan.items.iter().filter(|i| self.within(&i.owner, &phase.id));
        let gate = self.gate(phase);
        if gate.verdict == Verdict::Go {
            return Move::Complete(phase);
        }
        let judged = || mine().find(|i| i.kind == ItemKind::Criterion && self.mark(i) == Mark::Open);
        let unsigned = || self.plan.signoffs.iter().find(|s| self.signature(&s.id).is_none());
        self.work(mine)
            .or_else(|| judged().map(Move::Judge))
            .or_else(|| self.work(|| self.asked(phase)))
            .or_else(|| unsigned().map(Move::Sign))
            .unwrap_or(Move::Wait(phase, gate.reasons))
    }

    /// The next item of a list, or the first that is stuck where nothing else is left.
    fn work<'a, I: Iterator<Item = &'a Item>>(&self, mine: impl Fn() -> I) -> Option<Move<'a>> {
        let task = |i: &&Item| i.kind != ItemKind::Criterion;
        let open = mine().filter(task).find(|i| self.mark(i) == Mark::Open);
        let stuck = || mine().filter(task).find(|i| self.mark(i) == Mark::Blocked);
        open.map(Move::Tick).or_else(|| stuck().map(Move::Unblock))
    }
}
