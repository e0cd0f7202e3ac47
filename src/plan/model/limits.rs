//! Metrics, limits, flags and their ladders. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MetricId, PhaseId, ProcedureId, ThresholdId};

/// A metric, under one name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Metric {
    /// Its id.
    pub id: MetricId,
    /// As first written.
    pub name: String,
    /// Other spellings of the same.
    pub aliases: Vec<String>,
    /// Where it is first named.
    pub line: usize,
}

/// A flag's or a rollout's steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ramp {
    /// The flag that holds the percentage, where the plan says it.
    pub flag: Option<String>,
    /// In order.
    pub rungs: Vec<Rung>,
}

/// One step of a ramp.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rung {
    /// 25 of "25%", none for "all tenants".
    pub value: Option<f64>,
    /// "%", "merchants".
    pub unit: String,
    /// "Day 5".
    pub when: Option<String>,
    /// "if all metrics are healthy".
    pub condition: Option<String>,
    /// Its line.
    pub line: usize,
}

/// A feature flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flag {
    /// Its name; nested configuration as a dotted path.
    pub name: String,
    /// Its first value, as text.
    pub value: Option<String>,
    /// What the plan says of it.
    pub description: Option<String>,
    /// Where it is first given.
    pub line: usize,
    /// The phase it is first given in.
    pub phase: Option<PhaseId>,
    /// The values phases set.
    pub stages: Vec<FlagStage>,
}

/// The value a phase gives a flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlagStage {
    /// The phase.
    pub phase: PhaseId,
    /// As text.
    pub value: String,
    /// "if ready".
    pub condition: Option<String>,
    /// Its line.
    pub line: usize,
}

/// How a limit compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Cmp {
    /// Below.
    #[serde(rename = "<")]
    Less,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
    /// Above.
    #[serde(rename = ">")]
    More,
    /// At least.
    #[serde(rename = ">=")]
    AtLeast,
    /// Exactly.
    #[serde(rename = "=")]
    Equal,
    /// Inside a range.
    #[serde(rename = "between")]
    Between,
    /// A state that lasts; there is no number.
    #[serde(rename = "occurs")]
    Occurs,
    /// A bare limit: the plan does not say which side is good.
    #[serde(rename = "threshold")]
    Threshold,
}

impl Cmp {
    /// As the reading writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Cmp::Less => "<",
            Cmp::AtMost => "<=",
            Cmp::More => ">",
            Cmp::AtLeast => ">=",
            Cmp::Equal => "=",
            Cmp::Between => "between",
            Cmp::Occurs => "occurs",
            Cmp::Threshold => "threshold",
        }
    }
}

/// The number of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// One number.
    One(f64),
    /// Low and high.
    Range([f64; 2]),
}

/// What a limit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A success criterion: the healthy side is stated.
    Success,
    /// Raises an alert: the bad side is stated.
    Alert,
    /// Calls for a rollback: the bad side is stated.
    Rollback,
    /// Watched: the healthy side is stated.
    Monitor,
}

/// A limit on a metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Threshold {
    /// Its id.
    pub id: ThresholdId,
    /// The metric's name as written here.
    pub metric: String,
    /// How it compares.
    pub cmp: Cmp,
    /// The number, none for a state that lasts.
    pub value: Option<Value>,
    /// As written.
    pub unit: Option<String>,
    /// Seconds the breach must last.
    #[serde(rename = "for")]
    pub hold: Option<f64>,
    /// Seconds of the measuring window.
    pub over: Option<f64>,
    /// As the plan names it: "P1", "high".
    pub severity: Option<String>,
    /// What it is for.
    pub role: Role,
    /// The phase it stands in.
    pub phase: Option<PhaseId>,
    /// Its line.
    pub line: usize,
    /// The line's text without markup.
    pub text: String,
    /// Minimum time between notices, as written.
    pub cooldown: Option<Cooldown>,
    /// Whether it is relative to a baseline.
    pub baseline: bool,
    /// The procedure it calls for.
    pub procedure: Option<ProcedureId>,
}

impl Threshold {
    /// " of the baseline", where the unit does not say so itself.
    pub fn of_baseline(&self) -> &'static str {
        let said = self.unit.as_deref().is_some_and(|unit| unit.to_lowercase().contains("baseline"));
        if self.baseline && !said { " of the baseline" } else { "" }
    }
}

/// A cooldown; a bare 30 stays a bare 30.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cooldown {
    /// The number.
    pub value: f64,
    /// As written.
    pub unit: Option<String>,
}

/// A named way back inside a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RollbackPoint {
    /// "Rollback Point 1".
    pub name: String,
    /// The phase it stands in.
    pub phase: Option<PhaseId>,
    /// "If deployment fails".
    pub condition: String,
    /// "rollback to previous version immediately".
    pub action: String,
    /// Its line.
    pub line: usize,
}

/// A condition without a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trigger {
    /// "Data corruption detected".
    pub text: String,
    /// As the plan names it.
    pub severity: Option<String>,
    /// Alert or rollback.
    pub role: Role,
    /// The procedure it calls for.
    pub procedure: Option<ProcedureId>,
    /// Its line.
    pub line: usize,
}
