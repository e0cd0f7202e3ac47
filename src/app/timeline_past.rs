//! Looking at the room as it was. The past is an app of its own over the room of that moment: every
//! screen draws it as it draws the present, and nothing can be done in it. Keys that look are handed
//! to it, all others are refused here, before anything is judged; the live room goes on behind.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::{KeyCode, KeyEvent};

use super::dialog::Dialog;
use super::keymap::Action;
use super::timeline::{Loaded, Moment, PastAsk, Place};
use super::timeline_play::Play;
use super::{App, Dirty, Effect, Link, Msg, Screen, Tone};
use crate::plan::binding::Binding;
use crate::room::{Entry, Kind};
use crate::signal::Rank;

/// What a replay is to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Replay {
    /// The moment; none for the first event.
    pub at: Option<DateTime<Utc>>,
    /// Whether it plays at once, and how fast.
    pub speed: Option<f64>,
}

/// The room as it was, and the way there.
pub struct Past {
    /// The app over the room of the moment.
    pub app: App,
    /// The last event that had happened.
    pub seq: u64,
    /// The moment.
    pub at: DateTime<Utc>,
    /// How it plays.
    pub play: Play,
    measured: Loaded,
    /// Since when the past is looked at, by the clock of now.
    pub since: DateTime<Utc>,
    /// The turn that was asked for last; turns go on counting from one visit to the next, so that what
    /// comes late for an earlier one is told apart.
    pub(super) turn: u64,
    /// The turn that is shown; before the first, the last one of the visit before.
    pub(super) shown: u64,
    /// The last turn of the visit before.
    first: u64,
}

impl Past {
    /// Whether the moment that was asked for is not the one on the screen yet.
    pub fn is_loading(&self) -> bool {
        self.shown < self.turn
    }

    /// How much of what was measured is there.
    pub fn loaded(&self) -> Loaded {
        self.measured
    }

    /// Whether there is anything to show yet.
    pub fn is_there(&self) -> bool {
        self.shown > self.first
    }
}

impl App {
    /// The past, while it is looked at.
    pub fn past(&self) -> Option<&Past> {
        self.past.as_deref()
    }

    /// The app that the screens show: of the past while that is looked at, else this one.
    pub fn shown(&self) -> &App {
        self.past.as_ref().map_or(self, |past| &past.app)
    }

    /// Whether this is the app of a moment that was: what [`App::shown`] gives while the past is looked at.
    pub fn is_past(&self) -> bool {
        self.was
    }

    /// Whether this is a replay: there is no present to come back to.
    pub fn is_replay(&self) -> bool {
        self.replay.is_some()
    }

    /// Makes this a replay of a journal, once that is open. The binding says what measured what; without
    /// one the stored samples say it.
    pub fn replay(&mut self, replay: Replay, binding: Option<Arc<Binding>>) {
        self.replay = Some(replay);
        self.timeline.binding = binding;
    }

    /// What happens while the past is looked at and cannot wait: alerts of the worst class that fired
    /// since then and that nobody has, the newest last.
    pub fn calls_back(&self) -> Vec<String> {
        let Some(past) = self.past.as_ref().filter(|_| !self.is_replay()) else { return vec![] };
        let (alerts, seen) = (self.room.firing(), self.room.happenings());
        let alerts = alerts.into_iter().filter(|a| a.rank == Rank::Critical && a.since >= past.since);
        let mut all: Vec<_> =
            alerts.filter(|a| a.acknowledged.is_none()).map(|a| (a.since, &a.signal)).collect();
        let seen = seen.into_iter().filter(|h| h.rank == Rank::Critical && h.at >= past.since);
        all.extend(seen.map(|h| (h.at, &h.text)));
        all.sort();
        all.into_iter().map(|(_, words)| words.clone()).collect()
    }

    /// The replay begins, now that the journal is open.
    pub(super) fn begin_replay(&mut self) -> Vec<Effect> {
        let Some(replay) = self.replay.filter(|_| self.past.is_none() && self.room.seq > 0) else {
            return vec![];
        };
        let place = replay.at.map_or(Place::Event(1), Place::Time);
        let effects = self.visit(place, Screen::Board);
        if let (Some(past), Some(speed)) = (&mut self.past, replay.speed) {
            past.play.run_later(speed);
        }
        effects
    }

    /// Goes to a moment, on a screen.
    pub(super) fn visit(&mut self, place: Place, screen: Screen) -> Vec<Effect> {
        if self.past.is_none() {
            self.step_back();
        }
        if let Some(past) = &mut self.past {
            past.app.screen = screen;
        }
        self.aim(place)
    }

    /// Makes the app of the past; it has nothing to show yet.
    fn step_back(&mut self) {
        // Bytes that were asked for before open no box over the past.
        self.levers.preparing = None;
        let (plan, keymap) = (self.room.plan.clone(), self.keymap.clone());
        let mut app = App::new(plan, self.actor.clone(), keymap, self.local_zone, self.now);
        (app.was, app.verified) = (true, true);
        app.link = Link::ViewOnly("this is the past".to_owned());
        app.timeline = std::mem::take(&mut self.timeline);
        (app.size, app.panel, app.look, app.touched) = (self.size, self.panel, self.look.clone(), true);
        app.chosen.clone_from(&self.chosen);
        let (at, since) = (self.now, self.now);
        let play = Play::default();
        let (measured, seq, first) = (Loaded::Nothing, self.room.seq, self.past_turn);
        let past = Past { app, seq, at, play, measured, since, turn: first, shown: first, first };
        self.past = Some(Box::new(past));
    }

    /// Asks for a moment.
    pub(super) fn aim(&mut self, place: Place) -> Vec<Effect> {
        let end = self.timeline().total();
        let binding = self.levers.binding.clone().filter(|b| !b.signals.is_empty());
        let Some(past) = &mut self.past else { return vec![] };
        let index = past.app.timeline.index();
        (past.seq, past.at) = match place {
            Place::Event(seq) => (seq, index.at(seq).unwrap_or(past.at)),
            Place::Time(at) => (index.by(at), at),
        };
        past.turn += 1;
        self.past_turn = past.turn;
        past.app.timeline.choose(past.seq.max(1));
        let charted = past.app.screen == Screen::Signals;
        let chart = past.app.chosen.as_ref().filter(|_| charted).map(|name| name.to_string());
        let binding = binding.or_else(|| past.app.timeline.binding.clone());
        vec![Effect::AskPast(PastAsk::Go { turn: past.turn, place, to: end, binding, chart })]
    }

    /// A moment, or what was measured until then, is there.
    pub(super) fn arrive(&mut self, moment: Moment) {
        let Some(past) = self.past.as_mut().filter(|p| moment.turn > p.first && moment.turn >= p.shown)
        else {
            return;
        };
        let newest = moment.turn == past.turn;
        past.shown = moment.turn;
        past.measured = moment.loaded;
        if newest {
            // The index may not have been there yet when it was asked for.
            (past.seq, past.at) = (moment.seq, moment.at);
            past.app.timeline.choose(moment.seq.max(1));
            past.play.arrived(self.now, moment.at);
        }
        past.app.become_moment(moment);
    }

    fn become_moment(&mut self, moment: Moment) {
        self.now = moment.at;
        self.levers.binding = Some(moment.binding);
        if let Some(room) = moment.room {
            let same = Arc::ptr_eq(&room.plan, &self.room.plan);
            self.room = room;
            if same {
                self.rebuild()
            } else {
                self.look_at_plan()
            }
            if self.screen == Screen::Plan {
                self.look_at_document();
            }
        }
        self.gauges = match moment.gauges {
            Some(gauges) => gauges,
            None => crate::signal::Signals::new(
                &self.room.plan,
                self.levers.binding.as_deref().unwrap_or(&Default::default()),
            ),
        };
        self.retile();
        self.dirty = self.dirty.max(Dirty::Soon);
    }

    /// Back to now.
    pub(super) fn come_back(&mut self) {
        let Some(past) = self.past.take() else { return };
        self.timeline = past.app.timeline;
        if past.app.screen == Screen::Timeline {
            self.screen = Screen::Timeline;
        }
    }

    /// What happens while the past is looked at opens nothing over it but what asks nothing.
    pub(super) fn clear_boxes(&mut self) {
        let fine = matches!(self.dialog, Dialog::None | Dialog::Help { .. } | Dialog::Leaving);
        if self.past.is_some() && !fine {
            self.dialog = Dialog::None;
        }
    }

    /// A key while the past is looked at.
    pub(super) fn past_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let Some(past) = &self.past else { return vec![] };
        let action = self.keymap.action(key);
        match &past.app.dialog {
            Dialog::None => action.map(|action| self.past_action(action, key)).unwrap_or_default(),
            Dialog::Prompt(_) => self.hand_on(Msg::Key(key)),
            _ if action == Some(Action::Stop) => self.past_action(Action::Stop, key),
            _ => {
                self.leaf(key);
                vec![]
            }
        }
    }

    /// A key while a story is open: it closes it, or nothing can be done.
    fn leaf(&mut self, key: KeyEvent) {
        let closes = matches!(key.code, KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q'));
        match (&mut self.past, closes) {
            (Some(past), true) => past.app.dialog = Dialog::None,
            _ => self.refuse(),
        }
    }

    fn past_action(&mut self, action: Action, key: KeyEvent) -> Vec<Effect> {
        let screen = self.shown().screen;
        match action {
            Action::Back if self.is_replay() => self.say(Tone::Plain, "this is a replay: q leaves it"),
            Action::Back => self.come_back(),
            Action::Quit if self.is_replay() => return vec![Effect::Quit],
            Action::Quit => return self.leave(),
            Action::Stop if !self.is_replay() => {
                // Never refused: what runs, runs now.
                self.come_back();
                return self.stop();
            }
            Action::Help => self.dialog = Dialog::Help { scroll: 0 },
            Action::Mouse => return self.toggle_mouse(),
            Action::Redraw => return vec![Effect::Repaint],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Open if screen == Screen::Timeline => return self.visit_chosen(),
            Action::Shorter | Action::Longer if screen != Screen::Signals => return self.time_key(action),
            _ if is_of_time(action) => return self.time_key(action),
            _ if only_looks(action, screen) => return self.hand_on(Msg::Key(key)),
            _ => self.refuse(),
        }
        vec![]
    }

    /// Hands a message to the app of the past; of what comes of it only what does nothing passes.
    pub(super) fn hand_on(&mut self, msg: Msg) -> Vec<Effect> {
        let Some(past) = &mut self.past else { return vec![] };
        let at = past.app.now;
        let mut effects = past.app.update(at, msg);
        effects.retain(|e| matches!(e, Effect::Copy(_) | Effect::AskPast(_)));
        if let Some(notice) = past.app.notice.take() {
            self.notice = Some(notice);
        }
        effects
    }

    fn refuse(&mut self) {
        let back = super::shown(self.keymap.key_of(Action::Back));
        self.say(
            Tone::Bad,
            match self.is_replay() {
                true => "this is a replay: nothing can be done in it".to_owned(),
                false => format!("this is the past: nothing can be done in it; {back} comes back to now"),
            },
        );
    }

    /// Enter on an event: the board as it was then.
    pub(super) fn visit_chosen(&mut self) -> Vec<Effect> {
        match self.timeline().chosen() {
            0 => vec![],
            seq => self.visit(Place::Event(seq), Screen::Board),
        }
    }

    /// The keys that go through time, from the moment that is looked at; from now on the live screens.
    pub(super) fn time_key(&mut self, action: Action) -> Vec<Effect> {
        let here = match (&self.past, self.screen) {
            (Some(past), _) => past.seq,
            (None, Screen::Timeline) => self.timeline.chosen(),
            (None, _) => self.room.seq,
        };
        if here == 0 {
            return vec![];
        }
        if matches!(action, Action::Play | Action::Faster | Action::Slower) {
            return self.play_key(action, here);
        }
        if let (Some(past), Action::Shorter | Action::Longer) = (&self.past, action) {
            let minute = TimeDelta::minutes(if action == Action::Longer { 1 } else { -1 });
            return self.go_to_time(past.at + minute);
        }
        let found = match jump(action) {
            Some((kind, forward)) => self.timeline().index().next(kind, here, forward),
            None => self.timeline().beside(here, action == Action::Later),
        };
        match found {
            Some(seq) => {
                self.pause();
                let screen = self.shown().screen;
                self.visit(Place::Event(seq), screen)
            }
            None => {
                self.say(Tone::Plain, self.nowhere(action));
                // What is not read yet is asked for.
                if self.past.is_none() && self.timeline.is_reading() {
                    self.visit(Place::Event(here), self.screen)
                } else {
                    vec![]
                }
            }
        }
    }

    fn nowhere(&self, action: Action) -> String {
        if self.timeline().is_reading() {
            return "the journal is still being read: once more in a moment".to_owned();
        }
        let what = jump(action).map_or("nothing", |(kind, _)| match kind {
            Kind::Alert => "no alert",
            Kind::Run => "no run and no change of a flag",
            Kind::Sign => "no sign-off and no poll",
            _ => "no change of a phase",
        });
        let forward = jump(action).map_or(action == Action::Later, |(_, forward)| forward);
        format!("{what} {}", if forward { "after this" } else { "before this" })
    }

    /// To a time, within what the journal knows.
    pub(super) fn go_to_time(&mut self, at: DateTime<Utc>) -> Vec<Effect> {
        let first = self.timeline().index().at(1).unwrap_or(at);
        let at = at.clamp(first, self.last_moment().max(first));
        self.pause();
        self.aim(Place::Time(at))
    }

    /// The end of what can be looked at: now, or in a replay the last event.
    pub(super) fn last_moment(&self) -> DateTime<Utc> {
        let index = self.timeline().index();
        let last = index.at(index.len()).unwrap_or(self.now);
        if self.is_replay() { last } else { last.max(self.now) }
    }

    /// What was stored meanwhile.
    pub(super) fn chronicle(&mut self, entries: &[Entry]) {
        self.timeline_mut().recorded(entries);
    }

    /// The mouse while the past is looked at: it only ever chooses.
    pub(super) fn past_mouse(&mut self, msg: Msg) -> Vec<Effect> {
        let over = self.past.as_ref().is_some_and(|p| !matches!(p.app.dialog, Dialog::None));
        if over || !matches!(self.dialog, Dialog::None) { vec![] } else { self.hand_on(msg) }
    }

    /// The terminal has another size.
    pub(super) fn resize(&mut self, width: u16, height: u16) {
        self.size = (width, height);
        if let Some(past) = &mut self.past {
            past.app.size = (width, height);
        }
    }

    /// The journal was opened.
    pub(super) fn look_at_journal(&mut self) {
        let (seq, recent) = (self.room.seq, self.room.recent.clone());
        self.timeline_mut().opened(seq, &recent);
    }
}

pub(super) fn is_of_time(action: Action) -> bool {
    let moves =
        matches!(action, Action::Earlier | Action::Later | Action::Play | Action::Faster | Action::Slower);
    moves || jump(action).is_some()
}

/// What a key jumps to, and whether forwards.
fn jump(action: Action) -> Option<(Kind, bool)> {
    Some(match action {
        Action::NextAlert => (Kind::Alert, true),
        Action::PreviousAlert => (Kind::Alert, false),
        Action::NextRun => (Kind::Run, true),
        Action::PreviousRun => (Kind::Run, false),
        Action::NextSign => (Kind::Sign, true),
        Action::PreviousSign => (Kind::Sign, false),
        Action::NextPhase => (Kind::Phase, true),
        Action::PreviousPhase => (Kind::Phase, false),
        _ => return None,
    })
}

/// Keys that change nothing but what is looked at.
fn only_looks(action: Action, screen: Screen) -> bool {
    match action {
        Action::Now
        | Action::Board
        | Action::Checklists
        | Action::Signals
        | Action::Levers
        | Action::Timeline
        | Action::Plan
        | Action::NextPanel
        | Action::PreviousPanel
        | Action::Zoom
        | Action::Down
        | Action::Up
        | Action::Left
        | Action::Right
        | Action::Top
        | Action::Bottom
        | Action::PageDown
        | Action::PageUp
        | Action::NextOpen
        | Action::Filter
        | Action::Search
        | Action::NextMatch
        | Action::PreviousMatch
        | Action::Copy => true,
        Action::Shorter | Action::Longer | Action::Compare => screen == Screen::Signals,
        Action::Open => screen != Screen::Levers,
        _ => false,
    }
}
