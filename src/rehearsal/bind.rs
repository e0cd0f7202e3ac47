//! The binding of a simulated production, as `warroom.toml` would have it. Pure.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::switch::{Kind, Switch};
use super::world::World;
use crate::plan::binding::{Binding, FlagBinding, Signal, Source, SourceKind};

/// The names of the two sources.
const METRICS: &str = "production";
const PROBES: &str = "probes";

/// A part of a path: all but letters, digits and what never means anything in one.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A signal for every metric with limits, behind them one for every health path, and every flag.
/// `base` is the server, `every` the seconds between two measurements.
pub fn bind(world: &World, base: &str, every: f64) -> Binding {
    let source = |name: &str, kind, path: &str| Source::new(name, kind, &format!("{base}{path}"), every);
    let sources =
        vec![source(METRICS, SourceKind::Prometheus, ""), source(PROBES, SourceKind::Http, "/probe")];
    let metrics = world.metrics().iter().map(|m| signal(&m.name, METRICS, &m.slug, m.unit.clone()));
    let probes = world.paths().iter().map(|path| signal(path, PROBES, path, None));
    Binding {
        sources,
        signals: metrics.chain(probes).collect(),
        flags: world.switches().iter().map(|switch| flag(switch, base)).collect(),
        ..Binding::default()
    }
}

fn signal(name: &str, source: &str, query: &str, unit: Option<String>) -> Signal {
    let (name, source, query) = (name.to_owned(), source.to_owned(), query.to_owned());
    Signal { name, source, query, unit, scale: 1.0, ..Signal::default() }
}

fn flag(switch: &Switch, base: &str) -> FlagBinding {
    let url = format!("{base}/flags/{}", utf8_percent_encode(&switch.name, SEGMENT));
    let rungs = match &switch.kind {
        Kind::Ladder(rungs) => rungs.clone(),
        Kind::Toggle | Kind::Text => vec![],
    };
    FlagBinding { name: switch.name.clone(), read: url.clone(), write: url, rungs, ..FlagBinding::default() }
}
