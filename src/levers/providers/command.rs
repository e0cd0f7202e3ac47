//! Any switch behind two shell lines: one prints the value, one sets it. Pure.
//!
//! The new value is the variable `W_VALUE` and never a part of the line, so it cannot become syntax.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::place::{Kind, value, written};
use super::{Act, Answer, Basis, Next, Reading};
use crate::levers::script::{Origin, Script, Variable};
use crate::plan::binding::FlagBinding;

/// The variable of the new value.
pub(in crate::levers) const VALUE: &str = "W_VALUE";

/// A reading takes no longer where nobody says otherwise.
const READ: Duration = Duration::from_secs(10);

/// A change takes no longer where nobody says otherwise.
const WRITE: Duration = Duration::from_secs(60);

/// No line takes longer, whatever the binding says.
const LONGEST: Duration = Duration::from_secs(60 * 60);

pub(super) fn next(binding: &FlagBinding, answers: &[Answer]) -> Result<Next, String> {
    match answers.last() {
        None => line(binding, &binding.read, READ, vec![]).map(Next::Print),
        Some(Answer::Printed(text)) => {
            let first =
                text.lines().map(str::trim).find(|l| !l.is_empty()).ok_or("its command prints nothing")?;
            let value = value(first, kind(binding)).map_err(|_| wanted(binding))?;
            Ok(Next::Is(Reading { value, basis: Basis::Nothing }))
        }
        Some(_) => Err("the answer is no output".to_owned()),
    }
}

pub(super) fn acts(binding: &FlagBinding, to: &Value) -> Result<Vec<Act>, String> {
    let to = Origin::Text(written("", kind(binding), to)?);
    let value = Variable { name: VALUE.to_owned(), from: to };
    Ok(vec![Act::Run(line(binding, &binding.write, WRITE, vec![value])?)])
}

/// How its lines are run, for people to allow it.
pub(super) fn how(binding: &FlagBinding) -> String {
    let mut said = vec!["sh -eu".to_owned()];
    said.extend((!binding.cwd.is_empty()).then(|| format!("in {}", binding.cwd)));
    said.extend((!binding.env.is_empty()).then(|| format!("with {}", binding.env.join(" "))));
    said.extend(binding.timeout.map(|s| format!("at most {s} s")));
    said.join("\n")
}

fn line(binding: &FlagBinding, line: &str, usual: Duration, own: Vec<Variable>) -> Result<Script, String> {
    let handed = |name: &String| Variable { name: name.clone(), from: Origin::Env(name.clone()) };
    let variables = own.into_iter().chain(binding.env.iter().map(handed)).collect();
    let said = binding.timeout.filter(|s| s.is_finite() && *s > 0.0);
    let limit = said.map_or(usual, |s| Duration::from_secs_f64(s.min(LONGEST.as_secs_f64())));
    Script::line(line.trim_end(), Path::new(&binding.cwd), limit, variables)
}

fn kind(binding: &FlagBinding) -> Kind {
    if binding.rungs.is_empty() { Kind::Switch } else { Kind::Number }
}

fn wanted(binding: &FlagBinding) -> String {
    let wanted = match kind(binding) {
        Kind::Switch => "neither true nor false; for a percentage give the flag rungs",
        Kind::Number => "no number",
    };
    format!("the first line that its command prints is {wanted}")
}
