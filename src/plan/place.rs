//! Where in its line a problem points: the words meant, in characters. Pure.
//!
//! Looks for the words a rule names, then for what the message quotes, else takes the line without
//! its markup. Called once, when all problems are known.

use super::{Place, Problem};

/// Gives every problem and every other line it speaks of its column and length.
pub(crate) fn find(problems: &mut [Problem], text: &str) {
    if problems.is_empty() {
        return;
    }
    let lines: Vec<&str> = text.lines().collect();
    let line = |number: usize| number.checked_sub(1).and_then(|i| lines.get(i)).copied().unwrap_or("");
    for problem in problems {
        below(problem, &line);
        let named = problem.words.iter().map(String::as_str).chain(quoted(&problem.message));
        (problem.column, problem.len) = within(line(problem.line), named);
        for place in &mut problem.others {
            (place.column, place.len) = within(line(place.line), place.words.as_deref().into_iter());
        }
    }
}

/// Words that a rule names and that stand a little below its line are another place of it.
fn below<'a>(problem: &mut Problem, line: &impl Fn(usize) -> &'a str) {
    const REACH: usize = 6;
    let Some(words) = problem.words.clone().filter(|_| problem.line > 0) else { return };
    if bytes_of(line(problem.line), &words).is_none() && problem.others.is_empty() {
        let mut next = problem.line + 1..=problem.line + REACH;
        let found = next.find(|number| position(line(*number), &words).is_some());
        found.into_iter().for_each(|number| problem.others.push(Place::on(number, &words, "")));
    }
}

/// Column from 1 and length, in characters, of the first of `candidates` that is in `line`.
pub(crate) fn within<'a>(line: &str, candidates: impl Iterator<Item = &'a str>) -> (usize, usize) {
    let found = candidates.into_iter().find_map(|words| bytes_of(line, words));
    let (from, to) = found.unwrap_or_else(|| body(line));
    if from == to {
        return (0, 0);
    }
    (1 + line[..from].chars().count(), line[from..to].chars().count())
}

/// What stands in curly quotes, then what in backquotes: a word of a command before the command.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    let curly = message.split('“').skip(1).filter_map(|rest| rest.split('”').next());
    let ticks = message.split('`').skip(1).step_by(2);
    curly.chain(ticks)
}

/// The bytes of `words` in `line`: a number with what belongs to it, else all of the words, else as
/// many of the first as there are.
fn bytes_of(line: &str, words: &str) -> Option<(usize, usize)> {
    let words = words.trim().trim_end_matches('…').trim_end();
    if words.is_empty() {
        return None;
    }
    if words.parse::<f64>().is_ok() {
        return number(line, words);
    }
    let mut beginning = words;
    loop {
        if let Some(at) = position(line, beginning) {
            return Some((at, at + beginning.len()));
        }
        beginning = beginning.rsplit_once(' ')?.0.trim_end();
        if beginning.chars().count() < 3 {
            return None;
        }
    }
}

/// As it is written, else in another case (of ASCII letters, so that bytes stay where they are).
fn position(line: &str, words: &str) -> Option<usize> {
    whole(line, words).or_else(|| whole(&line.to_ascii_lowercase(), &words.to_ascii_lowercase()))
}

/// Where `words` stand in `line` without being a part of longer ones.
fn whole(line: &str, words: &str) -> Option<usize> {
    let letter = |c: char| c.is_ascii_alphanumeric();
    let (opens, ends) = (words.starts_with(letter), words.ends_with(letter));
    let alone = |at: usize| {
        let (before, behind) = (&line[..at], &line[at + words.len()..]);
        !(opens && before.ends_with(letter) || ends && behind.starts_with(letter))
    };
    line.match_indices(words).map(|(at, _)| at).find(|at| alone(*at))
}

/// A number that is not part of another, with comparator and unit.
fn number(line: &str, digits: &str) -> Option<(usize, usize)> {
    let part = |c: char| c.is_ascii_digit();
    let alone = |at: usize| {
        let (before, behind) = (&line[..at], &line[at + digits.len()..]);
        let goes_on = behind.trim_start_matches(['.', ',']).starts_with(part);
        !before.ends_with(|c| part(c) || c == '.' || c == ',') && !goes_on
    };
    let (at, _) = line.match_indices(digits).find(|(at, _)| alone(*at))?;
    let from =
        line[..at].trim_end().trim_end_matches(['<', '>', '=', '≤', '≥', '+', '-', '−', '±', 'Δ']).len();
    let compared = from < line[..at].trim_end().len();
    let end = at + digits.len();
    Some((if compared { from } else { at }, end + unit(&line[end..])))
}

/// How many bytes of `rest` are a unit.
fn unit(rest: &str) -> usize {
    let gap = usize::from(rest.starts_with(' '));
    if rest[gap..].starts_with('%') {
        return gap + 1;
    }
    rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())
}

/// A line without indentation, the marks of headings, lists, quotes and tables, and trailing space.
fn body(line: &str) -> (usize, usize) {
    let end = line.trim_end().len();
    let mark = |c: char| c.is_whitespace() || "#>*+-|".contains(c);
    let from = line[..end].find(|c| !mark(c)).unwrap_or(end - line[..end].trim_start().len());
    (from.min(end), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointed(line: &str, words: &str) -> String {
        let (column, len) = within(line, [words].into_iter());
        line.chars().skip(column.saturating_sub(1)).take(len).collect()
    }

    #[test]
    fn the_words_meant_are_found() {
        for (line, words, found) in [
            ("- P1: Error rate > 5%", "5", "> 5%"),
            ("| Errors | <5 % | 15 % |", "5", "<5 %"),
            ("- 150 or 15.5 or 15ms", "15", "15ms"),
            ("- no such number: 150", "15", "no such number: 150"),
            ("### 1. Billing ✅", "✅", "✅"),
            ("   kubectl  rollout undo", "kubectl rollout …", "kubectl"),
            ("run `Vercel env add A false`", "vercel env add", "Vercel env add"),
            ("  - [ ] go", "nothing of it", "[ ] go"),
            ("größer ü 5 %", "5", "5 %"),
            ("---", "x", "---"),
            ("", "x", ""),
        ] {
            assert_eq!(pointed(line, words), found, "{words:?} in {line:?}");
        }
    }

    #[test]
    fn what_a_message_quotes_is_pointed_at() {
        let text = "# P\n## Rollback\n```bash\n  npx prisma studio\n```\n";
        let problem = &crate::plan::read(text.as_bytes(), "p").problems[0];
        assert_eq!((problem.line, problem.column, problem.len), (4, 7, 13), "{problem:?}");
    }

    #[test]
    fn both_lines_of_a_contradiction_have_a_place() {
        let text = "# P\n## Alerts\n- P1: Error rate > 5%\n- P1: Error rate > 7%\n";
        let problem = &crate::plan::read(text.as_bytes(), "p").problems[0];
        assert_eq!((problem.line, problem.column, problem.len), (4, 18, 4), "{problem:?}");
        let other = &problem.others[0];
        assert_eq!((other.line, other.column, other.len), (3, 18, 4), "{problem:?}");
    }
}
