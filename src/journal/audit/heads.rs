//! Heads of a journal outside of it: as a line for a tag or a chat message, and inside what people
//! signed. Writes and reads these lines; whether a journal holds a head is judged by the audit.

use serde::Deserialize;

use crate::journal::chain::{self, Head, Record};
use crate::journal::rooms::safe_name;

/// How a line begins; the version stands behind it.
const WORD: &str = "warroom-head";
const VERSION: &str = "v1";
/// The field of a signed statement.
const FIELD: &str = "journal-head";

/// A head that somebody kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The id of its room ([`crate::journal::Meta::id`]); a signed statement has none.
    pub room: Option<String>,
    /// Where the journal ended then.
    pub head: Head,
}

/// A head that a sign-off names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The sign-off's own place.
    pub by: u64,
    /// What its author saw as the end.
    pub head: Head,
}

/// What begins as a head and is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} begins as a head but is none: {text}")]
pub struct NoHead {
    /// Counted from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
}

/// The line of a head: `warroom-head v1 NAME ID SEQ HASH`. The name is for people, the id decides.
pub fn line(name: &str, id: &str, head: &Head) -> String {
    format!("{WORD} {VERSION} {} {id} {} {}", safe_name(name), head.seq, chain::hex(&head.hash))
}

/// Every head in a text, whatever stands around them: a mail's quotation marks, a chat's backticks, a
/// line broken between two words. Lines of signed statements (`journal-head: SEQ:HASH`) count too.
///
/// # Errors
/// [`NoHead`] for what begins as one and cannot be read: it may have been the one that mattered.
pub fn read(text: &str) -> Result<Vec<Kept>, NoHead> {
    let starts = text.match_indices(WORD).map(|(at, _)| (at, true));
    let fields = text.match_indices(FIELD).map(|(at, _)| (at, false));
    let mut starts: Vec<_> = starts.chain(fields).collect();
    starts.sort_unstable();
    starts.into_iter().filter_map(|(at, is_line)| head_at(text, at, is_line).transpose()).collect()
}

fn head_at(text: &str, at: usize, is_line: bool) -> Result<Option<Kept>, NoHead> {
    let rest = &text[at + if is_line { WORD.len() } else { FIELD.len() }..];
    let kept = if is_line { of_line(rest) } else { of_statement(rest) };
    // The bare word in a sentence is talk, not a head.
    let is_talk = is_line && words(rest).next() != Some(VERSION) || !is_line && !rest.starts_with(':');
    match kept {
        Some(kept) => Ok(Some(kept)),
        None if is_talk => Ok(None),
        None => Err(NoHead {
            line: text[..at].matches('\n').count() + 1,
            text: text[at..].lines().next().unwrap_or_default().chars().take(120).collect(),
        }),
    }
}

/// Words, without the marks that a mail puts before a quoted line.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().filter(|word| !word.chars().all(|letter| "> |*".contains(letter)))
}

fn of_line(rest: &str) -> Option<Kept> {
    let mut words = words(rest);
    let (version, _name, id) = (words.next()?, words.next()?, words.next()?);
    let head = Head { seq: words.next()?.parse().ok()?, hash: hash(words.next()?)? };
    (version == VERSION).then(|| Kept { room: Some(id.to_owned()), head })
}

fn of_statement(rest: &str) -> Option<Kept> {
    let (seq, hash_text) = words(rest.strip_prefix(':')?).next()?.split_once(':')?;
    Some(Kept { room: None, head: Head { seq: seq.parse().ok()?, hash: hash(hash_text)? } })
}

/// 64 hex digits, and marks such as a backtick or a full stop behind them.
fn hash(word: &str) -> Option<[u8; 32]> {
    let (digits, after) = word.split_at_checked(64)?;
    if after.contains(char::is_alphanumeric) { None } else { chain::unhex(digits) }
}

/// The heads that sign-offs name in the statements that were signed.
pub fn heads_claimed<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Claim> {
    records.into_iter().filter_map(claim).collect()
}

fn claim(record: &Record) -> Option<Claim> {
    #[derive(Deserialize)]
    struct Signed {
        #[serde(rename = "type")]
        kind: String,
        statement: Option<String>,
    }
    if !record.text.contains(FIELD) {
        return None;
    }
    let signed: Signed = serde_json::from_str(&record.text).ok()?;
    let statement = signed.statement.filter(|_| signed.kind == "signed_off")?;
    let value = statement.lines().find_map(|line| line.strip_prefix(FIELD))?;
    Some(Claim { by: record.seq, head: of_statement(value)?.head })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(seq: u64) -> Head {
        Head { seq, hash: [0xab; 32] }
    }

    fn said(seq: u64) -> String {
        line("launch", "0198-id", &head(seq))
    }

    #[test]
    fn a_line_is_found_in_what_people_write_around_it() {
        let hash = "ab".repeat(32);
        let table = [
            said(7),
            format!("ana: the end is `{}`.\nbo: thanks", said(7)),
            format!("> {}\n", said(7).replace(" 7 ", "\n> 7 ")),
            format!("talk of a warroom-head and a journal-head, then {}", said(7)),
            format!("warroom-signoff v1\nroom: launch\njournal-head: 7:{hash}\nnonce: 1\n"),
        ];
        for text in table {
            let kept = read(&text).unwrap();
            assert_eq!(kept.len(), 1, "{text}");
            assert_eq!(kept[0].head, head(7), "{text}");
        }
        let both = read(&format!("{}\n{}", said(1), said(2))).unwrap();
        assert_eq!(both.iter().map(|k| k.head.seq).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(both[0].room.as_deref(), Some("0198-id"));
    }

    #[test]
    fn a_line_that_was_cut_or_spoilt_is_said_and_not_passed_over() {
        let whole = said(7);
        let table = [
            whole[..whole.len() - 1].to_owned(),
            format!("{whole}0"),
            whole.replace(" 7 ", " seven "),
            "warroom-head v1".to_owned(),
            "journal-head: 7:abc".to_owned(),
        ];
        for text in table {
            let error = read(&format!("hello\n{text}\n")).unwrap_err();
            assert_eq!(error.line, 2, "{text}");
        }
        assert_eq!(read("nothing here"), Ok(vec![]));
    }

    #[test]
    fn a_room_cannot_put_words_into_its_line() {
        let line = line("a b\u{1b}[2J\nwarroom-head", "id", &head(1));
        assert_eq!(line.split(' ').count(), 6, "{line}");
        assert!(!line.contains(char::is_control), "{line}");
    }

    #[test]
    fn only_the_statement_of_a_sign_off_claims_a_head() {
        let statement = format!("warroom-signoff v1\\njournal-head: 3:{}\\n", "ab".repeat(32));
        let record = |kind: &str, field: &str| Record {
            seq: 9,
            text: format!(r#"{{"v":1,"type":"{kind}","{field}":"{statement}"}}"#),
            hash: [0; 32],
        };
        let claimed = heads_claimed(&[record("signed_off", "statement")]);
        assert_eq!(claimed, [Claim { by: 9, head: head(3) }]);
        assert_eq!(heads_claimed(&[record("note_added", "statement"), record("signed_off", "comment")]), []);
    }
}
