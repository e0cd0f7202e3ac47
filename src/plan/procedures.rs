//! Runbooks: ways back, ways forward, checks, answers to incidents, each with steps and commands.
//!
//! A section about a rollback is one procedure, or holds several in its sub-sections; a command that
//! stands in no such section becomes a procedure of the step or section it stands in.

use std::collections::HashMap;

use super::commands::{is_command, is_run, looks_run, of_fence};
use super::ident::Ids;
use super::outline::{Block, Kind, Outline, ScopeKind};
use super::phases::Phases;
use super::procedure_times::{cadence, target};
use super::procedure_titles::{is_point, is_variant, lists_limits, only_looks, says_when, tells_of_way};
use super::steps::{
    content, direct_steps, inline, is_part, is_step, is_stepwise, sentence_steps, tells_how, told,
};
use super::topic::*;
use super::vocabulary::back::goes_back;
use super::words::fold;
use super::{Command, Procedure, ProcedureId, ProcedureKind};

/// The procedures of a plan and the scopes whose items belong to one.
pub(crate) struct Procedures {
    /// In the order of the document.
    pub list: Vec<Procedure>,
    /// By the scope that holds it.
    pub scopes: HashMap<usize, ProcedureId>,
}

/// Sections inside a rollback section that hold no steps.
pub(crate) const BESIDE: Topics = TRIGGER
    .and(COMMS)
    .and(CONTACTS)
    .and(RISK)
    .and(ALERT)
    .and(BRIEF)
    .and(REFERENCE)
    .and(TEMPLATE)
    .and(SIGNOFF)
    .and(ESTIMATE)
    .and(MONITOR)
    .and(SEVERITY)
    .and(PREFLIGHT)
    .and(GATE);

/// Finds the procedures of `outline`.
pub(crate) fn procedures(outline: &Outline, phases: &Phases) -> Procedures {
    let mut finder = Finder { outline, phases, taken: vec![false; outline.scopes.len()], found: Vec::new() };
    finder.about(ROLLBACK, ProcedureKind::Rollback);
    finder.titled();
    finder.about(DEPLOY, ProcedureKind::Deploy);
    finder.about(INCIDENT, ProcedureKind::Incident);
    finder.finish()
}

struct Finder<'a> {
    outline: &'a Outline,
    phases: &'a Phases,
    /// Scopes that are part of a procedure, or were looked at as the home of several.
    taken: Vec<bool>,
    found: Vec<(usize, ProcedureKind)>,
}

impl Finder<'_> {
    fn about(&mut self, topics: Topics, kind: ProcedureKind) {
        for scope in 1..self.outline.scopes.len() {
            let own = self.outline.scopes[scope].topics;
            if own.any(topics) && !self.taken[scope] && self.fits(scope, kind) {
                self.home(scope, kind);
            }
        }
    }

    /// A document that is itself about a way back: "Rollback plan" > "Steps", or its methods with their commands.
    fn titled(&mut self) {
        const OTHER: Topics = BESIDE.and(VERIFY).and(LOGS).and(ENDPOINT).and(AFTER);
        let Some(title) = title_of_way(self.outline).filter(|_| self.found.is_empty()) else { return };
        for scope in title + 1..self.outline.scopes.len() {
            let here = &self.outline.scopes[scope];
            let runs = here.topics.any(ACTIONS.and(DEPLOY)) || self.outline.direct(scope).any(is_run);
            let heading = matches!(here.kind, ScopeKind::Heading(_))
                && !here.topics.any(OTHER)
                && !only_looks(&here.title);
            if heading && runs && !self.taken[scope] && self.fits(scope, ProcedureKind::Rollback) {
                self.home(scope, ProcedureKind::Rollback);
            }
        }
        let steps = direct_steps(self.outline, title).any(|b| b.is_ordered() && b.scope == title);
        if self.found.is_empty() && steps {
            self.found.push((title, ProcedureKind::Rollback));
        }
    }

    /// Whether a section may be, or hold, procedures of this kind.
    fn fits(&self, scope: usize, kind: ProcedureKind) -> bool {
        const NEVER: Topics = TEMPLATE.and(REFERENCE).and(SIGNOFF).and(CONTACTS);
        let here = &self.outline.scopes[scope];
        let parent = here.parent.unwrap_or(0);
        let item = here.kind == ScopeKind::Item || self.phases.scope_of(scope) == Some(scope);
        let not = if kind == ProcedureKind::Incident {
            COMMS.and(TEMPLATE).and(SEVERITY).and(ALERT).and(CONTACTS).and(TRIGGER)
        } else {
            BESIDE
        };
        let about = here.topics.any(not);
        let around = self.outline.within(parent, NEVER.and(COMMS).and(RISK));
        let point = is_point(&here.title);
        let listed = self.outline.within(scope, SCENARIO.and(FLAGS)) && kind != ProcedureKind::Rollback;
        let when = says_when(self.outline, scope)
            || kind == ProcedureKind::Rollback && lists_limits(self.outline, scope);
        let field = tells_of_way(&here.title);
        !field && !item && !about && !around && !point && !listed && !when && has_content(self.outline, scope)
    }

    fn home(&mut self, scope: usize, kind: ProcedureKind) {
        let mut children = self.children(scope, kind);
        let way = |s: &usize| self.outline.scopes[*s].topics.any(ROLLBACK);
        // "Level 1: roll back the app" > "Vercel", "Netlify": the variants of one way back.
        if kind == ProcedureKind::Rollback && self.taken[scope] && !children.iter().any(way) {
            children.clear();
        }
        let own = direct_steps(self.outline, scope).any(|b| b.scope == scope) || children.is_empty();
        if own {
            children.retain(|s| self.outline.scopes[*s].kind != ScopeKind::Label);
        }
        if own {
            self.take(scope, kind);
        }
        self.taken[scope] = true;
        for child in children {
            self.taken[child] = self.outline.scopes[child].topics.any(ROLLBACK);
            self.home(child, kind);
        }
    }

    fn take(&mut self, scope: usize, kind: ProcedureKind) {
        self.found.push((scope, kind));
        for inner in scope..self.outline.scopes.len() {
            if !self.outline.inside(inner, scope) {
                break;
            }
            self.taken[inner] = true;
        }
    }

    /// Sub-sections that are procedures of their own, unless they are the steps of one.
    fn children(&self, scope: usize, kind: ProcedureKind) -> Vec<usize> {
        let outline = self.outline;
        let sub = (scope + 1..outline.scopes.len()).take_while(|s| outline.inside(*s, scope));
        let sub: Vec<usize> = sub.filter(|s| outline.scopes[*s].parent == Some(scope)).collect();
        let fits = |s: &usize| {
            let here = &outline.scopes[*s];
            let shape = matches!(here.kind, ScopeKind::Heading(_))
                || here.kind == ScopeKind::Label
                    && (here.topics.any(ROLLBACK) || is_variant(outline, *s))
                    && kind == ProcedureKind::Rollback;
            let beside = here.topics.any(BESIDE.and(AFTER)) && !here.topics.any(ROLLBACK);
            shape && !beside && !is_part(outline, *s) && has_content(outline, *s) && !is_point(&here.title)
        };
        let mut children: Vec<usize> = sub.into_iter().filter(fits).collect();
        // One labelled list is the section's own; several are several ways back.
        let labels = children.iter().filter(|s| outline.scopes[**s].kind == ScopeKind::Label).count();
        if labels == 1 {
            children.retain(|s| outline.scopes[*s].kind != ScopeKind::Label);
        }
        let steps = kind == ProcedureKind::Rollback && is_stepwise(outline, &children);
        if steps { Vec::new() } else { children }
    }

    fn finish(mut self) -> Procedures {
        self.found.sort_by_key(|(scope, _)| self.outline.scopes[*scope].line);
        let mut ids = Ids::default();
        let mut out = Procedures { list: Vec::new(), scopes: HashMap::new() };
        for (scope, kind) in &self.found {
            let procedure = build(self.outline, *scope, *kind, &mut ids);
            out.scopes.insert(*scope, procedure.id.clone());
            out.list.push(procedure);
        }
        self.leftovers(&mut ids, &mut out.list);
        out.list.sort_by_key(|p| p.line);
        out
    }

    /// Commands outside every procedure, by the step or section they stand in.
    fn leftovers(&self, ids: &mut Ids, list: &mut Vec<Procedure>) {
        let mut last = usize::MAX;
        for block in self.outline.blocks.iter().filter(|b| !self.taken[b.scope]) {
            let Some((name, commands)) = left_over(self.outline, block) else {
                list.extend(in_a_sentence(self.outline, block, ids));
                continue;
            };
            let fenced = matches!(block.kind, Kind::Fence { .. });
            if fenced && last == block.scope {
                if let Some(procedure) = list.last_mut() {
                    procedure.commands.extend(commands);
                }
                continue;
            }
            last = if fenced { block.scope } else { usize::MAX };
            let here = &self.outline.scopes[block.scope];
            let kind = if fenced { self.kind(block.scope, &commands) } else { ProcedureKind::Rollback };
            let line = if here.line == 0 || !fenced { block.line } else { here.line };
            let title = title(name);
            let id = ProcedureId(ids.slug(&title));
            list.push(Procedure {
                id,
                title,
                kind,
                target: None,
                every: cadence(name),
                steps: Vec::new(),
                commands,
                line,
            });
        }
    }

    /// What commands are for that stand in no procedure.
    fn kind(&self, scope: usize, commands: &[Command]) -> ProcedureKind {
        let looks =
            only_looks(name_of(self.outline, scope)) || commands.iter().all(|c| c.language == "promql");
        let checks = self.outline.within(scope, VERIFY.and(MONITOR)) && self.phases.of(scope).is_none();
        let ready = self.outline.within(scope, PREFLIGHT.and(VERIFY));
        let back = self.outline.scopes[self.outline.heading(scope)].topics.any(ROLLBACK);
        if !looks && !ready && (back || commands.iter().all(|c| goes_back(&c.text))) {
            ProcedureKind::Rollback
        } else if checks || looks {
            ProcedureKind::Validation
        } else {
            ProcedureKind::Deploy
        }
    }
}

/// What commands of a scope are called: a label that says when, by the section; a bare number, by its entry.
fn name_of(outline: &Outline, scope: usize) -> &str {
    let here = &outline.scopes[scope];
    if here.kind == ScopeKind::Label && here.topics.any(TRIGGER) {
        return &outline.scopes[outline.heading(scope)].title;
    }
    if here.title.chars().any(char::is_alphabetic) {
        return &here.title;
    }
    let entry = here.first.checked_sub(1).map(|i| &outline.blocks[i]).filter(|b| b.opens == Some(scope));
    entry.map_or(here.title.as_str(), Block::text)
}

/// The commands of a block that may stand alone, and what they are called: a fence by its section, "**Rollback:** `make undo`" by its label.
fn left_over<'a>(outline: &'a Outline, block: &'a Block) -> Option<(&'a str, Vec<Command>)> {
    const OUT: Topics = TEMPLATE.and(FLAGS).and(ALERT).and(REFERENCE);
    let here = &outline.scopes[block.scope];
    let Kind::Fence { language } = &block.kind else {
        let (label, _) = block.rich.label().filter(|_| block.task().is_none())?;
        let way = fold(label).split(' ').count() <= 4
            && classify(label).any(ROLLBACK)
            && !is_point(label)
            && !outline.within(block.scope, OUT.and(RISK).and(TRIGGER));
        let commands: Vec<Command> = if way { inline(block).collect() } else { Vec::new() };
        return (!commands.is_empty()).then_some((label, commands));
    };
    let config = matches!(language.as_str(), "json" | "yaml" | "yml" | "toml");
    let runs = !config && is_command(language, block.text()) && !here.topics.any(OUT);
    let commands = if runs { of_fence(block) } else { Vec::new() };
    (!commands.is_empty()).then_some((name_of(outline, block.scope), commands))
}

/// "**Rollback:** set the flag to 0 and redeploy": a way back told in one line.
fn in_a_sentence(outline: &Outline, block: &Block, ids: &mut Ids) -> Option<Procedure> {
    const OUT: Topics = TEMPLATE.and(FLAGS).and(ALERT).and(REFERENCE).and(RISK).and(TRIGGER).and(COMMS);
    let lines = matches!(block.kind, Kind::Paragraph) || block.is_item() && !outline.has_children(block);
    let (label, rest) = block.rich.label().filter(|_| lines && block.task().is_none())?;
    let way = fold(label).split(' ').count() <= 4 && classify(label).any(ROLLBACK) && !is_point(label);
    if !way || outline.within(block.scope, OUT) || !tells_how(rest) {
        return None;
    }
    let (title, steps) = (title(label), sentence_steps(rest, block.line));
    let (id, kind) = (ProcedureId(ids.slug(&title)), ProcedureKind::Rollback);
    Some(Procedure {
        id,
        title,
        kind,
        target: None,
        every: None,
        steps,
        commands: Vec::new(),
        line: block.line,
    })
}

fn title(text: &str) -> String {
    let text = text.trim().trim_end_matches(':').trim_end();
    if text.is_empty() { "Commands".to_owned() } else { text.to_owned() }
}

/// Whether a section says what to do: entries, commands, steps as headings, or for a way back any words.
fn has_content(outline: &Outline, scope: usize) -> bool {
    let listed = |b: &Block| b.is_item() || is_run(b) || matches!(b.kind, Kind::Row { .. });
    let here = &outline.scopes[scope];
    let told = matches!(here.kind, ScopeKind::Heading(_)) && here.topics.any(ROLLBACK);
    outline.below(scope).iter().any(listed)
        || outline
            .direct(scope)
            .any(|b| b.kind == Kind::Paragraph && (told || b.rich.codes().any(|(c, _)| looks_run(c))))
        || outline.below(scope).iter().any(|b| b.opens.is_some_and(|s| is_step(outline, s)))
}

fn build(outline: &Outline, scope: usize, kind: ProcedureKind, ids: &mut Ids) -> Procedure {
    let here = &outline.scopes[scope];
    let title = title(&here.title);
    let checked = kind == ProcedureKind::Rollback && here.topics.any(VERIFY);
    let looks = kind != ProcedureKind::Incident && !here.topics.any(ROLLBACK) && only_looks(&title);
    let kind = if checked || looks { ProcedureKind::Validation } else { kind };
    let (mut steps, commands) = content(outline, scope);
    if kind == ProcedureKind::Rollback && steps.is_empty() && commands.is_empty() {
        steps = told(outline, scope);
    }
    let id = ProcedureId(ids.slug(&title));
    let every = cadence(&here.title);
    let target = every.map_or_else(|| target(outline, scope), |_| None);
    Procedure { id, target, every, title, kind, steps, commands, line: here.line }
}
