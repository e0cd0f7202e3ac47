//! Sources beside each other, up to the tiles: who hangs or floods says so and disturbs nobody.

use super::*;
use crate::plan;
use crate::signal::{Signals, TileState};

const PLAN: &str = "\
# Launch

## Alerts

| Severity | Condition |
|---|---|
| P1 | Hanging > 5 |
| P1 | Flooding > 5 |
| P1 | Good > 5 |
";

/// Seconds between two questions.
const EVERY: f64 = 2.0;

/// 10 MB a second, as long as somebody takes it.
fn pour(_: &str, stream: &mut TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[");
    while stream.write_all(&b"1234567,".repeat(12_500)).is_ok() {
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_good_source_keeps_its_pace_and_the_tiles_of_bad_ones_say_so() {
    let all = [serve(hang), serve(pour), serve(healthy)].map(|address| format!("http://{address}"));
    let kind = SourceKind::Prometheus;
    let binding = binding(&[
        (kind, &all[0], EVERY, &["Hanging"]),
        (kind, &all[1], EVERY, &["Flooding"]),
        (kind, &all[2], EVERY, &["Good"]),
    ]);
    let plan = plan::read(PLAN.as_bytes(), "launch");
    let mut signals = Signals::new(&plan, &binding);
    let running = Running::start(binding);
    let within = Duration::from_secs_f64(2.0 * EVERY);
    let (mut good, mut said) = (vec![running.began], [None; 2]);
    while good.len() < 6 || said.contains(&None) {
        let (at, report) = running.reports.recv_timeout(LONG).expect("a report");
        match report {
            // Its history comes behind its value and is empty.
            Report::Samples { signal, samples } if !samples.is_empty() => {
                signals.take(signal, &samples);
                good.extend((signal == 2).then_some(at));
            }
            Report::Failed { signal, at, why } => signals.fail(signal, at, &why),
            _ => {}
        }
        let now = Utc::now();
        signals.evaluate(now, &|_| true);
        for tile in signals.tiles(now) {
            let bad = matches!(tile.state, TileState::Error | TileState::Blind);
            match tile.signal {
                Some(signal @ 0..2) if bad => drop(said[signal].get_or_insert(at - running.began)),
                Some(2) => assert!(!bad, "{tile:?}"),
                _ => {}
            }
        }
    }
    let longest = good.windows(2).map(|two| two[1] - two[0]).max().unwrap();
    assert!(longest <= within, "the good one once waited {longest:?}");
    for said in said {
        assert!(said.unwrap() <= within, "a tile said so only after {said:?}");
    }
}
