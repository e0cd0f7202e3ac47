//! Who carries a step out. There is one executor, the rehearsal's, and it carries nothing out: it
//! shows the bytes, takes its time and says so. A [`Step`] holds commands only in escaped form.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::run::{Ending, Shown, Step, StepOutcome};

/// What will become of a step. Dropped before it is ready, the step is given up.
pub type Execution<'a> = Pin<Box<dyn Future<Output = StepOutcome> + 'a>>;

/// Carries steps out, one call a step.
pub trait Executor: Send + 'static {
    /// Begins a step; `output` takes its lines as they come.
    fn execute<'a>(&'a self, step: &'a Step, output: &'a dyn Fn(String)) -> Execution<'a>;
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
    fn execute<'a>(&'a self, step: &'a Step, output: &'a dyn Fn(String)) -> Execution<'a> {
        let pause = self.lasts(step) / 2;
        Box::pin(async move {
            step.commands().iter().for_each(|c| repeat(c, output));
            tokio::time::sleep(pause).await;
            step.commands().iter().for_each(|c| output(not_executed(c)));
            tokio::time::sleep(pause).await;
            output("rehearsal: taken as done; nothing ran and no host was called".to_owned());
            StepOutcome::Finished(Ending::Rehearsed)
        })
    }
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
