//! One limit in words, outside a document, and what the words of a limit say beside its numbers: a
//! count in a row, several limits that have to be breached together. Called by `signal` and `cli`.

use super::limit::scan;
use super::streak::{in_a_row, is_mark};
use super::vocabulary::words;
use super::{Cmp, Role, Threshold, ThresholdId, Value};

/// Reads "error_rate > 3% for 5m" as an alert, the way the plan's reader does.
///
/// # Errors
/// One sentence: nothing in it is a limit, or more than one is.
pub fn limit(text: &str) -> Result<Threshold, String> {
    let text = text.trim();
    let mut found = scan(text);
    if found.iter().all(|said| said.cmp == Cmp::Threshold) {
        found = in_a_row(text).map_or(found, |counted| vec![counted]);
    }
    let [said] = found.as_slice() else {
        return Err(match found.len() {
            0 => format!("{text:?} states no limit; write it like \"error rate > 3% for 5m\""),
            n => format!("{text:?} states {n} limits; give one at a time"),
        });
    };
    Ok(Threshold {
        id: ThresholdId("spoken".to_owned()),
        metric: said.metric.clone(),
        cmp: said.cmp,
        value: said.value,
        unit: said.unit.clone(),
        hold: said.hold,
        over: said.over,
        severity: None,
        role: Role::Alert,
        phase: None,
        line: 1,
        text: text.to_owned(),
        cooldown: None,
        baseline: said.relative,
        procedure: None,
    })
}

/// "3 failed health checks in a row": how many.
pub fn run_of(limit: &Threshold) -> Option<u32> {
    let counted = limit.cmp == Cmp::AtLeast && limit.unit.as_deref().is_some_and(is_mark);
    match limit.value {
        Some(Value::One(n)) if counted && n >= 1.0 && n <= f64::from(u16::MAX) => Some(n as u32),
        _ => None,
    }
}

/// Whether a line joins its limits by "and" alone, so that it means all of them together; gives
/// how many there are.
pub fn all_together(text: &str) -> Option<usize> {
    const AND: &[&str] = words! { "and" "und" "et" "y" "e" "&" "&&" "AND" };
    let found = scan(text);
    let joined = found.windows(2).all(|pair| {
        let between = text.get(pair[0].end..pair[1].start).unwrap_or_default();
        between.split_whitespace().next().is_some_and(|word| AND.contains(&word))
    });
    (found.len() > 1 && joined).then_some(found.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_from_words() {
        let said = limit("error_rate > 3% for 5m").unwrap();
        assert_eq!(
            (said.metric.as_str(), said.cmp, said.value),
            ("error_rate", Cmp::More, Some(Value::One(3.0)))
        );
        assert_eq!((said.unit.as_deref(), said.hold), (Some("%"), Some(300.0)));
        assert!(limit("all is well").unwrap_err().contains("states no limit"));
        assert!(limit("cpu > 3% or mem > 4%").unwrap_err().contains("2 limits"));
    }

    #[test]
    fn a_count_in_a_row_is_told_from_a_value() {
        let said = limit("3 failed health checks in a row").unwrap();
        assert_eq!((run_of(&said), said.metric.as_str()), (Some(3), "failed health checks"));
        assert_eq!(run_of(&limit("failed checks >= 3").unwrap()), None);
    }

    #[test]
    fn only_and_joins_limits() {
        for (text, want) in [
            ("Error rate > 5% and p95 latency > 2 s", Some(2)),
            ("Error rate > 5% or p95 latency > 2 s", None),
            ("Error rate > 5%, p95 latency > 2 s", None),
            ("Error rate > 5% for 5 min and p95 > 2 s and cpu > 90%", Some(3)),
            ("Error rate > 5%", None),
        ] {
            assert_eq!(all_together(text), want, "{text}");
        }
    }
}
