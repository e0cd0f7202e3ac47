//! What the plan wants watched, the most troubling first: value, sparkline, healthy side and age of
//! what is measured; class, healthy side and line of what nothing measures.

use chrono::TimeDelta;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::paint::{Paint, first_line};
use super::scale::Scale;
use super::{asks, storm, tile};
use crate::app::{App, Condition, Panel};
use crate::plan::{Cmp, Role, Threshold, Value};
use crate::signal::{Column, Rank, Series, Tile, TileState, bare_side, number};
use crate::text;

/// So much of a metric's name is shown before its limit is given in full.
const NAME: usize = 20;

/// The time that a sparkline shows.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// A line of the panel.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Row {
    /// A condition that somebody saw, by its place.
    Seen(usize),
    /// Who saw the one above, and what.
    Told(usize),
    /// A group of a storm.
    Storm(usize),
    /// A tile, by its place.
    Tile(usize),
    /// What is wrong with the tile above.
    Trouble(usize),
}

impl Row {
    fn tile(self) -> Option<usize> {
        match self {
            Row::Seen(_) | Row::Told(_) | Row::Storm(_) => None,
            Row::Tile(at) | Row::Trouble(at) => Some(at),
        }
    }
}

/// The lines of the panel below so many groups of a storm: what people saw above what fires, unless
/// that is worse.
fn rows(app: &App, groups: usize) -> Vec<Row> {
    let mut rows = measured(app, groups);
    let (seen, worst) = (app.room.happenings(), app.room.firing().first().map(|a| a.rank));
    let above = seen.iter().filter(|h| worst.is_none_or(|w| h.rank <= w)).count();
    let fires = |row: &&Row| row.tile().is_none_or(|at| app.tiles[at].state == TileState::Firing);
    let behind = rows.iter().take_while(fires).count();
    let told = |at| [Row::Seen(at), Row::Told(at)];
    rows.splice(behind..behind, (above..seen.len()).flat_map(told));
    rows.splice(0..0, (0..above).flat_map(told));
    rows
}

/// Groups of a storm and tiles. In a storm every tile has one line only, below the groups.
fn measured(app: &App, groups: usize) -> Vec<Row> {
    let lines = |(at, tile): (usize, &Tile)| {
        let second = (groups == 0 && is_trouble(tile)).then_some(Row::Trouble(at));
        std::iter::once(Row::Tile(at)).chain(second)
    };
    (0..groups).map(Row::Storm).chain(app.tiles.iter().enumerate().flat_map(lines)).collect()
}

fn is_trouble(tile: &Tile) -> bool {
    tile.state <= TileState::Error || tile.state == TileState::Thin
}

/// The lines that all tiles take.
pub fn height(app: &App) -> usize {
    rows(app, storm::lines(app).len()).len()
}

/// The tile at line `y` of the screen.
pub fn hit(area: Rect, app: &App, y: u16) -> Option<usize> {
    let rows = rows(app, storm::lines(app).len());
    let height = usize::from(area.height.saturating_sub(1));
    let line = usize::from(y.checked_sub(area.y + 1)?);
    rows.get(first(&rows, app, height) + line).and_then(|row| row.tile())
}

fn first(rows: &[Row], app: &App, height: usize) -> usize {
    let line = rows.iter().position(|row| *row == Row::Tile(app.signal_at())).unwrap_or(0);
    let line = if app.signal_at() == 0 { 0 } else { line };
    first_line(rows.len(), line, height)
}

/// Draws the panel.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    let focused = app.focus() == Panel::Signals;
    let said = title(app, area.width);
    let body = paint.title(area, "SIGNALS", focused, &[(&said, styles.dim)]);
    let storms = storm::lines(app);
    let rows = rows(app, storms.len());
    let first = first(&rows, app, usize::from(body.height));
    for (y, row) in (0..body.height).zip(rows.into_iter().skip(first)) {
        if focused && row == Row::Tile(app.signal_at()) {
            paint.band(body, y, styles.selection);
            paint.put(body, 0, y, styles.glyphs.cursor, styles.accent);
        }
        match row {
            Row::Seen(at) => {
                let inside = Rect { x: body.x + 1, width: body.width.saturating_sub(1), ..body };
                if let Some(happening) = app.room.happenings().get(at) {
                    asks::render_condition(paint, inside, y, Condition::Stands(happening));
                }
            }
            Row::Told(at) => {
                if let Some(happening) = app.room.happenings().get(at) {
                    paint.put(body, 3, y, &asks::told(app, happening), styles.text);
                }
            }
            Row::Storm(at) => {
                let (words, rank) = &storms[at];
                let style = styles.rank(*rank);
                paint.line(body, 1, y, &[(styles.glyphs.alert, style), (" ", style), (words, style)]);
            }
            Row::Trouble(at) => tile::render_trouble(paint, body, y, app, &app.tiles[at]),
            Row::Tile(at) if app.tiles[at].state == TileState::NotBound => {
                render_unbound(paint, body, y, app, &app.tiles[at]);
            }
            Row::Tile(at) => tile::render(paint, body, y, app, &app.tiles[at]),
        }
    }
    if app.tiles.is_empty() {
        paint.put(body, 2, 0, "the plan states no limits", styles.dim);
    }
}

fn title(app: &App, width: u16) -> String {
    let bound = app.tiles.iter().filter(|t| t.signal.is_some()).count();
    let limits: usize = app.tiles.iter().map(|t| t.limits.len()).sum();
    match (bound, limits) {
        (0, 0) => String::new(),
        (0, _) if width < 50 => "not bound ".to_owned(),
        (0, 1) => "1 limit, not bound ".to_owned(),
        (0, _) => format!("{limits} limits, none bound "),
        _ if width < 50 => format!("{bound}/{} ", app.tiles.len()),
        _ => format!("last 15 min   {bound} of {} bound ", app.tiles.len()),
    }
}

/// The sign and style of a state.
pub fn look(paint: &Paint<'_>, app: &App, tile: &Tile) -> (&'static str, Style) {
    let (glyphs, styles) = (paint.styles.glyphs, paint.styles);
    if let (TileState::NotJudged, Some(up)) = (tile.state, app.probe(tile)) {
        return if up { (glyphs.dot, styles.good) } else { (glyphs.cross, styles.bad) };
    }
    if matches!(tile.state, TileState::Ok | TileState::NotJudged) && app.typed(tile).is_some() {
        // What somebody typed is known, and never a live look.
        let style = if tile.state == TileState::Ok { styles.good } else { styles.dim };
        return (glyphs.note, style);
    }
    match tile.state {
        TileState::Firing if storm::silenced(app, tile).is_some() => (glyphs.alert, styles.dim),
        TileState::Firing => (glyphs.alert, styles.rank(tile.rank)),
        TileState::Pending | TileState::Recovering => (glyphs.saving, styles.warn),
        TileState::Soaking => (glyphs.saving, styles.dim),
        TileState::OutOfBounds => ("!", styles.warn),
        TileState::Blind
        | TileState::Inconclusive
        | TileState::Stale
        | TileState::NoData
        | TileState::Thin => ("?", styles.warn),
        TileState::Error => (glyphs.cross, styles.warn),
        TileState::Ok => (glyphs.dot, styles.good),
        TileState::NotJudged => (glyphs.dot, styles.dim),
        TileState::NotBound => (glyphs.ring, styles.faint),
    }
}

/// The newest number with its unit, or whether somebody is there.
pub fn value(app: &App, tile: &Tile) -> String {
    let Some(value) = tile.value else { return "—".to_owned() };
    if let Some(up) = app.probe(tile) {
        return if up { "up" } else { "DOWN" }.to_owned();
    }
    number_of(tile, value)
}

/// A number of a metric with its unit.
pub fn number_of(tile: &Tile, value: f64) -> String {
    format!("{} {}", plain_number(value), unit_of(tile)).trim_end().to_owned()
}

/// A number with as many digits as a person wants to read.
pub fn plain_number(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    number(Value::One(format!("{value:.digits$}").parse().unwrap_or(value)))
}

/// The unit of a metric in few columns.
pub fn unit_of(tile: &Tile) -> &str {
    tile.unit.as_deref().map(short_unit).unwrap_or_default()
}

/// A unit in few columns.
fn short_unit(unit: &str) -> &str {
    match unit.to_lowercase().trim_end_matches('s') {
        "second" => "s",
        "minute" => "min",
        "millisecond" => "ms",
        _ => unit.split_whitespace().next().unwrap_or_default(),
    }
}

/// The age of a number in few columns.
pub fn age(tile: &Tile) -> String {
    match tile.age.map(|a| a.as_secs()) {
        None => String::new(),
        Some(s @ 0..100) => format!("{s}s"),
        Some(s) => format!("{}m", s / 60),
    }
}

/// The healthy side of the limit that matters now.
pub fn limit_words(app: &App, tile: &Tile) -> String {
    let decides = tile.rule.filter(|_| is_trouble(tile));
    let at = decides.or(tile.mark.map(|m| m.limit)).or(tile.rule).or(tile.limits.first().copied());
    let limit = at.and_then(|at| app.room.plan.thresholds.get(at));
    let side = match limit {
        Some(limit) if limit.cmp == Cmp::Occurs => "ok = 0".to_owned(),
        limit => limit.map(bare_side).unwrap_or_default(),
    };
    match limit.and_then(|l| l.unit.as_deref()) {
        Some(unit) => side.replace(unit, short_unit(unit)),
        None => side,
    }
}

/// The last minutes as a row of bars, from the lowest to the highest of window and limit.
pub fn sparkline(paint: &Paint<'_>, app: &App, tile: &Tile, columns: usize) -> String {
    let shown = columns > 0 && app.probe(tile).is_none();
    match tile.signal.and_then(|s| app.gauges.series(s)).filter(|_| shown) {
        Some(series) => bars(paint, app, (tile, series), columns),
        None => " ".repeat(columns),
    }
}

/// As [`sparkline`], of a series that is at hand.
pub fn bars(paint: &Paint<'_>, app: &App, (tile, series): (&Tile, &Series), columns: usize) -> String {
    // The full block would run into the line above.
    let bars: [&str; 7] = match paint.styles.glyphs.ascii {
        false => ["▁", "▂", "▃", "▄", "▅", "▆", "▇"],
        true => [".", ".", "-", "-", "=", "=", "#"],
    };
    let seen = series.columns(app.now - WINDOW, app.now, columns);
    let lows = seen.iter().flatten().map(|c| c.min);
    let (low, high) = lows.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
    let high = seen.iter().flatten().map(|c| c.max).fold(high, f64::max);
    // The limit belongs to the picture: what is calm stays far from it, what drifts is seen to.
    let (low, high) = match tile.mark {
        Some(mark) => (low.min(mark.at), high.max(mark.at)),
        None => (low.min(0.0), high.max(high.abs() * 2.0)),
    };
    // Round ends: a new extreme seldom moves the other columns.
    let Scale { low, high, .. } = Scale::over(low, high, 4);
    let spread = (high - low).max(f64::MIN_POSITIVE);
    let bar = |column: &Option<Column>| match column {
        Some(c) => bars[(((c.last - low) / spread * 6.0).round() as usize).min(6)],
        None => " ",
    };
    seen.iter().map(bar).collect()
}

fn render_unbound(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, tile: &Tile) {
    let styles = paint.styles;
    let Some(limit) = tile.limits.first().and_then(|at| app.room.plan.thresholds.get(*at)) else { return };
    let (class, class_style) = class(paint, limit);
    let ring = styles.glyphs.ring;
    let x = paint.line(
        area,
        1,
        y,
        &[(ring, styles.faint), (" ", styles.faint), (class, class_style), (" ", styles.faint)],
    );
    let more = match tile.limits.len() {
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
    let width = |form: &[(&str, Style)]| form.iter().map(|(t, _)| text::width(t)).sum::<usize>();
    let name = text::width(&tile.name).min(NAME);
    let fits = |form: &&&[_]| usize::from(x) + name + 1 + width(form) <= usize::from(area.width);
    let form = forms.iter().find(fits).unwrap_or(&forms[3]);
    let room = Rect { width: area.width.saturating_sub(width(form) as u16 + 1), ..area };
    paint.put(room, x, y, &tile.name, styles.text);
    paint.right(area, x, y, form);
}

fn class(paint: &Paint<'_>, limit: &Threshold) -> (&'static str, Style) {
    let rank = Rank::of(limit.severity.as_deref());
    match limit.role {
        Role::Monitor => ("··", paint.styles.faint),
        Role::Success => ("ok", paint.styles.faint),
        Role::Alert | Role::Rollback => (rank.word(), paint.styles.rank(rank)),
    }
}

/// A limit in short: its healthy side, and for how long a breach has to last.
pub fn side(limit: &Threshold) -> String {
    let held = limit.hold.map(|s| format!(" for {}", span(s))).unwrap_or_default();
    bare_side(limit) + &held
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
