//! The audit of a journal file: every link of its chain, the bytes of its plans, the room's own row,
//! and every head that is known from elsewhere. Looks at one state of the file and writes nothing, so
//! it works on a copy, on a read-only disk, and beside those who write. `warroom verify` prints it.

mod evidence;
mod fault;
pub mod heads;
mod walk;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use self::heads::{Claim, Kept, heads_claimed};
use super::chain::{self, Head, Record};
use super::sqlite::fault as sentence;
use super::{JournalError, Meta, remembered, rows};
use crate::room::Event;

pub use fault::Fault;
pub use walk::Flaw;

/// Where a head is known from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This computer remembers it, in this file.
    Machine(PathBuf),
    /// A sign-off names it in what was signed.
    SignOff {
        /// The sign-off's own place.
        seq: u64,
    },
    /// Somebody kept it elsewhere and says it now.
    Said,
}

/// How a journal stands to a head that was known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It ends there.
    Equal,
    /// It went on from there.
    Ancestor,
    /// It ends before: its history went backwards.
    Behind {
        /// Where it ends.
        ends: u64,
    },
    /// It is another history.
    Forked {
        /// Up to here it is known to be the same one.
        after: u64,
    },
    /// The head is another room's.
    OtherRoom,
    /// The chain is broken before it.
    Unreached,
}

impl Standing {
    /// As JSON says it.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Equal => "equal",
            Standing::Ancestor => "ancestor",
            Standing::Behind { .. } => "behind",
            Standing::Forked { .. } => "forked",
            Standing::OtherRoom => "other-room",
            Standing::Unreached => "unreached",
        }
    }

    /// Whether the journal holds what was known.
    pub fn holds(self) -> bool {
        matches!(self, Standing::Equal | Standing::Ancestor)
    }
}

/// A head from elsewhere, and how the journal stands to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Where it is known from.
    pub origin: Origin,
    /// What is known.
    pub head: Head,
    /// What was found.
    pub standing: Standing,
}

/// What was found out about a journal file.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The room's own row.
    pub meta: Meta,
    /// As far as the chain holds.
    pub head: Head,
    /// Plans kept beside the events.
    pub plans: usize,
    /// Every head known from elsewhere.
    pub compared: Vec<Compared>,
    /// What is wrong, the first bad event first.
    pub faults: Vec<Fault>,
}

impl Audit {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Audits the journal at `path` against heads that were said, against those that `folders` of rooms
/// remember, and against those inside sign-offs. `see` is told every record that verifies.
///
/// # Errors
/// The file is no journal, or cannot be read at all.
pub fn audit(
    path: &Path,
    said: &[Kept],
    folders: &[PathBuf],
    see: &mut dyn FnMut(&Record),
) -> Result<Audit, JournalError> {
    // Read before the file, so that an append in between cannot look like a history that went backwards.
    let remembered = Memory { beside: remembered::kept(path), elsewhere: remembered::all(folders) };
    let evidence = evidence::open(path)?;
    let mut examined = || -> rusqlite::Result<Audit> {
        let one_state = evidence.conn.unchecked_transaction()?;
        examine(&one_state, said, &remembered, see)
    };
    examined().map_err(|error| sentence(path, &error))
}

/// What this computer remembers: of the file, whatever room it is, and of all rooms.
#[derive(Default)]
struct Memory {
    beside: Option<(PathBuf, Kept)>,
    elsewhere: Vec<(PathBuf, Kept)>,
}

/// The audit itself, over one state of the tables.
fn examine(
    conn: &Connection,
    said: &[Kept],
    memory: &Memory,
    see: &mut dyn FnMut(&Record),
) -> rusqlite::Result<Audit> {
    let meta = rows::read_meta(conn)?;
    let mut seen = Seen::default();
    let walked = walk::walk(conn, &mut |record| {
        seen.look(record);
        see(record);
    })?;
    let broken = walked.broken.map(|(seq, flaw)| Fault::Event { seq, flaw });
    let mut faults: Vec<Fault> =
        rows::before_first(conn)?.map(|seq| Fault::Before { seq }).into_iter().collect();
    faults.extend(broken);
    faults.extend(seen.row_faults(&meta));
    let plans = check_plans(conn, &seen.adopted, &mut faults)?;
    let known = known(&meta, said, memory, &seen.claims);
    let compared = compare(conn, walked.head, faults.iter().any(Fault::is_break), known)?;
    faults.extend(compared.iter().filter(|c| !c.standing.holds()).cloned().map(Fault::Head));
    Ok(Audit { meta, head: walked.head, plans, compared, faults })
}

/// What the audit must know of the events.
#[derive(Default)]
struct Seen {
    claims: Vec<Claim>,
    /// Digests of plans, with the place that first adopts each.
    adopted: Vec<(String, u64)>,
    opened: Option<(String, String)>,
}

impl Seen {
    fn look(&mut self, record: &Record) {
        self.claims.extend(heads_claimed([record]));
        // Cheap looks at the text, so that only what matters is parsed.
        let may_open = record.seq == 1 && record.text.contains("room_opened");
        if !may_open && !record.text.contains("plan_adopted") {
            return;
        }
        match record.entry().event {
            Event::RoomOpened { plan_path, environment, .. } if may_open => {
                self.opened = Some((plan_path, environment));
            }
            Event::PlanAdopted { digest, .. } if !self.adopted.iter().any(|(known, _)| *known == digest) => {
                self.adopted.push((digest, record.seq));
            }
            _ => {}
        }
    }

    /// The room's row says what its first event said.
    fn row_faults(&self, meta: &Meta) -> Vec<Fault> {
        let Some((plan, environment)) = &self.opened else { return vec![] };
        let row = [
            ("plan", meta.plan.display().to_string(), plan),
            ("environment", meta.environment.clone(), environment),
        ];
        let differs = row.into_iter().filter(|(_, found, told)| found != *told);
        differs.map(|(field, found, told)| Fault::Row { field, found, told: told.clone() }).collect()
    }
}

/// Compares every kept plan with its digest, and finds every adopted one among them.
fn check_plans(
    conn: &Connection,
    adopted: &[(String, u64)],
    faults: &mut Vec<Fault>,
) -> rusqlite::Result<usize> {
    let mut statement = conn.prepare("SELECT digest, bytes FROM plan ORDER BY digest")?;
    let mut rows = statement.query([])?;
    let mut kept = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let digest: String = row.get(0)?;
        let is_whole = row.get_ref(1)?.as_bytes().is_ok_and(|bytes| chain::digest(bytes) == digest);
        if !is_whole {
            faults.push(Fault::Plan { digest: digest.clone() });
        }
        kept.insert(digest);
    }
    let lost = adopted.iter().filter(|(digest, _)| !kept.contains(digest));
    faults.extend(lost.map(|(digest, seq)| Fault::NoPlan { digest: digest.clone(), seq: *seq }));
    Ok(kept.len())
}

/// A head to compare, and whether it is another room's.
struct Known {
    origin: Origin,
    head: Head,
    other_room: bool,
}

fn known(meta: &Meta, said: &[Kept], memory: &Memory, claims: &[Claim]) -> Vec<Known> {
    let one = |origin, kept: &Kept| Known {
        origin,
        head: kept.head,
        other_room: kept.room.as_ref().is_some_and(|room| *room != meta.id),
    };
    let here = |(file, kept): &&(PathBuf, Kept)| {
        kept.room.as_deref() == Some(&meta.id) && memory.beside.as_ref().is_none_or(|(own, _)| own != file)
    };
    let remembered = memory.beside.iter().chain(memory.elsewhere.iter().filter(here));
    let machine = remembered.map(|(file, kept)| one(Origin::Machine(file.clone()), kept));
    let signed = claims.iter().map(|claim| Known {
        origin: Origin::SignOff { seq: claim.by },
        // Nobody can have signed what came after: that is another history.
        head: if claim.head.seq < claim.by { claim.head } else { Head { hash: [0; 32], ..claim.head } },
        other_room: false,
    });
    // Among the lines of many rooms only this one's count, if it is there at all.
    let is_ours = |kept: &&Kept| kept.room.as_ref().is_none_or(|room| *room == meta.id);
    let any_ours = said.iter().any(|kept| is_ours(&kept));
    let said = said.iter().filter(|kept| !any_ours || is_ours(kept));
    machine.chain(signed).chain(said.map(|kept| one(Origin::Said, kept))).collect()
}

fn compare(
    conn: &Connection,
    head: Head,
    is_broken: bool,
    known: Vec<Known>,
) -> rusqlite::Result<Vec<Compared>> {
    let mut compared = Vec::with_capacity(known.len());
    for Known { origin, head: kept, other_room } in known {
        let standing = if other_room {
            Standing::OtherRoom
        } else if kept == head && !is_broken {
            Standing::Equal
        } else if kept.seq > head.seq {
            if is_broken { Standing::Unreached } else { Standing::Behind { ends: head.seq } }
        } else if rows::hash_at(conn, kept.seq)? == Some(kept.hash) {
            Standing::Ancestor
        } else {
            Standing::Forked { after: 0 }
        };
        compared.push(Compared { origin, head: kept, standing });
    }
    let same: BTreeSet<u64> = compared.iter().filter(|c| c.standing.holds()).map(|c| c.head.seq).collect();
    for one in &mut compared {
        if let Standing::Forked { after } = &mut one.standing {
            *after = same.range(..one.head.seq).next_back().copied().unwrap_or(0);
        }
    }
    Ok(compared)
}
