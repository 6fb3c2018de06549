//! `array[i]` and `map['k']` where the element's type is NOT NULL and there is no such element.
//!
//! Flink types the access itself by the element and everything around it as nullable. So a column that is such an
//! access gets a default value of its type (-1 for numbers and dates, FALSE, the empty text) where it should be NULL,
//! IS NULL says FALSE, and inside of any other expression it is NULL. An access whose result is NOT NULL here gives the
//! default when it is evaluated.

use flitz_dataflow::{DataType, Error, Result, TypeKind};
use flitz_functions::evaluate_constant;
use flitz_plan::{Expr, Literal};

use super::optimize::map_inputs;
use crate::relation::{Rel, RelOp};

/// Settles every access in `rel`; the last rewrite, for only now is it known what stands in a column of its own.
pub(crate) fn settle(rel: Rel) -> Result<Rel> {
    let mut refused = None;
    let rel = settle_in(rel, &mut refused);
    refused.map_or(Ok(rel), Err)
}

fn settle_in(rel: Rel, refused: &mut Option<Error>) -> Rel {
    let mut rel = map_inputs(rel, &mut |input| settle_in(input, refused));
    let mut keep = |result: Result<Expr>, old: Expr| {
        result.unwrap_or_else(|e| {
            refused.get_or_insert(e);
            old
        })
    };
    match &mut rel.op {
        RelOp::Calc { filter, projection, .. } => {
            *filter = filter.take().map(|f| keep(within(f.clone()), f));
            for column in projection {
                *column = keep(column_of(column.clone()), column.clone());
            }
        }
        RelOp::Values(rows) => {
            for column in rows.iter_mut().flatten() {
                *column = keep(column_of(column.clone()), column.clone());
            }
        }
        RelOp::Unnest { unnest, .. } => {
            unnest.condition = unnest.condition.take().map(|c| keep(within(c.clone()), c));
        }
        _ => {}
    }
    rel
}

/// The type of the element if `expr` is an access to a collection of elements that are NOT NULL.
pub(crate) fn element_of(expr: &Expr) -> Option<&DataType> {
    let Expr::Call { function, args, .. } = expr else { return None };
    let element = match &args.first().filter(|_| function == "ITEM")?.data_type().kind {
        TypeKind::Array(element) => element.as_ref(),
        TypeKind::Map(_, value) => value.as_ref(),
        _ => return None,
    };
    (!element.nullable).then_some(element)
}

/// An expression that is a column.
fn column_of(expr: Expr) -> Result<Expr> {
    let Some(element) = element_of(&expr).cloned() else { return within(expr) };
    use TypeKind::*;
    let constant = is_constant(&expr);
    let Expr::Call { function, args, data_type } = expr else { return Ok(expr) };
    let args = args.into_iter().map(within).collect::<Result<Vec<_>>>()?;
    match element.kind {
        // A constant is one of CHAR(n), which is as long as that.
        Char(length) if constant => {
            let access = Expr::call(function, args, data_type.clone());
            Ok(match evaluate_constant(&access) {
                Some(Literal::Null) => Expr::literal(Literal::String(" ".repeat(length as usize)), data_type),
                _ => access,
            })
        }
        TinyInt | SmallInt | Int | BigInt | Float | Double | Boolean | Date | Char(_) | Varchar(_) => {
            Ok(Expr::call(function, args, data_type.with_nullable(false)))
        }
        Time(_) | IntervalDaySecond | IntervalYearMonth => {
            Err(Error::unsupported(format!("an element of a collection of {element} as a column"))
                .hint("cast the collection to one of elements that may be NULL"))
        }
        _ => Ok(Expr::call(function, args, data_type)),
    }
}

/// An expression inside of another, or a condition.
fn within(expr: Expr) -> Result<Expr> {
    if is_constant(&expr) && !matches!(expr, Expr::Call { .. }) {
        return Ok(expr);
    }
    let whole = is_constant(&expr);
    let mut refused = None;
    let expr = expr.transform(&mut |e| {
        let Expr::Call { function, args, data_type } = &e else { return e };
        let Some(element) = args.iter().find_map(element_of) else { return e };
        match function.as_str() {
            "IS NULL" => return Expr::literal(Literal::Boolean(false), data_type.clone()),
            "IS NOT NULL" => return Expr::literal(Literal::Boolean(true), data_type.clone()),
            test if test.starts_with("IS ") => {
                refused.get_or_insert(
                    Error::unsupported(format!("{test} of an element of a collection of {element}"))
                        .hint("cast the collection to one of elements that may be NULL"),
                );
            }
            _ => {}
        }
        e
    });
    if let Some(e) = refused {
        return Err(e);
    }
    match first_missing_constant(&expr).filter(|_| !whole) {
        Some(element) => Err(Error::unsupported(format!(
            "a constant position or key that a constant collection of {element} does not have, within an expression"
        ))),
        None => Ok(expr),
    }
}

/// Flink computes the constant by itself, as a column, and goes on with the default value.
fn first_missing_constant(expr: &Expr) -> Option<&DataType> {
    if let Some(element) = element_of(expr)
        && is_constant(expr)
        && evaluate_constant(expr) == Some(Literal::Null)
    {
        return Some(element);
    }
    expr.children().into_iter().find_map(first_missing_constant)
}

fn is_constant(expr: &Expr) -> bool {
    expr.columns().is_empty() && flitz_functions::is_deterministic(expr)
}
