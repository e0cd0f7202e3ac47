//! Now: the one next thing, large enough for two in the morning.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::paint::{Paint, below};
use crate::app::App;
use crate::room::Alert;
use crate::signal::Trend;

/// The column the answers stand in.
const ANSWERS: u16 = 12;

/// Draws it.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let margin = if area.width >= 60 { 5 } else { 1 };
    let top = area.height / 8;
    let inside =
        Rect { x: area.x + margin, width: area.width.saturating_sub(2 * margin), ..below(area, top) };
    let y = match app.room.firing().first() {
        Some(alert) => headline(paint, inside, app, alert),
        None => 0,
    };
    let y = storms(paint, inside, y, app);
    advice(paint, below(inside, y), app);
}

/// The groups of a storm below the headline; the next free line comes back.
fn storms(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App) -> u16 {
    let lines = super::storm::lines(app);
    let room = usize::from(area.height / 4).max(1);
    let from = y.saturating_sub(u16::from(y > 0));
    for (y, (words, rank)) in (from..).zip(lines.iter().take(room)) {
        let style = paint.styles.rank(*rank);
        paint.line(area, 0, y, &[(paint.styles.glyphs.alert, style), (" ", style), (words, style)]);
    }
    if lines.is_empty() { y } else { from + lines.len().min(room) as u16 + 1 }
}

/// The worst alert; the lines taken come back.
fn headline(paint: &mut Paint<'_>, area: Rect, app: &App, alert: &Alert) -> u16 {
    let styles = paint.styles;
    let style = styles.rank(alert.rank);
    let x = paint.line(area, 0, 0, &[(styles.glyphs.alert, style), (" ", style)]);
    let x = paint.put(area, x, 0, &alert.signal.to_uppercase(), style.patch(styles.strong));
    let limit = app.room.plan.thresholds.iter().position(|t| t.id == alert.rule);
    let tile = limit.and_then(|at| app.tiles.iter().find(|t| t.limits.contains(&at)));
    let value = tile.map(|t| super::signals::value(app, t)).unwrap_or_default();
    let x = paint.line(area, x, 0, &[("  ", style), (&value, style.patch(styles.strong))]);
    let line = format!("{}, line {}", alert.limit, alert.line);
    paint.right(area, x + 2, 0, &[(&line, styles.dim)]);
    let since = super::clock::lasting(app.now - alert.since);
    let who = match &alert.acknowledged {
        Some((who, _)) => format!("{} has it", super::checklist::name(who)),
        None => "nobody has it".to_owned(),
    };
    let spark = tile.map(|t| super::signals::sparkline(paint, app, t, 24)).unwrap_or_default();
    let going = tile.map_or("", |t| match app.gauges.trend(t) {
        Trend::Rising => ", rising",
        Trend::Falling => ", falling",
        Trend::Steady | Trend::Unknown => "",
    });
    let x = paint.line(area, 0, 1, &[(&spark, style), ("  firing ", style), (&since, style), (going, style)]);
    paint.line(area, x, 1, &[("   ", style), (&who, styles.text)]);
    4
}

fn advice(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    let advice = app.advice();
    let mut y = row(paint, area, 0, "DO THIS", &advice.what, styles.strong);
    let suggested = super::storm::suggested(app);
    let why = suggested.map(|s| format!("{}, because {}", s.title, super::storm::evidence(app, s)));
    let rows: [(&str, &str, Style); 5] = [
        ("PRESS", &advice.key, styles.accent),
        ("SUGGESTED", why.as_deref().unwrap_or_default(), styles.warn),
        ("WHO", &advice.who, styles.text),
        ("EXPECT", &advice.expect, styles.text),
        ("BACK", &advice.back, styles.text),
    ];
    for (head, words, style) in rows.into_iter().filter(|(_, words, _)| !words.is_empty()) {
        y = row(paint, area, y, head, words, style);
    }
}

/// A row with a blank line behind it where there is room; the next free line comes back.
fn row(paint: &mut Paint<'_>, area: Rect, y: u16, head: &str, words: &str, style: Style) -> u16 {
    paint.put(area, 0, y, head, paint.styles.title);
    let column =
        Rect { x: area.x + ANSWERS.min(area.width), width: area.width.saturating_sub(ANSWERS), ..area };
    paint.paragraph(column, y, words, style) + u16::from(area.height >= 12)
}
