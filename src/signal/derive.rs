//! Signals that nobody asks for: they follow from others. `ratio(a, b)`, `availability(/health, 5m)`,
//! `p95(/health, 5m)`, `change(latency)`. Pure; [`super::Signals`] works them out at an evaluation.
//!
//! A derived value is as unknown as what it is made of, and so is one that divides by zero.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

use super::feed::{Evidence, Feed};
use super::settings::span;
use super::{RING, Sample, Signals};
use crate::plan::binding::{self, Binding, Signal, SourceKind, normal};

/// How a signal follows from others.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// One value divided by another.
    Ratio(String, String),
    /// The share of a window's answers that were not 0, in percent.
    Availability(String, TimeDelta),
    /// The value that so many percent of a window's stay at or below, as Prometheus' `quantile`.
    Percentile(f64, String, TimeDelta),
    /// How far a value is from its captured baseline, in percent of that.
    Change(String),
}

/// Said of anything else.
const FORMS: &str =
    "write ratio(a, b), availability(/path, 5m), p95(/path, 5m) or change(a), with names of signals";

impl FromStr for Formula {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} derives nothing; {FORMS}");
        let (word, inside) = text.trim().split_once('(').ok_or_else(wrong)?;
        let inside = inside.strip_suffix(')').ok_or_else(wrong)?.trim();
        let word = word.trim();
        if word == "change" && !inside.is_empty() {
            return Ok(Formula::Change(inside.to_owned()));
        }
        let (first, second) = inside.rsplit_once(',').ok_or_else(wrong)?;
        let (first, second) = (first.trim(), second.trim());
        if first.is_empty() || second.is_empty() {
            return Err(wrong());
        }
        if word == "ratio" {
            return Ok(Formula::Ratio(first.to_owned(), second.to_owned()));
        }
        let window = binding::span(second).filter(|s| *s > 0.0);
        let window = window.map(span).ok_or_else(|| format!("{second:?} is no time; write 5m"))?;
        let percent = word.strip_prefix('p').and_then(|p| p.parse().ok()).filter(|p| *p > 0.0 && *p <= 100.0);
        match (word, percent) {
            ("availability", _) => Ok(Formula::Availability(first.to_owned(), window)),
            (_, Some(percent)) => Ok(Formula::Percentile(percent, first.to_owned(), window)),
            _ => Err(wrong()),
        }
    }
}

impl Formula {
    /// What it is made of, by name or path.
    fn operands(&self) -> Vec<&str> {
        match self {
            Formula::Ratio(a, b) => vec![a, b],
            Formula::Availability(a, _) | Formula::Percentile(_, a, _) | Formula::Change(a) => vec![a],
        }
    }

    fn window(&self) -> Option<TimeDelta> {
        match self {
            Formula::Availability(_, window) | Formula::Percentile(_, _, window) => Some(*window),
            Formula::Ratio(..) | Formula::Change(_) => None,
        }
    }

    /// What a probe of a path has to give for it.
    fn aspect(&self) -> &'static str {
        if matches!(self, Formula::Percentile(..)) { "latency" } else { "up" }
    }

    /// Why a binding cannot give it, if so.
    pub fn fault(&self, binding: &Binding) -> Option<String> {
        self.operands().into_iter().find_map(|operand| {
            let Some(at) = self.find(operand, binding) else {
                let what = if operand.starts_with('/') {
                    format!("probes {operand}#{}", self.aspect())
                } else {
                    format!("is called {operand}")
                };
                return Some(format!("no signal {what}"));
            };
            let signal = &binding.signals[at];
            if signal.derive.is_some() {
                return Some(format!("{operand} is derived itself"));
            }
            let every = binding.source(&signal.source).map_or(5.0, |s| s.every);
            let kept = span(super::interval(every).as_secs_f64() * RING as f64);
            let window = self.window().filter(|w| *w > kept)?;
            let (window, kept) = (window.num_minutes(), kept.num_minutes());
            Some(format!("{window} min of {operand} are not kept; at its interval {kept} min are"))
        })
    }

    fn find(&self, operand: &str, binding: &Binding) -> Option<usize> {
        if !operand.starts_with('/') {
            return binding.place(operand);
        }
        let probes = |s: &Signal| {
            let (path, aspect) = s.query.split_once('#').unwrap_or((&s.query, "up"));
            let http = binding.source(&s.source).is_some_and(|s| s.kind == SourceKind::Http);
            http && path.trim() == operand && aspect.trim() == self.aspect()
        };
        binding.signals.iter().position(probes)
    }
}

/// A derived signal of a binding.
#[derive(Clone, Debug)]
pub(super) struct Derived {
    /// Index of what is derived.
    signal: usize,
    formula: Formula,
    /// Indices of what it is made of.
    of: Vec<usize>,
    /// The names of a change's metric.
    names: Vec<String>,
    scale: f64,
}

/// Why a value is not known, in a few words.
struct Unknown(String);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What of a binding is derived; what cannot be is left without a value.
pub(super) fn derived(binding: &Binding, feeds: &mut [Feed]) -> Vec<Derived> {
    let mut all = vec![];
    for (signal, bound) in binding.signals.iter().enumerate() {
        let Some(formula) = bound.derive.as_deref().and_then(|text| text.parse::<Formula>().ok()) else {
            continue;
        };
        let found: Option<Vec<usize>> = formula.operands().iter().map(|o| formula.find(o, binding)).collect();
        let Some(of) = found else {
            feeds[signal].warning = formula.fault(binding).map(Into::into);
            continue;
        };
        let names = of.iter().flat_map(|at| {
            let signal = &binding.signals[*at];
            std::iter::once(&signal.name).chain(&signal.aliases).map(|name| normal(name))
        });
        let names = names.collect();
        for at in &of {
            let (interval, lookback) = (feeds[*at].interval, feeds[*at].lookback);
            feeds[signal].interval = feeds[signal].interval.max(interval);
            feeds[signal].lookback = feeds[signal].lookback.max(lookback);
        }
        all.push(Derived { signal, formula, of, names, scale: bound.scale });
    }
    all
}

impl Signals {
    /// Works out what is derived from what is known by now.
    pub(super) fn derive(&mut self, now: DateTime<Utc>) {
        for derived in &self.derived {
            let newest = derived.of.iter().filter_map(|s| self.feeds[*s].series.last()).map(|s| s.at).max();
            let known = self.feeds[derived.signal].series.last().map(|s| s.at);
            let told = derived.value(&self.feeds, &self.baselines, now);
            let feed = &mut self.feeds[derived.signal];
            match (told, newest) {
                (Ok(value), Some(at)) => {
                    feed.warning = None;
                    if known.is_none_or(|k| at > k) || feed.is_empty() {
                        feed.take(&[Sample { at, value: value * derived.scale }]);
                    }
                }
                (Err(why), _) => {
                    feed.take(&[]);
                    feed.warning = Some(why.to_string().into());
                }
                (Ok(_), None) => feed.take(&[]),
            }
        }
    }
}

impl Derived {
    fn value(
        &self,
        feeds: &[Feed],
        baselines: &BTreeMap<String, f64>,
        now: DateTime<Utc>,
    ) -> Result<f64, Unknown> {
        let values = self.of.iter().map(|at| known(&feeds[*at], now)).collect::<Result<Vec<_>, _>>()?;
        let first = &feeds[self.of[0]];
        match &self.formula {
            Formula::Ratio(_, below) if values[1] == 0.0 => Err(Unknown(format!("{below} is 0"))),
            Formula::Ratio(..) => Ok(values[0] / values[1]),
            Formula::Availability(_, window) => {
                let seen = within(first, *window, now)?;
                let up = seen.iter().filter(|v| **v != 0.0).count();
                Ok(100.0 * up as f64 / seen.len() as f64)
            }
            Formula::Percentile(percent, _, window) => Ok(quantile(within(first, *window, now)?, *percent)),
            Formula::Change(_) => change(values[0], self.names.iter().find_map(|n| baselines.get(n))),
        }
    }
}

fn known(feed: &Feed, now: DateTime<Utc>) -> Result<f64, Unknown> {
    match feed.evidence(now) {
        Evidence::Value(value) => Ok(value),
        Evidence::Missing => Err(Unknown(format!("{} has no data", feed.name))),
        Evidence::Failed(why, _) => Err(Unknown(format!("{}: {why}", feed.name))),
    }
}

/// The values of a window of which at least half was measured.
fn within(feed: &Feed, window: TimeDelta, now: DateTime<Utc>) -> Result<Vec<f64>, Unknown> {
    let inside = |s: &Sample| s.at > now - window && s.at <= now;
    let seen: Vec<f64> = feed
        .series
        .samples()
        .rev()
        .take_while(|s| s.at > now - window)
        .filter(inside)
        .map(|s| s.value)
        .collect();
    let whole = window.num_milliseconds() as f64 / feed.interval.num_milliseconds().max(1) as f64;
    if seen.is_empty() || (seen.len() as f64) < whole / 2.0 {
        return Err(Unknown(format!("too little of {} was measured yet", feed.name)));
    }
    Ok(seen)
}

/// Between the two nearest ranks, as Prometheus does.
fn quantile(mut values: Vec<f64>, percent: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = percent / 100.0 * (values.len() - 1) as f64;
    let (low, high) = (values[rank.floor() as usize], values[rank.ceil() as usize]);
    if low == high { low } else { low + (high - low) * rank.fract() }
}

fn change(value: f64, base: Option<&f64>) -> Result<f64, Unknown> {
    match base {
        None => Err(Unknown("no baseline was captured".to_owned())),
        Some(0.0) => Err(Unknown("its baseline is 0".to_owned())),
        Some(base) => Ok(100.0 * (value - base) / base.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    fn bound(derive: &str) -> Binding {
        let text = format!(
            r#"
            source = [{{ name = "web", kind = "http", url = "http://web" }}]
            signal = [
                {{ name = "Bad", source = "web", query = "/b" }},
                {{ name = "All", aliases = ["Traffic"], source = "web", query = "/a" }},
                {{ name = "Health", source = "web", query = "/health" }},
                {{ name = "Answer", source = "web", query = "/health#latency" }},
                {{ name = "X", derive = "{derive}" }},
            ]"#
        );
        toml::from_str(&text).unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn give(signals: &mut Signals, signal: usize, second: i64, value: f64) {
        signals.take(signal, &[Sample { at: at(second), value }]);
    }

    /// What is known of the derived one.
    fn told(signals: &mut Signals, second: i64) -> Result<f64, String> {
        signals.evaluate(at(second), &|_| true);
        match signals.feeds[4].evidence(at(second)) {
            Evidence::Value(value) => Ok(value),
            _ => Err(signals.feeds[4].warning.as_deref().unwrap_or_default().to_owned()),
        }
    }

    #[test]
    fn what_can_be_written() {
        let minutes = TimeDelta::minutes;
        for (text, wanted) in [
            ("ratio(Bad, All)", Formula::Ratio("Bad".into(), "All".into())),
            (" availability( /health , 5m ) ", Formula::Availability("/health".into(), minutes(5))),
            ("p99.9(Answer, 1h)", Formula::Percentile(99.9, "Answer".into(), minutes(60))),
            ("change(p95 latency)", Formula::Change("p95 latency".into())),
        ] {
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
        for text in
            ["", "ratio(a)", "ratio(, b)", "p0(a, 5m)", "p101(a, 5m)", "p95(a, soon)", "sum(a, b)", "p95 a"]
        {
            assert!(text.parse::<Formula>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_binding_cannot_give_is_said() {
        let fault =
            |derive: &str| derive.parse::<Formula>().unwrap().fault(&bound(derive)).unwrap_or_default();
        for good in ["ratio(bad, traffic)", "availability(/health, 5m)", "p95(/health, 1h)", "change(All)"] {
            assert_eq!(fault(good), "", "{good}");
        }
        for (bad, part) in [
            ("ratio(Bad, Good)", "is called Good"),
            ("p95(/b, 5m)", "probes /b#latency"),
            ("change(X)", "derived itself"),
            ("availability(/health, 24h)", "1440 min of /health are not kept; at its interval 75 min are"),
        ] {
            assert!(fault(bad).contains(part), "{bad}: {}", fault(bad));
        }
    }

    #[test]
    fn a_ratio_is_as_known_as_both_of_its_parts() {
        let mut signals = Signals::new(&Plan::default(), &bound("ratio(Bad, Traffic)"));
        assert_eq!(told(&mut signals, 0), Err("Bad has no data".into()));
        give(&mut signals, 0, 1, 3.0);
        assert_eq!(told(&mut signals, 1), Err("All has no data".into()));
        give(&mut signals, 1, 2, 12.0);
        assert_eq!(told(&mut signals, 2), Ok(0.25));
        give(&mut signals, 1, 3, 0.0);
        assert_eq!(told(&mut signals, 3), Err("Traffic is 0".into()));
        give(&mut signals, 1, 4, 6.0);
        assert_eq!(told(&mut signals, 4), Ok(0.5));
        signals.fail(0, at(5), "refuses");
        assert_eq!(told(&mut signals, 5), Err("Bad: refuses".into()));
        give(&mut signals, 0, 6, 6.0);
        assert_eq!(told(&mut signals, 6), Ok(1.0));
        for second in 7..60 {
            give(&mut signals, 0, second, 6.0);
            signals.evaluate(at(second), &|_| true);
        }
        assert_eq!(told(&mut signals, 60), Err("All has no data".into()), "the other one went stale");
    }

    #[test]
    fn availability_and_percentiles_are_of_their_window_only() {
        let mut up = Signals::new(&Plan::default(), &bound("availability(/health, 100s)"));
        let mut slow = Signals::new(&Plan::default(), &bound("p75(/health, 100s)"));
        for second in 0..40 {
            give(&mut up, 2, second * 5, f64::from(u8::from(second >= 20 && second % 4 != 0)));
            give(&mut slow, 3, second * 5, if second < 20 { 1e6 } else { second as f64 - 20.0 });
            let early = (told(&mut up, second * 5), told(&mut slow, second * 5));
            assert_eq!(early.0.is_ok(), second >= 9, "half of the window, at {second}");
        }
        assert_eq!(told(&mut up, 195), Ok(75.0));
        // 0, 1 … 19: a rank of 14.25.
        assert_eq!(told(&mut slow, 195), Ok(14.25));
    }

    #[test]
    fn a_change_needs_a_baseline_other_than_zero() {
        let mut signals = Signals::new(&Plan::default(), &bound("change(Traffic)"));
        give(&mut signals, 1, 1, 30.0);
        assert_eq!(told(&mut signals, 1), Err("no baseline was captured".into()));
        for (second, base, wanted) in
            [(2, 20.0, Ok(50.0)), (3, 0.0, Err("its baseline is 0".into())), (4, -60.0, Ok(150.0))]
        {
            let plan = Plan::default();
            signals.compare_with(
                [("Traffic", base)].into_iter(),
                &plan,
                &bound("change(Traffic)"),
                at(second),
            );
            give(&mut signals, 1, second, 30.0);
            assert_eq!(told(&mut signals, second), wanted);
        }
    }
}
