//! Log lines somebody is to watch for.

use std::collections::HashSet;

use super::LogWatch;
use super::commands::looks_run;
use super::outline::{Block, Kind, Outline};
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, has_any};

/// The log patterns of the plan, each once.
pub(crate) fn log_watches(outline: &Outline) -> Vec<LogWatch> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for block in &outline.blocks {
        let found = match block.kind {
            Kind::Fence { .. } => block
                .text()
                .lines()
                .enumerate()
                .flat_map(|(i, line)| grep(line).map(|p| (p, block.body + i)))
                .collect(),
            Kind::Heading => Vec::new(),
            _ if speaks(outline, block) => patterns(block).into_iter().map(|p| (p, block.line)).collect(),
            _ => Vec::new(),
        };
        out.extend(
            found
                .into_iter()
                .filter(|(p, _)| seen.insert(p.clone()))
                .map(|(pattern, line)| LogWatch { pattern, line }),
        );
    }
    out
}

fn speaks(outline: &Outline, block: &Block) -> bool {
    const LOG: &[&str] = words! {
        "log" "logs" "log entries" "log lines" "logged" "protokoll" "journaux" "registros" "ログ" "日志"
        "로그"
    };
    let folded = &block.folded;
    let own = has_any(folded, LOG) || ["ログ", "日志", "로그"].iter().any(|w| folded.contains(w));
    own || outline.section(block.scope) != 0 && outline.scopes[outline.section(block.scope)].topics.any(LOGS)
}

/// Code spans and quoted texts that read like a log line: words, and no path, command or flag.
fn patterns(block: &Block) -> Vec<String> {
    let codes = block.rich.codes().map(|(code, _)| code.to_owned());
    let mut out: Vec<String> = codes.filter(|code| is_line(code)).collect();
    for (open, close) in [('“', '”'), ('"', '"')] {
        let mut rest = block.text();
        while let Some((_, after)) = rest.split_once(open) {
            let Some((inside, next)) = after.split_once(close) else { break };
            if is_line(inside) && inside.contains(' ') {
                out.push(inside.to_owned());
            }
            rest = next;
        }
    }
    out
}

fn is_line(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let error = has_any(
        &fold(text),
        words! {
            "error" "exception" "failed" "failure" "timeout" "panic" "fatal" "oomkilled" "warn"
        },
    ) || text.ends_with("Error")
        || text.ends_with("Exception");
    let plain = !text.starts_with(['/', '#', '$', '-', '@']) && !text.contains("://") && !text.contains('=');
    plain && !looks_run(text) && (words >= 2 || error) && text.len() <= 200
}

/// The pattern of a grep in a command.
fn grep(line: &str) -> Option<String> {
    let at = line.find("grep ")?;
    let about = line.contains("log") || line.contains("journal");
    let rest = line[at + 5..].trim_start();
    let rest = rest
        .split_whitespace()
        .find(|w| !w.starts_with('-'))
        .and_then(|w| rest.find(w))
        .map(|i| &rest[i..])?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let pattern = match quote {
        Some(quote) => rest[1..].split(quote).next()?,
        None => rest.split_whitespace().next()?,
    };
    (about && !pattern.is_empty()).then(|| pattern.to_owned())
}
