//! Reading samples, by whomever, while they are written: on a connection that cannot write.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _};

use super::Asked;
use super::chunk::{self, Point};
use super::log::{row_points, rows_after};
use crate::journal::JournalError;
use crate::journal::opening;
use crate::journal::sqlite::fault;
use crate::signal::Sample;

/// Where a room's samples are to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    path: PathBuf,
}

impl Past {
    /// Those beside the events of the journal at `path`.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Opens them; none where the file is older than samples are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(&self) -> Result<Option<Reader>, JournalError> {
        let failed = |error| fault(&self.path, &error);
        let conn = opening::connect_reading(&self.path)?;
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
    pub fn newest(&self) -> Result<HashMap<i64, DateTime<Utc>>, JournalError> {
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
        let rows = rows_after(&self.conn, self.seen).map_err(|error| fault(&self.path, &error))?;
        let mut new = vec![];
        for row in rows {
            self.seen = row.id;
            for (series, points) in row_points(&row.bytes, row.base) {
                new.push((series, points.iter().copied().filter_map(sample).collect()));
                self.young.entry(series).or_default().extend(points);
            }
        }
        Ok(new)
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

fn sample((at, value): Point) -> Option<Sample> {
    Some(Sample { at: DateTime::from_timestamp_millis(at)?, value })
}
