//! Everything about the row of the Levers screen under the cursor: a run with its output, a way back with
//! its price, a flag with its ladder. The ladder's box uses the same lines.

use ratatui::layout::Rect;

use super::boxes;
use super::clock;
use super::deck::{kind, run_state, timer};
use super::levers::{flag_words, step_line};
use super::paint::Paint;
use super::signals::span;
use super::story::Line;
use crate::app::{Action, App, LeverRow};
use crate::plan::{Procedure, ProcedureKind};
use crate::room::Run;

/// Draws everything about the row under the cursor.
pub fn render_detail(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let Some(row) = app.lever_row() else { return };
    let lines = match row {
        LeverRow::Proposal(at) => super::approving::lines(paint, app, &app.room.proposals()[at]),
        LeverRow::Run(at) => run_lines(paint, app, &app.room.runs()[at]),
        LeverRow::Way(at) => way_lines(paint, app, app.ways()[at]),
        LeverRow::Flag(at) => flag_lines(paint, app, &app.room.plan.flags[at].name),
        LeverRow::Point(at) => point_lines(paint, app, at),
    };
    let wrapped = boxes::wrap(&lines, usize::from(area.width.saturating_sub(1)));
    // Of what runs the end is the news.
    let height = usize::from(area.height);
    let tail = matches!(row, LeverRow::Run(_)) && wrapped.len() > height;
    let skip = if tail { wrapped.len() - height } else { 0 };
    for (y, (words, style)) in (0..area.height).zip(wrapped.iter().skip(skip)) {
        paint.put(area, 0, y, words, *style);
    }
}

/// A run: its steps, and the last lines of what it said.
fn run_lines(paint: &Paint<'_>, app: &App, run: &Run) -> Vec<Line> {
    let styles = paint.styles;
    let ((_, style), word) = run_state(paint, app, run);
    let (timer, late) = timer(paint, app, run);
    let mut lines = vec![
        (run.title.clone(), styles.strong),
        (word, style),
        (timer, late),
        (format!("begun by {} at {}", super::checklist::name(&run.by), clock::time(app, run.at)), styles.dim),
    ];
    let steps = app.procedure_of(&run.procedure).map(Procedure::in_order).unwrap_or_default();
    lines.extend(steps.iter().enumerate().map(|(at, step)| step_line(paint, app, step, Some(run), at)));
    if run.unsettled_step().is_some() && !app.levers.mine.contains(&run.id) {
        lines.push(("enter, then d: it happened, n: it did not".to_owned(), styles.warn));
    }
    lines.extend(output(paint, app, run, 40));
    lines
}

/// The last lines a run said.
pub fn output(paint: &Paint<'_>, app: &App, run: &Run, most: usize) -> Vec<Line> {
    let said = app.levers.output.get(&run.id).map(Vec::as_slice).unwrap_or_default();
    let last = said[said.len().saturating_sub(most)..].iter();
    let lines: Vec<Line> = last.map(|l| (format!("  {l}"), paint.styles.dim)).collect();
    if lines.is_empty() { lines } else { [vec![(String::new(), paint.styles.text)], lines].concat() }
}

/// A way back with its price and why it is suggested.
pub fn way_lines(paint: &Paint<'_>, app: &App, way: &Procedure) -> Vec<Line> {
    let styles = paint.styles;
    let price = app.room.price(way);
    let mut lines = vec![(way.title.clone(), styles.strong)];
    if let Some(s) = app.suggested().filter(|s| s.procedure == way.id) {
        lines.push((
            format!("{} because {}", styles.glyphs.alert, super::storm::evidence(app, s)),
            styles.warn,
        ));
    }
    let promised =
        price.promised.map_or("no time is promised".to_owned(), |t| format!("promised within {}", span(t)));
    let took = price
        .measured
        .map_or(", never run to its end here".to_owned(), |t| format!(", took {} here", clock::lasting(t)));
    lines.push((format!("{}, line {}: {promised}{took}", kind(app, way), way.line), styles.text));
    if let Some(last) = app.rehearsed(way) {
        let (took, day) = (clock::lasting(last.took), last.at.with_timezone(&clock::zone(app)));
        let day = day.format("%-d %b %H:%M");
        lines.push((format!("{took} in the rehearsal of {day} ({})", last.room), styles.text));
    }
    if !price.blanks.is_empty() {
        lines.push((format!("to fill in: {}", price.blanks.join(", ")), styles.warn));
    }
    if way.kind == ProcedureKind::Rollback {
        lines.extend(cost(paint, app, &price.loses));
    }
    lines.push((String::new(), styles.text));
    let steps = way.in_order();
    let run = app.room.open_run(&way.id);
    lines.extend(steps.iter().enumerate().map(|(at, step)| step_line(paint, app, step, run, at)));
    lines
}

/// What is lost, and whether there is a way back at all.
fn cost(paint: &Paint<'_>, app: &App, loses: &[String]) -> Vec<Line> {
    let styles = paint.styles;
    let mut lines: Vec<Line> =
        loses.iter().map(|l| (format!("may lose something: {l}"), styles.warn)).collect();
    if loses.is_empty() {
        lines.push(("the plan names nothing that is lost by it".to_owned(), styles.dim));
    }
    lines.push(match app.room.no_return() {
        Some((words, true)) => (format!("the point of no return has PASSED: {words}"), styles.bad),
        Some((words, false)) => (format!("no return after: {words} (not passed)"), styles.text),
        None => ("the plan names no point of no return".to_owned(), styles.dim),
    });
    lines
}

fn point_lines(paint: &Paint<'_>, app: &App, at: usize) -> Vec<Line> {
    let styles = paint.styles;
    let point = &app.room.plan.rollback_points[at];
    let mut lines = vec![
        (point.name.clone(), styles.strong),
        (point.condition.clone(), styles.text),
        (format!("then {}", point.action), styles.text),
        (format!("line {}", point.line), styles.dim),
    ];
    lines.extend(cost(paint, app, &[]));
    lines
}

/// A flag: its rungs, what stands against the next, what the plan gives it.
fn flag_lines(paint: &Paint<'_>, app: &App, name: &str) -> Vec<Line> {
    let styles = paint.styles;
    let (words, style) = flag_words(paint, app, name);
    let mut lines = vec![(name.to_owned(), styles.strong), (words, style)];
    lines.extend(ladder(paint, app, name));
    if let Some(footing) = app.room.footing(name) {
        let who = super::checklist::name(&footing.by);
        let words = format!("set to {} by {who}, {}", footing.value, clock::ago(app.now - footing.since));
        lines.push((words, styles.dim));
        if let Some(called) = &footing.called {
            let who = super::checklist::name(&called.by);
            lines.push((
                format!("{who} said {} at {}", called.call.word(), clock::time(app, called.at)),
                styles.text,
            ));
        }
    }
    if app.changed_outside(name) {
        lines.push((
            "changed outside the room: it reads otherwise than it was left here".to_owned(),
            styles.warn,
        ));
    }
    if app.levers.binding.as_ref().is_none_or(|b| b.flag(name).is_none()) {
        lines.push(("not bound: a change is recorded, not applied".to_owned(), styles.warn));
    }
    let flag = app.room.plan.flags.iter().find(|f| f.name == name);
    lines.extend(flag.and_then(|f| f.description.clone()).map(|d| (d, styles.dim)));
    let stages = flag.map(|f| f.stages.as_slice()).unwrap_or_default();
    lines.extend(stages.iter().map(|s| {
        let phase = app.room.plan.phase(&s.phase).map_or("", |p| p.name.as_str());
        (format!("{} in {phase}, line {}", s.value, s.line), styles.dim)
    }));
    lines
}

/// The rungs with the one it stands on marked, and what stands against the next.
pub fn ladder(paint: &Paint<'_>, app: &App, name: &str) -> Vec<Line> {
    let styles = paint.styles;
    let rungs = app.room.rungs(name);
    if rungs.is_empty() {
        return vec![];
    }
    let now = stands(app, name);
    let mut lines = vec![(rung_words(paint, app, name, &rungs), styles.text)];
    if let Some(review) = app.room.reviews(app.now).iter().find(|r| r.flag == name) {
        let key = app.keymap.key_of(Action::Review);
        let since = clock::ago(app.now - review.due);
        lines.push((
            format!("its time is over since {since}: {key} CONTINUE, HOLD or ROLL BACK"),
            styles.warn,
        ));
    } else if let Some(until) = app.room.watched_until(name, app.now) {
        lines.push((
            format!("watched until {}, {} more", clock::time(app, until), clock::lasting(until - app.now)),
            styles.text,
        ));
    }
    let next = rungs.iter().find(|r| **r > now.unwrap_or(0.0));
    let against = next.map(|n| app.against(name, &n.to_string())).unwrap_or_default();
    lines.extend(against.iter().map(|why| (format!("not up: {why}"), styles.warn)));
    if let Some(next) = next.filter(|_| against.is_empty()) {
        lines.push((format!("next {next} %"), styles.good));
    }
    lines
}

/// The percentage a flag reads, else the one it was set to from here.
fn stands(app: &App, name: &str) -> Option<f64> {
    let read = app.levers.read.get(name).and_then(|r| r.value.as_ref().ok());
    read.and_then(|v| v.parse().ok()).or_else(|| app.room.rung(name))
}

/// `0 ── [5] ── 50 ── 100 %`.
pub fn rung_words(paint: &Paint<'_>, app: &App, name: &str, rungs: &[f64]) -> String {
    let now = stands(app, name);
    let shown = |r: &f64| if Some(*r) == now { format!("[{r}]") } else { r.to_string() };
    let line = format!(" {0}{0} ", paint.styles.glyphs.rule);
    format!("{} %", rungs.iter().map(shown).collect::<Vec<_>>().join(&line))
}
