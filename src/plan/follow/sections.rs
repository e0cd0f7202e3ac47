//! Sections before and after an edit: by their titles from the outside in; a renamed or moved one
//! by what stands in it, where nothing else is like it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::Plan;
use super::lists::Texts;
use super::wording::{Wording, core, elsewhere, may_differ, renumbered, reworded};

/// A title with items below it.
struct Section {
    title: Wording,
    key: String,
    parent: Option<usize>,
    children: Vec<usize>,
    items: Vec<usize>,
}

/// The sections of one plan; the first is the document.
pub(super) struct Side {
    sections: Vec<Section>,
}

impl Side {
    pub fn new(plan: &Plan) -> Self {
        let root = Section {
            title: Wording::default(),
            key: String::new(),
            parent: None,
            children: vec![],
            items: vec![],
        };
        let mut side = Self { sections: vec![root] };
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (at, item) in plan.items.iter().enumerate() {
            let section = *known.entry(&item.path).or_insert_with(|| side.reach(&item.path));
            side.sections[section].items.push(at);
        }
        side
    }

    /// The section at a path, made where it is not there yet.
    fn reach(&mut self, path: &str) -> usize {
        path.split('\u{1e}').filter(|t| !t.is_empty()).fold(0, |at, title| {
            let key = core(title);
            let there = self.sections[at].children.iter().find(|c| self.sections[**c].key == key);
            there.copied().unwrap_or_else(|| {
                let title = Wording::of(title);
                let section = Section { title, key, parent: Some(at), children: vec![], items: vec![] };
                self.sections.push(section);
                let new = self.sections.len() - 1;
                self.sections[at].children.push(new);
                new
            })
        })
    }

    /// What stands in a section and below: each item by its words and its place below the section.
    fn contents(&self, section: usize, texts: &[String]) -> Vec<u64> {
        let mut out = vec![];
        let mut open = vec![(section, 0_u64)];
        while let Some((at, place)) = open.pop() {
            let section = &self.sections[at];
            out.extend(section.items.iter().map(|i| digest(place, &texts[*i])));
            open.extend(section.children.iter().map(|c| (*c, digest(place, &self.sections[*c].key))));
        }
        out
    }

    /// All titles above a section and its own.
    fn place(&self, section: usize) -> Vec<&Wording> {
        std::iter::successors(Some(section), |s| self.sections[*s].parent)
            .map(|s| &self.sections[s].title)
            .collect()
    }
}

fn digest(place: u64, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (place, text).hash(&mut hasher);
    hasher.finish()
}

/// Finds which section is which, and has their items followed.
pub(super) struct Sections<'a, 'p> {
    old: &'a Side,
    new: &'a Side,
    texts: &'a mut Texts<'p>,
    to: Vec<Option<usize>>,
    from: Vec<Option<usize>>,
}

impl<'a, 'p> Sections<'a, 'p> {
    pub fn new(old: &'a Side, new: &'a Side, texts: &'a mut Texts<'p>) -> Self {
        let (to, from) = (vec![None; old.sections.len()], vec![None; new.sections.len()]);
        Self { old, new, texts, to, from }
    }

    /// From the whole document inwards, then what moved elsewhere.
    pub fn pair_all(&mut self) {
        self.pair(0, 0);
        self.moved();
    }

    fn pair(&mut self, old: usize, new: usize) {
        if self.to[old].is_some() || self.from[new].is_some() {
            return;
        }
        (self.to[old], self.from[new]) = (Some(new), Some(old));
        let (before, after) = (&self.old.sections[old], &self.new.sections[new]);
        self.texts.follow(&before.items, &after.items);
        let titled: HashMap<&str, usize> =
            after.children.iter().map(|c| (self.new.sections[*c].key.as_str(), *c)).collect();
        for child in &before.children {
            if let Some(same) = titled.get(self.old.sections[*child].key.as_str()) {
                self.pair(*child, *same);
            }
        }
        self.renamed(&before.children, &after.children);
    }

    /// Among sisters, those whose title is not there any more.
    fn renamed(&mut self, olds: &[usize], news: &[usize]) {
        let gone: Vec<usize> = olds.iter().copied().filter(|s| self.to[*s].is_none()).collect();
        let fresh: Vec<usize> = news.iter().copied().filter(|s| self.from[*s].is_none()).collect();
        if gone.is_empty() || fresh.is_empty() {
            return;
        }
        let before = Contents::of(self.old, olds, &self.texts.old);
        let after = Contents::of(self.new, news, &self.texts.new);
        let mut found = by_content(&gone, &fresh, &before, &after);
        found.extend(self.by_title(&gone, &fresh, &before, &after));
        for (old, new) in found {
            if !may_differ(&self.old.sections[old].title, &self.new.sections[new].title) {
                self.pair(old, new);
            }
        }
    }

    /// Titles that differ slightly, where at least half of what stands below is the same.
    fn by_title(&self, gone: &[usize], fresh: &[usize], a: &Contents, b: &Contents) -> Vec<(usize, usize)> {
        const SISTERS: usize = 64;
        if gone.len() > SISTERS || fresh.len() > SISTERS {
            return vec![];
        }
        let alike = |o: usize, n: usize| {
            let (x, y) = (&self.old.sections[o].title, &self.new.sections[n].title);
            reworded(x, y) || reworded(y, x) || renumbered(x, y)
        };
        let only =
            |mut found: Box<dyn Iterator<Item = usize> + '_>| found.next().filter(|_| found.next().is_none());
        let pairs = gone.iter().filter_map(|o| {
            let new = only(Box::new(fresh.iter().copied().filter(|n| alike(*o, *n))))?;
            only(Box::new(gone.iter().copied().filter(|o| alike(*o, new)))).map(|o| (o, new))
        });
        pairs.filter(|(o, n)| a.shares(*o, b, *n)).collect()
    }

    /// Sections that stand below another one now: same title, the only ones of it that are left.
    fn moved(&mut self) {
        let left = |side: &Side, known: &[Option<usize>]| -> HashMap<String, Option<usize>> {
            let mut out = HashMap::new();
            for (at, section) in side.sections.iter().enumerate().filter(|(at, _)| known[*at].is_none()) {
                out.entry(section.key.clone()).and_modify(|only| *only = None).or_insert(Some(at));
            }
            out
        };
        let (gone, fresh) = (left(self.old, &self.to), left(self.new, &self.from));
        let mut pairs: Vec<(usize, usize)> =
            gone.iter().filter_map(|(key, old)| Some(((*old)?, (*fresh.get(key)?)?))).collect();
        pairs.sort_unstable();
        for (old, new) in pairs {
            let before = Contents::of(self.old, &[old], &self.texts.old);
            let after = Contents::of(self.new, &[new], &self.texts.new);
            if before.shares(old, &after, new) && !self.other_place(old, new) {
                self.pair(old, new);
            }
        }
    }

    fn other_place(&self, old: usize, new: usize) -> bool {
        let (a, b) = (self.old.place(old), self.new.place(new));
        elsewhere(&Wording::joined(&a), &Wording::joined(&b))
    }
}

/// What stands in some sisters.
struct Contents {
    of: HashMap<usize, Vec<u64>>,
    count: HashMap<u64, usize>,
}

impl Contents {
    fn of(side: &Side, sections: &[usize], texts: &[String]) -> Self {
        let of: HashMap<usize, Vec<u64>> = sections.iter().map(|s| (*s, side.contents(*s, texts))).collect();
        let mut count = HashMap::new();
        of.values().flatten().for_each(|key| *count.entry(*key).or_default() += 1);
        Self { of, count }
    }

    /// Whether at least half of what stands in the smaller one stands in both.
    fn shares(&self, section: usize, other: &Contents, with: usize) -> bool {
        let (a, b) = (&self.of[&section], &other.of[&with]);
        let there: std::collections::HashSet<&u64> = b.iter().collect();
        let shared = a.iter().filter(|key| there.contains(key)).count();
        shared > 0 && shared * 2 >= a.len().min(b.len())
    }
}

/// Sections that share what no sister has: each other's best by far.
fn by_content(gone: &[usize], fresh: &[usize], a: &Contents, b: &Contents) -> Vec<(usize, usize)> {
    let lone = |contents: &Contents, key: &u64| contents.count.get(key) == Some(&1);
    let mut home = HashMap::new();
    for new in fresh {
        home.extend(b.of[new].iter().filter(|key| lone(b, key)).map(|key| (*key, *new)));
    }
    let mut votes: HashMap<(usize, usize), usize> = HashMap::new();
    for old in gone {
        for new in a.of[old].iter().filter(|key| lone(a, key)).filter_map(|key| home.get(key)) {
            *votes.entry((*old, *new)).or_default() += 1;
        }
    }
    let mut found: Vec<(usize, usize)> = votes
        .iter()
        .filter(|((old, new), n)| {
            let rivals = votes.iter().filter(|((o, w), _)| (o == old) != (w == new));
            let enough = **n * 3 >= a.of[old].len().min(b.of[new].len());
            enough && rivals.map(|(_, m)| *m).max().unwrap_or(0) * 2 <= **n
        })
        .map(|(pair, _)| *pair)
        .collect();
    found.sort_unstable();
    found
}
