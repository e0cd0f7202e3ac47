//! Round numbers for an axis, and where on it a value lies. Pure arithmetic; used by charts and
//! sparklines, so that a new value seldom moves the old ones.

/// An axis of values from `low` to `high` with a mark at every multiple of `step`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The lowest value shown.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// Between two marks.
    pub step: f64,
}

impl Scale {
    /// Holds `low` and `high`, with about `marks` marks. What starts near zero starts at zero.
    pub fn over(low: f64, high: f64, marks: usize) -> Self {
        let low = if low >= 0.0 && low < high * 0.6 { 0.0 } else { low };
        let spread = match high - low {
            s if s > 0.0 && s.is_finite() => s,
            _ => high.abs().max(1.0) * 0.1,
        };
        let step = round_step(spread / marks.max(1) as f64);
        let (down, mut up) = ((low / step).floor() * step, (high / step).ceil() * step);
        if up <= down {
            up = down + step;
        }
        Self { low: down, high: up, step }
    }

    /// What cannot pass `limit` is not shown to: a share ends at 100 %.
    pub fn ending_at(mut self, limit: f64) -> Self {
        if self.high > limit && self.low < limit {
            self.high = limit;
        }
        self
    }

    /// The row of `value` among `rows`, counted from the top.
    pub fn row(&self, value: f64, rows: usize) -> usize {
        let last = rows.saturating_sub(1);
        let share = (self.high - value) / (self.high - self.low);
        ((share * last as f64).round().clamp(0.0, last as f64)) as usize
    }

    /// The marks, from the lowest.
    pub fn marks(&self) -> impl Iterator<Item = f64> + '_ {
        let count = (((self.high - self.low) / self.step) + 1e-6).floor().min(100.0) as usize;
        (0..=count).map(|n| ((self.low / self.step).round() + n as f64) * self.step)
    }

    /// A mark as text, with as many digits as the step needs.
    pub fn text(&self, mark: f64) -> String {
        let digits = (-self.step.log10().floor()).clamp(0.0, 6.0) as usize;
        match mark.abs() {
            v if v >= 1e7 => format!("{:.0}M", mark / 1e6),
            v if v >= 1e4 => format!("{:.0}k", mark / 1e3),
            _ => format!("{:.digits$}", if mark == 0.0 { 0.0 } else { mark }),
        }
    }
}

/// The next of 1, 2, 5 and their tens.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|f| f * power >= least * 0.999);
    (factor.unwrap_or(10.0) * power).clamp(1e-9, 1e15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_are_round_numbers() {
        let marks = |low, high, n| {
            let scale = Scale::over(low, high, n);
            scale.marks().map(|m| scale.text(m)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(marks(0.4, 6.2, 4), "0 2 4 6 8");
        assert_eq!(marks(97.1, 99.9, 3), "97 98 99 100");
        assert_eq!(marks(0.0, 0.0, 3), "0.00 0.05");
        assert_eq!(marks(-3.0, 12.0, 3), "-5 0 5 10 15");
        assert_eq!(marks(0.0, 250_000.0, 3), "0k 100k 200k 300k".replacen("0k", "0", 1));
        assert_eq!(Scale::over(90.0, 101.0, 3).ending_at(100.0).high, 100.0);
    }

    proptest! {
        #[test]
        fn every_value_between_has_a_row_and_higher_is_never_lower(
            low in -1e6f64..1e6, spread in 0.0f64..1e6, a in 0.0f64..1.0, b in 0.0f64..1.0, rows in 1usize..200,
        ) {
            let scale = Scale::over(low, low + spread, 4);
            prop_assert!(scale.low <= low && scale.high >= low + spread - 1e-6 * scale.step);
            prop_assert!(scale.marks().count() <= 14);
            let (a, b) = (low + spread * a.min(b), low + spread * a.max(b));
            prop_assert!(scale.row(a, rows) >= scale.row(b, rows) && scale.row(a, rows) < rows);
        }
    }
}
