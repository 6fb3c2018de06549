//! Days, clock times and zones.
//!
//! A point in time is a [`Moment`]: milliseconds since 1970 and the nanoseconds within the millisecond, as
//! Flink's `TimestampData`. For TIMESTAMP the milliseconds are those of a wall clock, for TIMESTAMP_LTZ of UTC.

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::datatypes::{
    DataType as Arrow, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
};
use chrono::{DateTime, MappedLocalTime, Offset, TimeZone};
use chrono_tz::{OffsetComponents, Tz};
use flitz_dataflow::TypeKind;

pub(crate) const MILLIS_PER_DAY: i64 = 86_400_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub millis: i64,
    /// 0 … 999 999
    pub nanos: u32,
}

impl Moment {
    pub fn of_millis(millis: i64) -> Moment {
        Moment { millis, nanos: 0 }
    }

    /// From the unit that Arrow keeps a time stamp of `precision` digits in.
    pub fn of_unit(value: i64, precision: u8) -> Moment {
        match precision {
            0..=3 => Moment::of_millis(value),
            4..=6 => Moment { millis: value.div_euclid(1000), nanos: value.rem_euclid(1000) as u32 * 1000 },
            _ => Moment { millis: value.div_euclid(1_000_000), nanos: value.rem_euclid(1_000_000) as u32 },
        }
    }

    /// In the unit of `precision`, finer digits cut; None outside the range of 64 bits.
    pub fn to_unit(self, precision: u8) -> Option<i64> {
        let nanos = i64::from(self.nanos);
        match precision {
            0..=2 => {
                let step = 10i64.pow(3 - u32::from(precision));
                // Towards 1970, as Flink does: before it digits are cut upwards.
                Some(self.millis / step * step)
            }
            3 => Some(self.millis),
            4..=6 => {
                let step = 10i64.pow(6 - u32::from(precision));
                self.millis.checked_mul(1000)?.checked_add(nanos / 1000 / step * step)
            }
            _ => {
                let step = 10i64.pow(9 - u32::from(precision));
                self.millis.checked_mul(1_000_000)?.checked_add(nanos / step * step)
            }
        }
    }

    pub fn days(self) -> i64 {
        self.millis.div_euclid(MILLIS_PER_DAY)
    }

    /// The day as Flink's EXTRACT, CAST to DATE and FLOOR to calendar units see it: before 1970 a time of day
    /// belongs to the day after.
    pub fn days_towards_1970(self) -> i64 {
        self.millis / MILLIS_PER_DAY
    }

    pub fn millis_of_day(self) -> i64 {
        self.millis.rem_euclid(MILLIS_PER_DAY)
    }

    pub fn nanos_of_second(self) -> u32 {
        self.millis.rem_euclid(1000) as u32 * 1_000_000 + self.nanos
    }
}

pub(crate) fn timestamp_precision(kind: &TypeKind) -> u8 {
    match kind {
        TypeKind::Timestamp { precision, .. } | TypeKind::TimestampLtz { precision, .. } => *precision,
        _ => 0,
    }
}

/// Reads a column of time stamps of any unit.
pub(crate) enum Moments<'a> {
    Millis(&'a PrimitiveArray<TimestampMillisecondType>),
    Micros(&'a PrimitiveArray<TimestampMicrosecondType>),
    Nanos(&'a PrimitiveArray<TimestampNanosecondType>),
    Days(&'a PrimitiveArray<arrow::datatypes::Date32Type>),
}

impl<'a> Moments<'a> {
    /// Of a TIMESTAMP, TIMESTAMP_LTZ or DATE column.
    pub fn of(array: &'a ArrayRef) -> Moments<'a> {
        match array.data_type() {
            Arrow::Timestamp(TimeUnit::Microsecond, _) => Moments::Micros(array.as_primitive()),
            Arrow::Timestamp(TimeUnit::Nanosecond, _) => Moments::Nanos(array.as_primitive()),
            Arrow::Date32 => Moments::Days(array.as_primitive()),
            _ => Moments::Millis(array.as_primitive()),
        }
    }

    pub fn get(&self, row: usize) -> Moment {
        match self {
            Moments::Millis(a) => Moment::of_millis(a.value(row)),
            Moments::Micros(a) => Moment::of_unit(a.value(row), 6),
            Moments::Nanos(a) => Moment::of_unit(a.value(row), 9),
            Moments::Days(a) => Moment::of_millis(i64::from(a.value(row)) * MILLIS_PER_DAY),
        }
    }
}

/// A session time zone, UTC without any look-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Zone {
    Utc,
    Named(Tz),
    /// Milliseconds ahead of UTC: `GMT+08:00`.
    Fixed(i64),
}

impl Zone {
    pub fn new(tz: Tz) -> Zone {
        match tz {
            Tz::UTC | Tz::Etc__UTC | Tz::GMT | Tz::Etc__GMT => Zone::Utc,
            other => Zone::Named(other),
        }
    }

    /// Wall clock of an instant.
    pub fn to_local(self, utc_millis: i64) -> i64 {
        match self {
            Zone::Utc => utc_millis,
            Zone::Named(_) | Zone::Fixed(_) => utc_millis.wrapping_add(self.offset_millis(utc_millis)),
        }
    }

    /// Milliseconds that the wall clock is ahead of UTC at an instant.
    pub fn offset_millis(self, utc_millis: i64) -> i64 {
        let tz = match self {
            Zone::Utc => return 0,
            Zone::Fixed(offset) => return offset,
            Zone::Named(tz) => tz,
        };
        let Some(at) = DateTime::from_timestamp(utc_millis.div_euclid(1000), 0) else { return 0 };
        i64::from(tz.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()) * 1000
    }

    /// Wall clock of an instant as `java.util.Calendar` has it: before 1900 by today's standard time.
    pub fn to_local_by_calendar(self, utc_millis: i64) -> i64 {
        match self {
            Zone::Named(tz) if utc_millis < CALENDAR_ZONES_BEGIN => utc_millis.wrapping_add(standard_millis(tz)),
            _ => self.to_local(utc_millis),
        }
    }

    /// Instant of a wall clock. In the hour that occurs twice the first; in the hour that is skipped the clock
    /// goes on as before it, as in `java.time`.
    pub fn to_utc(self, local_millis: i64) -> i64 {
        self.instant(local_millis, false)
    }

    /// The same as `java.util.Calendar` and with it `SimpleDateFormat` have it: of the hour that occurs twice the
    /// second.
    pub fn to_utc_by_calendar(self, local_millis: i64) -> i64 {
        if let Zone::Named(tz) = self {
            let early = local_millis.wrapping_sub(standard_millis(tz));
            if early < CALENDAR_ZONES_BEGIN {
                return early;
            }
        }
        self.instant(local_millis, true)
    }

    fn instant(self, local_millis: i64, second: bool) -> i64 {
        let tz = match self {
            Zone::Utc => return local_millis,
            Zone::Fixed(offset) => return local_millis - offset,
            Zone::Named(tz) => tz,
        };
        let Some(local) = DateTime::from_timestamp(local_millis.div_euclid(1000), 0) else { return local_millis };
        let offset = match tz.offset_from_local_datetime(&local.naive_utc()) {
            MappedLocalTime::Ambiguous(_, o) if second => o.fix().local_minus_utc(),
            MappedLocalTime::Single(o) | MappedLocalTime::Ambiguous(o, _) => o.fix().local_minus_utc(),
            MappedLocalTime::None => {
                let day_before = local - chrono::TimeDelta::days(1);
                tz.offset_from_utc_datetime(&day_before.naive_utc()).fix().local_minus_utc()
            }
        };
        local_millis.wrapping_sub(i64::from(offset) * 1000)
    }
}

/// 1900-01-01T00:00Z: `java.util.TimeZone` knows no change before it.
const CALENDAR_ZONES_BEGIN: i64 = -2_208_988_800_000;

/// What a zone's standard time is ahead of UTC today.
fn standard_millis(tz: Tz) -> i64 {
    let Some(today) = DateTime::from_timestamp(1_750_000_000, 0) else { return 0 };
    tz.offset_from_utc_datetime(&today.naive_utc()).base_utc_offset().num_milliseconds()
}

/// Year, month 1 … 12 and day of a day number (0 is 1970-01-01), proleptic Gregorian.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
pub(crate) fn civil_of_days(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = (if mp < 10 { mp + 3 } else { mp - 9 }) as u32;
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

/// 1582-10-15.
pub(crate) const FIRST_GREGORIAN_DAY: i64 = -141_427;

/// The same in the calendar that was in force on the day: Julian until the day before [`FIRST_GREGORIAN_DAY`], as
/// Flink's FLOOR and CEIL and `SimpleDateFormat` have it.
pub(crate) fn historical_of_days(days: i64) -> (i64, u32, u32) {
    if days >= FIRST_GREGORIAN_DAY {
        return civil_of_days(days);
    }
    // Jean Meeus, "Astronomical Algorithms", from the Julian day number.
    let c = days + 2_440_588 + 32_082;
    let d = (4 * c + 3).div_euclid(1461);
    let e = c - (1461 * d).div_euclid(4);
    let m = (5 * e + 2) / 153;
    let day = e - (153 * m + 2) / 5 + 1;
    (d - 4800 + m / 10, (m + 3 - 12 * (m / 10)) as u32, day as u32)
}

/// The inverse of [`civil_of_days`].
pub(crate) fn days_of_civil(year: i64, month: u32, day: u32) -> i64 {
    let y = year - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let m = i64::from(month);
    let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + i64::from(day) - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

/// The inverse of [`historical_of_days`]; `day` may lie outside of the month, days that never were count on.
pub(crate) fn days_of_historical(year: i64, month: u32, day: i64) -> i64 {
    let gregorian = days_of_civil(year, month, 1) + day - 1;
    if gregorian >= FIRST_GREGORIAN_DAY {
        return gregorian;
    }
    let y = year + 4800 - i64::from(month <= 2);
    let m = i64::from(if month > 2 { month - 3 } else { month + 9 });
    (153 * m + 2) / 5 + 365 * y + y.div_euclid(4) + day - 32_083 - 2_440_588
}

pub(crate) fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Day number `months` later, the day of month clamped: 31 January + 1 month is the last of February.
pub(crate) fn add_months(days: i64, months: i64) -> i64 {
    let (year, month, day) = civil_of_days(days);
    let total = year * 12 + i64::from(month) - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) as u32 + 1);
    days_of_civil(year, month, day.min(days_in_month(year, month)))
}

/// Monday 1 … Sunday 7.
pub(crate) fn iso_weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

pub(crate) fn day_of_year(days: i64) -> i64 {
    let (year, _, _) = civil_of_days(days);
    days - days_of_civil(year, 1, 1) + 1
}

/// ISO week-based year and week: the week belongs to the year of its Thursday.
pub(crate) fn iso_week(days: i64) -> (i64, i64) {
    let thursday = days - (iso_weekday(days) - 4);
    let (year, _, _) = civil_of_days(thursday);
    (year, (thursday - days_of_civil(year, 1, 1)) / 7 + 1)
}

/// `yyyy-MM-dd`, more digits or a sign where the year needs them.
pub(crate) fn write_date(days: i64, out: &mut String) {
    let (year, month, day) = civil_of_days(days);
    if (0..10_000).contains(&year) {
        write_digits(year as u32, 4, out);
    } else {
        use std::fmt::Write;
        let _ = write!(out, "{year:05}");
    }
    out.push('-');
    write_digits(month, 2, out);
    out.push('-');
    write_digits(day, 2, out);
}

/// `HH:mm:ss` and, if `digits` > 0, a point and so many digits of the second's fraction.
pub(crate) fn write_time(millis_of_day: i64, nanos_of_milli: u32, digits: u8, out: &mut String) {
    let seconds = (millis_of_day / 1000) as u32;
    write_digits(seconds / 3600, 2, out);
    out.push(':');
    write_digits(seconds / 60 % 60, 2, out);
    out.push(':');
    write_digits(seconds % 60, 2, out);
    if digits > 0 {
        let nanos = (millis_of_day % 1000) as u32 * 1_000_000 + nanos_of_milli;
        out.push('.');
        write_digits(nanos / 10u32.pow(9 - u32::from(digits)), usize::from(digits), out);
    }
}

/// TIME prints one digit of the fraction at least, and no more zeros at its end.
pub(crate) fn write_time_of_day(millis_of_day: i64, digits: u8, out: &mut String) {
    let start = out.len();
    write_time(millis_of_day, 0, digits, out);
    if digits > 0 {
        let shortest = start + "HH:mm:ss.0".len();
        while out.len() > shortest && out.ends_with('0') {
            out.pop();
        }
    }
}

/// `yyyy-MM-dd HH:mm:ss[.fraction]` with exactly `digits` of the fraction.
pub(crate) fn write_timestamp(moment: Moment, digits: u8, out: &mut String) {
    write_date(moment.days(), out);
    out.push(' ');
    write_time(moment.millis_of_day(), moment.nanos, digits, out);
}

/// `value` with leading zeros to `width` digits.
pub(crate) fn write_digits(value: u32, width: usize, out: &mut String) {
    let mut digits = [b'0'; 10];
    let mut rest = value;
    let mut at = 10;
    while rest > 0 {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    digits[at.min(10 - width)..].iter().for_each(|d| out.push(char::from(*d)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn historical_dates_round_trip() {
        for days in (-2_000_000..800_000).step_by(97) {
            let (y, m, d) = historical_of_days(days);
            assert_eq!(days_of_historical(y, m, i64::from(d)), days, "{y}-{m}-{d}");
        }
        assert_eq!(days_of_historical(1582, 10, 4) + 1, FIRST_GREGORIAN_DAY);
    }

    #[test]
    fn civil_dates_round_trip() {
        for days in (-800_000..800_000).step_by(97) {
            let (y, m, d) = civil_of_days(days);
            assert_eq!(days_of_civil(y, m, d), days);
        }
        assert_eq!(civil_of_days(0), (1970, 1, 1));
        assert_eq!(iso_week(days_of_civil(2021, 1, 1)), (2020, 53));
        assert_eq!(add_months(days_of_civil(2024, 1, 31), 1), days_of_civil(2024, 2, 29));
    }

    #[test]
    fn zones_follow_java_in_gaps_and_overlaps() {
        let berlin = Zone::new(Tz::Europe__Berlin);
        let at = |d, h: i64, m: i64| days_of_civil(2024, d, 31) * MILLIS_PER_DAY + (h * 60 + m) * 60_000;
        // 02:30 does not exist on 2024-03-31: 03:30 summer time.
        assert_eq!(berlin.to_local(berlin.to_utc(at(3, 2, 30))), at(3, 3, 30));
        assert_eq!(berlin.to_utc(at(7, 12, 0)), at(7, 10, 0));
    }
}
