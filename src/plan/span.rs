//! Spans of time in text, in seconds: "5 minutes", "5-minute", "two consecutive minutes", "1h30m", "5分間".
//!
//! Called wherever a plan may say how long.

use super::vocabulary::words;
use super::words::{is_wide, letters_at, number_at, skip_blank};

/// Units of time with their seconds, in the languages of the vocabulary.
const UNITS: &[(&str, f64)] = &[
    ("ms", 0.001),
    ("msec", 0.001),
    ("msecs", 0.001),
    ("millis", 0.001),
    ("millisecond", 0.001),
    ("milliseconds", 0.001),
    ("millisekunden", 0.001),
    ("milisegundos", 0.001),
    ("millisecondes", 0.001),
    ("s", 1.0),
    ("sec", 1.0),
    ("secs", 1.0),
    ("second", 1.0),
    ("seconds", 1.0),
    ("sekunde", 1.0),
    ("sekunden", 1.0),
    ("seconde", 1.0),
    ("secondes", 1.0),
    ("segundo", 1.0),
    ("segundos", 1.0),
    ("秒", 1.0),
    ("초", 1.0),
    ("秒間", 1.0),
    ("秒钟", 1.0),
    ("ミリ秒", 0.001),
    ("毫秒", 0.001),
    ("밀리초", 0.001),
    ("m", 60.0),
    ("min", 60.0),
    ("mins", 60.0),
    ("minute", 60.0),
    ("minutes", 60.0),
    ("minuten", 60.0),
    ("minuto", 60.0),
    ("minutos", 60.0),
    ("分", 60.0),
    ("分間", 60.0),
    ("分钟", 60.0),
    ("분", 60.0),
    ("h", 3600.0),
    ("hr", 3600.0),
    ("hrs", 3600.0),
    ("hour", 3600.0),
    ("hours", 3600.0),
    ("stunde", 3600.0),
    ("stunden", 3600.0),
    ("heure", 3600.0),
    ("heures", 3600.0),
    ("hora", 3600.0),
    ("horas", 3600.0),
    ("時間", 3600.0),
    ("小时", 3600.0),
    ("시간", 3600.0),
    ("d", 86400.0),
    ("day", 86400.0),
    ("days", 86400.0),
    ("tag", 86400.0),
    ("tage", 86400.0),
    ("tagen", 86400.0),
    ("jour", 86400.0),
    ("jours", 86400.0),
    ("día", 86400.0),
    ("días", 86400.0),
    ("dia", 86400.0),
    ("dias", 86400.0),
    ("日", 86400.0),
    ("日間", 86400.0),
    ("天", 86400.0),
    ("일", 86400.0),
    ("w", 604_800.0),
    ("wk", 604_800.0),
    ("week", 604_800.0),
    ("weeks", 604_800.0),
    ("woche", 604_800.0),
    ("wochen", 604_800.0),
    ("semaine", 604_800.0),
    ("semaines", 604_800.0),
    ("semana", 604_800.0),
    ("semanas", 604_800.0),
    ("週間", 604_800.0),
    ("周", 604_800.0),
    ("주", 604_800.0),
    ("month", 2_592_000.0),
    ("months", 2_592_000.0),
    ("monat", 2_592_000.0),
    ("monate", 2_592_000.0),
    ("mois", 2_592_000.0),
    ("mes", 2_592_000.0),
    ("meses", 2_592_000.0),
    ("mês", 2_592_000.0),
];

/// The longest of them, in bytes.
const LONGEST: usize = 13;

/// The seconds of a unit word, in any case.
pub(crate) fn unit_seconds(word: &str) -> Option<f64> {
    in_any_case(UNITS, word, LONGEST)
}

/// What a table of lower case words, none of more than `longest` bytes, has for a word in any case.
fn in_any_case(table: &[(&str, f64)], word: &str, longest: usize) -> Option<f64> {
    if word.is_empty() || word.len() > longest {
        return None;
    }
    let find = |same: &dyn Fn(&str) -> bool| table.iter().find(|(name, _)| same(name)).map(|(_, v)| *v);
    if word.is_ascii() {
        return find(&|name| name.eq_ignore_ascii_case(word));
    }
    let lower = word.to_lowercase();
    find(&|name| name == lower)
}

/// Spelt numbers that plans use.
pub(crate) fn spelt(word: &str) -> Option<f64> {
    const WORDS: &[(&str, f64)] = &[
        ("a", 1.0),
        ("an", 1.0),
        ("one", 1.0),
        ("two", 2.0),
        ("three", 3.0),
        ("four", 4.0),
        ("five", 5.0),
        ("six", 6.0),
        ("seven", 7.0),
        ("eight", 8.0),
        ("nine", 9.0),
        ("ten", 10.0),
        ("twelve", 12.0),
        ("fifteen", 15.0),
        ("thirty", 30.0),
        ("sixty", 60.0),
        ("zwei", 2.0),
        ("drei", 3.0),
        ("fünf", 5.0),
        ("zehn", 10.0),
        ("eine", 1.0),
        ("einer", 1.0),
        ("deux", 2.0),
        ("trois", 3.0),
        ("cinq", 5.0),
        ("dos", 2.0),
        ("tres", 3.0),
        ("cinco", 5.0),
        ("dois", 2.0),
        ("duas", 2.0),
        ("três", 3.0),
        ("una", 1.0),
        ("uma", 1.0),
        ("une", 1.0),
    ];
    in_any_case(WORDS, word, "fifteen".len())
}

/// A span of time that begins at `at`, in seconds, and the byte after it: "5 minutes", "5-minute",
/// "two consecutive minutes", "1h30m", "an hour".
pub(crate) fn span_at(text: &str, at: usize) -> Option<(f64, usize)> {
    let (value, end) = amount_at(text, at)?;
    let end = end + usize::from(text[end..].starts_with('+'));
    let mut unit_at = skip_blank(text, end, true);
    let mut unit = letters_at(text, unit_at);
    for filler in words! {
        "consecutive" "rolling" "full" "straight" "continuous" "business" "working" "more"
    } {
        if unit.eq_ignore_ascii_case(filler) {
            unit_at = skip_blank(text, unit_at + filler.len(), false);
            unit = letters_at(text, unit_at);
        }
    }
    let (seconds, unit) = longest_unit(unit)?;
    let end = unit_at + unit;
    let more = span_tail(text, end);
    Some((value * seconds + more.map_or(0.0, |(s, _)| s), more.map_or(end, |(_, e)| e)))
}

/// The "30m" of "1h30m": glued, so that "5 min 3 times" is not one span.
fn span_tail(text: &str, at: usize) -> Option<(f64, usize)> {
    let number = number_at(text, at)?;
    let unit = letters_at(text, number.end);
    Some((number.value * unit_seconds(unit)?, number.end + unit.len()))
}

fn amount_at(text: &str, at: usize) -> Option<(f64, usize)> {
    if let Some(number) = number_at(text, at) {
        return Some((number.value, number.end));
    }
    let word = letters_at(text, at);
    Some((spelt(word)?, at + word.len()))
}

/// The seconds of the unit of time that begins at `at`, and the byte after it.
pub(crate) fn unit_at(text: &str, at: usize) -> Option<(f64, usize)> {
    let (seconds, length) = longest_unit(letters_at(text, at))?;
    Some((seconds, at + length))
}

/// A unit word, or for scripts without spaces the longest unit that a run of letters begins with.
fn longest_unit(run: &str) -> Option<(f64, usize)> {
    let latin = run.find(is_wide).filter(|at| *at > 0).map_or(run, |at| &run[..at]);
    if let Some(seconds) = unit_seconds(latin) {
        return Some((seconds, latin.len()));
    }
    if !run.starts_with(is_wide) {
        return None;
    }
    let fits = UNITS
        .iter()
        .filter(|(name, _)| !name.is_ascii() && name.chars().all(is_wide) && run.starts_with(name));
    fits.max_by_key(|(name, _)| name.len()).map(|(name, seconds)| (*seconds, name.len()))
}

/// The first span of time in `text`, in seconds.
pub(crate) fn first_span(text: &str) -> Option<f64> {
    spans(text).next().map(|(_, seconds, _)| seconds)
}

/// Every span that begins with a digit: where, seconds, the byte after.
pub(crate) fn spans(text: &str) -> impl Iterator<Item = (usize, f64, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let start = at + text[at..].find(|c: char| c.is_ascii_digit())?;
            let glued = text[..start].chars().next_back().is_some_and(|c| c.is_alphanumeric() && !is_wide(c));
            if let Some((seconds, end)) = span_at(text, start).filter(|_| !glued) {
                at = end;
                return Some((start, seconds, end));
            }
            at = number_at(text, start).map_or(start + 1, |n| n.end);
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_unit_is_longer_than_is_looked_for() {
        assert_eq!(UNITS.iter().map(|(name, _)| name.len()).max(), Some(LONGEST));
        assert_eq!(unit_seconds("Minutes").zip(unit_seconds("DÍAS")), Some((60.0, 86400.0)));
        assert_eq!(spelt("Fifteen").zip(spelt("FÜNF")), Some((15.0, 5.0)));
    }

    #[test]
    fn spans_in_seconds() {
        for (text, seconds) in [
            ("5 minutes", 300.0),
            ("5-minute", 300.0),
            ("500ms", 0.5),
            ("two consecutive minutes", 120.0),
            ("1h30m", 5400.0),
            ("an hour", 3600.0),
            ("5分間継続", 300.0),
            ("10 minutos", 600.0),
        ] {
            assert_eq!(span_at(text, 0).map(|(s, _)| s), Some(seconds), "{text}");
        }
        assert_eq!(span_at("5 apples", 0), None);
    }
}
