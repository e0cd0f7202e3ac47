//! Rules, signals and tiles together, second by second.

use std::time::Instant;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::plan::binding::{self, Binding, Judging, Signal, Source, SourceKind};
use crate::plan::{Cmp, PhaseId, Plan, Role, Threshold, ThresholdId, Value};

pub(super) fn at(second: f64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000 + (second * 1e3) as i64).unwrap()
}

pub(super) fn limit(id: &str, metric: &str, cmp: Cmp, value: f64, role: Role) -> Threshold {
    Threshold {
        id: id.into(),
        metric: metric.into(),
        cmp,
        value: Some(Value::One(value)),
        unit: Some("%".into()),
        hold: None,
        over: None,
        severity: None,
        role,
        phase: None,
        line: 1,
        text: String::new(),
        cooldown: None,
        baseline: false,
        procedure: None,
    }
}

pub(super) fn alert(hold: f64) -> Threshold {
    Threshold { hold: Some(hold), ..limit("errors", "Error rate", Cmp::More, 5.0, Role::Alert) }
}

fn signal(name: &str) -> Signal {
    Signal {
        name: name.into(),
        aliases: vec![],
        derive: None,
        source: "prom".into(),
        query: name.into(),
        unit: None,
        scale: 1.0,
    }
}

/// Signals that are asked once a second.
pub(super) fn binding(names: &[&str]) -> Binding {
    let source = Source::new("prom", SourceKind::Prometheus, "", 1.0);
    let signals = names.iter().map(|n| signal(n)).collect();
    Binding { sources: vec![source], signals, ..Binding::default() }
}

pub(super) fn plan(thresholds: Vec<Threshold>) -> Plan {
    Plan { thresholds, ..Plan::default() }
}

/// A room with signals, second by second. `v` is a value, `None` an answer without one.
pub(super) struct Bench {
    pub signals: Signals,
    pub now: f64,
    pub open: Vec<PhaseId>,
}

impl Bench {
    pub fn new(thresholds: Vec<Threshold>, names: &[&str]) -> Self {
        let signals = Signals::new(&plan(thresholds), &binding(names));
        Self { signals, now: 0.0, open: vec![] }
    }

    pub fn one(threshold: Threshold) -> Self {
        Self::new(vec![threshold], &["error rates"])
    }

    /// One alert on the first signal, with what a binding says of it.
    pub fn set(threshold: Threshold, settings: Settings) -> Self {
        let settings = Settings { of: threshold.metric.clone(), ..settings };
        let signals =
            Signals::with(&plan(vec![threshold]), &binding(&["error rates", "traffic"]), vec![settings]);
        Self { signals, now: 0.0, open: vec![] }
    }

    pub fn sample(&self, value: f64) -> Sample {
        Sample { at: at(self.now), value }
    }

    pub fn evaluate(&mut self) -> Vec<Crossing> {
        let open = self.open.clone();
        self.signals.evaluate(at(self.now), &|p| open.contains(p))
    }

    /// One second in which the first signal gives `value`.
    pub fn tick(&mut self, value: f64) -> Vec<Crossing> {
        self.now += 1.0;
        let sample = self.sample(value);
        self.signals.take(0, &[sample]);
        self.evaluate()
    }

    /// One second in which the source answers without a number.
    pub fn empty(&mut self) -> Vec<Crossing> {
        self.now += 1.0;
        self.signals.take(0, &[]);
        self.evaluate()
    }

    /// One second in which the source fails.
    pub fn fail(&mut self) -> Vec<Crossing> {
        self.now += 1.0;
        self.signals.fail(0, at(self.now), "it hangs");
        self.evaluate()
    }

    pub fn state(&self, rule: usize) -> RuleState {
        self.signals.rules().nth(rule).unwrap().state.clone()
    }

    pub fn tile(&self) -> Tile {
        self.signals.tiles(at(self.now)).remove(0)
    }
}

/// The kinds and seconds of what crossed.
pub(super) fn kinds(crossings: &[Crossing]) -> Vec<(Crossed, f64)> {
    let second = |t: DateTime<Utc>| (t - at(0.0)).num_milliseconds() as f64 / 1e3;
    crossings.iter().map(|c| (c.kind, second(c.since))).collect()
}

#[test]
fn it_fires_at_the_evaluation_where_the_breach_is_old_enough() {
    let mut bench = Bench::one(alert(3.0));
    for _ in 1..=3 {
        assert_eq!(bench.tick(6.0), []);
        assert_eq!(bench.state(0), RuleState::Pending { since: at(1.0) });
    }
    let fired = bench.tick(7.5);
    assert_eq!(kinds(&fired), [(Crossed::Fired, 1.0)]);
    assert_eq!((fired[0].value, fired[0].at), (Some(7.5), at(4.0)));
    assert_eq!((fired[0].rule.as_str(), fired[0].signal.as_str()), ("errors", "error rates"));
    assert_eq!(bench.state(0), RuleState::Firing { since: at(4.0) });
    assert_eq!(bench.tick(5.1), []);
    assert_eq!(kinds(&bench.tick(5.0)), [(Crossed::Resolved, 4.0)]);
    assert_eq!(bench.state(0), RuleState::Ok);
}

#[test]
fn without_a_duration_it_fires_at_once_and_one_good_value_resets() {
    let mut bench = Bench::one(alert(0.0));
    assert_eq!(kinds(&bench.tick(6.0)), [(Crossed::Fired, 1.0)]);
    assert_eq!(kinds(&bench.tick(1.0)), [(Crossed::Resolved, 1.0)]);
    let mut bench = Bench::one(alert(3.0));
    for value in [6.0, 6.0, 6.0, 1.0, 6.0, 6.0, 6.0] {
        assert_eq!(bench.tick(value), []);
    }
    assert_eq!(kinds(&bench.tick(6.0)), [(Crossed::Fired, 5.0)]);
}

#[test]
fn a_rule_that_keeps_firing_counts_from_the_first_good_evaluation() {
    let mut bench = Bench::set(alert(0.0), Settings { keep_firing_for: Some(3.0), ..Settings::default() });
    let firing = RuleState::Firing { since: at(1.0) };
    let recovering = RuleState::Recovering { since: at(3.0) };
    assert_eq!(kinds(&bench.tick(9.0)), [(Crossed::Fired, 1.0)]);
    for (value, state) in [(9.0, &firing), (1.0, &recovering), (1.0, &recovering), (9.0, &firing)] {
        assert_eq!((bench.tick(value), &bench.state(0)), (vec![], state), "the same alert, not a second one");
    }
    for _ in 6..9 {
        assert_eq!(bench.tick(1.0), []);
    }
    assert_eq!(kinds(&bench.tick(1.0)), [(Crossed::Resolved, 1.0)]);
    assert_eq!(bench.state(0), RuleState::Ok);
}

#[test]
fn nothing_known_holds_the_state_and_its_time_does_not_count() {
    for silent in [Bench::empty as fn(&mut Bench) -> Vec<Crossing>, Bench::fail] {
        let mut bench = Bench::one(alert(3.0));
        bench.tick(6.0);
        bench.tick(6.0);
        let silent = |bench: &mut Bench| {
            let crossed = silent(bench);
            assert!(crossed.iter().all(|c| c.kind == Crossed::Blind), "{crossed:?}");
        };
        (0..20).for_each(|_| silent(&mut bench));
        assert_eq!(bench.state(0), RuleState::Pending { since: at(21.0) });
        assert!(bench.tick(6.0).iter().all(|c| c.kind == Crossed::Sighted));
        assert_eq!(kinds(&bench.tick(6.0)), [(Crossed::Fired, 21.0)]);
        (0..20).for_each(|_| silent(&mut bench));
        assert_eq!(bench.state(0), RuleState::Firing { since: at(24.0) });
        assert_eq!(kinds(&bench.tick(1.0)).last(), Some(&(Crossed::Resolved, 24.0)));
        silent(&mut bench);
        assert!(!matches!(bench.state(0), RuleState::Ok), "unknown is not ok: {:?}", bench.state(0));
    }
}

#[test]
fn one_bad_sample_and_then_silence_does_not_fire() {
    let mut bench = Bench::one(alert(3.0));
    bench.tick(6.0);
    for _ in 0..30 {
        bench.now += 1.0;
        assert_eq!(bench.evaluate(), []);
    }
    assert_eq!(bench.tile().state, TileState::Pending);
    assert_eq!(bench.tile().age.unwrap().as_secs(), 30);
}

#[test]
fn it_is_blind_after_a_minute_without_data_and_sighted_with_the_first_answer() {
    let mut bench = Bench::one(alert(0.0));
    bench.tick(1.0);
    let mut crossed = bench.empty();
    assert_eq!(
        (bench.tile().state, bench.state(0)),
        (TileState::NoData, RuleState::NoData { since: at(2.0) })
    );
    for _ in 0..69 {
        crossed.extend(bench.empty());
    }
    assert_eq!(kinds(&crossed), [(Crossed::Blind, 2.0)]);
    assert_eq!((crossed[0].at, crossed[0].why.as_deref()), (at(62.0), Some("no data")));
    assert_eq!(bench.tile().state, TileState::Blind);
    assert_eq!(kinds(&bench.tick(9.0)), [(Crossed::Sighted, 2.0), (Crossed::Fired, 72.0)]);
}

#[test]
fn three_errors_in_a_row_are_blindness_too() {
    let mut bench = Bench::one(alert(0.0));
    bench.tick(1.0);
    assert_eq!((bench.fail(), bench.tile().state), (vec![], TileState::Error));
    assert_eq!((bench.tile().since, bench.fail()), (Some(at(2.0)), vec![]));
    let crossed = bench.fail();
    assert_eq!((kinds(&crossed), crossed[0].why.as_deref()), (vec![(Crossed::Blind, 2.0)], Some("it hangs")));
    assert_eq!((bench.tile().state, bench.tile().why.as_deref()), (TileState::Blind, Some("it hangs")));
    assert_eq!(kinds(&bench.tick(1.0)), [(Crossed::Sighted, 2.0)]);
    bench.now += 1.0;
    bench.signals.fail(0, at(bench.now), "once");
    for _ in 0..20 {
        bench.now += 1.0;
        assert_eq!(bench.evaluate(), [], "one error seen at many evaluations is one");
    }
}

#[test]
fn a_slow_source_is_blind_after_three_intervals() {
    let mut binding = binding(&["error rate"]);
    binding.sources[0].every = 60.0;
    let mut signals = Signals::new(&plan(vec![alert(0.0)]), &binding);
    let blind: Vec<i64> =
        (0..400).filter(|s| !signals.evaluate(at(*s as f64), &|_| true).is_empty()).collect();
    assert_eq!(blind, [180]);
}

#[test]
fn no_data_means_what_the_binding_says_and_a_failing_source_never_does() {
    use binding::OnNoData;
    let judged = |on_no_data: Option<OnNoData>| {
        let mut plan = plan(vec![alert(2.0)]);
        plan.judging.insert("errors".into(), Judging { keep: Some(2.0), on_no_data, floor: None });
        Bench { signals: Signals::new(&plan, &binding(&["error rates"])), now: 0.0, open: vec![] }
    };
    let mut held = judged(None);
    (0..5).for_each(|_| drop(held.empty()));
    assert!(matches!(held.state(0), RuleState::NoData { .. }), "{:?}", held.state(0));
    let mut healthy = judged(Some(OnNoData::Ok));
    healthy.empty();
    assert_eq!(healthy.state(0), RuleState::Ok);
    let mut silent = judged(Some(OnNoData::Breach));
    let fired: Vec<usize> = (1..5).filter(|_| !silent.empty().is_empty()).collect();
    assert_eq!(fired, [3], "after its two seconds");
    assert_eq!(
        (silent.tick(1.0).len(), silent.tick(1.0).len(), silent.tick(1.0).len()),
        (0, 0, 1),
        "kept for 2 s"
    );
    let mut failing = judged(Some(OnNoData::Breach));
    (0..5).for_each(|_| drop(failing.fail()));
    assert!(matches!(failing.state(0), RuleState::Error { .. }), "{:?}", failing.state(0));
}

#[test]
fn what_does_not_alert_is_out_of_bounds_and_no_event() {
    for role in [Role::Monitor, Role::Success] {
        let mut bench =
            Bench::one(Threshold { hold: None, ..limit("m", "Error rate", Cmp::Less, 5.0, role) });
        assert_eq!(bench.tick(4.9), []);
        assert_eq!(bench.tile().state, TileState::Ok);
        assert_eq!(bench.tick(5.0), []);
        assert_eq!(bench.state(0), RuleState::OutOfBounds { since: at(2.0) });
        assert_eq!((bench.tile().state, bench.tile().rule), (TileState::OutOfBounds, Some(0)));
        for _ in 0..100 {
            assert_eq!(bench.fail(), [], "not even blindness");
        }
    }
}

#[test]
fn every_comparison_knows_its_bad_side() {
    use Role::{Alert, Success};
    let table: &[(Cmp, Role, &[f64], &[f64])] = &[
        (Cmp::Less, Alert, &[4.9], &[5.0, 5.1]),
        (Cmp::AtMost, Alert, &[4.9, 5.0], &[5.1]),
        (Cmp::More, Alert, &[5.1, f64::INFINITY], &[5.0, f64::NEG_INFINITY]),
        (Cmp::AtLeast, Alert, &[5.0, 5.1], &[4.9]),
        (Cmp::Equal, Alert, &[5.0], &[4.9, 5.1]),
        (Cmp::Less, Success, &[5.0, 5.1], &[4.9]),
        (Cmp::AtMost, Success, &[5.1], &[5.0]),
        (Cmp::More, Success, &[5.0, 4.9], &[5.1]),
        (Cmp::AtLeast, Success, &[4.9], &[5.0]),
        (Cmp::Equal, Success, &[4.9], &[5.0]),
        (Cmp::Occurs, Alert, &[1.0, 2.0], &[0.0, 0.9]),
        (Cmp::Occurs, Success, &[1.0], &[0.0]),
    ];
    for (cmp, role, bad, good) in table {
        let rule = Rule::new(0, &limit("m", "m", *cmp, 5.0, *role), None);
        assert!(bad.iter().all(|v| rule.breached(*v) == Some(true)), "{cmp:?} {role:?}");
        assert!(good.iter().all(|v| rule.breached(*v) == Some(false)), "{cmp:?} {role:?}");
    }
    for (role, inside) in [(Alert, true), (Success, false)] {
        let range =
            Threshold { value: Some(Value::Range([3.0, 1.0])), ..limit("m", "m", Cmp::Between, 0.0, role) };
        let rule = Rule::new(0, &range, None);
        for (value, within) in [(0.9, false), (1.0, true), (3.0, true), (3.1, false)] {
            assert_eq!(rule.breached(value), Some(within == inside), "{value} {role:?}");
        }
        assert_eq!((rule.edge(0.0), rule.edge(9.0)), (Some(1.0), Some(3.0)));
    }
}

#[test]
fn limits_the_plan_leaves_open_are_never_judged_and_say_so() {
    let base = limit("m", "Error rate", Cmp::More, 5.0, Role::Alert);
    let table = [
        (Threshold { baseline: true, ..base.clone() }, Open::Baseline),
        (Threshold { cmp: Cmp::Threshold, ..base.clone() }, Open::Side),
        (Threshold { value: None, ..base.clone() }, Open::Number),
        (Threshold { value: Some(Value::Range([1.0, 2.0])), ..base.clone() }, Open::Number),
    ];
    for (limit, want) in table {
        let mut bench = Bench::one(limit);
        for _ in 0..90 {
            assert_eq!(bench.tick(1e9), []);
        }
        let standing = bench.signals.rules().next().unwrap();
        assert_eq!((standing.open, standing.state), (Some(&want), &RuleState::Idle));
        assert!(!want.to_string().is_empty());
        assert_eq!(bench.tile().state, TileState::NotJudged, "measured, and never green");
    }
    let bench = Bench::new(vec![base], &[]);
    assert_eq!(bench.signals.rules().next().unwrap().open, Some(&Open::NotBound));
    assert_eq!(bench.tile().state, TileState::NotBound);
}

#[test]
fn a_limit_in_another_unit_is_converted_or_left_open() {
    let in_unit = |unit: &str| Threshold {
        unit: Some(unit.into()),
        ..limit(unit, "Error rate", Cmp::More, 2.0, Role::Alert)
    };
    let mut bench = Bench::new(vec![in_unit("seconds"), in_unit("ms"), in_unit("%")], &["error rate"]);
    assert_eq!(bench.tile().unit.as_deref(), Some("seconds"));
    assert_eq!(bench.tick(0.5).len(), 1);
    assert!(matches!(bench.state(1), RuleState::Firing { .. }));
    let open: Vec<bool> = bench.signals.rules().map(|r| r.open.is_some()).collect();
    assert_eq!(open, [false, false, true]);
}

#[test]
fn a_rule_is_armed_while_its_phase_is_open_and_stands_in_for_the_global_one() {
    let global = Threshold { id: "global".into(), ..alert(0.0) };
    let strict = Threshold {
        id: "strict".into(),
        phase: Some("canary".into()),
        ..limit("", "Error rate", Cmp::More, 1.0, Role::Alert)
    };
    let floor = Threshold {
        id: "floor".into(),
        phase: Some("canary".into()),
        ..limit("", "Error rate", Cmp::Less, 0.0, Role::Alert)
    };
    let other = Threshold { id: "p0".into(), severity: Some("P0".into()), ..alert(0.0) };
    let mut bench = Bench::new(vec![global, strict, floor, other], &["error rate"]);
    let names = |c: &[Crossing]| c.iter().map(|c| (c.rule.0.clone(), c.kind)).collect::<Vec<_>>();
    let armed = |b: &Bench| b.signals.rules().map(|r| r.armed).collect::<Vec<_>>();
    assert_eq!(bench.tick(2.0), []);
    assert_eq!(armed(&bench), [true, false, false, true]);
    bench.open = vec!["canary".into()];
    assert_eq!(names(&bench.tick(2.0)), [("strict".into(), Crossed::Fired)]);
    assert_eq!(armed(&bench), [false, true, true, true]);
    bench.open.clear();
    let over = bench.tick(2.0);
    assert_eq!(names(&over), [("strict".into(), Crossed::Resolved)]);
    assert_eq!(over[0].value, None, "no value brought it back");
    let fired = names(&bench.tick(6.0));
    assert_eq!(fired, [("global".into(), Crossed::Fired), ("p0".into(), Crossed::Fired)]);
    bench.open = vec!["canary".into()];
    let handed = names(&bench.tick(6.0));
    assert_eq!(handed, [("global".into(), Crossed::Resolved), ("strict".into(), Crossed::Fired)]);
}

#[test]
fn an_old_sample_says_nothing_about_now() {
    let mut bench = Bench::one(alert(0.0));
    let old: Vec<Sample> = (0..300).map(|s| Sample { at: at(f64::from(s) - 600.0), value: 9.0 }).collect();
    bench.signals.take(0, &old);
    assert_eq!(bench.evaluate(), []);
    assert_eq!(bench.tile().state, TileState::Stale);
    assert_eq!(bench.tile().value, Some(9.0));
    assert_eq!(bench.tick(1.0), []);
    bench.signals.take(0, &old);
    assert_eq!(bench.evaluate(), []);
    assert_eq!((bench.tile().state, bench.tile().value), (TileState::Ok, Some(1.0)));
}

#[test]
fn a_clock_that_is_a_little_wrong_is_believed_and_one_far_ahead_is_an_error() {
    for (skew, state) in [(-25.0, TileState::Firing), (25.0, TileState::Firing), (300.0, TileState::Error)] {
        let mut bench = Bench::one(alert(0.0));
        bench.signals.take(0, &[Sample { at: at(skew), value: 9.0 }]);
        bench.evaluate();
        assert_eq!(bench.tile().state, state, "{skew} s");
        assert_eq!(bench.tile().why.is_some(), state == TileState::Error);
        bench.tick(1.0);
        bench.now += 40.0;
        bench.tick(1.0);
        assert_eq!(bench.tile().state, TileState::Ok, "{skew} s, once the clock is right");
    }
}

#[test]
fn a_sleep_does_not_count_and_a_clock_set_back_stops_nothing() {
    let mut bench = Bench::one(alert(5.0));
    bench.tick(9.0);
    bench.tick(9.0);
    bench.now += 7_200.0;
    assert_eq!(bench.tick(9.0), []);
    assert!(matches!(bench.state(0), RuleState::Pending { since } if since > at(7_000.0)));
    bench.now -= 3_600.0;
    let crossed: Vec<_> = (0..8).flat_map(|_| bench.tick(9.0)).collect();
    assert_eq!(crossed.len(), 1, "{crossed:?}");
}

#[test]
fn a_restart_fires_no_second_time() {
    let mut bench = Bench::one(alert(0.0));
    bench.signals.restore(&ThresholdId::from("errors"), at(-500.0));
    assert_eq!(bench.tile().state, TileState::Firing);
    assert_eq!(bench.evaluate(), []);
    assert_eq!(bench.tick(9.0), []);
    assert_eq!(kinds(&bench.tick(1.0)), [(Crossed::Resolved, -500.0)]);
}

#[test]
fn a_changed_plan_keeps_history_and_the_states_of_unchanged_rules() {
    let other = limit("other", "Error rate", Cmp::More, 7.0, Role::Alert);
    let mut bench = Bench::new(vec![alert(0.0), other.clone()], &["error rate"]);
    assert_eq!(bench.tick(9.0).len(), 2);
    let edited = Threshold { value: Some(Value::One(8.0)), ..other };
    let plan = plan(vec![edited, alert(0.0)]);
    let over = bench.signals.follow(&plan, &binding(&["new", "error rate"]), at(2.0));
    assert_eq!(kinds(&over), [(Crossed::Superseded, 1.0)]);
    assert_eq!(over[0].rule.as_str(), "other");
    assert_eq!(bench.signals.series(1).unwrap().len(), 1);
    let again = bench.signals.evaluate(at(2.0), &|_| true);
    assert_eq!(again.iter().map(|c| c.rule.as_str()).collect::<Vec<_>>(), ["other"], "judged anew");
}

#[test]
fn tiles_come_by_trouble_and_know_their_next_limit() {
    let thresholds = vec![
        limit("cpu", "CPU", Cmp::More, 70.0, Role::Alert),
        Threshold { severity: Some("P0".into()), ..limit("mem", "Memory", Cmp::More, 80.0, Role::Alert) },
        limit("err-warn", "Errors", Cmp::Less, 2.0, Role::Monitor),
        limit("err", "Errors", Cmp::More, 5.0, Role::Alert),
        limit("up", "Uptime", Cmp::More, 99.0, Role::Success),
        limit("none", "Nobody", Cmp::More, 99.0, Role::Success),
    ];
    let mut bench = Bench::new(thresholds, &["cpu", "memory", "error", "uptime", "unlimited"]);
    for (index, value) in [75.0, 85.0, 1.0, 98.0, 3.0].into_iter().enumerate() {
        bench.signals.take(index, &[bench.sample(value)]);
    }
    bench.evaluate();
    let tiles = bench.signals.tiles(at(1.0));
    let seen: Vec<_> = tiles.iter().map(|t| (&*t.name, t.state, t.rule, t.mark.map(|m| m.at))).collect();
    let want = [
        ("Memory", TileState::Firing, Some(1), Some(80.0)),
        ("CPU", TileState::Firing, Some(0), Some(70.0)),
        ("Uptime", TileState::OutOfBounds, Some(4), Some(99.0)),
        ("Errors", TileState::Ok, Some(3), Some(2.0)),
        ("unlimited", TileState::NotJudged, None, None),
        ("Nobody", TileState::NotBound, None, None),
    ];
    assert_eq!(seen, want);
}

#[test]
fn a_trend_is_told_from_noise() {
    let told = |value: &dyn Fn(f64) -> f64| {
        let mut bench = Bench::one(alert(0.0));
        (0..300).for_each(|s| drop(bench.tick(value(f64::from(s)))));
        bench.signals.trend(&bench.tile())
    };
    assert_eq!(told(&|s| s), Trend::Rising);
    assert_eq!(told(&|s| -s), Trend::Falling);
    assert_eq!(told(&|_| 4.0), Trend::Steady);
    assert_eq!(told(&|s| 4.0 + (s * 1.7).sin()), Trend::Steady);
    let silent = Bench::one(alert(0.0));
    assert_eq!(silent.signals.trend(&silent.tile()), Trend::Unknown);
}

#[test]
fn a_thousand_signals_are_judged_in_no_time() {
    let names: Vec<String> = (0..1_000).map(|i| format!("metric number {i}x")).collect();
    let limits = names.iter().map(|n| limit(n, n, Cmp::More, 5.0, Role::Alert)).collect();
    let mut bench = Bench::new(limits, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let began = Instant::now();
    for _ in 0..60 {
        bench.now += 1.0;
        (0..1_000).for_each(|i| bench.signals.take(i, &[bench.sample(1.0)]));
        assert_eq!(bench.evaluate(), []);
    }
    assert_eq!(bench.signals.tiles(at(60.0)).len(), 1_000);
    let spent = began.elapsed();
    assert!(spent.as_secs() < 6, "a minute of 1,000 signals took {spent:?}");
}

/// What Prometheus does with a complete series: the reference for breach and ok.
fn prometheus(values: &[bool], hold: usize) -> Vec<(usize, bool)> {
    let (mut active, mut firing, mut said) = (None, false, vec![]);
    for (t, bad) in values.iter().enumerate() {
        if *bad {
            let since = *active.get_or_insert(t);
            if !firing && t - since >= hold {
                firing = true;
                said.push((t, true));
            }
            continue;
        }
        active = None;
        if std::mem::take(&mut firing) {
            said.push((t, false));
        }
    }
    said
}

proptest! {
    #[test]
    fn complete_series_are_judged_as_prometheus_does(
        values in prop::collection::vec(prop::bool::weighted(0.8), 0..60), hold in 0usize..6,
    ) {
        let mut bench = Bench::one(alert(hold as f64));
        let mut said = vec![];
        for (t, bad) in values.iter().enumerate() {
            for crossing in bench.tick(if *bad { 6.0 } else { 1.0 }) {
                said.push((t, crossing.kind == Crossed::Fired));
            }
        }
        prop_assert_eq!(said, prometheus(&values, hold));
    }

    /// The same reports at the same times give the same crossings and tiles; nothing known never
    /// fires or resolves; firing and resolving alternate, and so do blind and sighted.
    #[test]
    fn what_is_reported_alone_decides(
        steps in prop::collection::vec((0u8..6, 0.1f64..20.0), 0..80), hold in 0usize..6,
    ) {
        let run = || {
            let mut bench = Bench::one(alert(hold as f64));
            let mut log: Vec<(bool, Crossing)> = vec![];
            for (kind, step) in &steps {
                bench.now += step - 1.0;
                let crossed = match kind {
                    0 | 1 => bench.tick(9.0),
                    2 => bench.tick(1.0),
                    3 => bench.empty(),
                    4 => bench.tick(f64::NAN),
                    _ => bench.fail(),
                };
                log.extend(crossed.into_iter().map(|c| (*kind < 3, c)));
            }
            let tiles = bench.signals.tiles(at(bench.now));
            (log, tiles)
        };
        let (log, tiles) = run();
        prop_assert_eq!((&log, &tiles), (&run().0, &run().1));
        let (mut firing, mut blind) = (false, false);
        for (known, crossing) in log {
            match crossing.kind {
                Crossed::Fired => prop_assert!(known && !std::mem::replace(&mut firing, true)),
                Crossed::Superseded => prop_assert!(false, "the plan stays"),
                Crossed::Resolved => prop_assert!(known && std::mem::replace(&mut firing, false)),
                Crossed::Blind => prop_assert!(!known && !std::mem::replace(&mut blind, true)),
                Crossed::Sighted => prop_assert!(known && std::mem::replace(&mut blind, false)),
            }
        }
        prop_assert!(tiles[0].state != TileState::Ok || tiles[0].age.is_some_and(|a| a.as_secs() < 3));
    }
}
