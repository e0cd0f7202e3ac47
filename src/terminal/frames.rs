//! Frames out: one slot. What the terminal takes at once is written at once; the rest goes to a thread
//! that may wait for a frozen terminal for as long as it likes, while the loop draws nothing and lives on.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use std::{io, thread};

use tokio::sync::mpsc::UnboundedSender;

use super::{Input, lock, output::Output};

/// Begin and end of synchronized output: a terminal that knows it shows the frame in one go.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Bytes outside frames (a copy, a bell) that may wait behind a frozen frame; more are dropped.
const WAITING_LIMIT: usize = 512 * 1024;

/// The handle to the writer; clones share the slot.
#[derive(Clone)]
pub struct Frames {
    shared: Arc<Shared>,
}

struct Shared {
    output: Arc<Output>,
    inputs: UnboundedSender<Input>,
    slot: Mutex<Slot>,
    changed: Condvar,
}

#[derive(Default)]
struct Slot {
    /// Bytes the terminal did not take at once.
    rest: Vec<u8>,
    /// The epoch of [`Output`] that `rest` belongs to.
    epoch: u64,
    /// The thread is writing what was the rest.
    writing: bool,
    /// The loop was refused and wants to hear when the slot is free.
    wanted: bool,
    /// The terminal failed; the hang-up thread ends the process.
    dead: bool,
}

impl Slot {
    fn is_free(&self) -> bool {
        self.rest.is_empty() && !self.writing
    }
}

impl Frames {
    /// The slot in front of `output`, and its thread.
    pub(super) fn start(output: Arc<Output>, inputs: UnboundedSender<Input>) -> io::Result<Self> {
        let shared = Shared { output, inputs, slot: Mutex::default(), changed: Condvar::new() };
        let frames = Self { shared: Arc::new(shared) };
        let writer = frames.clone();
        thread::Builder::new().name("writer".into()).spawn(move || writer.run())?;
        Ok(frames)
    }

    /// Whether a frame can be sent now. After a `false` one [`Input::Written`] follows as soon as it
    /// can, or [`Input::Resumed`] where the terminal is not ours at the moment.
    pub fn ready(&self) -> bool {
        let mut slot = lock(&self.shared.slot);
        let open = self.shared.output.epoch().is_some() && !slot.dead;
        if open && !slot.is_free() {
            slot.wanted = true;
        }
        open && slot.is_free()
    }

    /// Sends one frame, wrapped in synchronized output. Nothing happens to a frame that is sent although
    /// the writer is not [`ready`](Frames::ready). Never waits.
    pub fn send(&self, frame: Vec<u8>) {
        let mut slot = lock(&self.shared.slot);
        if slot.is_free() {
            let mut bytes = Vec::with_capacity(frame.len() + BEGIN.len() + END.len());
            bytes.extend_from_slice(BEGIN);
            bytes.extend_from_slice(&frame);
            bytes.extend_from_slice(END);
            self.push(&mut slot, bytes);
        }
    }

    /// Sends bytes that belong to no frame, such as those of [`copy`](super::copy); behind a frame that
    /// still waits. `false` when they had to be dropped.
    pub fn emit(&self, bytes: Vec<u8>) -> bool {
        let mut slot = lock(&self.shared.slot);
        let fits = slot.rest.len() + bytes.len() <= WAITING_LIMIT && !slot.dead;
        fits && self.push(&mut slot, bytes)
    }

    /// Waits until the slot is free, at most for `patience`.
    pub(super) fn drain(&self, patience: Duration) {
        let end = Instant::now() + patience;
        let mut slot = lock(&self.shared.slot);
        while !slot.is_free() && !slot.dead {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            slot = match self.shared.changed.wait_timeout(slot, left) {
                Ok((slot, _)) => slot,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    /// Writes what the terminal takes and leaves the rest to the thread.
    fn push(&self, slot: &mut Slot, bytes: Vec<u8>) -> bool {
        let output = &self.shared.output;
        let Some(epoch) = output.epoch() else { return false };
        let first = if slot.is_free() && output.nonblocking { output.write(epoch, &bytes) } else { Ok(0) };
        let written = match first {
            Ok(written) => written,
            Err(error) if is_passing(&error) => 0,
            Err(_) => {
                slot.dead = self.is_open(epoch);
                return false;
            }
        };
        if written < bytes.len() {
            if slot.epoch != epoch {
                slot.rest.clear();
            }
            slot.epoch = epoch;
            slot.rest.extend_from_slice(&bytes[written..]);
            self.shared.changed.notify_all();
        }
        true
    }

    /// Whether the gate has stayed open, so that a failed write is the terminal's fault.
    fn is_open(&self, epoch: u64) -> bool {
        self.shared.output.epoch() == Some(epoch)
    }

    fn run(&self) {
        loop {
            let (epoch, bytes) = self.take();
            let result = self.shared.output.write_all(epoch, &bytes);
            let mut slot = lock(&self.shared.slot);
            slot.writing = false;
            slot.dead |= result.is_err() && self.is_open(epoch);
            if slot.is_free() && std::mem::take(&mut slot.wanted) {
                // The loop may have ended; then nobody needs to hear it.
                let _ = self.shared.inputs.send(Input::Written);
            }
            self.shared.changed.notify_all();
        }
    }

    /// The next bytes for the thread.
    fn take(&self) -> (u64, Vec<u8>) {
        let mut slot = lock(&self.shared.slot);
        while slot.rest.is_empty() {
            slot = self.shared.changed.wait(slot).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        slot.writing = true;
        (slot.epoch, std::mem::take(&mut slot.rest))
    }
}

/// Whether a write that failed so may be tried again.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
