//! Offers put into the text of a `warroom.toml`, new or old. Pure.

use std::collections::BTreeMap;

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::{OURS, Offer, Section, guess, measured, offers};
use crate::plan::Plan;
use crate::plan::aliases::meaning;
use crate::plan::binding::{Binding, SourceKind, normal};

/// Put above an entry whose part is not in the plan any more.
const GONE: &str = "# no longer in the plan";

/// A text and what was done to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The whole file.
    pub text: String,
    /// What is new, by section.
    pub added: BTreeMap<&'static str, Vec<String>>,
    /// What the plan no longer has, by section.
    pub gone: BTreeMap<&'static str, Vec<String>>,
}

/// The binding's text with everything of the plan in it. `text` is what stands there, empty for a new
/// file, and `binding` its reading.
///
/// # Errors
/// `text` is no TOML; its reading would have said so.
pub fn write(plan: &Plan, text: &str, binding: &Binding) -> Result<Draft, toml_edit::TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let offers = offers(plan, binding);
    let mut draft = Draft { text: String::new(), added: BTreeMap::new(), gone: BTreeMap::new() };
    let new: Vec<Offer> = offers.iter().filter_map(|offer| missing(&document, offer)).collect();
    if text.trim().is_empty() {
        room(&mut document, plan, text);
    }
    for offer in sources(&new, binding).iter().chain(&new) {
        add(&mut document, offer);
        draft.added.entry(offer.section.word()).or_default().push(offer.name.clone());
    }
    mark(&mut document, &offers, &mut draft);
    draft.text = document.to_string();
    Ok(draft)
}

/// The sources that new signals name and the file has not.
fn sources(new: &[Offer], binding: &Binding) -> Vec<Offer> {
    let kinds = [SourceKind::Prometheus, SourceKind::Http, SourceKind::Sql, SourceKind::Log];
    let needed = kinds.map(|kind| (kind, super::source_of(binding, kind)));
    let named = |name: &str| {
        new.iter().filter(|o| o.section == Section::Signal).any(|offer| {
            offer.keys.iter().any(|(key, value, _)| *key == "source" && value.as_str() == Some(name))
        })
    };
    let missing = needed.iter().filter(|(_, name)| named(name) && binding.source(name).is_none());
    missing.map(|(kind, name)| measured::source(*kind, name)).collect()
}

/// The head of a new file.
fn room(document: &mut DocumentMut, plan: &Plan, before: &str) {
    let title = super::told(&plan.title, 70);
    let head = format!(
        "# What “{title}” is launched on: where its parts meet real systems.\n\
         # Written by `warroom init`, which adds what is new in the plan and keeps what you fill in.\n\
         # Everything may stay empty: what is not bound works by hand. Nothing is reached before\n\
         # `warroom allow` has shown it. `# plan:` says where in the plan a part stands.\n\
         # An editor completes and checks this file when it begins with a line  #:schema ./warroom.schema.json\n\
         # (`warroom schema > warroom.schema.json` writes that one).\n\n"
    );
    let mut table = Table::new();
    table.decor_mut().set_prefix(format!("{head}{before}"));
    let zone = guess::zone(plan)
        .map(|(word, zone)| format!("the plan says {}; a guess: \"{zone}\"", super::told(&word, 12)));
    let zone = zone.unwrap_or_else(|| "\"Europe/Berlin\"; without it this machine's".to_owned());
    let asked =
        plan.endpoints.first().map(|e| format!("\"https://…\", in front of {}", super::told(&e.path, 40)));
    let keys = [
        ("environment", "\"staging\"; without it production".to_owned()),
        ("zone", zone),
        ("base_url", asked.unwrap_or_else(|| "\"https://…\": what is launched".to_owned())),
    ];
    for (key, comment) in keys {
        table.insert(key, Item::Value(commented("".into(), &comment)));
    }
    document.insert("room", Item::Table(table));
}

/// A value with a comment behind it.
fn commented(mut value: Value, comment: &str) -> Value {
    if !comment.is_empty() {
        value.decor_mut().set_suffix(format!("  # {comment}"));
    }
    value
}

/// What of an offer does not stand there yet. A name of a metric that somebody took out of the aliases
/// of a signal, or that is new, comes as a signal of its own: what is bound is not made to mean more.
fn missing(document: &DocumentMut, offer: &Offer) -> Option<Offer> {
    let there = names(document, offer.section);
    if !there.iter().any(|name| offer.is_called(name)) {
        return Some(offer.clone());
    }
    if offer.section != Section::Signal {
        return None;
    }
    let known = |name: &&String| !there.iter().any(|t| normal(t) == normal(name));
    let mut open = std::iter::once(&offer.name).chain(&offer.other).filter(known).cloned();
    let mut rest = Offer { name: open.next()?, other: open.collect(), ..offer.clone() };
    rest.keys.retain(|(key, ..)| *key != "aliases");
    if !rest.other.is_empty() {
        let aliases = rest.other.iter().collect::<toml_edit::Array>();
        rest.keys.insert(0, ("aliases", aliases.into(), "a guess".to_owned()));
    }
    Some(rest)
}

impl Offer {
    fn is_called(&self, name: &str) -> bool {
        let wanted = normal(name);
        let known = std::iter::once(&self.name).chain(&self.other);
        match self.section {
            Section::Signal | Section::People | Section::Rule => {
                let mut known = known;
                known.any(|n| normal(n) == wanted || self.section == Section::Rule && means(n, name))
            }
            _ => self.name == name,
        }
    }
}

/// Whether a rule's `of` names a metric, perhaps with a severity behind it.
fn means(metric: &str, of: &str) -> bool {
    let of = meaning(of);
    let of: std::collections::BTreeSet<String> =
        of.into_iter().filter(|w| !(w.len() == 2 && w.starts_with('p'))).collect();
    of == meaning(metric)
}

/// The names of the entries of a section, aliases of signals among them.
fn names(document: &DocumentMut, section: Section) -> Vec<String> {
    match document.get(section.word()) {
        Some(Item::ArrayOfTables(entries)) => {
            entries.iter().flat_map(|entry| entry_names(entry.as_table_like_names(section))).collect()
        }
        Some(Item::Value(Value::Array(entries))) => {
            let tables = entries.iter().filter_map(Value::as_inline_table);
            tables.flat_map(|t| entry_names((t.get(section.key()), t.get("aliases")))).collect()
        }
        Some(item) => item
            .as_table_like()
            .map(|table| table.iter().map(|(key, _)| key.to_owned()).collect())
            .unwrap_or_default(),
        None => vec![],
    }
}

/// The name and the aliases of an entry.
type Named<'a> = (Option<&'a Value>, Option<&'a Value>);

trait AsNamed {
    fn as_table_like_names(&self, section: Section) -> Named<'_>;
}

impl AsNamed for Table {
    fn as_table_like_names(&self, section: Section) -> Named<'_> {
        let value = |key: &str| self.get(key).and_then(Item::as_value);
        (value(section.key()), value("aliases"))
    }
}

fn entry_names((name, aliases): Named<'_>) -> Vec<String> {
    let aliases = aliases.and_then(Value::as_array).into_iter().flatten();
    name.into_iter().chain(aliases).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Adds an entry behind those of its section.
fn add(document: &mut DocumentMut, offer: &Offer) {
    match offer.section {
        Section::Blank | Section::People => add_key(document, offer),
        _ => add_entry(document, offer),
    }
}

fn add_entry(document: &mut DocumentMut, offer: &Offer) {
    let first = document.get(offer.section.word()).is_none();
    let mut table = Table::new();
    table.insert(offer.section.key(), Item::Value(offer.name.as_str().into()));
    for (key, value, comment) in &offer.keys {
        table.insert(key, Item::Value(commented(value.clone(), comment)));
    }
    table.decor_mut().set_prefix(above(offer, first));
    match document.entry(offer.section.word()).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new())) {
        Item::ArrayOfTables(entries) => entries.push(table),
        // Inside a list on one line there is no room for comments.
        Item::Value(Value::Array(entries)) => entries.push(bare(offer)),
        _ => {}
    }
}

fn bare(offer: &Offer) -> InlineTable {
    let mut table = InlineTable::new();
    table.insert(offer.section.key(), offer.name.as_str().into());
    for (key, value, _) in &offer.keys {
        table.insert(*key, value.clone());
    }
    table
}

/// What stands above an entry: a blank line, the section's introduction above its first, its place.
fn above(offer: &Offer, first: bool) -> String {
    let mut out = String::from("\n");
    if first {
        for line in offer.section.intro() {
            out += &format!("# {line}\n");
        }
        if !offer.note.is_empty() {
            out += "\n";
        }
    }
    for (n, line) in offer.note.lines().enumerate() {
        out += &if n == 0 { format!("{OURS}{line}\n") } else { format!("{line}\n") };
    }
    out
}

fn add_key(document: &mut DocumentMut, offer: &Offer) {
    let word = offer.section.word();
    if document.get(word).is_none() {
        let mut table = Table::new();
        let intro: String = offer.section.intro().iter().map(|line| format!("# {line}\n")).collect();
        table.decor_mut().set_prefix(format!("\n{intro}"));
        document.insert(word, Item::Table(table));
    }
    let Some((_, value, _)) = offer.keys.first() else { return };
    match document.get_mut(word) {
        Some(Item::Table(table)) => {
            let comment = format!("{}{}", &OURS[2..], offer.note);
            table.insert(&offer.name, Item::Value(commented(value.clone(), &comment)));
        }
        Some(Item::Value(Value::InlineTable(table))) => drop(table.insert(&offer.name, value.clone())),
        _ => {}
    }
}

/// Marks what was written for parts the plan has no more, and takes marks off parts that are back.
fn mark(document: &mut DocumentMut, offers: &[Offer], draft: &mut Draft) {
    let sections = [Section::Signal, Section::Rule, Section::Flag, Section::Procedure, Section::Channel];
    for section in sections {
        let Some(Item::ArrayOfTables(entries)) = document.get_mut(section.word()) else { continue };
        for entry in entries.iter_mut() {
            let names = entry_names(entry.as_table_like_names(section));
            let there = is_offered(offers, section, &names);
            let prefix = prefix(entry.decor());
            if let Some(changed) = marked(&prefix, there) {
                entry.decor_mut().set_prefix(changed);
            }
            if !there && prefix.contains(OURS) {
                draft.gone.entry(section.word()).or_default().extend(names.into_iter().take(1));
            }
        }
    }
    for section in [Section::Blank, Section::People] {
        mark_keys(document, offers, section, draft);
    }
}

fn mark_keys(document: &mut DocumentMut, offers: &[Offer], section: Section, draft: &mut Draft) {
    let Some(Item::Table(table)) = document.get_mut(section.word()) else { return };
    for (mut key, item) in table.iter_mut() {
        let name = key.get().to_owned();
        let suffix = item.as_value().map(|v| raw(v.decor().suffix())).unwrap_or_default();
        let there = is_offered(offers, section, std::slice::from_ref(&name));
        let ours = suffix.contains(&OURS[2..]);
        let before = raw(key.leaf_decor().prefix());
        let known = format!("{}{before}", if ours { OURS } else { "" });
        if let Some(changed) = marked(&known, there) {
            key.leaf_decor_mut().set_prefix(changed.replacen(OURS, "", 1));
        }
        if !there && ours {
            draft.gone.entry(section.word()).or_default().push(name);
        }
    }
}

fn is_offered(offers: &[Offer], section: Section, names: &[String]) -> bool {
    let mut own = offers.iter().filter(|o| o.section == section);
    own.any(|offer| names.iter().any(|name| offer.is_called(name)))
}

/// What stands above an entry with the mark it should have; none where it is right. An entry without
/// our comment is somebody's own.
fn marked(prefix: &str, there: bool) -> Option<String> {
    let line = format!("{GONE}\n");
    match (prefix.contains(OURS), there, prefix.contains(GONE)) {
        (true, false, false) => Some(format!("{prefix}{line}")),
        (true, true, true) => Some(prefix.replacen(&line, "", 1)),
        _ => None,
    }
}

fn prefix(decor: &toml_edit::Decor) -> String {
    raw(decor.prefix())
}

fn raw(text: Option<&toml_edit::RawString>) -> String {
    text.and_then(toml_edit::RawString::as_str).unwrap_or_default().to_owned()
}
