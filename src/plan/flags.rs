//! Feature flags: from tables, configuration, code spans and the sentences around them.
//!
//! Each flag once, with the values that phases set; a definition outranks what a phase does with it.

use std::collections::{HashMap, HashSet};

use super::commands::{is_setting, is_shell, of_fence};
use super::config::{Leaf, assignments, leaves};
use super::flag_lines::{flag_shaped, is_name, is_state, is_switch, line};
use super::flag_tables::table;
use super::outline::{Block, Kind, Outline};
use super::phases::{Phases, is_heading};
use super::topic::*;
use super::vocabulary::words;
use super::words::fold;
use super::{Flag, FlagSetting, FlagStage, PhaseId};

/// A flag named somewhere, with the value it is given there.
pub(crate) struct Mention {
    /// The flag.
    pub name: String,
    /// The value it is given.
    pub value: Option<String>,
    /// What is said of it.
    pub description: Option<String>,
    /// "if ready".
    pub condition: Option<String>,
    /// Where.
    pub line: usize,
    /// The phase it is set in.
    pub phase: Option<PhaseId>,
    /// A definition: a flag table, a configuration.
    pub defines: bool,
    /// Whether the name alone may make it a flag.
    pub sure: bool,
}

/// The flags of the plan, and by line what items set.
pub(crate) fn flags(outline: &Outline, phases: &Phases) -> (Vec<Flag>, Vec<(usize, FlagSetting)>) {
    let (mut mentions, mut asked) = (Vec::new(), Vec::new());
    for (i, block) in outline.blocks.iter().enumerate() {
        match &block.kind {
            Kind::Fence { language } => {
                requested(outline, phases, block, &mut asked);
                exports(outline, phases, block, language, &mut mentions);
                fence(outline, block, language, &mut mentions);
            }
            Kind::Row { header: true, .. } => table(outline, phases, i, &mut mentions),
            Kind::Paragraph | Kind::Item { .. } | Kind::Heading => {
                line(outline, phases, block, &mut mentions)
            }
            Kind::Row { .. } => {}
        }
    }
    // A request that names the group of a configuration names no flag beside it.
    let squashed = |name: &str| fold(name).replace(' ', "");
    let groups: HashSet<String> =
        mentions.iter().filter_map(|m| m.name.split_once('.')).map(|(group, _)| squashed(group)).collect();
    mentions.extend(asked.into_iter().filter(|m| !groups.contains(&squashed(&m.name))));
    let settings = mentions
        .iter()
        .filter_map(|m| Some((m.line, FlagSetting { name: m.name.clone(), value: m.value.clone()? })));
    let mut settings: Vec<_> = settings.collect();
    settings.sort_by_key(|(line, _)| *line);
    let flags = gather(mentions);
    let names: HashSet<&str> = flags.iter().map(|f| f.name.as_str()).collect();
    settings.retain(|(_, s)| names.contains(s.name.as_str()));
    (flags, settings)
}

fn gather(mentions: Vec<Mention>) -> Vec<Flag> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut flags: Vec<(Flag, bool)> = Vec::new();
    let sure: HashSet<String> = mentions.iter().filter(|m| m.sure).map(|m| m.name.clone()).collect();
    for mention in mentions.into_iter().filter(|m| sure.contains(&m.name)) {
        let at = *places.entry(mention.name.clone()).or_insert(flags.len());
        if at == flags.len() {
            flags.push((new(&mention), false));
        }
        add(&mut flags[at], mention);
    }
    let mut flags: Vec<Flag> = flags.into_iter().map(|(flag, _)| flag).collect();
    flags.sort_by_key(|f| f.line);
    flags
}

fn new(mention: &Mention) -> Flag {
    Flag {
        name: mention.name.clone(),
        value: None,
        description: None,
        line: mention.line,
        phase: mention.phase.clone(),
        stages: Vec::new(),
    }
}

fn add((flag, defined): &mut (Flag, bool), mention: Mention) {
    flag.description = flag.description.take().or(mention.description);
    let Some(value) = mention.value else { return };
    if flag.value.is_none() || mention.defines && !*defined {
        flag.value = Some(value.clone());
    }
    *defined |= mention.defines;
    if let Some(phase) = mention.phase {
        flag.stages.push(FlagStage { phase, value, condition: mention.condition, line: mention.line });
    }
}

fn fence(outline: &Outline, block: &Block, language: &str, out: &mut Vec<Mention>) {
    const WRAPPERS: &[&str] = &[
        "featureflags",
        "feature flags",
        "flags",
        "features",
        "toggles",
        "feature toggles",
        "featuretoggles",
    ];
    const CONFIG: &[&str] = words! {
        "json" "jsonc" "json5" "yaml" "yml" "toml" "ini" "env" "dotenv" "properties" "" "text" "js"
        "ts" "javascript" "typescript"
    };
    if !CONFIG.contains(&language) || outline.within(block.scope, TEMPLATE) {
        return;
    }
    let all = leaves(block.text());
    let declared = block.text().lines().any(|line| declares(line, WRAPPERS));
    let wrapped = !declared
        && all.iter().any(|l| l.path.iter().rev().skip(1).any(|k| WRAPPERS.contains(&fold(k).as_str())));
    let spoken = outline
        .nearest(block.scope, FLAGS.and(ALERT).and(ROLLBACK).and(MONITOR))
        .is_some_and(|s| outline.scopes[s].topics.any(FLAGS));
    if !wrapped && !spoken && !declared {
        return;
    }
    let mut listed: Option<String> = None;
    for leaf in &all {
        let within = leaf.path.iter().position(|k| WRAPPERS.contains(&fold(k).as_str()));
        if wrapped && within.is_none() {
            continue;
        }
        let path = &leaf.path[within.map_or(0, |i| i + 1)..];
        config(block, leaf, path, &mut listed, out);
    }
    if all.is_empty() {
        lines_of(block, out);
    }
}

/// "export const flags: Flags = {": the object is called after flags, and its keys are those.
fn declares(line: &str, names: &[&str]) -> bool {
    let head = line.trim().strip_suffix('{').map(str::trim_end).and_then(|head| head.strip_suffix('='));
    let name = head.and_then(|head| head.split(':').next()?.split_whitespace().next_back());
    name.is_some_and(|name| {
        names.contains(&fold(name).replace(' ', "").as_str()) || names.contains(&fold(name).as_str())
    })
}

/// One value of a configuration; a list of objects names its flag in one value and sets it in another.
fn config(block: &Block, leaf: &Leaf, path: &[String], listed: &mut Option<String>, out: &mut Vec<Mention>) {
    let key = path.last().map_or("", String::as_str);
    let line = block.body + leaf.line;
    if matches!(key, "name" | "key" | "flag") && path.len() == 1 {
        *listed = Some(leaf.value.clone());
        return;
    }
    let name = match listed {
        Some(name) if path.len() == 1 => {
            if !matches!(key, "enabled" | "default" | "value" | "state" | "defaultValue") {
                return;
            }
            name.clone()
        }
        _ => path.join("."),
    };
    if name.is_empty()
        || matches!(key, "description" | "comment" | "owner" | "version")
        || leaf.value.len() > 60
    {
        return;
    }
    out.push(defined(name, Some(leaf.value.clone()), None, line));
}

/// "NAME=value" lines of a flag section.
fn lines_of(block: &Block, out: &mut Vec<Mention>) {
    for (i, line) in block.text().lines().enumerate() {
        let line = line.trim().trim_start_matches("export ");
        if let Some((name, value)) = line.split_once('=').filter(|(name, _)| is_name(name.trim())) {
            let value = value.split(" #").next().unwrap_or("").trim().trim_matches(['"', '\'']);
            out.push(defined(name.trim().to_owned(), Some(value.to_owned()), None, block.body + i));
        }
    }
}

/// "export FEATURE_CHECKOUT=true" in a script of a phase sets a flag there; what only names a host or key sets none.
fn exports(outline: &Outline, phases: &Phases, block: &Block, language: &str, out: &mut Vec<Mention>) {
    let elsewhere = outline.within(block.scope, TRIGGER.and(TEMPLATE));
    let back = outline.within(block.scope, ROLLBACK);
    let named = || outline.up(block.scope).find_map(|s| phases.named_by(s)).map(|p| p.id.clone());
    let phase = phases.top(block.scope).or_else(named).filter(|_| !back);
    if elsewhere || phase.is_none() && !back {
        return;
    }
    let shell = is_shell(language) && !is_setting(language, block.text());
    if !shell && is_spoken(outline, block) {
        return;
    }
    let lines = block.text().lines().enumerate();
    let told: Vec<Leaf> = if shell {
        lines.filter_map(|(i, line)| told(line).map(|set| leaf(set, i))).collect()
    } else if is_code(language) || is_shell(language) {
        assignments(block.text())
    } else {
        return;
    };
    // A switch turned on or off here is one even where its name alone would not tell.
    let configures = !shell && told.iter().all(|l| is_level(&l.value));
    // A script of a way back turns off what its name gives away as a flag, and sets much else.
    let off = |l: &Leaf| is_state(&l.value) && l.path.first().is_some_and(|name| flag_shaped(name));
    for set in told.into_iter().filter(|l| !shell || !back || off(l)) {
        out.extend(setting(&set, configures, &phase, block.body + set.line));
    }
}

/// "curl -X PUT …/flags/new_cart -d '{"percentage": 5}'": the request names the flag and what it sets.
fn requested(outline: &Outline, phases: &Phases, block: &Block, out: &mut Vec<Mention>) {
    const HOMES: &[&str] = words! { "flags" "feature-flags" "featureflags" "feature_flags" "toggles" };
    if outline.within(block.scope, TEMPLATE) || !block.text().contains("curl") {
        return;
    }
    let back = outline.within(block.scope, ROLLBACK.and(TRIGGER));
    let named = || outline.up(block.scope).find_map(|s| phases.named_by(s)).map(|p| p.id.clone());
    let phase = phases.top(block.scope).or_else(named).filter(|_| !back);
    for command in of_fence(block) {
        let Some(http) = command.http.as_ref().filter(|h| h.method != "GET") else { continue };
        let path = http.url.split(['?', '#']).next().unwrap_or("");
        let mut parts = path.split('/');
        let name = parts.find(|part| HOMES.contains(part)).and_then(|_| parts.next()).filter(|n| is_name(n));
        let value = http.body.as_deref().and_then(sets);
        if let (Some(name), Some(value)) = (name, value) {
            let defines = false;
            out.push(Mention {
                phase: phase.clone(),
                defines,
                ..defined(name.to_owned(), Some(value), None, command.line)
            });
        }
    }
}

/// The share a body gives a flag, or whether it is on.
fn sets(body: &str) -> Option<String> {
    let all = leaves(body);
    let share = super::ramps::percentage(body).map(|(_, value)| format!("{value}%"));
    let on = || {
        all.iter().find(|l| l.path.last().is_some_and(|k| matches!(k.as_str(), "enabled" | "value" | "on")))
    };
    share.or_else(|| on().map(|leaf| leaf.value.clone()))
}

/// Whether the fence stands in a section about flags, which reads it as their definition.
fn is_spoken(outline: &Outline, block: &Block) -> bool {
    outline
        .nearest(block.scope, FLAGS.and(ALERT).and(ROLLBACK).and(MONITOR))
        .is_some_and(|s| outline.scopes[s].topics.any(FLAGS) && is_heading(outline.scopes[s].kind))
}

fn leaf((name, value): (&str, &str), line: usize) -> Leaf {
    Leaf { path: vec![name.to_owned()], value: value.to_owned(), line }
}

fn setting(set: &Leaf, configures: bool, phase: &Option<PhaseId>, line: usize) -> Option<Mention> {
    let (name, value) = (set.path.first()?, set.value.as_str());
    let state = value.ends_with('%') || is_state(value);
    let shaped = flag_shaped(name);
    let counts = is_switch(value) || (shaped || configures) && value.parse::<f64>().is_ok();
    (is_name(name) && counts).then(|| Mention {
        phase: phase.clone(),
        defines: false,
        sure: shaped || state || configures && phase.is_some(),
        ..defined(name.to_owned(), Some(value.to_owned()), None, line)
    })
}

/// On, off or a number.
fn is_level(value: &str) -> bool {
    is_switch(value) || value.parse::<f64>().is_ok()
}

/// What a shell line sets: "export A=1", "vercel env add A 1", "heroku config:set A=1".
fn told(line: &str) -> Option<(&str, &str)> {
    let line = line.trim().trim_start_matches("$ ");
    for command in ["vercel env add ", "netlify env:set ", "railway variables set ", "flyctl secrets set "] {
        if let Some((name, value)) = line.strip_prefix(command).and_then(|rest| rest.split_once([' ', '='])) {
            return Some((name, value.split_whitespace().next()?));
        }
    }
    let line = line.trim_start_matches("export ").trim_start_matches("heroku config:set ");
    let (name, value) = line.split_once('=')?;
    Some((name, value.split(" #").next().unwrap_or("").trim().trim_matches(['"', '\''])))
}

fn is_code(language: &str) -> bool {
    const CODE: &[&str] = words! {
        "python" "py" "ruby" "rb" "go" "golang" "rust" "rs" "java" "kotlin" "swift" "php" "js" "javascript" "ts"
        "typescript" "tsx" "jsx" "cs" "csharp" "scala" "elixir" "env" "dotenv" "ini" "toml" "properties" "hcl" "conf"
        "config"
    };
    CODE.contains(&language)
}

/// A flag with the value that a definition gives it.
pub(crate) fn defined(
    name: String,
    value: Option<String>,
    description: Option<String>,
    line: usize,
) -> Mention {
    Mention { name, value, description, condition: None, line, phase: None, defines: true, sure: true }
}
