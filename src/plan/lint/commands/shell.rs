//! Shell text as simple commands: words without their quotes, what is fed from where, in one pass.
//!
//! Not a shell: it knows quotes, comments, pipes, redirections and here-documents, and gives up
//! silently on anything else. Rules ask its [`Simple`]s; nothing is ever run from here.

/// A program with its arguments, between two separators.
#[derive(Clone, Debug, Default)]
pub(super) struct Simple {
    /// Program and arguments, quotes resolved; what only stands in front of a program is left out.
    pub words: Vec<String>,
    /// Lines below the first of the text.
    pub line: usize,
    /// What stood in front: `sudo`, `timeout`, assignments.
    pub front: Vec<String>,
    /// Whether something is fed to it: a pipe, a file, a here-document.
    pub fed: bool,
    /// Whether what is fed to it is a file.
    pub file: bool,
    /// Whether its output goes on into another program.
    pub piped: bool,
    /// Whether it goes on in the background.
    pub background: bool,
    /// The file its output is redirected into.
    pub writes: Option<String>,
    /// What stood in single quotes.
    pub literals: Vec<String>,
    /// A character that looks like a quote, a dash or a space and is none to a shell.
    pub odd: Option<char>,
}

/// The commands of a text and what was seen on the way.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// In order.
    pub commands: Vec<Simple>,
    /// Variables that are expanded and have no default, with their line.
    pub expansions: Vec<(String, usize)>,
    /// Lines that end in a backslash with blanks behind it.
    pub dangling: Vec<usize>,
}

/// Reads a shell text.
pub(super) fn read(text: &str) -> Script {
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
        line: 0,
        script: Script::default(),
        now: Simple::default(),
        word: None,
        target: None,
        here: Vec::new(),
    };
    while reader.step() {}
    reader.end_command();
    reader.script
}

/// Where the next word goes.
enum Target {
    Out,
    In,
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    line: usize,
    script: Script,
    now: Simple,
    word: Option<String>,
    target: Option<Target>,
    /// Here-documents that begin on the next line, by the word that ends them.
    here: Vec<String>,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn push(&mut self, c: char) {
        self.begin();
        self.word.get_or_insert_default().push(c);
    }

    /// Remembers the line a command begins on.
    fn begin(&mut self) {
        if self.word.is_none() && self.now.words.is_empty() {
            self.now.line = self.line;
        }
    }

    fn step(&mut self) -> bool {
        let Some(c) = self.peek(0) else { return false };
        match c {
            '\'' => self.single(),
            '"' => self.double(),
            '\\' => self.escape(),
            '$' => self.dollar(),
            '`' => self.until('`'),
            '#' if self.word.is_none() => self.comment(),
            '\n' => self.newline(),
            ';' | '&' | '|' => self.separator(c),
            '(' | ')' if self.word.is_none() => {
                self.at += 1;
                self.end_command();
            }
            '<' => self.less(),
            '>' => self.more(),
            ' ' | '\t' | '\r' => {
                self.at += 1;
                self.end_word();
            }
            _ => self.bare(c),
        }
        true
    }

    fn bare(&mut self, c: char) {
        let starts = self.word.as_deref().is_none_or(|w| w.ends_with('='));
        let dash = matches!(c, '–' | '—' | '−') && self.word.is_none();
        let odd = match c {
            '“' | '”' | '„' | '‟' | '‘' | '’' | '‚' | '«' | '»' => starts,
            '–' | '—' | '−' => dash && self.peek(1).is_some_and(|n| n.is_ascii_alphabetic() || n == c),
            '\u{a0}' | '\u{202f}' | '\u{2007}' | '\u{200b}' | '\u{feff}' => true,
            _ => false,
        };
        if odd {
            self.now.odd.get_or_insert(c);
        }
        self.push(c);
        self.at += 1;
    }

    fn single(&mut self) {
        self.begin();
        self.at += 1;
        let mut inside = String::new();
        while let Some(c) = self.next().filter(|c| *c != '\'') {
            inside.push(c);
        }
        self.word.get_or_insert_default().push_str(&inside);
        self.now.literals.push(inside);
    }

    fn double(&mut self) {
        self.begin();
        self.at += 1;
        self.word.get_or_insert_default();
        while let Some(c) = self.peek(0) {
            match c {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => {
                    self.at += 1;
                    if let Some(c) = self.next().filter(|c| *c != '\n') {
                        self.push(c);
                    }
                }
                '$' => self.dollar(),
                _ => {
                    self.push(c);
                    self.next();
                }
            }
        }
    }

    fn escape(&mut self) {
        let blanks = self.chars[self.at + 1..].iter().take_while(|c| matches!(c, ' ' | '\t' | '\r')).count();
        match self.peek(1 + blanks) {
            Some('\n') => {
                let visible = self.chars[self.at + 1..self.at + 1 + blanks].iter().any(|c| *c != '\r');
                if visible {
                    self.script.dangling.push(self.line);
                }
                self.end_word();
                self.at += 1 + blanks;
                self.next();
            }
            _ => {
                self.at += 1;
                if let Some(c) = self.next() {
                    self.push(c);
                }
            }
        }
    }

    /// `$NAME`, `${NAME}`, `$(command)`.
    fn dollar(&mut self) {
        self.push('$');
        self.at += 1;
        match self.peek(0) {
            Some('(') => self.balanced(),
            Some('{') => self.braced(),
            _ => {
                let name: String = self.chars[self.at..].iter().take_while(|c| is_name_part(**c)).collect();
                self.expands(&name);
            }
        }
    }

    fn expands(&mut self, name: &str) {
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            self.script.expansions.push((name.to_owned(), self.line));
        }
    }

    fn braced(&mut self) {
        let inside: String =
            self.chars[self.at + 1..].iter().take_while(|c| !matches!(c, '}' | '\n')).collect();
        let name: String = inside.chars().take_while(|c| is_name_part(*c)).collect();
        let rest = &inside[name.len()..];
        let defaulted = [":", "-", "+", "=", "?"].iter().any(|mark| rest.starts_with(mark));
        if !defaulted {
            self.expands(&name);
        }
        self.word.get_or_insert_default().push_str(&format!("{{{inside}}}"));
        self.at += inside.chars().count() + 1;
        if self.peek(0) == Some('}') {
            self.at += 1;
        }
    }

    fn balanced(&mut self) {
        let mut depth = 0;
        while let Some(c) = self.peek(0) {
            if c == '$' && self.peek(1).is_some_and(is_name_part) {
                self.dollar();
                continue;
            }
            self.push(c);
            self.next();
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn until(&mut self, close: char) {
        self.push(close);
        self.at += 1;
        while let Some(c) = self.next() {
            self.push(c);
            if c == close {
                return;
            }
        }
    }

    fn comment(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.at += 1;
        }
    }

    fn newline(&mut self) {
        self.end_command();
        self.next();
        for end in std::mem::take(&mut self.here) {
            while self.at < self.chars.len() {
                let mut line = String::new();
                while let Some(c) = self.next().filter(|c| *c != '\n') {
                    line.push(c);
                }
                if line.trim() == end {
                    break;
                }
            }
        }
    }

    fn separator(&mut self, c: char) {
        self.at += 1;
        let doubled = self.peek(0) == Some(c);
        if c == '&' && self.peek(0) == Some('>') {
            self.end_word();
            return;
        }
        self.at += usize::from(doubled || c == '|' && self.peek(0) == Some('&'));
        self.end_word();
        let pipe = c == '|' && !doubled;
        self.now.piped |= pipe;
        self.now.background |= c == '&' && !doubled;
        self.end_command();
        self.now.fed = pipe;
        if c == '|' || doubled {
            self.rest_of_break();
        }
    }

    /// A line that ends in a pipe or `&&` goes on below.
    fn rest_of_break(&mut self) {
        let blanks = self.chars[self.at..].iter().take_while(|c| matches!(c, ' ' | '\t' | '\r')).count();
        if self.peek(blanks) == Some('\n') {
            self.at += blanks;
            self.next();
        }
    }

    fn less(&mut self) {
        if self.peek(1) == Some('<') {
            return self.here_document();
        }
        let name: String = self.chars[self.at + 1..].iter().take(48).take_while(|c| **c != '>').collect();
        let placeholder = name.starts_with(|c: char| c.is_alphabetic())
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' '))
            && self.peek(1 + name.chars().count()) == Some('>');
        if placeholder {
            for c in format!("<{name}>").chars() {
                self.push(c);
                self.at += 1;
            }
            return;
        }
        self.at += 1;
        self.end_word();
        self.now.fed = true;
        self.now.file = true;
        self.target = Some(Target::In);
    }

    fn here_document(&mut self) {
        self.end_word();
        self.now.fed = true;
        self.at += 2;
        if self.peek(0) == Some('<') {
            self.at += 1;
            self.target = Some(Target::In);
            return;
        }
        while self.peek(0).is_some_and(|c| matches!(c, '-' | ' ' | '\'' | '"' | '\\')) {
            self.at += 1;
        }
        let end: String = self.chars[self.at..].iter().take_while(|c| is_name_part(**c)).collect();
        self.at += end.chars().count();
        if matches!(self.peek(0), Some('\'' | '"')) {
            self.at += 1;
        }
        if !end.is_empty() {
            self.here.push(end);
        }
    }

    fn more(&mut self) {
        if self.word.as_deref().is_some_and(|w| w.chars().all(|c| c.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        self.at += 1;
        while self.peek(0).is_some_and(|c| matches!(c, '>' | '|')) {
            self.at += 1;
        }
        if self.peek(0) == Some('&') {
            self.at += 1;
            while self.peek(0).is_some_and(|c| c.is_ascii_digit() || c == '-') {
                self.at += 1;
            }
            return;
        }
        self.target = Some(Target::Out);
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        match self.target.take() {
            Some(Target::Out) => self.now.writes = Some(word),
            Some(Target::In) => {}
            None => self.now.words.push(word),
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.target = None;
        let mut command = std::mem::take(&mut self.now);
        command.unwrap_front();
        if !command.words.is_empty() {
            self.script.commands.push(command);
        }
    }
}

fn is_name_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// `NAME=value` in front of a program.
pub(super) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(is_name_part) && !name.starts_with(|c: char| c.is_ascii_digit())
    })
}

impl Simple {
    /// Moves what only leads to the program out of its words.
    fn unwrap_front(&mut self) {
        let mut rest = self.words.as_slice();
        while let Some(count) = leading(rest) {
            rest = &rest[count..];
        }
        let taken = self.words.len() - rest.len();
        self.front = self.words.drain(..taken).collect();
        let Some(program) = self.words.first_mut() else { return };
        if let Some((_, name)) = program.rsplit_once('/').filter(|(folder, _)| folder.starts_with('/')) {
            *program = name.to_owned();
        }
    }

    /// The commands it runs elsewhere: behind `kubectl exec … --`, quoted behind `ssh host`, in `sh -c`.
    pub fn inner(&self) -> Vec<Simple> {
        let at = |command: Simple| Simple { line: self.line, ..command };
        let behind = self.words.iter().position(|w| w == "--").map_or(&[][..], |i| &self.words[i + 1..]);
        let text = match self.program() {
            "sh" | "bash" => self.words.iter().position(|w| w == "-c").and_then(|i| self.words.get(i + 1)),
            "ssh" => self.words.last().filter(|w| w.contains(' ')),
            "kubectl" | "oc" if self.names("exec") && !behind.is_empty() => {
                let inner = Simple { words: behind.to_vec(), fed: self.fed, ..Simple::default() };
                let below = inner.inner();
                return if below.is_empty() { vec![at(inner)] } else { below.into_iter().map(at).collect() };
            }
            _ => None,
        };
        text.map(|text| read(text).commands.into_iter().map(at).collect()).unwrap_or_default()
    }

    /// The program.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The arguments.
    pub fn arguments(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(1).map(String::as_str)
    }

    /// The arguments that are no options.
    pub fn plain(&self) -> impl Iterator<Item = &str> {
        self.arguments().filter(|w| !w.starts_with('-'))
    }

    /// Whether one of these options stands there, alone or with `=`.
    pub fn has(&self, options: &[&str]) -> bool {
        self.arguments().any(|w| options.contains(&w.split('=').next().unwrap_or(w)))
    }

    /// Whether none of them does.
    pub fn lacks(&self, options: &[&str]) -> bool {
        !self.has(options)
    }

    /// Whether a short option stands there, alone or among others: `-f` of `-sSf`.
    pub fn short(&self, option: char) -> bool {
        self.arguments().any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains(option))
    }

    /// Whether it is this program with these words behind it, options and their values left out.
    pub fn begins(&self, tool: &[&str]) -> bool {
        let Some((program, mut behind)) = tool.split_first() else { return true };
        let (mut started, mut option) = (false, false);
        for word in self.arguments() {
            let Some((next, rest)) = behind.split_first() else { break };
            match word {
                _ if word == *next => (behind, started) = (rest, true),
                _ if word.starts_with('-') => option = !word.contains('='),
                // It may be the value of the option before it.
                _ if option && !started => option = false,
                _ => return false,
            }
        }
        self.program() == *program && behind.is_empty()
    }

    /// Whether this word stands among the arguments.
    pub fn names(&self, word: &str) -> bool {
        self.arguments().any(|w| w == word)
    }

    /// Whether it stands behind `sudo`, `timeout` and the like.
    pub fn behind(&self, word: &str) -> bool {
        self.front.iter().any(|w| w == word)
    }
}

/// How many words stand in front of the program.
fn leading(words: &[String]) -> Option<usize> {
    let first = words.first()?.as_str();
    let second = words.get(1).map_or("", String::as_str);
    if is_assignment(first) {
        return Some(1);
    }
    match (first, second) {
        ("sudo" | "timeout" | "env" | "nice" | "npx" | "bunx", _) => Some(1 + options(first, &words[1..])),
        ("pnpm", "dlx" | "exec") | ("yarn", "dlx") | ("bundle", "exec") | ("poetry", "run") => Some(2),
        ("$" | "time" | "exec" | "command" | "nohup" | "then" | "else" | "do" | "if" | "elif", _)
        | ("while" | "until" | "!" | "{", _) => Some(1),
        _ => None,
    }
}

/// The options of a word in front, and the duration of `timeout`.
fn options(first: &str, words: &[String]) -> usize {
    let valued =
        |w: &str| matches!((first, w), ("sudo", "-u" | "-g") | ("timeout", "-k" | "-s") | ("nice", "-n"));
    let mut count = 0;
    while let Some(word) = words.get(count).filter(|w| w.starts_with('-')) {
        count += if valued(word) { 2 } else { 1 };
    }
    count + usize::from(first == "timeout")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        read(text).commands.iter().map(|c| c.words.join("|")).collect()
    }

    #[test]
    fn commands_are_cut_at_separators() {
        for (text, commands) in [
            ("a b && c; d | e", vec!["a|b", "c", "d", "e"]),
            ("sudo -u root timeout 30s tail -f x", vec!["tail|-f|x"]),
            ("A=1 B='x y' run --flag \"a b\"", vec!["run|--flag|a b"]),
            ("x one \\\n  two\ny", vec!["x|one|two", "y"]),
            ("# no\ncat <<EOF\nrm -rf /\nEOF\nls", vec!["cat", "ls"]),
            ("a 2>&1 > out.txt < in", vec!["a"]),
            ("k undo deploy/<name> -n <name space>", vec!["k|undo|deploy/<name>|-n|<name space>"]),
            ("a |\n b", vec!["a", "b"]),
            ("echo $(date; x) `y; z`", vec!["echo|$(date; x)|`y; z`"]),
            ("if curl x; then y; fi", vec!["curl|x", "y", "fi"]),
            ("db.users.find({a: 1}).count()", vec!["db.users.find({a:|1}).count()"]),
        ] {
            assert_eq!(words(text), commands, "{text}");
        }
    }

    #[test]
    fn what_is_seen_on_the_way() {
        let script = read("a '$NO' \"$YES\" ${ALSO} ${D:-x} \\$NOT $1 $(b $IN)\nc \\  \nd \\\ne");
        let names: Vec<&str> = script.expansions.iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, ["YES", "ALSO", "IN"]);
        assert_eq!(script.dangling, [1]);
        let odd = |text: &str| read(text).commands.first().and_then(|c| c.odd);
        assert_eq!(odd("kubectl get pods –all"), Some('–'));
        assert_eq!(odd("echo “hello”"), Some('“'));
        assert_eq!(odd("git commit -m \"it’s – done\""), None);
        assert_eq!(odd("ls\u{a0}-l"), Some('\u{a0}'));
    }

    #[test]
    fn tools_are_known_with_options_between() {
        let begins = |text: &str, tool: &[&str]| read(text).commands[0].begins(tool);
        assert!(begins("kubectl -n prod rollout undo deploy/x", &["kubectl", "rollout", "undo"]));
        assert!(begins("git push --force", &["git", "push"]));
        assert!(!begins("git commit -m push", &["git", "push"]));
        assert!(!begins("kubectl get rollout undo", &["kubectl", "rollout", "undo"]));
    }

    #[test]
    fn any_text_ends() {
        for text in ["'", "\"a", "$(", "${", "<<", "a <", "\\", "`", "a \\\n", "<a b", "((", "&>"] {
            read(text);
        }
    }
}
