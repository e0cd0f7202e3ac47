//! Reading takes time in proportion to the document, whatever stands in it.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::plan::binding::Binding;
use crate::plan::{Level, groups, read, read_within, summary};
use crate::shapes;

/// Eight times the bytes may take so many times as long.
const GROWTH: f64 = 12.0;
/// What is shorter than this is noise.
const FLOOR: Duration = Duration::from_millis(3);
/// The smaller size; in a debug build both are smaller.
const BYTES: usize = if cfg!(debug_assertions) { 1024 } else { 8 * 1024 };

/// How long a megabyte may take, in milliseconds; a debug build only has to end.
const MEGABYTE: u64 = if cfg!(debug_assertions) { 20_000 } else { 300 };

/// The time that this thread has had a processor for: what others do meanwhile does not count.
fn spent() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("time goes forward")
}

fn time(bytes: &[u8]) -> Duration {
    let begun = spent();
    let plan = read(bytes, "plan");
    std::hint::black_box((groups(&plan), summary(&plan)));
    spent() - begun
}

/// The growth of a shape: the best of a few, since caches and the allocator warm up.
fn growth(shape: &shapes::Shape) -> f64 {
    let (small, large) = (shape.make(BYTES), shape.make(8 * BYTES));
    let once = (0..3).map(|_| time(&small)).min().unwrap_or_default().max(FLOOR / 2);
    let often = || time(&large).as_secs_f64() / once.as_secs_f64();
    let first = often();
    (0..5).fold(first, |best, _| if best > GROWTH { best.min(often()) } else { best })
}

#[test]
fn hostile_shapes() {
    let slow: Vec<String> = shapes::all()
        .iter()
        .map(|shape| (shape.name, growth(shape)))
        .filter(|(_, growth)| *growth > GROWTH)
        .map(|(name, growth)| format!("{name}: eight times the bytes take {growth:.1} times as long"))
        .collect();
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}

#[test]
fn a_megabyte_is_read_at_once() {
    let bytes = shapes::many_items(1_000_000).into_bytes();
    let (plan, bound) = (read(&bytes, "plan"), Duration::from_millis(MEGABYTE));
    let (groups, summary) = (groups(&plan), summary(&plan));
    assert!(plan.items.len() >= 20_000 && summary.tasks > 16_000, "{} items", plan.items.len());
    assert_eq!(groups.iter().map(|g| g.items.len()).sum::<usize>(), plan.items.len());
    // Who shares the processor takes its caches: the best of a few.
    let first = time(&bytes);
    let took = (0..9).fold(first, |best, _| if best > bound { best.min(time(&bytes)) } else { best });
    assert!(took < bound, "{took:?}");
}

#[test]
fn a_reading_can_be_given_up_at_any_step() {
    let text = include_str!("../../examples/checkout.md");
    let whole = read(text.as_bytes(), "p");
    let asked = std::cell::Cell::new(0);
    let after = |steps: usize| {
        asked.set(0);
        read_within(text.as_bytes(), "p", &Binding::default(), &|| {
            asked.set(asked.get() + 1);
            asked.get() > steps
        })
    };
    let given_up = (0..).map(after).take_while(|plan| *plan != whole).inspect(|plan| {
        assert!(plan.items.is_empty() && plan.phases.is_empty() && plan.procedures.is_empty());
        assert_eq!((&plan.text, &plan.digest), (&whole.text, &whole.digest), "all of it is shown");
        let errors =
            plan.problems.iter().filter(|p| p.level == Level::Error && p.message.contains("too long"));
        assert_eq!(errors.count(), 1, "{:?}", plan.problems);
    });
    let steps = given_up.count();
    assert!(steps >= 8, "asked {steps} times");
}
