//! INSERT: the query's columns become the table's, by position, cast where Flink casts by itself.

use std::collections::BTreeMap;
use std::rc::Rc;

use flitz_dataflow::{Error, Field, Result, Schema, Span, suggest};
use flitz_functions::{fold, implicit_cast, sink_cast};
use flitz_plan::Expr;

use super::expr::ExprResolver;
use super::from::option_hints;
use super::scope::Scope;
use super::{Context, Resolver};
use crate::ast::{Insert, OnConflict};
use crate::catalog::{Object, ObjectPath, Table};
use crate::lower::{Output, null_of, unique_names};
use crate::relation::Rel;

/// The table at the end of a query, as one INSERT writes it.
#[derive(Clone, Debug)]
pub(crate) struct InsertTarget {
    pub path: ObjectPath,
    pub table: Rc<Table>,
    pub options: BTreeMap<String, String>,
    pub on_conflict: Option<OnConflict>,
    /// INSERT OVERWRITE
    pub overwrite: bool,
    /// Its name in the statement.
    pub span: Span,
    pub query_span: Span,
}

pub(crate) fn resolve_insert(context: Context, insert: &Insert) -> Result<Output> {
    if insert.overwrite && !context.config.is_batch() {
        return Err(Error::invalid("INSERT OVERWRITE is not possible in streaming mode")
            .hint("SET 'execution.runtime-mode' = 'batch'")
            .at(insert.span));
    }
    let (path, object) = context.catalogs.object(&insert.table)?;
    let table = match object {
        Object::Table(table) => table.clone(),
        Object::View(_) => {
            return Err(Error::invalid(format!("{path} is a view, which can't be written")).at(insert.table.span));
        }
    };
    let mut options: BTreeMap<String, String> =
        table.options.iter().map(|(k, o)| (k.clone(), o.value.clone())).collect();
    options.extend(option_hints(&insert.hints, &context)?);
    let rel = Resolver::new(context).query(&insert.source)?;
    let target = InsertTarget {
        path,
        table,
        options,
        on_conflict: insert.on_conflict,
        overwrite: insert.overwrite,
        span: insert.table.span,
        query_span: insert.source.span,
    };
    let rel = assign(rel, insert, &target)?;
    Ok(Output { rel, target: Some(target) })
}

/// One column per writable column of the table, of its type.
fn assign(rel: Rel, insert: &Insert, target: &InsertTarget) -> Result<Rel> {
    let table = &target.table;
    let writable = table.writable();
    let constants = partition_constants(insert, target)?;
    let targets = target_columns(insert, target, &constants)?;
    let mismatch = |cause: String| {
        let columns = |fields: Vec<String>| fields.join(", ");
        let names = unique_names(&rel.schema);
        let query = names
            .iter()
            .zip(&rel.schema.fields)
            .map(|(n, f)| format!("{n}: {}", f.data_type.clone().materialized()))
            .collect();
        let sink =
            targets.iter().map(|&i| format!("{}: {}", table.columns[i].name, table.columns[i].data_type)).collect();
        Error::invalid(format!("column types of query result and sink for {} do not match: {cause}", target.path))
            .hint(format!("the query has [{}], the table takes [{}]", columns(query), columns(sink)))
            .at(insert.source.span)
    };
    if rel.schema.len() != targets.len() {
        return Err(mismatch(format!("the query has {} columns, not {}", rel.schema.len(), targets.len())));
    }
    let mut columns = vec![];
    for &i in &writable {
        let column = &table.columns[i];
        let value = match targets.iter().position(|&t| t == i) {
            Some(position) => {
                let value = rel.column(position);
                let from = value.data_type().clone();
                sink_cast(value, &column.data_type).ok_or_else(|| {
                    mismatch(format!(
                        "{from} does not become {} by itself for column `{}` at position {}",
                        column.data_type,
                        column.name,
                        position + 1
                    ))
                })?
            }
            None => match constants.get(&i) {
                Some(constant) => constant.clone(),
                None if column.data_type.nullable => null_of(&column.data_type),
                None => {
                    return Err(Error::invalid(format!("column `{}` is NOT NULL and gets no value", column.name))
                        .hint("add it to the columns of INSERT")
                        .at(insert.table.span));
                }
            },
        };
        columns.push((column.name.clone(), value));
    }
    let schema: Schema = columns.iter().map(|(n, e)| Field::new(n.clone(), e.data_type().clone())).collect();
    let mut assigned = rel.calc(None, columns);
    assigned.schema = schema;
    Ok(assigned)
}

/// Columns of the table that the query's columns go to, in the query's order.
fn target_columns(insert: &Insert, target: &InsertTarget, constants: &BTreeMap<usize, Expr>) -> Result<Vec<usize>> {
    let table = &target.table;
    let writable = table.writable();
    if insert.columns.is_empty() {
        return Ok(writable.into_iter().filter(|i| !constants.contains_key(i)).collect());
    }
    let mut targets: Vec<usize> = vec![];
    for name in &insert.columns {
        let [part] = name.parts.as_slice() else {
            return Err(Error::unsupported("INSERT into a field of a row").at(name.span));
        };
        let found = table.index_of(&part.value);
        let Some(column) = found.filter(|i| writable.contains(i)) else {
            let error = match found {
                Some(_) => Error::invalid(format!("column `{}` is computed and can't be written", part.value)),
                None => Error::invalid(format!("table {} has no column `{}`", target.path, part.value)),
            };
            let names: Vec<&str> = writable.iter().map(|&i| table.columns[i].name.as_str()).collect();
            return Err(match suggest::nearest(&part.value, names.iter().copied()) {
                Some(near) if found.is_none() => error.hint(format!("did you mean `{near}`?")),
                _ => error.hint(format!("it takes {}", names.join(", "))),
            }
            .at(part.span));
        };
        if targets.contains(&column) {
            return Err(Error::invalid(format!("column `{}` is named twice", part.value)).at(part.span));
        }
        targets.push(column);
    }
    Ok(targets)
}

/// `PARTITION (day = '2026-11-21')`
fn partition_constants(insert: &Insert, target: &InsertTarget) -> Result<BTreeMap<usize, Expr>> {
    let table = &target.table;
    let mut constants = BTreeMap::new();
    for part in &insert.partition {
        let name = &part.column;
        if !table.partition_keys.contains(&name.value) {
            let error =
                Error::invalid(format!("table {} is not partitioned by `{}`", target.path, name.value)).at(name.span);
            return Err(match table.partition_keys.is_empty() {
                true => error.hint("it has no PARTITIONED BY"),
                false => error.hint(format!("it is partitioned by {}", table.partition_keys.join(", "))),
            });
        }
        let Some(value) = &part.value else {
            return Err(Error::invalid(format!("partition column `{}` needs a value", name.value)).at(name.span));
        };
        let column = table.index_of(&name.value).ok_or_else(|| Error::internal("a partition column is missing"))?;
        let scope = Scope::default();
        let resolved = ExprResolver::without_aggregates(&scope, "PARTITION").resolve(value)?;
        let to = table.columns[column].data_type.clone().with_nullable(resolved.data_type().nullable);
        let cast = match implicit_cast(resolved.clone(), &to) {
            Some(cast) => cast,
            // Partition values are written as text.
            None => flitz_functions::bind_cast(resolved, to, false).map_err(|e| e.or_at(value.span))?,
        };
        constants.insert(column, fold(cast));
    }
    Ok(constants)
}
