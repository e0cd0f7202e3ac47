//! Correcting what was misread: `[[correct]]` of `warroom.toml`, applied to a reading. Pure.
//!
//! A correction names a line and should quote it: where the plan was edited it goes with its text, and
//! where the text is gone it is reported, never applied to another line. Ids stay as they are, so
//! that ticks and alerts keep their homes.

mod named;
mod remove;
mod set;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::words::fold;
use super::{Level, Plan, Problem};
pub(super) use remove::drop_limits;
pub use set::{Given, Set};

/// One thing that was misread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Correct {
    /// The line of the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The first and the last line, where it is a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<[usize; 2]>,
    /// What the (first) line says, all or part of it: the correction goes with the text when the plan
    /// is edited, and is reported when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Only parts of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// Only the part of this name: one metric of a line with two limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub which: Option<String>,
    /// true: nothing of it is a part, it is prose. Or only parts of one kind: "limit".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<Drop>,
    /// What it is instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<Set>,
}

/// A kind of part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// A checklist entry.
    Item,
    /// A limit.
    Limit,
    /// A metric without a limit.
    Metric,
    /// A flag, or the value a phase gives it.
    Flag,
    /// A step of a ramp.
    Rung,
    /// A phase.
    Phase,
    /// A procedure.
    Procedure,
    /// A step of a procedure.
    Step,
    /// A command.
    Command,
    /// A condition without a number.
    Trigger,
    /// A rollback point.
    RollbackPoint,
    /// A health path.
    Endpoint,
    /// A log line to watch for.
    Log,
    /// Somebody to call.
    Contact,
    /// A line to sign.
    SignOff,
    /// A message due.
    Message,
    /// A message body.
    Template,
    /// A place people talk.
    Channel,
    /// A risk.
    Risk,
    /// What is due after the launch.
    Followup,
    /// A severity class, an incident stage, an escalation or a scenario.
    Incident,
}

/// What is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[serde(untagged)]
pub enum Drop {
    /// All parts, or none.
    All(bool),
    /// Parts of one kind.
    Part(Part),
}

impl Serialize for Drop {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Drop::All(all) => all.serialize(to),
            Drop::Part(part) => part.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Drop {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = Drop;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, or a kind of part such as \"limit\"")
            }
            fn visit_bool<E: Error>(self, all: bool) -> Result<Drop, E> {
                Ok(Drop::All(all))
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<Drop, E> {
                Part::deserialize(serde::de::value::StrDeserializer::new(word)).map(Drop::Part)
            }
        }
        from.deserialize_any(Word)
    }
}

/// What one correction is applied to.
struct Scope<'a> {
    lines: RangeInclusive<usize>,
    which: Option<&'a str>,
}

impl Scope<'_> {
    fn holds(&self, line: usize, names: &[&str]) -> bool {
        let wanted = self.which.map(fold);
        self.lines.contains(&line) && wanted.is_none_or(|w| names.iter().any(|name| fold(name) == w))
    }
}

/// Applies corrections to a reading of [`Plan::text`]; what could not be applied comes back.
pub fn correct(plan: &mut Plan, corrections: &[Correct]) -> Vec<Problem> {
    let folded: Vec<String> =
        if corrections.is_empty() { vec![] } else { plan.text.lines().map(folded).collect() };
    let mut problems = vec![];
    for correction in corrections {
        match place(correction, &folded) {
            Err(why) => problems.push(stale(correction, why)),
            Ok(lines) => {
                let scope = Scope { lines, which: correction.which.as_deref() };
                problems.extend(apply(plan, correction, &scope));
            }
        }
    }
    problems
}

fn apply(plan: &mut Plan, correction: &Correct, scope: &Scope<'_>) -> Vec<Problem> {
    let mut problems = vec![];
    let part = match correction.drop {
        Some(Drop::Part(part)) => Some(part),
        _ => correction.part,
    };
    if !matches!(correction.drop, None | Some(Drop::All(false))) && remove::remove(plan, part, scope) == 0 {
        let what = part.map_or_else(|| "part".to_owned(), |p| format!("{p:?}").to_lowercase());
        problems.push(idle(scope, &format!("holds no {what} to drop")));
    }
    if let Some(set) = &correction.set {
        let faults = set::set(plan, correction.part, set, scope);
        problems.extend(faults.iter().map(|why| idle(scope, why)));
    }
    problems
}

/// A line without list sign and box, folded.
fn folded(line: &str) -> String {
    let bare = line.trim_start_matches(['>', ' ', '\t']);
    let bare = bare.trim_start_matches(['-', '*', '+', ' ']);
    let bare = ["[ ]", "[x]", "[X]"].iter().find_map(|sign| bare.strip_prefix(sign)).unwrap_or(bare);
    fold(bare)
}

/// The lines a correction means: its own where its text stands there, else the nearest with its text.
fn place(correction: &Correct, lines: &[String]) -> Result<RangeInclusive<usize>, &'static str> {
    let named = match (correction.lines, correction.line) {
        (Some([first, last]), _) => Some((first, last.max(first))),
        (None, line) => line.map(|line| (line, line)),
    };
    let length = named.map_or(0, |(first, last)| last - first);
    let Some(text) = correction.text.as_deref().map(folded).filter(|t| !t.is_empty()) else {
        let there = named.filter(|(first, _)| *first > 0 && *first <= lines.len());
        return there.map(|(first, last)| first..=last).ok_or("the plan has no such line");
    };
    let near = named.map_or(0, |(first, _)| first);
    let says = |line: &usize| lines[line - 1] == text || holds(&lines[line - 1], &text);
    let found = (1..=lines.len()).filter(says).min_by_key(|line| line.abs_diff(near));
    found.map(|first| first..=first + length).ok_or("no line of the plan says so any more")
}

/// Whether whole words of a line are these.
fn holds(line: &str, words: &str) -> bool {
    format!(" {line} ").contains(&format!(" {words} "))
}

fn stale(correction: &Correct, why: &str) -> Problem {
    let place = match (correction.line.or(correction.lines.map(|l| l[0])), &correction.text) {
        (Some(line), Some(text)) => format!("line {line}, “{text}”"),
        (Some(line), None) => format!("line {line}"),
        (None, Some(text)) => format!("“{text}”"),
        (None, None) => "no line".to_owned(),
    };
    Problem::new(
        Level::Warning,
        0,
        format!("the correction of {place} in warroom.toml is not applied: {why}"),
        "take it out of warroom.toml, or quote the line as it is now",
    )
}

fn idle(scope: &Scope<'_>, why: &str) -> Problem {
    let line = *scope.lines.start();
    let which = scope.which.map(|w| format!(" called “{w}”")).unwrap_or_default();
    Problem::new(
        Level::Warning,
        line,
        format!("a correction in warroom.toml does nothing: line {line} {why}{which}"),
        "`warroom check` without it shows what is read there",
    )
}
