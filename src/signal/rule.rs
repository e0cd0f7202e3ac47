//! A plan's limit as a rule that can judge a number, or the reason why it cannot. Pure.

use std::fmt;

use chrono::TimeDelta;

use super::bound::{Bound, Terms};
use super::settings::{Direction, OnNoData, Settings, span};
use super::unit::convert;
use super::{Rank, number};
use crate::plan::{Cmp, Cooldown, PhaseId, Role, Threshold, ThresholdId, Value, spoken};

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
    /// The least time between two notices; never changes a state.
    pub cooldown: Option<TimeDelta>,
    /// What an answer without a number means.
    pub on_no_data: OnNoData,
    /// So many evaluations in a row must be bad. Each counts a measurement of its own: an
    /// evaluation that sees nothing new counts nothing.
    pub run: Option<u32>,
    /// For a criterion that has to last: how long it must be measured to hold.
    pub soak: Option<TimeDelta>,
    bound: Result<Bound, Open>,
    /// What a firing alert has to leave, where that is not the limit itself.
    clear: Option<Bound>,
}

/// Why a limit is never judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// Nothing measures the metric.
    NotBound,
    /// It is relative to a baseline that nobody gave.
    Baseline,
    /// It is a share of a baseline that is 0.
    Zero,
    /// The plan does not say which side is bad.
    Side,
    /// It has no number, or not as many as its comparison needs.
    Number,
    /// Its unit and the signal's cannot be compared.
    Unit(String, String),
    /// The binding switches it off.
    Off,
    /// Another limit that it is joined to by "and" is not judged.
    Joined,
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Open::NotBound => f.write_str("nothing measures it"),
            Open::Baseline => f.write_str("it is relative to a baseline that nobody gave"),
            Open::Zero => f.write_str("its baseline is 0, and of that there is no share"),
            Open::Side => f.write_str("the plan does not say which side is bad"),
            Open::Number => f.write_str("the plan gives no number to compare with"),
            Open::Unit(limit, signal) => write!(f, "the limit is in {limit}, the signal in {signal}"),
            Open::Off => f.write_str("the binding switches it off"),
            Open::Joined => f.write_str("the limit it is joined to by \"and\" is never judged"),
        }
    }
}

/// What a rule is made of beside its limit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Making<'a> {
    /// The unit of the values.
    pub unit: Option<&'a str>,
    pub settings: Option<&'a Settings>,
    pub baseline: Option<f64>,
    /// Whether what is measured is a probe: 1 where it answers, 0 where it fails.
    pub probe: bool,
}

impl Rule {
    /// The rule of a plan's limit number `index`, for values in `unit`, with nothing said beside it.
    pub fn new(index: usize, limit: &Threshold, unit: Option<&str>) -> Self {
        Self::made(index, limit, Making { unit, ..Making::default() })
    }

    pub(super) fn made(index: usize, limit: &Threshold, making: Making<'_>) -> Self {
        let said = making.settings;
        let alerts = alerts(limit.role);
        let hold = said.and_then(|s| s.hold).or(limit.hold);
        let waits = |wanted: bool| hold.filter(|h| wanted && *h > 0.0).map(span);
        let run = spoken::run_of(limit);
        let bound = bound(limit, run, making);
        let clear = said.and_then(|s| s.clear).and_then(|c| convert(c, limit.unit.as_deref(), making.unit));
        Self {
            id: limit.id.clone(),
            limit: index,
            role: limit.role,
            rank: Rank::of(limit.severity.as_deref()),
            phase: limit.phase.clone(),
            hold: waits(alerts).unwrap_or_default(),
            keep: said.and_then(|s| s.keep_firing_for).filter(|_| alerts).map_or(TimeDelta::zero(), span),
            cooldown: said.and_then(|s| s.cooldown).map(span).or_else(|| cooldown(limit.cooldown.as_ref()?)),
            on_no_data: said.map_or(OnNoData::Hold, |s| s.on_no_data),
            run,
            soak: waits(limit.role == Role::Success),
            clear: clear.zip(bound.as_ref().ok()).and_then(|(c, b)| b.clearing(c)),
            bound,
        }
    }

    /// Whether a breach is an alert; otherwise it is out of bounds.
    pub fn alerts(&self) -> bool {
        alerts(self.role)
    }

    /// Why it is never judged.
    pub fn open(&self) -> Option<&Open> {
        self.bound.as_ref().err()
    }

    /// Leaves it unjudged for a reason that is not its own.
    pub(super) fn leave(&mut self, why: Open) {
        self.bound = Err(why);
    }

    /// Whether `value` breaches it; None for a limit that is never judged.
    pub fn breached(&self, value: f64) -> Option<bool> {
        self.bound.as_ref().ok().map(|b| b.holds(value))
    }

    /// Whether `value` is bad for a rule that is an alert already: until it is on the healthy side
    /// of the clearing limit too.
    pub fn still_breached(&self, value: f64) -> Option<bool> {
        Some(self.breached(value)? || self.clear.is_some_and(|c| c.holds(value)))
    }

    /// The limit's edge next to `value`, in the signal's unit.
    pub fn edge(&self, value: f64) -> Option<f64> {
        self.bound.as_ref().ok().map(|b| b.edge(value))
    }

    /// When it fires, in words: "3 evaluations in a row", "for 2m, keeps firing 1m"; empty where at
    /// once.
    pub fn patience(&self) -> String {
        let spans =
            [("for", self.hold), ("keeps firing", self.keep), ("soaks", self.soak.unwrap_or_default())];
        let run = self.run.map(|n| format!("{n} evaluations in a row, each of a new measurement"));
        let spans = spans.into_iter().filter(|(_, s)| !s.is_zero()).map(|(w, s)| format!("{w} {}", told(s)));
        run.into_iter().chain(spans).collect::<Vec<_>>().join(", ")
    }

    /// Whether both judge the same way, wherever in the plan they stand.
    pub(super) fn same_as(&self, other: &Rule) -> bool {
        Rule { limit: other.limit, ..self.clone() } == *other
    }

    /// The way it judges as a text to compare: what is remembered of another way says nothing.
    pub(super) fn print(&self) -> String {
        let Self { bound, clear, hold, keep, on_no_data, run, soak, role, .. } = self;
        let spans = [*hold, *keep, soak.unwrap_or_default()].map(|s| s.num_milliseconds());
        format!("{role:?} {bound:?} {clear:?} {spans:?} {on_no_data:?} {run:?}")
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

fn bound(limit: &Threshold, run: Option<u32>, making: Making<'_>) -> Result<Bound, Open> {
    let direction = making.settings.and_then(|s| s.direction);
    if making.settings.is_some_and(|s| s.off) {
        return Err(Open::Off);
    }
    match (run, direction, making.probe) {
        (Some(_), Some(Direction::Below), _) | (Some(_), None, true) => Ok(Bound::Below(1.0)),
        (Some(_), _, _) => Ok(Bound::AtOrAbove(1.0)),
        (None, _, _) => Bound::of(limit, Terms { unit: making.unit, direction, baseline: making.baseline }),
    }
}

/// A bare "cooldown: 30" is seconds to one and minutes to another: it spaces nothing.
fn cooldown(written: &Cooldown) -> Option<TimeDelta> {
    let unit = written.unit.as_deref().map(str::trim).filter(|u| !u.is_empty())?;
    let unit = if matches!(unit, "m" | "M") { "min" } else { unit };
    convert(written.value, Some(unit), Some("s")).map(span)
}

/// "2m", "90s", "1h".
pub(super) fn told(span: TimeDelta) -> String {
    let seconds = span.num_milliseconds() as f64 / 1e3;
    let (by, unit) = match seconds {
        s if s > 0.0 && s % 3_600.0 == 0.0 => (3_600.0, "h"),
        s if s > 0.0 && s % 60.0 == 0.0 => (60.0, "m"),
        _ => (1.0, "s"),
    };
    format!("{}{unit}", number(Value::One(seconds / by)))
}

/// Whether a limit is a count in a row or a state: what measures it says 1 while it is so.
pub fn is_state(limit: &Threshold) -> bool {
    limit.cmp == Cmp::Occurs || spoken::run_of(limit).is_some()
}
