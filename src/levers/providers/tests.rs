//! What providers are asked and sent, by their recorded contracts, and what is refused.

use serde_json::{Value, json};

use super::*;
use crate::levers::{Act, FlagChange};

fn bound(toml: &str) -> FlagBinding {
    toml::from_str(toml).unwrap()
}

fn read(binding: &FlagBinding, answers: &[Value]) -> Result<Reading, String> {
    let answers: Vec<Answer> = answers.iter().map(|a| Answer::Body(a.to_string().into_bytes())).collect();
    match next(binding, &answers)? {
        Next::Is(reading) => Ok(reading),
        Next::Ask(_) | Next::Look(_) | Next::Print(_) => panic!("it asks for more"),
    }
}

/// Every request of a change as method, path with query, and body.
fn sent(
    binding: &FlagBinding,
    reading: Option<&Reading>,
    to: Value,
) -> Result<Vec<(String, String)>, String> {
    let acts = acts(binding, reading, &to)?;
    let one = |act: &Act| match act {
        Act::Send(r) => {
            let url = Url::parse(r.url()).unwrap();
            let query = url.query().map(|q| format!("?{q}")).unwrap_or_default();
            (format!("{} {}{query}", r.method(), url.path()), r.body().to_owned())
        }
        Act::Edit(edit) => (format!("EDIT {}", edit.at), edit.new.clone()),
        Act::Run(script) => ("RUN".to_owned(), script.shown().join("|")),
    };
    Ok(acts.iter().map(one).collect())
}

const UNLEASH: &str = "name = 'pay'\nprovider = 'unleash'\nurl = 'http://u'\nauth = 'env:TOKEN'\n";

fn feature(on: bool, strategies: Value) -> Value {
    json!({ "name": "pay", "environments": [
        { "name": "development", "enabled": true, "strategies": [] },
        { "name": "production", "enabled": on, "strategies": strategies },
    ] })
}

fn flexible(id: &str, rollout: Value) -> Value {
    json!({ "id": id, "name": "flexibleRollout", "disabled": false, "parameters": { "rollout": rollout } })
}

#[test]
fn unleash_is_stepped_by_its_one_strategy_and_never_on_before() {
    let ladder = bound(&format!("{UNLEASH}rungs = [10, 50, 100]\n"));
    let path = "/api/admin/projects/default/features/pay/environments/production";
    let at =
        |on, rollout: &str| read(&ladder, &[feature(on, json!([flexible("s 1", json!(rollout))]))]).unwrap();
    assert_eq!((at(true, "25").value, at(false, "25").value), (json!(25), json!(0)));
    let set = |to: &str| {
        let body = format!(r#"[{{"op":"replace","path":"/parameters/rollout","value":"{to}"}}]"#);
        (format!("PATCH {path}/strategies/s%201"), body)
    };
    assert_eq!(sent(&ladder, Some(&at(true, "25")), json!(50)).unwrap(), [set("50")]);
    let on = (format!("POST {path}/on"), String::new());
    assert_eq!(sent(&ladder, Some(&at(false, "100")), json!(12.5)).unwrap(), [set("12.5"), on.clone()]);
    let off = [(format!("POST {path}/off"), String::new())];
    assert_eq!(sent(&ladder, None, json!(0)).unwrap(), off, "a way back needs no reading");
    let bare = read(&ladder, &[feature(true, json!([]))]).unwrap();
    assert_eq!(bare.value, json!(100), "on without a strategy is everybody");
    let bare = read(&ladder, &[feature(false, json!([]))]).unwrap();
    let made = sent(&ladder, Some(&bare), json!(10)).unwrap();
    assert_eq!((made[0].0.as_str(), &made[1]), (format!("POST {path}/strategies").as_str(), &on));
    let parameters = &serde_json::from_str::<Value>(&made[0].1).unwrap()["parameters"];
    assert_eq!(parameters["rollout"], json!("10"), "a string");
}

#[test]
fn unleash_claims_no_percentage_that_it_cannot_know() {
    let ladder = bound(&format!("{UNLEASH}rungs = [10, 50, 100]\n"));
    let two = json!([flexible("a", json!("10")), flexible("b", json!("20"))]);
    for (strategies, part) in [
        (two.clone(), "2 strategies"),
        (json!([{ "id": "a", "name": "userWithId", "parameters": {} }]), "no flexibleRollout"),
        (
            json!([{ "id": "a", "name": "flexibleRollout", "disabled": true, "parameters": { "rollout": "5" } }]),
            "switched off",
        ),
        (json!([flexible("a", json!("many"))]), "no number"),
    ] {
        let why = read(&ladder, &[feature(true, strategies)]).unwrap_err();
        assert!(why.contains(part), "{why}");
    }
    let off = read(&ladder, &[feature(false, two)]).unwrap();
    assert!(sent(&ladder, Some(&off), json!(10)).unwrap_err().contains("2 strategies"));
    let one = read(&ladder, &[feature(true, json!([flexible("a", json!(10))]))]).unwrap();
    for to in [json!(101), json!(-1), json!(true)] {
        assert!(sent(&ladder, Some(&one), to.clone()).is_err(), "{to}");
    }
    assert!(sent(&ladder, None, json!(10)).unwrap_err().contains("read it first"));
    assert!(
        read(&ladder, &[json!({ "environments": [] })]).unwrap_err().contains("no environment production")
    );
}

#[test]
fn unleash_is_not_switched_on_without_a_strategy() {
    let switch = bound(UNLEASH);
    let bare = read(&switch, &[feature(false, json!([]))]).unwrap();
    assert!(sent(&switch, Some(&bare), json!(true)).unwrap_err().contains("everybody (100 %)"));
    let with = read(&switch, &[feature(false, json!([flexible("a", json!("5"))]))]).unwrap();
    assert!(sent(&switch, Some(&with), json!(true)).unwrap()[0].0.ends_with("/on"));
    assert!(sent(&switch, Some(&with), json!(50)).unwrap_err().contains("no rungs"));
    assert!(sent(&switch, None, json!(true)).is_err() && sent(&switch, None, json!(false)).is_ok());
}

const LAUNCHDARKLY: &str =
    "name = 'pay'\nprovider = 'launchdarkly'\nproject = 'shop'\nkey = 'new pay'\nauth = 'env:TOKEN'\n";

fn flag(on: bool, fallthrough: Value) -> Value {
    json!({
        "variations": [{ "_id": "id-t", "value": true }, { "_id": "id-f", "value": false }],
        "environments": { "production":
            { "on": on, "version": 7, "offVariation": 1, "fallthrough": fallthrough } },
    })
}

fn rollout(weight: u32) -> Value {
    json!({ "rollout": { "contextKind": "account", "variations":
        [{ "variation": 0, "weight": weight }, { "variation": 1, "weight": 100_000 - weight }] } })
}

#[test]
fn launchdarkly_is_told_in_one_patch_whose_weights_sum_up() {
    let ladder = bound(&format!("{LAUNCHDARKLY}rungs = [5, 50, 100]\n"));
    for (answer, value) in [
        (flag(true, rollout(12_500)), json!(12.5)),
        (flag(false, rollout(50_000)), json!(0)),
        (flag(true, json!({ "variation": 0 })), json!(100)),
        (flag(true, json!({ "variation": 1 })), json!(0)),
    ] {
        assert_eq!(read(&ladder, &[answer]).unwrap().value, value);
    }
    let off = read(&ladder, &[flag(false, rollout(50_000))]).unwrap();
    let made = sent(&ladder, Some(&off), json!(33.333)).unwrap();
    assert_eq!(made[0].0, "PATCH /api/v2/flags/shop/new%20pay");
    let body: Value = serde_json::from_str(&made[0].1).unwrap();
    assert_eq!(body["environmentKey"], "production");
    assert_eq!(
        body["instructions"],
        json!([
            { "kind": "updateFallthroughVariationOrRollout", "rolloutContextKind": "account",
              "rolloutWeights": { "id-t": 33_333, "id-f": 66_667 } },
            { "kind": "turnFlagOn" },
        ])
    );
    let kinds = |reading: Option<&Reading>, to: Value| -> Vec<String> {
        let body: Value = serde_json::from_str(&sent(&ladder, reading, to).unwrap()[0].1).unwrap();
        let all = body["instructions"].as_array().unwrap();
        all.iter().map(|i| i["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (kinds(Some(&off), json!(0)), kinds(None, json!(0))),
        (vec!["turnFlagOff".to_owned()], vec!["turnFlagOff".to_owned()])
    );
    assert!(sent(&ladder, Some(&off), json!(33.3333)).unwrap_err().contains("finer"));
    assert!(sent(&ladder, None, json!(5)).unwrap_err().contains("read it first"));
    let FlagChange { request, .. } = FlagChange::by(&ladder, Some(&off), &json!(5)).unwrap();
    let shown = request.shown();
    assert!(
        shown.contains(&"Content-Type: application/json; domain-model=launchdarkly.semanticpatch".to_owned())
    );
    assert!(shown.contains(&"Authorization: {env:TOKEN}".to_owned()), "{shown:?}");
}

#[test]
fn launchdarkly_claims_no_percentage_of_other_variations() {
    let ladder = bound(&format!("{LAUNCHDARKLY}rungs = [5, 50, 100]\n"));
    let mut texts = flag(true, rollout(1));
    texts["variations"][0]["value"] = json!("blue");
    assert!(read(&ladder, &[texts]).unwrap_err().contains("not true and false"));
    let mut on_when_off = flag(false, rollout(1));
    on_when_off["environments"]["production"]["offVariation"] = json!(0);
    assert!(read(&ladder, &[on_when_off]).unwrap_err().contains("does not give out false"));
    let switch = bound(LAUNCHDARKLY);
    assert_eq!(read(&switch, &[flag(true, rollout(1))]).unwrap().value, json!(true));
    let made = sent(&switch, None, json!(true)).unwrap();
    assert_eq!(made[0].1, r#"{"environmentKey":"production","instructions":[{"kind":"turnFlagOn"}]}"#);
}

#[test]
fn vercel_is_set_and_deployed_again_in_one_change() {
    let binding = bound(
        "name = 'pay'\nprovider = 'vercel'\nproject = 'shop'\nkey = 'PAY_ON'\nteam = 't1'\nauth = 'env:VERCEL'",
    );
    let all = json!({ "envs": [
        { "id": "e0", "key": "PAY_ON", "target": ["preview"] },
        { "id": "e1", "key": "PAY_ON", "target": ["production"] },
    ] });
    let (one, about) = (
        json!({ "value": "False" }),
        json!({ "name": "shop", "targets": { "production": { "id": "dpl_9" } } }),
    );
    let asked: Vec<String> = (0..3)
        .map(|n| {
            let answers = [&all, &one].into_iter().take(n);
            let answers: Vec<Answer> = answers.map(|a| Answer::Body(a.to_string().into_bytes())).collect();
            match next(&binding, &answers).unwrap() {
                Next::Ask(request) => request.url().to_owned(),
                _ => panic!(),
            }
        })
        .collect();
    let home = "https://api.vercel.com";
    assert_eq!(
        asked,
        [
            format!("{home}/v10/projects/shop/env?teamId=t1"),
            format!("{home}/v1/projects/shop/env/e1?teamId=t1"),
            format!("{home}/v9/projects/shop?teamId=t1"),
        ]
    );
    let reading = read(&binding, &[all.clone(), one.clone(), about.clone()]).unwrap();
    assert_eq!(reading.value, json!(false));
    assert_eq!(
        sent(&binding, Some(&reading), json!(true)).unwrap(),
        [
            ("PATCH /v9/projects/shop/env/e1?teamId=t1".to_owned(), r#"{"value":"True"}"#.to_owned()),
            (
                "POST /v13/deployments?forceNew=1&teamId=t1".to_owned(),
                r#"{"deploymentId":"dpl_9","name":"shop","target":"production"}"#.to_owned()
            ),
        ]
    );
    let shown = FlagChange::by(&binding, Some(&reading), &json!(true)).unwrap().request.shown();
    assert!(shown.contains(&"# 1 of 2".to_owned()) && shown.contains(&"# 2 of 2".to_owned()), "{shown:?}");
    let shared = json!({ "envs": [{ "id": "e", "key": "PAY_ON", "target": ["preview", "production"] }] });
    assert!(read(&binding, &[shared, one, about]).unwrap_err().contains("several environments"));
}

#[test]
fn a_request_of_ones_own_has_the_value_in_its_place() {
    let binding = bound(
        r#"
        name = "trial"
        read = "http://shop/flags/trial"
        write = "http://shop/flags/trial/rollout"
        method = "POST"
        headers = ["Authorization: Bearer {env:ADMIN_TOKEN}", "Content-Type: application/json"]
        body = '{"enabled": {on}, "rolloutPercentage": {value}}'
        path = "$.flag.rolloutPercentage"
        rungs = [10, 25, 100]
        "#,
    );
    for (to, body) in [
        (json!(10), r#"{"enabled": true, "rolloutPercentage": 10}"#),
        (json!(0), r#"{"enabled": false, "rolloutPercentage": 0}"#),
    ] {
        assert_eq!(sent(&binding, None, to).unwrap(), [("POST /flags/trial/rollout".into(), body.into())]);
    }
    let answer = json!({ "flag": { "rolloutPercentage": 25.0 } });
    assert_eq!(read(&binding, &[answer]).unwrap().value, json!(25));
    assert!(read(&binding, &[json!({ "flag": {} })]).unwrap_err().contains("not exactly one"));
    assert_eq!(secrets(&binding).into_iter().collect::<Vec<_>>(), ["env:ADMIN_TOKEN"]);
    let Next::Ask(question) = next(&binding, &[]).unwrap() else { panic!() };
    assert_eq!(question.headers(), ["Accept: application/json", "Authorization: Bearer {env:ADMIN_TOKEN}"]);
}

fn edited(kind: &str, key: &str, text: &str, to: Value) -> Result<String, String> {
    let rungs = if to.is_boolean() { "" } else { "rungs = [10, 100]" };
    let binding = bound(&format!("name = '{key}'\nprovider = '{kind}'\nfile = 'f'\n{rungs}"));
    let answers = [Answer::File { text: text.to_owned(), real: "f".to_owned() }];
    let Next::Is(reading) = next(&binding, &answers)? else { panic!() };
    let acts = acts(&binding, Some(&reading), &to)?;
    let [Act::Edit(edit)] = acts.as_slice() else { panic!("{acts:?}") };
    let mut after = text.to_owned();
    after.replace_range(edit.at..edit.at + edit.old.len(), &edit.new);
    assert_eq!(edit.line, 1 + text[..edit.at].matches('\n').count());
    Ok(after)
}

#[test]
fn an_environment_file_keeps_all_but_the_value() {
    for (text, to, after) in [
        ("# X=true\nX=true\r\nY=1\n", json!(false), "# X=true\nX=false\r\nY=1\n"),
        ("export X = \"ON\"  # why\nXX=off", json!(false), "export X = \"OFF\"  # why\nXX=off"),
        ("X='no' \n", json!(true), "X='yes' \n"),
        ("A=\"x\nX=true\n\"\nX=1", json!(false), "A=\"x\nX=true\n\"\nX=0"),
        ("X=10 # percent\n", json!(25.0), "X=25 # percent\n"),
        ("X=10%", json!(0), "X=0%"),
        ("é=1\nX=Disabled", json!(true), "é=1\nX=Enabled"),
    ] {
        assert_eq!(edited("env", "X", text, to).unwrap(), after);
    }
    for (text, part) in [
        ("", "0 times"),
        ("X=1\nexport X=0\n", "2 times"),
        ("X=\"tr\\u\"", "for sure"),
        ("X=\"1\" 2", "for sure"),
        ("X=maybe-a-secret", "neither true nor false"),
        ("X=\"1\n\"", "for sure"),
    ] {
        let why = edited("env", "X", text, json!(true)).unwrap_err();
        assert!(why.contains(part) && !why.contains("maybe-a-secret"), "{text:?}: {why}");
    }
}

#[test]
fn json_is_edited_in_place() {
    for (key, text, to, after) in [
        (
            "a.b",
            "{ \"a\" : {\"b\":true ,\"c\":[{\"b\":1}]} }\n",
            json!(false),
            "{ \"a\" : {\"b\":false ,\"c\":[{\"b\":1}]} }\n",
        ),
        (
            "x",
            "{\"y\":\"\\\"x\\\":1\",\"\\u0078\":5e1}",
            json!(100),
            "{\"y\":\"\\\"x\\\":1\",\"\\u0078\":100}",
        ),
        (
            "l.1.on",
            "{\"l\":[{\"on\":\"on\"},{\"on\":\"on\"}]}",
            json!(false),
            "{\"l\":[{\"on\":\"on\"},{\"on\":\"off\"}]}",
        ),
        ("f", "{\"e\":{},\"l\":[],\"f\":false}", json!(true), "{\"e\":{},\"l\":[],\"f\":true}"),
    ] {
        assert_eq!(edited("json", key, text, to).unwrap(), after);
    }
    for (text, part) in [
        ("{\"x\":true,\"x\":false}", "2 times"),
        ("{\"y\":true}", "0 times"),
        ("{\"x\":{}}", "no plain value"),
        ("{\"x\":true} // no", "no JSON"),
    ] {
        let why = edited("json", "x", text, json!(true)).unwrap_err();
        assert!(why.contains(part), "{text}: {why}");
    }
}

#[test]
fn yaml_is_edited_in_place_or_refused() {
    let text = "# x: true\na:\n  x: true  # keep\n  'y': \"Off\"\nt: |\n  x: true\n\n  a.x: 1\nl:\n  - x: true\n    a: 1\nm: {a: [1,\n  x: 2]}\np: 12.5\n";
    for (key, to, from, new) in [
        ("a.x", json!(false), "x: true  # keep", "x: false  # keep"),
        ("a.y", json!(true), "\"Off\"", "\"On\""),
        ("p", json!(50), "p: 12.5", "p: 50"),
    ] {
        assert_eq!(edited("yaml", key, text, to).unwrap(), text.replacen(from, new, 1), "{key}");
    }
    for (text, part) in [
        ("x: true\nx: false\n", "2 times"),
        ("a:\n  x: true\n", "0 times"),
        ("x: &on true\n", "for sure"),
        ("x:\n  - true\n", "for sure"),
        ("b:\n  <<: *a\nx: true\n", "line 2: takes over"),
        ("\tx: true\n", "tab"),
        ("a: \"one\n  x: true\"\nx: true\n", "line 1: a text in quotes"),
        ("a: [1,\nx: true\n", "bracket"),
    ] {
        let why = edited("yaml", "x", text, json!(true)).unwrap_err();
        assert!(why.contains(part), "{text:?}: {why}");
    }
}

#[test]
fn a_second_opinion_is_asked_where_one_answer_says_something() {
    let binding = bound("name = 'pay'\nverify = 'ofrep http://o:8016/'");
    let (request, wanted) = opinion(&binding, &json!(100)).unwrap().unwrap();
    assert_eq!((request.url(), wanted), ("http://o:8016/ofrep/v1/evaluate/flags/pay", true));
    assert_eq!(request.body(), r#"{"context":{"targetingKey":"warroom"}}"#);
    assert!(opinion(&binding, &json!(50)).is_none() && !opinion(&binding, &json!(false)).unwrap().unwrap().1);
    assert!(opinion(&bound("name = 'pay'"), &json!(100)).is_none());
    assert_eq!(gives(br#"{"key":"pay","value":false,"reason":"STATIC"}"#), Ok(false));
    assert!(gives(br#"{"errorCode":"FLAG_NOT_FOUND"}"#).is_err());
}

proptest::proptest! {
    #[test]
    fn any_text_is_survived(text in "[\"'{}\\[\\]:,#|>\\-x=a \\\\\n\té]{0,60}") {
        for kind in ["env", "json", "yaml"] {
            let _ = edited(kind, "x", &text, json!(true));
        }
    }
}

const LINES: &str = "name = 'pay'\nprovider = 'command'\nread = 'flagctl get pay'\nwrite = 'flagctl set pay \"$W_VALUE\"'\ncwd = '/ops'\nenv = ['TOKEN']\n";

#[test]
fn a_line_has_the_value_as_a_variable_and_never_in_it() {
    let line = "flagctl set pay \"$W_VALUE\"";
    let ladder = bound(&format!("{LINES}rungs = [10, 100]"));
    for (binding, to, value) in
        [(&bound(LINES), json!(true), "true"), (&ladder, json!(25.0), "25"), (&ladder, json!(false), "0")]
    {
        let about = format!("# sh -eu in /ops, at most 1.0 min|# W_VALUE is \"{value}\"|# with $TOKEN");
        assert_eq!(sent(binding, None, to).unwrap(), [("RUN".to_owned(), format!("{line}|{about}"))]);
    }
    assert!(sent(&ladder, None, json!(101)).is_err() && sent(&bound(LINES), None, json!(1)).is_err());
    let unhanded = bound(&LINES.replace("env = ['TOKEN']", "").replace("get pay", "get pay $TOKEN"));
    assert!(next(&unhanded, &[]).is_err_and(|why| why.contains("TOKEN: add it to env of the flag")));
}

#[test]
fn the_first_line_printed_is_the_value() {
    let ladder = format!("{LINES}rungs = [10, 100]");
    for (binding, printed, value) in [
        (LINES, "on\nmore\n", Some(json!(true))),
        (LINES, "\n False \n", Some(json!(false))),
        (LINES, "25", None),
        (LINES, "", None),
        (&ladder, "25 %\n", Some(json!(25))),
        (&ladder, "true", None),
    ] {
        let read = next(&bound(binding), &[Answer::Printed(printed.to_owned())]);
        let read = read.map(|n| if let Next::Is(reading) = n { reading.value } else { panic!() });
        assert_eq!(read.as_ref().ok(), value.as_ref(), "{printed:?}: {:?}", read.as_ref().err());
    }
}
