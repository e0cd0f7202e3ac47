//! What can be checked about an item without asking a person: the flag it names, the limit it states, the
//! probe whose path it names. What is seen is offered as evidence; what speaks against a tick is recorded
//! by whoever has the watch.

use std::collections::HashSet;

use super::{App, Effect, Tone};
use crate::plan::binding::normal;
use crate::plan::{FlagSetting, Item, ItemId};
use crate::room::{Intent, Mark, decide};
use crate::signal::{Criterion, TileState, number};

/// What was seen of something that an item claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// In words, as evidence would say it.
    pub words: String,
    /// Whether it bears the claim out.
    pub holds: bool,
}

impl App {
    /// What is seen of an item's claim; none where nothing here can tell, or not now.
    pub fn sight(&self, item: &Item) -> Option<Sight> {
        let flag = item.flag.as_ref().and_then(|flag| self.sight_of_flag(flag));
        flag.or_else(|| self.sight_of_limit(item)).or_else(|| self.sight_of_probe(item))
    }

    fn sight_of_flag(&self, flag: &FlagSetting) -> Option<Sight> {
        let read = self.levers.read.get(&flag.name)?;
        let value = read.value.as_ref().ok()?;
        let at = read.at.format("%H:%M:%S UTC");
        Some(Sight {
            words: format!("{} reads {value} (read {at})", flag.name),
            holds: same_value(value, &flag.value)?,
        })
    }

    fn sight_of_limit(&self, item: &Item) -> Option<Sight> {
        let id = item.threshold.as_ref()?;
        let (standing, limit) =
            self.gauges.rules().zip(&self.room.plan.thresholds).find(|(s, _)| s.rule.id == *id)?;
        let last = standing.signal.and_then(|s| self.gauges.series(s)).and_then(|s| s.last())?;
        let holds = match standing.criterion() {
            Criterion::Met => true,
            Criterion::Failed => false,
            Criterion::Inconclusive => return None,
        };
        let value = number(crate::plan::Value::One((last.value * 100.0).round() / 100.0));
        Some(Sight { words: format!("{} is {value}", limit.metric), holds })
    }

    /// "GET /health answers 200": the measured metric that is named after the path.
    fn sight_of_probe(&self, item: &Item) -> Option<Sight> {
        let path = item.text.split_whitespace().map(|w| w.trim_matches(|c: char| "`'\"().,;:".contains(c)));
        let paths: Vec<&str> = path.filter(|w| w.starts_with('/') && w.len() > 1).collect();
        let [path] = paths[..] else { return None };
        let named = |name: &str| name.split_whitespace().any(|w| w == path) || normal(name) == normal(path);
        let tile = self.tiles.iter().find(|t| named(&t.name))?;
        let holds = match tile.state {
            TileState::Ok => true,
            TileState::Firing => false,
            _ => return None,
        };
        let word = if holds { "answers as it should" } else { "fails" };
        Some(Sight { words: format!("{path} {word}"), holds })
    }

    /// What is seen and speaks for ticking an open item.
    pub fn offered(&self, item: &Item) -> Option<String> {
        let open = self.room.mark(item) == Mark::Open;
        self.sight(item).filter(|s| open && s.holds).map(|s| s.words)
    }

    /// `E`: ticks the item under the cursor with what is seen of it as its evidence.
    pub(super) fn tick_with_evidence(&mut self) -> Vec<Effect> {
        let Some(item) = self.item() else { return vec![] };
        let Some(words) = self.offered(&item) else {
            let why = match self.sight(&item) {
                Some(sight) if !sight.holds => format!("{}: that is no evidence for it", sight.words),
                Some(_) => "it is ticked already".to_owned(),
                None => "nothing here can check this item; e writes evidence by hand".to_owned(),
            };
            self.say(Tone::Plain, why);
            return vec![];
        };
        let mut effects = self.submit(Intent::AddEvidence { item: item.id.clone(), text: words });
        effects.extend(self.submit(Intent::Tick(item.id)));
        effects
    }

    /// Has the journal know what ticks read otherwise; only whoever has the watch does.
    pub(super) fn record_claims(&mut self, mine: bool) -> Vec<Effect> {
        let owed = if mine { self.claims_owed() } else { vec![] };
        let wanted = |i: &Intent| decide(&self.room, i, &self.actor, self.now).is_ok();
        let owed: Vec<_> = owed.into_iter().filter(wanted).collect();
        owed.into_iter().flat_map(|intent| self.submit(intent)).collect()
    }

    /// What the journal has to know about ticks that read otherwise, and about those that do not any more.
    /// What cannot be seen now leaves what was said as it is.
    fn claims_owed(&self) -> Vec<Intent> {
        let busy: HashSet<&ItemId> = self.saving.values().filter_map(claimed).collect();
        let ticked = self.room.plan.items.iter().filter(|i| self.room.mark(i) == Mark::Done);
        let owed = ticked.filter(|i| !busy.contains(&i.id)).filter_map(|item| {
            let sight = self.sight(item)?;
            match (sight.holds, self.room.claim(&item.id)) {
                (true, Some(_)) => Some(Intent::SettleClaim(item.id.clone())),
                (false, None) => Some(Intent::DoubtClaim { item: item.id.clone(), why: sight.words }),
                _ => None,
            }
        });
        owed.collect()
    }
}

fn claimed(intent: &Intent) -> Option<&ItemId> {
    match intent {
        Intent::DoubtClaim { item, .. } | Intent::SettleClaim(item) => Some(item),
        _ => None,
    }
}

/// Whether a flag that reads `value` is what was `wanted`; none where they cannot be compared.
fn same_value(value: &str, wanted: &str) -> Option<bool> {
    let plain = |text: &str| text.trim().trim_matches(['"', '\'', '`']).to_lowercase();
    let (value, wanted) = (plain(value), plain(wanted));
    let switch = |text: &str| match text {
        "true" | "on" | "enabled" | "yes" => Some(true),
        "false" | "off" | "disabled" | "no" => Some(false),
        _ => None,
    };
    let share = |text: &str| text.trim_end_matches('%').trim().parse::<f64>().ok();
    match (switch(&value), switch(&wanted), share(&value), share(&wanted)) {
        (Some(is), Some(want), ..) => Some(is == want),
        (_, _, Some(is), Some(want)) => Some((is - want).abs() < f64::EPSILON),
        (None, None, None, None) => Some(value == wanted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::stage::Stage;
    use super::super::{Msg, Watch};
    use super::*;
    use crate::plan::binding::{Binding, FlagBinding};

    const PLAN: &str = "# P\n\n## Feature flags\n\n| Flag | Value |\n|---|---|\n| `new_ui` | false |\n\n\
        ## Phase 1: Canary (Hour 0-2)\n\n- [ ] Set `new_ui` = true\n- [ ] Look\n";

    fn stage() -> Stage {
        let mut stage = Stage::new(PLAN);
        let at = "http://127.0.0.1:1/flags/new_ui".to_owned();
        let flag =
            FlagBinding { name: "new_ui".into(), read: at.clone(), write: at, ..FlagBinding::default() };
        stage.send(Msg::Bound(Arc::new(Binding { flags: vec![flag], ..Binding::default() })));
        stage.send(Msg::Watch(Some(Watch { name: "ana@host".into(), mine: true })));
        stage
    }

    fn reads(stage: &mut Stage, value: &str) {
        stage.send(Msg::FlagRead {
            flag: "new_ui".into(),
            value: Ok(value.into()),
            at: stage.app.now,
            outside: None,
        });
        stage.wait(1_000);
    }

    #[test]
    fn what_a_flag_reads_is_offered_as_evidence_and_a_person_ticks() {
        let mut stage = stage();
        let item = stage.app.room.plan.items[0].clone();
        assert_eq!(item.flag.as_ref().map(|f| f.value.as_str()), Some("true"));
        reads(&mut stage, "false");
        assert_eq!(stage.app.offered(&item), None);
        reads(&mut stage, "true");
        assert!(stage.app.offered(&item).unwrap().starts_with("new_ui reads true"));
        assert_eq!(stage.app.room.mark(&item), Mark::Open, "nothing is ticked by itself");
        stage.keys("E");
        assert_eq!(stage.app.room.mark(&item), Mark::Done);
        assert!(stage.app.room.item_state(&item.id).unwrap().evidence[0].text.contains("new_ui reads true"));
    }

    #[test]
    fn a_tick_that_reads_otherwise_is_recorded_once_and_settled_when_it_holds() {
        let mut stage = stage();
        let item = stage.app.room.plan.items[0].clone();
        stage.happened(crate::room::Event::ItemTicked { item: item.id.clone(), text: item.text.clone() });
        reads(&mut stage, "false");
        assert!(stage.app.room.claim(&item.id).unwrap().why.contains("new_ui reads false"));
        let seq = stage.app.room.seq;
        reads(&mut stage, "false");
        assert_eq!(stage.app.room.seq, seq, "once");
        assert_eq!(stage.app.room.mark(&item), Mark::Done, "a person's tick stays");
        reads(&mut stage, "on");
        assert_eq!(stage.app.room.claim(&item.id), None);
    }

    #[test]
    fn only_the_watch_records_what_reads_otherwise() {
        let mut stage = stage();
        stage.send(Msg::Watch(Some(Watch { name: "bo".into(), mine: false })));
        let item = stage.app.room.plan.items[0].clone();
        stage.happened(crate::room::Event::ItemTicked { item: item.id.clone(), text: item.text.clone() });
        reads(&mut stage, "false");
        assert_eq!(stage.app.room.claim(&item.id), None);
    }

    #[test]
    fn values_are_compared_as_what_they_mean() {
        for (value, wanted, same) in [
            ("true", "on", Some(true)),
            ("\"false\"", "true", Some(false)),
            ("20", "20 %", Some(true)),
            ("20", "50%", Some(false)),
            ("blue", "Blue", Some(true)),
            ("true", "50%", None),
        ] {
            assert_eq!(same_value(value, wanted), same, "{value} {wanted}");
        }
    }
}
