//! A second person's yes, by keys: what somebody else asks for, and what one asked for oneself.

use crossterm::event::{KeyCode, KeyEvent};
use uuid::Uuid;

use super::dialog::Dialog;
use super::dialogs::closes;
use super::phrase::{Phrase, Word};
use super::{App, Effect, Tone};
use crate::room::{About, Entry, Event, Intent, Proposal, same_person};

/// What somebody else asks for, as it was proposed.
#[derive(Clone, Debug)]
pub struct Approving {
    /// The proposal.
    pub proposal: Uuid,
    /// What has to be typed.
    pub phrase: Phrase,
}

impl App {
    /// What somebody else asks for, the oldest first.
    pub fn asked(&self) -> Vec<&Proposal> {
        self.room.asked_of(&self.actor.name, self.now)
    }

    /// The proposal of an id.
    pub fn proposal(&self, id: Uuid) -> Option<&Proposal> {
        self.room.proposals().iter().find(|p| p.id == id)
    }

    /// Whether this person asked for it, under whatever spelling of their name.
    pub fn is_mine(&self, proposal: &Proposal) -> bool {
        same_person(&proposal.by, &self.actor.name)
    }

    /// `A`: what somebody else asks for first, else what one asked for oneself.
    pub(super) fn approve_key(&mut self) {
        let other = self.asked().first().map(|p| p.id);
        let own = || self.room.waiting(self.now).find(|p| self.is_mine(p)).map(|p| p.id);
        match other.or_else(own) {
            Some(id) => self.open_proposal(id),
            None => self.say(Tone::Plain, "nobody asks for a second person"),
        }
    }

    /// Opens what was proposed: to agree to it, or where it stands.
    pub(super) fn open_proposal(&mut self, id: Uuid) {
        let Some(proposal) = self.proposal(id) else { return };
        if self.is_mine(proposal) || proposal.approved.is_some() {
            self.dialog = Dialog::Proposal(id);
            return;
        }
        if let Some(refusal) = self.refusal(&agree(proposal)) {
            return self.say(Tone::Bad, refusal.to_string());
        }
        let phrase = Phrase::new(self.room.approval_phrase(proposal), self.now);
        self.dialog = Dialog::Approve(Box::new(Approving { proposal: id, phrase }));
    }

    pub(super) fn approving_key(&mut self, key: KeyEvent, mut approving: Box<Approving>) -> Vec<Effect> {
        match approving.phrase.key(key, self.now) {
            Word::Open => self.dialog = Dialog::Approve(approving),
            Word::Left => self.say(Tone::Plain, "left: nothing was approved"),
            Word::Given => {
                let intent = self.proposal(approving.proposal).map(agree);
                return intent.map(|intent| self.submit(intent)).unwrap_or_default();
            }
        }
        vec![]
    }

    /// One's own proposal, or one that has its second person: go on with it, or take it back.
    pub(super) fn proposal_key(&mut self, key: KeyEvent, id: Uuid) -> Vec<Effect> {
        let Some(proposal) = self.proposal(id).filter(|_| !closes(key)) else { return vec![] };
        let (mine, about) = (self.is_mine(proposal), proposal.about.clone());
        match key.code {
            KeyCode::Char('w') if mine => return self.submit(Intent::WithdrawProposal(id)),
            KeyCode::Enter if mine => return self.go_on_with(&about),
            _ => self.dialog = Dialog::Proposal(id),
        }
        vec![]
    }

    /// The box that the proposal was made from.
    fn go_on_with(&mut self, about: &About) -> Vec<Effect> {
        match about {
            About::Flag { flag, to, .. } => self.open_flag(flag.clone(), Some(to)),
            About::Step { run, .. } => {
                let procedure = self.room.run(*run).map(|r| r.procedure.clone());
                self.dialog = procedure.map_or(Dialog::None, Dialog::Procedure);
                vec![]
            }
        }
    }

    /// Says what others ask for and agree to, and closes a box that has become moot by it.
    pub(super) fn heard_of_proposals(&mut self, entries: &[Entry]) {
        for entry in entries {
            let who = entry.by.split('@').next().unwrap_or_default();
            match &entry.event {
                Event::Proposed { title, .. } if !same_person(&entry.by, &self.actor.name) => {
                    self.say(Tone::Plain, format!("{who} asks for a second person: {title}"));
                }
                Event::Approved { proposal, title, .. }
                    if self.proposal(*proposal).is_some_and(|p| p.by == self.actor.name) =>
                {
                    self.say(Tone::Good, format!("{who} agreed: {title} can be started"));
                }
                _ => {}
            }
        }
        let Dialog::Approve(approving) = &self.dialog else { return };
        let moot = match self.proposal(approving.proposal) {
            Some(p) if p.plan != self.room.digest => "the plan has changed".to_owned(),
            Some(p) => match (&p.approved, p.withdrawn) {
                (Some(yes), _) => format!("{} approved it", yes.by),
                (None, Some(_)) => format!("{} took it back", p.by),
                (None, None) => return,
            },
            None => return,
        };
        self.dialog = Dialog::None;
        self.say(Tone::Bad, format!("closed, nothing was approved from here: {moot}"));
    }
}

fn agree(proposal: &Proposal) -> Intent {
    let Proposal { id, nonce, digest, .. } = proposal.clone();
    Intent::Approve { proposal: id, nonce, digest }
}
