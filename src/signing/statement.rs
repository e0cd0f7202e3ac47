//! The text that is signed: fixed keys in a fixed order, one `key: value` a line, printable ASCII, other
//! bytes as %XX. There is exactly one text for a statement, so nobody can read it in two ways.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The first line.
pub const FIRST: &str = "warroom-signoff v1";

/// The most bytes of a statement.
pub const MAX_STATEMENT: usize = 4096;

/// What a sign-off says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Yes.
    Approve,
    /// No.
    Reject,
    /// Yes, but for what it names.
    ApproveWithExceptions,
}

impl Decision {
    /// As it stands in a statement.
    pub fn word(self) -> &'static str {
        match self {
            Decision::Approve => "approve",
            Decision::Reject => "reject",
            Decision::ApproveWithExceptions => "approve-with-exceptions",
        }
    }

    /// As a log says it.
    pub fn verb(self) -> &'static str {
        match self {
            Decision::Approve => "approved",
            Decision::Reject => "rejected",
            Decision::ApproveWithExceptions => "approved with exceptions",
        }
    }

    fn of(word: &str) -> Option<Self> {
        let all = [Decision::Approve, Decision::Reject, Decision::ApproveWithExceptions];
        all.into_iter().find(|d| d.word() == word)
    }
}

/// Why a text is no statement.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Garbled(String);

/// What somebody signs. Digests are 64 hex digits of SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The room's name.
    pub room: String,
    /// Its environment, so that a rehearsal's statement is none for production.
    pub environment: String,
    /// The plan's bytes.
    pub plan: String,
    /// The id of the phase whose gate asks.
    pub phase: String,
    /// The words of that phase.
    pub phase_digest: String,
    /// Where its items stood, and who said so.
    pub items: String,
    /// What its gate saw.
    pub evidence: String,
    /// The role that is signed for.
    pub role: String,
    /// Yes or no.
    pub decision: Decision,
    /// The exceptions; of no text without any.
    pub exceptions: String,
    /// The comment; of no text without one.
    pub comment: String,
    /// The name in the list of signers.
    pub signer: String,
    /// `SHA256:` and the key's digest.
    pub key: String,
    /// The place and hash in the journal that it stands on.
    pub head: (u64, String),
    /// 32 hex digits, given out by the room for one use.
    pub nonce: String,
    /// When it was signed, to the second.
    pub signed_at: DateTime<Utc>,
    /// Until when it can be recorded.
    pub expires: DateTime<Utc>,
}

const KEYS: [&str; 17] = [
    "room",
    "environment",
    "plan-sha256",
    "phase",
    "phase-sha256",
    "items-sha256",
    "evidence-sha256",
    "role",
    "decision",
    "exceptions-sha256",
    "comment-sha256",
    "signer",
    "key",
    "journal-head",
    "nonce",
    "signed-at",
    "expires",
];

impl Statement {
    /// The one text of it.
    pub fn to_text(&self) -> String {
        let (seq, hash) = &self.head;
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let values = [
            escaped(&self.room),
            escaped(&self.environment),
            self.plan.clone(),
            escaped(&self.phase),
            self.phase_digest.clone(),
            self.items.clone(),
            self.evidence.clone(),
            escaped(&self.role),
            self.decision.word().to_owned(),
            self.exceptions.clone(),
            self.comment.clone(),
            escaped(&self.signer),
            self.key.clone(),
            format!("{seq}:{hash}"),
            self.nonce.clone(),
            time(self.signed_at),
            time(self.expires),
        ];
        let mut text = format!("{FIRST}\n");
        for (key, value) in KEYS.iter().zip(values) {
            writeln!(text, "{key}: {value}").expect("writing to a String cannot fail");
        }
        text
    }

    /// Reads a statement: exactly the texts that [`Statement::to_text`] makes.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn parse(bytes: &[u8]) -> Result<Self, Garbled> {
        let bad = |why: &str| Garbled(format!("the statement {why}"));
        if bytes.len() > MAX_STATEMENT {
            return Err(bad(&format!("has {} bytes, at most {MAX_STATEMENT} are read", bytes.len())));
        }
        if let Some(odd) = bytes.iter().find(|b| !matches!(b, b'\n' | b' '..=b'~')) {
            return Err(bad(&format!("has a byte that is not printable ASCII: {odd:02X}")));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| bad("is not ASCII"))?;
        let mut lines = text.split('\n');
        if lines.next() != Some(FIRST) {
            return Err(bad(&format!("does not begin with “{FIRST}”")));
        }
        let mut fields = Fields { lines };
        let statement = Self::read(&mut fields)?;
        match statement.to_text() == text {
            true => Ok(statement),
            false => Err(bad("is not written in its one form")),
        }
    }

    fn read(fields: &mut Fields<'_>) -> Result<Self, Garbled> {
        let mut keys = KEYS.iter();
        let mut next = || fields.next(keys.next().expect("as many as are asked for"));
        Ok(Self {
            room: unescaped(next()?)?,
            environment: unescaped(next()?)?,
            plan: hex(next()?, 64)?,
            phase: unescaped(next()?)?,
            phase_digest: hex(next()?, 64)?,
            items: hex(next()?, 64)?,
            evidence: hex(next()?, 64)?,
            role: unescaped(next()?)?,
            decision: Decision::of(next()?).ok_or_else(|| Garbled("the decision is none".to_owned()))?,
            exceptions: hex(next()?, 64)?,
            comment: hex(next()?, 64)?,
            signer: unescaped(next()?)?,
            key: fingerprint(next()?)?,
            head: head(next()?)?,
            nonce: hex(next()?, 32)?,
            signed_at: time(next()?)?,
            expires: time(next()?)?,
        })
    }
}

/// Lines, each with the key that has to be there.
struct Fields<'a> {
    lines: std::str::Split<'a, char>,
}

impl<'a> Fields<'a> {
    fn next(&mut self, key: &str) -> Result<&'a str, Garbled> {
        let line = self.lines.next().unwrap_or_default();
        let value = line.strip_prefix(key).and_then(|rest| rest.strip_prefix(": "));
        value.ok_or_else(|| Garbled(format!("the statement has {line:?} where {key} has to be")))
    }
}

/// Lower-case hex of the SHA-256 of a text.
pub fn digest_of(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Printable ASCII as it is, but for `%` and a blank at either end.
fn escaped(value: &str) -> String {
    let (mut out, last) = (String::new(), value.len().saturating_sub(1));
    for (at, byte) in value.bytes().enumerate() {
        let outer = byte == b' ' && (at == 0 || at == last);
        match byte {
            b' '..=b'~' if byte != b'%' && !outer => out.push(char::from(byte)),
            _ => write!(out, "%{byte:02X}").expect("writing to a String cannot fail"),
        }
    }
    out
}

fn unescaped(value: &str) -> Result<String, Garbled> {
    let bad = || Garbled(format!("the value {value:?} is not written in its one form"));
    let (mut out, mut bytes) = (vec![], value.bytes());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digits = [bytes.next().ok_or_else(bad)?, bytes.next().ok_or_else(bad)?];
        let digits = std::str::from_utf8(&digits).map_err(|_| bad())?;
        out.push(u8::from_str_radix(digits, 16).map_err(|_| bad())?);
    }
    String::from_utf8(out).map_err(|_| bad())
}

fn hex(value: &str, digits: usize) -> Result<String, Garbled> {
    let fits = value.len() == digits && value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    fits.then(|| value.to_owned()).ok_or_else(|| Garbled(format!("{value:?} is no {digits} hex digits")))
}

fn fingerprint(value: &str) -> Result<String, Garbled> {
    let base64 = value.strip_prefix("SHA256:").unwrap_or_default();
    let fits = base64.len() == 43 && base64.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b));
    fits.then(|| value.to_owned()).ok_or_else(|| Garbled(format!("{value:?} is no key's SHA256")))
}

fn head(value: &str) -> Result<(u64, String), Garbled> {
    let bad = || Garbled(format!("{value:?} is no place in a journal"));
    let (seq, hash) = value.split_once(':').ok_or_else(bad)?;
    Ok((seq.parse().map_err(|_| bad())?, hex(hash, 64)?))
}

fn time(value: &str) -> Result<DateTime<Utc>, Garbled> {
    let read = DateTime::parse_from_rfc3339(value).map(|at| at.to_utc());
    read.map_err(|_| Garbled(format!("{value:?} is no time")))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn sample() -> Statement {
        let digest = digest_of("x");
        Statement {
            room: "checkout-production".into(),
            environment: "production".into(),
            plan: digest.clone(),
            phase: "p3".into(),
            phase_digest: digest.clone(),
            items: digest.clone(),
            evidence: digest.clone(),
            role: "Engineering Lead".into(),
            decision: Decision::Approve,
            exceptions: digest_of(""),
            comment: digest_of(""),
            signer: "ana@example.com".into(),
            key: format!("SHA256:{}", "A".repeat(43)),
            head: (12, digest),
            nonce: "0".repeat(32),
            signed_at: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            expires: DateTime::from_timestamp(1_790_000_900, 0).unwrap(),
        }
    }

    #[test]
    fn a_statement_is_lines_that_anybody_can_read() {
        let text = sample().to_text();
        assert!(text.starts_with("warroom-signoff v1\nroom: checkout-production\n"), "{text}");
        assert!(text.ends_with("expires: 2026-09-21T14:28:20Z\n"), "{text}");
        assert_eq!(Statement::parse(text.as_bytes()), Ok(sample()));
    }

    #[test]
    fn a_text_that_could_be_read_in_two_ways_is_refused() {
        let text = sample().to_text();
        let line = "role: Engineering Lead\n";
        for (what, other) in [
            ("CRLF", text.replace('\n', "\r\n")),
            ("a key twice", text.replace(line, &format!("{line}{line}"))),
            (
                "keys swapped",
                text.replace(
                    "room: checkout-production\nenvironment: production",
                    "environment: production\nroom: checkout-production",
                ),
            ),
            ("a homoglyph", text.replace("ana@", "аna@")),
            ("needless escape", text.replace("ana@", "%61na@")),
            ("small escape", text.replace("role: Eng", "role: %c3%84ng")),
            ("blank at the end", text.replace("Lead\n", "Lead \n")),
            ("two blanks", text.replace("role: ", "role:  ")),
            ("more behind", format!("{text}x")),
            ("no last line end", text.trim_end().to_owned()),
            ("an empty line", format!("{text}\n")),
            ("another time form", text.replace("14:28:20Z", "14:28:20+00:00")),
            ("a fraction", text.replace("14:28:20Z", "14:28:20.000Z")),
            ("a zero before a number", text.replace("journal-head: 12", "journal-head: 012")),
            ("a plus before a number", text.replace("journal-head: 12", "journal-head: +12")),
            ("large hex", text.replacen("plan-sha256: 2d", "plan-sha256: 2D", 1)),
            ("another word", text.replace(": approve\n", ": Approve\n")),
            ("another version", text.replace("v1\n", "v2\n")),
            ("a tab", text.replace("Engineering Lead", "Engineering\tLead")),
            ("nothing", String::new()),
        ] {
            assert_ne!(other, text, "{what} changes it");
            assert!(Statement::parse(other.as_bytes()).is_err(), "{what}");
        }
        assert!(Statement::parse(&vec![b'a'; MAX_STATEMENT + 1]).is_err());
    }

    proptest! {
        #[test]
        fn whatever_it_says_reads_back(room in ".*", role in "\\PC{0,40}", signer in "[ %a-zа-я]{0,30}") {
            let statement = Statement { room, role, signer, ..sample() };
            let text = statement.to_text();
            prop_assert!(text.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)));
            if text.len() <= MAX_STATEMENT {
                prop_assert_eq!(Statement::parse(text.as_bytes()), Ok(statement));
            }
        }

        #[test]
        fn what_is_read_is_written_the_same(at in 0usize..1200, byte in 0u8..=255) {
            let mut bytes = sample().to_text().into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(read) = Statement::parse(&bytes) {
                prop_assert_eq!(read.to_text().into_bytes(), bytes);
            }
        }
    }
}
