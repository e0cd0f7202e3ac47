//! The Levers screen as data: its rows, where the cursor stands, what Enter opens; and what is said at
//! the end of a rung's time.

use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent};

use super::dialog::{Dialog, Purpose};
use super::levers::same_value;
use super::{App, Effect, Screen, Tone};
use crate::plan::{Procedure, ProcedureId, ProcedureKind};
use crate::room::{Call, Check, Entry, Event, Intent, Outcome, Review, Run};

/// A way back that ended longer ago opens nothing: it is read about later.
const FRESH: TimeDelta = TimeDelta::minutes(5);

/// So many runs that are over are listed.
const OVER: usize = 6;

/// A row of the Levers screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeverRow {
    /// What waits for a second person, by its place in the room.
    Proposal(usize),
    /// A run, by its place in the room.
    Run(usize),
    /// A procedure, by its place among [`App::ways`].
    Way(usize),
    /// A rollback point, by its place in the plan.
    Point(usize),
    /// A flag, by its place in the plan.
    Flag(usize),
}

impl App {
    /// The rows, as they were when something was last recorded.
    pub fn lever_rows(&self) -> &[LeverRow] {
        &self.levers.rows
    }

    /// The rows anew: what waits for a second person, what is under way, the ways back, flags, other procedures, what is over.
    pub(super) fn list_levers(&mut self) {
        let (runs, ways) = (self.room.runs(), self.ways());
        let open = |r: &Run| r.ended.is_none();
        let backs = ways.iter().filter(|p| p.kind == ProcedureKind::Rollback).count();
        let live = |p: &usize| self.room.waiting(self.now).any(|w| w.id == self.room.proposals()[*p].id);
        let waiting = (0..self.room.proposals().len()).filter(live);
        let mut rows: Vec<_> = waiting.map(LeverRow::Proposal).collect();
        rows.extend((0..runs.len()).rev().filter(|r| open(&runs[*r])).map(LeverRow::Run));
        rows.extend((0..backs).map(LeverRow::Way));
        rows.extend((0..self.room.plan.rollback_points.len()).map(LeverRow::Point));
        rows.extend((0..self.room.plan.flags.len()).map(LeverRow::Flag));
        rows.extend((backs..ways.len()).map(LeverRow::Way));
        let over = (0..runs.len()).rev().filter(|r| !open(&runs[*r])).take(OVER);
        rows.extend(over.map(LeverRow::Run));
        self.levers.rows = rows;
    }

    /// The place of the cursor among the rows.
    pub fn lever_at(&self) -> usize {
        let rows = self.lever_rows();
        let kept = self.levers.row.and_then(|row| rows.iter().position(|r| *r == row));
        kept.unwrap_or_else(|| self.first_row(rows))
    }

    /// Where the cursor stands until somebody moves it: on what runs, else on what is suggested.
    fn first_row(&self, rows: &[LeverRow]) -> usize {
        let wanted = self.suggested().map(|s| s.procedure.clone());
        let ways = self.ways();
        let mine = |at: usize| self.is_mine(&self.room.proposals()[at]);
        let here = |r: &LeverRow| match r {
            LeverRow::Proposal(at) => !mine(*at),
            LeverRow::Run(run) => self.room.runs()[*run].ended.is_none(),
            LeverRow::Way(way) => Some(&ways[*way].id) == wanted.as_ref(),
            _ => false,
        };
        rows.iter().position(here).unwrap_or(0)
    }

    /// The row under the cursor.
    pub fn lever_row(&self) -> Option<LeverRow> {
        self.lever_rows().get(self.lever_at()).copied()
    }

    pub(super) fn move_in_levers(&mut self, rows: isize) {
        let all = self.lever_rows();
        self.levers.row = all.get(super::act::clamped(self.lever_at(), rows, all.len())).copied();
    }

    pub(super) fn choose_lever(&mut self, at: usize) {
        self.levers.row = self.lever_rows().get(at).copied();
    }

    /// `4`: the screen; every flag is read again.
    pub(super) fn open_levers(&mut self) -> Vec<Effect> {
        (self.screen, self.zoomed) = (Screen::Levers, false);
        self.room.plan.flags.iter().map(|f| Effect::ReadFlag(f.name.clone())).collect()
    }

    /// Enter on a row: its box. Nothing is done by it.
    pub(super) fn open_lever(&mut self) -> Vec<Effect> {
        let procedure = match self.lever_row() {
            Some(LeverRow::Flag(flag)) => {
                let name = self.room.plan.flags[flag].name.clone();
                return self.open_flag(name, None);
            }
            Some(LeverRow::Way(way)) => self.ways()[way].id.clone(),
            Some(LeverRow::Run(run)) => self.room.runs()[run].procedure.clone(),
            Some(LeverRow::Point(at)) => return self.open_point(at),
            Some(LeverRow::Proposal(at)) => {
                let id = self.room.proposals()[at].id;
                self.open_proposal(id);
                return vec![];
            }
            None => return vec![],
        };
        self.dialog = Dialog::Procedure(procedure);
        vec![]
    }

    /// The flag under the cursor.
    pub(super) fn lever_flag(&self) -> Option<String> {
        match self.lever_row().filter(|_| self.screen == Screen::Levers) {
            Some(LeverRow::Flag(flag)) => Some(self.room.plan.flags[flag].name.clone()),
            _ => None,
        }
    }

    /// A rollback point has no steps of its own: the flag its words name, else nothing to open.
    fn open_point(&mut self, at: usize) -> Vec<Effect> {
        let action = self.room.plan.rollback_points[at].action.clone();
        let named = self.room.plan.flags.iter().find(|f| action.contains(&f.name)).map(|f| f.name.clone());
        match named {
            Some(name) => self.open_flag(name, Some(value_in(&action))),
            None => {
                self.say(Tone::Plain, format!("by hand: {action}"));
                vec![]
            }
        }
    }

    /// Whether a flag reads otherwise than this room left it: somebody changed it elsewhere.
    pub fn changed_outside(&self, flag: &str) -> bool {
        let Some(read) = self.levers.read.get(flag).filter(|_| self.room.open_change(flag).is_none()) else {
            return false;
        };
        if read.outside.is_some() {
            return true;
        }
        let Some(footing) = self.room.footing(flag) else { return false };
        let differs = read.value.as_ref().is_ok_and(|value| !same_value(value, &footing.value));
        differs && read.at > footing.since
    }

    /// Says it once when a flag was changed elsewhere.
    pub(super) fn moved_outside(&mut self, flag: &str, value: Option<&String>, known: Option<&String>) {
        let (Some(value), Some(known)) = (value, known) else { return };
        let told =
            self.levers.read.get(flag).is_some_and(|r| r.value.as_ref() == Ok(value) && r.outside.is_some());
        if !told && self.room.open_change(flag).is_none() {
            let words = format!("{flag} was changed outside the room: it reads {value}, and was {known}");
            self.say(Tone::Bad, words);
        }
    }

    /// What stands against giving a flag a value.
    pub fn against(&self, flag: &str, to: &str) -> Vec<String> {
        let read = self.levers.read.get(flag).and_then(|r| r.value.as_deref().ok());
        self.room.against(flag, read, to, self.now)
    }

    /// Why a rung is taken although something stands against it.
    pub(super) fn ask_override(&mut self, flag: String, to: String) {
        match self.against(&flag, &to).join(", ") {
            why if why.is_empty() => self.say(Tone::Plain, "nothing stands against it"),
            why => self.prompt(
                Purpose::OverrideRung(flag.clone(), to.clone()),
                format!("Why {flag} → {to} although {why}?"),
            ),
        }
    }

    /// The guard is overridden; the flag's box opens again on that value.
    pub(super) fn overridden(&mut self, flag: String, to: String, reason: String) -> Vec<Effect> {
        let from = self.levers.read.get(&flag).and_then(|r| r.value.clone().ok());
        let intent = Intent::OverrideRung { flag: flag.clone(), from, to: to.clone(), reason };
        let mut effects = self.submit(intent);
        effects.extend(self.open_flag(flag, Some(&to)));
        effects
    }

    /// The rung whose time is over.
    pub fn review(&self) -> Option<Review<'_>> {
        self.room.reviews(self.now).into_iter().next()
    }

    /// `C`: CONTINUE, HOLD or ROLL BACK, for the rung whose time is over, else the flag under the cursor.
    pub(super) fn open_review(&mut self) {
        let due = self.review().map(|r| r.flag.to_owned());
        let here = || match (self.screen, self.lever_row()) {
            (Screen::Levers, Some(LeverRow::Flag(f))) => Some(self.room.plan.flags[f].name.clone()),
            _ => None,
        };
        match due.or_else(here).filter(|flag| self.room.rung(flag).is_some()) {
            Some(flag) => self.dialog = Dialog::Review(flag),
            None => self.say(Tone::Plain, "no percentage waits for a word"),
        }
    }

    pub(super) fn review_key(&mut self, key: KeyEvent, flag: String) -> Vec<Effect> {
        let call = match key.code {
            KeyCode::Char('c') => Call::Continue,
            KeyCode::Char('h') => Call::Hold,
            KeyCode::Char('r') => Call::RollBack,
            _ if super::dialogs::closes(key) => return vec![],
            _ => {
                self.dialog = Dialog::Review(flag);
                return vec![];
            }
        };
        let mut effects = self.submit(Intent::ReviewRung { flag: flag.clone(), call, reason: None });
        match call {
            Call::RollBack => effects.extend(self.open_flag(flag, Some("0"))),
            Call::Continue => effects.extend(self.open_flag(flag, None)),
            Call::Hold => {}
        }
        effects
    }

    /// A way back has been walked: what the plan has checked afterwards opens.
    pub(super) fn check_after(&mut self, ran: &ProcedureId) {
        match self.room.check_after(ran) {
            Some(Check::Procedure(id)) => {
                let title = self.procedure_of(&id).map(|p| p.title.clone()).unwrap_or_default();
                self.dialog = Dialog::Procedure(id);
                self.say(Tone::Good, format!("the way back is done; now {title}"));
            }
            Some(Check::Item(id)) => {
                let place = self.room.plan.items.iter().position(|i| i.id == id);
                self.dialog = Dialog::None;
                (self.screen, self.zoomed) = (Screen::Checklists, false);
                if let Some(at) = place {
                    self.lists.select_row(super::tree::Row::Item(at));
                }
                self.say(Tone::Good, "the way back is done; now what is checked after it");
            }
            None => {}
        }
    }

    /// Whether something of the levers shows the time: a run's timer, the age of a reading, a rung that is
    /// watched.
    pub(super) fn levers_move(&self) -> bool {
        let runs = self.room.runs().iter().any(|r| r.ended.is_none());
        let ages = self.screen == Screen::Levers && !self.levers.read.is_empty();
        let watched = self.room.plan.flags.iter().any(|f| self.room.rung(&f.name).is_some_and(|r| r > 0.0));
        runs || ages || watched || self.room.waiting(self.now).next().is_some()
    }

    /// The procedure of an id.
    pub fn procedure_of(&self, id: &ProcedureId) -> Option<&Procedure> {
        self.room.plan.procedures.iter().find(|p| p.id == *id)
    }

    /// What follows the end of a run that anybody recorded: in every process that has the room open, unless
    /// a person there is busy with something else.
    pub(super) fn ran(&mut self, entry: &Entry, mine: bool) {
        let (Event::RunEnded { run, outcome: Outcome::Done, .. }
        | Event::RunResolved { run, outcome: Outcome::Done, goes_on: false, .. }) = &entry.event
        else {
            return;
        };
        let Some(run) = self.room.run(*run).filter(|r| r.ended.is_some()) else { return };
        let (id, title) = (run.procedure.clone(), run.title.clone());
        let about = matches!(&self.dialog, Dialog::Procedure(open) if *open == id);
        match mine || about || matches!(self.dialog, Dialog::None) {
            _ if self.now - entry.at > FRESH => {}
            true => self.check_after(&id),
            false if self.room.check_after(&id).is_some() => {
                let who = entry.by.split('@').next().unwrap_or_default();
                self.say(
                    Tone::Good,
                    format!("{who} went back by {title}: what is checked after it is on Checklists"),
                );
            }
            false => {}
        }
    }
}

/// The value that words set something to: "set `x` to 0 %".
fn value_in(words: &str) -> &str {
    let mut last = words.split([' ', '=', '`', '"', ',', ';']).filter(|w| !w.is_empty());
    let value = |w: &&str| {
        matches!(*w, "true" | "false" | "on" | "off") || w.trim_end_matches('%').parse::<f64>().is_ok()
    };
    last.rfind(value).unwrap_or("false")
}
