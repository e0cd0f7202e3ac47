//! What is done about an incident, and whom it concerns. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ItemId, SignOffId};

/// A severity class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Severity {
    /// "P0".
    pub level: String,
    /// "Critical".
    pub name: String,
    /// Seconds to a response; 0 is immediate.
    pub respond: Option<f64>,
    /// Seconds between updates.
    pub update: Option<f64>,
    /// What belongs to the class.
    pub examples: Vec<String>,
    /// Its line.
    pub line: usize,
}

/// A stage of the incident response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    /// "Containment".
    pub name: String,
    /// Seconds since the incident began.
    pub from: Option<f64>,
    /// Seconds since the incident began.
    pub to: Option<f64>,
    /// What is done.
    pub actions: Vec<String>,
    /// Its line.
    pub line: usize,
}

/// What happens if nobody reacts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Escalation {
    /// "not acknowledged".
    pub condition: String,
    /// Seconds.
    pub after: Option<f64>,
    /// Its line.
    pub line: usize,
}

/// An incident scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scenario {
    /// "Scheduler Failure".
    pub title: String,
    /// How it shows.
    pub symptoms: Vec<String>,
    /// What to do at once.
    pub actions: Vec<String>,
    /// How to recover.
    pub recovery: Vec<String>,
    /// Its line.
    pub line: usize,
}

/// A place people talk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Channel {
    /// "#incidents".
    pub name: String,
    /// What for.
    pub purpose: String,
    /// Its line.
    pub line: usize,
}

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contact {
    /// "DevOps Team Lead".
    pub role: String,
    /// "Primary", "Available 24/7 during rollout".
    pub detail: Option<String>,
    /// "Technical Issues".
    pub group: Option<String>,
    /// Its line.
    pub line: usize,
}

/// A line somebody signs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SignOff {
    /// Its id.
    pub id: SignOffId,
    /// "Engineering Lead".
    pub role: String,
    /// Its line.
    pub line: usize,
    /// The items of its block.
    pub items: Vec<ItemId>,
}

/// How a message falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MessageKind {
    /// At a time.
    Scheduled,
    /// "every 15 minutes".
    Cadence,
    /// "24 hours before Phase 1".
    Relative,
    /// "Issues: immediate notification".
    Event,
}

/// A message due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// As written: "10:30 AM".
    pub when: String,
    /// What it says.
    pub text: String,
    /// To whom.
    pub audience: Option<String>,
    /// How it falls due.
    pub kind: MessageKind,
    /// Its line.
    pub line: usize,
    /// A clock time, as "10:30".
    pub at: Option<String>,
}

/// A message body with blanks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Template {
    /// Its heading.
    pub title: String,
    /// As written, mojibake repaired.
    pub body: String,
    /// "Phase Name" of `[Phase Name]`.
    pub fields: Vec<String>,
    /// Its line.
    pub line: usize,
}

/// A risk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Risk {
    /// "Database Migration Failures".
    pub title: String,
    /// "High".
    pub level: Option<String>,
    /// What prevents it.
    pub mitigation: Option<String>,
    /// What is done when it happens.
    pub contingency: Option<String>,
    /// Its line.
    pub line: usize,
}

/// What is due after the launch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FollowUp {
    /// What.
    pub text: String,
    /// "Week 2-4".
    pub when: Option<String>,
    /// Its line.
    pub line: usize,
}
