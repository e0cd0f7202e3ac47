//! `warroom vote`: a role's GO, NO-GO or ABSTAIN in a poll, without the screen.

use super::args::Place;
use super::failure::Failure;
use super::{acts, desk, pick};
use crate::plan::binding::normal;
use crate::room::{Chair, Intent, Poll, Room, Vote};
use crate::text::clean;

/// What a role says.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Said {
    /// Yes, on what the gate sees now.
    Go,
    /// No; takes a reason.
    NoGo,
    /// Neither.
    Abstain,
}

/// A vote.
#[derive(Clone, Debug, clap::Args)]
pub struct Voting {
    #[command(flatten)]
    pub place: Place,
    /// The role, as the plan writes it, or a part of it.
    pub role: String,
    /// What it says.
    pub vote: Said,
    /// Why; a NO-GO needs it.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The phase, where several polls are under way.
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<String>,
    /// The digest of the evidence that was looked at (`warroom gate --json`); a GO on anything else is
    /// refused. Without it what is there now is shown and counts.
    #[arg(long, value_name = "DIGEST")]
    pub seen: Option<String>,
    /// Print what was recorded as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Votes for a role in the poll under way.
///
/// # Errors
/// There is no poll or no such role, or the room says no.
pub fn run(voting: &Voting) -> Result<(), Failure> {
    let mut desk = desk::act(&voting.place)?;
    let poll = under_way(&desk.room, voting.phase.as_deref())?;
    let chair = role(poll, &voting.role)?;
    let vote = match voting.vote {
        Said::Go => Vote::Go,
        Said::NoGo => Vote::NoGo,
        Said::Abstain => Vote::Abstain,
    };
    let evidence = voting.seen.clone().unwrap_or_else(|| desk.room.evidence_of(poll));
    if vote == Vote::Go && voting.seen.is_none() {
        show(&desk.room, poll);
    }
    let (poll, seat) = (poll.id, chair.seat.id.clone());
    let intent = Intent::Vote { poll, seat, vote, reason: voting.reason.clone(), evidence };
    let entries = desk.submit(intent)?;
    acts::tell(&desk, &entries, voting.json)?;
    desk.close();
    Ok(())
}

/// What a GO is given on.
fn show(room: &Room, poll: &Poll) {
    let Some(phase) = room.plan.phase(&poll.phase) else { return };
    eprintln!("GO for {} on this:", clean(&poll.name));
    room.evidence(phase).told().iter().for_each(|line| eprintln!("  {}", clean(line)));
}

/// The poll under way: of a phase, else the only one.
///
/// # Errors
/// There is none, or there are several.
pub fn under_way<'a>(room: &'a Room, phase: Option<&str>) -> Result<&'a Poll, Failure> {
    let wanted = phase.map(|p| pick::phase(room, Some(p))).transpose()?;
    let mut open = room.open_polls().filter(|p| wanted.is_none_or(|phase| phase.id == p.phase));
    match (open.next(), open.next()) {
        (Some(poll), None) => Ok(poll),
        (None, _) => {
            Err(Failure::new("no poll is under way").hint("`warroom poll PLAN open` asks the roles"))
        }
        (Some(_), Some(_)) => Err(Failure::usage("several polls are under way").hint("say --phase")),
    }
}

fn role<'a>(poll: &'a Poll, wanted: &str) -> Result<&'a Chair, Failure> {
    let wanted = normal(wanted);
    let named = |c: &&Chair| normal(&c.seat.role) == wanted || normal(c.seat.id.as_str()) == wanted;
    if let Some(chair) = poll.chairs.iter().find(named) {
        return Ok(chair);
    }
    let part: Vec<_> = poll.chairs.iter().filter(|c| normal(&c.seat.role).contains(&wanted)).collect();
    let roles = || poll.chairs.iter().map(|c| c.seat.role.as_str()).collect::<Vec<_>>().join(", ");
    match part[..] {
        [chair] if !wanted.is_empty() => Ok(chair),
        _ => {
            Err(Failure::usage(format!("the poll asks no role {wanted:?}"))
                .hint(format!("it asks {}", roles())))
        }
    }
}
