//! What a probe measures, and what it cannot know.

use super::*;

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
