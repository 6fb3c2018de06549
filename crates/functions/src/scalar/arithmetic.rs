//! Arithmetic operators and mathematical functions.
//!
//! Integers wrap. Exact division by zero is a data error; FLOAT and DOUBLE follow IEEE. DECIMAL results are
//! rounded half up to the result type and become NULL when they have too many digits.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, AsArray};
use arrow::compute::kernels::numeric;
use arrow::datatypes::{
    DataType as Arrow, Decimal128Type, DurationMillisecondType, Int8Type, Int16Type, Int32Type, Int64Type,
    IntervalYearMonthType,
};
use flitz_dataflow::{DataType, Error, Result, TypeKind};
use flitz_plan::Expr;

use super::{Eval, Function, Kernel, Output, Param, Simple, Site, any_nullable, exactly, literal_integer, mismatch_of};
use super::{math, temporal};
use crate::coercion::{as_decimal, cast_to, common_kind, decimal_result, wider_integer};
use crate::columnar::Args;
use crate::decimal;
use crate::java::strict_math;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::custom("+", operator, Eval::Prepared(|site| prepare(site, Op::Add))),
    Function::custom("-", operator, Eval::Prepared(|site| prepare(site, Op::Sub))),
    Function::custom("*", operator, Eval::Prepared(|site| prepare(site, Op::Mul))),
    Function::custom("/", operator, Eval::Prepared(|site| prepare(site, Op::Div))),
    Function::custom("%", operator, Eval::Prepared(|site| prepare(site, Op::Rem))).aliases(&["MOD"]),
    Function::custom("NEGATE", |_, args| negate(args), Eval::Rows(|a| negated(a.columns[0].array()))),
    Function::new("ABS", &[Param::Numeric], Output::Arg(0), math::abs),
    Function::new("SIGN", &[Param::Numeric], Output::Arg(0), math::sign),
    Function::custom("FLOOR", floor_or_ceil, Eval::Prepared(|s| math::floor_or_ceil(s, true))),
    Function::custom("CEIL", floor_or_ceil, Eval::Prepared(|s| math::floor_or_ceil(s, false))).aliases(&["CEILING"]),
    Function::custom("ROUND", round_type, Eval::Prepared(|s| math::round(s, decimal::Mode::HalfUp))),
    Function::custom("TRUNCATE", round_type, Eval::Prepared(|s| math::round(s, decimal::Mode::Down))),
    double("POWER", &[Param::Double, Param::Double], |a| math::of2(a, math::java_pow)).aliases(&["POW"]),
    double("ATAN2", &[Param::Double, Param::Double], |a| math::of2(a, strict_math::atan2)),
    double("SQRT", DOUBLE, |a| math::of1(a, math::square_root)),
    double("LN", DOUBLE, |a| math::of1(a, f64::ln)),
    double("LOG10", DOUBLE, |a| math::of1(a, strict_math::log10)),
    double("LOG2", DOUBLE, |a| math::of1(a, |x| x.ln() / 2f64.ln())),
    double("LOG", &[Param::Double, Param::Double], math::log).optional(1),
    double("EXP", DOUBLE, |a| math::of1(a, f64::exp)),
    double("SIN", DOUBLE, |a| math::of1(a, f64::sin)),
    double("SINH", DOUBLE, |a| math::of1(a, strict_math::sinh)),
    double("COS", DOUBLE, |a| math::of1(a, f64::cos)),
    double("COSH", DOUBLE, |a| math::of1(a, strict_math::cosh)),
    double("TAN", DOUBLE, |a| math::of1(a, f64::tan)),
    double("TANH", DOUBLE, |a| math::of1(a, strict_math::tanh)),
    double("COT", DOUBLE, |a| math::of1(a, |x| 1.0 / x.tan())),
    double("ASIN", DOUBLE, |a| math::of1(a, strict_math::asin)),
    double("ACOS", DOUBLE, |a| math::of1(a, strict_math::acos)),
    double("ATAN", DOUBLE, |a| math::of1(a, strict_math::atan)),
    double("DEGREES", DOUBLE, |a| math::of1(a, |x| x * (180.0 / std::f64::consts::PI))),
    double("RADIANS", DOUBLE, |a| math::of1(a, |x| x * (std::f64::consts::PI / 180.0))),
    Function::new("PI", &[], Output::NotNull(Simple::Double), |a| Ok(math::constant(a, std::f64::consts::PI))),
    Function::new("E", &[], Output::NotNull(Simple::Double), |a| Ok(math::constant(a, std::f64::consts::E))),
    Function::prepared("RAND", &[Param::Int], Output::Strict(Simple::Double), math::rand).optional(1).volatile(),
    Function::prepared("RAND_INTEGER", &[Param::Int, Param::Int], Output::Strict(Simple::Int), math::rand_integer)
        .optional(1)
        .volatile(),
    Function::new("BIN", &[Param::BigInt], Output::Strict(Simple::String), math::bin),
    Function::new("HEX", &[Param::Any], Output::Custom(hex_type), math::hex),
    Function::new("UNHEX", &[Param::String], Output::Nullable(Simple::Bytes), math::unhex),
];

fn hex_type(args: &[Expr]) -> Result<DataType> {
    let kind = &args[0].data_type().kind;
    if !kind.is_integer() && !kind.is_string() {
        return Err(mismatch_of("HEX", args).hint("expected HEX(integer) or HEX(string)"));
    }
    Ok(DataType::new(TypeKind::STRING, args[0].data_type().nullable))
}

const DOUBLE: &[Param] = &[Param::Double];

const fn double(name: &'static str, params: &'static [Param], eval: fn(&Args) -> Result<ArrayRef>) -> Function {
    Function::new(name, params, Output::Strict(Simple::Double), eval)
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

fn operator(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    let [left, right] = exactly(name, args)?;
    let (a, b) = (left.data_type().kind.clone(), right.data_type().kind.clone());
    let temporal =
        |k: &TypeKind| k.is_interval() || k.is_timestamp() || matches!(k, TypeKind::Date | TypeKind::Time(_));
    if temporal(&a) || temporal(&b) {
        return temporal::bind_arithmetic(name, left, right);
    }
    let (a, b) = match (a, b) {
        (TypeKind::Null, b) if b.is_numeric() => (b.clone(), b),
        (a, TypeKind::Null) if a.is_numeric() => (a.clone(), a),
        other => other,
    };
    if !a.is_numeric() || !b.is_numeric() {
        return Err(mismatch_of(name, &[left, right]));
    }
    if name == "%" && (a.is_approximate() || b.is_approximate()) {
        return Err(mismatch_of(name, &[left, right]).hint("% takes integers and DECIMAL"));
    }
    let nullable = any_nullable(&[left.clone(), right.clone()]);
    // Operands of DECIMAL operations keep their own scale; the others are computed in one type.
    let (left_type, right_type, result) = match (as_decimal(&a), as_decimal(&b)) {
        (Some(x), Some(y)) if !(a.is_integer() && b.is_integer()) => {
            let of = |(precision, scale)| TypeKind::Decimal { precision, scale };
            let result = decimal_result(name, x, y);
            (of(x), of(y), result)
        }
        _ if a.is_integer() && b.is_integer() => {
            let wide = wider_integer(&a, &b);
            let result = if name == "%" { b.clone() } else { wide.clone() };
            (wide.clone(), wide, result)
        }
        _ => {
            let common = common_kind(a, b).ok_or_else(|| mismatch_of(name, &[left.clone(), right.clone()]))?;
            (common.clone(), common.clone(), common)
        }
    };
    let computed = if result.is_integer() { left_type.clone() } else { result.clone() };
    let args = vec![cast_to(left, &left_type.nullable()), cast_to(right, &right_type.nullable())];
    // A DECIMAL result that outgrows its 38 digits is NULL in spite of this NOT NULL, as in Flink.
    let call = Expr::call(name, args, DataType::new(computed, nullable));
    Ok(cast_to(call, &result.nullable()))
}

fn prepare(site: &Site, op: Op) -> Result<Kernel> {
    let kinds = [&site.args[0].data_type().kind, &site.args[1].data_type().kind];
    if kinds.iter().any(|k| !k.is_numeric()) {
        return temporal::prepare_arithmetic(site, op);
    }
    if let TypeKind::Decimal { precision, scale } = site.data_type.kind {
        let scales = kinds.map(|k| as_decimal(k).map_or(0, |(_, s)| s));
        return Ok(Box::new(move |args| decimal_operation(args, op, scales, precision, scale)));
    }
    Ok(Box::new(move |args| numeric_operation(args, op)))
}

fn numeric_operation(args: &Args, op: Op) -> Result<ArrayRef> {
    let [left, right] = args.columns else { return Err(Error::internal("operator of other than two values")) };
    let integer = left.array().data_type().is_integer();
    Ok(match op {
        Op::Add => numeric::add_wrapping(left, right)?,
        Op::Sub => numeric::sub_wrapping(left, right)?,
        Op::Mul => numeric::mul_wrapping(left, right)?,
        Op::Div | Op::Rem if integer => return integer_division(args, op),
        Op::Div => numeric::div(left, right)?,
        Op::Rem => numeric::rem(left, right)?,
    })
}

fn integer_division(args: &Args, op: Op) -> Result<ArrayRef> {
    Ok(match args.columns[0].array().data_type() {
        Arrow::Int8 => divide::<Int8Type>(args, op, i8::wrapping_div, i8::wrapping_rem)?,
        Arrow::Int16 => divide::<Int16Type>(args, op, i16::wrapping_div, i16::wrapping_rem)?,
        Arrow::Int32 => divide::<Int32Type>(args, op, i32::wrapping_div, i32::wrapping_rem)?,
        _ => divide::<Int64Type>(args, op, i64::wrapping_div, i64::wrapping_rem)?,
    })
}

fn divide<T: ArrowPrimitiveType>(
    args: &Args,
    op: Op,
    quotient: fn(T::Native, T::Native) -> T::Native,
    remainder: fn(T::Native, T::Native) -> T::Native,
) -> Result<ArrayRef> {
    let (left, right) = (args.primitives::<T>(0), args.primitives::<T>(1));
    let zero = T::Native::default();
    let compute = if op == Op::Div { quotient } else { remainder };
    let nulls = args.nulls();
    if right.is_scalar() && !right.is_null(0) && right.get(0) != zero {
        let divisor = right.get(0);
        return Ok(Arc::new(args.build_infallible::<T>(nulls, |row| compute(left.get(row), divisor))));
    }
    Ok(Arc::new(args.build::<T>(nulls, |row| {
        let divisor = right.get(row);
        if divisor == zero {
            return Err(division_by_zero());
        }
        Ok(Some(compute(left.get(row), divisor)))
    })?))
}

pub(crate) fn division_by_zero() -> Error {
    Error::data("Division by zero")
}

fn decimal_operation(args: &Args, op: Op, [s1, s2]: [u8; 2], precision: u8, scale: u8) -> Result<ArrayRef> {
    let (left, right) = (args.primitives::<Decimal128Type>(0), args.primitives::<Decimal128Type>(1));
    let nulls = args.nulls();
    let result = match op {
        // Nothing is rounded, and both fit 64 bits as a rule.
        Op::Mul if s1 + s2 == scale => args.build_total::<Decimal128Type>(nulls, |row| {
            let (a, b) = (left.get(row), right.get(row));
            let product = match (i64::try_from(a), i64::try_from(b)) {
                (Ok(a), Ok(b)) => Some(i128::from(a) * i128::from(b)),
                _ => a.checked_mul(b),
            };
            match product {
                Some(product) => decimal::fit(product, precision),
                None => decimal::multiply(a, s1, b, s2, precision, scale),
            }
        }),
        Op::Mul => args.build_total::<Decimal128Type>(nulls, |row| {
            decimal::multiply(left.get(row), s1, right.get(row), s2, precision, scale)
        }),
        Op::Add | Op::Sub => args.build_total::<Decimal128Type>(nulls, |row| {
            let b = right.get(row);
            decimal::add(left.get(row), s1, if op == Op::Sub { b.wrapping_neg() } else { b }, s2, precision, scale)
        }),
        Op::Div | Op::Rem => args.build::<Decimal128Type>(nulls, |row| {
            let (a, b) = (left.get(row), right.get(row));
            Ok(match op {
                _ if b == 0 => return Err(division_by_zero()),
                Op::Div => decimal::divide(a, s1, b, s2, precision, scale),
                _ => decimal::remainder(a, s1, b, s2, precision, scale),
            })
        })?,
    };
    Ok(Arc::new(result.with_precision_and_scale(precision, scale as i8)?))
}

fn negate(args: Vec<Expr>) -> Result<Expr> {
    let [arg] = exactly("NEGATE", args)?;
    let kind = &arg.data_type().kind;
    if !kind.is_numeric() && !kind.is_interval() {
        return Err(mismatch_of("-", &[arg]));
    }
    let data_type = arg.data_type().clone();
    Ok(Expr::call("NEGATE", vec![arg], data_type))
}

fn negated(values: &ArrayRef) -> Result<ArrayRef> {
    Ok(match values.data_type() {
        // Arrow's kernel wraps numbers only.
        Arrow::Duration(_) => Arc::new(
            values.as_primitive::<DurationMillisecondType>().unary::<_, DurationMillisecondType>(i64::wrapping_neg),
        ),
        Arrow::Interval(_) => Arc::new(
            values.as_primitive::<IntervalYearMonthType>().unary::<_, IntervalYearMonthType>(i32::wrapping_neg),
        ),
        _ => numeric::neg_wrapping(values)?,
    })
}

/// FLOOR(number) or FLOOR(time, unit).
fn floor_or_ceil(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    if args.len() == 2 {
        return temporal::bind_rounding(name, args);
    }
    let [arg] = exactly(name, args)?;
    let data_type = match &arg.data_type().kind {
        TypeKind::Decimal { precision, .. } => TypeKind::Decimal { precision: *precision, scale: 0 },
        kind if kind.is_numeric() => kind.clone(),
        _ => return Err(mismatch_of(name, &[arg])),
    };
    let nullable = arg.data_type().nullable;
    Ok(Expr::call(name, vec![arg], DataType::new(data_type, nullable)))
}

/// DECIMAL shrinks to the digits asked for if they are a literal.
fn round_type(name: &'static str, mut args: Vec<Expr>) -> Result<Expr> {
    let types_fit = matches!(args.len(), 1 | 2)
        && args[0].data_type().kind.is_numeric()
        && args.get(1).is_none_or(|d| d.data_type().kind.is_integer());
    if !types_fit {
        return Err(mismatch_of(name, &args).hint(format!("expected {name}(numeric[, integer])")));
    }
    let digits = match args.get(1) {
        None => Some(0),
        Some(d) => literal_integer(d),
    };
    let kind = match (&args[0].data_type().kind, digits) {
        (TypeKind::Decimal { precision, scale }, Some(digits)) => rounded_decimal(*precision, *scale, digits),
        (kind, _) => kind.clone(),
    };
    if args.len() == 2 {
        let digits = args.pop().ok_or_else(|| Error::internal("two arguments"))?;
        args.push(cast_to(digits, &TypeKind::Int.nullable()));
    }
    let data_type = DataType::new(kind, any_nullable(&args));
    Ok(Expr::call(name, args, data_type))
}

fn rounded_decimal(precision: u8, scale: u8, digits: i64) -> TypeKind {
    if digits >= i64::from(scale) {
        TypeKind::Decimal { precision, scale }
    } else if digits < 0 {
        TypeKind::Decimal { precision: (1 + precision - scale).min(38), scale: 0 }
    } else {
        TypeKind::Decimal { precision: (1 + precision - scale + digits as u8).min(38), scale: digits as u8 }
    }
}
