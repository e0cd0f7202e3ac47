//! Ids: readable slugs for phases and the like, short hashes for items.
//!
//! An item's hash is over its section path, its normalised text and how many of the same stood
//! before it, so that an edit elsewhere in the file moves no id.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::words::fold;

/// Hands out unique ids.
#[derive(Default)]
pub(crate) struct Ids {
    taken: HashSet<String>,
    seen: HashMap<String, usize>,
}

impl Ids {
    /// A slug of `name`, with a number behind it where it was taken.
    pub fn slug(&mut self, name: &str) -> String {
        let base = slug(name);
        let mut id = base.clone();
        let mut n = self.seen.get(&base).copied().unwrap_or(1);
        while !self.taken.insert(id.clone()) {
            n += 1;
            id = format!("{base}-{n}");
        }
        self.seen.insert(base, n);
        id
    }

    /// The hash of what stands at `path` with `text`: 8 hex digits, more on a collision.
    pub fn hash(&mut self, path: &str, text: &str) -> String {
        let key = format!("{path}\u{1f}{}", fold(text));
        let ordinal = self.seen.get(&key).map_or(0, |n| n + 1);
        let digest =
            hex(&Sha256::new().chain_update(&key).chain_update(format!("\u{1f}{ordinal}")).finalize());
        self.seen.insert(key, ordinal);
        let length = (8..=digest.len()).find(|n| !self.taken.contains(&digest[..*n])).unwrap_or(digest.len());
        let id = digest[..length].to_owned();
        self.taken.insert(id.clone());
        id
    }

    /// An id that the plan gives itself, if it is still free.
    pub fn explicit(&mut self, id: &str) -> Option<String> {
        self.taken.insert(id.to_owned()).then(|| id.to_owned())
    }
}

/// Lower case words joined by hyphens, at most 48 characters; "x" where there are none.
fn slug(name: &str) -> String {
    let joined = fold(name).replace(' ', "-");
    let short: String = joined.chars().take(48).collect();
    let short = short.trim_end_matches('-');
    if short.is_empty() { "x".to_owned() } else { short.to_owned() }
}

/// Lower case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
    out
}

/// A text's own id at its end, "{#id}", and the text without it.
pub(crate) fn own_id(text: &str) -> (&str, Option<&str>) {
    let Some((before, rest)) = text.rsplit_once("{#") else { return (text, None) };
    match rest.trim_end().strip_suffix('}') {
        Some(id)
            if !id.is_empty() && id.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')) =>
        {
            (before.trim_end(), Some(id))
        }
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_readable_and_unique() {
        let mut ids = Ids::default();
        let made: Vec<String> =
            ["Phase 1: Dark Launch", "Phase 1: Dark launch", "✅", ""].map(|n| ids.slug(n)).into();
        assert_eq!(made, ["phase-1-dark-launch", "phase-1-dark-launch-2", "x", "x-2"]);
    }

    #[test]
    fn equal_texts_get_ids_by_order() {
        let (mut a, mut b) = (Ids::default(), Ids::default());
        let first = [a.hash("x", "Do it"), a.hash("x", "do it."), a.hash("y", "Do it")];
        assert_eq!(first, [b.hash("x", "Do it"), b.hash("x", "Do it"), b.hash("y", "Do it")]);
        assert!(first[0] != first[1] && first[1] != first[2] && first[0].len() == 8);
    }

    #[test]
    fn own_ids() {
        assert_eq!(own_id("Deploy {#deploy-1}"), ("Deploy", Some("deploy-1")));
        assert_eq!(own_id("Deploy {#a b}"), ("Deploy {#a b}", None));
    }
}
