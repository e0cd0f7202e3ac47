//! A rehearsal by keys alone: it breaks, it is seen, the way back is run, it recovers.

use std::time::Duration;

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

## Feature flags

| Flag | Value |
|---|---|
| `new_page` | true |

## Rollback Plan

1. **Turn the page off**
   ```bash
   touch TRAP; curl http://HOST/trap; rm -rf /
   ```
2. **Tell support**
";

const SCENARIO: &str = r#"
[[at]]
t = "2s"
set = { "Error rate" = 9 }
cure_by = ["procedure Rollback Plan"]
"#;

/// A folder with a plan full of traps and a scenario that breaks at once.
struct Stage {
    home: TempDir,
    listener: std::net::TcpListener,
}

impl Stage {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let trap = home.path().join("trap");
        let host = listener.local_addr().unwrap().to_string();
        let plan = PLAN.replace("TRAP", trap.to_str().unwrap()).replace("HOST", &host);
        std::fs::write(home.path().join("checkout.md"), plan).unwrap();
        std::fs::write(home.path().join("break.toml"), SCENARIO).unwrap();
        Self { home, listener }
    }

    fn open(&self) -> Pty {
        let path = |name: &str| self.home.path().join(name).to_str().unwrap().to_owned();
        let (plan, scenario, state) = (path("checkout.md"), path("break.toml"), path("state"));
        let words = ["rehearse", &plan, "--scenario", &scenario, "--state", &state, "--as", "ana"];
        Pty::spawn(program(), &words, (120, 40), &[("HOME", self.home.path().to_str().unwrap())])
    }

    fn assert_nothing_of_the_plan_ran(&self) {
        assert!(!self.home.path().join("trap").exists(), "a command of the plan was executed");
        assert!(self.listener.accept().is_err(), "a host of the plan was called");
    }
}

/// A confirm box is deaf for a moment; it says when it hears.
fn answer(pty: &mut Pty, keys: &str) {
    pty.wait_for("Type  checkout-1");
    pty.keys(keys);
}

#[test]
fn it_breaks_is_acknowledged_rolled_back_and_recovers() {
    let stage = Stage::new();
    let mut pty = stage.open();
    pty.wait_for("REHEARSAL");
    pty.wait_for("FIRING");
    pty.wait_for("▲ P1 ×1");
    pty.keys("a");
    pty.wait_for("acknowledged Error rate");
    pty.keys("R<enter><enter>");
    answer(&mut pty, "checkout-1<enter>");
    pty.wait_for("✓ 1. Turn the page off  done rehearsed, not executed");
    pty.keys("<enter>");
    pty.wait_for("✓ 2. Tell support");
    pty.keys("<esc>");
    pty.wait_for("is back inside its limit");
    pty.wait_gone("FIRING");
    pty.keys("q");
    let (status, _) = pty.wait_exit();
    assert_eq!(status.code(), Some(0));
    pty.assert_left_as_found();
    stage.assert_nothing_of_the_plan_ran();
    let reports = std::fs::read_dir(stage.home.path().join("state/reports")).unwrap();
    let report = std::fs::read_to_string(reports.flatten().next().unwrap().path()).unwrap();
    assert!(report.contains("Error rate") && report.contains("Rollback Plan"), "{report}");
}

#[test]
fn a_flag_is_changed_behind_its_exact_bytes_and_read_back() {
    let stage = Stage::new();
    let mut pty = stage.open();
    pty.wait_for("REHEARSAL");
    pty.keys("f<enter>");
    pty.wait_for("now true");
    pty.keys("j<enter>");
    pty.wait_for("{\"value\":false}");
    pty.wait_for("Press y to do it");
    pty.keys("y");
    pty.wait_for("done: reads false");
    pty.keys("q");
    pty.wait_exit();
    stage.assert_nothing_of_the_plan_ran();
}

#[test]
fn a_production_that_hangs_is_said_to_and_delays_no_key() {
    let stage = Stage::new();
    let hang = "[[at]]\nt = \"6s\"\nhang = \"60s\"\n";
    std::fs::write(stage.home.path().join("break.toml"), hang).unwrap();
    let mut pty = stage.open();
    pty.wait_for("● Error rate");
    pty.wait_gone("● Error rate");
    let before = std::time::Instant::now();
    pty.keys("2");
    pty.wait_for("CHECKLISTS");
    assert!(before.elapsed() < Duration::from_secs(10), "a key waited {:?}", before.elapsed());
    pty.keys("q");
    pty.wait_exit();
}

/// Answers every request with one sample of `value`, and counts the requests.
fn prometheus(value: &'static str) -> (String, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let _ = one_answer(stream, value);
        }
    });
    (address, asked)
}

fn one_answer(mut stream: std::net::TcpStream, value: &str) -> std::io::Result<()> {
    use std::io::{BufRead, Write};
    let mut head = String::new();
    let mut reader = std::io::BufReader::new(stream.try_clone()?);
    while reader.read_line(&mut head)? > 2 {}
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let (kind, values) = match head.contains("query_range") {
        true => ("matrix", format!("\"values\":[[{now},\"{value}\"]]")),
        false => ("vector", format!("\"value\":[{now},\"{value}\"]")),
    };
    let body = format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"{kind}\",\"result\":[{{\"metric\":{{}},{values}}}]}}}}"
    );
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn a_binding_is_used_only_once_somebody_allowed_it() {
    let stage = Stage::new();
    let (address, asked) = prometheus("7.25");
    let path = |name: &str| stage.home.path().join(name).to_str().unwrap().to_owned();
    let binding = format!(
        "[[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"http://{address}\"\nevery = 1\n\n\
         [[signal]]\nname = \"Error rate\"\nsource = \"prom\"\nquery = \"errors\"\n"
    );
    std::fs::write(path("warroom.toml"), binding).unwrap();
    let (plan, state) = (path("checkout.md"), path("state"));
    let home = path("");
    let open = || Pty::spawn(program(), &[&plan, "--state", &state], (120, 40), &[("HOME", &home)]);
    let mut pty = open();
    pty.wait_for("warroom allow");
    pty.wait_for("saved");
    pty.pump(Duration::from_millis(500));
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 0, "a plan is text until it is allowed");
    pty.keys("q");
    pty.wait_exit();
    let mut allow = std::process::Command::new(program());
    allow.args(["allow", &plan, "--yes", "--state", &state]).env("HOME", &home);
    assert!(allow.output().unwrap().status.success());
    let mut pty = open();
    pty.wait_for("7.25 %");
    pty.wait_for("FIRING");
    pty.keys("q");
    pty.wait_exit();
    stage.assert_nothing_of_the_plan_ran();
}

#[test]
fn a_step_that_was_running_when_the_program_died_is_unknown_and_not_run_again() {
    let stage = Stage::new();
    let mut pty = stage.open();
    pty.wait_for("saved");
    pty.keys("R<enter><enter>");
    answer(&mut pty, "checkout-1<enter>");
    pty.wait_for("running");
    pty.signal(rustix::process::Signal::KILL);
    pty.wait_exit();
    let state = stage.home.path().join("state");
    let rooms = std::fs::read_dir(state.join("rooms")).unwrap().flatten();
    let room = rooms.map(|e| e.path()).find(|p| p.extension().is_some_and(|e| e == "db")).unwrap();
    let room = room.file_stem().unwrap().to_str().unwrap().to_owned();
    let words = [room.as_str(), "--state", state.to_str().unwrap()];
    let mut pty = Pty::spawn(program(), &words, (120, 40), &[("HOME", stage.home.path().to_str().unwrap())]);
    pty.wait_for("say what became of step 1 of Rollback Plan");
    pty.keys("R<enter>");
    pty.wait_for("unknown: it was started and has no end");
    pty.keys("<enter>");
    pty.wait_for("nothing is left of it here");
    pty.keys("n");
    pty.wait_for("How do you know");
    pty.keys("looked<enter>");
    pty.wait_for("failed looked");
    pty.keys("<esc>");
    pty.wait_gone("─ Rollback Plan");
    pty.keys("q");
    pty.wait_exit();
    stage.assert_nothing_of_the_plan_ran();
}

#[test]
fn an_alert_is_looked_at_large_and_silenced() {
    let stage = Stage::new();
    let mut pty = stage.open();
    pty.wait_for("REHEARSAL");
    pty.wait_for("FIRING");
    pty.keys("3");
    pty.wait_for("RULES");
    pty.wait_for("▸15 min");
    pty.wait_for("nobody has it");
    pty.keys("[");
    pty.wait_for("▸5 min");
    pty.keys("s");
    pty.wait_for("quiet for");
    pty.keys("load<tab><enter>");
    pty.wait_until("its silence", |screen| {
        let text = screen.contents();
        text.contains("silenced by ana until") && text.contains(": load")
    });
    pty.keys("a");
    pty.wait_for("ana has it");
    pty.keys("1");
    pty.wait_for("silenced until");
    pty.wait_for("FIRING");
    pty.keys("q");
    let (status, _) = pty.wait_exit();
    assert_eq!(status.code(), Some(0));
    stage.assert_nothing_of_the_plan_ran();
}

/// A way back whose first step sets a flag, and what is checked after it.
const FLAGGED: &str = "\
# Checkout rollout

## Phase 1: Canary (Hours 0-2)

- [ ] Deploy the canary

## Feature flags

| Flag | Value |
|---|---|
| `page_percentage` | 50% |

## Rollback triggers

- **Error rate > 5%**: Flag rollback

## Rollback procedures

### Flag rollback (< 5 min)
1. Set `page_percentage` to 0

### Rollback validation
After any rollback:
- [ ] The old page answers
- [ ] Orders complete
";

const CLIMBS: &str = r#"
[[at]]
t = "2s"
ramp = { "Error rate" = { to = 9, over = "3s" } }
cure_by = ["flag page_percentage"]
"#;

#[test]
fn the_way_back_sets_the_flag_to_nothing_and_what_is_checked_opens() {
    let stage = Stage::new();
    std::fs::write(stage.home.path().join("checkout.md"), FLAGGED).unwrap();
    std::fs::write(stage.home.path().join("break.toml"), CLIMBS).unwrap();
    let mut pty = stage.open();
    pty.wait_for("REHEARSAL");
    pty.keys("4");
    pty.wait_for("! STOP");
    pty.wait_for("page_percentage");
    pty.wait_for("because Error rate");
    // From the trigger to the running way back: at most three decisions and one typed phrase.
    pty.keys("R");
    pty.wait_for("esc close");
    let mut decisions = 1;
    while !pty.screen().contains("Type  checkout-1") {
        pty.keys("<enter>");
        decisions += 1;
        assert!(decisions <= 3, "{}", pty.screen());
        let began = std::time::Instant::now();
        // The first opens the way, the second its first step; that one has to be made first.
        while decisions == 3
            && !pty.screen().contains("Type  checkout-1")
            && began.elapsed() < Duration::from_secs(60)
        {
            pty.pump(Duration::from_millis(50));
        }
        pty.pump(Duration::from_millis(300));
    }
    answer(&mut pty, "checkout-1");
    pty.wait_for("{\"value\":0}");
    pty.wait_for("page_percentage: 50 \u{2192} 0");
    pty.keys("<enter>");
    pty.wait_for("the way back is done");
    pty.keys("<esc>");
    pty.wait_for("took");
    let timer = |pty: &Pty| pty.screen().lines().find(|l| l.contains("took")).map(str::to_owned);
    let stopped = timer(&pty);
    pty.pump(Duration::from_millis(1_500));
    assert_eq!(timer(&pty), stopped, "the timer has stopped");
    pty.keys("1");
    pty.wait_for("page_percentage \u{2192} 0 done: reads 0");
    pty.wait_for("is back inside its limit");
    pty.wait_gone("FIRING");
    pty.keys("q");
    pty.wait_exit();
    pty.assert_own_grammar();
    stage.assert_nothing_of_the_plan_ran();
}
