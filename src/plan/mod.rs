//! Reading a plan: Markdown text in, a typed [`Plan`] with problems out. Pure.
//!
//! The plan stays as the team wrote it. Small recognisers look at heading words, context and
//! shape; what none of them knows stays prose and is listed in [`Plan::unread`]. Nothing here
//! touches a file, a clock or a terminal; `cli` reads the bytes and hands them in.

pub mod after;
pub mod aliases;
pub mod binding;
mod calls;
mod clause;
mod clock;
mod commands;
mod config;
pub mod correct;
pub mod diff;
#[cfg(test)]
mod documents;
pub mod draft;
mod endpoints;
mod facts;
mod flag_lines;
mod flag_tables;
mod flags;
mod follow;
mod followups;
mod grow;
mod hold;
mod ident;
mod incident;
mod inline;
#[cfg(test)]
mod inventory;
mod item_tables;
mod items;
mod judge;
mod limit;
mod limit_amount;
mod limit_compare;
mod limit_config;
mod limit_fences;
mod limit_query;
mod limit_tables;
mod limits;
mod lint;
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
mod phase_drawn;
#[cfg(test)]
mod phase_grammar;
mod phase_repeats;
mod phase_shapes;
mod phase_tables;
mod phase_titles;
mod phases;
mod place;
mod procedure_times;
mod procedure_titles;
mod procedures;
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
pub mod write_back;

use std::collections::HashMap;

use sha2::{Digest, Sha256};

pub use follow::{Homes, Moves, follow};
pub use model::*;
pub use source::lines;
pub use tree::{Group, Summary, groups, summary};

use binding::Binding;
use grow::TooMuch;
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
    read_with(bytes, stem, &Binding::default())
}

/// Reads a plan as [`read`] does, with what its `warroom.toml` corrects and how that wants limits judged.
///
/// The digest is of the bytes alone: a journal follows those, and everybody who reads it puts their
/// own binding beside them.
pub fn read_with(bytes: &[u8], stem: &str, binding: &Binding) -> Plan {
    read_within(bytes, stem, binding, &|| false)
}

/// The same, given up as soon as `late` says so: then the plan has its text and no parts, with an
/// error among its problems.
///
/// `late` is asked between the steps of a reading; who has a clock hands it in.
pub fn read_within(bytes: &[u8], stem: &str, binding: &Binding, late: &dyn Fn() -> bool) -> Plan {
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
    let text = source.text;
    let mut read = plan.clone();
    read.text.clone_from(&text);
    match parts(&mut read, &text, binding, &Patience(late)) {
        Ok(()) => plan = read,
        Err(too_much) => plan.problems.push(error(too_much.line(), too_much.to_string())),
    }
    plan.text = text;
    place::find(&mut plan.problems, &plan.text);
    plan
}

/// How long a reading may still go on.
struct Patience<'a>(&'a dyn Fn() -> bool);

impl Patience<'_> {
    /// Asked between two steps.
    fn lasts(&self) -> Result<(), TooMuch> {
        if (self.0)() { Err(TooMuch::Slow) } else { Ok(()) }
    }
}

fn parts(plan: &mut Plan, text: &str, binding: &Binding, patience: &Patience) -> Result<(), TooMuch> {
    patience.lasts()?;
    let outline = grow::outline(text)?;
    fill(plan, &outline, binding, patience)
}

fn error(line: usize, message: String) -> Problem {
    Problem::new(Level::Error, line, message, "shown as plain text; split the document")
}

fn fill(plan: &mut Plan, outline: &Outline, binding: &Binding, patience: &Patience) -> Result<(), TooMuch> {
    if let Some(title) = outline.title.as_ref().filter(|t| !t.trim().is_empty()) {
        title.trim().clone_into(&mut plan.title);
    }
    plan.problems.extend(outline.cut.map(long_text));
    patience.lasts()?;
    let phases = phases::phases(outline);
    patience.lasts()?;
    let procedures = procedures::procedures(outline, &phases);
    let signoffs = people::signoffs(outline, &phases);
    measured(plan, outline, &phases, &procedures, patience)?;
    let (flags, settings) = flags::flags(outline, &phases);
    plan.ramps = ramps::ramps(outline, &phases.list, &flags);
    plan.flags = flags;
    patience.lasts()?;
    people(plan, outline, &phases);
    patience.lasts()?;
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
    plan.facts = facts::facts(outline, &phases, plan);
    let idle = correct::correct(plan, &binding.corrections);
    plan.problems.extend(idle);
    plan.unread = unread::unread(outline, &phases, plan);
    patience.lasts()?;
    let found = lint::lint(outline, &phases, &procedures.scopes, plan);
    plan.problems.extend(found);
    let ruled = binding.apply(plan);
    plan.problems.extend(ruled);
    patience.lasts()
}

fn long_text(line: usize) -> Problem {
    let message = format!("more than {} bytes in one entry, line or row", inline::MAX_TEXT);
    Problem::new(Level::Note, line, message, "only the beginning is read; all of it is shown")
}

/// Limits, triggers and what is measured or watched.
fn measured(
    plan: &mut Plan,
    outline: &Outline,
    phases: &Phases,
    procedures: &Procedures,
    patience: &Patience,
) -> Result<(), TooMuch> {
    patience.lasts()?;
    plan.thresholds = limits::limits(outline, phases);
    let calls = calls::Calls::new(&procedures.list);
    for limit in plan.thresholds.iter_mut().filter(|t| t.role == Role::Rollback) {
        limit.procedure = calls.of(&limit.text);
    }
    patience.lasts()?;
    plan.metrics = metrics::metrics(outline, &plan.thresholds);
    plan.triggers = triggers::triggers(outline, procedures, &plan.thresholds);
    plan.rollback_points = triggers::points(outline, phases);
    plan.endpoints = endpoints::endpoints(outline);
    patience.lasts()?;
    plan.log_watches = logs::log_watches(outline);
    patience.lasts()
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
