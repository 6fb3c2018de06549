//! FLOOR and CEIL of times to a unit.

use std::sync::Arc;

use arrow::datatypes::{Date32Type, Time32MillisecondType};
use flitz_dataflow::{Result, TypeKind};
use flitz_plan::Expr;

use super::{Unit, zone_of};
use crate::calendar::{self, MILLIS_PER_DAY, Moment, Moments, Zone};
use crate::cast::temporal::build_timestamps;
use crate::columnar::Args;
use crate::scalar::{Kernel, Site, exactly, mismatch_of};

pub(in crate::scalar) fn bind_rounding(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
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

pub(in crate::scalar) fn prepare_rounding(site: &Site, floor: bool) -> Result<Kernel> {
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
        Unit::Week => {
            // The date of the calendar in force, taken for one of ours.
            let (year, month, day) = calendar::historical_of_days(days);
            at_day(calendar::days_of_civil(year, month, day) - calendar::iso_weekday(days) % 7)
        }
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
        None if unit == Unit::Week => calendar::iso_weekday(at.days()) == 7,
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
