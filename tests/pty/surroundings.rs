//! Damaged surroundings: the screen opens all the same, shows what there is, and says why nothing more.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::{War, home, program};

fn open(home: TempDir) -> War {
    War::open_in(home, program(), &[], (100, 30), &[])
}

/// A folder whose room has one tick.
fn used_home() -> (TempDir, PathBuf) {
    let home = home();
    let state = home.path().join("state");
    let mut tick = Command::new(program());
    tick.arg("tick").arg(home.path().join("checkout.md")).arg("canary").arg("--state").arg(&state);
    assert!(tick.env("HOME", home.path()).output().unwrap().status.success());
    let journal = state.join("rooms/checkout.db");
    assert!(journal.exists());
    (home, journal)
}

/// Shown, but a tick is refused with `words` and nothing is marked.
fn is_view_only(mut war: War, shown: &str, words: &str) {
    war.pty.wait_for("VIEW ONLY");
    war.pty.wait_for(shown);
    war.pty.wait_for(words);
    war.pty.keys("<space>");
    war.pty.wait_for("not recorded");
    assert!(war.pty.screen().contains("☐ Watch the error rate"));
    war.pty.keys("q");
    war.ends_with(0);
}

#[test]
fn a_plan_that_is_no_text_is_for_looking() {
    let home = home();
    let plan = home.path().join("checkout.md");
    let text = std::fs::read_to_string(&plan).unwrap();
    let broken = text.replace("canary", "can\u{fffd}ry").into_bytes();
    let latin: Vec<u8> = String::from_utf8(broken)
        .unwrap()
        .chars()
        .map(|c| if c == '\u{fffd}' { 0xe4 } else { c as u8 })
        .collect();
    std::fs::write(&plan, latin).unwrap();
    is_view_only(open(home), "☐ Deploy the can", "checkout.md:5: the plan is not valid UTF-8");
}

#[test]
fn a_state_folder_that_cannot_be_made_is_named() {
    let home = home();
    std::fs::write(home.path().join("state"), "a file").unwrap();
    is_view_only(open(home), "☐ Deploy the canary", "state/rooms");
}

#[test]
fn a_newer_journal_is_shown_as_far_as_it_is_understood() {
    let (home, journal) = used_home();
    rusqlite::Connection::open(journal).unwrap().pragma_update(None, "user_version", 999).unwrap();
    is_view_only(open(home), "✓ Deploy the canary", "a newer warroom wrote it");
}

#[test]
fn a_damaged_journal_is_moved_aside_and_the_room_goes_on() {
    let (home, journal) = used_home();
    std::fs::write(&journal, [b'#'; 9000]).unwrap();
    let mut war = open(home);
    war.pty.wait_for("the journal was damaged");
    let moved = std::fs::read_dir(journal.parent().unwrap()).unwrap().flatten().map(|e| e.path());
    let moved: Vec<_> = moved.filter(|p| p.to_string_lossy().contains(".db.corrupt-")).collect();
    assert!(moved.iter().any(|file| std::fs::read(file).unwrap() == [b'#'; 9000]), "{moved:?}");
    war.pty.keys("<space>");
    war.pty.wait_for("✓ Deploy the canary");
    war.pty.keys("q");
    war.ends_with(0);
}
