//! "3 failed health checks in a row": a count that is a limit and no span. Called by `limits`.

use super::clause::trimmed;
use super::limit::Limit;
use super::span::span_at;
use super::vocabulary::words;
use super::words::number_at;
use super::{Cmp, Value};

/// What says that a number counts what comes in a row.
const MARKS: &[&str] = words! {
    "in a row" "consecutive" "consecutively" "times in" "hintereinander" "seguidas" "seguidos"
    "de suite" "回連続" "连续" "회 연속" "연속"
};

/// Whether a limit's unit is such a word.
pub(crate) fn is_mark(unit: &str) -> bool {
    MARKS.contains(&unit)
}

/// "3 failed health checks in a row", "fails 3 consecutive times": a count and no span.
pub(crate) fn in_a_row(text: &str) -> Option<Limit> {
    let lower = text.to_lowercase();
    let lower = if lower.len() == text.len() { lower } else { return None };
    let mark = MARKS.iter().find(|m| lower.contains(**m))?;
    let at = text.find(|c: char| c.is_ascii_digit())?;
    let number = number_at(text, at)
        .filter(|_| !at.checked_sub(1).is_some_and(|i| text.as_bytes()[i].is_ascii_alphanumeric()))?;
    let (before, after) = (trimmed(&text[..at]), text[number.end..].trim_start());
    let rest = super::words::lowered(after).find(mark).map_or(after, |end| &after[..end]);
    let subject = trimmed(rest.trim_start_matches("times").trim_start_matches("consecutive"));
    let behind = || after.strip_prefix(mark).and_then(|rest| rest.split([',', ';']).next()).unwrap_or("");
    let subject =
        if subject.is_empty() { trimmed(behind().split(" in ").next().unwrap_or("")) } else { subject };
    let metric = if before.is_empty() { subject } else { before };
    (!metric.is_empty() && span_at(text, at).is_none()).then(|| Limit {
        metric,
        cmp: Cmp::AtLeast,
        value: Some(Value::One(number.value)),
        unit: Some((*mark).to_owned()),
        time: None,
        tail: String::new(),
        hold: None,
        over: None,
        sign: false,
        relative: false,
        leads: false,
        start: at,
        end: text.len(),
    })
}
