//! The world in virtual time, scenarios over several plans, and the server over loopback.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use serde_json::{Value as Json, json};

use super::bind::bind;
use super::bounds::{Bounds, bad};
use super::names::Names;
use super::world::World;
use super::*;
use crate::plan::{Plan, Role};
use crate::signal::{Crossed, Sample, Signals, watched};

const PLAN: &str = include_str!("../../examples/checkout.md");

fn read(text: &str) -> Plan {
    crate::plan::read(text.as_bytes(), "plan")
}

/// Plans of other shapes.
fn plans() -> Vec<(&'static str, Plan)> {
    let texts = [
        ("checkout", PLAN),
        (
            "phases",
            "# P\n## Phase 1: Canary (T0 to T+2h)\n- [ ] Go\n**Alerts:**\n- P1: Error rate > 5%\n\
             - P2: Disk free < 10%\n## Phase 2: All\n- [ ] Go\n**Alerts:**\n- P1: Error rate > 8%\n\
             ## Alerts\n### P1\n- Error rate > 10% for 5 minutes\n### P2\n- Latency > 800 ms for 10 minutes\n\
             - Latency > 2 seconds\n- Disk free < 5%\n",
        ),
        (
            "states",
            "# P\n## Alert thresholds\n### P0\n- Application unavailable for 5 minutes\n\
             - Orders per minute < 3\n### P3\n- Error rate > 2% for 1 hour\n- Error rate = 100%\n\
             ## Feature flags\n| Flag | Default |\n|---|---|\n| `big_switch` | true |\n",
        ),
    ];
    texts.map(|(name, text)| (name, read(text))).into()
}

/// Plays a timeline against the rules and tells which fired at which second.
fn fired(plan: &Plan, timeline: &Timeline, phases_open: bool) -> Vec<(usize, f64)> {
    let mut world = World::new(plan, timeline).unwrap();
    let mut signals = Signals::new(plan, &bind(&world, "", 5.0));
    let mut found = vec![];
    let end = timeline.length().as_secs() + 60;
    for second in (0..end).step_by(5) {
        let at = second as f64;
        world.advance(at);
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(second as i64);
        for metric in 0..world.metrics().len() {
            signals.take(metric, &[Sample { at: now, value: world.value(metric, at) }]);
        }
        for crossing in signals.evaluate(now, &|_| phases_open) {
            let rule = plan.thresholds.iter().position(|t| t.id == crossing.rule).unwrap();
            found.extend((crossing.kind == Crossed::Fired).then_some((rule, at)));
        }
    }
    found
}

#[test]
fn the_default_scenario_makes_every_rule_that_can_alert_fire() {
    for (name, plan) in plans() {
        let timeline = Timeline::for_plan(&plan);
        let rules: Vec<usize> = (0..plan.thresholds.len())
            .filter(|i| matches!(plan.thresholds[*i].role, Role::Alert | Role::Rollback))
            .filter(|i| {
                let limit = &plan.thresholds[*i];
                let unit = watched(&plan)
                    .iter()
                    .find(|w| w.limits.contains(i))
                    .and_then(|w| w.limits.iter().find_map(|l| plan.thresholds[*l].unit.clone()));
                bad(limit, unit.as_deref()).is_some() && limit.hold.unwrap_or_default() <= 1200.0
            })
            .collect();
        assert!(rules.len() >= 3, "{name}: the plan has rules: {:?}", plan.thresholds);
        let both = [false, true].map(|open| fired(&plan, &timeline, open));
        let seen: HashSet<usize> = both.iter().flatten().map(|(rule, _)| *rule).collect();
        let silent: Vec<_> =
            rules.iter().filter(|r| !seen.contains(r)).map(|r| &plan.thresholds[*r]).collect();
        assert!(silent.is_empty(), "{name}: never fired: {silent:#?}\n{timeline:#?}");
        let first = timeline.steps[0].at.as_secs_f64();
        assert!(
            both.iter().flatten().all(|(_, at)| *at >= first),
            "{name}: something fired before {first} s"
        );
    }
}

#[test]
fn before_the_first_step_all_limits_that_do_not_contradict_each_other_hold() {
    for (name, plan) in plans() {
        let world = World::new(&plan, &Timeline::for_plan(&plan)).unwrap();
        for (metric, watched) in watched(&plan).iter().enumerate() {
            let limits: Vec<_> = watched.limits.iter().map(|i| &plan.thresholds[*i]).collect();
            let bounds = Bounds::of(&limits);
            for limit in limits {
                let Some(bad) = bad(limit, bounds.unit()) else { continue };
                for second in -900..0 {
                    let value = world.value(metric, f64::from(second));
                    assert!(!bad.holds(value), "{name}: {} is {value} at {second}: {limit:?}", watched.name);
                }
            }
        }
    }
}

#[test]
fn history_moves_and_is_the_same_every_time() {
    let plan = read(PLAN);
    let world = || World::new(&plan, &Timeline::built_in()).unwrap();
    let values = |w: &World| (-900..0).map(|s| w.value(0, f64::from(s))).collect::<Vec<_>>();
    let first = values(&world());
    assert_eq!(first, values(&world()));
    let (low, high) = first.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    assert!(high > low);
}

#[test]
fn the_worst_class_breaks_first_and_each_break_has_its_way_out() {
    let plan = read(PLAN);
    let timeline = Timeline::for_plan(&plan);
    let outages: Vec<&Step> = timeline.steps.iter().filter(|s| !s.cure_by.is_empty()).collect();
    let first: Vec<&str> = outages.iter().flat_map(|s| &s.moves).map(|m| m.metric.as_str()).collect();
    assert_eq!(
        first,
        [
            "Payment success rate",
            "Checkout error rate",
            "Payment success rate",
            "Checkout error rate",
            "p95 page load time",
            "Quote queue depth",
            "Quote mismatch rate",
        ]
    );
    let title = |s: &str| Cure::Procedure(s.into());
    assert_eq!(outages[0].cure_by, [title("Flag rollback (< 5 min)")], "linked by the rollback trigger");
    assert_eq!(outages[6].cure_by, [title("Release rollback (< 20 min)")]);
    assert!(outages[2].cure_by.contains(&Cure::Flag("checkout_v3_percentage".into())), "no link: any lever");
    let late = read("# P\n## Alerts\n- P2: Error rate > 5%\n- P0: Latency > 2 s\n- P1: Load > 80%\n");
    let order: Vec<_> = Timeline::for_plan(&late).steps.into_iter().flat_map(|s| s.moves).collect();
    let order: Vec<&str> = order.iter().map(|m| m.metric.as_str()).collect();
    assert_eq!(order, ["Latency", "Load", "Error rate"]);
    for pair in timeline.steps.windows(2) {
        assert!(pair[0].at < pair[1].at);
    }
}

#[test]
fn a_long_for_is_capped_and_said() {
    let plan = read("# P\n## Alerts\n- P3: Error rate > 2% for 1 hour\n");
    let timeline = Timeline::for_plan(&plan);
    assert!(timeline.length() < Duration::from_secs(1800), "{timeline:?}");
    let said = timeline.steps[0].say.as_deref().unwrap();
    assert!(
        said.contains("after 1h, which is not waited for") && said.contains("passes by itself"),
        "{said}"
    );
}

#[test]
fn plans_without_alerts_lose_their_health_paths_and_plans_without_anything_stay_quiet() {
    let text = "# P\n## Success criteria\n- Error rate < 1%\n## Health endpoints\n- `GET /api/health` - all\n\
        ## Rollback procedures\n### Emergency rollback\n1. Go back\n";
    let timeline = Timeline::for_plan(&read(text));
    assert_eq!(timeline.steps[0].down, ["/api/health"]);
    assert_eq!(timeline.steps[0].cure_by, [Cure::Procedure("Emergency rollback".into())]);
    assert!(timeline.steps.iter().any(|s| s.moves.iter().any(|m| m.metric == "Error rate" && m.to >= 1.0)));
    let quiet = Timeline::for_plan(&read("# P\n- [ ] a\n"));
    let [only] = &quiet.steps[..] else { panic!("{quiet:?}") };
    assert!(only.say.as_deref().is_some_and(|s| s.contains("nothing breaks")));
}

#[test]
fn the_built_in_scenario_fires_a_p1_then_a_p0_and_ends_calm() {
    let plan = crate::plan::read(BUILT_IN_PLAN, BUILT_IN_STEM);
    let timeline = Timeline::built_in();
    assert_eq!(timeline.problems_with(&plan), []);
    let minutes = timeline.length().as_secs_f64() / 60.0;
    assert!((4.0..6.0).contains(&minutes), "{minutes}");
    assert!(timeline.steps.iter().any(|s| s.at < Duration::from_secs(30) && !s.moves.is_empty()));
    let fired = fired(&plan, &timeline, false);
    let classes: Vec<_> = fired.iter().map(|(r, _)| plan.thresholds[*r].severity.as_deref()).collect();
    assert_eq!(classes, [Some("P1"), None, Some("P0")], "{fired:?}");
    let mut world = World::new(&plan, &timeline).unwrap();
    world.advance(2000.0);
    for (metric, m) in world.metrics().iter().enumerate() {
        let before = world.value(metric, -1.0);
        let after = world.value(metric, 2000.0);
        assert!((after - before).abs() <= 0.3 * before.abs(), "{}: {before} and {after}", m.name);
    }
}

const OUTAGE: &str = "[[at]]\nt = '10s'\nset = { 'Checkout error rate' = 7.5 }\ndown = '/api/pricing/health'\n\
    cure_by = ['flag checkout_v3_percentage', 'procedure Flag rollback']\n";

/// A world with an outage, at 20 s.
fn broken(prelude: &str) -> (World, usize) {
    let plan = read(PLAN);
    let timeline = Timeline::parse(&format!("{prelude}{OUTAGE}")).unwrap();
    let mut world = World::new(&plan, &timeline).unwrap();
    world.advance(20.0);
    (world, Names::of(&plan).metric("checkout error rate").unwrap())
}

#[test]
fn a_flag_lowered_heals_and_a_flag_raised_does_not() {
    let up = "[[at]]\nt = '1s'\nas = 'ana'\nintent = 'flag checkout_v3_percentage 25%'\n";
    let (mut world, metric) = broken(up);
    assert!(world.value(metric, 20.0) > 5.0 && world.is_up("/api/pricing/health") == Some(false));
    world.write_flag("checkout_v3_percentage", &json!(50)).unwrap();
    world.advance(40.0);
    assert!(world.value(metric, 40.0) > 5.0);
    let said = world.write_flag("checkout_v3_percentage", &json!(5)).unwrap();
    assert!(said.iter().any(|s| s.text == "checkout error rate recovers"), "{said:?}");
    world.advance(60.0);
    assert!(world.value(metric, 60.0) < 1.0 && world.is_up("/api/pricing/health") == Some(true));
}

#[test]
fn the_named_procedure_heals_and_another_does_not() {
    let (mut world, metric) = broken("");
    let plan = read(PLAN);
    let id = |title: &str| plan.procedures.iter().find(|p| p.title.starts_with(title)).unwrap().id.clone();
    world.finish_procedure(&id("Release"));
    assert_eq!(world.is_up("/api/pricing/health"), Some(false));
    world.finish_procedure(&id("Flag"));
    world.advance(31.0);
    assert!(world.value(metric, 31.0) < 1.0 && world.is_up("/api/pricing/health") == Some(true));
}

#[test]
fn an_outage_without_a_pulled_lever_ends_with_a_step_that_says_so() {
    let rest = "[[at]]\nt = '60s'\nheal = 'Checkout error rate'\nup = '/api/pricing/health'\n";
    let plan = read(PLAN);
    let timeline = Timeline::parse(&format!("{OUTAGE}{rest}")).unwrap();
    let texts = |world: &mut World| world.advance(90.0).into_iter().map(|s| s.text).collect::<Vec<_>>();
    let said = texts(&mut World::new(&plan, &timeline).unwrap());
    assert!(said.last().unwrap().starts_with("nobody pulled flag checkout_v3_percentage or"), "{said:?}");
    let mut cured = World::new(&plan, &timeline).unwrap();
    cured.advance(20.0);
    cured.write_flag("checkout_v3_percentage", &json!(5)).unwrap();
    assert_eq!(texts(&mut cured), [""; 0], "what a lever healed is not healed again");
}

/// One request on a connection of its own: the status line and headers, and the body.
fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn get(address: SocketAddr, path: &str) -> Json {
    let (head, body) = ask(address, "GET", path, "");
    assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head} {body}");
    serde_json::from_str(&body).unwrap()
}

fn status(address: SocketAddr, method: &str, path: &str, body: &str) -> u16 {
    let (head, _) = ask(address, method, path, body);
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

fn quiet() -> Timeline {
    Timeline::parse("").unwrap()
}

#[test]
fn fifteen_minutes_of_history_are_there_at_the_start() {
    let production = Production::start(&read(PLAN), quiet(), 1.0).unwrap();
    let binding = production.binding();
    let now = production.now().timestamp_millis() as f64 / 1e3;
    let (start, address) = (now - 895.0, production.address());
    for signal in binding.signals.iter().filter(|s| s.source == binding.sources[0].name) {
        let path = format!("/api/v1/query_range?query={}&start={start}&end={now}&step=5", signal.query);
        let answer = get(address, &path);
        let values = answer["data"]["result"][0]["values"].as_array().unwrap();
        assert_eq!(values.len(), 180, "{}", signal.name);
        assert!(values.iter().all(|v| v[1].as_str().unwrap().parse::<f64>().is_ok()));
        let answer = get(address, &format!("/api/v1/query?query={}", signal.query));
        assert_eq!(answer["data"]["resultType"], "vector");
        let at = answer["data"]["result"][0]["value"][0].as_f64().unwrap();
        assert!((at - now).abs() < 60.0, "{at} and {now}");
    }
}

#[test]
fn questions_are_answered_as_prometheus_would() {
    let production = Production::start(&read(PLAN), quiet(), 1.0).unwrap();
    let address = production.address();
    let empty = get(address, "/api/v1/query?query=never_heard_of_it");
    assert_eq!((&empty["status"], &empty["data"]["result"]), (&json!("success"), &json!([])));
    assert_eq!(get(address, "/api/v1/query?query=checkout_error_rate&time=1")["data"]["result"], json!([]));
    let (head, body) = ask(address, "POST", "/api/v1/query", "query=checkout_error_rate%7B%7D");
    assert!(head.contains("200") && body.contains("\"value\":["), "{head} {body}");
    for path in [
        "/api/v1/query",
        "/api/v1/query?query=rate(x%5B5m%5D)",
        "/api/v1/query?query=x&time=noon",
        "/api/v1/query_range?query=x&start=1&end=2",
        "/api/v1/query_range?query=x&start=1&end=2&step=0",
        "/api/v1/query_range?query=x&start=2&end=1&step=1",
        "/api/v1/query_range?query=x&start=0&end=20000&step=1",
    ] {
        let (head, body) = ask(address, "GET", path, "");
        assert!(head.starts_with("HTTP/1.1 400 ") && body.contains("bad_data"), "{path}: {head} {body}");
    }
    assert_eq!(status(address, "GET", "/", ""), 404);
    assert_eq!(status(address, "GET", "/probe/api/nowhere", ""), 404);
    assert_eq!(status(address, "DELETE", "/log", ""), 405);
    assert_eq!(status(address, "GET", "/probe/api/pricing/health", ""), 200);
}

#[test]
fn a_flag_is_written_read_back_and_refuses_what_does_not_fit() {
    let production = Production::start(&read(PLAN), quiet(), 1.0).unwrap();
    let address = production.address();
    let binding = production.binding();
    let flag = binding.flag("checkout_v3_percentage").unwrap();
    assert_eq!(flag.rungs, [0.0, 5.0, 25.0, 50.0, 100.0]);
    let path = flag.read.strip_prefix(&format!("http://{address}")).unwrap();
    assert_eq!(get(address, path), json!({"value": 0}));
    let (head, body) = ask(address, "PUT", path, "{\"value\": 25}");
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("x-request-id: rehearsal-"), "{head}");
    assert_eq!(serde_json::from_str::<Json>(&body).unwrap(), json!({"value": 25}));
    assert_eq!(get(address, path), json!({"value": 25}));
    for (body, code) in [("{\"value\": 101}", 422), ("{\"value\": true}", 422), ("25", 400), ("", 400)] {
        assert_eq!(status(address, "PUT", path, body), code, "{body}");
    }
    assert_eq!(status(address, "PUT", path, &"x".repeat(70_000)), 413);
    assert_eq!(get(address, path), json!({"value": 25}));
    assert_eq!(status(address, "GET", "/flags/never_heard_of_it", ""), 404);
    assert!(ask(address, "GET", "/log", "").1.contains("sets checkout_v3_percentage from 0 to 25"));
}

/// Waits for a line of the log.
fn wait_for(events: &mut tokio::sync::mpsc::UnboundedReceiver<Line>, words: &str) {
    loop {
        let line = events.blocking_recv().unwrap_or_else(|| panic!("the log ended without {words}"));
        if line.text.contains(words) {
            return;
        }
    }
}

#[test]
fn an_outage_comes_by_itself_and_goes_with_the_procedure() {
    let plan = read(PLAN);
    let production = Production::start(&plan, Timeline::parse(OUTAGE).unwrap(), 50.0).unwrap();
    let address = production.address();
    let mut events = production.events();
    wait_for(&mut events, "/api/pricing/health answers 503");
    assert_eq!(status(address, "GET", "/probe/api/pricing/health", ""), 503);
    assert_eq!(status(address, "GET", "/probe/api/checkout/health", ""), 200);
    let rollback = plan.procedures.iter().find(|p| p.title.starts_with("Flag")).unwrap().id.clone();
    production.cured(&Lever::Procedure(rollback));
    wait_for(&mut events, "checkout error rate recovers");
    assert_eq!(status(address, "GET", "/probe/api/pricing/health", ""), 200);
    drop(production);
    while events.blocking_recv().is_some() {}
}

#[test]
fn what_hangs_answers_when_it_is_over() {
    let hang = Timeline::parse("[[at]]\nt = '0s'\nhang = '30s'\n").unwrap();
    let production = Production::start(&read(PLAN), hang, 50.0).unwrap();
    wait_for(&mut production.events(), "measurements hang");
    get(production.address(), "/api/v1/query?query=checkout_error_rate");
    let passed = production.now() - production.events().blocking_recv().unwrap().at;
    assert!(passed >= TimeDelta::seconds(30), "{passed}");
}

#[test]
fn two_productions_live_side_by_side_and_end_at_once() {
    let plan = read(PLAN);
    let start = || Production::start(&plan, quiet(), 1.0).unwrap();
    let (one, two) = (start(), start());
    assert_ne!(one.address(), two.address());
    let path = "/flags/checkout_v3_enabled";
    assert_eq!(status(one.address(), "PUT", path, "{\"value\": true}"), 200);
    assert_eq!(get(one.address(), path), json!({"value": true}));
    assert_eq!(get(two.address(), path), json!({"value": false}));
    let kept_open = TcpStream::connect(one.address()).unwrap();
    let (address, begun) = (one.address(), Instant::now());
    drop(one);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    drop(kept_open);
    assert!(TcpStream::connect(address).is_err(), "its port is closed");
    assert_eq!(get(two.address(), path), json!({"value": false}));
}

#[test]
fn what_cannot_be_played_is_refused_with_its_reason() {
    let plan = read(PLAN);
    let timeline = Timeline::parse("[[at]]\nt = '1s'\nset = { Load = 3 }\n").unwrap();
    let wrong = Production::start(&plan, timeline, 1.0).err().unwrap();
    assert!(wrong.to_string().contains("no limit on \"Load\""), "{wrong}");
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Production::start(&plan, quiet(), speed).is_err(), "{speed}");
    }
}

#[test]
fn every_plan_of_the_kind_gets_a_binding_that_measures_all_its_limits() {
    for (name, plan) in plans() {
        let production = Production::start(&plan, Timeline::for_plan(&plan), 1.0).unwrap();
        let binding = production.binding();
        for limit in &plan.thresholds {
            let signal = binding.signal(&limit.metric).unwrap_or_else(|| panic!("{name}: {}", limit.metric));
            let path = format!("/api/v1/query?query={}", signal.query);
            assert!(get(production.address(), &path)["data"]["result"][0].is_object(), "{name}: {path}");
        }
        assert_eq!(binding.flags.len(), plan.flags.len());
    }
}

fn drilled(text: &str) -> Vec<Outcome> {
    drill(&read(PLAN), &Timeline::parse(text).unwrap()).unwrap()
}

#[test]
fn a_drill_tells_when_it_was_met_and_what_was_there_instead() {
    let set = "[[at]]\nt = '1m'\nset = { 'Checkout error rate' = 3 }\n";
    let at = |t: &str, expect: &str| {
        let text = format!("{set}[[at]]\nt = '{t}'\nexpect = \"{expect}\"\n");
        drilled(&text).remove(0).verdict
    };
    assert_eq!(at("2m", "fires Checkout error rates P1"), Verdict::Met(Duration::from_secs(90)));
    assert_eq!(at("85s", "quiet"), Verdict::Met(Duration::from_secs(85)));
    for (t, expect, why) in [
        ("85s", "fires Checkout error rate P1", "P1 of line 90 is pending since 1m (for 30s); measured 3"),
        ("2m", "fires Checkout error rate P0", "P0 of line 85 is ok; measured 3"),
        ("2m", "resolves Checkout error rate", "is firing since 1m30s"),
        ("2m", "quiet", "Checkout error rate P1 fired at 1m30s"),
        ("2m", "fires Order conversion", "the plan has no alert on Order conversion"),
    ] {
        let Verdict::Missed(said) = at(t, expect) else { panic!("{expect} at {t} was met") };
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(at("2m", "screen: GO"), Verdict::NoScreen);
}

#[test]
fn a_drill_looks_at_the_time_since_it_last_looked_and_nothing_counts_while_all_hangs() {
    let set = "[[at]]\nt = '1m'\nset = { 'Checkout error rate' = 3 }\n";
    let twice = format!(
        "{set}[[at]]\nt='2m'\nexpect='fires Checkout error rate'\n[[at]]\nt='3m'\nexpect=['fires Checkout error rate', 'quiet']\n"
    );
    let met: Vec<bool> = drilled(&twice).iter().map(|o| matches!(o.verdict, Verdict::Met(_))).collect();
    assert_eq!(met, [true, false, false], "it fired once, and it is still firing");
    let hang =
        format!("{set}[[at]]\nt='70s'\nhang='5m'\n[[at]]\nt='2m'\nexpect='fires Checkout error rate'\n");
    assert!(matches!(drilled(&hang)[0].verdict, Verdict::Missed(_)));
}

#[test]
fn a_phase_opened_in_a_drill_arms_its_limits() {
    let plan = read("# P\n## Phase 1: Canary (T0 to T+2h)\n- [ ] Go\n**Alerts:**\n- P1: Error rate > 5%\n");
    let run = |open: &str| {
        let text =
            format!("{open}[[at]]\nt='1m'\nset={{ 'Error rate' = 7 }}\nexpect='fires Error rate P1'\n");
        drill(&plan, &Timeline::parse(&text).unwrap()).unwrap().remove(0).verdict
    };
    assert_eq!(plan.thresholds[0].phase, Some(plan.phases[0].id.clone()), "the limit stands in the phase");
    assert_eq!(
        run("[[at]]\nt='10s'\nas='ana'\nintent='phase Phase 1'\n"),
        Verdict::Met(Duration::from_secs(60))
    );
    let Verdict::Missed(why) = run("") else { panic!("no phase is open") };
    assert!(why.contains("is armed while Phase 1: Canary is open"), "{why}");
}

#[test]
fn a_rehearsal_names_nothing_that_could_be_run() {
    use crate::plan::binding::SourceKind;
    for (name, plan) in plans() {
        let binding =
            bind(&World::new(&plan, &Timeline::for_plan(&plan)).unwrap(), "http://127.0.0.1:1", 5.0);
        for source in &binding.sources {
            assert!(matches!(source.kind, SourceKind::Prometheus | SourceKind::Http), "{name}: {source:?}");
            assert!(source.command.is_none() && source.file.is_none() && source.auth.is_none(), "{name}");
        }
    }
}
