//! The side of the Board: feature flags and ways back, as far as the plan tells; nothing is bound yet.

use ratatui::layout::Rect;

use super::paint::{Paint, below};
use super::signals::span;
use crate::app::{Action, App, Condition};
use crate::plan::{Procedure, ProcedureKind};
use crate::room::Suggestion;

/// The lines that flags and ways back take with their titles and a line above each.
pub fn height(app: &App) -> u16 {
    let called = if app.suggested().is_some() { 3 } else { 0 };
    let rows = app.room.plan.flags.len().max(1) + ways_back(app) + called + 4;
    u16::try_from(rows).unwrap_or(u16::MAX)
}

fn ways_back(app: &App) -> usize {
    let plan = &app.room.plan;
    let back = plan.procedures.iter().filter(|p| p.kind == ProcedureKind::Rollback).count();
    (back + plan.rollback_points.len()).max(1)
}

/// Draws flags over ways back, with a line above them unless the column is theirs alone.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App, alone: bool) {
    let back: Vec<_> =
        app.room.plan.procedures.iter().filter(|p| p.kind == ProcedureKind::Rollback).collect();
    let roomy = area.height >= height(app);
    let area = below(area, u16::from(roomy && !alone));
    let called = if app.suggested().is_some() { 3 } else { 0 };
    let ways = (ways_back(app) as u16 + called + 1).min(area.height / 2);
    let flags = (app.room.plan.flags.len().max(1) as u16 + 1).min(area.height - ways);
    render_flags(paint, Rect { height: flags, ..area }, app);
    let area = below(area, flags + u16::from(roomy));
    render_ways_back(paint, Rect { height: ways.min(area.height), ..area }, app, &back);
    let area = below(area, ways + 1);
    let listed = render_conditions(paint, area, app);
    let area = below(area, listed + u16::from(listed > 0));
    let signed = render_signoffs(paint, area, app);
    render_contacts(paint, below(area, signed + u16::from(signed > 0)), app);
}

/// Conditions without a number that nobody has seen, where there is room for them; what happened is
/// among the alerts. The lines taken come back.
fn render_conditions(paint: &mut Paint<'_>, area: Rect, app: &App) -> u16 {
    let quiet: Vec<_> = app.conditions().into_iter().filter(|c| matches!(c, Condition::Quiet(_))).collect();
    if quiet.is_empty() || area.height < 2 {
        return 0;
    }
    let said = format!("{} it happened ", app.keymap.key_of(Action::Conditions));
    let body = paint.title(area, "IF SOMEBODY SEES", false, &[(&said, paint.styles.dim)]);
    let inside = Rect { x: body.x + 1, width: body.width.saturating_sub(1), ..body };
    for (y, condition) in (0..body.height).zip(&quiet) {
        super::asks::render_condition(paint, inside, y, *condition);
    }
    (quiet.len() as u16 + 1).min(area.height)
}

/// Who signed and who has not, where there is room for it; the lines taken come back.
fn render_signoffs(paint: &mut Paint<'_>, area: Rect, app: &App) -> u16 {
    let lines = app.room.plan.signoffs.len() as u16;
    if lines == 0 || area.height < 2 {
        return 0;
    }
    let body = paint.title(area, "SIGN-OFFS", false, &[]);
    for (y, line) in (0..body.height).zip(&app.room.plan.signoffs) {
        super::checklist::render_signoff(paint, body, y, app, line);
    }
    (lines + 1).min(area.height)
}

/// Whom to call, where there is room for it.
fn render_contacts(paint: &mut Paint<'_>, area: Rect, app: &App) {
    if app.room.plan.contacts.is_empty() || area.height < 2 {
        return;
    }
    let styles = paint.styles;
    let body = paint.title(area, "CONTACTS", false, &[]);
    for (y, contact) in (0..body.height).zip(&app.room.plan.contacts) {
        let group = contact.group.as_deref().or(contact.detail.as_deref()).unwrap_or_default();
        let x = paint.put(body, 3, y, &contact.role, styles.text);
        paint.right(body, x + 1, y, &[(group, styles.dim), (" ", styles.dim)]);
    }
}

fn render_flags(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    let plan = &app.room.plan;
    let binding = app.levers.binding.as_ref();
    let bound = binding.is_some_and(|b| plan.flags.iter().any(|f| b.flag(&f.name).is_some()));
    let body = paint.title(area, "FLAGS", false, &[(if bound { "" } else { "by hand " }, styles.dim)]);
    for (y, flag) in (0..body.height).zip(&plan.flags) {
        let value = flag.value.as_deref().unwrap_or("not said");
        let said = match (bound, area.width < 50) {
            (true, false) => super::levers::standing(app, &flag.name),
            (true, true) => {
                super::levers::standing(app, &flag.name).split(';').next().unwrap_or_default().to_owned()
            }
            (false, true) => value.to_owned(),
            (false, false) => format!("{value} in the plan"),
        };
        let due = app.room.reviews(app.now).iter().any(|r| r.flag == flag.name);
        let said = match due {
            true => format!("{said}  time is over: {} continue?", app.keymap.key_of(Action::Review)),
            false => said,
        };
        let known = app.levers.read.get(&flag.name).is_some_and(|r| r.value.is_ok());
        let (sign, tone) = match (bound, known) {
            (true, true) => (styles.glyphs.dot, styles.good),
            (true, false) => ("?", styles.warn),
            (false, _) => (styles.glyphs.ring, styles.faint),
        };
        let room = Rect { width: body.width.saturating_sub(crate::text::width(&said) as u16 + 2), ..body };
        paint.line(room, 1, y, &[(sign, tone), (" ", styles.faint), (&flag.name, styles.text)]);
        paint.right(body, 0, y, &[(&said, styles.dim), (" ", styles.dim)]);
    }
    if plan.flags.is_empty() {
        paint.put(body, 2, 0, "the plan names no flag", styles.dim);
    }
}

fn render_ways_back(paint: &mut Paint<'_>, area: Rect, app: &App, back: &[&Procedure]) {
    let styles = paint.styles;
    let word = if app.rehearses() { "rehearsed, not executed " } else { "by hand " };
    let body = paint.title(area, "WAYS BACK", false, &[(word, styles.dim)]);
    let mut y = 0;
    let called = app.suggested();
    if let Some(s) = called {
        y = render_suggestion(paint, body, app, s);
    }
    for procedure in back.iter().filter(|p| called.is_none_or(|s| s.procedure != p.id)) {
        let price = super::levers::way(app, procedure);
        let room = Rect { width: body.width.saturating_sub(crate::text::width(&price) as u16 + 2), ..body };
        paint.line(
            room,
            1,
            y,
            &[(styles.glyphs.ring, styles.faint), (" ", styles.faint), (&procedure.title, styles.text)],
        );
        paint.right(body, 0, y, &[(&price, styles.dim), (" ", styles.dim)]);
        y += 1;
    }
    for point in &app.room.plan.rollback_points {
        let said = format!("{}: {}", point.name, point.action);
        let room = Rect { width: body.width.saturating_sub(1), ..body };
        paint.line(
            room,
            1,
            y,
            &[(styles.glyphs.ring, styles.faint), (" ", styles.faint), (&said, styles.text)],
        );
        y += 1;
    }
    if y == 0 {
        paint.put(body, 2, 0, "the plan has no way back", styles.warn);
    }
}

/// What is called for, the keys for it, and why; the next free line comes back.
fn render_suggestion(paint: &mut Paint<'_>, area: Rect, app: &App, suggestion: &Suggestion) -> u16 {
    let styles = paint.styles;
    let (ways, no) = (app.keymap.key_of(Action::Ways), app.keymap.key_of(Action::Decline));
    let keys =
        [(ways, styles.accent), (" steps  ", styles.dim), (no, styles.accent), (" decline ", styles.dim)];
    let wide: usize = keys.iter().map(|(words, _)| crate::text::width(words)).sum();
    let room = Rect { width: area.width.saturating_sub(wide as u16 + 1), ..area };
    let x = paint.line(
        room,
        1,
        0,
        &[(styles.glyphs.alert, styles.warn), (" ", styles.warn), (&suggestion.title, styles.warn)],
    );
    paint.right(area, x, 0, &keys);
    let inside =
        Rect { x: area.x + 3, width: area.width.saturating_sub(4), height: area.height.min(4), ..area };
    paint.paragraph(inside, 1, &super::storm::evidence(app, suggestion), styles.dim).min(4)
}

/// What a way back takes: steps, blanks to fill, the time promised.
pub fn price(procedure: &Procedure) -> String {
    let commands = || procedure.steps.iter().flat_map(|s| &s.commands).chain(&procedure.commands);
    let blanks: usize = commands().map(|c| c.placeholders.len()).sum();
    let many = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    let mut parts = vec![];
    match procedure.steps.len() {
        0 => parts.push(many(commands().count(), "command")),
        n => parts.push(many(n, "step")),
    }
    if blanks > 0 {
        parts.push(many(blanks, "blank"));
    }
    parts.extend(procedure.target.map(|t| format!("< {}", span(t))));
    parts.join("  ")
}
