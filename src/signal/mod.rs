//! What is measured, against which limits. Pure.
//!
//! Today it holds what a plan says of its signals: which metrics have limits, the strictest
//! first, and on which side each is healthy.

mod limit;

pub use limit::{Rank, Watched, healthy, number, watched};
