//! The gate at the end of a phase: GO, NO-GO or INCONCLUSIVE, with reasons.
//!
//! A gate asks its own phase; the first rollout gate also asks what comes before and the
//! sign-offs. Criteria that a rule judges count as the watch last saw them. What cannot be judged makes
//! it inconclusive, never GO.

use serde::{Deserialize, Serialize};

use super::cause::{Cause, CauseKind};
use super::fold::{Mark, Room};
use crate::plan::{Item, ItemKind, Owner, Phase, PhaseKind, SignOff};
use crate::signal::Rank;

/// A gate's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// The same with kind, subject and place in the plan, in the same order.
    pub causes: Vec<Cause>,
}

impl Gate {
    /// The answer that these come to: what shuts before what is in doubt, the most urgent first.
    fn of(mut causes: Vec<Cause>) -> Self {
        causes.sort_by_key(|c| (!c.shuts, c.kind));
        let verdict = match causes.first() {
            None => Verdict::Go,
            Some(worst) if worst.shuts => Verdict::NoGo,
            Some(_) => Verdict::Inconclusive,
        };
        let reasons = causes.iter().map(|c| c.words.clone()).collect();
        Self { verdict, reasons, causes }
    }
}

impl Room {
    /// The gate at the end of `phase`.
    pub fn gate(&self, phase: &Phase) -> Gate {
        let mut causes = self.open_items(&phase.id.to_string(), "", |o| self.within(o, &phase.id));
        if self.is_first_rollout(phase) {
            causes.extend(self.open_items("before", " in Before", |o| *o == Owner::Before));
            causes.extend(self.plan.signoffs.iter().filter_map(|line| self.missing_signoff(line)));
            causes.extend(self.plan.signoffs.iter().filter_map(|line| self.open_list(line)));
        }
        causes.extend(self.blocking_happenings());
        causes.extend(self.blocking_alerts());
        causes.extend(self.unmet(phase));
        causes.extend(self.unpolled(phase));
        causes.extend(self.doubted(phase));
        causes.extend(self.doubts(phase));
        causes.extend(self.unjudged());
        Gate::of(causes)
    }

    /// Whether alerts of this rank shut gates: those that the binding names, else P0 and P1.
    pub fn blocks(&self, rank: Rank) -> bool {
        match self.plan.blocking.as_slice() {
            [] => rank <= Rank::High,
            named => named.iter().any(|word| Rank::of(Some(word)) == rank),
        }
    }

    fn blocking_alerts(&self) -> impl Iterator<Item = Cause> {
        let firing = self.firing().into_iter().filter(|a| self.blocks(a.rank));
        firing.map(|a| Cause::shut(CauseKind::Alert, &a.rule, format!("{} fires", a.signal)).at(a.line))
    }

    pub(super) fn is_first_rollout(&self, phase: &Phase) -> bool {
        self.plan.top_phases().find(|p| p.kind == PhaseKind::Rollout).is_some_and(|p| p.id == phase.id)
    }

    /// What a gate looks at: the items of its phase, with the first rollout also those before it and
    /// those of the sign-offs.
    pub(super) fn asked<'a>(&'a self, phase: &'a Phase) -> impl Iterator<Item = &'a Item> {
        let first = self.is_first_rollout(phase);
        let around = move |o: &Owner| first && matches!(o, Owner::Before | Owner::SignOff(_));
        self.plan.items.iter().filter(move |i| self.within(&i.owner, &phase.id) || around(&i.owner))
    }

    fn missing_signoff(&self, line: &SignOff) -> Option<Cause> {
        let words = self.signoff_gap(line)?;
        Some(Cause::shut(CauseKind::SignOff, &line.id, words).at(line.line))
    }

    /// What is open of a role's own list.
    fn open_list(&self, line: &SignOff) -> Option<Cause> {
        let own = Owner::SignOff(line.id.clone());
        let open = self.plan.items.iter().filter(|i| i.owner == own && !self.mark(i).settled());
        let first = open.clone().next()?;
        let words = format!("{} open of {}'s list", open.count(), line.role);
        Some(Cause::shut(CauseKind::SignOff, &line.id, words).at(first.line))
    }

    /// The blocked items and the other open ones of some owner; criteria are judged apart.
    fn open_items(&self, subject: &str, place: &str, of: impl Fn(&Owner) -> bool) -> Vec<Cause> {
        let mine = || self.plan.items.iter().filter(|i| of(&i.owner) && i.kind != ItemKind::Criterion);
        let counted = |kind: CauseKind, mark: Mark, word: &str| {
            let found = mine().filter(|i| self.mark(i) == mark);
            let first = found.clone().next()?;
            let words = format!("{} {word}{place}", found.count());
            Some(Cause::shut(kind, subject, words).at(first.line))
        };
        let blocked = counted(CauseKind::Blocked, Mark::Blocked, "blocked");
        blocked.into_iter().chain(counted(CauseKind::Open, Mark::Open, "open")).collect()
    }

    fn doubts(&self, phase: &Phase) -> Option<Cause> {
        let mine = || self.plan.items.iter().filter(|i| self.within(&i.owner, &phase.id));
        if mine().next().is_none() {
            let words = format!("the plan gives {} nothing to check", phase.name);
            return Some(Cause::doubt(CauseKind::Nothing, &phase.id, words).at(phase.line));
        }
        let unjudged = mine().filter(|i| i.kind == ItemKind::Criterion && !self.mark(i).settled());
        let first = unjudged.clone().next()?;
        let words = format!("{} to judge", count(unjudged.count(), "criterion", "criteria"));
        Some(Cause::doubt(CauseKind::Judge, &phase.id, words).at(first.line))
    }

    /// The blocked items of the room, for whoever asks what is stuck.
    pub fn blocked(&self) -> usize {
        self.plan.items.iter().filter(|i| self.mark(i) == Mark::Blocked).count()
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
