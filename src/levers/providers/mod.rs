//! Who keeps flags: what each provider is asked, what its answers mean, and the exact acts of a change.
//! Pure; `change` carries out what comes from here.
//!
//! A provider is two functions in a file of its own: `next(binding, answers)` says what to ask, one
//! question at a time, until the answers make a [`Reading`]; `acts(binding, reading, to)` makes a
//! change of it, without asking anything. What cannot be said for sure is an error, never a guess.

mod command;
mod env;
mod http;
mod json;
mod launchdarkly;
mod ofrep;
mod place;
#[cfg(test)]
mod tests;
mod unleash;
mod vercel;
mod yaml;

use std::collections::BTreeSet;

use reqwest::Url;
use serde_json::Value;

pub(super) use command::VALUE;
pub(super) use ofrep::{gives, opinion};
pub(super) use place::digest;

use super::exact::{Act, Request, address};
use super::script::Script;
use crate::plan::binding::{FlagBinding, Provider};

/// A flag's value, with what a change of it has to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// A boolean, or a number for a percentage.
    pub value: Value,
    /// What a change stands on; as long as it is the same the change means what was shown.
    pub(super) basis: Basis,
}

/// What a provider has to know for a change beside the value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Basis {
    /// Nothing.
    #[default]
    Nothing,
    Unleash(unleash::State),
    LaunchDarkly(launchdarkly::State),
    Vercel(vercel::State),
    File(place::Place),
}

/// What a reading needs next.
pub(super) enum Next {
    /// An answer to this; read only.
    Ask(Request),
    /// A file as it is.
    Look(String),
    /// What this line prints; it changes nothing.
    Print(Script),
    /// Nothing more.
    Is(Reading),
}

/// What came of a question.
pub(super) enum Answer {
    /// A body.
    Body(Vec<u8>),
    /// A file's text and where its path leads.
    File { text: String, real: String },
    /// An output.
    Printed(String),
}

impl Answer {
    fn json(&self) -> Result<Value, String> {
        match self {
            Answer::Body(bytes) => {
                serde_json::from_slice(bytes).map_err(|_| "the answer is no JSON".to_owned())
            }
            Answer::File { .. } => Err("the answer is a file".to_owned()),
            Answer::Printed(_) => Err("the answer is an output".to_owned()),
        }
    }
}

/// What to ask after these answers.
///
/// # Errors
/// A sentence: the answers do not say what the flag is.
pub(super) fn next(binding: &FlagBinding, answers: &[Answer]) -> Result<Next, String> {
    match binding.provider {
        Provider::Http => http::next(binding, answers),
        Provider::Unleash => unleash::next(binding, answers),
        Provider::LaunchDarkly => launchdarkly::next(binding, answers),
        Provider::Vercel => vercel::next(binding, answers),
        Provider::Env | Provider::Json | Provider::Yaml => place::next(binding, answers),
        Provider::Command => command::next(binding, answers),
        Provider::Manual => Err("a person changes it".to_owned()),
    }
}

/// What a change does. `to` is a boolean or a number.
///
/// # Errors
/// A sentence: it cannot be done so, or not before the flag was read.
pub(super) fn acts(binding: &FlagBinding, reading: Option<&Reading>, to: &Value) -> Result<Vec<Act>, String> {
    match binding.provider {
        Provider::Http => http::acts(binding, to),
        Provider::Unleash => unleash::acts(binding, reading, to),
        Provider::LaunchDarkly => launchdarkly::acts(binding, reading, to),
        Provider::Vercel => vercel::acts(binding, reading, to),
        Provider::Env | Provider::Json | Provider::Yaml => place::acts(binding, reading, to),
        Provider::Command => command::acts(binding, to),
        Provider::Manual => Err("a person changes it".to_owned()),
    }
}

/// What a binding reaches, for people to allow it.
pub(super) struct Reach {
    /// Where it is read.
    pub read: String,
    /// Where it is written.
    pub write: String,
    /// What else decides what is sent; empty for a plain PUT of the value.
    pub how: String,
}

/// What a bound flag reaches.
pub(super) fn reach(binding: &FlagBinding) -> Reach {
    let service = |read: String, write: String| Reach { read, write, how: service_words(binding) };
    let of = |url: Result<String, String>| url.unwrap_or_default();
    match binding.provider {
        Provider::Http => {
            Reach { read: binding.read.clone(), write: binding.write.clone(), how: http::how(binding) }
        }
        Provider::Unleash => {
            let feature = of(unleash::feature(binding));
            service(feature.clone(), format!("{feature}/environments/{}", binding.environment()))
        }
        Provider::LaunchDarkly => {
            let flag = of(launchdarkly::flag(binding));
            service(flag.clone(), flag)
        }
        Provider::Vercel => service(of(vercel::list(binding)), of(vercel::deployments(binding))),
        Provider::Env | Provider::Json | Provider::Yaml => {
            let file = binding.file.clone().unwrap_or_default();
            let how = format!("{} {}", binding.provider.word(), binding.key());
            Reach { read: file.clone(), write: file, how }
        }
        Provider::Command => {
            let (read, write) = (binding.read.clone(), binding.write.clone());
            Reach { read, write, how: command::how(binding) }
        }
        Provider::Manual => Reach { read: String::new(), write: String::new(), how: String::new() },
    }
}

fn service_words(binding: &FlagBinding) -> String {
    let (word, key) = (binding.provider.word(), binding.key());
    let kind = if binding.rungs.is_empty() { "on and off" } else { "percentage" };
    format!("{word} {key} in {}, {kind}", binding.environment())
}

/// Where the secrets of a binding are kept, as its headers name them.
pub(super) fn secrets(binding: &FlagBinding) -> BTreeSet<String> {
    let own = binding.auth.iter().map(ToString::to_string);
    own.chain(binding.headers.iter().flat_map(|h| references(h)).map(|(_, kept)| kept.to_owned())).collect()
}

/// Every `{env:NAME}` of a header: with its braces, and what is inside.
pub(super) fn references(header: &str) -> impl Iterator<Item = (&str, &str)> {
    let kinds = ["{env:", "{file:", "{cmd:"];
    let starts = header.match_indices('{').map(|(at, _)| &header[at..]);
    starts.filter(move |rest| kinds.iter().any(|kind| rest.starts_with(kind))).filter_map(|rest| {
        let end = rest.find('}')?;
        Some((&rest[..=end], &rest[1..end]))
    })
}

/// A boolean.
fn switch(to: &Value) -> Result<bool, String> {
    to.as_bool().ok_or_else(|| format!("it has no rungs: it is true or false, not {to}"))
}

/// A percentage within its range: others may take anything.
fn percent(to: &Value) -> Result<f64, String> {
    let value = match to {
        Value::Bool(false) => Some(0.0),
        other => other.as_f64(),
    };
    let value = value.ok_or("it has rungs: say a percentage; on alone would be everybody, 100 %")?;
    match (0.0..=100.0).contains(&value) {
        true => Ok(value),
        false => Err(format!("{to} is no percentage: it goes from 0 to 100")),
    }
}

/// An address with parts behind it, each as one part whatever is in it.
fn beneath(server: &str, parts: &[&str]) -> Result<Url, String> {
    let mut url = address(server)?;
    let mut path = url.path_segments_mut().map_err(|()| format!("{server}: nothing can stand behind it"))?;
    path.pop_if_empty().extend(parts);
    drop(path);
    Ok(url)
}

/// A header with the secret of a binding behind some words.
fn authorization(binding: &FlagBinding, words: &str) -> Vec<String> {
    let header = |kept: &crate::plan::binding::Secret| format!("Authorization: {words}{{{kept}}}");
    binding.auth.iter().map(header).collect()
}

/// A number as a JSON number, whole ones without a point.
fn number(value: f64) -> Value {
    match value.fract() == 0.0 && value.abs() < 1e15 {
        true => Value::from(value as i64),
        false => Value::from(value),
    }
}

/// Said where a change needs to know what is there.
const UNREAD: &str = "it has not been read yet; read it first";
