//! The steps of a procedure with their commands: list entries, headings, table rows.
//!
//! Called by `procedures`.

use super::commands::{command, is_run, looks_run, of_fence, reads_like_command};
use super::ordinal::ordinal;
use super::outline::{Block, Kind, Outline, ScopeKind};
use super::procedures::BESIDE;
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, has_any};
use super::{Command, Step};

/// A heading that only names a part of its procedure: "Steps", "Commands".
pub(crate) fn is_part(outline: &Outline, scope: usize) -> bool {
    let here = &outline.scopes[scope];
    here.topics.any(ACTIONS.and(DEPLOY).and(CHECKLIST))
        && !here.topics.any(ROLLBACK)
        && here.title.split_whitespace().count() <= 2
}

/// A sub-heading that is a step: numbered, and no way back by itself.
pub(crate) fn is_step(outline: &Outline, scope: usize) -> bool {
    is_numbered(outline, scope) && !outline.scopes[scope].topics.any(ROLLBACK)
}

/// Numbered sub-headings are steps of one way back, unless most of them are ways back themselves.
pub(crate) fn is_stepwise(outline: &Outline, headings: &[usize]) -> bool {
    let ways = headings.iter().filter(|s| outline.scopes[**s].topics.any(ROLLBACK)).count();
    headings.len() > 1 && 2 * ways < headings.len() && headings.iter().all(|s| is_numbered(outline, *s))
}

fn is_numbered(outline: &Outline, scope: usize) -> bool {
    let here = &outline.scopes[scope];
    let number = here.title.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let step = ordinal(&here.title).is_some_and(|o| {
        matches!(o.word.as_str(), "step" | "schritt" | "paso" | "passo" | "étape" | "ステップ" | "etapa")
    });
    number || step
}

/// List entries that may be steps: directly below the section or one of its labels.
pub(crate) fn direct_steps(outline: &Outline, scope: usize) -> impl Iterator<Item = &Block> {
    outline.below(scope).iter().filter(move |b| {
        let level = b.scope == scope
            || outline.scopes[b.scope].kind == ScopeKind::Label
                && outline.scopes[b.scope].parent == Some(scope);
        let topics = outline.scopes[b.scope].topics;
        // Boxes below "After the rollback:" are looked at when it is over.
        let own = outline.scopes[scope].topics.any(VERIFY);
        let looked_at = topics.any(VERIFY) && b.task().is_some() && !own;
        let beside = b.scope != scope && (topics.any(BESIDE) || looked_at);
        level && !beside && (b.is_item() && !is_note(b) || is_run(b))
    })
}

/// A bullet that says something of the procedure and is no step.
fn is_note(block: &Block) -> bool {
    const NOTES: &[&str] = words! {
        "trigger" "triggers" "when" "time" "target time" "duration" "estimated time" "owner" "impact"
        "note" "eta" "criteria" "who" "decision" "authority" "approval" "condition" "rto" "rpo"
        "postmortem" "post mortem" "rationale" "data loss" "auslöser" "déclencheur" "disparador" "gatilho" "responsável" "verantwortlich"
    };
    const TIMES: &[&str] =
        words! { "time to rollback" "target time" "total time" "estimated time" "expected time" };
    let timed = block.rich.label().is_some_and(|(label, _)| TIMES.contains(&fold(label).as_str()));
    timed
        || !block.is_ordered()
            && block
                .rich
                .label()
                .is_some_and(|(label, rest)| !rest.is_empty() && NOTES.contains(&fold(label).as_str()))
}

/// Steps with their commands, and the commands of no step.
pub(crate) fn content(outline: &Outline, scope: usize) -> (Vec<Step>, Vec<Command>) {
    let parts = |s: &usize| {
        let here = &outline.scopes[*s];
        here.parent == Some(scope) && (is_numbered(outline, *s) || !here.topics.any(BESIDE))
    };
    let headings: Vec<usize> = (scope + 1..outline.scopes.len())
        .take_while(|s| outline.inside(*s, scope))
        .filter(|s| matches!(outline.scopes[*s].kind, ScopeKind::Heading(_)) && parts(s))
        .collect();
    if direct_steps(outline, scope).next().is_none() {
        let steps = |headings: &[usize]| headings.iter().map(|s| heading_step(outline, *s)).collect();
        let numbered: Vec<usize> = headings.iter().copied().filter(|s| is_numbered(outline, *s)).collect();
        if is_stepwise(outline, &numbered) {
            return (steps(&numbered), Vec::new());
        }
        if let Some(part) = headings.iter().find(|s| is_part(outline, **s)) {
            return content(outline, *part);
        }
        if let [only] = headings[..] {
            return content(outline, only);
        }
        let rows = row_steps(outline, scope);
        let told = if rows.is_empty() { steps(&headings) } else { rows };
        return (told, paragraph_commands(outline, scope));
    }
    list_steps(outline, scope)
}

fn list_steps(outline: &Outline, scope: usize) -> (Vec<Step>, Vec<Command>) {
    let ordered = direct_steps(outline, scope).any(|b| b.is_ordered());
    let (mut steps, mut commands): (Vec<Step>, Vec<Command>) =
        (Vec::new(), paragraph_commands(outline, scope));
    for block in direct_steps(outline, scope) {
        match &block.kind {
            Kind::Fence { .. } => {
                let home = steps.last_mut().filter(|_| ordered).map_or(&mut commands, |s| &mut s.commands);
                home.extend(of_fence(block));
            }
            _ if block.is_ordered() || !ordered => match steps_of_a_line(block) {
                Some(listed) => steps.extend(listed),
                None => steps.push(list_step(outline, block)),
            },
            _ => {
                let home = steps.last_mut().map_or(&mut commands, |s| &mut s.commands);
                home.extend(inline(block));
            }
        }
    }
    (steps, commands)
}

fn list_step(outline: &Outline, block: &Block) -> Step {
    let text = block
        .rich
        .lead()
        .map_or(block.text(), |(label, rest)| if rest.is_empty() { label } else { block.text() });
    let below = block.opens.map_or(&[][..], |s| outline.below(s));
    let fences = below.iter().filter(|b| is_run(b)).flat_map(of_fence);
    let inner = below.iter().filter(|b| b.is_item()).flat_map(inline);
    Step {
        text: super::items::past_glyph(text).to_owned(),
        commands: inline(block).chain(inner).chain(fences).collect(),
        line: block.line,
    }
}

/// "Steps: disable the flag, redeploy, tell support" in one entry.
fn steps_of_a_line(block: &Block) -> Option<Vec<Step>> {
    const STEPS: &[&str] =
        words! { "steps" "actions" "schritte" "étapes" "pasos" "passos" "手順" "步骤" "절차" };
    let (_, rest) = block.rich.label().filter(|(label, _)| STEPS.contains(&fold(label).as_str()))?;
    let listed = rest.split([',', '、', '，', ';', '→']).map(str::trim).filter(|step| !step.is_empty());
    let steps: Vec<&str> = listed.collect();
    let step = |text: &&str| Step { text: (*text).to_owned(), commands: Vec::new(), line: block.line };
    (steps.len() > 1 && block.rich.codes().next().is_none()).then(|| steps.iter().map(step).collect())
}

/// The steps that the paragraphs of a section tell, where they say what to do.
pub(crate) fn told(outline: &Outline, scope: usize) -> Vec<Step> {
    let lines = outline.direct(scope).filter(|b| b.kind == Kind::Paragraph && b.opens.is_none());
    let said = |b: &Block| {
        let label = b.rich.label().filter(|(label, _)| super::topic::classify(label).any(ROLLBACK));
        label.map_or_else(|| b.text().to_owned(), |(_, rest)| rest.to_owned())
    };
    let does = lines.map(|b| (said(b), b.line)).filter(|(text, _)| tells_how(text));
    does.flat_map(|(text, line)| sentence_steps(&text, line)).collect()
}

/// Whether a sentence begins with what to do: "Set the flag to 0 and redeploy".
pub(crate) fn tells_how(text: &str) -> bool {
    const VERBS: &[&str] = words! {
        "set" "turn" "switch" "disable" "revert" "redeploy" "re" "restore" "flip" "run" "roll" "deploy" "point"
        "stop" "unset" "reduce" "lower" "route" "toggle" "reinstall" "promote" "pause" "scale" "drop" "remove"
        "enable" "swap" "apply" "execute" "put" "change" "pull" "unpublish" "git" "helm" "kubectl"
        "setzen" "schalten" "deaktivieren" "zurücksetzen" "désactiver" "revenir" "restaurer" "remettre" "basculer"
        "desactivar" "deshabilitar" "apagar" "revertir" "volver" "restaurar" "desplegar" "desativar" "desligar"
        "reverter" "voltar" "reimplantar"
    };
    let folded = fold(text);
    let first = folded.split(' ').next().unwrap_or("");
    VERBS.contains(&first) && folded.contains(' ') && text.len() <= 400
}

/// The clauses of a sentence as steps: "set the flag to 0, redeploy and tell support" has three.
pub(crate) fn sentence_steps(text: &str, line: usize) -> Vec<Step> {
    let mut pieces = vec![text.trim()];
    for mark in [". ", "; ", ", then ", ", and ", " and then ", " then ", ", ", " and "] {
        pieces = pieces.iter().flat_map(|piece| parted(piece, mark)).collect();
    }
    let clean = |piece: &&str| {
        piece.trim().trim_start_matches("and ").trim_start_matches("then ").trim_end_matches('.').to_owned()
    };
    let texts = pieces.iter().map(clean).filter(|text| !text.is_empty());
    texts.map(|text| Step { text, commands: Vec::new(), line }).collect()
}

/// The parts beside `mark` where each of them tells what to do; else the whole.
fn parted<'a>(text: &'a str, mark: &str) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices(mark) {
        let rest = text[at + mark.len()..].trim_start();
        if does(rest) {
            out.push(&text[from..at]);
            from = at + mark.len();
        }
    }
    out.push(&text[from..]);
    out
}

/// "redeploy", "tell support": what begins with a verb of a way back or of those around it.
fn does(text: &str) -> bool {
    const BESIDE: &[&str] = words! { "tell" "notify" "verify" "check" "redeploy" "monitor" "announce" "inform" "investigate" "restart" "confirm" "open" "post" };
    let folded = fold(text);
    let first = folded.split(' ').next().unwrap_or("");
    BESIDE.contains(&first) || tells_how(text)
}

fn heading_step(outline: &Outline, scope: usize) -> Step {
    let here = &outline.scopes[scope];
    let commands = outline.below(scope).iter().flat_map(run_by).collect();
    Step { text: here.title.clone(), commands, line: here.line }
}

/// What a block has to run: its code spans, or all of a fence.
fn run_by(block: &Block) -> Vec<Command> {
    let fenced = if is_run(block) { of_fence(block) } else { Vec::new() };
    fenced.into_iter().chain(inline(block)).collect()
}

/// Rows of a table whose header speaks of steps or actions.
fn row_steps(outline: &Outline, scope: usize) -> Vec<Step> {
    let (mut column, mut runs) = (None, Vec::new());
    let mut steps = Vec::new();
    for block in outline.direct(scope) {
        let Kind::Row { header, cells, .. } = &block.kind else { continue };
        if *header {
            let titles: Vec<String> = cells.iter().map(|c| fold(&c.text)).collect();
            let find = |words: &[&str]| titles.iter().position(|t| has_any(t, words));
            let command = |t: &String| {
                has_any(t, &["command", "commands", "befehl", "comando", "commande", "コマンド", "命令"])
            };
            runs = titles.iter().enumerate().filter(|(_, t)| command(t)).map(|(i, _)| i).collect();
            column = find(&["action", "task", "what", "aktion", "acción", "ação", "command"])
                .or_else(|| find(&["step", "steps", "schritt", "paso", "passo"]));
        } else if let Some(cell) = column.and_then(|c| cells.get(c)) {
            let commands = cells.iter().enumerate().flat_map(|(i, c)| {
                let told = runs.contains(&i) && c.codes().next().is_some();
                let codes = c.codes().map(|(code, _)| code).filter(move |code| told || looks_run(code));
                codes.map(|code| command(code.to_owned(), "inline", block.line))
            });
            let commands = commands.collect();
            steps.push(Step { text: cell.text.clone(), commands, line: block.line });
        }
    }
    steps
}

fn paragraph_commands(outline: &Outline, scope: usize) -> Vec<Command> {
    outline.direct(scope).filter(|b| b.kind == Kind::Paragraph).flat_map(inline).collect()
}

/// Commands in code spans of a line: of known programs, and whatever the line says to run.
pub(crate) fn inline(block: &Block) -> impl Iterator<Item = Command> + '_ {
    let said = |code: &str, at: usize| reads_like_command(code) && is_to_run(block.text(), code, at);
    let runs = block.rich.codes().filter(move |(code, mark)| looks_run(code) || said(code, mark.start));
    runs.map(|(code, _)| command(code.to_owned(), "inline", block.line))
}

/// Whether a line is nothing but its code, or says to run it: "Run `acmectl verify --all`".
fn is_to_run(text: &str, code: &str, at: usize) -> bool {
    const RUN: &[&str] = words! {
        "run" "execute" "via" "using" "with" "ausführen" "führe" "exécuter" "lancer" "ejecutar" "executar" "rodar"
    };
    let before = text.get(..at).unwrap_or("");
    let verb = fold(before).rsplit(' ').next().is_some_and(|word| RUN.contains(&word));
    text.trim() == code.trim() || verb
}
