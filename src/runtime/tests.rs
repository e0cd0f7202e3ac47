//! End to end over loopback: a simulated production measured by the real sources, judged, cured by a
//! lever, and judged again.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::plan;
use crate::rehearsal::{Lever, Production, Timeline};
use crate::signal::{Crossed, Signals};
use crate::sources::{Report, Sources};

const PLAN: &str = "\
# Launch

## Alerts

| Severity | Condition |
|---|---|
| P1 | Error rate > 5% for 5 seconds |

## Rollback Plan

1. **Turn it off**
2. **Tell support**
";

const SCENARIO: &str = r#"
[[at]]
t = "3s"
set = { "Error rate" = 9 }
cure_by = ["procedure Rollback Plan"]
"#;

#[test]
fn it_breaks_fires_is_cured_and_resolves() {
    let plan = plan::read(PLAN.as_bytes(), "launch");
    let production = Production::start(&plan, Timeline::parse(SCENARIO).unwrap(), 5.0).unwrap();
    let binding = Arc::new(production.binding());
    let mut signals = Signals::new(&plan, &binding);
    let (sender, reports) = channel();
    let _sources = Sources::start(Arc::clone(&binding), move |report| drop(sender.send(report))).unwrap();
    let mut wait_for = |wanted: Crossed| {
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            match reports.recv_timeout(Duration::from_millis(50)) {
                Ok(Report::Samples { signal, samples }) => signals.take(signal, &samples),
                Ok(Report::Failed { signal, at, why }) => signals.fail(signal, at, &why),
                _ => {}
            }
            let crossings = signals.evaluate(production.now(), &|_| true);
            if crossings.iter().any(|c| c.kind == wanted) {
                return crossings;
            }
            assert_eq!(crossings, [], "nothing else crosses before {wanted:?}");
        }
        panic!("{wanted:?} never came");
    };
    let fired = wait_for(Crossed::Fired);
    assert_eq!(fired[0].rule, plan.thresholds[0].id);
    assert!(fired[0].value.is_some_and(|v| v > 5.0));
    production.cured(&Lever::Procedure(plan.procedures[0].id.clone()));
    let resolved = wait_for(Crossed::Resolved);
    assert!(resolved[0].value.is_some_and(|v| v <= 5.0));
}

/// As a rehearsal's app gets them: before anything is bound, and through every other plan.
#[test]
fn the_rules_of_a_timeline_count_in_a_rehearsal() {
    let plan = plan::read(PLAN.as_bytes(), "launch");
    let rules = format!("[[rule]]\nof = 'Error rate P1'\nfor = '10m'\n{SCENARIO}");
    let timeline = Timeline::parse(&rules).unwrap();
    let binding = plan::binding::Binding::default();
    let hold = |signals: &Signals| signals.rules().next().map(|s| s.rule.hold.num_seconds());
    let mut signals = Signals::default();
    signals.begin(&plan, &binding);
    assert_eq!(hold(&signals), Some(5));
    signals.judge_by(timeline.rules);
    signals.begin(&plan, &binding);
    assert_eq!(hold(&signals), Some(600));
    signals.follow(&plan, &binding, chrono::Utc::now());
    assert_eq!(hold(&signals), Some(600));
}
