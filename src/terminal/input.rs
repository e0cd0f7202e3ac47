//! What the terminal tells the loop, all of it through one queue.

use crossterm::event::{KeyEvent, MouseEvent};

/// One thing that happened at the terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A key was pressed or repeats; releases are dropped.
    Key(KeyEvent),
    /// Text came as a bracketed paste: raw, of any size, not yet clean.
    Paste(String),
    /// The mouse, when it was asked for.
    Mouse(MouseEvent),
    /// The terminal has this many columns and rows now; zero is possible.
    Resize(u16, u16),
    /// The window got (`true`) or lost the focus, where the terminal says so.
    Focus(bool),
    /// Somebody asks the process to end. A second one, or a second without an end, ends it.
    Stop(Signal),
    /// The terminal is gone. The process ends within a second, whatever the loop does.
    HungUp,
    /// The terminal is ours again after a stop: draw everything.
    Resumed,
    /// The writer is free again, after [`Frames::ready`](super::Frames::ready) had said no.
    Written,
    /// A thread or task other than the loop's panicked; the screen was left as it is.
    WorkerPanicked {
        /// The thread's name, or the task's number.
        thread: String,
        /// Place and message, already clean.
        message: String,
    },
}

/// A signal that ends the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP: the terminal or the connection went away.
    Hangup,
    /// SIGINT, from outside; the key Ctrl-C comes as a key.
    Interrupt,
    /// SIGQUIT.
    Quit,
    /// SIGTERM.
    Terminate,
}

impl Signal {
    /// The exit code a shell expects of a process this signal ended: 128 and its number.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Hangup => 129,
            Self::Interrupt => 130,
            Self::Quit => 131,
            Self::Terminate => 143,
        }
    }
}
