//! Changing what was misread: each key goes to the parts of the line that have it. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Cmp, Item, ItemKind, Metric, MetricId, Owner, Plan, Role, Threshold, Value};
use super::remove::settle_metrics;
use super::{Part, Scope, named};
use crate::plan::binding::{normal, seconds};
use crate::plan::words::fold;

/// What a part is instead. An empty text takes a unit, severity or window away.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Set {
    /// limit: the metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// limit: how it compares: "<" "<=" ">" ">=" "=" "between" "occurs" "threshold".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cmp: Option<Cmp>,
    /// limit: the number, or low and high; flag: the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Given>,
    /// limit: the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// limit, trigger: "P1".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// limit: how long a breach must last.
    #[serde(rename = "for", deserialize_with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<seconds::Written>")]
    pub hold: Option<f64>,
    /// limit: the measuring window.
    #[serde(deserialize_with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<seconds::Written>")]
    pub over: Option<f64>,
    /// limit, trigger: what it is for: "success" "alert" "rollback" "monitor".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// item: who answers for it: a phase's title, "before", "verification", "after" or "recurring".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// phase: "preflight" "rollout" "validation" "afterwards" "recurring"; procedure: "rollback"
    /// "deploy" "validation" "incident"; item: "task" "table" "action" "criterion".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// phase, procedure, flag, metric: what it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// phase: when it runs: "Day 2-4", "Hours 0-2", "T-24h".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
}

/// A value of a limit or flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number, a list of two, true, false or a text")]
pub enum Given {
    /// A flag that is on or off.
    Switch(bool),
    /// A number.
    Number(f64),
    /// Low and high.
    Range([f64; 2]),
    /// A flag's text.
    Text(String),
}

impl Given {
    fn number(&self) -> Option<Value> {
        match self {
            Given::Number(n) => Some(Value::One(*n)),
            Given::Range(range) => Some(Value::Range(*range)),
            Given::Switch(_) | Given::Text(_) => None,
        }
    }

    pub(super) fn text(&self) -> Option<String> {
        match self {
            Given::Switch(on) => Some(on.to_string()),
            Given::Number(n) => Some(n.to_string()),
            Given::Text(text) => Some(text.clone()),
            Given::Range(_) => None,
        }
    }
}

/// Changes the parts of a scope; what no part took comes back, each as "states no …".
pub(super) fn set(plan: &mut Plan, part: Option<Part>, set: &Set, scope: &Scope<'_>) -> Vec<String> {
    let wants = |kind: Part| part.is_none_or(|wanted| wanted == kind);
    let mut taken: Vec<&'static str> = vec![];
    let mut faults = vec![];
    if wants(Part::Limit) {
        taken.extend(limits(plan, set, scope));
    }
    if wants(Part::Trigger) {
        taken.extend(triggers(plan, set, scope));
    }
    if wants(Part::Item) {
        match items(plan, set, scope) {
            Ok(keys) => taken.extend(keys),
            Err(why) => faults.push(why),
        }
    }
    if wants(Part::Flag) {
        taken.extend(named::flags(plan, set, scope));
    }
    if wants(Part::Phase) {
        taken.extend(named::phases(plan, set, scope));
    }
    if wants(Part::Procedure) {
        taken.extend(named::procedures(plan, set, scope));
    }
    if wants(Part::Metric) {
        taken.extend(named::metrics(plan, set, scope));
    }
    let idle = set.keys().into_iter().filter(|key| !taken.contains(key));
    let idle = idle.map(|key| format!("has nothing whose `{key}` could be set so"));
    if faults.is_empty() { idle.collect() } else { faults }
}

impl Set {
    /// The keys that are given.
    fn keys(&self) -> Vec<&'static str> {
        let given = [
            ("metric", self.metric.is_some()),
            ("cmp", self.cmp.is_some()),
            ("value", self.value.is_some()),
            ("unit", self.unit.is_some()),
            ("severity", self.severity.is_some()),
            ("for", self.hold.is_some()),
            ("over", self.over.is_some()),
            ("role", self.role.is_some()),
            ("owner", self.owner.is_some()),
            ("kind", self.kind.is_some()),
            ("name", self.name.is_some()),
            ("window", self.window.is_some()),
        ];
        given.into_iter().filter(|(_, there)| *there).map(|(key, _)| key).collect()
    }
}

fn given(text: &str) -> Option<String> {
    Some(text.trim()).filter(|t| !t.is_empty()).map(str::to_owned)
}

fn limits(plan: &mut Plan, set: &Set, scope: &Scope<'_>) -> Vec<&'static str> {
    let mut taken = vec![];
    let mut renamed = vec![];
    for limit in plan.thresholds.iter_mut().filter(|t| scope.holds(t.line, &[&t.metric])) {
        if set.metric.is_some() {
            renamed.push((normal(&limit.metric), limit.line));
        }
        taken = limit_keys(limit, set);
    }
    settle_metrics(plan, &renamed);
    if let (Some(name), Some((_, line))) = (&set.metric, renamed.first()) {
        name_metric(plan, name, *line);
    }
    taken
}

fn limit_keys(limit: &mut Threshold, set: &Set) -> Vec<&'static str> {
    let mut taken = vec![];
    if let Some(metric) = &set.metric {
        limit.metric.clone_from(metric);
        taken.push("metric");
    }
    if let Some(cmp) = set.cmp {
        limit.cmp = cmp;
        taken.push("cmp");
    }
    if let Some(value) = set.value.as_ref().and_then(Given::number) {
        limit.value = Some(value);
        taken.push("value");
    }
    if let Some(unit) = &set.unit {
        limit.unit = given(unit);
        taken.push("unit");
    }
    if let Some(severity) = &set.severity {
        limit.severity = given(severity);
        taken.push("severity");
    }
    if let Some(hold) = set.hold {
        limit.hold = Some(hold).filter(|seconds| *seconds > 0.0);
        taken.push("for");
    }
    if let Some(over) = set.over {
        limit.over = Some(over).filter(|seconds| *seconds > 0.0);
        taken.push("over");
    }
    if let Some(role) = set.role {
        limit.role = role;
        taken.push("role");
    }
    taken
}

/// A metric that a correction brings in.
fn name_metric(plan: &mut Plan, name: &str, line: usize) {
    let wanted = normal(name);
    let known = plan
        .metrics
        .iter()
        .any(|m| normal(&m.name) == wanted || m.aliases.iter().any(|a| normal(a) == wanted));
    if !known {
        let id = MetricId(fold(name).replace(' ', "-"));
        let at = plan.metrics.partition_point(|m| m.line <= line);
        plan.metrics.insert(at, Metric { id, name: name.to_owned(), aliases: vec![], line });
    }
}

fn triggers(plan: &mut Plan, set: &Set, scope: &Scope<'_>) -> Vec<&'static str> {
    let mut taken = vec![];
    for trigger in plan.triggers.iter_mut().filter(|t| scope.holds(t.line, &[&t.text])) {
        if let Some(severity) = &set.severity {
            trigger.severity = given(severity);
            taken.push("severity");
        }
        if let Some(role) = set.role {
            trigger.role = role;
            taken.push("role");
        }
    }
    taken
}

fn items(plan: &mut Plan, set: &Set, scope: &Scope<'_>) -> Result<Vec<&'static str>, String> {
    let kind = set.kind.as_deref().and_then(word::<ItemKind>);
    let owner = match &set.owner {
        Some(name) => Some(owner(plan, name)?),
        None => None,
    };
    let mut taken = vec![];
    let top = |plan: &Plan, owner: &Owner| match owner {
        Owner::Phase(id) => plan.phase(id).map(|p| p.parent.clone().unwrap_or_else(|| p.id.clone())),
        _ => None,
    };
    let phase = owner.as_ref().and_then(|o| top(plan, o));
    let held = |item: &&mut Item| scope.holds(item.line, &[&item.text]);
    for item in plan.items.iter_mut().filter(held) {
        if let Some(kind) = kind {
            item.kind = kind;
            taken.push("kind");
        }
        if let Some(owner) = &owner {
            item.owner.clone_from(owner);
            item.phase.clone_from(&phase);
            taken.push("owner");
        }
    }
    if taken.contains(&"owner") {
        unsigned(plan);
    }
    Ok(taken)
}

/// A sign-off lists exactly the items it owns.
fn unsigned(plan: &mut Plan) {
    for signoff in &mut plan.signoffs {
        let own = Owner::SignOff(signoff.id.clone());
        let ids = plan.items.iter().filter(|i| i.owner == own).map(|i| i.id.clone());
        signoff.items = ids.collect();
    }
}

fn owner(plan: &Plan, name: &str) -> Result<Owner, String> {
    let wanted = fold(name);
    Ok(match wanted.as_str() {
        "before" => Owner::Before,
        "verification" => Owner::Verification,
        "after" => Owner::After,
        "recurring" => Owner::Recurring,
        _ => {
            let phase = plan.phases.iter().find(|p| fold(&p.name) == wanted || p.id.as_str() == name);
            let procedure = plan.procedures.iter().find(|p| fold(&p.title) == wanted);
            let signoff = plan.signoffs.iter().find(|s| fold(&s.role) == wanted);
            let owner = phase.map(|p| Owner::Phase(p.id.clone()));
            let owner = owner.or_else(|| procedure.map(|p| Owner::Procedure(p.id.clone())));
            let owner = owner.or_else(|| signoff.map(|s| Owner::SignOff(s.id.clone())));
            owner.ok_or_else(|| format!("cannot go to “{name}”: the plan has no phase of that name"))?
        }
    })
}

/// A word as one of a closed set, as the reading writes it.
pub(super) fn word<T: serde::de::DeserializeOwned>(word: &str) -> Option<T> {
    T::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(word)).ok()
}
