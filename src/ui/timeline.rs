//! The Timeline screen: everything that happened, the newest at the bottom, and all of the chosen
//! event below or beside it. Only what is in sight is looked at, however long the list is.

use chrono::{DateTime, NaiveDate, Utc};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;

use super::checklist::name;
use super::clock;
use super::layout::Panes;
use super::paint::{Paint, Piece, below, first_line};
use crate::app::App;
use crate::room::{Entry, Kind};
use crate::text;

/// Lines over the list: its title and the filter.
const HEAD: u16 = 2;

/// The list, and the chosen event below it or, where there is room, beside.
pub fn panes(panes: Panes, body: Rect, zoomed: bool) -> Panes {
    let share = if zoomed { [1, 2] } else { [3, 2] };
    if body.width >= 120 {
        let parts = share.map(Constraint::Fill);
        let [checklist, whole] = Layout::horizontal(parts).spacing(3).areas(body);
        return Panes { checklist, whole, ..panes };
    }
    let below = if zoomed { body.height * 2 / 3 } else { (body.height / 3).clamp(5, 12) };
    let [checklist, whole] = Layout::vertical([Constraint::Fill(1), Constraint::Length(below)]).areas(body);
    Panes { checklist, whole, ..panes }
}

/// A line of the list.
enum Line {
    Day(NaiveDate),
    Row(usize),
}

/// The lines in sight: each row, and a line where a day begins.
fn lines(app: &App, height: usize) -> Vec<Line> {
    let timeline = app.timeline();
    let first = first_line(timeline.len(), timeline.at(), height);
    let mut lines = vec![];
    let mut before = first.checked_sub(1).and_then(|row| day(app, timeline.seq(row)));
    for row in first..timeline.len().min(first + height) {
        let today = day(app, timeline.seq(row));
        lines.extend(today.filter(|_| today != before).map(Line::Day));
        lines.push(Line::Row(row));
        before = today.or(before);
    }
    // Days take lines: the cursor stays in sight.
    let cursor = lines.iter().position(|l| matches!(l, Line::Row(row) if *row == timeline.at()));
    let over = cursor.map_or(0, |line| (line + 1).saturating_sub(height));
    lines.drain(..over);
    lines.truncate(height);
    lines
}

fn day(app: &App, seq: u64) -> Option<NaiveDate> {
    moment(app, seq).map(|at| at.with_timezone(&clock::zone(app)).date_naive())
}

/// When an event was: what its entry says, else its place in the index.
fn moment(app: &App, seq: u64) -> Option<DateTime<Utc>> {
    let timeline = app.timeline();
    timeline.entry(seq).map(|e| e.at).or_else(|| timeline.index().at(seq))
}

/// Draws the list.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let (timeline, styles) = (app.timeline(), paint.styles);
    let place = match timeline.chosen() {
        0 => String::new(),
        seq => format!("event {} of {} ", number(seq), number(timeline.total())),
    };
    let reading = if timeline.is_reading() { "reading  " } else { "" };
    let body = paint.title(area, "TIMELINE", true, &[(reading, styles.warn), (&place, styles.dim)]);
    filter(paint, body, app);
    let body = below(body, 1);
    for (y, line) in (0..body.height).zip(lines(app, usize::from(body.height))) {
        match line {
            Line::Day(day) => {
                let words = format!(" {} ", day.format("%a %-d %b %Y"));
                paint.rule(Rect { y: body.y + y, height: 1, ..body });
                paint.put(body, 2, y, &words, styles.title);
            }
            Line::Row(row) => render_row(paint, body, y, app, row),
        }
    }
    if timeline.is_empty() {
        paint.put(body, 2, 0, "nothing happened yet", styles.dim);
    }
}

/// The row at a line of the screen.
pub fn hit(area: Rect, app: &App, y: u16) -> Option<usize> {
    let body = below(area, HEAD);
    let line = usize::from(y.checked_sub(body.y)?);
    match lines(app, usize::from(body.height)).get(line) {
        Some(Line::Row(row)) => Some(*row),
        _ => None,
    }
}

/// The kinds with their counts; the chosen one stands out.
fn filter(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let (timeline, styles) = (app.timeline(), paint.styles);
    let kinds = std::iter::once(None).chain(Kind::ALL.map(Some));
    let count = |kind: Option<Kind>| match kind {
        None => usize::try_from(timeline.total()).unwrap_or(usize::MAX),
        Some(kind) => timeline.index().count(kind),
    };
    let shown = kinds.filter(|k| k.is_none() || *k == timeline.kind() || count(*k) > 0);
    let mut told: Vec<(String, String, Style)> = shown
        .map(|kind| {
            let style = if kind == timeline.kind() { styles.found } else { styles.text };
            (format!(" {} ", word(kind, area.width)), number(count(kind) as u64), style)
        })
        .collect();
    let wide: usize = told.iter().map(|(word, count, _)| text::width(word) + text::width(count) + 2).sum();
    if wide > usize::from(area.width) {
        // Where they do not all fit, the words go before the counts.
        told.iter_mut().filter(|(.., style)| *style != styles.found).for_each(|(_, count, _)| count.clear());
    }
    told.iter_mut().for_each(|(_, count, _)| count.push_str(if count.is_empty() { "" } else { "  " }));
    let pieces: Vec<Piece<'_>> = told
        .iter()
        .flat_map(|(word, count, style)| [(word.as_str(), *style), (count.as_str(), styles.dim)])
        .collect();
    paint.line(area, 1, 0, &pieces);
}

fn word(kind: Option<Kind>, width: u16) -> &'static str {
    match kind {
        None => "all",
        Some(Kind::Run) if width < 100 => "runs",
        Some(Kind::Sign) if width < 100 => "signs",
        Some(kind) => kind.word(),
    }
}

fn render_row(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, row: usize) {
    let (timeline, styles) = (app.timeline(), paint.styles);
    let seq = timeline.seq(row);
    if row == timeline.at() {
        paint.band(area, y, styles.selection);
        paint.put(area, 0, y, styles.glyphs.cursor, styles.accent);
    }
    let time = moment(app, seq)
        .map_or_else(String::new, |at| at.with_timezone(&clock::zone(app)).format("%H:%M:%S").to_string());
    let x = paint.line(area, 2, y, &[(&text::pad(&time, 8), styles.dim), ("  ", styles.dim)]);
    // What came after the moment that is looked at.
    let later = app.is_past() && seq > app.room.seq;
    match timeline.entry(seq) {
        Some(entry) => render_entry(paint, (area, x, y), app, entry, later),
        None => {
            let word = timeline.index().kind(seq).map_or("", Kind::word);
            paint.line(
                area,
                x + 11,
                y,
                &[(styles.glyphs.ellipsis, styles.faint), (" ", styles.faint), (word, styles.faint)],
            );
        }
    }
}

fn render_entry(
    paint: &mut Paint<'_>,
    (area, x, y): (Rect, u16, u16),
    app: &App,
    entry: &Entry,
    later: bool,
) {
    let styles = paint.styles;
    let (sign, mut style) = super::feed::sign(paint, &entry.event);
    let sentence = entry.event.sentence();
    let found = app.matches(&sentence) || app.matches(&entry.by);
    let mut words = if found { styles.found } else { styles.text };
    if later {
        (style, words) = (styles.faint, styles.faint);
    }
    let who = text::pad(name(&entry.by), 10).into_owned();
    paint.line(
        area,
        x,
        y,
        &[(&who, styles.dim), (" ", style), (sign, style), (" ", style), (&sentence, words)],
    );
}

/// Draws everything the journal says of the chosen event.
pub fn render_detail(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let (timeline, styles) = (app.timeline(), paint.styles);
    match area.width < paint.buffer.area.width {
        true => drop(paint.title(area, "EVENT", false, &[])),
        false => paint.rule(Rect { height: 1, ..area }),
    }
    let seq = timeline.chosen();
    let Some(entry) = timeline.entry(seq) else {
        let words = if seq == 0 { "" } else { "reading it …" };
        paint.put(below(area, 1), 1, 0, words, styles.dim);
        return;
    };
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..below(area, 1) };
    let lines = detail(app, entry, usize::from(area.width));
    let (height, all) = (usize::from(area.height), lines.len());
    let shown = if all > height { height.saturating_sub(1) } else { all };
    for (y, (key, words)) in (0..area.height).zip(lines.iter().take(shown)) {
        let x = paint.put(area, 0, y, key, styles.dim);
        paint.put(area, x, y, words, styles.text);
    }
    if all > shown && height > 0 {
        let more = format!("{} more lines: z has more room for them", all - shown);
        paint.put(area, 0, area.height - 1, &more, styles.faint);
    }
}

/// An event's lines: the label, and what stands behind it.
fn detail(app: &App, entry: &Entry, width: usize) -> Vec<(String, String)> {
    let at = entry.at.with_timezone(&clock::zone(app));
    let head = format!("{}  {}  {}", number(entry.seq), at.format("%a %-d %b %Y %H:%M:%S%.3f %Z"), entry.by);
    let mut lines = vec![(String::new(), head)];
    let sentence = text::clean(&entry.event.sentence()).into_owned();
    lines.extend(text::wrap(&sentence, width).into_iter().map(|l| (String::new(), l)));
    // A text that this version does not understand is its own sentence.
    if let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(&entry.event) {
        let said = |key: &str, value: &serde_json::Value| {
            let telling = ["text", "name", "role", "title", "reason"].contains(&key);
            telling && value.as_str().is_some_and(|words| sentence.contains(&*text::clean(words)))
        };
        let more = fields.iter().filter(|(key, value)| !said(key, value));
        more.for_each(|(key, value)| field(&mut lines, key, value, width));
    }
    lines
}

fn field(lines: &mut Vec<(String, String)>, key: &str, value: &serde_json::Value, width: usize) {
    let label = format!("{} ", text::pad(key, 10));
    let room = width.saturating_sub(text::width(&label)).max(10);
    let words = match value {
        serde_json::Value::Null => return,
        // What was done outside is shown as the box showed it.
        serde_json::Value::String(words) if ["bytes", "request"].contains(&key) => text::exact(words),
        serde_json::Value::String(words) => text::clean_lines(words),
        other => vec![other.to_string()],
    };
    let wrapped = words.iter().flat_map(|line| match line.is_empty() {
        true => vec![String::new()],
        false => text::wrap(line, room),
    });
    for (n, line) in wrapped.enumerate() {
        let label = if n == 0 { label.clone() } else { " ".repeat(text::width(&label)) };
        lines.push((label, line));
    }
}

/// "100,000".
pub(super) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut told = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}
