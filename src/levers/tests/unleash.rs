//! Against a real Unleash with a Postgres of its own, both started here on free ports; said loudly
//! where they are not to be had. Unleash is fetched once into `target/` by npm.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use super::levers;
use crate::levers::wire::Limits;
use crate::levers::{Levers, Outcome, Report};
use crate::plan::binding::FlagBinding;

/// The version whose contract was recorded.
const VERSION: &str = "7.5.1";

const TOKEN: &str = "*:*.a-token-of-this-test";

/// Longer than a cold start takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that ends with its test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let id = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::QUIT);
        let _ = self.0.wait();
    }
}

fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The folder with Unleash's modules.
fn unleash() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/unleash-{VERSION}"));
    let server = folder.join("node_modules/unleash-server/dist/server.js");
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    if !node.is_ok_and(|s| s.success()) {
        eprintln!("SKIPPED: no node to run Unleash with");
        return None;
    }
    if !server.is_file() {
        std::fs::create_dir_all(&folder).unwrap();
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
        let done = npm.arg(format!("unleash-server@{VERSION}")).stdout(Stdio::null()).status();
        if !done.is_ok_and(|s| s.success()) || !server.is_file() {
            eprintln!("SKIPPED: npm could not fetch unleash-server@{VERSION}");
            return None;
        }
    }
    Some(folder)
}

/// A program of Postgres, which does not run as root.
fn program(path: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(path);
    }
    let mut other = Command::new("setpriv");
    other.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
    other
}

fn postgres(folder: &Path) -> Option<(Server, u16)> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let Some(bin) = versions.map(|v| v.path().join("bin")).find(|bin| bin.join("initdb").is_file()) else {
        eprintln!("SKIPPED: no /usr/lib/postgresql/*/bin/initdb; apt-get install postgresql");
        return None;
    };
    let data = folder.join("data");
    std::fs::create_dir(&data).unwrap();
    if rustix::process::geteuid().is_root() {
        let owned = Command::new("chown").arg("-R").arg("postgres:postgres").arg(folder).status();
        assert!(owned.unwrap().success());
    }
    let mut made = program(&bin.join("initdb"));
    made.args(["-A", "trust", "-U", "tester", "--no-sync", "-D"]).arg(&data).current_dir(folder);
    assert!(made.stdout(Stdio::null()).status().unwrap().success(), "initdb");
    let port = port();
    let mut server = program(&bin.join("postgres"));
    server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
    server.args(["-c", "fsync=off", "-c", &format!("unix_socket_directories={}", folder.display())]);
    let child = server.current_dir(folder).stderr(Stdio::null()).spawn().unwrap();
    Some((Server(child), port))
}

fn start(modules: &Path, database: u16) -> (Server, u16) {
    let port = port();
    let mut node = Command::new("node");
    node.arg("node_modules/unleash-server/dist/server.js").current_dir(modules).envs([
        ("DATABASE_HOST", "127.0.0.1"),
        ("DATABASE_USERNAME", "tester"),
        ("DATABASE_PASSWORD", "any"),
        ("DATABASE_NAME", "postgres"),
        ("DATABASE_SSL", "false"),
        ("HTTP_HOST", "127.0.0.1"),
        ("INIT_ADMIN_API_TOKENS", TOKEN),
        ("CHECK_VERSION", "false"),
        ("SEND_TELEMETRY", "false"),
        ("LOG_LEVEL", "error"),
    ]);
    node.env("DATABASE_PORT", database.to_string()).env("HTTP_PORT", port.to_string());
    (Server(node.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()), port)
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Something done to Unleash beside the room.
fn call(base: &str, method: &str, path: &str, body: Value) -> Option<u16> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.request(method.parse().unwrap(), format!("{base}{path}"));
    let mut request = request.header("authorization", TOKEN);
    if !body.is_null() {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    block_on(async { request.send().await.ok().map(|r| r.status().as_u16()) })
}

fn read(levers: &Levers, heard: &Receiver<Report>) -> (Result<Value, String>, Option<Value>) {
    levers.read("pay");
    match heard.recv_timeout(PATIENCE).unwrap() {
        Report::FlagRead { value, outside, .. } => (value, outside),
        other => panic!("{other:?}"),
    }
}

fn set(levers: &Levers, heard: &Receiver<Report>, to: Value) -> Outcome {
    levers.change(Uuid::now_v7(), levers.plan("pay", &to).unwrap());
    match heard.recv_timeout(PATIENCE).unwrap() {
        Report::FlagChanged { outcome, .. } => outcome,
        other => panic!("{other:?}"),
    }
}

/// Waits until the database takes connections: Unleash gives up where it does not.
fn wait_for(database: u16, end: Instant) {
    let url = format!("host=127.0.0.1 port={database} user=tester dbname=postgres");
    while block_on(async { tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_err() }) {
        assert!(Instant::now() < end, "Postgres never came up");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_real_unleash_is_switched_stepped_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let (Some(modules), Some((_postgres, database))) = (unleash(), postgres(folder.path())) else { return };
    let end = Instant::now() + PATIENCE;
    wait_for(database, end);
    let (mut server, port) = start(&modules, database);
    let base = format!("http://127.0.0.1:{port}");
    let features = "/api/admin/projects/default/features";
    while call(&base, "GET", features, json!(null)) != Some(200) {
        let ended = server.0.try_wait().unwrap();
        assert!(ended.is_none() && Instant::now() < end, "Unleash never came up: {ended:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(call(&base, "POST", features, json!({ "name": "pay", "type": "release" })), Some(201));
    let bound = |rungs: &[f64]| FlagBinding {
        rungs: rungs.to_vec(),
        ..toml::from_str(&format!(
            "name = 'pay'\nprovider = 'unleash'\nurl = '{base}'\nauth = 'cmd:printf %s \"{TOKEN}\"'\n"
        ))
        .unwrap()
    };
    ladder(&base, bound(&[10.0, 50.0, 100.0]));
    switch(bound(&[]));
    let wrong = FlagBinding { auth: Some("cmd:printf wrong-token".parse().unwrap()), ..bound(&[]) };
    let (levers, heard) = levers(vec![wrong], None, Limits::default());
    let why = read(&levers, &heard).0.unwrap_err();
    assert!(why.contains("401") && !why.contains("wrong-token"), "{why}");
}

fn ladder(base: &str, bound: FlagBinding) {
    let (levers, heard) = levers(vec![bound], None, Limits::default());
    assert_eq!(read(&levers, &heard), (Ok(json!(0)), None));
    for rung in [10, 50, 100] {
        let done = set(&levers, &heard, json!(rung));
        assert!(matches!(&done, Outcome::Done { read_back, .. } if *read_back == rung), "{rung}: {done:?}");
        assert_eq!(read(&levers, &heard), (Ok(json!(rung)), None));
    }
    let off = "/api/admin/projects/default/features/pay/environments/production/off";
    assert_eq!(call(base, "POST", off, json!({})), Some(200));
    let stale = levers.plan("pay", &json!(50)).unwrap();
    assert_eq!(read(&levers, &heard), (Ok(json!(0)), Some(json!(100))), "changed outside the room");
    levers.change(Uuid::now_v7(), stale);
    match heard.recv_timeout(PATIENCE).unwrap() {
        Report::FlagChanged { outcome: Outcome::Failed(why), .. } => {
            assert!(why.contains("reads 0 now"), "{why}")
        }
        other => panic!("{other:?}"),
    }
}

fn switch(bound: FlagBinding) {
    let (levers, heard) = levers(vec![bound], None, Limits::default());
    assert_eq!(read(&levers, &heard).0, Ok(json!(false)));
    for on in [true, false] {
        let done = set(&levers, &heard, json!(on));
        assert!(matches!(&done, Outcome::Done { status: Some(200), .. }), "{done:?}");
        assert_eq!(read(&levers, &heard).0, Ok(json!(on)));
    }
}
