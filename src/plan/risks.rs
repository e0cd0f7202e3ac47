//! The risk register: numbered entries with fields, tables, sub-sections, labelled bullets.

use std::collections::HashSet;

use super::Risk;
use super::outline::{Block, Kind, Outline, ScopeKind};
use super::tables::{Table, cell, tables};
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, has_any};

/// The risks of the plan.
pub(crate) fn risks(outline: &Outline) -> Vec<Risk> {
    let whole = whole_sections(outline);
    let mut out: Vec<Risk> = outline.blocks.iter().filter_map(|b| entry(outline, &whole, b)).collect();
    for table in tables(outline) {
        out.extend(rows(outline, &table));
    }
    out.sort_by_key(|r| r.line);
    out
}

fn is_risks(outline: &Outline, scope: usize) -> bool {
    const OTHER: Topics = RISK
        .and(ROLLBACK)
        .and(COMMS)
        .and(CONTACTS)
        .and(PHASES)
        .and(SUCCESS)
        .and(MONITOR)
        .and(TRIGGER)
        .and(READY)
        .and(REFERENCE);
    let near = outline
        .up(scope)
        .find(|s| outline.scopes[*s].kind != ScopeKind::Item && outline.scopes[*s].topics.any(OTHER));
    near.is_some_and(|s| outline.scopes[s].topics.any(RISK))
}

fn entry(outline: &Outline, whole: &HashSet<usize>, block: &Block) -> Option<Risk> {
    if !is_risks(outline, block.scope) {
        return None;
    }
    let parent = &outline.scopes[block.scope];
    let fits = match block.kind {
        Kind::Item { task: None, .. } => {
            parent.kind != ScopeKind::Item && !whole.contains(&outline.heading(block.scope))
        }
        Kind::Heading => has_fields(outline, block.opens?),
        _ => false,
    };
    if !fits {
        return None;
    }
    let (title, rest) = block
        .rich
        .lead()
        .or_else(|| block.rich.colon())
        .or_else(|| dash(block.text()))
        .unwrap_or((block.text(), ""));
    let (title, rest) = if is_risk_word(&fold(title)) { (rest, "") } else { (title, rest) };
    if title.is_empty() || is_field(title) {
        return None;
    }
    let field = |words: &[&str]| block.opens.and_then(|s| field(outline, s, words));
    let inline = (!rest.is_empty()).then(|| rest.to_owned());
    Some(Risk {
        title: title.trim().trim_end_matches(':').to_owned(),
        level: field(LEVEL).or_else(|| behind(rest)).or_else(|| level(outline, block.scope)),
        mitigation: field(MITIGATION).or(inline),
        contingency: field(CONTINGENCY),
        line: block.line,
    })
}

/// "Risk", "Risk 3", "R2": a word that only counts.
fn is_risk_word(folded: &str) -> bool {
    const WORDS: &[&str] = words! { "risk" "risiko" "risque" "riesgo" "risco" "リスク" "风险" "위험" "r" };
    let word = folded.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    WORDS.contains(&word) && (word != "r" || folded.len() > 1)
}

const LEVEL: &[&str] = words! {
    "level" "severity" "impact" "likelihood" "probability" "rating" "priority" "risk level"
    "auswirkung" "wahrscheinlichkeit" "probabilité" "impacto" "probabilidade" "probabilidad" "影響" "影響度" "影响" "影响程度" "発生確率" "영향도"
    "영향" "schwere" "stufe"
};
const MITIGATION: &[&str] = words! {
    "mitigation" "mitigations" "prevention" "response" "countermeasure" "countermeasures" "maßnahme"
    "gegenmaßnahme" "gegenmaßnahmen" "maßnahmen" "atténuation" "mitigación" "mitigação" "対策" "缓解"
    "缓解措施" "应对措施" "완화" "대응"
};
const CONTINGENCY: &[&str] = words! {
    "contingency" "fallback" "contingency plan" "if it happens" "plan b" "notfallplan"
    "plan de secours" "contingencia" "contingência" "回退" "コンティンジェンシー"
};

fn is_field(title: &str) -> bool {
    let folded = fold(title);
    [LEVEL, MITIGATION, CONTINGENCY].iter().any(|words| words.contains(&folded.as_str()))
        || matches!(folded.as_str(), "owner" | "description" | "trigger" | "detection")
}

fn dash(text: &str) -> Option<(&str, &str)> {
    [" → ", " – ", " — ", " - ", " -> "].iter().find_map(|mark| text.split_once(mark))
}

fn has_fields(outline: &Outline, scope: usize) -> bool {
    field(outline, scope, MITIGATION).is_some() || field(outline, scope, CONTINGENCY).is_some()
}

/// Sections that are one risk by themselves: their bullets are its fields.
fn whole_sections(outline: &Outline) -> HashSet<usize> {
    let fields = outline
        .blocks
        .iter()
        .filter(|b| b.rich.label().is_some_and(|(label, _)| MITIGATION.contains(&fold(label).as_str())));
    fields.filter(|b| outline.heading(b.scope) == b.scope).map(|b| b.scope).collect()
}

fn field(outline: &Outline, scope: usize, words: &[&str]) -> Option<String> {
    let fields = outline.direct(scope).filter_map(|b| b.rich.label());
    fields
        .filter(|(label, rest)| words.contains(&fold(label).as_str()) && !rest.is_empty())
        .map(|(_, rest)| rest.to_owned())
        .next()
}

const LEVELS: &[&str] = words! {
    "critical" "high" "medium" "moderate" "low" "hoch" "mittel" "niedrig" "élevé" "moyen" "faible"
    "alto" "medio" "médio" "bajo" "baixo" "高" "中" "低"
};

/// "**Stampede** (High) – coalesce": the level right behind the title.
fn behind(rest: &str) -> Option<String> {
    let (inside, _) = rest.strip_prefix('(')?.split_once(')')?;
    let word = inside.split([' ', ',', '/']).next()?;
    LEVELS.contains(&word.to_lowercase().as_str()).then(|| word.to_owned())
}

/// "High Risk Items" says how high.
fn level(outline: &Outline, scope: usize) -> Option<String> {
    outline.up(scope).find_map(|s| {
        let title = outline.scopes[s].title.as_str();
        let word = title.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty())?;
        LEVELS.contains(&word.to_lowercase().as_str()).then(|| word.to_owned())
    })
}

fn rows(outline: &Outline, table: &Table) -> Vec<Risk> {
    let risk = table.column(words! {
        "risk" "risks" "risiko" "risque" "riesgo" "risco" "リスク" "风险" "위험" "failure" "threat" "issue"
    });
    let (mitigation, level) = (table.column(MITIGATION), table.column(LEVEL));
    let spoken = is_risks(outline, table.header.scope);
    if risk.is_none() && !spoken || mitigation.is_none() && level.is_none() || !spoken && mitigation.is_none()
    {
        return Vec::new();
    }
    let risk =
        risk.filter(|r| Some(*r) != mitigation && !has_any(&table.titles[*r], &["level", "id"])).or(Some(0));
    let contingency = table.column(CONTINGENCY).filter(|c| Some(*c) != mitigation);
    let made = table.rows.iter().filter_map(|(block, cells)| {
        let text = |column| cell(cells, column).map(str::to_owned);
        Some(Risk {
            title: text(risk)?,
            level: text(level),
            mitigation: text(mitigation),
            contingency: text(contingency),
            line: block.line,
        })
    });
    made.collect()
}
