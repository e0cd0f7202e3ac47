//! A comparison of two rooms as text and as Markdown, both from the same tables.

use chrono::TimeDelta;

use super::compare::{Comparison, Fired, Pair, Polled, Signed, Time, Way, Word};
use super::markdown::escaped;
use super::page::{Block, Cell, Look, Section, cell, looks};
use super::words::{count, lasting, seconds};
use super::{md, plain};
use crate::text::clean;

/// So many items are listed; the JSON has all of them.
const ITEMS: usize = 200;

/// The comparison for a terminal.
pub fn as_text(found: &Comparison) -> String {
    let mut out = format!("A  {}\n", clean(&headline(&found.a)));
    out += &format!("B  {}\n{}\n", clean(&headline(&found.b)), plans(found));
    for section in sections(found) {
        out += "\n";
        out += &plain::written(&section);
    }
    out
}

/// The comparison as Markdown.
pub fn as_markdown(found: &Comparison) -> String {
    let mut out = format!("# {} and {}\n\n", escaped(&found.a.room), escaped(&found.b.room));
    out += &format!("- A: {}\n- B: {}\n", escaped(&headline(&found.a)), escaped(&headline(&found.b)));
    out += &format!("- {}\n", plans(found));
    sections(found).iter().for_each(|s| out += &md::written(chrono_tz::Tz::UTC, s));
    out
}

fn headline(side: &super::compare::Side) -> String {
    let items = format!("{} of {} items done", side.done, side.all);
    format!("{} ({}): {} {items}.", side.room, side.environment, side.sentence)
}

fn plans(found: &Comparison) -> &'static str {
    match found.same_plan {
        true => "Both follow the same plan.",
        false => "They follow different plans; parts are matched by their places and words.",
    }
}

fn sections(found: &Comparison) -> Vec<Section<'static>> {
    let all = [
        ("Phases", table(&["Phase", "A", "B", "Difference"], found.phases.iter().map(phase))),
        ("Gates", table(&["Gate of", "A", "B"], found.gates.iter().map(gate))),
        ("Polls", table(&["Gate of", "A", "B"], found.polls.iter().map(poll))),
        ("Sign-offs", table(&["Role", "A", "B"], found.signoffs.iter().map(signoff))),
        ("Ways back", table(&["Way back", "A", "B", "Promised"], found.ways.iter().map(way))),
        ("Alerts", table(&["Alert", "A", "B", "Only in"], found.alerts.iter().map(alert))),
        ("Flags, as they were set last", table(&["Flag", "A", "B"], found.flags.iter().map(flag))),
        ("Items that do not stand alike", items(found)),
    ];
    let told = all.into_iter().filter(|(_, blocks)| !blocks.is_empty());
    told.map(|(title, blocks)| Section { id: "", title, blocks }).collect()
}

fn table(head: &[&'static str], rows: impl Iterator<Item = Vec<Cell>>) -> Vec<Block<'static>> {
    let rows: Vec<_> = rows.collect();
    match rows.is_empty() {
        true => vec![],
        false => vec![Block::Table { about: String::new(), head: head.to_vec(), rows }],
    }
}

fn none() -> Cell {
    looks(Look::Faint, "–")
}

fn phase(pair: &Pair<Time>) -> Vec<Cell> {
    let told = |time: &Option<Time>| {
        let Some(time) = time else { return looks(Look::Faint, "not in its plan") };
        let took = time.seconds.map(|s| lasting(TimeDelta::seconds(s)));
        let held = (time.held > 0).then(|| format!("held {}", lasting(TimeDelta::seconds(time.held))));
        let mut cell = cell(took.unwrap_or_else(|| time.state.clone()));
        cell.more.extend(held);
        cell
    };
    let seconds = |time: &Option<Time>| time.as_ref().and_then(|t| t.seconds);
    let difference = seconds(&pair.a).zip(seconds(&pair.b)).map(|(a, b)| (b - a, a));
    vec![
        cell(&pair.name),
        told(&pair.a),
        told(&pair.b),
        difference.map_or_else(none, |(d, _)| cell(longer(d))),
    ]
}

/// "B 12 min longer".
fn longer(seconds: i64) -> String {
    let span = lasting(TimeDelta::seconds(seconds.abs()));
    match seconds {
        0 => "the same".to_owned(),
        1.. => format!("B {span} longer"),
        _ => format!("B {span} shorter"),
    }
}

fn gate(pair: &Pair<Word>) -> Vec<Cell> {
    let told = |word: &Option<Word>| {
        let Some(word) = word else { return none() };
        let mut cell = cell(match word.passed {
            true => word.verdict.clone(),
            false => format!("{}, ahead", word.verdict),
        });
        cell.more.extend(word.overridden.as_ref().map(|why| format!("overridden: {why}")));
        cell
    };
    vec![cell(&pair.name), told(&pair.a), told(&pair.b)]
}

fn poll(pair: &Pair<Polled>) -> Vec<Cell> {
    let told = |polled: &Option<Polled>| {
        let Some(polled) = polled else { return looks(Look::Faint, "not asked") };
        let result = polled.result.as_deref().unwrap_or("under way");
        let often = if polled.times > 1 { format!(", asked {} times", polled.times) } else { String::new() };
        let mut cell = cell(format!("{result}{often}"));
        cell.more.extend((!polled.why.is_empty()).then(|| polled.why.clone()));
        cell
    };
    vec![cell(&pair.name), told(&pair.a), told(&pair.b)]
}

fn signoff(pair: &Pair<Signed>) -> Vec<Cell> {
    let told = |signed: &Option<Signed>| {
        let Some(signed) = signed else { return looks(Look::Faint, "not in its plan") };
        let Some(decision) = &signed.decision else { return looks(Look::Faint, "nobody signed") };
        let seal = match signed.seal.as_deref() {
            Some("verified") => "signed",
            Some("unverified") => "UNVERIFIED",
            _ => "unsigned",
        };
        let stale = if signed.stale { ", of an earlier plan" } else { "" };
        let counts = if signed.gap.is_some() { ", does not count" } else { "" };
        cell(format!("{decision}, {seal}{stale}{counts}"))
    };
    vec![cell(&pair.name), told(&pair.a), told(&pair.b)]
}

fn way(pair: &Pair<Way>) -> Vec<Cell> {
    let told = |way: &Option<Way>| {
        let Some(way) = way else { return looks(Look::Faint, "not in its plan") };
        let Some(outcome) = &way.outcome else { return looks(Look::Faint, "not taken") };
        let took = way.seconds.map(|s| format!(" in {}", lasting(seconds(s)))).unwrap_or_default();
        let often = if way.runs > 1 { format!(", {} runs", way.runs) } else { String::new() };
        cell(format!("{outcome}{took}{often}"))
    };
    let promised = pair.b.as_ref().or(pair.a.as_ref()).and_then(|w| w.target);
    let promised = promised.map_or_else(none, |s| cell(lasting(seconds(s))));
    vec![cell(&pair.name), told(&pair.a), told(&pair.b), promised]
}

fn alert(pair: &Pair<Fired>) -> Vec<Cell> {
    let told = |fired: &Option<Fired>| {
        let Some(fired) = fired else { return none() };
        cell(format!(
            "{}, {}",
            count(fired.times, "time", "times"),
            lasting(TimeDelta::seconds(fired.seconds))
        ))
    };
    let only = match (&pair.a, &pair.b) {
        (Some(_), None) => cell("A"),
        (None, Some(_)) => cell("B"),
        _ => cell(""),
    };
    vec![cell(&pair.name), told(&pair.a), told(&pair.b), only]
}

fn flag(pair: &Pair<String>) -> Vec<Cell> {
    let told = |value: &Option<String>| value.as_ref().map_or_else(none, cell);
    vec![looks(Look::Code, &pair.name), told(&pair.a), told(&pair.b)]
}

fn items(found: &Comparison) -> Vec<Block<'static>> {
    let told = |state: &Option<String>| match state.as_deref() {
        Some("na") => cell("not applicable"),
        Some(state) => cell(state),
        None => looks(Look::Faint, "not in its plan"),
    };
    let row = |pair: &Pair<String>| vec![cell(&pair.name), told(&pair.a), told(&pair.b)];
    let mut blocks = table(&["Item", "A", "B"], found.items.iter().take(ITEMS).map(row));
    let more = found.items.len().saturating_sub(ITEMS);
    let rest = if more > 0 { format!("{more} more are in the JSON. ") } else { String::new() };
    blocks.push(Block::Text(format!("{rest}{} alike.", count(found.alike, "item stands", "items stand"))));
    blocks
}
