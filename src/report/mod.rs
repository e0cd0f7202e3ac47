//! Reports: Markdown made of what a room or a rehearsal found out. Pure.
//!
//! Whatever stands in a plan or came over a wire is untrusted here too: it is cleaned and escaped
//! before it becomes part of a document. Who calls it: `cli` and `runtime`.

mod markdown;
mod rehearsal;

pub use rehearsal::{
    CommandFound, Fired, FlagMoved, Rehearsal, StepDone, Ticked, TriggerFound, WayBack, rehearsal,
};
