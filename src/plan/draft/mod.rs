//! A `warroom.toml` for a plan: everything of it that can be bound, written into the text there is. Pure.
//!
//! What was filled in stays as it is, with comments and order; what is new is added behind it, what
//! the plan no longer has is marked, nothing is deleted. Written again, no byte changes. What is not
//! known stands there empty, which means: works by hand. Called by `cli`'s `init`.

mod bind;
mod guess;
mod levers;
mod measured;
mod people;
mod request;
#[cfg(test)]
mod tests;
mod write;

use toml_edit::Value;

use super::binding::{Binding, SourceKind};
use super::{Plan, Threshold, Value as Number};
use crate::text;
pub use bind::{CannotBind, bind};
pub use write::{Draft, write};

/// How an entry's comment begins that was written for a part of the plan. Entries without it are
/// somebody's own.
const OURS: &str = "# plan: ";

/// A list or table of `warroom.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// `[[source]]`
    Source,
    /// `[[signal]]`
    Signal,
    /// `[[rule]]`
    Rule,
    /// `[[flag]]`
    Flag,
    /// `[[procedure]]`
    Procedure,
    /// `[blank]`
    Blank,
    /// `[people]`
    People,
    /// `[[channel]]`
    Channel,
}

impl Section {
    /// As the file writes it.
    pub fn word(self) -> &'static str {
        match self {
            Section::Source => "source",
            Section::Signal => "signal",
            Section::Rule => "rule",
            Section::Flag => "flag",
            Section::Procedure => "procedure",
            Section::Blank => "blank",
            Section::People => "people",
            Section::Channel => "channel",
        }
    }

    /// The key an entry is known by.
    fn key(self) -> &'static str {
        match self {
            Section::Rule => "of",
            Section::Procedure => "title",
            _ => "name",
        }
    }

    /// What is said above the first entry.
    fn intro(self) -> &'static [&'static str] {
        match self {
            Section::Source => &[
                "Where values come from. Kinds: prometheus, http, json, sql, command, log, manual, datadog.",
                "every = \"30s\", timeout = \"5s\", and for a secret only where it is kept:",
                "auth = \"env:NAME\", \"file:/PATH\" or \"cmd:COMMAND\" (a bearer token; with user = \"…\" a password).",
            ],
            Section::Signal => &[
                "What the plan measures. Without a query a signal is not measured, and never shown as good.",
                "scale = 100 makes a share a percentage; unit = \"ms\" where it is not the plan's.",
                "Other names of a metric are grouped as aliases: a guess, take out what is something else.",
            ],
            Section::Rule => &[
                "Limits whose bad side the plan does not say. direction = \"above\" or \"below\" is the bad side.",
                "Also: for, keep_firing_for, cooldown, on_no_data = \"ok\" or \"breach\", off = true. `of` is a",
                "metric, a metric with its severity (\"Error rate P1\"), or an id of `warroom check --json`.",
            ],
            Section::Flag => &[
                "What the plan switches. GET of `read` gives the value, PUT of {\"value\": …} to `write` sets it;",
                "method, headers and body send something else, path says where the value stands in the answer.",
                "Or provider = \"unleash\" (url, auth, project, environment, key), \"launchdarkly\" and \"vercel\"",
                "(project, auth, environment, key), \"env\", \"json\" and \"yaml\" (file, key), and nothing of the above.",
                "verify = \"ofrep URL\" asks a second time. Unbound, a change is made by hand and recorded.",
                "rungs are the steps of a percentage; without, it is on or off. Secrets: auth = \"env:NAME\".",
            ],
            Section::Procedure => &[
                "How the plan's runbooks are run: env names the variables their commands may see, cwd = \"…\" says",
                "where, verify is a shell line that ends with 0 when it worked, two_people = true asks for a second.",
            ],
            Section::Blank => {
                &["What goes into the blanks of the plan's commands: a text, or \"env:NAME\" for a secret."]
            }
            Section::People => {
                &["Who has which role: \"CTO\" = [\"ana\"]. Without names a role is anyone's."]
            }
            Section::Channel => &[
                "Where messages go. Kinds: manual, slack, webhook, pagerduty, statuspage, terminal, clipboard.",
                "Whoever has a webhook's address can post, so only where it is kept: url = \"env:NAME\".",
            ],
        }
    }
}

/// One entry that a plan calls for.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    section: Section,
    /// By which it is found again.
    name: String,
    /// Names under which it may stand there already.
    other: Vec<String>,
    /// Said above it: lines and limits.
    note: String,
    /// Its keys behind the name, with a comment.
    keys: Vec<(&'static str, Value, String)>,
}

impl Offer {
    fn new(section: Section, name: &str, note: String) -> Self {
        Self { section, name: name.to_owned(), other: vec![], note, keys: vec![] }
    }

    fn with(mut self, key: &'static str, value: impl Into<Value>, comment: &str) -> Self {
        self.keys.push((key, value.into(), comment.to_owned()));
        self
    }
}

/// Everything of a plan that can be bound; `binding` is what stands there already.
fn offers(plan: &Plan, binding: &Binding) -> Vec<Offer> {
    let mut all = measured::signals(plan, binding);
    all.extend(measured::rules(plan));
    all.extend(levers::flags(plan));
    all.extend(levers::procedures(plan));
    all.extend(levers::blanks(plan));
    all.extend(people::people(plan));
    all.extend(people::channels(plan));
    all
}

/// The source that new signals of a kind name: the one there is, else the usual name.
fn source_of(binding: &Binding, kind: SourceKind) -> String {
    let known = binding.sources.iter().find(|s| s.kind == kind).map(|s| s.name.clone());
    known.unwrap_or_else(|| {
        let free = |name: &&str| binding.source(name).is_none();
        let names = match kind {
            SourceKind::Prometheus => ["metrics", "prometheus"],
            SourceKind::Http => ["web", "http"],
            SourceKind::Sql => ["database", "sql"],
            SourceKind::Log => ["logs", "log"],
            SourceKind::Json
            | SourceKind::Command
            | SourceKind::Manual
            | SourceKind::Datadog
            | SourceKind::Alertmanager => ["other", "manual"],
        };
        names.into_iter().find(free).unwrap_or("source").to_owned()
    })
}

/// A text on one line of a comment.
fn told(words: &str, columns: usize) -> String {
    let clean = text::clean(words);
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    text::truncate(&line, columns, "…").into_owned()
}

/// A limit in a few words: "83 wants < 1 %", "89 alerts P1 > 5 % for 15 min".
fn limit(limit: &Threshold) -> String {
    use super::{Cmp, Role};
    let number = |v: f64| format!("{}", (v * 1e6).round() / 1e6);
    let value = match limit.value {
        Some(Number::One(value)) => number(value),
        Some(Number::Range([low, high])) => format!("{} to {}", number(low), number(high)),
        None => String::new(),
    };
    let word = match limit.role {
        _ if limit.cmp == Cmp::Threshold => "says",
        Role::Success | Role::Monitor => "wants",
        Role::Alert => "alerts",
        Role::Rollback => "rolls back",
    };
    let cmp = match limit.cmp {
        Cmp::Occurs => "if it lasts",
        Cmp::Threshold | Cmp::Between => "",
        cmp => cmp.as_str(),
    };
    let hold = limit.hold.map(|s| format!("for {}", span(s))).unwrap_or_default();
    let relative = limit.of_baseline();
    let severity = limit.severity.as_deref().unwrap_or_default();
    let unit = limit.unit.as_deref().unwrap_or_default();
    told(&format!("{} {word} {severity} {cmp} {value} {unit}{relative} {hold}", limit.line), 60)
}

fn span(seconds: f64) -> String {
    match seconds {
        s if s >= 3600.0 && s % 3600.0 == 0.0 => format!("{} h", s / 3600.0),
        s if s >= 60.0 && s % 60.0 == 0.0 => format!("{} min", s / 60.0),
        s => format!("{s} s"),
    }
}

/// "line 12" or "lines 12, 14".
fn lines(lines: impl IntoIterator<Item = usize>) -> String {
    let mut all: Vec<usize> = lines.into_iter().filter(|l| *l > 0).collect();
    all.sort_unstable();
    all.dedup();
    let word = if all.len() == 1 { "line" } else { "lines" };
    format!("{word} {}", all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}
