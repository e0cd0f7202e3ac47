//! The Levers screen: what is under way, the ways back with their price, flags with their rungs, and
//! beside or below the list everything about the row under the cursor. STOP is always in sight.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::boxes;
use super::clock;
use super::levers::{flag_words, outcome, step_line};
use super::paint::{Paint, Piece, first_line};
use super::signals::span;
use super::story::Line;
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
    for (n, row) in app.lever_rows().into_iter().enumerate() {
        if head(&row) != last {
            if !entries.is_empty() {
                entries.push(Entry::Gap);
            }
            last = head(&row);
            entries.push(Entry::Head(last));
        }
        entries.push(Entry::Row(n, row));
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
fn run_state(paint: &Paint<'_>, app: &App, run: &Run) -> ((&'static str, Style), String) {
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
fn kind(app: &App, procedure: &Procedure) -> &'static str {
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
fn rung_words(paint: &Paint<'_>, app: &App, name: &str, rungs: &[f64]) -> String {
    let now = stands(app, name);
    let shown = |r: &f64| if Some(*r) == now { format!("[{r}]") } else { r.to_string() };
    let line = format!(" {0}{0} ", paint.styles.glyphs.rule);
    format!("{} %", rungs.iter().map(shown).collect::<Vec<_>>().join(&line))
}
