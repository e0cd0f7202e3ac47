//! Reads `warroom.toml`: the binding beside a plan, or everything that is wrong with it. Pure.
//!
//! A binding with one mistake binds nothing: what is meant by the rest is not guessed.

mod check;

use std::fmt;
use std::ops::Range;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

use crate::plan::binding::Binding;
use crate::text;

/// The name of a binding's file.
pub const FILE: &str = "warroom.toml";

/// Something wrong with a binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// A sentence.
    pub what: String,
    /// The bytes of the text it means, first and behind the last.
    pub bytes: (usize, usize),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, text::clean(&self.what))
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
    // After a cut the places of entries no longer fit; what is wrong already is enough then.
    if faults.list.is_empty() {
        check::check(&binding, whole.get_ref(), &mut faults);
    }
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
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let (line, column) = (1 + before.matches('\n').count(), 1 + before[begin..].chars().count());
        self.list.push(Fault { line, column, what, bytes });
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
                    [[signal]]\nname = \"x\"\nsurce = \"prom\"\nquery = \"q\"\n\n[peple]\nx = 1\n\n\
                    [[flag]]\nname = \"a\"\nread = \"http://a\"\nwrite = \"http://a\"\nrungs = [1, \"two\"]\n";
        let told = faults(text);
        for (line, part) in [
            (2, "expected a string"),
            (3, "unknown variant `promethius`"),
            (5, "unknown field `evry`"),
            (9, "unknown field `surce`"),
            (12, "unknown field `peple`"),
            (19, "string \"two\", expected f64"),
        ] {
            let there = told.iter().any(|t| t.starts_with(&format!("{line}:")) && t.contains(part));
            assert!(there, "{line}: {part} in {told:#?}");
        }
        assert_eq!(told.len(), 6, "{told:#?}");
        let told = faults("[[flag]]\nname = 3\nwrong = 1\n\n[[source]]\nevery = \"x\"\n");
        for part in ["2:8: ", "3:1: unknown", "5:1: missing", "6:9: "] {
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
            "4:7: prom: an address carries",
            "18:8: there is a source called prom",
            "there is a signal called Error rate",
            "Error rate: there is no source none",
            "there is a flag called pay",
        ] {
            assert!(told.iter().any(|t| t.contains(part)), "{part} in {told:#?}");
        }
        assert!(!told.join("").contains("secret"), "{told:?}");
        assert!(faults(&GOOD.replace("[[signal]]", "every = 0\n[[signal]]"))[0].contains("more than 0"));
        assert!(faults(&GOOD.replace("read = \"http", "read = \"gopher"))[0].starts_with("13:8: "));
    }

    #[test]
    fn every_table_is_read() {
        let binding = read(ALL).unwrap();
        assert_eq!(binding.sources[1].timeout, Some(2.0));
        assert_eq!(binding.rules[0].hold, Some(300.0));
        assert_eq!((binding.people["CTO"].len(), binding.blanks.len()), (1, 1));
        assert_eq!(binding.corrections.len(), 2);
        let again = toml::to_string(&binding).unwrap();
        assert_eq!(read(&again).unwrap(), binding, "{again}");
    }

    const ALL: &str = r##"
[room]
environment = "staging"
zone = "Europe/Berlin"
base_url = "https://shop.test"
cwd = ".."
blocking = ["P0"]

[[source]]
name = "prom"
kind = "prometheus"
url = "http://prom:9090"
auth = "file:~/.prom"
user = "ana"
org = "team-a"

[[source]]
name = "db"
kind = "sql"
url = "postgres://reader@db/shop"
every = "1m"
timeout = "2s"
auth = ""

[[source]]
name = "app"
kind = "log"
file = "logs/app.log"

[[signal]]
name = "Error rate"
aliases = ["Error rates"]

[[rule]]
of = "Error rate"
direction = "above"
for = "5m"
keep_firing_for = 60
cooldown = "30m"
on_no_data = "ok"
floor = { signal = "Error rate", at_least = 10 }

[[flag]]
name = "x"
provider = "manual"

[[procedure]]
title = "Emergency Rollback"
cwd = "deploy"
env = ["KUBECONFIG"]
verify = "curl -f https://shop.test/health"
two_people = true

[blank]
"previous-deployment-id" = "env:PREVIOUS"

[people]
"CTO" = ["principal"]

[[channel]]
name = "#launch"
kind = "slack"
url = "env:SLACK"

[[correct]]
line = 3
text = "P1"
drop = "limit"

[[correct]]
lines = [4, 6]
set = { value = [1, 2], role = "alert", for = "1m" }
"##;

    #[test]
    fn what_a_flag_cannot_mean_is_told() {
        let flag = "[[flag]]\nname = \"pay\"\n";
        for (keys, fault) in [
            ("provider = \"unleash\"\nread = \"http://a\"", "4:8: pay: read is for flags kept by http"),
            ("file = \"f\"", "3:8: pay: file is for flags kept by env, json and yaml"),
            ("provider = \"env\"\nauth = \"env:A\"", "4:8: pay: auth is for"),
            ("method = \"GET\"", "3:10: pay: method is PUT"),
            ("body = \"on\"", "3:8: pay: the body says nowhere"),
            ("path = \"a b\"", "3:8: pay: path is none"),
            ("headers = [\"X-Api-Key: hunter2\"]", "3:11: pay: X-Api-Key holds a secret"),
            ("headers = [\"X-Api-Key: {env:}\"]", "3:11: pay: X-Api-Key names no variable"),
            ("headers = [\"none\"]", "3:11: pay: a header reads"),
            ("verify = \"ofrep gopher://x\"", "3:10: pay: gopher://x"),
            ("verify = \"me\"", "3:10: a flag is verified by"),
            ("url = \"/x\"\nprovider = \"unleash\"", "3:7: /x"),
            (
                "provider = \"command\"\nread = \"a\"\nwrite = \"b '$W_VALUE'\"",
                "5:9: pay: the line does not say",
            ),
            ("provider = \"command\"\nread = \"a 'b\"", "4:8: pay: a shell would not read this"),
            ("provider = \"command\"\nenv = [\"A=1\"]", "4:7: pay: env names variables"),
            ("env = [\"A\"]", "3:7: pay: env is for flags kept by command"),
        ] {
            let told = faults(&format!("{flag}{keys}\n"));
            assert!(told.len() == 1 && told[0].starts_with(fault), "{keys}: {told:#?}");
            assert!(!told[0].contains("hunter2"), "{told:?}");
        }
        assert!(
            read(&format!("{flag}read = \"/a\"\nwrite = \"/a\"\n")).unwrap().reachable().flags.is_empty()
        );
    }

    #[test]
    fn each_fault_is_a_sentence_at_its_key() {
        for (change, fault) in [
            (("Europe/Berlin", "Berlin"), "4:8: zone: Berlin is no zone; write one as IANA does"),
            (("https://shop.test\"\ncwd", "shop.test\"\ncwd"), "5:12: base_url: shop.test: is no address"),
            (("file:~/.prom", "hunter2"), "13:8: holds no reference"),
            (("user = \"ana\"", "file = \"x\""), "14:8: prom: file is for a source of kind log"),
            (("reader@db", "reader:hunter2@db"), "20:7: db: an address carries a password"),
            (("\"1m\"\ntimeout", "\"soon\"\ntimeout"), "21:9: \"soon\" is no time"),
            (("timeout = \"2s\"", "timeout = 0"), "22:11: db: timeout has to be more than 0"),
            (
                ("aliases = [\"Error rates\"]", "query = \"up\""),
                "32:9: Error rate: has a query and names no source",
            ),
            (
                ("direction = \"above\"", "direction = \"up\""),
                "36:13: unknown variant `up`, expected `above` or `below`",
            ),
            (
                ("signal = \"Error rate\", at", "signal = \"Load\", at"),
                "41:9: Error rate: there is no signal Load",
            ),
            (("env:PREVIOUS", "sk_live_hunter2"), "55:28: looks like a secret"),
            (
                ("url = \"env:SLACK\"", "url = \"https://hooks.slack.com/hunter2\""),
                "63:7: holds no reference",
            ),
            (("drop = \"limit\"", ""), "65:1: a correction says neither drop nor set"),
            (("drop = \"limit\"", "drop = \"limits\""), "68:8: unknown variant `limits`"),
            (("lines = [4, 6]", "lines = [6, 4]"), "71:9: a correction names lines that no plan has"),
        ] {
            assert!(ALL.contains(change.0), "{change:?}");
            let told = faults(&ALL.replace(change.0, change.1));
            assert!(told.len() == 1 && told[0].starts_with(fault), "{fault}: {told:#?}");
            assert!(!told.join("").contains("hunter2"), "{told:?}");
        }
    }
}
