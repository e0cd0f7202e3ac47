//! The words of one shell command whose variables all stand in double quotes, so that each word is one
//! argument whatever they hold. Anything else is none. Pure.

use std::iter::Peekable;
use std::str::Chars;

use serde::{Deserialize, Serialize};

/// A word: text and variables in turn. No text in it has a dollar sign, so that what is shown as a
/// variable is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Piece {
    Plain(String),
    Variable(String),
}

/// The words of a text that is one simple command and nothing else.
pub(super) fn read(text: &str) -> Option<Vec<Words>> {
    let (mut all, mut word, mut over) = (vec![], None::<Words>, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | ' ' | '\t' => {
                all.extend(word.take());
                over |= c == '\n' && !all.is_empty();
            }
            '#' if word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            '\\' if chars.next_if_eq(&'\n').is_some() => {}
            // A second command.
            _ if over => return None,
            c => part(c, &mut chars, word.get_or_insert_default())?,
        }
    }
    all.extend(word);
    Some(all)
}

/// One character of a word, or a quoted part of it.
fn part(c: char, chars: &mut Peekable<Chars<'_>>, word: &mut Words) -> Option<()> {
    match c {
        '\'' => single(chars, word),
        '"' => double(chars, word),
        '\\' => word.push(chars.next()?),
        c if c.is_ascii_alphanumeric() || "-_./:,@%+=".contains(c) => word.push(c),
        _ => None,
    }
}

fn single(chars: &mut Peekable<Chars<'_>>, word: &mut Words) -> Option<()> {
    word.open();
    loop {
        match chars.next()? {
            '\'' => return Some(()),
            c => word.push(c)?,
        }
    }
}

fn double(chars: &mut Peekable<Chars<'_>>, word: &mut Words) -> Option<()> {
    word.open();
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '`' => return None,
            '\\' => match chars.next()? {
                '\n' => {}
                c @ ('"' | '\\' | '$' | '`') => word.push(c)?,
                c => {
                    word.push('\\')?;
                    word.push(c)?;
                }
            },
            '$' => word.0.push(Piece::Variable(variable(chars)?)),
            c => word.push(c)?,
        }
    }
}

/// The name behind a dollar sign: `NAME` or `{NAME}`.
fn variable(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    let braced = chars.next_if_eq(&'{').is_some();
    let mut name = String::new();
    while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
        name.push(c);
    }
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (named && (!braced || chars.next() == Some('}'))).then_some(name)
}

impl Words {
    /// Text only.
    pub(super) fn of(text: &str) -> Self {
        Self(vec![Piece::Plain(text.to_owned())])
    }

    /// A word that may stay empty.
    fn open(&mut self) {
        if self.0.is_empty() {
            self.0.push(Piece::Plain(String::new()));
        }
    }

    fn push(&mut self, c: char) -> Option<()> {
        if c == '$' {
            return None;
        }
        match self.0.last_mut() {
            Some(Piece::Plain(text)) => text.push(c),
            _ => self.0.push(Piece::Plain(c.to_string())),
        }
        Some(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Plain(text) if text.is_empty()))
    }

    /// All of it, where it has no variable.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Piece::Plain(text)] => Some(text),
            _ => None,
        }
    }

    pub(super) fn plain_parts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Plain(text) => Some(text.as_str()),
            Piece::Variable(_) => None,
        })
    }

    /// The names of its variables.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Plain(_) => None,
        })
    }

    /// The text it begins with, where that is an option.
    pub(super) fn option(&self) -> Option<&str> {
        self.beginning().filter(|text| text.starts_with('-'))
    }

    pub(super) fn begins_with(&self, text: &str) -> bool {
        self.beginning().is_some_and(|beginning| beginning.starts_with(text))
    }

    fn beginning(&self) -> Option<&str> {
        match self.0.first() {
            Some(Piece::Plain(text)) => Some(text),
            _ => None,
        }
    }

    /// Its first character, where that is known.
    pub(super) fn first(&self) -> Option<char> {
        self.beginning().and_then(|text| text.chars().next())
    }

    /// Without its first character.
    pub(super) fn without_first(mut self) -> Option<Self> {
        let Some(Piece::Plain(text)) = self.0.first_mut() else { return None };
        let mut rest = text.chars();
        rest.next()?;
        *text = rest.as_str().to_owned();
        if text.is_empty() && self.0.len() > 1 {
            self.0.remove(0);
        }
        Some(self)
    }

    /// What stands before and behind the first colon, without blanks around.
    pub(super) fn split_at_colon(mut self) -> Option<(String, Self)> {
        let Some(Piece::Plain(text)) = self.0.first_mut() else { return None };
        let (name, value) = text.split_once(':')?;
        let (name, value) = (name.to_owned(), value.trim_start().to_owned());
        *text = value;
        if let Some(Piece::Plain(text)) = self.0.last_mut() {
            *text = text.trim_end().to_owned();
        }
        Some((name, self))
    }

    /// With this text before it.
    pub(super) fn behind(mut self, text: &str) -> Self {
        match self.0.first_mut() {
            Some(Piece::Plain(own)) => own.insert_str(0, text),
            _ => self.0.insert(0, Piece::Plain(text.to_owned())),
        }
        self
    }

    /// With other words behind it.
    pub(super) fn and(mut self, between: &str, other: Self) -> Self {
        self.0.push(Piece::Plain(between.to_owned()));
        self.0.extend(other.0);
        self
    }

    /// With variables as `${NAME}`.
    pub fn shown(&self) -> String {
        let one = |piece: &Piece| match piece {
            Piece::Plain(text) => text.clone(),
            Piece::Variable(name) => format!("${{{name}}}"),
        };
        self.0.iter().map(one).collect()
    }

    /// With the values of its variables.
    ///
    /// # Errors
    /// A sentence: one of them has none.
    pub fn filled(&self, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
        let one = |piece: &Piece| match piece {
            Piece::Plain(text) => Ok(text.clone()),
            Piece::Variable(name) => value(name).ok_or_else(|| format!("the variable {name} is not set")),
        };
        self.0.iter().map(one).collect()
    }
}
