//! A plan's limit as a rule that can judge a number, or the reason why it cannot. Pure.

use std::fmt;

use chrono::TimeDelta;

use super::Rank;
use super::unit::convert;
use crate::plan::binding::{Judging, OnNoData};
use crate::plan::{Cmp, PhaseId, Role, Threshold, ThresholdId, Value};

/// A limit that can be asked whether a value breaches it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The limit's.
    pub id: ThresholdId,
    /// Index into `plan.thresholds`.
    pub limit: usize,
    /// What it is for.
    pub role: Role,
    /// How bad a breach is.
    pub rank: Rank,
    /// The phase while whose being open it is armed; none: always.
    pub phase: Option<PhaseId>,
    /// How long a breach must last before it fires.
    pub hold: TimeDelta,
    /// How long a breach must be over before a firing rule resolves.
    pub keep: TimeDelta,
    /// What no data means, where somebody says it.
    pub on_no_data: Option<OnNoData>,
    bound: Result<Bound, Open>,
}

/// Why a limit is never judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// Nothing measures the metric.
    NotBound,
    /// It is relative to a baseline that nobody gave.
    Baseline,
    /// The plan does not say which side is bad.
    Side,
    /// It has no number, or not as many as its comparison needs.
    Number,
    /// Its unit and the signal's cannot be compared.
    Unit(String, String),
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Open::NotBound => f.write_str("nothing measures it"),
            Open::Baseline => f.write_str("it is relative to a baseline that nobody gave"),
            Open::Side => f.write_str("the plan does not say which side is bad"),
            Open::Number => f.write_str("the plan gives no number to compare with"),
            Open::Unit(limit, signal) => write!(f, "the limit is in {limit}, the signal in {signal}"),
        }
    }
}

/// The side of a limit that is bad.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Below(f64),
    AtOrBelow(f64),
    Above(f64),
    AtOrAbove(f64),
    Equal(f64),
    NotEqual(f64),
    Inside(f64, f64),
    Outside(f64, f64),
}

impl Rule {
    /// The rule of a plan's limit number `index`, for values in `unit`.
    pub fn new(index: usize, limit: &Threshold, unit: Option<&str>) -> Self {
        let alerts = alerts(limit.role);
        Self {
            id: limit.id.clone(),
            limit: index,
            role: limit.role,
            rank: Rank::of(limit.severity.as_deref()),
            phase: limit.phase.clone(),
            hold: limit.hold.filter(|_| alerts).map_or(TimeDelta::zero(), seconds),
            keep: TimeDelta::zero(),
            on_no_data: None,
            bound: Bound::of(limit, unit),
        }
    }

    /// With what a binding says about how it is judged.
    #[must_use]
    pub fn judged(mut self, judging: Option<&Judging>) -> Self {
        if let Some(judging) = judging {
            self.keep = judging.keep.map_or(self.keep, seconds);
            self.on_no_data = judging.on_no_data;
        }
        self
    }

    /// Whether a breach is an alert; otherwise it is out of bounds.
    pub fn alerts(&self) -> bool {
        alerts(self.role)
    }

    /// Why it is never judged.
    pub fn open(&self) -> Option<&Open> {
        self.bound.as_ref().err()
    }

    /// Whether `value` breaches it; None for a limit that is never judged.
    pub fn breached(&self, value: f64) -> Option<bool> {
        self.bound.as_ref().ok().map(|b| b.holds(value))
    }

    /// The limit's edge next to `value`, in the signal's unit.
    pub fn edge(&self, value: f64) -> Option<f64> {
        self.bound.as_ref().ok().map(|b| b.edge(value))
    }

    /// Whether both judge the same way, wherever in the plan they stand.
    pub(super) fn same_as(&self, other: &Rule) -> bool {
        Rule { limit: other.limit, ..self.clone() } == *other
    }

    /// Whether both are bad on the same side, so that one can stand in for the other.
    pub(super) fn same_side(&self, other: &Rule) -> bool {
        let side = |r: &Rule| r.bound.as_ref().ok().map(Bound::side);
        side(self).is_some() && side(self) == side(other)
    }
}

fn alerts(role: Role) -> bool {
    matches!(role, Role::Alert | Role::Rollback)
}

fn seconds(value: f64) -> TimeDelta {
    TimeDelta::milliseconds((value.clamp(0.0, 1e9) * 1e3) as i64)
}

impl Bound {
    /// Alerts state the bad side, criteria the good one; a state that lasts is 1 while it does.
    fn of(limit: &Threshold, unit: Option<&str>) -> Result<Self, Open> {
        if limit.baseline {
            return Err(Open::Baseline);
        }
        let numbers = match limit.cmp {
            Cmp::Threshold => return Err(Open::Side),
            Cmp::Occurs => return Ok(Bound::AtOrAbove(1.0)),
            Cmp::Between => limit.value,
            _ => limit.value.filter(|v| matches!(v, Value::One(_))),
        };
        let (low, high) = match numbers.ok_or(Open::Number)? {
            Value::One(v) => (v, v),
            Value::Range([a, b]) => (a.min(b), a.max(b)),
        };
        let here = |v: f64| convert(v, limit.unit.as_deref(), unit).filter(|v| !v.is_nan());
        let (Some(low), Some(high)) = (here(low), here(high)) else {
            return Err(Open::Unit(
                limit.unit.clone().unwrap_or_default(),
                unit.unwrap_or_default().to_owned(),
            ));
        };
        Ok(Self::bad(limit.cmp, low, high, alerts(limit.role)))
    }

    fn bad(cmp: Cmp, low: f64, high: f64, stated: bool) -> Self {
        match (cmp, stated) {
            (Cmp::Less, true) | (Cmp::AtLeast, false) => Bound::Below(low),
            (Cmp::AtMost, true) | (Cmp::More, false) => Bound::AtOrBelow(low),
            (Cmp::More, true) | (Cmp::AtMost, false) => Bound::Above(low),
            (Cmp::AtLeast, true) | (Cmp::Less, false) => Bound::AtOrAbove(low),
            (Cmp::Equal, true) => Bound::Equal(low),
            (Cmp::Equal, false) => Bound::NotEqual(low),
            (Cmp::Between, true) => Bound::Inside(low, high),
            (Cmp::Between, false) => Bound::Outside(low, high),
            (Cmp::Occurs | Cmp::Threshold, _) => Bound::AtOrAbove(1.0),
        }
    }

    fn holds(&self, value: f64) -> bool {
        match *self {
            Bound::Below(v) => value < v,
            Bound::AtOrBelow(v) => value <= v,
            Bound::Above(v) => value > v,
            Bound::AtOrAbove(v) => value >= v,
            Bound::Equal(v) => value == v,
            Bound::NotEqual(v) => value != v,
            Bound::Inside(low, high) => (low..=high).contains(&value),
            Bound::Outside(low, high) => !(low..=high).contains(&value),
        }
    }

    fn edge(&self, value: f64) -> f64 {
        match *self {
            Bound::Below(v)
            | Bound::AtOrBelow(v)
            | Bound::Above(v)
            | Bound::AtOrAbove(v)
            | Bound::Equal(v)
            | Bound::NotEqual(v) => v,
            Bound::Inside(low, high) | Bound::Outside(low, high) => {
                if (value - low).abs() <= (value - high).abs() { low } else { high }
            }
        }
    }

    fn side(&self) -> u8 {
        match self {
            Bound::Below(_) | Bound::AtOrBelow(_) => 0,
            Bound::Above(_) | Bound::AtOrAbove(_) => 1,
            Bound::Equal(_) | Bound::Inside(..) => 2,
            Bound::NotEqual(_) | Bound::Outside(..) => 3,
        }
    }
}
