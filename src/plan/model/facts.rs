//! What a plan says besides what is done: kept with its kind, shown in place. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PhaseId;

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FactKind {
    /// The document's own data: version, date, who approved it.
    Meta,
    /// What the launch is for: goal, summary, overview.
    Brief,
    /// One of its objectives.
    Objective,
    /// How long a phase takes.
    Duration,
    /// How often somebody looks while a phase runs.
    Watch,
    /// What to do about a limit that calls nobody.
    Advice,
    /// The load that is expected, or tested with.
    Baseline,
    /// What is copied, how often, for how long it is kept.
    Backup,
    /// Another document.
    Reference,
    /// How long something has to stay well: "stable for 24 hours".
    Soak,
    /// What people are prepared with: guides, training, a macro for support.
    Preparation,
    /// A rule for the whole plan: "signed off before proceeding".
    Policy,
}

impl FactKind {
    /// As it is called to people.
    pub fn word(self) -> &'static str {
        match self {
            FactKind::Meta => "about it",
            FactKind::Brief => "purpose",
            FactKind::Objective => "objective",
            FactKind::Duration => "takes",
            FactKind::Watch => "watch",
            FactKind::Advice => "advice",
            FactKind::Baseline => "load",
            FactKind::Backup => "copies",
            FactKind::Reference => "document",
            FactKind::Soak => "stays well",
            FactKind::Preparation => "prepared",
            FactKind::Policy => "rule",
        }
    }
}

/// Something a plan says that is neither done nor measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// What it is about.
    pub kind: FactKind,
    /// "Version", the title of a link.
    pub label: Option<String>,
    /// "1.0", the address of a link.
    pub text: String,
    /// Seconds, where it is a span or a cadence.
    pub seconds: Option<f64>,
    /// The phase it stands in.
    pub phase: Option<PhaseId>,
    /// Its line.
    pub line: usize,
}
