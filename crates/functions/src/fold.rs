//! Constants: between literals and arrays of one row, and expressions that are computed once, when planning.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DurationMillisecondArray,
    Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, IntervalYearMonthArray, RecordBatch,
    RecordBatchOptions, StringArray, Time32MillisecondArray, new_null_array,
};
use arrow::datatypes::{
    Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalYearMonthType, Schema, Time32MillisecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType,
};
use flitz_dataflow::{DataType, Error, ManualClock, Result, TypeKind};
use flitz_plan::{Expr, Literal};

use crate::{EvalContext, compile, scalar};

/// Whether two evaluations over the same row give the same (RAND, NOW, UUID do not): such a call is neither
/// folded nor evaluated twice.
pub fn is_deterministic(expr: &Expr) -> bool {
    is_deterministic_here(expr) && expr.children().into_iter().all(is_deterministic)
}

/// As [`is_deterministic`], provided that the children are.
pub(crate) fn is_deterministic_here(expr: &Expr) -> bool {
    match expr {
        // Without arguments it is the clock.
        Expr::Call { function, args, .. } if function == "UNIX_TIMESTAMP" => !args.is_empty(),
        Expr::Call { function, .. } => scalar::find(function).is_none_or(|f| f.deterministic),
        _ => true,
    }
}

/// What a planner makes of an expression.
///
/// As [`fold`], but the result of a constant expression is no negative zero, nor is that of a cast literal, because
/// Flink keeps them as decimal numbers. Within a constant that it does not reduce, an array for instance, there may be
/// one. And what adds or multiplies by nothing is left out.
pub fn reduce(expr: Expr) -> Expr {
    let is_cast_literal = |e: &Expr| matches!(e, Expr::Cast { input, .. } if matches!(**input, Expr::Literal { .. }));
    let expr = expr.transform(&mut |e| if is_cast_literal(&e) { without_sign(fold(e)) } else { e });
    without_sign(settle_zeros(fold(expr)).0).transform(&mut without_neutral)
}

/// `x` for `x + 0`, `x - 0`, `x * 1` and `x / 1`, if it is of their type. It shows in negative zeros and in elements
/// that are not there.
fn without_neutral(expr: Expr) -> Expr {
    let is = |e: &Expr, number: i64| match e {
        Expr::Literal { value: Literal::Integer(v), data_type } => data_type.kind.is_numeric() && *v == number,
        Expr::Literal { value: Literal::Double(v), .. } => *v == number as f64,
        _ => false,
    };
    match expr {
        Expr::Call { function, mut args, data_type } if args.len() == 2 => {
            let other = match function.as_str() {
                "+" if is(&args[1], 0) => Some(0),
                "+" if is(&args[0], 0) => Some(1),
                "-" if is(&args[1], 0) => Some(0),
                "*" if is(&args[1], 1) => Some(0),
                "*" if is(&args[0], 1) => Some(1),
                "/" if is(&args[1], 1) => Some(0),
                _ => None,
            };
            match other {
                Some(other) if args[other].data_type().kind == data_type.kind => args.swap_remove(other),
                _ => Expr::Call { function, args, data_type },
            }
        }
        other => other,
    }
}

/// Also says whether `expr` is constant.
fn settle_zeros(expr: Expr) -> (Expr, bool) {
    let mut constant = match &expr {
        Expr::Column { .. } => false,
        // Its fields are reduced one by one.
        Expr::Call { function, .. } if function == "ROW" => false,
        _ => is_deterministic_here(&expr),
    };
    let expr = expr.map_children(&mut |child| {
        let (child, is_constant) = settle_zeros(child);
        constant &= is_constant;
        child
    });
    (if constant { expr } else { expr.map_children(&mut without_sign) }, constant)
}

/// 0 for negative zero.
fn without_sign(expr: Expr) -> Expr {
    match expr {
        Expr::Literal { value: Literal::Double(0.0), data_type } => Expr::literal(Literal::Double(0.0), data_type),
        other => other,
    }
}

/// The literal that a constant expression equals; `expr` itself if it is not constant or its evaluation fails.
///
/// What depends on the session time zone is left alone: it is not known here.
pub fn fold(expr: Expr) -> Expr {
    expr.transform(&mut |e| {
        let constant = !matches!(e, Expr::Literal { .. } | Expr::Column { .. })
            && e.children().iter().all(|c| matches!(c, Expr::Literal { .. }) && !is_zoned(c))
            && !is_zoned(&e)
            && !is_json_constructor(&e)
            && is_deterministic(&e);
        if !constant {
            return e;
        }
        match evaluate_constant(&e) {
            Some(value) => Expr::literal(value, e.data_type().clone()),
            None => e,
        }
    })
}

/// What these give is put into an enclosing constructor without quotes, which a text literal would not be.
fn is_json_constructor(e: &Expr) -> bool {
    matches!(e, Expr::Call { function, .. } if ["JSON_OBJECT", "JSON_ARRAY", "JSON"].contains(&function.as_str()))
}

fn is_zoned(e: &Expr) -> bool {
    matches!(e.data_type().kind, TypeKind::TimestampLtz { .. })
        || matches!(e, Expr::Call { function, .. } if ["FROM_UNIXTIME", "UNIX_TIMESTAMP", "CURRENT_DATABASE"].contains(&function.as_str()))
}

/// The value of an expression that reads no column, in UTC at the beginning of 1970; None if it fails or is no literal's.
pub fn evaluate_constant(expr: &Expr) -> Option<Literal> {
    let context = EvalContext::new(Arc::new(ManualClock::at(0)), "UTC").ok()?;
    let one_row = RecordBatchOptions::new().with_row_count(Some(1));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &one_row).ok()?;
    let value = compile(expr, &context).ok()?.evaluate(&batch).ok()?;
    literal_of(&value, &expr.data_type().kind)
}

/// One row that holds a literal.
pub(crate) fn literal_array(value: &Literal, data_type: &DataType) -> Result<ArrayRef> {
    let kind = &data_type.kind;
    Ok(match (value, kind) {
        (Literal::Null, _) => new_null_array(&kind.to_arrow(), 1),
        (Literal::Boolean(v), TypeKind::Boolean) => Arc::new(BooleanArray::from(vec![*v])),
        (Literal::Integer(v), TypeKind::TinyInt) => Arc::new(Int8Array::from(vec![*v as i8])),
        (Literal::Integer(v), TypeKind::SmallInt) => Arc::new(Int16Array::from(vec![*v as i16])),
        (Literal::Integer(v), TypeKind::Int) => Arc::new(Int32Array::from(vec![*v as i32])),
        (Literal::Integer(v), TypeKind::BigInt) => Arc::new(Int64Array::from(vec![*v])),
        (Literal::Integer(v), TypeKind::Date) => Arc::new(Date32Array::from(vec![*v as i32])),
        (Literal::Integer(v), TypeKind::Time(_)) => Arc::new(Time32MillisecondArray::from(vec![*v as i32])),
        (Literal::Integer(v), TypeKind::IntervalYearMonth) => Arc::new(IntervalYearMonthArray::from(vec![*v as i32])),
        (Literal::Integer(v), TypeKind::IntervalDaySecond) => Arc::new(DurationMillisecondArray::from(vec![*v])),
        (Literal::Integer(v), kind) if kind.is_timestamp() => {
            let array = Int64Array::from(vec![*v]).to_data().into_builder().data_type(kind.to_arrow()).build()?;
            arrow::array::make_array(array)
        }
        (Literal::Double(v), TypeKind::Float) => Arc::new(Float32Array::from(vec![*v as f32])),
        (Literal::Double(v), TypeKind::Double) => Arc::new(Float64Array::from(vec![*v])),
        (Literal::Decimal(v), TypeKind::Decimal { precision, scale }) => {
            Arc::new(Decimal128Array::from(vec![*v]).with_precision_and_scale(*precision, *scale as i8)?)
        }
        (Literal::String(v), TypeKind::Char(_) | TypeKind::Varchar(_)) => Arc::new(StringArray::from(vec![v.as_str()])),
        (Literal::Bytes(v), TypeKind::Binary(_) | TypeKind::Varbinary(_)) => {
            Arc::new(BinaryArray::from(vec![v.as_slice()]))
        }
        _ => return Err(Error::internal(format!("literal {value:?} of type {data_type}"))),
    })
}

/// The literal in the only row; None for types that have none.
fn literal_of(array: &ArrayRef, kind: &TypeKind) -> Option<Literal> {
    use TypeKind::*;
    if matches!(kind, Array(_) | Map(..) | Multiset(_) | Row(_) | Null) {
        return None;
    }
    if array.is_null(0) {
        return Some(Literal::Null);
    }
    Some(match kind {
        Boolean => Literal::Boolean(array.as_boolean().value(0)),
        TinyInt => Literal::Integer(array.as_primitive::<Int8Type>().value(0).into()),
        SmallInt => Literal::Integer(array.as_primitive::<Int16Type>().value(0).into()),
        Int => Literal::Integer(array.as_primitive::<Int32Type>().value(0).into()),
        BigInt => Literal::Integer(array.as_primitive::<Int64Type>().value(0)),
        Date => Literal::Integer(array.as_primitive::<Date32Type>().value(0).into()),
        Time(_) => Literal::Integer(array.as_primitive::<Time32MillisecondType>().value(0).into()),
        Timestamp { precision: 0..=3, .. } => {
            Literal::Integer(array.as_primitive::<TimestampMillisecondType>().value(0))
        }
        Timestamp { precision: 4..=6, .. } => {
            Literal::Integer(array.as_primitive::<TimestampMicrosecondType>().value(0))
        }
        Timestamp { .. } => Literal::Integer(array.as_primitive::<TimestampNanosecondType>().value(0)),
        IntervalYearMonth => Literal::Integer(array.as_primitive::<IntervalYearMonthType>().value(0).into()),
        IntervalDaySecond => Literal::Integer(array.as_primitive::<DurationMillisecondType>().value(0)),
        // A literal that is not finite has no SQL text to print in a plan.
        Float => {
            Literal::Double(Some(array.as_primitive::<Float32Type>().value(0).into()).filter(|v: &f64| v.is_finite())?)
        }
        Double => Literal::Double(Some(array.as_primitive::<Float64Type>().value(0)).filter(|v| v.is_finite())?),
        Decimal { .. } => Literal::Decimal(array.as_primitive::<Decimal128Type>().value(0)),
        Char(_) | Varchar(_) => Literal::String(array.as_string::<i32>().value(0).to_owned()),
        Binary(_) | Varbinary(_) => Literal::Bytes(array.as_binary::<i32>().value(0).to_vec()),
        _ => return None,
    })
}
