//! What is switched: the flags of a binding and who keeps them. Pure.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seconds;
use super::secret::{self, Secret};

/// Who keeps a flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Two addresses: GET of `read` gives the value, `method` (PUT) of `body` to `write` sets it.
    #[default]
    Http,
    /// A person changes it; the change is recorded.
    Manual,
    /// Unleash: `url` is the server, `auth` an admin token; `project`, `environment` and `key` say which.
    /// With rungs it is the percentage of its one flexibleRollout strategy, without the environment's
    /// switch.
    Unleash,
    /// LaunchDarkly: `auth` is an access token; `project`, `environment` and `key` say which. With rungs
    /// it is the percentage of its default rule that gets `true`, without the targeting switch.
    LaunchDarkly,
    /// Vercel: a variable of a project's `environment`; `auth` is a token, `key` the variable. It takes
    /// effect by a new deployment, which is asked for in the same change.
    Vercel,
    /// A `KEY=value` line in `file`.
    Env,
    /// A value in a JSON file; `key` is the way to it: `features.checkout.enabled`.
    Json,
    /// A value in a YAML file; `key` is the way to it: `features.checkout.enabled`.
    Yaml,
    /// Two shell lines: what `read` prints first is the value, `write` sets it to `$W_VALUE`.
    Command,
}

impl Provider {
    /// As `warroom.toml` writes it.
    pub fn word(self) -> &'static str {
        match self {
            Provider::Http => "http",
            Provider::Manual => "manual",
            Provider::Unleash => "unleash",
            Provider::LaunchDarkly => "launchdarkly",
            Provider::Vercel => "vercel",
            Provider::Env => "env",
            Provider::Json => "json",
            Provider::Yaml => "yaml",
            Provider::Command => "command",
        }
    }

    /// Whether the flag lies in a file.
    pub fn is_file(self) -> bool {
        matches!(self, Provider::Env | Provider::Json | Provider::Yaml)
    }

    /// The server of a service that everybody finds at one address.
    fn home(self) -> &'static str {
        match self {
            Provider::LaunchDarkly => "https://app.launchdarkly.com",
            Provider::Vercel => "https://api.vercel.com",
            _ => "",
        }
    }
}

/// A switch. A percentage is a number from 0 to 100, an on/off flag a boolean; which one a flag is, is
/// said by whether it has rungs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagBinding {
    /// The plan's flag.
    pub name: String,
    /// Who keeps it.
    #[serde(default)]
    pub provider: Provider,
    /// http: GET gives the value, bare or as `{"value": …}`; a path such as "/flags/x" is at the room's
    /// `base_url`. command: a shell line whose first line of output is the value; it changes nothing.
    /// Empty: not known yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub read: String,
    /// http: where it is set. command: the shell line that sets it to `$W_VALUE` (true, false, or a
    /// number). Empty: not known yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub write: String,
    /// http: what `write` is asked with; without, PUT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// http: "Name: value" beside the usual ones, sent with reading and writing. A secret stands there
    /// by reference only: "Authorization: Bearer {env:ADMIN_TOKEN}".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// http: what is sent, byte for byte, with `{value}` for the new value and `{on}` for true or false
    /// (false is 0 or off); without, `{"value": …}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// http: where in the answer of `read` the value stands, as RFC 9535 writes it: `$.rolloutPercentage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// unleash, launchdarkly, vercel: scheme and host of the server; the last two have a usual one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// unleash, launchdarkly, vercel: the project; at Unleash "default" where nothing is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub project: String,
    /// unleash, launchdarkly, vercel: the environment, "production" where nothing is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub environment: String,
    /// vercel: the team's id, for a project that belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// What its keeper calls it, where that is not the plan's name. json, yaml: the way to it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Where its secret is: "env:NAME", "file:PATH" or "cmd:COMMAND"; never the secret itself. http: a
    /// bearer token.
    #[serde(default, deserialize_with = "secret::maybe", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub auth: Option<Secret>,
    /// env, json, yaml: the file, from the plan's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// command: where its lines run, from the plan's folder; without it where the plan's commands do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cwd: String,
    /// command: the variables its lines get, by name. Their values are struck out of what is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// command: the longest that a line may take: seconds, or text such as "2m"; without it 10 s for
    /// reading and a minute for writing.
    #[serde(default, deserialize_with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<seconds::Written>")]
    pub timeout: Option<f64>,
    /// A second opinion after a change: "ofrep URL" asks an OpenFeature server what it gives out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify: Option<Verify>,
    /// The percentages it is stepped through, in order; empty for on and off.
    #[serde(default)]
    pub rungs: Vec<f64>,
    /// Whether a second person has to agree to a change; without it as `[room]` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_people: Option<bool>,
}

impl FlagBinding {
    /// Whether it can be read and written.
    pub fn is_bound(&self) -> bool {
        match self.provider {
            Provider::Manual => false,
            Provider::Http | Provider::Command => !self.read.is_empty() && !self.write.is_empty(),
            Provider::Unleash => !self.url.is_empty() && self.auth.is_some(),
            Provider::LaunchDarkly | Provider::Vercel => !self.project.is_empty() && self.auth.is_some(),
            Provider::Env | Provider::Json | Provider::Yaml => {
                self.file.as_ref().is_some_and(|file| !file.is_empty())
            }
        }
    }

    /// What its keeper calls it.
    pub fn key(&self) -> &str {
        if self.key.is_empty() { &self.name } else { &self.key }
    }

    /// The server, without a slash behind it.
    pub fn server(&self) -> &str {
        let url = if self.url.is_empty() { self.provider.home() } else { &self.url };
        url.trim_end_matches('/')
    }

    /// The project.
    pub fn project(&self) -> &str {
        if self.project.is_empty() { "default" } else { &self.project }
    }

    /// The environment.
    pub fn environment(&self) -> &str {
        if self.environment.is_empty() { "production" } else { &self.environment }
    }

    /// Keys that are filled in and that its provider has no use for, each with whose they are.
    pub fn foreign_keys(&self) -> Vec<(&'static str, &'static str)> {
        use Provider as P;
        let (http, command, service, file) = (
            self.provider == P::Http,
            self.provider == P::Command,
            matches!(self.provider, P::Unleash | P::LaunchDarkly | P::Vercel),
            self.provider.is_file(),
        );
        const SERVICE: &str = "unleash, launchdarkly and vercel";
        let table = [
            ("read", !self.read.is_empty(), http || command, "http and command"),
            ("write", !self.write.is_empty(), http || command, "http and command"),
            ("method", self.method.is_some(), http, "http"),
            ("headers", !self.headers.is_empty(), http, "http"),
            ("body", self.body.is_some(), http, "http"),
            ("path", self.path.is_some(), http, "http"),
            ("url", !self.url.is_empty(), service, SERVICE),
            ("project", !self.project.is_empty(), service, SERVICE),
            ("environment", !self.environment.is_empty(), service, SERVICE),
            ("team", self.team.is_some(), self.provider == P::Vercel, "vercel"),
            ("file", self.file.is_some(), file, "env, json and yaml"),
            ("cwd", !self.cwd.is_empty(), command, "command"),
            ("env", !self.env.is_empty(), command, "command"),
            ("timeout", self.timeout.is_some(), command, "command"),
            ("auth", self.auth.is_some(), http || service, "http, unleash, launchdarkly and vercel"),
        ];
        let foreign = table.into_iter().filter(|(_, there, fits, _)| *there && !fits);
        foreign.map(|(key, _, _, whose)| (key, whose)).collect()
    }
}

/// Who is asked beside the provider whether a change arrived.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub enum Verify {
    /// An OpenFeature Remote Evaluation server, by scheme and host.
    Ofrep(String),
}

impl FromStr for Verify {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().split_once(char::is_whitespace) {
            Some(("ofrep", url)) => Ok(Verify::Ofrep(url.trim().trim_end_matches('/').to_owned())),
            _ => Err("a flag is verified by \"ofrep URL\""),
        }
    }
}

impl Serialize for Verify {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Verify::Ofrep(url) = self;
        to.collect_str(&format_args!("ofrep {url}"))
    }
}

impl<'de> Deserialize<'de> for Verify {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
