//! What was met while somebody watched is in doubt while nobody does.

use crate::server::{JSON, Server, says, vector};
use crate::stage::Stage;

const PLAN: &str = "\
# Launch

## Phase 1: Canary (Hours 0-2)

- [ ] Deploy to canary

**Success Criteria:**
- Error rate < 5% for 2 seconds
";

#[test]
fn a_criterion_is_in_doubt_while_nobody_has_the_watch() {
    let server = Server::start(|_, stream| says(stream, "200 OK", JSON, &vector("", "1")));
    let port = server.port;
    let stage = Stage::new(
        PLAN,
        &format!(
            "[[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:{port}\"\nevery = 1\n\n\
             [[signal]]\nname = \"Error rate\"\nsource = \"prom\"\nquery = \"e\"\n"
        ),
    );
    stage.ok(&["allow", "PLAN", "--yes"]);
    stage.ok(&["note", "PLAN", "the room is open"]);
    let mut screen = stage.screen((120, 40));
    screen.wait_for("Deploy to canary");
    screen.keys(":start<enter>");
    let mut met = false;
    for _ in 0..120 {
        screen.pump(std::time::Duration::from_millis(500));
        let log = stage.ok(&["log", "PLAN", "--json"]);
        met = log.contains("\"finding\":\"met\"");
        if met {
            break;
        }
    }
    assert!(met, "{}\n{}", stage.ok(&["log", "PLAN"]), screen.screen());
    let watched = stage.ok(&["status", "PLAN", "--json"]);
    assert!(!watched.contains("nobody has had the watch"), "{watched}");
    screen.keys("q");
    screen.wait_exit();
    let alone = stage.ok(&["status", "PLAN", "--json"]);
    assert!(alone.contains("nobody has had the watch since"), "{alone}");
    let gate: serde_json::Value = serde_json::from_str(&alone).unwrap();
    assert_ne!(gate["gate"]["verdict"], "GO", "{alone}");
}
