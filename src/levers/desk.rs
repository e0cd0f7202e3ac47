//! The levers' thread: takes what is asked, sees that nothing is done twice, and reports.
//!
//! Everything waits side by side on one thread, so a provider that hangs delays nothing else. Called
//! by `Levers` only.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::rc::Rc;
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::task::{LocalSet, spawn_local};
use uuid::Uuid;

use super::change::{Changer, Errand};
use super::executor::{Executor, Stop, Task};
use super::flag::{FlagChange, Outcome, same};
use super::run::{Ending, Step, StepOutcome};
use super::wire::Limits;
use super::{Hear, Last, Reading, Readings, Report};
use crate::plan::binding::{Binding, FlagBinding};
use crate::text;

/// What the levers can be asked.
pub(super) enum Ask {
    Read(String),
    Expect(String, Value),
    Change(Uuid, Box<FlagChange>, DateTime<Utc>),
    Step(Uuid, Box<Step>, DateTime<Utc>),
    Attach(Uuid, usize),
    Abort(Uuid),
    AbortAll,
}

/// What is under way and what was taken before.
#[derive(Default)]
struct Book {
    /// Flags being read.
    reading: HashSet<String>,
    /// Flags being changed.
    changing: HashSet<String>,
    /// Every ticket of a change there ever was.
    changes: HashSet<Uuid>,
    /// Every ticket and step there ever was.
    steps: HashSet<(Uuid, usize)>,
    /// How to stop what runs.
    running: HashMap<(Uuid, usize), oneshot::Sender<()>>,
    /// What the room last set flags to, else first read them as.
    known: HashMap<String, Value>,
}

/// The thread's own state.
pub(super) struct Desk {
    binding: Arc<Binding>,
    executor: Option<Box<dyn Executor>>,
    changer: Result<Changer, String>,
    readings: Readings,
    hear: Hear,
    book: RefCell<Book>,
}

impl Desk {
    pub(super) fn new(
        binding: Arc<Binding>,
        executor: Option<Box<dyn Executor>>,
        limits: Limits,
        readings: Readings,
        hear: Hear,
    ) -> Self {
        // A client reads every certificate of the system: not where nothing will be asked.
        let changer = match binding.flags.is_empty() {
            true => Err("no flag is bound".to_owned()),
            false => Changer::new(limits),
        };
        Self { binding, executor, changer, readings, hear, book: RefCell::default() }
    }

    /// Serves until nobody can ask any more; what is under way then is given up.
    pub(super) fn serve(self, mut inbox: UnboundedReceiver<Ask>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a thread can have a timer and sockets");
        let (desk, tasks) = (Rc::new(self), LocalSet::new());
        tasks.block_on(&runtime, async {
            while let Some(ask) = inbox.recv().await {
                desk.take(ask);
            }
        });
        drop(tasks);
        // A name that is being looked up must not hold the thread.
        runtime.shutdown_background();
    }

    fn take(self: &Rc<Self>, ask: Ask) {
        match ask {
            Ask::Read(flag) => self.read(flag),
            Ask::Expect(flag, value) => drop(self.book.borrow_mut().known.insert(flag, value)),
            Ask::Change(ticket, change, by) => self.change(ticket, *change, by),
            Ask::Step(ticket, step, by) => self.step(ticket, step.number(), Some((*step, by))),
            Ask::Attach(ticket, step) => self.step(ticket, step, None),
            Ask::Abort(ticket) => self.abort(|of| of == ticket),
            Ask::AbortAll => self.abort(|_| true),
        }
    }

    fn read(self: &Rc<Self>, flag: String) {
        if !self.book.borrow_mut().reading.insert(flag.clone()) {
            return;
        }
        let (desk, at) = (Rc::clone(self), Utc::now());
        spawn_local(async move {
            let (inner, name) = (Rc::clone(&desk), flag.clone());
            let value = whole(async move { inner.value(&name).await }).await;
            desk.book.borrow_mut().reading.remove(&flag);
            let reading = value.unwrap_or_else(|| Err("the reading broke off".to_owned()));
            let value = desk.keep(&flag, reading);
            let outside = value.as_ref().ok().and_then(|value| desk.moved(&flag, value));
            desk.say(Report::FlagRead { flag, value, at, outside });
        });
    }

    async fn value(&self, flag: &str) -> Result<Reading, String> {
        let binding = self.bound(flag)?;
        self.changer.as_ref().map_err(Clone::clone)?.read(binding, self.executor.as_deref()).await
    }

    /// Keeps a reading for the next change. One that overlaps a change says nothing for sure.
    fn keep(&self, flag: &str, reading: Result<Reading, String>) -> Result<Value, String> {
        if !self.book.borrow().changing.contains(flag) {
            let last = reading.as_ref().map_or(Last::Unreadable, |r| Last::Read(r.clone()));
            self.remember(flag, last);
        }
        reading.map(|r| r.value)
    }

    fn remember(&self, flag: &str, last: Last) {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner).insert(flag.to_owned(), last);
    }

    /// What the room knew, where a reading is another.
    fn moved(&self, flag: &str, value: &Value) -> Option<Value> {
        let mut book = self.book.borrow_mut();
        if book.changing.contains(flag) {
            return None;
        }
        let known = book.known.entry(flag.to_owned()).or_insert_with(|| value.clone());
        (!same(known, value)).then(|| known.clone())
    }

    fn change(self: &Rc<Self>, ticket: Uuid, change: FlagChange, by: DateTime<Utc>) {
        let (stop, stopped) = oneshot::channel();
        {
            let mut book = self.book.borrow_mut();
            if !book.changes.insert(ticket) {
                return;
            }
            book.running.insert((ticket, 0), stop);
        }
        let desk = Rc::clone(self);
        spawn_local(async move {
            let inner = Rc::clone(&desk);
            let changed = async move { inner.changed(ticket, &change, Stop::by(stopped), by).await };
            let outcome = whole(changed).await;
            let outcome = outcome.unwrap_or_else(|| Outcome::Unknown("the change broke off".to_owned()));
            desk.book.borrow_mut().running.remove(&(ticket, 0));
            desk.say(Report::FlagChanged { ticket, outcome });
        });
    }

    async fn changed(&self, ticket: Uuid, change: &FlagChange, stop: Stop, by: DateTime<Utc>) -> Outcome {
        let flag = change.flag.clone();
        let binding = match self.confirmed(change) {
            Ok(binding) => binding,
            Err(why) => return Outcome::Failed(format!("{why}; nothing was sent")),
        };
        let changer = match &self.changer {
            Ok(changer) => changer,
            Err(why) => return Outcome::Failed(format!("{why}; nothing was sent")),
        };
        if !self.book.borrow_mut().changing.insert(flag.clone()) {
            let flag = text::clean(&flag);
            return Outcome::Failed(format!("another change of {flag} is under way; nothing was sent"));
        }
        let _turn = Turn { desk: self, flag: flag.clone() };
        self.remember(&flag, Last::Doubt);
        let output =
            |line: String| self.say(Report::Output { ticket, line: text::clean(&line).into_owned() });
        let errand = Errand { hands: self.executor.as_deref(), ticket, stop, output: &output, by };
        let outcome = changer.change(binding, change, errand).await;
        if let Outcome::Done { read_back, .. } = &outcome {
            self.book.borrow_mut().known.insert(flag, read_back.clone());
        }
        outcome
    }

    /// The binding of a change whose bytes are those that the binding gives.
    fn confirmed(&self, change: &FlagChange) -> Result<&FlagBinding, String> {
        let binding = self.bound(&change.flag)?;
        let reading = change.reading();
        let made = FlagChange::by(binding, reading.as_ref(), &change.to).map_err(|e| e.to_string())?;
        if made.request == change.request {
            Ok(binding)
        } else {
            Err("what was confirmed is not what the binding would send".to_owned())
        }
    }

    fn bound(&self, flag: &str) -> Result<&FlagBinding, String> {
        self.binding.flag(flag).ok_or_else(|| format!("{} is bound to no provider", text::clean(flag)))
    }

    /// Begins a step, or follows one that an earlier process began.
    fn step(self: &Rc<Self>, ticket: Uuid, number: usize, step: Option<(Step, DateTime<Utc>)>) {
        let key = (ticket, number);
        let (stop, stopped) = oneshot::channel();
        {
            let mut book = self.book.borrow_mut();
            if !book.steps.insert(key) {
                return;
            }
            book.running.insert(key, stop);
        }
        let desk = Rc::clone(self);
        spawn_local(async move {
            let inner = Rc::clone(&desk);
            let outcome = whole(async move { inner.execute(key, step, Stop::by(stopped)).await }).await;
            let outcome = outcome.unwrap_or_else(|| StepOutcome::Unknown("the step broke off".to_owned()));
            desk.book.borrow_mut().running.remove(&key);
            desk.say(Report::StepFinished { ticket, step: number, outcome });
        });
    }

    async fn execute(
        &self,
        (ticket, number): (Uuid, usize),
        step: Option<(Step, DateTime<Utc>)>,
        stop: Stop,
    ) -> StepOutcome {
        let output = |line: String| {
            let line = text::clean(&line).into_owned();
            self.say(Report::Output { ticket, line });
        };
        let (step, by) = step.map_or_else(|| (None, Utc::now()), |(step, by)| (Some(step), by));
        let task = Task { ticket, stop, output: &output, by };
        match (&self.executor, step) {
            (Some(executor), Some(step)) => executor.execute(&step, task).await,
            (Some(executor), None) => executor.attach(number, task).await,
            (None, Some(_)) => {
                let why = "nothing here runs commands; do it by hand and tick the step";
                StepOutcome::Finished(Ending::NotStarted(why.to_owned()))
            }
            (None, None) => StepOutcome::Unknown("nothing here runs commands".to_owned()),
        }
    }

    fn abort(&self, wanted: impl Fn(Uuid) -> bool) {
        let mut book = self.book.borrow_mut();
        for (_, stop) in book.running.extract_if(|(ticket, _), _| wanted(*ticket)) {
            let _ = stop.send(());
        }
    }

    fn say(&self, report: Report) {
        (self.hear)(report);
    }
}

/// The turn of a flag's change; it ends however the change does.
struct Turn<'a> {
    desk: &'a Desk,
    flag: String,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.desk.book.borrow_mut().changing.remove(&self.flag);
    }
}

/// What comes of `work`; none where it broke off.
async fn whole<T: 'static>(work: impl Future<Output = T> + 'static) -> Option<T> {
    spawn_local(work).await.ok()
}
