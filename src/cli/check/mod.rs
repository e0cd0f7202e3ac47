//! `warroom check`: the whole reading with lines, what is bound, what stayed prose, what is wrong.
//!
//! Reads files as text and contacts nothing. `--diff` compares two plans by what they mean.

mod bound;
mod compare;
mod diagnose;
mod excerpt;
mod look;
mod page;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Serialize;

use super::args::{Checking, Form};
use super::failure::{Exit, Failure};
use super::{file, print, reading};
use crate::plan::{self, FactKind, Level, Plan, Problem};
use bound::{Bound, Tie};
use diagnose::Findings;
use look::Look;

/// Reads a plan, or compares two, and prints it; the exit code comes back.
///
/// # Errors
/// Where a file cannot be read.
pub fn run(wanted: &Checking) -> Result<u8, Failure> {
    match (&wanted.diff[..], &wanted.plan) {
        ([old, new], _) => {
            let trouble = |failure| Failure { exit: Exit::Usage, ..failure };
            compare::run(old, new, wanted.json).map_err(trouble)
        }
        (_, Some(path)) => read(path, wanted),
        _ => Err(Failure::usage("no plan named")),
    }
}

fn read(path: &std::path::Path, wanted: &Checking) -> Result<u8, Failure> {
    let file = file::read(path)?;
    let plain = reading::plan(&file.bytes, &file.stem(), &Default::default());
    let bound = Bound::read(path, wanted.binding.as_deref(), &plain)?;
    let mut plan = reading::plan(&file.bytes, &file.stem(), &bound.binding);
    plan.add(absent(&plan, path));
    let (name, bound_name) = (path.display().to_string(), bound.name());
    let all = [
        Findings { name: &bound_name, lines: bound.text.lines().collect(), problems: &bound.problems },
        Findings { name: &name, lines: plan.text.lines().collect(), problems: &plan.problems },
    ];
    match (wanted.json, wanted.format) {
        (true, _) => print::json(&as_json(&plan, &bound))?,
        (false, Form::Short) => print::text(&diagnose::short(&all))?,
        (false, Form::Long) => print::text(&long(&plan, &all, &bound, Look::of_stdout()))?,
    }
    Ok(code(&all, wanted.strict))
}

/// Documents that the plan names and that do not lie beside it.
fn absent(plan: &Plan, path: &std::path::Path) -> Vec<Problem> {
    let folder = path.parent().unwrap_or(std::path::Path::new(""));
    let named = plan.facts.iter().filter(|f| f.kind == FactKind::Reference);
    let gone = named.filter(|f| {
        let file = f.text.split(['#', '?']).next().unwrap_or_default();
        !folder.join(file).exists()
    });
    let problem = |fact: &plan::Fact| {
        let message = format!("“{}” is not beside the plan", fact.text);
        Problem::new(Level::Note, fact.line, message, "copy it there, or link to where it is")
    };
    gone.map(problem).collect()
}

/// The reading, then the problems.
fn long(plan: &Plan, all: &[Findings<'_>; 2], bound: &Bound, look: Look) -> String {
    let reading = page::told(plan, all[1].name, &all[1].lines, bound, look);
    format!("{reading}\n{}\n{}", look.bold("PROBLEMS"), diagnose::told(all, &look))
}

/// 1 where there are errors, and where there are warnings if they count.
fn code(all: &[Findings<'_>], strict: bool) -> u8 {
    let least = if strict { Level::Warning } else { Level::Error };
    u8::from(all.iter().flat_map(|f| f.problems).any(|p| p.level >= least))
}

/// The reading as JSON with what is bound.
#[derive(Serialize, JsonSchema)]
pub struct Reading<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    binding: Binding<'a>,
}

/// What lies beside the plan: its file, what is wrong with it, and by what each part is bound.
#[derive(Serialize, JsonSchema)]
struct Binding<'a> {
    /// None where there is no file.
    file: Option<String>,
    problems: &'a [Problem],
    parts: Vec<Tie>,
}

fn as_json(plan: &Plan, bound: &Bound) -> String {
    let file = bound.path.as_ref().map(|p| p.display().to_string());
    let binding = Binding { file, problems: &bound.problems, parts: bound.ties(plan) };
    serde_json::to_string_pretty(&Reading { plan, binding }).expect("a reading is plain data")
}
