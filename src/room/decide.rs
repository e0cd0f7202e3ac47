//! "May I?" has one answer: [`decide`] turns an intent into events, or says why not.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::adopt::Aside;
use super::event::{Event, Subject};
use super::fold::{Mark, PhaseProgress, Room};
use super::gate::Verdict;
use super::intent::{Actor, Intent, Role};
use super::{adopt, alerts, approval, criteria, happenings, ladder, levers, signoffs, silences, suggestion};
use super::{claims, clock, settlement, typed, voting, waiting};
use crate::plan::{Item, ItemId, Phase, PhaseId, SignOff, SignOffId};

/// The longest text of a note, reason or piece of evidence, in bytes.
pub const MAX_TEXT: usize = 16 * 1024;

/// Why not. The sentence is what footer, dialog and command line show.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The room is only looked at.
    #[error("{0} only looks at this room")]
    ReadOnly(String),
    /// The role is too small.
    #[error("{who} is {has:?}, this needs a {needs:?}")]
    Role {
        /// Who asked.
        who: String,
        /// What they are.
        has: Role,
        /// What it takes.
        needs: Role,
    },
    /// There is no such part in the plan.
    #[error("the plan has no {what} {id:?}")]
    Unknown {
        /// "item", "phase", "sign-off".
        what: &'static str,
        /// The id asked for.
        id: String,
    },
    /// It is so already.
    #[error("{0}")]
    Already(String),
    /// Something else has to come first.
    #[error("{0}")]
    NotYet(String),
    /// The plan's file cannot be followed; the last good plan stays.
    #[error("{0}")]
    Plan(String),
    /// An approval does not hold; the journal keeps that it was tried.
    #[error("{why}")]
    Approval {
        /// What was proposed.
        proposal: uuid::Uuid,
        /// In words.
        title: String,
        /// Why it does not hold.
        why: String,
    },
    /// The text is missing or too long.
    #[error("{0}")]
    Text(String),
}

impl Refusal {
    /// What the journal keeps of it. Most refusals leave no trace.
    pub fn record(&self) -> Option<Event> {
        let Refusal::Approval { proposal, title, why } = self else { return None };
        Some(Event::ApprovalRefused { proposal: *proposal, title: title.clone(), why: why.clone() })
    }
}

/// Judges an intent against the room as it is. Same question, same answer: nothing is looked up
/// outside the arguments.
///
/// # Errors
/// A [`Refusal`] with the sentence to show.
pub fn decide(
    room: &Room,
    intent: &Intent,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<Event>, Refusal> {
    permitted(intent, actor)?;
    let event = match intent {
        Intent::Tick(id) if find_item(room, id).is_ok_and(|item| room.is_due_again(item, now)) => {
            let item = find_item(room, id)?;
            Event::ItemTicked { item: item.id.clone(), text: item.text.clone() }
        }
        Intent::Tick(_) | Intent::Untick(_) | Intent::Reopen(_) => mark(room, intent)?,
        Intent::Exclude { item, reason } => exclude(room, item, reason.as_deref())?,
        Intent::Block { item, reason } => block(room, item, reason)?,
        Intent::Assign { item, to } => assign(room, item, to.as_deref())?,
        Intent::AddNote { on, text } => note(room, on, text)?,
        Intent::WithdrawNote(id) => withdraw(room, *id, actor)?,
        Intent::AddEvidence { item, text } => {
            Event::EvidenceAdded { item: find_item(room, item)?.id.clone(), text: worded("evidence", text)? }
        }
        Intent::StartPhase(phase) => start(room, phase)?,
        Intent::HoldPhase { phase, reason } => hold(room, phase, reason)?,
        Intent::ResumePhase(phase) => resume(room, phase)?,
        Intent::CompletePhase { phase, overriding } => complete(room, phase, overriding.as_deref())?,
        Intent::SetT0 { at, zone } => set_t0(room, *at, zone, now)?,
        Intent::SignOff { .. }
        | Intent::AskSignOff { .. }
        | Intent::Sign(_)
        | Intent::AdoptSigners { .. } => signoffs::judge(room, intent, actor, now)?,
        Intent::OpenRoom { room: name, plan_path, environment, version } => {
            open_room(room, name, plan_path, environment, version)?
        }
        Intent::AdoptPlan { plan } => adopt::judge(room, plan)?,
        Intent::RaiseAlert { .. }
        | Intent::ResolveAlert { .. }
        | Intent::SupersedeAlert(_)
        | Intent::Acknowledge(_)
        | Intent::LoseSignal { .. }
        | Intent::FindSignal { .. } => alerts::judge(room, intent)?,
        Intent::JudgeCriterion { .. } => criteria::judge(room, intent)?,
        Intent::Silence { .. }
        | Intent::Unsilence(_)
        | Intent::FindSilence { .. }
        | Intent::LoseSilence { .. }
        | Intent::CaptureBaseline { .. }
        | Intent::WithdrawBaseline { .. } => silences::judge(room, intent, now)?,
        Intent::SayHappened { .. } | Intent::SayOver { .. } => happenings::judge(room, intent)?,
        Intent::TypeValue { .. } => typed::judge(intent)?,
        Intent::Suggest { .. } | Intent::Dismiss { .. } => suggestion::judge(room, intent, now)?,
        Intent::StartFlagChange { .. }
        | Intent::EndFlagChange { .. }
        | Intent::RecordFlag { .. }
        | Intent::StartRun { .. }
        | Intent::StartStep { .. }
        | Intent::EndStep { .. }
        | Intent::CloseStep { .. }
        | Intent::EndRun { .. } => levers::judge(room, intent, actor, now)?,
        Intent::TickStep { .. } | Intent::EndFlagStep { .. } | Intent::Resolve { .. } => {
            settlement::judge(room, intent, actor, now)?
        }
        Intent::Propose { .. } | Intent::Approve { .. } => approval::judge(room, intent, actor, now)?,
        Intent::WithdrawProposal(id) => waiting::withdraw(room, *id, actor, now)?,
        Intent::ReviewRung { .. } | Intent::OverrideRung { .. } => ladder::judge(room, intent, now)?,
        Intent::OpenPoll { .. } | Intent::Vote { .. } | Intent::ClosePoll(_) => {
            voting::judge(room, intent, actor)?
        }
        Intent::HoldClock { .. } | Intent::ResumeClock | Intent::PlanHold { .. } => {
            clock::judge(room, intent, now)?
        }
        Intent::DoubtClaim { .. } | Intent::SettleClaim(_) => claims::judge(room, intent)?,
        Intent::EndRehearsal { report } => Event::Rehearsed { report: report.clone() },
    };
    Ok(vec![event])
}

fn permitted(intent: &Intent, actor: &Actor) -> Result<(), Refusal> {
    if actor.role == Role::Observer {
        return Err(Refusal::ReadOnly(actor.name.clone()));
    }
    let needs = intent.needs();
    if actor.role < needs {
        return Err(Refusal::Role { who: actor.name.clone(), has: actor.role, needs });
    }
    Ok(())
}

fn mark(room: &Room, intent: &Intent) -> Result<Event, Refusal> {
    let id = intent.item().expect("only asked for intents about an item");
    let item = find_item(room, id)?;
    let (item_id, text) = (item.id.clone(), item.text.clone());
    match (intent, room.mark(item)) {
        (Intent::Tick(_), Mark::Done) => Err(already(item, "done")),
        (Intent::Tick(_), _) => Ok(Event::ItemTicked { item: item_id, text }),
        (Intent::Untick(_), Mark::Done) => Ok(Event::ItemUnticked { item: item_id, text }),
        (Intent::Untick(_), _) => Err(already(item, "not ticked")),
        (_, Mark::Blocked | Mark::NotApplicable) => Ok(Event::ItemReopened { item: item_id, text }),
        _ => Err(already(item, "open")),
    }
}

fn exclude(room: &Room, id: &ItemId, reason: Option<&str>) -> Result<Event, Refusal> {
    if let Some(aside) = room.item_state(id).and_then(|s| s.aside.as_ref()) {
        return put_away(id, aside, reason);
    }
    let item = find_item(room, id)?;
    if room.mark(item) == Mark::NotApplicable {
        return Err(already(item, "not applicable"));
    }
    let reason = reason.map(|r| worded("reason", r)).transpose()?;
    Ok(Event::ItemExcluded { item: item.id.clone(), text: item.text.clone(), reason })
}

/// What is kept of an item that left the plan is put away by saying that it does not apply.
fn put_away(id: &ItemId, aside: &Aside, reason: Option<&str>) -> Result<Event, Refusal> {
    if aside.settled.is_some() {
        return Err(Refusal::Already(format!("“{}” is put away already", aside.text)));
    }
    let reason = reason.map(|r| worded("reason", r)).transpose()?;
    Ok(Event::ItemExcluded { item: id.clone(), text: aside.text.clone(), reason })
}

fn block(room: &Room, id: &ItemId, reason: &str) -> Result<Event, Refusal> {
    let item = find_item(room, id)?;
    let reason = worded("reason", reason)?;
    Ok(Event::ItemBlocked { item: item.id.clone(), text: item.text.clone(), reason })
}

fn assign(room: &Room, id: &ItemId, to: Option<&str>) -> Result<Event, Refusal> {
    let item = find_item(room, id)?;
    let to = to.map(|name| worded("name", name)).transpose()?;
    let now = room.item_state(id).and_then(|s| s.assignee.as_deref());
    if now == to.as_deref() {
        return Err(Refusal::Already(format!("“{}” is with {} already", item.text, now.unwrap_or("nobody"))));
    }
    Ok(Event::ItemAssigned { item: item.id.clone(), text: item.text.clone(), to })
}

fn note(room: &Room, on: &Subject, text: &str) -> Result<Event, Refusal> {
    match on {
        Subject::Room => {}
        Subject::Phase(id) => drop(find_phase(room, id)?),
        Subject::Item(id) if room.item_state(id).is_some_and(|s| s.aside.is_some()) => {}
        Subject::Item(id) => drop(find_item(room, id)?),
    }
    Ok(Event::NoteAdded { on: on.clone(), text: worded("note", text)? })
}

fn withdraw(room: &Room, id: uuid::Uuid, actor: &Actor) -> Result<Event, Refusal> {
    let Some(note) = room.notes.iter().find(|n| n.id == id) else {
        return Err(Refusal::Already("that note is not there any more".into()));
    };
    if note.remark.by != actor.name {
        return Err(Refusal::NotYet(format!("the note is {}'s, only they can withdraw it", note.remark.by)));
    }
    Ok(Event::NoteWithdrawn { note: id })
}

fn start(room: &Room, id: &PhaseId) -> Result<Event, Refusal> {
    let phase = find_phase(room, id)?;
    match room.phase_state(id).progress {
        PhaseProgress::Waiting => Ok(Event::PhaseStarted { phase: id.clone(), name: phase.name.clone() }),
        PhaseProgress::Completed { .. } => Err(phase_is(phase, "completed")),
        _ => Err(phase_is(phase, "under way")),
    }
}

fn hold(room: &Room, id: &PhaseId, reason: &str) -> Result<Event, Refusal> {
    let phase = find_phase(room, id)?;
    let reason = worded("reason", reason)?;
    match room.phase_state(id).progress {
        PhaseProgress::Running => {
            Ok(Event::PhaseHeld { phase: id.clone(), name: phase.name.clone(), reason })
        }
        PhaseProgress::Held { .. } => Err(phase_is(phase, "held")),
        _ => Err(Refusal::NotYet(format!("{} is not under way", phase.name))),
    }
}

fn resume(room: &Room, id: &PhaseId) -> Result<Event, Refusal> {
    let phase = find_phase(room, id)?;
    match room.phase_state(id).progress {
        PhaseProgress::Held { .. } => Ok(Event::PhaseResumed { phase: id.clone(), name: phase.name.clone() }),
        _ => Err(Refusal::NotYet(format!("{} is not held", phase.name))),
    }
}

fn complete(room: &Room, id: &PhaseId, overriding: Option<&str>) -> Result<Event, Refusal> {
    let phase = find_phase(room, id)?;
    match room.phase_state(id).progress {
        PhaseProgress::Completed { .. } => return Err(phase_is(phase, "completed")),
        PhaseProgress::Waiting => {
            return Err(Refusal::NotYet(format!("{} has not been started", phase.name)));
        }
        _ => {}
    }
    let gate = room.gate(phase);
    let overridden = overriding.map(|r| worded("reason", r)).transpose()?;
    if gate.verdict != Verdict::Go && overridden.is_none() {
        let why = gate.reasons.join(", ");
        return Err(Refusal::NotYet(format!("the gate says {}: {why}", gate.verdict.as_str())));
    }
    let overridden = overridden.filter(|_| gate.verdict != Verdict::Go);
    let (phase, name, against) = (id.clone(), phase.name.clone(), gate.reasons);
    Ok(Event::PhaseCompleted { phase, name, overridden, against })
}

fn set_t0(room: &Room, at: DateTime<Utc>, zone: &str, now: DateTime<Utc>) -> Result<Event, Refusal> {
    if zone.parse::<chrono_tz::Tz>().is_err() {
        return Err(Refusal::Text(format!("{zone:?} is no time zone; name one like Europe/Berlin")));
    }
    if room.t0.as_ref().is_some_and(|t| t.at == at && t.zone == zone) && room.pauses().is_empty() {
        return Err(Refusal::Already("T0 is set to that already".into()));
    }
    if (at - now).num_days().abs() > 3660 {
        return Err(Refusal::Text(format!("T0 {at} is more than ten years away")));
    }
    Ok(Event::T0Set { instant: at, zone: zone.to_owned() })
}

fn open_room(
    room: &Room,
    name: &str,
    plan: &str,
    environment: &str,
    version: &str,
) -> Result<Event, Refusal> {
    if room.seq > 0 {
        return Err(Refusal::Already(format!("the room {} is open", room.name)));
    }
    Ok(Event::RoomOpened {
        room: name.to_owned(),
        plan_path: plan.to_owned(),
        environment: environment.to_owned(),
        version: version.to_owned(),
    })
}

pub(super) fn worded(what: &str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::Text(format!("the {what} is empty")));
    }
    if text.len() > MAX_TEXT {
        return Err(Refusal::Text(format!(
            "the {what} has {} bytes, at most {MAX_TEXT} are kept",
            text.len()
        )));
    }
    Ok(text.to_owned())
}

fn already(item: &Item, state: &str) -> Refusal {
    Refusal::Already(format!("“{}” is {state} already", item.text))
}

fn phase_is(phase: &Phase, state: &str) -> Refusal {
    Refusal::Already(format!("{} is {state} already", phase.name))
}

fn find_item<'a>(room: &'a Room, id: &ItemId) -> Result<&'a Item, Refusal> {
    room.plan.item(id).ok_or_else(|| Refusal::Unknown { what: "item", id: id.to_string() })
}

fn find_phase<'a>(room: &'a Room, id: &PhaseId) -> Result<&'a Phase, Refusal> {
    room.plan.phase(id).ok_or_else(|| Refusal::Unknown { what: "phase", id: id.to_string() })
}

pub(super) fn find_signoff<'a>(room: &'a Room, id: &SignOffId) -> Result<&'a SignOff, Refusal> {
    let found = room.plan.signoffs.iter().find(|s| &s.id == id);
    found.ok_or_else(|| Refusal::Unknown { what: "sign-off", id: id.to_string() })
}
