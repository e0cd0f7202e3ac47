//! Who acts here, and the keys they sign with. On one machine a name is a courtesy: whoever can write
//! the file can write the journal, so only a signature (`keys`) is a proof. No secret leaves here.

pub mod agent;
mod keyfile;
mod keys;
#[cfg(test)]
mod tests;

pub use keys::{Asks, Held, KeyTrouble, Place, Which, held, sign};

use crate::room::{Actor, Role};

/// The actor: the name given, else the one configured, else login@host.
pub fn actor(given: Option<&str>, configured: &str, role: Role, read_only: bool) -> Actor {
    let name = given.map(str::trim).filter(|n| !n.is_empty());
    let name = name.or(Some(configured.trim()).filter(|n| !n.is_empty())).map_or_else(login, str::to_owned);
    Actor { name, role: if read_only { Role::Observer } else { role } }
}

/// login@host, as the system says it.
pub fn login() -> String {
    let user =
        ["USER", "LOGNAME", "USERNAME"].iter().find_map(|v| std::env::var(v).ok().filter(|n| !n.is_empty()));
    let user = user.unwrap_or_else(account);
    format!("{user}@{}", host())
}

/// The name of the process's account, else its number.
fn account() -> String {
    let uid = rustix::process::getuid().as_raw();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut lines = accounts.lines().map(|line| line.split(':'));
    let name = lines.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)? == uid.to_string()).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid{uid}"))
}

/// The machine's name without its domain.
pub fn host() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    name.split('.').next().filter(|n| !n.is_empty()).unwrap_or("localhost").to_owned()
}

/// The machine's time zone, UTC where it cannot be told.
pub fn zone() -> chrono_tz::Tz {
    iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(chrono_tz::Tz::UTC)
}
