//! A timeline played in virtual time against the rules of a plan: what it expects, met or missed. Pure.
//!
//! At one moment a step happens first, then production is measured, then the step's expectations
//! are judged: what is set at 60s and lasts 30s has fired at 90s.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::bind::bind;
use super::names::Names;
use super::spell::told;
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
            signals: Signals::new(plan, &binding),
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
        if let Some(Deed::Phase(title)) = step.act.as_ref().map(|act| &act.deed) {
            self.phase = self.names.phase(title).cloned();
        }
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
            Expect::Quiet => self.quiet(),
            Expect::Screen(_) => Verdict::NoScreen,
        }
    }

    fn crossed(&self, named: &Named, kind: Crossed) -> Verdict {
        let new = &self.crossings[self.judged..];
        let wanted = |c: &&Crossing| c.kind == kind && self.limit(c).is_some_and(|limit| means(named, limit));
        match new.iter().find(wanted) {
            Some(crossing) => Verdict::Met(since_start(crossing.at)),
            None => Verdict::Missed(self.standing(named)),
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
    fn standing(&self, named: &Named) -> String {
        let meant = self.signals.rules().filter(|s| means(named, self.threshold(s)) && s.rule.alerts());
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
            (None, true, state) => format!("{name} is {}", word(state)),
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
