//! Checklists as rows: groups, their sections and items, each phase's gate at its end.
//!
//! Rows are made anew when the plan, a filter or a fold changes; the selection stays on the same
//! thing where that is still there.

use std::collections::HashSet;

use crate::plan::{Group, Owner, Plan};
use crate::room::{Mark, Room};

/// One row, pointing into the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// A group's heading; its place in [`Outline::groups`].
    Group(usize),
    /// A section's heading inside a group; the item that opens it.
    Section(usize),
    /// An item; its place in the plan.
    Item(usize),
    /// The gate at the end of a phase; its group.
    Gate(usize),
    /// The last poll of a phase; its group.
    Poll(usize),
    /// A sign-off line; its place in the plan.
    SignOff(usize),
    /// The heading over what the plan has no more.
    Left,
    /// Something kept of an item that left the plan; its place in [`Room::orphans`].
    Kept(usize),
}

impl Row {
    /// Whether the cursor stops here.
    pub fn selectable(self) -> bool {
        !matches!(self, Row::Section(_) | Row::Left)
    }
}

/// Which items are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// All.
    #[default]
    All,
    /// Those with something left to do.
    Open,
    /// Those that cannot go on.
    Blocked,
}

impl Show {
    /// The next one, round and round.
    pub fn next(self) -> Self {
        match self {
            Show::All => Show::Open,
            Show::Open => Show::Blocked,
            Show::Blocked => Show::All,
        }
    }

    fn admits(self, mark: Mark) -> bool {
        match self {
            Show::All => true,
            Show::Open => !mark.settled(),
            Show::Blocked => mark == Mark::Blocked,
        }
    }
}

/// The groups of a plan, made once a plan.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// In launch order; a sub-phase follows its phase.
    pub groups: Vec<Group>,
}

impl Outline {
    /// The groups of `plan`.
    pub fn new(plan: &Plan) -> Self {
        Self { groups: crate::plan::groups(plan) }
    }

    /// The groups on the Board's time line: whole phases and what lies around them.
    pub fn strip(&self) -> Vec<usize> {
        let shown = |g: &Group| g.depth == 0 && !matches!(g.owner, Owner::SignOff(_) | Owner::Procedure(_));
        (0..self.groups.len()).filter(|i| shown(&self.groups[*i])).collect()
    }

    /// A group and the sub-phases behind it.
    pub fn family(&self, group: usize) -> std::ops::Range<usize> {
        let start = group.min(self.groups.len());
        let rest = self.groups.iter().skip(start + 1);
        start..(start + 1 + rest.take_while(|g| g.depth > 0).count()).min(self.groups.len())
    }

    /// The group that holds an item.
    pub fn group_of(&self, item: usize) -> Option<usize> {
        self.groups.iter().position(|g| g.items.contains(&item))
    }
}

/// A list of rows with a cursor.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    rows: Vec<Row>,
    at: usize,
    /// The row that was last chosen, also while a filter hides it.
    chosen: Option<Row>,
}

/// What goes into a tree.
pub struct Choice<'a> {
    /// The groups shown.
    pub groups: std::ops::Range<usize>,
    /// The groups whose items are folded away.
    pub folded: &'a HashSet<usize>,
    /// Which items.
    pub show: Show,
    /// Whether gates and sign-offs stand at the end.
    pub gates: bool,
    /// Whether what the plan has no more stands behind everything.
    pub kept: bool,
}

impl Tree {
    /// Its rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Where the cursor stands, as an index of [`Tree::rows`].
    pub fn at(&self) -> usize {
        self.at
    }

    /// The row under the cursor.
    pub fn selected(&self) -> Option<Row> {
        self.rows.get(self.at).copied()
    }

    /// Makes the rows anew; the cursor stays on its row, else as near as it can.
    pub fn rebuild(&mut self, outline: &Outline, room: &Room, choice: &Choice<'_>) {
        self.rows.clear();
        let mut hidden = false;
        for group in choice.groups.clone() {
            let top = outline.groups[group].depth == 0;
            if top || !hidden {
                hidden = (hidden && !top) || choice.folded.contains(&group);
                self.push_group(outline, room, group, choice);
            }
            let last = outline.family(group).len() == 1 && next_is_top(outline, group);
            if choice.gates && last && !hidden {
                self.push_end(outline, room, group);
            }
        }
        let orphans = if choice.kept { room.orphans().len() } else { 0 };
        if orphans > 0 {
            self.rows.push(Row::Left);
            self.rows.extend((0..orphans).map(Row::Kept));
        }
        let kept = self.chosen.and_then(|s| self.rows.iter().position(|r| *r == s));
        self.at = kept.unwrap_or(self.at);
        self.settle();
    }

    fn push_group(&mut self, outline: &Outline, room: &Room, index: usize, choice: &Choice<'_>) {
        let group = &outline.groups[index];
        let items = || group.items.iter().filter(|i| choice.show.admits(room.mark(&room.plan.items[**i])));
        let fits = choice.show == Show::All || items().next().is_some();
        if fits || group.depth == 0 && choice.show == Show::All {
            self.rows.push(Row::Group(index));
        }
        if choice.folded.contains(&index) {
            return;
        }
        let mut section = group.title.as_str();
        for item in items() {
            let its = room.plan.items[*item].section.as_str();
            if its != section && !its.is_empty() && !its.starts_with(&group.title) {
                self.rows.push(Row::Section(*item));
            }
            section = its;
            self.rows.push(Row::Item(*item));
        }
    }

    /// What stands at the end of a top-level group: a phase's gate, a block's sign-off line.
    fn push_end(&mut self, outline: &Outline, room: &Room, last: usize) {
        let top = (0..=last).rev().find(|g| outline.groups[*g].depth == 0).unwrap_or(last);
        match &outline.groups[top].owner {
            Owner::Phase(id) => {
                self.rows.push(Row::Gate(top));
                self.rows.extend(room.poll(id).map(|_| Row::Poll(top)));
            }
            Owner::SignOff(id) => {
                let line = room.plan.signoffs.iter().position(|s| &s.id == id);
                self.rows.extend(line.map(Row::SignOff));
            }
            _ => {}
        }
    }

    /// Moves by `steps` selectable rows.
    pub fn step(&mut self, steps: isize) {
        let (mut left, mut at) = (steps.unsigned_abs(), self.at);
        let forward = steps > 0;
        while left > 0 {
            let next = if forward { at.checked_add(1) } else { at.checked_sub(1) };
            let Some(next) = next.filter(|n| *n < self.rows.len()) else { break };
            at = next;
            if self.rows[at].selectable() {
                (self.at, left) = (at, left - 1);
            }
        }
        self.chosen = self.selected();
    }

    /// Puts the cursor on a row, or on the nearest one that takes it.
    pub fn select(&mut self, at: usize) {
        self.at = at;
        self.settle();
        self.chosen = self.selected();
    }

    /// Puts the cursor on the first item with something left to do, else on the first item.
    pub fn select_work(&mut self, room: &Room) {
        let open = |row: &Row| matches!(row, Row::Item(i) if !room.mark(&room.plan.items[*i]).settled());
        let found = self.rows.iter().position(open);
        let found = found.or_else(|| self.rows.iter().position(|r| matches!(r, Row::Item(_))));
        self.select(found.unwrap_or(0));
    }

    /// Puts the cursor on this very row where it is shown.
    pub fn select_row(&mut self, row: Row) -> bool {
        let found = self.rows.iter().position(|r| *r == row);
        self.select(found.unwrap_or(self.at));
        found.is_some()
    }

    fn settle(&mut self) {
        self.at = self.at.min(self.rows.len().saturating_sub(1));
        let here = self.rows.get(self.at).is_none_or(|r| r.selectable());
        if !here {
            let after = (self.at..self.rows.len()).find(|i| self.rows[*i].selectable());
            let before = (0..self.at).rev().find(|i| self.rows[*i].selectable());
            self.at = after.or(before).unwrap_or(0);
        }
    }
}

fn next_is_top(outline: &Outline, group: usize) -> bool {
    outline.groups.get(group + 1).is_none_or(|g| g.depth == 0)
}
