//! Flags and runbooks by keys: shown, confirmed, stored, done, once.

use super::stage::Stage;
use super::*;
use crate::plan::binding::{Binding, FlagBinding};

const PLAN: &str = "\
# Launch

## Feature flags

| Flag | Value |
|---|---|
| `new_ui` | false |

## Phase 1: Canary (Hours 0-2)

- [ ] Set `new_ui` = true

## Rollback Plan

1. **Stop the workers**
   ```bash
   systemctl stop workers
   ```
2. **Tell support**
";

fn bound() -> Stage {
    let mut stage = Stage::new(PLAN);
    let flag = FlagBinding {
        name: "new_ui".into(),
        read: "http://127.0.0.1:1/flags/new_ui".into(),
        write: "http://127.0.0.1:1/flags/new_ui".into(),
        ..FlagBinding::default()
    };
    stage.send(Msg::Bound(Arc::new(Binding { flags: vec![flag], ..Binding::default() })));
    stage.effects.clear();
    stage
}

/// The bytes come back for what was asked to be prepared.
fn prepare(stage: &mut Stage, runs_here: bool) {
    let asked = stage
        .effects
        .iter()
        .rev()
        .find_map(|e| if let Effect::Prepare(d) = e { Some(d.clone()) } else { None });
    let deed = asked.expect("something was to be prepared");
    let shown = vec!["PUT http://127.0.0.1:1/flags/new_ui".into(), "{\"value\":true}".into()];
    let digest = "sha256:aa".to_owned();
    stage.send(Msg::Prepared(Prepared { deed, from: Some("false".into()), shown, digest, runs_here }));
}

fn done(stage: &Stage) -> Vec<uuid::Uuid> {
    stage
        .effects
        .iter()
        .filter_map(|e| if let Effect::Do { id, .. } = e { Some(*id) } else { None })
        .collect()
}

#[test]
fn a_flag_is_changed_only_after_its_bytes_were_shown_confirmed_and_stored() {
    let mut stage = bound();
    stage.keys("f<enter>");
    assert!(
        stage.effects.iter().any(|e| matches!(e, Effect::Prepare(Deed::Flag { to, .. }) if to == "true"))
    );
    prepare(&mut stage, true);
    stage.keys("y");
    assert!(done(&stage).is_empty(), "the box is deaf at first");
    stage.wait(500);
    stage.stores = false;
    stage.keys("<enter><space>q");
    assert!(done(&stage).is_empty() && matches!(stage.app.dialog, Dialog::Confirm(_)), "only y answers");
    stage.keys("y");
    assert!(done(&stage).is_empty(), "the journal has not stored it yet");
    stage.store();
    let [change] = done(&stage)[..] else { panic!("done once") };
    assert_eq!(stage.app.room.changes().len(), 1);
    stage.stores = true;
    stage.send(Msg::FlagChanged { change, outcome: Outcome::Done, detail: "read back true".into() });
    assert_eq!(stage.app.room.changes()[0].ended.as_ref().map(|e| e.outcome), Some(Outcome::Done));
    assert_eq!(done(&stage).len(), 1);
}

#[test]
fn esc_and_pastes_change_nothing() {
    let mut stage = bound();
    stage.keys("f<enter>");
    prepare(&mut stage, true);
    stage.wait(500);
    stage.send(Msg::Paste("y".into()));
    stage.keys("<esc>");
    assert!(done(&stage).is_empty() && stage.app.room.changes().is_empty());
}

#[test]
fn a_change_without_an_end_is_settled_by_a_person_and_never_sent_again() {
    let mut stage = bound();
    let (change, flag) = (uuid::Uuid::from_u128(5), "new_ui".to_owned());
    let started = Event::FlagChangeStarted {
        change,
        flag,
        from: None,
        to: "true".into(),
        request: String::new(),
        approval: None,
    };
    stage.happened(started);
    stage.keys("f<enter>");
    assert!(!stage.effects.iter().any(|e| matches!(e, Effect::Prepare(_))), "nothing new before that");
    stage.keys("d");
    assert!(stage.app.room.changes()[0].ended.is_none(), "whoever sent it may still be at it");
    stage.wait(61_000);
    stage.keys("d<enter>");
    assert!(stage.app.room.changes()[0].ended.is_none(), "a word without a reason is none");
    stage.keys("f<enter>dasked the provider<enter>");
    let ended = stage.app.room.changes()[0].ended.clone().unwrap();
    assert_eq!((ended.outcome, ended.detail.as_str()), (Outcome::Done, "asked the provider"));
    assert!(done(&stage).is_empty());
}

#[test]
fn a_flag_without_a_binding_is_recorded_not_applied() {
    let mut stage = Stage::new(PLAN);
    stage.keys("f<enter>");
    let recorded = stage
        .app
        .room
        .recent
        .iter()
        .any(|e| matches!(&e.event, Event::FlagRecorded { value, .. } if value == "true"));
    assert!(recorded);
    assert!(!stage.effects.iter().any(|e| matches!(e, Effect::Prepare(_))));
}

#[test]
fn a_procedure_runs_step_by_step_behind_a_typed_phrase() {
    let mut stage = bound();
    stage.keys("R<enter><enter>");
    prepare(&mut stage, true);
    stage.wait(500);
    stage.keys("plan-2<enter>");
    assert!(done(&stage).is_empty(), "that is the wrong phrase");
    stage.keys("<bs>1<enter>");
    let [run] = done(&stage)[..] else { panic!("the first step runs: {:?}", stage.app.dialog) };
    stage.keys("<enter>");
    assert_eq!(done(&stage).len(), 1, "a running step is not started again");
    stage.send(Msg::Output { run, line: "stopping".into() });
    stage.send(Msg::StepEnded { run, step: 0, end: End::Exit { code: 0 }, detail: String::new() });
    stage.keys("<enter>");
    assert_eq!(stage.app.room.run(run).unwrap().ended.as_ref().map(|e| e.outcome), Some(Outcome::Done));
    assert!(stage.effects.iter().any(|e| matches!(e, Effect::Finished(_))));
    assert_eq!(done(&stage).len(), 1, "the second step has no command: a person did it");
}

#[test]
fn a_step_that_fails_ends_the_run() {
    let mut stage = bound();
    stage.keys("R<enter><enter>");
    prepare(&mut stage, true);
    stage.wait(500);
    stage.keys("plan-1<enter>");
    let run = done(&stage)[0];
    stage.send(Msg::StepEnded { run, step: 0, end: End::Exit { code: 1 }, detail: "exit 1".into() });
    assert_eq!(stage.app.room.run(run).unwrap().ended.as_ref().map(|e| e.outcome), Some(Outcome::Failed));
    assert!(!stage.effects.iter().any(|e| matches!(e, Effect::Finished(_))));
}

#[test]
fn outside_a_rehearsal_a_step_is_run_by_a_person_and_recorded() {
    let mut stage = bound();
    stage.keys("R<enter><enter>");
    prepare(&mut stage, false);
    stage.wait(500);
    stage.keys("y");
    assert!(done(&stage).is_empty());
    let run = &stage.app.room.runs()[0];
    assert_eq!(run.step(0).ended.map(|e| e.detail), Some("by hand".to_owned()));
}

#[test]
fn the_plan_screen_ticks_the_line_under_the_cursor() {
    let mut stage = Stage::new(PLAN);
    stage.keys("7<space>");
    let room = &stage.app.room;
    assert_eq!(room.mark(&room.plan.items[0]), Mark::Done);
    let document = stage.app.document.as_ref().unwrap();
    assert_eq!(document.at + 1, room.plan.items[0].line);
    assert_eq!(document.lines.len(), PLAN.lines().count());
}

#[test]
fn now_ticks_what_is_next() {
    let mut stage = Stage::new(PLAN);
    stage.keys("0:t0 now<enter>:start<enter><space>");
    let room = &stage.app.room;
    assert_eq!(room.mark(&room.plan.items[0]), Mark::Done, "{:?}", stage.app.notice);
}

#[test]
fn what_is_stored_too_late_is_not_done() {
    let mut stage = bound();
    stage.keys("f<enter>");
    prepare(&mut stage, true);
    stage.wait(500);
    stage.stores = false;
    stage.keys("y");
    stage.wait(11_000);
    stage.stores = true;
    stage.store();
    assert!(done(&stage).is_empty());
    let ended = stage.app.room.changes()[0].ended.clone().expect("it has an end");
    assert_eq!(ended.outcome, Outcome::Aborted);
}

/// The bytes of the first step of the plan's way back.
fn first_step(stage: &Stage) -> Deed {
    Deed::Step { procedure: stage.app.ways()[0].id.clone(), step: 0 }
}

fn asked(stage: &Stage) -> usize {
    stage.effects.iter().filter(|e| matches!(e, Effect::Prepare(_))).count()
}

#[test]
fn keys_that_come_in_a_batch_open_one_box_and_start_one_step() {
    let mut stage = bound();
    stage.stores = false;
    stage.keys("R<enter><enter><enter><enter>");
    assert_eq!(stage.waiting.len(), 1, "one run is begun");
    stage.stores = true;
    stage.store();
    stage.keys("<enter><enter>");
    assert_eq!(asked(&stage), 1, "the bytes are made once");
    prepare(&mut stage, true);
    stage.wait(500);
    stage.stores = false;
    stage.keys("plan-1<enter><enter><enter>");
    assert_eq!((asked(&stage), stage.waiting.len()), (1, 1), "its start is being saved");
    prepare(&mut stage, true);
    assert!(matches!(stage.app.dialog, Dialog::Procedure(_)), "bytes nobody waits for open nothing");
    stage.stores = true;
    stage.store();
    assert_eq!(done(&stage).len(), 1);
}

#[test]
fn a_box_closes_with_a_sentence_once_somebody_else_was_faster() {
    let mut stage = bound();
    stage.keys("R<enter><enter>");
    prepare(&mut stage, true);
    assert!(matches!(stage.app.dialog, Dialog::Confirm(_)));
    let run = stage.app.room.runs()[0].id;
    stage.happened(Event::StepStarted { run, step: 0, text: "x".into(), bytes: "y".into(), approval: None });
    assert!(matches!(stage.app.dialog, Dialog::Procedure(_)));
    let said = stage.app.notice.as_ref().map(|n| n.text.clone()).unwrap_or_default();
    assert!(said.contains("was faster") && said.contains("step 1 was started"), "{said}");
    let mut stage = bound();
    stage.keys("f<enter>");
    prepare(&mut stage, true);
    stage.happened(Event::FlagRecorded { flag: "new_ui".into(), value: "true".into() });
    assert!(matches!(stage.app.dialog, Dialog::None), "the value it was shown for is none any more");
}

#[test]
fn an_unknown_end_waits_for_a_person_and_is_next() {
    let mut stage = bound();
    stage.keys("R<enter><enter>");
    prepare(&mut stage, true);
    stage.wait(500);
    stage.keys("plan-1<enter>");
    let run = done(&stage)[0];
    stage.send(Msg::StepEnded { run, step: 0, end: End::Unknown, detail: "lost".into() });
    assert!(stage.app.room.run(run).unwrap().ended.is_none(), "an unknown step ends no run");
    assert!(stage.app.advice().what.contains("say what became of step 1"), "{:?}", stage.app.advice());
    stage.keys("<enter>");
    assert_eq!(asked(&stage), 1, "it is not offered again: {:?}", first_step(&stage));
    stage.keys("dno worker answers<enter>");
    let ended = stage.app.room.run(run).unwrap().step(0).ended.unwrap();
    assert_eq!((ended.outcome, ended.detail.as_str()), (Outcome::Done, "no worker answers"));
    assert!(stage.app.room.run(run).unwrap().ended.is_none(), "the run goes on");
    stage.keys("<esc>");
    let change = uuid::Uuid::from_u128(6);
    let flag = || "new_ui".to_owned();
    stage.happened(Event::FlagChangeStarted {
        change,
        flag: flag(),
        from: None,
        to: "true".into(),
        request: String::new(),
        approval: None,
    });
    let outcome = Outcome::Unknown;
    stage.happened(Event::FlagChangeEnded {
        change,
        flag: flag(),
        to: "true".into(),
        outcome,
        detail: "time-out".into(),
    });
    assert!(stage.app.advice().what.contains("say what became of new_ui"), "{:?}", stage.app.advice());
    stage.keys("f<enter>nlooked<enter>");
    assert_eq!(stage.app.room.changes()[0].ended.as_ref().map(|e| e.outcome), Some(Outcome::Failed));
}

#[test]
fn a_step_that_another_process_began_is_looked_for_before_a_person_says_anything() {
    let mut stage = bound();
    stage.keys("R<enter><enter><esc><esc>");
    let run = stage.app.room.runs()[0].id;
    stage.happened(Event::StepStarted { run, step: 0, text: "x".into(), bytes: "y".into(), approval: None });
    stage.keys("R<enter>d");
    assert!(stage.effects.contains(&Effect::Follow { run, step: 0 }), "{:?}", stage.effects);
    assert!(stage.app.room.run(run).unwrap().step(0).ended.is_none());
    stage.send(Msg::StepEnded { run, step: 0, end: End::Unknown, detail: "gone".into() });
    stage.keys("nthe service still runs<enter>");
    let ended = stage.app.room.run(run).unwrap().ended.clone().unwrap();
    assert_eq!((ended.outcome, ended.detail.as_str()), (Outcome::Failed, "the service still runs"));
}

#[test]
fn an_unknown_change_is_settled_by_what_the_flag_reads() {
    for (reads, after, ended) in [
        ("true", 1_000, Some(Outcome::Done)),
        ("false", 20_000, Some(Outcome::Failed)),
        ("false", 1_000, None),
        ("7", 20_000, None),
    ] {
        let mut stage = bound();
        let (change, to) = (uuid::Uuid::from_u128(6), "true".to_owned());
        let flag = || "new_ui".to_owned();
        let (from, request, approval) = (Some("false".into()), String::new(), None);
        stage.happened(Event::FlagChangeStarted {
            change,
            flag: flag(),
            from,
            to: to.clone(),
            request,
            approval,
        });
        let (outcome, detail) = (Outcome::Unknown, "time-out".into());
        stage.happened(Event::FlagChangeEnded { change, flag: flag(), to, outcome, detail });
        stage.wait(after);
        let value = || Ok(reads.to_owned());
        let at = stage.app.now;
        stage.send(Msg::FlagRead { flag: flag(), value: value(), at, outside: None });
        assert!(stage.app.room.changes()[0].is_open(), "only what was asked for is an answer");
        stage.keys("f<enter>r");
        stage.send(Msg::FlagRead { flag: flag(), value: value(), at, outside: None });
        let seen = stage.app.room.changes()[0].ended.as_ref().map(|e| e.outcome);
        assert_eq!(seen.filter(|o| *o != Outcome::Unknown), ended, "{reads} after {after}");
    }
}
