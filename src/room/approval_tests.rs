//! Two people: what holds, what voids it, and that no journal goes around it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::*;
use crate::plan::{Flag, Plan, Procedure, ProcedureKind, Step};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn who(name: &str) -> Actor {
    Actor { name: name.into(), role: Role::Commander }
}

/// A room with a guarded procedure of two steps and a guarded flag.
struct Stage {
    room: Room,
    run: Uuid,
}

impl Stage {
    fn new() -> Self {
        let mut plan = Plan {
            digest: "sha256:aa".into(),
            flags: vec![Flag {
                name: "pay".into(),
                value: None,
                description: None,
                line: 3,
                phase: None,
                stages: vec![],
            }],
            procedures: vec![Procedure {
                id: "back".into(),
                title: "Roll back".into(),
                kind: ProcedureKind::Rollback,
                target: None,
                every: None,
                steps: ["stop", "deploy"].map(|t| Step { text: t.into(), ..Step::default() }).to_vec(),
                commands: vec![],
                line: 4,
            }],
            ..Plan::default()
        };
        plan.guarded.procedures.insert("back".into());
        plan.guarded.flags.insert("pay".into());
        let mut stage = Self { room: Room::new(Arc::new(plan)), run: Uuid::from_u128(1) };
        let adopted = Event::PlanAdopted { digest: "sha256:aa".into(), title: "t".into(), carried: None };
        stage.put("ana", 0, adopted);
        let start = Intent::StartRun { run: stage.run, procedure: "back".into() };
        stage.ask("ana", 0, start).unwrap();
        stage
    }

    fn put(&mut self, by: &str, second: i64, event: Event) {
        let seq = self.room.seq + 1;
        let id = Uuid::from_u128(1000 + u128::from(seq));
        self.room.apply(&Entry { seq, id, at: at(second), by: by.into(), event, hash: None });
    }

    fn ask(&mut self, by: &str, second: i64, intent: Intent) -> Result<(), Refusal> {
        for event in decide(&self.room, &intent, &who(by), at(second))? {
            self.put(by, second, event);
        }
        Ok(())
    }

    fn step(&self) -> About {
        About::Step { run: self.run, step: 0 }
    }

    fn propose(&mut self, number: u128, about: About, bytes: &str) -> Result<(), Refusal> {
        let (proposal, nonce) = (Uuid::from_u128(number), Uuid::from_u128(number + 100));
        self.ask("ana", 10, Intent::Propose { proposal, nonce, about, bytes: bytes.into() })
    }

    fn approve(&mut self, by: &str, second: i64, number: u128) -> Result<(), Refusal> {
        let proposal = self.room.proposals().iter().find(|p| p.id == Uuid::from_u128(number)).unwrap();
        let (nonce, digest) = (proposal.nonce, proposal.digest.clone());
        self.ask(by, second, Intent::Approve { proposal: Uuid::from_u128(number), nonce, digest })
    }

    fn start(&mut self, by: &str, second: i64, bytes: &str) -> Result<(), Refusal> {
        let run = self.run;
        self.ask(by, second, Intent::StartStep { run, step: 0, bytes: bytes.into() })
    }
}

/// The sentence of a refusal that the journal keeps.
fn recorded(outcome: Result<(), Refusal>) -> String {
    match outcome.unwrap_err().record() {
        Some(Event::ApprovalRefused { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_proposes_another_approves_and_the_first_starts_it_once() {
    let mut stage = Stage::new();
    assert!(matches!(stage.start("ana", 5, "rm"), Err(Refusal::NotYet(_))));
    stage.propose(2, stage.step(), "rm").unwrap();
    assert!(matches!(stage.start("ana", 11, "rm"), Err(Refusal::NotYet(_))));
    stage.approve("bo", 20, 2).unwrap();
    stage.start("ana", 30, "rm").unwrap();
    assert!(stage.room.run(stage.run).unwrap().step(0).started.is_some());
    assert_eq!(stage.room.proposals()[0].used, Some(at(30)));
    assert!(stage.start("ana", 31, "rm").is_err());
}

#[test]
fn nobody_approves_their_own_under_whatever_spelling() {
    for name in ["ana", "Ana", " ana ", "ana@laptop", "ANA@other", "@x"] {
        let mut stage = Stage::new();
        stage.propose(2, stage.step(), "rm").unwrap();
        let why = recorded(stage.approve(name, 20, 2));
        assert!(why.contains("somebody else"), "{name}: {why}");
    }
    let mut stage = Stage::new();
    stage.propose(2, stage.step(), "rm").unwrap();
    assert!(matches!(stage.approve("a\u{200b}na", 20, 2), Err(Refusal::Text(_))));
}

#[test]
fn what_is_another_action_plan_time_or_person_voids_it() {
    let ready = || {
        let mut stage = Stage::new();
        stage.propose(2, stage.step(), "rm").unwrap();
        stage.approve("bo", 20, 2).unwrap();
        stage
    };
    assert!(recorded(ready().start("ana", 30, "rm -r")).contains("not what was proposed"));
    assert!(recorded(ready().start("cy", 30, "rm")).contains("only they start it"));
    let late = 10 + LIFE.num_seconds();
    assert!(recorded(ready().start("ana", late, "rm")).contains("expired"));
    assert!(ready().start("ana", late - 1, "rm").is_ok());
    let mut other = ready();
    other.room.environment = "staging".into();
    assert!(recorded(other.start("ana", 30, "rm")).contains("not what was proposed"));
    let mut other = ready();
    let digest = "sha256:bb".into();
    other.put("ana", 25, Event::PlanAdopted { digest, title: "t".into(), carried: None });
    assert!(recorded(other.start("ana", 30, "rm")).contains("plan has changed"));
}

#[test]
fn an_approval_given_twice_late_or_of_something_else_is_refused_and_kept() {
    let mut stage = Stage::new();
    stage.propose(2, stage.step(), "rm").unwrap();
    let (proposal, nonce) = (Uuid::from_u128(2), stage.room.proposals()[0].nonce);
    let other = Intent::Approve { proposal, nonce, digest: "sha256:00".into() };
    assert!(recorded(stage.ask("bo", 20, other)).contains("not what was proposed"));
    assert!(recorded(stage.approve("bo", 10 + 900, 2)).contains("expired"));
    stage.approve("bo", 20, 2).unwrap();
    assert!(recorded(stage.approve("cy", 21, 2)).contains("approved it already"));
    stage.start("ana", 30, "rm").unwrap();
    assert!(recorded(stage.approve("cy", 31, 2)).contains("was used"));
    let nobody = Intent::Approve { proposal: Uuid::from_u128(77), nonce, digest: String::new() };
    assert!(matches!(stage.ask("bo", 20, nobody), Err(Refusal::Unknown { .. })));
}

#[test]
fn a_flag_is_changed_once_by_one_approval() {
    let mut stage = Stage::new();
    let flag = |to: &str| About::Flag { flag: "pay".into(), from: Some("0".into()), to: to.into() };
    let change = |n: u128, to: &str| Intent::StartFlagChange {
        change: Uuid::from_u128(n),
        flag: "pay".into(),
        from: Some("0".into()),
        to: to.into(),
        request: "PUT".into(),
    };
    stage.propose(2, flag("25"), "PUT").unwrap();
    stage.approve("bo", 20, 2).unwrap();
    let why = stage.ask("ana", 30, change(50, "100")).unwrap_err().to_string();
    assert!(why.contains("that was proposed"), "{why}");
    stage.ask("ana", 30, change(50, "25")).unwrap();
    let done = Outcome::Done;
    let end = Intent::EndFlagChange { change: Uuid::from_u128(50), outcome: done, detail: String::new() };
    stage.ask("ana", 31, end).unwrap();
    assert!(recorded(stage.ask("ana", 32, change(51, "25"))).contains("was used"));
}

#[test]
fn a_journal_that_was_written_around_the_rules_grants_nothing() {
    let forged = |by: &str, second: i64, nonce: Option<Uuid>| {
        let mut stage = Stage::new();
        stage.propose(2, stage.step(), "rm").unwrap();
        let Proposal { nonce: own, digest, title, .. } = stage.room.proposals()[0].clone();
        let (proposal, nonce) = (Uuid::from_u128(2), nonce.unwrap_or(own));
        stage.put(by, second, Event::Approved { proposal, title, nonce, digest });
        stage.start("ana", 30, "rm")
    };
    assert!(forged("bo", 20, None).is_ok());
    assert!(forged("ana", 20, None).is_err(), "one's own");
    assert!(forged("bo", 20, Some(Uuid::nil())).is_err(), "another nonce");
    assert!(forged("bo", 10 + 900, None).is_err(), "too late");
    assert!(forged("b\u{200b}o", 20, None).is_err(), "a name that nobody can read");
    let mut stage = Stage::new();
    let event = Event::Proposed {
        proposal: Uuid::from_u128(2),
        title: "t".into(),
        about: stage.step(),
        bytes: "rm".into(),
        nonce: Uuid::from_u128(3),
        digest: "sha256:00".into(),
        expires: at(1_000_000),
    };
    stage.put("ana", 10, event);
    assert_eq!(stage.room.proposals()[0].expires, at(10) + LIFE, "no proposal lives longer");
    stage.approve("bo", 20, 2).unwrap();
    assert!(recorded(stage.start("ana", 30, "rm")).contains("not what was proposed"));
}

#[test]
fn what_takes_one_person_is_not_proposed_and_an_unknown_step_is_resolved_by_a_person() {
    let mut stage = Stage::new();
    let mut plan = Plan::clone(&stage.room.plan);
    plan.guarded = Default::default();
    stage.room.follow(Arc::new(plan));
    assert!(stage.propose(2, stage.step(), "rm").is_err());
    stage.start("ana", 30, "rm").unwrap();
    let run = stage.run;
    let resolve = |outcome| Intent::Resolve { id: run, outcome, reason: "looked".into() };
    assert!(stage.ask("ana", 31, resolve(Outcome::Done)).is_err(), "it is under way");
    let (outcome, detail) = (Outcome::Unknown, String::new());
    stage.ask("ana", 32, Intent::EndStep { run, step: 0, outcome, detail: detail.clone() }).unwrap();
    assert!(
        stage.ask("ana", 33, Intent::EndRun { run, outcome, detail }).is_err(),
        "not while that is unknown"
    );
    assert!(stage.ask("ana", 34, resolve(Outcome::Unknown)).is_err());
    stage.ask("ana", 35, resolve(Outcome::Done)).unwrap();
    let seen = stage.room.run(run).unwrap();
    assert_eq!((seen.next_step(), seen.ended.is_none()), (1, true), "it goes on with the next step");
    assert!(stage.ask("ana", 36, resolve(Outcome::Done)).is_err(), "once");
}

#[test]
fn a_guarded_step_is_not_ticked_by_hand_without_a_second_person_and_never_once_it_was_started() {
    let mut stage = Stage::new();
    let tick = |stage: &Stage, shown: &str| Intent::TickStep { run: stage.run, step: 0, shown: shown.into() };
    let word = tick(&stage, "rm");
    let why = stage.ask("ana", 9, word.clone()).unwrap_err().to_string();
    assert!(why.contains("takes two people"), "{why}");
    stage.propose(2, stage.step(), "rm").unwrap();
    assert!(stage.ask("ana", 15, word.clone()).is_err(), "nobody agreed yet");
    stage.approve("bo", 20, 2).unwrap();
    assert!(stage.ask("bo", 21, word.clone()).is_err(), "whoever asked does it");
    let other = tick(&stage, "rm -r");
    assert!(stage.ask("ana", 22, other).is_err(), "only what was agreed to");
    stage.ask("ana", 23, word.clone()).unwrap();
    assert_eq!(stage.room.proposals()[0].used, Some(at(23)));
    let mut stage = Stage::new();
    stage.propose(2, stage.step(), "rm").unwrap();
    stage.approve("bo", 20, 2).unwrap();
    stage.start("ana", 30, "rm").unwrap();
    let why = stage.ask("ana", 31, tick(&stage, "rm")).unwrap_err().to_string();
    assert!(why.contains("was started already"), "{why}");
}

#[test]
fn a_flag_that_a_guarded_step_sets_takes_two_people_and_ends_that_step() {
    let mut stage = Stage::new();
    let mut plan = Plan::clone(&stage.room.plan);
    plan.guarded.flags.clear();
    plan.procedures[0].steps[0].text = "Set pay to 0".into();
    stage.room.follow(Arc::new(plan));
    let (change, flag, to) = (Uuid::from_u128(50), "pay".to_owned(), "0".to_owned());
    let about = About::Flag { flag: flag.clone(), from: None, to: to.clone() };
    let start = Intent::StartFlagChange { change, flag, from: None, to, request: "PUT".into() };
    assert!(stage.ask("ana", 5, start.clone()).is_err(), "its procedure takes two");
    stage.propose(2, about, "PUT").unwrap();
    stage.approve("bo", 20, 2).unwrap();
    stage.ask("ana", 21, start).unwrap();
    let end = Intent::EndFlagStep { run: stage.run, step: 0, change };
    assert!(stage.ask("ana", 22, end.clone()).is_err(), "nobody knows yet");
    let (outcome, detail) = (Outcome::Unknown, "no answer".to_owned());
    stage.ask("ana", 23, Intent::EndFlagChange { change, outcome, detail }).unwrap();
    assert!(stage.ask("ana", 24, end.clone()).is_err(), "nor now");
    let said = Intent::Resolve { id: change, outcome: Outcome::Done, reason: "reads 0".into() };
    stage.ask("bo", 25, said.clone()).unwrap();
    assert!(stage.ask("bo", 26, said).is_err(), "once");
    stage.ask("ana", 27, end.clone()).unwrap();
    let ended = stage.room.run(stage.run).unwrap().step(0).ended.unwrap();
    assert_eq!((ended.outcome, ended.detail.as_str()), (Outcome::Done, "reads 0"));
    assert!(stage.ask("ana", 28, end).is_err());
}
