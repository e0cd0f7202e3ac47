//! The Signals screen beside the list of metrics: the selected one in a headline, its chart, its rules.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;

use super::paint::{Paint, below};
use super::{chart, clock, origin, rules, signals};
use crate::app::App;
use crate::signal::{Tile, TileState, Trend};

/// From so many lines on one says where the values come from.
const TOLD: u16 = 12;

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
    let body = below(area, 1);
    let told = body.height >= TOLD;
    headline(paint, area, app, tile, !told);
    if told {
        origin::render(paint, Rect { height: 1, ..body }, app, tile);
    }
    let body = below(body, u16::from(told) + u16::from(body.height > 24));
    let most = (body.height * 2 / 5).max(2);
    let wanted = app.rule_rows().len().max(1) as u16 + 1;
    let lines = origin::height(app, tile, body.height / 4);
    let gap = u16::from(body.height > 14);
    let [chart, _, log, _, table] = Layout::vertical([
        Constraint::Fill(1),
        Constraint::Length(gap),
        Constraint::Length(lines),
        Constraint::Length(gap.min(lines)),
        Constraint::Length(wanted.min(most)),
    ])
    .areas(body);
    origin::render_lines(paint, log, app, tile);
    if chart.height >= 4 {
        chart::render(paint, chart, app);
    }
    rules::render(paint, table, app);
}

/// "▲ Error rate  6.2 %  rising  FIRING 4m12s", and its place among the others; what the source
/// complains of where it has no line of its own.
fn headline(paint: &mut Paint<'_>, area: Rect, app: &App, tile: &Tile, whole: bool) {
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
    let old = || tile.age.map(|a| format!("  {} old", clock::lasting(seconds(a))));
    let age = origin::author(app, tile).map(|a| format!("  {a}")).or_else(old).unwrap_or_default();
    let since = tile.since.map(|at| format!(" {}", clock::lasting(app.now - at))).unwrap_or_default();
    let word = if tile.state == TileState::Firing { "FIRING" } else { tile.state.word() };
    let state = format!("   {word}{since}");
    let why = tile.why.as_deref().filter(|_| whole).map(|w| format!("   {w}")).unwrap_or_default();
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
