//! The typed plan: what a reading found, in the shape that `warroom check --json` prints.
//!
//! Lines are 1-based lines of the plan file. Names follow the reading's JSON (`schema`
//! `warroom.plan/1`): fields may be added, never renamed. Everything here is data; the
//! recognisers beside this file fill it, the room and the screens only look at it.

use serde::{Deserialize, Serialize};

/// The `schema` of a reading.
pub const SCHEMA: &str = "warroom.plan/1";

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// What the reader found wrong or doubtful.
    pub problems: Vec<Problem>,
    /// Line ranges, first and last included, that stayed prose.
    pub unread: Vec<[usize; 2]>,
    /// The first line with bytes that no text stands for; nothing is to be done by such a plan.
    #[serde(skip)]
    pub lossy: Option<usize>,
    /// All of it as it is shown: decoded, mojibake repaired, `\n` between lines.
    #[serde(skip)]
    pub text: String,
}

/// What part of a launch a phase is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// 10 of "10% of users".
    pub value: f64,
    /// "% of users", "merchants".
    pub unit: String,
}

/// What an item is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
}

/// A flag and the value something sets it to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlagSetting {
    /// The flag.
    pub name: String,
    /// As written.
    pub value: String,
}

/// A metric, under one name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ramp {
    /// The flag that holds the percentage, where the plan says it.
    pub flag: Option<String>,
    /// In order.
    pub rungs: Vec<Rung>,
}

/// One step of a ramp.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// One number.
    One(f64),
    /// Low and high.
    Range([f64; 2]),
}

/// What a limit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// A cooldown; a bare 30 stays a bare 30.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cooldown {
    /// The number.
    pub value: f64,
    /// As written.
    pub unit: Option<String>,
}

/// A named way back inside a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// A severity class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Escalation {
    /// "not acknowledged".
    pub condition: String,
    /// Seconds.
    pub after: Option<f64>,
    /// Its line.
    pub line: usize,
}

/// An incident scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// "#incidents".
    pub name: String,
    /// What for.
    pub purpose: String,
    /// Its line.
    pub line: usize,
}

/// A condition without a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// What a procedure is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProcedureKind {
    /// A way back.
    Rollback,
    /// A way forward.
    Deploy,
    /// A check.
    Validation,
    /// An answer to an incident.
    Incident,
}

/// A runbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Procedure {
    /// Its id.
    pub id: ProcedureId,
    /// Its heading.
    pub title: String,
    /// What it is for.
    pub kind: ProcedureKind,
    /// Seconds it is promised to take.
    pub target: Option<f64>,
    /// In order.
    pub steps: Vec<Step>,
    /// Commands that belong to no step.
    pub commands: Vec<Command>,
    /// Its line.
    pub line: usize,
}

/// One step of a procedure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What to do.
    pub text: String,
    /// How.
    pub commands: Vec<Command>,
    /// Its line.
    pub line: usize,
}

/// A shell line, block or request of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// The exact text.
    pub text: String,
    /// The fence's language; "inline" for code inside a sentence.
    pub language: String,
    /// Its first line.
    pub line: usize,
    /// The request a curl command makes.
    pub http: Option<Http>,
    /// What must be filled in: `previous-deployment-id`.
    pub placeholders: Vec<String>,
    /// Environment variables it reads: `ADMIN_TOKEN`.
    pub variables: Vec<String>,
}

/// An HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Http {
    /// "POST".
    pub method: String,
    /// As written; may lack a host.
    pub url: String,
    /// "Name: value" as written.
    pub headers: Vec<String>,
    /// The body as written.
    pub body: Option<String>,
}

/// A path somebody can ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// "GET".
    pub method: String,
    /// "/api/health", or the whole URL's path.
    pub path: String,
    /// What it tells.
    pub description: Option<String>,
    /// Its line.
    pub line: usize,
}

/// A log line to watch for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogWatch {
    /// The text to look for.
    pub pattern: String,
    /// Its line.
    pub line: usize,
}

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    /// What.
    pub text: String,
    /// "Week 2-4".
    pub when: Option<String>,
    /// Its line.
    pub line: usize,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Probably wrong.
    Warning,
    /// Wrong.
    Error,
}

/// Something wrong or doubtful in the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// How bad.
    pub level: Level,
    /// Where; 0 is the whole document.
    pub line: usize,
    /// What.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Procedure {
    /// What is done one after the other, by line. A command that belongs to no step is a step of its
    /// own, so that none is left out.
    pub fn in_order(&self) -> Vec<Step> {
        let loose = self.commands.iter().map(|c| Step {
            text: headline(&c.text).to_owned(),
            line: c.line,
            commands: vec![c.clone()],
        });
        let mut all: Vec<Step> = self.steps.iter().cloned().chain(loose).collect();
        all.sort_by_key(|s| s.line);
        all
    }
}

/// What a block of commands says of itself: the comment it begins with, else its first line.
pub fn headline(text: &str) -> &str {
    let first = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    first.trim_start_matches(['#', '-', '/']).trim()
}

impl Plan {
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
