//! The terminal: entered, left, lent to an editor, suspended; keys in, frames out.
//!
//! Edge. Four small threads (keys, signals, hang-up, writer) each sleep in one system call and speak to
//! the loop through one queue of [`Input`], so an idle screen costs nothing and a frozen or dead terminal
//! never stalls the loop. It knows nothing of what is drawn; `runtime` and `cli` call it. Whatever way
//! the process ends, [`restore`] gives the terminal back once.

mod capabilities;
mod clipboard;
mod device;
mod frames;
mod hangup;
mod input;
mod keys;
mod output;
mod painter;
mod panic;
mod parse;
mod screen;
mod session;
mod signals;

pub use capabilities::{Capabilities, Depth, nearest};
pub use clipboard::{COPY_LIMIT, copy};
pub use frames::Frames;
pub use input::{Input, Signal};
pub use screen::{Drawn, Screen};
pub use session::{Options, Session, reset, restore};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The guard of `mutex`, also after a panic elsewhere: what these locks protect is whole between
/// any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
