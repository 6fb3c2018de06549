//! Literals to typed constants, with Flink's types and checks: `1.50` is DECIMAL(3, 2), `'ab'` is CHAR(2),
//! `INTERVAL '100' DAY` has one digit too many.

use flitz_dataflow::{Error, Result, Span, TypeKind};
use flitz_plan::{Expr, Literal};

use crate::ast;
use crate::ast::{IntervalQualifier, TimeUnit};

pub(crate) fn resolve_literal(literal: &ast::Literal, span: Span) -> Result<Expr> {
    resolve(literal, false).map_err(|e| e.or_at(span))
}

/// `-` before a number: only so is -9223372036854775808 a BIGINT.
pub(crate) fn resolve_negative(literal: &ast::Literal, span: Span) -> Option<Result<Expr>> {
    use ast::Literal::*;
    matches!(literal, Integer(_) | Decimal(_) | Approximate(_))
        .then(|| resolve(literal, true).map_err(|e| e.or_at(span)))
}

fn resolve(literal: &ast::Literal, negative: bool) -> Result<Expr> {
    let constant = |value, kind: TypeKind| Ok(Expr::literal(value, kind.not_null()));
    match literal {
        ast::Literal::Null => Ok(Expr::literal(Literal::Null, TypeKind::Null.nullable())),
        ast::Literal::Boolean(b) => Ok(Expr::boolean(*b)),
        ast::Literal::Unknown => Ok(Expr::literal(Literal::Null, TypeKind::Boolean.nullable())),
        ast::Literal::Integer(digits) => integer(digits, negative),
        ast::Literal::Decimal(text) => decimal(text, negative),
        ast::Literal::Approximate(text) => {
            let value: f64 = text.parse().map_err(|_| Error::invalid(format!("'{text}' is not a number")))?;
            if !value.is_finite() {
                return Err(Error::invalid(format!("numeric literal '{text}' is out of range")));
            }
            // Zero has no sign here.
            constant(Literal::Double(if negative { 0.0 - value } else { value }), TypeKind::Double)
        }
        ast::Literal::String(text) => {
            constant(Literal::String(text.clone()), TypeKind::Char(text.encode_utf16().count() as u32))
        }
        ast::Literal::Binary(bytes) => constant(Literal::Bytes(bytes.clone()), TypeKind::Binary(bytes.len() as u32)),
        ast::Literal::Date(text) => {
            let days = parse_date(text.trim()).ok_or_else(|| illegal("DATE", text, "yyyy-MM-dd"))?;
            constant(Literal::Integer(days), TypeKind::Date)
        }
        ast::Literal::Time(text) => {
            let (nanos, digits) = parse_time(text.trim()).ok_or_else(|| illegal("TIME", text, "HH:mm:ss"))?;
            constant(Literal::Integer(nanos / 1_000_000), TypeKind::Time(digits))
        }
        ast::Literal::Timestamp(text) => {
            let wrong = || illegal("TIMESTAMP", text, "yyyy-MM-dd HH:mm:ss");
            let (date, time) = text.trim().split_once(' ').unwrap_or((text.trim(), "00:00:00"));
            let days = parse_date(date).ok_or_else(wrong)?;
            let (nanos, digits) = parse_time(time.trim_start()).ok_or_else(wrong)?;
            let per_second = match digits {
                0..=3 => 1_000,
                4..=6 => 1_000_000,
                _ => 1_000_000_000,
            };
            let value = i128::from(days) * 86_400 * per_second + i128::from(nanos) * per_second / 1_000_000_000;
            let value = i64::try_from(value)
                .map_err(|_| Error::unsupported(format!("TIMESTAMP '{text}': out of the range of nanoseconds")))?;
            constant(Literal::Integer(value), TypeKind::timestamp(digits))
        }
        ast::Literal::TimestampLtz(_) => {
            Err(Error::unsupported("TIMESTAMP_LTZ literals").hint("CAST a TIMESTAMP literal"))
        }
        ast::Literal::Interval { negative, text, qualifier } => interval(*negative, text, qualifier),
    }
}

/// INT, or BIGINT if it does not fit.
fn integer(digits: &str, negative: bool) -> Result<Expr> {
    let out_of_range = || {
        Error::invalid(format!("numeric literal '{digits}' is out of range"))
            .hint("write it as text: CAST('…' AS DECIMAL(38, 0))")
    };
    let value: i128 = digits.parse().map_err(|_| out_of_range())?;
    let value = i64::try_from(if negative { -value } else { value }).map_err(|_| out_of_range())?;
    let kind = if i32::try_from(value).is_ok() { TypeKind::Int } else { TypeKind::BigInt };
    Ok(Expr::literal(Literal::Integer(value), kind.not_null()))
}

/// As many digits as are written: `0.05` is DECIMAL(3, 2), `.5` DECIMAL(1, 1), `5.` is an integer.
fn decimal(text: &str, negative: bool) -> Result<Expr> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.is_empty() {
        return integer(whole, negative);
    }
    let precision = whole.len() + fraction.len();
    if precision > 38 {
        return Err(Error::invalid(format!("numeric literal '{text}' has more than 38 digits")));
    }
    let unscaled: i128 =
        format!("{whole}{fraction}").parse().map_err(|_| Error::invalid(format!("'{text}' is not a number")))?;
    // Flink's parser takes as many digits as a BIGINT holds.
    if i64::try_from(unscaled).is_err() {
        return Err(Error::invalid(format!("numeric literal '{text}' is out of range"))
            .hint(format!("write it as text: CAST('{text}' AS DECIMAL({precision}, {}))", fraction.len())));
    }
    let kind = TypeKind::Decimal { precision: precision as u8, scale: fraction.len() as u8 };
    Ok(Expr::literal(Literal::Decimal(if negative { -unscaled } else { unscaled }), kind.not_null()))
}

fn illegal(kind: &str, text: &str, format: &str) -> Error {
    Error::invalid(format!("illegal {kind} literal '{text}'")).hint(format!("write an existing one as '{format}'"))
}

/// Days since 1970-01-01 of an existing day.
fn parse_date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    (1..=length).contains(&day).then(|| days_from_civil(year, month, day))
}

/// Days since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Nanoseconds of the day and the number of fractional digits.
fn parse_time(text: &str) -> Option<(i64, u8)> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    if fraction.len() > 9 || [hour, minute, second].iter().any(|p| p.is_empty() || p.len() > 2) {
        return None;
    }
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let nanos = if fraction.is_empty() { 0 } else { number(&format!("{fraction:0<9}"))? };
    Some((((hour * 60 + minute) * 60 + second) * 1_000_000_000 + nanos, fraction.len() as u8))
}

fn number(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Months, or milliseconds.
fn interval(negative: bool, text: &str, qualifier: &IntervalQualifier) -> Result<Expr> {
    let written = text.trim();
    let (negative, body) = match written.strip_prefix('-') {
        Some(rest) => (!negative, rest),
        None => (negative, written.strip_prefix('+').unwrap_or(written)),
    };
    let units = units_of(qualifier)?;
    let wrong = || {
        let name = qualifier_name(qualifier);
        Error::invalid(format!("illegal interval literal '{text}' {name}"))
            .hint(format!("write it as INTERVAL '{}' {name}", example(&units)))
    };
    let fields = split_fields(body, &units).ok_or_else(wrong)?;
    let year_month = matches!(units[0], TimeUnit::Year | TimeUnit::Quarter | TimeUnit::Month);
    let mut total: i128 = 0;
    for (i, (&unit, field)) in units.iter().zip(&fields).enumerate() {
        let (digits, fraction) = field.split_once('.').unwrap_or((field, ""));
        if field.contains('.') && (unit != TimeUnit::Second || fraction.is_empty()) {
            return Err(wrong());
        }
        let value = number(digits).filter(|_| !digits.is_empty()).ok_or_else(wrong)?;
        if i == 0 {
            let precision = qualifier.leading_precision.unwrap_or(2);
            if value.to_string().len() as u32 > precision {
                let name = unit_name(unit);
                return Err(Error::invalid(format!(
                    "interval field value {value} exceeds precision of {name}({precision}) field"
                ))
                .hint(format!("write {name}({})", value.to_string().len())));
            }
        } else if value > field_max(unit) {
            return Err(wrong());
        }
        if fraction.len() as u32 > qualifier.fractional_precision.unwrap_or(6) {
            return Err(wrong());
        }
        total += i128::from(value) * unit_size(unit);
        if !fraction.is_empty() {
            total += i128::from(number(&format!("{:0<3}", &fraction[..fraction.len().min(3)])).ok_or_else(wrong)?);
        }
    }
    let total = i64::try_from(if negative { -total } else { total }).map_err(|_| wrong())?;
    let kind = if year_month { TypeKind::IntervalYearMonth } else { TypeKind::IntervalDaySecond };
    Ok(Expr::literal(Literal::Integer(total), kind.not_null()))
}

/// The units that the text holds, from the first to the last of the qualifier.
fn units_of(qualifier: &IntervalQualifier) -> Result<Vec<TimeUnit>> {
    use TimeUnit::*;
    const DAY_TIME: &[TimeUnit] = &[Day, Hour, Minute, Second];
    let unknown =
        || Error::invalid(format!("no interval has the unit {}", qualifier_name(qualifier))).at(qualifier.span);
    match (qualifier.start, qualifier.end) {
        (unit @ (Year | Quarter | Month | Week | Day | Hour | Minute | Second), None) => Ok(vec![unit]),
        (Year, Some(Month)) => Ok(vec![Year, Month]),
        (start, Some(end)) => {
            let position = |unit| DAY_TIME.iter().position(|&u| u == unit);
            match (position(start), position(end)) {
                (Some(a), Some(b)) if a < b => Ok(DAY_TIME[a..=b].to_vec()),
                _ => Err(unknown()),
            }
        }
        _ => Err(unknown()),
    }
}

/// `1 02:03:04` is a day, then fields between colons; `1-2` is years and months.
fn split_fields<'a>(body: &'a str, units: &[TimeUnit]) -> Option<Vec<&'a str>> {
    let fields: Vec<&str> = match units {
        [_] => vec![body],
        [TimeUnit::Year, _] => body.split('-').collect(),
        [TimeUnit::Day, ..] => {
            let (day, rest) = body.split_once(' ')?;
            std::iter::once(day).chain(rest.trim_start().split(':')).collect()
        }
        _ => body.split(':').collect(),
    };
    (fields.len() == units.len()).then_some(fields)
}

fn field_max(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Month => 11,
        TimeUnit::Hour => 23,
        _ => 59,
    }
}

fn unit_size(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Year => 12,
        TimeUnit::Quarter => 3,
        TimeUnit::Month => 1,
        TimeUnit::Week => 7 * 86_400_000,
        TimeUnit::Day => 86_400_000,
        TimeUnit::Hour => 3_600_000,
        TimeUnit::Minute => 60_000,
        _ => 1_000,
    }
}

fn example(units: &[TimeUnit]) -> &'static str {
    use TimeUnit::*;
    match units {
        [_] => "10",
        [Year, Month] => "1-6",
        [Day, Hour] => "1 06",
        [Day, Hour, Minute] => "1 06:30",
        [Day, ..] => "1 06:30:00",
        [Hour, Minute] => "06:30",
        [Hour, ..] => "06:30:00",
        _ => "30:00",
    }
}

fn qualifier_name(qualifier: &IntervalQualifier) -> String {
    match qualifier.end {
        Some(end) => format!("{} TO {}", unit_name(qualifier.start), unit_name(end)),
        None => unit_name(qualifier.start).to_owned(),
    }
}

/// Singular and upper case: how functions take units.
pub(crate) fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Nanosecond => "NANOSECOND",
        TimeUnit::Microsecond => "MICROSECOND",
        TimeUnit::Millisecond => "MILLISECOND",
        TimeUnit::Second => "SECOND",
        TimeUnit::Minute => "MINUTE",
        TimeUnit::Hour => "HOUR",
        TimeUnit::Day => "DAY",
        TimeUnit::Week => "WEEK",
        TimeUnit::Month => "MONTH",
        TimeUnit::Quarter => "QUARTER",
        TimeUnit::Year => "YEAR",
        TimeUnit::Decade => "DECADE",
        TimeUnit::Century => "CENTURY",
        TimeUnit::Millennium => "MILLENNIUM",
        TimeUnit::Dow => "DOW",
        TimeUnit::IsoDow => "ISODOW",
        TimeUnit::Doy => "DOY",
        TimeUnit::IsoYear => "ISOYEAR",
        TimeUnit::Epoch => "EPOCH",
    }
}
