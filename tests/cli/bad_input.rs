//! Bad input: a sentence with the place, an exit code, nothing lost.

use std::process::Command;

use super::stage::{PLAN, Stage};

/// Runs and expects this code and these words on standard error, and nothing on standard output.
fn refused(stage: &Stage, args: &[&str], code: i32, words: &[&str]) {
    let (got, out, err) = stage.run(args);
    assert_eq!(got, code, "{args:?}: {err}");
    assert_eq!(out, "", "{args:?}");
    for word in words {
        assert!(err.contains(word), "{args:?}: {word:?} in {err}");
    }
}

#[test]
fn files_that_are_no_plan() {
    let stage = Stage::new();
    let folder = stage.plan.parent().unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    refused(&stage, &["check", &path("missing.md")], 1, &["missing.md", "no such file"]);
    refused(&stage, &["status", "no-such-room"], 1, &["no-such-room", "warroom rooms"]);
    refused(&stage, &["check", folder.to_str().unwrap()], 1, &["is a directory"]);
    assert!(Command::new("mkfifo").arg(path("pipe.md")).status().unwrap().success());
    refused(&stage, &["check", &path("pipe.md")], 1, &["pipe.md", "is a pipe or a device"]);
    refused(&stage, &["check", "/dev/zero"], 1, &["/dev/zero", "is a pipe or a device"]);
    std::fs::write(path("huge.md"), vec![b'a'; 5 << 20]).unwrap();
    refused(&stage, &["check", &path("huge.md")], 1, &["huge.md", "larger than 4 MiB"]);
}

#[test]
fn invalid_utf8_is_read_but_not_acted_on() {
    let stage = Stage::new();
    std::fs::write(&stage.plan, b"# Launch\n\n## Pre-flight\n\n- [ ] Back \xff up\n").unwrap();
    let told = stage.ok(&["check", "PLAN"]);
    assert!(told.to_lowercase().contains("utf-8"), "{told}");
    refused(&stage, &["tick", "PLAN", ":5"], 13, &["launch.md:5", "not valid UTF-8", "save it as UTF-8"]);
    assert!(!stage.state.exists(), "nothing was made");
}

#[test]
fn settings_keys_and_themes_name_every_problem() {
    let stage = Stage::new();
    let folder = stage.state.join("config/warroom");
    std::fs::create_dir_all(folder.join("themes")).unwrap();
    std::fs::write(folder.join("keys.toml"), "[keys]\nfly = [\"f\"]\ntick = [\"spce\"]\n").unwrap();
    refused(&stage, &["PLAN"], 2, &["keys.toml", "fly: no such action", "\"spce\" is no key"]);
    std::fs::remove_file(folder.join("keys.toml")).unwrap();
    refused(&stage, &["PLAN", "--theme", "neon"], 2, &["no theme is called \"neon\"", "dark"]);
    std::fs::write(folder.join("themes/mine.toml"), "[colours]\ntext = [\"red\", \"red\"]\n").unwrap();
    refused(&stage, &["PLAN", "--theme", "mine"], 2, &["mine.toml"]);
    std::fs::write(folder.join("config.toml"), "[user]\nrole = \"captain\"\n[screen]\nascii = 3\n").unwrap();
    refused(&stage, &["rooms"], 2, &["config.toml", "user.role", "screen.ascii"]);
}

#[test]
fn no_screen_without_a_terminal() {
    let stage = Stage::new();
    refused(&stage, &["PLAN"], 2, &["opens on a terminal", "warroom status"]);
    assert!(!stage.state.exists(), "nothing was made");
}

#[test]
fn an_item_that_cannot_be_told_changes_nothing() {
    let stage = Stage::new();
    refused(&stage, &["tick", "PLAN", ":5", "watch"], 2, &["could be 2 items", "Watch errors"]);
    assert_eq!(stage.json(&["status", "PLAN", "--json"])["items"][0]["state"], "open");
}

#[test]
fn an_unwritable_state_folder_is_named() {
    let stage = Stage::new();
    std::fs::write(&stage.state, "a file where a folder should be").unwrap();
    refused(&stage, &["tick", "PLAN", ":5"], 1, &[stage.state.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(&stage.state).unwrap(), "a file where a folder should be");
}

fn journal(stage: &Stage) -> std::path::PathBuf {
    stage.json(&["rooms", "--json"])[0]["path"].as_str().unwrap().into()
}

#[test]
fn a_corrupted_journal_stops_writing_and_is_not_touched() {
    let stage = Stage::new();
    stage.ok(&["tick", "PLAN", ":5"]);
    let file = journal(&stage);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[..64].fill(b'#');
    std::fs::write(&file, &bytes).unwrap();
    let (code, out, err) = stage.run(&["tick", "PLAN", ":6"]);
    assert!(code != 0 && out.is_empty() && err.contains(file.to_str().unwrap()), "{code} {err}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "left for the screen to move aside");
}

#[test]
fn a_changed_event_makes_the_room_view_only() {
    let stage = Stage::new();
    stage.ok(&["note", "PLAN", "before"]);
    stage.ok(&["tick", "PLAN", ":5"]);
    let db = rusqlite::Connection::open(journal(&stage)).unwrap();
    let mut triggers = db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").unwrap();
    let names: Vec<String> = triggers.query_map([], |row| row.get(0)).unwrap().flatten().collect();
    names.iter().for_each(|name| db.execute_batch(&format!("DROP TRIGGER {name}")).unwrap());
    drop(triggers);
    let changed = db.execute("UPDATE event SET text = replace(text, 'before', 'behind') WHERE seq = 3", []);
    assert_eq!(changed.unwrap(), 1);
    drop(db);
    let (code, _, err) = stage.run(&["tick", "PLAN", ":6"]);
    assert_eq!(code, 13, "{err}");
    assert!(err.contains('3'), "names the place: {err}");
    for words in [&["gate", "PLAN"][..], &["log", "PLAN", "--head"]] {
        let (code, out, err) = stage.run(words);
        assert!(code == 1 && out.is_empty() && err.contains('3'), "{words:?} decides nothing: {code} {err}");
    }
}

#[test]
fn a_journal_of_a_newer_version_is_not_written() {
    let stage = Stage::new();
    stage.ok(&["tick", "PLAN", ":5"]);
    let db = rusqlite::Connection::open(journal(&stage)).unwrap();
    db.pragma_update(None, "user_version", 999).unwrap();
    drop(db);
    let (code, _, err) = stage.run(&["tick", "PLAN", ":6"]);
    assert_eq!(code, 13, "{err}");
    assert!(err.contains("newer warroom"), "{err}");
    assert_eq!(stage.json(&["status", "PLAN", "--json"])["items"][0]["state"], "done", "looking works");
}

#[test]
fn an_empty_plan_and_a_plan_of_prose_open() {
    let stage = Stage::new();
    for text in ["", "Just words.\n\nMore of them.\n", &PLAN.replace("- [ ]", "-").replace("##", "")] {
        stage.write(text);
        stage.ok(&["check", "PLAN"]);
    }
}
