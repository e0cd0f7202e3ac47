//! Phases and the entries of their checklists. Pure.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ItemId, PhaseId, ProcedureId, SignOffId, ThresholdId};

/// What part of a launch a phase is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PhaseKind {
    /// Before anything moves.
    Preflight,
    /// Traffic, users or code move.
    #[default]
    Rollout,
    /// Looking whether it worked.
    Validation,
    /// After the launch.
    Afterwards,
    /// Every day, week or month.
    Recurring,
}

/// A phase, or a sub-phase where `parent` is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Phase {
    /// Its id.
    pub id: PhaseId,
    /// Its title without the window ("Phase 2: Dark Launch").
    pub name: String,
    /// The line of its heading.
    pub line: usize,
    /// What part of a launch it is.
    pub kind: PhaseKind,
    /// The phase a sub-phase belongs to.
    pub parent: Option<PhaseId>,
    /// When.
    pub window: Option<Window>,
    /// For whom: "10% of users".
    pub share: Option<Share>,
}

/// When a phase runs, as the plan says it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// As written.
    pub text: String,
    /// Seconds from T0 for a window in hours.
    pub start: Option<i64>,
    /// Seconds from T0 for a window in hours; none where it is open or in days.
    pub end: Option<i64>,
    /// First and last calendar day; the last is none for "Day 11+".
    pub days: Option<(i32, Option<i32>)>,
    /// A clock time, as "10:00".
    pub at: Option<String>,
    /// The zone as written ("EST").
    pub zone: Option<String>,
}

/// A part of the users or traffic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// 10 of "10% of users".
    pub value: f64,
    /// "% of users", "merchants".
    pub unit: String,
}

/// What an item is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// A task list item as rendered.
    #[default]
    Task,
    /// A row or cell of a table used as a checkbox.
    Table,
    /// A bullet of a phase without a box; tickable.
    Action,
    /// A success criterion that is not a task; belongs to the gate.
    Criterion,
}

/// Who answers for an item: exactly one of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "id", rename_all = "lowercase")]
pub enum Owner {
    /// A phase of the plan (the innermost: a sub-phase where there is one).
    Phase(PhaseId),
    /// What must be true before the first rollout phase.
    Before,
    /// What is verified after the deployment.
    Verification,
    /// What is due after the launch.
    After,
    /// What comes back every day, week or month.
    Recurring,
    /// A sign-off block.
    SignOff(SignOffId),
    /// A procedure's own list.
    Procedure(ProcedureId),
}

/// A checklist entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// Its text without markup, box or mojibake.
    pub text: String,
    /// Its line.
    pub line: usize,
    /// Whether the plan itself has it ticked.
    pub checked: bool,
    /// What it is.
    pub kind: ItemKind,
    /// The top-level phase it stands in, if it stands in one.
    pub phase: Option<PhaseId>,
    /// The nearest heading or bold step above it.
    pub section: String,
    /// Who answers for it.
    pub owner: Owner,
    /// The flag and value it names.
    pub flag: Option<FlagSetting>,
    /// The limit it states.
    pub threshold: Option<ThresholdId>,
    /// The titles around it as written, the outermost first, U+001E between them.
    #[serde(skip)]
    pub path: Arc<str>,
}

/// A flag and the value something sets it to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlagSetting {
    /// The flag.
    pub name: String,
    /// As written.
    pub value: String,
}
