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

use super::scribe::{Ask, Edition, Founding, Health, Open, Opened, Options, Read, Report, Trouble};
use super::{AppendError, Holder, JournalError, Lease, OpenedAs, Store, salvage};
use crate::plan::Plan;
use crate::room::{Actor, Entry, Event, Fact, Intent, Refusal, Room, decide};

/// At most so many intents share one commit.
const BATCH: usize = 256;

/// So long after something happened the journal is looked at often; a quiet room costs next to
/// nothing.
const LIVELY: Duration = Duration::from_secs(10);

/// How often a quiet journal is looked at, in multiples of [`Options::poll`].
const QUIET: u32 = 4;

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

/// All the thread has.
pub(super) struct Writer {
    store: Box<dyn Store>,
    name: String,
    room: Room,
    read: Read,
    report: Box<dyn FnMut(Report) + Send>,
    options: Options,
    closing: Arc<AtomicBool>,
    me: Holder,
    watch: Option<Lease>,
    health: Health,
    /// A fresh connection has to be compared with the known end before anything else.
    severed: bool,
    /// Facts of a commit whose fate is not known yet, and whose they are.
    unsure: HashMap<Uuid, Option<u64>>,
    lively_until: Instant,
    next_look: Instant,
    next_renewal: Instant,
    next_mend: Instant,
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
        queue: &Receiver<Ask>,
    ) {
        match open_store(&mut open, &options, &mut report) {
            Ok((store, name)) => {
                let mut writer = Self::new(store, read, options, report, closing);
                writer.name = name;
                match writer.begin(&mut open) {
                    Ok(()) => writer.serve(queue),
                    Err(error) => (writer.report)(Report::NotOpened(Trouble::from(&error))),
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
        let founded = options.founding.as_ref().map(|founding| Arc::clone(&founding.edition.plan));
        Self {
            me: Holder::this_process(&options.name),
            room: Room::new(founded.or_else(|| options.plan.clone()).unwrap_or_default()),
            health: health_of(store.as_ref()),
            name: String::new(),
            store,
            read,
            report,
            closing,
            watch: None,
            severed: false,
            unsure: HashMap::new(),
            lively_until: now,
            next_look: now + options.poll,
            next_renewal: now,
            next_mend: now,
            pause: options.poll,
            options,
        }
    }

    /// Reads everything, founds a new room, and says what there is.
    fn begin(&mut self, open: &mut Open) -> Result<(), JournalError> {
        match self.read_on() {
            Err(JournalError::Corrupt { file, .. }) if self.options.recover => {
                (self.report)(Report::Recovered(salvage::recover(&file)?));
                (self.store, self.name) = open()?;
                self.room = Room::new(Arc::clone(&self.room.plan));
                self.health = health_of(self.store.as_ref());
                self.read_on()?;
            }
            Err(error @ (JournalError::Broken { .. } | JournalError::Backwards { .. })) => {
                self.health = Health::ViewOnly(Trouble::from(&error));
            }
            read => drop(read?),
        }
        let fresh = self.room.seq == 0;
        if let Some(founding) = self.options.founding.take().filter(|_| fresh && self.health == Health::Live)
        {
            self.found(founding)?;
        }
        if self.health != Health::Live {
            (self.report)(Report::Health(self.health.clone()));
        }
        (self.report)(Report::Opened { room: Box::new(self.room.clone()), fresh });
        Ok(())
    }

    /// The first facts of a room. Where another process founds it at the same instant, its facts
    /// stand and ours are refused.
    fn found(&mut self, founding: Founding) -> Result<(), JournalError> {
        let Founding { mut open, edition, actor } = founding;
        if let Intent::OpenRoom { room, .. } = &mut open {
            room.clone_from(&self.name);
        }
        self.options.plan = Some(Arc::clone(&edition.plan));
        self.store.keep_plan(&edition.plan.digest, &edition.bytes)?;
        let job = |intent| Job { ticket: None, intent, actor: actor.clone() };
        let jobs = [job(open), job(adoption(&edition))];
        loop {
            self.read_on()?;
            let draft = self.judge(&jobs);
            if draft.texts.is_empty() {
                return Ok(());
            }
            match self.store.append(self.room.seq, &draft.texts) {
                Err(AppendError::Moved { .. }) => {}
                Err(AppendError::Failed(error)) => return Err(error),
                Ok(_) => {
                    let entries: Vec<_> =
                        draft.verdicts.into_iter().filter_map(|(_, v)| v.ok()).flatten().collect();
                    self.apply(&entries);
                    return Ok(());
                }
            }
        }
    }

    /// Works until everybody who could ask is gone and everything asked is done.
    fn serve(&mut self, queue: &Receiver<Ask>) {
        loop {
            let due = self.next_look.min(self.next_renewal).min(self.next_mend_due());
            match queue.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(ask) => self.take(std::iter::once(ask).chain(queue.try_iter().take(BATCH - 1)).collect()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.keep_up();
        }
        if self.closing.load(Ordering::Relaxed) && matches!(self.watch, Some(Lease::Mine { .. })) {
            // A lease that cannot be given back runs out by itself.
            let _ = self.store.release_lease(&self.me);
        }
    }

    fn next_mend_due(&self) -> Instant {
        if self.severed { self.next_mend } else { self.next_look }
    }

    /// What is done by the clock: mending, looking for what others stored, renewing the watch.
    fn keep_up(&mut self) {
        let now = Instant::now();
        if self.severed {
            if now >= self.next_mend {
                self.mend();
            }
            self.next_look = now + self.options.poll;
            return;
        }
        let renews = now >= self.next_renewal;
        if now >= self.next_look || renews {
            self.look();
            let every = if now < self.lively_until { 1 } else { QUIET };
            self.next_look = now + self.options.poll * every;
        }
        if renews {
            self.renew();
            self.next_renewal = now + self.options.renew;
        }
    }

    /// Reads what others stored, and reports it.
    fn look(&mut self) {
        match self.store.changed() {
            Ok(false) => {}
            Ok(true) => {
                if let Err(error) = self.follow() {
                    self.failed(&error);
                }
            }
            Err(error) => self.failed(&error),
        }
    }

    fn follow(&mut self) -> Result<(), JournalError> {
        let before = Arc::clone(&self.room.plan);
        let read = self.read_on();
        let entries = read?;
        if !entries.is_empty() {
            self.lively_until = Instant::now() + LIVELY;
            let plan = self.new_plan(&before);
            (self.report)(Report::Recorded { entries, plan, ticket: None });
        }
        Ok(())
    }

    /// Reads the journal to its end into the room.
    fn read_on(&mut self) -> Result<Vec<Entry>, JournalError> {
        let mut all = vec![];
        loop {
            let records = self.store.after(self.room.seq)?;
            if records.is_empty() {
                return Ok(all);
            }
            let entries: Vec<_> = records.iter().map(|r| Entry::read(r.seq, &r.text)).collect();
            self.apply(&entries);
            all.extend(entries);
        }
    }

    /// Folds entries, and reads the plan that the last of them follows.
    fn apply(&mut self, entries: &[Entry]) {
        entries.iter().for_each(|entry| self.room.apply(entry));
        let adopts = |entry: &Entry| matches!(entry.event, Event::PlanAdopted { .. });
        if entries.iter().any(adopts) && self.room.digest != self.room.plan.digest {
            self.follow_plan();
        }
    }

    fn follow_plan(&mut self) {
        let known = [self.options.plan.as_ref(), self.options.founding.as_ref().map(|f| &f.edition.plan)];
        let known = known.into_iter().flatten().find(|p| p.digest == self.room.digest).map(Arc::clone);
        let plan = match known {
            Some(plan) => Ok(Some(plan)),
            None => self.store.plan(&self.room.digest).map(|bytes| bytes.map(|b| Arc::new((self.read)(&b)))),
        };
        match plan {
            Ok(Some(plan)) => self.room.follow(plan),
            Ok(None) => {
                let why = format!("the journal does not have the plan it follows ({})", self.room.digest);
                (self.report)(Report::PlanMissing(Trouble {
                    why,
                    hint: "open the room with the plan's file",
                }));
            }
            Err(error) => (self.report)(Report::PlanMissing(Trouble::from(&error))),
        }
    }

    fn new_plan(&self, before: &Arc<Plan>) -> Option<Arc<Plan>> {
        (!Arc::ptr_eq(before, &self.room.plan)).then(|| Arc::clone(&self.room.plan))
    }

    fn renew(&mut self) {
        if !self.options.watch {
            return;
        }
        match self.store.renew_lease(&self.me, Utc::now().timestamp_millis()) {
            Ok(lease) => {
                self.works_again();
                let whose = |lease: &Lease| match lease {
                    Lease::Theirs { holder, .. } => Some(holder.clone()),
                    _ => None,
                };
                let same = |old: &Lease| {
                    std::mem::discriminant(old) == std::mem::discriminant(&lease)
                        && whose(old) == whose(&lease)
                };
                if !self.watch.as_ref().is_some_and(same) {
                    (self.report)(Report::Watch(lease.clone()));
                }
                self.watch = Some(lease);
            }
            Err(error) => self.failed(&error),
        }
    }

    fn take(&mut self, asks: Vec<Ask>) {
        self.lively_until = Instant::now() + LIVELY;
        let mut jobs = Vec::with_capacity(asks.len());
        for ask in asks {
            let ticket = Some(ask.ticket());
            match ask {
                Ask::Submit { intent, actor, .. } => jobs.push(Job { ticket, intent, actor }),
                Ask::Adopt { ticket, edition, actor } => match self.keep(&edition) {
                    Ok(()) => jobs.push(Job { ticket: Some(ticket), intent: adoption(&edition), actor }),
                    Err(error) => self.turn_away(ticket, &error),
                },
            }
        }
        self.commit(&jobs);
    }

    fn keep(&mut self, edition: &Edition) -> Result<(), JournalError> {
        self.store.keep_plan(&edition.plan.digest, &edition.bytes)?;
        self.options.plan = Some(Arc::clone(&edition.plan));
        Ok(())
    }

    /// Judges and stores a batch; everybody gets an answer, or stays unsure until the disk is mended.
    fn commit(&mut self, jobs: &[Job]) {
        if let Some(trouble) = self.hopeless() {
            let tickets = jobs.iter().filter_map(|job| job.ticket);
            tickets.for_each(|ticket| (self.report)(Report::Failed { ticket, trouble: trouble.clone() }));
            return;
        }
        loop {
            if let Err(error) = self.follow() {
                self.failed(&error);
                jobs.iter().filter_map(|job| job.ticket).for_each(|ticket| self.turn_away(ticket, &error));
                return;
            }
            let draft = self.judge(jobs);
            match self.append(&draft.texts) {
                Err(AppendError::Moved { .. }) => {}
                Ok(()) => return self.tell(draft),
                Err(AppendError::Failed(error)) => return self.not_stored(draft, &error),
            }
        }
    }

    fn append(&mut self, texts: &[String]) -> Result<(), AppendError> {
        if texts.is_empty() {
            return Ok(());
        }
        if let Some(delay) = self.options.commit_delay {
            thread::sleep(delay);
        }
        self.store.append(self.room.seq, texts)?;
        self.works_again();
        Ok(())
    }

    /// Why nothing can be stored now whatever is tried.
    fn hopeless(&self) -> Option<Trouble> {
        match &self.health {
            Health::ViewOnly(trouble) => Some(trouble.clone()),
            Health::Failing(trouble) if self.severed => Some(trouble.clone()),
            _ => None,
        }
    }

    /// Judges a batch in order, each against the room as the ones before it leave it.
    fn judge(&self, jobs: &[Job]) -> Draft {
        let at = DateTime::from_timestamp_millis(Utc::now().timestamp_millis()).unwrap_or_default();
        let mut draft = Draft::default();
        let mut ahead: Option<Room> = None;
        for job in jobs {
            let room = ahead.as_ref().unwrap_or(&self.room);
            let mut seq = room.seq;
            let verdict = decide(room, &job.intent, &job.actor, at).map(|events| {
                let place = |event| {
                    let fact = Fact::new(Uuid::now_v7(), at, &job.actor.name, event);
                    draft.texts.push(fact.to_text());
                    seq += 1;
                    Entry { seq, id: fact.id, at, by: fact.by, event: fact.event }
                };
                events.into_iter().map(place).collect::<Vec<_>>()
            });
            if let (Ok(entries), true) = (&verdict, jobs.len() > 1) {
                let ahead = ahead.get_or_insert_with(|| self.room.clone());
                entries.iter().for_each(|entry| ahead.apply(entry));
            }
            draft.verdicts.push((job.ticket, verdict));
        }
        draft
    }

    /// Applies and reports what was stored, each to whoever asked.
    fn tell(&mut self, draft: Draft) {
        for (ticket, verdict) in draft.verdicts {
            match (verdict, ticket) {
                (Ok(entries), ticket) => {
                    let before = Arc::clone(&self.room.plan);
                    self.apply(&entries);
                    let plan = self.new_plan(&before);
                    (self.report)(Report::Recorded { entries, plan, ticket });
                }
                (Err(refusal), Some(ticket)) => (self.report)(Report::Refused { ticket, refusal }),
                (Err(_), None) => {}
            }
        }
    }

    /// A commit failed. Where it is not known whether it arrived, nobody is told anything until
    /// the journal has been read again.
    fn not_stored(&mut self, draft: Draft, error: &JournalError) {
        let unknown = matches!(error, JournalError::Storage { .. });
        for (ticket, verdict) in draft.verdicts {
            match (verdict, ticket) {
                (Ok(entries), ticket) if unknown => {
                    self.unsure.extend(entries.iter().map(|entry| (entry.id, ticket)));
                }
                (Ok(_), Some(ticket)) => self.turn_away(ticket, error),
                (Err(refusal), Some(ticket)) => (self.report)(Report::Refused { ticket, refusal }),
                (_, None) => {}
            }
        }
        self.failed(error);
    }

    fn turn_away(&mut self, ticket: u64, error: &JournalError) {
        (self.report)(Report::Failed { ticket, trouble: Trouble::from(error) });
    }

    /// Notes what a failure means for everything that follows.
    fn failed(&mut self, error: &JournalError) {
        let trouble = Trouble::from(error);
        let lasting = matches!(
            error,
            JournalError::Broken { .. } | JournalError::Backwards { .. } | JournalError::ViewOnly { .. }
        );
        if error.needs_reopening() && !self.severed {
            self.severed = true;
            self.pause = self.options.poll;
            self.next_mend = Instant::now() + self.pause;
        }
        self.becomes(if lasting { Health::ViewOnly(trouble) } else { Health::Failing(trouble) });
    }

    fn works_again(&mut self) {
        if matches!(self.health, Health::Failing(_)) && !self.severed {
            self.becomes(Health::Live);
        }
    }

    fn becomes(&mut self, health: Health) {
        if self.health != health && !matches!(self.health, Health::ViewOnly(_)) {
            self.health = health.clone();
            (self.report)(Report::Health(health));
        }
    }

    /// Tries a fresh connection. Once the journal can be read again, those who were unsure learn
    /// what became of theirs.
    fn mend(&mut self) {
        if let Err(error) = self.store.reopen() {
            self.pause = (self.pause * 2).min(PATIENCE);
            self.next_mend = Instant::now() + self.pause;
            return self.failed(&error);
        }
        self.severed = false;
        match self.read_on() {
            Err(error) => self.failed(&error),
            Ok(entries) => {
                for entry in entries {
                    let ticket = self.unsure.remove(&entry.id).flatten();
                    (self.report)(Report::Recorded { entries: vec![entry], plan: None, ticket });
                }
                let why = "the disk failed before this was stored".to_owned();
                let trouble = Trouble { why, hint: "do it again" };
                for ticket in std::mem::take(&mut self.unsure).into_values().flatten() {
                    (self.report)(Report::Failed { ticket, trouble: trouble.clone() });
                }
                self.works_again();
            }
        }
    }
}

fn adoption(edition: &Edition) -> Intent {
    Intent::AdoptPlan { digest: edition.plan.digest.clone(), title: edition.plan.title.clone() }
}

fn health_of(store: &dyn Store) -> Health {
    match store.opened_as() {
        OpenedAs::Writable => Health::Live,
        OpenedAs::ReadOnly(why) => Health::ViewOnly(Trouble { why: why.to_string(), hint: why.hint() }),
    }
}

/// Opens the journal; a damaged one is moved aside where that is allowed.
fn open_store(
    open: &mut Open,
    options: &Options,
    report: &mut Box<dyn FnMut(Report) + Send>,
) -> Result<Opened, JournalError> {
    match open() {
        Err(JournalError::Corrupt { file, .. }) if options.recover => {
            report(Report::Recovered(salvage::recover(&file)?));
            open()
        }
        opened => opened,
    }
}
