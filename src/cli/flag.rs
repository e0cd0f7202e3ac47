//! `warroom flag get|set`: what a flag reads, and its change, confirmed as exactly what is sent.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::args::{Flagging, Place};
use super::failure::{Exit, Failure};
use super::lever::{Case, agree, begin, refused, second_person, show};
use super::{acts, print};
use crate::levers::{FlagChange, Levers, Report};
use crate::plan::binding::{FlagBinding, Provider};
use crate::room::{About, Intent, Outcome};
use crate::runtime::changed;
use crate::text::clean;

/// A reading or a change over HTTP takes no longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long commands of a flag are waited for, however often they run in one change.
fn patience(bound: &FlagBinding) -> Duration {
    let lines = bound.timeout.filter(|s| s.is_finite() && *s > 0.0).unwrap_or(60.0).min(3_600.0);
    match bound.provider {
        Provider::Command => PATIENCE + Duration::from_secs_f64(4.0 * lines),
        _ => PATIENCE,
    }
}

/// Prints what a flag reads.
///
/// # Errors
/// It is not bound, was not allowed, or cannot be read.
pub fn get(place: &Place, key: &str, as_json: bool) -> Result<(), Failure> {
    let case = Case::open(place)?;
    let bound = bound(&case, key)?;
    if bound.provider == Provider::Command {
        // Reading it runs a line of the plan's.
        case.hands()?;
    }
    case.need_leave()?;
    let (levers, reports) = case.levers()?;
    let value = read(&levers, &reports, &bound).map_err(Failure::new)?;
    if as_json {
        return print::json(&json!({ "flag": key, "value": value }).to_string());
    }
    print::text(&format!("{}\n", clean(&value.to_string())))
}

/// Changes a flag once exactly this was confirmed; its exit code.
///
/// # Errors
/// It is not bound or not allowed, the room says no, or nobody agreed; then nothing was sent.
pub fn set(flagging: &Flagging) -> Result<u8, Failure> {
    let (place, key, confirming) = (&flagging.place, &flagging.key, &flagging.confirming);
    let to = value(&flagging.value)?;
    let case = Case::open(place)?;
    let bound = bound(&case, key)?;
    if confirming.dry_run {
        return rehearsed(&case, &bound, &to).and_then(|change| shown(&change, confirming.json)).map(|()| 0);
    }
    case.hands()?;
    case.need_leave()?;
    let mut desk = case.desk(place)?;
    let (levers, reports) = case.levers()?;
    let change = planned(&levers, &reports, &bound, &to)?;
    shown(&change, confirming.json)?;
    let phrase = format!("{}-{key}-{}", desk.room.stem(), change.to);
    agree(&phrase, confirming.yes.as_deref())?;
    let (from, to) = (change.from.as_ref().map(Value::to_string), change.to.to_string());
    let request = change.request.shown().join("\n");
    let about = About::Flag { flag: key.clone(), from: from.clone(), to: to.clone() };
    second_person(&mut desk, about, &request, confirming.json)?;
    let id = Uuid::now_v7();
    let start = Intent::StartFlagChange { change: id, flag: key.clone(), from, to, request };
    let (outcome, detail) = match begin(&mut desk, start, confirming.json)? {
        Some(by) => {
            levers.change_by(id, change, by);
            ended(&reports, id, patience(&bound))
        }
        None => (Outcome::Aborted, "not done: the journal took too long to store it".to_owned()),
    };
    let entries = desk.submit(Intent::EndFlagChange { change: id, outcome, detail })?;
    acts::tell(&desk, &entries, confirming.json)?;
    desk.close();
    Ok(code(outcome))
}

/// The exit code of what came to an end.
pub fn code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Done => 0,
        Outcome::Refused => Exit::Refused as u8,
        Outcome::Failed | Outcome::Aborted | Outcome::Unknown => Exit::Failure as u8,
    }
}

/// The change from what the flag reads now.
fn planned(
    levers: &Levers,
    reports: &Receiver<Report>,
    bound: &FlagBinding,
    to: &Value,
) -> Result<FlagChange, Failure> {
    let key = &bound.name;
    match read(levers, reports, bound) {
        Ok(now) => eprintln!("{} reads {}", clean(key), clean(&now.to_string())),
        Err(why) => eprintln!("{}", clean(&why)),
    }
    levers.plan(key, to).map_err(|why| refused(why.to_string()))
}

/// The change as it would be made. Where nothing may be asked, only what needs no reading can be told.
fn rehearsed(case: &Case, bound: &FlagBinding, to: &Value) -> Result<FlagChange, Failure> {
    if case.need_leave().is_err() {
        return FlagChange::new(bound, None, to).map_err(|why| refused(why.to_string()));
    }
    let (levers, reports) = case.levers()?;
    planned(&levers, &reports, bound, to)
}

/// Prints a change as it is sent.
fn shown(change: &FlagChange, as_json: bool) -> Result<(), Failure> {
    let lines = change.request.shown();
    if as_json {
        let sent = json!({ "flag": change.flag, "from": change.from, "to": change.to, "request": lines });
        return print::json(&sent.to_string());
    }
    show(&lines)
}

fn bound(case: &Case, key: &str) -> Result<FlagBinding, Failure> {
    if !case.plan.flags.iter().any(|f| f.name == key) {
        return Err(Failure::usage(format!("the plan has no flag {key:?}"))
            .hint("`warroom check PLAN` lists its flags"));
    }
    case.reached().flag(key).cloned().ok_or_else(|| unbound(key))
}

fn unbound(key: &str) -> Failure {
    refused(format!("{key} is not bound: nothing can read or write it"))
        .hint("fill in its [[flag]] in warroom.toml")
}

/// on, off, true, false, 25, 25%.
fn value(text: &str) -> Result<Value, Failure> {
    match text.trim().to_lowercase().trim_end_matches('%') {
        "on" | "true" => Ok(json!(true)),
        "off" | "false" => Ok(json!(false)),
        number => serde_json::from_str::<Value>(number).ok().filter(Value::is_number).ok_or_else(|| {
            Failure::usage(format!("{text:?} is no value of a flag")).hint("say on, off, or a number")
        }),
    }
}

fn read(levers: &Levers, reports: &Receiver<Report>, bound: &FlagBinding) -> Result<Value, String> {
    let key = &bound.name;
    levers.read(key);
    loop {
        match reports.recv_timeout(patience(bound)) {
            Ok(Report::FlagRead { flag, value, .. }) if flag == *key => return value,
            Ok(_) => {}
            Err(_) => return Err(format!("{key} cannot be read: nothing answered")),
        }
    }
}

fn ended(reports: &Receiver<Report>, id: Uuid, patience: Duration) -> (Outcome, String) {
    loop {
        match reports.recv_timeout(patience) {
            Ok(Report::Output { line, .. }) => eprintln!("{}", clean(&line)),
            Ok(Report::FlagChanged { ticket, outcome }) if ticket == id => return changed(outcome),
            Ok(_) => {}
            Err(_) => return (Outcome::Unknown, "nothing was heard of it".to_owned()),
        }
    }
}
