//! What an evaluation costs: 1,000 signals, 3,000 rules, a new sample each.
//! `cargo bench --bench rules` prints nanoseconds a rule.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use warroom::plan::binding::Binding;
use warroom::plan::{Plan, Threshold, Value, spoken};
use warroom::signal::{Sample, Signals};

const SIGNALS: usize = 1_000;
const ROUNDS: u32 = 200;

fn plan() -> Plan {
    let said = spoken::limit("m > 5% for 1m").expect("it is a limit");
    let limit = |rule: usize| Threshold {
        id: format!("r{rule}").as_str().into(),
        metric: format!("metric {}x", rule / 3),
        value: Some(Value::One([2.0, 5.0, 10.0][rule % 3])),
        severity: Some(["P2", "P1", "P0"][rule % 3].to_owned()),
        text: format!("r{rule}"),
        ..said.clone()
    };
    Plan { thresholds: (0..SIGNALS * 3).map(limit).collect(), ..Plan::default() }
}

fn binding() -> Binding {
    let mut text = "[[source]]\nname = 'p'\nkind = 'prometheus'\nurl = 'http://x'\nevery = 1.0\n".to_owned();
    for signal in 0..SIGNALS {
        text += &format!("[[signal]]\nname = 'metric {signal}x'\nsource = 'p'\nquery = 'm'\n");
    }
    toml::from_str(&text).expect("it is a binding")
}

fn at(round: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::from(round))
}

fn main() {
    let (plan, binding) = (plan(), binding());
    let began = Instant::now();
    let mut signals = Signals::new(&plan, &binding);
    println!("{:>12?}  to make 1,000 signals with 3,000 rules", began.elapsed());
    let (mut taken, mut judged, mut crossed) = (0.0, 0.0, 0);
    for round in 0..ROUNDS {
        let value = if round / 90 % 2 == 1 { 7.0 } else { 1.0 };
        let began = Instant::now();
        (0..SIGNALS).for_each(|s| signals.take(s, &[Sample { at: at(round), value }]));
        taken += began.elapsed().as_secs_f64();
        let began = Instant::now();
        crossed += signals.evaluate(at(round), &|_| true).len();
        judged += began.elapsed().as_secs_f64();
    }
    let began = Instant::now();
    (0..ROUNDS).for_each(|_| assert_eq!(std::hint::black_box(signals.tiles(at(ROUNDS))).len(), SIGNALS));
    let shown = began.elapsed().as_secs_f64();
    let each = |spent: f64, count: usize| spent * 1e9 / f64::from(ROUNDS) / count as f64;
    println!("{:>9.0} ns  to take a sample", each(taken, SIGNALS));
    println!(
        "{:>9.0} ns  to judge a rule ({:.2} ms all 3,000)",
        each(judged, SIGNALS * 3),
        each(judged, 1) / 1e6
    );
    println!("{:>9.0} ns  to make a tile", each(shown, SIGNALS));
    println!("{crossed} crossings");
}
