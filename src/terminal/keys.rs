//! Keys in: a thread that sleeps until the terminal has bytes, and can be parked while somebody else
//! reads the terminal. An idle keyboard costs nothing, a dead one ends the thread.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc::UnboundedSender;

use super::{Input, lock, parse::Parser};

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
        let reader = Reader { tty, woken, lever: Arc::clone(&lever), inputs, parser: Parser::default() };
        thread::Builder::new().name("keys".into()).spawn(move || reader.run())?;
        Ok(Self { lever, wake })
    }

    /// Takes the thread off the terminal.
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
    parser: Parser,
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
        while let Ok(woken) = self.wait() {
            let went_on = match woken {
                Woken::Lever => {
                    self.park();
                    Ok(())
                }
                Woken::Bytes => self.read(),
                Woken::Timeout => self.give_up(),
            };
            if went_on.is_err() {
                break;
            }
        }
        self.finish();
    }

    fn wait(&self) -> io::Result<Woken> {
        let timeout = self.parser.patience().and_then(|time| Timespec::try_from(time).ok());
        let mut fds = [
            PollFd::from_borrowed_fd(self.tty.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.woken.as_fd(), PollFlags::IN),
        ];
        let ready = rustix::io::retry_on_intr(|| poll(&mut fds, timeout.as_ref()))?;
        let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
        match (ready, fds[1].revents().contains(PollFlags::IN)) {
            (0, _) => Ok(Woken::Timeout),
            (_, true) => Ok(Woken::Lever),
            _ if fds[0].revents().intersects(gone) => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(Woken::Bytes),
        }
    }

    /// Reads what is there and sends what it means. An error when the terminal fails or nobody listens.
    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        match rustix::io::read(&self.tty, &mut buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => self.parser.push(&buffer[..count]),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        while let Some(input) = self.parser.next() {
            self.send(input)?;
        }
        Ok(())
    }

    /// Nothing more came: what is unfinished stays so.
    fn give_up(&mut self) -> io::Result<()> {
        self.parser.flush().map_or(Ok(()), |input| self.send(input))
    }

    fn send(&self, input: Input) -> io::Result<()> {
        self.inputs.send(input).map_err(|_| io::ErrorKind::BrokenPipe.into())
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
