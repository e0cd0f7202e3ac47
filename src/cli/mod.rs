//! The command line: one file a subcommand, all judged by the same `decide` as the screens.
//!
//! Data goes to standard output, everything else to standard error. Who calls it: `main`.

mod args;
mod check;
mod failure;
mod file;
mod surroundings;

pub use args::run;
