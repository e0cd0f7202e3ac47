//! Phases that stand only in a drawn time line: a fence under "Timeline" with "Day 1: 5% rollout".
//!
//! The last resort of `phases`; a fence beside phases of their own only draws them again.

use super::ordinal::ordinal;
use super::outline::{Block, Kind, Outline};
use super::phases::{Candidate, NOT_WEAK, elsewhere};
use super::topic::*;
use super::window::{share, window};

/// The lines of the first fence in a section about the rollout that has two or more numbered ones.
pub(crate) fn drawn(outline: &Outline) -> Vec<Candidate> {
    let fences = outline.blocks.iter().filter(|b| is_drawing(outline, b));
    fences.map(numbered).find(|found| found.len() > 1).unwrap_or_default()
}

fn is_drawing(outline: &Outline, block: &Block) -> bool {
    let Kind::Fence { language } = &block.kind else { return false };
    let plain = matches!(language.as_str(), "" | "text" | "txt" | "plaintext" | "plain");
    plain && outline.within(block.scope, PHASES) && !elsewhere(outline, block.scope, NOT_WEAK)
}

fn numbered(fence: &Block) -> Vec<Candidate> {
    let lines = fence.text().lines().enumerate();
    lines.filter_map(|(i, line)| candidate(line, fence.line + 1 + i)).collect()
}

/// "T-7 Days  │ Code freeze", "Week 2-3: 25% rollout"; an indented line says more of the one above.
fn candidate(line: &str, number: usize) -> Option<Candidate> {
    let at = line.find([':', '│', '|', '：'])?;
    let (mark, rest) = line.split_at(at);
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '│' | '|' | '：'));
    let head = ordinal(mark).filter(|o| o.rest.is_empty() || window(mark).is_some())?;
    let flush = !line.starts_with(char::is_whitespace) && line.len() <= 120;
    let when = if head.strong { window(rest) } else { window(mark) };
    (flush && !rest.is_empty()).then(|| Candidate {
        title: format!("{}: {rest}", mark.trim()),
        line: number,
        scope: None,
        parent: None,
        window: when.map(|w| w.text),
        share: share(rest),
    })
}
