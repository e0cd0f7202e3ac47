//! Sources tried out: a real Prometheus, one that is asked while somebody types, and hostile ones.

use super::*;
use crate::sources::preview::{Trial, Trials};

/// A source being tried and what it says.
struct Tried {
    trials: Trials,
    told: Receiver<Trial>,
}

impl Tried {
    fn start(source: Source) -> Self {
        let (sender, told) = channel();
        let report = move |trial| drop(sender.send(trial));
        Self { trials: Trials::start(source, String::new(), report).unwrap(), told }
    }

    fn of(address: SocketAddr) -> Self {
        Self::start(Source::new("prom", SourceKind::Prometheus, &format!("http://{address}"), 5.0))
    }

    fn next(&self) -> Trial {
        self.told.recv_timeout(LONG).expect("a trial")
    }

    fn names(&self) -> Result<Vec<String>, String> {
        loop {
            if let Trial::Names(names) = self.next() {
                return names.map(|n| n.known);
            }
        }
    }

    /// The outcome of a question, the newest value or the sentence.
    fn outcome(&self, wanted: u64) -> Result<Vec<f64>, String> {
        loop {
            match self.next() {
                Trial::Tried { number, outcome, .. } if number == wanted => {
                    return outcome.map(|s| s.iter().map(|s| s.value).collect());
                }
                Trial::Tried { number, .. } => assert!(number > wanted, "{number} was answered"),
                Trial::Names(_) => {}
            }
        }
    }

    fn ask(&self, number: u64, query: &str) -> Result<Vec<f64>, String> {
        self.trials.ask(number, query);
        self.outcome(number)
    }
}

#[test]
fn a_real_prometheus_tells_values_names_and_its_own_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let own = peers::free();
    let Some((_server, address)) = peers::scraping_at(folder.path(), own, &[own]) else { return };
    let tried = Tried::of(address);
    let began = Instant::now();
    let mut number = 0;
    // It scrapes itself each second.
    while tried.ask(number, "up").as_deref().map(<[f64]>::last) != Ok(Some(&1.0)) {
        assert!(began.elapsed() < LONG * 2, "it never scraped itself");
        number += 1;
    }
    let again = Tried::of(address);
    let names = again.names().unwrap();
    assert!(names.iter().any(|n| n == "up"), "{names:?}");
    let past = again.ask(1, "vector(1) * 42").unwrap();
    assert!(past.len() > 100 && past.iter().all(|v| *v == 42.0), "with its last quarter of an hour");
    let why = again.ask(2, "sum(rate(up[").unwrap_err();
    assert!(why.starts_with(&format!("prom at {address} says: ")) && why.contains("parse error"), "{why}");
    assert_eq!(again.ask(3, "nobody_knows_it"), Ok(vec![]));
    let why = again.ask(4, "go_gc_duration_seconds").unwrap_err();
    assert!(why.contains("series for one signal"), "{why}");
}

#[test]
fn only_the_last_of_what_is_typed_is_asked_and_one_at_a_time() {
    let asked = Arc::new(Mutex::new(vec![]));
    let at_once = Arc::new(AtomicUsize::new(0));
    let (heard, busy) = (asked.clone(), at_once.clone());
    let address = serve(move |head, stream| {
        let line = head.lines().next().unwrap_or_default().to_owned();
        if !line.contains("query?") {
            return send(stream, "200 OK", "", &vector(head, &[]));
        }
        heard.lock().unwrap().push(line.clone());
        assert_eq!(busy.fetch_add(1, Ordering::SeqCst), 0, "two at once");
        let hangs = line.contains("slow");
        if hangs {
            // It ends when the other side has given up.
            let _ = std::io::Read::read(stream, &mut [0]);
        }
        busy.fetch_sub(1, Ordering::SeqCst);
        if !hangs {
            send(stream, "200 OK", "", &vector(head, &["7"]));
        }
    });
    let tried = Tried::of(address);
    for (number, query) in (1..).zip(["a", "ab", "abc"]) {
        tried.trials.ask(number, query);
    }
    assert_eq!(tried.outcome(3), Ok(vec![7.0]));
    tried.trials.ask(4, "slow");
    let began = Instant::now();
    while asked.lock().unwrap().len() < 2 {
        assert!(began.elapsed() < LONG, "it was never asked");
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(tried.ask(5, "abcd"), Ok(vec![7.0]), "a newer question ends the one under way");
    let asked = asked.lock().unwrap();
    let queries: Vec<_> = asked.iter().filter_map(|l| l.split("query=").nth(1)?.split(' ').next()).collect();
    assert_eq!(queries, ["abc", "slow", "abcd"]);
}

#[test]
fn hostile_names_are_a_sentence_and_values_still_come() {
    let endless = |head: &str, stream: &mut TcpStream| {
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(br#"{"status":"success","data":["a""#);
        let chunk = r#","another_name_that_is_long_enough""#.repeat(2_000);
        let mut written = 0_usize;
        while written < 1 << 30 && stream.write_all(chunk.as_bytes()).is_ok() {
            written += chunk.len();
        }
        assert!(written < 200 << 20, "{written} bytes were taken: {head}");
    };
    let nasty = |_: &str, stream: &mut TcpStream| {
        let body = "{\"status\":\"success\",\"data\":[\"\\u001b]52;c;eA==\\u0007\",\"a\\u202eb\",\"good\"]}";
        send(stream, "200 OK", "", body);
    };
    let wrong = |_: &str, stream: &mut TcpStream| send(stream, "200 OK", "", "<html>Log in</html>");
    let none = |_: &str, stream: &mut TcpStream| send(stream, "404 Not Found", "", "no");
    type Deed = fn(&str, &mut TcpStream);
    let table: [(Deed, Result<&[&str], &str>); 5] = [
        (endless, Err("more than 8 MiB")),
        (nasty, Ok(&["good"])),
        (wrong, Err("no list of names")),
        (none, Err("404")),
        (hang, Err("no complete answer within 5.0 s")),
    ];
    for (deed, want) in table {
        let address = serve(move |head, stream| match head.contains("__name__") {
            true => deed(head, stream),
            false => healthy(head, stream),
        });
        let tried = Tried::of(address);
        assert_eq!(tried.ask(1, "x"), Ok(vec![1.0]), "its names hold up nothing");
        // Asked again, for the names may have come before the value.
        let names = Tried::of(address).names();
        match (&names, want) {
            (Ok(names), Ok(want)) => assert_eq!(names, want),
            (Err(why), Err(want)) => assert!(why.contains(want) && why.starts_with("prom at "), "{why}"),
            _ => panic!("{names:?}, not {want:?}"),
        }
    }
}

#[test]
fn a_source_that_hangs_is_given_up_and_a_secret_is_told_to_nobody() {
    let tried = Tried::of(serve(hang));
    let why = tried.ask(1, "x").unwrap_err();
    assert!(why.contains("no complete answer within 5.0 s"), "{why}");
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "canary-1234").unwrap();
    let echo = |head: &str, stream: &mut TcpStream| {
        assert!(head.contains("canary-1234"), "it is sent");
        send(stream, "400 Bad Request", "", r#"{"status":"error","error":"no canary-1234 here"}"#);
    };
    let address = serve(echo);
    let source = Source {
        auth: Some(Secret::File(token.display().to_string())),
        ..Source::new("prom", SourceKind::Prometheus, &format!("http://{address}"), 5.0)
    };
    let tried = Tried::start(source.clone());
    for why in [tried.ask(1, "x").unwrap_err(), Tried::start(source.clone()).names().unwrap_err()] {
        assert!(why.contains("says: no … here"), "{why}");
    }
    let missing = Source { auth: Some(Secret::File("/nowhere/at/all".into())), ..source };
    let tried = Tried::start(missing);
    assert!(tried.names().unwrap_err().contains("/nowhere/at/all cannot be read"));
    assert!(tried.ask(7, "x").unwrap_err().contains("cannot be read"));
}

#[test]
fn commands_print_and_pages_are_read() {
    let shell = Source {
        command: Some("echo jobs 5; echo load 2".into()),
        ..Source::new("sh", SourceKind::Command, "", 5.0)
    };
    let tried = Tried::start(shell);
    assert_eq!(tried.ask(1, "load"), Ok(vec![2.0]));
    assert!(tried.ask(2, "nothing").is_err());
    let page =
        serve(|_, stream| send(stream, "200 OK", "Content-Type: application/json\r\n", r#"{"a":{"b":4}}"#));
    let tried = Tried::start(Source::new("page", SourceKind::Json, &format!("http://{page}"), 5.0));
    assert_eq!(tried.ask(1, "$.a.b"), Ok(vec![4.0]));
    assert!(tried.ask(2, "$.a[").unwrap_err().contains("RFC 9535"));
    let web = Tried::start(Source::new("web", SourceKind::Http, &format!("http://{page}"), 5.0));
    assert_eq!(web.ask(1, "/x#status"), Ok(vec![200.0]));
    let gone = Tried::start(Source::new("web", SourceKind::Http, &format!("http://{}", peers::free()), 5.0));
    assert_eq!(gone.ask(1, "/x"), Ok(vec![0.0]), "nobody there is a measured 0");
}
