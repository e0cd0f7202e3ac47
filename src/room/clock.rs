//! The clock of the plan: T counts from the launch instant and stops in holds, so that everything behind
//! a hold moves by its length. A planned hold stops T by itself when T gets there.
//!
//! A hold is where T stands and how long it stands there; instants follow from that.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::decide::{Refusal, worded};
use super::event::{Entry, Event};
use super::fold::{PhaseProgress, Room};
use super::intent::Intent;
use crate::plan::PhaseId;

/// The longest planned hold, and the farthest from T0: a week.
const FARTHEST: i64 = 7 * 86_400;

/// A hold of T.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Where T stands meanwhile.
    pub at: TimeDelta,
    /// For how long; none until somebody lets it go on.
    pub lasts: Option<TimeDelta>,
    /// Whether it was planned ahead.
    pub planned: bool,
    /// Why.
    pub reason: String,
    /// Who wanted it.
    pub by: String,
}

/// What T shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count<'a> {
    /// It counts.
    Runs(TimeDelta),
    /// It stands.
    Held {
        /// Where.
        at: TimeDelta,
        /// Since when.
        since: DateTime<Utc>,
        /// Until when, where that is known.
        until: Option<DateTime<Utc>>,
        /// Which hold.
        pause: &'a Pause,
    },
}

impl Count<'_> {
    /// What the clock says.
    pub fn t(&self) -> TimeDelta {
        match self {
            Count::Runs(t) | Count::Held { at: t, .. } => *t,
        }
    }
}

impl Room {
    /// What T shows; none until the launch instant is set.
    pub fn count(&self, now: DateTime<Utc>) -> Option<Count<'_>> {
        let t0 = self.t0.as_ref()?.at;
        let mut moved = TimeDelta::zero();
        for pause in &self.pauses {
            let since = added(t0, plus(pause.at, moved));
            if now < since {
                break;
            }
            let until = pause.lasts.map(|lasts| added(since, lasts));
            if until.is_none_or(|until| now < until) {
                return Some(Count::Held { at: pause.at, since, until, pause });
            }
            moved = plus(moved, pause.lasts.unwrap_or_default());
        }
        Some(Count::Runs(less(now - t0, moved)))
    }

    /// The holds, in the order in which T gets to them.
    pub fn pauses(&self) -> &[Pause] {
        &self.pauses
    }

    /// The holds that T has not got to yet.
    pub fn holds_ahead(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Pause> {
        let t = self.count(now).map(|count| count.t());
        self.pauses.iter().filter(move |p| p.planned && t.is_some_and(|t| t < p.at))
    }

    /// When T gets to a place, as far as the length of every hold before it is known.
    pub fn instant(&self, t: TimeDelta) -> Option<DateTime<Utc>> {
        Some(added(self.t0.as_ref()?.at, plus(t, self.moved(t))))
    }

    /// By how much what stands at this place of T was moved by holds.
    pub fn moved(&self, t: TimeDelta) -> TimeDelta {
        let before = self.pauses.iter().filter(|p| p.at <= t).filter_map(|p| p.lasts);
        before.fold(TimeDelta::zero(), plus)
    }

    /// How long a phase has been going, without the time it was held, and whether that counts on.
    pub fn phase_clock(&self, phase: &PhaseId, now: DateTime<Utc>) -> Option<(TimeDelta, bool)> {
        let state = self.phase_state(phase);
        let (until, counts) = match state.progress {
            PhaseProgress::Waiting => return None,
            PhaseProgress::Running => (now, true),
            PhaseProgress::Held { since, .. } => (since, false),
            PhaseProgress::Completed { at } => (at, false),
        };
        Some((less(until - state.started?, state.paused).max(TimeDelta::zero()), counts))
    }

    pub(super) fn apply_clock(&mut self, entry: &Entry) {
        match &entry.event {
            Event::T0Set { instant, .. } => {
                let t = entry.at - *instant;
                self.pauses.retain(|p| p.planned && p.at > t);
            }
            Event::ClockHeld { reason } => self.hold_clock(reason, entry),
            Event::ClockResumed { .. } => {
                let Some((place, since)) = self.pause_at(entry.at) else { return };
                self.pauses[place].lasts = Some((entry.at - since).max(TimeDelta::zero()));
            }
            Event::HoldPlanned { t, lasts, reason } if may_plan(self, *t, *lasts, entry.at).is_ok() => {
                let (at, lasts) = (TimeDelta::seconds(*t), TimeDelta::seconds(*lasts));
                self.put_pause(Pause {
                    at,
                    lasts: Some(lasts),
                    planned: true,
                    reason: reason.clone(),
                    by: entry.by.clone(),
                });
            }
            _ => {}
        }
    }

    fn hold_clock(&mut self, reason: &str, entry: &Entry) {
        if let Some((place, _)) = self.pause_at(entry.at) {
            // A planned hold goes on until somebody ends it.
            let pause = &mut self.pauses[place];
            (pause.lasts, pause.reason) = (None, reason.to_owned());
        } else if let Some(Count::Runs(at)) = self.count(entry.at) {
            let (reason, by) = (reason.to_owned(), entry.by.clone());
            self.put_pause(Pause { at, lasts: None, planned: false, reason, by });
        }
    }

    fn put_pause(&mut self, pause: Pause) {
        let place = self.pauses.partition_point(|p| p.at <= pause.at);
        self.pauses.insert(place, pause);
    }

    /// The hold in which T stands then, and since when.
    fn pause_at(&self, at: DateTime<Utc>) -> Option<(usize, DateTime<Utc>)> {
        let Some(Count::Held { since, pause, .. }) = self.count(at) else { return None };
        let place = self.pauses.iter().position(|p| std::ptr::eq(p, pause))?;
        Some((place, since))
    }
}

pub(super) fn plus(a: TimeDelta, b: TimeDelta) -> TimeDelta {
    a.checked_add(&b).unwrap_or(TimeDelta::MAX)
}

pub(super) fn added(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn less(a: TimeDelta, b: TimeDelta) -> TimeDelta {
    a.checked_sub(&b).unwrap_or_default()
}

/// "45 s", "15 min", "1 h 30 min".
pub fn span_word(span: TimeDelta) -> String {
    let seconds = span.num_seconds().abs();
    match (seconds / 3600, seconds / 60 % 60, seconds) {
        (0, 0, s) => format!("{s} s"),
        (0, m, _) => format!("{m} min"),
        (h, 0, _) => format!("{h} h"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}

/// "T-00:10:00".
pub fn t_word(t: TimeDelta) -> String {
    let seconds = t.num_milliseconds().div_euclid(1000);
    let (sign, left) = if seconds < 0 { ('-', -seconds) } else { ('+', seconds) };
    let (days, rest) = (left / 86_400, left % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    if days > 0 { format!("T{sign}{days}d {clock}") } else { format!("T{sign}{clock}") }
}

/// Judges what is wanted of the clock.
pub(super) fn judge(room: &Room, intent: &Intent, now: DateTime<Utc>) -> Result<Event, Refusal> {
    let Some(count) = room.count(now) else {
        return Err(Refusal::NotYet("T0 is not set: there is no count to hold".into()));
    };
    match (intent, count) {
        (Intent::HoldClock { reason }, Count::Held { until: None, pause, .. }) => {
            let (by, why, reason) = (&pause.by, &pause.reason, worded("reason", reason)?);
            Err(Refusal::Already(format!(
                "the count is held already by {by} ({why}), not again for {reason}"
            )))
        }
        (Intent::HoldClock { reason }, _) => Ok(Event::ClockHeld { reason: worded("reason", reason)? }),
        (Intent::ResumeClock, Count::Held { at, .. }) => Ok(Event::ClockResumed { t: at.num_seconds() }),
        (Intent::ResumeClock, Count::Runs(_)) => Err(Refusal::Already("the count is not held".into())),
        (Intent::PlanHold { at, lasts, reason }, _) => {
            may_plan(room, *at, *lasts, now)?;
            Ok(Event::HoldPlanned { t: *at, lasts: *lasts, reason: worded("reason", reason)? })
        }
        _ => Err(Refusal::Already("that is nothing of the clock".into())),
    }
}

/// Whether T can be planned to stand at `at` for `lasts` seconds.
fn may_plan(room: &Room, at: i64, lasts: i64, now: DateTime<Utc>) -> Result<(), Refusal> {
    if at.saturating_abs() > FARTHEST || !(1..=FARTHEST).contains(&lasts) {
        return Err(Refusal::Text("a hold lasts up to a week, and is at most a week from T0".into()));
    }
    let place = TimeDelta::seconds(at);
    let Some(count) = room.count(now) else {
        return Err(Refusal::NotYet("T0 is not set: there is no count to hold".into()));
    };
    if count.t() >= place {
        return Err(Refusal::Already(format!("{} has passed", t_word(place))));
    }
    if room.pauses.iter().any(|p| p.planned && p.at == place) {
        return Err(Refusal::Already(format!("a hold is planned at {} already", t_word(place))));
    }
    Ok(())
}

/// Reads a place of T: "T-10m", "T+1h30m", "T-00:10:00"; in seconds.
pub fn parse_place(text: &str) -> Option<i64> {
    let rest = text.trim().strip_prefix(['T', 't'])?;
    match rest.strip_prefix('-') {
        Some(span) => parse_span(span).map(|s| -s),
        None => parse_span(rest.strip_prefix('+')?),
    }
}

/// Reads "15m", "1h30m", "90s", "00:10:00", "00:10"; in seconds.
pub fn parse_span(text: &str) -> Option<i64> {
    if text.contains(':') {
        let parts = text.split(':').map(|p| p.parse::<u32>().ok()).collect::<Option<Vec<_>>>()?;
        let [hours, minutes, seconds] = match parts[..] {
            [h, m] => [h, m, 0],
            [h, m, s] => [h, m, s],
            _ => return None,
        };
        return Some(i64::from(hours) * 3600 + i64::from(minutes) * 60 + i64::from(seconds));
    }
    let (mut sum, mut number) = (0i64, String::new());
    for letter in text.chars() {
        let unit = match letter {
            '0'..='9' => {
                number.push(letter);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        sum = sum.checked_add(i64::from(std::mem::take(&mut number).parse::<u32>().ok()?) * unit)?;
    }
    number.is_empty().then_some(sum).filter(|s| *s > 0 || text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_spans_are_read_or_refused() {
        for (text, seconds) in [
            ("T-10m", Some(-600)),
            ("t+1h30m", Some(5400)),
            ("T-00:10:00", Some(-600)),
            ("T+0s", Some(0)),
            ("T-", None),
            ("10m", None),
            ("T-10", None),
            ("T-10x", None),
            ("T-99999999999999999999d", None),
        ] {
            assert_eq!(parse_place(text), seconds, "{text}");
        }
    }
}
