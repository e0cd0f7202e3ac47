//! Limits that contradict each other, or do not say what they compare. Called by `lint`.

use std::collections::HashMap;

use super::lint::problem;
use super::outline::{Block, Kind, Outline};
use super::vocabulary::words;
use super::words::fold;
use super::{Cmp, Level, Plan, Problem, Role, Threshold, Trigger, Value};

/// No document has more alert rules that somebody reads.
const MANY: usize = 256;

/// What is wrong with the limits of a plan.
pub(crate) fn lint(outline: &Outline, plan: &Plan, out: &mut Vec<Problem>) {
    contradictions(outline, &plan.thresholds, out);
    states(&plan.thresholds, &plan.triggers, out);
    bare_rules(outline, &plan.thresholds, out);
}

/// One metric, one severity, one role, one phase, one side: two different limits.
fn contradictions(outline: &Outline, limits: &[Threshold], out: &mut Vec<Problem>) {
    let mut seen: HashMap<String, Vec<&Threshold>> = HashMap::new();
    for limit in limits.iter().filter(|t| judged(t)) {
        let key = format!(
            "{}|{:?}|{:?}|{:?}|{}|{:?}|{}|{:?}",
            singular(&limit.metric),
            limit.severity.as_deref().map(str::to_lowercase),
            limit.role,
            limit.phase,
            rises(limit.cmp),
            limit.unit.as_deref().map(fold),
            limit.baseline,
            place(outline, limit),
        );
        let known = seen.entry(key).or_default();
        if let Some(first) = known.iter().find(|first| contradict(first, limit)) {
            out.push(two_limits(limit, first));
        }
        // More than a few are one list that somebody drew up on purpose.
        if known.len() < 8 {
            known.push(limit);
        }
    }
}

/// What tells limits without a class apart: their section ("Week 1", "Trigger 2"), or their row.
fn place(outline: &Outline, limit: &Threshold) -> Option<(usize, usize)> {
    let block = block_of(outline, limit.line).filter(|_| limit.severity.is_none())?;
    let row = if matches!(block.kind, Kind::Row { .. }) { block.line } else { 0 };
    Some((outline.heading(block.scope), row))
}

/// The block a line stands in.
fn block_of(outline: &Outline, line: usize) -> Option<&Block> {
    let at = outline.blocks.partition_point(|b| b.line <= line);
    at.checked_sub(1).map(|i| &outline.blocks[i])
}

fn two_limits(limit: &Threshold, first: &Threshold) -> Problem {
    let message = format!(
        "{} has two limits: {} here, {} on line {}",
        limit.metric,
        shown(limit),
        shown(first),
        first.line
    );
    problem(Level::Warning, limit.line, message, "say which one holds, or name what tells them apart")
        .on(digits(limit))
        .said(format!("{} here", shown(limit)))
        .and(first.line, &digits(first), format!("{} here", shown(first)))
}

/// Two limits on different lines, unless the one that is passed sooner has to last longer.
fn contradict(a: &Threshold, b: &Threshold) -> bool {
    let (Some(Value::One(x)), Some(Value::One(y))) = (a.value, b.value) else { return false };
    if a.line == b.line || x == y && a.hold == b.hold {
        return false;
    }
    let (nearer, farther) = if (x < y) == rises(a.cmp) { (a, b) } else { (b, a) };
    let graded = x != y && nearer.hold.unwrap_or(0.0) > farther.hold.unwrap_or(0.0);
    !graded && a.over == b.over
}

fn singular(metric: &str) -> String {
    let folded = fold(metric);
    let words = folded
        .split(' ')
        .map(|w| if w.len() > 3 && !w.ends_with("ss") { w.trim_end_matches('s') } else { w });
    words.collect::<Vec<_>>().join(" ")
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
    let gap = if unit.starts_with(char::is_alphabetic) { " " } else { "" };
    let value = match limit.value {
        Some(Value::One(value)) => format!("{} {value}{gap}{unit}", limit.cmp.as_str()),
        Some(Value::Range([low, high])) => format!("{low} to {high}{gap}{unit}"),
        None => limit.cmp.as_str().to_owned(),
    };
    limit.hold.map_or(value.clone(), |seconds| format!("{value} for {}", lasting(seconds)))
}

/// The number of a limit, as the plan would write it.
fn digits(limit: &Threshold) -> String {
    match limit.value {
        Some(Value::One(value) | Value::Range([value, _])) => value.to_string(),
        None => String::new(),
    }
}

fn lasting(seconds: f64) -> String {
    match seconds {
        s if s >= 3600.0 && s % 3600.0 == 0.0 => format!("{} h", s / 3600.0),
        s if s >= 60.0 && s % 60.0 == 0.0 => format!("{} min", s / 60.0),
        s => format!("{s} s"),
    }
}

/// A part that has stopped, said in one place with one span and in another with a different one or none.
fn states(limits: &[Threshold], triggers: &[Trigger], out: &mut Vec<Problem>) {
    let mut said: Vec<(String, Option<&str>, Option<f64>, usize)> = Vec::new();
    for limit in limits.iter().filter(|t| t.cmp == Cmp::Occurs) {
        said.extend(
            stopped(&limit.metric).map(|what| (what, limit.severity.as_deref(), limit.hold, limit.line)),
        );
    }
    for trigger in triggers {
        let parts = trigger.text.split(" or ").filter_map(|part| stopped(after_rank(part)));
        said.extend(parts.map(|what| (what, trigger.severity.as_deref(), None, trigger.line)));
    }
    said.sort_by_key(|(_, _, _, line)| *line);
    let mut first: HashMap<(String, String), (Option<f64>, usize)> = HashMap::new();
    for (what, severity, hold, line) in said {
        let Some(severity) = severity else { continue };
        let known = *first.entry((what.clone(), severity.to_lowercase())).or_insert((hold, line));
        if known.0 != hold {
            let span =
                |hold: Option<f64>| hold.map_or("at once".to_owned(), |s| format!("after {}", lasting(s)));
            let message = format!(
                "that {what} has stopped is {severity} {} here, {} on line {}",
                span(hold),
                span(known.0),
                known.1
            );
            let found = problem(Level::Warning, line, message, "say how long it may last, once");
            out.push(found.said(span(hold)).and(known.1, "", span(known.0)));
        }
    }
}

fn after_rank(text: &str) -> &str {
    text.split_once(':').filter(|(label, _)| label.len() <= 12).map_or(text, |(_, rest)| rest)
}

/// What stands still: "webhook processing" of "No webhook processing" and of "Webhook processing stopped".
fn stopped(text: &str) -> Option<String> {
    let folded = fold(text);
    const ENDS: &[&str] = words! { " stopped" " stops" " has stopped" " halted" " is down" " down" " unavailable" " not running" };
    let what = ENDS.iter().find_map(|end| folded.strip_suffix(end)).or_else(|| folded.strip_prefix("no "))?;
    (what.split(' ').count() <= 4).then(|| what.to_owned())
}

/// Alert rules in a configuration that give a number and neither comparator nor unit.
fn bare_rules(outline: &Outline, limits: &[Threshold], out: &mut Vec<Problem>) {
    let fenced = |line: usize| {
        block_of(outline, line)
            .is_some_and(|b| matches!(b.kind, Kind::Fence { .. }) && line <= b.last && !compares(b, line))
    };
    let bare = |t: &&Threshold| t.cmp == Cmp::Threshold && t.unit.is_none() && t.role != Role::Success;
    let found: Vec<&Threshold> = limits.iter().filter(bare).take(MANY).filter(|t| fenced(t.line)).collect();
    let Some(first) = found.first() else { return };
    let names: Vec<&str> = found.iter().map(|t| t.metric.as_str()).take(5).collect();
    let message = format!("{} without comparator and unit: {}", counted(found.len()), names.join(", "));
    let hint = "write above or below what, in which unit";
    let mut problem = problem(Level::Warning, first.line, message, hint).on(digits(first));
    for other in found.iter().skip(1).take(2).filter(|t| t.line != first.line) {
        problem = problem.and(other.line, &digits(other), "");
    }
    out.push(problem);
}

/// Whether a key beside the number says how it compares.
fn compares(fence: &Block, line: usize) -> bool {
    const KEYS: &[&str] =
        words! { "operator" "comparator" "comparison" "direction" "condition" "\"op\"" "op:" "when:" };
    let from = line.saturating_sub(fence.line + 4);
    fence.text().lines().skip(from).take(6).any(|text| {
        let lower = text.to_lowercase();
        KEYS.iter().any(|key| lower.contains(key))
    })
}

fn counted(count: usize) -> String {
    if count == 1 { "1 alert limit".to_owned() } else { format!("{count} alert limits") }
}
