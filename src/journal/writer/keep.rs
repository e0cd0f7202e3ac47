//! What the scribe keeps beside the events: samples and the rules' memory, behind everything else.

use super::Writer;
use crate::journal::samples::MEMORY;
use crate::journal::scribe::{Health, Report, Trouble};
use crate::journal::{JournalError, Lease, Past};
use crate::signal::Memory;

impl Writer {
    /// Says where the past is to be read, and to who may judge what the rules remember.
    pub(super) fn open_past(&mut self) {
        let Some(past) = self.store.past() else { return };
        // A lost memory costs what was pending; it is not worth a word.
        let memory = if self.options.watch { remembered(&past).ok().flatten() } else { None };
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

fn remembered(past: &Past) -> Result<Option<Memory>, JournalError> {
    let Some(reader) = past.open()? else { return Ok(None) };
    Ok(reader.remembered(MEMORY)?.and_then(|text| serde_json::from_str(&text).ok()))
}
