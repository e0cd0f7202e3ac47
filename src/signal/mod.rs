//! What is measured, against which limits, and what follows from it. Pure.
//!
//! A [`Series`] is one signal's bounded history, a [`Rule`] one limit that can judge a number;
//! [`Signals`] holds all of a room: samples go in as `sources` reports them, [`Crossing`]s and
//! [`Tile`]s come out. Nothing here asks anybody or looks at a clock.

mod bound;
mod derive;
mod evaluate;
mod feed;
mod judge;
mod lane;
mod limit;
mod memory;
mod rule;
mod series;
mod settings;
mod signals;
mod state;
#[cfg(test)]
mod states;
#[cfg(test)]
mod tests;
mod tile;
mod tiles;
mod unit;
mod whatif;

pub use derive::Formula;
pub use feed::interval;
pub use limit::{Rank, Watched, bare_side, healthy, lasting, number, watched};
pub use memory::Memory;
pub use rule::{Open, Rule, is_state};
pub use series::{Column, RING, Sample, Series};
pub use settings::{Direction, OnNoData, Settings};
pub use signals::{Criterion, Crossing, Signals, Standing};
pub use state::{Crossed, RuleState, Soak};
pub use tile::{Edge, Tile, TileState, Trend};
pub use whatif::{Firing, Hindsight, Spell, spacing, whatif};
