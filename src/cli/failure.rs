//! What a subcommand says when it cannot: one sentence, what to do, and the exit code.

use std::fmt;

use crate::room::Refusal;
use crate::text;

/// Exit codes; `warroom --help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It did not work.
    Failure = 1,
    /// It was asked for wrongly.
    Usage = 2,
    /// The room says no.
    Refused = 12,
    /// Nothing can be written here.
    ReadOnly = 13,
}

/// Why a subcommand stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What failed, about which object.
    pub sentence: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The exit code.
    pub exit: Exit,
}

impl Failure {
    /// Something did not work.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), hint: None, exit: Exit::Failure }
    }

    /// It was asked for wrongly.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(sentence) }
    }

    /// Nothing can be written.
    pub fn read_only(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::ReadOnly, ..Self::new(sentence) }
    }

    /// With what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let exit = if matches!(refusal, Refusal::ReadOnly(_)) { Exit::ReadOnly } else { Exit::Refused };
        Self { sentence: refusal.to_string(), hint: None, exit }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "warroom: {}", text::clean_lines(&self.sentence).join("\n  "))?;
        match &self.hint {
            Some(hint) => write!(f, "\n  {}", text::clean(hint)),
            None => Ok(()),
        }
    }
}
