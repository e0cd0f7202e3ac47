//! Silences both ways: against a real Alertmanager through the engine, and the comparison by itself.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use super::*;
use crate::plan;
use crate::runtime::engine::Engine;
use crate::runtime::session::{LONG, ana, session, until};

const PLAN: &str = "\
# Launch

## Alerts

| Severity | Condition |
|---|---|
| P1 | Pages > 0 |
| P2 | Warnings > 0 |
";

/// Ends with the test.
struct Server(Child, SocketAddr);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn alertmanager(folder: &Path) -> Option<Server> {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = folder.join("am.yml");
    std::fs::write(&config, "route: {receiver: none, group_wait: 0s}\nreceivers: [{name: none}]\n").unwrap();
    let child = Command::new("prometheus-alertmanager")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.path={}", folder.join("am").display()))
        .arg("--cluster.listen-address=")
        .arg(format!("--web.listen-address={address}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(child) = child else {
        eprintln!(
            "SKIPPED: no prometheus-alertmanager on the PATH (apt-get install prometheus-alertmanager)"
        );
        return None;
    };
    let (server, began) = (Server(child, address), Instant::now());
    while TcpStream::connect(address).is_err() {
        assert!(began.elapsed() < LONG, "Alertmanager does not start");
        thread::sleep(Duration::from_millis(20));
    }
    Some(server)
}

fn binding(address: SocketAddr, silences: &str) -> Binding {
    toml::from_str(&format!(
        r#"
        source = [{{ name = "alerts", kind = "alertmanager", url = "http://{address}", every = 1, {silences} }}]
        signal = [
            {{ name = "Pages", source = "alerts", query = 'severity="page"' }},
            {{ name = "Warnings", source = "alerts", query = 'severity="warning"' }},
        ]"#
    ))
    .unwrap()
}

fn rule(engine: &Engine, metric: &str) -> ThresholdId {
    engine.app.room.plan.thresholds.iter().find(|t| t.metric == metric).unwrap().id.clone()
}

fn known(engine: &Engine, metric: &str) -> Option<crate::room::Silence> {
    engine.app.room.silence(&rule(engine, metric), engine.app.now).cloned()
}

fn submit(engine: &Engine, intent: Intent) {
    engine.scribe.ask(crate::journal::Ask::Submit { ticket: 9_000, intent, actor: ana() }).unwrap();
}

fn live(source: &Source) -> Vec<Silence> {
    alertmanager::silences(source).unwrap()
}

fn theirs(metric: &str, minutes: i64) -> Silence {
    let now = Utc::now();
    Silence {
        id: None,
        matchers: vec![Matcher::equal("severity", metric)],
        starts_at: now,
        ends_at: now + TimeDelta::minutes(minutes),
        created_by: "bob".into(),
        comment: "maintenance".into(),
    }
}

/// Lets some rounds go by, in which nothing must happen.
fn rounds(engine: &mut Engine) {
    let end = Instant::now() + Duration::from_secs(4);
    until(engine, "time passes", |_| Instant::now() > end);
}

#[test]
fn silences_go_both_ways_and_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = alertmanager(folder.path()) else { return };
    let bound = binding(server.1, "silences = \"write\"");
    let source = bound.sources[0].clone();
    let mut engine = session(folder.path(), PLAN, bound.clone());
    until(&mut engine, "the watch", |e| e.app.watch.as_ref().is_some_and(|w| w.mine));

    let end = Utc::now() + TimeDelta::minutes(30);
    let wish = Intent::Silence { rule: rule(&engine, "Pages"), reason: "load test".into(), until: end };
    submit(&engine, wish);
    until(&mut engine, "it is made there", |_| !live(&source).is_empty());
    let there = live(&source);
    assert_eq!((there.len(), there[0].created_by.as_str()), (1, "ana"));
    assert!(there[0].comment.starts_with("load test [warroom "), "{}", there[0].comment);
    assert_eq!(there[0].matchers, [Matcher::equal("severity", "page")]);
    assert!(!apart(there[0].ends_at, end));
    rounds(&mut engine);
    assert_eq!(live(&source).len(), 1, "once");
    assert!(known(&engine, "Pages").is_some_and(|s| s.there.is_none()), "and not found as another's");

    let other = alertmanager::silence(&source, &theirs("warning", 90)).unwrap();
    until(&mut engine, "another's appears", |e| known(e, "Warnings").is_some());
    let found = known(&engine, "Warnings").unwrap();
    assert_eq!((found.by.as_str(), found.reason.as_str()), ("bob (alerts)", "maintenance"));
    assert!(!apart(found.until, Utc::now() + TimeDelta::minutes(90)));

    engine.outside.quit();
    assert_eq!(engine.close(LONG), None);
    let mut engine = session(folder.path(), PLAN, bound.clone());
    until(&mut engine, "the watch again", |e| e.app.watch.as_ref().is_some_and(|w| w.mine));
    rounds(&mut engine);
    assert_eq!(live(&source).len(), 2, "a restart writes nothing twice");
    assert!(known(&engine, "Pages").is_some() && known(&engine, "Warnings").is_some());

    alertmanager::unsilence(&source, &other).unwrap();
    until(&mut engine, "what ended there ends here", |e| known(e, "Warnings").is_none());
    submit(&engine, Intent::Unsilence(rule(&engine, "Pages")));
    until(&mut engine, "what is lifted here ends there", |_| live(&source).is_empty());

    alertmanager::silence(&source, &theirs("page", 90)).unwrap();
    until(&mut engine, "another's again", |e| known(e, "Pages").is_some());
    submit(&engine, Intent::Unsilence(rule(&engine, "Pages")));
    until(&mut engine, "also another's can be lifted here", |_| live(&source).is_empty());

    let wish = Intent::Silence { rule: rule(&engine, "Pages"), reason: "again".into(), until: end };
    submit(&engine, wish);
    until(&mut engine, "it is made there", |_| !live(&source).is_empty());
    alertmanager::unsilence(&source, live(&source)[0].id.as_ref().unwrap()).unwrap();
    until(&mut engine, "ours can be ended there", |e| known(e, "Pages").is_none());
    rounds(&mut engine);
    assert_eq!(live(&source), [], "and is not made again");
}

#[test]
fn without_the_switch_silences_are_only_read() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = alertmanager(folder.path()) else { return };
    let bound = binding(server.1, "");
    let source = bound.sources[0].clone();
    alertmanager::silence(&source, &theirs("warning", 90)).unwrap();
    let mut engine = session(folder.path(), PLAN, bound);
    until(&mut engine, "another's appears", |e| known(e, "Warnings").is_some());
    let end = Utc::now() + TimeDelta::minutes(30);
    submit(&engine, Intent::Silence { rule: rule(&engine, "Pages"), reason: "test".into(), until: end });
    until(&mut engine, "ours is ours", |e| known(e, "Pages").is_some());
    submit(&engine, Intent::Unsilence(rule(&engine, "Warnings")));
    until(&mut engine, "it is heard again here", |e| known(e, "Warnings").is_none());
    rounds(&mut engine);
    assert_eq!((live(&source).len(), known(&engine, "Warnings")), (1, None));
}

/// A room with a silence of its own, and what its server says.
fn compared(query: &str, silences: &str, listed: impl Fn(&str) -> Vec<Listed>) -> Found {
    let plan = Arc::new(plan::read(PLAN.as_bytes(), "launch"));
    let mut room = Room::new(plan.clone());
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let rule = plan.thresholds[0].id.clone();
    let end = now + TimeDelta::hours(1);
    let wish = Intent::Silence { rule: rule.clone(), reason: "load test".into(), until: end };
    for event in crate::room::decide(&room, &wish, &ana(), now).unwrap() {
        let fact = crate::room::Fact::new(uuid::Uuid::now_v7(), now, "ana", event);
        room.apply(&crate::room::Entry::read(room.seq + 1, &fact.to_text()));
    }
    let mut bound = binding("127.0.0.1:1".parse().unwrap(), silences);
    bound.signals[0].query = query.to_owned();
    let mark = mark(&room, &rule, now);
    compare(&room, &bound, &bound.sources[0], &listed(&mark), now)
}

fn ours(id: &str, mark: &str, over: bool) -> Listed {
    let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let (starts_at, ends_at) = (at, at + if over { TimeDelta::minutes(1) } else { TimeDelta::hours(1) });
    let comment = format!("load test{mark}");
    let silence = Silence { id: Some(id.into()), starts_at, ends_at, comment, ..theirs("page", 1) };
    Listed { silence, over }
}

#[test]
fn what_differs_is_done_and_nothing_twice() {
    let (write, page) = ("silences = \"write\"", "severity=\"page\"");
    let none = Found::default();
    assert!(matches!(&compared(page, write, |_| vec![]).deeds[..], [Deed::Write(s)] if s.id.is_none()));
    assert_eq!(compared(page, write, |m| vec![ours("a", m, false)]), none, "it is there");
    let twice = compared(page, write, |m| vec![ours("a", m, false), ours("b", m, false)]);
    assert_eq!(twice, Found { deeds: vec![Deed::End("b".into())], ..Found::default() });
    let ended = compared(page, write, |m| vec![ours("a", m, true)]);
    assert!(matches!(&ended.news[..], [Intent::LoseSilence { .. }]) && ended.deeds.is_empty());
    assert_eq!(compared(page, "", |_| vec![]), none, "nothing is written that need not be");
    let same = |_: &str| vec![ours("a", "", false)];
    assert_eq!(compared(page, write, same), none, "another's that is as long does");
    let all = compared("*", write, |_| vec![]);
    assert!(all.deeds.is_empty() && all.unclear.is_some_and(|why| why.contains("every alert")));
}
