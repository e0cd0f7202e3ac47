//! Certificates of servers, made in the test: what is left of a good one, and why any other is none.

use std::io::Read as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;

/// Set where a test runs in a process of its own, to which SSL_CERT_FILE was given.
const INSIDE: &str = "WARROOM_TEST_INSIDE";

const DAY: i64 = 86_400;

/// What a server shows: the certificate and its key.
type Shown = (CertificateDer<'static>, KeyPair);

fn params(host: &str, days: (i64, i64)) -> CertificateParams {
    let at = |days: i64| {
        let seconds = u64::try_from(Utc::now().timestamp() + days * DAY).unwrap();
        date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    let mut params = CertificateParams::new([host.to_owned()]).unwrap();
    (params.not_before, params.not_after) = (at(days.0), at(days.1));
    params
}

/// Whom the system trusts in such a test.
struct Authority(Issuer<'static, KeyPair>);

impl Authority {
    /// Its certificate is in the file that the environment names.
    fn found() -> Self {
        let (mut params, key) = (params("authority", (-400, 400)), KeyPair::generate().unwrap());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let text = BASE64_STANDARD.encode(params.self_signed(&key).unwrap().der());
        let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
        std::fs::write(std::env::var("SSL_CERT_FILE").unwrap(), pem).unwrap();
        Self(Issuer::new(params, key))
    }

    fn sign(&self, host: &str, days: (i64, i64)) -> Shown {
        let key = KeyPair::generate().unwrap();
        (params(host, days).signed_by(&key, &self.0).unwrap().der().clone(), key)
    }
}

fn self_signed(days: (i64, i64)) -> Shown {
    let key = KeyPair::generate().unwrap();
    (params("127.0.0.1", days).self_signed(&key).unwrap().der().clone(), key)
}

fn config((certificate, key): Shown) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
}

/// A server over TLS that keeps its connections; the certificate it shows to new ones can change.
fn secure(shown: Shown) -> (SocketAddr, Arc<Mutex<Arc<ServerConfig>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let now = Arc::new(Mutex::new(config(shown)));
    let configs = now.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(configs.lock().unwrap().clone()).unwrap();
            thread::spawn(move || answer(StreamOwned::new(connection, stream)));
        }
    });
    (address, now)
}

fn answer(mut stream: StreamOwned<ServerConnection, TcpStream>) {
    let (mut head, mut part) = (vec![], [0; 1024]);
    while let Ok(count @ 1..) = stream.read(&mut part) {
        head.extend_from_slice(&part[..count]);
        if head.ends_with(b"\r\n\r\n") {
            head.clear();
            let _ = stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        }
    }
}

/// Runs the calling test in another process with an authority of its own; true in that process.
fn inside() -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = thread::current().name().unwrap().to_owned();
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(INSIDE, "1")
        .env("SSL_CERT_FILE", folder.path().join("authority.pem"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
    false
}

/// What a probe of a server says first about its certificate, and whether it is up.
fn probed(url: &str, every: f64) -> (Result<f64, String>, Result<f64, String>) {
    let running = Running::start(binding(&[(SourceKind::Http, url, every, &["/x#cert", "/x#up"])]));
    let mut first: [Option<Result<f64, String>>; 2] = Default::default();
    while first.iter().any(Option::is_none) {
        match running.next().1 {
            Report::Samples { signal, samples } => first[signal].get_or_insert(Ok(samples[0].value)),
            Report::Failed { signal, why, .. } => first[signal].get_or_insert(Err(why)),
            other => panic!("{other:?}"),
        };
    }
    let [certificate, up] = first.map(Option::unwrap);
    (certificate, up)
}

#[test]
fn the_days_of_a_good_certificate_are_counted() {
    if !inside() {
        return;
    }
    let authority = Authority::found();
    let (address, shown) = secure(authority.sign("127.0.0.1", (-1, 30)));
    let queries = ["/x#cert", "/x#up"];
    let running =
        Running::start(binding(&[(SourceKind::Http, &format!("https://{address}"), 0.5, &queries)]));
    let days = running.values(0)[0];
    assert!((29.9..=30.0).contains(&days), "{days}");
    assert_eq!(running.values(1), [0.0], "a 503 has a certificate and is not up");
    *shown.lock().unwrap() = config(authority.sign("127.0.0.1", (-1, 90)));
    let began = Instant::now();
    while running.values(0)[0] < 89.0 {
        assert!(began.elapsed() < LONG, "a renewed certificate is seen");
    }
}

#[test]
fn a_certificate_that_is_no_good_is_a_reason_and_no_number() {
    if !inside() {
        return;
    }
    let authority = Authority::found();
    let table = [
        (authority.sign("127.0.0.1", (-60, -3)), "shows a certificate that is expired ("),
        (authority.sign("127.0.0.1", (2, 60)), "shows a certificate that is not valid yet ("),
        (authority.sign("elsewhere.example", (-1, 30)), "shows a certificate of another host"),
        (self_signed((-1, 30)), "shows a certificate that no authority known here has signed; SSL_CERT_FILE"),
    ];
    for (shown, want) in table {
        let (address, _) = secure(shown);
        let (certificate, up) = probed(&format!("https://{address}"), 5.0);
        for why in [certificate.unwrap_err(), up.unwrap_err()] {
            assert!(why.starts_with(&format!("source0 at {address} {want}")), "{why}");
        }
        let running =
            Running::start(binding(&[(SourceKind::Prometheus, &format!("https://{address}"), 5.0, &["x"])]));
        let why = running.failure(0).1;
        assert!(why.contains(want), "no kind of source takes it: {why}");
    }
}

#[test]
fn without_a_certificate_there_are_no_days() {
    let plain = serve(healthy);
    let (certificate, up) = probed(&format!("http://{plain}"), 5.0);
    let want = format!("source0 at {plain} is plain HTTP: there is no certificate");
    assert_eq!((certificate, up), (Err(want), Ok(1.0)));
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = plain.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in plain.incoming().flatten() {
            send(&mut stream, "400 Bad Request", "", "this is an HTTP port");
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
    });
    let why = probed(&format!("https://{address}"), 5.0).0.unwrap_err();
    assert!(why.ends_with("cannot be reached: it does not speak TLS"), "{why}");
    let began = Instant::now();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (certificate, _) = probed(&format!("https://{}", silent.local_addr().unwrap()), 1.0);
    assert!(certificate.unwrap_err().ends_with("cannot be reached: no connection in time"));
    assert!(began.elapsed() < LONG);
}
