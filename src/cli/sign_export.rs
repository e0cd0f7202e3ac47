//! `warroom sign --export`: a recorded sign-off as files that `ssh-keygen -Y verify` alone can check, with
//! the signers that were in force when it was recorded. Never writes over a file that says otherwise.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::args::Place;
use super::failure::Failure;
use super::surroundings::Surroundings;
use super::{desk, print, target};
use crate::journal::{How, Store as _};
use crate::plan::SignOff;
use crate::room::{Room, Signature};
use crate::signing::NAMESPACE;
use crate::text::clean;

/// Writes a role's statement, its signature and the signers to a folder, and prints the command that
/// verifies them.
///
/// # Errors
/// The role has not signed, the journal cannot be read, or a file is there already and says otherwise.
pub fn run(place: &Place, room: &Room, line: &SignOff, folder: &Path) -> Result<(), Failure> {
    let role = &line.role;
    let signature = room.signature(&line.id);
    let signature = signature.ok_or_else(|| Failure::new(format!("{role} has not signed in this room")))?;
    let (statement, seal) = signature
        .proof
        .as_ref()
        .ok_or_else(|| Failure::new(format!("{role} is recorded unsigned: there is nothing to export")))?;
    let name = format!("{}-{}", plain(&room.name), plain(role));
    let files = [
        (format!("{name}.statement"), statement.clone()),
        (format!("{name}.statement.sig"), seal.clone()),
        ("allowed_signers".to_owned(), signers_at(place, signature.seq)?),
    ];
    write(folder, &files)?;
    eprintln!("{role}: {}", clean(&room.seal_words(signature)));
    print::text(&command(&name, signature))
}

/// The command that verifies them in their folder.
fn command(name: &str, signature: &Signature) -> String {
    let at = signature.at.format("%Y%m%d%H%M%SZ");
    let signer = signature.name().replace('\'', "'\\''");
    format!(
        "ssh-keygen -Y verify -f allowed_signers -I '{}' -n {NAMESPACE} -O verify-time={at} -s {name}.statement.sig < {name}.statement\n",
        clean(&signer)
    )
}

/// The list of signers in force at an entry; empty where there was none.
fn signers_at(place: &Place, seq: u64) -> Result<String, Failure> {
    let around = Surroundings::find(place.hand.state.as_deref())?;
    let rooms = target::rooms(&around)?;
    let name = target::existing(place, &rooms)?;
    let how = How { read_only: true, ..How::default() };
    let mut store = rooms.open(&name, &how).map_err(|e| desk::failure(&e))?;
    let mut room = Room::default();
    while room.seq < seq {
        let records = store.after(store.head().seq).map_err(|e| desk::failure(&e))?;
        if records.is_empty() {
            break;
        }
        records.iter().take_while(|record| record.seq <= seq).for_each(|record| room.apply(&record.entry()));
    }
    Ok(room.signers().map(|adopted| adopted.text.clone()).unwrap_or_default())
}

/// All of them or none: a file that is there already must say the same.
fn write(folder: &Path, files: &[(String, String)]) -> Result<(), Failure> {
    let failed = |path: &Path, why: std::io::Error| {
        Failure::new(format!("{} cannot be written: {why}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|why| failed(folder, why))?;
    let mut missing = vec![];
    for (name, text) in files {
        let path = folder.join(name);
        match std::fs::read(&path) {
            Ok(bytes) if bytes == text.as_bytes() => {}
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => missing.push((path, text)),
            Err(why) => return Err(failed(&path, why)),
            Ok(_) => {
                let hint = "nothing was written; name another folder with --export";
                return Err(
                    Failure::new(format!("{} is there and says otherwise", path.display())).hint(hint)
                );
            }
        }
    }
    missing.into_iter().try_for_each(|(path, text)| {
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|why| failed(&path, why))
    })
}

/// A name that is safe in a folder.
fn plain(name: &str) -> String {
    let dashed = |c: char| if c.is_ascii_alphanumeric() || "-_~".contains(c) { c } else { '-' };
    name.trim().chars().map(dashed).collect::<String>().trim_matches('-').to_owned()
}
