//! What waits to be kept, between whoever measures and the scribe's thread; and how the scribe
//! keeps it: every few seconds, behind the events, with one word when it cannot.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::chunk::Point;
use super::{Asked, SampleLog};
use crate::journal::JournalError;
use crate::signal::{Memory, Sample};

/// A row is written every so often, or as soon as so many samples wait.
pub(in crate::journal) const EVERY: Duration = Duration::from_secs(5);

/// More than this is not held for a disk that does not take it.
const MOST: usize = 200_000;

/// Under this name the rules' memory is kept.
pub(in crate::journal) const MEMORY: &str = "rules";

/// What waits to be kept.
#[derive(Debug, Default)]
struct Waiting {
    asked: Arc<[Asked]>,
    samples: BTreeMap<usize, Vec<Point>>,
    count: usize,
    memory: Option<Memory>,
}

/// Both ends of what waits.
#[derive(Clone, Debug, Default)]
pub(in crate::journal) struct Inbox(Arc<Mutex<Waiting>>);

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on a number means one of these.
    pub fn name(&self, asked: Vec<Asked>) {
        *self.lock() = Waiting { asked: asked.into(), ..Waiting::default() };
    }

    /// Never waits for a disk.
    pub fn put(&self, signal: usize, samples: &[Sample]) {
        let mut waiting = self.lock();
        if waiting.count + samples.len() <= MOST {
            waiting.count += samples.len();
            let points = samples.iter().map(|s| (s.at.timestamp_millis(), s.value));
            waiting.samples.entry(signal).or_default().extend(points);
        }
    }

    pub fn remember(&self, memory: Memory) {
        self.lock().memory = Some(memory);
    }

    fn is_empty(&self) -> bool {
        let waiting = self.lock();
        waiting.count == 0 && waiting.memory.is_none()
    }

    fn take(&self) -> Waiting {
        let mut waiting = self.lock();
        let asked = Arc::clone(&waiting.asked);
        std::mem::replace(&mut *waiting, Waiting { asked, ..Waiting::default() })
    }
}

/// How the writing end is opened, once there is something to write.
type OpenLog<'s> = &'s dyn Fn() -> Result<Option<SampleLog>, JournalError>;

/// The scribe's side.
#[derive(Debug)]
pub(in crate::journal) struct Keeping {
    inbox: Inbox,
    log: Option<SampleLog>,
    next: Instant,
    /// It was said that nothing is kept.
    told: bool,
}

impl Keeping {
    pub fn new(inbox: Inbox) -> Self {
        Self { inbox, log: None, next: Instant::now() + EVERY, told: false }
    }

    /// The file may be another: it is opened again.
    pub fn forget(&mut self) {
        self.log = None;
    }

    /// When something is to be kept next.
    pub fn is_due(&self, now: Instant) -> bool {
        now >= self.next
    }

    /// Keeps what waits where it is ours to keep; else others do, and it is dropped. Says why not
    /// when that begins to fail.
    pub fn keep(&mut self, mine: bool, at: DateTime<Utc>, open: OpenLog<'_>) -> Option<JournalError> {
        self.next = Instant::now() + EVERY;
        if self.inbox.is_empty() {
            return None;
        }
        let waiting = self.inbox.take();
        if !mine {
            return None;
        }
        match self.write(&waiting, at, open) {
            Ok(()) => {
                self.told = false;
                None
            }
            // Another process writes at this moment: the next time is soon enough.
            Err(JournalError::Busy { .. }) => {
                self.put_back(waiting);
                None
            }
            Err(error) => {
                self.log = None;
                (!std::mem::replace(&mut self.told, true)).then_some(error)
            }
        }
    }

    fn write(&mut self, waiting: &Waiting, at: DateTime<Utc>, open: OpenLog<'_>) -> Result<(), JournalError> {
        if self.log.is_none() {
            self.log = open()?;
        }
        let Some(log) = &mut self.log else { return Ok(()) };
        let named = waiting.samples.iter().filter_map(|(s, p)| Some((waiting.asked.get(*s)?, &p[..])));
        let batch: Vec<_> = named.collect();
        if !batch.is_empty() {
            log.append(&batch, at)?;
        }
        if let Some(text) = waiting.memory.as_ref().and_then(|m| serde_json::to_string(m).ok()) {
            log.remember(MEMORY, &text)?;
        }
        log.tidy(at)
    }

    fn put_back(&self, waiting: Waiting) {
        let mut now = self.inbox.lock();
        if now.count + waiting.count <= MOST && Arc::ptr_eq(&now.asked, &waiting.asked) {
            now.count += waiting.count;
            for (signal, points) in waiting.samples {
                now.samples.entry(signal).or_default().splice(0..0, points);
            }
            now.memory = now.memory.take().or(waiting.memory);
        }
    }
}
