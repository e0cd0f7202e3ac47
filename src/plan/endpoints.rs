//! Paths somebody can ask: health and status endpoints in lists, tables, sentences and curl commands.

use std::collections::HashSet;

use super::commands::{http, of_fence};
use super::outline::{Block, Kind, Outline, Rich, Style};
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, has_any, head};
use super::{Endpoint, Http};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The endpoints of the plan, each once.
pub(crate) fn endpoints(outline: &Outline) -> Vec<Endpoint> {
    let mut finder = Finder { out: Vec::new(), seen: HashSet::new() };
    for block in &outline.blocks {
        if outline.within(block.scope, TEMPLATE.and(CONTACTS).and(REFERENCE)) {
            continue;
        }
        let spoken = outline
            .nearest(block.scope, ENDPOINT.and(MONITOR).and(FLAGS).and(DEPLOY))
            .is_some_and(|s| outline.scopes[s].topics.any(ENDPOINT));
        match &block.kind {
            Kind::Fence { language } => finder.fence(block, language, spoken),
            Kind::Row { cells, .. } => {
                let named = cells.iter().filter(|c| c.text.contains('/') || !c.marks.is_empty());
                named.for_each(|cell| finder.line(cell, &row_about(cells, cell), block.line, spoken))
            }
            Kind::Heading => {}
            _ => finder.line(&block.rich, "", block.line, spoken),
        }
    }
    finder.out
}

struct Finder {
    out: Vec<Endpoint>,
    seen: HashSet<String>,
}

impl Finder {
    fn add(&mut self, method: &str, path: &str, description: Option<String>, line: usize) {
        let path = path.split(['?', '#']).next().unwrap_or(path).trim_end_matches(['.', ',', ')', ';']);
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        if path.len() > 1 && self.seen.insert(format!("{method} {}", path.to_lowercase())) {
            self.out.push(Endpoint { method: method.to_owned(), path: path.to_owned(), description, line });
        }
    }

    fn fence(&mut self, block: &Block, language: &str, spoken: bool) {
        if matches!(language, "json" | "yaml" | "yml" | "toml") {
            return;
        }
        for command in of_fence(block) {
            if let Some(request) = &command.http {
                self.asked(request, command.line);
                continue;
            }
            for (i, line) in command.text.lines().enumerate() {
                if line.trim_start().starts_with("curl") {
                    let alone = line.trim_end_matches('\\').split(['|', ';', '&']).next().unwrap_or(line);
                    if let Some(request) = http(alone.trim()) {
                        self.asked(&request, command.line + i);
                    }
                } else if spoken || matches!(language, "http" | "") {
                    self.plain(line, command.line + i, spoken);
                }
            }
        }
    }

    /// The path of a GET request that a command makes.
    fn asked(&mut self, request: &Http, line: usize) {
        let gets = matches!(request.method.as_str(), "GET" | "HEAD");
        if let Some(path) = path_of(&request.url).filter(|p| gets && (looks_asked(p) || is_api(p))) {
            self.add("GET", path, None, line);
        }
    }

    /// "GET /healthz" and, where endpoints are spoken of, a bare "/healthz".
    fn plain(&mut self, text: &str, line: usize, spoken: bool) {
        let words: Vec<&str> =
            text.split_whitespace().map(|w| w.trim_matches(['`', '"', '\'', ',', '(', ')', ';'])).collect();
        for (i, word) in words.iter().enumerate() {
            let method = i.checked_sub(1).and_then(|i| words.get(i)).filter(|m| METHODS.contains(m));
            let Some(path) = path_of(word).filter(|p| is_path(p)) else { continue };
            if let Some(method) = method.filter(|m| spoken || **m == "GET" || looks_asked(path)) {
                self.add(method, path, None, line);
            } else if method.is_none()
                && (spoken && looks_served(path) || looks_asked(path) && word.contains("://"))
            {
                self.add("GET", path, None, line);
            }
        }
    }

    fn line(&mut self, rich: &Rich, about: &str, line: usize, spoken: bool) {
        let before = self.out.len();
        for (code, mark) in rich.codes() {
            let (method, path) = split_method(code);
            let method = method.or_else(|| {
                METHODS.iter().copied().find(|m| rich.text[..mark.start].trim_end().ends_with(m))
            });
            if code.trim_start().starts_with("curl") {
                if let Some(path) = http(code)
                    .filter(|h| h.method == "GET")
                    .as_ref()
                    .and_then(|h| path_of(&h.url))
                    .filter(|p| looks_asked(p))
                {
                    self.add("GET", path, None, line);
                }
                continue;
            }
            let Some(path) = path_of(path).filter(|p| is_path(p)) else { continue };
            let asked = looks_asked(path) || spoken && looks_served(path);
            if asked || method == Some("GET") || method.is_some() && spoken {
                let said = describe(&rich.text[mark.end..])
                    .or_else(|| (!about.is_empty()).then(|| about.to_owned()));
                self.add(method.unwrap_or("GET"), path, said, line);
            }
        }
        for mark in &rich.marks {
            if let Style::Link(url) = &mark.style
                && let Some(path) = path_of(url).filter(|p| url.starts_with("http") && looks_asked(p))
            {
                self.add("GET", path, None, line);
            }
        }
        if self.out.len() == before && rich.text.contains('/') {
            let code_free = !rich.marks.iter().any(|m| m.style == Style::Code);
            if code_free {
                self.plain(&rich.text, line, spoken);
                let said = rich
                    .text
                    .split_once([' ', ':'])
                    .and_then(|_| rich.text.split_once(" - ").or_else(|| rich.text.split_once(" – ")));
                if let (Some((_, said)), Some(last)) = (said, self.out.get_mut(before)) {
                    last.description.get_or_insert_with(|| said.trim().to_owned());
                }
            }
        }
    }
}

/// What the other cells of a row say.
fn row_about(cells: &[Rich], cell: &Rich) -> String {
    let others = cells
        .iter()
        .filter(|c| !std::ptr::eq(*c, cell) && !METHODS.contains(&c.text.trim()) && !c.text.is_empty());
    others.map(|c| c.text.as_str()).collect::<Vec<_>>().join(" – ")
}

fn split_method(code: &str) -> (Option<&'static str>, &str) {
    let code = code.trim();
    let method = METHODS.into_iter().find(|m| code.strip_prefix(m).is_some_and(|rest| rest.starts_with(' ')));
    (method, method.map_or(code, |m| code[m.len()..].trim()))
}

fn describe(rest: &str) -> Option<String> {
    let rest = head(rest, 400);
    let text = rest.trim().trim_start_matches(['-', '–', '—', ':', '→']).trim();
    (!text.is_empty() && !rest.trim_start().starts_with([',', '.', ')'])).then(|| text.to_owned())
}

/// The path of a URL or a path; `None` where there is none.
fn path_of(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some((_, rest)) = text.split_once("://") {
        return rest.find('/').map(|at| &rest[at..]);
    }
    if text.starts_with('/') {
        return Some(text);
    }
    // "$HOST/health", "localhost:8080/health", "<host>/health"
    let at = text.find('/')?;
    let host = &text[..at];
    let hosted = host.starts_with(['$', '<', '{', '['])
        || host.contains(':') && !host.contains(' ')
        || host.contains('.') && !host.starts_with('.');
    (hosted && !host.contains('/')).then(|| &text[at..])
}

/// A path and no file, fraction or option.
fn is_path(path: &str) -> bool {
    const ROOTS: &[&str] = words! {
        "/etc/" "/var/" "/usr/" "/home/" "/opt/" "/tmp/" "/bin/" "/dev/" "/proc/" "/root/" "/mnt/"
        "/srv/"
    };
    let first = path[1..].chars().next();
    let shape = !path.contains(char::is_whitespace)
        && first.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '{' | ':' | '-'));
    shape
        && path.starts_with('/')
        && !path.starts_with("//")
        && !ROOTS.iter().any(|root| path.starts_with(root))
}

/// A path that tells how something is doing.
fn looks_asked(path: &str) -> bool {
    const TELL: &[&str] = words! {
        "health" "healthz" "healthcheck" "ready" "readyz" "readiness" "live" "livez" "liveness"
        "status" "ping" "metrics" "heartbeat" "monitoring" "alive" "actuator" "statusz" "version" "up"
        "healthy"
    };
    has_any(&fold(path), TELL) && looks_served(path)
}

/// Not a page, a file or an asset.
fn looks_served(path: &str) -> bool {
    const FILES: &[&str] = words! {
        ".md" ".html" ".png" ".jpg" ".ts" ".js" ".py" ".sh" ".sql" ".yaml" ".yml" ".pdf" ".log" ".conf"
    };
    is_path(path) && !FILES.iter().any(|ext| path.ends_with(ext))
}

fn is_api(path: &str) -> bool {
    looks_served(path) && has_any(&fold(path), &["api", "v1", "v2", "v3", "internal", "admin", "graphql"])
}
