//! Data to standard output. JSON is made safe for a terminal too: what could act on one is escaped.

use std::io::{self, Write};

use super::failure::Failure;
use crate::text;

/// Prints text as it is; it was cleaned where it was made.
///
/// # Errors
/// Standard output does not take it. A closed pipe ends the program quietly, as in `… | head`.
pub fn text(words: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(words.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(e) => Err(Failure::new(format!("standard output: {e}"))),
        Ok(()) => Ok(()),
    }
}

/// Prints JSON and ends the line.
///
/// # Errors
/// As [`text()`].
pub fn json(written: &str) -> Result<(), Failure> {
    text(&(escape(written) + "\n"))
}

/// Characters that could act on a terminal or hide stand only inside strings: written as `\uXXXX`.
pub fn escape(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && text::has_hidden(c.encode_utf8(&mut [0; 4])) {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|u| safe.push_str(&format!("\\u{u:04x}")));
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    #[test]
    fn hidden_characters_are_escaped_and_mean_the_same() {
        let value = serde_json::json!("a\u{9b}31m\u{202e}b\u{7f}ü🚀\u{e0041}");
        let safe = super::escape(&value.to_string());
        assert!(!safe.contains(['\u{9b}', '\u{202e}', '\u{7f}', '\u{e0041}']), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}
