//! Incident response: severity classes and what is promised for each, stages, escalations, scenarios.

use super::items::past_glyph;
use super::outline::{Block, Kind, Outline, ScopeKind};
use super::severity;
use super::span::{first_span, spans};
use super::tables::{cell, tables};
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, has_any};
use super::{Escalation, Scenario, Severity, Stage};

/// The severity classes, one entry a level.
pub(crate) fn severities(outline: &Outline) -> Vec<Severity> {
    let mut out: Vec<Severity> = Vec::new();
    for (i, scope) in outline.scopes.iter().enumerate().skip(1) {
        if scope.kind == ScopeKind::Item && !outline.within(i, SEVERITY) {
            continue;
        }
        let spoken = outline.within(i, SEVERITY.and(ALERT).and(INCIDENT))
            && !classify(before_bracket(&scope.title)).any(ACTIONS.and(ROLLBACK).and(TRIGGER));
        if let Some(level) = severity::rank(&scope.title)
            .filter(|level| spoken && scope.title.trim_start().starts_with(*level))
        {
            let examples = if outline.within(i, SEVERITY) { bullets(outline, i) } else { Vec::new() };
            merge(&mut out, class(level, &scope.title, examples, scope.line));
        }
    }
    for table in tables(outline)
        .iter()
        .filter(|t| outline.within(t.header.scope, SEVERITY.and(INCIDENT).and(CONTACTS)))
    {
        let level = table.column(words! {
            "severity" "sev" "level" "priority" "prio" "schweregrad" "severidade" "severidad" "gravité" "class"
        });
        let respond = table.column(words! {
            "response" "response time" "respond" "acknowledge" "sla" "reaktion" "reaktionszeit"
            "respuesta" "resposta" "réponse"
        });
        let update =
            table.column(&["update", "updates", "communication", "comms", "frequency", "update frequency"]);
        let about = table.column(&[
            "description",
            "definition",
            "examples",
            "example",
            "criteria",
            "impact",
            "beschreibung",
        ]);
        for (block, cells) in &table.rows {
            let Some(text) = cell(cells, level) else { continue };
            let Some(rank) = severity::rank(text).or_else(|| severity::word(text)) else { continue };
            let mut made = class(
                rank,
                text,
                cell(cells, about).map(|t| vec![t.to_owned()]).unwrap_or_default(),
                block.line,
            );
            made.respond = cell(cells, respond).and_then(promised);
            made.update = cell(cells, update).and_then(first_span);
            merge(&mut out, made);
        }
    }
    cadences(outline, &mut out);
    out
}

/// "P0 - Critical" of "P0 - Critical (Response: immediate)": what is promised is not what it is about.
fn before_bracket(title: &str) -> &str {
    title.split(['(', '（']).next().unwrap_or(title)
}

fn bullets(outline: &Outline, scope: usize) -> Vec<String> {
    outline.direct(scope).filter(|b| b.is_item()).map(|b| past_glyph(b.text()).to_owned()).collect()
}

fn class(level: &str, title: &str, examples: Vec<String>, line: usize) -> Severity {
    let rest = title.trim_start_matches(level).trim_start_matches(|c: char| !c.is_alphanumeric());
    let name = class_name(rest);
    let bracket = title.find(['(', '（', '-', '–', '—', ':']).map_or("", |at| &title[at..]);
    Severity { level: level.to_owned(), name, respond: promised(bracket), update: None, examples, line }
}

/// The words before a bracket, dash or what is only said of the class: "Critical" of "Critical incidents (…)".
fn class_name(rest: &str) -> String {
    const ABOUT: &[&str] = words! {
        "incident" "incidents" "response" "alerts" "alert" "issues" "issue" "immediate" "immediately" "severity"
        "priority" "level" "respond"
    };
    let rest = rest.split(['(', ':', ')', ',', '–', '—', '=', '<', '>']).next().unwrap_or("");
    let rest = rest.split(" - ").next().unwrap_or(rest);
    let words = rest.split_whitespace().take_while(|word| !ABOUT.contains(&fold(word).as_str()));
    words.take(4).collect::<Vec<_>>().join(" ")
}

fn promised(text: &str) -> Option<f64> {
    let now = has_any(
        &fold(text),
        words! {
            "immediate" "immediately" "now" "sofort" "immédiate" "inmediata" "imediata" "即時" "立即" "즉시"
        },
    );
    first_span(text).or(now.then_some(0.0))
}

fn merge(out: &mut Vec<Severity>, class: Severity) {
    let Some(known) = out.iter_mut().find(|s| s.level.eq_ignore_ascii_case(&class.level)) else {
        out.push(class);
        return;
    };
    if known.name.is_empty() {
        known.name = class.name;
    }
    known.respond = known.respond.or(class.respond);
    known.update = known.update.or(class.update);
    known.examples.extend(class.examples);
}

/// "P1: Every 30 minutes" in a section about updates.
fn cadences(outline: &Outline, out: &mut [Severity]) {
    for block in outline.blocks.iter().filter(|b| b.is_item() && outline.within(b.scope, COMMS)) {
        let Some((label, rest)) = block.rich.label() else { continue };
        let Some(rank) = severity::rank(label) else { continue };
        if let Some(known) = out.iter_mut().find(|s| s.level.eq_ignore_ascii_case(rank)) {
            let daily = has_any(&fold(rest), &["daily", "täglich", "diario", "diariamente", "quotidien"])
                .then_some(86_400.0);
            known.update = known.update.or(first_span(rest)).or(daily);
        }
    }
}

/// The stages of the response: bold steps of an incident procedure.
pub(crate) fn stages(outline: &Outline) -> Vec<Stage> {
    let steps = outline.blocks.iter().filter(|b| b.is_item() && is_response(outline, b.scope));
    let made = steps.filter_map(|b| {
        let (lead, rest) = b.rich.lead()?;
        let title = if rest.starts_with('(') { format!("{lead} {rest}") } else { lead.to_owned() };
        let scope = b.opens.filter(|s| outline.scopes[*s].end > outline.scopes[*s].first)?;
        let (from, to) = bounds(&title);
        let name = title.split(['(', '（']).next().unwrap_or(&title).trim().trim_end_matches(':').to_owned();
        Some(Stage { name, from, to, actions: bullets(outline, scope), line: b.line })
    });
    made.collect()
}

fn is_response(outline: &Outline, scope: usize) -> bool {
    outline.within(scope, INCIDENT)
        && !outline.within(
            scope,
            SCENARIO.and(COMMS).and(SEVERITY).and(RISK).and(ROLLBACK).and(TEMPLATE).and(CONTACTS),
        )
}

/// "(5-15 minutes)" in seconds.
fn bounds(title: &str) -> (Option<f64>, Option<f64>) {
    let Some(open) = title.find(['(', '（']) else { return (None, None) };
    let inside = &title[open..];
    let Some((start, to, _)) = spans(inside).next() else { return (None, None) };
    let before = inside[..start].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–'));
    let digits: String =
        before.chars().rev().take_while(char::is_ascii_digit).collect::<Vec<_>>().into_iter().rev().collect();
    let amount: f64 = super::words::number_at(inside, start).map_or(0.0, |n| n.value);
    let unit = if amount > 0.0 { to / amount } else { 0.0 };
    (digits.parse::<f64>().ok().map(|n| n * unit), Some(to))
}

/// "Automatic escalation if not acknowledged within 5 minutes".
pub(crate) fn escalations(outline: &Outline) -> Vec<Escalation> {
    let blocks =
        outline.blocks.iter().filter(|b| matches!(b.kind, Kind::Item { task: None, .. } | Kind::Paragraph));
    let said = blocks.filter(|b| {
        has_any(
            &b.folded,
            words! {
                "escalation" "escalate" "escalates" "escalated" "eskalieren" "eskalation" "escalar"
                "escalade"
            },
        )
    });
    let made = said.filter_map(|b| {
        let (at, seconds, _) = spans(b.text()).next()?;
        let text = &b.text()[..at];
        let lower = text.to_lowercase();
        let from = lower.find("if ").map(|i| i + 3).filter(|_| lower.len() == text.len()).unwrap_or(0);
        let condition = text[from..]
            .trim()
            .trim_end_matches("within")
            .trim_end_matches("after")
            .trim_end_matches("for")
            .trim()
            .to_owned();
        let condition = if condition.is_empty() { b.text().to_owned() } else { condition };
        Some(Escalation { condition, after: Some(seconds), line: b.line })
    });
    made.collect()
}

/// Sections with symptoms and what to do.
pub(crate) fn scenarios(outline: &Outline) -> Vec<Scenario> {
    let scopes = outline.scopes.iter().enumerate().skip(1);
    let made = scopes.filter_map(|(i, scope)| {
        let symptoms = part(outline, i, SYMPTOMS);
        if symptoms.is_empty()
            || outline.within(i, RISK.and(TEMPLATE).and(COMMS))
            || scope.kind == ScopeKind::Label
        {
            return None;
        }
        let (actions, recovery) = (part(outline, i, ACTIONS), part(outline, i, RECOVER));
        (!actions.is_empty() || !recovery.is_empty()).then(|| Scenario {
            title: scope.title.clone(),
            symptoms,
            actions,
            recovery,
            line: scope.line,
        })
    });
    made.collect()
}

/// What a labelled part of a section says: the rest of its line, or the entries below it.
fn part(outline: &Outline, scope: usize, topics: Topics) -> Vec<String> {
    let mut out = Vec::new();
    for block in outline.direct(scope).filter(|b| b.kind == Kind::Paragraph || b.is_item()) {
        let Some((_, rest)) = labelled(block).filter(|(label, _)| classify(label).any(topics)) else {
            continue;
        };
        if !rest.is_empty() {
            out.extend(rest.split([';', ',']).map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()));
        }
        let below = block.opens.map_or(&[][..], |s| outline.below(s));
        out.extend(below.iter().filter(|b| b.is_item()).map(|b| past_glyph(b.text()).to_owned()));
    }
    out
}

fn labelled(block: &Block) -> Option<(&str, &str)> {
    block.rich.lead().or_else(|| block.rich.colon())
}
