//! Message bodies with blanks to fill.

use std::collections::HashSet;

use super::Template;
use super::commands::is_command;
use super::outline::{Block, Kind, Outline, Scope, ScopeKind};
use super::topic::*;
use super::words::head;

/// The templates of the plan.
pub(crate) fn templates(outline: &Outline) -> Vec<Template> {
    let mut out: Vec<Template> = Vec::new();
    let mut quoted: Option<usize> = None;
    for block in &outline.blocks {
        if let Kind::Fence { language } = &block.kind {
            out.extend(fence(outline, block, language));
        } else if block.quoted && said_as_template(outline, block.scope) {
            if quoted == Some(block.scope) {
                extend(out.last_mut(), block);
            } else {
                out.push(template(outline, block, block.text()));
                quoted = Some(block.scope);
            }
        } else if let Some(template) = bullet(outline, block) {
            out.push(template);
        }
    }
    for template in &mut out {
        template.fields = fields(&template.body);
    }
    out
}

fn said_as_template(outline: &Outline, scope: usize) -> bool {
    outline.within(scope, TEMPLATE)
}

fn fence(outline: &Outline, block: &Block, language: &str) -> Option<Template> {
    let prose = matches!(
        language,
        "" | "text" | "txt" | "markdown" | "md" | "plaintext" | "plain" | "email" | "slack" | "html"
    );
    let comms = outline.within(block.scope, COMMS) && !fields(block.text()).is_empty();
    (prose && !is_command(language, block.text()) && (said_as_template(outline, block.scope) || comms))
        .then(|| template(outline, block, block.text()))
}

fn template(outline: &Outline, block: &Block, body: &str) -> Template {
    let titled = |s: &usize| {
        let here = &outline.scopes[*s];
        !here.title.is_empty() && !says_how_to_use(here)
    };
    let here = &outline.scopes[outline.up(block.scope).find(titled).unwrap_or(0)];
    let body = body.trim_end().to_owned();
    Template {
        title: here.title.trim_end_matches(':').to_owned(),
        fields: Vec::new(),
        body,
        line: here.line.max(1),
    }
}

/// "Use this template for every gate:" right over a body is no title of it.
fn says_how_to_use(scope: &Scope) -> bool {
    const VERBS: [&str; 8] =
        ["use ", "copy ", "fill ", "paste ", "post ", "send ", "the following", "for every"];
    let lower = scope.title.to_lowercase();
    scope.kind == ScopeKind::Label
        && lower.split_whitespace().count() > 3
        && VERBS.iter().any(|verb| lower.starts_with(verb))
}

fn extend(template: Option<&mut Template>, block: &Block) {
    if let Some(template) = template {
        template.body.push('\n');
        template.body.push_str(block.text());
    }
}

/// "**Start:** “We begin the rollout…”" in a section of templates.
fn bullet(outline: &Outline, block: &Block) -> Option<Template> {
    let section = outline.section(block.scope);
    if !matches!(block.kind, Kind::Item { task: None, .. } | Kind::Paragraph)
        || !outline.scopes[section].topics.any(TEMPLATE)
    {
        return None;
    }
    let (label, rest) = block.rich.label()?;
    let speech = rest.starts_with(['"', '“', '\'', '«', '「']) || !fields(rest).is_empty() && rest.len() > 20;
    speech.then(|| Template {
        title: label.to_owned(),
        fields: Vec::new(),
        body: rest.trim_matches(['"', '“', '”', '«', '»', '「', '」']).trim().to_owned(),
        line: block.line,
    })
}

/// The blanks of a body: `[Phase Name]`, `{{eta}}`, `{eta}`, `<link>`.
fn fields(body: &str) -> Vec<String> {
    let mut found: Vec<(usize, &str)> = Vec::new();
    let mut seen = HashSet::new();
    for (open, close) in [('[', ']'), ('{', '}'), ('<', '>')] {
        for (at, _) in body.match_indices(open) {
            let behind = head(&body[at + 1..], 128);
            let inside = behind.trim_start_matches(open);
            let Some(end) = inside.find([close, '\n']).filter(|end| inside[*end..].starts_with(close)) else {
                continue;
            };
            let name = inside[..end].trim();
            let link = inside[end..].starts_with("](");
            let fits = (1..=60).contains(&name.len())
                && !matches!(name, "x" | "X" | "")
                && !link
                && !name.contains("://")
                && !name.starts_with('/');
            if fits && seen.insert(name) {
                found.push((at, name));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, name)| name.to_owned()).collect()
}
