//! A session of a room for tests: the engine over a journal in a folder, as `follow` runs one.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use chrono::Utc;

use super::engine::Engine;
use super::outside::{Outside, Reach};
use crate::app::{App, Keymap};
use crate::journal::{Edition, Founding, How, Meta, Open, Options, Scribe, SqliteStore};
use crate::plan;
use crate::plan::binding::Binding;
use crate::room::{Actor, Intent, Role};

/// What a test is ready to wait.
pub(super) const LONG: Duration = Duration::from_secs(60);

pub(super) fn ana() -> Actor {
    Actor { name: "ana".into(), role: Role::Engineer }
}

/// A session of a room, as `follow` runs one.
pub(super) fn session(folder: &Path, text: &str, binding: Binding) -> Engine {
    let plan = Arc::new(plan::read(text.as_bytes(), "launch"));
    let (sender, reports) = crate::runtime::reports();
    let path = folder.join("room.db");
    let meta = Meta {
        id: "r".into(),
        plan: "/launch.md".into(),
        environment: String::new(),
        created_ms: 0,
        closed_ms: None,
    };
    drop(SqliteStore::create(&path, &How::default(), &meta).unwrap());
    let open: Open =
        Box::new(move || Ok((Box::new(SqliteStore::open(&path, &How::default())?), "launch".to_owned())));
    let edition = Edition { bytes: text.as_bytes().into(), plan: plan.clone() };
    let begin = Intent::OpenRoom {
        room: String::new(),
        plan_path: "launch.md".into(),
        environment: "staging".into(),
        version: "1".into(),
    };
    let founding = Some(Founding { open: begin, edition, actor: ana(), signers: None });
    let options = Options { founding, plan: Some(plan.clone()), ..Options::new("ana") };
    let read = Box::new(|bytes: &[u8]| plan::read(bytes, "launch"));
    let scribe = Scribe::start(open, read, options, move |report| drop(sender.send(report)));
    let app = App::new(plan, ana(), Keymap::default(), chrono_tz::UTC, Utc::now());
    let mut engine = Engine::new(app, scribe, reports);
    engine.outside = Outside::new(Some(Reach { binding, ..Reach::default() }));
    engine.start();
    engine
}

/// Runs the engine until something is so.
pub(super) fn until(engine: &mut Engine, what: &str, mut so: impl FnMut(&mut Engine) -> bool) {
    let began = Instant::now();
    while !so(engine) {
        assert!(began.elapsed() < LONG, "{what}: {:?}, {:?}", engine.app.notice, engine.app.room.recent);
        match engine.try_next() {
            Some(arrival) => engine.take(arrival),
            None => thread::sleep(Duration::from_millis(5)),
        }
        engine.clock();
    }
}
