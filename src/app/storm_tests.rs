//! A thousand signals each second, and five hundred alerts at once: how many updates, intents and
//! frames come of it. Counted, not timed.

use std::fmt::Write as _;
use std::sync::Arc;

use super::stage::Stage;
use super::{Dialog, Dirty, Msg};
use crate::plan::binding::Binding;
use crate::room::Intent;
use crate::signal::{Rank, Sample};

const SIGNALS: usize = 1_000;
const ALERTS: usize = 500;

/// A name without digits: in a plan a number is rarely part of one.
fn name(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    format!("Service {}{}{} errors", letter(n / 676), letter(n / 26), letter(n))
}

/// Half of the metrics alert, the others are watched as criteria.
fn stage() -> Stage {
    let (mut plan, mut binding) = ("# Launch\n\n- [ ] Go\n\n## Alerts\n\n".to_owned(), String::new());
    plan += "| Severity | Condition |\n|---|---|\n";
    binding += "[[source]]\nname = 'p'\nkind = 'prometheus'\nurl = 'http://localhost:1'\nevery = 1\n";
    for n in 0..SIGNALS {
        let _ = writeln!(binding, "[[signal]]\nname = '{}'\nsource = 'p'\nquery = 'm{n}'", name(n));
    }
    for n in 0..ALERTS {
        let _ = writeln!(plan, "| P1 | {} > 50% |", name(n));
    }
    let mut stage = Stage::new(&plan);
    let binding: Binding = toml::from_str(&binding).unwrap();
    stage.send(Msg::Bound(Arc::new(binding)));
    stage
}

/// A second in which everything is measured; says how many frames the samples alone would want.
fn second(stage: &mut Stage, value: f64) -> usize {
    stage.app.drawn();
    let mut wanted = 0;
    for signal in 0..SIGNALS {
        let value = if signal < ALERTS { value } else { 1.0 };
        let samples = vec![Sample { at: stage.app.now, value }];
        stage.send(Msg::Samples { signal, samples });
        wanted += usize::from(stage.app.dirty() != Dirty::Clean);
        stage.app.drawn();
    }
    stage.wait(1_000);
    wanted
}

fn raised(stage: &Stage) -> usize {
    stage.waiting.iter().filter(|(_, intent)| matches!(intent, Intent::RaiseAlert { .. })).count()
}

#[test]
fn a_thousand_signals_want_a_frame_a_second_and_no_intent() {
    let mut stage = stage();
    assert_eq!((stage.app.room.plan.thresholds.len(), stage.app.tiles.len()), (ALERTS, SIGNALS));
    stage.stores = false;
    for _ in 0..5 {
        assert_eq!(second(&mut stage, 20.0), 0, "they are seen with the second's frame");
        assert_eq!(stage.app.dirty(), Dirty::Soon, "which is one, and waits for its turn");
    }
    assert!(stage.waiting.is_empty() && stage.effects.is_empty(), "nothing crossed");
}

#[test]
fn five_hundred_alerts_at_once_are_recorded_once_and_shown_as_one() {
    let mut stage = stage();
    second(&mut stage, 20.0);
    stage.stores = false;
    assert_eq!(second(&mut stage, 99.0), 0);
    assert_eq!(raised(&stage), ALERTS, "one for each, in the same second");
    assert!(stage.waiting.len() <= 2 * ALERTS, "{} intents", stage.waiting.len());
    let asked = stage.waiting.len();
    // The disk is slow: what is on its way is not asked again, and keys are answered.
    for _ in 0..5 {
        second(&mut stage, 99.0);
        stage.app.drawn();
        stage.keys("?");
        assert!(stage.app.dirty() == Dirty::Now && matches!(stage.app.dialog, Dialog::Help { .. }));
        stage.keys("<esc>");
        assert!(matches!(stage.app.dialog, Dialog::None));
    }
    assert_eq!(stage.waiting.len(), asked);
    stage.stores = true;
    stage.store();
    assert_eq!(stage.app.room.firing().len(), ALERTS);
    let storms = stage.app.room.storms(stage.app.now);
    let groups: Vec<_> = storms.iter().map(|s| (s.rank, s.alerts.len())).collect();
    assert_eq!(groups, [(Rank::High, ALERTS)], "one line says it");
    let before = stage.app.room.seq;
    second(&mut stage, 99.0);
    assert_eq!(stage.app.room.seq, before, "what fires already is no news");
    second(&mut stage, 20.0);
    assert_eq!(stage.app.room.firing().len(), 0);
    assert_eq!(stage.app.room.seq, before + ALERTS as u64, "each is over once");
}
