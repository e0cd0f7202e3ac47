//! `warroom sign`: signs for a role with an SSH key, records an unsigned one where that is said, and
//! exports what was signed so that `ssh-keygen -Y verify` alone can check it.

use std::path::{Path, PathBuf};

use chrono::Utc;
use clap::Args;
use uuid::Uuid;

use super::acts;
use super::args::Place;
use super::desk::{self, Desk};
use super::failure::Failure;
use super::sign_export;
use super::sign_key;
use super::surroundings::Surroundings;
use crate::config::Config;
use crate::identity::agent::Stop;
use crate::identity::{self, Held, KeyTrouble, Place as KeyPlace, Which};
use crate::plan::SignOff;
use crate::plan::binding::normal;
use crate::room::{Decision, Intent, Pen, Role, Room, Signing};
use crate::text::clean;

const CHECK: &str = "\
Check an exported sign-off without warroom:
  ssh-keygen -Y verify -f allowed_signers -I SIGNER -n signoff-v1@warroom -s NAME.statement.sig < NAME.statement";

/// What is signed, and how.
#[derive(Clone, Debug, Args)]
#[command(after_help = CHECK)]
pub struct Asking {
    #[command(flatten)]
    place: Place,
    /// A role of the plan's sign-offs, or the beginning of it.
    role: String,
    /// Say no.
    #[arg(long)]
    reject: bool,
    /// Say yes, but for this.
    #[arg(long = "except", value_name = "TEXT", conflicts_with = "reject")]
    exceptions: Option<String>,
    /// Besides.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// Sign with the private key in this file.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Sign with this key of the ssh-agent: its comment, or its SHA256.
    #[arg(long, value_name = "KEY", conflicts_with = "key")]
    agent: Option<String>,
    /// Record it without a signature.
    #[arg(long, conflicts_with_all = ["key", "agent"])]
    unsigned: bool,
    /// Sign nothing: write the role's statement, its signature and the signers to this folder.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["reject", "exceptions", "comment", "key", "agent", "unsigned", "dry_run"])]
    export: Option<PathBuf>,
    /// Print what would be signed, and with which key, and sign nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print what was recorded as JSON.
    #[arg(long)]
    json: bool,
}

impl Asking {
    fn decision(&self) -> Decision {
        match (self.reject, &self.exceptions) {
            (true, _) => Decision::Reject,
            (false, Some(_)) => Decision::ApproveWithExceptions,
            (false, None) => Decision::Approve,
        }
    }
}

/// Signs, or exports.
///
/// # Errors
/// There is no such role or key, nothing could be signed, or the room says no.
pub fn run(asking: &Asking) -> Result<(), Failure> {
    let looks = asking.dry_run || asking.export.is_some();
    let mut desk = if looks { desk::look(&asking.place)? } else { desk::act(&asking.place)? };
    let line = role(&desk.room, &asking.role)?.clone();
    if let Some(folder) = &asking.export {
        return sign_export::run(&asking.place, &desk.room, &line, folder);
    }
    if !looks && desk.role() == Role::Observer {
        return Err(Failure::read_only("an observer only looks at this room"));
    }
    let signer = if asking.unsigned { None } else { Some(choose(&desk, asking, &line)?) };
    let shown = desk.room.signing_digest(&line).unwrap_or_default();
    tell(&desk.room, asking, &line, signer.as_ref());
    if asking.dry_run {
        return Ok(());
    }
    let entries = match signer {
        None => desk.submit(Intent::Sign(Box::new(wanted(asking, &line, None)))),
        Some(signer) => sign(&mut desk, asking, &line, (&signer, shown)),
    }?;
    acts::tell(&desk, &entries, asking.json)?;
    desk.close();
    Ok(())
}

/// A key and the name under which it signs.
struct Signer {
    held: Held,
    principal: String,
}

fn wanted(asking: &Asking, line: &SignOff, proof: Option<(String, String)>) -> Signing {
    let trimmed = |text: &Option<String>| text.as_deref().map(str::trim).map(str::to_owned);
    Signing {
        signoff: line.id.clone(),
        decision: asking.decision(),
        exceptions: trimmed(&asking.exceptions),
        comment: trimmed(&asking.comment),
        proof,
    }
}

/// The sign-off line of a role.
fn role<'a>(room: &'a Room, wanted: &str) -> Result<&'a SignOff, Failure> {
    let (all, asked) = (&room.plan.signoffs, normal(wanted));
    let exact = all.iter().find(|line| normal(&line.role) == asked || line.id.as_str() == wanted);
    let mut begun = all.iter().filter(|line| !asked.is_empty() && normal(&line.role).starts_with(&asked));
    let only = begun.next().filter(|_| begun.next().is_none());
    exact.or(only).ok_or_else(|| {
        let roles: Vec<_> = all.iter().map(|line| line.role.as_str()).collect();
        let hint = match roles.is_empty() {
            true => "the plan asks nobody to sign".to_owned(),
            false => format!("the plan asks {}", roles.join(", ")),
        };
        Failure::usage(format!("the plan has no sign-off of {wanted:?}")).hint(hint)
    })
}

/// The key that signs: the one that was named, else one of the room's signers who may sign for the role.
fn choose(desk: &Desk, asking: &Asking, line: &SignOff) -> Result<Signer, Failure> {
    let Some(adopted) = desk.room.signers() else {
        return Err(Failure::new("this room knows no signers, so no signature could count")
            .hint("`warroom signers PLAN FILE` adopts them; --unsigned records it without a signature"));
    };
    let config = Surroundings::find(asking.place.hand.state.as_deref())?.config;
    let keys = identity::held(&which(asking, &config), &Stop::default()).map_err(|why| unsigned(&why))?;
    let (now, me) = (Utc::now().timestamp(), desk.actor_name());
    let mut found = vec![];
    for held in &keys {
        let names = adopted.signers.names_of(&held.key, now);
        found.extend(names.into_iter().map(|name| (held, name)));
    }
    let fitting: Vec<_> = found.iter().filter(|(_, name)| desk.room.has_role(name, &line.role)).collect();
    let best = fitting.iter().find(|(_, name)| *name == me).or_else(|| fitting.first());
    if let Some((held, name)) = best {
        return Ok(Signer { held: (*held).clone(), principal: (*name).to_owned() });
    }
    Err(match found.first() {
        Some((_, name)) => {
            let names = desk.room.people(&line.role).join(", ");
            Failure::from(crate::room::Refusal::NotYet(format!("{name} may not sign as {}", line.role)))
                .hint(format!("warroom.toml names {names}"))
        }
        None => {
            let prints: Vec<_> = keys.iter().map(|held| held.key.fingerprint()).collect();
            let from = clean(&adopted.from).into_owned();
            Failure::new(format!("the room's signers have none of your keys now: {}", prints.join(", ")))
                .hint(format!("they came from {from}; `warroom signers PLAN` shows them"))
        }
    })
}

fn which(asking: &Asking, config: &Config) -> Which {
    match (&asking.key, &asking.agent) {
        (Some(path), _) => Which::File(path.clone()),
        (None, Some(wanted)) => Which::Agent(Some(wanted.clone())),
        (None, None) if !config.key.is_empty() => Which::File(sign_key::home(&config.key)),
        (None, None) => Which::Agent(None),
    }
}

fn unsigned(why: &KeyTrouble) -> Failure {
    Failure::new(format!("nothing was signed: {why}")).hint(why.hint())
}

/// Asks the room what it stands for, which must be what was shown, signs that, and has it recorded.
fn sign(
    desk: &mut Desk,
    asking: &Asking,
    line: &SignOff,
    (signer, shown): (&Signer, String),
) -> Result<Vec<crate::room::Entry>, Failure> {
    let asked = desk.submit(Intent::AskSignOff { signoff: line.id.clone(), shown })?;
    let nonce = asked.first().map_or(Uuid::nil(), |entry| entry.id);
    let said = wanted(asking, line, None);
    let pen = Pen {
        decision: said.decision,
        exceptions: said.exceptions,
        comment: said.comment,
        signer: signer.principal.clone(),
        key: signer.held.key.fingerprint().to_owned(),
    };
    let statement = desk.room.ask(nonce).and_then(|ask| desk.room.statement(ask, &pen, Utc::now()));
    let statement = statement.ok_or_else(|| Failure::new("the room gave nothing to sign"))?.to_text();
    if signer.held.key.kind.is_touched() {
        eprintln!("touch your key when it blinks; Ctrl-C gives up");
    }
    let ask = |path: &Path| sign_key::passphrase(path);
    let made = identity::sign(&signer.held, statement.as_bytes(), Some(&ask), &Stop::default());
    let signature = made.map_err(|why| unsigned(&why))?;
    desk.submit(Intent::Sign(Box::new(wanted(asking, line, Some((statement, signature))))))
}

/// What is about to be signed, in words, to standard error.
fn tell(room: &Room, asking: &Asking, line: &SignOff, signer: Option<&Signer>) {
    let mut lines = room.signing_words(line);
    lines.push(format!("role {}", line.role));
    lines.push(format!("decision {}", asking.decision().word()));
    lines.extend(asking.exceptions.as_ref().map(|text| format!("but for {text}")));
    lines.extend(asking.comment.as_ref().map(|text| format!("comment {text}")));
    lines.push(match signer {
        Some(Signer { held, principal }) => {
            let place = match &held.place {
                KeyPlace::Agent => "of the ssh-agent".to_owned(),
                KeyPlace::File(path) => format!("in {}", path.display()),
            };
            format!("signed as {principal} with {} {place}", held.key.fingerprint())
        }
        None if room.signers().is_some() => "unsigned: this room counts signatures only".to_owned(),
        None => "unsigned".to_owned(),
    });
    lines.iter().for_each(|line| eprintln!("{}", clean(line)));
}
