//! The program without its screen: what it prints, records, refuses, and survives.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod allow;
mod bad_input;
mod check;
mod decisions;
mod drill;
mod follow;
mod gates;
mod init;
mod kill;
mod launch;
mod levers;
mod mutations;
mod quiet;
mod replay;
mod report;
mod rollout;
mod sign;
mod stage;
mod stop;
mod value;
mod verify;
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

#[test]
fn a_tick_is_written_back_into_its_one_byte_when_asked_for() {
    let stage = Stage::new();
    let crlf = format!("\u{feff}{}", PLAN.replace('\n', "\r\n").trim_end());
    stage.write(&crlf);
    let file = || std::fs::read_to_string(&stage.plan).unwrap();
    stage.ok(&["tick", "PLAN", "Freeze merges"]);
    assert_eq!(file(), crlf, "off by default");
    stage.ok(&["tick", "PLAN", "Back up", "Watch errors", "--write-back"]);
    let boxed = |text: &str, item: &str| text.replace(&format!("[ ] {item}"), &format!("[x] {item}"));
    let ticked = boxed(&boxed(&crlf, "Back up"), "Watch errors");
    assert_eq!(file(), ticked);
    let status = stage.json(&["status", "PLAN", "--json"]);
    let done = status["items"].as_array().unwrap().iter().filter(|i| i["state"] == "done").count();
    assert_eq!((done, status["orphans"].as_array().map(Vec::len)), (3, Some(0)));
    stage.ok(&["untick", "PLAN", "Watch errors", "--write-back"]);
    assert_eq!(file(), boxed(&crlf, "Back up"));
    let log = stage.ok(&["log", "PLAN"]);
    assert!(log.contains("only boxes changed"), "{log}");
    let room = status["room"].as_str().unwrap();
    stage.write(&crlf.replace("Launch", "Lunch"));
    let (code, _, err) = stage.run(&["tick", room, "Deploy to canary", "--write-back"]);
    assert_eq!(code, 12, "{err}");
    assert!(err.contains("is not the plan the room follows"), "{err}");
}

#[test]
fn mode_and_link_of_the_file_stay() {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::new();
    let real = stage.plan.with_file_name("real.md");
    std::fs::rename(&stage.plan, &real).unwrap();
    std::os::unix::fs::symlink(&real, &stage.plan).unwrap();
    std::fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).unwrap();
    stage.ok(&["tick", "PLAN", "Freeze merges", "--write-back"]);
    assert!(std::fs::symlink_metadata(&stage.plan).unwrap().is_symlink());
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(std::fs::read_to_string(&real).unwrap().contains("[x] Freeze merges"));
    let beside = std::fs::read_dir(real.parent().unwrap()).unwrap().flatten();
    assert!(!beside.map(|f| f.file_name()).any(|n| n.to_string_lossy().ends_with(".warroom")));
}

#[test]
fn a_broken_edit_keeps_the_last_good_plan() {
    let stage = Stage::new();
    stage.ok(&["tick", "PLAN", "Freeze merges"]);
    for broken in ["", "# Launch\n\nNothing to do.\n"] {
        stage.write(broken);
        let (code, _, err) = stage.run(&["note", "PLAN", "hm"]);
        assert_eq!(code, 0, "{err}");
        assert!(err.contains("cannot be followed"), "{err}");
    }
    let status = stage.json(&["status", "PLAN", "--json"]);
    assert_eq!(status["items"].as_array().map(Vec::len), Some(5));
    stage.write(PLAN);
    assert_eq!(stage.json(&["status", "PLAN", "--json"])["orphans"].as_array().map(Vec::len), Some(0));
}

#[test]
fn what_left_the_plan_is_shown_with_its_hand_and_comes_home() {
    let stage = Stage::new();
    stage.ok(&["tick", "PLAN", "Freeze merges", "--as", "ana"]);
    stage.write(&PLAN.replace("- [ ] Freeze merges\n", "- [ ] Do not freeze merges\n"));
    stage.ok(&["note", "PLAN", "changed"]);
    let orphans = stage.json(&["status", "PLAN", "--json"])["orphans"].clone();
    assert_eq!(
        (orphans[0]["text"].as_str(), orphans[0]["state"].as_str()),
        (Some("Freeze merges"), Some("done"))
    );
    assert_eq!(orphans[0]["by"].as_str(), Some("ana"));
    assert!(stage.ok(&["status", "PLAN"]).contains("no longer in the plan: done by ana"));
    assert!(stage.ok(&["log", "PLAN"]).contains("1 item new, 1 item gone, 1 item kept aside"));
    stage.write(PLAN);
    stage.ok(&["note", "PLAN", "back"]);
    let status = stage.json(&["status", "PLAN", "--json"]);
    assert_eq!(status["orphans"].as_array().map(Vec::len), Some(0));
    let item = status["items"].as_array().unwrap().iter().find(|i| i["text"] == "Freeze merges").unwrap();
    assert_eq!((item["state"].as_str(), item["by"].as_str()), (Some("done"), Some("ana")));
}
