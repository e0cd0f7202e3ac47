//! The hash chain of a journal: every event's exact text is bound to all that came before it.
//! Pure arithmetic over texts and hashes; it knows neither files nor events. The stores extend it,
//! `warroom verify` and the salvage of a damaged journal walk it.

use sha2::{Digest, Sha256};

use crate::room::Entry;

/// Separates these hashes from every other use of SHA-256 (the trailing NUL is part of it).
const DOMAIN: &[u8] = b"warroom-journal-v1\0";

/// One stored event: its place, its exact UTF-8 text, and the hash over both it and its past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Gapless, from 1.
    pub seq: u64,
    /// The bytes that were hashed, untouched.
    pub text: String,
    /// [`Head::next`] of the head before it.
    pub hash: [u8; 32],
}

impl Record {
    /// The event in it, with its place and its link of the chain: without that no signature can be judged.
    pub fn entry(&self) -> Entry {
        Entry::read(self.seq, &self.text).linked(self.hash)
    }

    /// The head a journal has when this is its last record.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }
}

/// Where a journal ends. `seq` 0 with 32 zero bytes is the empty journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last record's place; 0 before the first.
    pub seq: u64,
    /// The last record's hash.
    pub hash: [u8; 32],
}

impl Head {
    /// The head after one more text:
    /// `SHA-256(domain ‖ length as u64 LE ‖ text ‖ hash of the head before)`.
    pub fn next(&self, text: &str) -> Head {
        let mut sha = Sha256::new();
        sha.update(DOMAIN);
        sha.update((text.len() as u64).to_le_bytes());
        sha.update(text.as_bytes());
        sha.update(self.hash);
        Head { seq: self.seq + 1, hash: sha.finalize().into() }
    }

    /// Whether `record` is the one link that may follow.
    pub fn admits(&self, record: &Record) -> bool {
        self.next(&record.text) == record.head()
    }
}

/// The first place where a history stops being one: edited, deleted, inserted or reordered there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} does not continue the history before it")]
pub struct Broken {
    /// The place at which the chain first fails.
    pub seq: u64,
}

/// Walks a whole history from the empty journal.
///
/// # Errors
/// [`Broken`] with the first place that does not follow.
pub fn verify(records: impl IntoIterator<Item = Record>) -> Result<Head, Broken> {
    let mut head = Head::default();
    for record in records {
        if !head.admits(&record) {
            return Err(Broken { seq: head.seq + 1 });
        }
        head = record.head();
    }
    Ok(head)
}

/// The records that `texts` become after `head`.
pub fn extend(head: Head, texts: &[String]) -> Vec<Record> {
    let mut head = head;
    let link = |text: &String| {
        head = head.next(text);
        Record { seq: head.seq, text: text.clone(), hash: head.hash }
    };
    texts.iter().map(link).collect()
}

/// `sha256:` and the hex digest of raw bytes: how a plan is named.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// A hash from its 64 hex digits; `None` for anything else.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[place * 2..place * 2 + 2], 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Change = fn(&mut Vec<Record>);

    fn history() -> Vec<Record> {
        let texts: Vec<String> = (1..=5).map(|n| format!("{{\"event\":{n}}}")).collect();
        extend(Head::default(), &texts)
    }

    #[test]
    fn a_link_is_the_published_formula() {
        let mut bytes = b"warroom-journal-v1\0\x03\0\0\0\0\0\0\0abc".to_vec();
        bytes.extend([0; 32]);
        assert_eq!(Head::default().next("abc").hash.to_vec(), Sha256::digest(bytes).to_vec());
    }

    #[test]
    fn an_untouched_history_verifies() {
        assert_eq!(verify(history()), Ok(history()[4].head()));
        assert_eq!(verify([]), Ok(Head::default()));
    }

    #[test]
    fn every_change_is_named_at_its_first_place() {
        let changes: [(Change, u64); 7] = [
            (|h| h[2].text.push(' '), 3),
            (|h| h[2].hash[31] ^= 1, 3),
            (|h| h[2].seq = 9, 3),
            (|h| drop(h.remove(1)), 2),
            (|h| h.swap(3, 4), 4),
            (|h| h.insert(2, h[1].clone()), 3),
            (|h| drop(h.remove(0)), 1),
        ];
        for (change, seq) in changes {
            let mut history = history();
            change(&mut history);
            assert_eq!(verify(history), Err(Broken { seq }));
        }
    }

    proptest! {
        #[test]
        fn texts_cannot_slide_into_each_other(a in ".*", b in ".*", cut in 0usize..64) {
            let whole = format!("{a}{b}");
            let at = whole.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(whole.len());
            let other = (whole[..at].to_owned(), whole[at..].to_owned());
            let start = Head::default();
            let same = other == (a.clone(), b.clone());
            prop_assert_eq!(start.next(&a).next(&b) == start.next(&other.0).next(&other.1), same);
        }

        #[test]
        fn hex_goes_there_and_back(hash: [u8; 32]) {
            prop_assert_eq!(unhex(&hex(&hash)), Some(hash));
        }
    }

    #[test]
    fn only_64_hex_digits_are_a_hash() {
        for text in ["", "00", &"g".repeat(64), &"é".repeat(32), &"0".repeat(63), &"0".repeat(65)] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }
}
