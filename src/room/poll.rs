//! A poll: every role of the plan is asked GO, NO-GO or ABSTAIN, in the plan's order.
//!
//! A GO is bound to the evidence it saw and lapses when that changes; then the role is asked again.
//! `voting` and the fold hold the same rules, as far as the journal alone can tell them. Whether a GO
//! lapsed is worked out whenever somebody looks, so nothing has to be recorded for it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cause::{Cause, CauseKind};
use super::event::{Entry, Event};
use super::evidence::Evidence;
use super::fold::Room;
use super::gate::Verdict;
use super::roles::is_one_of;
use crate::plan::{Phase, PhaseId, SignOffId};

/// A role's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vote {
    /// Yes, on what was seen.
    Go,
    /// No.
    NoGo,
    /// No answer; counts as neither.
    Abstain,
}

impl Vote {
    /// As everybody says it.
    pub fn word(self) -> &'static str {
        match self {
            Vote::Go => "GO",
            Vote::NoGo => "NO-GO",
            Vote::Abstain => "ABSTAIN",
        }
    }
}

/// A role that is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The id of its sign-off line.
    pub id: SignOffId,
    /// "Engineering Lead".
    pub role: String,
    /// The principals who have it; empty for anyone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
}

/// What a role said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cast {
    /// The answer.
    pub vote: Vote,
    /// Why; always there with a NO-GO.
    pub reason: Option<String>,
    /// The digest of what was seen.
    pub evidence: String,
    /// What was seen, where the room can still tell. Worked out from the plan in hand at that moment, so
    /// it is no fact of the journal, is not kept and makes no difference.
    #[serde(skip)]
    pub saw: Option<Box<Evidence>>,
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl PartialEq for Cast {
    fn eq(&self, other: &Self) -> bool {
        let facts = |c: &Self| (c.vote, c.reason.clone(), c.evidence.clone(), c.by.clone(), c.at);
        facts(self) == facts(other)
    }
}

/// A role with its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chair {
    /// The role.
    pub seat: Seat,
    /// Its last answer.
    pub cast: Option<Cast>,
}

/// How a poll ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closed {
    /// GO only where every role said GO to the same evidence.
    pub result: Verdict,
    /// Why it is not GO.
    pub why: String,
    /// The digest of what stood then.
    pub evidence: String,
    /// Who closed it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A round of votes on a phase's gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Poll {
    /// Its id.
    pub id: Uuid,
    /// The phase.
    pub phase: PhaseId,
    /// The phase's name then.
    pub name: String,
    /// Who asked.
    pub by: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// The roles in the order they are asked.
    pub chairs: Vec<Chair>,
    /// None while it is asked.
    pub closed: Option<Closed>,
}

/// Where a role stands in a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stance {
    /// It has not answered.
    Unasked,
    /// It answered.
    Said(Vote),
    /// It said GO, and what it saw has changed since.
    Lapsed,
}

impl Stance {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Stance::Unasked => "not asked yet",
            Stance::Said(vote) => vote.word(),
            Stance::Lapsed => "GO lapsed",
        }
    }
}

impl Chair {
    /// Where it stands while the evidence has this digest.
    pub fn stance(&self, evidence: &str) -> Stance {
        match &self.cast {
            None => Stance::Unasked,
            Some(cast) if cast.vote == Vote::Go && cast.evidence != evidence => Stance::Lapsed,
            Some(cast) => Stance::Said(cast.vote),
        }
    }

    /// What keeps it from a GO.
    fn against(&self, evidence: &str) -> Option<String> {
        let role = &self.seat.role;
        let reason = self.cast.as_ref().and_then(|c| c.reason.as_deref()).unwrap_or_default();
        Some(match self.stance(evidence) {
            Stance::Said(Vote::Go) => return None,
            Stance::Said(Vote::NoGo) => format!("{role} said NO-GO: {reason}"),
            Stance::Said(Vote::Abstain) => format!("{role} abstained"),
            Stance::Lapsed => format!("{role}'s GO has lapsed"),
            Stance::Unasked => format!("{role} has not voted"),
        })
    }
}

impl Poll {
    /// Whose turn it is: the first role without an answer that still holds.
    pub fn turn(&self, evidence: &str) -> Option<&Chair> {
        let waits = |c: &&Chair| matches!(c.stance(evidence), Stance::Unasked | Stance::Lapsed);
        self.chairs.iter().find(waits)
    }

    /// What it comes to with this evidence, and why that is not GO.
    pub fn result(&self, evidence: &str) -> (Verdict, String) {
        let no = |c: &Chair| c.stance(evidence) == Stance::Said(Vote::NoGo);
        let mut against: Vec<(bool, String)> =
            self.chairs.iter().filter_map(|c| Some((!no(c), c.against(evidence)?))).collect();
        against.sort_by_key(|(rest, _)| *rest);
        let verdict = match against.first() {
            None => Verdict::Go,
            Some((false, _)) => Verdict::NoGo,
            Some((true, _)) => Verdict::Inconclusive,
        };
        (verdict, against.into_iter().map(|(_, why)| why).collect::<Vec<_>>().join(", "))
    }

    /// The role of an id.
    pub fn chair(&self, seat: &SignOffId) -> Option<&Chair> {
        self.chairs.iter().find(|c| c.seat.id == *seat)
    }

    /// Whether a role may say more than NO-GO: all before it have spoken.
    pub(super) fn in_turn(&self, seat: &SignOffId) -> bool {
        self.chairs.iter().take_while(|c| c.seat.id != *seat).all(|c| c.cast.is_some())
    }
}

impl Room {
    /// Polls, oldest first.
    pub fn polls(&self) -> &[Poll] {
        &self.polls
    }

    /// The last poll of a phase.
    pub fn poll(&self, phase: &PhaseId) -> Option<&Poll> {
        self.polls.iter().rev().find(|p| p.phase == *phase)
    }

    /// The polls under way.
    pub fn open_polls(&self) -> impl Iterator<Item = &Poll> {
        self.polls.iter().filter(|p| p.closed.is_none())
    }

    /// The digest of what the gate of a poll sees now; empty where the plan has no such phase any more.
    pub fn evidence_of(&self, poll: &Poll) -> String {
        self.plan.phase(&poll.phase).map(|p| self.evidence(p).digest()).unwrap_or_default()
    }

    /// What changed since a vote, a sentence each.
    pub fn changed_after(&self, poll: &Poll, cast: &Cast) -> Vec<String> {
        let now = self.plan.phase(&poll.phase).map(|p| self.evidence(p));
        match (now, &cast.saw) {
            (Some(now), Some(saw)) => now.since(saw),
            (Some(_), None) => vec!["what it saw was something else".to_owned()],
            (None, _) => vec!["the plan has no such phase any more".to_owned()],
        }
    }

    /// The roles that a poll asks: the plan's sign-offs, in its order.
    pub fn seats(&self) -> Vec<Seat> {
        let seat = |id: &SignOffId, role: &str| Seat {
            id: id.clone(),
            role: role.to_owned(),
            people: self.people(role).to_vec(),
        };
        self.plan.signoffs.iter().map(|line| seat(&line.id, &line.role)).collect()
    }

    /// Why the poll of a phase keeps its gate from GO.
    pub(super) fn unpolled(&self, phase: &Phase) -> Option<Cause> {
        let poll = self.poll(&phase.id)?;
        let evidence = self.evidence_of(poll);
        let (shuts, words) = match &poll.closed {
            None => {
                let (verdict, why) = poll.result(&evidence);
                let why = if why.is_empty() { "every role said GO; close it".to_owned() } else { why };
                (verdict == Verdict::NoGo, format!("the poll is under way: {why}"))
            }
            Some(end) if end.result != Verdict::Go => {
                (end.result == Verdict::NoGo, format!("the poll ended {}: {}", end.result.as_str(), end.why))
            }
            Some(end) if end.evidence != evidence => {
                (false, "what the poll said GO to has changed: ask again".to_owned())
            }
            Some(_) => return None,
        };
        Some(Cause { shuts, ..Cause::shut(CauseKind::Poll, poll.id, words).at(phase.line) })
    }

    pub(super) fn apply_poll(&mut self, entry: &Entry) {
        match &entry.event {
            Event::PollOpened { poll, phase, name, roles } => {
                let known = self.polls.iter().any(|p| p.id == *poll);
                let open = self.open_polls().any(|p| p.phase == *phase);
                if known || open || roles.is_empty() {
                    return;
                }
                let chairs = roles.iter().map(|seat| Chair { seat: seat.clone(), cast: None });
                self.polls.push(Poll {
                    id: *poll,
                    phase: phase.clone(),
                    name: name.clone(),
                    by: entry.by.clone(),
                    at: entry.at,
                    chairs: chairs.collect(),
                    closed: None,
                });
            }
            Event::Voted { poll, seat, vote, reason, evidence, .. } => {
                let cast = self.cast(*poll, *vote, reason, evidence, entry);
                let open = |p: &&mut Poll| p.id == *poll && p.closed.is_none();
                let Some(poll) = self.polls.iter_mut().find(open) else { return };
                if holds(poll, seat, *vote, reason.as_deref(), &entry.by) {
                    let chair = poll.chairs.iter_mut().find(|c| c.seat.id == *seat);
                    chair.into_iter().for_each(|chair| chair.cast = Some(cast.clone()));
                }
            }
            Event::PollClosed { poll, evidence, .. } => {
                let open = |p: &&mut Poll| p.id == *poll && p.closed.is_none();
                let Some(poll) = self.polls.iter_mut().find(open) else { return };
                // What the votes come to, whatever a journal says of it.
                let (result, why) = poll.result(evidence);
                let (evidence, by) = (evidence.clone(), entry.by.clone());
                poll.closed = Some(Closed { result, why, evidence, by, at: entry.at });
            }
            _ => {}
        }
    }

    fn cast(&self, poll: Uuid, vote: Vote, reason: &Option<String>, evidence: &str, entry: &Entry) -> Cast {
        let poll = self.polls.iter().find(|p| p.id == poll && vote == Vote::Go);
        let now = poll.and_then(|p| self.plan.phase(&p.phase)).map(|phase| self.evidence(phase));
        Cast {
            vote,
            reason: reason.clone(),
            evidence: evidence.to_owned(),
            saw: now.filter(|now| now.digest() == evidence).map(Box::new),
            by: entry.by.clone(),
            at: entry.at,
        }
    }
}

/// Whether a vote follows the rules that the journal alone can tell.
fn holds(poll: &Poll, seat: &SignOffId, vote: Vote, reason: Option<&str>, by: &str) -> bool {
    let Some(chair) = poll.chair(seat) else { return false };
    let said = vote != Vote::NoGo || reason.is_some_and(|r| !r.trim().is_empty());
    let turn = vote == Vote::NoGo || poll.in_turn(seat);
    said && turn && is_one_of(&chair.seat.people, by)
}
