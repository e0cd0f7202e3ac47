//! Whoever only looks: every key on every screen, the palette, clicks, and a replay. None reaches a lever.

use std::sync::Arc;

use super::stage::Stage;
use super::*;
use crate::plan::binding::{Binding, FlagBinding};
use crate::room::{About, Decision, Outcome, Role};

const PLAN: &str = "\
# Launch

## Feature flags

| Flag | Value |
|---|---|
| `new_ui` | false |

## Phase 1: Canary (Hours 0-2)

- [ ] Set `new_ui` = true
- Error rate > 5% for 5 minutes: P1

## Rollback Plan

1. **Stop the workers**
   ```bash
   systemctl stop workers
   ```
2. **Tell support**
";

/// Who only looks, and how that comes.
#[derive(Clone, Copy, Debug)]
enum Looking {
    Observer,
    ViewOnly,
}

fn stage(plan: &Arc<crate::plan::Plan>, looking: Option<Looking>) -> Stage {
    let mut stage = Stage::over(crate::plan::Plan::clone(plan));
    let at = "http://127.0.0.1:1/flags/new_ui".to_owned();
    let flag = FlagBinding { name: "new_ui".into(), read: at.clone(), write: at, ..FlagBinding::default() };
    stage.send(Msg::Bound(Arc::new(Binding { flags: vec![flag], ..Binding::default() })));
    // A run is under way, as somebody else began it.
    let procedure = plan.procedures[0].clone();
    let run = Uuid::from_u128(9);
    stage.happened(Event::RunStarted { run, procedure: procedure.id, title: procedure.title });
    match looking {
        Some(Looking::Observer) => stage.app.actor.role = Role::Observer,
        Some(Looking::ViewOnly) => stage.send(Msg::Link(Link::ViewOnly("asked for".into()))),
        None => {}
    }
    stage.effects.clear();
    stage
}

/// The bytes of everything that was to be prepared come back, as if it could be done here.
fn prepare(stage: &mut Stage) {
    let asked = |e: &Effect| if let Effect::Prepare(deed) = e { Some(deed.clone()) } else { None };
    let deeds: Vec<_> = stage.effects.iter().filter_map(asked).collect();
    stage.effects.retain(|e| !matches!(e, Effect::Prepare(_)));
    for deed in deeds {
        let (shown, digest) = (vec!["rm".to_owned()], "sha256:aa".to_owned());
        stage.send(Msg::Prepared(Prepared { deed, from: None, shown, digest, runs_here: true }));
        stage.wait(500);
    }
}

/// What of the effects reaches something outside.
fn reached(stage: &Stage) -> Vec<&Effect> {
    stage.effects.iter().filter(|e| matches!(e, Effect::Do { .. } | Effect::Finished(_))).collect()
}

/// After any key: down, open, go on, and whatever a box may want.
fn press_on(stage: &mut Stage) {
    for keys in ["<enter>", "j<enter>", "<space>", "y"] {
        stage.keys(keys);
        prepare(stage);
        stage.wait(500);
        stage.keys("plan-1<enter>");
        prepare(stage);
        stage.keys("plan-1<enter>y");
    }
}

#[test]
fn no_key_on_any_screen_reaches_a_lever() {
    let plan = Arc::new(crate::plan::read(PLAN.as_bytes(), "plan"));
    let signs = (' '..='~').filter(|c| *c != '<').map(String::from);
    let named = ["enter", "esc", "tab", "s-tab", "bs", "f2", "c-d", "c-b", "c-p"].map(|k| format!("<{k}>"));
    let keys: Vec<String> = signs.chain(named).collect();
    for looking in [Looking::Observer, Looking::ViewOnly] {
        for screen in ["0", "1", "2", "3", "4", "5", "6", "7"] {
            for key in &keys {
                let mut stage = stage(&plan, Some(looking));
                let seq = stage.app.room.seq;
                stage.keys(screen).keys(key);
                prepare(&mut stage);
                press_on(&mut stage);
                assert_eq!(reached(&stage), Vec::<&Effect>::new(), "{looking:?}: {screen} {key}");
                assert_eq!(stage.app.room.seq, seq, "{looking:?}: {screen} {key} was recorded");
            }
        }
    }
}

#[test]
fn the_same_keys_reach_a_lever_where_somebody_may() {
    let plan = Arc::new(crate::plan::read(PLAN.as_bytes(), "plan"));
    for keys in ["R", "f"] {
        let mut stage = stage(&plan, None);
        stage.keys(keys);
        press_on(&mut stage);
        assert!(!reached(&stage).is_empty(), "{keys}: else the walk proves nothing");
    }
}

#[test]
fn neither_palette_nor_mouse_nor_replay_reaches_one() {
    let plan = Arc::new(crate::plan::read(PLAN.as_bytes(), "plan"));
    for looking in [Looking::Observer, Looking::ViewOnly] {
        for word in COMMANDS.iter().map(|c| c.word).chain(["flag new_ui true", "run 1", "approve x"]) {
            let mut stage = stage(&plan, Some(looking));
            stage.keys(":").keys(word).keys("<enter>");
            press_on(&mut stage);
            assert_eq!(reached(&stage), Vec::<&Effect>::new(), "{looking:?}: :{word}");
        }
        for panel in [Panel::Checklist, Panel::Phases, Panel::Signals] {
            for row in 0..12 {
                let mut stage = stage(&plan, Some(looking));
                stage.send(Msg::Click { panel, row: Some(row) });
                stage.send(Msg::Wheel(3));
                stage.send(Msg::Paste("plan-1\ny\n".into()));
                press_on(&mut stage);
                assert_eq!(reached(&stage), Vec::<&Effect>::new(), "{looking:?}: {panel:?} {row}");
            }
        }
    }
}

#[test]
fn a_journal_that_is_read_again_does_nothing() {
    let plan = Arc::new(crate::plan::read(PLAN.as_bytes(), "plan"));
    for looking in [None, Some(Looking::Observer), Some(Looking::ViewOnly)] {
        let mut stage = stage(&plan, looking);
        let (run, change, done) = (Uuid::from_u128(9), Uuid::from_u128(10), Outcome::Done);
        let (flag, to, text) = ("new_ui".to_owned(), "true".to_owned(), "t".to_owned());
        let (proposal, nonce, digest) = (Uuid::from_u128(11), Uuid::from_u128(12), "sha256:aa".to_owned());
        let about = About::Step { run, step: 0 };
        for event in [
            Event::Proposed {
                proposal,
                title: text.clone(),
                about,
                bytes: "rm".into(),
                nonce,
                digest: digest.clone(),
                expires: chrono::DateTime::from_timestamp(2_000_000_000, 0).unwrap(),
            },
            Event::Approved { proposal, title: text.clone(), nonce, digest },
            Event::StepStarted {
                run,
                step: 0,
                text: text.clone(),
                bytes: "rm".into(),
                approval: Some(proposal),
            },
            Event::StepEnded {
                run,
                step: 0,
                text: text.clone(),
                outcome: done,
                detail: String::new(),
                end: None,
            },
            Event::FlagChangeStarted {
                change,
                flag: flag.clone(),
                from: None,
                to: to.clone(),
                request: "PUT".into(),
                approval: None,
            },
            Event::FlagChangeEnded { change, flag, to, outcome: done, detail: String::new() },
            Event::RunEnded { run, title: text.clone(), outcome: done, detail: String::new() },
            Event::SignedOff {
                signoff: "x".into(),
                role: "CTO".into(),
                decision: Decision::Approve,
                comment: None,
                signed: false,
                exceptions: None,
                statement: None,
                signature: None,
                saw: vec![],
            },
        ] {
            stage.happened(event);
        }
        stage.wait(1_000);
        assert_eq!(reached(&stage), Vec::<&Effect>::new(), "{looking:?}");
    }
}
