//! What follows what, in small plans.

use super::*;
use crate::plan::{Item, read};

fn plan(text: &str) -> Plan {
    read(text.as_bytes(), "p")
}

/// Old lines with where their items went: the new line, or 0.
fn lines(old: &str, new: &str) -> Vec<(usize, usize)> {
    let (old, new) = (plan(old), plan(new));
    let moves = follow(&old, &new);
    let line = |to: &Option<usize>| to.map_or(0, |t| new.items[t].line);
    old.items.iter().zip(&moves.items).map(|(i, to)| (i.line, line(to))).collect()
}

/// A plan of sections, each with its items.
fn sections(of: &[(&str, &[&str])]) -> String {
    let section = |(title, items): &(&str, &[&str])| {
        let items: String = items.iter().map(|i| format!("- [ ] {i}\n")).collect();
        format!("## {title}\n{items}")
    };
    "# Launch\n".to_owned() + &of.iter().map(section).collect::<String>()
}

/// Where the items of one section went, as places in the new one.
fn within(old: &[&str], new: &[&str]) -> Vec<Option<usize>> {
    follow(&plan(&sections(&[("Before", old)])), &plan(&sections(&[("Before", new)]))).items
}

#[test]
fn an_unchanged_plan_stays_what_it_is() {
    let text = sections(&[("A", &["x", "x", "y"]), ("B", &["x"])]);
    assert_eq!(lines(&text, &text), [(3, 3), (4, 4), (5, 5), (7, 7)]);
}

#[test]
fn equal_words_do_not_slide_to_their_neighbours() {
    let (some, none) = (|i| Some(i), None);
    for (old, new, to) in [
        (
            &["a", "x", "b", "x", "c"][..],
            &["a", "b", "x", "c"][..],
            vec![some(0), none, some(1), some(2), some(3)],
        ),
        (&["a", "x", "b", "x"], &["a", "x", "b"], vec![some(0), some(1), some(2), none]),
        (&["a", "x", "b"], &["a", "x", "b", "x"], vec![some(0), some(1), some(2)]),
        (&["a", "x", "b"], &["x", "a", "x", "b"], vec![some(1), some(2), some(3)]),
        (&["x", "x"], &["x"], vec![none, none]),
        (&["x"], &["x", "x"], vec![none]),
        (&["a", "x", "x", "b"], &["a", "x", "b"], vec![some(0), none, none, some(2)]),
        (&["a", "x", "b", "x"], &["a", "x", "new", "b", "x"], vec![some(0), some(1), some(3), some(4)]),
        // Two moves, or one: nobody can tell.
        (&["a", "x", "b", "x", "c"], &["x", "a", "x", "b", "c"], vec![some(1), none, some(3), none, some(4)]),
    ] {
        assert_eq!(within(old, new), to, "{old:?} {new:?}");
    }
}

#[test]
fn one_rewording_is_followed_two_are_not() {
    assert_eq!(within(&["Depoly it now", "b"], &["b", "Deploy it now"]), [Some(1), Some(0)]);
    assert_eq!(
        within(&["Tell support"], &["Tell support (see the wiki)", "Tell support (by mail only)"]),
        [Some(0)],
        "the second turns it"
    );
    assert_eq!(within(&["Tell support"], &["Tell support (see the wiki)", "Tell support: ask them"]), [None]);
    assert_eq!(within(&["Enable it now"], &["Disable it now"]), [None]);
    assert_eq!(within(&["Error rate < 5 %"], &["Error rate > 5 %"]), [None]);
}

#[test]
fn a_renamed_heading_takes_its_items_along() {
    let old = sections(&[
        ("Pre-flight", &["Back up", "Freeze"]),
        ("Phase 1: Canary (Day 1)", &["Deploy", "Watch"]),
    ]);
    let new = sections(&[
        ("Preparation", &["Back up", "Freeze"]),
        ("Phase 1: Canary (Day 2)", &["Deploy", "Watch"]),
    ]);
    assert_eq!(lines(&old, &new), [(3, 3), (4, 4), (6, 6), (7, 7)]);
    let retitled = old.replace("# Launch\n", "# The launch of it\n");
    assert_eq!(lines(&old, &retitled), [(3, 3), (4, 4), (6, 6), (7, 7)]);
}

#[test]
fn equal_lists_are_told_by_their_titles_or_not_at_all() {
    let same = &["Deploy", "Watch"][..];
    let old = sections(&[("Phase 1: 5 %", same), ("Phase 2: 25 %", same)]);
    let new = sections(&[("Phase 1: 5 %", same), ("Phase 2: 10 %", same), ("Phase 3: 25 %", same)]);
    assert_eq!(lines(&old, &new), [(3, 3), (4, 4), (6, 0), (7, 0)]);
    for (title, other) in
        [("Staging", "Production"), ("Wave EU", "Wave US"), ("Day 1", "Day 2"), ("25 %", "50 %")]
    {
        let (old, new) = (sections(&[(title, same)]), sections(&[(other, same)]));
        assert_eq!(lines(&old, &new), [(3, 0), (4, 0)], "{title} {other}");
    }
    let swapped = sections(&[("Phase 2: 25 %", same), ("Phase 1: 5 %", same)]);
    assert_eq!(lines(&old, &swapped), [(3, 6), (4, 7), (6, 3), (7, 4)]);
}

#[test]
fn what_moved_is_found_where_its_words_are_the_only_ones() {
    let old =
        sections(&[("Pre-flight", &["Back up the database", "Smoke test"]), ("Follow-up", &["Say thanks"])]);
    let new = sections(&[
        ("Pre-flight", &["Freeze"]),
        ("Follow-up", &["Say thanks", "Back up the database", "Smoke test"]),
    ]);
    assert_eq!(lines(&old, &new), [(3, 6), (4, 0), (6, 5)], "two words do not tell");
    let old = "# L\n## A\n### Checks\n- [ ] one\n- [ ] two\n## B\n- [ ] three\n";
    let new = "# L\n## A\n- [ ] zero\n## B\n- [ ] three\n### Checks\n- [ ] one\n- [ ] two\n";
    assert_eq!(lines(old, new), [(4, 7), (5, 8), (7, 5)]);
}

#[test]
fn an_id_of_ones_own_is_the_same_item_whatever_it_says() {
    let old = sections(&[("A", &["Deploy {#d}", "x"])]);
    let new = sections(&[("B", &["Roll it out {#d}"])]);
    assert_eq!(lines(&old, &new), [(3, 3), (4, 0)]);
}

#[test]
fn phases_signoffs_limits_and_procedures_are_followed() {
    let old = plan(
        "# L\n## Phase 1: Dark launch\n- [ ] Deploy it\n- [ ] Watch it\n## Phase 2: Everyone\n- [ ] Go\n## Alerts\n- P1: error rate > 5% for 5 minutes\n- P2: latency > 300 ms\n## Rollback Plan\n1. Stop\n## Sign-off\n- [ ] **CTO:** ____\n",
    );
    let new = plan(
        "# L\n## Phase 1: Early birds\n- [ ] Deploy it\n- [ ] Watch it\n- [ ] Sing\n## Phase 3: Everyone\n- [ ] Go\n## Alerts\n- P2: latency > 400 ms\n- P1: error rate > 5% for 5 minutes\n## Rollback Plan\n1. Stop\n## Sign-off\n- [ ] **CTO:** ____\n",
    );
    let moves = follow(&old, &new);
    let names = |p: &Plan| p.phases.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
    assert_eq!((names(&old).len(), names(&new).len()), (2, 2), "{:?} {:?}", names(&old), names(&new));
    assert_eq!((old.thresholds.len(), new.thresholds.len()), (2, 2));
    assert_eq!(moves.rules, [Some(1), None]);
    assert_eq!(moves.procedures, [Some(0)]);
    assert_eq!(moves.signoffs, [Some(0)]);

    assert_eq!(moves.phases, [Some(0), Some(1)]);
    let other = plan(
        "# L\n## Phase 1: Production\n- [ ] Deploy it\n- [ ] Watch it\n## Phase 2: Everyone\n- [ ] Go\n",
    );
    assert_eq!(follow(&old, &other).phases, [None, Some(1)], "another place");
}

#[test]
fn twenty_thousand_items_are_followed() {
    let template = plan(&sections(&[("A", &["x"])])).items.remove(0);
    let big = |twist: usize, what: &str| {
        let item = |i: usize| Item {
            text: format!(
                "Do work number {i} here{}",
                if i % 7 == twist { " (see the wiki page)" } else { "" }
            ),
            path: format!("L\u{1e}Part {} of {what}", i / 100).into(),
            ..template.clone()
        };
        Plan { items: (0..20_000).map(item).collect(), ..Plan::default() }
    };
    let (old, new) = (big(9, "it"), big(2, "the work"));
    let begun = std::time::Instant::now();
    let moves = follow(&old, &new);
    let took = begun.elapsed();
    assert!(moves.items.iter().enumerate().all(|(at, to)| *to == Some(at)));
    assert!(took.as_secs() < 15, "{took:?}, without optimisation and on a busy machine");
}
