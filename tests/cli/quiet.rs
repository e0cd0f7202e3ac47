//! `warroom ack` and `warroom silence`: what can be asked without an alert.

use super::stage::Stage;

#[test]
fn an_alert_that_does_not_fire_is_not_silenced() {
    let stage = Stage::new();
    for args in [
        &["ack", "PLAN", "Error rate"][..],
        &["silence", "PLAN", "Error rate", "--for", "30m", "--reason", "known"],
        &["silence", "PLAN", ":3", "--end"],
    ] {
        let (code, out, err) = stage.run(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}: {err}");
        assert!(err.contains("fires"), "{err}");
    }
    let (code, _, err) = stage.run(&["silence", "PLAN", "Error rate", "--for", "30m"]);
    assert!(code == 2 && err.contains("--reason"), "a silence needs a reason: {err}");
}
