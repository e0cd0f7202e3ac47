//! The words around a number: where its clause begins, what the metric is called, what follows the unit.
//!
//! Byte offsets and word lists only; called by `limit`.

use super::Cmp;
use super::vocabulary::limits::*;
use super::vocabulary::words;
use super::words::{is_wide, lowered};

/// What ends the clause before a limit.
const MARKS: &[&str] = words! {
    ": " "；" "; " ". " ", " "：" "、" "，" "→" " – " " — " " - " " | " " if " " when " " wenn " " si "
    " se " " quando "
};
/// What joins a second limit to the first.
const JOINTS: &[&str] = words! {
    " or " " and " " oder " " und " " ou " " et " " o " " y " " e " "または" "或"
};

/// Whether a digit after `before` belongs to a word or a version.
pub(crate) fn glues(before: char, text: &str) -> bool {
    if is_wide(before) {
        return false;
    }
    before.is_alphanumeric()
        || matches!(before, '_' | '#' | '@')
        || before == '.' && text.chars().rev().nth(1).is_some_and(|c| c.is_ascii_digit())
        || matches!(before, '-' | '/' | ':') && text.chars().rev().nth(1).is_some_and(char::is_alphanumeric)
        || before == ',' && text.chars().rev().nth(1).is_some_and(|c| c.is_ascii_digit())
}

pub(crate) fn is_unit(run: &str) -> bool {
    const UNITS: &[&str] = words! {
        "kb" "mb" "gb" "tb" "kib" "mib" "gib" "rps" "qps" "tps" "req" "rpm" "bps" "mbps" "gbps" "pp"
        "pts" "iops" "us" "μs" "bp" "ns"
    };
    UNITS.contains(&run.to_lowercase().as_str())
}

/// Where the clause that ends at `end` begins: after a colon, comma, bracket, "or", "if".
pub(crate) fn clause(lower: &str, from: usize, end: usize) -> usize {
    let segment = &lower[from..end];
    let mut start = after_last(segment, MARKS);
    if let Some(open) = segment.rfind(['(', '（']).filter(|open| !segment[*open..].contains([')', '）'])) {
        start = start.max(open + segment[open..].chars().next().map_or(1, char::len_utf8));
    }
    if from > 0 {
        start = start.max(after_last(segment, JOINTS));
        for mark in ["or ", "and ", "/ "] {
            if start == 0 && segment.trim_start().starts_with(mark) {
                start = segment.len() - segment.trim_start().len() + mark.len();
            }
        }
    }
    if segment.ends_with(':') || segment.ends_with('：') { end } else { from + start }
}

/// The byte after the last of `marks`, 0 where there is none.
fn after_last(text: &str, marks: &[&str]) -> usize {
    let bytes = text.as_bytes();
    let ends = (0..bytes.len()).rev().find_map(|at| {
        let rest = &bytes[at..];
        marks
            .iter()
            .find(|m| m.as_bytes()[0] == rest[0] && rest.starts_with(m.as_bytes()))
            .map(|m| at + m.len())
    });
    ends.unwrap_or(0)
}

/// A name without filler words at its ends and without marks.
pub(crate) fn trimmed(name: &str) -> String {
    trimmed_as(name, false)
}

/// Before a sign no verb stands: "Rate limit hits < 5%" is about hits.
pub(crate) fn trimmed_as(name: &str, sign: bool) -> String {
    let name = ["d'", "d’"].iter().find_map(|of| name.trim_end().strip_suffix(of)).unwrap_or(name);
    let mut name =
        name.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, ')' | '(' | ']' | '}' | '`')));
    let mut sign = sign;
    loop {
        let lower = lowered(name);
        let last = lower.rsplit(' ').next().unwrap_or("");
        let first = lower.split(' ').next().unwrap_or("");
        if !last.is_empty() && TRAILING.contains(&last) && !(sign && MOVES.contains(&last)) {
            sign &= last != "by";
            name = name[..name.len() - last.len()]
                .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | ','));
        } else if matches!(
            lower.as_str(),
            "rollback" | "alert" | "page" | "warn" | "abort" | "halt" | "revert"
        ) {
            return String::new();
        } else if !first.is_empty() && LEADING.contains(&first) && first.len() < name.len() {
            name = name[first.len()..].trim_start();
        } else {
            break;
        }
    }
    let wide = name.trim_end_matches(['が', 'は', 'の', 'を', 'に']);
    // Korean glues its particles to the noun: "에러율이".
    let glued = |c: char| matches!(u32::from(c), 0xac00..=0xd7af);
    let bare = wide.strip_suffix(['이', '은', '는', '을', '를']);
    let wide = bare.filter(|b| b.chars().filter(|c| glued(*c)).count() > 1).unwrap_or(wide);
    let open = wide.matches('(').count() < wide.matches(')').count();
    if open { wide.trim_end_matches(')').to_owned() } else { wide.to_owned() }
}

/// `text` without `word` at its end, if it stands there as a word.
pub(crate) fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    // Most words fail on their last byte.
    if text.as_bytes().last() != word.as_bytes().last() {
        return None;
    }
    let rest = text.strip_suffix(word)?;
    let free = rest.chars().next_back().is_none_or(|c| !(c.is_alphanumeric() || c == '-') || is_wide(c));
    free.then(|| rest.trim_end())
}

pub(crate) fn starts_with_word(text: &str, word: &str) -> bool {
    // Most words fail on their first byte.
    text.as_bytes().first() == word.as_bytes().first()
        && text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
}

/// "does not exceed 5%", "not below 95%": the other side.
pub(crate) fn negated(lower: &str, start: usize, cmp: Cmp) -> Cmp {
    let before = lower[..start].trim_end();
    let before = strip_word(before, "by").unwrap_or(before);
    let mut rest = before;
    for verb in words! {
        "increase" "grow" "decrease" "drop" "fall" "go" "rise" "dip" "drops" "falls" "goes" "climb" "be" "is"
    } {
        rest = strip_word(before, verb).unwrap_or(rest);
    }
    let no = words! {
        "not" "never" "n't" "nicht" "nie" "no" "não" "nunca" "ne pas"
    }
    .iter()
    .any(|w| rest.ends_with(w) && strip_word(rest, w).is_some());
    match cmp {
        Cmp::Less if no => Cmp::AtLeast,
        Cmp::More if no => Cmp::AtMost,
        other => other,
    }
}

/// How many bytes the next `most` plain words take.
pub(crate) fn words_of(text: &str, most: usize) -> usize {
    const STOP: &[&str] = words! {
        "for" "in" "within" "over" "or" "and" "per" "during" "when" "if" "on" "at" "after" "before"
        "until" "then" "with" "from" "to" "is" "are" "but" "as" "by" "across" "sustained" "of" "than"
        "für" "pendant" "durante" "por" "oder" "und" "ou" "y" "e" "o" "em" "en" "the" "while" "vs"
        "compared" "trigger" "triggers" "each"
    };
    let mut end = 0;
    for (count, word) in text.split_inclusive(' ').enumerate() {
        let bare = word.trim_end();
        let inner = bare.trim_end_matches([',', ';', '.', ')', ':', '）', '、', '。']);
        let letters = inner.chars().all(|c| c.is_alphabetic() || matches!(c, '/' | '-' | '_'));
        let plain = letters && inner.starts_with(char::is_alphabetic);
        let per = inner.eq_ignore_ascii_case("per");
        if !plain || !per && (count >= most || STOP.contains(&inner.to_lowercase().as_str())) {
            break;
        }
        end += inner.len();
        if inner.len() != bare.len() {
            break;
        }
        end += word.len() - inner.len();
    }
    text[..end].trim_end().len()
}

/// The words behind a unit, up to four.
pub(crate) fn tail(text: &str) -> String {
    let text = text.trim_start();
    text[..words_of(text, 4)].to_owned()
}
