//! Sign-offs and the lists of signers, as a section.

use super::super::account::{self, Account, SignOffTold};
use super::super::words::exact;
use super::{Block, Cell, Look, cell, looks, table};

/// So many lines of what changed since are shown; the JSON has all of them.
const CHANGES: usize = 6;

pub(super) fn signoffs(account: &Account) -> Vec<Block<'_>> {
    let row = |s: &SignOffTold| {
        vec![
            cell(&s.role),
            decision(s).with(said(s)),
            cell(s.by.clone().unwrap_or_default()),
            cell(s.at.map(|at| exact(at, account.tz())).unwrap_or_default()),
            sure(s),
            doubts(account, s),
        ]
    };
    let head = ["Role", "Decision", "Who", "When", "How sure", "What is to know"];
    let mut blocks = table("Who had to sign", &head, account.signoffs.iter().map(row).collect());
    blocks.extend(signers(account));
    blocks
}

/// What does not count is never told as a yes.
fn decision(line: &SignOffTold) -> Cell {
    let Some(word) = line.decision.as_deref() else { return looks(Look::Care, "○ nobody signed") };
    match (word, line.seal.as_deref()) {
        (word, Some("unverified")) => looks(Look::Bad, format!("? {word}, does not count")),
        ("rejected", _) => looks(Look::Bad, "✖ rejected"),
        (word, _) if line.stale => looks(Look::Care, format!("✔ {word} an earlier plan")),
        (word, _) if line.gap.is_some() => looks(Look::Care, format!("? {word}, does not count")),
        (word, _) => looks(Look::Good, format!("✔ {word}")),
    }
}

fn said(line: &SignOffTold) -> Vec<String> {
    let except = line.exceptions.iter().map(|what| format!("except: {what}"));
    except.chain(line.comment.clone()).collect()
}

fn sure(line: &SignOffTold) -> Cell {
    let look = match line.seal.as_deref() {
        Some("verified") => Look::Good,
        Some("unverified") => Look::Bad,
        _ => Look::Plain,
    };
    looks(look, &line.verification)
}

fn doubts(account: &Account, line: &SignOffTold) -> Cell {
    let doubt = line.doubt.as_ref().map(|d| {
        let at = exact(d.at, account.tz());
        format!("a later one by {} at {at} does not count: {}", d.by, d.why)
    });
    let more = line.changed.len().saturating_sub(CHANGES);
    let rest = (more > 0).then(|| format!("and {more} more changes"));
    let changes = line.changed.iter().take(CHANGES).map(|change| told(change)).chain(rest);
    // Why a signature does not hold is said beside it.
    let said = line.decision.is_none() || line.seal.as_deref() == Some("unverified");
    let gap = line.gap.iter().filter(|_| !said).cloned();
    cell("").with(gap.chain(doubt).chain(changes))
}

fn told(change: &str) -> String {
    match change.split_at_checked(2) {
        Some(("- ", line)) => format!("gone: {line}"),
        Some(("+ ", line)) => format!("new: {line}"),
        _ => change.to_owned(),
    }
}

fn signers(account: &Account) -> Vec<Block<'static>> {
    let row = |list: &account::SignersTold| {
        let short: String = list.digest.chars().take(12).collect();
        vec![
            cell(&list.from),
            cell(list.names.join(", ")),
            cell(exact(list.at, account.tz())).with([format!("by {}", list.by)]),
            looks(Look::Code, short),
        ]
    };
    let head = ["List", "Whose keys count", "Adopted", "Digest"];
    table("Whose signatures counted", &head, account.signers.iter().map(row).collect())
}
