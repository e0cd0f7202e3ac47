//! What a scribe does with a store that is shared, slow, failing, or not writable.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::plan::{self, Plan};
use crate::room::{Actor, Entry, Event, Intent, Mark, Role, Subject};

const PLAN: &str = "# Launch\n\n## Pre-flight\n\n- [ ] Back up\n- [ ] Freeze\n- [ ] Tell support\n";

/// How long a report may take on a busy machine.
const GENEROUS: Duration = Duration::from_secs(20);

fn meta() -> Meta {
    Meta {
        id: "r".into(),
        plan: PathBuf::from("/p.md"),
        environment: "production".into(),
        created_ms: 0,
        closed_ms: None,
    }
}

fn actor() -> Actor {
    Actor { name: "ana".into(), role: Role::Commander }
}

fn edition(text: &str) -> Edition {
    Edition { bytes: text.as_bytes().into(), plan: Arc::new(plan::read(text.as_bytes(), "p")) }
}

/// What a [`Moody`] store does with the next append.
#[repr(u8)]
#[derive(Clone, Copy)]
enum Mood {
    Fine,
    /// Refuses: nothing was written.
    Full,
    /// Fails before writing, and says it does not know.
    Failing,
    /// Writes, and says it does not know.
    Doubtful,
}

/// A store in memory whose disk has moods.
struct Moody {
    inner: MemoryStore,
    mood: Arc<AtomicU8>,
    broken: bool,
}

fn file() -> PathBuf {
    PathBuf::from("moody.db")
}

impl Store for Moody {
    fn after(&mut self, seq: u64) -> Result<Vec<Record>, JournalError> {
        self.inner.after(seq)
    }

    fn append(&mut self, after: u64, texts: &[String]) -> Result<Vec<Record>, AppendError> {
        let storage = || AppendError::Failed(JournalError::Storage { file: file(), detail: "EIO".into() });
        match self.mood.load(Ordering::SeqCst) {
            m if m == Mood::Full as u8 => Err(AppendError::Failed(JournalError::Full { file: file() })),
            m if m == Mood::Failing as u8 => {
                self.broken = true;
                Err(storage())
            }
            m if m == Mood::Doubtful as u8 => {
                self.broken = true;
                self.inner.another().tap(|other| other.after(0).map(|_| other.append(after, texts)));
                Err(storage())
            }
            _ => self.inner.append(after, texts),
        }
    }

    fn changed(&mut self) -> Result<bool, JournalError> {
        self.inner.changed()
    }

    fn head(&self) -> Head {
        self.inner.head()
    }

    fn opened_as(&self) -> &OpenedAs {
        self.inner.opened_as()
    }

    fn keep_plan(&mut self, digest: &str, bytes: &[u8]) -> Result<(), JournalError> {
        self.inner.keep_plan(digest, bytes)
    }

    fn plan(&mut self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.inner.plan(digest)
    }

    fn renew_lease(&mut self, me: &Holder, now_ms: i64) -> Result<Lease, JournalError> {
        self.inner.renew_lease(me, now_ms)
    }

    fn release_lease(&mut self, me: &Holder) -> Result<(), JournalError> {
        self.inner.release_lease(me)
    }

    fn meta(&mut self) -> Result<Meta, JournalError> {
        self.inner.meta()
    }

    fn mark_closed(&mut self, at_ms: Option<i64>) -> Result<(), JournalError> {
        self.inner.mark_closed(at_ms)
    }

    fn reopen(&mut self) -> Result<(), JournalError> {
        self.broken = false;
        self.inner.reopen()
    }
}

trait Tap: Sized {
    fn tap<T>(mut self, with: impl FnOnce(&mut Self) -> T) -> Self {
        with(&mut self);
        self
    }
}

impl Tap for MemoryStore {}

/// A scribe over a store, with its reports.
struct Play {
    scribe: Scribe,
    reports: Receiver<Report>,
    plan: Arc<Plan>,
    next: u64,
}

impl Play {
    fn over(store: impl Store + 'static) -> Self {
        Self::over_when(store, || ())
    }

    /// As [`Play::over`], but the journal opens only when `ready` comes back.
    fn over_when(store: impl Store + 'static, ready: impl Fn() + Send + 'static) -> Self {
        let edition = edition(PLAN);
        let open = Intent::OpenRoom {
            room: "x".into(),
            plan_path: "/p.md".into(),
            environment: "production".into(),
            version: "0".into(),
        };
        let mut options = Options::new("ana");
        options.poll = Duration::from_millis(20);
        options.renew = Duration::from_millis(60);
        options.founding = Some(Founding { open, edition: edition.clone(), actor: actor(), signers: None });
        let (sender, reports) = channel();
        let slot = Mutex::new(Some(store));
        let open: Open = Box::new(move || {
            ready();
            let store = slot.lock().expect("one thread").take().expect("opened once");
            Ok((Box::new(store), "launch~2".to_owned()))
        });
        let read: Read = Box::new(|bytes| plan::read(bytes, "p"));
        let scribe = Scribe::start(open, read, options, move |report| drop(sender.send(report)));
        Self { scribe, reports, plan: edition.plan, next: 0 }
    }

    /// The first report that `pick` takes; others pass.
    fn await_<T>(&self, mut pick: impl FnMut(Report) -> Option<T>) -> T {
        loop {
            let report = self.reports.recv_timeout(GENEROUS).expect("the report comes");
            if let Some(found) = pick(report) {
                return found;
            }
        }
    }

    fn opened(&self) -> Box<crate::room::Room> {
        self.await_(|r| if let Report::Opened { room, .. } = r { Some(room) } else { None })
    }

    fn ask(&mut self, intent: Intent) -> u64 {
        self.next += 1;
        self.scribe.ask(Ask::Submit { ticket: self.next, intent, actor: actor() }).unwrap();
        self.next
    }

    fn tick(&mut self, item: usize) -> u64 {
        let id = self.plan.items[item].id.clone();
        self.ask(Intent::Tick(id))
    }

    /// What became of a ticket: entries, or a sentence.
    fn answer(&self, wanted: u64) -> Result<Vec<Entry>, String> {
        self.await_(|report| match report {
            Report::Recorded { entries, ticket: Some(t), .. } if t == wanted => Some(Ok(entries)),
            Report::Refused { ticket, refusal } if ticket == wanted => Some(Err(refusal.to_string())),
            Report::Failed { ticket, trouble } if ticket == wanted => Some(Err(trouble.why)),
            _ => None,
        })
    }
}

fn moody() -> (Moody, Arc<AtomicU8>, MemoryStore) {
    let inner = MemoryStore::new(meta());
    let mood = Arc::new(AtomicU8::new(Mood::Fine as u8));
    let watcher = inner.another();
    (Moody { inner, mood: Arc::clone(&mood), broken: false }, mood, watcher)
}

fn texts(store: &MemoryStore) -> Vec<String> {
    store.another().after(0).unwrap().into_iter().map(|r| r.text).collect()
}

#[test]
fn a_new_room_begins_with_its_own_name_and_its_plan() {
    let store = MemoryStore::new(meta());
    let play = Play::over(store.another());
    let room = play.opened();
    assert_eq!((room.name.as_str(), room.seq, room.plan.items.len()), ("launch~2", 2, 3));
    let watch = play.await_(|r| if let Report::Watch(lease) = r { Some(lease) } else { None });
    assert!(matches!(watch, Lease::Mine { .. }));
    assert!(play.scribe.close(GENEROUS));
}

#[test]
fn answers_come_in_order_and_what_was_asked_before_closing_is_stored() {
    let store = MemoryStore::new(meta());
    let mut play = Play::over(store.another());
    play.opened();
    let first = play.tick(0);
    let again = play.tick(0);
    let other = play.tick(1);
    assert!(play.answer(first).is_ok());
    assert!(play.answer(again).unwrap_err().contains("is done already"), "judged after the first");
    assert!(play.answer(other).is_ok());
    play.tick(2);
    assert!(play.scribe.close(GENEROUS));
    assert_eq!(texts(&store).iter().filter(|t| t.contains("item_ticked")).count(), 3);
}

#[test]
fn what_another_process_stores_is_read_and_judged_against() {
    let store = MemoryStore::new(meta());
    let mut one = Play::over(store.another());
    one.opened();
    let mut two = Play::over(store.another());
    assert_eq!(two.opened().seq, 2, "the founding of the first stands");
    let ticket = one.tick(0);
    one.answer(ticket).unwrap();
    let seen =
        two.await_(
            |r| if let Report::Recorded { entries, ticket: None, .. } = r { Some(entries) } else { None },
        );
    assert!(matches!(seen[0].event, Event::ItemTicked { .. }));
    let ticket = two.tick(0);
    assert!(two.answer(ticket).unwrap_err().contains("is done already"));
}

#[test]
fn a_full_disk_stores_nothing_says_so_and_heals_by_itself() {
    let (store, mood, watcher) = moody();
    let mut play = Play::over(store);
    play.opened();
    mood.store(Mood::Full as u8, Ordering::SeqCst);
    let ticket = play.tick(0);
    assert!(play.answer(ticket).unwrap_err().contains("full"));
    assert_eq!(texts(&watcher).len(), 2);
    mood.store(Mood::Fine as u8, Ordering::SeqCst);
    let ticket = play.tick(0);
    assert!(play.answer(ticket).is_ok());
}

#[test]
fn a_commit_that_may_have_arrived_is_looked_up_and_never_repeated() {
    let (store, mood, watcher) = moody();
    let mut play = Play::over(store);
    play.opened();
    mood.store(Mood::Doubtful as u8, Ordering::SeqCst);
    let ticket = play.tick(0);
    let entries = play.answer(ticket).expect("it had arrived");
    assert!(matches!(entries[0].event, Event::ItemTicked { .. }));
    mood.store(Mood::Failing as u8, Ordering::SeqCst);
    let ticket = play.tick(1);
    assert!(play.answer(ticket).unwrap_err().contains("disk failed"));
    mood.store(Mood::Fine as u8, Ordering::SeqCst);
    play.await_(|r| if let Report::Health(Health::Live) = r { Some(()) } else { None });
    assert_eq!(texts(&watcher).iter().filter(|t| t.contains("item_ticked")).count(), 1);
}

#[test]
fn a_view_only_journal_is_shown_and_refuses() {
    let mut play = Play::over(MemoryStore::view_only(meta(), Why::Newer { found: 9, known: 1 }));
    let why = play.await_(|r| if let Report::Health(Health::ViewOnly(t)) = r { Some(t.why) } else { None });
    assert!(why.contains("newer warroom"), "{why}");
    let room = play.opened();
    assert_eq!((room.seq, room.mark(&play.plan.items[0])), (0, Mark::Open));
    let ticket = play.tick(0);
    assert!(play.answer(ticket).unwrap_err().contains("newer warroom"));
}

#[test]
fn an_adopted_plan_is_read_once_and_kept() {
    let store = MemoryStore::new(meta());
    let mut play = Play::over(store.another());
    play.opened();
    let edited = edition(&PLAN.replace("Freeze", "Freeze everything"));
    let digest = edited.plan.digest.clone();
    play.scribe.ask(Ask::Adopt { ticket: 99, edition: edited, actor: actor() }).unwrap();
    let plan =
        play.await_(|r| if let Report::Recorded { plan: Some(plan), .. } = r { Some(plan) } else { None });
    assert_eq!(plan.items[1].text, "Freeze everything");
    assert!(store.another().plan(&digest).unwrap().is_some());
    let ticket = play.ask(Intent::AddNote { on: Subject::Room, text: "hm".into() });
    assert!(play.answer(ticket).is_ok());
}

#[test]
fn more_than_the_queue_takes_is_turned_away_at_once() {
    let (opens, gate) = channel();
    let mut play = Play::over_when(MemoryStore::new(meta()), move || gate.recv().expect("it opens"));
    let intent = || Intent::AddNote { on: Subject::Room, text: "x".into() };
    let ask = |ticket| Ask::Submit { ticket, intent: intent(), actor: actor() };
    let taken = (0..).find(|&ticket| play.scribe.ask(ask(ticket)).is_err()).expect("it is full at last");
    assert_eq!(taken, QUEUE as u64);
    assert_eq!(play.scribe.ask(ask(taken)), Err(super::scribe::NotTaken::Full));
    opens.send(()).expect("somebody waits");
    play.opened();
    assert!(play.answer(taken - 1).is_ok(), "what was taken is stored");
    play.next = taken;
    let ticket = play.tick(0);
    assert!(play.answer(ticket).is_ok(), "and it goes on");
}
