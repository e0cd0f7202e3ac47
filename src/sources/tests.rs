//! Sources against servers on loopback that behave, hang, flood and lie.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

mod answers;
mod beside;
mod certificates;
mod hostile;
mod life;
mod peers;
mod previews;
mod probes;
mod secrets;
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
