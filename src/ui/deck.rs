//! The Levers screen: what is under way, the ways back with their price, flags with their rungs, and
//! beside or below the list everything about the row under the cursor. STOP is always in sight.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::clock;
use super::detail::rung_words;
use super::levers::{flag_words, outcome};
use super::paint::{Paint, Piece, first_line};
use super::signals::span;
use crate::app::{Action, App, LeverRow};
use crate::plan::{Procedure, ProcedureKind};
use crate::room::{Proposal, Run, WayKind};
use crate::text;

/// A line of the list.
enum Entry {
    Head(&'static str),
    Row(usize, LeverRow),
    Gap,
}

/// Draws the list.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    let running = app.room.runs().iter().filter(|r| r.unsettled_step().is_some()).count();
    let busy = match running + app.room.changes().iter().filter(|c| c.is_open()).count() {
        0 => " nothing runs ".to_owned(),
        n => format!(" {n} under way "),
    };
    let key = app.keymap.key_of(Action::Stop);
    let trust = if app.levers.unallowed {
        format!(" {} not allowed yet  ", app.keymap.key_of(Action::Trust))
    } else {
        String::new()
    };
    let stop = [
        (trust.as_str(), styles.warn),
        (key, styles.bad),
        (" STOP", styles.bad),
        (busy.as_str(), styles.dim),
    ];
    let body = paint.title(area, "LEVERS", true, &stop);
    let entries = entries(app);
    if entries.is_empty() {
        let words = "The plan names no flag, no way back and no procedure with steps.";
        paint.paragraph(
            Rect { x: body.x + 2, width: body.width.saturating_sub(2), ..body },
            0,
            words,
            styles.dim,
        );
        return;
    }
    let at = app.lever_at();
    let cursor = entries.iter().position(|e| matches!(e, Entry::Row(n, _) if *n == at)).unwrap_or(0);
    let first = first_line(entries.len(), cursor, usize::from(body.height));
    for (y, entry) in (0..body.height).zip(entries.iter().skip(first)) {
        match entry {
            Entry::Head(words) => drop(paint.put(body, 1, y, words, styles.title)),
            Entry::Gap => {}
            Entry::Row(n, row) => {
                if *n == at {
                    paint.band(body, y, styles.selection);
                    paint.put(body, 0, y, styles.glyphs.cursor, styles.accent);
                }
                render_row(paint, Rect { y: body.y + y, height: 1, ..body }, app, *row);
            }
        }
    }
}

/// The row of the list at a line of the pane.
pub fn hit(area: Rect, app: &App, y: u16) -> Option<usize> {
    let entries = entries(app);
    let at = app.lever_at();
    let cursor = entries.iter().position(|e| matches!(e, Entry::Row(n, _) if *n == at)).unwrap_or(0);
    let first = first_line(entries.len(), cursor, usize::from(area.height.saturating_sub(1)));
    match entries.get(first + usize::from(y.checked_sub(area.y + 1)?))? {
        Entry::Row(n, _) => Some(*n),
        Entry::Head(_) | Entry::Gap => None,
    }
}

fn entries(app: &App) -> Vec<Entry> {
    let ways = app.ways();
    let head = |row: &LeverRow| match row {
        LeverRow::Proposal(_) => "A SECOND PERSON",
        LeverRow::Run(r) if app.room.runs()[*r].ended.is_none() => "UNDER WAY",
        LeverRow::Run(_) => "OVER",
        LeverRow::Way(w) if ways[*w].kind != ProcedureKind::Rollback => "OTHER PROCEDURES",
        LeverRow::Way(_) | LeverRow::Point(_) => "WAYS BACK",
        LeverRow::Flag(_) => "FLAGS",
    };
    let (mut entries, mut last) = (vec![], "");
    for (n, row) in app.lever_rows().iter().enumerate() {
        if head(row) != last {
            if !entries.is_empty() {
                entries.push(Entry::Gap);
            }
            last = head(row);
            entries.push(Entry::Head(last));
        }
        entries.push(Entry::Row(n, *row));
    }
    entries
}

fn render_row(paint: &mut Paint<'_>, line: Rect, app: &App, row: LeverRow) {
    match row {
        LeverRow::Proposal(at) => render_proposal(paint, line, app, &app.room.proposals()[at]),
        LeverRow::Run(at) => render_run(paint, line, app, &app.room.runs()[at]),
        LeverRow::Way(at) => render_way(paint, line, app, app.ways()[at]),
        LeverRow::Point(at) => {
            let point = &app.room.plan.rollback_points[at];
            render_words(paint, line, WayKind::Point.word(), &format!("{}: {}", point.name, point.action));
        }
        LeverRow::Flag(at) => render_flag(paint, line, app, &app.room.plan.flags[at].name),
    }
}

/// A sign, words, and what is said at the right edge; the words give way.
fn put(paint: &mut Paint<'_>, line: Rect, sign: (&str, Style), words: &[Piece<'_>], said: &[Piece<'_>]) {
    let wide: usize = said.iter().map(|(t, _)| text::width(t)).sum();
    let room = Rect { width: line.width.saturating_sub(wide as u16 + 2), ..line };
    let x = paint.line(room, 1, 0, &[sign, (" ", sign.1)]);
    paint.line(room, x, 0, words);
    paint.right(line, x, 0, &[said, &[(" ", paint.styles.dim)]].concat());
}

fn render_run(paint: &mut Paint<'_>, line: Rect, app: &App, run: &Run) {
    let styles = paint.styles;
    let (sign, word) = run_state(paint, app, run);
    let (timer, style) = timer(paint, app, run);
    put(
        paint,
        line,
        sign,
        &[(&run.title, styles.strong), ("  ", styles.dim), (&word, sign.1)],
        &[(&timer, style)],
    );
}

/// How a run stands: its sign, and a word.
pub fn run_state(paint: &Paint<'_>, app: &App, run: &Run) -> ((&'static str, Style), String) {
    let (styles, glyphs) = (paint.styles, paint.styles.glyphs);
    let of = app.procedure_of(&run.procedure).map_or(0, |p| p.in_order().len());
    let step = run.next_step() + 1;
    match (&run.ended, run.unsettled_step()) {
        (Some(ended), _) => {
            (outcome(paint, ended.outcome), format!("{} {}", ended.outcome.as_str(), ended.detail))
        }
        (None, Some(_)) if app.levers.mine.contains(&run.id) => {
            ((glyphs.running, styles.accent), format!("step {step} of {of} runs"))
        }
        (None, Some(_)) => (("?", styles.warn), format!("step {step} of {of} UNKNOWN")),
        (None, None) => ((glyphs.running, styles.accent), format!("step {step} of {of} is next")),
    }
}

/// The time a run has taken, against what was promised.
pub fn timer(paint: &Paint<'_>, app: &App, run: &Run) -> (String, Style) {
    let styles = paint.styles;
    let took = run.ended.as_ref().map_or(app.now, |e| e.at) - run.at;
    let target = app.procedure_of(&run.procedure).and_then(|p| p.target);
    let over = target.is_some_and(|t| took.num_milliseconds() as f64 > t * 1000.0);
    let word = if run.ended.is_some() { "took " } else { "" };
    let style = if over { styles.bad } else { styles.text };
    match target {
        Some(target) if over => (format!("{word}{}, over {}", clock::lasting(took), span(target)), style),
        Some(target) => (format!("{word}{} of {}", clock::lasting(took), span(target)), style),
        None => (format!("{word}{}", clock::lasting(took)), style),
    }
}

/// A way in one line: its kind, title, and price.
pub fn render_way(paint: &mut Paint<'_>, line: Rect, app: &App, way: &Procedure) {
    let styles = paint.styles;
    let called = app.suggested().is_some_and(|s| s.procedure == way.id);
    let (sign, style) = match called {
        true => ((styles.glyphs.alert, styles.warn), styles.warn),
        false => ((styles.glyphs.ring, styles.faint), styles.text),
    };
    let kind = text::pad(kind(app, way), 10).into_owned();
    let price = brief(app, way, line.width >= 76);
    put(paint, line, sign, &[(&kind, styles.dim), (&way.title, style)], &[(&price, styles.dim)]);
}

/// What a procedure is, in a word.
pub fn kind(app: &App, procedure: &Procedure) -> &'static str {
    match procedure.kind {
        ProcedureKind::Rollback => app.room.way_kind(procedure).word(),
        ProcedureKind::Deploy => "deploy",
        ProcedureKind::Validation => "check",
        ProcedureKind::Incident => "incident",
    }
}

/// "3 steps  1 blank  < 5 min  took 0m48s".
fn brief(app: &App, way: &Procedure, roomy: bool) -> String {
    let price = app.room.price(way);
    let many = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    let mut parts = vec![many(price.steps, "step")];
    if !price.blanks.is_empty() {
        parts.push(many(price.blanks.len(), "blank"));
    }
    // Most titles say what is promised.
    parts.extend(
        price.promised.filter(|_| roomy && !way.title.contains('<')).map(|t| format!("< {}", span(t))),
    );
    let rehearsed = || app.rehearsed(way).map(|r| format!("rehearsed {}", clock::lasting(r.took)));
    match price.measured.map(|t| format!("took {}", clock::lasting(t))).or_else(rehearsed) {
        Some(took) => parts.push(took),
        None if roomy => parts.push("never run here".to_owned()),
        None => {}
    }
    parts.join("  ")
}

fn render_proposal(paint: &mut Paint<'_>, line: Rect, app: &App, proposal: &Proposal) {
    let styles = paint.styles;
    let (words, left) = super::approving::row(app, proposal);
    let (sign, style) = match proposal.approved {
        Some(_) => ((styles.glyphs.check, styles.good), styles.text),
        None if app.is_mine(proposal) => ((styles.glyphs.waiting, styles.accent), styles.text),
        None => ((styles.glyphs.alert, styles.warn), styles.warn),
    };
    put(paint, line, sign, &[(&words, style)], &[(&left, styles.dim)]);
}

fn render_words(paint: &mut Paint<'_>, line: Rect, kind: &str, words: &str) {
    let styles = paint.styles;
    let kind = text::pad(kind, 10).into_owned();
    put(paint, line, (styles.glyphs.ring, styles.faint), &[(&kind, styles.dim), (words, styles.text)], &[]);
}

fn render_flag(paint: &mut Paint<'_>, line: Rect, app: &App, name: &str) {
    let styles = paint.styles;
    let (words, style) = flag_words(paint, app, name);
    let open = app.room.open_change(name).filter(|c| !app.levers.mine.contains(&c.id)).is_some();
    let known = app.levers.read.get(name).is_some_and(|r| r.value.is_ok());
    let sign = match () {
        () if open || app.changed_outside(name) => ("?", styles.warn),
        () if known => (styles.glyphs.dot, styles.good),
        () => (styles.glyphs.ring, styles.faint),
    };
    let rungs = app.room.rungs(name);
    let wide = !rungs.is_empty() && line.width >= 70;
    let rungs = if wide { format!("{}   ", rung_words(paint, app, name, &rungs)) } else { String::new() };
    put(paint, line, sign, &[(name, styles.text)], &[(&rungs, styles.text), (&words, style)]);
}
