//! Limits in configuration: alert rules in JSON and YAML, keys that name a threshold.
//!
//! Feeds the same maker as `limits` and `limit_tables`.

use super::config::{Leaf, leaves};
use super::judge::{is_metric, says_rollback};
use super::limit::scan;
use super::limits::{IN, Maker};
use super::outline::{Block, Kind};
use super::span::first_span;
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, has_any, number_at};
use super::{Cmp, Cooldown, Role, Threshold, ThresholdId, Value};

impl Maker<'_> {
    /// Alert rules in JSON or YAML: objects with a `threshold`, Prometheus rules with an `expr`.
    pub(super) fn fence(&mut self, block: &Block) {
        let Kind::Fence { language } = &block.kind else { return };
        if matches!(language.as_str(), "markdown" | "md" | "promql") {
            return self.told(block, language == "promql");
        }
        let read = matches!(language.as_str(), "json" | "yaml" | "yml" | "jsonc" | "json5" | "");
        let fits = read || matches!(language.as_str(), "js" | "javascript" | "ts" | "typescript");
        if !fits || self.outline.within(block.scope, TEMPLATE) {
            return;
        }
        self.listed(block);
        let all = leaves(block.text());
        let spoken = self.outline.within(block.scope, IN)
            || (0..all.len()).any(|i| pair(&all, i).is_some_and(|p| p.over.or(p.hold).is_some()))
            || all.iter().any(|l| l.path.iter().any(|k| has_any(&fold(k), SPOKEN)));
        if !spoken {
            return;
        }
        let lines: Vec<&str> = block.text().lines().collect();
        for (i, leaf) in all.iter().enumerate() {
            if let Some(pair) = pair(&all, i) {
                self.paired(block, lines.get(leaf.line).copied().unwrap_or(""), leaf, &pair);
            }
            let raw = lines.get(leaf.line).copied().unwrap_or("");
            self.criterion(block, raw, leaf);
            self.in_range(block, raw, leaf, &all, i);
            let key = leaf.path.last().map_or("", String::as_str);
            if matches!(key, "threshold" | "expr" | "condition" | "limit" | "query") {
                let near = beside(&all, i);
                self.rule(block, lines.get(leaf.line).copied().unwrap_or(""), leaf, key, &near);
            }
        }
    }

    /// "Success:" over "- Hook time <500ms": criteria as a list of sentences.
    fn listed(&mut self, block: &Block) {
        let mut role = None;
        for (line, raw) in block.text().lines().enumerate() {
            let Some(said) = raw.trim_start().strip_prefix("- ") else {
                role = raw.trim().strip_suffix(':').and_then(aim_of);
                continue;
            };
            let Some(role) = role.filter(|_| said.len() < 200) else { continue };
            let leaf = Leaf { path: Vec::new(), value: said.to_owned(), line };
            for l in scan(said).into_iter().filter(|l| l.sign && !l.metric.is_empty()) {
                let read =
                    Read { metric: l.metric, cmp: l.cmp, value: l.value, unit: l.unit, hold: l.hold, role };
                self.add(block, raw, &leaf, read);
            }
        }
    }

    /// "error_rate_threshold: 5%" with its "error_rate_window: 10m".
    fn paired(&mut self, block: &Block, raw: &str, leaf: &Leaf, pair: &Pair) {
        let Some(number) = number_at(&leaf.value, 0) else { return };
        let map = leaf.path.iter().rev().skip(1).find_map(|key| role_of(key));
        let back = if self.goes_back(block, leaf) { Role::Rollback } else { Role::Alert };
        self.out.push(Threshold {
            id: ThresholdId(self.ids.hash(&pair.metric, &leaf.value)),
            metric: pair.metric.clone(),
            cmp: Cmp::Threshold,
            value: Some(Value::One(number.value)),
            unit: unit_behind(&leaf.value[number.end..]),
            hold: pair.hold,
            over: pair.over,
            severity: None,
            role: map.unwrap_or(back),
            phase: self.phases.top(block.scope),
            line: block.body + leaf.line,
            text: raw.trim().to_owned(),
            cooldown: None,
            baseline: false,
            procedure: None,
        });
    }

    /// Whether a key stands where ways back are spoken of.
    fn goes_back(&self, block: &Block, leaf: &Leaf) -> bool {
        let back = |key: &String| has_any(&fold(key), &["rollback", "abort", "revert", "roll back"]);
        leaf.path.iter().any(back) || self.outline.within(block.scope, TRIGGER.and(ROLLBACK))
    }

    /// "rollback_criteria: { error_rate: > 5% }": a map whose keys are metrics.
    fn criterion(&mut self, block: &Block, raw: &str, leaf: &Leaf) {
        let Some((key, home)) = leaf.path.split_last() else { return };
        let Some(role) = home.last().and_then(|map| role_of(map)) else { return };
        let name = fold(key);
        let most = ["max ", "maximum "].iter().find_map(|m| name.strip_prefix(m));
        let least = ["min ", "minimum "].iter().find_map(|m| name.strip_prefix(m));
        let stem = key.trim_start_matches("max_").trim_start_matches("min_");
        let spans =
            words! { "duration" "time" "window" "interval" "period" "cooldown" "timeout" "count" "retries" };
        if stem.to_lowercase().ends_with("threshold") || !is_metric(&name) || spans.contains(&name.as_str()) {
            return;
        }
        let text = leaf.value.trim();
        let said = scan(text).into_iter().find(|l| l.metric.is_empty() && l.sign);
        let bare = number_at(text, 0).filter(|n| text[n.end..].trim().len() <= 8);
        let (cmp, value, unit, hold) = match (said, bare) {
            (Some(l), _) => (l.cmp, l.value, l.unit, l.hold),
            (None, Some(n)) => (Cmp::Threshold, Some(Value::One(n.value)), unit_behind(&text[n.end..]), None),
            _ => return,
        };
        let cmp = match cmp {
            Cmp::Threshold if most.is_some() => Cmp::AtMost,
            Cmp::Threshold if least.is_some() => Cmp::AtLeast,
            said => said,
        };
        self.add(block, raw, leaf, Read { metric: stem.to_owned(), cmp, value, unit, hold, role });
    }

    /// "thresholdRange: { min: 99 }" of a canary's metric.
    fn in_range(&mut self, block: &Block, raw: &str, leaf: &Leaf, all: &[Leaf], at: usize) {
        let [home @ .., range, end] = leaf.path.as_slice() else { return };
        let cmp = match end.as_str() {
            "min" => Cmp::AtLeast,
            "max" => Cmp::AtMost,
            _ => return,
        };
        let named = all[at.saturating_sub(8)..at].iter().rev().find(|l| {
            l.path.len() == home.len() + 1
                && l.path.starts_with(home)
                && l.path.last().is_some_and(|k| k == "name")
        });
        let Some(number) = number_at(&leaf.value, 0).filter(|_| range == "thresholdRange") else { return };
        let Some(metric) = named.map(|l| l.value.clone()) else { return };
        let unit = unit_behind(&leaf.value[number.end..]);
        let value = Some(Value::One(number.value));
        self.add(block, raw, leaf, Read { metric, cmp, value, unit, hold: None, role: Role::Success });
    }

    pub(super) fn add(&mut self, block: &Block, raw: &str, leaf: &Leaf, read: Read) {
        self.out.push(Threshold {
            id: ThresholdId(self.ids.hash(&read.metric, &leaf.value)),
            metric: read.metric,
            cmp: read.cmp,
            value: read.value,
            unit: read.unit,
            hold: read.hold,
            over: None,
            severity: None,
            role: read.role,
            phase: self.phases.top(block.scope),
            line: block.body + leaf.line,
            text: raw.trim().to_owned(),
            cooldown: None,
            baseline: false,
            procedure: None,
        });
    }

    fn rule(&mut self, block: &Block, raw: &str, leaf: &Leaf, key: &str, near: &[&Leaf]) {
        let get = |names: &[&str]| {
            near.iter()
                .find(|l| l.path.last().is_some_and(|k| names.contains(&k.as_str())))
                .map(|l| l.value.as_str())
        };
        let parent = leaf.path.len().checked_sub(2).and_then(|i| leaf.path.get(i)).cloned();
        // "analysis: { threshold: 5 }" of a canary counts failed checks.
        if parent.as_deref().is_some_and(|p| matches!(p, "analysis" | "strategy" | "spec")) {
            return;
        }
        let name = get(&["alert", "name", "metric"]).map(str::to_owned).or(parent).unwrap_or_default();
        let text = leaf.value.trim();
        let scanned = scan(text).into_iter().rev().find(|l| l.cmp != Cmp::Threshold && l.cmp != Cmp::Occurs);
        let bare = number_at(text, 0).map(|n| (Value::One(n.value), unit_behind(&text[n.end..])));
        let named = scanned.as_ref().map(|l| l.metric.clone());
        let plain = named.filter(|m| key == "condition" && !m.is_empty() && !m.contains(['(', '[', '{']));
        let name = plain.unwrap_or(name);
        let (cmp, value, unit) = match (scanned, bare) {
            (Some(limit), _) => (limit.cmp, limit.value, limit.unit),
            (None, Some((value, unit))) if matches!(key, "threshold" | "limit") => (
                operator(get(&["operator", "comparison", "op", "comparisonOperator", "comparison_operator"])),
                Some(value),
                unit,
            ),
            _ => return,
        };
        let line = block.body + leaf.line;
        let back = get(&["action"]).map_or_else(|| self.goes_back(block, leaf), says_rollback);
        let role = if back { Role::Rollback } else { Role::Alert };
        let cooldown = get(&["cooldown", "cooldown_minutes", "cooldownMinutes"]).and_then(cooldown);
        let hold = get(&["for", "duration", "hold", "pending", "sustained"]).and_then(first_span);
        let over = get(&["window", "period", "interval", "range"]).and_then(first_span);
        let severity = get(&["severity", "priority", "level"]).map(str::to_owned);
        let id = ThresholdId(self.ids.hash(&name, text));
        self.out.push(Threshold {
            id,
            metric: name,
            cmp,
            value,
            unit,
            hold,
            over,
            severity,
            role,
            phase: self.phases.top(block.scope),
            line,
            text: raw.trim().to_owned(),
            cooldown,
            baseline: false,
            procedure: None,
        });
    }
}

/// What a key and its value say.
pub(super) struct Read {
    pub(super) metric: String,
    pub(super) cmp: Cmp,
    pub(super) value: Option<Value>,
    pub(super) unit: Option<String>,
    pub(super) hold: Option<f64>,
    pub(super) role: Role,
}

/// Words in a key that say that a block is about limits.
const SPOKEN: &[&str] = words! {
    "alert" "alerts" "alerting" "rollback" "abort" "slo" "slos" "thresholdrange" "thresholds" "guardrails" "criteria"
};

/// What the sentences of a list are for, by the word over it: "Success".
fn aim_of(key: &str) -> Option<Role> {
    match fold(key).as_str() {
        "success" | "pass" | "exit" | "go" | "gate" | "gates" | "criteria" => Some(Role::Success),
        "rollback" | "abort" | "stop" | "fail" | "no go" | "triggers" => Some(Role::Rollback),
        _ => role_of(key),
    }
}

/// What the limits of a map are for, by its key: "rollback_criteria".
fn role_of(map: &str) -> Option<Role> {
    const MAPS: [(&[&str], Role); 3] = [
        (
            words! {
                "rollback criteria" "rollback triggers" "rollback thresholds" "rollback conditions" "rollback if"
                "rollback on" "abort criteria" "abort conditions" "abort if" "auto rollback" "stop conditions"
            },
            Role::Rollback,
        ),
        (
            words! { "alert thresholds" "alerts" "alert rules" "alerting thresholds" "thresholds" },
            Role::Alert,
        ),
        (
            words! { "success criteria" "slo" "slos" "slo targets" "promotion criteria" "guardrails" "exit criteria" "success metrics" },
            Role::Success,
        ),
    ];
    // "rollbackCriteria" is the same word as "rollback_criteria".
    let joined = fold(map).replace(' ', "");
    let is = |name: &&str| name.split(' ').collect::<String>() == joined;
    MAPS.iter().find(|(names, _)| names.iter().any(is)).map(|(_, role)| *role)
}

/// A limit whose key names its metric, with the spans that keys beside it give.
struct Pair {
    metric: String,
    hold: Option<f64>,
    over: Option<f64>,
}

fn pair(all: &[Leaf], at: usize) -> Option<Pair> {
    let leaf = &all[at];
    let (key, home) = leaf.path.split_last()?;
    let stem = ["_threshold", "-threshold", "Threshold"].iter().find_map(|end| key.strip_suffix(end))?;
    let near = all[at.saturating_sub(8)..all.len().min(at + 9)].iter();
    let beside: Vec<_> =
        near.filter(|l| l.path.len() == leaf.path.len() && l.path.starts_with(home)).collect();
    let span = |ends: &[&str]| {
        let named = |l: &&&Leaf| {
            let rest = l.path.last().and_then(|k| k.strip_prefix(stem));
            rest.is_some_and(|end| ends.contains(&end.trim_start_matches(['_', '-']).to_lowercase().as_str()))
        };
        beside.iter().find(named).and_then(|l| first_span(&l.value))
    };
    let (hold, over) = (span(&["for", "duration", "sustained"]), span(&["window", "period", "interval"]));
    (!stem.is_empty()).then(|| Pair { metric: stem.to_owned(), hold, over })
}

/// The leaves of the same object, and what hangs below its `labels`.
fn beside(all: &[Leaf], at: usize) -> Vec<&Leaf> {
    let parent = &all[at].path[..all[at].path.len() - 1];
    let near = |i: usize| all.get(i).filter(|l| l.path.starts_with(parent));
    let names = |l: &&Leaf| matches!(l.path.last().map(String::as_str), Some("alert" | "name" | "metric"));
    let mut from = at;
    while from > 0 && near(from - 1).is_some() && at - from < 16 {
        from -= 1;
        if near(from).is_some_and(|l| names(&l)) {
            break;
        }
    }
    let own = (from..all.len().min(at + 16)).map_while(near).enumerate();
    own.take_while(|(i, l)| *i == 0 || from + i <= at || !names(l)).map(|(_, l)| l).collect()
}

fn unit_behind(rest: &str) -> Option<String> {
    let unit = rest.trim();
    (!unit.is_empty() && unit.len() <= 16).then(|| unit.to_owned())
}

fn operator(word: Option<&str>) -> Cmp {
    match word.map(fold_operator).as_deref() {
        Some(">" | "gt" | "above" | "greater_than" | "greaterthan") => Cmp::More,
        Some(">=" | "gte") => Cmp::AtLeast,
        Some("<" | "lt" | "below" | "less_than" | "lessthan") => Cmp::Less,
        Some("<=" | "lte") => Cmp::AtMost,
        _ => Cmp::Threshold,
    }
}

fn fold_operator(word: &str) -> String {
    word.trim().to_lowercase()
}

fn cooldown(text: &str) -> Option<Cooldown> {
    let number = number_at(text, 0)?;
    let unit = text[number.end..].trim();
    Some(Cooldown { value: number.value, unit: (!unit.is_empty()).then(|| unit.to_owned()) })
}
