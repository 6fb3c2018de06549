//! WHERE: its conditions, among them EXISTS and IN with a query, which are semi and anti joins.
//!
//! ```text
//! l WHERE l.k IN (SELECT r.k FROM r WHERE r.a = l.a AND r.b > 1)
//!
//! SemiJoin  l.a = r.a AND l.k = r.k       what reads both queries
//!   l
//!   Calc  where b > 1   r                 what reads the inner one alone
//! ```
//!
//! NOT IN is null-aware: a row stays only if no comparison is TRUE or unknown.

use std::rc::Rc;

use flitz_dataflow::{Error, Result, Span};
use flitz_functions::bind_call;
use flitz_plan::{Expr, JoinKind};

use super::Resolver;
use super::expr::{ExprResolver, materialized};
use super::scope::{OUTER, Scope};
use crate::ast;
use crate::ast::{BinaryOp, ExprKind, Query, Select, SelectItem, SetExpr, UnaryOp};
use crate::lower::optimize::push_filters;
use crate::relation::{Rel, RelOp, all_of, conjuncts, remap};

impl Resolver<'_> {
    /// `rel` with the rows for which WHERE holds.
    pub(crate) fn filtered(&mut self, mut rel: Rel, scope: &Scope, filter: &ast::Expr) -> Result<Rel> {
        let (queries, plain): (Vec<&ast::Expr>, Vec<&ast::Expr>) =
            parts(filter).into_iter().partition(|part| Membership::of(part).is_some());
        if queries.is_empty() {
            let condition = ExprResolver::without_aggregates(scope, "WHERE").condition(filter, "WHERE")?;
            return Ok(with_condition(rel, vec![condition]));
        }
        let mut conditions = vec![];
        for part in plain {
            conditions.push(ExprResolver::without_aggregates(scope, "WHERE").condition(part, "WHERE")?);
        }
        if !conditions.is_empty() {
            rel = with_condition(rel, conditions);
        }
        for part in queries {
            if let Some(membership) = Membership::of(part) {
                rel = self.membership(rel, scope, membership, part.span)?;
            }
        }
        Ok(rel)
    }

    fn membership(&mut self, rel: Rel, scope: &Scope, membership: Membership, span: Span) -> Result<Rel> {
        let n = rel.schema.len();
        let inner = self.inner_query(membership.query, scope, n)?;
        let mut condition = inner.correlation;
        if let Some(operand) = membership.operand {
            let operands = match &operand.kind {
                ExprKind::Row { items, .. } => items.iter().collect(),
                _ => vec![operand],
            };
            if operands.len() != inner.columns.len() {
                return Err(Error::invalid(format!(
                    "IN compares {} values with the {} columns of its query",
                    operands.len(),
                    inner.columns.len()
                ))
                .at(span));
            }
            for (operand, column) in operands.into_iter().zip(inner.columns) {
                let outer = materialized(ExprResolver::without_aggregates(scope, "WHERE").resolve(operand)?);
                let inner = materialized(remap(column, &|i| i + n));
                let equal = bind_call("=", vec![outer, inner]).map_err(|e| e.or_at(operand.span))?;
                condition.push(match membership.negated && equal.data_type().nullable {
                    true => bind_call("IS NOT FALSE", vec![equal])?,
                    false => equal,
                });
            }
        }
        let kind = if membership.negated { JoinKind::Anti } else { JoinKind::Semi };
        let schema = rel.schema.clone();
        let (left, right) = (Box::new(rel), Box::new(inner.rel));
        Ok(Rel { op: RelOp::Join { left, right, kind, condition: all_of(condition), span }, schema })
    }

    /// The query of EXISTS or IN. If it reads columns of the outer query, it must do so in its own WHERE alone.
    fn inner_query(&mut self, query: &Query, outer: &Scope, n: usize) -> Result<InnerQuery> {
        let Some(select) = plain_select(query) else {
            let rel = self.sub_query(query)?;
            let columns = rel.identity().into_iter().map(|(_, e)| e).collect();
            return Ok(InnerQuery { rel, correlation: vec![], columns });
        };
        let (mut rel, scope) = self.from(select)?;
        let mut correlation = vec![];
        if let Some(filter) = &select.filter {
            let seen = Scope { outer: Some(Rc::new(outer.clone())), ..scope.clone() };
            let mut own = vec![];
            for part in parts(filter) {
                if Membership::of(part).is_some() {
                    rel = self.filtered(rel, &scope, part)?;
                    continue;
                }
                let condition = ExprResolver::without_aggregates(&seen, "WHERE").condition(part, "WHERE")?;
                for part in conjuncts(condition) {
                    match part.columns().iter().any(|&i| i >= OUTER) {
                        true => correlation.push(part),
                        false => own.push(part),
                    }
                }
            }
            if !own.is_empty() {
                rel = with_condition(rel, own);
            }
        }
        let position = |i: usize| if i >= OUTER { i - OUTER } else { i + n };
        let correlation = correlation.into_iter().map(|e| remap(e, &position)).collect();
        let columns = columns(select, &scope)?;
        Ok(InnerQuery { rel, correlation, columns })
    }
}

struct InnerQuery {
    rel: Rel,
    /// Conditions over the outer query's columns, then the inner ones.
    correlation: Vec<Expr>,
    /// Its SELECT list.
    columns: Vec<Expr>,
}

/// `[NOT] EXISTS (query)`, `operand [NOT] IN (query)`
struct Membership<'a> {
    operand: Option<&'a ast::Expr>,
    query: &'a Query,
    negated: bool,
}

impl<'a> Membership<'a> {
    fn of(expr: &'a ast::Expr) -> Option<Membership<'a>> {
        match &expr.kind {
            ExprKind::Exists(query) => Some(Membership { operand: None, query, negated: false }),
            ExprKind::InQuery { operand, query, negated } => {
                Some(Membership { operand: Some(operand), query, negated: *negated })
            }
            ExprKind::Unary { op: UnaryOp::Not, operand } => {
                Membership::of(operand).map(|m| Membership { negated: !m.negated, ..m })
            }
            _ => None,
        }
    }
}

/// The conditions that AND connects.
fn parts(filter: &ast::Expr) -> Vec<&ast::Expr> {
    match &filter.kind {
        ExprKind::Binary { left, op: BinaryOp::And, right } => [parts(left), parts(right)].concat(),
        _ => vec![filter],
    }
}

/// A filter over `rel`, or part of the condition of the joins that it ends with.
fn with_condition(rel: Rel, conditions: Vec<Expr>) -> Rel {
    match (&rel.op, all_of(conditions)) {
        (RelOp::Join { .. }, Some(condition)) => push_filters(rel, conjuncts(condition)),
        (_, Some(condition)) => rel.filter(condition),
        (_, None) => rel,
    }
}

/// A query that is nothing but SELECT … FROM … WHERE.
fn plain_select(query: &Query) -> Option<&Select> {
    let SetExpr::Select(select) = &query.body else { return None };
    let plain = query.with.is_none()
        && query.order_by.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && select.group_by.is_none()
        && select.having.is_none()
        && select.qualify.is_none()
        && select.windows.is_empty()
        && select.hints.is_empty()
        && !select.from.is_empty()
        && !super::select::aggregates(select);
    plain.then_some(select)
}

fn columns(select: &Select, scope: &Scope) -> Result<Vec<Expr>> {
    let mut columns = vec![];
    for item in &select.projection {
        match item {
            SelectItem::Star(_) => {
                columns.extend((scope.columns.iter().enumerate()).map(|(i, c)| Expr::column(i, c.data_type.clone())));
            }
            SelectItem::QualifiedStar { path, span } => {
                let of_table = scope.columns_of(path, *span)?;
                columns.extend(of_table.into_iter().map(|i| Expr::column(i, scope.columns[i].data_type.clone())));
            }
            SelectItem::Expr { expr, .. } => {
                columns.push(ExprResolver::without_aggregates(scope, "a query in WHERE").resolve(expr)?);
            }
        }
    }
    Ok(columns)
}
