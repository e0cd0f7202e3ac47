//! Secrets are sent where they belong and said nowhere.

use super::*;

#[test]
fn a_secret_is_sent_and_never_said() {
    const CANARY: &str = "canary-5a1f";
    let heads = Arc::new(Mutex::new(vec![]));
    let heard = heads.clone();
    let echo = serve(move |head, stream| {
        let sent =
            head.lines().find_map(|l| l.strip_prefix("authorization: ")).unwrap_or_default().to_owned();
        heard.lock().unwrap().push(head.to_owned());
        let body = format!(r#"{{"status":"error","error":"who is {sent}"}}"#);
        send(stream, "403 Forbidden", &format!("X-You: {sent}\r\n"), &body);
    });
    for user in [None, Some("ana")] {
        let mut bound = prometheus(echo, 2.0);
        bound.sources[0].auth = Some(Secret::Cmd(format!("printf {CANARY}")));
        bound.sources[0].user = user.map(str::to_owned);
        bound.sources[0].org = Some("team-a".to_owned());
        let why = Running::start(bound).failure(0).1;
        let sent = heads.lock().unwrap().pop().unwrap();
        let word =
            if user.is_some() { "authorization: Basic YW5hOmNhbmFyeS01YTFm" } else { "Bearer canary-5a1f" };
        assert!(sent.contains(word) && sent.contains("x-scope-orgid: team-a"), "{sent}");
        assert!(why.contains("who is") && !why.contains("5a1f") && !why.contains("YW5h"), "{why}");
    }
}

#[test]
fn a_secret_that_cannot_be_had_is_said() {
    let mut bound = prometheus(serve(healthy), 2.0);
    bound.sources[0].auth = Some(Secret::Env("WARROOM_NO_SUCH_VARIABLE".to_owned()));
    let why = Running::start(bound).failure(0).1;
    assert!(why.ends_with("the variable WARROOM_NO_SUCH_VARIABLE is not set"), "{why}");
}

#[test]
fn no_secret_is_ever_said() {
    let server = serve(|head, stream| {
        let authorised = head.to_lowercase().contains("authorization: basic bwu6ahvudgvymja=");
        let error = format!(r#"{{"status":"error","error":"{authorised}: hunter20 is no good"}}"#);
        send(stream, "401 Unauthorized", "", &error);
    });
    let url = format!("http://me:hunter20@{server}/?token=geheim");
    let running = Running::start(binding(&[(SourceKind::Prometheus, &url, 2.0, &["x"])]));
    let (_, why) = running.failure(0);
    assert_eq!(why, format!("source0 at {server} says: true: … is no good"));
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://me:hunter20@{gone}/?token=geheim");
    let running = Running::start(binding(&[(SourceKind::Prometheus, &url, 2.0, &["x"])]));
    assert_eq!(running.failure(0).1, format!("source0 at {gone} refuses connections"));
}
