//! An HTTP server on loopback that answers as a test says and remembers what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a test makes of a request: its head, and the stream to answer on.
type Answer = dyn Fn(&str, &mut TcpStream) + Send + Sync;

pub struct Server {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers on threads of its own until the test ends.
    pub fn start(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(vec![]));
        let (all, answer): (_, Arc<Answer>) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (all, answer) = (Arc::clone(&all), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let mut stream = stream;
                    let head = head(&stream);
                    all.lock().unwrap().push(head.clone());
                    answer(&head, &mut stream);
                });
            }
        });
        Self { port, asked }
    }

    /// The heads of all requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Everything before the body, and the body where its length is given.
fn head(stream: &TcpStream) -> String {
    let mut lines = BufReader::new(stream);
    let (mut head, mut line) = (String::new(), String::new());
    while lines.read_line(&mut line).is_ok_and(|n| n > 2) {
        head += &line;
        line.clear();
    }
    let length = head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![];
    let _ = lines.take(length.unwrap_or(0)).read_to_end(&mut body);
    head + &String::from_utf8_lossy(&body)
}

/// An answer as a whole; whoever asked may be gone.
pub fn says(stream: &mut TcpStream, status: &str, more: &str, body: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n");
    let _ = stream.write_all((head + body).as_bytes());
}

pub const JSON: &str = "content-type: application/json\r\n";

/// An instant vector with one value, measured now.
pub fn vector(labels: &str, value: &str) -> String {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{{labels}}},"value":[{now},"{value}"]}}]}}}}"#
    )
}
