//! UNION, INTERSECT and EXCEPT: two queries of the same columns as one.
//!
//! ```text
//! l INTERSECT [ALL] r
//!
//! Calc       keeps rows that both sides have       ALL: Unnest, each row as often as the side that has it less often
//! Aggregate  by all columns: how often each side has the row
//! Union
//!   l, 1, 0
//!   r, 0, 1
//! ```
//!
//! NULLs are equal here. On a stream the result changes as rows come.

use flitz_dataflow::{DataType, Error, Field, Result, Schema, Span, TypeKind};
use flitz_functions::{bind_call, least_common_type};
use flitz_plan::{AggregateCall, Expr, Literal, Unnest};

use super::Resolver;
use super::expr::materialized;
use super::query::cast_to;
use crate::ast::{SetOperation, SetOperator};
use crate::relation::{Rel, RelOp};

impl Resolver<'_> {
    pub(super) fn set_operation(&mut self, operation: &SetOperation) -> Result<Rel> {
        let name = match (operation.operator, operation.all) {
            (SetOperator::Union, true) => "UNION ALL",
            (SetOperator::Union, false) => "UNION",
            (SetOperator::Intersect, true) => "INTERSECT ALL",
            (SetOperator::Intersect, false) => "INTERSECT",
            (SetOperator::Except, true) => "EXCEPT ALL",
            (SetOperator::Except, false) => "EXCEPT",
        };
        let left = self.within(|resolver| resolver.body(&operation.left))?;
        let right = self.within(|resolver| resolver.body(&operation.right))?;
        let schema = common_schema(&left.schema, &right.schema, name, operation.span)?;
        let sides = [aligned(left, &schema)?, aligned(right, &schema)?];
        match operation.operator {
            SetOperator::Union => {
                let union = union(sides, schema);
                match operation.all {
                    true => Ok(union),
                    false => self.distinct(union, self.state_ttl()?, operation.span),
                }
            }
            operator => self.compared(operator, operation.all, sides),
        }
    }

    /// INTERSECT and EXCEPT.
    fn compared(&self, operator: SetOperator, all: bool, [left, right]: [Rel; 2]) -> Result<Rel> {
        let n = left.schema.len();
        let counted = |(side, counts): (Rel, [i64; 2])| {
            let mut columns: Vec<(String, Expr)> =
                side.identity().into_iter().map(|(name, column)| (name, materialized(column))).collect();
            let count = |value| Expr::literal(Literal::Integer(value), TypeKind::BigInt.not_null());
            columns.extend([("$left".to_owned(), count(counts[0])), ("$right".to_owned(), count(counts[1]))]);
            side.calc(None, columns)
        };
        let sides = [(left, [1, 0]), (right, [0, 1])].map(counted);
        let schema = sides[0].schema.clone();
        let sum = |column: usize| AggregateCall {
            function: "$SUM0".to_owned(),
            args: vec![column],
            distinct: false,
            filter: None,
            data_type: TypeKind::BigInt.not_null(),
        };
        let aggregated = Rel {
            op: RelOp::GroupAggregate {
                input: Box::new(union(sides, schema.clone())),
                keys: (0..n).collect(),
                aggregates: vec![sum(n), sum(n + 1)],
                state_ttl_millis: self.state_ttl()?,
            },
            schema,
        };
        let (in_left, in_right) = (aggregated.column(n), aggregated.column(n + 1));
        let zero = || Expr::literal(Literal::Integer(0), TypeKind::BigInt.not_null());
        let mut columns: Vec<(String, Expr)> = aggregated.identity();
        columns.truncate(n);
        if !all {
            let right = if operator == SetOperator::Intersect { ">" } else { "=" };
            let both = vec![bind_call(">", vec![in_left, zero()])?, bind_call(right, vec![in_right, zero()])?];
            let condition = bind_call("AND", both)?;
            return Ok(aggregated.calc(Some(condition), columns));
        }
        let times = match operator {
            SetOperator::Intersect => bind_call("LEAST", vec![in_left, in_right])?,
            _ => bind_call("-", vec![in_left, in_right])?,
        };
        columns.push(("$times".to_owned(), times));
        let input = Box::new(aggregated.calc(None, columns));
        let schema = Schema::new(input.schema.fields[..n].to_vec());
        let unnest =
            Unnest { collection: n, emits: (0..n).collect(), ordinality: false, keeps_empty: false, condition: None };
        Ok(Rel { op: RelOp::Unnest { input, unnest }, schema })
    }
}

/// UNION ALL of three is one union.
fn union(sides: [Rel; 2], schema: Schema) -> Rel {
    let mut inputs = vec![];
    for side in sides {
        match side.op {
            RelOp::Union(parts) => inputs.extend(parts),
            op => inputs.push(Rel { op, schema: side.schema }),
        }
    }
    Rel { op: RelOp::Union(inputs), schema }
}

/// Names of the left side, types that both sides have in common.
fn common_schema(left: &Schema, right: &Schema, operation: &str, span: Span) -> Result<Schema> {
    if left.len() != right.len() {
        let message = format!("the sides of {operation} have {} and {} columns", left.len(), right.len());
        return Err(Error::invalid(message).at(span));
    }
    let field = |(i, (a, b)): (usize, (&Field, &Field))| {
        let data_type = common_type(&a.data_type, &b.data_type).ok_or_else(|| {
            let (left, right) = (&a.data_type, &b.data_type);
            Error::invalid(format!("column {} of {operation} is {left} on one side and {right} on the other", i + 1))
                .hint("CAST one of them")
                .at(span)
        })?;
        Ok(Field::new(a.name.clone(), data_type))
    };
    left.fields.iter().zip(&right.fields).enumerate().map(field).collect()
}

/// The wider type of both; time attributes are kept if they are the same.
fn common_type(a: &DataType, b: &DataType) -> Option<DataType> {
    let nullable = a.nullable || b.nullable;
    if a.kind == b.kind {
        return Some(a.clone().with_nullable(nullable));
    }
    let common = least_common_type(&[a.clone().materialized(), b.clone().materialized()])?;
    Some(common.with_nullable(nullable))
}

/// `rel` with the types of `schema`.
fn aligned(rel: Rel, schema: &Schema) -> Result<Rel> {
    let same = |(a, b): (&Field, &Field)| a.data_type.kind == b.data_type.kind;
    if rel.schema.fields.iter().zip(&schema.fields).all(same) {
        return Ok(rel);
    }
    let mut columns = vec![];
    for (i, wanted) in schema.fields.iter().enumerate() {
        let column = rel.column(i);
        let column = if column.data_type().kind == wanted.data_type.kind {
            column
        } else {
            cast_to(materialized(column), &wanted.data_type)?
        };
        columns.push((wanted.name.clone(), column));
    }
    Ok(rel.calc(None, columns))
}
