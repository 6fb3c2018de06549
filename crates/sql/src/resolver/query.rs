//! Whole queries: WITH, VALUES, ORDER BY and LIMIT around SELECT.

use std::rc::Rc;

use flitz_dataflow::{DataType, Error, Field, Result, Schema, Span, TimeAttribute, TypeKind};
use flitz_functions::{fold, implicit_cast, least_common_type};
use flitz_plan::{Expr, Literal, SortKey};

use super::Resolver;
use super::aggregate::{Collected, Grouping};
use super::expr::{ExprResolver, materialized};
use super::scope::Scope;
use super::select::Selected;
use super::window::{emit_policy, whole_millis};
use crate::ast;
use crate::ast::{ExprKind, OrderItem, Query, SetExpr};
use crate::relation::{Rel, RelOp};

impl Resolver<'_> {
    pub fn query(&mut self, query: &Query) -> Result<Rel> {
        let visible = self.ctes.len();
        let resolved = self.query_with_ctes(query);
        self.ctes.truncate(visible);
        resolved.map_err(|e| e.or_at(query.span))
    }

    /// A query within another one, whose order says nothing unless it limits the rows.
    pub fn sub_query(&mut self, query: &Query) -> Result<Rel> {
        self.within(|resolver| resolver.query(query))
    }

    /// Resolves something that stands within a query.
    pub fn within<T>(&mut self, resolve: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.within_query, true);
        let resolved = resolve(self);
        self.within_query = outer;
        resolved
    }

    fn query_with_ctes(&mut self, query: &Query) -> Result<Rel> {
        if let Some(with) = &query.with {
            if with.recursive {
                return Err(Error::invalid("Flink does not run WITH RECURSIVE").at(with.span));
            }
            for cte in &with.ctes {
                let mut rel = self.sub_query(&cte.query)?;
                if !cte.columns.is_empty() {
                    rel = rename_columns(rel, &cte.columns, &cte.name.value, cte.span)?;
                }
                self.ctes.push((cte.name.value.clone(), Rc::new(rel)));
            }
        }
        let (offset, fetch) =
            (self.row_count(query.offset.as_ref(), "OFFSET")?, self.row_count(query.limit.as_ref(), "LIMIT")?);
        if query.order_by.is_empty() {
            let rel = self.body(&query.body)?;
            return self.limited(rel, offset, fetch, query);
        }
        self.ordered(query, offset, fetch)
    }

    fn limited(&self, rel: Rel, offset: Option<u64>, fetch: Option<u64>, query: &Query) -> Result<Rel> {
        if offset.is_none() && fetch.is_none() {
            return Ok(rel);
        }
        if fetch.is_none() && !self.context.config.is_batch() {
            let span = query.offset.as_ref().map_or(query.span, |e| e.span);
            return Err(Error::invalid("OFFSET without LIMIT does not run on a stream").hint("add LIMIT").at(span));
        }
        let schema = rel.schema.clone();
        let span = query.limit.as_ref().or(query.offset.as_ref()).map_or(query.span, |e| e.span);
        Ok(Rel { op: RelOp::Limit { input: Box::new(rel), offset: offset.unwrap_or(0), fetch, span }, schema })
    }

    fn ordered(&mut self, query: &Query, offset: Option<u64>, fetch: Option<u64>) -> Result<Rel> {
        let span = query.order_by.iter().map(|o| o.span).reduce(Span::to).unwrap_or(query.span);
        let (rel, keys, visible) = match &query.body {
            SetExpr::Select(select) => {
                let Selected { rel, order, visible } = self.select_ordered(select, &query.order_by)?;
                (rel, order, visible)
            }
            other => {
                let rel = self.body(other)?;
                let keys = query.order_by.iter().map(|item| self.output_column(&rel, item)).collect::<Result<_>>()?;
                let visible = rel.schema.len();
                (rel, keys, visible)
            }
        };
        if self.within_query && offset.is_none() && fetch.is_none() {
            return Ok(rel.select(&(0..visible).collect::<Vec<_>>()));
        }
        let streams = !self.context.config.is_batch();
        if streams {
            let attribute = rel.schema.fields[keys[0]].data_type.kind.attribute();
            let refused = match (attribute, query.order_by[0].descending, fetch) {
                (_, _, Some(_)) => Some(Error::unsupported("ORDER BY with LIMIT on a stream")),
                (TimeAttribute::Rowtime, false, None) if offset.is_none() => None,
                (TimeAttribute::Proctime, false, None) => Some(Error::unsupported("ORDER BY processing time")),
                _ => Some(
                    Error::invalid("a stream can only be sorted by a time attribute, ascending")
                        .hint("SET 'execution.runtime-mode' = 'batch' for bounded input"),
                ),
            };
            if let Some(refused) = refused {
                return Err(refused.at(span));
            }
        }
        let keys = query
            .order_by
            .iter()
            .zip(keys)
            .map(|(item, column)| SortKey {
                column,
                descending: item.descending,
                // NULLs are the smallest values.
                nulls_first: item.nulls_first.unwrap_or(!item.descending),
            })
            .collect();
        let schema = rel.schema.clone();
        let op = match streams {
            true => RelOp::TemporalSort { input: Box::new(rel), keys, span },
            false => RelOp::Sort { input: Box::new(rel), keys, offset: offset.unwrap_or(0), fetch },
        };
        let sorted = Rel { op, schema };
        Ok(match visible == sorted.schema.len() {
            true => sorted,
            false => sorted.select(&(0..visible).collect::<Vec<_>>()),
        })
    }

    /// A column of the result, by name or ordinal.
    fn output_column(&self, rel: &Rel, item: &OrderItem) -> Result<usize> {
        if let Some(ordinal) = ordinal(&item.expr, rel.schema.len()) {
            return ordinal;
        }
        let scope = Scope::of(rel, super::scope::TableName::None);
        match ExprResolver::without_aggregates(&scope, "ORDER BY").resolve(&item.expr)? {
            Expr::Column { index, .. } => Ok(index),
            _ => Err(Error::unsupported("ORDER BY an expression over a set operation").at(item.span)),
        }
    }

    fn row_count(&self, expr: Option<&ast::Expr>, clause: &str) -> Result<Option<u64>> {
        let Some(expr) = expr else { return Ok(None) };
        let scope = Scope::default();
        match fold(ExprResolver::without_aggregates(&scope, "LIMIT").resolve(expr)?) {
            Expr::Literal { value: Literal::Integer(n), .. } if n >= 0 => Ok(Some(n as u64)),
            _ => Err(Error::invalid(format!("{clause} takes a number of rows")).at(expr.span)),
        }
    }

    pub(crate) fn body(&mut self, body: &SetExpr) -> Result<Rel> {
        match body {
            SetExpr::Select(select) => Ok(self.select_ordered(select, &[])?.rel),
            SetExpr::Values(values) => self.values(values),
            SetExpr::Table(name) => Ok(self.named_table(name, &[], None)?.0),
            SetExpr::Query(query) => self.query(query),
            SetExpr::Operation(operation) => self.set_operation(operation),
        }
    }

    fn values(&mut self, values: &ast::Values) -> Result<Rel> {
        let scope = Scope { functions: self.functions.clone(), ..Scope::default() };
        let width = values.rows.first().map_or(0, Vec::len);
        let mut rows: Vec<Vec<Expr>> = vec![];
        for row in &values.rows {
            if row.len() != width {
                let span = row.first().map_or(values.span, |e| e.span);
                return Err(
                    Error::invalid(format!("rows of VALUES differ in length: {width} and {}", row.len())).at(span)
                );
            }
            let mut resolved = vec![];
            for expr in row {
                let value = ExprResolver::without_aggregates(&scope, "VALUES").resolve(expr)?;
                check_typed(&value, expr.span)?;
                resolved.push(materialized(value));
            }
            rows.push(resolved);
        }
        let mut fields = vec![];
        for column in 0..width {
            let types: Vec<DataType> = rows.iter().map(|r| r[column].data_type().clone()).collect();
            let common = least_common_type(&types).ok_or_else(|| {
                Error::invalid(format!("column {} of VALUES holds values that have no type in common", column + 1))
                    .at(values.span)
            })?;
            for row in &mut rows {
                let value = std::mem::replace(&mut row[column], Expr::boolean(true));
                row[column] = cast_to(value, &common)?;
            }
            fields.push(Field::new(format!("EXPR${column}"), common));
        }
        Ok(Rel { op: RelOp::Values(rows), schema: Schema::new(fields) })
    }

    /// Each row once.
    pub(crate) fn distinct(&self, rel: Rel, state_ttl_millis: Option<i64>, span: Span) -> Result<Rel> {
        let keys: Vec<(String, Expr)> = rel.identity();
        let wanted: Vec<Expr> = keys.iter().map(|(_, e)| e.clone()).collect();
        let names: Vec<String> = keys.iter().map(|(n, _)| n.clone()).collect();
        let collected = Collected { grouped: true, ..Collected::default() };
        let set: Vec<usize> = (0..keys.len()).collect();
        let emits_early = self.emits_early()?;
        let grouping = Grouping {
            keys: &keys,
            set: &set,
            repetition: 0,
            collected: &collected,
            state_ttl_millis,
            emits_early,
            span,
        };
        let aggregated = grouping.apply(rel)?;
        let mut columns = vec![];
        for (name, expr) in names.into_iter().zip(wanted) {
            let above = aggregated.above(expr).map_err(|_| Error::internal("a column of DISTINCT is lost"))?;
            columns.push((name, above));
        }
        Ok(aggregated.rel.calc(None, columns))
    }

    pub(crate) fn emits_early(&self) -> Result<bool> {
        Ok(emit_policy(self.context.config)?.is_some())
    }

    /// `table.exec.state.ttl`; 0 is never.
    pub(crate) fn state_ttl(&self) -> Result<Option<i64>> {
        let ttl = self.context.config.duration("table.exec.state.ttl")?;
        Ok(ttl.map(whole_millis).filter(|millis| *millis > 0))
    }
}

/// The column that an integer in ORDER BY stands for.
pub(crate) fn ordinal(expr: &ast::Expr, columns: usize) -> Option<Result<usize>> {
    let ExprKind::Literal(ast::Literal::Integer(digits)) = &expr.kind else { return None };
    Some(match digits.parse::<usize>() {
        Ok(n) if (1..=columns).contains(&n) => Ok(n - 1),
        _ => Err(Error::invalid(format!("there is no column number {digits}")).at(expr.span)),
    })
}

/// An untyped NULL has no column type.
pub(crate) fn check_typed(expr: &Expr, span: Span) -> Result<()> {
    match expr.data_type().kind {
        TypeKind::Null => Err(untyped(span)),
        _ => Ok(()),
    }
}

pub(crate) fn untyped(span: Span) -> Error {
    Error::invalid("illegal use of NULL: it has no type").hint("write CAST(NULL AS type)").at(span)
}

/// An implicit cast to a type that was found to be common.
pub(crate) fn cast_to(expr: Expr, to: &DataType) -> Result<Expr> {
    if expr.data_type().kind == to.kind {
        return Ok(expr);
    }
    let nullable = expr.data_type().nullable;
    let from = expr.data_type().clone();
    implicit_cast(expr, &to.clone().with_nullable(nullable))
        .ok_or_else(|| Error::invalid(format!("{from} does not become {to} by itself")).hint("CAST it"))
}

/// `AS t (a, b)`
pub(crate) fn rename_columns(rel: Rel, names: &[ast::Ident], of: &str, span: Span) -> Result<Rel> {
    if names.len() != rel.schema.len() {
        return Err(Error::invalid(format!(
            "`{of}` names {} columns, but the query has {}",
            names.len(),
            rel.schema.len()
        ))
        .at(span));
    }
    let names: Vec<String> = names.iter().map(|n| n.value.clone()).collect();
    Ok(rel.renamed(names))
}
