//! Secrets of sources, fetched when a room is opened from where a binding says they are kept. They
//! live in the headers that are sent and nowhere else: no sentence, no `Debug`, no journal has one.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use super::question::Place;
use crate::plan::binding::{Secret, Source};

/// A command that prints a secret may take so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A secret is no longer than this.
const LONGEST: u64 = 16 * 1024;

/// What a source wants to know of who asks, in the clear. No `Debug`: it must be printed nowhere.
#[derive(Default)]
pub(super) struct Keys {
    /// What `auth` refers to.
    pub auth: Option<String>,
    /// What is sent beside every question over HTTP.
    pub headers: HeaderMap,
    /// Every form of every secret, to be struck out of what is said.
    pub hidden: Vec<String>,
}

/// A place's secrets.
///
/// # Errors
/// A sentence with the place of the secret, never with the secret.
pub(super) async fn fetch(place: &Place) -> Result<Keys, String> {
    let source = place.source.clone();
    let broke = |_| Err("fetching its secret broke off".to_owned());
    let mut keys = match source.auth.is_some() {
        true => tokio::task::spawn_blocking(move || keys(&source)).await.unwrap_or_else(broke)?,
        false => keys(&source)?,
    };
    let password = reqwest::Url::parse(&place.source.url).ok().and_then(|u| u.password().map(str::to_owned));
    keys.hidden.extend(password);
    Ok(keys)
}

fn keys(source: &Source) -> Result<Keys, String> {
    let mut keys = Keys::default();
    if let Some(org) = &source.org {
        let value =
            HeaderValue::from_str(org).map_err(|_| "its org cannot be sent as a header".to_owned())?;
        keys.headers.insert("x-scope-orgid", value);
    }
    if let Some(kept) = &source.auth {
        let secret = secret(kept)?;
        let (word, sent) = match &source.user {
            Some(user) => ("Basic", STANDARD.encode(format!("{user}:{secret}"))),
            None => ("Bearer", secret.clone()),
        };
        keys.headers.insert(AUTHORIZATION, sensitive(kept, &format!("{word} {sent}"))?);
        keys.hidden = vec![sent, secret.clone()];
        keys.auth = Some(secret);
    }
    Ok(keys)
}

fn sensitive(kept: &Secret, text: &str) -> Result<HeaderValue, String> {
    let value = HeaderValue::from_str(text);
    let mut value = value.map_err(|_| format!("what {kept} holds cannot be sent as a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The secret itself, without the line end behind it.
fn secret(kept: &Secret) -> Result<String, String> {
    let found = match kept {
        Secret::Env(name) => std::env::var(name).map_err(|_| format!("the variable {name} is not set"))?,
        Secret::File(path) => file(path)?,
        Secret::Cmd(line) => printed(line)?,
    };
    let found = found.trim_end_matches(['\n', '\r']).to_owned();
    if found.is_empty() { Err(format!("{kept} is empty")) } else { Ok(found) }
}

fn file(path: &str) -> Result<String, String> {
    let at = match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    };
    let mut text = String::new();
    let read = std::fs::metadata(&at).and_then(|about| {
        if !about.is_file() {
            return Err(std::io::Error::other("it is no file"));
        }
        std::fs::File::open(&at)?.take(LONGEST).read_to_string(&mut text)
    });
    read.map(|_| text).map_err(|e| format!("file:{path} cannot be read: {e}"))
}

/// What a shell line prints. What it says on its standard error is nobody's business here: it may be
/// the secret.
fn printed(line: &str) -> Result<String, String> {
    let failed = |why: String| format!("cmd:{line} {why}");
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = shell.spawn().map_err(|e| failed(format!("cannot be started: {e}")))?;
    wait(&mut child).map_err(failed)?;
    let mut text = String::new();
    let out = child.stdout.take().expect("it is piped");
    out.take(LONGEST).read_to_string(&mut text).map_err(|e| failed(format!("cannot be read: {e}")))?;
    Ok(text)
}

fn wait(child: &mut Child) -> Result<(), String> {
    let end = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("ended with {status}")),
            Err(e) => return Err(format!("cannot be waited for: {e}")),
            Ok(None) if Instant::now() < end => sleep(Duration::from_millis(10)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("took more than {} s", PATIENCE.as_secs()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_fetched_from_where_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "canary-1\n").unwrap();
        let kept = Secret::File(path.display().to_string());
        assert_eq!(secret(&kept).unwrap(), "canary-1");
        assert_eq!(secret(&Secret::Cmd("printf canary-2".into())).unwrap(), "canary-2");
        for (kept, part) in [
            (Secret::Env("WARROOM_NO_SUCH_VARIABLE".into()), "WARROOM_NO_SUCH_VARIABLE is not set"),
            (Secret::Cmd("echo canary-3; exit 3".into()), "exit status: 3"),
            (Secret::File("/no/such/file".into()), "cannot be read"),
            (Secret::Cmd("true".into()), "is empty"),
        ] {
            let why = secret(&kept).unwrap_err();
            assert!(why.contains(part) && !why.contains("is canary"), "{why}");
        }
    }

    #[test]
    fn a_user_makes_it_basic_and_no_debug_shows_it() {
        let sent = |user: Option<&str>| {
            let source = Source {
                auth: Some(Secret::Cmd("printf sesame".into())),
                user: user.map(str::to_owned),
                org: Some("team-a".into()),
                ..Source::default()
            };
            keys(&source).map(|keys| (keys.headers, keys.hidden))
        };
        let (bearer, hidden) = sent(None).unwrap();
        assert_eq!(bearer[AUTHORIZATION], "Bearer sesame");
        assert!(
            hidden.contains(&"sesame".to_owned()) && !format!("{bearer:?}").contains("sesame"),
            "{bearer:?}"
        );
        let (basic, hidden) = sent(Some("Aladdin")).unwrap();
        assert_eq!(basic[AUTHORIZATION], "Basic QWxhZGRpbjpzZXNhbWU=");
        assert!(hidden.contains(&"QWxhZGRpbjpzZXNhbWU=".to_owned()) && basic["x-scope-orgid"] == "team-a");
    }
}
