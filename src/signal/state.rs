//! Where a rule stands and what it did: the words of the alert state machine. Pure; moved by
//! `judge`, shown by tiles and tables.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Where a rule stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum RuleState {
    /// Not judged: not armed, never asked, or its limit is open.
    #[default]
    Idle,
    /// On the healthy side, and for a criterion that has to last: for as long as it must.
    Ok,
    /// A criterion on its healthy side, not yet measured to be so for long enough.
    Soaking {
        /// The first good evaluation.
        since: DateTime<Utc>,
    },
    /// Breached, by a rule that does not alert.
    OutOfBounds {
        /// The first evaluation that saw it.
        since: DateTime<Utc>,
    },
    /// Between the target and the rollback limit of one metric: a person is asked, never a machine.
    Inconclusive {
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
    /// It was not breached when last known; now too little happens to judge.
    Thin {
        /// The first evaluation with too little traffic.
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
        /// One sentence. Not remembered over a restart.
        #[serde(skip)]
        why: Arc<str>,
    },
}

impl RuleState {
    /// Whether it is an alert now.
    pub fn is_alert(&self) -> bool {
        matches!(self, RuleState::Firing { .. } | RuleState::Recovering { .. })
    }

    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            RuleState::Idle => "not judged",
            RuleState::Ok => "ok",
            RuleState::Soaking { .. } => "soaking",
            RuleState::OutOfBounds { .. } => "out of bounds",
            RuleState::Inconclusive { .. } => "inconclusive",
            RuleState::Pending { .. } => "pending",
            RuleState::Firing { .. } => "firing",
            RuleState::Recovering { .. } => "recovering",
            RuleState::Thin { .. } => "too little traffic to judge",
            RuleState::NoData { .. } => "without data",
            RuleState::Error { .. } => "failing",
        }
    }

    /// Since when it stands there.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        self.clone().since_mut().copied()
    }

    /// The same place, to move it.
    pub(super) fn since_mut(&mut self) -> Option<&mut DateTime<Utc>> {
        match self {
            RuleState::Idle | RuleState::Ok => None,
            RuleState::Soaking { since }
            | RuleState::OutOfBounds { since }
            | RuleState::Inconclusive { since }
            | RuleState::Pending { since }
            | RuleState::Firing { since }
            | RuleState::Recovering { since }
            | RuleState::Thin { since }
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
    /// Its rule is none any more: the plan or the binding says something else now.
    Superseded,
    /// Nothing has been known for so long that it cannot be relied on.
    Blind,
    /// Something is known again.
    Sighted,
}

/// How much of the time that a criterion must hold was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Soak {
    /// Milliseconds on the healthy side, measured, since the last breach.
    pub covered: i64,
    /// Milliseconds since the last breach in which nothing was known; they count for nothing.
    pub uncovered: i64,
}

impl Soak {
    /// What is measured to be healthy.
    pub fn covered(self) -> TimeDelta {
        TimeDelta::milliseconds(self.covered)
    }

    /// What nobody measured.
    pub fn uncovered(self) -> TimeDelta {
        TimeDelta::milliseconds(self.uncovered)
    }
}
