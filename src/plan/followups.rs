//! What is due after the launch; looking whether the launch worked is not.

use super::FollowUp;
use super::items::past_glyph;
use super::outline::{Block, Kind, Outline};
use super::phases::Phases;
use super::topic::*;
use super::window::says_time;

/// The follow-ups of the plan.
pub(crate) fn followups(outline: &Outline, phases: &Phases) -> Vec<FollowUp> {
    outline.blocks.iter().filter_map(|b| followup(outline, phases, b)).collect()
}

fn followup(outline: &Outline, phases: &Phases, block: &Block) -> Option<FollowUp> {
    let leaf = match &block.kind {
        Kind::Item { .. } => !is_title(outline, block),
        Kind::Row { header: false, .. } => true,
        _ => false,
    };
    if !leaf || phases.of(block.scope).is_some() || !is_after(outline, block.scope) {
        return None;
    }
    let text = past_glyph(block.text()).to_owned();
    let own = block.rich.label().map(|(label, _)| label).filter(|label| says_time(label)).map(str::to_owned);
    let around = || {
        outline
            .up(block.scope)
            .find(|s| says_time(&outline.scopes[*s].title))
            .map(|s| outline.scopes[s].title.clone())
    };
    Some(FollowUp { text, when: own.or_else(around), line: block.line })
}

/// Whether an entry only names what hangs below it, or hangs below one that stands for itself.
fn is_title(outline: &Outline, block: &Block) -> bool {
    use super::outline::ScopeKind::Item;
    let titled = |rich: &super::outline::Rich| {
        rich.text.ends_with(':') || rich.lead().is_some_and(|(_, rest)| rest.is_empty())
    };
    let opener = outline.scopes[block.scope].first.checked_sub(1).map(|i| &outline.blocks[i]);
    let detail = outline.scopes[block.scope].kind == Item && opener.is_some_and(|o| !titled(&o.rich));
    outline.has_children(block) && titled(&block.rich) || detail
}

fn is_after(outline: &Outline, scope: usize) -> bool {
    const NOT: Topics = VERIFY
        .and(COMMS)
        .and(ROLLBACK)
        .and(TRIGGER)
        .and(CONTACTS)
        .and(RISK)
        .and(SIGNOFF)
        .and(TEMPLATE)
        .and(ALERT)
        .and(PREFLIGHT)
        .and(DURING)
        .and(SUCCESS)
        .and(INCIDENT)
        .and(FLAGS);
    for s in outline.up(scope) {
        let topics = outline.scopes[s].topics;
        if topics.any(NOT) {
            return false;
        }
        if topics.any(AFTER) {
            return !outline.within(s, READY.and(PREFLIGHT).and(VERIFY));
        }
    }
    false
}
