//! What one bound signal gave: its series, how its source is doing, and what may be concluded from
//! both at a moment. Pure; owned by [`super::Signals`].

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Sample, Series};
use crate::plan::binding::{Binding, Signal};

/// Clocks may differ by this much before a time is not believed.
const SKEW: TimeDelta = TimeDelta::seconds(30);

/// How often a source that names `every` seconds is asked. Nonsense counts as 5 s.
pub fn interval(every: f64) -> Duration {
    let every = if every.is_finite() && every > 0.0 { every } else { 5.0 };
    Duration::from_secs_f64(every.clamp(0.1, 3_600.0))
}

/// What is known of a signal at an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Evidence {
    Value(f64),
    Missing,
    /// Why, and how often in a row.
    Failed(Arc<str>, u32),
}

#[derive(Clone, Debug)]
pub(super) struct Feed {
    pub name: Arc<str>,
    pub interval: TimeDelta,
    /// How long a value counts.
    pub lookback: TimeDelta,
    /// How late at most what was measured comes here, where another process measures.
    pub lag: TimeDelta,
    pub series: Series,
    pub warning: Option<Arc<str>>,
    /// The last lines of a log that were counted.
    pub lines: Arc<[String]>,
    /// Since when the source fails, and its last sentence about it.
    failed: Option<(DateTime<Utc>, Arc<str>)>,
    /// How often in a row it failed.
    errors: u32,
    /// The last answer had no number in it.
    empty: bool,
    heard: Heard,
}

/// When the newest sample came.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Heard {
    Never,
    /// After the last evaluation.
    New,
    At(DateTime<Utc>),
}

impl Feed {
    pub fn new(binding: &Binding, signal: &Signal) -> Self {
        let every = binding.source(&signal.source).map_or(0.0, |s| s.every);
        let interval = TimeDelta::from_std(interval(every)).expect("an interval is an hour at most");
        // A sample counts for two intervals after it came, so that a single one cannot fire what has
        // to last; a typed one as long as its author was told.
        let typed = binding.typed_for(signal).map(super::settings::span);
        Self {
            name: signal.name.as_str().into(),
            interval,
            lookback: typed.unwrap_or((interval * 2).max(TimeDelta::seconds(2))),
            lag: TimeDelta::zero(),
            series: Series::default(),
            warning: None,
            lines: Arc::new([]),
            failed: None,
            errors: 0,
            empty: false,
            heard: Heard::Never,
        }
    }

    /// An answer. Late ones fill history and say nothing about now.
    pub fn take(&mut self, samples: &[Sample]) {
        (self.failed, self.errors) = (None, 0);
        let known = self.series.last().map(|s| s.at);
        for sample in samples {
            self.series.push(*sample);
        }
        let Some(newest) = samples.iter().max_by_key(|s| s.at) else {
            self.empty = true;
            return;
        };
        // What is known only from before is confirmed by being measured again.
        let before = self.heard == Heard::Never;
        if known.is_none_or(|k| newest.at > k || before && newest.at == k) {
            self.empty = newest.value.is_nan();
            self.heard = Heard::New;
        }
    }

    pub fn fail(&mut self, at: DateTime<Utc>, why: &str) {
        let since = self.failed.as_ref().map_or(at, |(since, _)| *since);
        self.failed = Some((since, why.into()));
        self.errors = self.errors.saturating_add(1);
    }

    /// Whether the last answer had no number in it.
    pub fn is_empty(&self) -> bool {
        self.empty
    }

    pub fn failure(&self) -> Option<&(DateTime<Utc>, Arc<str>)> {
        self.failed.as_ref()
    }

    /// Notes when an answer came, and refuses what claims to come from the future. Says whether
    /// there was a new measurement.
    pub fn settle(&mut self, now: DateTime<Utc>) -> bool {
        let fresh = self.heard == Heard::New;
        if fresh {
            self.heard = Heard::At(now);
        }
        let ahead = self.series.last().map_or(TimeDelta::zero(), |s| s.at - now);
        if ahead > SKEW && self.series.forget_after(now + SKEW) {
            self.fail(now, &format!("its samples are {} s ahead of this clock", ahead.num_seconds()));
        }
        fresh
    }

    /// The clock was set back to `now`: what was measured by the clock before is history of a time
    /// that has not been yet, and the newest of it still is what is known.
    pub fn set_back(&mut self, now: DateTime<Utc>) {
        let last = self.series.last();
        if self.series.forget_after(now) {
            self.series.push(Sample { at: now, value: last.map_or(f64::NAN, |s| s.value) });
        }
        if matches!(self.heard, Heard::At(at) if at > now) {
            self.heard = Heard::At(now);
        }
    }

    pub fn evidence(&self, now: DateTime<Utc>) -> Evidence {
        if let Some((_, why)) = &self.failed {
            return Evidence::Failed(why.clone(), self.errors);
        }
        match self.series.last() {
            Some(last) if !self.empty && !self.stale(now) => Evidence::Value(last.value),
            _ => Evidence::Missing,
        }
    }

    /// A sample counts for its time after it came, and not at all where it was old when it came.
    pub fn stale(&self, now: DateTime<Utc>) -> bool {
        if self.empty {
            return false;
        }
        let lookback = self.lookback + self.lag;
        let heard = match self.heard {
            // What another process measured is old, however new it is.
            Heard::Never => return !self.series.is_empty(),
            Heard::New => now,
            Heard::At(at) => at,
        };
        let lag = self.series.last().map_or(TimeDelta::zero(), |s| heard - s.at);
        now - heard > lookback || lag > lookback + SKEW
    }

    /// What was measured before this process goes under what was measured since.
    pub fn remember(&mut self, before: Series) {
        let since = std::mem::replace(&mut self.series, before);
        let known = self.series.last().map(|s| s.at);
        for sample in since.samples().filter(|s| known.is_none_or(|k| s.at > k)) {
            self.series.push(sample);
        }
    }

    /// Taking over what an equally named signal knew before the plan or binding changed.
    pub fn inherit(&mut self, old: Feed) {
        let (name, interval, lookback) = (self.name.clone(), self.interval, self.lookback);
        *self = Feed { name, interval, lookback, ..old };
    }
}
