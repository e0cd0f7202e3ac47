//! Another plan for the room: whether it can be followed, and where everything said so far belongs
//! in it. The answer is worked out once, by whoever adopts, and stored in the event, so that every
//! process and every later reading of the journal carries on in the same way.
//!
//! What finds no home is kept under an id that no plan can have, one with an `@`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::alerts::Alert;
use super::decide::Refusal;
use super::event::{Event, Subject};
use super::fold::{ItemState, Mark, Remark, Room};
use crate::plan::{
    Homes, Item, ItemId, ItemKind, Level, Moves, PhaseId, Plan, Procedure, ProcedureId, SignOffId, Step,
    ThresholdId, follow,
};

/// What stands in the id of something that is kept aside.
const ASIDE: char = '@';

/// Where the state of each part belongs in an adopted plan. Ids that are not named stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Carried {
    /// Items that the plan did not have before.
    pub came: usize,
    /// Items that it has no more.
    pub went: usize,
    /// Nothing but boxes of the file were ticked or unticked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub only_boxes: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    items: BTreeMap<ItemId, ItemId>,
    /// What stood where, of what is kept aside.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    aside: BTreeMap<ItemId, Stood>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    phases: BTreeMap<PhaseId, PhaseId>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    signoffs: BTreeMap<SignOffId, SignOffId>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    rules: BTreeMap<ThresholdId, ThresholdId>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    procedures: BTreeMap<ProcedureId, ProcedureId>,
    /// Runs under way whose procedure has other steps now, or is gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    edited: Vec<Uuid>,
    /// Phases and sign-offs that are kept aside, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left: Vec<String>,
}

/// The place of an item that is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stood {
    text: String,
    path: String,
}

/// An item that the plan does not have any more, while something said of it is kept.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Aside {
    /// What it said.
    pub text: String,
    /// The titles around it, U+001E between them.
    pub path: String,
    /// Since when the plan does without it.
    pub since: DateTime<Utc>,
    /// Who put it away, if somebody did.
    pub settled: Option<Remark>,
}

impl Carried {
    /// Where an item's state is now; none where it is kept aside.
    pub fn item<'a>(&'a self, id: &'a ItemId) -> Option<&'a ItemId> {
        Some(self.items.get(id).unwrap_or(id)).filter(|id| !id.as_str().contains(ASIDE))
    }

    /// Where a phase's state is now.
    pub fn phase<'a>(&'a self, id: &'a PhaseId) -> &'a PhaseId {
        self.phases.get(id).unwrap_or(id)
    }

    /// Where a limit's state is now.
    pub fn rule<'a>(&'a self, id: &'a ThresholdId) -> &'a ThresholdId {
        self.rules.get(id).unwrap_or(id)
    }

    /// How many items came back from aside.
    fn returned(&self) -> usize {
        self.items.keys().filter(|id| id.as_str().contains(ASIDE)).count()
    }
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = |n: usize, what: &str| {
            let word = if n == 1 { "item" } else { "items" };
            (n > 0).then(|| format!("{n} {word} {what}"))
        };
        let mut parts: Vec<String> = vec![];
        parts.extend(items(self.came, "new"));
        parts.extend(items(self.went, "gone"));
        parts.extend(items(self.aside.len(), "kept aside"));
        parts.extend(items(self.returned(), "back from aside"));
        parts.extend(self.left.iter().map(|name| format!("“{name}” kept aside")));
        match parts.is_empty() {
            true if self.only_boxes => f.write_str("only boxes changed"),
            true => f.write_str("the same items"),
            false => f.write_str(&parts.join(", ")),
        }
    }
}

/// Judges another plan: what cannot be read, or holds nothing any more, is not followed.
pub(super) fn judge(room: &Room, plan: &Arc<Plan>) -> Result<Event, Refusal> {
    if room.digest == plan.digest {
        return Err(Refusal::Already("the room follows this plan already".into()));
    }
    let known = room.digest == room.plan.digest && !room.digest.is_empty();
    if known {
        readable(&room.plan, plan)?;
    }
    let carried = known.then(|| Box::new(carried(room, plan)));
    Ok(Event::PlanAdopted { digest: plan.digest.clone(), title: plan.title.clone(), carried })
}

fn readable(old: &Plan, new: &Plan) -> Result<(), Refusal> {
    let refused = |why: String| Err(Refusal::Plan(why));
    if let Some(line) = new.lossy {
        return refused(format!("line {line} is not valid UTF-8"));
    }
    if new.text.trim().is_empty() && !old.text.trim().is_empty() {
        return refused(match new.problems.iter().find(|p| p.level == Level::Error) {
            Some(problem) => problem.message.clone(),
            None => "it is empty".to_owned(),
        });
    }
    if new.items.is_empty() && !old.items.is_empty() {
        let why = new.problems.iter().find(|p| p.level == Level::Error).map(|p| p.message.clone());
        return refused(why.unwrap_or_else(|| "it has no checklist any more".to_owned()));
    }
    Ok(())
}

fn carried(room: &Room, new: &Plan) -> Carried {
    let (old, mut moves) = (&*room.plan, follow(&room.plan, new));
    let mut out = Carried { only_boxes: only_boxes(old, new), ..Carried::default() };
    let mut taken = vec![false; new.items.len()];
    moves.items.iter().flatten().for_each(|to| taken[*to] = true);
    out.went = moves.items.iter().filter(|to| to.is_none()).count();
    out.came = taken.iter().filter(|t| !**t).count();
    home(room, new, &mut moves, &taken, &mut out);
    let said: HashSet<&ItemId> = room
        .items
        .keys()
        .chain(room.notes.iter().filter_map(|n| match &n.on {
            Subject::Item(id) => Some(id),
            _ => None,
        }))
        .collect();
    let part = |n: &str| free_name(n, &new.digest, |id| room.items.contains_key(&ItemId::from(id)));
    for (item, to) in old.items.iter().zip(&moves.items).filter(|(item, _)| said.contains(&item.id)) {
        let to = match to {
            Some(to) => new.items[*to].id.clone(),
            None => {
                let aside = ItemId(part(item.id.as_str()));
                let stood = Stood { text: item.text.clone(), path: item.path.to_string() };
                if worth(room, &item.id) {
                    out.aside.insert(aside.clone(), stood);
                }
                aside
            }
        };
        if to != item.id {
            out.items.insert(item.id.clone(), to);
        }
    }
    parts(room, new, &moves, &mut out);
    out
}

/// Whether there is anything to keep of an item.
fn worth(room: &Room, id: &ItemId) -> bool {
    let noted = room.notes.iter().any(|n| n.on == Subject::Item(id.clone()));
    noted || room.items.get(id).is_some_and(ItemState::says_something)
}

/// What was kept aside, or would be now, goes to the very place it came from where that is there and
/// nobody else's, in the words it had then or was last touched in.
fn home(room: &Room, new: &Plan, moves: &mut Moves, taken: &[bool], out: &mut Carried) {
    let mut wishes: Vec<(Result<usize, ItemId>, ItemId)> = vec![];
    let aside = room.items.values().any(|s| s.aside.is_some());
    if !aside && moves.items.iter().all(Option::is_some) {
        return;
    }
    let homes = Homes::new(new, taken);
    for (at, item) in room.plan.items.iter().enumerate().filter(|(at, _)| moves.items[*at].is_none()) {
        let touched = room.items.get(&item.id).filter(|s| !s.text.is_empty());
        let home = touched.and_then(|s| homes.of(&item.path, &s.text));
        wishes.extend(home.map(|home| (Ok(at), home.id.clone())));
    }
    for (id, state) in &room.items {
        let Some(aside) = &state.aside else { continue };
        let home = homes.of(&aside.path, &aside.text).or_else(|| homes.of(&aside.path, &state.text));
        wishes.extend(home.map(|home| (Err(id.clone()), home.id.clone())));
    }
    for (who, home) in &wishes {
        if wishes.iter().filter(|(_, h)| h == home).count() > 1 {
            continue;
        }
        out.came -= 1;
        match who {
            Err(id) => drop(out.items.insert(id.clone(), home.clone())),
            Ok(at) => {
                out.went -= 1;
                moves.items[*at] = new.items.iter().position(|i| &i.id == home);
            }
        }
    }
}

/// Phases, sign-offs, limits and procedures of which something is known.
fn parts(room: &Room, new: &Plan, moves: &Moves, out: &mut Carried) {
    let old = &*room.plan;
    for (phase, to) in old.phases.iter().zip(&moves.phases) {
        let noted = || room.notes.iter().any(|n| n.on == Subject::Phase(phase.id.clone()));
        let polled = || room.polls.iter().any(|p| p.phase == phase.id);
        if !room.phases.contains_key(&phase.id) && !noted() && !polled() {
            continue;
        }
        let taken = |id: &str| room.phases.contains_key(&PhaseId::from(id));
        let to = to.map(|to| new.phases[to].id.clone());
        if to.is_none() {
            out.left.push(phase.name.clone());
        }
        let to = to.unwrap_or_else(|| PhaseId(free_name(phase.id.as_str(), &new.digest, taken)));
        renames(&mut out.phases, &phase.id, to);
    }
    for (line, to) in
        old.signoffs.iter().zip(&moves.signoffs).filter(|(s, _)| room.signoffs.contains_key(&s.id))
    {
        let taken = |id: &str| room.signoffs.contains_key(&SignOffId::from(id));
        let to = to.map(|to| new.signoffs[to].id.clone());
        if to.is_none() {
            out.left.push(line.role.clone());
        }
        let to = to.unwrap_or_else(|| SignOffId(free_name(line.id.as_str(), &new.digest, taken)));
        renames(&mut out.signoffs, &line.id, to);
    }
    let known = |id: &ThresholdId| room.alerts.get(id).is_some() || room.lost.contains_key(id);
    for (rule, to) in old.thresholds.iter().zip(&moves.rules).filter(|(r, _)| known(&r.id)) {
        let taken = |id: &str| known(&ThresholdId::from(id));
        let to = to.map(|to| new.thresholds[to].id.clone());
        let to = to.unwrap_or_else(|| ThresholdId(free_name(rule.id.as_str(), &new.digest, taken)));
        renames(&mut out.rules, &rule.id, to);
    }
    let ran = |id: &ProcedureId| room.runs.iter().any(|r| &r.procedure == id);
    for (procedure, to) in old.procedures.iter().zip(&moves.procedures).filter(|(p, _)| ran(&p.id)) {
        if to.is_none_or(|to| !same_steps(procedure, &new.procedures[to])) {
            let open = room.runs.iter().filter(|r| r.procedure == procedure.id && r.ended.is_none());
            out.edited.extend(open.map(|r| r.id));
        }
        let taken = |id: &str| ran(&ProcedureId::from(id));
        let to = to.map(|to| new.procedures[to].id.clone());
        let to = to.unwrap_or_else(|| ProcedureId(free_name(procedure.id.as_str(), &new.digest, taken)));
        renames(&mut out.procedures, &procedure.id, to);
    }
}

/// Whether two procedures ask for the same, wherever that stands in the file.
fn same_steps(one: &Procedure, other: &Procedure) -> bool {
    let words = |procedure: &Procedure| -> Vec<(String, Vec<(String, String)>)> {
        let commands = |step: &Step| {
            let commands = step.commands.iter();
            commands.map(|c| (c.language.clone(), c.text.clone())).collect::<Vec<_>>()
        };
        procedure.in_order().iter().map(|step| (step.text.clone(), commands(step))).collect()
    };
    words(one) == words(other)
}

fn renames<K: Ord + Clone>(names: &mut BTreeMap<K, K>, from: &K, to: K) {
    if *from != to {
        names.insert(from.clone(), to);
    }
}

/// An id that no plan can have and nothing in the room has.
fn free_name(id: &str, digest: &str, taken: impl Fn(&str) -> bool) -> String {
    let short: String = digest.trim_start_matches("sha256:").chars().take(8).collect();
    let base = format!("{id}{ASIDE}{short}");
    let numbered = (2..).map(|n| format!("{base}-{n}"));
    std::iter::once(base.clone()).chain(numbered).find(|name| !taken(name)).expect("there is always one more")
}

/// Whether two plans differ only in which boxes of their items and sign-offs are ticked. Brackets in a
/// command or in a text are no boxes.
fn only_boxes(old: &Plan, new: &Plan) -> bool {
    let bare = |line: &str| line.replace("[x]", "[ ]").replace("[X]", "[ ]");
    let boxes = lines_with_boxes(new);
    let other = |(at, (old, new)): (usize, (&str, &str))| {
        old != new && (bare(old) != bare(new) || !boxes.contains(&(at + 1)))
    };
    let same_parts = old.items.len() == new.items.len()
        && old.items.iter().zip(&new.items).all(|(old, new)| (&old.text, old.line) == (&new.text, new.line));
    let mut lines = old.text.split('\n').zip(new.text.split('\n')).enumerate();
    !old.text.is_empty() && old.text.len() == new.text.len() && same_parts && !lines.any(other)
}

/// The lines on which a box of the plan's own stands.
fn lines_with_boxes(plan: &Plan) -> BTreeSet<usize> {
    let ticked = |item: &&Item| matches!(item.kind, ItemKind::Task | ItemKind::Table);
    let items = plan.items.iter().filter(ticked).map(|item| item.line);
    items.chain(plan.signoffs.iter().map(|line| line.line)).collect()
}

impl ItemState {
    /// What the plan called it: when it left, else when it was last touched.
    pub fn words(&self) -> &str {
        self.aside.as_ref().map_or(self.text.as_str(), |aside| aside.text.as_str())
    }

    /// Whether anything stands here that somebody might miss.
    fn says_something(&self) -> bool {
        let marked = self.mark.is_some_and(|m| m != Mark::Open);
        marked || self.assignee.is_some() || !self.evidence.is_empty()
    }
}

impl Room {
    /// State of items that the present plan does not have and nobody has put away, so that nothing
    /// said is lost.
    pub fn orphans(&self) -> Vec<(&ItemId, &ItemState)> {
        let shown = |id: &ItemId, state: &ItemState| match &state.aside {
            Some(aside) => aside.settled.is_none(),
            None => state.says_something() && self.plan.item(id).is_none(),
        };
        let mut lost: Vec<_> = self.items.iter().filter(|(id, s)| shown(id, s)).collect();
        lost.sort_by(|a, b| a.0.cmp(b.0));
        lost
    }

    /// Moves all state to where `carried` says it belongs.
    pub(super) fn carry(&mut self, carried: &Carried, before: &str, at: DateTime<Utc>) {
        self.items = renamed(std::mem::take(&mut self.items), &carried.items);
        for id in carried.items.values().filter(|id| !id.as_str().contains(ASIDE)) {
            if let Some(state) = self.items.get_mut(id) {
                state.aside = None;
            }
        }
        for (id, stood) in &carried.aside {
            let aside =
                Aside { text: stood.text.clone(), path: stood.path.clone(), since: at, settled: None };
            self.items.entry(id.clone()).or_default().aside = Some(aside);
        }
        self.phases = renamed(std::mem::take(&mut self.phases), &carried.phases);
        for note in &mut self.notes {
            match &mut note.on {
                Subject::Item(id) => rename(id, &carried.items),
                Subject::Phase(id) => rename(id, &carried.phases),
                Subject::Room => {}
            }
        }
        self.signoffs = renamed(std::mem::take(&mut self.signoffs), &carried.signoffs);
        for signature in self.signoffs.values_mut().filter(|s| carried.only_boxes && s.plan == before) {
            signature.plan.clone_from(&self.digest);
        }
        let asked = self.signoffs.values_mut().filter_map(|s| s.asked.as_mut());
        asked.for_each(|(phase, _)| rename(phase, &carried.phases));
        for run in &mut self.runs {
            rename(&mut run.procedure, &carried.procedures);
            run.edited |= carried.edited.contains(&run.id);
        }
        for poll in &mut self.polls {
            rename(&mut poll.phase, &carried.phases);
            poll.chairs.iter_mut().for_each(|c| rename(&mut c.seat.id, &carried.signoffs));
        }
        let claims: HashMap<_, _> = std::mem::take(&mut self.claims).into_iter().collect();
        self.claims = renamed(claims, &carried.items).into_iter().collect();
        self.carry_alerts(carried, at);
    }

    /// An alert of a limit that is no more is over.
    fn carry_alerts(&mut self, carried: &Carried, at: DateTime<Utc>) {
        let alerts = renamed(std::mem::take(&mut self.alerts).into_map(), &carried.rules);
        let alerts: BTreeMap<_, _> = alerts.into_iter().collect();
        for (id, mut alert) in alerts {
            if id.as_str().contains(ASIDE) {
                alert.resolved.get_or_insert(at);
            }
            self.alerts.put(Alert { rule: id, ..alert });
        }
        let lost: HashMap<_, _> = std::mem::take(&mut self.lost).into_iter().collect();
        self.lost = renamed(lost, &carried.rules).into_iter().collect();
        self.lost.retain(|id, _| !id.as_str().contains(ASIDE));
        let found: HashMap<_, _> = std::mem::take(&mut self.found).into_iter().collect();
        self.found = renamed(found, &carried.rules).into_iter().collect();
        let silences: HashMap<_, _> = std::mem::take(&mut self.silences).into_iter().collect();
        self.silences = renamed(silences, &carried.rules).into_iter().collect();
    }
}

fn rename<K: Ord + Clone>(id: &mut K, names: &BTreeMap<K, K>) {
    if let Some(new) = names.get(id) {
        id.clone_from(new);
    }
}

/// All of it under its new names, at once. Whoever would be overwritten goes aside.
fn renamed<K, V>(map: HashMap<K, V>, names: &BTreeMap<K, K>) -> HashMap<K, V>
where
    K: Ord + Hash + Clone + fmt::Display + for<'a> From<&'a str>,
{
    if names.is_empty() {
        return map;
    }
    let mut all: Vec<(K, V)> = map.into_iter().collect();
    all.sort_by(|a, b| (!names.contains_key(&a.0), &a.0).cmp(&(!names.contains_key(&b.0), &b.0)));
    let mut out = HashMap::with_capacity(all.len());
    for (id, value) in all {
        let mut name = names.get(&id).cloned().unwrap_or(id);
        while out.contains_key(&name) {
            name = K::from(format!("{name}{ASIDE}").as_str());
        }
        out.insert(name, value);
    }
    out
}
