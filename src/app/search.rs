//! Finding text in the checklists.

use super::tree::Row;
use super::{App, Screen, Tone};

impl App {
    /// Whether a text holds what is searched for; capitals do not matter.
    pub fn matches(&self, text: &str) -> bool {
        !self.search.text.is_empty() && text.to_lowercase().contains(&self.search.text.to_lowercase())
    }

    /// Looks for a text while it is being written: goes to the first match at or behind the cursor.
    pub(super) fn look_for(&mut self, text: &str) {
        self.search.text = text.trim().to_owned();
        if self.search.text.is_empty() || self.screen == Screen::Timeline {
            return;
        }
        if self.screen == Screen::Board && self.next_match(0, true).is_none() {
            self.screen = Screen::Checklists;
        }
        if let Some(at) = self.next_match(0, true) {
            self.list_mut().select(at);
        }
    }

    /// To the next match, or the one before.
    pub(super) fn go_to_match(&mut self, forward: bool) {
        if self.search.text.is_empty() {
            let key = self.keymap.key_of(super::Action::Search).to_owned();
            return self.say(Tone::Plain, format!("nothing searched for yet: {key} searches"));
        }
        match self.next_match(1, forward) {
            Some(at) => self.list_mut().select(at),
            None => self.say(Tone::Plain, format!("no “{}” in this list", self.search.text)),
        }
    }

    /// The row of the next match, round the end, starting `from` rows away from the cursor.
    fn next_match(&self, from: usize, forward: bool) -> Option<usize> {
        let (rows, at) = (self.list().rows(), self.list().at());
        let len = rows.len();
        let place = |step: usize| if forward { (at + step) % len } else { (at + len - step % len) % len };
        (from..from + len).map(place).find(|i| self.matches(&self.row_text(rows[*i])))
    }

    /// How many rows match, for the search line.
    pub fn match_count(&self) -> usize {
        if self.screen == Screen::Timeline {
            return self.timeline().found().map_or(0, <[u64]>::len);
        }
        self.list().rows().iter().filter(|r| self.matches(&self.row_text(**r))).count()
    }

    /// A row's own words.
    pub fn row_text(&self, row: Row) -> String {
        let plan = &self.room.plan;
        match row {
            Row::Group(g) => self.outline.groups.get(g).map(|g| g.title.clone()).unwrap_or_default(),
            Row::Gate(_) => "gate".to_owned(),
            Row::Poll(_) => "poll".to_owned(),
            Row::Section(i) => plan.items[i].section.clone(),
            Row::Item(i) => plan.items[i].text.clone(),
            Row::Left => String::new(),
            Row::Kept(at) => {
                self.room.orphans().get(at).map(|(_, s)| s.words().to_owned()).unwrap_or_default()
            }
            Row::SignOff(s) => plan.signoffs[s].role.clone(),
        }
    }
}
