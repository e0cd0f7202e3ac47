//! The way out: bytes reach the terminal only through here, and only while the gate is open.
//!
//! Closing bumps the epoch, so the rest of a frame that a frozen terminal still owes can neither follow
//! the farewell nor land on the screen of the next time.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{QueueSelector, tcflush};

use super::lock;

/// How long a farewell may wait for a terminal that takes nothing.
const PATIENCE: Duration = Duration::from_millis(200);

pub(super) struct Output {
    file: File,
    /// Whether a write returns at once when the terminal takes nothing.
    pub nonblocking: bool,
    /// Held for each single write, so that none falls behind a farewell.
    gate: Mutex<()>,
    /// Goes up at every opening and closing; odd while open.
    epoch: AtomicU64,
}

impl Output {
    /// A closed way out.
    pub fn new(file: File, nonblocking: bool) -> Self {
        Self { file, nonblocking, gate: Mutex::new(()), epoch: AtomicU64::new(0) }
    }

    /// The ticket for [`Output::write`]; none while the terminal is not ours.
    pub fn epoch(&self) -> Option<u64> {
        let epoch = self.epoch.load(Ordering::SeqCst);
        (epoch % 2 == 1).then_some(epoch)
    }

    /// Writes what the terminal takes. `BrokenPipe` when the gate was closed since the ticket.
    pub fn write(&self, epoch: u64, bytes: &[u8]) -> io::Result<usize> {
        let _gate = lock(&self.gate);
        if self.epoch() != Some(epoch) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        (&self.file).write(bytes)
    }

    /// Writes all of `bytes`, waiting as long as the terminal does.
    pub fn write_all(&self, epoch: u64, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write(epoch, bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait(None)?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Opens the gate after `greeting`; it is open also when the terminal took none of it.
    pub fn open(&self, greeting: &[u8]) -> io::Result<()> {
        let _gate = lock(&self.gate);
        let greeted = self.say(greeting);
        self.turn(1);
        greeted
    }

    /// Closes the gate and says `farewell`, waiting at most 200 ms for a terminal that takes nothing.
    pub fn close(&self, farewell: &[u8]) -> io::Result<()> {
        let gate = self.lock_soon();
        self.turn(0);
        match gate {
            Some(_gate) => self.insist(farewell),
            None => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Begins an epoch of this parity, later than any before.
    fn turn(&self, parity: u64) {
        let next = |epoch: u64| Some(epoch + 2 - (epoch + parity) % 2);
        // The closure always has a next epoch.
        let _ = self.epoch.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
    }

    /// The gate, unless a blocking write holds it for longer than our patience.
    fn lock_soon(&self) -> Option<MutexGuard<'_, ()>> {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.gate.try_lock() {
                Ok(gate) => return Some(gate),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if Instant::now() < end => {
                    std::thread::sleep(Duration::from_millis(1))
                }
                Err(TryLockError::WouldBlock) => return None,
            }
        }
    }

    /// Says `farewell` even to a frozen terminal: frames it has not seen give way, so that it finds the
    /// farewell when it thaws.
    fn insist(&self, farewell: &[u8]) -> io::Result<()> {
        match self.say(farewell) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                tcflush(&self.file, QueueSelector::OFlush)?;
                self.say(farewell)
            }
            said => said,
        }
    }

    /// Writes a few bytes of our own within our patience.
    fn say(&self, mut bytes: &[u8]) -> io::Result<()> {
        let end = Instant::now() + PATIENCE;
        while !bytes.is_empty() {
            let left = end.saturating_duration_since(Instant::now());
            match (&self.file).write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && !left.is_zero() => {
                    self.wait(Some(left))?
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits until the terminal takes bytes again. An error when it is gone.
    fn wait(&self, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = timeout.and_then(|t| Timespec::try_from(t).ok());
        let mut fds = [PollFd::from_borrowed_fd(self.file.as_fd(), PollFlags::OUT)];
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
