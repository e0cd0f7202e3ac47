//! `gate`, `vote`, `poll`: what a pipeline and a person without the screen do at a gate.

use super::stage::{PLAN, Stage};

fn stage() -> Stage {
    let stage = Stage::new();
    stage.write(&format!("{PLAN}\n## Sign-offs\n\n- Lead: ____________\n- CTO: ____________\n"));
    stage
}

#[test]
fn a_gate_answers_by_its_exit_code_and_says_why() {
    let stage = stage();
    stage.ok(&["note", "PLAN", "here", "--as", "ana"]);
    let (code, out, _) = stage.run(&["gate", "PLAN", "--phase", "Canary"]);
    assert_eq!(code, 10, "{out}");
    assert!(out.starts_with("NO-GO  Phase 1: Canary\n"), "{out}");
    assert!(out.contains("  NO-GO  3 open (line 10)\n") && out.contains("Lead has not signed"), "{out}");
    let (code, out, _) = stage.run(&["gate", "PLAN", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, value["verdict"].as_str()), (10, Some("NO-GO")));
    let cause = &value["causes"][0];
    assert_eq!(
        (cause["kind"].as_str(), cause["shuts"].as_bool(), cause["line"].as_u64()),
        (Some("open"), Some(true), Some(10))
    );
    assert_eq!(value["evidence"]["digest"].as_str().map(str::len), Some(64));
    let (code, _, err) = stage.run(&["gate", "PLAN", "--phase", "Moon"]);
    assert_eq!(code, 2, "{err}");
}

#[test]
fn a_gate_without_a_reason_is_go_and_one_in_doubt_is_not() {
    let stage = Stage::new();
    stage.write("# L\n\n## Phase 1: Canary\n\n- [ ] Deploy\n\n## Phase 2: Full\n\n- [ ] Deploy all\n\n**Success criteria:**\n- Everybody is happy\n");
    stage.ok(&["tick", "PLAN", ":5", ":9"]);
    assert_eq!(stage.run(&["gate", "PLAN", "--phase", "1"]).0, 0);
    let (code, out, _) = stage.run(&["gate", "PLAN", "--phase", "2"]);
    assert_eq!(code, 11, "{out}");
    assert!(out.contains("  doubt  1 criterion to judge"), "{out}");
}

#[test]
fn roles_vote_in_turn_and_only_for_what_they_saw() {
    let stage = stage();
    std::fs::write(stage.plan.with_file_name("warroom.toml"), "people = { CTO = ['cto'] }").unwrap();
    let (code, _, err) = stage.run(&["vote", "PLAN", "Lead", "go"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("no poll is under way"), "{err}");
    stage.ok(&["poll", "PLAN", "open"]);
    let status = stage.json(&["status", "PLAN", "--json"]);
    assert_eq!(status["polls"][0]["turn"], "Lead");
    let (code, _, err) = stage.run(&["vote", "PLAN", "CTO", "go", "--as", "cto"]);
    assert_eq!((code, err.contains("Lead's turn")), (12, true), "{err}");
    let (code, _, err) = stage.run(&["vote", "PLAN", "Lead", "go", "--seen", "00"]);
    assert_eq!((code, err.contains("look again")), (12, true), "{err}");
    stage.ok(&["vote", "PLAN", "lead", "go", "--as", "ana"]);
    let (code, _, err) = stage.run(&["vote", "PLAN", "CTO", "go", "--as", "ana"]);
    assert_eq!((code, err.contains("CTO is cto, not ana")), (12, true), "{err}");
    let (code, _, err) = stage.run(&["vote", "PLAN", "CTO", "no-go", "--as", "cto"]);
    assert_eq!((code, err.contains("needs its reason")), (12, true), "{err}");
    stage.ok(&["vote", "PLAN", "CTO", "no-go", "--reason", "no backup", "--as", "cto"]);
    let told = stage.ok(&["poll", "PLAN", "close"]);
    assert!(
        told.contains("closed the poll on Phase 1: Canary with NO-GO: CTO said NO-GO: no backup"),
        "{told}"
    );
    stage.ok(&["poll", "PLAN", "open"]);
    stage.ok(&["vote", "PLAN", "Lead", "go"]);
    stage.ok(&["vote", "PLAN", "CTO", "go", "--as", "cto"]);
    stage.ok(&["tick", "PLAN", "Deploy to canary"]);
    let poll = &stage.json(&["status", "PLAN", "--json"])["polls"][1];
    assert_eq!((poll["turn"].as_str(), poll["roles"][1]["lapsed"].as_bool()), (Some("Lead"), Some(true)));
}
