//! A source that hangs and one that floods: a key is answered as without them, and their tiles say so.

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::harness::Pty;
use crate::server::{JSON, Server, says, vector};
use crate::stage::Stage;

const PLAN: &str = "\
# Launch

## Phase 1: Canary (Hours 0-2)

- [ ] Deploy

## Alerts

| Severity | Condition |
|---|---|
| P1 | Hanging rate > 5% |
| P1 | Flooding rate > 5% |
| P1 | Error rate > 5% |
";

/// Between two questions; a tile may take two of these.
const EVERY: u64 = 3;

const KEYS: usize = 200;

/// Hangs, floods at 10 MB a second, or answers.
fn server() -> Server {
    Server::start(|head, stream| {
        if head.contains("hang") {
            std::thread::sleep(Duration::from_secs(30));
        } else if head.contains("flood") {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[");
            let part = vec![b' '; 100_000];
            while stream.write_all(&part).is_ok() {
                std::thread::sleep(Duration::from_millis(10));
            }
        } else {
            says(stream, "200 OK", JSON, &vector("", "1"));
        }
    })
}

fn binding(port: u16, bad: bool) -> String {
    let path = |name: &str| {
        if bad { format!("http://127.0.0.1:{port}/{name}") } else { format!("http://127.0.0.1:{port}") }
    };
    let source = |name: &str, url: &str| {
        format!(
            "[[source]]\nname = \"{name}\"\nkind = \"prometheus\"\nurl = \"{url}\"\nevery = {EVERY}\n\n[[signal]]\nname = \"{name} rate\"\nsource = \"{name}\"\nquery = \"e\"\n\n"
        )
    };
    source("Hanging", &path("hang")) + &source("Flooding", &path("flood")) + &source("Error", &path("fine"))
}

/// How long the slowest but two of the keys took to be seen.
fn slowest(screen: &mut Pty) -> Duration {
    let mut took: Vec<Duration> = (0..KEYS)
        .map(|n| {
            let begun = Instant::now();
            if n % 2 == 0 {
                screen.keys("?");
                screen.wait_for(HELP);
            } else {
                screen.keys("<esc>");
                screen.wait_gone(HELP);
            }
            begun.elapsed()
        })
        .collect();
    took.sort();
    took[KEYS - 3]
}

/// Only the box with the keys says so.
const HELP: &str = "a page down";

fn open(bad: bool) -> (Pty, Stage, Server) {
    let server = server();
    let stage = Stage::new(PLAN, &binding(server.port, bad));
    stage.ok(&["allow", "PLAN", "--yes"]);
    let mut screen = stage.screen((120, 40));
    screen.wait_for("Deploy");
    (screen, stage, server)
}

#[test]
fn a_source_that_hangs_or_floods_delays_no_key() {
    let mut told = vec![];
    // On a noisy machine once more: what is delayed is delayed every time.
    for _ in 0..3 {
        let (mut good, _stage, _server) = open(false);
        let (mut bad, _stage_of_bad, _server_of_bad) = open(true);
        bad.wait_for("error");
        let (normal, noisy) = (slowest(&mut good), slowest(&mut bad));
        if noisy <= normal * 2 + Duration::from_millis(15) {
            return;
        }
        told.push((normal, noisy));
    }
    panic!("without and with bad sources, p99: {told:?}");
}

#[test]
fn a_tile_says_within_two_intervals_that_its_source_does_not_answer() {
    let (mut screen, _stage, server) = open(true);
    while server.asked().len() < 3 {
        screen.pump(Duration::from_millis(5));
    }
    let begun = Instant::now();
    screen.wait_until("both to fail", |screen| screen.contents().matches("error").count() >= 2);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(2 * EVERY), "{took:?}\n{}", screen.screen());
}
