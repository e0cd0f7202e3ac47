//! Runs: no step twice by any way of asking, and a plan full of traps through a whole rehearsal.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::{Levers, PATIENCE, Report, levers};
use crate::levers::executor::{Execution, Executor, RehearsalExecutor, Task};
use crate::levers::resolve::{World, resolve};
use crate::levers::run::{Ending, Step, StepOutcome, steps};
use crate::levers::wire::Limits;
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
    assert!(steps(&procedure(&[])).is_empty());
}

/// Counts how often it is asked, and never comes to an end.
struct Endless(Arc<AtomicUsize>);

impl Executor for Endless {
    fn execute<'a>(&'a self, _: &'a Step, mut task: Task<'a>) -> Execution<'a> {
        self.0.fetch_add(1, Ordering::SeqCst);
        (task.output)("at \u{1b}[31mwork".to_owned());
        Box::pin(async move {
            task.stop.asked().await;
            StepOutcome::Aborted
        })
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
        fn execute<'a>(&'a self, _: &'a Step, _: Task<'a>) -> Execution<'a> {
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

fn rehearsed(levers: &Levers, heard: &Receiver<Report>, procedure: &Procedure) -> Vec<String> {
    let (ticket, mut output) = (Uuid::now_v7(), vec![]);
    for step in steps(procedure).into_iter().filter(|s| !s.commands().is_empty()) {
        levers.run_step(ticket, step);
        let (_, outcome, lines) = finished(heard);
        assert_eq!(outcome, StepOutcome::Finished(Ending::Rehearsed));
        output.extend(lines);
    }
    output
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
        let output = rehearsed(&levers, &heard, procedure);
        assert!(output.iter().all(|l| l.starts_with("rehearsal: ")), "{output:#?}");
        assert!(output.iter().any(|l| l.contains("not executed: ")), "{output:#?}");
    }
    let path = std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect::<Vec<_>>();
    let resolved = resolve(
        &plan,
        &World { path: &path, is_set: &|_| false, blanks: &std::collections::BTreeMap::new(), base_url: "" },
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
fn one_file_alone_can_start_a_process() {
    const STARTS: &[&str] =
        &["Command::new", "process::Command", "posix_spawn", "fork(", "execv", "Stdio", "tokio::process"];
    let starts = |text: &str| STARTS.iter().any(|word| text.contains(word));
    let (mut folders, mut able, mut read) = (vec![sources()], vec![], 0);
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().flatten().map(|f| f.path()) {
            match path.is_dir() {
                true if path.ends_with("tests") => {}
                true => folders.push(path),
                false => {
                    read += 1;
                    able.extend(starts(&std::fs::read_to_string(&path).unwrap()).then_some(path));
                }
            }
        }
    }
    assert!(read > 20, "the sources were found");
    assert_eq!(able, [sources().join("runs/spawn.rs")]);
}

/// Where the levers are written down.
fn sources() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/levers")
}
