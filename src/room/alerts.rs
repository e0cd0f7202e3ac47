//! Alerts of a room: which fire, who has them in hand, and what cannot be judged.
//!
//! The process with the watch evaluates and records crossings; everybody else only reads them here.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::cause::{Cause, CauseKind};
use super::decide::Refusal;
use super::event::{Entry, Event};
use super::fold::Room;
use super::intent::Intent;
use crate::plan::ThresholdId;
use crate::signal::Rank;

/// A limit that is or was breached.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Alert {
    /// The limit.
    pub rule: ThresholdId,
    /// The metric.
    pub signal: String,
    /// The healthy side in words.
    pub limit: String,
    /// How bad.
    pub rank: Rank,
    /// The plan's line.
    pub line: usize,
    /// What was measured when it fired.
    pub value: Option<f64>,
    /// When it first fired in this room.
    pub first: DateTime<Utc>,
    /// When it fired.
    pub since: DateTime<Utc>,
    /// Who has it in hand, and since when.
    pub acknowledged: Option<(String, DateTime<Utc>)>,
    /// When it was over.
    pub resolved: Option<DateTime<Utc>>,
}

/// The latest alert of each limit. Those that fire are asked for many times a frame, so they are kept
/// in the order in which people are told of them.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Alerts {
    all: Vec<Alert>,
    places: BTreeMap<ThresholdId, usize>,
    /// Places of those that fire, the worst first, then the oldest.
    firing: Vec<usize>,
}

impl Alerts {
    /// The alert of a limit, over or not.
    pub fn get(&self, rule: &ThresholdId) -> Option<&Alert> {
        self.places.get(rule).map(|place| &self.all[*place])
    }

    fn firing(&self) -> impl Iterator<Item = &Alert> {
        self.firing.iter().map(|place| &self.all[*place])
    }

    /// Takes one up, or in the place of the one before on its limit.
    pub fn put(&mut self, alert: Alert) {
        let place = *self.places.entry(alert.rule.clone()).or_insert(self.all.len());
        match self.all.get_mut(place) {
            Some(before) => *before = alert,
            None => self.all.push(alert),
        }
        self.firing.retain(|p| *p != place);
        if self.all[place].resolved.is_none() {
            let urgency = |p: usize| (self.all[p].rank, self.all[p].since, &self.all[p].rule);
            let at = self.firing.partition_point(|p| urgency(*p) < urgency(place));
            self.firing.insert(at, place);
        }
    }

    fn change(&mut self, rule: &ThresholdId, change: impl FnOnce(&mut Alert)) {
        if let Some(mut alert) = self.get(rule).cloned() {
            change(&mut alert);
            self.put(alert);
        }
    }

    /// All of them by their limits.
    pub fn into_map(self) -> HashMap<ThresholdId, Alert> {
        self.all.into_iter().map(|alert| (alert.rule.clone(), alert)).collect()
    }
}

/// A limit that cannot be judged.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Lost {
    /// The metric.
    pub signal: String,
    /// What it lacks.
    pub why: Option<String>,
    /// The entry that said so.
    pub seq: u64,
}

impl Room {
    /// What fires, the worst first, then the oldest.
    pub fn firing(&self) -> Vec<&Alert> {
        self.alerts.firing().collect()
    }

    /// The alert of a limit, if it fires.
    pub fn fires(&self, rule: &ThresholdId) -> Option<&Alert> {
        self.alerts.get(rule).filter(|a| a.resolved.is_none())
    }

    /// The latest firing of each limit, over or not, in the order they began.
    pub fn alerts(&self) -> Vec<&Alert> {
        let mut all: Vec<_> = self.alerts.all.iter().collect();
        all.sort_by(|a, b| (a.since, &a.rule).cmp(&(b.since, &b.rule)));
        all
    }

    /// Whether a limit is known not to be judged.
    pub fn is_lost(&self, rule: &ThresholdId) -> bool {
        self.lost.contains_key(rule)
    }

    /// The limits that cannot be judged, with their metrics.
    pub fn lost(&self) -> impl Iterator<Item = (&ThresholdId, &str)> {
        self.lost.iter().map(|(rule, lost)| (rule, lost.signal.as_str()))
    }

    /// Why gates doubt: each metric that cannot be judged, with what it lacks.
    pub(super) fn unjudged(&self) -> impl Iterator<Item = Cause> {
        self.lost.iter().map(|(rule, lost)| {
            let why = lost.why.as_deref().unwrap_or("no data");
            let words = format!("{} cannot be judged: {why}", lost.signal);
            let line = self.plan.thresholds.iter().find(|t| t.id == *rule).map_or(0, |t| t.line);
            Cause::doubt(CauseKind::Blind, rule, words).at(line)
        })
    }

    pub(super) fn apply_alert(&mut self, entry: &Entry) {
        match &entry.event {
            Event::AlertFired { rule, signal, limit, rank, line, value } => {
                let alert = Alert {
                    rule: rule.clone(),
                    signal: signal.clone(),
                    limit: limit.clone(),
                    rank: Rank::of(Some(rank)),
                    line: *line,
                    value: *value,
                    first: self.alerts.get(rule).map_or(entry.at, |a| a.first),
                    since: entry.at,
                    acknowledged: None,
                    resolved: None,
                };
                self.alerts.put(alert);
            }
            Event::AlertResolved { rule, .. } | Event::AlertSuperseded { rule, .. } => {
                self.alerts.change(rule, |alert| {
                    alert.resolved.get_or_insert(entry.at);
                });
                self.apply_suggestion(entry);
            }
            Event::AlertAcknowledged { rule, .. } => {
                self.alerts.change(rule, |alert| alert.acknowledged = Some((entry.by.clone(), entry.at)));
            }
            Event::SignalLost { rule, signal, why } => {
                let lost = Lost { signal: signal.clone(), why: why.clone(), seq: entry.seq };
                self.lost.insert(rule.clone(), lost);
                self.found.remove(rule);
            }
            Event::SignalFound { rule, .. } => {
                let lost = self.lost.remove(rule);
                self.found.extend(lost.map(|lost| (rule.clone(), Lost { seq: entry.seq, ..lost })));
            }
            _ => {}
        }
    }
}

/// Judges what is said of an alert.
pub(super) fn judge(room: &Room, intent: &Intent) -> Result<Event, Refusal> {
    let already = |what: String| Err(Refusal::Already(what));
    match intent {
        Intent::RaiseAlert { rule, signal, limit, rank, line, value } => match room.fires(rule) {
            Some(_) => already(format!("{signal} fires already")),
            None => Ok(Event::AlertFired {
                rule: rule.clone(),
                signal: signal.clone(),
                limit: limit.clone(),
                rank: rank.clone(),
                line: *line,
                value: value.filter(|v| v.is_finite()),
            }),
        },
        Intent::ResolveAlert { rule, value } => match room.fires(rule) {
            Some(alert) => Ok(Event::AlertResolved {
                rule: rule.clone(),
                signal: alert.signal.clone(),
                value: value.filter(|v| v.is_finite()),
            }),
            None => already("that alert is not firing".to_owned()),
        },
        Intent::Acknowledge(rule) => match room.fires(rule) {
            None => already("that alert is not firing".to_owned()),
            Some(Alert { acknowledged: Some((who, _)), .. }) => already(format!("{who} has it already")),
            Some(alert) => Ok(Event::AlertAcknowledged { rule: rule.clone(), signal: alert.signal.clone() }),
        },
        Intent::SupersedeAlert(rule) => match room.fires(rule) {
            None => already("that alert is not firing".to_owned()),
            Some(alert) => Ok(Event::AlertSuperseded { rule: rule.clone(), signal: alert.signal.clone() }),
        },
        Intent::LoseSignal { rule, signal, why } if !room.lost.contains_key(rule) => {
            Ok(Event::SignalLost { rule: rule.clone(), signal: signal.clone(), why: why.clone() })
        }
        Intent::FindSignal { rule } if room.lost.contains_key(rule) => {
            Ok(Event::SignalFound { rule: rule.clone(), signal: room.lost[rule].signal.clone() })
        }
        _ => already("that is known already".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(rule: usize, rank: Rank, second: i64) -> Alert {
        let at = DateTime::from_timestamp(second, 0).unwrap();
        Alert {
            rule: format!("r{rule}").as_str().into(),
            signal: String::new(),
            limit: String::new(),
            rank,
            line: 0,
            value: None,
            first: at,
            since: at,
            acknowledged: None,
            resolved: None,
        }
    }

    #[test]
    fn what_fires_stays_in_order_whatever_happens() {
        let ranks = [Rank::Critical, Rank::High, Rank::Medium, Rank::Low];
        let mut alerts = Alerts::default();
        for n in 0..200 {
            let rule = n * 7 % 31;
            match n % 3 {
                0 => alerts.change(&alert(rule, Rank::Low, 0).rule, |a| a.resolved = Some(a.since)),
                _ => alerts.put(alert(rule, ranks[n * 5 % 4], (n * 13 % 17) as i64)),
            }
            let mut all: Vec<_> = alerts.all.iter().filter(|a| a.resolved.is_none()).collect();
            all.sort_by(|a, b| (a.rank, a.since, &a.rule).cmp(&(b.rank, b.since, &b.rule)));
            assert_eq!(alerts.firing().collect::<Vec<_>>(), all);
        }
        assert!(alerts.firing.len() > 5 && alerts.all.len() == 31 && alerts.firing.len() < 31);
    }
}
