//! Names of severity classes: "P1", "SEV-2", "Critical".

use super::outline::{Outline, ScopeKind};
use super::topic::*;
use super::vocabulary::words;
use super::words::fold;

/// Words that name a class where alerts are spoken of.
const WORDS: &[&str] = words! {
    "critical" "high" "medium" "low" "warning" "warn" "info" "informational" "major" "minor" "urgent"
    "emergency" "page" "ticket" "kritisch" "hoch" "mittel" "niedrig" "warnung" "critique" "élevée"
    "moyenne" "faible" "avertissement" "crítico" "crítica" "alto" "alta" "medio" "media" "bajo" "baja"
    "advertencia" "médio" "média" "baixo" "baixa" "aviso" "緊急" "重大" "警告" "高" "中" "低" "严重" "紧急" "심각"
    "경고" "높음"
};

/// A class named by rank at the start of a text: "P1 - High" is "P1".
pub(crate) fn rank(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '-')).unwrap_or(text.len());
    let mut token = text[..end].trim_end_matches('-');
    // "Sev 1", "Severity 2" take the number with them.
    let mut lower = token.to_lowercase();
    if matches!(lower.as_str(), "sev" | "severity" | "priority" | "prio" | "schweregrad" | "severidade") {
        let rest = &text[end..];
        let digits = rest.trim_start().bytes().take_while(u8::is_ascii_digit).count();
        let end = end + (rest.len() - rest.trim_start().len()) + digits;
        return (digits == 1).then(|| &text[..end]);
    }
    if let Some(cut) = token.find('-').filter(|cut| token[cut + 1..].parse::<u8>().is_err()) {
        token = &token[..cut];
        lower.truncate(cut);
    }
    let digits = lower.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
    let letters = lower[..lower.len() - digits.len()].trim_end_matches('-');
    let fits = matches!(letters, "p" | "sev" | "s")
        && digits.len() == 1
        && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(token)
}

/// A class named by a word at the start of a title: "Critical (page)", "Warning thresholds".
pub(crate) fn word(text: &str) -> Option<&str> {
    const BEHIND: &[&str] = words! {
        "alert" "alerts" "alarm" "alarms" "severity" "priority" "threshold" "thresholds" "level"
        "incident" "incidents" "issues" "page" "p0" "p1" "p2" "p3" "trigger" "triggers" "conditions"
        "response" "アラート" "告警"
    };
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let token = &text[..end];
    let rest = text[end..].trim_start();
    let alone = !rest.starts_with(char::is_alphanumeric)
        || BEHIND.contains(&fold(rest).split(' ').next().unwrap_or(""));
    (alone && WORDS.contains(&token.to_lowercase().as_str())).then_some(token)
}

/// A class that stands alone behind a limit: "CPU > 80%: Warning", "error rate > 5% (critical)".
pub(crate) fn behind(text: &str) -> Option<&str> {
    let word = text.trim_matches(|c: char| !c.is_alphanumeric());
    let marked = text.trim_start().starts_with([':', '：', '(', '（', '[', '→', '-', '–', '—']);
    let class = word == rank(word).unwrap_or("") || WORDS.contains(&word.to_lowercase().as_str());
    if marked && !word.is_empty() && class { Some(word) } else { told(text).filter(|_| marked) }
}

/// A rank that an answer ends with or begins with: "→ page payments (SEV1)", "→ SEV3, ticket only".
fn told(text: &str) -> Option<&str> {
    let text = text.trim_end_matches(['.', ' ']);
    let inside = text.strip_suffix([')', '）', ']']).and_then(|t| t.rsplit_once(['(', '（', '[']));
    let ends = inside.and_then(|(_, inside)| rank(inside).filter(|class| *class == inside.trim()));
    let first = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    ends.or_else(|| rank(first).filter(|class| first[class.len()..].starts_with([',', ';', ':', '('])))
}

/// The class that the sections around `scope` name.
pub(crate) fn around(outline: &Outline, scope: usize) -> Option<String> {
    outline.up(scope).find_map(|s| of_scope(outline, s))
}

/// The class that this one scope names: by rank anywhere, by word where alerts are spoken of.
pub(crate) fn of_scope(outline: &Outline, scope: usize) -> Option<String> {
    let here = &outline.scopes[scope];
    if here.kind == ScopeKind::Root || here.kind == ScopeKind::Item && here.end == here.first {
        return None;
    }
    if let Some(rank) = rank(&here.title) {
        return Some(rank.to_owned());
    }
    let parent = here.parent.unwrap_or(0);
    let spoken =
        here.topics.any(ALERT.and(SEVERITY).and(TRIGGER)) || outline.within(parent, ALERT.and(SEVERITY));
    word(&here.title).filter(|_| spoken && !here.topics.any(MONITOR.and(RISK))).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_words() {
        for (text, class) in [
            ("P1 (High - Response)", "P1"),
            ("SEV-2: x", "SEV-2"),
            ("Sev 1 – y", "Sev 1"),
            ("**P0**", "P0"),
            ("P0/P1", "P0"),
            ("S1", "S1"),
        ] {
            assert_eq!(rank(text), Some(class), "{text}");
        }
        for text in ["P95 latency", "Phase 1", "S3 bucket sync", "SSL", "p"] {
            assert!(rank(text).is_none_or(|r| r == "S3"), "{text}");
        }
        assert_eq!(word("Critical (page now)"), Some("Critical"));
        assert_eq!(word("Warning thresholds"), Some("Warning"));
        assert_eq!(word("Critical Metrics"), None);
    }
}
