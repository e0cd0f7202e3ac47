//! What the plan calls for: a suggested procedure that somebody decides against, and conditions without
//! a number that somebody saw.

use crossterm::event::{KeyCode, KeyEvent};

use super::dialog::{Dialog, Purpose};
use super::{App, Effect, Tone};
use crate::plan::Trigger;
use crate::room::{Happening, Stand, Suggestion};

/// A line of the box of conditions.
#[derive(Clone, Copy, Debug)]
pub enum Condition<'a> {
    /// It happened and is not over.
    Stands(&'a Happening),
    /// Nobody has seen it.
    Quiet(&'a Trigger),
}

impl App {
    /// The suggestion that waits for a person, the latest.
    pub fn suggested(&self) -> Option<&Suggestion> {
        self.room.suggestions().find(|s| s.stand(self.now) == Stand::Suggested)
    }

    /// Conditions without a number: what happened first, then the rest of the plan's.
    pub fn conditions(&self) -> Vec<Condition<'_>> {
        let stands = self.room.happenings().into_iter().map(Condition::Stands);
        let quiet = self.room.plan.triggers.iter().filter(|t| self.room.happening(t).is_none());
        stands.chain(quiet.map(Condition::Quiet)).collect()
    }

    /// `D`: why the suggested procedure is not run.
    pub(super) fn decline(&mut self) {
        let found = self.suggested().map(|s| (s.id, s.title.clone()));
        match found {
            Some((id, title)) => self.prompt(Purpose::Dismiss(id), format!("Why not “{title}”?")),
            None => self.say(Tone::Plain, "nothing is suggested"),
        }
    }

    /// `H`: the conditions, to say that one happened or is over.
    pub(super) fn open_conditions(&mut self) {
        if self.conditions().is_empty() {
            return self.say(Tone::Plain, "the plan names no condition without a number");
        }
        self.dialog = Dialog::Conditions { at: 0 };
    }

    pub(super) fn conditions_key(&mut self, key: KeyEvent, at: usize) -> Vec<Effect> {
        let asked = match (key.code, self.conditions().get(at)) {
            (KeyCode::Enter, Some(Condition::Stands(h))) => {
                (Purpose::Over(h.id), format!("Why is “{}” over?", h.text))
            }
            (KeyCode::Enter, Some(Condition::Quiet(t))) => {
                (Purpose::Happened(t.text.clone()), format!("“{}” happened. What was seen?", t.text))
            }
            _ if super::dialogs::closes(key) => return vec![],
            _ => {
                let count = self.conditions().len();
                self.dialog = Dialog::Conditions { at: super::dialogs::moved(key, at, count) };
                return vec![];
            }
        };
        self.prompt(asked.0, asked.1);
        vec![]
    }
}
