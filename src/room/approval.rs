//! What takes two people: proposed by one, approved by another, used once, by whoever proposed it.
//! Everything is judged from the journal alone, so no way of asking goes around it. Pure.
//!
//! An approval is bound by its digest to the exact bytes, the run or flag, room, environment, plan and
//! a nonce; whatever of these is another later voids it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::decide::Refusal;
use super::event::{Entry, Event};
use super::fold::Room;
use super::intent::{Actor, Intent};
use super::levers;
use crate::text;

/// So long a proposal can be approved and used.
pub const LIFE: TimeDelta = TimeDelta::minutes(15);

/// The longest bytes that are proposed.
const MAX_BYTES: usize = 256 * 1024;

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs, reason = "field names say it; each variant is documented")]
pub enum About {
    /// A step of a run, counted from 0.
    Step { run: Uuid, step: usize },
    /// A flag's change, from what it was read as.
    Flag { flag: String, from: Option<String>, to: String },
}

/// Somebody's yes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Something that waits for a second person, or had one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Proposal {
    /// Its id.
    pub id: Uuid,
    /// In words.
    pub title: String,
    /// What.
    pub about: About,
    /// What was confirmed, byte for byte as it was shown.
    pub bytes: String,
    /// For one use.
    pub nonce: Uuid,
    /// What somebody else agrees to.
    pub digest: String,
    /// The plan it was made for.
    pub plan: String,
    /// Who wants it.
    pub by: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Until when it can be approved and used.
    pub expires: DateTime<Utc>,
    /// Who agreed.
    pub approved: Option<Approval>,
    /// When it was used.
    pub used: Option<DateTime<Utc>>,
    /// When whoever asked took it back.
    pub withdrawn: Option<DateTime<Utc>>,
}

impl Proposal {
    /// Whether it can still be approved or used at `now`.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.used.is_none() && self.withdrawn.is_none() && now < self.expires
    }

    fn refuse(&self, why: impl Into<String>) -> Refusal {
        Refusal::Approval { proposal: self.id, title: self.title.clone(), why: why.into() }
    }
}

/// Whether two names may be one person's: the same login on another host, the same name in other
/// letters' case. In doubt they are.
pub fn same_person(one: &str, other: &str) -> bool {
    let person = |name: &str| {
        let name: String = name.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        name.split('@').next().unwrap_or_default().to_owned()
    };
    let (one, other) = (person(one), person(other));
    one.is_empty() || other.is_empty() || one == other
}

impl Room {
    /// Proposals, oldest first.
    pub fn proposals(&self) -> &[Proposal] {
        &self.proposals
    }

    /// Whether this takes a second person.
    pub fn takes_two(&self, about: &About) -> bool {
        let guarded = &self.plan.guarded;
        match about {
            About::Flag { flag, .. } => guarded.flags.contains(flag) || self.guards_by_step(flag),
            About::Step { run, step } => self.run(*run).is_some_and(|run| self.guards_step(run, *step)),
        }
    }

    /// The last proposal of this.
    pub fn proposal(&self, about: &About) -> Option<&Proposal> {
        self.proposals.iter().rev().find(|p| &p.about == about)
    }

    pub(super) fn apply_approval(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Proposed { proposal, title, about, bytes, nonce, digest, expires } => {
                let known = |p: &Proposal| p.id == *proposal || p.nonce == *nonce;
                if self.proposals.iter().any(known) || !is_readable(&entry.by) {
                    return;
                }
                self.proposals.push(Proposal {
                    id: *proposal,
                    title: title.clone(),
                    about: about.clone(),
                    bytes: bytes.clone(),
                    nonce: *nonce,
                    digest: digest.clone(),
                    plan: self.digest.clone(),
                    by: entry.by.clone(),
                    at: entry.at,
                    expires: (*expires).min(entry.at + LIFE),
                    approved: None,
                    used: None,
                    withdrawn: None,
                });
            }
            Event::Approved { proposal, nonce, digest, .. } => {
                let plan = &self.digest;
                let found = self.proposals.iter_mut().find(|p| p.id == *proposal);
                // A journal that others write is held to the same rules.
                let fits = |p: &&mut Proposal| {
                    let whole = (p.nonce, &p.digest) == (*nonce, digest);
                    let open = p.approved.is_none() && p.is_live(entry.at) && p.plan == *plan;
                    whole && open && is_readable(&entry.by) && !same_person(&p.by, &entry.by)
                };
                if let Some(proposal) = found.filter(fits) {
                    proposal.approved = Some(Approval { by: entry.by.clone(), at: entry.at });
                }
            }
            _ => {}
        }
    }

    pub(super) fn use_up(&mut self, proposal: Option<Uuid>, at: DateTime<Utc>) {
        if let Some(used) = self.proposals.iter_mut().find(|p| Some(p.id) == proposal) {
            used.used.get_or_insert(at);
        }
    }

    /// What binds an approval to everything it is for.
    fn bind(&self, proposal: Uuid, nonce: Uuid, about: &About, bytes: &str) -> String {
        let about = serde_json::to_string(about).expect("plain data always becomes JSON");
        let (proposal, nonce) = (proposal.to_string(), nonce.to_string());
        let parts = [&self.name, &self.environment, &self.digest, &proposal, &nonce, &about, bytes];
        let mut sum = Sha256::new_with_prefix(b"warroom-approval-v1\0");
        for part in parts {
            sum.update((part.len() as u64).to_le_bytes());
            sum.update(part);
        }
        sum.finalize().iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
    }
}

/// Judges what is proposed and approved.
pub(super) fn judge(
    room: &Room,
    intent: &Intent,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    match intent {
        Intent::Propose { proposal, nonce, about, bytes } => {
            named(actor)?;
            propose(room, (*proposal, *nonce), about, bytes, now)
        }
        Intent::Approve { proposal, nonce, digest } => {
            named(actor)?;
            approve(room, *proposal, (*nonce, digest), actor, now)
        }
        _ => Err(Refusal::Already("that is no approval".into())),
    }
}

/// A person's name can be read: two that look alike must not be two people.
fn named(actor: &Actor) -> Result<(), Refusal> {
    let why = || Refusal::Text("a name with characters that cannot be seen approves nothing".into());
    is_readable(&actor.name).then_some(()).ok_or_else(why)
}

fn is_readable(name: &str) -> bool {
    !text::has_hidden(name) && !name.trim().is_empty()
}

fn propose(
    room: &Room,
    (proposal, nonce): (Uuid, Uuid),
    about: &About,
    bytes: &str,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    let title = possible(room, about)?;
    if !room.takes_two(about) {
        return Err(Refusal::Already(format!("{title} takes no second person: run it")));
    }
    if room.proposals.iter().any(|p| p.id == proposal || p.nonce == nonce) {
        return Err(Refusal::Already("that was proposed already".into()));
    }
    if bytes.is_empty() || bytes.len() > MAX_BYTES {
        let (is, most) = (bytes.len(), MAX_BYTES);
        return Err(Refusal::Text(format!("{is} bytes cannot be proposed; 1 to {most} can")));
    }
    let waits = room.proposal(about).filter(|p| p.is_live(now) && p.bytes == bytes && p.plan == room.digest);
    if let Some(waits) = waits {
        return Err(Refusal::Already(format!("{title} is proposed already, as {}", waits.id)));
    }
    let digest = room.bind(proposal, nonce, about, bytes);
    let (about, bytes, expires) = (about.clone(), bytes.to_owned(), now + LIFE);
    Ok(Event::Proposed { proposal, title, about, bytes, nonce, digest, expires })
}

fn approve(
    room: &Room,
    id: Uuid,
    (nonce, digest): (Uuid, &str),
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    let found = room.proposals.iter().find(|p| p.id == id);
    let proposal = found.ok_or_else(|| Refusal::Unknown { what: "proposal", id: id.to_string() })?;
    lives(room, proposal, now)?;
    if same_person(&proposal.by, &actor.name) {
        let why = format!("{} proposed it; somebody else has to approve it", proposal.by);
        return Err(proposal.refuse(why));
    }
    if (nonce, digest) != (proposal.nonce, proposal.digest.as_str()) {
        return Err(proposal.refuse("what was approved is not what was proposed"));
    }
    if let Some(approved) = &proposal.approved {
        return Err(proposal.refuse(format!("{} approved it already", approved.by)));
    }
    possible(room, &proposal.about)?;
    Ok(Event::Approved { proposal: id, title: proposal.title.clone(), nonce, digest: digest.to_owned() })
}

/// The approval that somebody may start this by; none where it takes no second person.
pub(super) fn granted(
    room: &Room,
    about: &About,
    bytes: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>, Refusal> {
    if !room.takes_two(about) {
        return Ok(None);
    }
    let Some(proposal) = room.proposal(about) else {
        return Err(Refusal::NotYet(match last_of(room, about) {
            Some(last) => format!("it was {} that was proposed: propose this", last.title),
            None => "it takes two people: propose it, and somebody else approves it".to_owned(),
        }));
    };
    lives(room, proposal, now)?;
    if proposal.bytes != bytes || room.bind(proposal.id, proposal.nonce, about, bytes) != proposal.digest {
        return Err(proposal.refuse("what would be done is not what was proposed: propose it again"));
    }
    if proposal.approved.is_none() {
        return Err(Refusal::NotYet(format!("{} waits for a second person's approval", proposal.title)));
    }
    if proposal.by != actor.name {
        return Err(proposal.refuse(format!("{} proposed it, and only they start it", proposal.by)));
    }
    Ok(Some(proposal.id))
}

/// The last proposal about the same flag, with other values.
fn last_of<'a>(room: &'a Room, about: &About) -> Option<&'a Proposal> {
    let About::Flag { flag: wanted, .. } = about else { return None };
    let same = |p: &&Proposal| matches!(&p.about, About::Flag { flag, .. } if flag == wanted);
    room.proposals.iter().rev().find(same).filter(|p| p.used.is_none())
}

fn lives(room: &Room, proposal: &Proposal, now: DateTime<Utc>) -> Result<(), Refusal> {
    if let Some(used) = proposal.used {
        let at = used.format("%H:%M:%S UTC");
        return Err(proposal.refuse(format!("its approval was used at {at}; propose it again")));
    }
    if proposal.withdrawn.is_some() {
        return Err(proposal.refuse(format!("{} took it back; propose it again", proposal.by)));
    }
    if now >= proposal.expires {
        let at = proposal.expires.format("%H:%M:%S UTC");
        return Err(proposal.refuse(format!("it expired at {at}; propose it again")));
    }
    if proposal.plan != room.digest {
        return Err(proposal.refuse("the plan has changed since; propose it again"));
    }
    Ok(())
}

/// What is proposed in words, where it could begin now.
fn possible(room: &Room, about: &About) -> Result<String, Refusal> {
    match about {
        About::Flag { flag, from, to } => {
            levers::may_change(room, flag)?;
            Ok(format!("{flag} {} → {to}", from.as_deref().unwrap_or("?")))
        }
        About::Step { run, step } => {
            let text = levers::may_start(room, *run, *step)?;
            let title = room.run(*run).map(|r| r.title.as_str()).unwrap_or_default();
            Ok(format!("{title}, step {}: {text}", step + 1))
        }
    }
}
