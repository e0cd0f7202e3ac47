//! Whether a limit that a line states counts, and what it is for: success, watching, an alert, a rollback.
//!
//! Promises by people, targets of procedures, estimates and windows are no limits. Called by `limits`.

use super::limit::Limit;
use super::limits::IN;
use super::outline::{Block, Outline};
use super::topic::*;
use super::vocabulary::limits::{ANY_OF, AT_SHARE, BACK, BAD, COUNTERS, GOOD, METRIC, SOAKS, TOLD};
use super::vocabulary::words;
use super::words::{fold, has_any};
use super::{Cmp, Role, Value, severity};

/// What is known of a limit beside its line.
pub(crate) struct Context {
    /// What it is for.
    pub role: Role,
    /// How severe its breach is.
    pub severity: Option<String>,
}

/// Whether a text names something that is measured.
pub(crate) fn is_metric(lower: &str) -> bool {
    // "Timeline" has "time" in it and measures nothing.
    if lower.contains("timeline") {
        METRIC.within(&lower.replace("timeline", ""))
    } else {
        METRIC.within(lower)
    }
}

/// Whether a limit that a line states counts as one of the plan's.
pub(crate) fn counts(outline: &Outline, block: &Block, limit: &Limit, near: Topics) -> bool {
    let lower = block.text().to_lowercase();
    let spoken = near.any(IN);
    if is_told(limit) {
        return false;
    }
    match limit.cmp {
        Cmp::Occurs => lasts(limit, near, &lower) && !(ANY_OF.within(&lower) && lower.ends_with([':', '：'])),
        Cmp::Threshold => {
            (near.any(SUCCESS.and(MONITOR).and(ALERT).and(TRIGGER)) || is_zero_beside(outline, block, limit))
                && (bare(limit, block) || multiple(limit))
                && !is_promise(outline, block, limit, &lower)
        }
        Cmp::Equal if limit.sign && is_no_limit(limit, block.text()) => false,
        _ if is_promise(outline, block, limit, &lower) => false,
        Cmp::Between => {
            let told = limit.leads && near.any(SUCCESS.and(ALERT).and(TRIGGER).and(MONITOR));
            let waits = limit.time.is_some() && has_any(&fold(&limit.metric), WAITS);
            is_metric(&limit.metric.to_lowercase()) && (limit.unit.is_some() || told) && !waits
        }
        _ => {
            let metric = is_metric(&limit.metric.to_lowercase()) || is_metric(&limit.tail.to_lowercase());
            let measured = limit.unit.as_deref().is_some_and(|u| u.starts_with('%') || u.starts_with('/'))
                || limit.time.is_some();
            if limit.sign {
                let listed = limit.leads && near.any(ROLLBACK);
                spoken || metric || (measured || listed) && !limit.metric.is_empty()
            } else {
                worded(limit, metric, spoken, near, block.text())
            }
        }
    }
}

/// "(baseline: 0.8%)", "rollback rehearsal at <=5%", "Rung 2 — Stage 0 (30-60 min)": told beside limits, none of them.
fn is_told(limit: &Limit) -> bool {
    let metric = fold(&limit.metric);
    let phase = || !limit.sign && super::ordinal::ordinal(&limit.metric).is_some_and(|o| o.strong);
    let days =
        limit.time.is_some_and(|s| s >= 1.0) || limit.unit.as_deref().is_some_and(|u| u.contains("day"));
    let waits = days && (SOAKS.contains(&metric.as_str()) || limit.time.is_none() && metric == "time");
    waits || TOLD.contains(&metric.as_str()) || limit.sign && has_any(&metric, AT_SHARE) || phase()
}

/// "Complaints: 0" in a list whose other entries are limits.
fn is_zero_beside(outline: &Outline, block: &Block, limit: &Limit) -> bool {
    let states = |b: &&Block| {
        let found = if b.text().len() < 200 { super::limit::scan(b.text()) } else { Vec::new() };
        b.line != block.line && found.iter().any(|l| l.sign && is_metric(&l.metric.to_lowercase()))
    };
    let zero = limit.value == Some(Value::One(0.0)) && limit.unit.is_none() && block.task().is_none();
    // Few lists are long, and none is walked for each of its entries.
    let near =
        || outline.below(block.scope).iter().take(16).filter(|b| b.scope == block.scope && b.is_item());
    zero && block.is_item() && near().filter(states).count() > 0
}

/// Names of what only takes its time: "stable window (15-30 minutes)".
const WAITS: &[&str] = words! {
    "window" "timeline" "period" "duration" "timeframe" "schedule" "soak" "phase" "wait" "for"
};

/// "rollout=10" is a setting, "budget = 100% - SLO = 0.1%" a formula, "(≈ 43 min)" an aside.
fn is_no_limit(limit: &Limit, text: &str) -> bool {
    const SETTINGS: &[&str] = words! { "rollout" "percentage" "weight" "traffic" "replicas" "pct" };
    let sign = text.get(limit.start..).unwrap_or("");
    let aside = sign.starts_with('≈') && text[..limit.start].trim_end().ends_with(['(', '（']);
    let formula =
        text.matches(" = ").count() + text.matches("~=").count() > 1 || text[..limit.start].ends_with('~');
    has_any(&fold(&limit.metric), SETTINGS) || aside || formula
}

/// Whether a label says that a condition follows.
pub(crate) fn names_condition(folded: &str) -> bool {
    const CONDITION: &[&str] = words! {
        "condition" "conditions" "trigger" "trigger condition" "threshold" "thresholds" "criteria" "limit"
        "bedingung" "condición" "condição" "condition de déclenchement" "seuil" "umbral" "limiar"
    };
    CONDITION.contains(&folded)
}

/// Beside a "Condition:" of a trigger, "Response time: < 30 s" and "Rationale: …" only tell about it.
pub(crate) fn tells_of_condition(outline: &Outline, block: &Block) -> bool {
    let told = || block.rich.label().is_some_and(|(label, _)| !names_condition(&fold(label)));
    block.task().is_none() && told() && super::limits::beside(outline, block, names_condition).is_some()
}

/// "2x normal": a multiple of what is usual.
fn multiple(limit: &Limit) -> bool {
    const USUAL: &[&str] =
        words! { "normal" "baseline" "usual" "average" "typical" "pre launch" "last week" };
    let unit = limit.unit.as_deref().unwrap_or("");
    !limit.metric.is_empty()
        && unit.starts_with(['x', 'X', '×'])
        && (has_any(&fold(&limit.tail), USUAL) || has_any(&fold(unit), USUAL))
}

/// A comparison in words counts where something measured is compared.
fn worded(limit: &Limit, metric: bool, spoken: bool, near: Topics, text: &str) -> bool {
    let percent = limit.unit.as_deref().is_some_and(|u| u.starts_with('%'));
    if limit.metric.is_empty() && !limit.leads {
        return false;
    }
    let up_to =
        text.get(limit.start..limit.start + 5).is_some_and(|words| words.eq_ignore_ascii_case("up to"));
    if up_to && !metric {
        return false;
    }
    let counted = limit.metric.is_empty() && limit.unit.is_some();
    let quick = limit.time.is_some_and(|seconds| seconds <= 1.0);
    let wide =
        limit.unit.as_deref().is_some_and(|u| COUNTERS.contains(&u) || u.starts_with(['€', '$', '£', '¥']));
    let ill =
        near.any(TRIGGER.and(ALERT)) && matches!(limit.cmp, Cmp::More | Cmp::Less) && limit.time.is_none();
    metric || spoken && (percent || quick || counted || wide || ill)
}

/// A state that lasts: an alert, or a soak that a criterion asks for.
fn lasts(limit: &Limit, near: Topics, lower: &str) -> bool {
    const STEADY: &[&str] = words! {
        "stable" "healthy" "green" "clean" "without" "steady" "no errors" "stabil" "estável" "estable"
    };
    const VERBS: &[&str] = words! {
        "monitor" "watch" "wait" "observe" "hold" "soak" "bake" "run" "keep" "pause" "leave"
        "available" "retain" "schedule"
    };
    let first = lower.split(|c: char| !c.is_alphabetic()).find(|w| !w.is_empty()).unwrap_or("");
    if VERBS.contains(&first) {
        return false;
    }
    let steady = has_any(&fold(&limit.metric), STEADY);
    near.any(ALERT.and(TRIGGER).and(SEVERITY)) || near.any(SUCCESS.and(GATE)) && steady
}

/// A number without a comparison counts behind a metric's name: "Availability: 99.9%".
fn bare(limit: &Limit, block: &Block) -> bool {
    const NOT: &[&str] = words! {
        "rollout" "users" "traffic" "customers" "canary" "of users" "of traffic" "tenants" "merchants"
        "capacity" "accounts" "progress" "progression" "rationale" "reason" "why" "impact" "context" "example" "benefit" "window"
        "timeline"
    };
    const LIMIT: &[&str] = words! {
        "threshold" "limit" "target" "budget" "sla" "slo" "max" "min" "maximum" "minimum" "schwelle"
        "umbral" "seuil" "limiar"
    };
    let metric = limit.metric.to_lowercase();
    let tail = fold(&limit.tail);
    let percent = limit.unit.as_deref().is_some_and(|u| u.starts_with('%'));
    let unit = limit.unit.as_deref().unwrap_or("").to_lowercase();
    let before = block.text().get(..limit.start).unwrap_or("").trim_end();
    if percent && is_metric(&metric) && AIMS.iter().any(|aim| before.to_lowercase().ends_with(aim)) {
        return true;
    }
    if !limit.leads
        || super::items::is_field(&limit.metric)
        || has_any(&tail, NOT)
        || has_any(&unit, NOT)
        || has_any(&fold(&metric), NOT)
    {
        return false;
    }
    let labelled = before.ends_with([':', '：']);
    let zero = limit.value == Some(Value::One(0.0));
    let named = has_any(&fold(&metric), LIMIT);
    labelled && (percent || named || limit.time.is_some() && is_metric(&metric) || zero && !metric.is_empty())
        || percent && !before.chars().any(char::is_alphanumeric) && is_metric(&tail) && !opens_list(block)
}

/// "25% success criteria:" only opens the list of them.
fn opens_list(block: &Block) -> bool {
    block.text().trim_end().ends_with([':', '：'])
}

/// "Availability target is 99.9%".
const AIMS: &[&str] =
    words! { "target is" "target of" "objective is" "objective of" "goal is" "goal of" "slo is" "slo of" };

/// What people promise, or how long something may take them, is no limit.
fn is_promise(outline: &Outline, block: &Block, limit: &Limit, lower: &str) -> bool {
    const PEOPLE: &[&str] = words! {
        "respond" "acknowledge" "acknowledged" "ack" "escalate" "escalation" "resolve" "eta" "rto"
        "rpo" "mttr" "mtta" "rollback" "roll back" "restore" "estimated" "estimate" "duration" "notice"
        "reply" "update" "sla" "on call" "recovery time" "target time" "time to rollback" "total time"
        "decision time" "detection time"
    };
    let Some(seconds) = limit.time else { return false };
    if seconds < 1.0 {
        return false;
    }
    let metric = fold(&limit.metric);
    let response =
        metric == "response" || metric.ends_with("response") && !is_metric(&metric.replace("response", ""));
    let empty = metric.is_empty() || metric == fold(lower) && !is_metric(&metric);
    let people = has_any(&metric, PEOPLE) && !outline.within(block.scope, SUCCESS)
        || limit.leads && says_rollback(&limit.tail);
    let back =
        outline.within(block.scope, ROLLBACK) && !outline.within(block.scope, IN) && !is_metric(&metric);
    response || empty || people || back || outline.within(block.scope, SEVERITY) && !is_metric(&metric)
}

/// Whether a text calls for a way back.
pub(crate) fn says_rollback(text: &str) -> bool {
    const NOT: &[&str] = &[
        "without rollback",
        "no rollback",
        "without a rollback",
        "rollback rate",
        "rollback time",
        "before rollback",
        "without rolling back",
    ];
    let lower = text.to_lowercase();
    BACK.within(&lower) && !NOT.iter().any(|word| lower.contains(word))
}

fn says_alert(text: &str) -> bool {
    const ALERT: &[&str] = words! {
        "alert" "alerts" "notify" "warn" "pagerduty" "alarm" "escalate" "page if" "page when"
        "page the" "page on call" "page oncall" "pages on call" "page sre" "→ page"
    };
    !text.is_empty() && has_any(&fold(text), ALERT)
}

/// The words around a limit that may say what it is for: those before the first limit of its line and
/// before itself, and those behind the last. What stands between two limits speaks of the second.
pub(crate) fn around(text: &str, found: &[Limit], at: usize) -> (String, String) {
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or("");
    let own = part(at.checked_sub(1).map_or(0, |i| found[i].end), found[at].start);
    let lead = if at == 0 { "" } else { part(0, found[0].start) };
    let last = found.last().map_or(text.len(), |l| l.end);
    (format!("{lead} {own}"), part(last, text.len()).to_owned())
}

/// What a limit is for and how severe its breach is.
pub(crate) fn context(
    outline: &Outline,
    block: &Block,
    limit: &Limit,
    said: (&str, &str),
    near: Topics,
) -> Context {
    let label = block.rich.label().map_or("", |(label, _)| label);
    let own = severity::rank(label)
        .or_else(|| severity::word(label).filter(|_| near.any(ALERT.and(SEVERITY).and(TRIGGER))))
        .or_else(|| severity::behind(said.1))
        .map(str::to_owned);
    // "Warning alerts ≤ 5" counts alerts and raises none.
    let counted = limit.metric.to_lowercase().ends_with("alerts");
    let before = if counted { said.0.replace(&limit.metric, "") } else { said.0.to_owned() };
    // "[ ] Error rate below 1%" in a way back is looked at when it is over.
    let looked_at = block.task().is_some() && near.any(ROLLBACK) && !near.any(IN);
    let near = if looked_at && unhealthy(limit) != Some(true) { SUCCESS } else { near };
    let before = if looked_at { String::new() } else { before };
    let role = role(limit, near, &before, said.1, own.is_some());
    let around = || severity::around(outline, block.scope);
    let severity = own.or_else(around).filter(|_| matches!(role, Role::Alert | Role::Rollback));
    Context { role, severity }
}

fn role(limit: &Limit, near: Topics, before: &str, after: &str, ranked: bool) -> Role {
    if says_rollback(after) || says_rollback(before) {
        return Role::Rollback;
    }
    if near.any(TRIGGER) {
        return Role::Rollback;
    }
    if ranked || says_alert(before) || says_alert(after) {
        return Role::Alert;
    }
    // "Core flow completion should not drop more than 5%" says what is aimed at.
    let aimed =
        words! { "should" "shall" "soll" "sollte" "debe" "debería" "deve" "deveria" "doit" "devrait" };
    if near.any(ALERT.and(MONITOR)) && !near.any(SEVERITY) && has_any(&fold(before), aimed) {
        return Role::Success;
    }
    by_section(limit, near)
}

fn by_section(limit: &Limit, near: Topics) -> Role {
    let ill = unhealthy(limit);
    if near.any(ALERT.and(SEVERITY)) {
        return if near.any(MONITOR.and(SUCCESS)) && ill == Some(false) {
            Role::Monitor
        } else {
            Role::Alert
        };
    }
    if near.any(SUCCESS.and(GATE)) {
        return Role::Success;
    }
    if near.any(ROLLBACK) {
        return if ill == Some(false) { Role::Monitor } else { Role::Rollback };
    }
    if near.any(INCIDENT) || ill == Some(true) { Role::Alert } else { Role::Monitor }
}

/// Whether the side that a limit states is the bad one; `None` where the metric's name does not say.
pub(crate) fn unhealthy(limit: &Limit) -> Option<bool> {
    let metric = format!("{} {}", limit.metric, limit.tail).to_lowercase();
    let good = GOOD.within(&metric);
    let bad = !good && BAD.within(&metric);
    match limit.cmp {
        _ if !good && !bad => None,
        Cmp::More | Cmp::AtLeast => Some(bad),
        Cmp::Less | Cmp::AtMost => Some(good),
        Cmp::Occurs => None,
        _ => None,
    }
}
