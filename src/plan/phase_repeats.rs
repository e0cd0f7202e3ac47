//! Titles that name a phase once more: in an overview, over a checklist of it, told again at length.
//!
//! Called by `phases`.

use std::collections::{HashMap, HashSet};

use super::ordinal::{Ordinal, ordinal};
use super::outline::Outline;
use super::phase_titles::{is_state, title_parts};
use super::topic::{self, *};
use super::vocabulary::phases::OF_A_PHASE;
use super::words::fold;

/// Titles that name a phase again: in an overview, or over a checklist of it. The first with anything below it is the phase.
pub(crate) fn repeats(outline: &Outline, phases: &[usize]) -> HashSet<usize> {
    let mut known: HashMap<(String, String), usize> = HashMap::new();
    let mut out = HashSet::new();
    let mut homes: HashMap<Option<usize>, usize> = HashMap::new();
    for scope in phases {
        *homes.entry(outline.scopes[*scope].parent).or_default() += 1;
    }
    let beside = |scope: usize| homes.get(&outline.scopes[scope].parent).copied().unwrap_or(0);
    for scope in phases.iter().copied() {
        let here = &outline.scopes[scope];
        let Some(Ordinal { word, number, .. }) = ordinal(&here.title) else { continue };
        let Some(other) = known.get_mut(&(word.clone(), number.clone())) else {
            known.insert((word, number), scope);
            continue;
        };
        let same = fold(&here.title) == fold(&outline.scopes[*other].title);
        let (core, its) = (core(&here.title), core(&outline.scopes[*other].title));
        // "Phase 1: Trial (ACTIVE)" told at length, and once more beside the phases after it.
        let twice = !same && core == its && !outline.inside(scope, *other);
        if twice && beside(scope) != beside(*other) {
            let replaces = beside(scope) > beside(*other);
            out.insert(if replaces { std::mem::replace(other, scope) } else { scope });
            continue;
        }
        let (listed, was) = (is_listed(outline, scope), is_listed(outline, *other));
        let within = outline.inside(scope, *other);
        if within && listed {
            out.insert(scope);
        }
        if !same && listed == was || within {
            continue;
        }
        let empty = outline.below(*other).is_empty();
        let replaces = if listed == was { empty } else { was };
        out.insert(if replaces { std::mem::replace(other, scope) } else { scope });
    }
    out
}

/// A phase's title without what brackets and dashes add of share, time and state.
fn core(title: &str) -> String {
    let name = title_parts(title).0;
    let bracket = name.rsplit_once('(').filter(|(_, said)| is_state(said.trim_end_matches(')')));
    fold(bracket.map_or(name.as_str(), |(before, _)| before))
}

/// Whether a title stands in an overview or only says what is ticked for a phase.
fn is_listed(outline: &Outline, scope: usize) -> bool {
    const LISTS: Topics = BRIEF.and(CHECKLIST);
    let here = &outline.scopes[scope];
    let about = ordinal(&here.title).is_some_and(|o| !o.separated && only_speaks(o.rest));
    about || outline.within(here.parent.unwrap_or(0), LISTS)
}

/// Whether what follows a number says what is said of the phase: "Phase 2 Configuration", not "Phase 2 Rollout (50%)".
fn only_speaks(rest: &str) -> bool {
    let rest = rest.split(['(', '（', ':', '：']).next().unwrap_or("");
    let last = rest.split_whitespace().next_back().unwrap_or("").to_lowercase();
    let itself = PHASES.and(DURING).and(DEPLOY);
    topic::classify(rest).less(itself) != NONE || OF_A_PHASE.contains(&last.as_str())
}
