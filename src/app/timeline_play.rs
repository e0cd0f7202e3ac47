//! Playing the past: the moment moves by itself, at a speed. Time comes with the messages; nothing
//! here has a clock.

use chrono::{DateTime, TimeDelta, Utc};

use super::keymap::Action;
use super::timeline::Place;
use super::{App, Effect, Tone};

/// How fast it can play.
pub const SPEEDS: [f64; 5] = [1.0, 10.0, 60.0, 300.0, 1000.0];

/// So often the moment moves while it plays.
const STEP: TimeDelta = TimeDelta::milliseconds(100);

/// Whether the past plays, and how fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Play {
    /// Seconds of the past a second.
    pub speed: f64,
    /// Since when, and from which moment; none while it stands still.
    from: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Begins with the moment that is on its way.
    waits: bool,
    /// The second in which the live room was last judged.
    judged: i64,
}

impl Default for Play {
    fn default() -> Self {
        Self { speed: SPEEDS[0], from: None, waits: false, judged: 0 }
    }
}

impl Play {
    /// Whether it plays.
    pub fn runs(&self) -> bool {
        self.from.is_some() || self.waits
    }

    /// Plays from a moment on.
    pub(super) fn run(&mut self, speed: f64, now: DateTime<Utc>, at: DateTime<Utc>) {
        (self.speed, self.from, self.waits) = (speed, Some((now, at)), false);
    }

    /// Plays from the first moment on that is there.
    pub(super) fn run_later(&mut self, speed: f64) {
        (self.speed, self.waits) = (speed, true);
    }

    /// A moment is there.
    pub(super) fn arrived(&mut self, now: DateTime<Utc>, at: DateTime<Utc>) {
        if self.waits {
            self.run(self.speed, now, at);
        }
    }

    fn stop(&mut self) {
        (self.from, self.waits) = (None, false);
    }

    fn at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (since, from) = self.from?;
        let passed = (now - since).num_milliseconds().max(0) as f64 * self.speed;
        // A speed is at most a few thousand and a person's patience a few days: far from any limit.
        Some(from + TimeDelta::milliseconds(passed.min(1e15) as i64))
    }

    fn faster(&self, faster: bool) -> f64 {
        let next = |s: &&f64| if faster { **s > self.speed } else { **s < self.speed };
        let found = if faster { SPEEDS.iter().find(next) } else { SPEEDS.iter().rev().find(next) };
        found.copied().unwrap_or(self.speed)
    }
}

impl App {
    /// `p`, `+`, `-`.
    pub(super) fn play_key(&mut self, action: Action, here: u64) -> Vec<Effect> {
        let mut effects = vec![];
        if self.past.is_none() {
            if action != Action::Play {
                return effects;
            }
            effects = self.visit(Place::Event(here), self.screen);
        }
        let (now, end) = (self.now, self.last_moment());
        let Some(past) = &mut self.past else { return effects };
        let play = &mut past.play;
        match action {
            Action::Play if play.runs() => play.stop(),
            Action::Play if past.shown == 0 => play.run_later(play.speed),
            Action::Play if past.at >= end => {
                self.say(Tone::Plain, "this is the end: go back first, then play");
            }
            Action::Play => play.run(play.speed, now, past.at),
            _ => {
                play.speed = play.faster(action == Action::Faster);
                if play.runs() {
                    play.run(play.speed, now, past.at);
                }
            }
        }
        effects
    }

    /// Stands still.
    pub(super) fn pause(&mut self) {
        if let Some(past) = &mut self.past {
            past.play.stop();
        }
    }

    /// When the moment moves next, while it plays.
    pub(super) fn next_moment(&self) -> Option<DateTime<Utc>> {
        self.past.as_ref().filter(|p| p.play.runs()).map(|_| self.now + STEP)
    }

    /// The clock: what plays moves on, and the live room is judged once a second as always.
    pub(super) fn clocked(&mut self) -> Vec<Effect> {
        let second = self.now.timestamp();
        let Some(past) = &mut self.past else { return self.evaluate() };
        let due = !past.play.runs() || past.play.judged != second;
        past.play.judged = second;
        let mut effects = self.play_on();
        if due {
            effects.extend(self.evaluate());
        }
        effects
    }

    fn play_on(&mut self) -> Vec<Effect> {
        let end = self.last_moment();
        let known = !self.timeline().is_reading();
        let Some(past) = &mut self.past else { return vec![] };
        // One moment is on its way at most: a slow disk makes it jump, never lag.
        let Some(at) = past.play.at(self.now).filter(|_| !past.is_loading() && known) else { return vec![] };
        if !self.is_replay() || at < end {
            return self.aim(Place::Time(at.min(end)));
        }
        self.pause();
        self.say(Tone::Plain, "the end of the journal");
        self.aim(Place::Time(end))
    }
}
