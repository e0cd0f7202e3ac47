//! The command line: one file a subcommand, all judged by the same `decide` as the screens.
//!
//! Data goes to standard output, everything else to standard error. Who calls it: `main`.

mod accept;
mod acts;
mod allow;
mod approve;
mod args;
mod beside;
mod check;
mod compare;
mod desk;
mod drill;
mod failure;
mod file;
mod flag;
mod follow;
mod gate;
mod init;
mod lever;
mod log;
mod open;
mod pick;
mod poll;
mod print;
mod quiet;
mod reading;
mod rehearse;
mod replay;
mod report;
mod rooms;
mod run;
mod schema;
mod sign;
mod sign_export;
mod sign_key;
mod signers;
mod status;
mod stop;
mod supervise;
mod surroundings;
mod target;
mod verify;
mod vote;
mod whatif;
mod write_back;

use std::process::ExitCode;

use chrono::Utc;
use clap::Parser;

use crate::room::Intent;
use crate::runtime::Ended;
use crate::terminal;
use args::{Cli, Command, Flag};
use failure::Failure;

/// Does what the arguments ask.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match obey(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.exit as u8)
        }
    }
}

fn obey(cli: &Cli) -> Result<u8, Failure> {
    match &cli.command {
        None => open_room(cli),
        Some(Command::Rehearse(wanted)) => rehearse::run(wanted).map(ended),
        Some(Command::Replay(wanted)) => replay::run(wanted).map(ended),
        Some(Command::Check(wanted)) => check::run(wanted),
        Some(Command::Follow(wanted)) => follow::run(wanted).map(ended),
        Some(Command::Drill { file, json }) => drill::run(file, *json),
        Some(Command::Flag(Flag::Set(flagging))) => flag::set(flagging),
        Some(Command::Gate(gating)) => gate::run(gating),
        Some(Command::Run(running)) => run::run(running),
        Some(Command::Supervise { folder, confirmed }) => Ok(supervise::run(folder, confirmed)),
        Some(command) => act(command).map(|()| 0),
    }
}

fn act(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Allow(allowing) => allow::run(allowing),
        Command::Init(initing) => init::run(initing),
        Command::Schema { of } => schema::run(*of),
        Command::Rooms { state, json } => rooms::run(state.as_deref(), *json),
        Command::Status { place, json } => {
            let mut desk = desk::look(place)?;
            desk.look_who_watches()?;
            if *json {
                print::json(
                    &serde_json::to_string_pretty(&status::as_json(&desk.room, Utc::now()))
                        .expect("plain data"),
                )
            } else {
                print::text(&status::told(&desk.room, Utc::now()))
            }
        }
        Command::Tick(ticking) => acts::tick(ticking, Intent::Tick),
        Command::Untick(ticking) => acts::tick(ticking, Intent::Untick),
        Command::Note { place, text, on, json } => acts::note(place, text, on.as_deref(), *json),
        Command::Value { place, signal, value, json } => acts::value(place, signal, *value, *json),
        Command::Flag(Flag::Get { place, key, json }) => flag::get(place, key, *json),
        Command::Approve(approving) => approve::approve(approving),
        Command::Runs { place, json } => approve::list(place, *json),
        Command::Stop { place, json } => stop::run(place, *json),
        Command::Resolve(resolving) => approve::resolve(resolving),
        Command::Ack(quieting) => quiet::acknowledge(quieting),
        Command::Silence { quieting, span, reason, .. } => {
            quiet::silence(quieting, span.as_deref(), reason.as_deref().unwrap_or_default())
        }
        Command::Sign(asking) => sign::run(asking),
        Command::Signers(listing) => signers::run(listing),
        Command::Whatif(asking) => whatif::run(asking),
        Command::Vote(voting) => vote::run(voting),
        Command::Poll(polling) => poll::run(polling),
        Command::Report(reporting) => report::run(reporting),
        Command::Compare(comparing) => compare::run(comparing),
        Command::Log { place, head: true, json, .. } => log::head(place, *json),
        Command::Log { place, follow, json, .. } => log::run(place, *follow, *json),
        Command::Verify(verifying) => verify::run(verifying),
        Command::Themes { json } => themes(*json),
        Command::Reset { json } => {
            terminal::reset().map_err(|e| Failure::new(format!("the terminal cannot be repaired: {e}")))?;
            if *json { print::json(r#"{"reset":true}"#) } else { Ok(()) }
        }
        Command::Check(_)
        | Command::Drill { .. }
        | Command::Flag(Flag::Set(_))
        | Command::Follow(_)
        | Command::Gate(_)
        | Command::Rehearse(_)
        | Command::Replay(_)
        | Command::Run(_)
        | Command::Supervise { .. } => {
            unreachable!("answered above, with an exit code of its own")
        }
    }
}

fn open_room(cli: &Cli) -> Result<u8, Failure> {
    open::run(&cli.open).map(ended)
}

/// Says what has to be said after the screen is gone.
fn ended(ended: Ended) -> u8 {
    if let Some(word) = ended.word {
        eprintln!("warroom: {}", crate::text::clean(&word));
    }
    ended.code
}

fn themes(as_json: bool) -> Result<(), Failure> {
    let names = surroundings::Surroundings::find(None)?.theme_names();
    if as_json {
        return print::json(&serde_json::json!(names).to_string());
    }
    print::text(&(names.join("\n") + "\n"))
}
