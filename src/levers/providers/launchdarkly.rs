//! LaunchDarkly by semantic patch: one request, of which all or nothing holds. Pure.
//!
//! A percentage is the share of the default rule (fallthrough) that gets the variation `true`; targets
//! and rules before it stay as they are. Weights are thousandths of a percent that sum to 100,000.

use serde_json::{Value, json};

use super::{
    Act, Answer, Basis, Next, Reading, Request, UNREAD, authorization, beneath, number, percent, switch,
};
use crate::plan::binding::FlagBinding;

/// All of a rollout.
const WHOLE: i64 = 100_000;

/// What an environment of a flag is.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::levers) struct State {
    version: i64,
    on: bool,
    /// Their ids and values, in order.
    variations: Vec<(String, Value)>,
    off: Option<usize>,
    fallthrough: Value,
}

pub(super) fn flag(binding: &FlagBinding) -> Result<String, String> {
    let parts = ["api", "v2", "flags", binding.project(), binding.key()];
    beneath(binding.server(), &parts).map(|url| url.to_string())
}

pub(super) fn next(binding: &FlagBinding, answers: &[Answer]) -> Result<Next, String> {
    let Some(answer) = answers.last() else {
        let mut url = beneath(&flag(binding)?, &[])?;
        url.query_pairs_mut().append_pair("env", binding.environment());
        return Request::new("GET", url.as_str(), &authorization(binding, ""), String::new()).map(Next::Ask);
    };
    let state = state(binding, &answer.json()?)?;
    let value = if binding.rungs.is_empty() { Value::Bool(state.on) } else { number(share(&state)?) };
    Ok(Next::Is(Reading { value, basis: Basis::LaunchDarkly(state) }))
}

fn state(binding: &FlagBinding, flag: &Value) -> Result<State, String> {
    let wanted = binding.environment();
    let found = &flag["environments"][wanted];
    let on = found["on"].as_bool().ok_or_else(|| format!("the answer has no environment {wanted}"))?;
    let variation = |v: &Value| Some((v["_id"].as_str()?.to_owned(), v["value"].clone()));
    let all = flag["variations"].as_array().ok_or("the answer tells no variations")?;
    let variations = all.iter().map(variation).collect::<Option<_>>().ok_or("a variation has no id")?;
    let off = found["offVariation"].as_u64().and_then(|n| usize::try_from(n).ok());
    let (version, fallthrough) =
        (found["version"].as_i64().unwrap_or_default(), found["fallthrough"].clone());
    Ok(State { version, on, variations, off, fallthrough })
}

impl State {
    /// Where the variations true and false stand.
    fn sides(&self) -> Result<(usize, usize), String> {
        let place = |wanted: bool| self.variations.iter().position(|(_, v)| *v == Value::Bool(wanted));
        match (self.variations.len(), place(true), place(false)) {
            (2, Some(yes), Some(no)) => Ok((yes, no)),
            _ => Err("its variations are not true and false, so no percentage can be claimed".to_owned()),
        }
    }

    /// Whether everybody gets false while it is off.
    fn off_is_false(&self) -> bool {
        self.off.and_then(|at| self.variations.get(at)).is_some_and(|(_, v)| *v == Value::Bool(false))
    }
}

fn share(state: &State) -> Result<f64, String> {
    let (yes, _) = state.sides()?;
    if !state.on {
        let unclear = "it is off and does not give out false then, so no percentage can be claimed";
        return if state.off_is_false() { Ok(0.0) } else { Err(unclear.to_owned()) };
    }
    if let Some(all) = state.fallthrough["variation"].as_u64() {
        return Ok(if all == yes as u64 { 100.0 } else { 0.0 });
    }
    let parts = state.fallthrough["rollout"]["variations"].as_array();
    let parts = parts.ok_or("its default rule is neither a variation nor a rollout")?;
    let own = parts.iter().filter(|p| p["variation"].as_u64() == Some(yes as u64));
    Ok(own.filter_map(|p| p["weight"].as_f64()).sum::<f64>() * 100.0 / WHOLE as f64)
}

pub(super) fn acts(binding: &FlagBinding, reading: Option<&Reading>, to: &Value) -> Result<Vec<Act>, String> {
    let state = match reading.map(|r| &r.basis) {
        Some(Basis::LaunchDarkly(state)) => Some(state),
        _ => None,
    };
    let instructions = if binding.rungs.is_empty() {
        vec![turn(switch(to)?)]
    } else {
        match (percent(to)?, state) {
            (0.0, None) => vec![turn(false)],
            (0.0, Some(state)) if state.off_is_false() => vec![turn(false)],
            (percent, state) => rollout(state.ok_or(UNREAD)?, percent)?,
        }
    };
    let body = json!({ "environmentKey": binding.environment(), "instructions": instructions }).to_string();
    let mut headers =
        vec!["Content-Type: application/json; domain-model=launchdarkly.semanticpatch".to_owned()];
    headers.extend(authorization(binding, ""));
    Ok(vec![Act::Send(Request::new("PATCH", &flag(binding)?, &headers, body)?)])
}

fn turn(on: bool) -> Value {
    json!({ "kind": if on { "turnFlagOn" } else { "turnFlagOff" } })
}

fn rollout(state: &State, percent: f64) -> Result<Vec<Value>, String> {
    let (yes, no) = state.sides()?;
    let weight = (percent * 1_000.0).round();
    if (weight - percent * 1_000.0).abs() > 1e-6 {
        return Err(format!("{percent} % is finer than a thousandth of a percent"));
    }
    let weight = weight as i64;
    let kind = state.fallthrough["rollout"]["contextKind"].as_str().unwrap_or("user");
    let weights = json!({ &state.variations[yes].0: weight, &state.variations[no].0: WHOLE - weight });
    let set = json!({
        "kind": "updateFallthroughVariationOrRollout",
        "rolloutContextKind": kind,
        "rolloutWeights": weights,
    });
    Ok(if state.on { vec![set] } else { vec![set, turn(true)] })
}
