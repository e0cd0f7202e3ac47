//! Looking back in a real terminal: in the room itself, and as a replay of its file.

use tempfile::TempDir;

use super::harness::Pty;
use super::program;

const PLAN: &str = "# Launch\n\n## Pre-flight\n\n- [ ] Back up the database\n- [ ] Freeze merges\n";

#[test]
fn a_room_is_looked_at_as_it_was_and_played_back_from_its_file() {
    let home = TempDir::new().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("launch.md"), PLAN).unwrap();
    let env = [("HOME", home.path().to_str().unwrap())];
    let (plan, state) = (path("launch.md"), path("state"));
    let mut pty = Pty::spawn(program(), &[&plan, "--state", &state, "--as", "ana"], (120, 40), &env);
    pty.wait_for("saved");
    pty.keys("2 ");
    pty.wait_for("✓ Back up the database");
    pty.keys("6");
    pty.wait_for("event 3 of 3");
    pty.wait_for("item_ticked");
    pty.keys("k<enter>");
    pty.wait_for("AS IT WAS");
    pty.wait_for("☐ Back up the database");
    pty.keys("2 ");
    pty.wait_for("this is the past");
    pty.keys(">");
    pty.wait_for("✓ Back up the database");
    pty.keys("<esc>");
    pty.wait_gone("AS IT WAS");
    pty.keys("q");
    pty.wait_exit();
    pty.assert_left_as_found();

    for end in ["", "-wal"] {
        // What is not in the file yet is beside it.
        let copied = std::fs::copy(format!("{state}/rooms/launch.db{end}"), path(&format!("copy.db{end}")));
        assert!(copied.is_ok() || end == "-wal");
    }
    std::fs::remove_file(path("launch.md")).unwrap();
    let mut pty = Pty::spawn(program(), &["replay", &path("copy.db")], (120, 40), &env);
    pty.wait_for("REPLAY");
    pty.wait_for("event 1 of 3");
    pty.keys(">>");
    pty.wait_for("✓ Back up the database");
    pty.keys(" ");
    pty.wait_for("this is a replay");
    pty.keys("q");
    pty.wait_exit();
    pty.assert_left_as_found();
}
