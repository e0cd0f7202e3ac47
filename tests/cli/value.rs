//! `warroom value`: what people measure.

use super::stage::Stage;

const PLAN: &str = "# Launch\n\n- [ ] Go\n\n## Alerts\n\n- P1: Support tickets > 5\n- P1: Error rate > 5%\n";

#[test]
fn a_value_is_recorded_and_told_and_only_where_no_source_measures() {
    let stage = Stage::new();
    stage.write(PLAN);
    let binding = "source = [{ name = \"prom\", kind = \"prometheus\", url = \"http://m:9090\" }]\n\
                   signal = [{ name = \"Error rate\", source = \"prom\", query = \"up\" }]\n";
    std::fs::write(stage.plan.with_file_name("warroom.toml"), binding).unwrap();
    let told = stage.ok(&["value", "PLAN", "support tickets", "-3.5", "--as", "ana"]);
    assert!(told.contains("says Support tickets is -3.5"), "{told}");
    for (args, part) in [
        (&["value", "PLAN", "Error rate", "3"], "Error rate is measured by prom"),
        (&["value", "PLAN", "Weather", "3"], "has a signal \"Weather\""),
        (&["value", "PLAN", "Support tickets", "many"], "invalid value 'many'"),
    ] {
        let (code, out, err) = stage.run(args);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(part), "{err}");
    }
    assert!(stage.ok(&["log", "PLAN"]).contains("says Support tickets is -3.5"));
}
