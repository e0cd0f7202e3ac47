//! The parts of a plan in one shape: what they are called, where they belong, what is said of them.

use std::collections::HashMap;

use super::{Part, Said, around, launch};
use crate::plan::{Owner, PhaseId, Plan};

/// The aspect that says whose an item is.
pub const OWNER: &str = "owner";
/// The aspect that says whether the file has an item ticked.
pub const TICKED: &str = "ticked";

/// One aspect of a part.
#[derive(Clone, Debug)]
pub struct Facet {
    pub name: String,
    /// What is compared.
    pub means: String,
    /// What a person is told.
    pub shown: String,
}

/// One part.
#[derive(Clone, Debug)]
pub struct Entry {
    pub part: Part,
    pub id: String,
    /// What it is paired by, the surest first.
    pub keys: Vec<String>,
    /// Only entries of one section are compared by their text.
    pub section: String,
    pub name: String,
    /// The phase or procedure it belongs to, as its plan calls it.
    pub place: String,
    /// What is reworded where it differs.
    pub text: String,
    pub line: usize,
    pub facets: Vec<Facet>,
    pub executable: bool,
    /// Whether it comes and goes with another part, which is told instead.
    pub inner: bool,
}

impl Entry {
    pub fn new(part: Part, name: &str, line: usize) -> Self {
        Self {
            part,
            id: name.to_owned(),
            keys: vec![name.to_owned()],
            section: String::new(),
            name: name.to_owned(),
            place: String::new(),
            text: name.to_owned(),
            line,
            facets: vec![],
            executable: false,
            inner: false,
        }
    }

    /// With an aspect, unless it is empty.
    pub fn with(self, name: &str, shown: impl Into<String>) -> Self {
        let shown = shown.into();
        self.meaning(name, &shown.clone(), shown)
    }

    pub fn meaning(mut self, name: &str, means: &str, shown: String) -> Self {
        if !means.is_empty() {
            self.facets.push(Facet { name: name.to_owned(), means: means.to_owned(), shown });
        }
        self
    }

    pub fn some(self, name: &str, shown: Option<&String>) -> Self {
        self.with(name, shown.cloned().unwrap_or_default())
    }

    pub fn said(&self) -> Said {
        Said { line: self.line, text: self.text.clone() }
    }
}

/// What the new plan calls what the old one has, by id.
#[derive(Default)]
pub struct Names {
    pub phases: HashMap<String, String>,
    pub procedures: HashMap<String, String>,
    pub signoffs: HashMap<String, String>,
}

/// A plan, and what its ids are called in the comparison.
pub struct Side<'a> {
    pub plan: &'a Plan,
    names: Names,
}

impl<'a> Side<'a> {
    pub fn new(plan: &'a Plan, names: Names) -> Self {
        Self { plan, names }
    }

    pub fn phase_key(&self, id: &str) -> String {
        self.names.phases.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    pub fn procedure_key(&self, id: &str) -> String {
        self.names.procedures.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    pub fn phase_of(&self, id: Option<&PhaseId>) -> (String, String) {
        let name = id.and_then(|id| self.plan.phase(id)).map_or_else(String::new, |p| p.name.clone());
        (id.map_or_else(String::new, |id| self.phase_key(id.as_str())), name)
    }

    pub fn procedure_of(&self, id: Option<&str>) -> (String, String) {
        let title = self.plan.procedures.iter().find(|p| Some(p.id.as_str()) == id).map(|p| p.title.clone());
        (id.map_or_else(String::new, |id| self.procedure_key(id)), title.unwrap_or_default())
    }

    /// Key and name of whoever answers for an item.
    pub fn owner(&self, owner: &Owner) -> (String, String) {
        let plain = |name: &str| (name.to_owned(), name.to_owned());
        match owner {
            Owner::Phase(id) => self.phase_of(Some(id)),
            Owner::Before => plain("Before"),
            Owner::Verification => plain("Verification"),
            Owner::After => plain("After"),
            Owner::Recurring => plain("Recurring"),
            Owner::SignOff(id) => {
                let key = self.names.signoffs.get(id.as_str()).cloned();
                let role = self.plan.signoffs.iter().find(|s| s.id == *id).map(|s| s.role.clone());
                (key.unwrap_or_else(|| id.0.clone()), role.unwrap_or_default())
            }
            Owner::Procedure(id) => self.procedure_of(Some(id.as_str())),
        }
    }
}

/// How the parts of one kind are listed.
pub type List = fn(&Side<'_>) -> Vec<Entry>;

/// The kinds that are no owners of others.
pub const LISTS: &[List] = &[
    launch::title,
    launch::items,
    launch::limits,
    launch::triggers,
    launch::flags,
    launch::ramps,
    launch::steps,
    launch::of_commands,
    launch::points,
    around::endpoints,
    around::logs,
    around::contacts,
    around::messages,
    around::templates,
    around::channels,
    around::severities,
    around::escalations,
    around::stages,
    around::scenarios,
    around::risks,
    around::followups,
];

/// "5 %".
pub fn measure(value: f64, unit: &str) -> String {
    format!("{value} {unit}").trim_end().to_owned()
}

/// "5 min", "2 h", "30 d".
pub fn lasting(seconds: f64) -> String {
    let units = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min")];
    match units.into_iter().find(|(unit, _)| seconds >= *unit && seconds % unit == 0.0) {
        Some((unit, word)) => format!("{} {word}", seconds / unit),
        None => format!("{seconds} s"),
    }
}
