//! Phases and sub-phases: numbered headings first, else what stands in a section about the rollout.
//!
//! Every later recogniser asks [`Phases::of`] in which phase a scope lies.

use std::collections::{HashMap, HashSet};

use super::ident::Ids;
use super::ordinal::{Ordinal, ordinal, section_number};
use super::outline::{Outline, Scope, ScopeKind};
use super::phase_drawn::drawn;
use super::phase_repeats::repeats;
use super::phase_shapes::{bold_lines, dated, fallback, named_behind, whole};
use super::phase_tables::{rows, told_in_columns};
use super::phase_titles::{fields, is_before_launch, kind, past_before, title_parts, with_clock};
use super::topic::{self, *};
use super::window::{says_time, window};
use super::words::fold;
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
pub(crate) struct Candidate {
    /// Its title as written.
    pub title: String,
    /// The line of the title.
    pub line: usize,
    /// The scope it opens.
    pub scope: Option<usize>,
    /// The candidate it is a part of.
    pub parent: Option<usize>,
    /// When, where a column says it.
    pub window: Option<String>,
    /// For whom, where a column says it.
    pub share: Option<Share>,
}

/// Sections in which a numbered heading is about a phase and is none.
pub(crate) const ELSEWHERE: Topics = ROLLBACK
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
pub(crate) const NOT_WEAK: Topics = ELSEWHERE.and(VERIFY).and(DEPLOY).and(PREFLIGHT).and(ACTIONS).and(GATE);
/// What a title says that only speaks of a phase: "Phase 1 success criteria".
const ABOUT: Topics =
    ROLLBACK.and(TRIGGER).and(SUCCESS).and(COMMS).and(RISK).and(SIGNOFF).and(ALERT).and(GATE);

/// Finds the phases of `outline`.
pub(crate) fn phases(outline: &Outline) -> Phases {
    let title = topic::document_title(outline);
    let ways: [&dyn Fn() -> Vec<Candidate>; 8] = [
        &|| numbered(outline, title),
        &|| counted(outline, title, &[is_heading]),
        &|| fallback(outline),
        &|| counted(outline, title, &[is_label, is_item]),
        &|| bold_lines(outline),
        &|| dated(outline),
        &|| drawn(outline),
        &|| whole(outline),
    ];
    let found = ways
        .iter()
        .map(|way| way())
        .find(|found| found.iter().any(|c| c.parent.is_none()))
        .unwrap_or_default();
    let mut phases = build(outline, found);
    complete(outline, &mut phases.list);
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
        let place = |s: &Scope| {
            ordinal(past_before(&s.title)).and_then(|o| self.numbers.get(&(o.word, o.number)).copied())
        };
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

    /// The top-level phase that a column is called after: its number, its name, or its share ("25%").
    pub fn called(&self, title: &str) -> Option<&Phase> {
        let numbered = ordinal(title).filter(|o| o.rest.is_empty() || o.separated);
        if let Some(mark) = numbered {
            return self.numbers.get(&(mark.word, mark.number)).map(|i| &self.list[*i]);
        }
        let (name, _, portion) = title_parts(title);
        let name = fold(&name);
        let mut tops = self.list.iter().filter(|p| p.parent.is_none());
        tops.find(|phase| {
            let bare = ordinal(&phase.name).map_or(phase.name.as_str(), |o| o.rest);
            let is = |full: String| full.strip_prefix(&name).is_some_and(|r| r.is_empty() || says_time(r));
            let named = !name.is_empty() && (is(fold(&phase.name)) || is(fold(bare)));
            let only_share = title.trim().ends_with('%') && phase.share.is_some();
            named || only_share && portion.as_ref().map(|p| p.value) == phase.share.as_ref().map(|p| p.value)
        })
    }

    /// The phase that a table row on this line is.
    pub fn at(&self, line: usize) -> Option<PhaseId> {
        let at = self.list.binary_search_by_key(&line, |phase| phase.line).ok()?;
        self.scopes[at].is_none().then(|| self.list[at].id.clone())
    }

    /// The phase that the title of a scope names, without being it.
    pub fn named_by(&self, scope: usize) -> Option<&Phase> {
        self.named.get(scope).copied().flatten().map(|i| &self.list[i])
    }
}

/// What an overview says of phases that stand elsewhere: their windows and shares, by their numbers.
fn complete(outline: &Outline, list: &mut [Phase]) {
    let lacks = |p: &Phase| p.parent.is_none() && (p.window.is_none() || p.share.is_none());
    if !list.iter().any(lacks) {
        return;
    }
    let tables = (0..outline.scopes.len()).filter(|s| !elsewhere(outline, *s, ELSEWHERE));
    let mut told: HashMap<(String, String), (Option<Window>, Option<Share>)> = HashMap::new();
    for row in tables.flat_map(|s| rows(outline, s)) {
        if let Some(mark) = ordinal(&row.title).filter(|o| o.strong) {
            let (_, when, portion) = title_parts(&row.title);
            let when = row.window.as_deref().and_then(window).or(when);
            told.entry((mark.word, mark.number)).or_insert((when, row.share.or(portion)));
        }
    }
    for (word, number, when, portion) in told_in_columns(outline) {
        let told = told.entry((word, number)).or_default();
        (told.0, told.1) = (told.0.take().or(when), told.1.take().or(portion));
    }
    for phase in list.iter_mut().filter(|p| lacks(p)) {
        let told = ordinal(&phase.name).and_then(|o| told.get(&(o.word, o.number)));
        if let Some((when, portion)) = told {
            phase.window = phase.window.take().or_else(|| when.clone());
            phase.share = phase.share.take().or_else(|| portion.clone());
        }
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

/// A heading.
pub(crate) fn is_heading(kind: ScopeKind) -> bool {
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
    // "Phase 3.1 lessons applied" is no phase, "3.1" is a part of one.
    let about = !mark.separated && (own.any(ABOUT) || mark.number.contains('.'));
    let parent = outline.scopes[scope].parent.unwrap_or(0);
    let not = if strong { ELSEWHERE } else { NOT_WEAK };
    let plain = !is_task(outline, scope) || strong && is_bold(outline, scope);
    !about && title.len() <= 160 && !elsewhere(outline, parent, not) && plain
}

/// Whether an entry begins in bold: "- [ ] **Phase 1: Pilot**".
fn is_bold(outline: &Outline, scope: usize) -> bool {
    let opener = outline.scopes[scope].first.checked_sub(1).map(|i| &outline.blocks[i]);
    opener.is_some_and(|b| b.rich.lead().is_some_and(|(lead, _)| ordinal(lead).is_some()))
}

fn is_task(outline: &Outline, scope: usize) -> bool {
    outline.scopes[scope].kind == ScopeKind::Item
        && outline.scopes[scope].first.checked_sub(1).is_some_and(|i| outline.blocks[i].task().is_some())
}

/// Whether a section around says that this is no place for phases.
pub(crate) fn elsewhere(outline: &Outline, scope: usize, not: Topics) -> bool {
    let mut within = false;
    outline.up(scope).any(|s| {
        let topics = outline.scopes[s].topics;
        within |= topics.any(PHASES);
        // The rollout of a flag has phases, what is said of flags beside it has none.
        let not = if within { not.less(FLAGS.and(AFTER).and(REFERENCE)) } else { not };
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
    let repeats = repeats(outline, &phases);
    for (i, scope) in outline.scopes.iter().enumerate() {
        let around = tops
            .last()
            .copied()
            .filter(|(top, _)| outline.scopes[*top].end > scope.first && outline.inside(i, *top));
        let part = around.is_some() && is_heading(scope.kind) && section_number(&scope.title).is_some();
        if repeats.contains(&i) {
            continue;
        }
        if marked.contains(&i) || part {
            if around.is_none() {
                tops.push((i, out.len()));
            }
            let parent = around.map(|(_, at)| at);
            let opener =
                scope.first.checked_sub(1).map(|b| &outline.blocks[b]).filter(|b| b.opens == Some(i));
            let listed = opener.filter(|_| scope.kind == ScopeKind::Item).and_then(named_behind);
            out.push(Candidate {
                title: listed.unwrap_or_else(|| scope.title.clone()),
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
        let column =
            candidate.window.map(|text| window(&text).unwrap_or(Window { text, ..Window::default() }));
        let when = with_clock(column.or(said), fields.0);
        let portion = candidate.share.or(portion).or(fields.1);
        let kind = match candidate.parent.map(|p| list[p].kind) {
            Some(around) if around != PhaseKind::Rollout => around,
            _ => kind(&name, when.as_ref(), portion.as_ref()),
        };
        let begun = list.iter().any(|p: &Phase| p.kind == PhaseKind::Rollout);
        // "Phase 5: Preparation of the switch-off" prepares no launch that has begun.
        let ahead = when.as_ref().is_some_and(is_before_launch);
        let kind = if kind == PhaseKind::Preflight && begun && !ahead { PhaseKind::Rollout } else { kind };
        let parent = candidate.parent.map(|p| list[p].id.clone());
        let id = PhaseId(ids.slug(&name));
        list.push(Phase { id, name, line: candidate.line, kind, parent, window: when, share: portion });
        scopes.push(candidate.scope);
    }
    Phases { list, scopes, inner: Vec::new(), numbers: HashMap::new(), named: Vec::new() }
}
