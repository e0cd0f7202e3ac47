//! Runs: no step twice by any way of asking, and a plan full of traps through a whole rehearsal.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use uuid::Uuid;

use super::{Levers, PATIENCE, Report, levers};
use crate::levers::executor::{Execution, Executor, RehearsalExecutor};
use crate::levers::provider::Limits;
use crate::levers::resolve::{World, resolve};
use crate::levers::run::{Ending, NotNow, Run, Step, StepOutcome, StepState, Whole, steps};
use crate::plan::{self, Command, Plan, Procedure, ProcedureKind};

fn procedure(commands: &[usize]) -> Procedure {
    let step = |(n, count): (usize, &usize)| plan::Step {
        text: format!("step {n}"),
        line: n + 1,
        commands: vec![Command { text: "x".to_owned(), ..Command::default() }; *count],
    };
    Procedure {
        id: "p".into(),
        title: "Roll back".to_owned(),
        kind: ProcedureKind::Rollback,
        target: None,
        every: None,
        steps: commands.iter().enumerate().map(step).collect(),
        commands: vec![],
        line: 1,
    }
}

#[test]
fn loose_commands_are_steps_and_nothing_is_no_run() {
    let mut mixed = procedure(&[1, 0]);
    let loose = |text: &str, line| Command { text: text.to_owned(), line, ..Command::default() };
    mixed.commands = vec![loose("# Say so\necho", 1), loose("last", 9), loose("first", 0)];
    let texts: Vec<_> = steps(&mixed).iter().map(|s| (s.number(), s.text().to_owned())).collect();
    let wanted = ["first", "step 0", "Say so", "step 1", "last"];
    assert_eq!(texts, wanted.map(str::to_owned).into_iter().enumerate().collect::<Vec<_>>());
    assert_eq!(Run::of(&procedure(&[])), None);
}

#[test]
fn a_run_goes_step_by_step_and_knows_its_end() {
    let mut run = Run::of(&procedure(&[1, 0, 1])).unwrap();
    assert_eq!(run.start(2), Err(NotNow::NotNext(0)));
    run.start(0).unwrap();
    assert_eq!(
        (run.next(), run.whole(), run.clone().tick(0)),
        (None, Whole::Running, Err(NotNow::Unsettled(0)))
    );
    run.finish(0, StepOutcome::Finished(Ending::Exit(0))).unwrap();
    assert_eq!(run.start(1), Err(NotNow::ByHand(1)));
    run.tick(1).unwrap();
    assert_eq!((run.start(0), run.whole()), (Err(NotNow::Over(0)), Whole::Open));
    run.start(2).unwrap();
    let mut bad = run.clone();
    run.finish(2, StepOutcome::Finished(Ending::Rehearsed)).unwrap();
    assert_eq!((run.whole(), run.next()), (Whole::Succeeded, None));
    bad.finish(2, StepOutcome::Finished(Ending::Exit(1))).unwrap();
    assert_eq!(bad.whole(), Whole::Failed);
}

#[test]
fn after_a_crash_a_person_has_to_say_what_became_of_it() {
    let mut run = Run::of(&procedure(&[1, 1])).unwrap();
    run.start(0).unwrap();
    run.lose();
    assert_eq!(
        (run.whole(), run.next(), run.clone().start(0)),
        (Whole::Unknown, None, Err(NotNow::Begun(0)))
    );
    assert_eq!(run.start(1), Err(NotNow::Unsettled(0)));
    run.tick(0).unwrap();
    run.stop();
    assert_eq!((run.whole(), run.start(1)), (Whole::Aborted, Err(NotNow::Over(1))));
    let mut left_out = Run::of(&procedure(&[1])).unwrap();
    left_out.skip(0).unwrap();
    assert_eq!(left_out.whole(), Whole::Aborted, "a run that did nothing is no success");
}

/// Something that can happen to a run.
#[derive(Clone, Debug)]
enum Act {
    Start(usize),
    Finish(usize, StepOutcome),
    Tick(usize),
    Skip(usize),
    Stop,
    Lose,
}

fn outcomes() -> impl Strategy<Value = StepOutcome> {
    prop_oneof![
        (-1..3).prop_map(|code| StepOutcome::Finished(Ending::Exit(code))),
        Just(StepOutcome::Finished(Ending::Signal(9))),
        Just(StepOutcome::Finished(Ending::NotStarted("no".to_owned()))),
        Just(StepOutcome::Finished(Ending::Rehearsed)),
        Just(StepOutcome::TimedOut),
        Just(StepOutcome::Aborted),
        Just(StepOutcome::Unknown("?".to_owned())),
    ]
}

fn acts() -> impl Strategy<Value = Act> {
    let step = 0..6usize;
    prop_oneof![
        4 => step.clone().prop_map(Act::Start),
        4 => (step.clone(), outcomes()).prop_map(|(n, o)| Act::Finish(n, o)),
        2 => step.clone().prop_map(Act::Tick),
        1 => step.prop_map(Act::Skip),
        1 => prop_oneof![3 => Just(Act::Lose), 1 => Just(Act::Stop)],
    ]
}

fn settled(state: &StepState) -> bool {
    !matches!(state, StepState::Waiting | StepState::Started | StepState::Unknown(_))
}

proptest! {
    #[test]
    fn no_step_is_started_twice_and_what_is_settled_stays(
        shape in prop::collection::vec(0..3usize, 1..6),
        acts in prop::collection::vec(acts(), 0..60),
    ) {
        let mut run = Run::of(&procedure(&shape)).unwrap();
        let mut started = vec![0; shape.len()];
        for act in acts {
            let before = run.clone();
            let done = match act.clone() {
                Act::Start(n) => run.start(n).map(|()| started[n] += 1),
                Act::Finish(n, outcome) => run.finish(n, outcome),
                Act::Tick(n) => run.tick(n),
                Act::Skip(n) => run.skip(n),
                Act::Stop => { run.stop(); Ok(()) }
                Act::Lose => { run.lose(); Ok(()) }
            };
            prop_assert!(done.is_ok() || run == before, "a refused act changed something: {act:?}");
            for (was, is) in before.steps().iter().zip(run.steps()) {
                prop_assert!(!settled(&was.1) || was.1 == is.1, "{act:?}: {was:?} became {is:?}");
                prop_assert!(was.1 == StepState::Waiting || is.1 != StepState::Waiting);
            }
            let next = run.next().map(Step::number);
            prop_assert!(next.is_none() || run.whole() == Whole::Open);
            prop_assert!(run.steps().iter().filter(|(_, s)| *s == StepState::Started).count() <= 1);
        }
        prop_assert!(started.iter().all(|n| *n <= 1), "{started:?}");
        if run.steps().iter().all(|(_, s)| settled(s)) {
            prop_assert!(matches!(run.whole(), Whole::Succeeded | Whole::Failed | Whole::Aborted));
        }
    }
}

/// Counts how often it is asked, and never comes to an end.
struct Endless(Arc<AtomicUsize>);

impl Executor for Endless {
    fn execute<'a>(&'a self, _: &'a Step, output: &'a dyn Fn(String)) -> Execution<'a> {
        self.0.fetch_add(1, Ordering::SeqCst);
        output("at \u{1b}[31mwork".to_owned());
        Box::pin(std::future::pending())
    }
}

fn finished(heard: &Receiver<Report>) -> (usize, StepOutcome, Vec<String>) {
    let mut lines = vec![];
    loop {
        match heard.recv_timeout(PATIENCE).unwrap() {
            Report::Output { line, .. } => lines.push(line),
            Report::StepFinished { step, outcome, .. } => return (step, outcome, lines),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_step_is_executed_once_and_stopped_at_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let (levers, heard) = levers(vec![], Some(Box::new(Endless(Arc::clone(&count)))), Limits::default());
    let (ticket, step) = (Uuid::now_v7(), steps(&procedure(&[1])).remove(0));
    levers.run_step(ticket, step.clone());
    levers.run_step(ticket, step.clone());
    let Report::Output { line, .. } = heard.recv_timeout(PATIENCE).unwrap() else { panic!() };
    assert_eq!(line, "at ^[[31mwork");
    let began = Instant::now();
    levers.abort(Uuid::now_v7());
    levers.abort(ticket);
    assert_eq!(finished(&heard).1, StepOutcome::Aborted);
    assert!(began.elapsed() < Duration::from_secs(5));
    levers.run_step(ticket, step.clone());
    levers.read("nothing");
    assert!(matches!(heard.recv_timeout(PATIENCE).unwrap(), Report::FlagRead { .. }), "not executed again");
    assert_eq!(count.load(Ordering::SeqCst), 1);
    levers.run_step(Uuid::now_v7(), step);
    levers.abort_all();
    assert_eq!(finished(&heard).1, StepOutcome::Aborted);
}

#[test]
fn an_executor_that_breaks_leaves_an_unknown_and_a_missing_one_says_so() {
    struct Broken;
    impl Executor for Broken {
        fn execute<'a>(&'a self, _: &'a Step, _: &'a dyn Fn(String)) -> Execution<'a> {
            panic!("on purpose")
        }
    }
    let step = steps(&procedure(&[1])).remove(0);
    let (levers, heard) = super::levers(vec![], Some(Box::new(Broken)), Limits::default());
    levers.run_step(Uuid::now_v7(), step.clone());
    assert!(matches!(finished(&heard).1, StepOutcome::Unknown(_)));
    let (levers, heard) = super::levers(vec![], None, Limits::default());
    levers.run_step(Uuid::now_v7(), step);
    assert!(matches!(finished(&heard).1, StepOutcome::Finished(Ending::NotStarted(_))));
}

/// A plan whose every command leaves a trace, were it executed or called.
fn traps(folder: &Path, port: u16) -> String {
    let (file, url) = (folder.join("sprung").display().to_string(), format!("http://127.0.0.1:{port}"));
    format!(
        "# Traps\n\n## Rollback Procedures\n\n### Emergency Rollback (P0)\n\n\
         1. **Wipe**\n   ```bash\n   rm -rf {0}\n   touch {file}\n   ```\n\
         2. **Call**\n   ```bash\n   curl -X POST {url}/down -d 'x'\n   ```\n\
         3. **Substitute**\n   ```bash\n   echo $(touch {file}) `touch {file}` ; wget {url} | sh\n   ```\n\
         4. Look at it\n\n\
         ### Partial Rollback (P1)\n\n```sh\n# Again\ntouch '{file}' && curl {url}/again\n```\n\n\
         ## Deployment\n\n### Rollout Commands\n\n```bash\ncat > {file} <<EOF\n$(touch {file})\nEOF\n```\n",
        folder.join("precious").display(),
    )
}

fn rehearsed(levers: &Levers, heard: &Receiver<Report>, procedure: &Procedure) -> (Whole, Vec<String>) {
    let (ticket, mut output) = (Uuid::now_v7(), vec![]);
    let mut run = Run::of(procedure).unwrap();
    while let Some(step) = run.next().cloned() {
        if step.commands().is_empty() {
            run.tick(step.number()).unwrap();
            continue;
        }
        run.start(step.number()).unwrap();
        levers.run_step(ticket, step);
        let (number, outcome, lines) = finished(heard);
        run.finish(number, outcome).unwrap();
        output.extend(lines);
    }
    (run.whole(), output)
}

fn trapped(folder: &Path, port: u16) -> Plan {
    std::fs::write(folder.join("precious"), "still here").unwrap();
    let plan = plan::read(traps(folder, port).as_bytes(), "traps");
    let commands = plan.procedures.iter().flat_map(steps).map(|s| s.commands().len()).sum::<usize>();
    assert!(plan.procedures.len() >= 3 && commands >= 5, "the traps are laid: {:#?}", plan.procedures);
    plan
}

#[test]
fn a_rehearsal_springs_no_trap() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let plan = trapped(folder.path(), listener.local_addr().unwrap().port());
    let (levers, heard) = levers(vec![], Some(Box::new(RehearsalExecutor::new(100.0))), Limits::default());
    for procedure in &plan.procedures {
        let (whole, output) = rehearsed(&levers, &heard, procedure);
        assert_eq!(whole, Whole::Succeeded);
        assert!(output.iter().all(|l| l.starts_with("rehearsal: ")), "{output:#?}");
        assert!(output.iter().any(|l| l.contains("not executed: ")), "{output:#?}");
    }
    let path = std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect::<Vec<_>>();
    let resolved = resolve(
        &plan,
        &World { path: &path, is_set: &|_| false, blanks: &std::collections::BTreeMap::new() },
    );
    assert!(resolved.len() >= 5);
    let called = listener.accept().map(|(_, from)| from);
    assert!(called.is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock), "somebody called");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().map(|f| f.file_name()).collect();
    assert_eq!(left, ["precious"], "a command was executed");
}

#[test]
fn a_rehearsal_takes_the_same_short_time_every_time() {
    let step = steps(&procedure(&[3])).remove(0);
    assert_eq!(RehearsalExecutor::new(1.0).lasts(&step), Duration::from_millis(1300));
    assert_eq!(RehearsalExecutor::new(10.0).lasts(&step), Duration::from_millis(130));
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(RehearsalExecutor::new(speed).lasts(&step), Duration::from_millis(1300), "{speed}");
    }
}

#[test]
fn nothing_in_this_module_can_start_a_process() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/levers");
    let mut read = 0;
    for file in std::fs::read_dir(folder).unwrap().flatten().filter(|f| f.path().is_file()) {
        let text = std::fs::read_to_string(file.path()).unwrap();
        for word in [
            "std::process",
            "tokio::process",
            "process::Command",
            "Command::new",
            "posix_spawn",
            "fork(",
            "execv",
            "spawn(",
        ] {
            let found = text.lines().find(|l| l.contains(word) && !l.contains(".spawn(work)"));
            assert_eq!(found, None, "{:?} names {word}", file.file_name());
        }
        read += 1;
    }
    assert!(read > 8, "the sources were found");
}
