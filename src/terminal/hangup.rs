//! The hang-up watch: a poll for nothing, where the kernel reports a dead terminal unasked, also when
//! SIGHUP is ignored. crossterm would spin on such a terminal for ever.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use rustix::event::{PollFd, PollFlags, poll};

use super::{Input, Signal, session::Terminal};

/// How long the loop has for an orderly end.
const GRACE: Duration = Duration::from_millis(900);

/// Watches `tty` for the terminal's end, which is then the process's.
pub(super) fn start(tty: OwnedFd, terminal: Arc<Terminal>) -> io::Result<()> {
    let watch = move || {
        if wait_for_end(&tty) && terminal.is_held() {
            // Where nobody listens any more the grace is still kept: the loop may be flushing.
            let _ = terminal.inputs.send(Input::HungUp);
            thread::sleep(GRACE);
            signal_hook::low_level::exit(Signal::Hangup.exit_code().into());
        }
    };
    thread::Builder::new().name("hang-up".into()).spawn(watch)?;
    Ok(())
}

/// Sleeps until the terminal is gone; `false` when it cannot be watched.
fn wait_for_end(tty: &OwnedFd) -> bool {
    loop {
        let mut fds = [PollFd::from_borrowed_fd(tty.as_fd(), PollFlags::empty())];
        match poll(&mut fds, None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
            Ok(_) if fds[0].revents().contains(PollFlags::NVAL) => return false,
            Ok(_) => return true,
        }
    }
}
