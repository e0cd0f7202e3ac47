//! `warroom report` and `warroom compare`: a launch that happened, in every form.

use serde_json::Value;

use super::launch::{self, METRICS, Writer, measured, story};
use super::stage::Stage;

/// A stage with the launch as the room of its plan, and a rehearsal of it.
fn launched() -> (Stage, String) {
    let stage = Stage::new();
    stage.write(launch::PLAN);
    let file = stage.plan.canonicalize().unwrap();
    let mut writer = Writer::new(&stage.state, &file, launch::PLAN, "production", "launch");
    story(&mut writer);
    writer.measure(&METRICS, measured);
    let mut rehearsal = Writer::new(&stage.state, &file, launch::PLAN, "rehearsal", "launch-rehearsal");
    rehearsal.phase(0, 0, false, None);
    rehearsal.alert((100, Some(160)), "Carrier queue depth", 600.0);
    rehearsal.way_back(200, 48);
    rehearsal.phase(900, 0, true, Some("a rehearsal"));
    rehearsal.flush();
    (stage, "launch".to_owned())
}

#[test]
fn the_markdown_tells_it_all() {
    let (stage, room) = launched();
    let page = stage.ok(&["report", &room]);
    for part in [
        "# Launch report: Parcel tracking 4: rollout",
        "**All 3 phases were completed by 14 Sep 2026, 22:11 (12 h 11 min). The last one ended 11 min 40 s late. 1 way back was taken.**",
        "| ✔ done | Snapshot of the parcels database taken | ana |",
        "| – not applicable | Old tracker stays deployed until the review (because: the review was moved) | cy |",
        "evidence, bo at 14 Sep, 10:50:00: sheet 12, ten of ten alike",
        "It took 7 min, longer than the promised 5 min.",
        "| ✔ approved (restore was rehearsed) | eve | 14 Sep, 09:26:40 | unsigned |",
        "held 14 Sep, 12:33:20 for 36 min 40 s by ana: lookups fail at one carrier",
        "? INCONCLUSIVE | 1 criterion to judge",
        "overridden: the criterion was met for three hours by hand count",
        "The guard of tracking\\_share → 100 was opened",
        "P0 Lookup error rate, 14 Sep, 12:30:00",
        "▲ fired 12:30",
        "╌ limit 5",
        "Whether the plan's 2 messages went out is not recorded",
        "| Reminder to all staff | Staff |",
    ] {
        assert!(page.contains(part), "{part} is missing in\n{page}");
    }
    let plan = stage.ok(&["report", "PLAN"]);
    let fixed =
        |page: &str| page.lines().filter(|l| !l.contains("Made ")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(fixed(&plan).len(), fixed(&page).len(), "a plan is its room");
}

#[test]
fn a_copied_journal_is_told_without_its_room() {
    let (stage, room) = launched();
    let copy = stage.state.join("copy.db");
    std::fs::copy(stage.state.join("rooms").join("launch.db"), &copy).unwrap();
    let wal = stage.state.join("rooms").join("launch.db-wal");
    if wal.exists() {
        std::fs::copy(wal, stage.state.join("copy.db-wal")).unwrap();
    }
    let told = |target: &str| {
        let mut account = stage.json(&["report", target, "--format", "json"]);
        account["made"] = Value::Null;
        account["due"] = Value::Null;
        account["summary"] = Value::Null;
        account
    };
    assert_eq!(told(copy.to_str().unwrap()), told(&room));
}

#[test]
fn the_json_has_the_shape_that_its_schema_says() {
    let (stage, room) = launched();
    let account = stage.json(&["report", &room, "--format", "json"]);
    let schema = stage.json(&["schema", "report"]);
    assert_eq!(account["schema"], "warroom.report/1");
    let (told, known) = (account.as_object().unwrap(), schema["properties"].as_object().unwrap());
    assert!(told.keys().all(|key| known.contains_key(key)) && told.len() == known.len());
    assert_eq!(account["alerts"].as_array().unwrap().len(), 3);
    let chart = &account["alerts"][0]["chart"];
    assert_eq!((chart["limit"].as_f64(), chart["samples"].as_u64()), (Some(5.0), Some(207)));
    assert_eq!(chart["from"], "2026-09-14T10:20:00Z", "ten minutes before");
    assert_eq!(account["gates"][1]["verdict"], "INCONCLUSIVE");
    assert_eq!(account["phases"][2]["end_slip"], 700);
    assert_eq!(account["runs"][0]["seconds"], 420.0);
    let states: Vec<_> =
        account["due"].as_array().unwrap().iter().map(|d| d["state"].as_str().unwrap()).collect();
    assert_eq!(states.len(), 4, "{states:?}");
}

#[test]
fn the_html_stands_alone_in_order_and_can_be_read_aloud() {
    let (stage, room) = launched();
    let page = stage.ok(&["report", &room, "--format", "html"]);
    for never in [
        "<script",
        "http://",
        "https://",
        "url(",
        "@import",
        "<link",
        "<img",
        "javascript:",
        " onload",
        "<iframe",
    ] {
        assert!(!page.contains(never), "{never}");
    }
    for part in [
        "<!DOCTYPE html>",
        "<html lang=\"en\">",
        "@page",
        "prefers-color-scheme:dark",
        "<meta name=\"viewport\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(page.matches("<h1").count(), 1);
    let levels: Vec<u32> =
        page.match_indices("<h").filter_map(|(at, _)| page[at + 2..].chars().next()?.to_digit(10)).collect();
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "no level is left out: {levels:?}");
    assert_eq!(
        page.matches("<th").count() - page.matches("<thead").count(),
        page.matches("scope=\"").count()
    );
    assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
    assert_eq!(page.matches("<svg").count(), 4, "a time line and three charts");
    assert_eq!(page.matches("role=\"img\"").count(), page.matches("aria-labelledby=\"chart").count() + 1);
    let mut ids: Vec<&str> =
        page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "ids are unique");
    for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(ids.contains(&link), "{link} leads nowhere");
    }
    for open in ["section", "table", "tr", "td", "th", "div", "svg", "figure", "ul", "li", "small", "span"] {
        let (begun, ended) = (
            page.matches(&format!("<{open}>")).count() + page.matches(&format!("<{open} ")).count(),
            page.matches(&format!("</{open}>")).count(),
        );
        assert_eq!(begun, ended, "{open}");
    }
}

#[test]
fn what_comes_from_outside_stays_text_in_every_form() {
    let evil = "</title><script>alert(1)</script>\u{1b}]52;c;eA==\u{7}\u{202e}\u{85}\"'><img src=x onerror=a>=1+1|`x`";
    let stage = Stage::new();
    let plan = launch::PLAN.replace("Snapshot of the parcels database taken", &format!("Snapshot of {evil}"));
    let plan = plan.replace("# Parcel tracking 4", &format!("# {evil}"));
    stage.write(&plan);
    let file = stage.plan.canonicalize().unwrap();
    let mut writer = Writer::new(&stage.state, &file, &plan, "production", "launch");
    let (item, _) = writer.item("Snapshot");
    use warroom::room::{Event, Subject};
    let say = |w: &mut Writer, event| {
        w.say(1, evil, event);
    };
    say(&mut writer, Event::ItemBlocked { item: item.clone(), text: evil.into(), reason: evil.into() });
    say(&mut writer, Event::EvidenceAdded { item: item.clone(), text: evil.into() });
    say(&mut writer, Event::NoteAdded { on: Subject::Room, text: evil.into() });
    say(&mut writer, Event::FlagRecorded { flag: evil.into(), value: evil.into() });
    say(
        &mut writer,
        Event::RungOverridden {
            flag: evil.into(),
            to: evil.into(),
            reason: evil.into(),
            against: evil.into(),
        },
    );
    say(&mut writer, Event::BaselineCaptured { metric: evil.into(), value: f64::MAX, from: evil.into() });
    let alert = Event::AlertFired {
        rule: "x".into(),
        signal: evil.into(),
        limit: evil.into(),
        rank: evil.into(),
        line: 1,
        value: None,
    };
    say(&mut writer, alert);
    writer.flush();
    writer.measure(&[evil], |_, _| 1.0);
    for format in ["md", "html", "json", "csv", "ics"] {
        let told = stage.ok(&["report", "launch", "--format", format]);
        let bad = told.chars().find(|c| (c.is_control() && !"\r\n".contains(*c)) || *c == '\u{202e}');
        assert_eq!(bad, None, "{format}");
        // In Markdown a backslash makes it text; the other three are no markup.
        let marked = told.replace("\\<", "");
        assert!(!["md", "html"].contains(&format) || !marked.contains("<script"), "{format}");
        assert!(format != "html" || !told.contains("<img"));
        if format == "csv" {
            assert!(!told.lines().flat_map(|l| l.split(',')).any(|c| c.starts_with('=')), "{told}");
        }
    }
    let text = stage.ok(&["compare", "launch", "launch"]);
    assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'));
}

#[test]
fn a_file_is_replaced_only_where_it_is_as_it_was_left() {
    let (stage, room) = launched();
    let file = stage.state.join("r.md");
    let out = file.to_str().unwrap();
    let write = |more: &[&str]| stage.run(&[&["report", &room, "--out", out], more].concat());
    assert_eq!(write(&[]).0, 0);
    let first = std::fs::read_to_string(&file).unwrap();
    assert!(first.starts_with("# Launch report"));
    assert_eq!(write(&["--format", "html"]).0, 0, "what it wrote it may replace");
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("<!DOCTYPE"));
    let edited = "my own words\n";
    std::fs::write(&file, edited).unwrap();
    let (code, _, err) = write(&[]);
    assert!(code == 1 && err.contains("is not as a report left it") && err.contains("--force"), "{err}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), edited);
    assert_eq!(write(&["--force"]).0, 0);
    let (code, _, err) = stage.run(&["report", &room, "--out", stage.state.to_str().unwrap()]);
    assert!(code == 2 && err.contains("is a folder"), "{err}");
    assert_eq!(
        std::fs::read_dir(&stage.state)
            .unwrap()
            .flatten()
            .filter(|e| e.file_name().to_string_lossy().ends_with(".new"))
            .count(),
        0
    );
}

#[test]
fn rows_are_events_or_items() {
    let (stage, room) = launched();
    let events = stage.ok(&["report", &room, "--format", "csv"]);
    assert!(
        events.starts_with("seq,time,who,about,item,what\r\n1,2026-09-14T07:00:00.000Z,ana,plan,,opened"),
        "{events}"
    );
    let items = stage.ok(&["report", &room, "--format", "csv", "--rows", "items"]);
    assert!(items.contains(",na,cy,2026-09-14T07:13:20.000Z,the review was moved,"), "{items}");
}

#[test]
fn the_calendar_has_phases_messages_and_what_is_due() {
    let (stage, room) = launched();
    let told = stage.ok(&["report", &room, "--format", "ics"]);
    for part in [
        "DTSTART:20260914T080000Z\r\nDTEND:20260914T095820Z\r\nSUMMARY:Phase 1: Staff\r\n",
        "DTSTART:20260913T080000Z\r\nSUMMARY:Message: Reminder to all staff\r\n",
        "DTSTART;VALUE=DATE:20260921\r\nDTEND;VALUE=DATE:20260928\r\nSUMMARY:Take the old tracker down\r\n",
        "RRULE:FREQ=WEEKLY\r\nSUMMARY:Look through failed lookups\r\n",
        "DTSTART;VALUE=DATE:20260921\r\nDTEND;VALUE=DATE:20260928\r\nSUMMARY:Schedule a metrics review",
    ] {
        assert!(told.contains(part), "{part:?} in\n{told}");
    }
    assert_eq!(told.matches("BEGIN:VEVENT").count(), told.matches("END:VEVENT").count());
    assert!(told.lines().all(|l| l.len() <= 75) && !told.replace("\r\n", "").contains('\n'));
}

#[test]
fn two_rooms_stand_beside_each_other() {
    let (stage, room) = launched();
    let told = stage.ok(&["compare", "launch-rehearsal", &room]);
    for part in [
        "Both follow the same plan.",
        "Phase 1: Staff",
        "B 1 h 43 min longer",
        "done in 48 s",
        "done in 7 min",
        "P0 Lookup error rate",
        "tracking_share",
    ] {
        assert!(told.contains(part), "{part} in\n{told}");
    }
    let found = stage.json(&["compare", "launch-rehearsal", &room, "--format", "json"]);
    let only = |name: &str| {
        let alerts = found["alerts"].as_array().unwrap();
        let alert = alerts.iter().find(|a| a["name"].as_str().unwrap().contains(name)).unwrap();
        (alert["a"].is_null(), alert["b"].is_null())
    };
    assert_eq!((only("Lookup error"), only("queue depth")), ((true, false), (false, false)));
    assert_eq!(found["schema"], "warroom.compare/1");
    let (same, _) = (stage.json(&["compare", &room, &room, "--format", "json"]), ());
    assert!(same["items"].as_array().unwrap().is_empty(), "a room is like itself");
}

#[test]
fn an_edited_plan_is_matched_by_its_places_and_words() {
    let (stage, room) = launched();
    let edited = launch::PLAN
        .replace("Tell the carriers", "Tell the carriers.")
        .replace("- [ ] Read twenty support conversations\n", "")
        .replace("Phase 3: Everyone", "Phase 3: Everybody");
    let file = stage.plan.canonicalize().unwrap();
    let mut later = Writer::new(&stage.state, &file, &edited, "production", "later");
    later.tick(10, "ana", "Tell the carriers.");
    later.phase(0, 2, false, None);
    later.flush();
    let found = stage.json(&["compare", &room, "later", "--format", "json"]);
    assert_eq!(found["same_plan"], false);
    let items = found["items"].as_array().unwrap();
    let named = |words: &str| items.iter().find(|i| i["name"].as_str().unwrap().contains(words));
    assert!(named("Tell the carriers").is_none(), "done in both, however it is worded");
    assert_eq!(named("Read twenty").map(|i| (&i["a"], &i["b"])), Some((&"done".into(), &Value::Null)));
    assert_eq!(found["phases"].as_array().unwrap().len(), 3);
}

#[test]
fn status_says_what_is_due_after_the_launch() {
    let (stage, room) = launched();
    let told = stage.ok(&["status", &room]);
    assert!(told.contains("after the launch") && told.contains("Take the old tracker down"), "{told}");
    let due = &stage.json(&["status", &room, "--json"])["due"];
    let weekly = due.as_array().unwrap().iter().find(|d| d["every"] == "every week").unwrap();
    assert_eq!(weekly["state"], "due");
    stage.ok(&["tick", &room, "Look through failed lookups"]);
    let due = &stage.json(&["status", &room, "--json"])["due"];
    let weekly = due.as_array().unwrap().iter().find(|d| d["every"] == "every week").unwrap();
    assert_eq!(weekly["state"], "done", "for this week");
    assert!(!stage.ok(&["status", "launch-rehearsal"]).contains("after the launch"), "it is not over");
}

#[test]
fn a_room_of_which_little_is_known_says_so() {
    let stage = Stage::new();
    stage.ok(&["note", "PLAN", "hello"]);
    let page = stage.ok(&["report", "PLAN"]);
    assert!(page.contains("T0 was never set") && page.contains("has not begun"), "{page}");
    let (code, _, err) = stage.run(&["report", "nothing"]);
    assert!(code != 0 && err.contains("warroom rooms"), "{err}");
}
