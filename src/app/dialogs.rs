//! Keys while a dialog is open, and what comes of its answers.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::dialog::{Dialog, Outcome, Prompt, Purpose};
use super::keymap::Action;
use super::levers::{Confirm, Deed};
use super::{App, Effect, Tone};
use crate::plan::{PhaseId, ProcedureId};
use crate::room::{Intent, Outcome as RoomOutcome, PhaseProgress, Vote};

impl App {
    pub(super) fn dialog_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        if self.stops(key) {
            return self.stop();
        }
        match std::mem::take(&mut self.dialog) {
            Dialog::None => vec![],
            Dialog::Help { scroll } => self.help_key(key, scroll),
            Dialog::Item(id) => self.item_key(key, id),
            Dialog::Phase(id) => self.phase_key(key, id),
            Dialog::SignOff(open) => self.sign_key(key, open),
            Dialog::Poll(polling) => self.poll_key(key, polling),
            Dialog::Signal(name) => self.signal_key(key, name),
            Dialog::Silence(silencing) => self.silence_key(key, silencing),
            Dialog::Baseline(asked) => self.baseline_key(key, asked),
            Dialog::Conditions { at } => self.conditions_key(key, at),
            Dialog::Bind(bind) => self.bind_key(key, bind),
            Dialog::Flags { at } => self.flags_key(key, at),
            Dialog::Flag { name, at } => self.choose_key(key, name, at),
            Dialog::Review(flag) => self.review_key(key, flag),
            Dialog::Ways { at } => self.choose_way_key(key, at),
            Dialog::Procedure(id) => self.procedure_key(key, id),
            Dialog::Confirm(confirm) => self.confirm_key(key, confirm),
            Dialog::Approve(approving) => self.approving_key(key, approving),
            Dialog::Proposal(id) => self.proposal_key(key, id),
            Dialog::Allow(allowing) => self.allowing_key(key, allowing),
            Dialog::Leaving => self.leaving_key(key),
            Dialog::Prompt(prompt) => self.prompt_key(key, *prompt),
        }
    }

    /// Whether a key means STOP here too: everywhere but where it is written into a text.
    fn stops(&self, key: KeyEvent) -> bool {
        let signs = matches!(&self.dialog, Dialog::SignOff(open) if open.writes());
        let writes = signs || matches!(self.dialog, Dialog::Prompt(_) | Dialog::Silence(_) | Dialog::Bind(_));
        !writes && self.keymap.action(key) == Some(Action::Stop)
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

    fn signal_key(&mut self, key: KeyEvent, name: std::sync::Arc<str>) -> Vec<Effect> {
        if !closes(key) && key.code != KeyCode::Enter {
            self.dialog = Dialog::Signal(name);
        }
        vec![]
    }

    fn flags_key(&mut self, key: KeyEvent, at: usize) -> Vec<Effect> {
        let count = self.room.plan.flags.len();
        match key.code {
            KeyCode::Enter => {
                let name = self.room.plan.flags.get(at).map(|f| f.name.clone());
                return name.map(|name| self.open_flag(name, None)).unwrap_or_default();
            }
            _ if closes(key) => {}
            _ => self.dialog = Dialog::Flags { at: moved(key, at, count) },
        }
        vec![]
    }

    fn choose_key(&mut self, key: KeyEvent, name: String, at: usize) -> Vec<Effect> {
        let choices = self.choices(&name);
        let to = choices.get(at).cloned().unwrap_or_default();
        if self.lost_change(&name).is_some() {
            return self.settle_change(key, name, at);
        }
        let bound = self.levers.binding.as_ref().is_some_and(|b| b.flag(&name).is_some());
        match key.code {
            KeyCode::Enter if self.flag_is_saving(&name) => {
                self.say(Tone::Plain, "the last key is still being saved");
            }
            KeyCode::Enter if !self.against(&name, &to).is_empty() => {
                let why = self.against(&name, &to).join(", ");
                self.say(
                    Tone::Bad,
                    format!("{name} does not go up to {to} %: {why}; o overrides, with a reason"),
                );
                self.dialog = Dialog::Flag { name, at };
            }
            KeyCode::Enter if bound => return self.ask_bytes(Deed::Flag { flag: name, to }),
            KeyCode::Enter => return self.submit(Intent::RecordFlag { flag: name, value: to }),
            KeyCode::Char('o') => self.ask_override(name, to),
            KeyCode::Char('r') => {
                self.dialog = Dialog::Flag { name: name.clone(), at };
                return vec![Effect::ReadFlag(name)];
            }
            _ if closes(key) => {}
            _ => self.dialog = Dialog::Flag { at: moved(key, at, choices.len()), name },
        }
        vec![]
    }

    fn choose_way_key(&mut self, key: KeyEvent, at: usize) -> Vec<Effect> {
        let ways: Vec<_> = self.ways().iter().map(|p| p.id.clone()).collect();
        match (key.code, ways.get(at)) {
            (KeyCode::Enter, Some(id)) => self.dialog = Dialog::Procedure(id.clone()),
            (KeyCode::Char('D'), _) if self.suggested().is_some() => self.decline(),
            _ if closes(key) => {}
            _ => self.dialog = Dialog::Ways { at: moved(key, at, ways.len()) },
        }
        vec![]
    }

    fn procedure_key(&mut self, key: KeyEvent, id: ProcedureId) -> Vec<Effect> {
        let open = self.room.open_run(&id).map(|r| (r.id, self.lost_step(r)));
        if closes(key) {
            return vec![];
        }
        self.dialog = Dialog::Procedure(id.clone());
        match (key.code, open) {
            (KeyCode::Char('x'), Some((run, _))) => {
                let (outcome, detail) = (RoomOutcome::Aborted, format!("given up by {}", self.actor.name));
                self.submit(Intent::EndRun { run, outcome, detail })
            }
            (KeyCode::Char('d' | 'n') | KeyCode::Enter | KeyCode::Char(' '), Some((run, Some(_)))) => {
                self.settle_step(run, key)
            }
            (KeyCode::Enter | KeyCode::Char(' '), _) => self.next_step(&id),
            _ => vec![],
        }
    }

    /// The box before something dangerous. It is deaf at first, takes no paste, and every other key
    /// than those for its answer changes nothing.
    fn confirm_key(&mut self, key: KeyEvent, mut confirm: Box<Confirm>) -> Vec<Effect> {
        if !confirm.hears(self.now) {
            self.dialog = Dialog::Confirm(confirm);
            return vec![];
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match (key.code, &confirm.phrase) {
            (KeyCode::Esc, _) => return self.unconfirmed(&confirm),
            (KeyCode::Char('c'), _) if control => return self.unconfirmed(&confirm),
            (KeyCode::Char('y'), None) => return self.sent(*confirm),
            (KeyCode::Enter, Some(_)) if confirm.is_met() => return self.sent(*confirm),
            (KeyCode::Backspace, Some(_)) => drop(confirm.typed.pop()),
            (KeyCode::Char(c), Some(_)) if !control && confirm.typed.len() < 80 => confirm.typed.push(c),
            _ => confirm.scroll = super::phrase::scrolled(key, confirm.scroll),
        }
        self.dialog = Dialog::Confirm(confirm);
        vec![]
    }

    fn sent(&mut self, confirm: Confirm) -> Vec<Effect> {
        self.behind(&confirm.prepared.deed);
        self.confirmed(confirm.prepared)
    }

    fn unconfirmed(&mut self, confirm: &Confirm) -> Vec<Effect> {
        self.say(Tone::Plain, "left: nothing was done");
        self.behind(&confirm.prepared.deed);
        vec![]
    }

    /// The box that was open before the question.
    pub(super) fn behind(&mut self, deed: &Deed) {
        self.dialog = match deed {
            Deed::Flag { .. } => match &self.levers.for_step {
                Some(step) => Dialog::Procedure(step.procedure.clone()),
                None => Dialog::None,
            },
            Deed::Step { procedure, .. } => Dialog::Procedure(procedure.clone()),
        };
    }

    fn leaving_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        match key.code {
            KeyCode::Char('y') => self.going(),
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
            Purpose::Silence | Purpose::Bind | Purpose::Sign => return vec![],
            Purpose::Command => return self.run_command(text),
            Purpose::Assign(item) => Intent::Assign { item, to: (!words.is_empty()).then_some(words) },
            _ if words.is_empty() => {
                self.say(Tone::Plain, "left empty: nothing was recorded");
                return vec![];
            }
            Purpose::Note(on) => Intent::AddNote { on, text: words },
            Purpose::Evidence(item) => Intent::AddEvidence { item, text: words },
            Purpose::Block(item) => Intent::Block { item, reason: words },
            Purpose::OverrideRung(flag, to) => return self.overridden(flag, to, words),
            Purpose::Resolve(id, outcome) => return self.resolve(id, outcome, words),
            Purpose::Dismiss(suggestion) => Intent::Dismiss { suggestion, reason: words },
            Purpose::Happened(trigger) => Intent::SayHappened { trigger, reason: words },
            Purpose::Over(happening) => Intent::SayOver { happening, reason: words },
            Purpose::NoGo(poll, seat, evidence) => {
                Intent::Vote { poll, seat, vote: Vote::NoGo, reason: Some(words), evidence }
            }
            Purpose::Hold(phase) => Intent::HoldPhase { phase, reason: words },
            Purpose::Override(phase) => Intent::CompletePhase { phase, overriding: Some(words) },
        };
        self.submit(intent)
    }
}

pub(super) fn closes(key: KeyEvent) -> bool {
    let interrupt = key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
    interrupt || matches!(key.code, KeyCode::Esc | KeyCode::Char('q' | '?'))
}

/// A list's cursor after a key.
pub(super) fn moved(key: KeyEvent, at: usize, count: usize) -> usize {
    let last = count.saturating_sub(1);
    match key.code {
        KeyCode::Char('j' | 'l') | KeyCode::Down | KeyCode::Right => (at + 1).min(last),
        KeyCode::Char('k' | 'h') | KeyCode::Up | KeyCode::Left => at.saturating_sub(1),
        KeyCode::Char('g') | KeyCode::Home => 0,
        KeyCode::Char('G') | KeyCode::End => last,
        _ => at,
    }
}
