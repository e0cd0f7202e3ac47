//! Phases that carry no number of their own: what stands in a section about the rollout, in whatever shape.
//!
//! Table rows first, then headings, ordered steps, bold or dated bullets. Called by `phases`.

use super::ordinal::ordinal;
use super::outline::{Block, Kind, Outline, ScopeKind};
use super::phases::{Candidate, ELSEWHERE, NOT_WEAK, elsewhere, is_heading};
use super::topic::*;
use super::vocabulary::words;
use super::window::{says_time, share};
use super::words::{fold, has_any};

/// What stands in a section about the rollout: headings, ordered steps, bold or dated bullets, table rows.
pub(crate) fn fallback(outline: &Outline) -> Vec<Candidate> {
    let homes: Vec<usize> = (1..outline.scopes.len())
        .filter(|i| outline.scopes[*i].topics.any(PHASES) && !elsewhere(outline, *i, NOT_WEAK))
        .collect();
    let shapes: [fn(&Outline, usize) -> Vec<Candidate>; 4] = [headings, rows, ordered, bullets];
    let tabled = (0..outline.scopes.len())
        .filter(|s| !elsewhere(outline, *s, ELSEWHERE))
        .map(|s| rows(outline, s))
        .find(|f| f.len() > 1);
    if let Some(found) = tabled {
        return found;
    }
    for home in &homes {
        for shape in shapes {
            let found = shape(outline, *home);
            if found.len() > 1 {
                return found;
            }
        }
    }
    Vec::new()
}

fn headings(outline: &Outline, home: usize) -> Vec<Candidate> {
    let not = ELSEWHERE.and(BRIEF).and(DEPLOY).and(GATE);
    let children = outline
        .scopes
        .iter()
        .enumerate()
        .filter(|(_, s)| s.parent == Some(home) && s.kind != ScopeKind::Item);
    let fits = children.filter(|(_, s)| !s.topics.any(not) && (is_heading(s.kind) || stepped(&s.title)));
    fits.map(|(i, s)| plain(s.title.clone(), s.line, Some(i))).collect()
}

fn stepped(title: &str) -> bool {
    says_time(title) || share(title).is_some()
}

fn plain(title: String, line: usize, scope: Option<usize>) -> Candidate {
    Candidate { title, line, scope, parent: None, window: None, share: None }
}

fn ordered(outline: &Outline, home: usize) -> Vec<Candidate> {
    let items = outline.direct(home).filter(|b| b.is_ordered() && b.task().is_none());
    items.map(|b| plain(item_title(b), b.line, b.opens)).collect()
}

fn bullets(outline: &Outline, home: usize) -> Vec<Candidate> {
    let items = outline.direct(home).filter(|b| b.is_item() && b.task().is_none());
    let fits =
        items.filter(|b| b.rich.label().is_some_and(|(label, _)| stepped(label) || b.rich.lead().is_some()));
    fits.map(|b| Candidate { window: said_behind(b), ..plain(item_title(b), b.line, b.opens) }).collect()
}

/// The time behind a label: "**25% Rollout**: Day 5 (if healthy)".
fn said_behind(block: &Block) -> Option<String> {
    let (_, rest) = block.rich.label()?;
    let said = rest.split(['(', '（', ';', ',']).next().unwrap_or("").trim().trim_end_matches('.');
    (said.split_whitespace().count() <= 6 && says_time(said)).then(|| said.to_owned())
}

/// Lines of a letter that begin with a bold number: "**Phase 1 (Monday):** the office".
pub(crate) fn bold_lines(outline: &Outline) -> Vec<Candidate> {
    let lines = outline
        .blocks
        .iter()
        .filter(|b| b.kind == Kind::Paragraph && !elsewhere(outline, b.scope, ELSEWHERE));
    let numbered = lines.filter(|b| {
        let mark = b.rich.lead().and_then(|(lead, _)| ordinal(lead));
        mark.is_some_and(|o| o.strong)
    });
    let found: Vec<Candidate> = numbered.map(|b| plain(item_title(b), b.line, None)).collect();
    if found.len() > 1 { found } else { Vec::new() }
}

/// A bold beginning with the bracket that follows it, else the words before a colon, else the text.
fn item_title(block: &Block) -> String {
    match block.rich.lead() {
        Some((lead, rest)) if rest.starts_with(['(', '（']) => {
            let end = rest
                .find([')', '）'])
                .map_or(rest.len(), |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
            format!("{lead} {}", &rest[..end])
        }
        Some((lead, _)) => lead.to_owned(),
        None => block.rich.colon().map_or(block.text(), |(label, _)| label).to_owned(),
    }
}

/// Rows of a table whose first column is called phase, stage, wave…
fn rows(outline: &Outline, home: usize) -> Vec<Candidate> {
    let mut columns: Option<Columns> = None;
    let mut out = Vec::new();
    for block in outline.direct(home) {
        let Kind::Row { header, cells, .. } = &block.kind else { continue };
        if *header {
            if !out.is_empty() {
                break;
            }
            columns = Columns::read(&cells.iter().map(|c| fold(&c.text)).collect::<Vec<_>>());
        } else if let Some(columns) = &columns {
            out.push(
                columns.candidate(&cells.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(), block.line),
            );
        }
    }
    out
}

struct Columns {
    word: String,
    name: Option<usize>,
    when: Option<usize>,
    share: Option<usize>,
}

impl Columns {
    fn read(header: &[String]) -> Option<Columns> {
        const FIRST: &[&str] = words! {
            "phase" "stage" "wave" "ring" "step" "fase" "etapa" "étape" "schritt" "stufe" "フェーズ" "段階"
            "阶段" "단계" "cohort" "rollout phase" "milestone"
        };
        const NOT: [&str; 6] = ["metric", "metrics", "threshold", "risk", "severity", "channel"];
        let first = header.first()?;
        if !FIRST.contains(&first.as_str()) || header.get(1).is_some_and(|h| has_any(h, &NOT)) {
            return None;
        }
        let column = |words: &[&str]| header.iter().skip(1).position(|h| has_any(h, words)).map(|i| i + 1);
        Some(Columns {
            word: first.clone(),
            name: column(&["name", "title", "description", "scope", "what", "goal", "activity"]),
            when: column(words! {
                "when" "date" "dates" "duration" "day" "days" "week" "weeks" "time" "timing" "window"
                "timeline" "schedule" "start" "wann" "zeit" "zeitraum" "dauer" "quando" "período"
                "prazo" "cuándo" "duración" "durée" "période"
            }),
            share: column(words! {
                "traffic" "users" "percentage" "percent" "share" "audience" "rollout" "tráfego"
                "tráfico" "nutzer" "anteil"
            }),
        })
    }

    fn candidate(&self, cells: &[&str], line: usize) -> Candidate {
        let first = cells.first().copied().unwrap_or("");
        let bare =
            first.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '#')) || first.chars().count() == 1;
        let name = self.name.and_then(|i| cells.get(i)).filter(|_| bare);
        let title = match name {
            Some(name) => format!("{} {first}: {name}", capital(&self.word)),
            None if bare => format!("{} {first}", capital(&self.word)),
            None => first.to_owned(),
        };
        let when = self.when.and_then(|i| cells.get(i)).filter(|t| !t.is_empty()).map(|t| (*t).to_owned());
        let share = self.share.and_then(|i| cells.get(i)).and_then(|t| share(t));
        Candidate { title, line, scope: None, parent: None, window: when, share }
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
