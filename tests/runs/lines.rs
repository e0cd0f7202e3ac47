//! Flags that commands keep: read by one line, changed by another under a supervisor, and what is said
//! where a line fails, hangs or says too much.

use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;
use warroom::levers::runs::{Standing, look};
use warroom::levers::{Levers, Outcome, Report};

use super::stage::{PATIENCE, Stage, until};

/// A stage with a flag whose value lies in a file.
fn stage(more: &str) -> Stage {
    let mut stage = Stage::new();
    let cwd = stage.state.display().to_string();
    let text = format!(
        "[[flag]]\nname = 'pay'\nprovider = 'command'\nread = 'cat pay'\n\
         write = 'echo x >> ran; printf %s \"$W_VALUE\" > pay; echo set'\ncwd = '{cwd}'\n{more}"
    );
    stage.binding = toml::from_str(&text).unwrap();
    std::fs::write(stage.file("pay"), "off\n").unwrap();
    stage
}

fn changed_line(stage: &mut Stage, read: Option<&str>, write: Option<&str>) {
    let flag = &mut stage.binding.flags[0];
    flag.read = read.map_or_else(|| flag.read.clone(), str::to_owned);
    flag.write = write.map_or_else(|| flag.write.clone(), str::to_owned);
}

fn read(levers: &Levers, reports: &Receiver<Report>) -> Result<Value, String> {
    levers.read("pay");
    match reports.recv_timeout(PATIENCE).unwrap() {
        Report::FlagRead { value, .. } => value,
        other => panic!("{other:?}"),
    }
}

fn end(reports: &Receiver<Report>) -> (Outcome, Vec<String>) {
    let mut lines = vec![];
    loop {
        match reports.recv_timeout(PATIENCE).unwrap() {
            Report::Output { line, .. } => lines.push(line),
            Report::FlagChanged { outcome, .. } => return (outcome, lines),
            other => panic!("{other:?}"),
        }
    }
}

fn set(stage: &Stage, to: Value) -> (Outcome, Vec<String>) {
    let (levers, reports) = stage.levers();
    levers.change(Uuid::now_v7(), levers.plan("pay", &to).unwrap());
    end(&reports)
}

fn unknown(outcome: Outcome) -> String {
    if let Outcome::Unknown(why) = outcome { why } else { panic!("{outcome:?}") }
}

#[test]
fn a_line_reads_it_and_a_line_sets_it_once() {
    let stage = stage("");
    let (levers, reports) = stage.levers();
    assert_eq!(read(&levers, &reports), Ok(json!(false)));
    let (ticket, change) = (Uuid::now_v7(), levers.plan("pay", &json!(true)).unwrap());
    let shown = change.request.shown().join("\n");
    assert!(
        shown.contains("printf %s \"$W_VALUE\" > pay") && shown.contains("W_VALUE is \"true\""),
        "{shown}"
    );
    levers.change(ticket, change.clone());
    levers.change(ticket, change.clone());
    let (outcome, lines) = end(&reports);
    let Outcome::Done { read_back, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((read_back, lines, stage.count("ran")), (json!(true), vec!["set".to_owned()], 1));
    // The same ticket in another process: its folder says that it was done.
    let (levers, reports) = stage.levers();
    levers.change(ticket, change);
    assert!(matches!(end(&reports).0, Outcome::Failed(why) if why.contains("reads true now, not false")));
    assert_eq!(stage.count("ran"), 1);
    assert!(matches!(look(&stage.folder(ticket)), Standing::Over(_)));
    let (outcome, _) = set(&stage, json!(false));
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
}

#[test]
fn what_a_line_does_not_say_is_not_known() {
    let mut stage = stage("");
    for (write, why) in [
        ("echo \"$W_VALUE\" no; exit 3", "its command ended with exit 3; it reads false"),
        ("kill -KILL $$; echo \"$W_VALUE\"", "its command was ended by signal 9; it reads false"),
        ("echo \"$W_VALUE\"; sleep 60", "its command took too long and was ended; it reads false"),
        ("echo \"$W_VALUE\" > elsewhere", "the provider took the change, but it still reads false"),
    ] {
        changed_line(&mut stage, None, Some(write));
        // Reading has as long as writing.
        stage.binding.flags[0].timeout = Some(if write.contains("sleep") { 2.0 } else { 60.0 });
        let told = unknown(set(&stage, json!(true)).0);
        assert!(told.contains(why), "{write}: {told}");
    }
    stage.binding.flags[0].cwd = "/nowhere".to_owned();
    let (outcome, _) = set(&stage, json!(true));
    assert!(matches!(&outcome, Outcome::Failed(why) if why.contains("nowhere is not there")), "{outcome:?}");
}

#[test]
fn a_reading_that_fails_says_why_and_is_ended_in_time() {
    let mut stage = stage("");
    for (line, why) in [
        ("echo no >&2; exit 4", "ended with exit status: 4: no"),
        ("true", "prints nothing"),
        ("echo 7", "first line that its command prints is neither true nor false"),
        ("trap '' TERM; sleep 60; echo on", "took more than 0.3 s and was ended"),
        ("yes | head -c 9000000; echo on", "first line"),
    ] {
        changed_line(&mut stage, Some(line), None);
        stage.binding.flags[0].timeout = Some(if line.contains("sleep") { 0.3 } else { 60.0 });
        let (levers, reports) = stage.levers();
        let began = Instant::now();
        let told = read(&levers, &reports).unwrap_err();
        assert!(told.contains(why), "{line}: {told}");
        assert!(began.elapsed() < Duration::from_secs(50), "{line}");
    }
    assert!(!Path::new(&stage.state).join("runs").exists(), "a reading leaves nothing");
}

#[test]
fn what_a_reading_leaves_behind_is_ended_with_it() {
    let mut stage = stage("");
    changed_line(&mut stage, Some("(sleep 0.3; echo x >> late) & echo on"), None);
    let (levers, reports) = stage.levers();
    assert_eq!(read(&levers, &reports), Ok(json!(true)));
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(stage.count("late"), 0);
}

#[test]
fn a_secret_of_a_line_is_struck_out() {
    // Nothing else here has a value that everybody knows.
    let home = std::env::var("HOME").unwrap();
    let mut stage = stage("env = ['HOME']\n");
    changed_line(&mut stage, Some("echo \"no $HOME\" >&2; exit 1"), None);
    let (levers, reports) = stage.levers();
    let told = read(&levers, &reports).unwrap_err();
    assert!(told.contains("no …") && !told.contains(&home), "{told}");
    changed_line(&mut stage, Some("cat pay"), Some("echo \"$HOME $W_VALUE\"; printf %s \"$W_VALUE\" > pay"));
    let (_, lines) = set(&stage, json!(true));
    assert_eq!(lines, ["… true"]);
}

#[test]
fn a_stop_ends_a_line_and_what_came_of_it_is_not_known() {
    let mut stage = stage("");
    changed_line(&mut stage, None, Some("echo begun \"$W_VALUE\"; sleep 60"));
    let (levers, reports) = stage.levers();
    let ticket = Uuid::now_v7();
    levers.change(ticket, levers.plan("pay", &json!(true)).unwrap());
    assert!(matches!(reports.recv_timeout(PATIENCE).unwrap(), Report::Output { .. }));
    levers.abort(ticket);
    let told = unknown(end(&reports).0);
    assert!(told.contains("its command was stopped; it reads false"), "{told}");
}

#[test]
fn a_change_outlives_whoever_began_it() {
    let mut stage = stage("");
    let line = "echo begun; while [ ! -e go ]; do sleep 0.01; done; printf %s \"$W_VALUE\" > pay";
    changed_line(&mut stage, None, Some(line));
    let (levers, reports) = stage.levers();
    levers.change(Uuid::now_v7(), levers.plan("pay", &json!(true)).unwrap());
    assert!(matches!(reports.recv_timeout(PATIENCE).unwrap(), Report::Output { .. }));
    drop((levers, reports));
    std::fs::write(stage.file("go"), "").unwrap();
    until("the flag", || (std::fs::read_to_string(stage.file("pay")).unwrap() == "true").then_some(()));
}

#[test]
fn a_rehearsal_and_whoever_only_looks_run_no_line() {
    let stage = stage("");
    let begin: [fn(std::sync::Arc<_>, _) -> Levers; 2] = [
        |binding, report: Box<dyn Fn(Report) + Send + Sync>| Levers::rehearse(binding, 1.0, report),
        |b, r| Levers::start(b, r),
    ];
    for begin in begin {
        let (say, reports) = std::sync::mpsc::channel();
        let binding = std::sync::Arc::new(stage.binding.clone());
        let levers = begin(binding, Box::new(move |report| drop(say.send(report))));
        assert!(read(&levers, &reports).unwrap_err().contains("nothing here runs commands"));
        levers.change(Uuid::now_v7(), levers.plan("pay", &json!(true)).unwrap());
        assert!(matches!(end(&reports).0, Outcome::Failed(why) if why.contains("nothing was sent")));
    }
    assert_eq!(stage.count("ran"), 0);
}
