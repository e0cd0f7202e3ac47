//! The dialog that binds a metric, by keys: what is wished for, what counts, what is refused.

use super::signals_tests::PLAN;
use super::stage::Stage;
use super::*;
use crate::plan::binding::{Binding, Signal, Source, SourceKind};
use crate::room::Role;
use crate::signal::TileState;

fn beside() -> Beside {
    let source = |name: &str, kind, url: &str| Source::new(name, kind, url, 5.0);
    let signal = Signal { name: "Response time".into(), source: "db".into(), ..Signal::default() };
    let binding = Binding {
        sources: vec![
            source("prom", SourceKind::Prometheus, "http://ana@prom:9090/x"),
            source("db", SourceKind::Sql, "postgres://db/shop"),
            source("other", SourceKind::Prometheus, "http://other"),
        ],
        signals: vec![Signal { query: "SELECT 1".into(), scale: 1.0, ..signal }],
        ..Binding::default()
    };
    let leave = vec![Leave::Any, Leave::Only(vec!["SELECT 1".into()]), Leave::Nothing("not allowed".into())];
    Beside { binding, text: Some("# as read".into()), file: "warroom.toml".into(), leave, rehearsed: false }
}

fn reading(metric: &str) -> Stage {
    let mut stage = Stage::new(PLAN);
    stage.keys("3");
    while stage.app.tile().unwrap().name.as_ref() != metric {
        stage.keys("j");
    }
    stage.keys("B");
    assert_eq!(std::mem::take(&mut stage.effects), [Effect::Bind(Wish::Read)]);
    stage
}

fn hear(stage: &mut Stage, heard: Heard) {
    stage.send(Msg::Binding(heard));
}

fn choosing(metric: &str) -> Stage {
    let mut stage = reading(metric);
    hear(&mut stage, Heard::Read(Ok(beside().into())));
    stage
}

/// What was wished since the last look.
fn wishes(stage: &mut Stage) -> Vec<Wish> {
    let wish = |effect| match effect {
        Effect::Bind(wish) => wish,
        other => panic!("{other:?}"),
    };
    std::mem::take(&mut stage.effects).into_iter().map(wish).collect()
}

fn bind(stage: &Stage) -> &Bind {
    match &stage.app.dialog {
        Dialog::Bind(bind) => bind,
        other => panic!("{other:?}"),
    }
}

fn writing(stage: &Stage) -> &Writing {
    match &bind(stage).step {
        Step::Write(writing) => writing,
        other => panic!("{other:?}"),
    }
}

fn tried(stage: &mut Stage, number: u64, outcome: Result<f64, &str>) {
    let at = stage.app.now;
    let outcome = outcome.map(|value| vec![Sample { at, value }]).map_err(str::to_owned);
    hear(stage, Heard::Tried { number, outcome, warning: None });
}

/// The number and text of the last question.
fn asked(stage: &mut Stage) -> (u64, String) {
    match wishes(stage).pop() {
        Some(Wish::Try { number, query }) => (number, query),
        other => panic!("{other:?}"),
    }
}

fn said(stage: &Stage) -> &str {
    stage.app.notice.as_ref().map_or("", |n| &n.text)
}

#[test]
fn a_metric_is_bound_by_keys() {
    let mut stage = choosing("Error rate");
    assert!(matches!(bind(&stage).step, Step::Choose { at: 0 }));
    stage.keys("<enter>");
    assert_eq!(wishes(&mut stage), [Wish::Open("prom".into())], "nothing is written yet");
    let names: Arc<[String]> = ["errors_total", "http_errors", "up"].map(str::to_owned).into();
    hear(&mut stage, Heard::Names { source: "prom".into(), names: Ok((names, false)) });
    stage.keys("sum(err");
    assert_eq!(writing(&stage).offered.names, ["errors_total", "http_errors"]);
    stage.keys("<tab>)");
    let (number, query) = asked(&mut stage);
    assert_eq!(query, "sum(errors_total)");
    tried(&mut stage, number, Ok(0.07));
    let Preview::Measured(measured) = &writing(&stage).preview else { panic!() };
    assert_eq!((measured.tile.value, measured.tile.unit.as_deref()), (Some(0.07), Some("%")));
    assert_eq!(measured.tile.state, TileState::Ok);
    // The scale shows what the rules will see, and nothing is asked again.
    stage.keys("<tab>00<s-tab>s");
    assert!(wishes(&mut stage).is_empty());
    let Preview::Measured(measured) = &writing(&stage).preview else { panic!() };
    assert_eq!(measured.tile.unit.as_deref(), Some("%"), "a scaled value is in the plan's unit");
    assert!((measured.tile.value.unwrap() - 7.0).abs() < 1e-9);
    assert_eq!(measured.tile.state, TileState::Firing);
    stage.keys("<bs><enter>");
    let [Wish::Save(change)] = &wishes(&mut stage)[..] else { panic!() };
    assert_eq!((change.before.as_deref(), &change.source), (Some("# as read"), &None));
    let signal = &change.signal;
    assert_eq!((&*signal.name, &*signal.source, &*signal.query), ("Error rate", "prom", "sum(errors_total)"));
    assert_eq!((signal.scale, &signal.unit), (100.0, &None));
    assert!(matches!(bind(&stage).step, Step::Saving(_)));
    hear(&mut stage, Heard::Saved(Ok("bound".into())));
    assert!(matches!(stage.app.dialog, Dialog::None) && said(&stage) == "bound");
    assert_eq!(wishes(&mut stage), [Wish::Leave]);
}

#[test]
fn an_answer_counts_for_its_own_text_only() {
    let mut stage = choosing("Error rate");
    stage.keys("<enter>a");
    let (first, _) = asked(&mut stage);
    stage.keys("b");
    let (second, query) = asked(&mut stage);
    assert!(second > first && query == "ab");
    tried(&mut stage, first, Ok(1.0));
    assert!(matches!(writing(&stage).preview, Preview::Asking));
    tried(&mut stage, second, Err("prom says: parse error"));
    assert!(matches!(&writing(&stage).preview, Preview::Failed(why) if why.contains("parse")));
    stage.keys("<bs><bs>");
    assert!(matches!(writing(&stage).preview, Preview::Empty));
    stage.keys("a<esc>");
    let (last, wished) = match &wishes(&mut stage)[..] {
        [.., Wish::Try { number, .. }, Wish::Leave] => (*number, true),
        other => panic!("{other:?}"),
    };
    assert!(wished && matches!(bind(&stage).step, Step::Choose { .. }));
    stage.keys("<enter>");
    tried(&mut stage, last, Ok(1.0));
    assert!(matches!(writing(&stage).preview, Preview::Empty), "of the dialog before");
    stage.keys("<esc><esc>");
    tried(&mut stage, last, Ok(1.0));
    hear(&mut stage, Heard::Read(Err("late".into())));
    assert!(matches!(stage.app.dialog, Dialog::None) && said(&stage).is_empty());
}

#[test]
fn what_was_not_allowed_is_not_asked_and_can_be_saved() {
    let mut stage = choosing("Error rate");
    stage.keys("jj<enter>up");
    assert!(wishes(&mut stage).is_empty());
    assert!(matches!(&writing(&stage).preview, Preview::NotAsked(why) if why == "not allowed"));
    stage.keys("<enter>");
    assert!(matches!(&wishes(&mut stage)[..], [Wish::Save(_)]));
    hear(&mut stage, Heard::Saved(Err("it was changed meanwhile".into())));
    assert_eq!(writing(&stage).problem.as_deref(), Some("it was changed meanwhile"));
    assert_eq!(writing(&stage).query.value(), "up", "nothing typed is lost");
    // A statement only as it is asked anyway.
    let mut stage = choosing("Response time");
    assert!(matches!(bind(&stage).step, Step::Choose { at: 1 }), "what is bound is chosen");
    stage.keys("<enter>");
    let wished = wishes(&mut stage);
    assert!(
        matches!(&wished[..], [Wish::Open(_), Wish::Try { query, .. }] if query == "SELECT 1"),
        "{wished:?}"
    );
    stage.keys("0");
    assert!(wishes(&mut stage).is_empty());
    assert!(matches!(&writing(&stage).preview, Preview::NotAsked(why) if why.contains("warroom allow")));
}

#[test]
fn what_was_written_is_said_wherever_one_has_gone() {
    for keys in ["<esc>", "<esc>B"] {
        let mut stage = choosing("Error rate");
        stage.keys("<enter>up<enter>").keys(keys);
        hear(&mut stage, Heard::Saved(Err("the disk is full".into())));
        assert_eq!(said(&stage), "not bound: the disk is full");
        assert_eq!(
            keys.contains('B'),
            matches!(&stage.app.dialog, Dialog::Bind(b) if matches!(b.step, Step::Reading))
        );
    }
}

#[test]
fn a_new_source_is_described_and_never_asked() {
    let mut stage = choosing("Error rate");
    stage.keys("G<enter><enter>");
    let problem = |stage: &Stage| match &bind(stage).step {
        Step::Describe(form) => form.problem.clone().unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    assert_eq!(problem(&stage), "it needs a name");
    stage.keys("<tab>prom<enter>");
    assert!(problem(&stage).contains("called prom already"));
    stage.keys("2<tab>http://a:b@host<enter>");
    assert!(problem(&stage).contains("by reference"));
    stage.keys("<bs><bs><bs><bs><bs><bs><bs><bs>host<tab>hunter2<enter>");
    assert!(problem(&stage).contains("holds no reference") && !problem(&stage).contains("hunter2"));
    stage.keys("<bs><bs><bs><bs><bs><bs><bs>env:TOKEN<enter>");
    assert!(writing(&stage).is_new && writing(&stage).source.url == "http://host");
    stage.keys("up<enter>");
    let [Wish::Save(change)] = &wishes(&mut stage)[..] else { panic!("something was asked") };
    let source = change.source.as_ref().unwrap();
    assert_eq!((source.name.as_str(), source.kind), ("prom2", SourceKind::Prometheus));
    assert_eq!(source.auth.as_ref().unwrap().to_string(), "env:TOKEN");
}

#[test]
fn what_cannot_be_bound_says_why() {
    let mut stage = choosing("Error rate");
    stage.keys("<enter><enter>");
    assert!(writing(&stage).problem.as_deref().unwrap().contains("write what is to be asked"));
    stage.keys("up<tab><bs>x<enter>");
    assert!(writing(&stage).problem.as_deref().unwrap().contains("the scale is no number"));
    stage.send(Msg::Paste("a\u{202e}b".into()));
    assert!(writing(&stage).problem.as_deref().unwrap().contains("cannot be seen"));
    stage.keys("<s-tab><s-tab>");
    stage.send(Msg::Paste(" + 1\n".into()));
    assert_eq!(writing(&stage).query.value(), "up + 1");
    assert!(matches!(writing(&stage).preview, Preview::Asking));
    stage.send(Msg::Paste("a\nb".into()));
    assert!(writing(&stage).problem.as_deref().unwrap().contains("several lines"));

    let mut stage = reading("Error rate");
    stage.keys("jB<enter>");
    assert!(matches!(bind(&stage).step, Step::Reading), "nothing is waited for, and nothing is lost");
    hear(&mut stage, Heard::Read(Err("it has faults".into())));
    assert!(matches!(&bind(&stage).step, Step::Broken(why) if why == "it has faults"));
    stage.keys("<esc>");
    let mut derived = beside();
    let formula = Signal { derive: Some("ratio(a, b)".into()), ..Signal::default() };
    derived.binding.signals.push(Signal { name: "Error rate".into(), ..formula });
    stage.keys("B");
    hear(&mut stage, Heard::Read(Ok(derived.into())));
    assert!(matches!(&bind(&stage).step, Step::Broken(why) if why.contains("derived")));
    stage.keys("<esc>");
    wishes(&mut stage);

    stage.send(Msg::Link(Link::ViewOnly("asked to".into())));
    stage.keys("B");
    assert!(said(&stage).contains("asked to") && wishes(&mut stage).is_empty());
    let mut stage = Stage::new(PLAN);
    stage.app.actor.role = Role::Observer;
    stage.keys("3B");
    assert!(said(&stage).contains("an observer"));
    let mut stage = Stage::new(PLAN);
    stage.keys("2B");
    assert!(said(&stage).contains("select a metric"));
}

#[test]
fn no_keys_and_no_answers_break_it() {
    use proptest::prelude::*;
    let names =
        ["<enter>", "<esc>", "<tab>", "<s-tab>", "<bs>", "j", "B", "a", "(", "{", "G", "<space>", "ü"];
    let step = prop_oneof![
        4 => proptest::sample::select(names.to_vec()).prop_map(Some),
        1 => Just(None),
    ];
    proptest!(|(steps in proptest::collection::vec(step, 0..60), seed in 0_u64..40)| {
        let mut stage = choosing("Error rate");
        for (n, step) in steps.into_iter().enumerate() {
            match step {
                Some(keys) => {
                    stage.keys(keys);
                }
                None => match (seed + n as u64) % 4 {
                    0 => tried(&mut stage, n as u64, Ok(f64::NAN)),
                    1 => hear(&mut stage, Heard::Saved(Err("no".into()))),
                    2 => hear(&mut stage, Heard::Names {
                        source: "prom".into(),
                        names: Ok((vec!["aü(".to_owned(), "ab".to_owned()].into(), true)),
                    }),
                    _ => hear(&mut stage, Heard::Read(Ok(beside().into()))),
                },
            }
        }
    });
}
