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
mod builtin;
mod cause;
mod claims;
mod clock;
mod course;
mod criteria;
mod decide;
mod due;
#[cfg(test)]
mod edits;
mod end;
mod event;
mod evidence;
mod fold;
mod gate;
#[cfg(test)]
mod gate_tests;
mod happenings;
mod intent;
mod ladder;
mod levers;
mod moment;
mod next;
mod poll;
mod roles;
mod rungs;
mod schedule;
mod setting;
mod settlement;
#[cfg(test)]
mod settlement_tests;
mod signoffs;
#[cfg(test)]
mod signoffs_tests;
mod silences;
mod storm;
mod suggestion;
#[cfg(test)]
mod tests;
mod typed;
mod voting;
mod waiting;
#[cfg(test)]
mod watch_tests;
mod ways;

pub use adopt::{Aside, Carried};
pub use alerts::Alert;
pub use approval::{About, Approval, LIFE, Proposal, same_person};
pub use builtin::BuiltIn;
pub use cause::{Cause, CauseKind};
pub use claims::Claim;
pub use clock::{Count, Pause, parse_place, parse_span, span_word, t_word};
pub use course::Course;
pub use criteria::Judged;
pub use decide::{MAX_TEXT, Refusal, decide};
pub use due::{Due, Standing};
pub use end::End;
pub use event::{Decision, Entry, Event, Fact, Outcome, Subject, There};
pub use evidence::{Evidence, Seen};
pub use fold::{ItemState, Mark, Note, PhaseProgress, PhaseState, RECENT, Remark, Room, Tally};
pub use gate::{Gate, Verdict};
pub use happenings::Happening;
pub use intent::{Actor, Intent, Role};
pub use ladder::{Call, Called, Footing, Review};
pub use levers::{Change, Ended, Run, StepState};
pub use moment::{Chronicle, Happened, Kind, Moments, Start};
pub use next::Move;
pub use poll::{Cast, Chair, Closed, Poll, Seat, Stance, Vote};
pub use roles::is_one_of;
pub use schedule::{Span, T0, parse_t0};
pub use setting::{same_value, value_behind};
pub use settlement::{LOST, SETTLED};
pub use signoffs::{Adopted, Ask, Asked, MAX_SIGNERS, Pen, SIGNING, Seal, Signature, Signing};
pub use silences::{Baseline, MAX_SILENCE, Silence};
pub use storm::Storm;
pub use suggestion::{Stand, Suggestion, Witness};
pub use typed::Typed;
pub use ways::{Check, Price, WayKind};
