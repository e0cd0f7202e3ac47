//! Taking parts out of a reading, with every reference to them. Pure.

use super::super::{ItemKind, Owner, PhaseId, Plan, ProcedureId, ThresholdId};
use super::{Part, Scope};
use crate::plan::binding::normal;

/// Removes the parts of a scope, of one kind or of all; how many there were.
pub(super) fn remove(plan: &mut Plan, part: Option<Part>, scope: &Scope<'_>) -> usize {
    let wants = |kind: Part| part.is_none_or(|wanted| wanted == kind);
    let mut gone = 0;
    if wants(Part::Phase) {
        gone += phases(plan, scope);
    }
    if wants(Part::Procedure) {
        gone += procedures(plan, scope);
    }
    if wants(Part::Step) {
        gone += steps(plan, scope);
    }
    if wants(Part::Command) {
        gone += commands(plan, scope);
    }
    if wants(Part::Limit) {
        gone += limits(plan, scope);
    }
    if wants(Part::Flag) {
        gone += flags(plan, scope);
    }
    if wants(Part::Item) {
        gone += items(plan, scope);
    }
    gone + simple(plan, part, scope)
}

/// The parts nothing refers to.
fn simple(plan: &mut Plan, part: Option<Part>, scope: &Scope<'_>) -> usize {
    let mut gone = 0;
    macro_rules! without {
        ($($kind:ident $list:ident $($name:ident)?),+ $(,)?) => {$(
            if part.is_none_or(|wanted| wanted == Part::$kind) {
                let before = plan.$list.len();
                plan.$list.retain(|x| !scope.holds(x.line, &[$(&x.$name)?]));
                gone += before - plan.$list.len();
            }
        )+};
    }
    without! {
        Metric metrics name, Trigger triggers text, RollbackPoint rollback_points name,
        Endpoint endpoints path, Log log_watches pattern, Contact contacts role,
        Message messages text, Template templates title, Channel channels name, Risk risks title,
        Followup followups text, Incident severities level, Incident stages name,
        Incident escalations condition, Incident scenarios title,
    }
    if part.is_none_or(|wanted| wanted == Part::Rung) {
        for ramp in &mut plan.ramps {
            let before = ramp.rungs.len();
            ramp.rungs.retain(|r| !scope.holds(r.line, &[&r.unit]));
            gone += before - ramp.rungs.len();
        }
        plan.ramps.retain(|r| !r.rungs.is_empty());
    }
    if part.is_none_or(|wanted| wanted == Part::SignOff) {
        gone += signoffs(plan, scope);
    }
    gone
}

fn items(plan: &mut Plan, scope: &Scope<'_>) -> usize {
    let before = plan.items.len();
    plan.items.retain(|i| !scope.holds(i.line, &[&i.text]));
    let left: std::collections::HashSet<_> = plan.items.iter().map(|i| &i.id).collect();
    for signoff in &mut plan.signoffs {
        signoff.items.retain(|id| left.contains(id));
    }
    before - plan.items.len()
}

fn limits(plan: &mut Plan, scope: &Scope<'_>) -> usize {
    let meant = plan.thresholds.iter().filter(|t| scope.holds(t.line, &[&t.metric]));
    let ids: Vec<ThresholdId> = meant.map(|t| t.id.clone()).collect();
    drop_limits(plan, &ids);
    ids.len()
}

/// Removes limits by id, and the metrics that only they named.
pub(in crate::plan) fn drop_limits(plan: &mut Plan, ids: &[ThresholdId]) {
    let (gone, left): (Vec<_>, Vec<_>) =
        std::mem::take(&mut plan.thresholds).into_iter().partition(|t| ids.contains(&t.id));
    plan.thresholds = left;
    for item in &mut plan.items {
        item.threshold.take_if(|id| ids.contains(id));
    }
    let places: Vec<(String, usize)> = gone.iter().map(|t| (normal(&t.metric), t.line)).collect();
    settle_metrics(plan, &places);
}

/// After limits at these places went or were renamed: a metric moves to where it is still limited, and
/// goes where nothing else named it.
pub(super) fn settle_metrics(plan: &mut Plan, places: &[(String, usize)]) {
    let limits = &plan.thresholds;
    plan.metrics.retain_mut(|metric| {
        let names: Vec<String> =
            std::iter::once(&metric.name).chain(&metric.aliases).map(|n| normal(n)).collect();
        if !places.iter().any(|(name, line)| *line == metric.line && names.contains(name)) {
            return true;
        }
        let lines = limits.iter().filter(|t| names.contains(&normal(&t.metric))).map(|t| t.line);
        lines.min().is_some_and(|line| {
            metric.line = line;
            true
        })
    });
}

fn flags(plan: &mut Plan, scope: &Scope<'_>) -> usize {
    let before = plan.flags.len() + plan.flags.iter().map(|f| f.stages.len()).sum::<usize>();
    let gone: Vec<String> =
        plan.flags.iter().filter(|f| scope.holds(f.line, &[&f.name])).map(|f| f.name.clone()).collect();
    plan.flags.retain(|f| !gone.contains(&f.name));
    for flag in &mut plan.flags {
        let name = flag.name.clone();
        flag.stages.retain(|s| !scope.holds(s.line, &[&name]));
    }
    for ramp in &mut plan.ramps {
        ramp.flag.take_if(|flag| gone.contains(flag));
    }
    for item in &mut plan.items {
        item.flag.take_if(|f| gone.contains(&f.name));
    }
    before - plan.flags.len() - plan.flags.iter().map(|f| f.stages.len()).sum::<usize>()
}

fn phases(plan: &mut Plan, scope: &Scope<'_>) -> usize {
    let meant = plan.phases.iter().filter(|p| scope.holds(p.line, &[&p.name]));
    let gone: Vec<(PhaseId, Option<PhaseId>)> = meant.map(|p| (p.id.clone(), p.parent.clone())).collect();
    for (id, parent) in &gone {
        drop_phase(plan, id, parent.as_ref());
    }
    gone.len()
}

/// A heading that is no phase: its boxes go to the phase around it, else before the launch; bullets
/// that were entries only because it was one are none.
fn drop_phase(plan: &mut Plan, id: &PhaseId, parent: Option<&PhaseId>) {
    plan.phases.retain(|p| p.id != *id);
    for phase in plan.phases.iter_mut().filter(|p| p.parent.as_ref() == Some(id)) {
        phase.parent = parent.cloned();
    }
    let own = Owner::Phase(id.clone());
    plan.items.retain(|i| i.owner != own || parent.is_some() || i.kind != ItemKind::Action);
    for item in &mut plan.items {
        if item.owner == own {
            item.owner = parent.map_or(Owner::Before, |p| Owner::Phase(p.clone()));
        }
        elsewhere(&mut item.phase, id, parent);
    }
    plan.thresholds.iter_mut().for_each(|t| elsewhere(&mut t.phase, id, parent));
    plan.rollback_points.iter_mut().for_each(|p| elsewhere(&mut p.phase, id, parent));
    for flag in &mut plan.flags {
        elsewhere(&mut flag.phase, id, parent);
        flag.stages.retain(|s| s.phase != *id);
    }
}

fn elsewhere(phase: &mut Option<PhaseId>, gone: &PhaseId, parent: Option<&PhaseId>) {
    if phase.as_ref() == Some(gone) {
        *phase = parent.cloned();
    }
}

fn procedures(plan: &mut Plan, scope: &Scope<'_>) -> usize {
    let meant = plan.procedures.iter().filter(|p| scope.holds(p.line, &[&p.title]));
    let gone: Vec<ProcedureId> = meant.map(|p| p.id.clone()).collect();
    plan.procedures.retain(|p| !gone.contains(&p.id));
    for item in &mut plan.items {
        if matches!(&item.owner, Owner::Procedure(id) if gone.contains(id)) {
            item.owner = item.phase.clone().map_or(Owner::Before, Owner::Phase);
        }
    }
    plan.thresholds.iter_mut().for_each(|t| drop(t.procedure.take_if(|id| gone.contains(id))));
    plan.triggers.iter_mut().for_each(|t| drop(t.procedure.take_if(|id| gone.contains(id))));
    gone.len()
}

fn steps(plan: &mut Plan, scope: &Scope<'_>) -> usize {
    let mut gone = 0;
    for procedure in &mut plan.procedures {
        let before = procedure.steps.len();
        procedure.steps.retain(|s| !scope.holds(s.line, &[&s.text]));
        gone += before - procedure.steps.len();
    }
    gone
}

fn commands(plan: &mut Plan, scope: &Scope<'_>) -> usize {
    let mut gone = 0;
    for procedure in &mut plan.procedures {
        let lists = procedure
            .steps
            .iter_mut()
            .map(|s| &mut s.commands)
            .chain(std::iter::once(&mut procedure.commands));
        for list in lists {
            let before = list.len();
            list.retain(|c| !scope.holds(c.line, &[&c.text]));
            gone += before - list.len();
        }
    }
    gone
}

/// A line that nobody signs: its items go to the phase around them, else before the launch.
fn signoffs(plan: &mut Plan, scope: &Scope<'_>) -> usize {
    let meant = plan.signoffs.iter().filter(|s| scope.holds(s.line, &[&s.role]));
    let gone: Vec<_> = meant.map(|s| s.id.clone()).collect();
    plan.signoffs.retain(|s| !gone.contains(&s.id));
    for item in &mut plan.items {
        if matches!(&item.owner, Owner::SignOff(id) if gone.contains(id)) {
            item.owner = item.phase.clone().map_or(Owner::Before, Owner::Phase);
        }
    }
    gone.len()
}
