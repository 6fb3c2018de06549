//! The table as PostgreSQL has it, and the two statements that a flush needs.
//!
//! ```sql
//!  INSERT INTO t (id, "user", at) SELECT c0, c1, c2::timestamptz
//!    FROM unnest($1::int8[], $2::varchar[], $3::timestamp[]) AS flitz (c0, c1, c2)
//!    ON CONFLICT (id) DO UPDATE SET "user" = EXCLUDED."user", at = EXCLUDED.at
//!  DELETE FROM t USING unnest($1::int8[]) AS flitz (c0) WHERE t.id = flitz.c0
//! ```
//!
//! Flink writes names as they stand, so PostgreSQL folds them to lower case: column `userId` is `userid` there. So it
//! is here, but for words that PostgreSQL reserves: they work, where they are a syntax error with Flink.
//!
//! Values are typed as the JDBC driver types them, and PostgreSQL converts them to the type of its column by the same
//! rules. Dates and times, which the driver sends without a type, go into dates and times alone: as text they would
//! look differently.

use flitz_dataflow::{Error, Result, TypeKind};
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::super::sink::Columns;
use super::encode::{encode, wire_type};
use super::failure::Site;
use super::url::Server;

#[derive(Debug)]
pub struct Target {
    pub site: Site,
    pub insert: Command,
    /// None: the table has no key.
    pub delete: Option<Command>,
}

#[derive(Debug)]
pub struct Command {
    pub sql: String,
    /// Positions in the rows, and the types of their elements, one per parameter.
    pub parameters: Vec<(usize, Type)>,
    /// Types of the parameters.
    pub types: Vec<Type>,
}

/// A column of PostgreSQL.
struct There {
    name: String,
    /// As a cast would name it.
    type_name: String,
    /// Without domains.
    base: u32,
    /// `S` for strings.
    category: i8,
}

impl Target {
    /// Finds the table, and has PostgreSQL plan the statements without running them.
    pub async fn find(client: &Client, server: &Server, site: Site, columns: &Columns) -> Result<Target> {
        let failed = |e: tokio_postgres::Error| site.failed(&e).error;
        let sql = "SELECT to_regclass($1)::oid";
        let row = client.query_typed_one(sql, &[(&site.table, Type::TEXT)]).await.map_err(failed)?;
        let Some(table) = row.get::<_, Option<u32>>(0) else { return Err(site.missing()) };
        let there = columns_there(client, table).await.map_err(failed)?;
        let target = Target::new(server, site.clone(), columns, &there)?;
        for command in [Some(&target.insert), target.delete.as_ref()].into_iter().flatten() {
            let empty = arrow::array::RecordBatch::new_empty(columns.schema.clone());
            let values: Vec<_> = command
                .parameters
                .iter()
                .map(|(i, element)| encode(empty.column(*i), element))
                .collect::<Result<_>>()?;
            let values: Vec<(&(dyn tokio_postgres::types::ToSql + Sync), Type)> =
                values.iter().zip(&command.types).map(|(value, kind)| (value as _, kind.clone())).collect();
            client.query_typed(&format!("EXPLAIN {}", command.sql), &values).await.map_err(failed)?;
        }
        Ok(target)
    }

    fn new(server: &Server, site: Site, columns: &Columns, there: &[There]) -> Result<Target> {
        let found: Vec<&There> =
            columns.columns.iter().map(|column| find(&site, &column.name, there)).collect::<Result<_>>()?;
        // What stands for each column.
        let mut expressions = vec![];
        for (i, (column, there)) in columns.columns.iter().zip(&found).enumerate() {
            expressions.push(match conversion(&column.kind, there, server.untyped_strings) {
                Conversion::Assigned => format!("flitz.c{i}"),
                Conversion::Cast => format!("flitz.c{i}::{}", there.type_name),
                Conversion::Refused => {
                    let text = format!(
                        "writing {} into column '{}' of type {} of table '{}' in PostgreSQL at {}",
                        column.kind, there.name, there.type_name, site.table, site.server
                    );
                    return Err(Error::unsupported(text).hint("CAST it to the type of the column"));
                }
            });
        }
        let name = |i: usize| quoted(&found[i].name);
        let list = |of: &[usize], text: &dyn Fn(usize) -> String, between: &str| {
            of.iter().map(|&i| text(i)).collect::<Vec<_>>().join(between)
        };
        let unnested = |of: &[usize]| -> Result<(String, Vec<(usize, Type)>, Vec<Type>)> {
            let (mut arrays, mut parameters, mut types) = (vec![], vec![], vec![]);
            for (n, &i) in of.iter().enumerate() {
                let (element, array) = wire_type(&columns.columns[i].kind)?;
                arrays.push(format!("${}::{}[]", n + 1, element.name()));
                parameters.push((i, element));
                types.push(array);
            }
            let names = list(of, &|i| format!("c{i}"), ", ");
            Ok((format!("unnest({}) AS flitz ({names})", arrays.join(", ")), parameters, types))
        };
        let all: Vec<usize> = (0..columns.columns.len()).collect();
        let table = &site.table;
        let (rows, parameters, types) = unnested(&all)?;
        let mut sql = format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {rows}",
            list(&all, &name, ", "),
            list(&all, &|i| expressions[i].clone(), ", ")
        );
        let mut delete = None;
        if !columns.keys.is_empty() {
            let others: Vec<usize> = all.iter().copied().filter(|i| !columns.keys.contains(i)).collect();
            let action = match others.is_empty() {
                true => "NOTHING".to_owned(),
                false => {
                    format!("UPDATE SET {}", list(&others, &|i| format!("{0} = EXCLUDED.{0}", name(i)), ", "))
                }
            };
            sql.push_str(&format!(" ON CONFLICT ({}) DO {action}", list(&columns.keys, &name, ", ")));
            let (rows, parameters, types) = unnested(&columns.keys)?;
            let same = |i: usize| format!("target.{} = {}", name(i), expressions[i]);
            let sql =
                format!("DELETE FROM {table} AS target USING {rows} WHERE {}", list(&columns.keys, &same, " AND "));
            delete = Some(Command { sql, parameters, types });
        }
        Ok(Target { insert: Command { sql, parameters, types }, delete, site })
    }
}

async fn columns_there(client: &Client, table: u32) -> std::result::Result<Vec<There>, tokio_postgres::Error> {
    let sql = "SELECT a.attname::text, a.atttypid::regtype::text, coalesce(nullif(t.typbasetype, 0), t.oid)::oid, \
               t.typcategory FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
               WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
    let rows = client.query_typed(sql, &[(&table, Type::OID)]).await?;
    let there = |row: &tokio_postgres::Row| There {
        name: row.get(0),
        type_name: row.get(1),
        base: row.get(2),
        category: row.get(3),
    };
    Ok(rows.iter().map(there).collect())
}

/// The column that an unquoted `name` means.
fn find<'a>(site: &Site, name: &str, there: &'a [There]) -> Result<&'a There> {
    let folded = name.to_ascii_lowercase();
    there.iter().find(|column| column.name == folded).ok_or_else(|| {
        let error =
            Error::invalid(format!("table '{}' in PostgreSQL at {} has no column '{folded}'", site.table, site.server));
        match there.iter().find(|column| column.name.eq_ignore_ascii_case(name)) {
            Some(other) => error.hint(format!(
                "Flink writes names without quotes, so PostgreSQL takes '{name}' for '{folded}': rename \"{}\" there",
                other.name
            )),
            None => {
                error.hint(format!("it has {}", there.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ")))
            }
        }
    })
}

enum Conversion {
    /// As any value of that type: PostgreSQL assigns or refuses it.
    Assigned,
    Cast,
    Refused,
}

fn conversion(kind: &TypeKind, there: &There, untyped_strings: bool) -> Conversion {
    const STRINGS: i8 = b'S' as i8;
    let into = |types: &[Type]| match types.iter().any(|t| t.oid() == there.base) {
        true => Conversion::Cast,
        false => Conversion::Refused,
    };
    match kind {
        TypeKind::Date => into(&[Type::DATE, Type::TIMESTAMP, Type::TIMESTAMPTZ]),
        TypeKind::Time(_) => into(&[Type::TIME]),
        TypeKind::Timestamp { .. } => into(&[Type::TIMESTAMP, Type::TIMESTAMPTZ, Type::DATE]),
        TypeKind::Char(_) | TypeKind::Varchar(_) if untyped_strings && there.category != STRINGS => Conversion::Cast,
        _ => Conversion::Assigned,
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
