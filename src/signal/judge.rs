//! The life of a rule: ok, pending, firing, recovering, and what happens when nothing is known. Pure.
//!
//! Breach and ok behave as a Prometheus alerting rule with `for` and `keep_firing_for`: it fires
//! at the evaluation where `t - active_at >= for`, and one good value resets. Other than there,
//! no data and errors hold the state, and their time counts for nothing.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Rule;
use super::settings::OnNoData;
use super::state::{Crossed, RuleState, Soak};

/// What is known for a rule at an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Breach,
    Pass,
    /// An answer without a number, or an old one.
    Missing,
    /// Too little traffic to judge.
    Thin,
    /// The source fails: why, and how often in a row.
    Failed(Arc<str>, u32),
}

impl Verdict {
    /// All together: what passes decides against a breach, what is not known leaves it open.
    pub fn and(self, other: Verdict) -> Verdict {
        match (self, other) {
            (Verdict::Pass, _) | (_, Verdict::Pass) => Verdict::Pass,
            (Verdict::Breach, other) => other,
            (unknown, _) => unknown,
        }
    }
}

/// An evaluation.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub verdict: Verdict,
    /// Whether it saw a measurement that the one before did not.
    pub fresh: bool,
    /// Breached, and not as far as the rollback limit of the same metric.
    pub grey: bool,
    pub now: DateTime<Utc>,
    /// How often the signal is asked.
    pub interval: TimeDelta,
}

/// What a rule did, since when that was coming, and whether somebody is to be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Turn {
    pub kind: Crossed,
    pub since: DateTime<Utc>,
    /// Not within the rule's cooldown.
    pub notice: bool,
}

/// What an evaluation gave.
pub(super) type Outcome = Vec<Turn>;

/// An evaluation that comes this much after the one before leaves the time between uncovered.
const GAP: TimeDelta = TimeDelta::seconds(10);

/// A source that fails so often in a row cannot be relied on.
const ERRORS: u32 = 3;

/// So long a resolved alert stays in sight.
const KEPT: TimeDelta = TimeDelta::minutes(15);

/// A rule flaps when it changed sides so often within so long.
const CHANGES: usize = 5;
const FLAPPING: TimeDelta = TimeDelta::minutes(10);

/// One rule's memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Judge {
    pub state: RuleState,
    pub blind: bool,
    /// When the alert fired that is firing or recovering.
    pub fired: Option<DateTime<Utc>>,
    /// Since when the breach is over of an alert that the journal has yet to confirm.
    good_since: Option<DateTime<Utc>>,
    /// When the last alert was over.
    resolved: Option<DateTime<Utc>>,
    /// When somebody was last told.
    noticed: Option<DateTime<Utc>>,
    /// Since when nothing is known.
    pub missing: Option<DateTime<Utc>>,
    /// The evaluation before.
    last: Option<DateTime<Utc>>,
    /// Bad measurements in a row.
    run: u32,
    /// The side of the last value.
    bad: Option<bool>,
    /// When it last changed sides, the newest first.
    changes: [Option<DateTime<Utc>>; CHANGES],
    pub soak: Soak,
    /// Evaluations that were due and did not happen.
    pub missed: u32,
}

impl Judge {
    /// One evaluation of an armed rule.
    pub fn advance(&mut self, rule: &Rule, look: &Look) -> Outcome {
        let elapsed = self.step(look);
        let mut outcome = vec![];
        match taken(rule, &look.verdict) {
            Some(breached) => {
                let gap = elapsed > GAP.max(look.interval * 2);
                if gap {
                    self.delay(elapsed);
                }
                self.see(rule, &mut outcome);
                self.turn(breached, look.now);
                if breached {
                    self.breach(rule, look, &mut outcome);
                } else {
                    let covered = if gap { TimeDelta::zero() } else { elapsed };
                    self.pass(rule, look.now, covered, &mut outcome);
                }
            }
            None => {
                self.delay(elapsed);
                self.miss(rule, look, &mut outcome);
            }
        }
        outcome
    }

    /// How long ago the evaluation before was. What was due in between is counted, not caught up on.
    fn step(&mut self, look: &Look) -> TimeDelta {
        let before = self.last.replace(look.now).unwrap_or(look.now);
        if look.now < before {
            self.shift(look.now - before);
        }
        let elapsed = (look.now - before).max(TimeDelta::zero());
        let (elapsed_ms, interval) = (elapsed.num_milliseconds(), look.interval.num_milliseconds().max(1));
        let missed = u32::try_from(elapsed_ms / interval).unwrap_or(u32::MAX).saturating_sub(1);
        self.missed = self.missed.saturating_add(missed);
        elapsed
    }

    /// Its phase is not open (any more), or the rule is gone: whatever it was is over.
    pub fn disarm(&mut self, kind: Crossed) -> Outcome {
        let noticed = self.noticed;
        let gone = std::mem::replace(self, Self { noticed, ..Self::default() });
        let ended = gone.fired.map(|since| Turn { kind, since, notice: true });
        let sighted = gone.missing.filter(|_| gone.blind);
        let sighted = sighted.map(|since| Turn { kind: Crossed::Sighted, since, notice: true });
        ended.into_iter().chain(sighted).collect()
    }

    /// It was firing when the program was last running, says the journal.
    pub fn restore(&mut self, since: DateTime<Utc>) {
        self.fired = Some(since);
        self.noticed = self.noticed.or(Some(since));
        self.state = match self.good_since.take() {
            Some(since) => RuleState::Recovering { since },
            None => RuleState::Firing { since },
        };
    }

    /// Whether an alert fires is for the journal to say; when it began to recover is not there.
    pub fn forget_alert(&mut self) {
        self.good_since = None;
        if let RuleState::Recovering { since } = self.state {
            self.good_since = Some(since);
        }
        if self.state.is_alert() {
            self.state = RuleState::Idle;
        }
        self.fired = None;
    }

    /// Nothing ran for so long: it counts for nothing.
    pub fn resume(&mut self, down: TimeDelta, now: DateTime<Utc>) {
        self.last = Some(now);
        self.delay(down);
    }

    /// The alert that was over at most a quarter of an hour ago.
    pub fn resolved(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.resolved.filter(|at| !self.state.is_alert() && now - *at < KEPT)
    }

    /// Whether it changes sides so often that its state says little.
    pub fn flapping(&self, now: DateTime<Utc>) -> bool {
        self.changes[CHANGES - 1].is_some_and(|oldest| now - oldest <= FLAPPING)
    }

    fn turn(&mut self, bad: bool, now: DateTime<Utc>) {
        if self.bad.replace(bad).is_some_and(|before| before != bad) {
            self.changes.rotate_right(1);
            self.changes[0] = Some(now);
        }
    }

    fn breach(&mut self, rule: &Rule, look: &Look, outcome: &mut Outcome) {
        use RuleState as S;
        let now = look.now;
        self.run = self.run.saturating_add(u32::from(look.fresh || self.run == 0));
        self.soak = Soak::default();
        let early = rule.run.is_some_and(|run| self.run < run);
        if !rule.alerts() && !early {
            self.state = self.out_of_bounds(look);
            return;
        }
        let since = match self.state {
            S::Firing { .. } => return,
            S::Recovering { since } => {
                self.state = S::Firing { since: self.fired.unwrap_or(since) };
                return;
            }
            S::Pending { since } => since,
            _ => now,
        };
        if early || now - since < rule.hold {
            self.state = S::Pending { since };
            return;
        }
        self.fire(rule, since, now, outcome);
    }

    fn fire(&mut self, rule: &Rule, since: DateTime<Utc>, now: DateTime<Utc>, outcome: &mut Outcome) {
        self.state = RuleState::Firing { since: now };
        self.fired = Some(now);
        let spaced = |gap: TimeDelta| self.noticed.is_none_or(|at| now - at >= gap);
        let notice = rule.cooldown.is_none_or(spaced);
        if notice {
            self.noticed = Some(now);
        }
        outcome.push(Turn { kind: Crossed::Fired, since, notice });
    }

    fn out_of_bounds(&self, look: &Look) -> RuleState {
        use RuleState as S;
        match (&self.state, look.grey) {
            (S::Inconclusive { since }, true) => S::Inconclusive { since: *since },
            (_, true) => S::Inconclusive { since: look.now },
            (S::OutOfBounds { since }, false) => S::OutOfBounds { since: *since },
            (_, false) => S::OutOfBounds { since: look.now },
        }
    }

    fn pass(&mut self, rule: &Rule, now: DateTime<Utc>, covered: TimeDelta, outcome: &mut Outcome) {
        use RuleState as S;
        self.run = 0;
        let good_since = match self.state {
            S::Firing { .. } => now,
            S::Recovering { since } => since,
            _ => {
                self.state = self.good(rule, now, covered);
                return;
            }
        };
        if now - good_since < rule.keep {
            self.state = S::Recovering { since: good_since };
            return;
        }
        self.state = S::Ok;
        self.resolved = Some(now);
        let since = self.fired.take().unwrap_or(good_since);
        outcome.push(Turn { kind: Crossed::Resolved, since, notice: true });
    }

    /// A criterion that has to last is not ok before it was measured to for long enough.
    fn good(&mut self, rule: &Rule, now: DateTime<Utc>, covered: TimeDelta) -> RuleState {
        use RuleState as S;
        let Some(soak) = rule.soak else { return S::Ok };
        if matches!(self.state, S::Soaking { .. } | S::Ok) {
            self.soak.covered += covered.num_milliseconds();
        }
        match self.state {
            _ if self.soak.covered() >= soak => S::Ok,
            S::Soaking { since } => S::Soaking { since },
            _ => S::Soaking { since: now },
        }
    }

    fn see(&mut self, rule: &Rule, outcome: &mut Outcome) {
        let since = self.missing.take();
        if std::mem::take(&mut self.blind) && rule.alerts() {
            outcome.extend(since.map(|since| Turn { kind: Crossed::Sighted, since, notice: true }));
        }
    }

    fn miss(&mut self, rule: &Rule, look: &Look, outcome: &mut Outcome) {
        let now = look.now;
        let since = *self.missing.get_or_insert(now);
        if !self.holds_through() {
            self.state = match &look.verdict {
                Verdict::Failed(why, _) => RuleState::Error { since, why: why.clone() },
                Verdict::Thin => RuleState::Thin { since },
                _ => RuleState::NoData { since },
            };
        }
        let errors = matches!(look.verdict, Verdict::Failed(_, times) if times >= ERRORS);
        if !self.blind && (errors || now - since >= patience(look.interval)) {
            self.blind = true;
            if rule.alerts() {
                outcome.push(Turn { kind: Crossed::Blind, since, notice: true });
            }
        }
    }

    /// What was bad when last known stays so.
    fn holds_through(&self) -> bool {
        use RuleState as S;
        self.state.is_alert()
            || matches!(self.state, S::Pending { .. } | S::OutOfBounds { .. } | S::Inconclusive { .. })
    }

    /// Time that counts for nothing.
    fn delay(&mut self, elapsed: TimeDelta) {
        if let RuleState::Pending { since } | RuleState::Recovering { since } = &mut self.state {
            *since += elapsed;
        }
        if self.soak != Soak::default() || matches!(self.state, RuleState::Soaking { .. }) {
            self.soak.uncovered += elapsed.num_milliseconds();
        }
    }

    /// The clock was set back: what lasts, lasts on.
    fn shift(&mut self, by: TimeDelta) {
        let own = [&mut self.fired, &mut self.missing, &mut self.resolved, &mut self.noticed];
        let own = own.into_iter().chain(&mut self.changes).filter_map(Option::as_mut);
        for at in own.chain(self.state.since_mut()) {
            *at += by;
        }
    }
}

/// Whether a verdict counts as a breach, as none, or as nothing known.
fn taken(rule: &Rule, verdict: &Verdict) -> Option<bool> {
    match (verdict, rule.on_no_data) {
        (Verdict::Breach, _) | (Verdict::Missing, OnNoData::Breach) => Some(true),
        (Verdict::Pass, _) | (Verdict::Missing, OnNoData::Ok) => Some(false),
        (Verdict::Missing | Verdict::Thin | Verdict::Failed(..), _) => None,
    }
}

/// How long nothing may be known before a rule is blind.
fn patience(interval: TimeDelta) -> TimeDelta {
    (interval * 3).max(TimeDelta::seconds(60))
}
