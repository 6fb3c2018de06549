//! UNNEST in FROM, and joins with it: the rows of a collection that the tables before it hold.
//!
//! ```text
//! t CROSS JOIN UNNEST(t.tags) WITH ORDINALITY AS u (tag, position)
//!
//! Unnest tags            the columns of t, tag, position
//!   t
//! ```

use flitz_dataflow::{Error, Field, Result, Schema};
use flitz_plan::{Expr, Unnest};

use super::Resolver;
use super::expr::{ExprResolver, materialized};
use super::join::{Constraint, beside, check_names};
use super::scope::{Scope, TableName};
use crate::ast;
use crate::ast::{TableAlias, TableRef, TableRefKind};
use crate::relation::{Rel, RelOp, is_true, remap};

/// `UNNEST(exprs) [WITH ORDINALITY] [AS alias]`
pub(crate) struct UnnestRef<'a> {
    exprs: &'a [ast::Expr],
    ordinality: bool,
    alias: Option<&'a TableAlias>,
    span: flitz_dataflow::Span,
}

impl<'a> UnnestRef<'a> {
    pub fn of(table: &'a TableRef) -> Option<UnnestRef<'a>> {
        let TableRefKind::Unnest { exprs, with_ordinality, alias } = &table.kind else { return None };
        Some(UnnestRef { exprs, ordinality: *with_ordinality, alias: alias.as_ref(), span: table.span })
    }
}

impl Resolver<'_> {
    /// A collection that no table holds: `FROM UNNEST(ARRAY[1, 2])`.
    pub(crate) fn unnest_alone(&mut self, unnest: &UnnestRef) -> Result<(Rel, Scope)> {
        let collection = self.collection(unnest, &Scope::default())?;
        let schema = Schema::new(vec![Field::new("$unnest", collection.data_type().clone())]);
        let row = Rel { op: RelOp::Values(vec![vec![collection]]), schema };
        let (rel, scope) = self.elements(row, 0, &[], false, unnest)?;
        Ok((rel, scope))
    }

    /// A join of `left` with the elements of what each of its rows holds.
    pub(crate) fn unnest_join(
        &mut self,
        (left, left_scope): (Rel, Scope),
        unnest: &UnnestRef,
        kind: ast::JoinKind,
        constraint: Constraint,
    ) -> Result<(Rel, Scope)> {
        let keeps_empty = match kind {
            ast::JoinKind::Inner | ast::JoinKind::Cross => false,
            ast::JoinKind::Left => true,
            ast::JoinKind::Right | ast::JoinKind::Full => {
                return Err(Error::invalid("UNNEST takes CROSS JOIN, JOIN and LEFT JOIN").at(unnest.span));
            }
        };
        let n = left.schema.len();
        let collection = self.collection(unnest, &left_scope)?;
        let (input, column) = match &collection {
            Expr::Column { index, .. } => (left, *index),
            _ => {
                let mut columns = left.identity();
                columns.push(("$unnest".to_owned(), collection));
                (left.calc(None, columns), n)
            }
        };
        let emits: Vec<usize> = (0..n).collect();
        let (mut rel, right_scope) = self.elements(input, column, &emits, keeps_empty, unnest)?;
        check_names(&left_scope, &right_scope, unnest.span)?;
        let scope = beside(&left_scope, &right_scope);
        let condition = match constraint {
            Constraint::None => return Ok((rel, scope)),
            Constraint::On(condition) => {
                let resolved = ExprResolver::without_aggregates(&scope, "ON").condition(condition, "ON")?;
                if resolved.columns().iter().any(|&i| i < n) || (resolved.columns().is_empty() && !is_true(&resolved)) {
                    return Err(Error::invalid("ON may only ask of the columns of UNNEST, or be TRUE")
                        .hint("other conditions go to WHERE")
                        .at(condition.span));
                }
                resolved
            }
            Constraint::Using(_) | Constraint::Natural => {
                return Err(Error::unsupported("UNNEST with USING or NATURAL").at(unnest.span));
            }
        };
        if is_true(&condition) {
            return Ok((rel, scope));
        }
        match &mut rel.op {
            RelOp::Unnest { unnest, .. } if keeps_empty => {
                unnest.condition = Some(remap(condition, &|i| i - n));
                Ok((rel, scope))
            }
            _ => Ok((rel.filter(condition), scope)),
        }
    }

    fn collection(&self, unnest: &UnnestRef, scope: &Scope) -> Result<Expr> {
        let [expr] = unnest.exprs else {
            return Err(Error::invalid("UNNEST takes one collection").at(unnest.span));
        };
        let resolved = materialized(ExprResolver::without_aggregates(scope, "UNNEST").resolve(expr)?);
        let kind = &resolved.data_type().kind;
        match Unnest::elements(kind) {
            Some(fields) if !fields.is_empty() => Ok(resolved),
            _ => Err(Error::invalid(format!("UNNEST takes an ARRAY, a MAP or a MULTISET, not {kind}")).at(expr.span)),
        }
    }

    /// The elements of column `collection` beside the columns `emits`, with the scope of the elements alone.
    fn elements(
        &self,
        input: Rel,
        collection: usize,
        emits: &[usize],
        keeps_empty: bool,
        written: &UnnestRef,
    ) -> Result<(Rel, Scope)> {
        let unnest =
            Unnest { collection, emits: emits.to_vec(), ordinality: written.ordinality, keeps_empty, condition: None };
        let mut appended = unnest.appended(&input.schema.fields[collection].data_type.kind);
        let name = match written.alias {
            None => TableName::None,
            Some(alias) => {
                name_columns(&mut appended, alias)?;
                TableName::Alias(alias.name.value.clone())
            }
        };
        let right = Rel { op: RelOp::Values(vec![]), schema: appended };
        let scope = Scope::of(&right, name);
        let kept = emits.iter().map(|&i| input.schema.fields[i].clone());
        let schema = kept.chain(right.schema.fields).collect();
        Ok((Rel { op: RelOp::Unnest { input: Box::new(input), unnest }, schema }, scope))
    }
}

/// The alias's column names; the one column of plain elements is called as the alias.
fn name_columns(appended: &mut Schema, alias: &TableAlias) -> Result<()> {
    if alias.columns.is_empty() {
        if let Some(first) = appended.fields.first_mut().filter(|f| f.name == "EXPR$0") {
            first.name.clone_from(&alias.name.value);
        }
        return Ok(());
    }
    if alias.columns.len() != appended.len() {
        let names: Vec<&str> = appended.fields.iter().map(|f| f.name.as_str()).collect();
        return Err(Error::invalid(format!(
            "`{}` names {} columns, but UNNEST has {} ({})",
            alias.name.value,
            alias.columns.len(),
            appended.len(),
            names.join(", ")
        ))
        .at(alias.span));
    }
    for (field, name) in appended.fields.iter_mut().zip(&alias.columns) {
        field.name.clone_from(&name.value);
    }
    Ok(())
}
