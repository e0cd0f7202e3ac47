//! SQL that changes more rows than somebody who is in a hurry means to.

/// A statement and what is wrong with it.
pub(super) struct Statement {
    /// Lines below the first of the text.
    pub line: usize,
    /// What it does.
    pub message: String,
    /// Whether it loses rows that a condition would have kept.
    pub unbounded: bool,
}

/// Where the behaviour is documented.
pub(super) const DELETE: &str = "https://www.postgresql.org/docs/current/sql-delete.html";
/// Where the behaviour is documented.
pub(super) const DROP: &str = "https://www.postgresql.org/docs/current/sql-droptable.html";

/// Statements without a condition, and statements that drop something.
pub(super) fn statements(text: &str) -> Vec<Statement> {
    if text.contains("$$") {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (line, statement) in split(text) {
        let upper: Vec<String> = statement.split_whitespace().map(str::to_uppercase).collect();
        let words: Vec<&str> = upper.iter().map(String::as_str).collect();
        let written = |at: usize| statement.split_whitespace().nth(at).unwrap_or_default();
        let bounded = words.iter().any(|w| w.starts_with("WHERE") || w.starts_with("LIMIT"));
        let found = match words[..] {
            ["DELETE", "FROM", _, ..] if !bounded => {
                Some((format!("DELETE FROM {} has no WHERE: it deletes every row", written(2)), true))
            }
            ["UPDATE", _, ..] if !bounded && words.contains(&"SET") => {
                Some((format!("UPDATE {} has no WHERE: it changes every row", written(1)), true))
            }
            ["DROP", what @ ("TABLE" | "DATABASE" | "SCHEMA"), ..] => {
                Some((format!("DROP {what} loses what was written there since"), false))
            }
            ["TRUNCATE", ..] => Some(("TRUNCATE loses every row".to_owned(), false)),
            ["ALTER", "TABLE", ..] if words.windows(2).any(|w| w == ["DROP", "COLUMN"]) => {
                Some(("DROP COLUMN loses what was written there since".to_owned(), false))
            }
            _ => None,
        };
        out.extend(found.map(|(message, unbounded)| Statement { line, message, unbounded }));
    }
    out
}

/// Statements with the line they begin on, without comments.
fn split(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let (mut now, mut began, mut quoted) = (String::new(), 0, false);
    for (number, line) in text.lines().enumerate() {
        let code = if quoted { line } else { line.split("--").next().unwrap_or(line) };
        for c in code.chars() {
            if c == ';' && !quoted {
                out.push((began, std::mem::take(&mut now)));
                continue;
            }
            quoted ^= c == '\'';
            if now.is_empty() && c.is_whitespace() {
                continue;
            }
            if now.is_empty() {
                began = number;
            }
            now.push(c);
        }
        if !now.is_empty() {
            now.push(' ');
        }
    }
    out.push((began, now));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_condition_and_what_drops() {
        let said = |text: &str| -> Vec<(usize, String)> {
            statements(text).into_iter().map(|s| (s.line, s.message)).collect()
        };
        let found =
            said("-- all\nDELETE FROM events;\nUPDATE a SET b = 'x; y'\nWHERE c;\nupdate t set d = 1;");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].0 == 1 && found[1].0 == 4 && found[1].1.contains("every row"));
        assert_eq!(said("SELECT 1; DELETE FROM a WHERE b = 1; INSERT INTO x SELECT 1"), []);
        assert_eq!(said("CREATE FUNCTION f() AS $$ BEGIN DELETE FROM a; END $$;"), []);
        assert_eq!(said("ALTER TABLE a DROP COLUMN b;\nDROP TABLE c;").len(), 2);
    }
}
