//! Secrets by reference only: where one is kept, never what it is. Pure; `sources` resolves them.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// In a variable of the environment.
    Env(String),
    /// In a file, without the line end behind it.
    File(String),
    /// What a shell line prints.
    Cmd(String),
}

/// Said of anything else; never with the text itself, which may be the secret.
const LITERAL: &str = "holds no reference; write where the secret is kept, never the secret itself: \
                       \"env:NAME\", \"file:PATH\" or \"cmd:COMMAND\"";

/// Whether a parameter of this name says something secret: `api_key`, `token`, `sig`.
pub fn is_telling(name: &str) -> bool {
    const TELLING: [&str; 7] = ["key", "token", "secret", "pass", "auth", "sig", "credential"];
    let name = name.to_lowercase();
    TELLING.iter().any(|word| name.contains(word))
}

impl FromStr for Secret {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, place) = text.split_once(':').ok_or(LITERAL)?;
        let place = place.trim();
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        match kind.trim() {
            "env" if !place.is_empty() && place.chars().all(name) => Ok(Secret::Env(place.to_owned())),
            "env" => Err("names no variable behind env:"),
            "file" if place.starts_with('/') || place.starts_with("~/") => Ok(Secret::File(place.to_owned())),
            "file" => Err("names no file from / or ~/ on behind file:"),
            "cmd" if !place.is_empty() => Ok(Secret::Cmd(place.to_owned())),
            _ => Err(LITERAL),
        }
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Secret::Env(name) => write!(f, "env:{name}"),
            Secret::File(path) => write!(f, "file:{path}"),
            Secret::Cmd(line) => write!(f, "cmd:{line}"),
        }
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A reference, or an empty text for none yet.
pub(super) fn maybe<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    let text = String::deserialize(from)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

/// What goes into a blank of a plan's command: nothing yet, a plain text, or a reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub enum Blank {
    /// Not known yet.
    #[default]
    Open,
    /// The text itself.
    Text(String),
    /// Where it is kept.
    Kept(Secret),
}

/// What tokens of well-known services begin with.
const TOKENS: &[&str] = &[
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "whsec_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "AKIA",
    "ASIA",
    "AIza",
    "eyJ",
    "npm_",
    "dop_v1_",
    "shpat_",
    "SG.",
    "-----BEGIN",
    "Bearer ",
    "Basic ",
];

impl Blank {
    fn read(text: &str) -> Result<Self, &'static str> {
        let refers = ["env:", "file:", "cmd:"].iter().any(|kind| text.starts_with(kind));
        match text.trim() {
            "" => Ok(Blank::Open),
            text if refers => text.parse().map(Blank::Kept),
            text if TOKENS.iter().any(|t| text.starts_with(t)) => Err(
                "looks like a secret; write where it is kept: \"env:NAME\", \"file:PATH\" or \"cmd:COMMAND\"",
            ),
            text => Ok(Blank::Text(text.to_owned())),
        }
    }
}

impl Serialize for Blank {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Blank::Open => to.serialize_str(""),
            Blank::Text(text) => to.serialize_str(text),
            Blank::Kept(secret) => secret.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Blank {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Blank::read(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_taken_and_a_secret_is_not() {
        for good in ["env:TOKEN", "file:~/.token", "cmd:op read op://x/y"] {
            assert_eq!(good.parse::<Secret>().unwrap().to_string(), good);
        }
        for bad in ["hunter2", "env:", "env:A B", "https://hunter2", "vault:x", "file:", ""] {
            let why = bad.parse::<Secret>().unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn a_blank_is_open_plain_or_kept_elsewhere() {
        assert_eq!(Blank::read(" "), Ok(Blank::Open));
        assert_eq!(Blank::read("dpl_123"), Ok(Blank::Text("dpl_123".into())));
        assert_eq!(Blank::read("env:PREVIOUS"), Ok(Blank::Kept(Secret::Env("PREVIOUS".into()))));
        assert!(Blank::read("sk_live_abc").unwrap_err().contains("looks like a secret"));
    }
}
