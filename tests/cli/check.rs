//! `check`: exit codes, forms, bindings beside the plan, and what an edit means.

use super::stage::{PLAN, Stage};

/// A second plan beside the first; its path comes back.
fn beside(stage: &Stage, name: &str, text: &str) -> String {
    let path = stage.plan.with_file_name(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const WARNED: &str = "# P\n\n## Alerts\n\n- P1: Error rate > 5%\n- P1: Error rate > 7%\n";

#[test]
fn warnings_fail_only_when_they_are_to() {
    let stage = Stage::new();
    stage.write(WARNED);
    let told = stage.ok(&["check", "PLAN"]);
    assert!(told.trim_end().ends_with("1 warning") && told.contains("launch.md:6:18]"), "{told}");
    assert_eq!(stage.run(&["check", "PLAN", "--strict"]).0, 1);
    stage.write(PLAN);
    assert!(stage.ok(&["check", "PLAN", "--strict"]).trim_end().ends_with("no problems"));
    stage.write(&"> ".repeat(200));
    let (code, told, _) = stage.run(&["check", "PLAN"]);
    assert_eq!(code, 1, "{told}");
    assert!(told.trim_end().ends_with("1 error"), "{told}");
}

#[test]
fn the_short_form_is_one_line_a_problem() {
    let stage = Stage::new();
    stage.write(&WARNED.replace('\n', "\r\n"));
    let told = stage.ok(&["check", "PLAN", "--format", "short"]);
    let path = stage.plan.display();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert_eq!(lines[0], format!("{path}:1:1: note: lines end in CRLF"));
    assert!(lines[1].starts_with(&format!("{path}:6:18: warning: Error rate has two limits")), "{told}");
    stage.write(PLAN);
    assert_eq!(stage.ok(&["check", "PLAN", "--format", "short"]), "");
}

#[test]
fn plain_without_a_terminal_and_never_wider_than_asked() {
    let stage = Stage::new();
    stage.write(&WARNED.replace("P1: Error", &format!("P1: {} Error", "word ".repeat(60))));
    for columns in ["80", "120"] {
        let out = stage.command(&["check", "PLAN"]).env("COLUMNS", columns).output().unwrap();
        let told = String::from_utf8(out.stdout).unwrap();
        assert!(!told.contains('\u{1b}'), "{told}");
        let path = stage.plan.to_str().unwrap();
        let widest = told.lines().filter(|l| !l.contains(path)).map(|l| l.chars().count()).max().unwrap();
        assert!(widest <= columns.parse().unwrap() && widest > 60, "{widest}: {told}");
    }
}

#[test]
fn a_binding_beside_the_plan_is_read_and_judged() {
    let stage = Stage::new();
    stage.write(WARNED);
    let good = "[[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:1\"\n\n\
                [[signal]]\nname = \"Error rate\"\nsource = \"prom\"\nquery = \"errors\"\n";
    let path = beside(&stage, "warroom.toml", good);
    let told = stage.ok(&["check", "PLAN"]);
    assert!(told.contains("binds 2 of 2 limits") && told.contains("prom"), "{told}");
    let parts = stage.json(&["check", "PLAN", "--json"])["binding"]["parts"].clone();
    assert_eq!((parts[0]["part"].as_str(), parts[0]["by"].as_str()), (Some("limit"), Some("prom: errors")));
    beside(&stage, "warroom.toml", &good.replace("query", "quary"));
    let (code, told, _) = stage.run(&["check", "PLAN"]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("warroom.toml:9:1]") && told.contains("unknown field `quary`"), "{told}");
    assert!(told.contains("nothing of it is used"), "{told}");
    std::fs::remove_file(&path).unwrap();
    let elsewhere = beside(&stage, "other.toml", good);
    assert!(stage.ok(&["check", "PLAN", "--binding", &elsewhere]).contains("other.toml binds 2 of 2"));
    let (code, _, err) = stage.run(&["check", "PLAN", "--binding", &path]);
    assert!(code == 1 && err.contains("no such file"), "{err}");
}

#[test]
fn what_stayed_prose_is_quoted() {
    let stage = Stage::new();
    stage.write(&format!("{PLAN}\n## Miscellany\n\nNobody knows what this means.\n"));
    let told = stage.ok(&["check", "PLAN"]);
    let prose = told.split("KEPT AS PROSE").nth(1).unwrap_or_default();
    assert!(prose.contains("16  Nobody knows what this means."), "{told}");
}

#[test]
fn a_comparison_ends_like_diff() {
    let stage = Stage::new();
    let same = beside(&stage, "same.md", &PLAN.replace("\n\n", "\n\n\n"));
    let other = beside(&stage, "other.md", &PLAN.replace("Freeze merges", "Freeze all merges"));
    assert!(stage.ok(&["check", "--diff", "PLAN", &same]).ends_with("nothing changes in meaning\n"));
    let (code, told, _) = stage.run(&["check", "--diff", "PLAN", &other]);
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("~ Freeze merges → Freeze all merges") && told.contains("1 change in meaning"),
        "{told}"
    );
    let (code, told, _) = stage.run(&["check", "--diff", "PLAN", &other, "--json"]);
    let value: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, value["changes"][0]["how"].as_str()), (1, Some("reworded")), "{told}");
    assert_eq!((value["same"].as_bool(), value["needs_allow"].as_bool()), (Some(false), Some(false)));
    let (code, _, err) = stage.run(&["check", "--diff", "PLAN", "/nowhere.md"]);
    assert!(code == 2 && err.contains("no such file"), "{err}");
}

#[test]
fn a_changed_command_shows_its_bytes_and_asks_for_a_new_allow() {
    let stage = Stage::new();
    let way_back =
        |command: &str| format!("{PLAN}\n## Rollback\n\n1. Undo\n   ```sh\n   {command}\n   ```\n");
    stage.write(&way_back("helm rollback shop"));
    let other = beside(&stage, "other.md", &way_back("helm rollback sh\u{43e}p\u{202e}"));
    let (code, told, _) = stage.run(&["check", "--diff", "PLAN", &other]);
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("- helm rollback shop") && told.contains("+ helm rollback sh<U+043E>p<U+202E>"),
        "{told}"
    );
    assert!(told.contains("new `warroom allow`"), "{told}");
    let bad = told.chars().find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
    assert_eq!(bad, None, "{told}");
}

#[test]
fn documents_that_are_named_have_to_be_there() {
    let stage = Stage::new();
    stage.write("# P\n\nSee [the guide](guide.md#back) and [notes](notes.md).\n");
    beside(&stage, "notes.md", "# Notes\n");
    let told = stage.ok(&["check", "PLAN", "--format", "short"]);
    assert!(told.contains(":3:17: note: “guide.md#back” is not beside the plan"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}
