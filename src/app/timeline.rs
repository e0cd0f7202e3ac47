//! The Timeline screen as data: a light index of everything that happened, the rows that pass the
//! filter, where the cursor stands, and the entries that are at hand. Pure: what is missing is asked
//! for by [`Effect::AskPast`] and comes back as [`Msg::PastTold`](super::Msg); a key never waits for it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{App, Effect, Screen, Tone};
use crate::plan::binding::Binding;
use crate::room::{Chronicle, Entry, Happened, Kind, Room};
use crate::signal::Signals;

/// A moment of a launch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// As this event left it.
    Event(u64),
    /// At a time.
    Time(DateTime<Utc>),
}

/// What is asked of the reader of the past. `to` is the end that the journal has verified: nothing
/// behind it is read.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "field names say it; each variant is documented")]
pub enum PastAsk {
    /// The index, from behind a place on.
    Read { after: u64, to: u64 },
    /// These entries.
    Rows(Vec<u64>),
    /// Every event whose words hold a text.
    Find { text: String, to: u64 },
    /// The room at a moment, then what its signals measured; only the newest turn is of use. The
    /// `chart`ed metric is read first.
    Go { turn: u64, place: Place, to: u64, binding: Option<Arc<Binding>>, chart: Option<String> },
}

/// What the reader of the past found.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "field names say it; each variant is documented")]
pub enum PastTold {
    /// A piece of the index.
    Index { after: u64, more: Vec<Happened> },
    /// Entries.
    Rows(Vec<Entry>),
    /// The places of what was searched for.
    Found { text: String, seqs: Vec<u64> },
    /// A moment.
    Moment(Box<Moment>),
    /// It cannot be read, and why.
    Failed(String),
}

/// How much of what was measured is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loaded {
    /// Nothing yet.
    #[default]
    Nothing,
    /// The last minutes of every signal.
    Lately,
    /// All that charts can show.
    Whole,
}

/// The room at a moment.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Whose turn it answers.
    pub turn: u64,
    /// The last event that had happened.
    pub seq: u64,
    /// The moment.
    pub at: DateTime<Utc>,
    /// The room; none where only its signals are new.
    pub room: Option<Room>,
    /// What the signals were measured by.
    pub binding: Arc<Binding>,
    /// What they had measured; none until it was read.
    pub gauges: Option<Signals>,
    /// How much of it.
    pub loaded: Loaded,
}

/// So many entries are kept at hand at most.
const PAGE: usize = 1_200;

/// The list of everything that happened.
#[derive(Debug, Default)]
pub struct Timeline {
    index: Chronicle,
    /// The end of the journal.
    end: u64,
    /// The kind that is shown; none for all.
    kind: Option<Kind>,
    /// The places that pass the filter; empty where all do.
    rows: Vec<u32>,
    /// The chosen place; none for the newest, whatever that is.
    chosen: Option<u64>,
    page: BTreeMap<u64, Entry>,
    asked: HashSet<u64>,
    reading: u64,
    searched: String,
    found: Option<Vec<u64>>,
    /// What measures what, where no binding is in force.
    pub binding: Option<Arc<Binding>>,
}

impl Timeline {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self.kind {
            None => usize::try_from(self.end.max(self.index.len())).unwrap_or(usize::MAX),
            Some(_) => self.rows.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many events the journal has.
    pub fn total(&self) -> u64 {
        self.end.max(self.index.len())
    }

    /// Whether the index is still being read.
    pub fn is_reading(&self) -> bool {
        self.index.len() < self.end
    }

    /// The place in the journal of a row.
    pub fn seq(&self, row: usize) -> u64 {
        match self.kind {
            None => row as u64 + 1,
            Some(_) => self.rows.get(row).copied().unwrap_or_default().into(),
        }
    }

    /// The row of a place, or of the nearest one in front of it that is shown.
    fn row(&self, seq: u64) -> usize {
        let row = match self.kind {
            None => usize::try_from(seq.saturating_sub(1)).unwrap_or(usize::MAX),
            Some(_) => self.rows.partition_point(|s| u64::from(*s) <= seq).saturating_sub(1),
        };
        row.min(self.len().saturating_sub(1))
    }

    /// The row under the cursor.
    pub fn at(&self) -> usize {
        self.row(self.chosen.unwrap_or(u64::MAX))
    }

    /// The place of the chosen event; 0 where there is none.
    pub fn chosen(&self) -> u64 {
        if self.is_empty() { 0 } else { self.seq(self.at()) }
    }

    /// The kind that is shown; none for all.
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// Every event in a few bytes.
    pub fn index(&self) -> &Chronicle {
        &self.index
    }

    /// An entry that is at hand.
    pub fn entry(&self, seq: u64) -> Option<&Entry> {
        self.page.get(&seq)
    }

    /// The places that hold what is searched for; none while they are looked for.
    pub fn found(&self) -> Option<&[u64]> {
        self.found.as_deref()
    }

    /// Puts the cursor on a place; on the newest it stays on the newest.
    pub(super) fn choose(&mut self, seq: u64) {
        self.chosen = (seq < self.seq(self.len().saturating_sub(1))).then_some(seq);
    }

    fn step(&mut self, rows: isize) {
        let row = super::act::clamped(self.at(), rows, self.len());
        self.choose(self.seq(row));
    }

    /// Shows another kind; the cursor stays where it was, or at what is nearest.
    fn show(&mut self, kind: Option<Kind>) {
        let chosen = self.chosen;
        self.kind = kind;
        self.rows.clear();
        if let Some(kind) = kind {
            let all = self.index.since(0).iter().zip(1u32..);
            self.rows = all.filter(|(h, _)| h.kind == kind).map(|(_, seq)| seq).collect();
        }
        self.chosen = chosen;
    }

    fn turn_filter(&mut self, forward: bool) {
        let kinds: Vec<Option<Kind>> = std::iter::once(None).chain(Kind::ALL.map(Some)).collect();
        let shown = |k: &&Option<Kind>| k.is_none_or(|k| self.index.count(k) > 0) || **k == self.kind;
        let kinds: Vec<Option<Kind>> = kinds.iter().filter(shown).copied().collect();
        let at = kinds.iter().position(|k| *k == self.kind).unwrap_or(0);
        let next = if forward { at + 1 } else { at + kinds.len() - 1 };
        self.show(kinds[next % kinds.len()]);
    }

    /// The journal's end as it is known now.
    pub(super) fn opened(&mut self, seq: u64, recent: &std::collections::VecDeque<Entry>) {
        self.end = seq;
        self.keep(recent.iter().cloned());
    }

    /// Something was stored.
    pub(super) fn recorded(&mut self, entries: &[Entry]) {
        let before = self.index.len();
        entries.iter().for_each(|e| self.index.push(e));
        self.add_rows(before);
        self.end = entries.iter().map(|e| e.seq).fold(self.end, u64::max);
        self.keep(entries.iter().cloned());
    }

    fn add_rows(&mut self, before: u64) {
        let Some(kind) = self.kind else { return };
        let new = self.index.since(before).iter().zip(before + 1..);
        let new = new.filter(|(h, _)| h.kind == kind).filter_map(|(_, seq)| u32::try_from(seq).ok());
        self.rows.extend(new);
    }

    fn keep(&mut self, entries: impl Iterator<Item = Entry>) {
        for entry in entries {
            self.asked.remove(&entry.seq);
            self.page.insert(entry.seq, entry);
        }
        let chosen = self.chosen();
        while self.page.len() > PAGE {
            // The farthest from the cursor goes first.
            let ends = (self.page.first_key_value(), self.page.last_key_value());
            let (Some((first, _)), Some((last, _))) = ends else { return };
            let first_goes = chosen.abs_diff(*first) > chosen.abs_diff(*last);
            drop(if first_goes { self.page.pop_first() } else { self.page.pop_last() });
        }
    }

    fn told_index(&mut self, after: u64, more: &[Happened]) {
        let before = self.index.len();
        self.index.extend(after, more);
        self.add_rows(before);
        if more.is_empty() {
            // The reader has no more than that; whatever comes later is asked for then.
            self.end = self.index.len();
        }
    }

    fn told_found(&mut self, text: &str, seqs: Vec<u64>) {
        if text != self.searched {
            return;
        }
        let seqs: Vec<u64> = seqs.into_iter().filter(|s| self.shows(*s)).collect();
        let at = self.chosen();
        let place = seqs.partition_point(|s| *s <= at);
        if let Some(nearest) = seqs.get(place.saturating_sub(1)) {
            self.choose(*nearest);
        }
        self.found = Some(seqs);
    }

    fn shows(&self, seq: u64) -> bool {
        self.kind.is_none_or(|kind| self.index.kind(seq) == Some(kind))
    }

    /// The match behind the cursor, or in front of it, round the end.
    fn next_match(&self, forward: bool) -> Option<u64> {
        let found = self.found.as_ref()?;
        let at = self.chosen();
        let fits = |s: &&u64| self.shows(**s);
        let mut behind = found.iter().filter(fits);
        let found = match forward {
            true => behind.find(|s| **s > at).or_else(|| found.iter().find(fits)),
            false => behind.rfind(|s| **s < at).or_else(|| found.iter().rfind(fits)),
        };
        found.copied()
    }

    /// The shown event in front of a place, or behind it.
    pub(super) fn beside(&self, seq: u64, forward: bool) -> Option<u64> {
        match (self.kind, forward) {
            (None, true) => Some(seq + 1).filter(|s| *s <= self.total()),
            (None, false) => seq.checked_sub(1).filter(|s| *s > 0),
            (Some(_), true) => self.rows.iter().map(|s| u64::from(*s)).find(|s| *s > seq),
            (Some(_), false) => self.rows.iter().map(|s| u64::from(*s)).rfind(|s| *s < seq),
        }
    }

    /// What a screen of this height lacks.
    fn lacks(&mut self, height: usize) -> Option<PastAsk> {
        let (at, reach) = (self.at(), 2 * height.max(10));
        let rows = at.saturating_sub(reach)..(at + reach).min(self.len());
        let near = at.saturating_sub(height)..(at + height).min(self.len());
        let lacking = |rows: std::ops::Range<usize>| {
            let seqs = rows.map(|row| self.seq(row));
            seqs.filter(|s| !self.page.contains_key(s) && !self.asked.contains(s)).collect::<Vec<_>>()
        };
        if lacking(near).is_empty() {
            return None;
        }
        let seqs = lacking(rows);
        self.asked.extend(&seqs);
        Some(PastAsk::Rows(seqs))
    }
}

impl App {
    /// The list of everything that happened, wherever it is looked at from.
    pub fn timeline(&self) -> &Timeline {
        self.past.as_ref().map_or(&self.timeline, |past| &past.app.timeline)
    }

    pub(super) fn timeline_mut(&mut self) -> &mut Timeline {
        match &mut self.past {
            Some(past) => &mut past.app.timeline,
            None => &mut self.timeline,
        }
    }

    /// `6`: everything that happened.
    pub(super) fn open_timeline(&mut self) {
        if self.screen == Screen::Timeline {
            return;
        }
        (self.screen, self.zoomed) = (Screen::Timeline, false);
        self.search.text.clear();
    }

    pub(super) fn move_in_timeline(&mut self, rows: isize) {
        self.timeline.step(rows);
    }

    pub(super) fn choose_event(&mut self, row: usize) {
        let seq = self.timeline.seq(row.min(self.timeline.len().saturating_sub(1)));
        self.timeline.choose(seq);
    }

    pub(super) fn turn_filter(&mut self, forward: bool) {
        self.timeline.turn_filter(forward);
        let word = self.timeline.kind().map_or("everything", Kind::word);
        self.say(Tone::Plain, format!("{word}: {} shown", self.timeline.len()));
    }

    /// `n` and `N` on the Timeline.
    pub(super) fn next_found(&mut self, forward: bool) {
        match (self.timeline.next_match(forward), self.search.text.is_empty(), self.timeline.found()) {
            (Some(seq), false, _) => self.timeline.choose(seq),
            (_, true, _) => self.say(Tone::Plain, "nothing searched for yet: / searches"),
            (None, _, None) => self.say(Tone::Plain, "still searching"),
            (None, _, Some(_)) => {
                let text = format!("no “{}” in this list", self.search.text);
                self.say(Tone::Plain, text);
            }
        }
    }

    /// What the reader of the past is to be asked, after anything that happened.
    pub(super) fn timeline_wants(&mut self) -> Vec<Effect> {
        let on_it = self.screen == Screen::Timeline;
        if !on_it && !self.was {
            return vec![];
        }
        let (height, timeline) = (usize::from(self.size.1), &mut self.timeline);
        let mut asks = vec![];
        if timeline.index.len() < timeline.end && timeline.reading != timeline.end {
            timeline.reading = timeline.end;
            asks.push(PastAsk::Read { after: timeline.index.len(), to: timeline.end });
        }
        if on_it {
            asks.extend(timeline.lacks(height));
            if timeline.searched != self.search.text {
                timeline.searched.clone_from(&self.search.text);
                timeline.found = None;
                let (text, to) = (self.search.text.clone(), timeline.end);
                asks.extend((!text.is_empty()).then_some(PastAsk::Find { text, to }));
            }
        }
        asks.into_iter().map(Effect::AskPast).collect()
    }

    /// What the reader of the past found.
    pub(super) fn past_told(&mut self, told: PastTold) -> Vec<Effect> {
        match told {
            PastTold::Index { after, more } => self.timeline_mut().told_index(after, &more),
            PastTold::Rows(entries) => self.timeline_mut().keep(entries.into_iter()),
            PastTold::Found { text, seqs } => self.timeline_mut().told_found(&text, seqs),
            PastTold::Moment(moment) => self.arrive(*moment),
            PastTold::Failed(why) => self.say(Tone::Bad, format!("the past cannot be read: {why}")),
        }
        vec![]
    }
}
