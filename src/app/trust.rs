//! What a plan can reach outside, for a person to look at and allow. What it is comes from outside; here
//! it is shown, and allowed by a typed phrase.

use crossterm::event::KeyEvent;

use super::dialog::Dialog;
use super::keymap::Action;
use super::phrase::{Phrase, Word, scrolled};
use super::{App, Effect, Link, Tone};
use crate::room::Role;

/// How a part stands to what was allowed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// As it was, or nothing was allowed before.
    Same,
    /// Not there before.
    Added,
    /// Not there any more.
    Removed,
    /// It was this.
    Other(Vec<String>),
}

/// One thing that can reach outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Where it stands, and what it is.
    pub place: String,
    /// Exactly, in a form in which no character hides.
    pub lines: Vec<String>,
    /// Whom it reaches, what it reads, what cannot be seen.
    pub notes: Vec<String>,
    /// Against what was allowed last.
    pub since: Since,
}

/// Everything that a plan can reach outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// Of the set.
    pub digest: String,
    /// What has to be typed to allow it; none where it is allowed.
    pub phrase: Option<String>,
    /// Who allowed something of this plan last, and when, in words.
    pub before: Option<String>,
    /// Whether the same parts stand in another order.
    pub moved: bool,
    /// What changed first.
    pub parts: Vec<Reached>,
}

/// The box over it.
#[derive(Clone, Debug)]
pub struct Allowing {
    /// What would be allowed.
    pub trust: Trust,
    /// What is typed; where nothing is asked it only scrolls.
    pub phrase: Phrase,
}

impl App {
    /// `T`: has what the plan can reach looked up.
    pub(super) fn trust_key(&mut self) -> Vec<Effect> {
        if self.rehearses() {
            self.say(Tone::Plain, "nothing real is reached from a rehearsal: there is nothing to allow");
            return vec![];
        }
        vec![Effect::LookAtTrust]
    }

    /// What is said at the opening where nobody allowed what the plan can reach.
    pub(super) fn offer_trust(&self, before: &str) -> String {
        let key = super::shown(self.keymap.key_of(Action::Trust));
        match self.levers.unallowed {
            true => format!(
                "{before}Its commands are not run before {key} has shown them and somebody allowed it"
            ),
            false => String::new(),
        }
    }

    /// It was looked up: the box opens, unless another one did meanwhile.
    pub(super) fn trusts(&mut self, trust: Trust) {
        if !matches!(self.dialog, Dialog::None) {
            return;
        }
        if trust.parts.is_empty() {
            return self.say(Tone::Plain, "nothing of this plan can reach outside");
        }
        let phrase = Phrase::new(trust.phrase.clone().unwrap_or_default(), self.now);
        self.dialog = Dialog::Allow(Box::new(Allowing { trust, phrase }));
    }

    /// Why nothing can be allowed from here.
    pub fn may_not_allow(&self) -> Option<String> {
        match &self.link {
            _ if self.actor.role == Role::Observer => Some("an observer allows nothing".to_owned()),
            Link::ViewOnly(why) => Some(why.clone()),
            _ => None,
        }
    }

    pub(super) fn allowing_key(&mut self, key: KeyEvent, mut allowing: Box<Allowing>) -> Vec<Effect> {
        if allowing.trust.phrase.is_none() || self.may_not_allow().is_some() {
            if !super::dialogs::closes(key) {
                allowing.phrase.scroll = scrolled(key, allowing.phrase.scroll);
                self.dialog = Dialog::Allow(allowing);
            }
            return vec![];
        }
        match allowing.phrase.key(key, self.now) {
            Word::Open => self.dialog = Dialog::Allow(allowing),
            Word::Left => self.say(Tone::Plain, "left: nothing was allowed"),
            Word::Given => {
                self.say(Tone::Plain, "allowing it");
                return vec![Effect::Allow { digest: allowing.trust.digest }];
            }
        }
        vec![]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Msg;
    use crate::app::stage::Stage;

    fn trust(phrase: Option<&str>) -> Trust {
        let part =
            Reached { place: "line 5".into(), lines: vec!["rm".into()], notes: vec![], since: Since::Added };
        let phrase = phrase.map(str::to_owned);
        Trust { digest: "sha256:aa".into(), phrase, before: None, moved: false, parts: vec![part] }
    }

    fn allows(stage: &Stage) -> bool {
        stage.effects.contains(&Effect::Allow { digest: "sha256:aa".into() })
    }

    #[test]
    fn only_the_typed_phrase_allows_and_only_what_was_shown() {
        let mut stage = Stage::new("# L\n");
        stage.keys("T");
        assert!(stage.effects.contains(&Effect::LookAtTrust));
        stage.send(Msg::Trust(Box::new(trust(Some("allow aa")))));
        stage.keys("allow<space>aa<enter>");
        stage.wait(500);
        stage.send(Msg::Paste("allow aa".into()));
        stage.keys("<enter>y<enter><bs>");
        assert!(!allows(&stage), "deaf, no paste, no other key");
        stage.keys("allow<space>aa<enter>");
        assert!(allows(&stage));
    }

    #[test]
    fn whoever_only_looks_and_what_is_allowed_already_are_not_asked() {
        for looks in [true, false] {
            let mut stage = Stage::new("# L\n");
            if looks {
                stage.app.actor.role = Role::Observer;
            }
            stage.send(Msg::Trust(Box::new(trust(Some("allow aa").filter(|_| looks)))));
            stage.wait(500);
            stage.keys("allow<space>aa<enter>");
            assert!(!allows(&stage));
        }
    }
}
