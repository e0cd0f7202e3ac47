//! What the signals of a room had measured at a moment: series cut there, read from the stored samples,
//! and the states of the rules. What fires and what is blind says the journal; the rest is judged anew
//! over the last minutes, as the watch judged it. Owned by the reader of the past.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::Loaded;
use crate::journal::{Asked, JournalError, Past, Reader};
use crate::plan::binding::{Binding, Signal, Source, SourceKind, normal};
use crate::plan::{PhaseId, Plan, ThresholdId};
use crate::room::{PhaseProgress, Room};
use crate::signal::{Sample, Series, Signals};

/// So much is read, and judged again, before a moment is shown: what the Board draws.
const LATELY: TimeDelta = TimeDelta::minutes(20);

/// So much more is read behind it: what the longest chart shows.
const WHOLE: TimeDelta = TimeDelta::hours(24);

/// It is judged again in steps of so long.
const STEP: TimeDelta = TimeDelta::seconds(5);

/// Where reading takes longer than that, the room is shown first.
const SLOW: Duration = Duration::from_millis(50);

/// Every signal of a room at the moment that was looked at last.
pub(super) struct Gauges {
    past: Past,
    reader: Option<Reader>,
    series: Vec<(i64, Asked)>,
    /// What the stored series say of themselves, where there is no binding.
    own: Option<Arc<Binding>>,
    known: Option<Known>,
    slow: bool,
}

struct Known {
    plan: Arc<Plan>,
    binding: Arc<Binding>,
    signals: Signals,
    at: DateTime<Utc>,
    /// The stored series of each signal.
    places: Vec<Option<i64>>,
    /// The next signal whose history is to be read.
    next: usize,
    told: bool,
}

impl Gauges {
    pub fn new(past: Past) -> Self {
        Self { past, reader: None, series: vec![], own: None, known: None, slow: false }
    }

    fn open(&mut self) -> Result<(), JournalError> {
        if let Some(reader) = &mut self.reader {
            reader.tail()?;
            return Ok(());
        }
        self.reader = self.past.open()?;
        self.series = self.reader.as_ref().map(Reader::series).transpose()?.unwrap_or_default();
        Ok(())
    }

    /// What measured: the binding in force, else what the stored series say, with what people typed.
    pub fn binding(
        &mut self,
        binding: Option<Arc<Binding>>,
        room: &Room,
    ) -> Result<Arc<Binding>, JournalError> {
        self.open()?;
        let binding = match (binding, &self.own) {
            (Some(binding), _) => binding,
            (None, Some(own)) => Arc::clone(own),
            (None, None) => Arc::clone(self.own.insert(Arc::new(self.stored()?))),
        };
        let typed: Vec<String> = room.typed().filter_map(|all| Some(all.last()?.signal.clone())).collect();
        let more = binding.with_typed(typed.iter().map(String::as_str)).map(Arc::new);
        // The same one again, so that what is known goes on.
        let known = self.known.as_ref().map(|k| &k.binding).filter(|known| more.as_ref() == Some(known));
        Ok(known.cloned().or(more).unwrap_or(binding))
    }

    /// The newest series of each name, asked as often as it was measured.
    fn stored(&self) -> Result<Binding, JournalError> {
        let mut binding = Binding::default();
        let Some(reader) = &self.reader else { return Ok(binding) };
        let ends = reader.ends()?;
        for (id, asked) in self.series.iter().rev() {
            let (Some(end), None) = (ends.get(id), binding.signal(&asked.name)) else { continue };
            let every = every(&reader.samples(*id, *end - TimeDelta::hours(1), *end)?);
            binding.sources.push(Source::new(&asked.name, SourceKind::Prometheus, "", every));
            let query = asked.question.lines().nth(1).unwrap_or_default().to_owned();
            let (name, source) = (asked.name.clone(), asked.name.clone());
            binding.signals.push(Signal { name, source, query, scale: 1.0, ..Signal::default() });
        }
        binding.signals.reverse();
        Ok(binding)
    }

    /// Whether the room had better be shown before its signals.
    pub fn is_slow(&self, room: &Room, binding: &Arc<Binding>, at: DateTime<Utc>) -> bool {
        self.slow && !self.goes_on(room, binding, at)
    }

    /// Whether what is known can simply go on to a moment.
    fn goes_on(&self, room: &Room, binding: &Arc<Binding>, at: DateTime<Utc>) -> bool {
        self.known.as_ref().is_some_and(|known| {
            let ahead = at - known.at;
            let same = Arc::ptr_eq(&known.plan, &room.plan) && Arc::ptr_eq(&known.binding, binding);
            same && ahead >= TimeDelta::zero() && ahead <= LATELY
        })
    }

    /// Every signal at a moment, and how much of it is there. The history of `chart` is read at once.
    pub fn at(
        &mut self,
        room: &Room,
        binding: &Arc<Binding>,
        at: DateTime<Utc>,
        chart: Option<&str>,
    ) -> Result<(Signals, Loaded), JournalError> {
        let began = Instant::now();
        if !self.goes_on(room, binding, at) {
            self.known = Some(self.begin(room, binding, at));
        }
        self.go_on(room, at)?;
        self.slow = began.elapsed() > SLOW;
        let place = chart.and_then(|metric| binding.place(metric));
        let (reader, Some(known)) = (&self.reader, &mut self.known) else {
            return Ok((Signals::default(), Loaded::Whole));
        };
        if let Some(place) = place.filter(|place| *place >= known.next) {
            known.remember(reader.as_ref(), place)?;
        }
        let whole = known.next >= known.places.len();
        known.told = whole;
        Ok((known.signals.clone(), if whole { Loaded::Whole } else { Loaded::Lately }))
    }

    fn begin(&self, room: &Room, binding: &Arc<Binding>, at: DateTime<Utc>) -> Known {
        let mut known = Known {
            plan: Arc::clone(&room.plan),
            binding: Arc::clone(binding),
            signals: Signals::new(&room.plan, binding),
            at: at - LATELY,
            places: binding.signals.iter().map(|s| self.stored_as(s)).collect(),
            next: 0,
            told: false,
        };
        known.remember_typed(room, at);
        known
    }

    /// The stored series of a signal: of its very question, else the newest of its name.
    fn stored_as(&self, signal: &Signal) -> Option<i64> {
        let asked = Asked::of(signal);
        let exact = self.series.iter().find(|(_, known)| *known == asked);
        let named = || self.series.iter().rev().find(|(_, known)| known.name == asked.name);
        exact.or_else(named).map(|(id, _)| *id)
    }

    /// Takes in what was measured up to a moment, step by step, and judges it.
    fn go_on(&mut self, room: &Room, at: DateTime<Utc>) -> Result<(), JournalError> {
        let (reader, Some(known)) = (&self.reader, &mut self.known) else { return Ok(()) };
        let Known { plan, binding, signals, .. } = known;
        let baselines: Vec<_> = room.baselines().map(|b| (b.metric.as_str(), b.value)).collect();
        signals.compare_with(baselines.into_iter(), plan, binding, known.at);
        let mut lately = known.lately(reader.as_ref(), room, at)?;
        let open = |phase: &PhaseId| is_open(room, phase);
        let mut now = known.at;
        while now < at {
            now = at.min(now + STEP);
            for (signal, samples) in &mut lately {
                let count = samples.partition_point(|s| s.at <= now);
                if count > 0 {
                    known.signals.take(*signal, &samples[..count]);
                    *samples = samples.split_off(count);
                }
            }
            known.signals.evaluate(now, &open);
        }
        known.at = at;
        known.restore(room);
        Ok(())
    }

    /// Reads the history of one more signal; says whether there was one.
    pub fn read_history(&mut self) -> Result<bool, JournalError> {
        let (reader, Some(known)) = (&self.reader, &mut self.known) else { return Ok(false) };
        if known.next >= known.places.len() {
            return Ok(false);
        }
        let place = known.next;
        known.remember(reader.as_ref(), place)?;
        known.next += 1;
        Ok(true)
    }

    /// Everything, once the history of all is read; once.
    pub fn take_whole(&mut self) -> Option<(DateTime<Utc>, Arc<Binding>, Signals)> {
        let known = self.known.as_mut().filter(|k| !k.told && k.next >= k.places.len())?;
        known.told = true;
        Some((known.at, Arc::clone(&known.binding), known.signals.clone()))
    }
}

impl Known {
    /// What was measured since the last step, by signal.
    fn lately(
        &self,
        reader: Option<&Reader>,
        room: &Room,
        at: DateTime<Utc>,
    ) -> Result<Vec<(usize, Vec<Sample>)>, JournalError> {
        let mut lately = vec![];
        for (signal, place) in self.places.iter().enumerate() {
            let typed = self.typed(signal, room, at);
            let samples = match (typed, reader, place) {
                (Some(typed), ..) => typed.into_iter().filter(|s| s.at > self.at).collect(),
                (None, Some(reader), Some(place)) => reader.samples(*place, self.at, at)?,
                _ => continue,
            };
            lately.push((signal, samples));
        }
        Ok(lately)
    }

    /// What people said a signal is, until then; none where something else measures it.
    fn typed(&self, signal: usize, room: &Room, at: DateTime<Utc>) -> Option<Vec<Sample>> {
        let signal = self.binding.signals.get(signal).filter(|s| self.binding.is_by_hand(s))?;
        let wanted = normal(&signal.name);
        let all = room.typed().filter(|all| all.last().is_some_and(|t| normal(&t.signal) == wanted));
        let until = all.flatten().filter(|t| t.at <= at);
        Some(until.map(|t| Sample { at: t.at, value: t.value }).collect())
    }

    /// Typed values count for long: those of before that still do are taken, older ones are history.
    fn remember_typed(&mut self, room: &Room, at: DateTime<Utc>) {
        for signal in 0..self.places.len() {
            let mut samples = self.typed(signal, room, self.at).unwrap_or_default();
            let Some(newest) = samples.pop() else { continue };
            let lasts = self.binding.typed_for(&self.binding.signals[signal]).map(seconds);
            let counts = lasts.is_some_and(|lasts| at - newest.at <= lasts);
            let mut history = Series::default();
            for sample in samples.into_iter().chain((!counts).then_some(newest)) {
                history.push(sample);
            }
            self.signals.remember(signal, history);
            if counts {
                self.signals.take(signal, &[newest]);
            }
        }
    }

    /// Puts the day of a signal under what is known of it.
    fn remember(&mut self, reader: Option<&Reader>, signal: usize) -> Result<(), JournalError> {
        let (Some(reader), Some(Some(place))) = (reader, self.places.get(signal)) else { return Ok(()) };
        let mut history = Series::default();
        for sample in reader.samples(*place, self.at - WHOLE, self.at)? {
            history.push(sample);
        }
        self.signals.remember(signal, history);
        Ok(())
    }

    /// What the journal knows to fire, or to be blind, goes before what was judged again.
    fn restore(&mut self, room: &Room) {
        let standing: HashSet<ThresholdId> =
            self.signals.rules().filter(|r| r.state.is_alert()).map(|r| r.rule.id.clone()).collect();
        for alert in room.firing().into_iter().filter(|a| !standing.contains(&a.rule)) {
            self.signals.restore(&alert.rule, alert.since);
        }
        for (rule, _) in room.lost() {
            self.signals.restore_blind(rule, self.at);
        }
    }
}

fn is_open(room: &Room, phase: &PhaseId) -> bool {
    let runs = |phase: &PhaseId| {
        matches!(room.phase_state(phase).progress, PhaseProgress::Running | PhaseProgress::Held { .. })
    };
    let parent = room.plan.phase(phase).and_then(|p| p.parent.as_ref());
    runs(phase) || parent.is_some_and(runs)
}

fn seconds(seconds: f64) -> TimeDelta {
    TimeDelta::milliseconds((seconds.clamp(0.0, 1e9) * 1e3) as i64)
}

/// The usual time between two samples, in seconds.
fn every(samples: &[Sample]) -> f64 {
    let mut gaps: Vec<i64> = samples.windows(2).map(|w| (w[1].at - w[0].at).num_milliseconds()).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).map_or(5.0, |gap| (*gap as f64 / 1e3).clamp(1.0, 3_600.0))
}
