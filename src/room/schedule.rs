//! When things are due: T0, and the windows of phases counted from it.
//!
//! Hours count from T0. Days are calendar days in T0's zone: Day 0 is T0's date where the plan
//! names Day 0 or a negative day, else Day 1 is. Until T0 is set nothing falls due.

use chrono::{DateTime, Days, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::fold::Room;
use crate::plan::{Phase, Window};

/// The launch instant.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct T0 {
    /// The instant.
    pub at: DateTime<Utc>,
    /// An IANA zone ("Europe/Berlin").
    pub zone: String,
}

impl T0 {
    /// The zone, UTC where its name is not known here.
    pub fn tz(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }
}

/// From when to when; no end is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub start: DateTime<Utc>,
    /// The first instant after it.
    pub end: Option<DateTime<Utc>>,
}

impl Room {
    /// When a phase is planned, once T0 is set and the plan gives it a window. Holds of the count move
    /// what is behind them.
    pub fn planned(&self, phase: &Phase) -> Option<Span> {
        let (t0, window) = (self.t0.as_ref()?, phase.window.as_ref()?);
        self.hours(window).or_else(|| {
            let launch = T0 { at: self.instant(Duration::zero())?, zone: t0.zone.clone() };
            days(&launch, window, self.first_day())
        })
    }

    fn hours(&self, window: &Window) -> Option<Span> {
        let at = |seconds: i64| self.instant(Duration::try_seconds(seconds)?);
        Some(Span { start: at(window.start?)?, end: window.end.and_then(at) })
    }

    /// The number of T0's calendar day: 0 where the plan counts from Day 0 or below, else 1.
    fn first_day(&self) -> i32 {
        let windows = self.plan.phases.iter().filter_map(|p| p.window.as_ref());
        let zero = |w: &Window| w.days.is_some_and(|(a, _)| a <= 0) || w.start.is_some();
        i32::from(!windows.into_iter().any(zero))
    }

    /// The zone of the room: T0's, else UTC.
    pub fn zone(&self) -> Tz {
        self.t0.as_ref().map_or(Tz::UTC, T0::tz)
    }
}

fn days(t0: &T0, window: &Window, first: i32) -> Option<Span> {
    let (from, to) = window.days?;
    let tz = t0.tz();
    let date = t0.at.with_timezone(&tz).date_naive();
    let midnight = |day: i32| {
        let offset = i64::from(day) - i64::from(first);
        let date = shift(date, offset)?;
        earliest(tz, date.and_time(NaiveTime::MIN))
    };
    Some(Span { start: midnight(from)?, end: to.and_then(|day| midnight(day.checked_add(1)?)) })
}

fn shift(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let step = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(step) } else { date.checked_add_days(step) }
}

/// Midnight, or the first instant of a day whose midnight daylight saving skips.
fn earliest(tz: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    let later = || tz.from_local_datetime(&(local + Duration::hours(1))).earliest();
    let at = tz.from_local_datetime(&local).earliest().or_else(later)?;
    Some(at.with_timezone(&Utc))
}

/// Reads a T0: `now`, `+15m`, `-2h`, an RFC 3339 instant, or a local time with an IANA zone behind it
/// (`2026-11-21 10:00 Europe/Berlin`, `10:00` for today). `zone` stands where none is written.
///
/// # Errors
/// A sentence that says what was not understood, or which two instants a local time could mean.
pub fn parse_t0(text: &str, zone: Tz, now: DateTime<Utc>) -> Result<T0, String> {
    let text = text.trim();
    let whole = |at: DateTime<Utc>| T0 {
        at: at - Duration::nanoseconds(i64::from(at.timestamp_subsec_nanos())),
        zone: zone.to_string(),
    };
    if text == "now" {
        return Ok(whole(now));
    }
    let ahead =
        text.strip_prefix('+').and_then(minutes).or(text.strip_prefix('-').and_then(minutes).map(|d| -d));
    if let Some(ahead) = ahead {
        let far = || format!("{text} is too far away");
        return now.checked_add_signed(ahead).map(whole).ok_or_else(far);
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)) {
        return Ok(whole(at.with_timezone(&Utc)));
    }
    local(text, zone, now)
}

fn local(text: &str, zone: Tz, now: DateTime<Utc>) -> Result<T0, String> {
    let (time, zone) = match text.rsplit_once(' ') {
        Some((rest, name)) if name.contains(|c: char| c.is_ascii_alphabetic()) => (
            rest,
            name.parse::<Tz>()
                .map_err(|_| format!("{name:?} is no time zone; name one like Europe/Berlin"))?,
        ),
        _ => (text, zone),
    };
    let today = now.with_timezone(&zone).date_naive();
    let moment = date_time(time, today).ok_or_else(|| {
        format!("{text:?} is no time; write 2026-11-21 10:00 Europe/Berlin, 10:00, +15m or now")
    })?;
    match zone.from_local_datetime(&moment) {
        LocalResult::Single(at) => Ok(T0 { at: at.with_timezone(&Utc), zone: zone.to_string() }),
        LocalResult::Ambiguous(a, b) => Err(format!(
            "{moment} happens twice in {zone} (the clocks go back): write {} or {}",
            a.to_rfc3339(),
            b.to_rfc3339()
        )),
        LocalResult::None => Err(format!("{moment} does not exist in {zone}: the clocks go forward then")),
    }
}

fn date_time(text: &str, today: NaiveDate) -> Option<NaiveDateTime> {
    let text = text.trim().replacen('T', " ", 1);
    let (date, time) = match text.split_once(' ') {
        Some((date, time)) => (NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?, time.to_owned()),
        None => (today, text),
    };
    let time = ["%H:%M:%S", "%H:%M"].iter().find_map(|f| NaiveTime::parse_from_str(&time, f).ok())?;
    Some(date.and_time(time))
}

/// "15m", "2h", "30s", "1d".
fn minutes(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse::<u32>().ok()?.into();
    match unit {
        "s" => Duration::try_seconds(number),
        "m" => Duration::try_minutes(number),
        "h" => Duration::try_hours(number),
        "d" => Duration::try_days(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use std::sync::Arc;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_t0_is_read_in_every_form() {
        let now = utc("2026-11-21T09:00:00Z");
        let berlin = Tz::Europe__Berlin;
        for (text, at, zone) in [
            ("now", "2026-11-21T09:00:00Z", "Europe/Berlin"),
            ("+15m", "2026-11-21T09:15:00Z", "Europe/Berlin"),
            ("-2h", "2026-11-21T07:00:00Z", "Europe/Berlin"),
            ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z", "Europe/Berlin"),
            ("2026-11-22 10:00", "2026-11-22T09:00:00Z", "Europe/Berlin"),
            ("2026-07-01 10:00 America/New_York", "2026-07-01T14:00:00Z", "America/New_York"),
            ("11:30", "2026-11-21T10:30:00Z", "Europe/Berlin"),
        ] {
            let t0 = parse_t0(text, berlin, now).unwrap();
            assert_eq!((t0.at, t0.zone.as_str()), (utc(at), zone), "{text}");
        }
    }

    #[test]
    fn a_time_that_happens_twice_or_never_is_asked_about() {
        let now = utc("2026-03-01T00:00:00Z");
        let berlin = Tz::Europe__Berlin;
        assert!(parse_t0("2026-10-25 02:30", berlin, now).unwrap_err().contains("happens twice"));
        assert!(parse_t0("2026-03-29 02:30", berlin, now).unwrap_err().contains("does not exist"));
        for far in ["+4000000000d", "-4000000000d"] {
            assert!(parse_t0(far, berlin, now).unwrap_err().contains("too far"));
        }
        assert!(parse_t0("soon", berlin, now).unwrap_err().contains("is no time"));
        assert!(parse_t0("10:00 Mars/Phobos", berlin, now).unwrap_err().contains("no time zone"));
    }

    fn room(windows: &[Window]) -> Room {
        let phase = |w: &Window| Phase { window: Some(w.clone()), ..Phase::default() };
        let plan = Plan { phases: windows.iter().map(phase).collect(), ..Plan::default() };
        let mut room = Room::new(Arc::new(plan));
        room.t0 = Some(T0 { at: utc("2026-11-21T15:00:00Z"), zone: "America/New_York".into() });
        room
    }

    #[test]
    fn hours_count_from_t0_and_days_from_its_date() {
        let hours = Window { start: Some(7200), end: Some(14400), ..Window::default() };
        let before = Window { days: Some((-7, Some(-1))), ..Window::default() };
        let room_ = room(&[before, hours]);
        let spans: Vec<_> = room_.plan.phases.iter().map(|p| room_.planned(p).unwrap()).collect();
        assert_eq!(spans[0].start, utc("2026-11-14T05:00:00Z"));
        assert_eq!(spans[0].end, Some(utc("2026-11-21T05:00:00Z")));
        assert_eq!(spans[1].start, utc("2026-11-21T17:00:00Z"));
        let one = Window { days: Some((1, None)), ..Window::default() };
        let room_ = room(&[one]);
        let span = room_.planned(&room_.plan.phases[0]).unwrap();
        assert_eq!((span.start, span.end), (utc("2026-11-21T05:00:00Z"), None));
    }
}
