use super::*;
use crate::plan::read;

const PLAN: &str = "\
# Launch

## Pre-flight

- [ ] Back up the database
- [ ] Freeze merges

## Phase 1: Canary (Day 1)

- [ ] Deploy to canary
- [ ] Watch errors

## Phase 2: Everyone (Day 2)

- [ ] Deploy to all servers
- [x] Tell the customers

## Alerts

- P1: Error rate > 5% for 5 minutes
- P2: Latency > 500 ms

## Rollback Plan

1. Turn it off
   ```bash
   curl -X POST https://flags.acme.io/off
   ```
2. Tell support
";

/// "how part name: before → after" of every difference.
fn said(from: &str, to: &str) -> Vec<String> {
    let new = PLAN.replace(from, to);
    assert_ne!(new, PLAN, "{from:?} is in the plan");
    let changes = diff(&read(PLAN.as_bytes(), "p"), &read(new.as_bytes(), "p"));
    changes.iter().map(shown).collect()
}

fn shown(change: &Change) -> String {
    let text = |said: &Option<Said>| said.as_ref().map_or_else(|| "-".to_owned(), |s| s.text.clone());
    let mark = if change.executable { "! " } else { "" };
    let (before, after) = (text(&change.before), text(&change.after));
    format!(
        "{mark}{:?} {:?} {} [{}]: {before} → {after}",
        change.how, change.part, change.name, change.aspect
    )
}

#[test]
fn an_edit_is_told_by_what_it_means() {
    for (from, to, expected) in [
        ("rate > 5%", "rate > 3%", "Changed Limit Error rate [limit]: > 5 % → > 3 %"),
        ("5 minutes", "10 minutes", "Changed Limit Error rate [for]: 5 min → 10 min"),
        ("P2: Latency", "P0: Latency", "Changed Limit Latency [severity]: P2 → P0"),
        ("- P2: Latency > 500 ms\n", "", "Removed Limit Latency []: Latency → -"),
        (
            "Freeze merges",
            "Freeze all merges",
            "Reworded Item Freeze all merges []: Freeze merges → Freeze all merges",
        ),
        ("- [ ] Watch errors\n", "", "Removed Item Watch errors []: Watch errors → -"),
        (
            "- [ ] Watch errors\n",
            "- [ ] Watch errors\n- [ ] Ask sales\n",
            "Added Item Ask sales []: - → Ask sales",
        ),
        ("[ ] Freeze", "[x] Freeze", "Ticked Item Freeze merges [ticked]: open → ticked"),
        ("[x] Tell", "[ ] Tell", "Unticked Item Tell the customers [ticked]: ticked → open"),
        ("(Day 2)", "(Day 3)", "Changed Phase Phase 2: Everyone [window]: Day 2 → Day 3"),
        (
            "1: Canary",
            "1: Canaries",
            "Reworded Phase Phase 1: Canaries []: Phase 1: Canary → Phase 1: Canaries",
        ),
        ("# Launch\n", "# Launch it\n", "Reworded Title Launch it []: Launch → Launch it"),
        (
            "Tell support",
            "Tell the support",
            "Reworded Step Tell the support []: Tell support → Tell the support",
        ),
    ] {
        assert_eq!(said(from, to), [expected], "{from:?} to {to:?}");
    }
}

#[test]
fn what_can_reach_outside_is_marked() {
    let told = said("acme.io/off", "acme.com/off");
    assert!(told.iter().all(|t| t.starts_with("! ")), "{told:#?}");
    let has = |part: &str| told.iter().any(|t| t.contains(part));
    assert!(has("Changed Command") && has("https://flags.acme.io/off → curl"), "{told:#?}");
    assert!(has("Removed Host flags.acme.io") && has("Added Host flags.acme.com"), "{told:#?}");
    assert_eq!(told.len(), 3, "{told:#?}");
}

#[test]
fn an_item_moves_to_another_owner() {
    let moved =
        PLAN.replace("- [ ] Watch errors\n", "").replace("- [x] Tell", "- [ ] Watch errors\n- [x] Tell");
    let changes = diff(&read(PLAN.as_bytes(), "p"), &read(moved.as_bytes(), "p"));
    let told: Vec<_> = changes.iter().map(shown).collect();
    assert_eq!(told, ["Moved Item Watch errors [owner]: Phase 1: Canary → Phase 2: Everyone"]);
}

#[test]
fn order_alone_means_nothing_unless_it_is_of_steps_or_phases() {
    let swap = |a: &str, b: &str| PLAN.replace(a, "\u{1}").replace(b, a).replace('\u{1}', b);
    let of = |text: &str| diff(&read(PLAN.as_bytes(), "p"), &read(text.as_bytes(), "p"));
    for (a, b) in [
        ("- [ ] Back up the database\n", "- [ ] Freeze merges\n"),
        ("- P1: Error rate > 5% for 5 minutes\n", "- P2: Latency > 500 ms\n"),
    ] {
        assert_eq!(of(&swap(a, b)), [], "{a}");
    }
    assert_eq!(of(&format!("{}\n", PLAN.replace("\n\n", "\n\n\n"))), []);
    let two = PLAN.replace("2. Tell support\n", "2. Tell support\n3. Write it down\n");
    let other = PLAN.replace("2. Tell support\n", "2. Write it down\n3. Tell support\n");
    let told = diff(&read(two.as_bytes(), "p"), &read(other.as_bytes(), "p"));
    assert_eq!(
        told.iter().map(|c| (c.part, c.how, c.executable)).collect::<Vec<_>>(),
        [(Part::Procedure, How::Moved, false)]
    );
}

#[test]
fn two_thousand_items_all_rewritten_are_quick() {
    let plan = |word: &str| {
        let items: String = (0..2000).map(|n| format!("- [ ] {word} number {n}\n")).collect();
        read(format!("# P\n## Phase 1: A (Day 1)\n{items}").as_bytes(), "p")
    };
    let changes = diff(&plan("old"), &plan("new"));
    assert!(changes.len() >= 2000);
}
