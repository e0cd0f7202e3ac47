//! A metric bound from the Signals screen, from the unbound tile to the value on it, against a server
//! on loopback that answers as Prometheus does.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::harness::Pty;
use super::program;

const PLAN: &str = "\
# Checkout rollout

## Phase 1: Canary (Hours 0-2)

- [ ] Deploy the canary

## Alerts

| Severity | Condition |
|---|---|
| P1 | Error rate > 5% |
";

/// Where names of metrics are asked for, and what it is told.
type Names = fn(&mut TcpStream);

/// Answers every query with 0.031, a bad one as Prometheus does, and keeps what was asked.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(names: Names) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(vec![]));
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || answer(stream, &kept, names));
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(stream: TcpStream, kept: &Mutex<Vec<String>>, names: Names) {
    let mut lines = BufReader::new(stream);
    let (mut head, mut line) = (String::new(), String::new());
    while lines.read_line(&mut line).is_ok_and(|n| n > 2) {
        head += &line;
        line.clear();
    }
    let first = head.lines().next().unwrap_or_default().to_owned();
    kept.lock().unwrap().push(first.clone());
    let stream = lines.get_mut();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    let sample = format!("[{now},\"0.031\"]");
    if first.contains("/__name__/values") {
        names(stream);
    } else if first.contains("oops") {
        send(stream, "400 Bad Request", r#"{"status":"error","error":"1:5: parse error \u001b[2J at oops"}"#);
    } else if first.contains("query_range") {
        send(stream, "200 OK", &result("matrix", &format!("\"values\":[{sample}]")));
    } else {
        send(stream, "200 OK", &result("vector", &format!("\"value\":{sample}")));
    }
}

fn result(kind: &str, series: &str) -> String {
    format!(
        r#"{{"status":"success","data":{{"resultType":"{kind}","result":[{{"metric":{{}},{series}}}]}}}}"#
    )
}

fn send(stream: &mut TcpStream, status: &str, body: &str) {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    // Whoever asked may be gone.
    let _ = stream.write_all((head + body).as_bytes());
}

fn some_names(stream: &mut TcpStream) {
    send(
        stream,
        "200 OK",
        r#"{"status":"success","data":["checkout_errors_ratio","checkout_requests","up"]}"#,
    );
}

/// A gigabyte of names, as far as somebody takes it.
fn endless_names(stream: &mut TcpStream) {
    let _ =
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n");
    let chunk = "\"a_name\u{9b}2J\",".repeat(5_000);
    let mut left = (1_usize << 30) / chunk.len();
    let _ = stream.write_all(br#"{"status":"success","data":["#);
    while left > 0 && stream.write_all(chunk.as_bytes()).is_ok() {
        left -= 1;
    }
}

fn no_names(_: &mut TcpStream) {
    std::thread::sleep(std::time::Duration::from_secs(60));
}

/// A folder with a plan and its binding.
struct Stage {
    home: TempDir,
}

impl Stage {
    fn new(server: &Server) -> Self {
        let home = TempDir::new().unwrap();
        std::fs::write(home.path().join("checkout.md"), PLAN).unwrap();
        let stage = Self { home };
        std::fs::write(stage.path("warroom.toml"), file(server.port)).unwrap();
        stage
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }

    fn allow(&self) {
        let (plan, state) = (self.path("checkout.md"), self.path("state"));
        let words = ["allow", &plan, "--state", &state, "--yes"];
        assert!(
            Command::new(program())
                .args(words)
                .env("HOME", self.home.path())
                .output()
                .unwrap()
                .status
                .success()
        );
    }

    fn open(&self, words: &[&str]) -> Pty {
        let (plan, state) = (self.path("checkout.md"), self.path("state"));
        let words = [words, &[&plan, "--state", &state, "--as", "ana"]].concat();
        let mut pty =
            Pty::spawn(program(), &words, (100, 30), &[("HOME", self.home.path().to_str().unwrap())]);
        pty.wait_for("Checkout rollout");
        pty.wait_for("saved");
        pty
    }

    fn binding(&self) -> String {
        std::fs::read_to_string(self.path("warroom.toml")).unwrap()
    }
}

fn file(port: u16) -> String {
    format!(
        "# ours, keep it\n[[source]]\nname = \"metrics\" # eu-1\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:{port}\"\nevery = 1\n\n\
         # plan: line 11\n[[signal]]\nname = \"Error rate\"\nsource = \"metrics\"\nquery = \"\" # a guess: errors\n\n# the end\n"
    )
}

/// Back to the sources, and out of the box.
fn leave(pty: &mut Pty) {
    pty.keys("<esc>");
    pty.wait_for("a new source");
    pty.keys("<esc>");
    pty.wait_gone("a new source");
}

fn quits(mut pty: Pty) {
    pty.keys("q");
    let (status, _) = pty.wait_exit();
    assert!(status.success(), "{status}");
    pty.assert_own_grammar();
    pty.assert_left_as_found();
}

#[test]
fn an_unbound_metric_is_bound_allowed_and_measured() {
    let server = Server::start(some_names);
    let stage = Stage::new(&server);
    stage.allow();
    let mut pty = stage.open(&[]);
    pty.keys("3");
    pty.wait_for("not bound");
    pty.keys("B");
    pty.wait_for("a new source");
    pty.keys("<enter>");
    pty.wait_for("3 names of metrics are known");
    pty.keys("oops");
    pty.wait_for("parse error");
    pty.keys("<bs><bs><bs><bs>err");
    pty.wait_for("checkout_errors_ratio");
    pty.keys("<tab>");
    pty.wait_for("0.03 %");
    pty.keys("<tab>00");
    pty.wait_for("3.1 %");
    pty.wait_for("would be ok");
    pty.keys("<enter>");
    pty.wait_for("is bound in warroom.toml");
    pty.wait_for("warroom allow PLAN");
    let wanted = file(server.port).replace(
        "query = \"\" # a guess: errors\n",
        "query = \"checkout_errors_ratio\" # a guess: errors\nscale = 100\n",
    );
    assert_eq!(stage.binding(), wanted);
    quits(pty);
    let tried = server.asked().iter().filter(|a| a.contains("query=checkout")).count();
    assert!(tried > 0, "{:?}", server.asked());

    let pty = stage.open(&[]);
    assert!(pty.screen().contains("nothing is measured"), "a changed query has to be allowed");
    quits(pty);
    stage.allow();
    let mut pty = stage.open(&[]);
    pty.keys("3");
    pty.wait_for("3.1 %");
    quits(pty);
    assert_eq!(stage.binding(), wanted);
}

#[test]
fn without_leave_nothing_is_asked_and_all_can_be_saved() {
    let server = Server::start(some_names);
    let stage = Stage::new(&server);
    let mut pty = stage.open(&[]);
    pty.keys("3B");
    pty.wait_for("a new source");
    pty.keys("<enter>");
    pty.wait_for("query");
    pty.keys("up");
    pty.wait_for("not asked before");
    pty.keys("<enter>");
    pty.wait_for("is bound in warroom.toml");
    pty.keys("B");
    pty.wait_for("now up from metrics");
    pty.keys("G<enter><tab>second<tab>http://elsewhere.test<enter>");
    pty.wait_for("not asked before");
    std::fs::write(stage.path("warroom.toml"), stage.binding() + "# somebody was faster\n").unwrap();
    pty.keys("<enter>");
    pty.wait_for("changed meanwhile");
    assert!(stage.binding().ends_with("# somebody was faster\n"));
    leave(&mut pty);
    pty.keys("B");
    pty.wait_for("a new source");
    pty.keys("G<enter><tab>second<tab>http://elsewhere.test<enter>");
    pty.wait_for("not asked before");
    pty.keys("<enter>");
    pty.wait_for("is bound in warroom.toml");
    let text = stage.binding();
    assert!(
        text.contains("name = \"second\"\nkind = \"prometheus\"\nurl = \"http://elsewhere.test\"\n"),
        "{text}"
    );
    assert!(text.contains("source = \"second\"\nquery = \"up\" # a guess: errors\n"), "{text}");
    quits(pty);
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn names_that_never_end_or_never_come_hold_up_nothing() {
    for (names, word) in
        [(endless_names as Names, "more than 8 MiB"), (no_names, "no complete answer within")]
    {
        let server = Server::start(names);
        let stage = Stage::new(&server);
        stage.allow();
        let mut pty = stage.open(&[]);
        pty.keys("3B");
        pty.wait_for("a new source");
        pty.keys("<enter>checkout");
        pty.wait_for("0.03 %");
        pty.wait_for(word);
        pty.keys("2");
        pty.wait_for("checkout2");
        leave(&mut pty);
        quits(pty);
    }
}

#[test]
fn a_rehearsal_tries_out_and_writes_nothing() {
    let server = Server::start(some_names);
    let stage = Stage::new(&server);
    stage.allow();
    let before = stage.binding();
    let mut pty = stage.open(&["rehearse"]);
    pty.keys("3B");
    pty.wait_for("REHEARSAL: nothing is written");
    pty.wait_for("production");
    pty.keys("<enter>");
    pty.wait_for("names of metrics are known");
    pty.wait_for("would be ok");
    pty.keys("<enter>");
    pty.wait_for("a rehearsal writes nothing");
    leave(&mut pty);
    pty.keys("q");
    pty.wait_exit();
    assert_eq!(stage.binding(), before);
    assert_eq!(server.asked(), [""; 0], "the real one is not reached");
}
