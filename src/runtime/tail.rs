//! What another process measures, read from what it stores, on a thread of its own: for as long as
//! somebody else has the watch nothing is asked here. Owned by `outside`.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc::UnboundedSender;

use super::history;
use super::outside::Came;
use crate::journal::{Asked, JournalError, Past, Reader};
use crate::signal::Sample;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(2);

/// At the start what was measured so lately counts as known now: two of the rows that are written
/// every 5 s.
const LATELY: TimeDelta = TimeDelta::seconds(10);

/// After such a pause (a laptop that slept) what was stored meanwhile is read as history.
const PAUSE: Duration = Duration::from_secs(60);

/// A thread that reads on until it is dropped.
#[derive(Debug)]
pub(super) struct Tail {
    _alive: Sender<()>,
}

/// Whose samples are read, and where they go.
pub(super) struct Reading {
    pub past: Past,
    /// What this process would ask, in the order of its binding.
    pub asked: Vec<Asked>,
    /// Comes back with what is read.
    pub turn: u64,
    /// The time of the room at the start.
    pub now: DateTime<Utc>,
    /// Whether the history of before is wanted too.
    pub history: bool,
    pub hear: UnboundedSender<Came>,
}

impl Tail {
    /// Reads on from now on; none where the system gives no thread.
    pub fn start(reading: Reading) -> Option<Self> {
        let (alive, stop) = channel::<()>();
        let body = move || {
            let mut look = Look { reading, reader: None, places: vec![] };
            look.begin();
            let mut last = Instant::now();
            while stop.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                look.go_on(last.elapsed() > PAUSE);
                last = Instant::now();
            }
        };
        thread::Builder::new().name("tail".to_owned()).spawn(body).ok()?;
        Some(Self { _alive: alive })
    }
}

/// The thread's own.
struct Look {
    reading: Reading,
    reader: Option<Reader>,
    /// The signals that a series of the file is for.
    places: Vec<(i64, Vec<usize>)>,
}

impl Look {
    fn begin(&mut self) {
        if self.reading.history {
            self.read_history(self.reading.now);
        }
        self.open();
        let lately = self.reader.as_ref().map(|r| r.newest(self.reading.now - LATELY));
        self.tell(lately.unwrap_or_default());
    }

    /// A file that cannot be read now is tried again the next time.
    fn go_on(&mut self, slept: bool) {
        if self.reader.is_none() {
            self.open();
        }
        let Some(reader) = &mut self.reader else { return };
        match reader.news() {
            Ok(new) => self.tell(new),
            Err(_) => self.reader = None,
        }
        if slept {
            self.read_history(Utc::now());
        }
    }

    fn open(&mut self) {
        self.places.clear();
        self.reader = self.reading.past.open().ok().flatten();
    }

    fn read_history(&self, now: DateTime<Utc>) {
        let Reading { past, asked, turn, hear, .. } = &self.reading;
        // A courtesy, as everywhere.
        drop(history::read(past, asked, (now, *turn), hear));
    }

    fn tell(&mut self, new: Vec<(i64, Vec<Sample>)>) {
        let unknown =
            |(series, _): &(i64, Vec<Sample>)| !self.places.iter().any(|(known, _)| known == series);
        if new.iter().any(unknown) && self.place().is_err() {
            self.reader = None;
            return;
        }
        for (series, samples) in new {
            let signals = self.places.iter().find(|(known, _)| *known == series).map(|(_, signals)| signals);
            for signal in signals.into_iter().flatten() {
                let (turn, samples) = (self.reading.turn, samples.clone());
                drop(self.reading.hear.send(Came::Stored { turn, signal: *signal, samples }));
            }
        }
    }

    /// Looks up what the series of the file are called.
    fn place(&mut self) -> Result<(), JournalError> {
        let Some(reader) = &self.reader else { return Ok(()) };
        let asked = self.reading.asked.iter().enumerate();
        let wants = |known: &Asked| asked.clone().filter(|(_, a)| *a == known).map(|(i, _)| i).collect();
        self.places = reader.series()?.iter().map(|(series, known)| (*series, wants(known))).collect();
        Ok(())
    }
}
