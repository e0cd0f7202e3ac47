//! What nobody knows, by keys: a step or change without an end is looked for first, and where nothing
//! can be found a person says what became of it, with a reason.

use chrono::{DateTime, Utc};
use crossterm::event::{KeyCode, KeyEvent};
use uuid::Uuid;

use super::dialog::{Dialog, Purpose};
use super::dialogs::closes;
use super::levers::same_value;
use super::{App, Effect, Tone};
use crate::plan::binding::Provider;
use crate::room::{Change, Event, Intent, Outcome, Run, SETTLED};

impl App {
    /// The step of a run that somebody has to see to here: it was started, and not by this process.
    pub fn lost_step(&self, run: &Run) -> Option<usize> {
        run.unsettled_step().filter(|_| !self.levers.mine.contains(&run.id))
    }

    /// The change of a flag that somebody has to see to here.
    pub fn lost_change(&self, flag: &str) -> Option<&Change> {
        self.room.open_change(flag).filter(|c| !self.levers.mine.contains(&c.id))
    }

    /// A key over a run whose step has no end: first it is looked for, then `d` or `n` says what became
    /// of it.
    pub(super) fn settle_step(&mut self, run: Uuid, key: KeyEvent) -> Vec<Effect> {
        let Some(run) = self.room.run(run) else { return vec![] };
        if let Some(step) = run.unseen_step() {
            let id = run.id;
            self.say(Tone::Plain, format!("looking what became of step {}", step + 1));
            return vec![Effect::Follow { run: id, step }];
        }
        let (id, at) = (run.id, run.unknown_step().unwrap_or_default());
        let what = format!("step {} of {}", at + 1, run.title);
        match said(key) {
            Some(outcome) => self.ask_how(id, outcome, &what),
            None => {
                self.say(Tone::Plain, "what became of it is unknown: d says it was done, n that it was not")
            }
        }
        vec![]
    }

    /// A key over a flag whose change has no end: `r` reads it again and takes that for an answer.
    pub(super) fn settle_change(&mut self, key: KeyEvent, flag: String, at: usize) -> Vec<Effect> {
        let Some(change) = self.lost_change(&flag) else { return vec![] };
        let (id, to, by) = (change.id, change.to.clone(), change.by.clone());
        let known = !change.is_unknown(self.now);
        if closes(key) {
            return vec![];
        }
        self.dialog = Dialog::Flag { name: flag.clone(), at };
        match (said(key), key.code) {
            (Some(_), _) if known => {
                self.say(Tone::Plain, format!("{by} is still changing {flag}: wait a minute, or r reads it"));
            }
            (Some(outcome), _) => self.ask_how(id, outcome, &format!("{flag} → {to}")),
            (None, KeyCode::Char('r')) => {
                self.levers.rereading = Some(id);
                self.say(Tone::Plain, format!("reading {flag} again"));
                return vec![Effect::ReadFlag(flag)];
            }
            _ => {}
        }
        vec![]
    }

    fn ask_how(&mut self, id: Uuid, outcome: Outcome, what: &str) {
        let word = if outcome == Outcome::Done { "was done" } else { "was not done" };
        self.prompt(Purpose::Resolve(id, outcome), format!("How do you know that {what} {word}?"));
    }

    /// A person's word with its reason; the box it was asked from opens again.
    pub(super) fn resolve(&mut self, id: Uuid, outcome: Outcome, reason: String) -> Vec<Effect> {
        if let Some(run) = self.room.run(id) {
            self.dialog = Dialog::Procedure(run.procedure.clone());
        }
        self.submit(Intent::Resolve { id, outcome, reason })
    }

    /// A flag was read again for the change that nobody knows the end of: what it reads says it.
    pub(super) fn read_again(&mut self, flag: &str) -> Vec<Effect> {
        let wanted = self.levers.rereading;
        let asked = self.lost_change(flag).filter(|c| Some(c.id) == wanted).cloned();
        let Some(change) = asked else { return vec![] };
        self.levers.rereading = None;
        let read = self.levers.read.get(flag).map(|r| (r.value.clone(), r.at));
        let Some((Ok(value), asked)) = read else {
            self.say(Tone::Bad, format!("{flag} could not be read: what became of it stays unknown"));
            return vec![];
        };
        let outcome = match self.told_by(&change, &value, asked) {
            Ok(outcome) => outcome,
            Err(word) => {
                self.say(Tone::Bad, format!("{flag} reads {value}: {word}"));
                return vec![];
            }
        };
        if outcome == Outcome::Failed {
            // It was not made: the step that it was is offered again.
            self.levers.steps.remove(&change.id);
        }
        let detail = format!("reads {value}, read again by {}", self.actor.name);
        self.submit(Intent::EndFlagChange { change: change.id, outcome, detail })
    }

    /// What a reading says of a change, by when it was asked: an answer may be older than what it is taken
    /// for. Where more than the value proves a change, the value alone proves none.
    fn told_by(&self, change: &Change, value: &str, asked: DateTime<Utc>) -> Result<Outcome, &'static str> {
        let settled = asked - change.at >= SETTLED;
        let bound = self.levers.binding.as_ref().and_then(|b| b.flag(&change.flag));
        let more = bound.is_some_and(|b| b.provider == Provider::Vercel || b.verify.is_some());
        if same_value(&change.to, value) {
            return match () {
                () if more => Err("that alone does not prove it: look, then d or n says what became of it"),
                () if settled || change.ended.is_some() && asked >= change.at => Ok(Outcome::Done),
                () => Err("it may still be under way, read it again in a moment"),
            };
        }
        match change.from.as_ref().is_some_and(|from| same_value(from, value)) {
            true if settled => Ok(Outcome::Failed),
            true => Err("what was sent may still arrive, read it again in a moment"),
            false => Err("which is neither"),
        }
    }

    /// What follows a person's word: the run it ended, the step that the change was.
    pub(super) fn resolved(&mut self, event: &Event) -> Vec<Effect> {
        match event {
            Event::RunResolved { run, outcome: Outcome::Done, .. } => {
                let over = self.room.run(*run).filter(|r| r.ended.is_some());
                over.map(|r| vec![Effect::Finished(r.procedure.clone())]).unwrap_or_default()
            }
            Event::FlagResolved { change, flag, outcome, .. } => {
                let mut effects = vec![Effect::ReadFlag(flag.clone())];
                effects.extend(self.flag_step_ended(*change, *outcome));
                effects
            }
            _ => vec![],
        }
    }
}

/// What a key says of something.
fn said(key: KeyEvent) -> Option<Outcome> {
    match key.code {
        KeyCode::Char('d') => Some(Outcome::Done),
        KeyCode::Char('n') => Some(Outcome::Failed),
        _ => None,
    }
}
