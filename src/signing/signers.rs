//! Whose keys count: a list in the form of OpenSSH's `allowed_signers`, read as `ssh-keygen` reads it.
//! A line it would skip is skipped here, with the reason.

use chrono_tz::Tz;

use super::NAMESPACE;
use super::keys::Key;
use super::times;

/// The longest pattern that OpenSSH compares, in bytes.
const LONGEST: usize = 1023;

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// Its place, from 1.
    pub line: usize,
    /// Names, with commas between them; OpenSSH lets them be patterns.
    pub principals: String,
    /// Whose key.
    pub key: Key,
    /// What stands behind the key.
    pub comment: String,
    options: Options,
}

/// What stands before a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Options {
    authority: bool,
    namespaces: Option<String>,
    after: Option<i64>,
    before: Option<i64>,
}

/// A list of signers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signers {
    lines: Vec<Signer>,
    /// Lines that say nothing, and why.
    skipped: Vec<(usize, String)>,
}

impl Signers {
    /// Reads a list; times without a zone are in `zone`.
    pub fn read(text: &str, zone: Tz) -> Self {
        let mut out = Self::default();
        for (at, line) in text.split('\n').enumerate() {
            // OpenSSH's lines end where a NUL stands.
            let line = line.split('\0').next().unwrap_or_default();
            let line = line.trim_start_matches([' ', '\t', '\n', '\r']);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match signer(line, at + 1, zone) {
                Ok(signer) => out.lines.push(signer),
                Err(why) => out.skipped.push((at + 1, why)),
            }
        }
        out
    }

    /// The lines that say something.
    pub fn lines(&self) -> &[Signer] {
        &self.lines
    }

    /// The lines that count for nothing here, and why: what OpenSSH skips, and what it would let
    /// through too easily.
    pub fn lint(&self) -> Vec<(usize, String)> {
        let loose = self.lines.iter().filter_map(|line| Some((line.line, line.too_loose()?)));
        let mut all: Vec<_> = self.skipped.iter().cloned().chain(loose).collect();
        all.sort();
        all
    }

    /// The lines that count.
    pub fn counting(&self) -> impl Iterator<Item = &Signer> {
        self.lines.iter().filter(|line| line.too_loose().is_none())
    }

    /// The names under which a key counts at a time.
    pub fn names_of(&self, key: &Key, at: i64) -> Vec<&str> {
        let mine = self.counting().filter(|line| &line.key == key && line.untimely(at).is_none());
        mine.flat_map(|line| line.principals.split(',')).collect()
    }
}

impl Signer {
    /// Whether it is about somebody, as OpenSSH matches names.
    pub fn names(&self, principal: &str) -> bool {
        matches_list(principal, &self.principals)
    }

    /// Whether it names somebody in so many letters.
    pub fn names_exactly(&self, principal: &str) -> bool {
        !principal.is_empty() && self.principals.split(',').any(|name| name == principal)
    }

    /// Whether its key may sign for a namespace.
    pub fn allows(&self, namespace: &str) -> bool {
        self.options.namespaces.as_ref().is_none_or(|list| matches_list(namespace, list))
    }

    /// Whether its key signs other keys, which is not supported.
    pub fn is_authority(&self) -> bool {
        self.options.authority
    }

    /// Why it does not hold at a time (seconds since 1970).
    pub fn untimely(&self, at: i64) -> Option<&'static str> {
        if self.options.after.is_some_and(|after| at < after) {
            return Some("was not valid yet");
        }
        self.options.before.is_some_and(|before| at > before).then_some("was no longer valid")
    }

    /// Until when it holds, in seconds since 1970.
    pub fn until(&self) -> Option<i64> {
        self.options.before
    }

    /// Why a line that OpenSSH takes counts for nothing here.
    pub fn too_loose(&self) -> Option<String> {
        let wild = |list: &str| list.contains(['*', '?', '!']);
        if self.options.authority {
            return Some("cert-authority is not supported; list each person's key".to_owned());
        }
        if wild(&self.principals) {
            return Some(format!("the name {:?} is a pattern; name each person", self.principals));
        }
        match &self.options.namespaces {
            None => Some(format!("it takes signatures made for anything; add namespaces=\"{NAMESPACE}\"")),
            Some(list) if wild(list) || !list.split(',').any(|n| n == NAMESPACE) => {
                Some(format!("its namespaces {list:?} do not name {NAMESPACE}"))
            }
            Some(_) => None,
        }
    }
}

fn signer(line: &str, number: usize, zone: Tz) -> Result<Signer, String> {
    let (principals, rest) = first_word(line).ok_or("it is no name, options and key")?;
    let found = match Key::read_line(rest) {
        Some((key, comment)) => (Options::default(), key, comment),
        None => {
            let (options, rest) = past_options(rest)?;
            let rest = rest.trim_start_matches([' ', '\t']);
            let (key, comment) = Key::read_line(rest).ok_or("its key cannot be read")?;
            (Options::read(options, zone)?, key, comment)
        }
    };
    let (options, key, comment) = found;
    Ok(Signer { line: number, principals, key, comment: comment.trim().to_owned(), options })
}

/// The first word, which may be quoted in part, and what follows.
fn first_word(line: &str) -> Option<(String, &str)> {
    const WHITE: [char; 4] = [' ', '\t', '\r', '\n'];
    let end = line.find([' ', '\t', '\r', '\n', '"'])?;
    let (head, rest) = (&line[..end], &line[end + 1..]);
    if !line[end..].starts_with('"') {
        return Some((head.to_owned(), rest.trim_start_matches(WHITE)));
    }
    let (quoted, rest) = rest.split_once('"')?;
    Some((format!("{head}{quoted}"), rest.trim_start_matches(WHITE)))
}

/// The options in front of a key, blanks in quotes being theirs.
fn past_options(text: &str) -> Result<(&str, &str), String> {
    let (bytes, mut at, mut quoted) = (text.as_bytes(), 0, false);
    while at < bytes.len() && (quoted || !matches!(bytes[at], b' ' | b'\t')) {
        match bytes[at] {
            b'\\' if bytes.get(at + 1) == Some(&b'"') => at += 1,
            b'"' => quoted = !quoted,
            _ => {}
        }
        at += 1;
    }
    if at >= bytes.len() {
        return Err(if quoted { "a quote is not closed" } else { "it has no key" }.to_owned());
    }
    Ok((&text[..at], &text[at..]))
}

impl Options {
    fn read(text: &str, zone: Tz) -> Result<Self, String> {
        let (mut out, mut rest) = (Self::default(), text);
        while !rest.is_empty() {
            rest = out.read_one(rest, zone)?;
            if rest.is_empty() {
                break;
            }
            rest = rest.strip_prefix(',').ok_or_else(|| format!("it has an unknown option at {rest:?}"))?;
            if rest.is_empty() {
                return Err("its options end with a comma".to_owned());
            }
        }
        match (out.after, out.before) {
            (Some(after), Some(before)) if before <= after => {
                Err("valid-before is before valid-after".to_owned())
            }
            _ => Ok(out),
        }
    }

    fn read_one<'a>(&mut self, text: &'a str, zone: Tz) -> Result<&'a str, String> {
        if let Some(rest) = after(text, "cert-authority") {
            self.authority = true;
            return Ok(rest);
        }
        if let Some(rest) = after(text, "namespaces=") {
            let (list, rest) = unquoted(rest)?;
            return put(&mut self.namespaces, list, "namespaces").map(|()| rest);
        }
        for (name, slot) in [("valid-after", &mut self.after), ("valid-before", &mut self.before)] {
            let Some(rest) = after(text, name).and_then(|rest| rest.strip_prefix('=')) else { continue };
            let (time, rest) = unquoted(rest)?;
            let time = times::read(&time, zone).filter(|t| *t != 0);
            let time = time.ok_or_else(|| format!("{name} is no time"))?;
            return put(slot, time, name).map(|()| rest);
        }
        Ok(text)
    }
}

fn put<T>(slot: &mut Option<T>, value: T, name: &str) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{name} is there twice")),
    }
}

/// What follows a word, whatever the case of its letters.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
}

/// A text in quotes, in which `\"` is a quote, and what follows it.
fn unquoted(text: &str) -> Result<(String, &str), String> {
    let inner = text.strip_prefix('"').ok_or("an option has no quotes")?;
    let (mut out, mut chars) = (String::new(), inner.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((out, &inner[at + 1..])),
            '\\' if inner[at + 1..].starts_with('"') => {
                chars.next();
                out.push('"');
            }
            _ => out.push(c),
        }
    }
    Err("a quote is not closed".to_owned())
}

/// OpenSSH's lists of patterns: one has to fit, and none with a `!` before it.
fn matches_list(text: &str, list: &str) -> bool {
    let (mut fits, mut rest) = (false, list);
    while !rest.is_empty() {
        let negated = rest.starts_with('!');
        rest = if negated { &rest[1..] } else { rest };
        let (pattern, behind) = rest.split_once(',').unwrap_or((rest, ""));
        if pattern.len() >= LONGEST {
            return false;
        }
        if matches(text.as_bytes(), pattern.as_bytes()) {
            if negated {
                return false;
            }
            fits = true;
        }
        rest = behind;
    }
    fits
}

/// `*` stands for any bytes, `?` for one. Goes back to the last star only, so it is never slow.
fn matches(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut here, mut star) = (0, 0, None);
    while at < text.len() {
        match pattern.get(here) {
            Some(b'*') => {
                star = Some((here, at));
                here += 1;
            }
            Some(c) if *c == b'?' || *c == text[at] => (at, here) = (at + 1, here + 1),
            _ => {
                let Some((place, from)) = star else { return false };
                star = Some((place, from + 1));
                (at, here) = (from + 1, place + 1);
            }
        }
    }
    pattern[here..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS";

    fn one(before: &str) -> Result<Signer, String> {
        signer(&format!("{before} {KEY} desk"), 1, Tz::UTC)
    }

    #[test]
    fn a_line_is_names_options_and_a_key() {
        let line = one("ana,bo namespaces=\"signoff-v1@warroom,git\",valid-before=\"20300101Z\"").unwrap();
        assert_eq!((line.principals.as_str(), line.comment.as_str()), ("ana,bo", "desk"));
        assert!(line.names_exactly("bo") && !line.names_exactly("b"));
        assert_eq!(line.untimely(1_893_456_000), None);
        assert_eq!(line.untimely(1_893_456_001), Some("was no longer valid"));
        assert_eq!(line.too_loose(), None);
        assert_eq!(one("\"ana b\"").unwrap().principals, "ana b");
    }

    #[test]
    fn what_openssh_skips_is_skipped_with_a_reason() {
        for (line, why) in [
            ("ana namespaces=git", "no quotes"),
            ("ana namespaces=\"a\",namespaces=\"b\"", "twice"),
            ("ana valid-after=\"tomorrow\"", "no time"),
            ("ana valid-after=\"20300101\",valid-before=\"20200101\"", "is before"),
            ("ana restrict", "unknown option"),
            ("ana cert-authority,", "comma"),
            ("ana namespaces=\"git", "not closed"),
        ] {
            let said = one(line).unwrap_err();
            assert!(said.contains(why), "{line}: {said}");
        }
        assert!(signer("ana", 1, Tz::UTC).is_err());
        assert!(signer("ana ssh-ed25519 AAAA", 1, Tz::UTC).is_err());
    }

    #[test]
    fn a_line_that_lets_too_much_through_does_not_count() {
        let list = "* namespaces=\"signoff-v1@warroom\" K\nana K\nbo cert-authority K\ncy namespaces=\"*\" K\n\
                    # remark\n\ndi namespaces=\"signoff-v1@warroom\" K";
        let signers = Signers::read(&list.replace('K', KEY), Tz::UTC);
        let lines: Vec<_> = signers.lint().iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 3, 4]);
        assert_eq!(signers.counting().map(|s| s.line).collect::<Vec<_>>(), [7]);
        assert_eq!(signers.names_of(&signers.lines()[0].key, 0), ["di"]);
    }

    #[test]
    fn lists_match_as_openssh_matches_them() {
        for (text, list, wanted) in [
            ("ana", "ana", true),
            ("ana", "bo,an?", true),
            ("ana", "*,!ana", false),
            ("ana", "!bo", false),
            ("ana@desk", "*@desk", true),
            ("aaab", "a*a*b", true),
            ("ana", "a*x", false),
            ("", "", false),
            ("ana", "ANA", false),
        ] {
            assert_eq!(matches_list(text, list), wanted, "{text} {list}");
        }
    }
}
