//! The Signals screen beside the list of metrics: the selected one in a headline, its chart, its rules.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;

use super::paint::{Paint, below};
use super::{chart, clock, rules, signals};
use crate::app::App;
use crate::signal::{Tile, TileState, Trend};

/// Draws it.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let Some(tile) = app.tile() else {
        let words = "The plan states no limits and nothing is bound: there is nothing to watch. \
                     Write a limit into the plan (\"error rate > 5% for 5 minutes\") or a [[signal]] \
                     into warroom.toml.";
        let inside = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..below(area, 1) };
        paint.paragraph(inside, 0, words, paint.styles.dim);
        return;
    };
    headline(paint, area, app, tile);
    let body = below(area, if area.height > 24 { 2 } else { 1 });
    let most = (body.height * 2 / 5).max(2);
    let wanted = app.rule_rows().len().max(1) as u16 + 1;
    let [chart, _, table] = Layout::vertical([
        Constraint::Fill(1),
        Constraint::Length(u16::from(body.height > 14)),
        Constraint::Length(wanted.min(most)),
    ])
    .areas(body);
    if chart.height >= 4 {
        chart::render(paint, chart, app);
    }
    rules::render(paint, table, app);
}

/// "▲ Error rate  6.2 %  rising  FIRING 4m12s", and its place among the others.
fn headline(paint: &mut Paint<'_>, area: Rect, app: &App, tile: &Tile) {
    let styles = paint.styles;
    let (sign, style) = signals::look(paint, app, tile);
    let loud: Style = style.patch(styles.strong);
    let place = format!("{} of {} ", app.signal_at() + 1, app.tiles.len());
    paint.right(area, 0, 0, &[(&place, styles.dim)]);
    let room = Rect { width: area.width.saturating_sub(place.len() as u16 + 1), ..area };
    let going = match app.gauges.trend(tile) {
        Trend::Rising => "  rising",
        Trend::Falling => "  falling",
        Trend::Steady => "  steady",
        Trend::Unknown => "",
    };
    let value = format!("   {}", signals::value(app, tile));
    let age = tile.age.map(|a| format!("  {} old", clock::lasting(seconds(a)))).unwrap_or_default();
    let since = tile.since.map(|at| format!(" {}", clock::lasting(app.now - at))).unwrap_or_default();
    let word = if tile.state == TileState::Firing { "FIRING" } else { tile.state.word() };
    let state = format!("   {word}{since}");
    let why = tile.why.as_deref().map(|w| format!("   {w}")).unwrap_or_default();
    let pieces = [
        (sign, style),
        (" ", style),
        (&*tile.name, styles.strong),
        (&value, loud),
        (going, styles.dim),
        (&age, styles.dim),
        (&state, style),
        (&why, styles.dim),
    ];
    paint.line(room, 1, 0, &pieces);
}

fn seconds(age: std::time::Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(age).unwrap_or_default()
}
