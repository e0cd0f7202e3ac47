//! How steps end, and what is said of each end.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use uuid::Uuid;
use warroom::levers::Report;
use warroom::levers::run::{Ending, StepOutcome};
use warroom::levers::runs::{Standing, look};
use warroom::plan::binding::Blank;

use super::stage::{Stage, heard, kill, supervisor, until};

fn exit(code: i32) -> StepOutcome {
    StepOutcome::Finished(Ending::Exit(code))
}

#[test]
fn each_end_is_told_from_the_others() {
    let stage = Stage::new();
    for (block, outcome, lines) in [
        ("echo a; echo b >&2; printf c", exit(0), "a b c"),
        ("echo a\nfalse\necho b", exit(1), "a"),
        ("echo a; exit 7", exit(7), "a"),
        ("kill -SEGV $$", StepOutcome::Finished(Ending::Signal(11)), ""),
        ("cat; echo end", exit(0), "end"),
        ("if (: < /dev/tty) 2> /dev/null; then echo tty; else echo none; fi", exit(0), "none"),
        ("printf 'a\\033[31mb\\r\\n\\377\\n'", exit(0), "a^[[31mb \u{fffd}"),
        ("pwd", exit(0), stage.state.canonicalize().unwrap().to_str().unwrap()),
    ] {
        let heard = stage.run(block);
        assert_eq!((heard.outcome, heard.lines.join(" ").as_str()), (outcome, lines), "{block}");
    }
}

#[test]
fn what_cannot_start_is_no_exit_code() {
    let mut stage = Stage::new();
    stage.binding.room.cwd = "nowhere".to_owned();
    let StepOutcome::Finished(Ending::NotStarted(why)) = stage.run("echo a").outcome else { panic!() };
    assert!(why.contains("nowhere is not there"), "{why}");
    stage.binding.room.cwd.clear();
    let (levers, reports) = stage.levers_by(stage.runs().by(Path::new("/no/such/program"), stage.grace));
    let ticket = Uuid::now_v7();
    levers.run_step(ticket, stage.step("echo x >> ran"));
    let outcome = heard(&reports).outcome;
    assert!(matches!(outcome, StepOutcome::Finished(Ending::NotStarted(_))), "{outcome:?}");
    assert_eq!((look(&stage.folder(ticket)), stage.count("ran")), (Standing::Void, 0));
    // A value that no system call takes.
    stage.blank("huge", Blank::Text("x".repeat(200_000)));
    let StepOutcome::Finished(Ending::NotStarted(why)) = stage.run("echo [huge]").outcome else { panic!() };
    assert!(why.contains("could not be started: Argument list too long"), "{why}");
}

#[test]
fn what_takes_too_long_is_ended_with_its_whole_group() {
    let stage = Stage { timeout: Duration::from_millis(200), ..Stage::new() };
    let began = Instant::now();
    let heard = stage
        .run("trap '' TERM\necho begun\n(trap '' TERM; sleep 30; echo late >> ran) &\nsleep 30; sleep 30");
    assert_eq!((heard.outcome, heard.lines), (StepOutcome::TimedOut, vec!["begun".to_owned()]));
    assert!(began.elapsed() >= Duration::from_millis(500), "the grace was kept: {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn what_is_stopped_may_tidy_up_and_is_aborted() {
    let stage = Stage { grace: Duration::from_secs(30), ..Stage::new() };
    let (levers, reports) = stage.levers();
    let ticket = Uuid::now_v7();
    levers.run_step(
        ticket,
        stage.step("trap 'echo tidy; exit 0' TERM\necho begun\nwhile :; do sleep 0.01; done"),
    );
    assert!(matches!(reports.recv().unwrap(), Report::Output { line, .. } if line == "begun"));
    levers.abort(ticket);
    let heard = heard(&reports);
    assert_eq!((heard.outcome, heard.lines.last()), (StepOutcome::Aborted, Some(&"tidy".to_owned())));
    assert_eq!(stage.attach(ticket).outcome, StepOutcome::Aborted);
}

#[test]
fn stopped_at_the_end_there_is_one_verdict() {
    let stage = Stage::new();
    for delay in 0..30 {
        let (levers, reports) = stage.levers();
        let ticket = Uuid::now_v7();
        levers.run_step(ticket, stage.step("sleep 0.02"));
        std::thread::sleep(Duration::from_millis(delay * 2));
        levers.abort(ticket);
        let outcome = heard(&reports).outcome;
        assert!([exit(0), StepOutcome::Aborted].contains(&outcome), "{outcome:?}");
        assert_eq!(stage.attach(ticket).outcome, outcome);
    }
}

#[test]
fn what_escapes_is_named_and_keeps_its_output() {
    let stage = Stage::new();
    let heard = stage
        .run("setsid sh -c 'while [ ! -e go ]; do sleep 0.01; done; echo more && echo x >> went' &\necho a");
    assert_eq!(heard.outcome, exit(0));
    let left = heard.lines.iter().find(|l| l.starts_with("still running: pid ")).unwrap();
    assert!(left.contains("(sh)") && !left.contains("-e go"), "a program without arguments: {left}");
    std::fs::write(stage.file("go"), "").unwrap();
    until("the escaped one's end", || (stage.count("went") == 1).then_some(()));
}

#[test]
fn a_flood_is_kept_at_both_ends_and_holds_up_nobody() {
    let stage = Stage::new();
    let (levers, reports) = stage.levers();
    let ticket = Uuid::now_v7();
    levers.run_step(ticket, stage.step("echo first\nyes | head -c 60000000\necho last"));
    let heard = heard(&reports);
    assert_eq!(heard.outcome, exit(0));
    assert_eq!(
        (heard.lines.first().unwrap().as_str(), heard.lines.last().unwrap().as_str()),
        ("first", "last")
    );
    assert!(heard.lines.iter().any(|l| l.contains("came too fast")) && heard.lines.len() < 100_000);
    let Standing::Over(verdict) = look(&stage.folder(ticket)) else { panic!() };
    assert_eq!(verdict.printed, 60_000_000 + 11);
    let kept = std::fs::metadata(stage.folder(ticket).join("output")).unwrap().len();
    assert_eq!(kept, warroom::levers::runs::WHOLE);
}

#[test]
fn nobody_else_can_read_what_lies_there() {
    let stage = Stage::new();
    let (levers, reports) = stage.levers();
    let ticket = Uuid::now_v7();
    levers.run_step(ticket, stage.step("echo a"));
    heard(&reports);
    let mode = |at: &Path| std::fs::metadata(at).unwrap().permissions().mode() & 0o777;
    let folder = stage.folder(ticket);
    assert_eq!((mode(&folder), mode(folder.parent().unwrap())), (0o700, 0o700));
    let names: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().map(|f| f.path()).collect();
    assert!(names.len() >= 5, "{names:?}");
    names.iter().for_each(|file| assert_eq!(mode(file), 0o600, "{file:?}"));
}

#[test]
fn a_run_outlives_its_screen_and_a_later_one_finds_it() {
    let stage = Stage::new();
    let ticket = Uuid::now_v7();
    let (levers, reports) = stage.levers();
    levers.run_step(
        ticket,
        stage.step("echo begun\nwhile [ ! -e go ]; do sleep 0.01; done\necho x >> ran\necho end"),
    );
    assert!(matches!(reports.recv().unwrap(), Report::Output { .. }));
    drop((levers, reports));
    let folder = stage.folder(ticket);
    let pid = rustix::process::Pid::from_raw(supervisor(&folder).unwrap().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    assert_eq!(look(&folder), Standing::Running);
    let (levers, reports) = stage.levers();
    levers.attach(ticket, 0);
    assert!(matches!(reports.recv().unwrap(), Report::Output { line, .. } if line == "begun"));
    std::fs::write(stage.file("go"), "").unwrap();
    let found = heard(&reports);
    assert_eq!((found.outcome, found.lines), (exit(0), vec!["end".to_owned()]));
    let again = stage.attach(ticket);
    assert_eq!((again.outcome, again.lines.join(" ").as_str()), (exit(0), "begun end"));
    let (levers, reports) = stage.levers();
    levers.run_step(ticket, stage.step("echo x >> ran"));
    assert_eq!((heard(&reports).outcome, stage.count("ran")), (exit(0), 1), "never twice");
}

#[test]
fn what_lost_its_supervisor_is_unknown_and_named_while_it_lives() {
    let stage = Stage::new();
    let ticket = Uuid::now_v7();
    let (levers, reports) = stage.levers();
    levers.run_step(ticket, stage.step("echo begun\nwhile [ ! -e go ]; do sleep 0.01; done"));
    assert!(matches!(reports.recv().unwrap(), Report::Output { .. }));
    let folder = stage.folder(ticket);
    until("the child's note", || folder.join("child").exists().then_some(()));
    kill(supervisor(&folder).unwrap());
    let StepOutcome::Unknown(why) = heard(&reports).outcome else { panic!() };
    assert!(why.contains("still running: pid "), "{why}");
    std::fs::write(stage.file("go"), "").unwrap();
    assert_eq!(super::stage::quiet(&folder), Standing::Lost(vec![]));
    assert!(matches!(stage.attach(ticket).outcome, StepOutcome::Unknown(_)));
}

#[test]
fn what_is_over_is_tidied_up_and_nothing_else() {
    let stage = Stage::new();
    let run = |block: &str| {
        let (levers, reports) = stage.levers();
        let ticket = Uuid::now_v7();
        levers.run_step(ticket, stage.step(block));
        (ticket, heard(&reports))
    };
    let (over, escaped) = (run("echo a").0, run("setsid sh -c 'while [ ! -e go ]; do sleep 0.01; done' &").0);
    let (open, lost, kept) = (Uuid::now_v7(), Uuid::now_v7(), run("echo b").0);
    let (levers, reports) = stage.levers();
    for ticket in [open, lost] {
        levers.run_step(ticket, stage.step("echo begun\nwhile [ ! -e go ]; do sleep 0.01; done"));
        assert!(matches!(reports.recv().unwrap(), Report::Output { .. }));
    }
    kill(supervisor(&stage.folder(lost)).unwrap());
    until("the loss", || matches!(look(&stage.folder(lost)), Standing::Lost(_)).then_some(()));
    let runs = stage.runs();
    std::fs::create_dir(stage.file("runs/.over-x")).unwrap();
    let all = [over, escaped, open, lost, Uuid::now_v7()].map(|ticket| (ticket, 0));
    assert_eq!(runs.tidy(&all), 1, "only what is over, without anything alive");
    assert!(!stage.folder(over).exists() && !stage.file("runs/.over-x").exists());
    std::fs::write(stage.file("go"), "").unwrap();
    until("the end", || {
        (runs.tidy(&all) == 2)
            .then_some(())
            .or((!stage.folder(escaped).exists() && !stage.folder(open).exists()).then_some(()))
    });
    super::stage::quiet(&stage.folder(lost));
    assert_eq!(runs.tidy(&all), 0);
    assert!(stage.folder(lost).exists(), "what is unknown stays");
    assert!(stage.folder(kept).exists(), "what no journal has an end for stays");
}

#[test]
fn whoever_comes_stops_what_another_began() {
    let stage = Stage::new();
    let (levers, reports) = stage.levers();
    let (ticket, later) = (Uuid::now_v7(), Uuid::now_v7());
    levers.run_step(ticket, stage.step("echo begun; sleep 600"));
    assert!(matches!(reports.recv().unwrap(), Report::Output { .. }));
    let runs = stage.runs();
    let wait = |seconds| Duration::from_secs(seconds);
    let stopper = {
        let (runs, steps) =
            (runs.clone(), vec![(ticket, 0, wait(0)), (later, 0, wait(60)), (Uuid::now_v7(), 0, wait(0))]);
        std::thread::spawn(move || runs.stop(steps))
    };
    assert_eq!(heard(&reports).outcome, StepOutcome::Aborted);
    levers.run_step(later, stage.step("echo begun; sleep 600"));
    assert_eq!(heard(&reports).outcome, StepOutcome::Aborted, "it was about to begin");
    assert_eq!(stopper.join().unwrap(), [(ticket, 0), (later, 0)]);
    assert_eq!(runs.stop(vec![(ticket, 0, wait(0))]), []);
}

/// A step that was run, with one of its files changed.
fn tampered(change: impl Fn(&Path)) -> StepOutcome {
    let stage = Stage::new();
    let ticket = Uuid::now_v7();
    let (levers, reports) = stage.levers();
    levers.run_step(ticket, stage.step("echo a"));
    assert_eq!(heard(&reports).outcome, exit(0));
    change(&stage.folder(ticket));
    stage.attach(ticket).outcome
}

#[test]
fn what_cannot_be_trusted_is_unknown() {
    let edit = |file: &'static str, from: &'static str, to: &'static str| {
        move |folder: &Path| {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            assert!(text.contains(from), "{text}");
            std::fs::write(folder.join(file), text.replace(from, to)).unwrap();
        }
    };
    let is_unknown = |outcome| assert!(matches!(outcome, StepOutcome::Unknown(_)), "{outcome:?}");
    is_unknown(tampered(|folder| std::fs::write(folder.join("result.json"), "{\"tick").unwrap()));
    is_unknown(tampered(edit("result.json", "sha256:", "sha256:0")));
    is_unknown(tampered(|folder| {
        std::fs::rename(folder.join("result.json"), folder.join("x")).unwrap();
        std::os::unix::fs::symlink("x", folder.join("result.json")).unwrap();
    }));
    is_unknown(tampered(|folder| std::fs::remove_file(folder.join("result.json")).unwrap()));
    is_unknown(tampered(|folder| std::fs::remove_dir_all(folder).unwrap()));
    is_unknown(tampered(|folder| {
        std::fs::remove_file(folder.join("result.json")).unwrap();
        // This process, on another boot.
        let claim = std::fs::read_to_string(folder.join("claim")).unwrap();
        let mut claim: serde_json::Value = serde_json::from_str(&claim).unwrap();
        claim["by"] = serde_json::to_value(warroom::levers::runs::Process::this()).unwrap();
        claim["by"]["boot"] = "another boot".into();
        std::fs::write(folder.join("claim"), claim.to_string()).unwrap();
    }));
}

/// Measures: `cargo test --release --test runs -- --ignored from_the_key --nocapture`.
#[test]
#[ignore = "a machine that does other things is slower"]
fn from_the_key_to_the_process_it_is_short() {
    let stage = Stage::new();
    let (levers, reports) = stage.levers();
    levers.run_step(Uuid::now_v7(), stage.step("echo a"));
    heard(&reports);
    let mut took: Vec<_> = (0..200)
        .map(|n| {
            let (step, file) = (stage.step(&format!("echo > begun-{n}")), stage.file(&format!("begun-{n}")));
            let began = Instant::now();
            levers.run_step(Uuid::now_v7(), step);
            while !file.exists() {
                std::thread::sleep(Duration::from_micros(200));
            }
            let took = began.elapsed();
            heard(&reports);
            took
        })
        .collect();
    took.sort();
    eprintln!("p50 {:?}, p99 {:?}", took[100], took[197]);
    assert!(took[197] < Duration::from_millis(50), "{took:?}");
}
