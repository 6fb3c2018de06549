//! Which columns a table may have: those that Flink 2.3 writes with the PostgreSQL dialect of its JDBC connector
//! 4.0.0, for embedded files too, so that a table can move.
//!
//! Flink's own limits: BYTES but no BINARY(n) or VARBINARY(n), TIMESTAMP(1) to (6), no TIMESTAMP_LTZ and no ARRAY (its
//! planner takes those two, its writer fails). TIME loses its fractions of a second on the way, as with Flink.

use flitz_dataflow::{Error, MAX_LENGTH, Result, Schema, TypeKind};

pub fn check(physical: &Schema) -> Result<()> {
    for field in &physical.fields {
        let (name, kind) = (&field.name, &field.data_type.kind);
        let refused =
            || Error::invalid(format!("the PostgreSQL dialect doesn't support type {kind} of column '{name}'"));
        match kind {
            TypeKind::Boolean
            | TypeKind::TinyInt
            | TypeKind::SmallInt
            | TypeKind::Int
            | TypeKind::BigInt
            | TypeKind::Float
            | TypeKind::Double
            | TypeKind::Decimal { .. }
            | TypeKind::Char(_)
            | TypeKind::Varchar(_)
            | TypeKind::Varbinary(MAX_LENGTH)
            | TypeKind::Date
            | TypeKind::Time(_) => {}
            TypeKind::Timestamp { precision: 1..=6, .. } => {}
            TypeKind::Timestamp { .. } => {
                return Err(Error::invalid(format!(
                    "the precision of column '{name}' is out of the TIMESTAMP precision range [1, 6] supported by the \
                     PostgreSQL dialect"
                ))
                .hint("declare it TIMESTAMP(3) or TIMESTAMP(6)"));
            }
            TypeKind::Binary(_) | TypeKind::Varbinary(_) => return Err(refused().hint("declare it BYTES")),
            TypeKind::TimestampLtz { precision, .. } => {
                let hint = format!("declare it TIMESTAMP({}) and CAST", (*precision).clamp(1, 6));
                let text = format!("TIMESTAMP_LTZ, as column '{name}' is, can't be written by jdbc tables");
                return Err(Error::invalid(text).hint(hint));
            }
            TypeKind::Array(_) => {
                let text = format!("arrays, as column '{name}' is, can't be written by jdbc tables");
                return Err(Error::invalid(text).hint("ARRAY_JOIN makes a STRING of an array of strings"));
            }
            _ => return Err(refused()),
        }
    }
    Ok(())
}
