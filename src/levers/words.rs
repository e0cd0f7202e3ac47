//! Shell text as simple commands: which words stand where a program's name stands, which variables
//! are read and set, which words are arguments. Pure; nothing is expanded and nothing is run.
//!
//! A reading for verdicts, not a shell: what it cannot place it leaves out rather than guessing.

use std::collections::BTreeSet;

/// What a text holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    /// In order, those inside substitutions too.
    pub commands: Vec<Vec<String>>,
    /// Variables that are read and have no default, outside single quotes.
    pub reads: BTreeSet<String>,
    /// Why this is no text for a shell.
    pub fault: Option<String>,
}

/// Reads a text.
pub(super) fn script(text: &str) -> Script {
    let mut scan = Scan { chars: text.chars().collect(), at: 0, out: Script::default(), documents: vec![] };
    scan.list(None, 0);
    scan.out
}

/// Substitutions may stand in each other this deep.
const DEPTH: usize = 32;

struct Scan {
    chars: Vec<char>,
    at: usize,
    out: Script,
    /// The ends of here-documents that begin after this line.
    documents: Vec<String>,
}

/// The simple command being read.
#[derive(Default)]
struct Current {
    words: Vec<String>,
    word: Option<String>,
    /// The next word is where output goes, not an argument.
    redirected: bool,
}

impl Current {
    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if !std::mem::take(&mut self.redirected) {
            self.words.push(word);
        }
    }
}

impl Scan {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += usize::from(there);
        there
    }

    /// Commands until `end`, or until the text ends.
    fn list(&mut self, end: Option<char>, depth: usize) {
        if depth > DEPTH {
            self.fault("substitutions stand too deep in each other");
            self.at = self.chars.len();
        }
        let mut now = Current::default();
        while let Some(c) = self.next() {
            if Some(c) == end {
                return self.end_command(&mut now);
            }
            match c {
                '\n' => {
                    self.end_command(&mut now);
                    self.skip_documents();
                }
                ';' | '&' | '|' => self.end_command(&mut now),
                '#' if now.word.is_none() => self.skip_line(),
                c if c.is_whitespace() => now.end_word(),
                '<' | '>' => self.redirect(&mut now, depth),
                '(' => self.open(&mut now, depth),
                // The end of a pattern of `case`, or something odd: no program either way.
                ')' => now = Current::default(),
                '`' => {
                    now.word.get_or_insert_default();
                    self.list(Some('`'), depth + 1);
                }
                c => self.part(c, &mut now, depth),
            }
        }
        self.end_command(&mut now);
    }

    /// One character of a word, or a quoted or substituted part of it.
    fn part(&mut self, c: char, now: &mut Current, depth: usize) {
        match c {
            '\\' => match self.next() {
                Some('\n') | None => {}
                Some(c) => now.push(c),
            },
            '\'' => {
                now.word.get_or_insert_default();
                self.single(now);
            }
            '"' => {
                now.word.get_or_insert_default();
                self.double(now, depth);
            }
            '$' => self.dollar(now, depth),
            c => now.push(c),
        }
    }

    fn single(&mut self, now: &mut Current) {
        while let Some(c) = self.next() {
            if c == '\'' {
                return;
            }
            now.push(c);
        }
        self.fault("a single quote is never closed");
    }

    fn double(&mut self, now: &mut Current, depth: usize) {
        while let Some(c) = self.next() {
            match c {
                '"' => return,
                '\\' => now.word.get_or_insert_default().extend(self.next().filter(|c| *c != '\n')),
                '$' => self.dollar(now, depth),
                '`' => self.list(Some('`'), depth + 1),
                c => now.push(c),
            }
        }
        self.fault("a double quote is never closed");
    }

    /// What follows a `$`; the word keeps it as written, so that a host in a variable can be seen.
    fn dollar(&mut self, now: &mut Current, depth: usize) {
        now.push('$');
        if self.take('(') {
            return if self.take('(') { self.arithmetic() } else { self.list(Some(')'), depth + 1) };
        }
        let braced = self.take('{');
        if braced {
            while matches!(self.peek(), Some('#' | '!')) {
                self.at += 1;
            }
        }
        let name = self.name();
        name.chars().for_each(|c| now.push(c));
        let defaulted = braced && matches!(self.peek(), Some(':' | '-' | '=' | '+'));
        if braced {
            self.skip_past('}');
        }
        if !name.is_empty() && !defaulted {
            self.out.reads.insert(name);
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
            if name.is_empty() && c.is_ascii_digit() {
                break;
            }
            name.push(c);
            self.at += 1;
        }
        name
    }

    fn arithmetic(&mut self) {
        while let Some(c) = self.next() {
            if c == ')' && self.take(')') {
                return;
            }
        }
    }

    /// A subshell, a function, an array; anything else before a bracket is no shell text.
    fn open(&mut self, now: &mut Current, depth: usize) {
        match now.word.as_deref() {
            None if now.words.is_empty() || is_keyword(&now.words[now.words.len() - 1]) => {
                self.end_command(now);
                self.list(Some(')'), depth + 1);
            }
            Some(word) if word.ends_with('=') => self.skip_past(')'),
            _ if self.take(')') => {
                let name = now.word.take().into_iter();
                let definition = ["function".to_owned()].into_iter().chain(name);
                self.out.commands.push(definition.collect());
                *now = Current::default();
            }
            word => {
                let shown: String = word.unwrap_or_default().chars().take(40).collect();
                self.fault(&format!("there is a bracket after “{shown}”"));
                self.skip_past(')');
            }
        }
    }

    fn redirect(&mut self, now: &mut Current, depth: usize) {
        let second = self.chars.get(self.at - 1..=self.at).map(|two| two[1]);
        if second == Some('(') {
            self.at += 1;
            return self.list(Some(')'), depth + 1);
        }
        if now.word.as_ref().is_some_and(|w| w.chars().all(|c| c.is_ascii_digit())) {
            now.word = None;
        }
        now.end_word();
        let begin = self.at - 1;
        while self.peek().is_some_and(|c| "<>&|-".contains(c)) {
            self.at += 1;
        }
        let operator: String = self.chars[begin..self.at].iter().collect();
        match operator.as_str() {
            "<<" | "<<-" => self.document(),
            operator => now.redirected = !operator.ends_with('-'),
        }
    }

    /// The word that ends a here-document.
    fn document(&mut self) {
        while self.take(' ') {}
        let mut end = String::new();
        while let Some(c) = self.peek().filter(|c| !c.is_whitespace() && !";|&<>()".contains(*c)) {
            end.extend((!"'\"\\".contains(c)).then_some(c));
            self.at += 1;
        }
        self.documents.push(end);
    }

    fn skip_documents(&mut self) {
        for end in std::mem::take(&mut self.documents) {
            while self.at < self.chars.len() {
                let line: String = self.chars[self.at..].iter().take_while(|c| **c != '\n').collect();
                self.at += line.chars().count() + 1;
                if line.trim_start_matches('\t') == end {
                    break;
                }
            }
            self.at = self.at.min(self.chars.len());
        }
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.at += 1;
        }
    }

    fn skip_past(&mut self, wanted: char) {
        while self.next().is_some_and(|c| c != wanted) {}
    }

    fn end_command(&mut self, now: &mut Current) {
        now.end_word();
        let done = std::mem::take(now);
        if !done.words.is_empty() {
            self.out.commands.push(done.words);
        }
    }

    fn fault(&mut self, why: &str) {
        self.out.fault.get_or_insert_with(|| why.to_owned());
    }
}

/// Words of the shell's grammar behind which a command follows.
pub(super) fn is_keyword(word: &str) -> bool {
    matches!(word, "if" | "then" | "elif" | "else" | "while" | "until" | "do" | "!" | "{" | "time")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Vec<String> {
        script(text).commands.iter().map(|words| words.join(" ")).collect()
    }

    #[test]
    fn programs_stand_where_they_stand() {
        for (text, wanted) in [
            ("a b && c | d; e & f", vec!["a b", "c", "d", "e", "f"]),
            ("# no\na \\\n  b # no\nc#d", vec!["a b", "c#d"]),
            ("a 'b; c' \"d | $E\"", vec!["a b; c d | $E"]),
            ("echo $(a $(b)) `c`", vec!["b", "a $", "c", "echo $ "]),
            ("a > b 2>&1 < c d", vec!["a d"]),
            ("(a; b) && { c; }", vec!["a", "b", "{ c", "}"]),
            ("cat <<EOF > x\n$(a)\nEOF\nb", vec!["cat", "b"]),
            ("cat <<-'X'\nit's\n\tX\nb", vec!["cat", "b"]),
            ("f() { a; }", vec!["function f", "{ a", "}"]),
            ("a $((1 + 2)) b", vec!["a $ b"]),
            ("case $x in a) b ;; esac", vec!["b", "esac"]),
            ("x=(1 2) y", vec!["x= y"]),
        ] {
            assert_eq!(commands(text), wanted, "{text}");
        }
    }

    #[test]
    fn variables_are_those_that_must_be_set() {
        let reads = |text: &str| script(text).reads.into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(reads("a $B ${C} \"$D\" '$E' ${F:-x} ${#G} $1 $? $$ \\$H"), "B C D G");
        assert_eq!(reads("a \"$(b $C)\" '{\"$exists\": 1}'"), "C");
    }

    #[test]
    fn what_is_no_shell_text_is_told_and_anything_survived() {
        assert!(script("db.users.find({\"a\": 1}).count()").fault.is_some());
        assert!(script("echo 'it").fault.is_some());
        assert_eq!(script("a (b").fault.as_deref(), Some("there is a bracket after “”"));
        for text in ["", "$", "${", "$(", "`", "<<", "<", ">(", "\\", ")", "((", "a<<E", "x=(", "\"`"] {
            script(text);
        }
        script(&"$(".repeat(100_000));
    }

    proptest::proptest! {
        #[test]
        fn any_text_comes_to_an_end(text in "[a-c \n\t'\"`$(){}<>|&;#=\\\\!1é-]{0,60}") {
            let read = script(&text);
            proptest::prop_assert!(read.commands.iter().all(|words| !words.is_empty()));
        }
    }
}
