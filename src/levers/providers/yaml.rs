//! Where a value stands in a YAML file, as far as that can be told from its lines: mappings by
//! indentation with plain or quoted values. What is written in another manner is refused. Pure.

use std::ops::Range;

/// Every place of the value at a way such as `a.b.c`; of a text, inside its quotes.
///
/// # Errors
/// A sentence: the file is written so that the place cannot be told for sure.
pub(super) fn places(text: &str, way: &str) -> Result<Vec<Range<usize>>, String> {
    let mut walk = Walk::default();
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        walk.line(at, line.trim_end_matches(['\n', '\r']), way)
            .map_err(|what| format!("line {}: {what}; change it by hand", number + 1))?;
        at += line.len();
    }
    match walk.depth {
        0 => Ok(walk.found),
        _ => Err("a bracket stays open; change it by hand".to_owned()),
    }
}

#[derive(Default)]
struct Walk {
    /// Keys that are open, with their columns.
    open: Vec<(usize, String)>,
    /// The column of a key whose text goes on in lines further in.
    text: Option<usize>,
    /// Brackets that are open.
    depth: usize,
    found: Vec<Range<usize>>,
}

impl Walk {
    fn line(&mut self, begin: usize, line: &str, way: &str) -> Result<(), String> {
        let body = line.trim_start_matches(' ');
        let mut column = line.len() - body.len();
        if self.within_text(column, body) || body.is_empty() || body.starts_with('#') {
            return Ok(());
        }
        if self.depth > 0 {
            self.depth = brackets(body, self.depth)?;
            return Ok(());
        }
        if body.starts_with('\t') {
            return Err("is indented by a tab".to_owned());
        }
        if matches!(body.get(..3), Some("---" | "...")) {
            self.open.clear();
            return Ok(());
        }
        while line[column..].starts_with("- ") {
            self.leave(column);
            self.open.push((column, "-".to_owned()));
            let rest = line[column + 1..].trim_start_matches(' ');
            column = line.len() - rest.len();
        }
        self.entry(begin, line, column, way)
    }

    /// Whether a line belongs to a text that began above.
    fn within_text(&mut self, column: usize, body: &str) -> bool {
        match self.text {
            Some(_) if body.is_empty() => true,
            Some(of) if column > of => true,
            _ => {
                self.text = None;
                false
            }
        }
    }

    fn leave(&mut self, column: usize) {
        self.open.retain(|(open, _)| *open < column);
    }

    fn entry(&mut self, begin: usize, line: &str, column: usize, way: &str) -> Result<(), String> {
        let Some((name, value)) = pair(&line[column..]) else {
            self.depth = opened(&line[column..])?;
            return Ok(());
        };
        if name == "<<" {
            return Err("takes over what stands elsewhere (<<)".to_owned());
        }
        self.leave(column);
        self.open.push((column, name));
        let at = column + value;
        let rest = line[at..].trim_end();
        let names: Vec<&str> = self.open.iter().map(|(_, name)| name.as_str()).collect();
        if names.join(".") == way {
            let place = scalar(rest).ok_or("the value is written so that it cannot be changed for sure")?;
            self.found.push(begin + at + place.start..begin + at + place.end);
        } else if rest.starts_with(['|', '>']) {
            self.text = Some(column);
        } else {
            self.depth = opened(rest)?;
        }
        Ok(())
    }
}

/// Brackets that a value leaves open; a quote that it leaves open is not followed.
fn opened(value: &str) -> Result<usize, String> {
    match value.chars().next() {
        Some('{' | '[') => brackets(value, 0),
        Some(quote @ ('"' | '\'')) if !value[1..].contains(quote) => {
            Err("a text in quotes goes over several lines".to_owned())
        }
        _ => Ok(0),
    }
}

fn brackets(text: &str, mut depth: usize) -> Result<usize, String> {
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if quote.is_some() { Err("a quote stays open within brackets".to_owned()) } else { Ok(depth) }
}

/// The key of an entry and where its value begins.
fn pair(entry: &str) -> Option<(String, usize)> {
    if let Some(quote) = entry.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let end = 1 + entry[1..].find(quote)?;
        let behind = entry[end + 1..].strip_prefix(':')?;
        let plain = !entry[1..end].contains('\\');
        return (plain && (behind.is_empty() || behind.starts_with(' ')))
            .then(|| (entry[1..end].to_owned(), entry.len() - behind.trim_start().len()));
    }
    let colon = entry.match_indices(':').map(|(at, _)| at).find(|at| {
        let behind = &entry[at + 1..];
        behind.is_empty() || behind.starts_with(' ')
    })?;
    let name = entry[..colon].trim_end();
    let plain =
        !name.is_empty() && !name.starts_with(['{', '[', '&', '*', '!', '?', '#']) && !name.contains(" #");
    let behind = &entry[colon + 1..];
    plain.then(|| (name.to_owned(), entry.len() - behind.trim_start_matches(' ').len()))
}

fn scalar(value: &str) -> Option<Range<usize>> {
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let end = 1 + value[1..].find(quote)?;
        let behind = value[end + 1..].trim_start();
        let fine = (behind.is_empty() || behind.starts_with('#')) && !value[1..end].contains('\\');
        return fine.then_some(1..end);
    }
    let end = value.find(" #").unwrap_or(value.len());
    let plain = value[..end].trim_end();
    let special = plain.starts_with(['{', '[', '&', '*', '!', '|', '>', '#', '@', '`', '%']);
    (!plain.is_empty() && !special).then_some(0..plain.len())
}
