//! From a ledger to an account: every part of a report, worked out once.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::account::*;
use super::chart::{self, Measure};
use super::ledger::{Episode, Ledger};
use super::{decisions, messages, runs, summary, unknown};
use crate::plan::after::Every;
use crate::plan::{self, Item, ItemKind, Phase};
use crate::room::{Due, ItemState, Mark, Note, PhaseProgress, Room, Subject};

/// The environment of a rehearsal.
const REHEARSAL: &str = "rehearsal";

impl Account {
    /// The account of a journal that was read to its end, as of `now`. Times are told in the zone of
    /// T0, else in `zone`; `measure` is asked for what was measured around an alert.
    pub fn of(ledger: &mut Ledger<'_>, now: DateTime<Utc>, zone: Tz, measure: &mut Measure<'_>) -> Self {
        ledger.catch_up();
        let (ledger, room) = (&*ledger, &ledger.room);
        let zone = room.t0.as_ref().map_or(zone, crate::room::T0::tz);
        let mut account = Self {
            schema: SCHEMA.to_owned(),
            title: title(room),
            room: room.name.clone(),
            environment: room.environment.clone(),
            rehearsal: room.environment == REHEARSAL,
            plan: room.plan_path.clone(),
            digest: room.digest.clone(),
            editions: ledger.editions.clone(),
            made: now,
            zone: zone.to_string(),
            opened: room.opened,
            last: ledger.last,
            events: room.seq,
            t0: room.t0.as_ref().map(|t| t.at),
            t0_set: ledger.t0s.clone(),
            summary: Summary::default(),
            phases: phases(ledger),
            gates: gates(ledger),
            polls: decisions::polls(ledger),
            clock: decisions::clock(ledger, now),
            claims: ledger.kept.claims.iter().map(|(_, c)| c.clone()).collect(),
            signoffs: room.plan.signoffs.iter().map(|s| decisions::signoff(ledger, s)).collect(),
            signers: ledger.kept.signers.clone(),
            alerts: alerts(ledger, measure),
            alerts_left_out: ledger.alerts_left_out,
            blind: ledger.blind.iter().map(|(_, b)| b.clone()).collect(),
            conditions: ledger.conditions.iter().map(|(_, c)| c.clone()).collect(),
            flags: runs::flags(ledger),
            runs: room.runs().iter().map(|r| runs::run(ledger, r)).collect(),
            proposals: decisions::proposals(ledger, now),
            resolved: ledger.kept.resolved.clone(),
            overrides: ledger.overrides.clone(),
            silences: ledger.silences.iter().map(|(_, s)| s.clone()).collect(),
            baselines: ledger.baselines.clone(),
            checklists: checklists(room),
            orphans: room.orphans().iter().map(|(id, s)| orphan(room, id, s)).collect(),
            messages: messages::messages(room),
            due: room.due(now).iter().map(due).collect(),
            notes: room.notes.iter().filter_map(|n| note(room, n)).collect(),
            story: ledger.told().cloned().collect(),
            story_left_out: ledger.left_out,
            unknown: vec![],
        };
        account.unknown = unknown::unknown(&account, ledger);
        account.summary = summary::summary(&account);
        account
    }

    /// The zone that its times are told in.
    pub fn tz(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }
}

fn title(room: &Room) -> String {
    if room.plan.title.is_empty() { room.name.clone() } else { room.plan.title.clone() }
}

fn phases(ledger: &Ledger<'_>) -> Vec<PhaseTold> {
    let room = &ledger.room;
    room.plan.phases.iter().map(|p| phase(ledger, p)).collect()
}

fn phase(ledger: &Ledger<'_>, phase: &Phase) -> PhaseTold {
    let room = &ledger.room;
    let (state, planned, tally) =
        (room.phase_state(&phase.id), room.planned(phase), room.phase_tally(&phase.id));
    let ended = match state.progress {
        PhaseProgress::Completed { at } => Some(at),
        _ => None,
    };
    let late = |actual: Option<DateTime<Utc>>, planned: Option<DateTime<Utc>>| {
        Some((actual? - planned?).num_seconds())
    };
    let (start, end) = (planned.map(|s| s.start), planned.and_then(|s| s.end));
    PhaseTold {
        id: phase.id.to_string(),
        name: phase.name.clone(),
        depth: u8::from(phase.parent.is_some()),
        state: state_word(&state.progress).to_owned(),
        planned_start: start,
        planned_end: end,
        started: state.started,
        ended,
        seconds: late(ended, state.started),
        start_slip: late(state.started, start),
        end_slip: late(ended, end),
        holds: ledger.holds.get(&phase.id).cloned().unwrap_or_default(),
        done: tally.done,
        all: tally.all,
    }
}

fn state_word(progress: &PhaseProgress) -> &'static str {
    match progress {
        PhaseProgress::Waiting => "waiting",
        PhaseProgress::Running => "running",
        PhaseProgress::Held { .. } => "held",
        PhaseProgress::Completed { .. } => "completed",
    }
}

/// Gates that were passed, then the one in view.
fn gates(ledger: &Ledger<'_>) -> Vec<GateTold> {
    let room = &ledger.room;
    let open = |p: &&Phase| !matches!(room.phase_state(&p.id).progress, PhaseProgress::Completed { .. });
    let ahead = room.current_phase().filter(open).map(|phase| {
        let gate = room.gate(phase);
        GateTold {
            phase: phase.name.clone(),
            at: None,
            by: None,
            verdict: gate.verdict.as_str().to_owned(),
            reasons: gate.reasons,
            overridden: None,
        }
    });
    ledger.gates.iter().cloned().chain(ahead).collect()
}

fn alerts(ledger: &Ledger<'_>, measure: &mut Measure<'_>) -> Vec<AlertTold> {
    let charted = chart::worth(&ledger.alerts);
    let all = ledger.alerts.iter().enumerate();
    all.map(|(at, alert)| {
        let chart = if charted.contains(&at) { chart::around(ledger, alert, measure) } else { None };
        told(ledger, alert, chart)
    })
    .collect()
}

fn told(ledger: &Ledger<'_>, alert: &Episode, chart: Option<Chart>) -> AlertTold {
    let (ended, end) = match alert.ended {
        Some((at, how)) => (Some(at), how),
        None if ledger.room.fires(&alert.rule).is_some() => (None, "still fires"),
        None => (ledger.editions.last().map(|e| e.at), "its limit is no more in the plan"),
    };
    let until = ended.or(ledger.last).unwrap_or(alert.at);
    AlertTold {
        signal: alert.signal.clone(),
        limit: alert.limit.clone(),
        rank: alert.rank.word().to_owned(),
        line: alert.line,
        value: alert.value,
        at: alert.at,
        ended,
        end: end.to_owned(),
        seconds: (until - alert.at).max(TimeDelta::zero()).num_seconds(),
        acknowledged: alert.acknowledged.clone(),
        chart,
    }
}

fn checklists(room: &Room) -> Vec<Checklist> {
    let groups = plan::groups(&room.plan).into_iter().filter(|g| !g.items.is_empty());
    groups
        .map(|group| {
            let items = || group.items.iter().map(|i| &room.plan.items[*i]);
            let tally = room.tally(items());
            Checklist {
                title: group.title,
                depth: group.depth,
                done: tally.done,
                all: tally.all,
                items: items().map(|i| item(room, i)).collect(),
            }
        })
        .collect()
}

fn item(room: &Room, item: &Item) -> ItemTold {
    let state = room.item_state(&item.id);
    let kind = match item.kind {
        ItemKind::Task => "task",
        ItemKind::Table => "table",
        ItemKind::Action => "action",
        ItemKind::Criterion => "criterion",
    };
    ItemTold {
        text: item.text.clone(),
        state: room.mark(item).as_str().to_owned(),
        kind: kind.to_owned(),
        line: item.line,
        ..filled(room, &item.id, state)
    }
}

fn orphan(room: &Room, id: &plan::ItemId, state: &ItemState) -> ItemTold {
    let mark = state.mark.unwrap_or(Mark::Open);
    ItemTold {
        text: state.words().to_owned(),
        state: mark.as_str().to_owned(),
        ..filled(room, id, Some(state))
    }
}

fn filled(room: &Room, id: &plan::ItemId, state: Option<&ItemState>) -> ItemTold {
    let set = state.and_then(|s| s.set.clone());
    let mine = room.notes.iter().filter(|n| n.on == Subject::Item(id.clone()));
    ItemTold {
        id: id.to_string(),
        text: String::new(),
        state: String::new(),
        by: set.as_ref().map(|(by, _)| by.clone()),
        at: set.map(|(_, at)| at),
        reason: state.and_then(|s| s.reason.clone()),
        assignee: state.and_then(|s| s.assignee.clone()),
        evidence: state.map(|s| s.evidence.iter().map(|r| remark(r, None)).collect()).unwrap_or_default(),
        notes: mine.map(|n| remark(&n.remark, None)).collect(),
        kind: String::new(),
        line: 0,
    }
}

fn remark(remark: &crate::room::Remark, on: Option<String>) -> Remark {
    Remark { by: remark.by.clone(), at: remark.at, on, text: remark.text.clone() }
}

/// Notes on items stand beside them.
fn note(room: &Room, note: &Note) -> Option<Remark> {
    match &note.on {
        Subject::Room => Some(remark(&note.remark, None)),
        Subject::Phase(id) => {
            let name = room.plan.phase(id).map_or_else(|| id.to_string(), |p| p.name.clone());
            Some(remark(&note.remark, Some(name)))
        }
        Subject::Item(id) if room.plan.item(id).is_none() => Some(remark(&note.remark, None)),
        Subject::Item(_) => None,
    }
}

fn due(due: &Due) -> DueTold {
    DueTold {
        text: due.text.clone(),
        when: due.when.clone(),
        every: due.every.map(often),
        from: due.span.map(|s| s.start),
        to: due.span.and_then(|s| s.end),
        state: due.standing.word().to_owned(),
        item: due.item.as_ref().map(|id| id.to_string()),
        by: due.said.as_ref().map(|(by, _)| by.clone()),
        assignee: due.assignee.clone(),
        line: due.line,
    }
}

/// "every day", "every 2 weeks".
pub fn often(every: Every) -> String {
    let of = |n: u32, one: &str, many: &str| match n {
        1 => format!("every {one}"),
        n => format!("every {n} {many}"),
    };
    match every {
        Every::Seconds(s) if s % 3_600 == 0 => of(s / 3_600, "hour", "hours"),
        Every::Seconds(s) => of(s / 60, "minute", "minutes"),
        Every::Days(d) if d % 7 == 0 => of(d / 7, "week", "weeks"),
        Every::Days(d) => of(d, "day", "days"),
        Every::Months(m) => of(m, "month", "months"),
    }
}
