//! Limits in tables: "Metric | Target | Warning | Critical", "Metric | Threshold | Action".

use super::judge::{Context, is_metric, unhealthy};
use super::limit::{Limit, scan};
use super::limit_query::{compared, is_query};
use super::limits::{IN, Maker};
use super::outline::{Block, Kind, Outline, Rich};
use super::phases::Phases;
use super::streak::in_a_row;
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, has_any, number_at};
use super::{Cmp, PhaseId, Role, Value, severity};

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
enum Column {
    Metric,
    /// Limits with this role, and the severity that the header names.
    Limit(Option<Role>, Option<String>),
    /// The limit of a named alert.
    Rule,
    /// Limits of the metric that the header names, a row for each class or stage.
    Measured,
    Severity,
    Duration,
    /// Limits of one phase: "Metric | Phase 1 | Phase 2".
    Staged(PhaseId),
    /// Over what is measured, or how long it must last: the column's name does not tell.
    Window,
    Action,
    Other,
}

/// Reads the table whose header is the block at `at`.
pub(crate) fn table(outline: &Outline, at: usize, maker: &mut Maker) {
    let header = &outline.blocks[at];
    let Kind::Row { table, cells, .. } = &header.kind else { return };
    let header_cells: &[Rich] = cells;
    const NOT: Topics =
        TEMPLATE.and(CONTACTS).and(ESTIMATE).and(RISK).and(SIGNOFF).and(COMMS).and(FLAGS).and(REFERENCE);
    if outline.nearest(header.scope, NOT.and(IN)).is_some_and(|s| !outline.scopes[s].topics.any(IN)) {
        return;
    }
    let rows: Vec<(&Block, &Vec<Rich>)> = rows(outline, at, *table);
    let mut columns = columns(cells);
    named_by_condition(&mut columns, &rows);
    staged(cells, &mut columns, maker.phases);
    let about = outline.within(header.scope, IN);
    if about || columns.contains(&Column::Severity) {
        measured(cells, &mut columns, &rows);
    }
    if about {
        by_cells(&mut columns, &rows);
        name_first(cells, &mut columns);
    }
    let spoken = about || columns.iter().any(|c| matches!(c, Column::Metric | Column::Measured));
    let limits =
        |c: &Column| matches!(c, Column::Limit(..) | Column::Rule | Column::Measured | Column::Staged(_));
    if !spoken || !columns.iter().any(limits) {
        return;
    }
    for (block, cells) in rows {
        row(block, cells, &columns, header_cells, maker);
    }
}

fn rows(outline: &Outline, at: usize, table: usize) -> Vec<(&Block, &Vec<Rich>)> {
    let below = outline.blocks[at + 1..].iter().map_while(|b| match &b.kind {
        Kind::Row { table: t, cells, .. } if *t == table => Some((b, cells)),
        _ => None,
    });
    below.collect()
}

fn columns(header: &[Rich]) -> Vec<Column> {
    let mut columns: Vec<Column> = header.iter().map(|cell| column(&fold(&cell.text), &cell.text)).collect();
    name_first(header, &mut columns);
    aims(header, &mut columns);
    named_by_alert(&mut columns);
    columns
}

/// Where no column is called after metrics, the first one beside limits names them; a running number does not.
fn name_first(header: &[Rich], columns: &mut [Column]) {
    let numbers = |cell: &Rich| matches!(fold(&cell.text).as_str(), "" | "no" | "nr" | "id" | "num" | "n");
    let limits = columns.iter().any(|c| matches!(c, Column::Limit(..)));
    if limits && !columns.contains(&Column::Metric) {
        let first = usize::from(columns.len() > 2 && header.first().is_some_and(numbers));
        if columns.get(first) == Some(&Column::Other) {
            columns[first] = Column::Metric;
        }
    }
}

/// "Trigger | Threshold", "Criterion | Expected": the first column only names what the second limits.
fn named_by_condition(columns: &mut [Column], rows: &[(&Block, &Vec<Rich>)]) {
    let named = columns.iter().any(|c| matches!(c, Column::Metric | Column::Rule));
    let limits = columns.iter().skip(1).any(|c| matches!(c, Column::Limit(..)));
    let states = |cell: &Rich| cell.text.len() < 200 && scan(&cell.text).iter().any(|l| l.sign);
    let stated = rows.iter().filter(|(_, cells)| cells.first().is_some_and(states)).count();
    if !named && limits && 2 * stated < rows.len() && matches!(columns.first(), Some(Column::Limit(..))) {
        columns[0] = Column::Metric;
    }
}

/// "Severity | Error rate | Response time": columns that are called after metrics and hold limits only.
fn measured(header: &[Rich], columns: &mut [Column], rows: &[(&Block, &Vec<Rich>)]) {
    if columns.contains(&Column::Metric) && !matches!(columns.first(), Some(Column::Metric)) {
        return;
    }
    let limit = |cell: &Rich| {
        let found = if cell.text.len() < 200 { scan(&cell.text) } else { Vec::new() };
        !found.is_empty() && found.iter().all(|l| l.metric.is_empty() && (l.sign || l.cmp == Cmp::Between))
    };
    for (i, (cell, column)) in header.iter().zip(columns.iter_mut()).enumerate().skip(1) {
        let name = fold(&cell.text);
        let metric = is_metric(&name) && !has_any(&name, NO_METRICS);
        let told = || rows.iter().filter_map(|(_, cells)| cells.get(i)).filter(|c| !is_blank(&c.text));
        let free =
            matches!(column, Column::Other | Column::Action | Column::Limit(Some(Role::Success), None));
        if metric && free && told().count() > 1 && told().all(limit) {
            *column = Column::Measured;
        }
    }
}

/// "Metric | Baseline | Phase 1 | Phase 2": columns that are called after phases hold the limits of each.
fn staged(header: &[Rich], columns: &mut [Column], phases: &Phases) {
    let named: Vec<Option<PhaseId>> =
        header.iter().map(|cell| phases.called(&cell.text).map(|p| p.id.clone())).collect();
    if named.iter().skip(1).flatten().count() < 2 || named.first().is_some_and(Option::is_some) {
        return;
    }
    for (column, phase) in columns.iter_mut().zip(named).skip(1) {
        if let Some(phase) = phase {
            *column = Column::Staged(phase);
        } else if *column == Column::Limit(None, None) {
            *column = Column::Other;
        }
    }
    if columns.first() == Some(&Column::Other) {
        columns[0] = Column::Metric;
    }
}

/// First headers of tables whose durations are those of phases.
const STAGES: &[&str] = words! {
    "phase" "phases" "stage" "stages" "step" "wave" "ring" "day" "week" "cohort" "traffic" "rollout" "schritt"
    "stufe" "étape" "etapa" "fase" "フェーズ" "段階" "阶段" "단계"
};

/// Rows of a table of phases that say what each of them has to reach.
const ASKED: &[&str] =
    words! { "exit" "gate" "success" "criteria" "criterion" "go" "promote when" "advance when" "done when" };

/// Headers that speak of limits and are called after no metric.
const NO_METRICS: &[&str] = words! {
    "criteria" "criterion" "target" "threshold" "condition" "limit" "goal" "success" "success metric"
    "expected" "critérios" "criterios" "critères" "kriterien"
};

/// "SLI | SLO": what is measured, and what is promised of it.
fn aims(header: &[Rich], columns: &mut [Column]) {
    let slo = |cell: &Rich| has_any(&fold(&cell.text), &["slo", "slos"]);
    let mut seen = false;
    for (cell, column) in header.iter().zip(columns) {
        if *column == Column::Metric && seen && slo(cell) {
            *column = Column::Limit(Some(Role::Success), None);
        }
        seen |= *column == Column::Metric;
    }
}

/// "Alert | Limit": the name of the alert stands for its metric.
fn named_by_alert(columns: &mut [Column]) {
    let unnamed = !columns.contains(&Column::Metric);
    let other = columns.iter().skip(1).any(|c| matches!(c, Column::Limit(..)));
    if let Some(first) =
        columns.first_mut().filter(|c| unnamed && other && matches!(c, Column::Limit(Some(Role::Alert), _)))
    {
        *first = Column::Metric;
        for column in columns.iter_mut().filter(|c| **c == Column::Limit(None, None)) {
            *column = Column::Rule;
        }
    }
}

/// Columns called after something else, an environment say, whose cells all state a limit.
fn by_cells(columns: &mut [Column], rows: &[(&Block, &Vec<Rich>)]) {
    let states = |i: usize| {
        let mut cells =
            rows.iter().filter_map(|(_, cells)| cells.get(i)).filter(|c| !is_blank(&c.text)).peekable();
        cells.peek().is_some()
            && cells.all(|c| c.text.len() < 60 && scan(&c.text).iter().any(|l| l.sign && l.metric.is_empty()))
    };
    for (i, column) in columns.iter_mut().enumerate().skip(1).filter(|(_, c)| **c == Column::Other) {
        if states(i) {
            *column = Column::Limit(None, None);
        }
    }
}

/// A cell that says nothing: empty, or a dash.
fn is_blank(cell: &str) -> bool {
    matches!(cell.trim(), "" | "-" | "–" | "—" | "n/a" | "N/A")
}

/// What is measured now is no limit.
const NOW: &[&str] = words! {
    "current" "actual" "today" "now" "measured" "observed" "real" "actuel" "atual" "aktuell" "ist" "現在" "当前" "현재"
};

/// What the words of a column's title say it holds; the first row that fits counts.
const TITLES: &[(Column, &[&str])] = &[
    (
        Column::Severity,
        words! {
            "severity" "priority" "schweregrad" "severidade" "severidad" "重大度"
        },
    ),
    (
        Column::Duration,
        words! {
            "duration" "for" "sustained" "dauer" "duração" "durée" "duración"
        },
    ),
    (
        Column::Window,
        words! {
            "window" "period" "time window" "evaluation" "fenster" "ventana" "janela"
        },
    ),
    (
        Column::Limit(Some(Role::Rollback), None),
        words! {
            "rollback" "abort" "roll back" "rollback if" "rollback trigger" "no go" "stop" "kill" "revert"
            "red"
        },
    ),
    (
        Column::Limit(Some(Role::Alert), None),
        words! {
            "alert" "page" "alarm" "warning" "warn" "critical" "yellow" "warnung" "kritisch" "alerta"
            "alerte" "crítico" "警告" "告警条件" "告警" "告警阈值" "アラート条件" "アラート閾値" "알림조건"
            "알림 조건" "alert if" "alert when"
        },
    ),
    (
        Column::Metric,
        words! {
            "metric" "signal" "kpi" "indicator" "slo" "sli" "measure" "check" "metrik" "kennzahl"
            "métrique" "indicateur" "métrica" "indicador" "指標" "メトリクス" "指标" "지표" "monitor"
            "alert name" "condition name" "parameter"
        },
    ),
    (
        Column::Limit(Some(Role::Success), None),
        words! {
            "target" "goal" "objective" "expected" "success" "slo" "ziel" "zielwert" "objectif" "objetivo"
            "目标值" "目標値" "목표값" "esperado" "esperada" "erwartet" "attendu" "attendue" "meta" "目標"
            "目标" "목표" "pass" "healthy" "go" "green" "criteria" "criterion" "kriterien" "critères"
            "criterios" "critérios"
        },
    ),
    (
        Column::Limit(None, None),
        words! {
            "threshold" "limit" "condition" "trigger" "value" "alert threshold" "schwelle" "schwellenwert"
            "grenzwert" "seuil" "umbral" "limiar" "limite" "閾値" "しきい値" "阈值" "임계값" "bound"
            "guardrail" "guard rail" "leitplanke" "situation" "situación" "situação"
        },
    ),
    (
        Column::Action,
        words! {
            "action" "response" "answer" "reaction" "what to do" "decision" "aktion" "acción" "ação" "then"
        },
    ),
];

fn column(folded: &str, raw: &str) -> Column {
    if is_measured_now(folded) {
        return Column::Other;
    }
    match TITLES.iter().find(|(_, words)| has_any(folded, words)) {
        Some((Column::Limit(Some(Role::Alert), _), _)) => {
            let named = severity::word(raw).filter(|w| !w.eq_ignore_ascii_case("page"));
            Column::Limit(Some(Role::Alert), named.map(str::to_owned))
        }
        Some((column, _)) => column.clone(),
        None => Column::Other,
    }
}

/// "Current", or a value of some day: "30 day value".
fn is_measured_now(folded: &str) -> bool {
    let value = has_any(folded, &["value"]) && !matches!(folded, "value" | "limit value" | "threshold value");
    let dated = folded.split(' ').next().is_some_and(|w| w.starts_with(|c: char| c.is_ascii_digit()));
    has_any(folded, NOW) || value && dated
}

fn row(block: &Block, cells: &[Rich], columns: &[Column], header: &[Rich], maker: &mut Maker) {
    let text = |want: &Column| {
        cells.iter().zip(columns).find(|(_, c)| *c == want).map(|(cell, _)| cell.text.as_str())
    };
    let metric = text(&Column::Metric).unwrap_or("");
    // "Dates | Dec 1–2 | Dec 3–5" below the names of phases says when.
    if columns.iter().any(|c| matches!(c, Column::Staged(_))) && super::items::is_field(metric) {
        return;
    }
    let action = text(&Column::Action).unwrap_or("");
    let before = maker.stated();
    let staged = header.first().is_some_and(|cell| has_any(&fold(&cell.text), STAGES));
    let hold = text(&Column::Duration).filter(|_| !staged).and_then(super::span::first_span);
    let window = text(&Column::Window).and_then(super::span::first_span);
    for (i, (cell, column)) in cells.iter().zip(columns).enumerate() {
        let (role, named) = match column {
            Column::Limit(role, named) => (*role, named.clone()),
            Column::Rule | Column::Measured | Column::Staged(_) => (None, None),
            _ => continue,
        };
        let metric = match header.get(i) {
            Some(title) if *column == Column::Measured => title.text.as_str(),
            _ => metric,
        };
        for mut limit in cell_limits(&cell.text, metric, role.is_some()) {
            if limit.metric.is_empty() {
                metric.clone_into(&mut limit.metric);
            }
            let vague = matches!(column, Column::Staged(_)) && !limit.sign && limit.cmp != Cmp::Between;
            if limit.metric.is_empty() || takes_its_time(&limit) || vague {
                continue;
            }
            // Beside "stop" stands what must not happen, unless the good side is what is written.
            let healthy = unhealthy(&limit) == Some(false);
            let healthy = healthy && *column != Column::Measured;
            let asked = matches!(column, Column::Staged(_)) && has_any(&fold(metric), ASKED);
            let role = role
                .or(asked.then_some(Role::Success))
                .or_else(|| by_action(action).filter(|_| !healthy))
                .unwrap_or_else(|| {
                    if *column == Column::Rule {
                        Role::Alert
                    } else {
                        by_section(maker.outline, block, &limit)
                    }
                });
            let class = text(&Column::Severity)
                .filter(|t| !t.trim().is_empty())
                .map(|t| severity::rank(t).unwrap_or(t).to_owned())
                .or_else(|| named.clone());
            let class = class.or_else(|| severity::around(maker.outline, block.scope));
            if role == Role::Success {
                (limit.hold, limit.over) = (limit.hold.or(hold), limit.over.or(window));
            } else {
                limit.hold = limit.hold.or(hold).or(window);
            }
            let severity = class.filter(|_| role != Role::Success);
            maker.push(block, &cell.text, &limit, Context { role, severity });
            if let Column::Staged(phase) = column {
                maker.belongs_to(phase);
            }
        }
    }
    if maker.stated() == before {
        in_the_name(block, metric, cells, maker);
    }
}

/// "5xx rate <= 1% | yes": the limit stands where the metric is named.
fn in_the_name(block: &Block, metric: &str, cells: &[Rich], maker: &mut Maker) {
    let Some(cell) = cells.iter().find(|c| c.text == metric) else { return };
    let found = if metric.len() < 200 { scan(metric) } else { Vec::new() };
    for limit in found.into_iter().filter(|l| l.sign && is_metric(&l.metric.to_lowercase())) {
        let role = by_section(maker.outline, block, &limit);
        maker.push(block, &cell.text, &limit, Context { role, severity: None });
    }
}

/// "Can restore in < 30 min": what a way back may take is no limit of the product.
fn takes_its_time(limit: &Limit) -> bool {
    const BACK: &[&str] = words! { "restore" "can restore" "rollback" "roll back" "rto" "rpo" };
    limit.time.is_some_and(|seconds| seconds >= 1.0) && has_any(&fold(&limit.metric), BACK)
}

/// The limits of a cell: written out, or a bare number in a column that says what it is.
fn cell_limits(cell: &str, metric: &str, named: bool) -> Vec<Limit> {
    if cell.len() > 400 {
        return Vec::new();
    }
    if is_query(cell) {
        let own = |l: Limit| if metric.is_empty() { l } else { Limit { metric: String::new(), ..l } };
        return compared(cell).map(own).into_iter().collect();
    }
    let found: Vec<Limit> = scan(cell).into_iter().filter(|l| l.cmp != Cmp::Threshold).collect();
    if !found.is_empty() {
        return found;
    }
    let at = cell
        .find(|c: char| c.is_ascii_digit())
        .filter(|at| cell[..*at].chars().all(|c| !c.is_alphanumeric()));
    let fits =
        at.and_then(|at| number_at(cell, at)).is_some() && (named || is_metric(&metric.to_lowercase()));
    let bare = scan(cell).into_iter().filter(|l| fits && matches!(l.value, Some(Value::One(_))));
    let bare: Vec<Limit> = bare.take(1).collect();
    if !bare.is_empty() || at != Some(0) {
        return bare;
    }
    // "Health check failures | 3 consecutive"
    let counted = in_a_row(&format!("{metric} {cell}"));
    counted.map(|l| Limit { metric: String::new(), start: 0, end: cell.len(), ..l }).into_iter().collect()
}

fn by_action(action: &str) -> Option<Role> {
    let folded = fold(action);
    let first = folded.split(' ').next().unwrap_or("");
    if ["pause", "hold", "page", "alert", "notify", "investigate", "warn"].contains(&first) {
        return Some(Role::Alert);
    }
    if has_any(
        &folded,
        &[
            "rollback",
            "roll back",
            "revert",
            "abort",
            "stop",
            "halt",
            "rolled back",
            "disable",
            "kill switch",
        ],
    ) {
        Some(Role::Rollback)
    } else if has_any(
        &folded,
        words! {
            "alert" "page" "pages" "notify" "investigate" "pause" "hold" "warn" "escalate" "mail" "monitor"
            "watch" "fix forward"
        },
    ) {
        Some(Role::Alert)
    } else {
        None
    }
}

fn by_section(outline: &Outline, block: &Block, limit: &Limit) -> Role {
    let topics = outline.nearest(block.scope, IN.and(ROLLBACK)).map_or(NONE, |s| outline.scopes[s].topics);
    if topics.any(TRIGGER.and(ROLLBACK)) {
        Role::Rollback
    } else if topics.any(ALERT.and(SEVERITY)) {
        Role::Alert
    } else if topics.any(SUCCESS.and(GATE)) {
        Role::Success
    } else if unhealthy(limit) == Some(true) {
        Role::Alert
    } else {
        Role::Monitor
    }
}
