//! The evaluation: what is known of every signal now, what each rule makes of it, what crossed. Pure.

use chrono::{DateTime, Utc};

use super::feed::Evidence;
use super::judge::{Look, Outcome, Turn, Verdict};
use super::lane::Lane;
use super::{Crossed, Crossing, Signals};
use crate::plan::PhaseId;

/// What is known of a signal.
struct Known {
    evidence: Evidence,
    /// It was not known at the evaluation before.
    fresh: bool,
}

impl Signals {
    /// Judges every rule by what is known at `now`; `armed` says which phases are open. To be
    /// called about once a second: a rule fires at an evaluation, never between two.
    pub fn evaluate(&mut self, now: DateTime<Utc>, armed: &dyn Fn(&PhaseId) -> bool) -> Vec<Crossing> {
        let known = self.settle(now);
        let mut crossings = vec![];
        for (index, armed) in self.armed(armed).into_iter().enumerate() {
            if self.lanes[index].signal.is_none() || self.lanes[index].rule.open().is_some() {
                continue;
            }
            let outcome = if armed {
                let look = self.look(index, &known, now);
                let lane = &mut self.lanes[index];
                lane.judge.advance(&lane.rule, &look)
            } else if self.lanes[index].armed {
                self.lanes[index].judge.disarm(Crossed::Resolved)
            } else {
                vec![]
            };
            self.lanes[index].armed = armed;
            self.record(index, outcome, Some(&known).filter(|_| armed), now, &mut crossings);
        }
        crossings
    }

    fn settle(&mut self, now: DateTime<Utc>) -> Vec<Known> {
        if self.now.replace(now).is_some_and(|before| now < before) {
            self.feeds.iter_mut().for_each(|f| f.set_back(now));
        }
        self.derive(now);
        let known = self.feeds.iter_mut().map(|feed| {
            let fresh = feed.settle(now);
            Known { evidence: feed.evidence(now), fresh }
        });
        known.collect()
    }

    /// Which lanes are judged: those whose phase is open, less those that such a one stands in for.
    fn armed(&self, open: &dyn Fn(&PhaseId) -> bool) -> Vec<bool> {
        let phases: Vec<bool> = self.phases.iter().map(open).collect();
        let on = |lane: &Lane| lane.phase.is_none_or(|p| phases[p]);
        self.lanes.iter().map(|l| on(l) && !l.deputies.iter().any(|d| on(&self.lanes[*d]))).collect()
    }

    fn look(&self, index: usize, known: &[Known], now: DateTime<Utc>) -> Look {
        let lane = &self.lanes[index];
        let alert = lane.judge.state.is_alert();
        let own = || self.verdict(index, known, alert);
        let together = lane.allies.iter().map(|ally| self.verdict(*ally, known, alert)).reduce(Verdict::and);
        let all = std::slice::from_ref(&index).iter().chain(&lane.allies);
        let fresh = all.filter_map(|l| self.lanes[*l].signal).any(|signal| known[signal].fresh);
        Look {
            verdict: together.unwrap_or_else(own),
            fresh,
            grey: self.grey(lane, known),
            now,
            interval: lane.signal.map_or_else(Default::default, |s| self.feeds[s].interval),
        }
    }

    /// What a rule's own signal says, where there is enough traffic to listen to it.
    fn verdict(&self, index: usize, known: &[Known], alert: bool) -> Verdict {
        let lane = &self.lanes[index];
        match lane.floor.map(|(signal, least)| (signal.map(|s| &known[s].evidence), least)) {
            Some((Some(Evidence::Value(traffic)), least)) if *traffic < least => return Verdict::Thin,
            Some((Some(Evidence::Value(_)), _)) | None => {}
            Some((Some(Evidence::Failed(why, times)), _)) => return Verdict::Failed(why.clone(), *times),
            Some((Some(Evidence::Missing) | None, _)) => return Verdict::Thin,
        }
        let Some(signal) = lane.signal else { return Verdict::Missing };
        match &known[signal].evidence {
            Evidence::Value(value) => {
                let judged =
                    if alert { lane.rule.still_breached(*value) } else { lane.rule.breached(*value) };
                judged.map_or(Verdict::Missing, |bad| if bad { Verdict::Breach } else { Verdict::Pass })
            }
            Evidence::Missing => Verdict::Missing,
            Evidence::Failed(why, times) => Verdict::Failed(why.clone(), *times),
        }
    }

    /// Whether the rollback limits of a target's signal are judged, and none is met.
    fn grey(&self, lane: &Lane, known: &[Known]) -> bool {
        let verdict = |far: &usize| self.verdict(*far, known, self.lanes[*far].judge.state.is_alert());
        !lane.far.is_empty() && lane.far.iter().all(|far| verdict(far) == Verdict::Pass)
    }

    fn record(
        &self,
        index: usize,
        outcome: Outcome,
        known: Option<&Vec<Known>>,
        at: DateTime<Utc>,
        crossings: &mut Vec<Crossing>,
    ) {
        let lane = &self.lanes[index];
        if outcome.is_empty() || !lane.speaks(index) {
            return;
        }
        let evidence = known.zip(lane.signal).map(|(known, signal)| &known[signal].evidence);
        let value = evidence.and_then(|e| if let Evidence::Value(v) = e { Some(*v) } else { None });
        crossings.extend(outcome.into_iter().map(|turn| Crossing {
            rule: lane.rule.id.clone(),
            signal: lane.signal.map(|s| self.feeds[s].name.to_string()).unwrap_or_default(),
            kind: turn.kind,
            value,
            at,
            since: turn.since,
            notice: turn.notice,
            why: (turn.kind == Crossed::Blind).then(|| self.missing(index, evidence)),
        }));
    }

    /// The alerts that fire and the rules that are blind, as crossings: what the journal should know
    /// by now. For whoever takes the watch over, and where an entry was not stored.
    pub fn stand(&self, now: DateTime<Utc>) -> Vec<Crossing> {
        let mut crossings = vec![];
        for (index, lane) in self.lanes.iter().enumerate().filter(|(_, l)| l.armed && l.rule.alerts()) {
            let turn = |kind, since| Turn { kind, since, notice: false };
            let firing = lane.judge.fired.filter(|_| lane.judge.state.is_alert());
            let blind = lane.judge.missing.filter(|_| lane.judge.blind);
            let outcome = firing.map(|since| turn(Crossed::Fired, since));
            let outcome = outcome.into_iter().chain(blind.map(|since| turn(Crossed::Blind, since)));
            let before = crossings.len();
            self.record(index, outcome.collect(), None, now, &mut crossings);
            let value = lane.signal.and_then(|s| self.feeds[s].series.last()).map(|s| s.value);
            crossings[before..].iter_mut().for_each(|c| c.value = value);
        }
        crossings
    }

    /// What a blind rule lacks.
    fn missing(&self, index: usize, evidence: Option<&Evidence>) -> String {
        match (evidence, &self.lanes[index].floor) {
            (Some(Evidence::Failed(why, _)), _) => why.to_string(),
            (Some(Evidence::Value(_)), Some(_)) => "too little traffic to judge".to_owned(),
            _ => "no data".to_owned(),
        }
    }

    /// What is over because its rule is.
    pub(super) fn supersede(&mut self, now: DateTime<Utc>) -> Vec<Crossing> {
        let mut over = vec![];
        for index in 0..self.lanes.len() {
            let outcome = self.lanes[index].judge.disarm(Crossed::Superseded);
            self.record(index, outcome, None, now, &mut over);
        }
        over
    }
}
