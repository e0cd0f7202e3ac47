//! What the loop has outside of the room: sources that measure, levers that change, and in a
//! rehearsal the production that both of them reach. Started after the first frame.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use uuid::Uuid;

use super::archive::Archive;
use super::silences::Round;
use super::tail::{Reading, Tail};
use super::trust::{Answer, Terms};
use crate::app::{App, Deed, Heard, Msg, Notice, Prepared, Rehearsed, Signed, Tone};
use crate::journal::{Asked, Past};
use crate::levers::run::{self, Ending, Step, StepOutcome};
use crate::levers::runs::{self, Standing};
use crate::levers::{self, BEGINS, FlagChange, Leave, Levers, Runs};
use crate::plan::binding::Binding;
use crate::plan::{Procedure, ProcedureId};
use crate::rehearsal::{Lever, Production};
use crate::room::{End, Intent, Outcome, Refusal, Room, SETTLED};
use crate::signal::{Sample, Series, Settings};
use crate::sources::{self, Sources};

/// Sources start at the latest so long after everything else, whatever the journal does.
const HURRY: Duration = Duration::from_millis(300);

/// A report of somebody outside.
pub(super) enum Came {
    Lever(levers::Report),
    Source(sources::Report),
    /// What another process measured, of the turn in which it was read.
    Stored {
        turn: u64,
        signal: usize,
        samples: Vec<Sample>,
    },
    /// For the dialog that binds a metric.
    Binding(Heard),
    /// For the box that signs.
    Signed(Box<Signed>),
    /// What a signal measured before this process.
    Past {
        turn: u64,
        signal: usize,
        series: Box<Series>,
    },
    /// When each signal was measured last, by this or an earlier process, as far as that is known.
    Newest(Vec<Option<DateTime<Utc>>>),
    /// What an Alertmanager says of its silences.
    Silences(Box<Round>),
    /// What the plan can reach, and a person's word for it.
    Trust(Answer),
    /// What earlier rehearsals went through well.
    Rehearsed(Vec<Rehearsed>),
}

/// What is to be reached.
pub struct Reach {
    /// By which parts of the plan.
    pub binding: Binding,
    /// The production of a rehearsal; steps are then shown and not executed.
    pub production: Option<Production>,
    /// How fast its clock goes.
    pub speed: f64,
    /// How limits are judged beside what the plan says: a rehearsal's timeline may have such rules.
    pub rules: Vec<Settings>,
    /// What nobody has allowed: it is asked nothing, and shown while another process asks.
    pub beheld: Option<Binding>,
    /// Somebody's leave to run the plan's commands; without it they are shown only.
    pub leave: Option<Leave>,
    /// Where steps that an earlier process began are followed; none where nothing can be recorded.
    pub runs: Option<Runs>,
    /// How long after their end what steps left on the disk is kept; none for ever.
    pub keep: Option<TimeDelta>,
    /// Where what the plan reaches is looked up and allowed; none where nothing can be.
    pub terms: Option<Terms>,
    /// Where earlier rehearsals lie.
    pub archive: Option<Archive>,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            binding: Binding::default(),
            production: None,
            speed: 1.0,
            rules: vec![],
            beheld: None,
            leave: None,
            runs: None,
            keep: None,
            terms: None,
            archive: None,
        }
    }
}

/// Who asks the sources.
#[derive(Debug)]
enum Part {
    /// It is not known yet.
    Waiting,
    /// This process.
    Asking { sources: Option<Sources> },
    /// Another, and this one reads what it stores.
    Looking { _tail: Option<Tail> },
}

impl Reach {
    /// The same for whoever only looks: nothing runs, and nothing that ran is followed.
    #[must_use]
    pub fn looking(self) -> Self {
        Self { leave: None, runs: None, keep: None, terms: None, ..self }
    }

    /// Whether it measures and changes nothing: sources alone are there to be tried out.
    pub fn is_empty(&self) -> bool {
        self.binding.signals.is_empty() && self.binding.flags.is_empty()
    }

    /// Whether all that the plan's binding names may be asked.
    pub fn may_measure(&self) -> bool {
        self.beheld.is_none()
    }
}

/// Bytes that were shown and may be confirmed.
enum Ready {
    Flag(FlagChange),
    Step(Step),
}

/// Everything outside.
pub(super) struct Outside {
    binding: Arc<Binding>,
    production: Option<Production>,
    speed: f64,
    levers: Option<Levers>,
    leave: Option<Leave>,
    runs: Option<Runs>,
    /// Taken by whoever tidies up, which is done once.
    keep: Option<TimeDelta>,
    terms: Option<Terms>,
    beheld: Option<Arc<Binding>>,
    part: Part,
    /// Counts the changes of part: what was read for another binding is told apart by it.
    turn: u64,
    /// Where the holder's samples lie.
    past: Option<Past>,
    /// The newest sample on the disk of each signal; none until that was looked up.
    stored: Option<Vec<Option<DateTime<Utc>>>>,
    /// The newest sample that the app knew of each signal when this process began to ask.
    seen: Vec<Option<DateTime<Utc>>>,
    ready: HashMap<String, Ready>,
    running: HashSet<Uuid>,
    came: UnboundedSender<Came>,
    arrivals: UnboundedReceiver<Came>,
}

impl Outside {
    pub fn new(reach: Option<Reach>) -> Self {
        let reach = reach.unwrap_or_default();
        let (came, arrivals) = unbounded_channel();
        Self {
            binding: Arc::new(reach.binding),
            production: reach.production,
            speed: reach.speed,
            levers: None,
            leave: reach.leave,
            runs: reach.runs,
            keep: reach.keep,
            terms: reach.terms,
            beheld: reach.beheld.map(Arc::new),
            part: Part::Waiting,
            turn: 0,
            past: None,
            stored: None,
            seen: vec![],
            ready: HashMap::new(),
            running: HashSet::new(),
            came,
            arrivals,
        }
    }

    /// The next report.
    pub async fn recv(&mut self) -> Option<Came> {
        self.arrivals.recv().await
    }

    /// A report that is there already.
    pub fn try_recv(&mut self) -> Option<Came> {
        self.arrivals.try_recv().ok()
    }

    /// Where others report to.
    pub fn hear(&self) -> UnboundedSender<Came> {
        self.came.clone()
    }

    /// Where what the plan reaches is looked up and allowed.
    pub fn terms(&self) -> Option<Terms> {
        self.terms.clone().filter(|_| self.production.is_none())
    }

    /// Somebody allowed the plan's commands meanwhile; whether that is all that it reaches.
    pub fn take_leave(&mut self, leave: Leave) -> bool {
        self.leave = Some(leave);
        self.begin();
        self.beheld.is_none()
    }

    /// The time in this room.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.production.as_ref().map_or_else(chrono::Utc::now, Production::now)
    }

    /// What it reaches by; while another asks, what that one may reach by.
    pub fn binding(&self) -> &Arc<Binding> {
        let looks = matches!(self.part, Part::Looking { .. });
        self.beheld.as_ref().filter(|_| looks).unwrap_or(&self.binding)
    }

    /// Whether it is not known yet who asks.
    pub fn waits(&self) -> bool {
        matches!(self.part, Part::Waiting)
    }

    /// For what is read later.
    pub fn turn(&self) -> u64 {
        self.turn
    }

    /// Where to look for what another process measures.
    pub fn look_at(&mut self, past: Past) {
        self.past = Some(past);
    }

    /// Whether what it reaches is simulated.
    pub fn rehearses(&self) -> bool {
        self.production.is_some()
    }

    /// How many seconds of the room pass in one of ours.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Starts what changes things; what is bound comes back for the app. Nothing is asked before it is
    /// known who has the watch.
    pub fn start(&mut self) -> Option<Msg> {
        let bound = !(self.binding.signals.is_empty() && self.binding.flags.is_empty());
        if bound || self.leave.is_some() {
            self.begin();
        }
        bound.then(|| Msg::Bound(Arc::clone(&self.binding)))
    }

    /// Starts the levers, once. A rehearsal's have nothing that could run a command.
    fn begin(&mut self) {
        if self.levers.is_some() {
            return;
        }
        let hear = self.came.clone();
        let hear = move |report| drop(hear.send(Came::Lever(report)));
        let binding = Arc::clone(&self.binding);
        let runs = self.leave.as_ref().map(Leave::runs).or(self.runs.as_ref());
        self.levers = Some(match (&self.production, runs) {
            (Some(_), _) => Levers::rehearse(binding, self.speed, hear),
            (None, Some(runs)) => Levers::with(binding, runs.clone(), hear),
            (None, None) => Levers::start(binding, hear),
        });
    }

    /// Follows the steps that an earlier process began and that have no end in the journal. What left no
    /// trace may be about to begin in another process: that is looked for once it cannot any more. Their
    /// runs come back.
    pub fn resume(&mut self, room: &Room) -> Vec<Uuid> {
        if self.rehearses() {
            return vec![];
        }
        let open = room.open_steps().into_iter();
        open.filter_map(|(run, step, since)| self.follow_step(run, step, since)).collect()
    }

    /// Follows one step that another process began; its run comes back where it is followed. Where nothing
    /// is left to follow it is unknown at once.
    pub fn follow(&mut self, room: &Room, run: Uuid, step: usize) -> Option<Uuid> {
        if self.running.contains(&run) {
            return None;
        }
        let since = room.run(run)?.step(step).started?;
        if self.rehearses() || self.runs.is_none() {
            let outcome = StepOutcome::Unknown("nothing is left of it here".to_owned());
            let report = levers::Report::StepFinished { ticket: run, step, outcome };
            drop(self.came.send(Came::Lever(report)));
            return None;
        }
        self.follow_step(run, step, since)
    }

    fn follow_step(&mut self, run: Uuid, step: usize, since: DateTime<Utc>) -> Option<Uuid> {
        let runs = self.runs.clone()?;
        self.begin();
        let levers = self.levers.clone()?;
        self.running.insert(run);
        let traced = runs::look(&runs.folder(run, step)) != Standing::Absent;
        let wait = (since + SETTLED - self.now()).to_std().unwrap_or_default();
        let follow = move || {
            thread::sleep(if traced { Duration::ZERO } else { wait });
            levers.attach(run, step);
        };
        if let Err(why) = thread::Builder::new().name("resume".to_owned()).spawn(follow) {
            drop(self.came.send(Came::Lever(levers::Report::Output {
                ticket: run,
                line: format!("it cannot be followed: {why}"),
            })));
        }
        Some(run)
    }

    /// From now on this process asks, for what came after what the disk and `app` know; what comes back
    /// is for the app. Where the disk was not looked at yet, sources wait for that a little.
    pub fn ask(&mut self, app: &App) -> Vec<Msg> {
        if matches!(self.part, Part::Asking { .. }) {
            return vec![];
        }
        let mut told = self.takes_part(Part::Asking { sources: None });
        let known = |signal| app.gauges.series(signal).and_then(Series::last).map(|s| s.at);
        // The app counts signals by another binding where it looked at one that was not allowed.
        self.seen = match self.beheld {
            Some(_) => vec![],
            None => (0..self.binding.signals.len()).map(known).collect(),
        };
        match self.stored {
            Some(_) => told.extend(self.measure()),
            None => self.hurry(),
        }
        told
    }

    /// Has sources start soon, whatever the disk does.
    fn hurry(&self) {
        let hear = self.came.clone();
        let give_up = move || {
            thread::sleep(HURRY);
            drop(hear.send(Came::Newest(vec![])));
        };
        if thread::Builder::new().name("start".to_owned()).spawn(give_up).is_err() {
            drop(self.came.send(Came::Newest(vec![])));
        }
    }

    /// The disk was looked at: what waited for it starts.
    fn looked_up(&mut self, newest: Vec<Option<DateTime<Utc>>>) -> Option<Msg> {
        self.stored.get_or_insert(newest);
        matches!(self.part, Part::Asking { sources: None }).then(|| self.measure()).flatten()
    }

    /// Starts the sources.
    fn measure(&mut self) -> Option<Msg> {
        let at = |all: &[Option<DateTime<Utc>>], signal: usize| all.get(signal).copied().flatten();
        let stored = self.stored.as_deref().unwrap_or_default();
        let since = (0..self.binding.signals.len()).map(|i| at(stored, i).max(at(&self.seen, i)));
        // A rehearsal's room was stored by another clock.
        let since = if self.rehearses() { vec![] } else { since.collect() };
        let hear = self.came.clone();
        let hear = move |report| drop(hear.send(Came::Source(report)));
        match Sources::resume(Arc::clone(&self.binding), since, hear) {
            Ok(sources) => self.part = Part::Asking { sources: Some(sources) },
            Err(why) => return Some(bad(format!("nothing can be measured: {why}"))),
        }
        None
    }

    /// From now on another process asks, and this one reads what that stores.
    pub fn look(&mut self) -> Vec<Msg> {
        if matches!(self.part, Part::Looking { .. }) {
            return vec![];
        }
        let told = self.takes_part(Part::Looking { _tail: None });
        let asked = Asked::all(self.binding());
        if let Some(past) = self.past.clone().filter(|_| !asked.is_empty()) {
            let (turn, now, hear) = (self.turn, self.now(), self.hear());
            let history = self.beheld.is_some();
            let _tail = Tail::start(Reading { past, asked, turn, now, history, hear });
            self.part = Part::Looking { _tail };
        }
        told
    }

    /// What was going on ends. Where the app has to look at another binding for it, that comes back.
    fn takes_part(&mut self, part: Part) -> Vec<Msg> {
        let before = Arc::clone(self.binding());
        self.part = part;
        if Arc::ptr_eq(&before, self.binding()) {
            return vec![];
        }
        self.turn += 1;
        vec![Msg::Bound(Arc::clone(self.binding()))]
    }

    /// Takes away what old steps left on the disk, once; for whoever has the watch of this room.
    pub fn tidy(&mut self, room: &Room) {
        let runs = self.runs.clone().filter(|_| self.production.is_none() && room.seq > 0);
        let (Some(runs), Some(keep)) = (runs, self.keep.take()) else { return };
        let over = room.settled_before(self.now() - keep);
        let over: Vec<_> = over.into_iter().map(|(id, step)| (id, step.unwrap_or(0))).collect();
        if !over.is_empty() {
            // Without a thread it is done another time.
            let _ = thread::Builder::new().name("tidy".to_owned()).spawn(move || runs.tidy(&over));
        }
    }

    /// Whether a command that changes this flag is at work, whoever began it.
    fn is_changing(&self, room: &Room, flag: &str) -> bool {
        let open = room.open_change(flag).map(|change| change.id);
        let standing = open.zip(self.runs.as_ref()).map(|(id, runs)| runs.standing(id, 0));
        matches!(standing, Some(Standing::Waiting | Standing::Running))
    }

    pub fn read_flag(&self, room: &Room, flag: &str) {
        if self.is_changing(room, flag) {
            let (flag, at) = (flag.to_owned(), Utc::now());
            let value = Err(format!("{flag} cannot be read yet: the command that changes it still runs"));
            let report = levers::Report::FlagRead { flag, value, at, outside: None };
            return drop(self.came.send(Came::Lever(report)));
        }
        if let Some(levers) = self.levers.as_ref().filter(|_| self.binding.flag(flag).is_some()) {
            levers.read(flag);
        }
    }

    /// Says what the journal last set a flag to, so that what was changed elsewhere while nobody looked is
    /// told; then it is read.
    pub fn expect(&self, room: &Room, flag: &str) {
        let Some(levers) = self.levers.as_ref().filter(|_| self.binding.flag(flag).is_some()) else { return };
        let Some(footing) = room.footing(flag).filter(|_| room.open_change(flag).is_none()) else { return };
        let value = serde_json::from_str(&footing.value).unwrap_or_else(|_| footing.value.as_str().into());
        levers.expect(flag, value);
        levers.read(flag);
    }

    /// Makes the bytes of a deed for the box that asks.
    pub fn prepare(&mut self, app: &App, deed: Deed) -> Msg {
        if app.rehearses() && self.production.is_none() {
            return bad("this room was a rehearsal: nothing real is reached from it".into());
        }
        match &deed {
            Deed::Flag { flag, to } => self.prepare_flag(flag.clone(), to.clone(), deed),
            Deed::Step { procedure, step } => {
                let found = app.room.plan.procedures.iter().find(|p| &p.id == procedure).cloned();
                let shown = found.and_then(|p| Some((run::steps(&p).into_iter().nth(*step)?, p)));
                let none = || bad("the plan has no such step".into());
                shown.map_or_else(none, |(step, of)| self.prepare_step(app, &of, step, deed))
            }
        }
    }

    fn prepare_flag(&mut self, flag: String, to: String, deed: Deed) -> Msg {
        let Some(levers) = self.levers.as_ref().filter(|_| self.binding.flag(&flag).is_some()) else {
            return bad(format!("{flag} is not bound: nothing can write it"));
        };
        let value = serde_json::from_str::<Value>(&to).unwrap_or_else(|_| to.as_str().into());
        match levers.plan(&flag, &value) {
            Err(why) => bad(why.to_string()),
            Ok(change) => {
                let from = change.from.as_ref().map(Value::to_string);
                let (shown, digest) = (change.request.shown(), change.request.digest());
                self.ready.insert(digest.clone(), Ready::Flag(change));
                Msg::Prepared(Prepared { deed, from, shown, digest, runs_here: true })
            }
        }
    }

    /// What runs here is shown as it will run; what cannot is shown as the plan has it, with the reason,
    /// for a person to do.
    fn prepare_step(&mut self, app: &App, of: &Procedure, step: Step, deed: Deed) -> Msg {
        let number = step.number();
        let room = &app.room;
        let leave = self.leave.as_ref().filter(|_| self.production.is_none());
        let made = leave.map(|leave| leave.prepare(&room.plan, of, number, &room.name));
        let why = match made.transpose() {
            Ok(step) => {
                let confirmable = step.and_then(|step| Some((step.confirmable()?, step)));
                if let Some(((shown, digest), step)) = confirmable {
                    self.ready.insert(digest.clone(), Ready::Step(step));
                    return Msg::Prepared(Prepared { deed, from: None, shown, digest, runs_here: true });
                }
                None
            }
            Err(why) => Some(why),
        };
        let mut shown: Vec<String> = step.commands().iter().flat_map(|c| c.lines().to_vec()).collect();
        if let Some(language) = step.commands().first().map(|c| c.language()).filter(|l| !l.is_empty()) {
            shown.insert(0, format!("# {language}, line {} of the plan", step.line()));
        }
        if let Some(why) = why {
            shown.extend(crate::text::exact(&format!("# not run from here: {why}")));
        }
        let sums: Vec<_> = step.commands().iter().map(|c| c.digest()).collect();
        let digest = format!("sha256:{}", sums.join("+"));
        self.ready.insert(digest.clone(), Ready::Step(step));
        let runs_here = self.production.is_some();
        Msg::Prepared(Prepared { deed, from: None, shown, digest, runs_here })
    }

    /// Does what was confirmed and stored; its bytes are used up.
    pub fn perform(&mut self, room: &Room, id: Uuid, prepared: &Prepared) {
        let (Some(levers), Some(ready)) = (&self.levers, self.ready.remove(&prepared.digest)) else { return };
        self.running.insert(id);
        let stored = match &ready {
            Ready::Flag(_) => room.change(id).map(|c| c.at),
            Ready::Step(step) => room.run(id).and_then(|r| r.step(step.number()).started),
        };
        // A rehearsal's clock is another.
        let by = stored.filter(|_| self.production.is_none()).unwrap_or_else(Utc::now) + BEGINS;
        match ready {
            Ready::Flag(change) => levers.change_by(id, change, by),
            Ready::Step(step) => levers.run_step_by(id, step, by),
        }
    }

    /// Whether what a person says of something can be taken: nothing of it may still run here, or begin.
    ///
    /// # Errors
    /// The sentence that says why not.
    pub fn may_say(&self, room: &Room, intent: &Intent) -> Result<(), Refusal> {
        let Intent::Resolve { id, .. } = intent else { return Ok(()) };
        let Some(runs) = self.runs.as_ref().filter(|_| self.production.is_none()) else { return Ok(()) };
        let step = room.run(*id).map_or(0, |r| r.unknown_step().unwrap_or_default());
        match runs.settle(*id, step) {
            Ok(Standing::Waiting | Standing::Running) => {
                Err(Refusal::NotYet("its command still runs: stop it, or wait for its end".to_owned()))
            }
            Ok(_) => Ok(()),
            Err(e) => Err(Refusal::NotYet(format!("nobody can tell whether it still runs: {e}"))),
        }
    }

    /// Measures no more.
    pub fn quit(&mut self) {
        self.part = Part::Waiting;
    }

    /// Stops what runs of this room, whichever process began it. What is about to begin elsewhere is
    /// waited for.
    pub fn stop(&mut self, room: &Room) {
        if let Some(levers) = &self.levers {
            self.running.iter().for_each(|id| levers.abort(*id));
        }
        let Some(runs) = self.runs.clone().filter(|_| self.production.is_none()) else { return };
        let open = stoppable(room, self.now());
        if open.is_empty() {
            return;
        }
        let (aside, steps) = (runs.clone(), open.clone());
        if thread::Builder::new().name("stop".to_owned()).spawn(move || aside.stop(steps)).is_err() {
            runs.stop(open.into_iter().map(|(id, step, _)| (id, step, Duration::ZERO)).collect());
        }
    }

    /// Tells a rehearsal's production that a procedure was run to its end.
    pub fn finished(&self, procedure: ProcedureId) {
        if let Some(production) = &self.production {
            production.cured(&Lever::Procedure(procedure));
        }
    }

    /// A moment of ours in the time of this room.
    fn then(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        if self.production.is_none() {
            return at;
        }
        let ago = (Utc::now() - at).to_std().unwrap_or_default().mul_f64(self.speed);
        self.now() - TimeDelta::from_std(ago).unwrap_or_default()
    }

    /// A report as messages to the app.
    pub fn message(&mut self, came: Came) -> Option<Msg> {
        match came {
            Came::Source(sources::Report::Samples { signal, samples }) => {
                Some(Msg::Samples { signal, samples })
            }
            Came::Source(sources::Report::Failed { signal, why, .. }) => {
                Some(Msg::NotSampled { signal, why })
            }
            Came::Source(sources::Report::Warned { signal, warning }) => {
                Some(Msg::Warned { signal, warning })
            }
            Came::Source(sources::Report::Lines { signal, lines }) => Some(Msg::Lines { signal, lines }),
            Came::Binding(heard) => Some(Msg::Binding(heard)),
            Came::Signed(signed) => Some(Msg::Signed(signed)),
            Came::Past { turn, signal, series } => {
                (turn == self.turn).then_some(Msg::Past { signal, series })
            }
            Came::Stored { turn, signal, samples } => {
                let counts = turn == self.turn && matches!(self.part, Part::Looking { .. });
                counts.then_some(Msg::Samples { signal, samples })
            }
            Came::Newest(newest) => self.looked_up(newest),
            // The engine has its own way with them.
            Came::Silences(_) | Came::Trust(_) => None,
            Came::Lever(levers::Report::FlagRead { flag, value, at, outside }) => {
                let outside = outside.map(|v| v.to_string());
                Some(Msg::FlagRead { flag, value: value.map(|v| v.to_string()), at: self.then(at), outside })
            }
            Came::Rehearsed(runs) => Some(Msg::Rehearsed(runs)),
            Came::Lever(levers::Report::Output { ticket, line }) => Some(Msg::Output { run: ticket, line }),
            Came::Lever(levers::Report::FlagChanged { ticket, outcome }) => {
                self.running.remove(&ticket);
                let (outcome, detail) = changed(outcome);
                Some(Msg::FlagChanged { change: ticket, outcome, detail })
            }
            Came::Lever(levers::Report::StepFinished { ticket, step, outcome }) => {
                self.running.remove(&ticket);
                let (end, detail) = stepped(outcome);
                Some(Msg::StepEnded { run: ticket, step, end, detail })
            }
        }
    }
}

/// What of a room runs or may be about to begin, with how long that is worth waiting for. A flag's
/// request leaves no trace that could be waited for.
pub fn stoppable(room: &Room, now: DateTime<Utc>) -> Vec<(Uuid, usize, Duration)> {
    let open = room.open_deeds().into_iter();
    let patience = |step: Option<usize>, since: DateTime<Utc>| {
        let left = (since + SETTLED - now).to_std().unwrap_or_default();
        if step.is_some() { left } else { left.min(Duration::from_secs(1)) }
    };
    open.map(|(id, step, since)| (id, step.unwrap_or(0), patience(step, since))).collect()
}

fn bad(text: String) -> Msg {
    Msg::Say(Notice { text, tone: Tone::Bad })
}

/// What came of a flag's change, as the journal keeps it.
pub fn changed(outcome: levers::Outcome) -> (Outcome, String) {
    match outcome {
        levers::Outcome::Done { read_back, request_id, status, note } => {
            let status = status.map(|status| format!(", status {status}"));
            let request = request_id.map(|id| format!(", request {id}"));
            let note = Some(note).filter(|note| !note.is_empty()).map(|note| format!("; {note}"));
            let more: String = [status, request, note].into_iter().flatten().collect();
            (Outcome::Done, format!("reads {read_back}{more}"))
        }
        levers::Outcome::Refused { status, why } => (Outcome::Refused, format!("{status} {why}")),
        levers::Outcome::NeedsApproval { status } => {
            (Outcome::Refused, format!("{status}: has to be approved at the provider"))
        }
        levers::Outcome::Failed(why) => (Outcome::Failed, why),
        levers::Outcome::Unknown(why) => (Outcome::Unknown, why),
    }
}

/// How a step ended and what was seen of it, as the journal keeps it.
pub fn stepped(outcome: StepOutcome) -> (End, String) {
    match outcome {
        StepOutcome::Finished(Ending::Rehearsed) => (End::Rehearsed, "rehearsed, not executed".to_owned()),
        StepOutcome::Finished(Ending::Exit(code)) => (End::Exit { code }, format!("exit {code}")),
        StepOutcome::Finished(Ending::Signal(number)) => (End::Signal { number }, format!("signal {number}")),
        StepOutcome::Finished(Ending::Answered(status)) => {
            (End::Answered { status }, format!("status {status}"))
        }
        StepOutcome::Finished(Ending::NotStarted(why)) => (End::NotStarted, why),
        StepOutcome::TimedOut => (End::TimedOut, "took too long".to_owned()),
        StepOutcome::Aborted => (End::Aborted, "stopped".to_owned()),
        StepOutcome::Unknown(why) => (End::Unknown, why),
    }
}
