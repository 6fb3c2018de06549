//! What the mathematical functions of `arithmetic` compute.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, Float64Array};
use arrow::datatypes::{
    DataType as Arrow, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use flitz_dataflow::{Error, Result, TypeKind};

use super::{Kernel, Site, temporal};
use crate::columnar::Args;
use crate::decimal::{self, Mode};
use crate::java::random::Random;

pub(super) fn of1(args: &Args, f: impl Fn(f64) -> f64) -> Result<ArrayRef> {
    let values = args.primitives::<Float64Type>(0);
    Ok(Arc::new(args.build_infallible::<Float64Type>(args.nulls(), |row| f(values.get(row)))))
}

pub(super) fn of2(args: &Args, f: impl Fn(f64, f64) -> f64) -> Result<ArrayRef> {
    let (a, b) = (args.primitives::<Float64Type>(0), args.primitives::<Float64Type>(1));
    Ok(Arc::new(args.build_infallible::<Float64Type>(args.nulls(), |row| f(a.get(row), b.get(row)))))
}

/// `Math.pow`: unlike C's, 1 to the power NaN or infinity is NaN.
pub(super) fn java_pow(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (base.abs() == 1.0 && exponent.is_infinite()) { f64::NAN } else { base.powf(exponent) }
}

/// LOG(x) is natural, LOG(base, x) is not.
pub(super) fn log(args: &Args) -> Result<ArrayRef> {
    match args.len() {
        1 => of1(args, f64::ln),
        _ => of2(args, |base, x| x.ln() / base.ln()),
    }
}

pub(super) fn constant(args: &Args, value: f64) -> ArrayRef {
    Arc::new(Float64Array::from_value(value, args.rows))
}

pub(super) fn abs(args: &Args) -> Result<ArrayRef> {
    Ok(match args.columns[0].array().data_type() {
        Arrow::Int8 => map::<Int8Type>(args, i8::wrapping_abs),
        Arrow::Int16 => map::<Int16Type>(args, i16::wrapping_abs),
        Arrow::Int32 => map::<Int32Type>(args, i32::wrapping_abs),
        Arrow::Int64 => map::<Int64Type>(args, i64::wrapping_abs),
        Arrow::Float32 => map::<Float32Type>(args, f32::abs),
        Arrow::Float64 => map::<Float64Type>(args, f64::abs),
        _ => map::<Decimal128Type>(args, i128::wrapping_abs),
    })
}

pub(super) fn sign(args: &Args) -> Result<ArrayRef> {
    let float = |x: f64| if x == 0.0 || x.is_nan() { x } else { x.signum() };
    Ok(match args.columns[0].array().data_type() {
        Arrow::Int8 => map::<Int8Type>(args, i8::signum),
        Arrow::Int16 => map::<Int16Type>(args, i16::signum),
        Arrow::Int32 => map::<Int32Type>(args, i32::signum),
        Arrow::Int64 => map::<Int64Type>(args, i64::signum),
        Arrow::Float32 => map::<Float32Type>(args, |x| float(f64::from(x)) as f32),
        Arrow::Float64 => map::<Float64Type>(args, float),
        Arrow::Decimal128(_, scale) => {
            let one = decimal::power_of_ten(*scale as u8);
            map::<Decimal128Type>(args, |x| x.signum() * one)
        }
        other => return Err(Error::internal(format!("SIGN of {other}"))),
    })
}

/// A function of one column that keeps its Arrow type, precision and scale included.
fn map<T: ArrowPrimitiveType>(args: &Args, f: impl Fn(T::Native) -> T::Native) -> ArrayRef {
    Arc::new(args.columns[0].array().as_primitive::<T>().unary::<_, T>(f).with_data_type_of(args.columns[0].array()))
}

trait WithDataTypeOf {
    fn with_data_type_of(self, array: &ArrayRef) -> Self;
}

impl<T: ArrowPrimitiveType> WithDataTypeOf for arrow::array::PrimitiveArray<T> {
    fn with_data_type_of(self, array: &ArrayRef) -> Self {
        self.with_data_type(array.data_type().clone())
    }
}

pub(super) fn floor_or_ceil(site: &Site, floor: bool) -> Result<Kernel> {
    if site.args.len() == 2 {
        return temporal::prepare_rounding(site, floor);
    }
    let mode = if floor { Mode::Floor } else { Mode::Ceil };
    Ok(match &site.args[0].data_type().kind {
        TypeKind::Double => {
            Box::new(move |a: &Args| Ok(map::<Float64Type>(a, if floor { f64::floor } else { f64::ceil })))
        }
        TypeKind::Float => {
            Box::new(move |a: &Args| Ok(map::<Float32Type>(a, if floor { f32::floor } else { f32::ceil })))
        }
        TypeKind::Decimal { precision, scale } => {
            let (precision, unit) = (*precision, decimal::power_of_ten(*scale));
            Box::new(move |a: &Args| decimals(a, precision, 0, |v| decimal::divide_rounded(v, unit, mode)))
        }
        _ => Box::new(|a: &Args| Ok(a.columns[0].array().clone())),
    })
}

fn decimals(args: &Args, precision: u8, scale: u8, f: impl Fn(i128) -> i128) -> Result<ArrayRef> {
    let values = args.primitives::<Decimal128Type>(0);
    let result = args.build::<Decimal128Type>(args.nulls(), |row| Ok(decimal::fit(f(values.get(row)), precision)))?;
    Ok(Arc::new(result.with_precision_and_scale(precision, scale as i8)?))
}

/// ROUND and TRUNCATE. The digits may differ from row to row.
pub(super) fn round(site: &Site, mode: Mode) -> Result<Kernel> {
    let result = site.data_type.kind.clone();
    let from = match site.args[0].data_type().kind {
        TypeKind::Decimal { scale, .. } => scale,
        _ => 0,
    };
    Ok(Box::new(move |args: &Args| {
        let digits = (args.len() == 2).then(|| args.primitives::<Int32Type>(1));
        let digits = |row| digits.as_ref().map_or(0, |d| d.get(row).clamp(-1_000_000, 1_000_000));
        let nulls = args.nulls();
        Ok(match &result {
            TypeKind::Decimal { precision, scale } => {
                let values = args.primitives::<Decimal128Type>(0);
                let rounded = args.build::<Decimal128Type>(nulls, |row| {
                    let value = round_decimal(values.get(row), from, digits(row), mode);
                    Ok(value.and_then(|v| decimal::rescale(v, from, *precision, *scale)))
                })?;
                Arc::new(rounded.with_precision_and_scale(*precision, *scale as i8)?)
            }
            TypeKind::Double => {
                let values = args.primitives::<Float64Type>(0);
                Arc::new(
                    args.build::<Float64Type>(nulls, |row| Ok(Some(round_double(values.get(row), digits(row), mode))))?,
                )
            }
            TypeKind::Float => {
                let values = args.primitives::<Float32Type>(0);
                Arc::new(args.build::<Float32Type>(nulls, |row| {
                    // Through the shortest text of the FLOAT, as `BigDecimal.valueOf` of it would.
                    let value = values.get(row);
                    let exact: f64 = value.to_string().parse().unwrap_or(f64::from(value));
                    Ok(Some(round_double(exact, digits(row), mode) as f32))
                })?)
            }
            TypeKind::TinyInt => integers::<Int8Type>(args, digits, mode, |v| v as i8)?,
            TypeKind::SmallInt => integers::<Int16Type>(args, digits, mode, |v| v as i16)?,
            TypeKind::Int => integers::<Int32Type>(args, digits, mode, |v| v as i32)?,
            _ => integers::<Int64Type>(args, digits, mode, |v| v as i64)?,
        })
    }))
}

fn integers<T: ArrowPrimitiveType<Native: Into<i64>>>(
    args: &Args,
    digits: impl Fn(usize) -> i32,
    mode: Mode,
    narrow: impl Fn(i128) -> T::Native,
) -> Result<ArrayRef> {
    let values = args.primitives::<T>(0);
    Ok(Arc::new(args.build::<T>(args.nulls(), |row| {
        let value: i64 = values.get(row).into();
        Ok(round_decimal(i128::from(value), 0, digits(row), mode).map(&narrow))
    })?))
}

/// Keeps the scale, zeroes what is behind `digits`.
fn round_decimal(value: i128, scale: u8, digits: i32, mode: Mode) -> Option<i128> {
    let cut = i32::from(scale).saturating_sub(digits);
    match cut {
        ..=0 => Some(value),
        1..=38 => {
            let unit = decimal::power_of_ten(cut as u8);
            decimal::divide_rounded(value, unit, mode).checked_mul(unit)
        }
        _ => Some(0),
    }
}

/// Flink raises to the power of a half, which differs from the root for negative zero and infinity.
pub(super) fn square_root(x: f64) -> f64 {
    if x == 0.0 {
        0.0
    } else if x == f64::NEG_INFINITY {
        f64::INFINITY
    } else {
        x.sqrt()
    }
}

/// On the shortest decimal text of the number, as `BigDecimal.valueOf(x).setScale(digits)`.
fn round_double(x: f64, digits: i32, mode: Mode) -> f64 {
    if !x.is_finite() {
        return x;
    }
    if x == 0.0 {
        return 0.0;
    }
    let shortest = format!("{x:e}");
    let Some((mantissa, exponent)) = shortest.split_once('e') else { return x };
    let fraction = mantissa.split_once('.').map_or(0, |(_, f)| f.len()) as i32;
    let unscaled: i128 = mantissa.replace('.', "").parse().unwrap_or(0);
    let scale = fraction - exponent.parse::<i32>().unwrap_or(0);
    let cut = scale.saturating_sub(digits);
    if cut <= 0 {
        return x;
    }
    if cut > 38 {
        return 0.0;
    }
    let rounded = decimal::divide_rounded(unscaled, decimal::power_of_ten(cut as u8), mode);
    format!("{rounded}e{}", -digits).parse().unwrap_or(x)
}

/// One generator per task instance; with a seed Java's own sequence.
pub(super) fn rand(site: &Site) -> Result<Kernel> {
    let mut seeded: Option<Random> = None;
    let has_seed = !site.args.is_empty();
    Ok(Box::new(move |args: &Args| {
        if !has_seed {
            return Ok(Arc::new(args.build_infallible::<Float64Type>(None, |_| rand::random::<f64>())));
        }
        let seeds = args.primitives::<Int32Type>(0);
        Ok(Arc::new(args.build::<Float64Type>(args.nulls(), |row| {
            Ok(Some(seeded.get_or_insert_with(|| Random::new(i64::from(seeds.get(row)))).next_double()))
        })?))
    }))
}

pub(super) fn rand_integer(site: &Site) -> Result<Kernel> {
    let mut generator: Option<Random> = None;
    let has_seed = site.args.len() == 2;
    Ok(Box::new(move |args: &Args| {
        let bounds = args.primitives::<Int32Type>(args.len() - 1);
        let seeds = args.primitives::<Int32Type>(0);
        Ok(Arc::new(args.build::<Int32Type>(args.nulls(), |row| {
            let seed = || if has_seed { i64::from(seeds.get(row)) } else { rand::random() };
            let bound = bounds.get(row);
            if bound <= 0 {
                return Err(Error::data(format!("RAND_INTEGER of bound {bound}: bound must be positive")));
            }
            Ok(Some(generator.get_or_insert_with(|| Random::new(seed())).next_int(bound)))
        })?))
    }))
}

pub(super) fn bin(args: &Args) -> Result<ArrayRef> {
    use std::fmt::Write;
    let values = args.primitives::<Int64Type>(0);
    args.build_strings(args.nulls(), |row, out| {
        let _ = write!(out, "{:b}", values.get(row));
        Ok(true)
    })
}

/// Of an integer its digits, of text its UTF-8 bytes.
pub(super) fn hex(args: &Args) -> Result<ArrayRef> {
    use std::fmt::Write;
    let nulls = args.nulls();
    let array = args.columns[0].array();
    match array.data_type() {
        Arrow::Utf8 => {
            let values = args.strings(0);
            args.build_strings(nulls, |row, out| {
                values.get(row).bytes().for_each(|b| _ = write!(out, "{b:02X}"));
                Ok(true)
            })
        }
        _ => {
            let wide = arrow::compute::cast(array, &Arrow::Int64)?;
            let wide = wide.as_primitive::<Int64Type>();
            let step = usize::from(!args.columns[0].is_scalar());
            args.build_strings(nulls, |row, out| {
                let _ = write!(out, "{:X}", wide.value(row * step));
                Ok(true)
            })
        }
    }
}

pub(super) fn unhex(args: &Args) -> Result<ArrayRef> {
    let values = args.strings(0);
    args.build_binaries(args.nulls(), |row, out| {
        let digits = values.get(row).as_bytes();
        let value = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
        let (first, pairs) = digits.split_at(digits.len() % 2);
        if let [odd] = first {
            if value(*odd).is_none() {
                return Ok(false);
            }
            // Flink checks a digit without a partner, and then writes 0 for it.
            out.push(0);
        }
        for pair in pairs.chunks_exact(2) {
            let Some((high, low)) = value(pair[0]).zip(value(pair[1])) else { return Ok(false) };
            out.push(high << 4 | low);
        }
        Ok(true)
    })
}
