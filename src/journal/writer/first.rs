//! What is shown first of a long journal: the room as it was kept, until all is verified; and how it is
//! kept for the next time. The room that judges is always the one folded from the first event on.

use std::sync::Arc;

use super::Writer;
use crate::journal::glimpse::{self, STEP};
use crate::journal::scribe::{Health, Report, Trouble};
use crate::journal::{JournalError, OpenedAs};
use crate::plan::Plan;
use crate::room::Room;

impl Writer {
    /// Shows the room as it was kept, where one is.
    pub(super) fn glimpse(&mut self) -> Option<Room> {
        if !self.options.glimpse {
            return None;
        }
        let kept = self.store.glimpse()?;
        let (mut room, since) = glimpse::room(&kept)?;
        room.follow(self.plan_of(&room.digest)?);
        since.iter().for_each(|entry| room.apply(entry));
        if room.digest != room.plan.digest {
            room.follow(self.plan_of(&room.digest)?);
        }
        self.glimpsed = glimpse::head(&kept.text)?.seq;
        (self.report)(Report::Glimpsed(Box::new(room.clone())));
        Some(room)
    }

    /// A plan by its digest: one that was read already, else the journal's.
    fn plan_of(&mut self, digest: &str) -> Option<Arc<Plan>> {
        let known = [self.options.plan.as_ref(), self.options.founding.as_ref().map(|f| &f.edition.plan)];
        let known = known.into_iter().flatten().find(|plan| plan.digest == digest).map(Arc::clone);
        known.or_else(|| self.store.plan(digest).ok().flatten().map(|bytes| Arc::new((self.read)(&bytes))))
    }

    /// Verifies and folds the whole journal, and has the glimpse follow what came after it.
    pub(super) fn read_through(&mut self, glimpse: &mut Option<Room>) -> Result<(), JournalError> {
        loop {
            let records = self.store.after(self.room.seq)?;
            if records.is_empty() {
                return Ok(());
            }
            let entries: Vec<_> = records.iter().map(|r| r.entry()).collect();
            self.apply(&entries);
            // It takes only what is newer than itself.
            glimpse.iter_mut().for_each(|room| entries.iter().for_each(|entry| room.apply(entry)));
        }
    }

    /// Compares what was shown with what the journal says. Where that differs somebody may have acted
    /// by it: it is said, and nothing more is taken.
    pub(super) fn doubt(&mut self, glimpse: Option<Room>) {
        let Some(glimpse) = glimpse else { return };
        if self.health != Health::Live || glimpse::is_true(&glimpse, &self.room) {
            return;
        }
        // Where it cannot be forgotten it is found out again.
        let _ = self.store.keep_glimpse("");
        self.glimpsed = 0;
        let why =
            "what was shown while the journal was read is not what it says; this is what it says".to_owned();
        let hint = "look again at what you saw, then close the room and open it anew";
        self.health = Health::ViewOnly(Trouble { history: true, ..Trouble::new(why, hint) });
    }

    /// Keeps the room for the next opening, now and then.
    pub(super) fn keep_glimpse(&mut self) {
        let due = self.room.seq >= self.glimpsed + STEP;
        let may = self.options.glimpse && self.health == Health::Live && !self.severed;
        let end = self.store.head();
        if !due || !may || *self.store.opened_as() != OpenedAs::Writable || end.seq != self.room.seq {
            return;
        }
        self.glimpsed = self.room.seq;
        // A lost glimpse costs a moment at the next opening; it is not worth a word.
        let _ = glimpse::write(&self.room, &end).map(|text| self.store.keep_glimpse(&text));
    }
}
