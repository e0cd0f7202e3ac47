//! Tables of flags: which column holds the name, the value, the phase that turns it on.
//!
//! Called by `flags`.

use super::PhaseId;
use super::flag_lines::{is_name, is_word};
use super::flags::{Mention, defined};
use super::outline::{Kind, Outline, Rich};
use super::phases::Phases;
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, has_any};

/// "| Key | `new_cart` |" over the properties of one flag.
fn key_value(cells: &[Rich]) -> Option<String> {
    let [key, name] = cells else { return None };
    let keyed = matches!(fold(&key.text).as_str(), "key" | "flag" | "flag key" | "name" | "flag name");
    (keyed && is_name(&name.text) && name.codes().next().is_some()).then(|| name.text.clone())
}

/// Which columns of a table of flags hold what.
struct Columns {
    name: usize,
    /// Whether the name's column says that it holds flags.
    titled: bool,
    value: Option<usize>,
    about: Option<usize>,
    /// The phase that turns it on: "Rollout phase".
    home: Option<usize>,
    /// The value in one phase.
    stages: Vec<(usize, PhaseId)>,
}

impl Columns {
    /// None where the table is not one of flags. `spoken` where its section speaks of flags.
    fn read(cells: &[Rich], phases: &Phases, spoken: bool) -> Option<Self> {
        const NAMES: &[&str] = words! {
            "flag" "flags" "flag name" "toggle" "flag key" "feature flag" "schalter" "bandera" "drapeau"
            "フラグ" "フラグ名" "开关" "플래그"
        };
        const HELD: &[&str] = words! {
            "default" "value" "state" "initial" "estado" "standard" "valor" "wert"
        };
        const VALUE: &[&str] = words! {
            "default" "initial" "initial state" "initial value" "value" "state" "setting" "production"
            "prod" "status" "enabled" "launch value" "standard" "standardwert" "wert" "valor" "estado"
            "valeur" "padrão" "初期値" "デフォルト" "默认" "默认值" "기본값"
        };
        const ABOUT: &[&str] = words! {
            "description" "purpose" "what" "controls" "notes" "beschreibung" "descripción" "descrição" "说明"
            "説明"
        };
        const HOME: &[&str] = words! {
            "rollout phase" "phase" "stage" "enabled in" "turned on in" "launch phase" "wave" "fase" "etapa"
            "フェーズ" "阶段" "단계"
        };
        let titles: Vec<String> = cells.iter().map(|c| fold(&c.text)).collect();
        let column = |words: &[&str]| titles.iter().position(|t| has_any(t, words));
        let titled = column(NAMES);
        let supposed = || column(&["key", "name", "feature", "setting"]).unwrap_or(0);
        let name = titled.or_else(|| spoken.then(supposed))?;
        if !spoken && column(HELD).is_none() {
            return None;
        }
        let phase = |c: &Rich| phases.called(&c.text).map(|p| p.id.clone());
        let stages = cells.iter().enumerate().filter(|(i, _)| *i != name);
        let stages: Vec<_> = stages.filter_map(|(i, c)| Some((i, phase(c)?))).collect();
        let value = column(VALUE).filter(|v| *v != name).or(stages.first().map(|(i, _)| *i));
        let home = titles
            .iter()
            .position(|t| HOME.contains(&t.as_str()))
            .filter(|h| *h != name && Some(*h) != value);
        Some(Self { name, titled: titled.is_some(), value, about: column(ABOUT), home, stages })
    }

    /// What one row says.
    fn row(&self, cells: &[Rich], phases: &Phases, line: usize, out: &mut Vec<Mention>) {
        let text = |i: Option<usize>| {
            i.and_then(|i| cells.get(i)).map(|c| c.text.trim().to_owned()).filter(|t| !t.is_empty())
        };
        let Some(written) = text(Some(self.name)) else { return };
        let first = written.split_whitespace().next().filter(|w| is_name(w));
        let name = first.map_or_else(|| written.clone(), str::to_owned);
        // In a table that does not say "flag", only what looks like one is one.
        if !self.titled && !is_name(&name) && !is_word(&name) {
            return;
        }
        let home = text(self.home).and_then(|said| phases.called(&said).map(|p| p.id.clone()));
        if home.is_some() {
            out.push(Mention { phase: home, ..defined(name.clone(), None, None, line) });
        }
        out.push(defined(name.clone(), text(self.value), text(self.about), line));
        out.extend(self.stages.iter().map(|(i, phase)| Mention {
            phase: Some(phase.clone()),
            ..defined(name.clone(), text(Some(*i)), None, line)
        }));
    }
}

/// What the table whose header is the block at `at` says of flags.
pub(crate) fn table(outline: &Outline, phases: &Phases, at: usize, out: &mut Vec<Mention>) {
    let header = &outline.blocks[at];
    let Kind::Row { table, cells, .. } = &header.kind else { return };
    let spoken = outline
        .nearest(header.scope, FLAGS.and(ALERT).and(ROLLBACK))
        .is_some_and(|s| outline.scopes[s].topics.any(FLAGS));
    if let Some(name) = key_value(cells).filter(|_| spoken) {
        return out.push(defined(name, None, None, header.line));
    }
    let Some(columns) = Columns::read(cells, phases, spoken) else { return };
    for block in &outline.blocks[at + 1..] {
        match &block.kind {
            Kind::Row { table: t, cells, .. } if t == table => columns.row(cells, phases, block.line, out),
            _ => return,
        }
    }
}
