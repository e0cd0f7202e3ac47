//! A flag in a file: the one place where its value stands, and what comes to stand there. Pure.
//!
//! Only the value's own bytes change, and it keeps the manner in which it was written: `on` becomes
//! `off`, `TRUE` becomes `FALSE`. A key that is not found exactly once is left alone.

use std::ops::Range;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Act, Answer, Basis, Next, Reading, UNREAD, env, json, number, percent, switch, yaml};
use crate::levers::exact::Edit;
use crate::levers::hex;
use crate::plan::binding::{FlagBinding, Provider};
use crate::text;

/// Where a value stands.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::levers) struct Place {
    /// Where the path leads.
    real: String,
    /// The whole file's.
    digest: String,
    at: usize,
    line: usize,
    old: String,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Switch,
    Number,
}

/// Words for on and off.
const WORDS: [(&str, &str); 5] =
    [("true", "false"), ("on", "off"), ("yes", "no"), ("enabled", "disabled"), ("1", "0")];

pub(super) fn next(binding: &FlagBinding, answers: &[Answer]) -> Result<Next, String> {
    let path = binding.file.clone().ok_or("it names no file")?;
    match answers.last() {
        None => Ok(Next::Look(path)),
        Some(Answer::Body(_) | Answer::Printed(_)) => Err("the answer is no file".to_owned()),
        Some(Answer::File { text, real }) => {
            let found = only(binding, text).map_err(|why| format!("{}: {why}", text::clean(&path)))?;
            let line = 1 + text[..found.start].matches('\n').count();
            let (at, old) = (found.start, text[found].to_owned());
            let value = value(&old, kind(binding))?;
            let place = Place { real: real.clone(), digest: digest(text), at, line, old };
            Ok(Next::Is(Reading { value, basis: Basis::File(place) }))
        }
    }
}

/// `sha256:` and the digest of a file's text.
pub(in crate::levers) fn digest(text: &str) -> String {
    format!("sha256:{}", hex(&Sha256::digest(text)))
}

/// The place of a key that stands there once.
fn only(binding: &FlagBinding, text: &str) -> Result<Range<usize>, String> {
    let key = binding.key();
    let places = match binding.provider {
        Provider::Env => env::places(text, key)?,
        Provider::Json => json::places(text, key)?,
        _ => yaml::places(text, key)?,
    };
    match places.as_slice() {
        [one] => Ok(one.clone()),
        several => Err(format!("{} stands there {} times, not once", text::clean(key), several.len())),
    }
}

fn kind(binding: &FlagBinding) -> Kind {
    if binding.rungs.is_empty() { Kind::Switch } else { Kind::Number }
}

pub(super) fn acts(binding: &FlagBinding, reading: Option<&Reading>, to: &Value) -> Result<Vec<Act>, String> {
    let Some(Basis::File(place)) = reading.map(|r| &r.basis) else { return Err(UNREAD.to_owned()) };
    let new = written(&place.old, kind(binding), to)?;
    let (real, before, old) = (place.real.clone(), place.digest.clone(), place.old.clone());
    let path = binding.file.clone().ok_or("it names no file")?;
    Ok(vec![Act::Edit(Edit { path, real, before, at: place.at, line: place.line, old, new })])
}

/// What a written value means.
///
/// # Errors
/// A sentence without the value, which may be something else altogether.
pub(super) fn value(text: &str, kind: Kind) -> Result<Value, String> {
    match kind {
        Kind::Switch => {
            let lower = text.to_lowercase();
            let found = WORDS.iter().find(|(on, off)| lower == *on || lower == *off);
            found.map(|(on, _)| Value::Bool(lower == *on)).ok_or_else(|| {
                "what stands there is neither true nor false; for a percentage give the flag rungs".to_owned()
            })
        }
        Kind::Number => {
            let plain = text.strip_suffix('%').unwrap_or(text).trim();
            let found = plain.parse::<f64>().ok().filter(|v| v.is_finite());
            found.map(number).ok_or_else(|| "what stands there is no number".to_owned())
        }
    }
}

/// A new value in the manner of the old one.
pub(super) fn written(old: &str, kind: Kind, to: &Value) -> Result<String, String> {
    match kind {
        Kind::Switch => {
            let (on, lower) = (switch(to)?, old.to_lowercase());
            let pair = WORDS.iter().find(|(a, b)| lower == *a || lower == *b).unwrap_or(&WORDS[0]);
            Ok(cased(if on { pair.0 } else { pair.1 }, old))
        }
        Kind::Number => {
            let sign = if old.ends_with('%') { "%" } else { "" };
            Ok(format!("{}{sign}", number(percent(to)?)))
        }
    }
}

/// A word in the case of another.
fn cased(word: &str, like: &str) -> String {
    let mut letters = like.chars().filter(|c| c.is_alphabetic());
    match (letters.next().map(char::is_uppercase), letters.next().map(char::is_uppercase)) {
        (Some(true), Some(true)) => word.to_uppercase(),
        (Some(true), _) => word[..1].to_uppercase() + &word[1..],
        _ => word.to_owned(),
    }
}
