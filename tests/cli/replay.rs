//! `warroom replay --plain`: the story as lines, from a room or from a copied file, and nothing written.

use std::collections::BTreeMap;
use std::path::Path;

use super::stage::Stage;

/// Every file of a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries
        .map(|e| (e.file_name().to_string_lossy().into_owned(), std::fs::read(e.path()).unwrap()))
        .collect()
}

#[test]
fn the_story_is_told_from_a_room_and_from_a_copied_file() {
    let stage = Stage::new();
    stage.ok(&["tick", "PLAN", ":5", "--as", "ana"]);
    stage.ok(&["note", "PLAN", "the bank \u{1b}[31manswers", "--as", "bo"]);
    let story = stage.ok(&["replay", "PLAN", "--plain"]);
    let lines: Vec<&str> = story.lines().collect();
    assert_eq!(lines.len(), 5, "a day and four events: {story}");
    assert!(
        lines[1].contains("opened the room") && lines[3].contains("ticked Back up the database"),
        "{story}"
    );
    assert!(lines[4].contains("bo") && !story.contains('\u{1b}'), "{story}");
    assert_eq!(stage.ok(&["replay", "launch", "--plain"]), story, "by the room's name");

    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("evidence.db");
    std::fs::copy(stage.state.join("rooms").join("launch.db"), &copy).unwrap();
    std::fs::remove_file(&stage.plan).unwrap();
    let before = files(copies.path());
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    let elsewhere = stage.state.join("nowhere");
    let args = ["replay", copy.to_str().unwrap(), "--plain", "--state", elsewhere.to_str().unwrap()];
    assert_eq!(stage.ok(&args), story);
    let after = files(copies.path());
    assert_eq!(names(&after), names(&before), "nothing is left behind");
    assert!(after == before, "nothing is written");
    assert!(!elsewhere.exists());
}

#[test]
fn it_begins_where_it_is_told_and_names_what_is_wrong() {
    let stage = Stage::new();
    stage.ok(&["tick", "PLAN", ":5"]);
    assert_eq!(stage.ok(&["replay", "PLAN", "--plain", "--at", "2099-01-01 10:00"]), "");
    let all = stage.ok(&["replay", "PLAN", "--plain", "--at", "2001-01-01 10:00", "--speed", "1000"]);
    assert_eq!(all.lines().count(), 4, "{all}");
    for (args, part) in [
        (&["replay", "PLAN", "--plain", "--at", "soon"][..], "--at: \"soon\" is no time"),
        (&["replay", "PLAN", "--speed", "0"][..], "--speed 0: write a number"),
        (&["replay", "nothing-here", "--plain"][..], "nothing-here"),
        (&["replay", "PLAN"][..], "a room opens on a terminal"),
    ] {
        let (code, out, err) = stage.run(args);
        assert!(code != 0 && out.is_empty() && err.contains(part), "{args:?}: {code} {out} {err}");
    }
    let copy = stage.state.join("torn.db");
    let bytes = std::fs::read(stage.state.join("rooms").join("launch.db")).unwrap();
    std::fs::write(&copy, &bytes[..bytes.len() / 2]).unwrap();
    let (code, _, err) = stage.run(&["replay", copy.to_str().unwrap(), "--plain"]);
    assert!(code == 1 && !err.is_empty(), "{code} {err}");
    assert_eq!(std::fs::read(&copy).unwrap().len(), bytes.len() / 2, "never moved aside");
}
