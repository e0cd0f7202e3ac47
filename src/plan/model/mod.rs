//! The typed plan: what a reading found, in the shape that `warroom check --json` prints.
//!
//! Lines are 1-based lines of the plan file. Names follow the reading's JSON (`schema`
//! `warroom.plan/1`): fields may be added, never renamed. Everything here is data; the
//! recognisers beside this file fill it, the room and the screens only look at it.

mod facts;
mod limits;
mod phases;
mod problem;
mod procedures;
mod response;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::binding::{Guarded, Judging};
pub use facts::*;
pub use limits::*;
pub use phases::*;
pub use problem::*;
pub use procedures::*;
pub use response::*;

/// The `schema` of a reading.
pub const SCHEMA: &str = "warroom.plan/1";

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )+};
}

ids! {
    /// A phase, stable while its title and place stay.
    PhaseId
    /// A checklist entry: `{#id}` where the plan gives one, else made from section path, normalised text and ordinal.
    ItemId
    /// A limit on a metric.
    ThresholdId
    /// A metric the plan names.
    MetricId
    /// A procedure such as a rollback.
    ProcedureId
    /// A sign-off line.
    SignOffId
}

/// One plan, read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Front matter, else the first heading, else the file's stem.
    pub title: String,
    /// `sha256:` and the hex digest of the raw bytes.
    pub digest: String,
    /// Phases and sub-phases in the order of the document.
    pub phases: Vec<Phase>,
    /// Every checklist entry, in the order of the document.
    pub items: Vec<Item>,
    /// Every metric named, with or without a limit.
    pub metrics: Vec<Metric>,
    /// Percentages or cohorts in order.
    pub ramps: Vec<Ramp>,
    /// Feature flags, each once.
    pub flags: Vec<Flag>,
    /// One entry a limit.
    pub thresholds: Vec<Threshold>,
    /// "Rollback Point 1: if … then …".
    pub rollback_points: Vec<RollbackPoint>,
    /// Severity classes with what is promised for each.
    pub severities: Vec<Severity>,
    /// Incident response stages.
    pub stages: Vec<Stage>,
    /// "Automatic escalation if not acknowledged within 5 minutes".
    pub escalations: Vec<Escalation>,
    /// Incident scenarios with symptoms and actions.
    pub scenarios: Vec<Scenario>,
    /// Where people talk.
    pub channels: Vec<Channel>,
    /// Conditions that call for an alert or a rollback and have no number.
    pub triggers: Vec<Trigger>,
    /// Runbooks: rollback, deploy, validation, incident.
    pub procedures: Vec<Procedure>,
    /// Health and monitoring paths, each once.
    pub endpoints: Vec<Endpoint>,
    /// Log lines somebody is to watch for.
    pub log_watches: Vec<LogWatch>,
    /// Whom to call.
    pub contacts: Vec<Contact>,
    /// Who has to sign.
    pub signoffs: Vec<SignOff>,
    /// Messages due.
    pub messages: Vec<Message>,
    /// Message bodies with blanks.
    pub templates: Vec<Template>,
    /// The risk register.
    pub risks: Vec<Risk>,
    /// What is due after the launch.
    pub followups: Vec<FollowUp>,
    /// What it says besides: its data, purpose, durations, expected load, other documents.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// What the reader found wrong or doubtful.
    pub problems: Vec<Problem>,
    /// Line ranges, first and last included, that stayed prose.
    pub unread: Vec<[usize; 2]>,
    /// How limits are judged beyond what the plan says, by its binding.
    #[serde(skip)]
    pub judging: BTreeMap<ThresholdId, Judging>,
    /// What takes a second person, by its binding.
    #[serde(skip)]
    pub guarded: Guarded,
    /// The severities that shut a gate, by its binding; without any, P0 and P1.
    #[serde(skip)]
    pub blocking: Vec<String>,
    /// Who has which role, by the role's normal name; a role without names is anyone's.
    #[serde(skip)]
    pub people: BTreeMap<String, Vec<String>>,
    /// The percentages of flags, where its binding says them.
    #[serde(skip)]
    pub rungs: BTreeMap<String, Vec<f64>>,
    /// The first line with bytes that no text stands for; nothing is to be done by such a plan.
    #[serde(skip)]
    pub lossy: Option<usize>,
    /// All of it as it is shown: decoded, mojibake repaired, `\n` between lines.
    #[serde(skip)]
    pub text: String,
}

impl Plan {
    /// Takes up problems that only who knows the plan's surroundings can see, each at its place.
    pub fn add(&mut self, mut problems: Vec<Problem>) {
        super::place::find(&mut problems, &self.text);
        self.problems.extend(problems);
        self.problems.sort_by_key(|p| p.line);
    }

    /// The phase with this id.
    pub fn phase(&self, id: &PhaseId) -> Option<&Phase> {
        self.phases.iter().find(|p| &p.id == id)
    }

    /// The item with this id.
    pub fn item(&self, id: &ItemId) -> Option<&Item> {
        self.items.iter().find(|i| &i.id == id)
    }

    /// Phases that are not part of another, in the order of the document.
    pub fn top_phases(&self) -> impl Iterator<Item = &Phase> {
        self.phases.iter().filter(|p| p.parent.is_none())
    }
}
