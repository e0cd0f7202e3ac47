//! "Phase 2", "Stage A", "Welle 3", "第1段階", "T-24h": how plans number what comes after what.

use super::vocabulary::words;
use super::window::{minus_times, says_time};
use super::words::number_at;

/// A numbered beginning of a title.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ordinal<'a> {
    /// The word, lower case: "phase".
    pub word: String,
    /// The number as written: "2", "a", "iii", "2.1".
    pub number: String,
    /// What follows, without separators.
    pub rest: &'a str,
    /// Whether the word alone says that this is a phase; "step", "day" and "week" do not.
    pub strong: bool,
    /// Whether a separator, a bracket or nothing follows the number.
    pub separated: bool,
}

const STRONG: &[&str] = words! {
    "phase" "stage" "wave" "ring" "tranche" "rung" "cohort" "fase" "etapa" "étape" "stufe" "welle"
    "microfase" "microphase" "subphase" "subfase" "vague" "onda" "oleada" "ola" "palier" "phases" "stages" "waves" "increment" "etappe"
};
/// What is rolled out, before the word: "Rollout Phase 2".
const KINDS: &[&str] = words! {
    "rollout" "deployment" "release" "migration" "launch" "implementation" "delivery" "canary" "project"
};
const WEAK: &[&str] = words! {
    "step" "day" "days" "week" "weeks" "milestone" "sprint" "part" "batch" "month" "hour" "hours"
    "iteration" "schritt" "tag" "woche" "paso" "passo" "dia" "día" "semana" "jour" "semaine" "gate"
    "meilenstein" "hito" "marco" "checkpoint" "block" "level" "group" "tier" "region" "round" "lote" "lot" "jalon"
};
const WIDE: &[&str] = words! {
    "フェーズ" "ステージ" "フェイズ" "段階" "ステップ" "マイルストーン" "步骤" "里程碑" "마일스톤" "阶段" "단계" "페이즈" "步" "波" "批"
};
/// The same that are phases only in company.
const WIDE_WEAK: &[&str] = words! { "步" "ステップ" "步骤" "マイルストーン" "里程碑" "마일스톤" };

/// The numbered beginning of `title`, if it has one.
pub(crate) fn ordinal(title: &str) -> Option<Ordinal<'_>> {
    if let Some(found) = listed(title) {
        return Some(found);
    }
    let title = past_decoration(title);
    let plain = latin(title).or_else(|| wide(title));
    if plain.as_ref().is_some_and(|found| found.strong) {
        return plain;
    }
    behind(title).or(plain).or_else(|| countdown(title))
}

/// "3. Canary phase" is numbered by its list where it says for how many: "3. Fase Canary 10%", "5. Phase 100%".
fn listed(title: &str) -> Option<Ordinal<'_>> {
    let title = title.trim_start_matches(|c: char| !c.is_alphanumeric());
    let number = number_at(title, 0)?;
    let behind = title[number.end..].strip_prefix(['.', ')'])?.trim_start();
    let end = behind.find(|c: char| !c.is_alphabetic())?;
    let rest = behind[end..].trim_start();
    let strong = STRONG.contains(&behind[..end].to_lowercase().as_str());
    let portion = rest.rfind('%').map(|at| &rest[..at])?;
    let shared =
        portion.ends_with(|c: char| c.is_ascii_digit()) && title[..number.end].parse::<u32>().is_ok();
    let figured = figure(rest, &behind[end..]).is_some_and(|(_, after)| !after.starts_with('%'));
    (strong && shared && !figured).then(|| {
        let number = title[..number.end].to_owned();
        Ordinal { word: behind[..end].to_lowercase(), number, rest, strong: true, separated: true }
    })
}

/// A phase behind the time it has or what is rolled out: "Week 1-2: Phase 1", "Oct 5 – Stage B", "Rollout Phase 2".
fn behind(title: &str) -> Option<Ordinal<'_>> {
    const SEPARATORS: &[char] = &[':', '：', '–', '—', '|', '·', '•', '-', '(', '（', ','];
    if let Some((kind, rest)) = title.split_once(' ')
        && KINDS.contains(&kind.to_lowercase().as_str())
    {
        return latin(rest).filter(|found| found.strong);
    }
    let near = title.char_indices().take_while(|(at, _)| *at <= 40);
    for (at, sign) in near.filter(|(_, c)| SEPARATORS.contains(c)) {
        let rest = title[at + sign.len_utf8()..].trim_start_matches(|c: char| !c.is_alphanumeric());
        let strong = latin(rest).or_else(|| wide(rest)).filter(|found| found.strong);
        if strong.is_some() && says_time(&title[..at]) {
            return strong;
        }
    }
    None
}

/// Skips emoji and the like, and a list number: "3. Phase 2", "🚀 Phase 2".
fn past_decoration(title: &str) -> &str {
    let title = title.trim_start_matches(|c: char| !c.is_alphanumeric());
    match number_at(title, 0) {
        Some(n) if title[n.end..].starts_with(['.', ')']) => title[n.end + 1..].trim_start(),
        _ => title,
    }
}

fn latin(title: &str) -> Option<Ordinal<'_>> {
    let end = title.find(|c: char| !c.is_alphabetic()).unwrap_or(title.len());
    let word = singular(title[..end].to_lowercase());
    let strong = STRONG.contains(&word.as_str());
    if !strong && !WEAK.contains(&word.as_str()) {
        return None;
    }
    let after = title[end..].trim_start_matches([' ', '#', '-', '\u{a0}', '°', '.']);
    let (number, rest) = figure(after, &title[end..])?;
    Some(finish(word, number, rest, strong))
}

/// "Phases 2 & 3" are numbered as a phase is.
fn singular(word: String) -> String {
    let one = word.strip_suffix('s').filter(|one| matches!(*one, "phase" | "stage" | "wave"));
    one.map_or(word.clone(), str::to_owned)
}

/// The number: digits with parts, a letter, a roman or spelt number.
fn figure<'a>(after: &'a str, raw: &str) -> Option<(String, &'a str)> {
    let token_end = after.find(|c: char| !(c.is_alphanumeric() || c == '.')).unwrap_or(after.len());
    let token = after[..token_end].trim_end_matches('.');
    let rest = &after[token.len()..];
    let lower = token.to_lowercase();
    if token.starts_with(|c: char| c.is_ascii_digit()) {
        let end = token.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(token.len());
        // "Phase 1a" keeps its letter, "Day 5th" does not.
        let suffix = token.len() - end;
        let end = if suffix <= 1 { token.len() } else { end };
        return Some((token[..end].to_lowercase(), &after[end..]));
    }
    if raw.trim_start().starts_with('-') && token.len() > 1 {
        return None;
    }
    const SPELT: &[&str] = words! {
        "one" "two" "three" "four" "five" "six" "seven" "zero" "eins" "zwei" "drei" "uno" "dos" "tres"
        "um" "dois" "vier" "un" "deux" "trois" "quatre" "cuatro" "três" "quatro"
    };
    let letter = token.chars().count() == 1 && token.chars().all(char::is_uppercase);
    let roman = !token.is_empty() && token.chars().all(|c| matches!(c, 'I' | 'V' | 'X'));
    (letter || roman || SPELT.contains(&lower.as_str())).then_some((lower, rest))
}

fn finish(word: String, number: String, rest: &str, strong: bool) -> Ordinal<'_> {
    let separated = rest.trim().is_empty() || !rest.trim_start().starts_with(char::is_alphanumeric);
    let rest = rest.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—' | '.' | '|' | '：' | '→' | ')')
    });
    Ordinal { word, number, rest, strong, separated }
}

/// "フェーズ1：…", "第1段階", "阶段一", "1단계".
fn wide(title: &str) -> Option<Ordinal<'_>> {
    let ordinal = title.strip_prefix('第').unwrap_or(title);
    if let Some((number, rest)) = wide_number(ordinal) {
        let rest = rest.trim_start();
        let word = WIDE.iter().find(|word| rest.starts_with(**word))?;
        return Some(finish((*word).to_owned(), number, &rest[word.len()..], !WIDE_WEAK.contains(word)));
    }
    let word = WIDE.iter().find(|word| title.starts_with(**word))?;
    let (number, rest) = wide_number(title[word.len()..].trim_start())?;
    Some(finish((*word).to_owned(), number, rest, !WIDE_WEAK.contains(word) || *word == "ステップ"))
}

fn wide_number(text: &str) -> Option<(String, &str)> {
    let first = text.chars().next()?;
    if first.is_ascii_digit() {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    }
    const NUMERALS: [char; 10] = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];
    const FULL: [char; 10] = ['０', '１', '２', '３', '４', '５', '６', '７', '８', '９'];
    let value = NUMERALS
        .iter()
        .position(|n| *n == first)
        .map(|i| i + 1)
        .or_else(|| FULL.iter().position(|n| *n == first))?;
    Some((value.to_string(), &text[first.len_utf8()..]))
}

/// "T-24h: Freeze", "T+0", "T-0 — Go".
fn countdown(title: &str) -> Option<Ordinal<'_>> {
    let first = title.strip_prefix(['T', 't', 'D', 'H'])?;
    let sign = first.chars().next().filter(|c| matches!(c, '-' | '+' | '−' | '–' | '0'))?;
    let end =
        title.find(|c: char| c.is_whitespace() || matches!(c, ':' | '—' | '(' | '|')).unwrap_or(title.len());
    let mark = &title[..end];
    let digits = mark.chars().any(|c| c.is_ascii_digit()) && mark.len() <= 12;
    let lower = mark.to_lowercase();
    let counts = minus_times(&lower).is_some() || sign != '0' && !title.starts_with('T');
    (digits && counts).then(|| finish("t".to_owned(), lower, &title[end..], false))
}

/// A number of two or more parts at the start: "2.1 Deployment" is ("2.1", "Deployment").
pub(crate) fn section_number(title: &str) -> Option<(&str, &str)> {
    let end = title.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(title.len());
    let number = title[..end].trim_end_matches('.');
    let parts = number.split('.').filter(|part| !part.is_empty()).count();
    let spaced = title[end..].starts_with([' ', ')', ':', '\u{a0}']);
    (parts >= 2 && spaced).then(|| (number, title[end..].trim_start_matches([' ', ')', ':'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_of_many_hands() {
        for (title, word, number, strong) in [
            ("Phase 2: Dark Launch", "phase", "2", true),
            ("🚀 Phase 2 – Canary", "phase", "2", true),
            ("1. Phase 1 (5%)", "phase", "1", true),
            ("Stage A", "stage", "a", true),
            ("Phase II - x", "phase", "ii", true),
            ("Phase 1b: x", "phase", "1b", true),
            ("Phase One", "phase", "one", true),
            ("Fase 1 – Interno", "fase", "1", true),
            ("Schritt 3: x", "schritt", "3", false),
            ("フェーズ1：カナリア", "フェーズ", "1", true),
            ("第1段階", "段階", "1", true),
            ("第一阶段：灰度", "阶段", "1", true),
            ("1단계: 내부", "단계", "1", true),
            ("T-24h: Freeze", "t", "t-24h", false),
            ("T+30m Go", "t", "t+30m", false),
            ("Day 3", "day", "3", false),
            ("Week 1-2: Phase 1 Rollout (10% v1)", "phase", "1", true),
            ("Week 3 (Phase 2): 50%", "phase", "2", true),
            ("Oct 5 – Stage B", "stage", "b", true),
            ("2025-10-21 | Wave III: x", "wave", "iii", true),
            ("Day 3 - Welle 2", "welle", "2", true),
            ("Rollout Phase 2: x", "phase", "2", true),
            ("3. Fase Canary 10%", "fase", "3", true),
            ("5. Phase 100%", "phase", "5", true),
            ("4. Phase 2 (25%)", "phase", "2", true),
            ("第2周：阶段一", "阶段", "1", true),
            ("里程碑1", "里程碑", "1", false),
        ] {
            let read = ordinal(title).map(|o| (o.word, o.number, o.strong));
            assert_eq!(read, Some((word.to_owned(), number.to_owned(), strong)), "{title}");
        }
    }

    #[test]
    fn what_is_no_ordinal() {
        for title in
            ["Phased rollout", "Stage the build", "Waves", "Testing", "Day-to-day operations", "Step back"]
        {
            assert_eq!(ordinal(title), None, "{title}");
        }
        assert!(!ordinal("Phase 1 Success").is_some_and(|o| o.separated));
        assert_eq!(section_number("2.1 Deployment").map(|(n, _)| n), Some("2.1"));
        assert_eq!(section_number("2. Deployment"), None);
    }
}
