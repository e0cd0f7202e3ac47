//! What a shell would stumble over before it runs anything: characters of a text editor, a broken
//! continuation, another language. Speaks of tagged shell fences and code spans only.

use super::shell::{Script, Simple};

/// A finding: lines below the first of the text, what is wrong, what to do, where it is documented.
pub(super) struct Finding {
    pub line: usize,
    pub message: String,
    pub hint: &'static str,
    pub source: &'static str,
}

/// The first of each kind.
pub(super) fn findings(script: &Script, tagged: bool) -> Vec<Finding> {
    let odd = script.commands.iter().find_map(odd);
    let dangling = script.dangling.first().map(|line| Finding {
        line: *line,
        message: "a blank stands behind the backslash: the command ends here".to_owned(),
        hint: "delete the blanks at the end of the line",
        source: "https://www.shellcheck.net/wiki/SC1101",
    });
    let foreign = foreign(script).filter(|_| tagged);
    odd.into_iter().chain(dangling).chain(foreign).collect()
}

fn odd(command: &Simple) -> Option<Finding> {
    let c = command.odd?;
    let (what, source) = match c {
        '–' | '—' | '−' => {
            ("a dash of a text editor, not a hyphen", "https://www.shellcheck.net/wiki/SC1100")
        }
        '\u{a0}' | '\u{202f}' | '\u{2007}' | '\u{200b}' | '\u{feff}' => {
            ("an invisible character, not a space", "https://www.shellcheck.net/wiki/SC1018")
        }
        '‘' | '’' | '‚' => {
            ("a typographic quote; a shell takes it for a letter", "https://www.shellcheck.net/wiki/SC1016")
        }
        _ => ("a typographic quote; a shell takes it for a letter", "https://www.shellcheck.net/wiki/SC1015"),
    };
    Some(Finding {
        line: command.line,
        message: format!("`{}` holds U+{:04X}: {what}", command.program(), c as u32),
        hint: "delete the character and type it again",
        source,
    })
}

/// A line of the mongo shell or of SQL, where a shell is to run it.
fn foreign(script: &Script) -> Option<Finding> {
    let client = |c: &Simple| {
        matches!(
            c.program(),
            "psql" | "mysql" | "mongo" | "mongosh" | "sqlite3" | "redis-cli" | "ssh" | "cqlsh"
        )
    };
    let commands = script.commands.iter().take_while(|c| !client(c));
    commands.into_iter().find_map(|command| {
        let program = command.program();
        let mongo = program.strip_prefix("db.").is_some_and(|rest| rest.contains('(') && rest.contains('.'));
        let (language, hint, source) = if mongo {
            ("the mongo shell", "tag it js, or run it with mongosh --eval", MONGOSH)
        } else if is_sql(command) {
            ("SQL", "tag it sql, or pass it to psql -c or mysql -e", PSQL)
        } else {
            return None;
        };
        let message = format!("`{program}` is of {language}; a shell cannot run it");
        Some(Finding { line: command.line, message, hint, source })
    })
}

const MONGOSH: &str = "https://www.mongodb.com/docs/mongodb-shell/write-scripts/";
const PSQL: &str = "https://www.postgresql.org/docs/current/app-psql.html";

fn is_sql(command: &Simple) -> bool {
    let behind = command.words.get(1).map_or("", String::as_str);
    matches!(
        (command.program(), behind),
        ("SELECT", _)
            | ("INSERT", "INTO")
            | ("DELETE", "FROM")
            | ("ALTER" | "CREATE" | "DROP" | "TRUNCATE", "TABLE" | "INDEX" | "DATABASE" | "SCHEMA" | "VIEW")
    ) || command.program() == "UPDATE" && command.names("SET")
}
