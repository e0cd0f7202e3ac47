//! What a report says of a room, as data: every form (Markdown, HTML, JSON, iCalendar) is written from
//! it, and as JSON it is the report. Texts are as they were said: whoever writes them down cleans them.
//!
//! The shape is `warroom.report/1`: fields may be added, never renamed.

mod decisions;
mod lists;
mod signals;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

pub use decisions::*;
pub use lists::*;
pub use signals::*;

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
    /// What the roles said about gates.
    pub polls: Vec<PollTold>,
    /// When the count was held.
    pub clock: Vec<ClockTold>,
    /// What was ticked while something read otherwise.
    pub claims: Vec<ClaimTold>,
    /// Who had to sign.
    pub signoffs: Vec<SignOffTold>,
    /// Whose signatures counted.
    pub signers: Vec<SignersTold>,
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
    /// What took two people.
    pub proposals: Vec<ProposalTold>,
    /// What people said became of what ended unknown.
    pub resolved: Vec<ResolvedTold>,
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct SignOffTold {
    /// The role.
    pub role: String,
    /// "approved", "approved with exceptions", "rejected"; none where nobody signed.
    pub decision: Option<String>,
    /// What is excepted.
    pub exceptions: Option<String>,
    /// Who.
    pub by: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// What they said.
    pub comment: Option<String>,
    /// How sure it is who signed.
    pub verification: String,
    /// "unsigned", "verified", "unverified"; none where nobody signed.
    pub seal: Option<String>,
    /// The SHA-256 of the key whose signature holds.
    pub key: Option<String>,
    /// A later one that does not hold and so does not count.
    pub doubt: Option<DoubtTold>,
    /// Whether it was given for another plan than the present one.
    pub stale: bool,
    /// What the plan says otherwise since: `+` what came, `-` what went.
    pub changed: Vec<String>,
    /// Why it does not count at a gate; none where it does.
    pub gap: Option<String>,
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
