//! Who has the watch asks; the others show what it stores, and ask when it is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::server::{JSON, Server, says, vector};
use crate::stage::Stage;

const PLAN: &str = "\
# Launch

## Phase 1: Canary (Hours 0-2)

- [ ] Deploy to canary

## Alerts

| Severity | Condition |
|---|---|
| P1 | Error rate > 50% |
";

/// A server that answers one number, the tenths of which can be changed.
fn server() -> (Server, Arc<AtomicU64>) {
    let tenths = Arc::new(AtomicU64::new(42));
    let said = Arc::clone(&tenths);
    let server = Server::start(move |_, stream| {
        let value = (said.load(Ordering::SeqCst) as f64 / 10.0).to_string();
        says(stream, "200 OK", JSON, &vector("", &value));
    });
    (server, tenths)
}

fn binding(port: u16) -> String {
    format!(
        "[[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:{port}\"\nevery = 1\n\
         auth = \"env:WHO\"\n\n[[signal]]\nname = \"Error rate\"\nsource = \"prom\"\nquery = \"e\"\n"
    )
}

/// How many requests came from the process whose token this is.
fn asked_by(server: &Server, who: &str) -> usize {
    server.asked().iter().filter(|head| head.contains(&format!("Bearer {who}"))).count()
}

#[test]
fn only_who_has_the_watch_asks_and_whoever_takes_it_over_goes_on() {
    let (server, tenths) = server();
    let mut stage = Stage::new(PLAN, &binding(server.port));
    stage.ok(&["allow", "PLAN", "--yes"]);
    stage.set("WHO", "the-holder");
    let mut holder = stage.start(&["follow", "PLAN", "--json"]);
    holder.wait_for("\"mine\":true");
    stage.set("WHO", "the-screen");
    let mut screen = stage.screen((120, 40));
    screen.wait_for("4.2");
    let plain = stage.start(&["follow", "PLAN", "--plain"]);
    plain.wait_for("waiting for it");
    for (number, shown) in [(37, "3.7"), (51, "5.1")] {
        tenths.store(number, Ordering::SeqCst);
        screen.wait_for(shown);
    }
    // What is written every 5 s and looked for every 2 is never stale.
    for _ in 0..12 {
        screen.pump(Duration::from_secs(1));
        let shown = screen.screen();
        assert!(shown.contains("5.1") && !shown.contains("stale"), "{shown}");
    }
    assert_eq!(asked_by(&server, "the-screen"), 0, "somebody else has the watch");
    assert!(asked_by(&server, "the-holder") > 10);
    tenths.store(900, Ordering::SeqCst);
    screen.wait_for("firing");
    plain.wait_for("Error rate");
    // Allowed is what was shown; another address was not.
    stage.bind(&binding(server.port).replace("127.0.0.1", "localhost"));
    stage.set("WHO", "the-stranger");
    let mut stranger = stage.screen((120, 40));
    stranger.wait_for("nothing is measured or changed");
    stranger.wait_for("90");
    // Only the screen is left to take it over.
    drop((stranger, plain));
    holder.kill();
    tenths.store(777, Ordering::SeqCst);
    screen.wait_for("77.7");
    assert!(asked_by(&server, "the-screen") > 0, "it has the watch now");
    assert_eq!(asked_by(&server, "the-stranger"), 0, "it was not allowed");
    tenths.store(10, Ordering::SeqCst);
    screen.wait_for("is back inside");
    let mut resolved = false;
    for _ in 0..60 {
        let log = stage.ok(&["log", "PLAN", "--json"]);
        assert_eq!(log.matches("\"alert_fired\"").count(), 1, "{log}");
        resolved = log.contains("\"alert_resolved\"");
        if resolved {
            break;
        }
        screen.pump(Duration::from_millis(500));
    }
    assert!(resolved, "whoever took over ends it");
}

#[test]
fn who_may_not_measure_hands_the_watch_to_who_may() {
    let (server, _) = server();
    let mut stage = Stage::new(PLAN, &binding(server.port));
    stage.set("WHO", "the-stranger");
    let mut stranger = stage.screen((120, 40));
    stranger.wait_for("watch: you");
    stage.ok(&["allow", "PLAN", "--yes"]);
    stage.set("WHO", "the-able");
    let mut able = stage.start(&["follow", "PLAN", "--json"]);
    able.wait_for("\"mine\":true");
    stranger.wait_for("4.2");
    assert_eq!(asked_by(&server, "the-stranger"), 0, "it was not allowed when it was opened");
    assert!(asked_by(&server, "the-able") > 0);
    able.kill();
}
