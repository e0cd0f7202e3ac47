//! Where a plan's parts meet real systems: `warroom.toml`, or what a rehearsal makes in memory. Pure.
//!
//! Names are matched with a plan's parts by [`normal`]. What no binding names works by hand.

use serde::{Deserialize, Serialize};

/// A binding. Unknown keys are errors, so that a misspelt one is not silently ignored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Binding {
    /// Where samples come from.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
    /// What is measured.
    #[serde(rename = "signal")]
    pub signals: Vec<Signal>,
    /// What can be switched.
    #[serde(rename = "flag")]
    pub flags: Vec<FlagBinding>,
}

/// How a source is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Prometheus-compatible: `url` is the server, queries are PromQL.
    Prometheus,
    /// An HTTP probe: `url` is the base, a query is a path with one of `#status #latency #up` behind
    /// it (`/health#latency`); without, `#up`.
    Http,
}

/// A place samples come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// By which signals name it.
    pub name: String,
    /// How it is asked.
    pub kind: SourceKind,
    /// Scheme, host, port and perhaps a path.
    pub url: String,
    /// Seconds between two questions.
    #[serde(default = "every")]
    pub every: f64,
}

/// Seconds between two questions where nobody says.
fn every() -> f64 {
    5.0
}

/// One time series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The plan's metric.
    pub name: String,
    /// Other names of the same in the plan.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// A [`Source`]'s name.
    pub source: String,
    /// What the source is asked.
    pub query: String,
    /// The unit of the values, where it is not the plan's.
    #[serde(default)]
    pub unit: Option<String>,
    /// What a value is multiplied with to be in the plan's unit.
    #[serde(default = "one")]
    pub scale: f64,
}

fn one() -> f64 {
    1.0
}

/// A switch behind HTTP. Reading answers JSON, the value bare or as `{"value": …}`; writing sends
/// `{"value": …}` by PUT. A percentage is a JSON number, an on/off flag a JSON boolean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagBinding {
    /// The plan's flag.
    pub name: String,
    /// GET gives the value.
    pub read: String,
    /// PUT sets it.
    pub write: String,
    /// The percentages it is stepped through, in order; empty for on and off.
    #[serde(default)]
    pub rungs: Vec<f64>,
}

/// A name without what people write differently: case, punctuation, plural.
pub fn normal(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.map(|w| w.to_lowercase().trim_end_matches('s').to_owned()).collect::<Vec<_>>().join(" ")
}

impl Binding {
    /// The signal that measures the plan's `metric`.
    pub fn signal(&self, metric: &str) -> Option<&Signal> {
        let wanted = normal(metric);
        let named = |s: &&Signal| std::iter::once(&s.name).chain(&s.aliases).any(|n| normal(n) == wanted);
        self.signals.iter().find(named)
    }

    /// The source of a name.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|s| s.name == name)
    }

    /// The binding of the plan's flag, by its exact name.
    pub fn flag(&self, name: &str) -> Option<&FlagBinding> {
        self.flags.iter().find(|f| f.name == name)
    }
}
