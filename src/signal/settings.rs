//! What people decide about a rule beside the plan: `[[rule]]` of a binding as the engine wants it.
//!
//! Pure. What changes a limit itself is on the plan already ([`Binding::apply`]); [`Settings::of`] is
//! the one place where the rest becomes this. [`super::Rule`] is made of a limit and its settings.
//!
//! [`Binding::apply`]: crate::plan::binding::Binding::apply

use std::collections::HashMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::plan::binding::{self, Floor, Judging, normal};
use crate::plan::{Plan, Threshold, ThresholdId};

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

impl From<binding::OnNoData> for OnNoData {
    fn from(said: binding::OnNoData) -> Self {
        match said {
            binding::OnNoData::Ok => OnNoData::Ok,
            binding::OnNoData::Breach => OnNoData::Breach,
        }
    }
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
    /// How the plan's limits are judged beyond what it says itself, by their ids.
    pub fn of(plan: &Plan) -> Vec<Settings> {
        let settings = |(id, judging): (&ThresholdId, &Judging)| Settings {
            of: id.as_str().to_owned(),
            keep_firing_for: judging.keep,
            on_no_data: judging.on_no_data.map_or(OnNoData::Hold, OnNoData::from),
            floor: judging.floor.clone(),
            ..Settings::default()
        };
        plan.judging.iter().map(settings).collect()
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
