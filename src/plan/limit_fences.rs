//! Limits in fences that hold no configuration: lists in `markdown`, comparisons in `promql`.
//!
//! Called by `limit_config`, which makes them limits.

use super::Role;
use super::config::Leaf;
use super::limit::scan;
use super::limit_config::Read;
use super::limit_query::compared;
use super::limits::{IN, Maker};
use super::outline::Block;
use super::topic::*;

impl Maker<'_> {
    /// The entries of a list in a `markdown` fence, the comparisons of a `promql` one, where limits are spoken of.
    pub(super) fn told(&mut self, block: &Block, query: bool) {
        const NOT: Topics = TEMPLATE.and(COMMS).and(REFERENCE);
        const SAID: Topics = IN.and(ROLLBACK);
        let around = self.outline.nearest(block.scope, SAID).map(|s| self.outline.scopes[s].topics);
        let Some(mut topics) = around.filter(|_| !self.outline.within(block.scope, NOT)) else { return };
        for (line, raw) in block.text().lines().enumerate().filter(|(_, raw)| raw.len() < 400) {
            let text = raw.trim();
            let entry = ["- [ ] ", "- [x] ", "- ", "* "].iter().find_map(|mark| text.strip_prefix(mark));
            let Some(said) = entry.or(query.then_some(text)) else {
                let own = classify(text.trim_matches(['#', '*', ':', ' ']));
                topics = if own.any(SAID) { own } else { topics };
                continue;
            };
            let leaf = Leaf { path: Vec::new(), value: said.to_owned(), line };
            let found = if query { compared(said).into_iter().collect() } else { scan(said) };
            for l in found.into_iter().filter(|l| l.sign && !l.metric.is_empty()) {
                let role = by_topics(topics);
                let read =
                    Read { metric: l.metric, cmp: l.cmp, value: l.value, unit: l.unit, hold: l.hold, role };
                self.add(block, raw, &leaf, read);
            }
        }
    }
}

/// What a limit is for by what is spoken of around it.
fn by_topics(topics: Topics) -> Role {
    if topics.any(TRIGGER.and(ROLLBACK)) {
        Role::Rollback
    } else if topics.any(ALERT.and(SEVERITY)) {
        Role::Alert
    } else if topics.any(SUCCESS.and(GATE)) {
        Role::Success
    } else {
        Role::Monitor
    }
}
