//! A folder with a state of its own, steps made from a plan, and levers that run them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use uuid::Uuid;
use warroom::levers::run::{Step, StepOutcome};
use warroom::levers::runs::{Standing, look};
use warroom::levers::{Levers, Report, Runs, Scene, prepare};
use warroom::plan::binding::{Binding, Blank};

/// Longer than anything here may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The program whose hidden subcommand supervises.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_warroom");

pub struct Stage {
    pub state: PathBuf,
    pub binding: Binding,
    pub timeout: Duration,
    pub grace: Duration,
    pub _folder: Option<tempfile::TempDir>,
}

/// What was heard of a step.
pub struct Heard {
    pub outcome: StepOutcome,
    pub lines: Vec<String>,
}

impl Stage {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { _folder: Some(folder), ..Self::at(Path::new("")) }.moved()
    }

    /// Over a folder that somebody else made.
    pub fn at(state: &Path) -> Self {
        let (timeout, grace) = (PATIENCE, Duration::from_millis(300));
        Self { state: state.to_owned(), binding: Binding::default(), timeout, grace, _folder: None }
    }

    fn moved(mut self) -> Self {
        self.state = self._folder.as_ref().unwrap().path().to_owned();
        self
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.state.join(name)
    }

    pub fn blank(&mut self, name: &str, value: Blank) {
        self.binding.blanks.insert(name.to_owned(), value);
    }

    /// A step with this command.
    pub fn step(&self, block: &str) -> Step {
        let text = format!("# P\n\n## Rollback\n\n### Emergency Rollback\n\n```sh\n{block}\n```\n");
        let plan = warroom::plan::read(text.as_bytes(), "p");
        let scene = Scene {
            binding: &self.binding,
            folder: &self.state,
            root: &self.state,
            env: &[],
            is_set: &|name| std::env::var_os(name).is_some(),
            timeout: self.timeout,
            scope: ["here", "room", "plan"],
        };
        prepare(&plan.procedures[0], 0, &scene).unwrap_or_else(|e| panic!("{block}: {e:?}"))
    }

    pub fn runs(&self) -> Runs {
        Runs::below(&self.state).by(Path::new(PROGRAM), self.grace)
    }

    pub fn levers(&self) -> (Levers, Receiver<Report>) {
        self.levers_by(self.runs())
    }

    pub fn levers_by(&self, runs: Runs) -> (Levers, Receiver<Report>) {
        let (say, heard) = channel();
        let say = std::sync::Mutex::new(say);
        let report = move |report| drop(say.lock().unwrap().send(report));
        (Levers::with(Arc::new(self.binding.clone()), runs, report), heard)
    }

    /// Runs a command to its end.
    pub fn run(&self, block: &str) -> Heard {
        let (levers, reports) = self.levers();
        levers.run_step(Uuid::now_v7(), self.step(block));
        heard(&reports)
    }

    /// What a later process finds.
    pub fn attach(&self, ticket: Uuid) -> Heard {
        let (levers, reports) = self.levers();
        levers.attach(ticket, 0);
        heard(&reports)
    }

    pub fn folder(&self, ticket: Uuid) -> PathBuf {
        self.runs().folder(ticket, 0)
    }

    /// How often a command that counts itself has run.
    pub fn count(&self, name: &str) -> usize {
        std::fs::read_to_string(self.file(name)).unwrap_or_default().lines().count()
    }
}

/// Waits for a step's end.
pub fn heard(reports: &Receiver<Report>) -> Heard {
    let mut lines = vec![];
    loop {
        match reports.recv_timeout(PATIENCE).unwrap() {
            Report::Output { line, .. } => lines.push(line),
            Report::StepFinished { outcome, .. } => return Heard { outcome, lines },
            other => panic!("{other:?}"),
        }
    }
}

/// Waits for something to be there.
pub fn until<T>(what: &str, mut is: impl FnMut() -> Option<T>) -> T {
    let due = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = is() {
            return found;
        }
        assert!(Instant::now() < due, "{what} never came");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The supervisor of a claimed step.
pub fn supervisor(folder: &Path) -> Option<u32> {
    let claim = std::fs::read(folder.join("claim")).ok()?;
    let claim: serde_json::Value = serde_json::from_slice(&claim).ok()?;
    Some(claim["by"]["pid"].as_u64()? as u32)
}

/// Kills as nobody can hinder.
pub fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
}

/// Waits until nothing of a step is left.
pub fn quiet(folder: &Path) -> Standing {
    until("the end of a step", || match look(folder) {
        Standing::Lost(left) if !left.is_empty() => None,
        Standing::Running | Standing::Waiting => None,
        standing => Some(standing),
    })
}
