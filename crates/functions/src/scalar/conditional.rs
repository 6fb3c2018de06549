//! CASE, COALESCE, IF and what is written as one of them; GREATEST and LEAST; tests of text.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef};
use arrow::compute::interleave;
use flitz_dataflow::{DataType, Error, Result, TypeKind};
use flitz_plan::{Expr, Literal};

use super::{Eval, Function, Output, Param, Simple, any_nullable, exactly, mismatch_of, to_common_type};
use crate::coercion::{cast_to, common_kind};
use crate::columnar::Args;
use crate::scalar::comparison::comparator;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::custom("CASE", |_, args| bind_case(args), Eval::Special),
    Function::custom("IF", |_, args| bind_if(args), Eval::Special),
    Function::custom("NULLIF", |_, args| bind_nullif(args), Eval::Special),
    Function::custom("COALESCE", bind_coalesce, Eval::Special),
    Function::custom("IFNULL", |_, args| bind_ifnull(args), Eval::Special),
    Function::custom("GREATEST", bind_extreme, Eval::Rows(|a| extreme(a, Ordering::Greater))),
    Function::custom("LEAST", bind_extreme, Eval::Rows(|a| extreme(a, Ordering::Less))),
    Function::new("IS_ALPHA", &[Param::Any], Output::NotNull(Simple::Boolean), |a| {
        test_text(a, |s| !s.is_empty() && s.chars().all(char::is_alphabetic))
    }),
    Function::new("IS_DIGIT", &[Param::Any], Output::NotNull(Simple::Boolean), |a| {
        test_text(a, |s| !s.is_empty() && s.chars().all(is_digit))
    }),
    Function::new("IS_DECIMAL", &[Param::Any], Output::NotNull(Simple::Boolean), |a| test_text(a, is_decimal)),
];

/// `Character.isDigit`: the category Nd, in which the digits of a script stand together.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
        || (c.is_numeric() && regex_digit().is_some_and(|digit| digit.is_match(c.encode_utf8(&mut [0; 4]))))
}

fn regex_digit() -> Option<&'static regex::Regex> {
    static DIGIT: std::sync::LazyLock<Option<regex::Regex>> =
        std::sync::LazyLock::new(|| regex::Regex::new(r"^\p{Nd}$").ok());
    DIGIT.as_ref()
}

fn bind_case(mut args: Vec<Expr>) -> Result<Expr> {
    if args.len() < 3 || args.len().is_multiple_of(2) {
        return Err(Error::invalid("CASE takes conditions and values in pairs and one value for ELSE"));
    }
    let otherwise = args.pop().into_iter();
    let mut conditions = vec![];
    let mut values = vec![];
    for (i, arg) in args.into_iter().enumerate() {
        if i % 2 == 1 {
            values.push(arg);
            continue;
        }
        let found = arg.data_type().clone();
        let condition = Param::Boolean
            .accept(arg)
            .ok_or_else(|| Error::invalid(format!("a condition of CASE is BOOLEAN, not {found}")))?;
        conditions.push(condition);
    }
    values.extend(otherwise);
    let (mut values, data_type) = to_common_type("CASE", values)?;
    let otherwise = values.pop().ok_or_else(|| Error::internal("CASE without values"))?;
    let branches = conditions.into_iter().zip(values).collect();
    Ok(Expr::Case { branches, otherwise: Box::new(otherwise), data_type })
}

/// A CASE, but nullable if any argument is, the condition included.
fn bind_if(args: Vec<Expr>) -> Result<Expr> {
    let args: [Expr; 3] = exactly("IF", args)?;
    let nullable = any_nullable(&args);
    Ok(match bind_case(args.into())? {
        Expr::Case { branches, otherwise, data_type } => {
            Expr::Case { branches, otherwise, data_type: data_type.with_nullable(nullable) }
        }
        other => other,
    })
}

/// `CASE WHEN a = b THEN NULL ELSE a END`
fn bind_nullif(args: Vec<Expr>) -> Result<Expr> {
    let [a, b] = exactly("NULLIF", args)?;
    let equal = super::bind("=", vec![a.clone(), b])?;
    let data_type = a.data_type().clone().with_nullable(true).materialized();
    let null = Expr::literal(Literal::Null, data_type.clone());
    Ok(Expr::Case { branches: vec![(equal, null)], otherwise: Box::new(a), data_type })
}

fn bind_coalesce(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    if args.is_empty() {
        return Err(Error::invalid(format!("{name} takes at least 1 argument")));
    }
    let nullable = args.iter().all(|a| a.data_type().nullable || a.data_type().kind == TypeKind::Null);
    if let Some(kind) = coalesced_kind(&args) {
        let common = DataType::new(kind, true);
        let args = args.into_iter().map(|a| cast_to(a, &common)).collect();
        return Ok(Expr::call(name, args, common.with_nullable(nullable)));
    }
    let (args, common) = to_common_type(name, args)?;
    Ok(Expr::call(name, args, common.with_nullable(nullable)))
}

/// Unlike CASE, COALESCE merges its types one after the other: FLOAT and DOUBLE are DOUBLE, DECIMAL and FLOAT are
/// FLOAT but FLOAT and DECIMAL are DOUBLE, TIMESTAMP and TIMESTAMP_LTZ are TIMESTAMP_LTZ. None where no such pair is.
fn coalesced_kind(args: &[Expr]) -> Option<TypeKind> {
    use TypeKind::*;
    let mut special = false;
    let mut kinds = args.iter().map(|a| a.data_type().kind.clone());
    let first = kinds.next()?;
    let merged = kinds.try_fold(first, |merged, next| {
        let own = match (&merged, &next) {
            (Float, Double) => Some(Double),
            (Decimal { .. }, Float) => Some(Float),
            (Timestamp { precision: p, .. }, TimestampLtz { precision: q, .. }) => {
                Some(TypeKind::timestamp_ltz(*p.max(q)))
            }
            _ => None,
        };
        special |= own.is_some();
        own.or_else(|| common_kind(merged, next))
    })?;
    special.then_some(merged)
}

fn bind_ifnull(args: Vec<Expr>) -> Result<Expr> {
    let args: [Expr; 2] = exactly("IFNULL", args)?;
    bind_coalesce("IFNULL", args.into())
}

fn bind_extreme(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    if args.is_empty() {
        return Err(Error::invalid(format!("{name} takes at least 1 argument")));
    }
    let has_double = args.iter().any(|a| a.data_type().kind == TypeKind::Double);
    if args.iter().all(|a| a.data_type().kind == TypeKind::Null) {
        return Err(mismatch_of(name, &args));
    }
    let originals = args.clone();
    let (args, mut common) = to_common_type(name, args)?;
    // Here DOUBLE beats FLOAT wherever it stands.
    if common.kind == TypeKind::Float && has_double {
        common.kind = TypeKind::Double;
    }
    let common = common.with_nullable(any_nullable(&args));
    Ok(Expr::call(name, originals.into_iter().map(|a| cast_to(a, &common)).collect(), common))
}

/// NULL if any argument is.
fn extreme(args: &Args, wanted: Ordering) -> Result<ArrayRef> {
    let nulls = args.nulls();
    let mut best = vec![0; args.rows];
    for candidate in 1..args.len() {
        // One comparator per pair, so that every row's best so far can be compared with the candidate.
        let against: Vec<_> =
            (0..candidate).map(|i| comparator(&args.columns[candidate], &args.columns[i])).collect::<Result<_>>()?;
        for (row, best) in best.iter_mut().enumerate() {
            if nulls.as_ref().is_none_or(|n| n.is_valid(row)) && against[*best](row) == wanted {
                *best = candidate;
            }
        }
    }
    let null = arrow::array::new_null_array(args.columns[0].array().data_type(), 1);
    let mut arrays: Vec<&dyn Array> = args.columns.iter().map(|c| c.array().as_ref()).collect();
    arrays.push(&null);
    let indices: Vec<_> = best
        .iter()
        .enumerate()
        .map(|(row, &best)| match &nulls {
            Some(n) if n.is_null(row) => (arrays.len() - 1, 0),
            _ if args.columns[best].is_scalar() => (best, 0),
            _ => (best, row),
        })
        .collect();
    Ok(interleave(&arrays, &indices)?)
}

/// FALSE for NULL and for anything but text.
fn test_text(args: &Args, test: impl Fn(&str) -> bool) -> Result<ArrayRef> {
    if !matches!(args.columns[0].array().data_type(), arrow::datatypes::DataType::Utf8) {
        let number = args.columns[0].array().data_type().is_numeric();
        return args.build_booleans(None, |row| Ok(Some(number && !args.is_null(0, row))));
    }
    let values = args.strings(0);
    args.build_booleans(None, |row| Ok(Some(!values.is_null(row) && test(values.get(row)))))
}

/// What a cast to a number reads.
fn is_decimal(s: &str) -> bool {
    crate::cast::text::parse_decimal_text(s.trim_matches(' ')).is_some() || crate::cast::text::parse_double(s).is_some()
}
