//! How what began ends: by its own end, by a person's word, and that neither a key nor a journal that was
//! written around the rules ends it otherwise.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::*;
use crate::plan::{self, ProcedureId};

const PLAN: &str = "\
# Launch

## Feature flags

| Flag | Value |
|---|---|
| `pay` | 0 |

## Checks

- [ ] Back up

## Rollback Plan

1. **Stop the workers**
   ```bash
   systemctl stop workers
   ```
2. Set `pay` to 0
3. **Tell support**
";

struct Stage {
    room: Room,
    run: Uuid,
    back: ProcedureId,
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

impl Stage {
    fn new() -> Self {
        let plan = Arc::new(plan::read(PLAN.as_bytes(), "plan"));
        let back = plan.procedures[0].id.clone();
        let digest = plan.digest.clone();
        let mut stage = Self { room: Room::new(plan), run: Uuid::from_u128(1), back: back.clone() };
        stage.put("ana", 0, Event::PlanAdopted { digest, title: "t".into(), carried: None });
        stage.ask(0, Intent::StartRun { run: stage.run, procedure: back }).unwrap();
        stage
    }

    fn put(&mut self, by: &str, second: i64, event: Event) {
        let (seq, id) = (self.room.seq + 1, Uuid::from_u128(1000 + u128::from(self.room.seq)));
        self.room.apply(&Entry { seq, id, at: at(second), by: by.into(), event, hash: None });
    }

    fn ask(&mut self, second: i64, intent: Intent) -> Result<(), Refusal> {
        let ana = Actor { name: "ana".into(), role: Role::Commander };
        for event in decide(&self.room, &intent, &ana, at(second))? {
            self.put("ana", second, event);
        }
        Ok(())
    }

    fn start(&mut self, second: i64, step: usize) -> Result<(), Refusal> {
        let run = self.run;
        self.ask(second, Intent::StartStep { run, step, bytes: "sh".into() })
    }

    fn close(&mut self, second: i64, step: usize, code: i32) -> Result<(), Refusal> {
        let (run, end) = (self.run, End::Exit { code });
        self.ask(second, Intent::CloseStep { run, step, end, detail: format!("exit {code}") })
    }

    fn give_up(&self) -> Intent {
        Intent::EndRun { run: self.run, outcome: Outcome::Aborted, detail: "given up".into() }
    }

    fn seen(&self) -> &Run {
        self.room.run(self.run).unwrap()
    }

    /// The outcome of a step, as the journal is folded.
    fn outcome(&self, step: usize) -> Option<Outcome> {
        self.seen().step(step).ended.map(|e| e.outcome)
    }

    fn edit(&mut self, second: i64, old: &str, new: &str) {
        let plan = Arc::new(plan::read(PLAN.replace(old, new).as_bytes(), "plan"));
        self.ask(second, Intent::AdoptPlan { plan: Arc::clone(&plan) }).unwrap();
        self.room.follow(plan);
    }
}

fn ended(run: Uuid, step: usize, outcome: Outcome, end: Option<End>) -> Event {
    Event::StepEnded { run, step, text: "x".into(), outcome, detail: "forged".into(), end }
}

#[test]
fn a_run_is_not_ended_while_its_step_runs_or_is_unknown() {
    let mut stage = Stage::new();
    stage.start(1, 0).unwrap();
    let why = stage.ask(2, stage.give_up()).unwrap_err().to_string();
    assert!(why.contains("still runs") && why.contains("stop it"), "{why}");
    let (run, title) = (stage.run, "t".to_owned());
    let over = Event::RunEnded { run, title, outcome: Outcome::Aborted, detail: String::new() };
    stage.put("ana", 3, over);
    assert!(stage.seen().ended.is_none(), "nor by a journal that says so");
    stage.ask(4, Intent::CloseStep { run, step: 0, end: End::Unknown, detail: "lost".into() }).unwrap();
    assert!(stage.ask(5, stage.give_up()).is_err(), "nobody knows");
    stage.close(6, 0, 0).unwrap();
    stage.ask(7, stage.give_up()).unwrap();
    assert!(stage.seen().ended.is_some());
}

#[test]
fn a_run_does_not_go_past_a_step_that_was_not_done() {
    let mut stage = Stage::new();
    stage.start(1, 0).unwrap();
    stage.close(2, 0, 1).unwrap();
    let why = stage.start(3, 1).unwrap_err().to_string();
    assert!(why.contains("step 1 was not done"), "{why}");
    let tick = Intent::TickStep { run: stage.run, step: 1, shown: String::new() };
    assert!(stage.ask(4, tick).is_err());
}

#[test]
fn a_step_ends_with_the_change_to_its_value_only() {
    for (to, ends) in [("25", false), ("true", false), ("0", true), ("0.0", true)] {
        let mut stage = Stage::new();
        stage.start(1, 0).unwrap();
        stage.close(2, 0, 0).unwrap();
        let (change, run) = (Uuid::from_u128(7), stage.run);
        let (flag, to) = ("pay".to_owned(), to.to_owned());
        let start =
            Intent::StartFlagChange { change, flag, from: None, to: to.clone(), request: "PUT".into() };
        stage.ask(3, start).unwrap();
        let (outcome, detail) = (Outcome::Done, String::new());
        stage.ask(4, Intent::EndFlagChange { change, outcome, detail }).unwrap();
        assert_eq!(stage.ask(5, Intent::EndFlagStep { run, step: 1, change }).is_ok(), ends, "{to}");
    }
}

#[test]
fn what_is_known_stands_whatever_a_journal_says_later() {
    let mut stage = Stage::new();
    let run = stage.run;
    stage.put("ana", 1, ended(run, 0, Outcome::Done, Some(End::Exit { code: 0 })));
    assert_eq!(stage.outcome(0), None, "a process that nobody started has no end");
    stage.start(2, 0).unwrap();
    stage.close(3, 0, 1).unwrap();
    stage.put("ana", 4, ended(run, 0, Outcome::Done, Some(End::Exit { code: 0 })));
    assert_eq!(stage.outcome(0), Some(Outcome::Failed));
    stage.ask(5, stage.give_up()).unwrap();
    let over = Event::RunEnded { run, title: "t".into(), outcome: Outcome::Done, detail: String::new() };
    stage.put("ana", 6, over);
    assert_eq!(stage.seen().ended.as_ref().map(|e| e.outcome), Some(Outcome::Aborted));
    let word = |outcome, step| {
        let (title, reason) = ("t".to_owned(), "r".to_owned());
        Event::RunResolved { run, title, step, outcome, reason, goes_on: true }
    };
    stage.put("ana", 7, word(Outcome::Done, 0));
    assert_eq!(stage.outcome(0), Some(Outcome::Failed), "nothing of it was unknown");

    let mut stage = Stage::new();
    stage.start(1, 0).unwrap();
    stage.ask(2, Intent::CloseStep { run, step: 0, end: End::Unknown, detail: "lost".into() }).unwrap();
    stage.put("ana", 3, word(Outcome::Failed, 0));
    assert!(stage.seen().ended.is_some(), "a run never goes on past what was not done");

    let mut stage = Stage::new();
    let change = Uuid::from_u128(7);
    let (flag, to, request) = ("pay".to_owned(), "0".to_owned(), "PUT".to_owned());
    stage.ask(1, Intent::StartFlagChange { change, flag, from: None, to, request }).unwrap();
    let said = |outcome| {
        let (flag, to, detail) = ("pay".to_owned(), "0".to_owned(), String::new());
        Event::FlagChangeEnded { change, flag, to, outcome, detail }
    };
    stage.put("ana", 2, said(Outcome::Failed));
    stage.put("ana", 3, said(Outcome::Done));
    assert_eq!(stage.room.changes()[0].ended.as_ref().map(|e| e.outcome), Some(Outcome::Failed));
    assert!(stage.room.footing("pay").is_none(), "and the flag does not stand there");
}

#[test]
fn an_older_journal_has_ends_without_a_start() {
    let mut stage = Stage::new();
    let run = stage.run;
    stage.put("ana", 1, ended(run, 0, Outcome::Done, None));
    stage.put("ana", 2, ended(run, 2, Outcome::Done, None));
    assert_eq!((stage.outcome(0), stage.outcome(2)), (Some(Outcome::Done), None), "each in its turn");
}

#[test]
fn a_run_keeps_its_words_and_does_not_go_on_with_other_steps() {
    let mut stage = Stage::new();
    stage.edit(1, "- [ ] Back up", "- [ ] Back up twice");
    assert!(!stage.seen().edited, "its steps are the same");
    stage.start(2, 0).unwrap();
    stage.edit(3, "1. **Stop the workers**", "1. **Warn**\n2. **Stop the workers**");
    stage.close(4, 0, 0).unwrap();
    let Event::StepEnded { text, .. } = &stage.room.recent.back().unwrap().event else { panic!() };
    assert_eq!(text, "Stop the workers", "what really ran");
    let why = stage.start(5, 1).unwrap_err().to_string();
    assert!(why.contains("were edited"), "{why}");
    stage.ask(6, stage.give_up()).unwrap();
    let procedure = stage.room.plan.procedures[0].id.clone();
    stage.ask(7, Intent::StartRun { run: Uuid::from_u128(2), procedure }).unwrap();

    let mut stage = Stage::new();
    stage.start(1, 0).unwrap();
    let cut = PLAN.find("## Rollback").unwrap();
    stage.edit(2, &PLAN[cut..], "");
    assert!(!stage.room.plan.procedures.iter().any(|p| p.id == stage.back));
    stage.close(3, 0, 0).unwrap();
    assert_eq!(stage.outcome(0), Some(Outcome::Done), "a real end is recorded all the same");
}
