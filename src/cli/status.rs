//! `warroom status`: where a launch stands, for a person or as JSON.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::plan::{self, Item};
use crate::report::often;
use crate::room::{Due, Ended, ItemState, PhaseProgress, Room, Run, Standing, StepState};
use crate::text::clean;

/// The room as JSON: `{room, t0, gate, phases, items, signals, alerts, flags, runs, due}`; what is due
/// after the launch is as of `now`.
pub fn as_json(room: &Room, now: DateTime<Utc>) -> Value {
    let gate = room.current_phase().map(|p| (p, room.gate(p)));
    json!({
        "room": room.name,
        "environment": room.environment,
        "plan": { "title": room.plan.title, "digest": room.digest, "path": room.plan_path },
        "seq": room.seq,
        "t0": room.t0.as_ref().map(|t| json!({ "at": t.at, "zone": t.zone })),
        "gate": gate.map(|(p, g)| json!({ "phase": p.id, "verdict": g.verdict.as_str(), "reasons": g.reasons, "causes": super::gate::causes(&g) })),
        "polls": room.polls().iter().map(|p| super::gate::poll(room, p)).collect::<Vec<_>>(),
        "clock": super::gate::clock(room, chrono::Utc::now()),
        "courses": super::gate::courses(room, chrono::Utc::now()),
        "claims": room.claims().map(|(i, c)| json!({ "item": i.id, "text": i.text, "line": i.line, "why": c.why, "since": c.at })).collect::<Vec<_>>(),
        "phases": room.plan.phases.iter().map(|p| phase(room, p)).collect::<Vec<_>>(),
        "items": room.plan.items.iter().map(|i| item(room, i)).collect::<Vec<_>>(),
        "orphans": room.orphans().iter().map(|(id, s)| orphan(id, s)).collect::<Vec<_>>(),
        "signoffs": room.plan.signoffs.iter().map(|s| signoff(room, s)).collect::<Vec<_>>(),
        "signals": crate::signal::watched(&room.plan).iter().map(|w| json!({ "name": w.name, "state": "no-data" })).collect::<Vec<_>>(),
        "alerts": [],
        "flags": room.plan.flags.iter().map(|f| json!({ "name": f.name, "plan": f.value, "read": null })).collect::<Vec<_>>(),
        "runs": room.runs().iter().map(run).collect::<Vec<_>>(),
        "due": room.due(now).iter().map(due).collect::<Vec<_>>(),
    })
}

fn due(due: &Due) -> Value {
    json!({
        "text": due.text,
        "state": due.standing.word(),
        "when": due.when,
        "every": due.every.map(often),
        "from": due.span.map(|s| s.start),
        "to": due.span.and_then(|s| s.end),
        "item": due.item,
        "assignee": due.assignee,
        "by": due.said.as_ref().map(|(by, _)| by),
        "at": due.said.as_ref().map(|(_, at)| at),
        "line": due.line,
    })
}

fn run(run: &Run) -> Value {
    let ended =
        |ended: &Ended| json!({ "outcome": ended.outcome.as_str(), "at": ended.at, "end": ended.end });
    let step = |step: &StepState| json!({ "started": step.started, "ended": step.ended.as_ref().map(ended) });
    json!({
        "id": run.id,
        "procedure": run.procedure,
        "title": run.title,
        "by": run.by,
        "at": run.at,
        "next": run.next_step() + 1,
        "outcome": run.ended.as_ref().map(|e| e.outcome.as_str()),
        "steps": run.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn phase(room: &Room, phase: &plan::Phase) -> Value {
    let tally = room.phase_tally(&phase.id);
    let state = room.phase_state(&phase.id);
    let planned = room.planned(phase);
    json!({
        "id": phase.id,
        "name": phase.name,
        "parent": phase.parent,
        "state": state_word(&state.progress),
        "started": state.started,
        "done": tally.done,
        "all": tally.all,
        "blocked": tally.blocked,
        "start": planned.map(|s| s.start),
        "end": planned.and_then(|s| s.end),
    })
}

fn state_word(progress: &PhaseProgress) -> &'static str {
    match progress {
        PhaseProgress::Waiting => "waiting",
        PhaseProgress::Running => "running",
        PhaseProgress::Held { .. } => "held",
        PhaseProgress::Completed { .. } => "completed",
    }
}

fn item(room: &Room, item: &Item) -> Value {
    let state = room.item_state(&item.id);
    let set = state.and_then(|s| s.set.as_ref());
    json!({
        "id": item.id,
        "state": room.mark(item).as_str(),
        "by": set.map(|(by, _)| by),
        "at": set.map(|(_, at)| at),
        "text": item.text,
        "line": item.line,
        "owner": item.owner,
        "assignee": state.and_then(|s| s.assignee.as_ref()),
        "reason": state.and_then(|s| s.reason.as_ref()),
    })
}

/// What is kept of an item that left the plan.
fn orphan(id: &plan::ItemId, state: &ItemState) -> Value {
    json!({
        "id": id,
        "text": state.words(),
        "state": state.mark.unwrap_or_default().as_str(),
        "by": state.set.as_ref().map(|(by, _)| by),
        "at": state.set.as_ref().map(|(_, at)| at),
        "assignee": state.assignee,
        "reason": state.reason,
        "section": state.aside.as_ref().map(|a| a.path.trim_matches('\u{1e}').split('\u{1e}').collect::<Vec<_>>()),
        "since": state.aside.as_ref().map(|a| a.since),
    })
}

fn signoff(room: &Room, line: &plan::SignOff) -> Value {
    let signature = room.signature(&line.id);
    json!({
        "id": line.id,
        "role": line.role,
        "decision": signature.map(|s| s.decision),
        "by": signature.map(|s| &s.by),
        "at": signature.map(|s| s.at),
        "signed": signature.map(|s| s.signed),
        "stale": signature.map(|s| room.stale(s)),
        "seal": signature.map(|s| &s.seal),
        "counts": room.signoff_gap(line).is_none(),
        "why": room.signoff_gap(line),
        "exceptions": signature.and_then(|s| s.exceptions.as_ref()),
        "changed": signature.map(|s| room.changed_since(s)).unwrap_or_default(),
    })
}

/// The room for a person, as of `now`.
pub fn told(room: &Room, now: DateTime<Utc>) -> String {
    let mut text = String::new();
    let _ =
        writeln!(text, "{}  {}  {}", clean(&room.name), clean(&room.environment), clean(&room.plan.title));
    match &room.t0 {
        Some(t0) => {
            let local = t0.at.with_timezone(&t0.tz()).format("%Y-%m-%d %H:%M");
            let _ = writeln!(text, "T0 {local} {}", clean(&t0.zone));
        }
        None => text.push_str("T0 not set\n"),
    }
    if let Some(phase) = room.current_phase() {
        let gate = room.gate(phase);
        let reasons = gate.reasons.join(", ");
        let _ =
            writeln!(text, "gate {} for {}  {}", gate.verdict.as_str(), clean(&phase.name), clean(&reasons));
    }
    text.push('\n');
    for group in plan::groups(&room.plan) {
        let tally = room.tally(group.items.iter().map(|i| &room.plan.items[*i]));
        let indent = "  ".repeat(usize::from(group.depth));
        let blocked = if tally.blocked > 0 { format!("  {} blocked", tally.blocked) } else { String::new() };
        let _ = writeln!(text, "{:>4}/{:<4} {indent}{}{blocked}", tally.done, tally.all, clean(&group.title));
    }
    let all = room.tally(room.plan.items.iter());
    let _ = writeln!(text, "{:>4}/{:<4} in all", all.done, all.all);
    for (_, state) in room.orphans() {
        let mark = state.mark.unwrap_or_default().as_str();
        let who = state
            .set
            .as_ref()
            .map(|(by, at)| format!(" by {} at {}", clean(by), at.format("%Y-%m-%d %H:%M UTC")));
        let who = who.unwrap_or_default();
        let _ = writeln!(text, "no longer in the plan: {mark}{who}  {}", clean(state.words()));
    }
    text += &after(room, now);
    text
}

/// What is due once the launch is over: all that is due or late now, then the next that will be.
fn after(room: &Room, now: DateTime<Utc>) -> String {
    let (all, zone) = (room.due(now), room.zone());
    if room.launched().is_none() || all.is_empty() {
        return String::new();
    }
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).format("%Y-%m-%d").to_string();
    let mut text = "\nafter the launch\n".to_owned();
    let now_due: Vec<_> = all.iter().filter(|d| d.standing.is_open()).collect();
    for due in &now_due {
        let until = due.span.and_then(|s| s.end).map(|end| match due.standing {
            Standing::Overdue => format!("since {}", day(end)),
            _ => format!("until {}", day(end - chrono::TimeDelta::seconds(1))),
        });
        let often = due.every.map(often).map(|every| format!(", {every}")).unwrap_or_default();
        let until = until.unwrap_or_default();
        let _ = writeln!(text, "{:<8} {until:<17} {}{often}", due.standing.word(), clean(&due.text));
    }
    if now_due.is_empty() {
        text += "nothing is due now\n";
    }
    let ahead = all.iter().filter(|d| d.standing == Standing::Ahead);
    if let Some((next, from)) = ahead.filter_map(|d| Some((d, d.span?.start))).min_by_key(|(_, at)| *at) {
        let _ = writeln!(text, "{:<8} {:<17} {}", "next", format!("on {}", day(from)), clean(&next.text));
    }
    text
}
