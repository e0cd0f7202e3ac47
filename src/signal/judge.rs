//! The life of a rule: ok, pending, firing, recovering, and what happens when nothing is known. Pure.
//!
//! Breach and ok behave as a Prometheus alerting rule with `for` and `keep_firing_for`: it fires
//! at the evaluation where `t - active_at >= for`, and one good value resets. Other than there,
//! no data and errors hold the state, and their time counts for nothing.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::Rule;
use crate::plan::binding::OnNoData;

/// Where a rule stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RuleState {
    /// Not judged: not armed, never asked, or its limit is open.
    #[default]
    Idle,
    /// On the healthy side.
    Ok,
    /// Breached, by a rule that does not alert.
    OutOfBounds {
        /// The first evaluation that saw it.
        since: DateTime<Utc>,
    },
    /// Breached, not yet for long enough.
    Pending {
        /// When the breach began, later by the time in which nothing was known.
        since: DateTime<Utc>,
    },
    /// An alert.
    Firing {
        /// The evaluation it fired at.
        since: DateTime<Utc>,
    },
    /// Still an alert, the breach is over.
    Recovering {
        /// The first good evaluation.
        since: DateTime<Utc>,
    },
    /// It was not breached when last known; now nothing is.
    NoData {
        /// The first evaluation without data.
        since: DateTime<Utc>,
    },
    /// It was not breached when last known; now the source fails.
    Error {
        /// The first evaluation without data.
        since: DateTime<Utc>,
        /// One sentence.
        why: Arc<str>,
    },
}

impl RuleState {
    /// Whether it is an alert now.
    pub fn is_alert(&self) -> bool {
        matches!(self, RuleState::Firing { .. } | RuleState::Recovering { .. })
    }

    /// Since when it stands there.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        match self {
            RuleState::Idle | RuleState::Ok => None,
            RuleState::OutOfBounds { since }
            | RuleState::Pending { since }
            | RuleState::Firing { since }
            | RuleState::Recovering { since }
            | RuleState::NoData { since }
            | RuleState::Error { since, .. } => Some(*since),
        }
    }

    fn since_mut(&mut self) -> Option<&mut DateTime<Utc>> {
        match self {
            RuleState::Idle | RuleState::Ok => None,
            RuleState::OutOfBounds { since }
            | RuleState::Pending { since }
            | RuleState::Firing { since }
            | RuleState::Recovering { since }
            | RuleState::NoData { since }
            | RuleState::Error { since, .. } => Some(since),
        }
    }
}

/// What a rule did at an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Crossed {
    /// It became an alert.
    Fired,
    /// It is none any more: the breach is over, or its phase is.
    Resolved,
    /// Nothing has been known for so long that it cannot be relied on.
    Blind,
    /// Something is known again.
    Sighted,
}

/// What is known of a signal at an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Evidence {
    Value(f64),
    Missing,
    Failed(Arc<str>),
}

/// An evaluation that comes this much after the one before leaves the time between uncovered.
const GAP: TimeDelta = TimeDelta::seconds(10);

/// One rule's memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Judge {
    pub state: RuleState,
    pub blind: bool,
    /// When the alert fired that is firing or recovering.
    fired: Option<DateTime<Utc>>,
    /// Since when nothing is known.
    missing: Option<DateTime<Utc>>,
    /// The evaluation before.
    last: Option<DateTime<Utc>>,
}

/// What an evaluation gave: what crossed and since when that was coming.
pub(super) type Outcome = Vec<(Crossed, DateTime<Utc>)>;

impl Judge {
    /// One evaluation of an armed rule whose signal is asked every `interval`.
    pub fn advance(
        &mut self,
        rule: &Rule,
        known: &Evidence,
        now: DateTime<Utc>,
        interval: TimeDelta,
    ) -> Outcome {
        let before = self.last.replace(now).unwrap_or(now);
        if now < before {
            self.shift(now - before);
        }
        let elapsed = (now - before).max(TimeDelta::zero());
        let verdict = match known {
            Evidence::Value(value) => rule.breached(*value),
            Evidence::Missing => rule.on_no_data.map(|means| means == OnNoData::Breach),
            Evidence::Failed(_) => None,
        };
        let mut outcome = vec![];
        match verdict {
            Some(breached) => {
                if elapsed > GAP.max(interval * 2) {
                    self.delay(elapsed);
                }
                self.see(rule, &mut outcome);
                if breached {
                    self.breach(rule, now, &mut outcome)
                } else {
                    self.pass(rule, now, &mut outcome)
                }
            }
            None => {
                self.delay(elapsed);
                self.miss(rule, known, now, interval, &mut outcome);
            }
        }
        outcome
    }

    /// Its phase is not open (any more): whatever it was is over.
    pub fn disarm(&mut self) -> Outcome {
        let gone = std::mem::take(self);
        let resolved = gone.fired.map(|since| (Crossed::Resolved, since));
        let sighted = gone.missing.filter(|_| gone.blind).map(|since| (Crossed::Sighted, since));
        resolved.into_iter().chain(sighted).collect()
    }

    /// It was firing when the program was last running.
    pub fn restore(&mut self, since: DateTime<Utc>) {
        *self = Self { state: RuleState::Firing { since }, fired: Some(since), ..Self::default() };
    }

    fn breach(&mut self, rule: &Rule, now: DateTime<Utc>, outcome: &mut Outcome) {
        use RuleState as S;
        if !rule.alerts() {
            let since = match self.state {
                S::OutOfBounds { since } => since,
                _ => now,
            };
            self.state = S::OutOfBounds { since };
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
        if now - since < rule.hold {
            self.state = S::Pending { since };
            return;
        }
        self.state = S::Firing { since: now };
        self.fired = Some(now);
        outcome.push((Crossed::Fired, since));
    }

    fn pass(&mut self, rule: &Rule, now: DateTime<Utc>, outcome: &mut Outcome) {
        use RuleState as S;
        let good_since = match self.state {
            S::Firing { .. } => now,
            S::Recovering { since } => since,
            _ => {
                self.state = S::Ok;
                return;
            }
        };
        if now - good_since < rule.keep {
            self.state = S::Recovering { since: good_since };
            return;
        }
        self.state = S::Ok;
        let since = self.fired.take().unwrap_or(good_since);
        outcome.push((Crossed::Resolved, since));
    }

    fn see(&mut self, rule: &Rule, outcome: &mut Outcome) {
        let since = self.missing.take();
        if std::mem::take(&mut self.blind) && rule.alerts() {
            outcome.extend(since.map(|s| (Crossed::Sighted, s)));
        }
    }

    fn miss(
        &mut self,
        rule: &Rule,
        known: &Evidence,
        now: DateTime<Utc>,
        interval: TimeDelta,
        outcome: &mut Outcome,
    ) {
        use RuleState as S;
        let since = *self.missing.get_or_insert(now);
        if matches!(self.state, S::Idle | S::Ok | S::NoData { .. } | S::Error { .. }) {
            self.state = match known {
                Evidence::Failed(why) => S::Error { since, why: why.clone() },
                _ => S::NoData { since },
            };
        }
        if !self.blind && now - since >= patience(interval) {
            self.blind = true;
            if rule.alerts() {
                outcome.push((Crossed::Blind, since));
            }
        }
    }

    /// Time that counts for nothing.
    fn delay(&mut self, elapsed: TimeDelta) {
        if let RuleState::Pending { since } | RuleState::Recovering { since } = &mut self.state {
            *since += elapsed;
        }
    }

    /// The clock was set back: what lasts, lasts on.
    fn shift(&mut self, by: TimeDelta) {
        let own = [&mut self.fired, &mut self.missing].into_iter().filter_map(Option::as_mut);
        for at in own.chain(self.state.since_mut()) {
            *at += by;
        }
    }
}

/// How long nothing may be known before a rule is blind.
fn patience(interval: TimeDelta) -> TimeDelta {
    (interval * 3).max(TimeDelta::seconds(60))
}
