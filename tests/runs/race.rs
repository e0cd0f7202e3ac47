//! Many who want to run the same step at once: one does.
//!
//! More with `WARROOM_RACES=1000 cargo test --test runs race`.

use std::path::Path;
use std::process::{Command, Stdio};

use uuid::Uuid;
use warroom::levers::run::{Ending, Step, StepOutcome};

use super::stage::{PROGRAM, Stage, heard, quiet};

/// How often in the test suite.
const RACES: usize = 50;

/// So many at once.
const CLAIMANTS: usize = 20;

fn races() -> usize {
    std::env::var("WARROOM_RACES").ok().and_then(|n| n.parse().ok()).unwrap_or(RACES)
}

/// A step that was begun and that nobody has claimed.
fn unclaimed(stage: &Stage, step: &Step) -> Uuid {
    let ticket = Uuid::now_v7();
    let (levers, reports) = stage.levers_by(stage.runs().by(Path::new("/bin/true"), stage.grace));
    levers.run_step(ticket, step.clone());
    let outcome = heard(&reports).outcome;
    assert!(matches!(outcome, StepOutcome::Finished(Ending::NotStarted(_))), "{outcome:?}");
    std::fs::remove_file(stage.folder(ticket).join("claim")).unwrap();
    ticket
}

fn supervise(folder: &Path, digest: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("supervise").arg(folder).arg(digest);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn of_twenty_claimants_one_runs_it() {
    let stage = Stage::new();
    for race in 0..races() {
        let counter = format!("ran-{race}");
        let step = stage.step(&format!("echo x >> {counter}"));
        let (folder, digest) = (stage.folder(unclaimed(&stage, &step)), step.script().unwrap().digest());
        let started: Vec<_> = (0..CLAIMANTS).map(|_| supervise(&folder, &digest).spawn().unwrap()).collect();
        let codes: Vec<_> = started.into_iter().map(|mut c| c.wait().unwrap().code()).collect();
        assert_eq!(codes.iter().filter(|c| **c == Some(0)).count(), 1, "{codes:?}");
        assert_eq!(codes.iter().filter(|c| **c == Some(14)).count(), CLAIMANTS - 1, "{codes:?}");
        assert_eq!(stage.count(&counter), 1);
    }
}

#[test]
fn of_many_screens_one_begins_it_and_all_hear_its_end() {
    let stage = Stage::new();
    for race in 0..races().div_ceil(10) {
        let (ticket, step) = (Uuid::now_v7(), stage.step(&format!("echo x >> ran-{race}; exit 3")));
        let screens: Vec<_> = (0..CLAIMANTS).map(|_| stage.levers()).collect();
        screens.iter().for_each(|(levers, _)| levers.run_step(ticket, step.clone()));
        for (_, reports) in &screens {
            assert_eq!(heard(reports).outcome, StepOutcome::Finished(Ending::Exit(3)));
        }
        assert_eq!(stage.count(&format!("ran-{race}")), 1);
    }
}

#[test]
fn what_was_swapped_after_it_was_confirmed_does_not_run() {
    let stage = Stage::new();
    let step = stage.step("echo x >> good");
    let digest = step.script().unwrap().digest();
    let other = stage.step("echo x >> evil");
    let folder = stage.folder(unclaimed(&stage, &other));
    let code = |digest: &str| supervise(&folder, digest).status().unwrap().code();
    assert_eq!(code(&digest), Some(12), "another step, and its own digest");
    let intent = std::fs::read_to_string(folder.join("intent.json")).unwrap();
    let digests = intent.replace(&other.script().unwrap().digest(), &digest);
    std::fs::write(folder.join("intent.json"), digests).unwrap();
    assert_eq!(code(&digest), Some(12), "another step under the confirmed digest");
    assert_eq!((stage.count("good"), stage.count("evil")), (0, 0));
}

#[test]
fn what_was_made_void_never_runs() {
    let stage = Stage::new();
    let step = stage.step("echo x >> ran");
    let (folder, digest) = (stage.folder(unclaimed(&stage, &step)), step.script().unwrap().digest());
    assert!(warroom::levers::runs::void(&folder).unwrap());
    assert_eq!(supervise(&folder, &digest).status().unwrap().code(), Some(14));
    quiet(&folder);
    assert_eq!(stage.count("ran"), 0);
}

#[test]
fn what_was_said_to_be_unknown_without_a_trace_never_runs_later() {
    let stage = Stage::new();
    let (ticket, step) = (Uuid::now_v7(), stage.step("echo x >> ran"));
    assert!(matches!(stage.attach(ticket).outcome, StepOutcome::Unknown(_)));
    let (levers, reports) = stage.levers();
    levers.run_step(ticket, step.clone());
    assert!(matches!(heard(&reports).outcome, StepOutcome::Unknown(_)));
    let late = Uuid::now_v7();
    levers.run_step_by(late, step.clone(), chrono::Utc::now() - chrono::TimeDelta::seconds(1));
    let outcome = heard(&reports).outcome;
    assert!(matches!(outcome, StepOutcome::Finished(Ending::NotStarted(_))), "{outcome:?}");
    let (other, reports) = stage.levers();
    other.run_step(late, step);
    assert!(matches!(heard(&reports).outcome, StepOutcome::Unknown(_)), "nor by anybody else");
    assert_eq!(stage.count("ran"), 0);
}
