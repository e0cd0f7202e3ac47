//! What is measured by people: the part of a binding that reaches nothing, and the signals that
//! somebody typed a value for. Pure.

use std::collections::HashSet;

use super::{Binding, Signal, Source, SourceKind};

/// The source of typed values that no binding speaks of.
const BY_HAND: &str = "typed";

impl Binding {
    /// Only what people measure: it needs nobody's leave, since it reaches nothing.
    #[must_use]
    pub fn by_hand(&self) -> Binding {
        let mut hand = self.reachable();
        hand.sources.retain(|s| s.kind == SourceKind::Manual);
        let known: HashSet<String> = hand.sources.iter().map(|s| s.name.clone()).collect();
        hand.signals.retain(|s| known.contains(&s.source));
        hand.flags.clear();
        hand
    }

    /// Whether a person types the values of a signal: its source says so, or it has none.
    pub fn is_typed(&self, name: &str) -> bool {
        self.signal(name).is_none_or(|signal| self.is_by_hand(signal))
    }

    /// As [`Binding::is_typed`], of a signal that is at hand.
    pub fn is_by_hand(&self, signal: &Signal) -> bool {
        let manual = |s: &Source| s.kind == SourceKind::Manual;
        signal.derive.is_none()
            && (signal.source.is_empty() || self.source(&signal.source).is_some_and(manual))
    }

    /// Where in `signals` the one of a name stands.
    pub fn place(&self, name: &str) -> Option<usize> {
        let found = self.signal(name)?;
        self.signals.iter().position(|s| std::ptr::eq(s, found))
    }

    /// With these signals too, typed by people where nothing measures them; what was there keeps its
    /// place. None where nothing is to be added.
    pub fn with_typed<'n>(&self, names: impl Iterator<Item = &'n str>) -> Option<Binding> {
        let new: Vec<&str> = names.filter(|name| self.signal(name).is_none()).collect();
        if new.is_empty() {
            return None;
        }
        let mut more = self.clone();
        if more.source(BY_HAND).is_none() {
            more.sources.push(Source::new(BY_HAND, SourceKind::Manual, "", 3_600.0));
        }
        more.signals.extend(new.into_iter().map(|name| Signal {
            name: name.to_owned(),
            source: BY_HAND.to_owned(),
            scale: 1.0,
            ..Signal::default()
        }));
        Some(more)
    }

    /// How long an unasked signal's value counts, in seconds; None for one that a source gives.
    pub fn typed_for(&self, signal: &Signal) -> Option<f64> {
        let source = self.source(&signal.source).filter(|s| s.kind == SourceKind::Manual)?;
        Some(if source.every < 60.0 { 3_600.0 } else { source.every })
    }
}
