//! Crashes at every place of a run, of the screen and of the supervisor: nothing runs twice, and
//! whatever is found afterwards is an end or an honest "unknown".
//!
//! More with `WARROOM_CRASHES=5000 cargo test --test runs crash`.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use uuid::Uuid;
use warroom::levers::run::{Ending, StepOutcome};
use warroom::levers::runs::Standing;

use super::stage::{Stage, heard, kill, quiet, supervisor};

/// Crashes in the test suite.
const CRASHES: usize = 200;

/// Where a process dies by itself; the first six are the screen's.
const PLACES: &[&str] = &[
    "before-intent",
    "intent-beside",
    "intent-unsynced",
    "after-intent",
    "after-supervisor",
    "after-end",
    "before-claim",
    "after-claim",
    "after-spawn",
    "beside-child",
    "after-child",
    "after-output",
    "before-result",
    "beside-result.json",
    "after-result",
];

/// Whom somebody else kills, at an instant that nobody chose.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Killed {
    Nobody,
    Screen,
    Supervisor,
    Both,
}

const KILLED: &[Killed] = &[Killed::Screen, Killed::Supervisor, Killed::Both];

/// Not a test: the screen that dies. It runs one step and waits for its end.
#[test]
#[ignore = "is run by the crashes"]
fn screen() {
    let (Some(state), Ok(ticket)) =
        (std::env::var_os("WARROOM_CRASH_STATE"), std::env::var("WARROOM_CRASH_RUN"))
    else {
        return;
    };
    let stage = Stage::at(state.as_ref());
    let ticket: Uuid = ticket.parse().unwrap();
    let (levers, reports) = stage.levers();
    levers.run_step(ticket, stage.step(&command(ticket)));
    heard(&reports);
}

/// Counts itself, says something before and after.
fn command(ticket: Uuid) -> String {
    format!("echo begun; echo x >> ran-{ticket}; sleep 0.02; echo done")
}

fn start(stage: &Stage, ticket: Uuid, place: &str) -> Child {
    let mut screen = Command::new(std::env::current_exe().unwrap());
    screen.args(["--exact", "crash::screen", "--ignored"]);
    screen.env("WARROOM_CRASH_STATE", &stage.state).env("WARROOM_CRASH_RUN", ticket.to_string());
    screen.env("WARROOM_FAILPOINT", place);
    screen.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// One run with one crash; what a later screen says of it, and how often the command ran.
fn crash(stage: &Stage, ticket: Uuid, place: &str, killed: Killed, after: Duration) -> (StepOutcome, usize) {
    let mut screen = start(stage, ticket, place);
    let folder = stage.folder(ticket);
    if killed != Killed::Nobody {
        std::thread::sleep(after);
        if killed != Killed::Screen {
            supervisor(&folder).into_iter().for_each(kill);
        }
        if killed != Killed::Supervisor {
            screen.kill().unwrap();
        }
    }
    let status = screen.wait().unwrap();
    if PLACES[..6].contains(&place) {
        use std::os::unix::process::ExitStatusExt as _;
        assert_eq!(status.signal(), Some(9), "{place} is on the way");
    }
    let outcome = stage.attach(ticket).outcome;
    let standing = quiet(&folder);
    let ran = stage.count(&format!("ran-{ticket}"));
    let again = stage.attach(ticket).outcome;
    let unknown = |o: &StepOutcome| matches!(o, StepOutcome::Unknown(_));
    assert!(again == outcome || unknown(&again) && unknown(&outcome), "{outcome:?} became {again:?}");
    if standing != Standing::Absent {
        // Whoever asks for it once more gets its end, not another execution.
        let (levers, reports) = stage.levers();
        levers.run_step(ticket, stage.step(&command(ticket)));
        heard(&reports);
    }
    assert_eq!(stage.count(&format!("ran-{ticket}")), ran, "{place} {killed:?}: it ran after its end");
    (outcome, ran)
}

#[test]
fn wherever_a_run_crashes_nothing_runs_twice_and_nothing_is_made_up() {
    if !cfg!(debug_assertions) {
        return eprintln!("SKIPPED: only debug builds can crash on purpose");
    }
    let crashes = std::env::var("WARROOM_CRASHES").ok().and_then(|n| n.parse().ok()).unwrap_or(CRASHES);
    let stage = Stage::new();
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for crash_number in 0..crashes {
        // Three of four at a place, the rest at any instant.
        let (place, killed) = match crash_number % 4 {
            3 => ("", KILLED[crash_number / 4 % KILLED.len()]),
            _ => (PLACES[crash_number % PLACES.len()], Killed::Nobody),
        };
        let after = Duration::from_micros((crash_number as u64 * 7_919) % 90_000);
        let (outcome, ran) = crash(&stage, Uuid::now_v7(), place, killed, after);
        assert!(ran <= 1, "{place} {killed:?}: it ran {ran} times");
        match &outcome {
            StepOutcome::Finished(ending) => {
                assert_eq!((ending, ran), (&Ending::Exit(0), 1), "{place} {killed:?}");
            }
            StepOutcome::Unknown(_) => {}
            other => panic!("{place} {killed:?}: {other:?}"),
        }
        let word = if matches!(outcome, StepOutcome::Unknown(_)) { "unknown" } else { "finished" };
        *seen.entry(format!("{place}{killed:?} {word}, ran {ran}")).or_default() += 1;
    }
    eprintln!("{seen:#?}");
    let any = |word: &str| seen.keys().any(|k| k.contains(word));
    assert!(any("finished, ran 1") && any("unknown, ran 0") && any("unknown, ran 1"), "{seen:#?}");
}
