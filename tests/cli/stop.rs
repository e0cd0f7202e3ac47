//! STOP from another process than the one that began a run, and how ends are told in JSON.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::levers::{run, stage};
use crate::stage::Stage;

const PATIENCE: Duration = Duration::from_secs(60);

/// A process that runs a step which lasts.
fn begun(stage: &Stage) -> Child {
    let words = ["run", "PLAN", "slow", "--yes", "launch-1"];
    let child = stage.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    while fs::read_to_string(stage.plan.with_file_name("slow")).unwrap_or_default().is_empty() {
        assert!(began.elapsed() < PATIENCE, "it never ran");
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

#[test]
fn stop_ends_what_another_process_began() {
    let stage = stage("");
    stage.write(&fs::read_to_string(&stage.plan).unwrap().replace("sleep 4", "sleep 600"));
    run(&stage, &["allow", "PLAN", "--yes"]);
    let mut child = begun(&stage);
    let (code, out, err) = run(&stage, &["stop", "PLAN"]);
    assert_eq!((code, out.as_str()), (0, "STOP sent: step 1 of Slow Rollback\n"), "{err}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let ended = &stage.json(&["runs", "PLAN", "--json"])["runs"][0];
    assert_eq!(ended["state"], "stopped");
    assert_eq!(ended["steps"][0]["ended"]["end"], json!({ "kind": "aborted" }));
    let status = stage.json(&["status", "PLAN", "--json"]);
    assert_eq!(status["runs"][0]["steps"][0]["ended"]["end"]["kind"], "aborted");
    assert_eq!(stage.ok(&["stop", "PLAN"]), "nothing runs here\n");
    assert_eq!(stage.json(&["stop", "PLAN", "--json"]), json!({ "stopped": [] }));
}

#[test]
fn stop_reaches_a_run_whose_process_died() {
    let stage = stage("");
    stage.write(&fs::read_to_string(&stage.plan).unwrap().replace("sleep 4", "sleep 600"));
    run(&stage, &["allow", "PLAN", "--yes"]);
    let mut child = begun(&stage);
    child.kill().unwrap();
    child.wait().unwrap();
    let stopped = stage.json(&["stop", "PLAN", "--json"]);
    assert_eq!(stopped["stopped"][0]["step"], 1, "{stopped}");
    let (code, _, err) = run(&stage, &["run", "PLAN", "slow"]);
    assert_eq!(code, 1, "{err}");
    let ended = &stage.json(&["runs", "PLAN", "--json"])["runs"][0];
    assert_eq!(ended["steps"][0]["ended"]["end"], json!({ "kind": "aborted" }), "{ended}");
}

#[test]
fn each_end_is_a_type_in_the_json() {
    let stage = stage("");
    let plan = fs::read_to_string(&stage.plan).unwrap();
    for (command, end) in [
        ("exit 0", json!({ "kind": "exit", "code": 0 })),
        ("exit 7", json!({ "kind": "exit", "code": 7 })),
        ("kill -TERM $$", json!({ "kind": "signal", "number": 15 })),
        ("curl -X POST http://127.0.0.1:9/x", json!({ "kind": "not_started" })),
    ] {
        let block = plan.split("### Slow").next().unwrap().replace("echo \"did it with $GREETING\"", "");
        stage.write(&block.replace("echo one >> count", command));
        run(&stage, &["allow", "PLAN", "--yes"]);
        run(&stage, &["run", "PLAN", "emergency", "--yes", "launch-1"]);
        let runs = stage.json(&["runs", "PLAN", "--json"]);
        let last = runs["runs"].as_array().unwrap().last().unwrap();
        assert_eq!(last["steps"][0]["ended"]["end"], end, "{command}");
    }
}

#[test]
fn a_flag_that_commands_keep_is_read_and_changed_without_a_screen() {
    let binding = "[[flag]]\nname = \"PAY_ENABLED\"\nprovider = \"command\"\nread = \"cat pay\"\n\
                   write = \"echo x >> ran; printf %s \\\"$W_VALUE\\\" > pay\"\nenv = [\"GREETING\"]\n";
    let stage = stage(binding);
    fs::write(stage.plan.with_file_name("pay"), "no\n").unwrap();
    let set = ["flag", "set", "PLAN", "PAY_ENABLED", "on", "--yes", "launch-PAY_ENABLED-true"];
    let (code, _, err) = run(&stage, &set);
    assert!(code == 12 && err.contains("nobody allowed"), "{err}");
    let (_, told, _) = run(&stage, &["allow", "PLAN", "--yes"]);
    for part in ["read cat pay", "printf %s \"$W_VALUE\" > pay", "with GREETING"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let (_, value, _) = run(&stage, &["flag", "get", "PLAN", "PAY_ENABLED"]);
    assert_eq!(value, "false\n");
    let (code, out, err) = run(&stage, &set);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("W_VALUE is \"true\""), "{out}");
    assert_eq!(fs::read_to_string(stage.plan.with_file_name("pay")).unwrap(), "true");
    fs::write(stage.plan.with_file_name("warroom.toml"), binding.replace("cat pay", "cat other")).unwrap();
    let (code, _, err) = run(&stage, &set);
    assert!(code == 12 && err.contains("nobody allowed"), "a changed line is not allowed: {err}");
}
