//! Polls, sign-offs, and what took two people, from a ledger to an account.

use chrono::{DateTime, Utc};

use super::account::*;
use super::ledger::Ledger;
use crate::plan;
use crate::room::{Cast, Chair, Decision, End, Poll, Proposal, Seal, Signature, Stance, Vote};

/// Every poll with every answer.
pub(super) fn polls(ledger: &Ledger<'_>) -> Vec<PollTold> {
    ledger.room.polls().iter().map(|p| poll(ledger, p)).collect()
}

fn poll(ledger: &Ledger<'_>, poll: &Poll) -> PollTold {
    let evidence = match &poll.closed {
        Some(end) => end.evidence.clone(),
        None => ledger.room.evidence_of(poll),
    };
    let why = poll.closed.as_ref().map_or_else(|| poll.result(&evidence).1, |end| end.why.clone());
    PollTold {
        phase: poll.name.clone(),
        by: poll.by.clone(),
        at: poll.at,
        closed: poll.closed.as_ref().map(|end| Who { by: end.by.clone(), at: end.at }),
        result: poll.closed.as_ref().map(|end| end.result.as_str().to_owned()),
        why,
        votes: poll.chairs.iter().flat_map(|c| votes(ledger, poll, c, &evidence)).collect(),
    }
}

/// What a role said before and what stands.
fn votes(ledger: &Ledger<'_>, poll: &Poll, chair: &Chair, evidence: &str) -> Vec<VoteTold> {
    let role = &chair.seat.role;
    let former = ledger.kept.former.iter().filter(|((id, of), ..)| *id == poll.id && of == role);
    let mut all: Vec<_> = former.map(|(_, cast, lapsed)| vote(role, cast, *lapsed, true)).collect();
    all.push(match &chair.cast {
        Some(cast) => vote(role, cast, chair.stance(evidence) == Stance::Lapsed, false),
        None => VoteTold {
            role: role.clone(),
            vote: None,
            by: None,
            at: None,
            reason: None,
            lapsed: false,
            replaced: false,
        },
    });
    all
}

fn vote(role: &str, cast: &Cast, lapsed: bool, replaced: bool) -> VoteTold {
    VoteTold {
        role: role.to_owned(),
        vote: Some(Vote::word(cast.vote).to_owned()),
        by: Some(cast.by.clone()),
        at: Some(cast.at),
        reason: cast.reason.clone(),
        lapsed,
        replaced,
    }
}

/// Every hold of the count, in the order of time.
pub(super) fn clock(ledger: &Ledger<'_>, now: DateTime<Utc>) -> Vec<ClockTold> {
    let now = ledger.kept.holds(&ledger.room, now);
    ledger.kept.clock.iter().cloned().chain(now).collect()
}

/// What took two people, oldest first.
pub(super) fn proposals(ledger: &Ledger<'_>, now: DateTime<Utc>) -> Vec<ProposalTold> {
    let told = |p: &Proposal| ProposalTold {
        title: p.title.clone(),
        by: p.by.clone(),
        at: p.at,
        expires: p.expires,
        agreed: p.approved.as_ref().map(|a| Who { by: a.by.clone(), at: a.at }),
        used: p.used,
        state: state(p, now).to_owned(),
        refused: ledger.kept.refused.get(&p.id).cloned().unwrap_or_default(),
    };
    ledger.room.proposals().iter().map(told).collect()
}

fn state(proposal: &Proposal, now: DateTime<Utc>) -> &'static str {
    match (proposal.approved.is_some(), proposal.is_live(now)) {
        _ if proposal.used.is_some() => "used",
        _ if proposal.withdrawn.is_some() => "taken back",
        (true, true) => "agreed",
        (true, false) => "agreed, not used",
        (false, true) => "waits",
        (false, false) => "expired",
    }
}

/// A line that is signed, and what became of it.
pub(super) fn signoff(ledger: &Ledger<'_>, line: &plan::SignOff) -> SignOffTold {
    let unsigned = SignOffTold {
        role: line.role.clone(),
        verification: "not signed".to_owned(),
        gap: ledger.room.signoff_gap(line),
        line: line.line,
        ..SignOffTold::default()
    };
    match ledger.room.signature(&line.id) {
        Some(signature) => signed(ledger, signature, unsigned),
        None => unsigned,
    }
}

fn signed(ledger: &Ledger<'_>, signature: &Signature, line: SignOffTold) -> SignOffTold {
    let decision = match signature.decision {
        Decision::Approve => "approved",
        Decision::ApproveWithExceptions => "approved with exceptions",
        Decision::Reject => "rejected",
    };
    let (seal, key) = match &signature.seal {
        Seal::Unsigned => ("unsigned", None),
        Seal::Verified { key, .. } => ("verified", Some(key.clone())),
        Seal::Unverified { .. } => ("unverified", None),
    };
    let doubt = signature.doubt.clone();
    SignOffTold {
        decision: Some(decision.to_owned()),
        exceptions: signature.exceptions.clone(),
        by: Some(signature.name().to_owned()),
        at: Some(signature.at),
        comment: signature.comment.clone(),
        verification: signature.seal.told(),
        seal: Some(seal.to_owned()),
        key,
        doubt: doubt.map(|(by, at, why)| DoubtTold { by, at, why }),
        stale: ledger.room.stale(signature),
        changed: ledger.room.changed_since(signature),
        ..line
    }
}

/// The typed end of a step.
pub(super) fn end(end: End) -> EndTold {
    let (kind, number) = match end {
        End::Exit { code } => ("exit", Some(code.into())),
        End::Signal { number } => ("signal", Some(number.into())),
        End::Answered { status } => ("answered", Some(status.into())),
        End::NotStarted => ("not_started", None),
        End::TimedOut => ("timed_out", None),
        End::Aborted => ("aborted", None),
        End::Rehearsed => ("rehearsed", None),
        End::Unknown => ("unknown", None),
    };
    EndTold { kind: kind.to_owned(), number }
}
