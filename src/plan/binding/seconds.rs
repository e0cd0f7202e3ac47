//! Spans of time in `warroom.toml`: a number of seconds, or text such as "90s", "5m", "1h 30m". Pure.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserializer;
use serde::de::{Error, Visitor};

/// What may be written.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is asked for")]
pub(in crate::plan) enum Written {
    /// Seconds.
    Seconds(f64),
    /// "5m".
    Text(String),
}

/// One span, in seconds.
pub(in crate::plan) fn one<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    from.deserialize_any(Span)
}

/// A span that need not be there.
pub(in crate::plan) fn maybe<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    one(from).map(Some)
}

struct Span;

impl Visitor<'_> for Span {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time: seconds, or text such as \"5m\"")
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<f64, E> {
        Ok(seconds as f64)
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<f64, E> {
        Ok(seconds as f64)
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<f64, E> {
        Ok(seconds)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
        parse(text).ok_or_else(|| E::custom(format!("{text:?} is no time; write seconds, or \"5m\"")))
    }
}

/// "1h 30m" in seconds; None for what is no time.
pub fn parse(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut sum = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let value: f64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        sum += value * unit(&rest[..letters])?;
        rest = rest[letters..].trim_start();
    }
    Some(sum)
}

fn unit(word: &str) -> Option<f64> {
    Some(match word {
        "ms" => 0.001,
        "s" | "sec" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86400.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_as_people_write_them() {
        for (text, seconds) in [
            ("90s", Some(90.0)),
            ("5m", Some(300.0)),
            ("1h 30m", Some(5400.0)),
            ("1h30m", Some(5400.0)),
            ("500ms", Some(0.5)),
            ("2 days", Some(172_800.0)),
            ("1.5h", Some(5400.0)),
            ("5", None),
            ("", None),
            ("m", None),
            ("5 parsecs", None),
            ("-5m", None),
        ] {
            assert_eq!(parse(text), seconds, "{text}");
        }
    }
}
