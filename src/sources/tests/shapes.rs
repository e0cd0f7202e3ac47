//! What the kinds beside Prometheus send and read, against stand-ins on loopback.

use super::*;

#[test]
fn a_json_page_is_asked_once_for_all_its_numbers() {
    let heads = Arc::new(Mutex::new(vec![]));
    let heard = heads.clone();
    let server = serve(move |head, stream| {
        heard.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
        let body = r#"{"queue": {"depth": 12, "full": false}, "jobs": [1, 2, 3]}"#;
        send(stream, "200 OK", "Content-Type: application/vnd.x+json; charset=utf-8\r\n", body);
    });
    let queries = ["$.queue.depth", "$.queue.full", "count($.jobs[*])", "$.gone"];
    let mut bound = binding(&[(SourceKind::Json, &format!("http://{server}/app/"), 10.0, &queries)]);
    bound.sources[0].path = Some("stats?all=1".to_owned());
    bound.signals[0].scale = 0.5;
    let running = Running::start(bound);
    let mut seen = vec![];
    for _ in 0..4 {
        seen.push(match running.next().1 {
            Report::Samples { samples, .. } => Ok(samples[0].value),
            Report::Failed { why, .. } => Err(why),
            other => panic!("{other:?}"),
        });
    }
    let gone = format!("source0 at {server} has nothing at $.gone");
    assert_eq!(seen, [Ok(6.0), Ok(0.0), Ok(3.0), Err(gone)]);
    assert_eq!(*heads.lock().unwrap(), ["GET /app/stats?all=1 HTTP/1.1"]);
}

#[test]
fn what_is_up_has_the_text_that_is_expected() {
    let server = serve(|head, stream| {
        let well = head.starts_with("GET /well ");
        send(stream, "200 OK", "", if well { r#"{"status": "ok"}"# } else { "<html>Log in</html>" });
    });
    let url = format!("http://{server}");
    let mut bound = binding(&[(SourceKind::Http, &url, 10.0, &["/well", "/ill", "/ill#status"])]);
    bound.sources[0].expect = Some(r#""status": "ok""#.to_owned());
    let running = Running::start(bound);
    let mut values = [f64::NAN; 3];
    for _ in 0..3 {
        let Report::Samples { signal, samples } = running.next().1 else { panic!("no sample") };
        values[signal] = samples[0].value;
    }
    assert_eq!(values, [1.0, 0.0, 200.0]);
}

#[test]
fn datadog_is_asked_as_its_contract_says() {
    let heads = Arc::new(Mutex::new(vec![]));
    let heard = heads.clone();
    let server = serve(move |head, stream| {
        heard.lock().unwrap().push(head.to_owned());
        let now = Utc::now().timestamp_millis() as f64;
        let (old, new) = (now - 120_000.0, now - 60_000.0);
        let series = |n: usize| {
            let one = format!(
                r#"{{"metric":"x","scope":"env:prod","pointlist":[[{old},2.0],[{new},3.5],[{now},null]]}}"#
            );
            format!(
                r#"{{"status":"ok","res_type":"time_series","series":[{}],"error":""}}"#,
                vec![one; n].join(",")
            )
        };
        let (status, body) = match () {
            () if head.contains("none") => ("200 OK", series(0)),
            () if head.contains("two") => ("200 OK", series(2)),
            () if head.contains("odd") => {
                ("200 OK", r#"{"status":"error","error":"Rule 'x' didn't match"}"#.to_owned())
            }
            () if head.contains("shut") => ("403 Forbidden", r#"{"errors":["Forbidden"]}"#.to_owned()),
            () => ("200 OK", series(1)),
        };
        send(stream, status, "Content-Type: application/json\r\n", &body);
    });
    let queries = ["avg:one{env:prod}", "none", "two", "odd", "shut"];
    let mut bound = binding(&[(SourceKind::Datadog, &format!("http://{server}"), 10.0, &queries)]);
    bound.sources[0].auth = Some(Secret::Cmd("printf api-canary".to_owned()));
    bound.sources[0].app_auth = Some(Secret::Cmd("printf app-canary".to_owned()));
    let running = Running::start(bound);
    let mut seen: [Vec<Result<Vec<f64>, String>>; 5] = Default::default();
    while seen.iter().map(Vec::len).sum::<usize>() < 6 {
        match running.next().1 {
            Report::Samples { signal, samples } => {
                seen[signal].push(Ok(samples.iter().map(|s| s.value).collect()))
            }
            Report::Failed { signal, why, .. } => seen[signal].push(Err(why)),
            Report::Warned { .. } | Report::Lines { .. } => {}
        }
    }
    assert_eq!(seen[0], [Ok(vec![3.5]), Ok(vec![2.0, 3.5])]);
    assert_eq!(seen[1], [Ok(vec![])]);
    for (index, want) in [(2, "gives 2 series"), (3, "says: Rule 'x' didn't match"), (4, "says: Forbidden")] {
        assert!(seen[index][0].as_ref().is_err_and(|why| why.contains(want)), "{:?}", seen[index]);
    }
    let heads = heads.lock().unwrap();
    let one = heads.iter().find(|h| h.contains("one%7B")).unwrap().to_lowercase();
    assert!(one.starts_with("get /api/v1/query?from="), "{one}");
    assert!(one.contains("&query=avg%3aone%7benv%3aprod%7d "), "{one}");
    assert!(
        one.contains("dd-api-key: api-canary") && one.contains("dd-application-key: app-canary"),
        "{one}"
    );
}

#[test]
fn joined_names_never_mix_and_come_apart_where_a_server_wants_it() {
    let posts = Arc::new(AtomicUsize::new(0));
    for joins in [true, false] {
        let counter = posts.clone();
        let server = serve(move |head, stream| {
            if head.starts_with("POST ") && !joins {
                counter.fetch_add(1, Ordering::SeqCst);
                return send(stream, "405 Method Not Allowed", "", "");
            }
            let one = |name: &str, value: usize| {
                format!(
                    r#"{{"metric":{{"__name__":"{name}"}},"value":[{},"{value}"]}}"#,
                    Utc::now().timestamp()
                )
            };
            let named =
                |n: usize| head.contains(&format!("query=m{n} ")) || head.contains(&format!("query=m{n}&"));
            let all: Vec<String> = (0..20)
                .rev()
                .filter(|n| *n != 7 && (joins && head.starts_with("POST ") || named(*n)))
                .flat_map(|n| vec![one(&format!("m{n}"), n); if n == 3 { 2 } else { 1 }])
                .collect();
            let all = if head.contains("query_range") { vec![] } else { all };
            let body = format!(
                r#"{{"status":"success","data":{{"resultType":"vector","result":[{}]}}}}"#,
                all.join(",")
            );
            send(stream, "200 OK", "", &body);
        });
        let names: Vec<String> = (0..20).map(|n| format!("m{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let running =
            Running::start(binding(&[(SourceKind::Prometheus, &format!("http://{server}"), 5.0, &names)]));
        let mut seen: Vec<Option<Result<Vec<f64>, String>>> = vec![None; 20];
        while seen.iter().any(Option::is_none) {
            match running.next().1 {
                Report::Samples { signal, samples } => {
                    seen[signal] = Some(Ok(samples.iter().map(|s| s.value).collect()))
                }
                Report::Failed { signal, why, .. } => seen[signal] = Some(Err(why)),
                Report::Warned { .. } | Report::Lines { .. } => {}
            }
        }
        for (n, got) in seen.into_iter().map(Option::unwrap).enumerate() {
            match n {
                3 => assert!(got.unwrap_err().contains("gives 2 series")),
                7 => assert_eq!(got, Ok(vec![])),
                _ => assert_eq!(got, Ok(vec![n as f64]), "m{n}, joined: {joins}"),
            }
        }
    }
    assert_eq!(posts.load(Ordering::SeqCst), 1, "a server that does not like it is asked so once");
}

#[test]
fn history_is_asked_for_from_what_is_known_on() {
    let heads = Arc::new(Mutex::new(vec![]));
    let heard = heads.clone();
    let server = serve(move |head, stream| {
        heard.lock().unwrap().push(head.to_owned());
        healthy(head, stream);
    });
    let (began, known) = (Utc::now(), Utc::now() - chrono::TimeDelta::hours(3));
    let (sender, reports) = channel();
    let report = move |r| drop(sender.send(r));
    let bound = Arc::new(prometheus(server, 0.2));
    let _sources = Sources::resume(bound, vec![Some(known)], report).unwrap();
    let range = loop {
        reports.recv_timeout(LONG).unwrap();
        if let Some(head) = heads.lock().unwrap().iter().find(|h| h.contains("query_range")) {
            break head.clone();
        }
    };
    let start = range.split("&start=").nth(1).unwrap().split('&').next().unwrap();
    assert_eq!(start, format!("{:.3}", known.timestamp_millis() as f64 / 1e3));
    assert!(range.contains("&step=2 "), "10,800 s are more than 10,000 points of 1 s: {range}");
    assert!(began < Utc::now());
}
