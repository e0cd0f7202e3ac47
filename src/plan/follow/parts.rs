//! Phases, sign-offs, limits and procedures before and after an edit.

use std::collections::HashMap;
use std::hash::Hash;

use super::super::{Owner, Plan, Value};
use super::wording::{Wording, core, may_differ, reworded};

/// Joins what is equal; where equal ones came or went among several, none of them.
fn alike<K: Eq + Hash>(old: &[K], new: &[K]) -> Vec<Option<usize>> {
    let mut there: HashMap<&K, Vec<usize>> = HashMap::new();
    new.iter().enumerate().for_each(|(at, key)| there.entry(key).or_default().push(at));
    let mut count: HashMap<&K, usize> = HashMap::new();
    old.iter().for_each(|key| *count.entry(key).or_default() += 1);
    let mut next: HashMap<&K, usize> = HashMap::new();
    old.iter()
        .map(|key| {
            let places = there.get(key).filter(|places| places.len() == count[key])?;
            let at = next.entry(key).or_default();
            *at += 1;
            Some(places[*at - 1])
        })
        .collect()
}

/// By name below the same phase; a renamed one by its items, else as a slight rewording.
pub(super) fn phases(old: &Plan, new: &Plan, items: &[Option<usize>]) -> Vec<Option<usize>> {
    let names = |plan: &Plan| -> Vec<(String, String)> {
        let of = |id: &super::super::PhaseId| plan.phase(id).map(|p| core(&p.name)).unwrap_or_default();
        plan.phases.iter().map(|p| (p.parent.as_ref().map(of).unwrap_or_default(), core(&p.name))).collect()
    };
    let mut to = alike(&names(old), &names(new));
    let votes = votes(old, new, items);
    let taken: Vec<usize> = to.iter().flatten().copied().collect();
    let free = |new: usize| !taken.contains(&new);
    let mut wishes: Vec<(usize, usize)> = vec![];
    for (at, phase) in old.phases.iter().enumerate().filter(|(at, _)| to[*at].is_none()) {
        let name = Wording::of(&phase.name);
        let mut fits = (0..new.phases.len()).filter(|n| {
            let other = Wording::of(&new.phases[*n].name);
            let known = votes.get(&(at, *n)).is_some_and(|v| *v) || reworded(&name, &other);
            free(*n) && known && !may_differ(&name, &other)
        });
        if let (Some(only), None) = (fits.next(), fits.next()) {
            wishes.push((at, only));
        }
    }
    for (at, wish) in &wishes {
        if wishes.iter().filter(|(_, w)| w == wish).count() == 1 {
            to[*at] = Some(*wish);
        }
    }
    to
}

/// For phases whose items went together: whether most of what either holds went from one to the other.
fn votes(old: &Plan, new: &Plan, items: &[Option<usize>]) -> HashMap<(usize, usize), bool> {
    let place = |plan: &Plan| -> HashMap<String, usize> {
        plan.phases.iter().enumerate().map(|(at, p)| (p.id.to_string(), at)).collect()
    };
    let (olds, news) = (place(old), place(new));
    let phase = |owner: &Owner, places: &HashMap<String, usize>| match owner {
        Owner::Phase(id) => places.get(id.as_str()).copied(),
        _ => None,
    };
    let (mut votes, mut out, mut into) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (at, to) in items.iter().enumerate() {
        let Some(to) = to else { continue };
        let (from, to) = (phase(&old.items[at].owner, &olds), phase(&new.items[*to].owner, &news));
        *out.entry(from).or_insert(0_usize) += 1;
        *into.entry(to).or_insert(0_usize) += 1;
        *votes.entry((from, to)).or_insert(0_usize) += 1;
    }
    let most = |((from, to), n): ((Option<usize>, Option<usize>), usize)| {
        let enough = n * 2 > out[&from] && n * 2 > into[&to];
        Some(((from?, to?), enough))
    };
    votes.into_iter().filter_map(most).collect()
}

pub(super) fn signoffs(old: &Plan, new: &Plan) -> Vec<Option<usize>> {
    let roles = |plan: &Plan| -> Vec<String> { plan.signoffs.iter().map(|s| core(&s.role)).collect() };
    alike(&roles(old), &roles(new))
}

pub(super) fn procedures(old: &Plan, new: &Plan) -> Vec<Option<usize>> {
    let titles = |plan: &Plan| -> Vec<String> {
        plan.procedures.iter().map(|p| format!("{:?} {}", p.kind, core(&p.title))).collect()
    };
    alike(&titles(old), &titles(new))
}

/// A limit is the same while metric, comparison, number, unit, severity and what it is for are.
pub(super) fn rules(old: &Plan, new: &Plan) -> Vec<Option<usize>> {
    let keys = |plan: &Plan| -> Vec<String> {
        let phase = |id: &super::super::PhaseId| plan.phase(id).map(|p| core(&p.name));
        let value = |v: &Value| format!("{v:?}");
        let key = |t: &super::super::Threshold| {
            let words =
                [core(&t.metric), t.phase.as_ref().and_then(phase).unwrap_or_default()].join("\u{1f}");
            let said =
                (t.cmp.as_str(), t.value.as_ref().map(value), &t.unit, &t.severity, t.role, t.baseline);
            format!("{words}\u{1f}{said:?}{:?}{:?}", t.hold, t.over)
        };
        plan.thresholds.iter().map(key).collect()
    };
    alike(&keys(old), &keys(new))
}
