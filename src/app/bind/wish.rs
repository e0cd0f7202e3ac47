//! What the dialog that binds a metric asks the runtime for, and what it hears back.

use std::sync::Arc;

use crate::plan::binding::{Binding, Signal, Source};
use crate::signal::Sample;

/// What lies beside the plan, as the dialog needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// Its reading; in a rehearsal what that made.
    pub binding: Binding,
    /// Its text, which has to be the same when it is written; none where there is no file yet.
    pub text: Option<String>,
    /// Its file, as people name it.
    pub file: String,
    /// For each source what may be asked of it.
    pub leave: Vec<Leave>,
    /// Whether this is a rehearsal: nothing is written.
    pub rehearsed: bool,
}

/// What may be asked of a source for a preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Any query.
    Any,
    /// These, because somebody allowed exactly them.
    Only(Vec<String>),
    /// Nothing, and why.
    Nothing(String),
}

impl Leave {
    /// Why a query is not asked.
    pub(super) fn refusal(&self, query: &str) -> Option<String> {
        match self {
            Leave::Any => None,
            Leave::Only(allowed) if allowed.iter().any(|q| q == query) => None,
            Leave::Only(_) => Some("a statement is not tried out before `warroom allow PLAN`".to_owned()),
            Leave::Nothing(why) => Some(why.clone()),
        }
    }
}

/// What is to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Read what lies beside the plan.
    Read,
    /// Make ready to ask a source, and tell the names it knows.
    Open(String),
    /// Ask it, in place of what was asked before.
    Try {
        /// By which the answer is known.
        number: u64,
        /// What.
        query: String,
    },
    /// Ask no more.
    Leave,
    /// Write it into the file.
    Save(Box<Change>),
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The text that was read; another one is not written over.
    pub before: Option<String>,
    /// A source that is new.
    pub source: Option<Source>,
    /// The metric's signal.
    pub signal: Signal,
}

/// What came of a wish.
#[derive(Clone, Debug)]
pub enum Heard {
    /// What lies beside the plan, or why it cannot be used.
    Read(Result<Arc<Beside>, String>),
    /// The names that a source knows.
    Names {
        /// The source.
        source: String,
        /// Its names, and whether there are more; or a sentence.
        names: Result<(Arc<[String]>, bool), String>,
    },
    /// What a query gives, unscaled.
    Tried {
        /// Its number.
        number: u64,
        /// Oldest first, or a sentence.
        outcome: Result<Vec<Sample>, String>,
        /// What the source says beside it.
        warning: Option<String>,
    },
    /// It stands in the file; a sentence each.
    Saved(Result<String, String>),
}
