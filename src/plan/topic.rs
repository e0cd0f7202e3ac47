//! What a heading or label is about: a set of topics, found by the words of the vocabulary.
//!
//! Phrases match whole words, the longest first, and a word is used once: "Rollback triggers" is
//! about triggers, not about a rollback. The words themselves are data, see `vocabulary`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::outline::{Outline, Scope, ScopeKind};
use super::vocabulary::back::{ASKS_WHEN, BROUGHT_BACK, CALLS_FOR, DO_NOT, ENDS_IN_WHEN, SAVED, USED_WHEN};
use super::vocabulary::{self, Phrase, words};
use super::words::{fold, has_any, is_wide};

/// A set of topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Topics(u64);

impl Topics {
    /// Whether the sets share a topic.
    pub const fn any(self, other: Topics) -> bool {
        self.0 & other.0 != 0
    }

    /// This set less the other.
    pub const fn less(self, other: Topics) -> Topics {
        Topics(self.0 & !other.0)
    }

    /// Both sets.
    pub const fn and(self, other: Topics) -> Topics {
        Topics(self.0 | other.0)
    }
}

/// No topic.
pub(crate) const NONE: Topics = Topics(0);

macro_rules! topics {
    ($($(#[$doc:meta])* $name:ident = $bit:literal)+) => {
        $($(#[$doc])* pub(crate) const $name: Topics = Topics(1 << $bit);)+
    };
}

topics! {
    /// Holds the phases: "Rollout steps", "Timeline".
    PHASES = 0
    /// Before anything moves.
    PREFLIGHT = 1
    /// Looking whether it worked.
    VERIFY = 2
    /// After the launch.
    AFTER = 3
    /// Every day, week or month.
    RECURRING = 4
    /// Ways back.
    ROLLBACK = 5
    /// When to go back.
    TRIGGER = 6
    /// What success is.
    SUCCESS = 7
    /// What is watched.
    MONITOR = 8
    /// What raises an alert.
    ALERT = 9
    /// Feature flags.
    FLAGS = 10
    /// Whom to call.
    CONTACTS = 11
    /// Who signs.
    SIGNOFF = 12
    /// Messages and their readers.
    COMMS = 13
    /// Message bodies.
    TEMPLATE = 14
    /// What could go wrong.
    RISK = 15
    /// Incident response.
    INCIDENT = 16
    /// Known kinds of incident.
    SCENARIO = 17
    /// Paths to ask.
    ENDPOINT = 18
    /// Log lines.
    LOGS = 19
    /// How to deploy.
    DEPLOY = 20
    /// While it is being deployed.
    DURING = 21
    /// Other documents.
    REFERENCE = 22
    /// Estimates, load, capacity: numbers that are no limits.
    ESTIMATE = 23
    /// Severity classes.
    SEVERITY = 24
    /// Goals and background: prose.
    BRIEF = 25
    /// Go or no go.
    GATE = 26
    /// What to tick: "Checklist".
    CHECKLIST = 27
    /// Symptoms of a scenario.
    SYMPTOMS = 28
    /// What to do: "Actions", "Steps".
    ACTIONS = 29
    /// How to recover.
    RECOVER = 30
    /// What should be ready, without saying by when: "Training".
    READY = 31
}

type Index = HashMap<&'static str, Vec<(&'static str, Topics)>>;

/// Phrases by their first word.
static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index::with_capacity(1024);
    for Phrase { topic, words } in vocabulary::phrases() {
        let first = words.split(' ').next().unwrap_or(words);
        let key = first.strip_suffix('*').map_or(first, prefix);
        index.entry(key).or_default().push((words, topic));
    }
    index
});

/// Words that end in `*` are found by their first four letters.
fn prefix(word: &str) -> &str {
    word.char_indices().nth(4).map_or(word, |(at, _)| &word[..at])
}

/// What `title` is about; no phrase reaches over a bracket or colon.
pub(crate) fn classify(title: &str) -> Topics {
    let asked = condition(title);
    if asked != NONE {
        return asked;
    }
    title.split(['(', ')', '（', '）', ':', '：', '|']).fold(NONE, |topics, part| topics.and(of_part(part)))
}

/// "Stop rolling if", "Promote to the next ring when": a verb first, and last what opens a list of conditions.
fn condition(title: &str) -> Topics {
    const OPENS: &[&str] = words! { "if" "when" "wenn" "sobald" "si" "se" "quando" "cuando" "unless" };
    const VERBS: [(&[&str], Topics); 3] = [
        (
            words! {
                "stop" "abort" "halt" "revert" "pause" "rollback" "roll" "back" "abbrechen" "stoppen" "arrêter"
                "detener" "parar" "reverter" "revertir" "immediately" "no-go" "nogo"
            },
            TRIGGER,
        ),
        (words! { "promote" "proceed" "advance" "continue" "exit" "graduate" "go" "move" "widen" }, SUCCESS),
        (words! { "page" "alert" "notify" "warn" "alarm" "escalate" "wake" }, ALERT),
    ];
    let first = title.split_whitespace().next().unwrap_or("");
    let last = title.trim_end_matches([':', '…', '.', ' ', '*']).rsplit(' ').next().unwrap_or("");
    if title.len() > 80 || first == last || !OPENS.iter().any(|word| last.eq_ignore_ascii_case(word)) {
        return NONE;
    }
    let first = first.to_lowercase();
    if first == "go" && title.split_whitespace().nth(1).is_some_and(|w| w.eq_ignore_ascii_case("back")) {
        return TRIGGER;
    }
    VERBS.iter().find(|(verbs, _)| verbs.contains(&first.as_str())).map_or(NONE, |(_, topics)| *topics)
}

/// What a sentence that begins with such a condition is about: "Exit when the error rate is under 1%".
pub(crate) fn asked(text: &str) -> Topics {
    let words = text.split_inclusive(' ').take(5);
    let mut end = 0;
    for word in words {
        end += word.len();
        let found = condition(&text[..end]);
        if found != NONE {
            return found;
        }
    }
    NONE
}

/// What a title is about that is one word of time: "After", "7. Danach".
fn alone(folded: &str) -> Topics {
    const WORDS: [(&[&str], Topics); 2] = [
        (
            words! { "after" "afterwards" "danach" "nachher" "après" "ensuite" "después" "depois" "その後" "之后" "이후" },
            AFTER,
        ),
        (words! { "before" "beforehand" "vorher" "avant" "antes" "事前" "之前" "이전" }, PREFLIGHT),
    ];
    let word = folded.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    WORDS.iter().find(|(words, _)| words.contains(&word)).map_or(NONE, |(_, topics)| *topics)
}

fn of_part(part: &str) -> Topics {
    let folded = fold(part);
    if alone(&folded) != NONE {
        return alone(&folded);
    }
    // "(about 1 hour)" is a span, not what the section is about.
    let spanned = folded.strip_prefix("about ").filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let folded = spanned.map_or(folded.clone(), str::to_owned);
    let mut topics = NONE;
    let mut rest = folded.as_str();
    while !rest.is_empty() {
        let (used, found) = longest(rest);
        topics = topics.and(found);
        let used = if used == 0 { first_word(rest).len() } else { used };
        rest = rest[used..].trim_start();
    }
    let topics = if folded.chars().any(is_wide) { topics.and(wide(&folded)) } else { topics };
    if topics.any(ROLLBACK) { how_or_when(&folded, topics) } else { topics }
}

/// "Scenarios that call for a rollback", "Auto-rollback conditions": when to go back, not how; "Do not roll back for" is neither.
fn how_or_when(folded: &str, topics: Topics) -> Topics {
    let (first, last) = (first_word(folded), folded.rsplit(' ').next().unwrap_or(""));
    let listed = folded.strip_suffix(last).is_some_and(|rest| rest.ends_with("and "));
    if DO_NOT.iter().any(|not| folded.starts_with(not)) {
        BRIEF
    } else if first == "before" || has_any(folded, SAVED) && !has_any(folded, BROUGHT_BACK) {
        topics.less(ROLLBACK).and(PREFLIGHT)
    } else if sentence_of_when(folded)
        || ASKS_WHEN.contains(&first)
        || !listed && ENDS_IN_WHEN.contains(&last)
        || has_any(folded, CALLS_FOR)
    {
        topics.less(ROLLBACK).and(TRIGGER)
    } else {
        topics
    }
}

/// "Se debe ejecutar un rollback si tras un despliegue se detecta": longer than a title, with an "if".
fn sentence_of_when(folded: &str) -> bool {
    folded.split(' ').count() >= 8
        && has_any(folded, &["if", "when", "si", "wenn", "falls", "quando", "cuando"])
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

/// The longest phrase that `rest` begins with: its bytes and its topics.
fn longest(rest: &str) -> (usize, Topics) {
    let word = first_word(rest);
    let keys = [word, prefix(word)];
    let keys = keys.iter().take(1 + usize::from(keys[0] != keys[1]));
    let mut best = (0, NONE);
    for (phrase, topic) in keys.filter_map(|key| INDEX.get(key)).flatten() {
        let used = begins(rest, phrase);
        match used.cmp(&best.0) {
            _ if used == 0 => {}
            std::cmp::Ordering::Greater => best = (used, *topic),
            std::cmp::Ordering::Equal => best.1 = best.1.and(*topic),
            std::cmp::Ordering::Less => {}
        }
    }
    best
}

/// How many bytes of `rest` the phrase takes; 0 where it does not begin so.
fn begins(rest: &str, phrase: &str) -> usize {
    match phrase.strip_suffix('*') {
        Some(start) if rest.starts_with(start) => start.len() + first_word(&rest[start.len()..]).len(),
        None if rest.starts_with(phrase)
            && matches!(rest.as_bytes().get(phrase.len()), None | Some(b' ')) =>
        {
            phrase.len()
        }
        _ => 0,
    }
}

/// Scripts without spaces: the longest phrases contained, none inside another.
fn wide(folded: &str) -> Topics {
    let mut topics = NONE;
    let mut rest = folded.replace(' ', "");
    for Phrase { topic, words } in vocabulary::wide_phrases() {
        if rest.contains(words) {
            topics = topics.and(topic);
            rest = rest.replace(words, "\u{1}");
        }
    }
    topics
}

/// Gives every heading and label of `outline` its topics, and items that hold others below a bold lead.
pub(crate) fn assign(outline: &mut Outline) {
    let title = document_title(outline);
    for i in 1..outline.scopes.len() {
        let scope = &outline.scopes[i];
        let spoken = match scope.kind {
            ScopeKind::Root => false,
            ScopeKind::Heading(_) => Some(i) != title,
            ScopeKind::Label => true,
            ScopeKind::Item => scope.end > scope.first,
        };
        if spoken {
            let of_time = if is_of_time(&scope.title) { CONTACTS } else { NONE };
            outline.scopes[i].topics = classify(&outline.scopes[i].title).less(spare(scope)).less(of_time);
        }
    }
    name_the_way(outline);
    if title_of_way(outline).is_some() {
        for scope in &mut outline.scopes[1..] {
            let folded = fold(&scope.title);
            if USED_WHEN.iter().any(|when| folded.starts_with(when)) {
                scope.topics = TRIGGER;
            }
        }
    }
}

/// "Rollback triggers & procedure" > "Procedure": the part that says how, beside the one that says when.
fn name_the_way(outline: &mut Outline) {
    const HOW: &[&str] = words! {
        "procedure" "procedures" "steps" "process" "how" "plan" "procedimiento" "procedimento" "procédure"
        "ablauf" "vorgehen" "schritte" "pasos" "passos" "étapes"
    };
    for i in 1..outline.scopes.len() {
        let here = &outline.scopes[i];
        let around = here.parent.map(|p| &outline.scopes[p]).filter(|p| p.topics.any(TRIGGER));
        let Some(around) = around.filter(|_| matches!(here.kind, ScopeKind::Heading(_))) else { continue };
        let titled = |title: &str| has_any(&fold(title), HOW);
        let back = classify_words(&around.title).any(ROLLBACK) && titled(&around.title);
        let plain = fold(&here.title).split(' ').count() <= 2 && titled(&here.title);
        if back && plain && !here.topics.any(TRIGGER) {
            outline.scopes[i].topics = here.topics.and(ROLLBACK);
        }
    }
}

/// What the words of a title are about one by one.
fn classify_words(title: &str) -> Topics {
    fold(title).split(' ').fold(NONE, |topics, word| topics.and(longest(word).1))
}

/// The document's own title where that is about a way back and nothing else.
pub(crate) fn title_of_way(outline: &Outline) -> Option<usize> {
    let scope = document_title(outline)?;
    let title = &outline.scopes[scope].title;
    let topics = classify(title);
    let other = PHASES.and(DEPLOY).and(SUCCESS).and(MONITOR).and(COMMS).and(TRIGGER);
    let named = has_any(&fold(title), &["incident", "rate", "test", "testing", "drill", "history"]);
    (topics.any(ROLLBACK) && !topics.any(other) && !named).then_some(scope)
}

/// "Day 1: Internal team only" says when somebody gets it, and not whom to call.
fn is_of_time(title: &str) -> bool {
    const PEOPLE: &[&str] = words! { "level" "tier" "group" "region" "block" "part" "lot" };
    let mark = super::ordinal::ordinal(title);
    mark.is_some_and(|o| o.separated && !PEOPLE.contains(&o.word.as_str()))
}

/// "Production rollout is blocked unless:" only speaks of the rollout, "Anyone on call may pull it:" of people.
fn spare(scope: &Scope) -> Topics {
    let sentence = scope.kind == ScopeKind::Label && scope.title.split_whitespace().count() > 5;
    if sentence { PHASES.and(CONTACTS).and(SIGNOFF) } else { NONE }
}

/// The scope of the document's own title: a first heading of level one, the only one of that level.
pub(crate) fn document_title(outline: &Outline) -> Option<usize> {
    let mut headings = outline.scopes.iter().enumerate().filter_map(|(i, s)| match s.kind {
        ScopeKind::Heading(level) => Some((i, level)),
        _ => None,
    });
    let (first, _) = headings.next().filter(|(_, level)| *level == 1)?;
    headings.all(|(_, level)| level > 1).then_some(first)
}
