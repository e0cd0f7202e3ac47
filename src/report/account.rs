//! What a report says of a room, as data: every form (Markdown, HTML, JSON, iCalendar) is written from
//! it, and as JSON it is the report. Texts are as they were said: whoever writes them down cleans them.
//!
//! The shape is `warroom.report/1`: fields may be added, never renamed.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

/// The `schema` of a report.
pub const SCHEMA: &str = "warroom.report/1";

/// A whole report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Account {
    /// Always `warroom.report/1`.
    pub schema: String,
    /// The plan's title.
    pub title: String,
    /// The room.
    pub room: String,
    /// "production", "staging".
    pub environment: String,
    /// Whether it was a rehearsal: nothing in it was real.
    pub rehearsal: bool,
    /// The plan's file when the room was opened.
    pub plan: String,
    /// The digest of the plan it follows.
    pub digest: String,
    /// When the room began to follow which plan.
    pub editions: Vec<Edition>,
    /// When the report was made.
    pub made: DateTime<Utc>,
    /// The IANA zone that its times are told in.
    pub zone: String,
    /// When the room was opened.
    pub opened: Option<DateTime<Utc>>,
    /// When something was said last.
    pub last: Option<DateTime<Utc>>,
    /// So many events tell it.
    pub events: u64,
    /// The launch instant.
    pub t0: Option<DateTime<Utc>>,
    /// Every launch instant that was set, in order.
    pub t0_set: Vec<T0Set>,
    /// What somebody reads who has twenty seconds.
    pub summary: Summary,
    /// Phases and their parts.
    pub phases: Vec<PhaseTold>,
    /// Gates that were passed, and the one ahead.
    pub gates: Vec<GateTold>,
    /// Who had to sign.
    pub signoffs: Vec<SignOffTold>,
    /// Every time that an alert fired.
    pub alerts: Vec<AlertTold>,
    /// More alerts than these, which are left out.
    pub alerts_left_out: usize,
    /// When a limit could not be judged.
    pub blind: Vec<Blind>,
    /// Conditions without a number that somebody saw.
    pub conditions: Vec<Condition>,
    /// Flags that were changed.
    pub flags: Vec<FlagTold>,
    /// Procedures that were run.
    pub runs: Vec<RunTold>,
    /// What was done over an objection, and why.
    pub overrides: Vec<Override>,
    /// Alerts that were kept quiet.
    pub silences: Vec<SilenceTold>,
    /// What relative limits were compared with.
    pub baselines: Vec<BaselineTold>,
    /// The plan's checklists, filled in.
    pub checklists: Vec<Checklist>,
    /// Items that left the plan with something said of them.
    pub orphans: Vec<ItemTold>,
    /// The plan's messages, with the times they fall due.
    pub messages: Vec<MessageTold>,
    /// What is due after the launch.
    pub due: Vec<DueTold>,
    /// Notes on the launch and its phases.
    pub notes: Vec<Remark>,
    /// What happened, but for ticks.
    pub story: Vec<Told>,
    /// More that happened in the middle of it, which is left out.
    pub story_left_out: usize,
    /// What nobody knows, said as such.
    pub unknown: Vec<String>,
}

/// A plan that the room followed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Edition {
    /// Since when.
    pub at: DateTime<Utc>,
    /// Who had it followed.
    pub by: String,
    /// Its digest.
    pub digest: String,
    /// What that changed.
    pub change: Option<String>,
}

/// A launch instant that somebody set.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct T0Set {
    /// When it was said.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// The instant.
    pub t0: DateTime<Utc>,
}

/// What an executive reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Summary {
    /// "complete", "under way", "on hold", "not begun".
    pub state: String,
    /// How it went, in a sentence or two.
    pub sentence: String,
    /// A handful of figures.
    pub figures: Vec<Figure>,
    /// What somebody has to look at, the worst first.
    pub attention: Vec<String>,
}

/// How a figure is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// As it should be.
    Good,
    /// Somebody should look.
    Care,
    /// It is not as it should be.
    Bad,
    /// Neither.
    #[default]
    Plain,
}

/// A figure of the summary.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figure {
    /// "Items".
    pub label: String,
    /// "182 of 184".
    pub value: String,
    /// "2 open, 1 blocked".
    pub detail: String,
    /// How it is meant.
    pub tone: Tone,
}

/// A phase, planned and as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct PhaseTold {
    /// Its id.
    pub id: String,
    /// Its title.
    pub name: String,
    /// 1 for a part of another.
    pub depth: u8,
    /// "waiting", "running", "held", "completed".
    pub state: String,
    /// When it was to begin.
    pub planned_start: Option<DateTime<Utc>>,
    /// When it was to end.
    pub planned_end: Option<DateTime<Utc>>,
    /// When it began.
    pub started: Option<DateTime<Utc>>,
    /// When it was over.
    pub ended: Option<DateTime<Utc>>,
    /// How long it took, in seconds, holds included.
    pub seconds: Option<i64>,
    /// Seconds that it began later than planned.
    pub start_slip: Option<i64>,
    /// Seconds that it ended later than planned.
    pub end_slip: Option<i64>,
    /// When it was held.
    pub holds: Vec<Hold>,
    /// Items done.
    pub done: usize,
    /// Items that apply.
    pub all: usize,
}

/// A hold of a phase.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Hold {
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; none while it lasts.
    pub to: Option<DateTime<Utc>>,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
}

/// A gate's word.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct GateTold {
    /// Its phase.
    pub phase: String,
    /// When the phase was completed; none for a gate that is still ahead.
    pub at: Option<DateTime<Utc>>,
    /// Who completed it.
    pub by: Option<String>,
    /// "GO", "NO-GO", "INCONCLUSIVE": as it was then.
    pub verdict: String,
    /// Why it was not GO.
    pub reasons: Vec<String>,
    /// Why it was passed all the same.
    pub overridden: Option<String>,
}

/// A role that signs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SignOffTold {
    /// The role.
    pub role: String,
    /// "approved", "rejected"; none where nobody signed.
    pub decision: Option<String>,
    /// Who.
    pub by: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// What they said.
    pub comment: Option<String>,
    /// How sure it is who signed.
    pub verification: String,
    /// Whether it was given for another plan than the present one.
    pub stale: bool,
    /// Its line.
    pub line: usize,
}

/// A person and a moment.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Who {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

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

/// The items of a phase or of another part of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Checklist {
    /// Whose.
    pub title: String,
    /// 1 for a part of a phase.
    pub depth: u8,
    /// Items done.
    pub done: usize,
    /// Items that apply.
    pub all: usize,
    /// Its items.
    pub items: Vec<ItemTold>,
}

/// An item, filled in.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ItemTold {
    /// Its id.
    pub id: String,
    /// The plan's words.
    pub text: String,
    /// "open", "done", "na", "blocked".
    pub state: String,
    /// Who said so; none where the plan's own box does.
    pub by: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// Why it is blocked or does not apply.
    pub reason: Option<String>,
    /// Who has it.
    pub assignee: Option<String>,
    /// Proof.
    pub evidence: Vec<Remark>,
    /// What was said of it.
    pub notes: Vec<Remark>,
    /// "task", "table", "action", "criterion".
    pub kind: String,
    /// Its line; 0 for what left the plan.
    pub line: usize,
}

/// Something that somebody said.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Remark {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What it is about, where that is not said around it.
    pub on: Option<String>,
    /// What.
    pub text: String,
}

/// A message of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MessageTold {
    /// When, in the plan's words.
    pub when: String,
    /// What it says.
    pub text: String,
    /// To whom.
    pub audience: Option<String>,
    /// When it falls due; none where that cannot be told.
    pub due: Option<DateTime<Utc>>,
    /// Its line.
    pub line: usize,
}

/// Something that is due after the launch.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DueTold {
    /// What.
    pub text: String,
    /// When, in the plan's words.
    pub when: Option<String>,
    /// "every day", "every 2 weeks"; none where it is due once.
    pub every: Option<String>,
    /// From when on.
    pub from: Option<DateTime<Utc>>,
    /// Until when.
    pub to: Option<DateTime<Utc>>,
    /// "done", "overdue", "due", "ahead", "no date", "past, not recorded".
    pub state: String,
    /// The item's id, where the plan gives it a box.
    pub item: Option<String>,
    /// Who said so last.
    pub by: Option<String>,
    /// Who has it.
    pub assignee: Option<String>,
    /// Its line.
    pub line: usize,
}

/// What an event of the story is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The room and its plan.
    Plan,
    /// A phase or the launch instant.
    Phase,
    /// A sign-off.
    SignOff,
    /// An alert, or a limit that cannot be judged.
    Alert,
    /// A condition that somebody saw.
    Condition,
    /// A flag.
    Flag,
    /// A run of a procedure.
    Run,
    /// An item that was blocked or left out.
    Item,
    /// A note.
    Note,
    /// Something else.
    Other,
}

impl Kind {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Plan => "plan",
            Kind::Phase => "phase",
            Kind::SignOff => "sign-off",
            Kind::Alert => "alert",
            Kind::Condition => "condition",
            Kind::Flag => "flag",
            Kind::Run => "run",
            Kind::Item => "item",
            Kind::Note => "note",
            Kind::Other => "other",
        }
    }
}

/// An event of the story.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Told {
    /// Its place in the journal.
    pub seq: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// What it is about.
    pub kind: Kind,
    /// What happened.
    pub text: String,
}
