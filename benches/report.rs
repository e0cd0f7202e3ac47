//! What a report costs: a day of 100,000 events with 100 signals measured every 15 s.
//! `cargo bench --bench report` prints time and memory of each form; `-- --look DIR` only writes the
//! launch of the tests as a room below DIR, for looking at.

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/cli/launch.rs"]
mod launch;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use launch::{METRICS, PLAN, Writer, measured, story};
use warroom::room::{Event, Subject};

const EVENTS: i64 = 100_000;
const SIGNALS: usize = 100;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|a| a == "--look") {
        let folder = Path::new(args.get(at + 1).expect("--look DIR"));
        return look(folder);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    full(&state, folder.path());
    for (form, more) in [("md", ""), ("html", ""), ("json", ""), ("csv", ""), ("csv", "items"), ("ics", "")] {
        let began = Instant::now();
        let mut command = Command::new("/usr/bin/time");
        command.args(["-f", "%M", env!("CARGO_BIN_EXE_warroom"), "report", "launch", "--format", form]);
        if !more.is_empty() {
            command.args(["--rows", more]);
        }
        let out =
            command.env("WARROOM_STATE", &state).env("XDG_CONFIG_HOME", &state).output().expect("it runs");
        let took = began.elapsed();
        let told = String::from_utf8_lossy(&out.stderr);
        let peak: f64 = told.lines().last().and_then(|l| l.trim().parse().ok()).unwrap_or(f64::NAN);
        assert!(out.status.success(), "{told}");
        println!(
            "{form:<5}{more:<6} {:>6.2} s  peak {:>6.1} MiB  {:>8} KiB",
            took.as_secs_f64(),
            peak / 1024.0,
            out.stdout.len() / 1024
        );
    }
}

fn look(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    let file = folder.join("parcel.md");
    std::fs::write(&file, PLAN).expect("a plan");
    let file = file.canonicalize().expect("it is there");
    let mut writer = Writer::new(folder, &file, PLAN, "production", "launch");
    story(&mut writer);
    writer.measure(&METRICS, measured);
}

/// The launch with a day of ticks, notes, values and a flapping alert around it.
fn full(state: &Path, folder: &Path) {
    let file = folder.join("parcel.md");
    std::fs::write(&file, PLAN).expect("a plan");
    let file = file.canonicalize().expect("it is there");
    let mut writer = Writer::new(state, &file, PLAN, "production", "launch");
    story(&mut writer);
    let words = ["Track one parcel", "Watch the funnel", "Read twenty", "Tell the carriers"];
    let mut said = 100;
    while said < EVENTS {
        let second = said * 86_400 / EVENTS;
        match said % 10 {
            0..4 => {
                let (item, text) = writer.item(words[said as usize % 4]);
                writer.say(second, "bo", Event::ItemTicked { item, text });
            }
            4..7 => {
                let (item, text) = writer.item(words[said as usize % 4]);
                writer.say(second, "bo", Event::ItemUnticked { item, text });
            }
            7 => {
                let text = format!("note {said}");
                writer.say(second, "cy", Event::NoteAdded { on: Subject::Room, text });
            }
            8 => {
                let value = said as f64;
                writer.say(second, "cy", Event::ValueTyped { signal: "Tickets".to_owned(), value });
            }
            _ => {
                writer.alert((second, Some(second + 20)), "Carrier queue depth", 600.0);
                said += 2;
            }
        }
        said += 1;
    }
    writer.flush();
    writer.measure(&METRICS, measured);
    let names: Vec<String> = (0..SIGNALS - METRICS.len()).map(|n| format!("signal {n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    writer.measure(&names, measured);
}
