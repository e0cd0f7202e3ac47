//! The HTTP side of a simulated production: who asks what, and what comes back. It knows nothing
//! of metrics or levers itself; the stage does.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use serde_json::{Value as Json, json};
use tokio::net::{TcpListener, TcpStream};

use super::prometheus::{self, Parameters};
use super::stage::{Clock, Stage};
use super::world::World;

/// The largest body that is read, in bytes.
const LARGEST: usize = 64 * 1024;

type Answer = Response<Full<Bytes>>;

/// Answers on a listener for ever.
pub async fn serve(listener: TcpListener, stage: Arc<Stage>) {
    let requests = Arc::new(AtomicU64::new(1));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(converse(stream, stage.clone(), requests.clone()));
            }
            // Out of descriptors, most likely: others may give some back.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn converse(stream: TcpStream, stage: Arc<Stage>, requests: Arc<AtomicU64>) {
    let service = service_fn(move |request| {
        let (stage, number) = (stage.clone(), requests.fetch_add(1, Ordering::Relaxed));
        async move {
            let mut answer = answer(&stage, request).await;
            let id = format!("rehearsal-{number}").parse().expect("letters and digits are a header");
            answer.headers_mut().insert("x-request-id", id);
            Ok::<_, Infallible>(answer)
        }
    });
    // A peer that goes away in the middle of an answer is no news.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(stage: &Stage, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    match path.as_str() {
        "/api/v1/query" => measured(stage, request, prometheus::query).await,
        "/api/v1/query_range" => measured(stage, request, prometheus::query_range).await,
        "/api/v1/label/__name__/values" => measured(stage, request, prometheus::names).await,
        "/log" if request.method() == Method::GET => text(stage.log()),
        "/log" => not_allowed("GET"),
        _ => match (path.strip_prefix("/flags/"), path.strip_prefix("/probe")) {
            (Some(name), _) => flag(stage, &decoded(name), request).await,
            (_, Some(path)) => probe(stage, path, request.method()).await,
            _ => not_found("there is nothing here"),
        },
    }
}

type Ask = fn(&World, &Clock, f64, &Parameters) -> Result<Json, String>;

async fn measured(stage: &Stage, request: Request<Incoming>, ask: Ask) -> Answer {
    if ![Method::GET, Method::POST].contains(request.method()) {
        return not_allowed("GET, POST");
    }
    let mut parameters = parameters(request.uri().query().unwrap_or_default());
    if request.method() == Method::POST {
        match body(request).await {
            Ok(form) => parameters.extend(self::parameters(&String::from_utf8_lossy(&form))),
            Err((status, why)) => return said(status, &prometheus::refused(&why)),
        }
    }
    stage.measure().await;
    match stage.look(|world, now| ask(world, &stage.clock, now, &parameters)) {
        Ok(found) => said(StatusCode::OK, &found),
        Err(wrong) => said(StatusCode::BAD_REQUEST, &prometheus::refused(&wrong)),
    }
}

async fn probe(stage: &Stage, path: &str, method: &Method) -> Answer {
    if ![Method::GET, Method::HEAD].contains(method) {
        return not_allowed("GET, HEAD");
    }
    stage.measure().await;
    let latency = stage.look(|_, now| latency(path, now));
    tokio::time::sleep(latency).await;
    match stage.look(|world, _| world.is_up(path)) {
        Some(true) => said(StatusCode::OK, &json!({"status": "ok"})),
        Some(false) => said(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "unavailable"})),
        None => not_found("the plan names no such health path"),
    }
}

/// Between 8 and 40 ms, another every second.
fn latency(path: &str, now: f64) -> Duration {
    let weight = path.bytes().fold(0_u64, |sum, b| sum.wrapping_mul(31).wrapping_add(u64::from(b)));
    Duration::from_millis(8 + (weight % 97).wrapping_mul(now as u64 + 1) % 33)
}

async fn flag(stage: &Stage, name: &str, request: Request<Incoming>) -> Answer {
    let stands = || {
        let state = |world: &World| {
            world.switches().iter().find(|s| s.name == name).map(|s| json!({"value": s.state.json()}))
        };
        stage.look(|world, _| state(world))
    };
    let Some(state) = stands() else { return not_found("the plan has no such flag") };
    match *request.method() {
        Method::GET => said(StatusCode::OK, &state),
        Method::PUT => match wanted(request).await.and_then(|value| write(stage, name, &value)) {
            Ok(()) => said(StatusCode::OK, &stands().unwrap_or(state)),
            Err((status, why)) => said(status, &json!({"error": why})),
        },
        _ => not_allowed("GET, PUT"),
    }
}

/// Why a request is not followed.
type Refusal = (StatusCode, String);

async fn wanted(request: Request<Incoming>) -> Result<Json, Refusal> {
    let body = body(request).await?;
    let json: Option<Json> = serde_json::from_slice(&body).ok();
    let value = json.as_ref().and_then(|json| json.get("value")).cloned();
    let why = "the body is no JSON of the form {\"value\": …}";
    value.ok_or_else(|| (StatusCode::BAD_REQUEST, why.to_owned()))
}

fn write(stage: &Stage, name: &str, value: &Json) -> Result<(), Refusal> {
    let written = stage.change(|world| match world.write_flag(name, value) {
        Ok(lines) => (Ok(()), lines),
        Err(wrong) => (Err(wrong), vec![]),
    });
    written.map_err(|wrong| (StatusCode::UNPROCESSABLE_ENTITY, wrong))
}

async fn body(request: Request<Incoming>) -> Result<Bytes, Refusal> {
    let read = Limited::new(request.into_body(), LARGEST).collect().await;
    let body = read.map(|body| body.to_bytes());
    body.map_err(|e| (StatusCode::PAYLOAD_TOO_LARGE, format!("the body cannot be read: {e}")))
}

fn parameters(query: &str) -> Parameters {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn said(status: StatusCode, json: &Json) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(json.to_string())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, "application/json".parse().expect("it is a media type"));
    answer
}

fn text(words: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(words)));
    let plain = "text/plain; charset=utf-8".parse().expect("it is a media type");
    answer.headers_mut().insert(CONTENT_TYPE, plain);
    answer
}

fn not_found(why: &str) -> Answer {
    said(StatusCode::NOT_FOUND, &json!({"error": why}))
}

fn not_allowed(methods: &'static str) -> Answer {
    let mut answer = said(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": format!("only {methods}")}));
    answer.headers_mut().insert(ALLOW, methods.parse().expect("names of methods are a header"));
    answer
}
