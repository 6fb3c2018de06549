//! Types as written to Flink's types: defaults filled in, ranges checked.

use flitz_dataflow::{DataType, Error, MAX_LENGTH, Result, RowField, Span, TypeKind, suggest};

use crate::ast;
use crate::ast::{DataTypeKind, TimeUnit, TimeZoneKind};
use crate::catalog::dotted;

/// `nullable` unless it says NOT NULL.
pub(crate) fn resolve_type(written: &ast::DataType) -> Result<DataType> {
    let kind = resolve_kind(&written.kind, written.span)?;
    Ok(DataType::new(kind, written.nullable.unwrap_or(true)))
}

fn resolve_kind(kind: &DataTypeKind, span: Span) -> Result<TypeKind> {
    let element = |t: &ast::DataType| resolve_type(t).map(Box::new);
    Ok(match kind {
        DataTypeKind::Char(n) => TypeKind::Char(length("CHAR", *n, span)?),
        DataTypeKind::Varchar(n) => TypeKind::Varchar(length("VARCHAR", *n, span)?),
        DataTypeKind::String => TypeKind::STRING,
        DataTypeKind::Boolean => TypeKind::Boolean,
        DataTypeKind::Binary(n) => TypeKind::Binary(length("BINARY", *n, span)?),
        DataTypeKind::Varbinary(n) => TypeKind::Varbinary(length("VARBINARY", *n, span)?),
        DataTypeKind::Bytes => TypeKind::BYTES,
        DataTypeKind::Decimal { precision, scale } => decimal(precision.unwrap_or(10), scale.unwrap_or(0), span)?,
        DataTypeKind::TinyInt => TypeKind::TinyInt,
        DataTypeKind::SmallInt => TypeKind::SmallInt,
        DataTypeKind::Int => TypeKind::Int,
        DataTypeKind::BigInt => TypeKind::BigInt,
        DataTypeKind::Float | DataTypeKind::Real => TypeKind::Float,
        DataTypeKind::Double => TypeKind::Double,
        DataTypeKind::Date => TypeKind::Date,
        DataTypeKind::Time(p) => TypeKind::Time(precision("TIME", p.unwrap_or(0), span)?),
        DataTypeKind::Timestamp { precision: p, zone: TimeZoneKind::Without } => {
            TypeKind::timestamp(precision("TIMESTAMP", p.unwrap_or(6), span)?)
        }
        DataTypeKind::Timestamp { precision: p, zone: TimeZoneKind::Local } => {
            TypeKind::timestamp_ltz(precision("TIMESTAMP_LTZ", p.unwrap_or(6), span)?)
        }
        DataTypeKind::Interval(qualifier) => match qualifier.start {
            TimeUnit::Year | TimeUnit::Quarter | TimeUnit::Month => TypeKind::IntervalYearMonth,
            _ => TypeKind::IntervalDaySecond,
        },
        DataTypeKind::Array(t) => TypeKind::Array(element(t)?),
        DataTypeKind::Multiset(t) => TypeKind::Multiset(element(t)?),
        DataTypeKind::Map(k, v) => TypeKind::Map(element(k)?, element(v)?),
        DataTypeKind::Row(fields) => {
            let field = |f: &ast::RowTypeField| {
                resolve_type(&f.data_type).map(|data_type| RowField { name: f.name.value.clone(), data_type })
            };
            TypeKind::Row(fields.iter().map(field).collect::<Result<_>>()?)
        }
        DataTypeKind::Structured { .. } => return Err(Error::unsupported("the type STRUCTURED").at(span)),
        DataTypeKind::Raw { .. } => return Err(Error::unsupported("the type RAW").at(span)),
        DataTypeKind::Variant => return Err(Error::unsupported("the type VARIANT").at(span)),
        DataTypeKind::Bitmap => TypeKind::Bitmap,
        DataTypeKind::Named(name) => {
            let written = dotted(name);
            let error = Error::invalid(format!("there is no type `{written}`")).at(span);
            return Err(match suggest::nearest(&written, KNOWN_TYPES.iter().copied()) {
                Some(near) => error.hint(format!("did you mean {near}?")),
                None => error.hint(format!("types are {}", KNOWN_TYPES.join(", "))),
            });
        }
    })
}

const KNOWN_TYPES: &[&str] = &[
    "CHAR",
    "VARCHAR",
    "STRING",
    "BOOLEAN",
    "BINARY",
    "VARBINARY",
    "BYTES",
    "DECIMAL",
    "TINYINT",
    "SMALLINT",
    "INT",
    "BIGINT",
    "FLOAT",
    "DOUBLE",
    "DATE",
    "TIME",
    "TIMESTAMP",
    "TIMESTAMP_LTZ",
    "ARRAY",
    "MAP",
    "MULTISET",
    "ROW",
];

fn length(name: &str, n: Option<u32>, span: Span) -> Result<u32> {
    match n.unwrap_or(1) {
        n @ 1..=MAX_LENGTH => Ok(n),
        n => Err(Error::invalid(format!("the length of {name} must be 1 to {MAX_LENGTH}, found {n}")).at(span)),
    }
}

fn precision(name: &str, p: u32, span: Span) -> Result<u8> {
    match p {
        0..=9 => Ok(p as u8),
        _ => Err(Error::invalid(format!("the precision of {name} must be 0 to 9, found {p}")).at(span)),
    }
}

fn decimal(precision: u32, scale: u32, span: Span) -> Result<TypeKind> {
    if !(1..=38).contains(&precision) {
        return Err(Error::invalid(format!("the precision of DECIMAL must be 1 to 38, found {precision}")).at(span));
    }
    if scale > precision {
        return Err(Error::invalid(format!("the scale of DECIMAL must be 0 to {precision}, found {scale}")).at(span));
    }
    Ok(TypeKind::Decimal { precision: precision as u8, scale: scale as u8 })
}
