//! Another edition of the plan under the person's hands: the cursor stays on its item, what can be
//! undone is about the same item as before, and a line says what came and went.

use std::sync::Arc;

use super::tree::Row;
use super::{App, Tone};
use crate::plan::{ItemId, Owner, Plan};
use crate::room::{Carried, Entry, Event};

impl App {
    /// Follows an adopted plan; the entries have been applied already.
    pub(super) fn edited(&mut self, entries: &[Entry], plan: Arc<Plan>) {
        let adopted = entries.iter().filter_map(|entry| match &entry.event {
            Event::PlanAdopted { carried: Some(carried), .. } => Some(&**carried),
            _ => None,
        });
        let carried: Vec<&Carried> = adopted.collect();
        let now_is = |id: &ItemId| carried.iter().try_fold(id.clone(), |id, c| c.item(&id).cloned());
        let held = [&self.board, &self.lists].map(|tree| match tree.selected() {
            Some(Row::Item(at)) => self.room.plan.items.get(at).and_then(|i| now_is(&i.id)),
            _ => None,
        });
        let cell = self.cell.and_then(|_| self.outline.strip().get(self.cell()).copied());
        let cell: Option<Owner> = cell.map(|group| self.outline.groups[group].owner.clone());
        let carry = |intent: &crate::room::Intent| {
            carried.iter().try_fold(intent.clone(), |intent, c| intent.carried(c))
        };
        self.undo = self.undo.iter().filter_map(carry).collect();
        self.room.follow(plan);
        self.follow_limits();
        self.look_at_plan();
        self.hold(held, cell.as_ref());
        self.stale = None;
        if let Some(carried) = carried.iter().rfind(|c| !c.only_boxes) {
            self.say(Tone::Plain, format!("plan changed: {carried}"));
        }
    }

    /// Puts the cursors back on their items.
    fn hold(&mut self, [board, lists]: [Option<ItemId>; 2], cell: Option<&Owner>) {
        let strip = self.outline.strip();
        if let Some(place) = strip.iter().position(|g| Some(&self.outline.groups[*g].owner) == cell) {
            self.cell = Some(place);
            self.rebuild();
        }
        let items = &self.room.plan.items;
        let row = |id: Option<ItemId>| id.and_then(|id| items.iter().position(|i| i.id == id)).map(Row::Item);
        let (board, lists) = (row(board), row(lists));
        if let Some(row) = board.filter(|row| self.board.rows().contains(row)) {
            self.board.select_row(row);
        }
        if let Some(row) = lists.filter(|row| self.lists.rows().contains(row)) {
            self.lists.select_row(row);
        }
    }

    /// What is wrong with the plan's file, until it is right again.
    pub(super) fn plan_file(&mut self, why: Option<String>) {
        let since = self.room.adopted.map(|at| since(self, at));
        if why.is_some() {
            // What was said before must not stand in front of it.
            self.notice = None;
        }
        self.stale = why.map(|why| match since {
            Some(since) => format!("{why}; still following the version of {since}"),
            None => why,
        });
    }
}

fn since(app: &App, at: chrono::DateTime<chrono::Utc>) -> String {
    let zone = app.room.t0.as_ref().map_or(app.local_zone, crate::room::T0::tz);
    at.with_timezone(&zone).format("%H:%M").to_string()
}
