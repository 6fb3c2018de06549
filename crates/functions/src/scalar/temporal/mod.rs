//! Dates, times and intervals: their arithmetic and the functions that read the clock.
//!
//! A TIMESTAMP_LTZ is taken apart, rounded and printed in the session time zone.
//!
//! | module | |
//! |---|---|
//! | [`rounding`] | FLOOR, CEIL |
//! | [`text`] | times from text |
//! | [`date_format`] | text of times |
//! | [`clock`] | NOW and its like, CURRENT_WATERMARK |
//!
//! Here are the units, arithmetic and EXTRACT.

mod clock;
mod date_format;
mod rounding;
mod text;

use std::str::FromStr;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{
    Date32Type, DurationMillisecondType, Int32Type, Int64Type, IntervalYearMonthType, Time32MillisecondType,
};
use flitz_dataflow::{DataType, Error, Result, TimeAttribute, TypeKind};
use flitz_plan::Expr;

use super::arithmetic::Op;
use super::{Eval, Function, Kernel, Output, Param, Simple, Site, any_nullable, exactly, literal_text, mismatch_of};
use crate::calendar::{self, MILLIS_PER_DAY, Moment, Moments, Zone};
use crate::cast::temporal::build_timestamps;
use crate::coercion::cast_to;
use crate::columnar::Args;

pub(super) use rounding::{bind_rounding, prepare_rounding};

const STR: Param = Param::String;
const BIGINT: Output = Output::Strict(Simple::BigInt);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::custom("EXTRACT", |_, args| bind_extract(args), Eval::Prepared(prepare_extract)),
    Function::custom("YEAR", shorthand, Eval::Special),
    Function::custom("QUARTER", shorthand, Eval::Special),
    Function::custom("MONTH", shorthand, Eval::Special),
    Function::custom("WEEK", shorthand, Eval::Special),
    Function::custom("DAYOFYEAR", |_, args| shorthand("DOY", args), Eval::Special),
    Function::custom("DAYOFMONTH", |_, args| shorthand("DAY", args), Eval::Special),
    Function::custom("DAYOFWEEK", |_, args| shorthand("DOW", args), Eval::Special),
    Function::custom("HOUR", shorthand, Eval::Special),
    Function::custom("MINUTE", shorthand, Eval::Special),
    Function::custom("SECOND", shorthand, Eval::Special),
    Function::custom("TIMESTAMPADD", |_, args| bind_timestampadd(args), Eval::Special),
    Function::custom("TIMESTAMPDIFF", |_, args| bind_timestampdiff(args), Eval::Prepared(prepare_timestampdiff)),
    Function::custom("OVERLAPS", |_, args| bind_overlaps(args), Eval::Special),
    Function::custom(
        "DATE_FORMAT",
        |_, args| date_format::bind_date_format(args),
        Eval::Prepared(date_format::prepare_date_format),
    )
    .fallible(),
    Function::prepared(
        "FROM_UNIXTIME",
        &[Param::BigInt, STR],
        Output::Nullable(Simple::String),
        date_format::prepare_from_unixtime,
    )
    .optional(1),
    Function::prepared("UNIX_TIMESTAMP", &[STR, STR], BIGINT, text::prepare_unix_timestamp).optional(2).volatile(),
    Function::prepared("TO_DATE", &[STR, STR], Output::Nullable(Simple::Date), text::prepare_to_date).optional(1),
    Function::custom(
        "TO_TIMESTAMP",
        |_, args| text::bind_to_timestamp(args),
        Eval::Prepared(text::prepare_to_timestamp),
    ),
    Function::custom(
        "TO_TIMESTAMP_LTZ",
        |_, args| text::bind_to_timestamp_ltz(args),
        Eval::Prepared(text::prepare_to_timestamp_ltz),
    )
    .fallible(),
    Function::new("CONVERT_TZ", &[STR, STR, STR], Output::Nullable(Simple::String), text::convert_tz),
    clock::now("CURRENT_TIMESTAMP"),
    clock::now("NOW"),
    clock::now("CURRENT_ROW_TIMESTAMP"),
    clock::now("LOCALTIMESTAMP"),
    clock::now("LOCALTIME"),
    clock::now("CURRENT_TIME"),
    clock::now("CURRENT_DATE"),
    clock::now("PROCTIME"),
    Function::custom(
        "CURRENT_WATERMARK",
        |_, args| clock::bind_current_watermark(args),
        Eval::Prepared(clock::prepare_current_watermark),
    )
    .volatile(),
];

// ---- Arithmetic

/// `datetime ± interval`, `interval ± interval`, `interval * number`.
pub(super) fn bind_arithmetic(name: &'static str, left: Expr, right: Expr) -> Result<Expr> {
    use TypeKind::*;
    let (a, b) = (left.data_type().kind.clone(), right.data_type().kind.clone());
    if matches!(name, "+" | "*") && a.is_interval() != (name == "*") && a.is_interval() != b.is_interval() {
        return bind_arithmetic(name, right, left);
    }
    let nullable = any_nullable(&[left.clone(), right.clone()]);
    let kind = match (name, &a, &b) {
        ("+" | "-", Date, IntervalYearMonth | IntervalDaySecond) => Date,
        ("+" | "-", Time(p), IntervalDaySecond) => Time(*p),
        ("+" | "-", Timestamp { .. } | TimestampLtz { .. }, b) if b.is_interval() => {
            a.clone().with_attribute(TimeAttribute::None)
        }
        ("+" | "-", IntervalYearMonth, IntervalYearMonth) => IntervalYearMonth,
        ("+" | "-", IntervalDaySecond, IntervalDaySecond) => IntervalDaySecond,
        ("*", interval, n) if interval.is_interval() && n.is_integer() => {
            let right = cast_to(right, &BigInt.nullable());
            return Ok(Expr::call(name, vec![left, right], DataType::new(a, nullable)));
        }
        ("-", a, b) if !a.is_interval() && !b.is_interval() => {
            return Err(mismatch_of(name, &[left, right]).hint("use TIMESTAMPDIFF(unit, from, to)"));
        }
        _ => return Err(mismatch_of(name, &[left, right])),
    };
    Ok(Expr::call(name, vec![left, right], DataType::new(kind, nullable)))
}

pub(super) fn prepare_arithmetic(site: &Site, op: Op) -> Result<Kernel> {
    let sign = if op == Op::Sub { -1 } else { 1 };
    let kind = site.data_type.kind.clone();
    let zone = Zone::new(site.context.time_zone);
    if op == Op::Mul {
        return Ok(Box::new(move |args: &Args| {
            let factors = args.primitives::<Int64Type>(1);
            Ok(intervals(args, &kind, |row, v| v.wrapping_mul(factors.get(row))))
        }));
    }
    let by_months = site.args[1].data_type().kind == TypeKind::IntervalYearMonth;
    let from = site.args[0].data_type().kind.clone();
    Ok(Box::new(move |args: &Args| {
        let months = by_months.then(|| args.primitives::<IntervalYearMonthType>(1));
        let millis = (!by_months).then(|| args.primitives::<DurationMillisecondType>(1));
        let months = |row| months.as_ref().map_or(0, |m| sign * i64::from(m.get(row)));
        let millis = |row| millis.as_ref().map_or(0, |m| m.get(row).wrapping_mul(sign));
        let shift = Shift { zone: zone_of(&from, zone), by_months };
        let nulls = args.nulls();
        Ok(match &kind {
            TypeKind::IntervalYearMonth => intervals(args, &kind, |row, v| v.wrapping_add(months(row))),
            TypeKind::IntervalDaySecond => intervals(args, &kind, |row, v| v.wrapping_add(millis(row))),
            TypeKind::Date => {
                let dates = args.primitives::<Date32Type>(0);
                Arc::new(args.build_infallible::<Date32Type>(nulls, |row| {
                    let day = i64::from(dates.get(row));
                    let day = if by_months {
                        calendar::add_months(day, months(row))
                    } else {
                        day + millis(row) / MILLIS_PER_DAY
                    };
                    day as i32
                }))
            }
            TypeKind::Time(_) => {
                let times = args.primitives::<Time32MillisecondType>(0);
                Arc::new(args.build_infallible::<Time32MillisecondType>(nulls, |row| {
                    i64::from(times.get(row)).wrapping_add(millis(row)).rem_euclid(MILLIS_PER_DAY) as i32
                }))
            }
            kind => {
                let step = usize::from(!args.columns[0].is_scalar());
                let moments = Moments::of(args.columns[0].array());
                build_timestamps(args, nulls, kind, |row| {
                    let amount = if by_months { months(row) } else { millis(row) };
                    Ok(Some(shift.apply(moments.get(row * step), amount)))
                })?
            }
        })
    }))
}

/// The zone in which a type's values are taken apart.
pub(super) fn zone_of(kind: &TypeKind, session: Zone) -> Zone {
    match kind {
        TypeKind::TimestampLtz { .. } => session,
        _ => Zone::Utc,
    }
}

/// Moves a time stamp by milliseconds or by months of its wall clock.
struct Shift {
    zone: Zone,
    by_months: bool,
}

impl Shift {
    fn apply(&self, moment: Moment, amount: i64) -> Moment {
        if !self.by_months {
            return Moment { millis: moment.millis.wrapping_add(amount), ..moment };
        }
        let local = Moment { millis: self.zone.to_local(moment.millis), ..moment };
        let day = calendar::add_months(local.days(), amount).wrapping_mul(MILLIS_PER_DAY);
        let millis = day.wrapping_add(local.millis_of_day());
        Moment { millis: self.zone.to_utc(millis), ..moment }
    }
}

fn intervals(args: &Args, kind: &TypeKind, f: impl Fn(usize, i64) -> i64) -> ArrayRef {
    let nulls = args.nulls();
    match kind {
        TypeKind::IntervalYearMonth => {
            let values = args.primitives::<IntervalYearMonthType>(0);
            Arc::new(
                args.build_infallible::<IntervalYearMonthType>(nulls, |row| f(row, i64::from(values.get(row))) as i32),
            )
        }
        _ => {
            let values = args.primitives::<DurationMillisecondType>(0);
            Arc::new(args.build_infallible::<DurationMillisecondType>(nulls, |row| f(row, values.get(row))))
        }
    }
}

// ---- Units

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Millennium,
    Century,
    Decade,
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    DayOfWeek,
    IsoDayOfWeek,
    DayOfYear,
    Epoch,
    IsoYear,
}

impl FromStr for Unit {
    type Err = Error;

    fn from_str(name: &str) -> Result<Unit> {
        Ok(match name {
            "MILLENNIUM" => Unit::Millennium,
            "CENTURY" => Unit::Century,
            "DECADE" => Unit::Decade,
            "YEAR" | "SQL_TSI_YEAR" => Unit::Year,
            "QUARTER" | "SQL_TSI_QUARTER" => Unit::Quarter,
            "MONTH" | "SQL_TSI_MONTH" => Unit::Month,
            "WEEK" | "SQL_TSI_WEEK" => Unit::Week,
            "DAY" | "SQL_TSI_DAY" => Unit::Day,
            "HOUR" | "SQL_TSI_HOUR" => Unit::Hour,
            "MINUTE" | "SQL_TSI_MINUTE" => Unit::Minute,
            "SECOND" | "SQL_TSI_SECOND" => Unit::Second,
            "MILLISECOND" => Unit::Millisecond,
            "MICROSECOND" => Unit::Microsecond,
            "NANOSECOND" => Unit::Nanosecond,
            "DOW" => Unit::DayOfWeek,
            "ISODOW" => Unit::IsoDayOfWeek,
            "DOY" => Unit::DayOfYear,
            "EPOCH" => Unit::Epoch,
            "ISOYEAR" => Unit::IsoYear,
            other => {
                return Err(Error::invalid(format!("{other} is not a time unit"))
                    .hint("use SECOND, MINUTE, HOUR, DAY, MONTH or YEAR"));
            }
        })
    }
}

impl Unit {
    fn of(function: &str, e: &Expr) -> Result<Unit> {
        literal_text(e).ok_or_else(|| Error::invalid(format!("{function} needs a time unit")))?.parse()
    }

    /// Milliseconds, for units of one length.
    fn millis(self) -> Option<i64> {
        Some(match self {
            Unit::Millisecond => 1,
            Unit::Second => 1000,
            Unit::Minute => 60_000,
            Unit::Hour => 3_600_000,
            Unit::Day => MILLIS_PER_DAY,
            Unit::Week => 7 * MILLIS_PER_DAY,
            _ => return None,
        })
    }

    fn months(self) -> Option<i64> {
        Some(match self {
            Unit::Month => 1,
            Unit::Quarter => 3,
            Unit::Year => 12,
            Unit::Decade => 120,
            Unit::Century => 1200,
            Unit::Millennium => 12_000,
            _ => return None,
        })
    }
}

// ---- EXTRACT

fn shorthand(unit: &str, args: Vec<Expr>) -> Result<Expr> {
    let [arg] = exactly(unit, args)?;
    bind_extract(vec![text(unit), arg])
}

fn text(value: &str) -> Expr {
    Expr::literal(flitz_plan::Literal::String(value.to_owned()), TypeKind::Char(value.len() as u32).not_null())
}

fn bind_extract(args: Vec<Expr>) -> Result<Expr> {
    let [unit, value] = exactly("EXTRACT", args)?;
    let wanted = Unit::of("EXTRACT", &unit)?;
    let kind = &value.data_type().kind;
    let clock = matches!(
        wanted,
        Unit::Hour | Unit::Minute | Unit::Second | Unit::Millisecond | Unit::Microsecond | Unit::Nanosecond
    );
    let fits = match kind {
        TypeKind::Timestamp { .. } | TypeKind::TimestampLtz { .. } => true,
        TypeKind::Date => true,
        TypeKind::Time(_) => clock || wanted == Unit::Epoch,
        TypeKind::IntervalDaySecond => clock || wanted == Unit::Day || wanted == Unit::Epoch,
        TypeKind::IntervalYearMonth => wanted.months().is_some(),
        _ => false,
    };
    if !fits {
        let name = literal_text(&unit).unwrap_or_default().to_owned();
        return Err(mismatch_of(&format!("EXTRACT({name})"), &[value]));
    }
    let nullable = value.data_type().nullable;
    Ok(Expr::call("EXTRACT", vec![unit, value], DataType::new(TypeKind::BigInt, nullable)))
}

fn prepare_extract(site: &Site) -> Result<Kernel> {
    let unit = Unit::of("EXTRACT", &site.args[0])?;
    let kind = site.args[1].data_type().kind.clone();
    let zone = zone_of(&kind, Zone::new(site.context.time_zone));
    Ok(Box::new(move |args: &Args| {
        let column = &args.columns[1];
        let step = usize::from(!column.is_scalar());
        let nulls = args.nulls();
        Ok(Arc::new(match &kind {
            TypeKind::Time(_) => {
                let values = args.primitives::<Time32MillisecondType>(1);
                args.build_infallible::<Int64Type>(nulls, |row| {
                    extract(unit, Moment::of_millis(values.get(row).into()))
                })
            }
            TypeKind::IntervalDaySecond => {
                let values = args.primitives::<DurationMillisecondType>(1);
                args.build_infallible::<Int64Type>(nulls, |row| extract_interval(unit, values.get(row)))
            }
            TypeKind::IntervalYearMonth => {
                let values = args.primitives::<IntervalYearMonthType>(1);
                args.build_infallible::<Int64Type>(nulls, |row| {
                    let months = i64::from(values.get(row));
                    match unit {
                        Unit::Month => months % 12,
                        Unit::Quarter => months % 12 / 3 + 1,
                        _ => months / unit.months().unwrap_or(12),
                    }
                })
            }
            _ => {
                let moments = Moments::of(column.array());
                let local = |row: usize| zone.to_local(moments.get(row * step).millis);
                // The most frequent ones have loops of their own, in which the divisors are constants.
                match (unit, &moments, zone) {
                    (Unit::Hour, Moments::Millis(times), Zone::Utc) => {
                        args.build_infallible::<Int64Type>(nulls, |row| hour(times.value(row * step)))
                    }
                    (Unit::Hour, ..) => args.build_infallible::<Int64Type>(nulls, |row| hour(local(row))),
                    (Unit::Minute, ..) => args.build_infallible::<Int64Type>(nulls, |row| minute(local(row))),
                    (Unit::Second, ..) => args.build_infallible::<Int64Type>(nulls, |row| second(local(row))),
                    _ => args.build_infallible::<Int64Type>(nulls, |row| {
                        extract(unit, Moment { millis: local(row), ..moments.get(row * step) })
                    }),
                }
            }
        }))
    }))
}

fn extract_interval(unit: Unit, millis: i64) -> i64 {
    match unit {
        Unit::Day => millis / MILLIS_PER_DAY,
        Unit::Hour => millis % MILLIS_PER_DAY / 3_600_000,
        Unit::Minute => millis % 3_600_000 / 60_000,
        Unit::Second => millis % 60_000 / 1000,
        Unit::Millisecond => millis % 1000,
        Unit::Microsecond => millis % 1000 * 1000,
        Unit::Nanosecond => millis % 1000 * 1_000_000,
        _ => millis / 1000,
    }
}

/// Before 1970 Flink's remainders are negative; ours are the same.
fn extract(unit: Unit, at: Moment) -> i64 {
    let days = at.days_towards_1970();
    let nanos_of_second = at.millis % 1000 * 1_000_000 + i64::from(at.nanos);
    let year = || calendar::civil_of_days(days).0;
    match unit {
        Unit::Millennium => (year() + 999) / 1000,
        Unit::Century => (year() + 99) / 100,
        Unit::Decade => year() / 10,
        Unit::Year => year(),
        Unit::IsoYear => calendar::iso_week(days).0,
        Unit::Quarter => i64::from((calendar::civil_of_days(days).1 - 1) / 3 + 1),
        Unit::Month => i64::from(calendar::civil_of_days(days).1),
        Unit::Week => calendar::iso_week(days).1,
        Unit::Day => i64::from(calendar::civil_of_days(days).2),
        Unit::DayOfWeek => calendar::iso_weekday(days) % 7 + 1,
        Unit::IsoDayOfWeek => calendar::iso_weekday(days),
        Unit::DayOfYear => calendar::day_of_year(days),
        Unit::Hour => hour(at.millis),
        Unit::Minute => minute(at.millis),
        Unit::Second => second(at.millis),
        Unit::Millisecond => at.millis % 1000,
        Unit::Microsecond => nanos_of_second / 1000,
        Unit::Nanosecond => nanos_of_second,
        Unit::Epoch => at.millis / 1000,
    }
}

fn hour(millis: i64) -> i64 {
    millis % MILLIS_PER_DAY / 3_600_000
}

fn minute(millis: i64) -> i64 {
    millis % 3_600_000 / 60_000
}

fn second(millis: i64) -> i64 {
    millis % 60_000 / 1000
}

// ---- TIMESTAMPADD, TIMESTAMPDIFF, OVERLAPS

/// `datetime + n * INTERVAL '1' unit`; a clock unit makes a DATE a TIMESTAMP.
fn bind_timestampadd(args: Vec<Expr>) -> Result<Expr> {
    let [unit, n, value] = exactly("TIMESTAMPADD", args)?;
    let wanted = Unit::of("TIMESTAMPADD", &unit)?;
    let kind = value.data_type().kind.clone();
    if !n.data_type().kind.is_integer() || !(kind.is_timestamp() || matches!(kind, TypeKind::Date | TypeKind::Time(_)))
    {
        return Err(mismatch_of("TIMESTAMPADD", &[n, value]));
    }
    let (interval, length) = match (wanted.millis(), wanted.months()) {
        (Some(millis), _) => (TypeKind::IntervalDaySecond, millis),
        (_, Some(months)) => (TypeKind::IntervalYearMonth, months),
        _ => return Err(Error::unsupported(format!("TIMESTAMPADD in {}", literal_text(&unit).unwrap_or("this unit")))),
    };
    let value = match kind {
        TypeKind::Date if length % MILLIS_PER_DAY != 0 && interval == TypeKind::IntervalDaySecond => {
            cast_to(value, &TypeKind::timestamp(6).nullable())
        }
        _ => value,
    };
    let one = Expr::literal(flitz_plan::Literal::Integer(length), interval.not_null());
    bind_arithmetic("+", value, bind_arithmetic("*", one, n)?)
}

fn bind_timestampdiff(args: Vec<Expr>) -> Result<Expr> {
    let [unit, from, to] = exactly("TIMESTAMPDIFF", args)?;
    let wanted = Unit::of("TIMESTAMPDIFF", &unit)?;
    let is_time = |e: &Expr| e.data_type().kind.is_timestamp() || e.data_type().kind == TypeKind::Date;
    let zoned = |e: &Expr| matches!(e.data_type().kind, TypeKind::TimestampLtz { .. });
    if !is_time(&from) || !is_time(&to) || zoned(&from) != zoned(&to) {
        return Err(mismatch_of("TIMESTAMPDIFF", &[from, to]).hint("cast both to TIMESTAMP or both to TIMESTAMP_LTZ"));
    }
    let uncommon = matches!(wanted, Unit::Decade | Unit::Millennium);
    if uncommon || (wanted.millis().is_none() && wanted.months().is_none()) {
        return Err(Error::unsupported(format!("TIMESTAMPDIFF in {}", literal_text(&unit).unwrap_or("this unit"))));
    }
    let nullable = any_nullable(&[from.clone(), to.clone()]);
    Ok(Expr::call("TIMESTAMPDIFF", vec![unit, from, to], DataType::new(TypeKind::Int, nullable)))
}

/// Whole units from the first to the second, towards zero; more than 32 bits wrap.
fn prepare_timestampdiff(site: &Site) -> Result<Kernel> {
    let unit = Unit::of("TIMESTAMPDIFF", &site.args[0])?;
    Ok(Box::new(move |args: &Args| {
        let steps = [1, 2].map(|i| usize::from(!args.columns[i].is_scalar()));
        let (from, to) = (Moments::of(args.columns[1].array()), Moments::of(args.columns[2].array()));
        Ok(Arc::new(args.build_infallible::<Int32Type>(args.nulls(), |row| {
            let (from, to) = (from.get(row * steps[0]).millis, to.get(row * steps[1]).millis);
            match (unit.millis(), unit.months()) {
                // Flink counts in seconds: fractions do not count, and more seconds than fit wrap before they
                // become weeks.
                (Some(1), _) => (to.wrapping_sub(from) / 1000 * 1000) as i32,
                (Some(length), _) if unit == Unit::Week => {
                    (to.wrapping_sub(from) / 1000) as i32 / (length / 1000) as i32
                }
                (Some(length), _) => (to.wrapping_sub(from) / length) as i32,
                (_, Some(months)) => (months_between(to, from) / months) as i32,
                _ => 0,
            }
        })))
    }))
}

/// Whole months from `from` to `to`, as Calcite's `DateTimeUtils.subtractMonths`.
fn months_between(to: i64, from: i64) -> i64 {
    let (to, from) = (Moment::of_millis(to), Moment::of_millis(from));
    let days = |a: i64, b: i64| {
        let mut months = (a - b) / 31;
        loop {
            if calendar::add_months(b, months) >= a || calendar::add_months(b, months + 1) > a {
                return months;
            }
            months += 1;
        }
    };
    let (a, b) = (to.days(), from.days());
    let months = if a < b { -days(b, a) } else { days(a, b) };
    let same_day = calendar::add_months(b, months) == a;
    if same_day && to.millis_of_day() < from.millis_of_day() { months - 1 } else { months }
}

/// `(a, b) OVERLAPS (c, d)`: an interval at the second place counts from the first; ends are swapped if needed.
fn bind_overlaps(args: Vec<Expr>) -> Result<Expr> {
    let [a, b, c, d] = exactly("OVERLAPS", args)?;
    let period = |start: Expr, end: Expr| -> Result<[Expr; 2]> {
        let end = if end.data_type().kind.is_interval() { super::bind("+", vec![start.clone(), end])? } else { end };
        let low = super::bind("LEAST", vec![start.clone(), end.clone()])?;
        let high = super::bind("GREATEST", vec![start, end])?;
        Ok([low, high])
    };
    let ([low1, high1], [low2, high2]) = (period(a, b)?, period(c, d)?);
    let left = super::bind(">=", vec![high1, low2])?;
    let right = super::bind(">=", vec![high2, low1])?;
    super::bind("AND", vec![left, right])
}
