//! Keys while a dialog is open, and what comes of its answers.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::dialog::{Dialog, Outcome, Prompt, Purpose};
use super::{App, Effect, Tone};
use crate::plan::{PhaseId, SignOffId};
use crate::room::{Decision, Intent, PhaseProgress};

impl App {
    pub(super) fn dialog_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        match std::mem::take(&mut self.dialog) {
            Dialog::None => vec![],
            Dialog::Help { scroll } => self.help_key(key, scroll),
            Dialog::Item(id) => self.item_key(key, id),
            Dialog::Phase(id) => self.phase_key(key, id),
            Dialog::SignOff(id) => self.signoff_key(key, id),
            Dialog::Signal(place) => self.signal_key(key, place),
            Dialog::Leaving => self.leaving_key(key),
            Dialog::Prompt(prompt) => self.prompt_key(key, *prompt),
        }
    }

    fn help_key(&mut self, key: KeyEvent, scroll: usize) -> Vec<Effect> {
        self.dialog = match key.code {
            KeyCode::Char('j') | KeyCode::Down => Dialog::Help { scroll: scroll + 1 },
            KeyCode::Char('k') | KeyCode::Up => Dialog::Help { scroll: scroll.saturating_sub(1) },
            KeyCode::PageDown => Dialog::Help { scroll: scroll + 10 },
            KeyCode::PageUp => Dialog::Help { scroll: scroll.saturating_sub(10) },
            _ if closes(key) => Dialog::None,
            _ => Dialog::Help { scroll },
        };
        vec![]
    }

    /// An item's story: closing it, or doing with the item what the list could.
    fn item_key(&mut self, key: KeyEvent, id: crate::plan::ItemId) -> Vec<Effect> {
        if closes(key) || key.code == KeyCode::Enter {
            return vec![];
        }
        let effects = self.key(key);
        if matches!(self.dialog, Dialog::None) && effects != [Effect::Quit] {
            self.dialog = Dialog::Item(id);
        }
        effects
    }

    fn phase_key(&mut self, key: KeyEvent, id: PhaseId) -> Vec<Effect> {
        if closes(key) {
            return vec![];
        }
        let name = self.room.plan.phase(&id).map(|p| p.name.clone()).unwrap_or_default();
        match (key.code, self.room.phase_state(&id).progress) {
            (KeyCode::Char('s'), PhaseProgress::Held { .. }) => return self.submit(Intent::ResumePhase(id)),
            (KeyCode::Char('s'), _) => return self.submit(Intent::StartPhase(id)),
            (KeyCode::Char('h'), _) => self.prompt(Purpose::Hold(id), format!("Why does {name} wait?")),
            (KeyCode::Char('c'), _) => {
                return self.submit(Intent::CompletePhase { phase: id, overriding: None });
            }
            (KeyCode::Char('o'), _) => {
                self.prompt(Purpose::Override(id), format!("Why is {name} completed over its gate?"));
            }
            _ => self.dialog = Dialog::Phase(id),
        }
        vec![]
    }

    fn signoff_key(&mut self, key: KeyEvent, id: SignOffId) -> Vec<Effect> {
        let decision = match key.code {
            KeyCode::Char('a') => Decision::Approve,
            KeyCode::Char('r') => Decision::Reject,
            _ if closes(key) => return vec![],
            _ => {
                self.dialog = Dialog::SignOff(id);
                return vec![];
            }
        };
        self.submit(Intent::SignOff { signoff: id, decision, comment: None })
    }

    fn signal_key(&mut self, key: KeyEvent, place: usize) -> Vec<Effect> {
        if !closes(key) && key.code != KeyCode::Enter {
            self.dialog = Dialog::Signal(place);
        }
        vec![]
    }

    fn leaving_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        match key.code {
            KeyCode::Char('y') => vec![Effect::Quit],
            _ if closes(key) || key.code == KeyCode::Char('n') => vec![],
            _ => {
                self.dialog = Dialog::Leaving;
                vec![]
            }
        }
    }

    fn prompt_key(&mut self, key: KeyEvent, mut prompt: Prompt) -> Vec<Effect> {
        let outcome = prompt.key(key);
        let text = prompt.value();
        let searching = prompt.purpose == Purpose::Search;
        match outcome {
            Outcome::Left if searching => self.search.text.clear(),
            Outcome::Left => {}
            Outcome::Done => return self.finish(prompt.purpose, text.trim()),
            Outcome::Open => {
                if searching {
                    self.look_for(&text);
                }
                self.dialog = Dialog::Prompt(Box::new(prompt));
            }
        }
        vec![]
    }

    fn finish(&mut self, purpose: Purpose, text: &str) -> Vec<Effect> {
        let words = text.to_owned();
        let intent = match purpose {
            Purpose::Search => {
                self.look_for(text);
                return vec![];
            }
            Purpose::Command => return self.run_command(text),
            Purpose::Assign(item) => Intent::Assign { item, to: (!words.is_empty()).then_some(words) },
            _ if words.is_empty() => {
                self.say(Tone::Plain, "left empty: nothing was recorded");
                return vec![];
            }
            Purpose::Note(on) => Intent::AddNote { on, text: words },
            Purpose::Evidence(item) => Intent::AddEvidence { item, text: words },
            Purpose::Block(item) => Intent::Block { item, reason: words },
            Purpose::Hold(phase) => Intent::HoldPhase { phase, reason: words },
            Purpose::Override(phase) => Intent::CompletePhase { phase, overriding: Some(words) },
        };
        self.submit(intent)
    }
}

fn closes(key: KeyEvent) -> bool {
    let interrupt = key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
    interrupt || matches!(key.code, KeyCode::Esc | KeyCode::Char('q' | '?'))
}
