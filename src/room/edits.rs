//! Edits of generated plans and of real ones, with an oracle that knows which item is which: no tick
//! moves to a different item, none is lost, and a replay of the journal's texts says the same.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::plan::{Plan, read};

/// A room whose every item was ticked by somebody named after its tag.
struct Ticked {
    room: Room,
    entries: Vec<String>,
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

impl Ticked {
    fn new(plan: &Arc<Plan>, tags: &[String]) -> Self {
        let mut this = Self { room: Room::new(Arc::clone(plan)), entries: vec![] };
        this.act(Intent::AdoptPlan { plan: Arc::clone(plan) }, "x");
        for (item, tag) in plan.items.iter().zip(tags) {
            let intent =
                if item.checked { Intent::Untick(item.id.clone()) } else { Intent::Tick(item.id.clone()) };
            this.act(intent, tag);
            this.act(Intent::AddNote { on: Subject::Item(item.id.clone()), text: tag.clone() }, tag);
        }
        this
    }

    fn act(&mut self, intent: Intent, by: &str) {
        let actor = Actor { name: by.to_owned(), role: Role::Commander };
        let Ok(events) = decide(&self.room, &intent, &actor, now()) else { return };
        for event in events {
            let seq = self.room.seq + 1;
            let text = Fact::new(Uuid::from_u128(u128::from(seq)), now(), by, event).to_text();
            self.room.apply(&Entry::read(seq, &text));
            self.entries.push(text);
        }
        if let Intent::AdoptPlan { plan } = intent {
            self.room.follow(plan);
        }
    }

    /// Adopts, and compares with the truth: the tags of the new plan's items. Gives how many ticks
    /// stayed with their item.
    fn adopt(&mut self, plan: &Arc<Plan>, before: &[String], after: &[String]) -> usize {
        self.act(Intent::AdoptPlan { plan: Arc::clone(plan) }, "x");
        assert_eq!(self.room.digest, plan.digest, "it was adopted");
        let mut found: HashMap<String, usize> = HashMap::new();
        for (item, tag) in plan.items.iter().zip(after) {
            let Some((by, _)) = self.room.item_state(&item.id).and_then(|s| s.set.as_ref()) else { continue };
            assert_eq!(by, tag, "the tick of {by} stands on {:?}", item.text);
            let on = Subject::Item(item.id.clone());
            assert!(self.room.notes.iter().any(|n| n.on == on && n.remark.text == *tag), "with its note");
            *found.entry(by.clone()).or_default() += 1;
        }
        let stayed = found.len();
        let asides = self.room.items.values().filter(|s| s.aside.is_some());
        for state in asides {
            *found.entry(state.set.as_ref().unwrap().0.clone()).or_default() += 1;
        }
        for tag in before {
            assert_eq!(found.get(tag), Some(&1), "{tag} is somewhere, once");
        }
        self.replayed();
        stayed
    }

    fn replayed(&self) {
        let mut again = Room::new(Arc::clone(&self.room.plan));
        for (at, text) in self.entries.iter().enumerate() {
            again.apply(&Entry::read(at as u64 + 1, text));
        }
        assert!(again == self.room, "a replay says the same");
    }
}

/// A plan as its author sees it.
#[derive(Clone, Debug)]
struct Draft {
    title: String,
    sections: Vec<(String, Vec<(String, String)>)>,
    fresh: usize,
}

impl Draft {
    fn text(&self) -> String {
        let mut out = format!("# {}\n", self.title);
        for (title, items) in &self.sections {
            out += &format!("\n## {title}\n\n");
            items.iter().for_each(|(_, text)| out += &format!("- [ ] {text}\n"));
        }
        out
    }

    fn plan(&self) -> Arc<Plan> {
        let plan = read(self.text().as_bytes(), "p");
        assert_eq!(plan.items.len(), self.tags().len(), "every line is an item\n{}", self.text());
        Arc::new(plan)
    }

    fn tags(&self) -> Vec<String> {
        self.sections.iter().flat_map(|(_, items)| items.iter().map(|(tag, _)| tag.clone())).collect()
    }

    fn tag(&mut self) -> String {
        self.fresh += 1;
        format!("tag-{}", self.fresh)
    }

    /// One edit; `a`, `b` and `c` choose what it is done to.
    fn edit(&mut self, op: u8, a: usize, b: usize, c: usize) {
        let count = self.sections.len();
        let at = a % count;
        let len = self.sections[at].1.len();
        match op {
            0 if len > 1 => {
                let item = self.sections[at].1.remove(b % len);
                self.sections[at].1.insert(c % len, item);
            }
            1 if len > 0 => reword(&mut self.sections[at].1[b % len].1, c),
            2 => {
                let item = (self.tag(), format!("Prepare fresh thing {}", self.fresh));
                self.sections[at].1.insert(b % (len + 1), item);
            }
            3 if len > 0 && self.tags().len() > 1 => drop(self.sections[at].1.remove(b % len)),
            4 => {
                self.sections[at].0 =
                    format!("{} heading {}", ["Other", "Changed", "Better"][b % 3], self.fresh + c % 50)
            }
            5 => {
                let section = self.sections.remove(at);
                self.sections.insert(b % count, section);
            }
            6 if len > 0 => {
                let tag = self.tag();
                let (old, text) = &mut self.sections[at].1[b % len];
                if other(text, c) {
                    *old = tag;
                }
            }
            7 => self.title = format!("The launch, take {}", c % 9),
            _ => {}
        }
    }
}

/// A slight rewording.
fn reword(text: &mut String, how: usize) {
    let words: Vec<&str> = text.split(' ').collect();
    *text = match how % 7 {
        0 => text.to_uppercase().chars().take(1).chain(text.chars().skip(1)).collect::<String>() + ".",
        1 => format!("**{}** {}", words[0], words[1..].join(" ")),
        2 => {
            format!("{} [{}](https://wiki/{how})", words[..words.len() - 1].join(" "), words[words.len() - 1])
        }
        3 => text.replace("database", "databsae").replace("gateway", "gatewya"),
        4 => text.replace("the ", ""),
        5 => format!("{text} (see the runbook page)"),
        _ => text.replace("check", "Check"),
    };
}

/// Another item in nearly the same words; whether there was anything to change.
fn other(text: &mut String, how: usize) -> bool {
    const TURNS: &[(&str, &str)] = &[
        ("Enable", "Disable"),
        ("staging", "production"),
        ("25 %", "50 %"),
        ("alice", "bob"),
        ("<", ">"),
        ("the ", "not the "),
        ("database", "datastore"),
        ("start", "restart"),
    ];
    let changed = (0..TURNS.len()).find_map(|i| {
        let (from, to) = TURNS[(how + i) % TURNS.len()];
        text.contains(from).then(|| text.replacen(from, to, 1))
    });
    if let Some(changed) = &changed {
        text.clone_from(changed);
    }
    changed.is_some()
}

fn wording() -> impl Strategy<Value = String> {
    let verbs = vec!["Enable", "Deploy", "Back up", "Double-check", "start", "Ask alice about", "Verify"];
    let things =
        vec!["the database", "the payments gateway", "checkout", "the search index", "error rate < 5"];
    let ends = vec!["", " on staging", " for 25 % of users", " with the team", " twice"];
    (prop::sample::select(verbs), prop::sample::select(things), prop::sample::select(ends))
        .prop_map(|(verb, thing, end)| format!("{verb} {thing}{end}"))
}

/// A plan; `twins` lets a section say the same twice.
fn draft(twins: bool) -> impl Strategy<Value = Draft> {
    let titles =
        ["Pre-flight", "Phase 1: Dark launch (Day 1)", "Phase 2: Everyone (Day 2)", "Validation", "Cleanup"];
    let lists = prop::collection::vec(prop::collection::vec(wording(), 1..7), 1..5);
    lists.prop_map(move |lists| {
        let mut draft = Draft { title: "Launch".into(), sections: vec![], fresh: 0 };
        for (title, mut list) in titles.iter().zip(lists) {
            if !twins {
                let mut seen = std::collections::HashSet::new();
                list.retain(|text| seen.insert(text.clone()));
            }
            let items = list.into_iter().map(|text| (draft.tag(), text)).collect();
            draft.sections.push(((*title).to_owned(), items));
        }
        draft
    })
}

type Op = (u8, usize, usize, usize);

fn op(kinds: std::ops::Range<u8>) -> impl Strategy<Value = Op> {
    (kinds, 0..100_usize, 0..100_usize, 0..100_usize)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_tick_moves_to_another_item_and_none_is_lost(
        draft in draft(false),
        edits in prop::collection::vec(prop::collection::vec(op(0..8), 1..5), 1..4),
    ) {
        let mut draft = draft;
        let mut tags = draft.tags();
        let mut ticked = Ticked::new(&draft.plan(), &tags);
        for edit in edits {
            edit.into_iter().for_each(|(op, a, b, c)| draft.edit(op, a, b, c));
            let plan = draft.plan();
            if plan.digest != ticked.room.digest {
                // Every tag that was ever ticked has to be somewhere.
                ticked.adopt(&plan, &tags, &draft.tags());
            }
            tags.retain(|tag| tag.starts_with("tag-"));
        }
    }

    #[test]
    fn a_single_small_edit_keeps_every_tick(draft in draft(false), (op, a, b, c) in op(0..6)) {
        let mut draft = draft;
        let before = draft.tags();
        let mut ticked = Ticked::new(&draft.plan(), &before);
        draft.edit(op, a, b, c);
        let (plan, after) = (draft.plan(), draft.tags());
        if plan.digest != ticked.room.digest && op != 4 {
            let stayed = ticked.adopt(&plan, &before, &after);
            prop_assert_eq!(stayed, before.iter().filter(|tag| after.contains(tag)).count());
        }
    }

    #[test]
    fn twins_never_take_each_others_ticks(draft in draft(true), op in 1..3_u8, a in 0..100_usize, b in 0..100_usize) {
        let mut draft = draft;
        let before = draft.tags();
        let mut ticked = Ticked::new(&draft.plan(), &before);
        match op {
            1 => draft.edit(3, a, b, 0),
            _ => {
                // Somewhere else in its section, what stands there already.
                let at = a % draft.sections.len();
                let twin = draft.sections[at].1[b % draft.sections[at].1.len()].1.clone();
                let tag = draft.tag();
                let place = (a + b) % (draft.sections[at].1.len() + 1);
                draft.sections[at].1.insert(place, (tag, twin));
            }
        }
        let plan = draft.plan();
        if plan.digest != ticked.room.digest {
            ticked.adopt(&plan, &before, &draft.tags());
        }
    }
}

/// The plans at hand: the repository's documents, and real ones where they are there.
fn real_plans() -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.join("tests/plans"), root.join("examples"), root.join("../shared/plans")];
    let files = folders.iter().filter_map(|f| std::fs::read_dir(f).ok()).flatten().flatten();
    let mut paths: Vec<_> =
        files.map(|f| f.path()).filter(|p| p.extension().is_some_and(|e| e == "md")).collect();
    paths.sort();
    paths.iter().filter_map(|p| std::fs::read_to_string(p).ok()).collect()
}

/// The tags of a plan whose lines come from `origin`: each item by its line then and its place in it.
fn tags_by_line(plan: &Plan, origin: &[Option<usize>]) -> Vec<String> {
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut tag = |line: usize| {
        let place = places.entry(line).or_default();
        *place += 1;
        match origin.get(line - 1).copied().flatten() {
            Some(then) => format!("{then}/{place}"),
            None => format!("new {line}/{place}"),
        }
    };
    plan.items.iter().map(|i| tag(i.line)).collect()
}

#[test]
fn edits_of_real_plans_move_no_tick() {
    let plans = real_plans();
    assert!(plans.len() >= 40, "{} plans", plans.len());
    for text in plans {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let old = Arc::new(read(text.as_bytes(), "p"));
        if old.items.is_empty() || old.lossy.is_some() {
            continue;
        }
        let lines: Vec<(Option<usize>, String)> =
            text.lines().enumerate().map(|(at, line)| (Some(at + 1), line.to_owned())).collect();
        let origin = |lines: &[(Option<usize>, String)]| lines.iter().map(|l| l.0).collect::<Vec<_>>();
        let before = tags_by_line(&old, &origin(&lines));
        let ticked = Ticked::new(&old, &before).room;
        let step = (old.items.len() / 6).max(1);
        for (nth, item) in old.items.iter().enumerate().step_by(step) {
            let mut edited = lines.clone();
            let at = item.line - 1;
            match nth / step % 3 {
                0 => drop(edited.remove(at)),
                1 => edited.insert(at + 1, (None, "- [ ] A fresh thing to prepare".into())),
                _ => {
                    let heading = (0..at).rev().find(|i| edited[*i].1.starts_with("## "));
                    heading.into_iter().for_each(|i| edited[i].1.push_str(" and more"));
                }
            }
            let body = edited.iter().map(|l| l.1.as_str()).collect::<Vec<_>>().join("\n");
            let new = Arc::new(read(body.as_bytes(), "p"));
            let after = tags_by_line(&new, &origin(&edited));
            let mut room = Ticked { room: ticked.clone(), entries: vec![] };
            room.act(Intent::AdoptPlan { plan: Arc::clone(&new) }, "x");
            if room.room.digest != new.digest {
                assert!(new.items.is_empty() && room.room == ticked, "refused, and nothing has changed");
                continue;
            }
            let mut kept = 0;
            for (item, tag) in new.items.iter().zip(&after) {
                let set = room.room.item_state(&item.id).and_then(|s| s.set.as_ref());
                assert!(set.is_none_or(|(by, _)| by == tag), "{set:?} stands on {tag} {:?}", item.text);
                kept += usize::from(set.is_some());
            }
            let aside = room.room.items.values().filter(|s| s.aside.is_some()).count();
            assert_eq!(kept + aside, old.items.len(), "none is lost");
            assert!(aside * 2 <= old.items.len().max(10), "{aside} of {} kept aside", old.items.len());
        }
    }
}
