//! A metric as a screen shows it: its number with its age, the healthy side, and the worst thing
//! known of it. Pure; made by [`super::Signals::tiles`] when somebody looks.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Rank, RuleState, Series};

/// What a metric's tile says, the most troubling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileState {
    /// An alert fires.
    Firing,
    /// An alert rule knows nothing and has not for long.
    Blind,
    /// An alert's limit is breached, not yet for long enough.
    Pending,
    /// A limit that does not alert is breached.
    OutOfBounds,
    /// Between the target and the rollback limit: a person has to judge.
    Inconclusive,
    /// An alert that is about to be over.
    Recovering,
    /// The source fails, or lies.
    Error,
    /// The source says nothing new.
    Stale,
    /// The source has no number for it.
    NoData,
    /// Too little traffic to judge.
    Thin,
    /// Healthy, not yet measured to be for as long as it must.
    Soaking,
    /// On the healthy side of every limit that counts now.
    Ok,
    /// Measured, and no limit judges it now.
    NotJudged,
    /// Nothing measures it.
    NotBound,
}

impl TileState {
    /// The word beside the glyph.
    pub fn word(self) -> &'static str {
        match self {
            TileState::Firing => "firing",
            TileState::Blind => "blind",
            TileState::Pending => "pending",
            TileState::OutOfBounds => "out of bounds",
            TileState::Inconclusive => "inconclusive",
            TileState::Recovering => "recovering",
            TileState::Error => "error",
            TileState::Stale => "stale",
            TileState::NoData => "no data",
            TileState::Thin => "too little traffic",
            TileState::Soaking => "soaking",
            TileState::Ok => "ok",
            TileState::NotJudged => "not judged",
            TileState::NotBound => "not bound",
        }
    }

    /// What a rule's own state makes of a tile. None where the rule has nothing to say.
    pub(super) fn of(state: &RuleState, blind_alert: bool) -> Option<Self> {
        let own = match state {
            RuleState::Idle => None,
            RuleState::Ok => Some(TileState::Ok),
            RuleState::Soaking { .. } => Some(TileState::Soaking),
            RuleState::OutOfBounds { .. } => Some(TileState::OutOfBounds),
            RuleState::Inconclusive { .. } => Some(TileState::Inconclusive),
            RuleState::Pending { .. } => Some(TileState::Pending),
            RuleState::Firing { .. } => Some(TileState::Firing),
            RuleState::Recovering { .. } => Some(TileState::Recovering),
            RuleState::Thin { .. } => Some(TileState::Thin),
            RuleState::NoData { .. } => Some(TileState::NoData),
            RuleState::Error { .. } => Some(TileState::Error),
        };
        own.map(|o| if blind_alert { o.min(TileState::Blind) } else { o })
    }
}

/// Where a value has been going for the last minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trend {
    /// Too little is known.
    Unknown,
    /// Down.
    Falling,
    /// Neither.
    Steady,
    /// Up.
    Rising,
}

/// A limit to be marked on a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Index into `plan.thresholds`.
    pub limit: usize,
    /// In the tile's unit.
    pub at: f64,
}

/// One metric as a screen shows it. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// The metric, as the plan first writes it.
    pub name: Arc<str>,
    /// Its limits: indices into `plan.thresholds`, those that alert first, the worst class first.
    pub limits: Arc<[usize]>,
    /// What measures it: index into `binding.signals`, for [`super::Signals::series`].
    pub signal: Option<usize>,
    /// The newest number, however old.
    pub value: Option<f64>,
    /// The unit of `value` and `mark`.
    pub unit: Option<Arc<str>>,
    /// How old the number is.
    pub age: Option<Duration>,
    /// The worst that is known.
    pub state: TileState,
    /// Since when, where a rule or a failing source says so.
    pub since: Option<DateTime<Utc>>,
    /// The limit that decides `state`: index into `plan.thresholds`.
    pub rule: Option<usize>,
    /// How bad that one is.
    pub rank: Rank,
    /// The limit it would meet next; the deciding one where it has met it.
    pub mark: Option<Edge>,
    /// Whether the deciding rule changes sides so often that its state says little.
    pub flapping: bool,
    /// What the source says of itself: its failure, else its warning. Also while an alert fires.
    pub why: Option<Arc<str>>,
}

/// The trend of the last 5 minutes: the newer half's mean against the older half's. Less than a
/// quarter of the spread, or than a hundredth of the value, is steady.
pub(super) fn trend(series: &Series) -> Trend {
    let Some(last) = series.last() else { return Trend::Unknown };
    let recent = || series.values_since(last.at - TimeDelta::minutes(5)).filter(|v| v.is_finite());
    let count = recent().count();
    if count < 4 {
        return Trend::Unknown;
    }
    let half = count - count / 2;
    let mean = |sum: f64, of: usize| sum / of as f64;
    let (older, newer) = (mean(recent().take(half).sum(), half), mean(recent().skip(half).sum(), count / 2));
    let moved = newer - older;
    let (low, high) = recent().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
    if moved.abs() <= ((high - low) / 4.0).max(older.abs() / 100.0) {
        return Trend::Steady;
    }
    if moved > 0.0 { Trend::Rising } else { Trend::Falling }
}
