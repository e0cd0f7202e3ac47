//! What ends by keys and what does not: a start that STOP overtook, a run whose step runs, a change that
//! a reading proves too little of.

use uuid::Uuid;

use super::stage::Stage;
use super::*;
use crate::plan::binding::{Binding, FlagBinding, Provider, Verify};
use crate::room::About;

const PLAN: &str = "\
# Launch

## Feature flags

| Flag | Value |
|---|---|
| `new_ui` | false |

## Phase 1: Canary (Hours 0-2)

- [ ] Set `new_ui` = true

## Rollback Plan

1. Set `new_ui` to false
2. **Stop the workers**
   ```bash
   systemctl stop workers
   ```
";

fn bound_by(flag: FlagBinding) -> Stage {
    let mut stage = Stage::new(PLAN);
    stage.send(Msg::Bound(Arc::new(Binding { flags: vec![flag], ..Binding::default() })));
    stage.effects.clear();
    stage
}

fn flag() -> FlagBinding {
    let at = "http://127.0.0.1:1/flags/new_ui".to_owned();
    FlagBinding { name: "new_ui".into(), read: at.clone(), write: at, ..FlagBinding::default() }
}

fn prepare(stage: &mut Stage) {
    let mut asked = stage.effects.iter().rev();
    let deed = asked.find_map(|e| if let Effect::Prepare(d) = e { Some(d.clone()) } else { None });
    let (shown, digest) = (vec!["PUT".into()], "sha256:aa".to_owned());
    let deed = deed.expect("something was to be prepared");
    stage.send(Msg::Prepared(Prepared { deed, from: Some("false".into()), shown, digest, runs_here: true }));
    stage.wait(500);
}

fn done(stage: &Stage) -> usize {
    stage.effects.iter().filter(|e| matches!(e, Effect::Do { .. })).count()
}

fn notice(stage: &Stage) -> String {
    stage.app.notice.as_ref().map(|n| n.text.clone()).unwrap_or_default()
}

/// Somebody's change that ended as unknown.
fn unknown(stage: &mut Stage, to: &str) -> Uuid {
    let (change, flag, to) = (Uuid::from_u128(6), "new_ui".to_owned(), to.to_owned());
    let (from, request, approval) = (Some("false".into()), String::new(), None);
    let (name, value) = (flag.clone(), to.clone());
    stage.happened(Event::FlagChangeStarted { change, flag, from, to, request, approval });
    let (outcome, detail) = (Outcome::Unknown, "time-out".into());
    stage.happened(Event::FlagChangeEnded { change, flag: name, to: value, outcome, detail });
    change
}

fn is_open(stage: &Stage) -> bool {
    stage.app.room.changes()[0].is_open()
}

#[test]
fn what_is_still_being_saved_when_everything_is_stopped_is_not_done() {
    let mut stage = bound_by(flag());
    stage.keys("f<enter>");
    prepare(&mut stage);
    stage.stores = false;
    stage.keys("y!");
    assert!(stage.effects.contains(&Effect::Stop));
    assert!(!notice(&stage).contains("nothing was running"), "{}", notice(&stage));
    stage.stores = true;
    stage.store();
    assert_eq!(done(&stage), 0);
    let ended = stage.app.room.changes()[0].ended.clone().unwrap();
    assert_eq!(ended.outcome, Outcome::Aborted);
    assert!(ended.detail.contains("stopped before it began"), "{}", ended.detail);
}

#[test]
fn x_does_not_end_a_run_whose_step_still_runs() {
    let mut stage = bound_by(flag());
    stage.keys("R<enter>");
    let run = Uuid::from_u128(9);
    let way = stage.app.room.plan.procedures[0].clone();
    stage.happened(Event::RunStarted { run, procedure: way.id, title: way.title });
    stage.happened(Event::StepStarted { run, step: 0, text: "x".into(), bytes: "y".into(), approval: None });
    stage.keys("x");
    assert!(stage.app.room.run(run).unwrap().ended.is_none());
    assert!(notice(&stage).contains("still runs"), "{}", notice(&stage));
}

#[test]
fn a_value_alone_proves_no_change_where_more_is_asked_for() {
    let vercel = FlagBinding { provider: Provider::Vercel, ..flag() };
    let seen = FlagBinding { verify: Some(Verify::Ofrep("http://127.0.0.1:1".into())), ..flag() };
    for (binding, open) in [(flag(), false), (vercel, true), (seen, true)] {
        let mut stage = bound_by(binding);
        unknown(&mut stage, "true");
        stage.wait(20_000);
        stage.keys("f<enter>r");
        let (flag, value, at) = ("new_ui".into(), Ok("true".into()), stage.app.now);
        stage.send(Msg::FlagRead { flag, value, at, outside: None });
        assert_eq!(is_open(&stage), open, "{}", notice(&stage));
    }
}

#[test]
fn a_reading_counts_from_when_it_was_asked() {
    for (asked_after, open) in [(1, true), (14, true), (16, false)] {
        let mut stage = bound_by(flag());
        unknown(&mut stage, "true");
        let began = stage.app.room.changes()[0].at;
        stage.wait(30_000);
        stage.keys("f<enter>r");
        let at = began + chrono::Duration::seconds(asked_after);
        stage.send(Msg::FlagRead { flag: "new_ui".into(), value: Ok("false".into()), at, outside: None });
        assert_eq!(is_open(&stage), open, "asked {asked_after} s after, heard later: {}", notice(&stage));
    }
}

#[test]
fn a_step_takes_no_change_to_another_value_for_its_own() {
    let mut stage = bound_by(flag());
    unknown(&mut stage, "true");
    stage.wait(20_000);
    stage.keys("R<enter><enter>");
    assert!(notice(&stage).contains("new_ui → true"), "{}", notice(&stage));
    assert!(stage.app.levers.rereading.is_none());
    let (flag, value, at) = ("new_ui".into(), Ok("true".into()), stage.app.now);
    stage.send(Msg::FlagRead { flag, value, at, outside: None });
    assert!(is_open(&stage) && stage.app.room.runs()[0].step(0).ended.is_none());
}

#[test]
fn what_was_proposed_for_another_plan_is_proposed_again() {
    let mut stage = bound_by(flag());
    let mut plan = crate::plan::Plan::clone(&stage.app.room.plan);
    plan.guarded.flags.insert("new_ui".into());
    stage.app.room.follow(Arc::new(plan));
    stage.keys("f<enter>");
    prepare(&mut stage);
    stage.keys("y");
    let About::Flag { to, .. } = &stage.app.room.proposals()[0].about else { panic!("a flag's") };
    assert_eq!(to, "true");
    let carried = None;
    stage.happened(Event::PlanAdopted { digest: "sha256:bb".into(), title: "t".into(), carried });
    stage.keys("<esc>f<enter>");
    prepare(&mut stage);
    stage.keys("y");
    assert_eq!(stage.app.room.proposals().len(), 2, "{}", notice(&stage));
}
