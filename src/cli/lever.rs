//! What `flag`, `run` and `approve` have in common: a room to act in, the plan as it was allowed, a
//! person's word for exactly what was shown, and levers that report.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::allow::typed;
use super::args::Place;
use super::desk::{self, Desk};
use super::failure::{Exit, Failure};
use super::open;
use super::surroundings::Surroundings;
use super::target::{self, Target, rooms};
use super::{acts, print};
use crate::journal::REHEARSAL;
use crate::levers::run::Step;
use crate::levers::{self, BEGINS, Leave, Levers, Report, Runs, allow::ExecutableSet};
use crate::plan::binding::Binding;
use crate::plan::{Plan, Procedure};
use crate::room::{About, Intent, Role};

/// What was confirmed is begun within this time of being stored, or not at all.
const STALE: Duration = Duration::from_secs(10);

/// A plan's file with what somebody allowed of it.
pub struct Case {
    /// Where everything lies.
    pub around: Surroundings,
    /// The plan's file and what is beside it, read once.
    pub target: Target,
    /// The reading of the file.
    pub plan: Arc<Plan>,
    /// Somebody's leave to run its commands.
    pub leave: Option<Leave>,
    /// Whether what it reaches was allowed.
    pub allowed: bool,
}

impl Case {
    /// Looks at a plan, or at the plan of a room.
    ///
    /// # Errors
    /// There is neither, its file is gone or damaged, or what lies beside it has faults.
    pub fn open(place: &Place) -> Result<Self, Failure> {
        let around = Surroundings::find(place.hand.state.as_deref())?;
        let target = Target::find(&place.target, &rooms(&around)?)?.at_home(&rooms(&around)?);
        if let Some(trouble) = target.lossy() {
            return Err(Failure::read_only(trouble.why).hint(trouble.hint));
        }
        let Some(plan) = target.plan() else {
            let sentence = format!("{}: the plan's file is not there, or this is a rehearsal", place.target);
            return Err(
                Failure::new(sentence).hint("nothing of it is run without the file it was allowed in")
            );
        };
        let leave = open::leave(&around, &target);
        let set = ExecutableSet::of(&plan, target.binding());
        let allowed = around.state.as_deref().is_some_and(|state| levers::allowed(state, &set));
        Ok(Self { around, target, plan, leave, allowed })
    }

    /// Refuses whoever only looks, before anything is asked of anybody.
    ///
    /// # Errors
    /// The settings say observer.
    pub fn hands(&self) -> Result<(), Failure> {
        match self.around.config.role {
            Role::Observer => Err(Failure::read_only("an observer only looks at this room")),
            Role::Engineer | Role::Commander => Ok(()),
        }
    }

    /// A step as it would be run, whether somebody allowed it or not; for showing.
    ///
    /// # Errors
    /// What is against it.
    pub fn draft(&self, procedure: &Procedure, number: usize, room: &str) -> Result<Step, Failure> {
        let why = |why| refused(format!("{}, step {}: {why}", procedure.title, number + 1));
        open::draft(&self.around, &self.target, (procedure, number), room).map_err(why)
    }

    /// The leave, or why there is none.
    ///
    /// # Errors
    /// Nobody allowed the plan as it is.
    pub fn need_leave(&self) -> Result<(), Failure> {
        match self.allowed {
            true => Ok(()),
            false => {
                let sentence = "nobody allowed what this plan reaches, as it is now";
                Err(refused(sentence).hint("`warroom allow PLAN` shows what, and what changed"))
            }
        }
    }

    /// The room, for acting in.
    ///
    /// # Errors
    /// Its journal cannot be written, or it was a rehearsal's.
    pub fn desk(&self, place: &Place) -> Result<Desk, Failure> {
        let desk = desk::act_on(place, &self.around, &self.target)?;
        if desk.room.environment == REHEARSAL {
            return Err(refused("this room was a rehearsal: nothing real is reached from it"));
        }
        Ok(desk)
    }

    /// The name that its room has or would have; makes none.
    pub fn room_name(&self, place: &Place) -> String {
        let known = rooms(&self.around).and_then(|rooms| target::existing(place, &rooms));
        known.unwrap_or_else(|_| self.target.stem())
    }

    /// Runs below the state folder.
    ///
    /// # Errors
    /// There is no such folder.
    pub fn runs(&self) -> Result<Runs, Failure> {
        let state = self.around.state.as_deref().ok_or_else(|| Failure::new("no place for the runs"))?;
        Ok(Runs::below(state))
    }

    /// What the plan's binding reaches, with every folder and file in its place.
    pub fn reached(&self) -> Binding {
        let reached = self.target.binding().reachable();
        match &self.target {
            Target::Plan { file, .. } => open::placed(reached, &file.path),
            Target::Room { .. } => reached,
        }
    }

    /// The levers of this plan, and what they say.
    ///
    /// # Errors
    /// There is no folder for runs.
    pub fn levers(&self) -> Result<(Levers, Receiver<Report>), Failure> {
        let (sender, reports) = channel();
        let binding = Arc::new(self.reached());
        let levers = Levers::with(binding, self.runs()?, move |report| drop(sender.send(report)));
        Ok((levers, reports))
    }
}

/// The room says no.
pub fn refused(sentence: impl Into<String>) -> Failure {
    Failure { exit: Exit::Refused, ..Failure::new(sentence) }
}

/// A person's word for what was shown: the phrase typed now, or given exactly.
///
/// # Errors
/// It is another phrase, or there is nobody to ask.
pub fn agree(phrase: &str, yes: Option<&str>) -> Result<(), Failure> {
    let exactly = format!("--yes takes exactly {phrase}");
    match yes {
        Some(given) if given == phrase => Ok(()),
        Some(_) => Err(refused("nothing was done: that is not the phrase of this").hint(exactly)),
        None if !io::stdin().is_terminal() || !io::stdout().is_terminal() => {
            Err(refused("nothing was done: there is nobody to ask").hint(exactly))
        }
        None if typed(phrase) => Ok(()),
        None => Err(refused("nothing was done")),
    }
}

/// Prints lines that were cleaned where they were made.
///
/// # Errors
/// Standard output does not take them.
pub fn show(lines: &[String]) -> Result<(), Failure> {
    print::text(&lines.iter().map(|line| format!("{line}\n")).collect::<String>())
}

/// What takes a second person and has none yet is proposed, and that is all that is done.
///
/// # Errors
/// It waits for somebody else; then nothing was done.
pub fn second_person(desk: &mut Desk, about: About, bytes: &str, as_json: bool) -> Result<(), Failure> {
    let now = chrono::Utc::now();
    let waits = desk
        .room
        .proposal(&about)
        .filter(|p| p.is_live(now) && p.bytes == bytes && p.plan == desk.room.digest);
    let id = match waits {
        _ if !desk.room.takes_two(&about) => return Ok(()),
        Some(proposal) if proposal.approved.is_some() => return Ok(()),
        Some(proposal) => proposal.id,
        None => {
            let (proposal, nonce) = (Uuid::now_v7(), Uuid::now_v7());
            let entries = desk.submit(Intent::Propose { proposal, nonce, about, bytes: bytes.to_owned() })?;
            acts::tell(desk, &entries, as_json)?;
            proposal
        }
    };
    let hint =
        format!("somebody else says `warroom approve PLAN {id}` within 15 minutes; then say this again");
    Err(refused("nothing was done yet: it waits for a second person").hint(hint))
}

/// Stores a start; until when it may begin, none where it was not stored soon enough.
///
/// # Errors
/// The refusal, or why it could not be stored.
pub fn begin(desk: &mut Desk, intent: Intent, as_json: bool) -> Result<Option<DateTime<Utc>>, Failure> {
    let began = Instant::now();
    let entries = desk.submit(intent)?;
    acts::tell(desk, &entries, as_json)?;
    let stored = entries.first().map_or_else(Utc::now, |entry| entry.at);
    Ok((began.elapsed() <= STALE).then(|| stored + BEGINS))
}
