//! ALTER TABLE: a table with other columns, watermark, keys. Metadata alone: no row is touched.
//!
//! Names decide: expressions of computed columns and of the watermark are resolved anew over the changed columns.

use flitz_dataflow::{Error, Result, Span};
use flitz_plan::Expr;

use super::Context;
use super::ddl;
use super::ddl::{check_metadata_keys, check_rowtime, primary_key, resolve_over, scope_of, unknown_column};
use super::function::Functions;
use super::types::resolve_type;
use crate::ast::{
    self, AlterTableAction, ColumnDef, ColumnPosition, ConstraintKind, Ident, ObjectName, TableConstraint, TableSchema,
};
use crate::catalog::{Column, ColumnKind, Table};
use crate::parser::parse_expression;

/// Texts that no file of the run holds.
pub(crate) const NO_FILE: u32 = u32::MAX;

/// The table after the action; SET, RESET, RENAME TO and partitions are none of its business.
pub(crate) fn alter_table(context: Context, table: &Table, action: &AlterTableAction) -> Result<Table> {
    let mut change = Change { table: table.clone(), rowtime: rowtime(table), written: vec![] };
    match action {
        AlterTableAction::Add(schema) => change.add(schema)?,
        AlterTableAction::Modify(schema) => change.modify(schema)?,
        AlterTableAction::DropColumns(names) => change.drop_columns(names)?,
        AlterTableAction::RenameColumn { from, to } => change.rename(from, to)?,
        AlterTableAction::DropPrimaryKey => match change.table.primary_key.take() {
            Some(_) => {}
            None => return Err(Error::invalid("the table has no primary key")),
        },
        AlterTableAction::DropConstraint(name) => match &change.table.primary_key {
            Some(key) if key.name == name.value => change.table.primary_key = None,
            Some(key) => {
                return Err(Error::invalid(format!("the table has no constraint `{}`", name.value))
                    .hint(format!("it has `{}`", key.name))
                    .at(name.span));
            }
            None => return Err(Error::invalid("the table has no constraint").at(name.span)),
        },
        AlterTableAction::DropWatermark => match change.table.watermark.take() {
            Some(_) => change.rowtime = None,
            None => return Err(Error::invalid("the table has no watermark")),
        },
        AlterTableAction::AddDistribution(distribution) => {
            if change.table.distribution.is_some() {
                return Err(Error::invalid("the table is DISTRIBUTED already")
                    .hint("MODIFY DISTRIBUTION")
                    .at(distribution.span));
            }
            change.table.distribution = Some(distribution.clone());
        }
        AlterTableAction::ModifyDistribution(distribution) => {
            if change.table.distribution.is_none() {
                let error = Error::invalid("the table is not DISTRIBUTED").hint("ADD DISTRIBUTION");
                return Err(error.at(distribution.span));
            }
            change.table.distribution = Some(distribution.clone());
        }
        AlterTableAction::DropDistribution => match change.table.distribution.take() {
            Some(_) => {}
            None => return Err(Error::invalid("the table is not DISTRIBUTED")),
        },
        _ => return Err(Error::internal("not an action on columns")),
    }
    change.resolve(&Functions::new(context.catalogs))
}

struct Change {
    table: Table,
    /// The rowtime column, which may move or be renamed.
    rowtime: Option<String>,
    /// Expressions of this statement, by the text that the table keeps: errors can show their place.
    written: Vec<(String, ast::Expr)>,
}

fn rowtime(table: &Table) -> Option<String> {
    table.watermark.as_ref().map(|w| table.columns[w.column].name.clone())
}

impl Change {
    fn add(&mut self, schema: &TableSchema) -> Result<()> {
        for definition in &schema.columns {
            if self.table.index_of(&definition.name.value).is_some() {
                return Err(exists(&definition.name));
            }
            let column = self.declared(definition)?;
            let place = self.place(definition)?.unwrap_or(self.table.columns.len());
            self.table.columns.insert(place, column);
        }
        if let Some(watermark) = schema.watermarks.first() {
            if self.table.watermark.is_some() {
                return Err(Error::invalid("the table has a watermark already")
                    .hint("MODIFY WATERMARK, or drop it before")
                    .at(watermark.span));
            }
            self.watermark(watermark)?;
        }
        if let Some(constraint) = constraint(schema)? {
            if let Some(key) = &self.table.primary_key {
                return Err(Error::invalid(format!(
                    "the table has the primary key ({}) already",
                    key.columns.join(", ")
                ))
                .hint("MODIFY PRIMARY KEY, or drop it before")
                .at(constraint.span));
            }
            self.table.primary_key = Some(primary_key(&mut self.table, constraint)?);
        }
        Ok(())
    }

    fn modify(&mut self, schema: &TableSchema) -> Result<()> {
        for definition in &schema.columns {
            let place = self.existing(&definition.name)?;
            let mut column = self.declared(definition)?;
            let old = self.table.columns.remove(place);
            column.comment = column.comment.or(old.comment);
            if self.is_key(&column.name) {
                if !matches!(column.kind, ColumnKind::Physical) {
                    let message = format!("PRIMARY KEY column `{}` must be a physical column", column.name);
                    return Err(Error::invalid(message).at(definition.span));
                }
                column.data_type.nullable = false;
            }
            let place = self.place(definition)?.unwrap_or(place);
            self.table.columns.insert(place, column);
        }
        if let Some(watermark) = schema.watermarks.first() {
            if self.table.watermark.is_none() {
                let error = Error::invalid("the table has no watermark").hint("ADD WATERMARK");
                return Err(error.at(watermark.span));
            }
            self.watermark(watermark)?;
        }
        if let Some(constraint) = constraint(schema)? {
            if self.table.primary_key.is_none() {
                let error = Error::invalid("the table has no primary key").hint("ADD PRIMARY KEY");
                return Err(error.at(constraint.span));
            }
            self.table.primary_key = Some(primary_key(&mut self.table, constraint)?);
        }
        Ok(())
    }

    fn drop_columns(&mut self, names: &[ObjectName]) -> Result<()> {
        let mut dropped: Vec<&str> = vec![];
        for name in names {
            let name = single(name)?;
            if dropped.contains(&name.value.as_str()) {
                return Err(Error::invalid(format!("column `{}` is named twice", name.value)).at(name.span));
            }
            self.existing(name)?;
            dropped.push(&name.value);
        }
        for name in names {
            let name = single(name)?;
            self.check_unused(name, &dropped)?;
            if self.is_key(&name.value) {
                return Err(Error::invalid(format!("column `{}` is used as the primary key", name.value))
                    .hint("DROP PRIMARY KEY before")
                    .at(name.span));
            }
        }
        self.table.columns.retain(|column| !dropped.contains(&column.name.as_str()));
        Ok(())
    }

    fn rename(&mut self, from: &ObjectName, to: &Ident) -> Result<()> {
        let from = single(from)?;
        let place = self.existing(from)?;
        if self.table.index_of(&to.value).is_some() {
            return Err(exists(to));
        }
        self.check_unused(from, &[])?;
        self.table.columns[place].name.clone_from(&to.value);
        let keys = self.table.primary_key.iter_mut().flat_map(|key| &mut key.columns);
        for key in keys.filter(|key| **key == from.value) {
            key.clone_from(&to.value);
        }
        Ok(())
    }

    /// An error if something but the primary key and the `dropped` columns depends on the column.
    fn check_unused(&self, name: &Ident, dropped: &[&str]) -> Result<()> {
        let table = &self.table;
        let reads = |expr: &Expr| expr.columns().iter().any(|&i| table.columns[i].name == name.value);
        let used = |by: String| Err(Error::invalid(format!("column `{}` is {by}", name.value)).at(name.span));
        for column in &table.columns {
            if let ColumnKind::Computed { expr, .. } = &column.kind
                && reads(expr)
                && !dropped.contains(&column.name.as_str())
            {
                return used(format!("referenced by computed column `{}`", column.name));
            }
        }
        if let Some(watermark) = &table.watermark
            && (reads(&watermark.expr) || self.rowtime.as_ref() == Some(&name.value))
        {
            return used("referenced by the watermark".to_owned());
        }
        if table.partition_keys.contains(&name.value) {
            return used("used as a partition key".to_owned());
        }
        if table.distribution.iter().any(|d| d.columns.iter().any(|c| c.value == name.value)) {
            return used("used as a distribution key".to_owned());
        }
        Ok(())
    }

    /// Expressions are resolved in `resolve`, with the columns of the end.
    fn watermark(&mut self, watermark: &ast::Watermark) -> Result<()> {
        let name = single(&watermark.column)?;
        let column = self.existing(name)?;
        self.rowtime = Some(name.value.clone());
        self.written.push((watermark.expr.to_string(), watermark.expr.clone()));
        self.table.watermark = Some(crate::catalog::WatermarkDecl {
            column,
            expr: Expr::boolean(true),
            text: watermark.expr.to_string(),
            span: watermark.span,
        });
        Ok(())
    }

    fn resolve(mut self, functions: &Functions) -> Result<Table> {
        let written = std::mem::take(&mut self.written);
        let parse = |text: &String| match written.iter().find(|(t, _)| t == text) {
            Some((_, expr)) => Ok(expr.clone()),
            None => parse_expression(NO_FILE, text),
        };
        let table = &mut self.table;
        if !table.columns.iter().any(|c| matches!(c.kind, ColumnKind::Physical)) {
            return Err(Error::invalid("a table needs a column that is neither computed nor metadata"));
        }
        check_metadata_keys(table)?;
        let scope = scope_of(table, functions, &|c| !matches!(c.kind, ColumnKind::Computed { .. }));
        for column in &mut table.columns {
            if let ColumnKind::Computed { expr, text } = &mut column.kind {
                *expr = resolve_over(&scope, &parse(text)?, "a computed column")?;
                column.data_type = expr.data_type().clone();
            }
        }
        if let Some(mut watermark) = table.watermark.take() {
            let found = self.rowtime.as_ref().and_then(|name| table.index_of(name));
            watermark.column = found.ok_or_else(|| Error::internal("the rowtime column is missing"))?;
            check_rowtime(&table.columns[watermark.column].data_type, "the rowtime column", watermark.span)?;
            let written = parse(&watermark.text)?;
            let scope = scope_of(table, functions, &|_| true);
            watermark.expr = ddl::watermark_expression(&scope, &written)?;
            table.watermark = Some(watermark);
        }
        Ok(self.table)
    }

    fn declared(&mut self, definition: &ColumnDef) -> Result<Column> {
        if let ast::ColumnKind::Computed(expr) = &definition.kind {
            self.written.push((expr.to_string(), expr.clone()));
        }
        declared(definition)
    }

    fn is_key(&self, name: &str) -> bool {
        self.table.primary_key.iter().any(|key| key.columns.iter().any(|c| c == name))
    }

    fn existing(&self, name: &Ident) -> Result<usize> {
        self.table.index_of(&name.value).ok_or_else(|| unknown_column(&self.table, name, "ALTER TABLE"))
    }

    /// FIRST or AFTER.
    fn place(&self, definition: &ColumnDef) -> Result<Option<usize>> {
        match &definition.position {
            None => Ok(None),
            Some(ColumnPosition::First) => Ok(Some(0)),
            Some(ColumnPosition::After(name)) => match self.table.index_of(&name.value) {
                Some(place) => Ok(Some(place + 1)),
                None => Err(unknown_column(&self.table, name, "AFTER")),
            },
        }
    }
}

fn declared(definition: &ColumnDef) -> Result<Column> {
    let (data_type, kind) = match &definition.kind {
        ast::ColumnKind::Physical(t) => (resolve_type(t)?, ColumnKind::Physical),
        ast::ColumnKind::Metadata { data_type, key, is_virtual } => {
            let key = key.as_ref().map(|k| k.value.clone());
            (resolve_type(data_type)?, ColumnKind::Metadata { key, is_virtual: *is_virtual })
        }
        ast::ColumnKind::Computed(expr) => {
            let unknown = Expr::boolean(true);
            (unknown.data_type().clone(), ColumnKind::Computed { expr: unknown, text: expr.to_string() })
        }
    };
    Ok(Column {
        name: definition.name.value.clone(),
        data_type,
        kind,
        comment: definition.comment.as_ref().map(|c| c.value.clone()),
        span: definition.span,
    })
}

/// The one constraint that the parser lets through.
fn constraint(schema: &TableSchema) -> Result<Option<&TableConstraint>> {
    let of_columns = schema.columns.iter().filter_map(|c| c.constraint.as_ref());
    let Some(constraint) = of_columns.chain(&schema.constraints).next() else { return Ok(None) };
    if constraint.kind == ConstraintKind::Unique {
        return Err(Error::invalid("Flink has no UNIQUE constraints").at(constraint.span));
    }
    if constraint.enforced != Some(false) {
        return Err(Error::invalid("a PRIMARY KEY must say NOT ENFORCED").at(constraint.span));
    }
    Ok(Some(constraint))
}

fn single(name: &ObjectName) -> Result<&Ident> {
    match name.parts.as_slice() {
        [one] => Ok(one),
        _ => Err(Error::unsupported("ALTER TABLE of a field of a row").at(name.span)),
    }
}

fn exists(name: &Ident) -> Error {
    Error::invalid(format!("column `{}` exists already", name.value)).at(name.span)
}

/// Of stored and printed texts errors can't show the place: `statement` stands in for it.
pub(crate) fn place_within(error: Error, statement: Span) -> Error {
    match error.place {
        Some(flitz_dataflow::Place::Sql(span)) if span.file == NO_FILE => error.at(statement),
        _ => error,
    }
}
