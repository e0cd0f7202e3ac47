//! The arithmetic of limits: which values are bad, a value on the healthy side of all, a value that
//! breaks one, and how far a value may move by itself without crossing any. Pure.

use crate::plan::{Cmp, Role, Threshold, Value};
use crate::signal::{Rule, is_state};

/// The values that break a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bad {
    /// Above the number; the number itself where `true`.
    Above(f64, bool),
    /// Below the number; the number itself where `true`.
    Below(f64, bool),
    /// From one to the other.
    Inside(f64, f64),
    /// Below the one, above the other.
    Outside(f64, f64),
    /// The number.
    Is(f64),
    /// All but the number.
    Not(f64),
    /// A state that lasts: 1 while it does, else 0.
    Lasts,
}

/// What breaks a limit, in `unit`; none where a rule cannot judge it: the plan leaves the side or
/// the baseline open, or units cannot be compared.
pub fn bad(limit: &Threshold, unit: Option<&str>) -> Option<Bad> {
    Rule::new(0, limit, unit).open().is_none().then_some(())?;
    if is_state(limit) {
        return Some(Bad::Lasts);
    }
    let (low, high) = match limit.value? {
        Value::One(v) => (v, v),
        Value::Range([a, b]) => (a.min(b), a.max(b)),
    };
    let (low, high) = (in_unit(limit, low, unit)?, in_unit(limit, high, unit)?);
    let stated = matches!(limit.role, Role::Alert | Role::Rollback);
    (low.is_finite() && high.is_finite()).then(|| Bad::of(limit.cmp, low, high, stated))?
}

/// A limit's number in the unit of the values, as a rule converts it.
fn in_unit(limit: &Threshold, number: f64, unit: Option<&str>) -> Option<f64> {
    let one = Threshold { cmp: Cmp::Less, value: Some(Value::One(number)), ..limit.clone() };
    Rule::new(0, &one, unit).edge(number)
}

impl Bad {
    /// An alert states the bad side, a criterion the good one.
    fn of(cmp: Cmp, low: f64, high: f64, stated: bool) -> Option<Self> {
        Some(match (cmp, stated) {
            (Cmp::More, true) | (Cmp::AtMost, false) => Bad::Above(low, false),
            (Cmp::AtLeast, true) | (Cmp::Less, false) => Bad::Above(low, true),
            (Cmp::Less, true) | (Cmp::AtLeast, false) => Bad::Below(low, false),
            (Cmp::AtMost, true) | (Cmp::More, false) => Bad::Below(low, true),
            (Cmp::Equal, true) => Bad::Is(low),
            (Cmp::Equal, false) => Bad::Not(low),
            (Cmp::Between, true) => Bad::Inside(low, high),
            (Cmp::Between, false) => Bad::Outside(low, high),
            (Cmp::Occurs | Cmp::Threshold, _) => return None,
        })
    }

    /// Whether a value breaks the limit.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Bad::Above(v, itself) => value > v || (itself && value == v),
            Bad::Below(v, itself) => value < v || (itself && value == v),
            Bad::Inside(low, high) => (low..=high).contains(&value),
            Bad::Outside(low, high) => !(low..=high).contains(&value),
            Bad::Is(v) => value == v,
            Bad::Not(v) => value != v,
            Bad::Lasts => value >= 1.0,
        }
    }

    fn edges(self) -> Vec<f64> {
        match self {
            Bad::Above(v, _) | Bad::Below(v, _) | Bad::Is(v) | Bad::Not(v) => vec![v],
            Bad::Inside(a, b) | Bad::Outside(a, b) => vec![a, b],
            Bad::Lasts => vec![0.0, 1.0],
        }
    }

    /// The healthy values, or the nearer part of them.
    fn healthy(self) -> Span {
        match self {
            Bad::Inside(low, v) if low <= 0.0 => Span { low: v, ..Span::ALL },
            Bad::Is(v) if v <= 0.0 => Span { low: v, ..Span::ALL },
            Bad::Below(v, _) => Span { low: v, ..Span::ALL },
            Bad::Above(v, _) | Bad::Inside(v, _) | Bad::Is(v) => Span { high: v, ..Span::ALL },
            Bad::Outside(low, high) => Span { low, high },
            Bad::Not(v) => Span { low: v, high: v },
            Bad::Lasts => Span { low: 0.0, high: 0.0 },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    low: f64,
    high: f64,
}

impl Span {
    const ALL: Span = Span { low: f64::NEG_INFINITY, high: f64::INFINITY };

    fn and(self, other: Span) -> Span {
        Span { low: self.low.max(other.low), high: self.high.min(other.high) }
    }
}

/// A metric's limits together.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    unit: Option<String>,
    all: Vec<Bad>,
    /// What a value of this kind can be at all: a share from 0 to 100, a count from 0.
    natural: Span,
    healthy: f64,
}

impl Bounds {
    /// The limits of one metric, the weightiest first: where they contradict each other, the
    /// first ones are kept. Values are in the unit of the first that has one.
    pub fn of(limits: &[&Threshold]) -> Self {
        let unit = limits.iter().find_map(|l| l.unit.clone());
        let all: Vec<Bad> = limits.iter().filter_map(|l| bad(l, unit.as_deref())).collect();
        let mut said = limits.iter().filter_map(|l| l.value).map(|v| match v {
            Value::One(v) | Value::Range([v, _]) => v,
        });
        let edges: Vec<f64> = all.iter().flat_map(|b| b.edges()).collect();
        let said = said.find(|v| v.is_finite()).unwrap_or_default();
        let natural = natural(&edges, said, unit.as_deref());
        let healthy = healthy(&all, natural, said);
        Self { unit, all, natural, healthy }
    }

    /// Of the values.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// A value that breaks as few of the limits as can be: none where they do not contradict each other.
    pub fn healthy(&self) -> f64 {
        self.healthy
    }

    /// A value that breaks `bad` and, where it can, none of the `others` that lie further out.
    /// None where no value of this kind breaks it.
    pub fn breaking(&self, bad: Bad, others: &[Bad]) -> Option<f64> {
        let edges: Vec<f64> = others.iter().flat_map(|b| b.edges()).collect();
        let value = match bad {
            Bad::Above(v, _) | Bad::Outside(_, v) => self.above(v, &edges),
            Bad::Below(v, _) => self.below(v, &edges),
            Bad::Inside(low, high) => f64::midpoint(low, high),
            Bad::Is(v) => v,
            Bad::Not(v) if v > 0.0 => v * 0.9,
            Bad::Not(v) => v + 1.0,
            Bad::Lasts => 1.0,
        };
        let value = round(value);
        let possible = (self.natural.low..=self.natural.high).contains(&value);
        (possible && bad.holds(value)).then_some(value)
    }

    fn above(&self, v: f64, edges: &[f64]) -> f64 {
        let far = if v == 0.0 { 1.0 } else { v + 0.5 * v.abs() };
        let next = edges.iter().copied().filter(|e| *e > v).fold(f64::INFINITY, f64::min);
        let far = if next.is_finite() { f64::midpoint(v, next) } else { far };
        if far >= self.natural.high { f64::midpoint(v, self.natural.high) } else { far }
    }

    fn below(&self, v: f64, edges: &[f64]) -> f64 {
        let far = if v == 0.0 { -1.0 } else { v - 0.2 * v.abs() };
        let next = edges.iter().copied().filter(|e| *e < v).fold(f64::NEG_INFINITY, f64::max);
        if next.is_finite() { f64::midpoint(v, next) } else { far }
    }

    /// How far a value may move by itself: never as far as a limit, nothing on one.
    pub fn play(&self, value: f64) -> f64 {
        let edges = self.all.iter().flat_map(|b| b.edges()).chain([self.natural.low, self.natural.high]);
        let room = edges.map(|e| (value - e).abs()).fold(f64::INFINITY, f64::min);
        (0.3 * room).min(0.12 * value.abs())
    }
}

fn natural(edges: &[f64], said: f64, unit: Option<&str>) -> Span {
    let all = || edges.iter().copied().chain([said]);
    let share = unit.is_some_and(|u| u.trim_start().starts_with('%'));
    let low = if all().all(|v| v >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
    let high = if share && all().all(|v| v <= 100.0) { 100.0 } else { f64::INFINITY };
    Span { low, high }
}

fn healthy(all: &[Bad], natural: Span, said: f64) -> f64 {
    let mut kept: Vec<Bad> = vec![];
    let mut span = natural;
    let mut value = said;
    for bad in all {
        let narrower = span.and(bad.healthy());
        let candidate = inside(narrower, natural);
        if narrower.low <= narrower.high && !bad.holds(candidate) && !kept.iter().any(|k| k.holds(candidate))
        {
            (span, value) = (narrower, candidate);
            kept.push(*bad);
        }
    }
    value
}

/// To six significant digits, as a measuring system would give it.
pub fn round(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// A value well inside: nearer to what nature bounds than to what a limit does.
fn inside(span: Span, natural: Span) -> f64 {
    let Span { low, high } = span;
    match (low.is_finite(), high.is_finite()) {
        (true, true) if low == natural.low && high != natural.high => low + 0.4 * (high - low),
        (true, true) if high == natural.high && low != natural.low => {
            let far = 0.6 * (high - low);
            low + if low > 0.0 { far.min(0.3 * low) } else { far }
        }
        (true, true) => f64::midpoint(low, high),
        (true, false) => low + (0.3 * low.abs()).max(f64::from(u8::from(low == 0.0))),
        (false, true) => high - (0.3 * high.abs()).max(f64::from(u8::from(high == 0.0))),
        (false, false) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limit(role: Role, cmp: Cmp, value: Value, unit: &str) -> Threshold {
        Threshold {
            id: "x".into(),
            metric: "x".into(),
            cmp,
            value: Some(value),
            unit: Some(unit.into()),
            hold: None,
            over: None,
            severity: None,
            role,
            phase: None,
            line: 1,
            text: String::new(),
            cooldown: None,
            baseline: false,
            procedure: None,
        }
    }

    #[test]
    fn an_alert_states_the_bad_side_and_a_criterion_the_good_one() {
        let one = |role, cmp| bad(&limit(role, cmp, Value::One(5.0), "%"), None);
        assert_eq!(one(Role::Alert, Cmp::More), Some(Bad::Above(5.0, false)));
        assert_eq!(one(Role::Success, Cmp::Less), Some(Bad::Above(5.0, true)));
        assert_eq!(one(Role::Rollback, Cmp::Less), Some(Bad::Below(5.0, false)));
        assert_eq!(one(Role::Monitor, Cmp::Equal), Some(Bad::Not(5.0)));
        assert_eq!(one(Role::Monitor, Cmp::Threshold), None);
        let mut relative = limit(Role::Alert, Cmp::More, Value::One(5.0), "%");
        relative.baseline = true;
        assert_eq!(bad(&relative, None), None);
    }

    #[test]
    fn contradicting_limits_leave_the_weightier_ones_healthy() {
        let alert = limit(Role::Alert, Cmp::More, Value::One(10.0), "%");
        let wish = limit(Role::Success, Cmp::More, Value::One(20.0), "%");
        let healthy = Bounds::of(&[&alert, &wish]).healthy();
        assert!(healthy < 10.0, "{healthy}");
    }

    #[test]
    fn a_break_lies_between_its_limit_and_the_next_worse_one() {
        let (p1, p0) = (Bad::Above(2.0, false), Bad::Above(5.0, false));
        let limits = [2.0, 5.0].map(|v| limit(Role::Alert, Cmp::More, Value::One(v), "%"));
        let bounds = Bounds::of(&[&limits[0], &limits[1]]);
        assert_eq!(bounds.breaking(p1, &[p0]), Some(3.5));
        assert_eq!(bounds.breaking(p0, &[p1]), Some(7.5));
        let high = Bounds::of(&[&limit(Role::Alert, Cmp::More, Value::One(90.0), "%")]);
        assert_eq!(high.breaking(Bad::Above(90.0, false), &[]), Some(95.0), "a share ends at 100");
        let never = limit(Role::Alert, Cmp::Less, Value::One(0.0), "%");
        assert_eq!(Bounds::of(&[&never]).breaking(Bad::Below(0.0, false), &[]), None);
    }

    fn limits() -> impl Strategy<Value = Threshold> {
        let cmp = prop::sample::select(vec![Cmp::Less, Cmp::AtMost, Cmp::More, Cmp::AtLeast, Cmp::Equal]);
        let role = prop::sample::select(vec![Role::Alert, Role::Rollback, Role::Success, Role::Monitor]);
        let value = prop::sample::select(vec![-3.0, 0.0, 0.1, 1.0, 5.0, 50.0, 99.9, 100.0, 1000.0]);
        let unit = prop::sample::select(vec!["%", "ms", ""]);
        let far = prop::sample::select(vec![None, None, None, Some(2.0), Some(20.0)]);
        (role, cmp, value, unit, far).prop_map(|(role, cmp, v, unit, far)| match far {
            None => limit(role, cmp, Value::One(v), unit),
            Some(far) => limit(role, Cmp::Between, Value::Range([v, v + far]), unit),
        })
    }

    proptest! {
        #[test]
        fn what_is_bad_here_is_what_a_rule_breaches(
            limit in limits(), unit in prop::sample::select(vec!["%", "ms", "s"]), value in -5.0..1100.0f64
        ) {
            let rule = Rule::new(0, &limit, Some(unit));
            let bad = bad(&limit, Some(unit));
            prop_assert_eq!(bad.is_some(), rule.open().is_none());
            let edge = rule.edge(value).unwrap_or_default();
            for value in [value, edge, edge - 0.5, edge + 0.5] {
                prop_assert_eq!(bad.map(|b| b.holds(value)), rule.breached(value));
            }
        }

        #[test]
        fn one_limit_alone_is_kept_wherever_a_value_can(limit in limits()) {
            let bounds = Bounds::of(&[&limit]);
            let bad = bad(&limit, None).unwrap();
            let natural = bounds.natural;
            let possible = [natural.low, natural.high, 0.5, -4.0, 99.95, 5000.0]
                .into_iter()
                .any(|v| v.is_finite() && natural.low <= v && v <= natural.high && !bad.holds(v));
            prop_assert!(!possible || !bad.holds(bounds.healthy()), "{:?}", bounds);
        }

        #[test]
        fn no_value_crosses_a_limit_by_itself(limits in prop::collection::vec(limits(), 1..6), value in -5.0..1100.0f64, swing in -1.0..1.0f64) {
            let bounds = Bounds::of(&limits.iter().collect::<Vec<_>>());
            for value in [value, bounds.healthy()] {
                let moved = value + swing * bounds.play(value);
                for bad in &bounds.all {
                    prop_assert_eq!(bad.holds(value), bad.holds(moved), "{} {} {:?}", value, moved, bad);
                }
            }
        }
    }
}
