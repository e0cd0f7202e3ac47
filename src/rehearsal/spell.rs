//! How the short texts of a timeline are spelt: times, levers, deeds, expectations. Pure.

use std::time::Duration;

use super::timeline::{Cure, Deed, Expect, Named, Stand};

/// Seconds of the longest time a timeline may say: a week.
const LONGEST: f64 = 7.0 * 24.0 * 3600.0;

/// The longest silence.
const SILENCE: Duration = Duration::from_secs(4 * 3600);

/// "1h5m", "90s", "1.5s", "250ms".
///
/// # Errors
/// A sentence: it is no time, or longer than a week.
pub fn time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("\"{text}\" is no time");
    let mut rest = text.trim();
    let mut seconds = 0.0;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
        let number: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let (unit, factor) = unit(rest).ok_or_else(wrong)?;
        rest = &rest[unit.len()..];
        seconds += number * factor;
    }
    match seconds <= LONGEST {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err(format!("\"{text}\" is longer than a week")),
    }
}

fn unit(text: &str) -> Option<(&'static str, f64)> {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    units.into_iter().find(|(unit, _)| text.starts_with(unit))
}

/// A time as a person reads it: "1h5m", "90s" as "1m30s".
pub fn told(time: Duration) -> String {
    let all = time.as_secs();
    let parts = [(all / 3600, "h"), (all / 60 % 60, "m"), (all % 60, "s")];
    let text: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    match (text.is_empty(), time.subsec_millis()) {
        (true, 0) => "0s".to_owned(),
        (true, millis) => format!("{millis}ms"),
        _ => text,
    }
}

/// The words behind `word`, where the text begins with it.
fn behind<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(word)?;
    (rest.starts_with(char::is_whitespace) && !rest.trim().is_empty()).then(|| rest.trim())
}

/// "flag NAME" or "procedure TITLE".
pub fn cure(text: &str) -> Option<Cure> {
    let flag = behind(text.trim(), "flag").map(|name| Cure::Flag(name.to_owned()));
    flag.or_else(|| behind(text.trim(), "procedure").map(|title| Cure::Procedure(title.to_owned())))
}

/// "flag NAME VALUE", "procedure TITLE", "phase TITLE", "silence METRIC 30m", else a subcommand; none where it is empty or
/// something lacks its value.
pub fn deed(text: &str) -> Option<Deed> {
    let text = text.trim();
    if let Some(title) = behind(text, "procedure") {
        return Some(Deed::Procedure(title.to_owned()));
    }
    if text == "silence" || behind(text, "silence").is_some() {
        let (alert, span) = behind(text, "silence")?.rsplit_once(char::is_whitespace)?;
        let span = time(span).ok().filter(|span| !span.is_zero() && *span <= SILENCE)?;
        return Some(Deed::Silence { alert: named(alert.trim()), time: span });
    }
    if let Some(title) = behind(text, "phase") {
        return Some(Deed::Phase(title.to_owned()));
    }
    if text == "flag" || behind(text, "flag").is_some() {
        let (name, value) = behind(text, "flag")?.rsplit_once(char::is_whitespace)?;
        return Some(Deed::Flag { name: name.trim().to_owned(), value: value.to_owned() });
    }
    (!text.is_empty()).then(|| Deed::Command(text.to_owned()))
}

/// `fires METRIC [SEVERITY]`, `resolves …`, `notifies …`, `METRIC [SEVERITY] is STATE`, `quiet`,
/// `screen: TEXT`.
pub fn expect(text: &str) -> Option<Expect> {
    let text = text.trim();
    if text == "quiet" {
        return Some(Expect::Quiet);
    }
    if let Some(words) = text.strip_prefix("screen:").map(str::trim) {
        return (!words.is_empty()).then(|| Expect::Screen(words.to_owned()));
    }
    if let Some((metric, word)) = text.rsplit_once(" is ") {
        let word = word.trim().to_lowercase();
        let stand = Stand::WORDS.iter().find(|(w, _)| *w == word).map(|(_, stand)| *stand)?;
        return (!metric.trim().is_empty()).then(|| Expect::Is(named(metric.trim()), stand));
    }
    let about = |word, make: fn(Named) -> Expect| behind(text, word).map(|rest| make(named(rest)));
    about("fires", Expect::Fires)
        .or_else(|| about("resolves", Expect::Resolves))
        .or_else(|| about("notifies", Expect::Notifies))
}

fn named(text: &str) -> Named {
    let severity = |word: &str| {
        let word = word.to_ascii_lowercase();
        let class = word.strip_prefix('p').is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit());
        class || ["critical", "high", "medium", "low"].contains(&word.as_str())
    };
    match text.rsplit_once(char::is_whitespace) {
        Some((metric, last)) if severity(last) => {
            Named { metric: metric.trim().to_owned(), severity: Some(last.to_owned()) }
        }
        _ => Named { metric: text.to_owned(), severity: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_told() {
        for (text, seconds) in
            [("90s", 90.0), ("2m", 120.0), ("1h5m", 3900.0), ("1.5s", 1.5), ("250ms", 0.25)]
        {
            assert_eq!(time(text).map(|d| d.as_secs_f64()), Ok(seconds), "{text}");
        }
        for text in ["", "5", "m", "1x", "-1s", "1m -1s", "1..2s", "8d", "400h", "1e9s", "ſ"] {
            assert!(time(text).is_err(), "{text}");
        }
        for (seconds, text) in [(0.0, "0s"), (90.0, "1m30s"), (3900.0, "1h5m"), (0.25, "250ms")] {
            assert_eq!(told(Duration::from_secs_f64(seconds)), text);
        }
    }

    #[test]
    fn levers_deeds_and_expectations_are_read() {
        assert_eq!(cure("flag new_page"), Some(Cure::Flag("new_page".into())));
        assert_eq!(cure(" procedure  Flag rollback "), Some(Cure::Procedure("Flag rollback".into())));
        assert_eq!([cure("flag"), cure("flagged x"), cure("lever x")], [None, None, None]);
        let flag = Deed::Flag { name: "new page".into(), value: "25%".into() };
        assert_eq!(deed("flag new page 25%"), Some(flag));
        assert_eq!([deed("flag new_page"), deed("flag"), deed(" ")], [None, None, None]);
        assert_eq!(deed("tick :12"), Some(Deed::Command("tick :12".into())));
        for text in
            ["fires Error rate P1", "resolves Error rate", "quiet", "screen: NO-GO", "fires Load high"]
        {
            assert_eq!(expect(text).map(|e| e.to_string()).as_deref(), Some(text));
        }
        let Some(Expect::Fires(named)) = expect("fires Error rate P1") else { panic!() };
        assert_eq!((named.metric.as_str(), named.severity.as_deref()), ("Error rate", Some("P1")));
        assert_eq!([expect("fires"), expect("quiet please"), expect("screen:")], [None, None, None]);
    }
}
