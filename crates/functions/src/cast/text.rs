//! Values as text, and text as values.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryArray};
use arrow::datatypes::{
    Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalYearMonthType, Time32MillisecondType,
};
use flitz_dataflow::bitmap::write_bitmap_text;
use flitz_dataflow::{MAX_LENGTH, Result, TypeKind};

use super::{Caster, Conversion};
use crate::calendar::{self, Moment, Moments, Zone};
use crate::columnar::{Args, Columnar};
use crate::decimal;
use crate::java::number::{write_double, write_float};
use crate::text_column::TextColumn;

pub(super) fn to_text(conversion: Conversion) -> Caster {
    Box::new(move |array| {
        // No integer has more characters than this.
        if matches!(conversion.to, TypeKind::Varchar(20..)) {
            match conversion.from {
                TypeKind::TinyInt => return integers_to_text::<Int8Type>(array),
                TypeKind::SmallInt => return integers_to_text::<Int16Type>(array),
                TypeKind::Int => return integers_to_text::<Int32Type>(array),
                TypeKind::BigInt => return integers_to_text::<Int64Type>(array),
                _ => {}
            }
        }
        let columns = [Columnar::Array(array.clone())];
        let args = Args { columns: &columns, rows: array.len() };
        let writer = Writer { kind: &conversion.from, zone: conversion.zone };
        args.build_strings(array.logical_nulls(), |row, out| {
            let start = out.len();
            writer.write(array, row, out);
            match conversion.to {
                TypeKind::Varchar(n) if n < MAX_LENGTH => cut(out, start, n),
                TypeKind::Char(n) => {
                    cut(out, start, n);
                    let length = out[start..].chars().count();
                    // A CHAR(n) from Flink's own literals is never padded to gigabytes: n is the literal's length.
                    out.extend(std::iter::repeat_n(' ', (n as usize).saturating_sub(length)));
                }
                _ => {}
            }
            Ok(true)
        })
    })
}

fn integers_to_text<T: ArrowPrimitiveType<Native: itoa::Integer>>(array: &ArrayRef) -> Result<ArrayRef> {
    let values = array.as_primitive::<T>();
    let mut column = TextColumn::with_capacity(values.len(), values.len() * 8);
    let mut digits = itoa::Buffer::new();
    for row in 0..values.len() {
        if values.is_null(row) {
            column.end_null()?;
            continue;
        }
        column.append(digits.format(values.value(row)));
        column.end()?;
    }
    Ok(column.finish())
}

/// Keeps `n` characters of what was written from `start`.
fn cut(out: &mut String, start: usize, n: u32) {
    if out.len() - start > n as usize
        && let Some((at, _)) = out[start..].char_indices().nth(n as usize)
    {
        out.truncate(start + at);
    }
}

/// Prints values of one type as CAST to STRING does.
pub(crate) struct Writer<'a> {
    pub kind: &'a TypeKind,
    pub zone: Zone,
}

impl Writer<'_> {
    /// Appends the text of a value that is not NULL.
    pub fn write(&self, array: &ArrayRef, row: usize, out: &mut String) {
        let mut digits = itoa::Buffer::new();
        match self.kind {
            TypeKind::Null => out.push_str("NULL"),
            TypeKind::Boolean => out.push_str(if array.as_boolean().value(row) { "TRUE" } else { "FALSE" }),
            TypeKind::TinyInt => out.push_str(digits.format(array.as_primitive::<Int8Type>().value(row))),
            TypeKind::SmallInt => out.push_str(digits.format(array.as_primitive::<Int16Type>().value(row))),
            TypeKind::Int => out.push_str(digits.format(array.as_primitive::<Int32Type>().value(row))),
            TypeKind::BigInt => out.push_str(digits.format(array.as_primitive::<Int64Type>().value(row))),
            TypeKind::Float => write_float(array.as_primitive::<Float32Type>().value(row), out),
            TypeKind::Double => write_double(array.as_primitive::<Float64Type>().value(row), out),
            TypeKind::Decimal { scale, .. } => {
                decimal::write(array.as_primitive::<Decimal128Type>().value(row), *scale, out);
            }
            TypeKind::Char(_) | TypeKind::Varchar(_) => out.push_str(array.as_string::<i32>().value(row)),
            TypeKind::Binary(_) | TypeKind::Varbinary(_) => {
                out.push_str(&String::from_utf8_lossy(array.as_binary::<i32>().value(row)));
            }
            TypeKind::Bitmap => {
                let start = out.len();
                // One that can't be read is shown as nothing: it came from outside as bytes.
                if write_bitmap_text(array.as_binary::<i32>().value(row), out).is_err() {
                    out.truncate(start);
                }
            }
            TypeKind::Date => calendar::write_date(i64::from(array.as_primitive::<Date32Type>().value(row)), out),
            TypeKind::Time(precision) => {
                let millis = array.as_primitive::<Time32MillisecondType>().value(row);
                calendar::write_time_of_day(i64::from(millis), *precision, out);
            }
            TypeKind::Timestamp { precision, .. } => {
                calendar::write_timestamp(Moments::of(array).get(row), *precision, out);
            }
            TypeKind::TimestampLtz { precision, .. } => {
                let utc = Moments::of(array).get(row);
                let local = Moment { millis: self.zone.to_local(utc.millis), nanos: utc.nanos };
                calendar::write_timestamp(local, *precision, out);
            }
            TypeKind::IntervalYearMonth => {
                write_year_month(array.as_primitive::<IntervalYearMonthType>().value(row), out);
            }
            TypeKind::IntervalDaySecond => {
                write_day_second(array.as_primitive::<DurationMillisecondType>().value(row), out);
            }
            TypeKind::Array(element) => {
                let list = array.as_list::<i32>();
                let offsets = list.value_offsets();
                let writer = Writer { kind: &element.kind, zone: self.zone };
                out.push('[');
                for (n, i) in (offsets[row] as usize..offsets[row + 1] as usize).enumerate() {
                    out.push_str(if n == 0 { "" } else { ", " });
                    writer.write_nested(list.values(), i, out);
                }
                out.push(']');
            }
            TypeKind::Map(key, value) => self.write_map(&key.kind, &value.kind, array, row, out),
            TypeKind::Multiset(element) => self.write_map(&element.kind, &TypeKind::Int, array, row, out),
            TypeKind::Row(fields) => {
                out.push('(');
                for (n, (field, column)) in fields.iter().zip(array.as_struct().columns()).enumerate() {
                    out.push_str(if n == 0 { "" } else { ", " });
                    Writer { kind: &field.data_type.kind, zone: self.zone }.write_nested(column, row, out);
                }
                out.push(')');
            }
        }
    }

    fn write_map(&self, key: &TypeKind, value: &TypeKind, array: &ArrayRef, row: usize, out: &mut String) {
        let map = array.as_map();
        let offsets = map.value_offsets();
        out.push('{');
        for (n, i) in (offsets[row] as usize..offsets[row + 1] as usize).enumerate() {
            out.push_str(if n == 0 { "" } else { ", " });
            Writer { kind: key, zone: self.zone }.write_nested(map.keys(), i, out);
            out.push('=');
            Writer { kind: value, zone: self.zone }.write_nested(map.values(), i, out);
        }
        out.push('}');
    }

    fn write_nested(&self, array: &ArrayRef, row: usize, out: &mut String) {
        if array.is_null(row) { out.push_str("NULL") } else { self.write(array, row, out) }
    }
}

fn write_year_month(months: i32, out: &mut String) {
    use std::fmt::Write;
    let sign = if months < 0 { '-' } else { '+' };
    let months = months.unsigned_abs();
    let _ = write!(out, "{sign}{}-{:02}", months / 12, months % 12);
}

fn write_day_second(millis: i64, out: &mut String) {
    use std::fmt::Write;
    let sign = if millis < 0 { '-' } else { '+' };
    let (millis, day) = (millis.unsigned_abs(), calendar::MILLIS_PER_DAY.unsigned_abs());
    let _ = write!(out, "{sign}{} ", millis / day);
    calendar::write_time((millis % day) as i64, 0, 3, out);
}

/// UTF-8 bytes of text; BINARY(n) is cut or filled with zeros, VARBINARY(n) cut.
pub(super) fn to_bytes(conversion: Conversion) -> Caster {
    Box::new(move |array| {
        if let TypeKind::Varbinary(MAX_LENGTH) = conversion.to {
            return Ok(match array.as_string_opt::<i32>() {
                Some(text) => Arc::new(BinaryArray::from(text.clone())),
                None => array.clone(),
            });
        }
        let columns = [Columnar::Array(array.clone())];
        let args = Args { columns: &columns, rows: array.len() };
        args.build_binaries(array.logical_nulls(), |row, out| {
            let bytes = match array.as_string_opt::<i32>() {
                Some(text) => text.value(row).as_bytes(),
                None => array.as_binary::<i32>().value(row),
            };
            let (TypeKind::Binary(n) | TypeKind::Varbinary(n)) = conversion.to else { return conversion.unknown() };
            out.extend_from_slice(&bytes[..bytes.len().min(n as usize)]);
            if matches!(conversion.to, TypeKind::Binary(_)) && bytes.len() < n as usize {
                out.resize(out.len() + n as usize - bytes.len(), 0);
            }
            Ok(true)
        })
    })
}

/// An integer, or a decimal number cut to one; None if it is neither or exceeds 64 bits.
pub(crate) fn parse_integer(s: &str) -> Option<i64> {
    let s = s.trim_matches(' ').as_bytes();
    let (negative, digits) = match s {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    let mut rest = digits.iter();
    for b in rest.by_ref() {
        match b {
            // Counting downwards reaches i64::MIN.
            b'0'..=b'9' => value = value.checked_mul(10)?.checked_sub(i64::from(b - b'0'))?,
            b'.' => break,
            _ => return None,
        }
    }
    if !rest.all(u8::is_ascii_digit) {
        return None;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// What `Double.parseDouble` takes.
pub(crate) fn parse_double(s: &str) -> Option<f64> {
    let s = s.trim_matches(|c: char| c <= ' ');
    let unsigned = s.strip_prefix(['-', '+']).unwrap_or(s);
    if unsigned == "NaN" {
        return Some(f64::NAN);
    }
    if unsigned == "Infinity" {
        return Some(if s.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    if unsigned.starts_with("0x") || unsigned.starts_with("0X") {
        return parse_hexadecimal(s);
    }
    let number = s.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(s);
    // Rust also reads "inf" and "nan", which Java does not.
    let plain = number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    if plain { number.parse().ok() } else { None }
}

/// What `new BigDecimal(s)` takes: unscaled value and scale (negative for exponents), at most 38 digits kept.
pub(crate) fn parse_decimal_text(s: &str) -> Option<(i128, i32)> {
    let (mantissa, exponent) = match s.find(['e', 'E']) {
        Some(i) => (&s[..i], s[i + 1..].parse::<i32>().ok()?),
        None => (s, 0),
    };
    let (negative, digits) = match mantissa.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mut value: i128 = 0;
    let mut scale = 0i32;
    let mut seen = false;
    let mut fraction = false;
    let mut dropped = 0i32;
    for b in digits {
        match b {
            b'.' if !fraction => fraction = true,
            b'0'..=b'9' => {
                seen = true;
                match value.checked_mul(10).and_then(|v| v.checked_add(i128::from(b - b'0'))) {
                    Some(v) if dropped == 0 => {
                        value = v;
                        scale += i32::from(fraction);
                    }
                    // Digits that 128 bits can't hold: those of a fraction are far behind any scale.
                    _ => dropped += i32::from(!fraction),
                }
            }
            _ => return None,
        }
    }
    seen.then(|| (if negative { -value } else { value }, scale - dropped - exponent))
}

/// `0x1.8p3` with an optional suffix: hexadecimal digits, and a power of two that must be there.
fn parse_hexadecimal(s: &str) -> Option<f64> {
    let number = s.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(s);
    let (mantissa, exponent) = number.split_once(['p', 'P'])?;
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = mantissa[2..].split_once('.').unwrap_or((&mantissa[2..], ""));
    // More than 52 bits of them would have to be rounded.
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > 13 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let value = u64::from_str_radix(&digits, 16).ok()? as f64;
    let exponent: i32 = exponent.parse().ok()?;
    Some(sign * value * 2f64.powi(exponent.checked_sub(4 * fraction.len() as i32)?))
}

/// What Flink reads of a short text as a number that 64 bits can hold: one character that does not belong there may
/// end the digits or the exponent, and no digits at all are 0. None if it is nothing of that.
fn short_number(s: &str) -> Option<String> {
    let blank = |b: &u8| matches!(b, b' ' | b'\n' | b'\t');
    let start = s.bytes().position(|b| !blank(&b))?;
    let mut bytes = s.as_bytes()[start..].iter().copied().peekable();
    let mut number = String::new();
    if let Some(sign) = bytes.next_if(|b| matches!(b, b'-' | b'+')) {
        number.push(char::from(sign));
        bytes.peek()?;
    }
    let (mut digits, mut point, mut end) = (0, false, 0);
    for b in bytes.by_ref() {
        match b {
            b'0'..=b'9' => digits += 1,
            b'.' if point => return None,
            b'.' => point = true,
            _ => {
                end = b;
                break;
            }
        }
        number.push(char::from(b));
    }
    if digits == 0 {
        number.push('0');
    }
    if matches!(end, b'e' | b'E') && bytes.peek().is_some() {
        let mut exponent = String::new();
        if let Some(sign) = bytes.next_if(|b| matches!(b, b'-' | b'+')) {
            exponent.push(char::from(sign));
            bytes.peek()?;
        }
        while let Some(b) = bytes.next().filter(u8::is_ascii_digit) {
            exponent.push(char::from(b));
        }
        if exponent.ends_with(|c: char| c.is_ascii_digit()) {
            number = format!("{number}e{exponent}");
        }
    }
    bytes.all(|b| blank(&b)).then_some(number)
}

/// Text as DECIMAL(precision, scale): None if it is no number, Some(None) if it has too many digits.
pub(crate) fn parse_decimal(s: &str, precision: u8, scale: u8) -> Option<Option<i128>> {
    const SHORT: usize = 18;
    let (value, found) = match usize::from(precision) <= SHORT && s.len() <= SHORT {
        true => parse_decimal_text(&short_number(s)?)?,
        false => parse_decimal_text(s.trim_matches(' '))?,
    };
    let wanted = i32::from(scale);
    if value == 0 {
        return Some(Some(0));
    }
    let shifted = if found <= wanted {
        let shift = u32::try_from(wanted - found).ok().filter(|s| *s <= 38);
        shift.and_then(|s| value.checked_mul(decimal::power_of_ten(s as u8)))
    } else if found - wanted > 38 {
        Some(0)
    } else {
        Some(decimal::divide_rounded(value, decimal::power_of_ten((found - wanted) as u8), decimal::Mode::HalfUp))
    };
    Some(shifted.and_then(|v| decimal::fit(v, precision)))
}

pub(crate) fn parse_boolean(s: &str) -> Option<bool> {
    let is_one_of = |words: &[&str]| words.iter().any(|w| s.eq_ignore_ascii_case(w));
    if is_one_of(&["t", "true", "y", "yes", "1"]) {
        Some(true)
    } else if is_one_of(&["f", "false", "n", "no", "0"]) {
        Some(false)
    } else {
        None
    }
}

/// Days of `yyyy[-M[-d]]`, a clock time behind a blank ignored.
pub(crate) fn parse_date(s: &str) -> Option<i32> {
    let s = match s.find(' ') {
        Some(i) if i > 0 => &s[..i],
        _ => s,
    };
    let mut parts = s.splitn(3, '-').map(|p| p.trim().parse::<u32>().ok());
    let year = parts.next()??;
    let month = parts.next().unwrap_or(Some(1))?;
    let day = parts.next().unwrap_or(Some(1))?;
    let valid =
        year <= 9999 && (1..=12).contains(&month) && (1..=calendar::days_in_month(year.into(), month)).contains(&day);
    valid.then(|| calendar::days_of_civil(year.into(), month, day) as i32)
}

/// Milliseconds of `H[:m[:s[.f]]]`.
pub(crate) fn parse_time(s: &str) -> Option<i32> {
    let mut parts = s.splitn(3, ':');
    let number = |p: &str| p.trim().parse::<u32>().ok();
    let hour = number(parts.next()?)?;
    let minute = parts.next().map_or(Some(0), number)?;
    let (second, millis) = match parts.next() {
        None => (0, 0),
        Some(text) => {
            let (second, fraction) = text.split_once('.').unwrap_or((text, ""));
            let fraction = fraction.trim();
            if !fraction.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let millis = format!("{fraction:0<3}")[..3].parse::<u32>().ok()?;
            (number(second)?, millis)
        }
    };
    (hour < 24 && minute < 60 && second < 60).then(|| (((hour * 60 + minute) * 60 + second) * 1000 + millis) as i32)
}

/// `yyyy-M-d[ H:m:s[.f]]`, f up to 9 digits. A day behind the month's end is its end.
pub(crate) fn parse_timestamp(s: &str) -> Option<Moment> {
    parse_date_and_time(s, false)
}

/// As `java.sql.Timestamp.valueOf` and `java.sql.Date.valueOf` read it: 30 February is 1 or 2 March, 25 hours are a day
/// and one.
pub(crate) fn parse_sql_timestamp(s: &str) -> Option<Moment> {
    parse_date_and_time(s, true)
}

fn parse_date_and_time(s: &str, lenient: bool) -> Option<Moment> {
    let mut cursor = Cursor(s.as_bytes());
    let year = cursor.number(4, 4)?;
    cursor.literal(b'-')?;
    let month = cursor.number(1, 2)?;
    cursor.literal(b'-')?;
    let day = cursor.number(1, 2)?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let last = if lenient { day } else { calendar::days_in_month(year.into(), month) };
    let days = calendar::days_of_civil(year.into(), month, 1) + i64::from(day.min(last)) - 1;
    let (mut millis, mut nanos) = (days * calendar::MILLIS_PER_DAY, 0);
    if !cursor.0.is_empty() {
        cursor.literal(b' ')?;
        let hour = cursor.number(1, 2)?;
        cursor.literal(b':')?;
        let minute = cursor.number(1, 2)?;
        cursor.literal(b':')?;
        let second = cursor.number(1, 2)?;
        if !lenient && (hour > 23 || minute > 59 || second > 59) {
            return None;
        }
        millis += i64::from((hour * 60 + minute) * 60 + second) * 1000;
        if !cursor.0.is_empty() {
            cursor.literal(b'.')?;
            let digits = cursor.0.len();
            let fraction = if digits == 0 { 0 } else { cursor.number(1, 9)? };
            let fraction = fraction * 10u32.pow(9 - digits.min(9) as u32);
            millis += i64::from(fraction / 1_000_000);
            nanos = fraction % 1_000_000;
        }
    }
    cursor.0.is_empty().then_some(Moment { millis, nanos })
}

/// Text being read from the left.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn number(&mut self, min: usize, max: usize) -> Option<u32> {
        let length = self.0.iter().take(max).take_while(|b| b.is_ascii_digit()).count();
        if length < min {
            return None;
        }
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(digits.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0')))
    }

    fn literal(&mut self, expected: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        (*first == expected).then_some(())
    }
}
