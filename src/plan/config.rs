//! Configuration in a fence, JSON, YAML, TOML or an object of JavaScript, as a flat list of dotted paths with their lines.
//!
//! Reads only what plans hold: objects, lists, scalars. Text that is neither gives an empty list.

/// One scalar of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Leaf {
    /// The keys that lead to it, without list numbers.
    pub path: Vec<String>,
    /// Its value as text, unquoted.
    pub value: String,
    /// Lines below the first line of the text.
    pub line: usize,
}

/// The scalars of `text`, in order.
pub(crate) fn leaves(text: &str) -> Vec<Leaf> {
    if is_toml(text) {
        toml(text)
    } else if text.trim_start().starts_with(['{', '[']) {
        json(text)
    } else if let Some(at) = object(text) {
        let above = text[..at].matches('\n').count();
        let below = |leaf: Leaf| Leaf { line: leaf.line + above, ..leaf };
        let end = text.rfind(['}', ']']).filter(|end| *end > at).map_or(text.len(), |end| end + 1);
        json(&text[at..end]).into_iter().map(below).collect()
    } else {
        yaml(text)
    }
}

/// The lines of a fence that is nothing but assignments and comments: "rollout = 10.0  # a tenth", "const x = true;".
pub(crate) fn assignments(text: &str) -> Vec<Leaf> {
    let told = |line: &&str| !line.trim().is_empty() && !is_comment(line);
    if !text.lines().filter(|l| told(l)).all(|line| assigned(line).is_some()) {
        return Vec::new();
    }
    let lines = text.lines().enumerate().filter(|(_, l)| told(l));
    let leaf = |(line, raw): (usize, &str)| {
        let (name, value) = assigned(raw)?;
        Some(Leaf { path: vec![name.to_owned()], value: value.to_owned(), line })
    };
    lines.filter_map(leaf).collect()
}

fn is_comment(line: &str) -> bool {
    ["#", "//", "--", ";", "/*", "*"].iter().any(|mark| line.trim_start().starts_with(mark))
}

/// Name and value of "export A=1", "let a: bool = true; // why", "self.a := 5".
fn assigned(line: &str) -> Option<(&str, &str)> {
    const KEYWORDS: [&str; 11] =
        ["export ", "const ", "let ", "var ", "final ", "self.", "static ", "set ", "mut ", "$", "@"];
    let mut line = line.trim();
    while let Some(rest) = KEYWORDS.iter().find_map(|word| line.strip_prefix(word)) {
        line = rest;
    }
    let (name, value) = line.split_once('=')?;
    let name = name.split(':').next()?.trim();
    let value = value.trim_start();
    let ends = [" #", " //", "\t#", ";"].iter().filter_map(|mark| value.find(mark)).min();
    let value = value[..ends.unwrap_or(value.len())].trim().trim_matches(['"', '\'', '`']);
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let named = plain && name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    (named && !value.starts_with('=') && !value.contains(['(', '{', '['])).then_some((name, value))
}

/// Where the object of "export const flags = {" begins.
fn object(text: &str) -> Option<usize> {
    let opens = |line: &&str| {
        let head = line.trim();
        head.ends_with(['{', '['])
            && (head.ends_with("= {") || head.ends_with("= [") || head.starts_with("export default"))
    };
    let line = text.lines().find(opens)?;
    // `line` is a slice of `text`, so the distance is its place.
    let start = line.as_ptr() as usize - text.as_ptr() as usize;
    Some(start + line.trim_end().len() - 1)
}

/// "[section]" on a line of its own.
fn section(line: &str) -> Option<&str> {
    let name = line.trim().strip_prefix('[')?.strip_suffix(']')?.trim_matches(['[', ']']);
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    (plain && name.starts_with(char::is_alphabetic)).then_some(name)
}

fn is_toml(text: &str) -> bool {
    let assigns = |line: &str| line.split_once('=').is_some_and(|(key, _)| is_key(key.trim_end()));
    text.lines().any(|line| section(line).is_some()) && text.lines().any(assigns)
}

fn toml(text: &str) -> Vec<Leaf> {
    let mut out = Vec::new();
    let mut home: Vec<String> = Vec::new();
    for (line, raw) in text.lines().enumerate() {
        if let Some(name) = section(raw) {
            home = name.split('.').take(DEPTH).map(str::to_owned).collect();
        } else if let Some((key, value)) = raw.split_once('=').filter(|(key, _)| is_key(key)) {
            let path = home.iter().cloned().chain([key.trim().trim_matches('"').to_owned()]).collect();
            out.push(Leaf { path, value: unquoted(value), line });
        }
    }
    out
}

/// How deep objects may nest.
const DEPTH: usize = 64;

/// A forgiving reading of JSON (comments and trailing commas do not stop it).
fn json(text: &str) -> Vec<Leaf> {
    let mut out = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut open: Vec<bool> = Vec::new();
    let mut key: Option<String> = None;
    for token in tokens(text) {
        match token {
            Token::Open => {
                if open.len() >= DEPTH {
                    return out;
                }
                open.push(key.is_some());
                path.extend(key.take());
            }
            Token::Close => {
                if open.pop() == Some(true) {
                    path.pop();
                }
            }
            Token::Key(name) => key = Some(name),
            Token::Value(value, line) => {
                let mut full = path.clone();
                full.extend(key.take());
                out.push(Leaf { path: full, value, line });
            }
        }
    }
    out
}

enum Token {
    Open,
    Close,
    Key(String),
    Value(String, usize),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let (mut at, mut line) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        let start = at;
        match c {
            '{' | '[' => out.push(Token::Open),
            '}' | ']' => out.push(Token::Close),
            '/' if text[at..].starts_with("//") => at += text[at..].find('\n').unwrap_or(text.len() - at),
            c if c.is_whitespace() || matches!(c, ',' | ':') => {}
            _ => {
                let (word, end) = scalar(text, at);
                at = end;
                let is_key = text[at..].trim_start().starts_with(':');
                out.push(if is_key { Token::Key(word) } else { Token::Value(word, line) });
            }
        }
        at = at.max(start + usize::from(at == start) * c.len_utf8());
        line += text[start..at].matches('\n').count();
    }
    out
}

/// A quoted string or a bare word, and the byte after it.
fn scalar(text: &str, at: usize) -> (String, usize) {
    let rest = &text[at..];
    let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']' | ':'))
            .unwrap_or(rest.len())
            .max(1);
        let end = (end..=rest.len()).find(|e| rest.is_char_boundary(*e)).unwrap_or(rest.len());
        return (rest[..end].to_owned(), at + end);
    };
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return (rest[1..i].to_owned(), at + i + 1);
        }
        escaped = c == '\\' && !escaped;
    }
    (rest[1..].to_owned(), text.len())
}

/// Block style YAML by its indentation; flow values stay text.
fn yaml(text: &str) -> Vec<Leaf> {
    let mut out = Vec::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    for (line, raw) in text.lines().enumerate() {
        let body = raw.trim_start();
        let dashes = body.len() - body.trim_start_matches(['-', ' ']).len();
        let indent = raw.len() - body.len() + if body.starts_with("- ") { dashes } else { 0 };
        let body = if body.starts_with("- ") { body.trim_start_matches(['-', ' ']) } else { body };
        let Some((key, value)) = body
            .split_once(':')
            .filter(|(key, value)| is_key(key) && (value.is_empty() || value.starts_with(' ')))
        else {
            continue;
        };
        open.retain(|(depth, _)| *depth < indent);
        let value = unquoted(value);
        let key = key.trim().trim_matches(['"', '\'']).to_owned();
        if value.is_empty() {
            if open.len() < DEPTH {
                open.push((indent, key));
            }
        } else {
            let path = open.iter().map(|(_, k)| k.clone()).chain([key]).collect();
            out.push(Leaf { path, value, line });
        }
    }
    out
}

fn is_key(key: &str) -> bool {
    let key = key.trim().trim_matches(['"', '\'']);
    !key.is_empty()
        && !key.starts_with('#')
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or("").to_owned(),
        Some('#') => String::new(),
        _ => value.split(" #").next().unwrap_or("").trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String, usize)> {
        leaves(text).into_iter().map(|l| (l.path.join("."), l.value, l.line)).collect()
    }

    #[test]
    fn json_and_yaml_say_the_same() {
        let json = "{\n  \"flags\": {\n    \"a\": { \"on\": true, \"pct\": 0 },\n    \"b\": \"x:y\"\n  }\n}";
        let yaml = "# c\nflags:\n  a:\n    on: true\n    pct: 0 # none\n  b: 'x:y'\n";
        let paths = |text| read(text).into_iter().map(|(p, v, _)| format!("{p}={v}")).collect::<Vec<_>>();
        assert_eq!(paths(json), ["flags.a.on=true", "flags.a.pct=0", "flags.b=x:y"]);
        assert_eq!(paths(yaml), paths(json));
        assert_eq!(read(json)[2].2, 3);
    }

    #[test]
    fn toml_and_javascript_say_the_same() {
        let toml = "[a.b]\non = true # yes\n[c]\nname = \"x\"\n";
        let script = "// c\nexport const flags = {\n  a: { b: { on: true } },\n  c: { name: 'x' },\n};";
        assert_eq!(read(toml), [("a.b.on".into(), "true".into(), 1), ("c.name".into(), "x".into(), 3)]);
        assert_eq!(read(script), [("a.b.on".into(), "true".into(), 2), ("c.name".into(), "x".into(), 3)]);
    }

    #[test]
    fn what_is_neither_is_survived() {
        for text in ["{{{{", "{\"a\": ", "\"", "[1, é, 'x", "a b c", "{ // no\n", "é: :"] {
            leaves(text);
        }
    }
}
