//! The number of a limit with its unit: "5-10%", "$2", "300 ms", "40 requests".
//!
//! Called by `limit`.

use super::Cmp;
use super::Value;
use super::clause::*;
use super::limit::Scanner;
use super::limit_compare::Comparison;
use super::span::unit_at;
use super::vocabulary::limits::COUNTERS;
use super::vocabulary::words;
use super::words::{Number, number_at, skip_blank};

impl Scanner<'_> {
    /// The number or range with its unit: value, the byte after, the unit, its seconds.
    pub(super) fn amount(
        &self,
        first: Number,
        comparison: Option<Comparison>,
    ) -> (Value, usize, Option<String>, Option<f64>) {
        let (unit, time, end) = self.unit(first.end);
        let between = comparison.is_some_and(|c| c.cmp == Cmp::Between);
        // "2025-12" counts down and is no range.
        let upper = self.upper(end, between).filter(|second| second.value >= first.value);
        let Some(second) = upper else {
            return (Value::One(first.value), end, unit, time);
        };
        let (unit2, time2, end2) = self.unit(second.end);
        let unit = unit2.or(unit);
        (Value::Range([first.value, second.value]), end2, unit, time2.or(time))
    }

    /// The upper end of "1-5", "between 1 and 5".
    fn upper(&self, end: usize, between: bool) -> Option<Number> {
        let at = skip_blank(self.lower, end, false);
        let rest = &self.lower[at..];
        let joiners: &[&str] = if between {
            words! {
                "and " "und " "et " "y " "e " "-" "–" "to "
            }
        } else {
            words! {
                "-" "–" "—" "to " ".." "〜" "～" "~"
            }
        };
        let joiner = joiners.iter().find(|joiner| rest.starts_with(**joiner))?;
        number_at(self.lower, skip_blank(self.lower, at + joiner.len(), false))
    }

    pub(super) fn unit(&self, end: usize) -> (Option<String>, Option<f64>, usize) {
        let at = skip_blank(self.text, end, false);
        let rest = &self.text[at..];
        if rest.starts_with(['%', '％', '‰']) {
            let mut stop = at + rest.chars().next().map_or(1, char::len_utf8);
            for of in [" of ", " points", " percentage points"] {
                if self.lower[stop..].starts_with(of) {
                    let most = if of == " of " { 3 } else { 0 };
                    let words = words_of(&self.text[stop + of.len()..], most);
                    // "0.5% of each other" is no share of anything.
                    stop += if most > 0 && words == 0 { 0 } else { of.len() + words };
                }
            }
            stop += points(&self.lower[stop..]);
            return (Some(self.text[at..stop].trim().to_owned()), None, stop);
        }
        if let Some(stop) = symbol(rest) {
            return (Some(rest[..stop].to_owned()), None, at + stop);
        }
        for word in ["percent", "prozent", "pour cent", "por ciento", "por cento"] {
            if starts_with_word(&self.lower[at..], word) {
                return (Some("%".to_owned()), None, at + word.len());
            }
        }
        let joined = skip_blank(self.text, end, true);
        if let Some((seconds, stop)) = unit_at(self.text, joined).filter(|_| joined - end <= 1) {
            return (Some(self.text[joined..stop].to_owned()), Some(seconds), stop);
        }
        if let Some(per) = rest.strip_prefix('/') {
            let stop = at + 1 + per.find(|c: char| !c.is_alphanumeric()).unwrap_or(per.len());
            return (Some(self.text[at..stop].to_owned()), None, stop);
        }
        let stop = at + words_of(rest, 3);
        if stop == at { (None, None, end) } else { (Some(self.text[at..stop].to_owned()), None, stop) }
    }

    /// "$2 per install" is dollars, "$0.50/query" dollars of each.
    pub(super) fn paid(&self, start: usize, unit: Option<String>, time: Option<f64>) -> Option<String> {
        let sign = self.text[..start].chars().next_back().filter(|c| matches!(c, '€' | '$' | '£' | '¥'));
        let Some(sign) = sign.filter(|_| time.is_none()) else { return unit };
        let each = unit.as_deref().filter(|u| u.starts_with('/')).unwrap_or("");
        if unit.as_deref().is_some_and(|u| u.starts_with(['€', '$', '£', '¥', '%'])) {
            unit
        } else {
            Some(format!("{sign}{each}"))
        }
    }
}

/// How many bytes of percentage points follow a per cent sign: "%p", "%pt".
fn points(rest: &str) -> usize {
    let run = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    if matches!(&rest[..run], "p" | "pt" | "pts" | "pp") { run } else { 0 }
}

/// A currency, a degree or a counter of a script without spaces: "€", "k€", "°C", "件".
fn symbol(rest: &str) -> Option<usize> {
    let first = rest.chars().next()?;
    let scaled = rest.strip_prefix(['k', 'K', 'M']).filter(|r| r.starts_with(['€', '$', '£', '¥']));
    match first {
        '€' | '$' | '£' | '¥' => Some(first.len_utf8()),
        '×' => Some(
            first.len_utf8()
                + rest[first.len_utf8()..]
                    .strip_prefix(' ')
                    .map_or(0, |r| usize::from(words_of(r, 3) > 0) + words_of(r, 3)),
        ),
        '°' => Some(first.len_utf8() + usize::from(rest[first.len_utf8()..].starts_with(['C', 'F']))),
        _ if scaled.is_some() => Some(1 + rest[1..].chars().next().map_or(0, char::len_utf8)),
        _ => COUNTERS.iter().find(|c| rest.starts_with(**c)).map(|c| c.len()),
    }
}
