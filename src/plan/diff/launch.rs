//! Entries for phases, items, limits, levers and who signs.

use super::parts::{Entry, OWNER, Side, TICKED, lasting, measure};
use super::{Part, commands};
use crate::plan::{ItemKind, Phase, Ramp, Threshold, Value};

pub fn title(side: &Side<'_>) -> Vec<Entry> {
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

pub fn items(side: &Side<'_>) -> Vec<Entry> {
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

pub fn limits(side: &Side<'_>) -> Vec<Entry> {
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
    let baseline = t.of_baseline();
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

pub fn triggers(side: &Side<'_>) -> Vec<Entry> {
    let entry = |t: &crate::plan::Trigger| {
        let (procedure, title) = side.procedure_of(t.procedure.as_ref().map(|p| p.as_str()));
        let entry = Entry::new(Part::Trigger, &t.text, t.line).some("severity", t.severity.as_ref());
        entry.with("role", format!("{:?}", t.role).to_lowercase()).meaning("way back", &procedure, title)
    };
    side.plan.triggers.iter().map(entry).collect()
}

pub fn flags(side: &Side<'_>) -> Vec<Entry> {
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

pub fn ramps(side: &Side<'_>) -> Vec<Entry> {
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

pub fn steps(side: &Side<'_>) -> Vec<Entry> {
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

pub fn of_commands(side: &Side<'_>) -> Vec<Entry> {
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

pub fn points(side: &Side<'_>) -> Vec<Entry> {
    let entry = |p: &crate::plan::RollbackPoint| {
        let (phase, name) = side.phase_of(p.phase.as_ref());
        let entry = Entry::new(Part::RollbackPoint, &p.name, p.line).meaning("phase", &phase, name);
        entry.with("condition", p.condition.as_str()).with("action", p.action.as_str())
    };
    side.plan.rollback_points.iter().map(entry).collect()
}
