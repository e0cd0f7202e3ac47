//! When the next frame may be drawn.

use std::time::{Duration, Instant};

use crate::app::Dirty;

/// Between frames caused by data: 30 a second.
const DATA: Duration = Duration::from_millis(33);
/// Between frames caused by keys: a held key or a burst does not draw every step.
const KEYS: Duration = Duration::from_millis(10);
/// A storm of resizes is over when so long none came …
const SETTLED: Duration = Duration::from_millis(12);
/// … or is drawn in between after so long.
const STORM: Duration = Duration::from_millis(100);

/// What is known of the frames so far.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<Instant>,
    resized: Option<Instant>,
    blocked: bool,
}

impl Pace {
    /// When a screen this dirty is to be drawn; none where it need not or cannot be.
    pub fn due(&self, dirty: Dirty) -> Option<Instant> {
        let gap = match dirty {
            _ if self.blocked => return None,
            Dirty::Clean => return None,
            Dirty::Now => KEYS,
            Dirty::Soon => DATA,
        };
        let long_ago = Instant::now();
        let after = |gap| self.last.map_or(long_ago, |last| last + gap);
        Some(match self.resized {
            Some(resized) => (resized + SETTLED).min(after(STORM).max(resized)),
            None => after(gap),
        })
    }

    /// The terminal has another size.
    pub fn resized(&mut self) {
        self.resized = Some(Instant::now());
    }

    /// A frame was drawn.
    pub fn drawn(&mut self) {
        (self.last, self.resized) = (Some(Instant::now()), None);
    }

    /// The writer is busy: nothing is drawn until it says otherwise.
    pub fn blocked(&mut self) {
        self.blocked = true;
    }

    /// The writer is free again.
    pub fn unblocked(&mut self) {
        self.blocked = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_is_drawn_at_once_and_data_waits() {
        let mut pace = Pace::default();
        assert!(pace.due(Dirty::Now).is_some_and(|at| at <= Instant::now()));
        assert_eq!(pace.due(Dirty::Clean), None);
        pace.drawn();
        let (key, data) = (pace.due(Dirty::Now).unwrap(), pace.due(Dirty::Soon).unwrap());
        assert!(key < data && data > Instant::now());
    }

    #[test]
    fn nothing_is_due_while_the_writer_is_busy() {
        let mut pace = Pace::default();
        pace.blocked();
        assert_eq!(pace.due(Dirty::Now), None);
        pace.unblocked();
        assert!(pace.due(Dirty::Now).is_some());
    }
}
