//! Which events a report's story tells, and what each is about.

use super::account::Kind;
use crate::room::Event;

/// Whether the story tells it; the rest is left to the checklists, or to the journal.
pub(super) fn is_told(event: &Event) -> bool {
    !matches!(
        event,
        Event::ItemTicked { .. }
            | Event::ItemUnticked { .. }
            | Event::ItemAssigned { .. }
            | Event::EvidenceAdded { .. }
            | Event::NoteWithdrawn { .. }
            | Event::ValueTyped { .. }
            | Event::CriterionJudged { .. }
            | Event::StepStarted { .. }
            | Event::SignOffAsked { .. }
    )
}

/// What an event is about.
pub(super) fn kind_of(event: &Event) -> Kind {
    match event {
        Event::RoomOpened { .. } | Event::PlanAdopted { .. } => Kind::Plan,
        Event::T0Set { .. }
        | Event::PhaseStarted { .. }
        | Event::PhaseHeld { .. }
        | Event::PhaseResumed { .. }
        | Event::PhaseCompleted { .. }
        | Event::CriterionJudged { .. } => Kind::Phase,
        Event::PollOpened { .. } | Event::Voted { .. } | Event::PollClosed { .. } => Kind::Poll,
        Event::ClockHeld { .. } | Event::ClockResumed { .. } | Event::HoldPlanned { .. } => Kind::Clock,
        Event::SignedOff { .. } | Event::SignOffAsked { .. } | Event::SignersAdopted { .. } => Kind::SignOff,
        Event::NoteAdded { .. } | Event::NoteWithdrawn { .. } => Kind::Note,
        Event::ClaimDoubted { .. } | Event::ClaimSettled { .. } => Kind::Item,
        Event::TriggerHappened { .. } | Event::TriggerOver { .. } => Kind::Condition,
        _ => of_signals(event).or_else(|| of_levers(event)).unwrap_or_else(|| of_items(event)),
    }
}

fn of_signals(event: &Event) -> Option<Kind> {
    let about = matches!(
        event,
        Event::AlertFired { .. }
            | Event::AlertResolved { .. }
            | Event::AlertAcknowledged { .. }
            | Event::AlertSuperseded { .. }
            | Event::AlertSilenced { .. }
            | Event::SilenceEnded { .. }
            | Event::BaselineCaptured { .. }
            | Event::BaselineWithdrawn { .. }
            | Event::SignalLost { .. }
            | Event::SignalFound { .. }
            | Event::ValueTyped { .. }
    );
    about.then_some(Kind::Alert)
}

fn of_levers(event: &Event) -> Option<Kind> {
    match event {
        Event::FlagChangeStarted { .. }
        | Event::FlagChangeEnded { .. }
        | Event::FlagRecorded { .. }
        | Event::FlagResolved { .. }
        | Event::RungReviewed { .. }
        | Event::RungOverridden { .. } => Some(Kind::Flag),
        Event::RunStarted { .. }
        | Event::RunEnded { .. }
        | Event::RunResolved { .. }
        | Event::StepStarted { .. }
        | Event::StepEnded { .. }
        | Event::ProcedureSuggested { .. }
        | Event::SuggestionDismissed { .. } => Some(Kind::Run),
        Event::Proposed { .. }
        | Event::Approved { .. }
        | Event::ProposalWithdrawn { .. }
        | Event::ApprovalRefused { .. } => Some(Kind::Approval),
        _ => None,
    }
}

fn of_items(event: &Event) -> Kind {
    if event.item().is_some() { Kind::Item } else { Kind::Other }
}
