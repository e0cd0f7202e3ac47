//! What a launch in trouble looks like, at the sizes people have: small tables of words that a frame
//! must say.

use super::tests::{draw, text};
use super::*;
use crate::app::Msg;
use crate::app::calls_tests;
use crate::app::signals_tests::{PLAN, binding, bound, play};
use crate::app::stage::Stage;
use crate::plan::binding::{Binding, Source, SourceKind};
use crate::plan::{Role, Threshold};
use std::sync::Arc;

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

fn frame(stage: &Stage, size: (u16, u16)) -> String {
    text(&draw(&stage.app, &Styles::standard(Depth::True, false), size))
}

/// After `keys` every size says all of these words.
fn says(stage: &mut Stage, keys: &str, words: &[&str]) {
    stage.keys(keys);
    for size in SIZES {
        let drawn = frame(stage, size);
        for word in words {
            assert!(drawn.contains(word), "{word:?} after {keys:?} at {size:?}:\n{drawn}");
        }
    }
}

/// The plan with many more limits on its error rate.
fn many() -> Stage {
    let mut plan = crate::plan::read(PLAN.as_bytes(), "plan");
    let one = plan.thresholds[0].clone();
    let more = (0..12).map(|n| Threshold { id: format!("more{n}").as_str().into(), ..one.clone() });
    plan.thresholds.extend(more.collect::<Vec<_>>());
    let mut stage = Stage::over(plan);
    stage.send(Msg::Bound(binding()));
    play(&mut stage, 5, 50.0, 1.0);
    stage
}

#[test]
fn a_storm_is_a_line_with_counts() {
    let mut stage = many();
    assert!(stage.app.room.firing().len() > 12);
    says(&mut stage, "1", &["P1 ×13", "nobody has 13", "Error rate"]);
    says(&mut stage, "0", &["P1 ×13", "ERROR RATE", "acknowledge"]);
    stage.keys("3saload test<enter>");
    says(&mut stage, "1", &["1 silenced"]);
}

#[test]
fn what_is_suggested_stands_on_board_and_now_with_its_keys() {
    let mut stage = calls_tests::stage();
    play(&mut stage, 5, 50.0, 1.0);
    says(&mut stage, "1", &["▲ Rollback Plan", "R steps", "D decline", "Error rate 50"]);
    says(&mut stage, "0", &["SUGGESTED", "Rollback Plan", "line 1"]);
    says(&mut stage, "D", &["Why not “Rollback Plan”?"]);
    stage.keys("a probe was wrong<enter>1");
    assert!(!frame(&stage, (120, 40)).contains("D decline"));
}

#[test]
fn a_tiny_terminal_shows_what_burns() {
    let mut stage = calls_tests::stage();
    play(&mut stage, 5, 50.0, 1.0);
    stage.keys("1");
    let board = frame(&stage, (40, 10));
    assert!(board.contains("▲ Error rate") && board.contains("50 %") && board.contains("FIRING"), "{board}");
    assert!(board.contains("Deploy"), "{board}");
    stage.keys("3g");
    let signals = frame(&stage, (40, 10));
    assert!(signals.contains("FIRING since"), "the rule that fires is the one in sight:\n{signals}");
}

#[test]
fn what_somebody_saw_stands_above_what_is_measured() {
    let mut stage = calls_tests::stage();
    says(&mut stage, "H", &["IT HAPPENED", "Data corruption detected", "line 21"]);
    says(&mut stage, "<enter>", &["What was seen?"]);
    says(
        &mut stage,
        "orders doubled<enter>1",
        &["P0 Data corruption detected", "ana", "P0 ×1", "▲ Rollback Plan", "R steps"],
    );
    says(&mut stage, "0", &["DATA CORRUPTION DETECTED", "orders doubled", "start Rollback Plan"]);
}

#[test]
fn a_silenced_alert_stays_in_sight() {
    let mut stage = bound();
    play(&mut stage, 5, 50.0, 1.0);
    says(&mut stage, "3gsload test<enter>", &["FIRING", "silenced"]);
    says(&mut stage, "1", &["silenced until 12:", "Error rate"]);
}

/// The plan with a success criterion on its error rate.
fn with_goal(value: f64, hold: Option<f64>) -> Stage {
    let mut plan = crate::plan::read(PLAN.as_bytes(), "plan");
    let one = plan.thresholds[0].clone();
    let goal = crate::plan::spoken::limit(&format!("Error rate < {value}%")).unwrap();
    plan.thresholds.push(Threshold {
        id: "goal".into(),
        role: Role::Success,
        metric: one.metric,
        hold,
        unit: one.unit,
        cmp: crate::plan::Cmp::Less,
        ..goal
    });
    let mut stage = Stage::over(plan);
    stage.send(Msg::Bound(binding()));
    stage
}

#[test]
fn between_target_and_rollback_limit_it_is_inconclusive() {
    let mut stage = with_goal(1.0, None);
    play(&mut stage, 5, 3.0, 1.0);
    says(&mut stage, "1", &["inconclusive", "? Error rate"]);
    says(&mut stage, "3g", &["inconclusive"]);
}

#[test]
fn a_soak_shows_how_far_it_is() {
    let mut stage = with_goal(1.0, Some(600.0));
    play(&mut stage, 130, 0.5, 1.0);
    says(&mut stage, "3g", &["soaking 2:", "of 10:00"]);
}

#[test]
fn nothing_new_is_stale_then_blind_and_says_why() {
    let mut stage = bound();
    play(&mut stage, 5, 1.0, 1.0);
    (0..30).for_each(|_| stage.wait(1_000));
    says(&mut stage, "1", &["stale"]);
    (0..90).for_each(|_| stage.wait(1_000));
    says(&mut stage, "1", &["blind"]);
    says(&mut stage, "3g", &["blind"]);
    stage.send(Msg::NotSampled { signal: 0, why: "connection refused".into() });
    stage.wait(1_000);
    says(&mut stage, "3g", &["connection refused"]);
}

/// A signal of a log that matched twice, at these seconds.
fn logged(lines: &[&str]) -> Stage {
    let mut stage = Stage::new(PLAN);
    let mut log = Source::new("app", SourceKind::Log, "", 5.0);
    log.file = Some("app.log".into());
    let mut with_log = Binding { sources: vec![log], ..(*binding()).clone() };
    with_log.signals.iter_mut().for_each(|s| s.source = "app".into());
    stage.send(Msg::Bound(Arc::new(with_log)));
    play(&mut stage, 5, 2.0, 1.0);
    stage.send(Msg::Lines { signal: 0, lines: lines.iter().map(|l| (*l).to_owned()).collect() });
    stage
}

#[test]
fn the_lines_of_a_log_are_shown_cut_and_cleaned_the_newest_last() {
    let long = format!("second {}", "x".repeat(300));
    let mut stage = logged(&["\u{1b}[31mfirst", &long]);
    says(&mut stage, "3g", &["LINES", "^[[31mfirst", "second xxx", "lines a minute", "app.log"]);
    let drawn = frame(&stage, (120, 40));
    let at = |words: &str| drawn.lines().position(|l| l.contains(words)).unwrap();
    assert_eq!(at("second"), at("first") + 1, "{drawn}");
    let mut none = logged(&[]);
    says(&mut none, "3g", &["no line has matched"]);
}

#[test]
fn a_typed_value_says_who_and_when() {
    use crate::room::Event;
    let mut stage = Stage::new(PLAN);
    stage.happened(Event::ValueTyped { signal: "Error rate".into(), value: 2.5 });
    stage.wait(720_000);
    says(&mut stage, "3g", &["typed by ana, 12 min ago", "2.5 %", "counts for 1 h"]);
    says(&mut stage, "1", &["✎ Error rate"]);
    let board = frame(&stage, (120, 40));
    assert!(board.contains("by ana") && !board.contains("● Error rate"), "never a live look:\n{board}");
    stage.wait(3_700_000);
    stage.wait(1_000);
    says(&mut stage, "1", &["stale"]);
}

#[test]
fn a_baseline_is_asked_for_and_marked() {
    let mut stage = calls_tests::stage();
    play(&mut stage, 60, 1.0, 2.0);
    let place = stage.app.tiles.iter().position(|t| &*t.name == "Response time").unwrap();
    says(&mut stage, &format!("3g{}", "j".repeat(place)), &["needs a baseline: = takes it"]);
    says(&mut stage, "=", &["BASELINE", "of 60 measurements", "▸15 min", "first baseline"]);
    stage.keys("<enter>");
    play(&mut stage, 5, 1.0, 2.5);
    says(&mut stage, "", &["baseline 2", "= 3"]);
}

#[test]
fn where_a_value_comes_from_is_one_quiet_line() {
    let mut stage = bound();
    play(&mut stage, 5, 1.0, 1.0);
    says(&mut stage, "3g", &["metrics   Error rate   every 5 s"]);
    stage.send(Msg::Warned { signal: 0, warning: Some("the answer was cut".into()) });
    stage.wait(1_000);
    says(&mut stage, "3g", &["the answer was cut"]);
}

#[test]
fn too_little_traffic_is_not_judged() {
    use crate::plan::binding::{Floor, RuleBinding};
    let mut with_floor = (*binding()).clone();
    let floor = Floor { signal: "Response time".into(), at_least: 10.0 };
    with_floor.rules =
        vec![RuleBinding { of: "Error rate".into(), floor: Some(floor), ..RuleBinding::default() }];
    let text = PLAN.to_owned();
    let plan = crate::plan::read_with(text.as_bytes(), "plan", &with_floor);
    let mut stage = Stage::over(plan);
    stage.send(Msg::Bound(Arc::new(with_floor)));
    play(&mut stage, 5, 50.0, 1.0);
    says(&mut stage, "1", &["too little traffic", "? Error rate"]);
    says(&mut stage, "3g", &["too little traffic"]);
}
