//! Silences and baselines: what people say about rules. A silence keeps an alert quiet, never out
//! of sight, and blocks a gate no less; a baseline makes a relative limit judgeable.

use chrono::{DateTime, TimeDelta, Utc};

use super::decide::Refusal;
use super::event::{Entry, Event, There};
use super::fold::Room;
use super::intent::Intent;
use crate::plan::binding::normal;
use crate::plan::{Threshold, ThresholdId};
use crate::text;

/// The longest silence.
pub const MAX_SILENCE: TimeDelta = TimeDelta::hours(4);

/// So many baselines of a metric can be taken back; the journal has them all.
const KEPT: usize = 20;
/// A reason of elsewhere is cut here.
const MAX_REASON: usize = 300;

/// An alert that shall be quiet for a while.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Silence {
    /// Who wanted it.
    pub by: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// When it ends by itself.
    pub until: DateTime<Utc>,
    /// What it is elsewhere, where it was made there.
    pub there: Option<There>,
}

/// What a relative limit is compared with.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Baseline {
    /// The plan's metric.
    pub metric: String,
    /// In the signal's unit.
    pub value: f64,
    /// Who captured it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// How it came about: "mean of 180 samples in 15m", "typed".
    pub from: String,
}

impl Room {
    /// The silence that a limit is under at `now`.
    pub fn silence(&self, rule: &ThresholdId, now: DateTime<Utc>) -> Option<&Silence> {
        self.silences.get(rule).filter(|s| s.until > now)
    }

    /// All silences at `now`, with their limits.
    pub fn silences(&self, now: DateTime<Utc>) -> impl Iterator<Item = (&ThresholdId, &Silence)> {
        self.silences.iter().filter(move |(_, s)| s.until > now)
    }

    /// Whether a silence of elsewhere was ended for this room.
    pub fn is_lifted(&self, id: &str) -> bool {
        self.lifted.contains(id)
    }

    /// The baselines captured last, by metric.
    pub fn baselines(&self) -> impl Iterator<Item = &Baseline> {
        self.baselines.values().filter_map(|all| all.last())
    }

    /// The baseline that a metric is compared with.
    pub fn baseline(&self, metric: &str) -> Option<&Baseline> {
        self.baselines.get(&normal(metric))?.last()
    }

    pub(super) fn apply_silence(&mut self, entry: &Entry) {
        match &entry.event {
            Event::AlertSilenced { rule, reason, until, there, .. } => {
                let by =
                    there.as_ref().map_or_else(|| entry.by.clone(), |t| format!("{} ({})", t.by, t.source));
                let (reason, there) = (reason.clone(), there.clone());
                let silence = Silence { by, at: entry.at, reason, until: *until, there };
                self.silences.insert(rule.clone(), silence);
            }
            Event::SilenceEnded { rule, .. } => {
                let ended = self.silences.remove(rule);
                self.lifted.extend(ended.and_then(|s| s.there).map(|there| there.id));
            }
            Event::BaselineCaptured { metric, value, from } => {
                let (by, from) = (entry.by.clone(), from.clone());
                let baseline = Baseline { metric: metric.clone(), value: *value, by, at: entry.at, from };
                let all = self.baselines.entry(normal(metric)).or_default();
                if all.len() == KEPT {
                    all.remove(0);
                }
                all.push(baseline);
            }
            Event::BaselineWithdrawn { metric } => {
                self.baselines.get_mut(&normal(metric)).map(Vec::pop);
            }
            _ => {}
        }
    }
}

/// Judges what is said of a rule.
pub(super) fn judge(room: &Room, intent: &Intent, now: DateTime<Utc>) -> Result<Event, Refusal> {
    match intent {
        Intent::Silence { rule, reason, until } => silence(room, rule, reason, *until, now),
        Intent::Unsilence(rule) => match room.silence(rule, now) {
            None => Err(Refusal::Already("that alert is not silenced".to_owned())),
            Some(_) => {
                Ok(Event::SilenceEnded { rule: rule.clone(), signal: signal(room, rule)?, there: None })
            }
        },
        Intent::FindSilence { rule, reason, until, there } => found(room, rule, reason, *until, there, now),
        Intent::LoseSilence { rule, there } => match room.silence(rule, now) {
            None => Err(Refusal::Already("that alert is not silenced".to_owned())),
            Some(_) => {
                let (rule, signal, there) = (rule.clone(), signal(room, rule)?, Some(there.clone()));
                Ok(Event::SilenceEnded { rule, signal, there })
            }
        },
        Intent::CaptureBaseline { metric, value, from } => capture(room, metric, *value, from),
        Intent::WithdrawBaseline { metric } => match room.baseline(metric) {
            Some(known) => Ok(Event::BaselineWithdrawn { metric: known.metric.clone() }),
            None => Err(Refusal::Already(format!("{metric} has no baseline"))),
        },
        _ => Err(Refusal::Already("that is known already".to_owned())),
    }
}

fn silence(
    room: &Room,
    rule: &ThresholdId,
    reason: &str,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    let signal = signal(room, rule)?;
    let reason = super::decide::worded("reason", reason)?;
    if until <= now {
        return Err(Refusal::Text(format!("the silence of {signal} would be over already")));
    }
    if until - now > MAX_SILENCE {
        return Err(Refusal::Text(format!("a silence lasts at most 4 h; silence {signal} again then")));
    }
    let same = |s: &&super::Silence| s.until == until && s.reason == reason;
    if let Some(known) = room.silence(rule, now).filter(same) {
        return Err(Refusal::Already(format!("{} silenced {signal} already", known.by)));
    }
    Ok(Event::AlertSilenced { rule: rule.clone(), signal, reason, until, there: None })
}

/// A silence of elsewhere, as it is: how long it lasts is for others to say.
fn found(
    room: &Room,
    rule: &ThresholdId,
    reason: &str,
    until: DateTime<Utc>,
    there: &There,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    let signal = signal(room, rule)?;
    let known = room.silence(rule, now).is_some_and(|s| s.until == until && s.there.as_ref() == Some(there));
    if known || until <= now || room.is_lifted(&there.id) {
        return Err(Refusal::Already("that silence is known already".to_owned()));
    }
    let said: String = text::clean(reason.trim()).chars().take(MAX_REASON).collect();
    let reason = if said.is_empty() { "no reason given".to_owned() } else { said };
    Ok(Event::AlertSilenced { rule: rule.clone(), signal, reason, until, there: Some(there.clone()) })
}

fn capture(room: &Room, metric: &str, value: f64, from: &str) -> Result<Event, Refusal> {
    let wanted = normal(metric);
    let named = |t: &&Threshold| normal(&t.metric) == wanted;
    let mut limits = room.plan.thresholds.iter().filter(named);
    let Some(first) = limits.clone().next() else {
        return Err(Refusal::Unknown { what: "metric", id: metric.to_owned() });
    };
    if !limits.any(|t| t.baseline) {
        return Err(Refusal::NotYet(format!("no limit on {} is relative to a baseline", first.metric)));
    }
    if !value.is_finite() {
        return Err(Refusal::Text(format!("{value} is no baseline for {}", first.metric)));
    }
    let from = super::decide::worded("origin", from)?;
    Ok(Event::BaselineCaptured { metric: first.metric.clone(), value, from })
}

/// The metric of a limit: of the plan's, or of one that fires and is not in the plan any more.
fn signal(room: &Room, rule: &ThresholdId) -> Result<String, Refusal> {
    let planned = room.plan.thresholds.iter().find(|t| t.id == *rule).map(|t| t.metric.clone());
    let firing = || room.alerts.get(rule).map(|a| a.signal.clone());
    planned.or_else(firing).ok_or_else(|| Refusal::Unknown { what: "limit", id: rule.to_string() })
}
