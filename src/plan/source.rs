//! The bytes of a plan as lines of text: decoding, line ends, repaired mojibake.
//!
//! Only for viewing and recognising: the digest and whatever is executed come from the raw bytes.
//! Called by `read` and `lines`; knows nothing of Markdown.

use super::mojibake;
use super::{Level, Problem};

/// A decoded plan.
pub(crate) struct Source {
    /// The whole text with `\n` line ends and repaired mojibake.
    pub text: String,
    /// What the decoding had to change or guess.
    pub problems: Vec<Problem>,
    /// The first line where something had to be replaced by U+FFFD.
    pub lossy: Option<usize>,
}

/// Decodes `bytes`, whatever they are.
pub(crate) fn decode(bytes: &[u8]) -> Source {
    let mut problems = Vec::new();
    let (text, intact) = characters(bytes, &mut problems);
    let whole = intact && !text.contains('\0');
    let text = drop_nul(text, &mut problems);
    let lossy =
        if whole { None } else { text.find('\u{fffd}').map(|at| 1 + text[..at].matches('\n').count()) };
    let text = line_ends(text, &mut problems);
    let text = repair(text, &mut problems);
    Source { text, problems, lossy }
}

/// The decoded, repaired lines of a plan, for showing all of it in place.
///
/// ```
/// let lines = warroom::plan::lines(b"# Plan\r\n\r\n- [ ] go\r\n");
/// assert_eq!(lines, ["# Plan", "", "- [ ] go"]);
/// ```
pub fn lines(bytes: &[u8]) -> Vec<String> {
    decode(bytes).text.lines().map(str::to_owned).collect()
}

/// The text, and whether every byte of it had a meaning.
fn characters(bytes: &[u8], problems: &mut Vec<Problem>) -> (String, bool) {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes, problems),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes, problems),
        [0xef, 0xbb, 0xbf, rest @ ..] => {
            problems.push(note(1, "the plan begins with a byte order mark", "save it as UTF-8 without BOM"));
            utf8(rest, problems)
        }
        _ => utf8(bytes, problems),
    }
}

fn utf8(bytes: &[u8], problems: &mut Vec<Problem>) -> (String, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), true),
        Err(e) => {
            let line = 1 + bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count();
            problems.push(warning(
                line,
                "the plan is not valid UTF-8",
                "save it as UTF-8; bad bytes show as \u{fffd}",
            ));
            (String::from_utf8_lossy(bytes).into_owned(), false)
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, problems: &mut Vec<Problem>) -> (String, bool) {
    problems.push(warning(1, "the plan is UTF-16", "save it as UTF-8"));
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut intact = bytes.len().is_multiple_of(2);
    let characters = char::decode_utf16(units).map(|c| {
        intact &= c.is_ok();
        c.unwrap_or(char::REPLACEMENT_CHARACTER)
    });
    let text = characters.collect();
    (text, intact)
}

fn drop_nul(text: String, problems: &mut Vec<Problem>) -> String {
    let Some(at) = text.find('\0') else { return text };
    let line = 1 + text[..at].matches('\n').count();
    problems.push(warning(line, "the plan holds NUL bytes", "is this a text file? NUL shows as \u{fffd}"));
    text.replace('\0', "\u{fffd}")
}

fn line_ends(text: String, problems: &mut Vec<Problem>) -> String {
    if !text.contains('\r') {
        return text;
    }
    let what = if text.contains("\r\n") { "lines end in CRLF" } else { "lines end in a lone CR" };
    problems.push(note(0, what, "harmless; `dos2unix` removes it"));
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn repair(text: String, problems: &mut Vec<Problem>) -> String {
    let repaired = mojibake::repair(&text);
    let runs = repaired.runs.len() + repaired.lost.len();
    if runs == 0 {
        return text;
    }
    let line = repaired.runs.iter().chain(&repaired.lost).min().copied().unwrap_or(0);
    let lost = match repaired.lost.len() {
        0 => String::new(),
        n => format!("; {n} cannot be repaired"),
    };
    let runs = if runs == 1 { "1 run".to_owned() } else { format!("{runs} runs") };
    problems.push(warning(
        line,
        &format!("{runs} of mojibake (UTF-8 read as Windows-1252){lost}"),
        "shown repaired; save the plan as UTF-8 from an intact copy",
    ));
    repaired.text
}

fn note(line: usize, message: &str, hint: &str) -> Problem {
    problem(Level::Note, line, message, hint)
}

fn warning(line: usize, message: &str, hint: &str) -> Problem {
    problem(Level::Warning, line, message, hint)
}

fn problem(level: Level, line: usize, message: &str, hint: &str) -> Problem {
    Problem::new(level, line, message.to_owned(), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_is_said_once() {
        for (bytes, text, said) in [
            (&b"a\r\nb"[..], "a\nb", "CRLF"),
            (b"a\rb", "a\nb", "lone CR"),
            (b"\xef\xbb\xbfa", "a", "byte order mark"),
            (b"\xff\xfea\0b\0", "ab", "UTF-16"),
            (b"a\xffb", "a\u{fffd}b", "UTF-8"),
            (b"a\0b", "a\u{fffd}b", "NUL"),
            ("a \u{e2}\u{153}\u{2026}".as_bytes(), "a ✅", "mojibake"),
        ] {
            let source = decode(bytes);
            assert_eq!(source.text, text);
            assert_eq!(source.problems.len(), 1, "{said}");
            assert!(source.problems[0].message.contains(said), "{said}");
        }
        assert!(decode("clean – “text” é ✅\n".as_bytes()).problems.is_empty());
    }
}
