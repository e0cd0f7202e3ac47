//! `warroom run`: one step of a procedure, confirmed as exactly what a shell is given, run by its
//! supervisor and followed to its end. A step that an earlier process began is followed, never begun.

use std::sync::mpsc::Receiver;

use serde_json::json;
use uuid::Uuid;

use super::args::Running;
use super::desk::Desk;
use super::failure::Failure;
use super::flag::code;
use super::lever::{Case, agree, begin, refused, second_person, show};
use super::{acts, pick, print};
use crate::levers::Report;
use crate::levers::run::Step;
use crate::levers::runs::{Standing, look};
use crate::plan::Procedure;
use crate::room::{About, End, Intent, Outcome, Room};
use crate::runtime::stepped;
use crate::text::clean;

/// Runs a step; its exit code.
///
/// # Errors
/// The procedure cannot be told, the step cannot run, nobody agreed, or the room says no; then nothing
/// ran.
pub fn run(running: &Running) -> Result<u8, Failure> {
    let case = Case::open(&running.place)?;
    let procedure = pick::procedure(&case.plan, &running.procedure)?.clone();
    if running.confirming.dry_run {
        let room = case.room_name(&running.place);
        return rehearse(&case, running, &procedure, &room).map(|()| 0);
    }
    case.hands()?;
    let mut desk = case.desk(&running.place)?;
    let (open, next) = stand(&desk.room, &procedure);
    if let Some(run) = open.filter(|run| under_way(&desk.room, *run, next)) {
        return follow(&case, &mut desk, running, run, next);
    }
    if let Some(run) = open {
        end_stuck(&mut desk, run, running.confirming.json)?;
    }
    let number = running.step.map_or(next, |step| step.saturating_sub(1));
    let outcome = match procedure.in_order().get(number) {
        None => return Err(Failure::usage(format!("{} has no step {}", procedure.title, number + 1))),
        Some(step) if step.commands.is_empty() => by_hand(&mut desk, running, &procedure, number)?,
        Some(_) => execute(&case, &mut desk, running, &procedure, number)?,
    };
    desk.close();
    Ok(code(outcome))
}

/// The run under way of a procedure, and its next step.
fn stand(room: &Room, procedure: &Procedure) -> (Option<Uuid>, usize) {
    let open = room.open_run(&procedure.id);
    (open.map(|r| r.id), open.map_or(0, |r| r.next_step()))
}

fn under_way(room: &Room, run: Uuid, step: usize) -> bool {
    room.run(run).is_some_and(|r| r.step(step).started.is_some())
}

/// Shows what would run, every step where none is named, and does nothing. So it needs nobody's word.
fn rehearse(case: &Case, running: &Running, procedure: &Procedure, room: &str) -> Result<(), Failure> {
    let count = procedure.in_order().len();
    let steps = match running.step {
        Some(step) if step == 0 || step > count => {
            return Err(Failure::usage(format!("{} has no step {step}", procedure.title)));
        }
        Some(step) => step - 1..step,
        None => 0..count,
    };
    if !case.allowed {
        eprintln!("note: nobody has allowed this plan as it is: it would not run yet");
    }
    let several = steps.len() > 1;
    let mut failed = None;
    for number in steps {
        let shown = rehearse_step(case, running, procedure, number, (room, several));
        if let Err(failure) = shown {
            eprintln!("{}", failure.sentence);
            failed.get_or_insert(failure);
        }
    }
    failed.map_or(Ok(()), Err)
}

fn rehearse_step(
    case: &Case,
    running: &Running,
    procedure: &Procedure,
    number: usize,
    (room, several): (&str, bool),
) -> Result<(), Failure> {
    let json = running.confirming.json;
    let steps = procedure.in_order();
    let Some(step) = steps.get(number) else { return Ok(()) };
    if several && !json {
        print::text(&format!("{}step {}\n", if number > 0 { "\n" } else { "" }, number + 1))?;
    }
    match (step.commands.is_empty(), json) {
        (true, true) => {
            print::json(&json!({ "step": number + 1, "text": step.text, "by": "hand" }).to_string())
        }
        (true, false) => print::text(&format!("{}\n  a person does this\n", clean(&step.text))),
        (false, _) => told(&case.draft(procedure, number, room)?, json),
    }
}

/// The step as a shell would be given it.
fn prepared(
    case: &Case,
    of: &Case,
    procedure: &Procedure,
    number: usize,
    room: &str,
) -> Result<Step, Failure> {
    case.need_leave()?;
    let leave = case.leave.as_ref().ok_or_else(|| refused("nobody allowed this plan"))?;
    leave
        .prepare(&of.plan, procedure, number, room)
        .map_err(|why| refused(format!("{}, step {}: {why}", procedure.title, number + 1)))
}

fn told(step: &Step, as_json: bool) -> Result<(), Failure> {
    let (lines, digest) = step.confirmable().ok_or_else(|| refused("the step is only to be shown"))?;
    let Some(script) = step.script().filter(|_| as_json) else { return show(&lines) };
    let value = json!({
        "step": step.number() + 1,
        "text": step.text(),
        "bytes": script.bytes(),
        "cwd": script.cwd().display().to_string(),
        "timeout": script.timeout().as_secs_f64(),
        "variables": script.variables(),
        "digest": digest,
    });
    print::json(&value.to_string())
}

/// The run of a procedure; begun where none is under way.
fn begun(desk: &mut Desk, running: &Running, procedure: &Procedure) -> Result<Uuid, Failure> {
    if let (Some(run), _) = stand(&desk.room, procedure) {
        return Ok(run);
    }
    let run = Uuid::now_v7();
    let entries = desk.submit(Intent::StartRun { run, procedure: procedure.id.clone() })?;
    acts::tell(desk, &entries, running.confirming.json)?;
    Ok(run)
}

/// A step that a person did.
fn by_hand(
    desk: &mut Desk,
    running: &Running,
    procedure: &Procedure,
    number: usize,
) -> Result<Outcome, Failure> {
    let text = procedure.in_order().get(number).map(|s| s.text.clone()).unwrap_or_default();
    eprintln!("a person does this: {}", clean(&text));
    agree(&desk.room.step_phrase(number), running.confirming.yes.as_deref())?;
    let run = begun(desk, running, procedure)?;
    second_person(desk, About::Step { run, step: number }, &text, running.confirming.json)?;
    let ticked = Intent::TickStep { run, step: number, shown: text };
    end(desk, running, ticked)
}

fn execute(
    case: &Case,
    desk: &mut Desk,
    running: &Running,
    procedure: &Procedure,
    number: usize,
) -> Result<Outcome, Failure> {
    let room = desk.room.name.clone();
    if desk.room.plan.digest != case.plan.digest {
        return Err(refused("the room follows another plan than the file has"));
    }
    let step = prepared(case, case, procedure, number, &room)?;
    told(&step, running.confirming.json)?;
    agree(&desk.room.step_phrase(number), running.confirming.yes.as_deref())?;
    let bytes = step.confirmable().map(|(lines, _)| lines.join("\n")).unwrap_or_default();
    let run = begun(desk, running, procedure)?;
    let about = About::Step { run, step: number };
    second_person(desk, about, &bytes, running.confirming.json)?;
    let start = Intent::StartStep { run, step: number, bytes };
    let ended = match begin(desk, start, running.confirming.json)? {
        Some(by) => {
            let (levers, reports) = case.levers()?;
            levers.run_step_by(run, step, by);
            heard(&reports, running.confirming.json)?
        }
        None => (End::Aborted, "not done: the journal took too long to store it".to_owned()),
    };
    end(desk, running, closed(run, number, ended))
}

/// Follows a step that an earlier process began.
fn follow(case: &Case, desk: &mut Desk, running: &Running, run: Uuid, step: usize) -> Result<u8, Failure> {
    if look(&case.runs()?.folder(run, step)) == Standing::Absent {
        let sentence = format!("step {} was begun by another process just now, or left no trace", step + 1);
        return Err(
            refused(sentence).hint("`warroom runs` shows it; `warroom resolve` says what became of it")
        );
    }
    eprintln!("step {} is under way; this follows it and begins nothing", step + 1);
    let (levers, reports) = case.levers()?;
    levers.attach(run, step);
    let ended = heard(&reports, running.confirming.json)?;
    end(desk, running, closed(run, step, ended)).map(code)
}

/// Prints what a step says until it is over.
fn heard(reports: &Receiver<Report>, as_json: bool) -> Result<(End, String), Failure> {
    loop {
        match reports.recv() {
            Ok(Report::Output { line, .. }) if as_json => {
                print::json(&json!({ "output": line }).to_string())?
            }
            Ok(Report::Output { line, .. }) => print::text(&format!("{}\n", clean(&line)))?,
            Ok(Report::StepFinished { outcome, .. }) => return Ok(stepped(outcome)),
            Ok(_) => {}
            Err(_) => return Ok((End::Unknown, "nothing was heard of it".to_owned())),
        }
    }
}

fn closed(run: Uuid, step: usize, (end, detail): (End, String)) -> Intent {
    Intent::CloseStep { run, step, end, detail }
}

/// Says how a step ended, and with it the run where that was its last or did not work. Where another
/// process was faster, its word stands.
fn end(desk: &mut Desk, running: &Running, said: Intent) -> Result<Outcome, Failure> {
    let json = running.confirming.json;
    let (run, step, outcome, detail) = match &said {
        Intent::TickStep { run, step, .. } => (*run, *step, Outcome::Done, String::new()),
        Intent::CloseStep { run, step, end, detail } => (*run, *step, end.outcome(), detail.clone()),
        _ => return Err(Failure::new("that ends no step")),
    };
    let ended = desk.submit(said);
    let said = |room: &Room| room.run(run).and_then(|r| r.step(step).ended).map(|e| e.outcome);
    match ended {
        Ok(entries) => acts::tell(desk, &entries, json)?,
        Err(failure) => match said(&desk.room) {
            Some(outcome) => return Ok(outcome),
            None => return Err(failure),
        },
    }
    over(desk, (run, step), outcome, detail, json)?;
    Ok(outcome)
}

/// Ends a run whose step was its last or did not work.
///
/// # Errors
/// It cannot be recorded.
pub fn over(
    desk: &mut Desk,
    (run, step): (Uuid, usize),
    outcome: Outcome,
    detail: String,
    json: bool,
) -> Result<(), Failure> {
    let Some(found) = desk.room.run(run).filter(|r| r.ended.is_none()) else { return Ok(()) };
    let (next, procedure) = (found.next_step(), found.procedure.clone());
    // A run does not go past what nobody knows.
    let over = match outcome {
        Outcome::Done => false,
        Outcome::Unknown => next > step,
        Outcome::Failed | Outcome::Refused | Outcome::Aborted => true,
    };
    let procedure = desk.room.plan.procedures.iter().find(|p| p.id == procedure);
    let last = next >= procedure.map_or(0, |p| p.in_order().len());
    let (outcome, detail) = match outcome {
        Outcome::Done if found.edited => (Outcome::Aborted, EDITED.to_owned()),
        Outcome::Done => (Outcome::Done, String::new()),
        other => (other, detail),
    };
    if over || last || detail == EDITED {
        let entries = desk.submit(Intent::EndRun { run, outcome, detail })?;
        acts::tell(desk, &entries, json)?;
    }
    Ok(())
}

/// Why a run does not go on that could.
const EDITED: &str = "its steps were edited while it ran";

/// Ends a run that cannot go on and that nobody ended, and says so.
fn end_stuck(desk: &mut Desk, run: Uuid, json: bool) -> Result<(), Failure> {
    let Some(found) = desk.room.run(run).filter(|r| r.unsettled_step().is_none()) else { return Ok(()) };
    let bad = found.failed_step().and_then(|step| found.step(step).ended);
    let (outcome, detail) = match bad {
        Some(bad) => (bad.outcome, bad.detail),
        None if found.edited => (Outcome::Aborted, EDITED.to_owned()),
        None => return Ok(()),
    };
    let entries = desk.submit(Intent::EndRun { run, outcome, detail })?;
    acts::tell(desk, &entries, json)?;
    Err(refused("that run could not go on and is over now; nothing was begun")
        .hint("say this again to begin anew"))
}
