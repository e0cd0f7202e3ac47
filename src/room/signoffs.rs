//! Sign-offs: what is signed, whose signature counts, and what a plan's edit makes of it. The fold holds
//! every signature to the rules at the time of its entry; `decide` asks the same ones before anything is
//! recorded. Pure.
//!
//! Whoever signs asks first: the room puts what it stands for into the journal (`SignOffAsked`). That
//! fact's id is the nonce, for one use, and its place and hash are the head that is signed. So a head is in
//! the chain because the fold was there, and needs no list of hashes.

use std::sync::Arc;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::decide::{Refusal, find_signoff, worded};
use super::event::{Decision, Entry, Event};
use super::evidence::limit_words;
use super::fold::Room;
use super::intent::{Actor, Intent};
use super::roles::is_one_of;

use crate::plan::{Item, Owner, Phase, PhaseId, PhaseKind, SignOff, SignOffId};
use crate::signing::{self, Signed, Signers, Statement, digest_of};
use crate::text;

/// So long what was asked for can be signed and recorded.
pub const SIGNING: TimeDelta = TimeDelta::minutes(15);

/// The longest list of signers, in bytes.
pub const MAX_SIGNERS: usize = 64 * 1024;

/// The longest signature file, in bytes; the largest keys need a tenth of it.
const MAX_SIGNATURE: usize = 16 * 1024;

/// The most bytes of what is kept of a plan to say later what changed.
const MAX_SAW: usize = 24 * 1024;

/// What the room stands for when somebody is about to sign. Digests are hex of SHA-256.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The phase whose gate asks for it.
    pub phase: PhaseId,
    /// The plan's digest.
    pub plan: String,
    /// The words of the phase and its items.
    pub words: String,
    /// Where these items stood, who said so and when.
    pub items: String,
    /// What the gate saw.
    pub evidence: String,
    /// Until when it can be signed.
    pub expires: DateTime<Utc>,
    /// The plan in short, a line each, to say later what changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saw: Vec<String>,
}

impl Asked {
    /// All of it but for how long it can be signed.
    fn digest(&self) -> String {
        let Self { phase, plan, words, items, evidence, .. } = self;
        digest_of(format!("{phase}\n{plan}\n{words}\n{items}\n{evidence}\n"))
    }
}

/// Something that is about to be signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// The fact's id: the nonce.
    pub id: Uuid,
    /// Its place and hash in the journal; no hash where whoever reads knows no chain.
    pub head: (u64, Option<[u8; 32]>),
    /// The line that is signed.
    pub signoff: SignOffId,
    /// Its role.
    pub role: String,
    /// What the room stands for.
    pub asked: Asked,
}

/// A sign-off that somebody wants recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signing {
    /// The line.
    pub signoff: SignOffId,
    /// Yes or no.
    pub decision: Decision,
    /// What is excepted.
    pub exceptions: Option<String>,
    /// Besides.
    pub comment: Option<String>,
    /// The statement and its signature, as files hold them; none is unsigned.
    pub proof: Option<(String, String)>,
}

/// What somebody makes of an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pen {
    /// Yes or no.
    pub decision: Decision,
    /// What is excepted.
    pub exceptions: Option<String>,
    /// Besides.
    pub comment: Option<String>,
    /// The name in the list of signers.
    pub signer: String,
    /// `SHA256:` and the key's digest.
    pub key: String,
}

/// How far a sign-off can be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "seal", rename_all = "snake_case")]
pub enum Seal {
    /// Recorded by name alone.
    #[default]
    Unsigned,
    /// Signed, by one of the signers then in force.
    Verified {
        /// The name in their list.
        principal: String,
        /// The key's SHA256.
        key: String,
    },
    /// A signature that does not hold; it never counts.
    Unverified {
        /// Why, in one sentence.
        reason: String,
    },
}

impl Seal {
    /// In words, for a report: "signed by ana, key SHA256:…", "UNVERIFIED: …".
    pub fn told(&self) -> String {
        match self {
            Seal::Unsigned => "unsigned".to_owned(),
            Seal::Verified { principal, key } => format!("signed by {principal}, key {key}"),
            Seal::Unverified { reason } => format!("UNVERIFIED: {reason}"),
        }
    }
}

/// A sign-off as recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// The entry that recorded it.
    pub seq: u64,
    /// Who recorded it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Yes or no.
    pub decision: Decision,
    /// Whether a signature came with it; whether it holds says the seal.
    pub signed: bool,
    /// The plan it was given for; another one makes it stale.
    pub plan: String,
    /// The phase it was given for and the digest of the words that were signed; none where it is unsigned.
    pub asked: Option<(PhaseId, String)>,
    /// How far it can be trusted.
    pub seal: Seal,
    /// What is excepted.
    pub exceptions: Option<String>,
    /// Besides.
    pub comment: Option<String>,
    /// The statement and its signature, verbatim.
    pub proof: Option<(String, String)>,
    /// What the plan said, a line each; empty where that was not kept.
    pub saw: Vec<String>,
    /// A later one that does not hold and so does not replace it: who, when, why.
    pub doubt: Option<(String, DateTime<Utc>, String)>,
}

impl Signature {
    /// Who signed: the name in the list of signers, else whoever recorded it.
    pub fn name(&self) -> &str {
        match &self.seal {
            Seal::Verified { principal, .. } => principal,
            _ => &self.by,
        }
    }

    fn holds(&self) -> bool {
        matches!(self.seal, Seal::Verified { .. })
    }
}

/// Whose keys count in a room, from an entry on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "List", into = "List")]
pub struct Adopted {
    /// Hex of the list's SHA-256.
    pub digest: String,
    /// The list, verbatim.
    pub text: String,
    /// The file it came from.
    pub from: String,
    /// The zone of its times without one.
    pub zone: String,
    /// Who had it adopted.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The list, read.
    pub signers: Arc<Signers>,
}

/// The same as it is kept: the list is read from its text again.
#[derive(Serialize, Deserialize)]
struct List {
    digest: String,
    text: String,
    from: String,
    zone: String,
    by: String,
    at: DateTime<Utc>,
}

impl From<List> for Adopted {
    fn from(list: List) -> Self {
        let List { digest, text, from, zone, by, at } = list;
        let signers = Arc::new(Signers::read(&text, zone.parse().unwrap_or(chrono_tz::Tz::UTC)));
        Self { digest, text, from, zone, by, at, signers }
    }
}

impl From<Adopted> for List {
    fn from(adopted: Adopted) -> Self {
        let Adopted { digest, text, from, zone, by, at, .. } = adopted;
        Self { digest, text, from, zone, by, at }
    }
}

impl Room {
    /// Whose keys count; none where sign-offs are unsigned.
    pub fn signers(&self) -> Option<&Adopted> {
        self.signers.as_ref()
    }

    /// What was asked for under a nonce and is neither signed nor replaced.
    pub fn ask(&self, nonce: Uuid) -> Option<&Ask> {
        self.asks.iter().find(|ask| ask.id == nonce)
    }

    /// The phase whose gate asks for sign-offs.
    pub fn signing_phase(&self) -> Option<&Phase> {
        let rollout = self.plan.top_phases().find(|p| p.kind == PhaseKind::Rollout);
        rollout.or_else(|| self.current_phase())
    }

    /// Whether a name has a role by `[people]`; a role without names is anyone's.
    pub fn has_role(&self, name: &str, role: &str) -> bool {
        is_one_of(self.people(role), name)
    }

    /// Why a role's sign-off does not count at a gate; none where it does.
    pub fn signoff_gap(&self, line: &SignOff) -> Option<String> {
        let role = &line.role;
        let Some(signature) = self.signature(&line.id) else { return Some(format!("{role} has not signed")) };
        match &signature.seal {
            Seal::Unverified { reason } => return Some(format!("{role} is UNVERIFIED: {reason}")),
            Seal::Unsigned if self.signers.is_some() => {
                return Some(format!("{role} is unsigned, and this room counts signatures only"));
            }
            _ if !self.has_role(signature.name(), role) => {
                return Some(format!("{} may not sign as {role}", signature.name()));
            }
            _ if signature.decision == Decision::Reject => return Some(format!("{role} said no")),
            _ => {}
        }
        let what = if signature.plan == self.digest { "other words or limits" } else { "an earlier plan" };
        self.stale(signature).then(|| format!("{role} signed {what}"))
    }

    /// What the plan says otherwise than when this was given: `+` what came, `-` what went.
    pub fn changed_since(&self, signature: &Signature) -> Vec<String> {
        let now = self.saw();
        if signature.saw.is_empty() || now.is_empty() || !self.stale(signature) {
            return vec![];
        }
        let mut before: std::collections::HashMap<&str, i64> = std::collections::HashMap::new();
        now.iter().for_each(|line| *before.entry(line).or_default() -= 1);
        signature.saw.iter().for_each(|line| *before.entry(line).or_default() += 1);
        let mut take = |line: &'_ str, sign: i64| -> bool {
            let left = before.iter_mut().find(|(known, n)| **known == line && **n * sign > 0);
            left.map(|(_, n)| *n -= sign).is_some()
        };
        let mut out: Vec<String> =
            signature.saw.iter().filter(|line| take(line, 1)).map(|line| format!("- {line}")).collect();
        out.extend(now.iter().filter(|line| take(line, -1)).map(|line| format!("+ {line}")));
        out
    }

    /// The statement that somebody signs of what was asked for; none where the chain is not known here.
    pub fn statement(&self, ask: &Ask, pen: &Pen, now: DateTime<Utc>) -> Option<Statement> {
        let (seq, hash) = (ask.head.0, hex(&ask.head.1?));
        let Asked { phase, plan, words, items, evidence, expires, .. } = &ask.asked;
        Some(Statement {
            room: self.name.clone(),
            environment: self.environment.clone(),
            plan: bare(plan).to_owned(),
            phase: phase.to_string(),
            phase_digest: words.clone(),
            items: items.clone(),
            evidence: evidence.clone(),
            role: ask.role.clone(),
            decision: pen.decision,
            exceptions: digest_of(pen.exceptions.as_deref().unwrap_or_default()),
            comment: digest_of(pen.comment.as_deref().unwrap_or_default()),
            signer: pen.signer.clone(),
            key: pen.key.clone(),
            head: (seq, hash),
            nonce: ask.id.simple().to_string(),
            signed_at: now.duration_trunc(TimeDelta::seconds(1)).unwrap_or(now),
            expires: *expires,
        })
    }

    pub(super) fn apply_signoff(&mut self, entry: &Entry) {
        match &entry.event {
            Event::SignOffAsked { signoff, role, asked } => self.apply_ask(signoff, role, asked, entry),
            Event::SignersAdopted { digest, text, from, zone }
                if *digest == digest_of(text) && text.len() <= MAX_SIGNERS =>
            {
                let (digest, text, from) = (digest.clone(), text.clone(), from.clone());
                let (zone, by, at) = (zone.clone(), entry.by.clone(), entry.at);
                self.signers = Some(List { digest, text, from, zone, by, at }.into());
            }
            Event::SignedOff { .. } => self.apply_signature(entry),
            _ => {}
        }
    }

    fn apply_ask(&mut self, signoff: &SignOffId, role: &str, asked: &Asked, entry: &Entry) {
        let at = self.by_now(entry.at);
        self.asks.retain(|ask| ask.asked.expires > at);
        let known = self.asks.iter().any(|ask| ask.id == entry.id);
        if known || asked.expires > at.checked_add_signed(SIGNING).unwrap_or(at) {
            return;
        }
        let (head, signoff) = ((entry.seq, entry.hash), signoff.clone());
        self.asks.push(Ask { id: entry.id, head, signoff, role: role.to_owned(), asked: asked.clone() });
    }

    fn apply_signature(&mut self, entry: &Entry) {
        let Event::SignedOff {
            signoff,
            role,
            decision,
            comment,
            signed,
            exceptions,
            statement,
            signature,
            saw,
        } = &entry.event
        else {
            return;
        };
        let proof = statement.clone().zip(signature.clone());
        let wanted = Signing {
            signoff: signoff.clone(),
            decision: *decision,
            exceptions: exceptions.clone(),
            comment: comment.clone(),
            proof,
        };
        let halved = *signed || statement.is_some() || signature.is_some();
        let (seal, asked) = match (&wanted.proof, self.sealed(&wanted, role, self.by_now(entry.at))) {
            (None, _) if halved => {
                (Seal::Unverified { reason: "statement or signature is missing".to_owned() }, None)
            }
            (None, _) => (Seal::Unsigned, None),
            (Some(_), Err(reason)) => (Seal::Unverified { reason }, None),
            (Some(_), Ok((signed, nonce))) => {
                let ask = self.asks.iter().position(|ask| ask.id == nonce).map(|at| self.asks.remove(at));
                let Signed { principal, key, .. } = signed;
                (Seal::Verified { principal, key }, ask.map(|ask| ask.asked))
            }
        };
        let (saw, asked) = match asked {
            Some(asked) => (asked.saw, Some((asked.phase, asked.words))),
            None if seal == Seal::Unsigned => (saw.clone(), None),
            None => (vec![], None),
        };
        let Signing { decision, exceptions, comment, proof, .. } = wanted;
        let fresh = Signature {
            seq: entry.seq,
            by: entry.by.clone(),
            at: entry.at,
            decision,
            signed: *signed,
            plan: self.digest.clone(),
            asked,
            seal,
            exceptions,
            comment,
            proof,
            saw,
            doubt: None,
        };
        self.keep_signature(signoff, fresh);
    }

    /// What does not hold never takes the place of what does.
    fn keep_signature(&mut self, signoff: &SignOffId, fresh: Signature) {
        match self.signoffs.get_mut(signoff).filter(|old| old.holds() && !fresh.holds()) {
            Some(old) => {
                let why = match fresh.seal {
                    Seal::Unverified { reason } => format!("UNVERIFIED: {reason}"),
                    _ => "unsigned".to_owned(),
                };
                old.doubt = Some((fresh.by, fresh.at, why));
            }
            None => drop(self.signoffs.insert(signoff.clone(), fresh)),
        }
    }

    /// Judges a signed sign-off as of `at`: whose it is, and the nonce that it uses up.
    fn sealed(&self, wanted: &Signing, role: &str, at: DateTime<Utc>) -> Result<(Signed, Uuid), String> {
        let (statement, signature) = wanted.proof.as_ref().ok_or("it is unsigned")?;
        let adopted = self.signers.as_ref().ok_or("this room knows no signers")?;
        if signature.len() > MAX_SIGNATURE {
            return Err(format!("its signature has {} bytes, at most {MAX_SIGNATURE}", signature.len()));
        }
        let signed = signing::judge(statement.as_bytes(), signature, &adopted.signers, at);
        let signed = signed.map_err(|why| why.to_string())?;
        let nonce = Uuid::parse_str(&signed.statement.nonce).unwrap_or_default();
        let ask = self.ask(nonce).ok_or("its nonce is not one of this room, or is used up")?;
        self.fits(&signed.statement, ask, wanted, role)?;
        if at >= ask.asked.expires || signed.statement.signed_at > ask.asked.expires {
            return Err("it came after its time; sign again".to_owned());
        }
        Ok((signed, nonce))
    }

    /// Whether a statement says what the room stood for, and what is recorded with it.
    fn fits(&self, said: &Statement, ask: &Ask, wanted: &Signing, role: &str) -> Result<(), String> {
        let pen = Pen {
            decision: wanted.decision,
            exceptions: wanted.exceptions.clone(),
            comment: wanted.comment.clone(),
            signer: said.signer.clone(),
            key: said.key.clone(),
        };
        let due = self.statement(ask, &pen, said.signed_at).ok_or("the journal's chain is not known here")?;
        let is = |same: bool, what: &str| if same { Ok(()) } else { Err(format!("it is about {what}")) };
        is((&said.room, &said.environment) == (&due.room, &due.environment), "another room")?;
        is(ask.signoff == wanted.signoff && ask.role == role && said.role == role, "another role")?;
        is(said.head == due.head, "another history: its head is not in this journal")?;
        is(bare(&self.digest) == said.plan && said.plan == due.plan, "another plan")?;
        is((&said.phase, &said.phase_digest) == (&due.phase, &due.phase_digest), "another phase")?;
        is((&said.items, &said.evidence) == (&due.items, &due.evidence), "another state of the room")?;
        is(said.decision == due.decision, "another decision")?;
        let texts = (&said.exceptions, &said.comment) == (&due.exceptions, &due.comment);
        is(texts, "another comment or other exceptions")?;
        is(*said == due, "something else")
    }

    /// What the room stands for at present.
    fn stands_for(&self, line: &SignOff, now: DateTime<Utc>) -> Result<Asked, Refusal> {
        let phase = self.signing_phase();
        let phase = phase.ok_or_else(|| Refusal::NotYet("the plan has no phase to sign for".to_owned()))?;
        let items = self.plan.items.iter().filter(|i| self.is_signed(i, phase, line));
        let states: String = items.map(|item| self.state_line(item)).collect();
        let expires = now.checked_add_signed(SIGNING).unwrap_or(now);
        let expires = expires.duration_trunc(TimeDelta::seconds(1)).unwrap_or(expires);
        Ok(Asked {
            phase: phase.id.clone(),
            plan: self.digest.clone(),
            words: self.words_signed(line, phase),
            items: digest_of(states),
            evidence: self.evidence(phase).digest(),
            expires,
            saw: self.saw(),
        })
    }

    /// The digest of what a signature binds besides the plan's bytes, which a correction in warroom.toml
    /// changes without another edition: the words of the phase and its items, and every limit.
    fn words_signed(&self, line: &SignOff, phase: &Phase) -> String {
        let items = self.plan.items.iter().filter(|i| self.is_signed(i, phase, line));
        let items = items.map(|i| format!("{}\u{1f}{}\n", i.id, i.text));
        let limits = self.plan.thresholds.iter();
        let limits = limits.map(|l| format!("{}\u{1f}{}\u{1f}{}\n", l.id, l.metric, limit_words(l)));
        let words: String = std::iter::once(format!("{}\n", phase.name)).chain(items).chain(limits).collect();
        digest_of(words)
    }

    /// Whether the same edition says something else now than what was signed. Nobody knows that without
    /// the edition in hand.
    pub(super) fn reworded(&self, signature: &Signature) -> bool {
        if self.plan.digest != self.digest {
            return false;
        }
        let Some((phase, words)) = &signature.asked else {
            let parts = self.plan.phases.len() + self.plan.items.len();
            let kept = signature.saw.len();
            return kept > 0 && (kept != parts || signature.saw != self.saw());
        };
        let id = self.signoffs.iter().find(|(_, s)| s.seq == signature.seq).map(|(id, _)| id);
        let line = id.and_then(|id| self.plan.signoffs.iter().find(|line| line.id == *id));
        let (Some(line), Some(phase)) = (line, self.plan.phase(phase)) else { return true };
        self.words_signed(line, phase) != *words
    }

    /// What a signature for a role would stand for now, in one digest, to show that it is still what was
    /// on the screen; none where there is no phase to sign for.
    pub fn signing_digest(&self, line: &SignOff) -> Option<String> {
        self.stands_for(line, DateTime::UNIX_EPOCH).ok().map(|asked| asked.digest())
    }

    /// The sign-off that an entry recorded, where it is the one that stands.
    pub fn signature_at(&self, seq: u64) -> Option<&Signature> {
        self.signoffs.values().find(|signature| signature.seq == seq)
    }

    /// Never before what was stored already: a journal's clock that goes back brings no time back.
    fn by_now(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.latest.map_or(at, |latest| latest.max(at))
    }

    /// What a signature speaks of: the phase, what comes before it, and the role's own list.
    fn is_signed(&self, item: &Item, phase: &Phase, line: &SignOff) -> bool {
        let own = line.items.contains(&item.id) || item.owner == Owner::SignOff(line.id.clone());
        own || item.owner == Owner::Before || self.within(&item.owner, &phase.id)
    }

    fn state_line(&self, item: &Item) -> String {
        let set = self.item_state(&item.id).and_then(|s| s.set.as_ref());
        let (by, at) = set.map(|(by, at)| (by.as_str(), at.timestamp_millis())).unwrap_or_default();
        let (mark, words) = (self.mark(item).as_str(), digest_of(&item.text));
        format!("{}\u{1f}{words}\u{1f}{mark}\u{1f}{by}\u{1f}{at}\n", item.id)
    }

    /// The plan in short: its phases and items, a line each; nothing where that is too much to keep.
    fn saw(&self) -> Vec<String> {
        let clip = |line: &str| text::truncate(&text::clean(line), 100, "…").into_owned();
        let phases = self.plan.phases.iter().map(|p| clip(&format!("phase {}", p.name)));
        let lines: Vec<String> = phases.chain(self.plan.items.iter().map(|i| clip(&i.text))).collect();
        let size: usize = lines.iter().map(|line| line.len() + 3).sum();
        if size > MAX_SAW { vec![] } else { lines }
    }
}

/// Judges sign-offs and signers.
pub(super) fn judge(
    room: &Room,
    intent: &Intent,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    let now = room.by_now(now);
    match intent {
        Intent::SignOff { signoff, decision, comment } => {
            let (signoff, decision, comment) = (signoff.clone(), *decision, comment.clone());
            record(room, &Signing { signoff, decision, exceptions: None, comment, proof: None }, actor, now)
        }
        Intent::Sign(wanted) => record(room, wanted, actor, now),
        Intent::AskSignOff { signoff, shown } => {
            let line = find_signoff(room, signoff)?;
            if room.signers.is_none() {
                return Err(Refusal::NotYet(
                    "this room knows no signers: `warroom signers PLAN FILE` adopts them, --unsigned signs without"
                        .to_owned(),
                ));
            }
            let asked = Box::new(room.stands_for(line, now)?);
            if asked.digest() != *shown {
                return Err(Refusal::NotYet("what you saw has changed meanwhile: look again".to_owned()));
            }
            Ok(Event::SignOffAsked { signoff: line.id.clone(), role: line.role.clone(), asked })
        }
        Intent::AdoptSigners { text, from, zone } => adopt(room, text, from, zone),
        _ => Err(Refusal::Already("that is no sign-off".into())),
    }
}

fn record(room: &Room, wanted: &Signing, actor: &Actor, now: DateTime<Utc>) -> Result<Event, Refusal> {
    let line = find_signoff(room, &wanted.signoff)?;
    let comment = wanted.comment.as_deref().map(|c| worded("comment", c)).transpose()?;
    let exceptions = wanted.exceptions.as_deref().map(|c| worded("exceptions", c)).transpose()?;
    let excepts = wanted.decision == Decision::ApproveWithExceptions;
    if excepts != exceptions.is_some() {
        return Err(Refusal::Text("an approval with exceptions names them, and only that".to_owned()));
    }
    let wanted = Signing { comment, exceptions, ..wanted.clone() };
    let name = match &wanted.proof {
        None => actor.name.clone(),
        Some(_) => {
            let sealed = room.sealed(&wanted, &line.role, now);
            sealed.map_err(|why| Refusal::NotYet(format!("the signature does not count: {why}")))?.0.principal
        }
    };
    if !room.has_role(&name, &line.role) {
        let names = room.people(&line.role).join(", ");
        return Err(Refusal::NotYet(format!(
            "{name} may not sign as {}; warroom.toml names {names}",
            line.role
        )));
    }
    let saw = if wanted.proof.is_none() { room.saw() } else { vec![] };
    let Signing { signoff, decision, exceptions, comment, proof } = wanted;
    let signed = proof.is_some();
    let (statement, signature) = proof.unzip();
    let role = line.role.clone();
    Ok(Event::SignedOff { signoff, role, decision, comment, signed, exceptions, statement, signature, saw })
}

fn adopt(room: &Room, text: &str, from: &str, zone: &str) -> Result<Event, Refusal> {
    let Ok(read_in) = zone.parse::<chrono_tz::Tz>() else {
        return Err(Refusal::Text(format!("{zone:?} is no time zone; name one like Europe/Berlin")));
    };
    if text.len() > MAX_SIGNERS {
        let is = text.len();
        return Err(Refusal::Text(format!("{from} has {is} bytes, at most {MAX_SIGNERS} are taken")));
    }
    let digest = digest_of(text);
    if room.signers.as_ref().is_some_and(|adopted| adopted.digest == digest) {
        return Err(Refusal::Already("the room has these signers already".to_owned()));
    }
    let signers = Signers::read(text, read_in);
    if signers.counting().next().is_none() {
        let why = signers.lint().into_iter().next().map(|(line, why)| format!(": line {line}: {why}"));
        return Err(Refusal::Text(format!("{from} names nobody{}", why.unwrap_or_default())));
    }
    let (text, from, zone) = (text.to_owned(), worded("file", from)?, zone.to_owned());
    Ok(Event::SignersAdopted { digest, text, from, zone })
}

fn bare(digest: &str) -> &str {
    digest.trim_start_matches("sha256:")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

impl Room {
    /// What a signature for a role would speak of, in words, a line each. Not yet cleaned.
    pub fn signing_words(&self, line: &SignOff) -> Vec<String> {
        let Some(phase) = self.signing_phase() else { return vec![] };
        let signed = || self.plan.items.iter().filter(|i| self.is_signed(i, phase, line));
        let open: Vec<&Item> = signed().filter(|i| !self.mark(i).settled()).collect();
        let gate = self.gate(phase);
        let plan: String = bare(&self.digest).chars().take(12).collect();
        let reasons = match gate.reasons.as_slice() {
            [] => String::new(),
            reasons => format!(": {}", reasons.join(", ")),
        };
        let mut out = vec![
            format!("room {} in {}", self.name, self.environment),
            format!("plan “{}” {plan}", self.plan.title),
            format!("phase {}", phase.name),
            format!("items {} of {} settled", signed().count() - open.len(), signed().count()),
        ];
        out.extend(open.iter().take(3).map(|item| format!("  open: {}", item.text)));
        if open.len() > 3 {
            out.push(format!("  and {} more open", open.len() - 3));
        }
        out.push(format!("gate {}{reasons}", gate.verdict.as_str()));
        let alerts = self.firing().len();
        let judged = self.criteria.len();
        out.push(format!("evidence {judged} criteria judged, {alerts} alerts firing"));
        out
    }

    /// How a sign-off stands in one word or a few, for rows and lists.
    pub fn seal_words(&self, signature: &Signature) -> String {
        let mut words = match &signature.seal {
            Seal::Unsigned => "unsigned".to_owned(),
            Seal::Verified { .. } => "signed".to_owned(),
            Seal::Unverified { reason } => return format!("UNVERIFIED: {reason}"),
        };
        if self.stale(signature) {
            words.push_str(", stale");
        }
        words
    }
}
