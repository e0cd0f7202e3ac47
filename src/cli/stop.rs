//! `warroom stop`: stops what runs of a room, whoever began it. Never asks, and never starts anything.

use chrono::Utc;
use serde_json::json;

use super::args::Place;
use super::desk;
use super::failure::Failure;
use super::print;
use super::surroundings::Surroundings;
use crate::levers::Runs;
use crate::room::Role;
use crate::runtime::stoppable;
use crate::text::clean;

/// Asks everything that runs to stop, and says what was asked. How it ends is said by whoever follows it.
///
/// # Errors
/// There is no room, or whoever says it only looks.
pub fn run(place: &Place, as_json: bool) -> Result<(), Failure> {
    let desk = desk::look(place)?;
    let around = Surroundings::find(place.hand.state.as_deref())?;
    if around.config.role == Role::Observer {
        return Err(Failure::read_only("an observer only looks at this room"));
    }
    let state = around.state.as_deref().ok_or_else(|| Failure::new("no place for the runs"))?;
    let asked = Runs::below(state).stop(stoppable(&desk.room, Utc::now()));
    if as_json {
        let asked: Vec<_> = asked.iter().map(|(id, step)| json!({ "run": id, "step": step + 1 })).collect();
        return print::json(&json!({ "stopped": asked }).to_string());
    }
    if asked.is_empty() {
        return print::text("nothing runs here\n");
    }
    let line = |(id, step): &(uuid::Uuid, usize)| {
        let of_run = desk.room.run(*id).map(|r| format!("step {} of {}", step + 1, clean(&r.title)));
        let of_flag =
            || desk.room.changes().iter().find(|c| c.id == *id).map(|c| clean(&c.flag).into_owned());
        format!("STOP sent: {}\n", of_run.or_else(of_flag).unwrap_or_else(|| id.to_string()))
    };
    print::text(&asked.iter().map(line).collect::<String>())
}
