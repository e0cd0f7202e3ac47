//! What somebody may do, and what the fold of it is: tables and properties.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::plan::{
    Flag, Item, ItemKind, Owner, Phase, PhaseKind, Plan, Procedure, ProcedureKind, SignOff, Step, Trigger,
};

fn item(id: &str, owner: Owner, kind: ItemKind) -> Item {
    Item {
        id: id.into(),
        text: format!("Do {id}"),
        line: 1,
        checked: false,
        kind,
        phase: None,
        section: String::new(),
        owner,
        flag: None,
        threshold: None,
        path: "".into(),
    }
}

/// Two rollout phases of two tasks each, a task before, a criterion in the second, a sign-off.
fn plan() -> Arc<Plan> {
    let phase = |id: &str| Phase {
        id: id.into(),
        name: id.to_uppercase(),
        kind: PhaseKind::Rollout,
        ..Phase::default()
    };
    let task = |id: &str, phase: &str| item(id, Owner::Phase(phase.into()), ItemKind::Task);
    Arc::new(Plan {
        digest: "sha256:aa".into(),
        phases: vec![phase("one"), phase("two")],
        items: vec![
            item("b1", Owner::Before, ItemKind::Task),
            task("a1", "one"),
            task("a2", "one"),
            task("c1", "two"),
            item("k1", Owner::Phase("two".into()), ItemKind::Criterion),
        ],
        flags: vec![Flag {
            name: "new_ui".into(),
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
            steps: ["stop", "deploy"].map(|text| Step { text: text.into(), ..Step::default() }).to_vec(),
            commands: vec![],
            line: 4,
        }],
        triggers: vec![Trigger {
            text: "Data loss".into(),
            severity: Some("P0".into()),
            role: crate::plan::Role::Rollback,
            procedure: None,
            line: 5,
        }],
        signoffs: vec![SignOff { id: "cto".into(), role: "CTO".into(), line: 9, items: vec![] }],
        ..Plan::default()
    })
}

/// The same plan under another digest.
fn adopted(digest: &str) -> Intent {
    Intent::AdoptPlan { plan: Arc::new(Plan { digest: digest.into(), ..(*plan()).clone() }) }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn ana() -> Actor {
    Actor { name: "ana".into(), role: Role::Commander }
}

/// Judges and, where allowed, records through the journal's own text.
fn act(room: &mut Room, intent: &Intent, actor: &Actor) -> Result<(), Refusal> {
    for event in decide(room, intent, actor, now())? {
        let seq = room.seq + 1;
        let text = Fact::new(Uuid::from_u128(u128::from(seq)), now(), &actor.name, event).to_text();
        room.apply(&Entry::read(seq, &text));
    }
    Ok(())
}

fn tick(room: &mut Room, id: &str) {
    act(room, &Intent::Tick(id.into()), &ana()).unwrap();
}

#[test]
fn a_mark_goes_its_rounds() {
    let mut room = Room::new(plan());
    let mark = |room: &Room| room.mark(room.plan.item(&"a1".into()).unwrap());
    tick(&mut room, "a1");
    assert_eq!(mark(&room), Mark::Done);
    assert!(matches!(act(&mut room, &Intent::Tick("a1".into()), &ana()), Err(Refusal::Already(_))));
    act(&mut room, &Intent::Untick("a1".into()), &ana()).unwrap();
    assert_eq!(mark(&room), Mark::Open);
    act(&mut room, &Intent::Block { item: "a1".into(), reason: "dns".into() }, &ana()).unwrap();
    assert_eq!((mark(&room), room.blocked()), (Mark::Blocked, 1));
    act(&mut room, &Intent::Reopen("a1".into()), &ana()).unwrap();
    act(&mut room, &Intent::Exclude { item: "a1".into(), reason: None }, &ana()).unwrap();
    assert_eq!(room.phase_tally(&"one".into()), Tally { done: 0, all: 1, blocked: 0 });
}

#[test]
fn an_observer_and_an_engineer_are_told_what_they_may_not() {
    let mut room = Room::new(plan());
    let observer = Actor { name: "vic".into(), role: Role::Observer };
    let engineer = Actor { name: "eng".into(), role: Role::Engineer };
    assert!(matches!(act(&mut room, &Intent::Tick("a1".into()), &observer), Err(Refusal::ReadOnly(_))));
    let refused = act(&mut room, &Intent::StartPhase("one".into()), &engineer);
    assert!(matches!(refused, Err(Refusal::Role { needs: Role::Commander, .. })));
    assert_eq!(room.seq, 0);
}

#[test]
fn the_first_gate_asks_before_its_phase_and_the_signatures() {
    let mut room = Room::new(plan());
    let gate = |room: &Room| room.gate(&room.plan.phases[0]);
    assert_eq!(gate(&room).reasons, ["2 open", "1 open in Before", "CTO has not signed"]);
    for id in ["a1", "a2", "b1"] {
        tick(&mut room, id);
    }
    let sign = Intent::SignOff { signoff: "cto".into(), decision: Decision::Approve, comment: None };
    act(&mut room, &sign, &ana()).unwrap();
    assert_eq!(gate(&room).verdict, Verdict::Go);
    act(&mut room, &adopted("sha256:bb"), &ana()).unwrap();
    assert_eq!(gate(&room).reasons, ["CTO signed an earlier plan"]);
}

#[test]
fn what_nobody_judged_is_inconclusive_and_never_go() {
    let mut room = Room::new(plan());
    tick(&mut room, "c1");
    let gate = room.gate(&room.plan.phases[1]);
    assert_eq!(
        (gate.verdict, gate.reasons.as_slice()),
        (Verdict::Inconclusive, &["1 criterion to judge".to_owned()][..])
    );
    tick(&mut room, "k1");
    assert_eq!(room.gate(&room.plan.phases[1]).verdict, Verdict::Go);
}

#[test]
fn a_phase_is_completed_over_its_gate_only_with_a_reason() {
    let mut room = Room::new(plan());
    let complete = |overriding: Option<&str>| Intent::CompletePhase {
        phase: "one".into(),
        overriding: overriding.map(str::to_owned),
    };
    assert!(act(&mut room, &complete(None), &ana()).is_err(), "not started");
    act(&mut room, &Intent::StartPhase("one".into()), &ana()).unwrap();
    let refusal = act(&mut room, &complete(None), &ana()).unwrap_err();
    assert!(refusal.to_string().starts_with("the gate says NO-GO: 2 open, 1 open in Before"), "{refusal}");
    act(&mut room, &Intent::HoldPhase { phase: "one".into(), reason: "lunch".into() }, &ana()).unwrap();
    act(&mut room, &complete(Some("the board said so")), &ana()).unwrap();
    assert_eq!(room.current_phase().unwrap().name, "TWO");
}

#[test]
fn a_note_is_withdrawn_by_its_author_only() {
    let mut room = Room::new(plan());
    act(&mut room, &Intent::AddNote { on: Subject::Room, text: " hello ".into() }, &ana()).unwrap();
    let id = room.notes[0].id;
    let bo = Actor { name: "bo".into(), role: Role::Commander };
    assert!(act(&mut room, &Intent::WithdrawNote(id), &bo).is_err());
    act(&mut room, &Intent::WithdrawNote(id), &ana()).unwrap();
    assert!(room.notes.is_empty());
}

#[test]
fn state_of_items_that_left_the_plan_is_kept() {
    let mut room = Room::new(plan());
    tick(&mut room, "a1");
    room.follow(Arc::new(Plan::default()));
    let orphans = room.orphans();
    assert_eq!((orphans.len(), orphans[0].1.text.as_str()), (1, "Do a1"));
    room.follow(plan());
    assert!(room.orphans().is_empty());
    assert_eq!(room.mark(&room.plan.items[1]), Mark::Done);
}

fn raise(rule: &str, value: Option<f64>) -> Intent {
    Intent::RaiseAlert {
        rule: rule.into(),
        signal: "Error rate".into(),
        limit: "ok ≤ 5 %".into(),
        rank: "P1".into(),
        line: 7,
        value,
    }
}

fn change(id: Uuid) -> Intent {
    Intent::StartFlagChange {
        change: id,
        flag: "new_ui".into(),
        from: Some("false".into()),
        to: "true".into(),
        request: "PUT /flags/new_ui".into(),
    }
}

#[test]
fn an_alert_stops_the_gate_until_it_is_over() {
    let mut room = Room::new(plan());
    let reasons = |room: &Room| room.gate(room.plan.top_phases().next().unwrap()).reasons;
    act(&mut room, &raise("r1", Some(7.5)), &ana()).unwrap();
    assert!(matches!(act(&mut room, &raise("r1", None), &ana()), Err(Refusal::Already(_))));
    assert!(reasons(&room).contains(&"Error rate fires".to_owned()));
    act(&mut room, &Intent::Acknowledge("r1".into()), &ana()).unwrap();
    assert_eq!(room.firing()[0].acknowledged.as_ref().unwrap().0, "ana");
    let again = act(&mut room, &Intent::Acknowledge("r1".into()), &ana()).unwrap_err();
    assert_eq!(again.to_string(), "ana has it already");
    act(&mut room, &Intent::ResolveAlert { rule: "r1".into(), value: Some(1.0) }, &ana()).unwrap();
    assert!(room.firing().is_empty() && !reasons(&room).iter().any(|r| r.contains("fires")));
    assert_eq!(room.alerts().len(), 1, "and it stays known");
    act(&mut room, &raise("r1", None), &ana()).unwrap();
    assert_eq!(room.firing()[0].acknowledged, None, "a new firing is nobody's");
}

#[test]
fn what_cannot_be_judged_is_not_go() {
    let mut room = Room::new(plan());
    for id in ["b1", "a1", "a2"] {
        tick(&mut room, id);
    }
    let sign = Intent::SignOff { signoff: "cto".into(), decision: Decision::Approve, comment: None };
    act(&mut room, &adopted("sha256:aa"), &ana()).unwrap();
    act(&mut room, &sign, &ana()).unwrap();
    let verdict = |room: &Room| room.gate(room.plan.top_phases().next().unwrap()).verdict;
    assert_eq!(verdict(&room), Verdict::Go);
    act(&mut room, &Intent::LoseSignal { rule: "r1".into(), signal: "Error rate".into(), why: None }, &ana())
        .unwrap();
    assert_eq!(verdict(&room), Verdict::Inconclusive);
    act(&mut room, &Intent::FindSignal { rule: "r1".into() }, &ana()).unwrap();
    assert_eq!(verdict(&room), Verdict::Go);
}

#[test]
fn a_flag_whose_change_has_no_end_is_not_changed_again() {
    let mut room = Room::new(plan());
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    act(&mut room, &change(first), &ana()).unwrap();
    let refusal = act(&mut room, &change(second), &ana()).unwrap_err();
    assert!(refusal.to_string().contains("unknown"), "{refusal}");
    let end = Intent::EndFlagChange { change: first, outcome: Outcome::Unknown, detail: "no answer".into() };
    act(&mut room, &end, &ana()).unwrap();
    assert!(act(&mut room, &end, &ana()).is_err(), "unknown is said once");
    assert!(act(&mut room, &change(second), &ana()).is_err(), "a person says what became of it first");
    let said = Intent::Resolve { id: first, outcome: Outcome::Failed, reason: "asked the provider".into() };
    act(&mut room, &said, &ana()).unwrap();
    act(&mut room, &change(second), &ana()).unwrap();
    assert!(act(&mut room, &change(first), &ana()).is_err(), "and is never started again");
}

#[test]
fn steps_run_once_and_in_order() {
    let mut room = Room::new(plan());
    let run = Uuid::from_u128(9);
    act(&mut room, &Intent::StartRun { run, procedure: "back".into() }, &ana()).unwrap();
    let start = |step| Intent::StartStep { run, step, bytes: "sh".into() };
    let end = |step| Intent::EndStep { run, step, outcome: Outcome::Done, detail: String::new() };
    assert!(act(&mut room, &start(1), &ana()).is_err(), "the first comes first");
    act(&mut room, &start(0), &ana()).unwrap();
    assert!(act(&mut room, &start(0), &ana()).is_err(), "never twice");
    act(&mut room, &end(0), &ana()).unwrap();
    assert!(act(&mut room, &end(1), &ana()).is_err(), "nobody started it");
    act(&mut room, &tick_step(run, 1), &ana()).unwrap();
    assert!(act(&mut room, &tick_step(run, 1), &ana()).is_err(), "once");
    assert!(act(&mut room, &start(2), &ana()).is_err(), "there are two");
    assert!(
        act(&mut room, &Intent::StartRun { run: Uuid::from_u128(10), procedure: "back".into() }, &ana())
            .is_err()
    );
    act(&mut room, &Intent::EndRun { run, outcome: Outcome::Done, detail: String::new() }, &ana()).unwrap();
    assert!(room.open_run(&"back".into()).is_none());
}

#[test]
fn an_end_is_kept_by_type_and_an_older_journal_has_none() {
    let mut room = Room::new(plan());
    let (run, at) = (Uuid::from_u128(9), now());
    act(&mut room, &Intent::StartRun { run, procedure: "back".into() }, &ana()).unwrap();
    act(&mut room, &Intent::StartStep { run, step: 0, bytes: "sh".into() }, &ana()).unwrap();
    let unknown = Intent::CloseStep { run, step: 0, end: End::Unknown, detail: "lost".into() };
    act(&mut room, &unknown, &ana()).unwrap();
    assert!(act(&mut room, &unknown, &ana()).is_err(), "that is said already");
    let lost = room.clone();
    let end = End::Signal { number: 15 };
    act(&mut room, &Intent::CloseStep { run, step: 0, end, detail: "signal 15".into() }, &ana()).unwrap();
    let ended = room.run(run).unwrap().step(0).ended.unwrap();
    assert_eq!((ended.outcome, ended.end), (Outcome::Failed, Some(end)));
    let folded = |event: &str| {
        let mut room = lost.clone();
        let event = serde_json::from_str(event).unwrap();
        room.apply(&Entry { seq: room.seq + 1, id: Uuid::nil(), at, by: "ana".into(), event, hash: None });
        room.run(run).unwrap().step(0).ended.unwrap().end
    };
    let text = |end: &str| {
        format!(
            r#"{{"type":"step_ended","run":"{run}","step":0,"text":"","outcome":"done","detail":""{end}}}"#
        )
    };
    assert_eq!(folded(&text("")), None);
    assert_eq!(folded(&text(r#","end":{"kind":"exit","code":0}"#)), Some(End::Exit { code: 0 }));
    assert_eq!(folded(&text(r#","end":{"kind":"exit","code":1}"#)), None, "it says two things");
}

fn tick_step(run: Uuid, step: usize) -> Intent {
    Intent::TickStep { run, step, shown: "b".into() }
}

fn intents() -> impl Strategy<Value = Intent> {
    let item = prop::sample::select(vec!["a1", "a2", "b1", "c1", "k1", "zz"]);
    let phase = prop::sample::select(vec!["one", "two", "zz"]);
    let text = prop::option::of("[ -~]{0,6}");
    (0..38u8, item, phase, text, 0..3usize).prop_map(|(kind, item, phase, text, step)| {
        let rule = item.into();
        let (item, phase) = (item.into(), phase.into());
        let (run, bytes) = (Uuid::from_u128(step as u128), String::new());
        let outcome = if step == 0 { Outcome::Unknown } else { Outcome::Done };
        let words = text.clone().unwrap_or_default();
        match kind {
            0 => Intent::Tick(item),
            1 => Intent::Untick(item),
            2 => Intent::Exclude { item, reason: text },
            3 => Intent::Block { item, reason: words },
            4 => Intent::Reopen(item),
            5 => Intent::Assign { item, to: text },
            6 => Intent::AddNote { on: Subject::Item(item), text: words },
            7 => Intent::AddEvidence { item, text: words },
            8 => Intent::StartPhase(phase),
            9 => Intent::HoldPhase { phase, reason: words },
            10 => Intent::ResumePhase(phase),
            11 => Intent::CompletePhase { phase, overriding: text },
            12 => adopted(&words),
            13 => Intent::SetT0 { at: now(), zone: "Europe/Berlin".into() },
            14 => raise(item.as_str(), Some(step as f64)),
            15 => Intent::ResolveAlert { rule, value: None },
            16 => Intent::Acknowledge(rule),
            17 => Intent::LoseSignal { rule, signal: words, why: None },
            18 => Intent::FindSignal { rule },
            19 => change(run),
            20 => Intent::EndFlagChange { change: run, outcome, detail: words },
            21 => Intent::StartRun { run, procedure: "back".into() },
            22 => Intent::StartStep { run, step, bytes },
            23 if words.len() > 3 => {
                let end = [End::Exit { code: 1 }, End::Unknown, End::Rehearsed][step];
                Intent::CloseStep { run, step, end, detail: words }
            }
            23 => Intent::EndStep { run, step, outcome, detail: words },
            24 => Intent::EndRun { run, outcome, detail: words },
            25 => Intent::SupersedeAlert(rule),
            26 => {
                Intent::Silence { rule, reason: words, until: now() + chrono::TimeDelta::hours(step as i64) }
            }
            27 => Intent::Unsilence(rule),
            28 => Intent::CaptureBaseline { metric: words.clone(), value: step as f64, from: words },
            29 => Intent::Suggest { rule, value: None },
            31 => Intent::WithdrawBaseline { metric: words },
            32 => Intent::SayHappened { trigger: "Data loss".into(), reason: words },
            33 => Intent::SayOver { happening: run, reason: words },
            34 => tick_step(run, step),
            35 => Intent::EndFlagStep { run, step, change: run },
            36 => Intent::Resolve { id: run, outcome: Outcome::Done, reason: words },
            30 => Intent::Dismiss { suggestion: run, reason: words },
            _ => Intent::SignOff { signoff: "cto".into(), decision: Decision::Reject, comment: text },
        }
    })
}

proptest! {
    #[test]
    fn a_replay_in_two_parts_is_the_replay_of_all(wanted in prop::collection::vec(intents(), 0..60), cut in 0..60usize) {
        let mut room = Room::new(plan());
        let mut log: Vec<(u64, String)> = vec![];
        for (n, intent) in wanted.iter().enumerate() {
            for event in decide(&room, intent, &ana(), now()).unwrap_or_default() {
                let seq = room.seq + 1;
                let text = Fact::new(Uuid::from_u128(n as u128), now(), "ana", event.clone()).to_text();
                prop_assert_eq!(&Entry::read(seq, &text).event, &event);
                room.apply(&Entry::read(seq, &text));
                log.push((seq, text));
            }
        }
        let replay = |room: &mut Room, log: &[(u64, String)]| log.iter().for_each(|(s, t)| room.apply(&Entry::read(*s, t)));
        let mut again = Room::new(plan());
        let cut = cut.min(log.len());
        replay(&mut again, &log[..cut]);
        replay(&mut again, &log[..cut]); // a repeated delivery changes nothing
        replay(&mut again, &log[cut..]);
        prop_assert_eq!(again, room);
    }

    #[test]
    fn any_text_folds(texts in prop::collection::vec(any::<String>(), 0..20)) {
        let mut room = Room::new(plan());
        for (n, text) in texts.iter().enumerate() {
            room.apply(&Entry::read(n as u64 + 1, text));
        }
        prop_assert_eq!(room.seq, texts.len() as u64);
    }
}

#[test]
fn what_burns_comes_before_what_waits() {
    let mut room = Room::new(plan());
    assert_eq!(room.next_action(), Move::SetT0);
    act(&mut room, &Intent::SetT0 { at: now(), zone: "Europe/Berlin".into() }, &ana()).unwrap();
    assert!(matches!(room.next_action(), Move::Tick(i) if i.id == "b1".into()), "Before comes first");
    tick(&mut room, "b1");
    assert!(matches!(room.next_action(), Move::Start(p) if p.id == "one".into()));
    act(&mut room, &Intent::StartPhase("one".into()), &ana()).unwrap();
    tick(&mut room, "a1");
    act(&mut room, &Intent::Block { item: "a2".into(), reason: "dns".into() }, &ana()).unwrap();
    assert!(matches!(room.next_action(), Move::Unblock(i) if i.id == "a2".into()));
    act(&mut room, &raise("r1", None), &ana()).unwrap();
    assert!(matches!(room.next_action(), Move::Acknowledge(_)));
    act(&mut room, &Intent::Acknowledge("r1".into()), &ana()).unwrap();
    assert!(matches!(room.next_action(), Move::TurnBack(_, Some(p)) if p.id == "back".into()));
    let run = Uuid::from_u128(3);
    act(&mut room, &Intent::StartRun { run, procedure: "back".into() }, &ana()).unwrap();
    assert!(matches!(room.next_action(), Move::GoOn(_, 0)));
}
