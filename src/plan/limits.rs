//! Which limits a plan states: where they stand, what they are for, how severe they are.
//!
//! `limit` reads the line; here the sections around decide whether it counts and in what role.
//! Promises by people, targets of procedures, estimates and windows are none.

use super::commands::looks_run;
use super::hold::last_hold;
use super::ident::Ids;
use super::judge::{Context, around, context, counts, is_metric, tells_of_condition};
use super::limit::{Limit, scan};
use super::limit_query::{compared, is_query};
use super::outline::{Block, Kind, Outline, ScopeKind};
use super::phases::Phases;
use super::streak::in_a_row;
use super::topic::*;
use super::vocabulary::limits::{ANY_OF, DECORATIONS, FILLERS, HELD, SPANS_OF, STRIVES};
use super::vocabulary::words;
use super::words::{fold, has_any, head, lowered, tail};
use super::{Cmp, PhaseId, Role, Threshold, ThresholdId, Value, limit_tables};

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
    pub(super) phases: &'a Phases,
    pub(super) ids: Ids,
    pub(super) out: Vec<Threshold>,
}

impl Maker<'_> {
    fn line(&mut self, block: &Block) {
        let outline = self.outline;
        if block.text().len() > MAX_TEXT {
            return;
        }
        // Cheap questions first: most lines have no number, or stand where none counts.
        let digits = block.text().bytes().any(|b| b.is_ascii_digit());
        let spelt = block.folded.starts_with("zero");
        if !(digits || spelt || block.text().contains("ero")) || excluded(outline, block) {
            return;
        }
        let found = stated(block);
        if !(digits || spelt) && found.is_empty() || tells_of_condition(outline, block) {
            return;
        }
        let near = nearest(outline, block);
        let mut taken = 0;
        for (i, limit) in found.iter().enumerate() {
            if counts(outline, block, limit, near) {
                let (before, after) = around(block.text(), &found, i);
                let context = context(outline, block, limit, (&before, &after), near);
                self.push(block, block.text(), limit, context);
                taken += 1;
            }
        }
        if taken == 0 && near.any(ALERT.and(TRIGGER).and(SEVERITY)) {
            if let Some(limit) = in_a_row(block.text()) {
                let context = context(outline, block, &limit, ("", ""), near);
                self.push(block, block.text(), &limit, context);
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
        let whole = &text[text.len() - rest.len()..];
        // "0 P0 (critical) bugs" goes on behind its bracket.
        let goes_on =
            whole.split_once(')').is_some_and(|(_, rest)| rest.trim().starts_with(char::is_alphabetic));
        let ends: &[char] = if goes_on { &[',', ';'] } else { &['(', ',', ';'] };
        let metric = whole.split(ends).next().unwrap_or("").trim().to_owned();
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
        self.push(block, block.text(), &limit, context);
    }

    /// Gives the limit that was added last to a phase.
    pub fn belongs_to(&mut self, phase: &PhaseId) {
        if let Some(last) = self.out.last_mut() {
            last.phase = Some(phase.clone());
        }
    }

    /// How many limits were found so far.
    pub fn stated(&self) -> usize {
        self.out.len()
    }

    /// Adds a limit that `block` states in `said`: its own text, or a cell of it.
    pub fn push(&mut self, block: &Block, said: &str, limit: &Limit, context: Context) {
        let metric = undecorated(self.named_above(block, name(said, limit)));
        if metric.is_empty() {
            return;
        }
        let baseline = limit.relative || is_relative(said, limit);
        let path = self.outline.scopes[self.outline.heading(block.scope)].title.clone();
        // A bare zero leaves nothing open.
        let zero = limit.value == Some(Value::One(0.0)) && limit.cmp == Cmp::Threshold;
        let cmp = if zero { Cmp::Equal } else { limit.cmp };
        let value =
            format!("{metric} {} {:?} {:?} {:?}", cmp.as_str(), limit.value, context.role, context.severity);
        let id = ThresholdId(self.ids.hash(&path, &value));
        self.out.push(Threshold {
            id,
            metric,
            cmp,
            value: limit.value,
            unit: limit.unit.clone(),
            hold: limit.hold.or_else(|| self.held_above(block, context.role)),
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

    /// "If any of these holds for 10 minutes:" says it of every limit below.
    fn held_above(&self, block: &Block, role: Role) -> Option<f64> {
        if !matches!(role, Role::Alert | Role::Rollback) {
            return None;
        }
        let beside = beside(self.outline, block, |label| HELD.contains(&label));
        beside.and_then(super::span::first_span).or_else(|| {
            let title = &self.outline.scopes[block.scope].title;
            let opens = self.outline.scopes[block.scope].kind == ScopeKind::Label
                && ANY_OF.within(&title.to_lowercase());
            if opens { last_hold(title) } else { None }
        })
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
        let named = label.filter(|(label, _)| NAMES.contains(&fold(label).as_str())).map(|(_, name)| name);
        let named = named.or_else(|| beside(self.outline, block, |label| NAMES.contains(&label)));
        named.map_or(metric, str::to_owned)
    }
}

/// What an entry beside `block`, in the same list, says under a label that is `wanted`.
pub(crate) fn beside<'a>(
    outline: &'a Outline,
    block: &Block,
    wanted: impl Fn(&str) -> bool,
) -> Option<&'a str> {
    if !block.is_item() {
        return None;
    }
    // Fields stand at the head of a list; no list is walked for each of its entries.
    let head = outline.below(block.scope).iter().take(32).filter(|b| b.scope == block.scope);
    let others = head.filter(|b| b.is_item() && b.line != block.line);
    let mut labels = others.filter_map(|b| b.rich.label());
    labels.find(|(label, _)| wanted(&fold(label))).map(|(_, rest)| rest)
}

/// The limits that a line states; a query's is called after the label in front of it.
fn stated(block: &Block) -> Vec<Limit> {
    if !is_query(block.text()) {
        let options = |l: &Limit| !within_command(block, l.start);
        return scan(block.text()).into_iter().filter(options).collect();
    }
    let label = block.rich.label().map(|(label, _)| label).filter(|label| is_metric(&lowered(label)));
    let named = |l: Limit| Limit { metric: label.map_or(l.metric, str::to_owned), ..l };
    compared(block.text()).map(named).into_iter().collect()
}

/// Whether a place stands in a command: "`route set --percent=1`" sets a share and limits nothing.
fn within_command(block: &Block, at: usize) -> bool {
    let mut codes = block.rich.codes();
    codes
        .any(|(code, mark)| (mark.start..mark.end).contains(&at) && (looks_run(code) || code.contains(" --")))
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
    // "GO criteria" > "Alerting & monitoring" > "[ ] Warning alerts ≤ 5": what is ticked is asked for.
    let asked_for = around().is_some_and(|t| t.any(ALERT) && !t.any(TRIGGER.and(SUCCESS)));
    if block.task().is_some() && asked_for && outline.within(block.scope, GATE.and(SUCCESS)) {
        return SUCCESS;
    }
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
    const CRITERIA: &[&str] = words! {
        "success criteria" "exit criteria" "success criterion" "acceptance criteria" "erfolgskriterien" "critères de succès"
        "criterios de éxito" "critérios de sucesso" "成功基準" "成功标准" "성공 기준"
    };
    block.rich.label().is_some_and(|(label, rest)| {
        !rest.is_empty() && CRITERIA.contains(&fold(label).as_str())
            || !rest.is_empty()
                && !label.chars().any(|c| c.is_ascii_digit())
                && !is_metric(&label.to_lowercase())
    })
}

/// The metric's name, or else the words before the bracket that the limit stands in, or behind its number.
fn name(said: &str, limit: &Limit) -> String {
    let name = told_name(said, limit);
    if !name.is_empty() && !is_generic(&name) {
        return name;
    }
    let before = said.get(..limit.start).unwrap_or("");
    // "p99 latency: target < 2 s"
    if let Some((metric, _)) = before.split_once(':').filter(|_| !name.is_empty())
        && is_metric(&lowered(metric))
    {
        return trimmed_label(metric).to_owned();
    }
    let label = before.rsplit_once(['(', '（']).map_or("", |(label, _)| trimmed_label(label));
    let after =
        said.get(limit.end..).unwrap_or("").split([',', ';', '.', '–', '—']).next().unwrap_or("").trim();
    match (label, after) {
        ("", after) if !after.is_empty() && after.split(' ').count() <= 6 && name.is_empty() => {
            of_what(after).to_owned()
        }
        ("", _) => name,
        (label, _) => label.to_owned(),
    }
}

/// "1. Accept rate" without its number and marks.
fn trimmed_label(label: &str) -> &str {
    label.trim_matches(|c: char| !(c.is_alphanumeric() || c == ')'))
}

/// The metric's name, completed from the words around the number where the line splits it.
fn told_name(said: &str, limit: &Limit) -> String {
    if limit.metric.is_empty() && limit.time.is_none() {
        let unit = limit
            .unit
            .as_deref()
            .map(|u| u.trim_start_matches("% of "))
            .filter(|u| !u.starts_with(['%', '/']));
        return unit.unwrap_or(of_what(&limit.tail)).to_owned();
    }
    let counted = limit.unit.as_deref().and_then(|u| u.strip_prefix("% of "));
    if let Some(counted) = counted.filter(|_| is_generic(&limit.metric)) {
        return counted.to_owned();
    }
    if !limit.tail.is_empty() && is_generic(&limit.metric) {
        return limit.tail.clone();
    }
    let bracket = head(said, limit.start).trim_end().ends_with(['(', '（', ':', '：']);
    let percent = limit.unit.as_deref().is_some_and(|u| u.starts_with('%')) || limit.time.is_some();
    let joins = limit.leads && percent && (bracket || limit.metric.is_empty());
    let about = limit.tail.split_whitespace().next().map(str::to_lowercase);
    let about = about.is_some_and(|w| !SPANS_OF.contains(&w.as_str()) && !FILLERS.contains(&w.as_str()));
    let tail = of_what(&limit.tail);
    let full = if joins && about { format!("{} {tail}", limit.metric) } else { limit.metric.clone() };
    super::words::squeeze(&full)
}

/// "Error rate check", "p99 latency must be": the metric without what only says that it is asked for.
fn undecorated(metric: String) -> String {
    let lower = lowered(&metric);
    let ends = DECORATIONS.iter().filter_map(|end| lower.strip_suffix(end)).map(str::trim_end);
    let fits = |rest: &&str| is_metric(rest) && rest.contains([' ', '-', '_']);
    let end = ends.filter(fits).map(str::len).min();
    end.and_then(|end| metric.get(..end)).map_or(metric.clone(), str::to_owned)
}

/// What a number is of: "facturas" of "de facturas".
fn of_what(tail: &str) -> &str {
    let of = ["de ", "der ", "des ", "du ", "von ", "of ", "d'"];
    of.iter().find_map(|of| tail.strip_prefix(of)).unwrap_or(tail)
}

/// A label that says what the number is, not of what.
fn is_generic(label: &str) -> bool {
    STRIVES.contains(&fold(label).as_str())
        || matches!(
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

/// What follows a limit up to the next one: "> 1% or p95 > 2x baseline" says nothing of the first.
fn own_part(after: &str) -> &str {
    let next = [" or ", " and ", " OR ", " AND ", ", ", "; "].iter().filter_map(|joint| {
        let at = after.find(joint)?;
        after[at..].contains(|c: char| c.is_ascii_digit()).then_some(at)
    });
    &after[..next.min().unwrap_or(after.len())]
}

fn is_relative(text: &str, limit: &Limit) -> bool {
    let from = if limit.hold.is_some() { limit.start } else { limit.end };
    let after = fold(own_part(tail(text, text.len().saturating_sub(from))));
    let unit = limit.unit.as_deref().unwrap_or("").to_lowercase();
    let before = fold(&limit.metric);
    let burns = before.contains("burn");
    unit.starts_with(['x', '×']) && !burns
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
