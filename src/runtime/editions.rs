//! What becomes of an edit of the plan's file: whoever has the watch has it adopted, the others hear
//! of it through the journal; what cannot be followed is said for as long as it is so.

use std::path::Path;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::engine::Engine;
use super::watch::{Eyes, Seen};
use crate::app::{Msg, Tone};
use crate::journal::{Ask, Edition, Health, Read, Report};
use crate::room::{Refusal, Room};

/// The ticket of an adoption; the app's own begin at 1.
const ADOPTION: u64 = 0;

/// The plan's file as far as it is known.
pub(super) struct Editions {
    /// What the file holds and the room does not follow yet.
    edition: Option<Edition>,
    /// What the journal was asked to adopt.
    asked: Option<Edition>,
    /// How the file is read again when it changes; none where it is not looked at.
    reader: Option<Read>,
    opened: bool,
    /// Whether it was said that somebody else adopts.
    told: bool,
    eyes: Option<Eyes>,
    seen: UnboundedSender<Seen>,
    arrivals: UnboundedReceiver<Seen>,
}

impl Default for Editions {
    fn default() -> Self {
        Self::new(None, None)
    }
}

impl Editions {
    pub fn new(edition: Option<Edition>, reader: Option<Read>) -> Self {
        let (seen, arrivals) = unbounded_channel();
        Self { edition, asked: None, reader, opened: false, told: false, eyes: None, seen, arrivals }
    }

    /// The next thing seen of the file.
    pub async fn recv(&mut self) -> Option<Seen> {
        self.arrivals.recv().await
    }

    /// Something that was seen already.
    pub fn try_recv(&mut self) -> Option<Seen> {
        self.arrivals.try_recv().ok()
    }

    /// The journal is open: it is known which file and which of its editions the room follows.
    pub fn open(&mut self, room: &Room) {
        self.opened = true;
        if let Some(reader) = self.reader.take().filter(|_| !room.plan_path.is_empty()) {
            let known = self.edition.as_ref().map_or(room.digest.as_str(), |e| e.plan.digest.as_str());
            let seen = self.seen.clone();
            self.eyes =
                Some(Eyes::open(Path::new(&room.plan_path), known, reader, move |s| drop(seen.send(s))));
        }
    }
}

impl Engine {
    pub(super) fn seen(&mut self, seen: Seen) {
        match seen {
            Seen::Edition(edition) => {
                self.editions.edition = Some(edition);
                self.adopt();
            }
            Seen::Broken(why) => {
                self.editions.edition = None;
                self.update(Msg::PlanFile(Some(why)));
            }
            Seen::Binding => {
                let text = "warroom.toml changed: `warroom allow` and open the room again to use it";
                self.say(Tone::Plain, text);
            }
        }
    }

    /// Once it is known what the room follows and who has the watch: has the file adopted, or says
    /// that it is another.
    pub(super) fn adopt(&mut self) {
        if !self.editions.opened {
            return;
        }
        let Some(edition) = &self.editions.edition else { return };
        if edition.plan.digest == self.app.room.digest {
            self.editions.edition = None;
            if self.app.stale.is_some() {
                self.update(Msg::PlanFile(None));
            }
            return;
        }
        let Some(watch) = &self.app.watch else { return };
        if !watch.mine {
            let word =
                format!("the file differs from the plan this room follows; {} has the watch", watch.name);
            if !std::mem::replace(&mut self.editions.told, true) {
                self.say(Tone::Plain, word);
            }
            return;
        }
        let Some(edition) = self.editions.edition.take() else { return };
        self.editions.asked = Some(edition.clone());
        let ask = Ask::Adopt { ticket: ADOPTION, edition, actor: self.app.actor.clone() };
        if let Err(why) = self.scribe.ask(ask) {
            self.say(Tone::Bad, why.to_string());
        }
    }

    /// What the journal answers to an adoption; everything else is for the app.
    pub(super) fn answered(&mut self, report: Report) -> Option<Report> {
        match &report {
            Report::Refused { ticket: ADOPTION, refusal } => {
                self.editions.asked = None;
                if let Refusal::Plan(why) = refusal {
                    let name = Path::new(&self.app.room.plan_path).file_name().unwrap_or_default();
                    let why = format!("{} changed but cannot be followed: {why}", name.to_string_lossy());
                    self.update(Msg::PlanFile(Some(why)));
                }
                return None;
            }
            Report::Recorded { ticket: Some(ADOPTION), .. } => self.editions.asked = None,
            Report::Health(Health::Live) => {
                let unsaved = self.editions.asked.take();
                self.editions.edition = self.editions.edition.take().or(unsaved);
            }
            _ => {}
        }
        Some(report)
    }
}
