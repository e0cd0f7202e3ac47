//! Which part of an edited plan is which part of the plan before it: pure, deterministic, one to
//! one. In doubt a part has no successor, and what was said of it is kept aside instead of guessed.
//!
//! Items are followed by their place and words; a section by its title, else by what stands in it;
//! an item that left its section only where its words are the plan's only ones of that kind.
//! `room` turns the answer into what the journal keeps.

mod lists;
mod parts;
mod sections;
#[cfg(test)]
mod tests;
mod wording;

use std::collections::HashMap;

use super::Plan;
use lists::{Texts, unique};
use sections::{Sections, Side};
use wording::{Wording, core, elsewhere};

/// Where each part of the old plan went, as places in the new plan's lists; none for those without
/// a successor. No two parts have the same one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Of [`Plan::items`].
    pub items: Vec<Option<usize>>,
    /// Of [`Plan::phases`].
    pub phases: Vec<Option<usize>>,
    /// Of [`Plan::signoffs`].
    pub signoffs: Vec<Option<usize>>,
    /// Of [`Plan::thresholds`].
    pub rules: Vec<Option<usize>>,
    /// Of [`Plan::procedures`].
    pub procedures: Vec<Option<usize>>,
}

/// Follows every part of `old` into `new`. Time grows with the size of the plans, not with its square.
///
/// ```
/// use warroom::plan::{follow, read};
/// let old = read(b"# Go\n\n## Before\n- [ ] Back up\n- [ ] Enable it\n", "p");
/// let new = read(b"# Go\n\n## Before\n- [ ] Tell support\n- [ ] Disable it\n- [ ] Back up\n", "p");
/// assert_eq!(follow(&old, &new).items, [Some(2), None]);
/// ```
pub fn follow(old: &Plan, new: &Plan) -> Moves {
    let items = items(old, new);
    Moves {
        phases: parts::phases(old, new, &items),
        signoffs: parts::signoffs(old, new),
        rules: parts::rules(old, new),
        procedures: parts::procedures(old, new),
        items,
    }
}

fn items(old: &Plan, new: &Plan) -> Vec<Option<usize>> {
    let (old_side, new_side) = (Side::new(old), Side::new(new));
    let mut texts = Texts::new(old, new);
    by_own_id(old, new, &mut texts);
    Sections::new(&old_side, &new_side, &mut texts).pair_all();
    travellers(old, new, &mut texts);
    texts.to
}

/// A plan's own `{#id}` is its author's word for "the same item".
fn by_own_id(old: &Plan, new: &Plan, texts: &mut Texts<'_>) {
    let made = |id: &str| id.len() >= 8 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let own = |plan: &Plan| -> HashMap<String, usize> {
        let named = plan.items.iter().enumerate().filter(|(_, i)| !made(i.id.as_str()));
        named.map(|(at, i)| (i.id.to_string(), at)).collect()
    };
    let there = own(new);
    for (id, at) in own(old) {
        if let Some(to) = there.get(&id) {
            texts.join(at, *to);
        }
    }
}

/// Items that left their section: only where no other item says the same on either side, in words
/// enough to be told by, and where the new place is not another place of work.
fn travellers(old: &Plan, new: &Plan, texts: &mut Texts<'_>) {
    const TELLING: usize = 3;
    let (before, after) = (unique(&texts.old), unique(&texts.new));
    let mut found = vec![];
    for (words, at) in before {
        let Some(to) = after.get(words).copied().filter(|to| texts.free(at, *to)) else { continue };
        let (from, there) = (&old.items[at], &new.items[to]);
        let telling = Wording::of(&from.text).len() >= TELLING;
        if telling && !elsewhere(&Wording::of(&from.path), &Wording::of(&there.path)) {
            found.push((at, to));
        }
    }
    found.into_iter().for_each(|(at, to)| texts.join(at, to));
}

/// Finds the item that something kept aside belongs to, where it has come back to its very place in
/// its very words.
pub struct Homes<'a> {
    found: HashMap<(String, String), Option<usize>>,
    plan: &'a Plan,
}

impl<'a> Homes<'a> {
    /// The homes of `plan`; `taken` are items that have a predecessor.
    pub fn new(plan: &'a Plan, taken: &[bool]) -> Self {
        let mut found = HashMap::new();
        for (at, item) in plan.items.iter().enumerate() {
            let free = !taken.get(at).copied().unwrap_or(false);
            found
                .entry((core(&item.path), core(&item.text)))
                .and_modify(|only| *only = None)
                .or_insert(free.then_some(at));
        }
        Self { found, plan }
    }

    /// The item at `path` that says `text`, where there is exactly one and it is free.
    pub fn of(&self, path: &str, text: &str) -> Option<&'a super::Item> {
        let at = self.found.get(&(core(path), core(text))).copied().flatten()?;
        self.plan.items.get(at)
    }
}
