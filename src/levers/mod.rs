//! What changes the world outside: flags at their providers, and the steps of a procedure.
//!
//! [`Levers`] is one thread that is asked and reports; it never decides, never repeats and never
//! calls a success what it does not know. Intents are judged and stored before it is asked. The rest
//! is pure: [`FlagChange`] and [`Exact`] (the bytes that are confirmed), [`script`] (what a shell is
//! given), [`resolve`] (what can be known of commands without running them) and [`allow`] (what may
//! reach outside at all). Only [`runs`] can start a process. Who calls it: `runtime` and `cli`.

pub mod allow;
mod allowed;
mod blanks;
pub mod bound;
mod change;
pub mod changes;
pub mod curl;
mod desk;
mod exact;
mod executor;
pub mod file;
mod flag;
mod leave;
mod programs;
mod providers;
pub mod resolve;
pub mod run;
pub mod runs;
pub mod script;
mod step;
#[cfg(test)]
mod tests;
mod veil;
mod wire;
mod words;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use uuid::Uuid;

pub use allowed::{Allowed, StoreError, allowed, last, remember};
pub use blanks::NoFill;
pub use exact::{Act, Edit, Exact, Request};
pub use executor::{Execution, Executor, Printed, RehearsalExecutor, Stop, Task};
pub use flag::{FlagChange, NoChange, Outcome, same};
pub use leave::{Grounds, Leave};
pub use providers::Reading;
pub use runs::Runs;
pub use script::{NotReady, Scene, Script, prepare};

use crate::plan::binding::Binding;
use desk::{Ask, Desk};
use run::{Step, StepOutcome};
use wire::Limits;

/// What was stored begins within so long, or not at all. With the time that a request may take it is over
/// before anybody takes its silence for an answer (`room::SETTLED`).
pub const BEGINS: TimeDelta = TimeDelta::seconds(11);

/// What the levers say.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// A flag was read, or could not be.
    FlagRead {
        /// The flag.
        flag: String,
        /// Its value, or why it is not known.
        value: Result<Value, String>,
        /// When it was asked: the value is that old, no younger.
        at: DateTime<Utc>,
        /// What this room last set or first read it as, where that is another value: somebody changed
        /// it outside the room.
        outside: Option<Value>,
    },
    /// A change came to its end; once a ticket.
    FlagChanged {
        /// What it was asked with.
        ticket: Uuid,
        /// What came of it.
        outcome: Outcome,
    },
    /// A step or a flag's command said something; cleaned.
    Output {
        /// What it was asked with.
        ticket: Uuid,
        /// One line.
        line: String,
    },
    /// A step came to its end; once a ticket and step.
    StepFinished {
        /// What it was asked with.
        ticket: Uuid,
        /// The step's number.
        step: usize,
        /// What came of it.
        outcome: StepOutcome,
    },
}

/// Where reports go. Called on the levers' thread; must not wait.
pub(crate) type Hear = Arc<dyn Fn(Report) + Send + Sync>;

/// The thread behind flags and procedures. Dropped, it gives up a flag's change under way: whoever reads
/// the journal finds it unclosed, so unknown. A step that really runs goes on and can be followed again.
#[derive(Clone, Debug)]
pub struct Levers {
    asks: UnboundedSender<Ask>,
    binding: Arc<Binding>,
    readings: Readings,
}

/// What is known of flags since they were last asked.
type Readings = Arc<Mutex<HashMap<String, Last>>>;

/// What came of the last look at a flag.
#[derive(Clone, Debug)]
enum Last {
    Read(Reading),
    Unreadable,
    /// A change was sent, and nobody has looked since.
    Doubt,
}

impl Levers {
    /// Starts the thread. Without an executor every step comes back as not started.
    pub fn start(binding: Arc<Binding>, report: impl Fn(Report) + Send + Sync + 'static) -> Self {
        Self::begin(binding, None, Limits::default(), Arc::new(report))
    }

    /// Starts the thread for a rehearsal: flags are those of the simulated production that `binding`
    /// names, steps are shown and not executed.
    pub fn rehearse(
        binding: Arc<Binding>,
        speed: f64,
        report: impl Fn(Report) + Send + Sync + 'static,
    ) -> Self {
        Self::with(binding, RehearsalExecutor::new(speed), report)
    }

    /// Starts the thread with an executor.
    pub fn with(
        binding: Arc<Binding>,
        executor: impl Executor,
        report: impl Fn(Report) + Send + Sync + 'static,
    ) -> Self {
        Self::begin(binding, Some(Box::new(executor)), Limits::default(), Arc::new(report))
    }

    fn begin(binding: Arc<Binding>, executor: Option<Box<dyn Executor>>, limits: Limits, hear: Hear) -> Self {
        let (asks, inbox) = unbounded_channel();
        let readings = Readings::default();
        let (bound, read) = (Arc::clone(&binding), Arc::clone(&readings));
        let work = move || Desk::new(bound, executor, limits, read, hear).serve(inbox);
        thread::Builder::new().name("levers".to_owned()).spawn(work).expect("a program can have a thread");
        Self { asks, binding, readings }
    }

    /// What a flag was last read as; none where it could not be.
    pub fn reading(&self, flag: &str) -> Option<Reading> {
        match self.last(flag)? {
            Last::Read(reading) => Some(reading),
            Last::Unreadable | Last::Doubt => None,
        }
    }

    fn last(&self, flag: &str) -> Option<Last> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner).get(flag).cloned()
    }

    /// The change of a flag to a value, made up from its last reading. Waits for nothing.
    ///
    /// # Errors
    /// The flag is not bound, or the provider cannot be told so; see [`FlagChange::by`].
    pub fn plan(&self, flag: &str, to: &Value) -> Result<FlagChange, NoChange> {
        let no = |why: &str| NoChange::Provider { flag: flag.to_owned(), why: why.to_owned() };
        let binding = self.binding.flag(flag).ok_or_else(|| no("it is bound to no provider"))?;
        if matches!(self.last(flag), Some(Last::Doubt)) {
            return Err(no("it has not been read since the last change; read it first"));
        }
        FlagChange::by(binding, self.reading(flag).as_ref(), to)
    }

    /// Says what the room last set a flag to, in this process or an earlier one: a reading that is
    /// another is then told as changed outside.
    pub fn expect(&self, flag: &str, value: Value) {
        self.ask(Ask::Expect(flag.to_owned(), value));
    }

    /// Asks for a flag's value. While a reading of it is under way another one is not begun.
    pub fn read(&self, flag: &str) {
        self.ask(Ask::Read(flag.to_owned()));
    }

    /// Sends a change that was confirmed and stored. A ticket that was used before is ignored: its
    /// outcome was reported or will be.
    pub fn change(&self, ticket: Uuid, change: FlagChange) {
        self.change_by(ticket, change, Utc::now() + BEGINS);
    }

    /// The same, begun by then or not at all: what comes too late fails, and nothing was sent.
    pub fn change_by(&self, ticket: Uuid, change: FlagChange, by: DateTime<Utc>) {
        self.ask(Ask::Change(ticket, Box::new(change), by));
    }

    /// Begins a step that was confirmed and stored. A ticket may serve all steps of a run; the same
    /// step of it a second time is ignored.
    pub fn run_step(&self, ticket: Uuid, step: Step) {
        self.run_step_by(ticket, step, Utc::now() + BEGINS);
    }

    /// The same, begun by then or not at all.
    pub fn run_step_by(&self, ticket: Uuid, step: Step, by: DateTime<Utc>) {
        self.ask(Ask::Step(ticket, Box::new(step), by));
    }

    /// Follows a step that an earlier process began: its output from the first line on, then its end.
    /// Nothing is begun by it.
    pub fn attach(&self, ticket: Uuid, step: usize) {
        self.ask(Ask::Attach(ticket, step));
    }

    /// Stops what runs under a ticket, at once.
    pub fn abort(&self, ticket: Uuid) {
        self.ask(Ask::Abort(ticket));
    }

    /// Stops every step and every flag's command that runs, at once. A request on its way cannot be
    /// called back.
    pub fn abort_all(&self) {
        self.ask(Ask::AbortAll);
    }

    /// The thread ends only after the last sender is gone, or by a panic; then nothing can be done and
    /// nothing was, and the journal's open intent says so.
    fn ask(&self, ask: Ask) {
        let _ = self.asks.send(ask);
    }
}

/// Bytes in lower-case hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
