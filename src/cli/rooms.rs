//! `warroom rooms`: every room there is.

use std::path::Path;

use chrono::DateTime;
use serde_json::{Value, json};

use super::failure::Failure;
use super::surroundings::Surroundings;
use super::{desk, print, target};
use crate::journal::Listed;
use crate::text::{clean, pad};

/// Lists the rooms.
///
/// # Errors
/// The folder cannot be read. A room that cannot be is listed with its reason.
pub fn run(state: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    let around = Surroundings::find(state)?;
    let list = target::rooms(&around)?.list().map_err(|e| desk::failure(&e))?;
    if as_json {
        let list: Vec<_> = list.iter().map(json_of).collect();
        return print::json(&serde_json::to_string_pretty(&list).expect("plain data"));
    }
    if list.is_empty() {
        eprintln!("no rooms yet; `warroom PLAN` opens one");
    }
    list.iter().try_for_each(|room| print::text(&line(room)))
}

fn json_of(room: &Listed) -> Value {
    match &room.summary {
        Ok(summary) => json!({
            "room": room.name,
            "plan": summary.meta.plan,
            "environment": summary.meta.environment,
            "created": DateTime::from_timestamp_millis(summary.meta.created_ms),
            "closed": summary.meta.closed_ms.and_then(DateTime::from_timestamp_millis),
            "seq": summary.head.seq,
            "path": room.path,
        }),
        Err(error) => json!({ "room": room.name, "path": room.path, "error": error.to_string() }),
    }
}

fn line(room: &Listed) -> String {
    let name = clean(&room.name);
    match &room.summary {
        Ok(summary) => {
            let made = DateTime::from_timestamp_millis(summary.meta.created_ms).unwrap_or_default();
            let plan = summary.meta.plan.display().to_string();
            let environment = clean(&summary.meta.environment);
            let events = format!("{} events", summary.head.seq);
            format!(
                "{}  {}  {}  {:>10}  {}\n",
                pad(&name, 24),
                pad(&environment, 10),
                made.format("%Y-%m-%d %H:%M"),
                events,
                clean(&plan)
            )
        }
        Err(error) => format!("{}  {}\n", pad(&name, 24), clean(&error.to_string())),
    }
}
