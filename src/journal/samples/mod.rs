//! Samples beside the events: what was measured, for restarts, charts and hindsight. No facts: they
//! are not in the chain, a power cut may take the last of them, and a disk that has no room for both
//! keeps the events.
//!
//! The holder of the watch writes ([`SampleLog`], on the scribe's thread), everybody may read
//! ([`Past`]). What came in some seconds is one row; when enough rows have gathered they become one
//! chunk a signal. Nothing here judges a sample.

mod chunk;
mod inbox;
mod log;
mod past;
#[cfg(test)]
mod tests;

pub(super) use inbox::{Inbox, Keeping, MEMORY};
pub use log::SampleLog;
pub use past::{Past, Reader};

use crate::plan::binding::Binding;

/// So long samples are kept where nobody said otherwise.
pub const KEPT: chrono::TimeDelta = chrono::TimeDelta::hours(48);

/// What was measured: a name, and what was asked to know it. Samples of another question are
/// another series, whatever its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Asked {
    /// The binding's name of the signal.
    pub name: String,
    /// Source, query and scale.
    pub question: String,
}

impl Asked {
    /// The signals of a binding, in its order.
    pub fn all(binding: &Binding) -> Vec<Self> {
        let asked = |s: &crate::plan::binding::Signal| Self {
            name: s.name.clone(),
            question: format!("{}\n{}\n{}", s.source, s.query, s.scale),
        };
        binding.signals.iter().map(asked).collect()
    }
}
