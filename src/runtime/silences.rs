//! Silences of bound Alertmanagers: those made there are found for this room, and where the binding
//! says so those of this room are made and ended there. Only whoever has the watch does either, never
//! a rehearsal, and each server has a thread of its own.
//!
//! Nothing is remembered: room and server are compared, and what differs is done. A silence of ours
//! bears a mark in its comment, so that one that was written is known again after a time-out, a
//! restart or another's watch, and is not written twice.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::UnboundedSender;

use super::outside::{Came, Outside};
use crate::app::{App, Link, Msg, Notice, Tone};
use crate::plan::ThresholdId;
use crate::plan::binding::{Binding, SilenceUse, Source, SourceKind};
use crate::room::{Intent, Room, There};
use crate::signal::interval;
use crate::sources::alertmanager::{self, Listed, Matcher, Silence};

/// Ends that differ by less are the same.
const CLOSE: TimeDelta = TimeDelta::seconds(2);

/// Something to be done at a server.
#[derive(Clone, Debug, PartialEq)]
enum Deed {
    Write(Silence),
    End(String),
}

/// What came of a visit to a server.
pub(super) struct Round {
    /// Which server.
    desk: usize,
    /// All its silences, after what was to be done there; or why not.
    listed: Result<Vec<Listed>, String>,
}

/// One server.
struct Desk {
    source: Source,
    deeds: Sender<Vec<Deed>>,
    /// Somebody is on the way.
    away: bool,
    /// When to go there again at the latest.
    next: Instant,
    /// How far the room was when it was compared last.
    seen: u64,
    /// What was said last.
    told: Option<String>,
}

/// All bound Alertmanagers.
#[derive(Default)]
pub(super) struct Silences(Vec<Desk>);

impl Silences {
    /// In a rehearsal there are none.
    pub fn start(outside: &Outside) -> Self {
        let is_one = |s: &&Source| s.kind == SourceKind::Alertmanager && s.is_bound();
        let sources = outside.binding().sources.iter().filter(|s| is_one(s) && !outside.rehearses());
        let desks = sources.enumerate().filter_map(|(n, source)| {
            let (deeds, asked) = mpsc::channel();
            let (of, hear) = (source.clone(), outside.hear());
            let work = move || visit(n, &of, &asked, &hear);
            thread::Builder::new().name("silences".to_owned()).spawn(work).ok()?;
            let (source, next) = (source.clone(), Instant::now());
            Some(Desk { source, deeds, away: false, next, seen: 0, told: None })
        });
        Self(desks.collect())
    }

    /// Goes where it is time to, or where the room has something new.
    pub fn clock(&mut self, app: &App) {
        if app.link != Link::Live || !app.watch.as_ref().is_some_and(|w| w.mine) {
            return;
        }
        let due = |d: &&mut Desk| !d.away && (d.next <= Instant::now() || d.seen != app.room.seq);
        self.0.iter_mut().filter(due).for_each(|desk| desk.go(vec![], app.room.seq));
    }

    /// Compares what a server says with the room: what is to be done goes there, what is new comes
    /// back.
    pub fn came(&mut self, round: Round, app: &App, binding: &Binding) -> Vec<Msg> {
        let Some(desk) = self.0.get_mut(round.desk) else { return vec![] };
        desk.away = false;
        let listed = match round.listed {
            Ok(listed) => listed,
            Err(why) => return desk.say(why).into_iter().collect(),
        };
        let mine = app.watch.as_ref().is_some_and(|w| w.mine);
        let found = compare(&app.room, binding, &desk.source, &listed, app.now);
        if !found.deeds.is_empty() && mine {
            desk.go(found.deeds, app.room.seq);
        }
        let word = match found.unclear {
            Some(why) => desk.say(why),
            None => {
                desk.told = None;
                None
            }
        };
        let news = (!found.news.is_empty()).then_some(Msg::Elsewhere(found.news));
        word.into_iter().chain(news).collect()
    }
}

impl Desk {
    fn go(&mut self, deeds: Vec<Deed>, seen: u64) {
        self.next = Instant::now() + interval(self.source.every).max(Duration::from_secs(1));
        self.seen = seen;
        self.away = self.deeds.send(deeds).is_ok();
    }

    /// A sentence, once.
    fn say(&mut self, why: String) -> Option<Msg> {
        let text = format!("silences: {why}");
        let new = self.told.as_ref() != Some(&text);
        self.told = Some(text.clone());
        new.then_some(Msg::Say(Notice { text, tone: Tone::Bad }))
    }
}

/// Does what is asked at a server until nobody asks any more.
fn visit(desk: usize, source: &Source, asked: &Receiver<Vec<Deed>>, hear: &UnboundedSender<Came>) {
    while let Ok(deeds) = asked.recv() {
        let did = deeds.iter().try_for_each(|deed| match deed {
            Deed::Write(silence) => alertmanager::silence(source, silence).map(drop),
            Deed::End(id) => alertmanager::unsilence(source, id),
        });
        let listed = did.and_then(|()| alertmanager::listed(source));
        if hear.send(Came::Silences(Box::new(Round { desk, listed }))).is_err() {
            return;
        }
    }
}

/// Where room and server differ.
#[derive(Debug, Default, PartialEq)]
struct Found {
    deeds: Vec<Deed>,
    news: Vec<Intent>,
    /// Why something cannot be done there.
    unclear: Option<String>,
}

/// What both sides know.
struct Sides<'a> {
    room: &'a Room,
    source: &'a Source,
    listed: &'a [Listed],
    now: DateTime<Utc>,
    found: Found,
}

/// The limits on one query.
struct Group<'a> {
    matchers: Vec<Matcher>,
    rules: Vec<&'a ThresholdId>,
}

/// Pure: the same two sides give the same differences.
fn compare(room: &Room, binding: &Binding, source: &Source, listed: &[Listed], now: DateTime<Utc>) -> Found {
    let mut sides = Sides { room, source, listed, now, found: Found::default() };
    sides.theirs();
    let mut kept = vec![];
    for group in groups(room, binding, source) {
        kept.extend(sides.ours(&group));
        sides.find(&group);
    }
    if source.silences == SilenceUse::Write {
        sides.end(&kept);
    }
    sides.found
}

fn groups<'a>(room: &'a Room, binding: &Binding, source: &Source) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'_>> = vec![];
    for limit in &room.plan.thresholds {
        let signal = binding.signal(&limit.metric).filter(|s| s.source == source.name);
        let Some(matchers) = signal.and_then(|s| alertmanager::understood(&s.query)) else { continue };
        match groups.iter_mut().find(|g| g.matchers == matchers) {
            Some(group) => group.rules.push(&limit.id),
            None => groups.push(Group { matchers, rules: vec![&limit.id] }),
        }
    }
    groups
}

impl Sides<'_> {
    /// Silences of there that this room knows: whether they still are as it knows them.
    fn theirs(&mut self) {
        for (rule, silence) in self.room.silences(self.now) {
            let Some(there) = silence.there.as_ref().filter(|t| t.source == self.source.name) else {
                continue;
            };
            let id = Some(there.id.as_str());
            match self.listed.iter().find(|l| l.silence.id.as_deref() == id && !l.over) {
                None => self.found.news.push(ended(rule, self.source)),
                Some(l) if apart(l.silence.ends_at, silence.until) => {
                    self.found.news.push(Intent::FindSilence {
                        rule: rule.clone(),
                        reason: silence.reason.clone(),
                        until: l.silence.ends_at,
                        there: there.clone(),
                    });
                }
                Some(_) => {}
            }
        }
    }

    /// What this room wants to be silent, by the silence that lasts longest: its mark, and those of
    /// the others, which need not be there.
    fn ours(&mut self, group: &Group<'_>) -> Option<String> {
        let silence = |rule| Some((rule, self.room.silence(rule, self.now)?));
        let own = group.rules.iter().copied().filter_map(silence).filter(|(_, s)| s.there.is_none());
        let (rule, silence) = own.max_by_key(|(_, s)| s.until)?;
        let mark = mark(self.room, rule, silence.at);
        let marked = |l: &&Listed| l.silence.comment.ends_with(&mark);
        let live: Vec<Silence> = self.marked(&mark).cloned().collect();
        if let Some(first) = live.first() {
            if let Some(id) = first.id.clone().filter(|_| apart(first.ends_at, silence.until)) {
                let there = There { source: self.source.name.clone(), id, by: first.created_by.clone() };
                let (rule, reason) = (rule.clone(), silence.reason.clone());
                let until = first.ends_at;
                self.found.news.push(Intent::FindSilence { rule, reason, until, there });
            }
            // Written twice after all: one is enough.
            let more: Vec<Deed> = live[1..].iter().filter_map(|s| s.id.clone().map(Deed::End)).collect();
            self.found.deeds.extend(more);
        } else if let Some(over) = self.listed.iter().find(|l| l.over && marked(l)) {
            // At its end by another clock is no end before its time.
            let early = apart(over.silence.ends_at, silence.until);
            self.found.news.extend(early.then(|| ended(rule, self.source)));
        } else if self.source.silences == SilenceUse::Write && !self.is_silent(&group.matchers, silence.until)
        {
            let wanted = written(silence, &group.matchers, &mark, self.now);
            match group.matchers.is_empty() {
                false => self.found.deeds.push(Deed::Write(wanted)),
                true => {
                    let name = &self.source.name;
                    self.found.unclear = Some(format!(
                        "a silence of every alert is not written to {name}; name them in the signal's query"
                    ));
                }
            }
        }
        Some(mark)
    }

    fn marked<'m>(&'m self, mark: &'m str) -> impl Iterator<Item = &'m Silence> {
        let live = self.listed.iter().filter(|l| !l.over).map(|l| &l.silence);
        live.filter(move |s| s.comment.ends_with(mark))
    }

    /// Silences of others, the longest first.
    fn others(&self, matchers: &[Matcher]) -> Vec<&Silence> {
        let room = room_mark(self.room);
        let live = self.listed.iter().filter(|l| !l.over).map(|l| &l.silence);
        let active = live.filter(|s| s.starts_at <= self.now + CLOSE && s.ends_at > self.now);
        let mut others: Vec<&Silence> =
            active.filter(|s| !s.comment.contains(&room) && s.covers(matchers)).collect();
        others.sort_by_key(|s| std::cmp::Reverse(s.ends_at));
        others
    }

    fn is_silent(&self, matchers: &[Matcher], until: DateTime<Utc>) -> bool {
        self.others(matchers).first().is_some_and(|s| s.ends_at + CLOSE >= until)
    }

    /// What others made silent there and this room does not know.
    fn find(&mut self, group: &Group<'_>) {
        let new = |s: &&&Silence| s.id.as_ref().is_some_and(|id| !self.room.is_lifted(id));
        let Some(other) = self.others(&group.matchers).iter().find(new).copied().cloned() else { return };
        let Some(id) = other.id else { return };
        let there = There { source: self.source.name.clone(), id, by: other.created_by };
        for rule in group.rules.iter().filter(|r| self.room.silence(r, self.now).is_none()) {
            let (rule, reason, there) = ((*rule).clone(), other.comment.clone(), there.clone());
            self.found.news.push(Intent::FindSilence { rule, reason, until: other.ends_at, there });
        }
    }

    /// What is not wanted there any more: silences of this room whose mark is not `kept`, and those of
    /// others that were lifted here.
    fn end(&mut self, kept: &[String]) {
        let room = room_mark(self.room);
        let known: Vec<&str> =
            self.room.silences(self.now).filter_map(|(_, s)| Some(s.there.as_ref()?.id.as_str())).collect();
        for silence in self.listed.iter().filter(|l| !l.over).map(|l| &l.silence) {
            let Some(id) = &silence.id else { continue };
            let dropped = silence.comment.contains(&room)
                && !kept.iter().any(|mark| silence.comment.ends_with(mark))
                && !known.contains(&id.as_str());
            if dropped || self.room.is_lifted(id) {
                self.found.deeds.push(Deed::End(id.clone()));
            }
        }
    }
}

fn written(silence: &crate::room::Silence, matchers: &[Matcher], mark: &str, now: DateTime<Utc>) -> Silence {
    Silence {
        id: None,
        matchers: matchers.to_vec(),
        starts_at: now,
        ends_at: silence.until,
        created_by: silence.by.clone(),
        comment: format!("{}{mark}", silence.reason),
    }
}

fn ended(rule: &ThresholdId, source: &Source) -> Intent {
    Intent::LoseSilence { rule: rule.clone(), there: source.name.clone() }
}

fn apart(one: DateTime<Utc>, other: DateTime<Utc>) -> bool {
    (one - other).abs() > CLOSE
}

/// By which silences of this room are known: its name and when it was opened.
fn room_mark(room: &Room) -> String {
    let opened = room.opened.map(|at| at.timestamp_millis()).unwrap_or_default();
    format!(" [warroom {} ", short(&format!("{}\n{opened}", room.name)))
}

/// By which one silence of this room is known, at the end of its comment.
fn mark(room: &Room, rule: &ThresholdId, at: DateTime<Utc>) -> String {
    format!("{}{}]", room_mark(room), short(&format!("{rule}\n{}", at.timestamp_millis())))
}

fn short(text: &str) -> String {
    Sha256::digest(text)[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "silences_tests.rs"]
mod tests;
