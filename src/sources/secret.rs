//! Secrets of sources, fetched when a room is opened from where a binding says they are kept. They
//! live in the headers that are sent and nowhere else: no sentence, no `Debug`, no journal has one.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use super::question::Place;
use crate::plan::binding::{Secret, Source, SourceKind, is_telling};
use crate::secret::{SHORT, reveal as secret};
pub(super) use crate::secret::{forms, struck};

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
    let mut keys = match source.auth.is_some() || source.app_auth.is_some() {
        true => tokio::task::spawn_blocking(move || keys(&source)).await.unwrap_or_else(broke)?,
        false => keys(&source)?,
    };
    keys.hidden.extend(in_address(&place.source));
    keys.hidden = forms(&keys.hidden);
    Ok(keys)
}

fn keys(source: &Source) -> Result<Keys, String> {
    let mut keys = Keys::default();
    if let Some(org) = &source.org {
        let value =
            HeaderValue::from_str(org).map_err(|_| "its org cannot be sent as a header".to_owned())?;
        keys.headers.insert("x-scope-orgid", value);
    }
    if source.kind == SourceKind::Datadog {
        return datadog(source);
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

/// Its two keys go into headers of their own.
fn datadog(source: &Source) -> Result<Keys, String> {
    let mut keys = Keys::default();
    let both = [("dd-api-key", &source.auth), ("dd-application-key", &source.app_auth)];
    for (name, kept) in both.into_iter().filter_map(|(name, kept)| Some((name, kept.as_ref()?))) {
        let secret = secret(kept)?;
        keys.headers.insert(name, sensitive(kept, &secret)?);
        keys.hidden.push(secret);
    }
    Ok(keys)
}

/// What an address itself holds: a password, and what its parameters with a telling name say.
fn in_address(source: &Source) -> Vec<String> {
    let Ok(base) = reqwest::Url::parse(&source.url) else { return vec![] };
    let asked = source.path.as_ref().and_then(|path| base.join(path).ok());
    let all = [Some(base), asked];
    let of = |url: &reqwest::Url| -> Vec<String> {
        let named =
            url.query_pairs().filter(|(name, _)| is_telling(name)).map(|(_, value)| value.into_owned());
        url.password().map(str::to_owned).into_iter().chain(named).collect()
    };
    all.iter().flatten().flat_map(of).filter(|s| s.len() >= SHORT).collect()
}

fn sensitive(kept: &Secret, text: &str) -> Result<HeaderValue, String> {
    let value = HeaderValue::from_str(text);
    let mut value = value.map_err(|_| format!("what {kept} holds cannot be sent as a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_an_address_is_struck_out_too() {
        let source = Source {
            url: "https://ana:pass-word@x/base?api_key=k-1234&page=twelve".into(),
            path: Some("/hook?token=t-%31234".into()),
            ..Source::default()
        };
        assert_eq!(in_address(&source), ["pass-word", "k-1234", "pass-word", "t-1234"]);
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
