//! A simulated production on loopback, driven by a timeline. It runs nothing of a plan and calls
//! no host of it.

mod bind;
mod bounds;
mod curve;
mod drill;
mod metric;
mod names;
mod production;
mod prometheus;
mod reading;
mod ruling;
mod scenario;
mod server;
mod spell;
mod stage;
mod stand;
mod switch;
#[cfg(test)]
mod tests;
mod timeline;
mod world;

pub use drill::{Outcome, Verdict, drill};
pub use production::{Lever, Production};
pub use scenario::{BUILT_IN_PLAN, BUILT_IN_STEM};
pub use spell::{time, told};
pub use stage::Line;
pub use timeline::{Act, Cure, Deed, Expect, Move, Named, Problem, Stand, Step, Timeline};
