//! What a room runs on, with a screen or without: the app, the scribe, eyes on the plan's file, and
//! what is outside. It hands messages to the app and does what comes of them; what only somebody
//! with a screen can do is left for them. The loops (`Runtime`, `Follow`) own one each.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc::UnboundedReceiver;

use super::archive::Archive;
use super::binding::Desk;
use super::editions::Editions;
use super::history::History;
use super::outside::{Came, Outside, Reach};
use super::past::Recall;
use super::signing::Pens;
use super::silences::Silences;
use super::watch::Seen;
use super::{account, reports};
use crate::app::{App, Effect, Msg, Notice, PastTold, Tone};
use crate::journal::{Ask, Health, Lease, Report, Scribe};
use crate::room::{Entry, Event, Outcome};

/// Something that came from a thread of ours.
pub(super) enum Arrival {
    Report(Report),
    Came(Came),
    Seen(Seen),
    Past(PastTold),
}

impl Arrival {
    /// Whether it says that the journal is open.
    pub fn opens(&self) -> bool {
        matches!(self, Arrival::Report(Report::Opened { .. }))
    }
}

/// What a report says of who asks.
enum Turn {
    Ask,
    /// The journal fails: who knows who has the watch.
    Doubt,
    Look,
}

impl Turn {
    fn of(report: &Report) -> Option<Self> {
        match report {
            Report::Watch(Lease::Theirs { .. }) => Some(Turn::Look),
            Report::Watch(_) | Report::NotOpened(_) => Some(Turn::Ask),
            Report::Health(Health::Failing(_)) => Some(Turn::Doubt),
            _ => None,
        }
    }
}

/// Everything that runs behind a room.
pub(super) struct Engine {
    pub app: App,
    pub editions: Editions,
    pub outside: Outside,
    history: History,
    archive: Option<Archive>,
    desk: Desk,
    silences: Silences,
    pub pens: Pens,
    pub recall: Recall,
    pub scribe: Scribe,
    reports: UnboundedReceiver<Report>,
    /// Effects that need a screen.
    left: Vec<Effect>,
    /// A rehearsal's report, once it is written.
    pub report_written: Option<String>,
    /// Whether somebody said STOP before it was known what runs.
    stop_again: bool,
    /// Whether this process had the watch at any time.
    has_watch: bool,
}

impl Engine {
    pub fn new(app: App, scribe: Scribe, reports: UnboundedReceiver<Report>) -> Self {
        Self {
            app,
            editions: Editions::default(),
            outside: Outside::new(None),
            history: History::default(),
            archive: None,
            desk: Desk::default(),
            silences: Silences::default(),
            pens: Pens::default(),
            recall: Recall::default(),
            scribe,
            reports,
            left: vec![],
            report_written: None,
            stop_again: false,
            has_watch: false,
        }
    }

    /// With something to measure and to change; comes before the start.
    pub fn reach(&mut self, mut reach: Option<Reach>) {
        self.archive = reach.as_mut().and_then(|r| r.archive.take());
        let rules = reach.as_mut().map(|r| std::mem::take(&mut r.rules));
        self.app.gauges.judge_by(rules.unwrap_or_default());
        self.app.levers.unallowed = reach.as_ref().is_some_and(|r| r.terms.is_some() && r.leave.is_none());
        self.outside = Outside::new(reach);
    }

    /// Starts what is outside; comes after the first frame.
    pub fn start(&mut self) {
        if let Some(msg) = self.outside.start() {
            self.update(msg);
        }
        History::start(&self.outside, &self.scribe);
        if let Some(archive) = self.archive.take() {
            archive.look(self.outside.hear());
        }
        self.silences = Silences::start(&self.outside);
    }

    /// The next thing that comes; what the journal says goes first. Nothing is lost when this is
    /// given up half way.
    pub async fn next(&mut self) -> Arrival {
        tokio::select! {
            biased;
            Some(report) = self.reports.recv() => Arrival::Report(report),
            Some(came) = self.outside.recv() => Arrival::Came(came),
            Some(seen) = self.editions.recv() => Arrival::Seen(seen),
            Some(told) = self.recall.recv() => Arrival::Past(told),
            else => std::future::pending().await,
        }
    }

    /// Something that is there already.
    pub fn try_next(&mut self) -> Option<Arrival> {
        let report = self.reports.try_recv().ok().map(Arrival::Report);
        report
            .or_else(|| self.outside.try_recv().map(Arrival::Came))
            .or_else(|| self.editions.try_recv().map(Arrival::Seen))
            .or_else(|| self.recall.try_recv().map(Arrival::Past))
    }

    /// Takes in what came.
    pub fn take(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Report(report) => self.report(report),
            Arrival::Came(Came::Silences(round)) => {
                for msg in self.silences.came(*round, &self.app, self.outside.binding()) {
                    self.update(msg);
                }
            }
            Arrival::Came(Came::Trust(answer)) => self.trusted(answer),
            Arrival::Came(came) => {
                History::came(&came, &self.scribe);
                if let Some(msg) = self.outside.message(came) {
                    self.update(msg);
                }
            }
            Arrival::Seen(seen) => self.seen(seen),
            Arrival::Past(told) => self.update(Msg::PastTold(told)),
        }
    }

    fn report(&mut self, report: Report) {
        let opened = matches!(report, Report::Opened { .. });
        let turn = Turn::of(&report);
        let mine = matches!(report, Report::Watch(Lease::Mine { .. }));
        let moved = moved(&report);
        History::report(&report, &self.outside);
        if let Report::Past { past, .. } = &report {
            self.outside.look_at(past.clone());
            self.recall.look_at(past.clone());
        }
        if let Some(report) = self.answered(report) {
            for msg in reports::messages(report) {
                self.update(msg);
            }
        }
        self.turn(turn);
        self.has_watch |= mine;
        if self.has_watch {
            self.outside.tidy(&self.app.room);
        }
        if opened {
            self.editions.open(&self.app.room);
            self.app.levers.mine.extend(self.outside.resume(&self.app.room));
            if std::mem::take(&mut self.stop_again) {
                self.outside.stop(&self.app.room);
            }
            let flags = self.app.room.plan.flags.iter();
            flags.for_each(|f| self.outside.expect(&self.app.room, &f.name));
        }
        moved.iter().for_each(|flag| self.outside.expect(&self.app.room, flag));
        self.adopt();
    }

    /// Who has the watch asks the sources; everybody else reads what that one stores. Where nobody can
    /// have it, this process shows what it measures and records nothing.
    fn turn(&mut self, turn: Option<Turn>) {
        let told = match turn {
            Some(Turn::Ask) => self.outside.ask(&self.app),
            Some(Turn::Look) => self.outside.look(),
            Some(Turn::Doubt) if self.outside.waits() => self.outside.ask(&self.app),
            Some(Turn::Doubt) | None => return,
        };
        told.into_iter().for_each(|msg| self.update(msg));
    }

    /// When the app wants to be told of another second.
    pub fn next_clock(&self) -> Option<Instant> {
        self.due().map(|at| {
            let ahead = (at - self.outside.now()).to_std().unwrap_or_default();
            Instant::now() + ahead.div_f64(self.outside.speed())
        })
    }

    /// The next second, where the app wants one, or the moment in which a box begins to hear: nothing else
    /// may be about to draw it.
    fn due(&self) -> Option<DateTime<Utc>> {
        [self.app.next_clock(), self.app.deaf_until()].into_iter().flatten().min()
    }

    /// Tells it, when it is time.
    pub fn clock(&mut self) {
        if self.due().is_some_and(|at| at <= self.outside.now()) {
            self.update(Msg::Clock);
            self.history.clock(&self.app, &self.scribe);
            self.silences.clock(&self.app);
        }
    }

    /// Hands a message to the app and does what comes of it.
    pub fn update(&mut self, msg: Msg) {
        for effect in self.app.update(self.outside.now(), msg) {
            self.perform(effect);
        }
    }

    /// What was left for somebody with a screen.
    pub fn left(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.left)
    }

    /// Whether the journal's thread has ended by itself.
    pub fn is_silent(&self) -> bool {
        self.reports.is_closed() && self.reports.is_empty()
    }

    /// A line for the person.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.update(Msg::Say(Notice { text: text.into(), tone }));
    }

    /// Ends it; what may be lost comes back as a sentence.
    pub fn close(self, patience: Duration) -> Option<String> {
        History::close(&self.app, &self.scribe);
        let stored = self.scribe.close(patience);
        let unsaved = self.app.unsaved();
        let lost = || format!("{unsaved} not known to be on the disk; open the room again and look");
        (!stored && unsaved > 0).then(lost)
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Submit { ticket, intent } => {
                if let Err(refusal) = self.outside.may_say(&self.app.room, &intent) {
                    return self.update(Msg::Refused { ticket, refusal });
                }
                let ask = Ask::Submit { ticket, intent, actor: self.app.actor.clone() };
                if let Err(why) = self.scribe.ask(ask) {
                    self.update(Msg::NotSaved { ticket, why: why.to_string() });
                }
            }
            Effect::ReadFlag(flag) => self.outside.read_flag(&self.app.room, &flag),
            Effect::Prepare(deed) => {
                let msg = self.outside.prepare(&self.app, deed);
                self.update(msg);
            }
            Effect::Do { id, prepared } => self.outside.perform(&self.app.room, id, &prepared),
            Effect::Finished(procedure) => self.outside.finished(procedure),
            Effect::Stop => {
                self.stop_again = self.app.room.seq == 0;
                self.outside.stop(&self.app.room);
            }
            Effect::Report => self.write_report(),
            Effect::Bind(wish) => self.desk.perform(wish, &self.app, &self.outside),
            Effect::Sign(wish) => self.pens.perform(wish, self.outside.hear()),
            Effect::Follow { run, step } => {
                let followed = self.outside.follow(&self.app.room, run, step);
                self.app.levers.mine.extend(followed);
            }
            Effect::LookAtTrust => self.trust(None),
            Effect::Allow { digest } => self.trust(Some(digest)),
            Effect::NextStep(_) => {}
            Effect::AskPast(ask) => self.recall.ask(ask),
            effect @ (Effect::Copy(_)
            | Effect::UseTheme(_)
            | Effect::Mouse(_)
            | Effect::Repaint
            | Effect::Suspend
            | Effect::Quit) => self.left.push(effect),
        }
    }

    fn write_report(&mut self) {
        let outside = &self.outside;
        let report = account::report(&self.app.room, outside.binding(), outside.now(), outside.speed());
        self.report_written = Some(report.clone());
        self.update(Msg::Reported { report });
    }
}

/// The flags that a report says were set from this room, by any process.
fn moved(report: &Report) -> Vec<String> {
    let Report::Recorded { entries, .. } = report else { return vec![] };
    let set = |e: &Entry| match &e.event {
        Event::FlagChangeEnded { flag, outcome: Outcome::Done, .. }
        | Event::FlagResolved { flag, outcome: Outcome::Done, .. }
        | Event::FlagRecorded { flag, .. } => Some(flag.clone()),
        _ => None,
    };
    entries.iter().filter_map(set).collect()
}
