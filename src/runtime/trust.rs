//! What a plan can reach, looked up and allowed for the screen: files are read and written on a thread of
//! its own, by the same functions as `warroom allow`, and only what was shown is allowed.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use tokio::sync::mpsc::UnboundedSender;

use super::engine::Engine;
use super::outside::Came;
use crate::app::{Msg, Notice, Reached, Since, Tone, Trust};
use crate::levers::allow::{ExecutableSet, Part};
use crate::levers::changes::{Change, changes};
use crate::levers::{self, Allowed, Grounds, Leave};
use crate::plan::Plan;
use crate::plan::binding::Binding;
use crate::text::clean;

/// Where a plan and what was allowed of it lie.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The state folder.
    pub state: PathBuf,
    /// The plan's file.
    pub plan: PathBuf,
    /// What lies beside it, as it was read when the room was opened.
    pub binding: Arc<Binding>,
    /// Variables that the user's own settings hand to every step, by name.
    pub env: Vec<String>,
    /// This computer.
    pub host: String,
}

/// What came of looking and allowing.
pub(super) enum Answer {
    /// What can be reached.
    Trust(Box<Trust>),
    /// It was allowed.
    Leave(Box<Leave>),
    /// Something the person should read.
    Say(Notice),
}

impl Terms {
    /// Looks up what a plan can reach and what was allowed of it.
    pub(super) fn look(&self, plan: Arc<Plan>, hear: UnboundedSender<Came>) {
        let terms = self.clone();
        on_a_thread(hear, move || Answer::Trust(Box::new(terms.trust(&plan))));
    }

    /// Remembers that somebody allowed what they were shown under this digest.
    pub(super) fn allow(&self, plan: Arc<Plan>, digest: String, by: String, hear: UnboundedSender<Came>) {
        let terms = self.clone();
        on_a_thread(hear, move || match terms.allowed(&plan, &digest, by) {
            Ok(leave) => Answer::Leave(Box::new(leave)),
            Err(why) => bad(why),
        });
    }

    fn trust(&self, plan: &Plan) -> Trust {
        let set = ExecutableSet::of(plan, &self.binding);
        let before = levers::last(&self.state, &self.plan.display().to_string());
        let old = before.as_ref().map(|b| &b.set);
        let allowed = plan.lossy.is_none() && levers::allowed(&self.state, &set);
        let who =
            |b: &Allowed| format!("{} allowed it on {}", clean(&b.by), b.at.format("%Y-%m-%d %H:%M UTC"));
        Trust {
            digest: set.digest(),
            phrase: (!allowed).then(|| set.phrase()),
            before: before.as_ref().map(who),
            moved: old.is_some_and(|old| set.diff(old).moved),
            parts: changes(&set, old).into_iter().map(reached).collect(),
        }
    }

    fn allowed(&self, plan: &Plan, digest: &str, by: String) -> Result<Leave, String> {
        let set = ExecutableSet::of(plan, &self.binding);
        if set.digest() != digest {
            return Err("nothing was allowed: the plan changed while it was looked at, look again".to_owned());
        }
        if plan.lossy.is_some() {
            return Err("nothing was allowed: the plan is not valid UTF-8".to_owned());
        }
        let word = Allowed { plan: self.plan.display().to_string(), at: chrono::Utc::now(), by, set };
        levers::remember(&self.state, &word).map_err(|why| format!("nothing was allowed: {why}"))?;
        let grounds = Grounds { state: &self.state, plan: &self.plan, env: &self.env, host: &self.host };
        let leave = Leave::find(plan, &self.binding, &grounds);
        leave.ok_or_else(|| "it was allowed, and cannot be read back: open the room again".to_owned())
    }
}

fn on_a_thread(hear: UnboundedSender<Came>, work: impl FnOnce() -> Answer + Send + 'static) {
    let failed = hear.clone();
    let worked = move || drop(hear.send(Came::Trust(work())));
    if let Err(why) = thread::Builder::new().name("trust".to_owned()).spawn(worked) {
        drop(failed.send(Came::Trust(bad(format!("nothing was allowed: {why}")))));
    }
}

fn bad(text: String) -> Answer {
    Answer::Say(Notice { text, tone: Tone::Bad })
}

fn reached(change: Change<'_>) -> Reached {
    let (part, since) = match change {
        Change::Same(part) => (part, Since::Same),
        Change::Added(part) => (part, Since::Added),
        Change::Removed(part) => (part, Since::Removed),
        Change::Other(old, part) => (part, Since::Other(old.shown())),
    };
    let place = format!("{}  {}", part.whereabouts(), part.kind());
    Reached { place, lines: part.shown(), notes: notes(part), since }
}

/// Whom a part reaches, what it reads, and what of it cannot be seen.
fn notes(part: &Part) -> Vec<String> {
    let lists = [("hosts", part.hosts()), ("variables", part.variables())];
    let told = lists.into_iter().filter(|(_, list)| !list.is_empty());
    let mut notes: Vec<String> = told
        .map(|(name, list)| format!("{name}: {}", clean(&list.into_iter().collect::<Vec<_>>().join(", "))))
        .collect();
    if part.has_hidden() {
        notes.push("! it holds characters that cannot be seen, written <U+…> above".to_owned());
    }
    notes
}

impl Engine {
    /// Has what the plan can reach looked up, or what was shown of it allowed.
    pub(super) fn trust(&mut self, shown: Option<String>) {
        let Some(terms) = self.outside.terms() else {
            return self.say(
                Tone::Plain,
                "this room is only looked at, or its plan's file is not here: nothing can be allowed",
            );
        };
        let (plan, hear) = (Arc::clone(&self.app.room.plan), self.outside.hear());
        match shown {
            None => terms.look(plan, hear),
            Some(digest) => terms.allow(plan, digest, self.app.actor.name.clone(), hear),
        }
    }

    /// What came of it. Commands run from here on at once; sources and flags are reached by whoever opens
    /// the room next.
    pub(super) fn trusted(&mut self, answer: Answer) {
        match answer {
            Answer::Trust(trust) => self.update(Msg::Trust(trust)),
            Answer::Say(notice) => self.update(Msg::Say(notice)),
            Answer::Leave(leave) => {
                let whole = self.outside.take_leave(*leave);
                self.update(Msg::Trusted);
                let words = match whole {
                    true => "allowed: the plan's steps run from here now",
                    false => {
                        "allowed: the plan's steps run from here now; open the room again to measure and change flags"
                    }
                };
                self.say(Tone::Good, words);
            }
        }
    }
}
