//! Any switch behind HTTP: two addresses, and a body with the value in it. Pure.

use serde_json::Value;
use serde_json_path::JsonPath;

use super::{Act, Answer, Basis, Next, Reading, Request, authorization};
use crate::levers::flag::{settled, value_of};
use crate::plan::binding::FlagBinding;

pub(super) fn next(binding: &FlagBinding, answers: &[Answer]) -> Result<Next, String> {
    match answers.last() {
        None => Request::new("GET", &binding.read, &headers(binding, false), String::new()).map(Next::Ask),
        Some(answer) => {
            let value = found(binding, answer)?;
            Ok(Next::Is(Reading { value, basis: Basis::Nothing }))
        }
    }
}

fn found(binding: &FlagBinding, answer: &Answer) -> Result<Value, String> {
    let Some(path) = &binding.path else { return value_of(answer.json()?) };
    let path = JsonPath::parse(path).map_err(|e| format!("its path is none: {e}"))?;
    let answer = answer.json()?;
    let value = path.query(&answer).exactly_one().map_err(|_| "its path finds not exactly one value")?;
    settled(value).ok_or_else(|| "its path finds neither a boolean nor a number".to_owned())
}

/// Reading sends no body, so nothing is said of one.
fn headers(binding: &FlagBinding, body: bool) -> Vec<String> {
    let about_body = |h: &&String| h.to_lowercase().starts_with("content-");
    let own = binding.headers.iter().filter(|h| body || !about_body(h)).cloned();
    authorization(binding, "Bearer ").into_iter().chain(own).collect()
}

pub(super) fn acts(binding: &FlagBinding, to: &Value) -> Result<Vec<Act>, String> {
    let method = binding.method.as_deref().unwrap_or("PUT");
    let body = match &binding.body {
        None => serde_json::json!({ "value": to }).to_string(),
        Some(body) => filled(body, to),
    };
    let request = Request::new(method, &binding.write, &headers(binding, true), body)?;
    Ok(vec![Act::Send(request)])
}

/// The body with the value in its place: what is 0 is not on.
fn filled(body: &str, to: &Value) -> String {
    let on = to.as_bool().unwrap_or_else(|| to.as_f64().is_some_and(|v| v != 0.0));
    body.replace("{on}", &on.to_string()).replace("{value}", &to.to_string())
}

/// What is sent beyond a plain PUT, for people to allow it.
pub(super) fn how(binding: &FlagBinding) -> String {
    let plain = binding.method.is_none() && binding.body.is_none() && binding.path.is_none();
    if plain && headers(binding, true).is_empty() {
        return String::new();
    }
    let method = binding.method.as_deref().unwrap_or("PUT");
    let mut said = vec![method.to_owned()];
    said.extend(headers(binding, true));
    said.push(binding.body.clone().unwrap_or_else(|| "{\"value\":…}".to_owned()));
    said.extend(binding.path.iter().map(|path| format!("read at {path}")));
    said.join("\n")
}
