//! Signals for a process without a screen: one thread turns them into messages. A second one, or a
//! loop that takes too long, ends the process at once.

use std::io;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::exit;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::terminal::Signal;

/// How long the loop has to end after the first signal.
const GRACE: Duration = Duration::from_millis(1_500);

/// Starts listening. What was started to be ignored (`nohup`) stays ignored.
///
/// # Errors
/// The system gives no handler or no thread.
pub(super) fn listen() -> io::Result<UnboundedReceiver<Signal>> {
    let heard: Vec<i32> = [SIGHUP, SIGINT, SIGQUIT, SIGTERM].into_iter().filter(|s| !ignored(*s)).collect();
    let mut signals = Signals::new(heard)?;
    let (sender, stops) = unbounded_channel();
    let work = move || {
        let mut told = false;
        for signal in signals.forever().map(named) {
            if std::mem::replace(&mut told, true) || sender.send(signal).is_err() {
                exit(signal.exit_code().into());
            }
            hurry(signal);
        }
    };
    thread::Builder::new().name("signals".into()).spawn(work)?;
    Ok(stops)
}

fn hurry(signal: Signal) {
    let watchdog = thread::Builder::new().name("watchdog".into());
    let started = watchdog.spawn(move || {
        thread::sleep(GRACE);
        exit(signal.exit_code().into());
    });
    if started.is_err() {
        exit(signal.exit_code().into());
    }
}

fn named(signal: i32) -> Signal {
    match signal {
        SIGHUP => Signal::Hangup,
        SIGTERM => Signal::Terminate,
        SIGINT => Signal::Interrupt,
        _ => Signal::Quit,
    }
}

/// Whether this process was started with a signal ignored; no where that cannot be told.
fn ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|l| l.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|m| u64::from_str_radix(m.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}
