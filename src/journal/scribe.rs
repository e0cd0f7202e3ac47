//! The scribe: the one thread of a process that writes a room's journal, so that no key ever waits
//! for a disk. It owns the store and a fold of its own, judges every intent against the end it
//! appends to, and reports what was stored, by whomever. The runtime asks it and passes its
//! reports on; it never draws and never judges by itself what `room` has not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::samples::{Inbox, Keeping};
use super::writer::Writer;
use super::{Asked, JournalError, Lease, Past, Recovery, Store, Why};
use crate::plan::Plan;
use crate::plan::binding::Binding;
use crate::room::{Actor, Entry, Intent, Refusal, Room};
use crate::signal::{Memory, Sample};

/// So many asks may wait for the disk; more are turned away.
pub const QUEUE: usize = 1_000;

/// What a scribe can be asked.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Judge an intent and store what comes of it.
    Submit {
        /// Comes back with the answer.
        ticket: u64,
        /// What is wanted.
        intent: Intent,
        /// By whom.
        actor: Actor,
    },
    /// Keep a plan's bytes and follow them from here on.
    Adopt {
        /// Comes back with the answer.
        ticket: u64,
        /// What is to be followed.
        edition: Edition,
        /// By whom.
        actor: Actor,
    },
}

impl Ask {
    /// The ticket it was asked with.
    pub fn ticket(&self) -> u64 {
        match self {
            Ask::Submit { ticket, .. } | Ask::Adopt { ticket, .. } => *ticket,
        }
    }
}

/// A plan's bytes and their reading.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The raw bytes.
    pub bytes: Arc<[u8]>,
    /// What was read from exactly these bytes.
    pub plan: Arc<Plan>,
}

/// What goes first into the journal of a new room.
#[derive(Clone, Debug)]
pub struct Founding {
    /// An [`Intent::OpenRoom`]; the room's name is filled in by the scribe.
    pub open: Intent,
    /// The plan it follows.
    pub edition: Edition,
    /// Who opens it.
    pub actor: Actor,
    /// An [`Intent::AdoptSigners`], where signatures count from the start.
    pub signers: Option<Intent>,
}

impl Founding {
    /// The same, with these signers; a rehearsal counts no signatures.
    #[must_use]
    pub fn signed_by(self, signers: Option<Intent>) -> Self {
        let real = |open: &Intent| !matches!(open, Intent::OpenRoom { environment, .. } if environment == super::REHEARSAL);
        Self { signers: signers.filter(|_| real(&self.open)), ..self }
    }
}

/// Something that is wrong with the journal, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The sentence.
    pub why: String,
    /// What to do next.
    pub hint: &'static str,
    /// Whether the history itself is not what it was: then nothing that is read from it can be trusted.
    pub history: bool,
}

impl Trouble {
    /// A trouble of anything but the history.
    pub fn new(why: String, hint: &'static str) -> Self {
        Self { why, hint, history: false }
    }
}

impl From<&JournalError> for Trouble {
    fn from(error: &JournalError) -> Self {
        let history = matches!(error, JournalError::Broken { .. } | JournalError::Backwards { .. });
        Self { why: error.to_string(), hint: error.hint(), history }
    }
}

impl From<&Why> for Trouble {
    fn from(why: &Why) -> Self {
        Self { why: why.to_string(), hint: why.hint(), history: why.is_of_history() }
    }
}

/// What the journal can do at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It stores.
    Live,
    /// It can only be looked at, as long as it stays open.
    ViewOnly(Trouble),
    /// It does not store, and is tried again.
    Failing(Trouble),
}

/// What a scribe says. Everything after `Opened` is in the order in which it was stored.
#[derive(Clone, Debug)]
pub enum Report {
    /// The journal was damaged and moved aside; `Opened` or `NotOpened` follows.
    Recovered(Recovery),
    /// Before `Opened`: the room as it was kept, to be looked at while all of the journal is verified.
    /// Nothing may be done by it.
    Glimpsed(Box<Room>),
    /// All of the journal is read and verified; this is the room.
    Opened {
        /// The fold of everything so far.
        room: Box<Room>,
        /// It had no event before.
        fresh: bool,
    },
    /// After `Opened`: where the samples of before are, and what the rules remember.
    Past {
        /// Where.
        past: Past,
        /// What the rules knew when they were last judged.
        memory: Option<Memory>,
    },
    /// Samples are lost from here on, and why; events are not.
    NotKept(Trouble),
    /// There is no journal to work with; nothing follows, and every ask fails.
    NotOpened(Trouble),
    /// These were stored. `plan` comes with an adopted plan, `ticket` with one's own.
    Recorded {
        /// What was stored.
        entries: Vec<Entry>,
        /// The reading the room follows from here on, if it changed.
        plan: Option<Arc<Plan>>,
        /// Whose ask it was, if it was asked of this scribe.
        ticket: Option<u64>,
    },
    /// The intent was judged and refused.
    Refused {
        /// Whose ask it was.
        ticket: u64,
        /// Why not.
        refusal: Refusal,
    },
    /// The intent was not stored.
    Failed {
        /// Whose ask it was.
        ticket: u64,
        /// Why not.
        trouble: Trouble,
    },
    /// The journal can do more or less than before.
    Health(Health),
    /// The watch went to somebody, or to nobody.
    Watch(Lease),
    /// The room follows a plan whose bytes the journal does not have; the last reading stays.
    PlanMissing(Trouble),
}

/// A store, and the name its room goes by.
pub type Opened = (Box<dyn Store>, String);

/// See [`Options::clock`].
pub type Clock = Arc<dyn Fn() -> chrono::DateTime<chrono::Utc> + Send + Sync>;

/// Opens the store; called again after a damaged journal was moved aside.
pub type Open = Box<dyn FnMut() -> Result<Opened, JournalError> + Send>;

/// Reads a plan's bytes.
pub type Read = Box<dyn Fn(&[u8]) -> Plan + Send>;

/// How a scribe works.
pub struct Options {
    /// The name under which it holds the watch.
    pub name: String,
    /// Whether it wants the watch at all; without, it never takes it, and says whose it is only of a
    /// journal that was opened to be looked at.
    pub watch: bool,
    /// Whether it may measure; while it may not, it has the watch only until somebody comes who may.
    pub measures: bool,
    /// Whether a damaged journal may be moved aside.
    pub recover: bool,
    /// Why nothing is to be stored, whatever the journal could.
    pub view_only: Option<Trouble>,
    /// What a journal without events begins with.
    pub founding: Option<Founding>,
    /// A reading made already, used where the room follows the same bytes.
    pub plan: Option<Arc<Plan>>,
    /// How often it looks for what others stored.
    pub poll: Duration,
    /// How often it renews the watch.
    pub renew: Duration,
    /// What the time is; another clock than the machine's in a rehearsal at speed.
    pub clock: Clock,
    /// How long samples are kept; not at all where it is zero.
    pub keep: chrono::TimeDelta,
    /// Whether a kept room may be shown first, and one is kept for the next time. For screens; whoever
    /// judges or prints waits until all is verified.
    pub glimpse: bool,
    /// Waits before every commit: a slow disk, for tests.
    pub commit_delay: Option<Duration>,
}

impl Options {
    /// The usual ones, for somebody who wants the watch.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            watch: true,
            measures: true,
            recover: true,
            view_only: None,
            founding: None,
            plan: None,
            poll: Duration::from_millis(300),
            renew: Duration::from_secs(2),
            clock: Arc::new(chrono::Utc::now),
            keep: super::KEPT,
            glimpse: false,
            commit_delay: None,
        }
    }
}

/// Why an ask was not even taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// [`QUEUE`] asks are waiting.
    #[error("not taken: {QUEUE} entries wait for the journal already")]
    Full,
    /// The scribe has ended.
    #[error("not taken: the journal is not being written any more")]
    Gone,
}

/// The handle on a scribe. Dropping it lets the scribe finish alone what it was asked.
#[derive(Debug)]
pub struct Scribe {
    asks: SyncSender<Ask>,
    closing: Arc<AtomicBool>,
    done: Receiver<()>,
    thread: JoinHandle<()>,
    inbox: Inbox,
}

impl Scribe {
    /// Starts a scribe. It opens the journal on its own thread and calls `report` from there.
    pub fn start(
        open: Open,
        read: Read,
        options: Options,
        report: impl FnMut(Report) + Send + 'static,
    ) -> Self {
        let (asks, queue) = mpsc::sync_channel(QUEUE);
        let (finished, done) = mpsc::channel::<()>();
        let closing = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&closing);
        let inbox = Inbox::default();
        let keeping = Keeping::new(inbox.clone());
        let work = move || {
            // Dropped when the thread ends, however it ends.
            let _finished = finished;
            Writer::work(open, read, options, Box::new(report), stop, (&queue, keeping));
        };
        let thread = thread::Builder::new().name("scribe".to_owned()).spawn(work);
        let thread = thread.expect("a process can have one more thread");
        Self { asks, closing, done, thread, inbox }
    }

    /// Hands an ask over without waiting; the answer is a [`Report`] with its ticket.
    ///
    /// # Errors
    /// `NotTaken`; then no report follows.
    pub fn ask(&self, ask: Ask) -> Result<(), NotTaken> {
        self.asks.try_send(ask).map_err(|error| match error {
            TrySendError::Full(_) => NotTaken::Full,
            TrySendError::Disconnected(_) => NotTaken::Gone,
        })
    }

    /// Says what is measured, so that [`Scribe::keep`] can speak of it by its place in the binding.
    pub fn measured(&self, binding: &Binding) {
        self.inbox.name(Asked::all(binding));
    }

    /// Has samples kept beside the events by whoever has the watch. Never waits, and promises
    /// nothing: what a disk does not take is lost, with one [`Report::NotKept`].
    pub fn keep(&self, signal: usize, samples: &[Sample]) {
        self.inbox.put(signal, samples);
    }

    /// Has the rules' memory kept, instead of the one before.
    pub fn remember(&self, memory: Memory) {
        self.inbox.remember(memory);
    }

    /// Lets it store what it was asked, give the watch back and close; `false` when that took
    /// longer than `within` and it was left alone.
    pub fn close(self, within: Duration) -> bool {
        self.closing.store(true, Ordering::Relaxed);
        drop(self.asks);
        let ended = self.done.recv_timeout(within) != Err(RecvTimeoutError::Timeout);
        ended && self.thread.join().is_ok()
    }
}
