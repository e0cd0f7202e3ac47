//! A timeline played in virtual time against the rules of a plan: what it expects, met or missed. Pure.
//!
//! At one moment a step happens first, then production is measured, then the step's expectations
//! are judged: what is set at 60s and lasts 30s has fired at 90s.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::bind::bind;
use super::names::Names;
use super::spell::told;
use super::stand;
use super::timeline::{Deed, Expect, Named, Problem, Step, Timeline};
use super::world::World;
use crate::plan::binding::{Binding, normal};
use crate::plan::{PhaseId, Plan, Threshold};
use crate::signal::{Crossed, Crossing, Rank, RuleState, Sample, Signals, Standing};

/// What came of one expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// When it was judged.
    pub at: Duration,
    /// The line of its step.
    pub line: usize,
    /// As the timeline has it.
    pub expect: Expect,
    /// Met or missed.
    pub verdict: Verdict,
}

/// Whether an expectation was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// At this time; `quiet` when it was judged.
    Met(Duration),
    /// What was there instead.
    Missed(String),
    /// A drill has no screen to look at.
    NoScreen,
}

/// Plays a timeline.
///
/// # Errors
/// Names in the timeline that the plan does not have.
pub fn drill(plan: &Plan, timeline: &Timeline) -> Result<Vec<Outcome>, Vec<Problem>> {
    let mut play = Play::new(plan, timeline)?;
    let mut outcomes = vec![];
    for step in &timeline.steps {
        play.reach(step, timeline.every);
        for expect in &step.expect {
            let verdict = play.judge(expect);
            outcomes.push(Outcome { at: step.at, line: step.line, expect: expect.clone(), verdict });
        }
        play.judged(step);
    }
    Ok(outcomes)
}

/// A drill on its way.
struct Play<'p> {
    plan: &'p Plan,
    names: Names,
    world: World,
    binding: Binding,
    signals: Signals,
    /// The next measurement.
    due: Duration,
    phase: Option<PhaseId>,
    crossings: Vec<Crossing>,
    /// By the timeline's names of the metrics.
    baselines: BTreeMap<String, f64>,
    /// Which alerts are kept quiet, from when to when.
    silences: Vec<(Named, Duration, Duration)>,
    /// Crossings before this one were judged at an earlier moment.
    judged: usize,
    /// When something was last judged, and how many crossings there were then.
    last: Option<(Duration, usize)>,
    now: Duration,
}

impl<'p> Play<'p> {
    fn new(plan: &'p Plan, timeline: &Timeline) -> Result<Self, Vec<Problem>> {
        let world = World::new(plan, timeline)?;
        let binding = bind(&world, "", timeline.every.as_secs_f64());
        Ok(Self {
            plan,
            names: Names::of(plan),
            signals: Signals::with(plan, &binding, timeline.rules.clone()),
            baselines: BTreeMap::new(),
            silences: vec![],
            world,
            binding,
            due: Duration::ZERO,
            phase: None,
            crossings: vec![],
            judged: 0,
            last: None,
            now: Duration::ZERO,
        })
    }

    /// Goes on to a step: it happens, and production is measured.
    fn reach(&mut self, step: &Step, every: Duration) {
        let at = step.at;
        while self.due < at {
            self.measure(every);
        }
        self.open(step);
        self.compare(step);
        self.world.advance(at.as_secs_f64());
        if self.due == at {
            self.measure(every);
        }
        self.now = at;
    }

    fn measure(&mut self, every: Duration) {
        let (seconds, now) = (self.due.as_secs_f64(), moment(self.due));
        if self.world.hangs_until(seconds).is_none() {
            for metric in 0..self.world.metrics().len() {
                let value = self.world.value(metric, seconds);
                self.signals.take(metric, &[Sample { at: now, value }]);
            }
        }
        let (plan, phase) = (self.plan, &self.phase);
        self.crossings.extend(self.signals.evaluate(now, &|id| is_open(plan, phase.as_ref(), id)));
        self.due += every;
    }

    fn open(&mut self, step: &Step) {
        match step.act.as_ref().map(|act| &act.deed) {
            Some(Deed::Phase(title)) => self.phase = self.names.phase(title).cloned(),
            Some(Deed::Silence { alert, time }) => {
                self.silences.push((alert.clone(), step.at, step.at + *time));
            }
            _ => {}
        }
    }

    fn compare(&mut self, step: &Step) {
        self.baselines.extend(step.baselines.iter().cloned());
        let known = self.baselines.iter().map(|(metric, value)| (metric.as_str(), *value));
        let over = self.signals.compare_with(known, self.plan, &self.binding, moment(step.at));
        self.crossings.extend(over);
    }

    /// What is judged at one moment looks at the same time, however many steps it stands in.
    fn judged(&mut self, step: &Step) {
        if !step.expect.is_empty() {
            self.last = Some((step.at, self.crossings.len()));
        }
    }

    fn judge(&mut self, expect: &Expect) -> Verdict {
        if let Some((_, count)) = self.last.filter(|(at, _)| *at < self.now) {
            self.judged = count;
        }
        match expect {
            Expect::Fires(named) => self.crossed(named, Crossed::Fired),
            Expect::Resolves(named) => self.crossed(named, Crossed::Resolved),
            Expect::Notifies(named) => self.crossed_so(named, Crossed::Fired, |c| self.told_of(c)),
            Expect::Is(named, wanted) => self.stands(named, *wanted),
            Expect::Quiet => self.quiet(),
            Expect::Screen(_) => Verdict::NoScreen,
        }
    }

    fn crossed(&self, named: &Named, kind: Crossed) -> Verdict {
        self.crossed_so(named, kind, |_| true)
    }

    /// Whether neither its cooldown nor a silence keeps a crossing quiet.
    fn told_of(&self, crossing: &Crossing) -> bool {
        let limit = self.limit(crossing);
        crossing.notice && limit.is_none_or(|limit| !self.silenced(limit, since_start(crossing.at)))
    }

    fn silenced(&self, limit: &Threshold, at: Duration) -> bool {
        self.silences.iter().any(|(named, from, to)| means(named, limit) && *from <= at && at < *to)
    }

    fn stands(&self, named: &Named, wanted: stand::Stand) -> Verdict {
        let meant = || self.signals.rules().filter(|s| means(named, self.threshold(s)));
        let quiet = |s: &Standing<'_>| self.silenced(self.threshold(s), self.now);
        match stand::holds(wanted, meant().map(|s| (s, quiet(&s)))) {
            true => Verdict::Met(self.now),
            false => Verdict::Missed(self.standing(named, |_| true)),
        }
    }

    fn crossed_so(&self, named: &Named, kind: Crossed, fits: impl Fn(&Crossing) -> bool) -> Verdict {
        let new = &self.crossings[self.judged..];
        let meant = |c: &&Crossing| self.limit(c).is_some_and(|limit| means(named, limit));
        let wanted = |c: &&Crossing| c.kind == kind && meant(c) && fits(c);
        match new.iter().find(wanted) {
            Some(crossing) => Verdict::Met(since_start(crossing.at)),
            None => Verdict::Missed(self.standing(named, |s| s.rule.alerts())),
        }
    }

    fn quiet(&self) -> Verdict {
        let fired = self.crossings[self.judged..].iter().filter(|c| c.kind == Crossed::Fired);
        let mut loud: Vec<String> = fired.filter_map(|c| self.told(c)).collect();
        if loud.is_empty() {
            let firing = self.signals.rules().filter(|s| s.state.is_alert());
            loud = firing.map(|s| self.state(&s)).collect();
        }
        match loud.is_empty() {
            true => Verdict::Met(self.now),
            false => Verdict::Missed(loud.join("; ")),
        }
    }

    fn limit(&self, crossing: &Crossing) -> Option<&'p Threshold> {
        self.plan.thresholds.iter().find(|limit| limit.id == crossing.rule)
    }

    /// "Error rate P1 fired at 1m30s".
    fn told(&self, crossing: &Crossing) -> Option<String> {
        let name = name(self.limit(crossing)?);
        Some(format!("{name} fired at {}", told(since_start(crossing.at))))
    }

    /// How the rules that were meant stand.
    fn standing(&self, named: &Named, fits: impl Fn(&Standing<'_>) -> bool) -> String {
        let meant = self.signals.rules().filter(|s| means(named, self.threshold(s)) && fits(s));
        let states: Vec<String> = meant.map(|s| self.state(&s)).collect();
        let value = self.binding.signal(&named.metric).and_then(|signal| {
            let index = self.binding.signals.iter().position(|s| s.name == signal.name)?;
            self.signals.series(index)?.last()
        });
        let value = value.map(|sample| format!("; measured {}", sample.value)).unwrap_or_default();
        match states.is_empty() {
            true => format!("the plan has no alert on {named}{value}"),
            false => states.join("; ") + &value,
        }
    }

    fn threshold(&self, standing: &Standing<'_>) -> &'p Threshold {
        &self.plan.thresholds[standing.rule.limit]
    }

    fn state(&self, standing: &Standing<'_>) -> String {
        let limit = self.threshold(standing);
        let name = format!("{} of line {}", name(limit), limit.line);
        let phase = limit.phase.as_ref().and_then(|id| self.plan.phase(id)).map_or("", |p| &p.name);
        match (standing.open, standing.armed, standing.state) {
            (Some(why), _, _) => format!("{name} is never judged: {why}"),
            (None, false, _) if phase.is_empty() => format!("{name} is replaced by one of the open phase"),
            (None, false, _) => format!("{name} is armed while {phase} is open"),
            (None, true, state) => format!("{name} is {}{}", word(state), more(standing)),
        }
    }
}

/// "Error rate P1".
fn name(limit: &Threshold) -> String {
    let severity = limit.severity.as_deref().map(|s| format!(" {s}")).unwrap_or_default();
    format!("{}{severity}", limit.metric)
}

fn word(state: &RuleState) -> String {
    let word = state.word();
    match state.since() {
        Some(since) => format!("{word} since {}", told(since_start(since))),
        None => word.to_owned(),
    }
}

/// What explains a state: how long it takes, and what else is to be said.
fn more(standing: &Standing<'_>) -> String {
    let waits = matches!(
        standing.state,
        RuleState::Pending { .. } | RuleState::Recovering { .. } | RuleState::Soaking { .. }
    );
    let patience = Some(standing.rule.patience()).filter(|p| waits && !p.is_empty());
    let patience = patience.map(|p| format!(" ({p})")).unwrap_or_default();
    let blind = if standing.blind { " and blind" } else { "" };
    let flapping = if standing.flapping { " and flapping" } else { "" };
    patience + blind + flapping
}

fn means(named: &Named, limit: &Threshold) -> bool {
    let rank = |severity: &Option<String>| Rank::of(severity.as_deref());
    let class = named.severity.is_none() || rank(&named.severity) == rank(&limit.severity);
    class && normal(&named.metric) == normal(&limit.metric)
}

/// A phase is open with those it is part of and those that are part of it.
fn is_open(plan: &Plan, open: Option<&PhaseId>, id: &PhaseId) -> bool {
    let parent = |id: &PhaseId| plan.phase(id).and_then(|p| p.parent.as_ref());
    open.is_some_and(|open| open == id || parent(open) == Some(id) || parent(id) == Some(open))
}

/// Where a drill's clock starts does not matter; it is the same every time.
const START: DateTime<Utc> = DateTime::from_timestamp(946_684_800, 0).expect("it is a time");

fn moment(at: Duration) -> DateTime<Utc> {
    START + TimeDelta::from_std(at).expect("a timeline's times are weeks at most")
}

fn since_start(at: DateTime<Utc>) -> Duration {
    (at - START).to_std().unwrap_or_default()
}
