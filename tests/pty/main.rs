//! The program in a real terminal: it starts, quits, and leaves the terminal as it found it, whatever ends it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bind;
mod edits;
mod harness;
mod past;
mod rehearsal;
mod runs;
mod signals;
mod surroundings;

use std::time::Duration;

use harness::Pty;
use rustix::process::Signal;
use tempfile::TempDir;

/// What the screen shows when it stands: the title of the plan.
const TITLE: &str = "Checkout rollout";

const PLAN: &str = "# Checkout rollout\n\n## Phase 1: Canary (Day 1)\n\n- [ ] Deploy the canary\n- [ ] Watch the error rate for 30 minutes\n";

/// No end may take longer; one second is meant, a busy machine gets two more.
const PROMPT: Duration = Duration::from_secs(3);

/// A room of its own and the program in it.
struct War {
    pty: Pty,
    home: TempDir,
}

impl War {
    fn open(size: (u16, u16), env: &[(&str, &str)]) -> Self {
        Self::open_by(program(), &[], size, env)
    }

    /// The program started by `launcher`, which gets the program's words after `before`.
    fn open_by(launcher: &str, before: &[&str], size: (u16, u16), env: &[(&str, &str)]) -> Self {
        Self::open_in(home(), launcher, before, size, env)
    }

    fn open_in(
        home: TempDir,
        launcher: &str,
        before: &[&str],
        size: (u16, u16),
        env: &[(&str, &str)],
    ) -> Self {
        let plan = home.path().join("checkout.md");
        let state = home.path().join("state");
        let (plan, state) = (plan.to_str().unwrap(), state.to_str().unwrap());
        let words = [before, &[plan, "--state", state]].concat();
        let env = [&[("HOME", home.path().to_str().unwrap())], env].concat();
        let pty = Pty::spawn(launcher, &words, size, &env);
        Self { pty, home }
    }

    /// The same room once more, in a terminal of its own.
    fn beside(other: &Self) -> Pty {
        let (plan, state) = (other.home.path().join("checkout.md"), other.home.path().join("state"));
        let words = [plan.to_str().unwrap(), "--state", state.to_str().unwrap()];
        Pty::spawn(program(), &words, (80, 24), &[("HOME", other.home.path().to_str().unwrap())])
    }

    /// Open and drawn.
    fn ready() -> Self {
        let mut war = Self::open((80, 24), &[]);
        war.pty.wait_for(TITLE);
        war
    }

    /// Ends with `code`, promptly, with the terminal as found and nothing foreign written to it.
    fn ends_with(&mut self, code: i32) {
        let (status, waited) = self.pty.wait_exit();
        assert_eq!(status.code(), Some(code), "{status}");
        assert!(waited < PROMPT, "the end took {waited:?}");
        self.pty.assert_own_grammar();
        self.pty.assert_left_as_found();
    }
}

/// A folder with the plan in it.
fn home() -> TempDir {
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("checkout.md"), PLAN).unwrap();
    home
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_warroom")
}

#[test]
fn starts_on_a_plan_and_quits() {
    let mut war = War::ready();
    assert!(war.pty.is_raw());
    war.pty.keys("q");
    war.ends_with(0);
}

#[test]
fn a_signal_to_end_restores_the_terminal() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::QUIT, 131), (Signal::HUP, 129)] {
        let mut war = War::ready();
        war.pty.signal(signal);
        war.ends_with(code);
    }
}

#[test]
fn a_stuck_loop_is_ended_all_the_same() {
    let mut war = War::open((80, 24), &[("WARROOM_FAILPOINT", "stuck-ui")]);
    war.pty.wait_for(TITLE);
    war.pty.signal(Signal::TERM);
    war.ends_with(143);
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut war = War::open((80, 24), &[("WARROOM_FAILPOINT", "stuck-ui")]);
    war.pty.wait_for(TITLE);
    war.pty.signal(Signal::TERM);
    war.pty.pump(Duration::from_millis(100));
    war.pty.signal(Signal::TERM);
    let (status, waited) = war.pty.wait_exit();
    assert_eq!(status.code(), Some(143));
    assert!(waited < Duration::from_millis(500), "{waited:?}");
    war.pty.assert_left_as_found();
}

#[test]
fn a_closed_terminal_ends_the_process() {
    let mut war = War::ready();
    war.pty.close_master();
    let (status, waited) = war.pty.wait_exit();
    assert_eq!(status.code(), Some(129), "{status}");
    assert!(waited < PROMPT, "{waited:?}");
}

#[test]
fn a_closed_terminal_ends_a_process_that_ignores_hangups() {
    let ignoring = "trap '' HUP; exec \"$0\" \"$@\"";
    for failpoint in ["", "stuck-ui"] {
        let env = [("WARROOM_FAILPOINT", failpoint)];
        let mut war = War::open_by("sh", &["-c", ignoring, program()], (80, 24), &env);
        war.pty.wait_for(TITLE);
        war.pty.close_master();
        let (status, waited) = war.pty.wait_exit();
        assert_eq!(status.code(), Some(129), "{status}");
        assert!(waited < PROMPT, "{waited:?}");
    }
}

#[test]
fn a_stop_gives_the_terminal_back_and_a_continue_takes_it() {
    for by_key in [true, false] {
        let mut war = War::ready();
        if by_key {
            war.pty.keys("<c-z>")
        } else {
            war.pty.signal(Signal::TSTP)
        }
        war.pty.wait_stopped();
        war.pty.assert_left_as_found();
        assert!(!war.pty.screen().contains(TITLE));
        war.pty.resize((100, 30));
        war.pty.signal(Signal::CONT);
        war.pty.wait_for(TITLE);
        assert!(war.pty.is_raw());
        war.pty.keys("q");
        war.ends_with(0);
    }
}

#[test]
fn a_panic_of_the_loop_restores_the_terminal_first() {
    let mut war = War::open((80, 24), &[("WARROOM_FAILPOINT", "panic-ui")]);
    let (status, _) = war.pty.wait_exit();
    assert!(!status.success(), "{status}");
    assert!(war.pty.screen().contains("panicked"), "{}", war.pty.screen());
    war.pty.assert_own_grammar();
    war.pty.assert_left_as_found();
}

#[test]
fn a_panic_of_a_worker_leaves_the_screen_whole() {
    let mut war = War::open((80, 24), &[("WARROOM_FAILPOINT", "panic-worker")]);
    war.pty.wait_for(TITLE);
    war.pty.pump(Duration::from_millis(200));
    assert!(war.pty.screen().contains(TITLE), "{}", war.pty.screen());
    war.pty.keys("q");
    war.ends_with(0);
}

#[test]
fn any_size_is_survived() {
    let mut war = War::ready();
    for n in 0..50 {
        war.pty.resize((60 + n * 3, 20 + n));
    }
    for size in [(1, 1), (2, 1), (10, 3), (0, 0), (10_000, 10_000), (40, 10), (80, 24)] {
        war.pty.resize(size);
        war.pty.pump(Duration::from_millis(20));
    }
    war.pty.wait_for(TITLE);
    war.pty.keys("q");
    war.ends_with(0);
}

#[test]
fn a_resized_screen_is_that_of_a_fresh_start() {
    let mut war = War::ready();
    war.pty.resize((100, 30));
    war.pty.pump(Duration::from_millis(300));
    let mut fresh = War::open((100, 30), &[]);
    fresh.pty.wait_for(TITLE);
    fresh.pty.pump(Duration::from_millis(300));
    assert_eq!(war.pty.screen().lines().count(), fresh.pty.screen().lines().count());
}

#[test]
fn a_large_paste_does_nothing() {
    let mut war = War::ready();
    let text = "y\nq\nrollback\r".repeat(80_000);
    war.pty.paste(&text);
    war.pty.keys("<esc>");
    war.pty.pump(Duration::from_millis(100));
    war.pty.wait_for(TITLE);
    war.pty.keys("q");
    war.ends_with(0);
}

#[test]
fn two_thousand_keys_are_digested() {
    let mut war = War::ready();
    let keys = "jk".repeat(500) + &"<up><down>".repeat(500);
    war.pty.keys(&keys);
    war.pty.keys("q");
    war.ends_with(0);
}

#[test]
fn an_idle_screen_costs_nothing() {
    let mut war = War::ready();
    war.pty.pump(Duration::from_millis(500));
    let before = war.pty.cpu_ticks();
    assert_eq!(war.pty.pump(Duration::from_secs(2)), 0, "bytes were written");
    assert!(war.pty.cpu_ticks() - before <= 1, "the processor was used");
}

#[test]
fn a_frozen_terminal_stalls_nothing() {
    let mut war = War::ready();
    for n in 0..400 {
        war.pty.resize((80 + n % 40, 24 + n % 10));
        std::thread::sleep(Duration::from_millis(2));
    }
    war.pty.signal(Signal::TERM);
    let (status, _) = war.pty.wait_exit();
    assert_eq!(status.code(), Some(143), "{status}");
}

#[test]
fn a_key_does_not_wait_for_the_disk() {
    let mut war = War::open((100, 30), &[("WARROOM_FAILPOINT", "slow-commit:1500")]);
    war.pty.wait_for("▸ ☐ Deploy the canary");
    war.pty.wait_gone("opening");
    let start = std::time::Instant::now();
    war.pty.keys("<space>j");
    war.pty.wait_for("▸ ☐ Watch the error rate");
    let moved = start.elapsed();
    assert!(war.pty.screen().contains("◌ Deploy the canary"), "not yet drawn as done: {}", war.pty.screen());
    assert!(moved < Duration::from_millis(750), "{moved:?}");
    war.pty.wait_for("✓ Deploy the canary");
    assert!(start.elapsed() >= Duration::from_millis(1500), "drawn as done before the commit");
    war.pty.keys("q");
    war.ends_with(0);
}

#[test]
fn a_tick_drawn_as_done_survives_kill_9() {
    let home = home();
    let (plan, state) = (home.path().join("checkout.md"), home.path().join("state"));
    let words = [plan.to_str().unwrap(), "--state", state.to_str().unwrap()];
    for cycle in 0..10 {
        let (before, after) = if cycle % 2 == 0 { ("☐", "✓") } else { ("✓", "☐") };
        let mut pty = Pty::spawn(program(), &words, (100, 30), &[("HOME", home.path().to_str().unwrap())]);
        pty.wait_for(&format!("{before} Deploy the canary"));
        pty.wait_gone("opening");
        pty.keys("g/Deploy the canary<enter><space>");
        pty.wait_for(&format!("{after} Deploy the canary"));
        pty.signal(Signal::KILL);
        pty.wait_exit();
    }
}

#[test]
fn two_screens_on_one_room_show_the_same() {
    let mut war = War::ready();
    let plan = war.home.path().join("checkout.md");
    let state = war.home.path().join("state");
    let words = [plan.to_str().unwrap(), "--state", state.to_str().unwrap(), "--as", "bo"];
    let mut other = Pty::spawn(program(), &words, (80, 24), &[("HOME", war.home.path().to_str().unwrap())]);
    other.wait_for("☐ Deploy the canary");
    other.wait_gone("opening");
    war.pty.keys("<space>");
    other.wait_for("✓ Deploy the canary");
    other.keys("J<space>");
    war.pty.wait_for("✓ Watch the error rate");
    other.keys("q");
    war.pty.keys("q");
    war.ends_with(0);
}
