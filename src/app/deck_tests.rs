//! The Levers screen by keys: rungs and their guard, R with its suggestion, STOP, what follows a way back.

use super::stage::Stage;
use super::*;
use crate::plan::binding::{Binding, FlagBinding};
use crate::room::Call;

/// A plan with a ladder, ways back with a price, and a check after them.
pub const PLAN: &str = "\
# Checkout

## Feature flags

| Flag | Value | Description |
|---|---|---|
| `page_percentage` | 0% | Share of sessions that get the new page |
| `page_enabled` | false | Serves the new page |

## Phase 1: Canary (Hours 0-2)

- [ ] Set `page_percentage` = 5%

- **Rollback Point 1:** If totals differ, set page_enabled to false

## Phase 2: Half (Hours 2-6)

- [ ] Set `page_percentage` = 50%

## Phase 3: All (Hours 6-8)

- [ ] Set `page_percentage` = 100%
- [ ] Drop the old table (point of no return)

## Alerts

| Severity | Condition |
|---|---|
| P1 | Error rate > 5% |

## Rollback triggers

- **Error rate > 5%**: Partial rollback

## Rollback procedures

### Emergency rollback (< 5 min)
1. Redeploy the last release
   ```bash
   deploy --release [previous-deployment-id]
   ```
2. Tell support

### Partial rollback (< 2 min)
1. Stop the workers
   ```bash
   systemctl stop workers
   ```

### Data rollback (< 1 hour)
1. Restore the backup of last night

### Rollback validation
After any rollback:
- [ ] The old page answers
- [ ] Orders complete
";

/// A room whose flags are bound.
pub fn bound() -> Stage {
    let mut stage = Stage::new(PLAN);
    let flag = |name: &str, rungs: &[f64]| FlagBinding {
        name: name.into(),
        read: "http://127.0.0.1:1/f".into(),
        write: "http://127.0.0.1:1/f".into(),
        rungs: rungs.to_vec(),
        ..FlagBinding::default()
    };
    let flags = vec![flag("page_percentage", &[5.0, 50.0, 100.0]), flag("page_enabled", &[])];
    stage.send(Msg::Bound(Arc::new(Binding { flags, ..Binding::default() })));
    read(&mut stage, "page_percentage", "0");
    read(&mut stage, "page_enabled", "false");
    stage.effects.clear();
    stage
}

pub fn read(stage: &mut Stage, flag: &str, value: &str) {
    stage.send(Msg::FlagRead {
        flag: flag.into(),
        value: Ok(value.into()),
        at: stage.app.now,
        outside: None,
    });
}

/// The bytes come back for what was asked last.
pub fn prepare(stage: &mut Stage) {
    let mut deeds =
        stage.effects.iter().filter_map(|e| if let Effect::Prepare(d) = e { Some(d) } else { None });
    let deed = deeds.next_back().cloned().expect("something was to be prepared");
    let (shown, digest) = (vec!["deploy --release".to_owned()], "sha256:aa".to_owned());
    let read = match &deed {
        Deed::Flag { flag, .. } => stage.app.levers.read.get(flag).and_then(|r| r.value.clone().ok()),
        Deed::Step { .. } => None,
    };
    let from = read.or_else(|| Some("0".into()));
    stage.send(Msg::Prepared(Prepared { deed, from, shown, digest, runs_here: true }));
    stage.wait(500);
}

/// The flag is raised as by its box, to the end.
pub fn raise(stage: &mut Stage, to: &str) {
    let (change, flag) = (Uuid::from_u128(u128::from(stage.app.room.seq) + 77), "page_percentage".to_owned());
    let (from, to, request) = (None, to.to_owned(), String::new());
    stage.happened(Event::FlagChangeStarted {
        change,
        flag: flag.clone(),
        from,
        to: to.clone(),
        request,
        approval: None,
    });
    let (outcome, detail) = (Outcome::Done, format!("reads {to}"));
    stage.happened(Event::FlagChangeEnded { change, flag: flag.clone(), to: to.clone(), outcome, detail });
    read(stage, &flag, &to);
}

/// The error rate fires, and suggests what it calls for.
pub fn fires(stage: &mut Stage) {
    let plan = stage.app.room.plan.clone();
    let limit = plan.thresholds.iter().find(|t| t.procedure.is_some()).expect("a limit calls for a way back");
    let procedure = limit.procedure.clone().unwrap();
    stage.happened(Event::AlertFired {
        rule: limit.id.clone(),
        signal: limit.metric.clone(),
        limit: "ok ≤ 5 %".into(),
        rank: "P1".into(),
        line: limit.line,
        value: Some(9.0),
    });
    stage.happened(Event::ProcedureSuggested {
        rule: limit.id.clone(),
        signal: limit.metric.clone(),
        title: plan.procedures.iter().find(|p| p.id == procedure).unwrap().title.clone(),
        procedure,
        limit: "ok ≤ 5 %".into(),
        line: limit.line,
        value: Some(9.0),
        plan: plan.digest.clone(),
    });
}

fn notice(stage: &Stage) -> String {
    stage.app.notice.as_ref().map(|n| n.text.clone()).unwrap_or_default()
}

fn done(stage: &Stage) -> Vec<Uuid> {
    let id = |e: &Effect| if let Effect::Do { id, .. } = e { Some(*id) } else { None };
    stage.effects.iter().filter_map(id).collect()
}

fn prepared(stage: &Stage) -> usize {
    stage.effects.iter().filter(|e| matches!(e, Effect::Prepare(_))).count()
}

#[test]
fn from_the_trigger_to_the_running_way_back_it_is_three_keys_and_one_phrase() {
    let mut stage = bound();
    fires(&mut stage);
    stage.keys("2R");
    let Dialog::Ways { at } = stage.app.dialog else { panic!("R opens the ladder from anywhere") };
    assert_eq!(stage.app.ways()[at].title, "Partial rollback (< 2 min)", "the suggested way is chosen");
    stage.keys("<enter><enter>");
    prepare(&mut stage);
    stage.keys("plan-1<enter>");
    assert_eq!(done(&stage).len(), 1);
}

#[test]
fn after_the_way_back_what_is_checked_opens() {
    let mut stage = bound();
    fires(&mut stage);
    stage.keys("R<enter><enter>");
    prepare(&mut stage);
    stage.keys("plan-1<enter>");
    let run = done(&stage)[0];
    stage.send(Msg::StepEnded { run, step: 0, end: End::Exit { code: 0 }, detail: "exit 0".into() });
    assert!(stage.app.room.run(run).unwrap().ended.is_some());
    let open = match &stage.app.dialog {
        Dialog::Procedure(id) => stage.app.procedure_of(id).unwrap().title.clone(),
        _ => stage.app.selected_item().map(|i| i.section.clone()).unwrap_or_default(),
    };
    assert!(open.contains("validation"), "{open:?} {:?}", stage.app.dialog);
    assert!(notice(&stage).contains("the way back is done"), "{}", notice(&stage));
}

#[test]
fn after_somebody_elses_way_back_what_is_checked_opens_here_too() {
    for (busy, opens) in [("", true), ("?", false), ("tnote", false)] {
        let mut stage = bound();
        let way = stage.app.ways()[0].clone();
        let run = Uuid::from_u128(5);
        stage.said("bo@desk", Event::RunStarted { run, procedure: way.id, title: way.title.clone() });
        stage.keys(busy);
        let (outcome, detail) = (Outcome::Done, String::new());
        stage.said("bo@desk", Event::RunEnded { run, title: way.title, outcome, detail });
        let said = notice(&stage);
        assert_eq!(said.contains("the way back is done"), opens, "{busy:?}: {said}");
        assert!(opens || said.contains("bo went back by"), "{said}");
    }
}

#[test]
fn the_next_rung_is_refused_with_the_reason_and_can_be_overridden_with_one() {
    let mut stage = bound();
    fires(&mut stage);
    stage.keys("4");
    assert_eq!(stage.app.screen, Screen::Levers);
    let flag = stage.app.lever_rows().iter().position(|r| matches!(r, LeverRow::Flag(0))).unwrap();
    stage.send(Msg::Click { panel: Panel::Checklist, row: Some(flag) });
    stage.keys("<enter><enter>");
    assert_eq!(prepared(&stage), 0);
    assert!(notice(&stage).contains("Error rate fires"), "{}", notice(&stage));
    stage.keys("oit is the probe<enter>");
    let told = stage.app.room.recent.iter().any(|e| {
        matches!(&e.event, Event::RungOverridden { reason, against, .. }
            if reason == "it is the probe" && against.contains("fires"))
    });
    assert!(told, "{}", notice(&stage));
}

#[test]
fn lowering_is_never_refused() {
    let mut stage = bound();
    raise(&mut stage, "5");
    fires(&mut stage);
    stage.keys("4");
    let flag = stage.app.lever_rows().iter().position(|r| matches!(r, LeverRow::Flag(0))).unwrap();
    stage.send(Msg::Click { panel: Panel::Checklist, row: Some(flag) });
    stage.keys("f");
    let Dialog::Flag { at, .. } = stage.app.dialog else { panic!("{:?}", stage.app.dialog) };
    assert_eq!(stage.app.choices("page_percentage")[at], "50", "the next rung is chosen");
    stage.keys("g<enter>");
    assert_eq!(prepared(&stage), 1);
}

#[test]
fn at_the_end_of_its_time_people_are_asked_how_it_goes_on() {
    let mut stage = bound();
    stage.keys(":t0 now<enter>:start<enter>");
    raise(&mut stage, "5");
    assert!(stage.app.review().is_none());
    stage.wait(2 * 3600 * 1000);
    assert!(stage.app.advice().what.contains("CONTINUE, HOLD or ROLL BACK"), "{:?}", stage.app.advice());
    stage.keys("Ch");
    assert_eq!(stage.app.room.footing("page_percentage").unwrap().called.as_ref().unwrap().call, Call::Hold);
    assert!(stage.app.review().is_none());
    stage.wait(2 * 3600 * 1000);
    stage.keys("Cr");
    assert!(
        matches!(&stage.app.dialog, Dialog::Flag { at: 0, .. }),
        "back to nothing: {:?}",
        stage.app.dialog
    );
}

#[test]
fn stop_is_heard_over_every_box() {
    let mut stage = bound();
    for keys in ["4", "R", "<enter>", "<enter>", "<esc><esc>f", "<enter>"] {
        stage.keys(keys);
        stage.effects.clear();
        let before = std::mem::discriminant(&stage.app.dialog);
        stage.keys("!");
        assert!(stage.effects.contains(&Effect::Stop), "after {keys}");
        assert_eq!(std::mem::discriminant(&stage.app.dialog), before, "it asks nothing and closes nothing");
    }
    stage.keys("<esc><esc><esc>tno!<enter>");
    assert_eq!(stage.app.room.notes[0].remark.text, "no!", "in a text it is a letter");
}

#[test]
fn what_was_changed_elsewhere_is_seen() {
    let mut stage = bound();
    raise(&mut stage, "5");
    assert!(!stage.app.changed_outside("page_percentage"));
    stage.wait(1_000);
    read(&mut stage, "page_percentage", "50");
    assert!(stage.app.changed_outside("page_percentage"));
}

#[test]
fn a_suggestion_is_declined_from_the_ladder() {
    let mut stage = bound();
    fires(&mut stage);
    stage.keys("RDa known spike<enter>");
    assert!(stage.app.suggested().is_none(), "{}", notice(&stage));
}

#[test]
fn a_step_that_sets_a_flag_is_that_flags_change_and_ends_with_it() {
    let text = PLAN.replace(
        "1. Stop the workers\n   ```bash\n   systemctl stop workers\n   ```",
        "1. Set `page_percentage` to 0",
    );
    let mut stage = Stage::new(&text);
    let binding = bound().app.levers.binding.clone().unwrap();
    stage.send(Msg::Bound(binding));
    read(&mut stage, "page_percentage", "50");
    let at = stage.app.ways().iter().position(|p| p.title.starts_with("Partial")).unwrap();
    stage.keys(&format!("R{}<enter><enter>", "j".repeat(at)));
    prepare(&mut stage);
    stage.keys("y");
    assert!(done(&stage).is_empty(), "as dangerous as a command: a phrase");
    stage.keys("<bs>plan-1<enter>");
    let [change] = done(&stage)[..] else { panic!("{:?}", stage.app.dialog) };
    stage.keys("<enter>");
    assert_eq!(prepared(&stage), 1, "not while it is under way");
    let detail = "no answer".to_owned();
    stage.send(Msg::FlagChanged { change, outcome: Outcome::Unknown, detail });
    assert!(stage.app.room.runs()[0].ended.is_none(), "unknown ends nothing");
    stage.keys("<esc>f<esc>");
    stage.send(Msg::FlagChanged { change, outcome: Outcome::Done, detail: "reads 0".into() });
    let run = &stage.app.room.runs()[0];
    assert_eq!(run.ended.as_ref().map(|e| e.outcome), Some(Outcome::Done));
    assert_eq!(run.step(0).ended.unwrap().detail, "reads 0");
}

#[test]
fn a_flag_step_whose_process_died_is_read_again_and_not_closed_by_hand() {
    let text = PLAN.replace(
        "1. Stop the workers\n   ```bash\n   systemctl stop workers\n   ```",
        "1. Set `page_percentage` to 0",
    );
    for (reads, outcome, step_ended) in
        [("0", Outcome::Done, Some(Outcome::Done)), ("50", Outcome::Failed, None)]
    {
        let mut stage = Stage::new(&text);
        stage.send(Msg::Bound(bound().app.levers.binding.clone().unwrap()));
        read(&mut stage, "page_percentage", "50");
        let at = stage.app.ways().iter().position(|p| p.title.starts_with("Partial")).unwrap();
        stage.keys(&format!("R{}<enter><enter>", "j".repeat(at)));
        prepare(&mut stage);
        stage.keys("plan-1<enter>");
        let [change] = done(&stage)[..] else { panic!("{:?}", stage.app.dialog) };
        // Another process opens the room: nothing of it is this one's.
        stage.app.levers.mine.clear();
        stage.app.levers.steps.clear();
        let asked = |stage: &Stage| {
            let read = |e: &&Effect| matches!(e, Effect::ReadFlag(flag) if flag == "page_percentage");
            stage.effects.iter().filter(read).count()
        };
        let before = asked(&stage);
        stage.keys("<enter>");
        assert_eq!(asked(&stage), before, "it may still be under way");
        stage.wait(20_000);
        stage.keys("<enter>");
        assert_eq!(asked(&stage), before + 1, "{}", notice(&stage));
        assert!(stage.app.room.open_change("page_percentage").is_some(), "nothing is known yet");
        read(&mut stage, "page_percentage", reads);
        let ended = stage.app.room.changes().iter().find(|c| c.id == change).unwrap().ended.clone();
        let ended = ended.unwrap_or_else(|| panic!("{reads}: {}", notice(&stage)));
        assert_eq!(ended.outcome, outcome, "{}", ended.detail);
        let step = stage.app.room.runs()[0].step(0);
        assert_eq!(step.ended.map(|e| e.outcome), step_ended);
    }
}
