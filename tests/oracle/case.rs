//! Generated series and rules, and what this engine makes of them.

use chrono::{DateTime, TimeDelta, Utc};
use warroom::plan::binding::Binding;
use warroom::plan::{Cmp, Plan, Threshold, Value, spoken};
use warroom::signal::{OnNoData, RuleState, Sample, Settings, Signals};

/// How far back an instant query looks, in seconds; the sample at its edge counts.
const LOOKBACK: u32 = 300;

/// Evaluations of a batch: each is a bit of a number that a float holds exactly.
const STEPS: u32 = 42;

/// SplitMix64: the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

/// One place of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cell {
    Value(f64),
    /// Prometheus is told that the series is over.
    Stale,
    /// Nothing was scraped; the value before counts for the lookback.
    Gap,
}

/// A rule and its series.
pub struct Case {
    cmp: Cmp,
    low: f64,
    high: f64,
    pub hold: u32,
    pub keep: u32,
    cells: Vec<Cell>,
}

/// At which evaluations a rule was pending and firing, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mask {
    pub pending: u64,
    pub firing: u64,
}

/// Rules of one rhythm.
pub struct Batch {
    pub cases: Vec<Case>,
    pub sampled: u32,
    pub evaluated: u32,
    pub steps: u32,
}

impl Case {
    fn generate(random: &mut Random, cells: u32, evaluated: u32) -> Self {
        let low = random.pick(&[0.0, 1.0, 2.5, 5.0, -3.0]);
        let cmp = random.pick(&[
            Cmp::More,
            Cmp::More,
            Cmp::AtLeast,
            Cmp::Less,
            Cmp::AtMost,
            Cmp::Equal,
            Cmp::Between,
        ]);
        let high = if cmp == Cmp::Between { low + random.pick(&[0.0, 1.0, 2.0]) } else { low };
        // In halves of an evaluation: on it, and between two.
        let mut span = |halves: &[u32]| random.pick(halves) * evaluated / 2;
        let (hold, keep) = (span(&[0, 0, 1, 2, 3, 4, 4, 6, 8, 9, 20]), span(&[0, 0, 0, 1, 2, 3, 4, 6, 12]));
        let mut case = Self { cmp, low, high, hold, keep, cells: vec![] };
        case.fill(random, cells);
        case
    }

    /// Runs of bad and good with now and then something else; some series only flap.
    fn fill(&mut self, random: &mut Random, cells: u32) {
        let (stay, odd) = (random.pick(&[0, 50, 70, 85, 95]), random.pick(&[0, 0, 5, 15, 40]));
        let mut bad = random.below(2) == 0;
        while self.cells.len() < cells as usize {
            if random.below(100) >= stay {
                bad = !bad;
            }
            match random.below(100) < odd {
                true => self.oddity(random),
                false => self.cells.push(Cell::Value(self.value(random, bad))),
            }
        }
        self.cells.truncate(cells as usize);
    }

    fn oddity(&mut self, random: &mut Random) {
        let cell = match random.below(10) {
            0 | 1 => Cell::Value(f64::NAN),
            2 => Cell::Value(f64::INFINITY),
            3 => Cell::Value(f64::NEG_INFINITY),
            4 | 5 => Cell::Stale,
            _ => Cell::Gap,
        };
        // Long enough to reach the edge of the lookback now and then.
        let run =
            if cell == Cell::Gap { random.pick(&[1, 2, 4, 5, 6, 9]) } else { random.pick(&[1, 1, 2, 3]) };
        self.cells.extend(std::iter::repeat_n(cell, run));
    }

    /// A value on the bad side or not, often exactly on the edge.
    fn value(&self, random: &mut Random, bad: bool) -> f64 {
        let near = [0.0, 0.0, 0.5, -0.5, 1.0, -1.0, 7.0, -7.0];
        for _ in 0..64 {
            let value = random.pick(&[self.low, self.high]) + random.pick(&near);
            if self.holds(value) == bad {
                return value;
            }
        }
        self.low
    }

    fn holds(&self, value: f64) -> bool {
        match self.cmp {
            Cmp::More => value > self.low,
            Cmp::AtLeast => value >= self.low,
            Cmp::Less => value < self.low,
            Cmp::AtMost => value <= self.low,
            Cmp::Equal => value == self.low,
            _ => self.low <= value && value <= self.high,
        }
    }

    /// As PromQL.
    pub fn expression(&self, index: usize) -> String {
        let (low, high) = (self.low, self.high);
        match self.cmp {
            Cmp::Between => format!("m{{i=\"{index}\"}} >= {low} <= {high}"),
            Cmp::Equal => format!("m{{i=\"{index}\"}} == {low}"),
            cmp => format!("m{{i=\"{index}\"}} {} {low}", cmp.as_str()),
        }
    }

    /// In the notation of promtool's series.
    pub fn values(&self) -> String {
        let one = |cell: &Cell| match cell {
            Cell::Value(v) if v.is_nan() => "NaN".to_owned(),
            Cell::Value(v) if v.is_infinite() => (if *v > 0.0 { "Inf" } else { "-Inf" }).to_owned(),
            Cell::Value(v) => v.to_string(),
            Cell::Stale => "stale".to_owned(),
            Cell::Gap => "_".to_owned(),
        };
        self.cells.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    fn limit(&self, index: usize) -> Threshold {
        let value = match self.cmp {
            Cmp::Between => Value::Range([self.low, self.high]),
            _ => Value::One(self.low),
        };
        Threshold {
            id: format!("r{index}").as_str().into(),
            metric: format!("metric {index}x"),
            cmp: self.cmp,
            value: Some(value),
            unit: None,
            hold: Some(f64::from(self.hold)),
            text: format!("r{index}"),
            ..spoken::limit("m > 1").unwrap()
        }
    }

    /// What an instant query answers at a second.
    fn answer(&self, second: u32, sampled: u32) -> Option<f64> {
        let newest = (second / sampled).min(self.cells.len() as u32 - 1);
        let known = (0..=newest).rev().find(|i| self.cells[*i as usize] != Cell::Gap)?;
        match self.cells[known as usize] {
            Cell::Value(value) if second - known * sampled <= LOOKBACK => Some(value),
            _ => None,
        }
    }
}

impl Batch {
    pub fn generate(random: &mut Random, count: usize, sampled: u32, evaluated: u32) -> Self {
        let cells = STEPS * evaluated / sampled;
        let cases = (0..count).map(|_| Case::generate(random, cells, evaluated)).collect();
        Self { cases, sampled, evaluated, steps: STEPS }
    }

    /// What our engine says of every rule at every evaluation.
    pub fn judge(&self) -> Vec<Mask> {
        let plan = Plan {
            thresholds: self.cases.iter().enumerate().map(|(i, c)| c.limit(i)).collect(),
            ..Plan::default()
        };
        let mut signals = Signals::with(&plan, &self.binding(), self.settings());
        let mut masks = vec![Mask::default(); self.cases.len()];
        for step in 0..self.steps {
            let second = step * self.evaluated;
            let now: DateTime<Utc> = DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::from(second));
            for (index, case) in self.cases.iter().enumerate() {
                let answer = case.answer(second, self.sampled).map(|value| Sample { at: now, value });
                signals.take(index, answer.as_slice());
            }
            signals.evaluate(now, &|_| true);
            for (mask, rule) in masks.iter_mut().zip(signals.rules()) {
                let pending = matches!(rule.state, RuleState::Pending { .. });
                mask.pending |= u64::from(pending) << step;
                mask.firing |= u64::from(rule.state.is_alert()) << step;
            }
        }
        masks
    }

    fn settings(&self) -> Vec<Settings> {
        let one = |(index, case): (usize, &Case)| Settings {
            of: format!("r{index}"),
            keep_firing_for: Some(f64::from(case.keep)),
            on_no_data: OnNoData::Ok,
            ..Settings::default()
        };
        self.cases.iter().enumerate().map(one).collect()
    }

    fn binding(&self) -> Binding {
        let every = self.evaluated;
        let mut text =
            format!("[[source]]\nname = 'p'\nkind = 'prometheus'\nurl = 'http://x'\nevery = {every}.0\n");
        for index in 0..self.cases.len() {
            text += &format!("[[signal]]\nname = 'metric {index}x'\nsource = 'p'\nquery = 'm'\n");
        }
        toml::from_str(&text).unwrap()
    }
}
