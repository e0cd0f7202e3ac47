//! Reads `warroom.toml`: the binding beside a plan, or everything that is wrong with it. Pure.
//!
//! A binding with one mistake binds nothing: what is meant by the rest is not guessed.

use std::fmt;
use std::ops::Range;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

use super::exact::address;
use crate::plan::binding::Binding;
use crate::text;

/// The name of a binding's file.
pub const FILE: &str = "warroom.toml";

/// Something wrong with a binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// A sentence.
    pub what: String,
    /// The bytes of the text it means, first and behind the last.
    pub bytes: (usize, usize),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, text::clean(&self.what))
    }
}

/// Reads a binding.
///
/// # Errors
/// Every fault, in the order of the lines.
pub fn read(text: &str) -> Result<Binding, Vec<Fault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut faults = Faults { text, list: vec![] };
    errors.iter().for_each(|e| faults.at(e.span(), e.message().to_owned()));
    if !faults.list.is_empty() {
        return faults.sorted();
    }
    let whole = table.clone();
    let binding = typed(table, &mut faults);
    check(&binding, whole.get_ref(), &mut faults);
    if faults.list.is_empty() { Ok(binding) } else { faults.sorted() }
}

struct Faults<'a> {
    text: &'a str,
    list: Vec<Fault>,
}

impl Faults<'_> {
    fn at(&mut self, span: Option<Range<usize>>, what: String) {
        let bytes = span.map_or((0, 0), |s| (s.start, s.end));
        let before = self.text.get(..bytes.0).unwrap_or_default();
        self.list.push(Fault { line: 1 + before.matches('\n').count(), what, bytes });
    }

    fn sorted(mut self) -> Result<Binding, Vec<Fault>> {
        self.list.sort();
        self.list.dedup_by(|a, b| (a.line, &a.what) == (b.line, &b.what));
        Err(self.list)
    }
}

/// The binding without whatever serde does not take, each told as a fault: what is wrong is cut out,
/// what is missing is filled in, then the rest is read again.
fn typed(mut table: Spanned<DeTable<'_>>, faults: &mut Faults<'_>) -> Binding {
    let (mut cut, mut filled) = (vec![], vec![]);
    loop {
        let value = Spanned::new(table.span(), DeValue::Table(table.get_ref().clone()));
        let error = match Binding::deserialize(ValueDeserializer::from(value)) {
            Ok(binding) => return binding,
            Err(error) => error,
        };
        let span = error.span().unwrap_or_default();
        let of_entry = |list: &[(Range<usize>, String)], key: &str| {
            list.iter().any(|(within, known)| *within == span && (key.is_empty() || known == key))
        };
        let missing = error.message().strip_prefix("missing field `").and_then(|m| m.strip_suffix('`'));
        let follows =
            missing.map_or(of_entry(&filled, ""), |key| of_entry(&cut, key) || of_entry(&filled, key));
        if !follows {
            faults.at(error.span(), error.message().to_owned());
        }
        let within = table.span();
        if let Some(key) = missing.filter(|key| !of_entry(&filled, key))
            && fill_in(table.get_mut(), &span, key)
        {
            filled.push((span, key.to_owned()));
            continue;
        }
        match cut_out(table.get_mut(), &within, &span) {
            Some(found) => cut.push(found),
            None => return Binding::default(),
        }
    }
}

/// Puts an empty text under a key that an entry lacks, so that what else is wrong with it comes out.
/// Where no text is wanted the whole entry goes at the next turn.
fn fill_in(table: &mut DeTable<'_>, span: &Range<usize>, key: &str) -> bool {
    let lists = table.iter_mut().filter_map(|(_, value)| match value.get_mut() {
        DeValue::Array(entries) => Some(entries),
        _ => None,
    });
    let mut entries = lists.flat_map(|entries| entries.iter_mut()).filter(|entry| entry.span() == *span);
    match entries.next().map(Spanned::get_mut) {
        Some(DeValue::Table(entry)) => {
            let text = Spanned::new(span.clone(), DeValue::String("".into()));
            entry.insert(Spanned::new(span.clone(), key.to_owned().into()), text).is_none()
        }
        _ => false,
    }
}

/// Takes the part at `span` out of a table; the span of the table it stood in and its key come back.
fn cut_out(
    table: &mut DeTable<'_>,
    within: &Range<usize>,
    span: &Range<usize>,
) -> Option<(Range<usize>, String)> {
    let covers = |part: Range<usize>| part.start <= span.start && span.end <= part.end;
    let here = table.iter().find(|(key, value)| {
        covers(key.span()) || !holds_tables(value.get_ref()) && covers(value.span()) || value.span() == *span
    });
    if let Some(key) = here.map(|(key, _)| key.clone()) {
        table.remove(&key);
        return Some((within.clone(), key.into_inner().into_owned()));
    }
    table.iter_mut().find_map(|(key, value)| {
        let own = value.span();
        match value.get_mut() {
            DeValue::Table(inner) => cut_out(inner, &own, span),
            DeValue::Array(entries) => cut_entry(entries, key.get_ref(), span),
            _ => None,
        }
    })
}

/// Takes a whole entry out of a list, or a part out of one of its entries.
fn cut_entry(entries: &mut DeArray<'_>, key: &str, span: &Range<usize>) -> Option<(Range<usize>, String)> {
    if entries.iter().any(|entry| entry.span() == *span) {
        *entries = entries.iter().filter(|entry| entry.span() != *span).cloned().collect();
        return Some((span.clone(), key.to_owned()));
    }
    entries.iter_mut().find_map(|entry| {
        let own = entry.span();
        match entry.get_mut() {
            DeValue::Table(inner) => cut_out(inner, &own, span),
            _ => None,
        }
    })
}

fn holds_tables(value: &DeValue<'_>) -> bool {
    match value {
        DeValue::Table(_) => true,
        DeValue::Array(entries) => entries.iter().any(|e| e.get_ref().is_table()),
        _ => false,
    }
}

/// What types cannot say: names that are taken or missing, addresses that are none.
fn check(binding: &Binding, table: &DeTable<'_>, faults: &mut Faults<'_>) {
    // After a cut the places of entries no longer fit; what is wrong already is enough then.
    if !faults.list.is_empty() {
        return;
    }
    let place = |section: &str, n: usize| {
        let entries = table.get(section)?.get_ref().as_array()?;
        Some(entries.get(n)?.span())
    };
    let value = |section: &str, n: usize, key: &str| {
        let entries = table.get(section)?.get_ref().as_array()?;
        Some(entries.get(n)?.get_ref().as_table()?.get(key)?.span())
    };
    let mut names: Vec<(&str, &str)> = vec![];
    let mut once = |section: &'static str, name| {
        let taken = names.contains(&(section, name));
        names.push((section, name));
        taken.then(|| format!("there is a {section} called {name} already"))
    };
    for (n, source) in binding.sources.iter().enumerate() {
        let pace = (!(source.every.is_finite() && source.every > 0.0))
            .then(|| format!("{}: every has to be more than 0 seconds", source.name));
        let found = [once("source", &source.name), address(&source.url).err(), pace];
        found.into_iter().flatten().for_each(|what| faults.at(place("source", n), what));
    }
    for (n, signal) in binding.signals.iter().enumerate() {
        let unknown = binding.source(&signal.source).is_none();
        let unknown = unknown.then(|| format!("{}: there is no source {}", signal.name, signal.source));
        once("signal", &signal.name).into_iter().for_each(|what| faults.at(place("signal", n), what));
        unknown.into_iter().for_each(|what| faults.at(value("signal", n, "source"), what));
    }
    for (n, flag) in binding.flags.iter().enumerate() {
        let found = [once("flag", &flag.name), address(&flag.read).err(), address(&flag.write).err()];
        found.into_iter().flatten().for_each(|what| faults.at(place("flag", n), what));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
[[source]]
name = \"prom\"
kind = \"prometheus\"
url = \"http://127.0.0.1:9090\"

[[signal]]
name = \"Error rate\"
source = \"prom\"
query = \"rate(errors[5m])\"

[[flag]]
name = \"pay\"
read = \"http://127.0.0.1:1/flags/pay\"
write = \"http://127.0.0.1:1/flags/pay\"
rungs = [10, 50, 100]
";

    fn faults(text: &str) -> Vec<String> {
        read(text).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_one_is_read() {
        let binding = read(GOOD).unwrap();
        assert_eq!((binding.sources[0].every, binding.flags[0].rungs.len()), (5.0, 3));
        assert_eq!(read(""), Ok(Binding::default()));
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "[[source]]\nname = 3\nkind = \"promethius\"\nurl = \"http://a\"\nevry = 2\n\n\
                    [[signal]]\nname = \"x\"\nsurce = \"prom\"\nquery = \"q\"\n\n[people]\nx = 1\n\n\
                    [[flag]]\nname = \"a\"\nread = \"http://a\"\nwrite = \"http://a\"\nrungs = [1, \"two\"]\n";
        let told = faults(text);
        for (line, part) in [
            (2, "expected a string"),
            (3, "unknown variant `promethius`"),
            (5, "unknown field `evry`"),
            (7, "missing field `source`"),
            (9, "unknown field `surce`"),
            (12, "unknown field `people`"),
            (19, "string \"two\", expected f64"),
        ] {
            let there = told.iter().any(|t| t.starts_with(&format!("{line}: ")) && t.contains(part));
            assert!(there, "{line}: {part} in {told:#?}");
        }
        assert_eq!(told.len(), 7, "{told:#?}");
        let told = faults("[[flag]]\nname = 3\nwrong = 1\n\n[[source]]\nevery = \"x\"\n");
        for part in ["1: missing field `read`", "1: missing field `write`", "2: ", "3: ", "5: missing", "6: "]
        {
            assert!(told.iter().any(|t| t.starts_with(part)), "{part} in {told:#?}");
        }
    }

    #[test]
    fn broken_text_is_told_and_survived() {
        assert!(faults("[[source]\nname = \n[x\n").len() >= 2);
        for text in
            ["source = 1", "[source]\nname=\"a\"", "[[source]]", "source = [1]", "\u{0}", "a.b.c = {}"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_and_addresses_are_checked() {
        let doubled = format!("{GOOD}\n{}", GOOD.replace("\"prom\"\nquery", "\"none\"\nquery"));
        let told = faults(&doubled.replacen("http://127.0.0.1:9090", "http://a:secret@b", 1));
        for part in [
            "1: an address carries",
            "17: there is a source called prom",
            "there is a signal called Error rate",
            "Error rate: there is no source none",
            "there is a flag called pay",
        ] {
            assert!(told.iter().any(|t| t.contains(part)), "{part} in {told:#?}");
        }
        assert!(!told.join("").contains("secret"), "{told:?}");
        assert!(faults(&GOOD.replace("[[signal]]", "every = 0\n[[signal]]"))[0].contains("more than 0"));
        assert!(faults(&GOOD.replace("read = \"http", "read = \"gopher"))[0].starts_with("11: "));
    }
}
