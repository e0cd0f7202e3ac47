//! The next thing to do in words: what, who, by which key, what to expect, how to undo it.

use super::App;
use super::keymap::Action;
use crate::room::{Chair, Move, Poll};

/// The one next thing, for the line at the foot of the Board and for the Now screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// What to do, as a sentence.
    pub what: String,
    /// The key or command that does it.
    pub key: String,
    /// Whose it is.
    pub who: String,
    /// What to expect of it.
    pub expect: String,
    /// How it is taken back.
    pub back: String,
}

impl App {
    /// The one next thing.
    pub fn advice(&self) -> Advice {
        let next = self.next_move();
        let mut advice = self.burning(&next).unwrap_or_else(|| self.planned(&next));
        if advice.who.is_empty() {
            advice.who = format!("you ({})", self.actor.name.split('@').next().unwrap_or_default());
        }
        advice
    }

    /// What is next; a rung whose time is over comes behind what burns and before what is planned.
    fn next_move(&self) -> Move<'_> {
        let next = self.room.next_action();
        let asked = self.asked().first().map(|p| Move::Approve(p.by.clone(), p.title.clone()));
        if let Some(asked) = asked.filter(|_| !matches!(next, Move::Resolve(..) | Move::Settle(_))) {
            return asked;
        }
        match self.review() {
            Some(review) if self.burning(&next).is_none() => {
                Move::Review(review.flag.to_owned(), review.rung)
            }
            _ => next,
        }
    }

    fn key_shown(&self, action: Action) -> String {
        super::shown(self.keymap.key_of(action))
    }

    /// What a run's next step waits for, where that is another person.
    fn waits_for_second(&self, run: &crate::room::Run, step: usize) -> Option<String> {
        let about = crate::room::About::Step { run: run.id, step };
        let waits = self.room.proposal(&about).filter(|p| p.is_live(self.now) && p.approved.is_none())?;
        let zone = self.room.t0.as_ref().and_then(|t| t.zone.parse().ok()).unwrap_or(self.local_zone);
        let since = waits.at.with_timezone(&zone).format("%H:%M");
        Some(format!("{} has waited for a second person since {since}", waits.title))
    }

    /// What burns.
    fn burning(&self, next: &Move<'_>) -> Option<Advice> {
        Some(match next {
            Move::Resolve(run, step) if self.levers.mine.contains(&run.id) => Advice {
                what: format!("{}: step {} runs", run.title, step + 1),
                key: self.key_shown(Action::Ways),
                expect: "its output, and how it ends".to_owned(),
                back: format!("{} stops it", self.key_shown(Action::Stop)),
                ..Advice::default()
            },
            Move::Resolve(run, step) => Advice {
                what: format!("say what became of step {} of {}: it has no end", step + 1, run.title),
                key: format!("{} enter, then enter looks for it", self.key_shown(Action::Ways)),
                expect: "what stays unknown you say: d it was done, n it was not, with a reason".to_owned(),
                ..Advice::default()
            },
            Move::GoOn(run, step) if self.waits_for_second(run, *step).is_some() => Advice {
                what: self.waits_for_second(run, *step).unwrap_or_default(),
                key: self.key_shown(Action::Approve),
                who: "anybody else".to_owned(),
                expect: "they agree by A, or by `warroom approve`; then you start it".to_owned(),
                ..Advice::default()
            },
            Move::GoOn(run, step) => Advice {
                what: format!("go on with {}: step {}", run.title, step + 1),
                key: self.key_shown(Action::Ways),
                expect: "each step shows its bytes first".to_owned(),
                back: "! stops what runs".to_owned(),
                ..Advice::default()
            },
            Move::Settle(change) if self.levers.mine.contains(&change.id) => Advice {
                what: format!("{} → {} is being written and read back", change.flag, change.to),
                ..Advice::default()
            },
            Move::Settle(change) => Advice {
                what: format!("say what became of {} → {}: it has no end", change.flag, change.to),
                key: format!("{} enter, then r reads it again", self.key_shown(Action::Flag)),
                expect: "what stays unknown you say: d it was done, n it was not, with a reason".to_owned(),
                ..Advice::default()
            },
            Move::Approve(who, what) => Advice {
                what: format!(
                    "{} asks for a second person: {what}",
                    who.split('@').next().unwrap_or_default()
                ),
                key: self.key_shown(Action::Approve),
                expect: "the exact bytes; you agree by a typed phrase, and they start it".to_owned(),
                ..Advice::default()
            },
            Move::Acknowledge(alert) => Advice {
                what: format!("acknowledge {}: {}", alert.signal, alert.limit),
                key: self.key_shown(Action::Acknowledge),
                expect: "the others see that you have it".to_owned(),
                ..Advice::default()
            },
            Move::TurnBack(alert, Some(way)) => Advice {
                what: format!("{} fires: start {}", alert.signal, way.title),
                key: self.key_shown(Action::Ways),
                who: alert.acknowledged.as_ref().map(|(who, _)| who.clone()).unwrap_or_default(),
                expect: format!("{} back to {}", alert.signal, alert.limit.trim_start_matches("ok ")),
                back: format!("flags return one by one with {}", self.key_shown(Action::Flag)),
            },
            Move::TurnBack(alert, None) => Advice {
                what: format!("{} fires: the plan names no way back", alert.signal),
                key: self.key_shown(Action::Flag),
                expect: format!("{} back to {}", alert.signal, alert.limit.trim_start_matches("ok ")),
                ..Advice::default()
            },
            Move::Happened(what, _, true) => Advice {
                what: format!("say whether “{}” is over", what.text),
                key: self.key_shown(Action::Conditions),
                ..Advice::default()
            },
            Move::Happened(what, Some(way), _) => Advice {
                what: format!("“{}” happened: start {}", what.text, way.title),
                key: self.key_shown(Action::Ways),
                expect: "each step shows its bytes first".to_owned(),
                back: format!("{} decides against it, with a reason", self.key_shown(Action::Decline)),
                ..Advice::default()
            },
            Move::Happened(what, None, _) => Advice {
                what: format!("“{}” happened: the plan names no way back for it", what.text),
                key: self.key_shown(Action::Ways),
                expect: "the ways back there are".to_owned(),
                back: format!("{} says that it is over", self.key_shown(Action::Conditions)),
                ..Advice::default()
            },
            _ => return None,
        })
    }

    /// A poll is under way: whose turn it is.
    fn poll_advice(&self, poll: &Poll, chair: Option<&Chair>) -> Advice {
        let (name, key) = (&poll.name, self.key_shown(Action::Poll));
        let Some(chair) = chair else {
            let (word, _) = poll.result(&self.room.evidence_of(poll));
            return Advice {
                what: format!("close the poll on {name}: every role has answered, {}", word.as_str()),
                key: format!("{key} then c"),
                expect: "the result is kept; the gate counts it".to_owned(),
                ..Advice::default()
            };
        };
        let role = &chair.seat.role;
        let people = chair.seat.people.join(", ");
        let (what, who) = match (self.may_answer(chair), people.is_empty()) {
            (true, false) => (format!("your vote as {role}: GO or NO-GO for {name}?"), String::new()),
            (true, true) => (format!("{role}'s vote: GO or NO-GO for {name}?"), format!("{role} (unmapped)")),
            (false, _) => (format!("{role} is asked: GO or NO-GO for {name}?"), format!("{role} ({people})")),
        };
        Advice {
            what,
            who,
            key,
            expect: "it shows what a GO is given on".to_owned(),
            back: "a vote can be changed while the poll is open".to_owned(),
        }
    }

    /// What the plan says is next.
    fn planned(&self, next: &Move<'_>) -> Advice {
        let item = |what: String, key: Action, undo: &str, item: &crate::plan::Item| Advice {
            what,
            key: self.key_shown(key),
            who: self.room.item_state(&item.id).and_then(|s| s.assignee.clone()).unwrap_or_default(),
            expect: String::new(),
            back: undo.to_owned(),
        };
        let undo = format!("{} takes a tick back", self.key_shown(Action::Undo));
        let command =
            |what: String, command: &str| Advice { what, key: command.to_owned(), ..Advice::default() };
        match next {
            Move::Review(flag, rung) => Advice {
                what: format!("{flag} at {rung} %: its time is over. CONTINUE, HOLD or ROLL BACK?"),
                key: format!("{} then c, h or r", self.key_shown(Action::Review)),
                expect: "the answer is recorded; nothing moves by it".to_owned(),
                ..Advice::default()
            },
            Move::Poll(poll, chair) => self.poll_advice(poll, *chair),
            Move::ResumeClock(why) => {
                command(format!("the count is held ({why}): let it go on"), ":clock go")
            }
            Move::SetT0 => command("set the launch instant".to_owned(), ":t0 TIME"),
            Move::Start(phase) => command(format!("start {}", phase.name), ":start"),
            Move::Resume(phase, why) => {
                command(format!("{} is held ({why}): let it go on", phase.name), ":start")
            }
            Move::Complete(phase) => command(format!("{} is ready: complete it", phase.name), ":complete"),
            Move::Tick(i) => item(i.text.clone(), Action::Tick, &undo, i),
            Move::Unblock(i) => item(format!("unblock: {}", i.text), Action::Block, "", i),
            Move::Judge(i) => item(format!("judge: {}", i.text), Action::Tick, &undo, i),
            Move::Sign(line) => Advice {
                what: format!("sign-off of {}", line.role),
                key: self.key_shown(Action::Sign),
                who: line.role.clone(),
                ..Advice::default()
            },
            Move::Wait(phase, reasons) => {
                Advice { what: format!("{} waits: {}", phase.name, reasons.join(", ")), ..Advice::default() }
            }
            Move::Over => Advice { what: "every phase is complete".to_owned(), ..Advice::default() },
            _ => Advice { what: "nothing is open".to_owned(), ..Advice::default() },
        }
    }
}
