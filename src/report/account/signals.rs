//! What was measured and what was done about it, in an account.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{EndTold, Who};

/// One time that an alert fired.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AlertTold {
    /// The metric.
    pub signal: String,
    /// Its healthy side in words.
    pub limit: String,
    /// "P0" to "P3".
    pub rank: String,
    /// The plan's line.
    pub line: usize,
    /// What was measured when it fired.
    pub value: Option<f64>,
    /// When.
    pub at: DateTime<Utc>,
    /// When it was over; none where it still fires.
    pub ended: Option<DateTime<Utc>>,
    /// How it was over.
    pub end: String,
    /// For how long it fired, in seconds; until the last event where it still does.
    pub seconds: i64,
    /// Who had it in hand first.
    pub acknowledged: Option<Who>,
    /// What was measured around it; none where nothing was kept.
    pub chart: Option<Chart>,
}

/// What a signal measured around an alert: from ten minutes before to ten minutes after.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Chart {
    /// Its left end.
    pub from: DateTime<Utc>,
    /// Its right end.
    pub to: DateTime<Utc>,
    /// The unit of its values.
    pub unit: Option<String>,
    /// The limit in that unit, where it is a number.
    pub limit: Option<f64>,
    /// So many measurements are in it.
    pub samples: usize,
    /// Lowest, highest and last of each of its equal parts; none where nothing was measured.
    pub columns: Vec<Option<[f64; 3]>>,
}

/// A time in which a limit could not be judged.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Blind {
    /// The metric.
    pub signal: String,
    /// What was lacking.
    pub why: String,
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; none where it lasts.
    pub to: Option<DateTime<Utc>>,
}

/// A condition that somebody saw.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Condition {
    /// The plan's words.
    pub text: String,
    /// "P0" to "P3".
    pub rank: String,
    /// Who saw it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What was seen.
    pub reason: String,
    /// When it was over.
    pub ended: Option<DateTime<Utc>>,
    /// Why it was.
    pub end: Option<String>,
}

/// A flag's change.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FlagTold {
    /// The flag.
    pub flag: String,
    /// What it was; none where nobody knew.
    pub from: Option<String>,
    /// What it was to be.
    pub to: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// "done", "failed", "refused", "stopped", "unknown", "by hand".
    pub outcome: String,
    /// What was seen.
    pub detail: String,
    /// How long it took.
    pub seconds: Option<f64>,
}

/// A run of a procedure.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RunTold {
    /// Its title.
    pub title: String,
    /// Whether it was a way back.
    pub way_back: bool,
    /// Who began it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When it was over; none where it never was.
    pub ended: Option<DateTime<Utc>>,
    /// "done", "failed", "stopped", "unknown", "under way".
    pub outcome: String,
    /// What was seen.
    pub detail: String,
    /// How long it took.
    pub seconds: Option<f64>,
    /// How long it was promised to take.
    pub target: Option<f64>,
    /// Its steps.
    pub steps: Vec<StepTold>,
}

impl RunTold {
    /// Whether it took longer than promised; none where either is not known.
    pub fn is_late(&self) -> Option<bool> {
        Some(self.seconds? > self.target?)
    }
}

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StepTold {
    /// What to do.
    pub text: String,
    /// "done", "failed", "unknown", "not begun".
    pub outcome: String,
    /// What was seen.
    pub detail: String,
    /// How it came to its end, where it was run from here.
    pub end: Option<EndTold>,
    /// How long it took.
    pub seconds: Option<f64>,
}

/// Something that was done over an objection.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Override {
    /// What.
    pub what: String,
    /// What stood against it.
    pub against: Vec<String>,
    /// Why it was done.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A silence.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SilenceTold {
    /// The metric.
    pub signal: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Until when it was to last.
    pub until: DateTime<Utc>,
    /// When it was ended before that.
    pub ended: Option<DateTime<Utc>>,
}

/// A baseline.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BaselineTold {
    /// The metric.
    pub metric: String,
    /// Its value.
    pub value: f64,
    /// How it came about.
    pub from: String,
    /// Who captured it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it was taken back.
    pub withdrawn: bool,
}
