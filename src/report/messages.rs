//! When the plan's messages fall due. A time that cannot be told for sure stays without one.

use chrono::{DateTime, Duration, NaiveTime, TimeZone as _, Utc};
use chrono_tz::{OffsetName as _, Tz};

use super::account::MessageTold;
use crate::plan::after::{Ahead, after, after_in, from_t0, zone_word};
use crate::plan::binding::normal;
use crate::plan::{Message, MessageKind, Phase};
use crate::room::{PhaseProgress, Room};

/// Zones whose abbreviations people write: one of them has to keep the one written on that day.
const ZONES: &[Tz] = &[
    Tz::UTC,
    Tz::Europe__London,
    Tz::Europe__Berlin,
    Tz::Europe__Athens,
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Denver,
    Tz::America__Los_Angeles,
    Tz::Asia__Tokyo,
    Tz::Asia__Seoul,
];

/// The messages of the plan, in its order.
pub(super) fn messages(room: &Room) -> Vec<MessageTold> {
    let one = |message: &Message| MessageTold {
        when: message.when.clone(),
        text: message.text.clone(),
        audience: message.audience.clone(),
        due: due(room, message),
        line: message.line,
    };
    room.plan.messages.iter().map(one).collect()
}

fn due(room: &Room, message: &Message) -> Option<DateTime<Utc>> {
    match message.kind {
        MessageKind::Scheduled => scheduled(room, message),
        MessageKind::Relative => relative(room, &message.when),
        MessageKind::Cadence | MessageKind::Event => None,
    }
}

/// A clock time on the day of T0, in the zone that is written behind it, else in the room's.
fn scheduled(room: &Room, message: &Message) -> Option<DateTime<Utc>> {
    let t0 = room.t0.as_ref()?;
    let time = NaiveTime::parse_from_str(message.at.as_deref()?, "%H:%M").ok()?;
    let in_zone = |zone: Tz| {
        let date = t0.at.with_timezone(&zone).date_naive();
        zone.from_local_datetime(&date.and_time(time)).single()
    };
    let Some(word) = zone_word(&message.when) else {
        return in_zone(t0.tz()).map(|at| at.with_timezone(&Utc));
    };
    if let Ok(zone) = word.parse::<Tz>() {
        return in_zone(zone).map(|at| at.with_timezone(&Utc));
    }
    let kept = |at: &DateTime<Tz>| at.offset().abbreviation() == Some(word.to_uppercase().as_str());
    let known = ZONES.iter().copied().chain([t0.tz()]);
    known.filter_map(in_zone).find(kept).map(|at| at.with_timezone(&Utc))
}

/// "T-24h", "24 hours before Phase 1", "After Phase 4", "24 hours post-deployment".
fn relative(room: &Room, when: &str) -> Option<DateTime<Utc>> {
    if let Some(phase) = named_phase(room, when) {
        return beside(room, phase, when);
    }
    if let (Some(seconds), Some(t0)) = (from_t0(when), &room.t0) {
        return t0.at.checked_add_signed(Duration::try_seconds(seconds)?);
    }
    let read = after(when).or_else(|| after_in(when))?;
    match read.from {
        Ahead::Seconds(seconds) => room.launched()?.checked_add_signed(Duration::try_seconds(seconds)?),
        Ahead::Days(days) => room.launched()?.checked_add_signed(Duration::try_days(i64::from(days))?),
        Ahead::Months(_) => None,
    }
}

/// Beside a phase: so long before it begins, or once it is over.
fn beside(room: &Room, phase: &Phase, when: &str) -> Option<DateTime<Utc>> {
    let (state, planned) = (room.phase_state(&phase.id), room.planned(phase));
    let start = state.started.or(planned.map(|s| s.start));
    let end = match state.progress {
        PhaseProgress::Completed { at } => Some(at),
        _ => planned.and_then(|s| s.end),
    };
    let words = normal(when);
    let has = |word: &str| words.split(' ').any(|w| w == word);
    let span = from_t0(when).map(i64::abs).and_then(Duration::try_seconds);
    match (has("before") || has("vor"), has("after") || has("nach")) {
        (true, _) => start?.checked_sub_signed(span.unwrap_or_default()),
        (_, true) => end,
        _ => start,
    }
}

/// The phase that a text names by its number or its whole title.
fn named_phase<'a>(room: &'a Room, when: &str) -> Option<&'a Phase> {
    let words = format!(" {} ", normal(when));
    let named = |phase: &&Phase| {
        let title = normal(&phase.name);
        let head: Vec<_> = title.split(' ').take(2).collect();
        let numbered = head.len() == 2 && head[1].chars().all(|c| c.is_ascii_digit());
        let short = if numbered { head.join(" ") } else { title };
        !short.is_empty() && words.contains(&format!(" {short} "))
    };
    room.plan.top_phases().find(named)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::plan::{Plan, Window};
    use crate::room::T0;

    fn room() -> Room {
        let hours = |from: i64, to: i64| Window { start: Some(from), end: Some(to), ..Window::default() };
        let phase = |id: &str, name: &str, window| Phase {
            id: id.into(),
            name: name.into(),
            window: Some(window),
            ..Phase::default()
        };
        let phases = vec![
            phase("a", "Phase 1: Canary", hours(7_200, 14_400)),
            phase("b", "Phase 2: All", hours(14_400, 21_600)),
        ];
        let mut room = Room::new(Arc::new(Plan { phases, ..Plan::default() }));
        let at = "2026-11-21T15:00:00Z".parse().unwrap();
        room.t0 = Some(T0 { at, zone: "America/New_York".into() });
        room
    }

    fn told(kind: MessageKind, when: &str, at: Option<&str>) -> Option<String> {
        let at = at.map(str::to_owned);
        let (when, text) = (when.to_owned(), "x".to_owned());
        let message = Message { when, text, audience: None, kind, line: 1, at };
        due(&room(), &message).map(|at| at.format("%d %H:%M").to_string())
    }

    #[test]
    fn a_message_falls_due_when_the_plan_says_and_never_by_guess() {
        use MessageKind::{Cadence, Event, Relative, Scheduled};
        for (kind, when, at, want) in [
            (Scheduled, "10:30 AM", Some("10:30"), Some("21 15:30")),
            (Scheduled, "10:30 AM EST", Some("10:30"), Some("21 15:30")),
            (Scheduled, "10:30 UTC", Some("10:30"), Some("21 10:30")),
            (Scheduled, "10:30 Europe/Berlin", Some("10:30"), Some("21 09:30")),
            // In November nobody keeps it: which hour is meant cannot be told.
            (Scheduled, "10:30 EDT", Some("10:30"), None),
            (Relative, "T-24h", None, Some("20 15:00")),
            (Relative, "24 hours before Phase 1", None, Some("20 17:00")),
            (Relative, "After Phase 2", None, Some("21 21:00")),
            (Relative, "24 hours post-deployment", None, None),
            (Cadence, "Every 15 minutes", None, None),
            (Event, "immediately", None, None),
        ] {
            assert_eq!(told(kind, when, at).as_deref(), want, "{when}");
        }
    }
}
