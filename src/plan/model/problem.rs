//! What the reader found wrong or doubtful, and the places it speaks of. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Probably wrong.
    Warning,
    /// Wrong.
    Error,
}

impl Level {
    /// "error", "warning", "note".
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// Something wrong or doubtful in the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// How bad.
    pub level: Level,
    /// Where; 0 is the whole document.
    pub line: usize,
    /// What.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Where the words meant begin, in characters from 1, in the line as [`Plan::text`](super::Plan) has
    /// it; 0 where the line is empty or there is none.
    #[serde(default)]
    pub column: usize,
    /// How many characters they are.
    #[serde(default)]
    pub len: usize,
    /// What is to be said of them in short: "> 7 % here".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The other lines it speaks of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Place>,
    /// The words meant, by which `column` is found; none looks for what the message quotes.
    #[serde(skip)]
    pub words: Option<String>,
}

/// Another line that a problem speaks of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// As [`Problem::column`].
    pub column: usize,
    /// As [`Problem::len`].
    pub len: usize,
    /// What is to be said of it in short; may be empty.
    pub label: String,
    /// As [`Problem::words`].
    #[serde(skip)]
    pub words: Option<String>,
}

impl Problem {
    /// A problem of a line; 0 is the whole document.
    pub(crate) fn new(level: Level, line: usize, message: String, hint: &str) -> Self {
        let hint = Some(hint.to_owned());
        Self { level, line, message, hint, column: 0, len: 0, label: None, others: vec![], words: None }
    }

    /// Points at these words of its line; a bare number takes its comparator and unit with it.
    #[must_use]
    pub(crate) fn on(mut self, words: impl Into<String>) -> Self {
        self.words = Some(words.into());
        self
    }

    /// Says this under the words meant.
    #[must_use]
    pub(crate) fn said(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Shows another line too, with a label under these words of it; without words under all of it.
    #[must_use]
    pub(crate) fn and(mut self, line: usize, words: &str, label: impl Into<String>) -> Self {
        self.others.push(Place::on(line, words, label));
        self
    }
}

impl Place {
    /// These words of a line, or all of it where there are none.
    pub(crate) fn on(line: usize, words: &str, label: impl Into<String>) -> Self {
        let words = Some(words.to_owned()).filter(|w| !w.is_empty());
        Self { line, label: label.into(), words, ..Self::default() }
    }
}
