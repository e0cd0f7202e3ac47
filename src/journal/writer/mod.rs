//! The scribe's thread: reads the journal into a room, judges and appends what it is asked,
//! follows what other processes append, keeps the watch, and gets over a failing disk. A decision
//! and its append are one: when somebody else was first, it reads on and judges again.

mod commit;
mod first;
mod keep;
mod mend;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use chrono::Utc;
use uuid::Uuid;

use self::commit::{BATCH, Job, adoption};
use super::samples::Keeping;
use super::scribe::{Ask, Founding, Health, Open, Opened, Options, Read, Report, Trouble};
use super::{AppendError, Holder, JournalError, Lease, OpenedAs, Recovery, Store, salvage};
use crate::plan::Plan;
use crate::room::{Actor, Entry, Event, Intent, Role, Room};

/// So long after something happened the journal is looked at often; in a quiet room only when the
/// watch is renewed, so that it wakes up once for both and costs next to nothing.
const LIVELY: Duration = Duration::from_secs(10);

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
    keeping: Keeping,
    /// The end at which the room was kept last, to be shown first the next time.
    glimpsed: u64,
}

impl Writer {
    /// The whole life of the thread.
    pub fn work(
        mut open: Open,
        read: Read,
        options: Options,
        mut report: Box<dyn FnMut(Report) + Send>,
        closing: Arc<AtomicBool>,
        (queue, keeping): (&Receiver<Ask>, Keeping),
    ) {
        match open_store(&mut open, &options, &mut report) {
            Ok((store, name)) => {
                let mut writer = Self::new(store, read, options, report, (closing, keeping));
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
        (closing, keeping): (Arc<AtomicBool>, Keeping),
    ) -> Self {
        let now = Instant::now();
        let founded = options.founding.as_ref().map(|founding| Arc::clone(&founding.edition.plan));
        Self {
            me: Holder { measures: options.measures, ..Holder::this_process(&options.name) },
            room: Room::new(founded.or_else(|| options.plan.clone()).unwrap_or_default()),
            health: health_of(store.as_ref(), &options),
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
            keeping,
            glimpsed: 0,
            options,
        }
    }

    /// Reads everything, founds a new room, and says what there is.
    fn begin(&mut self, open: &mut Open) -> Result<(), JournalError> {
        let mut glimpse = self.glimpse();
        match self.read_through(&mut glimpse) {
            Err(JournalError::Corrupt { file, .. }) if self.options.recover => {
                (self.report)(Report::Recovered(recover(&file, &self.options)?));
                (self.store, self.name) = open()?;
                self.room = Room::new(Arc::clone(&self.room.plan));
                self.health = health_of(self.store.as_ref(), &self.options);
                glimpse = None;
                self.read_on()?;
            }
            Err(error @ (JournalError::Broken { .. } | JournalError::Backwards { .. })) => {
                self.health = Health::ViewOnly(Trouble::from(&error));
            }
            read => read?,
        }
        if self.health == Health::Live {
            self.health = health_of(self.store.as_ref(), &self.options);
        }
        self.doubt(glimpse);
        let fresh = self.room.seq == 0;
        if let Some(founding) = self.options.founding.take().filter(|_| fresh && self.health == Health::Live)
        {
            self.found(founding)?;
        }
        if self.health != Health::Live {
            (self.report)(Report::Health(self.health.clone()));
        }
        (self.report)(Report::Opened { room: Box::new(self.room.clone()), fresh });
        self.open_past();
        self.keep_glimpse();
        Ok(())
    }

    /// The first facts of a room. Where another process founds it at the same instant, its facts
    /// stand and ours are refused.
    fn found(&mut self, founding: Founding) -> Result<(), JournalError> {
        let Founding { mut open, edition, actor, signers } = founding;
        if let Intent::OpenRoom { room, .. } = &mut open {
            room.clone_from(&self.name);
        }
        self.options.plan = Some(Arc::clone(&edition.plan));
        self.store.keep_plan(&edition.plan.digest, &edition.bytes)?;
        let job = |intent| Job { ticket: None, intent, actor: actor.clone() };
        let mut jobs = vec![job(open), job(adoption(&edition))];
        // The settings say whose signatures count, whatever the role of whoever comes first.
        let actor = Actor { role: Role::Commander, ..actor.clone() };
        jobs.extend(signers.map(|intent| Job { ticket: None, intent, actor }));
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
        self.keep_samples();
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
            let lively = now < self.lively_until;
            self.next_look = now + if lively { self.options.poll } else { self.options.renew };
        }
        if renews {
            self.renew();
            self.next_renewal = now + self.options.renew;
        }
        if self.keeping.is_due(now) {
            self.keep_samples();
            self.keep_glimpse();
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
            let entries: Vec<_> = records.iter().map(|r| r.entry()).collect();
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
                (self.report)(Report::PlanMissing(Trouble::new(why, "open the room with the plan's file")));
            }
            Err(error) => (self.report)(Report::PlanMissing(Trouble::from(&error))),
        }
    }

    fn new_plan(&self, before: &Arc<Plan>) -> Option<Arc<Plan>> {
        (!Arc::ptr_eq(before, &self.room.plan)).then(|| Arc::clone(&self.room.plan))
    }

    fn renew(&mut self) {
        // A store that takes no writes only looks whose it is.
        if !self.options.watch && *self.store.opened_as() == OpenedAs::Writable {
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
            Err(error) => {
                if self.watch.is_none() {
                    // Nobody is known to have it, so nobody is waited for.
                    (self.report)(Report::Watch(Lease::Free));
                    self.watch = Some(Lease::Free);
                }
                self.failed(&error);
            }
        }
    }
}

fn health_of(store: &dyn Store, options: &Options) -> Health {
    match (&options.view_only, store.opened_as()) {
        (Some(trouble), _) => Health::ViewOnly(trouble.clone()),
        (None, OpenedAs::Writable) => Health::Live,
        (None, OpenedAs::ReadOnly(why)) => Health::ViewOnly(Trouble::from(why)),
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
            report(Report::Recovered(recover(&file, options)?));
            open()
        }
        opened => opened,
    }
}

/// Moves a damaged journal aside. The room's first event says which room it was; without one it is
/// the room that was to be founded.
fn recover(file: &Path, options: &Options) -> Result<Recovery, JournalError> {
    let told = |first: Option<&str>| match (first.map(|text| Entry::read(1, text).event), &options.founding) {
        (Some(Event::RoomOpened { plan_path, environment, .. }), _) => Some((plan_path.into(), environment)),
        (None, Some(Founding { open: Intent::OpenRoom { plan_path, environment, .. }, .. })) => {
            Some((plan_path.into(), environment.clone()))
        }
        _ => None,
    };
    salvage::recover(file, &told)
}
