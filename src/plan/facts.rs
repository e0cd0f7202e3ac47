//! What a plan says besides what is done: its data, its purpose, durations, cadences, expected load,
//! copies, other documents, rules for all of it.
//!
//! Called last, since advice is what stands behind a limit. Nothing acts on a fact but the reader.

use super::outline::{Block, Kind, Outline, ScopeKind, Style};
use super::phases::Phases;
use super::span::first_span;
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, has_any, squeeze};
use super::{Fact, FactKind, Plan, Role};

/// Every fact, by line.
pub(crate) fn facts(outline: &Outline, phases: &Phases, plan: &Plan) -> Vec<Fact> {
    let mut out: Vec<Fact> = Vec::new();
    let title = title(outline);
    for block in &outline.blocks {
        let fact = |kind: FactKind, label: Option<&str>, text: &str| Fact {
            kind,
            label: label.map(str::to_owned),
            text: squeeze(text),
            seconds: None,
            phase: phases.top(block.scope),
            line: block.line,
        };
        out.extend(references(block).map(|(label, to)| fact(FactKind::Reference, label, &to)));
        if matches!(block.kind, Kind::Fence { .. } | Kind::Heading | Kind::Row { .. }) {
            continue;
        }
        if let Some(seconds) = soak(block) {
            out.push(Fact { seconds: Some(seconds), ..fact(FactKind::Soak, None, block.text()) });
        }
        if block.task().is_some() {
            continue;
        }
        if let Some((kind, label, text)) = of_block(outline, phases, title, block) {
            let seconds =
                matches!(kind, FactKind::Duration | FactKind::Watch).then(|| first_span(text)).flatten();
            out.push(Fact { seconds, ..fact(kind, label, text) });
        }
    }
    let said: Vec<(usize, String)> =
        out.iter().filter(|f| f.kind == FactKind::Duration).map(|f| (f.line, f.text.clone())).collect();
    out.extend(spans(plan, &said));
    out.extend(advice(outline, plan));
    out.sort_by_key(|f| f.line);
    out
}

type Found<'a> = (FactKind, Option<&'a str>, &'a str);

/// The title of the document: its first heading, where it is of the first level.
fn title(outline: &Outline) -> Option<usize> {
    let first = outline.scopes.iter().position(|s| matches!(s.kind, ScopeKind::Heading(_)));
    first.filter(|s| outline.scopes[*s].kind == ScopeKind::Heading(1))
}

fn of_block<'a>(
    outline: &Outline,
    phases: &Phases,
    title: Option<usize>,
    block: &'a Block,
) -> Option<Found<'a>> {
    let label = block.rich.label().filter(|(_, rest)| !rest.is_empty());
    let near = outline.scopes[block.scope].topics;
    let heading = outline.up(block.scope).find(|s| matches!(outline.scopes[*s].kind, ScopeKind::Heading(_)));
    if let Some((name, rest)) = label {
        if matches!(fold(name).as_str(), "duration" | "dauer" | "duración") {
            return Some((FactKind::Duration, Some(name), rest));
        }
        let top = heading.is_none_or(|h| title == Some(h)) && !block.is_item();
        if top && block.scope <= heading.unwrap_or(0) {
            return Some((FactKind::Meta, Some(name), rest));
        }
    }
    let text = block.text();
    if text.is_empty() {
        return None;
    }
    if block.is_item() {
        return of_item(outline, phases, block, near, text);
    }
    if near.any(BRIEF) && label.is_none() && block.rich.lead().is_none() {
        return Some((FactKind::Brief, None, text));
    }
    is_policy(&block.folded).then_some((FactKind::Policy, None, text))
}

fn of_item<'a>(
    outline: &Outline,
    phases: &Phases,
    block: &'a Block,
    near: Topics,
    text: &'a str,
) -> Option<Found<'a>> {
    let title = fold(&outline.scopes[block.scope].title);
    let about = |words: &[&str]| words.iter().any(|w| title.contains(w));
    if phases.top(block.scope).is_some() && has_any(&block.folded, WATCH) && first_span(text).is_some() {
        return Some((FactKind::Watch, None, text));
    }
    let talk = outline.within(block.scope, COMMS.and(CONTACTS)) && !about(&["preparation", "enablement"]);
    let support = block.rich.label().filter(|(name, _)| PREPARED.contains(&fold(name).as_str()));
    if let Some((name, rest)) = support.filter(|(_, rest)| !talk && !rest.is_empty()) {
        return Some((FactKind::Preparation, Some(name), rest));
    }
    if about(&["preparation", "enablement"]) && phases.top(block.scope).is_none() {
        return Some((FactKind::Preparation, None, text));
    }
    if about(LOAD) {
        return Some((FactKind::Baseline, None, text));
    }
    if about(BACKUP) {
        return Some((FactKind::Backup, None, text));
    }
    (near.any(BRIEF) && outline.scopes[block.scope].kind != ScopeKind::Item).then_some((
        FactKind::Objective,
        None,
        text,
    ))
}

const PREPARED: &[&str] = words! { "support" "support team" "customer support" };
const WATCH: &[&str] = words! { "interval" "intervals" "intervall" "intervalle" "intervalo" "intervalos" };
const LOAD: &[&str] = words! { "expected load" "load testing" "load test" "expected traffic" "traffic estimates" "erwartete last" "carga esperada" };
const BACKUP: &[&str] =
    words! { "backup strategy" "backup policy" "backup plan" "backups" "datensicherung" "sauvegardes" };

/// "Stable for 24 hours", "24 hours of stable operation": seconds.
fn soak(block: &Block) -> Option<f64> {
    const STEADY: &[&str] = words! { "stable" "steady" "soak" "soaked" "stabil" "estable" "estável" };
    let steady = block.is_item() && has_any(&block.folded, STEADY);
    steady.then(|| first_span(block.text())).flatten()
}

fn is_policy(folded: &str) -> bool {
    let all = has_any(folded, words! { "each" "every" "all" "no" "any" });
    let order = has_any(
        folded,
        words! { "before proceeding" "before moving" "before the next phase" "must not proceed" "do not proceed" },
    );
    all && order
}

/// Links to other documents, and names of documents.
fn references(block: &Block) -> impl Iterator<Item = (Option<&str>, String)> {
    let links = block.rich.marks.iter().filter_map(|m| match &m.style {
        Style::Link(to) => Some((block.rich.text.get(m.start..m.end), to.clone())),
        _ => None,
    });
    let fence = matches!(block.kind, Kind::Fence { .. });
    let linked = block.rich.marks.iter().any(|m| matches!(m.style, Style::Link(_)));
    let words = block.rich.text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '`'));
    let named = words.filter(move |w| !fence && !linked && is_document(w)).map(|w| (None, w.to_owned()));
    links.filter(|(_, to)| is_document(to.split(['#', '?']).next().unwrap_or(to))).chain(named)
}

/// "runbook.md": a file beside the plan, not an address elsewhere.
fn is_document(name: &str) -> bool {
    const ENDS: &[&str] = &[".md", ".markdown", ".rst", ".adoc", ".pdf", ".docx"];
    name.contains('.')
        && !name.contains("://")
        && ENDS.iter().any(|end| name.len() > end.len() && name.to_lowercase().ends_with(end))
}

/// A heading that says how long: "Initial Monitoring (30 minutes)".
fn spans(plan: &Plan, said: &[(usize, String)]) -> Vec<Fact> {
    let windows = plan.phases.iter().filter_map(|p| Some((p, p.window.as_ref()?)));
    let bare = windows.filter(|(_, w)| w.start.is_none() && w.days.is_none() && w.at.is_none());
    // A label below a heading may have said it already.
    let labelled = |from: usize, text: &str| {
        let next = plan.phases.partition_point(|p| p.line <= from);
        let end = plan.phases.get(next).map_or(usize::MAX, |p| p.line);
        let at = said.partition_point(|(line, _)| *line < from);
        said[at..].iter().take_while(|(line, _)| *line < end).any(|(_, span)| span == text)
    };
    let made = bare.filter(|(p, w)| !labelled(p.line, &w.text)).filter_map(|(phase, window)| {
        Some(Fact {
            kind: FactKind::Duration,
            label: None,
            text: window.text.clone(),
            seconds: Some(first_span(&window.text)?),
            phase: Some(phase.parent.clone().unwrap_or_else(|| phase.id.clone())),
            line: phase.line,
        })
    });
    made.collect()
}

/// What stands behind a limit that has no class and calls for no way back.
fn advice(outline: &Outline, plan: &Plan) -> Vec<Fact> {
    let calm = plan.thresholds.iter().filter(|t| t.role == Role::Alert && t.severity.is_none());
    let made = calm.filter_map(|limit| {
        let at = outline.blocks.partition_point(|b| b.line <= limit.line);
        let block = at.checked_sub(1).map(|i| &outline.blocks[i]).filter(|b| b.line == limit.line)?;
        let (label, rest) = block.rich.lead().filter(|(_, rest)| !rest.is_empty())?;
        let limited = label.contains(['<', '>', '≥', '≤']);
        limited.then(|| Fact {
            kind: FactKind::Advice,
            label: Some(label.to_owned()),
            text: rest.to_owned(),
            seconds: None,
            phase: limit.phase.clone(),
            line: limit.line,
        })
    });
    made.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, FactKind, String)> {
        let plan = crate::plan::read(text.as_bytes(), "p");
        plan.facts.into_iter().map(|f| (f.line, f.kind, f.text)).collect()
    }

    #[test]
    fn what_a_plan_says_besides() {
        for (text, line, kind, said) in [
            ("# P\n\n**Version:** 1.2\n\n## Phase 1: A\n- x\n", 3, FactKind::Meta, "1.2"),
            ("# P\n## Goal\n\nMove everybody.\n", 4, FactKind::Brief, "Move everybody."),
            ("# P\n## Objectives\n- No downtime\n", 3, FactKind::Objective, "No downtime"),
            ("# P\n## Phase 1: A\n**Duration:** 2 hours\n", 3, FactKind::Duration, "2 hours"),
            (
                "# P\n## Phase 1: A\n**Monitoring windows:**\n- 15-minute intervals at first\n",
                4,
                FactKind::Watch,
                "15-minute intervals at first",
            ),
            (
                "# P\n## Scaling\n### Alert thresholds\n- **CPU usage > 70%**: add a node\n",
                4,
                FactKind::Advice,
                "add a node",
            ),
            ("# P\n## Expected load\n- 40 orders a day\n", 3, FactKind::Baseline, "40 orders a day"),
            ("# P\n## Backup strategy\n- Every 4 hours\n", 3, FactKind::Backup, "Every 4 hours"),
            ("# P\nSee [the runbook](./runbook.md#undo).\n", 2, FactKind::Reference, "./runbook.md#undo"),
            (
                "# P\n## Phase 1: A\n- [ ] Canary stable for 24 hours\n",
                3,
                FactKind::Soak,
                "Canary stable for 24 hours",
            ),
            ("# P\n## Support preparation\n- Macro written\n", 3, FactKind::Preparation, "Macro written"),
            (
                "# P\n## Phase 1: A\n- x\n\n## End\n\nEach item is signed off before proceeding.\n",
                7,
                FactKind::Policy,
                "Each item is signed off before proceeding.",
            ),
        ] {
            let facts = found(text);
            assert!(facts.contains(&(line, kind, said.to_owned())), "{text}: {facts:?}");
        }
    }

    #[test]
    fn what_is_none() {
        for text in [
            "# P\n## Phase 1: A\n- [ ] Deploy 2.1\n- Watch https://x.example/status.md\n",
            "# P\n## Phase 1: A\n- Error rate < 1% for 5 minutes\n",
            "# P\n## Rollback\n1. Undo\n```bash\ncat notes.md\n```\n",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
