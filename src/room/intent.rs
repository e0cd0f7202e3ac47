//! What somebody wants, in the imperative, and who wants it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::adopt::Carried;
use super::approval::About;
use super::end::End;
use super::event::{Decision, Outcome, Subject, There};
use super::ladder::Call;
use super::poll::Vote;
use super::signoffs::Signing;
use crate::plan::{ItemId, PhaseId, Plan, ProcedureId, SignOffId, ThresholdId};
use crate::signal::Criterion;

/// What a participant may do. On one machine it is a courtesy: whoever can write the file can
/// write the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks.
    Observer,
    /// Ticks, notes, gives evidence.
    Engineer,
    /// Also moves phases and sets T0.
    #[default]
    Commander,
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The name that the journal keeps.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// What somebody wants done in a room.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "field names say it; each variant is documented")]
pub enum Intent {
    /// Say an item is done.
    Tick(ItemId),
    /// Open a done item again.
    Untick(ItemId),
    /// Say an item does not apply; again opens it.
    Exclude { item: ItemId, reason: Option<String> },
    /// Say an item cannot go on.
    Block { item: ItemId, reason: String },
    /// Open a blocked or excluded item.
    Reopen(ItemId),
    /// Give an item to somebody, or to nobody.
    Assign { item: ItemId, to: Option<String> },
    /// Write something down.
    AddNote { on: Subject, text: String },
    /// Take one's own note back.
    WithdrawNote(Uuid),
    /// Attach proof to an item.
    AddEvidence { item: ItemId, text: String },
    /// Begin a phase.
    StartPhase(PhaseId),
    /// Make a phase wait.
    HoldPhase { phase: PhaseId, reason: String },
    /// Let a held phase go on.
    ResumePhase(PhaseId),
    /// End a phase; a reason overrides a gate that does not say GO.
    CompletePhase { phase: PhaseId, overriding: Option<String> },
    /// Set the launch instant.
    SetT0 { at: DateTime<Utc>, zone: String },
    /// Sign for a role.
    SignOff { signoff: SignOffId, decision: Decision, comment: Option<String> },
    /// Have the room say what it stands for, so that it can be signed; `shown` is the digest of what
    /// whoever signs has seen of that, see [`super::Room::signing_digest`].
    AskSignOff { signoff: SignOffId, shown: String },
    /// Sign for a role, with a signature or with exceptions.
    Sign(Box<Signing>),
    /// Count these signers' signatures only; times in the list are in `zone`.
    AdoptSigners { text: String, from: String, zone: String },
    /// Record that a limit fires; only the process with the watch does.
    RaiseAlert {
        rule: ThresholdId,
        signal: String,
        limit: String,
        rank: String,
        line: usize,
        value: Option<f64>,
    },
    /// Record that it is over.
    ResolveAlert { rule: ThresholdId, value: Option<f64> },
    /// Take an alert in hand.
    Acknowledge(ThresholdId),
    /// Record that the limit that fired is none any more.
    SupersedeAlert(ThresholdId),
    /// Keep an alert quiet for a while, at most 4 h.
    Silence { rule: ThresholdId, reason: String, until: DateTime<Utc> },
    /// End a silence.
    Unsilence(ThresholdId),
    /// Record a silence that was made elsewhere; only the process with the watch does.
    FindSilence { rule: ThresholdId, reason: String, until: DateTime<Utc>, there: There },
    /// Record that a silence was ended at this source.
    LoseSilence { rule: ThresholdId, there: String },
    /// Compare a metric's relative limits with this value from here on.
    CaptureBaseline { metric: String, value: f64, from: String },
    /// Take the last baseline of a metric back.
    WithdrawBaseline { metric: String },
    /// Say what a signal is, where no source does.
    TypeValue { signal: String, value: f64 },
    /// Suggest the procedure that a firing limit calls for.
    Suggest { rule: ThresholdId, value: Option<f64> },
    /// Decide against a suggested procedure.
    Dismiss { suggestion: Uuid, reason: String },
    /// Say that a condition without a number happened, in the plan's words, and what was seen.
    SayHappened { trigger: String, reason: String },
    /// Say that it is over.
    SayOver { happening: Uuid, reason: String },
    /// Record that a limit cannot be judged, and what it lacks.
    LoseSignal { rule: ThresholdId, signal: String, why: Option<String> },
    /// Record that it can be judged again.
    FindSignal { rule: ThresholdId },
    /// Record another answer about a criterion; only the process with the watch does.
    JudgeCriterion { rule: ThresholdId, signal: String, finding: Criterion, why: String },
    /// Write a flag; `request` is what was confirmed.
    StartFlagChange { change: Uuid, flag: String, from: Option<String>, to: String, request: String },
    /// Say what became of a change.
    EndFlagChange { change: Uuid, outcome: Outcome, detail: String },
    /// Say that a flag was changed by hand.
    RecordFlag { flag: String, value: String },
    /// Say how a percentage goes on at the end of its time.
    ReviewRung { flag: String, call: Call, reason: Option<String> },
    /// Open the way to a rung that something stands against, for two minutes and one change.
    OverrideRung { flag: String, from: Option<String>, to: String, reason: String },
    /// Begin a procedure.
    StartRun { run: Uuid, procedure: ProcedureId },
    /// Run a step; `bytes` is what was confirmed.
    StartStep { run: Uuid, step: usize, bytes: String },
    /// Say what was seen of a step that was started; only whoever runs or follows it does.
    EndStep { run: Uuid, step: usize, outcome: Outcome, detail: String },
    /// Record how a step that was run from here ended; what that comes to follows from it.
    CloseStep { run: Uuid, step: usize, end: End, detail: String },
    /// End a procedure.
    EndRun { run: Uuid, outcome: Outcome, detail: String },
    /// Say that a step was done by hand; `shown` is what was to be done, as it was read.
    TickStep { run: Uuid, step: usize, shown: String },
    /// Say that a step was a flag's change; it ends as that did.
    EndFlagStep { run: Uuid, step: usize, change: Uuid },
    /// Say what became of a run's unknown step or of a flag's unknown change: done, or failed.
    Resolve { id: Uuid, outcome: Outcome, reason: String },
    /// Ask a second person for something that takes two; `bytes` is what was confirmed.
    Propose { proposal: Uuid, nonce: Uuid, about: About, bytes: String },
    /// Agree to what somebody else proposed, as it was shown.
    Approve { proposal: Uuid, nonce: Uuid, digest: String },
    /// Ask every role about a phase's gate.
    OpenPoll { poll: Uuid, phase: PhaseId },
    /// Answer for a role; `evidence` is the digest of what was shown.
    Vote { poll: Uuid, seat: SignOffId, vote: Vote, reason: Option<String>, evidence: String },
    /// End a poll with what the votes come to.
    ClosePoll(Uuid),
    /// Make T stand.
    HoldClock { reason: String },
    /// Let T go on.
    ResumeClock,
    /// Have T stand at so many seconds from T0 for so many.
    PlanHold { at: i64, lasts: i64, reason: String },
    /// Record that something reads otherwise than an item's tick; only the process with the watch does.
    DoubtClaim { item: ItemId, why: String },
    /// Record that nothing does any more.
    SettleClaim(ItemId),
    /// Take back what one proposed oneself.
    WithdrawProposal(Uuid),
    /// End a rehearsal with its report.
    EndRehearsal { report: String },
    /// Make the room; the first fact of every journal.
    OpenRoom { room: String, plan_path: String, environment: String, version: String },
    /// Follow this reading of the plan; its bytes are in the journal.
    AdoptPlan { plan: Arc<Plan> },
}

impl Intent {
    /// The least role that may want this.
    pub fn needs(&self) -> Role {
        match self {
            Intent::StartPhase(_)
            | Intent::HoldPhase { .. }
            | Intent::ResumePhase(_)
            | Intent::CompletePhase { .. }
            | Intent::OverrideRung { .. }
            | Intent::AdoptSigners { .. }
            | Intent::OpenPoll { .. }
            | Intent::ClosePoll(_)
            | Intent::HoldClock { .. }
            | Intent::ResumeClock
            | Intent::PlanHold { .. }
            | Intent::SetT0 { .. } => Role::Commander,
            _ => Role::Engineer,
        }
    }

    /// The same about the item that carries on for its own; none where it is kept aside.
    pub fn carried(mut self, carried: &Carried) -> Option<Self> {
        let item = match &mut self {
            Intent::Tick(item)
            | Intent::Untick(item)
            | Intent::Reopen(item)
            | Intent::Exclude { item, .. }
            | Intent::Block { item, .. }
            | Intent::Assign { item, .. }
            | Intent::AddEvidence { item, .. }
            | Intent::AddNote { on: Subject::Item(item), .. } => item,
            _ => return Some(self),
        };
        *item = carried.item(item)?.clone();
        Some(self)
    }

    /// The item it is about.
    pub fn item(&self) -> Option<&ItemId> {
        match self {
            Intent::Tick(item)
            | Intent::Untick(item)
            | Intent::Reopen(item)
            | Intent::Exclude { item, .. }
            | Intent::Block { item, .. }
            | Intent::Assign { item, .. }
            | Intent::AddEvidence { item, .. }
            | Intent::AddNote { on: Subject::Item(item), .. } => Some(item),
            _ => None,
        }
    }
}
