//! One metric as a row of the panel: sign, name, value with its trend, sparkline, healthy side, age; and
//! below it, where something is wrong or unknown, one line that says what. Which columns there are is the
//! panel's width to say, so that they stand below each other.

use ratatui::layout::Rect;

use super::paint::{Paint, Piece};
use super::signals::{age, limit_words, look, plain_number, span, sparkline, value};
use super::{checklist, clock, storm};
use crate::app::App;
use crate::room::Typed;
use crate::signal::{Tile, TileState, Trend};
use crate::text;

/// Columns of a row behind the name, beside those of the value.
struct Columns {
    spark: usize,
    limit: usize,
    age: usize,
}

/// A value with its unit takes so many, and its trend one more.
const VALUE: usize = 8;

impl Columns {
    fn at(width: u16) -> Self {
        match width {
            0..36 => Self { spark: 0, limit: 0, age: 0 },
            36..50 => Self { spark: 0, limit: 10, age: 0 },
            50..70 => Self { spark: 8, limit: 10, age: 5 },
            _ => Self { spark: 16, limit: 13, age: 5 },
        }
    }
}

/// The row itself.
pub fn render(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, tile: &Tile) {
    let styles = paint.styles;
    let columns = Columns::at(area.width);
    let (sign, style) = look(paint, app, tile);
    let quiet = matches!(tile.state, TileState::Ok | TileState::NotJudged) && app.probe(tile) != Some(false);
    let x = paint.put(area, 1, y, sign, style).max(1 + styles.glyphs.saving.chars().count() as u16) + 1;
    let gap = if columns.spark > 0 { " " } else { "" };
    let number = format!("{:>VALUE$}{}{gap}", fitting(app, tile), trend(paint, app, tile));
    // What has no news says so where its news would be; its age stands behind it.
    let unknown = matches!(tile.state, TileState::Stale | TileState::NoData);
    let spark = match app.typed(tile) {
        _ if unknown => text::pad(&format!("  {}", tile.state.word()), columns.spark).into_owned(),
        Some(typed) => by(typed, columns.spark),
        None => sparkline(paint, app, tile, columns.spark),
    };
    let spark = text::truncate(&spark, columns.spark, "").into_owned();
    let limit = match unknown && columns.spark == 0 && columns.limit > 0 {
        true => format!("{:>width$}", format!("{} ", tile.state.word()), width = columns.limit),
        false => limit(app, tile, columns.limit),
    };
    let age = format!("{:>4} ", age(tile));
    let loud = if quiet { styles.strong } else { style };
    let whole: [Piece<'_>; 4] = [
        (&number, loud),
        (&spark, if quiet { styles.dim } else { style }),
        (&limit, styles.dim),
        (if columns.age == 0 { "" } else { &age }, styles.faint),
    ];
    let wide: usize = whole.iter().map(|(t, _)| text::width(t)).sum();
    let room = Rect { width: area.width.saturating_sub(wide as u16), ..area };
    paint.put(room, x, y, &tile.name, if quiet { styles.text } else { styles.strong });
    paint.right(area, x, y, &whole);
}

/// The value with its unit, without it where there is no room: half a unit is a wrong one.
fn fitting(app: &App, tile: &Tile) -> String {
    let whole = value(app, tile);
    match (text::width(&whole) > VALUE, tile.value) {
        (true, Some(number)) => text::truncate(&plain_number(number), VALUE, "").into_owned(),
        _ => whole,
    }
}

/// The healthy side, at the right of so many columns; "ok" goes where it does not fit.
fn limit(app: &App, tile: &Tile, columns: usize) -> String {
    let whole = limit_words(app, tile);
    let end = if (1..13).contains(&columns) { " " } else { "" };
    let room = columns.saturating_sub(1 + end.len());
    let bare = whole.trim_start_matches("ok ");
    // One form a panel: what reads differently from line to line has to be read twice.
    let words = if room >= 12 { &whole } else { bare };
    let words = if text::width(words) > room { bare } else { words };
    let words = text::truncate(words, room, "…");
    let front = columns.saturating_sub(text::width(&words) + end.len());
    format!("{}{words}{end}", " ".repeat(front))
}

/// Who typed a value, in so many columns.
fn by(typed: &Typed, columns: usize) -> String {
    let who = checklist::name(&typed.by);
    let whole = format!(" typed by {who}");
    let words = if text::width(&whole) <= columns { whole } else { format!(" by {who}") };
    text::pad(&text::truncate(&words, columns, ""), columns).into_owned()
}

/// Where the value goes, in a column.
fn trend(paint: &Paint<'_>, app: &App, tile: &Tile) -> &'static str {
    match (app.gauges.trend(tile), paint.styles.glyphs.ascii) {
        (Trend::Rising, false) => "↗",
        (Trend::Rising, true) => "/",
        (Trend::Falling, false) => "↘",
        (Trend::Falling, true) => "\\",
        (Trend::Steady | Trend::Unknown, _) => " ",
    }
}

/// "FIRING 4m12s  P1  line 89", or why nothing is known.
pub fn render_trouble(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, tile: &Tile) {
    let styles = paint.styles;
    let (_, style) = look(paint, app, tile);
    let limit = tile.rule.and_then(|at| app.room.plan.thresholds.get(at));
    let hold = limit.filter(|_| tile.state == TileState::Pending).and_then(|l| l.hold);
    let hold = hold.map(|s| format!(" of {}", span(s))).unwrap_or_default();
    let line = |l: usize| if area.width < 50 { format!("l.{l}") } else { format!("line {l}") };
    let place = limit.map(|l| format!("   {}   {}", tile.rank.word(), line(l.line))).unwrap_or_default();
    let why = tile.why.as_deref().map(|w| format!("   {w}")).unwrap_or_default();
    let word = if tile.state == TileState::Firing { "FIRING" } else { tile.state.word() };
    let quiet = storm::silenced(app, tile).map(|w| format!("{w}   ")).unwrap_or_default();
    let room = Rect { width: area.width.saturating_sub(1), ..area };
    let since = tile.since.map(|at| format!(" {}", clock::lasting(app.now - at))).unwrap_or_default();
    let pieces: [Piece<'_>; 6] = [
        (&quiet, styles.accent),
        (word, style),
        (&since, style),
        (&hold, style),
        (&place, styles.dim),
        (&why, styles.dim),
    ];
    paint.line(room, 3, y, &pieces);
}
