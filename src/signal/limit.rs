//! The limits of a plan as a person reads them: one line a metric, the worst class first.

use std::collections::HashMap;

use crate::plan::binding::normal;
use crate::plan::{Cmp, Plan, Role, Threshold, Value};

/// How bad a breach is. P0 is critical, P1 high, P2 medium, P3 low; a limit without a class counts as P2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Rank {
    /// P0, critical.
    Critical,
    /// P1, high.
    High,
    /// P2, medium, and whatever has no class.
    Medium,
    /// P3, low.
    Low,
}

impl Rank {
    /// "P0" to "P3".
    pub fn word(self) -> &'static str {
        match self {
            Rank::Critical => "P0",
            Rank::High => "P1",
            Rank::Medium => "P2",
            Rank::Low => "P3",
        }
    }

    /// The rank of a severity as a plan writes it.
    pub fn of(severity: Option<&str>) -> Self {
        let word = severity.unwrap_or_default().trim().to_ascii_lowercase();
        match word.as_str() {
            "p0" | "critical" | "sev0" | "sev-0" | "blocker" => Rank::Critical,
            "p1" | "high" | "sev1" | "sev-1" | "major" => Rank::High,
            "p3" | "p4" | "low" | "info" | "sev3" | "sev-3" | "minor" => Rank::Low,
            _ => Rank::Medium,
        }
    }
}

/// One metric with the limits that a plan puts on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// As first written.
    pub name: String,
    /// Indices into `plan.thresholds`: those that alert first, the worst class first.
    pub limits: Vec<usize>,
}

/// The metrics of a plan that have limits: those that alert first, the worst class first, then in
/// the order of the document.
pub fn watched(plan: &Plan) -> Vec<Watched> {
    let (mut all, mut places): (Vec<Watched>, HashMap<String, usize>) = Default::default();
    for (index, limit) in plan.thresholds.iter().enumerate() {
        let place = *places.entry(normal(&limit.metric)).or_insert(all.len());
        match all.get_mut(place) {
            Some(watched) => watched.limits.push(index),
            None => all.push(Watched { name: limit.metric.clone(), limits: vec![index] }),
        }
    }
    for watched in &mut all {
        watched.limits.sort_by_key(|i| weight(&plan.thresholds[*i]));
    }
    all.sort_by_cached_key(|w| weight(&plan.thresholds[w.limits[0]]));
    all
}

fn weight(limit: &Threshold) -> (u8, Rank) {
    let role = match limit.role {
        Role::Alert | Role::Rollback => 0,
        Role::Monitor => 1,
        Role::Success => 2,
    };
    (role, Rank::of(limit.severity.as_deref()))
}

/// The healthy side of a limit: "< 5 %" for an alert on "> 5 %". None where the plan leaves the
/// side open or the limit is a state without a number.
pub fn healthy(limit: &Threshold) -> Option<String> {
    let value = number(limit.value?);
    let unit = limit.unit.as_deref().map(|u| format!(" {u}")).unwrap_or_default();
    let bad_side = matches!(limit.role, Role::Alert | Role::Rollback);
    let side = match (limit.cmp, bad_side) {
        (Cmp::Less, false) | (Cmp::AtLeast, true) => "<",
        (Cmp::AtMost, false) | (Cmp::More, true) => "≤",
        (Cmp::More, false) | (Cmp::AtMost, true) => ">",
        (Cmp::AtLeast, false) | (Cmp::Less, true) => "≥",
        (Cmp::Equal, false) => "=",
        (Cmp::Equal, true) => "≠",
        (Cmp::Between, false) => "in",
        (Cmp::Between, true) => "outside",
        (Cmp::Occurs | Cmp::Threshold, _) => return None,
    };
    Some(format!("{side} {value}{unit}"))
}

/// A limit in short: "ok ≤ 5 %", or what else the plan says of it.
pub fn bare_side(limit: &Threshold) -> String {
    match (healthy(limit), limit.cmp) {
        (Some(side), _) => format!("ok {side}"),
        (None, Cmp::Occurs) => lasting(limit).to_owned(),
        (None, _) => {
            let value = limit.value.map(number).unwrap_or_default();
            format!("limit {value} {}", limit.unit.as_deref().unwrap_or_default()).trim_end().to_owned()
        }
    }
}

/// What is wanted of a state that lasts: a soak is to last, an alarm is not.
pub fn lasting(limit: &Threshold) -> &'static str {
    if matches!(limit.role, Role::Alert | Role::Rollback) { "must not last" } else { "must last" }
}

/// A number as a person writes it: no trailing zeros.
pub fn number(value: Value) -> String {
    let one = |v: f64| format!("{}", (v * 1e6).round() / 1e6);
    match value {
        Value::One(v) => one(v),
        Value::Range([low, high]) => format!("{}–{}", one(low), one(high)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(metric: &str, cmp: Cmp, value: f64, role: Role, severity: Option<&str>) -> Threshold {
        Threshold {
            id: metric.into(),
            metric: metric.into(),
            cmp,
            value: Some(Value::One(value)),
            unit: Some("%".into()),
            hold: None,
            over: None,
            severity: severity.map(str::to_owned),
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
        let side = |cmp, role| healthy(&limit("m", cmp, 99.90, role, None));
        assert_eq!(side(Cmp::More, Role::Alert).as_deref(), Some("≤ 99.9 %"));
        assert_eq!(side(Cmp::Less, Role::Rollback).as_deref(), Some("≥ 99.9 %"));
        assert_eq!(side(Cmp::Less, Role::Success).as_deref(), Some("< 99.9 %"));
        assert_eq!(side(Cmp::Threshold, Role::Monitor), None);
    }

    #[test]
    fn metrics_are_grouped_and_the_worst_class_comes_first() {
        let plan = Plan {
            thresholds: vec![
                limit("Uptime", Cmp::More, 99.0, Role::Success, None),
                limit("Error rates", Cmp::More, 5.0, Role::Alert, Some("P2")),
                limit("error rate", Cmp::More, 10.0, Role::Alert, Some("P1")),
                limit("Outage", Cmp::Occurs, 0.0, Role::Alert, Some("P0")),
            ],
            ..Plan::default()
        };
        let names: Vec<_> = watched(&plan).into_iter().map(|w| (w.name, w.limits)).collect();
        let want = [("Outage", vec![3]), ("Error rates", vec![2, 1]), ("Uptime", vec![0])];
        assert_eq!(names, want.map(|(n, l)| (n.to_owned(), l)));
    }
}
