//! What holds of the watch and of sources, whatever they do: one process asks, no secret comes out,
//! and nothing that hangs or floods delays a key. The real program over servers of our own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod canary;
#[path = "../pty/harness.rs"]
#[allow(dead_code, reason = "the other tests of the screen use the rest")]
mod harness;
mod noisy;
mod server;
mod soaked;
mod stage;
mod takeover;
