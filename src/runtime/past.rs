//! The reader of the past: a thread of its own that reads the journal again for whoever looks back,
//! and answers the app. It works in short steps and looks between them whether something newer is
//! wanted, so of many moments that are asked for while somebody scrubs only the newest is worked out.
//! It opens the file to read only, does nothing outside, and is not started before somebody asks.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::past_gauges::Gauges;
use crate::app::{Loaded, Moment, PastAsk, PastTold, Place};
use crate::journal::{JournalError, Past, Read, Story};
use crate::plan::Plan;
use crate::plan::binding::Binding;
use crate::room::{Chronicle, Entry, Moments, Room};

/// So many entries are read in one step.
const PIECE: usize = 2_048;

/// So many matches are told at most.
const MATCHES: usize = 100_000;

/// The loop's end of it: asks go in, answers come out, nothing is waited for.
pub struct Recall {
    asks: Option<Sender<PastAsk>>,
    told: UnboundedReceiver<PastTold>,
    hear: UnboundedSender<PastTold>,
    /// Where the journal is, once that is known.
    past: Option<Past>,
    /// How plans are read.
    read: Option<Read>,
    /// What was asked before the journal was open.
    waiting: Vec<PastAsk>,
}

impl Default for Recall {
    fn default() -> Self {
        let (hear, told) = unbounded_channel();
        Self { asks: None, told, hear, past: None, read: None, waiting: vec![] }
    }
}

impl Recall {
    /// Reads plans like this.
    pub fn reading(&mut self, read: Read) {
        self.read = Some(read);
    }

    /// The journal is open, and there.
    pub fn look_at(&mut self, past: Past) {
        self.past = Some(past);
        std::mem::take(&mut self.waiting).into_iter().for_each(|ask| self.ask(ask));
    }

    /// Asks; the answer comes by itself.
    pub fn ask(&mut self, ask: PastAsk) {
        if self.asks.is_none() {
            self.start();
        }
        let Some(asks) = &self.asks else { return self.waiting.push(ask) };
        if asks.send(ask).is_err() {
            drop(self.hear.send(PastTold::Failed("its reader has ended".to_owned())));
        }
    }

    fn start(&mut self) {
        let (Some(past), Some(read)) = (&self.past, self.read.take()) else { return };
        let (asks, asked) = channel();
        let reader = Reader::new(past.clone(), read, self.hear.clone());
        let started = thread::Builder::new().name("past".to_owned()).spawn(move || reader.work(&asked));
        match started {
            Ok(_) => self.asks = Some(asks),
            Err(why) => drop(self.hear.send(PastTold::Failed(why.to_string()))),
        }
    }

    /// What it found. Nothing is lost when this is given up half way.
    pub async fn recv(&mut self) -> Option<PastTold> {
        self.told.recv().await
    }

    /// What it has found already.
    pub fn try_recv(&mut self) -> Option<PastTold> {
        self.told.try_recv().ok()
    }
}

/// A moment that is wanted.
struct Go {
    turn: u64,
    place: Place,
    binding: Option<Arc<Binding>>,
    chart: Option<String>,
}

/// A search under way.
struct Find {
    text: String,
    after: u64,
    to: u64,
    found: Vec<u64>,
}

/// What is wanted and not done; of moments and searches the newest.
#[derive(Default)]
struct Wanted {
    rows: Vec<Vec<u64>>,
    /// From where the index is wanted.
    from: Option<u64>,
    to: u64,
    go: Option<Go>,
    find: Option<Find>,
}

impl Wanted {
    fn take(&mut self, ask: PastAsk) {
        match ask {
            PastAsk::Rows(seqs) => self.rows.push(seqs),
            PastAsk::Read { after, to } => {
                self.from = Some(self.from.map_or(after, |from| from.min(after)));
                self.to = self.to.max(to);
            }
            PastAsk::Find { text, to } => {
                self.find = Some(Find { text, after: 0, to, found: vec![] });
            }
            PastAsk::Go { turn, place, to, binding, chart } => {
                self.to = self.to.max(to);
                self.go = Some(Go { turn, place, binding, chart });
            }
        }
    }
}

/// The thread's own.
struct Reader {
    past: Past,
    read: Read,
    hear: UnboundedSender<PastTold>,
    story: Option<Story>,
    wanted: Wanted,
    index: Chronicle,
    moments: Moments,
    plans: HashMap<String, Arc<Plan>>,
    /// The room that was worked out last.
    near: Option<Room>,
    gauges: Gauges,
    /// The turn whose history is being read.
    turn: u64,
}

impl Reader {
    pub fn new(past: Past, read: Read, hear: UnboundedSender<PastTold>) -> Self {
        let gauges = Gauges::new(past.clone());
        Self {
            past,
            read,
            hear,
            story: None,
            wanted: Wanted::default(),
            index: Chronicle::default(),
            moments: Moments::default(),
            plans: HashMap::new(),
            near: None,
            gauges,
            turn: 0,
        }
    }

    /// The whole life of the thread: until nobody can ask any more.
    pub fn work(mut self, asks: &Receiver<PastAsk>) {
        let mut idle = true;
        loop {
            if idle {
                let Ok(ask) = asks.recv() else { return };
                self.wanted.take(ask);
            }
            loop {
                match asks.try_recv() {
                    Ok(ask) => self.wanted.take(ask),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            idle = match self.step() {
                Ok(more) => !more,
                Err(why) => {
                    self.give_up(&why);
                    true
                }
            };
        }
    }

    fn tell(&self, told: PastTold) {
        // Whoever does not listen any more has left.
        drop(self.hear.send(told));
    }

    /// A file that cannot be read now is opened again for the next ask.
    fn give_up(&mut self, why: &JournalError) {
        self.tell(PastTold::Failed(why.to_string()));
        self.wanted = Wanted::default();
        self.story = None;
        self.gauges = Gauges::new(self.past.clone());
    }

    /// The most urgent thing, in one short step; says whether there may be more.
    fn step(&mut self) -> Result<bool, JournalError> {
        if let Some(seqs) = self.wanted.rows.pop() {
            self.rows(seqs)?;
        } else if self.index.len() < self.wanted.to {
            self.read_piece()?;
        } else if let Some(from) = self.wanted.from.take() {
            self.tell_index(from);
        } else if let Some(go) = self.wanted.go.take() {
            self.go(go)?;
        } else if let Some(find) = self.wanted.find.take() {
            self.find(find)?;
        } else {
            return self.history();
        }
        Ok(true)
    }

    fn entries(&mut self, after: u64, to: u64, most: usize) -> Result<Vec<Entry>, JournalError> {
        if self.story.is_none() {
            self.story = Some(self.past.story()?);
        }
        let Some(story) = &self.story else { return Ok(vec![]) };
        let texts = story.texts(after, to, most)?;
        Ok(texts.iter().map(|(seq, text)| Entry::read(*seq, text)).collect())
    }

    fn rows(&mut self, mut seqs: Vec<u64>) -> Result<(), JournalError> {
        seqs.sort_unstable();
        let mut entries = vec![];
        // Neighbours are read together.
        for run in seqs.chunk_by(|a, b| a + 1 == *b) {
            entries.extend(self.entries(run[0] - 1, run[run.len() - 1], run.len())?);
        }
        self.tell(PastTold::Rows(entries));
        Ok(())
    }

    fn read_piece(&mut self) -> Result<(), JournalError> {
        let after = self.index.len();
        let entries = self.entries(after, self.wanted.to, PIECE)?;
        for entry in &entries {
            self.index.push(entry);
            self.moments.push(entry);
        }
        if self.index.len() == after {
            // The journal has less than was said; nobody waits for the rest.
            self.wanted.to = after;
        } else if let Some(from) = self.wanted.from.take() {
            self.tell_index(from);
            self.wanted.from = Some(self.index.len());
        }
        Ok(())
    }

    fn tell_index(&self, after: u64) {
        self.tell(PastTold::Index { after, more: self.index.since(after).to_vec() });
    }

    /// The room after an event.
    fn room(&mut self, seq: u64) -> Result<Room, JournalError> {
        let mut start = self.moments.start(seq, self.near.as_ref());
        let mut after = start.after;
        while after < seq {
            let entries = self.entries(after, seq, PIECE)?;
            let Some(last) = entries.last() else { break };
            after = last.seq;
            entries.into_iter().for_each(|entry| start.push(entry));
        }
        let mut room = start.finish();
        if let Some(plan) = self.plan(&room.digest)? {
            room.follow(plan);
        }
        self.near = Some(room.clone());
        Ok(room)
    }

    /// The plan of a digest, read once.
    fn plan(&mut self, digest: &str) -> Result<Option<Arc<Plan>>, JournalError> {
        if let Some(plan) = self.plans.get(digest) {
            return Ok(Some(Arc::clone(plan)));
        }
        let bytes = self.story.as_ref().map(|story| story.plan(digest)).transpose()?.flatten();
        let plan = bytes.map(|bytes| Arc::new((self.read)(&bytes)));
        self.plans.extend(plan.clone().map(|plan| (digest.to_owned(), plan)));
        Ok(plan)
    }

    fn place(&self, place: Place) -> (u64, DateTime<Utc>) {
        match place {
            Place::Event(seq) => {
                let seq = seq.min(self.index.len());
                (seq, self.index.at(seq).unwrap_or_default())
            }
            Place::Time(at) => (self.index.by(at), at),
        }
    }

    fn go(&mut self, go: Go) -> Result<(), JournalError> {
        let (seq, at) = self.place(go.place);
        let room = self.room(seq)?;
        let binding = self.gauges.binding(go.binding, &room)?;
        let moment =
            Moment { turn: go.turn, seq, at, room: None, binding, gauges: None, loaded: Loaded::Nothing };
        self.turn = go.turn;
        let mut first = Some(room.clone());
        if self.gauges.is_slow(&room, &moment.binding, at) {
            self.tell(PastTold::Moment(Box::new(Moment { room: first.take(), ..moment.clone() })));
        }
        let (gauges, loaded) = self.gauges.at(&room, &moment.binding, at, go.chart.as_deref())?;
        let moment = Moment { room: first, gauges: Some(gauges), loaded, ..moment };
        self.tell(PastTold::Moment(Box::new(moment)));
        Ok(())
    }

    /// One piece of a search.
    fn find(&mut self, mut find: Find) -> Result<(), JournalError> {
        let entries = self.entries(find.after, find.to, PIECE)?;
        let wanted = find.text.to_lowercase();
        let holds = |entry: &&Entry| {
            let words = |text: &str| text.to_lowercase().contains(&wanted);
            words(&entry.event.sentence()) || words(&entry.by)
        };
        let found: Vec<u64> = entries.iter().filter(holds).map(|e| e.seq).collect();
        find.found.extend(found);
        match entries.last().filter(|_| find.found.len() < MATCHES) {
            Some(last) => {
                find.after = last.seq;
                self.wanted.find = Some(find);
            }
            None => self.tell(PastTold::Found { text: find.text, seqs: find.found }),
        }
        Ok(())
    }

    /// The history behind what was measured lately, a signal a step.
    fn history(&mut self) -> Result<bool, JournalError> {
        if self.gauges.read_history()? {
            return Ok(true);
        }
        if let Some((at, binding, gauges)) = self.gauges.take_whole() {
            let (turn, seq) = (self.turn, self.near.as_ref().map_or(0, |room| room.seq));
            let (room, gauges, loaded) = (None, Some(gauges), Loaded::Whole);
            self.tell(PastTold::Moment(Box::new(Moment { turn, seq, at, room, binding, gauges, loaded })));
        }
        Ok(false)
    }
}
