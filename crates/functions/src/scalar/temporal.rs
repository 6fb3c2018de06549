//! Dates, times and intervals: their arithmetic and the functions that read the clock.
//!
//! A TIMESTAMP_LTZ is taken apart, rounded and printed in the session time zone.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    Date32Type, DurationMillisecondType, Int32Type, Int64Type, IntervalYearMonthType, Time32MillisecondType,
};
use flitz_dataflow::{DataType, Error, Result, TimeAttribute, TypeKind};
use flitz_plan::Expr;

use super::arithmetic::Op;
use super::date_format;
use super::{
    Eval, Function, Kernel, Output, Param, Simple, Site, any_nullable, exactly, literal_integer, literal_text,
    mismatch_of,
};
use crate::calendar::{self, MILLIS_PER_DAY, Moment, Moments, Zone};
use crate::cast::temporal::build_timestamps;
use crate::cast::text::parse_timestamp;
use crate::coercion::cast_to;
use crate::columnar::Args;
use crate::java::date_pattern::{DatePattern, Flavor};

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
    Function::prepared("UNIX_TIMESTAMP", &[STR, STR], BIGINT, prepare_unix_timestamp).optional(2).volatile(),
    Function::prepared("TO_DATE", &[STR, STR], Output::Nullable(Simple::Date), prepare_to_date).optional(1),
    Function::custom("TO_TIMESTAMP", |_, args| bind_to_timestamp(args), Eval::Prepared(prepare_to_timestamp)),
    Function::custom(
        "TO_TIMESTAMP_LTZ",
        |_, args| bind_to_timestamp_ltz(args),
        Eval::Prepared(prepare_to_timestamp_ltz),
    )
    .fallible(),
    Function::new("CONVERT_TZ", &[STR, STR, STR], Output::Nullable(Simple::String), convert_tz),
    now("CURRENT_TIMESTAMP"),
    now("NOW"),
    now("CURRENT_ROW_TIMESTAMP"),
    now("LOCALTIMESTAMP"),
    now("LOCALTIME"),
    now("CURRENT_TIME"),
    now("CURRENT_DATE"),
    now("PROCTIME"),
    Function::custom(
        "CURRENT_WATERMARK",
        |_, args| bind_current_watermark(args),
        Eval::Prepared(prepare_current_watermark),
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

// ---- FLOOR and CEIL

pub(super) fn bind_rounding(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    let [value, unit] = exactly(name, args)?;
    let wanted = Unit::of(name, &unit)?;
    let kind = &value.data_type().kind;
    let calendar_unit = wanted.months().is_some() || matches!(wanted, Unit::Week | Unit::Day);
    let fits = match kind {
        TypeKind::Timestamp { .. } | TypeKind::TimestampLtz { .. } => {
            calendar_unit || matches!(wanted, Unit::Hour | Unit::Minute | Unit::Second | Unit::Millisecond)
        }
        TypeKind::Date => calendar_unit,
        TypeKind::Time(_) => matches!(wanted, Unit::Hour | Unit::Minute | Unit::Second | Unit::Millisecond),
        _ => false,
    };
    if !fits {
        return Err(mismatch_of(name, &[value, unit]));
    }
    let data_type = value.data_type().clone().materialized();
    Ok(Expr::call(name, vec![value, unit], data_type))
}

pub(super) fn prepare_rounding(site: &Site, floor: bool) -> Result<Kernel> {
    let unit = Unit::of(site.name, &site.args[1])?;
    let kind = site.data_type.kind.clone();
    let zone = zone_of(&kind, Zone::new(site.context.time_zone));
    // Calendar units look at the date alone: 1 February at 10:00 is already the CEIL of its month.
    let dates_only = matches!(unit, Unit::Week) || unit.months().is_some();
    let round = move |at: Moment| {
        let at = if dates_only { Moment::of_millis(at.days_towards_1970() * MILLIS_PER_DAY) } else { at };
        let start = floor_to(at, unit);
        if floor || is_start(at, start, unit) { start } else { next(start, unit) }
    };
    Ok(Box::new(move |args: &Args| {
        let step = usize::from(!args.columns[0].is_scalar());
        let nulls = args.nulls_of([0]);
        Ok(match &kind {
            TypeKind::Date => {
                let dates = args.primitives::<Date32Type>(0);
                // In Flink the day after a DATE is its CEIL TO DAY.
                let extra = i32::from(!floor && unit == Unit::Day);
                Arc::new(args.build_infallible::<Date32Type>(nulls, |row| {
                    round(Moment::of_millis(i64::from(dates.get(row)) * MILLIS_PER_DAY)).days() as i32 + extra
                }))
            }
            TypeKind::Time(_) => {
                let times = args.primitives::<Time32MillisecondType>(0);
                Arc::new(args.build_infallible::<Time32MillisecondType>(nulls, |row| {
                    round(Moment::of_millis(times.get(row).into())).millis as i32
                }))
            }
            kind => {
                let moments = Moments::of(args.columns[0].array());
                build_timestamps(args, nulls, kind, |row| {
                    // Flink goes back by the offset of the instant, not by that of the result, which beyond a change of
                    // the clocks is not the start of the local day.
                    let moment = moments.get(row * step);
                    let offset = zone.to_local(moment.millis) - moment.millis;
                    let local = round(Moment { millis: moment.millis + offset, ..moment });
                    Ok(Some(Moment { millis: local.millis - offset, ..local }))
                })?
            }
        })
    }))
}

/// Weeks begin on Sunday.
fn floor_to(at: Moment, unit: Unit) -> Moment {
    let days = at.days_towards_1970();
    // As in Java numbers wrap, at times that no calendar has.
    let at_day = |day: i64| Moment::of_millis(day.wrapping_mul(MILLIS_PER_DAY));
    match unit {
        Unit::Week => at_day(days - calendar::iso_weekday(days) % 7),
        unit => match (unit.millis(), unit.months()) {
            (Some(length), _) => Moment::of_millis(at.millis.div_euclid(length).wrapping_mul(length)),
            (_, Some(months)) => {
                let (year, month, _) = calendar::historical_of_days(days);
                let years = months / 12;
                match years {
                    0 => {
                        let first = (i64::from(month) - 1) / months * months + 1;
                        at_day(calendar::days_of_civil(year, first as u32, 1))
                    }
                    // Centuries and millennia begin with the year that ends in 1.
                    100 | 1000 => at_day(calendar::days_of_civil((year - 1).div_euclid(years) * years + 1, 1, 1)),
                    _ => at_day(calendar::days_of_civil(year.div_euclid(years) * years, 1, 1)),
                }
            }
            _ => at,
        },
    }
}

/// Whether `at` is itself the start of its unit.
fn is_start(at: Moment, start: Moment, unit: Unit) -> bool {
    match unit.months() {
        None => start == at,
        // The start is a date of our calendar; which day of the unit it was is told by the calendar of the time.
        Some(_) => {
            let (_, month, day) = calendar::historical_of_days(at.days());
            let (_, first, _) = calendar::civil_of_days(start.days());
            (month, day) == (first, 1) && (unit.months() <= Some(12) || start == at)
        }
    }
}

fn next(start: Moment, unit: Unit) -> Moment {
    match (unit.millis(), unit.months()) {
        (Some(length), _) => Moment::of_millis(start.millis.wrapping_add(length)),
        (_, Some(months)) => Moment::of_millis(calendar::add_months(start.days(), months).wrapping_mul(MILLIS_PER_DAY)),
        _ if unit == Unit::Week => Moment::of_millis((start.days() + 7).wrapping_mul(MILLIS_PER_DAY)),
        _ => start,
    }
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

// ---- Text

/// The pattern of a call: prepared if it is a literal, else kept until it changes.
pub(super) struct Patterns {
    flavor: Flavor,
    last: Option<(String, Option<DatePattern>)>,
}

impl Patterns {
    /// A literal pattern that Java takes and we have not is refused at once.
    pub fn new(site: &Site, argument: usize, flavor: Flavor) -> Result<Patterns> {
        let mut patterns = Patterns { flavor, last: None };
        if let Some(text) = site.text(argument) {
            match DatePattern::new(text, flavor) {
                Err(e) if e.kind == flitz_dataflow::ErrorKind::Unsupported => return Err(e),
                _ => _ = patterns.get(text),
            }
        }
        Ok(patterns)
    }

    /// None if it is no pattern.
    pub fn get(&mut self, text: &str) -> Option<&DatePattern> {
        if self.last.as_ref().is_none_or(|(t, _)| t != text) {
            self.last = Some((text.to_owned(), DatePattern::new(text, self.flavor).ok()));
        }
        self.last.as_ref().and_then(|(_, pattern)| pattern.as_ref())
    }

    pub fn require(&mut self, text: &str) -> Result<&DatePattern> {
        let flavor = self.flavor;
        // Asked again only to say what is wrong with it.
        self.get(text)
            .ok_or_else(|| DatePattern::new(text, flavor).err().unwrap_or_else(|| Error::internal("date pattern")))
    }
}

pub(super) const DEFAULT_PATTERN: &str = "yyyy-MM-dd HH:mm:ss";

/// Unparsable text gives the smallest BIGINT.
fn prepare_unix_timestamp(site: &Site) -> Result<Kernel> {
    if site.args.is_empty() {
        let clock = Now::new(site);
        return Ok(Box::new(move |args: &Args| {
            Ok(Arc::new(args.build_infallible::<Int64Type>(None, |_| clock.millis().div_euclid(1000))))
        }));
    }
    let mut patterns = Patterns::new(site, 1, Flavor::SimpleDateFormat)?;
    let zone = Zone::new(site.context.time_zone);
    Ok(Box::new(move |args: &Args| {
        let texts = args.strings(0);
        let formats = (args.len() == 2).then(|| args.strings(1));
        Ok(Arc::new(args.build::<Int64Type>(args.nulls(), |row| {
            let format = formats.as_ref().map_or(DEFAULT_PATTERN, |f| f.get(row));
            let parsed = patterns.require(format)?.parse(texts.get(row));
            Ok(Some(parsed.map_or(i64::MIN, |p| {
                let local = p.local.millis;
                p.offset_millis.map_or_else(|| zone.to_utc_by_calendar(local), |offset| local - offset).div_euclid(1000)
            })))
        })?))
    }))
}

/// What Flink makes of a text that is no date by the pattern: the low half of the farthest day, `+1705471-09-27`.
const NO_DATE: i64 = i64::MIN / MILLIS_PER_DAY;

fn prepare_to_date(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1, Flavor::SimpleDateFormat)?;
    Ok(Box::new(move |args: &Args| {
        let texts = args.strings(0);
        let formats = (args.len() == 2).then(|| args.strings(1));
        Ok(Arc::new(args.build::<Date32Type>(args.nulls(), |row| {
            let text = texts.get(row);
            Ok(match &formats {
                None => crate::cast::text::parse_date(text),
                Some(f) => {
                    let parsed = patterns.require(f.get(row))?.parse(text);
                    let days = parsed.map_or(NO_DATE, |p| {
                        (p.local.millis - p.offset_millis.unwrap_or(0)).div_euclid(MILLIS_PER_DAY)
                    });
                    Some(days as i32)
                }
            })
        })?))
    }))
}

fn bind_to_timestamp(args: Vec<Expr>) -> Result<Expr> {
    if args.is_empty() || args.len() > 2 {
        return Err(mismatch_of("TO_TIMESTAMP", &args).hint("expected TO_TIMESTAMP(string[, format])"));
    }
    let args = args
        .into_iter()
        .map(|a| Param::String.accept(a.clone()).ok_or_else(|| mismatch_of("TO_TIMESTAMP", &[a])))
        .collect::<Result<_>>()?;
    Ok(Expr::call("TO_TIMESTAMP", args, TypeKind::timestamp(3).nullable()))
}

fn prepare_to_timestamp(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1, Flavor::DateTimeFormatter)?;
    let kind = site.data_type.kind.clone();
    Ok(Box::new(move |args: &Args| {
        let texts = args.strings(0);
        let formats = (args.len() == 2).then(|| args.strings(1));
        build_timestamps(args, args.nulls(), &kind, |row| {
            Ok(match &formats {
                None => parse_timestamp(texts.get(row)),
                // Text that does not fit the format is still read if it is written as SQL does; a format that
                // is none gives NULL.
                Some(f) => match patterns.get(f.get(row)) {
                    None => None,
                    Some(pattern) => match pattern.parse(texts.get(row)) {
                        Some(parsed) => Some(parsed.local),
                        None => parse_timestamp(texts.get(row).trim()),
                    },
                },
            })
        })
    }))
}

fn bind_to_timestamp_ltz(args: Vec<Expr>) -> Result<Expr> {
    let expected = "expected TO_TIMESTAMP_LTZ(numeric[, precision]) or (string[, format[, zone]])";
    let refused = |args: &[Expr]| mismatch_of("TO_TIMESTAMP_LTZ", args).hint(expected);
    let Some(first) = args.first().map(|a| a.data_type().kind.clone()) else { return Err(refused(&args)) };
    let precision = match &args[1..] {
        [] => 3,
        [p] if first.is_numeric() => literal_integer(p).ok_or_else(|| refused(&args))?,
        formats
            if first.is_string() && formats.len() <= 2 && formats.iter().all(|f| f.data_type().kind.is_string()) =>
        {
            3
        }
        _ => return Err(refused(&args)),
    };
    if !first.is_numeric() && !first.is_string() {
        return Err(refused(&args));
    }
    let precision = u8::try_from(precision).ok().filter(|p| *p <= 9).ok_or_else(|| {
        Error::invalid("the precision of TO_TIMESTAMP_LTZ is 0 to 9").hint("0 for seconds, 3 for milliseconds")
    })?;
    let result = if precision < 3 { 3 } else { precision };
    Ok(Expr::call("TO_TIMESTAMP_LTZ", args, TypeKind::timestamp_ltz(result).nullable()))
}

fn prepare_to_timestamp_ltz(site: &Site) -> Result<Kernel> {
    let kind = site.data_type.kind.clone();
    if site.args[0].data_type().kind.is_string() {
        return prepare_text_to_timestamp_ltz(site, kind);
    }
    // The unit of the number is 10^-digits seconds.
    let digits = site.args.get(1).and_then(literal_integer).unwrap_or(3) as i32;
    Ok(Box::new(move |args: &Args| {
        let from = args.columns[0].array();
        let nulls = args.nulls_of([0]);
        let step = usize::from(!args.columns[0].is_scalar());
        if from.data_type().is_integer() {
            let wide = arrow::compute::cast(from, &arrow::datatypes::DataType::Int64)?;
            let values = wide.as_primitive::<Int64Type>();
            return build_timestamps(args, nulls, &kind, |row| {
                Ok(moment_of_epoch(i128::from(values.value(row * step)), digits))
            });
        }
        let wide = arrow::compute::cast(from, &arrow::datatypes::DataType::Float64)?;
        let values = wide.as_primitive::<arrow::datatypes::Float64Type>();
        let decimal = matches!(from.data_type(), arrow::datatypes::DataType::Decimal128(..));
        build_timestamps(args, nulls, &kind, |row| {
            let value = values.value(row * step);
            // Of a DECIMAL the fraction is cut; of a DOUBLE it counts.
            if decimal {
                return Ok(moment_of_epoch(value as i64 as i128, digits));
            }
            let nanos = (value * 10f64.powi(9 - digits)) as i128;
            Ok(moment_of_epoch(nanos, 9))
        })
    }))
}

/// None outside of the years 1 to 9999.
fn moment_of_epoch(value: i128, digits: i32) -> Option<Moment> {
    let nanos = value.checked_mul(10i128.pow((9 - digits) as u32))?;
    let millis = i64::try_from(nanos.div_euclid(1_000_000)).ok()?;
    if !(-62_135_596_800_000..253_402_300_800_000).contains(&millis) {
        return None;
    }
    Some(Moment { millis, nanos: nanos.rem_euclid(1_000_000) as u32 })
}

/// The text is a wall clock of UTC, or of the zone of a third argument.
fn prepare_text_to_timestamp_ltz(site: &Site, kind: TypeKind) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1, Flavor::DateTimeFormatter)?;
    Ok(Box::new(move |args: &Args| {
        let texts = args.strings(0);
        let formats = (args.len() >= 2).then(|| args.strings(1));
        let zones = (args.len() == 3).then(|| args.strings(2));
        build_timestamps(args, args.nulls(), &kind, |row| {
            let parsed = match &formats {
                None => parse_timestamp(texts.get(row)),
                Some(f) => patterns.require(f.get(row))?.parse(texts.get(row)).map(|p| p.local),
            };
            let Some(local) = parsed else {
                return Err(Error::data(format!("TO_TIMESTAMP_LTZ cannot read '{}'", texts.get(row))));
            };
            let zone = zones.as_ref().map_or(Zone::Utc, |z| named_zone(z.get(row)));
            Ok(Some(local).map(|local| Moment { millis: zone.to_utc(local.millis), ..local }))
        })
    }))
}

/// An unknown name is GMT, as in `java.util.TimeZone.getTimeZone`.
fn named_zone(name: &str) -> Zone {
    if let Some(offset) = custom_offset(name) {
        return Zone::Fixed(offset);
    }
    let old = OLD_ZONES.iter().find(|(old, _)| *old == name).map(|(_, new)| *new);
    chrono_tz::Tz::from_str(old.unwrap_or(name)).map_or(Zone::Utc, Zone::new)
}

/// Names of JDK 1.1 that still stand for a place; `EST`, `MST` and `HST` are in the time zone database.
const OLD_ZONES: [(&str, &str); 25] = [
    ("ACT", "Australia/Darwin"),
    ("AET", "Australia/Sydney"),
    ("AGT", "America/Argentina/Buenos_Aires"),
    ("ART", "Africa/Cairo"),
    ("AST", "America/Anchorage"),
    ("BET", "America/Sao_Paulo"),
    ("BST", "Asia/Dhaka"),
    ("CAT", "Africa/Harare"),
    ("CNT", "America/St_Johns"),
    ("CST", "America/Chicago"),
    ("CTT", "Asia/Shanghai"),
    ("EAT", "Africa/Addis_Ababa"),
    ("ECT", "Europe/Paris"),
    ("IET", "America/Indiana/Indianapolis"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("MIT", "Pacific/Apia"),
    ("NET", "Asia/Yerevan"),
    ("NST", "Pacific/Auckland"),
    ("PLT", "Asia/Karachi"),
    ("PNT", "America/Phoenix"),
    ("PRT", "America/Puerto_Rico"),
    ("PST", "America/Los_Angeles"),
    ("SST", "Pacific/Guadalcanal"),
    ("VST", "Asia/Ho_Chi_Minh"),
];

/// `GMT+8`, `GMT-08:00`, `GMT+0830`: hours up to 23.
fn custom_offset(name: &str) -> Option<i64> {
    let rest = name.strip_prefix("GMT")?;
    let sign = match rest.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = match rest[1..].split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => return None,
        None if rest.len() > 3 => rest[1..].split_at_checked(rest.len() - 3)?,
        None => (&rest[1..], "0"),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
}

fn convert_tz(args: &Args) -> Result<ArrayRef> {
    let (texts, from, to) = (args.strings(0), args.strings(1), args.strings(2));
    let pattern = DatePattern::new(DEFAULT_PATTERN, Flavor::SimpleDateFormat)?;
    args.build_strings(args.nulls(), |row, out| {
        let Some(parsed) = pattern.parse(texts.get(row)) else { return Ok(false) };
        let utc = named_zone(from.get(row)).to_utc_by_calendar(parsed.local.millis);
        let local = named_zone(to.get(row)).to_local_by_calendar(utc);
        pattern.format(Moment::of_millis(local), 0, "", out);
        Ok(true)
    })
}

// ---- The clock

const fn now(name: &'static str) -> Function {
    Function::custom(name, clock_call, Eval::Prepared(prepare_now)).volatile()
}

fn clock_call(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    let [] = exactly(name, args)?;
    let kind = match name {
        "LOCALTIMESTAMP" => TypeKind::timestamp(3),
        "LOCALTIME" | "CURRENT_TIME" => TypeKind::Time(0),
        "CURRENT_DATE" => TypeKind::Date,
        "PROCTIME" => TypeKind::TimestampLtz { precision: 3, attribute: TimeAttribute::Proctime },
        _ => TypeKind::timestamp_ltz(3),
    };
    Ok(Expr::call(name, vec![], kind.not_null()))
}

/// The time of the query in batch mode, else of the moment.
struct Now {
    clock: Arc<dyn flitz_dataflow::Clock>,
    fixed: Option<i64>,
}

impl Now {
    fn new(site: &Site) -> Now {
        let per_row = matches!(site.name, "CURRENT_ROW_TIMESTAMP" | "PROCTIME" | "UNIX_TIMESTAMP");
        Now { clock: site.context.clock.clone(), fixed: site.context.query_time_millis.filter(|_| !per_row) }
    }

    fn millis(&self) -> i64 {
        self.fixed.unwrap_or_else(|| self.clock.now_millis())
    }
}

/// Read once per batch: rows of a batch were taken in at one time.
fn prepare_now(site: &Site) -> Result<Kernel> {
    let now = Now::new(site);
    let zone = Zone::new(site.context.time_zone);
    let kind = site.data_type.kind.clone();
    Ok(Box::new(move |args: &Args| {
        let utc = now.millis();
        let local = zone.to_local(utc);
        let day = local.div_euclid(MILLIS_PER_DAY);
        Ok(match &kind {
            TypeKind::Date => Arc::new(args.build_infallible::<Date32Type>(None, |_| day as i32)),
            TypeKind::Time(_) => {
                let millis = local.rem_euclid(MILLIS_PER_DAY) / 1000 * 1000;
                Arc::new(args.build_infallible::<Time32MillisecondType>(None, |_| millis as i32))
            }
            TypeKind::Timestamp { .. } => build_timestamps(args, None, &kind, |_| Ok(Some(Moment::of_millis(local))))?,
            kind => build_timestamps(args, None, kind, |_| Ok(Some(Moment::of_millis(utc))))?,
        })
    }))
}

fn bind_current_watermark(args: Vec<Expr>) -> Result<Expr> {
    let [time] = exactly("CURRENT_WATERMARK", args)?;
    if time.data_type().kind.attribute() != TimeAttribute::Rowtime {
        return Err(Error::invalid(format!("CURRENT_WATERMARK needs a rowtime attribute, not {}", time.data_type()))
            .hint("declare a WATERMARK on the column"));
    }
    let kind = match time.data_type().kind {
        TypeKind::Timestamp { .. } => TypeKind::timestamp(3),
        _ => TypeKind::timestamp_ltz(3),
    };
    Ok(Expr::call("CURRENT_WATERMARK", vec![time], kind.nullable()))
}

fn prepare_current_watermark(site: &Site) -> Result<Kernel> {
    if site.context.query_time_millis.is_some() {
        return Err(
            Error::invalid("CURRENT_WATERMARK is for streams").hint("SET 'execution.runtime-mode' = 'streaming'")
        );
    }
    let watermark = site.context.watermark.clone();
    let kind = site.data_type.kind.clone();
    Ok(Box::new(move |args: &Args| {
        let millis = watermark.load(Ordering::Relaxed);
        let nulls = (millis == i64::MIN).then(|| NullBuffer::new_null(args.rows));
        build_timestamps(args, nulls, &kind, |_| Ok(Some(Moment::of_millis(millis))))
    }))
}
