//! The box in which somebody signs: what it is about, yes or no, with which key. A signature is made by
//! the edge on a thread of its own; nothing is unsigned but by choice.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use uuid::Uuid;

use super::dialog::{Dialog, Outcome, Prompt, Purpose};
use super::{App, Effect, Row, Target, Tone};
use crate::plan::{SignOff, SignOffId};
use crate::room::{Decision, Entry, Event, Intent, Pen, Role, Signing};
use crate::signing::Key;

/// A key that can sign here.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyChoice {
    /// Its public half.
    pub key: Key,
    /// What it is called, or its file.
    pub label: String,
}

/// What the box wants of the edge.
#[derive(Clone, Debug, PartialEq)]
pub enum SignWish {
    /// Which keys there are.
    Keys,
    /// A signature over a statement.
    Make {
        /// What comes back with it.
        nonce: Uuid,
        /// Which key.
        key: Box<KeyChoice>,
        /// The statement's text.
        statement: String,
    },
    /// No signature any more.
    Stop,
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Signed {
    /// The keys, or why there are none and what to do.
    Keys(Result<Vec<KeyChoice>, String>),
    /// A signature file's text, or why there is none and what to do.
    Made {
        /// Of which wish.
        nonce: Uuid,
        /// The text.
        signature: Result<String, String>,
    },
}

/// The parts of the box that take the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignField {
    /// Yes or no.
    Decision,
    /// What is excepted.
    Exceptions,
    /// Besides.
    Comment,
    /// With which key.
    Key,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
pub enum SignStage {
    /// Somebody chooses.
    Choosing,
    /// The room is asked what it stands for.
    Asking {
        /// Whose answer is waited for.
        ticket: u64,
    },
    /// The key signs.
    Making {
        /// Of what was asked for.
        nonce: Uuid,
        /// The statement's text.
        statement: String,
    },
}

/// Somebody who signs.
#[derive(Clone, Debug)]
pub struct SignBox {
    /// The line.
    pub id: SignOffId,
    /// The digest of what is shown of the room: only that is signed.
    pub shown: String,
    /// Yes or no; none until somebody says.
    pub decision: Option<Decision>,
    /// Where the cursor is.
    pub field: SignField,
    /// What is excepted.
    pub exceptions: Prompt,
    /// Besides.
    pub comment: Prompt,
    /// The keys that may sign, with their names; none while they are looked for.
    pub keys: Option<Vec<(KeyChoice, String)>>,
    /// Why there is no key, and what to do.
    pub keyless: Option<String>,
    /// The chosen key; one behind the last is unsigned.
    pub at: usize,
    /// How far it is.
    pub stage: SignStage,
    /// Why the last try did not do.
    pub problem: Option<String>,
}

impl SignBox {
    fn new(id: SignOffId, shown: String) -> Self {
        Self {
            id,
            shown,
            decision: None,
            field: SignField::Decision,
            exceptions: Prompt::new(Purpose::Sign, ""),
            comment: Prompt::new(Purpose::Sign, ""),
            keys: None,
            keyless: None,
            at: 0,
            stage: SignStage::Choosing,
            problem: None,
        }
    }

    /// Whether keys are letters of a text now.
    pub fn writes(&self) -> bool {
        matches!(self.field, SignField::Exceptions | SignField::Comment)
    }

    /// The key that is chosen; none is unsigned.
    pub fn chosen(&self) -> Option<&(KeyChoice, String)> {
        self.keys.as_ref().and_then(|keys| keys.get(self.at))
    }

    /// The text that is written.
    pub fn text(&mut self) -> Option<&mut Prompt> {
        match self.field {
            SignField::Exceptions => Some(&mut self.exceptions),
            SignField::Comment => Some(&mut self.comment),
            _ => None,
        }
    }

    fn excepts(&self) -> bool {
        self.decision == Some(Decision::ApproveWithExceptions)
    }

    fn next(&mut self, back: bool) {
        use SignField::{Comment, Decision, Exceptions, Key};
        let fields: &[SignField] =
            if self.excepts() { &[Decision, Exceptions, Comment, Key] } else { &[Decision, Comment, Key] };
        let at = fields.iter().position(|f| *f == self.field).unwrap_or_default();
        let step = if back { fields.len() - 1 } else { 1 };
        self.field = fields[(at + step) % fields.len()];
    }

    fn decide(&mut self, decision: Decision) {
        (self.decision, self.problem) = (Some(decision), None);
        if self.excepts() {
            self.field = SignField::Exceptions;
        }
    }

    /// Left and right choose within a field.
    fn turn(&mut self, right: bool) {
        const ALL: [Decision; 3] = [Decision::Approve, Decision::Reject, Decision::ApproveWithExceptions];
        if self.field == SignField::Key {
            let last = self.keys.as_ref().map_or(0, Vec::len);
            self.at = if right { (self.at + 1).min(last) } else { self.at.saturating_sub(1) };
            return;
        }
        let now = self.decision.and_then(|d| ALL.iter().position(|a| *a == d));
        let to = match (now, right) {
            (None, true) => 0,
            (None, false) => ALL.len() - 1,
            (Some(at), true) => (at + 1) % ALL.len(),
            (Some(at), false) => (at + ALL.len() - 1) % ALL.len(),
        };
        (self.decision, self.problem) = (Some(ALL[to]), None);
    }

    fn wanted(&self, proof: Option<(String, String)>) -> Option<Signing> {
        let said = |prompt: &Prompt| Some(prompt.value().trim().to_owned()).filter(|text| !text.is_empty());
        Some(Signing {
            signoff: self.id.clone(),
            decision: self.decision?,
            exceptions: said(&self.exceptions).filter(|_| self.excepts()),
            comment: said(&self.comment),
            proof,
        })
    }
}

impl App {
    /// Opens the box of the sign-off under the cursor, else of the first that is missing.
    pub(super) fn open_sign(&mut self) -> Vec<Effect> {
        let lines = &self.room.plan.signoffs;
        let here = match self.target() {
            Target::Row(Row::SignOff(at)) => lines.get(at),
            _ => None,
        };
        let mine = |line: &&SignOff| {
            let names = self.room.people(&line.role);
            self.room.signoff_gap(line).is_some() && names.contains(&self.actor.name)
        };
        let missing = |line: &&SignOff| self.room.signoff_gap(line).is_some();
        let line = here.or_else(|| lines.iter().find(mine)).or_else(|| lines.iter().find(missing));
        let Some(line) = line.or_else(|| lines.first()) else {
            self.say(Tone::Plain, "the plan asks nobody to sign");
            return vec![];
        };
        let mut open = SignBox::new(line.id.clone(), self.room.signing_digest(line).unwrap_or_default());
        let asks = self.room.signers().is_some() && self.actor.role != Role::Observer;
        if !asks {
            open.keys = Some(vec![]);
        }
        self.dialog = Dialog::SignOff(Box::new(open));
        if asks { vec![Effect::Sign(SignWish::Keys)] } else { vec![] }
    }

    pub(super) fn sign_key(&mut self, key: KeyEvent, mut open: Box<SignBox>) -> Vec<Effect> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if key.code == KeyCode::Esc || control && key.code == KeyCode::Char('c') {
            return self.leave_sign(open);
        }
        if open.stage != SignStage::Choosing {
            self.dialog = Dialog::SignOff(open);
            return vec![];
        }
        match key.code {
            KeyCode::Enter => return self.sign_now(open),
            KeyCode::Tab | KeyCode::Down => open.next(false),
            KeyCode::BackTab | KeyCode::Up => open.next(true),
            _ if open.writes() => {
                // Enter and Esc are taken above, so it only ever stays open.
                let text = open.text().map(|text| text.key(key));
                debug_assert!(!matches!(text, Some(Outcome::Done | Outcome::Left)));
            }
            KeyCode::Left => open.turn(false),
            KeyCode::Right => open.turn(true),
            KeyCode::Char('a') => open.decide(Decision::Approve),
            KeyCode::Char('r') => open.decide(Decision::Reject),
            KeyCode::Char('x') => open.decide(Decision::ApproveWithExceptions),
            KeyCode::Char('q') => return vec![],
            _ => {}
        }
        self.dialog = Dialog::SignOff(open);
        vec![]
    }

    /// Esc gives up what is waited for; then it leaves.
    fn leave_sign(&mut self, mut open: Box<SignBox>) -> Vec<Effect> {
        let making = matches!(open.stage, SignStage::Making { .. });
        if open.stage != SignStage::Choosing {
            open.stage = SignStage::Choosing;
            open.problem = Some("signing was given up: nothing is recorded as signed".to_owned());
            self.dialog = Dialog::SignOff(open);
        }
        if making { vec![Effect::Sign(SignWish::Stop)] } else { vec![] }
    }

    fn sign_now(&mut self, mut open: Box<SignBox>) -> Vec<Effect> {
        let missing = match open.wanted(None) {
            None => Some("choose first: a approves, r rejects, x approves with exceptions"),
            Some(wanted) if open.excepts() && wanted.exceptions.is_none() => Some("say what is excepted"),
            Some(_) if open.keys.is_none() => Some("your keys are still being looked for"),
            Some(_) => None,
        };
        if let Some(missing) = missing {
            open.problem = Some(missing.to_owned());
            self.dialog = Dialog::SignOff(open);
            return vec![];
        }
        if open.chosen().is_none() {
            let wanted = open.wanted(None).map(|w| Intent::Sign(Box::new(w)));
            return wanted.map(|intent| self.submit(intent)).unwrap_or_default();
        }
        let ticket = self.next_ticket;
        let (signoff, shown) = (open.id.clone(), open.shown.clone());
        let effects = self.submit(Intent::AskSignOff { signoff, shown });
        match effects.is_empty() {
            true => {
                open.problem = self.notice.as_ref().map(|n| n.text.clone());
                open.shown = self.shown_now(&open.id);
            }
            false => (open.stage, open.problem) = (SignStage::Asking { ticket }, None),
        }
        self.dialog = Dialog::SignOff(open);
        effects
    }

    /// The room said what it stands for: that is signed.
    pub(super) fn sign_asked(&mut self, ticket: u64, entries: &[Entry]) -> Vec<Effect> {
        let now = self.now;
        let Dialog::SignOff(open) = &mut self.dialog else { return vec![] };
        if open.stage != (SignStage::Asking { ticket }) {
            return vec![];
        }
        let asked = entries.iter().find(|e| matches!(e.event, Event::SignOffAsked { .. }));
        let ask = asked.and_then(|entry| self.room.ask(entry.id));
        let pen = open.wanted(None).zip(open.chosen()).map(|(said, (choice, signer))| Pen {
            decision: said.decision,
            exceptions: said.exceptions,
            comment: said.comment,
            signer: signer.clone(),
            key: choice.key.fingerprint().to_owned(),
        });
        let made =
            ask.zip(pen.as_ref()).and_then(|(ask, pen)| Some((ask.id, self.room.statement(ask, pen, now)?)));
        let (Some((nonce, statement)), Some((key, _))) = (made, open.chosen().cloned()) else {
            (open.stage, open.problem) =
                (SignStage::Choosing, Some("the room gave nothing to sign; try again".to_owned()));
            return vec![];
        };
        let statement = statement.to_text();
        open.stage = SignStage::Making { nonce, statement: statement.clone() };
        vec![Effect::Sign(SignWish::Make { nonce, key: Box::new(key), statement })]
    }

    /// What the box shows of the room now, for whoever looks again.
    fn shown_now(&self, id: &SignOffId) -> String {
        let line = self.room.plan.signoffs.iter().find(|line| line.id == *id);
        line.and_then(|line| self.room.signing_digest(line)).unwrap_or_default()
    }

    /// What was asked of the journal was not stored.
    pub(super) fn sign_refused(&mut self, ticket: u64, why: &str) {
        let Dialog::SignOff(open) = &self.dialog else { return };
        let shown = self.shown_now(&open.id);
        if let Dialog::SignOff(open) = &mut self.dialog
            && open.stage == (SignStage::Asking { ticket })
        {
            (open.stage, open.problem) = (SignStage::Choosing, Some(why.to_owned()));
            open.shown = shown;
        }
    }

    /// The edge answers.
    pub(super) fn sign_heard(&mut self, signed: Signed) -> Vec<Effect> {
        let Dialog::SignOff(mut open) = std::mem::take(&mut self.dialog) else {
            return vec![];
        };
        match signed {
            Signed::Keys(keys) => self.take_keys(&mut open, keys),
            Signed::Made { nonce, signature } => match (&open.stage, signature) {
                (SignStage::Making { nonce: mine, statement }, Ok(signature)) if *mine == nonce => {
                    let proof = Some((statement.clone(), signature));
                    let wanted = open.wanted(proof).map(|w| Intent::Sign(Box::new(w)));
                    return wanted.map(|intent| self.submit(intent)).unwrap_or_default();
                }
                (SignStage::Making { nonce: mine, .. }, Err(why)) if *mine == nonce => {
                    (open.stage, open.problem) = (SignStage::Choosing, Some(why));
                }
                _ => {}
            },
        }
        self.dialog = Dialog::SignOff(open);
        vec![]
    }

    /// The keys whose owners may sign for the role, one's own name first.
    fn take_keys(&self, open: &mut SignBox, keys: Result<Vec<KeyChoice>, String>) {
        let role = self.room.plan.signoffs.iter().find(|s| s.id == open.id).map(|s| s.role.as_str());
        let (now, role) = (self.now.timestamp(), role.unwrap_or_default());
        let signers = self.room.signers().map(|adopted| &adopted.signers);
        let mut fit = vec![];
        let (none, keys) = match keys {
            Ok(keys) => {
                let why = "none of your keys may sign for this role; `warroom signers PLAN` shows whose may";
                (Some(why.to_owned()), keys)
            }
            Err(why) => (Some(why), vec![]),
        };
        for choice in keys {
            let names = signers.map(|s| s.names_of(&choice.key, now)).unwrap_or_default();
            let may = names.into_iter().filter(|name| self.room.has_role(name, role));
            fit.extend(may.map(|name| (choice.clone(), name.to_owned())));
        }
        fit.sort_by_key(|(_, name)| *name != self.actor.name);
        open.keyless = none.filter(|_| fit.is_empty());
        open.keys = Some(fit);
    }
}
