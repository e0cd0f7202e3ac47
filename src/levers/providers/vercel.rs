//! A variable of a Vercel project. It counts only for deployments made after it was set, so a change
//! sets it and asks for the current production deployment once more, both shown together. Pure.

use reqwest::Url;
use serde_json::{Value, json};

use super::place::{self, Kind};
use super::{Act, Answer, Basis, Next, Reading, Request, UNREAD, authorization, beneath};
use crate::plan::binding::FlagBinding;

/// What a change has to know.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::levers) struct State {
    /// The variable's id.
    id: String,
    /// What it holds now, as written.
    text: String,
    /// The project's name.
    name: String,
    /// The deployment that is live.
    live: String,
}

pub(super) fn list(binding: &FlagBinding) -> Result<String, String> {
    project(binding, "v10", &["env"]).map(|url| url.to_string())
}

pub(super) fn deployments(binding: &FlagBinding) -> Result<String, String> {
    let mut url = beneath(binding.server(), &["v13", "deployments"])?;
    url.query_pairs_mut().append_pair("forceNew", "1");
    Ok(with_team(binding, url).to_string())
}

fn project(binding: &FlagBinding, version: &str, behind: &[&str]) -> Result<Url, String> {
    let parts = [&[version, "projects", binding.project()], behind].concat();
    Ok(with_team(binding, beneath(binding.server(), &parts)?))
}

fn with_team(binding: &FlagBinding, mut url: Url) -> Url {
    if let Some(team) = &binding.team {
        url.query_pairs_mut().append_pair("teamId", team);
    }
    url
}

/// The list of variables, then the one in the clear, then the project and what of it is live.
pub(super) fn next(binding: &FlagBinding, answers: &[Answer]) -> Result<Next, String> {
    let get = |url: &str| Request::new("GET", url, &authorization(binding, "Bearer "), String::new());
    match answers {
        [] => get(&list(binding)?).map(Next::Ask),
        [all] => {
            let id = variable(binding, &all.json()?)?;
            get(project(binding, "v1", &["env", &id])?.as_str()).map(Next::Ask)
        }
        [_, _] => get(project(binding, "v9", &[])?.as_str()).map(Next::Ask),
        [all, one, about, ..] => {
            let state = state(binding, &all.json()?, &one.json()?, &about.json()?)?;
            let value = place::value(&state.text, kind(binding))?;
            Ok(Next::Is(Reading { value, basis: Basis::Vercel(state) }))
        }
    }
}

fn kind(binding: &FlagBinding) -> Kind {
    if binding.rungs.is_empty() { Kind::Switch } else { Kind::Number }
}

fn variable(binding: &FlagBinding, all: &Value) -> Result<String, String> {
    let (key, wanted) = (binding.key(), binding.environment());
    let meant = |v: &&Value| match &v["target"] {
        Value::Array(targets) => targets.iter().any(|t| t == wanted),
        target => target == wanted,
    };
    let own = all["envs"].as_array().into_iter().flatten().filter(|v| v["key"] == key).filter(meant);
    match own.collect::<Vec<_>>().as_slice() {
        [one] if one["target"].as_array().is_some_and(|targets| targets.len() > 1) => {
            Err(format!("{key} is one variable for several environments; give {wanted} one of its own"))
        }
        [one] => one["id"].as_str().map(str::to_owned).ok_or_else(|| "the variable has no id".to_owned()),
        several => Err(format!("there are {} variables {key} for {wanted}, not one", several.len())),
    }
}

fn state(binding: &FlagBinding, all: &Value, one: &Value, about: &Value) -> Result<State, String> {
    let told = |value: &Value, what: &str| {
        value.as_str().map(str::to_owned).ok_or_else(|| format!("the answer does not tell {what}"))
    };
    if binding.environment() != "production" {
        return Err("only the environment production can be deployed again".to_owned());
    }
    Ok(State {
        id: variable(binding, all)?,
        text: told(&one["value"], "the variable's value")?,
        name: told(&about["name"], "the project's name")?,
        live: told(&about["targets"]["production"]["id"], "which deployment is live")?,
    })
}

pub(super) fn acts(binding: &FlagBinding, reading: Option<&Reading>, to: &Value) -> Result<Vec<Act>, String> {
    let Some(Basis::Vercel(state)) = reading.map(|r| &r.basis) else { return Err(UNREAD.to_owned()) };
    let value = place::written(&state.text, kind(binding), to)?;
    let headers = authorization(binding, "Bearer ");
    let set = project(binding, "v9", &["env", &state.id])?;
    let body = json!({ "value": value }).to_string();
    let again = json!({ "name": state.name, "deploymentId": state.live, "target": "production" }).to_string();
    Ok(vec![
        Act::Send(Request::new("PATCH", set.as_str(), &headers, body)?),
        Act::Send(Request::new("POST", &deployments(binding)?, &headers, again)?),
    ])
}
