//! `warroom rehearse [PLAN]`: the launch lived through on a simulated production.
//!
//! The room is one of its own, in the environment `rehearsal`; nothing of the plan is executed and no
//! host of it is called.

use std::path::Path;

use chrono::{Duration, Utc};

use super::args::Rehearsing;
use super::beside::beside;
use super::failure::Failure;
use super::file::{self, PlanFile};
use super::open::{Opening, enter, zone};
use super::surroundings::Surroundings;
use super::target::{Target, Wanted};
use crate::journal::REHEARSAL;
use crate::plan::Plan;
use crate::plan::binding::{Binding, TwoPeople};
use crate::rehearsal::{BUILT_IN_PLAN, BUILT_IN_STEM, Production, Timeline};
use crate::room::T0;
use crate::runtime::{Ended, Reach};

/// So long after the start is the launch.
const AHEAD: Duration = Duration::seconds(10);

/// Rehearses and stays until the room is left.
///
/// # Errors
/// No plan, a timeline with mistakes, no port on loopback, and whatever opening a room may find.
pub fn run(wanted: &Rehearsing) -> Result<Ended, Failure> {
    let around = Surroundings::find(wanted.state.as_deref())?;
    let file = match &wanted.plan {
        Some(path) => file::read(path)?,
        None => PlanFile { path: format!("{BUILT_IN_STEM}.md").into(), bytes: BUILT_IN_PLAN.to_vec() },
    };
    let own = match &wanted.plan {
        Some(_) => beside(&file.path)?,
        None => Binding::default(),
    };
    // Nothing is executed, so whoever rehearses alone needs nobody's approval.
    let target = Target::plan_file(file, alone(own.clone()));
    let (Some(plan), stem) = (target.plan(), target.stem()) else { unreachable!("a file is a plan") };
    let timeline = timeline(wanted, &plan)?;
    let rules = timeline.rules.clone();
    let production = Production::start(&plan, timeline, wanted.speed)
        .map_err(|why| Failure::usage(format!("the rehearsal cannot begin: {why}")))?;
    let t0 = T0 { at: production.now() + AHEAD, zone: zone(&target).to_string() };
    // Two that begin in one second are told apart by the process.
    let time = Utc::now().format("%Y%m%d-%H%M%S");
    let room = format!("{stem}-rehearsal-{time}-{}", std::process::id());
    let opening = Opening {
        target,
        wanted: Wanted { room: Some(room), environment: Some(REHEARSAL.to_owned()), ..Wanted::default() },
        name: wanted.name.clone(),
        view_only: None,
        notice: None,
        t0: Some(t0),
        reach: Some(Reach {
            binding: simulated(&production, own),
            production: Some(production),
            speed: wanted.speed,
            rules,
            ..Reach::default()
        }),
    };
    let (state, name) = (around.state.clone(), opening.wanted.room.clone().unwrap_or_default());
    let mut ended = enter(around, &wanted.look, opening)?;
    if let (Some(report), Some(state)) = (&ended.report, state) {
        let path = state.join("reports").join(format!("{name}.md"));
        let written =
            std::fs::create_dir_all(state.join("reports")).and_then(|()| std::fs::write(&path, report));
        let word = match written {
            Ok(()) => format!("the rehearsal's report is {}", path.display()),
            Err(why) => {
                format!("the report stands in the journal; {} cannot be written: {why}", path.display())
            }
        };
        ended.word.get_or_insert(word);
    }
    Ok(ended)
}

/// What the simulated production is reached by: nothing of the real one but what goes into blanks and
/// who has which role. Of the blanks only the names are looked at.
fn simulated(production: &Production, own: Binding) -> Binding {
    Binding { blanks: own.blanks, people: own.people, ..production.binding() }
}

/// Without what takes a second person.
fn alone(mut binding: Binding) -> Binding {
    binding.room.two_people = TwoPeople::None;
    binding.procedures.iter_mut().for_each(|p| p.two_people = None);
    binding.flags.iter_mut().for_each(|f| f.two_people = None);
    binding
}

/// The scenario asked for; else the built-in plan's own, else the one for any plan.
fn timeline(wanted: &Rehearsing, plan: &Plan) -> Result<Timeline, Failure> {
    match (&wanted.scenario, &wanted.plan) {
        (Some(path), _) => parse(path),
        (None, None) => Ok(Timeline::built_in()),
        (None, Some(_)) => Ok(Timeline::for_plan(plan)),
    }
}

fn parse(path: &Path) -> Result<Timeline, Failure> {
    let file = file::read(path)?;
    let text = String::from_utf8(file.bytes)
        .map_err(|_| Failure::usage(format!("{}: is not valid UTF-8", path.display())))?;
    Timeline::parse(&text).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(|p| format!("{}:{p}", path.display())).collect();
        Failure::usage(lines.join("\n"))
    })
}
