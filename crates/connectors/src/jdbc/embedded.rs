//! Tables in the SQLite file of `embedded:PATH.db`, made from the DDL when they are missing.
//!
//! | Flink | in the file |
//! |---|---|
//! | BOOLEAN, TINYINT … BIGINT | INTEGER |
//! | FLOAT, DOUBLE | REAL; NaN as text |
//! | DECIMAL, CHAR, VARCHAR, STRING | TEXT |
//! | BYTES | BLOB |
//! | DATE, TIME, TIMESTAMP | TEXT: `2024-02-29`, `12:34:56`, `2024-02-29 12:34:56.123` |
//!
//! A flush is one transaction of the file. Delivery is as with PostgreSQL: at least once.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType as Arrow, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use flitz_dataflow::connector::TableDef;
use flitz_dataflow::{Error, ErrorKind, Result, TypeKind};
use rusqlite::{Connection, ErrorCode, params_from_iter, types::Value};
use tokio::sync::Notify;

use super::changes::Changes;
use super::sink::{Columns, Database, Failed, Session};
use super::table::JdbcTable;
use crate::embedded::{EmbeddedFile, PREFIX, is_own_table};

pub struct EmbeddedTable {
    file: Arc<EmbeddedFile>,
    name: String,
    columns: Columns,
}

/// The table of the DDL, unless there is one of that name.
pub fn create(address: &str, table: &JdbcTable, definition: &TableDef) -> Result<()> {
    let file = file(address)?;
    if is_own_table(&table.name) {
        return Err(Error::invalid(format!("'{}' is a table that Flitz itself keeps in {address}", table.name))
            .option("table-name")
            .hint("choose another name"));
    }
    let mut parts: Vec<String> = definition
        .physical
        .fields
        .iter()
        .map(|field| {
            let not_null = if field.data_type.nullable { "" } else { " NOT NULL" };
            format!("{} {}{not_null}", quoted(&field.name), storage(&field.data_type.kind))
        })
        .collect();
    if !table.keys.is_empty() {
        parts.push(format!("PRIMARY KEY ({})", list(table.keys.iter().map(String::as_str))));
    }
    let sql = format!("CREATE TABLE IF NOT EXISTS {} ({})", quoted(&table.name), parts.join(", "));
    file.transaction(|connection| connection.execute_batch(&sql).map_err(|e| file.error(&e)))
}

impl EmbeddedTable {
    /// `create` has been called for it.
    pub fn open(address: &str, table: &JdbcTable, columns: Columns) -> Result<EmbeddedTable> {
        let file = file(address)?;
        let there = columns_there(&file.reader()?, &table.name).map_err(|e| file.error(&e))?;
        let missing = columns.columns.iter().find(|column| !there.contains(&column.name.to_ascii_lowercase()));
        if let Some(missing) = missing {
            let known = there.into_iter().collect::<Vec<_>>().join(", ");
            let text = format!("table '{}' in {address} has no column '{}'", table.name, missing.name);
            return Err(Error::invalid(text).hint(format!("it was made by another DDL and has {known}")));
        }
        Ok(EmbeddedTable { file, name: table.name.clone(), columns })
    }
}

impl Database for EmbeddedTable {
    fn session(&self, _: Arc<Notify>) -> Result<Box<dyn Session>> {
        let Columns { columns, keys, .. } = &self.columns;
        let all: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let key: Vec<&str> = keys.iter().map(|&i| all[i]).collect();
        let marks = vec!["?"; all.len()].join(", ");
        let mut insert = format!("INSERT INTO {} ({}) VALUES ({marks})", quoted(&self.name), list(all.iter().copied()));
        if !key.is_empty() {
            let set =
                all.iter().filter(|name| !key.contains(name)).map(|name| format!("{0} = excluded.{0}", quoted(name)));
            let set = set.collect::<Vec<_>>().join(", ");
            let action = if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {set}") };
            insert.push_str(&format!(" ON CONFLICT ({}) DO {action}", list(key.iter().copied())));
        }
        let same = key.iter().map(|name| format!("{} IS ?", quoted(name))).collect::<Vec<_>>().join(" AND ");
        let delete = format!("DELETE FROM {} WHERE {same}", quoted(&self.name));
        Ok(Box::new(EmbeddedSession { file: self.file.clone(), insert, delete, columns: self.columns.clone() }))
    }

    fn columns(&self) -> &Columns {
        &self.columns
    }
}

struct EmbeddedSession {
    file: Arc<EmbeddedFile>,
    insert: String,
    delete: String,
    columns: Columns,
}

impl Session for EmbeddedSession {
    fn flush(&mut self, changes: &Changes) -> Result<u64, Failed> {
        let all: Vec<usize> = (0..self.columns.columns.len()).collect();
        let written = self.file.transaction(|connection| {
            let upserted = self.execute(connection, &self.insert, &changes.upserts, &all)?;
            Ok(upserted + self.execute(connection, &self.delete, &changes.deletes, &self.columns.keys)?)
        });
        written.map_err(|error| Failed { again: error.kind == ErrorKind::Unavailable, error })
    }
}

impl EmbeddedSession {
    fn execute(&self, connection: &Connection, sql: &str, rows: &RecordBatch, columns: &[usize]) -> Result<u64> {
        if rows.num_rows() == 0 {
            return Ok(0);
        }
        let mut statement = connection.prepare_cached(sql).map_err(|e| self.file.error(&e))?;
        let mut bytes = 0;
        for row in 0..rows.num_rows() {
            let values = columns.iter().map(|&i| value(rows.column(i), row)).collect::<Result<Vec<_>>>()?;
            bytes += values.iter().map(size).sum::<u64>();
            statement.execute(params_from_iter(values)).map_err(|e| self.refused(&e))?;
        }
        Ok(bytes)
    }

    fn refused(&self, error: &rusqlite::Error) -> Error {
        match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => Error::data(format!("{}: {error}", self.file.address)),
            _ => self.file.error(error),
        }
    }
}

fn file(address: &str) -> Result<Arc<EmbeddedFile>> {
    EmbeddedFile::open(address, Path::new(address.strip_prefix(PREFIX).unwrap_or(address)))
}

/// In lower case: SQLite's names have none.
fn columns_there(connection: &Connection, table: &str) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement = connection.prepare("SELECT lower(name) FROM pragma_table_info(?1)")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

fn storage(kind: &TypeKind) -> &'static str {
    match kind {
        TypeKind::Boolean | TypeKind::TinyInt | TypeKind::SmallInt | TypeKind::Int | TypeKind::BigInt => "INTEGER",
        TypeKind::Float | TypeKind::Double => "REAL",
        TypeKind::Varbinary(_) => "BLOB",
        _ => "TEXT",
    }
}

fn value(column: &ArrayRef, row: usize) -> Result<Value> {
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    let integer = |value: i64| Value::Integer(value);
    Ok(match column.data_type() {
        Arrow::Boolean => integer(i64::from(column.as_boolean().value(row))),
        Arrow::Int8 => integer(column.as_primitive::<Int8Type>().value(row).into()),
        Arrow::Int16 => integer(column.as_primitive::<Int16Type>().value(row).into()),
        Arrow::Int32 => integer(column.as_primitive::<Int32Type>().value(row).into()),
        Arrow::Int64 => integer(column.as_primitive::<Int64Type>().value(row)),
        Arrow::Float32 => {
            let value = column.as_primitive::<Float32Type>().value(row);
            // 1.1 shall be 1.1 and not 1.100000023841858.
            real(value.to_string().parse().unwrap_or(f64::from(value)))
        }
        Arrow::Float64 => real(column.as_primitive::<Float64Type>().value(row)),
        Arrow::Decimal128(..) => Value::Text(column.as_primitive::<Decimal128Type>().value_as_string(row)),
        Arrow::Utf8 => Value::Text(column.as_string::<i32>().value(row).to_owned()),
        Arrow::Binary => Value::Blob(column.as_binary::<i32>().value(row).to_vec()),
        Arrow::Date32 => {
            let days = TimeDelta::days(column.as_primitive::<Date32Type>().value(row).into());
            Value::Text(NaiveDate::default().checked_add_signed(days).unwrap_or_default().to_string())
        }
        Arrow::Time32(TimeUnit::Millisecond) => {
            let seconds = TimeDelta::seconds((column.as_primitive::<Time32MillisecondType>().value(row) / 1000).into());
            Value::Text(NaiveTime::MIN.overflowing_add_signed(seconds).0.to_string())
        }
        Arrow::Timestamp(TimeUnit::Millisecond, None) => {
            let millis = column.as_primitive::<TimestampMillisecondType>().value(row);
            timestamp(DateTime::from_timestamp_millis(millis), "%.3f")
        }
        Arrow::Timestamp(TimeUnit::Microsecond, None) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            timestamp(DateTime::from_timestamp_micros(micros), "%.6f")
        }
        other => return Err(Error::internal(format!("a jdbc column of Arrow type {other}"))),
    })
}

/// SQLite makes NULL of NaN.
fn real(value: f64) -> Value {
    if value.is_nan() { Value::Text("NaN".to_owned()) } else { Value::Real(value) }
}

fn timestamp(time: Option<DateTime<chrono::Utc>>, fraction: &str) -> Value {
    let time: NaiveDateTime = time.unwrap_or_default().naive_utc();
    Value::Text(time.format(&format!("%Y-%m-%d %H:%M:%S{fraction}")).to_string())
}

fn size(value: &Value) -> u64 {
    match value {
        Value::Null => 1,
        Value::Integer(_) | Value::Real(_) => 8,
        Value::Text(text) => text.len() as u64,
        Value::Blob(bytes) => bytes.len() as u64,
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(quoted).collect::<Vec<_>>().join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
