//! The box that keeps an alert quiet for a while: for how long, and why.

use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent};

use super::dialog::{Dialog, Outcome, Prompt, Purpose};
use super::{App, Effect, Link};
use crate::plan::ThresholdId;
use crate::room::{Intent, decide};

/// How long a silence can be: minutes and their words.
pub const SPANS: [(i64, &str); 5] = [(15, "15 min"), (30, "30 min"), (60, "1 h"), (120, "2 h"), (240, "4 h")];

/// A silence being asked for.
#[derive(Clone, Debug)]
pub struct Silencing {
    /// The limit.
    pub rule: ThresholdId,
    /// Its metric.
    pub name: String,
    /// The chosen one of [`SPANS`].
    pub span: usize,
    /// The reason.
    pub reason: Prompt,
}

impl Silencing {
    /// For half an hour, until somebody says otherwise.
    pub fn new(rule: ThresholdId, name: String) -> Self {
        Self { rule, name, span: 1, reason: Prompt::new(Purpose::Silence, "") }
    }
}

impl App {
    /// Up, Down and Tab choose how long; everything else is the reason's.
    pub(super) fn silence_key(&mut self, key: KeyEvent, mut silencing: Box<Silencing>) -> Vec<Effect> {
        let last = SPANS.len() - 1;
        match key.code {
            KeyCode::Down => silencing.span = (silencing.span + 1).min(last),
            KeyCode::Up => silencing.span = silencing.span.saturating_sub(1),
            KeyCode::Tab => silencing.span = (silencing.span + 1) % SPANS.len(),
            _ => match silencing.reason.key(key) {
                Outcome::Left => return vec![],
                Outcome::Done if silencing.reason.value().trim().is_empty() => {
                    silencing.reason.problem = Some("say why: others will ask".to_owned());
                }
                Outcome::Done => return self.silence_as(&silencing),
                Outcome::Open => {}
            },
        }
        self.dialog = Dialog::Silence(silencing);
        vec![]
    }

    /// What is known of silences elsewhere, as far as it is news and not on its way to the disk.
    pub(super) fn found_elsewhere(&mut self, mut intents: Vec<Intent>) -> Vec<Effect> {
        let mine = self.watch.as_ref().is_some_and(|w| w.mine) && self.link == Link::Live;
        let news = |intent: &Intent| {
            self.saving.values().all(|i| i != intent)
                && decide(&self.room, intent, &self.actor, self.now).is_ok()
        };
        intents.retain(|intent| mine && news(intent));
        intents.into_iter().flat_map(|intent| self.submit(intent)).collect()
    }

    fn silence_as(&mut self, silencing: &Silencing) -> Vec<Effect> {
        let until = self.now + TimeDelta::minutes(SPANS[silencing.span].0);
        let reason = silencing.reason.value().trim().to_owned();
        self.submit(Intent::Silence { rule: silencing.rule.clone(), reason, until })
    }
}
