//! The scribe's thread: reads the journal into a room, judges and appends what it is asked,
//! follows what other processes append, keeps the watch, and gets over a failing disk. A decision
//! and its append are one: when somebody else was first, it reads on and judges again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
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
            OpenedAs::ReadOnly(why) => Health::ViewOnly(Trouble { why: why.to_string(), hint: why.hint() }),
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

fn open_store(
    open: &mut Open,
    options: &Options,
    report: &mut Box<dyn FnMut(Report) + Send>,
) -> Result<Box<dyn Store>, JournalError> {
    match open() {
        Err(JournalError::Corrupt { file, .. }) if options.recover => {
            report(Report::Recovered(salvage::recover(&file)?));
            open()
        }
        opened => opened,
    }
}

impl Writer {
    fn begin(&mut self, _open: &mut Open) -> bool {
        if let Err(error) = self.sync(None) {
            self.health = Health::ViewOnly(Trouble::from(&error));
        }
        let fresh = self.room.seq == 0 && self.health == Health::Live;
        if let Some(founding) = self.options.founding.take().filter(|_| fresh) {
            let Founding { open, edition, actor } = founding;
            if let Err(error) = self.found(open, &edition, &actor) {
                (self.report)(Report::NotOpened(Trouble::from(&error)));
                return false;
            }
        }
        if self.health != Health::Live {
            (self.report)(Report::Health(self.health.clone()));
        }
        (self.report)(Report::Opened { room: Box::new(self.room.clone()), fresh });
        true
    }

    fn found(&mut self, open: Intent, edition: &Edition, actor: &Actor) -> Result<(), JournalError> {
        self.store.keep_plan(&edition.plan.digest, &edition.bytes)?;
        let adopt =
            Intent::AdoptPlan { digest: edition.plan.digest.clone(), title: edition.plan.title.clone() };
        let job = |intent| Job { ticket: None, intent, actor: actor.clone() };
        let mut quiet = std::mem::replace(&mut self.report, Box::new(|_| {}));
        let outcome = self.work_off(vec![job(open), job(adopt)]);
        std::mem::swap(&mut self.report, &mut quiet);
        outcome
    }

    fn sync(&mut self, mine: Option<()>) -> Result<Vec<Entry>, JournalError> {
        let _ = mine;
        let mut all = vec![];
        loop {
            let records = self.store.after(self.room.seq)?;
            if records.is_empty() {
                return Ok(all);
            }
            for record in records {
                let entry = Entry::read(record.seq, &record.text);
                self.room.apply(&entry);
                if let Event::PlanAdopted { digest, .. } = &entry.event {
                    if *digest != self.room.plan.digest
                        && let Some(bytes) = self.store.plan(digest)?
                    {
                        self.room.follow(Arc::new((self.read)(&bytes)));
                    }
                }
                all.push(entry);
            }
        }
    }

    fn serve(&mut self, queue: &Receiver<Ask>) {
        loop {
            let now = Instant::now();
            let wait = self.next_look.min(self.next_renewal).saturating_duration_since(now);
            match queue.recv_timeout(wait) {
                Ok(ask) => {
                    let mut asks = vec![ask];
                    asks.extend(queue.try_iter().take(BATCH));
                    self.take(asks);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let now = Instant::now();
            if now >= self.next_look {
                self.next_look = now + self.options.poll;
                self.look();
            }
            if now >= self.next_renewal {
                self.next_renewal = now + self.options.renew;
                self.renew();
            }
        }
        if self.options.watch {
            let _ = self.store.release_lease(&self.me);
        }
    }

    fn look(&mut self) {
        if !self.store.changed().unwrap_or(false) {
            return;
        }
        let before = Arc::clone(&self.room.plan);
        if let Ok(entries) = self.sync(None)
            && !entries.is_empty()
        {
            let plan = (!Arc::ptr_eq(&before, &self.room.plan)).then(|| Arc::clone(&self.room.plan));
            (self.report)(Report::Recorded { entries, plan, ticket: None });
        }
    }

    fn renew(&mut self) {
        if !self.options.watch {
            return;
        }
        if let Ok(lease) = self.store.renew_lease(&self.me, Utc::now().timestamp_millis()) {
            if self.watch.as_ref() != Some(&lease) {
                self.watch = Some(lease.clone());
                (self.report)(Report::Watch(lease));
            }
        }
    }

    fn take(&mut self, asks: Vec<Ask>) {
        for ask in asks {
            let ticket = ask.ticket();
            let job = match ask {
                Ask::Submit { ticket, intent, actor } => Job { ticket: Some(ticket), intent, actor },
                Ask::Adopt { ticket, edition, actor } => {
                    if let Err(error) = self.store.keep_plan(&edition.plan.digest, &edition.bytes) {
                        (self.report)(Report::Failed { ticket, trouble: Trouble::from(&error) });
                        continue;
                    }
                    let intent = Intent::AdoptPlan {
                        digest: edition.plan.digest.clone(),
                        title: edition.plan.title.clone(),
                    };
                    Job { ticket: Some(ticket), intent, actor }
                }
            };
            if let Err(error) = self.work_off(vec![job]) {
                (self.report)(Report::Failed { ticket, trouble: Trouble::from(&error) });
            }
        }
    }

    fn work_off(&mut self, jobs: Vec<Job>) -> Result<(), JournalError> {
        for job in jobs {
            loop {
                self.look();
                let at = DateTime::from_timestamp_millis(Utc::now().timestamp_millis()).unwrap_or_default();
                let events = match decide(&self.room, &job.intent, &job.actor, at) {
                    Ok(events) => events,
                    Err(refusal) => {
                        if let Some(ticket) = job.ticket {
                            (self.report)(Report::Refused { ticket, refusal });
                        }
                        break;
                    }
                };
                let texts: Vec<_> = events
                    .into_iter()
                    .map(|e| Fact::new(Uuid::now_v7(), at, &job.actor.name, e).to_text())
                    .collect();
                if let Some(delay) = self.options.commit_delay {
                    thread::sleep(delay);
                }
                match self.store.append(self.room.seq, &texts) {
                    Err(AppendError::Moved { .. }) => {
                        let entries = self.sync(None)?;
                        (self.report)(Report::Recorded { entries, plan: None, ticket: None });
                    }
                    Err(AppendError::Failed(error)) => return Err(error),
                    Ok(records) => {
                        let before = Arc::clone(&self.room.plan);
                        let entries: Vec<_> = records.iter().map(|r| Entry::read(r.seq, &r.text)).collect();
                        for entry in &entries {
                            self.room.apply(entry);
                            if let Event::PlanAdopted { digest, .. } = &entry.event
                                && *digest != self.room.plan.digest
                                && let Some(bytes) = self.store.plan(digest)?
                            {
                                self.room.follow(Arc::new((self.read)(&bytes)));
                            }
                        }
                        let plan =
                            (!Arc::ptr_eq(&before, &self.room.plan)).then(|| Arc::clone(&self.room.plan));
                        (self.report)(Report::Recorded { entries, plan, ticket: job.ticket });
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}
