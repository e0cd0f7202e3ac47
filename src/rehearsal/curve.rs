//! A value over time: jumps and straight lines, one behind the other. Pure.

/// Where a value was and is going.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Before the first segment.
    rest: f64,
    /// In the order of time.
    segments: Vec<Segment>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Segment {
    at: f64,
    from: f64,
    to: f64,
    over: f64,
}

impl Segment {
    fn value(&self, at: f64) -> f64 {
        let elapsed = at - self.at;
        match elapsed < self.over {
            true => self.from + (self.to - self.from) * (elapsed / self.over),
            false => self.to,
        }
    }
}

impl Curve {
    /// A value that never moved.
    pub fn at_rest(value: f64) -> Self {
        Self { rest: value, segments: vec![] }
    }

    /// From `at` on goes to a value within `over` seconds; `at` is not before any earlier one.
    pub fn go(&mut self, at: f64, to: f64, over: f64) {
        self.segments.push(Segment { at, from: self.at(at), to, over });
    }

    /// The value at a moment, of the past too.
    pub fn at(&self, at: f64) -> f64 {
        let behind = self.segments.partition_point(|s| s.at <= at);
        self.segments[..behind].last().map_or(self.rest, |s| s.value(at))
    }

    /// Where it is going or stays.
    pub fn goal(&self) -> f64 {
        self.segments.last().map_or(self.rest, |s| s.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_jumps_goes_evenly_and_remembers() {
        let mut curve = Curve::at_rest(1.0);
        curve.go(10.0, 5.0, 0.0);
        curve.go(20.0, 9.0, 4.0);
        curve.go(22.0, 1.0, 6.0);
        for (at, value) in
            [(-900.0, 1.0), (9.9, 1.0), (10.0, 5.0), (21.0, 6.0), (22.0, 7.0), (25.0, 4.0), (99.0, 1.0)]
        {
            assert_eq!(curve.at(at), value, "at {at}");
        }
        assert_eq!(curve.goal(), 1.0);
    }
}
