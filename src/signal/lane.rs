//! Where a plan's limits meet a binding's signals: metrics with their units, rules with their
//! signals, and which rule stands in for which. Pure; made and moved by [`super::Signals`].

use std::collections::HashMap;
use std::sync::Arc;

use super::Rule;
use super::judge::Judge;
use crate::plan::binding::{Signal, normal};
use crate::plan::{Plan, Threshold};

/// One tile's parts: a metric with limits, or a signal without.
#[derive(Clone, Debug)]
pub(super) struct Metric {
    pub name: Arc<str>,
    pub limits: Arc<[usize]>,
    pub unit: Option<Arc<str>>,
    pub signal: Option<usize>,
}

/// A rule on its signal.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub rule: Rule,
    pub signal: Option<usize>,
    /// Index into `phases`.
    pub phase: Option<usize>,
    /// The lanes that stand in for it while their phase is open.
    pub deputies: Vec<usize>,
    pub armed: bool,
    pub judge: Judge,
}

/// A number that was multiplied into the plan's unit has that; else it has the signal's own.
pub(super) fn unit(plan: &Plan, limits: &[usize], signal: Option<&Signal>) -> Option<Arc<str>> {
    let own = signal.filter(|s| s.scale == 1.0).and_then(|s| s.unit.as_deref());
    let stated = || limits.iter().find_map(|l| plan.thresholds[*l].unit.as_deref());
    own.or_else(stated).map(Into::into)
}

pub(super) fn lanes(plan: &Plan, metrics: &[Metric]) -> Vec<Lane> {
    let by_name: HashMap<String, &Metric> = metrics.iter().map(|m| (normal(&m.name), m)).collect();
    let lane = |(index, limit): (usize, &Threshold)| {
        let metric = by_name.get(&normal(&limit.metric));
        let unit = metric.and_then(|m| m.unit.as_deref());
        Lane {
            rule: Rule::new(index, limit, unit).judged(plan.judging.get(&limit.id)),
            signal: metric.and_then(|m| m.signal),
            phase: None,
            deputies: vec![],
            armed: false,
            judge: Judge::default(),
        }
    };
    let mut lanes: Vec<Lane> = plan.thresholds.iter().enumerate().map(lane).collect();
    appoint(&mut lanes);
    lanes
}

/// A rule inside a phase stands in for the global one of the same signal, class and side.
fn appoint(lanes: &mut [Lane]) {
    let globals: Vec<usize> = (0..lanes.len()).filter(|i| lanes[*i].rule.phase.is_none()).collect();
    for index in globals {
        let Lane { rule, signal, .. } = &lanes[index];
        let stands_in = |other: &Lane| {
            let (a, b) = (rule, &other.rule);
            b.phase.is_some()
                && other.signal.is_some()
                && other.signal == *signal
                && (a.rank, a.alerts()) == (b.rank, b.alerts())
                && a.same_side(b)
        };
        lanes[index].deputies = (0..lanes.len()).filter(|i| stands_in(&lanes[*i])).collect();
    }
}
