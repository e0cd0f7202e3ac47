//! The times in a list of signers: `20261121`, `202611211530`, `20261121153000`, in the zone of whoever
//! wrote the list, or in UTC with a `Z` or `UTC` behind.
//!
//! OpenSSH hands a time without a zone to `mktime` as standard time, so in summer it means an hour
//! later than the clock on the wall. It is read so here too: both have to say the same of a list.

use chrono::{NaiveDate, TimeDelta, TimeZone};
use chrono_tz::{OffsetComponents, Tz};

/// Seconds since 1970; none where it is no such time or one before that.
pub fn read(text: &str, zone: Tz) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    let utc = |suffix: &str| upper.len() > suffix.len() && upper.ends_with(suffix);
    let (digits, zone) = match () {
        () if utc("Z") => (text.get(..text.len() - 1)?, Tz::UTC),
        () if utc("UTC") => (text.get(..text.len() - 3)?, Tz::UTC),
        () => (text, zone),
    };
    if !digits.is_ascii() || ![8, 12, 14].contains(&digits.len()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to).map_or(Some(0), number);
    let (year, month, day) = (number(&digits[..4])?, number(&digits[4..6])?, number(&digits[6..8])?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let fits =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 62;
    // The 31st of a shorter month is a day of the next one.
    let first = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, 1).filter(|_| fits)?;
    let seconds = i64::from(((day - 1) * 24 + hour) * 60 + minute) * 60 + i64::from(second);
    let wall = first.and_hms_opt(0, 0, 0)? + TimeDelta::seconds(seconds);
    let standard = |at: chrono::NaiveDateTime| zone.offset_from_utc_datetime(&at).base_utc_offset();
    let near = wall - standard(wall);
    Some((wall - standard(near)).and_utc().timestamp()).filter(|at| *at >= 0)
}

/// Digits, with blanks before them.
fn number(text: &str) -> Option<u32> {
    let digits = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_openssh_reads_them() {
        let zone = Tz::Europe__Berlin;
        let cases: [(&str, Option<i64>); 14] = [
            ("20200101Z", Some(1_577_836_800)),
            ("20200101utc", Some(1_577_836_800)),
            ("20200101", Some(1_577_833_200)),
            ("202001010100", Some(1_577_836_800)),
            ("20200101010000", Some(1_577_836_800)),
            // Standard time in summer too.
            ("20200701", Some(1_593_558_000)),
            ("20200231Z", Some(1_583_107_200)),
            ("2020 1 1Z", Some(1_577_836_800)),
            ("2020-1-1Z", None),
            ("20201301Z", None),
            ("202001", None),
            ("", None),
            ("Z", None),
            ("19690101Z", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(read(text, zone), wanted, "{text}");
        }
    }
}
