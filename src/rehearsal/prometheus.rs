//! Answers in the shape of Prometheus' HTTP interface, as far as a rehearsal asks it: a metric's
//! name, at a moment or over a range. Pure; the world gives the values.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::stage::Clock;
use super::world::World;

/// Seconds of history before the start.
pub const HISTORY: f64 = 900.0;

/// How far back an instant query looks for a value, as Prometheus does.
const LOOKBACK: f64 = 300.0;

/// As Prometheus: more points in one answer are refused.
const MOST_POINTS: f64 = 11_000.0;

/// What a request names, decoded.
pub type Parameters = HashMap<String, String>;

/// `/api/v1/query`.
///
/// # Errors
/// What is wrong with the parameters, as Prometheus' `bad_data`.
pub fn query(world: &World, clock: &Clock, now: f64, parameters: &Parameters) -> Result<Json, String> {
    let metric = metric(world, parameters)?;
    let asked = match parameters.get("time") {
        Some(text) => clock.since_start(time("time", text)?),
        None => now,
    };
    let known = (-HISTORY..=now + LOOKBACK).contains(&asked);
    let series = metric.filter(|_| known).map(|index| {
        let at = asked.min(now);
        json!({"metric": labels(world, index), "value": [clock.unix(at), world.value(index, at).to_string()]})
    });
    Ok(data("vector", series))
}

/// `/api/v1/query_range`.
///
/// # Errors
/// What is wrong with the parameters, as Prometheus' `bad_data`.
pub fn query_range(world: &World, clock: &Clock, now: f64, parameters: &Parameters) -> Result<Json, String> {
    let metric = metric(world, parameters)?;
    let given = |name: &str| parameters.get(name).ok_or_else(|| format!("parameter \"{name}\" is missing"));
    let start = clock.since_start(time("start", given("start")?)?);
    let end = clock.since_start(time("end", given("end")?)?);
    let step = span("step", given("step")?)?;
    if end < start {
        return Err("end timestamp must not be before start time".to_owned());
    }
    if (end - start) / step > MOST_POINTS {
        return Err("exceeded maximum resolution of 11,000 points per timeseries".to_owned());
    }
    let times = (0..).map(|n| start + f64::from(n) * step).take_while(|t| *t <= end.min(now));
    let times: Vec<f64> = times.filter(|t| *t >= -HISTORY).collect();
    let series = metric.filter(|_| !times.is_empty()).map(|index| {
        let point = |t: &f64| json!([clock.unix(*t), world.value(index, *t).to_string()]);
        json!({"metric": labels(world, index), "values": times.iter().map(point).collect::<Vec<_>>()})
    });
    Ok(data("matrix", series))
}

/// `/api/v1/label/__name__/values`.
///
/// # Errors
/// None.
pub fn names(world: &World, _: &Clock, _: f64, _: &Parameters) -> Result<Json, String> {
    let mut names: Vec<&str> = world.metrics().iter().map(|m| m.slug.as_str()).collect();
    names.sort_unstable();
    Ok(json!({"status": "success", "data": names}))
}

/// The error answer.
pub fn refused(message: &str) -> Json {
    json!({"status": "error", "errorType": "bad_data", "error": message})
}

fn data(kind: &str, series: Option<Json>) -> Json {
    let result: Vec<Json> = series.into_iter().collect();
    json!({"status": "success", "data": {"resultType": kind, "result": result}})
}

fn labels(world: &World, metric: usize) -> Json {
    json!({"__name__": world.metrics()[metric].slug, "job": "rehearsal"})
}

/// The metric asked for; none where production does not measure it.
fn metric(world: &World, parameters: &Parameters) -> Result<Option<usize>, String> {
    let query = parameters.get("query").ok_or("parameter \"query\" is missing")?;
    let name = query.trim();
    let name = name.strip_suffix("{}").unwrap_or(name).trim_end();
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':');
    if !first || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':') {
        return Err(format!("\"{query}\": this simulated production answers the name of a metric only"));
    }
    Ok(world.metrics().iter().position(|m| m.slug == name))
}

/// Seconds since 1970, as a number or as RFC 3339.
fn time(name: &str, text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|n: &f64| n.is_finite());
    let date = || chrono::DateTime::parse_from_rfc3339(text).ok().map(|d| d.timestamp_micros() as f64 / 1e6);
    number.or_else(date).ok_or_else(|| format!("invalid parameter \"{name}\": \"{text}\" is no time"))
}

/// Seconds, as a number or as "15s".
fn span(name: &str, text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|n: &f64| n.is_finite());
    let words = || super::spell::time(text).ok().map(|d| d.as_secs_f64());
    let span = number.or_else(words).filter(|s: &f64| *s > 0.0);
    span.ok_or_else(|| format!("invalid parameter \"{name}\": \"{text}\" is no positive duration"))
}
