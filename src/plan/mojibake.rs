//! UTF-8 that was read as Windows-1252 and saved again ("âœ…" for "✅").
//!
//! Repairs a sequence only where it maps back byte for byte onto valid UTF-8; whatever lost a byte
//! on the way is left alone and counted. Called by `source`.

/// A text with its mojibake repaired.
pub(crate) struct Repaired {
    /// The repaired text.
    pub text: String,
    /// The line of every repaired run.
    pub runs: Vec<usize>,
    /// The line of every run that lost a byte.
    pub lost: Vec<usize>,
}

/// Repairs what round-trips exactly.
pub(crate) fn repair(text: &str) -> Repaired {
    let mut out = Repaired { text: String::new(), runs: Vec::new(), lost: Vec::new() };
    if text.is_ascii() || !text.chars().any(|c| leads(c).is_some()) {
        return out;
    }
    out.text.reserve(text.len());
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if line.is_ascii() { out.text.push_str(line) } else { repair_line(line, number + 1, &mut out) }
    }
    out
}

fn repair_line(line: &str, number: usize, out: &mut Repaired) {
    let chars: Vec<char> = line.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        at += step(&chars[at..], number, out);
    }
}

fn step(rest: &[char], line: usize, out: &mut Repaired) -> usize {
    let run = run(rest);
    if !run.is_empty() {
        out.text.extend(run.iter().map(|(c, _)| *c));
        out.runs.push(line);
        return run.iter().map(|(_, used)| used).sum();
    }
    if rest.len() > 1 && matches!(rest[0], 'â' | 'ð') && odd(rest[1]) {
        out.lost.push(line);
    }
    out.text.push(rest[0]);
    1
}

/// A second character that no language puts after `â`: symbols of Windows-1252's upper half.
fn odd(c: char) -> bool {
    matches!(c, 'Œ' | 'œ' | 'š' | 'ž' | 'Ÿ' | '€' | '™' | '˜' | '†' | '‡' | '\u{80}'..='\u{9f}')
}

fn sequence(rest: &[char]) -> Option<(char, usize)> {
    let length = leads(*rest.first()?)?;
    let bytes: Vec<u8> = rest.get(..length)?.iter().map(|c| byte(*c)).collect::<Option<_>>()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    let c = text.chars().next()?;
    (text.chars().count() == 1).then_some((c, length))
}

/// The damaged characters that `rest` begins with. A lone pair such as "É»" is honest text; a longer
/// sequence, a pair that begins with "Ã" or "Â", and pairs in a row are not.
fn run(rest: &[char]) -> Vec<(char, usize)> {
    let mut run = Vec::new();
    let mut at = 0;
    while let Some((c, used)) = sequence(&rest[at..]) {
        run.push((c, used));
        at += used;
    }
    let lone_pair = matches!(run[..], [(_, 2)]) && !matches!(rest[0], 'Ã' | 'Â');
    if lone_pair { Vec::new() } else { run }
}

/// How many bytes a sequence has that begins with this character.
fn leads(c: char) -> Option<usize> {
    match u32::from(c) {
        0xc2..=0xdf => Some(2),
        0xe0..=0xef => Some(3),
        0xf0..=0xf4 => Some(4),
        _ => None,
    }
}

fn byte(c: char) -> Option<u8> {
    const UPPER: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match u32::from(c) {
        code @ 0x80..=0xff => u8::try_from(code).ok(),
        _ => UPPER.iter().position(|u| *u == c).map(|i| 0x80 + i as u8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn damaged(text: &str) -> String {
        let windows =
            |b: u8| (0..=0x2fff).filter_map(char::from_u32).find(|c| byte(*c) == Some(b) && *c as u32 > 0x9f);
        text.bytes().map(|b| if b < 0x80 { b as char } else { windows(b).unwrap_or(b as char) }).collect()
    }

    #[test]
    fn what_round_trips_is_repaired() {
        for text in ["✅ done", "🚀 go 🚨", "naïve café", "“quoted” – dash", "привет", "≥ 5 → 6"]
        {
            assert_eq!(repair(&damaged(text)).text, text);
        }
    }

    #[test]
    fn honest_text_stays() {
        for text in ["", "plain", "CAFÉ»", "château à l’été", "Größe “É”", "✅ ≥ 5"] {
            let repaired = repair(text);
            assert!(repaired.runs.is_empty() && repaired.lost.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_lost_byte_is_left_alone_and_counted() {
        let repaired = repair("a\n[â\u{153}\u{2026}/âŒ]");
        assert_eq!(repaired.text, "a\n[✅/âŒ]");
        assert_eq!((repaired.runs, repaired.lost), (vec![2], vec![2]));
    }
}
