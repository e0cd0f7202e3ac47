//! What nobody knows, said as such: an open end is never told as a success, a gap never as calm.

use super::account::Account;
use super::ledger::Ledger;
use super::words::{count, exact};

/// What nobody knows, the gravest first.
pub(super) fn unknown(account: &Account, ledger: &Ledger<'_>) -> Vec<String> {
    let zone = account.tz();
    let mut all = vec![];
    if let Some(seq) = ledger.broken {
        all.push(format!(
            "The journal cannot be trusted from event {seq} on: what happened then is not told here."
        ));
    }
    if ledger.planless {
        all.push(
            "The journal does not hold the plan's text: its items, phases and limits are not told."
                .to_owned(),
        );
    }
    for run in account.runs.iter().filter(|r| matches!(r.outcome.as_str(), "unknown" | "under way")) {
        let how = if run.outcome == "unknown" { "ended unknown" } else { "has no end" };
        all.push(format!("{}, begun {} by {}, {how}.", run.title, exact(run.at, zone), run.by));
    }
    for flag in account.flags.iter().filter(|f| f.outcome == "unknown") {
        all.push(format!(
            "What became of {} → {} at {} is not known: {}.",
            flag.flag,
            flag.to,
            exact(flag.at, zone),
            flag.detail.trim_end_matches('.')
        ));
    }
    all.extend(blind(account));
    let bare = account.alerts.iter().filter(|a| a.chart.is_none()).count();
    if bare > 0 {
        all.push(format!(
            "No measurements are shown for {}: none were kept.",
            count(bare, "alert", "alerts")
        ));
    }
    if account.t0.is_none() {
        all.push(
            "T0 was never set: nothing of the plan had a time, so nothing can be called late.".to_owned(),
        );
    }
    let past = account.due.iter().filter(|d| d.state == "past, not recorded").count();
    if past > 0 {
        let what = count(past, "follow-up", "follow-ups");
        all.push(format!("The time of {what} is past; the plan gives no box to say that it was done."));
    }
    let undated = account.messages.iter().filter(|m| m.due.is_none()).count();
    if !account.messages.is_empty() {
        let told = count(account.messages.len(), "message", "messages");
        let of = if undated > 0 { format!(" Of {undated} the time cannot be told.") } else { String::new() };
        all.push(format!("Whether the plan's {told} went out is not recorded in this room.{of}"));
    }
    if ledger.foreign > 0 {
        let what = count(ledger.foreign, "event was", "events were");
        all.push(format!("{what} written by a newer version and cannot be told here."));
    }
    all
}

fn blind(account: &Account) -> Vec<String> {
    let open: Vec<_> = account.blind.iter().filter(|b| b.to.is_none()).collect();
    let zone = account.tz();
    let told = |b: &&super::account::Blind| {
        format!("{} could not be judged from {} on: {}.", b.signal, exact(b.from, zone), b.why)
    };
    open.iter().take(12).map(told).collect()
}
