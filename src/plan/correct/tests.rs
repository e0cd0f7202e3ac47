//! Corrections against small plans.

use super::*;
use crate::plan::{self, Owner, Value};

const PLAN: &str = "\
# Launch

## Phase 1: Canary (Day 1)

- [ ] Deploy to canary
- [ ] Set `new_checkout` = true
- P1: Error rate > 5% or response time > 5 seconds

## Phase 2: Everybody (Day 2-3)

- [ ] Open the gates

## Rollback

### Emergency Rollback

1. Stop it
   ```bash
   ./stop.sh
   ```
";

fn read(text: &str, corrections: &str) -> Plan {
    plan::read_with(text.as_bytes(), "p", &toml::from_str(corrections).unwrap())
}

fn said(plan: &Plan) -> Vec<&str> {
    plan.problems.iter().map(|p| p.message.as_str()).filter(|m| m.contains("warroom.toml")).collect()
}

#[test]
fn one_limit_of_a_line_is_changed_and_keeps_its_id() {
    let plain = read(PLAN, "");
    let plan = read(
        PLAN,
        "[[correct]]\nline = 7\nwhich = 'response time'\nset = { value = 2, unit = 'seconds', for = '5m', severity = 'P2', cmp = '>=' }",
    );
    let (old, new) = (&plain.thresholds[1], &plan.thresholds[1]);
    assert_eq!(
        (new.value, new.hold, new.severity.as_deref()),
        (Some(Value::One(2.0)), Some(300.0), Some("P2"))
    );
    assert_eq!((&old.id, &plain.thresholds[0]), (&new.id, &plan.thresholds[0]));
    assert_eq!(said(&plan), [""; 0]);
}

#[test]
fn a_dropped_line_is_prose() {
    let plan = read(PLAN, "[[correct]]\nline = 7\ndrop = true");
    assert!(plan.thresholds.is_empty() && plan.metrics.is_empty(), "{:?}", plan.metrics);
    assert!(plan.unread.iter().any(|[a, b]| (a..=b).contains(&&7)), "{:?}", plan.unread);
    let only = read(PLAN, "[[correct]]\nline = 7\nwhich = 'Error rate'\ndrop = 'limit'");
    assert_eq!(only.thresholds.iter().map(|t| t.metric.as_str()).collect::<Vec<_>>(), ["response time"]);
    assert_eq!(only.metrics.len(), 1);
}

#[test]
fn a_heading_that_is_no_phase_gives_its_boxes_away() {
    let plan = read(PLAN, "[[correct]]\nline = 9\ndrop = 'phase'");
    assert_eq!(plan.phases.iter().map(|p| p.line).collect::<Vec<_>>(), [3]);
    let item = plan.items.iter().find(|i| i.line == 11).unwrap();
    assert_eq!((&item.owner, &item.phase), (&Owner::Before, &None));
    assert_eq!(read(PLAN, "").items.len(), plan.items.len());
}

#[test]
fn items_phases_flags_and_procedures_are_changed() {
    let plan = read(
        PLAN,
        "correct = [
            { line = 5, set = { owner = 'phase 2: everybody' } },
            { line = 9, set = { name = 'Everyone', window = 'Day 4', kind = 'validation' } },
            { line = 6, part = 'flag', set = { value = false } },
            { line = 15, set = { kind = 'deploy', name = 'Way out' } },
        ]",
    );
    assert_eq!(said(&plan), [""; 0]);
    assert_eq!(plan.items[0].owner, Owner::Phase(plan.phases[1].id.clone()));
    assert_eq!(
        (plan.phases[1].name.as_str(), plan.phases[1].kind),
        ("Everyone", plan::PhaseKind::Validation)
    );
    assert_eq!(plan.flags[0].value.as_deref(), Some("false"));
    assert_eq!(
        (plan.procedures[0].title.as_str(), plan.procedures[0].kind),
        ("Way out", plan::ProcedureKind::Deploy)
    );
}

#[test]
fn a_correction_goes_with_its_text_and_never_to_another_line() {
    let guarded = "[[correct]]\nline = 5\ntext = 'Deploy to canary'\ndrop = 'item'";
    let texts = |plan: &Plan| plan.items.iter().map(|i| i.text.clone()).collect::<Vec<_>>();
    let without = |plan: &Plan| !texts(plan).contains(&"Deploy to canary".to_owned());
    assert!(without(&read(PLAN, guarded)));
    let moved = PLAN.replace("- [ ] Deploy", "- [ ] Tell support\n- [x] Deploy");
    let plan = read(&moved, guarded);
    assert!(without(&plan) && texts(&plan).contains(&"Tell support".to_owned()), "{:?}", texts(&plan));
    let reworded = PLAN.replace("Deploy to canary", "Send it out");
    let plan = read(&reworded, guarded);
    assert_eq!(plan.items.len(), read(PLAN, "").items.len());
    let said = said(&plan);
    assert!(said.len() == 1 && said[0].contains("line 5, “Deploy to canary”"), "{said:?}");
}

#[test]
fn what_does_nothing_says_so() {
    for (correction, part) in [
        ("line = 5\nset = { severity = 'P1' }", "nothing whose `severity`"),
        ("line = 5\ndrop = 'limit'", "line 5 holds no limit to drop"),
        ("line = 99\ndrop = true", "the plan has no such line"),
        ("line = 5\nset = { owner = 'Phase 9' }", "no phase of that name"),
        ("line = 9\nset = { window = 'soonish' }", "nothing whose `window`"),
    ] {
        let plan = read(PLAN, &format!("[[correct]]\n{correction}"));
        let said = said(&plan);
        assert!(said.len() == 1 && said[0].contains(part), "{correction}: {said:?}");
    }
}
