//! Joins of FROM: one relation and one scope of two.

use flitz_dataflow::{Error, Field, Result, Schema, Span};
use flitz_functions::bind_call;
use flitz_plan::{Expr, JoinKind};

use super::Resolver;
use super::expr::{ExprResolver, materialized};
use super::scope::{MergedColumn, Scope};
use super::unnest::UnnestRef;
use crate::ast;
use crate::ast::Ident;
use crate::relation::{Rel, RelOp, all_of, remap};

/// What a join says of its condition.
pub(crate) enum Constraint<'a> {
    None,
    On(&'a ast::Expr),
    Using(&'a [Ident]),
    Natural,
}

impl Resolver<'_> {
    /// A join with what stands behind it in FROM, which sees `left` if it is UNNEST.
    pub(crate) fn join_with(
        &mut self,
        left: (Rel, Scope),
        right: &ast::TableRef,
        kind: ast::JoinKind,
        constraint: Constraint,
        span: Span,
    ) -> Result<(Rel, Scope)> {
        match UnnestRef::of(right) {
            Some(unnest) => self.unnest_join(left, &unnest, kind, constraint),
            None => {
                let right = self.table_ref(right)?;
                self.join(left, right, kind, constraint, span)
            }
        }
    }

    pub(crate) fn join(
        &mut self,
        (left, left_scope): (Rel, Scope),
        (right, right_scope): (Rel, Scope),
        kind: ast::JoinKind,
        constraint: Constraint,
        span: Span,
    ) -> Result<(Rel, Scope)> {
        let kind = match kind {
            ast::JoinKind::Inner | ast::JoinKind::Cross => JoinKind::Inner,
            ast::JoinKind::Left => JoinKind::Left,
            ast::JoinKind::Right => JoinKind::Right,
            ast::JoinKind::Full => JoinKind::Full,
        };
        check_names(&left_scope, &right_scope, span)?;
        let n = left.schema.len();
        let mut scope = beside(&left_scope, &right_scope);
        let (condition, merged) = match constraint {
            Constraint::None => (None, vec![]),
            Constraint::On(condition) => {
                let resolved = ExprResolver::without_aggregates(&scope, "ON").condition(condition, "ON")?;
                (Some(resolved), vec![])
            }
            Constraint::Using(columns) => merge(&left_scope, &right_scope, n, columns.to_vec(), true, span)?,
            Constraint::Natural => {
                let both = common_names(&left_scope, &right_scope, span);
                merge(&left_scope, &right_scope, n, both, false, span)?
            }
        };
        let side = |rel: &Rel, padded: bool| -> Vec<Field> {
            let field = |f: &Field| {
                let nullable = f.data_type.nullable || padded;
                Field::new(f.name.clone(), f.data_type.clone().with_nullable(nullable))
            };
            rel.schema.fields.iter().map(field).collect()
        };
        let mut fields = side(&left, kind.keeps_right());
        fields.extend(side(&right, kind.keeps_left()));
        for (column, field) in scope.columns.iter_mut().zip(&fields) {
            column.data_type = field.data_type.clone();
        }
        let types: Vec<_> = fields.iter().map(|f| f.data_type.clone()).collect();
        for column in merged {
            let MergedPair { name, left, right, named } = column;
            let nullable = |e: Expr| {
                e.transform(&mut |e| match e {
                    Expr::Column { index, .. } => Expr::column(index, types[index].clone()),
                    other => other,
                })
            };
            let parts = [&left, &right].iter().flat_map(|e| e.columns()).collect();
            let expr = match kind {
                JoinKind::Right => nullable(right),
                JoinKind::Full => {
                    bind_call("COALESCE", vec![materialized(nullable(left)), materialized(nullable(right))])?
                }
                _ => nullable(left),
            };
            // A column that an earlier join has merged already goes on as part of this one.
            scope.merged.retain(|m| m.name != name);
            scope.merged.push(MergedColumn { name, expr, parts, named });
        }
        let op = RelOp::Join { left: Box::new(left), right: Box::new(right), kind, condition, span };
        Ok((Rel { op, schema: Schema::new(fields) }, scope))
    }
}

/// One column of both sides, by name.
struct MergedPair {
    name: String,
    left: Expr,
    right: Expr,
    named: bool,
}

pub(super) fn beside(left: &Scope, right: &Scope) -> Scope {
    let n = left.columns.len();
    let moved = |m: &MergedColumn| MergedColumn {
        expr: remap(m.expr.clone(), &|i| i + n),
        parts: m.parts.iter().map(|i| i + n).collect(),
        ..m.clone()
    };
    Scope {
        columns: left.columns.iter().chain(&right.columns).cloned().collect(),
        joined: true,
        merged: left.merged.iter().cloned().chain(right.merged.iter().map(moved)).collect(),
        functions: left.functions.clone(),
        ..Scope::default()
    }
}

/// The condition of USING and NATURAL, and what their columns are.
fn merge(
    left: &Scope,
    right: &Scope,
    n: usize,
    names: Vec<Ident>,
    named: bool,
    span: Span,
) -> Result<(Option<Expr>, Vec<MergedPair>)> {
    let (mut parts, mut merged) = (vec![], vec![]);
    for name in names {
        let path = std::slice::from_ref(&name);
        let (l, r) = (left.resolve(path)?, remap(right.resolve(path)?, &|i| i + n));
        let equal = bind_call("=", vec![materialized(l.clone()), materialized(r.clone())]);
        parts.push(equal.map_err(|e| e.or_at(if named { name.span } else { span }))?);
        merged.push(MergedPair { name: name.value, left: l, right: r, named });
    }
    Ok((all_of(parts), merged))
}

fn common_names(left: &Scope, right: &Scope, span: Span) -> Vec<Ident> {
    let mut names: Vec<&str> = left.columns.iter().map(|c| c.name.as_str()).collect();
    names.retain(|name| right.columns.iter().any(|c| c.name == *name));
    let mut seen = vec![];
    names.retain(|name| {
        !seen.contains(name) && {
            seen.push(name);
            true
        }
    });
    names.into_iter().map(|name| Ident { value: name.to_owned(), span }).collect()
}

/// Two tables of one name can't be told apart.
pub(super) fn check_names(left: &Scope, right: &Scope, span: Span) -> Result<()> {
    let same = |name: &&str| right.columns.iter().any(|b| b.table.short() == Some(name));
    match left.columns.iter().filter_map(|a| a.table.short()).find(same) {
        None => Ok(()),
        Some(name) => {
            Err(Error::invalid(format!("`{name}` is in FROM twice")).hint("give one of them an alias").at(span))
        }
    }
}
