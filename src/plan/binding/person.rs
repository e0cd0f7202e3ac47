//! How limits are judged, procedures run and people told: rules, procedures and channels of a binding.
//! Pure.

use schemars::JsonSchema;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Deserializer, Serialize};

use super::seconds;
use super::secret::{self, Secret};

/// How limits of the plan are judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBinding {
    /// Whose: a limit's id (`warroom check --json` has them), a metric, or a metric with a severity
    /// behind it ("Error rate P1"). A metric means all of its limits.
    pub of: String,
    /// The signal it is judged on, where it is not the one named like its metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// The side that is bad, where the plan gives a number and no side. A limit that states another side
    /// is turned only where `of` names its id or severity.
    #[serde(default, deserialize_with = "side", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("enum" = ["above", "below", ""]))]
    pub direction: Option<Side>,
    /// How long a breach must last before it fires.
    #[serde(
        default,
        rename = "for",
        deserialize_with = "seconds::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<seconds::Written>")]
    pub hold: Option<f64>,
    /// How long a breach must be over before the alert ends.
    #[serde(default, deserialize_with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<seconds::Written>")]
    pub keep_firing_for: Option<f64>,
    /// The least time between two notices; never changes a state.
    #[serde(default, deserialize_with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<seconds::Written>")]
    pub cooldown: Option<f64>,
    /// The traffic below which it is not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Floor>,
    /// What no data means; without it they hold the state, and after a while the rule is blind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_no_data: Option<OnNoData>,
    /// Not judged at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
}

/// The bad side of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// More is bad.
    Above,
    /// Less is bad.
    Below,
}

/// A side, or an empty text for none yet.
fn side<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Side>, D::Error> {
    let word = String::deserialize(from)?;
    let known = StrDeserializer::<D::Error>::new(&word);
    if word.trim().is_empty() { Ok(None) } else { Side::deserialize(known).map(Some) }
}

/// What it means that a source answers and has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnNoData {
    /// As a value on the healthy side: a counter of errors that does not exist yet.
    Ok,
    /// As a breach: a heartbeat.
    Breach,
}

/// Traffic that there must be before a rate means anything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// The signal that counts it.
    pub signal: String,
    /// The least.
    pub at_least: f64,
}

/// How a procedure of the plan is run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProcedureBinding {
    /// The procedure's heading in the plan.
    pub title: String,
    /// Where its commands run, from the plan's folder; without it the room's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cwd: String,
    /// The variables its commands may see, by name.
    #[serde(default)]
    pub env: Vec<String>,
    /// What proves that it worked: a shell line that ends with 0. An exit code alone is no proof.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub verify: String,
    /// The longest that a step may take: seconds, or text such as "10m"; without it 30 minutes.
    #[serde(default, deserialize_with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<seconds::Written>")]
    pub timeout: Option<f64>,
    /// Whether a second person has to agree to each step; without it as `[room]` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_people: Option<bool>,
}

/// Where messages can go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// A person posts it.
    #[default]
    Manual,
    /// A Slack webhook.
    Slack,
    /// Any webhook.
    Webhook,
    /// PagerDuty events.
    Pagerduty,
    /// A status page.
    Statuspage,
    /// A notification of this terminal.
    Terminal,
    /// The clipboard.
    Clipboard,
}

/// A place messages go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// As the plan calls it.
    pub name: String,
    /// How it is reached.
    #[serde(default)]
    pub kind: ChannelKind,
    /// Where its address is kept ("env:SLACK_WEBHOOK"): whoever has the address can post.
    #[serde(default, deserialize_with = "secret::maybe", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub url: Option<Secret>,
}
