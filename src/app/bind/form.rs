//! A new source as somebody describes it: kind, name, place and where its secret is kept.

use super::line;
use crate::app::dialog::Prompt;
use crate::plan::binding::{Binding, Source, SourceKind};

/// The kinds that a new source can have.
pub const KINDS: [SourceKind; 8] = [
    SourceKind::Prometheus,
    SourceKind::Http,
    SourceKind::Json,
    SourceKind::Sql,
    SourceKind::Command,
    SourceKind::Log,
    SourceKind::Alertmanager,
    SourceKind::Manual,
];

/// A new source being described.
#[derive(Clone, Debug)]
pub struct Form {
    /// The chosen one of [`KINDS`].
    pub kind: usize,
    /// Its name.
    pub name: Prompt,
    /// Where it is.
    pub place: Prompt,
    /// Where its secret is kept.
    pub auth: Prompt,
    /// The field that takes the keys: 0 the kind, then the texts in order.
    pub field: usize,
    /// Why it was not taken.
    pub problem: Option<String>,
}

/// Where a source is, without whoever is named in front of a host.
pub fn whereabouts(source: &Source) -> String {
    let own = match source.kind {
        SourceKind::Command => source.command.as_deref(),
        SourceKind::Log => source.file.as_deref().or(source.command.as_deref()),
        SourceKind::Manual => Some("typed by people"),
        _ => None,
    };
    own.map_or_else(|| without_user(&source.url), str::to_owned)
}

fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    format!("{scheme}://{}{path}", host.rsplit_once('@').map_or(host, |(_, host)| host))
}

/// What the field for the place of a kind is called, and an example; none where it has no place.
pub fn place_of(kind: SourceKind) -> Option<(&'static str, &'static str)> {
    match kind {
        SourceKind::Manual => None,
        SourceKind::Command => Some(("command", "a shell line that prints a number")),
        SourceKind::Log => Some(("file", "/var/log/app.log")),
        SourceKind::Sql => Some(("url", "postgres://reader@host/db")),
        SourceKind::Prometheus => Some(("url", "https://prometheus.example.com")),
        _ => Some(("url", "https://shop.example.com")),
    }
}

/// What a query of a kind is called, and an example; none where there is none to write.
pub fn query_of(kind: SourceKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        SourceKind::Prometheus => ("query", "sum(rate(errors_total[5m]))"),
        SourceKind::Http => ("path", "/health, with #up #status or #latency behind it"),
        SourceKind::Json => ("field", "$.queue.depth"),
        SourceKind::Sql => ("query", "SELECT one number"),
        SourceKind::Command => ("field", "empty: the number that is printed"),
        SourceKind::Log => ("text", "what its lines are searched for, or /an expression/"),
        SourceKind::Datadog => ("query", "avg:system.load.1{*}"),
        SourceKind::Alertmanager => ("match", "severity=\"page\", or * for all"),
        SourceKind::Manual => return None,
    })
}

impl Form {
    pub(super) fn new() -> Self {
        let [name, place, auth] = ["", "", ""].map(line);
        Self { kind: 0, name, place, auth, field: 0, problem: None }
    }

    /// The chosen kind.
    pub fn kind(&self) -> SourceKind {
        KINDS[self.kind]
    }

    pub(super) fn text(&mut self) -> Option<&mut Prompt> {
        match self.field {
            1 => Some(&mut self.name),
            2 => Some(&mut self.place),
            3 => Some(&mut self.auth),
            _ => None,
        }
    }

    pub(super) fn go(&mut self, by: isize) {
        self.field = (self.field as isize + by).rem_euclid(4) as usize;
    }

    /// The source as described.
    pub(super) fn source(&self, known: &Binding) -> Result<Source, String> {
        let name = self.name.value().trim().to_owned();
        let (kind, place) = (self.kind(), self.place.value().trim().to_owned());
        if name.is_empty() {
            return Err("it needs a name".to_owned());
        }
        if known.source(&name).is_some() {
            return Err(format!("there is a source called {name} already"));
        }
        if without_user(&place) != place && kind != SourceKind::Sql {
            return Err("an address carries no user: its secret goes by reference".to_owned());
        }
        let mut source = Source { name, kind, every: 5.0, ..Source::default() };
        match (kind, place.is_empty()) {
            (SourceKind::Manual, _) => source.every = 3_600.0,
            (SourceKind::Http, true) if !known.room.base_url.is_empty() => {}
            (_, true) => return Err("say where it is".to_owned()),
            (SourceKind::Command, false) => source.command = Some(place),
            (SourceKind::Log, false) => source.file = Some(place),
            (_, false) => source.url = place,
        }
        let auth = self.auth.value();
        if !auth.trim().is_empty() {
            let secret = auth.trim().parse().map_err(|why: &str| format!("the secret {why}"))?;
            source.auth = Some(secret);
        }
        Ok(source)
    }
}
