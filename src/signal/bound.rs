//! The bad side of a limit as a test of a number, absolute or relative to a baseline. Pure; made
//! and asked by [`super::Rule`].

use super::rule::Open;
use super::settings::Direction;
use super::unit::{Dimension, convert, dimension};
use crate::plan::{Cmp, Role, Threshold, Value};

/// The side of a limit that is bad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bound {
    Below(f64),
    AtOrBelow(f64),
    Above(f64),
    AtOrAbove(f64),
    Equal(f64),
    NotEqual(f64),
    Inside(f64, f64),
    Outside(f64, f64),
}

/// What a bound is made of beside the limit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Terms<'a> {
    /// Of the values.
    pub unit: Option<&'a str>,
    pub direction: Option<Direction>,
    pub baseline: Option<f64>,
}

impl Bound {
    /// Alerts state the bad side, criteria the good one; a state that lasts is 1 while it does.
    pub fn of(limit: &Threshold, terms: Terms<'_>) -> Result<Self, Open> {
        if limit.baseline {
            return relative(limit, terms);
        }
        if limit.cmp == Cmp::Occurs {
            return Ok(Bound::AtOrAbove(1.0));
        }
        let (low, high) = numbers(limit, terms.direction)?;
        let here = |v: f64| convert(v, limit.unit.as_deref(), terms.unit).filter(|v| !v.is_nan());
        let (Some(low), Some(high)) = (here(low), here(high)) else {
            let unit = terms.unit.unwrap_or_default().to_owned();
            return Err(Open::Unit(limit.unit.clone().unwrap_or_default(), unit));
        };
        Self::sided(limit, low, high, terms.direction).ok_or(Open::Side)
    }

    /// The limit's own side, or the one that somebody said.
    fn sided(limit: &Threshold, low: f64, high: f64, said: Option<Direction>) -> Option<Self> {
        let own = (limit.cmp != Cmp::Threshold).then(|| Self::bad(limit.cmp, low, high, limit.role));
        match (said, own) {
            (Some(Direction::Above), Some(own)) if own.side() == 1 => Some(own),
            (Some(Direction::Below), Some(own)) if own.side() == 0 => Some(own),
            (Some(Direction::Above), _) => Some(Bound::Above(high)),
            (Some(Direction::Below), _) => Some(Bound::Below(low)),
            (None, own) => own,
        }
    }

    fn bad(cmp: Cmp, low: f64, high: f64, role: Role) -> Self {
        match (cmp, matches!(role, Role::Alert | Role::Rollback)) {
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

    pub fn holds(&self, value: f64) -> bool {
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

    pub fn edge(&self, value: f64) -> f64 {
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

    /// 0 below, 1 above, 2 inside, 3 outside.
    pub fn side(&self) -> u8 {
        match self {
            Bound::Below(_) | Bound::AtOrBelow(_) => 0,
            Bound::Above(_) | Bound::AtOrAbove(_) => 1,
            Bound::Equal(_) | Bound::Inside(..) => 2,
            Bound::NotEqual(_) | Bound::Outside(..) => 3,
        }
    }

    /// What a firing alert has to leave, where it clears at `clear` and not at its own limit: the
    /// same side with the other number. None where `clear` lies on the bad side.
    pub fn clearing(&self, clear: f64) -> Option<Self> {
        match *self {
            Bound::Below(v) if clear > v => Some(Bound::Below(clear)),
            Bound::AtOrBelow(v) if clear > v => Some(Bound::AtOrBelow(clear)),
            Bound::Above(v) if clear < v => Some(Bound::Above(clear)),
            Bound::AtOrAbove(v) if clear < v => Some(Bound::AtOrAbove(clear)),
            _ => None,
        }
    }
}

/// The low and the high number; the same where there is one.
fn numbers(limit: &Threshold, said: Option<Direction>) -> Result<(f64, f64), Open> {
    if limit.cmp == Cmp::Threshold && said.is_none() {
        return Err(Open::Side);
    }
    match limit.value.ok_or(Open::Number)? {
        Value::One(v) => Ok((v, v)),
        Value::Range([a, b]) if limit.cmp == Cmp::Between => Ok((a.min(b), a.max(b))),
        Value::Range(_) => Err(Open::Number),
    }
}

/// How a number is meant beside a baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    /// "2x".
    Factor,
    /// "110 % of baseline".
    Share,
    /// "+20 %": of the baseline's own size.
    Percent,
    /// "+2 %p", "+200 ms": added to it.
    Added,
}

impl Change {
    fn of(unit: Option<&str>) -> Self {
        let unit = unit.unwrap_or_default().trim().to_lowercase();
        let points = ["%p", "pp", "pts", "percentage point"].iter().any(|p| unit.starts_with(p));
        match () {
            () if unit.starts_with(['x', '×']) || unit.starts_with("times") => Change::Factor,
            () if points || unit.contains("point") => Change::Added,
            () if unit.starts_with('%') && unit.contains(" of ") => Change::Share,
            () if unit.starts_with('%') || unit.starts_with("percent") => Change::Percent,
            () => Change::Added,
        }
    }

    /// The value at which a change of `by` is reached, from `base`.
    fn from(self, base: f64, by: f64) -> f64 {
        match self {
            Change::Factor => base * by,
            Change::Share => base * by / 100.0,
            Change::Percent => base + base.abs() * by / 100.0,
            Change::Added => base + by,
        }
    }
}

/// A limit as a change against a baseline. "Drops by more than 20 %" counts downwards; a
/// "degradation" is upwards for a time and downwards for a rate, and else has to be told.
fn relative(limit: &Threshold, terms: Terms<'_>) -> Result<Bound, Open> {
    let change = Change::of(limit.unit.as_deref());
    let base = terms.baseline.filter(|b| b.is_finite()).ok_or(Open::Baseline)?;
    if base == 0.0 && change != Change::Added {
        return Err(Open::Zero);
    }
    let (mut low, mut high) = match limit.value.ok_or(Open::Number)? {
        Value::One(v) => (v, v),
        Value::Range([a, b]) => (a.min(b), a.max(b)),
    };
    if change == Change::Added && limit.unit.as_deref().is_some_and(|u| dimension(u) == Some(Dimension::Time))
    {
        let here = |v| convert(v, limit.unit.as_deref(), terms.unit);
        (low, high) = here(low).zip(here(high)).ok_or(Open::Side)?;
    }
    let down = falls(limit, change, terms)?;
    let sign = if down { -1.0 } else { 1.0 };
    let (a, b) = (change.from(base, sign * low), change.from(base, sign * high));
    let cmp = match (limit.cmp, down || low < 0.0) {
        (Cmp::Threshold, true) => Cmp::Less,
        (Cmp::Threshold, false) => Cmp::More,
        (cmp, _) if down => flipped(cmp),
        (cmp, _) => cmp,
    };
    Ok(Bound::bad(cmp, a.min(b), a.max(b), limit.role))
}

/// Whether a change is counted downwards.
fn falls(limit: &Threshold, change: Change, terms: Terms<'_>) -> Result<bool, Open> {
    if matches!(change, Change::Factor | Change::Share) {
        return Ok(false);
    }
    if let Some(said) = terms.direction {
        return Ok(said == Direction::Below);
    }
    let words = limit.text.to_lowercase();
    let has = |list: &[&str]| list.iter().any(|w| words.contains(w));
    if has(&["degrad", "regress", "worse"]) {
        return match terms.unit {
            Some(unit) if dimension(unit) == Some(Dimension::Time) => Ok(false),
            Some(unit) if is_rate(unit) => Ok(true),
            _ => Err(Open::Side),
        };
    }
    let below =
        has(&["below", "under"]) || matches!(limit.cmp, Cmp::Less | Cmp::AtMost) && is_bad_side(limit);
    Ok(has(&["drop", "decreas", "declin", "fall", "reduc", "loss"]) && !below)
}

fn is_bad_side(limit: &Threshold) -> bool {
    matches!(limit.role, Role::Alert | Role::Rollback)
}

fn is_rate(unit: &str) -> bool {
    let unit = unit.trim().to_lowercase();
    unit.contains("/s")
        || unit.contains("/min")
        || ["rps", "qps", "tps", "rpm", "req"].contains(&unit.as_str())
}

fn flipped(cmp: Cmp) -> Cmp {
    match cmp {
        Cmp::Less => Cmp::More,
        Cmp::AtMost => Cmp::AtLeast,
        Cmp::More => Cmp::Less,
        Cmp::AtLeast => Cmp::AtMost,
        other => other,
    }
}
