//! Rows of a table as checklist entries: a cell that is a box, a status in words, a line of a run sheet.
//!
//! Called by `items`, which knows where the table stands and who owns its rows.

use super::ItemKind;
use super::inline::is_marked;
use super::outline::Rich;
use super::vocabulary::words;
use super::words::{fold, has_any};

/// An entry that a row is.
pub(crate) struct Entry {
    /// What is to be done.
    pub text: String,
    /// Whether the row says that it is done.
    pub checked: bool,
    /// A box, or a line of a run sheet.
    pub kind: ItemKind,
}

/// The titles of a table, and what they make of its cells.
#[derive(Default)]
pub(crate) struct Header {
    titles: Vec<String>,
    folded: Vec<String>,
    /// Whether a column says what is to be done.
    todo: bool,
    /// Whether another says when or by whom.
    run: bool,
}

const DONE: &[&str] = words! {
    "done" "completed" "complete" "finished" "ticked" "erledigt" "fertig" "fait" "terminé" "hecho"
    "feito" "concluído" "完了" "完成" "완료"
};
/// Columns that are filled in while it is done.
const RESULT: &[&str] = words! {
    "result" "results" "outcome" "pass fail" "checked" "verified" "ok" "ergebnis" "geprüft" "résultat"
    "resultado" "結果" "结果" "결과"
};
const STATUS: &[&str] = words! { "status" "state" "stand" "statut" "état" "estado" "状態" "状态" "상태" };
const TODO: &[&str] = words! {
    "task" "tasks" "action" "actions" "activity" "activities" "step" "schritt" "paso" "passo" "check" "checks" "item" "items"
    "test" "case" "criterion" "requirement" "aufgabe" "aktion" "tätigkeit" "maßnahme" "prüfpunkt"
    "tâche" "étape" "tarea" "acción" "actividad" "tarefa" "ação" "atividade" "作業" "作業内容" "タスク"
    "手順" "項目" "任务" "操作" "事项" "检查项" "작업" "항목"
};
const RUN: &[&str] = words! {
    "time" "when" "start" "timing" "owner" "who" "responsible" "assignee" "agent" "zeit" "uhrzeit"
    "wer" "verantwortlich" "heure" "responsable" "hora" "responsável" "時刻" "担当" "时间" "负责人"
    "시간" "담당"
};
/// Tables of these are about something else, whatever they ask to do.
const ELSE: &[&str] = words! {
    "metric" "metrics" "threshold" "condition" "severity" "trigger" "risk" "alert" "flag" "message"
    "audience" "scenario" "symptom" "symptoms" "role" "channel" "level" "priority" "problem" "issue"
    "percentage" "traffic" "environment" "query" "command" "mitigation" "signature" "frequency"
};
const OPEN_WORDS: &[&str] = words! {
    "pending" "not started" "in progress" "todo" "to do" "open" "tbd" "wip" "blocked" "planned"
    "scheduled" "offen" "ausstehend" "in arbeit" "geplant" "en cours" "à faire" "pendiente" "en curso"
    "pendente" "em andamento" "未着手" "未完了" "進行中" "未完成" "进行中" "待办" "대기" "진행 중" "미완료"
};
const DONE_WORDS: &[&str] = words! {
    "done" "complete" "completed" "passed" "pass" "success" "finished" "closed" "erledigt" "fertig"
    "fait" "terminé" "hecho" "completado" "feito" "concluído" "完了" "完成" "已完成" "완료"
};

impl Header {
    /// Reads the titles of a table.
    pub fn new(cells: &[Rich]) -> Header {
        let titles: Vec<String> = cells.iter().map(|c| c.text.clone()).collect();
        let folded: Vec<String> = titles.iter().map(|t| fold(t)).collect();
        let any = |words: &[&str]| folded.iter().any(|t| has_any(t, words));
        let todo = any(TODO) && !any(ELSE);
        let run = todo && any(RUN);
        Header { titles, folded, todo, run }
    }

    /// What a row asks to tick; `open` where the table's place lets words and lines stand for boxes.
    pub fn entries(&self, cells: &[Rich], open: bool) -> Vec<Entry> {
        let mut boxes = self.found(cells, |at, cell| self.boxed(at, cell, open && self.todo));
        if boxes.is_empty() && open && self.todo {
            boxes = self.found(cells, |at, cell| self.stated(at, cell));
        }
        match boxes[..] {
            [] if open && self.run => vec![entry(joined(cells, None), false, ItemKind::Action)],
            [] => Vec::new(),
            [(at, checked)] => vec![entry(joined(cells, Some(at)), checked, ItemKind::Table)],
            _ => {
                let name = cells.first().map_or("", |c| c.text.as_str());
                let made = boxes.iter().map(|(at, checked)| {
                    entry(format!("{name} – {}", self.column(*at)), *checked, ItemKind::Table)
                });
                made.collect()
            }
        }
    }

    /// Whether the table says when or by whom something is done, line by line.
    pub fn is_run_sheet(&self) -> bool {
        self.run
    }

    fn found(&self, cells: &[Rich], is: impl Fn(usize, &str) -> Option<bool>) -> Vec<(usize, bool)> {
        cells.iter().enumerate().filter_map(|(i, c)| Some((i, is(i, &c.text)?))).collect()
    }

    fn column(&self, at: usize) -> String {
        self.titles.get(at).cloned().unwrap_or_else(|| format!("column {}", at + 1))
    }

    /// Whether a cell is a box, and ticked: written as one, or under a title that says "Done".
    fn boxed(&self, at: usize, cell: &str, spoken: bool) -> Option<bool> {
        let title = self.folded.get(at).map_or("", String::as_str);
        let said = || match cell.trim().to_lowercase().as_str() {
            "" | "-" | "no" | "nein" | "todo" | "open" => Some(false),
            "x" | "yes" | "ja" | "done" | "y" | "ok" => Some(true),
            _ => None,
        };
        let asked = DONE.contains(&title) || spoken && RESULT.contains(&title);
        let done = || if asked { said() } else { None };
        ticked(cell).or_else(|| leading_box(cell).map(|(checked, _)| checked)).or_else(done)
    }

    /// What a cell under "Status" or "Result" says in words.
    fn stated(&self, at: usize, cell: &str) -> Option<bool> {
        let title = self.folded.get(at)?.as_str();
        (STATUS.contains(&title) || RESULT.contains(&title)).then(|| by_word(cell)).flatten()
    }
}

fn entry(text: String, checked: bool, kind: ItemKind) -> Entry {
    Entry { text, checked, kind }
}

/// The cells but the box, or what stands behind a box in a cell with more.
fn joined(cells: &[Rich], without: Option<usize>) -> String {
    let texts = cells.iter().enumerate().filter_map(|(i, c)| match leading_box(&c.text) {
        Some((_, rest)) => Some(rest),
        None => (Some(i) != without && !c.text.is_empty()).then_some(c.text.as_str()),
    });
    texts.collect::<Vec<_>>().join(" – ")
}

/// "[ ] Key created", "☐ Freeze": a box with what it is for in the same cell.
fn leading_box(cell: &str) -> Option<(bool, &str)> {
    const BOXES: [(&str, bool); 6] =
        [("[ ] ", false), ("[x] ", true), ("[X] ", true), ("☐ ", false), ("□ ", false), ("☑ ", true)];
    let cell = cell.trim();
    BOXES.iter().find_map(|(mark, checked)| Some((*checked, cell.strip_prefix(mark)?.trim())))
}

/// "✅ Success", "Not started", "⏳ Pending", "❌".
fn by_word(cell: &str) -> Option<bool> {
    let folded = fold(cell);
    if folded.is_empty() {
        return (!cell.trim().is_empty()).then(|| is_marked(cell) && ticked(cell) == Some(true));
    }
    let begins = |words: &[&str]| words.iter().any(|w| folded == *w || folded.starts_with(&format!("{w} ")));
    if begins(OPEN_WORDS) { Some(false) } else { begins(DONE_WORDS).then_some(true) }
}

/// Whether a cell is a box, and ticked.
fn ticked(cell: &str) -> Option<bool> {
    match cell.trim() {
        "[ ]" | "[]" | "☐" | "⬜" | "🔲" | "◻" | "□" | "▢" => Some(false),
        "[x]" | "[X]" | "☑" | "✅" | "✔" | "☒" | "✓" | "✔️" => Some(true),
        _ => None,
    }
}

/// Whether a line outside a table begins with a drawn box, and whether that is ticked.
pub(crate) fn drawn_box(text: &str) -> Option<bool> {
    match text.trim_start().chars().next()? {
        '☐' | '□' | '⬜' | '🔲' | '◻' | '▢' => Some(false),
        '☑' | '☒' => Some(true),
        _ => None,
    }
}
