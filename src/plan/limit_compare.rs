//! The comparison that stands before or behind a number: signs, words, scripts without spaces.
//!
//! Part of the scanner of `limit`; says what is written and judges nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Cmp;
use super::clause::*;
use super::limit::Scanner;
use super::vocabulary::limits::*;
use super::words::skip_blank;

/// A comparison and where it begins.
#[derive(Clone, Copy)]
pub(super) struct Comparison {
    pub(super) cmp: Cmp,
    pub(super) start: usize,
    pub(super) sign: bool,
    /// What is compared with, where that is no plain number: "baseline" of "> baseline + 2%".
    pub(super) base: Option<Base>,
}

/// A number that is told relative to something else.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Base {
    /// "> baseline + 2%", "above baseline by 20%".
    Plus,
    /// "> SLO × 2".
    Times,
}

/// Words and what they say, by their last two bytes.
struct ByEnd(HashMap<[u8; 2], Vec<&'static (&'static str, Cmp)>>);

/// There are hundreds, and a line has a number without one more often than with one.
static BEFORE_BY_END: LazyLock<ByEnd> = LazyLock::new(|| ByEnd::new(BEFORE));

impl ByEnd {
    fn new(words: &'static [(&'static str, Cmp)]) -> ByEnd {
        let mut index: HashMap<_, Vec<_>> = HashMap::new();
        for entry in words {
            let end = *entry.0.as_bytes().last_chunk().expect("no comparison is a single letter");
            index.entry(end).or_default().push(entry);
        }
        ByEnd(index)
    }

    /// Those that may stand at the end of `text`, in their order.
    fn at_the_end_of(&self, text: &str) -> impl Iterator<Item = &'static (&'static str, Cmp)> + '_ {
        let end = text.as_bytes().last_chunk::<2>().and_then(|end| self.0.get(end));
        end.into_iter().flatten().copied()
    }
}

impl Scanner<'_> {
    /// The comparison before a number, and whether a minus belongs to the number: "≥ −2".
    pub(super) fn signed(&self, start: usize) -> (Option<Comparison>, bool) {
        let before = self.text[..start].trim_end_matches(['-', '−']);
        if before.len() < start
            && before.ends_with(char::is_whitespace)
            && let Some(comparison) = self.before(before.len()).filter(|c| c.sign || c.cmp != Cmp::Between)
        {
            return (Some(comparison), true);
        }
        (self.before(start), false)
    }

    /// Whether a sign with a number of its own stands behind a number.
    pub(super) fn compares(&self, end: usize) -> bool {
        let rest = self.text[end..].trim_start();
        let signed = rest.trim_start_matches(['<', '>', '≤', '≥', '=']);
        signed.len() < rest.len() && signed.trim_start().starts_with(|c: char| c.is_ascii_digit())
    }

    fn before(&self, start: usize) -> Option<Comparison> {
        let end = self.text[..start].trim_end_matches(['$', '€', '£', '¥']).trim_end().len().max(self.from);
        if let Some((at, base)) = self.past_base(end) {
            return self.comparison(at).map(|c| Comparison { base: Some(base), ..c });
        }
        // "superior a 2" needs its "a", "below a 5" does not.
        self.comparison(end).or_else(|| self.comparison(self.past_fill(end)))
    }

    /// Where "baseline +", "SLO ×", "baseline by" begins that ends at `end`.
    fn past_base(&self, end: usize) -> Option<(usize, Base)> {
        let text = &self.lower[self.from..end];
        let by = strip_word(text, "by").map(|rest| (rest, Base::Plus));
        let plus = text.strip_suffix('+').map(|rest| (rest, Base::Plus));
        let times = text.strip_suffix(['*', '×']).map(|rest| (rest, Base::Times));
        let (rest, base) = by.or(plus).or(times)?;
        let rest = rest.trim_end();
        let last = rest.rsplit(' ').next().unwrap_or("");
        let coded = last.contains("baseline") && last.contains('_');
        let named = BASES.iter().filter_map(|word| strip_word(rest, word)).min_by_key(|rest| rest.len());
        let before = named.or_else(|| coded.then(|| rest[..rest.len() - last.len()].trim_end()))?;
        Some((self.from + before.len(), base))
    }

    fn past_fill(&self, mut end: usize) -> usize {
        for fill in ["the", "a", "an", "about", "approximately", "around"] {
            if let Some(rest) = strip_word(&self.lower[self.from..end], fill) {
                end = self.from + rest.len();
            }
        }
        end
    }

    fn comparison(&self, end: usize) -> Option<Comparison> {
        let text = &self.lower[self.from..end];
        // Most texts end in a letter, and no sign and no word of a wide script does.
        let letter = text.ends_with(|c: char| c.is_ascii_alphabetic());
        if let Some((sign, cmp)) = SIGNS.iter().find(|(sign, _)| !letter && text.ends_with(sign)) {
            let at = end - sign.len();
            let before = &self.lower[..at];
            let arrow =
                before.ends_with(['-', '=', '<', '>', '!']) || *sign == "=" && before.ends_with(['<', '>']);
            return (!arrow).then_some(Comparison { cmp: *cmp, start: at, sign: true, base: None });
        }
        let wide = WIDE_BEFORE
            .iter()
            .filter(|(word, _)| !letter && text.ends_with(word))
            .max_by_key(|(word, _)| word.len());
        let words = BEFORE_BY_END.at_the_end_of(text).filter(|(word, _)| strip_word(text, word).is_some());
        let best = words.chain(wide).max_by_key(|(word, _)| word.len())?;
        Some(Comparison { cmp: best.1, start: end - best.0.len(), sign: false, base: None })
    }

    pub(super) fn after(&self, end: usize) -> Option<(Cmp, usize)> {
        let at = skip_blank(self.lower, end, false);
        let rest = &self.lower[at..];
        if let Some((word, cmp)) = WIDE_AFTER.iter().find(|(word, _)| rest.starts_with(word)) {
            return Some((*cmp, at + word.len()));
        }
        if self.lower[end..].starts_with('+') {
            return Some((Cmp::AtLeast, end + 1));
        }
        let (word, cmp) = AFTER.iter().find(|(word, _)| starts_with_word(rest, word))?;
        Some((*cmp, at + word.len()))
    }
}
