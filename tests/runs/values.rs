//! Values that fill blanks: one argument whatever they hold, and no trace of a secret.

use std::path::Path;

use base64::Engine as _;
use proptest::prelude::*;
use uuid::Uuid;
use warroom::levers::run::{Ending, StepOutcome};
use warroom::plan::binding::{Blank, Secret};

use super::stage::{Stage, heard, supervisor};

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn a_value_arrives_as_one_literal_argument(
        value in r#"([ ;|&<>()$`'"\\*?~#!{}=\[\]\n\t%éx-]|\$\(id\)|`id`){1,24}"#,
    ) {
        let mut stage = Stage::new();
        stage.blank("some-id", Blank::Text(value.clone()));
        let heard = stage.run("printf '%s|' a [some-id] b<some-id>c $(printf '%s' [some-id]x | wc -c) > told");
        prop_assert_eq!(heard.outcome, StepOutcome::Finished(Ending::Exit(0)), "{:?}", heard.lines);
        let told = std::fs::read_to_string(stage.file("told")).unwrap();
        prop_assert_eq!(told, format!("a|{value}|b{value}c|{}|", value.len() + 1));
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut all = vec![];
    for path in std::fs::read_dir(folder).unwrap().flatten().map(|f| f.path()) {
        if path.is_dir() { all.extend(files(&path)) } else { all.push(std::fs::read(path).unwrap()) }
    }
    all
}

#[test]
fn a_secret_reaches_the_command_and_nothing_else() {
    const SECRET: &str = "canary+7f/3a9c1e \"k\"";
    let mut stage = Stage::new();
    let kept = tempfile::tempdir().unwrap();
    let at = kept.path().join("token");
    std::fs::write(&at, format!("{SECRET}\n")).unwrap();
    stage.blank("token", Blank::Kept(Secret::File(at.display().to_string())));
    let (levers, reports) = stage.levers();
    let ticket = Uuid::now_v7();
    let script = "printf '%s' [token] | wc -c\n\
                  printf '%s' [token] | cut -c1-9 | tr -d '\\n'; sleep 0.1; printf '%s\\n' [token] | cut -c10-\n\
                  printf 'u:%s' [token] | base64\n\
                  ls -l [token] || true\n\
                  while [ ! -e go ]; do sleep 0.01; done";
    levers.run_step(ticket, stage.step(script));
    assert_eq!(format!("{:?}", reports.recv().unwrap()).matches("\"20\"").count(), 1);
    // While it runs, the process list of this computer has no part of it.
    let folder = stage.folder(ticket);
    let child = std::fs::read_to_string(folder.join("child")).unwrap();
    let child: serde_json::Value = serde_json::from_str(&child).unwrap();
    for pid in [supervisor(&folder).unwrap(), child["pid"].as_u64().unwrap() as u32] {
        let argv = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
        assert!(!argv.is_empty() && !String::from_utf8_lossy(&argv).contains("canary+7f"));
    }
    std::fs::write(stage.file("go"), "").unwrap();
    let heard = heard(&reports);
    let (told, coded) = (heard.lines.join("\n"), base64::prelude::BASE64_STANDARD.encode(SECRET));
    assert!(told.starts_with("…\n") && told.matches('…').count() >= 3, "{told}");
    let kept = files(&stage.state).into_iter().map(|f| String::from_utf8_lossy(&f).into_owned());
    for text in kept.chain([told]) {
        for bad in ["7f/3a9c1e", &coded, &coded[4..20]] {
            assert!(!text.contains(bad), "{bad} in {text}");
        }
    }
}

#[test]
fn nothing_of_the_environment_is_handed_over_unasked() {
    let stage = Stage::new();
    let names = stage.run("env | sed 's/=.*//' | sort").lines;
    assert!(names.contains(&"PATH".to_owned()) && names.contains(&"WARROOM_RUN".to_owned()), "{names:?}");
    let odd: Vec<_> = names.iter().filter(|n| n.starts_with("CARGO") || n.starts_with("RUST")).collect();
    assert!(odd.is_empty(), "{odd:?}");
}

#[test]
fn a_value_that_a_command_prints_is_fetched_for_the_step_and_struck_out() {
    let mut stage = Stage::new();
    let token = stage.file("token");
    std::fs::write(&token, "canary-5\n").unwrap();
    stage.blank("token", Blank::Kept(Secret::Cmd(format!("cat {}", token.display()))));
    let step = stage.step("printf %s [token] > told; echo [token]");
    let (shown, _) = step.confirmable().unwrap();
    assert!(shown.iter().any(|l| l.starts_with("# W_token is cmd:cat ")), "{shown:?}");
    let heard = stage.run("printf %s [token] > told; echo [token]");
    assert_eq!((heard.outcome, heard.lines), (StepOutcome::Finished(Ending::Exit(0)), vec!["…".to_owned()]));
    assert_eq!(std::fs::read_to_string(stage.file("told")).unwrap(), "canary-5");
    std::fs::remove_file(&token).unwrap();
    let (levers, reports) = stage.levers();
    let ticket = Uuid::now_v7();
    levers.run_step(ticket, stage.step("echo [token] >> ran"));
    let outcome = super::stage::heard(&reports).outcome;
    let StepOutcome::Finished(Ending::NotStarted(why)) = outcome else { panic!("{outcome:?}") };
    assert!(why.contains("cmd:cat") && why.contains("ended with"), "{why}");
    assert_eq!(
        (warroom::levers::runs::look(&stage.folder(ticket)), stage.count("ran")),
        (warroom::levers::runs::Standing::Void, 0)
    );
}
