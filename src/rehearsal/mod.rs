//! A simulated production on loopback, driven by a timeline. It runs nothing of a plan and calls
//! no host of it.

mod bounds;
mod curve;
mod names;
mod production;
mod prometheus;
mod reading;
mod server;
mod spell;
mod stage;
mod switch;
mod timeline;
mod world;

pub use production::{Lever, Production};
pub use stage::Line;
pub use timeline::{Act, Cure, Deed, Expect, Move, Named, Problem, Step, Timeline};
