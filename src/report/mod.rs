//! Reports: what a room or a rehearsal comes to, as Markdown, HTML, JSON, CSV and iCalendar. Pure.
//!
//! A [`Ledger`] reads the journal once, an [`Account`] is what a report says as data, and every form is
//! written from it. Whatever stands in a plan or came over a wire is untrusted here too: it is cleaned
//! and escaped before it becomes part of a document. Who calls it: `cli` and `runtime`.

pub mod account;
mod chart;
mod compare;
mod compared;
pub mod csv;
mod decisions;
mod html;
mod ics;
mod kept;
mod kinds;
mod ledger;
mod make;
mod markdown;
mod md;
mod messages;
mod page;
mod plain;
mod rehearsal;
mod runs;
mod summary;
mod unknown;
mod words;

pub use account::Account;
pub use chart::{Measure, Measured};
pub use compare::{COMPARED, Comparison, Side, compare};
pub use compared::{as_markdown, as_text};
pub use html::html;
pub use ics::calendar;
pub use ledger::{Ledger, Plans};
pub use make::often;
pub use md::markdown;
pub use rehearsal::{
    CommandFound, Fired, FlagMoved, Rehearsal, StepDone, Ticked, TriggerFound, WayBack, rehearsal,
};
