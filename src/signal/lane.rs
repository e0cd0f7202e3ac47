//! Where a plan's limits meet a binding's signals: metrics with their units, rules with their
//! signals, and which rule stands in for which. Pure; made and moved by [`super::Signals`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::judge::Judge;
use super::rule::Making;
use super::settings::Said;
use super::{Open, Rule};
use crate::plan::binding::{Binding, Signal, SourceKind, normal};
use crate::plan::{Plan, Role, Threshold, spoken};

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
    /// All the lanes that have to be breached together, itself included; empty where it stands alone.
    pub allies: Vec<usize>,
    /// The rollback limits of the same signal, for a target: between both nothing is decided.
    pub far: Vec<usize>,
    /// It is not judged while this signal is below so much; none where nothing measures it.
    pub floor: Option<(Option<usize>, f64)>,
    pub armed: bool,
    pub judge: Judge,
}

impl Lane {
    /// Whether its crossings are told: of those that are breached together one speaks for all.
    pub fn speaks(&self, index: usize) -> bool {
        self.allies.first().is_none_or(|first| *first == index)
    }
}

/// A number that was multiplied into the plan's unit has that; else it has the signal's own.
pub(super) fn unit(plan: &Plan, limits: &[usize], signal: Option<&Signal>) -> Option<Arc<str>> {
    let own = signal.filter(|s| s.scale == 1.0).and_then(|s| s.unit.as_deref());
    let absolute = || limits.iter().map(|l| &plan.thresholds[*l]).filter(|t| !t.baseline);
    let stated = || absolute().find_map(|l| l.unit.as_deref());
    own.or_else(stated).map(Into::into)
}

/// What lanes are made from.
pub(super) struct Ground<'a> {
    pub plan: &'a Plan,
    pub binding: &'a Binding,
    pub settings: &'a Said<'a>,
    /// By the normal name of the metric.
    pub baselines: &'a BTreeMap<String, f64>,
    /// The binding's signals by normal names.
    pub measured: &'a HashMap<String, usize>,
}

pub(super) fn lanes(ground: &Ground<'_>, metrics: &[Metric]) -> Vec<Lane> {
    let by_name: HashMap<String, &Metric> = metrics.iter().map(|m| (normal(&m.name), m)).collect();
    let limits = ground.plan.thresholds.iter().enumerate();
    let metric = |limit: &Threshold| by_name.get(&normal(&limit.metric)).copied();
    let mut lanes: Vec<Lane> = limits.map(|(i, limit)| lane(ground, i, limit, metric(limit))).collect();
    appoint(&mut lanes);
    ally(ground.plan, &mut lanes);
    oppose(&mut lanes);
    lanes
}

fn lane(ground: &Ground<'_>, index: usize, limit: &Threshold, metric: Option<&Metric>) -> Lane {
    let settings = ground.settings.meant(limit);
    let settings = settings.as_ref();
    let measured = |name: &str| ground.measured.get(&normal(name)).copied();
    let other = settings.and_then(|s| s.signal.as_deref());
    let signal = other.map_or(metric.and_then(|m| m.signal), measured);
    let own = other.and(signal).and_then(|s| ground.binding.signals[s].unit.as_deref());
    let making = Making {
        unit: own.or(metric.and_then(|m| m.unit.as_deref())),
        settings,
        baseline: ground.baselines.get(&normal(&limit.metric)).copied(),
        probe: signal.is_some_and(|s| is_probe(ground.binding, &ground.binding.signals[s])),
    };
    Lane {
        rule: Rule::made(index, limit, making),
        signal,
        phase: None,
        deputies: vec![],
        allies: vec![],
        far: vec![],
        floor: settings.and_then(|s| s.floor.as_ref()).map(|f| (measured(&f.signal), f.at_least)),
        armed: false,
        judge: Judge::default(),
    }
}

/// Whether a signal says 1 while something answers and 0 while it does not.
fn is_probe(binding: &Binding, signal: &Signal) -> bool {
    let http = binding.source(&signal.source).is_some_and(|s| s.kind == SourceKind::Http);
    http && signal.query.rsplit_once('#').is_none_or(|(_, what)| what == "up")
}

/// A rule inside a phase stands in for the global one of the same signal, class and side.
fn appoint(lanes: &mut [Lane]) {
    let mut inside: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, lane) in lanes.iter().enumerate() {
        if let (Some(signal), Some(_)) = (lane.signal, &lane.rule.phase) {
            inside.entry(signal).or_default().push(index);
        }
    }
    for index in 0..lanes.len() {
        let Lane { rule, signal: Some(signal), .. } = &lanes[index] else { continue };
        if rule.phase.is_some() {
            continue;
        }
        let stands_in = |other: &&usize| {
            let (a, b) = (rule, &lanes[**other].rule);
            (a.rank, a.alerts()) == (b.rank, b.alerts()) && a.same_side(b)
        };
        let deputies = inside.get(signal).into_iter().flatten().filter(stands_in).copied().collect();
        lanes[index].deputies = deputies;
    }
}

/// "A > 5 % and B > 2 s" is one condition: its limits are breached together or not at all, for the
/// longest of their times. Only where the bad side is stated: two criteria on a line are two.
fn ally(plan: &Plan, lanes: &mut [Lane]) {
    let limits = &plan.thresholds;
    let mut from = 0;
    while from < limits.len() {
        let first = &limits[from];
        let same = |l: &&Threshold| (&l.text, l.role, &l.phase) == (&first.text, first.role, &first.phase);
        let count = limits[from..].iter().take_while(same).count();
        let stated = count > 1 && lanes[from].rule.alerts();
        if stated && spoken::all_together(&first.text) == Some(count) {
            join(lanes, from, count);
        }
        from += count;
    }
}

fn join(lanes: &mut [Lane], from: usize, count: usize) {
    let allies: Vec<usize> = (from..from + count).collect();
    let open = |l: &Lane| l.signal.is_none() || l.rule.open().is_some();
    let broken = lanes[from..from + count].iter().any(open);
    let hold = lanes[from..from + count].iter().map(|l| l.rule.hold).max().unwrap_or_default();
    let keep = lanes[from..from + count].iter().map(|l| l.rule.keep).max().unwrap_or_default();
    for lane in &mut lanes[from..from + count] {
        (lane.rule.hold, lane.rule.keep) = (hold, keep);
        lane.allies.clone_from(&allies);
        if broken && !open(lane) {
            lane.rule.leave(Open::Joined);
        }
    }
}

/// A target and a rollback limit on the same side of one signal leave a band between them.
fn oppose(lanes: &mut [Lane]) {
    let mut far: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, lane) in lanes.iter().enumerate() {
        if let (Some(signal), Role::Rollback) = (lane.signal, lane.rule.role) {
            far.entry(signal).or_default().push(index);
        }
    }
    for index in 0..lanes.len() {
        let Some(signal) = lanes[index].signal.filter(|_| !lanes[index].rule.alerts()) else { continue };
        let same_side = |other: &&usize| lanes[index].rule.same_side(&lanes[**other].rule);
        let found = far.get(&signal).into_iter().flatten().filter(same_side).copied().collect();
        lanes[index].far = found;
    }
}
