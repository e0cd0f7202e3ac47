//! Times as people read them, in the room's zone.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::app::App;
use crate::room::{Count, Course, Span, span_word, t_word};

/// The zone times are shown in: T0's, else the machine's.
pub fn zone(app: &App) -> Tz {
    app.room.t0.as_ref().map_or(app.local_zone, crate::room::T0::tz)
}

/// "12:04", with the date in front where it is another day than today.
pub fn time(app: &App, at: DateTime<Utc>) -> String {
    let (at, now) = (at.with_timezone(&zone(app)), app.now.with_timezone(&zone(app)));
    let format = if at.date_naive() == now.date_naive() { "%H:%M" } else { "%d %b %H:%M" };
    at.format(format).to_string()
}

/// From when to when: days where both ends are midnights, the last one included.
pub fn span(app: &App, span: Span) -> String {
    let local = |at: DateTime<Utc>| at.with_timezone(&zone(app));
    let midnight = |at: DateTime<Utc>| local(at).time() == chrono::NaiveTime::MIN;
    let day = |at: DateTime<Utc>| local(at).format("%-d %b").to_string();
    match span.end {
        Some(end) if midnight(span.start) && midnight(end) => {
            let (first, last) = (day(span.start), day(end - chrono::Duration::minutes(1)));
            if first == last { first } else { format!("{first} – {last}") }
        }
        None if midnight(span.start) => format!("from {}", day(span.start)),
        None => format!("from {}", time(app, span.start)),
        Some(end) if local(end).date_naive() == local(span.start).date_naive() => {
            format!("{}–{}", time(app, span.start), local(end).format("%H:%M"))
        }
        Some(end) => format!("{} – {}", time(app, span.start), time(app, end)),
    }
}

/// "T-00:30:00" or "T+02:14:37"; days in front where there are any.
pub fn countdown(app: &App) -> Option<String> {
    app.room.count(app.now).map(|count| t_word(count.t()))
}

/// "HOLD 4m12s", "HOLD until 12:30", while the count stands.
pub fn hold(app: &App) -> Option<String> {
    match app.room.count(app.now)? {
        Count::Runs(_) => None,
        Count::Held { until: Some(until), .. } => Some(format!("HOLD until {}", time(app, until))),
        Count::Held { since, .. } => Some(format!("HOLD {}", lasting(app.now - since))),
    }
}

/// "runs 12 min late; ends about 14:42", where it is not as planned.
pub fn slip(app: &App, course: &Course) -> Option<String> {
    let late = course.late().filter(|_| course.is_off())?;
    let word = if late < chrono::Duration::zero() { "early" } else { "late" };
    let by = format!("{} {word}", span_word(late));
    Some(match (course.ended, course.began, course.ends) {
        (Some(ended), ..) => format!("ended {by}, at {}", time(app, ended)),
        (None, Some(_), Some(ends)) => format!("runs {by}; ends about {}", time(app, ends)),
        (None, Some(began), None) => format!("began {by}, at {}", time(app, began)),
        (None, None, _) => format!("begins {by}, about {}", time(app, course.begins?)),
    })
}

/// How long something lasts: "12 s", "4m12s", "2h05m".
pub fn lasting(time: chrono::Duration) -> String {
    let seconds = time.num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

/// How long ago something was: "40 s ago", "12 min ago", "2 h 05 min ago".
pub fn ago(time: chrono::Duration) -> String {
    match time.num_seconds().max(0) {
        s @ 0..60 => format!("{s} s ago"),
        s @ 60..3600 => format!("{} min ago", s / 60),
        s @ 3600..86_400 => format!("{} h {:02} min ago", s / 3600, s / 60 % 60),
        s => format!("{} d ago", s / 86_400),
    }
}
