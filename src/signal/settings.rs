//! What people decide about a rule beside the plan: `[[rule]]` of a binding as the engine wants it.
//!
//! Pure. [`Settings::of`] is the one place where a binding's table becomes this; [`super::Rule`]
//! is made of a limit and its settings.

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

    /// The settings among `all` that are meant for a limit: by its id, by metric and severity, by metric.
    pub(super) fn meant<'s>(all: &'s [Settings], limit: &Threshold) -> Option<&'s Settings> {
        let metric = normal(&limit.metric);
        let ranked = limit.severity.as_ref().map(|s| format!("{metric} {}", normal(s)));
        let named = |name: &str| all.iter().find(|s| normal(&s.of) == name);
        let by_id = all.iter().find(|s| s.of == limit.id.as_str());
        by_id.or_else(|| ranked.as_deref().and_then(named)).or_else(|| named(&metric))
    }
}

/// Seconds as a span; nonsense is none.
pub(super) fn span(seconds: f64) -> TimeDelta {
    TimeDelta::milliseconds((seconds.clamp(0.0, 1e9) * 1e3) as i64)
}
