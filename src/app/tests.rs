//! Keys in, room and effects out.

use super::stage::Stage;
use super::*;
use crate::plan::{ItemKind, Owner};
use crate::room::Mark;

/// Six items: two before, three in the first phase, one in the second.
const PLAN: &str = "\
# Launch

## Pre-flight

- [ ] Back up the database
- [ ] Freeze merges

## Phase 1: Canary (Hours 0-2)

- [ ] Deploy to canary
- [ ] Watch errors
- [ ] Watch latency

## Phase 2: All (Hours 2-4)

- [ ] Deploy to all

## Sign-off

**CTO:** ____________ Date: ________
";

fn marks(stage: &Stage) -> Vec<&'static str> {
    let room = &stage.app.room;
    room.plan.items.iter().map(|i| room.mark(i).as_str()).collect()
}

fn said(stage: &Stage) -> String {
    stage.app.notice.as_ref().map(|n| n.text.clone()).unwrap_or_default()
}

#[test]
fn the_plan_of_these_tests_reads_as_meant() {
    let stage = Stage::new(PLAN);
    let owners: Vec<_> =
        stage.app.room.plan.items.iter().map(|i| (i.kind, matches!(i.owner, Owner::Before))).collect();
    assert_eq!(owners.len(), 6);
    assert!(owners.iter().all(|(kind, _)| *kind == ItemKind::Task));
    assert_eq!(owners.iter().filter(|(_, before)| *before).count(), 2);
    assert_eq!(stage.app.room.plan.signoffs.len(), 1);
}

#[test]
fn space_ticks_and_unticks_and_u_takes_back() {
    let mut stage = Stage::new(PLAN);
    stage.keys("2<space>j<space>");
    assert_eq!(marks(&stage)[..3], ["done", "done", "open"]);
    stage.keys("<space>u");
    assert_eq!(marks(&stage)[1], "done", "u took the untick back");
    stage.keys("uu");
    assert_eq!(marks(&stage)[..2], ["open", "open"]);
    stage.keys("u");
    assert!(said(&stage).contains("nothing of yours"), "{}", said(&stage));
}

#[test]
fn a_tick_is_done_only_once_the_journal_has_it() {
    let mut stage = Stage::new(PLAN);
    stage.stores = false;
    stage.keys("2<space>");
    let item = stage.app.room.plan.items[0].clone();
    assert_eq!((stage.app.room.mark(&item), stage.app.is_saving(&item)), (Mark::Open, true));
    stage.keys("q");
    assert!(matches!(stage.app.dialog, Dialog::Leaving), "q asks while something is not saved");
    stage.keys("n");
    stage.store();
    assert_eq!((stage.app.room.mark(&item), stage.app.is_saving(&item)), (Mark::Done, false));
    stage.keys("q");
    assert_eq!(stage.effects, [Effect::Quit]);
}

#[test]
fn space_twice_before_the_first_is_stored_ends_where_it_began() {
    let mut stage = Stage::new(PLAN);
    stage.stores = false;
    stage.keys("2<space><space>");
    stage.store();
    assert_eq!(marks(&stage)[0], "open");
    assert_eq!(stage.app.unsaved(), 0);
}

#[test]
fn a_refused_or_unsaved_intent_says_why_and_changes_nothing() {
    let mut stage = Stage::new(PLAN);
    stage.stores = false;
    stage.keys("2<space>");
    let (ticket, _) = stage.waiting.pop().unwrap();
    stage.send(Msg::NotSaved { ticket, why: "the disk is full".into() });
    assert_eq!((marks(&stage)[0], stage.app.unsaved(), said(&stage)), ("open", 0, "the disk is full".into()));
}

#[test]
fn reasons_notes_evidence_and_names_are_asked_for() {
    let mut stage = Stage::new(PLAN);
    stage.keys("2bdns is down<enter>");
    assert_eq!(marks(&stage)[0], "blocked");
    stage.keys("b");
    assert_eq!(marks(&stage)[0], "open");
    stage.keys("tlooks odd<enter>ebackup-7.log<enter>@bo<enter>");
    let room = &stage.app.room;
    let state = room.item_state(&room.plan.items[0].id).unwrap();
    assert_eq!(room.notes[0].remark.text, "looks odd");
    assert_eq!(state.evidence[0].text, "backup-7.log");
    assert_eq!(state.assignee.as_deref(), Some("bo"));
    stage.keys("t<esc>t<enter>");
    assert_eq!(stage.app.room.notes.len(), 1);
    assert!(said(&stage).contains("left empty"));
}

#[test]
fn not_applicable_goes_and_comes() {
    let mut stage = Stage::new(PLAN);
    stage.keys("2x");
    assert_eq!(marks(&stage)[0], "na");
    stage.keys("x");
    assert_eq!(marks(&stage)[0], "open");
}

#[test]
fn phases_start_hold_and_complete_over_their_gate() {
    let mut stage = Stage::new(PLAN);
    stage.keys("l<s-tab><enter>s");
    let state = |stage: &Stage| stage.app.room.phase_state(&stage.app.room.plan.phases[0].id).progress;
    assert_eq!(state(&stage), crate::room::PhaseProgress::Running);
    stage.keys(":hold lunch<enter>");
    assert!(matches!(state(&stage), crate::room::PhaseProgress::Held { .. }));
    stage.keys(":start<enter>:complete<enter>");
    assert!(said(&stage).starts_with("the gate says NO-GO"), "{}", said(&stage));
    stage.keys(":complete the board said so<enter>");
    assert!(matches!(state(&stage), crate::room::PhaseProgress::Completed { .. }));
}

#[test]
fn t0_starts_the_clock_and_nonsense_does_not() {
    let mut stage = Stage::new(PLAN);
    assert_eq!(stage.app.next_clock(), None);
    stage.keys(":t0 tomorrow-ish<enter>");
    assert!(said(&stage).contains("is no time"));
    stage.keys(":t0 +30m<enter>");
    assert!(stage.app.room.t0.is_some() && stage.app.next_clock().is_some());
}

#[test]
fn a_sign_off_is_by_role_and_asks() {
    let mut stage = Stage::new(PLAN);
    stage.keys("2GS");
    assert!(matches!(stage.app.dialog, Dialog::SignOff(_)));
    stage.keys("<esc>S<enter>");
    assert!(stage.app.room.signature(&stage.app.room.plan.signoffs[0].id).is_none(), "first a yes or a no");
    stage.keys("a<enter>");
    let room = &stage.app.room;
    let signature = room.signature(&room.plan.signoffs[0].id).unwrap();
    assert_eq!((signature.by.as_str(), signature.signed), ("ana@host", false));
}

#[test]
fn without_signers_exceptions_and_a_comment_are_recorded_unsigned() {
    let mut stage = Stage::new(PLAN);
    stage.keys("Sx<enter>");
    let problem = |stage: &Stage| match &stage.app.dialog {
        Dialog::SignOff(open) => open.problem.clone().unwrap_or_default(),
        _ => String::new(),
    };
    assert_eq!(problem(&stage), "say what is excepted");
    stage.keys("no push<tab>fine!<enter>");
    let room = &stage.app.room;
    let signature = room.signature(&room.plan.signoffs[0].id).unwrap();
    let said = (signature.exceptions.as_deref(), signature.comment.as_deref());
    assert_eq!((said, &signature.seal), ((Some("no push"), Some("fine!")), &crate::room::Seal::Unsigned));
}

#[test]
fn search_finds_and_n_goes_round() {
    let mut stage = Stage::new(PLAN);
    stage.keys("2/watch");
    assert_eq!(stage.app.match_count(), 2);
    stage.keys("<enter>");
    let at = |stage: &Stage| stage.app.selected_item().unwrap().text.clone();
    assert_eq!(at(&stage), "Watch errors");
    stage.keys("n");
    assert_eq!(at(&stage), "Watch latency");
    stage.keys("n");
    assert_eq!(at(&stage), "Watch errors");
    stage.keys("N");
    assert_eq!(at(&stage), "Watch latency");
    stage.keys("/zzz<enter>n");
    assert!(said(&stage).contains("no “zzz”"));
}

#[test]
fn a_paste_triggers_nothing() {
    let mut stage = Stage::new(PLAN);
    stage.keys("2");
    stage.send(Msg::Paste(" q\n y\n".into()));
    assert_eq!(marks(&stage)[0], "open");
    assert!(stage.effects.is_empty());
    stage.keys(":");
    stage.send(Msg::Paste("quit\nquit".into()));
    let Dialog::Prompt(prompt) = &stage.app.dialog else { panic!("the prompt stays") };
    assert!(prompt.problem.is_some() && prompt.value().is_empty());
    stage.keys("<esc>t");
    stage.send(Msg::Paste("two\r\nlines".into()));
    stage.keys("<enter>");
    assert_eq!(stage.app.room.notes[0].remark.text, "two\nlines");
}

#[test]
fn view_only_says_why_and_sends_nothing() {
    let mut stage = Stage::new(PLAN);
    stage.send(Msg::Link(Link::ViewOnly("the folder cannot be written".into())));
    stage.keys("2<space>");
    assert!(said(&stage).contains("the folder cannot be written"));
    assert!(stage.app.offers().iter().any(|o| o.action == Action::Tick && o.refusal.is_some()));
    assert_eq!(stage.app.unsaved(), 0);
}

#[test]
fn the_selection_stays_on_its_item_when_a_filter_hides_others() {
    let mut stage = Stage::new(PLAN);
    stage.keys("2<space>jo");
    assert_eq!(stage.app.selected_item().unwrap().text, "Freeze merges");
    assert!(!stage.app.list().rows().contains(&Row::Item(0)), "done is hidden");
    stage.keys("oo");
    assert_eq!(stage.app.selected_item().unwrap().text, "Freeze merges");
}

#[test]
fn folding_hides_a_group_and_unfolding_shows_it() {
    let mut stage = Stage::new(PLAN);
    let all = stage.app.lists_len();
    stage.keys("2h");
    assert_eq!(stage.app.lists_len(), all - 3, "the section's heading goes too");
    stage.keys("l");
    assert_eq!(stage.app.lists_len(), all);
}

#[test]
fn the_next_open_item_is_a_key_away() {
    let mut stage = Stage::new(PLAN);
    stage.keys("2<space>J");
    assert_eq!(stage.app.selected_item().unwrap().text, "Freeze merges");
    stage.keys("JJ");
    assert_eq!(stage.app.selected_item().unwrap().text, "Watch errors");
}

#[test]
fn a_colleagues_tick_comes_in_by_the_same_path() {
    let mut stage = Stage::new(PLAN);
    let item = stage.app.room.plan.items[1].clone();
    stage.happened(Event::ItemTicked { item: item.id.clone(), text: item.text.clone() });
    assert_eq!(marks(&stage)[1], "done");
    stage.keys("u");
    assert_eq!(marks(&stage)[1], "done", "u takes back one's own only");
}

#[test]
fn start_goes_to_the_next_phase_where_the_list_in_view_is_none() {
    let mut stage = Stage::new(PLAN);
    assert!(
        stage.app.phase_of(stage.app.outline.strip()[stage.app.cell()]).is_none(),
        "pre-flight is in view"
    );
    stage.keys(":t0 now<enter>:start<enter>");
    let phase = stage.app.room.plan.phases[0].id.clone();
    let progress = stage.app.room.phase_state(&phase).progress;
    assert!(matches!(progress, crate::room::PhaseProgress::Running), "{progress:?}, {:?}", stage.app.notice);
}

#[test]
fn quitting_by_command_asks_like_the_key() {
    let mut stage = Stage::new(PLAN);
    stage.stores = false;
    stage.keys("2<space>:quit<enter>");
    assert!(matches!(stage.app.dialog, Dialog::Leaving));
}

#[test]
fn leaving_waits_for_the_disk_and_then_leaves() {
    let mut stage = Stage::new(PLAN);
    stage.stores = false;
    stage.keys("2<space>q");
    assert!(matches!(stage.app.dialog, Dialog::Leaving) && !stage.effects.contains(&Effect::Quit));
    stage.store();
    assert!(stage.effects.contains(&Effect::Quit));
}

#[test]
fn what_somebody_types_becomes_a_signal_with_its_age() {
    let mut stage = Stage::new("# Launch\n\n- [ ] Go\n\n## Alerts\n\n- P1: Support tickets > 5\n");
    let tile = |stage: &Stage| {
        let tile = stage.app.tiles.iter().find(|t| t.name.starts_with("Support")).unwrap();
        (tile.value, tile.state.word(), tile.age.map(|a| a.as_secs()))
    };
    assert_eq!(tile(&stage), (None, "not bound", None));
    let typed = |value| crate::room::Event::ValueTyped { signal: "support tickets".into(), value };
    stage.happened(typed(3.0));
    stage.wait(2_000);
    assert_eq!(tile(&stage), (Some(3.0), "ok", Some(2)));
    stage.happened(typed(9.0));
    stage.wait(1_000);
    assert_eq!(tile(&stage), (Some(9.0), "firing", Some(1)));
    stage.wait(3_700_000);
    let (value, word, age) = tile(&stage);
    assert!(value == Some(9.0) && age >= Some(3_700), "{value:?} {age:?}");
    assert_eq!(word, "firing", "what is not known any more resolves nothing");
    stage.happened(typed(2.0));
    stage.wait(1_000);
    assert_eq!(tile(&stage).1, "ok", "one good value resolves");
    let bound = crate::plan::binding::Binding::default();
    stage.send(Msg::Bound(std::sync::Arc::new(bound)));
    stage.wait(1_000);
    assert_eq!(tile(&stage).0, Some(2.0), "it outlives another binding");
}
