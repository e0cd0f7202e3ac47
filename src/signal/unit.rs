//! Units as plans write them, as far as one can be turned into another: times and shares. Pure.

/// `value` in the unit `to`, where it is given in `from`. A unit that nobody gave is taken to be
/// the other; None where one cannot be turned into the other.
pub(super) fn convert(value: f64, from: Option<&str>, to: Option<&str>) -> Option<f64> {
    let (Some(from), Some(to)) = (from.and_then(plain), to.and_then(plain)) else { return Some(value) };
    if from == to {
        return Some(value);
    }
    match (measure(&from)?, measure(&to)?) {
        ((a, by), (b, per)) if a == b => Some(if by == per { value } else { value * by / per }),
        _ => None,
    }
}

fn plain(unit: &str) -> Option<String> {
    let plain = unit.trim().to_lowercase();
    (!plain.is_empty()).then_some(plain)
}

/// What a unit can be turned within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Dimension {
    Time,
    Share,
}

/// What a unit measures, where that is known.
pub(super) fn dimension(unit: &str) -> Option<Dimension> {
    measure(&plain(unit)?).map(|(dimension, _)| dimension)
}

/// What a unit measures and how many base units (seconds, wholes) it is.
fn measure(unit: &str) -> Option<(Dimension, f64)> {
    let word = unit.split_whitespace().next()?;
    if word.starts_with('%') || word.starts_with("percent") {
        return Some((Dimension::Share, 0.01));
    }
    let seconds = match word.trim_end_matches('s') {
        "m" | "msec" | "milli" | "millisecond" if word.starts_with('m') && word != "m" => 0.001,
        "µ" | "u" | "μ" | "microsecond" => 1e-6,
        "" | "sec" | "second" => 1.0,
        "min" | "minute" => 60.0,
        "h" | "hour" => 3_600.0,
        "day" => 86_400.0,
        "ratio" => return Some((Dimension::Share, 1.0)),
        _ => return None,
    };
    Some((Dimension::Time, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_are_turned_into_each_other_and_nothing_else_is() {
        let table = [
            (2.0, Some("seconds"), Some("ms"), Some(2_000.0)),
            (500.0, Some("ms"), Some("s"), Some(0.5)),
            (5.0, Some("minutes"), Some("second"), Some(300.0)),
            (80.0, Some("% of pool size"), Some("%"), Some(80.0)),
            (0.5, Some("ratio"), Some("%"), Some(50.0)),
            (7.0, None, Some("%"), Some(7.0)),
            (7.0, Some(" "), Some("ms"), Some(7.0)),
            (7.0, Some("pending jobs"), Some("Pending jobs"), Some(7.0)),
            (7.0, Some("ms"), Some("%"), None),
            (7.0, Some("m"), Some("s"), None),
            (7.0, Some("/day"), Some("/hour"), None),
        ];
        for (value, from, to, want) in table {
            let got = convert(value, from, to);
            assert!(got == want, "{value} {from:?} in {to:?}: {got:?}, not {want:?}");
        }
    }
}
