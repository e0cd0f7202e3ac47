//! The walk along a chain as it is stored: to its end, or to the first place that does not follow, with
//! what is wrong there. Judges rows only; what they mean is told to whoever looks on.

use rusqlite::{Connection, Row};

use crate::journal::chain::{Head, Record};
use crate::journal::rows;

/// What is wrong at the first bad place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Nothing stands there.
    #[error("it is missing; the next event stored is {next}")]
    Missing {
        /// The next place that is taken.
        next: u64,
    },
    /// What belongs there stands further on.
    #[error("another event stands in its place; the one that belongs there is now event {to}")]
    Displaced {
        /// Where.
        to: u64,
    },
    /// What follows builds on its hash, and its text gives another.
    #[error("its text is not the one that was stored, or events before it were taken out or put in")]
    Text,
    /// What follows builds on its text, and its hash is another.
    #[error("its hash is not the one that was stored")]
    Hash,
    /// The last one, whose text and hash do not fit.
    #[error("its text or its hash is not the one that was stored")]
    Last,
    /// Neither text nor hash is what the next one builds on.
    #[error("neither its text nor its hash is the one that the next event builds on")]
    Both,
    /// A field is not of its kind.
    #[error("its {0} cannot be read")]
    Unreadable(&'static str),
}

/// How far a chain holds.
pub(super) struct Walked {
    pub head: Head,
    /// The first place that does not follow.
    pub broken: Option<(u64, Flaw)>,
}

/// Walks from the empty journal, telling `see` every record that verifies.
pub(super) fn walk(conn: &Connection, see: &mut dyn FnMut(&Record)) -> rusqlite::Result<Walked> {
    let mut statement = conn.prepare("SELECT seq, text, hash FROM event WHERE seq > 0 ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut head = Head::default();
    while let Some(row) = rows.next()? {
        match rows::record(row).filter(|record| head.admits(record)) {
            Some(record) => {
                head = record.head();
                see(&record);
            }
            None => {
                let found = Found::of(row)?;
                drop(rows);
                let flaw = flaw(conn, head, &found)?;
                return Ok(Walked { head, broken: Some((head.seq + 1, flaw)) });
            }
        }
    }
    Ok(Walked { head, broken: None })
}

/// A row as it stands.
struct Found {
    seq: u64,
    text: Option<String>,
    hash: Option<[u8; 32]>,
}

impl Found {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { seq: rows::seq(row)?, text: rows::text(row), hash: rows::hash(row, 2) })
    }
}

fn flaw(conn: &Connection, head: Head, found: &Found) -> rusqlite::Result<Flaw> {
    if found.seq != head.seq + 1 {
        return Ok(Flaw::Missing { next: found.seq });
    }
    let Some(text) = &found.text else { return Ok(Flaw::Unreadable("text")) };
    let computed = head.next(text).hash;
    let mut next = conn.prepare("SELECT seq, text, hash FROM event WHERE seq = ?1")?;
    let next = next.query_row([rows::int(found.seq + 1)], |row| Ok(rows::record(row)));
    let Ok(Some(next)) = next else { return Ok(Flaw::Last) };
    let builds_on = |hash| Head { seq: found.seq, hash }.admits(&next);
    Ok(if builds_on(computed) {
        Flaw::Hash
    } else if found.hash.is_some_and(builds_on) {
        Flaw::Text
    } else if let Some(to) = displaced(conn, head)? {
        Flaw::Displaced { to }
    } else {
        Flaw::Both
    })
}

/// Where further on the event stands that continues `head`.
fn displaced(conn: &Connection, head: Head) -> rusqlite::Result<Option<u64>> {
    let mut later = conn.prepare("SELECT seq, text, hash FROM event WHERE seq > ?1 ORDER BY seq")?;
    let mut rows = later.query([rows::int(head.seq + 1)])?;
    while let Some(row) = rows.next()? {
        let continues = |record: &Record| head.next(&record.text).hash == record.hash;
        if let Some(record) = rows::record(row).filter(continues) {
            return Ok(Some(record.seq));
        }
    }
    Ok(None)
}
