//! The parts of a plan in one shape: what they are called, where they belong, what is said of them.

use std::collections::HashMap;

use super::{Part, Said, commands};
use crate::plan::{ItemKind, Owner, Phase, PhaseId, Plan, Ramp, Threshold, Value};

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
    fn new(part: Part, name: &str, line: usize) -> Self {
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
    fn with(self, name: &str, shown: impl Into<String>) -> Self {
        let shown = shown.into();
        self.meaning(name, &shown.clone(), shown)
    }

    fn meaning(mut self, name: &str, means: &str, shown: String) -> Self {
        if !means.is_empty() {
            self.facets.push(Facet { name: name.to_owned(), means: means.to_owned(), shown });
        }
        self
    }

    fn some(self, name: &str, shown: Option<&String>) -> Self {
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

    fn phase_of(&self, id: Option<&PhaseId>) -> (String, String) {
        let name = id.and_then(|id| self.plan.phase(id)).map_or_else(String::new, |p| p.name.clone());
        (id.map_or_else(String::new, |id| self.phase_key(id.as_str())), name)
    }

    fn procedure_of(&self, id: Option<&str>) -> (String, String) {
        let title = self.plan.procedures.iter().find(|p| Some(p.id.as_str()) == id).map(|p| p.title.clone());
        (id.map_or_else(String::new, |id| self.procedure_key(id)), title.unwrap_or_default())
    }

    /// Key and name of whoever answers for an item.
    fn owner(&self, owner: &Owner) -> (String, String) {
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
    title,
    items,
    limits,
    triggers,
    flags,
    ramps,
    steps,
    of_commands,
    points,
    endpoints,
    logs,
    contacts,
    messages,
    templates,
    channels,
    severities,
    escalations,
    stages,
    scenarios,
    risks,
    followups,
];

fn title(side: &Side<'_>) -> Vec<Entry> {
    let mut entry = Entry::new(Part::Title, &side.plan.title, 1);
    entry.keys = vec!["title".to_owned()];
    vec![entry]
}

pub fn phases(side: &Side<'_>) -> Vec<Entry> {
    let entry = |p: &Phase| {
        let window = p.window.as_ref().map(|w| w.text.clone()).unwrap_or_default();
        let zone = p.window.as_ref().and_then(|w| w.zone.clone()).unwrap_or_default();
        let share = p.share.as_ref().map(|s| measure(s.value, &s.unit)).unwrap_or_default();
        let parent = p.parent.as_ref().and_then(|id| side.plan.phase(id)).map(|p| p.name.clone());
        let mut entry = Entry::new(Part::Phase, &p.name, p.line);
        entry.section = parent.clone().unwrap_or_default();
        entry.id = p.id.0.clone();
        entry.keys = vec![format!("{}\u{1f}{}", entry.section, p.name), p.name.clone(), p.id.0.clone()];
        let entry = entry.with("window", window).with("zone", zone).with("share", share);
        entry.with("kind", format!("{:?}", p.kind).to_lowercase()).some("part of", parent.as_ref())
    };
    side.plan.phases.iter().map(entry).collect()
}

pub fn procedures(side: &Side<'_>) -> Vec<Entry> {
    let entry = |p: &crate::plan::Procedure| {
        let mut entry = Entry::new(Part::Procedure, &p.title, p.line);
        entry.id = p.id.0.clone();
        entry.keys = vec![p.id.0.clone(), p.title.clone()];
        let entry = entry.with("kind", format!("{:?}", p.kind).to_lowercase());
        entry.with("target", p.target.map(lasting).unwrap_or_default())
    };
    side.plan.procedures.iter().map(entry).collect()
}

pub fn signoffs(side: &Side<'_>) -> Vec<Entry> {
    let entry =
        |s: &crate::plan::SignOff| Entry { id: s.id.0.clone(), ..Entry::new(Part::SignOff, &s.role, s.line) };
    side.plan.signoffs.iter().map(entry).collect()
}

fn items(side: &Side<'_>) -> Vec<Entry> {
    let entry = |i: &crate::plan::Item| {
        let (key, name) = side.owner(&i.owner);
        let mut entry = Entry::new(Part::Item, &i.text, i.line);
        entry.keys = vec![format!("{key}\u{1f}{}", i.text), i.id.0.clone(), i.text.clone()];
        entry.section.clone_from(&key);
        entry.place.clone_from(&name);
        let kind = match i.kind {
            ItemKind::Task | ItemKind::Table => "task",
            ItemKind::Action => "bullet",
            ItemKind::Criterion => "criterion of the gate",
        };
        let flag = i.flag.as_ref().map(|f| format!("{} = {}", f.name, f.value)).unwrap_or_default();
        let ticked = if i.checked { "ticked" } else { "open" };
        entry.meaning(OWNER, &key, name).with(TICKED, ticked).with("kind", kind).with("flag", flag)
    };
    side.plan.items.iter().map(entry).collect()
}

fn limits(side: &Side<'_>) -> Vec<Entry> {
    let entry = |t: &Threshold| {
        let (phase, name) = side.phase_of(t.phase.as_ref());
        let (procedure, title) = side.procedure_of(t.procedure.as_ref().map(|p| p.as_str()));
        let role = format!("{:?}", t.role).to_lowercase();
        let severity = t.severity.clone().unwrap_or_default();
        let metric = t.metric.to_lowercase();
        let mut entry = Entry::new(Part::Limit, &t.metric, t.line);
        entry.keys = vec![
            [&metric, &phase, &role, &severity, t.cmp.as_str(), &limit(t)].map(String::from).join("\u{1f}"),
            [&metric, &phase, &role, &severity, t.cmp.as_str()].map(String::from).join("\u{1f}"),
            [&metric, &phase, &role, &severity].map(String::from).join("\u{1f}"),
            [&metric, &phase, &role].map(String::from).join("\u{1f}"),
            metric,
        ];
        entry.section = format!("{phase}\u{1f}{role}");
        entry.place.clone_from(&name);
        let seconds = |s: Option<f64>| s.map(lasting).unwrap_or_default();
        let cooldown = t.cooldown.as_ref().map(|c| measure(c.value, c.unit.as_deref().unwrap_or("")));
        let entry = entry.with("limit", limit(t)).with("for", seconds(t.hold)).with("over", seconds(t.over));
        let entry = entry.with("severity", severity).with("role", role).meaning("phase", &phase, name);
        entry.some("cooldown", cooldown.as_ref()).meaning("way back", &procedure, title)
    };
    side.plan.thresholds.iter().map(entry).collect()
}

/// "> 5 %", "200 to 500 ms", "lasts".
fn limit(t: &Threshold) -> String {
    let unit = t.unit.as_deref().unwrap_or("");
    let baseline = if t.baseline { " of the baseline" } else { "" };
    let number = match t.value {
        Some(Value::One(value)) => measure(value, unit),
        Some(Value::Range([low, high])) => format!("{low} to {}", measure(high, unit)),
        None => return "lasts".to_owned(),
    };
    match t.cmp.as_str() {
        "between" => format!("{number}{baseline}"),
        "threshold" => format!("limit {number}{baseline}"),
        cmp => format!("{cmp} {number}{baseline}"),
    }
}

fn measure(value: f64, unit: &str) -> String {
    format!("{value} {unit}").trim_end().to_owned()
}

fn lasting(seconds: f64) -> String {
    let units = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min")];
    match units.into_iter().find(|(unit, _)| seconds >= *unit && seconds % unit == 0.0) {
        Some((unit, word)) => format!("{} {word}", seconds / unit),
        None => format!("{seconds} s"),
    }
}

fn triggers(side: &Side<'_>) -> Vec<Entry> {
    let entry = |t: &crate::plan::Trigger| {
        let (procedure, title) = side.procedure_of(t.procedure.as_ref().map(|p| p.as_str()));
        let entry = Entry::new(Part::Trigger, &t.text, t.line).some("severity", t.severity.as_ref());
        entry.with("role", format!("{:?}", t.role).to_lowercase()).meaning("way back", &procedure, title)
    };
    side.plan.triggers.iter().map(entry).collect()
}

fn flags(side: &Side<'_>) -> Vec<Entry> {
    let entry = |f: &crate::plan::Flag| {
        let mut entry = Entry::new(Part::Flag, &f.name, f.line).some("value", f.value.as_ref());
        for stage in &f.stages {
            let (_, phase) = side.phase_of(Some(&stage.phase));
            let condition = stage.condition.as_deref().map(|c| format!(", {c}")).unwrap_or_default();
            entry = entry.with(&format!("value in {phase}"), format!("{}{condition}", stage.value));
        }
        entry
    };
    side.plan.flags.iter().map(entry).collect()
}

fn ramps(side: &Side<'_>) -> Vec<Entry> {
    let entry = |(n, ramp): (usize, &Ramp)| {
        let name = ramp.flag.clone().unwrap_or_else(|| "rollout".to_owned());
        let rung = |r: &crate::plan::Rung| {
            let when =
                [&r.when, &r.condition].into_iter().flatten().map(|w| format!(" ({w})")).collect::<String>();
            let value = r.value.map_or_else(|| r.unit.clone(), |v| measure(v, &r.unit));
            format!("{value}{when}")
        };
        let rungs: Vec<String> = ramp.rungs.iter().map(rung).collect();
        let mut entry = Entry::new(Part::Ramp, &name, ramp.rungs.first().map_or(0, |r| r.line));
        entry.keys = vec![format!("{name}\u{1f}{}", rungs.join("\u{1f}")), format!("{name} {n}"), name];
        entry.with("steps", rungs.join(", "))
    };
    side.plan.ramps.iter().enumerate().map(entry).collect()
}

fn steps(side: &Side<'_>) -> Vec<Entry> {
    let mut all = vec![];
    for procedure in &side.plan.procedures {
        let key = side.procedure_key(procedure.id.as_str());
        for step in &procedure.steps {
            let mut entry = Entry::new(Part::Step, &step.text, step.line);
            entry.keys = vec![format!("{key}\u{1f}{}", step.text)];
            entry.section.clone_from(&key);
            entry.place.clone_from(&procedure.title);
            all.push(entry);
        }
    }
    all
}

fn of_commands(side: &Side<'_>) -> Vec<Entry> {
    let mut all = vec![];
    for procedure in &side.plan.procedures {
        let key = side.procedure_key(procedure.id.as_str());
        for command in commands(procedure) {
            let mut entry = Entry::new(Part::Command, &command.text, command.line);
            entry.name = crate::plan::headline(&command.text).to_owned();
            entry.keys = vec![format!("{key}\u{1f}{}", command.text), command.text.clone()];
            entry.section.clone_from(&key);
            entry.place.clone_from(&procedure.title);
            entry.executable = true;
            let entry = entry.with("language", command.language.as_str());
            all.push(entry.meaning("procedure", &key, procedure.title.clone()));
        }
    }
    all
}

fn points(side: &Side<'_>) -> Vec<Entry> {
    let entry = |p: &crate::plan::RollbackPoint| {
        let (phase, name) = side.phase_of(p.phase.as_ref());
        let entry = Entry::new(Part::RollbackPoint, &p.name, p.line).meaning("phase", &phase, name);
        entry.with("condition", p.condition.as_str()).with("action", p.action.as_str())
    };
    side.plan.rollback_points.iter().map(entry).collect()
}

fn endpoints(side: &Side<'_>) -> Vec<Entry> {
    let entry = |e: &crate::plan::Endpoint| {
        let mut entry = Entry::new(Part::Endpoint, &format!("{} {}", e.method, e.path), e.line);
        entry.keys.push(e.path.clone());
        entry.some("description", e.description.as_ref())
    };
    side.plan.endpoints.iter().map(entry).collect()
}

fn logs(side: &Side<'_>) -> Vec<Entry> {
    side.plan.log_watches.iter().map(|w| Entry::new(Part::Log, &w.pattern, w.line)).collect()
}

fn contacts(side: &Side<'_>) -> Vec<Entry> {
    let entry = |c: &crate::plan::Contact| {
        let mut entry = Entry::new(Part::Contact, &c.role, c.line);
        let group = c.group.clone().unwrap_or_default();
        entry.keys = vec![format!("{group}\u{1f}{}", c.role), c.role.clone()];
        entry.section.clone_from(&group);
        entry.some("detail", c.detail.as_ref()).with("group", group)
    };
    side.plan.contacts.iter().map(entry).collect()
}

fn messages(side: &Side<'_>) -> Vec<Entry> {
    let entry = |m: &crate::plan::Message| {
        let mut entry = Entry::new(Part::Message, &m.text, m.line);
        entry.keys = vec![format!("{}\u{1f}{}", m.when, m.text), m.text.clone(), m.when.clone()];
        entry.with("when", m.when.as_str()).some("audience", m.audience.as_ref())
    };
    side.plan.messages.iter().map(entry).collect()
}

fn templates(side: &Side<'_>) -> Vec<Entry> {
    let entry = |t: &crate::plan::Template| {
        Entry::new(Part::Template, &t.title, t.line).with("body", t.body.as_str())
    };
    side.plan.templates.iter().map(entry).collect()
}

fn channels(side: &Side<'_>) -> Vec<Entry> {
    let entry = |c: &crate::plan::Channel| {
        Entry::new(Part::Channel, &c.name, c.line).with("purpose", c.purpose.as_str())
    };
    side.plan.channels.iter().map(entry).collect()
}

fn severities(side: &Side<'_>) -> Vec<Entry> {
    let entry = |s: &crate::plan::Severity| {
        let seconds = |s: Option<f64>| s.map(lasting).unwrap_or_default();
        let mut entry = Entry::new(Part::Severity, &format!("{} {}", s.level, s.name), s.line);
        entry.keys.push(s.level.clone());
        entry
            .with("response", seconds(s.respond))
            .with("update", seconds(s.update))
            .with("examples", s.examples.join("; "))
    };
    side.plan.severities.iter().map(entry).collect()
}

fn escalations(side: &Side<'_>) -> Vec<Entry> {
    let entry = |e: &crate::plan::Escalation| {
        Entry::new(Part::Escalation, &e.condition, e.line)
            .with("after", e.after.map(lasting).unwrap_or_default())
    };
    side.plan.escalations.iter().map(entry).collect()
}

fn stages(side: &Side<'_>) -> Vec<Entry> {
    let entry = |s: &crate::plan::Stage| {
        let seconds = |s: Option<f64>| s.map(lasting).unwrap_or_default();
        let entry =
            Entry::new(Part::Stage, &s.name, s.line).with("from", seconds(s.from)).with("to", seconds(s.to));
        entry.with("actions", s.actions.join("; "))
    };
    side.plan.stages.iter().map(entry).collect()
}

fn scenarios(side: &Side<'_>) -> Vec<Entry> {
    let entry = |s: &crate::plan::Scenario| {
        let entry = Entry::new(Part::Scenario, &s.title, s.line).with("symptoms", s.symptoms.join("; "));
        entry.with("actions", s.actions.join("; ")).with("recovery", s.recovery.join("; "))
    };
    side.plan.scenarios.iter().map(entry).collect()
}

fn risks(side: &Side<'_>) -> Vec<Entry> {
    let entry = |r: &crate::plan::Risk| {
        let entry = Entry::new(Part::Risk, &r.title, r.line).some("level", r.level.as_ref());
        entry.some("mitigation", r.mitigation.as_ref()).some("contingency", r.contingency.as_ref())
    };
    side.plan.risks.iter().map(entry).collect()
}

fn followups(side: &Side<'_>) -> Vec<Entry> {
    let entry = |f: &crate::plan::FollowUp| {
        let mut entry = Entry::new(Part::FollowUp, &f.text, f.line);
        entry.keys.insert(0, format!("{}\u{1f}{}", f.when.as_deref().unwrap_or(""), f.text));
        entry.some("when", f.when.as_ref())
    };
    side.plan.followups.iter().map(entry).collect()
}
