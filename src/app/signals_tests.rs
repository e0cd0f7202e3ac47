//! The Signals screen by keys: what is selected stays selected, silences, windows, comparisons.

use chrono::TimeDelta;

use super::stage::Stage;
use super::*;
use crate::plan::binding::{Binding, Signal, Source, SourceKind};
use crate::room::Stand;

/// Two metrics, three limits; the alert on errors calls for a procedure.
pub const PLAN: &str = "\
# Launch

## Phase 1: Canary (Hours 0-2)

- [ ] Deploy

## Alerts

| Severity | Condition |
|---|---|
| P1 | Error rate > 5% |
| P2 | Response time > 2 seconds for 5 minutes |

## Rollback Plan

Roll back when: Error rate > 10%

1. **Stop the workers**
";

fn signal(name: &str) -> Signal {
    Signal {
        name: name.into(),
        aliases: vec![],
        source: "metrics".into(),
        query: name.into(),
        unit: None,
        scale: 1.0,
        derive: None,
    }
}

/// Both metrics measured by one source.
pub fn binding() -> Arc<Binding> {
    let text = "[[source]]\nname = \"metrics\"\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:1\"\n";
    let source: Source = toml::from_str(text.trim_start_matches("[[source]]\n")).unwrap();
    assert_eq!(source.kind, SourceKind::Prometheus);
    let signals = vec![signal("Error rate"), signal("Response time")];
    Arc::new(Binding { sources: vec![source], signals, ..Binding::default() })
}

/// A stage whose metrics are measured.
pub fn bound() -> Stage {
    let mut stage = Stage::new(PLAN);
    stage.send(Msg::Bound(binding()));
    stage
}

/// So many seconds pass with these values.
pub fn play(stage: &mut Stage, seconds: usize, errors: f64, response: f64) {
    for _ in 0..seconds {
        stage.wait(1_000);
        let at = stage.app.now;
        for (signal, value) in [(0, errors), (1, response)] {
            stage.send(Msg::Samples { signal, samples: vec![Sample { at, value }] });
        }
        stage.send(Msg::Clock);
    }
}

fn selected(stage: &Stage) -> String {
    stage.app.tile().map(|t| t.name.to_string()).unwrap_or_default()
}

fn said(stage: &Stage) -> String {
    stage.app.notice.as_ref().map(|n| n.text.clone()).unwrap_or_default()
}

#[test]
fn the_selected_metric_stays_while_others_burn() {
    let mut stage = bound();
    play(&mut stage, 3, 1.0, 1.0);
    assert_eq!(selected(&stage), "Error rate", "nobody chose: the worst class");
    stage.keys("3j");
    assert_eq!(selected(&stage), "Response time");
    play(&mut stage, 5, 50.0, 1.0);
    assert_eq!(stage.app.tiles[0].name.as_ref(), "Error rate", "what burns is on top");
    assert_eq!(selected(&stage), "Response time");
    stage.keys("k");
    assert_eq!(selected(&stage), "Error rate");
}

#[test]
fn windows_and_the_cursor_stay_in_the_past_that_is_shown() {
    let mut stage = bound();
    play(&mut stage, 3, 1.0, 1.0);
    stage.keys("3");
    assert_eq!(stage.app.look().window, Window::Minutes15);
    stage.keys("[[[");
    assert_eq!(stage.app.look().window, Window::Minutes5);
    stage.keys("]]]]]]]");
    assert_eq!(stage.app.look().window, Window::Day);
    stage.keys("+h");
    let at = stage.app.look().cursor.expect("h puts the cursor behind now");
    assert_eq!(stage.app.now - at, TimeDelta::hours(6) / 120);
    stage.keys("l");
    assert_eq!(stage.app.look().cursor, None, "what is newest has no cursor");
    for _ in 0..200 {
        stage.keys("h");
    }
    let (from, to) = stage.app.look().window.bounds(stage.app.now);
    assert_eq!(stage.app.look().cursor, Some(from));
    assert!(to > stage.app.now && to - from == TimeDelta::hours(6));
    stage.keys("[[");
    assert_eq!(stage.app.look().cursor, None, "it is not in the shorter window");
    stage.keys("h<esc>");
    assert_eq!(stage.app.look().cursor, None);
}

#[test]
fn an_alert_is_silenced_with_a_reason_and_heard_again() {
    let mut stage = bound();
    play(&mut stage, 4, 7.0, 1.0);
    stage.keys("3s<enter>");
    assert!(
        matches!(&stage.app.dialog, Dialog::Silence(s) if s.reason.problem.is_some()),
        "no reason, no silence"
    );
    stage.keys("known: load test<tab><tab><enter>");
    let rule = stage.app.limit_here().unwrap().id.clone();
    let silence = stage.app.room.silence(&rule, stage.app.now).expect("it is silenced").clone();
    assert_eq!(silence.reason, "known: load test");
    assert!(silence.until - silence.at <= TimeDelta::hours(2), "30 min, twice further: 2 h");
    assert!(silence.until - silence.at > TimeDelta::minutes(119));
    stage.keys("s");
    assert!(stage.app.room.silence(&rule, stage.app.now).is_none());
    assert!(said(&stage).contains("heard again"), "{}", said(&stage));
    stage.keys("s<esc>");
    assert!(matches!(stage.app.dialog, Dialog::None));
}

#[test]
fn a_acknowledges_what_is_selected_first() {
    let mut stage = bound();
    play(&mut stage, 310, 50.0, 9.0);
    assert!(stage.app.room.firing().len() >= 2);
    stage.keys("3");
    let response = stage.app.tiles.iter().position(|t| t.name.as_ref() == "Response time").unwrap();
    stage.keys(&"j".repeat(response));
    assert_eq!(selected(&stage), "Response time");
    stage.keys("a");
    let taken: Vec<_> = stage
        .app
        .room
        .firing()
        .iter()
        .filter(|a| a.acknowledged.is_some())
        .map(|a| a.signal.clone())
        .collect();
    assert_eq!(taken, ["Response time"]);
    stage.keys("a");
    assert_eq!(stage.app.room.firing().iter().filter(|a| a.acknowledged.is_some()).count(), 2);
}

#[test]
fn enter_on_a_rule_is_its_line_of_the_plan() {
    let mut stage = bound();
    stage.keys("3<tab>o");
    let rows = stage.app.rule_rows();
    assert_eq!(rows.len(), stage.app.room.plan.thresholds.len());
    stage.keys("j<enter>");
    let line = stage.app.room.plan.thresholds[rows[1]].line;
    assert_eq!((stage.app.screen, stage.app.document.as_ref().unwrap().at), (Screen::Plan, line - 1));
}

#[test]
fn the_chart_follows_the_table_of_all_rules() {
    let mut stage = bound();
    stage.keys("3<tab>oG");
    let last = *stage.app.rule_rows().last().unwrap();
    assert_eq!(selected(&stage), stage.app.room.plan.thresholds[last].metric);
}

#[test]
fn another_metric_is_compared_and_left_again() {
    let mut stage = bound();
    stage.keys("3c");
    assert_eq!(stage.app.compared().map(|t| t.name.to_string()).as_deref(), Some("Response time"));
    stage.keys("c");
    assert!(stage.app.compared().is_none());
}

#[test]
fn what_fires_suggests_the_procedure_its_limit_calls_for() {
    let mut plan = crate::plan::read(PLAN.as_bytes(), "plan");
    plan.thresholds[0].procedure = Some(plan.procedures[0].id.clone());
    let mut stage = Stage::over(plan);
    stage.send(Msg::Bound(binding()));
    play(&mut stage, 3, 1.0, 1.0);
    assert_eq!(stage.app.room.suggestions().count(), 0);
    play(&mut stage, 5, 50.0, 1.0);
    let suggested: Vec<_> =
        stage.app.room.suggestions().map(|s| (s.title.clone(), s.stand(stage.app.now))).collect();
    assert_eq!(suggested, [("Rollback Plan".to_owned(), Stand::Suggested)]);
}
