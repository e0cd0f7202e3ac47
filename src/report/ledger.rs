//! The room's journal read once from its beginning: what the room itself forgets and a report tells.
//!
//! Memory is bounded by what people did, not by what machines said: of alerts, of times that a limit
//! was blind and of the story only so many are kept, and how many were left out is said.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::account::{
    BaselineTold, Blind, Condition, Edition, GateTold, Hold, Override, SilenceTold, T0Set, Told, Who,
};
use super::kept::Kept;
use super::kinds::{is_told, kind_of};
use crate::plan::binding::normal;
use crate::plan::{PhaseId, Plan, ThresholdId};
use crate::room::{Entry, Event, Room};
use crate::signal::Rank;

/// So many alerts, and so many times that a limit was blind, are kept one by one.
const MOST: usize = 5_000;
/// So much of the story is kept from its beginning, and as much from its end.
const HALF_STORY: usize = 1_000;

/// Gives the reading of a plan by its digest, as far as the journal has its bytes.
pub type Plans<'a> = Box<dyn FnMut(&str) -> Option<Arc<Plan>> + 'a>;

/// An alert from its firing to its end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Episode {
    pub rule: ThresholdId,
    pub signal: String,
    pub limit: String,
    pub rank: Rank,
    pub line: usize,
    pub value: Option<f64>,
    pub at: DateTime<Utc>,
    pub ended: Option<(DateTime<Utc>, &'static str)>,
    pub acknowledged: Option<Who>,
}

/// A flag that somebody changed by hand.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ByHand {
    pub flag: String,
    pub value: String,
    pub who: Who,
}

/// A room, and what it forgets.
pub struct Ledger<'a> {
    pub(super) room: Room,
    plans: Plans<'a>,
    /// The plan's bytes are not there: what the plan says cannot be told.
    pub(super) planless: bool,
    pub(super) editions: Vec<Edition>,
    pub(super) t0s: Vec<T0Set>,
    pub(super) holds: HashMap<PhaseId, Vec<Hold>>,
    pub(super) gates: Vec<GateTold>,
    /// What people decided together.
    pub(super) kept: Kept,
    pub(super) alerts: Vec<Episode>,
    pub(super) alerts_left_out: usize,
    pub(super) blind: Vec<(ThresholdId, Blind)>,
    pub(super) conditions: Vec<(Uuid, Condition)>,
    pub(super) by_hand: Vec<ByHand>,
    /// Words of the steps of runs.
    pub(super) steps: HashMap<(Uuid, usize), String>,
    pub(super) overrides: Vec<Override>,
    pub(super) silences: Vec<(ThresholdId, SilenceTold)>,
    pub(super) baselines: Vec<BaselineTold>,
    pub(super) story: Vec<Told>,
    pub(super) latest: VecDeque<Told>,
    pub(super) left_out: usize,
    /// Events that this version does not understand.
    pub(super) foreign: usize,
    pub(super) last: Option<DateTime<Utc>>,
    /// The first bad place of a journal that breaks.
    pub(super) broken: Option<u64>,
}

impl<'a> Ledger<'a> {
    /// An empty one; `plans` is asked only when a plan is needed.
    pub fn new(plans: Plans<'a>) -> Self {
        Self {
            room: Room::default(),
            plans,
            planless: false,
            editions: vec![],
            t0s: vec![],
            holds: HashMap::new(),
            gates: vec![],
            kept: Kept::default(),
            alerts: vec![],
            alerts_left_out: 0,
            blind: vec![],
            conditions: vec![],
            by_hand: vec![],
            steps: HashMap::new(),
            overrides: vec![],
            silences: vec![],
            baselines: vec![],
            story: vec![],
            latest: VecDeque::new(),
            left_out: 0,
            foreign: 0,
            last: None,
            broken: None,
        }
    }

    /// Takes the next entry of the journal. One that was taken already changes nothing.
    pub fn take(&mut self, entry: &Entry) {
        if entry.seq <= self.room.seq {
            return;
        }
        self.gate(entry);
        self.kept.before(&self.room, entry);
        self.room.apply(entry);
        self.kept.after(&self.room, entry);
        self.last = self.last.max(Some(entry.at));
        self.room_entry(entry);
        self.phase_entry(entry);
        self.alert_entry(entry);
        self.rule_entry(entry);
        self.lever_entry(entry);
        self.tell(entry);
    }

    /// The journal cannot be read from this place on.
    pub fn breaks_at(&mut self, seq: u64) {
        self.broken = Some(seq);
    }

    /// The room as its journal leaves it, with the plan it follows.
    pub fn room(&mut self) -> &Room {
        self.catch_up();
        &self.room
    }

    /// Has the room look at the plan that it follows.
    pub(super) fn catch_up(&mut self) {
        if self.room.plan.digest == self.room.digest || self.room.digest.is_empty() {
            return;
        }
        match (self.plans)(&self.room.digest) {
            Some(plan) => self.room.follow(plan),
            None => self.planless = true,
        }
    }

    /// What a gate said when its phase was completed: the room as it was just before.
    fn gate(&mut self, entry: &Entry) {
        let Event::PhaseCompleted { phase, name, overridden, against } = &entry.event else { return };
        self.catch_up();
        let gate = self.room.plan.phase(phase).map(|p| self.room.gate(p));
        let verdict = gate.as_ref().map_or("not known", |g| g.verdict.as_str()).to_owned();
        let reasons = gate.map(|g| g.reasons).unwrap_or_default();
        let (at, by) = (Some(entry.at), Some(entry.by.clone()));
        self.overrides.extend(overridden.as_ref().map(|reason| Override {
            what: format!("{name} was completed though its gate said {verdict}"),
            // What stood then, as it was recorded; older journals do not say it.
            against: if against.is_empty() { reasons.clone() } else { against.clone() },
            reason: reason.clone(),
            by: entry.by.clone(),
            at: entry.at,
        }));
        let overridden = overridden.clone();
        self.gates.push(GateTold { phase: name.clone(), at, by, verdict, reasons, overridden });
    }

    fn room_entry(&mut self, entry: &Entry) {
        match &entry.event {
            Event::PlanAdopted { digest, carried, .. } => {
                let change = carried.as_ref().map(|c| c.to_string());
                let (at, by, digest) = (entry.at, entry.by.clone(), digest.clone());
                self.editions.push(Edition { at, by, digest, change });
                if let Some(carried) = carried {
                    let holds = std::mem::take(&mut self.holds).into_iter();
                    self.holds = holds.map(|(id, holds)| (carried.phase(&id).clone(), holds)).collect();
                    let open = self.alerts.iter_mut().filter(|a| a.ended.is_none());
                    open.for_each(|a| a.rule = carried.rule(&a.rule).clone());
                    self.blind.iter_mut().for_each(|(rule, _)| *rule = carried.rule(rule).clone());
                    self.silences.iter_mut().for_each(|(rule, _)| *rule = carried.rule(rule).clone());
                }
            }
            Event::T0Set { instant, .. } => {
                self.t0s.push(T0Set { at: entry.at, by: entry.by.clone(), t0: *instant });
            }
            Event::Unknown { .. } => self.foreign += 1,
            _ => {}
        }
    }

    fn phase_entry(&mut self, entry: &Entry) {
        match &entry.event {
            Event::PhaseHeld { phase, reason, .. } => {
                let (from, reason, by) = (entry.at, reason.clone(), entry.by.clone());
                self.holds.entry(phase.clone()).or_default().push(Hold { from, to: None, reason, by });
            }
            Event::PhaseResumed { phase, .. }
            | Event::PhaseCompleted { phase, .. }
            | Event::PhaseStarted { phase, .. } => {
                let open = self.holds.get_mut(phase).and_then(|holds| holds.last_mut());
                open.into_iter().for_each(|hold| {
                    hold.to.get_or_insert(entry.at);
                });
            }
            _ => {}
        }
    }

    fn alert_entry(&mut self, entry: &Entry) {
        match &entry.event {
            Event::AlertFired { .. } => self.fired(entry),
            Event::AlertResolved { rule, signal, .. } => {
                self.close(rule, signal, entry.at, "back inside its limit");
            }
            Event::AlertSuperseded { rule, signal } => {
                self.close(rule, signal, entry.at, "judged by another limit from then on");
            }
            Event::AlertAcknowledged { rule, signal } => {
                let who = Who { by: entry.by.clone(), at: entry.at };
                if let Some(alert) = self.open(rule, signal) {
                    alert.acknowledged.get_or_insert(who);
                }
            }
            Event::SignalLost { rule, signal, why } if self.blind.len() < MOST => {
                let why = why.clone().unwrap_or_else(|| "no data".to_owned());
                let blind = Blind { signal: signal.clone(), why, from: entry.at, to: None };
                self.blind.push((rule.clone(), blind));
            }
            Event::SignalFound { rule, .. } => {
                let open = self.blind.iter_mut().rev().find(|(id, b)| id == rule && b.to.is_none());
                open.into_iter().for_each(|(_, blind)| blind.to = Some(entry.at));
            }
            _ => {}
        }
    }

    fn fired(&mut self, entry: &Entry) {
        let Event::AlertFired { rule, signal, limit, rank, line, value } = &entry.event else { return };
        if self.alerts.len() >= MOST {
            self.alerts_left_out += 1;
            return;
        }
        self.alerts.push(Episode {
            rule: rule.clone(),
            signal: signal.clone(),
            limit: limit.clone(),
            rank: Rank::of(Some(rank)),
            line: *line,
            value: *value,
            at: entry.at,
            ended: None,
            acknowledged: None,
        });
    }

    /// The alert of a limit that is not over.
    fn open(&mut self, rule: &ThresholdId, signal: &str) -> Option<&mut Episode> {
        let place =
            |fits: &dyn Fn(&Episode) -> bool| self.alerts.iter().rposition(|a| a.ended.is_none() && fits(a));
        let found =
            place(&|a| a.rule == *rule).or_else(|| place(&|a| normal(&a.signal) == normal(signal)))?;
        self.alerts.get_mut(found)
    }

    fn close(&mut self, rule: &ThresholdId, signal: &str, at: DateTime<Utc>, how: &'static str) {
        if let Some(alert) = self.open(rule, signal) {
            alert.ended = Some((at, how));
        }
    }

    fn rule_entry(&mut self, entry: &Entry) {
        match &entry.event {
            Event::AlertSilenced { rule, signal, reason, until, there } => {
                let by = there.as_ref().map_or(&entry.by, |there| &there.by).clone();
                let (signal, reason, at) = (signal.clone(), reason.clone(), entry.at);
                let told = SilenceTold { signal, reason, by, at, until: *until, ended: None };
                self.silences.push((rule.clone(), told));
            }
            Event::SilenceEnded { rule, .. } => {
                let open = self.silences.iter_mut().rev().find(|(id, s)| id == rule && s.ended.is_none());
                open.into_iter().for_each(|(_, s)| s.ended = Some(entry.at));
            }
            Event::BaselineCaptured { metric, value, from } => {
                let (metric, from, by) = (metric.clone(), from.clone(), entry.by.clone());
                let told = BaselineTold { metric, value: *value, from, by, at: entry.at, withdrawn: false };
                self.baselines.push(told);
            }
            Event::BaselineWithdrawn { metric } => {
                let same = |b: &&mut BaselineTold| normal(&b.metric) == normal(metric) && !b.withdrawn;
                self.baselines.iter_mut().rev().find(same).into_iter().for_each(|b| b.withdrawn = true);
            }
            Event::TriggerHappened { text, rank, reason, .. } => {
                let (text, reason, by) = (text.clone(), reason.clone(), entry.by.clone());
                let rank = Rank::of(Some(rank)).word().to_owned();
                let told = Condition { text, rank, by, at: entry.at, reason, ended: None, end: None };
                self.conditions.push((entry.id, told));
            }
            Event::TriggerOver { happening, reason, .. } => {
                let found = self.conditions.iter_mut().find(|(id, _)| id == happening);
                found.into_iter().for_each(|(_, c)| {
                    (c.ended, c.end) = (Some(entry.at), Some(reason.clone()));
                });
            }
            _ => {}
        }
    }

    fn lever_entry(&mut self, entry: &Entry) {
        match &entry.event {
            Event::FlagRecorded { flag, value } => {
                let who = Who { by: entry.by.clone(), at: entry.at };
                self.by_hand.push(ByHand { flag: flag.clone(), value: value.clone(), who });
            }
            Event::StepStarted { run, step, text, .. } | Event::StepEnded { run, step, text, .. } => {
                self.steps.entry((*run, *step)).or_insert_with(|| text.clone());
            }
            Event::RungOverridden { flag, to, reason, against } => self.overrides.push(Override {
                what: format!("The guard of {flag} → {to} was opened"),
                against: vec![against.clone()],
                reason: reason.clone(),
                by: entry.by.clone(),
                at: entry.at,
            }),
            Event::SuggestionDismissed { title, reason, .. } => self.overrides.push(Override {
                what: format!("{title} was called for and declined"),
                against: vec![],
                reason: reason.clone(),
                by: entry.by.clone(),
                at: entry.at,
            }),
            _ => {}
        }
    }

    fn tell(&mut self, entry: &Entry) {
        if !is_told(&entry.event) {
            return;
        }
        let kind = kind_of(&entry.event);
        let (seq, at, by, text) = (entry.seq, entry.at, entry.by.clone(), entry.event.sentence());
        let told = Told { seq, at, by, kind, text };
        if self.story.len() < HALF_STORY {
            return self.story.push(told);
        }
        if self.latest.len() == HALF_STORY {
            self.latest.pop_front();
            self.left_out += 1;
        }
        self.latest.push_back(told);
    }

    /// Moments of these kinds, oldest first.
    pub(super) fn told(&self) -> impl Iterator<Item = &Told> {
        self.story.iter().chain(&self.latest)
    }
}
