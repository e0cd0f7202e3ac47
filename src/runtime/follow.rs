//! The loop without a screen: it holds the watch where that is free, measures, judges, has recorded
//! what crosses, and tells what happens. The same engine as behind the screen. Telling must not
//! wait; who does it is `cli`'s business.

use std::io;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;

use super::editions::Editions;
use super::engine::{Arrival, Engine};
use super::outside::Reach;
use super::{DRAIN, Ended, HASTE, PATIENCE, on_this_thread, stop, until};
use crate::app::{App, Link, Notice, Watch};
use crate::journal::{self, Edition, Health, Report, Scribe, Trouble};
use crate::room::{Entry, Room};
use crate::terminal::Signal;

/// How often it looks whether the journal's thread still works, when nothing else happens.
const LOOK: Duration = Duration::from_secs(5);

/// Something worth a line.
pub enum Told<'a> {
    /// The journal is open.
    Opened(&'a Room),
    /// The journal stored these, by whomever.
    Recorded(&'a [Entry]),
    /// Who has the watch, when that changes; none for nobody.
    Watch(Option<&'a Watch>),
    /// What the journal can do, when that changes.
    Link(&'a Link),
    /// What a screen would say in its line for the person.
    Notice(&'a Notice),
    /// All is well, or not: asked for, at intervals.
    Heartbeat(&'a App),
}

/// Follows a room.
pub struct Follow {
    engine: Engine,
    tell: Box<dyn FnMut(Told<'_>)>,
    heartbeat: Option<(Duration, Instant)>,
    watch: Option<Watch>,
    link: Link,
    end: Option<Ended>,
}

impl Follow {
    /// Puts the parts together; `tell` is called on the loop's thread and must not wait.
    pub fn new(
        app: App,
        (scribe, reports): (Scribe, UnboundedReceiver<Report>),
        tell: impl FnMut(Told<'_>) + 'static,
    ) -> Self {
        let engine = Engine::new(app, scribe, reports);
        Self { engine, tell: Box::new(tell), heartbeat: None, watch: None, link: Link::Opening, end: None }
    }

    /// As [`super::Runtime::following`].
    #[must_use]
    pub fn following(mut self, edition: Option<Edition>, reader: Option<journal::Read>) -> Self {
        self.engine.editions = Editions::new(edition, reader);
        self
    }

    /// As [`super::Runtime::reaching`].
    #[must_use]
    pub fn reaching(mut self, reach: Option<Reach>) -> Self {
        self.engine.reach(reach);
        self
    }

    /// Tells every so often that it lives.
    #[must_use]
    pub fn beating(mut self, every: Option<Duration>) -> Self {
        self.heartbeat = every.map(|every| (every, Instant::now() + every));
        self
    }

    /// Runs until a signal comes, or until the journal cannot be written (exit code 13) or not even
    /// be opened (1). The watch is given back at once.
    ///
    /// # Errors
    /// The system gives no signals.
    pub fn run(mut self) -> io::Result<Ended> {
        let mut stops = stop::listen()?;
        self.engine.start();
        let mut ended = on_this_thread(self.turn(&mut stops));
        self.engine.outside.quit();
        let patience = if ended.word.is_none() { HASTE } else { PATIENCE };
        ended.word = ended.word.or(self.engine.close(patience));
        Ok(ended)
    }

    async fn turn(&mut self, stops: &mut UnboundedReceiver<Signal>) -> Ended {
        loop {
            let due = self.next_due();
            tokio::select! {
                biased;
                Some(signal) = stops.recv() => self.end(signal.exit_code(), None),
                arrival = self.engine.next() => self.arrived(arrival),
                () = until(Some(due)) => {}
            }
            self.drain();
            self.engine.clock();
            self.tell_changes();
            self.beat();
            if self.end.is_none() && self.engine.is_silent() {
                self.end(1, Some("the journal's thread has ended".to_owned()));
            }
            if let Some(ended) = self.end.take() {
                return ended;
            }
        }
    }

    fn drain(&mut self) {
        for _ in 0..DRAIN {
            match self.engine.try_next() {
                Some(arrival) => self.arrived(arrival),
                None => return,
            }
        }
    }

    fn next_due(&self) -> Instant {
        let beat = self.heartbeat.map(|(_, at)| at);
        let own = Instant::now() + LOOK;
        self.engine.next_clock().into_iter().chain(beat).fold(own, Instant::min)
    }

    fn arrived(&mut self, arrival: Arrival) {
        match &arrival {
            Arrival::Report(Report::NotOpened(trouble)) => self.give_up(1, trouble),
            Arrival::Report(Report::Health(Health::ViewOnly(trouble))) => self.give_up(13, trouble),
            Arrival::Report(Report::Opened { room, .. }) => (self.tell)(Told::Opened(room)),
            Arrival::Report(Report::Recorded { entries, .. }) => (self.tell)(Told::Recorded(entries)),
            _ => {}
        }
        self.engine.take(arrival);
        // Nobody looks at a screen: what it would do is not done.
        drop(self.engine.left());
        if let Some(notice) = self.engine.app.notice.take() {
            (self.tell)(Told::Notice(&notice));
        }
    }

    fn give_up(&mut self, code: u8, trouble: &Trouble) {
        self.end(code, Some(format!("{}; {}", trouble.why, trouble.hint)));
    }

    fn tell_changes(&mut self) {
        let app = &self.engine.app;
        if app.watch != self.watch {
            self.watch.clone_from(&app.watch);
            (self.tell)(Told::Watch(self.watch.as_ref()));
        }
        if app.link != self.link {
            self.link.clone_from(&app.link);
            (self.tell)(Told::Link(&self.link));
        }
        if let Some(notice) = self.engine.app.notice.take() {
            (self.tell)(Told::Notice(&notice));
        }
    }

    fn beat(&mut self) {
        let now = Instant::now();
        if let Some((every, at)) = &mut self.heartbeat
            && *at <= now
        {
            *at = now + *every;
            (self.tell)(Told::Heartbeat(&self.engine.app));
        }
    }

    fn end(&mut self, code: u8, word: Option<String>) {
        self.end.get_or_insert(Ended { code, word, report: None });
    }
}
