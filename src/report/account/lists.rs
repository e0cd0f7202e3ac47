//! Lists of an account: items, remarks, messages, what is due, the story.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

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
    /// What the roles say about a gate.
    Poll,
    /// A hold of the count.
    Clock,
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
    /// Something that takes two people.
    Approval,
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
            Kind::Poll => "poll",
            Kind::Clock => "clock",
            Kind::SignOff => "sign-off",
            Kind::Alert => "alert",
            Kind::Condition => "condition",
            Kind::Flag => "flag",
            Kind::Run => "run",
            Kind::Approval => "approval",
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
