//! What a rehearsal found out, taken from its room for the report.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::levers::resolve::{self, Proof, World};
use crate::plan::binding::Binding;
use crate::plan::{Procedure, ProcedureKind, Role, Threshold};
use crate::report::{
    CommandFound, Fired, FlagMoved, Rehearsal, StepDone, Ticked, TriggerFound, WayBack, rehearsal,
};
use crate::room::{Mark, Outcome, Room, Run};
use crate::signal::{bare_side, number};

/// The report as Markdown.
pub(super) fn report(room: &Room, binding: &Binding, now: DateTime<Utc>, speed: f64) -> String {
    let plan = &room.plan;
    let started = room.recent.front().map_or(now, |entry| entry.at);
    rehearsal(&Rehearsal {
        title: plan.title.clone(),
        digest: plan.digest.clone(),
        started: room.opened.unwrap_or(started),
        ended: now,
        zone: room.t0.as_ref().map_or(chrono_tz::Tz::UTC, crate::room::T0::tz),
        speed,
        triggers: triggers(room),
        commands: commands(room, binding),
        ways: plan
            .procedures
            .iter()
            .filter(|p| p.kind == ProcedureKind::Rollback)
            .map(|p| way(room, p))
            .collect(),
        flags: flags(room),
        ticks: ticks(room),
    })
}

fn triggers(room: &Room) -> Vec<TriggerFound> {
    let calls = |t: &&Threshold| matches!(t.role, Role::Alert | Role::Rollback);
    let limits = room.plan.thresholds.iter().filter(calls).map(|limit| {
        let alerts = room.alerts();
        let alert = alerts.iter().find(|a| a.rule == limit.id);
        let unit = limit.unit.as_deref().unwrap_or_default();
        let evidence = |value: Option<f64>| {
            let value = value.map(|v| (v * 100.0).round() / 100.0);
            value.map(|v| format!("{} {unit}", number(crate::plan::Value::One(v)))).unwrap_or_default()
        };
        TriggerFound {
            name: limit.metric.clone(),
            limit: bare_side(limit),
            line: limit.line,
            fired: alert.map(|a| Fired { at: a.first, evidence: evidence(a.value) }),
        }
    });
    let sentences = room.plan.triggers.iter().map(|trigger| TriggerFound {
        name: trigger.text.clone(),
        limit: String::new(),
        line: trigger.line,
        fired: None,
    });
    limits.chain(sentences).collect()
}

fn commands(room: &Room, binding: &Binding) -> Vec<CommandFound> {
    let path: Vec<PathBuf> =
        std::env::var_os("PATH").map(|p| std::env::split_paths(&p).collect()).unwrap_or_default();
    let (blanks, base_url) = (&binding.blanks, binding.room.base_url.as_str());
    let world = World { path: &path, is_set: &|name| std::env::var_os(name).is_some(), blanks, base_url };
    let found = resolve::resolve(&room.plan, &world).into_iter();
    let told = |r: resolve::Resolution| CommandFound {
        problems: r.told(Proof::Refuted),
        open: r.told(Proof::Open),
        procedure: r.title,
        text: r.command,
        line: r.line,
    };
    found.map(told).collect()
}

fn way(room: &Room, procedure: &Procedure) -> WayBack {
    let run = room.runs().iter().rev().find(|r| r.procedure == procedure.id);
    let steps = procedure.in_order();
    let step = |(at, step): (usize, &crate::plan::Step)| {
        let (done, how) = how(run, at);
        StepDone { text: step.text.clone(), done, how }
    };
    WayBack {
        title: procedure.title.clone(),
        line: procedure.line,
        promised: procedure.target,
        steps: steps.iter().enumerate().map(step).collect(),
        started: run.map(|r| r.at),
        ended: run.and_then(|r| r.ended.as_ref()).map(|e| e.at),
    }
}

fn how(run: Option<&Run>, step: usize) -> (bool, String) {
    let state = run.map(|r| r.step(step)).unwrap_or_default();
    match (state.ended, state.started) {
        (Some(ended), _) => {
            let words =
                if ended.detail.is_empty() { ended.outcome.as_str().to_owned() } else { ended.detail };
            (ended.outcome == Outcome::Done, words)
        }
        (None, Some(_)) => (false, "started, without an end".to_owned()),
        (None, None) => (false, "not begun".to_owned()),
    }
}

fn flags(room: &Room) -> Vec<FlagMoved> {
    let moved = room.changes().iter().map(|change| FlagMoved {
        at: change.at,
        flag: change.flag.clone(),
        from: change.from.clone().unwrap_or_default(),
        to: change.to.clone(),
        outcome: match &change.ended {
            Some(ended) => format!("{}: {}", ended.outcome.as_str(), ended.detail),
            None => "unknown: it has no end".to_owned(),
        },
    });
    moved.collect()
}

fn ticks(room: &Room) -> Vec<Ticked> {
    let done = room.plan.items.iter().filter(|i| room.mark(i) == Mark::Done);
    let ticked = done.filter_map(|item| {
        let (by, at) = room.item_state(&item.id)?.set.clone()?;
        Some(Ticked { at, by, text: item.text.clone(), line: item.line })
    });
    ticked.collect()
}
