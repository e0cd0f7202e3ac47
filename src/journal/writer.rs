//! The scribe's thread: reads the journal into a room, judges and appends what it is asked,
//! follows what other processes append, keeps the watch, and gets over a failing disk. A decision
//! and its append are one: when somebody else was first, it reads on and judges again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use chrono::Utc;
use uuid::Uuid;

use super::scribe::{Ask, Edition, Founding, Health, Open, Options, QUEUE, Read, Report, Trouble};
use super::{AppendError, Holder, JournalError, Lease, OpenedAs, Store, salvage};
use crate::plan::Plan;
use crate::room::{Actor, Entry, Event, Fact, Intent, Refusal, Room, decide};

/// At most so many intents share one commit.
const BATCH: usize = 256;

/// The longest pause between attempts to get over a failure.
const PATIENCE: Duration = Duration::from_secs(5);

/// An intent on its way, with the ticket of whoever waits for it.
struct Job {
    ticket: Option<u64>,
    intent: Intent,
    actor: Actor,
}

/// What a batch of intents was judged to be, against one end of the journal.
#[derive(Default)]
struct Draft {
    texts: Vec<String>,
    verdicts: Vec<(Option<u64>, Result<Vec<Entry>, Refusal>)>,
}

/// What would make a failing journal work again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cure {
    /// Nothing that can be done while it is open.
    None,
    /// Waiting: for space, or for somebody's lock.
    Wait,
    /// A fresh connection whose end is compared with the known one.
    Reopen,
}

/// All the thread has.
pub(super) struct Writer {
    store: Box<dyn Store>,
    room: Room,
    read: Read,
    report: Box<dyn FnMut(Report) + Send>,
    options: Options,
    closing: Arc<AtomicBool>,
    me: Holder,
    watch: Option<Lease>,
    health: Health,
    cure: Cure,
    /// Facts of a commit whose fate is not known yet, and whose they are.
    unsure: HashMap<Uuid, u64>,
    next_look: Instant,
    next_renewal: Instant,
    pause: Duration,
}

impl Writer {
    /// The whole life of the thread.
    pub fn work(
        mut open: Open,
        read: Read,
        options: Options,
        mut report: Box<dyn FnMut(Report) + Send>,
        closing: Arc<AtomicBool>,
        queue: Receiver<Ask>,
    ) {
        match open_store(&mut open, &options, &mut report) {
            Ok(store) => {
                let mut writer = Self::new(store, read, options, report, closing);
                if writer.begin(&mut open) {
                    writer.serve(&queue);
                }
            }
            Err(error) => report(Report::NotOpened(Trouble::from(&error))),
        }
    }

    fn new(
        store: Box<dyn Store>,
        read: Read,
        options: Options,
        report: Box<dyn FnMut(Report) + Send>,
        closing: Arc<AtomicBool>,
    ) -> Self {
        let now = Instant::now();
        let plan = options.founding.as_ref().map(|founding| Arc::clone(&founding.edition.plan));
        let room = Room::new(plan.or_else(|| options.plan.clone()).unwrap_or_default());
        let health = match store.opened_as() {
            OpenedAs::Writable => Health::Live,
            OpenedAs::ReadOnly(why) => {
                Health::ViewOnly(Trouble { why: why.to_string(), hint: why.hint() })
            }
        };
        Self {
            me: Holder::this_process(&options.name),
            store,
            room,
            read,
            report,
            closing,
            watch: None,
            health,
            cure: Cure::None,
            unsure: HashMap::new(),
            next_look: now + options.poll,
            next_renewal: now,
            pause: options.poll,
            options,
        }
    }
}
