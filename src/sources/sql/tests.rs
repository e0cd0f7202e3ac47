//! Against a real Postgres, started here on a free port; said loudly where there is none.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use super::*;

/// A Postgres of its own; ended when dropped.
struct Postgres {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::QUIT);
        let _ = self.child.wait();
    }
}

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    versions.map(|v| v.path().join("bin")).find(|bin| bin.join("initdb").is_file())
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

impl Postgres {
    fn start(ssl: bool) -> Option<Self> {
        let Some(bin) = programs() else {
            eprintln!("SKIPPED: no /usr/lib/postgresql/*/bin/initdb; apt-get install postgresql");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        if ssl {
            let made = Command::new("openssl")
                .args([
                    "req",
                    "-x509",
                    "-newkey",
                    "rsa:2048",
                    "-nodes",
                    "-days",
                    "1",
                    "-subj",
                    "/CN=localhost",
                ])
                .args([
                    "-addext",
                    "subjectAltName=DNS:localhost",
                    "-addext",
                    "basicConstraints=critical,CA:FALSE",
                ])
                .args(["-keyout", "key.pem", "-out", "cert.pem"])
                .current_dir(folder.path())
                .stderr(Stdio::null())
                .status();
            if !made.is_ok_and(|s| s.success()) {
                eprintln!("SKIPPED: no openssl to make a certificate with");
                return None;
            }
        }
        if rustix::process::geteuid().is_root() {
            let owned = Command::new("chown").arg("-R").arg("postgres:postgres").arg(folder.path()).status();
            assert!(owned.unwrap().success());
        }
        let made = program(&bin.join("initdb"))
            .args(["-A", "trust", "-U", "tester", "--no-sync", "-D"])
            .arg(&data)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success(), "initdb");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let place = folder.path().display();
        let mut server = program(&bin.join("postgres"));
        server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        server.args(["-c", "fsync=off", "-c", &format!("unix_socket_directories={place}")]);
        if ssl {
            let (cert, key) =
                (format!("ssl_cert_file={place}/cert.pem"), format!("ssl_key_file={place}/key.pem"));
            server.args(["-c", "ssl=on", "-c", &cert, "-c", &key]);
        }
        let child = server.current_dir(folder.path()).stderr(Stdio::null()).spawn().unwrap();
        Some(Self { child, port, _folder: folder })
    }

    /// A database once it answers.
    async fn ready(&self, options: &str) -> Database {
        let url = format!("postgres://tester@localhost:{}/postgres{options}", self.port);
        let database = Database::new(&url, None, None).unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        let plain = Database::new(url.split('?').next().unwrap(), None, None).unwrap();
        while plain.number("SELECT 1", LONG).await.is_err() {
            assert!(Instant::now() < end, "it never came up");
            sleep(Duration::from_millis(20)).await;
        }
        database
    }
}

const LONG: Duration = Duration::from_secs(30);

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn what_is_no_reading_statement_is_refused_before_it_is_asked() {
    for (statement, good) in [
        ("SELECT 1;", true),
        (" with a as (select 1) select * from a", true),
        ("(SELECT 1) UNION (SELECT 1) LIMIT 1", true),
        ("DELETE FROM users", false),
        ("COPY users TO PROGRAM 'sh'", false),
        ("SET x = 1", false),
        ("", false),
    ] {
        assert_eq!(single(statement).is_ok(), good, "{statement}");
    }
    assert!(single("drop table x").unwrap_err().what.contains("begins with DROP"));
}

#[test]
fn an_address_holds_no_password_and_names_a_host() {
    let why = |url: &str| Database::new(url, None, None).err().unwrap();
    let said = why("postgres://me:hunter2@db/shop");
    assert!(said.contains("auth") && !said.contains("hunter2"), "{said}");
    assert!(why("postgres:///shop").contains("names no host"));
    assert!(why("postgres://db/shop?sslmode=perhaps").contains("no usable url"));
    assert!(Database::new("postgres://db/shop?sslmode=verify-full", None, None).unwrap().tls.is_some());
    assert!(Database::new("postgres://db/shop", Some("me"), Some("hunter2")).unwrap().tls.is_none());
}

#[test]
fn every_number_of_a_real_database_is_read() {
    let Some(server) = Postgres::start(false) else { return };
    block_on(async {
        let database = server.ready("").await;
        for (statement, wanted) in [
            ("SELECT 42", Some(42.0)),
            ("SELECT 42::smallint;", Some(42.0)),
            ("SELECT count(*) FROM pg_class WHERE false", Some(0.0)),
            ("SELECT 9007199254740993::bigint", Some(9_007_199_254_740_992.0)),
            ("SELECT 3.25::real", Some(3.25)),
            ("SELECT 'NaN'::float8", Some(f64::NAN)),
            ("SELECT 12345.6789", Some(12345.6789)),
            ("SELECT -0.00012", Some(-0.00012)),
            ("SELECT 10000000000000000000000::numeric", Some(1e22)),
            ("SELECT 0.0", Some(0.0)),
            ("SELECT 'Infinity'::numeric", Some(f64::INFINITY)),
            ("SELECT true", Some(1.0)),
            ("SELECT interval '1 day 90 seconds'", Some(86_490.0)),
            ("SELECT interval '-250 milliseconds'", Some(-0.25)),
            ("SELECT NULL::int", None),
            ("SELECT 1 WHERE false", None),
            ("SELECT 1; -- a comment", Some(1.0)),
        ] {
            let statement = statement.split(" --").next().unwrap();
            let told =
                database.number(statement, LONG).await.unwrap_or_else(|f| panic!("{statement}: {}", f.what));
            let value = told.first().map(|s| s.value);
            let same = value == wanted || value.zip(wanted).is_some_and(|(a, b)| a.is_nan() && b.is_nan());
            assert!(same, "{statement}: {value:?}");
        }
        assert_eq!(database.lock().len(), 1, "one connection served them all");
    });
}

#[test]
fn what_is_no_number_or_writes_is_said_and_changes_nothing() {
    let Some(server) = Postgres::start(false) else { return };
    block_on(async {
        let database = server.ready("").await;
        let client = database.connect().await.unwrap();
        client.batch_execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)").await.unwrap();
        for (statement, part) in [
            ("SELECT n FROM t", "several rows"),
            ("SELECT 1, 2", "2 columns"),
            ("SELECT 'a'", "gives text, which is no number"),
            ("SELECT now()", "timestamptz"),
            ("SELECT 1; DROP TABLE t", "several statements"),
            ("WITH d AS (DELETE FROM t RETURNING n) SELECT count(*) FROM d", "the statement writes"),
            ("SELECT nope FROM t", "says: column \"nope\" does not exist"),
            ("SELECT 1 / 0", "division by zero"),
        ] {
            let fault = database.number(statement, LONG).await.unwrap_err();
            assert!(fault.what.contains(part), "{statement}: {}", fault.what);
        }
        assert_eq!(database.number("SELECT count(*) FROM t", LONG).await.unwrap()[0].value, 2.0);
    });
}

#[test]
fn a_statement_that_hangs_is_ended_there_and_others_go_on() {
    let Some(server) = Postgres::start(false) else { return };
    block_on(async {
        let database = server.ready("").await;
        let short = Duration::from_millis(300);
        let fault = database.number("SELECT pg_sleep(600)::text::int", short).await.unwrap_err();
        assert!(fault.what.contains("ended by the database"), "{}", fault.what);
        // As the scheduler drops it: nothing is left running there, and no connection is kept.
        let asked = database.number("SELECT 1 FROM pg_sleep(600)", Duration::from_secs(1));
        assert!(timeout(Duration::from_millis(300), asked).await.is_err());
        assert_eq!(database.number("SELECT 7", LONG).await.unwrap()[0].value, 7.0);
        let running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT % pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()";
        let end = Instant::now() + LONG;
        while database.number(running, LONG).await.unwrap()[0].value > 0.0 {
            assert!(Instant::now() < end, "it still runs");
            sleep(Duration::from_millis(20)).await;
        }
    });
}

#[test]
fn a_lost_connection_is_made_anew() {
    let Some(server) = Postgres::start(false) else { return };
    block_on(async {
        let database = server.ready("").await;
        database.number("SELECT 1", LONG).await.unwrap();
        let other = database.connect().await.unwrap();
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
        other.batch_execute(end).await.unwrap();
        let until = Instant::now() + LONG;
        while database.number("SELECT 1", LONG).await.is_err() {
            assert!(Instant::now() < until, "it never came back");
        }
    });
}

#[test]
fn nothing_that_listens_is_said() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let database =
        Database::new(&format!("postgres://me@127.0.0.1:{port}/x"), None, Some("hunter2")).unwrap();
    let fault = block_on(database.number("SELECT 1", LONG)).unwrap_err();
    assert_eq!(fault.kind, Kind::Refused, "{}", fault.what);
}

#[test]
fn tls_is_spoken_where_it_is_asked_for_and_only_to_whom_is_known() {
    let Some(server) = Postgres::start(true) else { return };
    block_on(async {
        let mut database = server.ready("?sslmode=require").await;
        let fault = database.number("SELECT 1", LONG).await.unwrap_err();
        assert!(fault.what.contains("certificate"), "{}", fault.what);
        let mut known = rustls::RootCertStore::empty();
        let pem = std::fs::read_to_string(server._folder.path().join("cert.pem")).unwrap();
        let body: String = pem.lines().filter(|l| !l.starts_with('-')).collect();
        let der = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, body).unwrap();
        known.add(der.into()).unwrap();
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(known).with_no_client_auth();
        database.tls = Some(MakeRustlsConnect::new(config));
        let ssl = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        assert_eq!(database.number(ssl, LONG).await.unwrap()[0].value, 1.0);
    });
}
