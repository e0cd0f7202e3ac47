//! Blanks of a command become variables: `[previous-deployment-id]` reads
//! `"$W_previous_deployment_id"`, so a value arrives as one argument whatever it holds. Pure.
//!
//! Only where a word of the shell stands bare. Inside quotes, here-documents, expansions and in what is
//! read as code a second time a blank is refused: there a value could become syntax.

use std::collections::BTreeMap;

use super::words;

/// Why a blank cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFill {
    /// It stands where a value would be read as something else.
    #[error("the blank {0} stands inside {1}; only a bare word can be filled in: write $NAME there instead")]
    Inside(String, &'static str),
    /// Two blanks would be the same variable.
    #[error("the blanks {0} and {1} would be the same variable; rename one of them")]
    Alike(String, String),
    /// A program that takes its arguments as code gets it.
    #[error("{0} reads its arguments as code again, so the blank {1} cannot be filled in safely")]
    Again(String, String),
    /// It was named and is not there.
    #[error("the blank {0} was not found in the command")]
    Lost(String),
}

/// What stands at a byte of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Bare,
    Comment,
    Within(&'static str),
}

/// Programs that read arguments as code.
const AGAIN: &[&str] =
    &["eval", "sh", "bash", "dash", "zsh", "ksh", "su", "ssh", "trap", "watch", "parallel"];

/// The variable of a blank.
pub(super) fn variable(blank: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("W_{}", blank.chars().map(plain).collect::<String>())
}

/// The text with a variable in each blank, and the variables with their blanks.
///
/// # Errors
/// The first blank that cannot be filled.
pub(super) fn fill(text: &str, blanks: &[String]) -> Result<(String, BTreeMap<String, String>), NoFill> {
    let mut variables = BTreeMap::new();
    for blank in blanks {
        if let Some(other) = variables.insert(variable(blank), blank.clone()).filter(|o| o != blank) {
            return Err(NoFill::Alike(other, blank.clone()));
        }
    }
    let (places, mut filled, mut done) = (Scan::over(text), String::with_capacity(text.len()), 0);
    for (begin, end, blank) in occurrences(text, blanks)? {
        if begin < done {
            continue;
        }
        let inside = places[begin..end].iter().find_map(|at| match at {
            At::Within(what) => Some(*what),
            At::Bare | At::Comment => None,
        });
        let with = match (inside, places[begin]) {
            (Some(what), _) => return Err(NoFill::Inside(blank.clone(), what)),
            (None, At::Comment) => text[begin..end].to_owned(),
            (None, _) => format!("\"${}\"", variable(blank)),
        };
        filled.push_str(&text[done..begin]);
        filled.push_str(&with);
        done = end;
    }
    filled.push_str(&text[done..]);
    not_read_again(&filled, &variables)?;
    Ok((filled, variables))
}

/// Where blanks stand, in order, the longest first where several begin.
fn occurrences<'a>(text: &str, blanks: &'a [String]) -> Result<Vec<(usize, usize, &'a String)>, NoFill> {
    let mut all = vec![];
    for blank in blanks {
        let before = all.len();
        let forms = [
            format!("[{blank}]"),
            format!("<{blank}>"),
            format!("{{{{{blank}}}}}"),
            format!("{{{{ {blank} }}}}"),
        ];
        for form in &forms {
            all.extend(text.match_indices(form.as_str()).map(|(at, _)| (at, at + form.len(), blank)));
        }
        if all.len() == before {
            let whole =
                text.match_indices(blank.as_str()).filter(|(at, _)| stands_alone(text, *at, blank.len()));
            all.extend(whole.map(|(at, _)| (at, at + blank.len(), blank)));
        }
        if all.len() == before {
            return Err(NoFill::Lost(blank.clone()));
        }
    }
    all.sort_by_key(|(begin, end, _)| (*begin, usize::MAX - end));
    Ok(all)
}

fn stands_alone(text: &str, at: usize, length: usize) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    !text[..at].ends_with(part) && !text[at + length..].starts_with(part)
}

fn not_read_again(text: &str, variables: &BTreeMap<String, String>) -> Result<(), NoFill> {
    for words in words::script(text).commands {
        let named = |word: &&String| AGAIN.contains(&word.rsplit('/').next().unwrap_or(word));
        let Some(program) = words.iter().find(named) else { continue };
        let holds = |name: &str| words.iter().any(|w| w.contains(&format!("${name}")));
        if let Some((_, blank)) = variables.iter().find(|(name, _)| holds(name)) {
            return Err(NoFill::Again(program.clone(), blank.clone()));
        }
    }
    Ok(())
}

/// Reads a script for what stands where. In doubt a place is not bare.
struct Scan<'t> {
    text: &'t [u8],
    at: usize,
    out: Vec<At>,
    documents: Vec<Vec<u8>>,
}

impl<'t> Scan<'t> {
    fn over(text: &'t str) -> Vec<At> {
        let mut scan = Scan { text: text.as_bytes(), at: 0, out: vec![], documents: vec![] };
        while scan.at < scan.text.len() {
            scan.step();
        }
        scan.out
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn take(&mut self, count: usize, as_what: At) {
        let count = count.min(self.text.len() - self.at);
        self.at += count;
        self.out.resize(self.at, as_what);
    }

    fn step(&mut self) {
        let fresh = self.at == 0 || b" \t\n;&|(".contains(&self.text[self.at - 1]);
        match (self.text[self.at], self.peek(1)) {
            (b'\\', _) => self.take(2, At::Within("an escape")),
            (b'\'', _) => self.until(b"'", 1, "quotes"),
            (b'"', _) => self.double(),
            (b'`', _) => self.until(b"`", 1, "backticks"),
            (b'$', Some(b'{')) => self.until(b"}", 2, "${…}"),
            (b'$', Some(b'(')) if self.peek(2) == Some(b'(') => self.until(b"))", 3, "$((…))"),
            (b'#', _) if fresh => self.until_line_end(At::Comment),
            (b'<', Some(b'<')) if self.peek(2) != Some(b'<') => self.document(),
            (b'\n', _) => self.line_end(),
            _ => self.take(1, At::Bare),
        }
    }

    /// Through the next `end`, the first `skip` bytes aside.
    fn until(&mut self, end: &[u8], skip: usize, what: &'static str) {
        let rest = self.text.get(self.at + skip..).unwrap_or_default();
        let found = rest.windows(end.len()).position(|w| w == end);
        let length = found.map_or(self.text.len() - self.at, |n| skip + n + end.len());
        self.take(length, At::Within(what));
    }

    fn until_line_end(&mut self, as_what: At) {
        let length = self.text[self.at..].iter().take_while(|b| **b != b'\n').count();
        self.take(length, as_what);
    }

    /// Double quotes. With a substitution inside, where they end depends on a shell's grammar: then
    /// nothing behind them counts as bare.
    fn double(&mut self) {
        const QUOTES: At = At::Within("quotes");
        self.take(1, QUOTES);
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'\\', _) => self.take(2, QUOTES),
                (b'"', _) => return self.take(1, QUOTES),
                (b'$', Some(b'(')) | (b'`', _) => {
                    return self.take(self.text.len(), At::Within("or behind a substitution in quotes"));
                }
                _ => self.take(1, QUOTES),
            }
        }
    }

    fn document(&mut self) {
        const HERE: At = At::Within("a here-document");
        let begin = self.at;
        self.take(2, HERE);
        while matches!(self.peek(0), Some(b'-' | b' ' | b'\t')) {
            self.take(1, HERE);
        }
        while self.peek(0).is_some_and(|b| !b.is_ascii_whitespace() && !b";|&<>()".contains(&b)) {
            self.take(1, HERE);
        }
        let word = self.text[begin + 2..self.at].iter().filter(|b| !b"- \t'\"\\".contains(b));
        self.documents.push(word.copied().collect());
    }

    fn line_end(&mut self) {
        self.take(1, At::Bare);
        for end in std::mem::take(&mut self.documents) {
            while self.at < self.text.len() {
                let line = self.text[self.at..].split(|b| *b == b'\n').next().unwrap_or_default();
                let is_end = line.iter().filter(|b| !b"-\t".contains(b)).eq(end.iter());
                self.take(line.len() + 1, At::Within("a here-document"));
                if is_end {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, NoFill> {
        let blanks = ["prev-id", "name", "your-domain.com"];
        let there = blanks.iter().filter(|b| text.contains(*b)).map(|b| (*b).to_owned()).collect::<Vec<_>>();
        fill(text, &there).map(|(text, _)| text)
    }

    #[test]
    fn a_bare_blank_becomes_a_variable() {
        for (text, wanted) in [
            ("vercel rollback [prev-id]", "vercel rollback \"$W_prev_id\""),
            ("a deploy/<name> -n {{ name }}", "a deploy/\"$W_name\" -n \"$W_name\""),
            ("curl https://your-domain.com/api", "curl https://\"$W_your_domain_com\"/api"),
            ("# put [prev-id] here\nx=[prev-id]", "# put [prev-id] here\nx=\"$W_prev_id\""),
            ("a 'b' \"c\" $(d [prev-id])", "a 'b' \"c\" $(d \"$W_prev_id\")"),
            ("cat <<E\nx\nE\na [name]", "cat <<E\nx\nE\na \"$W_name\""),
            ("a no-name\nb [name] name", "a no-name\nb \"$W_name\" name"),
        ] {
            assert_eq!(filled(text).as_deref(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn where_a_value_could_be_syntax_it_is_refused() {
        for text in [
            "a '[name]'",
            "a \"x [name]\"",
            "curl -d '{\"id\": \"[name]\"}'",
            "cat <<E\n[name]\nE",
            "cat <<'E'\n[name]\nE",
            "a `b [name]`",
            "a ${x:-[name]}",
            "a $(( [name] ))",
            "a \\[name]",
            "a \"$(b \"c\")\" [name]",
            "eval a [name]",
            "sudo sh -c [name]",
            "ssh host rm [name]",
        ] {
            assert!(filled(text).is_err(), "{text}: {:?}", filled(text));
        }
        let alike = fill("[a-b] [a_b]", &["a-b".into(), "a_b".into()]);
        assert_eq!(alike, Err(NoFill::Alike("a-b".into(), "a_b".into())));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "[a-c \n'\"`$(){}<>|;#\\\\\\[\\]é-]{0,60}") {
            proptest::prop_assert_eq!(Scan::over(&text).len(), text.len());
            let _ = fill(&text, &["a-b".to_owned(), "c".to_owned()]);
        }
    }
}
