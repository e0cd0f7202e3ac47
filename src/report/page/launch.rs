//! Phases, gates, sign-offs, what was overridden and what nobody knows, as sections.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::account::{self, Account, PhaseTold};
use super::super::words::{clock, exact, lasting, moment, slip};
use super::{Block, Cell, Look, cell, looks, table};

pub(super) fn phases(account: &Account) -> Vec<Block<'_>> {
    let row = |p: &PhaseTold| {
        let holds = p.holds.iter().map(|h| {
            let to = h.to.map_or("until now".to_owned(), |to| format!("for {}", lasting(to - h.from)));
            format!("held {} {to} by {}: {}", exact(h.from, account.tz()), h.by, h.reason)
        });
        let name = if p.depth > 0 { format!("· {}", p.name) } else { p.name.clone() };
        let late = match (p.end_slip, p.start_slip) {
            (Some(s), _) => looks(late_look(s), format!("ended {}", slip(s))),
            (None, Some(s)) => looks(late_look(s), format!("began {}", slip(s))),
            _ => cell(""),
        };
        let took = p.seconds.map(|s| lasting(TimeDelta::seconds(s))).unwrap_or_default();
        let items = if p.all == 0 { String::new() } else { format!("{} of {}", p.done, p.all) };
        vec![
            cell(name).with(holds),
            phase_state(&p.state),
            cell(stretch(account, p.planned_start, p.planned_end)),
            cell(stretch(account, p.started, p.ended)),
            cell(took),
            late,
            cell(items),
        ]
    };
    let head = ["Phase", "State", "Planned", "As it was", "Took", "Against plan", "Items"];
    table("Phases, planned and as they were", &head, account.phases.iter().map(row).collect())
}

fn late_look(slip: i64) -> Look {
    if slip >= 60 { Look::Care } else { Look::Good }
}

fn phase_state(state: &str) -> Cell {
    match state {
        "completed" => looks(Look::Good, "✔ completed"),
        "held" => looks(Look::Care, "‖ held"),
        "running" => looks(Look::Plain, "▶ under way"),
        _ => looks(Look::Faint, "○ not begun"),
    }
}

pub(super) fn gates(account: &Account) -> Vec<Block<'_>> {
    let row = |g: &account::GateTold| {
        let word = match g.verdict.as_str() {
            "GO" => looks(Look::Good, "✔ GO"),
            "NO-GO" => looks(Look::Bad, "✖ NO-GO"),
            other => looks(Look::Care, format!("? {other}")),
        };
        let when = match (&g.at, &g.by) {
            (Some(at), Some(by)) => cell(exact(*at, account.tz())).with([format!("by {by}")]),
            _ => looks(Look::Faint, "still ahead"),
        };
        let passed = g.overridden.as_ref().map(|why| looks(Look::Care, format!("overridden: {why}")));
        vec![cell(&g.phase), when, word, cell(g.reasons.join("; ")), passed.unwrap_or_default()]
    };
    let head = ["Gate of", "Passed", "Word", "Why it was not GO", "Passed all the same"];
    table("Gates and what they said", &head, account.gates.iter().map(row).collect())
}

pub(super) fn overrides(account: &Account) -> Vec<Block<'_>> {
    let row = |o: &account::Override| {
        vec![
            cell(exact(o.at, account.tz())).with([format!("by {}", o.by)]),
            cell(&o.what),
            cell(o.against.join("; ")),
            cell(&o.reason),
        ]
    };
    let head = ["When", "What", "What stood against it", "Why"];
    table("Done over an objection", &head, account.overrides.iter().map(row).collect())
}

pub(super) fn unknown(account: &Account) -> Vec<Block<'_>> {
    match account.unknown.is_empty() {
        true => vec![],
        false => vec![Block::List(account.unknown.clone())],
    }
}

pub(super) fn about(account: &Account) -> Vec<Block<'_>> {
    let zone = account.tz();
    let mut rows = vec![
        vec![cell("Room"), cell(format!("{} ({})", account.room, account.environment))],
        vec![cell("Plan"), cell(&account.plan)],
        vec![cell("Digest of the plan"), looks(Look::Code, &account.digest)],
        vec![cell("Times"), cell(format!("in {}", account.zone))],
        vec![cell("Made"), cell(exact(account.made, zone))],
        vec![cell("Events"), cell(account.events.to_string())],
    ];
    rows.extend(account.t0_set.iter().map(|t| {
        let said = format!("{} (said {} by {})", exact(t.t0, zone), exact(t.at, zone), t.by);
        vec![cell("T0"), cell(said)]
    }));
    rows.extend(account.editions.iter().skip(1).map(|e| {
        let change = e.change.as_deref().unwrap_or("another plan");
        vec![cell("The plan was edited"), cell(format!("{} by {}: {change}", exact(e.at, zone), e.by))]
    }));
    table("About this report", &["What", "Value"], rows)
}

fn stretch(account: &Account, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> String {
    let zone = account.tz();
    match (from, to) {
        (None, _) => String::new(),
        (Some(from), None) => format!("from {}", moment(from, zone)),
        (Some(from), Some(to)) if same_day(account, from, to) => {
            format!("{} – {}", moment(from, zone), clock(to, zone))
        }
        (Some(from), Some(to)) => format!("{} – {}", moment(from, zone), moment(to, zone)),
    }
}

fn same_day(account: &Account, a: DateTime<Utc>, b: DateTime<Utc>) -> bool {
    let day = |at: DateTime<Utc>| at.with_timezone(&account.tz()).date_naive();
    day(a) == day(b)
}
