//! Patterns of dates whose every field has a fixed number of digits, which are nearly all that are used: the text is
//! written into a template, and what belongs to the day only when the day changes.
//!
//! ```text
//!  yyyy-MM-dd HH:mm      0000-00-00 00:00      template
//!  │    │  │  │  │       2023-11-14            the day's fields, when it is another one than the last row's
//!  0    5  8  11 14                 22:13      the clock's fields
//! ```

use super::date_pattern::{DatePattern, Flavor, Item, MONTHS, WEEKDAYS};
use crate::calendar::{self, Moment};

/// Longer texts are left to [`DatePattern::format`].
const WIDTH_MAX: usize = 32;

pub(crate) struct DateLayout {
    pattern: DatePattern,
    /// Copied whole, which is quicker than the right number of bytes.
    template: [u8; WIDTH_MAX],
    width: usize,
    date: Vec<(usize, DateField)>,
    clock: Vec<(usize, ClockField)>,
    /// The day that the template holds, and whether its year has four digits.
    day: Option<(i64, bool)>,
}

enum DateField {
    Year,
    YearOfCentury,
    Month,
    MonthName,
    Day,
    Weekday,
}

enum ClockField {
    /// 0 … 23
    Hour,
    /// 1 … 24
    HourFrom1,
    /// 0 … 11
    HalfDayHour,
    /// 1 … 12
    HalfDayHourFrom1,
    Minute,
    Second,
    /// So many digits of the second's fraction.
    Fraction(usize),
    HalfDay,
}

impl DateLayout {
    /// None if the length of a text depends on the value.
    pub fn of(pattern: &DatePattern) -> Option<DateLayout> {
        let mut layout = DateLayout {
            pattern: pattern.clone(),
            template: [b'0'; WIDTH_MAX],
            width: 0,
            date: vec![],
            clock: vec![],
            day: None,
        };
        for item in &pattern.items {
            let at = layout.width;
            let (letter, count) = match item {
                Item::Text(text) => {
                    layout.template.get_mut(at..at + text.len())?.copy_from_slice(text.as_bytes());
                    layout.width += text.len();
                    continue;
                }
                Item::Field { letter, count } => (*letter, *count),
            };
            let java_time = pattern.flavor == Flavor::DateTimeFormatter;
            let width = match (letter, count) {
                ('y', 4) => layout.date_field(at, DateField::Year, 4),
                ('u', 4) if java_time => layout.date_field(at, DateField::Year, 4),
                ('y', 2) => layout.date_field(at, DateField::YearOfCentury, 2),
                ('u', 2) if java_time => layout.date_field(at, DateField::YearOfCentury, 2),
                ('M' | 'L', 2) => layout.date_field(at, DateField::Month, 2),
                ('M' | 'L', 3) => layout.date_field(at, DateField::MonthName, 3),
                ('d', 2) => layout.date_field(at, DateField::Day, 2),
                ('E', 1..=3) => layout.date_field(at, DateField::Weekday, 3),
                ('H', 2) => layout.clock_field(at, ClockField::Hour, 2),
                ('k', 2) => layout.clock_field(at, ClockField::HourFrom1, 2),
                ('K', 2) => layout.clock_field(at, ClockField::HalfDayHour, 2),
                ('h', 2) => layout.clock_field(at, ClockField::HalfDayHourFrom1, 2),
                ('m', 2) => layout.clock_field(at, ClockField::Minute, 2),
                ('s', 2) => layout.clock_field(at, ClockField::Second, 2),
                ('S', 1..=9) if java_time => layout.clock_field(at, ClockField::Fraction(count), count),
                // Of SimpleDateFormat it is the number of milliseconds.
                ('S', 3) => layout.clock_field(at, ClockField::Fraction(3), 3),
                ('a', _) => layout.clock_field(at, ClockField::HalfDay, 2),
                _ => return None,
            };
            layout.width += width;
            if layout.width > WIDTH_MAX {
                return None;
            }
        }
        Some(layout)
    }

    fn date_field(&mut self, at: usize, field: DateField, width: usize) -> usize {
        self.date.push((at, field));
        width
    }

    fn clock_field(&mut self, at: usize, field: ClockField, width: usize) -> usize {
        self.clock.push((at, field));
        width
    }

    /// How long texts are, but those of years that have not four digits.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Appends the text of a wall clock, in UTF-8.
    #[inline]
    pub fn format(&mut self, local: Moment, out: &mut Vec<u8>) {
        let day = local.days();
        let fits = match self.day {
            Some((last, fits)) if last == day => fits,
            _ => self.set_day(day),
        };
        if !fits {
            let mut text = String::new();
            self.pattern.format(local, 0, "", &mut text);
            out.extend_from_slice(text.as_bytes());
            return;
        }
        let millis = local.millis_of_day() as u32;
        let (seconds, hour) = (millis / 1000, millis / 3_600_000);
        let text = &mut self.template;
        for (at, field) in &self.clock {
            let value = match field {
                ClockField::Hour => hour,
                ClockField::HourFrom1 => (hour + 23) % 24 + 1,
                ClockField::HalfDayHour => hour % 12,
                ClockField::HalfDayHourFrom1 => (hour + 11) % 12 + 1,
                ClockField::Minute => seconds / 60 % 60,
                ClockField::Second => seconds % 60,
                ClockField::Fraction(digits) => {
                    let mut rest = local.nanos_of_second() / 10u32.pow(9 - *digits as u32);
                    for digit in text[*at..at + digits].iter_mut().rev() {
                        *digit = b'0' + (rest % 10) as u8;
                        rest /= 10;
                    }
                    continue;
                }
                ClockField::HalfDay => {
                    text[*at] = if hour < 12 { b'A' } else { b'P' };
                    text[*at + 1] = b'M';
                    continue;
                }
            };
            write_pair(text, *at, value);
        }
        let end = out.len() + self.width;
        out.extend_from_slice(&self.template);
        out.truncate(end);
    }

    fn set_day(&mut self, day: i64) -> bool {
        let (year, month, day_of_month) = calendar::civil_of_days(day);
        let julian = self.pattern.flavor == Flavor::SimpleDateFormat && day < calendar::FIRST_GREGORIAN_DAY;
        let fits = (1..10_000).contains(&year) && !julian;
        self.day = Some((day, fits));
        if !fits {
            return false;
        }
        let year = year as u32;
        let text = &mut self.template;
        for (at, field) in &self.date {
            match field {
                DateField::Year => {
                    write_pair(text, *at, year / 100);
                    write_pair(text, *at + 2, year % 100);
                }
                DateField::YearOfCentury => write_pair(text, *at, year % 100),
                DateField::Month => write_pair(text, *at, month),
                DateField::MonthName => {
                    text[*at..at + 3].copy_from_slice(&MONTHS[month as usize - 1].as_bytes()[..3]);
                }
                DateField::Day => write_pair(text, *at, day_of_month),
                DateField::Weekday => {
                    let name = WEEKDAYS[calendar::iso_weekday(day) as usize - 1];
                    text[*at..at + 3].copy_from_slice(&name.as_bytes()[..3]);
                }
            }
        }
        true
    }
}

/// A number of two digits.
fn write_pair(text: &mut [u8], at: usize, value: u32) {
    text[at] = b'0' + (value / 10) as u8;
    text[at + 1] = b'0' + (value % 10) as u8;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATTERNS: &[&str] = &[
        "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd HH:mm:ss.SSS",
        "uu/LL/dd",
        "yyMMdd",
        "EEE, dd MMM yyyy hh:mm a",
        "E kk KK 'Uhr' mm''ss ü😀",
        "HH",
        "",
        "SSS dd",
    ];

    #[test]
    fn what_has_no_fixed_width_is_left() {
        for pattern in ["y", "yyyyy", "M", "MMMM", "d", "EEEE", "H", "D", "w", "G", "Q", "SSSSSSSSSS", "A"] {
            let pattern = DatePattern::new(pattern, Flavor::DateTimeFormatter).unwrap();
            assert!(DateLayout::of(&pattern).is_none(), "{pattern:?}");
        }
        for pattern in ["u", "uuuu", "S", "SS"] {
            let pattern = DatePattern::new(pattern, Flavor::SimpleDateFormat).unwrap();
            assert!(DateLayout::of(&pattern).is_none(), "{pattern:?}");
        }
    }

    proptest! {
        #[test]
        fn texts_are_those_of_the_pattern(
            pattern in 0..PATTERNS.len(),
            fraction in 1..10usize,
            simple in any::<bool>(),
            times in prop::collection::vec((-70_000_000_000_000..260_000_000_000_000i64, 0..1_000_000u32, 1..3), 1..20),
        ) {
            let flavor = if simple { Flavor::SimpleDateFormat } else { Flavor::DateTimeFormatter };
            let text = match simple || pattern > 0 {
                true => PATTERNS[pattern].to_owned(),
                false => format!("{}.{}", PATTERNS[pattern], "S".repeat(fraction)),
            };
            let pattern = DatePattern::new(&text, flavor).unwrap();
            let Some(mut layout) = DateLayout::of(&pattern) else {
                prop_assert!(simple && text.contains('u'), "{}", text);
                return Ok(());
            };
            for (millis, nanos, repeated) in times {
                for step in 0..repeated {
                    let local = Moment { millis: millis + i64::from(step) * 3_723_004, nanos };
                    let mut expected = String::new();
                    pattern.format(local, 0, "", &mut expected);
                    let mut found = vec![];
                    layout.format(local, &mut found);
                    prop_assert_eq!(String::from_utf8(found).unwrap(), expected);
                }
            }
        }
    }
}
