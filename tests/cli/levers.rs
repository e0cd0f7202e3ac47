//! Runs and flags without a screen: shown, confirmed, done once, followed after a crash.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::stage::Stage;

const PLAN: &str = "\
# Launch

## Pre-flight

- [ ] Back up
- [ ] Set `PAY_ENABLED=true`

## Rollback Procedures

### Emergency Rollback

```bash
echo one >> count
echo \"did it with $GREETING\"
```

### Slow Rollback

```bash
echo one >> slow
sleep 4
echo over
```
";

const BINDING: &str = "\
[[procedure]]
title = \"Emergency Rollback\"
env = [\"GREETING\"]
verify = \"test -s count\"
timeout = \"90s\"
";

const PATIENCE: Duration = Duration::from_secs(60);

pub fn stage(binding: &str) -> Stage {
    let stage = Stage::new();
    stage.write(PLAN);
    fs::write(stage.plan.with_file_name("warroom.toml"), binding).unwrap();
    stage
}

fn lines(stage: &Stage, file: &str) -> usize {
    fs::read_to_string(stage.plan.with_file_name(file)).unwrap_or_default().lines().count()
}

/// Exit code and both outputs, with the variable that the plan reads.
pub fn run(stage: &Stage, args: &[&str]) -> (i32, String, String) {
    let out = stage.command(args).env("GREETING", "hello").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap_or(-1), text(out.stdout), text(out.stderr))
}

fn until(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_step_runs_once_it_is_allowed_and_confirmed_and_is_proved() {
    let stage = stage(BINDING);
    let emergency = |yes: &str| run(&stage, &["run", "PLAN", "emergency", "--yes", yes, "--as", "ana"]);
    let (code, _, err) = emergency("launch-1");
    assert_eq!(code, 12, "{err}");
    assert!(err.contains("nobody allowed"), "{err}");
    let (_, told, _) = run(&stage, &["allow", "PLAN", "--yes"]);
    for part in ["with GREETING", "verify test -s count", "seconds 90"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let rooms = stage.json(&["rooms", "--json"]).as_array().unwrap().len();
    let (code, dry, _) = run(&stage, &["run", "PLAN", "emergency", "--dry-run"]);
    assert!(code == 0 && dry.contains("echo one >> count\n") && dry.contains("at most 1.5 min"), "{dry}");
    assert_eq!(stage.json(&["rooms", "--json"]).as_array().unwrap().len(), rooms, "a dry run makes no room");
    for wrong in ["yes", "launch-2", "Launch-1", ""] {
        let (code, _, err) = emergency(wrong);
        assert!(code == 12 && err.contains("exactly launch-1"), "{wrong}: {err}");
    }
    let (code, _, err) = run(&stage, &["run", "PLAN", "emergency"]);
    assert!(code == 12 && err.contains("nobody to ask"), "{err}");
    assert_eq!(lines(&stage, "count"), 0, "nothing ran so far");
    let (code, out, err) = emergency("launch-1");
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.lines().any(|l| l.starts_with("did it with ")), "{out}");
    assert!(!out.contains("hello"), "a value is struck out: {out}");
    let state = || stage.json(&["runs", "PLAN", "--json"])["runs"][0]["state"].as_str().unwrap().to_owned();
    assert_eq!((lines(&stage, "count"), state()), (1, "step 2 is next".to_owned()), "not yet proved");
    let (code, out, err) = emergency("launch-2");
    assert!(code == 0 && out.contains("test -s count"), "{out}{err}");
    assert_eq!((lines(&stage, "count"), state()), (1, "done".to_owned()));
    stage.write(&PLAN.replace("echo one", "echo two"));
    let (code, _, err) = emergency("launch-1");
    assert!(code == 12 && err.contains("nobody allowed"), "{err}");
    assert_eq!(lines(&stage, "count"), 1);
}

#[test]
fn a_step_that_cannot_run_is_refused_before_anybody_confirms() {
    let stage = stage("");
    run(&stage, &["allow", "PLAN", "--yes"]);
    let (code, _, err) = run(&stage, &["run", "PLAN", "emergency", "--yes", "launch-1"]);
    assert!(code == 12 && err.contains("GREETING is not handed over"), "{err}");
    assert_eq!(lines(&stage, "count"), 0);
}

#[test]
fn a_failed_step_is_a_failure_and_ends_its_run() {
    let stage = stage("");
    stage.write(&PLAN.replace("echo \"did it with $GREETING\"", "false\necho never >> count"));
    run(&stage, &["allow", "PLAN", "--yes"]);
    let (code, out, err) = run(&stage, &["run", "PLAN", "emergency", "--yes", "launch-1"]);
    assert_eq!((code, lines(&stage, "count")), (1, 1), "{out}{err}");
    assert_eq!(stage.json(&["runs", "PLAN", "--json"])["runs"][0]["state"], "failed");
}

#[test]
fn after_a_kill_the_step_is_followed_and_not_run_again() {
    let stage = stage("");
    run(&stage, &["allow", "PLAN", "--yes"]);
    let mut child = stage
        .command(&["run", "PLAN", "slow", "--yes", "launch-1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("it runs", || lines(&stage, "slow") == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    let runs = stage.json(&["runs", "PLAN", "--json"]);
    assert_eq!(runs["runs"][0]["state"], "step 1 runs");
    let id = runs["runs"][0]["run"].as_str().unwrap();
    let (code, _, err) = run(&stage, &["resolve", "PLAN", id, "done", "--reason", "guess"]);
    assert!(code == 12 && err.contains("still runs"), "{err}");
    let (code, out, err) = run(&stage, &["run", "PLAN", "slow", "--yes", "launch-1"]);
    assert!(code == 0 && out.contains("over") && err.contains("begins nothing"), "{out}{err}");
    assert_eq!(lines(&stage, "slow"), 1, "once");
    assert_eq!(stage.json(&["runs", "PLAN", "--json"])["runs"][0]["state"], "done");
}

#[test]
fn what_nobody_can_know_stays_unknown_until_a_person_says() {
    let stage = stage("");
    run(&stage, &["allow", "PLAN", "--yes"]);
    let mut child = stage
        .command(&["run", "PLAN", "slow", "--yes", "launch-1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("it runs", || lines(&stage, "slow") == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    // Another computer, or a lost disk: no trace of it here.
    let runs = stage.state.join("runs");
    until("no trace is left", || !runs.exists() || fs::remove_dir_all(&runs).is_ok());
    let runs = stage.json(&["runs", "PLAN", "--json"]);
    assert_eq!(runs["runs"][0]["state"], "step 1 is unknown");
    let (code, _, err) = run(&stage, &["run", "PLAN", "slow", "--yes", "launch-1"]);
    assert!(code == 12 && lines(&stage, "slow") == 1, "never again by itself: {err}");
    let id = &runs["runs"][0]["run"].as_str().unwrap();
    let word = ["resolve", "PLAN", id, "not-done", "--reason", "looked at prod"];
    let (code, _, err) = run(&stage, &word);
    assert!(code == 12 && err.contains("about to begin"), "somebody may be about to begin it: {err}");
    let mut heard = (12, String::new(), String::new());
    until("nobody begins it any more", || {
        heard = run(&stage, &word);
        !heard.2.contains("about to begin")
    });
    let (code, out, err) = heard;
    assert!(code == 0 && out.contains("looked at prod"), "{out}{err}");
    assert_eq!(stage.json(&["runs", "PLAN", "--json"])["runs"][0]["state"], "failed");
}

#[test]
fn nothing_real_is_reached_from_a_rehearsal() {
    let provider = Provider::start();
    let stage = stage(&provider.binding(BINDING));
    run(&stage, &["allow", "PLAN", "--yes"]);
    stage.ok(&["note", "PLAN", "a room"]);
    let toml = stage.plan.with_file_name("warroom.toml");
    let of_rehearsal = format!("[room]\nenvironment = \"rehearsal\"\n{}", provider.binding(BINDING));
    fs::write(toml, of_rehearsal).unwrap();
    run(&stage, &["allow", "PLAN", "--yes"]);
    for args in [
        &["run", "PLAN", "emergency", "--yes", "launch-1"][..],
        &["flag", "set", "PLAN", "PAY_ENABLED", "on", "--yes", "launch-PAY_ENABLED-true"],
    ] {
        let (code, _, err) = run(&stage, args);
        assert!(code == 12 && err.contains("was a rehearsal"), "{args:?}: {err}");
    }
    assert_eq!((provider.heard().len(), lines(&stage, "count")), (0, 0));
}

const GUARDED: &str = "\
[[procedure]]
title = \"Emergency Rollback\"
env = [\"GREETING\"]
two_people = true
";

/// A proposal of ana's; its id and the phrase that approves it.
fn proposed(stage: &Stage) -> (String, String) {
    let (code, _, err) = run(stage, &["run", "PLAN", "emergency", "--yes", "launch-1", "--as", "ana"]);
    assert!(code == 12 && err.contains("second person"), "{err}");
    let waiting = &stage.json(&["runs", "PLAN", "--json"])["proposals"][0];
    let text = |key: &str| waiting[key].as_str().unwrap().to_owned();
    (text("proposal"), text("phrase"))
}

#[test]
fn two_people_are_two_people() {
    let stage = stage(GUARDED);
    let (_, told, _) = run(&stage, &["allow", "PLAN", "--yes"]);
    assert!(told.contains("by two people"), "{told}");
    let (id, phrase) = proposed(&stage);
    let approve = |who: &str| run(&stage, &["approve", "PLAN", &id, "--yes", &phrase, "--as", who]);
    for own in ["ana", "Ana", "ana@elsewhere"] {
        let (code, _, err) = approve(own);
        assert!(code == 12 && err.contains("somebody else"), "{own}: {err}");
    }
    let start = || run(&stage, &["run", "PLAN", "emergency", "--yes", "launch-1", "--as", "ana"]);
    let (code, _, _) = start();
    assert_eq!((code, lines(&stage, "count")), (12, 0));
    let (code, _, err) = run(&stage, &["approve", "PLAN", &id, "--yes", "yes", "--as", "bo"]);
    assert!(code == 12 && err.contains("exactly"), "{err}");
    let (code, shown, err) = approve("bo");
    assert!(code == 0 && shown.contains("echo one >> count"), "{shown}{err}");
    let (code, _, err) = run(&stage, &["run", "PLAN", "emergency", "--yes", "launch-1", "--as", "cy"]);
    assert!(code == 12 && err.contains("only they start it"), "{err}");
    let (code, _, err) = approve("cy");
    assert!(code == 12 && err.contains("approved it already"), "{err}");
    let (code, out, err) = start();
    assert_eq!((code, lines(&stage, "count")), (0, 1), "{out}{err}");
    let (code, _, err) = approve("cy");
    assert!(code == 12 && err.contains("was used"), "{err}");
    let log = stage.ok(&["log", "PLAN", "--json"]);
    assert_eq!(log.matches("\"approval_refused\"").count(), 6, "each is kept: {log}");
}

#[test]
fn whoever_asked_takes_it_back_and_nobody_agrees_any_more() {
    let stage = stage(GUARDED);
    run(&stage, &["allow", "PLAN", "--yes"]);
    let (id, phrase) = proposed(&stage);
    let take_back = |who: &str| run(&stage, &["approve", "PLAN", &id, "--take-back", "--as", who]);
    let (code, _, err) = take_back("bo");
    assert!(code == 12 && err.contains("only they take it back"), "{err}");
    let (code, out, err) = take_back("ana");
    assert!(code == 0 && out.contains("took back"), "{out}{err}");
    let (code, _, err) = run(&stage, &["approve", "PLAN", &id, "--yes", &phrase, "--as", "bo"]);
    assert!(code == 12 && err.contains("took it back"), "{err}");
    assert!(stage.json(&["runs", "PLAN", "--json"])["proposals"].as_array().unwrap().is_empty());
}

#[test]
fn a_rule_for_the_room_asks_two_people_for_every_command_unless_a_procedure_says_otherwise() {
    let ruled = "[room]\ntwo_people = \"dangerous\"\n\n";
    let stage = stage(&format!("{ruled}{BINDING}"));
    let (_, told, _) = run(&stage, &["allow", "PLAN", "--yes"]);
    assert!(told.contains("by two people"), "{told}");
    proposed(&stage);
    let toml = stage.plan.with_file_name("warroom.toml");
    fs::write(toml, format!("{ruled}{BINDING}two_people = false\n")).unwrap();
    let (_, told, _) = run(&stage, &["allow", "PLAN", "--yes"]);
    assert!(told.contains("by one person"), "{told}");
    let (code, out, err) = run(&stage, &["run", "PLAN", "emergency", "--yes", "launch-1", "--as", "ana"]);
    assert_eq!((code, lines(&stage, "count")), (0, 1), "{out}{err}");
}

#[test]
fn a_dry_run_needs_nobodys_word_and_names_every_step() {
    let stage = stage(BINDING);
    let dry = |more: &[&str]| run(&stage, &[&["run", "PLAN", "emergency", "--dry-run"], more].concat());
    let (code, out, err) = dry(&[]);
    assert!(code == 0 && err.contains("nobody has allowed"), "{out}{err}");
    for words in ["step 1\n", "echo one >> count", "step 2\n", "test -s count"] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let (code, out, _) = dry(&["--json"]);
    let steps: Vec<Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!((code, steps.len()), (0, 2));
    assert!(steps[1]["bytes"].as_str().unwrap().ends_with("test -s count\n"), "{out}");
    let (code, out, _) = dry(&["--step", "2"]);
    assert!(code == 0 && !out.contains("echo one"), "{out}");
    assert_eq!((dry(&["--step", "3"]).0, lines(&stage, "count")), (2, 0));
    assert!(stage.json(&["rooms", "--json"]).as_array().unwrap().is_empty());
}

#[test]
fn an_edited_plan_voids_an_approval() {
    let stage = stage(GUARDED);
    run(&stage, &["allow", "PLAN", "--yes"]);
    let (id, phrase) = proposed(&stage);
    assert_eq!(run(&stage, &["approve", "PLAN", &id, "--yes", &phrase, "--as", "bo"]).0, 0);
    stage.write(&PLAN.replace("Back up", "Back up twice"));
    let (code, _, err) = run(&stage, &["run", "PLAN", "emergency", "--yes", "launch-1", "--as", "ana"]);
    assert!(code == 12, "{err}");
    assert_eq!(lines(&stage, "count"), 0);
}

#[test]
fn twenty_claimants_of_one_approved_step_run_it_once() {
    let stage = stage(GUARDED);
    run(&stage, &["allow", "PLAN", "--yes"]);
    let (id, phrase) = proposed(&stage);
    assert_eq!(run(&stage, &["approve", "PLAN", &id, "--yes", &phrase, "--as", "bo"]).0, 0);
    let claim = || {
        let args = ["run", "PLAN", "emergency", "--yes", "launch-1", "--as", "ana"];
        let mut command = stage.command(&args);
        command.env("GREETING", "hello").stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let claimants: Vec<_> = (0..20).map(|_| claim()).collect();
    let codes: Vec<_> = claimants.into_iter().map(|mut c| c.wait().unwrap().code()).collect();
    assert!(codes.contains(&Some(0)), "{codes:?}");
    assert_eq!(lines(&stage, "count"), 1, "{codes:?}");
    assert_eq!(stage.ok(&["log", "PLAN", "--json"]).matches("\"step_started\"").count(), 1);
}

/// A provider of one flag: its value, and the bodies it was sent.
struct Provider {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/flag?token=sesame", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(vec![]));
        let kept = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || answer(stream, &kept));
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn binding(&self, more: &str) -> String {
        let at = &self.address;
        format!("[[flag]]\nname = \"PAY_ENABLED\"\nread = \"{at}\"\nwrite = \"{at}\"\n{more}")
    }
}

fn answer(stream: TcpStream, heard: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap_or(0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut heard = heard.lock().unwrap();
    if first.starts_with("PUT") {
        heard.push(String::from_utf8(body).unwrap());
    }
    let value = heard.last().cloned().unwrap_or_else(|| "{\"value\":false}".to_owned());
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{value}", value.len());
    let _ = reader.into_inner().write_all(answer.as_bytes());
}

#[test]
fn a_flag_is_read_and_changed_once_its_request_was_confirmed() {
    let provider = Provider::start();
    let stage = stage(&provider.binding(""));
    let set = |yes: &str| run(&stage, &["flag", "set", "PLAN", "PAY_ENABLED", "on", "--yes", yes]);
    let (code, _, err) = set("launch-PAY_ENABLED-true");
    assert!(code == 12 && err.contains("nobody allowed"), "{err}");
    let (code, dry, _) = run(&stage, &["flag", "set", "PLAN", "PAY_ENABLED", "on", "--dry-run"]);
    assert!(
        code == 0 && dry.starts_with("PUT http://127.0.0.1") && dry.ends_with("{\"value\":true}\n"),
        "{dry}"
    );
    assert!(!dry.contains("sesame"), "{dry}");
    run(&stage, &["allow", "PLAN", "--yes"]);
    assert_eq!(stage.ok(&["flag", "get", "PLAN", "PAY_ENABLED"]), "false\n");
    let (code, _, err) = set("launch-PAY_ENABLED-false");
    assert!(code == 12 && err.contains("exactly launch-PAY_ENABLED-true"), "{err}");
    assert_eq!(provider.heard(), Vec::<String>::new());
    let (code, out, err) = set("launch-PAY_ENABLED-true");
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(provider.heard(), ["{\"value\":true}"]);
    let get: Value = stage.json(&["flag", "get", "PLAN", "PAY_ENABLED", "--json"]);
    assert_eq!(get["value"], true);
    let log = stage.ok(&["log", "PLAN", "--json"]);
    assert!(log.contains("flag_change_ended") && !log.contains("sesame"), "{log}");
    let (code, _, err) = run(&stage, &["flag", "set", "PLAN", "NOPE", "on", "--yes", "x"]);
    assert!(code == 2 && err.contains("no flag"), "{err}");
}

#[test]
fn a_guarded_flag_takes_two_people_once_for_each_change() {
    let provider = Provider::start();
    let stage = stage(&provider.binding("two_people = true\n"));
    run(&stage, &["allow", "PLAN", "--yes"]);
    let set = || {
        let args =
            ["flag", "set", "PLAN", "PAY_ENABLED", "on", "--yes", "launch-PAY_ENABLED-true", "--as", "ana"];
        run(&stage, &args)
    };
    assert_eq!((set().0, provider.heard().len()), (12, 0));
    let waiting = &stage.json(&["runs", "PLAN", "--json"])["proposals"][0];
    let (id, phrase) = (waiting["proposal"].as_str().unwrap(), waiting["phrase"].as_str().unwrap());
    assert_eq!(run(&stage, &["approve", "PLAN", id, "--yes", phrase, "--as", "bo"]).0, 0);
    let (code, out, err) = set();
    assert_eq!((code, provider.heard().len()), (0, 1), "{out}{err}");
    assert_eq!((set().0, provider.heard().len()), (12, 1), "the next one is proposed again");
}

#[test]
fn an_observer_reaches_no_lever_by_any_subcommand() {
    let provider = Provider::start();
    let stage = stage(&provider.binding(BINDING));
    run(&stage, &["allow", "PLAN", "--yes"]);
    stage.ok(&["note", "PLAN", "there is a room"]);
    let config = stage.state.join("config/warroom");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("config.toml"), "[user]\nrole = \"observer\"\n").unwrap();
    let before = stage.ok(&["log", "PLAN", "--json"]);
    let flag = ["flag", "set", "PLAN", "PAY_ENABLED", "on", "--yes", "launch-PAY_ENABLED-true"];
    let id = "00000000-0000-0000-0000-000000000000";
    for (args, wanted) in [
        (&flag[..], 13),
        (&["run", "PLAN", "emergency", "--yes", "launch-1"], 13),
        (&["run", "PLAN", "slow", "--step", "1", "--yes", "launch-1"], 13),
        (&["approve", "PLAN", id, "--yes", "x"], 13),
        (&["resolve", "PLAN", id, "done", "--reason", "x"], 13),
        (&["stop", "PLAN"], 13),
        (&["tick", "PLAN", ":5"], 13),
        (&["note", "PLAN", "x"], 13),
    ] {
        let (code, _, err) = run(&stage, args);
        assert_eq!(code, wanted, "{args:?}: {err}");
    }
    for args in [
        &["replay", "PLAN"][..],
        &["status", "PLAN"],
        &["log", "PLAN"],
        &["runs", "PLAN"],
        &["check", "PLAN"],
    ] {
        run(&stage, args);
    }
    assert_eq!(stage.ok(&["log", "PLAN", "--json"]), before, "nothing was recorded");
    assert_eq!((provider.heard().len(), lines(&stage, "count"), lines(&stage, "slow")), (0, 0, 0));
    assert!(!stage.state.join("runs").exists());
}

#[test]
fn an_end_that_is_found_is_recorded_and_ends_its_run() {
    let stage = stage("");
    stage.write(&PLAN.replace("echo over", "exit 3"));
    run(&stage, &["allow", "PLAN", "--yes"]);
    let mut child = stage
        .command(&["run", "PLAN", "slow", "--yes", "launch-1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("it runs", || lines(&stage, "slow") == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    let state = || stage.json(&["runs", "PLAN", "--json"])["runs"][0].clone();
    until("it is over", || state()["state"] == "step 1 is over and not recorded");
    let id = state()["run"].as_str().unwrap().to_owned();
    let (code, out, err) = run(&stage, &["resolve", "PLAN", &id, "done", "--reason", "guess"]);
    assert!(code == 12 && err.contains("its own end: exit 3"), "{out}{err}");
    assert_eq!(state()["ended"], "failed", "its end stands, and the run does not stay open");
}

#[test]
fn an_observer_does_not_run_the_line_that_reads_a_flag() {
    let binding = "[[flag]]\nname = \"PAY_ENABLED\"\nprovider = \"command\"\n\
                   read = \"echo x >> asked; echo true\"\nwrite = \": $W_VALUE\"\n";
    let stage = stage(binding);
    run(&stage, &["allow", "PLAN", "--yes"]);
    let get = ["flag", "get", "PLAN", "PAY_ENABLED"];
    assert_eq!((run(&stage, &get).0, lines(&stage, "asked")), (0, 1));
    let config = stage.state.join("config/warroom");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("config.toml"), "[user]\nrole = \"observer\"\n").unwrap();
    let (code, _, err) = run(&stage, &get);
    assert!(code == 13 && lines(&stage, "asked") == 1, "{err}");
}

#[test]
fn what_became_of_a_flag_is_not_said_while_its_command_runs() {
    let binding = "[[flag]]\nname = \"PAY_ENABLED\"\nprovider = \"command\"\nread = \"echo false\"\n\
                   write = \"echo $W_VALUE >> wrote; sleep 600\"\ntimeout = \"900s\"\n";
    let stage = stage(binding);
    run(&stage, &["allow", "PLAN", "--yes"]);
    let mut child = stage
        .command(&["flag", "set", "PLAN", "PAY_ENABLED", "on", "--yes", "launch-PAY_ENABLED-true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("it runs", || lines(&stage, "wrote") == 1);
    let (code, _, err) = run(&stage, &["resolve", "PLAN", "PAY_ENABLED", "done", "--reason", "guess"]);
    assert!(code == 12 && err.contains("still runs"), "{err}");
    assert_eq!(run(&stage, &["stop", "PLAN"]).0, 0);
    child.wait().unwrap();
}
