//! What a room's rules remember over a restart and over a changed plan. Pure.
//!
//! Two things bring a rule back: the journal says which alerts fire (crossings are events), and a
//! [`Memory`], kept as one cached row beside the journal, says what is no event: since when a
//! breach is pending or an alert recovering, how much of a soak is covered, when somebody was
//! last told. What nobody watched is counted as the gap it was: `active_at` moves by it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::feed::Feed;
use super::judge::Judge;
use super::{Crossing, Series, Signals};
use crate::plan::binding::{Binding, normal};
use crate::plan::{Plan, ThresholdId};

/// The rules' own memory at a moment, for whoever keeps it over a restart. A lost one costs what
/// was pending, never an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// The last evaluation.
    at: DateTime<Utc>,
    rules: Vec<Kept>,
}

/// One rule's part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    rule: ThresholdId,
    /// How it judged; another way of judging takes nothing over.
    print: String,
    judge: Judge,
}

impl Memory {
    /// When it was made: until then somebody watched.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

impl Signals {
    /// What to keep for the next start; none before the first evaluation.
    pub fn memory(&self) -> Option<Memory> {
        let kept = self.lanes.iter().filter(|l| l.armed).map(|lane| Kept {
            rule: lane.rule.id.clone(),
            print: lane.rule.print(),
            judge: lane.judge.clone(),
        });
        Some(Memory { at: self.now?, rules: kept.collect() })
    }

    /// Takes a memory up at `now`: the time since counts for nothing. Alerts are taken from the
    /// journal alone, by [`Signals::restore`], which comes after this.
    pub fn recall(&mut self, memory: &Memory, now: DateTime<Utc>) {
        let down = (now - memory.at).max(TimeDelta::zero());
        let kept: HashMap<&ThresholdId, &Kept> = memory.rules.iter().map(|k| (&k.rule, k)).collect();
        for lane in &mut self.lanes {
            let Some(kept) = kept.get(&lane.rule.id).filter(|k| k.print == lane.rule.print()) else {
                continue;
            };
            lane.judge = kept.judge.clone();
            lane.judge.resume(down, now);
            lane.judge.forget_alert();
            lane.armed = true;
        }
    }

    /// Tells a rule that it has been firing since `since`, as the journal knows after a restart, so
    /// that it does not fire a second time. One that was recovering when it was last seen still is.
    pub fn restore(&mut self, rule: &ThresholdId, since: DateTime<Utc>) {
        for lane in self.lanes.iter_mut().filter(|l| l.rule.id == *rule && l.rule.alerts()) {
            lane.judge.restore(since);
            lane.armed = true;
        }
    }

    /// Tells a rule that the journal knows it to be blind, so that it says when it sees again.
    pub fn restore_blind(&mut self, rule: &ThresholdId, now: DateTime<Utc>) {
        for lane in self.lanes.iter_mut().filter(|l| l.rule.id == *rule && l.rule.alerts()) {
            lane.judge.blind = true;
            lane.judge.missing.get_or_insert(now);
            lane.armed = true;
        }
    }

    /// A room is opened: every rule begins anew, what was measured already stays.
    pub fn begin(&mut self, plan: &Plan, binding: &Binding) {
        let made = Self::with(plan, binding, std::mem::take(&mut self.settings));
        let old = std::mem::replace(self, made);
        self.inherit(old.feeds);
        self.expect_late(old.lag);
    }

    /// Puts what a signal measured before this process under what it measured since. It is history,
    /// and says nothing about now.
    pub fn remember(&mut self, signal: usize, series: Series) {
        if let Some(feed) = self.feeds.get_mut(signal) {
            feed.remember(series);
        }
    }

    fn inherit(&mut self, old: Vec<Feed>) {
        let mut feeds: HashMap<Arc<str>, Feed> = old.into_iter().map(|f| (f.name.clone(), f)).collect();
        for feed in &mut self.feeds {
            if let Some(before) = feeds.remove(&feed.name) {
                feed.inherit(before);
            }
        }
    }

    /// Follows a changed plan or binding: signals of the same name keep their history, rules that
    /// judge the same way keep their state. Gives the alerts that are over because their rule is.
    pub fn follow(&mut self, plan: &Plan, binding: &Binding, now: DateTime<Utc>) -> Vec<Crossing> {
        let (settings, baselines) = (std::mem::take(&mut self.settings), std::mem::take(&mut self.baselines));
        let made = Self::assembled(plan, binding, settings, baselines);
        let mut old = std::mem::replace(self, made);
        self.now = old.now;
        let kept: HashMap<ThresholdId, usize> =
            old.lanes.iter().enumerate().map(|(i, l)| (l.rule.id.clone(), i)).collect();
        for lane in self.lanes.iter_mut().filter(|l| l.signal.is_some()) {
            let before = kept.get(&lane.rule.id).map(|i| &mut old.lanes[*i]);
            if let Some(before) = before.filter(|b| b.rule.same_as(&lane.rule)) {
                (lane.judge, lane.armed) = (std::mem::take(&mut before.judge), before.armed);
            }
        }
        let over = old.supersede(now);
        self.inherit(old.feeds);
        self.expect_late(old.lag);
        over
    }

    /// Judges what is relative by these baselines from now on, by the plan's names of the metrics.
    /// The same ones again change nothing.
    pub fn compare_with<'b>(
        &mut self,
        baselines: impl Iterator<Item = (&'b str, f64)>,
        plan: &Plan,
        binding: &Binding,
        now: DateTime<Utc>,
    ) -> Vec<Crossing> {
        let known: BTreeMap<String, f64> = baselines.map(|(metric, value)| (normal(metric), value)).collect();
        if known == self.baselines {
            return vec![];
        }
        self.baselines = known;
        self.follow(plan, binding, now)
    }
}
