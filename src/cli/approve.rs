//! `warroom approve`, `runs`, `resolve`: a second person's yes, where runs stand, and a person's word for
//! what nobody could know.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::args::{Approving, Place, Resolving, Said};
use super::failure::Failure;
use super::lever::{agree, refused, show};
use super::surroundings::Surroundings;
use super::{acts, desk, print};
use crate::levers::Runs;
use crate::levers::runs::{Standing, look};
use crate::room::{Intent, Outcome, Proposal, Role, Room, Run, SETTLED};
use crate::runtime::stepped;
use crate::text::{self, clean};

/// Approves what somebody else proposed, as it is shown; or takes back what one proposed oneself.
///
/// # Errors
/// There is no such proposal, nobody agreed, or the room says no.
pub fn approve(approving: &Approving) -> Result<(), Failure> {
    let confirming = &approving.confirming;
    let mut desk =
        if confirming.dry_run { desk::look(&approving.place)? } else { desk::act(&approving.place)? };
    if !confirming.dry_run && desk.role() == Role::Observer {
        return Err(Failure::read_only("an observer only looks at this room"));
    }
    let proposal = found(desk.room.proposals(), |p| p.id, &approving.proposal, "proposal")?.clone();
    if approving.take_back && !confirming.dry_run {
        let entries = desk.submit(Intent::WithdrawProposal(proposal.id))?;
        acts::tell(&desk, &entries, confirming.json)?;
        desk.close();
        return Ok(());
    }
    told(&proposal, confirming.json)?;
    if confirming.dry_run {
        return Ok(());
    }
    let phrase = desk.room.approval_phrase(&proposal);
    agree(&phrase, confirming.yes.as_deref())?;
    let Proposal { id, nonce, digest, .. } = proposal;
    let entries = desk.submit(Intent::Approve { proposal: id, nonce, digest })?;
    acts::tell(&desk, &entries, confirming.json)?;
    desk.close();
    Ok(())
}

fn told(proposal: &Proposal, as_json: bool) -> Result<(), Failure> {
    if as_json {
        let Proposal { id, title, by, expires, digest, about, bytes, .. } = proposal;
        let value = json!({ "proposal": id, "title": title, "by": by, "expires": expires, "digest": digest, "about": about, "bytes": bytes });
        return print::json(&value.to_string());
    }
    let left = (proposal.expires - Utc::now()).num_seconds().max(0);
    eprintln!("{} proposed {}; {left} s are left", clean(&proposal.by), clean(&proposal.title));
    show(&text::exact(&proposal.bytes))
}

/// The one thing of an id or the beginning of one.
fn found<'a, T>(all: &'a [T], id: impl Fn(&T) -> Uuid, wanted: &str, what: &str) -> Result<&'a T, Failure> {
    let fits = |t: &&T| !wanted.is_empty() && id(t).to_string().starts_with(&wanted.to_lowercase());
    let mut fitting = all.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Failure::usage(format!("the room has no {what} {wanted:?}"))
            .hint("`warroom runs PLAN` and `warroom log PLAN --json` list them")),
        (Some(_), Some(_)) => Err(Failure::usage(format!("{wanted:?} could be several; say more of it"))),
    }
}

/// Lists runs and what waits for a second person.
///
/// # Errors
/// There is no room.
pub fn list(place: &Place, as_json: bool) -> Result<(), Failure> {
    let runs = runs(place)?;
    let desk = desk::look(place)?;
    let now = Utc::now();
    let waiting = desk.room.proposals().iter().filter(|p| p.is_live(now));
    if as_json {
        let waiting: Vec<_> = waiting.map(|p| waits(&desk.room, p)).collect();
        let all: Vec<_> = desk.room.runs().iter().map(|run| json_of(run, &runs)).collect();
        return print::json(&json!({ "runs": all, "proposals": waiting }).to_string());
    }
    let mut page: String = desk.room.runs().iter().map(|run| line(run, &runs)).collect();
    for proposal in waiting {
        let (title, by) = (clean(&proposal.title), clean(&proposal.by));
        let state = if proposal.approved.is_some() { "approved" } else { "waits for a second person" };
        let _ = writeln!(page, "{}  {state}  {by}  {title}", proposal.id);
    }
    print::text(&page)
}

fn waits(room: &Room, p: &Proposal) -> Value {
    let approved = p.approved.as_ref().map(|a| json!({ "by": a.by, "at": a.at }));
    json!({ "proposal": p.id, "title": p.title, "by": p.by, "expires": p.expires, "approved": approved, "phrase": room.approval_phrase(p) })
}

fn runs(place: &Place) -> Result<Option<Runs>, Failure> {
    Ok(Surroundings::find(place.hand.state.as_deref())?.state.as_deref().map(Runs::below))
}

/// Where a run stands, in a word.
fn state(run: &Run, runs: &Option<Runs>) -> String {
    if let Some(ended) = &run.ended {
        return ended.outcome.as_str().to_owned();
    }
    let step = run.next_step();
    match (run.step(step).started, runs) {
        (Some(_), Some(runs)) => match look(&runs.folder(run.id, step)) {
            Standing::Running | Standing::Waiting => format!("step {} runs", step + 1),
            Standing::Over(_) => format!("step {} is over and not recorded", step + 1),
            _ => format!("step {} is unknown", step + 1),
        },
        (Some(_), None) => format!("step {} is unknown", step + 1),
        (None, _) => format!("step {} is next", step + 1),
    }
}

fn line(run: &Run, runs: &Option<Runs>) -> String {
    let at = run.at.format("%Y-%m-%d %H:%M:%S UTC");
    format!("{}  {at}  {}  {}  {}\n", run.id, clean(&run.by), state(run, runs), clean(&run.title))
}

fn json_of(run: &Run, runs: &Option<Runs>) -> Value {
    let steps = run.steps.iter().map(|s| {
        let ended = s
            .ended
            .as_ref()
            .map(|e| json!({ "outcome": e.outcome.as_str(), "detail": e.detail, "at": e.at, "end": e.end }));
        json!({ "started": s.started, "ended": ended })
    });
    json!({
        "run": run.id,
        "title": run.title,
        "by": run.by,
        "at": run.at,
        "state": state(run, runs),
        "ended": run.ended.as_ref().map(|e| e.outcome.as_str()),
        "steps": steps.collect::<Vec<_>>(),
    })
}

/// Says what became of an unknown step or flag change. What a step's folder says of it is recorded first;
/// what still runs is not resolved.
///
/// # Errors
/// Nothing of it is unknown, or it still runs.
pub fn resolve(resolving: &Resolving) -> Result<(), Failure> {
    let runs = runs(&resolving.place)?;
    let mut desk = desk::act(&resolving.place)?;
    if desk.role() == Role::Observer {
        return Err(Failure::read_only("an observer only looks at this room"));
    }
    let id = unsettled(&desk.room, &resolving.run)?;
    if let Some(step) = desk.room.run(id).and_then(Run::unseen_step) {
        let since = desk.room.run(id).and_then(|r| r.step(step).started);
        let standing = settled(runs.as_ref(), (id, step), since)?;
        let Some(outcome) = standing.outcome() else {
            return Err(refused(format!("step {} still runs, or is about to", step + 1))
                .hint("`warroom run` follows it"));
        };
        let (end, detail) = stepped(outcome);
        let entries = desk.submit(Intent::CloseStep { run: id, step, end, detail: detail.clone() })?;
        acts::tell(&desk, &entries, resolving.json)?;
        if end.outcome() != Outcome::Unknown {
            super::run::over(&mut desk, (id, step), end.outcome(), detail.clone(), resolving.json)?;
            desk.close();
            return Err(refused(format!("step {} came to its own end: {detail}", step + 1))
                .hint("that is recorded; nothing is left to say of it"));
        }
    } else if let Some(change) = desk.room.change(id).filter(|c| c.is_open()) {
        let (flag, since) = (change.flag.clone(), change.at);
        let standing = settled(runs.as_ref(), (id, 0), Some(since))?;
        if matches!(standing, Standing::Waiting | Standing::Running) {
            return Err(refused(format!("the command that changes {} still runs", clean(&flag)))
                .hint("`warroom stop` ends it"));
        }
    }
    let outcome = match resolving.said {
        Said::Done => Outcome::Done,
        Said::NotDone => Outcome::Failed,
    };
    let entries = desk.submit(Intent::Resolve { id, outcome, reason: resolving.reason.clone() })?;
    acts::tell(&desk, &entries, resolving.json)?;
    desk.close();
    Ok(())
}

/// Where something stands that was begun, once nobody can begin it any more.
fn settled(
    runs: Option<&Runs>,
    (id, step): (Uuid, usize),
    since: Option<DateTime<Utc>>,
) -> Result<Standing, Failure> {
    let Some(runs) = runs else { return Ok(Standing::Absent) };
    let young = since.is_some_and(|since| Utc::now() - since < SETTLED);
    if young && matches!(runs.standing(id, step), Standing::Absent) {
        return Err(
            refused("it left no trace here and may be about to begin").hint("say this again in 15 seconds")
        );
    }
    runs.settle(id, step).map_err(|e| Failure::new(format!("nobody can tell whether it still runs: {e}")))
}

/// The run or flag change that is meant: by id, or a flag by its name.
fn unsettled(room: &Room, wanted: &str) -> Result<Uuid, Failure> {
    if let Some(change) = room.open_change(wanted) {
        return Ok(change.id);
    }
    let runs = room.runs().iter().map(|r| r.id);
    let all: Vec<Uuid> = runs.chain(room.changes().iter().map(|c| c.id)).collect();
    found(&all, |id| *id, wanted, "run or flag change").copied()
}
