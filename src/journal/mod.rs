//! The journal: the ordered, hash-chained events of a room, kept where nothing is lost.
//!
//! A store keeps exact UTF-8 texts and knows nothing of what they mean: `room` gives them meaning,
//! the scribe brings both together on a thread of its own. [`Store`] is the one seam; the same
//! contract test runs over every implementation. Nothing here draws, judges or polls a source.

pub mod audit;
pub mod chain;
mod disk;
mod error;
mod glimpse;
pub mod lease;
mod memory;
mod opening;
mod remembered;
mod rooms;
mod rows;
mod salvage;
mod samples;
mod schema;
mod scribe;
mod sqlite;
mod story;
mod writer;

#[cfg(test)]
mod contract;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod glimpsing;
#[cfg(test)]
mod scribing;

use std::path::PathBuf;

pub use chain::{Broken, Head, Record};
pub use error::{AppendError, JournalError, Why};
pub use glimpse::Glimpse;
pub use lease::{Holder, Lease};
pub use memory::MemoryStore;
pub use opening::How;
pub use rooms::{Entered, Listed, REHEARSAL, Rooms, Summary, safe_name};
pub use salvage::{Recovery, RoomOf, recover};
pub use samples::{Asked, KEPT, Past, Reader, SampleLog};
pub use scribe::{
    Ask, Clock, Edition, Founding, Health, Open, Opened, Options, QUEUE, Read, Report, Scribe, Trouble,
};
pub use sqlite::SqliteStore;
pub use story::Story;

/// The most records one [`Store::after`] hands out, so that a huge journal never stands in memory twice.
pub const PAGE: usize = 4096;

/// What is known of a room without reading its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Made once, at creation; tells a room from another that later takes its name.
    pub id: String,
    /// The canonical path of the plan.
    pub plan: PathBuf,
    /// "production", "staging", … as the room was created; may be empty.
    pub environment: String,
    /// Milliseconds since 1970.
    pub created_ms: i64,
    /// When the room was closed, milliseconds since 1970. A cache of what the events say.
    pub closed_ms: Option<i64>,
}

/// Whether a store takes writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenedAs {
    /// It does.
    Writable,
    /// It only shows, for this reason.
    ReadOnly(Why),
}

/// Where events are kept. One handle belongs to one thread; several handles and processes may
/// share what is behind them.
///
/// A handle remembers the end up to which it has verified the chain. It reads onwards from there
/// and appends only to that end, so nothing is ever written on top of an unread or broken history.
pub trait Store: Send {
    /// Up to [`PAGE`] records after `seq`, each verified against the one before it; empty when
    /// nothing newer is there. `seq` must be 0 or a place already handed out.
    ///
    /// # Errors
    /// [`JournalError::Broken`] when the very next record fails (the good ones before it were
    /// handed out first, and the store is view-only from then on); [`JournalError::Backwards`]
    /// when what was handed out is no longer there.
    fn after(&mut self, seq: u64) -> Result<Vec<Record>, JournalError>;

    /// Appends all `texts` or none, and returns only when they are on the disk.
    ///
    /// # Errors
    /// [`AppendError::Moved`] when `after` is not the end of the journal, read and verified by this
    /// handle. After [`JournalError::Storage`] it is unknown whether the texts were kept:
    /// [`Store::reopen`] and read on to find out.
    fn append(&mut self, after: u64, texts: &[String]) -> Result<Vec<Record>, AppendError>;

    /// Whether [`Store::after`] the verified end would find something. Cheap enough to ask often.
    ///
    /// # Errors
    /// The store cannot be read.
    fn changed(&mut self) -> Result<bool, JournalError>;

    /// The end up to which this handle has verified the chain.
    fn head(&self) -> Head;

    /// Whether writes are taken, and if not why.
    fn opened_as(&self) -> &OpenedAs;

    /// Keeps the exact bytes of a plan under their digest ([`chain::digest`]).
    ///
    /// # Errors
    /// [`JournalError::PlanBytes`] when the bytes have another digest.
    fn keep_plan(&mut self, digest: &str, bytes: &[u8]) -> Result<(), JournalError>;

    /// A kept plan's bytes, compared with their digest.
    ///
    /// # Errors
    /// [`JournalError::PlanBytes`] when they were changed.
    fn plan(&mut self, digest: &str) -> Result<Option<Vec<u8>>, JournalError>;

    /// Takes or renews the watch for `me`, or says whose it is. Not synced: losing it loses nothing.
    ///
    /// # Errors
    /// The store cannot be written.
    fn renew_lease(&mut self, me: &Holder, now_ms: i64) -> Result<Lease, JournalError>;

    /// Gives the watch back if it is `me` who holds it.
    ///
    /// # Errors
    /// The store cannot be written.
    fn release_lease(&mut self, me: &Holder) -> Result<(), JournalError>;

    /// The room's own row.
    ///
    /// # Errors
    /// The store cannot be read.
    fn meta(&mut self) -> Result<Meta, JournalError>;

    /// Notes in the room's row that the events close it (`None`: that it is open again).
    ///
    /// # Errors
    /// The store cannot be written.
    fn mark_closed(&mut self, at_ms: Option<i64>) -> Result<(), JournalError>;

    /// Where the samples beside the events are; none where a store keeps none.
    fn past(&self) -> Option<Past> {
        None
    }

    /// The writing end of them, which forgets what is older than `keep`; none where nothing is kept.
    ///
    /// # Errors
    /// They cannot be written, though events may be.
    fn samples(&self, keep: chrono::TimeDelta) -> Result<Option<SampleLog>, JournalError> {
        let _ = keep;
        Ok(None)
    }

    /// A room kept by [`Store::keep_glimpse`], not verified; none where nothing fitting is kept.
    fn glimpse(&mut self) -> Option<Glimpse> {
        None
    }

    /// Keeps a room's text instead of the one before; an empty one forgets it. Not synced: losing it
    /// costs only time.
    ///
    /// # Errors
    /// The store cannot be written.
    fn keep_glimpse(&mut self, text: &str) -> Result<(), JournalError> {
        let _ = text;
        Ok(())
    }

    /// Lets go of a connection that failed and opens a fresh one, which must still hold the
    /// verified end.
    ///
    /// # Errors
    /// It still cannot be opened, or [`JournalError::Backwards`].
    fn reopen(&mut self) -> Result<(), JournalError>;
}
