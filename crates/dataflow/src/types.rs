//! Flink's logical types and the Arrow types that carry them.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType as Arrow, Field as ArrowField, Fields, IntervalUnit, TimeUnit};
use serde::{Deserialize, Serialize};

/// Length of `STRING` and `BYTES`: `VARCHAR(2147483647)`.
pub const MAX_LENGTH: u32 = i32::MAX as u32;

/// A Flink type: what it is and whether it may be NULL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DataType {
    pub kind: TypeKind,
    pub nullable: bool,
}

/// | Flink | Arrow |
/// |---|---|
/// | CHAR, VARCHAR, STRING | `Utf8` |
/// | BINARY, VARBINARY, BYTES | `Binary` |
/// | BOOLEAN | `Boolean` |
/// | DECIMAL(p, s) | `Decimal128(p, s)` |
/// | TINYINT … BIGINT, FLOAT, DOUBLE | `Int8` … `Int64`, `Float32`, `Float64` |
/// | DATE | `Date32` |
/// | TIME(p) | `Time32(Millisecond)`: Flink keeps milliseconds whatever p |
/// | TIMESTAMP(p) | `Timestamp(unit, None)`; unit ms for p ≤ 3, µs for p ≤ 6, else ns |
/// | TIMESTAMP_LTZ(p) | `Timestamp(unit, "UTC")`, unit as above |
/// | INTERVAL YEAR TO MONTH | `Interval(YearMonth)` |
/// | INTERVAL DAY TO SECOND | `Duration(Millisecond)` |
/// | ARRAY, MAP, ROW | `List`, `Map`, `Struct` |
/// | MULTISET | `Map` from element to `Int32` count |
/// | BITMAP | `Binary`: the portable form of Roaring bitmaps |
/// | NULL | `Null` |
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TypeKind {
    Null,
    Boolean,
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Float,
    Double,
    Decimal { precision: u8, scale: u8 },
    Char(u32),
    Varchar(u32),
    Binary(u32),
    Varbinary(u32),
    Date,
    Time(u8),
    Timestamp { precision: u8, attribute: TimeAttribute },
    TimestampLtz { precision: u8, attribute: TimeAttribute },
    IntervalYearMonth,
    IntervalDaySecond,
    Array(Box<DataType>),
    Map(Box<DataType>, Box<DataType>),
    Multiset(Box<DataType>),
    Row(Vec<RowField>),
    Bitmap,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RowField {
    pub name: String,
    pub data_type: DataType,
}

/// Whether a time stamp column may drive windows. Any expression over the column loses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimeAttribute {
    #[default]
    None,
    Rowtime,
    Proctime,
}

impl TypeKind {
    pub const STRING: TypeKind = TypeKind::Varchar(MAX_LENGTH);
    pub const BYTES: TypeKind = TypeKind::Varbinary(MAX_LENGTH);

    pub fn timestamp(precision: u8) -> TypeKind {
        TypeKind::Timestamp { precision, attribute: TimeAttribute::None }
    }

    pub fn timestamp_ltz(precision: u8) -> TypeKind {
        TypeKind::TimestampLtz { precision, attribute: TimeAttribute::None }
    }

    pub fn nullable(self) -> DataType {
        DataType { kind: self, nullable: true }
    }

    pub fn not_null(self) -> DataType {
        DataType { kind: self, nullable: false }
    }

    pub fn is_integer(&self) -> bool {
        matches!(self, TypeKind::TinyInt | TypeKind::SmallInt | TypeKind::Int | TypeKind::BigInt)
    }

    pub fn is_approximate(&self) -> bool {
        matches!(self, TypeKind::Float | TypeKind::Double)
    }

    pub fn is_numeric(&self) -> bool {
        self.is_integer() || self.is_approximate() || matches!(self, TypeKind::Decimal { .. })
    }

    pub fn is_string(&self) -> bool {
        matches!(self, TypeKind::Char(_) | TypeKind::Varchar(_))
    }

    pub fn is_binary(&self) -> bool {
        matches!(self, TypeKind::Binary(_) | TypeKind::Varbinary(_))
    }

    pub fn is_timestamp(&self) -> bool {
        matches!(self, TypeKind::Timestamp { .. } | TypeKind::TimestampLtz { .. })
    }

    pub fn is_interval(&self) -> bool {
        matches!(self, TypeKind::IntervalYearMonth | TypeKind::IntervalDaySecond)
    }

    pub fn attribute(&self) -> TimeAttribute {
        match self {
            TypeKind::Timestamp { attribute, .. } | TypeKind::TimestampLtz { attribute, .. } => *attribute,
            _ => TimeAttribute::None,
        }
    }

    pub fn with_attribute(self, attribute: TimeAttribute) -> TypeKind {
        match self {
            TypeKind::Timestamp { precision, .. } => TypeKind::Timestamp { precision, attribute },
            TypeKind::TimestampLtz { precision, .. } => TypeKind::TimestampLtz { precision, attribute },
            other => other,
        }
    }

    pub fn to_arrow(&self) -> Arrow {
        match self {
            TypeKind::Null => Arrow::Null,
            TypeKind::Boolean => Arrow::Boolean,
            TypeKind::TinyInt => Arrow::Int8,
            TypeKind::SmallInt => Arrow::Int16,
            TypeKind::Int => Arrow::Int32,
            TypeKind::BigInt => Arrow::Int64,
            TypeKind::Float => Arrow::Float32,
            TypeKind::Double => Arrow::Float64,
            TypeKind::Decimal { precision, scale } => Arrow::Decimal128(*precision, *scale as i8),
            TypeKind::Char(_) | TypeKind::Varchar(_) => Arrow::Utf8,
            TypeKind::Binary(_) | TypeKind::Varbinary(_) | TypeKind::Bitmap => Arrow::Binary,
            TypeKind::Date => Arrow::Date32,
            TypeKind::Time(_) => Arrow::Time32(TimeUnit::Millisecond),
            TypeKind::Timestamp { precision, .. } => Arrow::Timestamp(time_unit(*precision), None),
            TypeKind::TimestampLtz { precision, .. } => Arrow::Timestamp(time_unit(*precision), Some("UTC".into())),
            TypeKind::IntervalYearMonth => Arrow::Interval(IntervalUnit::YearMonth),
            TypeKind::IntervalDaySecond => Arrow::Duration(TimeUnit::Millisecond),
            TypeKind::Array(element) => Arrow::List(Arc::new(element.to_arrow_field("item"))),
            TypeKind::Map(key, value) => map_type(key.to_arrow_field("keys"), value.to_arrow_field("values")),
            TypeKind::Multiset(element) => {
                map_type(element.to_arrow_field("keys"), ArrowField::new("values", Arrow::Int32, false))
            }
            TypeKind::Row(fields) => {
                Arrow::Struct(fields.iter().map(|f| f.data_type.to_arrow_field(&f.name)).collect())
            }
        }
    }
}

impl DataType {
    pub fn new(kind: TypeKind, nullable: bool) -> DataType {
        DataType { kind, nullable }
    }

    pub fn with_nullable(mut self, nullable: bool) -> DataType {
        self.nullable = nullable;
        self
    }

    pub fn to_arrow(&self) -> Arrow {
        self.kind.to_arrow()
    }

    pub fn to_arrow_field(&self, name: &str) -> ArrowField {
        ArrowField::new(name, self.to_arrow(), self.nullable || self.kind == TypeKind::Null)
    }

    /// The same type without being a time attribute.
    pub fn materialized(self) -> DataType {
        DataType { kind: self.kind.with_attribute(TimeAttribute::None), nullable: self.nullable }
    }
}

/// The Arrow unit that holds a TIMESTAMP of `precision` fractional digits.
fn time_unit(precision: u8) -> TimeUnit {
    match precision {
        0..=3 => TimeUnit::Millisecond,
        4..=6 => TimeUnit::Microsecond,
        _ => TimeUnit::Nanosecond,
    }
}

/// A map's keys are never NULL in Arrow; Flink's `MAP[NULL, …]` key is refused where it would arise.
fn map_type(key: ArrowField, value: ArrowField) -> Arrow {
    let entries = Fields::from(vec![key.with_nullable(false), value]);
    Arrow::Map(Arc::new(ArrowField::new("entries", Arrow::Struct(entries), false)), false)
}

/// Flink's own spelling, as in DESCRIBE and error messages: `TIMESTAMP(3) NOT NULL`.
impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not_null = if self.nullable || self.kind == TypeKind::Null { "" } else { " NOT NULL" };
        match self.kind.attribute() {
            TimeAttribute::None => write!(f, "{}{not_null}", self.kind),
            TimeAttribute::Rowtime => write!(f, "{}{not_null} *ROWTIME*", self.kind),
            TimeAttribute::Proctime => write!(f, "{}{not_null} *PROCTIME*", self.kind),
        }
    }
}

impl fmt::Display for TypeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TypeKind::Null => f.write_str("NULL"),
            TypeKind::Boolean => f.write_str("BOOLEAN"),
            TypeKind::TinyInt => f.write_str("TINYINT"),
            TypeKind::SmallInt => f.write_str("SMALLINT"),
            TypeKind::Int => f.write_str("INT"),
            TypeKind::BigInt => f.write_str("BIGINT"),
            TypeKind::Float => f.write_str("FLOAT"),
            TypeKind::Double => f.write_str("DOUBLE"),
            TypeKind::Decimal { precision, scale } => write!(f, "DECIMAL({precision}, {scale})"),
            TypeKind::Char(n) => write!(f, "CHAR({n})"),
            TypeKind::Varchar(MAX_LENGTH) => f.write_str("STRING"),
            TypeKind::Varchar(n) => write!(f, "VARCHAR({n})"),
            TypeKind::Binary(n) => write!(f, "BINARY({n})"),
            TypeKind::Varbinary(MAX_LENGTH) => f.write_str("BYTES"),
            TypeKind::Varbinary(n) => write!(f, "VARBINARY({n})"),
            TypeKind::Bitmap => f.write_str("BITMAP"),
            TypeKind::Date => f.write_str("DATE"),
            TypeKind::Time(p) => write!(f, "TIME({p})"),
            TypeKind::Timestamp { precision, .. } => write!(f, "TIMESTAMP({precision})"),
            TypeKind::TimestampLtz { precision, .. } => write!(f, "TIMESTAMP_LTZ({precision})"),
            TypeKind::IntervalYearMonth => f.write_str("INTERVAL YEAR TO MONTH"),
            TypeKind::IntervalDaySecond => f.write_str("INTERVAL DAY TO SECOND(3)"),
            TypeKind::Array(element) => write!(f, "ARRAY<{element}>"),
            TypeKind::Map(key, value) => write!(f, "MAP<{key}, {value}>"),
            TypeKind::Multiset(element) => write!(f, "MULTISET<{element}>"),
            TypeKind::Row(fields) => {
                f.write_str("ROW<")?;
                for (i, field) in fields.iter().enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    write!(f, "{comma}`{}` {}", field.name, field.data_type)?;
                }
                f.write_str(">")
            }
        }
    }
}
