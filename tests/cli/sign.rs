//! Sign-offs from the command line: keys made by `ssh-keygen`, and its own verdict on what is exported.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use warroom::journal::chain::{self, Head};
use warroom::journal::{How, SqliteStore, Store as _};
use warroom::room::{Decision, Entry, Event, Fact};

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

/// Appends events as `by` at `at` to the room's journal, whoever may not have said so.
fn forge(stage: &Stage, (by, at): (&str, &str), events: Vec<Event>) {
    let file = stage.json(&["rooms", "--json"])[0]["path"].as_str().unwrap().to_owned();
    let mut store = SqliteStore::open(Path::new(&file), &How::default()).unwrap();
    while !store.after(store.head().seq).unwrap().is_empty() {}
    let head = store.head().seq;
    let text = |(n, event)| {
        let id = uuid::Uuid::from_u128(0xf0_0000 + u128::from(head) + n);
        Fact::new(id, at.parse().unwrap(), by, event).to_text()
    };
    let texts: Vec<String> = (0..).zip(events).map(text).collect();
    store.append(head, &texts).unwrap();
}

/// The last sign-off of the journal, as it is stored, and its event.
fn last_signoff(stage: &Stage) -> (serde_json::Value, Event) {
    let log = stage.ok(&["log", "PLAN", "--json"]);
    let line = log.lines().rfind(|line| line.contains("\"signed_off\"")).unwrap();
    (serde_json::from_str(line).unwrap(), Entry::read(1, line).event)
}

#[test]
fn verify_gives_each_sign_off_its_own_seal() {
    let Some((stage, folder)) = stage() else { return };
    adopt(&stage, &list(&folder, &[("ana", OURS)]));
    let ana = key(&folder, "ana");
    stage.ok(&["sign", "PLAN", "CTO", "--key", &ana, "--reject"]);
    let (stored, event) = last_signoff(&stage);
    let (by, at) = (stored["by"].as_str().unwrap(), stored["at"].as_str().unwrap());
    let Event::SignedOff { signoff, role, statement, signature, .. } = event else { panic!("{stored}") };
    let forged =
        |decision: Decision, statement: Option<String>, signature: Option<String>| Event::SignedOff {
            signoff: signoff.clone(),
            role: role.clone(),
            decision,
            comment: None,
            signed: statement.is_some(),
            exceptions: None,
            statement,
            signature,
            saw: vec![],
        };
    let other = statement.as_ref().map(|text| text.replace("decision: reject", "decision: approve"));
    let forgeries = [
        (forged(Decision::Approve, None, None), "approved as CTO by", ": unsigned; the one before it stands"),
        (
            forged(Decision::Approve, other, signature.clone()),
            "approved as CTO by",
            "UNVERIFIED: the signature does not fit",
        ),
        (forged(Decision::Reject, statement, signature), "rejected as CTO by", "UNVERIFIED: its nonce"),
        (
            forged(Decision::ApproveWithExceptions, None, None),
            "approved with exceptions as CTO by",
            ": unsigned; the one before it stands",
        ),
    ];
    for (event, said, verdict) in forgeries {
        forge(&stage, (by, at), vec![event]);
        let told = stage.ok(&["verify", "PLAN"]);
        let lines: Vec<_> = told.lines().filter(|line| line.starts_with("  sign-off")).collect();
        assert!(lines[0].contains("rejected as CTO") && lines[0].contains("signed by ana"), "{told}");
        let last = lines.last().unwrap();
        assert!(last.contains(said) && last.contains(verdict), "{verdict}: {told}");
        assert!(lines[1..].iter().all(|line| !line.contains("signed by")), "{told}");
    }
    stage.ok(&["sign", "PLAN", "CTO", "--key", &ana, "--except", "no push"]);
    let told = stage.ok(&["verify", "PLAN"]);
    let lines: Vec<_> = told.lines().filter(|line| line.starts_with("  sign-off")).collect();
    assert!(lines[0].ends_with(", replaced by a later one"), "{told}");
    assert!(lines.last().unwrap().contains("approved with exceptions as CTO by"), "{told}");
}

#[test]
fn what_a_person_signed_of_another_history_is_not_accepted() {
    let Some((stage, folder)) = stage() else { return };
    adopt(&stage, &list(&folder, &[("ana", OURS)]));
    stage.ok(&["sign", "PLAN", "CTO", "--key", &key(&folder, "ana")]);
    let (_, mut event) = last_signoff(&stage);
    if let Event::SignedOff { statement: Some(text), .. } = &mut event {
        let head = text.lines().find(|line| line.starts_with("journal-head: ")).unwrap().to_owned();
        let (begin, _) = head.rsplit_once(':').unwrap();
        *text = text.replace(&head, &format!("{begin}:{}", "ab".repeat(32)));
    }
    stage.ok(&["note", "PLAN", "the last of it"]);
    let file = stage.json(&["rooms", "--json"])[0]["path"].as_str().unwrap().to_owned();
    let mut store = SqliteStore::open(Path::new(&file), &How::default()).unwrap();
    let mut records = vec![];
    while let Some(more) = store.after(store.head().seq).ok().filter(|more| !more.is_empty()) {
        records.extend(more);
    }
    drop(store);
    let (last, before) = (records.pop().unwrap(), records.pop().unwrap());
    let text = Fact::new(uuid::Uuid::from_u128(0xf0), chrono::Utc::now(), "eve", event).to_text();
    let forged = &chain::extend(Head { seq: before.seq, hash: before.hash }, &[text])[0];
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.execute_batch("DROP TRIGGER event_kept").unwrap();
    conn.execute("DELETE FROM event WHERE seq = ?1", [last.seq as i64]).unwrap();
    let insert = "INSERT INTO event (seq, text, hash) VALUES (?1, ?2, ?3)";
    conn.execute(insert, (forged.seq as i64, &forged.text, forged.hash)).unwrap();
    drop(conn);
    let standings = || {
        let (_, out, _) = stage.run(&["verify", "PLAN", "--json"]);
        let told: serde_json::Value = serde_json::from_str(&out).unwrap();
        let all = told["compared"].as_array().unwrap().clone();
        all.into_iter().filter(|c| c["from"] == "machine").map(|c| c.to_string()).collect::<Vec<_>>()
    };
    let before = standings();
    assert!(before.iter().any(|c| c.contains("forked")), "{before:?}");
    let (code, _, err) = stage.run(&["verify", "PLAN", "--accept", "restored"]);
    assert!(code == 1 && err.contains("cannot be accepted") && err.contains("sign-off"), "{code} {err}");
    assert_eq!(standings(), before, "what this computer remembers stays");
}

#[test]
fn an_export_has_the_signers_of_its_time_and_overwrites_nothing() {
    let Some((stage, folder)) = stage() else { return };
    adopt(&stage, &list(&folder, &[("ana", OURS)]));
    let then = std::fs::read(folder.join("signers")).unwrap();
    stage.ok(&["sign", "PLAN", "CTO", "--key", &key(&folder, "ana")]);
    adopt(&stage, &list(&folder, &[("ana", OURS), ("bo", OURS)]));
    let out = folder.join("out");
    std::fs::create_dir(&out).unwrap();
    let signers = out.join("allowed_signers");
    std::fs::write(&signers, "mine\n").unwrap();
    let export = ["sign", "PLAN", "CTO", "--export", out.to_str().unwrap()];
    let (code, _, err) = stage.run(&export);
    assert!(code == 1 && err.contains("is there and says otherwise"), "{code} {err}");
    assert_eq!(std::fs::read(&signers).unwrap(), b"mine\n");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1, "all or nothing");
    std::fs::remove_file(&signers).unwrap();
    stage.ok(&export);
    assert_eq!(std::fs::read(&signers).unwrap(), then);
    stage.ok(&export);
}
