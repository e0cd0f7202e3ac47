//! The oracle: generated series and rules through this engine and through Prometheus' own
//! `promtool test rules`. Both must have each rule pending and firing at the same evaluations.
//!
//! What is compared, pinned: breach and ok with `for` and `keep_firing_for`, all comparisons an
//! alert can state, gaps within and beyond the lookback, stale markers, NaN, infinities, flapping
//! and breaches that last exactly as long as they must. Our side has `on_no_data = "ok"` and is
//! given what an instant query answers. Not compared, because it differs on purpose: `!=` (NaN is
//! unequal to Prometheus and no data here, and no alert states it), and holding without data. The
//! lookback is that of 2.42: a sample exactly 5 minutes old still counts (3.x leaves it out).
//!
//! `WARROOM_ORACLE_SEED` and `WARROOM_ORACLE_PAIRS` change what is generated.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod case;
mod seals;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use case::{Batch, Case, Mask, Random};

/// Rules in one file; promtool is quickest with some hundred.
const TOGETHER: usize = 510;

/// Rules in one question: promtool's engine takes 10,000 samples at most.
const ASKED: usize = 150;

/// (seconds between samples, seconds between evaluations).
const RHYTHMS: [(u32, u32); 5] = [(60, 60), (30, 30), (60, 15), (15, 60), (60, 45)];

/// Rules whose every single evaluation is asserted in Prometheus' own words too.
const IN_WORDS: usize = 15;

fn asked(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(usual)
}

fn version() -> Option<String> {
    let output = Command::new("promtool").arg("--version").output().ok()?;
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some(said.lines().next().unwrap_or_default().to_owned())
}

#[test]
fn promtool_has_every_rule_pending_and_firing_when_we_do() {
    let Some(version) = version() else {
        eprintln!("SKIPPED: promtool is not installed (apt-get install prometheus); nothing was compared");
        return;
    };
    let (seed, pairs) = (asked("WARROOM_ORACLE_SEED", 20_261_121), asked("WARROOM_ORACLE_PAIRS", 10_200));
    println!("{version}; seed {seed}, {pairs} pairs");
    if !version.contains(" 2.") {
        eprintln!("SKIPPED: {version} leaves out samples exactly 5 minutes old; this compares with 2.x");
        return;
    }
    let batches = batches(seed, pairs as usize);
    let (half, rest) = batches.split_at(batches.len() / 2);
    let (wrong, fired, pended) = std::thread::scope(|scope| {
        let other = scope.spawn(|| judged(rest));
        let (mut wrong, mut fired, mut pended) = judged(half);
        let (more, f, p) = other.join().unwrap();
        wrong.extend(more);
        (fired, pended) = (fired + f, pended + p);
        (wrong, fired, pended)
    });
    println!("{fired} of {pairs} fired, {pended} were pending");
    assert!(fired * 4 > pairs as usize && pended * 4 > pairs as usize, "the series say something");
    assert!(
        wrong.is_empty(),
        "{} differ, the first: {}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
}

fn batches(seed: u64, pairs: usize) -> Vec<Batch> {
    let mut random = Random(seed);
    let batch = |(round, from): (usize, usize)| {
        let (sampled, evaluated) = RHYTHMS[round % RHYTHMS.len()];
        Batch::generate(&mut random, TOGETHER.min(pairs - from), sampled, evaluated)
    };
    (0..pairs).step_by(TOGETHER).enumerate().map(batch).collect()
}

/// What differs, and how many rules fired and were pending.
fn judged(batches: &[Batch]) -> (Vec<String>, usize, usize) {
    let (mut wrong, mut fired, mut pended) = (vec![], 0, 0);
    for batch in batches {
        let masks = batch.judge();
        fired += masks.iter().filter(|m| m.firing != 0).count();
        pended += masks.iter().filter(|m| m.pending != 0).count();
        wrong.extend(compare(batch, &masks));
    }
    (wrong, fired, pended)
}

/// What promtool does not agree with.
fn compare(batch: &Batch, masks: &[Mask]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rules.yml"), rules(batch)).unwrap();
    std::fs::write(folder.path().join("tests.yml"), tests(batch, masks)).unwrap();
    let Err(said) = promtool(folder.path()) else { return vec![] };
    let differ = differences(&said, batch, masks);
    match differ.is_empty() {
        true => vec![said.chars().take(2_000).collect()],
        false => differ,
    }
}

fn promtool(folder: &Path) -> Result<(), String> {
    let output =
        Command::new("promtool").args(["test", "rules", "tests.yml"]).current_dir(folder).output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(said) }
}

fn rules(batch: &Batch) -> String {
    let mut file = format!("groups:\n- name: g\n  interval: {}s\n  rules:\n", batch.evaluated);
    for (index, case) in batch.cases.iter().enumerate() {
        let _ = writeln!(file, "  - alert: r{index}\n    expr: {}", case.expression(index));
        let _ = writeln!(file, "    for: {}s\n    keep_firing_for: {}s", case.hold, case.keep);
        let _ = writeln!(file, "    labels: {{part: p{}}}", index / ASKED);
    }
    file
}

/// All evaluations of a rule as one number, a bit each: ALERTS times two to the evaluation, summed
/// over all of them. Powers below 2^53 are exact.
fn tests(batch: &Batch, masks: &[Mask]) -> String {
    let (step, end) = (batch.evaluated, batch.evaluated * (batch.steps - 1));
    let mut file = format!(
        "rule_files: [rules.yml]\nevaluation_interval: {step}s\ntests:\n- interval: {}s\n  input_series:\n",
        batch.sampled
    );
    for (index, case) in batch.cases.iter().enumerate() {
        let _ = writeln!(file, "  - series: m{{i=\"{index}\"}}\n    values: '{}'", case.values());
    }
    file += "  promql_expr_test:\n";
    for from in (0..masks.len()).step_by(ASKED) {
        let part = &masks[from..masks.len().min(from + ASKED)];
        file += &question("firing", |m| m.firing, from, part, step, end);
        file += &question("pending", |m| m.pending, from, part, step, end);
    }
    file + &in_words(batch, masks)
}

fn question(state: &str, of: fn(&Mask) -> u64, from: usize, masks: &[Mask], step: u32, end: u32) -> String {
    let alerts = format!("ALERTS{{alertstate=\"{state}\", part=\"p{}\"}}", from / ASKED);
    let range = end + step;
    let expr = format!("sum_over_time(({alerts} * 2 ^ (time() / {step}))[{range}s:{step}s])");
    let mut text = format!(
        "  - expr: sum by (alertname, alertstate) ({expr})\n    eval_time: {end}s\n    exp_samples:\n"
    );
    for (index, mask) in masks.iter().enumerate().filter(|(_, m)| of(m) != 0) {
        let labels = format!("{{alertname=\"r{}\", alertstate=\"{state}\"}}", from + index);
        let _ = writeln!(text, "    - labels: '{labels}'\n      value: {}", of(mask));
    }
    text
}

/// The same for a few rules as a person writes such tests: which alert fires at which evaluation.
fn in_words(batch: &Batch, masks: &[Mask]) -> String {
    let mut file = "  alert_rule_test:\n".to_owned();
    for (index, mask) in masks.iter().enumerate().take(IN_WORDS) {
        for step in 0..batch.steps {
            let at = step * batch.evaluated;
            let _ = write!(file, "  - eval_time: {at}s\n    alertname: r{index}\n    exp_alerts:");
            file += match mask.firing >> step & 1 {
                0 => " []\n".to_owned(),
                _ => format!("\n    - exp_labels: {{i: \"{index}\", part: p{}}}\n", index / ASKED),
            }
            .as_str();
        }
    }
    file
}

/// The rules in promtool's answer whose number is not ours.
fn differences(said: &str, batch: &Batch, masks: &[Mask]) -> Vec<String> {
    let mut found = vec![];
    for state in ["firing", "pending"] {
        let of = |m: &Mask| if state == "firing" { m.firing } else { m.pending };
        let mark = format!("alertstate=\"{state}\"}} ");
        let mine = |l: &&str| l.trim_start().starts_with("got:") && l.contains(&mark);
        for theirs in said.lines().filter(mine).flat_map(numbers) {
            let (index, theirs) = theirs;
            let ours = of(&masks[index]);
            if ours != theirs {
                found.push(told(state, index, &batch.cases[index], ours, theirs, batch));
            }
        }
    }
    found
}

/// Each rule with its number in a line of promtool's answer.
fn numbers(got: &str) -> Vec<(usize, u64)> {
    let one = |part: &str| {
        let (index, rest) = part.split_once('"').unwrap();
        let value = rest.split_once("} ").unwrap().1;
        let number = value.split([',', ' ']).next().unwrap();
        (index.parse().unwrap(), number.parse::<f64>().unwrap() as u64)
    };
    got.split("{alertname=\"r").skip(1).map(one).collect()
}

fn told(state: &str, index: usize, case: &Case, ours: u64, theirs: u64, batch: &Batch) -> String {
    let steps =
        |mask: u64| (0..batch.steps).map(|s| if mask >> s & 1 == 1 { '#' } else { '.' }).collect::<String>();
    format!(
        "{} for {}s keep {}s, samples every {}s, evaluated every {}s\n  {}\n  {state} here  {}\n  {state} there {}",
        case.expression(index),
        case.hold,
        case.keep,
        batch.sampled,
        batch.evaluated,
        case.values(),
        steps(ours),
        steps(theirs)
    )
}
