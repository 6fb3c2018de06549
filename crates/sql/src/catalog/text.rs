//! Definitions as SQL: for SHOW CREATE as Flink writes it, and for a catalog that keeps them.

use flitz_dataflow::{DataType, TypeKind};

use super::{Column, ColumnKind, Database, Function, ObjectPath, OptionValue, Table, View, quote};
use crate::ast;
use crate::lexer::{Token, TokenKind, tokenize};
use crate::session::is_secret;

/// As SHOW CREATE TABLE answers: variables resolved, secrets hidden.
pub fn show_create_table(path: &ObjectPath, table: &Table) -> String {
    let option = |(key, option): (&String, &OptionValue)| {
        let value = if is_secret(key, &option.value) { "******" } else { &option.value };
        (key.clone(), value.to_owned())
    };
    create_table(&path.quoted(), table, table.options.iter().map(option))
}

pub fn show_create_view(path: &ObjectPath, view: &View) -> String {
    create_view(&path.quoted(), view)
}

/// As a catalog keeps it: option values as they were written, so that a variable stays one.
pub(super) fn stored_table(name: &str, table: &Table) -> String {
    let resolved = table.options.iter().map(|(key, option)| (key.clone(), option.written.clone()));
    let left_out = table.left_out.iter().filter(|(key, _)| !table.options.contains_key(*key));
    let options = resolved.chain(left_out.map(|(key, written)| (key.clone(), written.clone())));
    format!("{};\n", create_table(&quote(name), table, options).trim_end())
}

/// The view, and before it where the names in its query are looked up. `catalog`: the one that keeps it, which may
/// have another name the next time.
pub(super) fn stored_view(catalog: &str, name: &str, view: &View) -> String {
    let create = create_view(&quote(name), view);
    format!("{}{};\n", place_of_names(catalog, &view.catalog, &view.database), create.trim_end())
}

/// As [`stored_view`].
pub(super) fn stored_function(catalog: &str, name: &str, function: &Function) -> String {
    let create = format!("CREATE FUNCTION {}{}", quote(name), signature(function));
    format!("{}{create};\n", place_of_names(catalog, &function.catalog, &function.database))
}

/// What follows the name in CREATE FUNCTION.
pub fn signature(function: &Function) -> String {
    let params: Vec<String> =
        function.params.iter().map(|p| format!("{} {}", quote(&p.name), data_type(&p.data_type))).collect();
    format!(
        "({}) RETURNS {} LANGUAGE SQL AS '{}'",
        params.join(", "),
        data_type(&function.returns),
        escape(&function.text)
    )
}

fn place_of_names(kept_by: &str, catalog: &str, database: &str) -> String {
    match catalog == kept_by {
        true => format!("USE {};\n", quote(database)),
        false => format!("USE CATALOG {};\nUSE {};\n", quote(catalog), quote(database)),
    }
}

pub(super) fn stored_database(name: &str, database: &Database) -> String {
    let comment = database.comment.as_ref().map(|c| format!("\nCOMMENT '{}'", escape(c))).unwrap_or_default();
    let options = database.options.iter().map(|(key, value)| (key.clone(), value.clone()));
    format!("CREATE DATABASE {}{comment}{};\n", quote(name), with(options))
}

fn create_table(name: &str, table: &Table, options: impl Iterator<Item = (String, String)>) -> String {
    let mut lines: Vec<String> = table.columns.iter().map(|column| column_text(table, column)).collect();
    if let Some(watermark) = &table.watermark {
        let column = quote(&table.columns[watermark.column].name);
        lines.push(format!("  WATERMARK FOR {column} AS {}", expression(table, &watermark.text)));
    }
    if let Some(key) = &table.primary_key {
        let columns: Vec<String> = key.columns.iter().map(|c| quote(c)).collect();
        lines.push(format!("  CONSTRAINT {} PRIMARY KEY ({}) NOT ENFORCED", quote(&key.name), columns.join(", ")));
    }
    let temporary = if table.temporary { "TEMPORARY " } else { "" };
    let mut text = format!("CREATE {temporary}TABLE {name} (\n{}\n)", lines.join(",\n"));
    if let Some(comment) = &table.comment {
        text.push_str(&format!("\nCOMMENT '{}'", escape(comment)));
    }
    if let Some(distribution) = &table.distribution {
        text.push_str(&format!("\nDISTRIBUTED {}", distribution_text(distribution)));
    }
    if !table.partition_keys.is_empty() {
        let keys: Vec<String> = table.partition_keys.iter().map(|k| quote(k)).collect();
        text.push_str(&format!("\nPARTITIONED BY ({})", keys.join(", ")));
    }
    format!("{text}{}\n", with(options))
}

fn column_text(table: &Table, column: &Column) -> String {
    let name = quote(&column.name);
    let mut line = match &column.kind {
        ColumnKind::Physical => format!("  {name} {}", data_type(&column.data_type)),
        ColumnKind::Computed { text, .. } => format!("  {name} AS {}", expression(table, text)),
        ColumnKind::Metadata { key, is_virtual } => {
            let from = key.as_ref().map(|k| format!(" FROM '{}'", escape(k))).unwrap_or_default();
            let suffix = if *is_virtual { " VIRTUAL" } else { "" };
            format!("  {name} {} METADATA{from}{suffix}", data_type(&column.data_type))
        }
    };
    if let Some(comment) = &column.comment {
        line.push_str(&format!(" COMMENT '{}'", escape(comment)));
    }
    line
}

fn create_view(name: &str, view: &View) -> String {
    let columns: Vec<String> = view.schema.fields.iter().map(|f| format!("  {}", quote(&f.name))).collect();
    let temporary = if view.temporary { "TEMPORARY " } else { "" };
    let comment = view.comment.as_ref().map(|c| format!("COMMENT '{}'\n", escape(c))).unwrap_or_default();
    format!("CREATE {temporary}VIEW {name} (\n{}\n)\n{comment}AS {}\n", columns.join(",\n"), view.query)
}

pub fn create_catalog(name: &str, comment: Option<&str>, options: impl Iterator<Item = (String, String)>) -> String {
    let comment = comment.map(|c| format!("\nCOMMENT '{}'", escape(c))).unwrap_or_default();
    format!("CREATE CATALOG {}{comment}{}\n", quote(name), with(options))
}

fn with(options: impl Iterator<Item = (String, String)>) -> String {
    let options: Vec<String> =
        options.map(|(key, value)| format!("  '{}' = '{}'", escape(&key), escape(&value))).collect();
    if options.is_empty() { String::new() } else { format!("\nWITH (\n{}\n)", options.join(",\n")) }
}

fn distribution_text(distribution: &ast::Distribution) -> String {
    let mut text = String::new();
    if !distribution.columns.is_empty() {
        let kind = match distribution.kind {
            Some(ast::DistributionKind::Hash) => "HASH",
            Some(ast::DistributionKind::Range) => "RANGE",
            None => "",
        };
        let columns: Vec<String> = distribution.columns.iter().map(|c| quote(&c.value)).collect();
        text.push_str(&format!("BY {kind}({})", columns.join(", ")));
    }
    if let Some(buckets) = distribution.buckets {
        let blank = if text.is_empty() { "" } else { " " };
        text.push_str(&format!("{blank}INTO {buckets} BUCKETS"));
    }
    text
}

/// An expression over the table's columns, their names in back-ticks as Flink writes them.
pub fn expression(table: &Table, text: &str) -> String {
    let tokens = tokenize(text).tokens;
    let is_symbol =
        |token: Option<&Token>, symbol: &'static str| token.is_some_and(|t| t.kind == TokenKind::Symbol(symbol));
    let mut result = String::new();
    let mut copied = 0;
    for (i, token) in tokens.iter().enumerate() {
        let TokenKind::Word(word) = token.kind else { continue };
        let is_field = i > 0 && is_symbol(tokens.get(i - 1), ".");
        let is_call = is_symbol(tokens.get(i + 1), "(");
        if !is_call && (is_field || table.index_of(word).is_some()) {
            result.push_str(&text[copied..token.start as usize]);
            result.push_str(&quote(word));
            copied = token.end as usize;
        }
    }
    result + &text[copied..]
}

/// The long names of types, as Flink's catalogs write them.
fn data_type(data_type: &DataType) -> String {
    let inner = self::data_type;
    let text = match &data_type.kind {
        TypeKind::Varchar(n) => format!("VARCHAR({n})"),
        TypeKind::Varbinary(n) => format!("VARBINARY({n})"),
        TypeKind::TimestampLtz { precision, .. } => format!("TIMESTAMP({precision}) WITH LOCAL TIME ZONE"),
        TypeKind::Array(element) => format!("ARRAY<{}>", inner(element)),
        TypeKind::Map(key, value) => format!("MAP<{}, {}>", inner(key), inner(value)),
        TypeKind::Multiset(element) => format!("MULTISET<{}>", inner(element)),
        TypeKind::Row(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|f| format!("{} {}", quote(&f.name), inner(&f.data_type))).collect();
            format!("ROW<{}>", fields.join(", "))
        }
        other => other.to_string(),
    };
    format!("{text}{}", if data_type.nullable { "" } else { " NOT NULL" })
}

fn escape(text: &str) -> String {
    text.replace('\'', "''")
}
