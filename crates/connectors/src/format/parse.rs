//! Text to values by the rules of the Java classes that Flink's formats use; shared by json and csv.

use super::text::{days_from_civil, days_in_month};

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const NANOS_PER_DAY: i64 = 86_400 * NANOS_PER_SECOND;

/// `String.trim`: characters up to the blank, control characters too.
pub fn java_trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

/// `Long.parseLong`: an optional sign and digits. The caller narrows.
pub fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// The text in a shape that Rust reads as `Double.parseDouble` would: without suffix, `NaN` and `Infinity`
/// spelled exactly so. Hexadecimal is not read.
fn java_float(text: &str) -> Option<&str> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, "NaN" | "Infinity") {
        return Some(text);
    }
    let text = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')).then_some(text)
}

pub fn double(text: &str) -> Option<f64> {
    java_float(text)?.parse().ok()
}

pub fn float(text: &str) -> Option<f32> {
    java_float(text)?.parse().ok()
}

/// What a decimal text comes to in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimal {
    Value(i128),
    /// It has more digits before the point than the column: Flink makes NULL of it.
    Overflow,
}

/// `new BigDecimal(text)` brought to `scale` digits, rounding half up. None: not a number.
pub fn decimal(text: &str, precision: u8, scale: u8) -> Option<Decimal> {
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(e) => (&unsigned[..e], java_exponent(&unsigned[e + 1..])?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if whole.len() + fraction.len() == 0 || !digits().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // The value is DIGITS × 10^-(fraction.len() - exponent); `keep` of the digits stand before the last
    // digit of the column, the next one rounds.
    let keep = whole.len() as i64 + exponent + i64::from(scale);
    let mut value: i128 = 0;
    let mut taken = 0i64;
    for digit in digits() {
        if taken == keep {
            if digit >= b'5' {
                value += 1;
            }
            break;
        }
        if taken > keep {
            break;
        }
        value = match value.checked_mul(10).and_then(|v| v.checked_add(i128::from(digit - b'0'))) {
            Some(value) => value,
            None => return Some(Decimal::Overflow),
        };
        taken += 1;
    }
    if value != 0 && taken < keep {
        let zeros = u32::try_from(keep - taken).ok().filter(|z| *z <= 38);
        value = match zeros.and_then(|z| value.checked_mul(10i128.pow(z))) {
            Some(value) => value,
            None => return Some(Decimal::Overflow),
        };
    }
    if value >= 10i128.pow(u32::from(precision)) {
        return Some(Decimal::Overflow);
    }
    Some(Decimal::Value(if negative { -value } else { value }))
}

/// The exponent of a BigDecimal text: up to ten digits with an optional sign.
fn java_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|e: &i64| i32::try_from(*e).is_ok())
}

/// How a day that its month doesn't have is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolver {
    /// An error, and so is 24:00.
    Strict,
    /// The month's last day; 24:00 is midnight of the next day.
    Smart,
}

/// `DateTimeFormatter.ISO_LOCAL_DATE`: days since the epoch.
pub fn iso_date(text: &str, resolver: Resolver) -> Option<i64> {
    let bytes = text.as_bytes();
    let (sign, digits) = match bytes.first()? {
        b'-' => (Some(-1), &bytes[1..]),
        b'+' => (Some(1), &bytes[1..]),
        _ => (None, bytes),
    };
    let year_length = digits.iter().position(|b| *b == b'-')?;
    let year = number(&digits[..year_length])?;
    let well_written = match sign {
        None => year_length == 4,
        Some(1) => (5..=9).contains(&year_length),
        _ => (4..=9).contains(&year_length),
    };
    let [b'-', m1, m2, b'-', d1, d2] = digits[year_length..] else { return None };
    if !well_written {
        return None;
    }
    let (month, day) = (number(&[m1, m2])? as u32, number(&[d1, d2])? as u32);
    civil(year * sign.unwrap_or(1), month, day, resolver)
}

fn civil(year: i64, month: u32, day: u32, resolver: Resolver) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let last = days_in_month(year, month);
    match resolver {
        Resolver::Strict if day > last => None,
        _ => Some(days_from_civil(year, month, day.min(last))),
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    let mut value = 0i64;
    for b in digits {
        if !b.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(b - b'0');
    }
    Some(value)
}

/// `HH:mm:ss` with up to nine digits behind a point; `HH:mm` as well if `seconds_optional`
/// (`ISO_LOCAL_TIME`). Nanoseconds of the day, which for 24:00 is a whole day.
pub fn time(text: &str, seconds_optional: bool, resolver: Resolver) -> Option<i64> {
    let bytes = text.as_bytes();
    let two = |at: usize| number(bytes.get(at..at + 2)?);
    let hour = two(0)?;
    if bytes.get(2) != Some(&b':') {
        return None;
    }
    let minute = two(3)?;
    let (mut second, mut nanos) = (0, 0);
    match bytes.get(5) {
        None if seconds_optional => {}
        Some(b':') => {
            second = two(6)?;
            nanos = match &bytes[8..] {
                [] => 0,
                [b'.', fraction @ ..] => nanos_of_fraction(fraction)?,
                _ => return None,
            };
        }
        _ => return None,
    }
    if (hour, minute, second, nanos) == (24, 0, 0, 0) && resolver == Resolver::Smart {
        return Some(NANOS_PER_DAY);
    }
    (hour < 24 && minute < 60 && second < 60).then_some(((hour * 60 + minute) * 60 + second) * NANOS_PER_SECOND + nanos)
}

/// Up to nine digits (also none).
fn nanos_of_fraction(digits: &[u8]) -> Option<i64> {
    if digits.len() > 9 {
        return None;
    }
    Some(number(digits)? * 10i64.pow(9 - digits.len() as u32))
}

/// Days since the epoch and nanoseconds of the day.
pub type DayTime = (i64, i64);

/// Midnight at the end of a day is the next day.
fn carry(days: i64, nanos: i64) -> DayTime {
    if nanos == NANOS_PER_DAY { (days + 1, 0) } else { (days, nanos) }
}

/// How JSON writes time stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampStandard {
    /// `2020-01-02 03:04:05.12`
    Sql,
    /// `2020-01-02T03:04:05.12`
    Iso8601,
}

impl TimestampStandard {
    pub fn separator(self) -> u8 {
        match self {
            TimestampStandard::Sql => b' ',
            TimestampStandard::Iso8601 => b'T',
        }
    }
}

/// A time stamp as JSON has it; with `local` (TIMESTAMP_LTZ) it must end in `Z`.
pub fn json_timestamp(text: &str, standard: TimestampStandard, local: bool) -> Option<DayTime> {
    let text = if local { text.strip_suffix('Z')? } else { text };
    let separator = text.bytes().position(|b| match standard {
        TimestampStandard::Sql => b == b' ',
        TimestampStandard::Iso8601 => b == b'T' || b == b't' && !local,
    })?;
    // Flink's own formatters are lenient about the day; ISO_LOCAL_DATE_TIME is not.
    let resolver = match (standard, local) {
        (TimestampStandard::Iso8601, false) => Resolver::Strict,
        _ => Resolver::Smart,
    };
    let days = iso_date(&text[..separator], resolver)?;
    let nanos = time(&text[separator + 1..], standard == TimestampStandard::Iso8601, resolver)?;
    Some(carry(days, nanos))
}

/// The usual time stamp, `2020-01-02 03:04:05` with an optional fraction, at the front of `bytes`: the value
/// and its length. None for anything else, which [`json_timestamp`] then looks at.
#[inline]
pub fn usual_timestamp(bytes: &[u8], separator: u8) -> Option<(DayTime, usize)> {
    let b: &[u8; 19] = bytes.first_chunk()?;
    let digit = |i: usize| u32::from(b[i].wrapping_sub(b'0'));
    let mut worst = 0;
    for i in [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18] {
        worst = worst.max(digit(i));
    }
    if worst > 9 || b[4] != b'-' || b[7] != b'-' || b[10] != separator || b[13] != b':' || b[16] != b':' {
        return None;
    }
    let two = |i: usize| digit(i) * 10 + digit(i + 1);
    let (year, month, day) = (two(0) * 100 + two(2), two(5), two(8));
    let (hour, minute, second) = (two(11), two(14), two(17));
    if month.wrapping_sub(1) > 11
        || day.wrapping_sub(1) > 27 && (day > days_in_month(i64::from(year), month) || day == 0)
    {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut length = 19;
    let mut nanos = 0i64;
    if bytes.get(19) == Some(&b'.') {
        let digits = bytes[20..].iter().take(10).take_while(|b| b.is_ascii_digit()).count();
        nanos = nanos_of_fraction(&bytes[20..20 + digits])?;
        length = 20 + digits;
    }
    let days = days_from_civil(i64::from(year), month, day);
    let seconds = i64::from((hour * 60 + minute) * 60 + second);
    Some(((days, seconds * NANOS_PER_SECOND + nanos), length))
}

/// `java.sql.Date.valueOf`: `yyyy-[m]m-[d]d`; a day up to 31 that the month lacks runs over into the next.
pub fn sql_date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || !(1..=2).contains(&month.len()) || !(1..=2).contains(&day.len()) {
        return None;
    }
    let (year, month, day) =
        (number(year.as_bytes())?, number(month.as_bytes())? as u32, number(day.as_bytes())? as u32);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    Some(days_from_civil(year, month, 1) + i64::from(day) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_as_big_decimal_reads_them() {
        let cases = [
            ("7.9", Some(Decimal::Value(790))),
            ("123.455", Some(Decimal::Value(12346))),
            ("-123.455", Some(Decimal::Value(-12346))),
            (".5", Some(Decimal::Value(50))),
            ("5.", Some(Decimal::Value(500))),
            ("+5", Some(Decimal::Value(500))),
            ("1e2", Some(Decimal::Value(10000))),
            ("1E+5", Some(Decimal::Value(10_000_000))),
            ("0.00001", Some(Decimal::Value(0))),
            ("0.995", Some(Decimal::Value(100))),
            ("5e-3", Some(Decimal::Value(1))),
            ("5e-4", Some(Decimal::Value(0))),
            ("0e400", Some(Decimal::Value(0))),
            ("99999999.994", Some(Decimal::Value(9_999_999_999))),
            ("99999999.995", Some(Decimal::Overflow)),
            ("1e400", Some(Decimal::Overflow)),
            ("", None),
            (".", None),
            ("1e", None),
            ("1_0", None),
            ("NaN", None),
        ];
        for (text, value) in cases {
            assert_eq!(decimal(text, 10, 2), value, "{text}");
        }
        assert_eq!(
            decimal("12345678901234567890.12", 38, 18),
            Some(Decimal::Value(12345678901234567890_120000000000000000))
        );
    }

    #[test]
    fn numbers() {
        assert_eq!([integer("+5"), integer("-0"), integer("")], [Some(5), Some(0), None]);
        assert_eq!([integer("9223372036854775808"), integer("1 ")], [None, None]);
        let doubles = ["1d", "1.5f", ".5", "5.", "NaN", "-Infinity", "1e400"].map(|t| double(t).unwrap().to_string());
        assert_eq!(doubles, ["1", "1.5", "0.5", "5", "NaN", "-inf", "inf"]);
        assert_eq!(["0x10", "nan", "inf", "", "d"].map(double), [None; 5]);
    }

    #[test]
    fn json_times_are_strict_or_lenient_as_flinks_are() {
        use TimestampStandard::{Iso8601, Sql};
        let cases = [
            ("2020-01-02 03:04:05", Sql, false, Some((18263, 11_045_000_000_000))),
            ("2020-01-02 03:04:05.", Sql, false, Some((18263, 11_045_000_000_000))),
            ("2020-01-02 03:04:05.123456789", Sql, false, Some((18263, 11_045_123_456_789))),
            ("2020-01-02 03:04:05.1234567891", Sql, false, None),
            ("2020-01-02 24:00:00", Sql, false, Some((18264, 0))),
            ("2020-02-31 03:04:05", Sql, false, Some((18321, 11_045_000_000_000))),
            ("2020-01-02 03:04:60", Sql, false, None),
            ("2020-01-02 3:04:05", Sql, false, None),
            ("2020-01-02 03:04", Sql, false, None),
            ("2020-01-02 03:04:05Z", Sql, false, None),
            ("2020-01-02 03:04:05Z", Sql, true, Some((18263, 11_045_000_000_000))),
            ("2020-01-02T03:04", Iso8601, false, Some((18263, 11_040_000_000_000))),
            ("2020-01-02T24:00:00", Iso8601, false, None),
            ("2020-02-31T03:04:05", Iso8601, false, None),
            ("2020-01-02T03:04Z", Iso8601, true, Some((18263, 11_040_000_000_000))),
            ("2020-01-02t03:04:05z", Iso8601, true, None),
            ("10000-01-01 00:00:00", Sql, false, None),
        ];
        for (text, standard, local, value) in cases {
            assert_eq!(json_timestamp(text, standard, local), value, "{text}");
            if let Some((usual, length)) = usual_timestamp(text.as_bytes(), standard.separator()) {
                if length + usize::from(local) == text.len() {
                    assert_eq!(Some(usual), value, "{text}");
                }
            }
        }
        assert_eq!(iso_date("+12020-01-01", Resolver::Strict), Some(3_670_687));
        assert_eq!(iso_date("-0001-01-01", Resolver::Strict), Some(-719_893));
        assert_eq!(["2020-1-2", "2020-02-30", "+2020-01-01"].map(|t| iso_date(t, Resolver::Strict)), [None; 3]);
    }

    #[test]
    fn sql_dates_run_over() {
        assert_eq!(sql_date("2020-1-2"), Some(18263));
        assert_eq!(sql_date("2020-02-30"), Some(18322));
    }
}
