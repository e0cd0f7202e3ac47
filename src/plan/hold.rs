//! Whether a span behind a limit is how long a breach lasts, over what is measured, or another limit's.
//!
//! Called by `limit`.

use super::clause::{starts_with_word, strip_word};
use super::span::span_at;
use super::vocabulary::limits::*;
use super::vocabulary::words;
use super::words::{find_word, letters_at, skip_blank};

pub(crate) fn window_only(after: &str) -> bool {
    WINDOW.iter().any(|w| starts_with_word(after.trim_start_matches(['-', ' ']), w))
}

/// "継続", "持续" around a span.
pub(crate) fn lasts(after: &str, before: &str) -> bool {
    words! {
        "継続" "続" "持续" "지속" "間継続" "以上継続" "以上続" "이상 지속"
    }
    .iter()
    .any(|w| after.trim_start().starts_with(w))
        || ["持续", "连续", "継続して", "持续超过", "が"].iter().any(|w| before.ends_with(w))
}

pub(crate) fn introduced(before: &str) -> bool {
    HOLD.iter().chain(OVER).any(|word| strip_fill(before, word).is_some())
}

pub(crate) fn strip_fill<'a>(before: &'a str, word: &str) -> Option<&'a str> {
    if let Some(rest) = strip_word(before, word) {
        return Some(rest);
    }
    SPAN_FILL.iter().filter_map(|fill| strip_word(before, fill)).find_map(|rest| strip_word(rest, word))
}

/// Whether a comparison begins between a limit and a span: then the span is another limit's.
pub(crate) fn between_limits(before: &str) -> bool {
    before.contains(['<', '>', '≥', '≤'])
        || [" or ", " and ", ", "].iter().any(|j| before.contains(j))
            && before.bytes().any(|b| b.is_ascii_digit())
}

/// "two consecutive minutes": spans that begin with a word, behind "for".
pub(crate) fn spelt_spans(text: &str) -> impl Iterator<Item = (usize, f64, usize)> + '_ {
    HOLD.iter().filter_map(move |hold| {
        let at = find_word(text, hold)? + hold.len();
        let at = skip_blank(text, at, false);
        let word = letters_at(text, at);
        if word.is_empty() || text[at..].starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        span_at(text, at).map(|(seconds, end)| (at, seconds, end))
    })
}

/// How long what a line introduces must last: "…any of the following for 10 consecutive minutes".
pub(crate) fn last_hold(line: &str) -> Option<f64> {
    let lower = super::words::lowered(line);
    HOLD.iter()
        .filter_map(|hold| {
            let at = find_word(&lower, hold)? + hold.len();
            span_at(&lower, skip_blank(&lower, at, false)).map(|(seconds, _)| seconds)
        })
        .next()
}
