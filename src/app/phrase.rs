//! A box that wants an exact phrase: deaf at first, so that a key meant for something else does not
//! answer it, and without pastes. What it shows can be scrolled, since letters belong to the phrase.

use chrono::{DateTime, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::levers::DEAF;

/// Longer than any phrase.
const LONGEST: usize = 80;

/// A phrase being typed.
#[derive(Clone, Debug)]
pub struct Phrase {
    /// What has to be typed.
    pub wanted: String,
    /// What was typed so far.
    pub typed: String,
    /// Lines scrolled.
    pub scroll: usize,
    /// When the box opened.
    pub(super) opened: DateTime<Utc>,
}

/// What came of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing yet.
    Open,
    /// Left without it.
    Left,
    /// The phrase, exactly.
    Given,
}

impl Phrase {
    /// Nothing typed.
    pub(super) fn new(wanted: String, opened: DateTime<Utc>) -> Self {
        Self { wanted, typed: String::new(), scroll: 0, opened }
    }

    /// Whether it hears keys yet.
    pub fn hears(&self, now: DateTime<Utc>) -> bool {
        now - self.opened >= DEAF
    }

    /// Whether what was typed is what has to be.
    pub fn is_met(&self) -> bool {
        self.typed == self.wanted
    }

    /// A key.
    pub(super) fn key(&mut self, key: KeyEvent, now: DateTime<Utc>) -> Word {
        if !self.hears(now) {
            return Word::Open;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Word::Left,
            KeyCode::Char('c') if control => return Word::Left,
            KeyCode::Enter if self.is_met() => return Word::Given,
            KeyCode::Backspace => drop(self.typed.pop()),
            KeyCode::Char(c) if !control && self.typed.len() < LONGEST => self.typed.push(c),
            _ => self.scroll = scrolled(key, self.scroll),
        }
        Word::Open
    }
}

/// Lines scrolled after a key that is no letter.
pub(super) fn scrolled(key: KeyEvent, scroll: usize) -> usize {
    match key.code {
        KeyCode::Down => scroll + 1,
        KeyCode::Up => scroll.saturating_sub(1),
        KeyCode::PageDown => scroll + 10,
        KeyCode::PageUp => scroll.saturating_sub(10),
        KeyCode::Home => 0,
        _ => scroll,
    }
}
