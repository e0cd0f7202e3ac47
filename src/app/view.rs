//! What a screen asks of the app: lists with their cursors, the selection, the footer's offers.

use super::keymap::{Action, On};
use super::tree::{Choice, Row, Tree};
use super::{App, Dialog, Link, Panel, Screen, Target};
use crate::plan::{Item, ItemId, Owner, Phase};
use crate::room::{Gate, Intent, Move, PhaseProgress, Refusal, Role, Tally, Verdict, decide};

/// A key in the footer: what it does now, or why it would be refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The action.
    pub action: Action,
    /// Its key, as shown to people.
    pub key: String,
    /// Its word.
    pub label: String,
    /// Why it would be refused.
    pub refusal: Option<String>,
}

impl App {
    /// What the gate of a phase says; in doubt until the journal was read and verified.
    pub fn gate(&self, phase: &Phase) -> Gate {
        if self.verified {
            return self.room.gate(phase);
        }
        let reasons = vec!["the journal is still being read".to_owned()];
        Gate { verdict: Verdict::Inconclusive, reasons, causes: vec![] }
    }

    /// The list that has the cursor, or would have it.
    pub fn list(&self) -> &Tree {
        match self.screen {
            Screen::Board | Screen::Now | Screen::Signals | Screen::Levers | Screen::Timeline => &self.board,
            Screen::Checklists | Screen::Plan => &self.lists,
        }
    }

    pub(super) fn list_mut(&mut self) -> &mut Tree {
        match self.screen {
            Screen::Board | Screen::Now | Screen::Signals | Screen::Levers | Screen::Timeline => {
                &mut self.board
            }
            Screen::Checklists | Screen::Plan => &mut self.lists,
        }
    }

    /// The panel that has the cursor; on Checklists there is one.
    pub fn focus(&self) -> Panel {
        match self.screen {
            Screen::Board => self.panel,
            Screen::Signals => Panel::Signals,
            Screen::Checklists | Screen::Now | Screen::Plan | Screen::Levers | Screen::Timeline => {
                Panel::Checklist
            }
        }
    }

    /// The place of the selected signal.
    pub fn signal_at(&self) -> usize {
        self.signal
    }

    pub(super) fn move_signal(&mut self, steps: isize) {
        self.choose_signal(super::act::clamped(self.signal, steps, self.tiles.len()));
    }

    /// The cell of the time line in view: the one chosen, else the one that needs people.
    pub fn cell(&self) -> usize {
        let strip = self.outline.strip();
        match self.cell {
            Some(cell) => cell.min(strip.len().saturating_sub(1)),
            None => strip.iter().position(|g| *g == self.busy_group()).unwrap_or(0),
        }
    }

    pub(super) fn move_cell(&mut self, steps: isize) {
        let last = self.outline.strip().len().saturating_sub(1);
        self.choose_cell(self.cell().saturating_add_signed(steps).min(last));
    }

    pub(super) fn choose_cell(&mut self, cell: usize) {
        self.cell = Some(cell);
        self.rebuild();
        self.board.select_work(&self.room);
    }

    /// The group whose turn it is: the phase under way, else the first with something left.
    fn busy_group(&self) -> usize {
        let strip = self.outline.strip();
        let running = strip.iter().find(|g| {
            matches!(self.progress(**g), Some(PhaseProgress::Running | PhaseProgress::Held { .. }))
        });
        let open = || {
            strip.iter().find(|g| match self.progress(**g) {
                Some(progress) => progress == PhaseProgress::Waiting,
                None => !self.group_tally(**g).complete(),
            })
        };
        running.or_else(open).or(strip.last()).copied().unwrap_or(0)
    }

    /// How far a phase is; none for a group that is no phase.
    pub fn progress(&self, group: usize) -> Option<PhaseProgress> {
        match &self.outline.groups.get(group)?.owner {
            Owner::Phase(id) => Some(self.room.phase_state(id).progress),
            _ => None,
        }
    }

    /// Progress of a group with the sub-phases behind it.
    pub fn group_tally(&self, group: usize) -> Tally {
        let family = match self.outline.groups.get(group) {
            Some(g) if g.depth == 0 => self.outline.family(group),
            _ => group..(group + 1).min(self.outline.groups.len()),
        };
        let items = self.outline.groups[family].iter().flat_map(|g| &g.items);
        self.room.tally(items.map(|i| &self.room.plan.items[*i]))
    }

    /// Whether a group's items are folded away.
    pub fn is_folded(&self, group: usize) -> bool {
        self.folded.contains(&group)
    }

    /// The phase of a group.
    pub fn phase_of(&self, group: usize) -> Option<&Phase> {
        match &self.outline.groups.get(group)?.owner {
            Owner::Phase(id) => self.room.plan.phase(id),
            _ => None,
        }
    }

    /// What is selected.
    pub fn target(&self) -> Target {
        if matches!(self.screen, Screen::Levers | Screen::Timeline) {
            return Target::Nothing;
        }
        match self.focus() {
            Panel::Phases => {
                let group = self.outline.strip().get(self.cell()).copied();
                group.map_or(Target::Nothing, |g| Target::Row(Row::Group(g)))
            }
            Panel::Signals if !self.tiles.is_empty() => Target::Signal(self.signal),
            Panel::Signals => Target::Nothing,
            Panel::Checklist => self.list().selected().map_or(Target::Nothing, Target::Row),
        }
    }

    /// The selected item; on Now the one that is next.
    pub fn selected_item(&self) -> Option<&Item> {
        match self.screen {
            Screen::Plan => return self.document_item(),
            Screen::Now => return self.next_item(),
            Screen::Levers | Screen::Timeline => return None,
            Screen::Board | Screen::Checklists | Screen::Signals => {}
        }
        match self.target() {
            Target::Row(Row::Item(i)) => self.room.plan.items.get(i),
            _ => None,
        }
    }

    fn next_item(&self) -> Option<&Item> {
        match self.room.next_action() {
            Move::Tick(item) | Move::Unblock(item) | Move::Judge(item) => Some(item),
            _ => None,
        }
    }

    /// Makes the rows of both lists anew; the Board's begins at the group in view.
    pub(super) fn rebuild(&mut self) {
        self.list_levers();
        let cell = self.outline.strip().get(self.cell()).copied();
        let groups = cell.map_or(0..0, |g| g..self.outline.groups.len());
        let none = std::collections::HashSet::new();
        let choice = Choice { groups, folded: &none, show: self.show, gates: true, kept: false };
        self.board.rebuild(&self.outline, &self.room, &choice);
        let groups = 0..self.outline.groups.len();
        let choice = Choice { groups, folded: &self.folded, show: self.show, gates: true, kept: true };
        self.lists.rebuild(&self.outline, &self.room, &choice);
    }

    /// Why an intent would be refused now; none where it would not.
    pub fn refusal(&self, intent: &Intent) -> Option<Refusal> {
        if let Link::ViewOnly(_) = self.link {
            return Some(Refusal::ReadOnly("this window".to_owned()));
        }
        decide(&self.room, intent, &self.actor, self.now).err()
    }

    /// The keys worth showing now, the most important first.
    pub fn offers(&self) -> Vec<Offer> {
        let mut bindings: Vec<_> = self.keymap.bindings().iter().filter(|b| b.foot.is_some()).collect();
        let burning = !self.room.firing().is_empty();
        let urgent = |b: &super::Binding| {
            matches!(b.action, Action::Acknowledge | Action::Ways | Action::Flag | Action::Decline) && burning
        };
        bindings.sort_by_key(|b| (!urgent(b), b.foot));
        let fits = |on: On| match on {
            On::Any => true,
            On::Item => self.selected_item().is_some(),
            On::Signal => self.limit_here().is_some(),
            On::Group => matches!(self.target(), Target::Row(Row::Group(_) | Row::Gate(_))),
            On::SignOff => matches!(self.target(), Target::Row(Row::SignOff(_))),
        };
        let offer = |b: &&super::Binding| Offer {
            action: b.action,
            key: shown(b.keys.first().map_or("", |k| k.as_str())),
            label: self.label(b.action).unwrap_or(&b.label).to_owned(),
            refusal: self.refused_now(b.action),
        };
        let wanted = |b: &&super::Binding| fits(b.on) && !b.keys.is_empty() && self.is_of_use(b.action);
        bindings.iter().copied().filter(wanted).map(|b| offer(&b)).collect()
    }

    /// Whether there is anything now that a key could be about.
    fn is_of_use(&self, action: Action) -> bool {
        match action {
            Action::Baseline => self.relative_limits().next().is_some(),
            Action::Decline => self.suggested().is_some(),
            Action::Conditions => !self.conditions().is_empty(),
            Action::Stop => !self.levers.mine.is_empty() || self.screen == Screen::Levers,
            Action::Review => self.review().is_some(),
            Action::Poll => self.room.open_polls().next().is_some() || self.on_gate(),
            Action::TickSeen => self.selected_item().is_some_and(|i| self.offered(i).is_some()),
            Action::Trust => self.levers.unallowed,
            Action::Filter => self.screen == Screen::Timeline,
            Action::Approve => self.room.waiting(self.now).next().is_some(),
            _ => true,
        }
    }

    fn on_gate(&self) -> bool {
        matches!(self.target(), Target::Row(Row::Gate(_) | Row::Poll(_)))
    }

    fn label(&self, action: Action) -> Option<&'static str> {
        let mark = self.selected_item().map(|i| self.expected(i));
        match (action, mark) {
            (Action::Tick, Some(crate::room::Mark::Done)) => Some("untick"),
            (Action::Block, Some(crate::room::Mark::Blocked)) => Some("unblock"),
            (Action::Exclude, Some(crate::room::Mark::NotApplicable)) => Some("applies"),
            (Action::Open, _) if self.screen == Screen::Timeline => Some("as it was"),
            (Action::Filter, _) if self.screen == Screen::Timeline => Some("kind"),
            (Action::Silence, _) if self.silenced_here() => Some("lift silence"),
            _ => None,
        }
    }

    fn silenced_here(&self) -> bool {
        self.limit_here().is_some_and(|l| self.room.silence(&l.id, self.now).is_some())
    }

    fn refused_now(&self, action: Action) -> Option<String> {
        let writes = matches!(
            action,
            Action::Tick
                | Action::Exclude
                | Action::Block
                | Action::Assign
                | Action::Note
                | Action::Evidence
                | Action::Sign
                | Action::Silence
                | Action::Baseline
                | Action::Decline
                | Action::Conditions
                | Action::TickSeen
        );
        if action == Action::Undo && self.undo.is_empty() {
            return Some("nothing of yours to take back".to_owned());
        }
        if action == Action::Bind {
            return self.may_bind().err();
        }
        if !writes && action != Action::Undo {
            return None;
        }
        if let Link::ViewOnly(why) = &self.link {
            return Some(why.clone());
        }
        (self.actor.role == Role::Observer).then(|| Refusal::ReadOnly(self.actor.name.clone()).to_string())
    }

    /// The item that a dialog is about.
    pub fn dialog_item(&self) -> Option<&ItemId> {
        match &self.dialog {
            Dialog::Item(id) => Some(id),
            _ => None,
        }
    }
}

/// A key's name as footers and the help write it.
pub fn shown(key: &str) -> String {
    match key.split_once('-') {
        Some(("c", rest)) if !rest.is_empty() => format!("ctrl-{rest}"),
        Some(("a", rest)) if !rest.is_empty() => format!("alt-{rest}"),
        Some(("s", rest)) if !rest.is_empty() => format!("shift-{rest}"),
        _ => key.to_owned(),
    }
}
