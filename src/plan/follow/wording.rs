//! What may be said of two wordings: that they are the same, that one is the other slightly
//! reworded, or that the difference may change what is meant. Knows nothing of plans.
//!
//! Cautious on purpose: a word replaced by another is never a rewording, since "enable" and
//! "disable", "staging" and "production", 25 and 50 are one word apart.

use std::ops::Range;

use super::super::vocabulary::words;

/// Words that may turn a sentence around, narrow it, or say that it is not to be done.
const TURNS: &[&str] = words! {
    "not" "no" "never" "none" "without" "cannot" "except" "unless" "only" "instead" "but" "again" "skip"
    "skipped" "cancelled" "canceled" "postponed" "obsolete" "deprecated" "removed" "dropped" "old" "new"
    "first" "second" "third" "last" "both" "half" "off" "down" "before" "after" "enable" "enabled"
    "disable" "disabled" "start" "stop" "add" "remove" "open" "close" "lock" "unlock" "allow" "deny"
    "block" "unblock" "increase" "decrease" "raise" "lower" "rollback" "revert" "undo" "restore" "rollout"
    "true" "false" "yes" "pass" "fail" "manual" "automatic" "nicht" "kein" "keine" "keinen" "ohne" "nie"
    "ne" "pas" "sans" "jamais" "sin" "nunca" "não" "sem"
};

/// Words that narrow or widen what an explanation explains; in a title they say little.
const BENDS: &[&str] =
    words! { "if" "until" "when" "while" "on" "in" "out" "up" "all" "every" "some" "most" };

/// Names of places and rungs: work done in one is not done in another.
const PLACES: &[&str] = words! {
    "dev" "development" "test" "testing" "qa" "uat" "sandbox" "demo" "staging" "preprod" "preproduction"
    "prod" "production" "live" "canary" "pilot" "beta" "alpha" "internal" "external" "blue" "green"
    "primary" "secondary" "replica" "standby" "leader" "follower" "east" "west" "north" "south" "eu" "us"
    "uk" "emea" "apac" "ios" "android" "web" "mobile" "desktop" "frontend" "backend"
};

/// Words behind which a number only counts.
const COUNTERS: &[&str] = words! {
    "phase" "step" "stage" "part" "section" "gate" "schritt" "étape" "fase" "paso" "etapa"
};

/// Words beside which a number says when, where it stands behind a bracket, dash or colon.
const TIMES: &[&str] = words! {
    "day" "days" "week" "weeks" "month" "months" "hour" "hours" "h" "d" "w" "min" "minutes" "t" "am" "pm"
    "utc" "tag" "tage" "woche" "wochen" "jour" "jours" "semaine" "día" "días" "semana" "dia" "dias" "jan"
    "feb" "mar" "apr" "may" "jun" "jul" "aug" "sep" "oct" "nov" "dec" "january" "february" "march" "april"
    "june" "july" "august" "september" "october" "november" "december"
};

/// Words whose coming and going changes nothing.
const FILLERS: &[&str] = words! { "the" "an" "please" };

/// How a word is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    /// It begins with a capital.
    capital: bool,
    /// It is all capitals, or has some inside, or an underscore beside it: a name.
    name: bool,
    /// It has a digit or is a sign.
    exact: bool,
    /// A bracket, dash, colon or semicolon stands before it.
    opens: bool,
}

/// A word of a [`Wording`].
#[derive(Clone, Debug)]
struct Word {
    at: Range<usize>,
    look: Look,
}

/// A text taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Wording {
    core: String,
    words: Vec<Word>,
}

/// What two texts have to share to say the same: words without case and punctuation, numbers with
/// their sign and unit, comparisons.
pub(super) fn core(text: &str) -> String {
    Wording::of(text).core
}

impl Wording {
    /// Takes `text` apart.
    pub fn of(text: &str) -> Self {
        let mut scan = Scan::default();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            scan.take(c, chars.peek().copied());
        }
        scan.end();
        scan.out
    }

    /// Several one after the other.
    pub fn joined(parts: &[&Wording]) -> Self {
        let mut out = Self::default();
        for part in parts {
            if !out.core.is_empty() {
                out.core.push(' ');
            }
            let from = out.core.len();
            let moved = |w: &Word| Word { at: w.at.start + from..w.at.end + from, look: w.look };
            out.words.extend(part.words.iter().map(moved));
            out.core.push_str(&part.core);
        }
        out
    }

    /// How many words it has.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    fn word(&self, at: usize) -> &str {
        &self.core[self.words[at].at.clone()]
    }

    /// The first and the last word, which two wordings share at least one of when one is the other
    /// slightly reworded.
    pub fn ends(&self) -> Option<(&str, &str)> {
        let last = self.words.len().checked_sub(1)?;
        let first = (0..last).find(|i| !FILLERS.contains(&self.word(*i))).unwrap_or(0);
        Some((self.word(first), self.word(last)))
    }

    fn has(&self, word: &str) -> bool {
        (0..self.len()).any(|i| self.word(i) == word)
    }

    fn without_fillers(&self) -> Vec<usize> {
        (0..self.words.len()).filter(|i| !FILLERS.contains(&self.word(*i))).collect()
    }

    fn look(&self, at: usize) -> Look {
        self.words[at].look
    }

    /// Whether a number here only counts ("Phase 2", "1. Title") or says when ("… (Day 1-2)").
    fn counts(&self, at: usize) -> bool {
        let digits = |i: usize| self.word(i).starts_with(|c: char| c.is_ascii_digit());
        let is = |i: Option<usize>, known: &[&str]| {
            i.is_some_and(|i| i < self.len() && known.contains(&self.word(i)))
        };
        if !digits(at) || is(Some(at + 1), &["%"]) {
            return false;
        }
        let before = at.checked_sub(1);
        let beyond = before.filter(|b| digits(*b)).and_then(|b| b.checked_sub(1));
        let aside = (1..=at).any(|i| self.look(i).opens);
        let when =
            [before, beyond, Some(at + 1)].iter().any(|i| is(*i, TIMES)) || self.word(at).contains(':');
        at == 0 && self.len() > 1 && !is(Some(1), TIMES) || is(before, COUNTERS) || aside && when
    }

    /// Whether a word says what something is about, more than a number or "phase" does.
    fn telling(&self, at: usize) -> bool {
        let word = self.word(at);
        let known = COUNTERS.contains(&word) || TIMES.contains(&word) || FILLERS.contains(&word);
        !known && word.chars().any(char::is_alphabetic)
    }

    /// Whether a word may make a difference in what is meant.
    fn matters(&self, at: usize) -> bool {
        let (word, look) = (self.word(at), self.look(at));
        look.exact && !self.counts(at) || look.name || TURNS.contains(&word) || PLACES.contains(&word)
    }
}

#[derive(Default)]
struct Scan {
    out: Wording,
    /// Where the word being written begins in the core.
    begun: Option<usize>,
    look: Look,
    uppers: usize,
    letters: usize,
    opens: bool,
    before: Option<char>,
}

impl Scan {
    fn take(&mut self, c: char, next: Option<char>) {
        let digit_next = next.is_some_and(|n| n.is_ascii_digit());
        let digit_before = self.before.is_some_and(|b| b.is_ascii_digit());
        let apart = self.before.is_none_or(|b| b.is_whitespace() || "([=:".contains(b));
        match c {
            c if c.is_alphanumeric() => self.letter(c),
            '\'' | '’' | '\u{fe0f}' => {}
            '.' | ',' | ':' if digit_before && digit_next => self.out.core.push(c),
            '_' => {
                self.look.name = true;
                self.end();
            }
            '-' | '−' | '+' if apart && digit_next => {
                self.end();
                self.letter(if c == '+' { '+' } else { '-' });
            }
            '<' | '>' | '≤' | '≥' | '≠' | '±' | '→' | '%' | '$' | '€' | '£' | '!' => {
                self.sign(c, next)
            }
            '❌' | '✗' | '✘' | '⛔' | '🚫' => self.sign('✗', next),
            c => {
                self.end();
                let dash = c == '-' && apart && next.is_none_or(char::is_whitespace);
                self.opens |= dash || "([–—:;".contains(c);
            }
        }
        self.before = Some(c);
    }

    fn letter(&mut self, c: char) {
        if self.begun.is_none() {
            if !self.out.core.is_empty() {
                self.out.core.push(' ');
            }
            self.begun = Some(self.out.core.len());
            self.look.capital = c.is_uppercase();
        }
        self.letters += usize::from(c.is_alphabetic());
        self.uppers += usize::from(c.is_uppercase());
        self.look.exact |= c.is_numeric() || !c.is_alphanumeric();
        self.out.core.extend(c.to_lowercase());
    }

    /// A sign is a word of its own; "!" only where it negates.
    fn sign(&mut self, c: char, next: Option<char>) {
        let negates = next.is_some_and(|n| n == '=' || n.is_alphanumeric()) && self.begun.is_none();
        self.end();
        if c != '!' || negates {
            self.letter(c);
            self.end();
        }
    }

    fn end(&mut self) {
        if let Some(begun) = self.begun.take() {
            self.look.name |= self.uppers > 1 || self.uppers == 1 && !self.look.capital;
            self.look.opens = std::mem::take(&mut self.opens);
            self.out.words.push(Word { at: begun..self.out.core.len(), look: self.look });
        }
        (self.look, self.uppers, self.letters) = (Look::default(), 0, 0);
    }
}

/// Whether `new` is `old` slightly reworded: an article more or less, one corrected typing error,
/// or an explanation behind a bracket, dash or colon. Symmetric but for the explanation, which may
/// only be added: leaving one out widens what is claimed.
pub(super) fn reworded(old: &Wording, new: &Wording) -> bool {
    let (a, b) = (old.without_fillers(), new.without_fillers());
    if a.len() < 2 || b.len() < a.len() {
        return false;
    }
    let mut corrected = 0;
    for (x, y) in a.iter().zip(&b) {
        if old.word(*x) == new.word(*y) {
            continue;
        }
        let plain = |w: &Wording, i: usize| {
            let look = w.look(i);
            !look.exact && !look.name && (!look.capital || i == 0) && !w.matters(i)
        };
        if !plain(old, *x) || !plain(new, *y) || !typing_error(old.word(*x), new.word(*y)) {
            return false;
        }
        corrected += 1;
    }
    corrected <= 1 && explains(new, &b[a.len()..], corrected)
}

/// Whether what follows only explains: nothing, or at least two words behind a bracket, dash or
/// colon of which none names, counts or turns anything.
fn explains(text: &Wording, tail: &[usize], corrected: usize) -> bool {
    let Some(first) = tail.first() else { return true };
    let opens = text.look(*first).opens;
    let named = |i: &usize| text.look(*i).capital && i != first;
    let bends = |i: &usize| BENDS.contains(&text.word(*i));
    corrected == 0
        && opens
        && tail.len() >= 2
        && !tail.iter().any(|i| text.look(*i).exact || text.matters(*i) || named(i) || bends(i))
}

/// Whether one word is the other with two neighbouring letters exchanged, a letter doubled, or, in
/// a long word, a letter left out; never at its first or last place.
fn typing_error(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() < 4 || short[0] != long[0] || short.last() != long.last() {
        return exchanged_at_end(&a, &b);
    }
    let at = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    match long.len() - short.len() {
        0 => {
            short.len() >= 5
                && at + 1 < short.len()
                && (short[at], short[at + 1]) == (long[at + 1], long[at])
                && short[at + 2..] == long[at + 2..]
        }
        1 => {
            let doubled = at > 0 && long[at] == long[at - 1];
            short[at..] == long[at + 1..] && (doubled && short.len() >= 5 || short.len() >= 9)
        }
        _ => false,
    }
}

/// "databsae" has its exchange inside; "deploy" and "deplyo" at the end.
fn exchanged_at_end(a: &[char], b: &[char]) -> bool {
    let n = a.len();
    n >= 5 && n == b.len() && a[..n - 2] == b[..n - 2] && (a[n - 2], a[n - 1]) == (b[n - 1], b[n - 2])
}

/// Whether the difference between two titles may change what the work below them is about: another
/// place, another rung, a turn. A number that counts phases may differ where a telling word stays,
/// one that says when may always.
pub(super) fn may_differ(old: &Wording, new: &Wording) -> bool {
    let shared = (0..old.len()).any(|i| old.telling(i) && new.has(old.word(i)));
    let numbers = |a: &Wording, b: &Wording| (0..a.len()).any(|i| a.counts(i) && !b.has(a.word(i)));
    elsewhere(old, new) || !shared && numbers(old, new) && numbers(new, old)
}

/// Whether work under one title would be other work under the other one.
pub(super) fn elsewhere(old: &Wording, new: &Wording) -> bool {
    let lacks = |a: &Wording, b: &Wording| (0..a.len()).any(|i| a.matters(i) && !b.has(a.word(i)));
    lacks(old, new) || lacks(new, old)
}

/// Whether two titles differ in nothing but counting and times.
pub(super) fn renumbered(old: &Wording, new: &Wording) -> bool {
    let bare = |w: &Wording| -> Vec<String> {
        (0..w.len()).filter(|i| w.telling(*i)).map(|i| w.word(i).to_owned()).collect()
    };
    bare(old) == bare(new) && !may_differ(old, new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(old: &str, new: &str) -> bool {
        reworded(&Wording::of(old), &Wording::of(new))
    }

    #[test]
    fn case_and_punctuation_say_nothing_but_numbers_and_comparisons_do() {
        for (a, b) in [
            ("Deploy the canary.", "deploy the Canary"),
            ("Error rate <5 %", "error rate: < 5%"),
            ("Don't merge!", "Dont merge"),
        ] {
            assert_eq!(core(a), core(b));
        }
        for (a, b) in [
            ("Error rate < 5%", "Error rate > 5%"),
            ("Set to -5", "Set to 5"),
            ("Wait 0.5 h", "Wait 05 h"),
            ("Ratio 1.5", "Ratio 1,5"),
            ("Check !ready", "Check ready"),
            ("Pay $5", "Pay 5%"),
        ] {
            assert_ne!(core(a), core(b));
        }
    }

    #[test]
    fn a_slight_rewording_is_the_same_item() {
        for (old, new) in [
            ("Depoly the canary", "Deploy the canary"),
            ("Back up database", "Back up the database"),
            ("Verify sucessful login", "Verify successful login"),
            ("Prepare the enviroment", "Prepare the environment"),
            ("Tell support", "Tell support (see the runbook)"),
            ("Warm the cache", "Warm the cache – it takes a minute"),
            ("Restart workers nwo", "Restart workers nwo: they hang sometimes"),
        ] {
            assert!(again(old, new), "{old} / {new}");
        }
    }

    #[test]
    fn another_word_is_another_item() {
        for (old, new) in [
            ("Enable checkout", "Disable checkout"),
            ("Ramp to 50 %", "Ramp to 25 %"),
            ("Deploy to staging", "Deploy to production"),
            ("Do now delete rows", "Do not delete rows"),
            ("Delete the rows", "Do not delete the rows"),
            ("Install agent", "Uninstall agent"),
            ("Import users", "Export users"),
            ("Charge customers", "Change customers"),
            ("Sign the contact", "Sign the contract"),
            ("Call Anna", "Call Hanna"),
            ("Call Brian first", "Call Brain first"),
            ("Get the flag", "Set the flag"),
            ("Deploy", "Deploy (see the runbook)"),
            ("Tell support", "Tell support, legal and sales"),
            ("Tell support", "Tell support (not before noon)"),
            ("Tell support", "Tell support (EU only)"),
            ("Ramp traffic", "Ramp traffic (up to 50 %)"),
            ("Scale down (old workers)", "Scale down (spare workers)"),
            ("Scale down (spare workers)", "Scale down"),
            ("Deploy canary", "Deploy canary rollback script"),
            ("Deploy canary", "Deploy canary – cancelled for today"),
            ("Restart node web1", "Restart node web2"),
            ("Set MAX_CONN", "Set MAX_CNON"),
        ] {
            assert!(!again(old, new), "{old} / {new}");
        }
    }

    #[test]
    fn titles_that_may_mean_other_work() {
        let differ = |a: &str, b: &str| may_differ(&Wording::of(a), &Wording::of(b));
        for (a, b) in [
            ("Staging", "Production"),
            ("Phase 2: 25 %", "Phase 2: 50 %"),
            ("Wave EU", "Wave NL"),
            ("Rollout", "Rollback"),
            ("Enable it", "Disable it"),
            ("First 100 users", "First 500 users"),
            ("Day 1: Checks", "Day 3: Checks"),
            ("Week 1", "Week 2"),
            ("Phase 1", "Phase 2"),
        ] {
            assert!(differ(a, b), "{a} / {b}");
        }
        for (a, b) in [
            ("Phase 1: Dark launch (Day 1)", "Phase 1: Dark launch (Day 2-3)"),
            ("Phase 2: Cleanup", "Phase 3: Cleanup"),
            ("1. Checks", "2. Checks"),
            ("Pre-flight", "Preparation"),
            ("Checks", "Health checks: 10:30"),
        ] {
            assert!(!differ(a, b), "{a} / {b}");
        }
    }
}
