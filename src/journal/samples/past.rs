//! Reading samples, by whomever, while they are written: on a connection that cannot write.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _};

use super::chunk::{self, Point};
use super::log::{row_points, rows_after};
use super::{Asked, MEMORY};
use crate::journal::JournalError;
use crate::journal::opening;
use crate::journal::sqlite::fault;
use crate::signal::{Memory, Sample};

/// Where a room's samples are to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    path: PathBuf,
    /// See [`How::frozen`](crate::journal::How).
    frozen: bool,
}

impl Past {
    /// Those beside the events of the journal at `path`.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), frozen: false }
    }

    /// As the journal itself was opened.
    #[must_use]
    pub(in crate::journal) fn frozen(self, frozen: bool) -> Self {
        Self { frozen, ..self }
    }

    pub(in crate::journal) fn place(&self) -> (&Path, bool) {
        (&self.path, self.frozen)
    }

    /// What the rules knew when they were last judged; none where nothing was kept.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn memory(&self) -> Result<Option<Memory>, JournalError> {
        let Some(reader) = self.open()? else { return Ok(None) };
        Ok(reader.remembered(MEMORY)?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Opens them; none where the file is older than samples are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(&self) -> Result<Option<Reader>, JournalError> {
        let failed = |error| fault(&self.path, &error);
        let conn = opening::connect_reading(&self.path, self.frozen)?;
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('series', 'sample_row', 'sample_chunk')";
        let tables: i64 = conn.query_row(sql, [], |row| row.get(0)).map_err(failed)?;
        if tables < 3 {
            return Ok(None);
        }
        let mut reader = Reader { path: self.path.clone(), conn, young: HashMap::new(), seen: 0 };
        reader.tail()?;
        Ok(Some(reader))
    }
}

/// A look at a room's samples.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    conn: Connection,
    /// What has not become chunks when it was read.
    young: HashMap<i64, Vec<Point>>,
    /// The last row that was read.
    seen: i64,
}

impl Reader {
    /// Every series there is, with the number it goes by here.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn series(&self) -> Result<Vec<(i64, Asked)>, JournalError> {
        let series = || -> rusqlite::Result<Vec<_>> {
            let mut statement =
                self.conn.prepare_cached("SELECT id, name, question FROM series ORDER BY id")?;
            let one = |row: &rusqlite::Row<'_>| {
                Ok((row.get(0)?, Asked { name: row.get(1)?, question: row.get(2)? }))
            };
            statement.query_map([], one)?.collect()
        };
        series().map_err(|error| fault(&self.path, &error))
    }

    /// When each series was measured last, by its number.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn ends(&self) -> Result<HashMap<i64, DateTime<Utc>>, JournalError> {
        let chunks = || -> rusqlite::Result<HashMap<i64, i64>> {
            let sql = "SELECT series, max(last_ms) FROM sample_chunk GROUP BY series";
            let mut statement = self.conn.prepare_cached(sql)?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        let mut newest = chunks().map_err(|error| fault(&self.path, &error))?;
        for (series, points) in &self.young {
            let last = points.iter().map(|(at, _)| *at).max();
            let known = newest.entry(*series).or_insert(i64::MIN);
            *known = (*known).max(last.unwrap_or(i64::MIN));
        }
        let dated = |(series, at)| Some((series, DateTime::from_timestamp_millis(at)?));
        Ok(newest.into_iter().filter_map(dated).collect())
    }

    /// What a series measured from `from` to `to`, each moment once, in the order of time. What is
    /// damaged is left out.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn samples(
        &self,
        series: i64,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Sample>, JournalError> {
        let range = from.timestamp_millis()..=to.timestamp_millis();
        let chunks = self.chunks(series, *range.start(), *range.end());
        let mut points = chunks.map_err(|error| fault(&self.path, &error))?;
        points.extend(self.young.get(&series).into_iter().flatten());
        points.retain(|(at, _)| range.contains(at));
        points.sort_by_key(|(at, _)| *at);
        points.dedup_by_key(|(at, _)| *at);
        Ok(points.into_iter().filter_map(sample).collect())
    }

    fn chunks(&self, series: i64, from: i64, to: i64) -> rusqlite::Result<Vec<Point>> {
        let sql = "SELECT first_ms, bytes FROM sample_chunk
                   WHERE series = ?1 AND last_ms >= ?2 AND first_ms <= ?3 ORDER BY last_ms";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query((series, from, to))?;
        let mut points = vec![];
        while let Some(row) = rows.next()? {
            let base = row.get(0)?;
            let mut bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
            points.extend(chunk::decode(&mut bytes, base).unwrap_or_default());
        }
        Ok(points)
    }

    /// What was written since the last look, by the number of the series.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn tail(&mut self) -> Result<Vec<(i64, Vec<Sample>)>, JournalError> {
        let new = self.rows()?;
        for (series, points) in &new {
            self.young.entry(*series).or_default().extend(points);
        }
        Ok(samples(new))
    }

    /// As [`Reader::tail`], for whoever only ever reads on: what was read before is let go, so that
    /// [`Reader::samples`] does not have it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn news(&mut self) -> Result<Vec<(i64, Vec<Sample>)>, JournalError> {
        self.young = HashMap::new();
        self.rows().map(samples)
    }

    /// What was measured after `from`, as far as it has not become chunks.
    pub fn newest(&self, from: DateTime<Utc>) -> Vec<(i64, Vec<Sample>)> {
        let from = from.timestamp_millis();
        let late = |points: &[Point]| points.iter().copied().filter(|(at, _)| *at > from).collect::<Vec<_>>();
        let late = self.young.iter().map(|(series, points)| (*series, late(points)));
        samples(late.filter(|(_, points)| !points.is_empty()).collect())
    }

    fn rows(&mut self) -> Result<Vec<(i64, Vec<Point>)>, JournalError> {
        let rows = rows_after(&self.conn, self.seen).map_err(|error| fault(&self.path, &error))?;
        self.seen = rows.last().map_or(self.seen, |row| row.id);
        Ok(rows.iter().flat_map(|row| row_points(&row.bytes, row.base)).collect())
    }

    /// The text kept under a name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn remembered(&self, name: &str) -> Result<Option<String>, JournalError> {
        let sql = "SELECT text FROM cache WHERE name = ?1";
        let found = self.conn.query_row(sql, [name], |row| row.get(0)).optional();
        found.map_err(|error| fault(&self.path, &error))
    }
}

fn samples(points: Vec<(i64, Vec<Point>)>) -> Vec<(i64, Vec<Sample>)> {
    let of = |points: Vec<Point>| points.into_iter().filter_map(sample).collect();
    points.into_iter().map(|(series, points)| (series, of(points))).collect()
}

fn sample((at, value): Point) -> Option<Sample> {
    Some(Sample { at: DateTime::from_timestamp_millis(at)?, value })
}
