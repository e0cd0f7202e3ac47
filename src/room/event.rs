//! What happened: events in the past tense, and the exact text the journal keeps of each.
//!
//! The text is what gets hashed into the chain, so it is made once, stored and read back
//! unchanged. A text that this version does not understand stays an [`Event::Unknown`]: it is
//! shown and kept, never skipped.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::adopt::Carried;
use super::approval::About;
use super::clock::{span_word, t_word};
use super::end::End;
use super::gate::Verdict;
use super::ladder::Call;
use super::poll::{Seat, Vote};
use super::signoffs::Asked;
use crate::plan::{ItemId, PhaseId, ProcedureId, SignOffId, ThresholdId};
use crate::signal::Criterion;
pub use crate::signing::Decision;

/// The version written into each fact's `v`.
const VERSION: u32 = 1;

/// What a note is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The launch as a whole.
    Room,
    /// A phase.
    Phase(PhaseId),
    /// A checklist entry.
    Item(ItemId),
}

/// What became of something that was started outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It worked, and that was seen.
    Done,
    /// It did not.
    Failed,
    /// It was refused before anything changed.
    Refused,
    /// It was stopped.
    Aborted,
    /// Nobody knows; never a success.
    Unknown,
}

impl Outcome {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Refused => "refused",
            Outcome::Aborted => "stopped",
            Outcome::Unknown => "unknown",
        }
    }
}

/// A silence that was made elsewhere: in an Alertmanager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct There {
    /// The source that was asked.
    pub source: String,
    /// What it is called there.
    pub id: String,
    /// Who made it.
    pub by: String,
}

/// A fact about a room. `text` and `name` repeat the plan's words so that a log stays readable
/// after the plan has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(missing_docs, reason = "field names say it; each variant is documented")]
pub enum Event {
    /// The room was made, for this plan file.
    RoomOpened { room: String, plan_path: String, environment: String, version: String },
    /// The room follows these plan bytes from here on; they are in the journal's plan table. `carried`
    /// says where what was said so far belongs in them; without it, as in old journals, every part
    /// keeps its id.
    PlanAdopted {
        digest: String,
        title: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        carried: Option<Box<Carried>>,
    },
    /// An item was done.
    ItemTicked { item: ItemId, text: String },
    /// A done item was opened again.
    ItemUnticked { item: ItemId, text: String },
    /// An item does not apply to this launch.
    ItemExcluded { item: ItemId, text: String, reason: Option<String> },
    /// An item cannot go on.
    ItemBlocked { item: ItemId, text: String, reason: String },
    /// An item that was blocked or not applicable is open again.
    ItemReopened { item: ItemId, text: String },
    /// An item was given to somebody, or to nobody.
    ItemAssigned { item: ItemId, text: String, to: Option<String> },
    /// Somebody wrote something down.
    NoteAdded { on: Subject, text: String },
    /// A note was taken back; it stays in the journal.
    NoteWithdrawn { note: Uuid },
    /// Proof was attached to an item.
    EvidenceAdded { item: ItemId, text: String },
    /// A phase began.
    PhaseStarted { phase: PhaseId, name: String },
    /// A phase waits.
    PhaseHeld { phase: PhaseId, name: String, reason: String },
    /// A held phase goes on.
    PhaseResumed { phase: PhaseId, name: String },
    /// A phase is over; `overridden` is the reason given where its gate did not say GO, `against` what
    /// the gate said then.
    PhaseCompleted {
        phase: PhaseId,
        name: String,
        overridden: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        against: Vec<String>,
    },
    /// The launch instant, with an IANA zone.
    T0Set { instant: DateTime<Utc>, zone: String },
    /// Somebody signed for a role. `signed` is false: recorded, without a cryptographic signature. `saw` is
    /// what the plan said, in short, to tell later what changed.
    SignedOff {
        signoff: SignOffId,
        role: String,
        decision: Decision,
        comment: Option<String>,
        signed: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exceptions: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        statement: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        saw: Vec<String>,
    },
    /// Somebody is about to sign. This fact's id is the nonce, its place and hash are the head signed.
    SignOffAsked { signoff: SignOffId, role: String, asked: Box<Asked> },
    /// Whose signatures count from here on: the list, its SHA-256, the file it came from, and the zone of
    /// the times in it.
    SignersAdopted { digest: String, text: String, from: String, zone: String },
    /// A limit has been breached for as long as it must be. `limit` is its healthy side in words.
    AlertFired {
        rule: ThresholdId,
        signal: String,
        limit: String,
        rank: String,
        line: usize,
        value: Option<f64>,
    },
    /// The signal is back on its healthy side.
    AlertResolved { rule: ThresholdId, signal: String, value: Option<f64> },
    /// Somebody has an alert in hand.
    AlertAcknowledged { rule: ThresholdId, signal: String },
    /// The limit that fired is none any more: plan or binding say something else now.
    AlertSuperseded { rule: ThresholdId, signal: String },
    /// An alert shall be quiet until then; it stays in sight.
    AlertSilenced {
        rule: ThresholdId,
        signal: String,
        reason: String,
        until: DateTime<Utc>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        there: Option<There>,
    },
    /// A silence is over before its time; `there` names the source where it was ended.
    SilenceEnded {
        rule: ThresholdId,
        signal: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        there: Option<String>,
    },
    /// What a relative limit is compared with from here on, and where it comes from.
    BaselineCaptured { metric: String, value: f64, from: String },
    /// Somebody said what a signal is, in its unit.
    ValueTyped { signal: String, value: f64 },
    /// A firing limit calls for a procedure; `plan` is the digest of the plan that says so.
    ProcedureSuggested {
        rule: ThresholdId,
        signal: String,
        procedure: ProcedureId,
        title: String,
        limit: String,
        line: usize,
        value: Option<f64>,
        plan: String,
    },
    /// Somebody decided against a suggested procedure.
    SuggestionDismissed { suggestion: Uuid, title: String, reason: String },
    /// Somebody saw a condition of the plan that has no number. `calls` is the procedure that it calls
    /// for, with its title; `plan` is the digest of the plan that says so.
    TriggerHappened {
        text: String,
        rank: String,
        line: usize,
        calls_back: bool,
        reason: String,
        calls: Option<(ProcedureId, String)>,
        plan: String,
    },
    /// It is over.
    TriggerOver { happening: Uuid, text: String, reason: String },
    /// A baseline was taken back; the one before counts again.
    BaselineWithdrawn { metric: String },
    /// A rule has seen no value for too long to be trusted; `why` is what it lacks.
    SignalLost {
        rule: ThresholdId,
        signal: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A lost rule sees values again.
    SignalFound { rule: ThresholdId, signal: String },
    /// The watch came to another answer about a criterion; `why` it is not met, in a few words.
    CriterionJudged {
        rule: ThresholdId,
        signal: String,
        finding: Criterion,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// A flag is about to be written: `request` is the exact bytes that were confirmed.
    /// `approval` is the proposal that a second person agreed to, where it took one.
    FlagChangeStarted {
        change: Uuid,
        flag: String,
        from: Option<String>,
        to: String,
        request: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval: Option<Uuid>,
    },
    /// What became of it.
    FlagChangeEnded { change: Uuid, flag: String, to: String, outcome: Outcome, detail: String },
    /// A flag was changed by hand; nothing was applied from here.
    FlagRecorded { flag: String, value: String },
    /// Somebody said how a percentage goes on.
    RungReviewed { flag: String, rung: f64, call: Call, reason: Option<String> },
    /// Somebody opened the way to a rung over what stood `against` it.
    RungOverridden { flag: String, to: String, reason: String, against: String },
    /// A procedure was begun.
    RunStarted { run: Uuid, procedure: ProcedureId, title: String },
    /// A step is about to run: `bytes` is what was confirmed, `approval` the proposal that a second
    /// person agreed to, where it took one.
    StepStarted {
        run: Uuid,
        step: usize,
        text: String,
        bytes: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval: Option<Uuid>,
    },
    /// What became of it.
    StepEnded {
        run: Uuid,
        step: usize,
        text: String,
        outcome: Outcome,
        detail: String,
        /// How, where it was run from here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end: Option<End>,
    },
    /// A procedure is over.
    RunEnded { run: Uuid, title: String, outcome: Outcome, detail: String },
    /// A person said what became of an unknown step. `goes_on` where the run has more to do.
    RunResolved { run: Uuid, title: String, step: usize, outcome: Outcome, reason: String, goes_on: bool },
    /// A person said what became of a flag's unknown change.
    FlagResolved { change: Uuid, flag: String, to: String, outcome: Outcome, reason: String },
    /// Somebody wants something done that takes a second person: `bytes` is what was confirmed, `digest`
    /// binds everything that somebody else agrees to.
    Proposed {
        proposal: Uuid,
        title: String,
        about: About,
        bytes: String,
        nonce: Uuid,
        digest: String,
        expires: DateTime<Utc>,
    },
    /// Somebody else agreed.
    Approved { proposal: Uuid, title: String, nonce: Uuid, digest: String },
    /// Whoever asked for a second person took it back.
    ProposalWithdrawn { proposal: Uuid, title: String },
    /// An approval was refused, and why: replayed, expired, one's own, of something else.
    ApprovalRefused { proposal: Uuid, title: String, why: String },
    /// Roles are asked GO, NO-GO or ABSTAIN about a phase's gate, in this order.
    PollOpened { poll: Uuid, phase: PhaseId, name: String, roles: Vec<Seat> },
    /// A role answered; `evidence` is the digest of what it saw.
    Voted {
        poll: Uuid,
        name: String,
        seat: SignOffId,
        role: String,
        vote: Vote,
        reason: Option<String>,
        evidence: String,
    },
    /// A poll is over, and why it is not GO; `evidence` is the digest of what stood then.
    PollClosed { poll: Uuid, phase: PhaseId, name: String, result: Verdict, why: String, evidence: String },
    /// T stands until somebody lets it go on.
    ClockHeld { reason: String },
    /// T goes on from so many seconds.
    ClockResumed { t: i64 },
    /// T will stand at so many seconds for so many.
    HoldPlanned { t: i64, lasts: i64, reason: String },
    /// An item is ticked, and something reads otherwise.
    ClaimDoubted { item: ItemId, text: String, why: String },
    /// Nothing speaks against its tick any more.
    ClaimSettled { item: ItemId, text: String },
    /// A rehearsal is over; its report in Markdown.
    Rehearsed { report: String },
    /// Written by a newer version, or damaged; kept as it is.
    #[serde(skip)]
    Unknown { text: String },
}

/// An event with who and when, before the journal has given it a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    v: u32,
    /// Unique, sortable by time; makes a repeated delivery harmless.
    pub id: Uuid,
    /// When, by the clock of the machine that wrote it.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

impl Fact {
    /// A fact by `by` at `at`; `id` comes from the caller, since this module has no source of chance.
    pub fn new(id: Uuid, at: DateTime<Utc>, by: &str, event: Event) -> Self {
        Self { v: VERSION, id, at, by: by.to_owned(), event }
    }

    /// The exact text for the journal.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("strings, numbers and times always become JSON")
    }
}

/// A fact with its place in the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// 1, 2, 3 … without a gap.
    pub seq: u64,
    /// The fact's id; nil where it could not be read.
    pub id: Uuid,
    /// When; the epoch where it could not be read.
    pub at: DateTime<Utc>,
    /// Who; empty where it could not be read.
    pub by: String,
    /// What.
    pub event: Event,
    /// The head of the chain at this place; none where whoever read it knows no chain.
    pub hash: Option<[u8; 32]>,
}

impl Entry {
    /// Reads a stored text. Never fails: what is not understood becomes [`Event::Unknown`] with
    /// as much of who and when as can be had.
    pub fn read(seq: u64, text: &str) -> Self {
        match serde_json::from_str::<Fact>(text) {
            Ok(fact) => Self { seq, id: fact.id, at: fact.at, by: fact.by, event: fact.event, hash: None },
            Err(_) => Self::opaque(seq, text),
        }
    }

    /// The same, at this head of the chain.
    pub fn linked(self, hash: [u8; 32]) -> Self {
        Self { hash: Some(hash), ..self }
    }

    fn opaque(seq: u64, text: &str) -> Self {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Outline {
            id: Option<Uuid>,
            at: Option<DateTime<Utc>>,
            by: Option<String>,
        }
        let outline: Outline = serde_json::from_str(text).unwrap_or_default();
        Self {
            seq,
            id: outline.id.unwrap_or_default(),
            at: outline.at.unwrap_or_default(),
            by: outline.by.unwrap_or_default(),
            event: Event::Unknown { text: text.to_owned() },
            hash: None,
        }
    }
}

impl Event {
    /// The item it is about.
    pub fn item(&self) -> Option<&ItemId> {
        match self {
            Event::ItemTicked { item, .. }
            | Event::ItemUnticked { item, .. }
            | Event::ItemExcluded { item, .. }
            | Event::ItemBlocked { item, .. }
            | Event::ItemReopened { item, .. }
            | Event::ItemAssigned { item, .. }
            | Event::EvidenceAdded { item, .. }
            | Event::NoteAdded { on: Subject::Item(item), .. } => Some(item),
            _ => None,
        }
    }

    /// One plain line for a log: the verb, then the plan's own words. Not yet sanitised.
    pub fn sentence(&self) -> String {
        let with = |head: String, reason: &Option<String>| match reason {
            Some(reason) => format!("{head}: {reason}"),
            None => head,
        };
        match self {
            Event::RoomOpened { environment, .. } => format!("opened the room for {environment}"),
            Event::PlanAdopted { title, digest, carried } => {
                let short: String = digest.trim_start_matches("sha256:").chars().take(8).collect();
                let change = carried.as_ref().map(|c| format!(": {c}")).unwrap_or_default();
                format!("adopted the plan “{title}” ({short}){change}")
            }
            Event::ItemTicked { text, .. } => format!("ticked {text}"),
            Event::ItemUnticked { text, .. } => format!("unticked {text}"),
            Event::ItemExcluded { text, reason, .. } => with(format!("not applicable {text}"), reason),
            Event::ItemBlocked { text, reason, .. } => format!("blocked {text}: {reason}"),
            Event::ItemReopened { text, .. } => format!("reopened {text}"),
            Event::ItemAssigned { text, to: Some(to), .. } => format!("assigned {text} to {to}"),
            Event::ItemAssigned { text, to: None, .. } => format!("unassigned {text}"),
            Event::NoteAdded { text, .. } => format!("note {text}"),
            Event::NoteWithdrawn { .. } => "withdrew a note".to_owned(),
            Event::EvidenceAdded { text, .. } => format!("evidence {text}"),
            Event::PhaseStarted { name, .. } => format!("started {name}"),
            Event::PhaseHeld { name, reason, .. } => format!("held {name}: {reason}"),
            Event::PhaseResumed { name, .. } => format!("resumed {name}"),
            Event::PhaseCompleted { name, overridden: Some(why), against, .. } if !against.is_empty() => {
                format!("completed {name} over its gate: {why} (against it: {})", against.join(", "))
            }
            Event::PhaseCompleted { name, overridden, .. } => with(format!("completed {name}"), overridden),
            Event::T0Set { instant, zone } => {
                let zone: chrono_tz::Tz = zone.parse().unwrap_or_default();
                format!("set T0 to {}", instant.with_timezone(&zone).format("%-d %b %Y %H:%M:%S %Z"))
            }
            Event::SignedOff { role, decision, comment, exceptions, signature, .. } => {
                let how = if signature.is_some() { "with a signature" } else { "unsigned" };
                let head = with(format!("{} as {role} ({how})", decision.verb()), exceptions);
                with(head, comment)
            }
            Event::SignOffAsked { role, .. } => format!("is about to sign as {role}"),
            Event::SignersAdopted { digest, from, .. } => {
                let short: String = digest.chars().take(8).collect();
                format!("adopted the signers of {from} ({short})")
            }
            Event::AlertFired { signal, limit, rank, value, .. } => {
                format!("{rank} {signal} {} firing, {limit}", measured(*value))
            }
            Event::AlertResolved { signal, value, .. } => {
                format!("{signal} {} is back inside its limit", measured(*value))
            }
            Event::AlertAcknowledged { signal, .. } => format!("acknowledged {signal}"),
            Event::SignalLost { signal, why, .. } => {
                format!("{}: {signal} cannot be judged", why.as_deref().unwrap_or("no data"))
            }
            Event::SignalFound { signal, .. } => format!("data again: {signal}"),
            _ => self.lever_sentence(),
        }
    }

    fn lever_sentence(&self) -> String {
        let told = |detail: &str| if detail.is_empty() { String::new() } else { format!(": {detail}") };
        match self {
            Event::FlagChangeStarted { flag, from, to, .. } => {
                format!("changes {flag} {} → {to}", from.as_deref().unwrap_or("?"))
            }
            Event::FlagChangeEnded { flag, to, outcome, detail, .. } => {
                format!("{flag} → {to} {}{}", outcome.as_str(), told(detail))
            }
            Event::FlagRecorded { flag, value } => format!("set {flag} to {value} by hand"),
            Event::RungReviewed { flag, rung, call, reason } => {
                let reason = reason.as_deref().map(told).unwrap_or_default();
                format!("{} {flag} at {rung} %{reason}", call.word())
            }
            Event::RungOverridden { flag, to, reason, against } => {
                format!("overrides the guard of {flag} → {to}: {reason} (against it: {against})")
            }
            Event::RunStarted { title, .. } => format!("began {title}"),
            Event::StepStarted { step, text, .. } => format!("step {} starts: {text}", step + 1),
            Event::StepEnded { step, text, outcome, detail, .. } => {
                format!("step {} {}: {text}{}", step + 1, outcome.as_str(), told(detail))
            }
            Event::RunEnded { title, outcome, detail, .. } => {
                format!("{title} {}{}", outcome.as_str(), told(detail))
            }
            Event::RunResolved { title, step, outcome, reason, .. } => {
                format!("resolved {title}: step {} {}: {reason}", step + 1, outcome.as_str())
            }
            Event::FlagResolved { flag, to, outcome, reason, .. } => {
                format!("resolved {flag} → {to}: {}: {reason}", outcome.as_str())
            }
            Event::Proposed { title, .. } => format!("proposed {title}; a second person has to approve it"),
            Event::Approved { title, .. } => format!("approved {title}"),
            Event::ProposalWithdrawn { title, .. } => format!("took back the proposal of {title}"),
            Event::ApprovalRefused { title, why, .. } => format!("was refused {title}: {why}"),
            Event::Rehearsed { .. } => "the rehearsal is over; its report is in the journal".to_owned(),
            Event::Unknown { text } => format!("something this version does not know: {text}"),
            _ => self.rule_sentence(),
        }
    }

    fn rule_sentence(&self) -> String {
        match self {
            Event::AlertSuperseded { signal, .. } => format!("{signal} is judged by another limit now"),
            Event::AlertSilenced { signal, reason, until, there: Some(there), .. } => {
                let (by, at) = (&there.by, &there.source);
                format!("{by} silenced {signal} at {at} until {}: {reason}", until.format("%H:%M:%S UTC"))
            }
            Event::AlertSilenced { signal, reason, until, .. } => {
                format!("silenced {signal} until {}: {reason}", until.format("%H:%M:%S UTC"))
            }
            Event::CriterionJudged { signal, finding, why, .. } => {
                let why = if why.is_empty() { String::new() } else { format!(": {why}") };
                format!("criterion {signal} {}{why}", finding.word())
            }
            Event::SilenceEnded { signal, there: Some(there), .. } => {
                format!("the silence of {signal} was ended at {there}")
            }
            Event::SilenceEnded { signal, .. } => format!("ended the silence of {signal}"),
            Event::BaselineCaptured { metric, value, from } => {
                format!("baseline of {metric} {} ({from})", measured(Some(*value)))
            }
            Event::BaselineWithdrawn { metric } => format!("took back the baseline of {metric}"),
            Event::ValueTyped { signal, value } => format!("says {signal} is {value}"),
            Event::TriggerHappened { text, rank, reason, .. } => {
                let class = if text.starts_with(rank) { "" } else { rank };
                format!("{class} happened: {text}: {reason}").trim_start().to_owned()
            }
            Event::TriggerOver { text, reason, .. } => format!("over: {text}: {reason}"),
            Event::ProcedureSuggested { title, signal, limit, value, .. } => {
                format!("suggests {title}: {signal} {}, {limit}", measured(*value))
            }
            Event::SuggestionDismissed { title, reason, .. } => format!("decided against {title}: {reason}"),
            _ => self.gate_sentence(),
        }
    }

    fn gate_sentence(&self) -> String {
        match self {
            Event::PollOpened { name, roles, .. } => {
                let roles: Vec<_> = roles.iter().map(|seat| seat.role.as_str()).collect();
                format!("asks GO or NO-GO for {name}: {}", roles.join(", "))
            }
            Event::Voted { name, role, vote, reason, .. } => {
                let reason = reason.as_deref().map(|r| format!(": {r}")).unwrap_or_default();
                format!("says {} for {name} as {role}{reason}", vote.word())
            }
            Event::PollClosed { name, result, why, .. } => {
                let why = if why.is_empty() { String::new() } else { format!(": {why}") };
                format!("closed the poll on {name} with {}{why}", result.as_str())
            }
            Event::ClockHeld { reason } => format!("holds the count: {reason}"),
            Event::ClockResumed { t } => {
                format!(
                    "lets the count go on from {}",
                    t_word(TimeDelta::try_seconds(*t).unwrap_or_default())
                )
            }
            Event::HoldPlanned { t, lasts, reason } => {
                let at = t_word(TimeDelta::try_seconds(*t).unwrap_or_default());
                format!(
                    "plans a hold of {} at {at}: {reason}",
                    span_word(TimeDelta::try_seconds(*lasts).unwrap_or_default())
                )
            }
            Event::ClaimDoubted { text, why, .. } => format!("{text} is ticked, and {why}"),
            Event::ClaimSettled { text, .. } => format!("nothing speaks against {text} any more"),
            _ => String::new(),
        }
    }
}

/// A value as a log says it.
fn measured(value: Option<f64>) -> String {
    let rounded = |v: f64| if v.abs() >= 100.0 { v.round() } else { (v * 100.0).round() / 100.0 };
    let said = |v: f64| crate::signal::number(crate::plan::Value::One(rounded(v)));
    value.map_or_else(|| "without a value".to_owned(), said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_reads_back_from_its_text() {
        let event = Event::ItemBlocked { item: "a1".into(), text: "Back up".into(), reason: "disk".into() };
        let fact =
            Fact::new(Uuid::from_u128(7), DateTime::from_timestamp_millis(1500).unwrap(), "ana", event);
        let entry = Entry::read(3, &fact.to_text());
        assert_eq!((entry.seq, entry.by.as_str(), entry.event), (3, "ana", fact.event));
    }

    #[test]
    fn a_text_from_the_future_is_kept() {
        let text = r#"{"v":9,"by":"bo","at":"2031-01-01T00:00:00Z","type":"teleported"}"#;
        let entry = Entry::read(1, text);
        assert_eq!((entry.by.as_str(), entry.event), ("bo", Event::Unknown { text: text.into() }));
    }
}
