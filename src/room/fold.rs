//! The room as the fold of its journal. `apply` is total: any sequence of entries gives a room.
//!
//! State is kept by the ids of the plan's parts and carried along when another plan is adopted
//! (`adopt`); what the present plan no longer names is kept and listed by [`Room::orphans`].

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::adopt::Aside;
use super::alerts::{Alerts, Lost};
use super::approval::Proposal;
use super::claims::Claim;
use super::clock::{Pause, plus};
use super::criteria::Judged;
use super::event::{Entry, Event, Subject};
use super::happenings::Happening;
use super::ladder::Footing;
use super::levers::{Change, Run};
use super::poll::Poll;
use super::schedule::T0;
use super::signoffs::{Adopted, Ask, Signature};
use super::silences::{Baseline, Silence};
use super::suggestion::Suggestion;
use super::typed::Typed;
use crate::plan::{Item, ItemId, ItemKind, Owner, Phase, PhaseId, Plan, SignOffId, ThresholdId};

/// How many of the latest entries a room keeps at hand; the journal has all of them.
pub const RECENT: usize = 200;

/// Where an item stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mark {
    /// To do.
    #[default]
    #[serde(rename = "open")]
    Open,
    /// Done.
    #[serde(rename = "done")]
    Done,
    /// Does not apply to this launch.
    #[serde(rename = "na")]
    NotApplicable,
    /// Cannot go on; counts as open.
    #[serde(rename = "blocked")]
    Blocked,
}

impl Mark {
    /// Whether nothing is left to do.
    pub fn settled(self) -> bool {
        matches!(self, Mark::Done | Mark::NotApplicable)
    }

    /// As the command line prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::Open => "open",
            Mark::Done => "done",
            Mark::NotApplicable => "na",
            Mark::Blocked => "blocked",
        }
    }
}

/// Something somebody said of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remark {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub text: String,
}

/// What the journal says of one item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ItemState {
    /// Where it stands; none where only other things were said of it.
    pub mark: Option<Mark>,
    /// Who set the mark, and when.
    pub set: Option<(String, DateTime<Utc>)>,
    /// The entry that set it.
    pub seq: u64,
    /// Why it is blocked or does not apply.
    pub reason: Option<String>,
    /// Who has it.
    pub assignee: Option<String>,
    /// Proof.
    pub evidence: Vec<Remark>,
    /// The plan's words when it was last touched.
    pub text: String,
    /// Where it stood, while the plan has no such item any more.
    pub aside: Option<Aside>,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// The fact's id.
    pub id: Uuid,
    /// What it is about.
    pub on: Subject,
    /// What was said.
    pub remark: Remark,
}

/// Where a phase stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum PhaseProgress {
    /// Not begun.
    #[default]
    Waiting,
    /// Under way.
    Running,
    /// Waiting for something.
    Held {
        /// Since when.
        since: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// Over.
    Completed {
        /// When.
        at: DateTime<Utc>,
    },
}

/// What the journal says of one phase.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseState {
    /// Where it stands.
    pub progress: PhaseProgress,
    /// When it began.
    pub started: Option<DateTime<Utc>>,
    /// For how long it was held, as far as that is over.
    pub paused: TimeDelta,
}

/// Done over what applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Ticked.
    pub done: usize,
    /// All that apply.
    pub all: usize,
    /// Of those open, the blocked.
    pub blocked: usize,
}

impl Tally {
    /// Whether nothing is left.
    pub fn complete(self) -> bool {
        self.done == self.all
    }
}

impl std::ops::Add for Tally {
    type Output = Tally;

    fn add(self, other: Tally) -> Tally {
        Tally {
            done: self.done + other.done,
            all: self.all + other.all,
            blocked: self.blocked + other.blocked,
        }
    }
}

/// One launch of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// Its name.
    pub name: String,
    /// "production", "staging".
    pub environment: String,
    /// When it was opened.
    pub opened: Option<DateTime<Utc>>,
    /// The plan file it was opened for.
    pub plan_path: String,
    /// The plan it follows, read. Set by whoever has the bytes; empty until then.
    #[serde(skip)]
    pub plan: Arc<Plan>,
    /// The digest of the plan the journal says it follows.
    pub digest: String,
    /// The last entry applied.
    pub seq: u64,
    /// The launch instant.
    pub t0: Option<T0>,
    /// The latest entries, oldest first, at most 200.
    #[serde(skip)]
    pub recent: VecDeque<Entry>,
    /// Notes that were not withdrawn.
    pub notes: Vec<Note>,
    /// When it began to follow this plan.
    pub adopted: Option<DateTime<Utc>>,
    pub(super) items: HashMap<ItemId, ItemState>,
    pub(super) phases: HashMap<PhaseId, PhaseState>,
    pub(super) signoffs: HashMap<SignOffId, Signature>,
    pub(super) asks: Vec<Ask>,
    pub(super) signers: Option<Adopted>,
    pub(super) alerts: Alerts,
    pub(super) lost: BTreeMap<ThresholdId, Lost>,
    /// Those that were lost and are judged again.
    pub(super) found: BTreeMap<ThresholdId, Lost>,
    /// The latest time of any entry so far.
    pub(super) latest: Option<DateTime<Utc>>,
    pub(super) criteria: BTreeMap<ThresholdId, Judged>,
    /// See [`Room::unwatched`].
    pub(super) unwatched: Option<DateTime<Utc>>,
    pub(super) silences: BTreeMap<ThresholdId, Silence>,
    /// Silences of elsewhere that are over for this room.
    pub(super) lifted: BTreeSet<String>,
    /// By the normal name of the metric; the last one counts.
    pub(super) baselines: BTreeMap<String, Vec<Baseline>>,
    /// By the normal name of the signal.
    pub(super) typed: BTreeMap<String, Vec<Typed>>,
    pub(super) suggestions: Vec<Suggestion>,
    pub(super) happenings: Vec<Happening>,
    pub(super) changes: Vec<Change>,
    pub(super) runs: Vec<Run>,
    pub(super) proposals: Vec<Proposal>,
    /// By flag.
    pub(super) footings: BTreeMap<String, Footing>,
    /// By flag: the value that was opened, and until when.
    pub(super) overrides: BTreeMap<String, (f64, DateTime<Utc>)>,
    pub(super) polls: Vec<Poll>,
    /// By where T stands in them.
    pub(super) pauses: Vec<Pause>,
    pub(super) claims: BTreeMap<ItemId, Claim>,
    /// The digest of the first of the editions that differ only in ticked boxes from the present one.
    pub(super) basis: String,
}

impl Room {
    /// An empty room over a plan; the journal has not said yet that it follows it.
    pub fn new(plan: Arc<Plan>) -> Self {
        Self { plan, ..Self::default() }
    }

    /// Looks at another reading from here on; state stays by id.
    pub fn follow(&mut self, plan: Arc<Plan>) {
        self.plan = plan;
    }

    /// Folds one entry. An entry at or before [`Room::seq`] was applied already and changes nothing.
    pub fn apply(&mut self, entry: &Entry) {
        if entry.seq <= self.seq {
            return;
        }
        self.seq = entry.seq;
        self.latest = self.latest.max(Some(entry.at));
        match &entry.event {
            Event::RoomOpened { .. } | Event::PlanAdopted { .. } | Event::T0Set { .. } => {
                self.apply_room(entry)
            }
            Event::PhaseStarted { phase, .. }
            | Event::PhaseHeld { phase, .. }
            | Event::PhaseResumed { phase, .. }
            | Event::PhaseCompleted { phase, .. } => self.apply_phase(phase, entry),
            Event::NoteAdded { on, text } => {
                self.notes.push(Note { id: entry.id, on: on.clone(), remark: remark(entry, text) });
            }
            Event::NoteWithdrawn { note } => self.notes.retain(|n| n.id != *note),
            Event::SignedOff { .. } | Event::SignOffAsked { .. } | Event::SignersAdopted { .. } => {
                self.apply_signoff(entry);
            }
            Event::AlertFired { .. }
            | Event::AlertResolved { .. }
            | Event::AlertSuperseded { .. }
            | Event::AlertAcknowledged { .. }
            | Event::SignalLost { .. }
            | Event::SignalFound { .. } => self.apply_alert(entry),
            Event::CriterionJudged { .. } => self.apply_criterion(entry),
            Event::AlertSilenced { .. }
            | Event::SilenceEnded { .. }
            | Event::BaselineCaptured { .. }
            | Event::BaselineWithdrawn { .. } => self.apply_silence(entry),
            Event::TriggerHappened { .. } | Event::TriggerOver { .. } => self.apply_happening(entry),
            Event::ValueTyped { .. } => self.apply_typed(entry),
            Event::ProcedureSuggested { .. } | Event::SuggestionDismissed { .. } => {
                self.apply_suggestion(entry);
            }
            Event::FlagChangeStarted { .. }
            | Event::FlagChangeEnded { .. }
            | Event::RunStarted { .. }
            | Event::StepStarted { .. }
            | Event::StepEnded { .. }
            | Event::RunResolved { .. }
            | Event::FlagResolved { .. }
            | Event::RunEnded { .. } => self.apply_lever(entry),
            Event::Proposed { .. } | Event::Approved { .. } => self.apply_approval(entry),
            Event::ProposalWithdrawn { proposal, .. } => self.take_back(*proposal, &entry.by, entry.at),
            Event::FlagRecorded { .. } | Event::RungReviewed { .. } | Event::RungOverridden { .. } => {
                self.apply_ladder(entry);
            }
            Event::PollOpened { .. } | Event::Voted { .. } | Event::PollClosed { .. } => {
                self.apply_poll(entry);
            }
            Event::ClockHeld { .. } | Event::ClockResumed { .. } | Event::HoldPlanned { .. } => {
                self.apply_clock(entry);
            }
            Event::ClaimDoubted { .. } | Event::ClaimSettled { .. } => self.apply_claim(entry),
            Event::Rehearsed { .. } | Event::ApprovalRefused { .. } | Event::Unknown { .. } => {}
            event => {
                if let (Event::ItemUnticked { .. }, Some(item)) = (event, event.item()) {
                    self.claims.remove(item);
                }
                if let Some(item) = event.item() {
                    self.items.entry(item.clone()).or_default().apply(entry);
                }
            }
        }
        self.remember(entry);
    }

    fn apply_room(&mut self, entry: &Entry) {
        match &entry.event {
            Event::RoomOpened { room, plan_path, environment, .. } => {
                self.name.clone_from(room);
                self.plan_path.clone_from(plan_path);
                self.environment.clone_from(environment);
                self.opened = Some(entry.at);
            }
            Event::PlanAdopted { digest, carried, .. } => {
                let before = std::mem::replace(&mut self.digest, digest.clone());
                self.adopted = Some(entry.at);
                if self.basis.is_empty() || !carried.as_ref().is_some_and(|c| c.only_boxes) {
                    self.basis.clone_from(digest);
                }
                if let Some(carried) = carried {
                    self.carry(carried, &before, entry.at);
                }
            }
            Event::T0Set { instant, zone } => {
                self.apply_clock(entry);
                self.t0 = Some(T0 { at: *instant, zone: zone.clone() });
            }
            _ => {}
        }
    }

    fn apply_phase(&mut self, phase: &PhaseId, entry: &Entry) {
        let state = self.phases.entry(phase.clone()).or_default();
        if let PhaseProgress::Held { since, .. } = state.progress {
            state.paused = plus(state.paused, entry.at - since);
        }
        state.progress = match &entry.event {
            Event::PhaseHeld { reason, .. } => {
                PhaseProgress::Held { since: entry.at, reason: reason.clone() }
            }
            Event::PhaseCompleted { .. } => PhaseProgress::Completed { at: entry.at },
            _ => PhaseProgress::Running,
        };
        if matches!(entry.event, Event::PhaseStarted { .. }) {
            state.started = Some(entry.at);
        }
    }

    fn remember(&mut self, entry: &Entry) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(entry.clone());
    }

    /// What the journal says of an item, if it says anything.
    pub fn item_state(&self, item: &ItemId) -> Option<&ItemState> {
        self.items.get(item)
    }

    /// Where an item stands: what the journal says, else the plan's own box.
    pub fn mark(&self, item: &Item) -> Mark {
        let own = if item.checked { Mark::Done } else { Mark::Open };
        self.items.get(&item.id).and_then(|s| s.mark).unwrap_or(own)
    }

    /// Where a phase stands.
    pub fn phase_state(&self, phase: &PhaseId) -> PhaseState {
        self.phases.get(phase).cloned().unwrap_or_default()
    }

    /// The sign-off recorded for a line.
    pub fn signature(&self, signoff: &SignOffId) -> Option<&Signature> {
        self.signoffs.get(signoff)
    }

    /// Whether a sign-off was given for another plan than the present one, or for other words and limits
    /// than are read in it now.
    pub fn stale(&self, signature: &Signature) -> bool {
        signature.plan != self.digest || self.reworded(signature)
    }

    /// The top-level phase in view: the first under way or held, else the first not completed,
    /// else the last.
    pub fn current_phase(&self) -> Option<&Phase> {
        let progress = |p: &Phase| self.phase_state(&p.id).progress;
        let open = |p: &&Phase| matches!(progress(p), PhaseProgress::Running | PhaseProgress::Held { .. });
        self.plan
            .top_phases()
            .find(open)
            .or_else(|| self.plan.top_phases().find(|p| progress(p) == PhaseProgress::Waiting))
            .or_else(|| self.plan.top_phases().last())
    }

    /// Whether `owner` is `phase` or one of its sub-phases.
    pub fn within(&self, owner: &Owner, phase: &PhaseId) -> bool {
        let Owner::Phase(id) = owner else { return false };
        id == phase || self.plan.phase(id).is_some_and(|p| p.parent.as_ref() == Some(phase))
    }

    /// Progress of a phase with its sub-phases. Criteria are the gate's and not counted.
    pub fn phase_tally(&self, phase: &PhaseId) -> Tally {
        self.tally(self.plan.items.iter().filter(|i| self.within(&i.owner, phase)))
    }

    /// Progress of one owner.
    pub fn owner_tally(&self, owner: &Owner) -> Tally {
        self.tally(self.plan.items.iter().filter(|i| &i.owner == owner))
    }

    /// Progress over some items: done / (all - not applicable), criteria left out.
    pub fn tally<'a>(&self, items: impl Iterator<Item = &'a Item>) -> Tally {
        items.filter(|i| i.kind != ItemKind::Criterion).fold(Tally::default(), |sum, item| {
            let mark = self.mark(item);
            sum + Tally {
                done: usize::from(mark == Mark::Done),
                all: usize::from(mark != Mark::NotApplicable),
                blocked: usize::from(mark == Mark::Blocked),
            }
        })
    }
}

impl ItemState {
    fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::ItemTicked { text, .. } => self.set(Mark::Done, None, text, entry),
            Event::ItemUnticked { text, .. } | Event::ItemReopened { text, .. } => {
                self.set(Mark::Open, None, text, entry);
            }
            Event::ItemExcluded { reason, .. } if self.aside.is_some() => {
                let settled = self.aside.as_mut().map(|aside| &mut aside.settled);
                settled
                    .into_iter()
                    .for_each(|s| *s = Some(remark(entry, reason.as_deref().unwrap_or_default())));
            }
            Event::ItemExcluded { text, reason, .. } => {
                self.set(Mark::NotApplicable, reason.clone(), text, entry);
            }
            Event::ItemBlocked { text, reason, .. } => {
                self.set(Mark::Blocked, Some(reason.clone()), text, entry);
            }
            Event::ItemAssigned { to, text, .. } => {
                self.assignee.clone_from(to);
                self.text.clone_from(text);
            }
            Event::EvidenceAdded { text, .. } => self.evidence.push(remark(entry, text)),
            _ => {}
        }
    }

    fn set(&mut self, mark: Mark, reason: Option<String>, text: &str, entry: &Entry) {
        self.mark = Some(mark);
        self.set = Some((entry.by.clone(), entry.at));
        self.seq = entry.seq;
        self.reason = reason;
        text.clone_into(&mut self.text);
    }
}

fn remark(entry: &Entry, text: &str) -> Remark {
    Remark { by: entry.by.clone(), at: entry.at, text: text.to_owned() }
}
