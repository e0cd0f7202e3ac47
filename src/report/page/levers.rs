//! Procedures that were run and flags that were changed, as sections.

use super::super::account::{self, Account, RunTold};
use super::super::words::{exact, lasting, seconds};
use super::{Block, Cell, Look, cell, looks, table};

pub(super) fn runs(account: &Account) -> Vec<Block<'_>> {
    account.runs.iter().flat_map(|r| run(account, r)).collect()
}

fn run<'a>(account: &Account, run: &RunTold) -> Vec<Block<'a>> {
    let took = match (run.seconds, run.target, run.is_late()) {
        (Some(took), Some(target), late) => {
            let word = if late == Some(true) { "longer than" } else { "within" };
            format!(" It took {}, {word} the promised {}.", lasting(seconds(took)), lasting(seconds(target)))
        }
        (Some(took), None, _) => format!(" It took {}; nothing was promised.", lasting(seconds(took))),
        (None, ..) => String::new(),
    };
    let detail = if run.detail.is_empty() { String::new() } else { format!(": {}", run.detail) };
    let begun = format!("Begun {} by {}", exact(run.at, account.tz()), run.by);
    let text = format!("{begun}; {}{}.{took}", run.outcome, detail.trim_end_matches('.'));
    let kind = if run.way_back { "Way back: " } else { "" };
    let mut blocks = vec![Block::Part(format!("{kind}{}", run.title)), Block::Text(text)];
    let row = |(n, s): (usize, &account::StepTold)| {
        let took = s.seconds.map(|s| lasting(seconds(s))).unwrap_or_default();
        vec![cell((n + 1).to_string()), cell(&s.text), outcome(&s.outcome).with(ending(s)), cell(took)]
    };
    let rows = run.steps.iter().enumerate().map(row).collect();
    blocks.extend(table(&format!("Steps of {}", run.title), &["No.", "Step", "Outcome", "Took"], rows));
    blocks
}

/// The typed end, then what was seen, where that says more.
fn ending(step: &account::StepTold) -> Vec<String> {
    let end = step.end.as_ref().map(account::EndTold::words);
    let detail = nonempty(&step.detail).filter(|detail| end.as_ref() != Some(detail));
    end.into_iter().chain(detail).collect()
}

fn nonempty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn outcome(word: &str) -> Cell {
    match word {
        "done" => looks(Look::Good, "✔ done"),
        "failed" => looks(Look::Bad, "✖ failed"),
        "unknown" => looks(Look::Bad, "? unknown"),
        "not begun" => looks(Look::Faint, "○ not begun"),
        "by hand" => looks(Look::Plain, "by hand"),
        other => looks(Look::Care, format!("– {other}")),
    }
}

pub(super) fn flags(account: &Account) -> Vec<Block<'_>> {
    let row = |f: &account::FlagTold| {
        let took = f.seconds.map(|s| lasting(seconds(s))).unwrap_or_default();
        let from = f.from.clone().unwrap_or_else(|| "?".to_owned());
        vec![
            cell(exact(f.at, account.tz())).with([format!("by {}", f.by)]),
            looks(Look::Code, &f.flag),
            cell(format!("{from} → {}", f.to)),
            outcome(&f.outcome).with(nonempty(&f.detail)),
            cell(took),
        ]
    };
    let head = ["When", "Flag", "Change", "Outcome", "Took"];
    table("Flags that were changed", &head, account.flags.iter().map(row).collect())
}
