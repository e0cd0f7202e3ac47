//! All signals and rules of a room: what `sources` reports goes in, crossings and tiles come out. Pure.
//!
//! The app holds one, hands it samples as they come, evaluates it on every tick and asks for tiles
//! when it draws. Samples are no events; crossings are, and the app puts them into the journal.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::derive::{Derived, derived};
use super::feed::Feed;
use super::lane::{Ground, Lane, Metric, lanes, unit};
use super::settings::{Said, Settings};
use super::{Crossed, Open, Rule, RuleState, Sample, Series, Soak, watched};
use crate::plan::binding::{Binding, normal};
use crate::plan::{PhaseId, Plan, ThresholdId};

/// A fact for the journal: a rule that alerts changed sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossing {
    /// Whose limit.
    pub rule: ThresholdId,
    /// The binding's name of what was measured.
    pub signal: String,
    /// What happened.
    pub kind: Crossed,
    /// The value that decided; none where nothing is known, or where the rule's phase is over.
    pub value: Option<f64>,
    /// The evaluation.
    pub at: DateTime<Utc>,
    /// When it began: the breach that fired, the alert that resolved, the blindness.
    pub since: DateTime<Utc>,
    /// Whether somebody is to be told: not within the rule's cooldown.
    pub notice: bool,
    /// Of a rule that became blind: what is missing, in a few words.
    pub why: Option<String>,
}

/// A rule as others may look at it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// What measures it: index into `binding.signals`.
    pub signal: Option<usize>,
    /// Whether it is judged now: its phase is open, and no other stands in for it.
    pub armed: bool,
    /// Where it stands.
    pub state: &'a RuleState,
    /// Whether nothing has been known for so long that a gate cannot rely on it.
    pub blind: bool,
    /// Why it is never judged.
    pub open: Option<&'a Open>,
    /// Whether it changed sides five times in ten minutes.
    pub flapping: bool,
    /// When its last alert was over, for a quarter of an hour.
    pub resolved: Option<DateTime<Utc>>,
    /// How much of the time that it must hold was measured; zero but for a criterion with a time.
    pub soak: Soak,
    /// Evaluations that were due and did not happen.
    pub missed: u32,
}

/// What a rule says of a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Criterion {
    /// It holds, for as long as it must.
    Met,
    /// It does not.
    Failed,
    /// Nobody can say yet: not judged, unknown, between target and rollback limit, or not yet
    /// measured for long enough.
    Inconclusive,
}

impl Criterion {
    /// As a log says it.
    pub fn word(self) -> &'static str {
        match self {
            Criterion::Met => "met",
            Criterion::Failed => "not met",
            Criterion::Inconclusive => "cannot be judged",
        }
    }
}

impl Standing<'_> {
    /// Why the criterion is not met, beside its value and limit; empty where it is.
    pub fn doubt(&self) -> String {
        let soak = self.rule.soak.unwrap_or_default();
        match self.state {
            RuleState::Soaking { .. } => format!("not measured for {} yet", super::rule::told(soak)),
            RuleState::Inconclusive { .. } => "between its target and the rollback limit".to_owned(),
            RuleState::Thin { .. } => "too little traffic".to_owned(),
            RuleState::NoData { .. } => "no data".to_owned(),
            RuleState::Error { why, .. } => why.to_string(),
            RuleState::Idle => "not judged now".to_owned(),
            _ => String::new(),
        }
    }

    /// What a gate may take from it.
    pub fn criterion(&self) -> Criterion {
        match self.state {
            RuleState::Ok if self.armed && !self.blind => Criterion::Met,
            RuleState::OutOfBounds { .. } | RuleState::Firing { .. } | RuleState::Recovering { .. } => {
                Criterion::Failed
            }
            _ => Criterion::Inconclusive,
        }
    }
}

/// All signals and rules of a room.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    pub(super) feeds: Vec<Feed>,
    pub(super) metrics: Vec<Metric>,
    /// One a limit, in the plan's order.
    pub(super) lanes: Vec<Lane>,
    /// The phases rules stand in.
    pub(super) phases: Vec<PhaseId>,
    /// What follows from other signals.
    pub(super) derived: Vec<Derived>,
    /// What was decided beside plan and binding.
    pub(super) settings: Vec<Settings>,
    /// By the normal name of the metric.
    pub(super) baselines: BTreeMap<String, f64>,
    /// See [`Signals::expect_late`].
    pub(super) lag: TimeDelta,
    /// The evaluation before.
    pub(super) now: Option<DateTime<Utc>>,
}

/// Said of a limit whose metric no signal measures.
const NOT_BOUND: Open = Open::NotBound;

impl Signals {
    /// The signals of a binding against the limits of a plan. A metric is measured by the signal
    /// that [`Binding::signal`] finds for it.
    ///
    /// Values are in the signal's `unit` where it has one and no `scale`, else in the unit of the
    /// metric's first limit; limits in other units of time or share are converted.
    pub fn new(plan: &Plan, binding: &Binding) -> Self {
        Self::with(plan, binding, vec![])
    }

    /// With settings beside the binding's own; these win.
    pub fn with(plan: &Plan, binding: &Binding, settings: Vec<Settings>) -> Self {
        Self::assembled(plan, binding, settings, BTreeMap::new())
    }

    pub(super) fn assembled(
        plan: &Plan,
        binding: &Binding,
        settings: Vec<Settings>,
        baselines: BTreeMap<String, f64>,
    ) -> Self {
        let measured = measured(binding);
        let mut metrics: Vec<Metric> = vec![];
        for watched in watched(plan) {
            let signal = measured.get(&normal(&watched.name)).copied();
            let unit = unit(plan, &watched.limits, signal.map(|s| &binding.signals[s]));
            metrics.push(Metric { name: watched.name.into(), limits: watched.limits.into(), unit, signal });
        }
        let bound = Settings::of(plan);
        let said = Said::of(settings.iter().chain(&bound));
        let ground = Ground { plan, binding, settings: &said, baselines: &baselines, measured: &measured };
        let mut feeds: Vec<Feed> = binding.signals.iter().map(|s| Feed::new(binding, s)).collect();
        let mut signals = Self {
            derived: derived(binding, &mut feeds),
            feeds,
            lanes: lanes(&ground, &metrics),
            metrics,
            settings,
            baselines,
            ..Self::default()
        };
        signals.add_unlimited(binding);
        signals.place_phases();
        signals
    }

    /// Signals that no limit of the plan asks for are shown all the same, behind the others.
    fn add_unlimited(&mut self, binding: &Binding) {
        let mut asked = vec![false; binding.signals.len()];
        self.metrics.iter().filter_map(|m| m.signal).for_each(|s| asked[s] = true);
        for (index, signal) in binding.signals.iter().enumerate().filter(|(i, _)| !asked[*i]) {
            let unit = signal.unit.as_deref().map(Into::into);
            let name = signal.name.as_str().into();
            self.metrics.push(Metric { name, limits: Arc::new([]), unit, signal: Some(index) });
        }
    }

    fn place_phases(&mut self) {
        for lane in &mut self.lanes {
            let Some(phase) = &lane.rule.phase else { continue };
            let known = self.phases.iter().position(|p| p == phase);
            lane.phase = Some(known.unwrap_or_else(|| {
                self.phases.push(phase.clone());
                self.phases.len() - 1
            }));
        }
    }

    /// What a source answered for signal number `signal` of the binding. No sample means that it
    /// answered and has none.
    pub fn take(&mut self, signal: usize, samples: &[Sample]) {
        if let Some(feed) = self.feeds.get_mut(signal) {
            feed.take(samples);
        }
    }

    /// A source did not answer, or not what it should have. Holds until it answers again.
    pub fn fail(&mut self, signal: usize, at: DateTime<Utc>, why: &str) {
        if let Some(feed) = self.feeds.get_mut(signal) {
            feed.fail(at, why);
        }
    }

    /// Settings beside the binding's own count from the next plan or binding on; these win.
    pub fn judge_by(&mut self, settings: Vec<Settings>) {
        self.settings = settings;
    }

    /// What is measured comes up to `lag` late from now on, because another process measures and this
    /// one reads it: a value counts for so much longer after it came. Zero where this process asks.
    pub fn expect_late(&mut self, lag: TimeDelta) {
        self.lag = lag;
        self.feeds.iter_mut().for_each(|feed| feed.lag = lag);
    }

    /// What a source has to say beside its answer; None takes it back.
    pub fn warn(&mut self, signal: usize, warning: Option<&str>) {
        if let Some(feed) = self.feeds.get_mut(signal) {
            feed.warning = warning.map(Into::into);
        }
    }

    /// The last lines of a log that were found for a signal, the newest last.
    pub fn keep_lines(&mut self, signal: usize, lines: &[String]) {
        if let Some(feed) = self.feeds.get_mut(signal) {
            feed.lines = lines.into();
        }
    }

    /// What [`Signals::keep_lines`] was given last.
    pub fn lines(&self, signal: usize) -> &[String] {
        self.feeds.get(signal).map_or(&[], |f| &f.lines)
    }

    /// A signal's history; the index is the binding's.
    pub fn series(&self, signal: usize) -> Option<&Series> {
        self.feeds.get(signal).map(|f| &f.series)
    }

    /// The mean of what a plan's metric measured within `window` before `now`, and of how many
    /// samples: what a baseline is captured from. None where nothing was measured.
    pub fn mean(&self, metric: &str, now: DateTime<Utc>, window: TimeDelta) -> Option<(f64, usize)> {
        let wanted = normal(metric);
        let found = self.metrics.iter().find(|m| normal(&m.name) == wanted)?;
        let series = self.series(found.signal?)?;
        let within = |s: &Sample| s.at > now - window && s.at <= now && s.value.is_finite();
        let values: Vec<f64> = series.samples().filter(within).map(|s| s.value).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (!values.is_empty()).then_some((mean, values.len()))
    }

    /// Every limit of the plan as a rule, in the plan's order.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = Standing<'_>> {
        self.lanes.iter().map(|lane| Standing {
            rule: &lane.rule,
            signal: lane.signal,
            armed: lane.armed,
            state: &lane.judge.state,
            blind: lane.judge.blind,
            open: lane.signal.map_or(Some(&NOT_BOUND), |_| lane.rule.open()),
            flapping: self.now.is_some_and(|now| lane.judge.flapping(now)),
            resolved: self.now.and_then(|now| lane.judge.resolved(now)),
            soak: lane.judge.soak,
            missed: lane.judge.missed,
        })
    }
}

/// The signals by the names of what they measure; as with [`Binding::signal`] the first wins.
fn measured(binding: &Binding) -> HashMap<String, usize> {
    let mut found = HashMap::new();
    for (index, signal) in binding.signals.iter().enumerate() {
        for name in std::iter::once(&signal.name).chain(&signal.aliases) {
            found.entry(normal(name)).or_insert(index);
        }
    }
    found
}
