//! Signals: one thread turns them into [`Input`], stops and resumes the process, and sees to it that a
//! loop that hangs cannot keep a process alive that was told to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{io, thread};

use rustix::process::{Signal as Unix, getpid, kill_process};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH, SIGXFSZ};
use signal_hook::iterator::Signals;

use super::{Input, Signal, restore, session::Terminal};

/// How long the loop has to end after the first signal.
const GRACE: Duration = Duration::from_millis(900);

/// Starts the thread. SIGXFSZ becomes an error of the write that caused it; SIGPIPE Rust ignores already.
pub(super) fn start(terminal: Arc<Terminal>) -> io::Result<()> {
    signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH])?;
    let serve = move || {
        for signal in signals.forever() {
            serve(&terminal, signal);
        }
    };
    thread::Builder::new().name("signals".into()).spawn(serve)?;
    Ok(())
}

fn serve(terminal: &Arc<Terminal>, signal: i32) {
    match signal {
        SIGWINCH => terminal.tell_size(),
        SIGTSTP => stop(terminal),
        SIGCONT => terminal.resume(),
        SIGHUP => end(terminal, Signal::Hangup),
        SIGTERM => end(terminal, Signal::Terminate),
        SIGINT => interrupt(terminal, Signal::Interrupt),
        _ => interrupt(terminal, Signal::Quit),
    }
}

/// Gives the terminal back and stops, the way a shell expects of a job; SIGCONT goes on from here.
fn stop(terminal: &Terminal) {
    terminal.suspend();
    // A process may always stop itself; if not, it simply goes on.
    if kill_process(getpid(), Unix::STOP).is_err() {
        terminal.resume();
    }
}

/// The keyboard's signals reach us while an editor has the terminal, but they are meant for it.
fn interrupt(terminal: &Arc<Terminal>, signal: Signal) {
    if !terminal.is_lent() {
        end(terminal, signal);
    }
}

/// Tells the loop to end. The second time, or when the loop takes too long, the process ends here.
fn end(terminal: &Arc<Terminal>, signal: Signal) {
    let first = !terminal.ending.swap(true, Ordering::SeqCst);
    if !first || terminal.inputs.send(Input::Stop(signal)).is_err() {
        exit(signal);
    }
    let watchdog = thread::Builder::new().name("watchdog".into());
    let started = watchdog.spawn(move || {
        thread::sleep(GRACE);
        exit(signal);
    });
    if started.is_err() {
        exit(signal);
    }
}

fn exit(signal: Signal) -> ! {
    restore();
    signal_hook::low_level::exit(signal.exit_code().into())
}
