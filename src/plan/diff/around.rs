//! Entries for what stands around a launch: paths, people, messages, incidents, risks.

use super::Part;
use super::parts::{Entry, Side, lasting};

pub fn endpoints(side: &Side<'_>) -> Vec<Entry> {
    let entry = |e: &crate::plan::Endpoint| {
        let mut entry = Entry::new(Part::Endpoint, &format!("{} {}", e.method, e.path), e.line);
        entry.keys.push(e.path.clone());
        entry.some("description", e.description.as_ref())
    };
    side.plan.endpoints.iter().map(entry).collect()
}

pub fn logs(side: &Side<'_>) -> Vec<Entry> {
    side.plan.log_watches.iter().map(|w| Entry::new(Part::Log, &w.pattern, w.line)).collect()
}

pub fn contacts(side: &Side<'_>) -> Vec<Entry> {
    let entry = |c: &crate::plan::Contact| {
        let mut entry = Entry::new(Part::Contact, &c.role, c.line);
        let group = c.group.clone().unwrap_or_default();
        entry.keys = vec![format!("{group}\u{1f}{}", c.role), c.role.clone()];
        entry.section.clone_from(&group);
        entry.some("detail", c.detail.as_ref()).with("group", group)
    };
    side.plan.contacts.iter().map(entry).collect()
}

pub fn messages(side: &Side<'_>) -> Vec<Entry> {
    let entry = |m: &crate::plan::Message| {
        let mut entry = Entry::new(Part::Message, &m.text, m.line);
        entry.keys = vec![format!("{}\u{1f}{}", m.when, m.text), m.text.clone(), m.when.clone()];
        entry.with("when", m.when.as_str()).some("audience", m.audience.as_ref())
    };
    side.plan.messages.iter().map(entry).collect()
}

pub fn templates(side: &Side<'_>) -> Vec<Entry> {
    let entry = |t: &crate::plan::Template| {
        Entry::new(Part::Template, &t.title, t.line).with("body", t.body.as_str())
    };
    side.plan.templates.iter().map(entry).collect()
}

pub fn channels(side: &Side<'_>) -> Vec<Entry> {
    let entry = |c: &crate::plan::Channel| {
        Entry::new(Part::Channel, &c.name, c.line).with("purpose", c.purpose.as_str())
    };
    side.plan.channels.iter().map(entry).collect()
}

pub fn severities(side: &Side<'_>) -> Vec<Entry> {
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

pub fn escalations(side: &Side<'_>) -> Vec<Entry> {
    let entry = |e: &crate::plan::Escalation| {
        Entry::new(Part::Escalation, &e.condition, e.line)
            .with("after", e.after.map(lasting).unwrap_or_default())
    };
    side.plan.escalations.iter().map(entry).collect()
}

pub fn stages(side: &Side<'_>) -> Vec<Entry> {
    let entry = |s: &crate::plan::Stage| {
        let seconds = |s: Option<f64>| s.map(lasting).unwrap_or_default();
        let entry =
            Entry::new(Part::Stage, &s.name, s.line).with("from", seconds(s.from)).with("to", seconds(s.to));
        entry.with("actions", s.actions.join("; "))
    };
    side.plan.stages.iter().map(entry).collect()
}

pub fn scenarios(side: &Side<'_>) -> Vec<Entry> {
    let entry = |s: &crate::plan::Scenario| {
        let entry = Entry::new(Part::Scenario, &s.title, s.line).with("symptoms", s.symptoms.join("; "));
        entry.with("actions", s.actions.join("; ")).with("recovery", s.recovery.join("; "))
    };
    side.plan.scenarios.iter().map(entry).collect()
}

pub fn risks(side: &Side<'_>) -> Vec<Entry> {
    let entry = |r: &crate::plan::Risk| {
        let entry = Entry::new(Part::Risk, &r.title, r.line).some("level", r.level.as_ref());
        entry.some("mitigation", r.mitigation.as_ref()).some("contingency", r.contingency.as_ref())
    };
    side.plan.risks.iter().map(entry).collect()
}

pub fn followups(side: &Side<'_>) -> Vec<Entry> {
    let entry = |f: &crate::plan::FollowUp| {
        let mut entry = Entry::new(Part::FollowUp, &f.text, f.line);
        entry.keys.insert(0, format!("{}\u{1f}{}", f.when.as_deref().unwrap_or(""), f.text));
        entry.some("when", f.when.as_ref())
    };
    side.plan.followups.iter().map(entry).collect()
}
