//! Relations without rows: a filter that can never be TRUE, and what follows from it further up.
//!
//! Flink plans such a relation away too, and a result depends on it: a global aggregation over a relation known to be
//! empty has its one row (COUNT 0, SUM NULL) although a streaming aggregation has none before the first input row.

use std::cmp::Ordering;

use flitz_dataflow::Schema;
use flitz_functions::{fold, is_deterministic};
use flitz_plan::{AggregateCall, Expr, JoinKind, Literal};

use super::null_of;
use super::optimize::map_inputs;
use crate::relation::{Rank, Rel, RelOp, conjuncts};

/// Aggregates for which Flink knows the result over no rows; over others its aggregation waits for a first row.
const KNOWN_OF_NOTHING: &[&str] = &["COUNT", "APPROX_COUNT_DISTINCT", "SUM", "MIN", "MAX", "AVG"];

/// `rel` with every part that has no rows replaced by VALUES of no rows.
pub(crate) fn plan_away(rel: Rel) -> Rel {
    let Rel { op, schema } = map_inputs(rel, &mut plan_away);
    match op {
        RelOp::Union(inputs) => {
            let any = |inputs: &[Rel]| inputs.iter().any(|input| !is_empty(input));
            if any(&inputs) { Rel { op: RelOp::Union(inputs), schema } } else { nothing(schema) }
        }
        RelOp::GroupAggregate { input, keys, aggregates, .. }
            if keys.is_empty()
                && !aggregates.is_empty()
                && is_empty(&input)
                && aggregates.iter().all(|a| KNOWN_OF_NOTHING.contains(&a.function.as_str())) =>
        {
            Rel { op: RelOp::Values(vec![aggregates.iter().map(of_no_rows).collect()]), schema }
        }
        op => {
            if has_no_rows(&op) {
                return nothing(schema);
            }
            Rel { op, schema }
        }
    }
}

fn nothing(schema: Schema) -> Rel {
    Rel { op: RelOp::Values(vec![]), schema }
}

fn is_empty(rel: &Rel) -> bool {
    matches!(&rel.op, RelOp::Values(rows) if rows.is_empty())
}

fn has_no_rows(op: &RelOp) -> bool {
    match op {
        // Flink keeps a correlation, and a filter above it.
        RelOp::Scan(_) | RelOp::Values(_) | RelOp::Union(_) | RelOp::Unnest { .. } => false,
        RelOp::Calc { input, .. } if matches!(input.op, RelOp::Unnest { .. }) => false,
        RelOp::Calc { input, filter, .. } => {
            is_empty(input) || filter.as_ref().is_some_and(|f| never_true(&conjuncts(f.clone())))
        }
        RelOp::GroupAggregate { input, keys, .. } => !keys.is_empty() && is_empty(input),
        RelOp::Limit { input, fetch, .. } | RelOp::Sort { input, fetch, .. } => is_empty(input) || *fetch == Some(0),
        RelOp::WindowTable { input, .. }
        | RelOp::WindowAggregate { input, .. }
        | RelOp::Rank(Rank { input, .. })
        | RelOp::WindowRank { input, .. }
        | RelOp::TemporalSort { input, .. } => is_empty(input),
        RelOp::Join { left, right, kind, .. } => joins_nothing(*kind, left, right),
        RelOp::WindowJoin { left, right, join, .. } => joins_nothing(join.kind, left, right),
    }
}

fn joins_nothing(kind: JoinKind, left: &Rel, right: &Rel) -> bool {
    match kind {
        JoinKind::Inner | JoinKind::Semi => is_empty(left) || is_empty(right),
        JoinKind::Left | JoinKind::Anti => is_empty(left),
        JoinKind::Right => is_empty(right),
        JoinKind::Full => is_empty(left) && is_empty(right),
    }
}

fn of_no_rows(call: &AggregateCall) -> Expr {
    match call.function.as_str() {
        "COUNT" | "APPROX_COUNT_DISTINCT" => Expr::literal(Literal::Integer(0), call.data_type.clone()),
        _ => null_of(&call.data_type),
    }
}

/// Whether the conditions cannot all be TRUE of one row, as far as Flink's planner sees it: constants, comparisons of
/// one expression with constants that exclude each other, a condition and its negation, a NULL where there is a value.
fn never_true(conditions: &[Expr]) -> bool {
    let conditions: Vec<Expr> = conditions.iter().cloned().map(fold).collect();
    conditions.iter().any(is_never_true) || excluded_by_negation(&conditions) || {
        let tests: Vec<Test> = conditions.iter().filter_map(Test::of).collect();
        let nulls = conditions.iter().filter_map(tested_for_null);
        excluded_by_null(nulls, &conditions) || tests.iter().any(|test| test.excluded_by(&tests))
    }
}

fn is_never_true(condition: &Expr) -> bool {
    match condition {
        Expr::Literal { value, .. } => *value != Literal::Boolean(true),
        Expr::Call { function, args, .. } => match (function.as_str(), args.as_slice()) {
            ("OR", args) => args.iter().all(|arg| never_true(&conjuncts(arg.clone()))),
            ("AND", _) => never_true(&conjuncts(condition.clone())),
            ("<>" | "<" | ">", [a, b]) if a == b && is_deterministic(a) => true,
            ("NOT", [Expr::Call { function, args, .. }]) => {
                matches!((function.as_str(), args.as_slice()),
                    ("=" | "<=" | ">=", [a, b]) if a == b && is_deterministic(a))
            }
            ("=" | "<>" | "<" | "<=" | ">" | ">=", args) => args.iter().any(is_null),
            _ => false,
        },
        _ => false,
    }
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal { value: Literal::Null, .. })
}

fn excluded_by_negation(conditions: &[Expr]) -> bool {
    conditions.iter().any(|c| match c {
        Expr::Call { function, args, .. } if function == "NOT" => conditions.contains(&args[0]) && is_deterministic(c),
        _ => false,
    })
}

fn tested_for_null(condition: &Expr) -> Option<&Expr> {
    match condition {
        Expr::Call { function, args, .. } if function == "IS NULL" => Some(&args[0]),
        _ => None,
    }
}

/// `x IS NULL` beside a condition that is NULL where x is.
fn excluded_by_null<'a>(mut nulls: impl Iterator<Item = &'a Expr>, conditions: &[Expr]) -> bool {
    nulls.any(|null| {
        // `(a > 2) IS NULL` is the same as `a IS NULL`: the column decides.
        let columns = strict_columns(null);
        conditions.iter().any(|c| match c {
            Expr::Call { function, args, .. } if NOT_OF_NULL.contains(&function.as_str()) => {
                let of_condition: Vec<usize> = args.iter().flat_map(strict_columns).collect();
                !columns.is_empty() && columns.iter().all(|c| of_condition.contains(c))
            }
            _ => false,
        })
    })
}

/// Never TRUE of NULL.
const NOT_OF_NULL: &[&str] = &["=", "<>", "<", "<=", ">", ">=", "LIKE", "IS NOT NULL"];

/// Columns whose NULL makes the expression NULL, where nothing else does. None of an expression of another kind.
fn strict_columns(expr: &Expr) -> Vec<usize> {
    match expr {
        Expr::Column { index, .. } => vec![*index],
        Expr::Call { function, args, .. }
            if ["+", "-", "*", "=", "<>", "<", "<=", ">", ">=", "LIKE"].contains(&function.as_str()) =>
        {
            args.iter().flat_map(strict_columns).collect()
        }
        _ => vec![],
    }
}

/// `operand comparison one of values`.
struct Test {
    operand: Expr,
    is: Is,
    values: Vec<Literal>,
}

#[derive(Clone, Copy, PartialEq)]
enum Is {
    /// One of several values, none of several.
    In,
    NotIn,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Test {
    fn of(condition: &Expr) -> Option<Test> {
        let Expr::Call { function, args, .. } = condition else { return None };
        if function == "NOT" {
            let test = Test::of(&args[0])?;
            let is = match test.is {
                Is::In => Is::NotIn,
                Is::NotIn => Is::In,
                Is::Less => Is::GreaterOrEqual,
                Is::LessOrEqual => Is::Greater,
                Is::Greater => Is::LessOrEqual,
                Is::GreaterOrEqual => Is::Less,
            };
            return Some(Test { is, ..test });
        }
        let (operand, values) = args.split_first()?;
        let constant = |e: &Expr| constant(e, operand);
        let is = match function.as_str() {
            "IN" => Is::In,
            "=" => Is::In,
            "<>" => Is::NotIn,
            "<" => Is::Less,
            "<=" => Is::LessOrEqual,
            ">" => Is::Greater,
            ">=" => Is::GreaterOrEqual,
            _ => return None,
        };
        if let (Expr::Literal { .. }, [Expr::Literal { .. }]) = (operand, values) {
            return None;
        }
        if let (Expr::Literal { .. }, [other]) = (operand, values) {
            let is = match is {
                Is::Less => Is::Greater,
                Is::LessOrEqual => Is::GreaterOrEqual,
                Is::Greater => Is::Less,
                Is::GreaterOrEqual => Is::LessOrEqual,
                same => same,
            };
            let values = vec![self::constant(operand, other)?];
            return Some(Test { operand: other.clone(), is, values });
        }
        let values = values.iter().map(constant).collect::<Option<Vec<_>>>()?;
        is_deterministic(operand).then(|| Test { operand: operand.clone(), is, values })
    }

    /// No value passes this test and the others of the same operand.
    fn excluded_by(&self, tests: &[Test]) -> bool {
        let others = || tests.iter().filter(|t| t.operand == self.operand);
        match self.is {
            Is::In => self.values.iter().all(|value| others().any(|t| !t.passes(value))),
            Is::Greater | Is::GreaterOrEqual => others().any(|t| {
                let both_include = self.is == Is::GreaterOrEqual && t.is == Is::LessOrEqual;
                matches!(t.is, Is::Less | Is::LessOrEqual)
                    && match order(&t.values[0], &self.values[0]) {
                        Some(Ordering::Less) => true,
                        Some(Ordering::Equal) => !both_include,
                        _ => false,
                    }
            }),
            Is::NotIn | Is::Less | Is::LessOrEqual => false,
        }
    }

    /// Where it is not known whether a value passes, it does.
    fn passes(&self, value: &Literal) -> bool {
        match self.is {
            Is::In => self.values.iter().any(|v| order(value, v).is_none_or(Ordering::is_eq)),
            Is::NotIn => !self.values.iter().any(|v| order(value, v).is_some_and(Ordering::is_eq)),
            Is::Less => order(value, &self.values[0]).is_none_or(Ordering::is_lt),
            Is::LessOrEqual => order(value, &self.values[0]).is_none_or(Ordering::is_le),
            Is::Greater => order(value, &self.values[0]).is_none_or(Ordering::is_gt),
            Is::GreaterOrEqual => order(value, &self.values[0]).is_none_or(Ordering::is_ge),
        }
    }
}

/// A constant that compares with `operand` as their literals do: of the same type, or both text.
fn constant(expr: &Expr, operand: &Expr) -> Option<Literal> {
    let Expr::Literal { value, data_type } = expr else { return None };
    let (kind, wanted) = (&data_type.kind, &operand.data_type().kind);
    let comparable = kind == wanted || kind.is_string() && wanted.is_string();
    (comparable && *value != Literal::Null).then(|| value.clone())
}

fn order(a: &Literal, b: &Literal) -> Option<Ordering> {
    match (a, b) {
        (Literal::Boolean(a), Literal::Boolean(b)) => Some(a.cmp(b)),
        (Literal::Integer(a), Literal::Integer(b)) => Some(a.cmp(b)),
        (Literal::Decimal(a), Literal::Decimal(b)) => Some(a.cmp(b)),
        (Literal::Double(a), Literal::Double(b)) => a.partial_cmp(b),
        (Literal::String(a), Literal::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
