//! `warroom whatif`: samples of a file against another limit.

use chrono::{TimeDelta, Utc};
use warroom::journal::{Asked, KEPT, SampleLog};

use super::stage::Stage;

fn whatif(rule: &str, more: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("samples.csv");
    let value = |s: u32| if (60..180).contains(&s) { 9 } else { 1 };
    let lines: String =
        (0..300).step_by(5).map(|s| format!("{},{}\n", 1_800_000_000 + s, value(s))).collect();
    std::fs::write(&file, format!("time,value\n{lines}")).unwrap();
    let file = file.to_str().unwrap().to_owned();
    Stage::new().run(&[&["whatif", "--rule", rule, "--samples", &file], more].concat())
}

#[test]
fn it_says_when_the_limit_would_have_fired() {
    let (code, out, err) = whatif("error_rate > 3% for 1m", &[]);
    assert_eq!((code, err.as_str()), (0, ""));
    let want = "error_rate  ok ≤ 3 %, for 1m\n2027-01-15 08:02:00 UTC  1m                   worst 9\n\
        would have fired once in 4m55s (60 evaluations)\n";
    assert_eq!(out, want);
    let (_, out, _) = whatif("error_rate > 3% for 5m", &[]);
    assert!(out.ends_with("would not have fired in 4m55s (60 evaluations)\n"), "{out}");
    let (_, out, _) = whatif("error_rate > 3% for 1m", &["--json"]);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["firings"][0]["from"], "2027-01-15T08:02:00Z");
    assert_eq!((&told["evaluations"], &told["unrecorded"]), (&60.into(), &serde_json::Value::Null));
}

#[test]
fn a_room_tells_false_alarms_from_true_ones() {
    let stage = Stage::new();
    stage.ok(&["note", "PLAN", "hello"]);
    let name = stage.json(&["rooms", "--json"])[0]["room"].as_str().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("samples.csv");
    std::fs::write(&file, "2026-11-21T10:00:00Z,9\n2026-11-21T10:00:05Z,1\n").unwrap();
    let out = stage.ok(&["whatif", &name, "--rule", "cpu > 3%", "--samples", file.to_str().unwrap()]);
    assert!(out.contains("nothing recorded") && out.contains("1 of 1 with nothing recorded"), "{out}");
    let (code, _, err) = stage.run(&["whatif", &name, "--rule", "cpu > 3%"]);
    assert!(code == 1 && err.contains("keeps no samples") && err.contains("--samples"), "{err}");
}

#[test]
fn words_that_are_no_limit_are_refused() {
    for (rule, said) in [
        ("all is well", "states no limit"),
        ("cpu > 3% or disk > 4%", "states 2 limits"),
        ("cpu 3%", "does not say which side is bad"),
        ("latency > +20%", "relative to a baseline"),
    ] {
        let (code, out, err) = whatif(rule, &[]);
        assert_eq!((code, out.as_str()), (2, ""), "{rule}: {err}");
        assert!(err.contains(said), "{rule}: {err}");
    }
}

#[test]
fn a_rooms_own_samples_are_asked() {
    let stage = Stage::new();
    stage.ok(&["note", "PLAN", "hello"]);
    let name = stage.json(&["rooms", "--json"])[0]["room"].as_str().unwrap().to_owned();
    let file = stage.state.join("rooms").join(format!("{name}.db"));
    let asked = |name: &str| Asked { name: name.to_owned(), question: "q".to_owned() };
    let now = Utc::now();
    let value = |s: i64| if (60..180).contains(&s) { 9.0 } else { 1.0 };
    let points: Vec<_> = (0..7_200)
        .step_by(5)
        .map(|s| ((now - TimeDelta::seconds(7_200 - s)).timestamp_millis(), value(s)))
        .collect();
    let mut log = SampleLog::open(&file, KEPT).unwrap();
    log.append(&[(&asked("error rate"), &points), (&asked("cpu"), &points[..3])], now).unwrap();
    let ask =
        |more: &[&str]| stage.run(&[&["whatif", "PLAN", "--rule", "error_rate > 3% for 1m"], more].concat());
    let (code, out, err) = ask(&[]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("would have fired once in 1h59m55s (1440 evaluations)"), "{out}");
    assert!(out.contains("1 of 1 with nothing recorded"), "{out}");
    let (_, out, _) = ask(&["--since", "1h", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((told["firings"].as_array().unwrap().len(), told["unrecorded"].as_u64()), (0, Some(0)));
    assert!((719..=720).contains(&told["evaluations"].as_u64().unwrap()), "{out}");
    let (code, _, err) = ask(&["--since", "yesterday"]);
    assert!(code == 2 && err.contains("yesterday"), "{err}");
    let (code, _, err) = stage.run(&["whatif", "PLAN", "--rule", "disk > 3%"]);
    assert!(
        code == 1 && err.contains("keeps no samples of disk") && err.contains("error rate, cpu"),
        "{err}"
    );
}
