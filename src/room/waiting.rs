//! What waits for a second person: of whom it is asked, what they have to type, and how whoever asked
//! takes it back.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::approval::{Proposal, same_person};
use super::decide::Refusal;
use super::event::Event;
use super::fold::Room;
use super::intent::Actor;

impl Room {
    /// What somebody else asks this person to agree to, the oldest first.
    pub fn asked_of(&self, name: &str, now: DateTime<Utc>) -> Vec<&Proposal> {
        self.waiting(now).filter(|p| p.approved.is_none() && !same_person(&p.by, name)).collect()
    }

    /// Proposals that can still be approved or used, the oldest first.
    pub fn waiting(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Proposal> {
        self.proposals.iter().filter(move |p| p.is_live(now) && p.plan == self.digest)
    }

    /// What has to be typed to agree: it names what was seen.
    pub fn approval_phrase(&self, proposal: &Proposal) -> String {
        let digest = proposal.digest.trim_start_matches("sha256:");
        format!("{}-approve-{}", self.stem(), digest.get(..6).unwrap_or(digest))
    }

    pub(super) fn take_back(&mut self, proposal: Uuid, by: &str, at: DateTime<Utc>) {
        let own = |p: &&mut Proposal| p.id == proposal && p.by == by && p.used.is_none();
        if let Some(proposal) = self.proposals.iter_mut().find(own) {
            proposal.withdrawn.get_or_insert(at);
        }
    }
}

/// Judges whether a proposal is taken back.
pub(super) fn withdraw(room: &Room, id: Uuid, actor: &Actor, now: DateTime<Utc>) -> Result<Event, Refusal> {
    let found = room.proposals.iter().find(|p| p.id == id);
    let proposal = found.ok_or_else(|| Refusal::Unknown { what: "proposal", id: id.to_string() })?;
    if proposal.by != actor.name {
        return Err(Refusal::NotYet(format!("{} asked for it, and only they take it back", proposal.by)));
    }
    match proposal.is_live(now) {
        true => Ok(Event::ProposalWithdrawn { proposal: id, title: proposal.title.clone() }),
        false => Err(Refusal::Already(format!("{} waits for nobody any more", proposal.title))),
    }
}
