//! What somebody reads who has twenty seconds: how it went, a handful of figures, what to look at.

use chrono::{DateTime, TimeDelta, Utc};

use super::account::{Account, Figure, PhaseTold, PollTold, Summary, Tone};
use super::words::{count, day, exact, lasting, moment, seconds, slip};

/// So many points are listed of each kind; the parts have all of them.
const EACH: usize = 4;

/// The summary of an account that is otherwise whole.
pub(super) fn summary(account: &Account) -> Summary {
    let state = state(account);
    Summary {
        state: state.to_owned(),
        sentence: sentence(account, state),
        figures: figures(account),
        attention: attention(account),
    }
}

fn tops(account: &Account) -> impl Iterator<Item = &PhaseTold> {
    account.phases.iter().filter(|p| p.depth == 0)
}

fn state(account: &Account) -> &'static str {
    let all = |state: &str| tops(account).all(|p| p.state == state);
    let any = |state: &str| tops(account).any(|p| p.state == state);
    match tops(account).next() {
        None => "without phases",
        Some(_) if all("completed") => "complete",
        Some(_) if any("held") => "on hold",
        Some(_) if all("waiting") => "not begun",
        Some(_) => "under way",
    }
}

fn sentence(account: &Account, state: &str) -> String {
    let phases = tops(account).count();
    let over = tops(account).filter(|p| p.state == "completed").count();
    let what = if account.rehearsal { "rehearsal" } else { "launch" };
    let mut told = match (state, began(account), ended(account)) {
        ("complete", Some(from), Some(to)) => {
            let took = lasting(to - from);
            let all = if phases == 1 { "The one phase".to_owned() } else { format!("All {phases} phases") };
            let verb = if phases == 1 { "was" } else { "were" };
            format!("{all} {verb} completed by {} ({took}).", moment(to, account.tz()))
        }
        ("without phases", ..) => format!("The plan of this {what} has no phases."),
        ("not begun", ..) => format!("The {what} has not begun: none of {phases} phases was started."),
        _ => format!("The {what} is {state}: {over} of {phases} phases are complete."),
    };
    if let Some(late) = tops(account).filter(|p| p.state == "completed").filter_map(|p| p.end_slip).last() {
        told += &format!(" The last one ended {}.", slip(late).replace("on time", "as planned"));
    }
    let back = account.runs.iter().filter(|r| r.way_back && r.outcome == "done").count();
    if back > 0 {
        told += &format!(" {} taken.", count(back, "way back was", "ways back were"));
    }
    told
}

fn began(account: &Account) -> Option<DateTime<Utc>> {
    tops(account).filter_map(|p| p.started).min()
}

fn ended(account: &Account) -> Option<DateTime<Utc>> {
    tops(account).filter_map(|p| p.ended).max()
}

fn figures(account: &Account) -> Vec<Figure> {
    let figures = [phases(account), items(account), alerts(account), ways(account), signoffs(account)];
    figures.into_iter().flatten().chain([overrides(account)]).chain(follow_ups(account)).collect()
}

fn figure(label: &str, value: String, detail: String, tone: Tone) -> Figure {
    Figure { label: label.to_owned(), value, detail, tone }
}

fn phases(account: &Account) -> Option<Figure> {
    let (over, all) = (tops(account).filter(|p| p.state == "completed").count(), tops(account).count());
    let late = tops(account).filter_map(|p| p.end_slip).filter(|s| *s >= 60).count();
    let known = tops(account).any(|p| p.end_slip.is_some());
    let detail = match (known, late) {
        (false, _) => String::new(),
        (true, 0) => "none ended late".to_owned(),
        (true, n) => format!("{n} ended late"),
    };
    let tone = match (over == all, late) {
        (true, 0) => Tone::Good,
        (true, _) => Tone::Care,
        _ => Tone::Plain,
    };
    (all > 0).then(|| figure("Phases complete", format!("{over} of {all}"), detail, tone))
}

fn items(account: &Account) -> Option<Figure> {
    let lists = || account.checklists.iter();
    let (done, all) = (lists().map(|c| c.done).sum::<usize>(), lists().map(|c| c.all).sum::<usize>());
    let of = |state: &str| lists().flat_map(|c| &c.items).filter(|i| i.state == state).count();
    let (blocked, left) = (of("blocked"), of("na"));
    let parts = [(blocked, "blocked"), (left, "not applicable")];
    let detail: Vec<_> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let tone = match (done == all, blocked) {
        (true, _) => Tone::Good,
        (_, 0) => Tone::Plain,
        _ => Tone::Bad,
    };
    (all > 0).then(|| figure("Items done", format!("{done} of {all}"), detail.join(", "), tone))
}

fn alerts(account: &Account) -> Option<Figure> {
    let fired = account.alerts.len() + account.alerts_left_out;
    let open = account.alerts.iter().filter(|a| a.ended.is_none()).count();
    let worst = account.alerts.iter().map(|a| a.rank.as_str()).min();
    let longest = account.alerts.iter().map(|a| a.seconds).max();
    let detail = match (open, worst, longest) {
        (0, Some(worst), Some(longest)) => {
            format!("worst {worst}, longest {}", lasting(TimeDelta::seconds(longest)))
        }
        (n, Some(worst), _) => format!("{n} still firing, worst {worst}"),
        _ => String::new(),
    };
    let tone = match (fired, open) {
        (0, _) => Tone::Good,
        (_, 0) => Tone::Care,
        _ => Tone::Bad,
    };
    Some(figure("Alerts", fired.to_string(), detail, tone))
}

fn ways(account: &Account) -> Option<Figure> {
    let runs: Vec<_> = account.runs.iter().filter(|r| r.way_back).collect();
    let last = runs.last()?;
    let took = last.seconds.map(|s| format!("last took {}", lasting(seconds(s))));
    let promised = last.target.map(|s| format!("promised {}", lasting(seconds(s))));
    let bad = runs.iter().any(|r| r.outcome != "done");
    let late = runs.iter().any(|r| r.is_late() == Some(true));
    let tone = match (bad, late) {
        (true, _) => Tone::Bad,
        (_, true) => Tone::Care,
        _ => Tone::Plain,
    };
    let detail: Vec<_> = took.into_iter().chain(promised).collect();
    Some(figure("Ways back taken", runs.len().to_string(), detail.join(", "), tone))
}

fn signoffs(account: &Account) -> Option<Figure> {
    let all = account.signoffs.len();
    let yes = account.signoffs.iter().filter(|s| s.gap.is_none()).count();
    let forged = account.signoffs.iter().filter(|s| s.seal.as_deref() == Some("unverified")).count();
    let no = account.signoffs.iter().filter(|s| s.decision.as_deref() == Some("rejected")).count();
    let stale = account.signoffs.iter().filter(|s| s.stale).count();
    let bare = account.signoffs.iter().filter(|s| s.verification == "unsigned").count();
    let parts = [
        (no, "said no"),
        (forged, "UNVERIFIED"),
        (stale, "of an earlier plan"),
        (bare, "without a signature"),
    ];
    let detail: Vec<_> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let tone = match (no, yes == all) {
        (0, true) => Tone::Good,
        (0, false) => Tone::Care,
        _ => Tone::Bad,
    };
    (all > 0).then(|| figure("Sign-offs", format!("{yes} of {all}"), detail.join(", "), tone))
}

fn overrides(account: &Account) -> Figure {
    let gates = account.gates.iter().filter(|g| g.overridden.is_some()).count();
    let detail = if gates > 0 {
        format!("{} passed without GO", count(gates, "gate", "gates"))
    } else {
        String::new()
    };
    let tone = if account.overrides.is_empty() { Tone::Good } else { Tone::Care };
    figure("Overrides", account.overrides.len().to_string(), detail, tone)
}

fn follow_ups(account: &Account) -> Option<Figure> {
    let open = account.due.iter().filter(|d| d.state != "done").count();
    let late = account.due.iter().filter(|d| d.state == "overdue").count();
    let next = account.due.iter().filter(|d| d.state == "ahead").filter_map(|d| d.from).min();
    let detail = match (late, next) {
        (0, Some(next)) => format!("next {}", day(next, account.tz())),
        (0, None) => String::new(),
        (n, _) => format!("{n} overdue"),
    };
    let tone = if late > 0 { Tone::Bad } else { Tone::Plain };
    (!account.due.is_empty()).then(|| figure("Follow-ups open", open.to_string(), detail, tone))
}

/// What somebody has to look at, the worst first.
fn attention(account: &Account) -> Vec<String> {
    let mut all = vec![];
    all.extend(few(firing(account)));
    all.extend(few(standing(account)));
    all.extend(few(runs(account)));
    all.extend(few(account.overrides.iter().map(|o| format!("{}, by {}: {}", o.what, o.by, o.reason))));
    all.extend(few(blocked(account)));
    all.extend(few(signed(account)));
    all.extend(few(doubted(account)));
    all.extend(few(polled(account)));
    all.extend(few(overdue(account)));
    if !account.unknown.is_empty() {
        all.push(format!(
            "{} not known; see “What is not known”",
            count(account.unknown.len(), "thing is", "things are")
        ));
    }
    all
}

/// The first of them, and how many more there are.
fn few(points: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = points.collect();
    let more = all.len().saturating_sub(EACH);
    all.truncate(EACH);
    if let (Some(last), true) = (all.last_mut(), more > 0) {
        *last += &format!(" (and {more} more like it)");
    }
    all
}

fn firing(account: &Account) -> impl Iterator<Item = String> {
    account
        .alerts
        .iter()
        .filter(|a| a.ended.is_none())
        .map(|a| format!("{} {} still fires, since {}", a.rank, a.signal, exact(a.at, account.tz())))
}

fn standing(account: &Account) -> impl Iterator<Item = String> {
    account
        .conditions
        .iter()
        .filter(|c| c.ended.is_none())
        .map(|c| format!("“{}” happened and is not over ({}: {})", c.text, c.by, c.reason))
}

fn runs(account: &Account) -> impl Iterator<Item = String> {
    account.runs.iter().filter_map(|run| match (run.outcome.as_str(), run.is_late()) {
        ("done", Some(true)) => {
            let (took, promised) = (run.seconds.map(seconds), run.target.map(seconds));
            let told = |span: Option<TimeDelta>| lasting(span.unwrap_or_default());
            Some(format!("{} took {} and was promised in {}", run.title, told(took), told(promised)))
        }
        ("done", _) => None,
        (word, _) => Some(format!("{}: {word}", run.title)),
    })
}

fn blocked(account: &Account) -> impl Iterator<Item = String> {
    let items = account.checklists.iter().flat_map(|c| &c.items).filter(|i| i.state == "blocked");
    items.map(|i| format!("“{}” is blocked: {}", i.text, i.reason.as_deref().unwrap_or("no reason given")))
}

fn signed(account: &Account) -> impl Iterator<Item = String> {
    account.signoffs.iter().filter_map(|s| match (s.decision.as_deref(), s.stale) {
        (Some(_), _) if s.gap.is_some() => s.gap.clone(),
        (Some("rejected"), _) => Some(format!("{} said no", s.role)),
        (Some(_), true) => Some(format!("{} signed an earlier plan", s.role)),
        _ => None,
    })
}

fn doubted(account: &Account) -> impl Iterator<Item = String> {
    let open = account.claims.iter().filter(|c| c.to.is_none());
    open.map(|c| format!("“{}” is ticked, and {}", c.text, c.why))
}

/// Polls that are not over, or ended otherwise than with GO and were not asked again.
fn polled(account: &Account) -> impl Iterator<Item = String> {
    let last = |(n, p): &(usize, &PollTold)| account.polls[n + 1..].iter().all(|q| q.phase != p.phase);
    let polls = account.polls.iter().enumerate().filter(last).map(|(_, poll)| poll);
    polls.filter_map(|p| match p.result.as_deref() {
        Some("GO") => None,
        Some(result) => Some(format!("The poll on {} ended {result}: {}", p.phase, p.why)),
        None => Some(format!("The poll on {} is under way: {}", p.phase, p.why)),
    })
}

fn overdue(account: &Account) -> impl Iterator<Item = String> {
    account.due.iter().filter(|d| d.state == "overdue").map(|d| {
        let when = d.to.map(|at| format!(" since {}", day(at, account.tz()))).unwrap_or_default();
        format!("“{}” is overdue{when}", d.text)
    })
}
