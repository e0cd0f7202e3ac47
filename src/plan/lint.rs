//! What contradicts itself in a plan, or will not do what it says: cheap, precise problems.
//!
//! No problem is better than a doubtful one: each check asks for evidence in the text.

use std::collections::HashMap;

use super::clock::clock_at;
use super::outline::{Kind, Outline, ScopeKind};
use super::vocabulary::words;
use super::words::fold;
use super::{Cmp, Level, Message, MessageKind, Phase, Plan, Problem, ProcedureKind, Role, Threshold, Value};

/// The problems of a plan, by line.
pub(crate) fn lint(outline: &Outline, plan: &Plan) -> Vec<Problem> {
    let mut out = Vec::new();
    unclosed(outline, &mut out);
    claims(outline, &mut out);
    zones(outline, &plan.phases, &plan.messages, &mut out);
    contradictions(&plan.thresholds, &mut out);
    blanks(plan, &mut out);
    out.sort_by_key(|p| p.line);
    out
}

fn problem(level: Level, line: usize, message: String, hint: &str) -> Problem {
    Problem { level, line, message, hint: Some(hint.to_owned()) }
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
        if !matches!(scope.kind, ScopeKind::Heading(_)) || !claims_done(&scope.title) {
            continue;
        }
        let open = outline.below(i).iter().filter(|b| b.task() == Some(false)).count();
        if open > 0 {
            let tasks = if open == 1 {
                "1 task below it is open".to_owned()
            } else {
                format!("{open} tasks below it are open")
            };
            out.push(problem(
                Level::Warning,
                scope.line,
                format!("the heading claims done, but {tasks}"),
                "a mark in a heading never counts; tick the tasks or remove it",
            ));
        }
    }
}

fn claims_done(title: &str) -> bool {
    let glyph =
        ["✅", "✔", "☑", "🎉"].iter().any(|g| title.trim_end_matches('\u{fe0f}').trim_end().ends_with(g));
    let lower = title.to_lowercase();
    glyph
        || words! {
            "(done)" "[done]" "(complete)" "(completed)" "– done" "- done" "(erledigt)" "(concluído)"
        }
        .iter()
        .any(|w| lower.contains(w))
}

/// Clock times without a zone, once a document.
fn zones(outline: &Outline, phases: &[Phase], messages: &[Message], out: &mut Vec<Problem>) {
    let said = phases
        .iter()
        .filter_map(|p| p.window.as_ref().filter(|w| w.at.is_some() && w.zone.is_none()).map(|_| p.line));
    let sent = messages
        .iter()
        .filter(|m| {
            m.kind == MessageKind::Scheduled && clock_at(&m.when).is_some_and(|(_, zone, _)| zone.is_none())
        })
        .map(|m| m.line);
    let mut lines: Vec<usize> = said.chain(sent).collect();
    lines.sort_unstable();
    lines.dedup();
    let Some(first) = lines.first() else { return };
    if zone_for_all(outline) {
        return;
    }
    let count = if lines.len() == 1 { "1 time".to_owned() } else { format!("{} times", lines.len()) };
    out.push(problem(
        Level::Warning,
        *first,
        format!("{count} without a time zone"),
        "write the zone, or say once which zone all times are in",
    ));
}

/// "All times in UTC" anywhere.
fn zone_for_all(outline: &Outline) -> bool {
    outline.blocks.iter().filter(|b| matches!(b.kind, Kind::Paragraph | Kind::Item { .. })).any(|b| {
        let folded = &b.folded;
        let all = words! {
            "all times" "times are" "times in" "timezone" "time zone" "alle zeiten" "zeitzone"
            "todos los horarios" "zona horaria" "todos os horários" "fuso" "fuseau"
        };
        all.iter().any(|w| folded.contains(w))
    })
}

/// One metric, one severity, one role, one phase, one side: two different limits.
fn contradictions(limits: &[Threshold], out: &mut Vec<Problem>) {
    let mut seen: HashMap<String, &Threshold> = HashMap::new();
    for limit in limits.iter().filter(|t| judged(t)) {
        let key = format!(
            "{}|{:?}|{:?}|{:?}|{}|{:?}|{:?}",
            fold(&limit.metric),
            limit.severity.as_deref().map(str::to_lowercase),
            limit.role,
            limit.phase,
            rises(limit.cmp),
            limit.hold.map(f64::to_bits),
            limit.unit.as_deref().map(fold)
        );
        let Some(first) = seen.get(&key).copied() else {
            seen.insert(key, limit);
            continue;
        };
        if first.value != limit.value && first.line != limit.line {
            out.push(problem(
                Level::Warning,
                limit.line,
                format!(
                    "{} has two limits: {} here, {} on line {}",
                    limit.metric,
                    shown(limit),
                    shown(first),
                    first.line
                ),
                "say which one holds, or name what tells them apart",
            ));
        }
    }
}

fn judged(limit: &Threshold) -> bool {
    matches!(limit.value, Some(Value::One(_)))
        && matches!(limit.role, Role::Alert | Role::Rollback | Role::Success)
        && limit.cmp != Cmp::Threshold
}

fn rises(cmp: Cmp) -> bool {
    matches!(cmp, Cmp::More | Cmp::AtLeast)
}

fn shown(limit: &Threshold) -> String {
    let unit = limit.unit.as_deref().unwrap_or("");
    match limit.value {
        Some(Value::One(value)) => format!("{} {value}{unit}", limit.cmp.as_str()),
        Some(Value::Range([low, high])) => format!("{low} to {high}{unit}"),
        None => limit.cmp.as_str().to_owned(),
    }
}

/// A way back that cannot be run as it is written, or that has nothing to do.
fn blanks(plan: &Plan, out: &mut Vec<Problem>) {
    for procedure in plan.procedures.iter().filter(|p| p.kind == ProcedureKind::Rollback) {
        let commands = procedure.commands.iter().chain(procedure.steps.iter().flat_map(|s| &s.commands));
        for command in commands.filter(|c| !c.placeholders.is_empty()) {
            let names = command.placeholders.join(", ");
            out.push(problem(
                Level::Warning,
                command.line,
                format!("a command of “{}” has blanks to fill: {names}", procedure.title),
                "fill them now, or bind them in warroom.toml",
            ));
        }
        if procedure.steps.is_empty() && procedure.commands.is_empty() {
            let message = format!("“{}” is a way back without a step", procedure.title);
            out.push(problem(Level::Warning, procedure.line, message, "write what is to be done, in order"));
        }
    }
}
