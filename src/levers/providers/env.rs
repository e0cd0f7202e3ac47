//! Lines of an environment file: `KEY=value`, with or without `export`, quotes and a comment behind. Pure.

use std::ops::Range;

/// Every place where a key's value stands, inside its quotes.
///
/// # Errors
/// A sentence: the value is written so that it cannot be changed for sure.
pub(super) fn places(text: &str, key: &str) -> Result<Vec<Range<usize>>, String> {
    let (mut found, mut at, mut open) = (vec![], 0, None);
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        // Within a value of several lines everything is text.
        if let Some(quote) = open {
            open = if line.contains(quote) { None } else { open };
            continue;
        }
        let Some((name, value)) = pair(line) else { continue };
        let quote = line[value..].chars().next().filter(|c| matches!(c, '"' | '\''));
        open = quote.filter(|q| !line[value + 1..].contains(*q));
        if name == key {
            let inside = if open.is_some() { None } else { scalar(&line[value..], quote) };
            let inside = inside.ok_or("its value is written so that it cannot be changed for sure")?;
            found.push(begin + value + inside.start..begin + value + inside.end);
        }
    }
    Ok(found)
}

/// The name of a line and where its value begins.
fn pair(line: &str) -> Option<(&str, usize)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let name = name.strip_prefix("export").filter(|n| n.starts_with([' ', '\t'])).map_or(name, str::trim);
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let blank = value.len() - value.trim_start().len();
    (!name.is_empty() && name.chars().all(plain)).then_some((name, line.len() - value.len() + blank))
}

fn scalar(value: &str, quote: Option<char>) -> Option<Range<usize>> {
    if let Some(quote) = quote {
        let end = 1 + value[1..].find(quote)?;
        let behind = value[end + 1..].trim_start();
        let fine = (behind.is_empty() || behind.starts_with('#')) && !value[1..end].contains('\\');
        return fine.then_some(1..end);
    }
    let end = value.find(" #").or_else(|| value.find("\t#")).unwrap_or(value.len());
    Some(0..value[..end].trim_end().len())
}
