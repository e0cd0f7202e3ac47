//! What a server's answer means, and which is none.

use super::*;

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
