//! Checklist entries: rendered tasks, table boxes, a phase's bullets, success criteria.
//!
//! Which part of the launch answers for an entry is `owner`'s business.

use std::sync::Arc;

use super::ident::{Ids, own_id};
use super::inline::is_marked;
use super::item_tables::{Header, drawn_box};
use super::ordinal::ordinal;
use super::outline::{Block, Kind, Outline, Rich, ScopeKind};
use super::owner::Owners;
use super::span::unit_seconds;
use super::topic::{self, *};
use super::vocabulary::words;
use super::words::{fold, squeeze};
use super::{FlagSetting, Item, ItemId, ItemKind, Owner, Threshold};

/// Sections that inform: neither their bullets nor their rows are things to do.
const INFORMS: Topics = MONITOR
    .and(ALERT)
    .and(TRIGGER)
    .and(ROLLBACK)
    .and(FLAGS)
    .and(COMMS)
    .and(TEMPLATE)
    .and(RISK)
    .and(CONTACTS)
    .and(ESTIMATE)
    .and(REFERENCE)
    .and(BRIEF)
    .and(ENDPOINT)
    .and(LOGS)
    .and(SEVERITY)
    .and(SIGNOFF)
    .and(INCIDENT);
/// Sections of a phase whose bullets are no actions.
const NO_ACTIONS: Topics = INFORMS.and(SUCCESS).and(GATE);
/// Sections whose tables are no lists of things to do.
const NO_ROWS: Topics = INFORMS.and(SCENARIO);
/// Labels that make a bullet a statement about the phase.
const STATEMENT: Topics = SUCCESS.and(TRIGGER).and(ROLLBACK).and(GATE).and(RISK).and(CONTACTS);

/// Every entry of the plan, in the order of the document.
pub(crate) fn items(outline: &Outline, owners: &Owners) -> Vec<Item> {
    let mut maker =
        Maker { outline, owners, ids: Ids::default(), path: Place::default(), header: Header::default() };
    let mut items = Vec::new();
    for block in &outline.blocks {
        maker.read(block, &mut items);
    }
    items
}

/// Where items stand.
struct Place {
    scope: usize,
    /// Folded titles, the innermost first; what ids are made of.
    key: String,
    /// As [`Item::path`].
    titles: Arc<str>,
}

impl Default for Place {
    fn default() -> Self {
        Self { scope: usize::MAX, key: String::new(), titles: Arc::from("") }
    }
}

struct Maker<'a> {
    outline: &'a Outline,
    owners: &'a Owners<'a>,
    ids: Ids,
    /// The section path that was asked for last.
    path: Place,
    /// The header of the table that is being read.
    header: Header,
}

impl Maker<'_> {
    fn read(&mut self, block: &Block, items: &mut Vec<Item>) {
        match &block.kind {
            Kind::Item { task: Some(checked), .. } => {
                items.push(self.item(block, ItemKind::Task, *checked, block.text()))
            }
            Kind::Item { task: None, .. } => {
                if let Some(checked) = drawn_box(block.text()) {
                    items.push(self.item(block, ItemKind::Table, checked, block.text()));
                } else if let Some(deed) = self.deed(block) {
                    items.push(self.item(block, ItemKind::Action, false, deed));
                } else if let Some(kind) = self.kind(block) {
                    let text = heading_text(&block.rich);
                    items.push(self.item(block, kind, false, text));
                }
            }
            Kind::Row { header: true, cells, .. } => {
                self.header = Header::new(cells);
            }
            Kind::Row { header: false, cells, .. } => self.row(block, cells, items),
            Kind::Paragraph => self.paragraph(block, items),
            _ => {}
        }
    }

    fn item(&mut self, block: &Block, kind: ItemKind, checked: bool, text: &str) -> Item {
        let (text, own) = own_id(text);
        let text = squeeze(past_glyph(text));
        self.stand(block.scope);
        let id = own.and_then(|own| self.ids.explicit(own));
        let id = id.unwrap_or_else(|| self.ids.hash(&self.path.key, &text));
        Item {
            id: ItemId(id),
            line: block.line,
            checked,
            kind,
            phase: self.owners.phases.at(block.line).or_else(|| self.owners.phases.top(block.scope)),
            section: section(self.outline, block.scope),
            owner: self.owners.of(block),
            flag: None,
            threshold: None,
            path: Arc::clone(&self.path.titles),
            text,
        }
    }

    /// Sets where the next item stands; most stand where the last one did.
    fn stand(&mut self, scope: usize) {
        if self.path.scope != scope {
            let titles: Vec<&str> =
                self.outline.up(scope).map(|s| self.outline.scopes[s].title.as_str()).collect();
            let folded: Vec<String> = titles.iter().map(|t| fold(t)).collect();
            let outward: Vec<&str> = titles.into_iter().rev().collect();
            let titles = outward.join("\u{1e}").into();
            self.path = Place { scope, key: folded.join("\u{1e}"), titles };
        }
    }

    /// What a bullet without a box is: a criterion, an action of its phase, or no entry.
    fn kind(&self, block: &Block) -> Option<ItemKind> {
        let outline = self.outline;
        let opened = block.opens?;
        if block.text().is_empty() && !outline.has_children(block) || self.is_step(block, opened) {
            return None;
        }
        if says_nothing(&block.folded) {
            return None;
        }
        if is_criterion(outline, block.scope) {
            return (!is_detail(outline, block)).then_some(ItemKind::Criterion);
        }
        let phase = self.owners.phases.scope_of(block.scope).filter(|p| *p != opened)?;
        if self.owners.phases.scope_of(opened) == Some(opened) {
            return None;
        }
        let within = || outline.up(block.scope).take_while(|s| *s != phase);
        let excluded =
            within().any(|s| outline.scopes[s].topics.any(NO_ACTIONS) && !topics_of_step(outline, s));
        let detail = within().any(|s| outline.scopes[s].kind == ScopeKind::Item && !self.is_step_scope(s));
        let statement = block
            .rich
            .label()
            .is_some_and(|(label, _)| is_field(label) || topic::classify(label).any(STATEMENT));
        if !detail && block.rich.label().is_some_and(|(label, rest)| !rest.is_empty() && asks(label)) {
            return Some(ItemKind::Criterion);
        }
        (!excluded && !detail && !statement && !is_estimate(block)).then_some(ItemKind::Action)
    }

    /// What an entry that is a phase by its countdown alone says to do: "T-24h: tell support".
    fn deed<'b>(&self, block: &'b Block) -> Option<&'b str> {
        let opened = block.opens?;
        let phases = self.owners.phases;
        let phase = phases.of(opened).filter(|_| phases.scope_of(opened) == Some(opened))?;
        let (label, rest) = block.rich.label()?;
        let counted = ordinal(label).is_some_and(|o| o.word == "t");
        let open = counted && !phase.name.contains(rest) && !self.outline.has_children(block);
        (open && rest.contains(char::is_alphabetic)).then_some(rest)
    }

    /// Whether an item is only the title of what hangs below it.
    fn is_step(&self, block: &Block, opened: usize) -> bool {
        let below = self.outline.below(opened);
        let tasks = below.iter().any(|b| b.task().is_some());
        let titled = block.rich.lead().is_some_and(|(_, rest)| rest.is_empty());
        tasks || titled && below.iter().any(Block::is_item)
    }

    fn is_step_scope(&self, scope: usize) -> bool {
        let block = self.outline.scopes[scope].first.checked_sub(1).map(|i| &self.outline.blocks[i]);
        block.is_some_and(|b| self.is_step(b, scope))
    }

    fn row(&mut self, block: &Block, cells: &[Rich], items: &mut Vec<Item>) {
        for entry in self.header.entries(cells, self.is_open(block)) {
            if entry.kind == ItemKind::Action && self.owners.phases.at(block.line).is_some() {
                continue;
            }
            items.push(self.item(block, entry.kind, entry.checked, &entry.text));
        }
    }

    /// Whether a table stands where its rows are things to do.
    fn is_open(&self, block: &Block) -> bool {
        let run = self.outline.up(block.scope).any(|s| self.owners.procedures.contains_key(&s));
        !run && !self.outline.within(block.scope, NO_ROWS)
    }

    /// A line that is an entry without being one of a list: "☐ Freeze", "✅ No data lost", "**Action:** Freeze".
    fn paragraph(&mut self, block: &Block, items: &mut Vec<Item>) {
        if block.quoted || self.outline.within(block.scope, TEMPLATE.and(REFERENCE)) {
            return;
        }
        let phase = self.owners.phases.scope_of(block.scope);
        let field = block.rich.label().filter(|(_, rest)| !rest.is_empty() && phase.is_some());
        if let Some(checked) = drawn_box(block.text()) {
            items.push(self.item(block, ItemKind::Table, checked, block.text()));
        } else if is_marked(block.text()) && is_criterion(self.outline, block.scope) {
            items.push(self.item(block, ItemKind::Criterion, false, block.text()));
        } else if let Some((_, rest)) = field.filter(|(label, _)| is_action(label)) {
            items.push(self.item(block, ItemKind::Action, false, rest));
        } else if let Some((_, rest)) = field.filter(|(label, _)| asks(label)) {
            items.push(self.item(block, ItemKind::Criterion, false, rest));
        }
    }
}

/// The field of a block that says what to do: "**Action:** Freeze writes".
fn is_action(label: &str) -> bool {
    const ACTION: &[&str] =
        words! { "action" "actions" "task" "aktion" "aufgabe" "acción" "ação" "作業" "操作" "작업" };
    ACTION.contains(&fold(label).as_str())
}

/// Whether a label says what success is: "Success criteria: no lost order".
fn asks(label: &str) -> bool {
    let topics = topic::classify(label);
    matches!(fold(label).as_str(), "exit" | "dod")
        || topics.any(SUCCESS) && !topics.any(TRIGGER.and(ROLLBACK).and(MONITOR)) && fold(label) != "target"
}

/// A numbered step ("2. **Monitor**") keeps its actions whatever its title is about.
fn topics_of_step(outline: &Outline, scope: usize) -> bool {
    let opened_by = outline.scopes[scope].first.checked_sub(1).map(|i| &outline.blocks[i]);
    outline.scopes[scope].kind == ScopeKind::Item
        && !outline.scopes[scope].topics.any(STATEMENT.and(FLAGS))
        && opened_by.is_some_and(Block::is_ordered)
}

fn is_criterion(outline: &Outline, scope: usize) -> bool {
    const OTHER: Topics =
        NO_ACTIONS.and(PHASES).and(PREFLIGHT).and(VERIFY).and(AFTER).and(RECURRING).and(DEPLOY);
    let near = outline.up(scope).find(|s| outline.scopes[*s].topics.any(OTHER));
    near.is_some_and(|s| {
        let topics = outline.scopes[s].topics;
        // What a message announces is no criterion.
        topics.any(SUCCESS.and(GATE))
            && !topics.any(TRIGGER.and(ROLLBACK).and(SIGNOFF).and(COMMS))
            && !outline.within(s, COMMS)
    })
}

fn is_detail(outline: &Outline, block: &Block) -> bool {
    outline.scopes[block.scope].kind == ScopeKind::Item
        && !outline.scopes[block.scope].topics.any(SUCCESS.and(GATE))
}

/// "None expected", "N/A"; "NO-GO when:" says the opposite of a criterion.
fn says_nothing(folded: &str) -> bool {
    const NOTHING: &[&str] = words! {
        "none" "n a" "na" "tbd" "tba" "none expected" "not applicable" "nothing" "keine" "entfällt"
        "aucun" "aucune" "ninguno" "ninguna" "nenhum" "nenhuma" "なし" "无" "없음"
    };
    NOTHING.contains(&folded) || folded.starts_with("no go ")
}

/// "Critical fixes: 2-4 hours" says how long and is nothing to do.
fn is_estimate(block: &Block) -> bool {
    let Some((_, rest)) = block.rich.label() else { return false };
    let unit = rest.trim_start_matches(|c: char| !c.is_alphabetic());
    rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '~' | '<')) && unit_seconds(unit).is_some()
}

/// "Duration: 2 days" and the like say something of a phase and are nothing to do.
pub(crate) fn is_field(label: &str) -> bool {
    const FIELDS: &[&str] = words! {
        "platform" "budget" "effort" "due date" "deadline" "dependencies" "duration" "time" "when" "date" "dates" "window" "timeline" "owner" "dri" "lead" "goal"
        "objective" "audience" "traffic" "target" "scope" "purpose" "percentage" "users" "environment"
        "status" "start" "end" "note" "notes" "responsible" "schedule" "estimated time"
        "estimated duration" "risk" "risk level" "participants" "cohort" "dauer" "zeitraum" "ziel"
        "verantwortlich" "durée" "objectif" "duración" "objetivo" "duração" "responsável" "timing"
    };
    FIELDS.contains(&fold(label).as_str())
}

/// The nearest heading, label or bold step above.
fn section(outline: &Outline, scope: usize) -> String {
    let near = outline.up(scope).find(|s| outline.scopes[*s].kind != ScopeKind::Root);
    near.map(|s| outline.scopes[s].title.trim_end_matches(':').to_owned()).unwrap_or_default()
}

/// A bold title alone loses its colon.
fn heading_text(rich: &Rich) -> &str {
    match rich.lead() {
        Some((label, "")) => label,
        _ => &rich.text,
    }
}

/// Text without a status glyph in front.
pub(crate) fn past_glyph(text: &str) -> &str {
    const GLYPHS: &[char] = &[
        '✅', '✔', '☑', '❌', '⬜', '☐', '✓', '✗', '🟢', '🔴', '🟡', '🔲', '⚠', '□', '☒', '◻', '▢',
        '\u{fe0f}', '•',
    ];
    text.trim_start().trim_start_matches(|c: char| GLYPHS.contains(&c) || c.is_whitespace())
}

/// Ties items to the limits and flag settings of their line.
pub(crate) fn link(items: &mut [Item], limits: &[Threshold], settings: &[(usize, FlagSetting)]) {
    for item in items {
        let at = limits.partition_point(|t| t.line < item.line);
        // A limit on a later line of a wrapped entry is still the entry's.
        let limit = limits.get(at).filter(|t| t.line == item.line || t.text.ends_with(&item.text));
        item.threshold = limit.map(|t| t.id.clone());
        let at = settings.partition_point(|(line, _)| *line < item.line);
        item.flag = settings.get(at).filter(|(line, _)| *line == item.line).map(|(_, flag)| flag.clone());
        let states = limit.is_some_and(|t| item.text.starts_with(&t.metric));
        if item.kind == ItemKind::Action && states && matches!(item.owner, Owner::Phase(_)) {
            item.kind = ItemKind::Criterion;
        }
    }
}
