//! Phases that carry no number of their own: what stands in a section about the rollout, in whatever shape.
//!
//! Table rows first, then headings, ordered steps, bold or dated bullets; last a section that is
//! the launch by itself. Called by `phases`; the tables themselves are `phase_tables`' business.

use std::collections::HashMap;

use super::Share;
use super::item_tables::Header;
use super::ordinal::ordinal;
use super::outline::{Block, Kind, Outline, ScopeKind};
use super::phase_tables::{calendar, rows};
use super::phase_titles::title_parts;
use super::phases::{Candidate, ELSEWHERE, NOT_WEAK, elsewhere, is_heading};
use super::topic::*;
use super::window::{is_the_day, says_time, share};

/// What stands in a section about the rollout: headings, ordered steps, bold or dated bullets, table rows.
pub(crate) fn fallback(outline: &Outline) -> Vec<Candidate> {
    let homes: Vec<usize> = (1..outline.scopes.len()).filter(|i| is_home(outline, *i)).collect();
    let shapes: [fn(&Outline, usize) -> Vec<Candidate>; 5] = [headings, rows, ordered, bullets, calendar];
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

/// A section about the rollout or the launch day.
fn is_home(outline: &Outline, scope: usize) -> bool {
    outline.scopes[scope].topics.any(PHASES.and(DURING)) && !elsewhere(outline, scope, NOT_WEAK)
}

fn headings(outline: &Outline, home: usize) -> Vec<Candidate> {
    let not = ELSEWHERE.and(BRIEF).and(DEPLOY).and(GATE);
    let children = outline.inner(home).filter(|(_, s)| s.parent == Some(home) && s.kind != ScopeKind::Item);
    let named = outline.scopes[home].topics.any(PHASES);
    let fits =
        children.filter(|(_, s)| !s.topics.any(not) && (named && is_heading(s.kind) || stepped(&s.title)));
    fits.map(|(i, s)| plain(s.title.clone(), s.line, Some(i))).collect()
}

fn stepped(title: &str) -> bool {
    says_time(title) || share(title).is_some()
}

fn plain(title: String, line: usize, scope: Option<usize>) -> Candidate {
    Candidate { title, line, scope, parent: None, window: None, share: None }
}

fn ordered(outline: &Outline, home: usize) -> Vec<Candidate> {
    let items = || outline.direct(home).filter(|b| b.is_ordered() && b.task().is_none());
    let sentences = items().filter(|b| is_sentence(b)).count();
    if 2 * sentences > items().count() {
        return Vec::new();
    }
    items().map(|b| Candidate { share: said_share(b), ..plain(item_title(b), b.line, b.opens) }).collect()
}

/// "Stop the importer and wait." is something to do; "**Pilot**", "prod-eu (10% of nodes)" are phases.
fn is_sentence(block: &Block) -> bool {
    let title = item_title(block);
    let named = block.rich.lead().is_some() || stepped(&title) || block.rich.colon().is_some();
    !named && (title.ends_with(['.', '。']) || title.split_whitespace().count() > 4)
}

/// Sections side by side whose titles say when: "1. Preparation (T-14 days)", "2. Switch (Day 0)".
pub(crate) fn dated(outline: &Outline) -> Vec<Candidate> {
    let headings = (1..outline.scopes.len()).filter(|i| {
        let here = &outline.scopes[*i];
        let not = ELSEWHERE.less(MONITOR).and(REFERENCE);
        is_heading(here.kind)
            && !here.topics.any(not)
            && !elsewhere(outline, here.parent.unwrap_or(0), NOT_WEAK)
    });
    let dated: Vec<usize> = headings.filter(|i| is_dated(&outline.scopes[*i].title)).collect();
    let parent = |i: &usize| outline.scopes[*i].parent;
    let mut beside: HashMap<Option<usize>, usize> = HashMap::new();
    for i in &dated {
        *beside.entry(parent(i)).or_default() += 1;
    }
    let Some(home) = dated.iter().map(parent).find(|p| beside[p] > 1) else { return Vec::new() };
    let here = |i: usize| plain(outline.scopes[i].title.clone(), outline.scopes[i].line, Some(i));
    dated.into_iter().filter(|i| parent(i) == home).map(here).collect()
}

/// Whether a title says a day, an hour from T0, a clock or for how many; a mere duration is an estimate.
fn is_dated(title: &str) -> bool {
    let (_, when, portion) = title_parts(title);
    let for_some = title.contains(['(', '（', '[']) && portion.is_some_and(|p| p.value > 0.0);
    for_some
        || is_the_day(title)
        || when.is_some_and(|w| w.days.is_some() || w.start.is_some() || w.at.is_some())
}

/// A section that is the launch by itself: "During the migration", or a list of steps right under "Cutover steps".
pub(crate) fn whole(outline: &Outline) -> Vec<Candidate> {
    let homes = (1..outline.scopes.len()).filter(|i| is_home(outline, *i));
    let fits =
        homes.filter(|i| !outline.scopes[*i].topics.any(BRIEF.and(ROLLBACK)) && is_launch(outline, *i));
    fits.map(|i| plain(outline.scopes[i].title.clone(), outline.scopes[i].line, Some(i))).take(1).collect()
}

fn is_launch(outline: &Outline, scope: usize) -> bool {
    let here = &outline.scopes[scope];
    if here.kind == ScopeKind::Item {
        return false;
    }
    let steps = outline.direct(scope).filter(|b| b.is_ordered() && b.task().is_none()).count();
    let lines = outline.direct(scope).filter(|b| matches!(b.kind, Kind::Row { header: false, .. })).count();
    let todo = lines > 0 || outline.direct(scope).any(Block::is_item);
    let run = lines > 2 && outline.direct(scope).any(is_run_sheet);
    (steps > 2 || run) && here.topics.any(PHASES) || is_the_day(&here.title) && todo
}

fn is_run_sheet(block: &Block) -> bool {
    matches!(&block.kind, Kind::Row { header: true, cells, .. } if Header::new(cells).is_run_sheet())
}

fn bullets(outline: &Outline, home: usize) -> Vec<Candidate> {
    let items = outline.direct(home).filter(|b| b.is_item() && b.task().is_none());
    let fits =
        items.filter(|b| b.rich.label().is_some_and(|(label, _)| stepped(label) || b.rich.lead().is_some()));
    fits.map(|b| {
        let portion = b.rich.label().and_then(|(_, rest)| share(rest.split(['(', ',', ';']).next()?));
        Candidate { window: said_behind(b), share: portion, ..plain(item_title(b), b.line, b.opens) }
    })
    .collect()
}

/// For how many, right behind a title: "**Soft launch** (Oct 8): 5% of users".
fn said_share(block: &Block) -> Option<Share> {
    let title = item_title(block);
    let rest = block.text().get(title.len()..).filter(|_| block.text().starts_with(title.as_str()))?;
    let rest = rest.trim_start_matches([':', ' ', '–', '—', '-', '→']);
    share(rest.split(['(', ',', ';']).next()?).filter(|_| rest.starts_with(|c: char| c.is_ascii_digit()))
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
    if found.len() > 1 { found } else { plain_lines(outline) }
}

/// Paragraphs without any marks whose first line is a title: "Stage 1: Internal (TestFlight)" over "Duration: 2 days".
fn plain_lines(outline: &Outline) -> Vec<Candidate> {
    let lines = outline
        .blocks
        .iter()
        .filter(|b| b.kind == Kind::Paragraph && !elsewhere(outline, b.scope, ELSEWHERE));
    let first = |b: &Block| {
        let end = b.rich.breaks.first().copied().unwrap_or(b.text().len());
        b.text().get(..end).unwrap_or("").trim().to_owned()
    };
    let titled = lines.map(|b| (first(b), b.line)).filter(|(title, _)| is_title(title));
    let found: Vec<Candidate> = titled.map(|(title, line)| plain(title, line, None)).collect();
    if found.len() > 1 { found } else { Vec::new() }
}

/// "Stage 2: Beta", not "Stage 2 is over." or "Stage 2: we wait until Friday, then go on."
fn is_title(line: &str) -> bool {
    let mark = ordinal(line).filter(|o| o.strong && o.separated && !o.rest.is_empty());
    mark.is_some() && line.len() <= 80 && !line.ends_with(['.', '。', ';', ','])
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
        Some((lead, _)) => named_behind(block).unwrap_or_else(|| lead.to_owned()),
        None => block.rich.colon().map_or(block.text(), |(label, _)| label).to_owned(),
    }
}

/// "**Phase 2**: Core migration": a number in bold, and a few words behind it that name it and say no time or share.
pub(crate) fn named_behind(block: &Block) -> Option<String> {
    let (lead, rest) = block.rich.lead()?;
    let bare = ordinal(lead).is_some_and(|o| o.strong && o.rest.is_empty());
    let rest = rest.trim();
    let short = rest.split_whitespace().count() <= 8 && !rest.ends_with(['.', '。', ':', '：']);
    let named = bare && short && rest.starts_with(char::is_alphanumeric) && !stepped(rest);
    named.then(|| format!("{lead}: {rest}"))
}
