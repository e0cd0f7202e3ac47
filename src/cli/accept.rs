//! `warroom verify --accept`: going on with a journal in which something is wrong. What is broken is
//! moved aside, never deleted; what counts from here on is written down in the room, with the reason.

use super::args::{Place, Verifying};
use super::failure::Failure;
use super::surroundings::Surroundings;
use super::verify::Journal;
use super::{desk, print, target};
use crate::journal::audit::{Audit, Compared, Fault, Origin, Standing};
use crate::journal::{How, recover};
use crate::room::{Entry, Event, Intent, Subject};
use crate::text::clean;

/// Accepts what can be accepted and records it as a note.
///
/// # Errors
/// Nothing is wrong, nothing can be done here about what is, or it cannot be written.
pub(super) fn run(wanted: &Verifying, journal: &Journal, audit: &Audit, reason: &str) -> Result<(), Failure> {
    let Some(fault) = audit.faults.first() else {
        return Err(Failure::new(format!("{} is whole: there is nothing to accept", journal.name)));
    };
    if !journal.is_room {
        let hint = "name the room: `warroom rooms` lists them";
        return Err(Failure::usage("only a room can go on, not a file").hint(hint));
    }
    if reason.trim().is_empty() {
        return Err(Failure::usage("why is it accepted? The reason is recorded").hint("--accept REASON"));
    }
    if let Some(fault) = audit.faults.iter().find(|fault| is_estranged(fault)) {
        let hint = "a person signed another history; no reason makes this one that. It stays as it is";
        return Err(Failure::new(format!("this cannot be accepted: {fault}")).hint(hint));
    }
    let done = settle(wanted, journal, audit)?
        .ok_or_else(|| Failure::new(format!("this cannot be accepted: {fault}")).hint(fault.hint()))?;
    let place = Place { target: journal.name.clone(), hand: wanted.hand.clone() };
    let mut desk = desk::act(&place)?;
    let text = format!("accepted the journal as it stands: {reason} ({fault}; {done})");
    let entries = desk.submit(Intent::AddNote { on: Subject::Room, text })?;
    desk.close();
    let recorded = entries.first().map(|entry| entry.seq).unwrap_or_default();
    print::text(&format!("{}: {}; recorded as event {recorded}\n", clean(&journal.name), clean(&done)))
}

/// Whether what is wrong is a head inside a sign-off: a room with that opens to look at only, whatever
/// else was accepted.
fn is_estranged(fault: &Fault) -> bool {
    matches!(fault, Fault::Head(Compared { origin: Origin::SignOff { .. }, .. }))
}

/// Does what makes the room writable again, and says it; none where nothing would.
fn settle(wanted: &Verifying, journal: &Journal, audit: &Audit) -> Result<Option<String>, Failure> {
    let is_broken = |fault: &Fault| matches!(fault, Fault::Event { .. } | Fault::Before { .. });
    if audit.faults.iter().any(is_broken) {
        let recovery = recover(&journal.file, &room_of).map_err(|error| desk::failure(&error))?;
        let (kept, moved) = (recovery.salvaged, recovery.moved_to.display());
        return Ok(Some(format!("{kept} events verified and live on, the file lies at {moved}")));
    }
    let other_end = |fault: &Fault| match fault {
        Fault::Head(Compared { origin: Origin::Machine(_), standing, .. }) => {
            matches!(standing, Standing::Behind { .. } | Standing::Forked { .. } | Standing::OtherRoom)
        }
        _ => false,
    };
    if !audit.faults.iter().any(other_end) {
        return Ok(None);
    }
    let around = Surroundings::find(wanted.hand.state.as_deref())?;
    let rooms = target::rooms(&around)?;
    let mut store = rooms.open(&journal.name, &How::default()).map_err(|error| desk::failure(&error))?;
    store.accept().map_err(|error| desk::failure(&error))?;
    Ok(Some(format!("event {} counts as its end from here on", audit.head.seq)))
}

/// What the first event says of a room whose own row is lost.
fn room_of(first: Option<&str>) -> Option<(std::path::PathBuf, String)> {
    match Entry::read(1, first?).event {
        Event::RoomOpened { plan_path, environment, .. } => Some((plan_path.into(), environment)),
        _ => None,
    }
}
