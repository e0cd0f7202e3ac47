//! Items of one section before and after an edit: the same words first, equal words by what stands
//! around them, then slight rewordings.

use std::collections::{BTreeMap, HashMap};

use super::super::Plan;
use super::wording::{Wording, core, reworded};

/// At most so many pairs of wordings are compared in one edit; what is beyond is kept aside.
const PATIENCE: usize = 100_000;

/// The words of both plans' items, and who was found to be whom.
pub(super) struct Texts<'a> {
    before: &'a Plan,
    after: &'a Plan,
    /// What each old item says.
    pub old: Vec<String>,
    /// What each new item says.
    pub new: Vec<String>,
    /// The new item of an old one.
    pub to: Vec<Option<usize>>,
    /// The old item of a new one.
    pub from: Vec<Option<usize>>,
    left: usize,
}

impl<'a> Texts<'a> {
    pub fn new(before: &'a Plan, after: &'a Plan) -> Self {
        let said = |plan: &Plan| -> Vec<String> { plan.items.iter().map(|i| core(&i.text)).collect() };
        let (old, new) = (said(before), said(after));
        let (to, from) = (vec![None; old.len()], vec![None; new.len()]);
        Self { before, after, old, new, to, from, left: PATIENCE }
    }

    /// Says that two are one; whoever has a partner keeps it.
    pub fn join(&mut self, old: usize, new: usize) {
        if self.free(old, new) {
            (self.to[old], self.from[new]) = (Some(new), Some(old));
        }
    }

    /// Whether neither has a partner yet.
    pub fn free(&self, old: usize, new: usize) -> bool {
        self.to[old].is_none() && self.from[new].is_none()
    }

    /// Follows the items of one section.
    pub fn follow(&mut self, old: &[usize], new: &[usize]) {
        let same = old.len() == new.len() && old.iter().zip(new).all(|(o, n)| self.old[*o] == self.new[*n]);
        if same {
            return old.iter().zip(new).for_each(|(o, n)| self.join(*o, *n));
        }
        let twins = self.by_words(old, new);
        self.by_neighbours(old, new, &twins);
        self.by_rewording(old, new);
    }

    /// Joins what stands once on both sides; gives the words that stand more often on one of them.
    fn by_words(&mut self, old: &[usize], new: &[usize]) -> Vec<String> {
        let mut groups: BTreeMap<&str, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for o in old.iter().filter(|o| self.to[**o].is_none()) {
            groups.entry(&self.old[*o]).or_default().0.push(*o);
        }
        for n in new.iter().filter(|n| self.from[**n].is_none()) {
            groups.entry(&self.new[*n]).or_default().1.push(*n);
        }
        let (mut pairs, mut twins) = (vec![], vec![]);
        for (words, (olds, news)) in groups {
            match (&olds[..], &news[..]) {
                ([o], [n]) => pairs.push((*o, *n)),
                ([_], []) | ([], _) | (_, []) => {}
                _ => twins.push(words.to_owned()),
            }
        }
        pairs.into_iter().for_each(|(o, n)| self.join(o, n));
        twins
    }

    /// Equal words are told apart by the nearest followed items around them. Where they only came
    /// or only went, those between the same neighbours stay; where places changed too, nobody can
    /// tell, and none is followed.
    fn by_neighbours(&mut self, old: &[usize], new: &[usize], twins: &[String]) {
        if twins.is_empty() {
            return;
        }
        let olds = places(old, |o| self.to[o], |o| &self.old[o], twins);
        let news = places(new, |n| self.from[n].map(|_| n), |n| &self.new[n], twins);
        let mut pairs: Vec<(usize, usize)> = vec![];
        for words in twins {
            let (olds, news) = (&olds[words.as_str()], &news[words.as_str()]);
            let same = |at: &Between| olds.get(at).map(Vec::len) == news.get(at).map(Vec::len);
            if news.keys().all(same) || olds.keys().all(same) {
                let stayed = olds.iter().filter(|(at, _)| same(at));
                pairs.extend(stayed.flat_map(|(at, o)| o.iter().copied().zip(news[at].iter().copied())));
            }
        }
        pairs.into_iter().for_each(|(o, n)| self.join(o, n));
    }

    /// What is left, where exactly one is a slight rewording of exactly one.
    fn by_rewording(&mut self, old: &[usize], new: &[usize]) {
        let lone = |list: &[usize], words: &[String]| -> HashMap<String, usize> {
            let mut count = HashMap::new();
            list.iter().for_each(|i| *count.entry(words[*i].clone()).or_default() += 1);
            count
        };
        let (olds, news) = (lone(old, &self.old), lone(new, &self.new));
        let left: Vec<_> = new
            .iter()
            .filter(|n| self.from[**n].is_none() && news[&self.new[**n]] == 1)
            .map(|n| (*n, Wording::of(&self.after.items[*n].text)))
            .collect();
        let mut ends: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, (_, words)) in left.iter().enumerate() {
            let Some((first, last)) = words.ends() else { continue };
            ends.entry(first).or_default().push(at);
            if first != last {
                ends.entry(last).or_default().push(at);
            }
        }
        let (mut chosen, mut claims) = (vec![], vec![0; left.len()]);
        for o in old.iter().filter(|o| self.to[**o].is_none() && olds[&self.old[**o]] == 1) {
            let words = Wording::of(&self.before.items[*o].text);
            let found = candidates(&words, &left, &ends, &mut self.left);
            found.iter().for_each(|at| claims[*at] += 1);
            if let [only] = found[..] {
                chosen.push((*o, only));
            }
        }
        for (o, at) in chosen.into_iter().filter(|(_, at)| claims[*at] == 1) {
            let n = left[at].0;
            self.join(o, n);
        }
    }
}

/// The followed items before and after, as places in the new plan.
type Between = (Option<usize>, Option<usize>);

/// Where the twins of a list stand: by their words and their nearest followed neighbours.
fn places<'t>(
    list: &[usize],
    partner: impl Fn(usize) -> Option<usize>,
    says: impl Fn(usize) -> &'t str,
    twins: &'t [String],
) -> HashMap<&'t str, BTreeMap<Between, Vec<usize>>> {
    let mut out: HashMap<&str, BTreeMap<Between, Vec<usize>>> =
        twins.iter().map(|t| (t.as_str(), BTreeMap::new())).collect();
    let mut next = vec![None; list.len()];
    let mut seen = None;
    for (at, i) in list.iter().enumerate().rev() {
        next[at] = seen;
        seen = partner(*i).or(seen);
    }
    seen = None;
    for (at, i) in list.iter().enumerate() {
        let own = partner(*i);
        if let Some(places) = out.get_mut(says(*i)).filter(|_| own.is_none()) {
            places.entry((seen, next[at])).or_default().push(*i);
        }
        seen = own.or(seen);
    }
    out
}

/// Which of `left` are slight rewordings of `words`; as long as there is patience.
fn candidates(
    words: &Wording,
    left: &[(usize, Wording)],
    ends: &HashMap<&str, Vec<usize>>,
    patience: &mut usize,
) -> Vec<usize> {
    let Some((first, last)) = words.ends() else { return vec![] };
    let mut near: Vec<usize> = [first, last].iter().filter_map(|e| ends.get(e)).flatten().copied().collect();
    near.sort_unstable();
    near.dedup();
    if near.len() > *patience {
        *patience = 0;
        return vec![];
    }
    *patience -= near.len();
    near.retain(|at| reworded(words, &left[*at].1));
    near
}

/// The texts that stand once, with their place.
pub(super) fn unique(texts: &[String]) -> HashMap<&str, usize> {
    let mut seen: HashMap<&str, Option<usize>> = HashMap::new();
    for (at, text) in texts.iter().enumerate() {
        seen.entry(text).and_modify(|only| *only = None).or_insert(Some(at));
    }
    seen.into_iter().filter_map(|(text, at)| Some((text, at?))).collect()
}
