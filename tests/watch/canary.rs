//! Secrets that everybody says back: none of them is in anything that anybody can look at.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::server::{JSON, Server, says, vector};
use crate::stage::{Running, Stage};

/// Every way in which a secret comes in, each with one that looks different in every encoding.
const ENV: &str = "cAnary-env/1+9?7f3a&b=9c%21";
const FILE: &str = "cAnary-file/2+8?6e2b&c=8d%22";
const CMD: &str = "cAnary-cmd/3+7?5d1c&d=7e%23";
const QUERY: &str = "cAnary-query-4_6-4c0d~e.6f";
const SHELL: &str = "cAnary-shell/5+5?3b9e&f=5a%25";
const LOG: &str = "cAnary-log/6+4?2a8f&a=4b%26";
const ALL: [&str; 6] = [ENV, FILE, CMD, QUERY, SHELL, LOG];

/// How many ways the server has of saying it.
const WAYS: usize = 10;

fn percent(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A secret as it may be found.
fn forms(secret: &str) -> Vec<String> {
    let mut all = vec![secret.to_owned(), percent(secret), percent(secret).to_lowercase()];
    for text in [secret.to_owned(), format!("ana:{secret}")] {
        all.extend([
            BASE64_STANDARD.encode(&text),
            BASE64_STANDARD_NO_PAD.encode(&text),
            BASE64_URL_SAFE.encode(&text),
        ]);
    }
    // What a row of a screen has room for.
    all.push(secret[..12].to_owned());
    all.push(BASE64_STANDARD.encode(secret)[..16].to_owned());
    all
}

/// The secrets that a request came with.
fn sent(head: &str) -> String {
    let came = |secret: &&&str| forms(secret)[..6].iter().any(|form| head.contains(form));
    let all: Vec<String> = ALL.iter().filter(came).flat_map(|secret| forms(secret)[..6].to_vec()).collect();
    all.join(" ")
}

/// Says back what a request came with, in a way of its own.
fn server() -> Server {
    Server::start(|head, stream| {
        let said = sent(head);
        let first = said.split(' ').next().unwrap_or_default().to_owned();
        let way = (0..WAYS).find(|way| head.contains(&format!("way{way}"))).unwrap_or(0);
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let (all, one) = (quoted(&said), quoted(&first));
        let labels = format!("\"__name__\":{one},\"by\":{all}");
        match way {
            0 => {
                let warned =
                    vector(&labels, "1").replacen('{', &format!("{{\"warnings\":[{all}],\"value\":1,"), 1);
                says(stream, "200 OK", JSON, &warned);
            }
            1 => {
                let body =
                    format!(r#"{{"status":"error","errorType":"bad_data","error":{all},"value":{one}}}"#);
                says(stream, "400 Bad Request", JSON, &body);
            }
            2 => {
                let away =
                    format!("location: http://localhost:1/{}?t={}\r\n", percent(&first), percent(&first));
                says(stream, "302 Found", &away, &said);
            }
            3 => says(stream, "200 OK", "content-type: text/html\r\n", &format!("<h1>{said}</h1>")),
            4 => says(stream, "500 Oops", "", &format!("{} {said}", "x".repeat(190))),
            5 => {
                let twice = vector(&labels, "1")
                    .replace("]}}", &format!(",{{\"metric\":{{{labels}}},\"value\":[1,\"2\"]}}]}}}}"));
                says(stream, "200 OK", JSON, &twice);
            }
            6 => says(
                stream,
                "200 OK",
                JSON,
                &vector(&labels, &first).replacen('{', &format!("{{\"value\":{one},"), 1),
            ),
            7 => says(
                stream,
                "401 No",
                &format!("www-authenticate: Bearer realm={one}\r\nx-said: {first}\r\n"),
                &said,
            ),
            8 => says(stream, "302 Found", &format!("location: /way8/{}\r\n", percent(&first)), &said),
            _ => says(stream, &format!("500 {first}"), JSON, &format!("{{{one}:{one}")),
        }
    })
}

fn plan() -> String {
    let rows: String = names().iter().map(|name| format!("| P1 | {name} > 500 |\n")).collect();
    format!(
        "# Launch\n\n## Phase 1: Canary (Hours 0-2)\n\n- [ ] Deploy\n\n## Alerts\n\n| Severity | Condition |\n|---|---|\n{rows}"
    )
}

/// Without a digit, which in a plan is rarely part of a name.
fn named(kind: &str, way: usize) -> String {
    format!("{kind} metric {}", ["a", "b", "c", "d", "e", "f", "g", "h", "k", "m"][way])
}

fn names() -> Vec<String> {
    let ways = |kind: &str| (0..WAYS).map(|way| named(kind, way)).collect::<Vec<_>>();
    [
        ways("prom"),
        ways("json"),
        ways("hook"),
        vec!["probe metric".into(), "shell metric".into(), "log metric".into(), "am metric".into()],
    ]
    .concat()
}

fn binding(port: u16, file: &Path, cmd: &Path) -> String {
    let base = format!("http://127.0.0.1:{port}");
    let mut text = String::new();
    let mut source = |name: &str, kind: &str, more: &str| {
        text += &format!("[[source]]\nname = \"{name}\"\nkind = \"{kind}\"\nevery = 1\n{more}\n");
    };
    let (file, cmd) = (file.display(), cmd.display());
    source("prom", "prometheus", &format!("url = \"{base}\"\nauth = \"env:CANARY_ENV\""));
    for way in 0..WAYS {
        source(
            &format!("json{way}"),
            "json",
            &format!("url = \"{base}\"\npath = \"/way{way}\"\nuser = \"ana\"\nauth = \"file:{file}\""),
        );
        source(
            &format!("hook{way}"),
            "json",
            &format!("url = \"{base}\"\npath = \"/way{way}?token={QUERY}\""),
        );
    }
    source("probe", "http", &format!("url = \"{base}\"\nexpect = \"never\"\nauth = \"cmd:cat {cmd}\""));
    source("am", "alertmanager", &format!("url = \"{base}\"\nauth = \"cmd:cat {cmd}\""));
    source(
        "shell",
        "command",
        "command = \"echo $CANARY_SHELL; echo $CANARY_SHELL | base64 >&2; echo $CANARY_SHELL >&2; exit 3\"\nenv = [\"CANARY_SHELL\"]",
    );
    source(
        "log",
        "log",
        "command = \"while true; do echo error $CANARY_LOG; printf 'error %s' $CANARY_LOG | base64 -w0 | sed 's/^/error /'; echo; sleep 1; done\"\nenv = [\"CANARY_LOG\"]",
    );
    let mut signal = |name: &str, source: &str, query: &str| {
        text += &format!("[[signal]]\nname = \"{name}\"\nsource = \"{source}\"\nquery = '{query}'\n\n");
    };
    for way in 0..WAYS {
        signal(&named("prom", way), "prom", &format!("sum(way{way})"));
        signal(&named("json", way), &format!("json{way}"), "$.value");
        signal(&named("hook", way), &format!("hook{way}"), "$.value");
    }
    signal("probe metric", "probe", "/way0");
    signal("am metric", "am", "severity=\"way9\"");
    signal("shell metric", "shell", "");
    signal("log metric", "log", "error");
    text
}

/// What was found where: each secret in every form.
fn found(place: &str, bytes: &[u8]) -> Vec<String> {
    let has = |form: &str| bytes.windows(form.len()).any(|part| part == form.as_bytes());
    let all = ALL.iter().flat_map(|secret| forms(secret).into_iter().map(move |form| (secret, form)));
    all.filter(|(_, form)| has(form)).map(|(secret, form)| format!("{place}: {secret} as {form}")).collect()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => all.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default())),
        }
    }
    all
}

/// The command lines of a process and of all that it started.
fn command_lines(pid: u32) -> Vec<u8> {
    let mut all = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    for task in std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
        let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
            all.extend(command_lines(child));
        }
    }
    all
}

fn watch_command_lines(follow: &Running, leaks: &mut Vec<String>) {
    for _ in 0..200 {
        leaks.extend(found("a command line", &command_lines(follow.child.id())));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn no_secret_is_anywhere() {
    let server = server();
    let mut stage = Stage::new(&plan(), "");
    let (file, cmd) = (stage.path("password"), stage.path("printed"));
    std::fs::write(&file, format!("{FILE}\n")).unwrap();
    std::fs::write(&cmd, format!("{CMD}\n")).unwrap();
    stage.bind(&binding(server.port, &file, &cmd));
    for (name, value) in [("CANARY_ENV", ENV), ("CANARY_SHELL", SHELL), ("CANARY_LOG", LOG)] {
        stage.set(name, value);
    }
    let mut leaks = vec![];
    let allowed = stage.ok(&["allow", "PLAN", "--yes"]);
    assert!(allowed.contains("env:CANARY_ENV"), "{allowed}");
    let mut follow = stage.start(&["follow", "PLAN", "--json", "--heartbeat"]);
    follow.wait_for("\"mine\":true");
    watch_command_lines(&follow, &mut leaks);
    let plain = stage.start(&["follow", "PLAN", "--plain"]);
    plain.wait_for("waiting for it");
    follow.wait_for("signal_lost");
    follow.kill();
    // The screen takes the watch over and asks for itself.
    let mut screen = stage.screen((160, 50));
    drop(plain);
    screen.wait_for("Deploy");
    screen.keys("3");
    for _ in 0..names().len() {
        screen.keys("<enter>");
        screen.pump(Duration::from_millis(150));
        screen.keys("<esc>j");
        screen.pump(Duration::from_millis(100));
    }
    let shown = screen.screen();
    for word in ["1", "7", "0"] {
        screen.keys(word);
        screen.pump(Duration::from_millis(300));
    }
    for (name, way) in [("prom", ENV), ("json", FILE), ("probe", CMD), ("hook", QUERY)] {
        let came = |head: &String| {
            forms(way)[..6]
                .iter()
                .chain(&[BASE64_STANDARD.encode(format!("ana:{way}"))])
                .any(|form| head.contains(form))
        };
        assert!(server.asked().iter().any(came), "{name} never sent its secret");
    }
    assert!(shown.contains('…'), "something was struck out: {shown}");
    leaks.extend(found("the screen", &screen.raw));
    screen.keys("q");
    screen.wait_exit();
    for args in [
        &["status", "PLAN", "--json"][..],
        &["status", "PLAN"],
        &["log", "PLAN", "--json"],
        &["log", "PLAN"],
        &["check", "PLAN", "--json"],
        &["check", "PLAN"],
    ] {
        leaks.extend(found(&args.join(" "), stage.run(args).1.as_bytes()));
    }
    leaks.extend(found("allow", allowed.as_bytes()));
    leaks.extend(found("follow", follow.said().as_bytes()));
    for (path, bytes) in files(&stage.path("state")).into_iter().chain(files(&stage.path("config"))) {
        leaks.extend(found(&path, &bytes));
    }
    leaks.sort();
    leaks.dedup();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

/// An address is no place for a password: what has one there is refused, without saying it.
#[test]
fn a_password_in_an_address_is_refused_and_not_said() {
    let stage = Stage::new(&plan(), "");
    stage.bind(&format!(
        "[[source]]\nname = \"p\"\nkind = \"prometheus\"\nurl = \"http://ana:{SHELL}@127.0.0.1:1\"\n"
    ));
    for args in [
        &["allow", "PLAN", "--yes"][..],
        &["follow", "PLAN"],
        &["check", "PLAN"],
        &["check", "PLAN", "--json"],
    ] {
        let (code, said) = stage.run(args);
        assert!(code != 0 || args[0] == "check", "{args:?}: {said}");
        assert_eq!(found("said", said.as_bytes()), Vec::<String>::new(), "{args:?}");
    }
}
