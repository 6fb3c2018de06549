//! CREATE TABLE: columns, watermark and keys checked as Flink checks them; the connector's options are looked at
//! when a query uses the table.

use std::collections::BTreeMap;

use flitz_dataflow::{DataType, Error, Field, Result, Schema, Span, TypeKind};
use flitz_plan::Expr;

use super::Context;
use super::expr::{ExprResolver, materialized};
use super::function::Functions;
use super::like;
use super::scope::{Scope, ScopeColumn, TableName};
use super::types::resolve_type;
use crate::ast;
use crate::ast::{ConstraintKind, CreateTable, Ident, OptionPair, TableConstraint, TableSchema};
use crate::catalog::{Column, ColumnKind, ObjectPath, OptionValue, PrimaryKey, Table, WatermarkDecl};
use crate::session::Variables;

/// The table that the statement declares.
pub(crate) fn resolve_table(context: Context, create: &CreateTable) -> Result<Table> {
    let schema = &create.schema;
    if let Some(name) = schema.column_names.first() {
        return Err(Error::invalid("columns without types need AS query").at(name.span));
    }
    let mut table = Table {
        columns: vec![],
        watermark: None,
        primary_key: None,
        partition_keys: create.partitioned_by.iter().map(|c| c.value.clone()).collect(),
        partitions: vec![],
        distribution: create.distribution.clone(),
        options: options(&create.options, context.variables)?,
        left_out: BTreeMap::new(),
        comment: create.comment.as_ref().map(|c| c.value.clone()),
        temporary: create.temporary,
        span: create.name.span,
    };
    for pair in create.options.iter().filter(|pair| !table.options.contains_key(&pair.key.value)) {
        table.left_out.insert(pair.key.value.clone(), pair.value.value.clone());
    }
    let base = match &create.like {
        Some(like) => Some(like::Base::resolve(context, like)?),
        None => None,
    };
    if let Some(base) = &base {
        base.inherit(&mut table, create)?;
    }
    let functions = Functions::new(context.catalogs);
    add_columns(&mut table, schema, base.as_ref(), &functions)?;
    if let Some(base) = &base {
        base.inherit_watermark(&mut table, create)?;
    }
    add_watermark(&mut table, schema, &functions)?;
    add_primary_key(&mut table, schema)?;
    check_partition(&table, &create.partitioned_by)?;
    Ok(table)
}

/// Keys to values; the last of equal keys counts.
pub(crate) fn options(pairs: &[OptionPair], variables: &Variables) -> Result<BTreeMap<String, OptionValue>> {
    let mut options = BTreeMap::new();
    for pair in pairs {
        let Some(value) = variables.resolve(&pair.value)? else { continue };
        options.insert(
            pair.key.value.clone(),
            OptionValue { value, written: pair.value.value.clone(), span: pair.key.span.to(pair.value.span) },
        );
    }
    Ok(options)
}

fn add_columns(
    table: &mut Table,
    schema: &TableSchema,
    base: Option<&like::Base>,
    functions: &Functions,
) -> Result<()> {
    let mut computed: Vec<(usize, &ast::Expr)> = vec![];
    for definition in &schema.columns {
        let name = &definition.name;
        let (data_type, kind) = match &definition.kind {
            ast::ColumnKind::Physical(t) => (resolve_type(t)?, ColumnKind::Physical),
            ast::ColumnKind::Metadata { data_type, key, is_virtual } => {
                let key = key.as_ref().map(|k| k.value.clone());
                (resolve_type(data_type)?, ColumnKind::Metadata { key, is_virtual: *is_virtual })
            }
            ast::ColumnKind::Computed(_) => {
                let unknown = Expr::boolean(true);
                (TypeKind::Null.nullable(), ColumnKind::Computed { expr: unknown, text: String::new() })
            }
        };
        let column = Column {
            name: name.value.clone(),
            data_type,
            kind,
            comment: definition.comment.as_ref().map(|c| c.value.clone()),
            span: definition.span,
        };
        let place = match table.index_of(&name.value) {
            Some(existing) if base.is_some_and(|b| b.may_overwrite(&table.columns[existing], &column)) => {
                table.columns[existing] = column;
                existing
            }
            Some(_) => {
                let whose = if base.is_some_and(|b| b.has(&name.value)) { " in the table of LIKE" } else { "" };
                return Err(Error::invalid(format!("column `{}` exists already{whose}", name.value)).at(name.span));
            }
            None => {
                table.columns.push(column);
                table.columns.len() - 1
            }
        };
        if let ast::ColumnKind::Computed(expr) = &definition.kind {
            computed.push((place, expr));
        }
    }
    check_metadata_keys(table)?;
    // Computed columns see physical and metadata columns, not each other.
    let scope = scope_of(table, functions, &|c| !matches!(c.kind, ColumnKind::Computed { .. }));
    for (place, written) in computed {
        let expr = resolve_over(&scope, written, "a computed column")?;
        let column = &mut table.columns[place];
        column.data_type = expr.data_type().clone();
        column.kind = ColumnKind::Computed { expr, text: written.to_string() };
    }
    Ok(())
}

/// Two columns of one key would be written twice.
pub(super) fn check_metadata_keys(table: &Table) -> Result<()> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for column in &table.columns {
        let ColumnKind::Metadata { key, .. } = &column.kind else { continue };
        let key = key.as_deref().unwrap_or(&column.name);
        if let Some(other) = seen.insert(key, &column.name) {
            return Err(Error::invalid(format!(
                "columns `{other}` and `{}` are both of metadata key '{key}'",
                column.name
            ))
            .hint("make one of them a computed column")
            .at(column.span));
        }
    }
    Ok(())
}

/// The table's columns by position; those that are not `visible` can't be named.
pub(super) fn scope_of(table: &Table, functions: &Functions, visible: &dyn Fn(&Column) -> bool) -> Scope {
    let column = |c: &Column| {
        // No identifier is empty.
        let name = if visible(c) { c.name.clone() } else { String::new() };
        ScopeColumn { table: TableName::None, name, data_type: c.data_type.clone() }
    };
    let columns = table.columns.iter().map(column).collect();
    Scope { columns, functions: functions.clone(), ..Scope::default() }
}

pub(super) fn resolve_over(scope: &Scope, written: &ast::Expr, clause: &'static str) -> Result<Expr> {
    let resolved = ExprResolver::without_aggregates(scope, clause).resolve(written)?;
    match resolved.data_type().kind {
        TypeKind::Null => {
            Err(Error::invalid("illegal use of NULL: it has no type").hint("write CAST(NULL AS type)").at(written.span))
        }
        _ => Ok(resolved),
    }
}

fn add_watermark(table: &mut Table, schema: &TableSchema, functions: &Functions) -> Result<()> {
    let [first, rest @ ..] = schema.watermarks.as_slice() else { return Ok(()) };
    if let Some(second) = rest.first() {
        return Err(Error::invalid("a table can have one WATERMARK").at(second.span));
    }
    let [name] = first.column.parts.as_slice() else {
        return Err(Error::invalid(format!(
            "the rowtime column must be a column of the table, not a field: `{}`",
            crate::catalog::dotted(&first.column)
        ))
        .hint("compute a column from the field: ts AS r.ts")
        .at(first.column.span));
    };
    let scope = scope_of(table, functions, &|_| true);
    scope.resolve(std::slice::from_ref(name))?;
    let Some(column) = table.index_of(&name.value) else {
        return Err(Error::internal("a column that resolved is missing"));
    };
    check_rowtime(&table.columns[column].data_type, "the rowtime column", name.span)?;
    let expr = watermark_expression(&scope, &first.expr)?;
    table.watermark = Some(WatermarkDecl { column, expr, text: first.expr.to_string(), span: first.span });
    Ok(())
}

pub(super) fn watermark_expression(scope: &Scope, written: &ast::Expr) -> Result<Expr> {
    if let ast::ExprKind::Function(call) = &written.kind
        && call.name.object().value.eq_ignore_ascii_case("SOURCE_WATERMARK")
    {
        return Err(Error::unsupported("SOURCE_WATERMARK()")
            .hint("write an expression over the column")
            .at(written.span));
    }
    let expr = materialized(resolve_over(scope, written, "a watermark")?);
    check_rowtime(expr.data_type(), "the watermark", written.span)?;
    Ok(expr)
}

pub(super) fn check_rowtime(data_type: &DataType, what: &str, span: Span) -> Result<()> {
    match data_type.kind {
        TypeKind::Timestamp { precision: 0..=3, .. } | TypeKind::TimestampLtz { precision: 0..=3, .. } => Ok(()),
        _ => Err(Error::invalid(format!(
            "{what} must be TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p up to 3, found {data_type}"
        ))
        .hint(match data_type.kind {
            TypeKind::Timestamp { .. } | TypeKind::TimestampLtz { .. } => {
                "declare it with (3), or CAST it in a computed column"
            }
            _ => "compute one: TO_TIMESTAMP(text), TO_TIMESTAMP_LTZ(millis, 3)",
        })
        .at(span)),
    }
}

fn add_primary_key(table: &mut Table, schema: &TableSchema) -> Result<()> {
    let of_columns = schema.columns.iter().filter_map(|c| c.constraint.as_ref());
    let constraints: Vec<&TableConstraint> = of_columns.chain(&schema.constraints).collect();
    for constraint in &constraints {
        if constraint.kind == ConstraintKind::Unique {
            return Err(Error::invalid("Flink has no UNIQUE constraints")
                .hint("PRIMARY KEY (…) NOT ENFORCED")
                .at(constraint.span));
        }
        if constraint.enforced != Some(false) {
            return Err(Error::invalid("a PRIMARY KEY must say NOT ENFORCED")
                .hint("nobody checks it: the data belongs to the external system")
                .at(constraint.span));
        }
    }
    match constraints.as_slice() {
        [] => Ok(()),
        [_, second, ..] => Err(Error::invalid("a table can have one PRIMARY KEY").at(second.span)),
        [one] if table.primary_key.is_some() => Err(Error::invalid("the table of LIKE has a PRIMARY KEY already")
            .hint("EXCLUDING CONSTRAINTS leaves it out")
            .at(one.span)),
        [one] => {
            table.primary_key = Some(primary_key(table, one)?);
            Ok(())
        }
    }
}

pub(super) fn primary_key(table: &mut Table, constraint: &TableConstraint) -> Result<PrimaryKey> {
    let mut columns: Vec<String> = vec![];
    for name in &constraint.columns {
        let Some(i) = table.index_of(&name.value) else {
            return Err(unknown_column(table, name, "PRIMARY KEY"));
        };
        if !matches!(table.columns[i].kind, ColumnKind::Physical) {
            return Err(
                Error::invalid(format!("PRIMARY KEY column `{}` must be a physical column", name.value)).at(name.span)
            );
        }
        if columns.contains(&name.value) {
            return Err(Error::invalid(format!("PRIMARY KEY names column `{}` twice", name.value)).at(name.span));
        }
        table.columns[i].data_type.nullable = false;
        columns.push(name.value.clone());
    }
    let name = match &constraint.name {
        Some(name) => name.value.clone(),
        None => format!("PK_{}", columns.join("_")),
    };
    Ok(PrimaryKey { name, columns })
}

fn check_partition(table: &Table, written: &[Ident]) -> Result<()> {
    for name in written {
        if table.index_of(&name.value).is_none() {
            return Err(unknown_column(table, name, "PARTITIONED BY"));
        }
    }
    Ok(())
}

pub(super) fn unknown_column(table: &Table, name: &Ident, clause: &str) -> Error {
    let error =
        Error::invalid(format!("{clause} names column `{}`, which the table has not", name.value)).at(name.span);
    let names = table.columns.iter().map(|c| c.name.as_str());
    match flitz_dataflow::suggest::nearest(&name.value, names.clone()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("it has {}", names.collect::<Vec<_>>().join(", "))),
    }
}

/// Names for a view's columns: given, or those of its query, each once.
pub(crate) fn view_schema(path: &ObjectPath, given: &[Ident], query: &Schema, span: Span) -> Result<Schema> {
    if !given.is_empty() && given.len() != query.len() {
        let names: Vec<&str> = query.fields.iter().map(|f| f.name.as_str()).collect();
        return Err(Error::invalid(format!(
            "view {path} names {} columns, but its query has {}",
            given.len(),
            query.len()
        ))
        .hint(format!("the query has {}", names.join(", ")))
        .at(span));
    }
    let fields: Vec<Field> = query
        .fields
        .iter()
        .enumerate()
        .map(|(i, f)| Field::new(given.get(i).map_or(&f.name, |g| &g.value).clone(), f.data_type.clone()))
        .collect();
    for (i, field) in fields.iter().enumerate() {
        if fields[..i].iter().any(|f| f.name == field.name) {
            return Err(Error::invalid(format!("view {path} has two columns `{}`", field.name))
                .hint("give one of them an alias")
                .at(given.get(i).map_or(span, |g| g.span)));
        }
    }
    Ok(Schema::new(fields))
}
