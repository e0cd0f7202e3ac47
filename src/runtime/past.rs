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
use crate::journal::{JournalError, Past, Read, Record, Story};
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
        // What reads plans is kept until there is a journal to read them from.
        let Some(past) = &self.past else { return };
        let Some(read) = self.read.take() else { return };
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
        Ok(story.events(after, to, most)?.iter().map(Record::entry).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Asked, How, KEPT, Meta, SampleLog, SqliteStore, Store as _, chain};
    use crate::plan;
    use crate::room::{Event, Fact, Subject};
    use crate::signal::TileState;
    use uuid::Uuid;

    const OLD: &str = "# Launch\n\n- [ ] Back up\n\n## Alerts\n\n| Severity | Condition |\n|---|---|\n| P1 | Error rate > 5% for 2m |\n";
    const NEW: &str = "# Launch\n\n- [ ] Back up\n- [ ] Tell support\n";

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn note(n: i64) -> Event {
        Event::NoteAdded { on: Subject::Room, text: format!("Note {n}") }
    }

    /// A journal of an hour, an event a second: the old plan, at 3,000 s the new one. Errors are at 1 %
    /// and from 1,800 s on at 9 %.
    fn journal(folder: &std::path::Path) -> Past {
        let path = folder.join("x.db");
        let id = "r".to_owned();
        let meta = Meta { id, plan: "/p".into(), environment: String::new(), created_ms: 0, closed_ms: None };
        let mut store = SqliteStore::create(&path, &How::default(), &meta).unwrap().unwrap();
        let adopted = |text: &str| {
            let digest = chain::digest(text.as_bytes());
            Event::PlanAdopted { digest, title: "Launch".into(), carried: None }
        };
        let event = |second: i64| match second {
            1 => adopted(OLD),
            3_000 => adopted(NEW),
            second => note(second),
        };
        for text in [OLD, NEW] {
            store.keep_plan(&chain::digest(text.as_bytes()), text.as_bytes()).unwrap();
        }
        let fact = |s: i64| Fact::new(Uuid::from_u128(s as u128), at(s), "ana", event(s)).to_text();
        store.append(0, &(1..=3_600).map(fact).collect::<Vec<_>>()).unwrap();
        let mut log = SampleLog::open(&path, KEPT).unwrap();
        let asked = Asked { name: "Error rate".into(), question: "p\nq\n1".into() };
        for second in (0..3_600).step_by(5) {
            let point = (at(second).timestamp_millis(), if second < 1_800 { 1.0 } else { 9.0 });
            log.append(&[(&asked, &[point][..])], at(second)).unwrap();
            log.tidy(at(second)).unwrap();
        }
        Past::at(&path)
    }

    fn recall(past: Past) -> Recall {
        let mut recall = Recall::default();
        recall.reading(Box::new(|bytes| plan::read(bytes, "launch")));
        recall.look_at(past);
        recall
    }

    fn go(turn: u64, place: Place) -> PastAsk {
        PastAsk::Go { turn, place, to: 3_600, binding: None, chart: None }
    }

    fn told<T>(recall: &mut Recall, pick: impl Fn(PastTold) -> Option<T>) -> T {
        loop {
            let told = recall.told.blocking_recv().expect("the reader lives");
            assert!(!matches!(told, PastTold::Failed(_)), "{told:?}");
            if let Some(found) = pick(told) {
                return found;
            }
        }
    }

    fn moment(recall: &mut Recall, turn: u64, loaded: Loaded) -> Moment {
        told(recall, |t| match t {
            PastTold::Moment(m) if m.turn == turn && m.loaded >= loaded => Some(*m),
            _ => None,
        })
    }

    #[test]
    fn a_moment_has_its_plan_its_room_and_what_was_measured_until_then() {
        let folder = tempfile::tempdir().unwrap();
        let mut recall = recall(journal(folder.path()));
        for (turn, place, seq, items, state) in [
            (1, Place::Event(1_500), 1_500, 1, TileState::Ok),
            (2, Place::Time(at(1_860)), 1_860, 1, TileState::Pending),
            (3, Place::Event(2_100), 2_100, 1, TileState::Firing),
            (4, Place::Event(600), 600, 1, TileState::Ok),
        ] {
            recall.ask(go(turn, place));
            let moment = moment(&mut recall, turn, Loaded::Lately);
            let room = moment.room.expect("the room comes with it");
            assert_eq!((moment.seq, moment.at, room.seq), (seq, at(seq as i64), seq));
            assert_eq!(
                (room.plan.items.len(), room.recent.len(), room.notes.len() as u64),
                (items, 200, seq - 1)
            );
            let gauges = moment.gauges.unwrap();
            let tile = &gauges.tiles(moment.at)[0];
            assert_eq!((&*tile.name, tile.state), ("Error rate", state), "{seq}");
            let last = gauges.series(0).unwrap().last().unwrap();
            assert!(last.at <= moment.at && moment.at - last.at < chrono::TimeDelta::seconds(5));
            if state == TileState::Pending {
                let since = tile.since.unwrap();
                assert!((since - at(1_800)).num_seconds().abs() <= 5, "pending since then: {since}");
            }
        }
        recall.ask(go(5, Place::Event(3_600)));
        let whole = moment(&mut recall, 5, Loaded::Lately);
        assert_eq!(whole.room.unwrap().plan.items.len(), 2, "the plan of then");
        let whole = moment(&mut recall, 5, Loaded::Whole).gauges.unwrap();
        assert_eq!(whole.series(0).unwrap().samples().next().unwrap().at, at(0), "with its history");
    }

    #[test]
    fn it_tells_the_index_rows_and_what_was_searched_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut recall = Recall::default();
        recall.reading(Box::new(|bytes| plan::read(bytes, "launch")));
        // As a replay asks: before the journal is open.
        recall.ask(PastAsk::Read { after: 0, to: 3_600 });
        recall.look_at(journal(folder.path()));
        recall.ask(PastAsk::Rows(vec![9, 7, 8, 3_600]));
        recall.ask(PastAsk::Find { text: "note 35".into(), to: 3_000 });
        let rows = told(&mut recall, |t| if let PastTold::Rows(rows) = t { Some(rows) } else { None });
        assert_eq!(rows.iter().map(|e| e.seq).collect::<Vec<_>>(), [7, 8, 9, 3_600]);
        let found =
            told(&mut recall, |t| if let PastTold::Found { seqs, .. } = t { Some(seqs) } else { None });
        assert_eq!(found.len(), 1 + 10, "none behind the end that was asked for: {found:?}");
        recall.ask(PastAsk::Read { after: 3_500, to: 9_999 });
        let (after, more) = told(&mut recall, |t| {
            if let PastTold::Index { after, more } = t { Some((after, more.len())) } else { None }
        });
        assert_eq!((after, more), (3_500, 100), "there is no more than there is");
    }

    #[test]
    fn of_many_moments_the_newest_is_worked_out_and_a_lost_file_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let past = journal(folder.path());
        let mut wanted = Wanted::default();
        (1..=9).for_each(|turn| wanted.take(go(turn, Place::Event(turn))));
        assert_eq!(wanted.go.map(|g| g.turn), Some(9));
        std::fs::remove_file(folder.path().join("x.db")).unwrap();
        let mut recall = recall(past);
        recall.ask(go(1, Place::Event(1)));
        assert!(matches!(recall.told.blocking_recv(), Some(PastTold::Failed(_))));
    }
}
