//! Checklists, what is due, messages, notes and the story, as sections.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::account::{self, Account, Remark};
use super::super::words::{self, exact, moment};
use super::{Block, Cell, Look, cell, looks, table};

pub(super) fn due(account: &Account) -> Vec<Block<'_>> {
    let row = |d: &account::DueTold| {
        let state = match d.state.as_str() {
            "done" => looks(Look::Good, "✔ done"),
            "overdue" => looks(Look::Bad, "✖ overdue"),
            "due" => looks(Look::Care, "▶ due"),
            "ahead" => cell("ahead"),
            other => looks(Look::Faint, other),
        };
        let when = [d.every.clone(), d.when.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let who = d.assignee.clone().map(|who| format!("for {who}"));
        let dates = days(account, d);
        vec![cell(&d.text).with(who), state, cell(when), cell(dates), cell(d.by.clone().unwrap_or_default())]
    };
    let head = ["What", "State", "The plan says", "Dates", "Last said by"];
    table("What is due after the launch", &head, account.due.iter().map(row).collect())
}

/// From which day to which; the last one is the one before the end.
fn days(account: &Account, due: &account::DueTold) -> String {
    let day = |at: DateTime<Utc>| words::day(at, account.tz());
    match (due.from, due.to) {
        (None, _) => String::new(),
        (Some(from), None) => format!("from {}", day(from)),
        (Some(from), Some(to)) => {
            let last = day(to - TimeDelta::seconds(1));
            if day(from) == last { last } else { format!("{} – {last}", day(from)) }
        }
    }
}

pub(super) fn checklists(account: &Account) -> Vec<Block<'_>> {
    let mut blocks = vec![];
    for list in &account.checklists {
        blocks.push(Block::Part(format!("{} ({} of {})", list.title, list.done, list.all)));
        let rows = list.items.iter().map(|i| item(account, i)).collect();
        blocks.extend(table(
            &format!("Checklist of {}", list.title),
            &["State", "Item", "Who", "When"],
            rows,
        ));
    }
    if !account.orphans.is_empty() {
        blocks.push(Block::Part("No longer in the plan".to_owned()));
        let rows = account.orphans.iter().map(|i| item(account, i)).collect();
        blocks.extend(table("Items that left the plan", &["State", "Item", "Who", "When"], rows));
    }
    blocks
}

fn item(account: &Account, item: &account::ItemTold) -> Vec<Cell> {
    let zone = account.tz();
    let state = match item.state.as_str() {
        "done" => looks(Look::Good, "✔ done"),
        "blocked" => looks(Look::Bad, "✖ blocked"),
        "na" => looks(Look::Faint, "– not applicable"),
        _ => looks(Look::Plain, "○ open"),
    };
    let said = |word: &str, r: &Remark| format!("{word}, {} at {}: {}", r.by, exact(r.at, zone), r.text);
    let reason = item.reason.iter().map(|why| format!("because: {why}"));
    let assigned = item.assignee.iter().map(|who| format!("given to {who}"));
    let evidence = item.evidence.iter().map(|r| said("evidence", r));
    let notes = item.notes.iter().map(|r| said("note", r));
    let own = if item.state == "done" { "ticked in the plan" } else { "" };
    vec![
        state,
        cell(&item.text).with(reason.chain(assigned).chain(evidence).chain(notes)),
        item.by.as_ref().map_or(looks(Look::Faint, own), cell),
        cell(item.at.map(|at| exact(at, zone)).unwrap_or_default()),
    ]
}

pub(super) fn messages(account: &Account) -> Vec<Block<'_>> {
    let row = |m: &account::MessageTold| {
        let due = m.due.map(|at| moment(at, account.tz()));
        vec![
            cell(&m.when),
            due.map_or(looks(Look::Faint, "no time can be told"), cell),
            cell(&m.text),
            cell(m.audience.clone().unwrap_or_default()),
        ]
    };
    let head = ["The plan says", "Due", "Message", "To"];
    table("Messages of the plan", &head, account.messages.iter().map(row).collect())
}

pub(super) fn notes(account: &Account) -> Vec<Block<'_>> {
    let row = |n: &Remark| {
        let on = n.on.clone().map(|on| format!("on {on}"));
        vec![cell(exact(n.at, account.tz())), cell(&n.by), cell(&n.text).with(on)]
    };
    table("Notes", &["When", "Who", "Note"], account.notes.iter().map(row).collect())
}

pub(super) fn story(account: &Account) -> Vec<Block<'_>> {
    let row = |t: &account::Told| {
        vec![cell(exact(t.at, account.tz())), looks(Look::Faint, t.kind.word()), cell(&t.by), cell(&t.text)]
    };
    let mut blocks = table(
        "What happened, oldest first, without ticks",
        &["When", "About", "Who", "What"],
        account.story.iter().map(row).collect(),
    );
    if account.story_left_out > 0 {
        let left = account.story_left_out;
        blocks.push(Block::Text(format!(
            "{left} events in the middle are left out here; the CSV has every one of them."
        )));
    }
    blocks
}
