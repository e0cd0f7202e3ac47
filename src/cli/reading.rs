//! Reading a plan with an end: whatever stands in it, nobody waits longer than [`LIMIT`].
//!
//! The reading has a thread of its own, so that the limit holds inside its longest step; one that
//! is given up is told so and ends by itself. Every subcommand reads through here.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::plan::binding::Binding;
use crate::plan::{self, Plan};

/// How long a reading may take; then the plan is shown as plain text.
pub const LIMIT: Duration = Duration::from_secs(2);

/// What reads: [`plan::read_within`].
type Reader = fn(&[u8], &str, &Binding, &dyn Fn() -> bool) -> Plan;

/// Reads a plan from its bytes with what lies beside it; `stem` is the title of last resort.
pub fn plan(bytes: &[u8], stem: &str, binding: &Binding) -> Plan {
    within(LIMIT, bytes, stem, binding, plan::read_within)
}

fn within(limit: Duration, bytes: &[u8], stem: &str, binding: &Binding, read: Reader) -> Plan {
    let late = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = sync_channel(1);
    let (theirs, told, title) = (bytes.to_vec(), Arc::clone(&late), stem.to_owned());
    let beside = binding.clone();
    let work = move || drop(sender.send(read(&theirs, &title, &beside, &|| told.load(Relaxed))));
    let Ok(reader) = thread::Builder::new().name("reading".to_owned()).spawn(work) else {
        return plan::read_with(bytes, stem, binding);
    };
    match receiver.recv_timeout(limit) {
        Ok(plan) => plan,
        Err(RecvTimeoutError::Timeout) => {
            late.store(true, Relaxed);
            plan::read_within(bytes, stem, binding, &|| true)
        }
        Err(RecvTimeoutError::Disconnected) => match reader.join() {
            Err(panic) => resume_unwind(panic),
            Ok(()) => plan::read_with(bytes, stem, binding),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Level;

    const PLAN: &[u8] = b"# P\n\n## Phase 1: x\n- [ ] a\n";

    #[test]
    fn a_reading_in_time_is_the_reading() {
        assert_eq!(
            within(Duration::from_secs(60), PLAN, "p", &Binding::default(), plan::read_within),
            plan::read(PLAN, "p")
        );
    }

    #[test]
    fn a_reading_without_end_is_given_up_and_told_so() {
        static ENDED: AtomicBool = AtomicBool::new(false);
        fn endless(_: &[u8], _: &str, _: &Binding, late: &dyn Fn() -> bool) -> Plan {
            while !late() {
                thread::yield_now();
            }
            ENDED.store(true, Relaxed);
            Plan::default()
        }
        let plan = within(Duration::from_millis(20), PLAN, "p", &Binding::default(), endless);
        assert!(plan.items.is_empty() && plan.text.contains("- [ ] a"), "only its text is left");
        assert_eq!(plan.problems.len(), 1);
        assert_eq!(plan.problems[0].level, Level::Error);
        assert!(plan.problems[0].message.contains("too long"), "{:?}", plan.problems);
        while !ENDED.load(Relaxed) {
            thread::yield_now();
        }
    }
}
