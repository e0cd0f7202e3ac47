//! What people decide about a rule beside the plan: `[[rule]]` of a binding as the engine wants it.
//!
//! Pure. [`Settings::of`] is the one place where a binding's table becomes this; [`super::Rule`]
//! is made of a limit and its settings.

use std::collections::HashMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::plan::Threshold;
use crate::plan::binding::{Binding, normal};

/// What an answer without a number means. A failing source always holds, whatever this says: an
/// error is no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnNoData {
    /// The state stays, and the time counts for nothing.
    #[default]
    Hold,
    /// As a healthy value: what Prometheus does.
    Ok,
    /// As a breach.
    Breach,
}

/// Which side of a limit is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// What lies above it.
    Above,
    /// What lies below it.
    Below,
}

/// So much has to happen before a rule is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Floor {
    /// The binding's signal that measures the traffic.
    pub signal: String,
    /// Below this the rule is not judged; in that signal's unit.
    pub at_least: f64,
}

/// What a binding says of a limit. Spans are in seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// A limit's id, a metric with a severity behind it ("Error rate P1"), or a metric; the first wins.
    pub of: String,
    /// The binding's signal that measures it, where it is not the metric's own.
    pub signal: Option<String>,
    /// Which side is bad, where the plan leaves it open.
    pub direction: Option<Direction>,
    /// How long a breach must last.
    pub hold: Option<f64>,
    /// How long it must be over before the alert is.
    pub keep_firing_for: Option<f64>,
    /// The least time between two notices; never changes a state.
    pub cooldown: Option<f64>,
    /// How much traffic it takes.
    pub floor: Option<Floor>,
    /// What no data means.
    pub on_no_data: OnNoData,
    /// A firing alert is over only on the healthy side of this, in the limit's unit.
    pub clear: Option<f64>,
    /// Never judged.
    pub off: bool,
}

impl Settings {
    /// The settings that a binding's `[[rule]]` tables give. A binding has none yet; each table
    /// becomes one `Settings` with the same names here, and nowhere else.
    pub fn of(binding: &Binding) -> Vec<Settings> {
        let _ = binding;
        vec![]
    }

    /// These, and where they say nothing what `other` says.
    fn or(self, other: &Settings) -> Settings {
        let unsaid = self.on_no_data == OnNoData::Hold;
        Settings {
            of: self.of,
            signal: self.signal.or_else(|| other.signal.clone()),
            direction: self.direction.or(other.direction),
            hold: self.hold.or(other.hold),
            keep_firing_for: self.keep_firing_for.or(other.keep_firing_for),
            cooldown: self.cooldown.or(other.cooldown),
            floor: self.floor.or_else(|| other.floor.clone()),
            on_no_data: if unsaid { other.on_no_data } else { self.on_no_data },
            clear: self.clear.or(other.clear),
            off: self.off || other.off,
        }
    }
}

/// Settings by what they are of.
#[derive(Clone, Debug, Default)]
pub(super) struct Said<'s> {
    by_id: HashMap<&'s str, Vec<&'s Settings>>,
    by_name: HashMap<String, Vec<&'s Settings>>,
}

impl<'s> Said<'s> {
    /// In their order: of two for the same limit the first wins where both say something.
    pub fn of(all: impl Iterator<Item = &'s Settings>) -> Self {
        let mut said = Self::default();
        for settings in all {
            said.by_id.entry(&settings.of).or_default().push(settings);
            said.by_name.entry(normal(&settings.of)).or_default().push(settings);
        }
        said
    }

    /// All that is said of a limit, joined: of its id, then of its metric with its class, then of
    /// its metric.
    pub fn meant(&self, limit: &Threshold) -> Option<Settings> {
        let metric = normal(&limit.metric);
        let ranked = limit.severity.as_ref().map(|s| format!("{metric} {}", normal(s)));
        let by_id = self.by_id.get(limit.id.as_str()).into_iter();
        let named = ranked.iter().chain([&metric]).filter_map(|name| self.by_name.get(name));
        let mut all = by_id.chain(named).flatten();
        let first = (*all.next()?).clone();
        Some(all.fold(first, |said, other| said.or(other)))
    }
}

/// Seconds as a span; nonsense is none.
pub(super) fn span(seconds: f64) -> TimeDelta {
    TimeDelta::milliseconds((seconds.clamp(0.0, 1e9) * 1e3) as i64)
}
