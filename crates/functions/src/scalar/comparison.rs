//! Comparison: `=` to `IS DISTINCT FROM`, BETWEEN, IN, LIKE and SIMILAR TO.
//!
//! Both sides are cast to one type when the call is bound. Text compares by its UTF-8 bytes. FLOAT and DOUBLE
//! compare as in Java: `0.0 = -0.0`, NaN equals nothing. Arrays, maps and rows compare by their elements.

use std::cmp::Ordering;
use std::sync::Arc;

use ahash::AHashSet;
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, make_comparator};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::SortOptions;
use arrow::compute::kernels::cmp;
use arrow::datatypes::{DataType as Arrow, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use flitz_dataflow::{Error, Result, TypeKind};
use flitz_plan::{Expr, Literal};

use super::{Eval, Function, Kernel, Output, Param, Simple, Site, any_nullable, exactly, mismatch_of};
use crate::coercion::{cast_to, comparison_kind};
use crate::columnar::{Args, Columnar};
use crate::compile::is_plain;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::custom("=", compared, Eval::Rows(|a| compare(a, Comparison::Eq))),
    Function::custom("<>", compared, Eval::Rows(|a| compare(a, Comparison::NotEq))),
    Function::custom("<", compared, Eval::Rows(|a| compare(a, Comparison::Lt))),
    Function::custom("<=", compared, Eval::Rows(|a| compare(a, Comparison::LtEq))),
    Function::custom(">", compared, Eval::Rows(|a| compare(a, Comparison::Gt))),
    Function::custom(">=", compared, Eval::Rows(|a| compare(a, Comparison::GtEq))),
    Function::custom("IS DISTINCT FROM", compared, Eval::Rows(|a| distinct(a, true))),
    Function::custom("IS NOT DISTINCT FROM", compared, Eval::Rows(|a| distinct(a, false))),
    Function::new("IS NULL", &[Param::Any], Output::NotNull(Simple::Boolean), |a| Ok(null_test(a, true))),
    Function::new("IS NOT NULL", &[Param::Any], Output::NotNull(Simple::Boolean), |a| Ok(null_test(a, false))),
    Function::custom("BETWEEN", |_, args| between(args), Eval::Special),
    Function::custom("BETWEEN SYMMETRIC", |_, args| between_symmetric(args), Eval::Special),
    Function::custom("IN", |_, args| bind_in(args), Eval::Prepared(prepare_in)),
];

#[derive(Clone, Copy, PartialEq)]
enum Comparison {
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Comparison::Eq => ordering.is_eq(),
            Comparison::NotEq => ordering.is_ne(),
            Comparison::Lt => ordering.is_lt(),
            Comparison::LtEq => ordering.is_le(),
            Comparison::Gt => ordering.is_gt(),
            Comparison::GtEq => ordering.is_ge(),
        }
    }

    /// IEEE comparison: false when either is NaN, but for `<>`.
    fn holds_float(self, a: f64, b: f64) -> bool {
        match self {
            Comparison::Eq => a == b,
            Comparison::NotEq => a != b,
            Comparison::Lt => a < b,
            Comparison::LtEq => a <= b,
            Comparison::Gt => a > b,
            Comparison::GtEq => a >= b,
        }
    }
}

/// Casts all of `args` to the type in which the first is compared with each of the others.
pub(crate) fn unify(name: &str, args: Vec<Expr>) -> Result<Vec<Expr>> {
    let mut kind = args[0].data_type().kind.clone().with_attribute(Default::default());
    for arg in &args[1..] {
        kind = comparison_kind(&kind, &arg.data_type().kind).ok_or_else(|| {
            let error = mismatch_of(name, &args);
            let text = args.iter().any(|a| a.data_type().kind.is_string());
            if text { error.hint("text is not converted to other types here; use CAST") } else { error }
        })?;
    }
    Ok(args.into_iter().map(|a| cast_to(a, &kind.clone().nullable())).collect())
}

fn compared(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    let [left, right] = exactly::<2>(name, args)?;
    // Rows that are written out are compared field by field, any other as a whole, in which NULL equals NULL.
    if let (Expr::Call { function: a, args: lefts, .. }, Expr::Call { function: b, args: rights, .. }) = (&left, &right)
        && (a.as_str(), b.as_str()) == ("ROW", "ROW")
        && lefts.len() == rights.len()
    {
        match name {
            "=" => {
                let fields = lefts.iter().cloned().zip(rights.iter().cloned());
                let mut fields = fields.map(|(l, r)| compared("=", vec![l, r])).collect::<Result<Vec<_>>>()?;
                return if fields.len() == 1 { Ok(fields.remove(0)) } else { super::bind("AND", fields) };
            }
            "IS DISTINCT FROM" | "IS NOT DISTINCT FROM" => {
                return Err(Error::unsupported(format!("{name} between rows")).hint("compare their fields"));
            }
            _ => {}
        }
    }
    let args = unify(name, vec![left, right])?;
    let null_safe = name.starts_with("IS");
    let kind = &args[0].data_type().kind;
    if *kind == TypeKind::Bitmap {
        return Err(mismatch_of(name, &args).hint("compare what BITMAP_TO_BYTES gives"));
    }
    if name.starts_with(['<', '>'])
        && name != "<>"
        && matches!(kind, TypeKind::Map(..) | TypeKind::Multiset(_) | TypeKind::Array(_) | TypeKind::Row(_))
    {
        return Err(mismatch_of(name, &args).hint("collections and rows have no order"));
    }
    let nullable = !null_safe && any_nullable(&args);
    Ok(Expr::call(name, args, TypeKind::Boolean.nullable().with_nullable(nullable)))
}

fn compare(args: &Args, comparison: Comparison) -> Result<ArrayRef> {
    let [left, right] = args.columns else { return Err(Error::internal("comparison of other than two values")) };
    if left.is_null_scalar() || right.is_null_scalar() {
        return Ok(Arc::new(BooleanArray::new_null(args.rows)));
    }
    let result = match left.array().data_type() {
        Arrow::Float64 => compare_floats::<Float64Type>(args, |v| v, comparison),
        Arrow::Float32 => compare_floats::<Float32Type>(args, f64::from, comparison),
        Arrow::List(_) | Arrow::Map(..) | Arrow::Struct(_) | Arrow::Interval(_) => {
            let order = comparator(left, right)?;
            let values = BooleanBuffer::collect_bool(args.rows, |row| comparison.holds(order(row)));
            BooleanArray::new(values, args.nulls())
        }
        Arrow::Utf8 if right.is_scalar() && !left.is_scalar() => return Ok(compare_texts(args, comparison)),
        _ => match comparison {
            Comparison::Eq => cmp::eq(left, right)?,
            Comparison::NotEq => cmp::neq(left, right)?,
            Comparison::Lt => cmp::lt(left, right)?,
            Comparison::LtEq => cmp::lt_eq(left, right)?,
            Comparison::Gt => cmp::gt(left, right)?,
            Comparison::GtEq => cmp::gt_eq(left, right)?,
        },
    };
    Ok(Arc::new(result))
}

/// A column with one text.
fn compare_texts(args: &Args, comparison: Comparison) -> ArrayRef {
    let (left, right) = (args.strings(0).array, args.strings(1).get(0).as_bytes());
    let nulls = args.nulls();
    let (offsets, bytes) = (left.value_offsets(), left.values().as_slice());
    let text = |row: usize| &bytes[offsets[row] as usize..offsets[row + 1] as usize];
    match comparison {
        Comparison::Eq => args.build_booleans_infallible(nulls, |row| text(row) == right),
        Comparison::NotEq => args.build_booleans_infallible(nulls, |row| text(row) != right),
        _ => args.build_booleans_infallible(nulls, |row| comparison.holds(text(row).cmp(right))),
    }
}

fn compare_floats<T: ArrowPrimitiveType>(
    args: &Args,
    widen: impl Fn(T::Native) -> f64,
    comparison: Comparison,
) -> BooleanArray {
    let (a, b) = (args.primitives::<T>(0), args.primitives::<T>(1));
    let values =
        BooleanBuffer::collect_bool(args.rows, |row| comparison.holds_float(widen(a.get(row)), widen(b.get(row))));
    BooleanArray::new(values, args.nulls())
}

/// The order of row i on the left to row i on the right, elements of NULL first.
pub(crate) fn comparator(left: &Columnar, right: &Columnar) -> Result<impl Fn(usize) -> Ordering> {
    let compare = make_comparator(left.array(), right.array(), SortOptions::default())?;
    let (l, r) = (usize::from(!left.is_scalar()), usize::from(!right.is_scalar()));
    Ok(move |row: usize| compare(row * l, row * r))
}

/// IS [NOT] DISTINCT FROM: NULL equals NULL, and nothing else.
fn distinct(args: &Args, distinct: bool) -> Result<ArrayRef> {
    let equal = compare(args, Comparison::Eq)?;
    let equal = equal.as_boolean();
    let values = BooleanBuffer::collect_bool(args.rows, |row| {
        let same = match (args.is_null(0, row), args.is_null(1, row)) {
            (false, false) => equal.value(row),
            (a, b) => a == b,
        };
        same != distinct
    });
    Ok(Arc::new(BooleanArray::new(values, None)))
}

fn null_test(args: &Args, is_null: bool) -> ArrayRef {
    let column = &args.columns[0];
    let values = if column.is_scalar() {
        BooleanBuffer::collect_bool(args.rows, |_| column.is_null_scalar() == is_null)
    } else {
        match column.array().logical_nulls() {
            None if is_null => BooleanBuffer::new_unset(args.rows),
            None => BooleanBuffer::new_set(args.rows),
            Some(nulls) if is_null => !nulls.inner(),
            Some(nulls) => nulls.inner().clone(),
        }
    };
    Arc::new(BooleanArray::new(values, None))
}

fn between(args: Vec<Expr>) -> Result<Expr> {
    let [value, low, high] = exactly("BETWEEN", args)?;
    let from = super::bind(">=", vec![value.clone(), low])?;
    let to = super::bind("<=", vec![value, high])?;
    super::bind("AND", vec![from, to])
}

fn between_symmetric(args: Vec<Expr>) -> Result<Expr> {
    let [value, low, high] = exactly("BETWEEN SYMMETRIC", args)?;
    let ascending = between(vec![value.clone(), low.clone(), high.clone()])?;
    let descending = between(vec![value, high, low])?;
    super::bind("OR", vec![ascending, descending])
}

fn bind_in(args: Vec<Expr>) -> Result<Expr> {
    if args.len() < 2 {
        return Err(Error::invalid("IN needs a value and a list"));
    }
    let is_row = |e: &Expr| matches!(e, Expr::Call { function, .. } if function == "ROW");
    if args.len() > 2 && args.iter().all(is_row) {
        let (row, list) = (args[0].clone(), args.into_iter().skip(1));
        let equal = list.map(|other| compared("=", vec![row.clone(), other])).collect::<Result<Vec<_>>>()?;
        return super::bind("OR", equal);
    }
    let args = unify("IN", numbers_for_texts(args))?;
    if args.len() == 2 {
        return super::bind("=", args);
    }
    let data_type = TypeKind::Boolean.nullable().with_nullable(any_nullable(&args));
    Ok(Expr::call("IN", args, data_type))
}

/// `5 IN ('5')`: here, unlike in `=`, text literals become numbers beside a number.
fn numbers_for_texts(args: Vec<Expr>) -> Vec<Expr> {
    let kind = args[0].data_type().kind.clone();
    let convert = |arg: Expr| match &arg {
        Expr::Literal { data_type, .. } if kind.is_numeric() && data_type.kind.is_string() => {
            crate::fold(cast_to(arg, &kind.clone().nullable()))
        }
        _ => arg,
    };
    args.into_iter().map(convert).collect()
}

/// A set of constants is hashed once; anything else is compared one by one.
fn prepare_in(site: &Site) -> Result<Kernel> {
    let kind = &site.args[0].data_type().kind;
    let constants: Option<Vec<&Literal>> = site.args[1..]
        .iter()
        .map(|e| match e {
            Expr::Literal { value, .. } => Some(value),
            _ => None,
        })
        .collect();
    if let Some(constants) = constants {
        let with_null = constants.iter().any(|c| **c == Literal::Null);
        if kind.is_string() {
            let texts = constants.iter().filter_map(|c| match c {
                Literal::String(s) => Some(s.clone()),
                _ => None,
            });
            let set: AHashSet<String> = texts.collect();
            return Ok(Box::new(move |args: &Args| {
                let values = args.strings(0);
                Ok(membership(args, with_null, |row| set.contains(values.get(row))))
            }));
        }
        if kind.is_integer() {
            let set: AHashSet<i64> = constants
                .iter()
                .filter_map(|c| match c {
                    Literal::Integer(n) => Some(*n),
                    _ => None,
                })
                .collect();
            return Ok(Box::new(move |args: &Args| {
                Ok(match args.columns[0].array().data_type() {
                    Arrow::Int8 => integer_membership::<Int8Type>(args, with_null, &set),
                    Arrow::Int16 => integer_membership::<Int16Type>(args, with_null, &set),
                    Arrow::Int32 => integer_membership::<Int32Type>(args, with_null, &set),
                    _ => integer_membership::<Int64Type>(args, with_null, &set),
                })
            }));
        }
    }
    debug_assert!(is_plain(kind) || !kind.is_string());
    Ok(Box::new(|args: &Args| {
        let mut found = BooleanBuffer::new_unset(args.rows);
        let mut unknown = BooleanBuffer::new_unset(args.rows);
        for candidate in &args.columns[1..] {
            let mut pair = [args.columns[0].clone(), candidate.clone()];
            if pair.iter().all(Columnar::is_scalar) {
                pair[0] = Columnar::Array(pair[0].clone().into_array(args.rows)?);
            }
            let equal = compare(&Args { columns: &pair, rows: args.rows }, Comparison::Eq)?;
            let equal = equal.as_boolean();
            match equal.nulls() {
                None => found = &found | equal.values(),
                Some(nulls) => {
                    found = &found | &(equal.values() & nulls.inner());
                    unknown = &unknown | &!nulls.inner();
                }
            }
        }
        let nulls = NullBuffer::new(!&(&unknown & &!&found));
        Ok(Arc::new(BooleanArray::new(found, Some(nulls))))
    }))
}

fn integer_membership<T: ArrowPrimitiveType<Native: Into<i64>>>(
    args: &Args,
    with_null: bool,
    set: &AHashSet<i64>,
) -> ArrayRef {
    let values = args.primitives::<T>(0);
    membership(args, with_null, |row| set.contains(&values.get(row).into()))
}

/// Not found beside a NULL element is UNKNOWN.
fn membership(args: &Args, with_null: bool, contains: impl Fn(usize) -> bool) -> ArrayRef {
    let nulls = args.nulls_of([0]);
    let found =
        BooleanBuffer::collect_bool(args.rows, |row| nulls.as_ref().is_none_or(|n| n.is_valid(row)) && contains(row));
    let nulls = match (nulls, with_null) {
        (nulls, false) => nulls,
        (_, true) => Some(NullBuffer::new(found.clone())),
    };
    Arc::new(BooleanArray::new(found, nulls))
}
