//! Variables that commands use and nothing in the plan sets or names.

use std::collections::{BTreeMap, HashSet};

/// Every shell has these, or the build does.
const KNOWN: &[&str] = &[
    "HOME",
    "PATH",
    "USER",
    "PWD",
    "OLDPWD",
    "SHELL",
    "HOSTNAME",
    "LANG",
    "TERM",
    "TMPDIR",
    "EDITOR",
    "LOGNAME",
    "UID",
    "EUID",
    "PPID",
    "RANDOM",
    "SECONDS",
    "IFS",
    "PIPESTATUS",
    "LINENO",
    "OSTYPE",
    "KUBECONFIG",
    "CI",
    "FUNCNAME",
    "OPTARG",
    "OPTIND",
    "REPLY",
    "COLUMNS",
    "LINES",
    "NF",
    "NR",
    "TMP",
    "TEMP",
    "PORT",
];

/// One variable: the line it is first used on, how often, and whether a way back needs it.
#[derive(Debug, PartialEq)]
pub(super) struct Use {
    pub line: usize,
    pub count: usize,
    pub back: bool,
}

/// The uses of a plan by name.
#[derive(Default)]
pub(super) struct Uses(BTreeMap<String, Use>);

impl Uses {
    /// Notes a use.
    pub fn add(&mut self, name: String, line: usize, back: bool) {
        let known = self.0.entry(name).or_insert(Use { line, count: 0, back });
        known.count += 1;
        known.back |= back;
        known.line = known.line.min(line);
    }

    /// Those that the text neither sets nor names, by line.
    pub fn unset(self, text: &str) -> Vec<(String, Use)> {
        let named = named(text);
        let known = |name: &str| {
            KNOWN.contains(&name)
                || name.len() < 2
                || ["GITHUB_", "CI_", "BASH_", "LC_"].iter().any(|p| name.starts_with(p))
        };
        let mut out: Vec<(String, Use)> =
            self.0.into_iter().filter(|(name, _)| !known(name) && !named.contains(name.as_str())).collect();
        out.sort_by_key(|(_, found)| found.line);
        out
    }
}

/// Every name of the text that does not stand behind a dollar sign.
fn named(text: &str) -> HashSet<&str> {
    let bytes = text.as_bytes();
    let part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let mut out = HashSet::new();
    let mut at = 0;
    while at < bytes.len() {
        if !part(bytes[at]) {
            at += 1;
            continue;
        }
        let end = (at..bytes.len()).find(|i| !part(bytes[*i])).unwrap_or(bytes.len());
        let front = text[..at].trim_end_matches(['{', '(']);
        if !front.ends_with('$') {
            out.insert(&text[at..end]);
        }
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_or_named_is_known() {
        let mut uses = Uses::default();
        for (name, line) in [("TOKEN", 4), ("SET", 5), ("HOME", 6), ("SAID", 7), ("TOKEN", 9)] {
            uses.add(name.to_owned(), line, line > 8);
        }
        let text = "export SET=1\nYou need `SAID`.\ncurl $TOKEN ${TOKEN} $SET";
        let unset = uses.unset(text);
        assert_eq!(unset, [("TOKEN".to_owned(), Use { line: 4, count: 2, back: true })]);
    }
}
