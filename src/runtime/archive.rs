//! Earlier rehearsals of a plan, read on a thread of their own: how long its ways back took there.

use std::path::PathBuf;
use std::thread;

use tokio::sync::mpsc::UnboundedSender;

use super::outside::Came;
use crate::app::Rehearsed;
use crate::journal::{How, JournalError, Listed, REHEARSAL, Rooms, Store as _};
use crate::room::{Entry, Outcome, Room};

/// So many of the newest rehearsals are looked at.
const NEWEST: usize = 5;

/// Where earlier rooms lie, and of which plan they are wanted.
#[derive(Clone, Debug)]
pub struct Archive {
    /// The state folder.
    pub state: PathBuf,
    /// The plan's file.
    pub plan: PathBuf,
}

impl Archive {
    /// Looks them up; what was found is reported once.
    pub(super) fn look(self, hear: UnboundedSender<Came>) {
        let found = move || {
            let runs = self.rehearsed();
            if !runs.is_empty() {
                drop(hear.send(Came::Rehearsed(runs)));
            }
        };
        // Without the thread nothing is shown, as where nobody has rehearsed.
        drop(thread::Builder::new().name("archive".to_owned()).spawn(found));
    }

    /// What went well in the newest rehearsals, the newest first.
    fn rehearsed(&self) -> Vec<Rehearsed> {
        let rooms = Rooms::at(&self.state);
        let made = |room: &Listed| {
            let meta = &room.summary.as_ref().ok()?.meta;
            (meta.environment == REHEARSAL && meta.plan == self.plan).then_some(meta.created_ms)
        };
        let listed = rooms.list().unwrap_or_default();
        let mut found: Vec<_> = listed.iter().filter_map(|r| Some((made(r)?, r.name.as_str()))).collect();
        found.sort_by(|a, b| b.cmp(a));
        found.iter().take(NEWEST).flat_map(|(_, name)| done(&rooms, name).unwrap_or_default()).collect()
    }
}

/// The runs of a room that went well, the newest first.
fn done(rooms: &Rooms, name: &str) -> Result<Vec<Rehearsed>, JournalError> {
    let mut store = rooms.open(name, &How { read_only: true, ..How::default() })?;
    let mut room = Room::default();
    loop {
        let records = store.after(room.seq)?;
        if records.is_empty() {
            break;
        }
        records.iter().for_each(|r| room.apply(&Entry::read(r.seq, &r.text)));
    }
    let well = room.runs().iter().rev().filter_map(|run| {
        let ended = run.ended.as_ref().filter(|e| e.outcome == Outcome::Done)?;
        Some(Rehearsed {
            room: name.to_owned(),
            at: ended.at,
            procedure: run.procedure.clone(),
            title: run.title.clone(),
            took: ended.at - run.at,
        })
    });
    Ok(well.collect())
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::room::{Event, Fact};

    /// A room with one run of so many seconds.
    fn room(rooms: &Rooms, plan: &str, environment: &str, seconds: i64, outcome: Outcome) -> String {
        // What took longer was made earlier.
        let made = rooms.create("launch", plan.as_ref(), environment, 1_000 - seconds).unwrap();
        let (run, title, begun) = (Uuid::now_v7(), "Way back".to_owned(), Utc::now());
        let events = [
            (0, Event::RunStarted { run, procedure: "back".into(), title: title.clone() }),
            (seconds, Event::RunEnded { run, title, outcome, detail: String::new() }),
        ];
        let text = |(at, event): (i64, Event)| {
            Fact::new(Uuid::now_v7(), begun + TimeDelta::seconds(at), "ana", event).to_text()
        };
        let mut store = made.store;
        store.append(0, &events.map(text)).unwrap();
        made.name
    }

    #[test]
    fn the_newest_rehearsals_of_the_same_plan_say_how_long_it_took() {
        let folder = tempfile::tempdir().unwrap();
        let rooms = Rooms::at(folder.path());
        room(&rooms, "/launch.md", REHEARSAL, 90, Outcome::Done);
        let newest = room(&rooms, "/launch.md", REHEARSAL, 48, Outcome::Done);
        room(&rooms, "/launch.md", REHEARSAL, 1, Outcome::Failed);
        room(&rooms, "/launch.md", "production", 2, Outcome::Done);
        room(&rooms, "/other.md", REHEARSAL, 3, Outcome::Done);
        let found = Archive { state: folder.path().into(), plan: "/launch.md".into() }.rehearsed();
        let took: Vec<_> = found.iter().map(|r| r.took.num_seconds()).collect();
        assert_eq!((took, found[0].room.as_str()), (vec![48, 90], newest.as_str()));
    }
}
