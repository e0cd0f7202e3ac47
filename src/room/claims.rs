//! What was ticked and reads otherwise: "SCHEDULER_ENABLED=true" is done while the flag reads off, a
//! health probe's item is done while the probe fails.
//!
//! Whoever has the watch sees it and records it when it begins and ends, so that gates say the same in
//! every process. A person's tick stays what it is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::cause::{Cause, CauseKind};
use super::decide::{Refusal, worded};
use super::event::{Entry, Event};
use super::fold::{Mark, Room};
use super::intent::Intent;
use crate::plan::{Item, ItemId, Phase};

/// What speaks against a tick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// What was seen instead.
    pub why: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

impl Room {
    /// What speaks against the tick of an item.
    pub fn claim(&self, item: &ItemId) -> Option<&Claim> {
        self.claims.get(item)
    }

    /// The ticked items against which something speaks, in the plan's order.
    pub fn claims(&self) -> impl Iterator<Item = (&Item, &Claim)> {
        let ticked = self.plan.items.iter().filter(|_| !self.claims.is_empty());
        ticked.filter(|i| self.mark(i) == Mark::Done).filter_map(|i| Some((i, self.claim(&i.id)?)))
    }

    /// Why the gate of a phase doubts: what it asks is ticked and reads otherwise.
    pub(super) fn doubted<'a>(&'a self, phase: &'a Phase) -> impl Iterator<Item = Cause> {
        let asked = self.asked(phase).filter(|_| !self.claims.is_empty());
        asked.filter(|i| self.mark(i) == Mark::Done).filter_map(|item| {
            let words = format!("“{}” is ticked, and {}", item.text, self.claim(&item.id)?.why);
            Some(Cause::doubt(CauseKind::Claim, &item.id, words).at(item.line))
        })
    }

    pub(super) fn apply_claim(&mut self, entry: &Entry) {
        match &entry.event {
            Event::ClaimDoubted { item, why, .. } => {
                let claim = Claim { why: why.clone(), at: entry.at };
                self.claims.insert(item.clone(), claim);
            }
            Event::ClaimSettled { item, .. } => drop(self.claims.remove(item)),
            _ => {}
        }
    }
}

/// Judges what the watch saw of a tick.
pub(super) fn judge(room: &Room, intent: &Intent) -> Result<Event, Refusal> {
    let known = || Refusal::Already("that is known already".to_owned());
    let found = |id: &ItemId| {
        let item = room.plan.item(id).ok_or_else(|| Refusal::Unknown { what: "item", id: id.to_string() });
        item.map(|item| (item, room.claim(id)))
    };
    match intent {
        Intent::DoubtClaim { item, why } => match found(item)? {
            (item, _) if room.mark(item) != Mark::Done => {
                Err(Refusal::NotYet(format!("“{}” is not ticked", item.text)))
            }
            (_, Some(claim)) if claim.why == *why => Err(known()),
            (item, _) => Ok(Event::ClaimDoubted {
                item: item.id.clone(),
                text: item.text.clone(),
                why: worded("reason", why)?,
            }),
        },
        Intent::SettleClaim(id) => match found(id)? {
            (item, Some(_)) => Ok(Event::ClaimSettled { item: id.clone(), text: item.text.clone() }),
            _ => Err(known()),
        },
        _ => Err(known()),
    }
}
