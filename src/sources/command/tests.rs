use std::path::Path;

use rustix::process::{Pid, test_kill_process};
use tokio::time::{Instant, sleep};

use super::*;
use crate::plan::binding::{Source, SourceKind};

const LONG: Duration = Duration::from_secs(30);

fn shell(line: &str) -> Shell {
    let source = Source { command: Some(line.to_owned()), ..Source::new("c", SourceKind::Command, "", 5.0) };
    Shell::of(&source, "")
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

async fn ask(shell: &Shell, query: &str, within: Duration) -> Result<Vec<Sample>, Fault> {
    read(&run(shell, within).await?, query)
}

fn asked(line: &str, query: &str, within: Duration) -> Result<Option<f64>, String> {
    let told = block_on(ask(&shell(line), query, within));
    told.map(|samples| samples.first().map(|s| s.value)).map_err(|f| f.what)
}

#[test]
fn an_output_is_read_as_the_query_wants() {
    let json = r#"{"queue": {"depth": 12, "old": "3.5", "on": true, "none": null}, "all": [1, 2]}"#;
    for (text, query, wanted) in [
        (" 42.5\n", "", Ok(Some(42.5))),
        ("NaN", "", Ok(Some(f64::NAN))),
        ("", "", Ok(None)),
        ("a 1\nqueue depth 17\n", "queue depth", Ok(Some(17.0))),
        ("errors: 3\nwarnings = 4", "warnings", Ok(Some(4.0))),
        (json, "$.queue.depth", Ok(Some(12.0))),
        (json, "$.queue.old", Ok(Some(3.5))),
        (json, "$.queue.on", Ok(Some(1.0))),
        (json, "$.queue.none", Ok(None)),
        (json, "$.nothing", Ok(None)),
        ("1_000", "", Err("prints no number but 1_000")),
        ("0x10", "", Err("prints no number")),
        ("a 1", "b", Err("prints no line that begins with b")),
        (json, "$.all[*]", Err("has 2 values")),
        (json, "$.queue", Err("has no number at")),
        ("<html>", "$.a", Err("prints no JSON")),
        ("{}", "$.[", Err("cannot be read by")),
    ] {
        match (value(text, query), wanted) {
            (Ok(Some(is)), Ok(Some(wanted))) if is.is_nan() && wanted.is_nan() => {}
            (Ok(is), Ok(wanted)) => assert_eq!(is, wanted, "{text} {query}"),
            (Err(fault), Err(part)) => assert!(fault.what.contains(part), "{}", fault.what),
            (is, wanted) => panic!("{text} {query}: {is:?}, not {wanted:?}"),
        }
    }
}

#[test]
fn a_real_command_is_asked_and_its_failure_told() {
    assert_eq!(asked("echo 3; echo noise >&2", "", LONG), Ok(Some(3.0)));
    let fails = asked("echo one >&2; printf 'no \\033[31mred\\n\\n' >&2; exit 3", "", LONG).unwrap_err();
    assert!(fails.contains("exit status: 3: no ") && fails.contains("red"), "{fails:?}");
    assert!(!fails.contains('\u{1b}'), "{fails:?}");
    assert!(asked("false; echo 1", "", LONG).is_err(), "the first failure ends it");
    assert!(asked("echo $NOT_SET_AT_ALL", "", LONG).is_err(), "so does a variable that is not set");
    assert!(asked("read line; echo 1", "", LONG).is_err(), "nothing can be typed");
    assert!(asked("kill -9 $$", "", LONG).unwrap_err().contains("signal: 9"));
    assert!(asked("yes", "", LONG).unwrap_err().contains("more than 64 KiB"));
    assert!(asked("head -c 100 /dev/urandom", "", LONG).is_err());
}

#[test]
fn it_sees_few_variables_and_those_it_was_promised() {
    let names = "env | grep -cE '^(CARGO|RUST|SECRET)' || true";
    assert_eq!(asked(names, "", LONG), Ok(Some(0.0)), "cargo set some for us");
    let mut source = Source::new("c", SourceKind::Command, "", 5.0);
    source.command = Some("test -n \"$CARGO_PKG_NAME\"; echo \"$CARGO_PKG_NAME\" >&2; exit 1".into());
    source.env = vec!["CARGO_PKG_NAME".into()];
    let shell = Shell::of(&source, "/");
    assert!(shell.hidden().contains(&"warroom".to_owned()));
    let fault = block_on(ask(&shell, "", LONG)).unwrap_err();
    assert!(fault.what.ends_with("warroom"), "it got it: {}", fault.what);
}

#[test]
fn a_working_folder_that_is_not_there_is_named() {
    let source = Source { command: Some("pwd".into()), ..Source::new("c", SourceKind::Command, "", 5.0) };
    let fault = block_on(ask(&Shell::of(&source, "/no/such/folder"), "", LONG)).unwrap_err();
    assert!(fault.what.contains("/no/such/folder"), "{}", fault.what);
}

/// Whether a process is there, and be it as a zombie.
fn is_there(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap();
    let id = Pid::from_raw(text.trim().parse().unwrap()).unwrap();
    test_kill_process(id).is_ok()
}

async fn gone(path: &Path) {
    let end = Instant::now() + LONG;
    while is_there(path) {
        assert!(Instant::now() < end, "{} still runs", path.display());
        sleep(Duration::from_millis(10)).await;
    }
}

async fn written(path: &Path) {
    let end = Instant::now() + LONG;
    while !std::fs::read_to_string(path).is_ok_and(|t| t.ends_with('\n')) {
        assert!(Instant::now() < end, "{} never came", path.display());
        sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn one_that_hangs_is_ended_with_all_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let (leader, child, said) =
        (folder.path().join("leader"), folder.path().join("child"), folder.path().join("said"));
    let line = format!(
        "trap 'echo asked > {said}; exit 1' TERM; echo $$ > {leader}; \
         (trap '' TERM; while :; do sleep 600; done) & echo $! > {child}; while :; do sleep 0.05 || true; done",
        said = said.display(),
        leader = leader.display(),
        child = child.display(),
    );
    block_on(async {
        let fault = ask(&shell(&line), "", Duration::from_secs(5)).await.unwrap_err();
        assert_eq!(fault.kind, Kind::Silent, "{}", fault.what);
        assert!(!is_there(&leader), "its leader was reaped before the answer came");
        gone(&child).await;
        assert!(said.exists(), "it was asked first");
    });
}

#[test]
fn one_that_is_given_up_leaves_no_zombie() {
    let folder = tempfile::tempdir().unwrap();
    let (leader, child) = (folder.path().join("leader"), folder.path().join("child"));
    let line = format!("echo $$ > {}; sleep 600 & echo $! > {}; wait", leader.display(), child.display());
    block_on(async {
        let shell = shell(&line);
        let asked = ask(&shell, "", LONG);
        tokio::select! {
            told = asked => panic!("{told:?}"),
            () = written(&child) => {}
        }
        assert!(!is_there(&leader), "neither runs nor waits to be reaped");
        gone(&child).await;
    });
}

#[test]
fn what_it_leaves_in_the_background_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let child = folder.path().join("child");
    let line = format!("sleep 600 & echo $! > {}; echo 5", child.display());
    assert_eq!(asked(&line, "", LONG), Ok(Some(5.0)), "though the child holds its output open");
    block_on(gone(&child));
}
