//! The boxes of flags and runbooks, and the one before something dangerous.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::boxes;
use super::clock;
use super::paint::{Paint, first_line};
use super::story::Line;
use crate::app::{App, Confirm, Deed, Dialog};
use crate::plan::{Procedure, ProcedureId, Step};
use crate::room::{Outcome, Run};
use crate::text;

/// Draws the lever's box that is open.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    match &app.dialog {
        Dialog::Flags { at } => flags(paint, area, app, *at),
        Dialog::Flag { name, at } => flag(paint, area, app, name, *at),
        Dialog::Review(name) => review(paint, area, app, name),
        Dialog::Ways { at } => ways(paint, area, app, *at),
        Dialog::Procedure(id) => procedure(paint, area, app, id),
        Dialog::Confirm(confirm) => confirm_box(paint, area, app, confirm),
        Dialog::Approve(approving) => super::approving::approve(paint, area, app, approving),
        Dialog::Proposal(id) => {
            if let Some(proposal) = app.proposal(*id) {
                super::approving::standing(paint, area, app, proposal);
            }
        }
        _ => {}
    }
}

/// The room's environment, for the head of every such box.
pub fn where_(app: &App) -> String {
    let name = if app.room.environment.is_empty() { "no environment" } else { &app.room.environment };
    name.to_uppercase()
}

fn flags(paint: &mut Paint<'_>, area: Rect, app: &App, at: usize) {
    let flags = &app.room.plan.flags;
    let rows: Vec<_> = flags.iter().map(|f| (f.name.clone(), standing(app, &f.name))).collect();
    list(
        paint,
        area,
        &format!("FLAGS {} {}", "▸", where_(app)),
        &rows,
        at,
        &[("enter", "change"), ("esc", "close")],
    );
}

/// What a flag stands at, as far as anybody knows.
pub fn standing(app: &App, flag: &str) -> String {
    let read = app.levers.read.get(flag);
    let value = match read.map(|r| &r.value) {
        Some(Ok(value)) => value.clone(),
        Some(Err(why)) => format!("unknown: {why}"),
        None if app.levers.binding.as_ref().is_some_and(|b| b.flag(flag).is_some()) => {
            "not read yet".to_owned()
        }
        None => {
            let plan = app.room.plan.flags.iter().find(|f| f.name == flag).and_then(|f| f.value.as_deref());
            format!("not bound; {} in the plan", plan.unwrap_or("no value"))
        }
    };
    match app.room.open_change(flag) {
        Some(change) if app.levers.mine.contains(&change.id) => format!("→ {} …  {value}", change.to),
        Some(change) => format!("UNKNOWN → {}  {value}", change.to),
        None => value,
    }
}

fn flag(paint: &mut Paint<'_>, area: Rect, app: &App, name: &str, at: usize) {
    let styles = paint.styles;
    let bound = app.levers.binding.as_ref().is_some_and(|b| b.flag(name).is_some());
    let choices = app.choices(name);
    let open = app.lost_change(name);
    let against = choices.get(at).map(|to| app.against(name, to)).unwrap_or_default();
    let keys: &[(&str, &str)] = match (open, bound) {
        (Some(_), _) => &[("r", "read again"), ("d", "it was done"), ("n", "it was not"), ("esc", "close")],
        (None, _) if !against.is_empty() => {
            &[("j k", "choose"), ("o", "override, with a reason"), ("r", "read again"), ("esc", "close")]
        }
        (None, true) => {
            &[("j k", "choose"), ("enter", "show the request"), ("r", "read again"), ("esc", "close")]
        }
        (None, false) => &[("j k", "choose"), ("enter", "record: set by hand"), ("esc", "close")],
    };
    let height = (choices.len() as u16 + 7).min(area.height);
    let inside = boxes::open(paint, area, &format!("FLAG {} {}", "▸", where_(app)), (70, height), keys);
    paint.put(inside, 0, 0, name, styles.strong);
    let age = app.levers.read.get(name).map(|r| format!(", read {} ago", clock::lasting(app.now - r.at)));
    let said = format!("now {}{}", standing(app, name), age.unwrap_or_default());
    paint.put(
        inside,
        0,
        1,
        &said,
        if said.contains("nknown") || open.is_some() { styles.warn } else { styles.text },
    );
    if !bound {
        paint.put(inside, 0, 2, "change it by hand, then record here what you set", styles.dim);
    }
    for (y, (n, choice)) in (3..inside.height).zip(choices.iter().enumerate()) {
        let (sign, style) = if n == at { (styles.glyphs.cursor, styles.accent) } else { (" ", styles.text) };
        paint.line(inside, 0, y, &[(sign, styles.accent), (" ", style), (choice, style)]);
    }
    if !against.is_empty() {
        let y = (choices.len() as u16 + 3).min(inside.height.saturating_sub(1));
        paint.put(inside, 0, y, &format!("not up: {}", against.join(", ")), styles.warn);
    }
}

/// The ladder: a line a way, and below it the price of the chosen one with why it is suggested.
fn ways(paint: &mut Paint<'_>, area: Rect, app: &App, at: usize) {
    let styles = paint.styles;
    let ways = app.ways();
    let title = format!("WAYS BACK {} {}", "▸", where_(app));
    let keys: &[(&str, &str)] = match app.suggested() {
        Some(_) => &[("enter", "open"), ("D", "decline"), ("!", "STOP"), ("esc", "close")],
        None => &[("enter", "open"), ("!", "STOP"), ("esc", "close")],
    };
    let width = area.width.saturating_sub(4).clamp(20, 104);
    let detail = ways.get(at).map(|w| super::detail::way_lines(paint, app, w)).unwrap_or_default();
    let detail = boxes::wrap(&detail, usize::from(width.saturating_sub(4)));
    let wanted = ways.len() + detail.len() + 3;
    let height = (wanted as u16).min(area.height.saturating_sub(1)).max(4);
    let inside = boxes::open(paint, area, &title, (width, height), keys);
    let shown = (ways.len() as u16).min((inside.height / 2).max(1));
    let first = first_line(ways.len(), at, usize::from(shown));
    for (y, (n, way)) in (0..shown).zip(ways.iter().enumerate().skip(first)) {
        if n == at {
            paint.band(inside, y, styles.selection);
            paint.put(inside, 0, y, styles.glyphs.cursor, styles.accent);
        }
        super::deck::render_way(paint, Rect { y: inside.y + y, height: 1, ..inside }, app, way);
    }
    for (y, (words, style)) in (shown + 1..inside.height).zip(&detail) {
        paint.put(inside, 0, y, words, *style);
    }
}

/// What is said at the end of a rung's time.
fn review(paint: &mut Paint<'_>, area: Rect, app: &App, name: &str) {
    let styles = paint.styles;
    let rung = app.room.rung(name).unwrap_or_default();
    let mut lines = vec![(format!("{name} stands at {rung} %"), styles.strong)];
    lines.extend(super::detail::ladder(paint, app, name));
    lines.push((String::new(), styles.text));
    lines.push(("What you say is recorded. Nothing moves by it.".to_owned(), styles.dim));
    let keys = [("c", "CONTINUE"), ("h", "HOLD"), ("r", "ROLL BACK"), ("esc", "leave it")];
    boxes::tell(paint, area, &format!("HOW DOES IT GO ON? {} {}", "▸", where_(app)), &lines, &keys);
}

/// What a flag stands at in words, with the age of the reading.
pub fn flag_words(paint: &Paint<'_>, app: &App, name: &str) -> (String, Style) {
    let styles = paint.styles;
    let said = standing(app, name);
    let age = app.levers.read.get(name).map(|r| format!("  read {}", clock::ago(app.now - r.at)));
    let outside = if app.changed_outside(name) { "  changed outside the room" } else { "" };
    let doubt = said.contains("nknown") || said.contains("UNKNOWN") || !outside.is_empty();
    (format!("{said}{outside}{}", age.unwrap_or_default()), if doubt { styles.warn } else { styles.dim })
}

/// A way's price, and how its last run went.
pub fn way(app: &App, procedure: &Procedure) -> String {
    let last = app.room.runs().iter().rev().find(|r| r.procedure == procedure.id);
    let went = match last.map(|r| (r, &r.ended)) {
        Some((_, None)) => "under way  ".to_owned(),
        Some((run, Some(ended))) => {
            format!("{} in {}  ", ended.outcome.as_str(), clock::lasting(ended.at - run.at))
        }
        None => String::new(),
    };
    format!("{went}{}", super::side::price(procedure))
}

/// A list to choose from.
fn list(
    paint: &mut Paint<'_>,
    area: Rect,
    title: &str,
    rows: &[(String, String)],
    at: usize,
    keys: &[(&str, &str)],
) {
    let styles = paint.styles;
    let width = area.width.saturating_sub(4).clamp(20, 96);
    let height = (rows.len() as u16 + 2).min(area.height.saturating_sub(2)).max(4);
    let inside = boxes::open(paint, area, title, (width, height), keys);
    let first = first_line(rows.len(), at, usize::from(inside.height));
    for (y, (n, (name, said))) in (0..inside.height).zip(rows.iter().enumerate().skip(first)) {
        if n == at {
            paint.band(inside, y, styles.selection);
        }
        let sign = if n == at { styles.glyphs.cursor } else { " " };
        let room = Rect { width: inside.width.saturating_sub(text::width(said) as u16 + 1), ..inside };
        paint.line(room, 0, y, &[(sign, styles.accent), (" ", styles.text), (name, styles.text)]);
        paint.right(inside, 0, y, &[(said, styles.dim)]);
    }
}

fn procedure(paint: &mut Paint<'_>, area: Rect, app: &App, id: &ProcedureId) {
    let Some(procedure) = app.room.plan.procedures.iter().find(|p| &p.id == id) else { return };
    let styles = paint.styles;
    let run = app.room.open_run(id).or_else(|| app.room.runs().iter().rev().find(|r| &r.procedure == id));
    let open = run.is_some_and(|r| r.ended.is_none());
    let lost = run.filter(|r| app.lost_step(r).is_some());
    let keys: &[(&str, &str)] = match (open, lost) {
        (true, Some(r)) if r.unseen_step().is_some() => {
            &[("enter", "look what became of it"), ("!", "STOP"), ("x", "give up"), ("esc", "close")]
        }
        (true, Some(_)) => &[("d", "it was done"), ("n", "it was not"), ("x", "give up"), ("esc", "close")],
        (true, None) => &[("enter", "next step"), ("!", "STOP"), ("x", "give up"), ("esc", "close")],
        _ => &[("enter", "begin"), ("esc", "close")],
    };
    let mut lines = vec![(head(app, procedure, run), styles.dim)];
    lines.extend(run.map(|r| super::deck::timer(paint, app, r)));
    if let Some(s) = app.suggested().filter(|s| s.procedure == *id) {
        lines.push((format!("because {}", super::storm::evidence(app, s)), styles.warn));
    }
    lines.push((String::new(), styles.text));
    for (at, step) in procedure.in_order().iter().enumerate() {
        lines.push(step_line(paint, app, step, run, at));
    }
    lines.extend(run.map(|r| super::detail::output(paint, app, r, 8)).unwrap_or_default());
    let title = format!("{} {} {}", procedure.title, "▸", where_(app));
    boxes::tell(paint, area, &title, &lines, keys);
}

fn head(app: &App, procedure: &Procedure, run: Option<&Run>) -> String {
    let target = procedure.target.map(|t| format!(", promised within {}", super::signals::span(t)));
    let ended = run.and_then(|r| r.ended.as_ref()).map(|e| format!(", {}", e.outcome.as_str()));
    let parts = [target, ended].into_iter().flatten().collect::<String>();
    format!("line {} of the plan{parts}{}", procedure.line, if app.rehearses() { ", REHEARSAL" } else { "" })
}

pub fn step_line(paint: &Paint<'_>, app: &App, of: &Step, run: Option<&Run>, step: usize) -> Line {
    let (styles, glyphs) = (paint.styles, paint.styles.glyphs);
    let sets = app.set_by(of);
    let (words, has_command) = (&of.text, !of.commands.is_empty() || sets.is_some());
    let state = run.map(|r| r.step(step)).unwrap_or_default();
    let mine = run.is_some_and(|r| app.levers.mine.contains(&r.id));
    let next = run.is_some_and(|r| r.ended.is_none() && r.next_step() == step);
    let (sign, style) = match (&state.ended, state.started) {
        (Some(ended), _) => outcome(paint, ended.outcome),
        (None, Some(_)) if mine => (glyphs.running, styles.accent),
        (None, Some(_)) => ("?", styles.warn),
        (None, None) if next => (glyphs.cursor, styles.strong),
        (None, None) => (glyphs.waiting, styles.text),
    };
    let word = match (&state.ended, state.started) {
        (Some(ended), _) => format!("  {} {}", ended.outcome.as_str(), ended.detail),
        (None, Some(_)) if mine => "  running".to_owned(),
        (None, Some(_)) => "  unknown: it was started and has no end".to_owned(),
        _ if has_command => String::new(),
        _ => "  by hand".to_owned(),
    };
    (format!("{sign} {}. {words}{word}", step + 1), style)
}

pub fn outcome(paint: &Paint<'_>, outcome: Outcome) -> (&'static str, Style) {
    let (styles, glyphs) = (paint.styles, paint.styles.glyphs);
    match outcome {
        Outcome::Done => (glyphs.check, styles.good),
        Outcome::Unknown => ("?", styles.warn),
        _ => (glyphs.cross, styles.bad),
    }
}

fn confirm_box(paint: &mut Paint<'_>, area: Rect, app: &App, confirm: &Confirm) {
    let styles = paint.styles;
    let prepared = &confirm.prepared;
    let (title, about) = match &prepared.deed {
        Deed::Flag { flag, to } => {
            let from = prepared.from.as_deref().unwrap_or("not read");
            ("CHANGE A FLAG".to_owned(), format!("{flag}: {from} → {to}"))
        }
        Deed::Step { procedure, step } => {
            let title = app.room.plan.procedures.iter().find(|p| &p.id == procedure);
            (
                "RUN A STEP".to_owned(),
                format!("{}, step {}", title.map_or("", |p| p.title.as_str()), step + 1),
            )
        }
    };
    let mut lines: Vec<Line> = vec![(about, styles.strong), (format!("as {}", app.actor.name), styles.dim)];
    let called = match &prepared.deed {
        Deed::Step { procedure, .. } => app.suggested().filter(|s| s.procedure == *procedure),
        Deed::Flag { .. } => None,
    };
    lines.extend(called.map(|s| (format!("because {}", super::storm::evidence(app, s)), styles.warn)));
    if app.rehearses() {
        let words = match prepared.deed {
            Deed::Flag { .. } => "REHEARSAL: goes to the simulated production on this machine only",
            Deed::Step { .. } => "REHEARSAL: nothing is executed and no host of the plan is called",
        };
        lines.push((words.to_owned(), styles.warn));
    }
    lines.push((String::new(), styles.text));
    let numbered = prepared.shown.iter().enumerate();
    lines.extend(numbered.map(|(n, line)| (format!("{:>3} │ {line}", n + 1), styles.text)));
    lines.extend([(String::new(), styles.text), (prepared.digest.clone(), styles.faint)]);
    let keys: &[(&str, &str)] = match confirm.phrase {
        Some(_) => &[("enter", "does it once it is typed"), ("esc", "leaves it")],
        None => &[("y", "does it"), ("esc", "leaves it")],
    };
    let foot = [question(paint, app, confirm)];
    boxes::ask(
        paint,
        area,
        &format!("{title} {} {}", "▸", where_(app)),
        (&lines, &foot),
        confirm.scroll,
        keys,
    );
}

fn question(paint: &Paint<'_>, app: &App, confirm: &Confirm) -> Line {
    let styles = paint.styles;
    match &confirm.phrase {
        _ if !confirm.hears(app.now) => ("…".to_owned(), styles.dim),
        Some(phrase) => {
            let style = if confirm.is_met() { styles.good } else { styles.accent };
            (format!("Type  {phrase}  and Enter.   > {}_", confirm.typed), style)
        }
        None if confirm.prepared.runs_here => {
            ("Press y to do it. Nothing was sent yet.".to_owned(), styles.accent)
        }
        None => (
            "It is not run from here: run it yourself, then y records that you did.".to_owned(),
            styles.accent,
        ),
    }
}
