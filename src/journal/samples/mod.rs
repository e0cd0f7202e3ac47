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

use inbox::MEMORY;
pub(super) use inbox::{Inbox, Keeping};
pub use log::SampleLog;
pub use past::{Past, Reader};

use crate::plan::binding::{Binding, Signal};

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
    /// A binding's signal.
    pub fn of(signal: &Signal) -> Self {
        let Signal { name, source, query, scale, .. } = signal;
        Self { name: name.clone(), question: format!("{source}\n{query}\n{scale}") }
    }

    /// The signals of a binding, in its order.
    pub fn all(binding: &Binding) -> Vec<Self> {
        binding.signals.iter().map(Self::of).collect()
    }
}
