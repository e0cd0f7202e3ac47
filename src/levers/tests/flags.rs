//! A change of a flag against providers that take it, refuse it, lie, fail and hang.

use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, PATIENCE, Server, levers, ok};
use crate::levers::wire::Limits;
use crate::levers::{FlagChange, Levers, Outcome, Report};
use crate::plan::binding::{Binding, FlagBinding};

/// As in earnest, only quicker.
fn quick() -> Limits {
    Limits {
        read: Duration::from_millis(400),
        connect: Duration::from_millis(400),
        write: Duration::from_millis(600),
        back: Duration::from_millis(600),
        every: Duration::from_millis(50),
    }
}

/// A provider that keeps what is put and gives it back.
fn honest(first: Value) -> Server {
    let kept = Mutex::new(first);
    Server::new(move |request| {
        let mut kept = kept.lock().unwrap();
        if let Some((_, body)) = request.split_once("\r\n\r\n").filter(|_| request.starts_with("PUT")) {
            *kept = serde_json::from_str::<Value>(body).unwrap()["value"].clone();
        }
        ok(&json!({ "value": *kept }).to_string())
    })
}

fn outcome(heard: &Receiver<Report>) -> Outcome {
    match heard.recv_timeout(PATIENCE).unwrap() {
        Report::FlagChanged { outcome, .. } => outcome,
        other => panic!("{other:?}"),
    }
}

fn changed(server: &Server, to: Value) -> Outcome {
    let bound = server.bound();
    let change = FlagChange::new(&bound, None, &to).unwrap();
    let (levers, heard) = levers(vec![bound], None, quick());
    levers.change(Uuid::now_v7(), change);
    outcome(&heard)
}

fn unknown(outcome: Outcome) -> String {
    match outcome {
        Outcome::Unknown(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_flag_is_read_changed_and_read_back() {
    let server = honest(json!(false));
    let (levers, heard) = levers(vec![server.bound()], None, quick());
    levers.read("pay");
    let Report::FlagRead { flag, value, .. } = heard.recv_timeout(PATIENCE).unwrap() else { panic!() };
    assert_eq!((flag.as_str(), value), ("pay", Ok(json!(false))));
    let change = FlagChange::new(&server.bound(), Some(json!(false)), &json!(25.0)).unwrap();
    levers.change(Uuid::now_v7(), change);
    let done = Outcome::Done {
        read_back: json!(25),
        request_id: Some("r-1".to_owned()),
        status: Some(200),
        note: String::new(),
    };
    assert_eq!((outcome(&heard), server.count("PUT")), (done, 1));
}

/// The one request of a change.
fn sent(change: &FlagChange) -> &crate::levers::Request {
    match change.request.acts() {
        [crate::levers::Act::Send(request)] => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_shown_is_what_is_sent() {
    let server = honest(json!(false));
    let change = FlagChange::new(&server.bound(), None, &json!(true)).unwrap();
    let shown = change.request.shown();
    assert!(matches!(changed(&server, json!(true)), Outcome::Done { .. }));
    let came = server.first("PUT");
    let (head, body) = came.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head.lines().map(str::to_lowercase).collect();
    let host = format!("127.0.0.1:{}", server.port);
    assert_eq!(lines.remove(0), "put /flags/pay http/1.1");
    lines.retain(|l| *l != format!("host: {host}") && *l != format!("content-length: {}", body.len()));
    let mut wanted: Vec<_> = sent(&change).headers().iter().map(|h| h.to_lowercase()).collect();
    lines.sort();
    wanted.sort();
    assert_eq!(lines, wanted, "no header that was not shown");
    assert_eq!(shown[0], format!("PUT http://{host}/flags/pay"));
    assert_eq!(shown.last().map(String::as_str), Some(body));
}

#[test]
fn a_read_back_that_shows_another_value_is_unknown() {
    let server = Server::new(|_| ok("{\"value\": false}"));
    let began = Instant::now();
    let why = unknown(changed(&server, json!(true)));
    assert!(why.contains("still reads false"), "{why}");
    assert!(began.elapsed() >= quick().back && server.count("GET") > 3, "{} readings", server.count("GET"));
    assert_eq!(server.count("PUT"), 1);
}

#[test]
fn a_flag_that_changes_late_is_done() {
    let puts = Mutex::new(0);
    let server = Server::new(move |request| {
        let mut reads = puts.lock().unwrap();
        *reads += usize::from(request.starts_with("GET"));
        ok(if *reads > 3 { "true" } else { "false" })
    });
    assert!(matches!(changed(&server, json!(true)), Outcome::Done { .. }));
}

#[test]
fn every_no_has_its_name() {
    for (status, wanted) in [
        ("403 Forbidden", Outcome::NeedsApproval { status: 403 }),
        ("405 Method Not Allowed", Outcome::NeedsApproval { status: 405 }),
        ("422 Unprocessable", Outcome::Refused { status: 422, why: "too ^[[31mbig".to_owned() }),
        (
            "307 Temporary Redirect",
            Outcome::Refused {
                status: 307,
                why: "the provider answers with another address; redirects are not followed".to_owned(),
            },
        ),
    ] {
        let server = Server::new(move |request| match request.starts_with("PUT") {
            true => Answer::Say(status, "\n too \u{1b}[31mbig\nand more".to_owned()),
            false => ok("true"),
        });
        assert_eq!(changed(&server, json!(true)), wanted);
        assert_eq!((server.count("PUT"), server.count("GET")), (1, 0), "{status}: followed or repeated");
    }
}

#[test]
fn an_error_of_the_server_is_unknown_even_where_the_flag_reads_well() {
    let server = Server::new(|request| match request.starts_with("PUT") {
        true => Answer::Say("500 Internal Server Error", String::new()),
        false => ok("true"),
    });
    let why = unknown(changed(&server, json!(true)));
    assert!(why.contains("500") && why.contains("it reads true"), "{why}");
    assert_eq!(server.count("PUT"), 1);
}

#[test]
fn a_provider_that_hangs_or_hangs_up_is_unknown_and_not_asked_again() {
    for close in [false, true] {
        let server = Server::new(move |_| if close { Answer::Close } else { Answer::Hang });
        let why = unknown(changed(&server, json!(true)));
        assert!(why.contains("cannot be read"), "{why}");
        assert_eq!(server.count("PUT"), 1, "close: {close}");
    }
}

#[test]
fn where_nothing_was_sent_it_failed() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at = format!("http://127.0.0.1:{nobody}/f");
    let bound = FlagBinding {
        name: "pay".to_owned(),
        read: at.clone(),
        write: at,
        rungs: vec![],
        ..FlagBinding::default()
    };
    let change = FlagChange::new(&bound, None, &json!(true)).unwrap();
    let unbound = FlagChange { flag: "other".to_owned(), ..change.clone() };
    let foreign = FlagChange { request: honest(json!(0)).bound_request(), ..change.clone() };
    let (levers, heard) = levers(vec![bound], None, quick());
    for (change, part) in [(change, "refused"), (unbound, "bound to no provider"), (foreign, "confirmed")] {
        levers.change(Uuid::now_v7(), change);
        let Outcome::Failed(why) = outcome(&heard) else { panic!() };
        assert!(why.contains(part) && why.ends_with("nothing was sent"), "{why}");
    }
}

impl Server {
    fn bound_request(&self) -> crate::levers::Exact {
        FlagChange::new(&self.bound(), None, &json!(true)).unwrap().request
    }
}

#[test]
fn a_value_that_moved_since_it_was_shown_stops_the_change() {
    let server = honest(json!(50));
    let change = FlagChange::new(&server.bound(), Some(json!(25)), &json!(0)).unwrap();
    let (levers, heard) = levers(vec![server.bound()], None, quick());
    levers.change(Uuid::now_v7(), change);
    let Outcome::Failed(why) = outcome(&heard) else { panic!() };
    assert!(why.contains("reads 50 now, not 25"), "{why}");
    assert_eq!(server.count("PUT"), 0);
}

#[test]
fn one_ticket_is_one_write_and_two_changes_do_not_cross() {
    let server = honest(json!(false));
    let change = FlagChange::new(&server.bound(), None, &json!(true)).unwrap();
    let (levers, heard) = levers(vec![server.bound()], None, quick());
    let ticket = Uuid::now_v7();
    levers.change(ticket, change.clone());
    levers.change(ticket, change.clone());
    levers.change(Uuid::now_v7(), change);
    let Outcome::Failed(why) = outcome(&heard) else { panic!("the second comes back first") };
    assert!(why.contains("another change"), "{why}");
    assert!(matches!(outcome(&heard), Outcome::Done { .. }));
    levers.read("pay");
    assert!(matches!(heard.recv_timeout(PATIENCE).unwrap(), Report::FlagRead { .. }), "nothing else came");
    assert_eq!(server.count("PUT"), 1);
}

#[test]
fn readings_that_fail_say_why_and_do_not_pile_up() {
    for (answer, part) in [("on", "no JSON"), ("\"on\"", "neither a boolean"), ("{}", "neither")] {
        let server = Server::new(move |_| ok(answer));
        let (levers, heard) = levers(vec![server.bound()], None, quick());
        levers.read("pay");
        let Report::FlagRead { value: Err(why), .. } = heard.recv_timeout(PATIENCE).unwrap() else {
            panic!()
        };
        assert!(why.contains(part), "{why}");
    }
    let server = Server::new(|_| Answer::Hang);
    let (levers, heard) = levers(vec![server.bound()], None, quick());
    (0..50).for_each(|_| levers.read("pay"));
    levers.read("other");
    let mut told = (0..2).map(|_| match heard.recv_timeout(PATIENCE).unwrap() {
        Report::FlagRead { value, .. } => value.unwrap_err(),
        other => panic!("{other:?}"),
    });
    assert!(told.next().unwrap().contains("bound to no provider"), "what hangs delays nothing else");
    assert!(told.next().unwrap().contains("no answer within 0.4 s"));
    assert_eq!(server.count("GET"), 1);
}

#[test]
fn in_earnest_a_change_ends_within_ten_seconds() {
    let limits = Limits::default();
    let worst = limits.read + limits.write + limits.back + limits.every + limits.read;
    assert!(worst <= Duration::from_secs(10) && limits.back >= Duration::from_secs(2));
    let server = Server::new(|_| ok("false"));
    let bound = server.bound();
    let change = FlagChange::new(&bound, None, &json!(true)).unwrap();
    let (say, heard) = std::sync::mpsc::channel();
    let binding = std::sync::Arc::new(Binding { flags: vec![bound], ..Binding::default() });
    let levers = Levers::start(binding, move |report| drop(say.send(report)));
    let began = Instant::now();
    levers.change(Uuid::now_v7(), change);
    unknown(outcome(&heard));
    assert!(began.elapsed() >= Duration::from_secs(2));
}

#[test]
fn what_comes_too_late_is_not_sent() {
    let server = honest(json!(false));
    let bound = server.bound();
    let change = FlagChange::new(&bound, None, &json!(true)).unwrap();
    let (levers, heard) = levers(vec![bound], None, quick());
    levers.change_by(Uuid::now_v7(), change, Utc::now() - TimeDelta::seconds(1));
    let Outcome::Failed(why) = outcome(&heard) else { panic!("it was sent") };
    assert!(why.contains("too long") && why.contains("nothing was sent"), "{why}");
    assert_eq!(server.count("PUT"), 0);
}
