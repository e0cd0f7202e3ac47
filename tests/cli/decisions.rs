//! What people decided together, in every form of a report: polls, holds of the count, doubted ticks,
//! sign-offs with their seals, what took two people, unknown ends that were settled.

use chrono::TimeDelta;
use serde_json::Value;
use uuid::Uuid;
use warroom::room::{About, Decision, End, Event, Outcome, Seat, Verdict, Vote};
use warroom::signing::digest_of;

use super::launch::{self, Writer, t0};
use super::sign;
use super::stage::Stage;

/// A public key whose other half is nowhere.
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK2iIFJijMWLZMLGv4+B6thzDtw/zzcY02kIISYmztMF";

/// How the words of the story are told: as they are, or something hostile instead.
type Say<'a> = &'a dyn Fn(&str) -> String;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(7_000_000 + n)
}

fn vote(
    w: &mut Writer,
    second: i64,
    (poll, place): (u128, usize),
    vote: Vote,
    evidence: &str,
    why: Option<String>,
) {
    let line = w.plan.signoffs[place].clone();
    let (name, evidence, seat, role) =
        (w.plan.phases[0].name.clone(), evidence.to_owned(), line.id, line.role);
    let event = Event::Voted { poll: id(poll), name, seat, role, vote, reason: why, evidence };
    w.say(second, ["eve", "pat"][place], event);
}

fn open(w: &mut Writer, second: i64, poll: u128, phase: usize) {
    let seat = |s: &warroom::plan::SignOff| Seat { id: s.id.clone(), role: s.role.clone(), people: vec![] };
    let roles = w.plan.signoffs.iter().map(seat).collect();
    let (phase, name) = (w.plan.phases[phase].id.clone(), w.plan.phases[phase].name.clone());
    w.say(second, "ana", Event::PollOpened { poll: id(poll), phase, name, roles });
}

fn close(w: &mut Writer, second: i64, poll: u128, evidence: &str) {
    let (phase, name) = (w.plan.phases[0].id.clone(), w.plan.phases[0].name.clone());
    // What a journal says of the result is not believed.
    let (result, why, evidence) = (Verdict::Go, String::new(), evidence.to_owned());
    w.say(second, "ana", Event::PollClosed { poll: id(poll), phase, name, result, why, evidence });
}

fn polls(w: &mut Writer, say: Say<'_>) {
    open(w, 1_000, 1, 0);
    vote(w, 1_010, (1, 0), Vote::Go, "e1", None);
    vote(w, 1_020, (1, 1), Vote::NoGo, "e1", Some(say("the carriers were not told")));
    close(w, 1_030, 1, "e1");
    open(w, 2_000, 2, 0);
    vote(w, 2_010, (2, 0), Vote::Go, "e1", None);
    vote(w, 2_020, (2, 1), Vote::Go, "e2", Some(say("told at 10:30")));
    vote(w, 2_030, (2, 0), Vote::Go, "e2", None);
    close(w, 2_040, 2, "e2");
    open(w, 3_000, 3, 1);
    vote(w, 3_010, (3, 0), Vote::Go, "e1", None);
}

fn clock(w: &mut Writer, say: Say<'_>) {
    w.say(-3_400, "ana", Event::HoldPlanned { t: -600, lasts: 900, reason: say("room for the poll") });
    w.say(400, "bo", Event::ClockHeld { reason: say("the carrier's line is down") });
    w.say(1_000, "cy", Event::ClockResumed { t: -500 });
}

fn claims(w: &mut Writer, say: Say<'_>) {
    for (second, words, to) in
        [(500, "Set tracking_v4", 560), (600, "Track one parcel", 0), (700, "Tell the carriers", 760)]
    {
        w.tick(second, "ana", words);
        let (item, text) = w.item(words);
        let why = say(&format!("{second} reads otherwise"));
        w.say(second + 10, "watch", Event::ClaimDoubted { item: item.clone(), text: text.clone(), why });
        let end = match second {
            500 => Event::ClaimSettled { item, text },
            700 => Event::ItemUnticked { item, text },
            _ => continue,
        };
        w.say(to, "bo", end);
    }
}

fn signoffs(w: &mut Writer, say: Say<'_>) {
    let text = format!("ana@example.com namespaces=\"signoff-v1@warroom\" {KEY}\n");
    let (digest, from, zone) = (digest_of(&text), say("team/signers"), "Europe/Berlin".to_owned());
    w.say(100, "ana", Event::SignersAdopted { digest, text, from, zone });
    for (seat, decision, exceptions, signature) in [
        (0, Decision::ApproveWithExceptions, Some(say("no push before noon")), None),
        (1, Decision::Approve, None, Some(say("forged"))),
    ] {
        let line = w.plan.signoffs[seat].clone();
        let event = Event::SignedOff {
            signoff: line.id,
            role: line.role,
            decision,
            comment: Some(say("seen at ten")),
            signed: signature.is_some(),
            exceptions,
            statement: signature.clone(),
            signature,
            saw: vec![],
        };
        w.say(110, ["eve", "pat"][seat], event);
    }
}

fn levers(w: &mut Writer, say: Say<'_>) {
    let procedure = w.plan.procedures.iter().find(|p| p.title.contains("Rollback")).unwrap().clone();
    let (run, title) = (id(20), procedure.title.clone());
    w.say(4_000, "ana", Event::RunStarted { run, procedure: procedure.id, title: title.clone() });
    for (step, end) in [(0, End::Exit { code: 0 }), (1, End::Unknown)] {
        let (second, text) = (4_010 + 10 * step as i64, format!("step {step}"));
        let started = Event::StepStarted { run, step, text: text.clone(), bytes: "x".into(), approval: None };
        w.say(second, "ana", started);
        let (outcome, detail) = (end.outcome(), say("as seen"));
        w.say(second + 5, "ana", Event::StepEnded { run, step, text, outcome, detail, end: Some(end) });
    }
    let (outcome, reason) = (Outcome::Done, say("bo looked at the old tracker"));
    w.say(
        4_100,
        "bo",
        Event::RunResolved { run, title: title.clone(), step: 1, outcome, reason, goes_on: true },
    );
    let (change, flag, to) = (id(30), "tracking_share".to_owned(), "50".to_owned());
    let request = "PATCH".to_owned();
    let approval = Some(id(10));
    propose(w, 5_000, 10, say);
    let why = say("ana proposed it; somebody else has to approve it");
    w.say(5_010, "ana", Event::ApprovalRefused { proposal: id(10), title: say("share"), why });
    approve(w, 5_020, 10, say);
    let from = Some("10".to_owned());
    let started =
        Event::FlagChangeStarted { change, flag: flag.clone(), from, to: to.clone(), request, approval };
    w.say(5_030, "ana", started);
    let (outcome, detail) = (Outcome::Unknown, say("no answer"));
    w.say(
        5_040,
        "ana",
        Event::FlagChangeEnded { change, flag: flag.clone(), to: to.clone(), outcome, detail },
    );
    let (outcome, reason) = (Outcome::Failed, say("it still reads 10"));
    w.say(5_050, "bo", Event::FlagResolved { change, flag, to, outcome, reason });
    propose(w, 6_000, 11, say);
    w.say(6_010, "ana", Event::ProposalWithdrawn { proposal: id(11), title: say("share") });
    propose(w, 7_000, 12, say);
    propose(w, 8_000, 13, say);
    approve(w, 8_010, 13, say);
}

fn propose(w: &mut Writer, second: i64, n: u128, say: Say<'_>) {
    let about = About::Flag { flag: "tracking_share".into(), from: Some("10".into()), to: "50".into() };
    let (nonce, digest, bytes) = (id(100 + n), format!("sha256:{n}"), "PATCH".to_owned());
    let expires = t0() + TimeDelta::seconds(second + 600);
    let title = say(&format!("share {n} goes to 50"));
    w.say(second, "ana", Event::Proposed { proposal: id(n), title, about, bytes, nonce, digest, expires });
}

fn approve(w: &mut Writer, second: i64, n: u128, say: Say<'_>) {
    let (nonce, digest, title) = (id(100 + n), format!("sha256:{n}"), say("share"));
    w.say(second, "bo", Event::Approved { proposal: id(n), title, nonce, digest });
}

fn over_a_gate(w: &mut Writer, say: Say<'_>) {
    let (phase, name) = (w.plan.phases[0].id.clone(), w.plan.phases[0].name.clone());
    let (overridden, against) = (Some(say("we go all the same")), vec![say("pat wanted to wait")]);
    w.say(9_000, "ana", Event::PhaseCompleted { phase, name, overridden, against });
}

/// A stage with a room in which people decided, in these words.
fn decided(say: Say<'_>) -> Stage {
    let stage = Stage::new();
    stage.write(launch::PLAN);
    let file = stage.plan.canonicalize().unwrap();
    let mut w = Writer::new(&stage.state, &file, launch::PLAN, "production", "launch");
    w.say(-3_500, "ana", Event::T0Set { instant: t0(), zone: "Europe/Berlin".to_owned() });
    clock(&mut w, say);
    signoffs(&mut w, say);
    claims(&mut w, say);
    w.phase(900, 0, false, None);
    polls(&mut w, say);
    levers(&mut w, say);
    over_a_gate(&mut w, say);
    w.flush();
    let mut bare = Writer::new(&stage.state, &file, launch::PLAN, "rehearsal", "bare");
    bare.phase(0, 0, false, None);
    bare.flush();
    stage
}

/// The sections of a page that have these titles, in its order.
fn sections(page: &str, titles: &[&str]) -> String {
    let parts = page.split("\n## ").filter(|part| titles.iter().any(|t| part.starts_with(&format!("{t}\n"))));
    parts.map(|part| format!("## {}\n", part.trim_end())).collect::<Vec<_>>().join("\n")
}

const TITLES: [&str; 9] = [
    "Gates",
    "Polls",
    "Holds of the count",
    "Sign-offs",
    "Ticks that were doubted",
    "Ways back and other procedures",
    "What took two people",
    "Unknown ends that people settled",
    "Done over an objection",
];

#[test]
fn the_markdown_tells_what_people_decided() {
    let stage = decided(&str::to_owned);
    let page = stage.ok(&["report", "launch"]);
    insta::assert_snapshot!(sections(&page, &TITLES));
    let bare = stage.ok(&["report", "bare"]);
    for title in &TITLES[1..] {
        let empty = !bare.contains(&format!("\n## {title}\n"));
        assert!(empty || *title == "Sign-offs", "{title} has nothing to say");
    }
    assert!(!bare.contains("Whose keys count"));
}

#[test]
fn the_html_and_the_json_say_the_same() {
    let stage = decided(&str::to_owned);
    let page = stage.ok(&["report", "launch", "--format", "html"]);
    for title in TITLES {
        assert!(page.contains(&format!("\">{title}</h2>")), "{title}");
    }
    for part in ["? GO, lapsed", "UNVERIFIED: ", "pat wanted to wait", "exit code 0", "✖ still stands"] {
        assert!(page.contains(part), "{part}");
    }
    let told = stage.json(&["report", "launch", "--format", "json"]);
    let schema = stage.json(&["schema", "report"]);
    for key in ["polls", "clock", "claims", "signers", "proposals", "resolved"] {
        assert!(schema["properties"][key].is_object(), "{key} is in the schema");
        assert!(!told[key].as_array().unwrap().is_empty(), "{key} is told");
    }
    let of = |list: &Value, key: &str| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|each| each[key].clone()).collect()
    };
    assert_eq!(of(&told["polls"], "result"), ["NO-GO".into(), "GO".into(), Value::Null]);
    let votes = &told["polls"][1]["votes"];
    assert_eq!(of(votes, "lapsed"), [true, false, false], "{votes}");
    assert_eq!(of(votes, "replaced"), [true, false, false]);
    assert_eq!(of(&told["polls"][2]["votes"], "lapsed"), [true, false], "nobody saw what stands now");
    assert_eq!(of(&told["clock"], "ended_by"), [Value::Null, "cy".into()]);
    assert_eq!(of(&told["clock"], "t"), ["T-00:10:00", "T-00:08:20"]);
    assert_eq!(of(&told["signoffs"], "seal"), ["unsigned", "unverified"]);
    assert!(of(&told["signoffs"], "gap").iter().all(Value::is_string), "neither counts");
    assert_eq!(of(&told["proposals"], "state"), ["used", "taken back", "expired", "agreed, not used"]);
    let step = &told["runs"][0]["steps"][0]["end"];
    assert_eq!((step["kind"].as_str(), step["number"].as_i64()), (Some("exit"), Some(0)));
    assert_eq!(told["gates"][0]["overridden"], "we go all the same");
    assert_eq!(told["overrides"][0]["against"], serde_json::json!(["pat wanted to wait"]));
}

#[test]
fn the_rows_say_what_each_event_is_about() {
    let stage = decided(&str::to_owned);
    let rows = stage.ok(&["report", "launch", "--format", "csv"]);
    for (about, words) in [
        ("poll", "asks GO or NO-GO"),
        ("poll", "says NO-GO"),
        ("poll", "closed the poll"),
        ("clock", "holds the count"),
        ("clock", "lets the count go on"),
        ("clock", "plans a hold"),
        ("sign-off", "adopted the signers"),
        ("item", "is ticked, and"),
        ("flag", "resolved tracking_share"),
        ("run", "resolved Rollback"),
        ("run", "step 1 starts"),
        ("approval", "proposed share 10"),
        ("approval", "approved share"),
        ("approval", "was refused share"),
    ] {
        let row = rows.lines().find(|row| row.contains(words)).unwrap_or_else(|| panic!("{words} in {rows}"));
        assert!(row.contains(&format!(",{about},")), "{row}");
    }
}

#[test]
fn polls_and_sign_offs_stand_beside_each_other() {
    let stage = decided(&str::to_owned);
    let told = stage.ok(&["compare", "bare", "launch"]);
    for part in [
        "Polls\n",
        "not asked",
        "GO, asked 2 times",
        "under way",
        "nobody signed",
        "approved, UNVERIFIED, does not count",
    ] {
        assert!(told.contains(part), "{part} in\n{told}");
    }
    let found = stage.json(&["compare", "bare", "launch", "--format", "json"]);
    let (polls, signoffs) = (&found["polls"], &found["signoffs"]);
    assert_eq!((polls[0]["a"].is_null(), polls[0]["b"]["result"].as_str()), (true, Some("GO")));
    assert_eq!(signoffs[0]["a"]["decision"], Value::Null);
    assert_eq!(signoffs[0]["b"]["decision"], "approved with exceptions");
    let page = stage.ok(&["compare", "launch", "bare", "--format", "md"]);
    assert!(page.contains("\n## Polls\n") && page.contains("\n## Sign-offs\n"), "{page}");
}

#[test]
fn hostile_words_of_decisions_stay_text() {
    let evil =
        "</td><script>alert(1)</script>\u{1b}]52;c;eA==\u{7}\u{202e}\u{85}\"'><img src=x onerror=a>|`x`";
    let stage = decided(&|_| format!("=1+1 {evil}"));
    for format in ["md", "html", "json", "csv", "ics"] {
        let told = stage.ok(&["report", "launch", "--format", format]);
        let bad = told.chars().find(|c| (c.is_control() && !"\r\n".contains(*c)) || *c == '\u{202e}');
        assert_eq!(bad, None, "{format}");
        let marked = told.replace("\\<", "");
        assert!(!["md", "html"].contains(&format) || !marked.contains("<script"), "{format}");
        assert!(format != "html" || !told.contains("<img"));
        assert!(format == "ics" || told.matches("alert(1)").count() > 15, "{format} tells them");
        if format == "csv" {
            assert!(!told.lines().flat_map(|l| l.split(',')).any(|c| c.starts_with('=')), "{told}");
        }
    }
    for format in ["text", "md"] {
        let text = stage.ok(&["compare", "launch", "bare", "--format", format]);
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{format}");
        assert!(!text.replace("\\<", "").contains("<script") || format == "text");
    }
}

#[test]
fn a_signature_that_holds_is_told_with_its_key_its_doubt_and_what_changed() {
    let Some((stage, folder)) = sign::stage() else { return };
    sign::adopt(&stage, &sign::list(&folder, &[("ana", sign::OURS)]));
    stage.ok(&[
        "sign",
        "PLAN",
        "CTO",
        "--key",
        &sign::key(&folder, "ana"),
        "--comment",
        "dashboards are green",
    ]);
    stage.ok(&["sign", "PLAN", "CTO", "--unsigned", "--as", "mallory", "--comment", "me too"]);
    let told = |key: &str| stage.json(&["report", "PLAN", "--format", "json"])["signoffs"][0][key].clone();
    assert_eq!((told("seal"), told("by")), ("verified".into(), "ana@example.com".into()));
    assert_eq!(told("comment"), "dashboards are green", "what does not hold takes no place");
    assert!(told("key").as_str().unwrap().starts_with("SHA256:"));
    assert_eq!((told("stale"), told("gap")), (false.into(), Value::Null));
    stage.write(&sign::plan().replace("Freeze merges", "Freeze merges and deploys"));
    stage.ok(&["note", "PLAN", "edited"]);
    assert_eq!(told("changed"), serde_json::json!(["- Freeze merges", "+ Freeze merges and deploys"]));
    let page = stage.ok(&["report", "PLAN"]);
    for part in [
        "✔ approved an earlier plan (dashboards are green)",
        "signed by ana\\@example.com, key SHA256:",
        "a later one by mallory at ",
        " does not count: unsigned; gone: Freeze merges; new: Freeze merges and deploys",
    ] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
}

#[test]
fn what_the_room_did_not_take_is_not_told_and_another_t0_ends_a_hold() {
    let stage = Stage::new();
    stage.write(launch::PLAN);
    let file = stage.plan.canonicalize().unwrap();
    let mut w = Writer::new(&stage.state, &file, launch::PLAN, "production", "launch");
    let zone = "Europe/Berlin".to_owned();
    w.say(-3_500, "ana", Event::T0Set { instant: t0(), zone: zone.clone() });
    w.say(-900, "bo", Event::ClockHeld { reason: "a storm".to_owned() });
    w.say(-300, "cy", Event::T0Set { instant: t0() + TimeDelta::hours(2), zone });
    open(&mut w, 10, 1, 0);
    vote(&mut w, 20, (1, 0), Vote::NoGo, "e1", None);
    vote(&mut w, 30, (1, 1), Vote::Go, "e1", None);
    let (change, flag, to) = (id(30), "tracking_share".to_owned(), "50".to_owned());
    let (outcome, reason) = (Outcome::Done, "so they say".to_owned());
    w.say(40, "bo", Event::FlagResolved { change, flag, to, outcome, reason });
    propose(&mut w, 50, 10, &str::to_owned);
    let (digest, title) = ("sha256:10".to_owned(), "share".to_owned());
    w.say(60, "ana", Event::Approved { proposal: id(10), title, nonce: id(110), digest });
    w.flush();
    let told = stage.json(&["report", "launch", "--format", "json"]);
    let hold = &told["clock"][0];
    assert_eq!((hold["state"].as_str(), hold["ended_by"].as_str()), (Some("over"), Some("cy")), "{told}");
    assert_eq!(hold["to"], "2026-09-14T07:55:00Z");
    let votes = told["polls"][0]["votes"].as_array().unwrap();
    assert!(votes.iter().all(|v| v["vote"].is_null()), "a NO-GO has its reason, a GO its turn: {votes:?}");
    assert_eq!(told["resolved"], serde_json::json!([]));
    assert_eq!(told["proposals"][0]["agreed"], Value::Null, "nobody agrees with themselves");
}
