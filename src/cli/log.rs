//! `warroom log`: what happened, oldest first, a line each.

use std::time::Duration;

use chrono_tz::Tz;
use serde_json::{Value, json};

use super::args::Place;
use super::failure::Failure;
use super::surroundings::Surroundings;
use super::{desk, print, target};
use crate::identity;
use crate::journal::audit::heads;
use crate::journal::{How, OpenedAs, Record, Store, chain};
use crate::text::clean;

/// How often `--follow` looks for more.
const LOOK: Duration = Duration::from_millis(250);

/// Prints what happened; with `follow` goes on until it is stopped.
///
/// # Errors
/// There is no room, or its journal cannot be read further.
pub fn run(place: &Place, follow: bool, as_json: bool) -> Result<(), Failure> {
    let around = Surroundings::find(place.hand.state.as_deref())?;
    let rooms = target::rooms(&around)?;
    let name = target::existing(place, &rooms)?;
    let how = How { read_only: true, ..How::default() };
    let mut store = rooms.open(&name, &how).map_err(|e| desk::failure(&e))?;
    let zone = identity::zone();
    loop {
        let seq = store.head().seq;
        let records = store.after(seq).map_err(|e| desk::failure(&e))?;
        let done = records.is_empty();
        records.iter().try_for_each(|r| tell(r, zone, as_json))?;
        match (done, follow) {
            (true, false) => return Ok(()),
            (true, true) => wait(&mut store)?,
            (false, _) => {}
        }
    }
}

/// Prints where the journal ends, once every event up to there is verified.
///
/// # Errors
/// There is no room, or its journal is not whole.
pub fn head(place: &Place, as_json: bool) -> Result<(), Failure> {
    let around = Surroundings::find(place.hand.state.as_deref())?;
    let rooms = target::rooms(&around)?;
    let name = target::existing(place, &rooms)?;
    let how = How { read_only: true, ..How::default() };
    let mut store = rooms.open(&name, &how).map_err(|e| desk::failure(&e))?;
    while !store.after(store.head().seq).map_err(|e| desk::failure(&e))?.is_empty() {}
    if let OpenedAs::ReadOnly(why) = store.opened_as()
        && why.is_of_history()
    {
        return Err(Failure::new(format!("no head to keep: {why}")).hint(why.hint()));
    }
    let (meta, head) = (store.meta().map_err(|e| desk::failure(&e))?, store.head());
    let line = heads::line(&name, &meta.id, &head);
    if as_json {
        let hash = chain::hex(&head.hash);
        let head = json!({ "room": name, "id": meta.id, "seq": head.seq, "hash": hash, "line": line });
        return print::json(&head.to_string());
    }
    print::text(&(line + "\n"))
}

fn wait(store: &mut impl Store) -> Result<(), Failure> {
    while !store.changed().map_err(|e| desk::failure(&e))? {
        std::thread::sleep(LOOK);
    }
    Ok(())
}

fn tell(record: &Record, zone: Tz, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return print::json(&object(record));
    }
    let entry = record.entry();
    let at = entry.at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S");
    let sentence = entry.event.sentence();
    print::text(&format!("{:>6}  {at}  {:<16} {}\n", entry.seq, clean(&entry.by), clean(&sentence)))
}

/// The stored fact with its place; a text that is no JSON object comes as a string.
fn object(record: &Record) -> String {
    match serde_json::from_str::<Value>(&record.text) {
        Ok(Value::Object(mut fact)) => {
            fact.insert("seq".to_owned(), json!(record.seq));
            Value::Object(fact).to_string()
        }
        _ => json!({ "seq": record.seq, "text": record.text }).to_string(),
    }
}
