//! Many metrics in one request to Prometheus. Only bare names are joined: `{__name__=~"a|b"}` gives
//! for each name exactly what the name alone gives, and every series says which it belongs to. No IO.

use super::question::{Aspect, Question, Wanted};

/// Fewer names are asked one by one, side by side.
const FEW: usize = 17;

/// So many names at most in one request: their history fits into an answer, and Prometheus looks up
/// to 256 names up instead of matching each name there is.
const MANY: usize = 250;

/// What PromQL takes for something else than a metric's name.
const WORDS: &[&str] = &["inf", "nan", "bool", "offset"];

/// The questions with the bare names among them joined.
pub(super) fn names(questions: Vec<Question>) -> Vec<Question> {
    let (bare, mut rest): (Vec<_>, Vec<_>) = questions.into_iter().partition(|q| is_name(&q.text));
    if bare.len() < FEW {
        rest.extend(bare);
        return rest;
    }
    rest.extend(bare.chunks(MANY).map(joined));
    rest
}

fn is_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':';
    text.starts_with(letter)
        && text.chars().all(|c| letter(c) || c.is_ascii_digit())
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

fn joined(bare: &[Question]) -> Question {
    let names: Vec<&str> = bare.iter().map(|q| q.text.as_str()).collect();
    let part = |q: &Question, w: &Wanted| Wanted { aspect: Aspect::Part(q.text.clone()), ..w.clone() };
    let wanted = bare.iter().flat_map(|q| q.wanted.iter().map(move |w| part(q, w)));
    Question::new(format!("{{__name__=~\"{}\"}}", names.join("|")), wanted.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(names: impl IntoIterator<Item = String>) -> Vec<Question> {
        let wanted = |signal| Wanted { signal, scale: 2.0, aspect: Aspect::Value, since: None };
        names.into_iter().enumerate().map(|(i, n)| Question::new(n, vec![wanted(i)])).collect()
    }

    #[test]
    fn only_bare_names_are_joined_and_come_apart_again() {
        let odd = ["sum(a)", "a{b=\"c\"}", "NaN", "1", "a-b", "a + b"].map(str::to_owned);
        let all = names(asked((0..300).map(|n| format!("m:{n}")).chain(odd.clone())));
        let joint: Vec<_> = all.iter().filter(|q| q.is_joined()).collect();
        assert_eq!(joint.iter().map(|q| q.wanted.len()).collect::<Vec<_>>(), [250, 50]);
        assert!(joint[0].text.starts_with("{__name__=~\"m:0|m:1|"), "{}", joint[0].text);
        let alone: Vec<_> = all.iter().filter(|q| !q.is_joined()).map(|q| q.text.clone()).collect();
        assert_eq!(alone, odd);
        let apart: Vec<_> = joint.iter().flat_map(|q| q.split()).collect();
        assert!(apart.iter().enumerate().all(|(n, q)| q.text == format!("m:{n}") && q.wanted[0].signal == n));
        assert!(apart.iter().all(|q| q.wanted[0].aspect == Aspect::Value && q.wanted[0].scale == 2.0));
        assert!(names(asked((0..16).map(|n| format!("m{n}")))).iter().all(|q| !q.is_joined()));
    }
}
