//! Sign-offs from the command line: keys made by `ssh-keygen`, and its own verdict on what is exported.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::stage::{PLAN, Stage};

/// With two roles that sign.
pub fn plan() -> String {
    format!("{PLAN}\n## Sign-off\n\n- [ ] CTO: ______\n- [ ] Product Owner: ______\n")
}

/// A stage with that plan and a folder of keys; none where there is no `ssh-keygen`.
pub fn stage() -> Option<(Stage, PathBuf)> {
    let stage = Stage::new();
    stage.write(&plan());
    let folder = stage.plan.parent().unwrap().join("keys");
    std::fs::create_dir(&folder).unwrap();
    for (name, kind) in [("ana", "ed25519"), ("bo", "ecdsa"), ("cy", "ed25519")] {
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-N", "", "-C", name, "-t", kind, "-f"]).arg(folder.join(name));
        match command.stdin(Stdio::null()).status() {
            Ok(status) => assert!(status.success()),
            Err(_) => {
                eprintln!("SKIPPED: ssh-keygen is not installed (apt-get install openssh-client)");
                return None;
            }
        }
    }
    Some((stage, folder))
}

pub fn key(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// A list of signers, a line a name.
pub fn list(folder: &Path, lines: &[(&str, &str)]) -> String {
    let line = |(name, options): &(&str, &str)| {
        let public = std::fs::read_to_string(folder.join(name).with_extension("pub")).unwrap();
        format!("{name}@example.com {options} {public}")
    };
    let path = folder.join("signers");
    std::fs::write(&path, lines.iter().map(line).collect::<String>()).unwrap();
    path.display().to_string()
}

pub const OURS: &str = "namespaces=\"signoff-v1@warroom\"";

/// Has a list adopted, with the phrase that it asks for.
pub fn adopt(stage: &Stage, list: &str) {
    let (code, shown, err) = stage.run(&["signers", "PLAN", list]);
    assert_eq!(code, 12, "{err}");
    assert!(shown.contains("ana@example.com  ssh-ed25519  SHA256:"), "{shown}");
    let phrase = err.split_whitespace().find(|word| word.contains("-signers-")).unwrap();
    stage.ok(&["signers", "PLAN", list, "--yes", phrase]);
}

fn signoff(stage: &Stage, at: usize) -> serde_json::Value {
    stage.json(&["status", "PLAN", "--json"])["signoffs"][at].clone()
}

#[test]
fn what_is_exported_ssh_keygen_verifies_alone() {
    let Some((stage, folder)) = stage() else { return };
    adopt(&stage, &list(&folder, &[("ana", OURS), ("bo", OURS)]));
    let ana = key(&folder, "ana");
    let told = stage.ok(&["sign", "PLAN", "cto", "--key", &ana, "--comment", "dashboards are green"]);
    assert!(told.contains("approved as CTO (with a signature): dashboards are green"), "{told}");
    let bo = key(&folder, "bo");
    stage.ok(&["sign", "PLAN", "Product", "--key", &bo, "--except", "no push before noon"]);
    let state = signoff(&stage, 0);
    assert_eq!(
        (state["seal"]["seal"].as_str(), &state["counts"]),
        (Some("verified"), &true.into()),
        "{state}"
    );
    assert_eq!(state["seal"]["principal"], "ana@example.com");
    for (role, who) in [("CTO", "ana"), ("Product Owner", "bo")] {
        let out = folder.join(format!("out-{who}"));
        let command = stage.ok(&["sign", "PLAN", role, "--export", out.to_str().unwrap()]);
        let shell = |command: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-c", command]).current_dir(&out).stdin(Stdio::null()).output().unwrap()
        };
        let said = shell(&command);
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(
            said.status.success() && text.starts_with("Good \"signoff-v1@warroom\" signature for"),
            "{text}"
        );
        let statement = std::fs::read_dir(&out).unwrap().flatten().map(|f| f.path());
        let statement =
            statement.into_iter().find(|p| p.extension().is_some_and(|e| e == "statement")).unwrap();
        let text = std::fs::read_to_string(&statement).unwrap();
        assert!(text.contains(&format!("\nrole: {role}\n")) && text.contains("\njournal-head: "), "{text}");
        std::fs::write(&statement, text.replace("approve", "reject")).unwrap();
        assert!(!shell(&command).status.success(), "another statement is not what was signed");
    }
}

#[test]
fn a_key_that_may_not_sign_signs_nothing_and_says_why() {
    let Some((stage, folder)) = stage() else { return };
    let ana = key(&folder, "ana");
    let (code, _, err) = stage.run(&["sign", "PLAN", "CTO", "--key", &ana]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("knows no signers") && err.contains("warroom signers PLAN FILE"), "{err}");
    let expired = format!("{OURS},valid-before=\"20200101Z\"");
    adopt(&stage, &list(&folder, &[("ana", OURS), ("bo", &expired), ("cy", "")]));
    for name in ["bo", "cy"] {
        let (code, _, err) = stage.run(&["sign", "PLAN", "CTO", "--key", &key(&folder, name)]);
        assert_eq!(code, 1);
        assert!(err.contains("have none of your keys now"), "{err}");
    }
    let binding = stage.plan.with_file_name("warroom.toml");
    std::fs::write(&binding, "[people]\nCTO = [\"bo@example.com\"]\n").unwrap();
    let (code, _, err) = stage.run(&["sign", "PLAN", "CTO", "--key", &ana]);
    assert_eq!(code, 12, "{err}");
    assert!(err.contains("ana@example.com may not sign as CTO"), "{err}");
    let (code, _, err) = stage.run(&["sign", "PLAN", "Janitor", "--key", &ana]);
    assert_eq!(code, 2);
    assert!(err.contains("the plan asks CTO, Product Owner"), "{err}");
    assert_eq!(signoff(&stage, 0)["decision"], serde_json::Value::Null);
}

#[test]
fn unsigned_is_said_everywhere_and_counts_only_where_nobody_is_known() {
    let Some((stage, folder)) = stage() else { return };
    stage.ok(&["sign", "PLAN", "CTO", "--unsigned"]);
    assert_eq!(signoff(&stage, 0)["counts"], true);
    assert!(stage.ok(&["log", "PLAN"]).contains("approved as CTO (unsigned)"));
    adopt(&stage, &list(&folder, &[("ana", OURS)]));
    let state = signoff(&stage, 0);
    assert_eq!((&state["counts"], state["seal"]["seal"].as_str()), (&false.into(), Some("unsigned")));
    assert!(state["why"].as_str().unwrap().contains("counts signatures only"), "{state}");
}

#[test]
fn an_edited_plan_makes_a_signature_stale_and_says_what_changed() {
    let Some((stage, folder)) = stage() else { return };
    adopt(&stage, &list(&folder, &[("ana", OURS)]));
    stage.ok(&["sign", "PLAN", "CTO", "--key", &key(&folder, "ana")]);
    stage.write(&plan().replace("Freeze merges", "Freeze merges and deploys"));
    stage.ok(&["note", "PLAN", "edited"]);
    let state = signoff(&stage, 0);
    assert_eq!((&state["stale"], &state["counts"]), (&true.into(), &false.into()));
    let changed: Vec<_> = state["changed"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    assert_eq!(changed, ["- Freeze merges", "+ Freeze merges and deploys"]);
}

#[test]
fn a_room_made_with_signers_in_the_settings_has_them_from_the_start() {
    let Some((stage, folder)) = stage() else { return };
    let signers = list(&folder, &[("ana", OURS)]);
    let settings = stage.state.join("config/warroom");
    std::fs::create_dir_all(&settings).unwrap();
    let ana = key(&folder, "ana");
    let text = format!("[user]\nsigners = {signers:?}\nkey = {ana:?}\nrole = \"engineer\"\n");
    std::fs::write(settings.join("config.toml"), text).unwrap();
    stage.ok(&["sign", "PLAN", "CTO"]);
    assert_eq!(signoff(&stage, 0)["seal"]["seal"], "verified");
    assert!(stage.ok(&["signers", "PLAN"]).contains("adopted by"), "and where they came from");
    let verified = stage.ok(&["log", "PLAN", "--json"]);
    assert!(!verified.contains("PRIVATE KEY"));
    let (code, _, err) = stage.run(&["sign", "PLAN", "Product", "--dry-run"]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("role Product Owner") && err.contains("signed as ana@example.com"), "{err}");
    assert_eq!(signoff(&stage, 1)["decision"], serde_json::Value::Null);
    let _ = File::open(&signers).unwrap();
}
