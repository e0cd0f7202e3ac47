//! What a section about a way back is by its title and its entries: the way itself, a point, a field, or when to take it.
//!
//! Called by `procedures`; `triggers` and the flags ask for points.

use super::commands::is_run;
use super::limit::scan;
use super::outline::{Block, Outline};
use super::steps::direct_steps;
use super::topic::*;
use super::vocabulary::back::CHECKS;
use super::vocabulary::words;
use super::words::{fold, has_any};

/// "Rollback Point 1" is a point of its phase, no runbook.
pub(crate) fn is_point(title: &str) -> bool {
    says_point(&fold(title))
}

/// The same of a folded text.
pub(crate) fn says_point(folded: &str) -> bool {
    has_any(
        folded,
        &[
            "rollback point",
            "rollback points",
            "roll back point",
            "rollback checkpoint",
            "point of no return",
        ],
    )
}

/// "Rollback target", "Rollback owner": what is said of a way back, not the way.
pub(crate) fn tells_of_way(title: &str) -> bool {
    const FIELDS: &[&str] = words! { "target" "targets" "owner" "owners" "time" "window" "authority" "status" "contact" "contacts" "rto" };
    let folded = fold(title);
    let mut said = folded.split(' ');
    matches!(said.next(), Some("rollback" | "revert"))
        && said.next().is_some_and(|word| FIELDS.contains(&word))
        && said.next().is_none()
}

/// Whether a section is part of one that says when to go back, and does not say how.
pub(crate) fn says_when(outline: &Outline, scope: usize) -> bool {
    let here = &outline.scopes[scope];
    let around = here.parent.and_then(|s| outline.nearest(s, TRIGGER.and(ROLLBACK)));
    let when = around.map(|s| outline.scopes[s].topics).is_some_and(|t| t.any(TRIGGER) && !t.any(ROLLBACK));
    let told = here.topics.any(ROLLBACK) && direct_steps(outline, scope).any(Block::is_ordered);
    when && !told && !here.topics.any(ACTIONS.and(DEPLOY)) && !outline.below(scope).iter().any(is_run)
}

/// "Immediate rollback" above a list of nothing but limits says when.
pub(crate) fn lists_limits(outline: &Outline, scope: usize) -> bool {
    let entries: Vec<&Block> = outline.below(scope).iter().filter(|b| b.is_item() || is_run(b)).collect();
    let limit = |b: &&&Block| {
        b.is_item() && b.text().len() < 200 && scan(b.text()).iter().any(|l| l.sign && !l.metric.is_empty())
    };
    let stated = entries.iter().filter(limit);
    (2..100).contains(&entries.len()) && 3 * stated.count() >= 2 * entries.len()
}

/// "**Level 2 - Lower the share:**" over a command: one of several ways back, by number.
pub(crate) fn is_variant(outline: &Outline, scope: usize) -> bool {
    const WAYS: &[&str] = words! {
        "level" "option" "method" "variant" "tier" "nivel" "nível" "niveau" "opción" "opção" "método"
        "méthode" "variante" "ebene" "methode"
    };
    let here = &outline.scopes[scope];
    let folded = fold(&here.title);
    let mut words = folded.split(' ');
    let named = words.next().is_some_and(|word| WAYS.contains(&word));
    let numbered = words.next().is_some_and(|n| n.len() == 1);
    named && numbered && outline.direct(scope).any(|b| is_run(b) || b.is_item())
}

/// Whether a section is called after looking at something: "Check current health".
pub(crate) fn only_looks(title: &str) -> bool {
    let folded = fold(title);
    let mut words = folded.split(' ').skip_while(|w| w.starts_with(|c: char| c.is_ascii_digit()));
    words.next().is_some_and(|first| CHECKS.contains(&first))
}
