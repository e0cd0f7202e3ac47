//! What simple commands call and reach: programs, variables they set, hosts of their requests. Pure.

use std::collections::BTreeSet;

use super::words::{Script, is_keyword};

/// What stands where a program's name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// A name or path.
    Named(String),
    /// A word that a variable decides.
    Variable(String),
}

/// Whom a request reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Host and perhaps port.
    Host(String),
    /// A path without a host.
    NoHost(String),
    /// A variable decides.
    Variable(String),
}

/// What a script calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Calls {
    /// In order, with repetitions.
    pub programs: Vec<Program>,
    /// In order, with repetitions.
    pub targets: Vec<Target>,
    /// Variables it sets.
    pub sets: BTreeSet<String>,
    /// Functions it defines.
    pub functions: BTreeSet<String>,
}

/// What a script calls.
pub(super) fn read(script: &Script) -> Calls {
    let mut calls = Calls::default();
    script.commands.iter().for_each(|words| calls.take(words));
    calls
}

/// What a shell knows by itself.
pub(super) fn is_builtin(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        ".", ":", "[", "[[", "alias", "bg", "break", "builtin", "cd", "command", "continue", "declare",
        "echo", "eval", "exec", "exit", "export", "false", "fg", "getopts", "hash", "jobs", "kill", "let",
        "local", "printf", "pwd", "read", "readonly", "return", "set", "shift", "shopt", "source", "test",
        "times", "trap", "true", "type", "typeset", "ulimit", "umask", "unalias", "unset", "wait",
    ];
    KNOWN.contains(&name)
}

/// Hosts that stand for another: the names reserved for examples (RFC 2606) and `your-domain.com`.
pub(super) fn is_example(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host).to_lowercase();
    let labels: Vec<&str> = name.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let reserved = ["example", "invalid"].contains(&last)
        || labels.len() > 1 && labels[labels.len() - 2] == "example" && ["com", "net", "org"].contains(&last);
    reserved
        || name.contains("blank")
        || labels.iter().any(|l| l.starts_with("your") && *l != "yours")
        || ["domain.com", "yourdomain.com"].contains(&name.as_str())
}

impl Calls {
    fn take(&mut self, words: &[String]) {
        match words.first().map(String::as_str) {
            None | Some("fi" | "done" | "esac" | "}" | "case" | "in" | "]]") => {}
            Some("function") => self.functions.extend(words.get(1).cloned()),
            Some("for" | "select") => self.sets.extend(words.get(1).cloned()),
            Some(word) if is_keyword(word) => self.take(&words[1..]),
            Some(word) => match assigned(word) {
                Some(name) => {
                    self.sets.insert(name.to_owned());
                    self.take(&words[1..]);
                }
                None => self.call(words),
            },
        }
    }

    /// A program with its arguments.
    fn call(&mut self, words: &[String]) {
        let (program, rest) = (&words[0], &words[1..]);
        self.programs.push(match program.contains('$') {
            true => Program::Variable(program.clone()),
            false => Program::Named(program.clone()),
        });
        self.reach(program, rest);
        match program.as_str() {
            "export" | "local" | "declare" | "readonly" | "typeset" => {
                self.sets.extend(rest.iter().filter_map(|w| assigned(w)).map(str::to_owned));
            }
            "read" => self.sets.extend(rest.iter().filter(|w| !w.starts_with('-')).cloned()),
            "sudo" | "env" | "exec" | "command" | "nohup" | "nice" | "xargs" | "timeout" => self.within(rest),
            _ => {}
        }
    }

    /// What a program calls that only starts another. Options with a value of their own end the
    /// reading: which word is the program is not known then.
    fn within(&mut self, rest: &[String]) {
        let is_time = |w: &str| w.starts_with(|c: char| c.is_ascii_digit());
        let skipped = rest.iter().take_while(|w| w.starts_with('-') || is_time(w)).count();
        let valued = rest[..skipped].iter().any(|w| w.len() == 2 && w.starts_with('-'));
        if !valued && skipped < rest.len() {
            self.take(&rest[skipped..]);
        }
    }

    fn reach(&mut self, program: &str, rest: &[String]) {
        let urls = rest.iter().filter_map(|w| after_scheme(w));
        self.targets.extend(urls.map(target));
        if matches!(program, "curl" | "wget") {
            let bare: Vec<_> = positional(rest).into_iter().filter(|w| after_scheme(w).is_none()).collect();
            self.targets.extend(bare.into_iter().map(target));
        }
    }
}

/// The name that `NAME=value` sets.
fn assigned(word: &str) -> Option<&str> {
    let (name, _) = word.split_once('=')?;
    let fits = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (fits && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')).then_some(name)
}

/// `host/path` of a word that begins with an HTTP address.
fn after_scheme(word: &str) -> Option<&str> {
    ["http://", "https://", "ws://", "wss://"].iter().find_map(|scheme| word.strip_prefix(scheme))
}

fn target(url: &str) -> Target {
    let url = after_scheme(url).unwrap_or(url);
    if url.starts_with('/') {
        return Target::NoHost(url.to_owned());
    }
    let host = url.split(['/', '?', '#']).next().unwrap_or(url);
    let host = host.rsplit('@').next().unwrap_or(host);
    match host {
        host if host.contains('$') => Target::Variable(url.to_owned()),
        "" => Target::NoHost(url.to_owned()),
        host => Target::Host(host.to_owned()),
    }
}

/// The arguments of curl that are addresses: neither options nor their values.
fn positional(rest: &[String]) -> Vec<&str> {
    const VALUED: &[&str] = &[
        "-X",
        "--request",
        "-H",
        "--header",
        "-d",
        "--data",
        "--data-raw",
        "--data-binary",
        "--data-urlencode",
        "--json",
        "-o",
        "--output",
        "-O",
        "--output-document",
        "-u",
        "--user",
        "-w",
        "--write-out",
        "-m",
        "--max-time",
        "-A",
        "--user-agent",
        "--retry",
        "--retry-delay",
        "--connect-timeout",
        "-b",
        "--cookie",
        "-c",
        "--cacert",
        "--cert",
        "--key",
        "-F",
        "--form",
        "-T",
        "--upload-file",
        "-e",
        "-x",
        "--proxy",
        "--resolve",
        "-t",
        "--timeout",
        "--post-data",
        "--method",
        "--body-data",
    ];
    let (mut found, mut words) = (vec![], rest.iter());
    while let Some(word) = words.next() {
        match word.as_str() {
            option if VALUED.contains(&option) => drop(words.next()),
            "--url" => found.extend(words.next().map(String::as_str)),
            option if option.starts_with('-') => {}
            address => found.push(address),
        }
    }
    found
}
