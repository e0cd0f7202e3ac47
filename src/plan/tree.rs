//! The plan as screens walk it: items grouped by their owner in the order of a launch, and the
//! counts of the opening sentence.

use std::collections::HashMap;
use std::fmt;

use super::{ItemKind, Owner, Phase, Plan, ProcedureKind};

/// The items of one owner.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Who answers for them.
    pub owner: Owner,
    /// What to call it.
    pub title: String,
    /// The line of its heading; for a synthetic phase the line of its first item.
    pub line: usize,
    /// 0 at the top, 1 for a sub-phase.
    pub depth: u8,
    /// Indices into [`Plan::items`], in the order of the document.
    pub items: Vec<usize>,
}

/// Every item of `plan` in exactly one group, groups in the order of a launch: Before, the phases
/// each followed by its sub-phases, Verification, After, Recurring, sign-offs, procedures.
///
/// A phase and a sign-off have a group even without items; the others only with some.
pub fn groups(plan: &Plan) -> Vec<Group> {
    let mut held: HashMap<&Owner, Vec<usize>> = HashMap::new();
    for (i, item) in plan.items.iter().enumerate() {
        held.entry(&item.owner).or_default().push(i);
    }
    let mut out = Vec::new();
    let mut add = |owner: Owner, title: &str, line: usize, depth: u8, always: bool| {
        let items = held.get(&owner).cloned().unwrap_or_default();
        if always || !items.is_empty() {
            let line = if line == 0 { items.first().map_or(0, |i| plan.items[*i].line) } else { line };
            out.push(Group { owner, title: title.to_owned(), line, depth, items });
        }
    };
    add(Owner::Before, "Before", 0, 0, false);
    for phase in in_order(&plan.phases) {
        add(Owner::Phase(phase.id.clone()), &phase.name, phase.line, u8::from(phase.parent.is_some()), true);
    }
    add(Owner::Verification, "Verification", 0, 0, false);
    add(Owner::After, "After", 0, 0, false);
    add(Owner::Recurring, "Recurring", 0, 0, false);
    for signoff in &plan.signoffs {
        add(Owner::SignOff(signoff.id.clone()), &signoff.role, signoff.line, 0, true);
    }
    for procedure in &plan.procedures {
        add(Owner::Procedure(procedure.id.clone()), &procedure.title, procedure.line, 0, false);
    }
    out
}

/// Phases in the order of the document, each followed by its parts.
fn in_order(phases: &[Phase]) -> Vec<&Phase> {
    let mut parts: HashMap<&str, Vec<&Phase>> = HashMap::new();
    for phase in phases {
        if let Some(parent) = &phase.parent {
            parts.entry(parent.as_str()).or_default().push(phase);
        }
    }
    let tops = phases.iter().filter(|p| p.parent.is_none());
    tops.flat_map(|top| std::iter::once(top).chain(parts.remove(top.id.as_str()).unwrap_or_default()))
        .collect()
}

/// The counts of the opening sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Top-level phases.
    pub phases: usize,
    /// Task list items.
    pub tasks: usize,
    /// Feature flags.
    pub flags: usize,
    /// Rollback procedures.
    pub ways_back: usize,
    /// Lines that stayed prose.
    pub unread: usize,
}

/// Counts what the opening sentence says.
pub fn summary(plan: &Plan) -> Summary {
    Summary {
        phases: plan.top_phases().count(),
        tasks: plan.items.iter().filter(|i| matches!(i.kind, ItemKind::Task | ItemKind::Table)).count(),
        flags: plan.flags.len(),
        ways_back: plan.procedures.iter().filter(|p| p.kind == ProcedureKind::Rollback).count(),
        unread: plan.unread.iter().map(|[first, last]| last - first + 1).sum(),
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        write!(
            f,
            "{}, {}, {}, {}, {} not understood",
            count(self.phases, "phase", "phases"),
            count(self.tasks, "task", "tasks"),
            count(self.flags, "flag", "flags"),
            count(self.ways_back, "way back", "ways back"),
            count(self.unread, "line", "lines"),
        )
    }
}
