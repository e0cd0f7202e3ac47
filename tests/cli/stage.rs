//! A plan and a folder for rooms of its own; the real program run over them.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// Five items: two before, three in a phase. The lines of the first are 5 and 6.
pub const PLAN: &str = "\
# Launch

## Pre-flight

- [ ] Back up the database
- [ ] Freeze merges

## Phase 1: Canary (Hours 0-2)

- [ ] Deploy to canary
- [ ] Watch errors
- [ ] Watch latency
";

pub struct Stage {
    pub plan: PathBuf,
    pub state: PathBuf,
    _folder: tempfile::TempDir,
}

impl Stage {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage = Self {
            plan: folder.path().join("launch.md"),
            state: folder.path().join("state"),
            _folder: folder,
        };
        stage.write(PLAN);
        stage
    }

    pub fn write(&self, text: &str) {
        std::fs::write(&self.plan, text).unwrap();
    }

    /// The program with these arguments, `PLAN` standing for the plan's path, apart from the
    /// settings of whoever runs the tests.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
        let plan = self.plan.to_str().unwrap();
        command.args(args.iter().map(|a| if *a == "PLAN" { plan } else { a }));
        command.env("WARROOM_STATE", &self.state).env("XDG_CONFIG_HOME", self.state.join("config"));
        command.env("USER", "tester").stdin(Stdio::null());
        command
    }

    /// Exit code, standard output, standard error.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        let out = self.command(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (out.status.code().unwrap_or(-1), text(out.stdout), text(out.stderr))
    }

    pub fn ok(&self, args: &[&str]) -> String {
        let (code, out, err) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {err}");
        out
    }

    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(args)).unwrap()
    }

    pub fn follow(&self, args: &[&str]) -> Follower {
        let mut child = self.command(args).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Follower { child, lines }
    }
}

/// A program that goes on printing; killed at the end.
pub struct Follower {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Follower {
    /// The next line, as JSON.
    pub fn line(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
