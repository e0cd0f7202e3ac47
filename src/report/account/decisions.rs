//! What people decided together: polls, holds of the count, doubted ticks, signers, what took two people.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::Who;

/// A round of votes on a phase's gate.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PollTold {
    /// Its phase, as it was called then.
    pub phase: String,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who closed it and when; none while it is under way.
    pub closed: Option<Who>,
    /// "GO", "NO-GO", "INCONCLUSIVE"; none while it is under way.
    pub result: Option<String>,
    /// Why it is not GO.
    pub why: String,
    /// What each role said, in the order they were asked; one that answered again has several.
    pub votes: Vec<VoteTold>,
}

/// A role's answer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct VoteTold {
    /// The role.
    pub role: String,
    /// "GO", "NO-GO", "ABSTAIN"; none where it never answered.
    pub vote: Option<String>,
    /// Who.
    pub by: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// Why.
    pub reason: Option<String>,
    /// A GO whose evidence changed before it counted.
    pub lapsed: bool,
    /// The role answered again later.
    pub replaced: bool,
}

/// A hold of the count.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ClockTold {
    /// Where the count stood: "T-00:10:00".
    pub t: String,
    /// Whether it was planned ahead.
    pub planned: bool,
    /// "over", "holds", "ahead".
    pub state: String,
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; none until somebody lets it go on.
    pub to: Option<DateTime<Utc>>,
    /// Why.
    pub reason: String,
    /// Who wanted it.
    pub by: String,
    /// Who let the count go on; none where it went on by itself.
    pub ended_by: Option<String>,
}

/// An item that was ticked while something read otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ClaimTold {
    /// The item's words.
    pub text: String,
    /// What was seen instead.
    pub why: String,
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; none where it still stands.
    pub to: Option<DateTime<Utc>>,
    /// "nothing speaks against it any more", "its tick was taken back".
    pub end: Option<String>,
}

/// A list of signers that was adopted.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SignersTold {
    /// The file it came from.
    pub from: String,
    /// The SHA-256 of the list.
    pub digest: String,
    /// The names in it whose keys count.
    pub names: Vec<String>,
    /// Who had it adopted.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Something that took two people.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ProposalTold {
    /// What.
    pub title: String,
    /// Who proposed it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Until when it could be approved and used.
    pub expires: DateTime<Utc>,
    /// Who agreed.
    pub agreed: Option<Who>,
    /// When it was used.
    pub used: Option<DateTime<Utc>>,
    /// "used", "agreed", "agreed, not used", "taken back", "waits", "expired".
    pub state: String,
    /// Approvals that were refused.
    pub refused: Vec<RefusedTold>,
}

/// An approval that was refused.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RefusedTold {
    /// Whose.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub why: String,
}

/// What a person said became of something that ended unknown.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ResolvedTold {
    /// "Rollback Plan, step 2", "tracking_v4 → true".
    pub what: String,
    /// "done", "failed", "stopped".
    pub outcome: String,
    /// How they know.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A later sign-off that does not hold, and so does not replace an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DoubtTold {
    /// Who recorded it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// "UNVERIFIED: …", "unsigned".
    pub why: String,
}

/// How a step that was run from here came to its end.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EndTold {
    /// "exit", "signal", "answered", "not_started", "timed_out", "aborted", "rehearsed", "unknown".
    pub kind: String,
    /// The exit code, the signal's number or the HTTP status.
    pub number: Option<i64>,
}

impl EndTold {
    /// In words: "exit code 0", "HTTP 204".
    pub fn words(&self) -> String {
        let number = self.number.map(|n| n.to_string()).unwrap_or_default();
        match self.kind.as_str() {
            "exit" => format!("exit code {number}"),
            "signal" => format!("ended by signal {number}"),
            "answered" => format!("HTTP {number}"),
            "not_started" => "it could not be started".to_owned(),
            "timed_out" => "it took too long and was ended".to_owned(),
            "aborted" => "somebody stopped it".to_owned(),
            "rehearsed" => "shown only, nothing ran".to_owned(),
            _ => "nobody knows its end".to_owned(),
        }
    }
}
