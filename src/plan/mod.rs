//! Reading a plan: Markdown text in, a typed [`Plan`] with problems out. Pure.
//!
//! The plan stays as the team wrote it. Small recognisers look at heading words, context and
//! shape; what none of them knows stays prose and is listed in [`Plan::unread`]. Nothing here
//! touches a file, a clock or a terminal; `cli` reads the bytes and hands them in.

mod model;
mod tree;

pub use model::*;
pub use tree::*;
