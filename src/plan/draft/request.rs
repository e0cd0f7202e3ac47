//! A plan's own requests that step a flag, as one request with the value in its place. Pure.
//!
//! Only where every one of them comes out again byte for byte is there such a request; else a person
//! writes it.

use serde_json::Value;

use crate::plan::{Command, Flag, Http, Plan};

/// The request behind a ramp.
pub(super) struct Stepped {
    pub url: String,
    pub method: String,
    pub headers: Vec<String>,
    pub body: String,
}

/// The one request that the rungs of a flag are.
pub(super) fn stepped(plan: &Plan, flag: &Flag) -> Option<Stepped> {
    let commands: Vec<Command> =
        plan.procedures.iter().flat_map(|p| p.in_order()).flat_map(|s| s.commands).collect();
    let ramps = plan.ramps.iter().filter(|r| r.flag.as_ref() == Some(&flag.name));
    let lines: Vec<usize> = ramps.flat_map(|r| &r.rungs).map(|r| r.line).collect();
    let own: Vec<&Http> =
        commands.iter().filter(|c| lines.contains(&c.line)).filter_map(|c| c.http.as_ref()).collect();
    let first = *own.first()?;
    let same = |h: &&Http| h.url == first.url && h.method == first.method && h.headers == first.headers;
    let all = commands.iter().filter_map(|c| c.http.as_ref()).filter(|h| h.url == first.url);
    let body = template(first.body.as_deref()?)?;
    let fits = |h: &Http| h.body.as_deref().and_then(template).as_deref() == Some(&body);
    let plain = !first.url.contains(['$', '<', '[', '{', ' ']) && !body.contains('$');
    let known = ["PUT", "POST", "PATCH", "DELETE"].contains(&first.method.as_str());
    if !plain || !known || !own.iter().all(same) || !all.filter(same).all(fits) {
        return None;
    }
    let headers = first.headers.iter().map(|h| referring(h)).collect::<Option<_>>()?;
    Some(Stepped { url: first.url.clone(), method: first.method.clone(), headers, body })
}

/// A body of JSON with `{value}` for its one number and `{on}` for whether that is more than 0.
fn template(body: &str) -> Option<String> {
    let parsed: serde_json::Map<String, Value> = serde_json::from_str(body).ok()?;
    let mut numbers = parsed.iter().filter(|(_, v)| v.is_number());
    let (name, value) = numbers.next().filter(|_| numbers.next().is_none())?;
    let on = value.as_f64()? != 0.0;
    let mut made = placed(body, name, &value.to_string(), "{value}")?;
    for (name, _) in parsed.iter().filter(|(_, v)| v.as_bool() == Some(on)) {
        made = placed(&made, name, &on.to_string(), "{on}")?;
    }
    // A switch that stays while the number goes is something else than on.
    parsed.values().all(|v| v.as_bool() != Some(!on)).then_some(made)
}

/// A text with another word in the place of a member's value.
fn placed(body: &str, name: &str, value: &str, word: &str) -> Option<String> {
    let key = format!("\"{name}\"");
    let after = body.find(&key)? + key.len();
    let rest = body[after..].trim_start().strip_prefix(':')?.trim_start();
    let at = body.len() - rest.len();
    let behind = rest.strip_prefix(value)?;
    Some(format!("{}{word}{behind}", &body[..at]))
}

/// A header with `{env:NAME}` for `$NAME`; none where something else would have to be filled in.
fn referring(header: &str) -> Option<String> {
    let (mut out, mut rest) = (String::new(), header);
    while let Some(at) = rest.find('$') {
        out += &rest[..at];
        let name = rest[at + 1..].strip_prefix('{').unwrap_or(&rest[at + 1..]);
        let braced = rest[at + 1..].starts_with('{');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        let behind = &name[end..];
        if end == 0 || braced && !behind.starts_with('}') {
            return None;
        }
        out += &format!("{{env:{}}}", &name[..end]);
        rest = if braced { &behind[1..] } else { behind };
    }
    let name = header.split_once(": ").map(|(name, _)| name)?;
    let open = crate::plan::binding::is_telling(name) && !header.contains('$');
    (!open && !header.contains(['<', '['])).then(|| out + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_its_value_in_one_place() {
        for (body, made) in [
            (
                r#"{"enabled": true, "rolloutPercentage": 10}"#,
                Some(r#"{"enabled": {on}, "rolloutPercentage": {value}}"#),
            ),
            (
                r#"{"rolloutPercentage":0,"enabled":false}"#,
                Some(r#"{"rolloutPercentage":{value},"enabled":{on}}"#),
            ),
            (r#"{"percent": 12.5, "why": "step"}"#, Some(r#"{"percent": {value}, "why": "step"}"#)),
            (r#"{"a": 1, "b": 2}"#, None),
            (r#"{"dry": false, "percent": 10}"#, None),
            (r#"{"on": true}"#, None),
            ("percent=10", None),
        ] {
            assert_eq!(template(body).as_deref(), made, "{body}");
        }
    }

    #[test]
    fn a_header_refers_to_its_secret() {
        for (header, made) in [
            ("Authorization: Bearer $ADMIN_TOKEN", Some("Authorization: Bearer {env:ADMIN_TOKEN}")),
            ("X-Key: ${KEY}!", Some("X-Key: {env:KEY}!")),
            ("Accept: text/plain", Some("Accept: text/plain")),
            ("Authorization: Bearer abc", None),
            ("X: $(cat key)", None),
            ("X: <token>", None),
        ] {
            assert_eq!(referring(header).as_deref(), made, "{header}");
        }
    }
}
