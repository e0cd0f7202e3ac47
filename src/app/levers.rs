//! Flags and runbooks as far as keys go: what is chosen, what has to be confirmed, and what happens
//! once the journal has stored that it will.
//!
//! The bytes of a deed are made outside ([`Effect::Prepare`]), shown as they came back, and done by
//! their digest; nothing is done that was not stored first, and nothing twice.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::flag_step::FlagStep;
use super::{App, Dialog, Effect, Tone};
use crate::plan::binding::Binding;
use crate::plan::{Procedure, ProcedureId, ProcedureKind, ThresholdId};
pub(super) use crate::room::same_value;
use crate::room::{About, End, Intent, Outcome};

/// A confirm box hears nothing for so long: a key meant for something else must not answer it.
pub(super) const DEAF: Duration = Duration::milliseconds(400);

/// What was confirmed is done at once or not at all: a journal that takes longer to store it, because
/// its disk had to be mended, must not set something off when nobody thinks of it any more.
const STALE: Duration = Duration::seconds(10);

/// So many lines of a run's output are kept.
const OUTPUT: usize = 500;

/// The environment of a room in which nothing is real.
pub const REHEARSAL: &str = "rehearsal";

/// Something outside that has to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "field names say it; each variant is documented")]
pub enum Deed {
    /// Give a flag a value, as JSON.
    Flag { flag: String, to: String },
    /// Run a procedure's step, counted from 0.
    Step { procedure: ProcedureId, step: usize },
}

/// A deed with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// What.
    pub deed: Deed,
    /// What a flag was read as before.
    pub from: Option<String>,
    /// The exact bytes, in a form in which no character hides.
    pub shown: Vec<String>,
    /// By which they are done.
    pub digest: String,
    /// Whether doing it here does it; else a person does it and this only records it.
    pub runs_here: bool,
}

/// The box before something dangerous.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// What would be done.
    pub prepared: Prepared,
    /// What has to be typed; one key does where there is none.
    pub phrase: Option<String>,
    /// What was typed so far.
    pub typed: String,
    /// Lines scrolled.
    pub scroll: usize,
    opened: DateTime<Utc>,
}

/// What a flag was read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The value as JSON, or why it could not be read.
    pub value: Result<String, String>,
    /// When it was asked: the value is that old, no younger.
    pub at: DateTime<Utc>,
    /// What this room last knew, where somebody changed it elsewhere.
    pub outside: Option<String>,
}

/// What the app knows of levers.
#[derive(Default)]
pub struct Levers {
    /// What is bound; none where nothing is.
    pub binding: Option<Arc<Binding>>,
    /// What flags were last read as.
    pub read: BTreeMap<String, Read>,
    /// What runs said, by run.
    pub output: HashMap<Uuid, Vec<String>>,
    /// What was started from this process and has not ended.
    pub mine: HashSet<Uuid>,
    /// The rows of the Levers screen.
    pub(super) rows: Vec<super::deck::LeverRow>,
    /// The row of the Levers screen that somebody put the cursor on.
    pub(super) row: Option<super::deck::LeverRow>,
    /// The run and step that the flag's change in the box is.
    pub(super) for_step: Option<FlagStep>,
    /// The steps that changes under way are, by change.
    pub(super) steps: HashMap<Uuid, FlagStep>,
    /// What earlier rehearsals of this plan went through well, the newest first.
    pub rehearsed: Vec<super::Rehearsed>,
    /// Whether the plan can reach something that nobody allowed.
    pub unallowed: bool,
    /// The change of unknown end that a flag is being read again for.
    pub(super) rereading: Option<Uuid>,
    /// The deed whose bytes are being made, and since when.
    pub(super) preparing: Option<(Deed, DateTime<Utc>)>,
    /// What to do once the journal has stored a ticket.
    after: HashMap<u64, Following>,
}

/// What follows once something is stored.
struct Following {
    effect: Effect,
    /// When it was asked for.
    since: DateTime<Utc>,
    /// Somebody stopped everything meanwhile.
    stopped: bool,
}

impl App {
    /// Whether nothing here is real.
    pub fn rehearses(&self) -> bool {
        self.room.environment == REHEARSAL
    }

    /// A procedure's ways, the ways back first.
    pub fn ways(&self) -> Vec<&Procedure> {
        let mut ways: Vec<_> =
            self.room.plan.procedures.iter().filter(|p| !p.in_order().is_empty()).collect();
        ways.sort_by_key(|p| match p.kind {
            ProcedureKind::Rollback => 0,
            ProcedureKind::Incident => 1,
            ProcedureKind::Deploy => 2,
            ProcedureKind::Validation => 3,
        });
        ways
    }

    /// The values a flag can be given, as JSON.
    pub fn choices(&self, flag: &str) -> Vec<String> {
        let bound = self.levers.binding.as_ref().and_then(|b| b.flag(flag));
        match bound {
            Some(bound) if !bound.rungs.is_empty() => {
                let mut rungs = bound.rungs.clone();
                if !rungs.contains(&0.0) {
                    rungs.insert(0, 0.0);
                }
                rungs.iter().map(f64::to_string).collect()
            }
            None if !self.room.rungs(flag).is_empty() => {
                self.room.rungs(flag).iter().map(f64::to_string).collect()
            }
            _ => ["true", "false"].map(str::to_owned).to_vec(),
        }
    }

    /// Opens the box of a flag; the value the selected item names is chosen already.
    pub(super) fn open_flag(&mut self, name: String, wanted: Option<&str>) -> Vec<Effect> {
        let choices = self.choices(&name);
        let named = wanted.and_then(|w| choices.iter().position(|c| same_value(c, w)));
        let read = self.levers.read.get(&name).and_then(|r| r.value.as_ref().ok());
        let now = read.and_then(|value| choices.iter().position(|c| same_value(c, value)));
        // Of a percentage the next rung, of a switch the other side.
        let next = |n: usize| {
            if choices.len() > 2 { (n + 1).min(choices.len() - 1) } else { (n + 1) % choices.len() }
        };
        let at = named.or(now.map(next)).unwrap_or(0);
        let effects = vec![Effect::ReadFlag(name.clone())];
        self.levers.for_step = None;
        self.dialog = Dialog::Flag { name, at };
        effects
    }

    /// `f`: the flag the selected item names, else the list.
    pub(super) fn flag_key(&mut self) -> Vec<Effect> {
        if let Some(setting) = self.selected_item().and_then(|i| i.flag.clone()) {
            return self.open_flag(setting.name, Some(&setting.value));
        }
        if let Some(name) = self.lever_flag() {
            return self.open_flag(name, None);
        }
        if self.room.plan.flags.is_empty() {
            self.say(Tone::Plain, "the plan names no flag");
            return vec![];
        }
        self.dialog = Dialog::Flags { at: 0 };
        let flags = self.room.plan.flags.iter();
        flags.map(|f| Effect::ReadFlag(f.name.clone())).collect()
    }

    /// `R`: the ways back; the one a firing alert calls for is chosen already.
    pub(super) fn ways_key(&mut self) {
        if self.ways().is_empty() {
            return self.say(Tone::Plain, "the plan has no procedure with steps");
        }
        let open = self.room.runs().iter().rev().find(|r| r.ended.is_none()).map(|r| r.procedure.clone());
        let called = || {
            let firing = self.room.firing();
            firing.first().and_then(|a| self.room.way_back(&a.rule)).map(|p| p.id.clone())
        };
        let suggested = || self.suggested().map(|s| s.procedure.clone());
        let wanted = open.or_else(suggested).or_else(called);
        let at = wanted.and_then(|id| self.ways().iter().position(|p| p.id == id)).unwrap_or(0);
        self.dialog = Dialog::Ways { at };
    }

    /// `a`: the alert of the selected signal, else the worst that nobody has.
    pub(super) fn acknowledge(&mut self) -> Vec<Effect> {
        let firing = self.room.firing();
        let here = self.limit_here().and_then(|l| firing.iter().find(|a| a.rule == l.id));
        let free = |a: &&&crate::room::Alert| a.acknowledged.is_none();
        let nobody = here.filter(free).or_else(|| firing.iter().find(free)).or(firing.first());
        let rule: Option<ThresholdId> = nobody.map(|a| a.rule.clone());
        match rule {
            Some(rule) => self.submit(Intent::Acknowledge(rule)),
            None => {
                self.say(Tone::Plain, "no alert fires");
                vec![]
            }
        }
    }

    /// `!`: stops whatever of this room runs, whoever began it. Never refused.
    pub(super) fn stop(&mut self) -> Vec<Effect> {
        let known = self.room.seq > 0;
        let mut running = !known || !self.levers.mine.is_empty() || !self.room.open_deeds().is_empty();
        // What is still being saved has not begun, and does not any more.
        for next in self.levers.after.values_mut() {
            next.stopped = true;
            running |= matches!(next.effect, Effect::Do { .. });
        }
        self.say(Tone::Bad, if running { "STOP sent" } else { "STOP sent; nothing was running" });
        vec![Effect::Stop]
    }

    /// When the box that asks begins to hear; none where it does already or none is open.
    pub fn deaf_until(&self) -> Option<DateTime<Utc>> {
        let opened = match &self.dialog {
            Dialog::Confirm(confirm) => confirm.opened,
            Dialog::Approve(approving) => approving.phrase.opened,
            Dialog::Allow(allowing) => allowing.phrase.opened,
            _ => return None,
        };
        Some(opened + DEAF).filter(|until| *until > self.now)
    }

    /// The bytes of a deed are there: the box that asks.
    pub(super) fn prepared(&mut self, prepared: Prepared) {
        if !self.may_ask(&prepared.deed) {
            return;
        }
        let phrase = match &prepared.deed {
            Deed::Step { step, .. } if prepared.runs_here => Some(self.room.step_phrase(*step)),
            Deed::Flag { .. } => self.levers.for_step.as_ref().map(|s| self.room.step_phrase(s.step)),
            Deed::Step { .. } => None,
        };
        let opened = self.now;
        self.dialog =
            Dialog::Confirm(Box::new(Confirm { prepared, phrase, typed: String::new(), scroll: 0, opened }));
    }

    /// Does what was confirmed: says so in the journal first.
    pub(super) fn confirmed(&mut self, prepared: Prepared) -> Vec<Effect> {
        let id = self.fresh_id();
        match prepared.deed.clone() {
            Deed::Flag { flag, to } => {
                let (from, request) = (prepared.from.clone(), prepared.shown.join("\n"));
                let about = About::Flag { flag: flag.clone(), from: from.clone(), to: to.clone() };
                if let Some(asked) = self.ask_second(about, &request) {
                    return asked;
                }
                self.levers.steps.extend(self.levers.for_step.take().map(|step| (id, step)));
                let intent = Intent::StartFlagChange { change: id, flag, from, to, request };
                self.submit_then(intent, Effect::Do { id, prepared })
            }
            Deed::Step { procedure, step } => {
                let Some(run) = self.room.open_run(&procedure).map(|r| r.id) else { return vec![] };
                let bytes = prepared.shown.join("\n");
                if !prepared.runs_here {
                    return self.by_hand(run, step, bytes);
                }
                if let Some(asked) = self.ask_second(About::Step { run, step }, &bytes) {
                    return asked;
                }
                let intent = Intent::StartStep { run, step, bytes };
                self.submit_then(intent, Effect::Do { id: run, prepared })
            }
        }
    }

    /// Proposes what takes a second person and was not proposed yet; none where it can be tried.
    fn ask_second(&mut self, about: About, bytes: &str) -> Option<Vec<Effect>> {
        let waits =
            |p: &crate::room::Proposal| p.is_live(self.now) && p.bytes == bytes && p.plan == self.room.digest;
        if !self.room.takes_two(&about) || self.room.proposal(&about).is_some_and(waits) {
            return None;
        }
        let (proposal, nonce) = (self.fresh_id(), self.fresh_nonce());
        let intent = Intent::Propose { proposal, nonce, about, bytes: bytes.to_owned() };
        self.say(
            Tone::Plain,
            "asked for a second person: they agree with A on their screen, or by `warroom approve`",
        );
        Some(self.submit(intent))
    }

    /// Another id than [`App::fresh_id`] gives.
    fn fresh_nonce(&self) -> Uuid {
        Uuid::from_u128(!self.fresh_id().as_u128())
    }

    /// The next step of a procedure: begins the run, then ticks or prepares the step.
    pub(super) fn next_step(&mut self, id: &ProcedureId) -> Vec<Effect> {
        let Some(procedure) = self.room.plan.procedures.iter().find(|p| &p.id == id).cloned() else {
            return vec![];
        };
        if self.run_is_saving(id) {
            self.say(Tone::Plain, "the last key is still being saved");
            return vec![];
        }
        let Some(run) = self.room.open_run(id) else {
            let intent = Intent::StartRun { run: self.fresh_id(), procedure: id.clone() };
            return self.submit_then(intent, Effect::NextStep(id.clone()));
        };
        let (run, step) = (run.id, run.next_step());
        if self.room.run(run).is_some_and(|r| r.step(step).started.is_some()) {
            self.say(Tone::Plain, "the step is under way");
            return vec![];
        }
        if let Some(effects) = self.flag_step(&procedure, run, step) {
            return effects;
        }
        let has_command = procedure.in_order().get(step).is_some_and(|s| !s.commands.is_empty());
        if has_command {
            return self.ask_bytes(Deed::Step { procedure: id.clone(), step });
        }
        let words = procedure.in_order().get(step).map(|s| s.text.clone()).unwrap_or_default();
        self.by_hand(run, step, words)
    }

    /// A person did a step; where that takes two, the other one agrees first.
    fn by_hand(&mut self, run: Uuid, step: usize, shown: String) -> Vec<Effect> {
        if let Some(asked) = self.ask_second(About::Step { run, step }, &shown) {
            return asked;
        }
        self.submit(Intent::TickStep { run, step, shown })
    }

    /// A step of this process ended.
    pub(super) fn step_ended(&mut self, run: Uuid, step: usize, end: End, detail: String) -> Vec<Effect> {
        // Another process that followed it was faster.
        if self.room.run(run).is_some_and(|r| r.step(step).ended.is_some()) {
            return vec![];
        }
        self.submit(Intent::CloseStep { run, step, end, detail })
    }

    /// Once the last step of a run is done, so is the run; a step that was not stops it.
    pub(super) fn close_run(&mut self, run: Uuid) -> Vec<Effect> {
        let Some(run) = self.room.run(run).filter(|r| r.ended.is_none()) else { return vec![] };
        let count = self
            .room
            .plan
            .procedures
            .iter()
            .find(|p| p.id == run.procedure)
            .map_or(0, |p| p.in_order().len());
        let bad = run.steps.iter().filter_map(|s| s.ended.as_ref()).find(|e| e.outcome != Outcome::Done);
        let (outcome, detail) = match bad {
            // A person says what became of it first.
            Some(ended) if ended.outcome == Outcome::Unknown => return vec![],
            Some(ended) => (ended.outcome, ended.detail.clone()),
            None if run.edited => (Outcome::Aborted, "its steps were edited while it ran".to_owned()),
            None if run.next_step() >= count => (Outcome::Done, String::new()),
            None => return vec![],
        };
        let (id, procedure) = (run.id, run.procedure.clone());
        let intent = Intent::EndRun { run: id, outcome, detail };
        match outcome {
            Outcome::Done => self.submit_then(intent, Effect::Finished(procedure)),
            _ => self.submit(intent),
        }
    }

    pub(super) fn output(&mut self, run: Uuid, line: String) {
        let lines = self.levers.output.entry(run).or_default();
        if lines.len() == OUTPUT {
            lines.remove(0);
        }
        lines.push(line);
    }

    /// Sends an intent on its way; `effect` follows once the journal has stored it.
    fn submit_then(&mut self, intent: Intent, effect: Effect) -> Vec<Effect> {
        let effects = self.submit(intent);
        if let [Effect::Submit { ticket, .. }] = effects[..] {
            self.levers.after.insert(ticket, Following { effect, since: self.now, stopped: false });
        }
        effects
    }

    /// What was to follow a stored ticket.
    pub(super) fn followed(&mut self, ticket: u64) -> Vec<Effect> {
        let Some(Following { effect, since, stopped }) = self.levers.after.remove(&ticket) else {
            return vec![];
        };
        match effect {
            Effect::NextStep(_) if stopped => vec![],
            Effect::NextStep(procedure) => self.next_step(&procedure),
            Effect::Do { id, prepared } if stopped => {
                self.not_begun(id, &prepared.deed, "not done: it was stopped before it began")
            }
            Effect::Do { id, prepared } if self.now - since > STALE => {
                self.not_begun(id, &prepared.deed, "not done: the journal took too long to store it")
            }
            Effect::Do { id, .. } => {
                self.levers.mine.insert(id);
                vec![effect]
            }
            effect => vec![effect],
        }
    }

    /// Says of a start that was stored that nothing was done.
    fn not_begun(&mut self, id: Uuid, deed: &Deed, why: &str) -> Vec<Effect> {
        let (outcome, detail) = (Outcome::Aborted, why.to_owned());
        self.say(Tone::Bad, why);
        self.submit(match deed {
            Deed::Flag { .. } => Intent::EndFlagChange { change: id, outcome, detail },
            Deed::Step { step, .. } => Intent::EndStep { run: id, step: *step, outcome, detail },
        })
    }

    pub(super) fn forget(&mut self, ticket: u64) {
        self.levers.after.remove(&ticket);
    }

    /// An id that nothing else has: who, when, and how many before it.
    pub(super) fn fresh_id(&self) -> Uuid {
        let mut sum = Sha256::new();
        sum.update(&self.actor.name);
        sum.update(self.now.timestamp_nanos_opt().unwrap_or_default().to_le_bytes());
        sum.update(self.next_ticket.to_le_bytes());
        sum.update(self.room.seq.to_le_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&sum.finalize()[..16]);
        Uuid::from_bytes(bytes)
    }
}

impl Confirm {
    /// Whether it hears keys yet.
    pub fn hears(&self, now: DateTime<Utc>) -> bool {
        now - self.opened >= DEAF
    }

    /// Whether what was typed is what has to be.
    pub fn is_met(&self) -> bool {
        self.phrase.as_ref().is_none_or(|phrase| phrase == &self.typed)
    }
}
