//! Now: the one next thing, large enough for two in the morning.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::paint::{Paint, below};
use crate::app::App;
use crate::room::{Alert, Happening};
use crate::signal::{TileState, Trend};

/// The column the answers stand in.
const ANSWERS: u16 = 12;

/// Draws it.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let margin = if area.width >= 60 { 5 } else { 1 };
    let top = area.height / 8;
    let inside =
        Rect { x: area.x + margin, width: area.width.saturating_sub(2 * margin), ..below(area, top) };
    let (firing, seen) = (app.room.firing(), app.room.happenings());
    let y = match (firing.first(), seen.first()) {
        (Some(alert), _) if alert_leads(app) => headline(paint, inside, app, alert),
        (_, Some(happening)) => saw(paint, inside, app, happening),
        _ => 0,
    };
    let y = storms(paint, inside, y, app);
    let y = y + advice(paint, below(inside, y), app);
    if firing.is_empty() && seen.is_empty() {
        calm(paint, inside, y, app);
    }
}

/// While nothing burns: what is nearest to it, and what the gate waits for.
fn calm(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App) {
    let styles = paint.styles;
    let measured = app.tiles.iter().filter(|t| t.state != TileState::NotBound);
    let mut y = y;
    match measured.clone().find(|t| t.state < TileState::Soaking) {
        Some(tile) => {
            let words = format!("{}: {}, {}", tile.name, super::signals::value(app, tile), tile.state.word());
            y = row(paint, area, y, "WATCH", &words, super::signals::look(paint, app, tile).1);
        }
        None if measured.clone().next().is_some() => {
            let words = format!("{} signals, none in trouble", measured.count());
            y = row(paint, area, y, "WATCH", &words, styles.good);
        }
        None => {}
    }
    for (head, words) in [("HOLD", super::coming::hold(app)), ("DUE", super::coming::due(app))] {
        if let Some(words) = words.filter(|_| y + 1 < area.height) {
            y = row(paint, area, y, head, &words, styles.warn);
        }
    }
    let Some(phase) = app.room.current_phase().filter(|_| y + 1 < area.height) else { return };
    let gate = app.gate(phase);
    let reasons = gate.reasons.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let more = gate.reasons.len().saturating_sub(3);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let words =
        format!("{} {}   {reasons}{more}", styles.glyphs.verdict(gate.verdict), gate.verdict.as_str());
    row(paint, area, y, "GATE", words.trim_end(), styles.text);
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

/// The worst of what people saw; the lines taken come back.
fn saw(paint: &mut Paint<'_>, area: Rect, app: &App, happening: &Happening) -> u16 {
    let styles = paint.styles;
    let style = styles.rank(happening.rank);
    let (sign, loud) = (styles.glyphs.alert, style.patch(styles.strong));
    let place = format!("{}, line {}", happening.rank.word(), happening.line);
    let x = paint.line(area, 0, 0, &[(sign, style), (" ", style), (&happening.text.to_uppercase(), loud)]);
    paint.right(area, x + 2, 0, &[(&place, styles.dim)]);
    let (who, ago) = (super::checklist::name(&happening.by), super::clock::ago(app.now - happening.at));
    let said = format!(": {}", happening.reason);
    let pieces =
        [("happened ", style), (&*ago, style), ("   ", style), (who, styles.text), (&said, styles.text)];
    paint.line(area, 0, 1, &pieces);
    4
}

/// The one next thing; the next free line comes back.
fn advice(paint: &mut Paint<'_>, area: Rect, app: &App) -> u16 {
    let styles = paint.styles;
    let advice = app.advice();
    let mut y = row(paint, area, 0, "DO THIS", &advice.what, styles.strong);
    let suggested = app.suggested();
    let why = suggested.map(|s| format!("{}, because {}", s.title, super::storm::evidence(app, s)));
    let others = others(app);
    // Where there is nothing to press it is nobody's.
    let who = if advice.key.is_empty() { "" } else { advice.who.as_str() };
    let rows: [(&str, &str, Style); 6] = [
        ("PRESS", &advice.key, styles.accent),
        ("SUGGESTED", why.as_deref().unwrap_or_default(), styles.warn),
        ("WHO", who, styles.text),
        ("EXPECT", &advice.expect, styles.text),
        ("BACK", &advice.back, styles.text),
        ("ALSO", &others, styles.text),
    ];
    for (head, words, style) in rows.into_iter().filter(|(_, words, _)| !words.is_empty()) {
        y = row(paint, area, y, head, words, style);
    }
    y
}

/// What else fires, where a storm has not said so already.
fn others(app: &App) -> String {
    if !super::storm::lines(app).is_empty() {
        return String::new();
    }
    let (alert_skip, seen_skip) = if alert_leads(app) { (1, 0) } else { (0, 1) };
    let (firing, seen) = (app.room.firing(), app.room.happenings());
    let alerts = firing.iter().skip(alert_skip).map(|a| (a.rank, &a.signal));
    let all = seen.iter().skip(seen_skip).map(|h| (h.rank, &h.text)).chain(alerts);
    all.map(|(rank, words)| format!("{} {words}", rank.word())).collect::<Vec<_>>().join(", ")
}

/// Whether the worst alert is worse than what people saw.
fn alert_leads(app: &App) -> bool {
    let (firing, seen) = (app.room.firing(), app.room.happenings());
    firing.first().is_some_and(|a| seen.first().is_none_or(|h| a.rank < h.rank))
}

/// A row with a blank line behind it where there is room; the next free line comes back.
fn row(paint: &mut Paint<'_>, area: Rect, y: u16, head: &str, words: &str, style: Style) -> u16 {
    paint.put(area, 0, y, head, paint.styles.title);
    let column =
        Rect { x: area.x + ANSWERS.min(area.width), width: area.width.saturating_sub(ANSWERS), ..area };
    paint.paragraph(column, y, words, style) + u16::from(area.height >= 12)
}
