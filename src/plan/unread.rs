//! Which lines of a plan no recogniser took: kept as prose, shown in place, counted for the reader.

use std::collections::HashSet;

use super::Plan;
use super::items::is_field;
use super::outline::{Block, Kind, Outline, ScopeKind};
use super::phases::Phases;
use super::topic::{self, *};

/// Ranges of lines that stayed prose, first and last included.
pub(crate) fn unread(outline: &Outline, phases: &Phases, plan: &Plan) -> Vec<[usize; 2]> {
    let read = lines(plan);
    let mut taken: Vec<bool> = outline.blocks.iter().map(|b| taken(outline, phases, b, &read)).collect();
    tables(outline, &mut taken);
    below(outline, &mut taken);
    ranges(outline, &taken)
}

/// Every line that some part of the plan points at.
fn lines(plan: &Plan) -> Vec<bool> {
    let mut read: Vec<bool> = Vec::new();
    let mut mark = |first: usize, last: usize| {
        if read.len() <= last {
            read.resize(last + 1, false);
        }
        read[first..=last].fill(true);
    };
    let starts = (plan.items.iter().map(|x| x.line))
        .chain(plan.phases.iter().map(|x| x.line))
        .chain(plan.metrics.iter().map(|x| x.line))
        .chain(plan.flags.iter().flat_map(|f| f.stages.iter().map(|s| s.line).chain([f.line])))
        .chain(plan.thresholds.iter().map(|x| x.line))
        .chain(plan.rollback_points.iter().map(|x| x.line))
        .chain(plan.severities.iter().map(|x| x.line))
        .chain(plan.stages.iter().map(|x| x.line))
        .chain(plan.escalations.iter().map(|x| x.line))
        .chain(plan.scenarios.iter().map(|x| x.line))
        .chain(plan.channels.iter().map(|x| x.line))
        .chain(plan.triggers.iter().map(|x| x.line))
        .chain(plan.procedures.iter().flat_map(|p| p.steps.iter().map(|s| s.line).chain([p.line])))
        .chain(plan.endpoints.iter().map(|x| x.line))
        .chain(plan.log_watches.iter().map(|x| x.line))
        .chain(plan.contacts.iter().map(|x| x.line))
        .chain(plan.signoffs.iter().map(|x| x.line))
        .chain(plan.messages.iter().map(|x| x.line))
        .chain(plan.templates.iter().map(|x| x.line))
        .chain(plan.risks.iter().map(|x| x.line))
        .chain(plan.followups.iter().map(|x| x.line))
        .chain(plan.ramps.iter().flat_map(|r| r.rungs.iter().map(|r| r.line)));
    starts.for_each(|line| mark(line, line));
    for procedure in &plan.procedures {
        let commands = procedure.commands.iter().chain(procedure.steps.iter().flat_map(|s| &s.commands));
        commands.for_each(|c| mark(c.line, c.line + c.text.matches('\n').count()));
    }
    read
}

fn taken(outline: &Outline, phases: &Phases, block: &Block, read: &[bool]) -> bool {
    let pointed = (block.line..=block.last).any(|line| read.get(line).copied().unwrap_or(false));
    match &block.kind {
        Kind::Heading => true,
        // A title that says what the entries below it are.
        Kind::Paragraph if block.opens.is_some() => true,
        Kind::Item { task: None, .. }
            if outline.has_children(block) && block.rich.lead().is_some_and(|(_, rest)| rest.is_empty()) =>
        {
            true
        }
        _ => pointed || is_known_field(outline, phases, block) || is_sample(outline, block),
    }
}

/// "Duration: 2 days" below a phase, "Audience: all" below a message, the example list of a class.
fn is_known_field(outline: &Outline, phases: &Phases, block: &Block) -> bool {
    let Some((label, _)) = block.rich.label() else { return false };
    let phase = phases.scope_of(block.scope).is_some() && is_field(label);
    phase
        || outline.within(block.scope, COMMS.and(RISK).and(INCIDENT))
            && (is_field(label) || topic::classify(label).any(SYMPTOMS.and(ACTIONS).and(RECOVER)))
}

fn is_sample(outline: &Outline, block: &Block) -> bool {
    let fence = matches!(block.kind, Kind::Fence { .. });
    block.is_item() && outline.within(block.scope, SEVERITY)
        || (fence || block.quoted) && outline.within(block.scope, TEMPLATE)
}

/// A table of which a row was read was read as a whole.
fn tables(outline: &Outline, taken: &mut [bool]) {
    let table = |block: &Block| if let Kind::Row { table, .. } = block.kind { Some(table) } else { None };
    let read: HashSet<usize> = outline
        .blocks
        .iter()
        .zip(taken.iter())
        .filter(|(_, taken)| **taken)
        .filter_map(|(b, _)| table(b))
        .collect();
    for (block, taken) in outline.blocks.iter().zip(taken.iter_mut()) {
        *taken |= table(block).is_some_and(|t| read.contains(&t));
    }
}

/// What hangs below an entry that was read belongs to it, unless it is a phase's own list.
fn below(outline: &Outline, taken: &mut [bool]) {
    for at in 0..outline.blocks.len() {
        let block = &outline.blocks[at];
        let Some(scope) = block.opens.filter(|s| taken[at] && outline.scopes[*s].kind == ScopeKind::Item)
        else {
            continue;
        };
        let (first, end) = (outline.scopes[scope].first, outline.scopes[scope].end);
        if end > first && end - first <= 64 {
            taken[first..end].fill(true);
        }
    }
}

fn ranges(outline: &Outline, taken: &[bool]) -> Vec<[usize; 2]> {
    let mut out: Vec<[usize; 2]> = Vec::new();
    let mut joins = false;
    for (block, taken) in outline.blocks.iter().zip(taken) {
        if *taken {
            joins = false;
            continue;
        }
        match out.last_mut() {
            Some(last) if joins && block.line <= last[1] + 2 => last[1] = last[1].max(block.last),
            _ => out.push([block.line, block.last]),
        }
        joins = true;
    }
    out
}
