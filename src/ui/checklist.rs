//! The list of items with their groups, gates and sign-offs.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::clock;
use super::paint::{Paint, Piece, first_line};
use crate::app::{App, Panel, Row, Screen, Show};
use crate::plan::{Item, ItemKind, SignOff};
use crate::room::{Mark, Tally, Verdict};

/// Draws the list with its title.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    let focused = app.focus() == Panel::Checklist;
    let (title, tally) = heading(app);
    let counts = count(tally);
    let shown = match app.show {
        Show::All => "",
        Show::Open => "open only  ",
        Show::Blocked => "blocked only  ",
    };
    let body = paint.title(
        area,
        &title,
        focused,
        &[(shown, styles.warn), (&counts, styles.text), (" ", styles.text)],
    );
    let list = app.list();
    let first = first_line(list.rows().len(), list.at(), usize::from(body.height));
    for (y, (at, row)) in (0..body.height).zip(list.rows().iter().enumerate().skip(first)) {
        if at == list.at() && focused {
            paint.band(body, y, styles.selection);
        }
        let cursor = if at == list.at() && focused { styles.glyphs.cursor } else { " " };
        paint.put(body, 0, y, cursor, styles.accent);
        render_row(paint, body, y, app, *row);
    }
    if list.rows().is_empty() {
        paint.put(body, 2, 0, "nothing here", styles.dim);
    }
}

fn heading(app: &App) -> (String, Tally) {
    match app.screen {
        Screen::Checklists | Screen::Plan => {
            ("CHECKLISTS".to_owned(), app.room.tally(app.room.plan.items.iter()))
        }
        Screen::Board | Screen::Now | Screen::Signals | Screen::Levers | Screen::Timeline => {
            let group = app.outline.strip().get(app.cell()).copied();
            ("CHECKLIST".to_owned(), group.map(|g| app.group_tally(g)).unwrap_or_default())
        }
    }
}

fn count(tally: Tally) -> String {
    format!("{}/{}", tally.done, tally.all)
}

fn render_row(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, row: Row) {
    match row {
        Row::Group(group) => render_group(paint, area, y, app, group),
        Row::Section(item) => {
            let style = paint.styles.dim.add_modifier(Modifier::BOLD);
            paint.put(area, 3, y, app.room.plan.items[item].section.trim_end_matches(':'), style);
        }
        Row::Item(item) => render_item(paint, area, y, app, &app.room.plan.items[item]),
        Row::Gate(group) => render_gate(paint, area, y, app, group),
        Row::Poll(group) => {
            let poll = app.phase_of(group).and_then(|phase| app.room.poll(&phase.id));
            poll.into_iter().for_each(|poll| super::poll::row(paint, area, y, app, poll));
        }
        Row::Left => {
            let style = paint.styles.warn.add_modifier(Modifier::BOLD);
            paint.put(area, 1, y, "No longer in the plan", style);
        }
        Row::Kept(place) => render_kept(paint, area, y, app, place),
        Row::SignOff(place) => {
            paint.put(area, 2, y, "sign-off", paint.styles.dim);
            let area = Rect { x: area.x + 10, width: area.width.saturating_sub(10), ..area };
            render_signoff(paint, area, y, app, &app.room.plan.signoffs[place]);
        }
    }
}

fn render_group(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, index: usize) {
    let styles = paint.styles;
    let group = &app.outline.groups[index];
    let sign = if app.is_folded(index) && app.screen == Screen::Checklists {
        styles.glyphs.folded
    } else {
        styles.glyphs.unfolded
    };
    let tally = app.group_tally(index);
    let style = if group.depth == 0 { styles.strong } else { styles.text.add_modifier(Modifier::BOLD) };
    let (counts, tone) = match tally {
        Tally { all: 0, .. } => (String::new(), styles.dim),
        t if t.complete() => (format!("{} {}", styles.glyphs.check, count(t)), styles.good),
        t => (count(t), styles.dim),
    };
    let room = Rect { width: area.width.saturating_sub(counts.chars().count() as u16 + 2), ..area };
    let x = 1 + u16::from(group.depth);
    let x = paint.line(room, x, y, &[(sign, styles.faint), (" ", style)]);
    words(paint, room, x, y, &group.title, style, app);
    paint.right(area, 0, y, &[(&counts, tone), (" ", tone)]);
}

fn render_item(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, item: &Item) {
    let styles = paint.styles;
    let (sign, sign_style, text_style) = look(paint, app, item);
    let trailing = trailing(app, item, area.width);
    let room = Rect { width: area.width.saturating_sub(crate::text::width(&trailing) as u16 + 1), ..area };
    let x = paint.put(area, 2, y, sign, sign_style).max(2 + styles.glyphs.box_width);
    words(paint, room, x + 1, y, &item.text, text_style, app);
    let tone = if app.room.mark(item) == Mark::Blocked { styles.bad } else { styles.dim };
    let tone = if app.room.claim(&item.id).is_some() { styles.warn } else { tone };
    paint.right(area, 0, y, &[(&trailing, tone)]);
}

/// Something kept of an item that left the plan: who said it and when.
fn render_kept(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, place: usize) {
    let styles = paint.styles;
    let orphans = app.room.orphans();
    let Some((_, state)) = orphans.get(place) else { return };
    let mark = state.mark.unwrap_or_default();
    let said = match (&state.set, &state.assignee) {
        (Some((by, at)), _) => format!(" {} by {} {} ", mark.as_str(), name(by), clock::time(app, *at)),
        (None, Some(who)) => format!(" @{} ", name(who)),
        (None, None) => String::new(),
    };
    let room = Rect { width: area.width.saturating_sub(crate::text::width(&said) as u16 + 1), ..area };
    let x = paint.put(area, 2, y, styles.glyphs.mark(mark), styles.warn).max(2 + styles.glyphs.box_width);
    words(paint, room, x + 1, y, state.words(), styles.dim, app);
    paint.right(area, 0, y, &[(&said, styles.dim)]);
}

/// The text with what was searched for standing out.
fn words(paint: &mut Paint<'_>, area: Rect, x: u16, y: u16, text: &str, style: Style, app: &App) {
    let found = if app.matches(text) { style.patch(paint.styles.found) } else { style };
    paint.put(area, x, y, text, found);
}

fn look(paint: &Paint<'_>, app: &App, item: &Item) -> (&'static str, Style, Style) {
    let (styles, glyphs) = (paint.styles, paint.styles.glyphs);
    if app.is_saving(item) {
        return (glyphs.saving, styles.warn, styles.text);
    }
    let mark = app.room.mark(item);
    let sign = if mark == Mark::Open && item.kind == ItemKind::Criterion {
        glyphs.criterion
    } else {
        glyphs.mark(mark)
    };
    match mark {
        Mark::Open => (sign, styles.text, styles.text),
        Mark::Done => (sign, styles.good, styles.dim),
        Mark::Blocked => (sign, styles.bad, styles.text),
        Mark::NotApplicable => (sign, styles.faint, styles.faint),
    }
}

/// What stands at the right of an item: why it is blocked, or who did it when, or who has it.
fn trailing(app: &App, item: &Item, width: u16) -> String {
    if app.is_saving(item) {
        return " saving ".to_owned();
    }
    let mark = app.room.mark(item);
    if let Some(claim) = app.room.claim(&item.id).filter(|_| mark == Mark::Done) {
        return format!(" but {} ", crate::text::truncate(&claim.why, usize::from(width / 2), "…"));
    }
    if let Some(seen) = app.offered(item) {
        return format!(" seen: {} ", crate::text::truncate(&seen, usize::from(width / 3), "…"));
    }
    let Some(state) = app.room.item_state(&item.id) else { return String::new() };
    let extra = if state.evidence.is_empty() { "" } else { " +evidence" };
    match (mark, &state.reason, &state.set, &state.assignee) {
        (Mark::Blocked, Some(reason), ..) => {
            let reason = crate::text::truncate(reason, usize::from(width / 4), "…");
            format!(" blocked: {reason} ")
        }
        (Mark::NotApplicable, ..) => " n/a ".to_owned(),
        (Mark::Done, _, Some((by, at)), _) => format!("{extra} {} {} ", name(by), clock::time(app, *at)),
        (_, _, _, Some(who)) => format!("{extra} @{} ", name(who)),
        _ => extra.to_owned(),
    }
}

/// "eng-1" of "eng-1@host".
pub fn name(by: &str) -> &str {
    by.split('@').next().filter(|n| !n.is_empty()).unwrap_or(by)
}

fn render_gate(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, group: usize) {
    let styles = paint.styles;
    let Some(phase) = app.phase_of(group) else { return };
    let gate = app.gate(phase);
    let style = match gate.verdict {
        Verdict::Go => styles.good,
        Verdict::NoGo => styles.bad,
        Verdict::Inconclusive => styles.warn,
    };
    let reasons = gate.reasons.join(", ");
    let sign = styles.glyphs.verdict(gate.verdict);
    let pieces: [Piece<'_>; 5] = [
        ("gate ", styles.dim),
        (sign, style),
        (" ", style),
        (gate.verdict.as_str(), style.add_modifier(Modifier::BOLD)),
        ("  ", style),
    ];
    let x = paint.line(area, 2, y, &pieces);
    let room = Rect { width: area.width.saturating_sub(1), ..area };
    paint.put(room, x, y, &reasons, styles.dim);
}

/// A sign-off line: the role, and who said what.
pub fn render_signoff(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, line: &SignOff) {
    let styles = paint.styles;
    let signature = app.room.signature(&line.id);
    let sign = super::sign::sign(app, styles, line, signature);
    let (style, said) = match signature {
        None => (styles.text, "not signed".to_owned()),
        Some(s) => (super::sign::tone(app, styles, line, s), super::sign::said(app, s)),
    };
    let x = paint.line(area, 1, y, &[(sign, style), (" ", style)]);
    let x = paint.put(area, x, y, &line.role, styles.strong);
    let behind = paint.right(area, x + 1, y, &[(&said, style), (" ", style)]);
    let people = match app.room.people(&line.role) {
        [] => "  unmapped".to_owned(),
        names => format!("  {}", names.join(", ")),
    };
    if usize::from(x) + crate::text::width(&people) < usize::from(behind) {
        paint.put(area, x, y, &people, styles.dim);
    }
}
