//! Polls, holds of the count, doubted ticks, and what took two people, as sections.

use chrono::TimeDelta;

use super::super::account::{self, Account, PollTold, VoteTold};
use super::super::words::{exact, lasting};
use super::{Block, Cell, Look, cell, looks, table};

pub(super) fn polls(account: &Account) -> Vec<Block<'_>> {
    account.polls.iter().flat_map(|p| poll(account, p)).collect()
}

fn poll(account: &Account, poll: &PollTold) -> Vec<Block<'static>> {
    let zone = account.tz();
    let end = match (&poll.closed, &poll.result) {
        (Some(who), Some(result)) => format!("closed {} by {} with {result}", exact(who.at, zone), who.by),
        _ => "not closed yet".to_owned(),
    };
    let why = if poll.why.is_empty() { String::new() } else { format!(": {}", poll.why) };
    let text = format!("Asked {} by {}; {end}{why}.", exact(poll.at, zone), poll.by);
    let mut blocks = vec![Block::Part(format!("GO or NO-GO for {}", poll.phase)), Block::Text(text)];
    let row = |v: &VoteTold| {
        vec![
            cell(&v.role),
            answer(v),
            cell(v.by.clone().unwrap_or_default()),
            cell(v.at.map(|at| exact(at, zone)).unwrap_or_default()),
            cell(v.reason.clone().unwrap_or_default()),
        ]
    };
    let head = ["Role", "Answer", "Who", "When", "Why"];
    let about = format!("What the roles said about {}", poll.phase);
    blocks.extend(table(&about, &head, poll.votes.iter().map(row).collect()));
    blocks
}

fn answer(vote: &VoteTold) -> Cell {
    let word = match (vote.vote.as_deref(), vote.lapsed) {
        (Some("GO"), true) => looks(Look::Care, "? GO, lapsed"),
        (Some("GO"), false) => looks(Look::Good, "✔ GO"),
        (Some("NO-GO"), _) => looks(Look::Bad, "✖ NO-GO"),
        (Some(other), _) => looks(Look::Care, format!("– {other}")),
        (None, _) => looks(Look::Faint, "○ no answer"),
    };
    word.with(vote.replaced.then(|| "answered again later".to_owned()))
}

pub(super) fn clock(account: &Account) -> Vec<Block<'_>> {
    let zone = account.tz();
    let row = |hold: &account::ClockTold| {
        let planned = hold.planned.then(|| "planned ahead".to_owned());
        let until = match (hold.to, hold.state.as_str()) {
            (None, _) => looks(Look::Care, "‖ until now"),
            (Some(to), "over") => cell(exact(to, zone)),
            (Some(to), state) => cell(exact(to, zone)).with([state.to_owned()]),
        };
        let length = hold.to.map(|to| lasting((to - hold.from).max(TimeDelta::zero())));
        vec![
            cell(&hold.t).with(planned),
            cell(exact(hold.from, zone)).with([format!("by {}", hold.by)]),
            until.with(hold.ended_by.as_ref().map(|by| format!("by {by}"))),
            cell(length.unwrap_or_default()),
            cell(&hold.reason),
        ]
    };
    let head = ["At", "From", "Until", "Took", "Why"];
    table("When the count stood", &head, account.clock.iter().map(row).collect())
}

pub(super) fn claims(account: &Account) -> Vec<Block<'_>> {
    let zone = account.tz();
    let row = |claim: &account::ClaimTold| {
        let until = match claim.to {
            Some(to) => cell(exact(to, zone)).with(claim.end.clone()),
            None => looks(Look::Bad, "✖ still stands"),
        };
        vec![cell(&claim.text), cell(&claim.why), cell(exact(claim.from, zone)), until]
    };
    let head = ["Ticked", "What was seen", "From", "Until"];
    table("Ticks that something spoke against", &head, account.claims.iter().map(row).collect())
}

pub(super) fn proposals(account: &Account) -> Vec<Block<'_>> {
    let zone = account.tz();
    let row = |p: &account::ProposalTold| {
        let agreed = match &p.agreed {
            Some(who) => cell(&who.by).with([exact(who.at, zone)]),
            None => looks(Look::Faint, "nobody"),
        };
        let refused =
            p.refused.iter().map(|r| format!("{} was refused {}: {}", r.by, exact(r.at, zone), r.why));
        let look = if p.state == "used" { Look::Good } else { Look::Care };
        let used = p.used.map(|at| exact(at, zone));
        vec![
            cell(&p.title),
            cell(&p.by).with([exact(p.at, zone)]),
            agreed.with(refused),
            looks(look, &p.state).with(used),
        ]
    };
    let head = ["What", "Proposed by", "Agreed by", "State"];
    table("What took two people", &head, account.proposals.iter().map(row).collect())
}

pub(super) fn resolved(account: &Account) -> Vec<Block<'_>> {
    let row = |r: &account::ResolvedTold| {
        let look = if r.outcome == "done" { Look::Plain } else { Look::Care };
        vec![
            cell(exact(r.at, account.tz())).with([format!("by {}", r.by)]),
            cell(&r.what),
            looks(look, &r.outcome),
            cell(&r.reason),
        ]
    };
    let head = ["When", "What", "It was", "How they know"];
    table("Unknown ends that people settled", &head, account.resolved.iter().map(row).collect())
}
