//! Unleash by its admin API. Pure.
//!
//! A percentage is the `rollout` of the one flexibleRollout strategy of an environment. Strategies are
//! or-ed, so with several no percentage can be claimed. Without any, Unleash adds its default one when
//! an environment is switched on, and that is everybody; so `on` alone is never sent then. `rollout` is
//! a string that Unleash does not check, so the range is checked here.

use serde_json::{Value, json};

use super::{
    Act, Answer, Basis, Next, Reading, Request, UNREAD, authorization, beneath, number, percent, switch,
};
use crate::plan::binding::FlagBinding;

/// What an environment of a feature is.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::levers) struct State {
    on: bool,
    strategies: Vec<Strategy>,
}

#[derive(Clone, Debug, PartialEq)]
struct Strategy {
    id: String,
    /// None for another kind than flexibleRollout.
    rollout: Option<f64>,
    disabled: bool,
}

pub(super) fn feature(binding: &FlagBinding) -> Result<String, String> {
    let parts = ["api", "admin", "projects", binding.project(), "features", binding.key()];
    beneath(binding.server(), &parts).map(|url| url.to_string())
}

pub(super) fn next(binding: &FlagBinding, answers: &[Answer]) -> Result<Next, String> {
    let Some(answer) = answers.last() else {
        let url = feature(binding)?;
        return Request::new("GET", &url, &authorization(binding, ""), String::new()).map(Next::Ask);
    };
    let state = state(binding, &answer.json()?)?;
    let value = if binding.rungs.is_empty() { Value::Bool(state.on) } else { number(share(&state)?) };
    Ok(Next::Is(Reading { value, basis: Basis::Unleash(state) }))
}

fn state(binding: &FlagBinding, feature: &Value) -> Result<State, String> {
    let wanted = binding.environment();
    let mut all = feature["environments"].as_array().into_iter().flatten();
    let found = all.find(|e| e["name"] == wanted).ok_or_else(|| format!("it has no environment {wanted}"))?;
    let on = found["enabled"].as_bool().ok_or("the answer does not say whether it is on")?;
    let strategies = found["strategies"].as_array().ok_or("the answer does not tell its strategies")?;
    let strategies = strategies.iter().map(strategy).collect::<Result<_, _>>()?;
    Ok(State { on, strategies })
}

fn strategy(told: &Value) -> Result<Strategy, String> {
    let id = told["id"].as_str().ok_or("a strategy has no id")?.to_owned();
    let rollout = &told["parameters"]["rollout"];
    let percent = rollout.as_f64().or_else(|| rollout.as_str()?.trim().parse().ok());
    let rollout = match told["name"].as_str() {
        Some("flexibleRollout") => {
            Some(percent.ok_or_else(|| format!("its rollout {rollout} is no number"))?)
        }
        _ => None,
    };
    Ok(Strategy { id, rollout, disabled: told["disabled"] == true })
}

/// How many percent an environment gives it to.
fn share(state: &State) -> Result<f64, String> {
    match (state.on, state.strategies.as_slice()) {
        (false, _) => Ok(0.0),
        (true, []) => Ok(100.0),
        (true, strategies) => Ok(single(strategies)?.1),
    }
}

/// The one strategy whose rollout is the percentage, and that.
fn single(strategies: &[Strategy]) -> Result<(&str, f64), String> {
    match strategies {
        [Strategy { disabled: true, .. }] => {
            Err("its strategy is switched off there, so no percentage can be claimed".to_owned())
        }
        [Strategy { id, rollout: Some(rollout), .. }] => Ok((id, *rollout)),
        [_] => Err("its strategy is no flexibleRollout, so no percentage can be claimed".to_owned()),
        several => Err(format!(
            "it has {} strategies, any of which lets people in, so no percentage can be claimed",
            several.len()
        )),
    }
}

pub(super) fn acts(binding: &FlagBinding, reading: Option<&Reading>, to: &Value) -> Result<Vec<Act>, String> {
    let state = match reading.map(|r| &r.basis) {
        Some(Basis::Unleash(state)) => Some(state),
        _ => None,
    };
    if !binding.rungs.is_empty() {
        return ladder(binding, state, percent(to)?);
    }
    let on = switch(to)?;
    let bare = |s: &State| s.strategies.iter().all(|s| s.disabled);
    if on && bare(state.ok_or(UNREAD)?) {
        return Err("it has no strategy that is on: switched on so, Unleash gives it to everybody (100 %); \
                    add a strategy, or give the flag rungs"
            .to_owned());
    }
    Ok(vec![turn(binding, on)?])
}

/// The percentage is set before the environment is switched on, never behind it; 0 only switches off.
fn ladder(binding: &FlagBinding, state: Option<&State>, percent: f64) -> Result<Vec<Act>, String> {
    if percent == 0.0 {
        return Ok(vec![turn(binding, false)?]);
    }
    let state = state.ok_or(UNREAD)?;
    let set = match state.strategies.as_slice() {
        [] => added(binding, percent)?,
        strategies => replaced(binding, single(strategies)?.0, percent)?,
    };
    let mut acts = vec![set];
    if !state.on {
        acts.push(turn(binding, true)?);
    }
    Ok(acts)
}

fn turn(binding: &FlagBinding, on: bool) -> Result<Act, String> {
    let word = if on { "on" } else { "off" };
    send(binding, "POST", &[word], String::new())
}

fn added(binding: &FlagBinding, percent: f64) -> Result<Act, String> {
    let parameters = json!({
        "rollout": number(percent).to_string(), "stickiness": "default", "groupId": binding.key()
    });
    let body =
        json!({ "name": "flexibleRollout", "constraints": [], "segments": [], "parameters": parameters });
    send(binding, "POST", &["strategies"], body.to_string())
}

fn replaced(binding: &FlagBinding, id: &str, percent: f64) -> Result<Act, String> {
    let value = number(percent).to_string();
    let body = json!([{ "op": "replace", "path": "/parameters/rollout", "value": value }]);
    send(binding, "PATCH", &["strategies", id], body.to_string())
}

fn send(binding: &FlagBinding, method: &str, behind: &[&str], body: String) -> Result<Act, String> {
    let parts = [&["environments", binding.environment()], behind].concat();
    let url = beneath(&feature(binding)?, &parts)?;
    Request::new(method, url.as_str(), &authorization(binding, ""), body).map(Act::Send)
}
