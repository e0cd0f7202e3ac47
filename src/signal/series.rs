//! What a signal measured: the newest points as they came, older ones as min, max and mean of a
//! span, both bounded. Pure; fed by [`super::Signals`], read by sparklines and charts.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

/// So many points are kept as they came: 15 minutes at one a second.
pub const RING: usize = 900;

/// Behind the ring: an hour in spans of 15 s, six in spans of a minute and a day in spans of two,
/// each a little longer, since a chart begins on an edge of its own.
const TIERS: [(u32, usize); 3] = [(15, 256), (60, 372), (120, 740)];

/// One measurement, in the plan's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When, by the clock of who measured.
    pub at: DateTime<Utc>,
    /// NaN where the source says that it has no number.
    pub value: f64,
}

/// The measurements of one column of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Lowest.
    pub min: f64,
    /// Highest.
    pub max: f64,
    /// The newest.
    pub last: f64,
}

impl Column {
    fn of(value: f64) -> Self {
        Self { min: value, max: value, last: value }
    }

    fn with(self, later: Column) -> Self {
        Self { min: self.min.min(later.min), max: self.max.max(later.max), last: later.last }
    }
}

/// Bounded history of one signal, in order of time. About 15 KiB when the ring is full, 47 KiB
/// after a day.
#[derive(Clone, Debug)]
pub struct Series {
    ring: VecDeque<Point>,
    /// The newest of the ring, as everybody asks for it.
    newest: Option<Sample>,
    /// The ring has forgotten samples that the tiers remember.
    evicted: bool,
    tiers: [Tier; 3],
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    /// Milliseconds since 1970.
    at: i64,
    value: f64,
}

impl Default for Series {
    fn default() -> Self {
        let tiers = TIERS.map(|(width, cap)| Tier::new(width, cap));
        Self { ring: VecDeque::new(), newest: None, evicted: false, tiers }
    }
}

impl Series {
    /// Takes a sample and says whether it was news. Not a number, one known already and one older
    /// than everything kept change nothing.
    pub fn push(&mut self, sample: Sample) -> bool {
        let point = Point { at: sample.at.timestamp_millis(), value: sample.value };
        let Ok(second) = u32::try_from(point.at.div_euclid(1_000)) else { return false };
        if point.value.is_nan() || !self.place(point) {
            return false;
        }
        for tier in &mut self.tiers {
            tier.add(second, point.value as f32);
        }
        true
    }

    fn place(&mut self, point: Point) -> bool {
        let index = match self.ring.back() {
            Some(last) if point.at <= last.at => self.ring.partition_point(|p| p.at < point.at),
            _ => self.ring.len(),
        };
        let known = self.ring.get(index).is_some_and(|p| p.at == point.at);
        let full = self.ring.len() == RING;
        if known || (full && index == 0) {
            return false;
        }
        if full {
            self.ring.pop_front();
            self.evicted = true;
        }
        grow(&mut self.ring, RING);
        let index = index - usize::from(full);
        self.ring.insert(index, point);
        if index + 1 == self.ring.len() {
            self.newest = Some(point.sample());
        }
        true
    }

    /// The newest sample.
    pub fn last(&self) -> Option<Sample> {
        self.newest
    }

    /// The samples kept as they came, oldest first.
    pub fn samples(&self) -> impl DoubleEndedIterator<Item = Sample> + '_ {
        self.ring.iter().map(Point::sample)
    }

    /// The values kept as they came that were measured from `from` on, oldest first.
    pub(super) fn values_since(&self, from: DateTime<Utc>) -> impl Iterator<Item = f64> + '_ {
        let from = from.timestamp_millis();
        let first = self.ring.partition_point(|p| p.at < from);
        self.ring.range(first..).map(|p| p.value)
    }

    /// How many samples are kept as they came.
    pub fn len(&self) -> usize {
        self.ring.len()
    }

    /// Whether nothing was ever measured.
    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// Forgets what claims to have been measured after `limit`, and says whether there was any.
    pub fn forget_after(&mut self, limit: DateTime<Utc>) -> bool {
        let limit = limit.timestamp_millis();
        let before = self.ring.len();
        while self.ring.back().is_some_and(|p| p.at > limit) {
            self.ring.pop_back();
        }
        self.newest = self.ring.back().map(Point::sample);
        for tier in &mut self.tiers {
            tier.forget_after(limit.div_euclid(1_000));
        }
        self.ring.len() < before
    }

    /// What happened between `from` and `to` in `n` columns. The last column holds `to`; the edges
    /// lie on multiples of a column's width since 1970, so that a new sample changes the last
    /// column only, and all move by one when the clock passes an edge.
    pub fn columns(&self, from: DateTime<Utc>, to: DateTime<Utc>, n: usize) -> Vec<Option<Column>> {
        let mut grid = Grid::new(from.timestamp_millis(), to.timestamp_millis(), n);
        if self.evicted {
            self.add_tiers(&mut grid);
        }
        let first = self.ring.partition_point(|p| p.at < grid.start);
        grid.add_in_order(self.ring.range(first..));
        grid.columns
    }

    /// What the ring has forgotten, oldest first, each time from the finest tier that remembers it.
    fn add_tiers(&self, grid: &mut Grid) {
        let mut until = self.ring.front().map_or(i64::MAX, |p| p.at);
        let start = grid.start;
        let ends = self.tiers.each_ref().map(|tier| {
            let end = until;
            until = tier.buckets.front().map_or(until, |b| until.min(b.at()));
            end
        });
        for (tier, end) in self.tiers.iter().zip(ends).rev().filter(|(_, end)| *end > start) {
            let width = i64::from(tier.width) * 1_000;
            let first = tier.buckets.partition_point(|b| b.at() + width <= start);
            let older = tier.buckets.range(first..).take_while(|b| b.at() < end);
            older.for_each(|b| grid.add_span(b, width, end));
        }
    }
}

/// Room for one more of at most `cap`: a thousand young series take a tenth of old ones, and none
/// ever has more than a quarter to spare.
fn grow<T>(ring: &mut VecDeque<T>, cap: usize) {
    if ring.len() == ring.capacity() {
        ring.reserve_exact((ring.len() / 4).max(8).min(cap.saturating_sub(ring.len())).max(1));
    }
}

impl Point {
    fn sample(&self) -> Sample {
        let at = DateTime::from_timestamp_millis(self.at).expect("it was made of a DateTime");
        Sample { at, value: self.value }
    }
}

/// Columns of equal width on a fixed clock grid.
struct Grid {
    start: i64,
    width: i64,
    columns: Vec<Option<Column>>,
}

impl Grid {
    fn new(from: i64, to: i64, n: usize) -> Self {
        let count = i64::try_from(n.max(1)).unwrap_or(i64::MAX);
        let width = (to.saturating_sub(from).max(1) as u64).div_ceil(count as u64) as i64;
        let start = (to.div_euclid(width) - (count - 1)).saturating_mul(width);
        Self { start, width, columns: vec![None; n] }
    }

    fn add(&mut self, at: i64, column: Column) {
        let index = usize::try_from((at - self.start).div_euclid(self.width)).ok();
        if let Some(slot) = index.and_then(|i| self.columns.get_mut(i)) {
            *slot = Some(slot.map_or(column, |c| c.with(column)));
        }
    }

    /// Points in order of time: a column's place is worked out once for all of them in it.
    fn add_in_order<'p>(&mut self, points: impl Iterator<Item = &'p Point>) {
        let mut points = points.peekable();
        while let Some(first) = points.next() {
            let end = (first.at.div_euclid(self.width) + 1).saturating_mul(self.width);
            let mut column = Column::of(first.value);
            while let Some(point) = points.next_if(|p| p.at < end) {
                column = column.with(Column::of(point.value));
            }
            self.add(first.at, column);
        }
    }

    /// A bucket counts for every column it reaches into before `until`, so that wide buckets leave no
    /// holes.
    fn add_span(&mut self, bucket: &Bucket, width: i64, until: i64) {
        let from = bucket.at();
        let to = (from + width).min(until);
        let column = bucket.column();
        let mut at = from.max(self.start - self.width);
        while at < to {
            self.add(at, column);
            at = (at.div_euclid(self.width) + 1) * self.width;
        }
    }
}

/// Buckets of one width.
#[derive(Clone, Debug)]
struct Tier {
    /// Seconds.
    width: u32,
    cap: usize,
    buckets: VecDeque<Bucket>,
}

/// A span of time in 24 bytes; it is only drawn, never judged, so half precision is enough.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    /// Seconds since 1970.
    start: u32,
    count: u32,
    min: f32,
    max: f32,
    mean: f32,
    last: f32,
}

impl Bucket {
    /// Milliseconds since 1970.
    fn at(&self) -> i64 {
        i64::from(self.start) * 1_000
    }

    fn add(&mut self, value: f32, newest: bool) {
        self.count = self.count.saturating_add(1);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.mean += (value - self.mean) / self.count as f32;
        if newest {
            self.last = value;
        }
    }

    /// What a span's newest value was is only known while the span is young; the mean speaks for
    /// the old ones where it is a number.
    fn column(&self) -> Column {
        let last = if self.mean.is_finite() { self.mean } else { self.last };
        Column { min: exact(self.min), max: exact(self.max), last: exact(last) }
    }
}

/// The number a person would have written: 99.99, not 99.98999786376953.
fn exact(value: f32) -> f64 {
    let digits = 6.0 - f64::from(value).abs().log10().floor();
    let unit = 10f64.powf(digits);
    let rounded = (f64::from(value) * unit).round() / unit;
    if rounded.is_finite() { rounded } else { f64::from(value) }
}

impl Tier {
    fn new(width: u32, cap: usize) -> Self {
        Self { width, cap, buckets: VecDeque::new() }
    }

    fn add(&mut self, second: u32, value: f32) {
        let start = second - second % self.width;
        let index = match self.buckets.back() {
            Some(last) if start == last.start => self.buckets.len() - 1,
            Some(last) if start < last.start => self.buckets.partition_point(|b| b.start < start),
            _ => self.buckets.len(),
        };
        let newest = index + 1 >= self.buckets.len();
        match self.buckets.get_mut(index) {
            Some(bucket) if bucket.start == start => bucket.add(value, newest),
            _ => self
                .insert(index, Bucket { start, count: 1, min: value, max: value, mean: value, last: value }),
        }
    }

    fn insert(&mut self, index: usize, bucket: Bucket) {
        let full = self.buckets.len() == self.cap;
        if full && index == 0 {
            return;
        }
        if full {
            self.buckets.pop_front();
        }
        grow(&mut self.buckets, self.cap);
        self.buckets.insert(index - usize::from(full), bucket);
    }

    fn forget_after(&mut self, second: i64) {
        while self.buckets.back().is_some_and(|b| i64::from(b.start) > second) {
            self.buckets.pop_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + ms).unwrap()
    }

    fn sample(ms: i64, value: f64) -> Sample {
        Sample { at: at(ms), value }
    }

    #[test]
    fn what_is_no_news_changes_nothing() {
        let mut series = Series::default();
        for (ms, value, news) in [
            (1_000, f64::NAN, false),
            (1_000, 1.0, true),
            (1_000, 9.0, false),
            (3_000, 3.0, true),
            (2_000, f64::INFINITY, true),
            (2_000, 2.0, false),
        ] {
            assert_eq!(series.push(sample(ms, value)), news, "{value} at {ms}");
        }
        let kept: Vec<_> = series.samples().map(|s| s.value).collect();
        assert_eq!(kept, [1.0, f64::INFINITY, 3.0]);
        assert!(!series.push(Sample { at: DateTime::<Utc>::MIN_UTC, value: 1.0 }));
        assert!(!series.push(Sample { at: DateTime::<Utc>::MAX_UTC, value: 1.0 }));
    }

    #[test]
    fn a_day_stays_bounded_and_its_first_hours_are_still_drawn() {
        let mut series = Series::default();
        let day = 24 * 3_600;
        for second in 0..day {
            series.push(sample(second * 1_000, if second == 5_000 { 42.5 } else { 1.0 }));
        }
        assert_eq!(series.len(), RING);
        assert!(series.tiers.iter().all(|t| t.buckets.len() <= t.cap && t.buckets.capacity() <= 2 * t.cap));
        let buckets: usize = series.tiers.iter().map(|t| t.buckets.capacity()).sum();
        let bytes = series.ring.capacity() * size_of::<Point>() + buckets * size_of::<Bucket>();
        let bytes = bytes + size_of::<Series>();
        assert!(bytes <= 48 << 10, "1,000 signals take {bytes} kB");
        let columns = series.columns(at(0), at(day * 1_000), 100);
        assert!(columns[1..].iter().all(Option::is_some), "no holes");
        assert_eq!(columns.iter().flatten().map(|c| c.max).fold(0.0, f64::max), 42.5);
        assert_eq!(columns.iter().flatten().filter(|c| c.max > 1.0).count(), 1);
        let hour = series.columns(at((day - 3_000) * 1_000), at(day * 1_000 - 1), 600);
        assert!(hour.iter().all(Option::is_some), "spans wider than a column leave no holes");
    }

    #[test]
    fn every_window_of_a_day_keeps_its_peaks_and_its_gaps() {
        let mut series = Series::default();
        let (every, day) = (5, 24 * 3_600);
        let gap = day - 3 * 3_600..day - 3 * 3_600 + 1_800;
        for second in (0..day).step_by(every).filter(|s| !gap.contains(s)) {
            let value = if second % 7_200 == 3_600 { 50.0 } else { f64::from(second) / 1e5 };
            series.push(sample(i64::from(second) * 1_000, value));
        }
        for (window, n) in [(300, 60), (3_600, 120), (6 * 3_600, 180), (day, 240)] {
            let columns =
                series.columns(at(i64::from(day - window) * 1_000), at(i64::from(day) * 1_000 - 1), n);
            let from = |i: usize| i64::from(day) - i64::from(window) * (n - i) as i64 / n as i64;
            let width = i64::from(window) / n as i64;
            for (index, column) in columns.iter().enumerate().skip(1) {
                let (start, end) = (from(index), from(index) + width);
                let silent = start >= i64::from(gap.start) + 120 && end <= i64::from(gap.end) - 120;
                assert_eq!(
                    column.is_none(),
                    silent || (column.is_none() && start >= gap.start.into() && end <= gap.end.into()),
                    "{window}: {start}"
                );
                let peak = (start..end).any(|s| s % 7_200 == 3_600 && !gap.contains(&(s as i32)));
                let near = (start - 120..end + 120).any(|s| s.rem_euclid(7_200) == 3_600);
                let seen = column.is_some_and(|c| c.max == 50.0);
                assert!(if peak { seen } else { near || !seen }, "{window}: a peak at {start}: {column:?}");
            }
            let last = columns[n - 1].unwrap().last;
            assert!((last - f64::from(day - 5) / 1e5).abs() < 1e-9, "the newest is exact: {last}");
        }
    }

    #[test]
    fn a_young_series_is_small() {
        let mut series = Series::default();
        (0..60).for_each(|second| assert!(series.push(sample(second * 1_000, 1.0))));
        let buckets: usize = series.tiers.iter().map(|t| t.buckets.capacity()).sum();
        let bytes = series.ring.capacity() * size_of::<Point>() + buckets * size_of::<Bucket>();
        assert!(bytes <= 2 << 10, "{bytes} B after a minute");
    }

    #[test]
    fn a_time_in_the_future_can_be_forgotten() {
        let mut series = Series::default();
        for ms in [0, 1_000, 7_200_000] {
            series.push(sample(ms, 1.0));
        }
        assert!(!series.forget_after(at(7_200_000)));
        assert!(series.forget_after(at(60_000)));
        assert_eq!(series.last(), Some(sample(1_000, 1.0)));
        assert_eq!(series.columns(at(0), at(7_200_000), 2)[1], None);
    }

    #[test]
    fn numbers_come_back_as_they_were_written() {
        for value in [0.0, 99.99, -0.125, 1_234_567.0, 3e-7, f64::INFINITY] {
            let got = exact(value as f32);
            assert!((got - value).abs() <= value.abs() * 1e-9 || got == value, "{value}: {got}");
        }
        assert_eq!(exact(99.99), 99.99);
    }

    proptest! {
        /// Whatever order samples come in, columns are what somebody with all of them would draw.
        #[test]
        fn columns_hold_what_happened(
            points in prop::collection::vec((0i64..100_000, -5.0f64..5.0), 0..200),
            window in 1i64..120_000, end in 0i64..120_000, n in 1usize..50,
        ) {
            let mut series = Series::default();
            let mut kept: std::collections::BTreeMap<i64, f64> = Default::default();
            for (ms, value) in &points {
                series.push(sample(*ms, *value));
                kept.entry(*ms).or_insert(*value);
            }
            let columns = series.columns(at(end - window), at(end), n);
            prop_assert_eq!(columns.len(), n);
            let width = (window as u64).div_ceil(n as u64) as i64;
            let last = at(end).timestamp_millis().div_euclid(width);
            for (index, column) in columns.iter().enumerate() {
                let slot = last - (n - 1 - index) as i64;
                let inside: Vec<f64> = kept
                    .iter()
                    .filter(|(ms, _)| at(**ms).timestamp_millis().div_euclid(width) == slot)
                    .map(|(_, v)| *v)
                    .collect();
                let want = inside.iter().fold(None, |c: Option<Column>, v| {
                    Some(c.map_or(Column::of(*v), |c| c.with(Column::of(*v))))
                });
                prop_assert_eq!(*column, want);
            }
        }

        /// A sample that is newer than all others changes no column but the last.
        #[test]
        fn a_new_sample_changes_the_last_column_only(
            steps in prop::collection::vec(100i64..3_000, 1..60), n in 2usize..40,
        ) {
            let mut series = Series::default();
            let mut now = 0;
            for step in steps {
                now += step;
                let before = series.columns(at(now - 30_000), at(now), n);
                series.push(sample(now, now as f64));
                let after = series.columns(at(now - 30_000), at(now), n);
                prop_assert_eq!(&before[..n - 1], &after[..n - 1]);
                prop_assert_eq!(after[n - 1].map(|c| c.last), Some(now as f64));
            }
        }
    }
}
