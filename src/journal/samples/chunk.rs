//! Samples as bytes: what one signal measured in a stretch of time. Lossless to the bit of every
//! value and the millisecond of every time, in whatever order. No database, no clock.
//!
//! A time is the change of the distance to the one before (a zigzag varint: one byte where a
//! source is asked on the dot). A value is what differs from the one before, without the bytes
//! that are zero at either end: one byte where nothing changed, at most nine.

/// Milliseconds since 1970, and the value.
pub(super) type Point = (i64, f64);

/// Appends `points` to `bytes`; `base` is a time near to theirs.
pub(super) fn encode(bytes: &mut Vec<u8>, base: i64, points: &[Point]) {
    put(bytes, points.len() as u64);
    let (mut at, mut step, mut bits) = (base, 0i64, 0u64);
    for (time, value) in points {
        let next = time.wrapping_sub(at);
        put(bytes, zigzag(next.wrapping_sub(step)));
        put_value(bytes, value.to_bits() ^ bits);
        (at, step, bits) = (*time, next, value.to_bits());
    }
}

/// Takes what [`encode`] wrote from the front of `bytes`; none where they are something else.
pub(super) fn decode(bytes: &mut &[u8], base: i64) -> Option<Vec<Point>> {
    let count = usize::try_from(take(bytes)?).ok()?;
    // Two bytes a point at least, so a number that was made up takes no memory.
    let mut points = Vec::with_capacity(count.min(bytes.len() / 2));
    let (mut at, mut step, mut bits) = (base, 0i64, 0u64);
    for _ in 0..count {
        step = step.wrapping_add(unzigzag(take(bytes)?));
        at = at.wrapping_add(step);
        bits ^= take_value(bytes)?;
        points.push((at, f64::from_bits(bits)));
    }
    Some(points)
}

/// Seven bits a byte, the lowest first.
pub(super) fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// What [`put`] wrote.
pub(super) fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// How many zero bytes stand in front and how many follow that are none, then these.
fn put_value(bytes: &mut Vec<u8>, difference: u64) {
    if difference == 0 {
        return bytes.push(0);
    }
    let front = difference.leading_zeros() / 8;
    let count = 8 - front - difference.trailing_zeros() / 8;
    bytes.push((front << 4 | count) as u8);
    bytes.extend_from_slice(&difference.to_be_bytes()[front as usize..][..count as usize]);
}

fn take_value(bytes: &mut &[u8]) -> Option<u64> {
    let (head, rest) = bytes.split_first()?;
    let (front, count) = (usize::from(head >> 4), usize::from(head & 15));
    let mut whole = [0; 8];
    whole.get_mut(front..front + count)?.copy_from_slice(rest.get(..count)?);
    *bytes = &rest[count..];
    Some(u64::from_be_bytes(whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bits(points: &[Point]) -> Vec<(i64, u64)> {
        points.iter().map(|(at, value)| (*at, value.to_bits())).collect()
    }

    #[test]
    fn what_stays_the_same_costs_two_bytes() {
        let points: Vec<Point> = (0..100).map(|i| (1_800_000_000_000 + i * 5_000, 99.9)).collect();
        let mut bytes = vec![];
        encode(&mut bytes, points[0].0, &points);
        assert!(bytes.len() < 220, "{}", bytes.len());
        assert_eq!(decode(&mut bytes.as_slice(), points[0].0), Some(points));
    }

    proptest! {
        #[test]
        fn every_point_comes_back_to_the_bit(
            points in prop::collection::vec((any::<i64>(), any::<f64>()), 0..100), base in any::<i64>(),
        ) {
            let mut bytes = vec![];
            encode(&mut bytes, base, &points);
            encode(&mut bytes, base, &points[..points.len() / 2]);
            let mut rest = bytes.as_slice();
            prop_assert_eq!(bits(&decode(&mut rest, base).unwrap()), bits(&points));
            prop_assert_eq!(bits(&decode(&mut rest, base).unwrap()), bits(&points[..points.len() / 2]));
            prop_assert!(rest.is_empty());
        }

        /// What was damaged gives an answer or none, and never takes much memory.
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let points = decode(&mut bytes.as_slice(), 0).unwrap_or_default();
            prop_assert!(points.len() <= bytes.len() / 2);
        }

        #[test]
        fn what_is_cut_off_is_no_chunk(cut in 1usize..40) {
            let points: Vec<Point> = (0..20).map(|i| (i * 777, i as f64 / 3.0)).collect();
            let mut bytes = vec![];
            encode(&mut bytes, 0, &points);
            bytes.truncate(bytes.len() - cut);
            prop_assert_eq!(decode(&mut bytes.as_slice(), 0), None);
        }
    }
}
