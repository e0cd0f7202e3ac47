//! The room: one launch of a plan, as the fold of its journal. Pure.
//!
//! Facts are [`Event`]s; [`Room::apply`] folds them and never fails; [`decide()`] is the only
//! place that says whether somebody may do something, and answers with events or a
//! [`Refusal`]. The journal's writer, the screens and the command line all ask the same one.

mod adopt;
mod alerts;
mod approval;
#[cfg(test)]
mod approval_tests;
mod criteria;
mod decide;
#[cfg(test)]
mod edits;
mod event;
mod fold;
mod gate;
mod happenings;
mod intent;
mod ladder;
mod levers;
mod next;
mod rungs;
mod schedule;
mod settlement;
mod silences;
mod storm;
mod suggestion;
#[cfg(test)]
mod tests;
mod typed;
mod waiting;
#[cfg(test)]
mod watch_tests;
mod ways;

pub use adopt::{Aside, Carried};
pub use alerts::Alert;
pub use approval::{About, Approval, LIFE, Proposal, same_person};
pub use criteria::Judged;
pub use decide::{MAX_TEXT, Refusal, decide};
pub use event::{Decision, Entry, Event, Fact, Outcome, Subject, There};
pub use fold::{ItemState, Mark, Note, PhaseProgress, PhaseState, Remark, Room, Signature, Tally};
pub use gate::{Gate, Verdict};
pub use happenings::Happening;
pub use intent::{Actor, Intent, Role};
pub use ladder::{Call, Called, Footing, Review};
pub use levers::{Change, Ended, Run, StepState};
pub use next::Move;
pub use schedule::{Span, T0, parse_t0};
pub use settlement::LOST;
pub use silences::{Baseline, MAX_SILENCE, Silence};
pub use storm::Storm;
pub use suggestion::{Stand, Suggestion, Witness};
pub use typed::Typed;
pub use ways::{Check, Price, WayKind};
