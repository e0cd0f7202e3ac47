//! Commands: shell lines and blocks of a plan, split where a block holds several, curl as a request.
//!
//! Reads only; nothing is ever run from here.

use std::collections::HashSet;

use super::config::assignments;
use super::outline::{Block, Kind};
use super::vocabulary::words;
use super::words::head;
use super::{Command, Http};

/// Languages that a shell can run, as fences name them.
const SHELL: &[&str] = words! {
    "bash" "sh" "shell" "zsh" "console" "shellsession" "terminal" "fish" "shell-session" "powershell"
    "ps1" "cmd" "bat"
};

/// Whether a fence of this language holds shell commands.
pub(crate) fn is_shell(language: &str) -> bool {
    SHELL.contains(&language)
}

/// Whether a fence holds something to run or query, judged by its language and, where it has none, its text.
pub(crate) fn is_command(language: &str, text: &str) -> bool {
    const QUERIES: &[&str] = words! {
        "sql" "psql" "mysql" "mongo" "mongodb" "redis" "promql" "http" "graphql" "js" "javascript"
        "python" "ruby" "kubectl"
    };
    if is_setting(language, text) {
        return false;
    }
    is_shell(language) || QUERIES.contains(&language) || language.is_empty() && text.lines().any(looks_run)
}

/// Whether a fence only sets names to values in a way that no shell runs: "rollout = 0.0".
pub(crate) fn is_setting(language: &str, text: &str) -> bool {
    let told = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let spaced = || text.lines().filter(|l| told(l)).all(|l| l.contains(" = "));
    (!is_shell(language) || spaced()) && !language.is_empty() && !assignments(text).is_empty()
}

/// Whether a fence inside a procedure is something to run: a drawing or a text that is shown is none.
pub(crate) fn is_run(block: &Block) -> bool {
    let Kind::Fence { language } = &block.kind else { return false };
    let drawn = block.text().contains(['↓', '→', '│', '┌', '▼']);
    let reads_so = || !drawn && block.text().lines().any(reads_like_command);
    runs_something(block.text()) && (is_command(language, block.text()) || language.is_empty() && reads_so())
}

/// A line that begins with a lower-case word and goes on, as no heading of an output does: "fastlane rollback".
pub(crate) fn reads_like_command(line: &str) -> bool {
    const SHOWN: &[&str] = words! { "deployment" "pod" "service" "error" "warning" "status" "namespace" };
    let mut words = line.trim().trim_start_matches("$ ").split(' ');
    let first = words.next().unwrap_or("");
    let plain = first.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
    !first.is_empty() && plain && !SHOWN.contains(&first) && words.next().is_some_and(|w| !w.is_empty())
}

/// Whether a line begins with a program that plans run.
pub(crate) fn looks_run(line: &str) -> bool {
    const PROGRAMS: &[&str] = words! {
        "curl" "kubectl" "helm" "git" "npm" "npx" "yarn" "pnpm" "docker" "docker-compose" "vercel"
        "aws" "gcloud" "az" "terraform" "ansible-playbook" "psql" "mysql" "redis-cli" "mongosh" "ssh"
        "scp" "rsync" "make" "bash" "sh" "python" "python3" "node" "flyctl" "fly" "heroku" "argocd"
        "wget" "pg_dump" "pg_restore" "systemctl" "service" "bundle" "rails" "rake" "php" "cargo" "go"
        "poetry" "pip" "sudo" "export" "ldcli" "unleash" "flagctl" "nomad" "consul" "vault" "cf" "eb"
        "sls" "serverless" "cdk" "pulumi" "wrangler" "supabase" "prisma" "alembic" "flyway" "liquibase"
        "istioctl" "linkerd" "deploy" "kustomize" "skaffold" "oc" "doctl" "netlify" "railway" "tsx"
        "deno" "bun" "dotnet" "mvn" "gradle" "./gradlew" "gh" "glab" "jq" "nc" "ping" "dig"
    };
    let line = line.trim().trim_start_matches("$ ");
    let first = line.split_whitespace().next().unwrap_or("");
    let program = first.rsplit('/').next().unwrap_or(first);
    let called = line.split_whitespace().nth(1).is_some();
    first.starts_with("./") && called
        || first.starts_with("scripts/")
        || called && PROGRAMS.contains(&program)
}

/// The commands of a fence, in order.
pub(crate) fn of_fence(block: &Block) -> Vec<Command> {
    let Kind::Fence { language } = &block.kind else { return Vec::new() };
    let text = block.text();
    let chunks = if is_shell(language) || language.is_empty() {
        chunks(text)
    } else {
        vec![(0, text.trim_end().to_owned())]
    };
    let made = chunks.into_iter().filter(|(_, chunk)| runs_something(chunk));
    made.map(|(line, chunk)| command(chunk, language, block.body + line)).collect()
}

fn runs_something(chunk: &str) -> bool {
    chunk.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
}

/// Paragraphs of a script that begin with a comment stand for themselves, unless one sets up the next.
fn chunks(text: &str) -> Vec<(usize, String)> {
    let whole = || vec![(leading_blank(text), text.trim_matches('\n').trim_end().to_owned())];
    if text.starts_with("#!") || text.contains("<<") || text.lines().any(sets_up) {
        return whole();
    }
    let mut out: Vec<(usize, String)> = Vec::new();
    let (mut blank, mut open) = (true, false);
    for (i, line) in text.lines().enumerate() {
        let starts = blank && line.trim_start().starts_with('#') && !open;
        if starts || out.is_empty() {
            if !line.trim().is_empty() {
                out.push((i, line.to_owned()));
            }
        } else if let Some((_, chunk)) = out.last_mut() {
            chunk.push('\n');
            chunk.push_str(line);
        }
        open ^= line.matches('\'').count() % 2 == 1 && !line.trim_start().starts_with('#');
        blank = line.trim().is_empty();
    }
    if open {
        return whole();
    }
    for (_, chunk) in &mut out {
        chunk.truncate(chunk.trim_end().len());
    }
    out
}

fn leading_blank(text: &str) -> usize {
    text.lines().take_while(|line| line.trim().is_empty()).count()
}

fn sets_up(line: &str) -> bool {
    let line = line.trim_start();
    let assigns = line.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    });
    words! {
        "export " "cd " "set -" "source " ". " "for " "while " "if " "function "
    }
    .iter()
    .any(|w| line.starts_with(w))
        || assigns
}

/// A command of a fence or a code span.
pub(crate) fn command(text: String, language: &str, line: usize) -> Command {
    let shell = is_shell(language) || language.is_empty() || language == "inline";
    let http = if shell { http(&text) } else { None };
    let placeholders = if shell { placeholders(&text) } else { Vec::new() };
    let variables = if shell { variables(&text) } else { Vec::new() };
    Command { language: language.to_owned(), line, http, placeholders, variables, text }
}

/// The words of the first simple command, quotes resolved, comments left out; `None` for anything longer.
fn words(text: &str) -> Option<Vec<String>> {
    let code: String =
        text.lines().filter(|l| !l.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = code.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('"'), '\\') if matches!(chars.peek(), Some('"' | '\\' | '$' | '`')) => {
                word.get_or_insert_default().extend(chars.next())
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => match chars.next() {
                Some('\n') | None => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            (None, '\n' | ';' | '|' | '&') => return None,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// The request of a lone curl command.
pub(crate) fn http(text: &str) -> Option<Http> {
    let words = words(text)?;
    let mut words = words.into_iter().skip_while(|w| w == "$");
    if words.next()? != "curl" {
        return None;
    }
    let mut request = Http::default();
    let mut method = None;
    while let Some(word) = words.next() {
        match word.as_str() {
            "-X" | "--request" => method = words.next(),
            "-H" | "--header" => request.headers.extend(words.next()),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--json" => {
                request.body = words.next().or(request.body)
            }
            "-I" | "--head" => method = Some("HEAD".to_owned()),
            "-o" | "-u" | "--user" | "-w" | "--max-time" | "-m" | "--output" | "-A" | "--retry"
            | "--connect-timeout" | "-b" | "--cacert" | "-F" | "--write-out" | "--retry-delay" => {
                words.next();
            }
            "--url" => request.url = words.next().unwrap_or_default(),
            flag if flag.starts_with("-X") && flag.len() > 2 => method = Some(flag[2..].to_owned()),
            flag if flag.starts_with('-') => {}
            _ if request.url.is_empty() => request.url = word,
            _ => return None,
        }
    }
    let default = if request.body.is_some() { "POST" } else { "GET" };
    request.method = method.map_or_else(|| default.to_owned(), |m| m.to_uppercase());
    (!request.url.is_empty()).then_some(request)
}

/// What must be filled in: `[previous-deployment-id]`, `<version>`, `{{name}}`, `YOUR_TOKEN`, `your-domain.com`.
fn placeholders(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for (open, close) in [("[", "]"), ("<", ">"), ("{{", "}}")] {
        for (at, _) in text.match_indices(open) {
            let inside = &text[at + open.len()..];
            let Some(end) = head(inside, 64).find(close) else { continue };
            let name = inside[..end].trim();
            let test = open == "["
                && (text[..at].ends_with('[')
                    || inside.starts_with([' ', '['])
                    || text[..at].ends_with(|c: char| c.is_alphanumeric()));
            let pipe = open == "<" && (text[..at].ends_with('<') || inside.starts_with(' '));
            if is_blank(name) && !test && !pipe && seen.insert(name) {
                out.push(name.to_owned());
            }
        }
    }
    for word in text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/'))) {
        // "postgresql://..." is one blank, "https://your-domain.com/api" holds one.
        let cut_off = word.ends_with("...") && word.len() > 3;
        let parts =
            if cut_off && word.ends_with("://...") { vec![word] } else { word.split([':', '/']).collect() };
        for part in parts.into_iter().filter(|part| stands_for(part)) {
            if seen.insert(part) {
                out.push(part.to_owned());
            }
        }
    }
    out
}

/// A word that stands for something else: `your-domain.com`, `sk_live_...`, `XXXX`, `CHANGE_ME`.
fn stands_for(word: &str) -> bool {
    const WORDS: &[&str] =
        words! { "changeme" "change_me" "change-me" "replaceme" "replace_me" "replace-me" "todo" "tbd" };
    let lower = word.to_lowercase();
    let crosses = lower.split(['-', '_', '.']).any(|part| part.len() >= 3 && part.bytes().all(|b| b == b'x'));
    lower.starts_with("your-")
        || lower.starts_with("your_")
        || word.ends_with("...") && word.len() > 3
        || WORDS.contains(&lower.as_str())
        || crosses
}

fn is_blank(name: &str) -> bool {
    let shape = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.'));
    (2..=48).contains(&name.len())
        && shape
        && name.chars().any(char::is_alphabetic)
        && name.starts_with(|c: char| c.is_alphabetic())
}

/// Environment variables that a command reads: `$ADMIN_TOKEN`, `${HOST}`.
fn variables(text: &str) -> Vec<String> {
    let (mut out, mut seen) = (Vec::new(), HashSet::new());
    for (at, _) in text.match_indices('$') {
        let rest = text[at + 1..].trim_start_matches('{');
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let name = &rest[..end];
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && seen.insert(name) {
            out.push(name.to_owned());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curl_is_a_request() {
        let text = "# Set 10%\ncurl -X POST /api/flags \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -d '{\"pct\": 10}'";
        let made = command(text.to_owned(), "bash", 1);
        let http = made.http.expect("a request");
        assert_eq!((http.method.as_str(), http.url.as_str(), http.headers.len()), ("POST", "/api/flags", 1));
        assert_eq!(http.body.as_deref(), Some("{\"pct\": 10}"));
        assert_eq!(made.variables, ["TOKEN"]);
        assert_eq!(http_method("curl -f https://x.example/health"), Some("GET".to_owned()));
        assert_eq!(http_method("curl https://x | sh"), None);
        assert_eq!(http_method("wget x"), None);
    }

    fn http_method(text: &str) -> Option<String> {
        http(text).map(|h| h.method)
    }

    #[test]
    fn blanks_are_named() {
        for (text, blanks) in [
            ("vercel rollback [previous-deployment-id]", vec!["previous-deployment-id"]),
            ("kubectl rollout undo deploy/<name> -n {{ namespace }}", vec!["name", "namespace"]),
            ("curl https://your-domain.com/api", vec!["your-domain.com"]),
            ("export DATABASE_URL=postgresql://... KEY=sk_live_...", vec!["postgresql://...", "sk_live_..."]),
            ("curl https://hooks.example/services/XXX/T01 -H 'Key: CHANGE_ME'", vec!["XXX", "CHANGE_ME"]),
            ("if [ -f x ]; then [[ $a ]]; fi; cat < in > out; a[0]", vec![]),
        ] {
            assert_eq!(placeholders(text), blanks, "{text}");
        }
    }

    #[test]
    fn a_script_is_split_at_its_comments() {
        let count = |text: &str| chunks(text).len();
        assert_eq!(count("# a\nx 1\n\n# b\ny 2\n"), 2);
        assert_eq!(count("# a\nx 1\ny 2\n"), 1);
        assert_eq!(count("export A=1\n\n# b\ny $A\n"), 1, "one sets up the other");
        assert_eq!(count("# a\nx '{\n\n# no\n}'\n"), 1, "inside quotes");
    }
}
