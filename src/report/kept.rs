//! What people decided together and a room forgets: answers that were given anew, holds before T0 was set
//! again, doubts that are settled, what was refused. [`super::Ledger`] shows it every entry, with the room
//! as it was before and as it is after; what the room did not take is not kept.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::account::{ClaimTold, ClockTold, RefusedTold, ResolvedTold, SignersTold, Who};
use crate::plan::{ItemId, SignOffId};
use crate::room::{Cast, Entry, Event, Pause, Room, Vote, t_word};

/// What is kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Answers that a role replaced, by poll and role, and whether they had lapsed by then.
    pub former: Vec<((Uuid, String), Cast, bool)>,
    /// Holds that T0 was set anew after.
    pub clock: Vec<ClockTold>,
    /// Who let the count go on.
    pub resumed: Vec<Who>,
    pub claims: Vec<(ItemId, ClaimTold)>,
    pub signers: Vec<SignersTold>,
    pub refused: HashMap<Uuid, Vec<RefusedTold>>,
    pub resolved: Vec<ResolvedTold>,
    /// The answer that stood before the present entry.
    answer: Option<Cast>,
}

impl Kept {
    /// An entry comes; the room has not taken it yet.
    pub fn before(&mut self, room: &Room, entry: &Entry) {
        match &entry.event {
            Event::Voted { poll, seat, .. } => {
                self.answer = answer(room, *poll, seat).map(|(_, c)| c.clone())
            }
            Event::T0Set { .. } => self.clock.extend(self.begun(room, entry)),
            _ => {}
        }
    }

    /// The room has taken it, or left it.
    pub fn after(&mut self, room: &Room, entry: &Entry) {
        match &entry.event {
            Event::Voted { poll, seat, .. } => self.voted(room, *poll, seat),
            Event::ClockResumed { .. } => self.resumed.push(who(entry)),
            Event::SignersAdopted { digest, .. } => self.adopted(room, digest, entry),
            Event::ApprovalRefused { proposal, why, .. } => {
                let told = RefusedTold { by: entry.by.clone(), at: entry.at, why: why.clone() };
                self.refused.entry(*proposal).or_default().push(told);
            }
            Event::RunResolved { .. } | Event::FlagResolved { .. } => self.resolve(room, entry),
            _ => self.claim(room, entry),
        }
    }

    fn voted(&mut self, room: &Room, poll: Uuid, seat: &SignOffId) {
        let Some((role, now)) = answer(room, poll, seat) else { return };
        let Some(old) = self.answer.take().filter(|old| old != now) else { return };
        let lapsed = old.vote == Vote::Go && old.evidence != now.evidence;
        self.former.push(((poll, role.to_owned()), old, lapsed));
    }

    /// The holds that T0 set anew ends.
    fn begun(&self, room: &Room, entry: &Entry) -> Vec<ClockTold> {
        let begun = self.holds(room, entry.at).into_iter().filter(|hold| hold.state != "ahead");
        let ended = |hold: ClockTold| match hold.state.as_str() {
            "holds" => {
                let (to, ended_by, state) = (Some(entry.at), Some(entry.by.clone()), "over".to_owned());
                ClockTold { to, ended_by, state, ..hold }
            }
            _ => hold,
        };
        begun.map(ended).collect()
    }

    /// The holds of a room's present T0, as of `now`.
    pub fn holds(&self, room: &Room, now: DateTime<Utc>) -> Vec<ClockTold> {
        let Some(t0) = room.t0.as_ref().map(|t| t.at) else { return vec![] };
        let mut moved = TimeDelta::zero();
        let told = |pause: &Pause| {
            let from = t0.checked_add_signed(pause.at)?.checked_add_signed(moved)?;
            let to = pause.lasts.and_then(|lasts| from.checked_add_signed(lasts));
            moved = moved.checked_add(&pause.lasts.unwrap_or_default())?;
            let ended = self.resumed.iter().rfind(|who| Some(who.at) == to);
            let state = match to {
                _ if now < from => "ahead",
                Some(to) if to <= now => "over",
                _ => "holds",
            };
            Some(ClockTold {
                t: t_word(pause.at),
                planned: pause.planned,
                state: state.to_owned(),
                from,
                to,
                reason: pause.reason.clone(),
                by: pause.by.clone(),
                ended_by: ended.map(|who| who.by.clone()),
            })
        };
        room.pauses().iter().filter_map(told).collect()
    }

    fn adopted(&mut self, room: &Room, digest: &str, entry: &Entry) {
        let Some(list) = room.signers().filter(|list| list.digest == digest && list.at == entry.at) else {
            return;
        };
        self.signers.push(SignersTold {
            from: list.from.clone(),
            digest: list.digest.clone(),
            names: list.signers.counting().map(|signer| signer.principals.clone()).collect(),
            by: entry.by.clone(),
            at: entry.at,
        });
    }

    fn resolve(&mut self, room: &Room, entry: &Entry) {
        let (what, outcome, reason, ended) = match &entry.event {
            Event::RunResolved { run, title, step, outcome, reason, .. } => {
                let ended = room.run(*run).and_then(|r| r.step(*step).ended);
                (format!("{title}, step {}", step + 1), outcome, reason, ended)
            }
            Event::FlagResolved { change, flag, to, outcome, reason } => {
                let ended = room.change(*change).and_then(|c| c.ended.clone());
                (format!("{flag} → {to}"), outcome, reason, ended)
            }
            _ => return,
        };
        let taken = ended.is_some_and(|e| (e.at, e.outcome, &e.detail) == (entry.at, *outcome, reason));
        self.resolved.extend(taken.then(|| ResolvedTold {
            what,
            outcome: outcome.as_str().to_owned(),
            reason: reason.clone(),
            by: entry.by.clone(),
            at: entry.at,
        }));
    }

    fn claim(&mut self, room: &Room, entry: &Entry) {
        match &entry.event {
            Event::ClaimDoubted { item, text, why } => self.doubt(item, text, why, entry.at),
            Event::ClaimSettled { item, .. } => {
                self.settle(item, entry.at, Some("nothing speaks against it any more"));
            }
            Event::ItemUnticked { item, .. }
            | Event::ItemExcluded { item, .. }
            | Event::ItemBlocked { item, .. }
            | Event::ItemReopened { item, .. } => {
                self.settle(item, entry.at, Some("its tick was taken back"));
            }
            // What spoke against the tick before speaks against this one.
            Event::ItemTicked { item, text } => {
                if let Some(claim) = room.claim(item).filter(|_| self.open(item).is_none()) {
                    self.doubt(item, text, &claim.why, entry.at);
                }
            }
            Event::PlanAdopted { carried: Some(carried), .. } => {
                for (item, _) in &mut self.claims {
                    *item = carried.item(item).unwrap_or(item).clone();
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, item: &ItemId) -> Option<&mut ClaimTold> {
        self.claims.iter_mut().rev().find(|(id, c)| id == item && c.to.is_none()).map(|(_, claim)| claim)
    }

    fn settle(&mut self, item: &ItemId, at: DateTime<Utc>, end: Option<&str>) {
        if let Some(claim) = self.open(item) {
            (claim.to, claim.end) = (Some(at), end.map(str::to_owned));
        }
    }

    fn doubt(&mut self, item: &ItemId, text: &str, why: &str, at: DateTime<Utc>) {
        self.settle(item, at, Some("something else was seen"));
        let (text, why) = (text.to_owned(), why.to_owned());
        self.claims.push((item.clone(), ClaimTold { text, why, from: at, to: None, end: None }));
    }
}

fn who(entry: &Entry) -> Who {
    Who { by: entry.by.clone(), at: entry.at }
}

/// What stands as a role's answer.
fn answer<'a>(room: &'a Room, poll: Uuid, seat: &SignOffId) -> Option<(&'a str, &'a Cast)> {
    let chair = room.polls().iter().find(|p| p.id == poll)?.chair(seat)?;
    Some((&chair.seat.role, chair.cast.as_ref()?))
}
