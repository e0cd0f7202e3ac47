//! Alerts of a room: which fire, who has them in hand, and what cannot be judged.
//!
//! The process with the watch evaluates and records crossings; everybody else only reads them here.

use chrono::{DateTime, Utc};

use super::decide::Refusal;
use super::event::{Entry, Event};
use super::fold::Room;
use super::intent::Intent;
use crate::plan::ThresholdId;
use crate::signal::Rank;

/// A limit that is or was breached.
#[derive(Clone, Debug, PartialEq)]
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

/// A limit that cannot be judged.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lost {
    /// The metric.
    pub signal: String,
    /// What it lacks.
    pub why: Option<String>,
}

impl Room {
    /// What fires, the worst first, then the oldest.
    pub fn firing(&self) -> Vec<&Alert> {
        let mut firing: Vec<_> = self.alerts.values().filter(|a| a.resolved.is_none()).collect();
        firing.sort_by_key(|a| (a.rank, a.since));
        firing
    }

    /// The latest firing of each limit, over or not, in the order they began.
    pub fn alerts(&self) -> Vec<&Alert> {
        let mut all: Vec<_> = self.alerts.values().collect();
        all.sort_by_key(|a| a.since);
        all
    }

    /// The limits that cannot be judged, with their metrics.
    pub fn lost(&self) -> impl Iterator<Item = (&ThresholdId, &str)> {
        self.lost.iter().map(|(rule, lost)| (rule, lost.signal.as_str()))
    }

    /// Why gates doubt: each metric that cannot be judged, with what it lacks.
    pub(super) fn unjudged(&self) -> impl Iterator<Item = String> {
        let why = |lost: &Lost| lost.why.clone().unwrap_or_else(|| "no data".to_owned());
        self.lost.values().map(move |lost| format!("{} cannot be judged: {}", lost.signal, why(lost)))
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
                self.alerts.insert(rule.clone(), alert);
            }
            Event::AlertResolved { rule, .. } | Event::AlertSuperseded { rule, .. } => {
                if let Some(alert) = self.alerts.get_mut(rule) {
                    alert.resolved.get_or_insert(entry.at);
                }
                self.apply_suggestion(entry);
            }
            Event::AlertAcknowledged { rule, .. } => {
                if let Some(alert) = self.alerts.get_mut(rule) {
                    alert.acknowledged = Some((entry.by.clone(), entry.at));
                }
            }
            Event::SignalLost { rule, signal, why } => {
                let lost = Lost { signal: signal.clone(), why: why.clone() };
                self.lost.insert(rule.clone(), lost);
            }
            Event::SignalFound { rule, .. } => drop(self.lost.remove(rule)),
            _ => {}
        }
    }

    fn firing_alert(&self, rule: &ThresholdId) -> Option<&Alert> {
        self.alerts.get(rule).filter(|a| a.resolved.is_none())
    }
}

/// Judges what is said of an alert.
pub(super) fn judge(room: &Room, intent: &Intent) -> Result<Event, Refusal> {
    let already = |what: String| Err(Refusal::Already(what));
    match intent {
        Intent::RaiseAlert { rule, signal, limit, rank, line, value } => match room.firing_alert(rule) {
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
        Intent::ResolveAlert { rule, value } => match room.firing_alert(rule) {
            Some(alert) => Ok(Event::AlertResolved {
                rule: rule.clone(),
                signal: alert.signal.clone(),
                value: value.filter(|v| v.is_finite()),
            }),
            None => already("that alert is not firing".to_owned()),
        },
        Intent::Acknowledge(rule) => match room.firing_alert(rule) {
            None => already("that alert is not firing".to_owned()),
            Some(Alert { acknowledged: Some((who, _)), .. }) => already(format!("{who} has it already")),
            Some(alert) => Ok(Event::AlertAcknowledged { rule: rule.clone(), signal: alert.signal.clone() }),
        },
        Intent::SupersedeAlert(rule) => match room.firing_alert(rule) {
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
