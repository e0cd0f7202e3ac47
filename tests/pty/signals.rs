//! Signals by keys in a real terminal: windows, the cursor, what somebody saw and that it is over.

use tempfile::TempDir;

use super::harness::Pty;
use super::program;

const PLAN: &str = "\
# Launch

## Phase 1: Canary (Hours 0-2)

- [ ] Deploy

## Alerts

| Severity | Condition |
|---|---|
| P1 | Error rate > 5% |

## Rollback triggers

- Data corruption detected

## Rollback Plan

1. **Stop the workers**
";

/// Nothing breaks for an hour.
const CALM: &str = "[[at]]\nt = \"1h\"\nset = { \"Error rate\" = 9 }\n";

fn open(home: &TempDir) -> Pty {
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("launch.md"), PLAN).unwrap();
    std::fs::write(path("calm.toml"), CALM).unwrap();
    let (plan, scenario, state) = (path("launch.md"), path("calm.toml"), path("state"));
    let words = ["rehearse", &plan, "--scenario", &scenario, "--state", &state, "--as", "ana"];
    Pty::spawn(program(), &words, (120, 40), &[("HOME", home.path().to_str().unwrap())])
}

#[test]
fn a_chart_is_read_and_what_somebody_saw_is_said_and_over() {
    let home = TempDir::new().unwrap();
    let mut pty = open(&home);
    pty.wait_for("● Error rate");
    pty.keys("3");
    pty.wait_for("every 2 s");
    pty.keys("[");
    pty.wait_for("▸5 min");
    pty.keys("h");
    pty.wait_for(" ago");
    pty.keys("1H");
    pty.wait_for("IT HAPPENED");
    pty.keys("<enter>");
    pty.wait_for("What was seen?");
    pty.keys("orders doubled<enter>");
    pty.wait_for("orders doubled");
    pty.wait_for("“Data corruption detected” happened");
    pty.keys("H<enter>");
    pty.wait_for("Why is “Data corruption detected” over?");
    pty.keys("rows repaired<enter>");
    pty.wait_for("over: Data corruption detected: rows repaired");
    pty.keys("q");
    pty.wait_exit();
    pty.assert_left_as_found();
}
