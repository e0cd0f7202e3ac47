//! Everything about one thing: an item, a phase's gate, a sign-off, a metric. Lines for the side of
//! Checklists and for the box that Enter opens.

use ratatui::style::Style;

use super::Styles;
use super::checklist::name;
use super::clock;
use super::signals::{side, span};
use crate::app::{App, Row, Target};
use crate::plan::{Item, ItemId, ItemKind, Owner, Phase, Role};
use crate::room::{Mark, PhaseProgress, Remark, Subject, Verdict};
use crate::signal::TileState;

/// One line of a story.
pub type Line = (String, Style);

/// The story of what is selected; its first line is the heading.
pub fn selected(app: &App, styles: &Styles) -> Vec<Line> {
    match app.target() {
        Target::Row(Row::Item(i)) => {
            let its = &app.room.plan.items[i];
            let mut lines = item(app, styles, its);
            let phase = its.phase.as_ref().and_then(|id| app.room.plan.phase(id));
            lines.extend(phase.map(|p| gate(app, styles, p)).unwrap_or_default());
            lines
        }
        Target::Row(Row::Group(g) | Row::Gate(g) | Row::Poll(g)) => match app.phase_of(g) {
            Some(p) => phase(app, styles, p),
            None => group(app, styles, g),
        },
        Target::Row(Row::Kept(at)) => {
            app.room.orphans().get(at).map(|(id, _)| kept(app, styles, id)).unwrap_or_default()
        }
        Target::Row(Row::SignOff(s)) => super::sign::lines(app, styles, &app.room.plan.signoffs[s]),
        Target::Signal(s) => signal(app, styles, s),
        _ => vec![],
    }
}

/// An item's story.
pub fn item(app: &App, styles: &Styles, item: &Item) -> Vec<Line> {
    let mark = app.room.mark(item);
    let state = app.room.item_state(&item.id);
    let mut lines = vec![(item.text.clone(), styles.strong), blank()];
    let word = match (mark, item.checked, state.and_then(|s| s.mark)) {
        (Mark::Done, true, None) => "done in the plan itself".to_owned(),
        (mark, ..) => word(mark).to_owned(),
    };
    let set =
        state.and_then(|s| s.set.as_ref()).map(|(by, at)| format!(" by {by}, {}", clock::time(app, *at)));
    lines.push((format!("{word}{}", set.unwrap_or_default()), tone(styles, mark)));
    lines.extend(
        app.room
            .claim(&item.id)
            .filter(|_| mark == Mark::Done)
            .map(|claim| (format!("but {}, since {}", claim.why, clock::time(app, claim.at)), styles.warn)),
    );
    lines.extend(app.offered(item).map(|seen| {
        let key = app.keymap.key_of(crate::app::Action::TickSeen);
        (format!("seen: {seen}; {key} ticks it with that"), styles.good)
    }));
    if let Some(reason) = state.and_then(|s| s.reason.as_ref()) {
        lines.push((format!("because {reason}"), styles.text));
    }
    lines.extend(state.and_then(|s| s.assignee.as_ref()).map(|who| (format!("with {who}"), styles.text)));
    lines.extend([blank(), (place(app, item), styles.dim)]);
    lines.extend(names(app, styles, item));
    lines.extend(remarks(app, styles, "Evidence", state.map_or(&[], |s| &s.evidence)));
    let notes: Vec<_> = app
        .room
        .notes
        .iter()
        .filter(|n| n.on == Subject::Item(item.id.clone()))
        .map(|n| n.remark.clone())
        .collect();
    lines.extend(remarks(app, styles, "Notes", &notes));
    lines
}

/// The story of what an edit of the plan left without a home.
pub fn kept(app: &App, styles: &Styles, id: &ItemId) -> Vec<Line> {
    let Some(state) = app.room.item_state(id) else { return vec![] };
    let mark = state.mark.unwrap_or_default();
    let set = state.set.as_ref().map(|(by, at)| format!(" by {by}, {}", clock::time(app, *at)));
    let mut lines = vec![(state.words().to_owned(), styles.strong), blank()];
    lines.push((format!("{}{}", word(mark), set.unwrap_or_default()), tone(styles, mark)));
    lines.extend(state.reason.as_ref().map(|reason| (format!("because {reason}"), styles.text)));
    lines.push(blank());
    if let Some(aside) = &state.aside {
        let path = aside.path.split('\u{1e}').filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" › ");
        lines.push((format!("no longer in the plan since {}", clock::time(app, aside.since)), styles.warn));
        lines.push((path, styles.dim));
    }
    lines.push(("counts for no gate; it comes back when the plan has it again".to_owned(), styles.dim));
    lines.extend(remarks(app, styles, "Evidence", &state.evidence));
    let notes = app.room.notes.iter().filter(|n| n.on == Subject::Item(id.clone()));
    let notes: Vec<_> = notes.map(|n| n.remark.clone()).collect();
    lines.extend(remarks(app, styles, "Notes", &notes));
    lines
}

fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Open => "open",
        Mark::Done => "done",
        Mark::Blocked => "blocked",
        Mark::NotApplicable => "not applicable",
    }
}

fn tone(styles: &Styles, mark: Mark) -> Style {
    match mark {
        Mark::Open => styles.text,
        Mark::Done => styles.good,
        Mark::Blocked => styles.bad,
        Mark::NotApplicable => styles.dim,
    }
}

/// Where an item stands in the plan and what it is.
fn place(app: &App, item: &Item) -> String {
    let owner = match &item.owner {
        Owner::Phase(id) => app.room.plan.phase(id).map_or_else(|| id.to_string(), |p| p.name.clone()),
        Owner::Before => "Before".to_owned(),
        Owner::Verification => "Verification".to_owned(),
        Owner::After => "After".to_owned(),
        Owner::Recurring => "Recurring".to_owned(),
        Owner::SignOff(_) => "Sign-off".to_owned(),
        Owner::Procedure(_) => "Procedure".to_owned(),
    };
    let kind = match item.kind {
        ItemKind::Task => "task",
        ItemKind::Table => "table row",
        ItemKind::Action => "bullet without a box",
        ItemKind::Criterion => "success criterion: the gate asks for it",
    };
    let section = if item.section.is_empty() || item.section == owner {
        String::new()
    } else {
        format!(" {} {}", "›", item.section.trim_end_matches(':'))
    };
    format!("{owner}{section}\nline {}, {kind}, id {}", item.line, item.id)
}

/// The flag and the limit an item names.
fn names(app: &App, styles: &Styles, item: &Item) -> Vec<Line> {
    let mut lines = vec![];
    if let Some(flag) = &item.flag {
        lines.push((
            format!("flag {} = {} (by hand: no provider is bound)", flag.name, flag.value),
            styles.text,
        ));
    }
    let limit = item.threshold.as_ref().and_then(|id| app.room.plan.thresholds.iter().find(|t| &t.id == id));
    if let Some(limit) = limit {
        lines.push((format!("limit {} {} (not bound)", limit.metric, side(limit)), styles.text));
    }
    lines
}

fn remarks(app: &App, styles: &Styles, title: &str, remarks: &[Remark]) -> Vec<Line> {
    if remarks.is_empty() {
        return vec![];
    }
    let mut lines = vec![blank(), (title.to_owned(), styles.title)];
    for remark in remarks {
        lines.push((format!("{} {}", clock::time(app, remark.at), name(&remark.by)), styles.dim));
        lines.push((remark.text.clone(), styles.text));
    }
    lines
}

/// A phase's story: where it stands, its gate with every reason.
pub fn phase(app: &App, styles: &Styles, phase: &Phase) -> Vec<Line> {
    let state = app.room.phase_state(&phase.id);
    let mut lines = vec![(phase.name.clone(), styles.strong), blank()];
    let (words, style) = match &state.progress {
        PhaseProgress::Waiting => ("not started".to_owned(), styles.text),
        PhaseProgress::Running => ("under way".to_owned(), styles.accent),
        PhaseProgress::Held { since, reason } => {
            (format!("held since {}: {reason}", clock::time(app, *since)), styles.warn)
        }
        PhaseProgress::Completed { at } => (format!("completed {}", clock::time(app, *at)), styles.good),
    };
    lines.push((words, style));
    lines.extend(state.started.map(|at| (format!("started {}", clock::time(app, at)), styles.dim)));
    if let Some(window) = &phase.window {
        let planned = app.room.planned(phase).map(|s| format!(", that is {}", clock::span(app, s)));
        let planned = planned
            .unwrap_or_else(|| if app.room.t0.is_none() { ", T0 not set".into() } else { String::new() });
        lines.push((format!("window {}{planned}", window.text), styles.dim));
    }
    lines.extend(course(app, styles, phase));
    lines.extend(phase.share.as_ref().map(|s| (format!("for {} {}", s.value, s.unit), styles.dim)));
    lines.push((format!("line {} of the plan", phase.line), styles.dim));
    lines.extend(gate(app, styles, phase));
    lines
}

/// Planned against actual, where that is not the same, and the phase's own clock.
fn course(app: &App, styles: &Styles, phase: &Phase) -> Vec<Line> {
    let mut lines = vec![];
    if let Some((own, counts)) = app.room.phase_clock(&phase.id, app.now) {
        let word = if counts { "under way for" } else { "took" };
        let word = if matches!(app.room.phase_state(&phase.id).progress, PhaseProgress::Held { .. }) {
            "held; under way for"
        } else {
            word
        };
        lines.push((format!("{word} {}", clock::lasting(own)), styles.dim));
    }
    let Some(course) = app.room.course(&phase.id, app.now) else { return lines };
    if !course.moved.is_zero() {
        let moved = crate::room::span_word(course.moved);
        lines.push((format!("moved by {moved}: holds of the count"), styles.warn));
    }
    lines.extend(clock::slip(app, &course).map(|words| (words, styles.warn)));
    lines
}

fn gate(app: &App, styles: &Styles, phase: &Phase) -> Vec<Line> {
    let gate = app.gate(phase);
    let style = match gate.verdict {
        Verdict::Go => styles.good,
        Verdict::NoGo => styles.bad,
        Verdict::Inconclusive => styles.warn,
    };
    let name = super::strip::short_name(&phase.name);
    let head = format!("Gate of {name}: {} {}", styles.glyphs.verdict(gate.verdict), gate.verdict.as_str());
    let mut lines = vec![blank(), (head, style)];
    lines.extend(gate.causes.into_iter().map(|c| {
        let line = c.line.filter(|_| !c.words.contains("(line ")).map(|l| format!(" (line {l})"));
        (format!("  {}{}", c.words, line.unwrap_or_default()), styles.text)
    }));
    lines.extend(super::poll::story(app, styles, phase));
    lines
}

fn group(app: &App, styles: &Styles, group: usize) -> Vec<Line> {
    let tally = app.group_tally(group);
    let title = app.outline.groups.get(group).map(|g| g.title.clone()).unwrap_or_default();
    let mut lines =
        vec![(title, styles.strong), blank(), (format!("{} of {} done", tally.done, tally.all), styles.text)];
    if tally.blocked > 0 {
        lines.push((format!("{} blocked", tally.blocked), styles.bad));
    }
    lines
}

/// A metric's limits, each with its line and words.
pub fn signal(app: &App, styles: &Styles, place: usize) -> Vec<Line> {
    let Some(tile) = app.tiles.get(place) else { return vec![] };
    let mut lines = vec![(tile.name.to_string(), styles.strong), blank()];
    lines.push(match tile.state {
        TileState::NotBound => {
            ("not bound: nothing measures it yet, so nothing is known of it".to_owned(), styles.warn)
        }
        state => (format!("{}   {}", super::signals::value(app, tile), state.word()), styles.strong),
    });
    lines.extend(super::origin::author(app, tile).map(|by| (by, styles.text)));
    lines.extend(super::origin::words(app, tile).map(|from| (from, styles.dim)));
    lines.extend(tile.why.as_ref().map(|why| (why.to_string(), styles.warn)));
    let log = app.log_lines(tile).unwrap_or_default();
    lines.extend(log.iter().rev().take(5).rev().map(|line| (format!("  {}", line.trim()), styles.dim)));
    for index in tile.limits.iter() {
        let limit = &app.room.plan.thresholds[*index];
        let role = match limit.role {
            Role::Alert => "alert",
            Role::Rollback => "calls for a rollback",
            Role::Monitor => "watched",
            Role::Success => "success criterion",
        };
        let severity = limit.severity.as_deref().map(|s| format!(" {s}")).unwrap_or_default();
        let over = limit.over.map(|s| format!(" over {}", span(s))).unwrap_or_default();
        lines.extend([
            blank(),
            (format!("{}{over}   {role}{severity}", side(limit)), styles.text),
            (format!("line {}: {}", limit.line, limit.text), styles.dim),
        ]);
    }
    lines
}

pub(super) fn blank() -> Line {
    (String::new(), Style::new())
}
