//! What a plan switches and runs: flags with their rungs, procedures, blanks of commands. Pure.

use std::collections::BTreeSet;

use super::request::{Stepped, stepped};
use super::{Offer, Section, lines, told};
use crate::plan::{Command, Flag, Plan, Procedure, ProcedureKind};

/// Every flag, a percentage with the plan's rungs.
pub(super) fn flags(plan: &Plan) -> Vec<Offer> {
    plan.flags.iter().map(|flag| offer(plan, flag)).collect()
}

fn offer(plan: &Plan, flag: &Flag) -> Offer {
    let mut note = format!("line {}", flag.line);
    if let Some(value) = &flag.value {
        note += &format!(" {}", told(value, 30));
    }
    for stage in flag.stages.iter().filter(|s| s.line != flag.line) {
        note += &format!("; {} {}", stage.line, told(&stage.value, 30));
    }
    if let Some(what) = &flag.description {
        note += &format!("; {}", told(what, 60));
    }
    let offer = Offer::new(Section::Flag, &flag.name, note).with("read", "", "");
    let offer = match stepped(plan, flag) {
        None => offer.with("write", "", ""),
        Some(Stepped { url, method, headers, body }) => {
            let offer = offer.with("write", url, "").with("method", method, "").with("body", body, "");
            offer.with("headers", headers.into_iter().collect::<toml_edit::Array>(), "")
        }
    };
    let rungs = rungs(plan, flag);
    match rungs.is_empty() {
        true => offer,
        false => offer.with("rungs", rungs.into_iter().map(number).collect::<toml_edit::Array>(), ""),
    }
}

/// The percentages of the ramp that is this flag's, going up.
fn rungs(plan: &Plan, flag: &Flag) -> Vec<f64> {
    let own = plan.ramps.iter().filter(|r| r.flag.as_ref() == Some(&flag.name));
    let values = own.flat_map(|r| &r.rungs).filter(|r| r.unit.starts_with('%')).filter_map(|r| r.value);
    let mut values: Vec<f64> = values.filter(|v| v.is_finite() && *v > 0.0).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

/// A whole number without a point.
fn number(value: f64) -> toml_edit::Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { (value as i64).into() } else { value.into() }
}

/// Procedures with something that runs; of several with one title the first stands for all.
pub(super) fn procedures(plan: &Plan) -> Vec<Offer> {
    let mut all: Vec<Offer> = vec![];
    for procedure in plan.procedures.iter().filter(|p| shell(p).next().is_some()) {
        if all.iter().any(|o| o.name == procedure.title) || procedure.title.trim().is_empty() {
            continue;
        }
        let same = plan.procedures.iter().filter(|p| p.title == procedure.title);
        let kind = format!("{:?}", procedure.kind).to_lowercase();
        let note = format!("{}, {kind}", lines(same.clone().map(|p| p.line)));
        let wanted: BTreeSet<&str> = same.flat_map(shell).flat_map(variables).collect();
        let mut offer = Offer::new(Section::Procedure, &procedure.title, note);
        if !wanted.is_empty() {
            offer = offer.with("env", wanted.into_iter().collect::<toml_edit::Array>(), "");
        }
        offer = offer.with("verify", "", "");
        if procedure.kind == ProcedureKind::Rollback {
            offer = offer.with("two_people", false, "");
        }
        all.push(offer);
    }
    all
}

/// The commands of a procedure that a shell reads.
fn shell(procedure: &Procedure) -> impl Iterator<Item = &Command> {
    const SHELL: &[&str] =
        &["", "inline", "bash", "sh", "shell", "zsh", "console", "shellsession", "terminal"];
    let all = procedure.steps.iter().flat_map(|s| &s.commands).chain(&procedure.commands);
    all.filter(|c| SHELL.contains(&c.language.to_lowercase().as_str()))
}

/// Variables in the manner of an environment: an operator of Mongo (`$exists`) is none.
fn variables(command: &Command) -> impl Iterator<Item = &str> {
    let environment =
        |name: &&String| name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    command.variables.iter().filter(environment).map(String::as_str)
}

/// Every blank of every command, once.
pub(super) fn blanks(plan: &Plan) -> Vec<Offer> {
    let commands = plan.procedures.iter().flat_map(|p| p.in_order()).flat_map(|s| s.commands);
    let commands: Vec<Command> = commands.collect();
    let mut all: Vec<Offer> = vec![];
    for name in commands.iter().flat_map(|c| &c.placeholders) {
        if all.iter().any(|o| o.name == *name) || name.trim().is_empty() {
            continue;
        }
        let using = commands.iter().filter(|c| c.placeholders.contains(name));
        let secret = ["sk_", "pk_", "whsec", "token", "secret", "password", "key"];
        let hint = if secret.iter().any(|s| name.to_lowercase().contains(s)) { ", a secret" } else { "" };
        let note = format!("{}{hint}", lines(using.map(|c| c.line)));
        all.push(Offer::new(Section::Blank, name, note).with("", "", ""));
    }
    all
}
