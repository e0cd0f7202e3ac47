//! The box that binds a metric: its sources, a new one, the query with what it gives. On few lines the
//! gaps go first, then what is known already.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::boxes;
use super::clock::lasting;
use super::paint::{Paint, Piece, below, first_line};
use super::signals::{self, bars};
use crate::app::{
    App, Bind, Field, Form, Known, Measured, Preview, Prompt, Step, Writing, place_of, query_of, whereabouts,
};
use crate::plan::binding::{Source, SourceKind};
use crate::signal::TileState;
use crate::text;

/// Columns of the names of fields.
const LABEL: u16 = 8;

/// Columns of a sparkline where there is room.
const SPARK: usize = 30;

/// Draws it.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App, bind: &Bind) {
    match &bind.step {
        Step::Reading => said(paint, area, app, bind, ("reading what is bound …", paint.styles.dim)),
        Step::Broken(why) => said(paint, area, app, bind, (why, paint.styles.bad)),
        Step::Choose { at } => choose(paint, area, app, bind, *at),
        Step::Describe(form) => describe(paint, area, app, bind, form),
        Step::Write(writing) => write(paint, area, app, (bind, writing), false),
        Step::Saving(writing) => write(paint, area, app, (bind, writing), true),
    }
}

type Keys<'a> = &'a [(&'a str, &'a str)];

/// The box with the metric and its limit on the first line; what is left of it comes back.
fn open(paint: &mut Paint<'_>, area: Rect, app: &App, bind: &Bind, (lines, keys): (u16, Keys<'_>)) -> Rect {
    let styles = paint.styles;
    let width = area.width.saturating_sub(4).clamp(20, 96).max(area.width.min(40));
    let inside = boxes::open(paint, area, "BIND", (width, lines.saturating_add(2)), keys);
    let tile = app.tiles.iter().find(|t| t.name == bind.metric);
    let limit = tile.and_then(|t| app.room.plan.thresholds.get(*t.limits.first()?));
    let side = limit.map(|l| format!("   {}", signals::side(l))).unwrap_or_default();
    let rehearsed = if bind.beside.rehearsed { "   REHEARSAL: nothing is written" } else { "" };
    let pieces = [(&*bind.metric, styles.strong), (&side, styles.dim), (rehearsed, styles.warn)];
    paint.line(inside, 0, 0, &pieces);
    below(inside, if inside.height > 8 { 2 } else { 1 })
}

fn said(paint: &mut Paint<'_>, area: Rect, app: &App, bind: &Bind, (words, style): (&str, Style)) {
    let inside = open(paint, area, app, bind, (9, &[("esc", "close")]));
    paint.paragraph(inside, 0, words, style);
}

fn choose(paint: &mut Paint<'_>, area: Rect, app: &App, bind: &Bind, at: usize) {
    let styles = paint.styles;
    let sources = &bind.beside.binding.sources;
    let keys = [("j k", "move"), ("enter", "choose"), ("esc", "leave")];
    let lines = u16::try_from(sources.len()).unwrap_or(u16::MAX).saturating_add(7);
    let inside = open(paint, area, app, bind, (lines, &keys));
    let named = bind.signal().filter(|s| !s.source.is_empty());
    let now = match named {
        Some(signal) if signal.query.is_empty() => format!("now from {}", signal.source),
        Some(signal) => format!("now {} from {}", signal.query, signal.source),
        None => "nothing measures it yet: from where?".to_owned(),
    };
    paint.put(inside, 0, 0, &now, styles.dim);
    let list = below(inside, if inside.height > 6 { 2 } else { 1 });
    let widest = sources.iter().map(|s| text::width(&text::clean(&s.name))).max().unwrap_or(0).min(24);
    let first = first_line(sources.len() + 1, at, usize::from(list.height));
    for (y, index) in (0..list.height).zip(first..=sources.len()) {
        if index == at {
            paint.band(list, y, styles.selection);
            paint.put(list, 0, y, styles.glyphs.cursor, styles.accent);
        }
        let style = if index == at { styles.strong } else { styles.text };
        match sources.get(index) {
            Some(source) => {
                let name = text::clean(&source.name);
                let name = text::truncate(&name, widest, styles.glyphs.ellipsis);
                let name = text::pad(&name, widest + 2).into_owned();
                let kind = format!("{:<13}", source.kind.word());
                let place = whereabouts(source);
                paint.line(list, 2, y, &[(&name, style), (&kind, styles.dim), (&place, styles.dim)]);
            }
            None => drop(paint.put(list, 2, y, "a new source", style)),
        }
    }
}

fn describe(paint: &mut Paint<'_>, area: Rect, app: &App, bind: &Bind, form: &Form) {
    let styles = paint.styles;
    let keys = [("tab", "next"), ("left right", "kind"), ("enter", "go on"), ("esc", "back")];
    let inside = open(paint, area, app, bind, (11, &keys));
    let kind = form.kind();
    let style = if form.field == 0 { styles.accent } else { styles.dim };
    paint.put(inside, 0, 0, "kind", style);
    paint.line(inside, LABEL, 0, &[("< ", style), (kind.word(), styles.strong), (" >", style)]);
    let (word, hint) = place_of(kind).unwrap_or(("", "a person types its values: it is nowhere"));
    let secret = ("secret", "env:NAME, file:PATH or cmd:COMMAND; empty for none");
    let fields = [
        ("name", "by which signals name it", &form.name),
        (word, hint, &form.place),
        (secret.0, secret.1, &form.auth),
    ];
    let apart = if inside.height > 7 { 1 } else { 0 };
    for (n, (label, hint, prompt)) in (1_u16..).zip(fields) {
        let line = Line { label, hint, focused: form.field == usize::from(n) };
        field(paint, row(inside, n + apart), &line, prompt);
    }
    let problem = form.problem.as_deref().map(|p| (p, styles.bad));
    let note = "it is asked nothing before `warroom allow PLAN`";
    let (words, style) = problem.unwrap_or((note, styles.dim));
    paint.paragraph(below(inside, 5 + apart * 2), 0, words, style);
}

fn row(area: Rect, y: u16) -> Rect {
    Rect { height: 1.min(area.height.saturating_sub(y)), ..below(area, y) }
}

/// A field's words.
struct Line<'a> {
    label: &'a str,
    hint: &'a str,
    focused: bool,
}

/// A text of one line with its label; a part of it that holds the cursor where it is too long.
fn field(paint: &mut Paint<'_>, area: Rect, line: &Line<'_>, prompt: &Prompt) {
    let styles = paint.styles;
    paint.put(area, 0, 0, line.label, if line.focused { styles.accent } else { styles.dim });
    let inside = Rect { x: area.x + LABEL.min(area.width), width: area.width.saturating_sub(LABEL), ..area };
    paint.band(inside, 0, styles.base);
    let value = prompt.value();
    if value.is_empty() && !line.focused {
        paint.put(inside, 0, 0, line.hint, styles.faint);
        return;
    }
    let cursor = if line.focused { prompt.text.cursor().1 } else { 0 };
    let (before, under, after) = parts(&value, cursor, usize::from(inside.width));
    let lit = if line.focused { styles.strong.add_modifier(Modifier::REVERSED) } else { styles.strong };
    let pieces: [Piece<'_>; 3] = [(&before, styles.strong), (&under, lit), (&after, styles.strong)];
    let x = paint.line(inside, 0, 0, &pieces);
    if value.is_empty() {
        paint.put(inside, x + 1, 0, line.hint, styles.faint);
    }
}

/// What is shown before, at and behind the cursor.
fn parts(value: &str, cursor: usize, width: usize) -> (String, String, String) {
    let all: Vec<char> = value.chars().collect();
    let cursor = cursor.min(all.len());
    let wide = |part: &[char]| text::width(&text::clean(&part.iter().collect::<String>()));
    let mut first = 0;
    while first < cursor && wide(&all[first..cursor]) + 2 > width {
        first += 1;
    }
    let under = all.get(cursor).map_or(" ".to_owned(), char::to_string);
    (all[first..cursor].iter().collect(), under, all.iter().skip(cursor + 1).collect())
}

fn write(paint: &mut Paint<'_>, area: Rect, app: &App, (bind, writing): (&Bind, &Writing), saving: bool) {
    let styles = paint.styles;
    let keys: Keys<'_> = match (saving, writing.offered.names.is_empty()) {
        (true, _) => &[("esc", "close")],
        (false, true) => &[("enter", "save"), ("tab", "scale, unit"), ("esc", "back")],
        (false, false) => &[("tab", "complete"), ("up down", "choose"), ("enter", "save"), ("esc", "close")],
    };
    let inside = open(paint, area, app, bind, (20, keys));
    let roomy = inside.height > 12;
    let mut y = source_line(paint, inside, &writing.source);
    if let Some((label, hint)) = query_of(writing.source.kind) {
        let line = Line { label, hint, focused: writing.field == Field::Query && !saving };
        field(paint, row(inside, y), &line, &writing.query);
        y += 1;
    }
    numbers(paint, row(inside, y), app, (bind, writing));
    y += 1 + u16::from(roomy);
    let lines = preview(paint, below(inside, y), app, writing);
    y += lines + u16::from(roomy);
    let (words, style) = match (&writing.problem, saving) {
        (_, true) => ("saving …", styles.dim),
        (Some(problem), false) => (problem.as_str(), styles.bad),
        (None, false) => return offered(paint, below(inside, y), writing),
    };
    paint.paragraph(below(inside, y), 0, words, style);
}

fn source_line(paint: &mut Paint<'_>, area: Rect, source: &Source) -> u16 {
    if area.height < 6 {
        return 0;
    }
    let styles = paint.styles;
    let (kind, place) = (format!("  {}  ", source.kind.word()), whereabouts(source));
    paint.put(area, 0, 0, "from", styles.dim);
    paint.line(area, LABEL, 0, &[(&source.name, styles.text), (&kind, styles.dim), (&place, styles.dim)]);
    1
}

/// Scale and unit, side by side.
fn numbers(paint: &mut Paint<'_>, area: Rect, app: &App, (bind, writing): (&Bind, &Writing)) {
    let half = area.width / 2;
    let left = Rect { width: half.saturating_sub(2), ..area };
    let right = Rect { x: area.x + half, width: area.width - half, ..area };
    let focused = writing.field == Field::Scale;
    field(paint, left, &Line { label: "times", hint: "1", focused }, &writing.scale);
    let plan = app.tiles.iter().find(|t| t.name == bind.metric).and_then(|t| t.unit.as_deref());
    let hint = plan.map_or_else(|| "none".to_owned(), |unit| format!("{unit}, as the plan"));
    let focused = writing.field == Field::Unit;
    field(paint, right, &Line { label: "unit", hint: &hint, focused }, &writing.unit);
}

/// What the query gives; the lines it took come back.
fn preview(paint: &mut Paint<'_>, area: Rect, app: &App, writing: &Writing) -> u16 {
    let styles = paint.styles;
    let glyphs = styles.glyphs;
    let (sign, words, style) = match &writing.preview {
        Preview::Empty => (glyphs.ring, "nothing is asked yet", styles.dim),
        Preview::Asking => (glyphs.waiting, "asking …", styles.dim),
        Preview::NotAsked(why) => (glyphs.ring, why.as_str(), styles.dim),
        Preview::Failed(why) => (glyphs.cross, why.as_str(), styles.bad),
        Preview::Measured(measured) => return self::measured(paint, area, app, (writing, measured)),
    };
    paint.put(area, 0, 0, sign, style);
    let inside = Rect { x: area.x + 2.min(area.width), width: area.width.saturating_sub(2), ..area };
    let inside = Rect { height: inside.height.min(3), ..inside };
    paint.paragraph(inside, 0, words, style).clamp(1, 3)
}

fn measured(paint: &mut Paint<'_>, area: Rect, app: &App, (writing, measured): (&Writing, &Measured)) -> u16 {
    let styles = paint.styles;
    let tile = &measured.tile;
    let (sign, style) = signals::look(paint, app, tile);
    let value = value(writing, measured);
    let age = measured.series.last().map(|s| app.now - s.at).unwrap_or_default();
    let age = format!("  {} old", lasting(age.max(chrono::TimeDelta::zero())));
    let columns = if area.width >= 60 { SPARK } else { 12 };
    let spark = format!("{}  ", bars(paint, app, (tile, &measured.series), columns));
    let state = match tile.state {
        TileState::NotJudged => String::new(),
        state => format!("  would be {}", state.word()),
    };
    let pieces: [Piece<'_>; 6] = [
        (sign, style),
        (" ", style),
        (&value, styles.strong),
        (&age, styles.dim),
        (&state, style),
        ("   ", styles.dim),
    ];
    let x = paint.line(area, 0, 0, &pieces);
    if usize::from(x) + columns <= usize::from(area.width) {
        paint.put(area, x, 0, &spark, styles.dim);
    }
    match &measured.warning {
        Some(warning) => {
            paint.put(area, 2, 1, warning, styles.warn);
            2
        }
        None => 1,
    }
}

/// As the tile will say it.
fn value(writing: &Writing, measured: &Measured) -> String {
    let query = writing.query.value();
    let asks_up = !query.contains('#') || query.trim().ends_with("#up");
    match measured.tile.value {
        Some(value) if writing.source.kind == SourceKind::Http && asks_up => {
            if value > 0.0 { "up" } else { "DOWN" }.to_owned()
        }
        Some(value) => signals::number_of(&measured.tile, value),
        None => "?".to_owned(),
    }
}

/// The names that complete the word, and how many there are.
fn offered(paint: &mut Paint<'_>, area: Rect, writing: &Writing) {
    let styles = paint.styles;
    let offered = &writing.offered;
    let room = area.height.saturating_sub(1);
    let first = first_line(offered.names.len(), offered.chosen.unwrap_or(0), usize::from(room));
    let mut y = 0;
    for (n, name) in offered.names.iter().enumerate().skip(first).take(usize::from(room)) {
        let chosen = offered.chosen == Some(n);
        if chosen {
            paint.band(area, y, styles.selection);
            paint.put(area, 0, y, styles.glyphs.cursor, styles.accent);
        }
        paint.put(area, 2, y, name, if chosen { styles.strong } else { styles.text });
        y += 1;
    }
    let said = match &writing.names {
        Known::None => String::new(),
        Known::Coming => "the names of its metrics are being fetched …".to_owned(),
        Known::Failed(why) => format!("no names to complete: {why}"),
        Known::These(names, more) => {
            let more = if *more { ", and more than are kept" } else { "" };
            match offered.count {
                0 => format!("{} names of metrics are known{more}", names.len()),
                count => format!("{count} of {} names fit{more}", names.len()),
            }
        }
    };
    paint.paragraph(below(area, y), 0, &said, styles.dim);
}
