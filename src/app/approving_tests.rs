//! A second person by keys: asked on every screen, agrees by a typed phrase; whoever asked waits or takes
//! it back.

use super::stage::Stage;
use super::*;
use crate::room::About;

const PLAN: &str = "\
# Launch

## Phase 1: Canary (Hours 0-2)

- [ ] Look

## Rollback Plan

1. **Stop the workers**
   ```bash
   systemctl stop workers
   ```
2. **Tell support**
";

/// A room in which the way back takes two people, and its run.
pub fn guarded() -> (Stage, Uuid) {
    let mut plan = crate::plan::read(PLAN.as_bytes(), "plan");
    let procedure = plan.procedures[0].clone();
    plan.guarded.procedures.insert(procedure.id.clone());
    let mut stage = Stage::over(plan);
    let run = Uuid::from_u128(9);
    stage.said("bo@desk", Event::RunStarted { run, procedure: procedure.id, title: procedure.title });
    (stage, run)
}

/// Bo asks for a second person for the first step.
pub fn asks(stage: &mut Stage, run: Uuid) -> Uuid {
    let (proposal, nonce) = (Uuid::from_u128(70), Uuid::from_u128(71));
    stage.said(
        "bo@desk",
        Event::Proposed {
            proposal,
            title: "Rollback Plan, step 1: Stop the workers".into(),
            about: About::Step { run, step: 0 },
            bytes: "systemctl stop workers\u{202e}".into(),
            nonce,
            digest: "sha256:abcdef0123".into(),
            expires: stage.app.now + TimeDelta::minutes(15),
        },
    );
    proposal
}

fn approved(stage: &Stage) -> Option<String> {
    stage.app.room.proposals()[0].approved.as_ref().map(|a| a.by.clone())
}

fn notice(stage: &Stage) -> String {
    stage.app.notice.as_ref().map(|n| n.text.clone()).unwrap_or_default()
}

#[test]
fn what_somebody_else_asks_for_is_agreed_to_by_its_phrase_and_nothing_else() {
    for open in ["A", "0<enter>", "4<enter>", "1A", "7A"] {
        let (mut stage, run) = guarded();
        asks(&mut stage, run);
        assert!(notice(&stage).contains("bo asks for a second person"), "{}", notice(&stage));
        assert!(stage.app.advice().what.contains("bo asks for a second person"), "{:?}", stage.app.advice());
        stage.keys(open);
        assert!(matches!(stage.app.dialog, Dialog::Approve(_)), "{open}: {:?}", stage.app.dialog);
        stage.keys("plan-approve-abcdef<enter>");
        assert_eq!(approved(&stage), None, "the box is deaf at first");
        stage.wait(500);
        stage.send(Msg::Paste("plan-approve-abcdef".into()));
        stage.keys("<enter>y<enter><bs>");
        assert_eq!(approved(&stage), None, "a paste and another key are no word");
        stage.keys("plan-approve-abcdef<enter>");
        assert_eq!(approved(&stage).as_deref(), Some("ana@host"));
        assert!(matches!(stage.app.dialog, Dialog::None));
        assert!(!stage.app.advice().what.contains("second person"), "{:?}", stage.app.advice());
    }
}

#[test]
fn the_box_closes_when_somebody_else_agreed_or_it_was_taken_back() {
    let title = || "t".to_owned();
    let (mut stage, run) = guarded();
    let proposal = asks(&mut stage, run);
    stage.keys("A");
    stage.said("bo@desk", Event::ProposalWithdrawn { proposal, title: title() });
    assert!(matches!(stage.app.dialog, Dialog::None) && notice(&stage).contains("took it back"));
    let (mut stage, run) = guarded();
    let proposal = asks(&mut stage, run);
    stage.keys("A");
    let (nonce, digest) = (Uuid::from_u128(71), "sha256:abcdef0123".to_owned());
    stage.said("cy@desk", Event::Approved { proposal, title: title(), nonce, digest });
    assert!(matches!(stage.app.dialog, Dialog::None) && notice(&stage).contains("cy@desk approved it"));
}

#[test]
fn ones_own_waits_in_sight_and_can_be_taken_back_but_not_agreed_to() {
    let (mut stage, _) = guarded();
    stage.keys("R<enter><enter>");
    let prepared = |stage: &mut Stage| {
        let deed = Deed::Step { procedure: stage.app.ways()[0].id.clone(), step: 0 };
        let (shown, digest) = (vec!["systemctl stop workers".to_owned()], "sha256:aa".to_owned());
        stage.send(Msg::Prepared(Prepared { deed, from: None, shown, digest, runs_here: true }));
        stage.wait(500);
        stage.keys("plan-1<enter>");
    };
    prepared(&mut stage);
    assert_eq!(stage.app.room.proposals().len(), 1, "{}", notice(&stage));
    assert!(stage.app.advice().what.contains("has waited for a second person"), "{:?}", stage.app.advice());
    stage.keys("<esc>A");
    assert!(matches!(stage.app.dialog, Dialog::Proposal(_)), "{:?}", stage.app.dialog);
    stage.wait(500);
    stage.keys("yplan-approve");
    assert_eq!(approved(&stage), None);
    stage.keys("w");
    assert!(stage.app.room.proposals()[0].withdrawn.is_some(), "{}", notice(&stage));
    assert!(!stage.app.advice().what.contains("second person"), "{:?}", stage.app.advice());
    stage.keys("R<enter><enter>");
    prepared(&mut stage);
    assert_eq!(stage.app.room.proposals().len(), 2, "it can be asked for again");
}

#[test]
fn nobody_takes_back_what_another_asked_for_and_what_was_taken_back_is_not_agreed_to() {
    let (mut stage, run) = guarded();
    let proposal = asks(&mut stage, run);
    let app = &stage.app;
    let refused = decide(&app.room, &Intent::WithdrawProposal(proposal), &app.actor, app.now).unwrap_err();
    assert!(refused.to_string().contains("only they take it back"), "{refused}");
    stage.said("ana@host", Event::ProposalWithdrawn { proposal, title: "forged".into() });
    assert!(stage.app.room.proposals()[0].withdrawn.is_none(), "a journal written around the rules");
    stage.said("bo@desk", Event::ProposalWithdrawn { proposal, title: "t".into() });
    let (nonce, digest) = (Uuid::from_u128(71), "sha256:abcdef0123".to_owned());
    stage.said("cy@desk", Event::Approved { proposal, title: "t".into(), nonce, digest });
    assert_eq!(approved(&stage), None);
}
