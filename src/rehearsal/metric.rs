//! A metric of the simulated production: its healthy value, its course, and the little it moves by
//! itself. Pure; the world owns them.

use super::bounds::{Bounds, round};
use super::curve::Curve;
use crate::plan::Plan;
use crate::signal::watched;

/// A metric of the plan.
#[derive(Clone, Debug)]
pub struct Metric {
    /// As the plan first writes it.
    pub name: String,
    /// By which the Prometheus interface knows it.
    pub slug: String,
    /// Of its values.
    pub unit: Option<String>,
    bounds: Bounds,
    curve: Curve,
}

impl Metric {
    /// Its value at a moment; `index` is its own, so that no two move alike.
    pub fn value(&self, index: usize, at: f64) -> f64 {
        let base = self.curve.at(at);
        match self.bounds.play(base) {
            play if play > 1e-4 * base.abs() => round(base + play * swing(index, at)),
            _ => base,
        }
    }

    /// Where it rests while nothing is wrong.
    pub fn healthy(&self) -> f64 {
        self.bounds.healthy()
    }

    /// Where it is going or stays.
    pub fn goal(&self) -> f64 {
        self.curve.goal()
    }

    /// From `at` on goes to a value within `over` seconds.
    pub fn go(&mut self, at: f64, to: f64, over: f64) {
        self.curve.go(at, to, over);
    }

    /// Its name inside a sentence: "checkout error rate", but "API latency".
    pub fn told(&self) -> String {
        let mut letters = self.name.chars();
        match (letters.next(), letters.next()) {
            (Some(first), Some(second)) if second.is_lowercase() => {
                first.to_lowercase().collect::<String>() + &self.name[first.len_utf8()..]
            }
            _ => self.name.clone(),
        }
    }

    /// A value with its unit.
    pub fn measure(&self, value: f64) -> String {
        let unit = self.unit.as_deref().map(|u| format!(" {u}")).unwrap_or_default();
        format!("{value}{unit}")
    }
}

/// The metrics of a plan that have limits, in the order of [`watched`].
pub fn metrics(plan: &Plan) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = vec![];
    for watched in watched(plan) {
        let limits: Vec<_> = watched.limits.iter().map(|index| &plan.thresholds[*index]).collect();
        let bounds = Bounds::of(&limits);
        let mut slug = slug(&watched.name);
        if metrics.iter().any(|m| m.slug == slug) {
            slug = format!("{slug}_{}", metrics.len());
        }
        let curve = Curve::at_rest(bounds.healthy());
        metrics.push(Metric {
            name: watched.name,
            slug,
            unit: bounds.unit().map(str::to_owned),
            bounds,
            curve,
        });
    }
    metrics
}

/// A name that Prometheus allows.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        match c.is_ascii_alphanumeric() {
            true => slug.push(c.to_ascii_lowercase()),
            false if !slug.ends_with('_') && !slug.is_empty() => slug.push('_'),
            false => {}
        }
    }
    let slug = slug.trim_end_matches('_');
    match slug.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => slug.to_owned(),
        false => format!("metric_{slug}"),
    }
}

/// Between -1 and 1, the same for the same metric and moment: two slow waves and a step a second.
fn swing(metric: usize, at: f64) -> f64 {
    let phase = metric as f64 * 2.399;
    let waves = 0.5 * (at / 9.1 + phase).sin() + 0.2 * (at / 2.7 + 3.0 * phase).sin();
    waves + 0.3 * scatter(metric as u64, at.floor() as i64)
}

/// A number between -1 and 1 that looks like chance and is none (the finaliser of SplitMix64).
fn scatter(metric: u64, second: i64) -> f64 {
    let mut z = (second.cast_unsigned() ^ metric.rotate_left(40)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}
