//! Every metric that a plan names, with or without a limit, under one name each.

use std::collections::{HashMap, HashSet};

use super::ident::Ids;
use super::items::past_glyph;
use super::judge::is_metric;
use super::outline::{Block, Outline};
use super::topic::*;
use super::vocabulary::words;
use super::words::fold;
use super::{Metric, MetricId, Threshold};

/// The metrics of the plan, in the order of their first line.
pub(crate) fn metrics(outline: &Outline, limits: &[Threshold]) -> Vec<Metric> {
    let limited = limits.iter().map(|t| (t.line, t.metric.clone()));
    let lines: HashSet<usize> = limits.iter().map(|t| t.line).collect();
    let open = outline.blocks.iter().filter(|b| !(b.line..=b.last).any(|line| lines.contains(&line)));
    let mut named: Vec<(usize, String)> = limited
        .chain(open.flat_map(|b| unlimited(outline, b).into_iter().map(|name| (b.line, name))))
        .collect();
    named.sort_by_key(|(line, _)| *line);
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut ids = Ids::default();
    let mut out: Vec<Metric> = Vec::new();
    let mut seen = HashSet::new();
    for (line, name) in named.into_iter().filter(|(_, name)| !name.is_empty() && seen.insert(name.clone())) {
        let at = *places.entry(key(&name)).or_insert(out.len());
        match out.get_mut(at) {
            Some(known) => known.aliases.push(name),
            None => out.push(Metric { id: MetricId(ids.slug(&name)), name, aliases: Vec::new(), line }),
        }
    }
    out
}

/// The same metric in other spellings: case and plural.
fn key(name: &str) -> String {
    let folded = fold(name);
    let words = folded
        .split(' ')
        .map(|w| if w.len() > 3 && !w.ends_with("ss") { w.trim_end_matches('s') } else { w });
    words.collect::<Vec<_>>().join(" ")
}

/// Metrics named without a limit.
fn unlimited(outline: &Outline, block: &Block) -> Vec<String> {
    let entry = || entry(outline, block).into_iter().collect();
    listed(block).or_else(|| tracked(outline, block).map(|name| vec![name])).unwrap_or_else(entry)
}

/// "Metrics: dashboards for A, B, and C": every one of a labelled list.
fn listed(block: &Block) -> Option<Vec<String>> {
    let (label, rest) = block.rich.label().filter(|_| block.is_item())?;
    let names = LISTS.contains(&fold(label).as_str()).then_some(rest)?;
    let names =
        names.split_once(" for ").filter(|(shown, _)| !shown.contains(',')).map_or(names, |(_, of)| of);
    let names = names.trim_end_matches('.').split(", ").flat_map(|part| part.split(" and "));
    let names: Vec<&str> = names.map(|n| n.trim_start_matches("and ").trim()).collect();
    let short = |n: &&str| !n.is_empty() && n.split_whitespace().count() <= 5;
    (names.len() > 1 && names.iter().all(short)).then(|| names.into_iter().map(str::to_owned).collect())
}

/// "- [ ] Churn rate monitoring" below a heading that is about metrics.
fn tracked(outline: &Outline, block: &Block) -> Option<String> {
    block.task()?;
    let about = fold(&outline.scopes[block.scope].title);
    let named = LISTS.iter().any(|word| about.ends_with(word)) && outline.within(block.scope, MONITOR);
    let text = past_glyph(block.text());
    let name = TRACKED.iter().find_map(|end| text.strip_suffix(end)).map(str::trim_end)?;
    let short = name.split_whitespace().count() <= 4 && !starts_with_verb(name);
    (named && short).then(|| name.to_owned())
}

/// What a list of metrics is called.
const LISTS: &[&str] =
    words! { "metrics" "kpis" "key metrics" "metriken" "kennzahlen" "métricas" "indicateurs" };
/// What is done with a metric, behind its name.
const TRACKED: &[&str] = words! { " tracking" " monitoring" " analysis" " tracked" " monitored" " measured" };

/// A short entry of a section about metrics.
fn entry(outline: &Outline, block: &Block) -> Option<String> {
    const NEAR: Topics = MONITOR
        .and(SUCCESS)
        .and(ALERT)
        .and(ENDPOINT)
        .and(LOGS)
        .and(TRIGGER)
        .and(ROLLBACK)
        .and(COMMS)
        .and(VERIFY)
        .and(PREFLIGHT)
        .and(ACTIONS)
        .and(READY)
        .and(ESTIMATE);
    if !block.is_item() || block.task().is_some() {
        return None;
    }
    let near = &outline.scopes[outline.nearest(block.scope, NEAR)?];
    if !near.topics.any(MONITOR) || near.topics.any(ALERT.and(ENDPOINT).and(READY).and(VERIFY).and(ESTIMATE))
    {
        return None;
    }
    let text = past_glyph(block.text());
    let name = block.rich.label().map_or(text, |(label, _)| label);
    let words = name.split_whitespace().count();
    (words <= 8
        && (is_metric(&text.to_lowercase()) || fold(text).contains(" per "))
        && !name.contains('/')
        && !starts_with_verb(name))
    .then(|| name.to_owned())
}

fn starts_with_verb(name: &str) -> bool {
    const VERBS: &[&str] = words! {
        "watch" "track" "monitor" "check" "verify" "review" "maintain" "set" "simulate" "ensure"
        "if" "when" "create" "configure" "fix" "alert" "log" "keep" "confirm" "test" "run"
    };
    let first = fold(name);
    VERBS.contains(&first.split(' ').next().unwrap_or(""))
}
