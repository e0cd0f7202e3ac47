//! What the scribe keeps beside the events: samples and the rules' memory, behind everything else.

use super::Writer;
use crate::journal::scribe::{Health, Report, Trouble};
use crate::journal::{JournalError, Lease};

impl Writer {
    /// Says where the past is to be read, and to who may judge what the rules remember.
    pub(super) fn open_past(&mut self) {
        let Some(past) = self.store.past() else { return };
        // A lost memory costs what was pending; it is not worth a word.
        let memory = if self.options.watch { past.memory().ok().flatten() } else { None };
        (self.report)(Report::Past { past, memory });
    }

    pub(super) fn keep_samples(&mut self) {
        let keep = self.options.keep;
        let mine = self.health == Health::Live && matches!(self.watch, Some(Lease::Mine { .. }));
        let store = &self.store;
        let open = || store.samples(keep);
        if let Some(error) = self.keeping.keep(mine && !keep.is_zero(), (self.options.clock)(), &open) {
            self.not_kept(&error);
        }
    }

    fn not_kept(&mut self, error: &JournalError) {
        (self.report)(Report::NotKept(Trouble::from(error)));
    }
}
