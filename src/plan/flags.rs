//! Feature flags: from tables, configuration, code spans and the sentences around them.
//!
//! Each flag once, with the values that phases set; a definition outranks what a phase does with it.

use std::collections::{HashMap, HashSet};

use super::config::{Leaf, leaves};
use super::outline::{Block, Kind, Mark, Outline, Rich, Style};
use super::phases::Phases;
use super::procedures::says_point;
use super::topic::*;
use super::words::{fold, has_any};
use super::{Flag, FlagSetting, FlagStage, PhaseId};

/// A flag named somewhere, with the value it is given there.
struct Mention {
    name: String,
    value: Option<String>,
    description: Option<String>,
    condition: Option<String>,
    line: usize,
    phase: Option<PhaseId>,
    /// A definition: a flag table, a configuration.
    defines: bool,
    /// Whether the name alone may make it a flag.
    sure: bool,
}

/// The flags of the plan, and by line what items set.
pub(crate) fn flags(outline: &Outline, phases: &Phases) -> (Vec<Flag>, Vec<(usize, FlagSetting)>) {
    let mut mentions = Vec::new();
    for (i, block) in outline.blocks.iter().enumerate() {
        match &block.kind {
            Kind::Fence { language } => fence(outline, block, language, &mut mentions),
            Kind::Row { header: true, .. } => table(outline, phases, i, &mut mentions),
            Kind::Paragraph | Kind::Item { .. } | Kind::Heading => {
                line(outline, phases, block, &mut mentions)
            }
            Kind::Row { .. } => {}
        }
    }
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
    const CONFIG: &[&str] = &[
        "json",
        "jsonc",
        "json5",
        "yaml",
        "yml",
        "toml",
        "ini",
        "env",
        "dotenv",
        "properties",
        "",
        "text",
        "js",
        "ts",
        "javascript",
        "typescript",
    ];
    if !CONFIG.contains(&language) || outline.within(block.scope, TEMPLATE) {
        return;
    }
    let all = leaves(block.text());
    let wrapped =
        all.iter().any(|l| l.path.iter().rev().skip(1).any(|k| WRAPPERS.contains(&fold(k).as_str())));
    let spoken = outline
        .nearest(block.scope, FLAGS.and(ALERT).and(ROLLBACK).and(MONITOR))
        .is_some_and(|s| outline.scopes[s].topics.any(FLAGS));
    if !wrapped && !spoken {
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
        assignments(block, out);
    }
}

/// One value of a configuration; a list of objects names its flag in one value and sets it in another.
fn config(block: &Block, leaf: &Leaf, path: &[String], listed: &mut Option<String>, out: &mut Vec<Mention>) {
    let key = path.last().map_or("", String::as_str);
    let line = block.line + 1 + leaf.line;
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
fn assignments(block: &Block, out: &mut Vec<Mention>) {
    for (i, line) in block.text().lines().enumerate() {
        let line = line.trim().trim_start_matches("export ");
        if let Some((name, value)) = line.split_once('=').filter(|(name, _)| is_name(name.trim())) {
            let value = value.split(" #").next().unwrap_or("").trim().trim_matches(['"', '\'']);
            out.push(defined(name.trim().to_owned(), Some(value.to_owned()), None, block.line + 1 + i));
        }
    }
}

fn defined(name: String, value: Option<String>, description: Option<String>, line: usize) -> Mention {
    Mention { name, value, description, condition: None, line, phase: None, defines: true, sure: true }
}

fn table(outline: &Outline, phases: &Phases, at: usize, out: &mut Vec<Mention>) {
    let header = &outline.blocks[at];
    let Kind::Row { table, cells, .. } = &header.kind else { return };
    let titles: Vec<String> = cells.iter().map(|c| fold(&c.text)).collect();
    let column = |words: &[&str]| titles.iter().position(|t| has_any(t, words));
    const NAMES: &[&str] = &[
        "flag",
        "flags",
        "flag name",
        "toggle",
        "flag key",
        "feature flag",
        "schalter",
        "bandera",
        "drapeau",
        "フラグ",
        "フラグ名",
        "开关",
        "플래그",
    ];
    let spoken = outline
        .nearest(header.scope, FLAGS.and(ALERT).and(ROLLBACK))
        .is_some_and(|s| outline.scopes[s].topics.any(FLAGS));
    let name = column(NAMES)
        .or_else(|| column(&["key", "name", "feature", "setting"]).or(Some(0)).filter(|_| spoken));
    let Some(name) = name.filter(|_| {
        spoken
            || column(&["default", "value", "state", "initial", "estado", "standard", "valor", "wert"])
                .is_some()
    }) else {
        return;
    };
    let stages: Vec<(usize, PhaseId)> =
        cells.iter().enumerate().filter_map(|(i, c)| Some((i, phases.named(&c.text)?.id.clone()))).collect();
    let value = column(&[
        "default",
        "initial",
        "initial state",
        "initial value",
        "value",
        "state",
        "setting",
        "production",
        "prod",
        "status",
        "enabled",
        "launch value",
        "standard",
        "standardwert",
        "wert",
        "valor",
        "estado",
        "valeur",
        "padrão",
        "初期値",
        "デフォルト",
        "默认",
        "默认值",
        "기본값",
    ])
    .filter(|v| *v != name)
    .or(stages.first().map(|(i, _)| *i));
    let about = column(&[
        "description",
        "purpose",
        "what",
        "controls",
        "notes",
        "beschreibung",
        "descripción",
        "descrição",
        "说明",
        "説明",
    ]);
    let rows = outline.blocks[at + 1..].iter().map_while(|b| match &b.kind {
        Kind::Row { table: t, cells, .. } if t == table => Some((b.line, cells)),
        _ => None,
    });
    for (line, cells) in rows {
        let text = |i: Option<usize>| {
            i.and_then(|i| cells.get(i)).map(|c| c.text.trim().to_owned()).filter(|t| !t.is_empty())
        };
        let Some(name) = text(Some(name)).map(|t| {
            t.split_whitespace()
                .next()
                .map_or(t.clone(), |w| if is_name(w) { w.to_owned() } else { t.clone() })
        }) else {
            continue;
        };
        out.push(defined(name.clone(), text(value), text(about), line));
        for (i, phase) in &stages {
            let value = text(Some(*i));
            out.push(Mention { phase: Some(phase.clone()), ..defined(name.clone(), value, None, line) });
        }
    }
}

fn line(outline: &Outline, phases: &Phases, block: &Block, out: &mut Vec<Mention>) {
    let scope = block.opens.unwrap_or(block.scope);
    // A way back is no stage of its phase.
    let phase = phases
        .top(scope)
        .filter(|_| !says_point(&block.folded) && !outline.within(scope, ROLLBACK.and(TRIGGER)));
    let topics = outline.nearest(
        block.scope,
        FLAGS.and(ENDPOINT).and(CONTACTS).and(REFERENCE).and(LOGS).and(TEMPLATE).and(ALERT),
    );
    let section = topics.is_some_and(|s| outline.scopes[s].topics.any(FLAGS))
        || block.rich.label().is_some_and(|(l, _)| classify(l).any(FLAGS));
    let before = out.len();
    for (code, mark) in block.rich.codes() {
        if let Some(mut mention) = code_span(&block.rich, code, mark, section) {
            mention.line = block.line;
            mention.phase.clone_from(&phase);
            mention.condition = condition(&block.rich.text, mark.end);
            out.push(mention);
        }
    }
    if out.len() == before && section && block.is_item() {
        out.extend(spoken(block).map(|m| Mention { phase, ..m }));
    }
}

/// What a code span says: `NAME=true`, `name: false`, or a name with the value behind it.
fn code_span(rich: &Rich, code: &str, mark: &Mark, section: bool) -> Option<Mention> {
    let inside = code.split_once("==").or_else(|| code.split_once('=')).or_else(|| code.split_once(": "));
    let (name, value) = match inside {
        Some((name, value)) => {
            (name.trim(), Some(value.trim().trim_matches(['"', '\''])).filter(|v| !v.is_empty()))
        }
        None => (code.trim(), None),
    };
    let name = name.trim_start_matches("--").trim_start_matches("export ").trim_matches('"');
    if !is_name(name) && !(section && is_word(name)) {
        return None;
    }
    let behind = value.map(str::to_owned).or_else(|| behind(rich, mark));
    let switch = behind.as_deref().is_some_and(is_switch);
    let near = beside_flag(&rich.text, mark);
    let shaped = flag_shaped(name);
    if behind.is_some() && !switch && !section && !near {
        return None;
    }
    let sure = near
        || switch && (inside.is_some() || shaped || section)
        || section && (is_name(name) || switch)
        || shaped && switch;
    let description = section.then(|| describe(&rich.text, mark.end)).flatten();
    let value = behind.or_else(|| by_verb(&rich.text, mark));
    Some(Mention {
        name: name.to_owned(),
        value,
        description,
        condition: None,
        line: 0,
        phase: None,
        defines: false,
        sure,
    })
}

/// A value written behind a name: "= false", ": on", "to 10%", "→ true".
fn behind(rich: &Rich, mark: &Mark) -> Option<String> {
    let rest = rich.text.get(mark.end..)?.trim_start();
    let rest =
        ["feature flag ", "flag ", "toggle "].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    let sign =
        ["=", ":", "→", "->", "to ", "set to ", "is set to ", "is ", "at ", "auf ", "a ", "para ", "à "]
            .iter()
            .find_map(|s| rest.strip_prefix(s))?;
    let word =
        sign.trim_start().split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')')).next()?;
    let value = word.trim_matches(['`', '"', '\'', '.', '*']);
    is_switch(value).then(|| value.to_owned())
}

/// "Enable `x`" sets it on, "disable `x`" off.
fn by_verb(text: &str, mark: &Mark) -> Option<String> {
    let before = fold(text.get(..mark.start)?);
    let last: Vec<&str> = before.split(' ').rev().take(4).collect();
    let has = |words: &[&str]| last.iter().any(|w| words.contains(w));
    if has(&[
        "disable",
        "disabled",
        "off",
        "deactivate",
        "deaktivieren",
        "désactiver",
        "desactivar",
        "desativar",
    ]) {
        Some("false".to_owned())
    } else if has(&[
        "enable",
        "enabled",
        "activate",
        "on",
        "aktivieren",
        "activer",
        "activar",
        "ativar",
        "habilitar",
    ]) && !has(&["flag's"])
    {
        Some("true".to_owned())
    } else {
        None
    }
}

/// Whether "flag" or "toggle" stands right before or behind a code span.
fn beside_flag(text: &str, mark: &Mark) -> bool {
    const FLAG: &[&str] = &[
        "flag",
        "flags",
        "toggle",
        "toggles",
        "switch",
        "schalter",
        "bandera",
        "drapeau",
        "feature",
        "gate",
        "kill",
        "フラグ",
        "开关",
        "플래그",
    ];
    let before = fold(text.get(..mark.start).unwrap_or(""));
    let after = fold(text.get(mark.end..).unwrap_or(""));
    before.split(' ').rev().take(1).any(|w| FLAG.contains(&w) && w != "feature" && w != "kill")
        || after.split(' ').take(2).any(|w| FLAG.contains(&w) && w != "gate")
}

/// "(if ready)" behind a value.
fn condition(text: &str, end: usize) -> Option<String> {
    let rest = text.get(end..)?;
    let inside = rest.split_once('(')?.1.split_once(')')?.0.trim();
    let said = ["if ", "for ", "when ", "once ", "after ", "only ", "unless ", "until "]
        .iter()
        .any(|w| inside.starts_with(w));
    said.then(|| inside.to_owned())
}

fn describe(text: &str, end: usize) -> Option<String> {
    let rest = text
        .get(end..)?
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—' | '='));
    let rest = rest.split_once(' ').filter(|(word, _)| is_switch(word)).map_or(rest, |(_, rest)| rest);
    let rest = rest.trim().trim_start_matches('(').trim_end_matches(')');
    (rest.chars().filter(|c| c.is_alphabetic()).count() > 3).then(|| rest.to_owned())
}

/// A flag of a flag section without code marks: "**new_checkout**: off", "new_checkout = false".
fn spoken(block: &Block) -> Option<Mention> {
    let text = block.rich.text.as_str();
    let split = block
        .rich
        .lead()
        .or_else(|| block.rich.colon())
        .or_else(|| text.split_once(" = "))
        .or_else(|| [" - ", " – ", " — "].iter().find_map(|mark| text.split_once(mark)))
        .or_else(|| text.split_once(" – "))
        .or_else(|| text.split_once(" — "))?;
    let name = split.0.trim().trim_matches('`');
    if !is_name(name) || block.rich.marks.iter().any(|m| matches!(m.style, Style::Link(_))) {
        return None;
    }
    let rest = split.1.trim();
    let word = rest
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '('))
        .next()
        .unwrap_or("")
        .trim_matches('`');
    let value = is_switch(word).then(|| word.to_owned());
    let description = describe(text, text.len() - rest.len());
    Some(Mention {
        name: name.to_owned(),
        value,
        description,
        condition: None,
        line: block.line,
        phase: None,
        defines: false,
        sure: true,
    })
}

/// Names that only flags have.
fn flag_shaped(name: &str) -> bool {
    let lower = name.to_lowercase();
    [
        "enable_", "enable-", "ff_", "ff-", "feature_", "feature-", "feature.", "flag_", "flag-", "use_new",
        "flags.",
    ]
    .iter()
    .any(|p| lower.starts_with(p))
        || [
            "_enabled",
            "-enabled",
            ".enabled",
            "_flag",
            "-flag",
            "_mode",
            "_rollout",
            "-rollout",
            "_percentage",
            "_percent",
            "-kill-switch",
            "_kill_switch",
        ]
        .iter()
        .any(|s| lower.ends_with(s))
}

/// An identifier of more than one part, and no path, file, command or address.
fn is_name(name: &str) -> bool {
    const FILES: &[&str] = &[
        "md", "json", "yaml", "yml", "ts", "tsx", "js", "py", "rs", "go", "sql", "sh", "toml", "com", "org",
        "net", "dev", "html", "css", "env", "tf", "xml", "csv", "log", "txt", "rb", "java", "php", "conf",
        "cfg", "ini", "lock",
    ];
    let parted = name.contains(['_', '-', '.'])
        || name.chars().skip(1).any(char::is_uppercase) && name.chars().any(char::is_lowercase);
    let caps = name.len() > 2 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let shape = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && name.starts_with(|c: char| c.is_alphabetic());
    let ends = name.ends_with(|c: char| c.is_alphanumeric());
    let file = name.rsplit_once('.').is_some_and(|(_, ext)| FILES.contains(&ext.to_lowercase().as_str()));
    (3..=80).contains(&name.len()) && shape && ends && (parted || caps) && !file
}

fn is_word(name: &str) -> bool {
    (3..=60).contains(&name.len()) && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// A value that a flag can have: on or off, or a part of the users.
fn is_switch(value: &str) -> bool {
    let lower = value.trim_end_matches(['.', ',']).to_lowercase();
    matches!(
        lower.as_str(),
        "true" | "false" | "on" | "off" | "enabled" | "disabled" | "0" | "1" | "yes" | "no" | "null"
    ) || lower.strip_suffix('%').is_some_and(|n| n.parse::<f64>().is_ok())
}
