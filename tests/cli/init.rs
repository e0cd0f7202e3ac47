//! `warroom init` and `schema`: written, read back, kept; and what a binding changes for everybody else.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::stage::Stage;

const PLAN: &str = "\
# Launch

## Pre-flight

- [ ] Back up the database

## Phase 1: Canary (Day 1)

- [ ] Deploy to canary
- [ ] `new_checkout` = false

## Alerts

- P1: Error rate > 5%
- P2: 5xx rate > 2%

## Rollback

### Emergency Rollback

```bash
vercel rollback [previous-deployment-id]
```
";

fn stage() -> Stage {
    let stage = Stage::new();
    stage.write(PLAN);
    stage
}

fn file(stage: &Stage) -> std::path::PathBuf {
    stage.plan.with_file_name("warroom.toml")
}

#[test]
fn it_is_written_once_and_kept_from_then_on() {
    let stage = stage();
    let told = stage.ok(&["init", "PLAN"]);
    assert!(
        told.starts_with("wrote ") && told.contains("1 signal\n") && told.contains("1 blank\n"),
        "{told}"
    );
    let path = file(&stage);
    let fresh = fs::read_to_string(&path).unwrap();
    assert!(stage.ok(&["init", "PLAN"]).contains("nothing changed"));
    assert_eq!(fs::read_to_string(&path).unwrap(), fresh);
    assert!(
        stage.json(&["allow", "PLAN", "--json"])["parts"].as_array().unwrap().len() == 1,
        "nothing bound"
    );
    let mine = fresh
        .replace("url = \"\"", "url = \"http://prom:9090\" # ours")
        .replace("query = \"\"", "query = \"up\"");
    fs::write(&path, &mine).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    stage.write(
        &PLAN.replace("- P2: 5xx", "- P2: Load > 3%\n- P2: 5xx").replace("`new_checkout` = false", "Go"),
    );
    let told = stage.json(&["init", "PLAN", "--json"]);
    assert_eq!(
        (&told["added"]["signal"][0], &told["gone"]["flag"][0]),
        (&"Load".into(), &"new_checkout".into())
    );
    assert_eq!((told["changed"].as_bool(), told["written"].as_bool()), (Some(true), Some(true)));
    let now = fs::read_to_string(&path).unwrap();
    assert!(mine.lines().all(|line| now.contains(line)) && now.contains("# no longer in the plan"), "{now}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let folder = fs::read_dir(path.parent().unwrap()).unwrap().flatten();
    assert!(folder.map(|f| f.file_name()).all(|n| !n.to_string_lossy().contains(".new")), "no draft is left");
}

#[test]
fn a_dry_run_prints_and_another_file_is_written() {
    let stage = stage();
    let text = stage.ok(&["init", "PLAN", "--dry-run"]);
    assert!(
        text.contains("[[signal]]\nname = \"Error rate\"\naliases = [\"5xx rate\"]  # a guess\n"),
        "{text}"
    );
    let told = stage.json(&["init", "PLAN", "--dry-run", "--json"]);
    assert_eq!((told["changed"].as_bool(), told["written"].as_bool()), (Some(true), Some(false)));
    assert!(!file(&stage).exists());
    let other = stage.plan.with_file_name("other.toml");
    stage.ok(&["init", "PLAN", "-o", other.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(other).unwrap(), text);
    assert!(!file(&stage).exists());
}

#[test]
fn a_broken_file_is_refused_with_its_places_and_not_touched() {
    let stage = stage();
    let broken = "[[source]]\nname = 3\nkind = \"promethius\"\n";
    fs::write(file(&stage), broken).unwrap();
    let (code, out, err) = stage.run(&["init", "PLAN"]);
    assert_eq!((code, out.as_str()), (1, ""));
    for part in ["warroom.toml:2:8: ", "warroom.toml:3:8: ", "nothing was changed"] {
        assert!(err.contains(part), "{part} in {err}");
    }
    assert_eq!(fs::read_to_string(file(&stage)).unwrap(), broken);
    fs::write(file(&stage), "[room\n").unwrap();
    assert!(stage.run(&["init", "PLAN"]).2.contains("warroom.toml:1:"));
}

#[test]
fn a_literal_secret_is_refused_and_repeated_nowhere() {
    let stage = stage();
    for line in ["auth = \"canary-77\"", "url = \"https://ana:canary-77@prom\""] {
        let text = format!("[[source]]\nname = \"prom\"\nkind = \"prometheus\"\n{line}\n");
        fs::write(file(&stage), text).unwrap();
        for args in [&["allow", "PLAN", "--json"][..], &["init", "PLAN"], &["check", "PLAN"]] {
            let (_, out, err) = stage.run(args);
            assert!(!out.contains("canary-77") && !err.contains("canary-77"), "{args:?}: {out}{err}");
            assert!((out + &err).contains("warroom.toml:4:"), "{args:?}: {err}");
        }
    }
}

#[test]
fn what_is_corrected_is_so_for_everybody() {
    let stage = stage();
    let corrections = "\
[[correct]]
line = 10
text = '`new_checkout` = false'
drop = true

[[correct]]
line = 14
set = { value = 7, for = '5m' }

[[rule]]
of = '5xx rate'
off = true
";
    fs::write(file(&stage), corrections).unwrap();
    let reading = stage.json(&["check", "PLAN", "--json"]);
    let limits = reading["thresholds"].as_array().unwrap();
    assert_eq!(
        (limits.len(), limits[0]["value"].as_f64(), limits[0]["for"].as_f64()),
        (1, Some(7.0), Some(300.0))
    );
    assert_eq!(
        (reading["items"].as_array().unwrap().len(), reading["flags"].as_array().unwrap().len()),
        (2, 0)
    );
    stage.ok(&["tick", "PLAN", "Deploy to canary"]);
    let (code, _, err) = stage.run(&["tick", "PLAN", ":10"]);
    assert_ne!(code, 0, "{err}");
    let name = stage.json(&["rooms", "--json"])[0]["room"].as_str().unwrap().to_owned();
    for target in ["PLAN", &name] {
        let status = stage.json(&["status", target, "--json"]);
        assert_eq!(status["items"].as_array().unwrap().len(), 2, "{target}");
    }
    stage.ok(&["untick", &name, "Deploy to canary"]);
    fs::write(file(&stage), "oops").unwrap();
    let (code, out, err) = stage.run(&["tick", "PLAN", "Deploy to canary"]);
    assert!(code == 0 && out.contains("ticked") && err.contains("warroom.toml:1:"), "a tick goes on: {err}");
}

#[test]
fn a_new_room_is_in_the_environment_of_its_binding() {
    let stage = stage();
    fs::write(file(&stage), "[room]\nenvironment = \"staging\"\n").unwrap();
    stage.ok(&["note", "PLAN", "hello"]);
    assert_eq!(stage.json(&["rooms", "--json"])[0]["environment"], "staging");
    assert_eq!(stage.json(&["status", "PLAN", "--json"])["environment"], "staging");
}

#[test]
fn both_schemas_are_printed() {
    let stage = stage();
    let binding = stage.json(&["schema"]);
    let keys =
        ["room", "source", "signal", "rule", "flag", "procedure", "blank", "people", "channel", "correct"];
    for key in keys {
        assert!(binding["properties"][key].is_object(), "{key}");
    }
    assert_eq!(binding["additionalProperties"], false);
    let plan = stage.json(&["schema", "plan"]);
    let reading = stage.json(&["check", "PLAN", "--json"]);
    for key in reading.as_object().unwrap().keys() {
        assert!(plan["properties"][key].is_object(), "{key}");
    }
    assert!(plan["$defs"]["Threshold"]["properties"]["for"].is_object());
}
