//! `warroom drill`: what it prints, and its exit code.

use super::stage::Stage;

const PLAN: &str = "# P\n## Alerts\n- P1: Error rate > 5% for 1 minute\n";
const MET: &str = "plan = 'plan.md'\n[[at]]\nt = '1m'\nset = { 'Error rate' = 7 }\n[[at]]\nt = '2m'\nexpect = 'fires Error rate P1'\n";

/// Writes the timeline beside its plan and drills it.
fn drill(timeline: &str, more: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.md"), PLAN).unwrap();
    let file = folder.path().join("drill.toml");
    std::fs::write(&file, timeline).unwrap();
    let file = file.to_str().unwrap().to_owned();
    Stage::new().run(&[&["drill", &file], more].concat())
}

#[test]
fn a_drill_that_is_met_says_so() {
    let (code, out, err) = drill(MET, &[]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out, "ok            2m  fires Error rate P1\n1 of 1 expectations met\n");
}

#[test]
fn a_drill_that_is_missed_names_the_line_and_what_was_there() {
    let (code, out, _) = drill(&MET.replace("= 7", "= 3"), &[]);
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("FAILED") && out.contains("drill.toml:5: Error rate P1 of line 3 is ok; measured 3"),
        "{out}"
    );
    let (code, out, _) = drill(&MET.replace("= 7", "= 3"), &["--json"]);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["ok"], &told["expectations"][0]["state"]), (1, &false.into(), &"missed".into()));
}

#[test]
fn a_drill_that_cannot_be_played_says_everything_that_is_wrong() {
    for (timeline, said) in [
        ("[[at]]\nt = 'x'\nsay = 3\n", "drill.toml:2:5: t = \"x\" is no time"),
        ("[[at]]\nt = 'x'\nsay = 3\n", "drill.toml:3:7: say is no text"),
        ("[[at]]\nt = '1s'\nexpect = 'quiet'\n", "names no plan"),
        ("plan = 'other.md'\n", "other.md: there is no such file"),
        (
            "plan = 'plan.md'\n[[at]]\nt = '1s'\nexpect = 'screen: GO'\n",
            "expects nothing that a drill can judge",
        ),
        (
            "plan = 'plan.md'\n[[at]]\nt = '1s'\nset = { Load = 1 }\n",
            "drill.toml:2:1: the plan has no limit on \"Load\"",
        ),
    ] {
        let (code, out, err) = drill(timeline, &[]);
        assert_eq!((code, out.as_str()), (1, ""), "{timeline}");
        assert!(err.contains(said), "{timeline}: {err}");
    }
}

#[test]
fn the_example_is_met() {
    let (code, out, err) = Stage::new().run(&["drill", "examples/checkout.drill.toml"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
}

/// A plan with everything that a rule can be told, and a drill that asks for each.
#[test]
fn a_drill_asks_where_limits_stand() {
    const WIDE: &str = "# P\n## Alerts\n- P1: Error rate > 5% for 1 minute\n- P2: Requests < 1\n\
        ## Success criteria\n- Error rate < 1%\n- Uptime > 99%\n## Rollback triggers\n- Error rate > 20%\n\
        - Latency > 50% above baseline\n";
    let timeline = "plan = 'plan.md'\nevery = '5s'\n[[rule]]\nof = 'Error rate P1'\nkeep_firing_for = '30s'\n\
        cooldown = '10m'\nfloor = { signal = 'Requests', at_least = 50 }\n\
        [[at]]\nt = '10s'\nset = { Requests = 900, 'Error rate' = 0.2 }\nexpect = 'Latency is not judged'\n\
        [[at]]\nt = '20s'\nset = { 'Error rate' = 7 }\nbaseline = { Latency = 100 }\n\
        expect = ['Error rate P1 is pending', 'Error rate is inconclusive']\n\
        [[at]]\nt = '1m20s'\nexpect = ['notifies Error rate P1', 'Error rate P1 is firing']\n\
        [[at]]\nt = '1m25s'\nset = { 'Error rate' = 0.2, Latency = 200 }\n\
        [[at]]\nt = '1m40s'\nexpect = ['Error rate P1 is recovering', 'Latency is firing']\n\
        [[at]]\nt = '2m'\nexpect = 'resolves Error rate P1'\n\
        [[at]]\nt = '2m5s'\nset = { 'Error rate' = 7, Requests = 3 }\nas = 'ana'\nintent = 'silence Latency 30m'\n\
        [[at]]\nt = '3m30s'\nexpect = ['Latency is silenced', 'Error rate P1 is blind']\nno_data = 'Uptime'\n\
        [[at]]\nt = '4m'\nexpect = 'Uptime is no data'\n[[at]]\nt = '4m5s'\nheal = 'Uptime'\n\
        [[at]]\nt = '4m30s'\nexpect = 'Uptime is ok'\n";
    let (code, out, err) = drill_of(WIDE, timeline);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let wrong = timeline.replace("P1 is recovering", "P1 is ok");
    let (code, out, _) = drill_of(WIDE, &wrong);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("FAILED     1m40s  Error rate P1 is ok"), "{out}");
    assert!(
        out.contains("Error rate P1 of line 3 is recovering since 1m25s (for 1m, keeps firing 30s)"),
        "{out}"
    );
    let (code, out, _) =
        drill_of(WIDE, &timeline.replace("cooldown = '10m'\n", "").replace("P1 is firing", "P1 is sad"));
    assert_eq!((code, out.as_str()), (1, ""));
}

fn drill_of(plan: &str, timeline: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.md"), plan).unwrap();
    let file = folder.path().join("drill.toml");
    std::fs::write(&file, timeline).unwrap();
    Stage::new().run(&["drill", file.to_str().unwrap()])
}
