//! Baselines, suggestions and conditions without a number, by keys alone.

use super::signals_tests::{PLAN, binding, play};
use super::stage::Stage;
use super::*;
use crate::plan::{Cmp, Role, Threshold, Trigger, Value};
use crate::room::Stand;
use crate::signal::Open;

/// The plan with a relative limit on its response time, a condition without a number, and an alert that
/// calls for the way back.
pub fn plan() -> Plan {
    let mut plan = crate::plan::read(PLAN.as_bytes(), "plan");
    let way = plan.procedures[0].id.clone();
    plan.thresholds[0].procedure = Some(way.clone());
    let relative = plan.thresholds.iter_mut().find(|t| t.metric == "Response time").unwrap();
    *relative = Threshold {
        cmp: Cmp::More,
        value: Some(Value::One(50.0)),
        unit: Some("%".into()),
        hold: None,
        baseline: true,
        text: "Response time more than 50% above the baseline".into(),
        ..relative.clone()
    };
    let text = "Data corruption detected".to_owned();
    let severity = Some("P0".to_owned());
    plan.triggers = vec![Trigger { text, severity, role: Role::Rollback, procedure: Some(way), line: 21 }];
    plan
}

/// A room over it whose two metrics are measured.
pub fn stage() -> Stage {
    let mut stage = Stage::over(plan());
    stage.send(Msg::Bound(binding()));
    stage
}

fn select(stage: &mut Stage, metric: &str) {
    let at = stage.app.tiles.iter().position(|t| t.name.as_ref() == metric).unwrap();
    stage.keys(&format!("3g{}", "j".repeat(at)));
}

fn open(stage: &Stage) -> Option<Open> {
    let limit = stage.app.room.plan.thresholds.iter().position(|t| t.baseline).unwrap();
    stage.app.standing(limit).unwrap().open.cloned()
}

#[test]
fn a_baseline_is_taken_by_key_and_taken_back() {
    let mut stage = stage();
    select(&mut stage, "Response time");
    stage.keys("=<enter>");
    assert!(matches!(&stage.app.dialog, Dialog::Baseline(b) if b.found.is_none()), "nothing to take yet");
    assert_eq!(stage.app.room.baselines().count(), 0);
    stage.keys("<esc>");
    play(&mut stage, 30, 1.0, 2.0);
    play(&mut stage, 30, 1.0, 4.0);
    assert_eq!(open(&stage), Some(Open::Baseline));
    stage.keys("=");
    let Dialog::Baseline(asked) = stage.app.dialog.clone() else { panic!("the box is open") };
    assert_eq!(asked.found, Some((3.0, 60)));
    play(&mut stage, 5, 1.0, 90.0);
    stage.keys("<enter>");
    let taken: Vec<_> = stage.app.room.baselines().map(|b| (b.value, b.from.as_str())).collect();
    assert_eq!(taken, [(3.0, "mean of 60 measurements in 15 min")], "what was shown is what is taken");
    play(&mut stage, 2, 1.0, 4.0);
    assert_eq!(open(&stage), None);
    let rule = stage.app.room.plan.thresholds.iter().position(|t| t.baseline).unwrap();
    assert_eq!(stage.app.standing(rule).unwrap().rule.edge(3.0), Some(4.5));
    stage.keys("u");
    play(&mut stage, 2, 1.0, 4.0);
    assert_eq!((stage.app.room.baselines().count(), open(&stage)), (0, Some(Open::Baseline)));
}

#[test]
fn a_metric_without_a_relative_limit_says_so() {
    let mut stage = stage();
    select(&mut stage, "Error rate");
    assert!(!stage.app.offers().iter().any(|o| o.action == Action::Baseline));
    stage.keys("=");
    assert!(stage.app.notice.as_ref().unwrap().text.contains("no limit on Error rate is relative"));
    select(&mut stage, "Response time");
    assert!(stage.app.offers().iter().any(|o| o.action == Action::Baseline && o.key == "="));
}

#[test]
fn a_suggestion_is_declined_with_a_reason() {
    let mut stage = stage();
    stage.keys("D");
    assert_eq!(stage.app.notice.as_ref().unwrap().text, "nothing is suggested");
    play(&mut stage, 5, 50.0, 1.0);
    assert_eq!(stage.app.suggested().unwrap().title, "Rollback Plan");
    stage.keys("D<enter>");
    assert!(stage.app.suggested().is_some(), "not without a reason");
    stage.keys("Da probe was wrong<enter>");
    assert!(stage.app.suggested().is_none());
    let stand = stage.app.room.suggestions().next().unwrap().stand(stage.app.now);
    assert_eq!(stand, Stand::Dismissed { by: "ana@host".into(), reason: "a probe was wrong".into() });
}

#[test]
fn somebody_saw_it_and_the_same_way_is_suggested() {
    let mut stage = stage();
    stage.keys("H<enter>orders doubled<enter>");
    let seen: Vec<_> = stage.app.room.happenings().iter().map(|h| h.reason.clone()).collect();
    assert_eq!(seen, ["orders doubled"]);
    let advice = stage.app.advice();
    assert!(advice.what.contains("start Rollback Plan") && advice.key == "R", "{advice:?}");
    stage.keys("R");
    let Dialog::Ways { at } = stage.app.dialog else { panic!("the ways back are open") };
    assert_eq!(stage.app.ways()[at].title, "Rollback Plan");
    stage.keys("<enter><enter><esc>");
    let advice = stage.app.advice();
    assert!(advice.what.contains("is over") && advice.key == "H", "its way was run: {advice:?}");
    stage.keys("H<enter>rows repaired<enter>");
    assert!(stage.app.room.happenings().is_empty());
}
