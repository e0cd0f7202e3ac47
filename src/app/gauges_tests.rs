//! What rules know over a restart and over an edit of the plan.

use std::sync::Arc;

use chrono::Duration;

use super::Msg;
use super::stage::Stage;
use crate::plan::{Plan, Value, spoken};
use crate::signal::{RuleState, Sample, Series, TileState};

fn plan(limits: &[(&str, f64)]) -> Plan {
    let said = spoken::limit("error_rate > 5% for 5m").unwrap();
    let limit = |(id, value): &(&str, f64)| crate::plan::Threshold {
        id: (*id).into(),
        value: Some(Value::One(*value)),
        severity: Some("P1".to_owned()),
        ..said.clone()
    };
    Plan { thresholds: limits.iter().map(limit).collect(), ..Plan::default() }
}

fn watched(limits: &[(&str, f64)]) -> Stage {
    let text = "[[source]]\nname = 'p'\nkind = 'prometheus'\nurl = 'http://x'\nevery = 5.0\n\
        [[signal]]\nname = 'error_rate'\nsource = 'p'\nquery = 'e'\n";
    let mut stage = Stage::over(plan(limits));
    stage.send(Msg::Bound(Arc::new(toml::from_str(text).unwrap())));
    stage
}

/// So many seconds with this value.
fn measure(stage: &mut Stage, value: f64, seconds: i64) {
    for second in 0..seconds {
        stage.wait(1_000);
        if second % 5 == 0 {
            let samples = vec![Sample { at: stage.app.now, value }];
            stage.send(Msg::Samples { signal: 0, samples });
        }
    }
}

fn state(stage: &Stage) -> RuleState {
    stage.app.gauges.rules().next().unwrap().state.clone()
}

#[test]
fn what_was_pending_goes_on_after_a_restart_without_the_time_between() {
    let mut before = watched(&[("r", 5.0)]);
    measure(&mut before, 9.0, 200);
    let RuleState::Pending { since } = state(&before) else { panic!("{:?}", state(&before)) };
    let memory = before.app.gauges.memory().unwrap();
    let ended = before.app.now;
    let mut after = watched(&[("r", 5.0)]);
    after.wait(3_600_000);
    let down = after.app.now - ended;
    after.send(Msg::Recalled(Box::new(memory)));
    assert_eq!(state(&after), RuleState::Pending { since: since + down });
    measure(&mut after, 9.0, 90);
    assert!(after.app.room.firing().is_empty());
    measure(&mut after, 9.0, 30);
    assert_eq!(after.app.room.firing().len(), 1, "{:?}", state(&after));
}

#[test]
fn a_first_value_is_judged_at_once_and_the_others_with_the_second() {
    let mut stage = watched(&[("r", 5.0)]);
    stage.wait(400);
    let (now, second) = (stage.app.now, stage.app.now + Duration::milliseconds(600));
    let measured = |value, at| Msg::Samples { signal: 0, samples: vec![Sample { at, value }] };
    assert_eq!(stage.app.next_clock(), Some(second));
    stage.send(measured(f64::NAN, now));
    assert_eq!(stage.app.next_clock(), Some(second), "no number is no value");
    stage.send(measured(1.0, now));
    let early = stage.app.next_clock().unwrap();
    assert!(early <= now + Duration::milliseconds(33), "{early} at {now}");
    stage.wait(33);
    assert_eq!((stage.app.tiles[0].value, stage.app.tiles[0].state), (Some(1.0), TileState::Ok));
    assert_eq!(stage.app.next_clock(), Some(second));
    stage.send(measured(2.0, stage.app.now));
    assert_eq!(stage.app.next_clock(), Some(second), "it was seen before");
}

#[test]
fn what_fires_does_not_fire_again_after_a_restart() {
    let mut stage = watched(&[("r", 5.0)]);
    measure(&mut stage, 9.0, 320);
    assert_eq!(stage.app.room.firing().len(), 1);
    let (memory, seq) = (stage.app.gauges.memory().unwrap(), stage.app.room.seq);
    let room = Box::new(stage.app.room.clone());
    stage.send(Msg::Opened { room, fresh: false });
    stage.send(Msg::Recalled(Box::new(memory)));
    measure(&mut stage, 9.0, 400);
    assert_eq!(stage.app.room.seq, seq, "nothing more was recorded");
    assert!(stage.app.gauges.series(0).unwrap().len() > 100, "what was measured stays");
}

#[test]
fn an_edit_elsewhere_leaves_history_and_pending_states_alone() {
    let mut stage = watched(&[("r", 5.0)]);
    measure(&mut stage, 9.0, 200);
    let (pending, samples) = (state(&stage), stage.app.gauges.series(0).unwrap().len());
    assert!(matches!(pending, RuleState::Pending { .. }), "{pending:?}");
    let plan = Arc::new(plan(&[("r", 5.0), ("s", 50.0)]));
    stage.send(Msg::Recorded { entries: vec![], plan: Some(plan), ticket: None });
    assert_eq!((state(&stage), stage.app.gauges.rules().len()), (pending, 2));
    assert_eq!(stage.app.gauges.series(0).unwrap().len(), samples);
}

#[test]
fn an_alert_is_over_once_its_limit_is_another() {
    let mut stage = watched(&[("r", 5.0)]);
    measure(&mut stage, 9.0, 320);
    assert_eq!(stage.app.room.firing().len(), 1);
    let plan = Arc::new(plan(&[("r", 50.0)]));
    stage.send(Msg::Recorded { entries: vec![], plan: Some(plan), ticket: None });
    measure(&mut stage, 9.0, 10);
    assert!(stage.app.room.firing().is_empty(), "{:?}", state(&stage));
}

#[test]
fn what_was_measured_before_is_shown_as_old_and_judges_nothing() {
    let mut stage = watched(&[("r", 5.0)]);
    let mut series = Series::default();
    for second in (-3_600..0).step_by(5) {
        series.push(Sample { at: stage.app.now + Duration::seconds(second), value: 9.0 });
    }
    stage.send(Msg::Past { signal: 0, series: Box::new(series) });
    stage.wait(1_000);
    let tile = &stage.app.tiles[0];
    assert_eq!((tile.state, tile.value), (TileState::Stale, Some(9.0)));
    assert!(matches!(state(&stage), RuleState::NoData { .. }), "{:?}", state(&stage));
    measure(&mut stage, 1.0, 10);
    assert_eq!((stage.app.tiles[0].state, stage.app.tiles[0].value), (TileState::Ok, Some(1.0)));
    assert_eq!(stage.app.gauges.series(0).unwrap().len(), 720 + 2);
}
