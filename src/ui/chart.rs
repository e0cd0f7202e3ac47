//! One metric over time, large: its limits as lines with their words, what lies beyond them shaded,
//! a cursor, and a second metric beside it. Braille where the terminal has it, blocks or ASCII else.
//!
//! The window stands still between two of its steps and data columns lie on a fixed grid, so that a
//! new sample changes the last cells only.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::clock;
use super::dots::{self, Dots};
use super::paint::{Paint, below};
use super::scale::Scale;
use crate::app::{Action, App, WINDOWS};
use crate::plan::Threshold;
use crate::signal::{Column, Rule, Tile, bare_side, interval};
use crate::text;

/// Columns for the numbers of an axis, with a gap.
const AXIS: u16 = 8;

/// How a chart's cells are used.
pub(super) struct Plot {
    /// Where the curve is.
    pub area: Rect,
    /// Milliseconds since 1970 of its first column.
    start: i64,
    /// Milliseconds of a column.
    width: i64,
    /// Data columns in a cell.
    per_cell: usize,
    /// The last column that has begun.
    now: usize,
}

/// One metric's values on a plot.
pub(super) struct Curve {
    /// None: nothing was measured there.
    pub columns: Vec<Option<Column>>,
    /// Where on the plot a value is.
    pub scale: Scale,
}

/// A limit on the plot.
pub(super) struct Line<'a> {
    /// What judges by it; none for a baseline.
    rule: Option<&'a Rule>,
    /// What stands on it.
    words: String,
    /// In the metric's unit.
    pub at: f64,
    style: Style,
    armed: bool,
}

/// Where a column is on the bad side: how bad, and of which value.
#[derive(Clone, Copy)]
pub(super) struct Breach {
    /// The limit's number.
    pub at: f64,
    /// The value beyond it.
    pub value: f64,
    /// The style of the limit's class.
    pub style: Style,
}

/// Draws the chart of the selected metric.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let Some(tile) = app.tile() else { return };
    let body = below(area, 1);
    let other = app.compared();
    let right = if other.is_some_and(|o| o.unit != tile.unit) { AXIS } else { 1 };
    let (left, feet) = (AXIS.min(area.width / 4), if body.height > 4 { 2 } else { 1 });
    let cells = Rect {
        x: body.x + left,
        width: body.width.saturating_sub(left + right),
        height: body.height.saturating_sub(feet),
        ..body
    };
    if cells.width < 8 || cells.height < 1 {
        return;
    }
    let plot = Plot::new(cells, app, if dots::is_fine(paint) { 2 } else { 1 });
    let lines = lines(paint, app, tile);
    let columns = plot.columns(app, tile);
    let beside = other.map(|o| plot.columns(app, o));
    let shared = beside.as_ref().filter(|_| other.is_some_and(|o| o.unit == tile.unit));
    let scale = scale(tile, &columns, shared, &lines, cells.height);
    let curve = Curve { columns, scale };
    let beside = beside.zip(other).map(|(columns, o)| {
        let own = || self::scale(o, &columns, None, &[], cells.height);
        let scale = if o.unit == tile.unit { scale } else { own() };
        Curve { scale, columns }
    });
    let said = reading(paint, app, &plot, tile, &curve, beside.as_ref().zip(other));
    head(paint, area, app, &said);
    if curve.columns.iter().all(Option::is_none) && beside.is_none() {
        return nothing(paint, cells, app, tile);
    }
    let breaches: Vec<_> = curve.columns.iter().map(|c| c.and_then(|c| breach(&lines, c))).collect();
    axis(paint, Rect { x: body.x, width: left.saturating_sub(1), ..cells }, &curve.scale, tile);
    if let Some((curve, other)) = beside.as_ref().zip(other).filter(|_| right == AXIS) {
        axis(paint, Rect { x: cells.right() + 1, width: AXIS - 1, ..cells }, &curve.scale, other);
    }
    // The worst last: over the others.
    for line in lines.iter().rev() {
        rule_line(paint, cells, &curve.scale, line);
    }
    let dots = Dots { plot: &plot, curve: &curve, breaches: &breaches };
    if let Some(beside) = &beside {
        dots::render_beside(paint, &plot, beside);
    }
    dots.render(paint);
    labels(paint, cells, &curve.scale, &lines);
    strip(paint, &plot, &curve, &breaches);
    times(paint, Rect { y: cells.bottom() + 1, height: feet - 1, ..cells }, app, &plot);
    cursor(paint, app, &plot);
}

impl Plot {
    fn new(area: Rect, app: &App, per_cell: usize) -> Self {
        let (from, to) = app.look().window.bounds(app.now);
        let count = i64::from(area.width) * per_cell as i64;
        let span = (to - from).num_milliseconds();
        let width = (span + count - 1) / count;
        let last = (to.timestamp_millis() - 1).div_euclid(width);
        let start = (last - (count - 1)) * width;
        let now = (app.now.timestamp_millis() - start).div_euclid(width).clamp(0, count - 1);
        Self { area, start, width, per_cell, now: now as usize }
    }

    fn count(&self) -> usize {
        usize::from(self.area.width) * self.per_cell
    }

    /// How many data columns a cell has.
    pub fn per_cell(&self) -> usize {
        self.per_cell
    }

    fn instant(&self, column: usize) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.start + column as i64 * self.width).unwrap_or_default()
    }

    fn column_at(&self, at: DateTime<Utc>) -> Option<usize> {
        let column = usize::try_from((at.timestamp_millis() - self.start).div_euclid(self.width)).ok()?;
        (column < self.count()).then_some(column)
    }

    /// What was measured in each column. Between two measurements that follow each other as they
    /// should a line is drawn; longer silences stay gaps.
    fn columns(&self, app: &App, tile: &Tile) -> Vec<Option<Column>> {
        let Some(series) = tile.signal.and_then(|s| app.gauges.series(s)) else {
            return vec![None; self.count()];
        };
        let end = self.instant(self.count()) - chrono::TimeDelta::milliseconds(1);
        let mut columns = series.columns(self.instant(0), end, self.count());
        let finite = |c: &Column| c.min.is_finite() && c.max.is_finite();
        columns.iter_mut().for_each(|c| *c = c.filter(finite));
        match app.typed(tile) {
            Some(_) => hold(&mut columns, self.now, (pace(app, tile) / self.width + 1) as usize),
            None => join(&mut columns, (pace(app, tile) * 3 / self.width + 1).max(2) as usize),
        }
        columns
    }
}

/// Milliseconds between two measurements.
fn pace(app: &App, tile: &Tile) -> i64 {
    let binding = app.levers.binding.as_ref();
    let signal = binding.zip(tile.signal).and_then(|(b, s)| b.signals.get(s));
    let typed = binding.zip(signal).and_then(|(b, s)| b.typed_for(s));
    let asked = || binding.zip(signal).and_then(|(b, s)| b.source(&s.source)).map(|s| s.every);
    let every = typed.or_else(asked).unwrap_or(5.0);
    interval(every).as_millis() as i64
}

/// A typed value counts until the next one, or for its time.
fn hold(columns: &mut [Option<Column>], now: usize, reach: usize) {
    let mut before: Option<(usize, f64)> = None;
    for (at, column) in columns.iter_mut().enumerate().take(now + 1) {
        match (*column, before) {
            (Some(typed), _) => before = Some((at, typed.last)),
            (None, Some((from, value))) if at - from <= reach => {
                *column = Some(Column { min: value, max: value, last: value });
            }
            _ => {}
        }
    }
}

/// Fills what lies between two measurements at most `reach` columns apart.
fn join(columns: &mut [Option<Column>], reach: usize) {
    let mut before: Option<(usize, f64)> = None;
    for at in 0..columns.len() {
        let Some(column) = columns[at] else { continue };
        if let Some((from, last)) = before.filter(|(from, _)| at - from <= reach) {
            for (step, gap) in columns[from + 1..at].iter_mut().enumerate() {
                let share = (step + 1) as f64 / (at - from) as f64;
                let value = last + (column.last - last) * share;
                *gap = Some(Column { min: value, max: value, last: value });
            }
        }
        before = Some((at, column.last));
    }
}

fn lines<'a>(paint: &Paint<'_>, app: &'a App, tile: &Tile) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = vec![];
    for index in tile.limits.iter() {
        let found = app.standing(*index).zip(app.room.plan.thresholds.get(*index));
        let Some((standing, limit)) = found else { continue };
        let style = match (standing.armed, standing.rule.alerts()) {
            (false, _) => paint.styles.faint,
            (true, true) => paint.styles.rank(standing.rule.rank),
            (true, false) => paint.styles.warn,
        };
        for far in [-1e9, 1e9] {
            let Some(at) = standing.rule.edge(far) else { continue };
            if !lines.iter().any(|l| l.at == at && l.armed == standing.armed) {
                let words = line_words(standing.rule, limit, tile, at, standing.armed);
                lines.push(Line { rule: Some(standing.rule), words, at, style, armed: standing.armed });
            }
        }
    }
    if let Some(base) = app.baseline(&tile.name) {
        let words = format!(" baseline {} ", super::signals::number_of(tile, base.value));
        lines.push(Line { rule: None, words, at: base.value, style: paint.styles.dim, armed: true });
    }
    // One line a number: of those that count now, if any does.
    lines.sort_by_key(|l| !l.armed);
    let all: Vec<_> = lines.iter().map(|l| l.at).collect();
    let mut at = 0..;
    lines.retain(|l| at.next().is_some_and(|n| !all[..n].contains(&l.at)));
    lines
}

/// "P1 ok ≤ 5 %", "P1 ok ≤ 50 % = 1.8 s", "goal ok ≥ 99 %, rests".
fn line_words(rule: &Rule, limit: &Threshold, tile: &Tile, at: f64, armed: bool) -> String {
    let class = if rule.alerts() { rule.rank.word() } else { "goal" };
    let rests = if armed { "" } else { ", rests" };
    let number = || format!(" = {}", super::signals::number_of(tile, at));
    let absolute = if limit.baseline { number() } else { String::new() };
    format!(" {class} {}{absolute}{rests} ", bare_side(limit))
}

/// The worst armed limit that something in this column is beyond.
fn breach(lines: &[Line<'_>], column: Column) -> Option<Breach> {
    let armed = lines.iter().filter(|l| l.armed);
    let beyond = armed.filter_map(|l| {
        let rule = l.rule?;
        let bad = |v: &f64| rule.breached(*v) == Some(true);
        let value = [column.last, column.max, column.min].into_iter().find(bad)?;
        Some((rule, Breach { at: rule.edge(value)?, value, style: l.style }))
    });
    beyond.min_by_key(|(rule, _)| (!rule.alerts(), rule.rank)).map(|(_, b)| b)
}

/// From the lowest to the highest of what was measured and of the limit that comes next, with what
/// other limits lie near.
fn scale(
    tile: &Tile,
    own: &[Option<Column>],
    shared: Option<&Vec<Option<Column>>>,
    lines: &[Line<'_>],
    rows: u16,
) -> Scale {
    let all = own.iter().chain(shared.into_iter().flatten()).flatten();
    let widen = |(low, high): (f64, f64), (a, b): (f64, f64)| (low.min(a), high.max(b));
    let seen = all.map(|c| (c.min, c.max)).chain(tile.mark.map(|m| (m.at, m.at)));
    let (low, high) = seen.fold((f64::MAX, f64::MIN), widen);
    let (low, high) = match () {
        () if low > high || (low, high) == (0.0, 0.0) => (0.0, 1.0),
        // What never moved stands on its own zero, not in a picture of nothing.
        () if low == high => (low.min(0.0), high.max(0.0)),
        () => (low, high),
    };
    let near = |at: &f64| *at >= low - (high - low) && *at <= high + (high - low);
    let limits = lines.iter().filter(|l| l.armed).map(|l| l.at).filter(near);
    let (low, high) = limits.map(|at| (at, at)).fold((low, high), widen);
    let scale = Scale::over(low, high, usize::from(rows / 4).clamp(2, 6));
    let share = tile.unit.as_deref() == Some("%") && high <= 100.0;
    if share { scale.ending_at(100.0) } else { scale }
}

/// The value under the cursor, its time and age; without one what the curves are.
fn reading(
    paint: &Paint<'_>,
    app: &App,
    plot: &Plot,
    tile: &Tile,
    curve: &Curve,
    beside: Option<(&Curve, &Tile)>,
) -> Vec<(String, Style)> {
    let styles = paint.styles;
    let at = app.look().cursor.and_then(|at| plot.column_at(at));
    let told = |curve: &Curve, tile: &Tile, at: usize| match curve.columns[at] {
        None => "not measured".to_owned(),
        Some(c) if c.min == c.max => super::signals::number_of(tile, c.last),
        Some(c) => format!(
            "{} ({}..{})",
            super::signals::number_of(tile, c.last),
            super::signals::plain_number(c.min),
            super::signals::plain_number(c.max)
        ),
    };
    let mut said = vec![];
    if let Some(at) = at {
        let instant = app.look().cursor.unwrap_or(app.now);
        let time = instant.with_timezone(&clock::zone(app)).format("%H:%M:%S").to_string();
        said.push((format!("{time}  {}", told(curve, tile, at)), styles.accent));
        said.push((format!("  {} ago", clock::lasting(app.now - instant)), styles.dim));
    }
    if let Some((other, second)) = beside {
        let (one, two) = dots::legend(paint);
        let value = at.map(|at| format!(" {}", told(other, second, at))).unwrap_or_default();
        let sides = if tile.unit == second.unit { ["", ""] } else { [" left", " right"] };
        said.push((format!("  {one} {}{}", tile.name, sides[0]), styles.strong));
        said.push((format!("  {two} {}{}{value}", second.name, sides[1]), dots::beside_style(paint)));
    }
    said
}

/// What the cursor reads, and which window is shown.
fn head(paint: &mut Paint<'_>, area: Rect, app: &App, said: &[(String, Style)]) {
    let styles = paint.styles;
    let mut words: Vec<(String, Style)> = vec![];
    let narrow = area.width < if said.is_empty() { 70 } else { 110 };
    for window in WINDOWS {
        let here = window == app.look().window;
        if !here && narrow {
            continue;
        }
        let sign = if here { styles.glyphs.cursor } else { " " };
        words.push((format!("{sign}{}", window.word()), if here { styles.accent } else { styles.faint }));
        words.push((" ".to_owned(), styles.faint));
    }
    let pieces: Vec<_> = words.iter().map(|(w, s)| (w.as_str(), *s)).collect();
    let wide: usize = pieces.iter().map(|(w, _)| text::width(w)).sum();
    paint.right(area, 0, 0, &pieces);
    let room = Rect { width: area.width.saturating_sub(wide as u16 + 1), ..area };
    let pieces: Vec<_> = said.iter().map(|(w, s)| (w.as_str(), *s)).collect();
    paint.line(room, 1, 0, &pieces);
}

/// Why there is no curve, and what to do.
fn nothing(paint: &mut Paint<'_>, area: Rect, app: &App, tile: &Tile) {
    let styles = paint.styles;
    let key = app.keymap.key_of(Action::Bind);
    let words = match (tile.signal, app.levers.binding.is_some()) {
        (Some(_), _) => "nothing was measured in this window: ] shows a longer one".to_owned(),
        (None, true) => format!("nothing measures {}: {key} binds it", tile.name),
        (None, false) => {
            format!("nothing measures {}: {key} binds it, warroom init writes all to fill in", tile.name)
        }
    };
    let lines = text::wrap(&words, usize::from(area.width.saturating_sub(4)).max(8));
    let top = area.height.saturating_sub(lines.len() as u16) / 2;
    for (y, line) in (top..area.height).zip(lines) {
        let x = area.width.saturating_sub(text::width(&line) as u16) / 2;
        paint.put(area, x, y, &line, styles.dim);
    }
}

/// Round numbers at the side of the plot, the unit at the topmost.
fn axis(paint: &mut Paint<'_>, area: Rect, scale: &Scale, tile: &Tile) {
    let styles = paint.styles;
    let unit = super::signals::unit_of(tile);
    let mut free = u16::MAX;
    let rows = dots::rows(paint, area.height);
    let marks: Vec<_> = scale.marks().collect();
    for (n, mark) in marks.iter().enumerate().rev() {
        let y = dots::cell(paint, scale.row(*mark, rows));
        if free != u16::MAX && y <= free {
            continue;
        }
        let words =
            if n + 1 == marks.len() { format!("{} {unit}", scale.text(*mark)) } else { scale.text(*mark) };
        let words = text::truncate(words.trim_end(), usize::from(area.width), "").into_owned();
        paint.right(area, 0, y, &[(&words, styles.dim)]);
        free = y;
    }
}

fn row_of(paint: &Paint<'_>, area: Rect, scale: &Scale, at: f64) -> Option<u16> {
    let inside = at >= scale.low && at <= scale.high;
    inside.then(|| dots::cell(paint, scale.row(at, dots::rows(paint, area.height))))
}

fn rule_line(paint: &mut Paint<'_>, area: Rect, scale: &Scale, line: &Line<'_>) {
    let Some(y) = row_of(paint, area, scale, line.at) else { return };
    let sign = match (paint.styles.glyphs.ascii, line.armed) {
        (true, _) => "-",
        (false, true) => "╌",
        (false, false) => "┈",
    };
    for x in 0..area.width {
        paint.buffer.set_stringn(area.x + x, area.y + y, sign, 1, line.style);
    }
}

/// Which limit a line is: over the line where no curve is, the free end first.
fn labels(paint: &mut Paint<'_>, area: Rect, scale: &Scale, lines: &[Line<'_>]) {
    let mut taken = vec![];
    for line in lines {
        let Some(y) = row_of(paint, area, scale, line.at).filter(|y| !taken.contains(y)) else { continue };
        taken.push(y);
        let words = &line.words;
        let wide = text::width(words) as u16;
        let end = area.width.saturating_sub(wide + 1);
        let clear = |x: &u16| (*x..x + wide).all(|x| dots::is_line(paint, area.x + x, area.y + y));
        let x = [1, end, end / 2].into_iter().find(clear).unwrap_or(1);
        paint.put(area, x, y, words, line.style);
    }
}

/// Under the curve: where it was measured, where it was beyond a limit, where nothing is known.
fn strip(paint: &mut Paint<'_>, plot: &Plot, curve: &Curve, breaches: &[Option<Breach>]) {
    let styles = paint.styles;
    let (bad, fine, unknown) = if styles.glyphs.ascii { ("!", "-", "?") } else { ("▀", "─", "·") };
    let y = plot.area.bottom();
    for x in 0..plot.area.width {
        let columns = usize::from(x) * plot.per_cell..(usize::from(x) + 1) * plot.per_cell;
        let worst = breaches[columns.clone()].iter().flatten().next();
        let measured = curve.columns[columns.clone()].iter().any(Option::is_some);
        let (sign, style) = match (worst, measured) {
            (Some(breach), _) => (bad, breach.style),
            (None, true) => (fine, styles.faint),
            (None, false) if columns.start > plot.now => (" ", styles.faint),
            (None, false) => (unknown, styles.warn),
        };
        paint.buffer.set_stringn(plot.area.x + x, y, sign, 1, style);
    }
}

/// Clock times at round instants.
fn times(paint: &mut Paint<'_>, area: Rect, app: &App, plot: &Plot) {
    use chrono::Offset;
    let zone = clock::zone(app);
    let tick = app.look().window.tick().num_milliseconds();
    let shift = i64::from(app.now.with_timezone(&zone).offset().fix().local_minus_utc()) * 1_000;
    let (start, end) = (plot.start, plot.start + plot.count() as i64 * plot.width);
    let first = (start + shift).div_euclid(tick) + 1;
    let mut free = 0;
    for at in (first..).map(|n| n * tick - shift).take_while(|at| *at < end) {
        let Some(instant) = DateTime::from_timestamp_millis(at) else { return };
        let x = plot.column_at(instant).unwrap_or(0) / plot.per_cell;
        let x = (x as u16).saturating_sub(2);
        if x >= free && x + 5 <= area.width {
            let words = instant.with_timezone(&zone).format("%H:%M").to_string();
            paint.put(area, x, 0, &words, paint.styles.dim);
            free = x + 7;
        }
    }
}

/// A line down through the chart.
fn cursor(paint: &mut Paint<'_>, app: &App, plot: &Plot) {
    let Some(column) = app.look().cursor.and_then(|at| plot.column_at(at)) else { return };
    let x = plot.area.x + (column / plot.per_cell) as u16;
    let style = paint.styles.accent;
    for y in plot.area.top()..=plot.area.bottom() {
        if dots::is_line(paint, x, y) {
            let sign = paint.styles.glyphs.wall;
            paint.buffer.set_stringn(x, y, sign, 1, style);
        } else if let Some(cell) = paint.buffer.cell_mut((x, y)) {
            cell.set_style(style);
        }
    }
}
