//! Steps that really run: what is executed, how it ends, what is left after a crash, and that nothing
//! runs twice. Every command here works in a folder of its own and calls nobody.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crash;
mod ends;
mod http;
mod lines;
mod race;
mod stage;
mod values;
