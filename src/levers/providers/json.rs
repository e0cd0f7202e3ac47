//! Where a value stands in a text of JSON. Pure.

use std::ops::Range;

use serde_json::Value;

/// Every place of the value at a way such as `a.b.c`; of a text, inside its quotes.
///
/// # Errors
/// A sentence: the file is no JSON, or no plain value stands there.
pub(super) fn places(text: &str, way: &str) -> Result<Vec<Range<usize>>, String> {
    // What follows relies on it. A byte order mark is no JSON either.
    serde_json::from_str::<Value>(text).map_err(|e| format!("is no JSON: {e}"))?;
    let mut walk = Walk { text, at: 0, way, found: vec![] };
    walk.value("");
    let scalar = |place: &Range<usize>| !text[place.clone()].starts_with(['{', '[']);
    if walk.found.iter().all(scalar) {
        return Ok(walk.found.into_iter().map(|place| unquoted(text, place)).collect());
    }
    Err("no plain value stands there".to_owned())
}

fn unquoted(text: &str, place: Range<usize>) -> Range<usize> {
    if text[place.clone()].starts_with('"') { place.start + 1..place.end - 1 } else { place }
}

/// A walk through a text that is known to be JSON.
struct Walk<'a> {
    text: &'a str,
    at: usize,
    way: &'a str,
    found: Vec<Range<usize>>,
}

impl Walk<'_> {
    fn peek(&mut self) -> u8 {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    fn value(&mut self, here: &str) {
        let first = self.peek();
        let begin = self.at;
        match first {
            b'{' => self.members(here),
            b'[' => self.elements(here),
            b'"' => self.string(),
            _ => {
                let rest = &self.text[begin..];
                let end = rest.find([',', '}', ']', ' ', '\t', '\n', '\r']);
                self.at += end.unwrap_or(rest.len()).max(1).min(rest.len());
            }
        }
        if here == self.way {
            self.found.push(begin..self.at);
        }
    }

    fn members(&mut self, here: &str) {
        self.at += 1;
        while self.peek() == b'"' {
            let begin = self.at;
            self.string();
            let name: String = serde_json::from_str(&self.text[begin..self.at]).unwrap_or_default();
            // The colon.
            self.peek();
            self.at += 1;
            self.value(&joined(here, &name));
            if self.peek() == b',' {
                self.at += 1;
            }
        }
        self.at = (self.at + 1).min(self.text.len());
    }

    fn elements(&mut self, here: &str) {
        self.at += 1;
        let mut number = 0;
        while !matches!(self.peek(), b']' | 0) {
            self.value(&joined(here, &number.to_string()));
            number += 1;
            if self.peek() == b',' {
                self.at += 1;
            }
        }
        self.at = (self.at + 1).min(self.text.len());
    }

    fn string(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            self.at += if *byte == b'\\' { 2 } else { 1 };
            if *byte == b'"' {
                return;
            }
        }
    }
}

fn joined(here: &str, name: &str) -> String {
    if here.is_empty() { name.to_owned() } else { format!("{here}.{name}") }
}
