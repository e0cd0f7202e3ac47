//! How often a procedure is run, and how long it is promised to take.
//!
//! Called by `procedures`.

use super::outline::{Kind, Outline};
use super::span::first_span;
use super::topic::ROLLBACK;
use super::vocabulary::words;
use super::words::{find_word, fold};

/// How often it is done: "(Every 5 minutes)", "(Daily)".
pub(crate) fn cadence(title: &str) -> Option<f64> {
    const OFTEN: &[(&str, f64)] = &[
        ("hourly", 3600.0),
        ("daily", 86_400.0),
        ("weekly", 604_800.0),
        ("täglich", 86_400.0),
        ("stündlich", 3600.0),
        ("diario", 86_400.0),
        ("diaria", 86_400.0),
        ("diário", 86_400.0),
        ("quotidien", 86_400.0),
    ];
    let bracket = title.find(['(', '（', '–', '—', ':']).map(|at| &title[at..])?;
    let folded = fold(bracket);
    let every = ["every ", "alle ", "cada ", "toutes les "].iter().find_map(|word| folded.find(word));
    let named = || OFTEN.iter().find(|(word, _)| folded == *word).map(|(_, seconds)| *seconds);
    every.map_or_else(named, |at| first_span(&folded[at..]))
}

/// How long it is promised to take: "(< 5 min)", "**Target time:** 5 minutes".
pub(crate) fn target(outline: &Outline, scope: usize) -> Option<f64> {
    const FIELDS: &[&str] = words! {
        "target" "time" "target time" "estimated time" "duration" "eta" "rto" "time to rollback"
        "time to execute" "expected duration" "expected time" "estimated duration" "recovery time"
        "time required" "dauer" "durée" "duración" "duração" "tempo" "tempo estimado" "zielzeit" "sla"
    };
    let title = &outline.scopes[scope].title;
    if let Some(span) =
        title.find(['(', '<', '≤', '–', '—', '~', '（']).and_then(|at| first_span(&title[at..]))
    {
        return Some(span);
    }
    let fields = outline.direct(scope).take(8).filter_map(|b| b.rich.label());
    let mut fields = fields.filter(|(label, _)| FIELDS.contains(&fold(label).as_str()));
    fields.find_map(|(_, rest)| first_span(rest)).or_else(|| {
        let lower = title.to_ascii_lowercase();
        find_word(&lower, "under")
            .or_else(|| find_word(&lower, "within"))
            .and_then(|at| first_span(&title[at..]))
            .or_else(|| in_brackets(outline, scope))
    })
}

/// "Anyone may pull it (< 1 min):" in the first words of a way back.
fn in_brackets(outline: &Outline, scope: usize) -> Option<f64> {
    let way = outline.scopes[scope].topics.any(ROLLBACK);
    let mut told = outline.direct(scope).take(3).filter(|b| way && b.kind == Kind::Paragraph);
    told.find_map(|b| {
        let (_, inside) = b.text().split_once(['(', '（'])?;
        let (inside, _) = inside.split_once([')', '）'])?;
        let limit = inside.trim_start().starts_with(['<', '≤', '~', '≈']);
        first_span(inside).filter(|_| limit && inside.len() < 24)
    })
}
