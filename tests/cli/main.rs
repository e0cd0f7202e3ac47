//! The program without its screen: what it prints, records, refuses, and survives.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod allow;
mod bad_input;
mod drill;
mod kill;
mod quiet;
mod stage;
mod whatif;

use serde_json::Value;
use stage::{PLAN, Stage};

#[test]
fn a_tick_is_recorded_told_and_seen_by_status() {
    let stage = Stage::new();
    let told = stage.ok(&["tick", "PLAN", "Back up the database", ":6", "--as", "ana"]);
    assert!(told.contains("ticked Back up the database") && told.contains("ticked Freeze merges"), "{told}");
    let status = stage.json(&["status", "PLAN", "--json"]);
    let item = |n: usize| &status["items"][n];
    assert_eq!((item(0)["state"].as_str(), item(0)["by"].as_str()), (Some("done"), Some("ana")));
    assert_eq!(item(2)["state"], "open");
    for field in ["room", "t0", "gate", "phases", "items", "signals", "alerts", "flags", "runs"] {
        assert!(status.get(field).is_some(), "{field} is missing");
    }
    stage.ok(&["untick", "PLAN", ":6"]);
    assert_eq!(stage.json(&["status", "PLAN", "--json"])["items"][1]["state"], "open");
}

#[test]
fn the_same_refusal_as_on_the_screen_and_its_exit_code() {
    let stage = Stage::new();
    stage.ok(&["tick", "PLAN", ":5"]);
    let (code, _, err) = stage.run(&["tick", "PLAN", ":5"]);
    assert_eq!(code, 12, "{err}");
    assert!(err.contains("“Back up the database” is done already"), "{err}");
}

#[test]
fn a_room_is_opened_by_its_name_without_the_file() {
    let stage = Stage::new();
    stage.ok(&["tick", "PLAN", ":5"]);
    let rooms = stage.json(&["rooms", "--json"]);
    let name = rooms[0]["room"].as_str().unwrap().to_owned();
    std::fs::remove_file(&stage.plan).unwrap();
    assert_eq!(stage.json(&["status", &name, "--json"])["items"][0]["state"], "done");
    stage.ok(&["tick", &name, ":6"]);
    assert!(stage.ok(&["rooms"]).contains("production"));
}

#[test]
fn the_log_tells_everything_in_order_and_follows() {
    let stage = Stage::new();
    stage.ok(&["note", "PLAN", "the bank is slow", "--on", ":5", "--as", "bo"]);
    let log = stage.ok(&["log", "PLAN"]);
    let lines: Vec<_> = log.lines().collect();
    assert!(lines[0].contains("opened the room") && lines[1].contains("adopted the plan"), "{log}");
    assert!(lines[2].contains("bo") && lines[2].contains("note the bank is slow"), "{log}");
    let mut follower = stage.follow(&["log", "PLAN", "--follow", "--json"]);
    let seqs: Vec<_> = (0..3).map(|_| follower.line()["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, [1, 2, 3]);
    stage.ok(&["tick", "PLAN", ":6"]);
    let next = follower.line();
    assert_eq!((next["seq"].as_u64(), next["type"].as_str()), (Some(4), Some("item_ticked")));
}

#[test]
fn an_edited_plan_is_adopted_and_ticks_stay_with_their_items() {
    let stage = Stage::new();
    stage.ok(&["tick", "PLAN", "Freeze merges"]);
    stage.write(&PLAN.replace("- [ ] Back up", "- [ ] Tell support\n- [ ] Back up"));
    stage.ok(&["tick", "PLAN", "Tell support"]);
    let status = stage.json(&["status", "PLAN", "--json"]);
    let state = |text: &str| {
        let items = status["items"].as_array().unwrap();
        items.iter().find(|i| i["text"] == text).unwrap()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!((state("Freeze merges"), state("Back up the database")), ("done".into(), "open".into()));
    stage.write(&PLAN.replace("- [ ] Freeze merges\n", ""));
    stage.ok(&["note", "PLAN", "dropped the freeze"]);
    let status = stage.json(&["status", "PLAN", "--json"]);
    let orphans: Vec<_> = status["orphans"].as_array().unwrap().iter().map(|o| o["text"].clone()).collect();
    assert!(orphans.contains(&Value::from("Freeze merges")), "{orphans:?}");
}

#[test]
fn check_prints_the_reading_and_its_json() {
    let stage = Stage::new();
    let told = stage.ok(&["check", "PLAN"]);
    for part in ["Phase 1: Canary", "Back up the database", "in all; the plan has 5"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let reading = stage.json(&["check", "PLAN", "--json"]);
    assert_eq!(
        (reading["schema"].as_str(), reading["items"].as_array().map(Vec::len)),
        (Some("warroom.plan/1"), Some(5))
    );
}

#[test]
fn nothing_untrusted_reaches_the_output_raw() {
    let stage = Stage::new();
    stage.write(&PLAN.replace("Freeze merges", "Freeze \u{1b}]52;c;eA==\u{7}\u{9b}31m merges\u{202e}"));
    stage.ok(&["tick", "PLAN", ":6"]);
    stage.ok(&["note", "PLAN", "evil \u{1b}[2J\u{85}\u{200b}"]);
    for args in [
        &["status", "PLAN"][..],
        &["status", "PLAN", "--json"],
        &["log", "PLAN"],
        &["log", "PLAN", "--json"],
        &["check", "PLAN"],
        &["check", "PLAN", "--json"],
        &["rooms"],
    ] {
        let out = stage.ok(args);
        let bad = out.chars().find(|c| (c.is_control() && *c != '\n') || "\u{202e}\u{200b}".contains(*c));
        assert_eq!(bad, None, "{args:?}: {out}");
    }
}

#[test]
fn many_processes_on_one_room_lose_nothing_and_leave_no_gap() {
    let stage = Stage::new();
    stage.ok(&["note", "PLAN", "first"]);
    let name = stage.json(&["rooms", "--json"])[0]["room"].as_str().unwrap().to_owned();
    std::thread::scope(|scope| {
        for hand in 0..6 {
            let (stage, name) = (&stage, &name);
            scope.spawn(move || {
                for n in 0..5 {
                    stage.ok(&["note", name, &format!("hand {hand} note {n}")]);
                }
            });
        }
    });
    let log = stage.ok(&["log", &name, "--json"]);
    let seqs: Vec<u64> =
        log.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "gapless");
    assert_eq!(log.matches("note_added").count(), 31);
}

#[test]
fn one_item_ticked_by_many_at_once_is_ticked_once() {
    let stage = Stage::new();
    stage.ok(&["note", "PLAN", "first"]);
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..6).map(|_| scope.spawn(|| stage.run(&["tick", "PLAN", ":5"]).0)).collect();
        hands.into_iter().map(|h| h.join().unwrap()).collect()
    });
    assert_eq!(codes.iter().filter(|c| **c == 0).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|c| **c == 12).count(), 5, "{codes:?}");
    assert_eq!(stage.ok(&["log", "PLAN", "--json"]).matches("item_ticked").count(), 1);
}
