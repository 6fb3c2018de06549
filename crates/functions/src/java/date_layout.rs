//! Patterns of dates whose every field has a fixed number of digits, which are nearly all that are used, for whole
//! columns.
//!
//! 1. A template is copied for each row. It holds the fields of the day, which are written into it only when the day is
//!    another one (two are kept, for times that come out of order around midnight).
//! 2. The fields of the clock are written one after the other, each for all rows: a short loop without decisions.
//!
//! ```text
//!  yyyy-MM-dd HH:mm      0000-00-00 00:00
//!  │    │  │  │  │       2023-11-14 00:00      template of the day
//!  0    5  8  11 14      2023-11-14 22:13      one row
//! ```

use super::date_pattern::{DatePattern, Flavor, Item, MONTHS, WEEKDAYS};
use crate::calendar::{self, MILLIS_PER_DAY, Moment};

/// Longer texts are left to [`DatePattern::format`].
const WIDTH_MAX: usize = 32;

pub(crate) struct DateLayout {
    templates: [Template; 2],
    /// SimpleDateFormat has another calendar before 1582, which is left to [`DatePattern::format`] as well.
    first_day: i64,
    /// Length of a text.
    width: usize,
    date: Vec<(usize, DateField)>,
    clock: Vec<(usize, ClockField)>,
}

#[derive(Clone, Copy)]
struct Template {
    day: Option<i64>,
    /// Copied whole, which is quicker than the right number of bytes.
    text: [u8; WIDTH_MAX],
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
        let first_day = match pattern.flavor {
            Flavor::DateTimeFormatter => i64::MIN,
            Flavor::SimpleDateFormat => calendar::FIRST_GREGORIAN_DAY,
        };
        let mut template = [b'0'; WIDTH_MAX];
        let templates = [Template { day: None, text: template }; 2];
        let mut layout = DateLayout { templates, first_day, width: 0, date: vec![], clock: vec![] };
        for item in &pattern.items {
            let at = layout.width;
            let (letter, count) = match item {
                Item::Text(text) => {
                    template.get_mut(at..at + text.len())?.copy_from_slice(text.as_bytes());
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
        layout.templates = [Template { day: None, text: template }; 2];
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

    pub fn width(&self) -> usize {
        self.width
    }

    /// The texts of wall clocks one behind the other, in UTF-8, each of [`DateLayout::width`] bytes; None if there is a
    /// day that needs more.
    pub fn format(&mut self, times: impl ExactSizeIterator<Item = Moment>) -> Option<Vec<u8>> {
        let has_fraction = self.clock.iter().any(|(_, field)| matches!(field, ClockField::Fraction(_)));
        let mut out = Vec::with_capacity(times.len() * self.width + WIDTH_MAX);
        let mut millis: Vec<u32> = Vec::with_capacity(times.len());
        let mut nanos: Vec<u32> = vec![];
        for local in times {
            let day = local.days();
            let template = &mut self.templates[(day & 1) as usize];
            if template.day != Some(day) {
                if day < self.first_day {
                    return None;
                }
                template.day = None;
                write_day(&mut template.text, &self.date, day)?;
                template.day = Some(day);
            }
            out.extend_from_slice(&template.text);
            out.truncate(out.len() - WIDTH_MAX + self.width);
            millis.push((local.millis - day * MILLIS_PER_DAY) as u32);
            if has_fraction {
                nanos.push(local.nanos);
            }
        }
        for (at, field) in &self.clock {
            let column = Column { texts: &mut out, width: self.width, at: *at, millis: &millis };
            match field {
                ClockField::Hour => column.write(|millis| millis / 3_600_000),
                ClockField::HourFrom1 => column.write(|millis| (millis / 3_600_000 + 23) % 24 + 1),
                ClockField::HalfDayHour => column.write(|millis| millis / 3_600_000 % 12),
                ClockField::HalfDayHourFrom1 => column.write(|millis| (millis / 3_600_000 + 11) % 12 + 1),
                ClockField::Minute => column.write(|millis| millis / 60_000 % 60),
                ClockField::Second => column.write(|millis| millis / 1000 % 60),
                ClockField::Fraction(digits) => column.write_fraction(&nanos, *digits),
                ClockField::HalfDay => column.each(|text, millis| {
                    text.copy_from_slice(if millis < 12 * 3_600_000 { b"AM" } else { b"PM" });
                }),
            }
        }
        Some(out)
    }
}

/// Writes the fields of a day into its template; None if its year is not 1 to 9999.
fn write_day(text: &mut [u8; WIDTH_MAX], fields: &[(usize, DateField)], day: i64) -> Option<()> {
    let (year, month, day_of_month) = calendar::civil_of_days(day);
    let year = u32::try_from(year).ok().filter(|year| (1..10_000).contains(year))?;
    let short = |name: &'static str| &name.as_bytes()[..3];
    for (at, field) in fields {
        match field {
            DateField::Year => {
                write_pair(&mut text[*at..], year / 100);
                write_pair(&mut text[at + 2..], year % 100);
            }
            DateField::YearOfCentury => write_pair(&mut text[*at..], year % 100),
            DateField::Month => write_pair(&mut text[*at..], month),
            DateField::MonthName => text[*at..at + 3].copy_from_slice(short(MONTHS[month as usize - 1])),
            DateField::Day => write_pair(&mut text[*at..], day_of_month),
            DateField::Weekday => {
                text[*at..at + 3].copy_from_slice(short(WEEKDAYS[calendar::iso_weekday(day) as usize - 1]));
            }
        }
    }
    Some(())
}

/// One field of all texts.
struct Column<'a> {
    texts: &'a mut [u8],
    width: usize,
    at: usize,
    /// Time of day.
    millis: &'a [u32],
}

impl Column<'_> {
    fn each(self, write: impl Fn(&mut [u8; 2], u32)) {
        for (text, millis) in self.texts.chunks_exact_mut(self.width).zip(self.millis) {
            if let Some(pair) = text[self.at..].first_chunk_mut() {
                write(pair, *millis);
            }
        }
    }

    fn write(self, value: impl Fn(u32) -> u32) {
        self.each(|pair, millis| write_pair(pair, value(millis)));
    }

    fn write_fraction(self, nanos: &[u32], digits: usize) {
        let unit = 10u32.pow(9 - digits as u32);
        let rows = self.texts.chunks_exact_mut(self.width).zip(self.millis).zip(nanos);
        for ((text, millis), nanos) in rows {
            let mut rest = (millis % 1000 * 1_000_000 + nanos) / unit;
            for digit in text[self.at..self.at + digits].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
    }
}

/// A number of two digits.
fn write_pair(text: &mut [u8], value: u32) {
    text[0] = b'0' + (value / 10) as u8;
    text[1] = b'0' + (value % 10) as u8;
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
            times in prop::collection::vec(
                (prop_oneof![9 => -62_000_000_000_000..250_000_000_000_000i64, 1 => -70_000_000_000_000..260_000_000_000_000i64], 0..1_000_000u32, 1..3),
                1..20,
            ),
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
            let times = times.into_iter().flat_map(|(millis, nanos, repeated)| {
                (0..repeated).map(move |step| Moment { millis: millis + i64::from(step) * 3_723_004, nanos })
            });
            let times: Vec<Moment> = times.collect();
            let mut expected = String::new();
            times.iter().for_each(|local| pattern.format(*local, 0, "", &mut expected));
            let year = |local: &Moment| calendar::civil_of_days(local.days()).0;
            match layout.format(times.iter().copied()) {
                Some(found) => {
                    prop_assert_eq!(found.len(), times.len() * layout.width());
                    prop_assert_eq!(String::from_utf8(found).unwrap(), expected);
                }
                None => {
                    let first = if simple { 1582 } else { 1 };
                    prop_assert!(times.iter().any(|t| !(first..10_000).contains(&year(t)) || (simple && year(t) == 1582)));
                }
            }
            // A layout goes on after that.
            let last = Moment { millis: 1_700_000_000_123, nanos: 456_789 };
            let mut expected = String::new();
            pattern.format(last, 0, "", &mut expected);
            prop_assert_eq!(layout.format([last].into_iter()), Some(expected.into_bytes()));
        }
    }
}
