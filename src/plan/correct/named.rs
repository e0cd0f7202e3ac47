//! Changing what has a name: flags, phases, procedures and metrics. Pure; called by `set`.

use super::super::{PhaseKind, Plan, ProcedureKind, window};
use super::Scope;
use super::set::{Given, Set, word};

pub(super) fn flags(plan: &mut Plan, set: &Set, scope: &Scope<'_>) -> Vec<&'static str> {
    let mut taken = vec![];
    let value = set.value.as_ref().and_then(Given::text);
    let mut renamed = vec![];
    for flag in &mut plan.flags {
        let (name, own) = (flag.name.clone(), scope.holds(flag.line, &[&flag.name]));
        if let Some(value) = &value {
            let stages = flag.stages.iter_mut().filter(|s| scope.holds(s.line, &[&name]));
            let changed = stages.map(|s| s.value.clone_from(value)).count();
            if own {
                flag.value = Some(value.clone());
            }
            if own || changed > 0 {
                taken.push("value");
            }
        }
        if let Some(new) = set.name.as_ref().filter(|_| own) {
            renamed.push((std::mem::replace(&mut flag.name, new.clone()), new.clone()));
            taken.push("name");
        }
    }
    for (old, new) in renamed {
        rename_flag(plan, &old, &new);
    }
    taken
}

fn rename_flag(plan: &mut Plan, old: &str, new: &str) {
    let ramps = plan.ramps.iter_mut().filter_map(|r| r.flag.as_mut());
    let items = plan.items.iter_mut().filter_map(|i| i.flag.as_mut()).map(|f| &mut f.name);
    ramps.chain(items).filter(|name| *name == old).for_each(|name| new.clone_into(name));
}

pub(super) fn phases(plan: &mut Plan, set: &Set, scope: &Scope<'_>) -> Vec<&'static str> {
    let mut taken = vec![];
    let kind = set.kind.as_deref().and_then(word::<PhaseKind>);
    for phase in plan.phases.iter_mut().filter(|p| scope.holds(p.line, &[&p.name])) {
        if let Some(kind) = kind {
            phase.kind = kind;
            taken.push("kind");
        }
        if let Some(text) = &set.window {
            let read = window::window(text);
            if read.is_some() || text.trim().is_empty() {
                phase.window = read;
                taken.push("window");
            }
        }
        if let Some(name) = &set.name {
            phase.name.clone_from(name);
            taken.push("name");
        }
    }
    taken
}

pub(super) fn procedures(plan: &mut Plan, set: &Set, scope: &Scope<'_>) -> Vec<&'static str> {
    let mut taken = vec![];
    let kind = set.kind.as_deref().and_then(word::<ProcedureKind>);
    for procedure in plan.procedures.iter_mut().filter(|p| scope.holds(p.line, &[&p.title])) {
        if let Some(kind) = kind {
            procedure.kind = kind;
            taken.push("kind");
        }
        if let Some(name) = &set.name {
            procedure.title.clone_from(name);
            taken.push("name");
        }
    }
    taken
}

pub(super) fn metrics(plan: &mut Plan, set: &Set, scope: &Scope<'_>) -> Vec<&'static str> {
    let mut taken = vec![];
    let Some(name) = &set.name else { return taken };
    for metric in plan.metrics.iter_mut().filter(|m| scope.holds(m.line, &[&m.name])) {
        let old = std::mem::replace(&mut metric.name, name.clone());
        metric.aliases.push(old);
        taken.push("name");
    }
    taken
}
