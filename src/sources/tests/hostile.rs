//! What a hostile server does to every kind that speaks HTTP: a sentence in time, or a measured 0;
//! no other source is disturbed, and no secret comes back.

use super::*;

/// A reading is right about these only if it gives no number but 0 for "up".
const KINDS: [(SourceKind, &str); 5] = [
    (SourceKind::Prometheus, "x"),
    (SourceKind::Http, "/#up"),
    (SourceKind::Json, "$.a"),
    (SourceKind::Datadog, "avg:x{*}"),
    (SourceKind::Alertmanager, "*"),
];

const CANARY: &str = "canary-77c0ffee";

/// How much more than the longest body may lie on the way when a connection is dropped.
const ON_THE_WAY: usize = 24 << 20;

/// The deadline is 3 s; on a machine that is busy with other tests everything takes its time.
const BUSY: Duration = Duration::from_secs(60);

type Deed = Box<dyn Fn(&str, &mut TcpStream) + Send + Sync>;

fn deed(deed: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Deed {
    Box::new(deed)
}

fn page(status: &'static str, headers: &'static str, body: impl Into<String>) -> Deed {
    let body = body.into();
    deed(move |_, stream| send(stream, status, headers, &body))
}

/// Writes until the other side has enough of it, and says how much that was.
fn flood(stream: &mut TcpStream, head: &str, chunk: &[u8], most: usize) -> usize {
    let mut written = 0;
    let _ = stream.write_all(head.as_bytes());
    while written < most && stream.write_all(chunk).is_ok() {
        written += chunk.len();
    }
    written
}

const JSON: &str = "Content-Type: application/json\r\n";

fn floods(most: &Arc<AtomicUsize>) -> Vec<(&'static str, Deed)> {
    let flooding = |head: &'static str, chunk: Vec<u8>, length: usize| {
        let most = most.clone();
        deed(move |_, stream| {
            most.fetch_max(flood(stream, head, &chunk, length), Ordering::SeqCst);
        })
    };
    let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n[";
    let lying = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9000000000\r\n\r\n";
    vec![
        ("infinite", flooding("HTTP/1.1 200 OK\r\n\r\n", vec![b' '; 65_536], usize::MAX)),
        ("100 MB of JSON", flooding(json, b"1234567,".repeat(8_192), 100 << 20)),
        ("lying length", flooding(lying, vec![b'['; 65_536], 64 << 20)),
        ("headers", flooding("HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n".to_vec(), 64 << 20)),
        ("one header", flooding("HTTP/1.1 200 OK\r\nX-Long: ", vec![b'a'; 65_536], 64 << 20)),
        ("interim answers", flooding("", b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec(), 256 << 10)),
    ]
}

fn slow() -> Vec<(&'static str, Deed)> {
    let drip = |_: &str, stream: &mut TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        while stream.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_secs(1));
        }
    };
    let half = |_: &str, stream: &mut TcpStream| {
        let _ = stream.shutdown(std::net::Shutdown::Write);
        thread::sleep(Duration::from_secs(8));
    };
    vec![
        ("drip", deed(drip)),
        ("never", deed(hang)),
        ("half closed", deed(half)),
        ("closed", deed(|_, _| {})),
    ]
}

fn wrong() -> Vec<(&'static str, Deed)> {
    let deep = "[".repeat(1_000) + &"]".repeat(1_000);
    let values = format!("[{}1]", "{},".repeat(150_000));
    let bomb = bomb();
    let packed = move |_: &str, stream: &mut TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(&bomb);
    };
    let echo = |head: &str, stream: &mut TcpStream| {
        let sent: Vec<&str> =
            head.lines().filter(|l| l.contains("canary") || l.contains("authori")).collect();
        let said = sent.join(" ").replace('"', "'");
        let body = format!(
            r#"{{"status":"error","error":"you are {said}","errors":["{said}"],"message":"{said}"}}"#
        );
        send(stream, "403 Forbidden", JSON, &body);
    };
    vec![
        ("gzip bomb", deed(packed)),
        ("circle", page("302 Found", "Location: /\r\n", "")),
        ("file", page("302 Found", "Location: file:///etc/passwd\r\n", "")),
        ("1,000 deep", page("200 OK", JSON, deep)),
        ("150,000 values", page("200 OK", JSON, values)),
        ("NaN", page("200 OK", JSON, r#"{"a": NaN, "status": "ok", "series": NaN}"#)),
        ("text NaN", page("200 OK", JSON, r#"{"a": "NaN", "status": "none"}"#)),
        ("wrong type", page("200 OK", "Content-Type: text/plain\r\n", r#"{"a": 5}"#)),
        ("captive portal", page("200 OK", "Content-Type: text/html\r\n", "<html>Log in</html>")),
        ("busy", page("429 Too Many Requests", "Retry-After: 99999999999999999999\r\n", "")),
        (
            "busy until a day",
            page("503 Service Unavailable", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", ""),
        ),
        (
            "brotli unasked",
            page("200 OK", "Content-Type: application/json\r\nContent-Encoding: br\r\n", "\u{1b}\u{f}"),
        ),
        (
            "zstd unasked",
            page("200 OK", "Content-Type: application/json\r\nContent-Encoding: zstd\r\n", "(\u{b5}/"),
        ),
        ("echo", deed(echo)),
    ]
}

/// A binding of every kind to each server, all with secrets, and a healthy one at the end.
fn bound(servers: &[SocketAddr], token: &Secret) -> Binding {
    let urls: Vec<String> = servers.iter().map(|s| format!("http://{s}")).collect();
    let all = urls.iter().flat_map(|url| KINDS.iter().map(move |(kind, query)| (*kind, url, [*query])));
    let all: Vec<_> = all.collect();
    let all: Vec<_> = all.iter().map(|(kind, url, query)| (*kind, url.as_str(), 60.0, &query[..])).collect();
    let mut binding = binding(&all);
    for source in &mut binding.sources {
        source.timeout = Some(3.0);
        source.auth = Some(token.clone());
        source.app_auth = Some(token.clone()).filter(|_| source.kind == SourceKind::Datadog);
        source.expect = Some("fine".to_owned()).filter(|_| source.kind == SourceKind::Http);
    }
    binding
}

#[test]
fn floods_end_at_the_limit() {
    let most = Arc::new(AtomicUsize::new(0));
    withstand(floods(&most));
    let most = most.load(Ordering::SeqCst);
    assert!(most < ON_THE_WAY, "{most} bytes were taken of one answer");
}

#[test]
fn who_never_finishes_is_given_up_in_time() {
    withstand(slow());
}

#[test]
fn answers_that_are_none_are_no_numbers() {
    withstand(wrong());
}

#[test]
fn a_secret_goes_to_no_other_host() {
    let called = Arc::new(AtomicUsize::new(0));
    let counter = called.clone();
    let other = serve(move |head, stream| {
        counter.fetch_add(1, Ordering::SeqCst);
        healthy(head, stream);
    });
    let headers = format!("Location: http://{other}/\r\n");
    let away = deed(move |_, s| send(s, "307 Temporary Redirect", &headers, ""));
    withstand(vec![("another host", away)]);
    assert_eq!(called.load(Ordering::SeqCst), 0, "a redirect to another host was followed");
}

/// Every kind asks each of these; each says so, and a healthy source goes on meanwhile.
fn withstand(deeds: Vec<(&'static str, Deed)>) {
    let names: Vec<&str> = deeds.iter().map(|(name, _)| *name).collect();
    let servers: Vec<SocketAddr> = deeds.into_iter().map(|(_, deed)| serve(deed)).collect();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), CANARY).unwrap();
    let token = Secret::File(folder.path().join("token").display().to_string());
    let mut whole = bound(&servers, &token);
    let hostile = whole.signals.len();
    let good = prometheus(serve(healthy), 0.5);
    whole.sources.push(Source { name: "good".into(), ..good.sources[0].clone() });
    whole.signals.push(Signal { source: "good".into(), ..good.signals[0].clone() });

    let alertmanagers = whole.sources[..hostile].iter().filter(|s| s.kind == SourceKind::Alertmanager);
    let writing: Vec<_> = alertmanagers.cloned().map(|s| thread::spawn(move || write_silence(&s))).collect();
    let running = Running::start(whole);
    let mut first: Vec<Option<String>> = vec![None; hostile];
    let mut others = 0;
    while first.iter().any(Option::is_none) || others < 4 {
        let (at, report) = running.reports.recv_timeout(BUSY).expect("a report");
        let at = at - running.began;
        let text = format!("{report:?}");
        assert!(!text.contains("77c0ffee"), "{text}");
        let (signal, said) = match report {
            Report::Samples { signal, .. } if signal == hostile => {
                others += 1;
                continue;
            }
            // A busy machine may be too slow for its half second now and then.
            Report::Failed { signal, .. } if signal == hostile => continue,
            Report::Samples { signal, samples } => {
                (signal, format!("{:?}", samples.iter().map(|s| s.value).collect::<Vec<_>>()))
            }
            Report::Failed { signal, why, .. } => (signal, why),
            Report::Warned { .. } | Report::Lines { .. } => continue,
        };
        assert!(at < BUSY, "{} took {at:?}", names[signal / KINDS.len()]);
        first[signal].get_or_insert(said);
    }
    for (index, said) in first.iter().enumerate() {
        let (name, kind) = (names[index / KINDS.len()], KINDS[index % KINDS.len()].0);
        let said = said.as_deref().unwrap();
        let sentence = said.starts_with(&format!("source{index} at 127.0.0.1:"));
        assert!(sentence || (kind == SourceKind::Http && said == "[0.0]"), "{name}, {}: {said}", kind.word());
    }
    for (name, written) in names.iter().zip(writing) {
        let why = written.join().unwrap().expect_err(name);
        assert!(why.contains(" at 127.0.0.1:") && !why.contains("77c0ffee"), "{name}, a silence: {why}");
    }
}

/// What a server says to a silence.
fn write_silence(source: &Source) -> Result<String, String> {
    let now = Utc::now();
    let silence = alertmanager::Silence {
        id: None,
        matchers: vec![alertmanager::Matcher::equal("alertname", "C")],
        starts_at: now,
        ends_at: now + chrono::TimeDelta::minutes(30),
        created_by: "ana".into(),
        comment: "known".into(),
    };
    alertmanager::silence(source, &silence)
}
