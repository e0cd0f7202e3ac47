//! Metrics as tiles: the worst of what rules and sources say, and the limit that comes next. Pure.

use chrono::{DateTime, Utc};

use super::feed::{Evidence, Feed};
use super::lane::{Lane, Metric};
use super::tile::{Edge, Tile, TileState, trend};
use super::{Rank, Signals, Trend};

impl Signals {
    /// Every metric as a tile: the most troubling first, then the worst class, then the order of
    /// [`super::watched`].
    pub fn tiles(&self, now: DateTime<Utc>) -> Vec<Tile> {
        let mut tiles: Vec<Tile> = self.metrics.iter().map(|m| self.tile(m, now)).collect();
        tiles.sort_by_key(|t| (t.state, t.rank));
        tiles
    }

    /// Where a tile's number is going: asked for the few that are looked at.
    pub fn trend(&self, tile: &Tile) -> Trend {
        tile.signal.and_then(|s| self.series(s)).map_or(Trend::Unknown, trend)
    }

    fn tile(&self, metric: &Metric, now: DateTime<Utc>) -> Tile {
        let feed = metric.signal.map(|s| &self.feeds[s]);
        let last = feed.and_then(|f| f.series.last());
        let failure = feed.and_then(Feed::failure);
        let own = feed.map_or(TileState::NotBound, |f| source_state(f, now));
        let (state, decides) = self.worst(metric, own);
        let first = metric.limits.first().map_or(Rank::Low, |l| self.lanes[*l].rule.rank);
        Tile {
            name: metric.name.clone(),
            limits: metric.limits.clone(),
            signal: metric.signal,
            value: last.map(|s| s.value),
            unit: metric.unit.clone(),
            age: last.map(|s| (now - s.at).to_std().unwrap_or_default()),
            state,
            since: match decides {
                Some(lane) => self.lanes[lane].judge.state.since(),
                None => failure.map(|(since, _)| *since),
            },
            rule: decides,
            rank: decides.map_or(first, |l| self.lanes[l].rule.rank),
            mark: last.and_then(|s| self.mark(metric, s.value, decides)),
            flapping: decides.is_some_and(|l| self.lanes[l].judge.flapping(now)),
            why: failure.map(|(_, why)| why.clone()).or_else(|| feed.and_then(|f| f.warning.clone())),
        }
    }

    /// The worst of what its rules and its source say, and the rule that says it.
    fn worst(&self, metric: &Metric, own: TileState) -> (TileState, Option<usize>) {
        let said = metric.limits.iter().filter_map(|index| {
            let Lane { rule, judge, armed, .. } = &self.lanes[*index];
            let state = TileState::of(&judge.state, judge.blind && rule.alerts()).filter(|_| *armed)?;
            Some((state, rule.rank, *index))
        });
        match said.min_by_key(|(state, rank, _)| (*state, *rank)) {
            Some((state, _, rule)) if state <= own || own == TileState::NotJudged => (state, Some(rule)),
            _ => (own, None),
        }
    }

    /// The limit that the value would meet next; the deciding one where it has met them all.
    fn mark(&self, metric: &Metric, value: f64, decides: Option<usize>) -> Option<Edge> {
        let edge = |limit: usize| Some(Edge { limit, at: self.lanes[limit].rule.edge(value)? });
        let ahead = |limit: &&usize| {
            let lane = &self.lanes[**limit];
            lane.armed && lane.rule.breached(value) == Some(false)
        };
        let distance = |e: &Edge| (e.at - value).abs();
        let next = metric.limits.iter().filter(ahead).filter_map(|l| edge(*l));
        next.min_by(|a, b| distance(a).total_cmp(&distance(b))).or_else(|| decides.and_then(edge))
    }
}

/// What a source's own doing makes of a tile.
fn source_state(feed: &Feed, now: DateTime<Utc>) -> TileState {
    match feed.evidence(now) {
        Evidence::Value(_) => TileState::NotJudged,
        Evidence::Failed(..) => TileState::Error,
        Evidence::Missing if feed.stale(now) => TileState::Stale,
        Evidence::Missing => TileState::NoData,
    }
}
