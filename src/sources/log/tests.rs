use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use super::*;
use crate::plan::binding::Source;

const LONG: Duration = Duration::from_secs(30);

#[test]
fn lines_are_cut_whatever_they_hold() {
    let mut lines = Lines::default();
    let mut seen: Vec<String> = vec![];
    for bytes in [&b"one\ntw"[..], b"o\r\n\n", b"bad \xff\xfe bytes\n", b"unfinished"] {
        lines.feed(bytes, |line| seen.push(line.to_owned()));
    }
    assert_eq!(seen, ["one", "two", "", "bad \u{fffd}\u{fffd} bytes"]);
    let mut long = Lines::default();
    let mut lengths = vec![];
    for _ in 0..100 {
        long.feed(&[b'x'; 10_000], |line| lengths.push(line.len()));
    }
    long.feed(b" end\nnext\n", |line| lengths.push(line.len()));
    assert_eq!(lengths, [LONGEST, 4], "an endless line costs no memory and counts once");
}

#[test]
fn matches_count_for_a_minute() {
    let mut watch = Watch::new(0, 1.0, "/time(d )?out|refused/").unwrap();
    let start = Instant::now();
    let at = |s: u64| start + Duration::from_secs(s);
    for (second, line) in [(0, "it timed out"), (10, "fine"), (30, "refused"), (30, "timeout")] {
        watch.look(line, at(second), &[]);
    }
    let counts: Vec<f64> = [30, 59, 60, 89, 90].map(|s| watch.count(at(s))).to_vec();
    assert_eq!(counts, [3.0, 3.0, 2.0, 2.0, 0.0]);
}

#[test]
fn a_plain_text_is_no_expression_and_a_wrong_one_is_told() {
    let mut plain = Watch::new(0, 1.0, "cost (EUR) [x]").unwrap();
    plain.look("a cost (EUR) [x]", Instant::now(), &[]);
    assert_eq!(plain.count(Instant::now()), 1.0);
    let why = Watch::new(0, 1.0, "/(/").err().unwrap();
    assert!(why.contains("/(/ is no regular expression"), "{why}");
    assert!(Watch::new(0, 1.0, "").is_err());
}

#[test]
fn kept_lines_are_few_short_and_clean() {
    let mut watch = Watch::new(0, 1.0, "x").unwrap();
    for n in 0..100 {
        watch.look(
            &format!("{n} x \u{1b}[31m sesame {}", "y".repeat(5000)),
            Instant::now(),
            &["sesame".into()],
        );
    }
    assert_eq!(watch.last.len(), KEPT);
    let last = watch.last.back().unwrap();
    assert!(last.starts_with("99 x") && last.chars().count() <= ROW + 20, "{last}");
    assert!(!last.contains('\u{1b}') && !last.contains("sesame"), "{last}");
}

/// A log that is followed on a thread of its own, and what it reports.
struct Followed {
    reports: Receiver<Report>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Followed {
    fn start(origin: Origin, queries: &[&str]) -> Self {
        let watches = queries.iter().enumerate().map(|(n, q)| Watch::new(n, 1.0, q).unwrap()).collect();
        let log = Log { title: "app log".into(), every: Duration::from_millis(20), origin, watches };
        let (send, reports) = channel();
        let send: Mutex<Sender<Report>> = Mutex::new(send);
        let sink: Sink = Arc::new(move |report| drop(send.lock().unwrap().send(report)));
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                drop(tokio::spawn(run(log, sink)));
                let _ = stopped.await;
            });
            runtime.shutdown_background();
        });
        Self { reports, stop: Some(stop), thread: Some(thread) }
    }

    fn until(&self, what: &str, mut is: impl FnMut(&Report) -> bool) -> Report {
        let end = Instant::now() + LONG;
        loop {
            let report =
                self.reports.recv_timeout(end - Instant::now()).unwrap_or_else(|_| panic!("never: {what}"));
            if is(&report) {
                return report;
            }
        }
    }

    fn count(&self, signal: usize, wanted: f64) {
        self.until(&format!("{wanted} of {signal}"), |report| {
            matches!(report, Report::Samples { signal: s, samples } if *s == signal && samples[0].value == wanted)
        });
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.stop = None;
        self.thread.take().unwrap().join().unwrap();
    }
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_file_is_followed_through_rotation_and_absence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    append(&path, "ERROR from before\n");
    let log = Followed::start(Origin::File(Tail::new(path.clone())), &["ERROR", "/warn/"]);
    log.count(0, 0.0);
    append(&path, "ERROR one\nwarn\nfine\n");
    log.count(0, 1.0);
    log.count(1, 1.0);
    std::fs::rename(&path, folder.path().join("old")).unwrap();
    let report = log.until("absence", |r| matches!(r, Report::Failed { .. }));
    let Report::Failed { why, .. } = report else { unreachable!() };
    assert!(why.starts_with("app log is not there"), "{why}");
    append(&path, "ERROR two\n");
    log.count(0, 2.0);
    append(&path, "ERROR three\n");
    let lines = log.until("lines", |r| matches!(r, Report::Lines { signal: 0, lines } if lines.len() == 3));
    assert!(matches!(lines, Report::Lines { lines, .. } if lines[2] == "ERROR three"));
}

#[test]
fn a_command_is_listened_to_started_again_and_ended_with_the_room() {
    let folder = tempfile::tempdir().unwrap();
    let (runs, gate) = (folder.path().join("runs"), folder.path().join("gate"));
    let line = format!(
        "echo $$ >> {runs}; echo 'ERROR here'; if test -e {gate}; then sleep 600; fi; echo broke >&2; exit 4",
        runs = runs.display(),
        gate = gate.display()
    );
    let source = Source { command: Some(line), ..Source::new("app", SourceKind::Log, "", 5.0) };
    let log = Followed::start(Origin::Command(Shell::of(&source, "")), &["ERROR"]);
    let report = log.until("its end", |r| matches!(r, Report::Failed { .. }));
    assert!(matches!(report, Report::Failed { why, .. } if why.contains("exit status: 4: broke")));
    std::fs::write(&gate, "").unwrap();
    log.count(0, 2.0);
    let ids = std::fs::read_to_string(&runs).unwrap();
    drop(log);
    for id in ids.lines() {
        let id = rustix::process::Pid::from_raw(id.parse().unwrap()).unwrap();
        assert!(rustix::process::test_kill_process(id).is_err(), "{id:?} is left over");
    }
}

const PLAN: &str = "\
# Stages

## Monitoring

- Watch the logs for \"Failed to recalculate opportunity stage\" errors

## Tasks

- [ ] Deploy
";

#[test]
fn what_a_plan_wants_watched_is_bound_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    append(&path, "Failed to recalculate opportunity stage: from last week\n");
    let plan = crate::plan::read(PLAN.as_bytes(), "stages");
    let drafted = crate::plan::draft::write(&plan, "", &Binding::default()).unwrap().text;
    let text = drafted.replacen("file = \"\"", &format!("file = {path:?}\nevery = \"100ms\""), 1);
    let binding = crate::levers::bound::read(&text).unwrap_or_else(|f| panic!("{f:#?}\n{text}")).reachable();
    let wanted = "Failed to recalculate opportunity stage";
    let signal = binding.place(wanted).unwrap_or_else(|| panic!("{text}"));
    let (send, reports) = channel();
    let send = Mutex::new(send);
    let hear = move |report| drop(send.lock().unwrap().send(report));
    let _sources = crate::sources::Sources::start(Arc::new(binding.clone()), hear).unwrap();
    let mut signals = crate::signal::Signals::new(&plan, &binding);
    let end = Instant::now() + LONG;
    let mut written = false;
    let value =
        |signals: &crate::signal::Signals| signals.series(signal).and_then(|s| s.last()).map(|s| s.value);
    while value(&signals).is_none_or(|v| v < 2.0) || signals.lines(signal).len() < 2 {
        match reports.recv_timeout(end - Instant::now()).expect("it is counted") {
            Report::Samples { signal, samples } => signals.take(signal, &samples),
            Report::Lines { signal, lines } => signals.keep_lines(signal, &lines),
            other => panic!("{other:?}"),
        }
        if !written {
            append(&path, "INFO fine\nERROR Failed to recalculate opportunity stage 7\n");
            append(&path, "ERROR Failed to recalculate opportunity stage 8\n");
            written = true;
        }
    }
    assert_eq!(value(&signals), Some(2.0));
    assert_eq!(signals.lines(signal)[1], "ERROR Failed to recalculate opportunity stage 8");
}
