//! `CREATE TABLE t [(columns)] … AS query` and `[CREATE OR] REPLACE TABLE`: a declaration and the INSERT that fills it.
//!
//! The table has the columns that are declared alone, then those of the query. A column in both stands where the
//! query has it, with the declared type. A list of bare names puts the query's columns in another order.

use std::rc::Rc;

use flitz_dataflow::{DataType, Error, Field, Result, Schema};
use flitz_functions::implicit_cast;

use super::{Outcome, Session};
use crate::ast::{
    self, AlterTableAction, ColumnDef, ColumnPosition, CreateTable, CreateTableMode, Ident, Query, TableSchema,
};
use crate::catalog::{Column, ColumnKind, Object, ObjectPath, Table};
use crate::lower::{Output, null_of, unique_names};
use crate::relation::Rel;
use crate::resolver::Resolver;
use crate::resolver::alter::alter_table;
use crate::resolver::ddl::resolve_table;
use crate::resolver::insert::InsertTarget;

impl Session {
    /// `[CREATE OR] REPLACE TABLE … AS query`: what was there is dropped, then created and filled.
    pub(super) fn replace_table(&mut self, create: &CreateTable, path: ObjectPath) -> Result<Outcome> {
        let Some(query) = &create.query else {
            return Err(Error::invalid("REPLACE TABLE needs AS query").at(create.name.span));
        };
        match self.catalogs.find_permanent(&path).cloned() {
            Some(Object::View(_)) => Err(Error::invalid(format!("{path} is a view")).at(create.name.span)),
            None if create.mode == CreateTableMode::Replace => {
                Err(Error::invalid(format!("there is no table {path} to replace"))
                    .hint("CREATE OR REPLACE TABLE")
                    .at(create.name.span))
            }
            None => self.create_table_as(create, path, query),
            Some(old) => {
                self.catalogs.take(&path)?;
                let created = self.create_table_as(create, path.clone(), query);
                if created.is_err() {
                    self.catalogs.create(path, old, false, true)?;
                }
                created
            }
        }
    }

    /// Declares the table, and plans the INSERT that fills it.
    pub(super) fn create_table_as(&mut self, create: &CreateTable, path: ObjectPath, query: &Query) -> Result<Outcome> {
        if create.temporary {
            return Err(Error::invalid("CREATE TABLE AS can't be TEMPORARY").at(create.name.span));
        }
        if let Some(column) = create.partitioned_by.first() {
            return Err(Error::invalid("CREATE TABLE AS can't be PARTITIONED BY").at(column.span));
        }
        let rel = Resolver::new(self.context()).query(query)?;
        let names = unique_names(&rel.schema);
        let order = order(&create.schema.column_names, &names)?;
        let (names, rel) = match order {
            None => (names, rel),
            Some(order) => (order.iter().map(|&i| names[i].clone()).collect(), rel.select(&order)),
        };
        let table = Rc::new(self.declared(create, query, &names, &rel.schema)?);
        let target = InsertTarget {
            path: path.clone(),
            table: table.clone(),
            options: table.options.iter().map(|(k, o)| (k.clone(), o.value.clone())).collect(),
            on_conflict: None,
            overwrite: false,
            span: create.name.span,
            query_span: query.span,
        };
        let rel = filled(rel, &names, &table, query)?;
        let sink = path.object.clone();
        let job = self.job(vec![Output { rel, target: Some(target) }], false, vec![sink])?;
        self.create(path, Object::Table(table), false, create)?;
        Ok(Outcome::Job(Box::new(job)))
    }

    fn declared(&self, create: &CreateTable, query: &Query, names: &[String], schema: &Schema) -> Result<Table> {
        // Computed columns, watermark and key may be of columns that only the query names: they come last.
        let (later, now): (Vec<ColumnDef>, Vec<ColumnDef>) =
            create.schema.columns.iter().cloned().partition(|c| matches!(c.kind, ast::ColumnKind::Computed(_)));
        for column in &now {
            if let ast::ColumnKind::Physical(t) | ast::ColumnKind::Metadata { data_type: t, .. } = &column.kind
                && t.nullable == Some(false)
                && !names.contains(&column.name.value)
            {
                return Err(Error::invalid(format!("column `{}` is NOT NULL and gets no value", column.name.value))
                    .hint("the query has no column of this name")
                    .at(column.span));
            }
        }
        let plain = CreateTable {
            schema: TableSchema { columns: now, span: create.schema.span, ..TableSchema::default() },
            ..create.clone()
        };
        let mut table = resolve_table(self.context(), &plain)?;
        let declared = std::mem::take(&mut table.columns);
        let (shared, alone): (Vec<Column>, Vec<Column>) = declared.into_iter().partition(|c| names.contains(&c.name));
        table.columns = alone;
        for (name, field) in names.iter().zip(&schema.fields) {
            let declared = shared.iter().find(|c| c.name == *name).cloned();
            table.columns.push(declared.unwrap_or_else(|| Column {
                name: name.clone(),
                data_type: field.data_type.clone().materialized(),
                kind: ColumnKind::Physical,
                comment: None,
                span: query.span,
            }));
        }
        let rest = TableSchema {
            columns: placed(&create.schema.columns, later, names),
            column_names: vec![],
            ..create.schema.clone()
        };
        if rest.columns.is_empty() && rest.watermarks.is_empty() && rest.constraints.is_empty() {
            return Ok(table);
        }
        self.check_key(&rest, &table)?;
        alter_table(self.context(), &table, &AlterTableAction::Add(rest))
    }

    /// The query fills the key, so its columns must not be able to be NULL.
    fn check_key(&self, rest: &TableSchema, table: &Table) -> Result<()> {
        for name in rest.constraints.iter().flat_map(|c| &c.columns) {
            if table.columns.iter().any(|c| c.name == name.value && c.data_type.nullable) {
                return Err(Error::invalid(format!("PRIMARY KEY column `{}` may be NULL in the query", name.value))
                    .hint("COALESCE(column, value) is NOT NULL")
                    .at(name.span));
            }
        }
        Ok(())
    }
}

/// Computed columns stand among those that are declared alone, before the query's.
fn placed(declared: &[ColumnDef], computed: Vec<ColumnDef>, names: &[String]) -> Vec<ColumnDef> {
    let alone: Vec<&ColumnDef> = declared.iter().filter(|c| !names.contains(&c.name.value)).collect();
    let place = |mut column: ColumnDef| {
        let at = alone.iter().position(|c| c.name.value == column.name.value);
        column.position = Some(match at.and_then(|at| at.checked_sub(1)) {
            Some(before) => ColumnPosition::After(alone[before].name.clone()),
            None => ColumnPosition::First,
        });
        column
    };
    computed.into_iter().map(place).collect()
}

/// Positions of the query's columns in the order of the bare names, if there are any.
fn order(wanted: &[Ident], names: &[String]) -> Result<Option<Vec<usize>>> {
    let [first, ..] = wanted else { return Ok(None) };
    let mut order = vec![];
    for name in wanted {
        match names.iter().position(|n| *n == name.value) {
            Some(i) if order.contains(&i) => {
                return Err(Error::invalid(format!("column `{}` is named twice", name.value)).at(name.span));
            }
            Some(i) => order.push(i),
            None => {
                return Err(Error::invalid(format!("the query has no column `{}`", name.value))
                    .hint(format!("it has {}", names.join(", ")))
                    .at(name.span));
            }
        }
    }
    match order.len() == names.len() {
        true => Ok(Some(order)),
        false => Err(Error::invalid(format!("{} of {} columns of the query are named", order.len(), names.len()))
            .hint(format!("name all of {}", names.join(", ")))
            .at(first.span)),
    }
}

/// One column per writable column of the table: the query's, cast to the declared type, or NULL.
fn filled(rel: Rel, names: &[String], table: &Table, query: &Query) -> Result<Rel> {
    let mut columns = vec![];
    for i in table.writable() {
        let column = &table.columns[i];
        let value = match names.iter().position(|name| *name == column.name) {
            None => null_of(&column.data_type),
            Some(position) => {
                let value = rel.column(position);
                let from: DataType = value.data_type().clone();
                let to = column.data_type.clone().with_nullable(from.nullable);
                implicit_cast(value, &to).ok_or_else(|| {
                    Error::invalid(format!(
                        "{from} does not become {} by itself for column `{}`",
                        column.data_type, column.name
                    ))
                    .hint("CAST it in the query")
                    .at(query.span)
                })?
            }
        };
        columns.push((column.name.clone(), value));
    }
    let schema: Schema = columns.iter().map(|(n, e)| Field::new(n.clone(), e.data_type().clone())).collect();
    let mut filled = rel.calc(None, columns);
    filled.schema = schema;
    Ok(filled)
}
