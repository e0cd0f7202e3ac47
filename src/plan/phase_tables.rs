//! Phases as the rows of a table: "Phase | When | Traffic".
//!
//! Called by `phase_shapes`. A table of steps, of effort or of limits by phase holds none.

use super::ordinal::ordinal;
use super::outline::{Kind, Outline, Rich};
use super::phases::Candidate;
use super::tables::tables;
use super::vocabulary::words;
use super::window::{share, window};
use super::words::{fold, has_any};
use super::{Share, Window};

/// The phases that the tables right in `home` hold.
pub(crate) fn rows(outline: &Outline, home: usize) -> Vec<Candidate> {
    table(outline, home, false)
}

/// The same where the first column only says when: "Week | Task" in a section about the rollout.
pub(crate) fn calendar(outline: &Outline, home: usize) -> Vec<Candidate> {
    let found = table(outline, home, true);
    if found.iter().all(|c| c.window.is_some()) { found } else { Vec::new() }
}

fn table(outline: &Outline, home: usize, dated: bool) -> Vec<Candidate> {
    let mut columns: Option<Columns> = None;
    let mut out = Vec::new();
    for block in outline.direct(home) {
        let Kind::Row { header, cells, .. } = &block.kind else { continue };
        if *header {
            if !out.is_empty() {
                break;
            }
            columns = Columns::read(&cells.iter().map(|c| fold(&c.text)).collect::<Vec<_>>(), dated);
        } else if let Some(columns) = &columns {
            let cells: Vec<&str> = cells.iter().map(|c| c.text.as_str()).collect();
            out.extend(columns.candidate(&cells, block.line));
        }
    }
    out
}

struct Columns {
    at: usize,
    word: String,
    name: Option<usize>,
    when: Option<usize>,
    share: Option<usize>,
}

/// What a table says of a phase: the word and number of the phase, when, for whom.
type Told = (String, String, Option<Window>, Option<Share>);

/// "| | Phase A | Phase B |" above "Dates" and "Audience": a phase a column.
pub(crate) fn told_in_columns(outline: &Outline) -> Vec<Told> {
    let mut out = Vec::new();
    for table in tables(outline) {
        let Kind::Row { cells: header, .. } = &table.header.kind else { continue };
        let phase = |cell: &Rich| ordinal(&cell.text).filter(|o| o.strong).map(|o| (o.word, o.number));
        let marks: Vec<_> = header.iter().map(phase).collect();
        if marks.iter().skip(1).flatten().count() < 2 || marks.first().is_some_and(Option::is_some) {
            continue;
        }
        for (_, cells) in &table.rows {
            let field = cells.first().map(|c| fold(&c.text)).unwrap_or_default();
            let (when, who) = (WHEN.contains(&field.as_str()), WHO.contains(&field.as_str()));
            for (mark, cell) in marks.iter().zip(cells.iter()).skip(1).filter(|_| when || who) {
                let Some((word, number)) = mark.clone() else { continue };
                let (time, part) = (window(&cell.text).filter(|_| when), share(&cell.text).filter(|_| who));
                out.push((word, number, time, part));
            }
        }
    }
    out
}

/// What the first column of a table of phases is called.
const FIRST: &[&str] = words! {
    "phase" "stage" "wave" "ring" "fase" "etapa" "étape" "stufe" "welle" "vague" "フェーズ" "段階" "阶段"
    "단계" "cohort" "rollout phase" "phase name" "rollout stage" "palier" "oleada" "onda" "ステージ"
};
/// The same where another column says for how many: a step or a day alone is none.
const WITH_SHARE: &[&str] = words! {
    "step" "milestone" "day" "days" "week" "weeks" "date" "schritt" "tag" "woche" "jour" "semaine" "día"
    "semana" "dia" "paso" "passo" "時期" "日" "时间" "일차"
};
const NAME: &[&str] = words! {
    "name" "title" "description" "scope" "what" "goal" "activity" "focus" "content" "nombre"
    "descripción" "nome" "descrição" "nom" "bezeichnung" "beschreibung" "内容" "名称" "名前" "概要" "说明"
    "내용" "이름" "설명"
};
const WHEN: &[&str] = words! {
    "when" "date" "dates" "duration" "day" "days" "week" "weeks" "time" "timing" "window"
    "timeline" "schedule" "start" "wann" "zeit" "zeitraum" "dauer" "datum" "quando" "período"
    "prazo" "data" "duração" "cuándo" "fecha" "duración" "duracao" "durée" "période" "期間" "時期" "日程"
    "时间" "日期" "周期" "기간" "일정" "시기"
};
const SHARE: &[&str] = words! {
    "traffic" "percentage" "percent" "share" "rollout" "exposure" "tráfego" "tráfico" "anteil"
    "porcentaje" "porcentagem" "trafic" "比例" "割合" "流量" "비율"
};
const WHO: &[&str] = words! {
    "users" "audience" "who" "nutzer" "usuarios" "usuários" "utilisateurs" "対象" "대상"
};

impl Columns {
    fn read(header: &[String], dated: bool) -> Option<Columns> {
        const NOT: &[&str] = words! {
            "metric" "metrics" "threshold" "risk" "severity" "channel" "effort" "method" "rollback" "방법"
            "audience message"
        };
        // "# | Stage | When": the number tells nothing that the order does not.
        let numbered = matches!(header.first()?.as_str(), "" | "no" | "nr" | "id" | "n") && header.len() > 2;
        let at = usize::from(numbered && FIRST.contains(&header[1].as_str()));
        let first = header.get(at)?;
        let column =
            |words: &[&str]| header.iter().skip(at + 1).position(|h| has_any(h, words)).map(|i| i + at + 1);
        let share = column(SHARE).or_else(|| column(WHO));
        let shared = share.is_some() && !header.iter().skip(at + 1).any(|h| has_any(h, &["message"]));
        let timed = dated && WITH_SHARE[2..].contains(&first.as_str());
        let named =
            FIRST.contains(&first.as_str()) || timed || shared && WITH_SHARE.contains(&first.as_str());
        if !named || header.get(at + 1).is_some_and(|h| has_any(h, NOT)) {
            return None;
        }
        let (name, when) = (column(NAME), column(WHEN));
        // "Phase | Must pass" says what is asked of phases that stand elsewhere.
        let bare = !timed && name.is_none() && when.is_none() && share.is_none() && header.len() < at + 3;
        (!bare).then(|| Columns { at, word: first.clone(), name, when, share })
    }

    /// The phase of a row; none for a sum.
    fn candidate(&self, cells: &[&str], line: usize) -> Option<Candidate> {
        let first = cells.get(self.at).copied().unwrap_or("").trim();
        if first.is_empty() || matches!(fold(first).as_str(), "total" | "sum" | "summe" | "gesamt" | "合計")
        {
            return None;
        }
        let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '#' | '-' | '–');
        let bare = first.chars().all(digits) || first.chars().count() == 1;
        let name = self.name.and_then(|i| cells.get(i)).filter(|name| bare && !name.is_empty());
        let title = match name {
            Some(name) => format!("{} {first}: {name}", capital(&self.word)),
            None if bare => format!("{} {first}", capital(&self.word)),
            None => first.to_owned(),
        };
        let cell = |column: Option<usize>| column.and_then(|i| cells.get(i)).map(|t| t.trim());
        let own = || window(first).filter(|_| WITH_SHARE.contains(&self.word.as_str()));
        let when =
            cell(self.when).filter(|t| !t.is_empty()).map(str::to_owned).or_else(|| own().map(|w| w.text));
        let share = cell(self.share).and_then(share).or_else(|| name.and_then(|n| share(n)));
        Some(Candidate { title, line, scope: None, parent: None, window: when, share })
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
