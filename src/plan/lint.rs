//! What contradicts itself in a plan, or will not do what it says: cheap, precise problems.
//!
//! No problem is better than a doubtful one: each check asks for evidence in the text. Limits,
//! times and commands have files of their own.

mod commands;

use std::collections::{HashMap, HashSet};

use super::outline::{Kind, Outline, ScopeKind};
use super::phases::Phases;
use super::vocabulary::words;
use super::words::fold;
use super::{
    Command, Level, PhaseKind, Plan, Problem, Procedure, ProcedureId, ProcedureKind, Ramp, lint_limits,
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
    commands::lint(plan, &mut out);
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
        let below = outline.below(i);
        let open = below.iter().filter(|b| b.task() == Some(false)).count();
        if let Some(first) = below.iter().find(|b| b.task() == Some(false)) {
            let tasks = if open == 1 {
                "1 task below it is open".to_owned()
            } else {
                format!("{open} tasks below it are open")
            };
            let message = format!("the heading claims done, but {tasks}");
            let hint = "a mark in a heading never counts; tick the tasks or remove it";
            let found = problem(Level::Warning, scope.line, message, hint).on(mark);
            out.push(found.and(first.line, "", "the first that is open"));
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

/// Commands with something left to fill in, and a way back that has nothing to do.
fn blanks(outline: &Outline, homes: &Homes, plan: &Plan, out: &mut Vec<Problem>) {
    let told = |id: &ProcedureId| {
        let says =
            |b: &super::outline::Block| matches!(b.kind, Kind::Paragraph | Kind::Row { header: false, .. });
        homes.get(id).is_some_and(|s| outline.below(*s).iter().any(says))
    };
    for procedure in &plan.procedures {
        let back = procedure.kind == ProcedureKind::Rollback;
        holes(procedure, back, out);
        if back && procedure.steps.is_empty() && procedure.commands.is_empty() && !told(&procedure.id) {
            let message = format!("“{}” is a way back without a step", procedure.title);
            out.push(problem(Level::Warning, procedure.line, message, "write what is to be done, in order"));
        }
    }
}

/// Each blank once a procedure: a warning where it keeps a way back from being run.
fn holes(procedure: &Procedure, back: bool, out: &mut Vec<Problem>) {
    let mut commands: Vec<&Command> =
        procedure.steps.iter().flat_map(|s| &s.commands).chain(&procedure.commands).collect();
    commands.sort_by_key(|c| c.line);
    let mut names: Vec<(&str, usize)> = Vec::new();
    for command in commands {
        for name in &command.placeholders {
            if names.len() < 12 && names.iter().all(|(known, _)| known != name) {
                let below = command.text.lines().position(|l| l.contains(name.as_str())).unwrap_or(0);
                names.push((name, command.line + below));
            }
        }
    }
    let Some((first, line)) = names.first().copied() else { return };
    let level = if back { Level::Warning } else { Level::Note };
    let all: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    let message = format!("commands of “{}” have blanks to fill: {}", procedure.title, all.join(", "));
    let found = problem(level, line, message, "fill them now, or bind them in warroom.toml").on(first);
    let others = names.iter().skip(1).take(2);
    out.push(others.fold(found, |found, (name, line)| found.and(*line, name, "")));
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
            let commands = set.rungs.first().map_or(0, |r| r.line);
            out.push(found.and(commands, "", "the first command"));
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
    if own.is_empty() && !moves_users(plan) {
        return;
    }
    if own.is_empty() {
        let message = format!("{} phases move something and no way back is written", rollout.len());
        let hint = "add a section “Rollback” with its steps";
        out.push(problem(Level::Warning, rollout[0].line, message, hint));
        return;
    }
    let still = |p: &&&super::Phase| fold(&p.name).split(' ').any(|word| word == "baseline");
    for phase in rollout.iter().filter(|p| !own.contains(p.id.as_str()) && !still(p)) {
        let message = format!("“{}” has no way back; other phases have one", phase.name);
        out.push(problem(Level::Warning, phase.line, message, "write how this phase is taken back"));
    }
}

/// Whether phases are of a launch, and not of building something.
fn moves_users(plan: &Plan) -> bool {
    const LAUNCH: &[&str] = words! {
        "rollout" "roll out" "launch" "canary" "deploy" "deployment" "release" "migration" "cutover" "go live" "pilot"
        "beta" "ramp" "production" "traffic" "users" "customers" "einführung" "umstellung" "déploiement" "despliegue"
        "lanzamiento" "implantação" "lançamento" "上线" "发布" "部署" "リリース" "本番" "배포" "출시"
    };
    let names = std::iter::once(&plan.title).chain(plan.phases.iter().map(|p| &p.name));
    let shares = plan.phases.iter().any(|p| p.share.is_some()) || !plan.ramps.is_empty();
    shares || names.map(|name| fold(name)).any(|name| LAUNCH.iter().any(|word| name.contains(word)))
}
