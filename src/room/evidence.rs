//! What a gate saw: the items it asks, its criteria, alerts, what people said happened, flags, and the
//! plan. A vote is bound to the digest of it and lapses when it changes.
//!
//! Only facts of the journal count, so that every process comes to the same digest. Ages, values and
//! wordings that change by themselves are left out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fold::{Mark, Room};
use crate::plan::{Item, Phase, PhaseId, Threshold};
use crate::signal::bare_side;

/// How many open items are named to whoever has to say GO.
const SHOWN: usize = 4;

/// One thing that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// "item", "criterion", "limit", "alert", "happening", "blind" or "flag".
    pub kind: String,
    /// Which one.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How it stood.
    pub state: String,
}

/// What the gate of a phase saw at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The room.
    pub room: String,
    /// The phase.
    pub phase: PhaseId,
    /// The digest of the plan; editions that differ only in ticked boxes count as one.
    pub plan: String,
    /// Everything seen, in a fixed order.
    pub seen: Vec<Seen>,
}

impl Evidence {
    /// SHA-256 over all of it, as hex. Names too: what `warroom.toml` corrects, the plan's digest does not
    /// bind.
    pub fn digest(&self) -> String {
        let mut sum = Sha256::new_with_prefix(b"warroom-evidence-v2\0");
        let mut add = |text: &str| {
            sum.update((text.len() as u64).to_le_bytes());
            sum.update(text);
        };
        [self.room.as_str(), self.phase.as_str(), &self.plan].into_iter().for_each(&mut add);
        self.seen.iter().flat_map(|s| [&s.kind, &s.id, &s.name, &s.state]).for_each(|text| add(text));
        sum.finalize().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// What is otherwise now than it was in `before`, a sentence each.
    pub fn since(&self, before: &Evidence) -> Vec<String> {
        let index = |all: &Evidence| -> BTreeMap<(String, String), Seen> {
            all.seen.iter().map(|s| ((s.kind.clone(), s.id.clone()), s.clone())).collect()
        };
        let (was, is) = (index(before), index(self));
        let mut told = vec![];
        if self.plan != before.plan {
            told.push("the plan has changed".to_owned());
        }
        for (key, now) in &is {
            match was.get(key) {
                Some(old) if old.name != now.name => {
                    told.push(format!("{}: {}, was “{}”", now.name, shown(now), old.name));
                }
                Some(old) if old.state == now.state => {}
                Some(old) if shown(old) == shown(now) => {
                    told.push(format!("{}: {} again", now.name, shown(now)))
                }
                Some(old) => told.push(format!("{}: {}, was {}", now.name, shown(now), shown(old))),
                None => told.push(format!("{}: {}", now.name, shown(now))),
            }
        }
        let gone = was.iter().filter(|(key, _)| !is.contains_key(*key));
        told.extend(gone.map(|(_, old)| format!("{}: no longer {}", old.name, shown(old))));
        told
    }

    /// All of it in a few lines, for whoever has to say GO.
    pub fn told(&self) -> Vec<String> {
        let of = |kind: &'static str| self.seen.iter().filter(move |s| s.kind == kind);
        let (items, done) = (of("item").count(), of("item").filter(|s| s.state.starts_with("done")).count());
        let out = of("item").filter(|s| s.state.starts_with("na")).count();
        let mut lines = vec![match out {
            0 => format!("{done} of {items} items done"),
            out => format!("{done} of {items} items done, {out} not applicable"),
        }];
        let left = || of("item").filter(|s| s.state.starts_with("open") || s.state.starts_with("blocked"));
        lines.extend(left().take(SHOWN).map(|s| format!("  {}: {}", shown(s), s.name)));
        let more = left().count().saturating_sub(SHOWN);
        lines.extend((more > 0).then(|| format!("  and {more} more")));
        lines.extend(of("criterion").map(|s| format!("criterion {}: {}", s.name, shown(s))));
        lines.extend(of("alert").map(|s| format!("alert {}: {}", s.name, s.state)));
        lines.extend(of("happening").map(|s| format!("“{}” {}", s.name, shown(s))));
        lines.extend(of("blind").map(|s| format!("{}: {}", s.name, shown(s))));
        lines.extend(of("flag").map(|s| format!("flag {} {}", s.name, shown(s))));
        let short = self.plan.trim_start_matches("sha256:").chars().take(8).collect::<String>();
        lines.push(format!("plan {short}"));
        lines
    }
}

impl Room {
    /// What the gate of a phase sees now.
    pub fn evidence(&self, phase: &Phase) -> Evidence {
        let plan = if self.basis.is_empty() { &self.plan.digest } else { &self.basis };
        let mut seen: Vec<Seen> = self.asked(phase).map(|item| self.seen_item(item)).collect();
        seen.extend(self.findings(phase).map(|(limit, judged)| {
            let state = judged.map_or("not judged".to_owned(), |j| since(j.finding.word(), j.seq));
            seen_as("criterion", limit.id.as_str(), &limit.metric, &state)
        }));
        let limits = self.plan.thresholds.iter();
        seen.extend(limits.map(|l| seen_as("limit", l.id.as_str(), &l.metric, &limit_words(l))));
        seen.extend(self.seen_alerts());
        seen.extend(self.seen_happenings());
        seen.extend(self.seen_blind());
        seen.extend(
            self.footings.iter().map(|(flag, f)| seen_as("flag", flag, flag, &since(&f.value, f.seq))),
        );
        Evidence { room: self.name.clone(), phase: phase.id.clone(), plan: plan.clone(), seen }
    }

    fn seen_item(&self, item: &Item) -> Seen {
        let mark = self.mark(item);
        let set = self.item_state(&item.id).filter(|s| s.mark.is_some());
        let state = match set.and_then(|s| s.set.as_ref().map(|(by, _)| (by, s.seq))) {
            Some((by, seq)) => format!("{} by {by} (entry {seq})", mark.as_str()),
            None if mark == Mark::Done => "done in the plan".to_owned(),
            None => mark.as_str().to_owned(),
        };
        seen_as("item", item.id.as_str(), &item.text, &state)
    }

    /// Conditions that shut gates, those that are over too.
    fn seen_happenings(&self) -> impl Iterator<Item = Seen> {
        let shut = self.happenings.iter().filter(|h| self.keeps_shut(h));
        shut.map(|h| {
            let state = if h.over.is_some() { "happened and is over" } else { "happened" };
            seen_as("happening", &h.id.to_string(), &h.text, state)
        })
    }

    /// Limits that cannot be judged, and those that once could not.
    fn seen_blind(&self) -> impl Iterator<Item = Seen> {
        let lost = self.lost.iter().map(|found| (found, "cannot be judged"));
        let found = self.found.iter().map(|found| (found, "is judged again"));
        lost.chain(found).map(|((rule, known), word)| {
            seen_as("blind", rule.as_str(), &known.signal, &since(word, known.seq))
        })
    }

    /// Alerts that shut gates, those that are over too: what fired since a vote is not what it saw.
    fn seen_alerts(&self) -> impl Iterator<Item = Seen> {
        let mut all = self.alerts();
        all.retain(|a| self.blocks(a.rank));
        all.into_iter().map(|a| {
            let word = if a.resolved.is_some() { "over, fired" } else { "fires since" };
            let state = format!("{word} {}", a.since.format("%Y-%m-%d %H:%M:%S UTC"));
            seen_as("alert", a.rule.as_str(), &a.signal, &state)
        })
    }
}

/// A state and the entry since which it is so: what changed and came back is not what was seen.
fn since(state: &str, seq: u64) -> String {
    format!("{state} (entry {seq})")
}

/// All that a limit asks, in words.
pub(super) fn limit_words(limit: &Threshold) -> String {
    let mut words = format!("{}{}", bare_side(limit), limit.of_baseline());
    let spans = [("for", limit.hold), ("over", limit.over)];
    let spans = spans.into_iter().filter_map(|(word, seconds)| Some(format!(" {word} {} s", seconds?)));
    words.extend(spans);
    words.push_str(&format!(", {:?}", limit.role).to_lowercase());
    let (phase, calls) = (limit.phase.as_ref(), limit.procedure.as_ref());
    words.extend(limit.severity.as_ref().map(|severity| format!(" {severity}")));
    words.extend(phase.map(|phase| format!(", in {phase}")));
    words.extend(calls.map(|procedure| format!(", calls {procedure}")));
    words
}

/// A state without the entry that set it, for people.
fn shown(seen: &Seen) -> &str {
    seen.state.split(" (entry ").next().unwrap_or(&seen.state)
}

fn seen_as(kind: &str, id: &str, name: &str, state: &str) -> Seen {
    Seen { kind: kind.to_owned(), id: id.to_owned(), name: name.to_owned(), state: state.to_owned() }
}
