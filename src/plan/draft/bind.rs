//! One metric bound in the text of a `warroom.toml`: its `[[signal]]` filled in or added, and the
//! `[[source]]` it needs. Pure.
//!
//! Every comment, the order and each byte of everything else stay. Called by `runtime` for what was
//! chosen on the Signals screen.

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::Section;
use crate::plan::binding::{Signal, Source, normal};

/// Said above the first entry of a file that was not there.
const HEAD: &str = "# Where the plan's parts meet real systems. Nothing is reached before `warroom allow` has shown it.\n\
                    # `warroom init` adds everything else of the plan that can be bound.\n";

/// Why a text cannot be changed this way.
#[derive(Debug, thiserror::Error)]
pub enum CannotBind {
    /// Its reading would have said so.
    #[error("is no TOML: {0}")]
    NoToml(#[from] toml_edit::TomlError),
    /// The entry follows from others; a source beside that would be a fault.
    #[error("says that {0} is derived from other signals; take its `derive` out first")]
    Derived(String),
    /// A section that is neither a list of tables nor a table.
    #[error("has a `{0}` that is no list of entries")]
    NoList(&'static str),
}

/// The text with `signal` as the binding of the metric it names, by its name or an alias there, and
/// with `source` where that is new. Aliases and all other keys of an entry stay. What says the same
/// already stays as it is, to the byte.
///
/// # Errors
/// See [`CannotBind`].
pub fn bind(text: &str, source: Option<&Source>, signal: &Signal) -> Result<String, CannotBind> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let returns = body.contains("\r\n");
    let plain = if returns { body.replace("\r\n", "\n") } else { body.to_owned() };
    let mut document: DocumentMut = plain.parse()?;
    let before = document.to_string();
    if let Some(source) = source {
        push(&mut document, Section::Source, &source_keys(source))?;
    }
    put_signal(&mut document, signal)?;
    let after = document.to_string();
    if after == before {
        return Ok(text.to_owned());
    }
    let head = if body.trim().is_empty() { HEAD } else { "" };
    let after = format!("{head}{after}");
    let mark = if body.len() < text.len() { "\u{feff}" } else { "" };
    Ok(mark.to_owned() + &if returns { after.replace('\n', "\r\n") } else { after })
}

/// A key and its value.
type Key = (&'static str, Value);

fn source_keys(source: &Source) -> Vec<Key> {
    let mut keys: Vec<Key> = vec![("name", source.name.as_str().into()), ("kind", source.kind.word().into())];
    if !source.url.is_empty() {
        keys.push(("url", source.url.as_str().into()));
    }
    let texts = [("command", &source.command), ("file", &source.file), ("user", &source.user)];
    keys.extend(texts.into_iter().filter_map(|(key, text)| Some((key, text.as_deref()?.into()))));
    keys.extend(source.auth.as_ref().map(|kept| ("auth", kept.to_string().into())));
    keys
}

/// What of a signal is chosen on the screen. A scale or unit that says nothing is not written where
/// none stands.
fn signal_keys(signal: &Signal) -> [(&'static str, Value, bool); 4] {
    let unit = signal.unit.as_deref().unwrap_or_default();
    [
        ("source", signal.source.as_str().into(), true),
        ("query", signal.query.as_str().into(), !signal.query.is_empty()),
        ("scale", scale(signal.scale), signal.scale != 1.0),
        ("unit", unit.into(), !unit.is_empty()),
    ]
}

/// 100 rather than 100.0.
fn scale(scale: f64) -> Value {
    let whole = scale as i64;
    if whole as f64 == scale { whole.into() } else { scale.into() }
}

fn put_signal(document: &mut DocumentMut, signal: &Signal) -> Result<(), CannotBind> {
    let wanted = normal(&signal.name);
    match document.get_mut(Section::Signal.word()) {
        Some(Item::ArrayOfTables(entries)) => {
            if let Some(entry) = entries.iter_mut().find(|e| is_called(*e, &wanted)) {
                return fill(entry, signal);
            }
        }
        Some(Item::Value(Value::Array(entries))) => {
            let mut tables = entries.iter_mut().filter_map(Value::as_inline_table_mut);
            if let Some(entry) = tables.find(|e| is_called(*e, &wanted)) {
                return fill_inline(entry, signal);
            }
        }
        _ => {}
    }
    let keys = signal_keys(signal).into_iter().filter(|(.., says)| *says);
    let keys = keys.map(|(key, value, _)| (key, value));
    let keys: Vec<Key> = std::iter::once(("name", signal.name.as_str().into())).chain(keys).collect();
    push(document, Section::Signal, &keys)
}

/// Whether an entry measures the metric of this normal name, by its name or an alias.
fn is_called(entry: &dyn TableLike, wanted: &str) -> bool {
    let aliases = entry.get("aliases").and_then(Item::as_array).into_iter().flatten();
    let name = entry.get("name").and_then(Item::as_value);
    name.into_iter().chain(aliases).filter_map(Value::as_str).any(|n| normal(n) == wanted)
}

fn fill(entry: &mut dyn TableLike, signal: &Signal) -> Result<(), CannotBind> {
    if entry.contains_key("derive") {
        return Err(CannotBind::Derived(signal.name.clone()));
    }
    for (key, value, says) in signal_keys(signal) {
        match entry.get_mut(key).and_then(Item::as_value_mut) {
            Some(there) => replace(there, value),
            None if says => drop(entry.insert(key, Item::Value(value))),
            None => {}
        }
    }
    Ok(())
}

/// Within braces what stood behind the last value stays behind the last.
fn fill_inline(entry: &mut InlineTable, signal: &Signal) -> Result<(), CannotBind> {
    let last = |entry: &InlineTable| entry.iter().last().map(|(key, _)| key.to_owned());
    let before = last(entry);
    fill(entry, signal)?;
    let after = last(entry);
    if let (Some(before), Some(after)) = (before, after)
        && before != after
    {
        let behind = entry.get(&before).and_then(|v| v.decor().suffix().cloned()).unwrap_or_default();
        for (key, behind) in [(before, "".into()), (after, behind)] {
            if let Some(value) = entry.get_mut(&key) {
                value.decor_mut().set_suffix(behind);
            }
        }
    }
    Ok(())
}

/// Another value with the comment of the old one; the same value stays as it is written.
fn replace(there: &mut Value, mut value: Value) {
    let number = |v: &Value| v.as_float().or_else(|| v.as_integer().map(|n| n as f64));
    let same = match (number(there), number(&value)) {
        (Some(old), Some(new)) => old == new,
        _ => there.as_str().is_some() && there.as_str() == value.as_str(),
    };
    if !same {
        *value.decor_mut() = there.decor().clone();
        *there = value;
    }
}

/// Adds an entry behind those of its section.
fn push(document: &mut DocumentMut, section: Section, keys: &[Key]) -> Result<(), CannotBind> {
    let list = || Item::ArrayOfTables(ArrayOfTables::new());
    let blank = if document.is_empty() { "" } else { "\n" };
    match document.entry(section.word()).or_insert_with(list) {
        Item::ArrayOfTables(entries) => {
            let mut table = Table::new();
            keys.iter().for_each(|(key, value)| drop(table.insert(key, Item::Value(value.clone()))));
            table.decor_mut().set_prefix(blank);
            entries.push(table);
            Ok(())
        }
        Item::Value(Value::Array(entries)) => {
            let mut table = InlineTable::new();
            keys.iter().for_each(|(key, value)| drop(table.insert(*key, value.clone())));
            entries.push(table);
            Ok(())
        }
        _ => Err(CannotBind::NoList(section.word())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::levers::bound;
    use crate::plan::binding::{Binding, SourceKind};

    fn signal(name: &str, query: &str) -> Signal {
        let (name, source, query) = (name.to_owned(), "prom".to_owned(), query.to_owned());
        Signal { name, source, query, scale: 1.0, ..Signal::default() }
    }

    fn prom() -> Source {
        Source::new("prom", SourceKind::Prometheus, "http://prom:9090", 5.0)
    }

    const FILE: &str = "\
# ours
[room] # the room
zone = \"Europe/Berlin\"   # theirs

[[source]]  # a source
name = 'prom'
kind = \"prometheus\"
url = \"http://prom:9090\" # where

# plan: line 12
[[signal]]
name = \"Error rate\"
aliases = [\"Errors\"] # a guess
source = \"\"    # which
query = \"\" # a guess: rate(x)
# behind it

[[signal]]
name = 'Latency'
query = 'up'
source = 'prom'

[[rule]]
of = \"Errors\"
# the end
";

    #[test]
    fn only_the_lines_that_were_meant_change() {
        for name in ["Error rate", "error  RATES", "errors"] {
            let text = bind(FILE, None, &signal(name, "sum(rate(e[1m]))")).unwrap();
            let wanted = FILE
                .replace("source = \"\"    # which", "source = \"prom\"    # which")
                .replace("query = \"\" # a", "query = \"sum(rate(e[1m]))\" # a");
            assert_eq!(text, wanted);
            assert_eq!(bind(&text, None, &signal(name, "sum(rate(e[1m]))")).unwrap(), text, "again");
        }
        let scaled = Signal { scale: 100.0, unit: Some("%".into()), ..signal("Latency", "up") };
        let text = bind(FILE, None, &scaled).unwrap();
        assert_eq!(text, FILE.replace("'prom'\n\n[[rule", "'prom'\nscale = 100\nunit = \"%\"\n\n[[rule"));
        let back = bind(&text, None, &signal("Latency", "up")).unwrap();
        assert_eq!(back, text.replace("scale = 100", "scale = 1").replace("\"%\"", "\"\""));
    }

    #[test]
    fn what_is_new_comes_behind_its_section() {
        let added = "\n[[signal]]\nname = \"Load\"\nsource = \"prom\"\nquery = \"a\\\"b\"\nscale = 0.001\n";
        let load = Signal { scale: 0.001, ..signal("Load", "a\"b") };
        let text = bind(FILE, None, &load).unwrap();
        let text = text.replace("'a\"b'", "\"a\\\"b\"");
        assert_eq!(text, FILE.replace("source = 'prom'\n", &format!("source = 'prom'\n{added}")));
        let text = bind("", Some(&prom()), &signal("Load", "up")).unwrap();
        let entries = "[[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"http://prom:9090\"\n\n\
                       [[signal]]\nname = \"Load\"\nsource = \"prom\"\nquery = \"up\"\n";
        assert_eq!(text, format!("{HEAD}{entries}"));
        assert_eq!(bind(&text, None, &signal("Load", "up")).unwrap(), text);
    }

    #[test]
    fn other_ways_to_write_it_are_kept() {
        let inline = "source = [{ name = \"prom\", kind = \"prometheus\" }] # s\n\
                      signal = [\n  { name = \"a\" }, # one\n  { name = \"b\", query = \"\" },\n] # all\n";
        let text = bind(inline, None, &signal("b", "up")).unwrap();
        let first = text.replace("query = \"up\", source = \"prom\"", "query = \"\"");
        assert_eq!(first, inline, "{text}");
        let text = bind(inline, None, &signal("c", "up")).unwrap();
        assert!(bound::read(&text).unwrap().signal("c").is_some() && text.contains("# one"), "{text}");
        let windows = format!("\u{feff}{}", FILE.replace('\n', "\r\n"));
        let text = bind(&windows, None, &signal("errors", "x")).unwrap();
        assert_eq!(text.replace("\"x\"", "\"\"").replacen("source = \"prom\"", "source = \"\"", 1), windows);
        assert_eq!(bind(&windows, None, &signal("Latency", "up")).unwrap(), windows);
        let open = FILE.trim_end();
        assert!(bind(open, None, &signal("Errors", "x")).unwrap().starts_with("# ours\n[room] # the"));
        assert_eq!(bind(open, None, &signal("Latency", "up")).unwrap(), open);
    }

    #[test]
    fn what_cannot_be_changed_says_why() {
        let derived = "[[signal]]\nname = \"a\"\nderive = \"ratio(b, c)\"\n";
        for (text, why) in [
            (derived, "is derived from other signals"),
            ("signal = 5\n", "no list of entries"),
            ("[signal]\nname = \"a\"\n", "no list of entries"),
            ("[[signal]\n", "is no TOML"),
        ] {
            let said = bind(text, None, &signal("a", "up")).unwrap_err().to_string();
            assert!(said.contains(why), "{said}");
        }
    }

    /// A line of a file that says something else.
    fn other() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("# a comment, ünd more".to_owned()),
            Just(String::new()),
            "[a-z]{1,6}".prop_map(|n| format!("[[rule]] # r\nof = '{n}'  # of\n")),
            "[a-z]{1,6}".prop_map(|n| format!("[[channel]]\n\tname = \"#{n}\"\nkind = \"slack\"")),
        ]
    }

    fn entry() -> impl Strategy<Value = String> {
        ("[A-Za-z]{1,8}", any::<bool>(), "[ -~]{0,12}").prop_map(|(name, quoted, comment)| {
            let name = if quoted { format!("'{name}x'") } else { format!("\"{name} x\"") };
            format!("# {comment}\n[[signal]]\n  name = {name} # {comment}\n# before it ends")
        })
    }

    proptest! {
        #[test]
        fn every_line_of_the_file_stays(
            parts in prop::collection::vec(prop_oneof![other(), entry()], 0..12),
            query in "[ -~äß]{1,40}",
            fresh in any::<bool>(),
        ) {
            let text: String = parts.iter().map(|p| format!("{p}\n")).collect();
            let Ok(old) = bound::read(&text) else { return Ok(()) };
            let named = if fresh { None } else { old.signals.last().map(|s| s.name.clone()) };
            let wanted = signal(&named.clone().unwrap_or("Brand new".into()), &query);
            let new = bind(&text, Some(&prom()), &wanted).unwrap();
            let read = bound::read(&new).map_err(|f| TestCaseError::fail(format!("{f:?}\n{new}")))?;
            prop_assert_eq!(read.signal(&wanted.name).map(|s| (&s.query, &s.source)), Some((&query, &"prom".to_owned())));
            let without = |b: &Binding| {
                let signals = b.signals.iter().filter(|s| normal(&s.name) != normal(&wanted.name)).cloned().collect();
                Binding { sources: vec![], signals, ..b.clone() }
            };
            prop_assert_eq!(without(&read), without(&old));
            let mut lines = new.lines();
            for line in text.lines() {
                prop_assert!(lines.any(|l| l == line), "{line:?} is gone\n{new}");
            }
            prop_assert_eq!(bind(&new, None, &wanted).unwrap(), new);
        }
    }
}
