//! Steps that are one plain curl command: sent as HTTP by their supervisor, without a curl program, byte
//! for byte what the plan says, at most once whatever dies.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use uuid::Uuid;
use warroom::levers::Report;
use warroom::levers::run::{Ending, StepOutcome};
use warroom::levers::runs::look;
use warroom::plan::binding::{Blank, Secret};

use super::stage::{PATIENCE, Stage, heard, kill, supervisor, until};

/// A server that keeps every request as it came.
pub struct Standin {
    pub port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Standin {
    /// What `answer` says of a request is sent; nothing for ever where that is nothing.
    pub fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, answer) = (Arc::new(Mutex::new(vec![])), Arc::new(answer));
        let kept = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Self { port, heard }
    }

    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

fn serve(mut stream: TcpStream, kept: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> String) {
    let Some(request) = whole(&mut stream) else { return };
    kept.lock().unwrap().push(request.clone());
    let answer = answer(&request);
    if answer.is_empty() {
        return std::thread::sleep(PATIENCE);
    }
    let _ = stream.write_all(answer.as_bytes());
}

/// Head and as much body as its `Content-Length` says.
fn whole(stream: &mut TcpStream) -> Option<String> {
    let (mut bytes, mut buffer) = (vec![], [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        match stream.read(&mut buffer) {
            Ok(n) if n > 0 => bytes.extend_from_slice(&buffer[..n]),
            _ => return None,
        }
    }
}

fn says(status: &str, more: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{more}\r\n{body}", body.len())
}

fn answered(status: u16) -> StepOutcome {
    StepOutcome::Finished(Ending::Answered(status))
}

fn unknown(outcome: StepOutcome) -> String {
    if let StepOutcome::Unknown(why) = outcome { why } else { panic!("{outcome:?}") }
}

/// The requests of a plan as teams write them: no host, a token by name, JSON.
fn rollout(percent: u32) -> String {
    let on = percent > 0;
    format!(
        "# Set {percent}% rollout\ncurl -X POST /api/admin/feature-flags/trial-automation/rollout \\\n  \
         -H \"Authorization: Bearer [token]\" \\\n  -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"enabled\": {on}, \"rolloutPercentage\": {percent}}}'"
    )
}

#[test]
fn a_plans_requests_go_out_byte_for_byte_and_a_secret_nowhere_else() {
    let server = Standin::start(|_| says("200 OK", "", "{\"took\": \"sesame-77\"}\n"));
    let mut stage = Stage::new();
    let token = stage.file("token");
    std::fs::write(&token, "sesame-77\n").unwrap();
    stage.blank("token", Blank::Kept(Secret::File(token.display().to_string())));
    stage.binding.room.base_url = server.at("");
    for percent in [10, 25, 100, 0] {
        let block =
            rollout(percent).replace("\"Authorization: Bearer [token]\"", "'Authorization: Bearer '[token]");
        let step = stage.step(&block);
        let (shown, _) = step.confirmable().unwrap();
        let shown = shown.join("\n");
        for part in ["# sent as HTTP, once", "Authorization: Bearer ${W_token}", "# W_token is file:"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        let (levers, reports) = stage.levers();
        let ticket = Uuid::now_v7();
        levers.run_step(ticket, step);
        let ended = heard(&reports);
        assert_eq!(ended.outcome, answered(200));
        assert_eq!(ended.lines, ["HTTP 200 OK", "{\"took\": \"…\"}"]);
        let sent = server.heard().pop().unwrap();
        let (head, body) = sent.split_once("\r\n\r\n").unwrap();
        let on = percent > 0;
        assert_eq!(body, format!("{{\"enabled\": {on}, \"rolloutPercentage\": {percent}}}"));
        assert!(
            head.starts_with("POST /api/admin/feature-flags/trial-automation/rollout HTTP/1.1\r\n"),
            "{head}"
        );
        let mut names: Vec<_> =
            head.lines().skip(1).map(|l| l.split(": ").next().unwrap().to_lowercase()).collect();
        names.sort();
        assert_eq!(
            names,
            ["accept", "authorization", "content-length", "content-type", "host", "user-agent"]
        );
        for header in ["authorization: Bearer sesame-77", "content-type: application/json", "accept: */*"] {
            assert!(head.to_lowercase().contains(&header.to_lowercase()), "{header} in {head}");
        }
        for file in std::fs::read_dir(stage.folder(ticket)).unwrap().flatten() {
            let text = String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()).into_owned();
            assert!(!text.contains("sesame"), "{:?}", file.path());
        }
    }
    assert_eq!(server.heard().len(), 4);
}

#[test]
fn each_answer_is_an_end_of_its_own_and_none_is_unknown() {
    let server = Standin::start(|request| match request.split(' ').nth(1).unwrap() {
        "/made" => says("201 Created", "", "made"),
        "/no" => says("422 Unprocessable Entity", "", "not so\nnever \u{1b}[31m"),
        "/broken" => says("500 Internal Server Error", "", ""),
        "/moved" => says("302 Found", "Location: /made\r\n", ""),
        "/cut" => "HTTP/1.1 ".to_owned(),
        "/long" => says("200 OK", "", &"x".repeat(100_000)),
        _ => String::new(),
    });
    let stage = Stage::new();
    let hasty = Stage { timeout: Duration::from_millis(700), ..Stage::new() };
    let run = |path: &str| stage.run(&format!("curl -fsS {} -d a=1", server.at(path)));
    for (path, status, last) in [
        ("/made", 201, "made"),
        ("/no", 422, "never ^[[31m"),
        ("/broken", 500, "HTTP 500 Internal Server Error"),
        ("/moved", 302, "it leads to another address; that is followed only with -L"),
        ("/long", 200, "… the answer is longer"),
    ] {
        let ended = run(path);
        assert_eq!(ended.outcome, answered(status), "{path}");
        assert_eq!(ended.lines.last().map(String::as_str), Some(last), "{path}: {:?}", ended.lines.first());
    }
    assert!(unknown(run("/cut").outcome).contains("no answer came"));
    let hung = hasty.run(&format!("curl -fsS {} -d a=1", server.at("/hang")));
    assert!(unknown(hung.outcome).contains("no answer within 0.7 s"));
    let mut sent = server.heard();
    sent.retain(|request| !request.starts_with("POST /hang"));
    assert_eq!(sent.len(), 6, "each once: {sent:#?}");
    assert!(server.heard().len() <= 7);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ended = stage.run(&format!("curl -X POST http://127.0.0.1:{nobody}/x"));
    assert!(matches!(ended.outcome, StepOutcome::Finished(Ending::NotStarted(_))), "{:?}", ended.outcome);
}

#[test]
fn a_redirect_is_followed_where_it_is_asked_for_and_takes_no_secret_along() {
    let other = Standin::start(|_| says("200 OK", "", "there"));
    let away = other.at("/b");
    let server = Standin::start(move |request| match request.split(' ').nth(1).unwrap() {
        "/near" => says("307 Temporary Redirect", "Location: /here\r\n", ""),
        "/here" => says("200 OK", "", "here"),
        "/away" => says("302 Found", &format!("Location: {away}\r\n"), ""),
        "/inner" => {
            says("302 Found", &format!("Location: {}\r\n", away.replace("127.0.0.1", "localhost")), "")
        }
        "/file" => says("302 Found", "Location: file:///etc/passwd\r\n", ""),
        _ => says("302 Found", "Location: /round\r\n", ""),
    });
    let mut stage = Stage::new();
    stage.blank("token", Blank::Kept(Secret::Env("HOME".to_owned())));
    let run = |path: &str| {
        stage.run(&format!(
            "curl -sL -H 'Authorization: Bearer '[token] -H 'X-Plain: yes' {}",
            server.at(path)
        ))
    };
    assert_eq!((run("/near").outcome, run("/away").outcome), (answered(200), answered(200)));
    let there = other.heard().pop().unwrap().to_lowercase();
    assert!(there.contains("x-plain: yes") && !there.contains("authorization"), "{there}");
    assert!(server.heard()[1].to_lowercase().contains("authorization: bearer /"), "the same host");
    for (path, why) in
        [("/inner", "inner network"), ("/file", "neither http"), ("/round", "not followed after 3")]
    {
        let ended = run(path);
        assert_eq!(ended.outcome, answered(302), "{path}");
        assert!(ended.lines.last().unwrap().contains(why), "{path}: {:?}", ended.lines);
    }
    assert_eq!(other.heard().len(), 1);
}

#[test]
fn a_stop_before_the_answer_leaves_it_unknown() {
    let server = Standin::start(|_| String::new());
    let stage = Stage::new();
    let (levers, reports) = stage.levers();
    let ticket = Uuid::now_v7();
    levers.run_step(ticket, stage.step(&format!("curl -X DELETE {}", server.at("/x"))));
    until("the request", || (!server.heard().is_empty()).then_some(()));
    let began = Instant::now();
    levers.abort(ticket);
    assert!(unknown(heard(&reports).outcome).contains("stopped before an answer"));
    assert!(began.elapsed() < Duration::from_secs(20));
    assert!(unknown(stage.attach(ticket).outcome).contains("stopped before an answer"));
}

#[test]
fn a_request_whose_process_died_is_unknown_and_never_sent_again() {
    let server = Standin::start(|_| String::new());
    let stage = Stage::new();
    let step = stage.step(&format!("curl -X POST {}", server.at("/x")));
    let (levers, reports) = stage.levers();
    let ticket = Uuid::now_v7();
    levers.run_step(ticket, step.clone());
    until("the request", || (!server.heard().is_empty()).then_some(()));
    kill(supervisor(&stage.folder(ticket)).unwrap());
    unknown(heard(&reports).outcome);
    for _ in 0..3 {
        let (levers, reports) = stage.levers();
        levers.run_step(ticket, step.clone());
        unknown(heard(&reports).outcome);
        unknown(stage.attach(ticket).outcome);
    }
    assert_eq!(server.heard().len(), 1);
}

/// Not a test: the screen that dies with its supervisor.
#[test]
#[ignore = "is run by the crashes"]
fn screen() {
    let (Some(state), Ok(url)) =
        (std::env::var_os("WARROOM_CRASH_STATE"), std::env::var("WARROOM_CRASH_URL"))
    else {
        return;
    };
    let stage = Stage::at(state.as_ref());
    let ticket: Uuid = std::env::var("WARROOM_CRASH_RUN").unwrap().parse().unwrap();
    let (levers, reports) = stage.levers();
    levers.run_step(ticket, stage.step(&format!("curl -X POST {url}/{ticket}")));
    while !matches!(reports.recv_timeout(PATIENCE).unwrap(), Report::StepFinished { .. }) {}
}

#[test]
fn wherever_a_request_crashes_it_is_sent_at_most_once() {
    if !cfg!(debug_assertions) {
        return eprintln!("SKIPPED: only debug builds can crash on purpose");
    }
    let server = Standin::start(|_| says("200 OK", "", "ok"));
    let stage = Stage::new();
    const PLACES: &[&str] = &[
        "after-intent",
        "after-supervisor",
        "before-claim",
        "after-claim",
        "before-send",
        "after-send",
        "before-result",
        "beside-result.json",
        "after-result",
    ];
    let (mut unknowns, mut ends) = (0, 0);
    for round in 0..PLACES.len() * 3 {
        let (place, ticket) = (PLACES[round % PLACES.len()], Uuid::now_v7());
        let mut screen = std::process::Command::new(std::env::current_exe().unwrap());
        screen.args(["--exact", "http::screen", "--ignored"]).env("WARROOM_FAILPOINT", place);
        screen.env("WARROOM_CRASH_STATE", &stage.state).env("WARROOM_CRASH_RUN", ticket.to_string());
        screen.env("WARROOM_CRASH_URL", server.at(""));
        screen.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
        screen.stderr(std::process::Stdio::null()).status().unwrap();
        let outcome = stage.attach(ticket).outcome;
        let step = stage.step(&format!("curl -X POST {}", server.at(&format!("/{ticket}"))));
        let (levers, reports) = stage.levers();
        levers.run_step(ticket, step);
        let again = heard(&reports).outcome;
        let sent = server.heard().iter().filter(|r| r.contains(&ticket.to_string())).count();
        assert!(sent <= 1, "{place}: sent {sent} times");
        match outcome {
            StepOutcome::Unknown(_) => unknowns += 1,
            outcome => {
                assert_eq!((&outcome, &again, sent), (&answered(200), &answered(200), 1), "{place}");
                ends += 1;
            }
        }
        let _ = look(&stage.folder(ticket));
    }
    assert!(unknowns > 0 && ends > 0, "{unknowns} unknown, {ends} ended");
}
