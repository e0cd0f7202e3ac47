//! What the words of a step set a flag to ("Set `page_percentage` to 0"), and when two spellings of a
//! value mean the same. Pure; says nothing of whether a flag is bound. Called by `settlement`, which ends
//! a step with the change that it was, and by the app, which offers the change.

/// The value that words give a name: the first one behind it.
pub fn value_behind<'a>(words: &'a str, name: &str) -> Option<&'a str> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.' || c == '-';
    let at = words.match_indices(name).map(|(at, _)| at).find(|at| {
        !words[..*at].ends_with(word) && !words[at + name.len()..].starts_with(|c| word(c) && c != '.')
    })?;
    let behind = words[at + name.len()..].split(|c: char| !(word(c) || c == '%'));
    let mut behind = behind.map(|w| w.trim_end_matches('.')).filter(|w| !w.is_empty()).take(4);
    behind.find(|w| {
        matches!(w.to_lowercase().as_str(), "true" | "false" | "on" | "off")
            || w.trim_end_matches('%').parse::<f64>().is_ok()
    })
}

/// Whether two spellings mean one value: `on` and `true`, `25` and `25.0`, `25%`.
pub fn same_value(a: &str, b: &str) -> bool {
    let plain = |text: &str| {
        let text = text.trim().trim_matches('"').trim_end_matches('%').to_lowercase();
        match text.as_str() {
            "on" | "yes" | "enabled" => "true".to_owned(),
            "off" | "no" | "disabled" => "false".to_owned(),
            other => other.parse::<f64>().map_or_else(|_| other.to_owned(), |n| n.to_string()),
        }
    };
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_give_a_flag_its_value() {
        for (words, value) in [
            ("Set page_percentage to 0", Some("0")),
            ("Set page_percentage = 0%.", Some("0%")),
            ("Turn page_percentage off", Some("off")),
            ("Set page_percentage_old to 0", None),
            ("Look at page_percentage", None),
            ("0 is what page_percentage has to be afterwards by all means 0", None),
        ] {
            assert_eq!(value_behind(words, "page_percentage"), value, "{words}");
        }
    }
}
