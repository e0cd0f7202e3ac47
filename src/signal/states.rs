//! Everything a rule can be told and everything that can happen to it, second by second.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::tests::{Bench, alert, at, binding, kinds, limit, plan};
use super::*;
use crate::plan::binding::Floor;
use crate::plan::{Cmp, Role, Threshold, Value, spoken};

fn second(t: DateTime<Utc>) -> f64 {
    (t - at(0.0)).num_milliseconds() as f64 / 1e3
}

#[test]
fn a_cooldown_spaces_notices_and_changes_no_state() {
    let mut bench = Bench::set(alert(0.0), Settings { cooldown: Some(10.0), ..Settings::default() });
    let mut told = vec![];
    for tick in 0..24 {
        for crossing in bench.tick(if tick % 4 == 0 { 9.0 } else { 1.0 }) {
            if crossing.kind == Crossed::Fired {
                told.push((second(crossing.at), crossing.notice));
            }
        }
    }
    assert_eq!(told, [(1.0, true), (5.0, false), (9.0, false), (13.0, true), (17.0, false), (21.0, false)]);
    let bare = |unit: Option<&str>| crate::plan::Cooldown { value: 30.0, unit: unit.map(str::to_owned) };
    let of = |unit| Rule::new(0, &Threshold { cooldown: Some(bare(unit)), ..alert(0.0) }, None).cooldown;
    assert_eq!(of(Some("minutes")), Some(TimeDelta::minutes(30)));
    assert_eq!((of(Some("m")), of(None)), (Some(TimeDelta::minutes(30)), None), "a bare 30 is no time");
}

#[test]
fn no_data_means_what_the_binding_says_and_an_error_never_does() {
    let with = |on_no_data| Bench::set(alert(3.0), Settings { on_no_data, ..Settings::default() });
    let mut ok = with(OnNoData::Ok);
    ok.tick(9.0);
    ok.empty();
    assert_eq!((ok.state(0), ok.tile().state), (RuleState::Ok, TileState::NoData), "judged, not shown green");
    let mut breach = with(OnNoData::Breach);
    let fired: Vec<_> = (0..4).flat_map(|_| breach.empty()).collect();
    assert_eq!((kinds(&fired), fired[0].value), (vec![(Crossed::Fired, 1.0)], None));
    for on_no_data in [OnNoData::Ok, OnNoData::Breach] {
        let mut bench = with(on_no_data);
        bench.tick(9.0);
        bench.fail();
        assert!(matches!(bench.state(0), RuleState::Pending { .. }), "{on_no_data:?}");
        assert_eq!(bench.fail(), []);
    }
}

#[test]
fn a_rule_clears_at_its_own_limit_or_further_in() {
    let mut bench = Bench::set(alert(0.0), Settings { clear: Some(3.0), ..Settings::default() });
    assert_eq!(bench.tick(4.0), [], "between both it does not fire");
    assert_eq!(bench.tick(6.0).len(), 1);
    assert_eq!(bench.tick(4.0), [], "nor resolve");
    assert_eq!(kinds(&bench.tick(3.0)), [(Crossed::Resolved, 2.0)]);
    assert_eq!(bench.tick(4.0), []);
}

#[test]
fn too_little_traffic_is_not_judged_and_never_green() {
    let floor = Floor { signal: "Traffic".into(), at_least: 50.0 };
    let mut bench = Bench::set(alert(2.0), Settings { floor: Some(floor), ..Settings::default() });
    let mut tick = |errors: f64, traffic: f64| {
        let sample = Sample { at: at(bench.now + 1.0), value: traffic };
        bench.signals.take(1, &[sample]);
        let crossed = bench.tick(errors);
        let tile = bench.signals.tiles(at(bench.now)).into_iter().find(|t| &*t.name == "Error rate").unwrap();
        (crossed, bench.state(0), tile.state)
    };
    let thin = RuleState::Thin { since: at(1.0) };
    assert_eq!(tick(33.0, 3.0), (vec![], thin.clone(), TileState::Thin), "one error among three requests");
    assert_eq!(tick(0.0, 3.0), (vec![], thin, TileState::Thin), "and none either");
    assert_eq!(tick(0.0, 50.0).1, RuleState::Ok);
    tick(9.0, 60.0);
    for _ in 0..10 {
        assert_eq!(tick(9.0, 10.0).0, [], "its time does not count");
    }
    assert_eq!(tick(9.0, 60.0).0, []);
    assert_eq!(tick(9.0, 60.0).0.len(), 1);
    for _ in 0..59 {
        assert_eq!(tick(0.0, 10.0).0, [], "nor does it resolve");
    }
    let blind: Vec<_> = (0..3).flat_map(|_| tick(0.0, 10.0).0).collect();
    assert_eq!(blind[0].why.as_deref(), Some("too little traffic to judge"));
}

#[test]
fn between_target_and_rollback_limit_a_person_is_asked() {
    let target = limit("target", "Error rate", Cmp::Less, 1.0, Role::Success);
    let back = limit("back", "Error rate", Cmp::More, 5.0, Role::Rollback);
    let mut bench = Bench::new(vec![target, back], &["error rates"]);
    let mut tick = |value: f64| {
        let crossed = bench.tick(value).len();
        let first = bench.signals.rules().next().unwrap().criterion();
        (crossed, bench.tile().state, first)
    };
    assert_eq!(tick(0.5), (0, TileState::Ok, Criterion::Met));
    assert_eq!(tick(3.0), (0, TileState::Inconclusive, Criterion::Inconclusive));
    assert_eq!(tick(6.0), (1, TileState::Firing, Criterion::Failed));
    assert_eq!(tick(5.0), (1, TileState::Inconclusive, Criterion::Inconclusive));
    let mut alone = Bench::one(limit("target", "Error rate", Cmp::Less, 1.0, Role::Success));
    alone.tick(3.0);
    assert_eq!(alone.tile().state, TileState::OutOfBounds, "without a rollback limit there is no band");
}

#[test]
fn a_count_in_a_row_counts_measurements_and_not_seconds() {
    let said = spoken::limit("3 failed health checks in a row").unwrap();
    let mut bench = Bench::new(vec![said], &["failed health checks"]);
    assert!(bench.signals.rules().next().unwrap().rule.patience().starts_with("3 evaluations in a row"));
    bench.tick(1.0);
    for _ in 0..2 {
        bench.now += 1.0;
        assert_eq!(bench.evaluate(), [], "one measurement, however often it is looked at");
    }
    assert!(matches!(bench.state(0), RuleState::Pending { .. }));
    assert_eq!(bench.tick(1.0), []);
    assert_eq!(bench.tick(0.0), [], "a good one begins anew");
    assert_eq!(
        (bench.tick(1.0), bench.empty(), bench.tick(1.0)),
        (vec![], vec![], vec![]),
        "no data is neither"
    );
    assert_eq!(bench.tick(1.0).len(), 1);
}

#[test]
fn a_probe_fails_at_nought() {
    let said = spoken::limit("2 failed health checks in a row").unwrap();
    let mut binding = binding(&["failed health checks"]);
    binding.sources[0].kind = crate::plan::binding::SourceKind::Http;
    binding.signals[0].query = "/health".into();
    let mut signals = Signals::new(&plan(vec![said]), &binding);
    let mut tick = |second: f64, up: f64| {
        signals.take(0, &[Sample { at: at(second), value: up }]);
        signals.evaluate(at(second), &|_| true).len()
    };
    assert_eq!([tick(1.0, 1.0), tick(2.0, 0.0), tick(3.0, 0.0), tick(4.0, 1.0)], [0, 0, 1, 1]);
}

#[test]
fn limits_joined_by_and_are_one_condition() {
    let text = "Error rate > 5% and Latency > 2 s for 3 s";
    let part = |id: &str, metric: &str, value, unit: &str, hold| Threshold {
        text: text.into(),
        unit: Some(unit.into()),
        hold,
        ..limit(id, metric, Cmp::More, value, Role::Rollback)
    };
    let both = || vec![part("a", "Error rate", 5.0, "%", None), part("b", "Latency", 2.0, "s", Some(3.0))];
    let mut bench = Bench::new(both(), &["error rate", "latency"]);
    let mut tick = |errors: f64, latency: Option<f64>| {
        let at = at(bench.now + 1.0);
        bench.signals.take(1, latency.map(|value| Sample { at, value }).as_slice());
        bench.tick(errors).into_iter().map(|c| (c.rule.0, c.kind)).collect::<Vec<_>>()
    };
    for _ in 0..6 {
        assert_eq!(tick(9.0, Some(1.0)), [], "one of them is not enough");
    }
    for _ in 0..3 {
        assert_eq!(tick(9.0, Some(3.0)), []);
    }
    assert_eq!(tick(9.0, Some(3.0)), [("a".to_owned(), Crossed::Fired)], "one alert, for the longer time");
    assert_eq!(tick(9.0, None), [], "unknown resolves nothing");
    assert_eq!(tick(1.0, None), [("a".to_owned(), Crossed::Resolved)], "but one that passes does");
    let half = Bench::new(both(), &["error rate"]);
    let open: Vec<_> = half.signals.rules().map(|r| r.open.cloned()).collect();
    assert_eq!(open, [Some(Open::Joined), Some(Open::NotBound)]);
}

#[test]
fn a_criterion_that_must_last_is_green_only_once_it_was_measured_to() {
    let lasting = Threshold { hold: Some(10.0), ..limit("up", "Error rate", Cmp::Less, 5.0, Role::Success) };
    let mut bench = Bench::one(lasting);
    let look = |b: &Bench| {
        let rule = b.signals.rules().next().unwrap();
        (rule.criterion(), rule.soak.covered / 1_000, rule.soak.uncovered / 1_000)
    };
    (0..6).for_each(|_| drop(bench.tick(1.0)));
    assert_eq!((look(&bench), bench.tile().state), ((Criterion::Inconclusive, 5, 0), TileState::Soaking));
    (0..4).for_each(|_| drop(bench.empty()));
    assert_eq!((look(&bench), bench.tile().state), ((Criterion::Inconclusive, 5, 4), TileState::NoData));
    (0..5).for_each(|_| drop(bench.tick(1.0)));
    assert_eq!(look(&bench), (Criterion::Inconclusive, 9, 4), "the second after a gap is not covered");
    bench.tick(1.0);
    assert_eq!((look(&bench), bench.tile().state), ((Criterion::Met, 10, 4), TileState::Ok));
    bench.tick(9.0);
    assert_eq!(look(&bench), (Criterion::Failed, 0, 0));
    bench.now += 3_600.0;
    bench.tick(1.0);
    assert_eq!(look(&bench).0, Criterion::Inconclusive, "an hour that nobody watched covers nothing");
}

#[test]
fn a_relative_limit_is_judged_once_it_has_a_baseline() {
    let table: &[(&str, &str, f64, Option<f64>)] = &[
        // text, the signal's unit, baseline, the edge
        ("Latency > 50% above baseline", "ms", 200.0, Some(300.0)),
        ("Latency > 2x baseline", "ms", 200.0, Some(400.0)),
        ("Performance degradation > 50%", "ms", 200.0, Some(300.0)),
        ("Performance degradation > 50%", "rps", 200.0, Some(100.0)),
        ("Performance degradation > 50%", "", 200.0, None),
        ("Conversion drops by more than 20% vs baseline", "%", 10.0, Some(8.0)),
        ("Latency > 120% of baseline", "ms", 200.0, Some(240.0)),
        ("Latency > 2x baseline", "ms", 0.0, None),
    ];
    for (text, unit, baseline, edge) in table {
        let said = Threshold { baseline: true, ..spoken::limit(text).unwrap() };
        let mut bind = binding(&[&said.metric]);
        bind.signals[0].unit = Some((*unit).to_owned()).filter(|u| !u.is_empty());
        let plan = plan(vec![said.clone()]);
        let mut signals = Signals::new(&plan, &bind);
        assert_eq!(signals.rules().next().unwrap().open, Some(&Open::Baseline), "{text}");
        let known = [(said.metric.as_str(), *baseline)];
        signals.compare_with(known.into_iter(), &plan, &bind, at(0.0));
        assert_eq!(signals.rules().next().unwrap().rule.edge(*baseline), *edge, "{text} {unit}");
    }
}

#[test]
fn a_new_baseline_supersedes_what_fired_by_the_old_one() {
    let said = Threshold { baseline: true, ..spoken::limit("Latency > 2x baseline").unwrap() };
    let mut bench = Bench::new(vec![said.clone()], &["latency"]);
    let (plan, bind) = (plan(vec![said]), binding(&["latency"]));
    let compare = |b: &mut Bench, base: f64| {
        b.signals.compare_with([("Latency", base)].into_iter(), &plan, &bind, at(b.now))
    };
    assert_eq!(compare(&mut bench, 100.0), []);
    assert_eq!(bench.tick(300.0).len(), 1);
    assert_eq!(compare(&mut bench, 100.0), [], "the same again changes nothing");
    assert_eq!(kinds(&compare(&mut bench, 200.0)), [(Crossed::Superseded, 1.0)]);
    assert_eq!(bench.tick(300.0), []);
    let mean = bench.signals.mean("Latency", at(bench.now), TimeDelta::minutes(15));
    assert_eq!(mean, Some((300.0, 2)));
    assert_eq!(bench.signals.mean("Load", at(bench.now), TimeDelta::minutes(15)), None);
}

#[test]
fn five_changes_in_ten_minutes_are_flapping() {
    let mut bench = Bench::one(alert(60.0));
    let flaps = |b: &Bench| b.signals.rules().next().unwrap().flapping;
    for tick in 0..5 {
        bench.tick(if tick % 2 == 0 { 9.0 } else { 1.0 });
        assert!(!flaps(&bench));
    }
    assert_eq!(bench.tick(1.0), [], "it never fires");
    assert!(flaps(&bench) && bench.tile().flapping);
    for _ in 0..601 {
        bench.tick(1.0);
    }
    assert!(!flaps(&bench));
}

#[test]
fn a_resolved_alert_stays_in_sight_for_a_quarter_of_an_hour() {
    let mut bench = Bench::one(alert(0.0));
    bench.tick(9.0);
    bench.tick(1.0);
    let seen = |b: &Bench| b.signals.rules().next().unwrap().resolved.map(second);
    assert_eq!(seen(&bench), Some(2.0));
    bench.now += 898.0;
    bench.tick(1.0);
    assert_eq!(seen(&bench), Some(2.0));
    bench.tick(1.0);
    assert_eq!(seen(&bench), None);
}

/// Stops and starts the program: only what a restart has is left.
fn restart(bench: &mut Bench, threshold: &Threshold, settings: &Settings, firing: Option<f64>, down: f64) {
    let memory = bench.signals.memory().unwrap();
    let text = serde_json::to_string(&memory).unwrap();
    let memory: Memory = serde_json::from_str(&text).unwrap();
    let mut fresh = Bench::set(threshold.clone(), settings.clone());
    fresh.now = bench.now + down;
    fresh.signals.recall(&memory, at(fresh.now));
    firing.into_iter().for_each(|since| fresh.signals.restore(&threshold.id, at(since)));
    *bench = fresh;
}

#[test]
fn a_restart_shifts_what_was_pending_by_the_time_nobody_watched() {
    let (rule, settings) = (alert(10.0), Settings::default());
    let mut bench = Bench::set(rule.clone(), settings.clone());
    (0..6).for_each(|_| drop(bench.tick(9.0)));
    restart(&mut bench, &rule, &settings, None, 600.0);
    assert_eq!(bench.state(0), RuleState::Pending { since: at(601.0) });
    let fired: Vec<_> = (0..6).flat_map(|_| bench.tick(9.0)).collect();
    assert_eq!(fired.iter().map(|c| (second(c.at), second(c.since))).collect::<Vec<_>>(), [(611.0, 601.0)]);
}

#[test]
fn a_restart_fires_nothing_twice_and_loses_no_alert() {
    let (rule, settings) = (alert(0.0), Settings { keep_firing_for: Some(10.0), ..Settings::default() });
    let mut bench = Bench::set(rule.clone(), settings.clone());
    bench.tick(9.0);
    (0..4).for_each(|_| drop(bench.tick(1.0)));
    restart(&mut bench, &rule, &settings, Some(1.0), 100.0);
    assert_eq!(bench.state(0), RuleState::Recovering { since: at(102.0) });
    let over: Vec<_> = (0..8).flat_map(|_| bench.tick(1.0)).collect();
    assert_eq!((kinds(&over), second(over[0].at)), (vec![(Crossed::Resolved, 1.0)], 112.0));
    bench.tick(9.0);
    restart(&mut bench, &rule, &settings, None, 1.0);
    assert_eq!(bench.tick(9.0).len(), 1, "the journal does not know it, so it fires");
    restart(&mut bench, &Threshold { value: Some(Value::One(6.0)), ..rule }, &settings, None, 1.0);
    assert_eq!(bench.state(0), RuleState::Idle, "another limit takes nothing over");
}

#[test]
fn a_blind_rule_of_the_journal_says_when_it_sees_again() {
    let mut bench = Bench::one(alert(0.0));
    bench.signals.restore_blind(&"errors".into(), at(0.0));
    assert_eq!(kinds(&bench.tick(1.0)), [(Crossed::Sighted, 0.0)]);
    assert_eq!(bench.tick(1.0), []);
}

#[test]
fn after_a_suspend_nothing_fires_from_what_was_known_before() {
    let mut bench = Bench::one(alert(30.0));
    (0..10).for_each(|_| drop(bench.tick(9.0)));
    bench.now += 7_200.0;
    assert_eq!(bench.evaluate(), [], "the number is two hours old");
    assert_eq!(bench.tick(9.0), [], "and two hours were not seen");
    let missed = bench.signals.rules().next().unwrap().missed;
    assert!((7_198..=7_200).contains(&missed), "{missed} evaluations were missed and none caught up");
    let fired: Vec<f64> = (0..40).flat_map(|_| bench.tick(9.0)).map(|c| second(c.at)).collect();
    assert_eq!(fired.len(), 1);
    assert!(fired[0] >= 7_200.0 + 30.0, "{fired:?}");
}

#[test]
fn a_clock_set_back_a_little_does_not_freeze_a_signal() {
    let mut bench = Bench::one(alert(0.0));
    bench.tick(1.0);
    bench.now -= 20.0;
    assert_eq!(bench.tick(9.0).len(), 1, "the new number counts, though an older clock was ahead of it");
    assert_eq!(bench.tile().value, Some(9.0));
}

#[test]
fn what_comes_twice_late_or_early_changes_nothing() {
    let mut bench = Bench::one(alert(0.0));
    bench.tick(1.0);
    let (now, value) = (at(bench.now), 9.0);
    bench.signals.take(0, &[Sample { at: now, value }, Sample { at: now, value: 8.0 }]);
    assert_eq!((bench.evaluate(), bench.tile().value), (vec![], Some(1.0)), "the first at a time stands");
    bench.signals.take(0, &[Sample { at: now - TimeDelta::seconds(5), value }]);
    assert_eq!(bench.evaluate(), [], "late");
    bench.signals.take(0, &[Sample { at: now + TimeDelta::seconds(31), value }]);
    assert_eq!((bench.evaluate(), bench.tile().state), (vec![], TileState::Error), "31 s early");
    bench.now += 50.0;
    bench.signals.take(0, &[Sample { at: at(bench.now - 40.0), value }]);
    assert_eq!((bench.evaluate(), bench.tile().state), (vec![], TileState::Stale), "old when it came");
}

#[test]
fn what_if_tells_when_it_would_have_fired_and_what_was_recorded() {
    let value = |s: i64| if (100..200).contains(&s) || (300..320).contains(&s) { 9.0 } else { 1.0 };
    let samples: Vec<_> = (0..80).map(|i| Sample { at: at((i * 5) as f64), value: value(i * 5) }).collect();
    let rule = Rule::new(0, &spoken::limit("error_rate > 3% for 15s").unwrap(), Some("%"));
    let every = spacing(&samples).unwrap();
    assert_eq!(every, TimeDelta::seconds(5));
    let seen = whatif(&samples, &rule, every, &[(at(150.0), Some(at(160.0)))]);
    let spells: Vec<_> = seen
        .firings
        .iter()
        .map(|f| (second(f.since), second(f.from), f.to.map(second), f.worst, f.recorded))
        .collect();
    assert_eq!(spells, [(100.0, 115.0, Some(200.0), 9.0, true), (300.0, 315.0, Some(320.0), 9.0, false)]);
    assert_eq!((seen.unrecorded(), seen.evaluations, seen.unknown), (1, 80, TimeDelta::zero()));
    let holed: Vec<_> = samples.iter().filter(|s| !(110.0..190.0).contains(&second(s.at))).copied().collect();
    let slower = Rule::new(0, &spoken::limit("error_rate > 3% for 30s").unwrap(), Some("%"));
    let seen = whatif(&holed, &slower, every, &[]);
    assert_eq!(whatif(&samples, &slower, every, &[]).firings.len(), 1);
    assert_eq!(seen.firings.len(), 0, "what nobody measured fires nothing: {seen:?}");
    assert!(seen.unknown > TimeDelta::zero());
    assert_eq!(whatif(&[], &rule, every, &[]), Hindsight::default());
}

/// What happens in a second: a value, nothing, or a failure.
fn seconds() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0u8, 0, 0, 0, 1, 1, 2, 3, 4]), 0..120)
}

fn play(bench: &mut Bench, kind: u8) -> Vec<Crossing> {
    match kind {
        0 => bench.tick(9.0),
        1 => bench.tick(1.0),
        2 => bench.empty(),
        3 => bench.tick(f64::NAN),
        _ => bench.fail(),
    }
}

proptest! {
    /// An alert has been breached at every known evaluation for as long as it must, and the time
    /// that was not known is not part of that.
    #[test]
    fn no_alert_without_a_breach_that_lasted(kinds in seconds(), hold in 0usize..8, keep in 0usize..5) {
        let settings = Settings { keep_firing_for: Some(keep as f64), ..Settings::default() };
        let mut bench = Bench::set(alert(hold as f64), settings);
        for (index, kind) in kinds.iter().enumerate() {
            for crossing in play(&mut bench, *kind) {
                let before = || kinds[..=index].iter().rev().filter(|k| **k < 2);
                match crossing.kind {
                    Crossed::Fired => prop_assert!(before().take(hold + 1).filter(|k| **k == 0).count() == hold + 1),
                    Crossed::Resolved => prop_assert!(before().take(keep + 1).filter(|k| **k == 1).count() == keep + 1),
                    _ => {}
                }
                prop_assert!(*kind < 2 || matches!(crossing.kind, Crossed::Blind));
            }
        }
    }

    /// Looking more often loses no alert and brings it at most one look earlier.
    #[test]
    fn finer_looks_lose_no_firing(kinds in prop::collection::vec(prop::bool::weighted(0.8), 1..60), hold in 0usize..5) {
        let run = |parts: usize| {
            let mut bench = Bench::one(alert(hold as f64 * 2.0));
            let mut fired = vec![];
            for bad in &kinds {
                for part in 0..parts {
                    bench.now += 2.0 / parts as f64;
                    if part == 0 {
                        let value = if *bad { 9.0 } else { 1.0 };
                        bench.signals.take(0, &[bench.sample(value)]);
                    }
                    fired.extend(bench.evaluate().into_iter().filter(|c| c.kind == Crossed::Fired));
                }
            }
            fired.len()
        };
        prop_assert!(run(2) >= run(1) && run(4) >= run(2));
    }

    /// A restart anywhere gives the same alerts as none, where nothing happens meanwhile.
    #[test]
    fn a_restart_of_no_length_changes_nothing(kinds in seconds(), hold in 0usize..6, keep in 0usize..4, cut in 0usize..120) {
        let rule = alert(hold as f64);
        let settings = Settings { keep_firing_for: Some(keep as f64), ..Settings::default() };
        let run = |cut: Option<usize>| {
            let mut bench = Bench::set(rule.clone(), settings.clone());
            let mut said: Vec<(usize, Crossed)> = vec![];
            let mut firing = None;
            for (index, kind) in kinds.iter().enumerate() {
                if cut == Some(index) && index > 0 {
                    restart(&mut bench, &rule, &settings, firing, 0.0);
                }
                for crossing in play(&mut bench, *kind) {
                    match crossing.kind {
                        Crossed::Fired => firing = Some(second(crossing.at)),
                        Crossed::Resolved => firing = None,
                        _ => continue,
                    }
                    said.push((index, crossing.kind));
                }
            }
            said
        };
        prop_assert_eq!(run(Some(cut)), run(None));
    }
}

#[test]
fn settings_are_meant_by_id_then_class_then_metric() {
    let named = |of: &str| Settings { of: of.into(), ..Settings::default() };
    let ranked = Threshold { severity: Some("P1".into()), ..alert(0.0) };
    let all = [named("error rates"), named("Error rate p1"), named("errors")];
    let of = |all: &[Settings]| settings::Said::of(all.iter()).meant(&ranked).map(|s| s.of);
    assert_eq!(of(&all).as_deref(), Some("errors"));
    assert_eq!(of(&all[..2]).as_deref(), Some("Error rate p1"));
    assert_eq!((of(&all[..1]).as_deref(), of(&[])), (Some("error rates"), None));
    let joined = [
        Settings { hold: Some(9.0), keep_firing_for: Some(3.0), ..named("error rate") },
        Settings { hold: Some(1.0), on_no_data: OnNoData::Ok, ..named("errors") },
    ];
    let said = settings::Said::of(joined.iter()).meant(&ranked).unwrap();
    assert_eq!((said.hold, said.keep_firing_for, said.on_no_data), (Some(1.0), Some(3.0), OnNoData::Ok));
    let off = Bench::set(alert(0.0), Settings { off: true, ..Settings::default() });
    assert_eq!(off.signals.rules().next().unwrap().open, Some(&Open::Off));
    let sided = limit("s", "Error rate", Cmp::Threshold, 5.0, Role::Monitor);
    let mut told = Bench::set(sided, Settings { direction: Some(Direction::Below), ..Settings::default() });
    told.tick(4.0);
    assert_eq!(told.tile().state, TileState::OutOfBounds);
}
