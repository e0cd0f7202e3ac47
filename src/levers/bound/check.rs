//! What types cannot say of a binding: names that are taken or missing, addresses that are none,
//! numbers that cannot be meant. Each fault stands at the key it is about. Pure.

use std::collections::HashSet;
use std::ops::Range;

use toml::de::DeTable;

use super::super::exact::{address, header_name};
use super::super::providers::{VALUE, references};
use super::super::words::script;
use super::Faults;
use crate::plan::binding::{
    Binding, ChannelKind, Correct, FlagBinding, Provider, RuleBinding, Secret, Signal, SilenceUse, Source,
    SourceKind, Verify, is_telling,
};
use crate::signal::Formula;

/// Looks at everything.
pub(super) fn check(binding: &Binding, table: &DeTable<'_>, faults: &mut Faults<'_>) {
    let mut looker = Looker { table, faults, seen: HashSet::new() };
    looker.room(binding);
    binding.sources.iter().enumerate().for_each(|(n, source)| looker.source(n, source));
    binding.signals.iter().enumerate().for_each(|(n, signal)| looker.signal(n, signal, binding));
    binding.rules.iter().enumerate().for_each(|(n, rule)| looker.rule(n, rule, binding));
    binding.flags.iter().enumerate().for_each(|(n, flag)| looker.flag(n, flag));
    for (n, procedure) in binding.procedures.iter().enumerate() {
        looker.once("procedure", n, "title", &procedure.title);
    }
    for (n, channel) in binding.channels.iter().enumerate() {
        looker.once("channel", n, "name", &channel.name);
        let wants = matches!(channel.kind, ChannelKind::Terminal | ChannelKind::Clipboard);
        if wants && channel.url.is_some() {
            looker.at("channel", n, "url", format!("{}: this kind of channel has no url", channel.name));
        }
    }
    binding.corrections.iter().enumerate().for_each(|(n, correct)| looker.correct(n, correct));
}

struct Looker<'a, 'b, 'c> {
    table: &'a DeTable<'b>,
    faults: &'a mut Faults<'c>,
    seen: HashSet<(&'static str, String)>,
}

impl Looker<'_, '_, '_> {
    /// The place of a key of an entry, else of the entry.
    fn place(&self, section: &str, n: usize, key: &str) -> Option<Range<usize>> {
        let entry = self.table.get(section)?.get_ref().as_array()?.get(n)?;
        let value = entry.get_ref().as_table().and_then(|t| t.get(key));
        Some(value.map_or_else(|| entry.span(), |v| v.span()))
    }

    fn at(&mut self, section: &str, n: usize, key: &str, what: String) {
        let place = self.place(section, n, key);
        self.faults.at(place, what);
    }

    fn at_room(&mut self, key: &str, what: String) {
        let room = self.table.get("room").and_then(|r| r.get_ref().as_table());
        let place = room.and_then(|room| room.get(key)).map(|value| value.span());
        self.faults.at(place, what);
    }

    fn once(&mut self, section: &'static str, n: usize, key: &str, name: &str) {
        if name.trim().is_empty() {
            self.at(section, n, key, format!("a {section} has no {key}"));
        } else if !self.seen.insert((section, name.to_owned())) {
            self.at(section, n, key, format!("there is a {section} called {name} already"));
        }
    }

    fn room(&mut self, binding: &Binding) {
        let room = &binding.room;
        if !room.zone.is_empty() && room.zone.parse::<chrono_tz::Tz>().is_err() {
            let what = format!("zone: {} is no zone; write one as IANA does, \"Europe/Berlin\"", room.zone);
            self.at_room("zone", what);
        }
        if let Some(why) = wrong_address(&room.base_url) {
            self.at_room("base_url", format!("base_url: {why}"));
        }
    }

    fn source(&mut self, n: usize, source: &Source) {
        self.once("source", n, "name", &source.name);
        let name = &source.name;
        for (key, seconds) in [("every", Some(source.every)), ("timeout", source.timeout)] {
            if seconds.is_some_and(|s| !(s.is_finite() && s > 0.0)) {
                self.at("source", n, key, format!("{name}: {key} has to be more than 0 seconds"));
            }
        }
        if let Some(why) = wrong_url(source) {
            self.at("source", n, "url", format!("{name}: {why}"));
        }
        for (key, wanted) in foreign_keys(source) {
            self.at("source", n, key, format!("{name}: {key} is for a source of kind {wanted}"));
        }
        if source.command.is_some() && source.file.is_some() {
            self.at("source", n, "file", format!("{name}: has a file and a command; one of them is enough"));
        }
        if source.env.iter().any(|name| !is_variable(name)) {
            let what = format!("{name}: env names variables, not their values: env = [\"KUBECONFIG\"]");
            self.at("source", n, "env", what);
        }
        if source.user.is_some() && source.auth.is_none() {
            self.at(
                "source",
                n,
                "user",
                format!("{name}: a user without auth; say where the password is kept"),
            );
        }
    }

    fn signal(&mut self, n: usize, signal: &Signal, binding: &Binding) {
        self.once("signal", n, "name", &signal.name);
        let name = &signal.name;
        if !signal.source.is_empty() && binding.source(&signal.source).is_none() {
            self.at("signal", n, "source", format!("{name}: there is no source {}", signal.source));
        }
        if signal.source.is_empty() && !signal.query.is_empty() {
            self.at("signal", n, "query", format!("{name}: has a query and names no source to ask"));
        }
        if let Some(formula) = &signal.derive {
            if !signal.source.is_empty() || !signal.query.is_empty() {
                self.at(
                    "signal",
                    n,
                    "derive",
                    format!("{name}: has a source and is derived; one of them is enough"),
                );
            }
            let wrong = formula.parse::<Formula>().map_or_else(Some, |f| f.fault(binding));
            if let Some(why) = wrong {
                self.at("signal", n, "derive", format!("{name}: {why}"));
            }
        }
        if !signal.scale.is_finite() || signal.scale == 0.0 {
            self.at("signal", n, "scale", format!("{name}: scale has to be a number other than 0"));
        }
    }

    fn rule(&mut self, n: usize, rule: &RuleBinding, binding: &Binding) {
        let of = &rule.of;
        if of.trim().is_empty() {
            self.at("rule", n, "of", "a rule does not say of which limit it is".to_owned());
        }
        let floor = rule.floor.as_ref().map(|f| ("floor", f.signal.as_str()));
        for (key, signal) in rule.signal.as_deref().map(|s| ("signal", s)).into_iter().chain(floor) {
            if binding.signal(signal).is_none() {
                self.at("rule", n, key, format!("{of}: there is no signal {signal}"));
            }
        }
        for (key, seconds) in
            [("for", rule.hold), ("keep_firing_for", rule.keep_firing_for), ("cooldown", rule.cooldown)]
        {
            if seconds.is_some_and(|s| !s.is_finite() || s < 0.0) {
                self.at("rule", n, key, format!("{of}: {key} cannot be less than 0 seconds"));
            }
        }
    }

    fn flag(&mut self, n: usize, flag: &FlagBinding) {
        self.once("flag", n, "name", &flag.name);
        let name = &flag.name;
        for (key, url) in [("read", &flag.read), ("write", &flag.write), ("url", &flag.url)] {
            let below = url.starts_with('/') && key != "url" || flag.provider == Provider::Command;
            if let Some(why) = wrong_address(url).filter(|_| !below) {
                self.at("flag", n, key, why);
            }
        }
        if let Some(why) = flag.verify.as_ref().and_then(|Verify::Ofrep(url)| address(url).err()) {
            self.at("flag", n, "verify", format!("{name}: {why}"));
        }
        for (key, whose) in flag.foreign_keys() {
            self.at("flag", n, key, format!("{name}: {key} is for flags kept by {whose}"));
        }
        self.sent(n, flag);
        self.lines(n, flag);
        if flag.rungs.iter().any(|r| !r.is_finite()) || flag.rungs.windows(2).any(|pair| pair[0] >= pair[1]) {
            self.at("flag", n, "rungs", format!("{name}: rungs have to go up"));
        }
    }

    /// What stands in the lines of a flag that commands keep.
    fn lines(&mut self, n: usize, flag: &FlagBinding) {
        if flag.provider != Provider::Command {
            return;
        }
        let name = &flag.name;
        for (key, line) in [("read", &flag.read), ("write", &flag.write)] {
            if let Some(why) = script(line).fault {
                self.at("flag", n, key, format!("{name}: a shell would not read this: {why}"));
            }
        }
        if !flag.write.is_empty() && !script(&flag.write).reads.contains(VALUE) {
            let what = format!("{name}: the line does not say what is set; write \"${VALUE}\" there");
            self.at("flag", n, "write", what);
        }
        if flag.env.iter().any(|name| !is_variable(name)) {
            let what = format!("{name}: env names variables, not their values: env = [\"KUBECONFIG\"]");
            self.at("flag", n, "env", what);
        }
        if flag.timeout.is_some_and(|s| !(s.is_finite() && s > 0.0)) {
            self.at("flag", n, "timeout", format!("{name}: timeout has to be more than 0 seconds"));
        }
    }

    /// What stands in a request of a plain HTTP flag.
    fn sent(&mut self, n: usize, flag: &FlagBinding) {
        let name = &flag.name;
        if flag.method.as_ref().is_some_and(|m| !["PUT", "POST", "PATCH", "DELETE"].contains(&m.as_str())) {
            self.at("flag", n, "method", format!("{name}: method is PUT, POST, PATCH or DELETE"));
        }
        if flag.body.as_ref().is_some_and(|b| !b.contains("{value}") && !b.contains("{on}")) {
            let what = format!("{name}: the body says nowhere what is set; write {{value}} or {{on}} there");
            self.at("flag", n, "body", what);
        }
        if flag.path.as_ref().is_some_and(|p| serde_json_path::JsonPath::parse(p).is_err()) {
            self.at("flag", n, "path", format!("{name}: path is none of RFC 9535, such as $.percentage"));
        }
        for header in &flag.headers {
            let kept: Vec<&str> = references(header).map(|(_, kept)| kept).collect();
            let wrong = kept.iter().find_map(|kept| kept.parse::<Secret>().err());
            let what = match header_name(header) {
                None => "a header reads \"Name: value\"".to_owned(),
                Some(word) if is_telling(word) && kept.is_empty() => {
                    format!("{word} holds a secret; write where it is kept: \"{word}: {{env:NAME}}\"")
                }
                Some(word) => match wrong {
                    Some(why) => format!("{word} {why}"),
                    None => continue,
                },
            };
            self.at("flag", n, "headers", format!("{name}: {what}"));
        }
    }

    fn correct(&mut self, n: usize, correct: &Correct) {
        let whole = |what: &str| format!("a correction {what}");
        if correct.line.is_none() && correct.lines.is_none() && correct.text.is_none() {
            self.at("correct", n, "", whole("names no line and no text"));
        }
        if correct.line.is_some() && correct.lines.is_some() {
            self.at("correct", n, "lines", whole("has line and lines; one of them is enough"));
        }
        if correct.line == Some(0) || correct.lines.is_some_and(|[first, last]| first == 0 || last < first) {
            self.at("correct", n, "lines", whole("names lines that no plan has; they count from 1"));
        }
        if correct.drop.is_none() && correct.set.is_none() {
            self.at("correct", n, "", whole("says neither drop nor set"));
        }
    }
}

fn is_variable(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn wrong_address(url: &str) -> Option<String> {
    if url.is_empty() { None } else { address(url).err() }
}

/// Addresses of HTTP are looked at closely; of others only that no password stands in them.
fn wrong_url(source: &Source) -> Option<String> {
    match source.kind {
        SourceKind::Prometheus
        | SourceKind::Http
        | SourceKind::Json
        | SourceKind::Datadog
        | SourceKind::Alertmanager => wrong_address(&source.url),
        SourceKind::Sql => {
            let host = source.url.split_once("://").map_or("", |(_, rest)| rest).split('/').next()?;
            let user = host.rsplit_once('@')?.0;
            let what = "an address carries a password; take it out and say in auth where it is kept";
            user.contains(':').then(|| what.to_owned())
        }
        SourceKind::Command | SourceKind::Log | SourceKind::Manual => None,
    }
}

/// Keys of a source that its kind has no use for.
fn foreign_keys(source: &Source) -> Vec<(&'static str, &'static str)> {
    use SourceKind as K;
    let table = [
        ("org", source.org.is_some(), K::Prometheus),
        ("app_auth", source.app_auth.is_some(), K::Datadog),
        ("expect", source.expect.is_some(), K::Http),
        ("silences", source.silences == SilenceUse::Write, K::Alertmanager),
        ("path", source.path.is_some(), K::Json),
        ("command", source.command.is_some() && source.kind != K::Log, K::Command),
        ("env", !source.env.is_empty() && source.kind != K::Log, K::Command),
        ("file", source.file.is_some(), K::Log),
    ];
    let foreign = table.into_iter().filter(|(_, there, kind)| *there && *kind != source.kind);
    foreign.map(|(key, _, kind)| (key, kind.word())).collect()
}
