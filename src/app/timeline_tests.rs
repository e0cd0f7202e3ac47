//! Looking back: nothing can be done there, the live room goes on, and time goes where the keys say.

use std::sync::Arc;

use super::stage::Stage;
use super::*;
use crate::plan::binding::{Binding, FlagBinding};
use crate::room::{Kind, Moments, Subject};

const PLAN: &str = "\
# Launch

## Feature flags

| Flag | Value |
|---|---|
| `new_ui` | false |

## Phase 1: Canary (Hours 0-2)

- [ ] Set `new_ui` = true
- [ ] Watch
- Error rate > 5% for 5 minutes: P0

## Rollback Plan

1. **Stop the workers**
   ```bash
   systemctl stop workers
   ```
2. **Tell support**

## Sign-off

- [ ] CTO: ______
";

/// A stage with a reader of the past in memory, which answers at once.
pub(crate) struct Back {
    pub stage: Stage,
    entries: Vec<Entry>,
    moments: Moments,
    /// What was asked of the reader.
    pub asked: Vec<PastAsk>,
    /// What came out beside that.
    pub effects: Vec<Effect>,
    /// Whether it answers.
    pub answers: bool,
}

impl Back {
    /// A launch with ticks, a run, alerts, notes and a phase, ten seconds between two events.
    pub fn new() -> Self {
        let mut stage = Stage::new(PLAN);
        let at = "http://127.0.0.1:1/flags/new_ui".to_owned();
        let flag =
            FlagBinding { name: "new_ui".into(), read: at.clone(), write: at, ..FlagBinding::default() };
        stage.send(Msg::Bound(Arc::new(Binding { flags: vec![flag], ..Binding::default() })));
        let mut back = Self {
            stage,
            entries: vec![],
            moments: Moments::default(),
            asked: vec![],
            effects: vec![],
            answers: true,
        };
        let plan = Arc::clone(&back.stage.app.room.plan);
        let phase = &plan.phases[0];
        back.happens(Event::PhaseStarted { phase: phase.id.clone(), name: phase.name.clone() });
        for item in &plan.items[..2] {
            back.happens(Event::ItemTicked { item: item.id.clone(), text: item.text.clone() });
        }
        back.happens(back_alert("P1"));
        let (run, title) = (Uuid::from_u128(77), plan.procedures[0].title.clone());
        back.happens(Event::RunStarted { run, procedure: plan.procedures[0].id.clone(), title });
        back.happens(note("the bank \u{1b}[31manswers"));
        back.settle();
        back
    }

    /// Something is stored, ten seconds later.
    pub fn happens(&mut self, event: Event) {
        self.stage.wait(10_000);
        self.stage.happened(event);
        self.settle();
    }

    /// Presses keys.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        self.stage.keys(keys);
        self.settle();
        self
    }

    /// Time passes.
    pub fn wait(&mut self, milliseconds: i64) {
        self.stage.wait(milliseconds);
        self.settle();
    }

    pub fn app(&self) -> &App {
        &self.stage.app
    }

    /// The place that is looked at; none at now.
    pub fn seq(&self) -> Option<u64> {
        self.app().past().map(|p| p.app.room.seq)
    }

    /// The reader answers until it was asked nothing more.
    pub fn settle(&mut self) {
        for entry in &self.stage.app.room.recent {
            if entry.seq > self.entries.len() as u64 {
                self.moments.push(entry);
                self.entries.push(entry.clone());
            }
        }
        loop {
            let mut asks = vec![];
            for effect in std::mem::take(&mut self.stage.effects) {
                match effect {
                    Effect::AskPast(ask) => asks.push(ask),
                    other => self.effects.push(other),
                }
            }
            if asks.is_empty() {
                return;
            }
            self.asked.extend(asks.iter().cloned());
            for ask in asks.into_iter().filter(|_| self.answers) {
                let told = self.answer(ask);
                self.stage.send(Msg::PastTold(told));
            }
        }
    }

    fn answer(&self, ask: PastAsk) -> PastTold {
        let mut index = crate::room::Chronicle::default();
        self.entries.iter().for_each(|e| index.push(e));
        match ask {
            PastAsk::Read { after, .. } => PastTold::Index { after, more: index.since(after).to_vec() },
            PastAsk::Rows(seqs) => {
                PastTold::Rows(seqs.iter().map(|s| self.entries[*s as usize - 1].clone()).collect())
            }
            PastAsk::Find { text, .. } => {
                let holds = |e: &&Entry| e.event.sentence().to_lowercase().contains(&text.to_lowercase());
                let seqs = self.entries.iter().filter(holds).map(|e| e.seq).collect();
                PastTold::Found { text, seqs }
            }
            PastAsk::Go { turn, place, binding, .. } => {
                let (seq, at) = match place {
                    Place::Event(seq) => (seq, index.at(seq).unwrap()),
                    Place::Time(at) => (index.by(at), at),
                };
                let mut start = self.moments.start(seq, None);
                let range = start.after as usize..seq as usize;
                self.entries[range].iter().for_each(|e| start.push(e.clone()));
                let mut room = start.finish();
                room.follow(Arc::clone(&self.stage.app.room.plan));
                let binding = binding.unwrap_or_default();
                let gauges = Some(crate::signal::Signals::new(&room.plan, &binding));
                let room = Some(room);
                PastTold::Moment(Box::new(Moment {
                    turn,
                    seq,
                    at,
                    room,
                    binding,
                    gauges,
                    loaded: Loaded::Whole,
                }))
            }
        }
    }
}

pub(crate) fn note(text: &str) -> Event {
    Event::NoteAdded { on: Subject::Room, text: text.into() }
}

pub(crate) fn back_alert(rank: &str) -> Event {
    Event::AlertFired {
        rule: format!("rule {rank}").as_str().into(),
        signal: format!("Error rate {rank}"),
        limit: "ok < 5 %".into(),
        rank: rank.into(),
        line: 13,
        value: Some(6.5),
    }
}

#[test]
fn every_screen_shows_the_room_as_it_was() {
    let mut back = Back::new();
    let all = back.app().room.seq;
    assert_eq!(all, 8);
    for seq in (1..=all).rev() {
        back.keys(if seq == all { "6<enter>" } else { "<" });
        let past = back.app().past().expect("looked at");
        assert_eq!((past.app.room.seq, past.seq, past.app.screen), (seq, seq, Screen::Board));
        assert_eq!(past.app.now, past.at);
        let ticked = |app: &App| app.room.tally(app.room.plan.items.iter()).done;
        assert_eq!(ticked(&past.app), [0, 0, 0, 0, 1, 2, 2, 2, 2][seq as usize], "{seq}");
        assert_eq!(past.app.room.firing().len(), usize::from(seq >= 6));
    }
    assert_eq!(back.app().room.seq, all, "the live room stays");
    back.keys("<esc>");
    assert!(back.app().past().is_none());
}

#[test]
fn no_key_on_any_screen_does_anything_in_the_past() {
    let signs = (' '..='~').filter(|c| *c != '<').map(String::from);
    let named = ["enter", "esc", "tab", "s-tab", "bs", "f2", "c-d", "c-b", "c-p"].map(|k| format!("<{k}>"));
    let keys: Vec<String> = signs.chain(named).chain(["<".to_owned()]).collect();
    for screen in ["0", "1", "2", "3", "4", "6", "7"] {
        let mut back = Back::new();
        for key in &keys {
            while back.app().past().is_some() || !matches!(back.app().dialog, Dialog::None) {
                back.keys("<esc>");
            }
            back.keys("6Gkk<enter>").keys(screen);
            let (seq, tickets) = (back.app().room.seq, back.app().next_ticket);
            back.effects.clear();
            back.keys(key);
            // Leaving, and STOP, which is never refused, come back to now: there the live tests watch.
            let back_again = ["<esc>", "q", "!"].contains(&key.as_str());
            if !back_again {
                for more in ["<enter>", "j<enter>", "<space>", "y", "plan-1<enter>", "a", "s", "<enter>y"] {
                    back.keys(more);
                }
            }
            assert_eq!(back.app().next_ticket, tickets, "{screen} {key}: an intent was made");
            assert_eq!(back.app().room.seq, seq, "{screen} {key} was recorded");
            let harmless = |e: &&Effect| {
                let reads =
                    matches!(e, Effect::Copy(_) | Effect::Repaint | Effect::Suspend | Effect::ReadFlag(_));
                let leaves = back_again && matches!(e, Effect::Quit | Effect::Stop);
                reads || leaves || matches!(e, Effect::Mouse(_))
            };
            let done: Vec<_> = back.effects.iter().filter(|e| !harmless(e)).collect();
            assert_eq!(done, Vec::<&Effect>::new(), "{screen} {key}");
        }
    }
}

#[test]
fn what_cannot_be_done_is_refused_with_a_sentence() {
    let mut back = Back::new();
    back.keys("<");
    for key in ["<space>", "f", "R", "x", "b", "t", "u", "S", "a", "B", "=", "D", "C", "H", ":"] {
        back.keys(key);
        let said = back.app().notice.as_ref().map(|n| n.text.clone()).unwrap_or_default();
        assert!(said.contains("this is the past") && said.contains("esc comes back"), "{key}: {said:?}");
        assert!(back.app().past().is_some());
    }
    let effects = back.effects.len();
    back.keys("!");
    assert!(back.app().past().is_none(), "STOP is never refused: it comes back and stops");
    assert!(back.effects[effects..].contains(&Effect::Stop));
}

#[test]
fn the_live_room_goes_on_and_what_is_worst_calls_back() {
    let mut back = Back::new();
    back.keys("<<");
    let then = back.seq();
    back.happens(back_alert("P1"));
    assert_eq!(back.app().calls_back(), Vec::<String>::new());
    back.happens(back_alert("P0"));
    assert_eq!((back.app().calls_back(), back.seq()), (vec!["Error rate P0".to_owned()], then));
    assert_eq!(back.app().room.seq, 10);
    assert_eq!(back.app().timeline().total(), 10);
    let who = Event::AlertAcknowledged { rule: "rule P0".into(), signal: "Error rate P0".into() };
    back.happens(who);
    assert_eq!(back.app().calls_back(), Vec::<String>::new(), "somebody has it");
    back.keys("<esc>6G");
    assert_eq!(back.app().timeline().chosen(), 11);
}

#[test]
fn bytes_that_come_late_open_no_box_over_the_past() {
    let mut back = Back::new();
    back.keys("R<enter><enter>");
    let asked = |e: &Effect| if let Effect::Prepare(deed) = e { Some(deed.clone()) } else { None };
    let deed = back.effects.iter().find_map(asked).expect("a step is asked for");
    back.keys("<esc><esc><esc><");
    assert!(back.app().past().is_some());
    let (shown, digest) = (vec!["rm".to_owned()], "sha256:aa".to_owned());
    back.stage.send(Msg::Prepared(Prepared { deed, from: None, shown, digest, runs_here: true }));
    assert!(matches!(back.app().dialog, Dialog::None));
}

#[test]
fn jumps_go_to_what_begins_and_say_where_there_is_nothing() {
    let mut back = Back::new();
    back.keys("6g<enter>");
    for (key, seq, said) in [
        ("}", 6, None),
        ("}", 6, Some("no alert after this")),
        (")", 7, None),
        ("(", 7, Some("no run and no change of a flag before this")),
        ("{", 6, None),
        ("\\", 3, None),
        ("'", 3, Some("no sign-off and no poll after this")),
        (">", 4, None),
        ("<", 3, None),
    ] {
        back.keys(key);
        let notice = back.app().notice.as_ref().map(|n| n.text.as_str());
        assert_eq!((back.seq(), notice), (Some(seq), said), "{key}");
    }
    let at = back.app().past().unwrap().at;
    back.keys("]");
    assert_eq!(
        back.app().past().unwrap().at,
        (at + TimeDelta::minutes(1)).min(back.app().now),
        "not after now"
    );
    back.keys("[[[[[[");
    assert_eq!(back.seq(), Some(1), "never before the first event");
}

#[test]
fn it_plays_at_its_speed_and_stands_still_at_the_end() {
    let mut back = Back::new();
    back.keys("6g<enter>p");
    let from = back.app().past().unwrap().at;
    assert!(back.app().past().unwrap().play.runs());
    for _ in 0..10 {
        back.wait(100);
    }
    assert_eq!(back.app().past().unwrap().at - from, TimeDelta::seconds(1));
    back.keys("+");
    back.wait(1_000);
    assert_eq!(back.app().past().unwrap().at - from, TimeDelta::seconds(11));
    assert_eq!(back.app().past().unwrap().play.speed, 10.0);
    back.keys("p");
    back.wait(5_000);
    assert_eq!(back.app().past().unwrap().at - from, TimeDelta::seconds(11), "it stands still");
    back.keys("p++++++");
    assert_eq!(back.app().past().unwrap().play.speed, 1000.0);
    back.wait(2_000);
    assert_eq!(back.seq(), Some(8), "it ends where now is");
    back.keys("<");
    assert!(!back.app().past().unwrap().play.runs(), "whoever steps is not played on");
}

#[test]
fn a_replay_begins_by_itself_and_has_no_now() {
    let mut back = Back::new();
    let room = back.app().room.clone();
    let mut stage = Stage::new(PLAN);
    stage.effects.clear();
    stage.app.replay(Replay { at: None, speed: Some(60.0) }, None);
    stage.send(Msg::Link(Link::ViewOnly("asked for".into())));
    stage.send(Msg::Opened { room: Box::new(room), fresh: false });
    back.stage = stage;
    back.settle();
    assert_eq!(back.seq(), Some(1));
    assert!(back.app().past().unwrap().play.runs());
    back.keys("<esc><space>");
    let said = back.app().notice.as_ref().unwrap().text.clone();
    assert!(back.app().past().is_some() && said.contains("this is a replay"), "{said}");
    for _ in 0..30 {
        back.wait(100);
    }
    assert_eq!(back.seq(), Some(8));
    assert!(!back.app().past().unwrap().play.runs());
    back.effects.clear();
    back.keys("q");
    assert_eq!(back.effects, [Effect::Quit]);
}

#[test]
fn the_list_is_filtered_searched_and_asks_only_for_what_is_in_sight() {
    let mut back = Back::new();
    for seq in 0..400 {
        back.happens(note(&format!("note {seq}")));
    }
    // Another app over the same journal has but the latest entries at hand.
    let mut stage = Stage::new(PLAN);
    stage.send(Msg::Opened { room: Box::new(back.app().room.clone()), fresh: false });
    back.stage = stage;
    back.asked.clear();
    back.keys("6");
    assert_eq!(back.app().timeline().index().len(), 408);
    let rows = |back: &Back| back.asked.iter().filter(|a| matches!(a, PastAsk::Rows(_))).count();
    assert_eq!(rows(&back), 0, "the latest are there");
    back.keys("g");
    assert_eq!(rows(&back), 1);
    assert!(back.app().timeline().entry(1).is_some() && back.app().timeline().entry(200).is_none());
    back.keys("jjjj");
    assert_eq!(rows(&back), 1, "a page is asked for once");
    back.keys("o");
    assert_eq!((back.app().timeline().kind(), back.app().timeline().len()), (Some(Kind::Alert), 1));
    back.keys("o");
    assert_eq!((back.app().timeline().kind(), back.app().timeline().len()), (Some(Kind::Run), 1));
    back.keys("hh/NOTE 39<enter>");
    assert_eq!(back.app().timeline().found().map(<[u64]>::len), Some(11));
    assert_eq!(back.app().timeline().chosen(), 48);
    back.keys("n");
    assert_eq!(back.app().timeline().chosen(), 399);
    back.keys("N");
    assert_eq!(back.app().timeline().chosen(), 48);
    back.keys("G");
    back.happens(note("new"));
    assert_eq!(back.app().timeline().chosen(), 409, "at the newest it stays there");
    back.keys("kk");
    back.happens(note("newer"));
    assert_eq!(back.app().timeline().chosen(), 407, "else it stays where it is");
}

#[test]
fn before_the_moment_is_there_nothing_of_now_is_shown_as_then() {
    let mut back = Back::new();
    back.keys("6");
    back.answers = false;
    back.keys("k<enter>");
    let past = back.app().past().unwrap();
    assert!(past.is_loading() && !past.is_there());
    back.keys("<<");
    let goes: Vec<_> = back.asked.iter().filter(|a| matches!(a, PastAsk::Go { .. })).cloned().collect();
    assert_eq!(goes.len(), 3);
    let late = back.answer(goes[0].clone());
    let newest = back.answer(goes[2].clone());
    back.stage.send(Msg::PastTold(newest));
    back.stage.send(Msg::PastTold(late));
    assert_eq!((back.seq(), back.app().past().unwrap().is_loading()), (Some(5), false));
}

#[test]
fn what_comes_late_for_an_earlier_visit_is_not_shown_in_the_next() {
    let mut back = Back::new();
    back.keys("6");
    back.answers = false;
    back.keys("k<enter><<");
    let goes = |back: &Back| -> Vec<PastAsk> {
        back.asked.iter().filter(|a| matches!(a, PastAsk::Go { .. })).cloned().collect()
    };
    let late = back.answer(goes(&back).pop().unwrap());
    back.keys("<esc>6G<enter>");
    assert!(back.app().past().is_some(), "a second visit");
    let due = back.answer(goes(&back).pop().unwrap());
    let PastTold::Moment(moment) = &due else { panic!("a moment") };
    let seq = moment.seq;
    back.stage.send(Msg::PastTold(late));
    assert!(back.app().past().unwrap().is_loading(), "that was asked for before");
    back.stage.send(Msg::PastTold(due));
    assert_eq!((back.seq(), back.app().past().unwrap().is_loading()), (Some(seq), false));
}
