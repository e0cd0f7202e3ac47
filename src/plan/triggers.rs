//! Conditions without a number: what calls for an alert or a rollback when a person sees it, and
//! the rollback points of phases.

use std::collections::{HashMap, HashSet};

use super::calls::Calls;
use super::items::past_glyph;
use super::judge::{names_condition, tells_of_condition};
use super::outline::{Block, Kind, Outline, Rich, ScopeKind};
use super::phases::Phases;
use super::procedure_titles::{is_point, says_point};
use super::procedures::Procedures;
use super::topic::{self, *};
use super::vocabulary::words;
use super::words::{fold, has_any};
use super::{ProcedureId, ProcedureKind, Role, RollbackPoint, Threshold, Trigger, severity};

/// What decides whether an entry is a condition.
const NEAR: Topics = TRIGGER
    .and(ALERT)
    .and(MONITOR)
    .and(SUCCESS)
    .and(SEVERITY)
    .and(COMMS)
    .and(ACTIONS)
    .and(CONTACTS)
    .and(FLAGS)
    .and(ENDPOINT)
    .and(INCIDENT)
    .and(ESTIMATE)
    .and(BRIEF);

/// The triggers of the plan: what `limits` has no number for.
pub(crate) fn triggers(outline: &Outline, procedures: &Procedures, limits: &[Threshold]) -> Vec<Trigger> {
    let numbered: HashSet<usize> = limits.iter().map(|t| t.line).collect();
    let open = outline.blocks.iter().filter(|b| !(b.line..=b.last).any(|line| numbered.contains(&line)));
    let ways = procedures.list.iter().filter(|p| p.kind == ProcedureKind::Rollback).map(|p| &p.id);
    let heads = outline.blocks.iter().filter_map(|b| match &b.kind {
        Kind::Row { header: true, cells, table } => Some((*table, cells.as_slice())),
        _ => None,
    });
    let around = Around {
        procedures,
        ways: ways.collect(),
        calls: Calls::new(&procedures.list),
        heads: heads.collect(),
    };
    open.filter_map(|b| trigger(outline, &around, b)).collect()
}

/// The procedures that a trigger may stand in or call for.
struct Around<'a> {
    procedures: &'a Procedures,
    ways: HashSet<&'a ProcedureId>,
    calls: Calls<'a>,
    /// The headers of tables.
    heads: HashMap<usize, &'a [Rich]>,
}

fn trigger(outline: &Outline, around: &Around, block: &Block) -> Option<Trigger> {
    let boxed = block.task().is_some()
        && !outline.nearest(block.scope, NEAR).is_some_and(|s| outline.scopes[s].topics.any(TRIGGER));
    if boxed
        || !matches!(block.kind, Kind::Item { .. } | Kind::Paragraph | Kind::Row { header: false, .. })
        || says_point(&block.folded)
    {
        return None;
    }
    if tells_of_condition(outline, block) {
        return None;
    }
    let home = outline.up(block.scope).find_map(|s| around.procedures.scopes.get(&s));
    let way = home.filter(|id| around.ways.contains(id));
    if way.is_some() && is_step_of_way(outline, around, block) {
        return None;
    }
    let (text, role) = row(outline, around, block)
        .or_else(|| field(block))
        .or_else(|| bullet(outline, block))
        .or_else(|| sentence(outline, block))?;
    let severity = block.rich.label().and_then(|(label, _)| severity::rank(label)).map(str::to_owned);
    let severity = severity.or_else(|| severity::around(outline, block.scope));
    let procedure = around.calls.of(&text).or_else(|| way.cloned()).filter(|_| role == Role::Rollback);
    Some(Trigger { text, severity, role, procedure, line: block.line })
}

/// "Rollback:" below the conditions that call for it: what it lists are its steps.
fn is_step_of_way(outline: &Outline, around: &Around, block: &Block) -> bool {
    let own = |s: &usize| around.procedures.scopes.contains_key(s);
    let near = outline.up(block.scope).find(|s| own(s) || outline.scopes[*s].topics.any(TRIGGER));
    near.is_some_and(|s| own(&s) && !outline.scopes[s].topics.any(TRIGGER) && block.is_ordered())
}

/// "Data loss | Any confirmed case | Yes" below "Trigger | Threshold | Automatic".
fn row(outline: &Outline, around: &Around, block: &Block) -> Option<(String, Role)> {
    const FIRST: &[&str] = words! {
        "trigger" "triggers" "rule" "check" "condition" "conditions" "signal" "metric" "indicator" "event" "symptom" "situation" "situación" "situação"
        "auslöser" "bedingung" "déclencheur" "condición" "disparador" "gatilho" "condição" "条件" "トリガー" "조건"
    };
    const SECOND: &[&str] = words! {
        "threshold" "condition" "criteria" "limit" "value" "detail" "description" "schwelle" "seuil" "umbral"
        "limiar" "閾値" "阈值" "임계값"
    };
    let Kind::Row { header: false, cells, table } = &block.kind else { return None };
    let topics = spoken_of(outline, block.scope, NEAR).filter(|t| t.any(TRIGGER))?;
    let head = around.heads.get(table)?;
    let named = head.first().is_some_and(|cell| has_any(&fold(&cell.text), FIRST));
    let first =
        cells.first().map(|c| c.text.trim()).filter(|t| named && !t.is_empty() && topics.any(TRIGGER))?;
    let limits = head.get(1).is_some_and(|cell| has_any(&fold(&cell.text), SECOND));
    let second = cells.get(1).filter(|_| limits).map_or("", |c| c.text.trim());
    let text = if second.len() > 1 { format!("{first}: {second}") } else { first.to_owned() };
    Some((text, Role::Rollback))
}

/// "**Trigger:** Service down".
fn field(block: &Block) -> Option<(String, Role)> {
    let (label, rest) = block.rich.label().filter(|(_, rest)| !rest.is_empty())?;
    let short = label.split_whitespace().count() <= 4 && !rest.ends_with('?');
    (short && topic::classify(label).any(TRIGGER)).then(|| (rest.to_owned(), Role::Rollback))
}

/// An entry of a section about alerts or triggers.
fn bullet(outline: &Outline, block: &Block) -> Option<(String, Role)> {
    if !block.is_item() || outline.has_children(block) && block.text().ends_with(':') {
        return None;
    }
    let topics = spoken_of(outline, block.scope, NEAR)?;
    let condition =
        block.rich.label().filter(|(label, rest)| !rest.is_empty() && names_condition(&fold(label)));
    let text = condition.map_or_else(|| past_glyph(block.text()), |(_, rest)| rest).to_owned();
    // A list that only names flags or metrics, in code, states nothing.
    let named = block.rich.codes().next().is_some_and(|(code, _)| code == text && !code.contains(' '));
    if topics.any(TRIGGER) {
        return (!named).then_some((text, Role::Rollback));
    }
    if !topics.any(ALERT) || topics.any(COMMS.and(READY).and(ACTIONS)) {
        return None;
    }
    let spoken =
        !topics.any(MONITOR) || has_any(&fold(&text), &["alert", "alerts", "trigger", "page", "alarm"]);
    let setup = has_any(
        &fold(block.rich.label().map_or("", |(label, _)| label)),
        &["channel", "tool", "dashboard", "support", "metrics", "owner", "channels"],
    );
    (spoken && !setup && !outline.within(block.scope, TEMPLATE)).then_some((text, Role::Alert))
}

/// The nearest topics among `near`; a class of severity ("P0 – immediate response") only says how bad.
fn spoken_of(outline: &Outline, scope: usize, near: Topics) -> Option<Topics> {
    let class = |s: usize| {
        severity::rank(&outline.scopes[s].title).is_some() && !outline.scopes[s].topics.any(INCIDENT)
    };
    let step = |s: usize| outline.scopes[s].kind == ScopeKind::Item && outline.within(s, INCIDENT);
    outline
        .up(scope)
        .filter(|s| !class(*s) && !step(*s))
        .map(|s| outline.scopes[s].topics)
        .find(|t| t.any(near))
}

/// "Redeploy the prior build if severe issues occur."
fn sentence(outline: &Outline, block: &Block) -> Option<(String, Role)> {
    const IF: &[&str] = words! {
        "if" "when" "in case" "wenn" "falls" "si" "se" "quando" "cuando" "lorsque" "en cas" "en caso"
        "em caso"
    };
    const BACK: &[&str] = words! {
        "rollback" "roll back" "revert" "redeploy" "restore previous" "abort" "back out" "disable"
        "rolled back" "zurückrollen" "reverter" "revertir" "revenir"
    };
    let folded = &block.folded;
    let about = outline.nearest(
        block.scope,
        ROLLBACK
            .and(RISK)
            .and(COMMS)
            .and(INCIDENT)
            .and(BRIEF)
            .and(TEMPLATE)
            .and(FLAGS)
            .and(PREFLIGHT)
            .and(SCENARIO),
    )?;
    let topics = outline.scopes[about].topics;
    // "Disable telemetry if needed" is a step.
    const AT_WILL: &[&str] = words! {
        "if needed" "if necessary" "if applicable" "if required" "if possible" "when possible" "when needed"
        "wenn nötig" "falls nötig" "si besoin" "si nécessaire" "si es necesario" "se necessário"
    };
    let at_will = has_any(folded, AT_WILL) && super::steps::tells_how(block.text());
    let fits = !outline.has_children(block)
        && !at_will
        && topics.any(ROLLBACK)
        && !topics.any(COMMS)
        && has_any(folded, IF)
        && has_any(folded, BACK);
    let direct = block.scope == about
        || outline.scopes[block.scope].parent == Some(about) && outline.section(block.scope) == block.scope;
    (fits && direct && block.text().len() < 300)
        .then(|| (past_glyph(block.text()).to_owned(), Role::Rollback))
}

/// "**Rollback Point 1:** If deployment fails, rollback to the previous version."
pub(crate) fn points(outline: &Outline, phases: &Phases) -> Vec<RollbackPoint> {
    let blocks = outline.blocks.iter().filter(|b| matches!(b.kind, Kind::Item { .. } | Kind::Paragraph));
    let made = blocks.filter_map(|b| {
        let (label, rest) = b.rich.label().filter(|(label, rest)| is_point(label) && !rest.is_empty())?;
        let (condition, action) = halves(rest);
        Some(RollbackPoint {
            name: label.to_owned(),
            phase: phases.top(b.scope),
            condition,
            action,
            line: b.line,
        })
    });
    made.collect()
}

/// "If X, do Y." in its two halves.
fn halves(text: &str) -> (String, String) {
    let split = text
        .split_once(", ")
        .or_else(|| text.split_once(" → "))
        .or_else(|| text.split_once(": "))
        .or_else(|| text.split_once(" – "));
    let (condition, action) = split.unwrap_or((text, ""));
    let action = action.trim().trim_start_matches("then ").trim_end_matches('.');
    (condition.trim().to_owned(), action.to_owned())
}
