//! What lies over the screen: help, stories, phases, sign-offs, texts being written.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget};

use super::paint::{Paint, Piece};
use super::{asks, binding, levers, sign, story, trust};
use crate::app::{App, COMMANDS, Dialog, Prompt, SPANS, Silencing, shown};
use crate::text;

/// Draws the dialog that is open.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    let plan = &app.room.plan;
    match &app.dialog {
        Dialog::None => {}
        Dialog::Help { scroll } => help(paint, area, app, *scroll),
        Dialog::Item(id) => {
            const KEYS: &[(&str, &str)] =
                &[("esc", "close"), ("space", "tick"), ("t", "note"), ("e", "evidence"), ("b", "blocked")];
            const PUT_AWAY: &[(&str, &str)] = &[("esc", "close"), ("x", "put away")];
            let (lines, keys) = match plan.item(id) {
                Some(item) => (story::item(app, styles, item), KEYS),
                None => (story::kept(app, styles, id), PUT_AWAY),
            };
            tell(paint, area, "ITEM", &lines, keys);
        }
        Dialog::Phase(id) => {
            let lines = plan.phase(id).map(|p| story::phase(app, styles, p)).unwrap_or_default();
            let keys = [
                ("s", "start, go on"),
                ("h", "hold"),
                ("c", "complete"),
                ("o", "complete over the gate"),
                ("esc", "close"),
            ];
            tell(paint, area, "PHASE", &lines, &keys);
        }
        Dialog::SignOff(open) => sign::render(paint, area, app, open),
        Dialog::Poll(polling) => super::poll::render(paint, area, app, polling),
        Dialog::Signal(name) => {
            let place = app.tiles.iter().position(|t| t.name == *name).unwrap_or(usize::MAX);
            tell(paint, area, "SIGNAL", &story::signal(app, styles, place), &[("esc", "close")])
        }
        Dialog::Silence(silencing) => silence(paint, area, app, silencing),
        Dialog::Baseline(asked) => asks::baseline(paint, area, app, asked),
        Dialog::Conditions { at } => asks::conditions(paint, area, app, *at),
        Dialog::Bind(bind) => binding::render(paint, area, app, bind),
        Dialog::Flags { .. }
        | Dialog::Flag { .. }
        | Dialog::Ways { .. }
        | Dialog::Review(_)
        | Dialog::Procedure(_)
        | Dialog::Confirm(_)
        | Dialog::Approve(_)
        | Dialog::Proposal(_) => levers::render(paint, area, app),
        Dialog::Allow(allowing) => trust::render(paint, area, app, allowing),
        Dialog::Leaving => {
            let said = format!("{} not on the disk yet.", app.unsaved());
            let lines = [(said, styles.warn), ("Leaving now may lose it.".to_owned(), styles.text)];
            tell(paint, area, "LEAVE?", &lines, &[("y", "leave"), ("n", "stay")]);
        }
        Dialog::Prompt(prompt) if prompt.purpose.is_line() => {}
        Dialog::Prompt(prompt) => write(paint, area, prompt),
    }
}

/// An empty box in the middle with a title and keys at its foot; its inside comes back.
pub fn open(paint: &mut Paint<'_>, area: Rect, title: &str, size: (u16, u16), keys: &[(&str, &str)]) -> Rect {
    let (width, height) = (size.0.min(area.width), size.1.min(area.height));
    let place =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    Clear.render(place, paint.buffer);
    paint.buffer.set_style(place, paint.styles.surface);
    frame(paint, place);
    let styles = paint.styles;
    paint.line(place, 2, 0, &[(" ", styles.title), (title, styles.title), (" ", styles.title)]);
    let mut x = 2;
    for (key, word) in keys {
        let gap = (" ", styles.dim);
        let pieces: [Piece<'_>; 5] = [gap, (key, styles.accent), gap, (word, styles.text), gap];
        let wide: usize = pieces.iter().map(|(t, _)| text::width(t)).sum();
        if usize::from(x) + wide + 2 > usize::from(width) {
            break;
        }
        x = paint.line(place, x, height.saturating_sub(1), &pieces);
    }
    Rect { x: place.x + 2, y: place.y + 1, width: width.saturating_sub(4), height: height.saturating_sub(2) }
}

fn frame(paint: &mut Paint<'_>, area: Rect) {
    let style = paint.styles.accent;
    let set = if paint.styles.glyphs.ascii {
        ["+", "+", "+", "+", "-", "|"]
    } else {
        ["╭", "╮", "╰", "╯", "─", "│"]
    };
    let (right, bottom) = (area.width.saturating_sub(1), area.height.saturating_sub(1));
    for x in 0..area.width {
        paint.put(area, x, 0, set[4], style);
        paint.put(area, x, bottom, set[4], style);
    }
    for y in 0..area.height {
        paint.put(area, 0, y, set[5], style);
        paint.put(area, right, y, set[5], style);
    }
    for (x, y, corner) in [(0, 0, set[0]), (right, 0, set[1]), (0, bottom, set[2]), (right, bottom, set[3])] {
        paint.put(area, x, y, corner, style);
    }
}

/// A box around a story, as high as it needs.
pub fn tell(paint: &mut Paint<'_>, area: Rect, title: &str, lines: &[story::Line], keys: &[(&str, &str)]) {
    let width = area.width.saturating_sub(4).clamp(20, 78);
    let wrapped = wrap(lines, usize::from(width.saturating_sub(4)));
    let height = (wrapped.len() as u16).saturating_add(4);
    let inside = open(paint, area, title, (width, height), keys);
    for (y, (words, style)) in (1..inside.height).zip(&wrapped) {
        paint.put(inside, 0, y, words, *style);
    }
}

/// A box around something long, scrolled, with what it asks always in sight at its foot.
pub fn ask(
    paint: &mut Paint<'_>,
    area: Rect,
    title: &str,
    (lines, foot): (&[story::Line], &[story::Line]),
    scroll: usize,
    keys: &[(&str, &str)],
) {
    let width = area.width.saturating_sub(4).clamp(20, 100);
    let inner = usize::from(width.saturating_sub(4));
    let (lines, foot) = (wrap(lines, inner), wrap(foot, inner));
    let height = (lines.len() + foot.len()).saturating_add(if foot.is_empty() { 2 } else { 3 });
    let height = u16::try_from(height).unwrap_or(u16::MAX).min(area.height);
    let inside = open(paint, area, title, (width, height), keys);
    let kept = (foot.len() as u16 + u16::from(!foot.is_empty())).min(inside.height);
    let room = usize::from(inside.height - kept);
    let top = scroll.min(lines.len().saturating_sub(room));
    for (y, (words, style)) in (0..room as u16).zip(lines.iter().skip(top)) {
        paint.put(inside, 0, y, words, *style);
    }
    if lines.len() > room {
        let said = format!(" lines {}-{} of {} ", top + 1, top + room, lines.len());
        let place = Rect { y: inside.y.saturating_sub(1), height: 1, ..inside };
        paint.right(place, 0, 0, &[(&said, paint.styles.warn)]);
    }
    for (y, (words, style)) in (inside.height - kept + 1..inside.height).zip(&foot) {
        paint.put(inside, 0, y, words, *style);
    }
}

/// Lines cut to a width, each with its style.
pub fn wrap(lines: &[story::Line], width: usize) -> Vec<(String, Style)> {
    let parts = |(words, style): &story::Line| {
        let lines = text::clean_lines(words);
        let lines = if lines.is_empty() { vec![String::new()] } else { lines };
        lines.iter().flat_map(|l| text::wrap(l, width)).map(|l| (l, *style)).collect::<Vec<_>>()
    };
    lines.iter().flat_map(parts).collect()
}

fn silence(paint: &mut Paint<'_>, area: Rect, app: &App, silencing: &Silencing) {
    let styles = paint.styles;
    let width = area.width.saturating_sub(4).clamp(20, 66);
    let keys = [("up down", "for how long"), ("enter", "silence"), ("esc", "leave it")];
    let inside = open(paint, area, "SILENCE", (width, 10), &keys);
    let limit = app.room.plan.thresholds.iter().find(|t| t.id == silencing.rule);
    let side = limit.map(super::signals::side).unwrap_or_default();
    paint.line(inside, 0, 0, &[(&silencing.name, styles.strong), ("   ", styles.dim), (&side, styles.dim)]);
    let mut x = paint.put(inside, 0, 2, "quiet for ", styles.dim);
    for (at, (_, word)) in SPANS.iter().enumerate() {
        let here = at == silencing.span;
        let sign = if here { styles.glyphs.cursor } else { " " };
        let style = if here { styles.accent } else { styles.dim };
        x = paint.line(inside, x, 2, &[(sign, style), (word, style), (" ", style)]);
    }
    let until = app.now + chrono::TimeDelta::minutes(SPANS[silencing.span].0);
    let until = format!("until {}", super::clock::time(app, until));
    paint.put(inside, x + 1, 2, &until, styles.text);
    paint.put(inside, 0, 3, "It stays on the screen, and gates see it no less.", styles.dim);
    let x = paint.put(inside, 0, 5, "because ", styles.dim);
    let line = Rect { x: inside.x + x, y: inside.y + 5, width: inside.width.saturating_sub(x), height: 2 };
    let line = line.intersection(inside);
    editor(paint, line, &silencing.reason);
    if let Some(problem) = &silencing.reason.problem {
        paint.put(inside, 0, inside.height.saturating_sub(1), problem, styles.bad);
    }
}

/// A text being written, in its place.
pub fn editor(paint: &mut Paint<'_>, area: Rect, prompt: &Prompt) {
    let styles = paint.styles;
    paint.buffer.set_style(area, styles.base);
    let mut text = prompt.text.clone();
    text.set_style(styles.base.patch(styles.text));
    text.render(area, paint.buffer);
}

fn write(paint: &mut Paint<'_>, area: Rect, prompt: &Prompt) {
    let width = area.width.saturating_sub(4).clamp(20, 78);
    let keys = [("enter", "record"), ("alt-enter", "new line"), ("esc", "leave it")];
    let inside = open(paint, area, "WRITE", (width, 11), &keys);
    let styles = paint.styles;
    let y = paint
        .paragraph(Rect { height: inside.height.min(2), ..inside }, 0, &prompt.title, styles.strong)
        .min(2);
    let editor = Rect { y: inside.y + y + 1, height: inside.height.saturating_sub(y + 2), ..inside };
    self::editor(paint, editor, prompt);
    if let Some(problem) = &prompt.problem {
        paint.put(inside, 0, inside.height.saturating_sub(1), problem, styles.bad);
    }
}

fn help(paint: &mut Paint<'_>, area: Rect, app: &App, scroll: usize) {
    let width = area.width.saturating_sub(4).min(124);
    let columns: u16 = if width >= 96 { 2 } else { 1 };
    let column_width = (width.saturating_sub(4) + 1) / columns;
    let mut lines = help_lines(paint, app, usize::from(column_width.saturating_sub(2)));
    let tallest = area.height.saturating_sub(2);
    let halved = lines.len().div_ceil(usize::from(columns));
    let size = (width, tallest.min(u16::try_from(halved).unwrap_or(tallest).saturating_add(2)));
    let inside = open(paint, area, "KEYS", size, &[("j k", "scroll"), ("esc", "close")]);
    let height = usize::from(inside.height);
    let top = scroll.min(lines.len().saturating_sub(height * usize::from(columns)));
    let foot = (top + height).saturating_sub(1);
    if columns == 2 && lines.get(foot).is_some_and(|line| line.len() == 1) {
        // No heading alone at the foot of a column.
        lines.insert(foot, vec![]);
    }
    let seen = (top + height * usize::from(columns)).min(lines.len());
    if seen < lines.len() || top > 0 {
        let said = format!(" lines {}-{seen} of {} ", top + 1, lines.len());
        let head = Rect { y: inside.y - 1, height: 1, ..inside };
        paint.right(head, 10, 0, &[(&said, paint.styles.dim)]);
    }
    for column in 0..columns {
        let part =
            Rect { x: inside.x + column_width * column, width: column_width.saturating_sub(2), ..inside };
        let lines = lines.iter().skip(top + usize::from(column) * height);
        for (y, line) in (0..inside.height).zip(lines) {
            paint.line(part, 0, y, &line.iter().map(|(t, s)| (t.as_str(), *s)).collect::<Vec<_>>());
        }
    }
}

/// The columns that keys take in the help.
const KEYS: usize = 15;

/// The help, made from the key table and the commands.
fn help_lines(paint: &Paint<'_>, app: &App, width: usize) -> Vec<Vec<(String, Style)>> {
    let styles = paint.styles;
    let mut lines: Vec<Vec<(String, Style)>> = vec![];
    let add = |lines: &mut Vec<_>, head: &str, words: &str| {
        let wide = text::width(head) >= KEYS;
        let mut head = text::pad(head, KEYS).into_owned();
        if wide {
            lines.push(vec![(std::mem::take(&mut head), styles.strong)]);
        }
        for line in text::wrap(words, width.saturating_sub(KEYS).max(10)) {
            let front = text::pad(&std::mem::take(&mut head), KEYS).into_owned();
            lines.push(vec![(front, styles.strong), (line, styles.text)]);
        }
    };
    let mut group = "";
    for binding in app.keymap.bindings().iter().filter(|b| !b.keys.is_empty()) {
        if binding.group != group {
            group = &binding.group;
            lines.push(vec![(group.to_uppercase(), styles.title)]);
        }
        let keys: Vec<_> = binding.keys.iter().map(|k| shown(k)).collect();
        add(&mut lines, &keys.join(" "), &binding.help);
    }
    lines.push(vec![("COMMANDS".to_owned(), styles.title)]);
    for command in COMMANDS {
        add(&mut lines, format!(":{} {}", command.word, command.takes).trim_end(), command.help);
    }
    lines
}
