//! Where a plan's parts meet real systems: `warroom.toml`, or what a rehearsal makes in memory. Pure.
//!
//! Names are matched with a plan's parts by [`normal`]. What no binding names works by hand, and so
//! does what is named and not filled in: an empty text means "not known yet" everywhere.

mod apply;
mod flag;
mod guard;
mod hand;
mod idle;
mod person;
pub(super) mod seconds;
mod secret;
mod system;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::correct::{Correct, Drop, Given, Part, Set};
pub use apply::Judging;
pub use flag::{FlagBinding, Provider, Verify};
pub use guard::{Guarded, TwoPeople};
pub use person::{Channel, ChannelKind, Floor, OnNoData, ProcedureBinding, RuleBinding, Side};
pub use seconds::parse as span;
pub use secret::{Blank, Secret, is_telling};
pub use system::{Signal, SilenceUse, Source, SourceKind};

/// A binding: all of `warroom.toml`. Unknown keys are errors, so that a misspelt one is not
/// silently ignored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Binding {
    /// What holds for the whole launch.
    pub room: RoomBinding,
    /// Where samples come from.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
    /// What is measured.
    #[serde(rename = "signal")]
    pub signals: Vec<Signal>,
    /// How the plan's limits are judged where the plan leaves it open or is to be overruled.
    #[serde(rename = "rule")]
    pub rules: Vec<RuleBinding>,
    /// What can be switched.
    #[serde(rename = "flag")]
    pub flags: Vec<FlagBinding>,
    /// How the plan's procedures are run.
    #[serde(rename = "procedure")]
    pub procedures: Vec<ProcedureBinding>,
    /// What goes into the blanks of the plan's commands: `"previous-deployment-id" = "env:PREVIOUS"`.
    #[serde(rename = "blank")]
    pub blanks: BTreeMap<String, Blank>,
    /// Who has which of the plan's roles: `"CTO" = ["ana", "bo"]`. A role without names is anyone's.
    pub people: BTreeMap<String, Vec<String>>,
    /// Where messages go.
    #[serde(rename = "channel")]
    pub channels: Vec<Channel>,
    /// What was misread.
    #[serde(rename = "correct")]
    pub corrections: Vec<Correct>,
}

/// What holds for the whole launch; flags of the command line win.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoomBinding {
    /// The environment of rooms made from now on: "staging", "production".
    #[serde(skip_serializing_if = "String::is_empty")]
    pub environment: String,
    /// The zone of the launch, as IANA names it: "Europe/Berlin". Without one it is this machine's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// Scheme and host of what is launched: the address of http sources that give none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub base_url: String,
    /// Where commands run, from the plan's folder; without it the plan's git root.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cwd: String,
    /// The severities whose alerts make a gate NO-GO; without any, P0 and P1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocking: Vec<String>,
    /// What takes a second person where a flag or procedure does not say so itself.
    #[serde(skip_serializing_if = "TwoPeople::is_none")]
    pub two_people: TwoPeople,
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

    /// Only what can be reached, with every address in its place: what is not filled in is left out,
    /// so that it counts as not bound. To do it twice changes nothing.
    #[must_use]
    pub fn reachable(&self) -> Binding {
        let mut reached = self.clone();
        for source in reached.sources.iter_mut().filter(|s| s.url.is_empty() && s.kind == SourceKind::Http) {
            source.url.clone_from(&self.room.base_url);
        }
        let requests = reached.flags.iter_mut().filter(|f| f.provider != Provider::Command);
        for address in requests.flat_map(|f| [&mut f.read, &mut f.write]) {
            if address.starts_with('/') && !self.room.base_url.is_empty() {
                *address = format!("{}{address}", self.room.base_url.trim_end_matches('/'));
            }
        }
        let lines = reached.flags.iter_mut().filter(|f| f.provider == Provider::Command);
        lines.filter(|f| f.cwd.is_empty()).for_each(|f| f.cwd.clone_from(&self.room.cwd));
        reached.sources.retain(Source::is_bound);
        let sources = std::mem::take(&mut reached.sources);
        let of = |s: &Signal| sources.iter().find(|source| source.name == s.source);
        reached.signals.retain(|s| s.derive.is_some() || of(s).is_some() && s.is_filled(of(s)));
        reached.sources = sources;
        let placed = |f: &FlagBinding| ![&f.read, &f.write].iter().any(|url| url.starts_with('/'));
        reached.flags.retain(|f| f.is_bound() && (f.provider == Provider::Command || placed(f)));
        reached
    }

    /// Whether nothing outside is named that could be reached.
    pub fn reaches_nothing(&self) -> bool {
        let reached = self.reachable();
        let asked = |s: &Signal| reached.source(&s.source).is_some_and(|s| s.kind != SourceKind::Manual);
        !reached.signals.iter().any(asked) && reached.flags.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(text: &str) -> Binding {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_is_not_filled_in_is_not_bound() {
        let whole = binding(
            r#"
            room = { base_url = "https://shop.test" }
            source = [
                { name = "metrics", kind = "prometheus", url = "" },
                { name = "web", kind = "http" },
                { name = "hand", kind = "manual" },
                { name = "db", kind = "sql", url = "postgres://db/shop" },
            ]
            signal = [
                { name = "a", source = "metrics", query = "up" },
                { name = "b", source = "web", query = "/health" },
                { name = "c", source = "web", query = "" },
                { name = "d" },
                { name = "e", source = "hand" },
                { name = "f", source = "db", query = "SELECT 1" },
            ]
            flag = [{ name = "x" }, { name = "y", read = "http://f/y", write = "http://f/y" }]
            "#,
        );
        let reached = whole.reachable();
        let names: Vec<_> = reached.signals.iter().map(|s| s.name.as_str()).collect();
        assert_eq!((names, reached.flags.len()), (vec!["b", "e", "f"], 1));
        assert_eq!(reached.source("web").unwrap().url, "https://shop.test");
        assert_eq!(reached.reachable(), reached);
        assert!(!whole.reaches_nothing() && Binding::default().reaches_nothing());
    }
}
