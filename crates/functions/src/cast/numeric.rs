//! BOOLEAN and numbers as targets.
//!
//! Integers wrap, floating point is cut and saturates, a DECIMAL that does not fit its type is NULL: none of
//! these is an error. Text that is no number is.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::datatypes::{
    Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    IntervalYearMonthType,
};
use flitz_dataflow::{Result, TypeKind};

use super::{Caster, Conversion, text};
use crate::columnar::{Args, Columnar};
use crate::decimal;

pub(super) fn to_number(c: Conversion) -> Result<Caster> {
    Ok(match c.to.clone() {
        TypeKind::Boolean => Box::new(move |array| to_boolean(&c, array)),
        TypeKind::Decimal { precision, scale } => Box::new(move |array| to_decimal(&c, array, precision, scale)),
        TypeKind::TinyInt => to_integer::<Int8Type>(c, |v| v as i8, |v| i8::try_from(v).ok()),
        TypeKind::SmallInt => to_integer::<Int16Type>(c, |v| v as i16, |v| i16::try_from(v).ok()),
        TypeKind::Int => to_integer::<Int32Type>(c, |v| v as i32, |v| i32::try_from(v).ok()),
        TypeKind::BigInt => to_integer::<Int64Type>(c, |v| v, Some),
        TypeKind::Float => Box::new(move |array| to_float::<Float32Type>(&c, array, |v| v as f32)),
        TypeKind::Double => Box::new(move |array| to_float::<Float64Type>(&c, array, |v| v)),
        _ => return c.unknown(),
    })
}

/// One value per row that is not NULL.
fn rows<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    f: impl FnMut(usize) -> Result<Option<T::Native>>,
) -> Result<PrimitiveArray<T>> {
    let columns: [Columnar; 0] = [];
    Args { columns: &columns, rows: array.len() }.build(array.logical_nulls(), f)
}

fn to_boolean(c: &Conversion, array: &ArrayRef) -> Result<ArrayRef> {
    if let Some(texts) = array.as_string_opt::<i32>() {
        let columns: [Columnar; 0] = [];
        let args = Args { columns: &columns, rows: array.len() };
        return args.build_booleans(array.logical_nulls(), |row| match text::parse_boolean(texts.value(row)) {
            Some(v) => Ok(Some(v)),
            None => c.failed(texts.value(row)),
        });
    }
    Ok(match &c.from {
        TypeKind::Decimal { .. } => {
            Arc::new(BooleanArray::from_unary(array.as_primitive::<Decimal128Type>(), |v| v != 0))
        }
        TypeKind::Float => Arc::new(BooleanArray::from_unary(array.as_primitive::<Float32Type>(), |v| v != 0.0)),
        TypeKind::Double => Arc::new(BooleanArray::from_unary(array.as_primitive::<Float64Type>(), |v| v != 0.0)),
        _ => Arc::new(BooleanArray::from_unary(&integers(c, array)?, |v| v != 0)),
    })
}

/// Columns of integers, BOOLEAN and intervals as 64 bits.
fn integers(c: &Conversion, array: &ArrayRef) -> Result<PrimitiveArray<Int64Type>> {
    Ok(match &c.from {
        TypeKind::TinyInt => array.as_primitive::<Int8Type>().unary(i64::from),
        TypeKind::SmallInt => array.as_primitive::<Int16Type>().unary(i64::from),
        TypeKind::Int => array.as_primitive::<Int32Type>().unary(i64::from),
        TypeKind::BigInt => array.as_primitive::<Int64Type>().clone(),
        TypeKind::IntervalYearMonth => array.as_primitive::<IntervalYearMonthType>().unary(i64::from),
        TypeKind::IntervalDaySecond => array.as_primitive::<DurationMillisecondType>().unary(|v| v),
        TypeKind::Boolean => {
            let values = array.as_boolean();
            PrimitiveArray::new(values.values().iter().map(i64::from).collect(), values.nulls().cloned())
        }
        _ => return c.unknown(),
    })
}

/// `wrap` keeps the low bits of a number, `fit` takes only what is in range (for text).
fn to_integer<T: ArrowPrimitiveType>(
    c: Conversion,
    wrap: fn(i64) -> T::Native,
    fit: fn(i64) -> Option<T::Native>,
) -> Caster
where
    T::Native: Saturating,
{
    Box::new(move |array| {
        Ok(match &c.from {
            TypeKind::Char(_) | TypeKind::Varchar(_) => {
                let texts = array.as_string::<i32>();
                Arc::new(rows::<T>(array, |row| match text::parse_integer(texts.value(row)).and_then(fit) {
                    Some(v) => Ok(Some(v)),
                    None => c.failed(texts.value(row)),
                })?)
            }
            TypeKind::Decimal { scale, .. } => {
                let unit = decimal::power_of_ten(*scale);
                Arc::new(array.as_primitive::<Decimal128Type>().unary::<_, T>(|v| wrap((v / unit) as i64)))
            }
            TypeKind::Float => {
                let values = array.as_primitive::<Float32Type>();
                Arc::new(values.unary::<_, T>(|v| T::Native::of_double(f64::from(v))))
            }
            TypeKind::Double => Arc::new(array.as_primitive::<Float64Type>().unary::<_, T>(T::Native::of_double)),
            _ => Arc::new(integers(&c, array)?.unary::<_, T>(wrap)),
        })
    })
}

/// Java's conversion of floating point: `(long) x` and `(int) x` saturate, narrower types cut the `int`.
trait Saturating {
    fn of_double(x: f64) -> Self;
}

impl Saturating for i64 {
    fn of_double(x: f64) -> i64 {
        x as i64
    }
}

impl Saturating for i32 {
    fn of_double(x: f64) -> i32 {
        x as i32
    }
}

impl Saturating for i16 {
    fn of_double(x: f64) -> i16 {
        x as i32 as i16
    }
}

impl Saturating for i8 {
    fn of_double(x: f64) -> i8 {
        x as i32 as i8
    }
}

fn to_decimal(c: &Conversion, array: &ArrayRef, precision: u8, scale: u8) -> Result<ArrayRef> {
    let from_text = |s: &str| text::parse_decimal(s, precision, scale);
    let result = match &c.from {
        TypeKind::Char(_) | TypeKind::Varchar(_) => {
            let texts = array.as_string::<i32>();
            rows::<Decimal128Type>(array, |row| match from_text(texts.value(row)) {
                Some(Some(v)) => Ok(Some(v)),
                // Too many digits are an error here, though not from numbers.
                _ => c.failed(texts.value(row)),
            })?
        }
        TypeKind::Decimal { scale: from, .. } => {
            let values = array.as_primitive::<Decimal128Type>();
            rows::<Decimal128Type>(array, |row| Ok(decimal::rescale(values.value(row), *from, precision, scale)))?
        }
        // Through the shortest decimal text, as `BigDecimal.valueOf`.
        TypeKind::Float => {
            let values = array.as_primitive::<Float32Type>();
            rows::<Decimal128Type>(array, |row| Ok(from_text(&format!("{:e}", values.value(row))).flatten()))?
        }
        TypeKind::Double => {
            let values = array.as_primitive::<Float64Type>();
            rows::<Decimal128Type>(array, |row| Ok(from_text(&format!("{:e}", values.value(row))).flatten()))?
        }
        _ => {
            let values = integers(c, array)?;
            let columns: [Columnar; 0] = [];
            let args = Args { columns: &columns, rows: array.len() };
            match scale {
                0 => args.build_total(array.logical_nulls(), |row| decimal::fit(values.value(row).into(), precision)),
                _ => args.build_total(array.logical_nulls(), |row| {
                    decimal::rescale(values.value(row).into(), 0, precision, scale)
                }),
            }
        }
    };
    Ok(Arc::new(result.with_precision_and_scale(precision, scale as i8)?))
}

fn to_float<T: ArrowPrimitiveType>(c: &Conversion, array: &ArrayRef, narrow: fn(f64) -> T::Native) -> Result<ArrayRef> {
    Ok(match &c.from {
        TypeKind::Char(_) | TypeKind::Varchar(_) => {
            let texts = array.as_string::<i32>();
            Arc::new(rows::<T>(array, |row| match text::parse_double(texts.value(row)) {
                Some(v) => Ok(Some(narrow(v))),
                None => c.failed(texts.value(row)),
            })?)
        }
        TypeKind::Decimal { scale, .. } => {
            let scale = *scale;
            Arc::new(array.as_primitive::<Decimal128Type>().unary::<_, T>(|v| narrow(decimal::to_f64(v, scale))))
        }
        TypeKind::Float => Arc::new(array.as_primitive::<Float32Type>().unary::<_, T>(|v| narrow(f64::from(v)))),
        TypeKind::Double => Arc::new(array.as_primitive::<Float64Type>().unary::<_, T>(narrow)),
        _ => Arc::new(integers(c, array)?.unary::<_, T>(|v| narrow(v as f64))),
    })
}
