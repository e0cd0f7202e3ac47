//! `tick`, `untick`, `note`: acting without the screen.

use std::io::Read;

use serde_json::json;

use super::args::{Place, Ticking};
use super::desk::{self, Desk};
use super::failure::{Exit, Failure};
use super::write_back::Boxes;
use super::{pick, print};
use crate::plan::ItemId;
use crate::plan::binding::normal;
use crate::room::{Entry, Intent, Subject};
use crate::signal::watched;
use crate::text::clean;

/// Ticks or unticks items, each acknowledged once it is on the disk. A refused one does not stop
/// the others. Where it is wanted, the boxes of the plan's file are written after that.
///
/// # Errors
/// An item that cannot be told, before anything is done; refusals, after everything was tried; a
/// journal that does not store, at once.
pub fn tick(ticking: &Ticking, intent: fn(ItemId) -> Intent) -> Result<(), Failure> {
    let mut desk = desk::act(&ticking.place)?;
    let named = |wanted: &String| pick::item(&desk.room.plan, wanted).map(|i| i.id.clone());
    let items = ticking.items.iter().map(named).collect::<Result<Vec<_>, _>>()?;
    let boxes = ticking.write_back.unwrap_or(desk.write_back).then(|| Boxes::find(&desk)).transpose()?;
    let (mut outcome, mut stored) = (Ok(()), vec![]);
    for item in items {
        match desk.submit(intent(item)) {
            Ok(entries) => {
                tell(&desk, &entries, ticking.json)?;
                stored.extend(entries);
            }
            Err(failure) if failure.exit == Exit::Refused => {
                if let Err(earlier) = std::mem::replace(&mut outcome, Err(failure)) {
                    eprintln!("{earlier}");
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    if let Some(boxes) = boxes {
        let ticked = matches!(intent(ItemId::default()), Intent::Tick(_));
        let items: Vec<_> = stored.iter().filter_map(|entry| entry.event.item().cloned()).collect();
        boxes.turn(&mut desk, &items, ticked)?;
    }
    desk.close();
    outcome
}

/// Writes a note; `-` takes it from standard input.
///
/// # Errors
/// As [`tick`].
pub fn note(place: &Place, text: &str, on: Option<&str>, as_json: bool) -> Result<(), Failure> {
    let text = if text == "-" { standard_input()? } else { text.to_owned() };
    let mut desk = desk::act(place)?;
    let on = match on {
        Some(wanted) => Subject::Item(pick::item(&desk.room.plan, wanted)?.id.clone()),
        None => Subject::Room,
    };
    let entries = desk.submit(Intent::AddNote { on, text })?;
    tell(&desk, &entries, as_json)?;
    desk.close();
    Ok(())
}

/// Says what a signal is that people measure.
///
/// # Errors
/// There is no such signal, or a source measures it; else as [`tick`].
pub fn value(place: &Place, signal: &str, value: f64, as_json: bool) -> Result<(), Failure> {
    let mut desk = desk::act(place)?;
    let signal = measured_by_hand(&desk, signal)?;
    let entries = desk.submit(Intent::TypeValue { signal, value })?;
    tell(&desk, &entries, as_json)?;
    desk.close();
    Ok(())
}

/// The signal of a name, as its plan or binding calls it.
fn measured_by_hand(desk: &Desk, wanted: &str) -> Result<String, Failure> {
    let binding = desk.binding.reachable();
    if let Some(signal) = binding.signal(wanted) {
        if binding.is_typed(wanted) {
            return Ok(signal.name.clone());
        }
        return Err(Failure::usage(format!("{} is measured by {}", signal.name, signal.source))
            .hint("only what no source measures is typed"));
    }
    let plan = &desk.room.plan;
    let limited = watched(plan).into_iter().map(|w| w.name);
    let mut names = limited.chain(plan.metrics.iter().map(|m| m.name.clone()));
    names.find(|name| normal(name) == normal(wanted)).ok_or_else(|| {
        Failure::usage(format!("neither the plan nor warroom.toml has a signal {wanted:?}"))
            .hint("`warroom check PLAN` lists the limits and metrics of a plan")
    })
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    let limit = crate::room::MAX_TEXT as u64 + 1;
    let read = std::io::stdin().take(limit).read_to_string(&mut text);
    read.map_err(|e| Failure::new(format!("standard input: {e}")))?;
    Ok(text)
}

/// Prints what was recorded, a line or an object each.
///
/// # Errors
/// Standard output does not take it.
pub fn tell(desk: &Desk, entries: &[Entry], as_json: bool) -> Result<(), Failure> {
    for entry in entries {
        if as_json {
            let item = entry.event.item();
            print::json(&json!({ "room": desk.room.name, "seq": entry.seq, "by": entry.by, "at": entry.at, "item": item, "did": entry.event.sentence() }).to_string())?;
        } else {
            let item = entry.event.item().map(|i| format!("{i}  ")).unwrap_or_default();
            print::text(&format!("{:>6}  {item}{}\n", entry.seq, clean(&entry.event.sentence())))?;
        }
    }
    Ok(())
}
