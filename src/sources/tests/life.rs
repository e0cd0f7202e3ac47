//! When sources ask, wait and stop, whatever their servers do.

use super::*;

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
fn a_server_that_asks_to_be_left_alone_is() {
    for until in ["1000000000", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        let busy = serve(move |_, stream| {
            counter.fetch_add(1, Ordering::SeqCst);
            send(stream, "429 Too Many Requests", &format!("Retry-After: {until}\r\n"), "");
        });
        let running = Running::start(prometheus(busy, 0.2));
        let (_, why) = running.failure(0);
        assert!(why.contains("429 Too Many Requests"), "{why}");
        assert!(running.reports.recv_timeout(Duration::from_secs(2)).is_err(), "asked again within 2 s");
        assert_eq!(asked.load(Ordering::SeqCst), 1, "one round");
    }
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
