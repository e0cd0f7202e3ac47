//! Times as people read them, in the room's zone.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::app::App;
use crate::room::Span;

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

/// From when to when.
pub fn span(app: &App, span: Span) -> String {
    let end = span.end.map(|e| time(app, e)).unwrap_or_default();
    let (start, end) = (time(app, span.start), end);
    match (start.rsplit_once(' '), end.rsplit_once(' ')) {
        (Some((day, from)), Some((same, to))) if day == same => format!("{day} {from}–{to}"),
        (Some((first, "00:00")), Some((last, "00:00"))) => format!("{first} – {last}"),
        _ => format!("{start} – {end}").trim_end().to_owned(),
    }
}

/// "T-00:30:00" or "T+02:14:37"; days in front where there are any.
pub fn countdown(app: &App) -> Option<String> {
    let t0 = app.room.t0.as_ref()?;
    let seconds = (app.now - t0.at).num_milliseconds().div_euclid(1000);
    let (sign, left) = if seconds < 0 { ('-', -seconds) } else { ('+', seconds) };
    let (days, rest) = (left / 86_400, left % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    Some(if days > 0 { format!("T{sign}{days}d {clock}") } else { format!("T{sign}{clock}") })
}
