//! `warroom verify`, `log --head`, and that a room in which something is wrong is only looked at until
//! somebody accepts it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::stage::Stage;

/// A room with three notes, and its file.
fn room() -> (Stage, PathBuf) {
    let stage = Stage::new();
    for note in ["one", "two", "three"] {
        stage.ok(&["note", "PLAN", note]);
    }
    let file = stage.json(&["rooms", "--json"])[0]["path"].as_str().unwrap().into();
    (stage, file)
}

fn tamper(file: &PathBuf, sql: &str) {
    let conn = rusqlite::Connection::open(file).unwrap();
    conn.execute_batch("DROP TRIGGER IF EXISTS event_stays; DROP TRIGGER IF EXISTS event_kept;").unwrap();
    conn.execute_batch(sql).unwrap();
}

/// Fails with code 1 and these words on standard error.
fn fails(stage: &Stage, args: &[&str], words: &[&str]) {
    let (code, out, err) = stage.run(args);
    assert_eq!(code, 1, "{args:?}: {out}{err}");
    words.iter().for_each(|word| assert!(err.contains(word), "{args:?}: {word:?} in {err}"));
}

#[test]
fn a_whole_journal_verifies_by_plan_by_room_and_as_a_copy() {
    let (stage, file) = room();
    for target in ["PLAN", "launch", file.to_str().unwrap()] {
        let told = stage.ok(&["verify", target]);
        assert!(told.contains("all 5 events follow") && told.contains("this computer remembers"), "{told}");
    }
    let copy = stage.plan.with_file_name("a copy.db");
    fs::copy(&file, &copy).unwrap();
    let told = stage.json(&["verify", copy.to_str().unwrap(), "--json"]);
    assert_eq!((told["sound"].as_bool(), told["head"]["seq"].as_u64()), (Some(true), Some(5)));
    assert_eq!(told["compared"][0]["standing"], "equal", "what is remembered of the room counts for a copy");
}

#[test]
fn verifying_writes_nothing_even_where_nothing_can_be_written() {
    let (stage, file) = room();
    let folder = stage.plan.with_file_name("evidence");
    fs::create_dir(&folder).unwrap();
    let copy = folder.join("room.db");
    fs::copy(&file, &copy).unwrap();
    let listed = || {
        let mut all: Vec<_> = fs::read_dir(&folder).unwrap().map(|f| f.unwrap().file_name()).collect();
        all.sort();
        (all, fs::read(&copy).unwrap(), fs::metadata(&copy).unwrap().modified().unwrap())
    };
    let before = listed();
    stage.ok(&["verify", copy.to_str().unwrap()]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    stage.ok(&["verify", copy.to_str().unwrap()]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(listed(), before);
    let elsewhere = stage.run(&["verify", copy.to_str().unwrap(), "--state", "/nowhere/at/all"]);
    assert_eq!(elsewhere.0, 0, "{}", elsewhere.2);
    assert!(elsewhere.1.contains("could not be seen"), "says what it cannot know: {}", elsewhere.1);
}

#[test]
fn a_copy_with_its_wal_is_read_whole_and_left_as_it_is() {
    let (stage, file) = room();
    let conn = rusqlite::Connection::open(&file).unwrap();
    let _held: i64 = conn.query_row("SELECT count(*) FROM event", [], |row| row.get(0)).unwrap();
    stage.ok(&["note", "PLAN", "four"]);
    let copy = stage.plan.with_file_name("copy.db");
    let wal = |file: &PathBuf| PathBuf::from(format!("{}-wal", file.display()));
    fs::copy(&file, &copy).unwrap();
    fs::copy(wal(&file), wal(&copy)).unwrap();
    assert!(fs::metadata(wal(&copy)).unwrap().len() > 0, "the last event is only in there");
    let told = stage.ok(&["verify", copy.to_str().unwrap()]);
    assert!(told.contains("all 6 events follow"), "{told}");
    assert!(!PathBuf::from(format!("{}-shm", copy.display())).exists());
}

#[test]
fn the_first_bad_event_is_named_with_what_is_wrong_there() {
    let table = [
        ("UPDATE event SET text = replace(text, 'one', 'won') WHERE seq = 3", "event 3", "its text"),
        ("UPDATE event SET hash = zeroblob(32) WHERE seq = 3", "event 3", "its hash"),
        ("DELETE FROM event WHERE seq = 4", "event 4", "it is missing"),
        (
            "UPDATE event SET seq = 90 WHERE seq = 3; UPDATE event SET seq = 3 WHERE seq = 4;
             UPDATE event SET seq = 4 WHERE seq = 90",
            "event 3",
            "is now event 4",
        ),
        ("DELETE FROM event WHERE seq = 5", "went backwards", "ends at event 4"),
        ("UPDATE plan SET bytes = x'00'", "the plan sha256:", "other bytes"),
    ];
    for (sql, place, what) in table {
        let (stage, file) = room();
        tamper(&file, sql);
        fails(&stage, &["verify", "PLAN"], &["launch does not verify", place, what]);
    }
}

#[test]
fn a_head_kept_elsewhere_tells_what_became_of_the_journal() {
    let (stage, file) = room();
    let early = stage.ok(&["log", "PLAN", "--head"]);
    assert!(early.starts_with("warroom-head v1 launch ") && early.lines().count() == 1, "{early}");
    stage.ok(&["note", "PLAN", "four"]);
    let late = stage.ok(&["log", "PLAN", "--head"]);
    let chat = stage.plan.with_file_name("chat.txt");
    fs::write(&chat, format!("ana: before the canary\n> `{}`\nbo: and now {late}", early.trim())).unwrap();
    let told = stage.ok(&["verify", "PLAN", "--against", chat.to_str().unwrap()]);
    assert!(
        told.contains("event 5: the journal went on") && told.contains("event 6: the journal ends"),
        "{told}"
    );
    stage.ok(&["verify", "PLAN", "--against", early.trim()]);
    let older = stage.plan.with_file_name("older.db");
    fs::copy(&file, &older).unwrap();
    tamper(&older, "DELETE FROM event WHERE seq > 5");
    let alone = ["verify", older.to_str().unwrap(), "--state", "/nowhere/at/all", "--against"];
    let against =
        |line: &str| [&alone[..], &[line]].concat().iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let run = |line: &str| {
        let args = against(line);
        stage.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(run(early.trim()).0, 0, "as far as the early line goes it is whole");
    let (code, _, err) = run(late.trim());
    assert!(code == 1 && err.contains("went backwards") && err.contains("ends at event 5"), "{err}");
    let other = early.replace(&early.split(' ').nth(3).unwrap().to_owned(), "another-room");
    let (code, _, err) = run(other.trim());
    assert!(code == 1 && err.contains("another room"), "{err}");
    let forged = early.trim().replace(&early.trim()[early.trim().len() - 8..], "00000000");
    let (code, _, err) = run(&forged);
    assert!(code == 1 && err.contains("another history"), "{err}");
    fails(&stage, &["verify", "PLAN", "--against", &early.trim()[..60]], &["begins as a head but is none"]);
    fails(&stage, &["verify", "PLAN", "--against", stage.plan.to_str().unwrap()], &["no journal's head"]);
}

#[test]
fn a_broken_room_is_only_looked_at_until_somebody_accepts_it() {
    let (stage, file) = room();
    tamper(&file, "UPDATE event SET text = replace(text, 'two', 'owt') WHERE seq = 4");
    for args in [
        &["tick", "PLAN", ":5"][..],
        &["untick", "PLAN", ":5"],
        &["note", "PLAN", "more"],
        &["note", "launch", "more"],
    ] {
        let (code, _, err) = stage.run(args);
        assert_eq!(code, 13, "{args:?}: {err}");
        assert!(err.contains("event 4") && err.contains("--accept"), "{args:?}: {err}");
    }
    stage.ok(&["status", "PLAN"]);
    assert_eq!(stage.run(&["verify", "PLAN", "--accept", " "]).0, 2, "not without a reason");
    let told = stage.ok(&["verify", "PLAN", "--accept", "the disk of the bastion, see ops log"]);
    assert!(told.contains("3 events verified and live on"), "{told}");
    let log = stage.ok(&["log", "PLAN"]);
    assert!(log.contains("the disk of the bastion") && log.contains("event 4 does not continue"), "{log}");
    stage.ok(&["verify", "PLAN"]);
    stage.ok(&["tick", "PLAN", ":5"]);
    let aside = fs::read_dir(file.parent().unwrap()).unwrap().flatten();
    assert!(aside.into_iter().any(|f| f.file_name().to_string_lossy().contains(".db.corrupt-")), "kept");
    fails(&stage, &["verify", "PLAN", "--accept", "again"], &["nothing to accept"]);
}

#[test]
fn a_shortened_room_is_only_looked_at_until_somebody_accepts_it() {
    let (stage, file) = room();
    tamper(&file, "DELETE FROM event WHERE seq > 4");
    let (code, _, err) = stage.run(&["tick", "PLAN", ":5"]);
    assert!(code == 13 && err.contains("went backwards"), "{code} {err}");
    fails(&stage, &["log", "PLAN", "--head"], &["went backwards"]);
    stage.ok(&["verify", "PLAN", "--accept", "restored from the backup of 14:00"]);
    stage.ok(&["tick", "PLAN", ":5"]);
    stage.ok(&["verify", "PLAN"]);
    assert!(stage.ok(&["log", "PLAN"]).contains("restored from the backup"));
}
