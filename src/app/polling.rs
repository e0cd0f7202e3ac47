//! The box of a poll: whose turn it is, what a GO is given on, and one key for each answer. An answer is
//! chosen by its key and given by Enter; a NO-GO asks for its reason.

use crossterm::event::{KeyCode, KeyEvent};

use super::dialog::{Dialog, Purpose};
use super::dialogs::{closes, moved};
use super::tree::Row;
use super::{App, Effect, Target, Tone};
use crate::plan::{Phase, PhaseId};
use crate::room::{Chair, Evidence, Intent, Poll, Stance, Vote, is_one_of};

/// What Enter does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Nothing yet; without a poll under way it opens one.
    #[default]
    None,
    /// Gives this answer for the chosen role.
    Vote(Vote),
    /// Ends the poll.
    Close,
}

/// The box.
#[derive(Clone, Debug)]
pub struct Polling {
    /// The phase asked about.
    pub phase: PhaseId,
    /// The chosen role, by its place.
    pub at: usize,
    /// What Enter does.
    pub choice: Choice,
    /// What the gate saw when the box was opened, or looked at again.
    pub saw: Box<Evidence>,
}

impl App {
    /// The poll under way of a phase.
    pub fn open_poll(&self, phase: &PhaseId) -> Option<&Poll> {
        self.room.poll(phase).filter(|p| p.closed.is_none())
    }

    /// Whether whoever acts here may answer for a role.
    pub fn may_answer(&self, chair: &Chair) -> bool {
        is_one_of(&chair.seat.people, &self.actor.name)
    }

    /// `v`: the poll of the phase under the cursor, else the one under way, else of the phase in view.
    pub(super) fn open_polling(&mut self) {
        let Some(phase) = self.polled_phase() else {
            return self.say(Tone::Plain, "the plan has no phase to ask about");
        };
        let saw = Box::new(self.room.evidence(phase));
        let at = self.open_poll(&phase.id).map_or(0, |poll| self.my_chair(poll));
        self.dialog =
            Dialog::Poll(Box::new(Polling { phase: saw.phase.clone(), at, choice: Choice::None, saw }));
    }

    fn polled_phase(&self) -> Option<&Phase> {
        let here = match self.target() {
            Target::Row(Row::Gate(g) | Row::Poll(g)) => self.phase_of(g),
            _ => None,
        };
        let asked = || self.room.open_polls().next().and_then(|p| self.room.plan.phase(&p.phase));
        here.or_else(asked).or_else(|| self.room.current_phase())
    }

    /// The role to begin with: the one whose turn it is where that is one's own, else the first of one's
    /// own that has not answered, else the one whose turn it is.
    fn my_chair(&self, poll: &Poll) -> usize {
        let evidence = self.room.evidence_of(poll);
        let waits = |c: &Chair| matches!(c.stance(&evidence), Stance::Unasked | Stance::Lapsed);
        let turn = poll.chairs.iter().position(waits).unwrap_or(0);
        let mapped = |c: &Chair| !c.seat.people.is_empty() && self.may_answer(c);
        let mine = poll.chairs.iter().position(|c| waits(c) && mapped(c));
        mine.unwrap_or(turn)
    }

    pub(super) fn poll_key(&mut self, key: KeyEvent, mut polling: Box<Polling>) -> Vec<Effect> {
        let count = self.open_poll(&polling.phase).map_or(0, |p| p.chairs.len());
        polling.choice = match key.code {
            KeyCode::Enter => return self.answer(polling),
            _ if closes(key) => return vec![],
            KeyCode::Char('g') => Choice::Vote(Vote::Go),
            KeyCode::Char('n') => Choice::Vote(Vote::NoGo),
            KeyCode::Char('a') => Choice::Vote(Vote::Abstain),
            KeyCode::Char('c') => Choice::Close,
            _ => {
                polling.at = moved(key, polling.at, count);
                Choice::None
            }
        };
        self.dialog = Dialog::Poll(polling);
        vec![]
    }

    fn answer(&mut self, mut polling: Box<Polling>) -> Vec<Effect> {
        let Some(poll) = self.open_poll(&polling.phase) else {
            let (poll, phase) = (self.fresh_id(), polling.phase.clone());
            self.dialog = Dialog::Poll(polling);
            return self.submit(Intent::OpenPoll { poll, phase });
        };
        let (id, chair) = (poll.id, poll.chairs.get(polling.at));
        let seat = chair.map(|c| (c.seat.id.clone(), c.seat.role.clone()));
        let (choice, evidence) = (polling.choice, polling.saw.digest());
        let now = self.room.plan.phase(&polling.phase).map(|p| self.room.evidence(p));
        match (choice, seat, now) {
            (Choice::Close, ..) => return self.submit(Intent::ClosePoll(id)),
            (Choice::Vote(Vote::NoGo), Some((seat, role)), _) => {
                self.prompt(Purpose::NoGo(id, seat, evidence), format!("Why does {role} say NO-GO?"));
                return vec![];
            }
            (Choice::Vote(Vote::Go), Some(_), Some(now)) if now != *polling.saw => {
                let changed = now.since(&polling.saw).join(", ");
                self.say(Tone::Bad, format!("not recorded, look again: {changed}"));
                (polling.saw, polling.choice) = (Box::new(now), Choice::None);
            }
            (Choice::Vote(vote), Some((seat, _)), _) => {
                polling.choice = Choice::None;
                self.dialog = Dialog::Poll(polling);
                return self.submit(Intent::Vote { poll: id, seat, vote, reason: None, evidence });
            }
            _ => self.say(Tone::Plain, "choose first: g GO, n NO-GO, a ABSTAIN, c close the poll"),
        }
        self.dialog = Dialog::Poll(polling);
        vec![]
    }

    /// A poll was opened or answered: the box goes to whoever is next.
    pub(super) fn follow_poll(&mut self) {
        let Dialog::Poll(polling) = &self.dialog else { return };
        let Some(poll) = self.open_poll(&polling.phase) else { return };
        let at = self.my_chair(poll);
        if let Dialog::Poll(polling) = &mut self.dialog
            && polling.choice == Choice::None
        {
            polling.at = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;
    use super::*;
    use crate::plan::binding::Binding;
    use crate::room::{Role, Verdict};

    const PLAN: &str = "# P\n\n## Phase 1: Dark launch (Hour 0-2)\n\n- [ ] Look\n\n## Sign-offs\n\n\
        - Lead: ____________\n- CTO: ____________\n";

    fn stage(binding: &str) -> Stage {
        let binding: Binding = toml::from_str(binding).unwrap();
        Stage::over(crate::plan::read_with(PLAN.as_bytes(), "plan", &binding))
    }

    fn poll(stage: &Stage) -> &Poll {
        stage.app.room.polls().last().unwrap()
    }

    fn stances(stage: &Stage) -> Vec<&'static str> {
        let evidence = stage.app.room.evidence_of(poll(stage));
        poll(stage).chairs.iter().map(|c| c.stance(&evidence).word()).collect()
    }

    #[test]
    fn a_poll_is_opened_answered_in_turn_and_closed_by_keys() {
        let mut stage = stage("");
        stage.keys("v<enter>");
        assert_eq!(stances(&stage), ["not asked yet", "not asked yet"]);
        stage.keys("g<enter>");
        assert_eq!(stances(&stage), ["GO", "not asked yet"]);
        stage.keys("n<enter>the disk is full<enter>");
        assert_eq!(poll(&stage).chairs[1].cast.as_ref().unwrap().reason.as_deref(), Some("the disk is full"));
        stage.keys("vc<enter>");
        assert_eq!(poll(&stage).closed.as_ref().map(|c| c.result), Some(Verdict::NoGo));
    }

    #[test]
    fn enter_alone_answers_nothing_and_a_go_is_not_given_on_what_was_not_seen() {
        let mut stage = stage("");
        stage.keys("v<enter><enter>");
        assert_eq!(stances(&stage)[0], "not asked yet");
        stage.keys("g");
        let item = stage.app.room.plan.items[0].clone();
        stage.happened(crate::room::Event::ItemTicked { item: item.id, text: item.text });
        stage.keys("<enter>");
        assert_eq!(stances(&stage)[0], "not asked yet");
        assert!(
            stage.app.notice.as_ref().unwrap().text.contains("Look: done by ana"),
            "{:?}",
            stage.app.notice
        );
        stage.keys("g<enter>");
        assert_eq!(stances(&stage)[0], "GO", "now it was seen");
    }

    #[test]
    fn the_box_begins_with_ones_own_role_and_others_are_refused() {
        let mut stage = stage("people = { CTO = ['ana'], Lead = ['bo'] }");
        stage.keys("v<enter>g<enter>");
        assert_eq!(stances(&stage), ["not asked yet", "not asked yet"], "it is bo's turn");
        stage.keys("kg<enter>");
        assert!(stage.app.notice.as_ref().unwrap().text.contains("Lead is bo, not ana@host"));
        stage.keys("jn<enter>no backup<enter>");
        assert_eq!(stances(&stage)[1], "NO-GO", "that may come early");
        assert!(matches!(stage.app.actor.role, Role::Commander));
    }
}
