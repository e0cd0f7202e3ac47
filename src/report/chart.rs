//! What was measured around an alert, in as few numbers as a chart can show.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::account::Chart;
use super::ledger::{Episode, Ledger};
use crate::plan::Threshold;
use crate::signal::{Rule, Sample};

/// So much is shown before an alert and after it.
const AROUND: TimeDelta = TimeDelta::minutes(10);
/// What lasted longer is shown as far as this.
const LONGEST: TimeDelta = TimeDelta::hours(24);
/// The parts of a chart.
const COLUMNS: usize = 120;
/// So many alerts have one: the worst, then the earliest.
const CHARTS: usize = 48;

/// What a signal measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// In the order of time.
    pub samples: Vec<Sample>,
    /// Their unit, where it is not the limit's own.
    pub unit: Option<String>,
}

/// Looks up what a metric measured from one moment to another; none where nothing is kept.
pub type Measure<'m> = dyn FnMut(&str, DateTime<Utc>, DateTime<Utc>) -> Option<Measured> + 'm;

/// The alerts that get a chart, by their places.
pub(super) fn worth(alerts: &[Episode]) -> HashSet<usize> {
    let mut all: Vec<usize> = (0..alerts.len()).collect();
    all.sort_by_key(|n| (alerts[*n].rank, alerts[*n].at));
    all.into_iter().take(CHARTS).collect()
}

/// The chart of an alert; none where nothing was kept of it.
pub(super) fn around(ledger: &Ledger<'_>, alert: &Episode, measure: &mut Measure<'_>) -> Option<Chart> {
    let end = alert.ended.map(|(at, _)| at).or(ledger.last).unwrap_or(alert.at).max(alert.at);
    let from = alert.at - AROUND;
    let to = (end + AROUND).min(from + LONGEST);
    let measured = measure(&alert.signal, from, to)?;
    let samples: Vec<Sample> = measured.samples.into_iter().filter(|s| s.value.is_finite()).collect();
    let last = samples.last()?;
    let limit = ledger.room.plan.thresholds.iter().find(|t| t.id == alert.rule);
    let unit = measured.unit.or_else(|| limit.and_then(|t| t.unit.clone()));
    let edge = limit.and_then(|t| edge(t, unit.as_deref(), last.value));
    Some(Chart { from, to, unit, limit: edge, samples: samples.len(), columns: columns(&samples, from, to) })
}

/// The limit as a number in the unit of what was measured.
fn edge(limit: &Threshold, unit: Option<&str>, near: f64) -> Option<f64> {
    Rule::new(0, limit, unit).edge(near).filter(|edge| edge.is_finite())
}

/// Lowest, highest and last of each of the equal parts of a time.
fn columns(samples: &[Sample], from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Option<[f64; 3]>> {
    let mut all = vec![None; COLUMNS];
    let width = (to - from).num_milliseconds().max(1);
    for sample in samples {
        let at = (sample.at - from).num_milliseconds();
        let place = (at.saturating_mul(COLUMNS as i64) / width).clamp(0, COLUMNS as i64 - 1) as usize;
        if at < 0 || sample.at > to {
            continue;
        }
        let value = sample.value;
        let known: &mut Option<[f64; 3]> = &mut all[place];
        *known = Some(match *known {
            Some([low, high, _]) => [low.min(value), high.max(value), value],
            None => [value; 3],
        });
    }
    all
}

/// The lowest and the highest value that a chart has to show, its limit with them, with some air; never
/// one and the same.
pub(super) fn scale(chart: &Chart) -> (f64, f64) {
    let values = chart.columns.iter().flatten().flat_map(|c| [c[0], c[1]]).chain(chart.limit);
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    if !low.is_finite() || !high.is_finite() {
        return (0.0, 1.0);
    }
    // What cannot be negative and is not far from 0 is drawn from 0 on.
    let low = if low >= 0.0 && low < high * 0.6 { 0.0 } else { low };
    let air = if high > low { (high - low) * 0.08 } else { high.abs().max(1.0) * 0.1 };
    (if low == 0.0 { 0.0 } else { low - air }, high + air)
}

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The chart as lines of block characters: `rows` high, two parts a column; `╌` is the limit.
pub(super) fn blocks(chart: &Chart, rows: usize) -> Vec<String> {
    let (low, high) = scale(chart);
    let steps = rows * LEVELS.len();
    let level =
        |v: f64| (((v - low) / (high - low)) * steps as f64).round().clamp(1.0, steps as f64) as usize;
    let bars: Vec<Option<usize>> = chart
        .columns
        .chunks(2)
        .map(|pair| pair.iter().flatten().map(|c| c[1]).reduce(f64::max).map(level))
        .collect();
    let limit = chart.limit.map(|v| (level(v).max(1) - 1) / LEVELS.len());
    let line = |row: usize| {
        let sign = |bar: &Option<usize>| match bar {
            Some(bar) if *bar >= (row + 1) * LEVELS.len() => '█',
            Some(bar) if *bar > row * LEVELS.len() => LEVELS[bar - row * LEVELS.len() - 1],
            _ if limit == Some(row) => '╌',
            None if row == 0 => '·',
            _ => ' ',
        };
        bars.iter().map(sign).collect::<String>()
    };
    (0..rows).rev().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[Option<f64>], limit: Option<f64>) -> Chart {
        let columns = values.iter().map(|v| v.map(|v| [v; 3])).collect();
        let at = DateTime::UNIX_EPOCH;
        Chart { from: at, to: at + TimeDelta::hours(1), unit: None, limit, samples: 3, columns }
    }

    #[test]
    fn parts_keep_the_peak_and_gaps_stay_gaps() {
        let from = DateTime::UNIX_EPOCH;
        let sample = |s: i64, value: f64| Sample { at: from + TimeDelta::seconds(s), value };
        let to = from + TimeDelta::seconds(1_200);
        let all = columns(&[sample(0, 1.0), sample(3, 9.0), sample(5, 2.0), sample(1_200, 4.0)], from, to);
        assert_eq!(all[0], Some([1.0, 9.0, 2.0]));
        assert_eq!(all[1], None);
        assert_eq!(all[COLUMNS - 1], Some([4.0; 3]));
        assert_eq!(columns(&[sample(-5, 1.0), sample(1_300, 1.0)], from, to).iter().flatten().count(), 0);
    }

    #[test]
    fn blocks_show_curve_limit_and_gap() {
        let values: Vec<_> = (0..16).map(|n| (n < 12).then_some(f64::from(n))).collect();
        let drawn = blocks(&chart(&values, Some(8.0)), 2);
        assert_eq!(drawn, ["╌╌╌▁▄▇╌╌", "▁▄▇███··"], "{drawn:#?}");
        let flat = blocks(&chart(&[Some(3.0), Some(3.0)], None), 2);
        assert!(flat.concat().chars().any(|c| LEVELS.contains(&c)), "{flat:?}");
    }

    #[test]
    fn a_scale_always_has_room() {
        for (values, limit) in
            [(vec![], None), (vec![Some(0.0)], None), (vec![Some(-5.0)], Some(-5.0)), (vec![Some(7.0)], None)]
        {
            let (low, high) = scale(&chart(&values, limit));
            assert!(low < high, "{values:?}");
        }
    }
}
