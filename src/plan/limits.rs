//! Which limits a plan states: where they stand, what they are for, how severe they are.
//!
//! `limit` reads the line; here the sections around decide whether it counts and in what role.
//! Promises by people, targets of procedures, estimates and windows are none.

use super::config::leaves;
use super::ident::Ids;
use super::judge::{Context, around, context, counts, is_metric, says_rollback};
use super::limit::{Limit, scan};
use super::outline::{Block, Kind, Outline};
use super::phases::Phases;
use super::span::first_span;
use super::streak::in_a_row;
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, has_any, lowered, number_at};
use super::{Cmp, Cooldown, Role, Threshold, ThresholdId, Value, limit_tables};

/// Sections whose numbers are no limits.
const OUT: Topics =
    TEMPLATE.and(CONTACTS).and(ESTIMATE).and(BRIEF).and(REFERENCE).and(RISK).and(SIGNOFF).and(COMMS);
/// Sections that are about limits.
pub(crate) const IN: Topics = SUCCESS.and(MONITOR).and(ALERT).and(TRIGGER).and(GATE).and(SEVERITY);

/// The longest text that is scanned for limits, in bytes: nobody states one in a page without a line break.
const MAX_TEXT: usize = 2000;

/// Every limit of the plan, in the order of the document.
pub(crate) fn limits(outline: &Outline, phases: &Phases) -> Vec<Threshold> {
    let mut maker = Maker { outline, phases, ids: Ids::default(), out: Vec::new() };
    for (i, block) in outline.blocks.iter().enumerate() {
        match &block.kind {
            Kind::Item { .. } | Kind::Paragraph => maker.line(block),
            Kind::Fence { .. } => maker.fence(block),
            Kind::Row { header: true, .. } => limit_tables::table(outline, i, &mut maker),
            _ => {}
        }
    }
    maker.out.sort_by_key(|t| t.line);
    maker.out
}

/// Collects limits; also fed by `limit_tables`.
pub(crate) struct Maker<'a> {
    /// The document.
    pub outline: &'a Outline,
    phases: &'a Phases,
    ids: Ids,
    out: Vec<Threshold>,
}

impl Maker<'_> {
    fn line(&mut self, block: &Block) {
        let outline = self.outline;
        if block.text().len() > MAX_TEXT {
            return;
        }
        let found = scan(block.text());
        let numbers = !found.is_empty()
            || block.folded.starts_with("zero")
            || block.text().bytes().any(|b| b.is_ascii_digit());
        if !numbers || excluded(outline, block) {
            return;
        }
        let near = nearest(outline, block);
        let mut taken = 0;
        for (i, limit) in found.iter().enumerate() {
            if counts(outline, block, limit, near) {
                let (before, after) = around(block.text(), &found, i);
                let context = context(outline, block, limit, (&before, &after), near);
                self.push(block, limit, context);
                taken += 1;
            }
        }
        if taken == 0 && near.any(ALERT.and(TRIGGER).and(SEVERITY)) {
            if let Some(limit) = in_a_row(block.text()) {
                let context = context(outline, block, &limit, ("", ""), near);
                self.push(block, &limit, context);
            }
        } else if taken == 0 {
            self.zero(block, near);
        }
    }

    /// "Zero data loss", "0 failed payments" as a criterion.
    fn zero(&mut self, block: &Block, near: Topics) {
        let text = super::items::past_glyph(block.text());
        let lower = lowered(text);
        let rest = ["zero ", "0 "].iter().find_map(|word| lower.strip_prefix(word));
        let Some(rest) = rest.filter(|rest| near.any(SUCCESS.and(MONITOR).and(GATE)) && rest.len() < 60)
        else {
            return;
        };
        if rest.starts_with(|c: char| !c.is_alphabetic()) || rest.contains("downtime deploy") {
            return;
        }
        let metric =
            text[text.len() - rest.len()..].split(['(', ',', ';']).next().unwrap_or("").trim().to_owned();
        let limit = Limit {
            metric,
            cmp: Cmp::Equal,
            value: Some(Value::One(0.0)),
            unit: None,
            time: None,
            tail: String::new(),
            hold: None,
            over: None,
            sign: false,
            relative: false,
            leads: true,
            start: 0,
            end: text.len(),
        };
        let context = context(self.outline, block, &limit, ("", ""), near);
        self.push(block, &limit, context);
    }

    /// Adds a limit that `block` states.
    pub fn push(&mut self, block: &Block, limit: &Limit, context: Context) {
        let metric = self.named_above(block, name(block, limit));
        let baseline = limit.relative || is_relative(block.text(), limit);
        let path = self.outline.scopes[self.outline.heading(block.scope)].title.clone();
        let value = format!(
            "{metric} {} {:?} {:?} {:?}",
            limit.cmp.as_str(),
            limit.value,
            context.role,
            context.severity
        );
        let id = ThresholdId(self.ids.hash(&path, &value));
        self.out.push(Threshold {
            id,
            metric,
            cmp: limit.cmp,
            value: limit.value,
            unit: limit.unit.clone(),
            hold: limit.hold,
            over: limit.over,
            severity: context.severity,
            role: context.role,
            phase: self.phases.top(block.scope).or_else(|| self.phases.at(block.line)),
            line: block.line + block.rich.lines_before(limit.start),
            text: block.text().to_owned(),
            cooldown: None,
            baseline,
            procedure: None,
        });
    }

    /// "What changes to this metric…" below "Metric: error ratio" is about the error ratio.
    fn named_above(&self, block: &Block, metric: String) -> String {
        const NAMES: &[&str] =
            words! { "metric" "signal" "kpi" "indicator" "metrik" "métrica" "métrique" "指標" };
        if !is_generic(&metric) && !has_any(&fold(&metric), &["this metric", "this signal", "the metric"]) {
            return metric;
        }
        let above = self.outline.scopes[block.scope].first.checked_sub(1).map(|i| &self.outline.blocks[i]);
        let label =
            above.filter(|b| b.is_item() && b.opens == Some(block.scope)).and_then(|b| b.rich.label());
        let named = label.filter(|(label, _)| NAMES.contains(&fold(label).as_str()));
        named.map_or(metric, |(_, name)| name.to_owned())
    }

    /// Alert rules in JSON or YAML: objects with a `threshold`, Prometheus rules with an `expr`.
    fn fence(&mut self, block: &Block) {
        let Kind::Fence { language } = &block.kind else { return };
        let fits = matches!(language.as_str(), "json" | "yaml" | "yml" | "jsonc" | "json5" | "");
        if !fits || self.outline.within(block.scope, TEMPLATE) {
            return;
        }
        let all = leaves(block.text());
        let spoken = self.outline.within(block.scope, IN)
            || (0..all.len()).any(|i| pair(&all, i).is_some_and(|p| p.over.or(p.hold).is_some()))
            || all.iter().any(|l| l.path.iter().any(|k| fold(k).contains("alert")));
        if !spoken {
            return;
        }
        let lines: Vec<&str> = block.text().lines().collect();
        for (i, leaf) in all.iter().enumerate() {
            if let Some(pair) = pair(&all, i) {
                self.paired(block, lines.get(leaf.line).copied().unwrap_or(""), leaf, &pair);
            }
            let key = leaf.path.last().map_or("", String::as_str);
            if matches!(key, "threshold" | "expr" | "condition" | "limit" | "query") {
                let near = beside(&all, i);
                self.rule(block, lines.get(leaf.line).copied().unwrap_or(""), leaf, key, &near);
            }
        }
    }

    /// "error_rate_threshold: 5%" with its "error_rate_window: 10m".
    fn paired(&mut self, block: &Block, raw: &str, leaf: &super::config::Leaf, pair: &Pair) {
        let Some(number) = number_at(&leaf.value, 0) else { return };
        let back = |words: &str| has_any(&fold(words), &["rollback", "abort", "revert", "roll back"]);
        let spoken = leaf.path.iter().any(|key| back(&key.replace('_', " ")))
            || self.outline.within(block.scope, TRIGGER.and(ROLLBACK));
        self.out.push(Threshold {
            id: ThresholdId(self.ids.hash(&pair.metric, &leaf.value)),
            metric: pair.metric.clone(),
            cmp: Cmp::Threshold,
            value: Some(Value::One(number.value)),
            unit: unit_behind(&leaf.value[number.end..]),
            hold: pair.hold,
            over: pair.over,
            severity: None,
            role: if spoken { Role::Rollback } else { Role::Alert },
            phase: self.phases.top(block.scope),
            line: block.line + 1 + leaf.line,
            text: raw.trim().to_owned(),
            cooldown: None,
            baseline: false,
            procedure: None,
        });
    }

    fn rule(
        &mut self,
        block: &Block,
        raw: &str,
        leaf: &super::config::Leaf,
        key: &str,
        near: &[&super::config::Leaf],
    ) {
        let get = |names: &[&str]| {
            near.iter()
                .find(|l| l.path.last().is_some_and(|k| names.contains(&k.as_str())))
                .map(|l| l.value.as_str())
        };
        let parent = leaf.path.len().checked_sub(2).and_then(|i| leaf.path.get(i)).cloned();
        let name = get(&["alert", "name", "metric"]).map(str::to_owned).or(parent).unwrap_or_default();
        let text = leaf.value.trim();
        let scanned = scan(text).into_iter().rev().find(|l| l.cmp != Cmp::Threshold && l.cmp != Cmp::Occurs);
        let bare = number_at(text, 0).map(|n| (Value::One(n.value), unit_behind(&text[n.end..])));
        let (cmp, value, unit) = match (scanned, bare) {
            (Some(limit), _) => (limit.cmp, limit.value, limit.unit),
            (None, Some((value, unit))) if matches!(key, "threshold" | "limit") => {
                (operator(get(&["operator", "comparison", "op"])), Some(value), unit)
            }
            _ => return,
        };
        let line = block.line + 1 + leaf.line;
        let role = if get(&["action"]).is_some_and(says_rollback) { Role::Rollback } else { Role::Alert };
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

/// A limit whose key names its metric, with the spans that keys beside it give.
struct Pair {
    metric: String,
    hold: Option<f64>,
    over: Option<f64>,
}

fn pair(all: &[super::config::Leaf], at: usize) -> Option<Pair> {
    let leaf = &all[at];
    let (key, home) = leaf.path.split_last()?;
    let stem = ["_threshold", "-threshold", "Threshold"].iter().find_map(|end| key.strip_suffix(end))?;
    let near = all[at.saturating_sub(8)..all.len().min(at + 9)].iter();
    let beside: Vec<_> =
        near.filter(|l| l.path.len() == leaf.path.len() && l.path.starts_with(home)).collect();
    let span = |ends: &[&str]| {
        let named = |l: &&&super::config::Leaf| {
            let rest = l.path.last().and_then(|k| k.strip_prefix(stem));
            rest.is_some_and(|end| ends.contains(&end.trim_start_matches(['_', '-']).to_lowercase().as_str()))
        };
        beside.iter().find(named).and_then(|l| first_span(&l.value))
    };
    let (hold, over) = (span(&["for", "duration", "sustained"]), span(&["window", "period", "interval"]));
    (!stem.is_empty()).then(|| Pair { metric: stem.to_owned(), hold, over })
}

/// The leaves of the same object, and what hangs below its `labels`.
fn beside(all: &[super::config::Leaf], at: usize) -> Vec<&super::config::Leaf> {
    let parent = &all[at].path[..all[at].path.len() - 1];
    let near = |i: usize| all.get(i).filter(|l| l.path.starts_with(parent));
    let names = |l: &&super::config::Leaf| {
        matches!(l.path.last().map(String::as_str), Some("alert" | "name" | "metric"))
    };
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

fn excluded(outline: &Outline, block: &Block) -> bool {
    let mut deciding = outline
        .up(block.scope)
        .map(|s| outline.scopes[s].topics)
        .filter(|t| t.any(OUT.and(IN).and(ROLLBACK)));
    deciding.next().is_some_and(|t| t.any(OUT) && !t.any(IN)) || deciding.any(|t| t.any(TEMPLATE))
}

/// The nearest topics that say what a limit is for.
fn nearest(outline: &Outline, block: &Block) -> Topics {
    const WHAT: Topics = IN.and(ROLLBACK).and(INCIDENT);
    let own = block.opens.map(|s| outline.scopes[s].topics).filter(|t| t.any(WHAT));
    let label = block
        .rich
        .label()
        .map(|(label, _)| super::topic::classify(label))
        .filter(|t| t.any(TRIGGER.and(SUCCESS).and(ALERT).and(GATE)));
    let asked = super::topic::asked(block.text());
    if asked != NONE {
        return asked;
    }
    let around = || outline.nearest(block.scope, WHAT).map(|s| sharper(outline, s));
    label.filter(|_| outline_line(block)).or(own.filter(|t| t.any(TRIGGER))).or_else(around).unwrap_or(NONE)
}

/// A section that only speaks of metrics takes its meaning from the one around it: "Rollback triggers > System metrics".
fn sharper(outline: &Outline, scope: usize) -> Topics {
    const SHARP: Topics = TRIGGER.and(ALERT).and(SUCCESS).and(GATE);
    let own = outline.scopes[scope].topics;
    if own.any(SHARP) || !own.any(MONITOR) {
        return own;
    }
    let around =
        outline.up(scope).skip(1).map(|s| outline.scopes[s].topics).find(|t| t.any(SHARP.and(MONITOR)));
    around.filter(|t| !t.any(MONITOR)).unwrap_or(own)
}

/// A label that is about limits and not itself the metric: "Rollback if: error rate > 5%".
fn outline_line(block: &Block) -> bool {
    block.rich.label().is_some_and(|(label, rest)| {
        !rest.is_empty() && !label.chars().any(|c| c.is_ascii_digit()) && !is_metric(&label.to_lowercase())
    })
}

/// The metric's name, completed from the words around the number where the line splits it.
fn name(block: &Block, limit: &Limit) -> String {
    if limit.metric.is_empty() && limit.time.is_none() {
        let unit = limit
            .unit
            .as_deref()
            .map(|u| u.trim_start_matches("% of "))
            .filter(|u| !u.starts_with(['%', '/']));
        return unit.unwrap_or(of_what(&limit.tail)).to_owned();
    }
    if !limit.tail.is_empty() && is_generic(&limit.metric) {
        return limit.tail.clone();
    }
    let bracket =
        block.text()[..limit.start.min(block.text().len())].trim_end().ends_with(['(', '（', ':', '：']);
    let percent = limit.unit.as_deref().is_some_and(|u| u.starts_with('%')) || limit.time.is_some();
    let joins = limit.leads && percent && (bracket || limit.metric.is_empty());
    let about = limit
        .tail
        .split_whitespace()
        .next()
        .is_some_and(|w| !matches!(w.to_lowercase().as_str(), "overall" | "total"));
    let tail = of_what(&limit.tail);
    let full = if joins && about { format!("{} {tail}", limit.metric) } else { limit.metric.clone() };
    super::words::squeeze(&full)
}

/// What a number is of: "facturas" of "de facturas".
fn of_what(tail: &str) -> &str {
    let of = ["de ", "der ", "des ", "du ", "von ", "of ", "d'"];
    of.iter().find_map(|of| tail.strip_prefix(of)).unwrap_or(tail)
}

/// A label that says what the number is, not of what.
fn is_generic(label: &str) -> bool {
    matches!(
        fold(label).as_str(),
        "expected"
            | "target"
            | "threshold"
            | "goal"
            | "limit"
            | "criteria"
            | "trigger"
            | "condition"
            | "alert"
            | "rollback"
    )
}

fn is_relative(text: &str, limit: &Limit) -> bool {
    let from = text.len().min(if limit.hold.is_some() { limit.start } else { limit.end });
    let after = fold(&text[from..]);
    let unit = limit.unit.as_deref().unwrap_or("").to_lowercase();
    let before = fold(&limit.metric);
    unit.starts_with('x')
        || has_any(
            &after,
            words! {
                "baseline" "than baseline" "pre launch" "previous" "last week" "control" "compared"
                "normal" "vs"
            },
        )
        || has_any(&unit, &["baseline"])
        || has_any(&before, &["baseline"])
}
