//! Alerts with their charts, conditions, silences and baselines, as sections.

use chrono::TimeDelta;

use super::super::account::{self, Account};
use super::super::words::{exact, lasting, value};
use super::{Block, Look, cell, looks, table};

pub(super) fn alerts(account: &Account) -> Vec<Block<'_>> {
    let zone = account.tz();
    let row = |a: &account::AlertTold| {
        let end = if a.ended.is_some() { cell(&a.end) } else { looks(Look::Bad, "✖ still fires") };
        let hand =
            a.acknowledged.as_ref().map(|w| cell(&w.by).with([format!("after {}", lasting(w.at - a.at))]));
        let rank = if a.rank == "P0" || a.rank == "P1" { Look::Bad } else { Look::Care };
        vec![
            cell(exact(a.at, zone)),
            looks(rank, &a.rank),
            cell(&a.signal).with([format!("{} (line {})", a.limit, a.line)]),
            cell(a.value.map(value).unwrap_or_default()),
            cell(lasting(TimeDelta::seconds(a.seconds))),
            hand.unwrap_or_else(|| looks(Look::Faint, "nobody")),
            end,
        ]
    };
    let head = ["Fired", "Class", "Metric", "Value", "Lasted", "In hand", "End"];
    let mut blocks =
        table("Alerts, in the order in which they fired", &head, account.alerts.iter().map(row).collect());
    if account.alerts_left_out > 0 {
        blocks.push(Block::Text(format!("{} more alerts are left out here.", account.alerts_left_out)));
    }
    for alert in &account.alerts {
        let Some(chart) = &alert.chart else { continue };
        blocks.push(Block::Part(format!("{} {}, {}", alert.rank, alert.signal, exact(alert.at, zone))));
        let unit = chart.unit.as_deref().map(|u| format!(" in {u}")).unwrap_or_default();
        let about = format!(
            "{}{unit} around the alert of {}: {}, fired at {}, {}",
            alert.signal,
            exact(alert.at, zone),
            alert.limit,
            alert.value.map_or("no value".to_owned(), value),
            alert.end
        );
        blocks.push(Block::Chart { about, chart, fired: alert.at, ended: alert.ended });
    }
    blocks.extend(blind(account));
    blocks
}

fn blind(account: &Account) -> Vec<Block<'_>> {
    let zone = account.tz();
    let row = |b: &account::Blind| {
        let to = b.to.map_or(looks(Look::Care, "it lasts"), |to| cell(lasting(to - b.from)));
        vec![cell(&b.signal), cell(exact(b.from, zone)), to, cell(&b.why)]
    };
    let rows: Vec<_> = account.blind.iter().take(200).map(row).collect();
    let mut blocks = table("When limits could not be judged", &["Metric", "Since", "For", "Why"], rows);
    if !blocks.is_empty() {
        blocks.insert(0, Block::Part("When limits could not be judged".to_owned()));
    }
    blocks
}

pub(super) fn conditions(account: &Account) -> Vec<Block<'_>> {
    let row = |c: &account::Condition| {
        let over = match (&c.ended, &c.end) {
            (Some(at), Some(why)) => cell(exact(*at, account.tz())).with([why.clone()]),
            _ => looks(Look::Bad, "✖ not over"),
        };
        vec![
            cell(exact(c.at, account.tz())).with([format!("by {}", c.by)]),
            cell(&c.rank),
            cell(&c.text),
            cell(&c.reason),
            over,
        ]
    };
    let head = ["Seen", "Class", "Condition", "What was seen", "Over"];
    table("Conditions that people saw", &head, account.conditions.iter().map(row).collect())
}

pub(super) fn rules(account: &Account) -> Vec<Block<'_>> {
    let zone = account.tz();
    let silence = |s: &account::SilenceTold| {
        let until = s.ended.map_or(exact(s.until, zone), |at| format!("{}, ended early", exact(at, zone)));
        vec![
            cell(&s.signal),
            cell(exact(s.at, zone)).with([format!("by {}", s.by)]),
            cell(until),
            cell(&s.reason),
        ]
    };
    let rows = account.silences.iter().map(silence).collect();
    let mut blocks = table("Alerts that were kept quiet", &["Metric", "Since", "Until", "Why"], rows);
    let baseline = |b: &account::BaselineTold| {
        let end = if b.withdrawn { looks(Look::Faint, "taken back") } else { cell("in force") };
        let when = cell(exact(b.at, zone)).with([format!("by {}", b.by)]);
        vec![cell(&b.metric), cell(value(b.value)), cell(&b.from), when, end]
    };
    let rows = account.baselines.iter().map(baseline).collect();
    let head = ["Metric", "Value", "How it came about", "Captured", "State"];
    blocks.extend(table("Baselines of relative limits", &head, rows));
    blocks
}
