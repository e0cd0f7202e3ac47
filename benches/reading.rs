//! How long reading takes, by shape, at 1, 2, 4 and 8 times the size.
//!
//! `cargo bench --bench reading [SHAPE]` prints nanoseconds a byte and how much longer eight times
//! the bytes take; about 8 is linear. The last line is a plan of a megabyte.

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

#[path = "../tests/hostile/shapes.rs"]
mod shapes;

/// The largest size of a shape.
const BYTES: usize = 64 * 1024;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    println!(
        "{:<30} {:>9} {:>9} {:>9} {:>9} {:>8} {:>7}",
        "ns/byte at", "8 KiB", "16", "32", "64 KiB", "ms", "growth"
    );
    for shape in shapes::all() {
        if wanted.is_empty() || wanted.iter().any(|w| shape.name.contains(w.as_str())) {
            grows(&shape);
        }
    }
    if wanted.is_empty() {
        megabyte();
    }
}

fn grows(shape: &shapes::Shape) {
    let sizes = [BYTES / 8, BYTES / 4, BYTES / 2, BYTES];
    let times = sizes.map(|size| {
        let bytes = shape.make(size);
        (bytes.len(), best(&bytes))
    });
    let each = times.map(|(bytes, time)| time.as_nanos() as f64 / bytes.max(1) as f64);
    let growth = times[3].1.as_secs_f64() / times[0].1.as_secs_f64();
    println!(
        "{:<30} {:>9.0} {:>9.0} {:>9.0} {:>9.0} {:>8.1} {growth:>7.1}",
        shape.name,
        each[0],
        each[1],
        each[2],
        each[3],
        times[3].1.as_secs_f64() * 1e3
    );
}

fn megabyte() {
    let bytes = shapes::many_items(1_000_000).into_bytes();
    let items = warroom::plan::read(&bytes, "plan").items.len();
    let time = best(&bytes);
    println!("\na plan of {} bytes and {items} items: {:.0} ms", bytes.len(), time.as_secs_f64() * 1e3);
}

/// The shortest of a few readings, with what opening does behind: groups and summary.
fn best(bytes: &[u8]) -> Duration {
    let once = || {
        let begun = spent();
        let plan = warroom::plan::read(bytes, "plan");
        black_box((warroom::plan::groups(&plan), warroom::plan::summary(&plan)));
        spent() - begun
    };
    let first = once();
    let more = if first > Duration::from_millis(500) { 0 } else { 4 };
    (0..more).map(|_| once()).fold(first, Duration::min)
}

/// The time that this thread has had a processor for: what others do does not count.
fn spent() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("time goes forward")
}
