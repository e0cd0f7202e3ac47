//! Who carries a step out. The rehearsal's executor carries nothing out: it shows the bytes, takes its
//! time and says so. The one that does is [`super::Runs`].

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::run::{Ending, Shown, Step, StepOutcome};
use super::script::Script;

/// What will become of a step. Dropped before it is ready, nobody here follows the step any more.
pub type Execution<'a> = Pin<Box<dyn Future<Output = StepOutcome> + 'a>>;

/// What a line will have printed.
pub type Printed<'a> = Pin<Box<dyn Future<Output = Result<String, String>> + 'a>>;

/// Said by whoever runs nothing.
const RUNS_NOTHING: &str = "nothing here runs commands";

/// Carries steps out, one call a step. Only who runs real commands has an answer to lines of flags.
pub trait Executor: Send + 'static {
    /// Begins a step. One of a ticket that was begun before, by any process, is not begun again.
    fn execute<'a>(&'a self, step: &'a Step, task: Task<'a>) -> Execution<'a>;

    /// Follows a step that an earlier process began; nothing is begun.
    fn attach<'a>(&'a self, number: usize, task: Task<'a>) -> Execution<'a> {
        let why = format!("nothing is known of step {} of {}", number + 1, task.ticket);
        Box::pin(std::future::ready(StepOutcome::Unknown(why)))
    }

    /// What a line prints that changes nothing. Its end comes with whoever asks.
    fn ask<'a>(&'a self, _: &'a Script) -> Printed<'a> {
        Box::pin(std::future::ready(Err(RUNS_NOTHING.to_owned())))
    }

    /// Runs a line that changes something, once, as the only step of its ticket.
    fn run<'a>(&'a self, _: &'a Script, _: Task<'a>) -> Execution<'a> {
        let ending = Ending::NotStarted(RUNS_NOTHING.to_owned());
        Box::pin(std::future::ready(StepOutcome::Finished(ending)))
    }
}

/// What comes with a step.
pub struct Task<'a> {
    /// The run.
    pub ticket: Uuid,
    /// Whether somebody wants it stopped.
    pub stop: Stop,
    /// Takes its lines as they come.
    pub output: &'a dyn Fn(String),
    /// Begun by then, or not at all: afterwards others say that it was not done.
    pub by: DateTime<Utc>,
}

/// Somebody's wish to stop a step. It may come or not, and once.
pub struct Stop(Option<oneshot::Receiver<()>>);

impl Stop {
    /// A wish that comes by this way.
    pub fn by(wish: oneshot::Receiver<()>) -> Self {
        Self(Some(wish))
    }

    /// A wish that nobody can have.
    pub fn never() -> Self {
        Self(None)
    }

    /// Waits for the wish; for ever once it came, or where nobody can have it.
    pub async fn asked(&mut self) {
        if let Some(wish) = &mut self.0 {
            let came = wish.await.is_ok();
            self.0 = None;
            if came {
                return;
            }
        }
        std::future::pending().await
    }
}

/// At most so many lines of a step's bytes are repeated as output.
const REPEATED: usize = 200;

/// Executes nothing. Every line it gives says that this is a rehearsal.
#[derive(Clone, Copy, Debug)]
pub struct RehearsalExecutor {
    speed: f64,
}

impl RehearsalExecutor {
    /// At 2 everything takes half as long. What is no positive number counts as 1.
    pub fn new(speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 { speed.clamp(1e-3, 1e6) } else { 1.0 };
        Self { speed }
    }

    /// How long a step takes here: 1 to 2 seconds by its length, the same every time.
    pub fn lasts(&self, step: &Step) -> Duration {
        let lines = step.length().min(10) as f64;
        Duration::from_secs_f64((1.0 + lines / 10.0) / self.speed)
    }
}

impl Executor for RehearsalExecutor {
    fn execute<'a>(&'a self, step: &'a Step, mut task: Task<'a>) -> Execution<'a> {
        let pause = self.lasts(step) / 2;
        Box::pin(async move {
            tokio::select! {
                biased;
                () = task.stop.asked() => StepOutcome::Aborted,
                () = show(step, pause, task.output) => StepOutcome::Finished(Ending::Rehearsed),
            }
        })
    }
}

async fn show(step: &Step, pause: Duration, output: &dyn Fn(String)) {
    step.commands().iter().for_each(|c| repeat(c, output));
    tokio::time::sleep(pause).await;
    step.commands().iter().for_each(|c| output(not_executed(c)));
    tokio::time::sleep(pause).await;
    output("rehearsal: taken as done; nothing ran and no host was called".to_owned());
}

fn repeat(command: &Shown, output: &dyn Fn(String)) {
    let lines = command.lines();
    lines.iter().take(REPEATED).for_each(|line| output(format!("rehearsal: | {line}")));
    if let Some(more) = lines.len().checked_sub(REPEATED).filter(|more| *more > 0) {
        output(format!("rehearsal: | and {more} more lines"));
    }
}

fn not_executed(command: &Shown) -> String {
    let count = command.lines().len();
    let language = match command.language() {
        "" | "inline" => "shell",
        named => named,
    };
    let plural = if count == 1 { "" } else { "s" };
    let digest = command.digest().get(..12).unwrap_or_default();
    format!("rehearsal: not executed: {count} line{plural} of {language}, sha256 {digest}")
}
