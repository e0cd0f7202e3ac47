//! Keys and actions: what each does to the app, and which intents it sends.

use crossterm::event::KeyEvent;

use super::dialog::{Dialog, Prompt, Purpose};
use super::keymap::Action;
use super::tree::Row;
use super::{App, Effect, Link, Panel, Screen, Target, Tone};
use crate::plan::Item;
use crate::room::{Intent, Mark, Subject};

impl App {
    pub(super) fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        self.notice = None;
        if !matches!(self.dialog, Dialog::None) {
            return self.dialog_key(key);
        }
        if self.past.is_some() {
            return self.past_key(key);
        }
        match self.keymap.action(key) {
            Some(action) => self.act(action),
            None => vec![],
        }
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Tick => return self.tick(),
            Action::Exclude => return self.exclude(),
            Action::Block => return self.block(),
            Action::Undo => return self.take_back(),
            Action::Quit => return self.leave(),
            Action::Copy => return self.copy(),
            Action::Mouse => return self.toggle_mouse(),
            Action::Flag => return self.flag_key(),
            Action::Acknowledge => return self.acknowledge(),
            Action::Silence => return self.silence(),
            Action::Bind => return self.open_bind(),
            Action::Stop => return self.stop(),
            Action::Levers => return self.open_levers(),
            Action::Review => self.open_review(),
            Action::Poll => self.open_polling(),
            Action::TickSeen => return self.tick_with_evidence(),
            Action::Approve => self.approve_key(),
            Action::Trust => return self.trust_key(),
            Action::Open if self.screen == Screen::Now && !self.asked().is_empty() => self.approve_key(),
            Action::Open if self.screen == Screen::Levers => return self.open_lever(),
            Action::Open if self.screen == Screen::Timeline => return self.visit_chosen(),
            Action::Timeline => self.open_timeline(),
            Action::Faster => self.chart_key(Action::Shorter),
            Action::Slower => self.chart_key(Action::Longer),
            _ if super::timeline_past::is_of_time(action) => return self.time_key(action),
            Action::Ways => self.ways_key(),
            Action::Redraw => return vec![Effect::Repaint],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Assign | Action::Evidence | Action::Note | Action::Command | Action::Search => {
                self.ask(action)
            }
            Action::Baseline => self.ask_baseline(),
            Action::Decline => self.decline(),
            Action::Conditions => self.open_conditions(),
            Action::Sign => return self.open_sign(),
            Action::Open if matches!(self.target(), Target::Row(Row::SignOff(_))) && !self.on_signals() => {
                return self.open_sign();
            }
            Action::Open => self.open(action),
            Action::Help => self.dialog = Dialog::Help { scroll: 0 },
            Action::Back => self.back(),
            Action::Filter if self.screen == Screen::Signals => self.show_all_rules(),
            Action::Filter if self.screen == Screen::Timeline => self.turn_filter(true),
            Action::Filter => self.filter(),
            Action::Shorter | Action::Longer | Action::Compare => self.chart_key(action),
            Action::NextMatch | Action::PreviousMatch if self.screen == Screen::Timeline => {
                self.next_found(action == Action::NextMatch);
            }
            Action::NextMatch => self.go_to_match(true),
            Action::PreviousMatch => self.go_to_match(false),
            _ => self.travel(action),
        }
        vec![]
    }

    /// Screens, panels and the cursor.
    fn travel(&mut self, action: Action) {
        let page = isize::try_from(self.size().1 / 2).unwrap_or(10).max(1);
        match action {
            Action::Board => (self.screen, self.zoomed) = (Screen::Board, false),
            Action::Now => (self.screen, self.zoomed) = (Screen::Now, false),
            Action::Plan => {
                (self.screen, self.zoomed) = (Screen::Plan, false);
                self.look_at_document();
            }
            Action::Signals => self.open_signals(),
            Action::Checklists => (self.screen, self.zoomed) = (Screen::Checklists, false),
            Action::NextPanel => self.next_panel(true),
            Action::PreviousPanel => self.next_panel(false),
            Action::Zoom => {
                self.zoomed = !self.zoomed && matches!(self.screen, Screen::Board | Screen::Timeline);
            }
            Action::Down => self.scroll(1),
            Action::Up => self.scroll(-1),
            Action::PageDown => self.scroll(page),
            Action::PageUp => self.scroll(-page),
            Action::Top => self.scroll(isize::MIN + 1),
            Action::Bottom => self.scroll(isize::MAX),
            Action::Left => self.sideways(-1),
            Action::Right => self.sideways(1),
            Action::NextOpen if self.screen == Screen::Plan => self.next_open_line(),
            Action::NextOpen => self.next_open(),
            _ => {}
        }
    }

    fn next_panel(&mut self, forward: bool) {
        if self.screen == Screen::Signals {
            self.look.table = !self.look.table;
            return;
        }
        if self.screen != Screen::Board {
            self.screen = Screen::Board;
            return;
        }
        self.panel = match (self.panel, forward) {
            (Panel::Phases, true) | (Panel::Signals, false) => Panel::Checklist,
            (Panel::Checklist, true) | (Panel::Phases, false) => Panel::Signals,
            (Panel::Signals, true) | (Panel::Checklist, false) => Panel::Phases,
        };
    }

    /// Moves the cursor of the panel in focus down by `rows`.
    pub(super) fn scroll(&mut self, rows: isize) {
        if self.screen == Screen::Plan {
            return self.move_in_document(rows);
        }
        if self.screen == Screen::Signals {
            return self.move_in_signals(rows);
        }
        if self.screen == Screen::Levers {
            return self.move_in_levers(rows);
        }
        if self.screen == Screen::Timeline {
            return self.move_in_timeline(rows);
        }
        match self.focus() {
            Panel::Phases => self.move_cell(rows),
            Panel::Signals => self.move_signal(rows),
            Panel::Checklist => self.list_mut().step(rows),
        }
    }

    fn sideways(&mut self, steps: isize) {
        match (self.screen, self.panel) {
            (Screen::Board, Panel::Phases | Panel::Checklist) => self.move_cell(steps),
            (Screen::Board, Panel::Signals) => {}
            (Screen::Checklists, _) => self.fold(steps < 0),
            (Screen::Signals, _) => self.move_cursor(steps),
            (Screen::Timeline, _) => self.turn_filter(steps > 0),
            (Screen::Now | Screen::Plan | Screen::Levers, _) => {}
        }
    }

    /// Folds the group under the cursor away, or opens it.
    fn fold(&mut self, away: bool) {
        let group = match self.list().selected() {
            Some(Row::Group(g) | Row::Gate(g) | Row::Poll(g)) => Some(g),
            Some(Row::Item(i)) => self.outline.group_of(i),
            _ => None,
        };
        let Some(group) = group else { return };
        if away {
            self.folded.insert(group);
            self.lists.select_row(Row::Group(group));
        } else {
            self.folded.remove(&group);
        }
        self.rebuild();
    }

    fn next_open(&mut self) {
        let plan = &self.room.plan;
        let open = |row: &Row| matches!(row, Row::Item(i) if !self.expected(&plan.items[*i]).settled());
        let (rows, at) = (self.list().rows(), self.list().at());
        let next = rows.iter().skip(at + 1).position(open).map(|n| at + 1 + n);
        match next.or_else(|| rows.iter().position(open)) {
            Some(next) => self.list_mut().select(next),
            None => self.say(Tone::Good, "nothing open in this list"),
        }
    }

    /// The keys of a chart; pressed elsewhere they go to the chart first.
    fn chart_key(&mut self, action: Action) {
        if self.screen != Screen::Signals {
            return self.open_signals();
        }
        match action {
            Action::Shorter => self.change_window(-1),
            Action::Longer => self.change_window(1),
            _ => self.compare_next(),
        }
    }

    fn filter(&mut self) {
        self.show = self.show.next();
        self.rebuild();
        let words = ["all items", "open items only", "blocked items only"];
        self.say(Tone::Plain, words[self.show as usize]);
    }

    fn back(&mut self) {
        self.zoomed = false;
        self.look.cursor = None;
        self.search.text.clear();
        self.cell = None;
        self.rebuild();
    }

    /// The selected item, or a word on what this key is for.
    pub(super) fn item(&mut self) -> Option<Item> {
        let item = self.selected_item().cloned();
        if let Target::Row(Row::Kept(_)) = self.target() {
            let key = self.keymap.key_of(Action::Exclude).to_owned();
            self.say(Tone::Plain, format!("this item is no longer in the plan: {key} puts it away"));
        } else if item.is_none() {
            self.say(Tone::Plain, "select an item first: j and k move, / finds");
        }
        item
    }

    fn tick(&mut self) -> Vec<Effect> {
        let Some(item) = self.item() else { return vec![] };
        let done = self.expected(&item) == Mark::Done;
        self.submit(if done { Intent::Untick(item.id) } else { Intent::Tick(item.id) })
    }

    fn exclude(&mut self) -> Vec<Effect> {
        if let Target::Row(Row::Kept(at)) = self.target() {
            let item = self.room.orphans().get(at).map(|(id, _)| (*id).clone());
            return item.map(|item| self.submit(Intent::Exclude { item, reason: None })).unwrap_or_default();
        }
        let Some(item) = self.item() else { return vec![] };
        let out = self.expected(&item) == Mark::NotApplicable;
        self.submit(if out {
            Intent::Reopen(item.id)
        } else {
            Intent::Exclude { item: item.id, reason: None }
        })
    }

    fn block(&mut self) -> Vec<Effect> {
        let Some(item) = self.item() else { return vec![] };
        if self.expected(&item) == Mark::Blocked {
            return self.submit(Intent::Reopen(item.id));
        }
        self.prompt(Purpose::Block(item.id), format!("What blocks “{}”?", item.text));
        vec![]
    }

    fn take_back(&mut self) -> Vec<Effect> {
        let Some(intent) = self.undo.pop() else {
            self.say(Tone::Plain, "nothing of yours to take back");
            return vec![];
        };
        let effects = self.submit(intent);
        if let [Effect::Submit { ticket, .. }] = effects[..] {
            self.undoing.insert(ticket);
        }
        effects
    }

    pub(super) fn leave(&mut self) -> Vec<Effect> {
        if self.unsaved() == 0 {
            return self.going();
        }
        self.dialog = Dialog::Leaving;
        vec![]
    }

    /// Leaves; a rehearsal is not left without its report.
    pub(super) fn going(&self) -> Vec<Effect> {
        if self.rehearses() { vec![Effect::Report, Effect::Quit] } else { vec![Effect::Quit] }
    }

    fn copy(&mut self) -> Vec<Effect> {
        let text = match self.target() {
            Target::Row(row) => self.row_text(row),
            Target::Signal(s) => self.tiles[s].name.to_string(),
            Target::Nothing => return vec![],
        };
        self.say(Tone::Plain, format!("copied “{text}”"));
        vec![Effect::Copy(text)]
    }

    pub(super) fn toggle_mouse(&mut self) -> Vec<Effect> {
        self.mouse = !self.mouse;
        let word = if self.mouse { "mouse on: click selects, the wheel moves" } else { "mouse off" };
        self.say(Tone::Plain, word);
        vec![Effect::Mouse(self.mouse)]
    }

    pub(super) fn prompt(&mut self, purpose: Purpose, title: impl Into<String>) {
        if let Link::ViewOnly(why) = &self.link
            && !purpose.is_line()
        {
            let why = format!("not recorded: {why}");
            return self.say(Tone::Bad, why);
        }
        self.dialog = Dialog::Prompt(Box::new(Prompt::new(purpose, title)));
    }

    fn ask(&mut self, action: Action) {
        match action {
            Action::Command => self.prompt(Purpose::Command, ":"),
            Action::Search => self.prompt(Purpose::Search, "/"),
            Action::Note => {
                let (on, title) = self.subject();
                self.prompt(Purpose::Note(on), title);
            }
            _ => {
                let Some(item) = self.item() else { return };
                if action == Action::Evidence {
                    self.prompt(Purpose::Evidence(item.id), format!("Evidence for “{}”", item.text));
                } else {
                    self.prompt(
                        Purpose::Assign(item.id),
                        format!("Who takes “{}”? Empty: nobody", item.text),
                    );
                }
            }
        }
    }

    /// What a note written now would be about.
    fn subject(&self) -> (Subject, String) {
        if let Some(item) = self.selected_item() {
            return (Subject::Item(item.id.clone()), format!("Note on “{}”", item.text));
        }
        match self.target() {
            Target::Row(Row::Group(g) | Row::Gate(g)) => match self.phase_of(g) {
                Some(phase) => (Subject::Phase(phase.id.clone()), format!("Note on {}", phase.name)),
                None => (Subject::Room, "Note on the launch".to_owned()),
            },
            _ => (Subject::Room, "Note on the launch".to_owned()),
        }
    }

    fn open(&mut self, action: Action) {
        if self.on_signals() && action == Action::Open {
            return if self.screen == Screen::Signals { self.open_in_signals() } else { self.open_signals() };
        }
        self.dialog = match self.target() {
            Target::Row(Row::Item(i)) if action == Action::Open => {
                Dialog::Item(self.room.plan.items[i].id.clone())
            }
            Target::Row(Row::Kept(at)) if action == Action::Open => match self.room.orphans().get(at) {
                Some((id, _)) => Dialog::Item((*id).clone()),
                None => return,
            },
            Target::Row(Row::Poll(_)) => return self.open_polling(),
            Target::Row(Row::Group(g) | Row::Gate(g)) => match self.phase_of(g) {
                Some(phase) => Dialog::Phase(phase.id.clone()),
                None => return self.unfold_or_tell(g),
            },
            _ => return,
        };
    }

    fn unfold_or_tell(&mut self, group: usize) {
        if self.screen == Screen::Checklists {
            let away = !self.is_folded(group);
            self.fold(away);
        } else {
            self.say(Tone::Plain, "this list is no phase: it has no gate of its own");
        }
    }

    pub(super) fn click(&mut self, panel: Panel, row: Option<usize>) {
        if !matches!(self.dialog, Dialog::None) {
            return;
        }
        self.notice = None;
        if self.screen == Screen::Board {
            self.panel = panel;
        }
        match (panel, row) {
            (Panel::Checklist, Some(row)) if self.screen == Screen::Plan => {
                self.move_in_document(isize::MIN + 1);
                self.move_in_document(isize::try_from(row).unwrap_or(isize::MAX));
            }
            (Panel::Checklist, Some(row)) if self.screen == Screen::Levers => self.choose_lever(row),
            (Panel::Checklist, Some(row)) if self.screen == Screen::Timeline => self.choose_event(row),
            (Panel::Checklist, Some(row)) => self.list_mut().select(row),
            (Panel::Phases, Some(cell)) => self.choose_cell(cell),
            (Panel::Signals, Some(at)) => self.choose_signal(at),
            (_, None) => {}
        }
    }

    pub(super) fn paste(&mut self, text: &str) -> Vec<Effect> {
        if let Some(past) = &mut self.past {
            let at = past.app.now;
            past.app.update(at, super::Msg::Paste(text.to_owned()));
            return vec![];
        }
        match &mut self.dialog {
            Dialog::Prompt(prompt) => prompt.paste(text),
            Dialog::Silence(silencing) => silencing.reason.paste(text),
            Dialog::Bind(_) => return self.bind_paste(text),
            Dialog::SignOff(open) if open.writes() => {
                open.text().into_iter().for_each(|prompt| prompt.paste(text));
            }
            _ => self.say(Tone::Plain, "a paste goes into a text only; nothing was done"),
        }
        vec![]
    }
}

/// A place in a list of `len` after a move.
pub(super) fn clamped(at: usize, by: isize, len: usize) -> usize {
    at.saturating_add_signed(by).min(len.saturating_sub(1))
}
