//! `warroom follow`: the watch without a screen, over a source of our own on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use super::stage::Stage;

const PLAN: &str = "\
# Launch

## Phase 1: Canary (Hours 0-2)

- [ ] Deploy to canary

## Alerts

| Severity | Condition |
|---|---|
| P1 | Error rate > 5% |
";

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers every instant query with one number.
struct Server {
    value: Arc<AtomicU64>,
    port: u16,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let value = Arc::new(AtomicU64::new(1));
        let said = Arc::clone(&value);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut lines = BufReader::new(stream);
                let mut line = String::new();
                while lines.read_line(&mut line).is_ok_and(|n| n > 2) {
                    line.clear();
                }
                let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
                let value = said.load(Ordering::SeqCst);
                let body = format!(
                    r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[{now},"{value}"]}}]}}}}"#
                );
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                // Whoever asked may be gone.
                let _ = lines.get_mut().write_all((head + &body).as_bytes());
            }
        });
        Self { value, port }
    }

    fn says(&self, value: u64) {
        self.value.store(value, Ordering::SeqCst);
    }
}

fn stage(server: &Server) -> Stage {
    let stage = Stage::new();
    stage.write(PLAN);
    let toml = format!(
        "[[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:{}\"\nevery = 1\n\n\
         [[signal]]\nname = \"Error rate\"\nsource = \"prom\"\nquery = \"e\"\n",
        server.port
    );
    std::fs::write(stage.plan.with_file_name("warroom.toml"), toml).unwrap();
    stage
}

/// A `follow` and its lines.
struct Follow {
    child: Child,
    lines: Receiver<Value>,
}

impl Follow {
    fn start(stage: &Stage) -> Self {
        let mut child = stage
            .command(&["follow", "PLAN", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                drop(sender.send(serde_json::from_str(&line).expect("a JSON object a line")));
            }
        });
        Self { child, lines }
    }

    /// The first line that is meant.
    fn wait(&self, what: &str, meant: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|e| panic!("{what}: {e}"));
            if meant(&line) {
                return line;
            }
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    fn code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is(kind: &'static str) -> impl Fn(&Value) -> bool {
    move |line| line["type"] == kind
}

#[test]
fn one_holds_the_watch_the_other_waits_and_takes_over() {
    let server = Server::start();
    let stage = stage(&server);
    stage.ok(&["allow", "PLAN", "--yes"]);
    let mut first = Follow::start(&stage);
    first.wait("it has the watch", |l| l["watch"]["mine"] == true);
    let second = Follow::start(&stage);
    let waits = second.wait("the other waits", |l| l["watch"]["mine"] == false);
    assert!(waits["watch"]["holder"].as_str().unwrap().starts_with("follow@"), "{waits}");
    server.says(9);
    let fired = first.wait("it fires", is("alert_fired"));
    assert_eq!((fired["signal"].as_str(), fired["value"].as_f64()), (Some("Error rate"), Some(9.0)));
    let heard = second.wait("the other hears", is("alert_fired"));
    assert_eq!(heard["seq"], fired["seq"], "one event, seen by both");
    first.signal("-TERM");
    assert_eq!(first.code(), Some(143));
    second.wait("it takes over", |l| l["watch"]["mine"] == true);
    server.says(1);
    second.wait("it is over", is("alert_resolved"));
    let log = stage.ok(&["log", "PLAN", "--json"]);
    assert_eq!(log.matches("\"alert_fired\"").count(), 1, "{log}");
}

#[test]
fn every_way_of_stopping_has_its_code() {
    let server = Server::start();
    let stage = stage(&server);
    stage.ok(&["allow", "PLAN", "--yes"]);
    let ways = [("-INT", 130), ("-HUP", 129), ("-TERM", 143)];
    // Below `nohup` a hang-up is ignored, and stays so.
    for (signal, code) in ways.into_iter().filter(|(signal, _)| *signal != "-HUP" || !hang_up_is_ignored()) {
        let mut follow = Follow::start(&stage);
        follow.wait("it has the watch", |l| l["watch"]["mine"] == true);
        follow.signal(signal);
        assert_eq!(follow.code(), Some(code));
    }
}

/// Whether whoever started this test had it ignore SIGHUP (bit 0 of the mask).
fn hang_up_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|l| l.strip_prefix("SigIgn:"));
    let ignored = mask.is_some_and(|m| u64::from_str_radix(m.trim(), 16).is_ok_and(|bits| bits & 1 == 1));
    if ignored {
        eprintln!("SKIPPED: a hang-up is ignored here, so nothing is proven of it");
    }
    ignored
}

#[test]
fn it_goes_on_when_nobody_reads() {
    let server = Server::start();
    let stage = stage(&server);
    stage.ok(&["allow", "PLAN", "--yes"]);
    let mut child =
        stage.command(&["follow", "PLAN"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("holding the watch") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "it ended");
    }
    drop(out);
    server.says(9);
    let mut log = stage.follow(&["log", "PLAN", "--follow", "--json"]);
    while log.line()["type"] != "alert_fired" {}
    child.kill().unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    child.wait().unwrap();
    assert!(err.contains("the watch goes on"), "{err}");
}

#[test]
fn nothing_is_measured_before_it_was_allowed() {
    let server = Server::start();
    let stage = stage(&server);
    let (code, _, err) = stage.run(&["follow", "PLAN"]);
    assert_eq!(code, 12, "{err}");
    assert!(err.contains("warroom allow"), "{err}");
}
