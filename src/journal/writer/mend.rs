//! What a failure means, and how the scribe gets over it.

use std::time::{Duration, Instant};

use super::Writer;
use crate::journal::JournalError;
use crate::journal::scribe::{Health, Report, Trouble};

/// The longest pause between attempts to get over a failure.
const PATIENCE: Duration = Duration::from_secs(5);

impl Writer {
    /// Notes what a failure means for everything that follows.
    pub(super) fn failed(&mut self, error: &JournalError) {
        let trouble = Trouble::from(error);
        let lasting = matches!(
            error,
            JournalError::Broken { .. } | JournalError::Backwards { .. } | JournalError::ViewOnly { .. }
        );
        if error.needs_reopening() && !self.severed {
            self.severed = true;
            self.pause = self.options.poll;
            self.next_mend = Instant::now() + self.pause;
        }
        self.becomes(if lasting { Health::ViewOnly(trouble) } else { Health::Failing(trouble) });
    }

    pub(super) fn works_again(&mut self) {
        if matches!(self.health, Health::Failing(_)) && !self.severed {
            self.becomes(Health::Live);
        }
    }

    fn becomes(&mut self, health: Health) {
        if self.health != health && !matches!(self.health, Health::ViewOnly(_)) {
            self.health = health.clone();
            (self.report)(Report::Health(health));
        }
    }

    /// Tries a fresh connection. Once the journal can be read again, those who were unsure learn
    /// what became of theirs.
    pub(super) fn mend(&mut self) {
        if let Err(error) = self.store.reopen() {
            self.pause = (self.pause * 2).min(PATIENCE);
            self.next_mend = Instant::now() + self.pause;
            return self.failed(&error);
        }
        self.severed = false;
        self.keeping.forget();
        match self.read_on() {
            Err(error) => self.failed(&error),
            Ok(entries) => {
                for entry in entries {
                    let ticket = self.unsure.remove(&entry.id).flatten();
                    (self.report)(Report::Recorded { entries: vec![entry], plan: None, ticket });
                }
                let why = "the disk failed before this was stored".to_owned();
                let trouble = Trouble::new(why, "do it again");
                for ticket in std::mem::take(&mut self.unsure).into_values().flatten() {
                    (self.report)(Report::Failed { ticket, trouble: trouble.clone() });
                }
                self.works_again();
            }
        }
    }
}
