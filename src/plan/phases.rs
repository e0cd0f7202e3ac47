//! Phases and sub-phases: numbered headings first, else what stands in a section about the rollout.
//!
//! Every later recogniser asks [`Phases::of`] in which phase a scope lies.

use std::collections::{HashMap, HashSet};

use super::ident::Ids;
use super::ordinal::{Ordinal, ordinal, section_number};
use super::outline::{Block, Kind, Outline, Scope, ScopeKind};
use super::topic::{self, *};
use super::window::{says_time, share, window};
use super::words::{fold, has_any};
use super::{Phase, PhaseId, PhaseKind, Share, Window};

/// The phases of a plan and which scope lies in which.
pub(crate) struct Phases {
    /// In the order of the document.
    pub list: Vec<Phase>,
    /// The scope that a phase opens; none for a table row.
    pub scopes: Vec<Option<usize>>,
    inner: Vec<Option<usize>>,
    /// By the word and number of its title.
    numbers: HashMap<(String, String), usize>,
    /// By scope, the phase its title names.
    named: Vec<Option<usize>>,
}

/// A place that may be a phase.
struct Candidate {
    title: String,
    line: usize,
    scope: Option<usize>,
    parent: Option<usize>,
    window: Option<String>,
    share: Option<Share>,
}

/// Sections in which a numbered heading is about a phase and is none.
const ELSEWHERE: Topics = ROLLBACK
    .and(TRIGGER)
    .and(COMMS)
    .and(RISK)
    .and(CONTACTS)
    .and(SIGNOFF)
    .and(INCIDENT)
    .and(TEMPLATE)
    .and(SUCCESS)
    .and(ALERT)
    .and(FLAGS)
    .and(REFERENCE)
    .and(SCENARIO)
    .and(ENDPOINT)
    .and(ESTIMATE)
    .and(MONITOR)
    .and(AFTER)
    .and(RECURRING)
    .and(SEVERITY);
/// Sections in which "Step 2" or "Day 1" is no phase, beside those.
const NOT_WEAK: Topics = ELSEWHERE.and(VERIFY).and(DEPLOY).and(PREFLIGHT).and(ACTIONS).and(GATE);
/// What a title says that only speaks of a phase: "Phase 1 success criteria".
const ABOUT: Topics =
    ROLLBACK.and(TRIGGER).and(SUCCESS).and(COMMS).and(RISK).and(SIGNOFF).and(ALERT).and(GATE);

/// Finds the phases of `outline`.
pub(crate) fn phases(outline: &Outline) -> Phases {
    let title = topic::document_title(outline);
    let ways: [&dyn Fn() -> Vec<Candidate>; 4] = [
        &|| numbered(outline, title),
        &|| counted(outline, title, &[is_heading]),
        &|| fallback(outline),
        &|| counted(outline, title, &[is_label, is_item]),
    ];
    let found = ways
        .iter()
        .map(|way| way())
        .find(|found| found.iter().any(|c| c.parent.is_none()))
        .unwrap_or_default();
    let mut phases = build(outline, found);
    phases.inner = inner(outline, &phases.scopes);
    phases.number(outline);
    phases
}

impl Phases {
    fn number(&mut self, outline: &Outline) {
        for (i, phase) in self.list.iter().enumerate().filter(|(_, p)| p.parent.is_none()) {
            if let Some(Ordinal { word, number, .. }) = ordinal(&phase.name) {
                self.numbers.entry((word, number)).or_insert(i);
            }
        }
        let titled = |s: &Scope| s.kind != ScopeKind::Item && s.kind != ScopeKind::Root;
        let place =
            |s: &Scope| ordinal(&s.title).and_then(|o| self.numbers.get(&(o.word, o.number)).copied());
        self.named = outline.scopes.iter().map(|s| titled(s).then(|| place(s)).flatten()).collect();
    }

    /// The innermost phase that holds `scope`.
    pub fn of(&self, scope: usize) -> Option<&Phase> {
        self.inner.get(scope).copied().flatten().and_then(|i| self.list.get(i))
    }

    /// The id of the top-level phase that holds `scope`.
    pub fn top(&self, scope: usize) -> Option<PhaseId> {
        self.of(scope).map(|phase| phase.parent.clone().unwrap_or_else(|| phase.id.clone()))
    }

    /// The scope of the innermost phase around `scope`.
    pub fn scope_of(&self, scope: usize) -> Option<usize> {
        self.inner.get(scope).copied().flatten().and_then(|i| self.scopes[i])
    }

    /// The top-level phase that a title names: "Phase 2 success".
    pub fn named(&self, title: &str) -> Option<&Phase> {
        let Ordinal { word, number, .. } = ordinal(title)?;
        self.numbers.get(&(word, number)).map(|i| &self.list[*i])
    }

    /// The phase that the title of a scope names, without being it.
    pub fn named_by(&self, scope: usize) -> Option<&Phase> {
        self.named.get(scope).copied().flatten().map(|i| &self.list[i])
    }
}

fn inner(outline: &Outline, scopes: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut inner: Vec<Option<usize>> = vec![None; outline.scopes.len()];
    for (i, scope) in scopes.iter().enumerate() {
        if let Some(scope) = scope {
            inner[*scope] = Some(i);
        }
    }
    for i in 1..inner.len() {
        inner[i] = inner[i].or_else(|| outline.scopes[i].parent.and_then(|p| inner[p]));
    }
    inner
}

/// Headings (or else bold lines and list items) that begin with a number of their own.
fn numbered(outline: &Outline, title: Option<usize>) -> Vec<Candidate> {
    for kinds in [is_heading as Kinds, is_label, is_item] {
        let found = marked(outline, title, kinds, true);
        if !found.is_empty() {
            return with_parts(outline, found);
        }
    }
    Vec::new()
}

/// The same with words that are phases only in company: "Step 1", "Day 3", "T-1h".
fn counted(outline: &Outline, title: Option<usize>, kinds: &[Kinds]) -> Vec<Candidate> {
    let found = kinds
        .iter()
        .map(|kinds| with_company(outline, marked(outline, title, *kinds, false)))
        .find(|found| !found.is_empty());
    found.map(|found| with_parts(outline, found)).unwrap_or_default()
}

type Kinds = fn(ScopeKind) -> bool;

fn is_heading(kind: ScopeKind) -> bool {
    matches!(kind, ScopeKind::Heading(_))
}

fn is_label(kind: ScopeKind) -> bool {
    kind == ScopeKind::Label
}

fn is_item(kind: ScopeKind) -> bool {
    kind == ScopeKind::Item
}

fn marked(outline: &Outline, title: Option<usize>, kinds: fn(ScopeKind) -> bool, strong: bool) -> Vec<usize> {
    let scopes = outline.scopes.iter().enumerate().skip(1);
    let fits = scopes.filter(|(i, scope)| Some(*i) != title && kinds(scope.kind));
    fits.filter(|(i, scope)| is_phase(outline, *i, &scope.title, strong)).map(|(i, _)| i).collect()
}

fn is_phase(outline: &Outline, scope: usize, title: &str, strong: bool) -> bool {
    let Some(mark) = ordinal(title).filter(|o| o.strong == strong) else { return false };
    let own = topic::classify(mark.rest);
    let about = !mark.separated && own.any(ABOUT);
    let parent = outline.scopes[scope].parent.unwrap_or(0);
    let not = if strong { ELSEWHERE } else { NOT_WEAK };
    !about && title.len() <= 160 && !elsewhere(outline, parent, not) && !is_task(outline, scope)
}

fn is_task(outline: &Outline, scope: usize) -> bool {
    outline.scopes[scope].kind == ScopeKind::Item
        && outline.scopes[scope].first.checked_sub(1).is_some_and(|i| outline.blocks[i].task().is_some())
}

/// Whether a section around says that this is no place for phases.
fn elsewhere(outline: &Outline, scope: usize, not: Topics) -> bool {
    outline.up(scope).any(|s| {
        let topics = outline.scopes[s].topics;
        topics.any(not) && !topics.any(PHASES)
    })
}

/// "Step 1" or "Day 1" is a phase only beside another, and not beside numbered sections.
fn with_company(outline: &Outline, scopes: Vec<usize>) -> Vec<usize> {
    let parent = |s: &usize| outline.scopes[*s].parent;
    let mut beside: HashMap<Option<usize>, usize> = HashMap::new();
    for scope in &scopes {
        *beside.entry(parent(scope)).or_default() += 1;
    }
    let Some(home) = scopes.iter().map(parent).find(|p| beside.get(p).is_some_and(|n| *n > 1)) else {
        return Vec::new();
    };
    scopes.into_iter().filter(|s| parent(s) == home).collect()
}

/// Phases with their numbered parts ("2.1 Deployment") in the order of the document.
fn with_parts(outline: &Outline, phases: Vec<usize>) -> Vec<Candidate> {
    let mut out: Vec<Candidate> = Vec::new();
    let mut tops: Vec<(usize, usize)> = Vec::new();
    let marked: HashSet<usize> = phases.iter().copied().collect();
    let mut titles = HashSet::new();
    for (i, scope) in outline.scopes.iter().enumerate() {
        let around = tops
            .last()
            .copied()
            .filter(|(top, _)| outline.scopes[*top].end > scope.first && outline.inside(i, *top));
        let part = around.is_some() && is_heading(scope.kind) && section_number(&scope.title).is_some();
        // An overview may name a phase that has its own heading further down.
        if marked.contains(&i) && around.is_none() && !titles.insert(fold(&scope.title)) {
            continue;
        }
        if marked.contains(&i) || part {
            if around.is_none() {
                tops.push((i, out.len()));
            }
            let parent = around.map(|(_, at)| at);
            out.push(Candidate {
                title: scope.title.clone(),
                line: scope.line,
                scope: Some(i),
                parent,
                window: None,
                share: None,
            });
        }
    }
    out
}

/// What stands in a section about the rollout: headings, ordered steps, bold or dated bullets, table rows.
fn fallback(outline: &Outline) -> Vec<Candidate> {
    let homes: Vec<usize> = (1..outline.scopes.len())
        .filter(|i| outline.scopes[*i].topics.any(PHASES) && !elsewhere(outline, *i, NOT_WEAK))
        .collect();
    let shapes: [fn(&Outline, usize) -> Vec<Candidate>; 4] = [headings, rows, ordered, bullets];
    let tabled = (0..outline.scopes.len())
        .filter(|s| !elsewhere(outline, *s, ELSEWHERE))
        .map(|s| rows(outline, s))
        .find(|f| f.len() > 1);
    if let Some(found) = tabled {
        return found;
    }
    for home in &homes {
        for shape in shapes {
            let found = shape(outline, *home);
            if found.len() > 1 {
                return found;
            }
        }
    }
    Vec::new()
}

fn headings(outline: &Outline, home: usize) -> Vec<Candidate> {
    let not = ELSEWHERE.and(BRIEF).and(DEPLOY).and(GATE);
    let children = outline
        .scopes
        .iter()
        .enumerate()
        .filter(|(_, s)| s.parent == Some(home) && s.kind != ScopeKind::Item);
    let fits = children.filter(|(_, s)| !s.topics.any(not) && (is_heading(s.kind) || stepped(&s.title)));
    fits.map(|(i, s)| plain(s.title.clone(), s.line, Some(i))).collect()
}

fn stepped(title: &str) -> bool {
    says_time(title) || share(title).is_some()
}

fn plain(title: String, line: usize, scope: Option<usize>) -> Candidate {
    Candidate { title, line, scope, parent: None, window: None, share: None }
}

fn ordered(outline: &Outline, home: usize) -> Vec<Candidate> {
    let items = outline.direct(home).filter(|b| b.is_ordered() && b.task().is_none());
    items.map(|b| plain(item_title(b), b.line, b.opens)).collect()
}

fn bullets(outline: &Outline, home: usize) -> Vec<Candidate> {
    let items = outline.direct(home).filter(|b| b.is_item() && b.task().is_none());
    let fits =
        items.filter(|b| b.rich.label().is_some_and(|(label, _)| stepped(label) || b.rich.lead().is_some()));
    fits.map(|b| plain(item_title(b), b.line, b.opens)).collect()
}

/// A bold beginning with the bracket that follows it, else the words before a colon, else the text.
fn item_title(block: &Block) -> String {
    match block.rich.lead() {
        Some((lead, rest)) if rest.starts_with(['(', '（']) => {
            let end = rest
                .find([')', '）'])
                .map_or(rest.len(), |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
            format!("{lead} {}", &rest[..end])
        }
        Some((lead, _)) => lead.to_owned(),
        None => block.rich.colon().map_or(block.text(), |(label, _)| label).to_owned(),
    }
}

/// Rows of a table whose first column is called phase, stage, wave…
fn rows(outline: &Outline, home: usize) -> Vec<Candidate> {
    let mut columns: Option<Columns> = None;
    let mut out = Vec::new();
    for block in outline.direct(home) {
        let Kind::Row { header, cells, .. } = &block.kind else { continue };
        if *header {
            if !out.is_empty() {
                break;
            }
            columns = Columns::read(&cells.iter().map(|c| fold(&c.text)).collect::<Vec<_>>());
        } else if let Some(columns) = &columns {
            out.push(
                columns.candidate(&cells.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(), block.line),
            );
        }
    }
    out
}

struct Columns {
    word: String,
    name: Option<usize>,
    when: Option<usize>,
    share: Option<usize>,
}

impl Columns {
    fn read(header: &[String]) -> Option<Columns> {
        const FIRST: [&str; 17] = [
            "phase",
            "stage",
            "wave",
            "ring",
            "step",
            "fase",
            "etapa",
            "étape",
            "schritt",
            "stufe",
            "フェーズ",
            "段階",
            "阶段",
            "단계",
            "cohort",
            "rollout phase",
            "milestone",
        ];
        const NOT: [&str; 6] = ["metric", "metrics", "threshold", "risk", "severity", "channel"];
        let first = header.first()?;
        if !FIRST.contains(&first.as_str()) || header.get(1).is_some_and(|h| has_any(h, &NOT)) {
            return None;
        }
        let column = |words: &[&str]| header.iter().skip(1).position(|h| has_any(h, words)).map(|i| i + 1);
        Some(Columns {
            word: first.clone(),
            name: column(&["name", "title", "description", "scope", "what", "goal", "activity"]),
            when: column(&[
                "when",
                "date",
                "dates",
                "duration",
                "day",
                "days",
                "week",
                "weeks",
                "time",
                "timing",
                "window",
                "timeline",
                "schedule",
                "start",
                "wann",
                "zeit",
                "zeitraum",
                "dauer",
                "quando",
                "período",
                "prazo",
                "cuándo",
                "duración",
                "durée",
                "période",
            ]),
            share: column(&[
                "traffic",
                "users",
                "percentage",
                "percent",
                "share",
                "audience",
                "rollout",
                "tráfego",
                "tráfico",
                "nutzer",
                "anteil",
            ]),
        })
    }

    fn candidate(&self, cells: &[&str], line: usize) -> Candidate {
        let first = cells.first().copied().unwrap_or("");
        let bare = first.len() <= 3;
        let name = self.name.and_then(|i| cells.get(i)).filter(|_| bare);
        let title = match name {
            Some(name) => format!("{} {first}: {name}", capital(&self.word)),
            None if bare => format!("{} {first}", capital(&self.word)),
            None => first.to_owned(),
        };
        let when = self.when.and_then(|i| cells.get(i)).filter(|t| !t.is_empty()).map(|t| (*t).to_owned());
        let share = self.share.and_then(|i| cells.get(i)).and_then(|t| share(t));
        Candidate { title, line, scope: None, parent: None, window: when, share }
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn build(outline: &Outline, found: Vec<Candidate>) -> Phases {
    let mut ids = Ids::default();
    let mut list: Vec<Phase> = Vec::with_capacity(found.len());
    let mut scopes = Vec::with_capacity(found.len());
    for candidate in found {
        let parts = section_number(&candidate.title).map_or(candidate.title.as_str(), |(_, rest)| rest);
        let number = &candidate.title[..candidate.title.len() - parts.len()];
        let (name, said, portion) = title_parts(parts);
        let name = format!("{number}{name}");
        let fields = candidate.scope.map(|s| fields(outline, s)).unwrap_or_default();
        let when = candidate.window.as_deref().and_then(window).or(said).or(fields.0);
        let portion = candidate.share.or(portion).or(fields.1);
        let kind = match candidate.parent.map(|p| list[p].kind) {
            Some(around) if around != PhaseKind::Rollout => around,
            _ => kind(&name, when.as_ref(), portion.as_ref()),
        };
        let parent = candidate.parent.map(|p| list[p].id.clone());
        let id = PhaseId(ids.slug(&name));
        list.push(Phase { id, name, line: candidate.line, kind, parent, window: when, share: portion });
        scopes.push(candidate.scope);
    }
    Phases { list, scopes, inner: Vec::new(), numbers: HashMap::new(), named: Vec::new() }
}

/// A title without the brackets that say when and for whom, and what they say.
fn title_parts(title: &str) -> (String, Option<Window>, Option<Share>) {
    let (mut name, mut when, mut portion) = (String::new(), None, None);
    let mut rest = title;
    while let Some(open) = rest.find(['(', '（']) {
        let Some(close) = rest[open..].find([')', '）']).map(|c| open + c) else { break };
        let width = rest[open..].chars().next().map_or(1, char::len_utf8);
        let inside = &rest[open + width..close];
        let (time, part) = bracket(inside);
        name.push_str(&rest[..open]);
        let after = close + rest[close..].chars().next().map_or(1, char::len_utf8);
        if time.is_none() && part.is_none() {
            name.push_str(&rest[open..after]);
        }
        (when, portion) = (when.or(time), portion.or(part));
        rest = &rest[after..];
    }
    name.push_str(rest);
    let name = name.trim().trim_end_matches([':', '–', '—', '-']).trim_end().to_owned();
    let when = when.or_else(|| segments(title).find_map(window));
    let portion = portion.or_else(|| segments(title).find_map(share));
    (name, when, portion)
}

fn bracket(inside: &str) -> (Option<Window>, Option<Share>) {
    if let Some(portion) = share(inside) {
        let time = inside
            .split([',', ';', '|', '/', '·'])
            .find_map(|piece| window(piece).filter(|_| share(piece).is_none()));
        return (time, Some(portion));
    }
    let Some(whole) = window(inside) else { return (None, None) };
    let pieces = || inside.split([',', ';', '|', '·']);
    let portion = pieces().find_map(share);
    let time = portion.as_ref().and_then(|_| pieces().find_map(window));
    (time.or(Some(whole)), portion)
}

/// The parts of a title between dashes, colons, bars and commas; a numbered beginning is one.
fn segments(title: &str) -> impl Iterator<Item = &str> {
    title
        .split([':', '|', '—', '：'])
        .flat_map(|s| s.split(" - "))
        .flat_map(|s| s.split(" – "))
        .flat_map(|s| s.split(", "))
        .map(str::trim)
}

/// What the fields right below a phase's title say of time and share.
fn fields(outline: &Outline, scope: usize) -> (Option<Window>, Option<Share>) {
    const WHEN: [&str; 30] = [
        "time",
        "when",
        "window",
        "date",
        "dates",
        "timeline",
        "schedule",
        "start",
        "timing",
        "start time",
        "time window",
        "deployment window",
        "target date",
        "scheduled",
        "datum",
        "zeit",
        "zeitraum",
        "zeitfenster",
        "date et heure",
        "horaire",
        "fecha",
        "hora",
        "horario",
        "data",
        "horário",
        "quando",
        "cuándo",
        "período",
        "日時",
        "期間",
    ];
    const LONG: [&str; 9] =
        ["duration", "length", "dauer", "durée", "duración", "duração", "soak time", "soak", "所要時間"];
    const WHO: [&str; 14] = [
        "traffic",
        "audience",
        "users",
        "scope",
        "rollout",
        "percentage",
        "target",
        "cohort",
        "share",
        "exposure",
        "tráfego",
        "público",
        "tráfico",
        "nutzer",
    ];
    let find = |names: &[&str]| {
        let blocks = outline.direct(scope).take(12).filter_map(|b| b.rich.label());
        blocks
            .filter(|(label, rest)| !rest.is_empty() && names.contains(&fold(label).as_str()))
            .map(|(_, rest)| rest)
            .next()
    };
    let when = find(&WHEN)
        .or_else(|| find(&LONG))
        .map(|text| window(text).unwrap_or_else(|| Window { text: text.to_owned(), ..Window::default() }));
    (when, find(&WHO).and_then(share))
}

fn kind(name: &str, when: Option<&Window>, portion: Option<&Share>) -> PhaseKind {
    let title = ordinal(name).map_or(name, |o| if o.rest.is_empty() { name } else { o.rest });
    let topics = topic::classify(title);
    let before =
        when.and_then(|w| w.days.and_then(|(_, to)| to).map(i64::from).or(w.end)).is_some_and(|end| end < 0);
    let folded = fold(title);
    if portion.is_some_and(|p| p.value > 0.0) {
        PhaseKind::Rollout
    } else if before || topics.any(PREFLIGHT.and(READY)) {
        PhaseKind::Preflight
    } else if has_any(
        &folded,
        &[
            "validation",
            "verification",
            "validate",
            "verify",
            "validierung",
            "verificação",
            "verificación",
            "vérification",
        ],
    ) {
        PhaseKind::Validation
    } else if topics.any(AFTER) {
        PhaseKind::Afterwards
    } else {
        PhaseKind::Rollout
    }
}
