//! Types as written, before names and defaults are resolved.

use super::expr::IntervalQualifier;
use super::{Ident, ObjectName, Span, StringLiteral};

#[derive(Clone, Debug, PartialEq)]
pub struct DataType {
    pub kind: DataTypeKind,
    /// `Some(false)` for NOT NULL, `Some(true)` for an explicit NULL, `None` when nothing is said (nullable).
    pub nullable: Option<bool>,
    pub span: Span,
}

/// `None` for a length or precision means that it was left out.
#[derive(Clone, Debug, PartialEq)]
pub enum DataTypeKind {
    Char(Option<u32>),
    Varchar(Option<u32>),
    /// STRING = VARCHAR(2147483647)
    String,
    Boolean,
    Binary(Option<u32>),
    Varbinary(Option<u32>),
    /// BYTES = VARBINARY(2147483647)
    Bytes,
    /// DECIMAL, DEC and NUMERIC.
    Decimal {
        precision: Option<u32>,
        scale: Option<u32>,
    },
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Float,
    /// A synonym of FLOAT that the documents do not mention.
    Real,
    Double,
    Date,
    Time(Option<u32>),
    Timestamp {
        precision: Option<u32>,
        zone: TimeZoneKind,
    },
    Interval(IntervalQualifier),
    Array(Box<DataType>),
    Multiset(Box<DataType>),
    Map(Box<DataType>, Box<DataType>),
    Row(Vec<RowTypeField>),
    /// `STRUCTURED<'class', name type, ...>`
    Structured {
        class: StringLiteral,
        fields: Vec<RowTypeField>,
    },
    /// `RAW('class', 'serializer snapshot')`
    Raw {
        class: StringLiteral,
        snapshot: StringLiteral,
    },
    Variant,
    Bitmap,
    /// Any other name: parses in Flink as a user-defined type and fails to resolve.
    Named(ObjectName),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeZoneKind {
    /// TIMESTAMP
    Without,
    /// TIMESTAMP_LTZ = TIMESTAMP WITH LOCAL TIME ZONE
    Local,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RowTypeField {
    pub name: Ident,
    pub data_type: DataType,
    pub comment: Option<StringLiteral>,
    pub span: Span,
}
