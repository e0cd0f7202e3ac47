//! The loop: messages to the app, effects to the edge, frames to the writer.
//!
//! Keys come before everything else and are drained before a frame is made. A key's frame is drawn
//! at once; frames caused by data, clocks and resizes wait for their turn; nothing is drawn while
//! nothing changes. Nothing here waits for disk or terminal. Who calls it: `cli`.

mod account;
mod archive;
#[cfg(test)]
mod backfill_tests;
mod binding;
mod editions;
mod engine;
mod follow;
mod history;
mod outside;
mod pace;
mod past;
mod past_gauges;
mod reports;
#[cfg(test)]
mod session;
mod signing;
mod silences;
mod stop;
mod tail;
#[cfg(test)]
mod tests;
mod trust;
mod watch;

use std::time::{Duration, Instant};

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::Rect;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::app::{App, Dirty, Effect, Msg, Panel, Tone};
use crate::journal::{Edition, Report, Scribe};
use crate::terminal::{self, Drawn, Input, Screen, Session};
pub use archive::Archive;
use editions::Editions;
use engine::{Arrival, Engine};
pub use follow::{Follow, Told};
pub use outside::{Reach, changed, stepped, stoppable};
use pace::Pace;
pub use past::Recall;
pub use trust::Terms;

/// At most so many messages are taken in before a frame.
const DRAIN: usize = 4096;

/// How long what is on its way to the disk may take on leaving by hand, and when told to by a signal
/// (a second after which the process is ended).
const PATIENCE: Duration = Duration::from_secs(3);
const HASTE: Duration = Duration::from_millis(700);

/// What the loop needs of whoever knows how to draw.
pub trait View {
    /// Draws the app.
    fn draw(&mut self, frame: &mut Frame<'_>, app: &App);
    /// What lies at a place of the screen.
    fn hit(&self, area: Rect, app: &App, x: u16, y: u16) -> Option<(Panel, Option<usize>)>;
    /// Takes another theme.
    ///
    /// # Errors
    /// A sentence saying why not; the theme stays.
    fn use_theme(&mut self, name: &str) -> Result<(), String>;
}

/// A fault injected by tests; never in a release build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The loop's own thread panics once the journal is open.
    PanicUi,
    /// Another thread does.
    PanicWorker,
    /// The loop stands still from then on.
    StuckUi,
}

/// How a session on the screen ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The exit code.
    pub code: u8,
    /// What has to be said on standard error, after the terminal was given back.
    pub word: Option<String>,
    /// A rehearsal's report, as Markdown.
    pub report: Option<String>,
}

/// Where a scribe's reports go.
pub type Reports = UnboundedSender<Report>;

/// A channel for a scribe's reports.
pub fn reports() -> (Reports, UnboundedReceiver<Report>) {
    unbounded_channel()
}

/// Everything that runs.
pub struct Runtime {
    engine: Engine,
    view: Box<dyn View>,
    session: Session,
    screen: Screen,
    inputs: UnboundedReceiver<Input>,
    pace: Pace,
    fault: Option<Fault>,
    tmux: bool,
    end: Option<Ended>,
    hurried: bool,
}

impl Runtime {
    /// Puts the parts together.
    pub fn new(
        app: App,
        view: Box<dyn View>,
        (session, inputs): (Session, UnboundedReceiver<Input>),
        (scribe, reports): (Scribe, UnboundedReceiver<Report>),
        fault: Option<Fault>,
        tmux: bool,
    ) -> Self {
        let screen = session.screen();
        Self {
            engine: Engine::new(app, scribe, reports),
            view,
            session,
            screen,
            inputs,
            pace: Pace::default(),
            fault,
            tmux,
            end: None,
            hurried: false,
        }
    }

    /// With the plan's file as it is: whoever has the watch adopts it where the room follows another.
    /// With a `reader` the file is also looked at from then on.
    #[must_use]
    pub fn following(mut self, edition: Option<Edition>, reader: Option<crate::journal::Read>) -> Self {
        self.engine.editions = Editions::new(edition, reader);
        self
    }

    /// With the past to look at: plans of before are read like this.
    #[must_use]
    pub fn recalling(mut self, read: crate::journal::Read) -> Self {
        self.engine.recall.reading(read);
        self
    }

    /// With something to measure and to change.
    #[must_use]
    pub fn reaching(mut self, reach: Option<Reach>) -> Self {
        self.engine.reach(reach);
        self
    }

    /// With a private key's file beside the agent's keys.
    #[must_use]
    pub fn signing_with(mut self, file: Option<std::path::PathBuf>) -> Self {
        self.engine.pens.file = file;
        self
    }

    /// Runs until somebody leaves, a signal comes or the terminal is gone.
    pub fn run(mut self) -> Ended {
        let (width, height) = self.session.size();
        self.update(Msg::Resize(width, height));
        self.draw();
        self.engine.start();
        let mut ended = on_this_thread(self.turn());
        ended.report = self.engine.report_written.take();
        self.session.leave();
        let lost = self.engine.close(if self.hurried { HASTE } else { PATIENCE });
        ended.word = ended.word.or(lost);
        ended
    }

    async fn turn(&mut self) -> Ended {
        loop {
            let due = self.next_due();
            tokio::select! {
                biased;
                Some(input) = self.inputs.recv() => self.input(input),
                arrival = self.engine.next() => self.arrived(arrival),
                () = until(due) => {}
            }
            self.drain();
            // Also while so much comes in that the loop never waits.
            self.clock();
            if let Some(ended) = self.end.take() {
                return ended;
            }
            if self.pace.due(self.engine.app.dirty()).is_some_and(|at| at <= Instant::now()) {
                self.draw();
            }
        }
    }

    /// Takes in what is queued, keys first.
    fn drain(&mut self) {
        for _ in 0..DRAIN {
            if let Ok(input) = self.inputs.try_recv() {
                self.input(input);
            } else if let Some(arrival) = self.engine.try_next() {
                self.arrived(arrival);
            } else {
                return;
            }
        }
    }

    /// When something happens by itself: a frame that waits for its turn, or the next second.
    fn next_due(&self) -> Option<Instant> {
        let frame = self.pace.due(self.engine.app.dirty());
        let clock = self.engine.next_clock();
        frame.into_iter().chain(clock).min()
    }

    fn clock(&mut self) {
        self.engine.clock();
        self.perform();
    }

    fn update(&mut self, msg: Msg) {
        self.engine.update(msg);
        self.perform();
    }

    fn arrived(&mut self, arrival: Arrival) {
        let opened = arrival.opens();
        self.engine.take(arrival);
        self.perform();
        if opened {
            self.fail_as_asked();
        }
    }

    /// Does what only a screen can.
    fn perform(&mut self) {
        for effect in self.engine.left() {
            match effect {
                Effect::Copy(text) => self.copy(&text),
                Effect::UseTheme(name) => self.use_theme(&name),
                Effect::Mouse(on) => self.session.set_mouse(on),
                Effect::Repaint => self.screen.repaint(),
                Effect::Suspend => self.suspend(),
                Effect::Quit => self.end(0, None),
                _ => unreachable!("the engine does all the others"),
            }
        }
    }

    fn suspend(&mut self) {
        if let Err(error) = self.session.suspend() {
            self.say(Tone::Bad, format!("cannot stop: {error}"));
        }
    }

    fn copy(&mut self, text: &str) {
        let bytes = terminal::copy(text, self.tmux);
        if !bytes.is_some_and(|bytes| self.session.frames().emit(bytes)) {
            self.say(Tone::Bad, "too long for the clipboard");
        }
    }

    fn use_theme(&mut self, name: &str) {
        match self.view.use_theme(name) {
            Ok(()) => self.screen.repaint(),
            Err(why) => self.say(Tone::Bad, why),
        }
    }

    fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.engine.say(tone, text);
    }

    fn end(&mut self, code: u8, word: Option<String>) {
        self.end.get_or_insert(Ended { code, word, report: None });
    }

    fn input(&mut self, input: Input) {
        match input {
            Input::Key(key) => self.update(Msg::Key(key)),
            Input::Paste(text) => self.update(Msg::Paste(text)),
            Input::Mouse(mouse) => self.mouse(mouse),
            Input::Resize(width, height) => {
                self.screen.resize(width, height);
                self.pace.resized();
                self.update(Msg::Resize(width, height));
            }
            Input::Resumed => {
                self.screen.repaint();
                self.pace.unblocked();
                self.update(Msg::Clock);
            }
            Input::Written => self.pace.unblocked(),
            Input::Focus(_) => {}
            Input::Stop(signal) => {
                self.hurried = true;
                self.end(signal.exit_code(), None);
            }
            Input::HungUp => {
                self.hurried = true;
                self.end(terminal::Signal::Hangup.exit_code(), None);
            }
            Input::WorkerPanicked { thread, message } => self.panicked(&thread, &message),
        }
    }

    /// Without the scribe nothing can be recorded: an orderly end. Anybody else can be missed.
    fn panicked(&mut self, thread: &str, message: &str) {
        let word = format!("a fault in {thread}: {message}");
        match thread {
            "scribe" => self.end(1, Some(word)),
            _ => self.say(Tone::Bad, word),
        }
    }

    fn mouse(&mut self, mouse: MouseEvent) {
        let (width, height) = self.screen.size();
        let area = Rect::new(0, 0, width, height);
        match mouse.kind {
            MouseEventKind::ScrollDown => self.update(Msg::Wheel(3)),
            MouseEventKind::ScrollUp => self.update(Msg::Wheel(-3)),
            MouseEventKind::Down(MouseButton::Left) => {
                if let Some((panel, row)) = self.view.hit(area, &self.engine.app, mouse.column, mouse.row) {
                    self.update(Msg::Click { panel, row });
                }
            }
            _ => {}
        }
    }

    fn fail_as_asked(&self) {
        match self.fault {
            Some(Fault::PanicUi) => panic!("a fault was asked for"),
            Some(Fault::StuckUi) => loop {
                std::thread::park();
            },
            Some(Fault::PanicWorker) => {
                let worker = std::thread::Builder::new().name("sample".to_owned());
                drop(worker.spawn(|| panic!("a fault was asked for")));
            }
            None => {}
        }
    }

    fn draw(&mut self) {
        if self.engine.app.dirty() == Dirty::Clean {
            return;
        }
        let (app, view) = (&self.engine.app, &mut self.view);
        match self.screen.draw(|frame| view.draw(frame, app)) {
            Drawn::Busy => self.pace.blocked(),
            Drawn::Sent | Drawn::Unchanged => {
                self.pace.drawn();
                self.engine.app.drawn();
            }
        }
    }
}

/// Runs a loop on the thread that called it.
fn on_this_thread<T>(turn: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a thread can have a timer").block_on(turn)
}

async fn until(due: Option<Instant>) {
    match due {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
