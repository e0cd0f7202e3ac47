//! Which entry of the old plan is which of the new one.

use std::collections::{HashMap, HashSet, VecDeque};

use super::parts::Entry;
use crate::plan::words::fold;

/// Texts that share at least this much of their words may be the same.
const CLOSE: f64 = 0.5;

/// More comparisons than this are not made in one section: whoever rewrote it all moved nothing.
const MOST: usize = 250_000;

/// Pairs of indices, each index at most once: by the first key that both have, then by closeness.
pub fn pair(old: &[Entry], new: &[Entry]) -> Vec<(usize, usize)> {
    let mut free = Free { old: vec![true; old.len()], new: vec![true; new.len()], pairs: vec![] };
    let keys = old.iter().chain(new).map(|e| e.keys.len()).max().unwrap_or(0);
    for n in 0..keys {
        by_key(old, new, n, &mut free);
    }
    by_text(old, new, &mut free);
    free.pairs
}

/// What has no partner yet.
struct Free {
    old: Vec<bool>,
    new: Vec<bool>,
    pairs: Vec<(usize, usize)>,
}

impl Free {
    fn take(&mut self, i: usize, j: usize) {
        (self.old[i], self.new[j]) = (false, false);
        self.pairs.push((i, j));
    }
}

/// Entries with an equal key, in their order.
fn by_key(old: &[Entry], new: &[Entry], n: usize, free: &mut Free) {
    let mut known: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (j, entry) in new.iter().enumerate().filter(|(j, _)| free.new[*j]) {
        if let Some(key) = entry.keys.get(n) {
            known.entry(key).or_default().push_back(j);
        }
    }
    for (i, entry) in old.iter().enumerate() {
        let key = entry.keys.get(n).filter(|_| free.old[i]);
        if let Some(j) = key.and_then(|key| known.get_mut(key.as_str())).and_then(VecDeque::pop_front) {
            free.take(i, j);
        }
    }
}

/// The closest texts of a section, the closest of all first.
fn by_text(old: &[Entry], new: &[Entry], free: &mut Free) {
    let mut sections: HashMap<&str, (Vec<usize>, Vec<usize>)> = HashMap::new();
    let left = |marks: &[bool]| -> Vec<usize> { (0..marks.len()).filter(|i| marks[*i]).collect() };
    for i in left(&free.old) {
        sections.entry(&old[i].section).or_default().0.push(i);
    }
    for j in left(&free.new) {
        sections.entry(&new[j].section).or_default().1.push(j);
    }
    let mut close = vec![];
    for (olds, news) in sections.values().filter(|(a, b)| a.len() * b.len() <= MOST) {
        let bags: Vec<HashSet<String>> = news.iter().map(|j| bag(&new[*j].text)).collect();
        for i in olds {
            let own = bag(&old[*i].text);
            for (j, other) in news.iter().zip(&bags) {
                let share = alike(&own, other);
                if share >= CLOSE {
                    close.push((share, *i, *j));
                }
            }
        }
    }
    close.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    for (_, i, j) in close {
        if free.old[i] && free.new[j] {
            free.take(i, j);
        }
    }
}

fn bag(text: &str) -> HashSet<String> {
    fold(text).split_whitespace().map(str::to_owned).collect()
}

/// The share of words that two texts have in common (Dice's coefficient).
fn alike(a: &HashSet<String>, b: &HashSet<String>) -> f64 {
    let all = a.len() + b.len();
    if all == 0 { 0.0 } else { 2.0 * a.intersection(b).count() as f64 / all as f64 }
}
