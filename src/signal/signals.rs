//! All signals and rules of a room: what `sources` reports goes in, crossings and tiles come out. Pure.
//!
//! The app holds one, hands it samples as they come, evaluates it on every tick and asks for tiles
//! when it draws. Samples are no events; crossings are, and the app puts them into the journal.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::feed::Feed;
use super::judge::{Evidence, Outcome};
use super::lane::{Lane, Metric, lanes, unit};
use super::tile::{Edge, Tile, TileState, trend};
use super::{Crossed, Open, Rank, Rule, RuleState, Sample, Series, watched};
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
}

/// All signals and rules of a room.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    feeds: Vec<Feed>,
    metrics: Vec<Metric>,
    /// One a limit, in the plan's order.
    lanes: Vec<Lane>,
    /// The phases rules stand in.
    phases: Vec<PhaseId>,
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
        let measured = measured(binding);
        let mut metrics: Vec<Metric> = vec![];
        for watched in watched(plan) {
            let signal = measured.get(&normal(&watched.name)).copied();
            let unit = unit(plan, &watched.limits, signal.map(|s| &binding.signals[s]));
            metrics.push(Metric { name: watched.name.into(), limits: watched.limits.into(), unit, signal });
        }
        let mut signals = Self {
            feeds: binding.signals.iter().map(|s| Feed::new(binding, s)).collect(),
            lanes: lanes(plan, &metrics),
            metrics,
            phases: vec![],
        };
        signals.add_unlimited(binding);
        signals.place_phases();
        signals
    }

    /// Signals that no limit of the plan asks for are shown all the same, behind the others.
    fn add_unlimited(&mut self, binding: &Binding) {
        for (index, signal) in binding.signals.iter().enumerate() {
            if self.metrics.iter().all(|m| m.signal != Some(index)) {
                let unit = signal.unit.as_deref().map(Into::into);
                let name = signal.name.as_str().into();
                self.metrics.push(Metric { name, limits: Arc::new([]), unit, signal: Some(index) });
            }
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

    /// What a source has to say beside its answer; None takes it back.
    pub fn warn(&mut self, signal: usize, warning: Option<&str>) {
        if let Some(feed) = self.feeds.get_mut(signal) {
            feed.warning = warning.map(Into::into);
        }
    }

    /// Judges every rule by what is known at `now`; `armed` says which phases are open. To be
    /// called about once a second: a rule fires at an evaluation, never between two.
    pub fn evaluate(&mut self, now: DateTime<Utc>, armed: &dyn Fn(&PhaseId) -> bool) -> Vec<Crossing> {
        for feed in &mut self.feeds {
            feed.settle(now);
        }
        let known: Vec<Evidence> = self.feeds.iter().map(|f| f.evidence(now)).collect();
        let mut crossings = vec![];
        for (index, armed) in self.armed(armed).into_iter().enumerate() {
            let lane = &mut self.lanes[index];
            let Some(signal) = lane.signal.filter(|_| lane.rule.open().is_none()) else { continue };
            let outcome = match armed {
                true => lane.judge.advance(&lane.rule, &known[signal], now, self.feeds[signal].interval),
                false if lane.armed => lane.judge.disarm(),
                false => vec![],
            };
            lane.armed = armed;
            let value = match known[signal] {
                Evidence::Value(value) if armed => Some(value),
                _ => None,
            };
            self.record(index, outcome, value, now, &mut crossings);
        }
        crossings
    }

    /// Which lanes are judged: those whose phase is open, less those that such a one stands in for.
    fn armed(&self, open: &dyn Fn(&PhaseId) -> bool) -> Vec<bool> {
        let phases: Vec<bool> = self.phases.iter().map(open).collect();
        let on = |lane: &Lane| lane.phase.is_none_or(|p| phases[p]);
        self.lanes.iter().map(|l| on(l) && !l.deputies.iter().any(|d| on(&self.lanes[*d]))).collect()
    }

    fn record(
        &self,
        lane: usize,
        outcome: Outcome,
        value: Option<f64>,
        at: DateTime<Utc>,
        crossings: &mut Vec<Crossing>,
    ) {
        let Lane { rule, signal, .. } = &self.lanes[lane];
        for (kind, since) in outcome {
            let signal = signal.map(|s| self.feeds[s].name.to_string()).unwrap_or_default();
            crossings.push(Crossing { rule: rule.id.clone(), signal, kind, value, at, since });
        }
    }

    /// Tells a rule that it has been firing since `since`, as the journal knows after a restart, so
    /// that it does not fire a second time.
    pub fn restore(&mut self, rule: &ThresholdId, since: DateTime<Utc>) {
        for lane in self.lanes.iter_mut().filter(|l| l.rule.id == *rule && l.rule.alerts()) {
            lane.judge.restore(since);
            lane.armed = true;
        }
    }

    /// Follows a changed plan or binding: signals of the same name keep their history, rules that
    /// judge the same way keep their state. Gives the alerts that are over because their rule is.
    pub fn follow(&mut self, plan: &Plan, binding: &Binding, now: DateTime<Utc>) -> Vec<Crossing> {
        let mut old = std::mem::replace(self, Self::new(plan, binding));
        let kept: HashMap<ThresholdId, usize> =
            old.lanes.iter().enumerate().map(|(i, l)| (l.rule.id.clone(), i)).collect();
        for lane in self.lanes.iter_mut().filter(|l| l.signal.is_some()) {
            let before = kept.get(&lane.rule.id).map(|i| &mut old.lanes[*i]);
            if let Some(before) = before.filter(|b| b.rule.same_as(&lane.rule)) {
                (lane.judge, lane.armed) = (std::mem::take(&mut before.judge), before.armed);
            }
        }
        let mut over = vec![];
        for index in 0..old.lanes.len() {
            let outcome = old.lanes[index].judge.disarm();
            old.record(index, outcome, None, now, &mut over);
        }
        let mut feeds: HashMap<Arc<str>, Feed> = old.feeds.into_iter().map(|f| (f.name.clone(), f)).collect();
        for feed in &mut self.feeds {
            if let Some(before) = feeds.remove(&feed.name) {
                feed.inherit(before);
            }
        }
        over
    }

    /// A signal's history; the index is the binding's.
    pub fn series(&self, signal: usize) -> Option<&Series> {
        self.feeds.get(signal).map(|f| &f.series)
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
        })
    }

    /// Every metric as a tile: the most troubling first, then the worst class, then the order of
    /// [`watched`].
    pub fn tiles(&self, now: DateTime<Utc>) -> Vec<Tile> {
        let mut tiles: Vec<Tile> = self.metrics.iter().map(|m| self.tile(m, now)).collect();
        tiles.sort_by_key(|t| (t.state, t.rank));
        tiles
    }

    fn tile(&self, metric: &Metric, now: DateTime<Utc>) -> Tile {
        let feed = metric.signal.map(|s| &self.feeds[s]);
        let last = feed.and_then(|f| f.series.last());
        let failure = feed.and_then(Feed::failure);
        let own = feed.map_or(TileState::NotBound, |f| source_state(f, now));
        let (state, decides) = self.worst(metric, own);
        let first = metric.limits.first().map_or(Rank::Low, |l| self.lanes[*l].rule.rank);
        Tile {
            name: metric.name.clone(),
            limits: metric.limits.clone(),
            signal: metric.signal,
            value: last.map(|s| s.value),
            unit: metric.unit.clone(),
            age: last.map(|s| (now - s.at).to_std().unwrap_or_default()),
            state,
            since: match decides {
                Some(lane) => self.lanes[lane].judge.state.since(),
                None => failure.map(|(since, _)| *since),
            },
            rule: decides,
            rank: decides.map_or(first, |l| self.lanes[l].rule.rank),
            trend: feed.map_or(super::Trend::Unknown, |f| trend(&f.series)),
            mark: last.and_then(|s| self.mark(metric, s.value, decides)),
            why: failure.map(|(_, why)| why.clone()).or_else(|| feed.and_then(|f| f.warning.clone())),
        }
    }

    /// The worst of what its rules and its source say, and the rule that says it.
    fn worst(&self, metric: &Metric, own: TileState) -> (TileState, Option<usize>) {
        let said = metric.limits.iter().filter_map(|index| {
            let Lane { rule, judge, armed, .. } = &self.lanes[*index];
            let state = TileState::of(&judge.state, judge.blind && rule.alerts()).filter(|_| *armed)?;
            Some((state, rule.rank, *index))
        });
        match said.min_by_key(|(state, rank, _)| (*state, *rank)) {
            Some((state, _, rule)) if state <= own || own == TileState::NotJudged => (state, Some(rule)),
            _ => (own, None),
        }
    }

    /// The limit that the value would meet next; the deciding one where it has met them all.
    fn mark(&self, metric: &Metric, value: f64, decides: Option<usize>) -> Option<Edge> {
        let edge = |limit: usize| Some(Edge { limit, at: self.lanes[limit].rule.edge(value)? });
        let ahead = |limit: &&usize| {
            let lane = &self.lanes[**limit];
            lane.armed && lane.rule.breached(value) == Some(false)
        };
        let distance = |e: &Edge| (e.at - value).abs();
        let next = metric.limits.iter().filter(ahead).filter_map(|l| edge(*l));
        next.min_by(|a, b| distance(a).total_cmp(&distance(b))).or_else(|| decides.and_then(edge))
    }
}

/// What a source's own doing makes of a tile.
fn source_state(feed: &Feed, now: DateTime<Utc>) -> TileState {
    match feed.evidence(now) {
        Evidence::Value(_) => TileState::NotJudged,
        Evidence::Failed(_) => TileState::Error,
        Evidence::Missing if feed.stale(now) => TileState::Stale,
        Evidence::Missing => TileState::NoData,
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
