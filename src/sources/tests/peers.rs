//! Real servers, each started by its test on a free port and ended with it.

use super::*;
use crate::sources::alertmanager::{self, Matcher, Silence};

pub(super) fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A program that listens at an address; None, said loudly, where it is not installed.
fn start(program: &str, address: SocketAddr, args: &[String]) -> Option<Server> {
    let mut command = Command::new(program);
    command.args(args).arg(format!("--web.listen-address={address}"));
    let Ok(child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
        eprintln!("SKIPPED: no {program} on the PATH (apt-get install {program})");
        return None;
    };
    let server = Server(child);
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(began.elapsed() < LONG, "{program} does not start");
        thread::sleep(Duration::from_millis(20));
    }
    Some(server)
}

/// A request of its own, outside of what is tested; its status line.
fn post(address: SocketAddr, path: &str, kind: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status).unwrap();
    status
}

/// A Prometheus that scrapes these each second.
fn scraping(folder: &std::path::Path, targets: &[SocketAddr]) -> Option<(Server, SocketAddr)> {
    scraping_at(folder, free(), targets)
}

/// As [`scraping`], at an address of the caller's choice: it may be a target of its own.
pub(super) fn scraping_at(
    folder: &std::path::Path,
    address: SocketAddr,
    targets: &[SocketAddr],
) -> Option<(Server, SocketAddr)> {
    let config = folder.join("prom.yml");
    let targets: Vec<String> = targets.iter().map(|t| format!("'{t}'")).collect();
    let job = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: all, honor_labels: true, static_configs: [{{targets: [{}]}}]}}]\n",
        targets.join(",")
    );
    std::fs::write(&config, job).unwrap();
    let args = [
        format!("--config.file={}", config.display()),
        format!("--storage.tsdb.path={}", folder.join("data").display()),
    ];
    start("prometheus", address, &args).map(|server| (server, address))
}

#[test]
fn a_pushed_curve_and_many_metrics_come_through_a_real_prometheus() {
    let folder = tempfile::tempdir().unwrap();
    let (gate, node) = (free(), free());
    let Some(_gate) = start("prometheus-pushgateway", gate, &[]) else { return };
    let Some(_node) = start("prometheus-node-exporter", node, &[]) else { return };
    let push = |value: f64| {
        let many: String = (0..200).map(|n| format!("war_{n} {}\n", value + f64::from(n))).collect();
        let twice = "war_twice{a=\"1\"} 1\nwar_twice{a=\"2\"} 2\n";
        let status = post(gate, "/metrics/job/war", "text/plain", &(many + twice));
        assert!(status.contains("200") || status.contains("202"), "{status}");
    };
    push(1.0);
    let Some((_server, address)) = scraping(folder.path(), &[gate, node]) else { return };
    let mut queries: Vec<String> = (0..200).map(|n| format!("war_{n}")).collect();
    queries.extend(["war_twice", "war_none", "node_load1"].map(str::to_owned));
    let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
    let url = format!("http://{address}");
    let running = Running::start(binding(&[(SourceKind::Prometheus, &url, 1.0, &queries)]));
    let mut seen: Vec<Result<Vec<f64>, String>> = vec![Err(String::new()); queries.len()];
    let take = |seen: &mut Vec<Result<Vec<f64>, String>>| match running.next().1 {
        Report::Samples { signal, samples } => seen[signal] = Ok(samples.iter().map(|s| s.value).collect()),
        Report::Failed { signal, why, .. } => seen[signal] = Err(why),
        Report::Warned { .. } | Report::Lines { .. } => {}
    };
    let last =
        |seen: &[Result<Vec<f64>, String>], n: usize| seen[n].as_ref().ok().and_then(|v| v.last().copied());
    let all = |seen: &[Result<Vec<f64>, String>], base: f64| {
        (0..200).all(|n| last(seen, n) == Some(base + n as f64))
    };
    while !(all(&seen, 1.0)
        && seen[200].as_ref().is_err_and(|e| e.contains("2 series"))
        && last(&seen, 202).is_some())
    {
        take(&mut seen);
    }
    assert_eq!(seen[201], Ok(vec![]), "what nobody pushed has no data");
    push(5.0);
    while !all(&seen, 5.0) {
        take(&mut seen);
    }
}

#[test]
fn alerts_are_counted_and_silences_go_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("am.yml");
    std::fs::write(&config, "route: {receiver: none, group_wait: 0s}\nreceivers: [{name: none}]\n").unwrap();
    let address = free();
    let args = [
        format!("--config.file={}", config.display()),
        format!("--storage.path={}", folder.path().join("data").display()),
        "--cluster.listen-address=".to_owned(),
    ];
    let Some(_server) = start("prometheus-alertmanager", address, &args) else { return };
    let alerts = r#"[{"labels":{"alertname":"A, b","severity":"page"}},{"labels":{"alertname":"C","severity":"page"}},{"labels":{"alertname":"C","severity":"low"}}]"#;
    assert!(post(address, "/api/v2/alerts", "application/json", alerts).contains("200"));
    let url = format!("http://{address}");
    let queries =
        ["*", "severity=\"page\"", "alertname=\"A, b\",severity=~\"p.*\"", "alertname=\"Z\"", "{oops"];
    let bound = binding(&[(SourceKind::Alertmanager, &url, 0.5, &queries)]);
    let source = bound.sources[0].clone();
    let running = Running::start(bound);
    let wait = |wanted: [f64; 4]| {
        let mut seen = [f64::NAN; 4];
        while seen != wanted {
            match running.next().1 {
                Report::Samples { signal, samples } => seen[signal] = samples[0].value,
                Report::Failed { signal, why, .. } => assert_eq!(signal, 4, "{why}"),
                Report::Warned { .. } | Report::Lines { .. } => {}
            }
        }
    };
    wait([3.0, 2.0, 1.0, 0.0]);
    let (_, why) = running.failure(4);
    assert!(why.contains("says: ") && why.contains("matcher"), "{why}");

    let now = Utc::now();
    let ours = Silence {
        id: None,
        matchers: vec![Matcher::equal("alertname", "C")],
        starts_at: now,
        ends_at: now + chrono::TimeDelta::minutes(30),
        created_by: "ana".into(),
        comment: "known, \"fixed\" at noon".into(),
    };
    let id = alertmanager::silence(&source, &ours).unwrap();
    wait([1.0, 1.0, 1.0, 0.0]);
    let kept = alertmanager::silences(&source).unwrap();
    assert_eq!(
        (kept.len(), kept[0].id.as_deref(), &kept[0].matchers),
        (1, Some(id.as_str()), &ours.matchers)
    );
    assert_eq!((kept[0].created_by.as_str(), &kept[0].comment), ("ana", &ours.comment));
    alertmanager::unsilence(&source, &id).unwrap();
    wait([3.0, 2.0, 1.0, 0.0]);
    assert_eq!(alertmanager::silences(&source).unwrap(), []);
    let late = Silence { ends_at: now - chrono::TimeDelta::hours(1), ..ours };
    let why = alertmanager::silence(&source, &late).unwrap_err();
    assert!(why.starts_with(&format!("source0 at {address} says: ")), "{why}");
    assert!(alertmanager::unsilence(&source, &id.replace('-', "0")).is_err());
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
pub(super) struct Server(Child);

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
