//! Answers in the shape of Prometheus' HTTP interface, as far as a rehearsal asks it: a metric's
//! name or a matcher of names, at a moment or over a range. Pure; the world gives the values.

use std::collections::HashMap;

use regex::Regex;
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
    let metrics = metrics(world, parameters)?;
    let asked = match parameters.get("time") {
        Some(text) => clock.since_start(time("time", text)?),
        None => now,
    };
    let known = (-HISTORY..=now + LOOKBACK).contains(&asked);
    let series = metrics.into_iter().filter(|_| known).map(|index| {
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
    let metrics = metrics(world, parameters)?;
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
    // Times are told in milliseconds, so the last one may be rounded past its moment.
    let last = end.min(now) + 1e-3;
    let times = (0..).map(|n| start + f64::from(n) * step).take_while(|t| *t <= last);
    let times: Vec<f64> = times.filter(|t| *t >= -HISTORY).collect();
    let series = metrics.into_iter().filter(|_| !times.is_empty()).map(|index| {
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

fn data(kind: &str, series: impl Iterator<Item = Json>) -> Json {
    let result: Vec<Json> = series.collect();
    json!({"status": "success", "data": {"resultType": kind, "result": result}})
}

fn labels(world: &World, metric: usize) -> Json {
    json!({"__name__": world.metrics()[metric].slug, "job": "rehearsal"})
}

/// The metrics asked for, as far as production measures them.
fn metrics(world: &World, parameters: &Parameters) -> Result<Vec<usize>, String> {
    let query = parameters.get("query").ok_or("parameter \"query\" is missing")?;
    let all = world.metrics().iter().enumerate();
    if let Some(names) = matcher(query) {
        let names = names?;
        return Ok(all.filter(|(_, m)| names.is_match(&m.slug)).map(|(index, _)| index).collect());
    }
    let name = bare(query)?;
    Ok(all.filter(|(_, m)| m.slug == name).map(|(index, _)| index).take(1).collect())
}

/// `{__name__=~"a|b"}`: the expression has to match the whole of a name. None for anything else.
fn matcher(query: &str) -> Option<Result<Regex, String>> {
    let quoted = query.trim().strip_prefix('{')?.strip_suffix('}')?.trim().strip_prefix("__name__")?;
    let quoted = quoted.trim_start().strip_prefix("=~")?.trim();
    let expression: String = serde_json::from_str(quoted).ok()?;
    let whole = Regex::new(&format!("^(?s:{expression})$"));
    Some(whole.map_err(|why| format!("parse error: error parsing regexp: {why}")))
}

/// The name of a metric.
fn bare(query: &str) -> Result<&str, String> {
    let name = query.trim();
    let name = name.strip_suffix("{}").unwrap_or(name).trim_end();
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':');
    if !first || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':') {
        return Err(format!("\"{query}\": this simulated production answers names of metrics only"));
    }
    Ok(name)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matcher_of_names_has_to_match_all_of_a_name() {
        let names = matcher(r#"{__name__=~"a|b_c"}"#).expect("a matcher").expect("an expression");
        let found: Vec<_> =
            ["a", "b_c", "ab_c", "b_c2", "xa"].into_iter().filter(|n| names.is_match(n)).collect();
        assert_eq!(found, ["a", "b_c"]);
        assert!(
            matcher(r#"{ __name__ =~ "up.*" }"#).expect("a matcher").expect("an expression").is_match("up_x")
        );
        assert!(matcher(r#"{__name__=~"("}"#).expect("a matcher").is_err());
        for other in ["up", "up{}", r#"{job="a"}"#, r#"sum({__name__=~"a"})"#, r#"{__name__=~"a",job="b"}"#] {
            assert!(matcher(other).is_none(), "{other}");
        }
    }

    #[test]
    fn many_metrics_are_answered_at_once_each_with_its_name() {
        let plan = crate::plan::read(
            b"# P\n\n## Alerts\n\n- P1: Error rate > 5%\n- P1: Latency > 500 ms\n- P1: Queue depth > 9\n",
            "p",
        );
        let world = World::new(&plan, &crate::rehearsal::Timeline::for_plan(&plan)).unwrap();
        let slugs: Vec<&str> = world.metrics().iter().map(|m| m.slug.as_str()).collect();
        let asked = format!("{{__name__=~\"{}|{}|unknown\"}}", slugs[0], slugs[2]);
        let clock = Clock::start(1.0);
        let now = clock.unix(0.0);
        let mut parameters: Parameters = [("query".to_owned(), asked)].into();
        let answer = query(&world, &clock, 0.0, &parameters).unwrap();
        let names = |answer: &Json| -> Vec<String> {
            let result = answer["data"]["result"].as_array().unwrap();
            result.iter().map(|s| s["metric"]["__name__"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&answer), [slugs[0], slugs[2]]);
        for (name, value) in [("start", now - 60.0), ("end", now), ("step", 15.0)] {
            parameters.insert(name.to_owned(), value.to_string());
        }
        let answer = query_range(&world, &clock, 0.0, &parameters).unwrap();
        assert_eq!(names(&answer), [slugs[0], slugs[2]]);
        assert_eq!(answer["data"]["result"][1]["values"].as_array().unwrap().len(), 5);
    }
}
