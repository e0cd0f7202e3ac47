//! The scenario for a plan that has none of its own: what can alert breaks once, one after the
//! other, the worst class first, and each has a way out. Pure.

use std::time::Duration;

use super::bounds::{Bad, Bounds, bad};
use super::names::Names;
use super::spell::told;
use super::timeline::{Cure, Move, Step, Timeline};
use crate::plan::{Plan, ProcedureId, ProcedureKind, Role, Threshold};
use crate::signal::{Rank, watched};

/// Calm before the first break and between two.
const CALM: Duration = Duration::from_secs(20);

/// How long what is broken waits for its lever once its alert could have fired.
const PATIENCE: Duration = Duration::from_secs(90);

/// A breach that has to last longer than this is not waited for.
const LONGEST: Duration = Duration::from_secs(20 * 60);

/// How long a limit that does not alert, or a health path, stays broken where no lever is named.
const GLANCE: Duration = Duration::from_secs(40);

/// Limits of one metric that the same values break.
struct Break {
    metric: String,
    rank: Rank,
    /// The first line of the plan it stands on.
    line: usize,
    to: f64,
    /// How long the breach has to last for all of them to fire.
    hold: Duration,
    procedures: Vec<ProcedureId>,
    /// The phases while whose being open some of them are armed.
    phases: Vec<String>,
    alerts: bool,
}

/// The plan that is rehearsed where nobody names one.
pub const BUILT_IN_PLAN: &[u8] = include_bytes!("../../examples/checkout.md");
/// The stem of the built-in plan's file.
pub const BUILT_IN_STEM: &str = "checkout";
const BUILT_IN: &str = include_str!("../../examples/checkout.rehearsal.toml");

impl Timeline {
    /// The scenario of [`BUILT_IN_PLAN`].
    pub fn built_in() -> Timeline {
        Timeline::parse(BUILT_IN).expect("it is part of the program, and a test reads it")
    }

    /// The default scenario for a plan: each alert and each rollback rule that can be judged is
    /// broken once, the worst class first. A plan without such gets its health paths taken down
    /// and its other limits broken; one without either a quiet one that says so.
    pub fn for_plan(plan: &Plan) -> Timeline {
        let names = Names::of(plan);
        let breaks = breaks(plan);
        let mut course = Course { plan, names: &names, at: CALM, steps: vec![] };
        let alerting = breaks.iter().any(|b| b.alerts);
        if !alerting {
            course.paths();
        }
        breaks.iter().filter(|b| b.alerts == alerting).for_each(|b| course.limit(b));
        course.finish();
        Timeline { plan: None, every: Duration::from_secs(5), steps: course.steps, rules: vec![] }
    }
}

/// What can be broken, the worst class first, then in the order of the plan.
fn breaks(plan: &Plan) -> Vec<Break> {
    let mut all: Vec<Break> =
        watched(plan).iter().flat_map(|w| of_metric(plan, &w.name, &w.limits)).collect();
    all.sort_by_key(|b| (b.rank, b.line));
    all
}

fn of_metric(plan: &Plan, name: &str, limits: &[usize]) -> Vec<Break> {
    let limits: Vec<&Threshold> = limits.iter().map(|index| &plan.thresholds[*index]).collect();
    let bounds = Bounds::of(&limits);
    let judged: Vec<(&Threshold, Bad)> =
        limits.iter().filter_map(|l| bad(l, bounds.unit()).map(|bad| (*l, bad))).collect();
    let (mut found, mut kinds): (Vec<Break>, Vec<(Bad, bool)>) = (vec![], vec![]);
    for (limit, bad) in &judged {
        let alerts = alert(limit);
        let known = kinds.iter().position(|kind| *kind == (*bad, alerts));
        if let Some(at) = known {
            found[at].also(plan, limit);
            continue;
        }
        let others: Vec<Bad> = judged
            .iter()
            .filter(|(other, _)| other.role.eq(&limit.role) || alerts)
            .map(|(_, b)| *b)
            .collect();
        let Some(to) = bounds.breaking(*bad, &others).filter(|to| *to != bounds.healthy()) else { continue };
        let mut one = Break::new(name, to, alerts, limit);
        one.also(plan, limit);
        found.push(one);
        kinds.push((*bad, alerts));
    }
    found
}

fn alert(limit: &Threshold) -> bool {
    matches!(limit.role, Role::Alert | Role::Rollback)
}

impl Break {
    fn new(metric: &str, to: f64, alerts: bool, limit: &Threshold) -> Self {
        Break {
            metric: metric.to_owned(),
            rank: Rank::of(limit.severity.as_deref()),
            line: limit.line,
            to,
            hold: Duration::ZERO,
            procedures: vec![],
            phases: vec![],
            alerts,
        }
    }

    fn also(&mut self, plan: &Plan, limit: &Threshold) {
        self.rank = self.rank.min(Rank::of(limit.severity.as_deref()));
        self.line = self.line.min(limit.line);
        let hold = Duration::try_from_secs_f64(limit.hold.unwrap_or_default()).unwrap_or(Duration::MAX);
        self.hold = self.hold.max(hold);
        self.procedures.extend(limit.procedure.clone().filter(|p| !self.procedures.contains(p)));
        let phase = limit.phase.as_ref().and_then(|id| plan.phase(id)).map(|p| p.name.clone());
        self.phases.extend(phase.filter(|p| !self.phases.contains(p)));
    }
}

/// The scenario as it grows.
struct Course<'p> {
    plan: &'p Plan,
    names: &'p Names,
    at: Duration,
    steps: Vec<Step>,
}

impl Course<'_> {
    fn limit(&mut self, broken: &Break) {
        let cure_by = match self.linked(&broken.procedures) {
            linked if !linked.is_empty() => linked,
            _ if broken.alerts => self.any_lever(),
            _ => vec![],
        };
        let stay = match (broken.alerts, cure_by.is_empty()) {
            (true, _) => broken.hold.min(LONGEST) + PATIENCE,
            (false, _) => GLANCE,
        };
        let moves = vec![Move { metric: broken.metric.clone(), to: broken.to, over: Duration::ZERO }];
        let say = Some(said(broken, &cure_by));
        self.steps.push(Step { at: self.at, moves, cure_by, say, ..Step::default() });
        self.at += stay;
        self.steps.push(Step { at: self.at, heal: vec![broken.metric.clone()], ..Step::default() });
        self.at += CALM;
    }

    fn paths(&mut self) {
        for path in &self.names.paths {
            let cure_by = self.any_lever();
            let stay = if cure_by.is_empty() { GLANCE } else { PATIENCE };
            let say = Some(format!("{path} fails{}", way_out(&cure_by)));
            let down = vec![path.clone()];
            self.steps.push(Step { at: self.at, down, cure_by, say, ..Step::default() });
            self.at += stay;
            self.steps.push(Step { at: self.at, up: vec![path.clone()], ..Step::default() });
            self.at += CALM;
        }
    }

    fn finish(&mut self) {
        let say = match self.steps.is_empty() {
            true => {
                self.at = Duration::ZERO;
                "nothing breaks: the plan has no limit that can be judged and no health path"
            }
            false => "that was all; from here on it stays calm",
        };
        self.steps.push(Step { at: self.at, say: Some(say.to_owned()), ..Step::default() });
    }

    fn linked(&self, procedures: &[ProcedureId]) -> Vec<Cure> {
        let named = self.names.procedures.iter().filter(|(id, _)| procedures.contains(id));
        named.filter_map(|(_, title)| self.procedure(title)).collect()
    }

    /// Every flag, and every way back that can be told from the others by its title.
    fn any_lever(&self) -> Vec<Cure> {
        let flags = self.names.flags.iter().map(|name| Cure::Flag(name.clone()));
        let back = self.plan.procedures.iter().filter(|p| p.kind == ProcedureKind::Rollback);
        flags.chain(back.filter_map(|p| self.procedure(&p.title))).collect()
    }

    fn procedure(&self, title: &str) -> Option<Cure> {
        self.names.procedure(title).map(|_| Cure::Procedure(title.to_owned()))
    }
}

fn said(broken: &Break, cure_by: &[Cure]) -> String {
    let mut words = format!("{} breaks the limit of line {}", broken.metric, broken.line);
    if broken.alerts && broken.hold > LONGEST {
        let (hold, longest) = (told(broken.hold), told(LONGEST));
        words += &format!("; it would fire after {hold}, which is not waited for: it lasts {longest}");
    } else if !broken.hold.is_zero() {
        words += &format!(" and fires after {}", told(broken.hold));
    }
    if !broken.phases.is_empty() {
        words += &format!(" (armed in {})", broken.phases.join(", "));
    }
    words + &way_out(cure_by)
}

fn way_out(cure_by: &[Cure]) -> String {
    match cure_by {
        [] => "; it passes by itself".to_owned(),
        [one] => format!("; the way out is {one}"),
        [one, other] => format!("; the way out is {one} or {other}"),
        [first, ..] => format!("; {} levers are a way out, {first} for one", cure_by.len()),
    }
}
