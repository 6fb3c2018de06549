//! Patterns of dates, as `DateTimeFormatter` (strict) and `SimpleDateFormat` (lenient) read and print them.
//!
//! Letters: `G y u Y M L d D E e w W H h k K m s S n a Q z Z X x` (and `A N F q c` of DateTimeFormatter), text in single quotes, other characters as
//! they are. Names are English, weeks begin on Sunday (`Locale.US`).

use flitz_dataflow::{Error, Result};

use crate::calendar::{self, MILLIS_PER_DAY, Moment, write_digits};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Flavor {
    /// `java.time.format.DateTimeFormatter`: widths are exact, `S` is the fraction of the second.
    DateTimeFormatter,
    /// `java.text.SimpleDateFormat`: widths are minimal, values roll over, `S` counts milliseconds, text
    /// behind the pattern is ignored.
    SimpleDateFormat,
}

#[derive(Clone, Debug)]
pub(crate) struct DatePattern {
    pub(super) items: Vec<Item>,
    pub(super) flavor: Flavor,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    Text(String),
    Field { letter: char, count: usize },
}

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl DatePattern {
    /// Fails on letters that Java reserves or that we have not.
    pub fn new(pattern: &str, flavor: Flavor) -> Result<DatePattern> {
        let mut items: Vec<Item> = vec![];
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '\'' {
                let mut text = String::new();
                if chars.peek() == Some(&'\'') {
                    chars.next();
                    text.push('\'');
                } else {
                    loop {
                        match chars.next() {
                            Some('\'') if chars.peek() == Some(&'\'') => {
                                chars.next();
                                text.push('\'');
                            }
                            Some('\'') => break,
                            Some(other) => text.push(other),
                            None => return Err(Error::data(format!("date pattern '{pattern}' has an open quote"))),
                        }
                    }
                }
                push_text(&mut items, &text);
            } else if c.is_ascii_alphabetic() {
                let mut count = 1;
                while chars.peek() == Some(&c) {
                    chars.next();
                    count += 1;
                }
                if flavor == Flavor::DateTimeFormatter && "BVOvpgI".contains(c) {
                    return Err(Error::unsupported(format!("{c} in the date pattern '{pattern}'")));
                }
                let more = if flavor == Flavor::DateTimeFormatter { "ANqc" } else { "" };
                if !"GyuYMLdDEewWFHhkKmsSnaQzZXx".contains(c) && !more.contains(c) {
                    return Err(Error::data(format!("date pattern '{pattern}' has the unknown letter {c}")));
                }
                items.push(Item::Field { letter: c, count });
            } else if flavor == Flavor::DateTimeFormatter && matches!(c, '[' | ']' | '{' | '}' | '#') {
                return Err(Error::unsupported(format!("{c} in the date pattern '{pattern}'")));
            } else {
                push_text(&mut items, c.encode_utf8(&mut [0; 4]));
            }
        }
        Ok(DatePattern { items, flavor })
    }

    /// Year, month and day in the calendar of its flavor.
    fn civil(&self, days: i64) -> (i64, u32, u32) {
        match self.flavor {
            Flavor::SimpleDateFormat => calendar::historical_of_days(days),
            Flavor::DateTimeFormatter => calendar::civil_of_days(days),
        }
    }

    /// Whether it prints a zone or offset, which a wall clock has not.
    pub fn needs_zone(&self) -> bool {
        self.items.iter().any(|i| matches!(i, Item::Field { letter: 'z' | 'Z' | 'X' | 'x', .. }))
    }

    /// Appends `local` (a wall clock) with the zone's offset for `z Z X x`.
    pub fn format(&self, local: Moment, offset_millis: i64, zone: &str, out: &mut String) {
        let days = local.days();
        let historical = self.flavor == Flavor::SimpleDateFormat;
        let (year, month, day) = self.civil(days);
        let seconds = local.millis_of_day() / 1000;
        let hour = seconds / 3600;
        for item in &self.items {
            let (letter, count) = match item {
                Item::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Item::Field { letter, count } => (*letter, *count),
            };
            let mut number = |value: i64| write_padded(value, count, out);
            match letter {
                'y' | 'Y' | 'u' if !(letter == 'u' && self.flavor == Flavor::SimpleDateFormat) => {
                    let year = match letter {
                        'Y' => us_week(days, historical).0,
                        // Of the era.
                        _ if historical && year <= 0 => 1 - year,
                        _ => year,
                    };
                    // DateTimeFormatter marks what exceeds four places or more.
                    if !historical && count >= 4 && year > 0 && year.ilog10() as usize >= count {
                        out.push('+');
                    }
                    let mut number = |value: i64| write_padded(value, count, out);
                    if count == 2 { number(year.rem_euclid(100)) } else { number(year) }
                }
                'u' => number(calendar::iso_weekday(days)),
                'M' | 'L' => match count {
                    1 | 2 => number(i64::from(month)),
                    3 => out.push_str(&MONTHS[month as usize - 1][..3]),
                    4 => out.push_str(MONTHS[month as usize - 1]),
                    _ => out.push_str(&MONTHS[month as usize - 1][..1]),
                },
                'd' => number(i64::from(day)),
                'D' if historical => number(days - calendar::days_of_historical(year, 1, 1) + 1),
                'D' => number(calendar::day_of_year(days)),
                'E' | 'e' | 'c' if letter == 'E' || count > 2 => {
                    let name = WEEKDAYS[calendar::iso_weekday(days) as usize - 1];
                    let narrow = self.flavor == Flavor::DateTimeFormatter && count > 4;
                    out.push_str(match count {
                        ..4 => &name[..3],
                        _ if narrow => &name[..1],
                        _ => name,
                    });
                }
                'e' | 'c' => number(calendar::iso_weekday(days) % 7 + 1),
                'w' => number(us_week(days, historical).1),
                'W' => number((i64::from(day) - 1 + calendar::iso_weekday(days - i64::from(day) + 1) % 7) / 7 + 1),
                'Q' | 'q' => {
                    let quarter = (month - 1) / 3;
                    match count {
                        3 => out.push_str(&format!("Q{}", quarter + 1)),
                        4 => {
                            out.push_str(["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"][quarter as usize])
                        }
                        5 => out.push_str(&(quarter + 1).to_string()),
                        _ => number(i64::from(quarter + 1)),
                    }
                }
                'F' if historical => number(i64::from((day - 1) / 7 + 1)),
                'F' => number(i64::from((day - 1) % 7 + 1)),
                'A' => number(local.millis_of_day()),
                'N' => number(local.millis_of_day() / 1000 * 1_000_000_000 + i64::from(local.nanos_of_second())),
                'H' => number(hour),
                'k' => number(if hour == 0 { 24 } else { hour }),
                'K' => number(hour % 12),
                'h' => number(if hour % 12 == 0 { 12 } else { hour % 12 }),
                'm' => number(seconds / 60 % 60),
                's' => number(seconds % 60),
                'S' if self.flavor == Flavor::SimpleDateFormat => number(local.millis.rem_euclid(1000)),
                'S' => {
                    let mut digits = String::new();
                    write_digits(local.nanos_of_second(), 9, &mut digits);
                    out.push_str(&format!("{digits:0<count$}")[..count]);
                }
                'n' => number(i64::from(local.nanos_of_second())),
                'a' => out.push_str(if hour < 12 { "AM" } else { "PM" }),
                'G' => out.push_str(if year > 0 { "AD" } else { "BC" }),
                'z' => out.push_str(zone),
                _ => write_offset(letter, count, offset_millis, out),
            }
        }
    }

    /// Reads a wall clock; None if the text does not fit. What the pattern lacks is that of 1970-01-01T00:00.
    pub fn parse(&self, text: &str) -> Option<Parsed> {
        let lenient = self.flavor == Flavor::SimpleDateFormat;
        let mut rest = text;
        let mut found = Fields::default();
        for (i, item) in self.items.iter().enumerate() {
            match item {
                Item::Text(expected) => rest = rest.strip_prefix(expected.as_str())?,
                Item::Field { letter, count } => {
                    let adjacent = self.items.get(i + 1).is_some_and(is_numeric);
                    rest = found.read(*letter, *count, adjacent, lenient, rest)?;
                }
            }
        }
        if !lenient && !rest.is_empty() {
            return None;
        }
        found.resolve(lenient)
    }
}

/// A wall clock, or an instant where the text named its offset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Parsed {
    pub local: Moment,
    pub offset_millis: Option<i64>,
}

fn push_text(items: &mut Vec<Item>, text: &str) {
    match items.last_mut() {
        Some(Item::Text(last)) => last.push_str(text),
        _ => items.push(Item::Text(text.to_owned())),
    }
}

fn is_numeric(item: &Item) -> bool {
    matches!(item, Item::Field { letter, count } if "yuYdDewWHhkKmsSn".contains(*letter) || ("MLQ".contains(*letter) && *count < 3))
}

fn write_padded(value: i64, width: usize, out: &mut String) {
    match u32::try_from(value) {
        Ok(small) if width < 10 => write_digits(small, width.max(1), out),
        _ => {
            use std::fmt::Write;
            let _ = write!(out, "{value:0width$}");
        }
    }
    if value == 0 && width == 0 {
        out.push('0');
    }
}

/// `Z` is +0100, `X` +01 / +0100 / +01:00 with Z for zero, `x` the same without Z.
fn write_offset(letter: char, count: usize, offset_millis: i64, out: &mut String) {
    let minutes = offset_millis / 60_000;
    if letter == 'X' && minutes == 0 {
        out.push('Z');
        return;
    }
    out.push(if minutes < 0 { '-' } else { '+' });
    let minutes = minutes.unsigned_abs() as u32;
    write_digits(minutes / 60, 2, out);
    if letter != 'Z' && count == 1 && minutes.is_multiple_of(60) {
        return;
    }
    if (letter != 'Z' && matches!(count, 3 | 5)) || (letter == 'Z' && count == 5) {
        out.push(':');
    }
    write_digits(minutes % 60, 2, out);
}

/// Week-based year and week in the US: weeks begin on Sunday, the first one holds 1 January.
fn us_week(days: i64, historical: bool) -> (i64, i64) {
    let sunday = days - calendar::iso_weekday(days) % 7;
    let (year_of_saturday, first) = if historical {
        let (year, ..) = calendar::historical_of_days(sunday + 6);
        (year, calendar::days_of_historical(year, 1, 1))
    } else {
        let (year, ..) = calendar::civil_of_days(sunday + 6);
        (year, calendar::days_of_civil(year, 1, 1))
    };
    let first_sunday = first - calendar::iso_weekday(first) % 7;
    (year_of_saturday, (sunday - first_sunday) / 7 + 1)
}

#[derive(Default)]
struct Fields {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: Option<i64>,
    half_day_hour: Option<i64>,
    afternoon: Option<bool>,
    minute: i64,
    second: i64,
    nanos: i64,
    offset_millis: Option<i64>,
}

impl Fields {
    /// Reads one field and returns what follows it.
    fn read<'a>(
        &mut self,
        letter: char,
        count: usize,
        adjacent: bool,
        lenient: bool,
        text: &'a str,
    ) -> Option<&'a str> {
        if letter == 'a' {
            let half = text.get(..2)?;
            self.afternoon = Some(match half.to_ascii_uppercase().as_str() {
                "AM" => false,
                "PM" => true,
                _ => return None,
            });
            return text.get(2..);
        }
        if matches!(letter, 'M' | 'L') && count >= 3 {
            let long = count >= 4 || lenient;
            let found = MONTHS.iter().position(|m| long && starts_with_ignoring_case(text, m));
            if let Some(i) = found {
                self.month = Some(i as i64 + 1);
                return text.get(MONTHS[i].len()..);
            }
            let i = MONTHS.iter().position(|m| starts_with_ignoring_case(text, &m[..3]))?;
            self.month = Some(i as i64 + 1);
            return text.get(3..);
        }
        if letter == 'E' {
            let full = WEEKDAYS.iter().find(|d| (count >= 4 || lenient) && starts_with_ignoring_case(text, d));
            let length = match full {
                Some(day) => day.len(),
                None => WEEKDAYS.iter().find(|d| starts_with_ignoring_case(text, &d[..3])).map(|_| 3)?,
            };
            return text.get(length..);
        }
        if matches!(letter, 'X' | 'x' | 'Z' | 'z') {
            let (offset, rest) = read_offset(text)?;
            self.offset_millis = Some(offset);
            return Some(rest);
        }
        if letter == 'G' {
            return text.strip_prefix("AD");
        }
        let text = if lenient { text.trim_start_matches([' ', '\t']) } else { text };
        let (min, max) = match letter {
            _ if lenient => (1, if adjacent { count } else { 19 }),
            'y' | 'u' | 'Y' if count == 2 => (2, 2),
            'y' | 'u' | 'Y' if count != 2 => (count, if adjacent && count > 1 { count } else { 19 }),
            'S' => (count, count),
            _ if count == 1 => (1, if adjacent { 2 } else { 19 }),
            _ => (count, count),
        };
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) if lenient => (-1, rest),
            _ => (1, text),
        };
        let length = digits.bytes().take(max).take_while(u8::is_ascii_digit).count();
        if length < min {
            return None;
        }
        let value: i64 = sign * digits[..length].parse::<i64>().ok()?;
        match letter {
            'y' | 'u' | 'Y' => {
                self.year = Some(if count <= 2 && length == 2 { two_digit_year(value, lenient) } else { value })
            }
            'M' | 'L' => self.month = Some(value),
            'd' => self.day = Some(value),
            'D' => self.day_of_year = Some(value),
            'H' => self.hour = Some(value),
            'k' => self.hour = Some(value % 24),
            'K' => self.half_day_hour = Some(value),
            'h' => self.half_day_hour = Some(value % 12),
            'm' => self.minute = value,
            's' => self.second = value,
            'S' if lenient => self.nanos = value * 1_000_000,
            'S' => self.nanos = value * 10i64.pow(9u32.saturating_sub(count as u32)),
            'n' => self.nanos = value,
            _ => {}
        }
        Some(&digits[length..])
    }

    fn resolve(self, lenient: bool) -> Option<Parsed> {
        let hour = match (self.hour, self.half_day_hour) {
            (Some(hour), _) => hour,
            (None, Some(half)) => half + if self.afternoon == Some(true) { 12 } else { 0 },
            _ => 0,
        };
        let year = self.year.unwrap_or(1970);
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        if !lenient {
            let in_range = (1..=12).contains(&month)
                && (1..=31).contains(&day)
                && (0..24).contains(&hour)
                && (0..60).contains(&self.minute)
                && (0..60).contains(&self.second);
            if !in_range {
                return None;
            }
        }
        let days = match self.day_of_year {
            Some(n) if lenient => calendar::days_of_historical(year, 1, n),
            Some(n) => calendar::days_of_civil(year, 1, 1) + n - 1,
            None if lenient => {
                let (years, month) = ((month - 1).div_euclid(12), (month - 1).rem_euclid(12));
                calendar::days_of_historical(year + years, month as u32 + 1, day)
            }
            // A day behind the month's end is its end.
            None => calendar::days_of_civil(
                year,
                month as u32,
                (day as u32).min(calendar::days_in_month(year, month as u32)),
            ),
        };
        let seconds = (hour * 60 + self.minute) * 60 + self.second;
        let millis = days * MILLIS_PER_DAY + seconds * 1000 + self.nanos.div_euclid(1_000_000);
        let local = Moment { millis, nanos: self.nanos.rem_euclid(1_000_000) as u32 };
        Some(Parsed { local, offset_millis: self.offset_millis })
    }
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// `DateTimeFormatter` takes 2000 … 2099, `SimpleDateFormat` within 80 years before and 20 after now.
fn two_digit_year(value: i64, lenient: bool) -> i64 {
    if lenient && value > 45 { 1900 + value } else { 2000 + value }
}

/// `Z`, `+01`, `+0100`, `+01:00`, `GMT+1`, `UTC`.
fn read_offset(text: &str) -> Option<(i64, &str)> {
    if let Some(rest) = text.strip_prefix('Z') {
        return Some((0, rest));
    }
    let named = ["UTC", "GMT"].iter().find_map(|n| text.strip_prefix(n));
    let body = named.unwrap_or(text);
    let sign = match body.bytes().next() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return named.map(|rest| (0, rest)),
    };
    let digits = &body[1..];
    let hours_length = digits.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let hours: i64 = digits.get(..hours_length)?.parse().ok()?;
    let rest = &digits[hours_length..];
    let minutes_text = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = match minutes_text.get(..2).and_then(|m| m.parse::<i64>().ok()) {
        Some(minutes) => (minutes, &minutes_text[2..]),
        None => (0, rest),
    };
    Some((sign * (hours * 60 + minutes) * 60_000, rest))
}
