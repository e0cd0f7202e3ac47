//! `warroom`: a terminal war room that reads the Markdown rollout plan a team already has and
//! runs the launch from it.
//!
//! Facts go into the journal, the room is the fold of the journal, rules judge the room, the app
//! turns keys into intents, the runtime does what it is told, the screen only draws.

pub mod app;
pub mod cli;
pub mod config;
pub mod identity;
pub mod journal;
pub mod levers;
pub mod plan;
pub mod rehearsal;
pub mod report;
pub mod room;
pub mod runtime;
pub mod secret;
pub mod signal;
pub mod signing;
pub mod sources;
pub mod terminal;
pub mod text;
pub mod ui;
