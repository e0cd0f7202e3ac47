//! A plan, what lies beside it, and a folder for its rooms; the real program run over them.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::harness::Pty;

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Stage {
    folder: tempfile::TempDir,
    env: Vec<(String, String)>,
}

impl Stage {
    pub fn new(plan: &str, binding: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("launch.md"), plan).unwrap();
        let stage = Self { folder, env: vec![] };
        stage.bind(binding);
        stage
    }

    pub fn bind(&self, binding: &str) {
        std::fs::write(self.path("warroom.toml"), binding).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// From now on every program has this variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
        let plan = self.path("launch.md");
        for arg in args {
            if *arg == "PLAN" {
                command.arg(&plan)
            } else {
                command.arg(arg)
            };
        }
        command.env("WARROOM_STATE", self.path("state")).env("XDG_CONFIG_HOME", self.path("config"));
        command.envs(self.env.iter().cloned()).env("USER", "tester").stdin(Stdio::null());
        command
    }

    /// Exit code and everything that was printed.
    pub fn run(&self, args: &[&str]) -> (i32, String) {
        let out = self.command(args).output().unwrap();
        let text = String::from_utf8_lossy(&out.stdout) + String::from_utf8_lossy(&out.stderr);
        (out.status.code().unwrap_or(-1), text.into_owned())
    }

    pub fn ok(&self, args: &[&str]) -> String {
        let (code, text) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {text}");
        text
    }

    /// The room on a screen.
    pub fn screen(&self, size: (u16, u16)) -> Pty {
        let (plan, state) = (self.path("launch.md"), self.path("state"));
        let home = self.folder().to_str().unwrap().to_owned();
        let mut env: Vec<(&str, &str)> = self.env.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        env.push(("HOME", &home));
        let words = [plan.to_str().unwrap(), "--state", state.to_str().unwrap()];
        Pty::spawn(env!("CARGO_BIN_EXE_warroom"), &words, size, &env)
    }

    /// A program that goes on printing.
    pub fn start(&self, args: &[&str]) -> Running {
        let mut child = self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (out, all) = (child.stdout.take().unwrap(), Arc::clone(&said));
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                *all.lock().unwrap() += &(line + "\n");
            }
        });
        let (mut err, all) = (child.stderr.take().unwrap(), Arc::clone(&said));
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = err.read_to_string(&mut text);
            *all.lock().unwrap() += &text;
        });
        Running { child, said }
    }
}

/// Killed at the end.
pub struct Running {
    pub child: Child,
    said: Arc<Mutex<String>>,
}

impl Running {
    /// Everything it printed so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    pub fn wait_for(&self, text: &str) {
        wait(text, || self.said().contains(text));
    }

    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn wait(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
