//! `warroom drill`: a timeline file played in virtual time against the rules of its plan.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::failure::Failure;
use super::{beside, file, print, reading};
use crate::rehearsal::{self, Outcome, Problem, Timeline, Verdict};
use crate::text::clean;

/// Plays a timeline and prints a line an expectation; the exit code comes back: 1 where one was missed.
///
/// # Errors
/// Where a file cannot be read or understood, or nothing is expected.
pub fn run(path: &Path, json: bool) -> Result<u8, Failure> {
    let shown = path.display().to_string();
    let timeline = timeline(path, &shown)?;
    let Some(name) = &timeline.plan else {
        let hint = "add a line at its top: plan = \"FILE\"";
        return Err(Failure::new(format!("{shown}: names no plan")).hint(hint));
    };
    let plan_file = file::read(&path.parent().unwrap_or(Path::new("")).join(name))?;
    let binding = beside::beside(&plan_file.path)?;
    let plan = reading::plan(&plan_file.bytes, &plan_file.stem(), &binding);
    let outcomes = rehearsal::drill(&plan, &timeline).map_err(|problems| wrong(&shown, &problems))?;
    if outcomes.iter().all(|o| o.verdict == Verdict::NoScreen) {
        let hint =
            "a step says: expect = \"fires METRIC P1\"; what is expected of a screen is not judged here";
        return Err(Failure::new(format!("{shown}: expects nothing that a drill can judge")).hint(hint));
    }
    match json {
        true => print::json(&serde_json::to_string_pretty(&as_json(name, &outcomes)).expect("plain data"))?,
        false => print::text(&told(&shown, &outcomes))?,
    }
    Ok(u8::from(outcomes.iter().any(is_missed)))
}

fn timeline(path: &Path, shown: &str) -> Result<Timeline, Failure> {
    let bytes = file::read(path)?.bytes;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::new(format!("{shown}: is not UTF-8")).hint("a timeline is a TOML file: save it as UTF-8")
    })?;
    Timeline::parse(&text).map_err(|problems| wrong(shown, &problems))
}

/// Every problem with its place.
fn wrong(shown: &str, problems: &[Problem]) -> Failure {
    let line = |p: &Problem| {
        let hint = p.hint.as_deref().map(|h| format!(" ({h})")).unwrap_or_default();
        format!("{shown}:{p}{hint}")
    };
    Failure::new(problems.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn is_missed(outcome: &Outcome) -> bool {
    matches!(outcome.verdict, Verdict::Missed(_))
}

fn told(shown: &str, outcomes: &[Outcome]) -> String {
    let mut page = String::new();
    for outcome in outcomes {
        let (word, rest) = match &outcome.verdict {
            Verdict::Met(at) if *at == outcome.at => ("ok", String::new()),
            Verdict::Met(at) => ("ok", format!("at {}", rehearsal::told(*at))),
            Verdict::Missed(why) => ("FAILED", format!("{shown}:{}: {why}", outcome.line)),
            Verdict::NoScreen => ("skipped", "a drill has no screen".to_owned()),
        };
        let at = rehearsal::told(outcome.at);
        let line = format!("{word:<8}{at:>8}  {}  {rest}", clean(&outcome.expect.to_string()));
        let _ = writeln!(page, "{}", clean(line.trim_end()));
    }
    let missed = outcomes.iter().filter(|o| is_missed(o)).count();
    let judged = outcomes.iter().filter(|o| o.verdict != Verdict::NoScreen).count();
    let _ = writeln!(page, "{} of {judged} expectations met", judged - missed);
    page
}

fn as_json(plan: &str, outcomes: &[Outcome]) -> Json {
    let one = |outcome: &Outcome| {
        let (state, at, why) = match &outcome.verdict {
            Verdict::Met(at) => ("met", Some(at.as_secs_f64()), None),
            Verdict::Missed(why) => ("missed", None, Some(why)),
            Verdict::NoScreen => ("skipped", None, None),
        };
        json!({
            "t": outcome.at.as_secs_f64(), "line": outcome.line, "expect": outcome.expect.to_string(),
            "state": state, "at": at, "why": why,
        })
    };
    let ok = !outcomes.iter().any(is_missed);
    json!({"plan": plan, "ok": ok, "expectations": outcomes.iter().map(one).collect::<Vec<_>>()})
}
