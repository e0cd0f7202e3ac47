//! What the plan wants watched: one line a metric, its healthy side, its class and its line.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::paint::{Paint, first_line};
use crate::app::{App, Panel};
use crate::plan::{Cmp, Role, Threshold};
use crate::signal::{Rank, Watched, healthy};

/// So much of a metric's name is shown before its limit is given in full.
const NAME: usize = 20;

/// Draws the panel.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    let focused = app.focus() == Panel::Signals;
    let limits: usize = app.signals.iter().map(|w| w.limits.len()).sum();
    let said = match limits {
        0 => String::new(),
        _ if area.width < 50 => "not bound ".to_owned(),
        1 => "1 limit, not bound ".to_owned(),
        _ => format!("{limits} limits, none bound "),
    };
    let body = paint.title(area, "SIGNALS", focused, &[(&said, styles.dim)]);
    let first = first_line(app.signals.len(), app.signal_at(), usize::from(body.height));
    for (y, (at, watched)) in (0..body.height).zip(app.signals.iter().enumerate().skip(first)) {
        let here = focused && at == app.signal_at();
        if here {
            paint.band(body, y, styles.selection);
            paint.put(body, 0, y, styles.glyphs.cursor, styles.accent);
        }
        render_row(paint, body, y, app, watched);
    }
    if app.signals.is_empty() {
        paint.put(body, 2, 0, "the plan states no limits", styles.dim);
    }
}

fn render_row(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, watched: &Watched) {
    let styles = paint.styles;
    let limit = &app.room.plan.thresholds[watched.limits[0]];
    let (class, class_style) = class(paint, limit);
    let ring = styles.glyphs.ring;
    let x = paint.line(
        area,
        1,
        y,
        &[(ring, styles.faint), (" ", styles.faint), (class, class_style), (" ", styles.faint)],
    );
    let more = match watched.limits.len() {
        0 | 1 => "   ".to_owned(),
        n => format!("{:<3}", format!("+{}", n - 1)),
    };
    let (side, short, line) = (side(limit), bare_side(limit), format!("{:>5} ", format!("l.{}", limit.line)));
    let rest = format!(" {more}");
    let end = (" ", styles.faint);
    let whole = [(side.as_str(), styles.text), (rest.as_str(), styles.dim), (line.as_str(), styles.faint)];
    let brief = [(short.as_str(), styles.text), (rest.as_str(), styles.dim)];
    let brief_end = [brief[0], end];
    let forms: [&[_]; 4] = [&whole, &whole[..2], &brief, &brief_end];
    let width = |form: &[(&str, Style)]| form.iter().map(|(t, _)| crate::text::width(t)).sum::<usize>();
    let name = crate::text::width(&watched.name).min(NAME);
    let fits = |form: &&&[_]| usize::from(x) + name + 1 + width(form) <= usize::from(area.width);
    let form = forms.iter().find(fits).unwrap_or(&forms[3]);
    let room = Rect { width: area.width.saturating_sub(width(form) as u16 + 1), ..area };
    paint.put(room, x, y, &watched.name, styles.text);
    paint.right(area, x, y, form);
}

fn class(paint: &Paint<'_>, limit: &Threshold) -> (&'static str, Style) {
    let rank = Rank::of(limit.severity.as_deref());
    match (limit.role, rank) {
        (Role::Monitor, _) => ("··", paint.styles.faint),
        (Role::Success, _) => ("ok", paint.styles.faint),
        (_, Rank::Critical) => ("P0", paint.styles.rank(rank)),
        (_, Rank::High) => ("P1", paint.styles.rank(rank)),
        (_, Rank::Medium) => ("P2", paint.styles.rank(rank)),
        (_, Rank::Low) => ("P3", paint.styles.rank(rank)),
    }
}

/// A limit in short: its healthy side, and for how long a breach has to last.
pub fn side(limit: &Threshold) -> String {
    let held = limit.hold.map(|s| format!(" for {}", span(s))).unwrap_or_default();
    bare_side(limit) + &held
}

fn bare_side(limit: &Threshold) -> String {
    match (healthy(limit), limit.cmp) {
        (Some(side), _) => format!("ok {side}"),
        (None, Cmp::Occurs) => "must not last".to_owned(),
        (None, _) => format!("limit {}", stated(limit)),
    }
}

fn stated(limit: &Threshold) -> String {
    let value = limit.value.map(crate::signal::number).unwrap_or_default();
    format!("{value} {}", limit.unit.as_deref().unwrap_or_default()).trim_end().to_owned()
}

/// Seconds as people say them.
pub fn span(seconds: f64) -> String {
    let seconds = seconds.round() as i64;
    match seconds {
        s if s >= 86_400 && s % 86_400 == 0 => format!("{} d", s / 86_400),
        s if s >= 3600 && s % 3600 == 0 => format!("{} h", s / 3600),
        s if s >= 60 && s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}
