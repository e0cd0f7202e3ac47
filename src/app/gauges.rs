//! What is measured: samples in, tiles for the screens and crossings for the journal out.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::TimeDelta;

use super::{App, Effect, Link};
use crate::plan::binding::Binding;
use crate::plan::{PhaseId, ThresholdId};
use crate::room::{Intent, PhaseProgress, decide};
use crate::signal::{Crossed, Crossing, Memory, Rank, Sample, Series, Signals, bare_side};

/// A flag's value is read again when it is so old.
const REREAD: TimeDelta = TimeDelta::seconds(5);

impl App {
    /// Follows a binding.
    pub(super) fn bind(&mut self, binding: Arc<Binding>) {
        let known = self.levers.binding.replace(Arc::clone(&binding)).is_some();
        match known && self.link != Link::Opening {
            true => self.follow_limits(),
            false => self.look_at_limits(),
        }
    }

    /// The limits of a room that was opened. What the journal knows to fire does not fire a second
    /// time.
    pub(super) fn look_at_limits(&mut self) {
        let binding = self.levers.binding.clone().unwrap_or_default();
        self.over.clear();
        self.gauges.begin(&self.room.plan, &binding);
        self.compare();
        if let Some(memory) = self.memory.take() {
            self.gauges.recall(&memory, self.now);
        }
        self.restore();
    }

    /// The limits of another edition of the plan, or of another binding: what was measured stays,
    /// and what is judged as before keeps its state.
    pub(super) fn follow_limits(&mut self) {
        let binding = self.levers.binding.clone().unwrap_or_default();
        let over = self.gauges.follow(&self.room.plan, &binding, self.now);
        self.over.extend(over);
        self.restore();
    }

    /// What the rules knew when this room was last watched.
    pub(super) fn recall(&mut self, memory: Memory) {
        match self.levers.binding {
            Some(_) => {
                self.gauges.recall(&memory, self.now);
                self.restore();
            }
            None => self.memory = Some(memory),
        }
    }

    /// What the journal knows goes before what rules remember.
    fn restore(&mut self) {
        let standing = self.gauges.rules().filter(|r| r.state.is_alert()).map(|r| r.rule.id.clone());
        let known: HashSet<ThresholdId> = standing.chain(self.over.iter().map(|c| c.rule.clone())).collect();
        for alert in self.room.firing().into_iter().filter(|a| !known.contains(&a.rule)) {
            self.gauges.restore(&alert.rule, alert.since);
        }
        for (rule, _) in self.room.lost() {
            self.gauges.restore_blind(rule, self.now);
        }
        self.take_typed();
        self.retile();
    }

    /// Takes up what people typed: a metric that nothing measures becomes a signal by that.
    pub(super) fn take_typed(&mut self) {
        let names: Vec<String> =
            self.room.typed().filter_map(|all| Some(all.last()?.signal.clone())).collect();
        let binding = self.levers.binding.clone().unwrap_or_default();
        if let Some(more) = binding.with_typed(names.iter().map(String::as_str)) {
            let over = self.gauges.follow(&self.room.plan, &more, self.now);
            self.over.extend(over);
            self.levers.binding = Some(Arc::new(more));
        }
        let Some(binding) = self.levers.binding.clone() else { return };
        for all in self.room.typed() {
            let named = all.last().filter(|t| binding.is_typed(&t.signal)).map(|t| t.signal.as_str());
            let place = named.and_then(|name| binding.place(name));
            let Some(signal) = place else { continue };
            let known = self.gauges.series(signal).and_then(|s| s.last()).map(|s| s.at);
            let new = all.iter().filter(|t| known.is_none_or(|k| t.at > k));
            let samples: Vec<Sample> = new.map(|t| Sample { at: t.at, value: t.value }).collect();
            if !samples.is_empty() {
                self.gauges.take(signal, &samples);
            }
        }
    }

    /// Whether anything is measured.
    pub fn measures(&self) -> bool {
        self.levers.binding.as_ref().is_some_and(|b| !b.signals.is_empty())
    }

    pub(super) fn sampled(&mut self, signal: usize, samples: &[Sample]) {
        let lacks = |s: &Signals| s.series(signal).is_some_and(Series::is_empty);
        let first = lacks(&self.gauges);
        self.gauges.take(signal, samples);
        if first && !lacks(&self.gauges) {
            self.unseen.get_or_insert(self.now);
        }
    }

    pub(super) fn not_sampled(&mut self, signal: usize, why: &str) {
        self.gauges.fail(signal, self.now, why);
    }

    /// Judges every rule, about once a second. Only the process with the watch records what it finds.
    pub(super) fn evaluate(&mut self) -> Vec<Effect> {
        self.unseen = None;
        let mine = self.watch.as_ref().is_some_and(|w| w.mine);
        if !self.measures() {
            return self.record_claims(mine);
        }
        let mut crossings = std::mem::take(&mut self.over);
        if mine {
            self.catch_up(&crossings);
        }
        crossings.extend(self.compare());
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
        if !mine {
            return effects;
        }
        crossings.extend(self.owed(&crossings));
        effects.extend(self.record_claims(mine));
        let over = self.orphaned().map(Intent::SupersedeAlert).chain(self.criteria());
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
        let read = !plan.digest.is_empty() && plan.digest == self.room.digest;
        let firing = if read { self.room.firing() } else { vec![] };
        let limits = plan.thresholds.iter().filter(|_| !firing.is_empty());
        let known: HashSet<&ThresholdId> = limits.map(|t| &t.id).collect();
        firing.into_iter().map(|a| a.rule.clone()).filter(move |rule| !known.contains(rule))
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
