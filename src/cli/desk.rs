//! A room without a screen: opened, asked, closed, by the same scribe and the same `decide`.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::args::Place;
use super::failure::{Exit, Failure};
use super::surroundings::Surroundings;
use super::target::{self, Target, Wanted, opener, rooms};
use crate::identity;
use crate::journal::{Ask, Edition, Health, JournalError, Lease, Options, Read, Report, Scribe, Trouble};
use crate::plan;
use crate::plan::binding::Binding;
use crate::room::{Actor, Entry, Intent, Role, Room};

/// How long a subcommand waits for the journal.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open room.
pub struct Desk {
    /// The room as far as it was reported.
    pub room: Room,
    scribe: Scribe,
    reports: Receiver<Report>,
    actor: Actor,
    view_only: Option<Trouble>,
    /// What lies beside the plan.
    pub binding: Arc<Binding>,
    tickets: u64,
    /// Whether ticks also go into the plan's file, where no flag says otherwise.
    pub write_back: bool,
    /// Reads the plan's bytes as the room does.
    reader: Read,
}

/// Opens a place for looking.
///
/// # Errors
/// There is no room, or its journal cannot be read.
pub fn look(place: &Place) -> Result<Desk, Failure> {
    let around = Surroundings::find(place.hand.state.as_deref())?;
    let name = target::existing(place, &rooms(&around)?)?;
    open(place, &around, &Target::room(&name, &rooms(&around)?), true)
}

/// Opens a place for acting; a plan without a room gets one.
///
/// # Errors
/// The journal cannot be written, said before anything is asked of it.
pub fn act(place: &Place) -> Result<Desk, Failure> {
    let around = Surroundings::find(place.hand.state.as_deref())?;
    let target = Target::find_anyway(&place.target, &rooms(&around)?)?;
    act_on(place, &around, &target)
}

/// As [`act`], in the room of a target that was read already.
///
/// # Errors
/// As [`act`].
pub fn act_on(place: &Place, around: &Surroundings, target: &Target) -> Result<Desk, Failure> {
    if let Some(trouble) = target.lossy() {
        return Err(Failure::read_only(trouble.why).hint(trouble.hint));
    }
    let mut desk = open(place, around, target, false)?;
    if let Some(trouble) = &desk.view_only {
        return Err(Failure::read_only(trouble.why.clone()).hint(trouble.hint));
    }
    if let Some(edition) = target.edition().filter(|e| e.plan.digest != desk.room.digest) {
        match desk.follow(edition) {
            Err(failure) if failure.exit == Exit::Refused => {
                let sentence = failure.sentence;
                eprintln!(
                    "warroom: the plan changed but cannot be followed: {sentence}; the last good one stays"
                );
            }
            other => other?,
        }
    }
    Ok(desk)
}

fn open(place: &Place, around: &Surroundings, target: &Target, read_only: bool) -> Result<Desk, Failure> {
    let config = &around.config;
    let actor = identity::actor(place.hand.name.as_deref(), &config.name, config.role, false);
    let wanted = Wanted { room: place.hand.room.clone(), read_only, ..Wanted::default() };
    let mut options = Options::new(&actor.name);
    let signers = if read_only { None } else { super::signers::configured(config)? };
    (options.watch, options.recover, options.plan) = (false, false, target.plan());
    options.founding =
        if read_only { None } else { target.founding(&wanted, &actor).map(|f| f.signed_by(signers)) };
    let (sender, reports) = channel();
    let reader = target.reader();
    let scribe =
        Scribe::start(opener(rooms(around)?, target, wanted), target.reader(), options, move |report| {
            drop(sender.send(report))
        });
    let mut desk = Desk {
        room: Room::default(),
        scribe,
        reports,
        actor,
        view_only: None,
        binding: Arc::clone(target.binding()),
        tickets: 0,
        write_back: config.write_back,
        reader,
    };
    desk.wait_open()?;
    Ok(desk)
}

impl Desk {
    fn wait_open(&mut self) -> Result<(), Failure> {
        loop {
            match self.next()? {
                Report::Opened { room, .. } => {
                    self.room = *room;
                    return Ok(());
                }
                Report::NotOpened(trouble) => return Err(troubled(&trouble)),
                Report::Health(Health::ViewOnly(trouble)) => self.view_only = Some(trouble),
                _ => {}
            }
        }
    }

    /// Has the room know whether anybody has the watch. For a desk that only looks: another one is
    /// never told.
    ///
    /// # Errors
    /// The journal does not answer.
    pub fn look_who_watches(&mut self) -> Result<(), Failure> {
        let mut last = None;
        while self.view_only.is_some() {
            match self.next()? {
                Report::Past { past, .. } => last = past.memory().ok().flatten(),
                Report::Watch(Lease::Theirs { .. }) => break,
                Report::Watch(_) => {
                    let since = last.map_or_else(chrono::Utc::now, |memory| memory.at());
                    self.room.leave_unwatched(Some(since));
                    break;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Refuses where the history is not what it was: whoever decides by it must not be told anything.
    ///
    /// # Errors
    /// It is broken, went backwards, was exchanged, or is not the one that somebody signed for.
    pub fn sound(&self) -> Result<(), Failure> {
        match self.view_only.as_ref().filter(|trouble| trouble.history) {
            Some(trouble) => Err(troubled(trouble)),
            None => Ok(()),
        }
    }

    fn next(&self) -> Result<Report, Failure> {
        let silent =
            |_| Failure::new("the journal does not answer").hint("is another program holding its file?");
        self.reports.recv_timeout(PATIENCE).map_err(silent)
    }

    /// The name of whoever acts here.
    pub fn actor_name(&self) -> &str {
        &self.actor.name
    }

    /// What whoever acts here may do.
    pub fn role(&self) -> Role {
        self.actor.role
    }

    /// Has an intent judged and stored; the entries come back once they are on the disk.
    ///
    /// # Errors
    /// The refusal, or why it could not be stored.
    pub fn submit(&mut self, intent: Intent) -> Result<Vec<Entry>, Failure> {
        self.tickets += 1;
        let ask = Ask::Submit { ticket: self.tickets, intent, actor: self.actor.clone() };
        self.answer(ask)
    }

    /// Has the room follow these bytes of its plan.
    ///
    /// # Errors
    /// As [`Desk::submit`].
    pub fn adopt(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let plan = std::sync::Arc::new((self.reader)(bytes));
        self.follow(Edition { bytes: bytes.into(), plan })
    }

    fn follow(&mut self, edition: Edition) -> Result<(), Failure> {
        if edition.plan.digest == self.room.digest {
            return Ok(());
        }
        self.tickets += 1;
        let ask = Ask::Adopt { ticket: self.tickets, edition, actor: self.actor.clone() };
        self.answer(ask).map(drop)
    }

    fn answer(&mut self, ask: Ask) -> Result<Vec<Entry>, Failure> {
        let mine = ask.ticket();
        self.scribe.ask(ask).map_err(|why| Failure::new(why.to_string()))?;
        loop {
            match self.next()? {
                Report::Recorded { entries, plan, ticket } => {
                    self.take(&entries, plan);
                    if ticket == Some(mine) {
                        return Ok(entries);
                    }
                }
                Report::Refused { ticket, refusal } if ticket == mine => return Err(refusal.into()),
                Report::Failed { ticket, trouble } if ticket == mine => return Err(troubled(&trouble)),
                _ => {}
            }
        }
    }

    fn take(&mut self, entries: &[Entry], plan: Option<std::sync::Arc<plan::Plan>>) {
        entries.iter().for_each(|e| self.room.apply(e));
        if let Some(plan) = plan {
            self.room.follow(plan);
        }
    }

    /// Closes the room.
    pub fn close(self) {
        self.scribe.close(PATIENCE);
    }
}

/// A journal's error as a failure.
pub fn failure(error: &JournalError) -> Failure {
    Failure::new(error.to_string()).hint(error.hint())
}

fn troubled(trouble: &Trouble) -> Failure {
    Failure::new(trouble.why.clone()).hint(trouble.hint)
}
