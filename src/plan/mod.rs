//! Reading a plan: Markdown text in, a typed [`Plan`] with problems out. Pure.
//!
//! The plan stays as the team wrote it. Small recognisers look at heading words, context and
//! shape; what none of them knows stays prose and is listed in [`Plan::unread`]. Nothing here
//! touches a file, a clock or a terminal; `cli` reads the bytes and hands them in.

pub mod binding;
mod clause;
mod clock;
mod commands;
mod config;
#[cfg(test)]
mod documents;
mod endpoints;
mod flag_lines;
mod flags;
mod followups;
mod grow;
mod hold;
mod ident;
mod incident;
mod inline;
mod items;
mod judge;
mod limit;
mod limit_compare;
mod limit_config;
mod limit_tables;
mod limits;
mod lint;
mod lint_commands;
mod lint_limits;
mod lint_times;
mod logs;
mod messages;
mod metrics;
mod model;
mod mojibake;
mod ordinal;
mod outline;
mod owner;
mod people;
mod phase_shapes;
mod phase_titles;
mod phases;
mod procedures;
#[cfg(test)]
mod properties;
mod ramps;
mod risks;
mod severity;
#[cfg(test)]
mod shapes;
mod source;
mod span;
pub mod spoken;
mod steps;
mod streak;
mod tables;
mod templates;
mod topic;
mod tree;
mod triggers;
mod unread;
mod vocabulary;
mod window;
mod words;

use std::collections::HashMap;

use sha2::{Digest, Sha256};

pub use model::*;
pub use source::lines;
pub use tree::{Group, Summary, groups, summary};

use outline::Outline;
use phases::Phases;
use procedures::Procedures;

/// The largest plan that is read, in bytes; a longer one is shown as plain text.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Reads a plan from the raw bytes of its file; `stem` is the file's stem, the title of last resort.
///
/// Total: any bytes give a plan. A document that is too large or nests too deep comes back without
/// parts, with an error among its problems.
///
/// ```
/// let plan = warroom::plan::read(b"# Launch\n\n## Phase 1: Canary (Day 1)\n- [ ] Deploy\n", "launch");
/// assert_eq!((plan.phases.len(), plan.items.len()), (1, 1));
/// ```
pub fn read(bytes: &[u8], stem: &str) -> Plan {
    let digest = format!("sha256:{}", ident::hex(&Sha256::digest(bytes)));
    let mut plan = Plan { schema: SCHEMA.to_owned(), title: stem.to_owned(), digest, ..Plan::default() };
    if bytes.len() > MAX_BYTES {
        plan.problems
            .push(error(0, format!("the plan has {} bytes; at most {MAX_BYTES} are read", bytes.len())));
        return plan;
    }
    let source = source::decode(bytes);
    plan.problems = source.problems;
    plan.lossy = source.lossy;
    match grow::outline(&source.text) {
        Ok(outline) => fill(&mut plan, &outline),
        Err(too_much) => plan.problems.push(error(too_much.line(), too_much.to_string())),
    }
    plan.text = source.text;
    plan
}

fn error(line: usize, message: String) -> Problem {
    Problem {
        level: Level::Error,
        line,
        message,
        hint: Some("shown as plain text; split the document".to_owned()),
    }
}

fn fill(plan: &mut Plan, outline: &Outline) {
    if let Some(title) = outline.title.as_ref().filter(|t| !t.trim().is_empty()) {
        title.trim().clone_into(&mut plan.title);
    }
    let phases = phases::phases(outline);
    let procedures = procedures::procedures(outline, &phases);
    let signoffs = people::signoffs(outline, &phases);
    measured(plan, outline, &phases, &procedures);
    let (flags, settings) = flags::flags(outline, &phases);
    plan.ramps = ramps::ramps(outline, &phases.list, &flags);
    plan.flags = flags;
    people(plan, outline, &phases);
    let owners = owner::Owners {
        outline,
        phases: &phases,
        procedures: &procedures.scopes,
        signoffs: &signoffs.scopes,
        signers: &signoffs.lines,
    };
    plan.items = items::items(outline, &owners);
    items::link(&mut plan.items, &plan.thresholds, &settings);
    plan.signoffs = with_items(signoffs.list, &plan.items);
    plan.phases.clone_from(&phases.list);
    plan.procedures = procedures.list;
    plan.unread = unread::unread(outline, &phases, plan);
    let found = lint::lint(outline, &phases, &procedures.scopes, plan);
    plan.problems.extend(found);
}

/// Limits, triggers and what is measured or watched.
fn measured(plan: &mut Plan, outline: &Outline, phases: &Phases, procedures: &Procedures) {
    plan.thresholds = limits::limits(outline, phases);
    let calls = procedures::Calls::new(&procedures.list);
    for limit in plan.thresholds.iter_mut().filter(|t| t.role == Role::Rollback) {
        limit.procedure = calls.of(&limit.text);
    }
    plan.metrics = metrics::metrics(outline, &plan.thresholds);
    plan.triggers = triggers::triggers(outline, procedures, &plan.thresholds);
    plan.rollback_points = triggers::points(outline, phases);
    plan.endpoints = endpoints::endpoints(outline);
    plan.log_watches = logs::log_watches(outline);
}

/// Who is told, called and asked, and what is feared.
fn people(plan: &mut Plan, outline: &Outline, phases: &Phases) {
    plan.contacts = people::contacts(outline);
    plan.messages = messages::messages(outline);
    plan.channels = messages::channels(outline);
    plan.templates = templates::templates(outline);
    plan.risks = risks::risks(outline);
    plan.followups = followups::followups(outline, phases);
    plan.severities = incident::severities(outline);
    plan.stages = incident::stages(outline);
    plan.escalations = incident::escalations(outline);
    plan.scenarios = incident::scenarios(outline);
}

fn with_items(mut signoffs: Vec<SignOff>, items: &[Item]) -> Vec<SignOff> {
    let mut held: HashMap<&SignOffId, Vec<ItemId>> = HashMap::new();
    for item in items {
        if let Owner::SignOff(id) = &item.owner {
            held.entry(id).or_default().push(item.id.clone());
        }
    }
    for signoff in &mut signoffs {
        signoff.items = held.remove(&signoff.id).unwrap_or_default();
    }
    signoffs
}
