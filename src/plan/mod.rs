//! Reading a plan: Markdown text in, a typed [`Plan`] with problems out. Pure.
//!
//! The plan stays as the team wrote it. Small recognisers look at heading words, context and
//! shape; what none of them knows stays prose and is listed in [`Plan::unread`]. Nothing here
//! touches a file, a clock or a terminal; `cli` reads the bytes and hands them in.

mod commands;
mod config;
mod endpoints;
mod flags;
mod grow;
mod ident;
mod items;
mod limit;
mod limit_tables;
mod limits;
mod model;
mod mojibake;
mod ordinal;
mod outline;
mod owner;
mod phases;
mod procedures;
mod severity;
mod source;
mod topic;
mod tree;
mod vocabulary;
mod window;
mod words;

use std::collections::HashMap;

use sha2::{Digest, Sha256};

pub use model::*;
pub use source::lines;
pub use tree::{Group, Summary, groups, summary};

use outline::Outline;

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
    match grow::outline(&source.text) {
        Ok(outline) => fill(&mut plan, &outline),
        Err(too_much) => plan.problems.push(error(too_much.line(), too_much.to_string())),
    }
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
    let (flags, settings) = flags::flags(outline, &phases);
    plan.flags = flags;
    plan.thresholds = limits::limits(outline, &phases);
    for limit in &mut plan.thresholds {
        limit.procedure =
            procedures::called(&limit.text, &procedures.list).filter(|_| limit.role == Role::Rollback);
    }
    let owners = owner::Owners {
        outline,
        phases: &phases,
        procedures: procedures.scopes.clone(),
        signoffs: HashMap::new(),
        signers: HashMap::new(),
    };
    plan.items = items::items(outline, &owners);
    items::link(&mut plan.items, &plan.thresholds, &settings);
    plan.endpoints = endpoints::endpoints(outline);
    plan.procedures = procedures.list;
    plan.phases = phases.list;
}
