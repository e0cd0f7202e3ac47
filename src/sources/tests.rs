//! Sources against servers on loopback that behave, hang, flood and lie.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

mod hostile;
mod peers;
mod shapes;

use super::*;
use crate::plan::binding::{Secret, Signal, Source, SourceKind};

/// What a test is ready to wait for something that comes at once on a calm machine.
const LONG: Duration = Duration::from_secs(20);

/// A server that hands every request, its head as text, to `answer`. It lives as long as the tests.
fn serve(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || serve_one(stream, &*answer));
        }
    });
    address
}

fn serve_one(mut stream: TcpStream, answer: &(dyn Fn(&str, &mut TcpStream) + Send + Sync)) {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while !head.ends_with("\r\n\r\n") {
        match reader.read_line(&mut head) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    answer(&head, &mut stream);
}

fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &str) {
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    );
}

/// An instant answer of now with `values`, one a series; nothing for a range.
fn vector(head: &str, values: &[&str]) -> String {
    let now = Utc::now().timestamp_millis() as f64 / 1e3;
    let series = |v: &&str| format!(r#"{{"metric":{{}},"value":[{now},"{v}"]}}"#);
    match head.contains("query_range") {
        true => r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#.into(),
        false => {
            let all = values.iter().map(series).collect::<Vec<_>>().join(",");
            format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{all}]}}}}"#)
        }
    }
}

fn hang(_: &str, _: &mut TcpStream) {
    thread::sleep(Duration::from_secs(30));
}

fn healthy(head: &str, stream: &mut TcpStream) {
    send(stream, "200 OK", "", &vector(head, &["1"]));
}

/// A binding with one signal a query: kind, address, seconds between questions, queries.
fn binding(sources: &[(SourceKind, &str, f64, &[&str])]) -> Binding {
    let mut binding = Binding::default();
    for (index, (kind, url, every, queries)) in sources.iter().enumerate() {
        let name = format!("source{index}");
        binding.sources.push(Source::new(&name, *kind, url, *every));
        for query in *queries {
            binding.signals.push(Signal {
                name: (*query).into(),
                aliases: vec![],
                derive: None,
                source: name.clone(),
                query: (*query).into(),
                unit: None,
                scale: 1.0,
            });
        }
    }
    binding
}

fn prometheus(address: SocketAddr, every: f64) -> Binding {
    binding(&[(SourceKind::Prometheus, &format!("http://{address}"), every, &["x"])])
}

/// Running sources and what they report, with the time it came.
struct Running {
    sources: Sources,
    reports: Receiver<(Instant, Report)>,
    began: Instant,
}

impl Running {
    fn start(binding: Binding) -> Self {
        let (sender, reports) = channel();
        let report = move |r| drop(sender.send((Instant::now(), r)));
        let began = Instant::now();
        let sources = Sources::start(Arc::new(binding), report).unwrap();
        Self { sources, reports, began }
    }

    /// The next report, and how long after the start it came.
    fn next(&self) -> (Duration, Report) {
        assert!(self.began.elapsed() < 2 * LONG, "what is waited for does not come");
        let (at, report) = self.reports.recv_timeout(LONG).expect("a report");
        (at - self.began, report)
    }

    /// The next failure of a signal.
    fn failure(&self, of: usize) -> (Duration, String) {
        loop {
            if let (at, Report::Failed { signal, why, .. }) = self.next()
                && signal == of
            {
                return (at, why);
            }
        }
    }

    /// The next values of a signal.
    fn values(&self, of: usize) -> Vec<f64> {
        loop {
            match self.next().1 {
                Report::Samples { signal, samples } if signal == of => {
                    return samples.iter().map(|s| s.value).collect();
                }
                Report::Failed { signal, why, .. } if signal == of => panic!("{why}"),
                _ => {}
            }
        }
    }
}

/// What a server's only answer makes its signal say.
fn said(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> String {
    Running::start(prometheus(serve(answer), 2.0)).failure(0).1
}

#[test]
fn a_hanging_source_says_so_in_time_and_delays_no_other() {
    let (good, bad) = (serve(healthy), serve(hang));
    let running = Running::start(binding(&[
        (SourceKind::Prometheus, &format!("http://{bad}"), 1.0, &["x", "y"]),
        (SourceKind::Prometheus, &format!("http://{good}"), 0.25, &["x"]),
    ]));
    let (mut others, mut failed) = (0, None);
    while failed.is_none() {
        match running.next() {
            (at, Report::Failed { signal: 0, why, .. }) => failed = Some((at, why)),
            (_, Report::Samples { signal: 2, .. }) => others += 1,
            _ => {}
        }
    }
    let (at, why) = failed.unwrap();
    assert!(at < Duration::from_secs(2), "after {at:?}");
    assert!(why.starts_with(&format!("source0 at {bad} gave no complete answer within 1.0 s")), "{why}");
    assert!(others >= 3, "the other one was asked {others} times meanwhile");
}

#[test]
fn a_secret_is_sent_and_never_said() {
    const CANARY: &str = "canary-5a1f";
    let heads = Arc::new(Mutex::new(vec![]));
    let heard = heads.clone();
    let echo = serve(move |head, stream| {
        let sent =
            head.lines().find_map(|l| l.strip_prefix("authorization: ")).unwrap_or_default().to_owned();
        heard.lock().unwrap().push(head.to_owned());
        let body = format!(r#"{{"status":"error","error":"who is {sent}"}}"#);
        send(stream, "403 Forbidden", &format!("X-You: {sent}\r\n"), &body);
    });
    for user in [None, Some("ana")] {
        let mut bound = prometheus(echo, 2.0);
        bound.sources[0].auth = Some(Secret::Cmd(format!("printf {CANARY}")));
        bound.sources[0].user = user.map(str::to_owned);
        bound.sources[0].org = Some("team-a".to_owned());
        let why = Running::start(bound).failure(0).1;
        let sent = heads.lock().unwrap().pop().unwrap();
        let word =
            if user.is_some() { "authorization: Basic YW5hOmNhbmFyeS01YTFm" } else { "Bearer canary-5a1f" };
        assert!(sent.contains(word) && sent.contains("x-scope-orgid: team-a"), "{sent}");
        assert!(why.contains("who is") && !why.contains("5a1f") && !why.contains("YW5h"), "{why}");
    }
}

#[test]
fn a_secret_that_cannot_be_had_is_said() {
    let mut bound = prometheus(serve(healthy), 2.0);
    bound.sources[0].auth = Some(Secret::Env("WARROOM_NO_SUCH_VARIABLE".to_owned()));
    let why = Running::start(bound).failure(0).1;
    assert!(why.ends_with("the variable WARROOM_NO_SUCH_VARIABLE is not set"), "{why}");
}

#[test]
fn a_body_that_drips_or_never_ends_is_no_answer() {
    let dripping = said(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        while stream.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    assert!(dripping.contains("no complete answer"), "{dripping}");
    let endless = said(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b' '; 65_536]).is_ok() {}
    });
    assert!(endless.contains("more than 8 MiB"), "{endless}");
    let bomb = bomb();
    assert!(bomb.len() < 200_000);
    let unpacked = said(move |_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(&bomb);
    });
    assert!(unpacked.contains("more than 8 MiB"), "{unpacked}");
}

/// 16 MiB of zeros in gzip: one fixed block (RFC 1951, 3.2.6), a literal and 258 more of it each time.
fn bomb() -> Vec<u8> {
    let mut bits = vec![true, true, false];
    bits.extend([0, 0, 1, 1, 0, 0, 0, 0].map(|b| b == 1));
    for _ in 0..(16 << 20) / 258 {
        bits.extend([1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0].map(|b| b == 1));
    }
    let byte = |eight: &[bool]| eight.iter().enumerate().fold(0, |b, (i, on)| b | (u8::from(*on) << i));
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    head.into_iter().chain(bits.chunks(8).map(byte)).collect()
}

#[test]
fn what_cannot_be_used_says_what_it_is() {
    let table: &[(&str, &str, &str, &str)] = &[
        ("200 OK", "", "<html>Log in</html>", "not Prometheus' JSON"),
        ("502 Bad Gateway", "", "oops", "answered 502 Bad Gateway"),
        (
            "400 Bad Request",
            "",
            r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#,
            "says: parse error",
        ),
        ("302 Found", "Location: /\r\n", "", "redirects in a circle"),
        ("302 Found", "Location: file:///etc/passwd\r\n", "", "answered 302 Found"),
    ];
    for (status, headers, body, want) in table {
        let why = said(move |_, stream| send(stream, status, headers, body));
        assert!(why.contains(want), "{status}: {why}");
    }
    let several = said(|head, stream| send(stream, "200 OK", "", &vector(head, &["1", "2", "3"])));
    assert!(several.contains("gives 3 series for one signal"), "{several}");
    let closed = said(|_, _| {});
    assert!(closed.contains("closed the connection") || closed.contains("gave no answer"), "{closed}");
}

#[test]
fn a_redirect_is_followed_on_its_host_and_to_no_other() {
    let called = Arc::new(AtomicUsize::new(0));
    let counter = called.clone();
    let other = serve(move |head, stream| {
        counter.fetch_add(1, Ordering::SeqCst);
        healthy(head, stream);
    });
    let why = said(move |_, s| send(s, "302 Found", &format!("Location: http://{other}/\r\n"), ""));
    assert!(why.contains(&format!("redirects to {other}, which is not followed")), "{why}");
    assert_eq!(called.load(Ordering::SeqCst), 0);
    let moved = serve(|head, stream| match head.starts_with("GET /new") {
        true => healthy(head, stream),
        false => {
            let query = head.split(' ').nth(1).unwrap();
            send(stream, "307 Temporary Redirect", &format!("Location: /new{query}\r\n"), "");
        }
    });
    assert_eq!(Running::start(prometheus(moved, 5.0)).values(0), [1.0]);
}

#[test]
fn nothing_there_is_an_answer_and_not_a_number_is_a_sample() {
    let none = serve(|head, stream| send(stream, "200 OK", "", &vector(head, &[])));
    assert_eq!(Running::start(prometheus(none, 5.0)).values(0), [0.0; 0]);
    let nan = serve(|head, stream| send(stream, "200 OK", "", &vector(head, &["NaN"])));
    let values = Running::start(prometheus(nan, 5.0)).values(0);
    assert!(values.len() == 1 && values[0].is_nan(), "{values:?}");
}

#[test]
fn a_server_that_asks_to_be_left_alone_is() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let busy = serve(move |_, stream| {
        counter.fetch_add(1, Ordering::SeqCst);
        send(stream, "429 Too Many Requests", "Retry-After: 1000000000\r\n", "");
    });
    let running = Running::start(prometheus(busy, 0.2));
    let (_, why) = running.failure(0);
    assert!(why.contains("429 Too Many Requests"), "{why}");
    assert!(running.reports.recv_timeout(Duration::from_secs(2)).is_err(), "asked again within 2 s");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "one round");
}

#[test]
fn history_comes_once_behind_the_first_value() {
    let asked = Arc::new(Mutex::new(vec![]));
    let log = asked.clone();
    let server = serve(move |head, stream| {
        let path = head.split(' ').nth(1).unwrap().to_owned();
        log.lock().unwrap().push(path.clone());
        let now = Utc::now().timestamp() as f64;
        let past = format!(
            r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[[{},"7"],[{},"8"]]}}]}}}}"#,
            now - 600.0,
            now - 300.0
        );
        let body = if path.contains("query_range") { past } else { vector(head, &["9"]) };
        send(stream, "200 OK", "", &body);
    });
    let mut binding = prometheus(server, 0.5);
    binding.signals[0].query = "sum(rate(x[1m])) > 0".into();
    binding.signals[0].scale = 10.0;
    let mut twin = binding.signals[0].clone();
    twin.scale = 1.0;
    binding.signals.push(twin);
    let running = Running::start(binding);
    let mut given = vec![];
    while given.len() < 6 {
        let Report::Samples { signal, samples } = running.next().1 else { continue };
        given.push((signal, samples.iter().map(|s| s.value).collect::<Vec<_>>()));
    }
    let now = [(0, vec![90.0]), (1, vec![9.0])];
    assert_eq!(given[..2], now);
    assert_eq!(given[2..4], [(0, vec![70.0, 80.0]), (1, vec![7.0, 8.0])]);
    assert_eq!(given[4..], now);
    drop(running);
    let asked = asked.lock().unwrap();
    let query = "query=sum%28rate%28x%5B1m%5D%29%29+%3E+0";
    assert_eq!(asked[0], format!("/api/v1/query?{query}"));
    assert!(asked[1].starts_with(&format!("/api/v1/query_range?{query}&start=")), "{}", asked[1]);
    assert!(asked[1].ends_with("&step=1"), "{}", asked[1]);
    assert_eq!(asked.iter().filter(|p| p.contains("query_range")).count(), 1);
}

#[test]
fn a_history_that_hangs_holds_no_first_value_back() {
    let server = serve(|head, stream| match head.contains("query_range") {
        true => hang(head, stream),
        false => healthy(head, stream),
    });
    let queries: Vec<String> = (0..40).map(|n| format!("sum(x{n})")).collect();
    let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
    let running =
        Running::start(binding(&[(SourceKind::Prometheus, &format!("http://{server}"), 60.0, &queries)]));
    let mut seen = [false; 40];
    while !seen.iter().all(|s| *s) {
        match running.next() {
            (_, Report::Samples { signal, .. }) => seen[signal] = true,
            (after, other) => panic!("{other:?} after {after:?}"),
        }
    }
}

#[test]
fn warnings_come_change_and_go() {
    let round = AtomicUsize::new(0);
    let server = serve(move |head, stream| {
        let range = head.contains("query_range");
        let n = if range { 0 } else { round.fetch_add(1, Ordering::SeqCst) };
        let warning = if (1..3).contains(&n) { r#""warnings":["partial"],"# } else { "" };
        send(stream, "200 OK", "", &vector(head, &["1"]).replacen('{', &format!("{{{warning}"), 1));
    });
    let running = Running::start(prometheus(server, 0.1));
    let mut said = vec![];
    while said.len() < 2 {
        if let Report::Warned { signal: 0, warning } = running.next().1 {
            said.push(warning);
        }
    }
    assert_eq!(said, [Some(format!("source0 at {server} warns: partial")), None]);
}

#[test]
fn no_secret_is_ever_said() {
    let server = serve(|head, stream| {
        let authorised = head.to_lowercase().contains("authorization: basic bwu6ahvudgvymja=");
        let error = format!(r#"{{"status":"error","error":"{authorised}: hunter20 is no good"}}"#);
        send(stream, "401 Unauthorized", "", &error);
    });
    let url = format!("http://me:hunter20@{server}/?token=geheim");
    let running = Running::start(binding(&[(SourceKind::Prometheus, &url, 2.0, &["x"])]));
    let (_, why) = running.failure(0);
    assert_eq!(why, format!("source0 at {server} says: true: … is no good"));
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://me:hunter20@{gone}/?token=geheim");
    let running = Running::start(binding(&[(SourceKind::Prometheus, &url, 2.0, &["x"])]));
    assert_eq!(running.failure(0).1, format!("source0 at {gone} refuses connections"));
}

#[test]
fn a_probe_gives_status_latency_and_up_from_one_question() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let server = serve(move |head, stream| {
        counter.fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(30));
        let ill = head.starts_with("GET /app/ill?deep=1 ");
        send(stream, if ill { "503 Service Unavailable" } else { "204 No Content" }, "", "");
    });
    let queries = ["/well#status", "/well#latency", "/well", "/ill?deep=1#status", "/ill?deep=1#up"];
    let running =
        Running::start(binding(&[(SourceKind::Http, &format!("http://{server}/app"), 10.0, &queries)]));
    let mut values = [f64::NAN; 5];
    for _ in 0..5 {
        match running.next().1 {
            Report::Samples { signal, samples } => values[signal] = samples[0].value,
            other => panic!("{other:?}"),
        }
    }
    assert!((30.0..20_000.0).contains(&values[1]), "{values:?}");
    values[1] = 0.0;
    assert_eq!(values, [204.0, 0.0, 1.0, 503.0, 0.0]);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn what_does_not_listen_or_answer_is_down_and_what_cannot_be_reached_is_unknown() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (slow, plain) = (serve(hang), serve(healthy));
    let running = Running::start(binding(&[
        (SourceKind::Http, &format!("http://{gone}"), 1.0, &["/#up", "/#status"]),
        (SourceKind::Http, &format!("http://{slow}"), 1.0, &["/#up", "/#latency"]),
        (SourceKind::Http, &format!("https://{plain}"), 1.0, &["/#up"]),
    ]));
    let mut first: [Option<Result<f64, String>>; 5] = Default::default();
    while first.iter().any(Option::is_none) {
        let (signal, what) = match running.next().1 {
            Report::Samples { signal, samples } => (signal, Ok(samples[0].value)),
            Report::Failed { signal, why, .. } => (signal, Err(why)),
            Report::Warned { .. } | Report::Lines { .. } => continue,
        };
        first[signal].get_or_insert(what);
    }
    let [a, b, c, d, e] = first.map(Option::unwrap);
    assert_eq!((a, c), (Ok(0.0), Ok(0.0)));
    assert!(b.unwrap_err().contains("refuses connections"));
    assert!(d.unwrap_err().contains("no complete answer"));
    assert!(e.unwrap_err().contains("cannot be reached"), "nothing is known of it");
}

#[test]
fn it_stops_at_once_whatever_hangs() {
    let server = serve(hang);
    let place = format!("http://{server}");
    let all: Vec<_> =
        (0..20).map(|_| (SourceKind::Prometheus, place.as_str(), 9.0, &["a", "b"][..])).collect();
    for by_drop in [false, true] {
        let mut running = Running::start(binding(&all));
        thread::sleep(Duration::from_millis(300));
        let began = Instant::now();
        if by_drop {
            drop(running.sources);
        } else {
            running.sources.stop();
            running.sources.stop();
        }
        let spent = began.elapsed();
        assert!(spent < Duration::from_millis(200), "{spent:?}");
        let after = running.reports.recv_timeout(LONG);
        assert_eq!(
            after.unwrap_err(),
            RecvTimeoutError::Disconnected,
            "the thread is gone, nothing was said"
        );
    }
}

#[test]
fn what_is_bound_wrongly_fails_at_once() {
    let mut wrong = binding(&[(SourceKind::Http, "gopher://old", 1.0, &["/"])]);
    wrong.signals[0].source = "nobody".into();
    let (at, why) = Running::start(wrong).failure(0);
    assert_eq!(why, "there is no source named nobody");
    assert!(at < Duration::from_secs(5));
}

#[test]
fn it_reads_a_real_prometheus() {
    let folder = tempfile::tempdir().unwrap();
    let Some((_server, address)) = start_prometheus(folder.path()) else {
        eprintln!("SKIPPED: no prometheus on the PATH (apt-get install prometheus)");
        return;
    };
    let queries =
        ["up", "sum(up) * 0 / 0", "no_such_metric", "{__name__=~\"go_.+\"}", "up[", "scalar(vector(3))"];
    let url = format!("http://{address}");
    let running = Running::start(binding(&[(SourceKind::Prometheus, &url, 1.0, &queries)]));
    let mut seen = [const { Err(String::new()) }; 6];
    while !as_it_should_be(&seen) {
        match running.next().1 {
            Report::Samples { signal, samples } => {
                assert!(samples.last().is_none_or(|s| (Utc::now() - s.at).num_seconds().abs() < 60));
                seen[signal] = Ok(samples.iter().map(|s| s.value).collect());
            }
            Report::Failed { signal, why, .. } => seen[signal] = Err(why),
            Report::Warned { .. } | Report::Lines { .. } => {}
        }
    }
}

/// Whether every query of the test has its answer; before the first scrape they have others.
fn as_it_should_be(seen: &[Result<Vec<f64>, String>; 6]) -> bool {
    let [up, nan, none, many, wrong, scalar] = seen;
    let says = |r: &Result<_, String>, words: &str| r.as_ref().is_err_and(|why| why.contains(words));
    up.as_ref().is_ok_and(|v| v.last() == Some(&1.0))
        && nan.as_ref().is_ok_and(|v| !v.is_empty() && v.iter().all(|v| v.is_nan()))
        && *none == Ok(vec![])
        && says(many, "series for one signal")
        && says(wrong, "parse error")
        && scalar.as_ref().is_ok_and(|v| v.last() == Some(&3.0))
}

/// Ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A Prometheus that scrapes itself each second, ready; None where there is none.
fn start_prometheus(folder: &std::path::Path) -> Option<(Server, SocketAddr)> {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = folder.join("prom.yml");
    let job = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: self, static_configs: [{{targets: ['{address}']}}]}}]\n"
    );
    std::fs::write(&config, job).unwrap();
    let child = Command::new("prometheus")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
        .arg(format!("--web.listen-address={address}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let server = Server(child);
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(began.elapsed() < LONG, "prometheus does not start");
        thread::sleep(Duration::from_millis(50));
    }
    Some((server, address))
}
