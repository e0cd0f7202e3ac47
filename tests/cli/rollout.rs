//! The trial plan's own curl commands, sent as they stand to a server that stands in for the product.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::levers::stage;
use crate::stage::Stage;

/// What every request of that plan says, but for its percentage.
const HEAD: &str = "POST /api/admin/feature-flags/trial-automation/rollout HTTP/1.1";

/// Heads and bodies as they came.
type Heard = Mutex<Vec<(String, String)>>;

/// A server that keeps what it hears.
fn standin() -> (String, Arc<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(vec![]));
    let kept = Arc::clone(&heard);
    std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| answer(stream, &kept)));
    (base, heard)
}

fn answer(stream: TcpStream, heard: &Heard) {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    heard.lock().unwrap().push((head, String::from_utf8(body).unwrap()));
    let _ =
        reader.into_inner().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
}

fn said(stage: &Stage, args: &[&str]) -> (i32, String, String) {
    let out = stage.command(args).env("ADMIN_TOKEN", "sesame-42").env("PATH", "/nowhere").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap_or(-1), text(out.stdout), text(out.stderr))
}

#[test]
fn the_trial_plans_requests_need_no_curl_and_go_out_byte_for_byte() {
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/plans/trial-automation.md");
    let Ok(plan) = fs::read_to_string(plan) else {
        return eprintln!("SKIPPED: trial-automation.md is not beside the project");
    };
    let (base, heard) = standin();
    let stage = stage("");
    stage.write(&plan);
    let read = warroom::plan::read(plan.as_bytes(), "launch");
    let asks = |p: &&warroom::plan::Procedure| {
        p.in_order().iter().any(|s| s.commands.iter().any(|c| c.text.contains("curl -X POST")))
    };
    let procedures: Vec<_> = read.procedures.iter().filter(asks).collect();
    let bound =
        procedures.iter().map(|p| format!("[[procedure]]\ntitle = {:?}\nenv = [\"ADMIN_TOKEN\"]\n", p.title));
    let binding = format!("[room]\nbase_url = \"{base}\"\n\n{}", bound.collect::<String>());
    fs::write(stage.plan.with_file_name("warroom.toml"), binding).unwrap();
    let (code, allowed, err) = said(&stage, &["allow", "PLAN", "--yes"]);
    assert!(
        code == 0 && allowed.contains(&format!("requests without a host go to {base}")),
        "{allowed}{err}"
    );
    let mut bodies = vec![];
    for procedure in procedures {
        for (number, step) in procedure.in_order().iter().enumerate() {
            let [command] = step.commands.as_slice() else { continue };
            let Some(body) = command.text.split("-d '").nth(1).and_then(|b| b.split('\'').next()) else {
                continue;
            };
            let (nth, phrase) = ((number + 1).to_string(), format!("launch-{}", number + 1));
            let words = ["run", "PLAN", procedure.id.as_str(), "--step", &nth, "--yes", &phrase];
            let (code, out, err) = said(&stage, &words);
            assert_eq!(code, 0, "{out}{err}");
            for part in [
                "Authorization: Bearer ${ADMIN_TOKEN}",
                "# sent as HTTP",
                "# with $ADMIN_TOKEN",
                "HTTP 200 OK",
            ] {
                assert!(out.contains(part), "{part} in {out}");
            }
            assert!(!out.contains("sesame") && !err.contains("sesame"), "{out}{err}");
            let (head, sent) = heard.lock().unwrap().last().unwrap().clone();
            assert_eq!(sent, body);
            assert_eq!(head.lines().next(), Some(HEAD));
            for header in ["authorization: bearer sesame-42\r\n", "content-type: application/json\r\n"] {
                assert_eq!(head.to_lowercase().matches(header).count(), 1, "{head}");
            }
            bodies.push(sent);
        }
    }
    assert_eq!(heard.lock().unwrap().len(), bodies.len(), "each once");
    assert_eq!(bodies.len(), 5, "three rungs and two ways back: {bodies:#?}");
    assert!(!stage.ok(&["log", "PLAN", "--json"]).contains("sesame"));
}
