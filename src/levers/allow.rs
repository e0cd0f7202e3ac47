//! The executable set: everything of a plan and its binding that can reach outside, and nothing else.
//! Pure.
//!
//! Its digest is what somebody allows. A changed word, tick or limit leaves it as it is; a changed
//! command, address or query does not.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::blanks;
use super::curl;
use super::exact::{address, host};
use super::hex;
use super::programs::{self, Target};
use super::providers::{self, Reach};
use super::veil::veiled;
use super::words::script;
use crate::plan::binding::{
    Binding, Blank, FlagBinding, ProcedureBinding, Provider, SilenceUse, Source, SourceKind, TwoPeople,
    Verify, normal,
};
use crate::plan::{Plan, Procedure};
use crate::text;

/// One thing that can reach outside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum What {
    /// A command of the plan.
    Command {
        /// The fence's language.
        language: String,
        /// The exact text.
        text: String,
    },
    /// What a source is asked again and again.
    Poll {
        /// How: "prometheus", "http".
        source: String,
        /// Where.
        url: String,
        /// What; empty for a source that no signal uses.
        query: String,
    },
    /// A secret that is fetched and sent.
    Secret {
        /// Where it is kept: "env:TOKEN", "cmd:…".
        kept: String,
        /// Whom it is sent to.
        url: String,
        /// In which words: the user and tenant beside it.
        user: String,
    },
    /// A switch.
    Flag {
        /// The plan's flag.
        name: String,
        /// Where it is read.
        read: String,
        /// Where it is written.
        write: String,
        /// What else decides what is sent or written; empty for a plain PUT of the value.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        how: String,
    },
    /// How a procedure's commands are run; without a title, those of all.
    Procedure {
        /// Its heading.
        title: String,
        /// Where.
        cwd: String,
        /// The variables they get, by name.
        env: String,
        /// What proves it.
        verify: String,
        /// Seconds that a step may take; empty where the usual time.
        timeout: String,
        /// Who has to agree: "two people", "one person" against the room's rule, or as that says.
        agree: String,
    },
    /// Where the plan's requests without a host go.
    Base {
        /// Scheme and host.
        url: String,
    },
    /// What is fetched for a blank of the plan's commands.
    Blank {
        /// The blank.
        name: String,
        /// Where its value is kept: "env:PREVIOUS".
        kept: String,
    },
}

/// A thing and where it stands. The place is for people: it does not count for the digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is.
    #[serde(flatten)]
    pub what: What,
    /// The procedure it belongs to, counted among those that have commands; none for the binding.
    pub procedure: Option<usize>,
    /// The procedure's heading, the signal's or the source's name.
    pub place: String,
    /// Its line in the plan; 0 for the binding.
    pub line: usize,
}

/// Everything of a plan and its binding that can reach outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExecutableSet {
    parts: Vec<Part>,
}

/// What another set has more and less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<'a> {
    /// In this set only.
    pub added: Vec<&'a Part>,
    /// In the old one only.
    pub removed: Vec<&'a Part>,
    /// The same things, in another order or in other procedures.
    pub moved: bool,
}

impl Difference<'_> {
    /// Whether nothing changed that counts.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && !self.moved
    }
}

impl ExecutableSet {
    /// The set of a plan and its binding: commands in the order of the plan, then the binding's parts.
    pub fn of(plan: &Plan, binding: &Binding) -> Self {
        let with_commands = plan.procedures.iter().filter(|p| !commands(p).is_empty());
        let mut parts: Vec<Part> = with_commands.enumerate().flat_map(|(n, p)| of_procedure(n, p)).collect();
        let binding = &binding.reachable();
        let mut bound = polls(binding);
        bound.extend(secrets(binding));
        bound.extend(flags(binding));
        bound.extend(ways(plan, binding));
        bound.sort_by(|a, b| a.what.cmp(&b.what));
        bound.dedup_by(|a, b| a.what == b.what);
        parts.extend(bound);
        Self { parts }
    }

    /// Its parts.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// `sha256:` and the digest of what counts.
    pub fn digest(&self) -> String {
        let mut sum = Sha256::new();
        sum.update(b"warroom-allow-v1\0");
        for (place, what) in self.counted() {
            let place = place.map_or(String::new(), |n| n.to_string());
            for field in std::iter::once(place.as_str()).chain(fields(what)) {
                sum.update((field.len() as u64).to_le_bytes());
                sum.update(field);
            }
        }
        format!("sha256:{}", hex(&sum.finalize()))
    }

    /// What changed since an older set.
    pub fn diff<'a>(&'a self, old: &'a Self) -> Difference<'a> {
        let added = beyond(self, old);
        let removed = beyond(old, self);
        let moved = added.is_empty() && removed.is_empty() && self.digest() != old.digest();
        Difference { added, removed, moved }
    }

    fn counted(&self) -> impl Iterator<Item = (Option<usize>, &What)> {
        self.parts.iter().map(|p| (p.procedure, &p.what))
    }
}

impl Part {
    /// The exact text, one line each, in a form in which no character hides.
    pub fn shown(&self) -> Vec<String> {
        let line = |parts: &[&str]| text::exact(&parts.join(" "));
        match &self.what {
            What::Command { text, .. } => text::exact(text),
            What::Poll { source, url, query } => line(&[source, url, query]),
            What::Secret { kept, url, user } if user.is_empty() => line(&[kept, "sent to", url]),
            What::Secret { kept, url, user } => line(&[kept, "sent to", url, "as", user]),
            What::Flag { read, write, how, .. } if how.is_empty() => {
                [line(&["GET", read]), line(&["PUT", write, "{\"value\":…}"])].concat()
            }
            What::Flag { read, write, how, .. } => {
                [line(&["read", read]), line(&["write", write]), text::exact(how)].concat()
            }
            What::Procedure { cwd, env, verify, timeout, agree, .. } => {
                let told =
                    [("in", cwd), ("with", env), ("verify", verify), ("seconds", timeout), ("by", agree)];
                let told = told.iter().filter(|(_, text)| !text.is_empty());
                told.flat_map(|(word, text)| line(&[word, text])).collect()
            }
            What::Base { url } => line(&["requests without a host go to", url]),
            What::Blank { name, kept } => line(&[&format!("[{name}]"), "is", kept]),
        }
    }

    /// Whether it holds characters that a reader could not see.
    pub fn has_hidden(&self) -> bool {
        fields(&self.what).into_iter().any(text::has_hidden)
    }

    /// Whom it reaches, as far as it says so.
    pub fn hosts(&self) -> BTreeSet<String> {
        match &self.what {
            What::Command { text, .. } => named(text).collect(),
            What::Flag { read, write, how, .. } if runs(how) => named(read).chain(named(write)).collect(),
            What::Poll { url, .. } | What::Secret { url, .. } | What::Base { url } => {
                host_of(url).into_iter().collect()
            }
            What::Flag { read, write, .. } => [read, write].iter().filter_map(|u| host_of(u)).collect(),
            What::Procedure { .. } | What::Blank { .. } => BTreeSet::new(),
        }
    }

    /// The variables a command reads, by name.
    pub fn variables(&self) -> BTreeSet<String> {
        match &self.what {
            What::Command { text, .. } => script(text).reads,
            What::Secret { kept, .. } => kept.strip_prefix("env:").map(str::to_owned).into_iter().collect(),
            What::Procedure { env, .. } => env.split_whitespace().map(str::to_owned).collect(),
            What::Blank { kept, .. } => kept.strip_prefix("env:").map(str::to_owned).into_iter().collect(),
            What::Flag { read, write, how, .. } if runs(how) => {
                let mut reads = script(read).reads;
                reads.extend(script(write).reads);
                reads.remove(providers::VALUE);
                reads
            }
            What::Poll { .. } | What::Flag { .. } | What::Base { .. } => BTreeSet::new(),
        }
    }
}

/// Whether a flag is read and written by commands.
fn runs(how: &str) -> bool {
    how.starts_with("sh -eu")
}

/// The hosts that a command names.
fn named(text: &str) -> impl Iterator<Item = String> {
    programs::read(&script(text)).targets.into_iter().filter_map(|t| match t {
        Target::Host(host) => Some(host),
        Target::NoHost(_) | Target::Variable(_) => None,
    })
}

fn host_of(url: &str) -> Option<String> {
    host(&address(url).ok()?)
}

fn fields(what: &What) -> Vec<&str> {
    match what {
        What::Command { language, text } => vec!["command", language, text],
        What::Poll { source, url, query } => vec!["poll", source, url, query],
        What::Secret { kept, url, user } => vec!["secret", kept, url, user],
        What::Flag { name, read, write, how } if how.is_empty() => vec!["flag", name, read, write],
        What::Flag { name, read, write, how } => vec!["flag how", name, read, write, how],
        What::Procedure { title, cwd, env, verify, timeout, agree } => {
            vec!["procedure", title, cwd, env, verify, timeout, agree]
        }
        What::Base { url } => vec!["base", url],
        What::Blank { name, kept } => vec!["blank", name, kept],
    }
}

/// The parts of `one` that `other` has not, as often as it has them more.
fn beyond<'a>(one: &'a ExecutableSet, other: &ExecutableSet) -> Vec<&'a Part> {
    let mut left: Vec<&What> = other.parts.iter().map(|p| &p.what).collect();
    let new = |part: &&Part| match left.iter().position(|w| **w == part.what) {
        Some(at) => {
            left.swap_remove(at);
            false
        }
        None => true,
    };
    one.parts.iter().filter(new).collect()
}

/// All commands of a procedure in the order of the plan.
fn commands(procedure: &Procedure) -> Vec<&crate::plan::Command> {
    let mut all: Vec<_> =
        procedure.steps.iter().flat_map(|s| &s.commands).chain(&procedure.commands).collect();
    all.sort_by_key(|c| c.line);
    all
}

fn of_procedure(number: usize, procedure: &Procedure) -> Vec<Part> {
    let part = |command: &crate::plan::Command| Part {
        what: What::Command { language: command.language.clone(), text: command.text.clone() },
        procedure: Some(number),
        place: text::clean(&procedure.title).into_owned(),
        line: command.line,
    };
    commands(procedure).into_iter().map(part).collect()
}

fn polls(binding: &Binding) -> Vec<Part> {
    let used = |s: &&Source| binding.signals.iter().any(|signal| signal.source == s.name);
    let asked = |s: &Source| s.kind != SourceKind::Manual;
    let idle = binding.sources.iter().filter(|s| asked(s) && !used(s));
    let mut all: Vec<Part> = idle.map(|s| bound(poll(s, "", &binding.room.cwd), &s.name)).collect();
    all.extend(binding.signals.iter().filter_map(|signal| {
        let source = binding.source(&signal.source).filter(|s| asked(s))?;
        Some(bound(poll(source, &signal.query, &binding.room.cwd), &signal.name))
    }));
    all
}

fn poll(source: &Source, query: &str, cwd: &str) -> What {
    // What stands for the address of a source that has none: what is run, or what is read.
    let path = source.path.as_deref().filter(|_| source.kind == SourceKind::Json).unwrap_or_default();
    let url = match (&source.command, &source.file) {
        _ if !source.url.is_empty() => veiled(&(source.url.clone() + path)),
        (Some(line), _) => run(line, cwd, &source.env),
        (None, Some(file)) => file.clone(),
        (None, None) => String::new(),
    };
    let kind = source.kind.word().to_owned();
    // What writes is another thing than what reads.
    let kind = if source.silences == SilenceUse::Write { kind + " (writes silences)" } else { kind };
    let query = if source.kind == SourceKind::Http { veiled(query) } else { query.to_owned() };
    What::Poll { source: kind, url, query }
}

/// A command with all that decides what it does.
fn run(line: &str, cwd: &str, env: &[String]) -> String {
    let cwd = if cwd.is_empty() { String::new() } else { format!("; in {cwd}") };
    let env = if env.is_empty() { String::new() } else { format!("; with {}", env.join(" ")) };
    format!("{line}{cwd}{env}")
}

fn secrets(binding: &Binding) -> Vec<Part> {
    let what = |source: &Source| {
        let user = source.user.clone().unwrap_or_default();
        let both = source.auth.iter().chain(&source.app_auth);
        let part = |kept: &crate::plan::binding::Secret| {
            let (kept, url, user) = (kept.to_string(), veiled(&source.url), user.clone());
            bound(What::Secret { kept, url, user }, &source.name)
        };
        both.map(part).collect::<Vec<_>>()
    };
    binding.sources.iter().flat_map(what).collect()
}

fn flags(binding: &Binding) -> Vec<Part> {
    let of = |flag: &FlagBinding| {
        let Reach { read, write, how } = providers::reach(flag);
        let (name, read, write) = match flag.provider {
            // A command is shown whole: what is hidden in it could not be allowed.
            Provider::Command => (flag.name.clone(), read, write),
            _ => (flag.name.clone(), veiled(&read), veiled(&write)),
        };
        let sent = |kept: String| What::Secret { kept, url: write.clone(), user: String::new() };
        let mut all: Vec<What> = providers::secrets(flag).into_iter().map(sent).collect();
        all.extend(flag.verify.as_ref().map(|Verify::Ofrep(url)| What::Poll {
            source: "ofrep".to_owned(),
            url: veiled(url),
            query: flag.key().to_owned(),
        }));
        all.push(What::Flag { name, read, write, how });
        all.into_iter().map(|what| bound(what, &flag.name)).collect::<Vec<_>>()
    };
    let people = binding.flags.iter().filter(|f| binding.flag_takes_two(f)).map(|f| {
        let about =
            ProcedureBinding { title: f.name.clone(), two_people: Some(true), ..ProcedureBinding::default() };
        bound(way(&about), &f.name)
    });
    binding.flags.iter().flat_map(of).chain(people).collect()
}

/// How the plan's commands are run, as far as the binding says anything of it. Plain texts of blanks
/// are data: they arrive as one argument each, and are confirmed with the command.
fn ways(plan: &Plan, binding: &Binding) -> Vec<Part> {
    let runs = |title: &str| plan.procedures.iter().any(|p| normal(&p.title) == normal(title));
    let two_people = (binding.room.two_people == TwoPeople::Dangerous).then_some(true);
    let cwd = binding.room.cwd.clone();
    let of_all = ProcedureBinding { cwd, two_people, ..ProcedureBinding::default() };
    let commands = plan.procedures.iter().any(|p| !commands(p).is_empty());
    let all = std::iter::once(&of_all).filter(|_| commands);
    let all = all.chain(binding.procedures.iter().filter(|p| runs(&p.title)));
    let says = |p: &&ProcedureBinding| {
        ProcedureBinding { title: String::new(), ..(*p).clone() } != ProcedureBinding::default()
    };
    // Saying that one person is enough where nothing else says two changes nothing.
    let alone = |p: &ProcedureBinding| {
        let free = p.two_people == Some(false) && two_people.is_none();
        if free { ProcedureBinding { two_people: None, ..p.clone() } } else { p.clone() }
    };
    let mut parts: Vec<Part> =
        all.map(alone).filter(|p| says(&p)).map(|p| bound(way(&p), &p.title)).collect();
    let kept = binding.blanks.iter().filter(|_| commands).filter_map(|(name, blank)| match blank {
        Blank::Kept(secret) => Some(What::Blank { name: name.clone(), kept: secret.to_string() }),
        Blank::Open | Blank::Text(_) => None,
    });
    parts.extend(kept.map(|what| bound(what, "blank")));
    let url = &binding.room.base_url;
    let based = !url.is_empty() && plan.procedures.iter().any(|p| lines(p, binding).any(|l| is_based(&l)));
    parts.extend(based.then(|| bound(What::Base { url: url.clone() }, "room")));
    parts
}

/// The texts that a procedure runs: its commands, and what proves it.
fn lines(procedure: &Procedure, binding: &Binding) -> impl Iterator<Item = String> {
    let wanted = normal(&procedure.title);
    let own = binding.procedures.iter().filter(move |p| normal(&p.title) == wanted).map(|p| p.verify.clone());
    let filled = |c: &crate::plan::Command| {
        blanks::fill(&c.text, &c.placeholders).map_or_else(|_| c.text.clone(), |(text, _)| text)
    };
    commands(procedure).into_iter().map(filled).chain(own).collect::<Vec<_>>().into_iter()
}

/// Whether a text is a request whose host the binding says.
fn is_based(text: &str) -> bool {
    matches!(curl::request(text, ""), Some(Err(_)))
}

fn way(procedure: &ProcedureBinding) -> What {
    let mut env = procedure.env.clone();
    env.sort();
    What::Procedure {
        title: procedure.title.clone(),
        cwd: procedure.cwd.clone(),
        env: env.join(" "),
        verify: procedure.verify.clone(),
        timeout: procedure.timeout.map(|s| s.to_string()).unwrap_or_default(),
        agree: match procedure.two_people {
            Some(true) => "two people".to_owned(),
            Some(false) => "one person".to_owned(),
            None => String::new(),
        },
    }
}

fn bound(what: What, place: &str) -> Part {
    Part { what, procedure: None, place: text::clean(place).into_owned(), line: 0 }
}
