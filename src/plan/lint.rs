//! What contradicts itself in a plan, or will not do what it says: cheap, precise problems.
//!
//! No problem is better than a doubtful one: each check asks for evidence in the text. Limits,
//! times and commands have files of their own.

use std::collections::{HashMap, HashSet};

use super::outline::{Kind, Outline, ScopeKind};
use super::phases::Phases;
use super::vocabulary::words;
use super::{
    Command, Level, PhaseKind, Plan, Problem, ProcedureId, ProcedureKind, Ramp, lint_commands, lint_limits,
    lint_times,
};

/// The problems of a plan, by line.
pub(crate) fn lint(
    outline: &Outline,
    phases: &Phases,
    ways: &HashMap<usize, ProcedureId>,
    plan: &Plan,
) -> Vec<Problem> {
    let homes: Homes = ways.iter().map(|(scope, id)| (id, *scope)).collect();
    let mut out = Vec::new();
    unclosed(outline, &mut out);
    claims(outline, &mut out);
    lint_times::lint(outline, plan, &mut out);
    lint_limits::lint(outline, plan, &mut out);
    blanks(outline, &homes, plan, &mut out);
    ladders(plan, &mut out);
    ways_back(phases, &homes, plan, &mut out);
    lint_commands::lint(plan, &mut out);
    out.sort_by_key(|p| p.line);
    out
}

/// The scope of each procedure.
type Homes<'a> = HashMap<&'a ProcedureId, usize>;

/// A problem with what to do about it.
pub(crate) fn problem(level: Level, line: usize, message: String, hint: &str) -> Problem {
    Problem::new(level, line, message, hint)
}

fn unclosed(outline: &Outline, out: &mut Vec<Problem>) {
    if let Some(line) = outline.unclosed {
        let hint = "close it with ``` — everything below it is inside";
        out.push(problem(
            Level::Warning,
            line,
            "the code fence that begins here is never closed".to_owned(),
            hint,
        ));
    }
}

/// A heading that says done above tasks that are open.
fn claims(outline: &Outline, out: &mut Vec<Problem>) {
    for (i, scope) in outline.scopes.iter().enumerate() {
        let Some(mark) = claim(&scope.title).filter(|_| matches!(scope.kind, ScopeKind::Heading(_))) else {
            continue;
        };
        let open = outline.below(i).iter().filter(|b| b.task() == Some(false)).count();
        if open > 0 {
            let tasks = if open == 1 {
                "1 task below it is open".to_owned()
            } else {
                format!("{open} tasks below it are open")
            };
            let message = format!("the heading claims done, but {tasks}");
            let hint = "a mark in a heading never counts; tick the tasks or remove it";
            out.push(problem(Level::Warning, scope.line, message, hint).on(mark));
        }
    }
}

/// The mark or word that claims it.
fn claim(title: &str) -> Option<&'static str> {
    let end = title.trim_end_matches('\u{fe0f}').trim_end();
    let lower = title.to_lowercase();
    let glyph = ["✅", "✔", "☑", "🎉"].into_iter().find(|g| end.ends_with(g));
    let words = words! {
        "(done)" "[done]" "(complete)" "(completed)" "– done" "- done" "(erledigt)" "(concluído)"
    };
    glyph.or_else(|| words.iter().copied().find(|w| lower.contains(w)))
}

/// A way back that cannot be run as it is written, or that has nothing to do.
fn blanks(outline: &Outline, homes: &Homes, plan: &Plan, out: &mut Vec<Problem>) {
    let told = |id: &ProcedureId| {
        homes.get(id).is_some_and(|s| outline.below(*s).iter().any(|b| b.kind == Kind::Paragraph))
    };
    for procedure in plan.procedures.iter().filter(|p| p.kind == ProcedureKind::Rollback) {
        let commands = procedure.commands.iter().chain(procedure.steps.iter().flat_map(|s| &s.commands));
        for command in commands.filter(|c| !c.placeholders.is_empty()) {
            let names = command.placeholders.join(", ");
            let message = format!("a command of “{}” has blanks to fill: {names}", procedure.title);
            let hint = "fill them now, or bind them in warroom.toml";
            let found = problem(Level::Warning, command.line, message, hint);
            out.push(show_blanks(found, command));
        }
        if procedure.steps.is_empty() && procedure.commands.is_empty() && !told(&procedure.id) {
            let message = format!("“{}” is a way back without a step", procedure.title);
            out.push(problem(Level::Warning, procedure.line, message, "write what is to be done, in order"));
        }
    }
}

/// Points at the first blank, and shows the lines of the others.
fn show_blanks(mut problem: Problem, command: &Command) -> Problem {
    const SHOWN: usize = 3;
    for blank in command.placeholders.iter().take(SHOWN) {
        let Some(below) = command.text.lines().position(|l| l.contains(blank.as_str())) else { continue };
        let first = below == 0 && problem.words.is_none();
        problem = if first { problem.on(blank) } else { problem.and(command.line + below, blank, "") };
    }
    problem
}

/// Steps of a ramp that no command sets, where commands set the others.
fn ladders(plan: &Plan, out: &mut Vec<Problem>) {
    let commands =
        plan.procedures.iter().flat_map(|p| p.steps.iter().flat_map(|s| &s.commands).chain(&p.commands));
    let lines: HashSet<usize> = commands.filter(|c| c.http.is_some()).map(|c| c.line).collect();
    let commanded = |ramp: &&Ramp| ramp.rungs.iter().all(|r| lines.contains(&r.line));
    let Some(set) = plan.ramps.iter().find(commanded) else { return };
    let values = |ramp: &Ramp| -> Vec<f64> {
        let percent = ramp.rungs.iter().filter(|r| r.unit.starts_with('%'));
        percent.filter_map(|r| r.value).filter(|v| *v > 0.0).collect()
    };
    let known = values(set);
    let commanded_values: HashSet<u64> = known.iter().map(|v| v.to_bits()).collect();
    for ramp in plan.ramps.iter().filter(|r| !commanded(r)) {
        let planned = values(ramp);
        let missing: Vec<f64> =
            planned.iter().copied().filter(|v| !commanded_values.contains(&v.to_bits())).collect();
        let shared = planned.len() - missing.len();
        let Some(first) = ramp.rungs.iter().find(|r| r.value == missing.first().copied()) else { continue };
        if shared > 1 && !missing.is_empty() {
            let message = format!(
                "no command sets {}; there are commands for {}",
                percents(&missing),
                percents(&known)
            );
            let hint = "write the missing commands, or drop the steps";
            let value = missing.first().map(f64::to_string).unwrap_or_default();
            let mut found = problem(Level::Warning, first.line, message, hint).on(value);
            for value in missing.iter().skip(1) {
                let rung = ramp.rungs.iter().find(|r| r.value == Some(*value));
                found = rung.map_or(found.clone(), |r| found.and(r.line, &value.to_string(), ""));
            }
            out.push(found);
        }
    }
}

fn percents(values: &[f64]) -> String {
    values.iter().map(|v| format!("{v}%")).collect::<Vec<_>>().join(", ")
}

/// A plan that moves users and has no way back, or a phase without one where the others have their own.
fn ways_back(phases: &Phases, homes: &Homes, plan: &Plan, out: &mut Vec<Problem>) {
    let moves = |p: &&super::Phase| p.parent.is_none() && p.kind == PhaseKind::Rollout;
    let rollout: Vec<&super::Phase> = plan.phases.iter().filter(moves).collect();
    let mut own: HashSet<&str> =
        plan.rollback_points.iter().filter_map(|p| p.phase.as_ref()).map(|p| p.as_str()).collect();
    let mut global = plan.rollback_points.iter().any(|p| p.phase.is_none());
    let moving: HashSet<&str> = rollout.iter().map(|p| p.id.as_str()).collect();
    for way in plan.procedures.iter().filter(|p| p.kind == ProcedureKind::Rollback) {
        let home = homes.get(&way.id).and_then(|scope| phases.scope_of(*scope)).and_then(|s| phases.of(s));
        let top = home.map(|phase| phase.parent.as_ref().unwrap_or(&phase.id).as_str());
        match top.filter(|id| moving.contains(id)) {
            Some(id) => own.extend([id]),
            None => global = true,
        }
    }
    if global || rollout.len() < 2 {
        return;
    }
    if own.is_empty() {
        let message = format!("{} phases move something and no way back is written", rollout.len());
        let hint = "add a section “Rollback” with its steps";
        out.push(problem(Level::Warning, rollout[0].line, message, hint));
        return;
    }
    for phase in rollout.iter().filter(|p| !own.contains(p.id.as_str())) {
        let message = format!("“{}” has no way back; other phases have one", phase.name);
        out.push(problem(Level::Warning, phase.line, message, "write how this phase is taken back"));
    }
}
