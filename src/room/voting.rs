//! Whether a poll may be opened, answered or closed now; `poll` says what it comes to. Called by `decide`.

use uuid::Uuid;

use super::decide::{Refusal, worded};
use super::event::Event;
use super::fold::{PhaseProgress, Room};
use super::intent::{Actor, Intent};
use super::poll::{Poll, Vote};
use super::roles::may_speak;
use crate::plan::{PhaseId, SignOffId};

/// Judges what is wanted of a poll.
pub(super) fn judge(room: &Room, intent: &Intent, actor: &Actor) -> Result<Event, Refusal> {
    match intent {
        Intent::OpenPoll { poll, phase } => open(room, *poll, phase),
        Intent::Vote { poll, seat, vote, reason, evidence } => {
            let reason = reason.as_deref().map(|r| worded("reason", r)).transpose()?;
            vote_of(room, under_way(room, *poll)?, seat, (*vote, reason, evidence), actor)
        }
        Intent::ClosePoll(poll) => {
            let poll = under_way(room, *poll)?;
            let evidence = room.evidence_of(poll);
            let (result, why) = poll.result(&evidence);
            let (phase, name) = (poll.phase.clone(), poll.name.clone());
            Ok(Event::PollClosed { poll: poll.id, phase, name, result, why, evidence })
        }
        _ => Err(Refusal::Already("that is no poll".into())),
    }
}

fn open(room: &Room, poll: Uuid, phase: &PhaseId) -> Result<Event, Refusal> {
    let found = room.plan.phase(phase);
    let phase = found.ok_or_else(|| Refusal::Unknown { what: "phase", id: phase.to_string() })?;
    if let PhaseProgress::Completed { .. } = room.phase_state(&phase.id).progress {
        return Err(Refusal::Already(format!("{} is completed already", phase.name)));
    }
    if room.open_polls().any(|p| p.phase == phase.id) {
        return Err(Refusal::Already(format!("a poll on {} is under way already", phase.name)));
    }
    let roles = room.seats();
    if roles.is_empty() {
        return Err(Refusal::NotYet("the plan names no role that signs, so there is nobody to ask".into()));
    }
    Ok(Event::PollOpened { poll, phase: phase.id.clone(), name: phase.name.clone(), roles })
}

fn under_way(room: &Room, id: Uuid) -> Result<&Poll, Refusal> {
    let found = room.polls.iter().find(|p| p.id == id);
    let poll = found.ok_or_else(|| Refusal::Unknown { what: "poll", id: id.to_string() })?;
    match &poll.closed {
        None => Ok(poll),
        Some(end) => {
            let (name, at) = (&poll.name, end.at.format("%H:%M:%S UTC"));
            Err(Refusal::Already(format!("the poll on {name} ended {} at {at}", end.result.as_str())))
        }
    }
}

fn vote_of(
    room: &Room,
    poll: &Poll,
    seat: &SignOffId,
    (vote, reason, seen): (Vote, Option<String>, &str),
    actor: &Actor,
) -> Result<Event, Refusal> {
    let chair = poll.chair(seat);
    let chair = chair.ok_or_else(|| Refusal::Unknown { what: "role in this poll", id: seat.to_string() })?;
    let role = &chair.seat.role;
    may_speak(role, &chair.seat.people, actor)?;
    if vote == Vote::NoGo && reason.is_none() {
        return Err(Refusal::Text("a NO-GO needs its reason".into()));
    }
    if vote != Vote::NoGo && !poll.in_turn(seat) {
        let turn = poll.chairs.iter().find(|c| c.cast.is_none()).map_or("", |c| c.seat.role.as_str());
        return Err(Refusal::NotYet(format!("it is {turn}'s turn; out of turn {role} can only say NO-GO")));
    }
    let evidence = room.evidence_of(poll);
    let same = chair.cast.as_ref().is_some_and(|c| {
        c.vote == vote && c.reason == reason && (vote != Vote::Go || c.evidence == evidence)
    });
    if same {
        return Err(Refusal::Already(format!("{role} said {} already", vote.word())));
    }
    if vote == Vote::Go && seen != evidence {
        return Err(Refusal::NotYet("what you saw has changed meanwhile: look again".into()));
    }
    let (name, seat, role) = (poll.name.clone(), seat.clone(), role.clone());
    Ok(Event::Voted { poll: poll.id, name, seat, role, vote, reason, evidence })
}
