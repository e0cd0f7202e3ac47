//! How a report says times, spans and numbers; one way for every form it is written in.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::plan::Value;
use crate::signal::number;

/// "21 Nov 2026, 14:03".
pub(super) fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %b %Y, %H:%M").to_string()
}

/// "21 Nov, 14:03:11".
pub(super) fn exact(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %b, %H:%M:%S").to_string()
}

/// "14:03".
pub(super) fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%H:%M").to_string()
}

/// "21 Nov 2026".
pub(super) fn day(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %b %Y").to_string()
}

/// Seconds of a plan, which can be any number.
pub(super) fn seconds(seconds: f64) -> TimeDelta {
    const YEAR: f64 = 366.0 * 86_400.0;
    TimeDelta::milliseconds((seconds.clamp(0.0, YEAR) * 1000.0) as i64)
}

/// "0.4 s", "48 s", "12 min 5 s", "4 h 38 min", "3 d 2 h": two units, the larger first.
pub(super) fn lasting(span: TimeDelta) -> String {
    let millis = span.num_milliseconds().max(0);
    let all = millis / 1000;
    let (days, hours, minutes, secs) = (all / 86_400, all / 3_600 % 24, all / 60 % 60, all % 60);
    let two = |a: i64, one: &str, b: i64, two: &str| match b {
        0 => format!("{a} {one}"),
        _ => format!("{a} {one} {b} {two}"),
    };
    match (days, hours, minutes) {
        (0, 0, 0) if all < 10 => format!("{all}.{} s", millis % 1000 / 100),
        (0, 0, 0) => format!("{secs} s"),
        (0, 0, _) => two(minutes, "min", secs, "s"),
        (0, ..) => two(hours, "h", minutes, "min"),
        _ => two(days, "d", hours, "h"),
    }
}

/// "12 min late", "3 min early", "on time": less than a minute is on time.
pub(super) fn slip(seconds: i64) -> String {
    let span = TimeDelta::seconds(seconds.abs());
    match seconds {
        -59..=59 => "on time".to_owned(),
        60.. => format!("{} late", lasting(span)),
        _ => format!("{} early", lasting(span)),
    }
}

/// A measured value, rounded as people say it.
pub(super) fn value(value: f64) -> String {
    let by = match value.abs() {
        v if v >= 100.0 => 1.0,
        v if v >= 1.0 => 100.0,
        _ => 10_000.0,
    };
    number(Value::One((value * by).round() / by))
}

/// "1 item", "3 items".
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_numbers_are_read_at_a_glance() {
        for (millis, told) in [
            (0, "0.0 s"),
            (9_960, "9.9 s"),
            (48_000, "48 s"),
            (725_000, "12 min 5 s"),
            (3_600_000, "1 h"),
            (16_680_000, "4 h 38 min"),
            (266_400_000, "3 d 2 h"),
        ] {
            assert_eq!(lasting(TimeDelta::milliseconds(millis)), told);
        }
        for (s, told) in [(59, "on time"), (-60, "1 min early"), (720, "12 min late")] {
            assert_eq!(slip(s), told);
        }
        for (v, told) in [(1234.56, "1235"), (3.2512, "3.25"), (0.012345, "0.0123"), (f64::NAN, "NaN")] {
            assert_eq!(value(v), told);
        }
        assert_eq!(seconds(f64::NAN), TimeDelta::zero());
    }
}
