//! Keys in: a thread that sleeps until the terminal has bytes, lets crossterm parse them, and can be
//! parked while somebody else reads the terminal.
//!
//! crossterm alone would need waking ten times a second, never returns on a dead terminal, and with
//! `use-dev-tty` answers a zero time-out always with "nothing"; hence the poll of our own in front.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossterm::event::{self, Event, KeyEventKind};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc::UnboundedSender;

use super::{Input, lock};

/// How long crossterm may look for another event; too short and a busy machine makes it miss one.
const DRAIN: Duration = Duration::from_millis(2);

/// After a burst the thread looks once more, so that an event missed in [`DRAIN`] waits no longer.
const SECOND_LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

/// How long a parking thread may take to let go of the terminal.
const PARKING: Duration = Duration::from_millis(200);

/// The handle to the key thread.
pub(super) struct Keys {
    lever: Arc<Lever>,
    wake: PipeWriter,
}

struct Lever {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    wanted: bool,
    parked: bool,
}

impl Keys {
    /// The thread that reads `tty`, parked at first.
    pub fn start(tty: OwnedFd, inputs: UnboundedSender<Input>) -> io::Result<Self> {
        let (woken, wake) = io::pipe()?;
        let parked = State { wanted: true, parked: false };
        let lever = Arc::new(Lever { state: Mutex::new(parked), changed: Condvar::new() });
        let reader = Reader { tty, woken, lever: Arc::clone(&lever), inputs };
        thread::Builder::new().name("keys".into()).spawn(move || reader.run())?;
        Ok(Self { lever, wake })
    }

    /// Takes the thread off the terminal. It may stay for a moment longer when crossterm holds half a
    /// sequence; the byte that ends it ends the stay.
    pub fn park(&self) {
        lock(&self.lever.state).wanted = true;
        // A full pipe wakes the thread just as well, and without a thread nobody reads.
        let _ = (&self.wake).write(&[0]);
        let state = lock(&self.lever.state);
        let _ = self.lever.changed.wait_timeout_while(state, PARKING, |state| !state.parked);
    }

    /// Lets the thread read again.
    pub fn unpark(&self) {
        lock(&self.lever.state).wanted = false;
        self.lever.changed.notify_all();
    }
}

struct Reader {
    tty: OwnedFd,
    woken: PipeReader,
    lever: Arc<Lever>,
    inputs: UnboundedSender<Input>,
}

/// Why the reader woke up.
enum Woken {
    Bytes,
    Lever,
    Timeout,
}

impl Reader {
    /// Reads until the terminal or the loop is gone; the hang-up thread deals with the former.
    fn run(mut self) {
        self.stand_aside();
        let mut second_look = false;
        while let Ok(woken) = self.wait(second_look) {
            if matches!(woken, Woken::Lever) {
                self.park();
            }
            if self.drain().is_err() {
                break;
            }
            second_look = !matches!(woken, Woken::Timeout);
        }
        self.finish();
    }

    fn wait(&mut self, second_look: bool) -> io::Result<Woken> {
        let mut fds = [
            PollFd::from_borrowed_fd(self.tty.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.woken.as_fd(), PollFlags::IN),
        ];
        let ready = match poll(&mut fds, second_look.then_some(&SECOND_LOOK)) {
            Err(rustix::io::Errno::INTR) => return Ok(Woken::Timeout),
            ready => ready?,
        };
        let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
        match (ready, fds[1].revents().contains(PollFlags::IN)) {
            (0, _) => Ok(Woken::Timeout),
            (_, true) => Ok(Woken::Lever),
            _ if fds[0].revents().intersects(gone) => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(Woken::Bytes),
        }
    }

    /// Sends what crossterm finds, unless the handle wants the terminal. An error when the terminal fails or nobody listens.
    fn drain(&self) -> io::Result<()> {
        while !lock(&self.lever.state).wanted && event::poll(DRAIN)? {
            if let Some(input) = translate(event::read()?) {
                self.inputs.send(input).map_err(|_| io::ErrorKind::BrokenPipe)?;
            }
        }
        Ok(())
    }

    /// Stands aside for as long as the handle wants it.
    fn park(&mut self) {
        // The pipe is known to hold a byte; what it says is in the lever.
        let _ = self.woken.read(&mut [0; 64]);
        self.stand_aside();
    }

    fn stand_aside(&self) {
        let mut state = lock(&self.lever.state);
        while state.wanted {
            state.parked = true;
            self.lever.changed.notify_all();
            state = self.lever.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.parked = false;
    }

    /// A thread that is gone is parked for good.
    fn finish(&self) {
        lock(&self.lever.state).parked = true;
        self.lever.changed.notify_all();
    }
}

/// The event as the loop knows it. Sizes come from the signal thread, releases interest nobody.
fn translate(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) => (key.kind != KeyEventKind::Release).then_some(Input::Key(key)),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Mouse(mouse) => Some(Input::Mouse(mouse)),
        Event::FocusGained => Some(Input::Focus(true)),
        Event::FocusLost => Some(Input::Focus(false)),
        Event::Resize(..) => None,
    }
}
