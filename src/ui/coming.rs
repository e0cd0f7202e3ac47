//! What is on its way: holds of the count that were planned, and what is due after the launch. In
//! words, for the foot of the Board and for Now.

use chrono::{DateTime, Utc};

use super::clock;
use crate::app::App;
use crate::room::{Due, Pause, Standing, span_word, t_word};

/// How long before a planned hold the Board speaks of it, in minutes.
const SOON: i64 = 30;

/// "T+00:50:00 for 10 min, about 14:50: change of shift", of the next hold that was planned.
pub fn hold(app: &App) -> Option<String> {
    let pause = app.room.holds_ahead(app.now).next().filter(|_| app.room.launched().is_none())?;
    let when = begins(app, pause).map(|at| format!(", about {}", clock::time(app, at)));
    let lasts = pause.lasts.map(|lasts| format!(" for {}", span_word(lasts))).unwrap_or_default();
    Some(format!("{}{lasts}{}: {}", t_word(pause.at), when.unwrap_or_default(), pause.reason))
}

/// When T gets to a hold: what stands behind it is moved by its own length too.
fn begins(app: &App, pause: &Pause) -> Option<DateTime<Utc>> {
    Some(app.room.instant(pause.at)? - pause.lasts.unwrap_or_default())
}

/// The next planned hold, where it is near enough to be in sight of everybody.
pub fn hold_soon(app: &App) -> Option<String> {
    let at = begins(app, app.room.holds_ahead(app.now).next()?)?;
    hold(app).filter(|_| at - app.now <= chrono::Duration::minutes(SOON))
}

/// "Review the metrics (line 210), overdue since 22 Nov; 3 more are due", once the launch is over.
pub fn due(app: &App) -> Option<String> {
    app.room.launched()?;
    let mut open: Vec<Due> = app.room.due(app.now).into_iter().filter(|due| due.standing.is_open()).collect();
    open.sort_by_key(|due| due.standing != Standing::Overdue);
    let (first, rest) = open.split_first()?;
    let since = match (first.standing, first.span.and_then(|span| span.end)) {
        (Standing::Overdue, Some(end)) => format!(", overdue since {}", clock::time(app, end)),
        (_, Some(end)) => format!(", until {}", clock::time(app, end)),
        _ => String::new(),
    };
    let more = match rest.len() {
        0 => String::new(),
        1 => "; 1 more is due".to_owned(),
        n => format!("; {n} more are due"),
    };
    Some(format!("{} (line {}){since}{more}", first.text, first.line))
}
