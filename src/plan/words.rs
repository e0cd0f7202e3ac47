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

/// Lower case with every byte in its place; text whose folding would move one ("İ", "Ⱥ") stays as written.
pub(crate) fn lowered(text: &str) -> String {
    let keeps = |c: char| c.is_ascii() || c.to_lowercase().map(char::len_utf8).sum::<usize>() == c.len_utf8();
    if text.chars().all(keeps) { text.to_lowercase() } else { text.to_owned() }
}

/// Where `word` begins in `text` between word borders; both lower case.
pub(crate) fn find_word(text: &str, word: &str) -> Option<usize> {
    let first = *word.as_bytes().first()?;
    let mut starts = text.bytes().enumerate().filter(|(_, byte)| *byte == first).map(|(at, _)| at);
    let begins = |at: usize| !text[..at].ends_with(char::is_alphanumeric);
    starts.find(|at| word_at(text, *at, word) && begins(*at))
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

/// The beginning of a text, at most `bytes` of it: what stands near is enough, and a line may be long.
pub(crate) fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The end of a text, at most `bytes` of it.
pub(crate) fn tail(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
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

/// Whether a character is of a script that writes no spaces between words, or glues particles to them.
pub(crate) fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff)
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
    fn lower_case_moves_no_byte() {
        assert_eq!(lowered("Error RATE É"), "error rate é");
        // "Ⱥ" grows and "K" shrinks: the sum would be the same.
        for text in ["İ 5%", "Ⱥ > 5", "ȺȺ\u{212a} 5"] {
            assert_eq!(lowered(text), text);
        }
    }

    #[test]
    fn folding_is_for_comparing() {
        assert_eq!(fold("### 1. Pre-Deployment **Checklist** ✅"), "1 pre deployment checklist");
        assert!(has_any("roll back now", &["back"]) && !has_any("rollback", &["back"]));
        assert_eq!((find_word("rollback, back", "back"), find_word("xn n n", "n n")), (Some(10), Some(3)));
    }
}
