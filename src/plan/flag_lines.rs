//! Flags in sentences: code spans with a value, names beside the word "flag", entries of a flag section.
//!
//! Called by `flags`.

use super::flags::Mention;
use super::outline::{Block, Mark, Outline, Rich, Style};
use super::phases::Phases;
use super::procedure_titles::says_point;
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, head, lowered, tail};

/// How far around a code span a word belongs to it, in bytes.
const NEAR: usize = 160;
/// How long what is said of a flag may be, in bytes.
const ABOUT: usize = 600;

pub(crate) fn line(outline: &Outline, phases: &Phases, block: &Block, out: &mut Vec<Mention>) {
    let scope = block.opens.unwrap_or(block.scope);
    // A way back is no stage of its phase.
    let phase = phases
        .top(scope)
        .filter(|_| !says_point(&block.folded) && !outline.within(scope, ROLLBACK.and(TRIGGER)));
    let topics = outline.nearest(
        block.scope,
        FLAGS.and(ENDPOINT).and(CONTACTS).and(REFERENCE).and(LOGS).and(TEMPLATE).and(ALERT),
    );
    // In the rollout of a flag each phase names events and metrics as well.
    let inner = |s: usize| phases.scope_of(scope).is_some_and(|p| p != s && outline.inside(p, s));
    let section = topics.is_some_and(|s| outline.scopes[s].topics.any(FLAGS) && !inner(s))
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
    let named = is_name(name) || section && is_word(name);
    if !named {
        return None;
    }
    let behind = value.map(str::to_owned).or_else(|| behind(rich, mark));
    let coded = coded(rich, mark).filter(|_| value.is_none() && behind.is_none());
    if let Some(value) = coded.filter(|_| !section && is_name(name)) {
        // Counts where the name is known as a flag from elsewhere.
        return Some(Mention { value: Some(value), ..mention(name) });
    }
    let switch = behind.as_deref().is_some_and(is_switch);
    let near = beside_flag(&rich.text, mark);
    let shaped = flag_shaped(name);
    if behind.is_some() && !switch && !section && !near {
        return None;
    }
    let turned = behind.as_deref().is_some_and(|value| value.ends_with('%')) && is_turned(&rich.text, mark);
    let flips = inside.is_none() && is_name(name) && (turned || behind.as_deref().is_some_and(is_state));
    let sure = near
        || flips
        || switch && (inside.is_some() || shaped || section)
        || section && (is_name(name) || switch)
        || shaped && switch;
    let description = section.then(|| describe(&rich.text, mark.end)).flatten();
    let value =
        behind.or_else(|| default(rich, mark).filter(|_| section)).or_else(|| by_verb(&rich.text, mark));
    Some(Mention { value, description, sure, ..mention(name) })
}

/// A name and nothing else.
fn mention(name: &str) -> Mention {
    Mention {
        name: name.to_owned(),
        value: None,
        description: None,
        condition: None,
        line: 0,
        phase: None,
        defines: false,
        sure: false,
    }
}

/// A value in a code span of its own: "`engine` to `learned`".
fn coded(rich: &Rich, mark: &Mark) -> Option<String> {
    let rest = rich.text.get(mark.end..)?;
    let sign = words! { "=" "→" "->" "to" "set to" "auf" "para" "a" "à" };
    let behind = &rich.marks[rich.marks.partition_point(|m| m.start <= mark.end)..];
    let next = behind.iter().find(|m| m.style == Style::Code)?;
    let between = rest.get(..next.start - mark.end)?.trim();
    let said = rich.text.get(next.start..next.end)?;
    (sign.contains(&between) && said.len() <= 40 && !said.contains(char::is_whitespace))
        .then(|| said.to_owned())
}

/// A value written behind a name: "= false", ": on", "to 10%", "→ true".
fn behind(rich: &Rich, mark: &Mark) -> Option<String> {
    let rest = rich.text.get(mark.end..)?.trim_start();
    let rest =
        ["feature flag ", "flag ", "toggle "].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    let sign = words! {
        "=" ":" "→" "->" "to " "set to " "is set to " "is " "at " "auf " "a " "para " "à "
    }
    .iter()
    .find_map(|s| rest.strip_prefix(s))?;
    let word =
        sign.trim_start().split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')')).next()?;
    let value = word.trim_matches(['`', '"', '\'', '.', '*']);
    is_switch(value).then(|| value.to_owned())
}

/// "`x` (boolean) – default `false`": the value that a section of flags gives.
fn default(rich: &Rich, mark: &Mark) -> Option<String> {
    const DEFAULT: &[&str] =
        words! { "default" "defaults to" "default:" "standard" "défaut" "por defecto" "padrão" };
    let rest = rich.text.get(mark.end..)?;
    let lower = lowered(rest);
    let at = DEFAULT.iter().filter_map(|word| lower.find(word).map(|at| at + word.len())).max()?;
    let said = rest.get(at..)?.trim_start_matches([':', '=', ' ', '`', '"', '\'']);
    let value = said.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')' | '`' | '"')).next()?;
    let value = value.trim_matches(['.', '\'', '*']);
    let plain = is_switch(value) || value.parse::<f64>().is_ok();
    plain.then(|| value.to_owned())
}

/// "Enable `x`" sets it on, "disable `x`" off.
fn by_verb(text: &str, mark: &Mark) -> Option<String> {
    let before = fold(tail(text.get(..mark.start)?, NEAR));
    let last: Vec<&str> = before.split(' ').rev().take(4).collect();
    let has = |words: &[&str]| last.iter().any(|w| words.contains(w));
    if has(words! {
        "disable" "disabled" "off" "deactivate" "deaktivieren" "désactiver" "desactivar" "desativar"
    }) {
        Some("false".to_owned())
    } else if has(words! {
        "enable" "enabled" "activate" "on" "aktivieren" "activer" "activar" "ativar" "habilitar"
    }) && !has(&["flag's"])
    {
        Some("true".to_owned())
    } else {
        None
    }
}

/// Whether "flag" or "toggle" stands right before or behind a code span.
fn beside_flag(text: &str, mark: &Mark) -> bool {
    const FLAG: &[&str] = words! {
        "flag" "flags" "toggle" "toggles" "switch" "schalter" "bandera" "drapeau" "feature" "gate"
        "kill" "フラグ" "开关" "플래그"
    };
    let before = fold(tail(text.get(..mark.start).unwrap_or(""), NEAR));
    let after = fold(head(text.get(mark.end..).unwrap_or(""), NEAR));
    before.split(' ').rev().take(1).any(|w| FLAG.contains(&w) && w != "feature" && w != "kill")
        || after.split(' ').take(2).any(|w| FLAG.contains(&w) && w != "gate")
}

/// "(if ready)" behind a value.
fn condition(text: &str, end: usize) -> Option<String> {
    let rest = head(text.get(end..)?, ABOUT);
    let inside = rest.split_once('(')?.1.split_once(')')?.0.trim();
    let said = words! {
        "if " "for " "when " "once " "after " "only " "unless " "until "
    }
    .iter()
    .any(|w| inside.starts_with(w));
    said.then(|| inside.to_owned())
}

fn describe(text: &str, end: usize) -> Option<String> {
    let rest = head(text.get(end..)?, ABOUT)
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

/// "Set `x` to 5%", "Raise `x` to 5%": a share of users; "`cpu_load` is 80%" is none.
fn is_turned(text: &str, mark: &Mark) -> bool {
    const VERBS: &[&str] = words! {
        "set" "setting" "raise" "ramp" "increase" "bump" "move" "turn" "flip" "put" "change" "dial" "roll"
        "setzen" "erhöhen" "subir" "poner" "definir" "aumentar" "passer" "mettre"
    };
    let before = text.get(..mark.start).map(fold).unwrap_or_default();
    before.split(' ').rev().take(4).any(|word| VERBS.contains(&word))
}

/// On or off in words: nobody sets a port to "true".
pub(crate) fn is_state(value: &str) -> bool {
    matches!(value.to_lowercase().as_str(), "true" | "false" | "on" | "off" | "enabled" | "disabled")
}

/// Names that only flags have.
pub(crate) fn flag_shaped(name: &str) -> bool {
    let lower = name.to_lowercase();
    words! {
        "enable_" "enable-" "ff_" "ff-" "feature_" "feature-" "feature." "flag_" "flag-" "use_new"
        "flags."
    }
    .iter()
    .any(|p| lower.starts_with(p))
        || words! {
            "_enabled" "-enabled" ".enabled" "_flag" "-flag" "_mode" "_rollout" "-rollout"
            "_canary" "_percentage" "_percent" "-kill-switch" "_kill_switch"
        }
        .iter()
        .any(|s| lower.ends_with(s))
}

/// An identifier of more than one part, and no path, file, command or address.
pub(crate) fn is_name(name: &str) -> bool {
    const FILES: &[&str] = words! {
        "md" "json" "yaml" "yml" "ts" "tsx" "js" "py" "rs" "go" "sql" "sh" "toml" "com" "org" "net"
        "dev" "html" "css" "env" "tf" "xml" "csv" "log" "txt" "rb" "java" "php" "conf" "cfg" "ini"
        "lock"
    };
    let parted = name.contains(['_', '-', '.'])
        || name.chars().skip(1).any(char::is_uppercase) && name.chars().any(char::is_lowercase);
    let counted = words! { "FAIL" "PASS" "FAILED" "PASSED" "ERROR" "ERRORS" "WARN" "TOTAL" "RPO" "RTO" "SLO" "SLA" "RPS" "TPS" "QPS" };
    let caps = name.len() > 2
        && !counted.contains(&name)
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let shape = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && name.starts_with(|c: char| c.is_alphabetic());
    let ends = name.ends_with(|c: char| c.is_alphanumeric());
    let file = name.rsplit_once('.').is_some_and(|(_, ext)| FILES.contains(&ext.to_lowercase().as_str()));
    (3..=80).contains(&name.len()) && shape && ends && (parted || caps) && !file
}

pub(crate) fn is_word(name: &str) -> bool {
    (3..=60).contains(&name.len()) && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// A value that a flag can have: on or off, or a part of the users.
pub(crate) fn is_switch(value: &str) -> bool {
    let lower = value.trim_end_matches(['.', ',']).to_lowercase();
    matches!(
        lower.as_str(),
        "true" | "false" | "on" | "off" | "enabled" | "disabled" | "0" | "1" | "yes" | "no" | "null"
    ) || lower.strip_suffix('%').is_some_and(|n| n.parse::<f64>().is_ok())
}
