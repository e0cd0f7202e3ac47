//! What is measured, against which limits, and what follows from it. Pure.
//!
//! A [`Series`] is one signal's bounded history, a [`Rule`] one limit that can judge a number;
//! [`Signals`] holds all of a room: samples go in as `sources` reports them, [`Crossing`]s and
//! [`Tile`]s come out. Nothing here asks anybody or looks at a clock.

mod feed;
mod judge;
mod lane;
mod limit;
mod rule;
mod series;
mod signals;
#[cfg(test)]
mod tests;
mod tile;
mod unit;

pub use feed::interval;
pub use judge::{Crossed, RuleState};
pub use limit::{Rank, Watched, healthy, number, watched};
pub use rule::{Open, Rule};
pub use series::{Column, RING, Sample, Series};
pub use signals::{Crossing, Signals, Standing};
pub use tile::{Edge, Tile, TileState, Trend};
