//! The executor of real runs: writes the intent, starts the supervisor, and follows what happens in the
//! step's folder until it is over. It can be dropped at any time: the step goes on.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::intent::{self, Intent};
use super::process::Process;
use super::ring::Tail;
use super::standing::{Standing, listed, look, void};
use super::{ask, fail, sealed, spawn, tidy};
use crate::levers::executor::{Execution, Executor, Printed, Task};
use crate::levers::run::{Ending, Step, StepOutcome};
use crate::levers::script::{Origin, Script};
use crate::plan::binding::Secret;
use crate::secret::reveal;
use crate::text;

/// Between TERM and KILL.
const GRACE: Duration = Duration::from_secs(10);

/// The longest time between two looks.
const SLOWEST: Duration = Duration::from_millis(50);

/// A line is no longer.
const LONGEST_LINE: usize = 4 * 1024;

/// Lines given at once; what comes faster is counted.
const AT_ONCE: usize = 200;

/// Pieces of output read at once, so that an endless one does not keep the thread.
const PIECES: usize = 8;

/// A value is no longer.
const LONGEST_VALUE: u64 = 64 * 1024;

/// Where steps run, and by which program.
#[derive(Clone, Debug)]
pub struct Runs {
    root: PathBuf,
    program: PathBuf,
    grace: Duration,
}

impl Runs {
    /// Runs below `state`, supervised by this program.
    pub fn below(state: &Path) -> Self {
        // It stays what it is when the file is replaced.
        let own = Path::new("/proc/self/exe");
        let program = if own.exists() { Some(own.to_owned()) } else { std::env::current_exe().ok() };
        Self { root: state.join("runs"), program: program.unwrap_or_default(), grace: GRACE }
    }

    /// Supervised by another program, with another time between TERM and KILL.
    #[must_use]
    pub fn by(self, program: &Path, grace: Duration) -> Self {
        Self { program: program.to_owned(), grace, ..self }
    }

    /// The folder of a step.
    pub fn folder(&self, ticket: Uuid, step: usize) -> PathBuf {
        intent::folder(&self.root, ticket, step)
    }

    /// Writes the intent and starts the supervisor; none where the step was begun before, by whomever. What
    /// comes too late makes sure that it never begins.
    fn begin(
        &self,
        ticket: Uuid,
        step: usize,
        script: &Script,
        by: DateTime<Utc>,
    ) -> Result<Option<Child>, String> {
        if Utc::now() > by {
            return match self.preclude(ticket, step) {
                Ok(true) => Err("it took too long until it could begin; nothing ran".to_owned()),
                Ok(false) => Ok(None),
                Err(e) => Err(format!("it took too long until it could begin, and its folder: {e}")),
            };
        }
        let intent = Intent {
            ticket,
            step,
            digest: script.digest(),
            script: script.clone(),
            grace_ms: u64::try_from(self.grace.as_millis()).unwrap_or(u64::MAX),
            author: Process::this(),
        };
        fail::point("before-intent");
        let folder = std::path::absolute(self.folder(ticket, step)).map_err(|e| e.to_string())?;
        let written = intent.write(&folder);
        fail::point("after-intent");
        if !written.map_err(|e| format!("{} cannot be written: {e}", folder.display()))? {
            return Ok(None);
        }
        // From here on others see that it is about to begin, however long a value takes to be fetched.
        let child = values(script).and_then(|values| {
            let child = spawn::supervisor(&self.program, &folder, &intent.digest, &values);
            child.map_err(|e| format!("its supervisor could not be started: {e}"))
        });
        fail::point("after-supervisor");
        child.map(Some).map_err(|why| match void(&folder) {
            Ok(_) => why,
            Err(other) => format!("{why}; {other}"),
        })
    }

    /// Asks whatever runs of these steps to stop, whoever began it, and says which were asked. One that
    /// is about to begin is waited for, as long as comes with it.
    pub fn stop(&self, mut steps: Vec<(Uuid, usize, Duration)>) -> Vec<(Uuid, usize)> {
        let (began, mut asked) = (Instant::now(), vec![]);
        loop {
            steps.retain(|(ticket, step, patience)| {
                let folder = self.folder(*ticket, *step);
                match look(&folder) {
                    Standing::Waiting | Standing::Running => {
                        ask_to_stop(&folder);
                        asked.push((*ticket, *step));
                        false
                    }
                    Standing::Absent => began.elapsed() < *patience,
                    _ => false,
                }
            });
            if steps.is_empty() {
                return asked;
            }
            thread::sleep(SLOWEST);
        }
    }

    /// Sees to it that a step without a trace never begins; false where somebody has begun it.
    ///
    /// # Errors
    /// Its folder cannot be written.
    pub fn preclude(&self, ticket: Uuid, step: usize) -> io::Result<bool> {
        intent::preclude(&std::path::absolute(self.folder(ticket, step))?)
    }

    /// Where a step stands, once it cannot begin any more: for who says what became of it, when nobody is
    /// about to begin it.
    ///
    /// # Errors
    /// Its folder cannot be written.
    pub fn settle(&self, ticket: Uuid, step: usize) -> io::Result<Standing> {
        match self.standing(ticket, step) {
            Standing::Absent => drop(self.preclude(ticket, step)?),
            Standing::Abandoned => drop(void(&self.folder(ticket, step))?),
            known => return Ok(known),
        }
        Ok(self.standing(ticket, step))
    }

    /// Where a step stands.
    pub fn standing(&self, ticket: Uuid, step: usize) -> Standing {
        look(&self.folder(ticket, step))
    }

    /// Removes the folders of steps that are over and that nothing is left of; how many. The steps are
    /// those that a journal has an end for.
    pub fn tidy(&self, over: &[(Uuid, usize)]) -> usize {
        tidy::remove(&self.root, over.iter().map(|(ticket, step)| self.folder(*ticket, *step)))
    }

    async fn execute(&self, number: usize, script: Option<&Script>, task: Task<'_>) -> StepOutcome {
        let not_started = |why: String| StepOutcome::Finished(Ending::NotStarted(why));
        let Some(script) = script.cloned() else {
            return not_started("the step was only to be shown".to_owned());
        };
        let (runs, ticket, by) = (self.clone(), task.ticket, task.by);
        let begun = tokio::task::spawn_blocking(move || runs.begin(ticket, number, &script, by)).await;
        match begun {
            Ok(Ok(supervisor)) => self.follow(number, supervisor, task).await,
            Ok(Err(why)) => not_started(why),
            Err(_) => StepOutcome::Unknown("starting it broke off".to_owned()),
        }
    }

    /// Follows a step to its end, from the first line of its output on.
    async fn follow(&self, number: usize, mut supervisor: Option<Child>, mut task: Task<'_>) -> StepOutcome {
        let folder = self.folder(task.ticket, number);
        let (mut lines, mut pause) = (Lines::of(&folder), Duration::from_millis(2));
        loop {
            // First where it stands, then its output: so nothing is missed at the end.
            let standing = look(&folder);
            lines.pass(task.output);
            if let Some(outcome) = standing.outcome() {
                lines.end(task.output);
                supervisor.into_iter().for_each(reap);
                fail::point("after-end");
                return told(&standing, outcome, task.output);
            }
            if let Some(outcome) = unclaimed(&standing, supervisor.as_mut(), &folder) {
                return outcome;
            }
            tokio::select! {
                () = task.stop.asked() => ask_to_stop(&folder),
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(SLOWEST);
        }
    }
}

impl Executor for Runs {
    fn execute<'a>(&'a self, step: &'a Step, task: Task<'a>) -> Execution<'a> {
        Box::pin(self.execute(step.number(), step.script(), task))
    }

    fn attach<'a>(&'a self, number: usize, task: Task<'a>) -> Execution<'a> {
        Box::pin(async move {
            // What left no trace is said to be unknown: it must not begin after that.
            match self.settle(task.ticket, number) {
                Ok(_) => self.follow(number, None, task).await,
                Err(e) => {
                    StepOutcome::Unknown(format!("it left no trace, and its folder cannot be made: {e}"))
                }
            }
        })
    }

    fn ask<'a>(&'a self, line: &'a Script) -> Printed<'a> {
        let line = line.clone();
        Box::pin(async move {
            let printed = tokio::task::spawn_blocking(move || ask::printed(&line)).await;
            printed.unwrap_or_else(|_| Err("asking its command broke off".to_owned()))
        })
    }

    fn run<'a>(&'a self, line: &'a Script, task: Task<'a>) -> Execution<'a> {
        Box::pin(self.execute(0, Some(line), task))
    }
}

/// The values that nothing printed may show: those that the binding does not show anyway.
pub(super) fn hidden(script: &Script, values: &[(String, OsString)]) -> Vec<String> {
    let secret = |name: &String| {
        script.variables().iter().any(|v| v.name == *name && !matches!(v.from, Origin::Text(_)))
    };
    let hidden = values.iter().filter(|(name, _)| secret(name));
    hidden.filter_map(|(_, value)| value.to_str().map(str::to_owned)).collect()
}

/// Values of a script's variables, fetched at the last moment.
pub(super) fn values(script: &Script) -> Result<Vec<(String, OsString)>, String> {
    let value = |from: &Origin| match from {
        Origin::Text(text) => Ok(OsString::from(text)),
        Origin::Env(name) => std::env::var_os(name).ok_or_else(|| format!("the variable {name} is not set")),
        Origin::File(path) => file(path).map(OsString::from),
        Origin::Cmd(line) => reveal(&Secret::Cmd(line.clone())).map(OsString::from),
    };
    script.variables().iter().map(|v| Ok((v.name.clone(), value(&v.from)?))).collect()
}

fn file(path: &str) -> Result<String, String> {
    let at = match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    };
    let (mut text, failed) = (String::new(), |e: std::io::Error| format!("file:{path} cannot be read: {e}"));
    if !std::fs::metadata(&at).map_err(failed)?.is_file() {
        return Err(format!("file:{path} is no file"));
    }
    let file = std::fs::File::open(&at).map_err(failed)?;
    file.take(LONGEST_VALUE).read_to_string(&mut text).map_err(failed)?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// What is known of a step that nobody will claim. It is made void first, so that this stays true.
fn unclaimed(standing: &Standing, supervisor: Option<&mut Child>, folder: &Path) -> Option<StepOutcome> {
    let gone = supervisor.map(|child| child.try_wait());
    match (standing, gone) {
        (Standing::Waiting, Some(Ok(Some(status)))) => {
            let why = match status.code() {
                Some(12) => "what was to run is not what was confirmed".to_owned(),
                _ => format!("its supervisor ended before it began: {status}"),
            };
            match void(folder) {
                Ok(made) => made.then_some(StepOutcome::Finished(Ending::NotStarted(why))),
                Err(e) => Some(StepOutcome::Unknown(format!(
                    "{why}; and {} cannot be written: {e}",
                    folder.display()
                ))),
            }
        }
        (Standing::Abandoned, _) => {
            // Next time it is void, or claimed after all.
            let why = |e| format!("it was not started, and {} cannot be written: {e}", folder.display());
            void(folder).err().map(|e| StepOutcome::Unknown(why(e)))
        }
        _ => None,
    }
}

/// A supervisor stays while something that its step left behind prints.
fn reap(mut supervisor: Child) {
    // Without a thread it stays in the process list until this process ends.
    let _ = thread::Builder::new().name("reap".to_owned()).spawn(move || supervisor.wait());
}

fn ask_to_stop(folder: &Path) {
    // It is there already, or the folder is gone: both are found out by looking.
    let _ = sealed::create(&folder.join("abort"));
}

fn told(standing: &Standing, outcome: StepOutcome, output: &dyn Fn(String)) -> StepOutcome {
    if let Standing::Over(verdict) = standing
        && !verdict.survivors.is_empty()
    {
        output(format!("still running: {}", listed(&verdict.survivors)));
    }
    outcome
}

/// An output as lines.
struct Lines {
    tail: Tail,
    begun: Vec<u8>,
    /// What came behind [`AT_ONCE`] lines: its end, and how many lines before that are left out.
    late: VecDeque<Vec<u8>>,
    left_out: u64,
}

impl Lines {
    fn of(folder: &Path) -> Self {
        Self { tail: Tail::of(folder), begun: vec![], late: VecDeque::new(), left_out: 0 }
    }

    /// Gives what came; of a flood the beginning and the end.
    fn pass(&mut self, output: &dyn Fn(String)) {
        let mut given = 0;
        for _ in 0..PIECES {
            let (missed, piece) = self.tail.read();
            self.missed(missed, output);
            if piece.is_empty() {
                break;
            }
            given += self.take(&piece, given, output);
        }
        self.give_late(output);
    }

    /// Gives what is left, and the line that has no end.
    fn end(&mut self, output: &dyn Fn(String)) {
        loop {
            let before = self.tail_at();
            self.pass(output);
            if self.tail_at() == before {
                break;
            }
        }
        if !self.begun.is_empty() {
            output(line(&std::mem::take(&mut self.begun)));
        }
    }

    fn tail_at(&self) -> u64 {
        self.tail.at()
    }

    fn missed(&mut self, missed: u64, output: &dyn Fn(String)) {
        if missed > 0 {
            self.give_late(output);
            self.begun.clear();
            output(format!("… {missed} bytes came too fast to be shown"));
        }
    }

    /// How many lines were given of a piece.
    fn take(&mut self, piece: &[u8], before: usize, output: &dyn Fn(String)) -> usize {
        let mut given = 0;
        for part in piece.split_inclusive(|b| *b == b'\n') {
            self.begun.extend_from_slice(part);
            if !part.ends_with(b"\n") && self.begun.len() < LONGEST_LINE {
                continue;
            }
            let whole = std::mem::take(&mut self.begun);
            match before + given < AT_ONCE {
                true => output(line(&whole)),
                false => self.put_off(whole),
            }
            given += 1;
        }
        given
    }

    fn put_off(&mut self, whole: Vec<u8>) {
        self.late.push_back(whole);
        if self.late.len() > AT_ONCE {
            self.late.pop_front();
            self.left_out += 1;
        }
    }

    fn give_late(&mut self, output: &dyn Fn(String)) {
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            output(format!("… {left_out} lines came too fast to be shown"));
        }
        self.late.drain(..).for_each(|whole| output(line(&whole)));
    }
}

/// A line without its end, in which no character acts.
fn line(bytes: &[u8]) -> String {
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    text::clean(&String::from_utf8_lossy(line)).into_owned()
}
