//! The gate at the end of a phase: GO, NO-GO or INCONCLUSIVE, with reasons.
//!
//! A gate asks its own phase; the first rollout gate also asks what comes before and the
//! sign-offs. Criteria that a rule judges count as the watch last saw them. What cannot be judged makes it inconclusive, never GO.

use super::fold::{Mark, Room, Tally};
use crate::plan::{ItemKind, Owner, Phase, PhaseKind};
use crate::signal::Rank;

/// A gate's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything asked for is there.
    Go,
    /// Something is missing.
    NoGo,
    /// Something cannot be judged yet.
    Inconclusive,
}

impl Verdict {
    /// As everybody says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Go => "GO",
            Verdict::NoGo => "NO-GO",
            Verdict::Inconclusive => "INCONCLUSIVE",
        }
    }
}

/// A gate's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The word.
    pub verdict: Verdict,
    /// Why it is not GO, the worst first; empty for GO.
    pub reasons: Vec<String>,
}

impl Room {
    /// The gate at the end of `phase`.
    pub fn gate(&self, phase: &Phase) -> Gate {
        let mut missing = open_items(self.phase_tally(&phase.id), "");
        if self.is_first_rollout(phase) {
            missing.extend(open_items(self.owner_tally(&Owner::Before), " in Before"));
            missing.extend(self.missing_signoffs());
        }
        missing.extend(self.blocking_happenings());
        missing.extend(self.blocking_alerts());
        let (unmet, unsure) = self.unmet(phase);
        missing.extend(unmet);
        let mut doubts = self.doubts(phase);
        doubts.extend(unsure);
        doubts.extend(self.unjudged());
        let verdict = match (missing.is_empty(), doubts.is_empty()) {
            (false, _) => Verdict::NoGo,
            (true, false) => Verdict::Inconclusive,
            (true, true) => Verdict::Go,
        };
        missing.extend(doubts);
        Gate { verdict, reasons: missing }
    }

    /// P0 and P1 stop a gate.
    fn blocking_alerts(&self) -> Vec<String> {
        let firing = self.firing().into_iter().filter(|a| a.rank <= Rank::High);
        firing.map(|a| format!("{} fires", a.signal)).collect()
    }

    fn is_first_rollout(&self, phase: &Phase) -> bool {
        self.plan.top_phases().find(|p| p.kind == PhaseKind::Rollout).is_some_and(|p| p.id == phase.id)
    }

    fn missing_signoffs(&self) -> Vec<String> {
        self.plan.signoffs.iter().filter_map(|line| self.signoff_gap(line)).collect()
    }

    fn doubts(&self, phase: &Phase) -> Vec<String> {
        let mine = || self.plan.items.iter().filter(|i| self.within(&i.owner, &phase.id));
        let unjudged = mine().filter(|i| i.kind == ItemKind::Criterion && !self.mark(i).settled()).count();
        if mine().next().is_none() {
            return vec![format!("the plan gives {} nothing to check", phase.name)];
        }
        match unjudged {
            0 => vec![],
            n => vec![format!("{} to judge", count(n, "criterion", "criteria"))],
        }
    }

    /// The blocked items of the room, for whoever asks what is stuck.
    pub fn blocked(&self) -> usize {
        self.plan.items.iter().filter(|i| self.mark(i) == Mark::Blocked).count()
    }
}

fn open_items(tally: Tally, place: &str) -> Vec<String> {
    let open = tally.all - tally.done;
    let mut reasons = vec![];
    if tally.blocked > 0 {
        reasons.push(format!("{} blocked{place}", tally.blocked));
    }
    if open > tally.blocked {
        reasons.push(format!("{} open{place}", open - tally.blocked));
    }
    reasons
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
