//! What happened when, and the room as it was at any moment. Pure.
//!
//! A [`Chronicle`] is the light index of a journal: sixteen bytes an event, enough to draw a list,
//! to filter it and to find a moment. [`Moments`] keeps checkpoints of the fold, so that a moment
//! costs the reading of a few thousand entries and not of all. Both are fed in the journal's order
//! by whoever reads it; neither reads anything.

use chrono::{DateTime, Utc};

use super::event::{Entry, Event};
use super::fold::{RECENT, Room};

/// What an event is about, for filters and jumps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Alerts, what people saw, what follows from them.
    Alert,
    /// Runs, flags, approvals.
    Run,
    /// Sign-offs and polls.
    Sign,
    /// Items.
    Tick,
    /// Notes and evidence.
    Note,
    /// Phases, T0, the plan and the room itself.
    Phase,
    /// Everything else.
    Other,
}

impl Kind {
    /// Every kind, in the order of the filter.
    pub const ALL: [Kind; 7] =
        [Kind::Alert, Kind::Run, Kind::Sign, Kind::Tick, Kind::Note, Kind::Phase, Kind::Other];

    /// Its heading.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Alert => "alerts",
            Kind::Run => "runs and flags",
            Kind::Sign => "sign-offs and polls",
            Kind::Tick => "ticks",
            Kind::Note => "notes",
            Kind::Phase => "phases",
            Kind::Other => "other",
        }
    }

    /// What an event is about.
    pub fn of(event: &Event) -> Self {
        match event {
            Event::NoteAdded { .. } | Event::NoteWithdrawn { .. } | Event::EvidenceAdded { .. } => Kind::Note,
            event if event.item().is_some() => Kind::Tick,
            Event::SignedOff { .. }
            | Event::PollOpened { .. }
            | Event::Voted { .. }
            | Event::PollClosed { .. }
            | Event::SignOffAsked { .. }
            | Event::SignersAdopted { .. } => Kind::Sign,
            Event::RoomOpened { .. }
            | Event::PlanAdopted { .. }
            | Event::T0Set { .. }
            | Event::PhaseStarted { .. }
            | Event::PhaseHeld { .. }
            | Event::PhaseResumed { .. }
            | Event::PhaseCompleted { .. }
            | Event::ClockHeld { .. }
            | Event::ClockResumed { .. }
            | Event::HoldPlanned { .. } => Kind::Phase,
            Event::FlagChangeStarted { .. }
            | Event::FlagChangeEnded { .. }
            | Event::FlagRecorded { .. }
            | Event::FlagResolved { .. }
            | Event::RungReviewed { .. }
            | Event::RungOverridden { .. }
            | Event::RunStarted { .. }
            | Event::StepStarted { .. }
            | Event::StepEnded { .. }
            | Event::RunEnded { .. }
            | Event::RunResolved { .. }
            | Event::Proposed { .. }
            | Event::Approved { .. }
            | Event::ProposalWithdrawn { .. }
            | Event::ApprovalRefused { .. } => Kind::Run,
            Event::AlertFired { .. }
            | Event::AlertResolved { .. }
            | Event::AlertAcknowledged { .. }
            | Event::AlertSuperseded { .. }
            | Event::AlertSilenced { .. }
            | Event::SilenceEnded { .. }
            | Event::ProcedureSuggested { .. }
            | Event::SuggestionDismissed { .. }
            | Event::TriggerHappened { .. }
            | Event::TriggerOver { .. }
            | Event::SignalLost { .. }
            | Event::SignalFound { .. }
            | Event::CriterionJudged { .. } => Kind::Alert,
            _ => Kind::Other,
        }
    }

    /// Whether a jump to the next of its kind stops there: where something begins, not at every word
    /// about it.
    fn begins(event: &Event) -> bool {
        matches!(
            event,
            Event::AlertFired { .. }
                | Event::TriggerHappened { .. }
                | Event::RunStarted { .. }
                | Event::FlagChangeStarted { .. }
                | Event::FlagRecorded { .. }
                | Event::SignedOff { .. }
                | Event::PollOpened { .. }
                | Event::PollClosed { .. }
                | Event::PhaseStarted { .. }
                | Event::PhaseHeld { .. }
                | Event::PhaseResumed { .. }
                | Event::PhaseCompleted { .. }
        )
    }
}

/// One event of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happened {
    /// Milliseconds since 1970; never before the event in front of it, so that every time has its
    /// place. Two machines' clocks may say otherwise; the entry itself keeps what they said.
    at: i64,
    /// What it is about.
    pub kind: Kind,
    begins: bool,
}

/// Every event of a journal, in a few bytes each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chronicle {
    all: Vec<Happened>,
    counts: [usize; Kind::ALL.len()],
}

impl Chronicle {
    /// Takes the next entry; another than the next changes nothing.
    pub fn push(&mut self, entry: &Entry) {
        let one = Happened {
            at: entry.at.timestamp_millis(),
            kind: Kind::of(&entry.event),
            begins: Kind::begins(&entry.event),
        };
        self.extend(entry.seq.saturating_sub(1), &[one]);
    }

    /// Takes what another one has of the places behind `after`; what is known already is passed over, and
    /// what would leave a gap is not taken.
    pub fn extend(&mut self, after: u64, more: &[Happened]) {
        let known = self.len().checked_sub(after).and_then(|n| usize::try_from(n).ok());
        for one in known.and_then(|known| more.get(known..)).into_iter().flatten() {
            let before = self.all.last().map_or(i64::MIN, |h| h.at);
            self.counts[one.kind as usize] += 1;
            self.all.push(Happened { at: one.at.max(before), ..*one });
        }
    }

    /// The events behind `after`.
    pub fn since(&self, after: u64) -> &[Happened] {
        self.all.get(index(after)..).unwrap_or_default()
    }

    /// How many there are; the place of the last one.
    pub fn len(&self) -> u64 {
        self.all.len() as u64
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many there are of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.counts[kind as usize]
    }

    fn get(&self, seq: u64) -> Option<&Happened> {
        self.all.get(index(seq.checked_sub(1)?))
    }

    /// What the event at a place is about.
    pub fn kind(&self, seq: u64) -> Option<Kind> {
        self.get(seq).map(|h| h.kind)
    }

    /// When the room was as this event left it.
    pub fn at(&self, seq: u64) -> Option<DateTime<Utc>> {
        self.get(seq).and_then(|h| DateTime::from_timestamp_millis(h.at))
    }

    /// The last event that had happened by then; 0 before the first.
    pub fn by(&self, time: DateTime<Utc>) -> u64 {
        let time = time.timestamp_millis();
        self.all.partition_point(|h| h.at <= time) as u64
    }

    /// The nearest event behind (or before) `seq` where something of this kind begins.
    pub fn next(&self, kind: Kind, seq: u64, forward: bool) -> Option<u64> {
        let stops = |h: &Happened| h.kind == kind && h.begins;
        let found = if forward {
            let from = index(seq).min(self.all.len());
            self.all[from..].iter().position(stops).map(|n| from + n)
        } else {
            let until = index(seq.saturating_sub(1)).min(self.all.len());
            self.all[..until].iter().rposition(stops)
        };
        found.map(|place| place as u64 + 1)
    }
}

fn index(seq: u64) -> usize {
    usize::try_from(seq).unwrap_or(usize::MAX)
}

/// At most so many checkpoints are kept; with more, every other one is let go.
const MOST: usize = 32;

/// So many entries lie between two checkpoints at first. To read and fold a thousand takes a few
/// milliseconds, and a checkpoint of a usual room a hundred kilobytes.
const EVERY: u64 = 1_024;

/// Checkpoints of a fold. The rooms in them have no plan: whoever asks for one gives it the plan that
/// its digest names.
#[derive(Clone, Debug)]
pub struct Moments {
    checkpoints: Vec<Room>,
    every: u64,
    head: Room,
}

impl Default for Moments {
    fn default() -> Self {
        Self { checkpoints: vec![], every: EVERY, head: Room::default() }
    }
}

/// Where the fold of a moment begins.
#[derive(Clone, Debug)]
pub struct Start {
    room: Room,
    /// The entries that are needed are those behind this place, up to the moment.
    pub after: u64,
}

impl Moments {
    /// Folds the next entry.
    pub fn push(&mut self, entry: &Entry) {
        self.head.apply(entry);
        if self.head.seq.is_multiple_of(self.every) && self.head.seq == entry.seq {
            let recent = std::mem::take(&mut self.head.recent);
            self.checkpoints.push(self.head.clone());
            self.head.recent = recent;
            self.thin();
        }
    }

    fn thin(&mut self) {
        if self.checkpoints.len() > MOST {
            self.every *= 2;
            let every = self.every;
            self.checkpoints.retain(|room| room.seq.is_multiple_of(every));
        }
    }

    /// The last entry folded.
    pub fn len(&self) -> u64 {
        self.head.seq
    }

    /// Whether nothing was folded.
    pub fn is_empty(&self) -> bool {
        self.head.seq == 0
    }

    /// How many checkpoints there are.
    pub fn checkpoints(&self) -> usize {
        self.checkpoints.len()
    }

    /// Where the fold of the room after `seq` begins. A room that was worked out before serves as well,
    /// where it is nearer.
    pub fn start(&self, seq: u64, near: Option<&Room>) -> Start {
        let before = self.checkpoints.partition_point(|room| room.seq <= seq);
        let room = before.checked_sub(1).map(|place| &self.checkpoints[place]);
        let kept = room.map_or(0, |room| room.seq);
        match near.filter(|near| (kept..=seq).contains(&near.seq)) {
            Some(near) => Start { room: near.clone(), after: near.seq },
            None => {
                Start { room: room.cloned().unwrap_or_default(), after: kept.saturating_sub(RECENT as u64) }
            }
        }
    }
}

impl Start {
    /// The next entry. Those that the checkpoint has folded already are only remembered.
    pub fn push(&mut self, entry: Entry) {
        if entry.seq > self.room.seq {
            self.room.apply(&entry);
        } else if self.room.recent.back().is_none_or(|last| last.seq < entry.seq) {
            self.room.recent.push_back(entry);
        }
    }

    /// The room.
    pub fn finish(self) -> Room {
        self.room
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::{Fact, Outcome, Subject};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn entry(seq: u64, second: i64, event: Event) -> Entry {
        let at = DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        Entry::read(seq, &Fact::new(Uuid::from_u128(seq.into()), at, "ana", event).to_text())
    }

    fn note(seq: u64) -> Event {
        Event::NoteAdded { on: Subject::Room, text: format!("note {seq}") }
    }

    fn event(seq: u64) -> Event {
        let item = format!("i{}", seq % 37).as_str().into();
        let text = format!("Item {}", seq % 37);
        match seq % 5 {
            0 => Event::ItemTicked { item, text },
            1 => Event::ItemUnticked { item, text },
            2 => note(seq),
            3 => Event::RunStarted {
                run: Uuid::from_u128(seq.into()),
                procedure: "p".into(),
                title: "P".into(),
            },
            _ => Event::RunEnded {
                run: Uuid::from_u128(u128::from(seq) - 1),
                title: "P".into(),
                outcome: Outcome::Done,
                detail: String::new(),
            },
        }
    }

    #[test]
    fn a_poll_is_found_among_the_signs_and_a_vote_is_no_stop() {
        let (poll, phase) = (Uuid::from_u128(7), crate::plan::PhaseId::from("p"));
        let opened = Event::PollOpened { poll, phase, name: "Canary".to_owned(), roles: vec![] };
        let seat = crate::plan::SignOffId::from("lead");
        let voted = Event::Voted {
            poll,
            seat,
            name: "Canary".to_owned(),
            role: "Lead".to_owned(),
            vote: crate::room::Vote::Go,
            reason: None,
            evidence: String::new(),
        };
        let held = Event::ClockHeld { reason: "storm".to_owned() };
        let kinds = [&opened, &voted, &held].map(|e| (Kind::of(e), Kind::begins(e)));
        assert_eq!(kinds, [(Kind::Sign, true), (Kind::Sign, false), (Kind::Phase, false)]);
    }

    fn all(len: u64) -> Vec<Entry> {
        (1..=len).map(|seq| entry(seq, seq as i64, event(seq))).collect()
    }

    fn told(entries: &[Entry]) -> Moments {
        let mut moments = Moments::default();
        entries.iter().for_each(|e| moments.push(e));
        moments
    }

    fn at(moments: &Moments, entries: &[Entry], seq: u64, near: Option<&Room>) -> Room {
        let mut start = moments.start(seq, near);
        let range = start.after as usize..seq as usize;
        entries[range].iter().for_each(|e| start.push(e.clone()));
        start.finish()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn every_moment_is_the_fold_of_what_came_before(len in 1u64..5_000, seeds in prop::collection::vec(any::<u64>(), 6)) {
            let entries = all(len);
            let moments = told(&entries);
            let mut near: Option<Room> = None;
            for seed in seeds {
                let seq = seed % (len + 1);
                let mut folded = Room::default();
                entries[..seq as usize].iter().for_each(|e| folded.apply(e));
                prop_assert_eq!(&at(&moments, &entries, seq, None), &folded, "from a checkpoint, {}", seq);
                prop_assert_eq!(&at(&moments, &entries, seq, near.as_ref()), &folded, "from a near one");
                near = Some(folded);
            }
        }
    }

    #[test]
    fn checkpoints_stay_few_and_a_fold_stays_short() {
        let tick = |seq: u64| {
            entry(
                seq,
                seq as i64,
                Event::ItemTicked { item: format!("i{}", seq % 37).as_str().into(), text: "x".into() },
            )
        };
        let mut moments = Moments::default();
        (1..=80_000).for_each(|seq| moments.push(&tick(seq)));
        assert!((10..=MOST).contains(&moments.checkpoints()), "{}", moments.checkpoints());
        let longest = (0..=80_000).step_by(61).map(|seq| seq - moments.start(seq, None).after).max().unwrap();
        assert!(longest <= 4_096 + RECENT as u64, "{longest}");
    }

    #[test]
    fn an_index_finds_times_kinds_and_jumps() {
        let fired = |seq, second| {
            entry(
                seq,
                second,
                Event::AlertFired {
                    rule: "r".into(),
                    signal: "s".into(),
                    limit: "l".into(),
                    rank: "P1".into(),
                    line: 1,
                    value: None,
                },
            )
        };
        let acknowledged = Event::AlertAcknowledged { rule: "r".into(), signal: "s".into() };
        let entries = [
            entry(1, 10, note(1)),
            fired(2, 20),
            entry(3, 15, acknowledged),
            entry(4, 30, note(4)),
            fired(5, 40),
        ];
        let mut chronicle = Chronicle::default();
        entries.iter().for_each(|e| chronicle.push(e));
        let second = |s: i64| DateTime::from_timestamp(1_800_000_000 + s, 0).unwrap();
        for (time, seq) in [(9, 0), (10, 1), (19, 1), (20, 3), (29, 3), (40, 5), (99, 5)] {
            assert_eq!(chronicle.by(second(time)), seq, "{time}: a clock behind does not go back");
        }
        assert_eq!((chronicle.count(Kind::Alert), chronicle.count(Kind::Note)), (3, 2));
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(|s| chronicle.next(Kind::Alert, s, true)),
            [Some(2), Some(2), Some(5), Some(5), Some(5), None]
        );
        assert_eq!(
            [1, 2, 3, 5].map(|s| chronicle.next(Kind::Alert, s, false)),
            [None, None, Some(2), Some(2)]
        );
    }

    #[test]
    fn polls_and_votes_are_found_with_the_sign_offs() {
        let (poll, name) = (uuid::Uuid::from_u128(1), "One".to_owned());
        let (phase, seat) = (crate::plan::PhaseId::from("one"), crate::plan::SignOffId::from("cto"));
        let role = "CTO".to_owned();
        let seats = vec![crate::room::Seat { id: seat.clone(), role: role.clone(), people: vec![] }];
        let (vote, evidence) = (crate::room::Vote::Go, "00".to_owned());
        let (result, why) = (crate::room::Verdict::Go, String::new());
        let events = [
            Event::PollOpened { poll, phase: phase.clone(), name: name.clone(), roles: seats },
            Event::Voted {
                poll,
                name: name.clone(),
                seat,
                role,
                vote,
                reason: None,
                evidence: evidence.clone(),
            },
            Event::PollClosed { poll, phase, name, result, why, evidence },
        ];
        let mut chronicle = Chronicle::default();
        (1..).zip(events).for_each(|(seq, event)| chronicle.push(&entry(seq, seq as i64, event)));
        assert_eq!(chronicle.count(Kind::Sign), 3);
        assert_eq!([0, 1, 3].map(|s| chronicle.next(Kind::Sign, s, true)), [Some(1), Some(3), None]);
    }

    #[test]
    fn pieces_that_overlap_make_one_index() {
        let entries = all(50);
        let mut whole = Chronicle::default();
        entries.iter().for_each(|e| whole.push(e));
        let mut pieces = Chronicle::default();
        pieces.extend(0, &whole.since(0)[..20]);
        pieces.extend(30, whole.since(30));
        assert_eq!(pieces.len(), 20, "a gap is not taken");
        pieces.extend(10, whole.since(10));
        pieces.push(&entries[7]);
        assert_eq!(pieces, whole);
    }
}
