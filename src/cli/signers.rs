//! `warroom signers`: whose signatures count in a room. The list is shown before it is adopted, and comes
//! from where somebody says, never from the plan's folder by itself.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use clap::Args;
use serde_json::{Value, json};

use super::args::Place;
use super::failure::Failure;
use super::lever::agree;
use super::{acts, desk, print, sign_key};
use crate::config::Config;
use crate::identity;
use crate::room::{Adopted, Intent, MAX_SIGNERS, Role, Room};
use crate::signing::{Signer, Signers, digest_of};
use crate::text::clean;

const FORM: &str = "\
The file has the form of OpenSSH's allowed_signers, a line a key:
  ana@example.com namespaces=\"signoff-v1@warroom\",valid-before=\"20270101Z\" ssh-ed25519 AAAA...
Lines with a pattern for a name, or without namespaces, count for nothing here.";

/// The signers of a room.
#[derive(Clone, Debug, Args)]
#[command(after_help = FORM)]
pub struct Listing {
    #[command(flatten)]
    place: Place,
    /// The list to adopt; without it, the present one is printed.
    file: Option<PathBuf>,
    /// Adopt it with exactly the phrase that is asked for: checkout-signers-1a2b3c.
    #[arg(long, value_name = "PHRASE", requires = "file")]
    yes: Option<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Shows the signers, or adopts others after showing them.
///
/// # Errors
/// The file cannot be read or names nobody, nobody agreed, or the room says no.
pub fn run(listing: &Listing) -> Result<(), Failure> {
    let Some(file) = &listing.file else {
        let desk = desk::look(&listing.place)?;
        return show(&desk.room, listing.json);
    };
    let (text, from) = read(file)?;
    let zone = identity::zone();
    let mut desk = desk::act(&listing.place)?;
    if desk.role() != Role::Commander {
        return Err(Failure::read_only("only a commander says whose signatures count"));
    }
    let signers = Signers::read(&text, zone);
    let page = told(&signers);
    if listing.json {
        eprint!("{page}")
    } else {
        print::text(&page)?
    }
    let digest = digest_of(&text);
    agree(&format!("{}-signers-{}", desk.room.stem(), &digest[..6]), listing.yes.as_deref())?;
    let entries = desk.submit(Intent::AdoptSigners { text, from, zone: zone.name().to_owned() })?;
    acts::tell(&desk, &entries, listing.json)?;
    desk.close();
    Ok(())
}

/// The intent that gives a room made now the signers of the user's settings.
///
/// # Errors
/// The settings name a file that cannot be read.
pub fn configured(config: &Config) -> Result<Option<Intent>, Failure> {
    if config.signers.is_empty() {
        return Ok(None);
    }
    let (text, from) = read(&sign_key::home(&config.signers))
        .map_err(|why| why.hint("user.signers in config.toml names it"))?;
    let signers = Signers::read(&text, identity::zone());
    if signers.counting().next().is_none() {
        let why = signers.lint().into_iter().next().map(|(line, why)| format!(": line {line}: {why}"));
        return Err(Failure::new(format!("{from} names nobody{}", why.unwrap_or_default()))
            .hint("user.signers in config.toml names it; until it is right no room is made"));
    }
    Ok(Some(Intent::AdoptSigners { text, from, zone: identity::zone().name().to_owned() }))
}

fn read(path: &Path) -> Result<(String, String), Failure> {
    let failed = |why: String| Failure::new(format!("{} cannot be read: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|why| failed(why.to_string()))?;
    if !file.metadata().is_ok_and(|m| m.is_file()) {
        return Err(failed("it is no regular file".to_owned()));
    }
    let mut bytes = vec![];
    let most = MAX_SIGNERS as u64 + 1;
    file.take(most).read_to_end(&mut bytes).map_err(|why| failed(why.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| failed("it is not UTF-8".to_owned()))?;
    let from = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    Ok((text, from.display().to_string()))
}

fn show(room: &Room, as_json: bool) -> Result<(), Failure> {
    match (room.signers(), as_json) {
        (Some(adopted), true) => print::json(&json_of(adopted).to_string()),
        (None, true) => print::json(&json!({ "signers": Value::Null }).to_string()),
        (None, false) => print::text("this room knows no signers: sign-offs are unsigned\n"),
        (Some(adopted), false) => {
            let Adopted { from, by, at, digest, .. } = adopted;
            let at = at.format("%-d %b %Y %H:%M:%S UTC");
            let head = format!("from {}, adopted by {} on {at}, sha256 {digest}\n", clean(from), clean(by));
            print::text(&(head + &told(&adopted.signers)))
        }
    }
}

fn json_of(adopted: &Adopted) -> Value {
    let all: Vec<_> = adopted
        .signers
        .lines()
        .iter()
        .map(|s| json!({ "line": s.line, "principals": s.principals, "key": s.key.fingerprint(), "kind": s.key.kind.name(), "counts": s.too_loose().is_none(), "why": s.too_loose() }))
        .collect();
    let Adopted { from, by, at, digest, .. } = adopted;
    json!({ "digest": digest, "from": from, "by": by, "at": at, "signers": all })
}

/// Who counts, and what does not.
fn told(signers: &Signers) -> String {
    let mut page = String::new();
    for signer in signers.counting() {
        let Signer { principals, key, comment, .. } = signer;
        let until = signer.until().and_then(|at| DateTime::from_timestamp(at, 0));
        let until =
            until.map(|at| format!("  until {}", at.format("%-d %b %Y %H:%M UTC"))).unwrap_or_default();
        let (kind, print, name) = (key.kind.name(), key.fingerprint(), clean(principals));
        let _ = writeln!(page, "{name}  {kind}  {print}{until}  {}", clean(comment));
    }
    for (line, why) in signers.lint() {
        let _ = writeln!(page, "! line {line} counts for nothing: {}", clean(&why));
    }
    page
}
