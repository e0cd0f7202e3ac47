//! The terminal device: its two descriptors, its modes and its size. No state, no escape sequences.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;
use rustix::process::getpgrp;
use rustix::termios::{
    Action, ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector,
    SpecialCodeIndex, Termios, isatty, tcflow, tcflush, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr,
    ttyname,
};

/// The terminal this process talks to.
pub(super) struct Device {
    /// Where keys come from: standard input, else the controlling terminal; the choice crossterm makes.
    pub input: OwnedFd,
    /// Where frames go: non-blocking where the terminal could be opened anew, because the shell shares
    /// the flags of the descriptors it handed us.
    pub output: File,
    /// Whether a write to `output` returns at once when the terminal is frozen.
    pub nonblocking: bool,
}

impl Device {
    /// Finds the terminal. An error says that there is none.
    pub fn open() -> io::Result<Self> {
        let stdin = io::stdin();
        let input = match isatty(&stdin) {
            true => stdin.as_fd().try_clone_to_owned()?,
            false => open(b"/dev/tty".to_vec())?.into(),
        };
        let stdout = io::stdout();
        let (output, nonblocking) = match isatty(&stdout) {
            true => reopen(&stdout)?,
            false => (open(b"/dev/tty".to_vec())?, true),
        };
        Ok(Self { input, output, nonblocking })
    }

    /// Columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = tcgetwinsize(&self.output)?;
        Ok((size.ws_col, size.ws_row))
    }

    /// Whether the terminal listens to this process's job; a background job must not touch the modes.
    pub fn is_foreground(&self) -> bool {
        tcgetpgrp(&self.input).map_or(true, |group| group == getpgrp())
    }

    pub fn modes(&self) -> io::Result<Termios> {
        Ok(tcgetattr(&self.input)?)
    }

    /// Sets the modes at once: waiting for pending output could wait for ever.
    pub fn set_modes(&self, modes: &Termios) -> io::Result<()> {
        Ok(tcsetattr(&self.input, OptionalActions::Now, modes)?)
    }

    /// Throws away what was typed or pasted but not read, so that it never reaches the shell.
    pub fn drop_typeahead(&self) -> io::Result<()> {
        Ok(tcflush(&self.input, QueueSelector::IFlush)?)
    }

    /// Lets output flow again after a Ctrl-S.
    pub fn unfreeze(&self) -> io::Result<()> {
        Ok(tcflow(&self.output, Action::OOn)?)
    }
}

/// The modes of a screen program: every byte comes at once and unchanged.
pub(super) fn raw(modes: &Termios) -> Termios {
    let mut raw = modes.clone();
    raw.make_raw();
    raw
}

/// What to go back to: the modes as found, unless they are the raw ones of a program that was killed.
pub(super) fn found(modes: Termios) -> Termios {
    let cooked = LocalModes::ICANON | LocalModes::ISIG | LocalModes::ECHO;
    let left_raw = !modes.local_modes.intersects(cooked) && !modes.output_modes.contains(OutputModes::OPOST);
    if left_raw { sane(modes) } else { modes }
}

/// The modes of a shell, as `stty sane` sets them.
pub(super) fn sane(mut modes: Termios) -> Termios {
    modes.input_modes =
        InputModes::BRKINT | InputModes::ICRNL | InputModes::IXON | InputModes::IMAXBEL | InputModes::IUTF8;
    modes.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
    modes.control_modes |= ControlModes::CREAD | ControlModes::CS8;
    modes.local_modes = LocalModes::ISIG
        | LocalModes::ICANON
        | LocalModes::IEXTEN
        | LocalModes::ECHO
        | LocalModes::ECHOE
        | LocalModes::ECHOK
        | LocalModes::ECHOCTL
        | LocalModes::ECHOKE;
    for (code, byte) in SANE_CODES {
        modes.special_codes[code] = byte;
    }
    modes
}

const SANE_CODES: [(SpecialCodeIndex, u8); 13] = [
    (SpecialCodeIndex::VINTR, 0x03),
    (SpecialCodeIndex::VQUIT, 0x1c),
    (SpecialCodeIndex::VERASE, 0x7f),
    (SpecialCodeIndex::VKILL, 0x15),
    (SpecialCodeIndex::VEOF, 0x04),
    (SpecialCodeIndex::VSTART, 0x11),
    (SpecialCodeIndex::VSTOP, 0x13),
    (SpecialCodeIndex::VSUSP, 0x1a),
    (SpecialCodeIndex::VREPRINT, 0x12),
    (SpecialCodeIndex::VWERASE, 0x17),
    (SpecialCodeIndex::VLNEXT, 0x16),
    (SpecialCodeIndex::VMIN, 1),
    (SpecialCodeIndex::VTIME, 0),
];

/// The terminal behind `stdout` under a description of our own, or else a plain copy of the descriptor.
fn reopen(stdout: &io::Stdout) -> io::Result<(File, bool)> {
    let path = match tcgetpgrp(stdout) {
        Ok(_) => b"/dev/tty".to_vec(),
        Err(_) => ttyname(stdout, Vec::new())?.into_bytes(),
    };
    match open(path) {
        Ok(file) => Ok((file, true)),
        Err(_) => Ok((stdout.as_fd().try_clone_to_owned()?.into(), false)),
    }
}

fn open(path: Vec<u8>) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let path = std::ffi::OsString::from_vec(path);
    OpenOptions::new().read(true).write(true).custom_flags(flags.bits().cast_signed()).open(path)
}
