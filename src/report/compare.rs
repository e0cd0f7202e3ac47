//! Two rooms of one plan beside each other: a rehearsal and the launch, the last launch and this one.
//! Parts are matched as an edited plan is followed (`plan::follow`), so that a reworded item is the same.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::account::{Account, GateTold, PhaseTold, PollTold, RunTold, SignOffTold};
use crate::plan::binding::normal;
use crate::plan::{Moves, Plan, ProcedureKind, follow};

/// The `schema` of a comparison.
pub const COMPARED: &str = "warroom.compare/1";

/// One of two rooms.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Side {
    /// Its name.
    pub room: String,
    /// "production", "rehearsal".
    pub environment: String,
    /// The digest of its plan.
    pub digest: String,
    /// How it went, in a sentence.
    pub sentence: String,
    /// Items done.
    pub done: usize,
    /// Items that apply.
    pub all: usize,
}

/// What two rooms have for one part; none where a room does not have it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Pair<T> {
    /// The part, as the second room calls it, else the first.
    pub name: String,
    /// Of the first room.
    pub a: Option<T>,
    /// Of the second.
    pub b: Option<T>,
}

/// A phase's time.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Time {
    /// "waiting", "running", "held", "completed".
    pub state: String,
    /// Seconds that it took.
    pub seconds: Option<i64>,
    /// Seconds that it was held.
    pub held: i64,
}

/// How a way back went the last time.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Way {
    /// How often it was taken.
    pub runs: usize,
    /// Its last outcome.
    pub outcome: Option<String>,
    /// Seconds that it took then.
    pub seconds: Option<f64>,
    /// Seconds that it is promised to take.
    pub target: Option<f64>,
}

/// How often an alert fired.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Fired {
    /// So often.
    pub times: usize,
    /// So many seconds in all.
    pub seconds: i64,
}

/// What a gate said when it was passed, or says now.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Word {
    /// "GO", "NO-GO", "INCONCLUSIVE".
    pub verdict: String,
    /// Whether it was passed.
    pub passed: bool,
    /// Why it was passed without GO.
    pub overridden: Option<String>,
}

/// How often the roles were asked about a gate, and what came of it the last time.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Polled {
    /// So often.
    pub times: usize,
    /// "GO", "NO-GO", "INCONCLUSIVE"; none while it is under way.
    pub result: Option<String>,
    /// Why it is not GO.
    pub why: String,
}

/// How a sign-off stands.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Signed {
    /// "approved", "approved with exceptions", "rejected"; none where nobody signed.
    pub decision: Option<String>,
    /// "unsigned", "verified", "unverified"; none where nobody signed.
    pub seal: Option<String>,
    /// Whether it was given for another plan than the room's present one.
    pub stale: bool,
    /// Why it does not count; none where it does.
    pub gap: Option<String>,
}

/// A comparison.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// Always `warroom.compare/1`.
    pub schema: String,
    /// The first room.
    pub a: Side,
    /// The second.
    pub b: Side,
    /// Whether both follow the very same plan.
    pub same_plan: bool,
    /// Every phase.
    pub phases: Vec<Pair<Time>>,
    /// Every gate that has a word in one of them.
    pub gates: Vec<Pair<Word>>,
    /// Every phase whose gate the roles were asked about in one of them.
    pub polls: Vec<Pair<Polled>>,
    /// Every role that signs.
    pub signoffs: Vec<Pair<Signed>>,
    /// Every way back of the plan.
    pub ways: Vec<Pair<Way>>,
    /// Every metric and class that fired in one of them.
    pub alerts: Vec<Pair<Fired>>,
    /// The value each flag was set to last, where it was set.
    pub flags: Vec<Pair<String>>,
    /// Items that do not stand alike, or are in one plan only, with where they stand.
    pub items: Vec<Pair<String>>,
    /// Items that stand alike.
    pub alike: usize,
}

/// Compares two rooms, each with the plan it follows.
pub fn compare(a: (&Account, &Plan), b: (&Account, &Plan)) -> Comparison {
    let moves = follow(a.1, b.1);
    let (items, alike) = items(a, b, &moves);
    Comparison {
        schema: COMPARED.to_owned(),
        a: side(a.0),
        b: side(b.0),
        same_plan: a.0.digest == b.0.digest,
        phases: phases(a, b, &moves),
        gates: gates(a, b, &moves),
        polls: polls(a, b, &moves),
        signoffs: signoffs(a, b, &moves),
        ways: ways(a, b, &moves),
        alerts: alerts(a.0, b.0),
        flags: flags(a.0, b.0),
        items,
        alike,
    }
}

fn side(account: &Account) -> Side {
    Side {
        room: account.room.clone(),
        environment: account.environment.clone(),
        digest: account.digest.clone(),
        sentence: account.summary.sentence.clone(),
        done: account.checklists.iter().map(|c| c.done).sum(),
        all: account.checklists.iter().map(|c| c.all).sum(),
    }
}

/// Places in both lists: all of the first with their successors, then those of the second that have no
/// predecessor.
fn places(moves: &[Option<usize>], second: usize) -> Vec<(Option<usize>, Option<usize>)> {
    let mut taken = vec![false; second];
    moves.iter().flatten().for_each(|to| taken[*to] = true);
    let first = moves.iter().enumerate().map(|(at, to)| (Some(at), *to));
    let new = taken.iter().enumerate().filter(|(_, taken)| !**taken).map(|(at, _)| (None, Some(at)));
    first.chain(new).collect()
}

type Told<'a> = (&'a Account, &'a Plan);

fn phases(a: Told<'_>, b: Told<'_>, moves: &Moves) -> Vec<Pair<Time>> {
    let time = |p: &PhaseTold| {
        let held = p.holds.iter().filter_map(|h| Some((h.to? - h.from).num_seconds())).sum();
        Time { state: p.state.clone(), seconds: p.seconds, held }
    };
    let pair = |(x, y): (Option<usize>, Option<usize>)| {
        let (x, y) = (x.and_then(|x| a.0.phases.get(x)), y.and_then(|y| b.0.phases.get(y)));
        let name = y.or(x).map(|p| p.name.clone()).unwrap_or_default();
        Pair { name, a: x.map(time), b: y.map(time) }
    };
    places(&moves.phases, b.1.phases.len()).into_iter().map(pair).collect()
}

fn gates(a: Told<'_>, b: Told<'_>, moves: &Moves) -> Vec<Pair<Word>> {
    let of = |told: Told<'_>, at: Option<usize>| {
        let name = &told.1.phases.get(at?)?.name;
        told.0.gates.iter().rfind(|g| g.phase == *name).map(word)
    };
    let pair = |(x, y): (Option<usize>, Option<usize>)| {
        let name = y.and_then(|y| b.1.phases.get(y)).or_else(|| a.1.phases.get(x?));
        Pair { name: name.map(|p| p.name.clone()).unwrap_or_default(), a: of(a, x), b: of(b, y) }
    };
    let all = places(&moves.phases, b.1.phases.len()).into_iter().map(pair);
    all.filter(|p| p.a.is_some() || p.b.is_some()).collect()
}

fn word(gate: &GateTold) -> Word {
    Word { verdict: gate.verdict.clone(), passed: gate.at.is_some(), overridden: gate.overridden.clone() }
}

fn polls(a: Told<'_>, b: Told<'_>, moves: &Moves) -> Vec<Pair<Polled>> {
    let of = |told: Told<'_>, at: Option<usize>| {
        let name = &told.1.phases.get(at?)?.name;
        let polls: Vec<&PollTold> = told.0.polls.iter().filter(|p| p.phase == *name).collect();
        let last = polls.last()?;
        Some(Polled { times: polls.len(), result: last.result.clone(), why: last.why.clone() })
    };
    let pair = |(x, y): (Option<usize>, Option<usize>)| {
        let name = y.and_then(|y| b.1.phases.get(y)).or_else(|| a.1.phases.get(x?));
        Pair { name: name.map(|p| p.name.clone()).unwrap_or_default(), a: of(a, x), b: of(b, y) }
    };
    let all = places(&moves.phases, b.1.phases.len()).into_iter().map(pair);
    all.filter(|p| p.a.is_some() || p.b.is_some()).collect()
}

fn signoffs(a: Told<'_>, b: Told<'_>, moves: &Moves) -> Vec<Pair<Signed>> {
    let signed = |s: &SignOffTold| Signed {
        decision: s.decision.clone(),
        seal: s.seal.clone(),
        stale: s.stale,
        gap: s.gap.clone(),
    };
    let pair = |(x, y): (Option<usize>, Option<usize>)| {
        let (x, y) = (x.and_then(|x| a.0.signoffs.get(x)), y.and_then(|y| b.0.signoffs.get(y)));
        let name = y.or(x).map(|s| s.role.clone()).unwrap_or_default();
        Pair { name, a: x.map(signed), b: y.map(signed) }
    };
    places(&moves.signoffs, b.1.signoffs.len()).into_iter().map(pair).collect()
}

fn ways(a: Told<'_>, b: Told<'_>, moves: &Moves) -> Vec<Pair<Way>> {
    let of = |told: Told<'_>, at: Option<usize>| {
        let procedure = told.1.procedures.get(at?).filter(|p| p.kind == ProcedureKind::Rollback)?;
        let runs: Vec<&RunTold> = told.0.runs.iter().filter(|r| r.title == procedure.title).collect();
        let last = runs.last();
        Some(Way {
            runs: runs.len(),
            outcome: last.map(|r| r.outcome.clone()),
            seconds: last.and_then(|r| r.seconds),
            target: procedure.target,
        })
    };
    let pair = |(x, y): (Option<usize>, Option<usize>)| {
        let title = y.and_then(|y| b.1.procedures.get(y)).or_else(|| a.1.procedures.get(x?));
        Pair { name: title.map(|p| p.title.clone()).unwrap_or_default(), a: of(a, x), b: of(b, y) }
    };
    let all = places(&moves.procedures, b.1.procedures.len()).into_iter().map(pair);
    all.filter(|p| p.a.is_some() || p.b.is_some()).collect()
}

/// By metric and class, however the metric is spelt.
fn alerts(a: &Account, b: &Account) -> Vec<Pair<Fired>> {
    let mut all: BTreeMap<(String, String), Pair<Fired>> = BTreeMap::new();
    for (account, first) in [(a, true), (b, false)] {
        for alert in &account.alerts {
            let key = (alert.rank.clone(), normal(&alert.signal));
            let name = format!("{} {}", alert.rank, alert.signal);
            let pair = all.entry(key).or_insert(Pair { name, a: None, b: None });
            let fired = if first { &mut pair.a } else { &mut pair.b };
            let fired = fired.get_or_insert(Fired { times: 0, seconds: 0 });
            fired.times += 1;
            fired.seconds += alert.seconds;
        }
    }
    all.into_values().collect()
}

/// The value each flag was set to last: what failed or is unknown set none.
fn flags(a: &Account, b: &Account) -> Vec<Pair<String>> {
    let mut all: BTreeMap<String, Pair<String>> = BTreeMap::new();
    for (account, first) in [(a, true), (b, false)] {
        let sets = |f: &&super::account::FlagTold| matches!(f.outcome.as_str(), "done" | "by hand");
        for flag in account.flags.iter().filter(sets) {
            let name = flag.flag.clone();
            let pair = all.entry(name.clone()).or_insert(Pair { name, a: None, b: None });
            *(if first { &mut pair.a } else { &mut pair.b }) = Some(flag.to.clone());
        }
    }
    all.into_values().collect()
}

/// Items that do not stand alike, and how many do.
fn items(a: Told<'_>, b: Told<'_>, moves: &Moves) -> (Vec<Pair<String>>, usize) {
    let states = |account: &Account| -> BTreeMap<String, String> {
        let items = account.checklists.iter().flat_map(|c| &c.items);
        items.map(|i| (i.id.clone(), i.state.clone())).collect()
    };
    let (of_a, of_b) = (states(a.0), states(b.0));
    let pair = |(x, y): (Option<usize>, Option<usize>)| {
        let (x, y) = (x.and_then(|x| a.1.items.get(x)), y.and_then(|y| b.1.items.get(y)));
        let state = |item: Option<&crate::plan::Item>, of: &BTreeMap<String, String>| {
            of.get(item?.id.as_str()).cloned()
        };
        let name = y.or(x).map(|i| i.text.clone()).unwrap_or_default();
        Pair { name, a: state(x, &of_a), b: state(y, &of_b) }
    };
    let all: Vec<_> = places(&moves.items, b.1.items.len()).into_iter().map(pair).collect();
    let many = all.len();
    let other: Vec<_> = all.into_iter().filter(|p| p.a != p.b).collect();
    let alike = many - other.len();
    (other, alike)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_both_has_its_place_once() {
        assert_eq!(
            places(&[Some(2), None, Some(0)], 4),
            [(Some(0), Some(2)), (Some(1), None), (Some(2), Some(0)), (None, Some(1)), (None, Some(3))]
        );
    }
}
