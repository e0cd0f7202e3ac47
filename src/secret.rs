//! Secrets: fetched from where a binding says they are kept, and struck out of whatever is said. What
//! is fetched goes into a request that is sent and nowhere else: no sentence, no `Debug`, no journal
//! has one. Called by `sources` and `levers`.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::{
    BASE64_STANDARD as STANDARD, BASE64_STANDARD_NO_PAD as STANDARD_NO_PAD, BASE64_URL_SAFE as URL_SAFE,
};

use crate::plan::binding::Secret;

/// A command that prints a secret may take so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A secret is no longer than this.
const LONGEST: u64 = 16 * 1024;

/// The secret itself, without the line end behind it. May wait for a file or a command.
///
/// # Errors
/// A sentence with the place of the secret, never with the secret.
pub fn reveal(kept: &Secret) -> Result<String, String> {
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

/// A form of a secret that is shorter says nothing, and would strike out what is none.
pub(crate) const SHORT: usize = 4;

/// Secrets in every form in which somebody may say them back, the longest first: as they are, in
/// base64 wherever it begins within a longer text, and as JSON writes them. What [`struck`] finds of
/// each may be percent-encoded besides.
pub fn forms(secrets: &[String]) -> Vec<String> {
    let mut all: Vec<String> = secrets.iter().flat_map(|secret| forms_of(secret)).collect();
    all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    all.dedup();
    all
}

fn forms_of(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap_or_default();
    let mut all = vec![secret.to_owned(), json.trim_matches('"').to_owned()];
    for shift in 0..3 {
        let inner = inner_base64(secret, shift);
        all.push(inner.replace('+', "-").replace('/', "_"));
        all.push(inner);
    }
    all.extend([STANDARD.encode(secret), URL_SAFE.encode(secret)]);
    all.retain(|form| !form.is_empty() && (form == secret || form.len() >= 2 * SHORT));
    all
}

/// What base64 makes of the secret where `shift` bytes stand before it, without the characters that
/// depend on what stands around it.
fn inner_base64(secret: &str, shift: usize) -> String {
    let mut bytes = vec![0; shift];
    bytes.extend_from_slice(secret.as_bytes());
    let (first, last) = ((shift * 8).div_ceil(6), bytes.len() * 8 / 6);
    STANDARD_NO_PAD.encode(&bytes).get(first..last).unwrap_or_default().to_owned()
}

/// A text without any of the secrets, and without the beginning of one that was cut off.
pub fn struck(hidden: &[String], text: &str) -> String {
    let secrets = hidden.iter().filter(|secret| !secret.is_empty());
    let text = secrets.fold(text.to_owned(), |text, secret| without(secret, text));
    hidden.iter().fold(text, |text, secret| without_beginning(secret, text))
}

/// A text without a secret, any byte of which may be percent-encoded, in whatever case.
fn without(secret: &str, text: String) -> String {
    let (mut kept, mut rest) = (String::new(), text.as_str());
    while !rest.is_empty() {
        let length = match begins(secret.as_bytes(), rest.as_bytes()).filter(|n| rest.is_char_boundary(*n)) {
            Some(length) => {
                kept.push('…');
                length
            }
            None => {
                let next = rest.chars().next().map_or(1, char::len_utf8);
                kept.push_str(&rest[..next]);
                next
            }
        };
        rest = &rest[length..];
    }
    kept
}

/// How much of `text` is the secret, where it begins with it.
fn begins(secret: &[u8], text: &[u8]) -> Option<usize> {
    if text.get(..secret.len()).is_some_and(|found| found.eq_ignore_ascii_case(secret)) {
        return Some(secret.len());
    }
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    let encoded = |at: usize| {
        let code = digit(at + 1)? * 16 + digit(at + 2)?;
        u8::try_from(code).ok().filter(|_| text[at] == b'%')
    };
    let same = |one: u8, other: &u8| one.eq_ignore_ascii_case(other);
    secret.iter().try_fold(0, |at, byte| match text.get(at)? {
        _ if encoded(at).is_some_and(|c| same(c, byte)) => Some(at + 3),
        found if same(*found, byte) => Some(at + 1),
        _ => None,
    })
}

/// Words of others are cut at a length and marked so: what stands before the mark may be a part.
fn without_beginning(secret: &str, mut text: String) -> String {
    let marks: Vec<usize> = text.match_indices('…').map(|(at, _)| at).collect();
    for mark in marks.into_iter().rev() {
        let parts = secret.char_indices().map(|(at, _)| at).rev().take_while(|at| *at >= SHORT);
        let part = parts.map(|at| &secret[..at]).find(|part| text[..mark].ends_with(part));
        if let Some(part) = part {
            text.replace_range(mark - part.len()..mark, "");
        }
    }
    text
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
        assert_eq!(reveal(&kept).unwrap(), "canary-1");
        assert_eq!(reveal(&Secret::Cmd("printf canary-2".into())).unwrap(), "canary-2");
        for (kept, part) in [
            (Secret::Env("WARROOM_NO_SUCH_VARIABLE".into()), "WARROOM_NO_SUCH_VARIABLE is not set"),
            (Secret::Cmd("echo canary-3; exit 3".into()), "exit status: 3"),
            (Secret::File("/no/such/file".into()), "cannot be read"),
            (Secret::Cmd("true".into()), "is empty"),
        ] {
            let why = reveal(&kept).unwrap_err();
            assert!(why.contains(part) && !why.contains("is canary"), "{why}");
        }
    }

    fn percent(text: &str) -> String {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    }

    #[test]
    fn what_is_said_back_in_another_form_is_struck_out_too() {
        let secret = "c4n/ary+%7 \"x\" long enough".to_owned();
        let hidden = forms(std::slice::from_ref(&secret));
        for said in [
            secret.clone(),
            STANDARD.encode(&secret),
            URL_SAFE.encode(&secret),
            STANDARD_NO_PAD.encode(&secret),
            percent(&secret),
            percent(&secret).replace("%2B", "%2b").replace("%2F", "/"),
            percent(&STANDARD.encode(&secret)),
            serde_json::to_string(&secret).unwrap(),
        ] {
            let told = struck(&hidden, &format!("bad token {said} here"));
            assert!(told.starts_with("bad token ") && told.ends_with(" here"), "{told}");
            assert!(told.chars().count() < 24, "{said} is left as {told}");
        }
        for before in ["", "u", "us", "user:", "some-user:"] {
            let told = struck(&hidden, &STANDARD.encode(format!("{before}{secret}/more")));
            assert!(told.contains('…') && told.chars().count() < 24, "{before}: {told}");
        }
        assert_eq!(struck(&hidden, "bad token c4n/ary+%7…"), "bad token …", "cut off");
        assert_eq!(struck(&hidden, "nothing of it…"), "nothing of it…");
    }
}
