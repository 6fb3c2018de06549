//! Numbers and times as Java and Flink write them; shared by json, csv and print.

use std::fmt::Write;

use flitz_dataflow::float_text;

/// Days from 1970-01-01 to (year, month, day) of the proleptic Gregorian calendar.
pub fn civil_from_days(days: i64) -> (i64, u32, u32) {
    // Howard Hinnant's algorithm, eras of 400 years beginning on 1 March.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The inverse of [`civil_from_days`]; `month` and `day` must be valid.
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

pub fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// `Double.toString`.
pub fn push_double(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(float_text::Buffer::default().double(value).as_bytes());
}

/// `Float.toString`.
pub fn push_float(out: &mut Vec<u8>, value: f32) {
    out.extend_from_slice(float_text::Buffer::default().float(value).as_bytes());
}

pub fn double_to_string(value: f64) -> String {
    float_text::Buffer::default().double(value).to_owned()
}

pub fn float_to_string(value: f32) -> String {
    float_text::Buffer::default().float(value).to_owned()
}

/// `unscaled × 10^-scale` as `BigDecimal.toPlainString`: all `scale` digits behind the point.
pub fn push_decimal_plain(out: &mut Vec<u8>, unscaled: i128, scale: u32) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(unscaled.unsigned_abs()).as_bytes();
    if unscaled < 0 {
        out.push(b'-');
    }
    push_plain(out, digits, scale as usize);
}

/// `digits × 10^-scale` without exponent.
fn push_plain(out: &mut Vec<u8>, digits: &[u8], scale: usize) {
    if scale == 0 {
        out.extend_from_slice(digits);
    } else if digits.len() > scale {
        out.extend_from_slice(&digits[..digits.len() - scale]);
        out.push(b'.');
        out.extend_from_slice(&digits[digits.len() - scale..]);
    } else {
        out.extend_from_slice(b"0.");
        out.extend(std::iter::repeat_n(b'0', scale - digits.len()));
        out.extend_from_slice(digits);
    }
}

/// `BigDecimal.toString` of `unscaled × 10^-scale`: plain while `scale >= 0` and the value is at least 1e-6,
/// else with one digit before the point and `E+`/`E-`.
pub fn push_decimal_scientific(out: &mut Vec<u8>, unscaled: i128, scale: i32) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(unscaled.unsigned_abs()).as_bytes();
    push_big_decimal(out, unscaled < 0, digits, i64::from(scale));
}

/// `BigDecimal.stripTrailingZeros().toString()`: 1.50 is `1.5`, 100000 is `1E+5`, zero is `0`.
pub fn push_decimal_stripped(out: &mut Vec<u8>, mut unscaled: i128, scale: u32) {
    if unscaled == 0 {
        return out.push(b'0');
    }
    let mut scale = scale as i32;
    // Most decimals fit 64 bits, where dividing is an order of magnitude faster.
    if let Ok(mut small) = i64::try_from(unscaled) {
        while small % 10 == 0 {
            small /= 10;
            scale -= 1;
        }
        unscaled = i128::from(small);
    } else {
        while unscaled % 10 == 0 {
            unscaled /= 10;
            scale -= 1;
        }
    }
    push_decimal_scientific(out, unscaled, scale);
}

/// The number `text`, as JSON writes numbers, as `BigDecimal.stripTrailingZeros().toString()`.
pub fn push_stripped_decimal(out: &mut Vec<u8>, text: &str) {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().unwrap_or(0)),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).skip_while(|b| *b == b'0').collect();
    let trailing = all.iter().rev().take_while(|b| **b == b'0').count();
    let digits = &all[..all.len() - trailing];
    if digits.is_empty() {
        return out.push(b'0');
    }
    push_big_decimal(out, negative, digits, fraction.len() as i64 - exponent - trailing as i64);
}

/// `digits × 10^-scale`; digits without leading zeros, or a single zero.
fn push_big_decimal(out: &mut Vec<u8>, negative: bool, digits: &[u8], scale: i64) {
    if negative {
        out.push(b'-');
    }
    let adjusted = digits.len() as i64 - 1 - scale;
    if scale >= 0 && adjusted >= -6 {
        push_plain(out, digits, scale as usize);
        return;
    }
    out.push(digits[0]);
    if digits.len() > 1 {
        out.push(b'.');
        out.extend_from_slice(&digits[1..]);
    }
    if adjusted != 0 {
        out.push(b'E');
        if adjusted > 0 {
            out.push(b'+');
        }
        out.extend_from_slice(itoa::Buffer::new().format(adjusted).as_bytes());
    }
}

pub fn decimal_to_string(unscaled: i128, scale: u32) -> String {
    to_string(|out| push_decimal_plain(out, unscaled, scale))
}

/// A JSON string in quotes, escaped as Jackson does in bytes: quotes, backslashes, control characters, and what lies beyond
/// U+FFFF as two escapes.
pub fn push_json_string(out: &mut Vec<u8>, text: &str) {
    push_json_escaped(out, text, |b| matches!(b, 0..=0x1F | b'"' | b'\\' | 0xF0..));
}

/// As Jackson does in a text, where what lies beyond U+FFFF stays as it is.
pub fn push_json_string_in_text(out: &mut Vec<u8>, text: &str) {
    push_json_escaped(out, text, |b| matches!(b, 0..=0x1F | b'"' | b'\\'));
}

fn push_json_escaped(out: &mut Vec<u8>, text: &str, escaped: impl Fn(&u8) -> bool) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut start = 0;
    while let Some(found) = bytes[start..].iter().position(&escaped) {
        let at = start + found;
        out.extend_from_slice(&bytes[start..at]);
        let character = text[at..].chars().next().unwrap_or_default();
        let short = match bytes[at] {
            b'"' => b'"',
            b'\\' => b'\\',
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0C => b'f',
            b'\r' => b'r',
            _ => 0,
        };
        if short == 0 {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let hex = |shift: u32| b"0123456789ABCDEF"[usize::from(*unit >> shift & 15)];
                out.extend_from_slice(&[b'\\', b'u', hex(12), hex(8), hex(4), hex(0)]);
            }
        } else {
            out.extend_from_slice(&[b'\\', short]);
        }
        start = at + character.len_utf8();
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}

/// `2020-01-02`; years before 0 and after 9999 as `LocalDate.toString` writes them (`-0001`, `+10000`).
pub fn push_date(out: &mut Vec<u8>, days: i64) {
    let (year, month, day) = civil_from_days(days);
    if !(0..=9999).contains(&year) {
        push_unusual_year(out, year);
        let ([m1, m2], [d1, d2]) = (two(month), two(day));
        return out.extend_from_slice(&[b'-', m1, m2, b'-', d1, d2]);
    }
    let ([y1, y2], [y3, y4]) = (two(year as u32 / 100), two(year as u32 % 100));
    let ([m1, m2], [d1, d2]) = (two(month), two(day));
    out.extend_from_slice(&[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2]);
}

fn push_unusual_year(out: &mut Vec<u8>, year: i64) {
    out.push(if year < 0 { b'-' } else { b'+' });
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(year.unsigned_abs()).as_bytes();
    out.extend(std::iter::repeat_n(b'0', 4usize.saturating_sub(digits.len())));
    out.extend_from_slice(digits);
}

/// Two digits; `value` below 100.
#[inline(always)]
fn two(value: u32) -> [u8; 2] {
    [b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]
}

/// How the fraction of a second is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fraction {
    /// Trailing zeros cut, and the point with them: JSON and CSV.
    Trimmed,
    /// Exactly this many digits (0 to 9): CAST to STRING.
    Digits(u32),
    /// 0, 3, 6 or 9 digits: `LocalDateTime.toString`.
    Java,
}

/// `03:04:05` and the fraction, of nanoseconds of the day.
pub fn push_time(out: &mut Vec<u8>, nanos_of_day: i64, fraction: Fraction) {
    let seconds = (nanos_of_day / 1_000_000_000) as u32;
    let nanos = (nanos_of_day % 1_000_000_000) as u32;
    let ([h1, h2], [m1, m2], [s1, s2]) = (two(seconds / 3600), two(seconds / 60 % 60), two(seconds % 60));
    out.extend_from_slice(&[h1, h2, b':', m1, m2, b':', s1, s2]);
    push_fraction(out, nanos, fraction);
}

/// `LocalTime.toString`: seconds are left out when they and the fraction are 0.
pub fn push_java_time(out: &mut Vec<u8>, nanos_of_day: i64) {
    if nanos_of_day % 60_000_000_000 == 0 {
        let minutes = (nanos_of_day / 60_000_000_000) as u32;
        let ([h1, h2], [m1, m2]) = (two(minutes / 60), two(minutes % 60));
        out.extend_from_slice(&[h1, h2, b':', m1, m2]);
    } else {
        push_time(out, nanos_of_day, Fraction::Java);
    }
}

fn push_fraction(out: &mut Vec<u8>, nanos: u32, fraction: Fraction) {
    if nanos == 0 && !matches!(fraction, Fraction::Digits(1..)) {
        return;
    }
    let mut digits = [0u8; 9];
    let mut rest = nanos;
    for d in digits.iter_mut().rev() {
        *d = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let length = match fraction {
        Fraction::Trimmed => digits.iter().rposition(|d| *d != b'0').map_or(0, |i| i + 1),
        Fraction::Digits(n) => n.min(9) as usize,
        Fraction::Java if nanos.is_multiple_of(1_000_000) => 3,
        Fraction::Java if nanos.is_multiple_of(1_000) => 6,
        Fraction::Java => 9,
    };
    if length > 0 {
        out.push(b'.');
        out.extend_from_slice(&digits[..length]);
    }
}

/// A time stamp of `units_per_second` (1000, 1e6, 1e9): days since the epoch and nanoseconds of the day.
pub fn split_timestamp(value: i64, units_per_second: i64) -> (i64, i64) {
    let units_per_day = 86_400 * units_per_second;
    let nanos_per_unit = 1_000_000_000 / units_per_second;
    (value.div_euclid(units_per_day), value.rem_euclid(units_per_day) * nanos_per_unit)
}

/// Date, `separator` (blank or `T`) and time.
pub fn push_timestamp(out: &mut Vec<u8>, value: i64, units_per_second: i64, separator: u8, fraction: Fraction) {
    let (days, nanos) = split_timestamp(value, units_per_second);
    push_date(out, days);
    out.push(separator);
    push_time(out, nanos, fraction);
}

/// `LocalDateTime.toString`, the form of the print connector: `2020-01-02T03:04`, `2020-01-02T03:04:05.120`.
pub fn push_java_timestamp(out: &mut Vec<u8>, value: i64, units_per_second: i64) {
    let (days, nanos) = split_timestamp(value, units_per_second);
    push_date(out, days);
    out.push(b'T');
    push_java_time(out, nanos);
}

/// `+1-02`: months as INTERVAL YEAR TO MONTH is printed.
pub fn push_year_month_interval(out: &mut Vec<u8>, months: i32) {
    let sign = if months < 0 { '-' } else { '+' };
    let months = months.unsigned_abs();
    push_formatted(out, format_args!("{sign}{}-{:02}", months / 12, months % 12));
}

/// `+1 00:00:00.000`: milliseconds as INTERVAL DAY TO SECOND is printed.
pub fn push_day_second_interval(out: &mut Vec<u8>, millis: i64) {
    let sign = if millis < 0 { '-' } else { '+' };
    let millis = millis.unsigned_abs();
    let (seconds, days) = (millis / 1000, millis / 86_400_000);
    push_formatted(
        out,
        format_args!(
            "{sign}{days} {:02}:{:02}:{:02}.{:03}",
            seconds / 3600 % 24,
            seconds / 60 % 60,
            seconds % 60,
            millis % 1000
        ),
    );
}

/// `P14M`: months as `java.time.Period`.
pub fn push_java_period(out: &mut Vec<u8>, months: i32) {
    match months {
        0 => out.extend_from_slice(b"P0D"),
        months => push_formatted(out, format_args!("P{months}M")),
    }
}

/// `PT-26H-3M-4.5S`: milliseconds as `java.time.Duration`, each part with its sign.
pub fn push_java_duration(out: &mut Vec<u8>, millis: i64) {
    out.extend_from_slice(b"PT");
    let (hours, minutes, seconds) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60);
    if hours != 0 {
        push_formatted(out, format_args!("{hours}H"));
    }
    if minutes != 0 {
        push_formatted(out, format_args!("{minutes}M"));
    }
    let fraction = (millis % 1000).unsigned_abs();
    if seconds == 0 && fraction == 0 {
        if hours == 0 && minutes == 0 {
            out.extend_from_slice(b"0S");
        }
        return;
    }
    let sign = if millis < 0 { "-" } else { "" };
    push_formatted(out, format_args!("{sign}{}", seconds.unsigned_abs()));
    if fraction != 0 {
        let digits = format!("{fraction:03}");
        push_formatted(out, format_args!(".{}", digits.trim_end_matches('0')));
    }
    out.push(b'S');
}

fn push_formatted(out: &mut Vec<u8>, text: std::fmt::Arguments) {
    let mut buffer = String::new();
    // Writing to a String can't fail.
    let _ = buffer.write_fmt(text);
    out.extend_from_slice(buffer.as_bytes());
}

/// The text that `push` writes, which is ASCII.
pub fn to_string(push: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::with_capacity(32);
    push(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (0.00012345, "1.2345E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (12_345_678.9, "1.23456789E7"),
            (123_456.789, "123456.789"),
            (1e10, "1.0E10"),
            (1e16, "1.0E16"),
            (1.7976931348623157e308, "1.7976931348623157E308"),
            (5e-324, "4.9E-324"),
            (-2e-323, "-2.0E-323"),
            (2e-3, "0.002"),
            (100.0, "100.0"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (value, text) in cases {
            assert_eq!(double_to_string(value), text, "{value:e}");
        }
        assert_eq!(float_to_string(0.1), "0.1");
        assert_eq!(float_to_string(f32::from_bits(1)), "1.4E-45");
        assert_eq!(float_to_string(1.0e10), "1.0E10");
    }

    #[test]
    fn decimals() {
        assert_eq!(decimal_to_string(-5, 2), "-0.05");
        assert_eq!(decimal_to_string(110, 2), "1.10");
        assert_eq!(to_string(|o| push_decimal_scientific(o, 1, -5)), "1E+5");
        assert_eq!(to_string(|o| push_decimal_scientific(o, 123, 10)), "1.23E-8");
        assert_eq!(to_string(|o| push_decimal_scientific(o, 1, 6)), "0.000001");
        assert_eq!(to_string(|o| push_decimal_scientific(o, 1, 7)), "1E-7");
        let stripped = [(100_000, 0), (15_000, 4), (0, 5), (-1_200, 2), (7, 0)];
        let stripped = stripped.map(|(unscaled, scale)| to_string(|o| push_decimal_stripped(o, unscaled, scale)));
        assert_eq!(stripped, ["1E+5", "1.5", "0", "-12", "7"]);
        let texts = ["2.50", "1e5", "0.00", "100.0", "-0.1e-6", "12345678901234567890123456789012345678901.5"];
        let texts = texts.map(|text| to_string(|o| push_stripped_decimal(o, text)));
        assert_eq!(texts, ["2.5", "1E+5", "0", "1E+2", "-1E-7", "12345678901234567890123456789012345678901.5"]);
    }

    #[test]
    fn times() {
        let millis = 1_577_934_245_120;
        assert_eq!(to_string(|o| push_timestamp(o, millis, 1000, b' ', Fraction::Trimmed)), "2020-01-02 03:04:05.12");
        assert_eq!(to_string(|o| push_timestamp(o, -1, 1000, b'T', Fraction::Digits(6))), "1969-12-31T23:59:59.999000");
        assert_eq!(to_string(|o| push_java_timestamp(o, millis, 1000)), "2020-01-02T03:04:05.120");
        assert_eq!(to_string(|o| push_java_timestamp(o, 0, 1_000_000)), "1970-01-01T00:00");
        assert_eq!(to_string(|o| push_date(o, days_from_civil(10_000, 3, 1))), "+10000-03-01");
        assert_eq!([14, 0, -5].map(|n| to_string(|o| push_java_period(o, n))), ["P14M", "P0D", "P-5M"]);
        let durations = [0, 86_400_000, -93_784_500, 60_000, 7, -7, -1_000];
        let durations = durations.map(|millis| to_string(|o| push_java_duration(o, millis)));
        assert_eq!(durations, ["PT0S", "PT24H", "PT-26H-3M-4.5S", "PT1M", "PT0.007S", "PT-0.007S", "PT-1S"]);
        assert_eq!(to_string(|o| push_year_month_interval(o, 14)), "+1-02");
        assert_eq!(to_string(|o| push_day_second_interval(o, -86_400_000)), "-1 00:00:00.000");
        for days in (-1_000_000..1_000_000).step_by(37) {
            let (y, m, d) = civil_from_days(days);
            assert_eq!(days_from_civil(y, m, d), days);
            assert!(d <= days_in_month(y, m));
        }
    }

    #[test]
    fn json_strings_are_escaped_as_by_jackson() {
        // Written by Flink 2.3 to Kafka and to files.
        let text = "a\"\\/\u{8}\t\n\u{c}\r\u{1}\u{7f}é\u{2028}<😀>";
        let expected = r#""a\"\\/\b\t\n\f\r\u0001XéY<\uD83D\uDE00>""#.replace('X', "\u{7f}").replace('Y', "\u{2028}");
        assert_eq!(to_string(|o| push_json_string(o, text)), expected);
        assert_eq!(to_string(|o| push_json_string_in_text(o, text)), expected.replace("\\uD83D\\uDE00", "😀"));
    }
}
