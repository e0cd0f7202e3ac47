//! The levers over loopback: what a provider may do to a change, and a plan full of traps.

mod flags;
mod providers;
mod sets;
mod steps;
mod unleash;
mod vercel_cli;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::executor::Executor;
use super::wire::Limits;
use super::{Levers, Report};
use crate::plan::binding::{Binding, FlagBinding};

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a server does with a request.
enum Answer {
    /// Status line, headers and body.
    Say(&'static str, String),
    /// Nothing, for ever.
    Hang,
    /// Closes the connection.
    Close,
}

fn ok(body: &str) -> Answer {
    Answer::Say("200 OK", body.to_owned())
}

/// A server that keeps every request as it came.
struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `answer` is given the whole request.
    fn new(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(vec![]));
        let (kept, answer) = (Arc::clone(&requests), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Self { port, requests }
    }

    fn count(&self, method: &str) -> usize {
        self.requests.lock().unwrap().iter().filter(|r| r.starts_with(method)).count()
    }

    fn first(&self, method: &str) -> String {
        let requests = self.requests.lock().unwrap();
        requests.iter().find(|r| r.starts_with(method)).unwrap().clone()
    }

    fn bound(&self) -> FlagBinding {
        let url = format!("http://127.0.0.1:{}/flags/pay", self.port);
        FlagBinding {
            name: "pay".to_owned(),
            read: url.clone(),
            write: url,
            rungs: vec![],
            ..FlagBinding::default()
        }
    }
}

fn serve(mut stream: TcpStream, kept: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> Answer) {
    let Some(request) = whole_request(&mut stream) else { return };
    kept.lock().unwrap().push(request.clone());
    match answer(&request) {
        Answer::Close => {}
        Answer::Hang => std::thread::sleep(PATIENCE * 4),
        Answer::Say(status, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nX-Request-Id: r-1\r\nLocation: /other\r\n\r\n"
            );
            let _ = stream.write_all((head + &body).as_bytes());
        }
    }
}

/// Head and as much body as its `Content-Length` says.
fn whole_request(stream: &mut TcpStream) -> Option<String> {
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

/// The levers over some bindings, and what they say.
fn levers(
    flags: Vec<FlagBinding>,
    executor: Option<Box<dyn Executor>>,
    limits: Limits,
) -> (Levers, Receiver<Report>) {
    let (say, heard) = channel();
    let binding = Arc::new(Binding { flags, ..Binding::default() });
    let hear = Arc::new(move |report| {
        let _ = say.send(report);
    });
    (Levers::begin(binding, executor, limits, hear), heard)
}
