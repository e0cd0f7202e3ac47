//! The verdict on a signature: first what `ssh-keygen -Y verify` says of it, then what this house asks
//! beyond that.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::NAMESPACE;
use super::keys::Key;
use super::signers::{Signer, Signers};
use super::sshsig;
use super::statement::Statement;

/// Why a signature does not count, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Unverified(pub String);

/// What OpenSSH accepts: the key, and the lines that let it through.
#[derive(Clone, Debug)]
pub struct Accepted<'a> {
    /// The key that signed.
    pub key: Key,
    /// At least one.
    pub lines: Vec<&'a Signer>,
}

/// A signature that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What was signed.
    pub statement: Statement,
    /// Whose key it was, as the list of signers has it.
    pub principal: String,
    /// The key's SHA256.
    pub key: String,
}

/// The verdict of `ssh-keygen -Y verify -I principal -n namespace -O verify-time=at`.
///
/// # Errors
/// Why not.
pub fn accept<'a>(
    message: &[u8],
    signature: &str,
    signers: &'a Signers,
    (principal, namespace): (&str, &str),
    at: DateTime<Utc>,
) -> Result<Accepted<'a>, Unverified> {
    let key = sshsig::checks(message, signature, namespace).map_err(Unverified)?;
    let named: Vec<_> = signers.lines().iter().filter(|line| line.names(principal)).collect();
    if named.is_empty() {
        return Err(Unverified(format!("no line of the signers names {principal}")));
    }
    let theirs: Vec<_> = named.into_iter().filter(|l| l.key == key && !l.is_authority()).collect();
    if theirs.is_empty() {
        return Err(Unverified(format!("{} is no key of {principal}", key.fingerprint())));
    }
    let allowed: Vec<_> = theirs.into_iter().filter(|line| line.allows(namespace)).collect();
    let Some(first) = allowed.first() else {
        return Err(Unverified(format!("the key of {principal} may not sign for {namespace}")));
    };
    let untimely = first.untimely(at.timestamp());
    let lines: Vec<_> = allowed.into_iter().filter(|l| l.untimely(at.timestamp()).is_none()).collect();
    match lines.is_empty() {
        true => Err(Unverified(format!("the key of {principal} {}", untimely.unwrap_or("was not valid")))),
        false => Ok(Accepted { key, lines }),
    }
}

/// Judges a sign-off's signature as of `at`, the time at which it was recorded.
///
/// # Errors
/// Why it does not count, in one sentence.
pub fn judge(
    statement: &[u8],
    signature: &str,
    signers: &Signers,
    at: DateTime<Utc>,
) -> Result<Signed, Unverified> {
    let read = Statement::parse(statement).map_err(|why| Unverified(why.to_string()))?;
    let accepted = accept(statement, signature, signers, (&read.signer, NAMESPACE), at)?;
    let strict = accepted.lines.iter().find(|l| l.too_loose().is_none() && l.names_exactly(&read.signer));
    if strict.is_none() {
        let line = accepted.lines[0];
        let why = line.too_loose().unwrap_or_else(|| "it does not name the signer exactly".to_owned());
        return Err(Unverified(format!("line {} of the signers does not count: {why}", line.line)));
    }
    if read.key != accepted.key.fingerprint() {
        return Err(Unverified(format!("it names another key than {}", accepted.key.fingerprint())));
    }
    let (principal, key) = (read.signer.clone(), read.key.clone());
    Ok(Signed { statement: read, principal, key })
}
