//! What is measured: samples in, tiles for the screens and crossings for the journal out.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{App, Effect};
use crate::plan::binding::Binding;
use crate::plan::{PhaseId, ThresholdId};
use crate::room::{Intent, PhaseProgress, decide};
use crate::signal::{Crossed, Crossing, Rank, Sample, Signals, bare_side};

/// A flag's value is read again when it is so old.
const REREAD: TimeDelta = TimeDelta::seconds(5);

impl App {
    /// Follows a binding, or another plan under the same one. What the journal knows to fire does
    /// not fire a second time.
    pub(super) fn bind(&mut self, binding: Arc<Binding>) {
        self.gauges = Signals::new(&self.room.plan, &binding);
        self.levers.binding = Some(binding);
        self.compare();
        for alert in self.room.firing() {
            self.gauges.restore(&alert.rule, alert.since);
        }
        for (rule, _) in self.room.lost() {
            self.gauges.restore_blind(rule, self.now);
        }
        self.retile();
    }

    /// The tiles of a plan nothing is bound to, or of one that changed.
    pub(super) fn look_at_limits(&mut self) {
        match self.levers.binding.clone() {
            Some(binding) => self.bind(binding),
            None => {
                self.gauges = Signals::new(&self.room.plan, &Binding::default());
                self.retile();
            }
        }
    }

    /// Whether anything is measured.
    pub fn measures(&self) -> bool {
        self.levers.binding.as_ref().is_some_and(|b| !b.signals.is_empty())
    }

    pub(super) fn sampled(&mut self, signal: usize, samples: &[Sample]) {
        self.gauges.take(signal, samples);
    }

    pub(super) fn not_sampled(&mut self, signal: usize, why: &str) {
        self.gauges.fail(signal, self.now, why);
    }

    /// Judges every rule, once a second. Only the process with the watch records what it finds.
    pub(super) fn evaluate(&mut self) -> Vec<Effect> {
        if !self.measures() {
            return vec![];
        }
        let mut crossings = self.compare();
        let room = &self.room;
        let runs = |phase: &PhaseId| {
            let progress = room.phase_state(phase).progress;
            matches!(progress, PhaseProgress::Running | PhaseProgress::Held { .. })
        };
        let parent = |phase: &PhaseId| room.plan.phase(phase).and_then(|p| p.parent.clone());
        let open = |phase: &PhaseId| runs(phase) || parent(phase).is_some_and(|p| runs(&p));
        crossings.extend(self.gauges.evaluate(self.now, &open));
        self.retile();
        let mut effects = self.reread();
        if !self.watch.as_ref().is_some_and(|w| w.mine) {
            return effects;
        }
        let over = self.orphaned().map(Intent::SupersedeAlert);
        let intents: Vec<_> = crossings.iter().flat_map(|c| self.intents(c)).chain(over).collect();
        let wanted = |i: &Intent| decide(&self.room, i, &self.actor, self.now).is_ok();
        let intents: Vec<_> = intents.into_iter().filter(wanted).collect();
        effects.extend(intents.into_iter().flat_map(|i| self.submit(i)));
        effects
    }

    /// Relative limits are judged by the baselines that the journal knows.
    fn compare(&mut self) -> Vec<Crossing> {
        let Some(binding) = self.levers.binding.clone() else { return vec![] };
        let known: Vec<_> = self.room.baselines().map(|b| (b.metric.as_str(), b.value)).collect();
        self.gauges.compare_with(known.into_iter(), &self.room.plan, &binding, self.now)
    }

    /// Flags are read again now and then: somebody else may have changed them.
    fn reread(&self) -> Vec<Effect> {
        let old = |flag: &str| {
            let read = self.levers.read.get(flag);
            read.is_some_and(|r| self.now - r.at >= REREAD)
        };
        let flags = self.room.plan.flags.iter().filter(|f| old(&f.name));
        flags.map(|f| Effect::ReadFlag(f.name.clone())).collect()
    }

    /// Alerts whose limit is not in the plan any more: nothing else would end them.
    fn orphaned(&self) -> impl Iterator<Item = ThresholdId> {
        let plan = &self.room.plan;
        let known = |rule: &ThresholdId| plan.thresholds.iter().any(|t| t.id == *rule);
        let read = !plan.digest.is_empty() && plan.digest == self.room.digest;
        self.room.firing().into_iter().map(|a| a.rule.clone()).filter(move |rule| read && !known(rule))
    }

    /// What the journal is to hold of a crossing: an alert that tells somebody also suggests what its
    /// limit calls for.
    fn intents(&self, crossing: &Crossing) -> Vec<Intent> {
        let fires = crossing.kind == Crossed::Fired && crossing.notice;
        let (rule, value) = (crossing.rule.clone(), crossing.value);
        let suggest = fires.then_some(Intent::Suggest { rule, value });
        self.intent(crossing).into_iter().chain(suggest).collect()
    }

    fn intent(&self, crossing: &Crossing) -> Option<Intent> {
        let limit = self.room.plan.thresholds.iter().find(|t| t.id == crossing.rule)?;
        let (rule, signal, value) = (crossing.rule.clone(), limit.metric.clone(), crossing.value);
        Some(match crossing.kind {
            Crossed::Fired => Intent::RaiseAlert {
                rule,
                signal,
                limit: bare_side(limit),
                rank: Rank::of(limit.severity.as_deref()).word().to_owned(),
                line: limit.line,
                value,
            },
            Crossed::Superseded => Intent::SupersedeAlert(rule),
            Crossed::Resolved => Intent::ResolveAlert { rule, value },
            Crossed::Blind => Intent::LoseSignal { rule, signal, why: crossing.why.clone() },
            Crossed::Sighted => Intent::FindSignal { rule },
        })
    }
}
