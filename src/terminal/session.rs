//! Who has the terminal: entered, left, lent to an editor, stopped. All escape sequences that change
//! the terminal's modes stand here, so what is switched on and what is switched off can be compared.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use rustix::process::{Signal as Unix, kill_current_process_group};
use rustix::termios::Termios;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::device::{self, Device};
use super::keys::Keys;
use super::output::Output;
use super::{Frames, Input, Screen, hangup, lock, panic, signals};

/// Alternate screen, no cursor, no wrapping (a character wider than thought must not scroll), paste in brackets.
const GREETING: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[0m\x1b[2J";
const FOCUS_ON: &[u8] = b"\x1b[?1004h";
/// Buttons, drags and the wheel with any coordinate; bare movements would only cost.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Undoes all of the above whatever was on, after ending a string or frame that was cut off.
const FAREWELL: &[u8] = b"\x1b\\\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[?7h\x1b[?1049l\x1b[?25h";

/// How long the last frame may take on the way out.
const LAST_FRAME: Duration = Duration::from_millis(200);

/// The one terminal of this process, for the ways out that hold no [`Session`].
static TERMINAL: Mutex<Option<Arc<Terminal>>> = Mutex::new(None);

/// What a session asks of the terminal.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Report when the window gets or loses the focus.
    pub focus: bool,
    /// Report the mouse from the start.
    pub mouse: bool,
    /// A file that panics are appended to.
    pub panic_report: Option<PathBuf>,
}

/// The terminal while it is ours. Dropping it leaves; so do panics, signals and [`restore`].
pub struct Session {
    terminal: Arc<Terminal>,
}

impl Session {
    /// Takes the terminal and starts the threads. The caller's thread becomes the loop's: its panics
    /// give the terminal back, those of other threads and of tokio's tasks come as
    /// [`Input::WorkerPanicked`]. Once a process.
    ///
    /// # Errors
    /// Where there is no terminal, or threads or descriptors ran out. The terminal is then as it was.
    pub fn enter(options: Options) -> io::Result<(Self, UnboundedReceiver<Input>)> {
        let (inputs, queue) = unbounded_channel();
        let report = options.panic_report.clone();
        let terminal = Arc::new(Terminal::open(&options, inputs)?);
        register(&terminal)?;
        panic::install(Arc::clone(&terminal), report);
        let session = Self { terminal };
        session.start()?;
        Ok((session, queue))
    }

    fn start(&self) -> io::Result<()> {
        signals::start(Arc::clone(&self.terminal))?;
        self.terminal.take()?;
        hangup::start(self.terminal.device.input.try_clone()?, Arc::clone(&self.terminal))
    }

    /// Columns and rows as last reported; zero is possible.
    pub fn size(&self) -> (u16, u16) {
        *lock(&self.terminal.size)
    }

    /// Something to draw on, of the terminal's size.
    pub fn screen(&self) -> Screen {
        Screen::new(self.terminal.frames.clone(), self.size())
    }

    /// The writer, for bytes that belong to no frame.
    pub fn frames(&self) -> &Frames {
        &self.terminal.frames
    }

    /// Switches reports of the mouse on or off.
    pub fn set_mouse(&self, on: bool) {
        self.terminal.mouse.store(on, Ordering::SeqCst);
        let bytes = if on { MOUSE_ON } else { MOUSE_OFF };
        self.terminal.frames.emit(bytes.to_vec());
    }

    /// Stops this job as Ctrl-Z would without raw mode. Returns at once; the signal thread gives the
    /// terminal back and stops the process, and [`Input::Resumed`] follows when it goes on.
    pub fn suspend(&self) -> io::Result<()> {
        Ok(kill_current_process_group(Unix::TSTP)?)
    }

    /// Gives the terminal to another program, such as `$EDITOR`: modes as found, no key read, no frame
    /// written, Ctrl-C not ours. The loop goes on.
    pub fn lend(&self) {
        self.terminal.lend();
    }

    /// Takes the terminal back from the other program; [`Input::Resumed`] follows.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn reclaim(&self) -> io::Result<()> {
        self.terminal.reclaim()
    }

    /// Gives the terminal back as it was found. A second time does nothing.
    pub fn leave(&mut self) {
        self.terminal.frames.drain(LAST_FRAME);
        self.terminal.keys.park();
        self.terminal.end();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Gives the terminal back as it was found, from any thread, once, without waiting for the last frame.
/// Does nothing where no session was entered.
pub fn restore() {
    let terminal = lock(&TERMINAL).clone();
    if let Some(terminal) = terminal {
        terminal.end();
    }
}

/// Repairs a terminal that a killed process left behind: the modes of a shell and the same farewell.
///
/// # Errors
/// Where there is no terminal, or it takes no modes.
pub fn reset() -> io::Result<()> {
    let device = Device::open()?;
    let modes = device::sane(device.modes()?);
    device.unfreeze()?;
    device.set_modes(&modes)?;
    Output::new(device.output, device.nonblocking).close(FAREWELL)
}

fn register(terminal: &Arc<Terminal>) -> io::Result<()> {
    let mut slot = lock(&TERMINAL);
    if slot.is_some() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "the terminal was entered before in this process",
        ));
    }
    *slot = Some(Arc::clone(terminal));
    Ok(())
}

/// Who has the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    /// We draw and read keys.
    Us,
    /// An editor; Ctrl-C and Ctrl-\ are meant for it.
    Editor,
    /// The shell, while this job is stopped or in the background.
    Shell,
    /// The session is over; nothing takes the terminal again.
    Nobody,
}

/// What the session and its threads share.
pub(super) struct Terminal {
    device: Device,
    output: Arc<Output>,
    frames: Frames,
    keys: Keys,
    pub(super) inputs: UnboundedSender<Input>,
    found: Termios,
    focus: bool,
    mouse: AtomicBool,
    holder: Mutex<Holder>,
    size: Mutex<(u16, u16)>,
    /// The loop's thread.
    pub(super) ui: ThreadId,
    /// A signal to end was seen.
    pub(super) ending: AtomicBool,
}

impl Terminal {
    fn open(options: &Options, inputs: UnboundedSender<Input>) -> io::Result<Self> {
        let device = Device::open()?;
        let output = Arc::new(Output::new(device.output.try_clone()?, device.nonblocking));
        Ok(Self {
            frames: Frames::start(Arc::clone(&output), inputs.clone())?,
            keys: Keys::start(device.input.try_clone()?, inputs.clone())?,
            found: device::found(device.modes()?),
            size: Mutex::new(device.size()?),
            device,
            output,
            inputs,
            focus: options.focus,
            mouse: AtomicBool::new(options.mouse),
            holder: Mutex::new(Holder::Shell),
            ui: thread::current().id(),
            ending: AtomicBool::new(false),
        })
    }

    /// Ends the session at once, for the ways out that cannot wait.
    pub(super) fn end(&self) {
        self.give(Holder::Nobody);
    }

    /// Whether the session is not over.
    pub(super) fn is_held(&self) -> bool {
        *lock(&self.holder) != Holder::Nobody
    }

    /// Whether an editor has the terminal.
    pub(super) fn is_lent(&self) -> bool {
        *lock(&self.holder) == Holder::Editor
    }

    /// Makes the terminal ours, or ours again.
    fn take(&self) -> io::Result<()> {
        let mut holder = lock(&self.holder);
        if *holder == Holder::Nobody {
            return Ok(());
        }
        self.device.set_modes(&device::raw(&self.found))?;
        *holder = Holder::Us;
        let greeted = self.output.open(&self.greeting());
        self.keys.unpark();
        greeted
    }

    /// Gives the terminal to `holder`: escape sequences first, then what was typed, then the modes.
    fn give(&self, to: Holder) {
        let mut holder = lock(&self.holder);
        if *holder == Holder::Us {
            // Each step stands alone: a terminal that takes no bytes may still take its modes.
            let _ = self.output.close(FAREWELL);
            if self.device.is_foreground() {
                let _ = self.device.drop_typeahead();
                let _ = self.device.set_modes(&self.found);
            }
        }
        if *holder != Holder::Nobody {
            *holder = to;
        }
    }

    fn lend(&self) {
        self.frames.drain(LAST_FRAME);
        self.keys.park();
        self.give(Holder::Editor);
    }

    fn reclaim(&self) -> io::Result<()> {
        self.take()?;
        self.tell_resumed();
        Ok(())
    }

    /// Gives the terminal to the shell before a stop; an editor has given it back itself.
    pub(super) fn suspend(&self) {
        if *lock(&self.holder) == Holder::Us {
            self.keys.park();
            self.give(Holder::Shell);
        }
    }

    /// Goes on after a stop: with the terminal in the foreground, without it in the background, where
    /// the next `fg` sends another SIGCONT.
    pub(super) fn resume(&self) {
        let holder = *lock(&self.holder);
        match (holder, self.device.is_foreground()) {
            (Holder::Us | Holder::Shell, true) => {
                // A terminal that refuses its modes is dead or will say so at the next frame.
                let _ = self.take();
                self.tell_resumed();
            }
            (Holder::Us, false) => self.retreat(),
            _ => {}
        }
    }

    /// Stays silent in the background after a stop that left no time for a farewell.
    fn retreat(&self) {
        self.keys.park();
        let mut holder = lock(&self.holder);
        let _ = self.output.close(b"");
        *holder = Holder::Shell;
    }

    fn tell_resumed(&self) {
        self.tell_size();
        // Without a loop nobody needs to know.
        let _ = self.inputs.send(Input::Resumed);
    }

    /// Reports the terminal's size where it changed.
    pub(super) fn tell_size(&self) {
        let Ok(now) = self.device.size() else { return };
        let mut size = lock(&self.size);
        if *size != now {
            *size = now;
            // Without a loop nobody needs to know.
            let _ = self.inputs.send(Input::Resize(now.0, now.1));
        }
    }

    fn greeting(&self) -> Vec<u8> {
        let focus = if self.focus { FOCUS_ON } else { b"" };
        let mouse = if self.mouse.load(Ordering::SeqCst) { MOUSE_ON } else { b"" };
        [GREETING, focus, mouse].concat()
    }
}
