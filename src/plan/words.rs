//! Small reading of text that every recogniser shares: folding, numbers, spans of time.
//!
//! Works on byte offsets of the text it is given and allocates only where it must.

/// Lower case, one space between words, no punctuation: what headings are compared by.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // The start of the word being written.
    let mut word = 0;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !c.is_ascii() && c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if c == '\u{fe0f}' || matches!(c, '\'' | '’') && out[word..].chars().nth(1).is_some() {
            // "don't" is one word, "d'alerte" two.
        } else if out.len() > word {
            out.push(' ');
            word = out.len();
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// One space for any run of white space, none at the ends.
pub(crate) fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Where `word` begins in `text` between word borders; both lower case.
pub(crate) fn find_word(text: &str, word: &str) -> Option<usize> {
    borders(text).find(|at| word_at(text, *at, word))
}

/// Whether `text` holds `word` between word borders; both lower case.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    find_word(text, word).is_some()
}

/// Whether any of `words` stands in `text`; all lower case. One pass over the words of the text.
pub(crate) fn has_any(text: &str, words: &[&str]) -> bool {
    borders(text).any(|at| words.iter().any(|word| word_at(text, at, word)))
}

fn word_at(text: &str, at: usize, word: &str) -> bool {
    let rest = &text.as_bytes()[at..];
    rest.first() == word.as_bytes().first()
        && rest.starts_with(word.as_bytes())
        && !text[at + word.len()..].chars().next().is_some_and(char::is_alphanumeric)
}

/// Where words begin.
fn borders(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut inside = false;
    text.char_indices().filter_map(move |(at, c)| {
        let letter = if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() };
        let begins = !inside && (letter || !c.is_whitespace());
        inside = letter;
        begins.then_some(at)
    })
}

/// Parts of words, found anywhere in a text: by their first byte, in one pass.
pub(crate) struct Parts([Vec<&'static [u8]>; 256]);

impl Parts {
    /// Indexes `parts`.
    pub fn new(parts: &[&'static str]) -> Parts {
        let mut index = [const { Vec::new() }; 256];
        for part in parts.iter().map(|part| part.as_bytes()) {
            index[usize::from(part[0])].push(part);
        }
        Parts(index)
    }

    /// Whether any of them stands in `text`, which is lower case.
    pub fn within(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let begins = |at: usize| self.0[usize::from(bytes[at])].iter().any(|p| bytes[at..].starts_with(p));
        (0..bytes.len()).any(begins)
    }
}

/// A number and where it stood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    /// Its value.
    pub value: f64,
    /// The byte after it.
    pub end: usize,
}

/// The unsigned number that begins at `at`: `1,000`, `1 000`, `99.9`, `99,9`.
pub(crate) fn number_at(text: &str, at: usize) -> Option<Number> {
    let bytes = text.as_bytes();
    if !bytes.get(at)?.is_ascii_digit() {
        return None;
    }
    let mut digits = String::new();
    let mut end = take_digits(bytes, at, &mut digits);
    while let Some(group) = thousands(text, end, digits.len()) {
        end = take_digits(bytes, group, &mut digits);
    }
    if matches!(bytes.get(end), Some(b'.' | b',')) && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        digits.push('.');
        end = take_digits(bytes, end + 1, &mut digits);
    }
    Some(Number { value: digits.parse().ok()?, end })
}

fn take_digits(bytes: &[u8], mut at: usize, out: &mut String) -> usize {
    while let Some(digit) = bytes.get(at).filter(|b| b.is_ascii_digit()) {
        out.push(*digit as char);
        at += 1;
    }
    at
}

/// Where a group of exactly three digits begins after a separator of thousands.
fn thousands(text: &str, at: usize, before: usize) -> Option<usize> {
    let separator = text[at..].chars().next()?;
    let group = at + separator.len_utf8();
    let three = text.as_bytes().get(group..group + 3)?.iter().all(u8::is_ascii_digit);
    let ends = !text.as_bytes().get(group + 3).is_some_and(u8::is_ascii_digit);
    let fits = match separator {
        ',' => true,
        ' ' | '\u{a0}' | '\u{202f}' | '_' | '\'' | '’' => before <= 3,
        _ => false,
    };
    (three && ends && fits).then_some(group)
}

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

/// The seconds of a unit word, in any case.
pub(crate) fn unit_seconds(word: &str) -> Option<f64> {
    let lower = word.to_lowercase();
    UNITS.iter().find(|(name, _)| *name == lower).map(|(_, seconds)| *seconds)
}

/// The word that begins at `at`, letters only.
pub(crate) fn letters_at(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    &rest[..rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len())]
}

/// Where the text goes on after spaces, hyphens included where `joined` says so.
pub(crate) fn skip_blank(text: &str, at: usize, joined: bool) -> usize {
    let rest = &text[at..];
    at + rest.find(|c: char| !(c.is_whitespace() || joined && c == '-')).unwrap_or(rest.len())
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
    let lower = word.to_lowercase();
    WORDS.iter().find(|(name, _)| *name == lower).map(|(_, value)| *value)
}

/// A span of time that begins at `at`, in seconds, and the byte after it: "5 minutes", "5-minute",
/// "two consecutive minutes", "1h30m", "an hour".
pub(crate) fn span_at(text: &str, at: usize) -> Option<(f64, usize)> {
    let (value, end) = amount_at(text, at)?;
    let mut unit_at = skip_blank(text, end, true);
    for filler in ["consecutive", "rolling", "full", "straight", "continuous", "business", "working", "more"]
    {
        if letters_at(text, unit_at).eq_ignore_ascii_case(filler) {
            unit_at = skip_blank(text, unit_at + filler.len(), false);
        }
    }
    let unit = letters_at(text, unit_at);
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
    if let Some(seconds) = unit_seconds(run) {
        return Some((seconds, run.len()));
    }
    let fits = UNITS
        .iter()
        .filter(|(name, _)| !name.is_ascii() && name.chars().all(is_wide) && run.starts_with(name));
    fits.max_by_key(|(name, _)| name.len()).map(|(name, seconds)| (*seconds, name.len()))
}

/// Whether a character is of a script that writes no spaces between words, or glues particles to them.
pub(crate) fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff)
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
    fn numbers_of_many_hands() {
        for (text, value) in [
            ("1,000 x", 1000.0),
            ("1 000", 1000.0),
            ("99.9%", 99.9),
            ("99,9 %", 99.9),
            ("12,345,678", 12_345_678.0),
            ("5", 5.0),
        ] {
            assert_eq!(number_at(text, 0).map(|n| n.value), Some(value), "{text}");
        }
        assert_eq!(number_at("x", 0), None);
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

    #[test]
    fn folding_is_for_comparing() {
        assert_eq!(fold("### 1. Pre-Deployment **Checklist** ✅"), "1 pre deployment checklist");
        assert!(has_word("roll back now", "back") && !has_word("rollback", "back"));
    }
}
