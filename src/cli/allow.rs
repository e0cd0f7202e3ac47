//! `warroom allow`: what of a plan and its binding can reach outside, what changed since it was last
//! allowed, and a person's word for it.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use chrono::Utc;
use serde_json::{Value, json};

use super::args::Allowing;
use super::beside::beside;
use super::failure::{Exit, Failure};
use super::file::{self, PlanFile};
use super::surroundings::Surroundings;
use super::{print, reading};
use crate::identity;
use crate::levers::allow::{ExecutableSet, Part};
use crate::levers::changes::{Change, changes};
use crate::levers::{self, Allowed, bound};
use crate::plan::Plan;
use crate::room::Role;
use crate::text::clean;

/// Shows the executable set and, with a person's word, remembers it. As JSON it only shows, unless
/// the word is given with it.
///
/// # Errors
/// The plan or binding cannot be read, nobody agreed, or it cannot be remembered.
pub fn run(allowing: &Allowing) -> Result<(), Failure> {
    let around = Surroundings::find(allowing.state.as_deref())?;
    let case = Case::open(allowing, &around)?;
    let wants = allowing.yes || !allowing.json;
    if allowing.json && !wants {
        return print::json(&case.as_json());
    }
    if !allowing.json {
        print::text(&case.told())?;
    }
    if allowing.plan.is_symlink() {
        let real = case.file.path.display().to_string();
        eprintln!(
            "note: {} is a link; this is about {}",
            clean(&allowing.plan.display().to_string()),
            clean(&real)
        );
    }
    case.idle.iter().for_each(|word| eprintln!("note: {}: {}", bound::FILE, clean(word)));
    if !case.is_allowed() {
        agree(&case, &around, allowing)?;
        remember(&case, &around, allowing)?;
    }
    match allowing.json {
        true => print::json(&case.as_json()),
        false => {
            eprintln!("allowed: {}", short(&case.digest));
            Ok(())
        }
    }
}

/// Everything that has to be looked at.
struct Case {
    file: PlanFile,
    plan: Plan,
    set: ExecutableSet,
    digest: String,
    before: Option<Allowed>,
    /// What of the binding does nothing yet.
    idle: Vec<String>,
    state: PathBuf,
}

impl Case {
    fn open(allowing: &Allowing, around: &Surroundings) -> Result<Self, Failure> {
        let state = around.state.clone().ok_or_else(|| {
            let sentence = "no place to remember it: this system gives no home folder";
            Failure::new(sentence).hint("say where with --state DIR")
        })?;
        let file = file::read(&allowing.plan)?;
        let binding = beside(&file.path)?;
        let plan = reading::plan(&file.bytes, &file.stem(), &binding);
        if let Some(line) = plan.lossy {
            let sentence = format!("{}:{line}: the plan is not valid UTF-8", file.path.display());
            return Err(Failure::read_only(sentence).hint("save it as UTF-8; until then nothing is allowed"));
        }
        let set = ExecutableSet::of(&plan, &binding);
        let before = levers::last(&state, &file.path.display().to_string());
        Ok(Self { digest: set.digest(), file, plan, set, before, idle: binding.idle(), state })
    }

    fn is_allowed(&self) -> bool {
        levers::allowed(&self.state, &self.set)
    }

    fn hidden(&self) -> Option<&Part> {
        self.set.parts().iter().find(|p| p.has_hidden())
    }

    fn told(&self) -> String {
        let mut page =
            format!("{}\n{}\n", clean(&self.plan.title), clean(&self.file.path.display().to_string()));
        let parts = self.set.parts();
        if parts.is_empty() {
            page += "\nNothing of this plan can reach outside.\n";
            return page;
        }
        let _ = writeln!(page, "\nCAN REACH OUTSIDE  {} parts, {}", parts.len(), self.digest);
        parts.iter().for_each(|p| part(&mut page, "  ", p));
        if let Some(before) = &self.before {
            changed(&mut page, before, &self.set);
        }
        page
    }

    fn as_json(&self) -> String {
        let difference = self.before.as_ref().map(|b| self.set.diff(&b.set));
        let some = |parts: Option<&Vec<&Part>>| {
            parts.map(|p| p.iter().map(|p| json_of(p)).collect::<Vec<_>>()).unwrap_or_default()
        };
        let value = json!({
            "schema": "warroom.allow/1",
            "plan": self.file.path.display().to_string(),
            "digest": self.digest,
            "allowed": self.is_allowed(),
            "parts": self.set.parts().iter().map(json_of).collect::<Vec<_>>(),
            "since": self.before.as_ref().map(|b| json!({ "at": b.at, "by": b.by })),
            "added": some(difference.as_ref().map(|d| &d.added)),
            "removed": some(difference.as_ref().map(|d| &d.removed)),
            "moved": difference.is_some_and(|d| d.moved),
        });
        serde_json::to_string_pretty(&value).expect("plain data")
    }
}

/// A person's word: `--yes`, or a phrase that cannot have been typed before it was shown. What cannot
/// be seen is only allowed by the phrase.
fn agree(case: &Case, around: &Surroundings, allowing: &Allowing) -> Result<(), Failure> {
    let refused = |sentence: &str| Failure { exit: Exit::Refused, ..Failure::new(sentence) };
    if around.config.role == Role::Observer {
        return Err(refused("an observer allows nothing"));
    }
    let hidden = case.hidden();
    if let Some(part) = hidden.filter(|_| allowing.yes) {
        let sentence = format!("line {} holds characters that cannot be seen", part.line);
        return Err(refused(&sentence).hint("take them out, or look at it and allow it without --yes"));
    }
    if allowing.yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        let failure = refused("nothing was allowed: there is nobody to ask");
        return Err(failure.hint("read it, then say --yes"));
    }
    match typed(&case.set.phrase()) {
        true => Ok(()),
        false => Err(refused("nothing was allowed")),
    }
}

/// Whether the phrase is typed now; what was typed before the question is thrown away.
pub(super) fn typed(phrase: &str) -> bool {
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
    eprintln!("Type  {phrase}  and Enter to go on; Enter alone leaves.");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok() && answer.trim() == phrase
}

fn remember(case: &Case, around: &Surroundings, allowing: &Allowing) -> Result<(), Failure> {
    let config = &around.config;
    let actor = identity::actor(allowing.name.as_deref(), &config.name, config.role, false);
    let plan = case.file.path.display().to_string();
    let word = Allowed { plan, at: Utc::now(), by: actor.name, set: case.set.clone() };
    let kept = levers::remember(&case.state, &word);
    kept.map(drop)
        .map_err(|e| Failure::read_only(e.to_string()).hint("make the folder writable, or use --state"))
}

fn part(page: &mut String, sign: &str, part: &Part) {
    let _ = writeln!(page, "\n{sign}{}  {}", part.whereabouts(), part.kind());
    for line in part.shown() {
        let _ = writeln!(page, "{sign}    {line}");
    }
    for (name, list) in [("hosts", part.hosts()), ("variables", part.variables())] {
        if !list.is_empty() {
            let list = list.into_iter().collect::<Vec<_>>().join(", ");
            let _ = writeln!(page, "{sign}  {name}: {}", clean(&list));
        }
    }
    if part.has_hidden() {
        let _ = writeln!(page, "{sign}  ! it holds characters that cannot be seen, written <U+…> above");
    }
}

fn changed(page: &mut String, before: &Allowed, set: &ExecutableSet) {
    let difference = set.diff(&before.set);
    let who = clean(&before.by);
    let since = format!("{who} allowed it on {}", before.at.format("%Y-%m-%d %H:%M UTC"));
    if difference.is_empty() {
        let _ = writeln!(page, "\nUNCHANGED since {since}");
        return;
    }
    let _ = writeln!(page, "\nCHANGED since {since}");
    for change in changes(set, Some(&before.set)) {
        match change {
            Change::Same(_) => {}
            Change::Added(new) => part(page, "+ ", new),
            Change::Removed(old) => part(page, "- ", old),
            Change::Other(old, new) => {
                let _ = writeln!(page, "\n  {} is another:", new.whereabouts());
                part(page, "- ", old);
                part(page, "+ ", new);
            }
        }
    }
    if difference.moved {
        page.push_str("  the same parts stand in another order or another procedure\n");
    }
}

fn json_of(part: &Part) -> Value {
    let mut value = serde_json::to_value(part).expect("plain data");
    value["hosts"] = json!(part.hosts());
    value["variables"] = json!(part.variables());
    value["hidden"] = json!(part.has_hidden());
    value
}

/// The first digits of a digest.
fn short(digest: &str) -> &str {
    let hex = digest.trim_start_matches("sha256:");
    hex.get(..6).unwrap_or(hex)
}
