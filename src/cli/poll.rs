//! `warroom poll`: asks the roles about a phase's gate, and ends that with what the votes come to.

use uuid::Uuid;

use super::args::Place;
use super::failure::Failure;
use super::vote::under_way;
use super::{acts, desk, pick};
use crate::room::Intent;

/// What to do with a poll.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Deed {
    /// Ask every role.
    Open,
    /// End it with what the votes come to.
    Close,
}

/// A poll to open or close.
#[derive(Clone, Debug, clap::Args)]
pub struct Polling {
    #[command(flatten)]
    pub place: Place,
    /// What to do.
    pub deed: Deed,
    /// The phase: its name, a part of it, its number, or :LINE; without it the one in view.
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<String>,
    /// Print what was recorded as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Opens or closes a poll.
///
/// # Errors
/// There is no such phase or poll, or the room says no.
pub fn run(polling: &Polling) -> Result<(), Failure> {
    let mut desk = desk::act(&polling.place)?;
    let intent = match polling.deed {
        Deed::Open => {
            let phase = pick::phase(&desk.room, polling.phase.as_deref())?.id.clone();
            Intent::OpenPoll { poll: Uuid::now_v7(), phase }
        }
        Deed::Close => Intent::ClosePoll(under_way(&desk.room, polling.phase.as_deref())?.id),
    };
    let entries = desk.submit(intent)?;
    acts::tell(&desk, &entries, polling.json)?;
    desk.close();
    Ok(())
}
