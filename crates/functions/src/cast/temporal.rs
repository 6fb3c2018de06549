//! Dates, times and intervals as targets. Digits beyond the target's precision are cut.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::datatypes::{
    Date32Type, DurationMillisecondType, Int64Type, IntervalYearMonthType, Time32MillisecondType,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
};
use flitz_dataflow::{Result, TypeKind};

use super::{Caster, Conversion, text};
use crate::calendar::{MILLIS_PER_DAY, Moment, Moments, timestamp_precision, write_timestamp};
use crate::columnar::{Args, Columnar};

pub(super) fn to_time(c: Conversion) -> Result<Caster> {
    Ok(match c.to.clone() {
        TypeKind::Date => Box::new(move |array| to_date(&c, array)),
        TypeKind::Time(precision) => Box::new(move |array| to_time_of_day(&c, array, precision)),
        TypeKind::Timestamp { precision, .. } | TypeKind::TimestampLtz { precision, .. } => {
            Box::new(move |array| to_timestamp(&c, array, precision))
        }
        TypeKind::IntervalYearMonth => Box::new(|array| {
            let wide = arrow::compute::cast(array, &arrow::datatypes::DataType::Int64)?;
            Ok(Arc::new(wide.as_primitive::<Int64Type>().unary::<_, IntervalYearMonthType>(|v| v as i32)))
        }),
        TypeKind::IntervalDaySecond => Box::new(|array| {
            let wide = arrow::compute::cast(array, &arrow::datatypes::DataType::Int64)?;
            Ok(Arc::new(wide.as_primitive::<Int64Type>().unary::<_, DurationMillisecondType>(|v| v)))
        }),
        _ => return c.unknown(),
    })
}

fn args(array: &ArrayRef) -> Args<'static> {
    const NONE: &[Columnar] = &[];
    Args { columns: NONE, rows: array.len() }
}

impl Conversion {
    /// The wall clock of a value of a time stamp column.
    fn local(&self, moment: Moment) -> Moment {
        match self.from {
            TypeKind::TimestampLtz { .. } => Moment { millis: self.zone.to_local(moment.millis), ..moment },
            _ => moment,
        }
    }
}

fn to_date(c: &Conversion, array: &ArrayRef) -> Result<ArrayRef> {
    let nulls = array.logical_nulls();
    if let Some(texts) = array.as_string_opt::<i32>() {
        return Ok(Arc::new(args(array).build::<Date32Type>(nulls, |row| {
            match text::parse_date(texts.value(row)) {
                Some(v) => Ok(Some(v)),
                None => c.failed(texts.value(row)),
            }
        })?));
    }
    let moments = Moments::of(array);
    // A TIMESTAMP is cut towards 1970, an instant is not.
    let zoned = matches!(c.from, TypeKind::TimestampLtz { .. });
    let days = |local: Moment| if zoned { local.days() } else { local.days_towards_1970() };
    Ok(Arc::new(args(array).build::<Date32Type>(nulls, |row| Ok(Some(days(c.local(moments.get(row))) as i32)))?))
}

fn to_time_of_day(c: &Conversion, array: &ArrayRef, precision: u8) -> Result<ArrayRef> {
    let nulls = array.logical_nulls();
    let step = 10i32.pow(3 - u32::from(precision.min(3)));
    let cut = |millis: i32| millis / step * step;
    if let Some(texts) = array.as_string_opt::<i32>() {
        return Ok(Arc::new(args(array).build::<Time32MillisecondType>(nulls, |row| {
            match text::parse_time(texts.value(row)) {
                Some(v) => Ok(Some(cut(v))),
                None => c.failed(texts.value(row)),
            }
        })?));
    }
    if let Some(times) = array.as_primitive_opt::<Time32MillisecondType>() {
        return Ok(Arc::new(times.unary::<_, Time32MillisecondType>(cut)));
    }
    let moments = Moments::of(array);
    Ok(Arc::new(args(array).build::<Time32MillisecondType>(nulls, |row| {
        // Digits are cut before the day is taken off.
        let local = c.local(moments.get(row)).millis;
        // Of a TIMESTAMP before 1970 the digits are cut towards 1970, of an instant downwards.
        let step = i64::from(step);
        let cut = if matches!(c.from, TypeKind::TimestampLtz { .. }) { local.div_euclid(step) } else { local / step };
        Ok(Some(cut.wrapping_mul(step).rem_euclid(MILLIS_PER_DAY) as i32))
    })?))
}

fn to_timestamp(c: &Conversion, array: &ArrayRef, precision: u8) -> Result<ArrayRef> {
    let zoned = matches!(c.to, TypeKind::TimestampLtz { .. });
    let texts = array.as_string_opt::<i32>();
    let times = array.as_primitive_opt::<Time32MillisecondType>();
    let moments = (texts.is_none() && times.is_none()).then(|| Moments::of(array));
    let from_zoned = matches!(c.from, TypeKind::TimestampLtz { .. });
    build_timestamps(&args(array), array.logical_nulls(), &c.to, |row| {
        let moment = match (&texts, &times, &moments) {
            (Some(texts), ..) => match text::parse_timestamp(texts.value(row)) {
                Some(moment) => moment,
                None => return c.failed(texts.value(row)),
            },
            // A clock time lies on the first day of 1970.
            (_, Some(times), _) => Moment::of_millis(i64::from(times.value(row)) % MILLIS_PER_DAY),
            (_, _, Some(moments)) => moments.get(row),
            _ => return c.unknown(),
        };
        let moment = match (from_zoned, zoned) {
            (true, false) => c.local(moment),
            (false, true) => Moment { millis: c.zone.to_utc(moment.millis), ..moment },
            _ => moment,
        };
        match moment.to_unit(precision) {
            Some(_) => Ok(Some(moment)),
            None => {
                let mut value = String::new();
                write_timestamp(moment, timestamp_precision(&c.from), &mut value);
                c.failed(value)
            }
        }
    })
}

/// A column of a TIMESTAMP or TIMESTAMP_LTZ type from moments.
pub(crate) fn build_timestamps(
    args: &Args,
    nulls: Option<arrow::buffer::NullBuffer>,
    kind: &TypeKind,
    mut f: impl FnMut(usize) -> Result<Option<Moment>>,
) -> Result<ArrayRef> {
    let precision = timestamp_precision(kind);
    let values: PrimitiveArray<Int64Type> =
        args.build(nulls, |row| Ok(f(row)?.and_then(|moment| moment.to_unit(precision))))?;
    let zone: Option<Arc<str>> = matches!(kind, TypeKind::TimestampLtz { .. }).then(|| "UTC".into());
    let (_, values, nulls) = values.into_parts();
    Ok(match precision {
        0..=3 => Arc::new(PrimitiveArray::<TimestampMillisecondType>::new(values, nulls).with_timezone_opt(zone)),
        4..=6 => Arc::new(PrimitiveArray::<TimestampMicrosecondType>::new(values, nulls).with_timezone_opt(zone)),
        _ => Arc::new(PrimitiveArray::<TimestampNanosecondType>::new(values, nulls).with_timezone_opt(zone)),
    })
}
