//! The words by which a plan's sections are known: data, a table for each language.
//!
//! A phrase is folded text (lower case, no punctuation); a word that ends in `*` stands for every
//! word that begins so. To teach the reader a word, add it to a table; no code knows any of them.

/// A list of words as a table of them: `words! { "a" "b" }`.
macro_rules! words {
    ($($word:literal)*) => { &[$($word),*] as &[&str] };
}
pub(crate) use words;

pub(crate) mod back;
mod de;
mod en;
mod es;
mod fr;
pub(crate) mod limits;
pub(crate) mod phases;
mod pt;
mod wide;

use super::topic::Topics;

/// A row of a table: a topic and its phrases, separated by commas.
pub(crate) type Row = (Topics, &'static str);

/// A phrase and what it is about.
pub(crate) struct Phrase {
    /// The topic.
    pub topic: Topics,
    /// Its words.
    pub words: &'static str,
}

/// Every phrase of the languages that separate words by spaces.
pub(crate) fn phrases() -> impl Iterator<Item = Phrase> {
    [en::ROWS, de::ROWS, fr::ROWS, es::ROWS, pt::ROWS].into_iter().flatten().flat_map(spread)
}

/// Every phrase of Japanese, Korean and Chinese, the longest first within a topic.
pub(crate) fn wide_phrases() -> impl Iterator<Item = Phrase> {
    wide::ROWS.iter().flat_map(spread)
}

fn spread((topic, phrases): &Row) -> impl Iterator<Item = Phrase> {
    let topic = *topic;
    phrases.split(',').map(move |words| Phrase { topic, words: words.trim() }).filter(|p| !p.words.is_empty())
}
