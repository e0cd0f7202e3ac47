//! `warroom allow`: shown whole, asked for, remembered, revoked by a changed command only.

use crate::stage::Stage;

const PLAN: &str = "\
# Launch

## Phase 1: Canary (Day 1)

- [ ] Deploy to canary

## Rollback Procedures

### Emergency Rollback (P0)

```bash
curl -X POST https://api.shop.io/down -H \"Authorization: Bearer $TOKEN\"
```
";

fn stage() -> Stage {
    let stage = Stage::new();
    stage.write(PLAN);
    stage
}

fn allowed(stage: &Stage) -> bool {
    stage.json(&["allow", "PLAN", "--json"])["allowed"].as_bool().unwrap()
}

#[test]
fn nothing_is_allowed_unless_somebody_says_so() {
    let stage = stage();
    let (code, out, err) = stage.run(&["allow", "PLAN"]);
    assert_eq!(code, 12, "{err}");
    assert!(err.contains("nobody to ask") && err.contains("--yes"), "{err}");
    for part in ["curl -X POST https://api.shop.io/down", "hosts: api.shop.io", "variables: TOKEN", "line 12"]
    {
        assert!(out.contains(part), "{part} in {out}");
    }
    assert!(!allowed(&stage));
    stage.ok(&["allow", "PLAN", "--yes", "--as", "ana"]);
    assert!(allowed(&stage));
    assert!(stage.ok(&["allow", "PLAN"]).contains("UNCHANGED since ana allowed it"));
}

#[test]
fn a_changed_command_is_shown_as_a_difference_and_a_changed_word_is_not() {
    let stage = stage();
    stage.ok(&["allow", "PLAN", "--yes"]);
    stage.write(&PLAN.replace("[ ] Deploy to canary", "[x] Deployed"));
    assert!(allowed(&stage));
    stage.write(&PLAN.replace("/down", "/down | sh"));
    assert!(!allowed(&stage));
    let (code, out, _) = stage.run(&["allow", "PLAN"]);
    assert_eq!(code, 12);
    assert!(
        out.contains("CHANGED since") && out.contains("+     curl") && out.contains("-     curl"),
        "{out}"
    );
    let reading = stage.json(&["allow", "PLAN", "--json"]);
    assert_eq!(
        (reading["added"].as_array().unwrap().len(), reading["removed"].as_array().unwrap().len()),
        (1, 1)
    );
}

#[test]
fn the_binding_beside_the_plan_counts_and_its_faults_have_lines() {
    let stage = stage();
    stage.ok(&["allow", "PLAN", "--yes"]);
    let file = stage.plan.with_file_name("warroom.toml");
    std::fs::write(
        &file,
        "[[flag]]\nname = \"pay\"\nread = \"http://127.0.0.1:1/f\"\nwrite = \"http://127.0.0.1:1/f\"\n",
    )
    .unwrap();
    assert!(!allowed(&stage));
    let reading = stage.json(&["allow", "PLAN", "--yes", "--json"]);
    assert_eq!(
        (reading["allowed"].as_bool(), reading["parts"][1]["kind"].as_str()),
        (Some(true), Some("flag"))
    );
    std::fs::write(&file, "[[flag]]\nname = 3\nread = \"x\"\nadress = 1\n").unwrap();
    let (code, _, err) = stage.run(&["allow", "PLAN", "--yes"]);
    assert_eq!(code, 1);
    for line in ["warroom.toml:2:8: ", "warroom.toml:4:1: "] {
        assert!(err.contains(line), "{line} in {err}");
    }
}

#[test]
fn what_cannot_be_seen_is_not_allowed_by_a_flag() {
    let stage = stage();
    stage.write(&PLAN.replace("/down", "/do\u{202e}\u{1b}[2Jwn"));
    let (code, out, err) = stage.run(&["allow", "PLAN", "--yes"]);
    assert_eq!(code, 12, "{err}");
    assert!(err.contains("line 12 holds characters that cannot be seen"), "{err}");
    let bad = out.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
    assert!(bad.is_none() && out.contains("<U+202E>"), "{out}");
    std::fs::write(&stage.plan, b"# a\n\n## Rollback\n\n```bash\necho \xff\n```\n").unwrap();
    let (code, _, err) = stage.run(&["allow", "PLAN", "--yes"]);
    assert!(code == 13 && err.contains("not valid UTF-8"), "{code} {err}");
}

#[test]
fn where_nothing_can_be_remembered_nothing_is_allowed() {
    let stage = stage();
    std::fs::write(&stage.state, "a file in its place").unwrap();
    let (code, _, err) = stage.run(&["allow", "PLAN", "--yes"]);
    assert!(code == 13 && err.contains("cannot be remembered"), "{code} {err}");
}
