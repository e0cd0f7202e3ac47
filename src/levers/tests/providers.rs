//! Changes through the whole desk: a plan's own requests byte by byte, secrets that go out and are said
//! nowhere, changes of two requests, files, second opinions, and what was changed outside the room.

use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, PATIENCE, Server, levers, ok};
use crate::levers::wire::Limits;
use crate::levers::{FlagChange, Levers, Outcome, Report};
use crate::plan::binding::{Binding, FlagBinding};

fn quick() -> Limits {
    let short = Duration::from_millis(500);
    Limits { read: short, connect: short, write: short, back: short, every: Duration::from_millis(50) }
}

fn bound(text: &str) -> FlagBinding {
    toml::from_str(text).unwrap()
}

fn read(levers: &Levers, heard: &Receiver<Report>, flag: &str) -> (Result<Value, String>, Option<Value>) {
    levers.read(flag);
    match heard.recv_timeout(PATIENCE).unwrap() {
        Report::FlagRead { value, outside, .. } => (value, outside),
        other => panic!("{other:?}"),
    }
}

fn change(levers: &Levers, heard: &Receiver<Report>, change: FlagChange) -> Outcome {
    levers.change(Uuid::now_v7(), change);
    match heard.recv_timeout(PATIENCE).unwrap() {
        Report::FlagChanged { outcome, .. } => outcome,
        other => panic!("{other:?}"),
    }
}

fn set(levers: &Levers, heard: &Receiver<Report>, flag: &str, to: Value) -> Outcome {
    change(levers, heard, levers.plan(flag, &to).unwrap())
}

/// The plan's requests, as its shell would send them.
const CURLS: [(u32, &str); 4] = [
    (10, r#"{"enabled": true, "rolloutPercentage": 10}"#),
    (25, r#"{"enabled": true, "rolloutPercentage": 25}"#),
    (100, r#"{"enabled": true, "rolloutPercentage": 100}"#),
    (0, r#"{"enabled": false, "rolloutPercentage": 0}"#),
];

#[test]
fn a_plans_own_requests_go_out_byte_for_byte() {
    let plan: String = CURLS
        .iter()
        .map(|(percent, body)| {
            format!(
                "# Set {percent}% rollout\ncurl -X POST /api/admin/feature-flags/trial-automation/rollout \\\n  \
                 -H \"Authorization: Bearer $ADMIN_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}'\n\n"
            )
        })
        .collect();
    let plan = format!(
        "# P\n\n## Feature Flag Configuration\n\n```json\n{{\"featureFlags\": {{\"trialAutomation\": \
         {{\"rolloutPercentage\": 0}}}}}}\n```\n\n### Rollout Commands\n\n```bash\n{plan}```\n"
    );
    let plan = crate::plan::read(plan.as_bytes(), "p");
    let draft = crate::plan::draft::write(&plan, "", &Binding::default()).unwrap().text;
    let drafted = crate::levers::bound::read(&draft).unwrap_or_else(|f| panic!("{f:?}\n{draft}"));
    let found = drafted.flags.iter().find(|f| f.body.is_some());
    let mut flag = found.unwrap_or_else(|| panic!("{draft}")).clone();
    assert!(!drafted.reachable().flags.iter().any(|f| f.name == flag.name), "not before it can be read");

    let kept = Mutex::new(String::from("{}"));
    let server = Server::new(move |request| {
        let mut kept = kept.lock().unwrap();
        if let Some((_, body)) = request.split_once("\r\n\r\n").filter(|_| request.starts_with("POST")) {
            *kept = body.to_owned();
        }
        ok(&kept)
    });
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "sesame-1\n").unwrap();
    let kept = format!("file:{}", folder.path().join("token").display());
    flag.read = "/api/admin/feature-flags/trial-automation".to_owned();
    flag.path = Some("$.rolloutPercentage".to_owned());
    flag.headers = flag.headers.iter().map(|h| h.replace("env:ADMIN_TOKEN", &kept)).collect();
    let name = flag.name.clone();
    let mut binding = Binding { flags: vec![flag], ..Binding::default() };
    binding.room.base_url = format!("http://127.0.0.1:{}", server.port);
    let (levers, heard) = levers(binding.reachable().flags, None, quick());
    for (percent, body) in CURLS {
        let planned = levers.plan(&name, &json!(percent)).unwrap();
        let shown = planned.request.shown();
        assert!(!shown.join("\n").contains("sesame-1"), "{shown:?}");
        let done = change(&levers, &heard, planned);
        assert!(matches!(done, Outcome::Done { .. }), "{done:?}");
        let requests = server.requests.lock().unwrap();
        let sent = requests.iter().rfind(|r| r.starts_with("POST")).unwrap();
        let (head, sent) = sent.split_once("\r\n\r\n").unwrap();
        assert_eq!(sent, body);
        assert!(
            head.starts_with("POST /api/admin/feature-flags/trial-automation/rollout HTTP/1.1"),
            "{head}"
        );
        let head = head.to_lowercase();
        for header in ["authorization: bearer sesame-1", "content-type: application/json"] {
            assert_eq!(head.matches(header).count(), 1, "{head}");
        }
        drop(requests);
        read(&levers, &heard, &name).0.unwrap();
    }
    assert_eq!(server.count("POST"), 4);
}

#[test]
fn a_secret_that_is_said_back_is_struck_out_and_a_conflict_is_a_failure() {
    let server = Server::new(|request| match request.lines().next().unwrap_or_default() {
        get if get.starts_with("GET") => ok("false"),
        put if put.contains("conflict") => Answer::Say("409 Conflict", "sesame-2 was first".to_owned()),
        _ => Answer::Say("401 Unauthorized", "bad token sesame-2".to_owned()),
    });
    let flag = |name: &str| {
        let at = format!("http://127.0.0.1:{}/{name}", server.port);
        bound(&format!("name = '{name}'\nread = '{at}'\nwrite = '{at}'\nauth = 'cmd:printf sesame-2'"))
    };
    let (levers, heard) = levers(vec![flag("conflict"), flag("other")], None, quick());
    let failed = set(&levers, &heard, "conflict", json!(true));
    let Outcome::Failed(why) = failed else { panic!("{failed:?}") };
    assert!(why.contains("409") && why.contains("was first") && !why.contains("sesame"), "{why}");
    let refused = set(&levers, &heard, "other", json!(true));
    let Outcome::Refused { status: 401, why } = refused else { panic!("{refused:?}") };
    assert!(why.starts_with("bad token") && !why.contains("sesame"), "{why}");
    assert_eq!(server.count("PUT"), 2, "nothing is repeated");
    assert!(server.first("PUT").to_lowercase().contains("authorization: bearer sesame-2"));
}

#[test]
fn what_was_changed_outside_the_room_is_told_until_the_room_changes_it() {
    let kept = std::sync::Arc::new(Mutex::new(json!(10)));
    let theirs = std::sync::Arc::clone(&kept);
    let server = Server::new(move |request| {
        let mut kept = kept.lock().unwrap();
        if let Some((_, body)) = request.split_once("\r\n\r\n").filter(|_| request.starts_with("PUT")) {
            *kept = serde_json::from_str::<Value>(body).unwrap()["value"].clone();
        }
        ok(&kept.to_string())
    });
    let (levers, heard) = levers(vec![server.bound()], None, quick());
    assert_eq!(read(&levers, &heard, "pay"), (Ok(json!(10)), None));
    levers.expect("pay", json!(25));
    assert_eq!(read(&levers, &heard, "pay"), (Ok(json!(10)), Some(json!(25))));
    assert!(matches!(set(&levers, &heard, "pay", json!(50)), Outcome::Done { .. }));
    assert!(levers.plan("pay", &json!(100)).unwrap_err().to_string().contains("read it first"));
    assert_eq!(read(&levers, &heard, "pay"), (Ok(json!(50)), None));
    *theirs.lock().unwrap() = json!(100);
    for _ in 0..2 {
        assert_eq!(read(&levers, &heard, "pay"), (Ok(json!(100)), Some(json!(50))));
    }
}

/// Unleash as far as a change of one flag goes; `on` is refused where it is protected.
fn recorded(protected: bool) -> Server {
    let state = Mutex::new((false, "100".to_owned()));
    Server::new(move |request| {
        let mut state = state.lock().unwrap();
        let line = request.lines().next().unwrap_or_default();
        match line {
            _ if line.contains("/off ") => state.0 = false,
            _ if line.contains("/on ") && protected => return Answer::Say("403 Forbidden", String::new()),
            _ if line.contains("/on ") => state.0 = true,
            _ if line.starts_with("PATCH") => {
                let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
                state.1 = body[0]["value"].as_str().unwrap().to_owned();
            }
            _ => {}
        }
        let strategy = json!({ "id": "s", "name": "flexibleRollout", "parameters": { "rollout": state.1 } });
        ok(&json!({ "environments":
            [{ "name": "production", "enabled": state.0, "strategies": [strategy] }] })
        .to_string())
    })
}

#[test]
fn of_two_requests_the_second_is_not_sent_alone_and_half_is_unknown() {
    for protected in [false, true] {
        let server = recorded(protected);
        let flag = bound(&format!(
            "name = 'pay'\nprovider = 'unleash'\nurl = 'http://127.0.0.1:{}'\nauth = 'cmd:printf t'\nrungs = [10, 100]",
            server.port
        ));
        let (levers, heard) = levers(vec![flag], None, quick());
        assert_eq!(read(&levers, &heard, "pay").0, Ok(json!(0)));
        let outcome = set(&levers, &heard, "pay", json!(10));
        let sent: Vec<String> = {
            let requests = server.requests.lock().unwrap();
            let writes = requests.iter().filter(|r| !r.starts_with("GET"));
            writes.map(|r| r.split(' ').next().unwrap().to_owned()).collect()
        };
        assert_eq!(sent, ["PATCH", "POST"]);
        match outcome {
            Outcome::Done { read_back, .. } if !protected => assert_eq!(read_back, json!(10)),
            Outcome::Unknown(why) if protected => {
                assert!(
                    why.contains("was taken, then POST")
                        && why.contains("approved")
                        && why.contains("reads 0"),
                    "{why}"
                );
            }
            other => panic!("{other:?}"),
        }
        assert!(server.first("PATCH").contains("authorization: t\r\n"), "no Bearer");
    }
}

#[test]
fn a_file_is_changed_in_place_unless_it_changed_since_it_was_shown() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("real.env"), folder.path().join("link.env"));
    std::fs::write(&path, "# keep\nPAY=off # why\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let flag = bound(&format!("name = 'PAY'\nprovider = 'env'\nfile = '{}'", link.display()));
    let (levers, heard) = levers(vec![flag], None, quick());
    assert!(levers.plan("PAY", &json!(true)).unwrap_err().to_string().contains("read it first"));
    assert_eq!(read(&levers, &heard, "PAY").0, Ok(json!(false)));
    let planned = levers.plan("PAY", &json!(true)).unwrap();
    let real = path.canonicalize().unwrap();
    assert_eq!(
        planned.request.shown(),
        [
            format!("EDIT {}", link.display()),
            format!("which is {}", real.display()),
            "line 2, bytes 11 to 14, the rest stays".to_owned(),
            "- off".to_owned(),
            "+ on".to_owned(),
        ]
    );
    let done = change(&levers, &heard, planned.clone());
    assert!(matches!(done, Outcome::Done { status: None, .. }), "{done:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# keep\nPAY=on # why\n");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    read(&levers, &heard, "PAY").0.unwrap();
    let back = levers.plan("PAY", &json!(false)).unwrap();
    std::fs::write(&path, "# other\nPAY=on # why\n").unwrap();
    let failed = change(&levers, &heard, back);
    let Outcome::Failed(why) = failed else { panic!("{failed:?}") };
    assert!(why.contains("changed at its provider since it was shown"), "{why}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# other\nPAY=on # why\n");
    let names = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 2, "no draft is left behind");
}

#[test]
fn a_second_opinion_that_differs_makes_it_unknown() {
    for given in [true, false] {
        let kept = Mutex::new(String::from("false"));
        let server = Server::new(move |request| {
            let mut kept = kept.lock().unwrap();
            if request.starts_with("POST /ofrep/v1/evaluate/flags/pay ") {
                return ok(&json!({ "key": "pay", "value": given }).to_string());
            }
            if request.starts_with("PUT") {
                *kept = "true".to_owned();
            }
            ok(&kept)
        });
        let verify = Some(format!("ofrep http://127.0.0.1:{}", server.port).parse().unwrap());
        let (levers, heard) = levers(vec![FlagBinding { verify, ..server.bound() }], None, quick());
        match set(&levers, &heard, "pay", json!(true)) {
            Outcome::Done { note, .. } if given => assert_eq!(note, "OFREP at 127.0.0.1 gives true"),
            Outcome::Unknown(why) if !given => assert!(why.contains("still gives false"), "{why}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(server.count("PUT"), 1);
    }
}
