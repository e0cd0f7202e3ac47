//! Which events a report's story tells, and what each is about.

use super::account::Kind;
use crate::room::Event;

/// What an event is about; none for what the story leaves to the checklists, or to the journal.
pub(super) fn kind_of(event: &Event) -> Option<Kind> {
    let kind = match event {
        Event::RoomOpened { .. } | Event::PlanAdopted { .. } => Kind::Plan,
        Event::T0Set { .. }
        | Event::PhaseStarted { .. }
        | Event::PhaseHeld { .. }
        | Event::PhaseResumed { .. }
        | Event::PhaseCompleted { .. } => Kind::Phase,
        Event::SignedOff { .. } => Kind::SignOff,
        Event::AlertFired { .. }
        | Event::AlertResolved { .. }
        | Event::AlertAcknowledged { .. }
        | Event::AlertSuperseded { .. }
        | Event::AlertSilenced { .. }
        | Event::SilenceEnded { .. }
        | Event::BaselineCaptured { .. }
        | Event::BaselineWithdrawn { .. }
        | Event::SignalLost { .. }
        | Event::SignalFound { .. } => Kind::Alert,
        Event::TriggerHappened { .. } | Event::TriggerOver { .. } => Kind::Condition,
        Event::FlagChangeStarted { .. }
        | Event::FlagChangeEnded { .. }
        | Event::FlagRecorded { .. }
        | Event::RungReviewed { .. }
        | Event::RungOverridden { .. } => Kind::Flag,
        Event::RunStarted { .. }
        | Event::RunEnded { .. }
        | Event::RunResolved { .. }
        | Event::StepEnded { .. }
        | Event::ProcedureSuggested { .. }
        | Event::SuggestionDismissed { .. }
        | Event::Proposed { .. }
        | Event::Approved { .. }
        | Event::ApprovalRefused { .. } => Kind::Run,
        Event::ItemExcluded { .. } | Event::ItemBlocked { .. } | Event::ItemReopened { .. } => Kind::Item,
        Event::NoteAdded { .. } => Kind::Note,
        Event::ItemTicked { .. }
        | Event::ItemUnticked { .. }
        | Event::ItemAssigned { .. }
        | Event::EvidenceAdded { .. }
        | Event::NoteWithdrawn { .. }
        | Event::ValueTyped { .. }
        | Event::CriterionJudged { .. }
        | Event::StepStarted { .. } => return None,
        _ => Kind::Other,
    };
    Some(kind)
}
