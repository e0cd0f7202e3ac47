//! `warroom gate`: what a phase's gate says, for a pipeline that goes on or stops by the exit code.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::args::Place;
use super::failure::Failure;
use super::{desk, pick, print};
use crate::plan::Phase;
use crate::room::{Cause, Count, Gate, Poll, Room, Verdict};
use crate::text::clean;

/// A gate to ask.
#[derive(Clone, Debug, clap::Args)]
pub struct Gating {
    #[command(flatten)]
    pub place: Place,
    /// The phase: its name, a part of it, its number, or :LINE; without it the one in view.
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// Says GO, NO-GO or INCONCLUSIVE with the reasons; 0, 10 or 11 comes back.
///
/// # Errors
/// There is no room or no such phase, or the journal is not what it was.
pub fn run(gating: &Gating) -> Result<u8, Failure> {
    let mut desk = desk::look(&gating.place)?;
    desk.sound()?;
    desk.look_who_watches()?;
    let phase = pick::phase(&desk.room, gating.phase.as_deref())?;
    let gate = desk.room.gate(phase);
    if gating.json {
        print::json(&whole(&desk.room, phase, &gate).to_string())?;
    } else {
        print::text(&told(phase, &gate))?;
    }
    Ok(match gate.verdict {
        Verdict::Go => 0,
        Verdict::NoGo => 10,
        Verdict::Inconclusive => 11,
    })
}

fn told(phase: &Phase, gate: &Gate) -> String {
    let mut text = format!("{}  {}\n", gate.verdict.as_str(), clean(&phase.name));
    for cause in &gate.causes {
        let line = cause.line.map(|l| format!(" (line {l})")).unwrap_or_default();
        let line = if cause.words.contains("(line ") { String::new() } else { line };
        let word = if cause.shuts { "NO-GO" } else { "doubt" };
        let _ = writeln!(text, "  {word}  {}{line}", clean(&cause.words));
    }
    text
}

fn whole(room: &Room, phase: &Phase, gate: &Gate) -> Value {
    let evidence = room.evidence(phase);
    json!({
        "room": room.name,
        "seq": room.seq,
        "phase": { "id": phase.id, "name": phase.name },
        "verdict": gate.verdict.as_str(),
        "reasons": gate.reasons,
        "causes": causes(gate),
        "poll": room.poll(&phase.id).map(|p| poll(room, p)),
        "evidence": { "digest": evidence.digest(), "plan": evidence.plan, "seen": evidence.seen },
    })
}

/// The causes of a gate.
pub fn causes(gate: &Gate) -> Value {
    let one = |c: &Cause| {
        json!({
            "kind": c.kind.as_str(),
            "shuts": c.shuts,
            "subject": c.subject,
            "line": c.line,
            "words": c.words,
        })
    };
    gate.causes.iter().map(one).collect()
}

/// A poll with its roles, and whose turn it is.
pub fn poll(room: &Room, poll: &Poll) -> Value {
    let evidence = room.evidence_of(poll);
    let open = poll.closed.is_none();
    let roles = poll.chairs.iter().map(|chair| {
        let cast = chair.cast.as_ref();
        json!({
            "id": chair.seat.id,
            "role": chair.seat.role,
            "people": chair.seat.people,
            "vote": cast.map(|c| c.vote),
            "lapsed": open && chair.stance(&evidence) == crate::room::Stance::Lapsed,
            "reason": cast.and_then(|c| c.reason.as_ref()),
            "by": cast.map(|c| &c.by),
            "at": cast.map(|c| c.at),
        })
    });
    json!({
        "id": poll.id,
        "phase": poll.phase,
        "name": poll.name,
        "by": poll.by,
        "at": poll.at,
        "roles": roles.collect::<Vec<_>>(),
        "turn": poll.turn(&evidence).filter(|_| open).map(|c| &c.seat.role),
        "result": poll.closed.as_ref().map(|c| c.result.as_str()),
        "why": poll.closed.as_ref().map(|c| &c.why),
        "closed": poll.closed.as_ref().map(|c| c.at),
    })
}

/// What T shows, in seconds from the launch instant; null without one.
pub fn clock(room: &Room, now: DateTime<Utc>) -> Value {
    let Some(count) = room.count(now) else { return Value::Null };
    let held = match &count {
        Count::Runs(_) => None,
        Count::Held { since, until, pause, .. } => {
            Some(json!({ "since": since, "until": until, "reason": pause.reason, "planned": pause.planned }))
        }
    };
    let ahead = room.holds_ahead(now).map(
        |p| json!({ "t": p.at.num_seconds(), "lasts": p.lasts.map(|l| l.num_seconds()), "reason": p.reason }),
    );
    json!({ "t": count.t().num_seconds(), "held": held, "ahead": ahead.collect::<Vec<_>>() })
}

/// How each phase goes against its plan.
pub fn courses(room: &Room, now: DateTime<Utc>) -> Value {
    let courses = room.courses(now).into_iter().map(|c| {
        json!({
            "phase": c.phase,
            "planned": c.planned.map(|s| json!({ "start": s.start, "end": s.end })),
            "began": c.began,
            "ended": c.ended,
            "begins": c.begins,
            "ends": c.ends,
            "late": c.late().map(|late| late.num_seconds()),
        })
    });
    courses.collect()
}
