//! A stage for tests: an app over a plan with a journal in memory that answers at once.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use uuid::Uuid;

use super::{App, Effect, Keymap, Link, Msg, Watch};
use crate::plan::Plan;
use crate::room::{Actor, Entry, Event, Fact, Intent, Role, decide};

/// An app that can be played.
pub struct Stage {
    /// The app.
    pub app: App,
    /// Effects that were not intents.
    pub effects: Vec<Effect>,
    /// Whether intents are stored at once; else they wait in `waiting`.
    pub stores: bool,
    /// Intents not stored yet.
    pub waiting: Vec<(u64, Intent)>,
    now: DateTime<Utc>,
}

impl Stage {
    /// A room just opened over a plan's text, at 12:00:00 UTC on a fixed day.
    pub fn new(text: &str) -> Self {
        Self::over(crate::plan::read(text.as_bytes(), "plan"))
    }

    /// A room just opened over a plan.
    pub fn over(plan: Plan) -> Self {
        let now = DateTime::from_timestamp(1_795_262_400, 0).expect("a fixed day");
        let actor = Actor { name: "ana@host".into(), role: Role::Commander };
        let digest = plan.digest.clone();
        let app = App::new(Arc::new(plan), actor, Keymap::default(), chrono_tz::Tz::UTC, now);
        let mut stage = Self { app, effects: vec![], stores: true, waiting: vec![], now };
        stage.happened(Event::RoomOpened {
            room: "plan".into(),
            plan_path: "/plans/plan.md".into(),
            environment: "production".into(),
            version: "0".into(),
        });
        stage.happened(Event::PlanAdopted { digest, title: "t".into(), carried: None });
        stage.send(Msg::Watch(Some(Watch { name: "ana@host".into(), mine: true })));
        let room = Box::new(stage.app.room.clone());
        stage.send(Msg::Opened { room, fresh: false });
        assert_eq!(stage.app.link, Link::Live);
        stage
    }

    /// Somebody's event arrives.
    pub fn happened(&mut self, event: Event) {
        self.record(event, "ana@host", None);
    }

    /// What somebody else stored arrives.
    pub fn said(&mut self, by: &str, event: Event) {
        self.record(event, by, None);
    }

    fn record(&mut self, event: Event, by: &str, ticket: Option<u64>) {
        let seq = self.app.room.seq + 1;
        self.now += Duration::seconds(1);
        let text = Fact::new(Uuid::from_u128(u128::from(seq)), self.now, by, event).to_text();
        self.send(Msg::Recorded { entries: vec![Entry::read(seq, &text)], plan: None, ticket });
    }

    /// So many milliseconds pass.
    pub fn wait(&mut self, milliseconds: i64) {
        self.now += Duration::milliseconds(milliseconds);
        self.send(Msg::Clock);
    }

    /// One message, its intents stored if the stage stores.
    pub fn send(&mut self, msg: Msg) {
        for effect in self.app.update(self.now, msg) {
            match effect {
                Effect::Submit { ticket, intent } if self.stores => self.judge(ticket, &intent),
                Effect::Submit { ticket, intent } => self.waiting.push((ticket, intent)),
                other => self.effects.push(other),
            }
        }
    }

    /// The journal stores what waits.
    pub fn store(&mut self) {
        for (ticket, intent) in std::mem::take(&mut self.waiting) {
            self.judge(ticket, &intent);
        }
    }

    fn judge(&mut self, ticket: u64, intent: &Intent) {
        match decide(&self.app.room, intent, &self.app.actor.clone(), self.now) {
            Ok(events) => events.into_iter().for_each(|e| self.record(e, "ana@host", Some(ticket))),
            Err(refusal) => self.send(Msg::Refused { ticket, refusal }),
        }
    }

    /// Presses keys: letters as they are, names in angle brackets.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        let mut rest = keys;
        while let Some(c) = rest.chars().next() {
            let name = rest.strip_prefix('<').and_then(|r| r.split_once('>'));
            let (key, behind) = match name {
                Some((name, behind)) => (named(name), behind),
                None => (KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE), &rest[c.len_utf8()..]),
            };
            rest = behind;
            self.send(Msg::Key(key));
        }
        self
    }
}

fn named(name: &str) -> KeyEvent {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    match name {
        "space" => plain(KeyCode::Char(' ')),
        "enter" => plain(KeyCode::Enter),
        "esc" => plain(KeyCode::Esc),
        "tab" => plain(KeyCode::Tab),
        "s-tab" => plain(KeyCode::BackTab),
        "bs" => plain(KeyCode::Backspace),
        "f2" => plain(KeyCode::F(2)),
        other => match other.strip_prefix("c-").and_then(|c| c.chars().next()) {
            Some(c) => KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL),
            None => panic!("no key is called {other}"),
        },
    }
}
