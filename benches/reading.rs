//! How long reading takes, by shape, at 1, 2, 4 and 8 times the size.
//!
//! `cargo bench --bench reading -- [SHAPE] [--kib N]` prints nanoseconds a byte and how much longer
//! eight times the bytes take; about 8 is linear. `N` is the largest size, else 64; the last line is
//! a plan of a megabyte.

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

#[path = "../tests/hostile/shapes.rs"]
mod shapes;

fn main() {
    let (kib, wanted) = arguments();
    println!(
        "{:<30} {:>9} {:>9} {:>9} {:>9} {:>8} {:>7}",
        "ns/byte at KiB",
        kib / 8,
        kib / 4,
        kib / 2,
        kib,
        "ms",
        "growth"
    );
    for shape in shapes::all() {
        if wanted.is_empty() || wanted.iter().any(|w| shape.name.contains(w.as_str())) {
            grows(&shape, kib * 1024);
        }
    }
    if wanted.is_empty() {
        megabyte();
    }
}

/// The largest size in KiB, and a part of the names of the shapes that are wanted.
fn arguments() -> (usize, Vec<String>) {
    let (mut kib, mut wanted) = (64, Vec::new());
    let mut given = std::env::args().skip(1).filter(|a| a != "--bench");
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--kib" => kib = given.next().and_then(|n| n.parse().ok()).expect("--kib NUMBER"),
            _ => wanted.push(argument),
        }
    }
    (kib, wanted)
}

fn grows(shape: &shapes::Shape, bytes: usize) {
    let sizes = [bytes / 8, bytes / 4, bytes / 2, bytes];
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
