//! Keys that can sign here: in an ssh-agent or in a file. What comes out is a signature file's text; no
//! secret leaves this module, and none is in what it says.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::agent::{Agent, Stop};
use super::keyfile;
use crate::signing::{Key, NAMESPACE, armor, blob, message};

/// Asks somebody for the passphrase of a file; none where they leave.
pub type Asks<'a> = &'a dyn Fn(&Path) -> Option<String>;

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the ssh-agent.
    Agent,
    /// In a file.
    File(PathBuf),
}

/// A key that can sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its public half.
    pub key: Key,
    /// What it is called, mostly `login@host`.
    pub comment: String,
    /// Where it is.
    pub place: Place,
}

/// Which key somebody wants to sign with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// One of the agent's: its comment, its SHA256 or the beginning of it; any without.
    Agent(Option<String>),
    /// The one in a file.
    File(PathBuf),
}

/// Why there is no signature.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyTrouble {
    /// The environment names no agent.
    #[error("there is no ssh-agent here: SSH_AUTH_SOCK is not set")]
    NoAgent,
    /// Nobody listens.
    #[error("the ssh-agent at {} cannot be reached: {why}", path.display())]
    Unreachable {
        /// Its socket.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// It has no key, or says so because it is locked.
    #[error("the ssh-agent holds no key that can sign, or it is locked")]
    Empty,
    /// It has others.
    #[error("the ssh-agent has no key {0:?}")]
    NoSuch(String),
    /// It said no.
    #[error("the ssh-agent did not sign")]
    Refused {
        /// Whether the key wants to be touched.
        touched: bool,
    },
    /// It said nothing for a minute.
    #[error("the ssh-agent gave no signature in time")]
    Slow,
    /// Somebody gave it up.
    #[error("signing was given up")]
    Stopped,
    /// It broke off.
    #[error("the ssh-agent broke off: {0}")]
    Lost(String),
    /// It does not speak the protocol.
    #[error("what the ssh-agent answers cannot be read")]
    Garbled,
    /// A file that cannot be used.
    #[error("{} cannot be used: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// Nobody can be asked here.
    #[error("{} is locked with a passphrase", .0.display())]
    Locked(PathBuf),
    /// Not the right one.
    #[error("that is not the passphrase of {}", .0.display())]
    WrongPassphrase(PathBuf),
    /// Only the key itself can.
    #[error("{} needs a touch and signs through the ssh-agent only", .0.display())]
    Touch(PathBuf),
}

impl KeyTrouble {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            KeyTrouble::NoAgent | KeyTrouble::Unreachable { .. } => {
                "start one (`eval $(ssh-agent)`, `ssh-add`), or name a key's file with --key"
            }
            KeyTrouble::Empty => "`ssh-add` adds a key, `ssh-add -X` unlocks the agent",
            KeyTrouble::NoSuch(_) => "`ssh-add -l` lists its keys",
            KeyTrouble::Refused { touched: true } => {
                "sign again and touch the key when it blinks; `ssh-add -X` unlocks a locked agent"
            }
            KeyTrouble::Refused { touched: false } => {
                "`ssh-add -X` unlocks a locked agent; if it asks before it signs, say yes; then sign again"
            }
            KeyTrouble::Slow => {
                "sign again, and touch the key or answer the agent's question within a minute"
            }
            KeyTrouble::Stopped => "nothing was signed",
            KeyTrouble::Lost(_) | KeyTrouble::Garbled => "is it still running? `ssh-add -l` asks it",
            KeyTrouble::File { .. } => {
                "name the private key, in OpenSSH's own form; `ssh-keygen -p -f FILE` makes it so"
            }
            KeyTrouble::Locked(_) => {
                "`ssh-add FILE` unlocks it once; then sign through the agent, without --key"
            }
            KeyTrouble::WrongPassphrase(_) => "sign again; nothing was recorded",
            KeyTrouble::Touch(_) => "`ssh-add FILE`, then sign without --key",
        }
    }
}

/// The keys that fit what somebody wants; at least one.
///
/// # Errors
/// There is none, and what to do about it.
pub fn held(which: &Which, stop: &Stop) -> Result<Vec<Held>, KeyTrouble> {
    match which {
        Which::File(path) => keyfile::look(path).map(|held| vec![held]),
        Which::Agent(wanted) => fitting(Agent::find(stop)?.keys()?, wanted.as_deref()),
    }
}

fn fitting(mut all: Vec<Held>, wanted: Option<&str>) -> Result<Vec<Held>, KeyTrouble> {
    let Some(wanted) = wanted else { return Ok(all) };
    let named = |held: &Held| {
        let print = held.key.fingerprint();
        held.comment == wanted
            || print == wanted
            || print[7..].starts_with(wanted.trim_start_matches("SHA256:"))
    };
    all.retain(named);
    if all.is_empty() { Err(KeyTrouble::NoSuch(wanted.to_owned())) } else { Ok(all) }
}

/// The text of a signature file over `statement`. `passphrase` is asked for a locked file's, where
/// somebody can be asked.
///
/// # Errors
/// Why there is none, and what to do about it.
pub fn sign(
    held: &Held,
    statement: &[u8],
    passphrase: Option<Asks<'_>>,
    stop: &Stop,
) -> Result<String, KeyTrouble> {
    let data = message(statement, NAMESPACE);
    let raw = match &held.place {
        Place::Agent => Agent::find(stop)?.sign(&held.key, &data)?,
        Place::File(path) => keyfile::sign(path, &data, passphrase)?,
    };
    match held.key.verifies(&raw, &data) {
        Some(()) => Ok(armor(&blob(&held.key.blob(), NAMESPACE, &raw))),
        None => Err(KeyTrouble::Garbled),
    }
}
