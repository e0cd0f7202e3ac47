//! What is measured and what is switched: sources, signals and flags of a binding. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seconds;
use super::secret::{self, Secret};

/// How a source is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Prometheus-compatible: `url` is the server, queries are PromQL.
    Prometheus,
    /// An HTTP probe: `url` is the base, a query is a path with one of `#status #latency #up #cert`
    /// behind it (`/health#latency`); without, `#up`. With `expect`, up is only what has that text in
    /// its body. `#cert` gives the days until the server's certificate ends; one that is expired, of
    /// another host or signed by nobody known is an error. Known are the system's authorities, or
    /// those in the files that SSL_CERT_FILE and SSL_CERT_DIR name.
    Http,
    /// A JSON answer: `url` and `path` are asked, a query is a path to its number (RFC 9535:
    /// `$.queue.depth`), or `count(PATH)` for how many there are.
    Json,
    /// A database: `url` is where, a query is one statement that gives one number.
    Sql,
    /// `command` prints a number; or lines of `NAME NUMBER` of which a query names one; or JSON in
    /// which a query is an RFC 9535 path (`$.queue.depth`).
    Command,
    /// `file` is followed, or what `command` prints; a query is what the lines are searched for, a text
    /// or `/a regular expression/`; the value is how many were found within the last minute.
    Log,
    /// A person types the values, each of which counts for `every`; below a minute that is an hour.
    #[default]
    Manual,
    /// Datadog: `url` is the site's API (`https://api.datadoghq.eu`), queries are its own, of one
    /// series each; `auth` is the API key, `app_auth` the application key.
    Datadog,
    /// Alertmanager: `url` is the server, a query is matchers (`severity="page"`, or `*` for all); the
    /// value is how many such alerts are active.
    Alertmanager,
}

impl SourceKind {
    /// As `warroom.toml` writes it.
    pub fn word(self) -> &'static str {
        match self {
            SourceKind::Prometheus => "prometheus",
            SourceKind::Http => "http",
            SourceKind::Json => "json",
            SourceKind::Sql => "sql",
            SourceKind::Command => "command",
            SourceKind::Log => "log",
            SourceKind::Manual => "manual",
            SourceKind::Datadog => "datadog",
            SourceKind::Alertmanager => "alertmanager",
        }
    }
}

/// What is done about an Alertmanager's silences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SilenceUse {
    /// Those made there are shown here.
    #[default]
    Read,
    /// Those made here are also made there, and what is lifted here ends there.
    Write,
}

impl SilenceUse {
    fn is_read(&self) -> bool {
        *self == SilenceUse::Read
    }
}

/// A place samples come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// By which signals name it.
    pub name: String,
    /// How it is asked.
    pub kind: SourceKind,
    /// Scheme, host, port and perhaps a path; never with a password in it. Empty: not known yet. An
    /// http source without one is at the room's `base_url`.
    #[serde(default)]
    pub url: String,
    /// Time between two questions: seconds, or text such as "30s" or "5m".
    #[serde(default = "every", deserialize_with = "seconds::one")]
    #[schemars(with = "seconds::Written")]
    pub every: f64,
    /// The longest wait for an answer; never more than `every`.
    #[serde(default, deserialize_with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<seconds::Written>")]
    pub timeout: Option<f64>,
    /// Where its secret is: "env:NAME", "file:PATH" or "cmd:COMMAND"; never the secret itself. A
    /// bearer token, or with `user` that user's password.
    #[serde(default, deserialize_with = "secret::maybe", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub auth: Option<Secret>,
    /// The user whose password `auth` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// prometheus: the tenant, sent as X-Scope-OrgID (Mimir, Cortex, Loki).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
    /// datadog: where its application key is, as `auth` is where its API key is.
    #[serde(default, deserialize_with = "secret::maybe", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub app_auth: Option<Secret>,
    /// http: what has to stand in the body of what is up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// alertmanager: "write" for silences to go both ways; without, they are only read.
    #[serde(default, skip_serializing_if = "SilenceUse::is_read")]
    pub silences: SilenceUse,
    /// json: the path that is asked, behind `url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// command: the shell line that prints the values, run in the room's `cwd`. log: one that keeps
    /// printing lines, in place of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// command, log: the variables that `command` gets beside the usual few, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// log: the file that is followed, from the plan's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// Seconds between two questions where nobody says.
fn every() -> f64 {
    5.0
}

impl Source {
    /// A source without options.
    pub fn new(name: &str, kind: SourceKind, url: &str, every: f64) -> Self {
        Self { name: name.to_owned(), kind, url: url.to_owned(), every, ..Self::default() }
    }

    /// Whether it says whom to ask.
    pub fn is_bound(&self) -> bool {
        let filled = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.is_empty());
        match self.kind {
            SourceKind::Manual => true,
            SourceKind::Command => filled(&self.command),
            SourceKind::Log => filled(&self.file) || filled(&self.command),
            SourceKind::Prometheus
            | SourceKind::Http
            | SourceKind::Json
            | SourceKind::Sql
            | SourceKind::Datadog
            | SourceKind::Alertmanager => !self.url.is_empty(),
        }
    }
}

/// One time series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The plan's metric.
    pub name: String,
    /// Other names of the same in the plan.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The name of a source; empty: not known yet.
    #[serde(default)]
    pub source: String,
    /// What the source is asked; empty: not known yet.
    #[serde(default)]
    pub query: String,
    /// In place of a source: how it follows from other signals. `ratio(a, b)`; `availability(/health, 5m)`
    /// in percent; `p95(/health, 5m)`; `change(a)` against the captured baseline, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derive: Option<String>,
    /// The unit of the values, where it is not the plan's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What a value is multiplied with to be in the plan's unit: 100 makes a share a percentage.
    #[serde(default = "one")]
    pub scale: f64,
}

fn one() -> f64 {
    1.0
}

impl Signal {
    /// Whether it says what to ask whom. A person and a command that prints nothing but a number need
    /// no question.
    pub fn is_filled(&self, source: Option<&Source>) -> bool {
        let kind = source.map(|s| s.kind);
        let plain = matches!(kind, Some(SourceKind::Manual | SourceKind::Command));
        !self.source.is_empty() && (plain || !self.query.is_empty())
    }
}

/// Who keeps a flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Two addresses, `read` and `write`.
    #[default]
    Http,
    /// A person changes it; the change is recorded.
    Manual,
    /// Unleash: not supported yet.
    Unleash,
    /// LaunchDarkly: not supported yet.
    LaunchDarkly,
}

impl Provider {
    /// As `warroom.toml` writes it.
    pub fn word(self) -> &'static str {
        match self {
            Provider::Http => "http",
            Provider::Manual => "manual",
            Provider::Unleash => "unleash",
            Provider::LaunchDarkly => "launchdarkly",
        }
    }
}

/// A switch behind HTTP. Reading answers JSON, the value bare or as `{"value": …}`; writing sends
/// `{"value": …}` by PUT. A percentage is a JSON number, an on/off flag a JSON boolean.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagBinding {
    /// The plan's flag.
    pub name: String,
    /// Who keeps it.
    #[serde(default)]
    pub provider: Provider,
    /// GET gives the value; empty: not known yet.
    #[serde(default)]
    pub read: String,
    /// PUT sets it; empty: not known yet.
    #[serde(default)]
    pub write: String,
    /// The percentages it is stepped through, in order; empty for on and off.
    #[serde(default)]
    pub rungs: Vec<f64>,
    /// Whether a second person has to agree to a change.
    #[serde(default)]
    pub two_people: bool,
}

impl FlagBinding {
    /// Whether it can be read and written.
    pub fn is_bound(&self) -> bool {
        self.provider == Provider::Http && !self.read.is_empty() && !self.write.is_empty()
    }
}
